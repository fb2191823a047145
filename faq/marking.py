"""Where in a text the words of a search stand: the densest passage of it, with those words marked. Pure.

The words are the engine's: of two characters or more, and whatever means the same; traditional and simplified
script, full and half width, capitals and small letters are one.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import ahocorasick_rs

from faq import terms
from faq.terms import Lexicon

LENGTH = 120
"""Characters of a passage: four lines on a phone."""

WORDS = 60
"""Words of a search that are marked; a longer text is no search."""

READ = 200_000
"""Characters of a text that are looked through: a document of 300 pages."""

MATCHES = 2_000

_ASKING = frozenset(
    [
        "怎么",
        "怎样",
        "怎么办",
        "如何",
        "什么",
        "哪里",
        "哪儿",
        "哪些",
        "多少",
        "多久",
        "可以",
        "能否",
        "能不能",
    ]
)
"""Words by which people ask; they stand everywhere and mark nothing."""

_STOPS = frozenset("。！？；\n.!?;")
_LEAD = 30
"""Characters before the first word within which a passage begins at a sentence."""

Place = tuple[int, int, int]
"""Where a word begins and ends, and which it is."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text, marked or not."""

    text: str
    mark: bool


class _Folding(dict[int, str]):
    """One character's plain form; one that has no form of a single character stays, so that places keep."""

    def __missing__(self, point: int) -> str:
        char = chr(point)
        plain = terms.normalise(char)
        self[point] = plain if len(plain) == 1 else char
        return self[point]


_FOLDING = _Folding()


def fold(text: str) -> str:
    """A text of the same length in which spellings of one character are the same character."""
    return text.translate(_FOLDING)


@dataclass(frozen=True)
class Marker:
    """Marks the words of one search; :meth:`of` makes it."""

    words: tuple[str, ...]
    matcher: ahocorasick_rs.AhoCorasick | None

    @staticmethod
    def of(search: str, lexicon: Lexicon = terms.PLAIN) -> "Marker":
        """The marker for what somebody typed."""
        plain = terms.without_filler(terms.normalise(search[: terms.QUERY_LIMIT])).strip()
        named = lexicon.matcher[0].find_matches_as_strings(plain)
        words = [*named, *(word for word in terms.segment(plain, lexicon) if _counts(word))]
        same = [word for group in lexicon.groups for word in group if not group.isdisjoint(named)]
        if not words:
            words = [char for char in plain if char.isalnum()]
        kept = tuple(dict.fromkeys(fold(word) for word in [*words, *sorted(same)]))[:WORDS]
        kind = ahocorasick_rs.MatchKind.LeftmostLongest
        return Marker(kept, ahocorasick_rs.AhoCorasick(kept, matchkind=kind) if kept else None)

    def whole(self, text: str) -> list[Piece]:
        """All of a short text, such as a title."""
        return _pieces(text, self._places(text))

    def passage(self, text: str, length: int = LENGTH) -> list[Piece]:
        """The passage in which most of the words stand close together; the beginning where none does.

        Args:
            text: the whole; line ends become spaces.
            length: characters of the passage.
        """
        plain = " ".join(text[:READ].split())
        places = self._places(plain)
        start = _sentence_before(plain, _densest(places, length - _LEAD)) if places else 0
        end = min(len(plain), start + length)
        inside = [(a - start, min(b, end) - start, which) for a, b, which in places if start <= a < end]
        found = _pieces(plain[start:end], inside)
        if start:
            found.insert(0, Piece("……", False))
        if end < len(plain):
            found.append(Piece("……", False))
        return found

    def _places(self, text: str) -> list[Place]:
        """Where the words stand, up to :data:`MATCHES` places."""
        if self.matcher is None:
            return []
        found = self.matcher.find_matches_as_indexes(fold(text))[:MATCHES]
        return [(start, end, which) for which, start, end in found]


def _counts(word: str) -> bool:
    return sum(char.isalnum() for char in word) > 1 and word not in _ASKING


def _densest(places: list[Place], length: int) -> int:
    """Where the passage begins that holds the most different words, then the most words."""
    best, best_at, first = -1, 0, 0
    inside: dict[int, int] = {}
    for _, end, which in places:
        inside[which] = inside.get(which, 0) + 1
        while end - places[first][0] > length and first < len(places) - 1:
            gone = places[first][2]
            inside[gone] -= 1
            if not inside[gone]:
                del inside[gone]
            first += 1
        weight = 100 * len(inside) + sum(inside.values())
        if weight > best:
            best, best_at = weight, places[first][0]
    return best_at


def _sentence_before(text: str, at: int) -> int:
    """The beginning of the sentence at a place, or a few characters before it where that is far."""
    for back in range(at, max(0, at - _LEAD), -1):
        if text[back - 1] in _STOPS:
            return back
    return max(0, at - _LEAD)


def _pieces(text: str, places: Iterable[Place]) -> list[Piece]:
    found, done = [], 0
    for start, end, _ in places:
        if start > done:
            found.append(Piece(text[done:start], False))
        found.append(Piece(text[start:end], True))
        done = end
    if done < len(text):
        found.append(Piece(text[done:], False))
    return found
