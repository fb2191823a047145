"""A year in figures, as the public reads them: held against asked for, questions by what became of them, how fast.

Everything is counted from the record at the moment of reading; nothing is kept here. A question belongs to the year and
the month of its interview. Days to an answer are days of the calendar in Asia/Shanghai, from the day on which a
question was submitted to the day of its first answer, so that waiting for the interview counts as waiting.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import TypeVar

from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from interviews import answered, body_names, law, promises
from interviews.forecast import Meter, meter
from interviews.law.models import Regulation
from interviews.lifecycle import DeclineReason, DutyStatus, Ground, InterviewStatus, QuestionStatus
from interviews.models import Duty, Interview, Question, Respondent

Q = QuestionStatus
Key = TypeVar("Key")

HELD = (InterviewStatus.ENDED, InterviewStatus.ARCHIVED)
WAITING = (Q.PUBLISHED, Q.STAGED, Q.DEFERRED, Q.TRANSFERRED)
"""Public or handed on, and without an answer yet."""
SPANS = (
    ("当天", 0, 0),
    ("1—3天", 1, 3),
    ("4—7天", 4, 7),
    ("8—15天", 8, 15),
    ("16—30天", 16, 30),
    ("31天以上", 31, None),
)
"""Days to an answer as the page sorts them: words, from, to."""


@dataclass(frozen=True, slots=True)
class Part:
    """How much of a year falls to one body that leads, or to one month."""

    name: str
    interviews: int = 0
    held: int = 0
    received: int = 0
    public: int = 0
    answered: int = 0
    waiting: int = 0
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Year:
    """The figures of a year.

    Attributes:
        meter: held against asked for, with what the plan and the pace lead to.
        received: questions submitted; public: those that got a number.
        fates: how many questions stand in each status; one whose only answer was taken down is ``ANSWER_GONE``.
        live: answered in the interview itself; after: first answered afterwards.
        refused: by ground; declined: by reason, appeals that still wait left out.
        overdue: waiting past the last day on which they were to be answered.
        days: to the first answer, ascending, one number per answered question.
        bodies: by the body that leads, most interviews first; months: January to December.
        promised: what was promised in answers and what became of it.
    """

    meter: Meter
    received: int
    public: int
    fates: Mapping[str, int]
    live: int
    after: int
    refused: Mapping[str, int]
    declined: Mapping[str, int]
    overdue: int
    days: Sequence[int]
    bodies: Sequence[Part]
    months: Sequence[Part]
    promised: promises.Counted

    @property
    def held(self) -> int:
        """Interviews that are over."""
        return sum(month.held for month in self.months)

    @property
    def answered(self) -> int:
        """Questions that have an answer."""
        return self.fates.get(Q.ANSWERED, 0)

    @property
    def waiting(self) -> int:
        """Questions that wait for an answer."""
        return sum(self.fates.get(status, 0) for status in WAITING)

    @property
    def median_days(self) -> float | None:
        """Half of the answered questions were answered within so many days."""
        return median(self.days) if self.days else None

    def spans(self) -> list[tuple[str, int]]:
        """How many answered questions took how long, shortest first."""
        return [
            (words, sum(first <= days <= (last if last is not None else days) for days in self.days))
            for words, first, last in SPANS
        ]

    def within(self, most: int) -> int:
        """How many were answered within so many days."""
        return sum(days <= most for days in self.days)


@dataclass(frozen=True, slots=True)
class _Held:
    """One interview of the year, with the body that leads it."""

    id: int
    day: date
    status: str
    body: str


@dataclass(frozen=True, slots=True)
class _Count:
    """How many questions of one interview stand alike."""

    interview: int
    status: str
    reason: str | None
    received: int
    public: int


async def of_year(uow: UnitOfWork, year: int, regulation: Regulation) -> Year:
    """Count a year.

    Args:
        uow: a reading unit of work; its instant decides what is overdue.
        year: the year of the interviews' starts, in Asia/Shanghai.
        regulation: the city's rule.
    """
    today = office_date(uow.now)
    interviews = await _interviews(uow, year)
    counts = await _counts(uow, year)
    late = await _past_their_time(uow, year, today)
    first = await answered.first_answers(uow, col(Interview.year) == year)
    fates = _summed((one.status, one.received) for one in counts)
    reasons = _summed(((one.status, one.reason or ""), one.received) for one in counts)
    return Year(
        meter=meter(((one.status, one.day) for one in interviews), regulation, year, today),
        received=sum(one.received for one in counts),
        public=sum(one.public for one in counts),
        fates=fates,
        live=sum(origin == "live" for _, _, origin in first),
        after=sum(origin != "live" for _, _, origin in first),
        refused={ground.value: reasons[Q.REFUSED, ground.value] for ground in Ground},
        declined={reason.value: reasons[Q.DECLINED, reason.value] for reason in DeclineReason},
        overdue=sum(one.received for one in counts if one.status == Q.DEFERRED and one.interview in late),
        days=sorted((office_date(at) - office_date(since)).days for since, at, _ in first),
        bodies=_by_body(interviews, counts, late),
        months=_by_month(interviews, counts, late),
        promised=await promises.of_year(uow, year),
    )


async def years(uow: UnitOfWork) -> list[int]:
    """The years that have an interview, the newest first."""
    query = select(col(Interview.year)).distinct().order_by(col(Interview.year).desc())
    return list(await uow.db.scalars(query))


async def _interviews(uow: UnitOfWork, year: int) -> list[_Held]:
    leading = (col(Respondent.interview_id) == col(Interview.id)) & col(Respondent.lead).is_(True)
    query = (
        select(col(Interview.id), col(Interview.starts_at), col(Interview.status), col(Respondent.body_id))
        .outerjoin(Respondent, leading)
        .where(col(Interview.year) == year)
        .order_by(col(Interview.starts_at), col(Interview.id))
    )
    known = await body_names.names(uow.db)
    return [
        _Held(number or 0, office_date(starts_at), status, _title(known, body, year))
        for number, starts_at, status, body in await uow.db.execute(query)
    ]


def _title(known: body_names.Names, body: int | None, year: int) -> str:
    """A body as the year's figures show it; what was merged in the year stands under its successor."""
    if body is None:
        return "没有写明"
    return known.title(known.counted_as(body, year), year, short=True)


