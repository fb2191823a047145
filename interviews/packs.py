"""The receipt of the pack (已读): who of a body that answers first opened the questions handed over to it, and when.

A read receipt is written once for each person, and only of what was handed over: before that there is no pack, only
questions that are still coming in (第十二条, issue 8).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import UniqueConstraint, select
from sqlmodel import Field, SQLModel, col

from base import audit
from base.clock import office_date
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.once import written_once
from base.people import Body, Person, Role
from interviews import law, messages
from interviews.lifecycle import DutyStatus, InterviewStatus
from interviews.models import Duty, Interview, Respondent

DONE_BY = "forward"
"""What a rule says that asks for the handing over."""


class PackReading(SQLModel, table=True):
    """The first time that one person opened the pack of one interview."""

    __tablename__ = "pack_reading"
    __table_args__ = (UniqueConstraint("interview_id", "person_id", name="uq_pack_reading_interview_person"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    person_id: int = Field(foreign_key="person.id")
    body_id: int = Field(foreign_key="body.id")
    at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Reader:
    """Who opened it first and when."""

    name: str
    at: datetime


@dataclass(frozen=True)
class Receipt:
    """What one body has done with the pack; ``readers`` are in the order in which they opened it."""

    body: str
    readers: tuple[Reader, ...]


@dataclass(frozen=True)
class Handed:
    """A pack that was handed over.

    Attributes:
        at: when the handing over was done.
        due: its last day by the rule.
        article: of the rule that asks for it.
        receipts: one for each body that answers, the leading one first.
    """

    at: datetime
    due: date
    article: str
    receipts: tuple[Receipt, ...]

    @property
    def unread(self) -> tuple[str, ...]:
        """The bodies where nobody has opened it."""
        return tuple(one.body for one in self.receipts if not one.readers)


async def _duty(uow: UnitOfWork, interview: Interview) -> Duty | None:
    """The duty by which the pack was handed over; ``None`` where it was not, or the city has no such rule."""
    day = office_date(interview.starts_at)
    rules = [
        rule.id
        for rule in law.load(interview.regulation).duties
        if rule.done_by == DONE_BY and rule.in_force(day)
    ]
    query = select(Duty).where(
        col(Duty.interview_id) == interview.id,
        col(Duty.rule).in_(rules),
        col(Duty.status) == DutyStatus.DONE,
    )
    return (await uow.db.scalars(query.order_by(col(Duty.id).desc()).limit(1))).first()


async def is_new_to(uow: UnitOfWork, interview: Interview) -> bool:
    """Whether the actor would leave a receipt by opening the page now; changes nothing."""
    if uow.actor.role is not Role.CLERK or interview.rehearsal or await _duty(uow, interview) is None:
        return False
    query = select(col(PackReading.id)).where(
        col(PackReading.interview_id) == interview.id, col(PackReading.person_id) == uow.actor.person_id
    )
    return await uow.db.scalar(query) is None


async def opened(uow: UnitOfWork, interview: Interview) -> None:
    """The actor, a clerk of a body that answers, has the pack on the screen; the first time counts.

    Args:
        uow: of the clerk.
        interview: as ``access.acting_interview`` gave it, so that it is one in which their body answers.
    """
    if not await is_new_to(uow, interview):
        return
    reading = PackReading(
        interview_id=interview.id or 0,
        person_id=uow.actor.person_id or 0,
        body_id=uow.actor.body_id or 0,
        at=uow.now,
    )
    if await written_once(uow, reading) is not None:
        await audit.note(uow, "pack.open", f"interview:{interview.id}", body=uow.actor.body_id)
        await messages.pack_read(uow, interview.id or 0, reading.body_id)


async def handed(uow: UnitOfWork, interview: Interview) -> Handed | None:
    """What has become of the pack of one interview; ``None`` where none was handed over."""
    duty = await _duty(uow, interview)
    if duty is None or duty.done_at is None:
        return None
    bodies = (
        select(col(Body.id), col(Body.name))
        .join(Respondent, col(Respondent.body_id) == col(Body.id))
        .where(col(Respondent.interview_id) == interview.id)
        .order_by(col(Respondent.lead).desc(), col(Respondent.id))
    )
    readings = (
        select(col(PackReading.body_id), col(Person.display_name), col(PackReading.at))
        .join(Person, col(Person.id) == col(PackReading.person_id))
        .where(col(PackReading.interview_id) == interview.id)
        .order_by(col(PackReading.at), col(PackReading.id))
    )
    by_body: dict[int, list[Reader]] = {}
    for body_id, name, at in await uow.db.execute(readings):
        by_body.setdefault(body_id, []).append(Reader(name, at))
    receipts = tuple(
        Receipt(name, tuple(by_body.get(body_id or 0, ()))) for body_id, name in await uow.db.execute(bodies)
    )
    return Handed(duty.done_at, duty.due, duty.article, receipts)


async def on_hand(uow: UnitOfWork, interviews: Sequence[Interview]) -> list[tuple[Interview, Handed]]:
    """Of interviews that are still to come, those whose pack was handed over."""
    found = []
    for one in interviews:
        coming = one.status in (InterviewStatus.PLANNED, InterviewStatus.ANNOUNCED) and not one.rehearsal
        pack = await handed(uow, one) if coming else None
        if pack is not None:
            found.append((one, pack))
    return found
