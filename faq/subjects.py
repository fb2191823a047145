"""What a question is about, and whether an entry speaks of it at all. Pure.

「法院周末上班吗」 and 「社区医院周末上班吗」 share every word but the one that matters. A question names something once its
words of asking and the words of every aspect (``aspects``) are taken away; where nothing of what is left stands in an
entry, that entry is about somebody else. Of bodies and places (``data/places.txt``) the whole name counts: an entry
of 社区医院 speaks of no 医院, and one of 社区卫生服务中心 of no 政务服务中心. Where nothing is left, the question means one
of many, and only an entry answers whose own phrasing names nothing either.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from faq import aspects, sounds, terms
from faq.segments import Document
from faq.terms import Lexicon

NOTHING = ""
"""Stands for what is missing where a question names nothing at all."""

READ = 20_000
"""Characters of an entry's text that are read for a name."""

OF_A_PLACE = frozenset({"hours", "place", "phone", "parking", "booking"})
"""Aspects of a place itself: whoever asks one of these of a body wants that body's and no other's."""

FOLLOWS = 4
"""Characters between a place and what is asked of it: 「银行今天几点关门」."""

_BESIDE = ("在", "从", "被", "给", "跟", "和", "让", "由")
"""Before a place that is only where or by whom something happened."""

_JOINS = frozenset({"n", "nr", "ns", "nt", "nz", "nrt", "j", "vn", "b", "l"})
"""Kinds of words, as the segmenter calls them, that a place's name is made of."""

_OF_HERE = re.compile("^(我们|你们|咱们|全市|市里|[我你咱本]?[省市区县]|[一-鿿]{2,3}[省市区县])")
_FEW = 4
"""Of so many characters a name may lack one and still be meant."""


@dataclass(frozen=True)
class Subject:
    """What a text names.

    Attributes:
        names: its words, those of asking and of aspects taken away, in order.
        places: bodies and places among them, each by its whole name.
        asked_of: those of the places of which it asks when, where or by which number somebody is met.
    """

    names: tuple[str, ...]
    places: tuple[str, ...]
    asked_of: tuple[str, ...]


def missing(text: str, document: Document, lexicon: Lexicon = terms.PLAIN) -> str | None:
    """What a question names that an entry says nothing of, where that forbids to answer with it.

    Args:
        text: as the index reads it (``Query.text``).
        document: the entry.
        lexicon: the city's words.

    Returns:
        The name; :data:`NOTHING` where the question names nothing and each phrasing of the entry does; None where
        the entry may answer.
    """
    asked, entry = subject(text, lexicon), _Entry(document, lexicon)
    told = [place for place in asked.places if entry.tells_of(place)]
    foreign = next((place for place in asked.asked_of if place not in told), None)
    if foreign is not None:
        return foreign
    inside = " ".join(told)
    absent = [name for name in asked.names if name not in inside and not entry.has(name)]
    if len(absent) == len(asked.names):
        # An entry that names nothing itself is about what the whole catalogue is about.
        about = all(subject(heading, lexicon).names for heading in entry.headings)
        return next(iter(absent), NOTHING) if about else None
    return next((name for name in absent if entry.has_another(name, text)), None)


def subject(text: str, lexicon: Lexicon = terms.PLAIN) -> Subject:
    """What a normalised text names."""
    rest = text
    for aspect in aspects.of_a_matter():
        rest = aspect.asks.sub(" ", rest)
    named = tuple(
        word
        for word in terms.segment(rest, lexicon)
        if any(map(str.isalnum, word)) and not aspects.names_nothing(word)
    )
    found = tuple(places(rest, lexicon))
    return Subject(named, found, tuple(place for place in found if _is_asked_of(place, text)))


def _is_asked_of(place: str, text: str) -> bool:
    """Whether an aspect of a place follows its name; who tells that 「我在公司上班」 asks nothing of it."""
    before, _, after = text.partition(place)
    if not after or before.endswith(_BESIDE):
        return False
    asked = (aspect.asks.search(after) for aspect in aspects.of_a_matter() if aspect.name in OF_A_PLACE)
    return any(found is not None and found.start() <= FOLLOWS for found in asked)


