"""The summary report (汇总报告) and its way to the offices that the rule names (第七、十五条).

draft, send, opened: a version is the record frozen, the next one comes only when the record has changed, and no
version goes to the same body twice. Sending discharges the duty of 第十五条. Writing it on paper is ``report_word``.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Role
from interviews import access, archive, duties, law, report_content
from interviews.lifecycle import INTERVIEW_WORDS, InterviewStatus, move_interview
from interviews.models import Delivery, Interview, Report
from interviews.report_content import Content, record_of, stamped, title_of

OVER = frozenset({InterviewStatus.ENDED, InterviewStatus.ARCHIVED})


@dataclass(frozen=True)
class Arrival:
    """A version of a report in one recipient's inbox."""

    delivery_id: int
    report_id: int
    interview_id: int
    theme: str
    title: str
    version: int
    sent_at: datetime
    opened_at: datetime | None


async def draft(uow: UnitOfWork, interview_id: int) -> Report:
    """The report on the record as it stands; a new version only where the record has changed since the last.

    Raises:
        Refusal: not there or not the actor's; or the interview is not over, so that there is nothing to sum up.
    """
    interview = await access.acting_interview(uow, interview_id)
    _require_over(interview)
    return await _draft(uow, interview)


def _require_over(interview: Interview) -> None:
    status = InterviewStatus(interview.status)
    if status in OVER:
        return
    words = f"这场访谈{INTERVIEW_WORDS[status]}，没有汇总报告。"
    if status is not InterviewStatus.CANCELLED:
        words += "结束以后再来取。"
    raise Refusal("report.not_over", words)


async def _draft(uow: UnitOfWork, interview: Interview) -> Report:
    record = await report_content.gather(uow, interview)
    latest = await _latest(uow, interview.id or 0)
    if latest is not None and record_of(latest.content) == record:
        return latest
    sent = await _latest(uow, interview.id or 0, sent=True)
    version = latest.version + 1 if latest else 1
    made_at = shanghai_iso(uow.now)
    report = Report(
        interview_id=interview.id or 0,
        version=version,
        content=stamped(record, version, made_at, sent.version if sent else None),
        drafted_at=uow.now,
    )
    uow.db.add(report)
    await uow.db.flush()
    await audit.note(
        uow, "report.draft", f"interview:{interview.id}", version=version, digest=_digest(record)
    )
    return report


def _digest(record: Content) -> str:
    return audit.text_digest(json.dumps(record, sort_keys=True, ensure_ascii=False))


async def _latest(uow: UnitOfWork, interview_id: int, *, sent: bool = False) -> Report | None:
    query = select(Report).where(col(Report.interview_id) == interview_id)
    if sent:
        query = query.where(col(Report.id).in_(select(col(Delivery.report_id))))
    return (await uow.db.scalars(query.order_by(col(Report.version).desc()).limit(1))).first()