async def _counts(uow: UnitOfWork, year: int) -> list[_Count]:
    alike = (col(Question.interview_id), answered.fate().label("fate"), col(Question.reason))
    query = (
        select(*alike, func.count(col(Question.id)), func.count(col(Question.number)))
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(col(Interview.year) == year)
        .group_by(*alike)
    )
    return [_Count(*row) for row in await uow.db.execute(query)]


async def _past_their_time(uow: UnitOfWork, year: int, today: date) -> set[int]:
    """The interviews whose open questions were to be answered by now; what a notice put into the past is not late."""
    query = (
        select(
            col(Duty.interview_id),
            col(Interview.regulation),
            col(Duty.rule),
            col(Duty.due),
            col(Duty.moved_by_notice),
        )
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Interview.year) == year, col(Duty.status) != DutyStatus.SUPERSEDED)
    )
    owed = [
        (interview, due, moved)
        for interview, regulation, rule, due, moved in await uow.db.execute(query)
        if rule in {known.id for known in law.load(regulation).duties if known.done_by == "answers"}
    ]
    in_time = {interview for interview, due, moved in owed if moved or due >= today}
    return {interview for interview, _, _ in owed} - in_time


def _summed(counted: Iterable[tuple[Key, int]]) -> Counter[Key]:
    found: Counter[Key] = Counter()
    for key, count in counted:
        found[key] += count
    return found


def _part(name: str, interviews: Sequence[_Held], counts: Iterable[_Count], late: set[int]) -> Part:
    inside = {one.id for one in interviews}
    asked = [one for one in counts if one.interview in inside]
    return Part(
        name,
        sum(one.status != InterviewStatus.CANCELLED for one in interviews),
        sum(one.status in HELD for one in interviews),
        sum(one.received for one in asked),
        sum(one.public for one in asked),
        sum(one.received for one in asked if one.status == Q.ANSWERED),
        sum(one.received for one in asked if one.status in WAITING),
        sum(one.received for one in asked if one.status == Q.DEFERRED and one.interview in late),
    )


def _by_body(interviews: Sequence[_Held], counts: Sequence[_Count], late: set[int]) -> list[Part]:
    names = dict.fromkeys(one.body for one in interviews)
    parts = [_part(name, [one for one in interviews if one.body == name], counts, late) for name in names]
    return sorted(parts, key=lambda part: (-part.interviews, -part.public, part.name))


def _by_month(interviews: Sequence[_Held], counts: Sequence[_Count], late: set[int]) -> list[Part]:
    return [
        _part(f"{month}月", [one for one in interviews if one.day.month == month], counts, late)
        for month in range(1, 13)
    ]
