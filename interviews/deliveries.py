"""The report's way to the offices that the rule names (第七、十五条): queued, sent, opened, acknowledged.

A recipient has the report when it lies in its inbox on this platform; a body that receives by mail has it when its
mail server has taken it. The duty is discharged when all have it. No version goes to the same body twice, unless the
office asks for it; then it goes again with the same number.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base import audit, outbox
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.outbox import MailStatus
from base.people import Body, Role
from interviews import access, archive, duties, law, report_content, report_letters, reports, texts
from interviews.lifecycle import move_interview
from interviews.models import Delivery, Interview, Report
from interviews.report_content import STAMP, Content, title_of

MakeLink = Callable[[int, datetime], str | None]
"""From a delivery's number and an instant to a signed address with an expiry; ``None`` where links are off."""


@dataclass(frozen=True)
class Terms:
    """How this installation sends.

    Attributes:
        link: makes the signed address in a mail.
        signature: whether a version must be signed by a second person before it may go.
    """

    link: MakeLink = lambda _delivery, _now: None
    signature: bool = False


@dataclass(frozen=True)
class Arrival:
    """A version of a report in one recipient's inbox."""

    delivery_id: int
    report_id: int
    interview_id: int
    theme: str
    title: str
    version: int
    replaces: int | None
    sent_at: datetime
    opened_at: datetime | None
    acknowledged_at: datetime | None
    comment: str | None


@dataclass(frozen=True)
class Way:
    """How far one version has come to one recipient, for the office and the supervisor.

    ``trouble`` is why the latest mail will never come; ``remark`` why one that waits was not taken yet, or in what
    one that came was not whole. ``tries`` and ``next_try_at`` are those of the latest mail.
    """

    delivery_id: int
    interview_id: int
    theme: str
    body: str
    version: int
    by_mail: bool
    queued_at: datetime
    sent_at: datetime | None
    opened_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    comment: str | None
    mails: int
    trouble: str | None
    mailed_to: str | None = None
    tries: int = 0
    remark: str | None = None
    next_try_at: datetime | None = None


async def send(uow: UnitOfWork, interview_id: int, terms: Terms = Terms()) -> Report:
    """Send the report to every recipient of the rule (第十五条); drafts it first where the record has changed.

    Returns:
        The version that goes out.

    Raises:
        Refusal: not there or not the actor's; not ended; no recipient known; every recipient has this version, or
            it still lacks the second person's signature where that is required.
    """
    interview = await access.acting_interview(uow, interview_id)
    move_interview("summary.send", interview.status)
    bodies = await report_content.recipients(uow)
    if not bodies:
        named = law.load(interview.regulation).recipients
        raise Refusal(
            "report.no_recipients",
            "还没有登记接收汇总报告的单位，报告没有送出。请先登记接收单位，再送。",
            article=named.article if named else None,
        )
    signed = terms.signature
    report = await (reports.current(uow, interview) if signed else reports.of_the_record(uow, interview))
    if signed and report.signed_at is None:
        raise Refusal(
            "report.unsigned", f"第{report.version}版还没有第二个人核签。请同事先看一遍、核签，再送。"
        )
    query = select(col(Delivery.body_id)).where(col(Delivery.report_id) == report.id)
    there = set(await uow.db.scalars(query))
    new = [body for body in bodies if body.id not in there]
    if not new:
        raise Refusal(
            "report.nothing_new",
            f"第{report.version}版已经送到每个接收单位，记录没有变化，不用再送。有新的答复以后可以再送。",
        )
    await audit.note(
        uow,
        "summary.send",
        f"interview:{interview_id}",
        version=report.version,
        digest=reports.digest(report.content),
        bodies=[body.id for body in new],
        signed=report.signed_by,
    )
    for body in new:
        await _on_its_way(uow, interview, report, body, terms)
    await _settle(uow, interview)
    return report


async def _on_its_way(
    uow: UnitOfWork, interview: Interview, report: Report, body: Body, terms: Terms
) -> None:
    delivery = Delivery(report_id=report.id or 0, body_id=body.id or 0, queued_at=uow.now)
    if not body.by_mail:
        delivery.sent_at = uow.now
    uow.db.add(delivery)
    await uow.db.flush()
    await report_letters.post(uow, interview, report, body, delivery, terms.link(delivery.id or 0, uow.now))


