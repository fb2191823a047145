"""How days are counted, with the sum shown: the days counted, the days skipped and why.

Pure. The day of the anchor is not counted (民法典 第二百零一条); a last day counts to its end; lateness is judged
by the date. Working days are walked on a calendar, calendar days and weeks are subtracted, a month whose day is
missing ends on its last (第二百零二条).
"""

import calendar as gregorian
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from base.clock import SHANGHAI, as_utc, office_date
from base.errors import Refusal
from interviews.calendar import Calendar
from interviews.law.models import BY_THE_CLOCK, DutyRule, Unit, day_of_year

BEFORE, AFTER = -1, 1


@dataclass(frozen=True, slots=True)
class Sum:
    """A count that can be checked by hand.

    Attributes:
        day: where it ends.
        counted: the days counted, in walking order; for months the same day of each month.
        skipped: the days off passed over, in walking order, each with its reason.
        by_calendar: whether another calendar of working days could give another day.
    """

    day: date
    counted: tuple[date, ...] = ()
    skipped: tuple[tuple[date, str], ...] = ()
    by_calendar: bool = False


@dataclass(frozen=True, slots=True)
class DueDate:
    """When something is due.

    Attributes:
        due: the rule's date, the last day in time.
        act_by: the last working day on or before it, by which people are reminded.
        not_before: the first day of the window, where there is one.
        counted: see ``Sum``.
        skipped: see ``Sum``.
        provisional_years: the years without a notice on which any of these dates depends.
        due_at: the moment, for rules in hours and minutes.
    """

    due: date
    act_by: date
    not_before: date | None
    counted: tuple[date, ...]
    skipped: tuple[tuple[date, str], ...]
    provisional_years: tuple[int, ...]
    due_at: datetime | None = None

    @property
    def provisional(self) -> bool:
        """Whether any of the dates may still move when a yearly notice comes out (暂定)."""
        return bool(self.provisional_years)


def shifted(day: date, days: int) -> date:
    """``day`` moved by calendar days.

    Raises:
        Refusal: ``input.date`` when the result is outside what a calendar can hold.
    """
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise _beyond() from None


def working_days(anchor: date, amount: int, direction: int, calendar: Calendar) -> Sum:
    """The ``amount``-th working day before (-1) or after (1) ``anchor``, whose own day is not counted."""
    if amount == 0:
        return Sum(anchor)
    if direction == BEFORE:
        counted = calendar.workdays_before(anchor, amount)
        skipped = calendar.rest_between(counted[-1], shifted(anchor, -1))[::-1]
    else:
        counted = calendar.workdays_after(anchor, amount)
        skipped = calendar.rest_between(shifted(anchor, 1), counted[-1])
    return Sum(counted[-1], counted, skipped, by_calendar=True)


def calendar_days(anchor: date, amount: int, direction: int) -> Sum:
    """``anchor`` minus or plus ``amount`` days."""
    counted = tuple(shifted(anchor, direction * step) for step in range(1, amount + 1))
    return Sum(counted[-1] if counted else anchor, counted)


def weeks(anchor: date, amount: int, direction: int) -> Sum:
    """``anchor`` minus or plus ``amount`` times seven days."""
    return calendar_days(anchor, 7 * amount, direction)


def month_shifted(anchor: date, amount: int) -> date:
    """The same day ``amount`` months later (or earlier); a day the month lacks is its last."""
    year, month = divmod(anchor.year * 12 + anchor.month - 1 + amount, 12)
    return day_in(year, month + 1, anchor.day)


def months(anchor: date, amount: int, direction: int) -> Sum:
    """``anchor`` minus or plus ``amount`` months; each is reckoned from the anchor, so that 31 stays 31."""
    counted = tuple(month_shifted(anchor, direction * step) for step in range(1, amount + 1))
    return Sum(counted[-1] if counted else anchor, counted)


def day_in(year: int, month: int, day: int) -> date:
    """A day of a month, or the month's last where it has no such day.

    Raises:
        Refusal: ``input.date`` when the year is outside what a date can hold.
    """
    if not 1 <= year <= 9999:
        raise _beyond()
    return date(year, month, min(day, gregorian.monthrange(year, month)[1]))


def fixed_date(rule: DutyRule, anchor: date, on: str) -> date:
    """The yearly or monthly date of a rule for the year or month that ``anchor`` lies in."""
    step = {"previous": -1, "same": 0, "next": 1}[rule.which]
    if rule.unit is Unit.YEARLY_DATE:
        return day_in(anchor.year + step, *day_of_year(on))
    month = month_shifted(anchor.replace(day=1), step)
    return day_in(month.year, month.month, int(on))


def count(rule: DutyRule, amount: int, anchor: date, calendar: Calendar) -> Sum:
    """Walk ``amount`` of the rule's units from ``anchor`` in the rule's direction."""
    direction = BEFORE if rule.direction == "before" else AFTER
    if rule.counts_anchor:
        anchor = shifted(anchor, -direction)
    if rule.unit is Unit.WORKING_DAYS:
        return working_days(anchor, amount, direction, calendar)
    if rule.unit is Unit.CALENDAR_DAYS:
        return calendar_days(anchor, amount, direction)
    if rule.unit is Unit.WEEKS:
        return weeks(anchor, amount, direction)
    return months(anchor, amount, direction)


