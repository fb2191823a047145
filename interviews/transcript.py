"""The transcript (实录): numbered items, each hashed over the one before, so that a saved copy can be checked."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
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
    parts: tuple[str, ...] = (
        previous,
        str(item.no),
        item.kind,
        str(item.question_id or ""),
        item.speaker or "",
        moment,
        item.digest,
    )
    if item.of_id is not None:
        parts = (*parts, str(item.of_id), text_digest(item.note or ""))
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
    of_id: int | None = None,
    note: str | None = None,
    letter: bool = False,
) -> Item:
    """Add the next item; the interview's row must be locked for update.

    A word to a question without a number is a letter that only its asker reads: it takes no number of the public
    transcript and no place in its chain.

    Args:
        uow: the unit of work.
        interview: whose transcript it is.
        kind: what it is.
        voice: who is heard.
        text: what is said.
        question_id: the question it is, or replies to.
        origin: ``live``, ``after`` or ``supplement``.
        ground: of a refusal.
        of_id: the item that an erratum corrects.
        note: why it had to be corrected.
        letter: whether it is a letter.

    Returns:
        The item, with its number and its place in the chain.
    """
    item = Item(
        interview_id=interview.id or 0,
        no=await _next_letter(uow, interview) if letter else interview.next_item,
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
        of_id=of_id,
        note=note,
    )
    uow.db.add(item)
    if letter:
        await uow.db.flush()
        return item
    item.chain = link(interview.chain_head, item)
    interview.next_item += 1
    interview.chain_head = item.chain
    await uow.db.flush()
    return item


async def _next_letter(uow: UnitOfWork, interview: Interview) -> int:
    lowest = select(func.min(col(Item.no))).where(col(Item.interview_id) == interview.id)
    return min(0, int(await uow.db.scalar(lowest) or 0)) - 1


async def items(uow: UnitOfWork, interview_id: int, *, letters: bool = False) -> list[Item]:
    """All items of an interview's transcript in their order; the letters among them only where asked for."""
    query = select(Item).where(col(Item.interview_id) == interview_id).order_by(col(Item.id))
    if not letters:
        query = query.where(col(Item.no) > 0)
    return list(await uow.db.scalars(query))
