"""The outbox: what must reach somebody outside, one row each under a unique key, sent after the commit.

A row is written in the transaction of the act that causes it; ``scheduler`` takes it out, and an act done twice
writes it once. Whoever sends claims the row first, for ten minutes. A process that dies between the sending and the
recording leaves its claim to run out, and the mail goes a second time with the same Message-ID: at least once, and
the second is recognisable. There are two channels, mail and the signed webhook; each is emptied on its own, so that
one that stands still does not hold up the other.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Integer,
    Select,
    String,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlmodel import Field, SQLModel, col

from base.columns import NUMBERED_ONCE, UtcDateTime
from base.db import UnitOfWork
from base.once import written_once


class Channel(StrEnum):
    """By which way something goes out."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class MailStatus(StrEnum):
    """Where a mail is on its way; ``dropped`` is one whose cause was settled before it went.

    ``held`` waits until the office lets it go.
    """

    HELD = "held"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class OutboxMail(SQLModel, table=True):
    """One mail to one address, or one call of the webhook; ``status`` is a ``MailStatus``, ``channel`` a ``Channel``.

    ``kind`` is the sort of notice. ``enclosures`` name what is attached, such as a report's version and a format;
    whoever sends makes the files. ``unsubscribe`` is the page where whoever gets it says that they want no more.
    ``about`` says to a webhook whom it is for.
    """

    __tablename__ = "outbox_mail"
    __table_args__ = NUMBERED_ONCE

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    to: str
    subject: str
    text: str
    enclosures: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: str = Field(default="queued", index=True)
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = None
    unsubscribe: str | None = None
    channel: str = Channel.MAIL
    kind: str = ""
    about: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))

    @property
    def on_the_way(self) -> bool:
        """Whether it has neither gone nor been given up."""
        return self.status in ON_THE_WAY


class OutboxTry(SQLModel, table=True):
    """One try to send; ``trouble`` is what was said where it was not taken, ``None`` where it was."""

    __tablename__ = "outbox_try"

    id: int | None = Field(default=None, primary_key=True)
    mail_id: int = Field(foreign_key="outbox_mail.id", ondelete="CASCADE", index=True)
    attempt: int
    at: datetime = Field(sa_type=UtcDateTime)
    trouble: str | None = None


class OutboxDelay(SQLModel, table=True):
    """How long one kind waits before it goes, so that the office may look at it first."""

    __tablename__ = "outbox_delay"

    kind: str = Field(primary_key=True)
    minutes: int


ON_THE_WAY = (MailStatus.HELD, MailStatus.QUEUED, MailStatus.SENDING)
UNTIL_RELEASED = -1
"""The minutes of a kind that goes only when the office lets each one go."""

CLAIM = timedelta(minutes=10)
"""How long whoever claimed a mail may take; then it is anybody's again."""

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
ATTEMPTS = 20
"""One minute, doubled each time up to six hours: a mail server that is away over a weekend loses nothing."""

JITTER = 0.2


@dataclass(frozen=True)
class Pace:
    """How often a channel tries again: after ``FIRST_WAIT``, doubled each time up to ``longest``, ``attempts`` in all."""

    longest: timedelta
    attempts: int


PACES = {
    Channel.MAIL: Pace(LONGEST_WAIT, ATTEMPTS),
    # Four days and a half: a gateway that went away before a long weekend is back.
    Channel.WEBHOOK: Pace(timedelta(days=1), 15),
}
FURTHEST = max(pace.longest for pace in PACES.values()) * (1 + JITTER)
LONGEST_DELAY = timedelta(days=1)

ERROR_LIMIT = 300


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a mail: its name, its media type, its bytes."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """A claimed mail as the sender needs it, free of the database; ``attempt`` is the number of this claim."""

    id: int
    key: str
    to: str
    subject: str
    text: str
    attempt: int
    enclosures: tuple[dict[str, Any], ...] = ()
    files: tuple[Enclosure, ...] = ()
    unsubscribe: str | None = None
    channel: Channel = Channel.MAIL
    kind: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None


class Undelivered(Exception):
    """The mail was not taken.

    Args:
        why: for the row; the server's own words.
        for_good: whether trying again is useless, such as for an address that does not exist.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.for_good = for_good


SEALED = "sealed:"
"""What an address begins with that is stored encrypted; whoever sends opens it at the last moment."""