async def resend(uow: UnitOfWork, delivery_id: int, terms: Terms = Terms()) -> Delivery:
    """Send the same version to the same body again, under the same number, because the office was asked to.

    A body that no longer receives by mail alone finds it in its inbox from now on. A mail that still waits with an
    address since corrected does not go any more.

    Raises:
        Refusal: not there; something in it was taken down since; the last mail is still on its way to this address;
            or the body has no address for mail and what lies in an inbox cannot come twice.
    """
    delivery, report, interview = await _locked(uow, delivery_id)
    if await reports.holds_removed(uow, report.content):
        raise reports.withdrawn(report.version)
    body = await uow.db.get_one(Body, delivery.body_id)
    first = not body.by_mail and delivery.sent_at is None
    if first:
        delivery.sent_at, delivery.trouble = uow.now, None
    elif not body.email:
        where = "请先登记邮箱，再发。" if body.by_mail else "报告在它的收件箱里。要用邮件再发，请先登记邮箱。"
        raise Refusal("report.no_address", f"{body.name}没有登记邮箱。{where}")
    waiting = await report_letters.on_its_way(uow, delivery)
    if waiting is not None:
        if waiting.to == body.email and not first:
            if waiting.status == MailStatus.HELD:
                raise Refusal(
                    "report.held", "上一封扣在“寄出去的信”里，没有发。请到那里放行，或者取消了再来发。"
                )
            tried = f"已经试了{waiting.attempts}次，" if waiting.attempts else ""
            raise Refusal(
                "report.on_its_way",
                f"上一封还在发，{tried}会自己再试，不用再发。邮箱写错了的，请先改好邮箱，再来发。",
            )
        await outbox.withdraw(uow, waiting.key, "邮箱改了，另发一封")
    await report_letters.post(uow, interview, report, body, delivery, terms.link(delivery_id, uow.now))
    await audit.note(uow, "report.resend", f"delivery:{delivery_id}", version=report.version, body=body.id)
    await _settle(uow, interview)
    return delivery


async def _locked(uow: UnitOfWork, delivery_id: int) -> tuple[Delivery, Report, Interview]:
    """A delivery for the office, the interview locked before it as everywhere."""
    glimpse = await uow.db.get(Delivery, delivery_id)
    if glimpse is None or uow.actor.role not in access.EVERYWHERE:
        raise missing("这份报告")
    report = await uow.db.get_one(Report, glimpse.report_id)
    interview = await access.acting_interview(uow, report.interview_id)
    await uow.db.refresh(glimpse, with_for_update=True)
    return glimpse, report, interview


async def unsettled(uow: UnitOfWork) -> list[int]:
    """The interviews of which a mail with a report came or was given up and nobody has taken note of it yet."""
    mail = outbox.OutboxMail
    came = (col(mail.status) == MailStatus.SENT) & col(Delivery.sent_at).is_(None)
    given_up = (col(mail.status) == MailStatus.FAILED) & col(Delivery.trouble).is_(None)
    query = (
        select(col(Report.interview_id))
        .join(Delivery, col(Delivery.report_id) == col(Report.id))
        .join(mail, col(mail.key) == col(Delivery.mail_key))
        .where(came | given_up)
        .distinct()
    )
    return sorted(await uow.db.scalars(query))


async def settle(uow: UnitOfWork, interview_id: int) -> None:
    """Take over what became of the mails; called by the clock, as often as it likes."""
    await _settle(uow, await access.acting_interview(uow, interview_id))


