"""By when an answer promises something: the days that its words name, for a person to confirm. Pure.

Only what names one day is read: 「月底前」「年底前」「12月15日前」「三个工作日内」「十天内」「两周内」「一个月内」.
「尽快」「近期」「明年」 name none. The day of the answer is not counted (民法典 第二百零一条), 「以内」 includes the last
day (第一千二百五十九条), and so does 「前」 here: whoever confirms the day sees which it is.
"""

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from base.errors import Refusal
from interviews.calendar import Calendar
from interviews.deadlines import AFTER, calendar_days, month_shifted, weeks, working_days


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A day that the words name.

    Attributes:
        phrase: the words, as they stand in the answer.
        day: the last day in time.
        provisional: whether it was counted through a year whose notice is not known yet.
    """

    phrase: str
    day: date
    provisional: bool = False


_N = r"(\d{1,3}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_BY = r"(?:之前|以前|前|之内|以内|内)"
_WITHIN = r"(?:之内|以内|内)"
"""「十日前」 is ten days ago."""
_DIGIT = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}

_Reader = Callable[[re.Match[str], date, Calendar], tuple[date, bool]]


def read(text: str, today: date, calendar: Calendar) -> list[Suggestion]:
    """The days that an answer's words name, in their order, each day once.

    Args:
        text: the answer.
        today: when it was given, in Asia/Shanghai.
        calendar: working days, the city's own included.
    """
    found: dict[date, tuple[int, Suggestion]] = {}
    for pattern, reader in _READERS:
        for match in pattern.finditer(text):
            try:
                day, provisional = reader(match, today, calendar)
            except (ValueError, Refusal):
                continue  # 2月30日, or further than can be counted: no day that there is
            if day >= today and day not in found:
                found[day] = (match.start(), Suggestion(match[0], day, provisional))
    return [one for _, one in sorted(found.values(), key=lambda pair: pair[0])]


def number(words: str) -> int:
    """``15``, ``三``, ``十``, ``十五`` or ``二十五`` as a number."""
    if words.isascii():
        return int(words)
    tens, ten, ones = words.rpartition("十")
    if not ten:
        return _DIGIT[words]
    return 10 * (_DIGIT[tens] if tens else 1) + (_DIGIT[ones] if ones else 0)


def depends_on_provisional(today: date, day: date, calendar: Calendar) -> bool:
    """Whether a count of working days between two days passes through a year whose notice is not known."""
    return any(not calendar.is_official_year(year) for year in range(today.year, day.year + 1))


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _this_month(match: re.Match[str], today: date, _: Calendar) -> tuple[date, bool]:
    ahead = 1 if (match[1] or "").startswith("下") else 0
    first = month_shifted(today.replace(day=1), ahead)
    return _end_of_month(first.year, first.month), False


def _named_month(match: re.Match[str], today: date, _: Calendar) -> tuple[date, bool]:
    month, year = number(match[2]), _year(match[1], today)
    if match[1] is None and month < today.month:
        year += 1
    return _end_of_month(year, month), False


def _end_of_year(match: re.Match[str], today: date, _: Calendar) -> tuple[date, bool]:
    return date(today.year + (1 if match[1] == "明" else 0), 12, 31), False


def _named_day(match: re.Match[str], today: date, _: Calendar) -> tuple[date, bool]:
    day = date(_year(match[1], today), number(match[2]), number(match[3]))
    if match[1] is None and day < today:
        day = day.replace(year=day.year + 1)
    return day, False


def _year(words: str | None, today: date) -> int:
    if words == "明年":
        return today.year + 1
    return int(words[:-1]) if words and words[0].isdigit() else today.year


def _working_days(match: re.Match[str], today: date, calendar: Calendar) -> tuple[date, bool]:
    day = working_days(today, number(match[1]), AFTER, calendar).day
    return day, depends_on_provisional(today, day, calendar)


def _days(match: re.Match[str], today: date, _: Calendar) -> tuple[date, bool]:
    return calendar_days(today, number(match[1]), AFTER).day, False


def _weeks(match: re.Match[str], today: date, _: Calendar) -> tuple[date, bool]:
    return weeks(today, number(match[1]), AFTER).day, False


def _months(match: re.Match[str], today: date, _: Calendar) -> tuple[date, bool]:
    return month_shifted(today, number(match[1])), False


_YEAR = r"(\d{4}年|今年|明年)?"
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (re.compile(_YEAR + r"\s*" + _N + r"月\s*" + _N + r"[日号]" + _BY), _named_day),
    (re.compile(_YEAR + r"\s*" + _N + r"月(?:底|末)" + _BY), _named_month),
    (re.compile(r"(?<![一二三四五六七八九十两\d])(这个|本|下|下个)?月(?:底|末)" + _BY), _this_month),
    (re.compile(r"(今|明|本)?年(?:底|末)" + _BY), _end_of_year),
    (re.compile(_N + r"个?工作日" + _WITHIN), _working_days),
    (re.compile(r"(?<![月\d一二三四五六七八九十])" + _N + r"[日天]" + _WITHIN), _days),
    (re.compile(_N + r"个?(?:周|星期)" + _WITHIN), _weeks),
    (re.compile(_N + r"个月" + _WITHIN), _months),
)
