"""Terms and the rows they stand in, in flat arrays, and how much a term weighs for being rare."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from faq import terms
from faq.terms import Codes

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]

KIND_WEIGHTS = np.array([1.5, 0.6, 0.9, 0.6], np.float32)
"""Of characters, pairs, words and synonym groups; single characters carry more than BM25 practice gives them."""

SATURATION, LENGTH = 1.2, 0.75
"""BM25's k1 and b, for headings, bodies and sounds."""


def saturate(counts: npt.NDArray[Any], relative: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """BM25's saturation of a term's count by the relative length of the text, between 0 and 1."""
    saturated: npt.NDArray[np.float64] = counts / (counts + SATURATION * (1 - LENGTH + LENGTH * relative))
    return saturated


class Frequencies:
    """In how many rows each term occurs, over all segments."""

    def __init__(self) -> None:
        self.rows = 0
        self._codes: Codes = np.zeros(0, np.uint64)
        self._counts: Ints = np.zeros(0, np.int32)

    def add(self, codes: Codes, counts: Ints, rows: int, sign: int = 1) -> None:
        """Counts one segment in, or out with ``sign`` -1.

        Args:
            codes: its terms, ascending.
            counts: in how many of its rows each stands.
            rows: how many it has.
            sign: 1 or -1.
        """
        self.rows += sign * rows
        place = np.searchsorted(self._codes, codes)
        known = np.zeros(len(codes), bool)
        inside = place < len(self._codes)
        known[inside] = self._codes[place[inside]] == codes[inside]
        # Merged, not sorted anew: an entry more beside 100,000 took 45 ms that way, this way 3.
        total = self._counts.copy()
        total[place[known]] += (sign * counts[known]).astype(np.int32)
        self._codes = np.insert(self._codes, place[~known], codes[~known])
        self._counts = np.insert(total, place[~known], (sign * counts[~known]).astype(np.int32))

    def of(self, codes: Codes) -> Ints:
        """In how many rows each of some terms stands; 0 where it is unknown."""
        if not len(self._codes):
            return np.zeros(len(codes), np.int32)
        place = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        found: Ints = np.where(self._codes[place] == codes, self._counts[place], 0).astype(np.int32)
        return found

    def weights(self, codes: Codes) -> Floats:
        """Inverse document frequency times the weight of the kind; unknown terms weigh most."""
        found = self.of(codes).astype(np.float64)
        rarity = np.log1p((self.rows - found + 0.5).clip(0.0) / (found + 0.5))
        weighted: Floats = (rarity * KIND_WEIGHTS[terms.kind_of(codes)]).astype(np.float32)
        return weighted

    def shared(self) -> Codes:
        """Terms that stand in two rows or more."""
        return self._codes[self._counts > 1]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self._codes.nbytes + self._counts.nbytes


@dataclass(frozen=True)
class Selected:
    """The postings of some terms, those of one term after those of another.

    Attributes:
        rows: where each stands.
        weight: of its term.
        starts: for each term, the place of its first posting among all.
        begins: for each term, the place of its first posting among these, and their number at the end.
    """

    rows: npt.NDArray[np.uint16] | Ints
    weight: npt.NDArray[np.float64]
    starts: npt.NDArray[np.int64]
    begins: npt.NDArray[np.int64]

    def places(self, which: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """For some of these postings, ascending, their places among all."""
        term = np.searchsorted(self.begins, which, "right") - 1
        found: npt.NDArray[np.int64] = self.starts[term] + which - self.begins[term]
        return found


class Postings:
    """Term to rows, in three flat arrays; ``counts`` says how often."""

    def __init__(self, found: terms.Terms) -> None:
        order = np.lexsort((found.rows, found.codes))
        codes, rows = found.codes[order], found.rows[order]
        first = np.ones(len(codes), bool)
        first[1:] = (codes[1:] != codes[:-1]) | (rows[1:] != rows[:-1])
        at = np.flatnonzero(first)
        self.counts = np.minimum(np.diff(at, append=len(codes)), 255).astype(np.uint8)
        kept = rows[at]
        self.rows: npt.NDArray[np.uint16] | Ints = (
            kept.astype(np.uint16) if kept.max(initial=0) < 1 << 16 else kept
        )
        self.codes, begins = np.unique(codes[at], return_index=True)
        self.begins = np.append(begins, len(at)).astype(np.int32)

    @property
    def frequencies(self) -> Ints:
        """In how many rows each term stands."""
        return np.diff(self.begins).astype(np.int32)

    def select(self, codes: Codes, weights: Floats) -> "Selected":
        """The postings of some terms, each with the weight of its term."""
        if not len(self.codes):
            return Selected(self.rows[:0], np.zeros(0), np.zeros(0, np.int64), np.zeros(1, np.int64))
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        known = self.codes[place] == codes
        place = place[known]
        starts, ends = self.begins[place].astype(np.int64), self.begins[place + 1]
        # Slices are copied whole; picking single postings by their places took twice as long at 100,000 entries.
        parts: list[Any] = [
            self.rows[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        ]
        lengths = ends - starts
        return Selected(
            np.concatenate(parts) if parts else self.rows[:0],
            np.repeat(weights[known].astype(np.float64), lengths),
            starts,
            np.concatenate(([0], np.cumsum(lengths))),
        )

    def lists(self, codes: Codes) -> Iterator[tuple[int, npt.NDArray[np.uint16] | Ints]]:
        """For each of some terms that is there, its place among them and its rows, which ascend."""
        if not len(self.codes):
            return
        place = np.minimum(np.searchsorted(self.codes, codes), len(self.codes) - 1)
        for at in np.flatnonzero(self.codes[place] == codes).tolist():
            yield at, self.rows[self.begins[place[at]] : self.begins[place[at] + 1]]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return self.codes.nbytes + self.begins.nbytes + self.rows.nbytes + self.counts.nbytes
