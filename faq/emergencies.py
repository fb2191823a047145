"""Whether somebody may be in danger now, and which number helps: nothing is looked up then, the numbers come first. Pure.

Two tables that can be read without knowing how to program say what danger looks like: ``data/emergency_classes.txt``
puts the words people use into classes (起火, 火处, 此刻), ``data/emergency_signs.txt`` says which classes mean danger
where they stand near each other. Words of somebody who asks about such things (预防, 理赔, 标准) say that nobody is in
danger, unless the same remark calls for help. A number said once too often costs a line on the page, one not said may
cost a life, so a doubtful remark counts.

110, 119, 120, 122 and 12356 are national numbers.
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ahocorasick_rs

from faq import sounds, terms

_DATA = Path(__file__).parent / "data"

NEAR = 18
"""Characters within which the words of one sign stand."""

READ = 2_000
"""Characters of a remark that are read, as many as one may have."""

COVERED, CALM, CALLING = "不算", "平静", "呼救"
"""Classes with a meaning of their own: words that hide those inside them, of calm asking, of calling for help."""

END = "。"
"""Stands behind the last word of a remark, so that a word of a class can say that it ends it: 「着火。」."""

_MARKS = " \n。.!?~,"
_UNLESS = "无"
_BY_SOUND = "~"

SENTENCES: Mapping[str, str] = {
    "119": "着火、漏气、被困，请马上打119。人先出去，到了外面再打。有人受伤，打120。",
    "12356": "请马上打120或者110，会有人来。心里难受想找人说话，打12356，全天有人接。",
    "120": "人要紧，请马上打120。说清楚在哪里、什么样子，电话先别挂。",
    "110": "请马上打110。说清楚在哪里、发生了什么，先到安全的地方。",
    "医院": "被咬伤、抓伤，请马上去医院。咬得重、血止不住，打120。它还在伤人，打110。",
    "122": "出了交通事故，请打122，有人受伤先打120。人先站到路边安全的地方。",
}
"""What is said for each number, or place, that a sign may name."""

Span = tuple[int, int]
Found = Mapping[str, Sequence[Span]]
"""Where words of each class stand, by their starts."""


@dataclass(frozen=True)
class Sign:
    """Classes of words that together tell of danger.

    Attributes:
        number: whom to call; 医院 for where to go.
        classes: a word of each must stand there, near each other, in any order.
        unless: none of these may stand among them.
    """

    number: str
    classes: tuple[str, ...]
    unless: tuple[str, ...]

    def fits(self, found: Found) -> bool:
        """Whether the words found of each class hold it."""
        if not all(name in found for name in self.classes):
            return False
        return any(not self._is_spoiled(within, found) for within in self._together((), 0, found))

    def _together(self, taken: tuple[Span, ...], at: int, found: Found) -> Iterator[Span]:
        """From where to where the words of all classes stand near each other, no two sharing a character."""
        if at == len(self.classes):
            yield min(start for start, _ in taken), max(end for _, end in taken)
            return
        for start, end in _near(found[self.classes[at]], taken):
            if all(end <= other[0] or other[1] <= start for other in taken):
                yield from self._together((*taken, (start, end)), at + 1, found)

    def _is_spoiled(self, within: Span, found: Found) -> bool:
        spans = (span for name in self.unless for span in _near(found.get(name, ()), (within,)))
        return any(within[0] <= start and end <= within[1] for start, end in spans)


def _near(spans: Sequence[Span], taken: Sequence[Span]) -> Iterator[Span]:
    """Those of the spans, in order of their starts, that stand within :data:`NEAR` characters of all taken."""
    earliest = max((end for _, end in taken), default=NEAR) - NEAR
    latest = min((start for start, _ in taken), default=READ) + NEAR
    for start, end in spans[bisect_left(spans, (earliest, 0)) :]:
        if start >= latest:
            return
        if end <= latest:
            yield start, end


class Table:
    """The classes and signs of two files, ready to be looked for.

    Args:
        classes: lines 「类名: 词 词」; a class may go on over several lines. 「~」 before a word: by its sound too.
        signs: lines 「号码 类名 类名 无类名」.

    Raises:
        ValueError: a line that cannot be read, a number without a sentence, a class that no line explains.
    """

    def __init__(self, classes: str, signs: str) -> None:
        words = _by_word(classes)
        spoken = {_spoken(word[1:]): names for word, names in words.items() if word[0] == _BY_SOUND}
        written = {word.removeprefix(_BY_SOUND): names for word, names in words.items()}
        self._written, self._written_names = (
            ahocorasick_rs.AhoCorasick(list(written)),
            tuple(written.values()),
        )
        self._spoken, self._spoken_names = ahocorasick_rs.AhoCorasick(list(spoken)), tuple(spoken.values())
        known = {name for names in words.values() for name in names}
        self.signs = tuple(_sign(line, known) for line in _lines(signs))

    def number(self, plain: str) -> str | None:
        """The number that the first fitting sign names for a normalised remark; None where there is no danger."""
        found = self._found(plain[:READ].rstrip(_MARKS) + END)
        if CALM in found and CALLING not in found:
            return None
        return next((sign.number for sign in self.signs if sign.fits(found)), None)

    def _found(self, plain: str) -> Found:
        """Where words of each class stand; those inside a covering word are none."""
        matches = sorted(self._matches(plain))
        covered = [0] * len(plain)
        for start, end, names in matches:
            if COVERED in names:
                covered[start:end] = [max(before, end - start) for before in covered[start:end]]
        found: dict[str, list[Span]] = {}
        for start, end, names in matches:
            if min(covered[start:end]) <= end - start:
                for name in names:
                    found.setdefault(name, []).append((start, end))
        return found

    def _matches(self, plain: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        for at, start, end in self._written.find_matches_as_indexes(plain, overlapping=True):
            yield start, end, self._written_names[at]
        for at, start, end in self._spoken.find_matches_as_indexes(_spoken(plain), overlapping=True):
            yield start, end, self._spoken_names[at]


@cache
def _sound_marks() -> dict[int, str]:
    """For each character one that stands for its sound."""
    first: dict[str, str] = {}
    return {ord(char): first.setdefault(sound, char) for char, sound in sounds.readings().items()}


def _spoken(text: str) -> str:
    return text.translate(_sound_marks())


def _lines(text: str) -> Iterator[str]:
    return (line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _by_word(text: str) -> dict[str, tuple[str, ...]]:
    """The classes of each word."""
    found: dict[str, list[str]] = {}
    for line in _lines(text):
        name, colon, words = line.partition(":")
        if not colon or not words.strip():
            raise ValueError(f"类名、冒号、词：{line[:40]}")
        for word in words.split():
            names = found.setdefault(terms.normalise(word), [])
            if name not in names:
                names.append(name)
    return {word: tuple(names) for word, names in found.items()}


def _sign(line: str, known: set[str]) -> Sign:
    number, *names = line.split()
    unless = tuple(name.removeprefix(_UNLESS) for name in names if name.startswith(_UNLESS))
    classes = tuple(name for name in names if not name.startswith(_UNLESS))
    unknown = {*classes, *unless} - known
    if number not in SENTENCES or unknown or not classes:
        raise ValueError(f"号码、类名：{line[:40]} {'、'.join(sorted(unknown))}")
    return Sign(number, classes, unless)


@cache
def table() -> Table:
    """The table of the room's own files."""
    classes, signs = (
        (_DATA / f"emergency_{name}.txt").read_text(encoding="utf-8") for name in ("classes", "signs")
    )
    return Table(classes, signs)


def is_one(plain: str) -> bool:
    """Whether a normalised remark tells of danger now."""
    return table().number(plain) is not None


def sentence(plain: str) -> str | None:
    """What is said for the danger that a normalised remark tells of; None where it tells of none."""
    number = table().number(plain)
    return SENTENCES[number] if number is not None else None
