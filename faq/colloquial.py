"""How people speak: 「哪儿能借啊」, 「这个咋办呗」, put in the words that catalogues are written in.

A word that a catalogue never uses weighs the more in a question, so a colloquial word of asking made the bot silent
where its standard equal says nothing by itself. ``data/colloquial.txt`` says which words are equals, and
``data/particles.txt`` which sounds end a sentence and mean nothing. Only questions are put so, and only where the
catalogue gives no reason not to: a word that its phrasings use as often as the standard one stays, and so does a sound
that they use at all.
"""

import re
from collections.abc import Iterator
from functools import cache

from faq import terms
from faq.sounds import Count

_SENTENCE_ENDS = r"(?=$|[\s,.。?!~;:…、])"


def standard(text: str, count: Count) -> str:
    """A normalised question in the words of the catalogue.

    Args:
        text: as :func:`faq.terms.normalise` leaves it.
        count: for codes of terms, in how many phrasings of the catalogue each stands.

    Returns:
        The same text where nothing is to be changed, or where nothing would be left.
    """
    equals = _equals()

    @cache
    def stands(word: str) -> int:
        return _stands(word, count)

    def put(found: re.Match[str]) -> str:
        said = found.group()
        if found.lastgroup == "sounds":
            return "".join(sound for sound in said if stands(sound))
        meant = equals[said]
        return meant if meant != said and stands(said) < stands(meant) else said

    return _pattern().sub(put, text).strip() or text


def _stands(word: str, count: Count) -> int:
    """In how many phrasings a word stands at most: no pair of its characters stands in fewer."""
    codes = terms.extract([word]).codes
    telling = codes[terms.kind_of(codes) == (terms.PAIR if len(word) > 1 else terms.CHARACTER)]
    return int(count(telling).min(initial=2**31 - 1)) if len(telling) else 0


def _groups() -> Iterator[list[str]]:
    return (line.split() for line in terms.phrases("colloquial"))


@cache
def _equals() -> dict[str, str]:
    """For each word of the table its standard equal, itself where it is one."""
    return {word: group[0] for group in _groups() for word in group}


@cache
def _pattern() -> re.Pattern[str]:
    """Finds the words of the table, the longest where several begin, and sounds at the end of a sentence."""
    words = "|".join(sorted(_equals(), key=lambda word: (-len(word), word)))
    sounds = "".join(terms.phrases("particles"))
    return re.compile(f"(?P<word>{words})|(?<=.)(?P<sounds>[{sounds}]+){_SENTENCE_ENDS}")