async def queue(
    uow: UnitOfWork,
    key: str,
    to: str,
    subject: str,
    text: str,
    enclosures: Sequence[dict[str, Any]] = (),
    unsubscribe: str | None = None,
    *,
    kind: str = "",
    channel: Channel = Channel.MAIL,
    about: dict[str, Any] | None = None,
) -> bool:
    """Put a mail into the outbox; it goes only if this unit of work commits, and after the delay of its kind.

    Args:
        uow: of the act that causes the mail.
        key: names the occasion and the receiver, such as ``notice:12:3``.
        to: one address, or an encrypted one after ``SEALED``.
        subject: one line.
        text: plain text.
        enclosures: what is attached, as plain values by which whoever sends finds the files.
        unsubscribe: the page where its reader says that they want no more, for the mail's header.
        kind: the sort of notice; where it is not given, the first word of the key.
        channel: by which way it goes.
        about: for a webhook, whom it is for, as plain values.

    Returns:
        Whether it is new; the same key a second time changes nothing.
    """
    sort = kind or key.partition(":")[0]
    minutes = (await delays(uow)).get(sort, 0)
    mail = OutboxMail(
        key=key,
        to=to,
        subject=subject,
        text=text,
        enclosures=list(enclosures),
        unsubscribe=unsubscribe,
        status=MailStatus.HELD if minutes == UNTIL_RELEASED else MailStatus.QUEUED,
        next_try_at=uow.now + timedelta(minutes=max(minutes, 0)),
        created_at=uow.now,
        channel=channel,
        kind=sort,
        about=about or {},
    )
    return await written_once(uow, mail) is not None


async def delays(uow: UnitOfWork) -> dict[str, int]:
    """How many minutes each kind waits; read once in a unit of work, which may queue hundreds."""
    known: dict[str, int] | None = uow.db.info.get(OutboxDelay)
    if known is None:
        known = {one.kind: one.minutes for one in await uow.db.scalars(select(OutboxDelay))}
        uow.db.info[OutboxDelay] = known
    return known


def delays_changed(uow: UnitOfWork) -> None:
    """Read the delays again in this unit of work."""
    uow.db.info.pop(OutboxDelay, None)


def _on_the_way() -> ColumnElement[bool]:
    return col(OutboxMail.status).in_(ON_THE_WAY)


def _claimable(now: datetime, channel: Channel) -> Select[int | None]:
    """The ids of what may be sent at ``now``, the longest waiting first."""
    due = col(OutboxMail.next_try_at)
    sendable = col(OutboxMail.status).in_([MailStatus.QUEUED, MailStatus.SENDING])
    # A time further ahead than any wait was written by a clock that has gone back since.
    in_time = or_(due <= now, due > now + FURTHEST)
    found = select(col(OutboxMail.id)).where(sendable, col(OutboxMail.channel) == channel, in_time)
    return found.order_by(due, col(OutboxMail.id))


async def any_due(uow: UnitOfWork, channel: Channel = Channel.MAIL) -> bool:
    """Whether something could be claimed now; changes nothing."""
    return (await uow.db.execute(_claimable(uow.now, channel).limit(1))).first() is not None


async def unsent(uow: UnitOfWork, channel: Channel = Channel.MAIL) -> int:
    """How many of a channel have neither gone nor been given up."""
    waiting = select(func.count(col(OutboxMail.id))).where(_on_the_way(), col(OutboxMail.channel) == channel)
    return int(await uow.db.scalar(waiting) or 0)


async def waiting(uow: UnitOfWork, prefix: str) -> list[str]:
    """The keys with this beginning of what nobody is sending just now."""
    idle = col(OutboxMail.status).in_([MailStatus.HELD, MailStatus.QUEUED])
    query = select(col(OutboxMail.key)).where(idle, col(OutboxMail.key).startswith(prefix))
    return list(await uow.db.scalars(query.order_by(col(OutboxMail.id))))


async def claim(uow: UnitOfWork, now: datetime, limit: int, channel: Channel = Channel.MAIL) -> list[Letter]:
    """Take mails out for sending, so that no other process takes them while the claim lasts.

    PostgreSQL passes over rows that another claim holds; SQLite has one writer at a time.
    """
    mine = _claimable(now, channel).limit(limit).with_for_update(skip_locked=True)
    taken = (
        update(OutboxMail)
        .where(col(OutboxMail.id).in_(mine.scalar_subquery()))
        .values(status=MailStatus.SENDING, attempts=col(OutboxMail.attempts) + 1, next_try_at=now + CLAIM)
        .returning(
            col(OutboxMail.id),
            col(OutboxMail.key),
            col(OutboxMail.to),
            col(OutboxMail.subject),
            col(OutboxMail.text),
            col(OutboxMail.attempts),
            col(OutboxMail.enclosures),
            col(OutboxMail.unsubscribe),
            col(OutboxMail.kind),
            col(OutboxMail.about),
            col(OutboxMail.created_at),
        )
        .execution_options(synchronize_session=False)
    )
    rows = await uow.db.execute(taken)
    letters = [
        Letter(
            row.id,
            row.key,
            row.to,
            row.subject,
            row.text,
            row.attempts,
            tuple(row.enclosures),
            unsubscribe=row.unsubscribe,
            channel=channel,
            kind=row.kind,
            about=row.about,
            created_at=row.created_at,
        )
        for row in rows
    ]
    return sorted(letters, key=lambda letter: letter.id)


