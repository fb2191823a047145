"""Retrieval: which entries of a catalogue are nearest to a question, and how much of it they cover.

An entry is compared several ways, each scaled by weights of the two texts themselves so that scores mean the same
from question to question:

* ``phrasing``: its best single phrasing (title or another way of asking), scaled by both sides;
* ``said``: the phrasing that the question says most of, scaled by the phrasing;
* ``heading``: all its phrasings together, saturated, scaled by the question;
* ``coverage``: the share of the question that stands anywhere in it;
* ``body``: its whole text, saturated, its best passage and its pairs of characters, scaled by the question;
* ``learned``: how near the trained table puts it, where that table serves;
* how much its phrasings sound like the question (``sounds``);
* and how much they are put in its words (``plain_words``).

How much the body counts depends on its length: a service item's few lines of addresses say little about what
people ask, a policy document says it all. Measured in ``docs/bot-measurements.md``.

The index is a list of segments that never change, each with the terms of some thousand entries, and a mask of
entries taken out. Adding an entry rebuilds the small open segment at the end only.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from faq import colloquial, phrasings, plain_words, slips, terms
from faq.postings import Floats, Frequencies
from faq.segments import Document, Found, Key, Query, Segment
from faq.sounds import Tally

__all__ = ["Among", "Document", "Hit", "Index", "Key", "Query"]

Among = Callable[[npt.NDArray[np.int64], Floats, Floats], npt.NDArray[np.bool_]]
"""From the keys of some entries, how near each roughly is and what share of the question it covers, to which stay."""

PASSAGE_WEIGHT, PAIRED_WEIGHT, WORDED_WEIGHT = 0.4, 0.4, 0.5
"""Beside the saturated whole text, what its best passage counts and what pairs of characters and words alone do: in a
long text nearly every single character occurs, two side by side still tell something. Words alone count only without
the trained table, beside which they lost (multidev 13 of 2,662 at the first place)."""

SOUND_WEIGHT = 0.2
"""Beside the sides of a :class:`Mixture`, what the sounds of title and phrasings count."""

PLAIN_WEIGHT = 0.05
"""What the plain words of title and phrasings count, and what their characters do, the best of what was found at one.
As a share of the question's own weight, as everything else, they gained two thirds of that."""

NEAREST = 32
"""Entries for which that is looked at: it moves nothing by more than twice its weight."""


@dataclass(frozen=True)
class Mixture:
    """What the sides of an entry count beside its body; the five add up to one.

    ``headed`` is what title and phrasings together cover of the question, the body joining in by as much as bodies
    count in the catalogue; ``coverage`` is what the whole entry covers.
    """

    phrasing: float
    said: float
    heading: float
    headed: float
    coverage: float


USUAL = Mixture(phrasing=0.3, said=0.1, heading=0.3, headed=0.3, coverage=0.0)
"""With the whole entry's coverage in the place of ``headed``, service items lost 3 to 5 points: a few lines of
addresses and conditions cover words that another item's title is about."""

LEARNED = Mixture(phrasing=0.0, said=0.2, heading=0.2, headed=0.0, coverage=0.6)
"""With the trained table, which knows better than the best single phrasing what an entry's phrasings have in common."""

SEGMENT_ENTRIES, SEGMENT_CHARACTERS = 8_192, 600_000
OPEN_ENTRIES = 256
CANDIDATES, CANDIDATES_OF_SEVERAL = 96, 384
"""Entries that the rough measure leaves for the finer ones, in a catalogue of one segment and of more."""


@dataclass(frozen=True)
class Hit:
    """One entry found, with the parts of its score, each between 0 and about 1."""

    key: Key
    score: float
    phrasing: float
    heading: float
    body: float
    coverage: float
    learned: float
    said: float = 0.0


@dataclass(frozen=True)
class _Rough:
    """How near every entry of a segment roughly is, dead ones included, and what that was made of."""

    rough: Floats
    phrasing: Floats
    coverage: Floats
    learned: Floats
    found: Found