def _rested(rule: DutyRule, found: Sum, calendar: Calendar) -> Sum:
    """Where the rule says so, a last day that is a day off moves to a working day (民法典 第二百零三条)."""
    if rule.rest_day == "stays" or calendar.is_workday(found.day):
        return found if rule.rest_day == "stays" else Sum(found.day, found.counted, found.skipped, True)
    if rule.rest_day == "next":
        moved = calendar.next_workday(found.day)
        passed = calendar.rest_between(found.day, moved)
    else:
        moved = calendar.last_workday(found.day)
        passed = calendar.rest_between(moved, found.day)[::-1]
    return Sum(moved, found.counted, found.skipped + passed, True)


def due_date(rule: DutyRule, anchor: date, calendar: Calendar, moment: datetime | None = None) -> DueDate:
    """When a rule is due, with its sum.

    Args:
        rule: the rule.
        anchor: the day it counts from, in Asia/Shanghai.
        calendar: the working days, the city's own included.
        moment: the anchor's instant, for rules in hours and minutes.

    Raises:
        Refusal: ``input.date`` when the count runs out of the years that can be counted.
    """
    due_at: datetime | None = None
    not_before: date | None = None
    if rule.on is not None:
        found = _rested(rule, Sum(fixed_date(rule, anchor, rule.on)), calendar)
        if rule.opens_on is not None:
            not_before = fixed_date(rule, anchor, rule.opens_on)
    elif rule.unit in BY_THE_CLOCK:
        if moment is None:
            raise ValueError(f"{rule.id} counts by the clock and needs the instant of its anchor")
        due_at = _by_the_clock(rule, rule.amount or 0, moment)
        found = Sum(office_date(due_at))
        if rule.opens is not None:
            not_before = office_date(_by_the_clock(rule, rule.opens, moment))
    else:
        found = _rested(rule, count(rule, rule.amount or 0, anchor, calendar), calendar)
        if rule.opens is not None:
            not_before = count(rule, rule.opens, anchor, calendar).day
    act_by = calendar.last_workday(found.day)
    return DueDate(
        found.day,
        act_by,
        not_before,
        found.counted,
        found.skipped,
        _unsettled(calendar, found, act_by, not_before if rule.unit is Unit.WORKING_DAYS else None),
        due_at,
    )


def _by_the_clock(rule: DutyRule, amount: int, moment: datetime) -> datetime:
    length = timedelta(hours=amount) if rule.unit is Unit.HOURS else timedelta(minutes=amount)
    try:
        return moment - length if rule.direction == "before" else moment + length
    except OverflowError:
        raise _beyond() from None


def _unsettled(calendar: Calendar, found: Sum, act_by: date, opens: date | None) -> tuple[int, ...]:
    """The provisional years that the dates depend on; ``act_by`` always depends on its own year and the due's."""
    years = [found.day.year, act_by.year]
    if opens is not None:
        years.append(opens.year)
    if found.by_calendar:
        # The days counted and skipped lie between these, so their years do too.
        years += [day.year for day in found.counted[:1]]
        years += [found.skipped[end][0].year for end in (0, -1) if found.skipped]
    touched = range(min(years), max(years) + 1)
    return tuple(year for year in touched if not calendar.is_official_year(year))


def lateness(due: date, done_on: date) -> int:
    """By how many calendar days something was done late; 0 when it was in time."""
    return max(0, (done_on - due).days)


OVERDUE_STAGES = (0, 5, 10, 20)
"""Working days after the last day at which the supervisor is told; the first as soon as it is late."""


class HasDates(Protocol):
    """A duty, from here or from the ledger."""

    @property
    def due(self) -> date:
        """The last day in time."""

    @property
    def act_by(self) -> date:
        """The last working day on or before it."""

    @property
    def not_before(self) -> date | None:
        """The first day of its window."""


@dataclass(frozen=True, slots=True)
class ReminderStage:
    """Which reminder a duty has come to.

    Attributes:
        key: unique per duty, such as ``before-5`` or ``overdue-0``.
        days_left: working days until ``act_by``; 0 on the day itself and after.
        overdue: whether the last day has passed; then the supervisor is told too.
    """

    key: str
    days_left: int
    overdue: bool


def reminder_stages(
    duty: HasDates, today: date, calendar: Calendar, distances: Collection[int] = (10, 5, 3, 1, 0)
) -> list[ReminderStage]:
    """The stage that an open duty has come to by ``today``: a list of one, or of none.

    Stages that a night of downtime passed over are not made up for one by one; only the newest is told. Before a
    window opens nothing is told.
    """
    if today > duty.due:
        late = calendar.workdays_between(duty.due, today)
        reached = max(stage for stage in OVERDUE_STAGES if stage <= late)
        return [ReminderStage(f"overdue-{reached}", 0, overdue=True)]
    if duty.not_before is not None and today < duty.not_before:
        return []
    left = calendar.workdays_between(today, duty.act_by)
    ahead = [distance for distance in distances if left <= distance]
    return [ReminderStage(f"before-{min(ahead)}", left, overdue=False)] if ahead else []


def acted_on(moment: datetime, closing_time: str = "24:00") -> date:
    """The date on which something done at ``moment`` counts as done.

    A day counts to 24:00. Where a city ends it with business hours (民法典 第二百零三条), what is done after
    ``closing_time`` is done the next day.
    """
    local = as_utc(moment).astimezone(SHANGHAI)
    after = closing_time != "24:00" and local.strftime("%H:%M:%S") > f"{closing_time}:00"
    return shifted(local.date(), int(after))


def in_words(day: date) -> str:
    """A day as the pages write it: ``2026年2月9日（周一）``."""
    return f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"


def _beyond() -> Refusal:
    return Refusal("input.date", "这个日期太远，算不出来。请改用近些的日期。", status=400)
