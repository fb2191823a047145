"""What an assessment (考评) comes to: pure arithmetic over a scheme and what was found.

A part that lacks a number has no score, and then there is no total: half a result shown as a whole one would be
quoted against the body that is assessed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from interviews.schemes import Deduction, Part, PartKind, Scheme

HUNDREDTH = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem that counts against a body.

    Attributes:
        item: the scheme's deduction.
        text: what was found.
        on: the day it was found or fell due.
        ref: ``duty:12`` where the record proves it, ``finding:3`` where a person entered it.
        url: where the evidence is seen, if on a page.
        times: how many problems of this kind; one where the record proves it.
        set_aside: why it does not count after all.
    """

    item: str
    text: str
    on: date
    ref: str
    url: str | None = None
    times: int = 1
    set_aside: str | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A part with its score; ``lacking`` says in words what it waits for, and then there is no score."""

    part: Part
    score: Decimal | None
    lacking: str | None = None
    taken_off: Mapping[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A body's score: its parts, and total and grade where no part lacks anything."""

    parts: tuple[Scored, ...]
    total: Decimal | None
    grade: str | None


@dataclass(frozen=True, slots=True)
class Given:
    """What people gave for a body: the two halves as checked, and the third party's number."""

    halves: tuple[Decimal | None, Decimal | None] = (None, None)
    third: Decimal | None = None


def score(scheme: Scheme, problems: Sequence[Problem], given: Given) -> Result:
    """The score of one body for one year.

    Args:
        scheme: by which it is reckoned.
        problems: all that was found, also what is set aside.
        given: the numbers that people entered, each from 0 to the scheme's base.

    Returns:
        The parts in the scheme's order; the total rounded half up to hundredths.
    """
    parts = tuple(_part(scheme, part, problems, given) for part in scheme.parts)
    scores = [(one.part.weight, one.score) for one in parts]
    if any(points is None for _, points in scores):
        return Result(parts, None, None)
    total = sum((weight * points for weight, points in scores if points is not None), Decimal(0))
    rounded = total.quantize(HUNDREDTH, ROUND_HALF_UP)
    return Result(parts, rounded, grade(scheme, rounded))


def grade(scheme: Scheme, total: Decimal) -> str | None:
    """The grade of a total; 90 itself is 优秀 where the scheme says 90分以上. ``None`` where it has no grades."""
    return next((one.title for one in scheme.grades if total >= one.least), None)


def _part(scheme: Scheme, part: Part, problems: Sequence[Problem], given: Given) -> Scored:
    if part.kind is PartKind.DEDUCTIONS:
        taken = {item.id: _taken(item, problems) for item in part.items}
        left = max(Decimal(0), scheme.base - sum(taken.values(), Decimal(0)))
        return Scored(part, left, taken_off=taken)
    if part.kind is PartKind.HALVES:
        first, second = given.halves
        if first is None or second is None:
            names = [name for name, points in (("上半年", first), ("下半年", second)) if points is None]
            return Scored(part, None, f"等{'、'.join(names)}的自查核定")
        return Scored(part, (first + second) / 2)
    return Scored(part, given.third, None if given.third is not None else "等第三方评估的分数")


def _taken(item: Deduction, problems: Sequence[Problem]) -> Decimal:
    counted = sum(one.times for one in problems if one.item == item.id and one.set_aside is None)
    return item.points * counted


def half_due(part: Part, year: int, half: int) -> date:
    """The last day of a half-yearly self-assessment: the first half's in the year, the second's in the next.

    Args:
        part: a part of two halves.
        year: the year that is assessed.
        half: 1 or 2.
    """
    month, day = (int(number) for number in part.due[half - 1].split("-"))
    return date(year + half - 1, month, day)


def half_over(year: int, half: int) -> date:
    """The first day after a half of a year, on which it can be assessed."""
    return date(year, 7, 1) if half == 1 else date(year + 1, 1, 1)


def asked_too_late(part: Part, year: int, half: int, opened_on: date) -> bool:
    """Whether the year's assessment was opened when a half's last day was over: then nobody is late by it."""
    return opened_on > half_due(part, year, half)
