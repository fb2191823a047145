"""What a city's rule file may say: its articles, and beside them the numbers that carry them out.

Values only, frozen. ``docs/regulation-format.md`` explains every word to whoever writes such a file; how days are
counted is ``interviews.deadlines``'s to say, and which act is refused ``interviews.rules``'s.
"""

import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

MOST = 3650
"""No rule counts further than ten years; a larger number is a slip of the pen."""


class Unit(StrEnum):
    """What a number of a rule counts."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WEEKS = "weeks"
    MONTHS = "months"
    HOURS = "hours"
    MINUTES = "minutes"
    YEARLY_DATE = "yearly_date"
    MONTHLY_DATE = "monthly_date"


FIXED = frozenset({Unit.YEARLY_DATE, Unit.MONTHLY_DATE})
BY_THE_CLOCK = frozenset({Unit.HOURS, Unit.MINUTES})

UNIT_WORDS = {
    Unit.WORKING_DAYS: "个工作日",
    Unit.CALENDAR_DAYS: "日",
    Unit.WEEKS: "周",
    Unit.MONTHS: "个月",
    Unit.HOURS: "小时",
    Unit.MINUTES: "分钟",
}

Party = Literal["office", "respondent", "supervisor", "host", "guest", "moderator", "recipient"]
Amount = Annotated[int, Field(ge=0, le=MOST)]
Text = Annotated[str, Field(min_length=1)]
_DAY_OF_YEAR = re.compile(r"(\d{1,2})-(\d{1,2})")
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Frozen(BaseModel):
    """Nothing of a rule changes once it is read, and nothing it does not know slips in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class InForce(Frozen):
    """Something with dates of force, both included."""

    since: date | None = None
    until: date | None = None

    def in_force(self, day: date) -> bool:
        """Whether it applies to an interview that starts on ``day``."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    @model_validator(mode="after")
    def _order(self) -> "InForce":
        if self.since is not None and self.until is not None and self.until < self.since:
            raise ValueError("until早于since，请核对施行日期")
        return self


def day_of_year(text: str) -> tuple[int, int]:
    """Month and day of ``MM-DD``; 02-29 is one.

    Raises:
        ValueError: there is no such day in any year.
    """
    found = _DAY_OF_YEAR.fullmatch(text)
    if found is not None:
        month, day = int(found[1]), int(found[2])
        if 1 <= month <= 12 and 1 <= day <= _DAYS_IN_MONTH[month - 1]:
            return month, day
    raise ValueError(f"“{text}”不是一年里的日子，请写成12-31这样")


class Article(Frozen):
    """One article in our own words; ``not_modelled`` says what of it no rule below carries out, and why."""

    no: Text
    text: Text
    not_modelled: Text | None = None


class DutyRule(InForce):
    """Something the rule asks of somebody by a date.

    Attributes:
        id: its name for programs, such as ``announce``.
        anchor: what the count starts from: ``start``, ``end``, ``earlier_start`` (the earlier of old and new
            start), ``year`` or ``month`` of the programme, or ``duty:ID``, another duty's last day.
        direction: before or after the anchor.
        amount: the number, in ``unit``; the anchor's own day is not counted unless ``counts_anchor``.
        on: for fixed dates, ``MM-DD`` or the day of the month; a day the month lacks is its last.
        which: the fixed date of the previous, same or next year (or month) of the anchor.
        opens: where the duty has a window, its first day, in the same unit (or ``opens_on`` for fixed dates).
        rest_day: what becomes of a last day that is a day off: it stays, or moves to a working day.
        when: always, or only once the interview was changed or a question was deferred.
        done_by: the act that discharges it; ``record``: whoever owes it enters it by hand with its evidence.
        warn_at: the distance, in the same unit, from which its absence is shown as a warning.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    article: Text
    title: Text
    owed_by: Party
    anchor: Annotated[str, Field(pattern=r"^(start|end|earlier_start|year|month|duty:[a-z][a-z0-9-]{0,39})$")]
    unit: Unit
    direction: Literal["before", "after"] | None = None
    amount: Amount | None = None
    on: str | None = None
    which: Literal["previous", "same", "next"] = "same"
    opens: Amount | None = None
    opens_on: str | None = None
    counts_anchor: bool = False
    rest_day: Literal["stays", "next", "previous"] = "stays"
    when: Literal["always", "changed", "deferred"] = "always"
    done_by: Literal[
        "announce", "content", "change", "forward", "venue", "guests", "answers", "summary", "plan", "record"
    ] = "record"
    warn_at: Amount | None = None
    note: Text | None = None

    @property
    def after_duty(self) -> str | None:
        """The id of the duty from whose last day this one counts, if it does."""
        return self.anchor.removeprefix("duty:") if self.anchor.startswith("duty:") else None

    @property
    def per_interview(self) -> bool:
        """Whether every interview owes it, rather than the programme of a year or month."""
        return self.anchor not in ("year", "month")

    def in_words(self) -> str:
        """The count in words, for the page of rules: ``开始前15个工作日``."""
        if self.unit in FIXED:
            return self._fixed_words()
        anchors = {"start": "开始", "end": "结束", "earlier_start": "原定和新定中较早的开始"}
        anchor = anchors.get(self.anchor, f"“{self.after_duty}”的最后一天")
        opens = f"{self.opens}至" if self.opens is not None else ""
        number = f"{opens}{self.amount}{UNIT_WORDS[self.unit]}"
        return f"{anchor}前{number}" if self.direction == "before" else f"{anchor}后{number}以内"

    def _fixed_words(self) -> str:
        if self.unit is Unit.MONTHLY_DATE:
            which = {"previous": "上个月", "same": "当月", "next": "下个月"}[self.which]
            return f"{which}{self.on}日以前"
        which = {"previous": "上一年", "same": "当年", "next": "下一年"}[self.which]
        month, day = day_of_year(self.on or "")
        return f"{which}{month}月{day}日以前"

    @model_validator(mode="after")
    def _whole(self) -> "DutyRule":
        if self.warn_at is not None and (self.unit in FIXED or self.unit in BY_THE_CLOCK):
            raise ValueError("warn_at只用于工作日、日、周、月")
        if self.unit in FIXED:
            self._check_fixed()
        else:
            self._check_counted()
        return self

    def _check_fixed(self) -> None:
        if self.on is None:
            raise ValueError(f"unit是{self.unit}时要写on")
        if self.amount is not None or self.direction is not None or self.opens is not None:
            raise ValueError(f"unit是{self.unit}时不写amount、direction、opens，只写on、opens_on、which")
        if self.unit is Unit.MONTHLY_DATE and self.anchor == "year":
            raise ValueError("每月的日子不能从year数起，请写anchor: month")
        days = [self._fixed_day(text) for text in (self.opens_on, self.on) if text is not None]
        if days != sorted(days):
            raise ValueError("opens_on要在on之前")

    def _fixed_day(self, text: str) -> tuple[int, int]:
        if self.unit is Unit.YEARLY_DATE:
            return day_of_year(text)
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 31):
            raise ValueError(f"“{text}”不是一个月里的日子，请写1到31")
        return 1, int(text)

    def _check_counted(self) -> None:
        if self.amount is None or self.direction is None:
            raise ValueError(f"unit是{self.unit}时要写amount和direction")
        if self.on is not None or self.opens_on is not None or self.which != "same":
            raise ValueError(f"unit是{self.unit}时不写on、opens_on、which")
        if not self.per_interview:
            raise ValueError("从year或month起的，unit只能是yearly_date或monthly_date")
        if self.unit in BY_THE_CLOCK and (self.after_duty is not None or self.rest_day != "stays"):
            raise ValueError("小时和分钟只能从访谈的开始或结束数起，也不顺延")
        if self.counts_anchor and (
            self.unit not in (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS) or self.amount == 0 or self.opens == 0
        ):
            raise ValueError("counts_anchor只用于工作日和日，数目至少是1")
        if self.opens is not None and (
            self.opens < self.amount if self.direction == "before" else self.opens > self.amount
        ):
            raise ValueError("opens是窗口的头一天，要在最后一天之前")


