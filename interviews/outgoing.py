"""The office at the outbox: what waits, what went, every try, and a hand on what has not gone yet (issue 8).

The addresses of citizens are stored encrypted and are not opened here; neither are the receipts and signed links in
what is written to them, since whoever holds one acts as that citizen.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import load_only
from sqlmodel import col

from base import audit, outbox
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.outbox import SEALED, UNTIL_RELEASED, Channel, MailStatus, OutboxDelay, OutboxMail, OutboxTry
from base.people import Role
from interviews import telling, texts

KIND_LABELS: dict[str, str] = {kind.value: label for kind, label in telling.LABELS.items()} | {
    kind: label for kind, (label, _) in telling.ALWAYS.items()
}
"""Every kind that the office may let wait; the keys are what ``outbox.queue`` is given, or a key's first word."""

DELAYS = {
    0: "马上发",
    10: "等10分钟",
    60: "等1小时",
    240: "等4小时",
    1440: "等一天",
    UNTIL_RELEASED: "等人放行",
}
"""The minutes that may be chosen; none above ``outbox.LONGEST_DELAY``."""


class Standing(StrEnum):
    """How things in the outbox stand, in the words of the list."""

    WAITING = "waiting"
    HELD = "held"
    FAILED = "failed"
    SENT = "sent"
    DROPPED = "dropped"


STANDINGS = {
    Standing.WAITING: (MailStatus.QUEUED, MailStatus.SENDING),
    Standing.HELD: (MailStatus.HELD,),
    Standing.FAILED: (MailStatus.FAILED,),
    Standing.SENT: (MailStatus.SENT,),
    Standing.DROPPED: (MailStatus.DROPPED,),
}
STANDING_LABELS = {
    Standing.WAITING: "等着发",
    Standing.HELD: "扣着",
    Standing.FAILED: "没有发成",
    Standing.SENT: "发了",
    Standing.DROPPED: "不发了",
}
STATUS_LABELS = {
    MailStatus.QUEUED: "等着发",
    MailStatus.SENDING: "正在发",
    MailStatus.HELD: "扣着，等放行",
    MailStatus.FAILED: "没有发成",
    MailStatus.SENT: "发了",
    MailStatus.DROPPED: "不发了",
}

_LINK = re.compile(r"https?://\S+")
_RECEIPT = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{3}\b")


@dataclass(frozen=True)
class Wanted:
    """What a list is narrowed to; empty asks for everything."""

    standing: Standing | None = None
    channel: Channel | None = None
    kind: str = ""


@dataclass(frozen=True)
class Preview:
    """One thing in the outbox as the office may see it."""

    mail: OutboxMail
    to: str
    text: str
    citizen: bool


def preview(mail: OutboxMail) -> Preview:
    """What the office sees of one: of a letter to a citizen neither the address nor what only they may hold."""
    citizen, to = _for_citizen(mail.to, mail.kind), to_words(mail.to, mail.kind, mail.channel)
    if not citizen:
        return Preview(mail, to, mail.text, citizen=False)
    hidden = _RECEIPT.sub("（回执编号）", _LINK.sub("（只给收信人的网址）", mail.text))
    return Preview(mail, to, hidden, citizen=True)


def _for_citizen(to: str, kind: str) -> bool:
    return to.startswith(SEALED) or kind in ("asker", "follow", "referral")


def to_words(to: str, kind: str, channel: str) -> str:
    """To whom one goes, as the office may see it."""
    if _for_citizen(to, kind):
        return "市民留的邮箱，加密保存，这里看不到" if to else "邮箱已经删掉"
    return to or ("没有留号码，由短信平台按账号找人" if channel == Channel.WEBHOOK else "没有地址")


_UNDECIDED = col(OutboxMail.status).in_(
    (*STANDINGS[Standing.WAITING], *STANDINGS[Standing.HELD], *STANDINGS[Standing.FAILED])
)


def standing_of(mail: OutboxMail) -> Standing:
    """How one stands, in the words of the list."""
    return next(standing for standing, states in STANDINGS.items() if mail.status in states)


def _only_office(uow: UnitOfWork) -> None:
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.standing is not None:
        found.append(col(OutboxMail.status).in_(STANDINGS[wanted.standing]))
    if wanted.channel is not None:
        found.append(col(OutboxMail.channel) == wanted.channel)
    if wanted.kind:
        found.append(col(OutboxMail.kind) == wanted.kind)
    return found


_LISTED = (
    *(
        OutboxMail.id,
        OutboxMail.to,
        OutboxMail.subject,
        OutboxMail.kind,
        OutboxMail.channel,
        OutboxMail.status,
    ),
    *(
        OutboxMail.created_at,
        OutboxMail.next_try_at,
        OutboxMail.sent_at,
        OutboxMail.attempts,
        OutboxMail.last_error,
    ),
)


async def listed(uow: UnitOfWork, wanted: Wanted, since: datetime | None = None) -> list[OutboxMail]:
    """What fits, the newest first, without its texts, of which thousands would fill the memory.

    Args:
        uow: reads.
        wanted: what it is narrowed to.
        since: what was written before is left out, unless it has not gone and was not given up.
    """
    recent = [] if since is None else [(col(OutboxMail.created_at) >= since) | _UNDECIDED]
    query = select(OutboxMail).where(*_conditions(wanted), *recent).order_by(col(OutboxMail.id).desc())
    only = load_only(*_LISTED, raiseload=True)  # type: ignore[arg-type]
    return list(await uow.db.scalars(query.options(only)))


