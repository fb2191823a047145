"""The letters by which a report goes out, and what is said to the office and the supervisor when one cannot."""

from sqlalchemy import select
from sqlmodel import col

from base import audit, outbox
from base.db import UnitOfWork
from base.people import Body
from interviews import duties, law, notices, wording
from interviews.models import Delivery, Interview, Notice, Report
from interviews.report_content import STAMP, title_of
from interviews.telling import Kind

FORMATS = ("docx", "pdf")
NO_ADDRESS = "没有登记邮箱"


async def post(
    uow: UnitOfWork, interview: Interview, report: Report, body: Body, delivery: Delivery, link: str | None
) -> None:
    """Queue one mail with the report attached; a body without an address that receives by mail alone is in trouble.

    Each mail of a delivery has its own number and so its own Message-ID; the version's number stays the same.

    Args:
        uow: of whoever sends.
        interview: what the report sums up.
        report: the version.
        body: to whom.
        delivery: how far it has come; its mail is replaced by this one.
        link: a signed address that shows the same, where the installation gives such.
    """
    if not body.email:
        if body.by_mail:
            await in_trouble(uow, interview, report.version, delivery, body, NO_ADDRESS)
        return
    delivery.mails += 1
    delivery.mail_key = f"report:{report.id}:{body.id}:{delivery.mails}"
    delivery.trouble = None
    title = title_of(interview.theme)
    again = f"（第{delivery.mails}次发送，同一版）" if delivery.mails > 1 else ""
    replaced = report.content[STAMP]["replaces"]
    words = await wording.mail(
        uow,
        "report",
        body=body.name,
        title=title,
        version=report.version,
        again=again,
        replaces=f"这一版替换第{replaced}版。" if replaced else "",
        link=f"也可以在这里看，并告知已经收到：{link}" if link else "",
    )
    enclosed = [{"report": report.id, "format": kind} for kind in FORMATS]
    await outbox.queue(uow, delivery.mail_key, body.email, words.subject, words.text, enclosed)


async def in_trouble(
    uow: UnitOfWork, interview: Interview, version: int, way: Delivery, body: Body, why: str
) -> None:
    """Keep why a mail will never come, and tell the office and the supervisor at once, each once for each mail."""
    way.trouble = why
    acts = {rule.id for rule in law.load(interview.regulation).duties if rule.done_by == "summary"}
    text = (
        f"《{interview.theme}》：汇总报告第{version}版发给{body.name}的邮件没有送到：{why}。"
        "请核对邮箱，再发一次。"
    )
    for duty in await duties.of_interview(uow, interview.id or 0):
        if duty.rule not in acts:
            continue
        for role in ("office", "supervisor"):
            stage = f"{notices.BOUNCED}{way.id}-{way.mails}-{role}"
            told = Notice(duty_id=duty.id or 0, stage=stage, to_role=role, text=text, at=uow.now)
            await notices.tell(uow, told, interview, Kind.BOUNCED)
    await audit.note(uow, "report.bounced", f"delivery:{way.id}", version=version, body=body.id)


async def on_its_way(uow: UnitOfWork, delivery: Delivery) -> outbox.OutboxMail | None:
    """The delivery's latest mail while it has neither gone nor been given up."""
    query = select(outbox.OutboxMail).where(col(outbox.OutboxMail.key) == delivery.mail_key)
    mail = (await uow.db.scalars(query)).one_or_none()
    return mail if mail is not None and mail.on_the_way else None
