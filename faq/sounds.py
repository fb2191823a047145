"""How characters are read, and which titles and phrasings sound like a question.

Who writes by pinyin picks characters that sound right, and a text that lost or swapped some still sounds much the
same. So titles and phrasings are kept as the sounds of their characters too, tones aside, and compared as BM25
compares words. There are some 410 sounds: in a title they tell much, in a long text nearly all of them occur, so
bodies are left out and the whole counts by as much as bodies do not (``docs/bot-measurements.md``).

An entry's sounds lie side by side, not in lists by sound, because only the entries that other terms have found are
compared: two bytes for each sound an entry has, 3 MB for 100,000 titles.
"""

import json
import re
import sys
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from faq.postings import Floats, Ints, saturate
from faq.terms import Codes

Count = Callable[[Codes], Ints]
"""From codes of terms to how many texts of the catalogue each stands in."""

KINDS = 512
"""Numbers that a sound may have: 410 readings, the letters and the digits, which sound as themselves."""

_COUNT_BITS = 7
_MOST = (1 << _COUNT_BITS) - 1

_TONE = re.compile("[\u0300\u0301\u0304\u030c]")


@cache
def readings() -> dict[str, str]:
    """How each Chinese character is mostly read, tones aside.

    Only this table of pypinyin is read: importing the package brings its phrases too, 50 MB.
    """
    package = find_spec("pypinyin")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("pypinyin")
    table = json.loads(Path(package.origin).with_name("pinyin_dict.json").read_text(encoding="utf-8"))
    return {chr(int(point)): _toneless(table[point].split(",")[0]) for point in table if len(point) == 5}


def _toneless(reading: str) -> str:
    return sys.intern(_TONE.sub("", unicodedata.normalize("NFD", reading)))


@cache
def alike() -> dict[str, tuple[str, ...]]:
    """The characters of GB 2312 by how they are read."""
    sounds: dict[str, list[str]] = {}
    for char, sound in readings().items():
        if char.encode("gb2312", "ignore"):
            sounds.setdefault(sound, []).append(char)
    return {sound: tuple(chars) for sound, chars in sounds.items()}


@cache
def _numbers() -> npt.NDArray[np.uint16]:
    """The number of each code point's sound; 0 for what has none."""
    table = np.zeros(1 << 16, np.uint16)
    named = sorted({*readings().values(), *"abcdefghijklmnopqrstuvwxyz0123456789"})
    number = {sound: at for at, sound in enumerate(named, start=1)}
    for char, sound in (*readings().items(), *((sign, sign) for sign in named if len(sign) == 1)):
        table[ord(char)] = number[sound]
    return table


def numbers(text: str) -> npt.NDArray[np.uint16]:
    """The sounds of a normalised text, one for each character, 0 where it has none."""
    points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
    found: npt.NDArray[np.uint16] = np.where(points < 1 << 16, _numbers()[points & 0xFFFF], 0)
    return found


@dataclass
class Tally:
    """In how many entries each sound occurs and how long entries are, over all segments."""

    frequencies: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(KINDS, np.int64))
    entries: int = 0
    length: int = 0

    def add(self, part: "Sounds", sign: int = 1) -> None:
        """Counts one segment in, or out with ``sign`` -1."""
        self.frequencies += sign * part.frequencies
        self.entries += sign * len(part.lengths)
        self.length += sign * int(part.lengths.sum())

    @property
    def average(self) -> float:
        """Sounds of an entry on the average."""
        return max(self.length / max(self.entries, 1), 1.0)

    def weights(self, text: str) -> Floats:
        """What each sound of a question counts by how rare it is; they add up to one, or to zero for none."""
        asked = np.unique(numbers(text))
        asked = asked[asked > 0]
        often = self.frequencies[asked]
        out = np.zeros(KINDS, np.float32)
        out[asked] = np.log1p((self.entries - often + 0.5).clip(0.0) / (often + 0.5))
        return out / max(float(out.sum()), 1e-6)


class Sounds:
    """The sounds of the titles and phrasings of some entries, with how often each has them."""

    def __init__(self, texts: Sequence[str], owners: Ints, entries: int) -> None:
        """Takes normalised texts, the entry that each belongs to, ascending, and how many entries there are."""
        found = numbers("".join(texts)).astype(np.int64)
        rows = np.repeat(owners.astype(np.int64), [len(text) for text in texts])[found > 0]
        keys, counts = np.unique(rows * KINDS + found[found > 0], return_counts=True)
        packed = (keys % KINDS) << _COUNT_BITS | np.minimum(counts, _MOST)
        self._packed = packed.astype(np.uint16)
        self._begins = np.searchsorted(keys, np.arange(entries + 1) * KINDS).astype(np.int32)
        self.lengths: Ints = np.bincount(rows, minlength=entries).astype(np.int32)

    @property
    def frequencies(self) -> npt.NDArray[np.int64]:
        """In how many of these entries each sound occurs."""
        return np.bincount(self._packed >> _COUNT_BITS, minlength=KINDS)

    def score(self, entries: npt.NDArray[np.int64], weights: Floats, average: float) -> Floats:
        """For some entries, BM25 over their sounds, as a share of the question.

        Args:
            entries: their places.
            weights: of each sound, from :meth:`Tally.weights`.
            average: length by which long and short are judged.
        """
        begins = self._begins[entries].astype(np.int64)
        sizes = self._begins[entries + 1] - begins
        target = np.repeat(np.arange(len(entries)), sizes)
        at = np.repeat(begins - np.cumsum(sizes) + sizes, sizes) + np.arange(len(target))
        packed = self._packed[at]
        relative = self.lengths[entries][target] / average
        values = weights[packed >> _COUNT_BITS] * saturate(packed & _MOST, relative)
        return np.bincount(target, values, len(entries)).astype(np.float32)

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        size: int = self._packed.nbytes + self._begins.nbytes + self.lengths.nbytes
        return size
