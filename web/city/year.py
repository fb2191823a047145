"""How a year of interviews is laid around today: what was held, what is live, what is collecting, what is planned.

Pure. Everything lies on working days, and nothing that is still planned lies so near that it should have been
announced already (第十二条). The one that is live takes place when it takes place, a rest day included.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from base.clock import SHANGHAI, office_date
from interviews.calendar import Calendar
from web.city.data import InterviewData

A_YEAR = 26
"""第十三条: at least so many in a year."""
DONE_BEFORE = 7
"""Working days before today of the last one but one: its summary is sent, its later answers are out."""
JUST_HELD = 1
"""Working days before today of the last one held: it has ended and its summary is still to be sent."""
COLLECTING_IN = 8
"""Working days ahead of the one that collects questions."""
PLANNED_FROM = 18
"""Working days ahead of the first planned one; its announcement is due at fifteen."""
LAST_YEARS_PACE = 10
LEAST_PACE = 8
"""Working days from one held interview to the next: in last year's part, and at the least in this year's."""
A_DAY = 2
SECOND_OF_A_DAY = (time(9, 0), time(15, 0))
FIVE_MINUTES = 300


@dataclass(frozen=True)
class Placed:
    """An interview with its start."""

    interview: InterviewData
    starts_at: datetime

    @property
    def ends_at(self) -> datetime:
        """Its planned end."""
        return self.starts_at + timedelta(minutes=self.interview.minutes)


def at(day: date, when: time) -> datetime:
    """A time of day in Asia/Shanghai."""
    return datetime.combine(day, when, SHANGHAI)


def live_start(now: datetime, elapsed: int) -> datetime:
    """The last full five minutes that lie at least ``elapsed`` minutes back."""
    begun = (now - timedelta(minutes=elapsed)).astimezone(SHANGHAI)
    return begun - timedelta(seconds=begun.timestamp() % FIVE_MINUTES)


def lay(programme: Sequence[InterviewData], now: datetime, calendar: Calendar, elapsed: int) -> list[Placed]:
    """A whole programme around ``now``, in the order of the starts.

    Early in a year what does not fit before today lies in last year, and its theme returns as a planned one this
    year. Late in a year the planned ones sit closer together; those for which no lawful day is left were held
    earlier as far as the year needs them, or come next year.

    Args:
        programme: with ``part`` saying what each was meant for.
        now: the present instant.
        calendar: the city's working days.
        elapsed: how many minutes the live one has been going on at the least.
    """
    today = office_date(now)
    by_part: dict[str, list[InterviewData]] = {}
    for one in sorted(programme, key=lambda one: one.slot):
        by_part.setdefault("held" if one.part in ("past", "archived") else one.part, []).append(one)
    held, planned = by_part["held"], by_part["planned"]
    live = [Placed(one, live_start(now, elapsed)) for one in by_part["live"]]
    ahead = calendar.workdays_after(today, COLLECTING_IN)[-1]
    collecting = [Placed(one, at(ahead, one.start)) for one in by_part["collecting"]]
    this_year = sum(office_date(one.starts_at).year == today.year for one in (*live, *collecting))

    room = _room(today, today.year, calendar)
    overflow = planned[len(room) * A_DAY :]
    needed = max(0, A_YEAR - this_year - len(held) - (len(planned) - len(overflow)))
    sooner, later = overflow[:needed], overflow[needed:]
    planned = planned[: len(room) * A_DAY]

    before, of_last_year = _held([*held, *sooner], today, calendar)
    returning = planned + [one.interview for one in of_last_year]
    after = _spread(returning, room)
    if later or today.month == 12:
        next_years = _room(today, today.year + 1, calendar)
        after += _spread(later + [one.interview for one in before], next_years)
    return sorted([*of_last_year, *before, *live, *collecting, *after], key=lambda one: one.starts_at)


def _room(today: date, year: int, calendar: Calendar) -> list[date]:
    """The working days of a year on which an interview that is only planned today can lawfully take place."""
    first = calendar.workdays_after(today, PLANNED_FROM)[-1]
    return _workdays(max(first, date(year, 1, 4)), date(year, 12, 30), calendar)


def _workdays(first: date, last: date, calendar: Calendar) -> list[date]:
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if calendar.is_workday(day)]


def _held(
    wanted: Sequence[InterviewData], today: date, calendar: Calendar
) -> tuple[list[Placed], list[Placed]]:
    """Those held this year and those held last year; the latest ones nearest to today."""
    last = calendar.workdays_before(today, DONE_BEFORE)[-1]
    days = _workdays(date(today.year, 1, 4), last, calendar)
    fit = min(len(wanted), len(days) // LEAST_PACE)
    early, recent = wanted[: len(wanted) - fit], wanted[len(wanted) - fit :]
    step = len(days) / fit if fit else 0
    this_year = [Placed(one, at(days[int((n + 1) * step) - 1], one.start)) for n, one in enumerate(recent)]
    yesterday = calendar.workdays_before(today, JUST_HELD)[-1]
    if this_year and this_year[-1].interview.part == "past" and yesterday.year == today.year:
        this_year[-1] = Placed(this_year[-1].interview, at(yesterday, this_year[-1].interview.start))
    before = calendar.workdays_before(min(last, date(today.year, 1, 1)), LAST_YEARS_PACE * len(early) or 1)
    last_year = [
        Placed(one, at(before[LAST_YEARS_PACE * n], one.start)) for n, one in enumerate(reversed(early))
    ]
    return this_year, last_year[::-1]


def _spread(wanted: Sequence[InterviewData], days: Sequence[date]) -> list[Placed]:
    """Evenly over the days; two on one day where there is no other way, one in the morning, one after noon."""
    placed: list[Placed] = []
    for n, one in enumerate(wanted):
        day = days[int((n + 0.5) * len(days) / len(wanted))]
        if placed and office_date(placed[-1].starts_at) == day:
            morning, afternoon = SECOND_OF_A_DAY
            placed[-1] = Placed(placed[-1].interview, at(day, morning))
            placed.append(Placed(one, at(day, afternoon)))
        else:
            placed.append(Placed(one, at(day, one.start)))
    return placed
