"""What becomes of the questions when no live answer comes any more: at the close, or when an interview is cancelled.

Nothing is left without a fate: the bodies that would have answered owe the answers in writing (第八条).
"""

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from interviews import changes, facts
from interviews.lifecycle import OPEN, InterviewStatus, QuestionStatus
from interviews.models import Interview, Question

BY_TIME = "time"
"""The reason of a deferral that the close of the interview made."""

BY_CANCELLING = "cancelled"
"""The reason of a deferral or a transfer that the cancelling of the interview made."""

NO_MORE_LIVE = {
    InterviewStatus.ENDED: BY_TIME,
    InterviewStatus.ARCHIVED: BY_TIME,
    InterviewStatus.CANCELLED: BY_CANCELLING,
}
"""Where a question made public can only be answered afterwards, and why."""


async def defer_open(uow: UnitOfWork, interview: Interview) -> int:
    """At the close: whatever is published or staged becomes deferred for want of time. How many it was."""
    query = (
        select(Question)
        .where(col(Question.interview_id) == interview.id, col(Question.status).in_(list(OPEN)))
        .order_by(col(Question.number))
        .with_for_update()
    )
    left = list(await uow.db.scalars(query))
    for question in left:
        defer(uow, question, BY_TIME)
    return len(left)


def defer(uow: UnitOfWork, question: Question, reason: str) -> None:
    """A public question is answered only afterwards; ``reason`` is one of the words above."""
    question.status = QuestionStatus.DEFERRED
    question.reason = reason
    question.place = None
    question.settled_at = uow.now
    uow.record(changes.QuestionSettled("question.deferred", facts.question_facts(question), was_public=True))


async def leave_to_bodies(uow: UnitOfWork, interview: Interview) -> int:
    """At a cancellation: every question goes to the bodies that would have answered. How many it was.

    A public one becomes deferred. One that no moderator has read becomes transferred: its text stays with staff
    and its asker, and so does the answer.
    """
    query = (
        select(Question)
        .where(
            col(Question.interview_id) == interview.id,
            col(Question.status).in_([*OPEN, QuestionStatus.PENDING]),
        )
        .order_by(col(Question.id))
        .with_for_update()
    )
    left = list(await uow.db.scalars(query))
    for question in left:
        if question.status in OPEN:
            defer(uow, question, BY_CANCELLING)
            continue
        question.status = QuestionStatus.TRANSFERRED
        question.reason = BY_CANCELLING
        question.settled_at = uow.now
        told = facts.question_facts(question)
        uow.record(changes.QuestionSettled("question.transferred", told, was_public=False))
    return len(left)