async def _settle(uow: UnitOfWork, interview: Interview) -> None:
    """What has come, what cannot come, and the duty once everybody has the report."""
    await uow.db.flush()
    # Without the contents: a long interview's is megabytes.
    query = (
        select(Delivery, col(Report.version), col(Report.signed_at), Body)
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .join(Body, col(Body.id) == col(Delivery.body_id))
        .where(col(Report.interview_id) == interview.id)
        .order_by(col(Report.version), col(Delivery.id))
        .with_for_update(of=Delivery)
    )
    rows = [(way, version, signed, body) for way, version, signed, body in await uow.db.execute(query)]
    mails = await outbox.fate(uow, [way.mail_key for way, *_ in rows if way.mail_key])
    for way, version, _, body in rows:
        mail = mails.get(way.mail_key or "")
        if mail is None:
            continue
        if mail.status == MailStatus.SENT and way.sent_at is None:
            way.sent_at = mail.sent_at
        if mail.status == MailStatus.FAILED and way.trouble is None:
            why = mail.last_error or "对方的邮件服务器没有收"
            await report_letters.in_trouble(uow, interview, version, way, body, why)
    came = [_Came(body, version, signed is not None, way.sent_at) for way, version, signed, body in rows]
    await _discharged(uow, interview, came)


@dataclass(frozen=True)
class _Came:
    """A version on its way to a recipient, and when it came."""

    body: Body
    version: int
    signed: bool
    at: datetime | None


async def _discharged(uow: UnitOfWork, interview: Interview, ways: Sequence[_Came]) -> None:
    """The duty is done when every recipient has the report, in whichever version came first, on the day it came."""
    first: dict[int, _Came] = {}
    for one in ways:
        before = first.get(one.body.id or 0)
        if one.at is not None and (before is None or before.at is None or one.at < before.at):
            first[one.body.id or 0] = one
    asked = [one.body for one in ways if one.body.recipient]
    if not asked or any(body.id not in first for body in asked):
        return
    names = "、".join(dict.fromkeys(body.name for body in asked))
    versions = "、".join(str(number) for number in sorted({one.version for one in first.values()}))
    unsigned = "" if all(one.signed for one in first.values()) else "，未经第二人核签"
    count = len({body.id for body in asked})
    evidence = f"汇总报告第{versions}版已送{count}个单位：{names}{unsigned}"
    at = max(first[body.id or 0].at or uow.now for body in asked)
    await duties.discharge(uow, interview, "summary", evidence, at=at)
    await archive.when_done(uow, interview)


async def inbox(uow: UnitOfWork, body_id: int) -> list[Arrival]:
    """What came to one body, the newest first.

    Raises:
        Refusal: ``not_found`` for anyone of another body, whether or not there is anything.
    """
    if not _reads_for(uow, body_id):
        raise missing("这个收件箱")
    replaces = col(Report.content)[STAMP]["replaces"].as_integer()
    query = (
        select(Delivery, col(Report.version), replaces, Interview)
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .join(Interview, col(Interview.id) == col(Report.interview_id))
        .where(col(Delivery.body_id) == body_id, col(Delivery.sent_at).is_not(None))
        .order_by(col(Delivery.sent_at).desc(), col(Delivery.id).desc())
    )
    return [_arrival(*found) for found in await uow.db.execute(query)]


def _reads_for(uow: UnitOfWork, body_id: int) -> bool:
    """A recipient reads what came to its own body; the office and the supervisor see whether it arrived."""
    if uow.actor.role in access.EVERYWHERE:
        return True
    return uow.actor.role is Role.RECIPIENT and uow.actor.body_id == body_id


def _arrival(delivery: Delivery, version: int, replaces: int | None, interview: Interview) -> Arrival:
    return Arrival(
        delivery_id=delivery.id or 0,
        report_id=delivery.report_id,
        interview_id=interview.id or 0,
        theme=interview.theme,
        title=title_of(interview.theme),
        version=version,
        replaces=replaces,
        sent_at=delivery.sent_at or delivery.queued_at,
        opened_at=delivery.opened_at,
        acknowledged_at=delivery.acknowledged_at,
        comment=delivery.comment,
    )


