"""What officials of the example city are in the middle of, so that each of their pages shows something real.

A promise, a paper beside an answer, an answer that waits for a second person, two instructions (督办) and a deviation
asked for: all through the verbs, at the present instant, for the body whose interview is live. What the accounts answer
there goes out at once; the answer that waits is of a body beside it, of which the office asks a second person. Whatever
there is already is left as it is, so that a city that is started again and again does not fill up with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body, Person, Role
from interviews import answers, approvals, attached, instructions, promises, waiver_requests
from interviews.approval_models import Approval, ApprovalStatus
from interviews.attached import Thing
from interviews.calendar import Calendar
from interviews.instruction_models import Instruction, State
from interviews.instructions import Wanted
from interviews.lifecycle import InterviewStatus, ItemKind, QuestionStatus
from interviews.models import Assignment, Interview, Item, Question, Respondent
from web.city.data import read_file

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Scene:
    """The interview that is live, its leading body, and who acts for it."""

    uow: UnitOfWork
    texts: Mapping[str, Any]
    calendar: Calendar
    live: Interview
    body: Body
    clerk: Person

    def said(self, name: str) -> str:
        """One of the texts, about this interview."""
        return str(self.texts[name]).strip().format(theme=self.live.theme)

    def in_working_days(self, name: str) -> Any:
        """The date so many working days from today."""
        return self.calendar.workdays_after(office_date(self.uow.now), int(self.texts[name]))[-1]


async def begin(uow: UnitOfWork, calendar: Calendar) -> None:
    """Let officials be at work on something, where they are not yet.

    Args:
        uow: the city's; its instant is the present, and acts are retold under the names of their people.
        calendar: the city's working days.
    """
    query = select(Interview).where(col(Interview.status) == InterviewStatus.LIVE).order_by(col(Interview.id))
    live = (await uow.db.scalars(query)).first()
    if live is None:
        return
    leading = (
        select(Body)
        .join(Respondent, col(Respondent.body_id) == col(Body.id))
        .where(col(Respondent.interview_id) == live.id, col(Respondent.lead).is_(True))
    )
    body = (await uow.db.scalars(leading)).one()
    clerk = await _person(uow, Role.CLERK, body.id)
    if clerk is None:
        return
    scene = _Scene(uow, read_file("staff.yaml"), calendar, live, body, clerk)
    for one in (_promised, _laid_up, _instructed, _asked_for_a_deviation):
        recorded = len(uow.recorded)
        try:
            async with uow.db.begin_nested():
                await one(scene)
        except Refusal as refusal:
            # Somebody has made something else of it: the demonstration starts all the same.
            del uow.recorded[recorded:]
            log.warning("city.left_as_it_is", scene=one.__name__, code=refusal.code)


async def _person(uow: UnitOfWork, role: Role, body_id: int | None = None) -> Person | None:
    query = select(Person).where(
        col(Person.role) == role, col(Person.example), col(Person.disabled_at).is_(None)
    )
    if body_id is not None:
        query = query.where(col(Person.body_id) == body_id)
    return (
        await uow.db.scalars(query.order_by(col(Person.login).is_(None), col(Person.id)).limit(1))
    ).first()


async def _promised(scene: _Scene) -> None:
    """The body's newest answer carries a promise, and the background paper stands beside it."""
    uow = scene.uow
    query = select(Item).where(
        col(Item.interview_id) == scene.live.id,
        col(Item.kind) == ItemKind.ANSWER,
        col(Item.body_name) == scene.body.name,
        col(Item.no) > 0,
        col(Item.removed_at).is_(None),
    )
    answer = (await uow.db.scalars(query.order_by(col(Item.no).desc()).limit(1))).first()
    if answer is None or await promises.open_of(uow, scene.body.id or 0):
        return
    clerk = uow.retold(scene.clerk.actor(), uow.now)
    due = scene.in_working_days("promise_working_days")
    await promises.make(clerk, answer.id or 0, scene.said("promise"), due)
    shelf = await attached.shelf(uow, scene.live.id or 0)
    if shelf:
        paper = shelf[0]
        thing = Thing(paper.title, material_no=paper.no, note=paper.file_name)
        await attached.put_beside(clerk, answer.id or 0, thing)


async def _laid_up(scene: _Scene) -> None:
    """The office asks a second person of a body that joins in, and the answer of its guest waits for one."""
    uow = scene.uow
    waiting = select(col(Approval.id)).where(col(Approval.status) == ApprovalStatus.WAITING)
    query = select(Question).where(
        col(Question.interview_id) == scene.live.id, col(Question.status) == QuestionStatus.PUBLISHED
    )
    question = (await uow.db.scalars(query.order_by(col(Question.number).desc()).limit(1))).first()
    guest = await _guest_beside(scene)
    office = await _person(uow, Role.OFFICE)
    if question is None or guest is None or office is None or await uow.db.scalar(waiting.limit(1)):
        return
    await approvals.set_rule(uow.retold(office.actor(), uow.now), guest.body_id or 0, True)
    await answers.answer(uow.retold(guest.actor(), uow.now), question.id or 0, scene.said("laid_up"))


async def _guest_beside(scene: _Scene) -> Person | None:
    """A guest of a body that answers in the live interview and does not lead it."""
    query = (
        select(Person)
        .join(Assignment, col(Assignment.person_id) == col(Person.id))
        .where(
            col(Assignment.interview_id) == scene.live.id,
            col(Person.role) == Role.GUEST,
            col(Person.example),
            col(Person.body_id) != scene.body.id,
        )
    )
    return (await scene.uow.db.scalars(query.order_by(col(Person.id)).limit(1))).first()


async def _instructed(scene: _Scene) -> None:
    """The supervisor has told the body to do something, and waits to look at the answer to something else."""
    uow = scene.uow
    query = select(col(Instruction.id)).where(
        col(Instruction.body_id) == scene.body.id, col(Instruction.status) == State.OPEN
    )
    supervisor = await _person(uow, Role.SUPERVISOR)
    if supervisor is None or await uow.db.scalar(query.limit(1)):
        return
    giving = uow.retold(supervisor.actor(), uow.now)
    due = scene.in_working_days("instruction_working_days")
    body = scene.body.id or 0
    answered = await instructions.give(giving, Wanted(body, scene.said("answered_instruction"), due))
    doing = uow.retold(scene.clerk.actor(), uow.now)
    doer = scene.said("instruction_doer")
    await instructions.answer(doing, answered.id or 0, scene.said("instruction_answer"), doer)
    await instructions.give(giving, Wanted(body, scene.said("instruction"), due, interview=scene.live.id))


async def _asked_for_a_deviation(scene: _Scene) -> None:
    """The office asks the supervisor for a deviation in the interview that comes next."""
    uow = scene.uow
    query = select(Interview).where(
        col(Interview.status) == InterviewStatus.ANNOUNCED, col(Interview.starts_at) > uow.now
    )
    coming = (await uow.db.scalars(query.order_by(col(Interview.starts_at)).limit(1))).first()
    office = await _person(uow, Role.OFFICE)
    if coming is None or office is None or await waiver_requests.of_interview(uow, coming.id or 0):
        return
    duty, reason = scene.said("waiver_duty"), scene.said("waiver_reason")
    await waiver_requests.ask(uow.retold(office.actor(), uow.now), coming.id or 0, duty, reason)
