"""Which titles and phrasings are put in the words of a question: plain bags of words and characters.

The terms of the index pass over what says nothing by itself: words of one character, greetings, a word said twice. How
a question is put tells a little all the same, 「怎么还」 from 「怎么还不」 where an entry stands for each. So titles and
phrasings are kept as all their words and all their characters too, and compared as BM25 compares words, with the
question as it was put. It counts little, by as much as bodies do not, and not where the trained table serves: that one
knows better what ways of asking have in common (``docs/bot-measurements.md``).

As with sounds, an entry's words lie side by side, because only entries that other terms have found are compared: five
bytes for each that an entry has, 10 MB for 100,000 titles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from faq import terms
from faq.postings import Floats, Frequencies, Ints, saturate

KINDS = (terms.CHARACTER, terms.WORD)

_Short = npt.NDArray[np.uint32]


def _shortened(codes: terms.Codes) -> _Short:
    """Codes in half the bits: the highest tells a word from a character."""
    words = terms.kind_of(codes) == terms.WORD
    low = (codes & np.uint64(0x7FFFFFFF)).astype(np.uint32)
    return np.where(words, low | np.uint32(1 << 31), low)


@dataclass(frozen=True)
class Asked:
    """A question's distinct words and characters, ascending, and what each counts."""

    codes: _Short
    weights: Floats

    @property
    def kinds(self) -> npt.NDArray[np.int64]:
        """0 for a character, 1 for a word."""
        found: npt.NDArray[np.int64] = (self.codes >> np.uint32(31)).astype(np.int64)
        return found


@dataclass
class Tally:
    """In how many entries each word occurs and how long entries are, over all segments."""

    frequencies: Frequencies = field(default_factory=Frequencies)
    length: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(len(KINDS), np.int64))

    def add(self, part: "Bags", sign: int = 1) -> None:
        """Counts one segment in, or out with ``sign`` -1."""
        codes, counts = part.frequencies()
        self.frequencies.add(codes, counts, part.entries, sign)
        self.length += sign * part.lengths.sum(axis=1)

    @property
    def averages(self) -> npt.NDArray[np.float64]:
        """Characters and words of an entry on the average."""
        found: npt.NDArray[np.float64] = np.maximum(self.length / max(self.frequencies.rows, 1), 1.0)
        return found

    def asked(self, text: str, lexicon: terms.Lexicon) -> Asked:
        """What the words of a normalised question count: as often as they are said, and by how rare they are."""
        codes, often = np.unique(_shortened(terms.plainly([text], lexicon).codes), return_counts=True)
        known = self.frequencies.of(codes.astype(np.uint64)).astype(np.float64)
        rarity = np.log1p((self.frequencies.rows - known + 0.5).clip(0.0) / (known + 0.5))
        return Asked(codes, (rarity * often).astype(np.float32))


class Bags:
    """The words and characters of some entries' titles and phrasings, with how often each has them."""

    def __init__(self, texts: Sequence[str], owners: Ints, entries: int, lexicon: terms.Lexicon) -> None:
        """Takes normalised texts, the entry that each belongs to, ascending, and how many entries there are."""
        self.entries = entries
        found = terms.plainly(texts, lexicon)
        rows = owners[found.rows].astype(np.int64) if len(found.rows) else found.rows.astype(np.int64)
        codes = _shortened(found.codes)
        keys, counts = np.unique(rows << 32 | codes, return_counts=True)
        self._codes = (keys & 0xFFFFFFFF).astype(np.uint32)
        self._counts = np.minimum(counts, 255).astype(np.uint8)
        self._begins = np.searchsorted(keys, np.arange(entries + 1) << 32).astype(np.int32)
        words = codes >> np.uint32(31)
        self.lengths = np.stack([np.bincount(rows[words == kind], minlength=entries) for kind in (0, 1)])
        self.lengths = self.lengths.astype(np.int32)

    def frequencies(self) -> tuple[terms.Codes, Ints]:
        """The words and characters, ascending, and in how many of these entries each occurs."""
        codes, counts = np.unique(self._codes, return_counts=True)
        return codes.astype(np.uint64), counts.astype(np.int32)

    def score(
        self, entries: npt.NDArray[np.int64], asked: Asked, averages: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """For some entries, BM25 over their characters and over their words: two rows, not scaled.

        Args:
            entries: their places.
            asked: of :meth:`Tally.asked`.
            averages: of the tally, by which long and short are judged.
        """
        begins = self._begins[entries].astype(np.int64)
        sizes = self._begins[entries + 1] - begins
        target = np.repeat(np.arange(len(entries)), sizes)
        at = np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(len(target))
        codes = self._codes[at]
        place = np.searchsorted(asked.codes, codes).clip(max=max(len(asked.codes) - 1, 0))
        met = np.flatnonzero(asked.codes[place] == codes) if len(asked.codes) else np.zeros(0, np.int64)
        place, at, target = place[met], at[met], target[met]
        kinds = asked.kinds[place]
        relative = self.lengths[kinds, entries[target]] / averages[kinds]
        values = asked.weights[place] * saturate(self._counts[at], relative)
        size = len(entries)
        sums = np.bincount(kinds * size + target, values, 2 * size).astype(np.float64)
        return sums.reshape(2, size)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        arrays = (self._codes, self._counts, self._begins, self.lengths)
        return sum(array.nbytes for array in arrays)
