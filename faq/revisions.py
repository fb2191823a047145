"""Revisions as they are read: one, the one on its way, all of an entry, and what waits for somebody's signature."""

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import missing
from base.people import Role
from faq import drafts
from faq.models import CatalogEntry, EntryRevision, RevisionAction, RevisionStatus
from faq.review_steps import of_round, signatures, steps, why_not

OPEN = (RevisionStatus.DRAFT, RevisionStatus.REVIEW, RevisionStatus.RETURNED)
ACTIONS = {
    RevisionAction.PUBLISH: "发布",
    RevisionAction.CHANGE: "修改",
    RevisionAction.RETIRE: "撤下",
    RevisionAction.REPEAL: "废止",
}


async def find(db: AsyncSession, revision_id: int) -> EntryRevision:
    """A revision.

    Raises:
        Refusal: ``not_found``.
    """
    one = await db.get(EntryRevision, revision_id) if 0 < revision_id < 2**63 else None
    if one is None:
        raise missing("这一份")
    return one


async def find_entry(db: AsyncSession, entry_id: int) -> CatalogEntry:
    """An entry of any status, for those who work at the desk.

    Raises:
        Refusal: ``not_found``.
    """
    one = await db.get(CatalogEntry, entry_id) if 0 < entry_id < 2**63 else None
    if one is None:
        raise missing("这一条目录")
    return one


async def open_of(db: AsyncSession, entry_id: int) -> EntryRevision | None:
    """The revision of an entry that is on its way."""
    query = select(EntryRevision).where(
        col(EntryRevision.entry_id) == entry_id, col(EntryRevision.status).in_(OPEN)
    )
    return (await db.scalars(query)).first()


async def history(db: AsyncSession, entry_id: int) -> list[EntryRevision]:
    """All revisions of an entry, newest first."""
    query = select(EntryRevision).where(col(EntryRevision.entry_id) == entry_id)
    return list(await db.scalars(query.order_by(col(EntryRevision.number).desc())))


async def handed_over(uow: UnitOfWork, body_id: int, into_id: int) -> None:
    """What waits for a body's signature waits for its successor's, and its entries are looked after there."""
    waits = update(EntryRevision).where(
        col(EntryRevision.body_id) == body_id, col(EntryRevision.status).in_(OPEN)
    )
    await uow.db.execute(waits.values(body_id=into_id))
    theirs = update(CatalogEntry).where(col(CatalogEntry.body_id) == body_id)
    await uow.db.execute(theirs.values(body_id=into_id))


async def waiting_for(uow: UnitOfWork) -> list[EntryRevision]:
    """What waits for the actor's signature, the longest waiting first."""
    query = select(EntryRevision).where(col(EntryRevision.status) == RevisionStatus.REVIEW)
    if uow.actor.role is Role.CLERK:
        query = query.where(col(EntryRevision.body_id) == uow.actor.body_id)
    under_review = list(await uow.db.scalars(query.order_by(col(EntryRevision.changed_at))))
    listed = await steps(uow.db)
    every = await signatures(uow.db, [one.id or 0 for one in under_review])
    return [
        one
        for one in under_review
        if why_not(one, uow.actor, listed, of_round(one, every), drafts.writers(one)) is None
    ]
