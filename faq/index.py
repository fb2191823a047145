"""Retrieval: which entries of a catalogue are nearest to a question, and how much of it they cover.

An entry is compared several ways, each scaled by weights of the two texts themselves so that scores mean the same
from question to question:

* ``phrasing``: its best single phrasing (title or another way of asking), scaled by both sides;
* ``said``: the phrasing that the question says most of, scaled by the phrasing;
* ``heading``: all its phrasings together, saturated, scaled by the question;
* ``coverage``: the share of the question that stands anywhere in it;
* ``body``: its whole text, saturated, and its best passage, scaled by the question;
* ``learned``: how near the trained table puts it, where that table serves.

How much the body counts depends on its length: a service item's few lines of addresses say little about what
people ask, a policy document says it all. Measured in ``docs/bot-measurements.md``.

The index is a list of segments that never change, each with the terms of some thousand entries, and a mask of
entries taken out. Adding an entry rebuilds the small open segment at the end only.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from faq import phrasings, slips, terms
from faq.postings import Floats, Frequencies, Ints, Postings
from faq.terms import Codes

Key = str | int
Among = Callable[[npt.NDArray[np.int64], Floats, Floats], npt.NDArray[np.bool_]]
"""From the keys of some entries, how near each roughly is and what share of the question it covers, to which stay."""

BOTH_SIDES = 0.35
"""Share of the phrasing's own weight in scaling; 0 would be the question's alone, 0.5 both alike."""

SATURATION, LENGTH = 1.2, 0.75
"""BM25's k1 and b, for headings and bodies."""

PASSAGE_WEIGHT = 0.4


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

THIN = 0.3
"""Share of a typical phrasing's mass below which a question says too little to be answered lightly."""


@dataclass(frozen=True, slots=True)
class Document:
    """One entry as retrieval sees it.

    Attributes:
        key: the entry's id, whatever the caller uses.
        question: standard question or title.
        phrasings: other ways of asking it.
        body: answer or text; may be empty.
    """

    key: Key
    question: str
    phrasings: tuple[str, ...] = ()
    body: str = ""


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
class Query:
    """A question as the index sees it: distinct terms and what they weigh."""

    text: str
    codes: Codes
    weights: Floats
    body_weights: Floats

    typical_mass: float = 0.0

    @property
    def is_thin(self) -> bool:
        """Whether it says very little: one word, or nothing but words that stand everywhere."""
        words = int((terms.kind_of(self.codes) == terms.WORD).sum())
        return words < 2 or self.mass < THIN * self.typical_mass

    @property
    def mass(self) -> float:
        """What all terms weigh together, those the catalogue does not know included."""
        return max(float(self.weights.sum()), 1e-6)

    @property
    def body_mass(self) -> float:
        """The same by how rare the terms are in whole texts."""
        return max(float(self.body_weights.sum()), 1e-6)


def body_share(characters: int) -> float:
    """How much the body counts beside title and phrasings, by its length: 0 without one, near 1 for a document."""
    return 0.0 if not characters else max(0.2, characters**2 / (characters**2 + 150.0**2))


@dataclass(frozen=True)
class _Found:
    """What a question's terms met: in whole texts places, weight of the term, entry; and what each phrasing has."""

    at: npt.NDArray[np.int64]
    weight: Floats
    rows: npt.NDArray[np.uint16] | Ints
    dots: npt.NDArray[Any]


@dataclass(frozen=True)
class _Rough:
    """How near every entry of a segment roughly is, dead ones included, and what that was made of."""

    rough: Floats
    phrasing: Floats
    coverage: Floats
    learned: Floats
    found: _Found


