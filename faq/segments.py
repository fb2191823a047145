"""Some thousand entries cut into terms once, and how near each of them is to a question.

Once built, a segment only loses entries. It knows nothing of the other segments: what depends on the whole
catalogue (how rare a term is, how long entries are on the average, what phrasings weigh) is handed to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from faq import phrasings, terms
from faq.plain_words import Asked, Bags
from faq.postings import Floats, Frequencies, Ints, Postings, Selected, saturate
from faq.sounds import Sounds
from faq.terms import Codes

Key = str | int

BOTH_SIDES = 0.35
"""Share of the phrasing's own weight in scaling; 0 would be the question's alone, 0.5 both alike."""

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
class Query:
    """A question as the index sees it: distinct terms and what they weigh.

    Attributes:
        text: normalised, filler apart.
        codes: the terms, ascending.
        weights: what each weighs by how rare it is in phrasings.
        body_weights: the same by how rare it is in whole texts.
        sounds: what each sound counts, adding up to one.
        plainly: its words and characters as it was put.
        typical_mass: what a phrasing of this catalogue weighs.
    """

    text: str
    codes: Codes
    weights: Floats
    body_weights: Floats
    sounds: Floats
    plainly: Asked
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

    def mass_of(self, kind: int) -> float:
        """Of that, what the terms of one kind weigh."""
        return max(float(self.body_weights[terms.kind_of(self.codes) == kind].sum()), 1e-6)


def body_share(characters: int) -> float:
    """How much the body counts beside title and phrasings, by its length: 0 without one, near 1 for a document."""
    return 0.0 if not characters else max(0.2, characters**2 / (characters**2 + 150.0**2))


@dataclass(frozen=True)
class Found:
    """What a question's terms met: their postings in whole texts, and what each phrasing has of them."""

    postings: Selected
    dots: npt.NDArray[Any]


@dataclass(frozen=True)
class Saturated:
    """BM25 over parts of some entries, each as a share of the question, or of its terms of that kind.

    Attributes:
        heading: over all phrasings.
        body: over the whole text.
        paired: over the whole text's pairs of characters.
        worded: over the whole text's words.
        headed: what the phrasings cover, however often.
    """

    heading: Floats
    body: Floats
    paired: Floats
    worded: Floats
    headed: Floats


class Segment:
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

        heads = [text for texts in headings for text in texts]
        short = terms.extract(heads, lexicon)
        self.short = Postings(short)
        self.sounds = Sounds(heads, owners, len(documents))
        self.bags = Bags(heads, owners, len(documents), lexicon)
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
        self.characters = sum(map(len, bodies)) + sum(map(len, heads))
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

    def rough(self, query: Query) -> tuple[Floats, Floats, Found]:
        """For every entry, dead ones included: ``phrasing`` and ``coverage``, and what was found."""
        short = self.short.select(query.codes, query.weights)
        dots = np.bincount(short.rows, short.weight, self.short_rows)
        nearness = dots / self.scales
        if self.short_rows > len(self.keys):
            nearness = np.maximum.reduceat(nearness, self.owner_begins)
        phrasing = nearness / query.mass ** (1 - BOTH_SIDES)
        whole = self.whole.select(query.codes, query.body_weights)
        covered = np.bincount(whole.rows, whole.weight, len(self.keys)) / query.body_mass
        found = Found(whole, dots)
        return phrasing.astype(np.float32), covered.astype(np.float32), found

    def said(self, entries: npt.NDArray[np.int64], found: Found) -> Floats:
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
        found: Found,
        averages: tuple[float, float],
    ) -> Saturated:
        """For some entries, what stands in them often and what stands in them at all."""
        place = np.full(len(self.keys), -1, np.int32)
        place[entries] = np.arange(len(entries))
        met = found.postings
        target = place[met.rows]
        keep = np.flatnonzero(target >= 0)
        at, weight, target, rows = met.places(keep), met.weight[keep], target[keep], met.rows[keep]
        heading = weight * saturate(self.head_counts[at], self.head_lengths[rows] / averages[0])
        body = weight * saturate(self.whole.counts[at], self.lengths[rows] / averages[1])
        headed = weight * (self.head_counts[at] > 0)

        def of_kind(kind: int) -> npt.NDArray[Any]:
            first, beyond = self.places_of(kind)
            return body * ((at >= first) & (at < beyond))

        def shares(values: npt.NDArray[Any], mass: float) -> Floats:
            return (np.bincount(target, values, len(entries)) / mass).astype(np.float32)

        whole = query.body_mass
        return Saturated(
            heading=shares(heading, whole),
            body=shares(body, whole),
            paired=shares(of_kind(terms.PAIR), query.mass_of(terms.PAIR)),
            worded=shares(of_kind(terms.WORD), query.mass_of(terms.WORD)),
            headed=shares(headed, whole),
        )

    def places_of(self, kind: int) -> tuple[int, int]:
        """Where the postings of one kind begin and end: the kind is in a term's highest bits, so they lie together."""
        return self._kind_begins[kind], self._kind_begins[kind + 1]

    @cached_property
    def _kind_begins(self) -> list[int]:
        kinds = np.arange(terms.GROUP + 1, dtype=np.uint64) << terms.KIND_SHIFT
        begins: list[int] = self.whole.begins[np.searchsorted(self.whole.codes, kinds)].tolist()
        return begins

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
        parts = self.short.nbytes + self.whole.nbytes + self.sounds.nbytes + self.bags.nbytes
        return parts + sum(array.nbytes for array in arrays)


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
