"""Working days (工作日): which days count, why, and whether anybody has said so officially.

A working day is what the State Council's yearly notice makes it. Years whose notice is known come from
``chinesecalendar`` or from a notice somebody imported. Any other year is filled with the statutory holidays of
``holidays`` and the weekdays in lieu of those on weekends, and every day of it is provisional (暂定): it is never
plain Monday to Friday, because the statutory holidays stand by law before any notice is out.

Pure: a calendar is a value. Importing a notice or adding a city's own days off gives another one.
"""

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from types import MappingProxyType
from typing import Protocol

import holidays as statutory
from chinese_calendar.constants import holidays as _cn_rest
from chinese_calendar.constants import workdays as _cn_makeup

from base.errors import Refusal
from interviews.yearly_notice import FIRST_YEAR, LAST_YEAR, Day, YearNotice, parse_notice

__all__ = ["Calendar", "Day", "LocalDays", "YearNotice", "gaps", "parse_notice"]

PROVISIONAL_MARK = "（暂定）"

NOTICE_NUMBERS: Mapping[int, str] = MappingProxyType(
    {
        2018: "国办发明电〔2017〕12号",
        2019: "国办发明电〔2018〕15号，国办发明电〔2019〕3号",
        2020: "国办发明电〔2019〕16号，国办发明电〔2020〕1号",
        2021: "国办发明电〔2020〕27号",
        2022: "国办发明电〔2021〕11号",
        2023: "国办发明电〔2022〕16号",
        2024: "国办发明电〔2023〕7号",
        2025: "国办发明电〔2024〕12号",
        2026: "国办发明电〔2025〕7号",
    }
)
"""The State Council's notices; a second number is an amendment in the course of the year."""

_FESTIVALS = {"清明": "清明节", "端午": "端午节", "中秋": "中秋节"}

# chinesecalendar 1.11 leaves out Saturday 2005-12-31, worked for Tuesday 2006-01-03; ``holidays`` has it.
_FORGOTTEN_MAKEUP = {date(2005, 12, 31): "元旦"}


class LocalDays(Protocol):
    """A city's own days, as its rule file gives them."""

    @property
    def name(self) -> str:
        """What the days are called."""

    @property
    def worked(self) -> bool:
        """Whether they are worked rather than off."""

    def days_in(self, year: int) -> Iterable[date]:
        """The days of one year to which this applies."""


@dataclass(frozen=True, slots=True)
class _Exception:
    workday: bool
    why: str


def _reason(name: str, workday: bool) -> str:
    if name in ("周末", "工作日"):
        return name
    if workday:
        if "上班" in name:
            return name
        return f"{name.removesuffix('调休')}调休上班"
    return name if name.endswith(("放假", "补休", "休息")) else f"{name}放假"


@functools.cache
def _statutory_days(year: int) -> dict[date, tuple[str, bool]]:
    """Every statutory holiday of a year with its name, and whether it is a weekday in lieu of one on a weekend."""
    found: dict[date, tuple[str, bool]] = {}
    for day, label in statutory.country_holidays("CN", years=year, language="zh_CN").items():
        if day.year != year:
            continue
        names = [part.strip().replace("农历除夕", "春节") for part in label.split(";")]
        in_lieu = all("补假" in part or "调休" in part for part in names)
        plain = [part.split("（")[0] for part in names]
        found[day] = ("、".join(dict.fromkeys(plain)), in_lieu)
    return found


def _provisional_days(year: int) -> dict[date, _Exception]:
    days: dict[date, _Exception] = {}
    for day, (name, in_lieu) in _statutory_days(year).items():
        days[day] = _Exception(False, (f"{name}补休" if in_lieu else f"{name}放假") + PROVISIONAL_MARK)
    return days


@functools.cache
def _published() -> Mapping[int, dict[date, _Exception]]:
    """What chinesecalendar knows, by year.

    A year counts as published when its National Day is in the table: a notice reaches into the December before
    its year, so a single stray day must not make a whole year look official.
    """
    years: dict[int, dict[date, _Exception]] = {}
    for table, workday in ((_cn_rest, False), (_cn_makeup, True), (_FORGOTTEN_MAKEUP, True)):
        for day, label in table.items():
            name = getattr(label, "chinese", None) or str(label)
            name = _CN_NAMES.get(name, name)
            years.setdefault(day.year, {})[day] = _Exception(workday, _reason(name, workday))
    return {year: days for year, days in years.items() if date(year, 10, 1) in _cn_rest}


_CN_NAMES = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "National Day": "国庆节",
    "Mid-autumn Festival": "中秋节",
    "Anti-Fascist 70th Day": "抗战胜利70周年纪念日",
}