class Gate(Frozen):
    """An act that is refused until something is there; ``waivable`` by the supervisor's recorded deviation.

    ``needs``: ``in_time`` (the last day of ``duty`` has not passed), ``announcement`` (made by the last day of
    ``duty``), ``content``, ``host``, ``guest`` or ``reason``.
    """

    act: Literal["announce", "open", "schedule", "change", "close", "extend"]
    needs: Literal["in_time", "announcement", "content", "host", "guest", "reason"]
    article: Text
    duty: str | None = None
    waivable: bool = True

    @model_validator(mode="after")
    def _fits(self) -> "Gate":
        if self.needs in ("in_time", "announcement") and self.duty is None:
            raise ValueError(f"needs是{self.needs}时要写duty，说明按哪一项的最后一天")
        fitting = {
            "announce": ("in_time",),
            "open": ("announcement", "content", "host", "guest"),
            "schedule": ("in_time",),
            "change": ("in_time",),
            "close": ("reason",),
            "extend": ("reason",),
        }[self.act]
        if self.needs not in fitting:
            raise ValueError(f"act是{self.act}时，needs只能写{'、'.join(fitting)}")
        return self


class Length(Frozen):
    """How long an interview may last."""

    article: Text
    max_minutes: Annotated[int, Field(ge=1, le=1440)]


