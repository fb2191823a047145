"""When a question counts as answered: in its status, and with an answer that still stands.

An answer that was taken down is no answer any more. Its question keeps its place in the record, and where no other
answer stands, pages say so and figures count it apart (``ANSWER_GONE``).
"""

from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlmodel import col

from base.db import UnitOfWork
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Interview, Item, Question

ANSWER_GONE = "answer_gone"
"""Under what figures count a question whose only answer was taken down; no status of the record."""


def has_answer() -> ColumnElement[bool]:
    """In a query of questions: that an answer to it stands, public or as a letter."""
    return (
        select(col(Item.id))
        .where(
            col(Item.question_id) == col(Question.id),
            col(Item.kind) == ItemKind.ANSWER,
            col(Item.removed_at).is_(None),
        )
        .exists()
    )


def is_answered() -> ColumnElement[bool]:
    """In a query of questions: that it is answered, and the answer stands."""
    return (col(Question.status) == QuestionStatus.ANSWERED) & has_answer()


def fate() -> ColumnElement[str]:
    """In a query of questions: its status, or ``ANSWER_GONE``."""
    gone = (col(Question.status) == QuestionStatus.ANSWERED) & ~has_answer()
    return case((gone, ANSWER_GONE), else_=col(Question.status))


async def first_answers(
    uow: UnitOfWork, *which: ColumnElement[bool]
) -> list[tuple[datetime, datetime, str | None]]:
    """Of every answered question: when it was submitted, when its first standing answer came, and in which way.

    Args:
        uow: for reading.
        which: of which interviews.
    """
    first = (
        select(func.min(col(Item.id)))
        .join(Question, col(Question.id) == col(Item.question_id))
        .join(Interview, col(Interview.id) == col(Item.interview_id))
        .where(
            *which,
            col(Item.kind) == ItemKind.ANSWER,
            col(Item.removed_at).is_(None),
            col(Question.status) == QuestionStatus.ANSWERED,
        )
        .group_by(col(Item.question_id))
    )
    query = (
        select(col(Question.submitted_at), col(Item.at), col(Item.origin))
        .join(Question, col(Question.id) == col(Item.question_id))
        .where(col(Item.id).in_(first))
    )
    return [(since, at, origin) for since, at, origin in await uow.db.execute(query)]