@dataclass
class _Average:
    """Mean lengths by which BM25 judges long and short; kept as sums."""

    head: int = 0
    whole: int = 0
    entries: int = 0
    shares: float = 0.0

    def share(self) -> float:
        return self.shares / max(self.entries, 1)

    def values(self) -> tuple[float, float]:
        size = max(self.entries, 1)
        return max(self.head / size, 1.0), max(self.whole / size, 1.0)


@dataclass
class Index:
    """Entries that can be asked. Not for two threads at once; a reader of an old copy keeps a valid one.

    Attributes:
        lexicon: the city's words; fixed, because entries and questions must be cut alike.
    """

    lexicon: terms.Lexicon = terms.PLAIN
    _segments: list[Segment] = field(default_factory=list)
    _places: dict[Key, tuple[Segment, int]] = field(default_factory=dict)
    _short: Frequencies = field(default_factory=Frequencies)
    _whole: Frequencies = field(default_factory=Frequencies)
    _sounds: Tally = field(default_factory=Tally)
    _bags: plain_words.Tally = field(default_factory=plain_words.Tally)
    _average: _Average = field(default_factory=_Average)
    _weighed_at: int = 0
    _typical_mass: float = 0.0
    _table: phrasings.Table | None = None
    _table_weight: float = 0.0

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: Key) -> bool:
        return key in self._places

    @property
    def body_share(self) -> float:
        """How much bodies count here: the mean of :func:`body_share` over the entries."""
        return self._average.share()

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays; keys and dictionaries come on top."""
        return sum(segment.nbytes for segment in self._segments) + self._short.nbytes + self._whole.nbytes

    def add(self, documents: Iterable[Document], progress: Callable[[int], None] | None = None) -> None:
        """Takes entries in, replacing those of the same key; effective with the next question.

        Args:
            documents: entries; of two with one key the later stays.
            progress: called with the number of entries indexed so far.
        """
        fresh = {document.key: document for document in documents}
        self.remove(fresh)
        waiting = self._reopen(len(fresh)) + list(fresh.values())
        done = 0
        for batch in _batches(waiting):
            self._append(Segment(batch, self.lexicon))
            done += len(batch)
            if progress is not None:
                progress(min(done, len(fresh)))
        self._weigh()

    def train(self) -> phrasings.Table | None:
        """A table of this catalogue's terms from its phrasings; None where there are too few. Does not use it."""
        codes = self._short.shared()
        if not self._segments:
            return None
        rows = sparse.vstack(
            [segment.phrasing_rows(self._short, codes) for segment in self._segments]
        ).tocsr()
        owners, before = [], 0
        for segment in self._segments:
            owners.append(segment.owners() + before)
            before += len(segment.keys)
        return phrasings.train(codes, rows, np.concatenate(owners))

    def use(self, table: phrasings.Table | None, weight: float) -> None:
        """Lets a table from :meth:`train` add to every score, or none."""
        self._table, self._table_weight = table, weight if table is not None else 0.0
        for segment in self._segments:
            segment.vectors = None
            if table is not None:
                segment.place_by(table, self._short)

    def remove(self, keys: Iterable[Key]) -> None:
        """Takes entries out; keys that are not there are passed over."""
        for key in keys:
            place = self._places.pop(key, None)
            if place is not None:
                place[0].alive[place[1]] = False

    def query(self, text: str) -> Query:
        """What a question weighs in this catalogue.

        Args:
            text: as the citizen wrote it; read up to :data:`faq.terms.QUERY_LIMIT` characters.
        """
        put = terms.normalise(text[: terms.QUERY_LIMIT])
        plain = colloquial.standard(terms.without_filler(put), self._short.of)
        meant = slips.mended(plain, self._whole.of)
        texts = [plain] if meant == plain else [plain, meant]
        codes = np.unique(terms.extract(texts, self.lexicon).codes)
        weights, body_weights = self._short.weights(codes), self._whole.weights(codes)
        sounds, asked = self._sounds.weights(plain), self._bags.asked(put, self.lexicon)
        return Query(plain, codes, weights, body_weights, sounds, asked, self._typical_mass)

    def search(
        self, query: Query, top: int = 10, without: Key | None = None, among: Among | None = None
    ) -> list[Hit]:
        """The nearest entries, best first; none where the question shares no term with any.

        Args:
            query: from :meth:`query`.
            top: how many.
            without: an entry to leave aside, as if the catalogue did not have it.
            among: asked which of the entries that share a term with the question may be found, some thousands at
                a time; only where all keys are numbers.
        """
        if not len(query.codes) or not self._places:
            return []
        vector = None if self._table is None else self._table.embed(query.codes, query.weights)
        found = [self._rough(segment, query, vector, without, among) for segment in self._segments]
        rough = np.concatenate([one.rough for one in found])
        # Finer work on the best of all segments together, not of each: it costs more than the rough measure does.
        wanted = max(top, CANDIDATES if len(found) == 1 else CANDIDATES_OF_SEVERAL)
        best = _highest(rough, wanted)
        begins = np.cumsum([0, *(len(one.rough) for one in found)])
        cuts = np.searchsorted(best, begins)
        parts = [
            self._fine(segment, best[cut:beyond] - begin, query, one)
            for segment, one, begin, cut, beyond in zip(
                self._segments, found, begins[:-1], cuts[:-1], cuts[1:], strict=True
            )
            if cut < beyond
        ]
        if not parts:
            return []
        values = np.concatenate(parts, axis=1)
        segments = np.searchsorted(begins, best, "right") - 1
        entries = best - begins[segments]
        if not self._table_weight:
            nearest = np.argsort(-values[0], kind="stable")[: max(top, NEAREST)]
            values[0, nearest] += self._put_alike(query, segments[nearest], entries[nearest])
        # Values become Hits only for the few that are wanted: for every candidate they cost a sixth of a search.
        return [
            Hit(self._segments[segments[at]].keys[entries[at]], *values[:, at].tolist())
            for at in np.argsort(-values[0], kind="stable")[:top]
        ]

    def account(self, query: Query, key: Key) -> tuple[npt.NDArray[np.bool_], float]:
        """How an entry and a question account for each other.

        Args:
            query: from :meth:`query`.
            key: an entry that is there.

        Returns:
            for each of the question's terms whether it stands in the entry, and the share of the entry's nearest
            phrasing that the question does not say, by weight.
        """
        segment, place = self._places[key]
        return segment.account(place, query)

    def _rough(
        self,
        segment: Segment,
        query: Query,
        vector: phrasings.Matrix | None,
        without: Key | None,
        among: Among | None,
    ) -> _Rough:
        """How near the entries of one segment roughly are; -1 for those that may not be found."""
        phrasing, coverage, found = segment.rough(query)
        share = self._average.share()
        rough = (1 - share) * phrasing + max(share, 0.3) * coverage
        learned = np.zeros(len(rough), np.float32)
        if vector is not None and segment.vectors is not None:
            learned = segment.vectors @ vector
            rough += self._table_weight * learned
        rough[~segment.alive | (coverage <= 0)] = -1.0
        if without is not None and without in self._places and self._places[without][0] is segment:
            rough[self._places[without][1]] = -1.0
        if among is not None:
            near = np.flatnonzero(rough > 0)
            stays = among(segment.numbers[near], rough[near].astype(np.float32), coverage[near])
            rough[near[~stays]] = -1.0
        return _Rough(rough, phrasing, coverage, learned, found)

    def _fine(
        self, segment: Segment, best: npt.NDArray[np.int64], query: Query, rough: _Rough
    ) -> npt.NDArray[Any]:
        """The parts of the scores of some entries of one segment, as a Hit has them."""
        share = self._average.share()
        mixture, worded = (LEARNED, 0.0) if self._table_weight else (USUAL, WORDED_WEIGHT)
        phrasing, coverage, learned = rough.phrasing[best], rough.coverage[best], rough.learned[best]
        met = segment.saturated(best, query, rough.found, self._average.values())
        passage = segment.best_passages(best.tolist(), query)
        said = segment.said(best, rough.found)
        body = met.body + PASSAGE_WEIGHT * np.where(passage >= 0, passage, coverage)
        body += PAIRED_WEIGHT * met.paired + worded * met.worded
        head = (
            mixture.phrasing * phrasing
            + mixture.said * said
            + mixture.heading * met.heading
            + mixture.headed * (share * coverage + (1 - share) * met.headed)
            + mixture.coverage * coverage
            + SOUND_WEIGHT * segment.sounds.score(best, query.sounds, self._sounds.average)
        )
        final = (1 - share) * head + share * body + self._table_weight * learned
        return np.array((final, phrasing, met.heading, body, coverage, learned, said))

    def _put_alike(
        self, query: Query, segments: npt.NDArray[np.int64], entries: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.float64]:
        """What being put in the question's words adds to the scores of some entries."""
        plain = np.zeros((2, len(entries)))
        for segment in np.unique(segments).tolist():
            here = segments == segment
            bags = self._segments[segment].bags
            plain[:, here] = bags.score(entries[here], query.plainly, self._bags.averages)
        best = np.maximum(plain.max(axis=1, keepdims=True), 1e-6)
        added: npt.NDArray[np.float64] = (plain / best).sum(axis=0)
        return (1 - self._average.share()) * PLAIN_WEIGHT * added

    def _reopen(self, adding: int) -> list[Document]:
        """Opens small segments at the end again, so that single additions do not pile up.

        Up to :data:`OPEN_ENTRIES` only the last; beyond that all that are not full, once in so many additions.
        """
        waiting: list[Document] = []
        for limit in (OPEN_ENTRIES, SEGMENT_ENTRIES):
            while self._segments and _is_open(self._segments[-1]) and len(self._segments[-1].keys) <= limit:
                segment = self._segments.pop()
                self._count(segment, -1)
                living = [d for d, alive in zip(segment.documents, segment.alive, strict=True) if alive]
                waiting = living + waiting
            if len(waiting) + adding <= OPEN_ENTRIES:
                break
        return waiting

    def _append(self, segment: Segment) -> None:
        self._segments.append(segment)
        self._count(segment, 1)
        for place, key in enumerate(segment.keys):
            self._places[key] = (segment, place)
        if not _is_open(segment):
            segment.documents = ()

    def _count(self, segment: Segment, sign: int) -> None:
        self._short.add(segment.short.codes, segment.short.frequencies, segment.short_rows, sign)
        self._whole.add(segment.whole.codes, segment.whole.frequencies, len(segment.keys), sign)
        self._sounds.add(segment.sounds, sign)
        self._bags.add(segment.bags, sign)
        self._average.head += sign * int(segment.head_lengths.sum())
        self._average.whole += sign * int(segment.lengths.sum())
        self._average.entries += sign * len(segment.keys)
        self._average.shares += sign * segment.share

    def _weigh(self) -> None:
        """Weighs new segments, and all of them once the catalogue has grown by a fiftieth since the last time."""
        everything = abs(self._average.entries - self._weighed_at) > self._weighed_at / 50
        for segment in self._segments:
            if everything or not segment.masses.any():
                segment.weigh(self._short)
            if self._table is not None and segment.vectors is None:
                segment.place_by(self._table, self._short)
        if everything:
            masses = [segment.masses for segment in self._segments]
            self._typical_mass = float(np.median(np.concatenate(masses))) if masses else 0.0
            self._weighed_at = self._average.entries


def _highest(values: Floats, count: int) -> npt.NDArray[np.int64]:
    """Places of the highest values above zero, ascending, at most so many."""
    # Ordering 100,000 values takes a tenth of a search; mostly enough of them lie above half of the highest.
    for floor in (values.max(initial=0.0) / 2, 0.0):
        best = np.flatnonzero(values > floor)
        if len(best) >= count:
            break
    if len(best) > count:
        best = np.sort(best[np.argpartition(-values[best], count)[:count]])
    return best


def _is_open(segment: Segment) -> bool:
    """Whether it is small enough to be built again with what is added."""
    return len(segment.keys) < SEGMENT_ENTRIES // 2 and segment.characters < SEGMENT_CHARACTERS // 2


def _batches(documents: Sequence[Document]) -> Iterable[list[Document]]:
    """Entries in stretches that fit a segment."""
    batch: list[Document] = []
    characters = 0
    for document in documents:
        size = len(document.question) + len(document.body) + sum(map(len, document.phrasings))
        if batch and (len(batch) >= SEGMENT_ENTRIES or characters + size > SEGMENT_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(document)
        characters += size
    if batch:
        yield batch
