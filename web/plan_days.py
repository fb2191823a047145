"""A month in which the office picks the day of a new interview: what each day is, and whether it is lawful today."""

import calendar as gregorian
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from base.clock import SHANGHAI, office_date
from base.db import UnitOfWork
from interviews import bookings, law, plans, rules, workdays
from interviews.calendar import Calendar
from interviews.deadlines import acted_on, in_words

PATH = "/office/interviews/new"
START = time(9, 30)
YEARS = 2
"""So far from this year a month can be looked at."""
_ACTS = {"announce": "今天发预告", "schedule": "计划已经印发，今天加一场"}


@dataclass(frozen=True)
class Earliest:
    """The first day on which an interview entered today can lawfully start, with the sentence that says why."""

    day: date
    said: str


def earliest(regulation: law.Regulation, calendar: Calendar, today: date, *, issued: bool) -> Earliest | None:
    """The latest of the first lawful days by the gates that stand before it; none where there are no gates.

    Args:
        regulation: the city's.
        calendar: the working days in force.
        today: the day that counts for what is done now.
        issued: whether the year's plan is issued, so that it would be an addition to it.
    """
    acts = ("announce", "schedule") if issued else ("announce",)
    found = [
        (rules.earliest_start(gate.duty or "", regulation, calendar, today), act, gate.article)
        for act in acts
        for gate in regulation.gates_for(act)
    ]
    if not found:
        return None
    day, act, article = max(found)
    cited = f"（{article}）" if article else ""
    return Earliest(day, f"{_ACTS[act]}，最早能排{in_words(day)}{cited}")


async def page(uow: UnitOfWork, query: Mapping[str, str]) -> dict[str, Any]:
    """For ``office_schedule.html``: the earliest lawful day, a month to pick from, the day picked.

    Args:
        uow: reads as the office.
        query: ``month`` (``2026-12``) and ``day`` (``2026-12-18``) of the address, or the day of ``starts_at``; anything
            else is today's.
    """
    regulation = law.load()
    today, counts = office_date(uow.now), acted_on(uow.now, regulation.closing_time)
    calendar = (await workdays.present(uow)).with_days_off(regulation.days_off)
    picked = _date(query.get("day") or query.get("starts_at", "")[:10], today)
    first = _date(f"{query.get('month', '')}-01", today)
    years = {}
    for year in (today.year, today.year + 1):
        years[year] = earliest(regulation, calendar, counts, issued=await plans.is_issued(uow, year))
    start = years[today.year]
    shown = (first or picked or (start.day if start else today)).replace(day=1)
    days = [one for week in gregorian.Calendar().monthdatescalendar(shown.year, shown.month) for one in week]
    taken: dict[date, list[str]] = {}
    for one in await bookings.between(uow, days[0], days[-1]):
        taken.setdefault(one.day, []).append(one.theme)
    limit = years.get(shown.year) or start
    rows = [_day(calendar, one, shown, limit.day if limit else today, taken.get(one, ())) for one in days]
    return {
        "earliest": limit.said if limit else None,
        "month": {
            "label": f"{shown.year}年{shown.month}月",
            "weeks": [rows[n : n + 7] for n in range(0, len(rows), 7)],
        },
        "before": f"{shown - timedelta(days=1):%Y-%m}" if shown > today else None,
        "after": f"{shown + timedelta(days=32):%Y-%m}",
        "picked": picked,
        "too_early": picked is not None and limit is not None and picked < limit.day,
        "rest": calendar.why(picked) if picked is not None and not calendar.is_workday(picked) else None,
        "starts": _at(picked, 0, regulation) if picked else "",
        "ends": _at(picked, 1, regulation) if picked else "",
    }


def _at(day: date, end: int, regulation: law.Regulation) -> str:
    begins = datetime.combine(day, START, SHANGHAI)
    return f"{begins + end * timedelta(minutes=regulation.length.max_minutes):%Y-%m-%dT%H:%M}"


def _date(text: str, today: date) -> date | None:
    """A date of the years for which anybody plans; anything else is none."""
    try:
        found = date.fromisoformat(text) if len(text) == len("2026-12-18") else None
    except ValueError:
        return None
    return found if found and abs(found.year - today.year) <= YEARS else None


def _day(
    calendar: Calendar, day: date, shown: date, first: date, taken: Sequence[str]
) -> dict[str, Any] | None:
    """A day of the month; its neighbours' are left blank."""
    if day.month != shown.month:
        return None
    works = calendar.is_workday(day)
    usual = works == (day.weekday() < 5)
    return {
        "date": day,
        "works": works,
        "mark": None if usual else "班" if works else "休",
        "why": calendar.why(day),
        "taken": list(taken),
        "lawful": works and day >= first,
    }
