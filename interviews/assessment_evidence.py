"""What the record proves of a body by itself: its duties that were done late or not at all, with where to see it.

What only a yearly notice put into the past is nobody's fault (``Duty.moved_by_notice``), and what was judged again for
a new start counts once, by the new judgement.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.people import Body
from interviews import body_names
from interviews.lifecycle import DutyStatus, InterviewStatus
from interviews.models import Duty, Interview, Respondent
from interviews.schemes import Find, Scheme
from interviews.scoring import Problem


async def bodies_of(uow: UnitOfWork, year: int) -> list[Body]:
    """The bodies that had a part in an interview of the year that was not cancelled, in the order of their numbers.

    A body renamed in the year is one body: its number stays. One that was merged counts as its successor.
    """
    took_part = (
        select(col(Respondent.body_id))
        .join(Interview, col(Interview.id) == col(Respondent.interview_id))
        .where(
            col(Interview.year) == year,
            col(Interview.status) != InterviewStatus.CANCELLED,
            col(Interview.rehearsal).is_(False),
        )
        .distinct()
    )
    into = await body_names.successors(uow.db)
    counted = {into.get(number, number) for number in await uow.db.scalars(took_part)}
    return list(await uow.db.scalars(select(Body).where(col(Body.id).in_(counted)).order_by(col(Body.id))))


async def problems(
    uow: UnitOfWork, scheme: Scheme, year: int, body_id: int, aside: Mapping[str, str]
) -> tuple[Problem, ...]:
    """The problems that the record proves, by the day they fell due.

    Args:
        uow: for reading.
        scheme: says which duties count for what.
        year: of the interviews.
        body_id: whose duties, and those of the bodies merged into it.
        aside: for a problem's ref, why it does not count.
    """
    query = (
        select(Duty, col(Interview.theme))
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(
            col(Interview.year) == year,
            col(Interview.rehearsal).is_(False),
            col(Duty.body_id).in_(await body_names.acts_for(uow.db, body_id)),
            col(Duty.status).in_((DutyStatus.OPEN, DutyStatus.DONE)),
        )
        .order_by(col(Duty.due), col(Duty.id))
    )
    today = office_date(uow.now)
    found: list[Problem] = []
    for duty, theme in await uow.db.execute(query):
        how = _how(duty, today)
        if how is None:
            continue
        found.extend(
            Problem(
                item.id,
                f"《{theme}》{duty.title}（{duty.article}）：{_words(duty, how)}",
                duty.due,
                f"duty:{duty.id}",
                f"/interviews/{duty.interview_id}",
                set_aside=aside.get(f"duty:{duty.id}"),
            )
            for part in scheme.parts
            for item in part.items
            if how in item.finds and duty.rule in item.duties
        )
    return tuple(found)


def _how(duty: Duty, today: date) -> Find | None:
    if duty.status == DutyStatus.DONE:
        return Find.LATE if duty.late_days > 0 else None
    return Find.UNDONE if duty.due < today and not duty.moved_by_notice else None


def _words(duty: Duty, how: Find) -> str:
    last = f"{duty.due.year}年{duty.due.month}月{duty.due.day}日"
    if how is Find.LATE:
        return f"最后一天是{last}，晚了{duty.late_days}个工作日"
    return f"最后一天是{last}，没有办"
