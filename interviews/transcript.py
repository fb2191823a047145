"""The transcript (实录): numbered items, each hashed over the one before, so that a saved copy can be checked."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from base.audit import text_digest
from base.clock import as_utc
from base.db import UnitOfWork
from interviews.lifecycle import ItemKind
from interviews.models import Interview, Item


@dataclass(frozen=True)
class Voice:
    """Who speaks in an item: a name, what they are in the interview, and for which body."""

    speaker: str | None
    role: str
    body_name: str | None = None


def link(previous: str, item: Item) -> str:
    """The chain's digest after ``item``: SHA-256 over what identifies it and the digest of its text."""
    moment = as_utc(item.at).isoformat(timespec="seconds")
    parts = (
        previous,
        str(item.no),
        item.kind,
        str(item.question_id or ""),
        item.speaker or "",
        moment,
        item.digest,
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


async def append(
    uow: UnitOfWork,
    interview: Interview,
    kind: ItemKind,
    voice: Voice,
    text: str,
    *,
    question_id: int | None = None,
    origin: str | None = None,
    ground: str | None = None,
) -> Item:
    """Add the next item; the interview's row must be locked for update.

    Returns:
        The item, with its number and its place in the chain.
    """
    item = Item(
        interview_id=interview.id or 0,
        no=interview.next_item,
        kind=kind,
        question_id=question_id,
        speaker=voice.speaker,
        role=voice.role,
        body_name=voice.body_name,
        text=text,
        origin=origin,
        ground=ground,
        person_id=uow.actor.person_id if uow.actor.is_staff else None,
        at=uow.now,
        digest=text_digest(text),
        chain="",
    )
    item.chain = link(interview.chain_head, item)
    interview.next_item += 1
    interview.chain_head = item.chain
    uow.db.add(item)
    await uow.db.flush()
    return item


async def items(uow: UnitOfWork, interview_id: int) -> list[Item]:
    """All items of an interview in their order."""
    query = select(Item).where(col(Item.interview_id) == interview_id).order_by(col(Item.no))
    return list(await uow.db.scalars(query))
