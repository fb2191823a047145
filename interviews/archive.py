"""The end of an interview's road: archived when its summary is sent and no question waits for a decision."""

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from interviews import changes, duties, facts, law
from interviews.lifecycle import DutyStatus, InterviewStatus, QuestionStatus, move_interview
from interviews.models import Interview, Question


async def when_done(uow: UnitOfWork, interview: Interview) -> bool:
    """Archive an ended interview if nothing of it is left to do; called after whatever may have been the last act.

    Returns:
        Whether it was archived by this call.
    """
    if (
        interview.rehearsal
        or interview.status != InterviewStatus.ENDED
        or not await _summary_sent(uow, interview)
    ):
        return False
    await uow.db.flush()
    pending = select(col(Question.id)).where(
        col(Question.interview_id) == interview.id, col(Question.status) == QuestionStatus.PENDING
    )
    if (await uow.db.execute(pending.limit(1))).first():
        return False
    interview.status = move_interview("interview.archive", interview.status)
    interview.archived_at = uow.now
    await audit.note(uow, "interview.archive", f"interview:{interview.id}", head=interview.chain_head)
    await uow.db.flush()
    uow.record(changes.InterviewChanged("interview.changed", await facts.interview_facts(uow, interview)))
    return True


async def _summary_sent(uow: UnitOfWork, interview: Interview) -> bool:
    asked = {rule.id for rule in law.load(interview.regulation).duties if rule.done_by == "summary"}
    owed = await duties.of_interview(uow, interview.id or 0)
    return all(duty.status == DutyStatus.DONE for duty in owed if duty.rule in asked)