def places(text: str, lexicon: Lexicon = terms.PLAIN) -> Iterator[str]:
    """The bodies and places in a normalised text, each with the nouns before it that belong to its name."""
    name, found = "", ""
    for word, kind in (*terms.tagged(text, lexicon), ("", "")):
        joins = kind in _JOINS
        if found and not joins:
            yield found
            found = ""
        name = name + word if joins else ""
        if joins and (is_place(word) or (len(word) == 1 and is_place(name))):
            found = name
        elif is_place(word):
            yield word


@cache
def _endings() -> tuple[tuple[str, ...], frozenset[str]]:
    words = [word for line in terms.lines("places") for word in line.split()]
    unlike = frozenset(word[1:] for word in words if word[0] == "-")
    return tuple(word for word in words if word[0] != "-"), unlike


def is_place(word: str) -> bool:
    """Whether a word is a body's or a place's name, or how one ends."""
    endings, unlike = _endings()
    return word.endswith(endings) and word not in unlike


@cache
def _sorts() -> frozenset[str]:
    return frozenset(char for line in terms.lines("sorts") for char in line.split())


def _forms(place: str) -> set[str]:
    """A place's name as it is and without the city in front of it."""
    short = _OF_HERE.sub("", place)
    return {place, short} if is_place(short) else {place}


def _sounds(text: str) -> list[str]:
    return [sounds.readings().get(char, char) for char in text]


def _groups(text: str, lexicon: Lexicon, *, whole: bool = False) -> set[int]:
    """The groups of words that mean the same which a text holds; with ``whole`` those of which it is a word."""
    matcher, codes = lexicon.matcher
    found = matcher.find_matches_as_indexes(text)
    return {int(codes[at]) for at, start, end in found if not whole or end - start == len(text)}


@dataclass(frozen=True)
class _Entry:
    """An entry's words, read as far as a question needs them."""

    document: Document
    lexicon: Lexicon

    @cached_property
    def headings(self) -> list[str]:
        return [terms.normalise(text) for text in (self.document.question, *self.document.phrasings)]

    @cached_property
    def text(self) -> str:
        return "\n".join((*self.headings, terms.normalise(self.document.body[:READ])))

    @cached_property
    def spoken(self) -> list[str]:
        return _sounds("\n".join(self.headings))

    @cached_property
    def groups(self) -> set[int]:
        return _groups(self.text, self.lexicon)

    def has(self, name: str) -> bool:
        """Whether a name stands in it, or another word for it, or in a title or phrasing one that sounds like it."""
        if any(name in heading for heading in self.headings) or name in self.text:
            return True
        return bool(_groups(name, self.lexicon) & self.groups) or _sounds_in(name, self.spoken)

    def tells_of(self, place: str) -> bool:
        """Whether it speaks of a place by its whole name, or in a title or phrasing of all of its kind."""
        wanted = _forms(place)
        if any(_groups(form, self.lexicon, whole=True) & self.groups for form in wanted):
            return True
        if len(place) >= _FEW and _sounds_in(place, self.spoken):
            return True
        headed = [_forms(one) for heading in self.headings for one in places(heading, self.lexicon)]
        if any(wanted & forms or any(place.endswith(form) for form in forms) for forms in headed):
            return True
        return any(wanted & _forms(one) for one in self._places_with(wanted))

    def _places_with(self, wanted: set[str]) -> Iterator[str]:
        """The places of those sentences of the text in which one of some names stands."""
        for sentence in re.split("[。;!?\n]", self.text):
            if any(name in sentence for name in wanted):
                yield from places(sentence, self.lexicon)

    def has_another(self, name: str, text: str) -> bool:
        """Whether a title or phrasing names another thing of the same sort (身份证 for 学生证), which a text does not."""
        if len(name) < 2 or name[-1] not in _sorts():
            return False
        for heading in self.headings:
            for other in subject(heading, self.lexicon).names:
                if len(other) > 1 and other[-1] == name[-1] and other not in text and name not in other:
                    return True
        return False


def _sounds_in(name: str, spoken: Sequence[str]) -> bool:
    """Whether the sounds of a name stand close together, in any order, and of a long one most."""
    if len(name) < 2:
        return False
    wanted = Counter(_sounds(name))
    fewest, wide = len(name) - len(name) // _FEW, len(name) + 1
    if sum((wanted & Counter(spoken)).values()) < fewest:
        return False
    starts = range(max(len(spoken) - wide + 1, 1))
    return any(sum((wanted & Counter(spoken[at : at + wide])).values()) >= fewest for at in starts)
