"""The doors: which rows an actor may reach, and why.

A citizen reaches every interview (the programme is public, planned ones included) and, of questions, what is
public and what is their own. Host, moderator and guest act only in interviews to which they are assigned; a
clerk only where their body answers, or one that was merged into it; the office and the supervisor everywhere. What
somebody may not reach looks exactly like what does not exist, so nobody can count another body's affairs by trying
numbers.

A question that was transferred is reached by the clerk of the body it went to, and by nobody else there.

Locks follow one order everywhere, the interview before the question, so that two verbs never wait for each other.
"""

from typing import TypeVar

from sqlalchemy import Select, select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Role
from interviews import body_names
from interviews.lifecycle import PUBLIC, QuestionStatus
from interviews.models import Assignment, Interview, Item, Question, Respondent

T = TypeVar("T")

EVERYWHERE = frozenset({Role.OFFICE, Role.SUPERVISOR, Role.CLOCK})
ASSIGNED = frozenset({Role.HOST, Role.MODERATOR, Role.GUEST})


def _locked(query: Select[T], lock: str | None) -> Select[T]:
    if lock is None:
        return query
    return query.with_for_update(read=lock == "share").execution_options(populate_existing=True)


async def interview(uow: UnitOfWork, interview_id: int, lock: str | None = None) -> Interview:
    """An interview by its number, for anyone to read; a rehearsal only for those who act in it.

    Args:
        uow: the unit of work.
        interview_id: its number.
        lock: ``share`` while something depends on its state, ``update`` while it changes.

    Raises:
        Refusal: ``not_found``.
    """
    query = _locked(select(Interview).where(col(Interview.id) == interview_id), lock)
    found = (await uow.db.scalars(query.execution_options(rehearsals=True))).one_or_none()
    if found is None or (found.rehearsal and not await may_act(uow, found)):
        raise missing("这场访谈")
    return found


async def acting_interview(
    uow: UnitOfWork, interview_id: int, lock: str | None = "update", *, rehearsal: bool = False
) -> Interview:
    """An interview in which the actor may act as staff.

    Args:
        uow: the unit of work.
        interview_id: its number.
        lock: as for ``interview``.
        rehearsal: whether the act can be practised; what counts somewhere (dates, notices, reports) cannot.

    Raises:
        Refusal: ``not_found``, also where it exists but is not the actor's; ``interview.rehearsal``.
    """
    found = await interview(uow, interview_id, lock)
    if not await may_act(uow, found):
        raise missing("这场访谈")
    if found.rehearsal and not rehearsal:
        raise Refusal("interview.rehearsal", "这是演练，不对外、不计数，这一步在演练里不用办。")
    return found


async def may_act(uow: UnitOfWork, found: Interview) -> bool:
    """Whether the actor's role reaches this interview as staff."""
    actor = uow.actor
    if actor.role in EVERYWHERE:
        return True
    if actor.role in ASSIGNED:
        query = select(col(Assignment.id)).where(
            col(Assignment.interview_id) == found.id, col(Assignment.person_id) == actor.person_id
        )
        return (await uow.db.execute(query)).first() is not None
    if actor.role is Role.CLERK:
        answering = select(col(Respondent.id)).where(
            col(Respondent.interview_id) == found.id,
            col(Respondent.body_id).in_(await body_names.acts_for(uow.db, actor.body_id)),
        )
        return (await uow.db.execute(answering)).first() is not None
    return False


async def _room_of(uow: UnitOfWork, interview_id: int, lock: str | None, what: str) -> Interview:
    """The interview of something in it; what stands in somebody else's rehearsal is missing by its own name."""
    try:
        return await interview(uow, interview_id, lock)
    except Refusal:
        raise missing(what) from None


async def _question(uow: UnitOfWork, question_id: int, lock: str | None) -> Question:
    query = _locked(select(Question).where(col(Question.id) == question_id), lock)
    found = (await uow.db.scalars(query)).one_or_none()
    if found is None:
        raise missing("这个问题")
    return found


async def acting_question(
    uow: UnitOfWork, question_id: int, interview_lock: str | None = "update"
) -> tuple[Interview, Question]:
    """A question on which the actor may act as staff, with its interview, both locked.

    Raises:
        Refusal: ``not_found``, also where it exists but is not the actor's.
    """
    glimpse = await _question(uow, question_id, None)
    found = await _room_of(uow, glimpse.interview_id, interview_lock, "这个问题")
    if not await may_act(uow, found) and not _handed_to(uow, glimpse):
        raise missing("这个问题")
    return found, await _question(uow, question_id, "update")


def _handed_to(uow: UnitOfWork, question: Question) -> bool:
    """Whether the question was transferred to the body that this clerk answers for."""
    clerk = uow.actor.role is Role.CLERK and uow.actor.body_id is not None
    return clerk and question.to_body_id == uow.actor.body_id


async def acting_item(uow: UnitOfWork, item_id: int) -> tuple[Interview, Item]:
    """An item of the transcript on which the actor may act as staff, with its interview, both locked.

    Raises:
        Refusal: ``not_found``, also where it exists but is not the actor's.
    """
    glimpse = await uow.db.get(Item, item_id)
    if glimpse is None:
        raise missing("这一条实录")
    found = await _room_of(uow, glimpse.interview_id, "update", "这一条实录")
    if not await may_act(uow, found) and not await _answers_what_was_handed(uow, glimpse):
        raise missing("这一条实录")
    query = _locked(select(Item).where(col(Item.id) == item_id), "update")
    return found, (await uow.db.scalars(query)).one()


async def _answers_what_was_handed(uow: UnitOfWork, item: Item) -> bool:
    """Whether it belongs to a question that was transferred to the actor's body."""
    question = await uow.db.get(Question, item.question_id) if item.question_id else None
    return question is not None and _handed_to(uow, question)


async def public_question(uow: UnitOfWork, question_id: int, lock: str | None = None) -> Question:
    """A question whose text is public.

    Raises:
        Refusal: ``not_found``, also for one that waits for the moderator or stands in somebody else's rehearsal.
    """
    found = await _question(uow, question_id, lock)
    await _room_of(uow, found.interview_id, None, "这个问题")
    if QuestionStatus(found.status) not in PUBLIC:
        raise missing("这个问题")
    return found


async def own_question(uow: UnitOfWork, question_id: int) -> tuple[Interview, Question]:
    """A question of the asking citizen, with its interview, locked.

    Raises:
        Refusal: ``not_found``, also where it is somebody else's.
    """
    glimpse = await _question(uow, question_id, None)
    if uow.actor.person_id is None or glimpse.asker_id != uow.actor.person_id:
        raise missing("这个问题")
    found = await interview(uow, glimpse.interview_id, "update")
    return found, await _question(uow, question_id, "update")