async def ways(uow: UnitOfWork, interview_id: int | None = None, *, open_only: bool = False) -> list[Way]:
    """How far each version has come to each recipient, the newest first.

    Args:
        uow: of the office or the supervisor.
        interview_id: of one interview; all of them where it is not given.
        open_only: only what has not come or could not be mailed.
    """
    mail = outbox.OutboxMail
    query = (
        select(Delivery, col(Report.version), Interview, Body, mail)
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .join(Interview, col(Interview.id) == col(Report.interview_id))
        .join(Body, col(Body.id) == col(Delivery.body_id))
        .outerjoin(mail, col(mail.key) == col(Delivery.mail_key))
        .order_by(col(Report.id).desc(), col(Delivery.id))
    )
    if interview_id is not None:
        query = query.where(col(Interview.id) == interview_id)
    if open_only:
        query = query.where(col(Delivery.sent_at).is_(None) | col(Delivery.trouble).is_not(None))
    return [_way(*found) for found in await uow.db.execute(query)]


def _way(
    delivery: Delivery, version: int, interview: Interview, body: Body, mail: outbox.OutboxMail | None
) -> Way:
    waits = mail is not None and mail.on_the_way
    return Way(
        delivery_id=delivery.id or 0,
        interview_id=interview.id or 0,
        theme=interview.theme,
        body=body.name,
        version=version,
        by_mail=body.by_mail,
        queued_at=delivery.queued_at,
        sent_at=delivery.sent_at,
        opened_at=delivery.opened_at,
        acknowledged_at=delivery.acknowledged_at,
        acknowledged_by=delivery.acknowledged_by,
        comment=delivery.comment,
        mails=delivery.mails,
        trouble=delivery.trouble,
        mailed_to=mail.to if mail else None,
        tries=mail.attempts if mail else 0,
        remark=mail.last_error if mail and (waits or mail.status == MailStatus.SENT) else None,
        next_try_at=mail.next_try_at if mail and waits and mail.attempts else None,
    )


async def delivered(uow: UnitOfWork, delivery_id: int) -> Content:
    """The version that one delivery brought, nothing written.

    Raises:
        Refusal: ``not_found``, also where it came to another body; ``report.withdrawn`` where something in it was
            taken down since.
    """
    delivery = await uow.db.get(Delivery, delivery_id)
    if delivery is None or not _reads_for(uow, delivery.body_id):
        raise missing("这份报告")
    report = await uow.db.get_one(Report, delivery.report_id)
    if await reports.holds_removed(uow, report.content):
        raise reports.withdrawn(report.version)
    return report.content


async def _own(uow: UnitOfWork, delivery_id: int) -> Delivery:
    """A delivery to the recipient's own body, locked."""
    query = select(Delivery).where(col(Delivery.id) == delivery_id).with_for_update()
    delivery = (await uow.db.scalars(query)).one_or_none()
    own = delivery is not None and uow.actor.body_id == delivery.body_id
    if delivery is None or not own or uow.actor.role is not Role.RECIPIENT:
        raise missing("这份报告")
    return delivery


async def opened(uow: UnitOfWork, delivery_id: int) -> Delivery:
    """The recipient has opened what came; the first time counts.

    Raises:
        Refusal: ``not_found``, also for a delivery to another body, and for the office, which cannot open for it.
    """
    delivery = await _own(uow, delivery_id)
    if delivery.opened_at is None:
        delivery.opened_at = uow.now
        by_link = uow.actor.person_id is None
        await audit.note(
            uow, "report.open", f"delivery:{delivery_id}", body=delivery.body_id, by_link=by_link
        )
    return delivery


async def acknowledge(uow: UnitOfWork, delivery_id: int, comment: str | None = None) -> Delivery:
    """The recipient says that the report has come (回执), with a comment if there is one; once.

    Raises:
        Refusal: ``not_found``, also for another body's; acknowledged already, or an unusable comment.
    """
    delivery = await _own(uow, delivery_id)
    if delivery.acknowledged_at is not None:
        raise Refusal("report.acknowledged", "这份报告已经回执过了，不用再回。")
    delivery.opened_at = delivery.opened_at or uow.now
    delivery.acknowledged_at, delivery.acknowledged_by = uow.now, uow.actor.name
    delivery.comment = texts.clean_line(comment, texts.REASON_LIMIT, "意见")
    await audit.note(
        uow,
        "report.acknowledge",
        f"delivery:{delivery_id}",
        body=delivery.body_id,
        by_link=uow.actor.person_id is None,
        comment=audit.text_digest(delivery.comment) if delivery.comment else None,
    )
    return delivery
