"""Deviations (例外) that the office asks the supervisor for: asked with a reason, granted or refused with another.

Granting one is ``plans.grant`` as ever, public with its reason; a request and its refusal are between the two.
"""

from sqlalchemy import select
from sqlmodel import col

from base import audit, outbox
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Role
from interviews import access, messages, plans, texts, wording
from interviews.instruction_models import WaiverRequest
from interviews.lifecycle import move_interview
from interviews.models import Interview
from interviews.telling import Kind

KEY = "waiver:"
ASKABLE = {
    "change-notice": "变动可以晚于规定的日子",
    "content": "没有报来内容也可以开始",
    "guests": "没有报来参加人员也可以开始",
    "host": "没有主持人也可以开始",
}
"""What can be asked for, by the word that ``waiver.grant`` takes."""


async def ask(uow: UnitOfWork, interview_id: int, duty: str, reason: str) -> WaiverRequest:
    """Ask for a deviation from a gate of one interview.

    Raises:
        Refusal: not the office; ``not_found``; an interview that is over; nothing that could be granted; granted or
            asked for already; no reason.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    interview = await access.acting_interview(uow, interview_id)
    move_interview("waiver.grant", interview.status)
    if duty not in ASKABLE:
        raise Refusal("waiver.unknown", "请选申请哪一项例外。", status=400)
    told = texts.clean(reason, texts.REASON_LIMIT, "申请的理由")
    if duty in await plans.granted(uow, interview):
        raise Refusal("waiver.there", "这一项的例外已经登记，还有效，不用再申请。")
    if any(one.duty == duty and one.granted is None for one in await of_interview(uow, interview_id)):
        raise Refusal("waiver.asked", "这一项已经申请过，主管部门还没有定。")
    made = WaiverRequest(
        interview_id=interview_id,
        duty=duty,
        reason=told,
        person_id=uow.actor.person_id or 0,
        by=uow.actor.name,
        at=uow.now,
    )
    uow.db.add(made)
    await uow.db.flush()
    await audit.note(
        uow, "waiver.ask", f"interview:{interview_id}", duty=duty, reason=audit.text_digest(told)
    )
    words = await wording.mail(uow, "waiver_asked", theme=interview.theme)
    readers = await messages.in_role(uow, Role.SUPERVISOR)
    await messages.send(uow, Kind.WAIVER, f"{KEY}{made.id}:asked", readers, words)
    return made


async def decide(uow: UnitOfWork, request_id: int, *, grant: bool, answer: str) -> WaiverRequest:
    """Grant what was asked for, with a reason that everybody reads, or refuse it with one for the office.

    Raises:
        Refusal: not the supervisor; ``not_found``; decided already; no reason; whatever ``plans.grant`` refuses.
    """
    if uow.actor.role is not Role.SUPERVISOR:
        raise forbidden()
    glimpse = await uow.db.get(WaiverRequest, request_id)
    if glimpse is None:
        raise missing("这件申请")
    interview = await access.acting_interview(uow, glimpse.interview_id)
    found = await uow.db.get_one(WaiverRequest, request_id, with_for_update=True, populate_existing=True)
    if found.granted is not None:
        raise Refusal("waiver.decided", f"这件申请{found.decided_by}已经定了。请刷新页面看。")
    said = texts.clean(answer, texts.REASON_LIMIT, "例外的理由" if grant else "不同意的理由")
    # Granted meanwhile without a look at the request: it is what was asked for.
    if grant and found.duty not in await plans.granted(uow, interview):
        await plans.grant(uow, found.interview_id, found.duty, said)
    found.granted, found.answer = grant, said
    found.decided_by, found.decided_at = uow.actor.name, uow.now
    if not grant:
        await audit.note(
            uow,
            "waiver.refuse",
            f"interview:{found.interview_id}",
            duty=found.duty,
            reason=audit.text_digest(said),
        )
    await _tell_office(uow, interview, found)
    return found


async def _tell_office(uow: UnitOfWork, interview: Interview, found: WaiverRequest) -> None:
    await outbox.withdraw_all(uow, f"{KEY}{found.id}:", messages.SETTLED)
    said = "同意了" if found.granted else "没有同意"
    words = await wording.mail(uow, "waiver_decided", theme=interview.theme, said=said)
    readers = await messages.in_role(uow, Role.OFFICE)
    await messages.send(uow, Kind.WAIVER, f"{KEY}{found.id}:decided", readers, words)


async def of_interview(uow: UnitOfWork, interview_id: int) -> list[WaiverRequest]:
    """What was asked for an interview, the newest first."""
    query = select(WaiverRequest).where(col(WaiverRequest.interview_id) == interview_id)
    return list(await uow.db.scalars(query.order_by(col(WaiverRequest.id).desc())))


async def undecided(uow: UnitOfWork) -> list[tuple[WaiverRequest, Interview]]:
    """What waits for the supervisor, of whatever year, the oldest first."""
    query = (
        select(WaiverRequest, Interview)
        .join(Interview, col(Interview.id) == col(WaiverRequest.interview_id))
        .where(col(WaiverRequest.granted).is_(None))
        .order_by(col(WaiverRequest.id))
    )
    return [(asked, interview) for asked, interview in await uow.db.execute(query)]


async def of_year(uow: UnitOfWork, year: int) -> list[tuple[WaiverRequest, Interview]]:
    """What was asked in the interviews of a year, undecided ones first, then the newest."""
    query = (
        select(WaiverRequest, Interview)
        .join(Interview, col(Interview.id) == col(WaiverRequest.interview_id))
        .where(col(Interview.year) == year)
        .order_by(col(WaiverRequest.granted).is_not(None), col(WaiverRequest.id).desc())
    )
    return [(asked, interview) for asked, interview in await uow.db.execute(query)]
