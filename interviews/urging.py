"""Urging (催办): the office reminds a body by hand of what it owes, once a day at the most.

The reminders that dates bring are in ``notices`` and ``standing_notices``; this one stands beside them, goes the same
ways, and is taken back like them once the thing is done. Who urged, when and how often is read from the audit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.audit import AuditEntry
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Body, Person, Role
from interviews import body_names, notices, standing, standing_notices
from interviews.lifecycle import DutyStatus
from interviews.models import Duty, Interview
from interviews.standing import StandingDuty
from interviews.telling import Kind

ACT = "duty.urge"
STAGE = "urged-"


@dataclass(frozen=True)
class Urged:
    """How often a duty was urged, and the last time: when, who did, and how many letters went out."""

    times: int
    at: datetime
    by: str
    letters: int


@dataclass(frozen=True)
class Told:
    """What one urging did: the bodies reminded, by name, and how many letters go out to them."""

    bodies: tuple[str, ...]
    letters: int


def subject_of(duty: Duty) -> str:
    """What the audit calls a duty of the ledger."""
    return f"duty:{duty.id}"


def subject_of_standing(duty: StandingDuty) -> str:
    """What the audit calls a duty that no interview brings; one for all bodies that owe it."""
    return f"standing:{duty.group}"


async def urge(uow: UnitOfWork, duty_id: int) -> Told:
    """Remind the body that owes a duty of an interview.

    Raises:
        Refusal: not the office; no such duty; ``urge.done`` where it is settled, ``urge.own`` where no body owes it,
            ``urge.today`` where it was urged today.
    """
    _only_the_office(uow)
    duty = await uow.db.get(Duty, duty_id)
    if duty is None:
        raise missing("这件事")
    if duty.status != DutyStatus.OPEN:
        raise _done()
    if not may_be_urged(duty):
        raise Refusal("urge.own", "这件事不是答复单位办的，不能催办。请到那一场里去办。", status=400)
    interview = await uow.db.get_one(Interview, duty.interview_id)
    day = office_date(uow.now)
    notice = notices.about(uow, duty, interview, f"{STAGE}{day:%Y%m%d}", notices.RESPONDENT)
    letters = await notices.tell(uow, notice, interview, Kind.URGED)
    if letters is None:
        raise _again()
    await audit.note(uow, ACT, subject_of(duty), rule=duty.rule, letters=letters)
    names = await body_names.names(uow.db)
    body = names.now.get(duty.body_id or 0)
    return Told((body.name,) if body else (), letters)


async def urge_standing(uow: UnitOfWork, group: str) -> Told:
    """Remind every body that still owes a self-assessment.

    Args:
        uow: of the office.
        group: what they owe, a ``StandingDuty.group``.

    Raises:
        Refusal: not the office; ``urge.done`` where nobody owes it, ``urge.early`` before its first day, ``urge.today``
            where it was urged today.
    """
    _only_the_office(uow)
    owed = [one for one in await standing.open_now(uow) if one.body_id is not None and one.group == group]
    if not owed:
        raise _done()
    day = office_date(uow.now)
    if day < owed[0].not_before:
        raise Refusal("urge.early", "还没有到可以办的日子，到了再催。")
    # Two who urge at once would both read that nobody did today.
    bodies = col(Body.id).in_({one.body_id for one in owed})
    await uow.db.scalars(select(col(Body.id)).where(bodies).order_by(col(Body.id)).with_for_update())
    subject = subject_of_standing(owed[0])
    last = (await urged(uow, [subject])).get(subject)
    if last is not None and office_date(last.at) == day:
        raise _again()
    letters = 0
    for one in owed:
        letters += await standing_notices.urge(uow, one)
    await audit.note(uow, ACT, subject, bodies=len(owed), letters=letters)
    return Told(tuple(one.body for one in owed), letters)


def may_be_urged(duty: Duty) -> bool:
    """Whether a body owes it, alone or with the others of its interview."""
    return duty.status == DutyStatus.OPEN and duty.owed_by == notices.RESPONDENT


async def urged(uow: UnitOfWork, subjects: Collection[str]) -> dict[str, Urged]:
    """How often each was urged and when last, by ``subject_of`` and ``subject_of_standing``; the others are absent."""
    query = (
        select(AuditEntry, col(Person.display_name))
        .outerjoin(Person, col(Person.id) == col(AuditEntry.person_id))
        .where(col(AuditEntry.subject).in_(set(subjects)), col(AuditEntry.act) == ACT)
        .order_by(col(AuditEntry.seq))
    )
    found: dict[str, Urged] = {}
    for entry, name in await uow.db.execute(query):
        before = found.get(entry.subject)
        times = before.times + 1 if before else 1
        found[entry.subject] = Urged(times, entry.at, name or "", entry.detail.get("letters", 0))
    return found


def _only_the_office(uow: UnitOfWork) -> None:
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()


def _done() -> Refusal:
    return Refusal("urge.done", "这件事已经办好，或者不用办了，不必再催。请刷新页面。")


def _again() -> Refusal:
    return Refusal("urge.today", "今天已经催过了，一天催一次。明天还没有办的，可以再催。")
