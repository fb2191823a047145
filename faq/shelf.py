"""The index over everything published, with what is known of each thing beside its words. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import numpy.typing as npt

from faq.holdings import Counts, Filter, Held, Holdings, Kind, Mask, Order, Places
from faq.index import Document, Index
from faq.terms import PLAIN, Lexicon, normalise

MATCH, SHORT_MATCH, SHORT = 0.4, 0.55, 6
"""Share of a search's weight that something must hold to be found at all; more for a search of few characters.

On the public sets of policy documents, services and web questions 0.4 keeps 94 to 98 of 100 right ones and finds 2 to
6 beside them; a single word at 0.4 finds what holds only its characters apart.
"""

SYNONYMS = 4
"""Other ways of saying a word that are tried where nothing is found."""

BEST = 96
"""How many of the roughly nearest are weighed closely; those behind them stay in rough order."""

LAPSED = 0.8
"""What the score of an entry without force is worth beside one in force."""


@dataclass(frozen=True)
class Taken:
    """A public thing as a search takes it in: what is known of it, and its words."""

    held: Held
    question: str
    phrasings: tuple[str, ...]
    body: str

    def document(self, place: int) -> Document:
        """For the index, under its place."""
        return Document(place, self.question, self.phrasings, self.body)


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for.

    Attributes:
        words: as typed; without any, everything that passes the filter.
        narrow: the filter.
        order: without words and asked for relevance, the newest come first.
        skip: how many results stand before these.
        limit: how many to give.
        views: how often entries were read, for that order.
    """

    words: str = ""
    narrow: Filter = field(default_factory=Filter)
    order: Order = Order.RELEVANCE
    skip: int = 0
    limit: int = 20
    views: Mapping[int, int] = field(default_factory=dict)


def entry_key(row: int) -> int:
    """The key of an entry."""
    return Held(Kind.ENTRY, row, None).key


@dataclass
class Shelf:
    """Index and columns. Not for two threads at once."""

    lexicon: Lexicon = PLAIN
    holdings: Holdings = field(default_factory=Holdings)
    index: Index = field(init=False)

    def __post_init__(self) -> None:
        self.index = Index(self.lexicon)

    def take(self, taken: Sequence[Taken], gone: Sequence[int]) -> None:
        """Takes things in and out; ``gone`` are keys."""
        out = [place for key in gone if (place := self.holdings.take_out(key)) is not None]
        self.index.remove(out)
        self.index.add([one.document(self.holdings.put(one.held)) for one in taken])

    def look(self, wanted: Wanted, today: date) -> tuple[int, list[int], Counts]:
        """How many there are, the keys of those wanted in their order, and the counts."""
        passing = self.holdings.passing(wanted.narrow, today)
        if wanted.words:
            matched, near = self._match(wanted.words, passing, today)
        else:
            matched, near = self.holdings.alive(), np.zeros(0, np.int64)
        left = matched & passing
        ordered = self._in_order(wanted, left, near)
        page = ordered[wanted.skip : wanted.skip + wanted.limit]
        return (
            int(left.sum()),
            self.holdings.keys(page),
            self.holdings.counts(wanted.narrow, matched, today),
        )

    def _match(self, words: str, passing: Mask, today: date) -> tuple[Mask, Places]:
        """Which places hold the words, and those that pass, the nearest first.

        Where nothing does, the words are tried with another that means the same: one that the catalogue does not
        know weighs so much that what is found by its synonym holds too little of the search.
        """
        for spelled in (words, *self._said_otherwise(words)):
            matched, near = self._matching(spelled, passing, today)
            if matched.any():
                break
        return matched, near

    def _said_otherwise(self, words: str) -> Iterator[str]:
        plain = normalise(words)
        found = self.lexicon.matcher[0].find_matches_as_strings(plain)[:SYNONYMS]
        for word in dict.fromkeys(found):
            group = next((group for group in self.lexicon.groups if word in group), frozenset())
            for other in sorted(group - {word})[:SYNONYMS]:
                yield plain.replace(word, other)

    def _matching(self, words: str, passing: Mask, today: date) -> tuple[Mask, Places]:
        query = self.index.query(words)
        least = MATCH if len(query.text.strip()) > SHORT else SHORT_MATCH
        matched = np.zeros(len(self.holdings), np.bool_)
        roughly = np.zeros(len(self.holdings), np.float32)
        in_force = self.holdings.in_force(today)

        def among(places: Places, rough: npt.NDArray[np.float32], covered: npt.NDArray[np.float32]) -> Mask:
            strong: Mask = covered >= least
            matched[places[strong]] = True
            roughly[places] = rough * np.where(in_force[places], 1.0, LAPSED)
            return strong & passing[places]

        hits = self.index.search(query, BEST, among=among)
        weighed = [(hit.score * (1.0 if in_force[int(hit.key)] else LAPSED), int(hit.key)) for hit in hits]
        exact = self.holdings.exactly(words)
        matched[exact] = True
        first = [*exact[passing[exact]], *(place for _, place in sorted(weighed, key=lambda one: -one[0]))]
        listed = np.array(list(dict.fromkeys(first)), np.int64)
        rest = matched & passing
        rest[listed] = False
        places = np.flatnonzero(rest)
        return matched, np.concatenate((listed, places[np.argsort(-roughly[places], kind="stable")]))

    def _in_order(self, wanted: Wanted, left: Mask, near: Places) -> Places:
        if wanted.words and wanted.order == Order.RELEVANCE:
            return near
        places = np.flatnonzero(left)
        days = self.holdings.days(places).astype(np.int64)
        if wanted.order == Order.OLDEST:
            return places[np.lexsort((places, np.where(days == 0, np.iinfo(np.int64).max, days)))]
        views = np.zeros(len(self.holdings), np.int64)
        for row, count in wanted.views.items() if wanted.order == Order.VIEWS else ():
            place = self.holdings.place(entry_key(row))
            if place is not None:
                views[place] = count
        return places[np.lexsort((-places, -days, -views[places]))]

    def alike(self, text: str, but: int, count: int, today: date) -> list[int]:
        """Keys of the entries in force that are nearest to a text, one left aside."""
        passing = self.holdings.passing(Filter(kind=Kind.ENTRY, in_force=True), today)
        aside = self.holdings.place(but)
        hits = self.index.search(
            self.index.query(text),
            count,
            without=aside,
            among=lambda places, _, covered: passing[places] & (covered >= MATCH / 2),
        )
        return self.holdings.keys(np.array([int(hit.key) for hit in hits], np.int64))
