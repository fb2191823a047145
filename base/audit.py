"""The audit chain: every act by staff and by the clock, each entry hashed over the one before it.

An entry is written in the act's own transaction. Texts enter as digests, so that a text taken down later
leaves a chain that still verifies.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, select
from sqlmodel import Field, SQLModel, col

from base.clock import as_utc
from base.columns import UtcDateTime
from base.db import UnitOfWork

GENESIS = "0" * 64
PAGE = 250
"""Entries read at once: checking them keeps the event loop for some 10 ms."""


class AuditEntry(SQLModel, table=True):
    """One act: who, when, what, on what, and the chain's digest up to here."""

    __tablename__ = "audit_entry"

    seq: int = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None
    role: str
    act: str
    subject: str = Field(index=True)
    detail: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    previous: str
    digest: str


class AuditHead(SQLModel, table=True):
    """The end of the chain; its row is the lock under which the next entry is numbered."""

    __tablename__ = "audit_head"

    id: int = Field(primary_key=True)
    entries: int
    digest: str


@dataclass(frozen=True)
class Verdict:
    """What a walk along the chain found; ``broken_at`` is the number of the first entry that fails."""

    ok: bool
    entries: int
    head: str
    broken_at: int | None

    def to_dict(self) -> dict[str, object]:
        """The result of ``fangtan audit verify --json``."""
        return {"ok": self.ok, "entries": self.entries, "head": self.head, "broken_at": self.broken_at}


@dataclass(frozen=True)
class Mark:
    """A place on the chain that was written down elsewhere: how many entries there were, and the digest of the last."""

    entries: int
    head: str


def text_digest(text: str) -> str:
    """The digest that stands for a text in the audit and in a transcript."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def entry_content(entry: AuditEntry) -> dict[str, Any]:
    """What of an entry is hashed, with the digest before it; ``at`` in UTC to the microsecond."""
    return {
        "seq": entry.seq,
        "at": as_utc(entry.at).isoformat(timespec="microseconds"),
        "person": entry.person_id,
        "role": entry.role,
        "act": entry.act,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": entry.previous,
    }


def entry_digest(entry: AuditEntry) -> str:
    """SHA-256 over the canonical JSON of an entry's content."""
    canonical = json.dumps(entry_content(entry), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


async def note(uow: UnitOfWork, act: str, subject: str, **detail: Any) -> None:
    """Append the actor's act to the chain.

    Args:
        uow: its actor and instant go into the entry.
        act: the command or sweep, such as ``question.publish``.
        subject: what it was done to, such as ``question:12``.
        detail: plain JSON values; texts only as ``text_digest``.
    """
    head = await uow.db.get(AuditHead, 1, with_for_update=True)
    if head is None:
        head = AuditHead(id=1, entries=0, digest=GENESIS)
        uow.db.add(head)
    entry = AuditEntry(
        seq=head.entries + 1,
        at=uow.now,
        person_id=uow.actor.person_id,
        role=uow.actor.role.value,
        act=act,
        subject=subject,
        detail=detail,
        previous=head.digest,
        digest="",
    )
    entry.digest = entry_digest(entry)
    head.entries, head.digest = entry.seq, entry.digest
    uow.db.add(entry)


async def entries(uow: UnitOfWork) -> AsyncIterator[AuditEntry]:
    """All entries in order, read in pages."""
    last = 0
    while True:
        query = select(AuditEntry).where(col(AuditEntry.seq) > last)
        page = (await uow.db.scalars(query.order_by(col(AuditEntry.seq)).limit(PAGE))).all()
        if not page:
            return
        for entry in page:
            yield entry
        last = page[-1].seq


async def length(uow: UnitOfWork) -> int:
    """How many entries the chain has, by its kept head."""
    head = await uow.db.get(AuditHead, 1)
    return head.entries if head else 0


Walked = Callable[[int], None]
"""Told how many entries were walked over; may raise to stop the walk, which changes nothing."""


def untold(_count: int) -> None:
    """For whoever waits and needs no telling."""


async def verify(uow: UnitOfWork, mark: Mark | None = None, walked: Walked = untold) -> Verdict:
    """Walk the chain from its beginning and compare its end with the kept head.

    Read in pages, so that others are served in between. With a ``mark`` a chain that was rewritten whole or cut off
    together with its head is found too: the walk does not pass through the mark, or ends before it.

    Args:
        uow: sees one state of the chain for as long as the walk takes.
        mark: a place that the chain must pass through.
        walked: is told after each page how far it is.
    """
    previous, count = GENESIS, 0
    marked = {mark.entries: mark.head} if mark else {}
    if marked.get(0, GENESIS) != GENESIS:
        return Verdict(False, 0, GENESIS, 1)
    async for entry in entries(uow):
        count += 1
        if count % PAGE == 0:
            walked(count)
        sound = entry.seq == count and entry.previous == previous and entry.digest == entry_digest(entry)
        if not sound or marked.get(count, entry.digest) != entry.digest:
            return Verdict(False, count, previous, entry.seq)
        previous = entry.digest
    head = await uow.db.get(AuditHead, 1)
    kept = (head.entries, head.digest) if head else (0, GENESIS)
    if kept != (count, previous) or (mark is not None and mark.entries > count):
        return Verdict(False, count, previous, count + 1)
    return Verdict(True, count, previous, None)