class _Tape:
    """All days of a run of years in one array, so that counting is slicing."""

    __slots__ = ("base", "days", "first_year", "last_year", "rank", "rest", "work", "worked")

    def __init__(
        self,
        first_year: int,
        last_year: int,
        known: Mapping[date, _Exception],
        official: Callable[[int], bool],
    ) -> None:
        first, last = date(first_year, 1, 1), date(last_year, 12, 31)
        self.first_year, self.last_year, self.base = first_year, last_year, first.toordinal()
        self.days = [date.fromordinal(n) for n in range(self.base, last.toordinal() + 1)]
        self.work = [day.weekday() < 5 for day in self.days]
        for day, what in known.items():
            if first <= day <= last:
                self.work[day.toordinal() - self.base] = what.workday
        self.rank = [0, *accumulate(self.work)]
        self.worked = [day for day, works in zip(self.days, self.work, strict=True) if works]
        weekend = {
            year: "周末" if official(year) else "周末" + PROVISIONAL_MARK
            for year in range(first_year, last_year + 1)
        }
        self.rest = [
            (day, known[day].why if day in known else weekend[day.year])
            for day, works in zip(self.days, self.work, strict=True)
            if not works
        ]

    def worked_before(self, day: date) -> int:
        """How many working days of the tape lie before ``day``."""
        return self.rank[day.toordinal() - self.base]

    def rest_before(self, day: date) -> int:
        """How many days off of the tape lie before ``day``."""
        index = day.toordinal() - self.base
        return index - self.rank[index]


def _year_within(day: date, amount: int) -> int:
    """The year within which ``amount`` working days after ``day`` (before, if negative) are surely found.

    No holiday with its weekends lasts 40 days, and there are more working days than days off.
    """
    try:
        return (day + timedelta(days=2 * amount + (40 if amount >= 0 else -40))).year
    except OverflowError:
        raise _beyond() from None


def _beyond() -> Refusal:
    return Refusal(
        "input.date",
        f"只能算{FIRST_YEAR}年到{LAST_YEAR}年之间的工作日。请改用这之间的日期。",
        status=400,
    )


