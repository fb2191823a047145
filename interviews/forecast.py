"""The year's sum (全年场次) against the rule's minimum, where its pace leads, and what is wrong with its plan."""

import calendar as gregorian
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from interviews import bookings, law, rules, workdays
from interviews.bookings import Booking
from interviews.calendar import Calendar
from interviews.deadlines import acted_on, in_words
from interviews.law.models import Regulation
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, IssuedPlan, PlanChange

S = InterviewStatus
HELD = (S.LIVE, S.ENDED, S.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Meter:
    """How many interviews a year has, against how many it must have.

    Attributes:
        year: which year.
        required: what the rule asks for (第十三条), 0 where it asks for none.
        held: held already, one that is live included.
        announced: announced and still to come; planned: only planned so far.
        pace: how many there will be by the year's end if it goes on as so far; ``None`` before the year begins.
    """

    year: int
    required: int
    held: int
    announced: int
    planned: int
    pace: int | None

    @property
    def expected(self) -> int:
        """How many there will be if the plan is kept."""
        return self.held + self.announced + self.planned

    @property
    def shortfall(self) -> int:
        """How many are still to be planned."""
        return max(0, self.required - self.expected)


def meter(dated: Iterable[tuple[str, date]], regulation: Regulation, year: int, today: date) -> Meter:
    """The year's sum.

    Args:
        dated: status and date of every interview of the year.
        regulation: the city's rule.
        year: which year.
        today: the day of the forecast.
    """
    counted = [status for status, day in dated if day.year == year]
    held = sum(status in HELD for status in counted)
    required = regulation.minimum.required_per_year if regulation.minimum else 0
    return Meter(
        year, required, held, counted.count(S.ANNOUNCED), counted.count(S.PLANNED), _pace(held, year, today)
    )


def _pace(held: int, year: int, today: date) -> int | None:
    if today.year < year:
        return None
    if today.year > year:
        return held
    return held * (365 + gregorian.isleap(year)) // today.timetuple().tm_yday


@dataclass(frozen=True, slots=True)
class PlanProblem:
    """What is wrong with a plan; ``interview`` where one interview is meant, ``article`` where the rule forbids it."""

    interview: int | None
    article: str | None
    message: str

    def to_dict(self) -> dict[str, Any]:
        """As the contract writes it."""
        return {"interview": self.interview, "article": self.article, "message": self.message}


@dataclass(frozen=True)
class YearCheck:
    """A year's meter and the problems of its plan."""

    meter: Meter
    problems: tuple[PlanProblem, ...]

    def to_dict(self) -> dict[str, Any]:
        """The contract's document of ``plan check``."""
        names = ("year", "required", "held", "announced", "planned", "shortfall")
        return {name: getattr(self.meter, name) for name in names} | {
            "problems": [problem.to_dict() for problem in self.problems]
        }


async def check(uow: UnitOfWork, year: int, regulation: Regulation | None = None) -> YearCheck:
    """Judge a year's plan as it stands now.

    Args:
        uow: a reading unit of work; its instant is now.
        year: which year.
        regulation: the city's rule, the example city's where none is given.
    """
    rule = regulation or law.load()
    rows = list(
        await uow.db.scalars(
            select(Interview)
            .where(col(Interview.year) == year, col(Interview.status) != S.CANCELLED)
            .order_by(col(Interview.starts_at), col(Interview.id))
        )
    )
    booked = await bookings.of(uow, rows)
    calendar = (await workdays.present(uow)).with_days_off(rule.days_off)
    today = acted_on(uow.now, rule.closing_time)
    issued_query = select(col(IssuedPlan.id)).where(col(IssuedPlan.year) == year).limit(1)
    issued = (await uow.db.execute(issued_query)).first() is not None
    dated = [(row.status, office_date(row.starts_at)) for row in rows]
    summed = meter(dated, rule, year, today)
    problems: list[PlanProblem] = [
        *_of_year(summed, dated, rule, today),
        *([] if issued else _not_issued(year, rule, calendar, today)),
    ]
    for row, booking in zip(rows, booked, strict=True):
        problems += _of_one(row, booking, law.load(row.regulation), calendar, today, office_date(uow.now))
    ahead = [one for one, row in zip(booked, rows, strict=True) if row.status in bookings.TAKING]
    problems += _collisions(ahead)
    return YearCheck(summed, tuple(problems))


def _of_year(
    summed: Meter, dated: Sequence[tuple[str, date]], rule: Regulation, today: date
) -> Iterator[PlanProblem]:
    least = rule.minimum
    if least is None:
        return
    if summed.shortfall:
        so_far = f"已办{summed.held}场，已排{summed.announced + summed.planned}场"
        message = f"全年不少于{summed.required}场，{so_far}，还差{summed.shortfall}场没有排。"
        yield PlanProblem(None, least.article, message)
    for month in range(1, 13):
        needed, have = least.required_in(month), sum(day.month == month for _, day in dated)
        if have < needed:
            past = (summed.year, month) < (today.year, today.month)
            lacking = "少办了" if past else "还差"
            message = f"{month}月不少于{needed}场，{lacking}{needed - have}场。"
            yield PlanProblem(None, least.article, message)


def _not_issued(year: int, rule: Regulation, calendar: Calendar, today: date) -> Iterator[PlanProblem]:
    for duty in rules.duties_of_year(year, rule, calendar):
        if duty.done_by == "plan" and duty.due < today:
            message = f"{year}年的计划最晚要在{in_words(duty.due)}印发，现在还没有。请主管部门尽快印发。"
            yield PlanProblem(None, duty.article, message)


def _of_one(
    row: Interview, booking: Booking, rule: Regulation, calendar: Calendar, judged_on: date, today: date
) -> Iterator[PlanProblem]:
    """What is wrong with one interview that is still to come; what was held is past judging here."""
    if row.status not in (S.PLANNED, S.ANNOUNCED):
        return
    legal = rules.LegalFacts(row.starts_at, row.ends_at, tuple(booking.respondents))
    try:
        rules.check_length(legal, rule)
    except Refusal as refusal:
        yield PlanProblem(row.id, refusal.article or rule.length.article, refusal.message)
    day = booking.day
    if not calendar.is_workday(day):
        message = f"{booking.label}排在{in_words(day)}，是休息日（{calendar.why(day)}）。请核对，或者改期。"
        yield PlanProblem(row.id, None, message)
    if row.status == S.PLANNED:
        try:
            rules.check_announce(legal, rule, calendar, judged_on)
        except Refusal as refusal:
            yield PlanProblem(row.id, refusal.article, refusal.message)
    elif day < today:
        message = f"{booking.label}过了时间没有开成。请改期，或者取消。"
        yield PlanProblem(row.id, None, message)


def _collisions(booked: Sequence[Booking]) -> Iterator[PlanProblem]:
    """Pairs that need the same body, host or room at once; in order of starts, so that neighbours suffice."""
    for position, one in enumerate(booked):
        for other in booked[position + 1 :]:
            if other.starts_at >= one.ends_at:
                break
            same = "、".join(bookings.KINDS[kind] for kind in bookings.collisions(one, other))
            if same:
                message = f"{other.label}和{one.label}时间重叠，{same}相同。请改期，或者换{same}。"
                yield PlanProblem(other.interview_id, None, message)


# What became public of its changes


async def change_log(uow: UnitOfWork, year: int | None = None, limit: int = 100) -> list[PlanChange]:
    """The public log of changes to issued plans, newest first: of one year, or of all."""
    query = select(PlanChange).order_by(col(PlanChange.at).desc(), col(PlanChange.id).desc()).limit(limit)
    if year is not None:
        query = query.where(col(PlanChange.year) == year)
    return list(await uow.db.scalars(query))
