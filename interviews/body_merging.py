"""One body is merged into another (机构合并): what it did keeps its name, what it owes goes to its successor.

Interviews that are over keep the merged body as it took part in them; those ahead, open duties, promises, instructions,
answers that wait, questions handed to it, its people, its contacts and what is entered for an assessment that is not
fixed go over.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from base import audit
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Body, Person, Role
from interviews import body_contacts, duties, facts, texts
from interviews.approval_models import Approval, ApprovalStatus
from interviews.assessment_models import Assessment, Finding, SelfAssessment, ThirdParty
from interviews.body_models import BodyChange, ChangeKind
from interviews.instruction_models import Instruction, State
from interviews.lifecycle import DutyStatus, InterviewStatus, QuestionStatus
from interviews.models import Duty, Guest, Interview, Notice, Question, Respondent
from interviews.promise_models import Promise, PromiseStatus

AHEAD = (InterviewStatus.PLANNED, InterviewStatus.ANNOUNCED)
MATTERS = ("promise", "reopened")
"""Duties of which a body may have several in one interview: each is another matter."""


@dataclass(frozen=True)
class Moved:
    """How much went over to the successor."""

    interviews: int
    duties: int
    people: int
    contacts: int


async def merge(uow: UnitOfWork, body_id: int, into_id: int, on: date, reason: str) -> Moved:
    """Merge a body into another.

    Args:
        uow: the office's unit of work.
        body_id: the body that ends.
        into_id: its successor.
        on: the first day on which the successor acts for it; today or before.
        reason: by which document; public nowhere, kept with the change.

    Raises:
        Refusal: not the office; either is not there, merged already, the same, or receives reports; while an
            interview of it is live; a day to come; no reason.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    gone, into = await _both(uow, body_id, into_id)
    check_day(uow, on)
    why = texts.clean(reason, texts.REASON_LIMIT, "合并的依据")
    if await _live(uow, body_id):
        raise Refusal("body.live", f"{gone.name}有一场访谈正在进行，结束以后再登记合并。")
    change = BodyChange(
        body_id=body_id,
        kind=ChangeKind.MERGED,
        name=gone.name,
        short_name=gone.short_name,
        into_id=into_id,
        changed_on=on,
        reason=why,
        at=uow.now,
        person_id=uow.actor.person_id,
    )
    uow.db.add(change)
    # Whoever was merged into it before has the same successor now: one step always leads to today's.
    await uow.db.execute(update(Body).where(col(Body.merged_into) == body_id).values(merged_into=into_id))
    gone.merged_into = into_id
    await uow.db.flush()
    touched = await _interviews_ahead(uow, body_id, into_id)
    moved = Moved(
        interviews=len(touched),
        duties=await _duties(uow, body_id, into),
        people=await _people(uow, body_id, into_id),
        contacts=await body_contacts.hand_over(uow, body_id, into_id),
    )
    await _open_matters(uow, body_id, into_id)
    await _assessments(uow, body_id, into_id)
    await audit.note(
        uow,
        "body.merge",
        f"body:{body_id}",
        into=into_id,
        on=on.isoformat(),
        reason=audit.text_digest(why),
        people=moved.people,
        duties=moved.duties,
        interviews=moved.interviews,
    )
    for interview in touched:
        await duties.assign(uow, interview)
        await facts.tell(uow, interview, "interview.changed")
    return moved


def check_day(uow: UnitOfWork, on: date) -> None:
    """Refuse a day that is to come: until then the old name holds.

    Raises:
        Refusal: ``body.day``.
    """
    if on > office_date(uow.now):
        raise Refusal("body.day", "日子还没有到。请到那一天再登记，那以前还用原来的名称。", status=400)


async def _both(uow: UnitOfWork, body_id: int, into_id: int) -> tuple[Body, Body]:
    """Both bodies, locked in the order of their numbers."""
    if body_id == into_id:
        raise Refusal("body.into", "不能并入它自己。请选另一个单位。", status=400)
    query = select(Body).where(col(Body.id).in_((body_id, into_id))).order_by(col(Body.id)).with_for_update()
    found = {one.id: one for one in await uow.db.scalars(query)}
    gone, into = found.get(body_id), found.get(into_id)
    if gone is None:
        raise missing("这个单位")
    if gone.merged_into is not None:
        raise Refusal("body.merged", "这个单位已经登记过合并。")
    if into is None or into.merged_into is not None or into.kind == "office":
        raise Refusal("body.into", "请选并入哪个单位。", status=400)
    if gone.recipient or gone.kind in ("office", "supervisor"):
        raise Refusal("body.recipient", "收汇总报告的、组织访谈的单位不在这里合并，改名就行。")
    return gone, into


async def _live(uow: UnitOfWork, body_id: int) -> bool:
    query = (
        select(col(Interview.id))
        .join(Respondent, col(Respondent.interview_id) == col(Interview.id))
        .where(col(Respondent.body_id) == body_id, col(Interview.status) == InterviewStatus.LIVE)
        .limit(1)
    )
    return (await uow.db.execute(query)).first() is not None