class _Segment:
    """The terms of some entries; built once, after that only entries are taken out."""

    def __init__(self, documents: Sequence[Document], lexicon: terms.Lexicon) -> None:
        self.documents: tuple[Document, ...] = tuple(documents)
        self.keys = [document.key for document in documents]
        self.alive = np.ones(len(documents), bool)
        headings = [[terms.normalise(text) for text in (d.question, *d.phrasings)] for d in documents]
        bodies = [terms.normalise(d.body) for d in documents]
        per_entry = np.array([len(texts) for texts in headings], np.int32)
        self.owner_begins = np.concatenate(([0], np.cumsum(per_entry)[:-1])).astype(np.int64)
        owners = np.repeat(np.arange(len(documents), dtype=np.int32), per_entry)

        short = terms.extract([text for texts in headings for text in texts], lexicon)
        self.short = Postings(short)
        self.short_rows = int(per_entry.sum())
        self.masses = self.scales = np.zeros(self.short_rows, np.float32)

        head = terms.Terms(short.codes, owners[short.rows] if len(short.rows) else short.rows)
        long = terms.extract(bodies, lexicon)
        self.whole = Postings(
            terms.Terms(np.concatenate((head.codes, long.codes)), np.concatenate((head.rows, long.rows)))
        )
        size = len(documents)
        self.head_lengths: Ints = np.bincount(head.rows, minlength=size).astype(np.int32)
        self.lengths: Ints = self.head_lengths + np.bincount(long.rows, minlength=size).astype(np.int32)
        self.head_counts = _counts_within(self.whole, Postings(head))
        self.characters = sum(map(len, bodies)) + sum(len(text) for texts in headings for text in texts)
        self.share = sum(body_share(len(body)) for body in bodies)
        self._cut_passages([texts[0] for texts in headings], bodies, lexicon)
        self.vectors: npt.NDArray[np.float32] | None = None

    def _cut_passages(self, titles: Sequence[str], bodies: Sequence[str], lexicon: terms.Lexicon) -> None:
        """Passages of bodies that have more than one, as places of terms in ``whole.codes``."""
        texts: list[str] = []
        counts = np.zeros(len(bodies), np.int64)
        for entry, (title, body) in enumerate(zip(titles, bodies, strict=True)):
            parts = terms.passages(body) if len(body) > 1.5 * terms.PASSAGE else []
            counts[entry] = len(parts)
            texts += [f"{title} {part}" for part in parts]
        found = terms.extract(texts, lexicon)
        pair = np.unique(found.rows.astype(np.int64) << 32 | np.searchsorted(self.whole.codes, found.codes))
        self.passage_terms = (pair & 0xFFFFFFFF).astype(np.int32)
        self.passage_begins = np.searchsorted(pair >> 32, np.arange(len(texts) + 1))
        self.entry_passages = np.concatenate(([0], np.cumsum(counts)))

    def weigh(self, short: Frequencies) -> None:
        """Fixes what depends on the whole catalogue: the masses of phrasings."""
        spread = np.repeat(short.weights(self.short.codes), self.short.frequencies)
        masses = np.bincount(self.short.rows, spread, self.short_rows).astype(np.float32)
        self.masses = np.maximum(masses, 1e-6)
        self.scales = self.masses**BOTH_SIDES

    def rough(self, query: Query) -> tuple[Floats, Floats, _Found]:
        """For every entry, dead ones included: ``phrasing`` and ``coverage``, and what was found."""
        at, weight = self.short.select(query.codes, query.weights)
        dots = np.bincount(self.short.rows[at], weight, self.short_rows)
        phrasing = np.maximum.reduceat(dots / self.scales, self.owner_begins) / query.mass ** (1 - BOTH_SIDES)
        at, weight = self.whole.select(query.codes, query.body_weights)
        rows = self.whole.rows[at]
        covered = np.bincount(rows, weight, len(self.keys)) / query.body_mass
        found = _Found(at, weight, rows, dots)
        return phrasing.astype(np.float32), covered.astype(np.float32), found

    def said(self, entries: npt.NDArray[np.int64], found: _Found) -> Floats:
        """For some entries, the most that the question says of any one of their phrasings."""
        if not len(entries):
            return np.zeros(0, np.float32)
        begins = self.owner_begins[entries]
        sizes = np.append(self.owner_begins, self.short_rows)[entries + 1] - begins
        firsts = np.cumsum(sizes) - sizes
        every = np.repeat(begins - firsts, sizes) + np.arange(sizes.sum())
        shares: Floats = np.maximum.reduceat(found.dots[every] / self.masses[every], firsts)
        return shares.astype(np.float32)

    def saturated(
        self,
        entries: npt.NDArray[np.int64],
        query: Query,
        found: _Found,
        averages: tuple[float, float],
    ) -> tuple[Floats, Floats, Floats]:
        """For some entries, BM25 over all phrasings and over the whole text, and what all phrasings cover.

        Each as a share of the question.
        """
        place = np.full(len(self.keys), -1, np.int32)
        place[entries] = np.arange(len(entries))
        target = place[found.rows]
        keep = np.flatnonzero(target >= 0)
        at, weight, target, rows = found.at[keep], found.weight[keep], target[keep], found.rows[keep]
        heading = weight * _saturate(self.head_counts[at], self.head_lengths[rows] / averages[0])
        body = weight * _saturate(self.whole.counts[at], self.lengths[rows] / averages[1])
        headed = weight * (self.head_counts[at] > 0)

        def shares(values: npt.NDArray[Any]) -> Floats:
            return (np.bincount(target, values, len(entries)) / query.body_mass).astype(np.float32)

        return shares(heading), shares(body), shares(headed)

    def phrasing_rows(self, short: Frequencies, codes: Codes) -> sparse.csr_matrix:
        """Phrasings as rows of weighted terms of length one; columns are the terms of ``codes``."""
        weights = short.weights(self.short.codes)
        spread = np.repeat(weights, self.short.frequencies)
        lengths = np.sqrt(np.bincount(self.short.rows, spread * spread, self.short_rows))
        place = np.searchsorted(codes, self.short.codes).clip(max=max(len(codes) - 1, 0))
        known = codes[place] == self.short.codes if len(codes) else np.zeros(len(place), bool)
        keep = np.repeat(known, self.short.frequencies)
        columns = np.repeat(place, self.short.frequencies)[keep]
        rows = self.short.rows[keep]
        values = (spread[keep] / lengths[rows]).astype(np.float32)
        return sparse.csr_matrix((values, (rows, columns)), shape=(self.short_rows, len(codes)))

    def owners(self) -> Ints:
        """The entry of each phrasing."""
        sizes = np.diff(self.owner_begins, append=self.short_rows)
        return np.repeat(np.arange(len(self.keys), dtype=np.int32), sizes)

    def place_by(self, table: phrasings.Table, short: Frequencies) -> None:
        """Puts each entry where the middle of its phrasings is."""
        rows = phrasings.unit(self.phrasing_rows(short, table.codes) @ table.vectors)
        self.vectors = phrasings.unit(np.add.reduceat(rows, self.owner_begins, axis=0))

    def best_passages(self, entries: Sequence[int], query: Query) -> Floats:
        """For each of some entries, the share of the question that its best passage covers; -1 where it has none."""
        out = np.full(len(entries), -1.0, np.float32)
        place = np.searchsorted(self.whole.codes, query.codes).clip(max=max(len(self.whole.codes) - 1, 0))
        known = self.whole.codes[place] == query.codes
        weights = np.zeros(len(self.whole.codes), np.float32)
        weights[place[known]] = query.body_weights[known]
        for which, entry in enumerate(entries):
            first, beyond = self.entry_passages[entry], self.entry_passages[entry + 1]
            if first == beyond:
                continue
            begins = self.passage_begins[first : beyond + 1]
            covered = weights[self.passage_terms[begins[0] : begins[-1]]]
            out[which] = np.add.reduceat(covered, begins[:-1] - begins[0]).max() / query.body_mass
        return out

    @cached_property
    def numbers(self) -> npt.NDArray[np.int64]:
        """The keys, where all are numbers."""
        return np.array(self.keys, np.int64)

    def account(self, entry: int, query: Query) -> tuple[npt.NDArray[np.bool_], float]:
        """Which of a question's terms stand in an entry, and the share of its nearest phrasing left unsaid."""
        stands = np.zeros(len(query.codes), bool)
        for at, rows in self.whole.lists(query.codes):
            place = rows.searchsorted(rows.dtype.type(entry))
            stands[at] = place < len(rows) and rows[place] == entry
        begin = int(self.owner_begins[entry])
        last = entry + 1 == len(self.keys)
        beyond = self.short_rows if last else int(self.owner_begins[entry + 1])
        said = np.zeros(beyond - begin, np.float32)
        for at, rows in self.short.lists(query.codes[stands]):
            inside = rows[slice(*rows.searchsorted(np.array((begin, beyond), np.int64)))]
            said[inside.astype(np.int64) - begin] += query.weights[stands][at]
        masses = np.maximum(self.masses[begin:beyond], 1e-6)
        nearest = int((said / masses**BOTH_SIDES).argmax())
        return stands, float(max(1 - said[nearest] / masses[nearest], 0.0))

    @property
    def is_open(self) -> bool:
        """Whether it is small enough to be built again with what is added."""
        return len(self.keys) < SEGMENT_ENTRIES // 2 and self.characters < SEGMENT_CHARACTERS // 2

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        arrays = (
            self.masses,
            self.scales,
            self.lengths,
            self.head_lengths,
            self.head_counts,
            self.passage_terms,
        )
        return self.short.nbytes + self.whole.nbytes + sum(array.nbytes for array in arrays)