async def counts(uow: UnitOfWork, wanted: Wanted | None = None) -> dict[Standing, int]:
    """How many there are of each standing, among those that fit otherwise."""
    asked = wanted or Wanted()
    query = (
        select(col(OutboxMail.status), func.count(col(OutboxMail.id)))
        .where(*_conditions(Wanted(None, asked.channel, asked.kind)))
        .group_by(col(OutboxMail.status))
    )
    counted = (await uow.db.execute(query)).all()
    by_status = {row[0]: row[1] for row in counted}
    return {
        standing: sum(by_status.get(status.value, 0) for status in states)
        for standing, states in STANDINGS.items()
    }


async def one(uow: UnitOfWork, mail_id: int) -> tuple[Preview, Sequence[OutboxTry]]:
    """One thing in the outbox and every try to send it, the oldest first.

    Raises:
        Refusal: ``not_found``.
    """
    mail = await uow.db.get(OutboxMail, mail_id)
    if mail is None:
        raise missing("这一封")
    query = select(OutboxTry).where(col(OutboxTry.mail_id) == mail_id).order_by(col(OutboxTry.id))
    return preview(mail), list(await uow.db.scalars(query))


async def hold(uow: UnitOfWork, mail_id: int) -> None:
    """Keep one from going until it is let go.

    Raises:
        Refusal: not there, not the office, or it is being sent or has gone already.
    """
    await _turn(uow, mail_id, "hold", (MailStatus.QUEUED,), status=MailStatus.HELD)


async def unhold(uow: UnitOfWork, mail_id: int) -> None:
    """Take a hold back: it waits as it did before, no shorter and no longer.

    Raises:
        Refusal: not there, not the office, or it is not held.
    """
    await _turn(uow, mail_id, "unhold", (MailStatus.HELD,), status=MailStatus.QUEUED)


async def release(uow: UnitOfWork, mail_id: int) -> None:
    """Let one go now, before its delay is over or after it was held; a reminder of what is done does not go.

    Raises:
        Refusal: not there, not the office, or it does not wait any more.
    """
    waiting = (MailStatus.HELD, MailStatus.QUEUED)
    await _turn(uow, mail_id, "release", waiting, status=MailStatus.QUEUED, next_try_at=uow.now)


async def cancel(uow: UnitOfWork, mail_id: int, reason: str) -> None:
    """Let one not go at all; the reason stands on it.

    Raises:
        Refusal: not there, not the office, no reason, or it does not wait any more.
    """
    why = texts.clean(reason, texts.REASON_LIMIT, "原因")
    states = (MailStatus.HELD, MailStatus.QUEUED)
    said = f"{uow.actor.name}取消：{why}"
    await _turn(uow, mail_id, "cancel", states, why, status=MailStatus.DROPPED, last_error=said)


async def retry(uow: UnitOfWork, mail_id: int) -> None:
    """Try one again from the beginning that was given up.

    Raises:
        Refusal: not there, not the office, not given up; a report, which is sent again where its way is written down.
    """
    mail = await uow.db.get(OutboxMail, mail_id)
    if mail is not None and mail.kind == "report":
        raise Refusal("outbox.report", "汇总报告没有寄到的，请在那一场的“汇总报告”里按“再发一次”。")
    states = (MailStatus.FAILED,)
    await _turn(uow, mail_id, "retry", states, status=MailStatus.QUEUED, next_try_at=uow.now, attempts=0)


async def _turn(
    uow: UnitOfWork,
    mail_id: int,
    act: str,
    states: Sequence[MailStatus],
    reason: str | None = None,
    **values: object,
) -> None:
    """Change one that is in one of these states; the database decides, since a sender may claim it this very moment."""
    _only_office(uow)
    query = update(OutboxMail).where(col(OutboxMail.id) == mail_id, col(OutboxMail.status).in_(states))
    turned = query.values(**values).returning(col(OutboxMail.kind), col(OutboxMail.channel))
    done = (await uow.db.execute(turned.execution_options(synchronize_session=False))).first()
    if done is None:
        mail = await uow.db.get(OutboxMail, mail_id, populate_existing=True)
        if mail is None:
            raise missing("这一封")
        now = STATUS_LABELS[MailStatus(mail.status)]
        raise Refusal("outbox.state", f"这一封现在是“{now}”，不能这样办。请看一下它现在的样子。")
    why = {"reason": audit.text_digest(reason)} if reason else {}
    await audit.note(uow, f"outbox.{act}", f"outbox:{mail_id}", kind=done.kind, channel=done.channel, **why)


async def set_delays(uow: UnitOfWork, said: Mapping[str, int]) -> int:
    """How long each kind waits before it goes; how many changed. What is in the outbox already keeps its time.

    Raises:
        Refusal: not the office, or a kind or a time that there is not.
    """
    _only_office(uow)
    before = await outbox.delays(uow)
    changed = {kind: minutes for kind, minutes in said.items() if before.get(kind, 0) != minutes}
    if not changed.keys() <= KIND_LABELS.keys() or not set(changed.values()) <= DELAYS.keys():
        raise Refusal("outbox.delay", "请从单子里选要等多久。", status=400)
    for kind, minutes in changed.items():
        row = await uow.db.get(OutboxDelay, kind) or OutboxDelay(kind=kind, minutes=0)
        row.minutes = minutes
        uow.db.add(row)
    if changed:
        outbox.delays_changed(uow)
        await audit.note(uow, "outbox.delays", "outbox", **changed)
    return len(changed)
