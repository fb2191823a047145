"""The host's hand on the order: what comes next, what is on stage."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlmodel import col

from base import audit
from base.clock import as_utc
from base.db import UnitOfWork
from base.errors import Refusal
from interviews import access, changes, facts
from interviews.lifecycle import QuestionStatus, move_interview, move_question
from interviews.models import Question
from interviews.speaking import require_live

LINED_UP_LIMIT = 100
"""How many questions a line-up holds; a host works through some forty in two hours."""


async def stage(uow: UnitOfWork, question_id: int) -> Question:
    """Put a public question on stage; the newest staged one is on screen.

    Raises:
        Refusal: not there, not public and open, or the interview is not live.
    """
    interview, question = await access.acting_question(uow, question_id)
    require_live(interview)
    question.status = move_question("question.stage", question.status)
    question.staged_at = await _newest(uow, question)
    question.place = None
    await audit.note(uow, "question.stage", f"question:{question.id}")
    uow.record(changes.QuestionStaged("question.staged", facts.question_facts(question)))
    return question


async def _newest(uow: UnitOfWork, question: Question) -> datetime:
    """An instant after whatever is on stage: the newest is on screen, though another process's clock ran ahead."""
    query = select(func.max(col(Question.staged_at))).where(
        col(Question.interview_id) == question.interview_id, col(Question.status) == QuestionStatus.STAGED
    )
    with uow.db.no_autoflush:
        last = await uow.db.scalar(query)
    return max(uow.now, as_utc(last) + timedelta(microseconds=1)) if last else uow.now


async def unstage(uow: UnitOfWork, question_id: int) -> Question:
    """Take a question off the stage again; it waits as before.

    Raises:
        Refusal: not there, or not on stage.
    """
    _, question = await access.acting_question(uow, question_id)
    question.status = move_question("question.unstage", question.status)
    question.staged_at = None
    await audit.note(uow, "question.unstage", f"question:{question.id}")
    uow.record(changes.QuestionStaged("question.unstaged", facts.question_facts(question)))
    return question


async def line_up(uow: UnitOfWork, interview_id: int, wanted: Sequence[int]) -> list[int]:
    """Set the order of the coming questions; what is not named is in no line, and the pool stays as it was.

    Args:
        uow: the host's unit of work.
        interview_id: the interview.
        wanted: questions in the order they are to come; one that was settled or taken back meanwhile is left out.

    Returns:
        The line as it stands.

    Raises:
        Refusal: not the host's interview, not before or during it, or a question named twice or of elsewhere.
    """
    interview = await access.acting_interview(uow, interview_id, rehearsal=True)
    move_interview("question.order", interview.status)
    if len(set(wanted)) != len(wanted) or len(wanted) > LINED_UP_LIMIT:
        raise Refusal("question.order", "同一个问题排了两次，或者排得太多。请重新排一下。", status=400)
    named = or_(col(Question.id).in_(wanted), col(Question.place).is_not(None))
    query = select(Question).where(col(Question.interview_id) == interview_id, named)
    found = {question.id: question for question in await uow.db.scalars(query)}
    if not found.keys() >= set(wanted):
        raise Refusal("question.order", "有的问题不在这一场。请刷新页面，重新排。", status=400)
    line = [number for number in wanted if found[number].status == QuestionStatus.PUBLISHED]
    for question in found.values():
        question.place = line.index(question.id) + 1 if question.id in line else None
    await uow.db.flush()
    await audit.note(uow, "question.order", f"interview:{interview_id}", questions=line)
    uow.record(changes.QuestionsOrdered(interview_id, tuple(line)))
    return line
