"""Questions that lean on what was just talked about: 「那需要带什么材料」, 「多久能办好」, 「那孩子呢」. Pure.

A question leans when nothing in it names a matter: take away 「那」, the words of asking and the words of the
aspect (材料, 多久, 在哪里), and nothing is left. One that names a matter of its own stands by itself, however it
begins: 「那老年卡怎么办」 is not about what came before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from faq import aspects, terms
from faq.aspects import Aspect

LONGEST = 24
"""Code points of a question that can lean; longer ones tell what they are about."""

WITHIN_LONGEST = 10
"""Code points of a question that may ask for what stands in the entry just quoted without naming the matter."""

ABOUT_LONGEST = 6
"""Code points of what a leaning question may name itself: 「那外地人呢」."""


_OPENER = re.compile(
    "^(那么?(我|就)?|还有|还|另外|然后|接着|再问(一下|下|一句)?|顺便(问(一下|下)?)?|对了|它|这个?(事|证|卡|业务)?|这件事?|这种|这样|上面(说的|那个)?|刚才(那个|那条|说的)?|要是这样|那?如果是?|那?要是|换成)[,，]?"
)
_LEADS = re.compile(
    "呢$|^(要是|如果|万一|假如|假设|若是)|也[^,。?!]{0,8}(吗|不|么|嘛|没|行|算|一样)$|一样(吗|不|么|的吗)$"
    "|^[^,。?!了]{1,3}了(会|要|能|还|怎么办|咋办|咋弄)|的(可以|能|行|算|有)[^,。?!]{0,2}(吗|不|么|没|不行)$"
    "|^(我|我们|我家|他|她)(就)?(是(?!不是)|不是|没有?(?!没有)|已经)[^,。?!吗怎哪几多什]{2,10}$"
)
"""Ways to go on that are no question by themselves.

A case (「我是自己辞职的」), a turn of it (「断了会影响吗」), 「也算吗」.
"""

_SUPPOSES = re.compile("^(要是|如果|万一|假如|假设|若是)|^[^,。?!了]{1,3}了")
_HANDLING = re.compile("办|领|换|补|申请|登记|注销|缴|交(?!通)|报名|报销|查|考|开(?!门|放)")


_PRICED = re.compile("补[缴交办领报发]|挂失|邮寄|加急|罚款|押金")
"""Acts that have a price of their own: 「补缴要多少钱」 is not told by what a matter costs otherwise."""


@dataclass(frozen=True)
class FollowUp:
    """How a question leans on the one before.

    Attributes:
        aspect: what is asked of the matter; None where only another case is named.
        about: the case it names itself, such as 外地人; "" where it names nothing.
        wanted: patterns that must all stand in what answers it.
    """

    aspect: Aspect | None
    about: str
    wanted: tuple[re.Pattern[str], ...]

    @property
    def names_a_case(self) -> bool:
        """Whether it names only for whom, such as 老人: by itself that asks nothing."""
        return self.about in aspects.cases()


def read(text: str) -> FollowUp | None:
    """How a question leans on what was just talked about; None where it stands by itself.

    Args:
        text: as the citizen wrote it.
    """
    plain = terms.without_filler(terms.normalise(text)).strip(" \n。.!?~,")
    if not plain or len(plain) > LONGEST:
        return None
    opened = _OPENER.match(plain)
    rest = plain[opened.end() :] if opened else plain
    aspect = next((one for one in aspects.of_a_matter() if one.asks.search(rest)), None)
    words = _left(rest, aspect)
    about = "".join(words)
    leads = opened is not None or _LEADS.search(plain) is not None
    if aspect is not None and len(about) == 1:
        # 「能提多少」, 「能报多少」: one character is the verb of the matter, not another matter.
        about = ""
    if not about:
        return FollowUp(aspect, "", (*_priced(aspect, plain), aspect.says)) if aspect else None
    if not leads or len(about) > ABOUT_LONGEST:
        return None
    handled = aspect.asks.sub(" ", rest) if aspect and _SUPPOSES.search(plain) else rest
    says = aspects.cases().get(about)
    if says is None and not about.endswith("费") and _HANDLING.search(handled):
        return None
    if says is not None and aspect is not None and aspect.name == "steps":
        aspect = None
    cases = [says] if says is not None else [re.escape(word) for word in words if len(word) > 1]
    wanted = tuple(re.compile(case) for case in cases or [re.escape(about)])
    return FollowUp(aspect, about, (*wanted, aspect.says) if aspect else wanted)


def _priced(aspect: Aspect, plain: str) -> Iterator[re.Pattern[str]]:
    """The acts whose price is asked; what tells it has to name them."""
    if aspect.name == "price":
        for act in _PRICED.findall(plain):
            yield re.compile("补[缴交]" if act in ("补缴", "补交") else act)


def within(text: str, body: str) -> FollowUp | None:
    """How a short question leans on a text just quoted by asking for what stands in it: 「要盖章吗」, 「能刷卡吗」.

    Every word that is no word of asking must stand in the text, and nothing may be handled (办, 换, 补): who wants
    that names another matter. None where the question stands by itself.

    Args:
        text: as the citizen wrote it, nothing that :func:`read` knows.
        body: what was quoted.
    """
    plain = terms.without_filler(terms.normalise(text)).strip(" \n。.!?~,")
    if not plain or len(plain) > WITHIN_LONGEST or _HANDLING.search(plain):
        return None
    opened = _OPENER.match(plain)
    rest = plain[opened.end() :] if opened else plain
    words = [word for word in terms.segment(rest) if word[0].isalnum() and not aspects.names_nothing(word)]
    quoted = terms.normalise(body)
    if not any(len(word) > 1 for word in words) or not all(word in quoted for word in words):
        return None
    return FollowUp(None, "", tuple(re.compile(re.escape(word)) for word in words))


def _left(rest: str, aspect: Aspect | None) -> list[str]:
    """The words a question names once those of asking are gone; whole words go, never a part of one."""
    if aspect is not None:
        rest = aspect.asks.sub(" ", rest)
    words = (word for word in terms.segment(rest) if not aspects.names_nothing(word))
    return [plain for word in words if (plain := "".join(char for char in word if char.isalnum()))]