async def sent(uow: UnitOfWork, letter: Letter, remark: str | None = None) -> None:
    """Record that the server has taken it; ``remark`` says in what it was not as it should be."""
    await _log(uow, letter, None)
    await _record(uow, letter, status=MailStatus.SENT, sent_at=uow.now, last_error=remark)


async def fate(uow: UnitOfWork, keys: Sequence[str]) -> dict[str, OutboxMail]:
    """What has become of some mails, by their keys."""
    query = select(OutboxMail).where(col(OutboxMail.key).in_(keys))
    return {mail.key: mail for mail in await uow.db.scalars(query)}


async def withdraw(uow: UnitOfWork, key: str, why: str) -> None:
    """Let a mail that has neither gone nor been given up not go any more; one in the server's hands may still come."""
    query = update(OutboxMail).where(col(OutboxMail.key) == key, _on_the_way())
    withdrawn = query.values(status=MailStatus.DROPPED, last_error=why)
    await uow.db.execute(withdrawn.execution_options(synchronize_session="fetch"))


async def withdraw_all(uow: UnitOfWork, prefix: str, why: str) -> None:
    """The same for every mail whose key begins so."""
    under = update(OutboxMail).where(col(OutboxMail.key).startswith(prefix, autoescape=True), _on_the_way())
    withdrawn = under.values(status=MailStatus.DROPPED, last_error=why)
    await uow.db.execute(withdrawn.execution_options(synchronize_session="fetch"))


async def drop(uow: UnitOfWork, letter: Letter, why: str) -> None:
    """Record that it is not to be sent any more, such as a reminder of what is done."""
    await _record(uow, letter, status=MailStatus.DROPPED, last_error=why)


async def failed(uow: UnitOfWork, letter: Letter, trouble: Undelivered, chance: float | None = None) -> None:
    """Record that it was not taken: again after a wait that doubles, or given up with the error kept.

    Args:
        uow: its instant is when the sending failed.
        letter: as claimed; where somebody has claimed it anew since, theirs counts and this says nothing.
        trouble: what the server said.
        chance: 0 to 1, for the jitter; drawn where it is not given.
    """
    pace = PACES[letter.channel]
    if trouble.for_good or letter.attempt >= pace.attempts:
        values: dict[str, Any] = {"status": MailStatus.FAILED}
    else:
        wait = wait_after(letter.attempt, chance, pace.longest)
        values = {"status": MailStatus.QUEUED, "next_try_at": uow.now + wait}
    await _log(uow, letter, trouble.why[:ERROR_LIMIT])
    await _record(uow, letter, last_error=trouble.why[:ERROR_LIMIT], **values)


def wait_after(attempt: int, chance: float | None = None, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """How long to wait after the ``attempt``-th failure, the jitter added so that mails do not come in one crowd."""
    drawn = random.random() if chance is None else chance  # noqa: S311 - spreads load, guards nothing
    doubled = FIRST_WAIT * (1 << min(attempt - 1, 20))
    return min(doubled, longest) * (1 + JITTER * drawn)


async def _log(uow: UnitOfWork, letter: Letter, trouble: str | None) -> None:
    # From the mail's own row: one that was deleted while it was on its way leaves no try behind.
    tried = select(
        col(OutboxMail.id),
        literal(letter.attempt, Integer),
        literal(uow.now, UtcDateTime),
        literal(trouble, String),
    ).where(col(OutboxMail.id) == letter.id)
    await uow.db.execute(insert(OutboxTry).from_select(["mail_id", "attempt", "at", "trouble"], tried))


async def _record(uow: UnitOfWork, letter: Letter, **values: Any) -> None:
    query = update(OutboxMail).where(col(OutboxMail.id) == letter.id, _on_the_way())
    if values["status"] != MailStatus.SENT:
        query = query.where(col(OutboxMail.attempts) == letter.attempt)
    await uow.db.execute(query.values(**values).execution_options(synchronize_session=False))