@dataclass(frozen=True)
class Calendar:
    """Working days as they are known at one time.

    Args:
        notices: notices imported here, at most one per year, newest truth about their years.
        local: a city's own days, applied last.
    """

    notices: tuple[YearNotice, ...] = ()
    local: tuple[LocalDays, ...] = ()
    _memo: dict[object, object] = field(default_factory=dict, compare=False, repr=False)

    @staticmethod
    @functools.cache
    def known() -> "Calendar":
        """The calendar without any import: published years, and provisional ones around them."""
        return Calendar()

    def with_notice(self, notice: YearNotice) -> "Calendar":
        """The calendar in which the year of ``notice`` is official and is what the notice says.

        An earlier import for the same year is replaced. The order of imports of different years does not matter.
        """
        others = [old for old in self.notices if old.year != notice.year]
        return Calendar(tuple(sorted([*others, notice], key=lambda one: one.year)), self.local)

    def with_days_off(self, local: Iterable[LocalDays]) -> "Calendar":
        """The calendar of a city with its own days off (and days worked) on top of the national ones."""
        wanted = tuple(local)
        if wanted == self.local:
            return self
        found = self._memo.get(wanted)
        if not isinstance(found, Calendar):
            found = Calendar(self.notices, wanted)
            self._memo[wanted] = found
        return found

    # What is known of a day

    def is_workday(self, day: date) -> bool:
        """Whether ``day`` is worked."""
        tape = self._tape(day.year, day.year)
        return tape.work[day.toordinal() - tape.base]

    def why(self, day: date) -> str:
        """In words, why ``day`` is worked or not: ``国庆节放假``, ``周末``, ``春节调休上班``, ``工作日``."""
        found = self._exceptions(day.year).get(day)
        if found is not None:
            return found.why
        plain = "工作日" if day.weekday() < 5 else "周末"
        return plain + PROVISIONAL_MARK if self.is_provisional(day) else plain

    def is_provisional(self, day: date) -> bool:
        """Whether the notice of the day's year is not known yet (暂定)."""
        return not self.is_official_year(day.year)

    def is_official_year(self, year: int) -> bool:
        """Whether the year's notice is known, published with the library or imported."""
        return year in _published() or any(notice.year == year for notice in self.notices)

    def source(self, day: date) -> str:
        """Where the knowledge about ``day`` comes from: the notice, by its number where it is known."""
        for year in (day.year + 1, day.year):
            for notice in self.notices:
                if notice.year == year and (year == day.year or any(e.day == day for e in notice.days)):
                    return notice.source or f"导入的{year}年放假通知"
        if day.year in _published():
            return NOTICE_NUMBERS.get(day.year, f"国务院办公厅{day.year}年放假通知")
        return "法定节假日推算" + PROVISIONAL_MARK

    def differences(self, other: "Calendar", first: date, last: date) -> list[tuple[date, str, str]]:
        """Days between two dates that are worked here and off in ``other`` or the reverse, with both reasons."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [
            (day, self.why(day), other.why(day))
            for day in days
            if self.is_workday(day) != other.is_workday(day)
        ]

    def notice_wanted(self, today: date) -> int | None:
        """The year whose notice should be out and is not known: next year's from 15 October on, else this year's."""
        if not self.is_official_year(today.year):
            return today.year
        soon = (today.month, today.day) >= (10, 15)
        return today.year + 1 if soon and not self.is_official_year(today.year + 1) else None

    # Counting

    def workdays_before(self, day: date, amount: int) -> tuple[date, ...]:
        """The ``amount`` working days before ``day``, nearest first; ``day`` itself is not among them."""
        tape = self._tape(_year_within(day, -amount), day.year)
        end = tape.worked_before(day)
        return tuple(reversed(tape.worked[end - amount : end]))

    def workdays_after(self, day: date, amount: int) -> tuple[date, ...]:
        """The ``amount`` working days after ``day``, nearest first; ``day`` itself is not among them."""
        tape = self._tape(day.year, _year_within(day, amount))
        start = tape.rank[day.toordinal() - tape.base + 1]
        return tuple(tape.worked[start : start + amount])

    def rest_between(self, first: date, last: date) -> tuple[tuple[date, str], ...]:
        """The days off from ``first`` to ``last``, both included, each with its reason, in the calendar's order."""
        if last < first:
            return ()
        tape = self._tape(first.year, last.year)
        end = tape.rest_before(last) + (not self.is_workday(last))
        return tuple(tape.rest[tape.rest_before(first) : end])

    def workdays_between(self, first: date, last: date) -> int:
        """How many working days lie after ``first``, up to and including ``last``; 0 when ``last`` is no later."""
        if last <= first:
            return 0
        tape = self._tape(first.year, last.year)
        return tape.rank[last.toordinal() - tape.base + 1] - tape.rank[first.toordinal() - tape.base + 1]

    def last_workday(self, day: date) -> date:
        """``day``, or the last working day before it."""
        return day if self.is_workday(day) else self.workdays_before(day, 1)[0]

    def next_workday(self, day: date) -> date:
        """``day``, or the first working day after it."""
        return day if self.is_workday(day) else self.workdays_after(day, 1)[0]

    # How it is kept

    def _exceptions(self, year: int) -> Mapping[date, _Exception]:
        key = ("exceptions", year)
        found = self._memo.get(key)
        if not isinstance(found, dict):
            found = self._reckon(year)
            self._memo[key] = found
        return found

    def _reckon(self, year: int) -> dict[date, _Exception]:
        by_year = {notice.year: notice for notice in self.notices}
        if year in by_year:
            # The statutory days stand even where an imported file leaves one out.
            days = {
                day: _Exception(False, f"{name}放假")
                for day, (name, in_lieu) in _statutory_days(year).items()
                if not in_lieu
            }
        else:
            days = dict(_published().get(year) or _provisional_days(year))
        for notice_year in (year, year + 1):
            if notice_year in by_year:
                days |= {
                    entry.day: _Exception(entry.workday, _imported_reason(entry))
                    for entry in by_year[notice_year].days
                    if entry.day.year == year
                }
        for own in self.local:
            words = "本市上班" if own.worked else "本市放假"
            days |= {day: _Exception(own.worked, f"{own.name}{words}") for day in own.days_in(year)}
        return days

    def _tape(self, first_year: int, last_year: int) -> _Tape:
        kept = self._memo.get("tape")
        if isinstance(kept, _Tape) and kept.first_year <= first_year and last_year <= kept.last_year:
            return kept
        if first_year < FIRST_YEAR or last_year > LAST_YEAR:
            raise _beyond()
        if isinstance(kept, _Tape):
            first_year, last_year = min(first_year, kept.first_year), max(last_year, kept.last_year)
        known: dict[date, _Exception] = {}
        for year in range(first_year, last_year + 1):
            known |= self._exceptions(year)
        tape = _Tape(first_year, last_year, known, self.is_official_year)
        self._memo["tape"] = tape
        return tape


def _imported_reason(entry: Day) -> str:
    name = _FESTIVALS.get(entry.name, entry.name)
    if name or entry.workday != (entry.day.weekday() < 5):
        return _reason(name, entry.workday)
    return "工作日" if entry.workday else "周末"


def gaps(notice: YearNotice) -> tuple[str, ...]:
    """Statutory holidays on weekdays that a notice does not mention, as sentences to show before it is applied.

    They stay days off all the same: the notice arranges the days around a holiday, it does not make it.
    """
    said = {entry.day for entry in notice.days}
    return tuple(
        f"通知里没有写{day.year}年{day.month}月{day.day}日（{name}），这一天仍按法定节假日放假。"
        for day, (name, in_lieu) in sorted(_statutory_days(notice.year).items())
        if not in_lieu and day.weekday() < 5 and day not in said
    )
