"""How late a year's duties were done or are: by article, by body, in working days. Reads, changes nothing.

A duty done was judged by the calendar of its day and its ``late_days`` stand; how many of those were working days is
counted here. What only a yearly notice put into the past is nobody's fault and is left out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from interviews import body_names, law, standing, workdays
from interviews.calendar import Calendar
from interviews.duties import OWED_BY_WORDS
from interviews.lifecycle import DutyStatus
from interviews.models import Duty, Interview
from interviews.standing import StandingDuty

DONE_LATE, OVERDUE, LAPSED = "late", "overdue", "lapsed"
"""Done late; still not done; not done before the interview was moved or cancelled."""
STANDS = {DONE_LATE: "晚办了", OVERDUE: "还没有办", LAPSED: "变动以前没有办"}


@dataclass(frozen=True)
class Owed:
    """A duty of the year whose day has come; ``stands`` is empty where it was done in time.

    Attributes:
        duty: the ledger's number; None for a report or a self-assessment, which no interview brings.
        interview: the interview's number; None for the same.
        theme: the interview's; empty for the same.
        by: who owes it, in words.
        done_on: the day it was done, if it was.
        days: calendar days late.
        workdays: of these, how many were working days.
    """

    duty: int | None
    interview: int | None
    no: int | None
    theme: str
    article: str
    title: str
    by: str
    body: int | None
    due: date
    done_on: date | None
    stands: str
    days: int
    workdays: int


@dataclass(frozen=True)
class Sum:
    """One line of the sums: how many were due, how many late, by how many working days in all and at most."""

    name: str
    due: int
    late: int
    overdue: int
    workdays: int
    most: int


async def of_year(uow: UnitOfWork, year: int) -> list[Owed]:
    """The duties of a year's interviews, and its reports and self-assessments, that were done or whose day has passed.

    The latest day comes first.
    """
    known = await body_names.names(uow.db)
    names = {number: known.title(known.counted_as(number, year), year) for number in known.now}
    query = (
        select(Duty, Interview)
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Interview.year) == year)
        .order_by(col(Duty.due).desc(), col(Duty.id))
    )
    today, calendar = office_date(uow.now), await workdays.present(uow)
    found = [
        _owed(duty, interview, names, today, calendar) for duty, interview in await uow.db.execute(query)
    ]
    found += [_standing(one, names, today, calendar) for one in await standing.of_years(uow, (year,))]
    return sorted((one for one in found if one is not None), key=lambda one: one.due, reverse=True)


def _standing(one: StandingDuty, names: dict[int, str], today: date, calendar: Calendar) -> Owed | None:
    judged = _judged(one, today)
    if judged is None:
        return None
    stands, days = judged
    return Owed(
        duty=None,
        interview=None,
        no=None,
        theme="",
        article=one.article,
        title=one.title,
        by=names.get(one.body_id or 0) or OWED_BY_WORDS["office"],
        body=one.body_id,
        due=one.due,
        done_on=office_date(one.done_at) if one.done_at else None,
        stands=stands,
        days=days,
        workdays=calendar.workdays_between(one.due, one.due + timedelta(days=days)),
    )


def _owed(
    duty: Duty, interview: Interview, names: dict[int, str], today: date, calendar: Calendar
) -> Owed | None:
    judged = _judged(duty, today)
    if judged is None:
        return None
    stands, days = judged
    local = calendar.with_days_off(law.load(interview.regulation).days_off)
    return Owed(
        duty=duty.id or 0,
        interview=duty.interview_id,
        no=interview.ordinal,
        theme=interview.theme,
        article=duty.article,
        title=duty.title,
        by=names.get(duty.body_id or 0) or OWED_BY_WORDS.get(duty.owed_by, duty.owed_by),
        body=duty.body_id,
        due=duty.due,
        done_on=office_date(duty.done_at) if duty.done_at else None,
        stands=stands,
        days=days,
        workdays=local.workdays_between(duty.due, duty.due + timedelta(days=days)),
    )


def _judged(duty: Duty | StandingDuty, today: date) -> tuple[str, int] | None:
    """How it stands and how many days late; ``None`` for what is not to be judged, or not yet."""
    if duty.status == DutyStatus.SUPERSEDED:
        # What was done and judged again for a new start counts once, by the new judgement.
        return None if duty.done_at is not None or not duty.late_days else (LAPSED, duty.late_days)
    if duty.done_at is not None:
        return (DONE_LATE, duty.late_days) if duty.late_days else ("", 0)
    if duty.due >= today or duty.moved_by_notice:
        return None
    return OVERDUE, (today - duty.due).days


def sums(
    owed: Iterable[Owed], key: Callable[[Owed], str], place: Callable[[Owed], tuple[Any, ...]] | None = None
) -> list[Sum]:
    """The sums of each group, the one with most working days late first.

    Args:
        owed: what is judged.
        key: the name of the group that something belongs to.
        place: where it stands among those that are equally late; by name where it is not given.
    """
    groups: dict[str, list[Owed]] = {}
    for one in owed:
        groups.setdefault(key(one), []).append(one)
    places = {name: min(map(place, rows)) if place else (name,) for name, rows in groups.items()}
    found = [_sum(name, rows) for name, rows in groups.items()]
    return sorted(found, key=lambda one: (-one.workdays, -one.late - one.overdue, places[one.name]))


def _sum(name: str, rows: Sequence[Owed]) -> Sum:
    return Sum(
        name,
        due=len(rows),
        late=sum(one.stands in (DONE_LATE, LAPSED) for one in rows),
        overdue=sum(one.stands == OVERDUE for one in rows),
        workdays=sum(one.workdays for one in rows),
        most=max(one.workdays for one in rows),
    )
