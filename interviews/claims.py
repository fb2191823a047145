"""Whose hands a waiting question is in, so that two moderators never handle the same one unknowingly.

Opening a question claims it for two minutes; another moderator who wants to decide it is told whose it is, and
takes it over knowingly or waits. Without a claim the first decision wins, as in every race.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.clock import as_utc
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Person
from interviews import access, changes, facts
from interviews.lifecycle import move_question
from interviews.models import Question

CLAIM = timedelta(seconds=120)
"""How long a question stays in somebody's hands without another word of theirs."""


@dataclass(frozen=True)
class Holder:
    """Who holds a question, and until when."""

    person_id: int
    name: str
    until: datetime


async def holder(uow: UnitOfWork, question: Question) -> Holder | None:
    """Who holds the question now; nobody once the claim has run out."""
    if question.claimed_by is None or question.claimed_until is None:
        return None
    if as_utc(question.claimed_until) <= uow.now:
        return None
    query = select(col(Person.display_name)).where(col(Person.id) == question.claimed_by)
    name = await uow.db.scalar(query)
    return Holder(question.claimed_by, name or "另一位审核员", question.claimed_until)


def check(uow: UnitOfWork, question: Question, held: Holder | None) -> None:
    """Go on only with a question that is in nobody else's hands.

    Raises:
        Refusal: ``question.claimed``; names who holds it.
    """
    if held is not None and held.person_id != uow.actor.person_id:
        raise Refusal("question.claimed", f"{held.name}正在处理这个问题。要由您来办，请先点“接手”。")


def lay_down(question: Question) -> None:
    """Out of everybody's hands."""
    question.claimed_by = question.claimed_until = None


async def claim(uow: UnitOfWork, question_id: int, *, over: bool = False) -> Question:
    """Take a waiting question into one's hands, or keep it there for another two minutes.

    Args:
        uow: the moderator's or the office's unit of work.
        question_id: the question.
        over: take it although somebody else holds it; they see it on their console.

    Raises:
        Refusal: not there, not pending any more, or held by somebody else and not taken over.
    """
    _, question = await access.acting_question(uow, question_id)
    move_question("question.claim", question.status)
    held = await holder(uow, question)
    if not over:
        check(uow, question, held)
    if held is not None and held.person_id != uow.actor.person_id:
        await audit.note(uow, "question.claim", f"question:{question.id}", over=held.person_id)
    question.claimed_by, question.claimed_until = uow.actor.person_id, uow.now + CLAIM
    # A publication on its way stays on its way; whoever looks at it now only sees it.
    if question.publish_at is None:
        told = facts.question_facts(question)
        uow.record(
            changes.QuestionHandled(
                "question.claimed", told, uow.actor.name, question.claimed_until, publishing=False
            )
        )
    return question


async def release(uow: UnitOfWork, question_id: int) -> Question:
    """Put a question back that one held; nothing happens where somebody else has it by now.

    Raises:
        Refusal: not there.
    """
    _, question = await access.acting_question(uow, question_id)
    if question.claimed_by == uow.actor.person_id:
        lay_down(question)
        if question.publish_at is None:
            uow.record(changes.QuestionReleased(facts.question_facts(question)))
    return question
