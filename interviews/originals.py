"""The text as the citizen wrote it, before anything was masked: read one by one, and each reading is on record."""

from base import audit
from base.db import UnitOfWork
from base.errors import missing
from interviews import access
from interviews.lifecycle import QuestionStatus
from interviews.models import Question


async def original(uow: UnitOfWork, question_id: int) -> Question:
    """A question whose original the actor is about to read; the reading enters the audit.

    Args:
        uow: the moderator's or the office's unit of work; one that writes.
        question_id: the question.

    Raises:
        Refusal: ``not_found``: not there, not theirs, or taken back by its asker.
    """
    _, question = await access.acting_question(uow, question_id, interview_lock="share")
    if question.status == QuestionStatus.WITHDRAWN:
        raise missing("这个问题")
    await audit.note(
        uow, "question.read_original", f"question:{question.id}", text=audit.text_digest(question.original)
    )
    return question
