"""Rehearsals (演练): an interview that only its staff see and that counts nowhere.

That it counts nowhere is not left to each query: every query for interviews passes them over unless it says
``execution_options(rehearsals=True)``, as the door (``access``) and the clock that closes do.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, Session, with_loader_criteria
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.people import Person, Role
from interviews import access, law, questions
from interviews.lifecycle import InterviewStatus, Kind, move_interview
from interviews.models import Assignment, Guest, Interview, Respondent

_COUNTED = with_loader_criteria(Interview, col(Interview.rehearsal).is_(False), include_aliases=True)

ASKED = (
    ("新生儿的医保怎么办，要带什么材料？", Kind.INQUIRY),
    ("办事大厅中午能不能也开一个窗口？", Kind.SUGGESTION),
    ("我妈妈住在外地，看病的钱回来怎么报？我的电话是13800138000。", Kind.INQUIRY),
    ("上次打电话等了二十分钟没有人接，希望改一改。", Kind.OPINION),
    ("新生儿医保带什么材料去办？", Kind.INQUIRY),
    ("低价代办各种证件，包过，加微信。", Kind.INQUIRY),
)
"""What is asked in a rehearsal: one to publish, one to merge, one with personal data, one that is advertising."""


@event.listens_for(Session, "do_orm_execute")
def _pass_over(state: ORMExecuteState) -> None:
    """Keep rehearsals out of whatever does not ask for them."""
    plain = state.is_select and not state.is_column_load and not state.is_relationship_load
    if plain and not state.execution_options.get("rehearsals"):
        state.statement = state.statement.options(_COUNTED)


async def start(uow: UnitOfWork, interview_id: int) -> Interview:
    """Set up a rehearsal of an interview that has not begun: same people, sample questions, ready to be opened.

    Raises:
        Refusal: not there, not the actor's, begun already, or itself a rehearsal.
    """
    real = await access.acting_interview(uow, interview_id)
    move_interview("interview.rehearse", real.status)
    minutes = law.load(real.regulation).length.max_minutes
    rehearsal = Interview(
        theme=f"演练：{real.theme}",
        status=InterviewStatus.ANNOUNCED,
        regulation=real.regulation,
        year=real.year,
        starts_at=uow.now,
        ends_at=uow.now + timedelta(minutes=minutes),
        host_id=real.host_id,
        venue=real.venue,
        content=real.content,
        announced_at=uow.now,
    )
    uow.db.add(rehearsal)
    await uow.db.flush()
    await _same_people(uow, interview_id, rehearsal.id or 0)
    await _ask(uow, rehearsal.id or 0)
    # Only now: no citizen, not even the made-up one, gets past the door of a rehearsal.
    rehearsal.rehearsal = True
    await uow.db.flush()
    await audit.note(uow, "interview.rehearse", f"interview:{rehearsal.id}", of=interview_id)
    return rehearsal


async def _same_people(uow: UnitOfWork, real: int, rehearsal: int) -> None:
    for assigned in await uow.db.scalars(select(Assignment).where(col(Assignment.interview_id) == real)):
        uow.db.add(Assignment(interview_id=rehearsal, person_id=assigned.person_id))
    for answering in await uow.db.scalars(select(Respondent).where(col(Respondent.interview_id) == real)):
        uow.db.add(
            Respondent(interview_id=rehearsal, body_id=answering.body_id, lead=answering.lead, content="演练")
        )
    for guest in await uow.db.scalars(select(Guest).where(col(Guest.interview_id) == real)):
        uow.db.add(Guest(interview_id=rehearsal, body_id=guest.body_id, name=guest.name, post=guest.post))
    await uow.db.flush()


async def _ask(uow: UnitOfWork, rehearsal: int) -> None:
    """Questions of nobody: their asker has no token, so nobody is told anything."""
    asker = Person(role=Role.CITIZEN, display_name="演练的提问人", created_at=uow.now)
    uow.db.add(asker)
    await uow.db.flush()
    citizen = uow.retold(asker.actor(), uow.now)
    for number, (text, kind) in enumerate(ASKED, 1):
        sent = questions.Submission(text, kind, f"rehearsal-{rehearsal}-{number}", "演练")
        await questions.submit(citizen, rehearsal, sent)


async def of(uow: UnitOfWork, *conditions: Any) -> list[Interview]:
    """The rehearsals under some conditions, the newest first; for the pages of those who act in them."""
    query = select(Interview).where(col(Interview.rehearsal), *conditions)
    found = query.order_by(col(Interview.id).desc()).execution_options(rehearsals=True)
    return list(await uow.db.scalars(found))
