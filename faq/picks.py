"""Which of several offered entries somebody means who answers in words: 「第二个」, 「1」, 「租房的」, 「都不是」. Pure."""

import re
from collections.abc import Sequence

from faq import aspects, terms

LONGEST = 12
"""Code points of a remark that can pick; a longer one is a question of its own."""

NONE = -1
"""Stands for none of what was offered."""

_ORDINALS = "一二三四五六七八九"
_WHICH = re.compile(
    "(我|就|那|想|要|选|问|的|是|看|说)*"
    f"(第(?P<nth>[1-9{_ORDINALS}])|(?P<number>[1-9])|(?P<last>最后一?)[个条项])([个条项种件号]|\\.)?(那[个条])?(吧|的|呢|啊|呀)*"
)
_NEITHER = re.compile(
    "(这|那|这些|那些|上面|以上|这几[个条]|哪[个条])*(一[个条])?(都|全|也)(不是|不对|没有)(我(要|想)?(问|找)?的)?(吧|啊|呢)*"
    "|(没有|不是)(这些|这几[个条]|我(要|想)?(问|找)?的)(吧|啊|呢)*"
)
_AROUND = re.compile("^(我|就|那|想|要|选|问的?|是)+|(的?那[个条种]|的)?(吧|呢|啊|呀)*$")


def picked(text: str, offered: Sequence[str]) -> int | None:
    """The place of the one that is meant.

    Args:
        text: as the citizen wrote it.
        offered: the questions as they were shown, in order.

    Returns:
        The place, :data:`NONE` for none of them, None where nothing is picked.
    """
    plain = terms.without_filler(terms.normalise(text[: terms.QUERY_LIMIT])).strip(" \n。.!?~,")
    if not plain or len(plain) > LONGEST:
        return None
    if _NEITHER.fullmatch(plain):
        return NONE
    which = _WHICH.fullmatch(plain)
    if which is not None:
        return _place(which, len(offered))
    return _fitting(plain, [terms.normalise(one) for one in offered])


def _place(which: re.Match[str], count: int) -> int | None:
    if which["last"]:
        return count - 1
    said = which["nth"] or which["number"]
    place = (int(said) if said.isdecimal() else _ORDINALS.index(said) + 1) - 1
    return place if place < count else None


def _fitting(plain: str, offered: Sequence[str]) -> int | None:
    """The only one in which every word stands that names something; who asks for an aspect asks a question."""
    if any(aspect.asks.search(plain) for aspect in aspects.of_a_matter()):
        return None
    core = _AROUND.sub("", plain)
    words = [word for word in terms.segment(core) if word[0].isalnum() and not aspects.names_nothing(word)]
    if len(core) < 2 or not words:
        return None
    places = [at for at, one in enumerate(offered) if core in one]
    if not places and any(len(word) > 1 for word in words):
        places = [at for at, one in enumerate(offered) if all(word in one for word in words)]
    return places[0] if len(places) == 1 else None
