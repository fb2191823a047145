"""The calculator of dates: what somebody typed becomes the documents of ``fangtan deadlines`` and ``workdays``.

Pure. Whatever cannot be a date is refused by name, and never guessed.
"""

import re
import unicodedata
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from base.clock import SHANGHAI, as_utc, office_date, shanghai_iso
from base.errors import Refusal
from interviews.calendar import Calendar
from interviews.deadlines import AFTER, BEFORE, calendar_days, in_words, working_days
from interviews.law.models import Regulation
from interviews.rules import LegalFacts, duties_for
from interviews.yearly_notice import FIRST_YEAR, LAST_YEAR

_DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
_CLOCK = r"(\d{1,2})[:点时](\d{1,2})分?(?::(\d{1,2})(?:\.\d+)?)?"
_MOMENT = re.compile(rf"{_DAY}(?:[Tt\s]\s*{_CLOCK}\s*(.*))?")
_ONLY_DAY = re.compile(_DAY)
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})")
_LONGEST_TABLE = 366 * 10
MOST_DAYS = 250
"""The farthest that somebody can count from a day: a year has about so many working days."""
UNITS = {"work": "个工作日", "days": "日"}
WAYS = {"before": "前", "after": "后"}


def read_day(text: str) -> date:
    """A date as people write it: ``2026-03-06``, ``2026/3/6`` or ``2026年3月6日``.

    Raises:
        Refusal: ``input.date`` when it cannot be read, does not exist, or lies outside 1950 to 2099.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _ONLY_DAY.fullmatch(plain)
    if found is None:
        raise _refused("date", f"“{plain[:40]}”看不懂。日期请写成2026-03-06这样。")
    return _existing(*(int(part) for part in found.groups()))


def read_moment(text: str) -> datetime:
    """A date and time as people write it, in Asia/Shanghai unless it names a zone (``+08:00``, ``Z``, an IANA name).

    A date without a time is its first minute: the dates that count from it are the same.

    Raises:
        Refusal: ``input.date`` when it cannot be read or does not exist, ``input.zone`` for a zone nobody knows.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _MOMENT.fullmatch(plain)
    if found is None:
        raise _refused("date", f"“{plain[:40]}”看不懂。时间请写成“2026-03-06 14:30”这样。")
    year, month, day, hour, minute, second, zone = found.groups()
    on = _existing(int(year), int(month), int(day))
    try:
        at = time(int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        raise _refused("date", f"一天里没有{hour}:{minute}这个时间。请写0:00到23:59之间的时间。") from None
    moment = datetime.combine(on, at, _zone(zone or ""))
    _existing(*_ymd(office_date(moment)))
    return moment


def _ymd(day: date) -> tuple[int, int, int]:
    return day.year, day.month, day.day


def _existing(year: int, month: int, day: int) -> date:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise _refused("date", f"只能算{FIRST_YEAR}年到{LAST_YEAR}年之间的日期。请改一下年份。")
    if not 1 <= month <= 12:
        raise _refused("date", f"没有{month}月。请核对日期。")
    if not 1 <= day <= monthrange(year, month)[1]:
        raise _refused("date", f"{year}年{month}月没有{day}日。请核对日期。")
    return date(year, month, day)


def _zone(name: str) -> tzinfo:
    plain = name.strip().strip("[]()")
    if plain in ("", "北京时间"):
        return SHANGHAI
    if plain.upper() in ("Z", "UTC"):
        return UTC
    offset = _OFFSET.fullmatch(plain)
    if offset is not None and int(offset[2]) <= 14 and int(offset[3]) < 60:
        length = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timezone(-length if offset[1] == "-" else length)
    if re.fullmatch(r"[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)+", plain):
        try:
            return ZoneInfo(plain)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    raise _refused("zone", f"不认识时区“{plain[:40]}”。请去掉它，按北京时间写，或者写成+08:00这样。")


def _refused(topic: str, message: str) -> Refusal:
    return Refusal(f"input.{topic}", message, status=400)


def deadlines_document(
    start: str | datetime,
    end: str | datetime | None,
    regulation: Regulation,
    calendar: Calendar,
) -> dict[str, object]:
    """Every duty of an interview with its sum, as ``fangtan deadlines --json`` prints it.

    Args:
        start: the start, an aware instant or as somebody typed it; rest days and past days are fine.
        end: the end; without it, the rule's length after the start.
        regulation: the city's rule.
        calendar: the national working days.

    Raises:
        Refusal: ``input.date``, ``input.zone``, or ``input.end`` when the end is not after the start.
    """
    starts_at = read_moment(start) if isinstance(start, str) else start
    length = timedelta(minutes=regulation.length.max_minutes)
    ends_at = starts_at + length if end is None else read_moment(end) if isinstance(end, str) else end
    if as_utc(ends_at) <= as_utc(starts_at):
        raise _refused("end", "结束要晚于开始。请核对两个时间。")
    facts = LegalFacts(starts_at, ends_at)
    duties = duties_for(facts, regulation, calendar, for_calculator=True)
    warnings = [*_about_day(facts, regulation, calendar), *_about_rule(facts, regulation)]
    years = {office_date(moment).year for moment in (starts_at, ends_at)}
    open_years = {year for year in years if not calendar.is_official_year(year)}
    open_years.update(*(duty.provisional_years for duty in duties))
    warnings += [f"{year}年的放假通知还没有导入，用到这一年的日期都是暂定。" for year in sorted(open_years)]
    return {
        "regulation": regulation.id,
        "start": shanghai_iso(starts_at),
        "end": shanghai_iso(ends_at),
        "warnings": warnings,
        "duties": [duty.to_dict() for duty in duties],
    }


def _about_day(facts: LegalFacts, regulation: Regulation, calendar: Calendar) -> list[str]:
    local = calendar.with_days_off(regulation.days_off)
    start, end = office_date(facts.starts_at), office_date(facts.ends_at)
    found = []
    if not local.is_workday(start):
        found.append(f"{in_words(start)}不是工作日：{local.why(start)}。")
    if end != start:
        found.append(f"这场跨过零点，结束以后的期限从{in_words(end)}起数。")
    return found


def _about_rule(facts: LegalFacts, regulation: Regulation) -> list[str]:
    found = []
    most = regulation.length.max_minutes
    minutes = (as_utc(facts.ends_at) - as_utc(facts.starts_at)) // timedelta(minutes=1)
    if as_utc(facts.ends_at) - as_utc(facts.starts_at) > timedelta(minutes=most):
        found.append(f"时长{minutes}分钟，超过最长的{most}分钟（{regulation.length.article}）。")
    start = office_date(facts.starts_at)
    if regulation.since is not None and start < regulation.since:
        found.append(f"{regulation.name}从{in_words(regulation.since)}起施行，那时还没有施行。")
    if regulation.until is not None and start > regulation.until:
        found.append(f"{regulation.name}施行到{in_words(regulation.until)}为止，那时已经不施行。")
    return found


def workdays_document(first: str | date, last: str | date, calendar: Calendar) -> list[dict[str, object]]:
    """Each day from ``first`` to ``last``, both included, as ``fangtan workdays --json`` prints it.

    Raises:
        Refusal: ``input.date`` for a day that does not exist, ``input.range`` for a backward or endless range.
    """
    start = read_day(first) if isinstance(first, str) else first
    end = read_day(last) if isinstance(last, str) else last
    if end < start:
        raise _refused("range", "后一个日期要不早于前一个。请换一下顺序。")
    if (end - start).days >= _LONGEST_TABLE:
        raise _refused("range", "一次最多列十年。请把日期范围改小。")
    days = (start + timedelta(days=step) for step in range((end - start).days + 1))
    return [
        {
            "date": day.isoformat(),
            "workday": calendar.is_workday(day),
            "reason": calendar.why(day),
            "provisional": calendar.is_provisional(day),
        }
        for day in days
    ]


def shift_document(
    day: str, amount: str, unit: str, way: str, regulation: Regulation, calendar: Calendar
) -> dict[str, object]:
    """The day so many working days or days before or after a day, with its sum; the day itself is not counted.

    Args:
        day: as somebody typed it.
        amount: how many, as somebody typed it, 1 to :data:`MOST_DAYS`.
        unit: one of :data:`UNITS`.
        way: one of :data:`WAYS`.
        regulation: the city's rule, for its own days off.
        calendar: the national working days.

    Returns:
        ``{"from","amount","unit","way","due","workday","counted","skipped":[{"date","why"}],"provisional"}``, days as
        ``2026-03-06``; ``workday`` says whether ``due`` is one.

    Raises:
        Refusal: ``input.date`` for the day, ``input.amount`` for the number, ``input.invalid`` for unit or way.
    """
    if unit not in UNITS or way not in WAYS:
        raise _refused("invalid", "请选工作日还是按日历数，往前数还是往后数。")
    anchor, many = read_day(day), _amount(amount)
    local = calendar.with_days_off(regulation.days_off)
    direction = BEFORE if way == "before" else AFTER
    found = (
        working_days(anchor, many, direction, local)
        if unit == "work"
        else calendar_days(anchor, many, direction)
    )
    _existing(*_ymd(found.day))
    walked = range(min(anchor, found.day).year, max(anchor, found.day).year + 1)
    return {
        "from": anchor.isoformat(),
        "amount": many,
        "unit": unit,
        "way": way,
        "due": found.day.isoformat(),
        "workday": local.is_workday(found.day),
        "counted": [one.isoformat() for one in found.counted],
        "skipped": [{"date": one.isoformat(), "why": why} for one, why in found.skipped],
        "provisional": found.by_calendar and not all(calendar.is_official_year(year) for year in walked),
    }


def _amount(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"[0-9]{1,4}", plain) or not 1 <= int(plain) <= MOST_DAYS:
        raise _refused("amount", f"几天请写1到{MOST_DAYS}之间的整数。")
    return int(plain)