async def _interviews_ahead(uow: UnitOfWork, body_id: int, into_id: int) -> list[Interview]:
    """The successor takes its part in what has not begun; where it answers there already, one part is enough."""
    query = (
        select(Respondent, Interview)
        .join(Interview, col(Interview.id) == col(Respondent.interview_id))
        .where(col(Respondent.body_id) == body_id, col(Interview.status).in_(AHEAD))
        .order_by(col(Interview.id))
    )
    touched = []
    for part, interview in list(await uow.db.execute(query)):
        theirs = select(Respondent).where(
            col(Respondent.interview_id) == interview.id, col(Respondent.body_id) == into_id
        )
        there = (await uow.db.scalars(theirs)).one_or_none()
        if there is None:
            part.body_id = into_id
        else:
            there.lead = there.lead or part.lead
            there.content = there.content or part.content
            await uow.db.delete(part)
        await _set(
            uow, Guest, into_id, col(Guest.interview_id) == interview.id, col(Guest.body_id) == body_id
        )
        touched.append(interview)
    await uow.db.flush()
    return touched


async def _duties(uow: UnitOfWork, body_id: int, into: Body) -> int:
    """What is open is owed by the successor; what it owes there itself already is asked once."""
    query = select(Duty).where(col(Duty.status) == DutyStatus.OPEN, col(Duty.body_id) == body_id)
    count = 0
    for duty in list(await uow.db.scalars(query.order_by(col(Duty.id)))):
        same = select(col(Duty.id)).where(
            col(Duty.interview_id) == duty.interview_id,
            col(Duty.rule) == duty.rule,
            col(Duty.body_id) == into.id,
            col(Duty.status) != DutyStatus.SUPERSEDED,
        )
        once = duty.rule not in MATTERS and (await uow.db.execute(same.limit(1))).first() is not None
        if once:
            duty.status, duty.superseded_because = DutyStatus.SUPERSEDED, f"并入{into.name}，由它一并办"
        else:
            duty.body_id = into.id
            await _set(uow, Notice, into.id or 0, col(Notice.duty_id) == duty.id)
            count += 1
    await uow.db.flush()
    return count


async def _people(uow: UnitOfWork, body_id: int, into_id: int) -> int:
    query = select(Person).where(col(Person.body_id) == body_id)
    people = list(await uow.db.scalars(query))
    for person in people:
        person.body_id = into_id
    await uow.db.flush()
    return sum(person.disabled_at is None for person in people)


async def _open_matters(uow: UnitOfWork, body_id: int, into_id: int) -> None:
    waits = col(Question.status) == QuestionStatus.TRANSFERRED
    matters = update(Question).where(col(Question.to_body_id) == body_id, waits)
    await uow.db.execute(matters.values(to_body_id=into_id))
    await _set(
        uow, Promise, into_id, col(Promise.body_id) == body_id, col(Promise.status) == PromiseStatus.OPEN
    )
    open_ones = col(Instruction.status).in_((State.OPEN, State.ANSWERED))
    await _set(uow, Instruction, into_id, col(Instruction.body_id) == body_id, open_ones)
    await _set(
        uow,
        Approval,
        into_id,
        col(Approval.body_id) == body_id,
        col(Approval.status) == ApprovalStatus.WAITING,
    )


async def _assessments(uow: UnitOfWork, body_id: int, into_id: int) -> None:
    """What was entered for a year that is not fixed counts for the successor; of two halves its own stays."""
    fixed = select(col(Assessment.id)).where(col(Assessment.fixed_at).is_(None))
    open_years: Sequence[int] = [number or 0 for number in await uow.db.scalars(fixed)]
    await _set(
        uow, Finding, into_id, col(Finding.body_id) == body_id, col(Finding.assessment_id).in_(open_years)
    )
    own = select(SelfAssessment).where(
        col(SelfAssessment.body_id).in_((body_id, into_id)), col(SelfAssessment.assessment_id).in_(open_years)
    )
    halves = list(await uow.db.scalars(own))
    taken = {(one.assessment_id, one.half) for one in halves if one.body_id == into_id}
    for one in halves:
        if one.body_id == body_id and (one.assessment_id, one.half) not in taken:
            one.body_id = into_id
    given = select(ThirdParty).where(
        col(ThirdParty.body_id).in_((body_id, into_id)), col(ThirdParty.assessment_id).in_(open_years)
    )
    numbers = list(await uow.db.scalars(given))
    known = {one.assessment_id for one in numbers if one.body_id == into_id}
    for number in numbers:
        if number.body_id == body_id and number.assessment_id not in known:
            number.body_id = into_id
    await uow.db.flush()


async def _set(uow: UnitOfWork, table: Any, into_id: int, *which: Any) -> None:
    await uow.db.execute(update(table).where(*which).values(body_id=into_id))
