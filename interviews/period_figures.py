"""The figures of a stretch of days, for the reports that a city files by year and by quarter.

An interview belongs to the day it starts in Asia/Shanghai, and a question to its interview. Rehearsals and cancelled
interviews count nowhere.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import mean

from sqlalchemy import func, select
from sqlmodel import col

from base.clock import SHANGHAI, as_utc, office_date
from base.db import UnitOfWork
from interviews import answered, body_names
from interviews.lifecycle import Ground, InterviewStatus, QuestionStatus
from interviews.models import Deviation, Duty, Interview, Item, Question, Respondent
from interviews.rating_models import AnswerRating

HELD = (InterviewStatus.ENDED, InterviewStatus.ARCHIVED)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, year: int, quarter: int | None = None) -> "Stretch":
        """A year, or one of its quarters (1 to 4)."""
        if quarter is None:
            return cls(date(year, 1, 1), date(year, 12, 31))
        after = date(year + quarter // 4, quarter * 3 % 12 + 1, 1)
        return cls(date(year, quarter * 3 - 2, 1), after - timedelta(days=1))

    @property
    def begins(self) -> datetime:
        """The first instant of the first day."""
        return as_utc(datetime.combine(self.first, time(), SHANGHAI))

    @property
    def ends(self) -> datetime:
        """The first instant after the last day."""
        return as_utc(datetime.combine(self.last + timedelta(days=1), time(), SHANGHAI))


@dataclass(frozen=True, slots=True)
class Counted:
    """What the record says of a stretch.

    Attributes:
        held: interviews that are over; bodies: how many took part in them.
        received: questions submitted; public: those with a number; answered: those with an answer that stands.
        answered_after: of the answered, those first answered after the interview.
        refused: refused by the three grounds; declined: not made public.
        appeals: objections of askers whose question was not made public.
        mean_days: calendar days from the day of submission to that of the first answer, on average.
        unsolved: answers that more visitors called 没解决 than 解决了.
        late: duties done late or overdue; deviations: departures from the rule with a public reason.
    """

    held: int
    bodies: int
    received: int
    public: int
    answered: int
    answered_after: int
    refused: int
    declined: int
    appeals: int
    mean_days: float | None
    unsolved: int
    late: int
    deviations: int

    @property
    def reply_rate(self) -> float | None:
        """The share of public questions that have an answer, in percent."""
        return 100 * self.answered / self.public if self.public else None


async def of_stretch(uow: UnitOfWork, over: Stretch) -> Counted:
    """Count a stretch of days as the record stands now."""
    interviews = await _held(uow, over)
    questions = list(
        await uow.db.execute(
            select(
                answered.fate(), col(Question.number), col(Question.reason), col(Question.appealed_at)
            ).where(col(Question.interview_id).in_(interviews))
        )
    )
    fates = Counter(status for status, _, _, _ in questions)
    first = await answered.first_answers(uow, col(Interview.id).in_(interviews))
    return Counted(
        held=len(interviews),
        bodies=await _bodies(uow, interviews, over.last.year),
        received=len(questions),
        public=sum(number is not None for _, number, _, _ in questions),
        answered=fates[QuestionStatus.ANSWERED],
        answered_after=sum(origin != "live" for _, _, origin in first),
        refused=sum(
            status == QuestionStatus.REFUSED and reason in set(Ground) for status, _, reason, _ in questions
        ),
        declined=fates[QuestionStatus.DECLINED],
        appeals=sum(at is not None for _, _, _, at in questions),
        mean_days=mean((office_date(at) - office_date(since)).days for since, at, _ in first)
        if first
        else None,
        unsolved=await _unsolved(uow, interviews),
        late=await _late(uow, interviews),
        deviations=await _deviations(uow, interviews),
    )


async def _held(uow: UnitOfWork, over: Stretch) -> list[int]:
    query = select(col(Interview.id)).where(
        col(Interview.starts_at) >= over.begins,
        col(Interview.starts_at) < over.ends,
        col(Interview.status).in_(HELD),
        col(Interview.rehearsal).is_(False),
    )
    return [number or 0 for number in await uow.db.scalars(query)]


async def _bodies(uow: UnitOfWork, interviews: Sequence[int], year: int) -> int:
    """How many bodies took part; what was merged in the year, or before, is one with its successor."""
    query = select(col(Respondent.body_id)).where(col(Respondent.interview_id).in_(interviews)).distinct()
    known = await body_names.names(uow.db)
    return len({known.counted_as(body, year) for body in await uow.db.scalars(query)})


async def _unsolved(uow: UnitOfWork, interviews: Sequence[int]) -> int:
    query = (
        select(col(AnswerRating.item_id), col(AnswerRating.solved))
        .join(Item, col(Item.id) == col(AnswerRating.item_id))
        .where(col(Item.interview_id).in_(interviews))
    )
    balance: Counter[int] = Counter()
    for item, solved in await uow.db.execute(query):
        balance[item] += 1 if solved else -1
    return sum(one < 0 for one in balance.values())


async def _late(uow: UnitOfWork, interviews: Sequence[int]) -> int:
    today = office_date(uow.now)
    overdue = (col(Duty.status) == "open") & (col(Duty.due) < today) & col(Duty.moved_by_notice).is_(False)
    done_late = (col(Duty.status) == "done") & (col(Duty.late_days) > 0)
    query = select(func.count(col(Duty.id))).where(
        col(Duty.interview_id).in_(interviews), overdue | done_late
    )
    return int(await uow.db.scalar(query) or 0)


async def _deviations(uow: UnitOfWork, interviews: Sequence[int]) -> int:
    query = select(func.count(col(Deviation.id))).where(col(Deviation.interview_id).in_(interviews))
    return int(await uow.db.scalar(query) or 0)