class Minimum(Frozen):
    """How many interviews there must be, by the year, by the month, or both."""

    article: Text
    per_year: Annotated[int, Field(ge=0, le=366)] = 0
    per_month: Annotated[int, Field(ge=0, le=31)] = 0
    months_left_out: tuple[Annotated[int, Field(ge=1, le=12)], ...] = ()

    @property
    def required_per_year(self) -> int:
        """The interviews of a year that satisfy both numbers."""
        months = 12 - len(set(self.months_left_out))
        return max(self.per_year, self.per_month * months)

    def required_in(self, month: int) -> int:
        """The interviews that the month (1 to 12) must have."""
        return 0 if month in self.months_left_out else self.per_month

    @model_validator(mode="after")
    def _something(self) -> "Minimum":
        if self.required_per_year == 0:
            raise ValueError("per_year和per_month至少写一个大于0的数")
        return self


class Ground(Frozen):
    """A ground on which a question may be refused."""

    id: Literal["state_secret", "trade_secret", "personal_privacy"]
    name: Text


class Refusing(Frozen):
    """The only grounds to refuse a question."""

    article: Text
    grounds: Annotated[tuple[Ground, ...], Field(min_length=1)]


class Recipients(Frozen):
    """The offices that receive each summary, as the rule names them.

    ``same_as`` says which name is another office of the list under a second name, so that it gets one copy.
    """

    article: Text
    names: Annotated[tuple[Text, ...], Field(min_length=1)]
    same_as: dict[str, str] = {}

    @property
    def bodies(self) -> tuple[str, ...]:
        """The offices, each once."""
        return tuple(dict.fromkeys(self.same_as.get(name, name) for name in self.names))

    @model_validator(mode="after")
    def _named(self) -> "Recipients":
        for one, other in self.same_as.items():
            if one not in self.names or other not in self.names or other in self.same_as:
                raise ValueError(f"same_as里的“{one}: {other}”要是names里的两个名称")
        return self


def _days_in_full(value: object) -> object:
    return [value] if isinstance(value, str) else value


class DaysOff(InForce):
    """A city's own days off, or days worked, on top of the national ones.

    Exactly one of ``every`` (``MM-DD``, each year) and ``dates`` (single days) or ``first`` and ``last`` (a run).
    """

    name: Text
    every: str | None = None
    dates: Annotated[tuple[date, ...], BeforeValidator(_days_in_full)] = ()
    first: date | None = None
    last: date | None = None
    worked: bool = False
    article: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "DaysOff":
        ways = [self.every is not None, bool(self.dates), self.first is not None or self.last is not None]
        if ways.count(True) != 1:
            raise ValueError("every、dates、first和last，三种写法只写一种")
        if self.every is not None:
            day_of_year(self.every)
        if ways[2] and (self.first is None or self.last is None or self.last < self.first):
            raise ValueError("first和last要成对，last不早于first")
        if self.first is not None and self.last is not None and (self.last - self.first).days > 60:
            raise ValueError("一次放假不超过60天，请核对first和last")
        return self

    def days_in(self, year: int) -> list[date]:
        """The days of one year to which this applies; a 29 February only where there is one."""
        found = list(self.dates)
        if self.every is not None:
            month, day = day_of_year(self.every)
            leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
            found = [date(year, month, day)] if (month, day) != (2, 29) or leap else []
        if self.first is not None and self.last is not None:
            run = range(self.first.toordinal(), self.last.toordinal() + 1)
            found = [date.fromordinal(ordinal) for ordinal in run]
        return [one for one in found if one.year == year and self.in_force(one)]


class Regulation(InForce):
    """A city's rule: its articles, and everything in it that is carried out."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    name: Text
    city: Text
    source: Text | None = None
    closing_time: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$|^24:00$")] = "24:00"
    articles: Annotated[tuple[Article, ...], Field(min_length=1)]
    duties: tuple[DutyRule, ...] = ()
    gates: tuple[Gate, ...] = ()
    length: Length
    minimum: Minimum | None = None
    refusing: Refusing | None = None
    recipients: Recipients | None = None
    days_off: tuple[DaysOff, ...] = ()
    reminders: tuple[Annotated[int, Field(ge=0, le=250)], ...] = (10, 5, 3, 1, 0)

    def duty(self, duty_id: str, day: date) -> DutyRule | None:
        """The duty of that name as it stands for an interview that starts on ``day``."""
        return next((rule for rule in self.duties if rule.id == duty_id and rule.in_force(day)), None)

    def gates_for(self, act: str) -> tuple[Gate, ...]:
        """The gates before one act, in the order of the file."""
        return tuple(gate for gate in self.gates if gate.act == act)

    def cited(self) -> dict[str, list[tuple[str | int, ...]]]:
        """Every article that something carries out, with the places in the file that cite it."""
        places: dict[str, list[tuple[str | int, ...]]] = {}
        for key in ("duties", "gates", "days_off"):
            for position, rule in enumerate(getattr(self, key)):
                if rule.article is not None:
                    places.setdefault(rule.article, []).append((key, position, "article"))
        for key in ("length", "minimum", "refusing", "recipients"):
            rule = getattr(self, key)
            if rule is not None:
                places.setdefault(rule.article, []).append((key, "article"))
        return places