async def send(uow: UnitOfWork, interview_id: int) -> Report:
    """Send the report to every recipient of the rule (第十五条); drafts it first where the record has changed.

    Discharges the duty on the first sending and archives the interview when no question waits for a decision.

    Returns:
        The version that went out.

    Raises:
        Refusal: not there or not the actor's; not ended; no recipient known; or every recipient has this version.
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
    report = await _draft(uow, interview)
    query = select(col(Delivery.body_id)).where(col(Delivery.report_id) == report.id)
    there = set(await uow.db.scalars(query))
    new = [body for body in bodies if body.id not in there]
    if not new:
        raise Refusal(
            "report.nothing_new",
            f"第{report.version}版已经送到每个接收单位，记录没有变化，不用再送。有新的答复以后可以再送。",
        )
    for body in new:
        uow.db.add(Delivery(report_id=report.id or 0, body_id=body.id or 0, sent_at=uow.now))
    await uow.db.flush()
    names = "、".join(body.name for body in new)
    evidence = f"汇总报告第{report.version}版已送{len(new)}个单位：{names}"
    await duties.discharge(uow, interview, "summary", evidence)
    await audit.note(
        uow,
        "summary.send",
        f"interview:{interview_id}",
        version=report.version,
        digest=_digest(record_of(report.content)),
        bodies=[body.id for body in new],
    )
    await archive.when_done(uow, interview)
    return report


async def content(uow: UnitOfWork, interview_id: int) -> Content:
    """The report to read, nothing written: the last version sent, else the record as it stands.

    A record that equals the last version kept is that version; otherwise it is a draft without a number, dated by
    the record's own last instant, so that reading twice gives the same paper.

    Raises:
        Refusal: not there or not the actor's; or the interview is not over.
    """
    interview = await access.acting_interview(uow, interview_id, lock=None)
    _require_over(interview)
    sent = await _latest(uow, interview_id, sent=True)
    if sent is not None:
        return sent.content
    record = await report_content.gather(uow, interview)
    kept = await _latest(uow, interview_id)
    if kept is not None and record_of(kept.content) == record:
        return kept.content
    return stamped(record, None, record["as_of"])


async def sent_at(uow: UnitOfWork, interview_id: int) -> datetime | None:
    """When the report was first sent, in any version; ``None`` while it has not been."""
    query = (
        select(col(Delivery.sent_at))
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .where(col(Report.interview_id) == interview_id)
        .order_by(col(Delivery.sent_at))
        .limit(1)
    )
    found: datetime | None = await uow.db.scalar(query)
    return found


async def inbox(uow: UnitOfWork, body_id: int) -> list[Arrival]:
    """What was sent to one body, the newest first.

    Raises:
        Refusal: ``not_found`` for anyone of another body, whether or not there is anything.
    """
    if not _reads_for(uow, body_id):
        raise missing("这个收件箱")
    query = (
        select(Delivery, Report, Interview)
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .join(Interview, col(Interview.id) == col(Report.interview_id))
        .where(col(Delivery.body_id) == body_id)
        .order_by(col(Delivery.sent_at).desc(), col(Delivery.id).desc())
    )
    return [_arrival(*found) for found in await uow.db.execute(query)]


def _reads_for(uow: UnitOfWork, body_id: int) -> bool:
    """A recipient reads what came to its own body; the office and the supervisor see whether it arrived."""
    if uow.actor.role in access.EVERYWHERE:
        return True
    return uow.actor.role is Role.RECIPIENT and uow.actor.body_id == body_id


def _arrival(delivery: Delivery, report: Report, interview: Interview) -> Arrival:
    return Arrival(
        delivery_id=delivery.id or 0,
        report_id=report.id or 0,
        interview_id=interview.id or 0,
        theme=interview.theme,
        title=title_of(interview.theme),
        version=report.version,
        sent_at=delivery.sent_at,
        opened_at=delivery.opened_at,
    )


async def delivered(uow: UnitOfWork, delivery_id: int) -> Content:
    """The version that one delivery brought, nothing written.

    Raises:
        Refusal: ``not_found``, also where it came to another body.
    """
    delivery = await uow.db.get(Delivery, delivery_id)
    if delivery is None or not _reads_for(uow, delivery.body_id):
        raise missing("这份报告")
    report = await uow.db.get_one(Report, delivery.report_id)
    return report.content


async def opened(uow: UnitOfWork, delivery_id: int) -> Delivery:
    """The recipient has opened what came; the first time counts.

    Raises:
        Refusal: ``not_found``, also for a delivery to another body, and for the office, which cannot open for it.
    """
    query = select(Delivery).where(col(Delivery.id) == delivery_id).with_for_update()
    delivery = (await uow.db.scalars(query)).one_or_none()
    own = delivery is not None and uow.actor.body_id == delivery.body_id
    if delivery is None or not own or uow.actor.role is not Role.RECIPIENT:
        raise missing("这份报告")
    if delivery.opened_at is None:
        delivery.opened_at = uow.now
        await audit.note(uow, "report.open", f"delivery:{delivery_id}", body=delivery.body_id)
    return delivery