def _counts_within(whole: Postings, head: Postings) -> npt.NDArray[np.uint8]:
    """For each posting of ``whole``, how often the same term stands in the same entry's phrasings."""
    out = np.zeros(len(whole.rows), np.uint8)
    if not len(head.rows):
        return out
    place = np.searchsorted(whole.codes, head.codes)
    whole_key = np.repeat(np.arange(len(whole.codes), dtype=np.int64), whole.frequencies) << 32 | whole.rows
    head_key = np.repeat(place.astype(np.int64), head.frequencies) << 32 | head.rows
    out[np.searchsorted(whole_key, head_key)] = head.counts
    return out


def _saturate(counts: npt.NDArray[np.uint8], relative: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """BM25's saturation of a term's count by the relative length of the text, between 0 and 1."""
    saturated: npt.NDArray[np.float64] = counts / (counts + SATURATION * (1 - LENGTH + LENGTH * relative))
    return saturated


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
    _segments: list[_Segment] = field(default_factory=list)
    _places: dict[Key, tuple[_Segment, int]] = field(default_factory=dict)
    _short: Frequencies = field(default_factory=Frequencies)
    _whole: Frequencies = field(default_factory=Frequencies)
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
            self._append(_Segment(batch, self.lexicon))
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
        plain = terms.without_filler(terms.normalise(text[: terms.QUERY_LIMIT]))
        meant = slips.mended(plain, self._whole.of)
        texts = [plain] if meant == plain else [plain, meant]
        codes = np.unique(terms.extract(texts, self.lexicon).codes)
        return Query(plain, codes, self._short.weights(codes), self._whole.weights(codes), self._typical_mass)

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
        best = np.argpartition(-rough, wanted)[:wanted] if len(rough) > wanted else np.arange(len(rough))
        best = np.sort(best[rough[best] > 0])
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
        # Values become Hits only for the few that are wanted: for every candidate they cost a sixth of a search.
        values = np.concatenate(parts, axis=1)
        segments = np.searchsorted(begins, best, "right") - 1
        entries = best - begins[segments]
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
        segment: _Segment,
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
        self, segment: _Segment, best: npt.NDArray[np.int64], query: Query, rough: _Rough
    ) -> npt.NDArray[Any]:
        """The parts of the scores of some entries of one segment, as a Hit has them."""
        share = self._average.share()
        mixture = LEARNED if self._table_weight else USUAL
        phrasing, coverage, learned = rough.phrasing[best], rough.coverage[best], rough.learned[best]
        heading, body, headed = segment.saturated(best, query, rough.found, self._average.values())
        passage = segment.best_passages(best.tolist(), query)
        said = segment.said(best, rough.found)
        body += PASSAGE_WEIGHT * np.where(passage >= 0, passage, coverage)
        head = (
            mixture.phrasing * phrasing
            + mixture.said * said
            + mixture.heading * heading
            + mixture.headed * (share * coverage + (1 - share) * headed)
            + mixture.coverage * coverage
        )
        final = (1 - share) * head + share * body + self._table_weight * learned
        return np.array((final, phrasing, heading, body, coverage, learned, said))

    def _reopen(self, adding: int) -> list[Document]:
        """Opens small segments at the end again, so that single additions do not pile up.

        Up to :data:`OPEN_ENTRIES` only the last; beyond that all that are not full, once in so many additions.
        """
        waiting: list[Document] = []
        for limit in (OPEN_ENTRIES, SEGMENT_ENTRIES):
            while self._segments and self._segments[-1].is_open and len(self._segments[-1].keys) <= limit:
                segment = self._segments.pop()
                self._count(segment, -1)
                living = [d for d, alive in zip(segment.documents, segment.alive, strict=True) if alive]
                waiting = living + waiting
            if len(waiting) + adding <= OPEN_ENTRIES:
                break
        return waiting

    def _append(self, segment: _Segment) -> None:
        self._segments.append(segment)
        self._count(segment, 1)
        for place, key in enumerate(segment.keys):
            self._places[key] = (segment, place)
        if not segment.is_open:
            segment.documents = ()

    def _count(self, segment: _Segment, sign: int) -> None:
        self._short.add(segment.short.codes, segment.short.frequencies, segment.short_rows, sign)
        self._whole.add(segment.whole.codes, segment.whole.frequencies, len(segment.keys), sign)
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
