"""The catalogue's shelf: entries come in, are published, taken down, repealed, and found by their number.

What the public reads changes in two ways only: by a revision that was signed at every step (``faq.review``), or by
the operator and the office bringing in what was published elsewhere before. Every change raises the catalogue's
version; whoever keeps an index asks for what changed since its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import AuditHead, note, text_digest
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Role
from faq.models import CatalogEntry, CatalogState, EntryRevision, EntryStatus, Openness, RevisionStatus
from faq.table_file import Row, parse_csv

__all__ = [
    "Imported", "change", "entry", "free_number", "import_rows", "locked_state", "must_have_come", "parse_csv", "publish",
    "published", "raise_version", "repeal", "retire", "set_status", "version",
]  # fmt: skip

EDITORS = frozenset({Role.EDITOR, Role.OFFICE, Role.CLOCK})
_PUBLISHERS = frozenset({Role.OFFICE, Role.CLOCK})
PUBLISHABLE = frozenset({Openness.OPEN, Openness.REDACTED})
TAKEN_BACK = "undone:"
"""Stands before the origin of what an import published and took back: the corrected file publishes it again."""
_CHUNK = 400


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int
    unchanged: int
    published: int


async def import_rows(uow: UnitOfWork, rows: Sequence[Row], *, publish_too: bool = False) -> Imported:
    """Take entries in; one whose 索引号 is known is changed, keeps its status and what its row does not say.

    Args:
        uow: the editor's.
        rows: from :func:`parse_csv`, or made by hand.
        publish_too: publish what may be published and is not yet; the office and the operator alone, for what
            was published elsewhere before.

    Raises:
        Refusal: the actor may not edit the catalogue; ``entry.review`` where a row would change what the public
            reads and this is not to be published: such a change is proposed and signed (``faq.review``);
            ``entry.published_on`` where an entry would name a day of publication that has not come.
    """
    if uow.actor.role not in (_PUBLISHERS if publish_too else EDITORS):
        raise forbidden()
    direct = publish_too or uow.actor.role is Role.CLOCK
    number = await raise_version(uow)
    added = changed = published_now = 0
    known = await _by_index_no(uow.db, [row.index_no for row in rows])
    for row in rows:
        one = known.get(row.index_no)
        filled = row if one is None else row.over(one)
        must_have_come(filled.published_on, uow.now)
        if one is None:
            one = CatalogEntry(
                **row.values(),
                created_at=uow.now,
                changed_at=uow.now,
                revision=number,
                status=EntryStatus.DRAFT,
            )
            uow.db.add(one)
            known[row.index_no] = one
            added += 1
        elif _update(one, filled, direct=direct):
            one.changed_at, one.revision = uow.now, number
            changed += 1
        if publish_too and _waits(one) and one.openness in PUBLISHABLE:
            one.origin = (one.origin or "").removeprefix(TAKEN_BACK) or None
            set_status(uow, one, EntryStatus.PUBLISHED, number)
            published_now += 1
    await uow.db.flush()
    done = Imported(added, changed, len(rows) - added - changed, published_now)
    await note(
        uow, "catalog.import", f"catalog:{number}", added=added, changed=changed, published=published_now
    )
    return done


async def publish(uow: UnitOfWork, entry_id: int, *, signed: EntryRevision | None = None) -> CatalogEntry:
    """Make an entry public; the bot may quote it from now on.

    Args:
        uow: the last signer's, or the operator's.
        entry_id: the entry.
        signed: the revision by which it happens, signed at every step; without one only the operator may.

    Raises:
        Refusal: ``entry.openness`` where its 公开属性 forbids it; ``entry.published_on``; ``not_found``; the actor
            may not.
    """
    _must_be_signed(uow, entry_id, signed)
    one = await _any(uow.db, entry_id)
    if one.openness not in PUBLISHABLE:
        raise Refusal("entry.openness", f"公开属性是“{one.openness}”，不能发布。请先核对公开属性。")
    if one.status != EntryStatus.PUBLISHED:
        set_status(uow, one, EntryStatus.PUBLISHED, await raise_version(uow))
        await note(uow, "entry.publish", f"entry:{one.id}", body=text_digest(one.body))
    return one


async def retire(
    uow: UnitOfWork, entry_id: int, reason: str, *, signed: EntryRevision | None = None
) -> CatalogEntry:
    """Take an entry down: it is silent and cannot be cited from now on; ``signed`` as for :func:`publish`.

    Raises:
        Refusal: ``not_found``; the actor may not.
    """
    _must_be_signed(uow, entry_id, signed)
    one = await _any(uow.db, entry_id)
    if one.status != EntryStatus.RETIRED:
        set_status(uow, one, EntryStatus.RETIRED, await raise_version(uow))
        await note(uow, "entry.retire", f"entry:{one.id}", reason=text_digest(reason))
    return one


async def repeal(
    uow: UnitOfWork,
    entry_id: int,
    on: date,
    successor: str | None = None,
    *,
    signed: EntryRevision | None = None,
) -> CatalogEntry:
    """End an entry's force on a day; from that day the bot is silent about it, the page stays and says so.

    Args:
        uow: the last signer's, or the operator's.
        entry_id: the entry.
        on: first day without force, in Shanghai.
        successor: 索引号 of what replaces it.
        signed: as for :func:`publish`.

    Raises:
        Refusal: ``not_found``; the actor may not.
    """
    _must_be_signed(uow, entry_id, signed)
    one = await _any(uow.db, entry_id)
    one.repealed_on, one.successor = on, successor
    one.in_force = on > office_date(uow.now)
    one.changed_at, one.revision = uow.now, await raise_version(uow)
    await note(uow, "entry.repeal", f"entry:{one.id}", on=on.isoformat(), successor=successor)
    return one


async def change(
    uow: UnitOfWork, entry_id: int, row: Row, *, signed: EntryRevision | None = None
) -> CatalogEntry:
    """Give an entry other contents; its status stays. ``signed`` as for :func:`publish`.

    Raises:
        Refusal: ``entry.index_no`` where the number belongs to another entry; ``entry.published_on``; ``not_found``;
            the actor may not.
    """
    _must_be_signed(uow, entry_id, signed)
    must_have_come(row.published_on, uow.now)
    one = await _any(uow.db, entry_id)
    await free_number(uow.db, row.index_no, entry_id)
    if _update(one, row, direct=True):
        one.changed_at, one.revision = uow.now, await raise_version(uow)
        await note(uow, "entry.change", f"entry:{one.id}", body=text_digest(one.body))
    return one


async def free_number(db: AsyncSession, index_no: str, entry_id: int | None) -> None:
    """Refuse a 索引号 that belongs to an entry other than ``entry_id``.

    Raises:
        Refusal: ``entry.index_no``.
    """
    other = (await _by_index_no(db, [index_no])).get(index_no)
    if other is not None and other.id != entry_id:
        raise Refusal("entry.index_no", f"索引号{index_no}已经用在另一条上。请换一个索引号。")


async def entry(db: AsyncSession, entry_id: int) -> CatalogEntry:
    """A published entry, one that has lost its force included: it may be cited, with that said.

    Raises:
        Refusal: ``not_found``; a draft and a retired entry look like a missing one.
    """
    one = await _any(db, entry_id)
    if one.status != EntryStatus.PUBLISHED:
        raise missing("这一条目录")
    return one


async def published(db: AsyncSession, *, category: str | None = None) -> list[CatalogEntry]:
    """All published entries, newest first; of one class where it is given."""
    wanted = select(CatalogEntry).where(col(CatalogEntry.status) == EntryStatus.PUBLISHED)
    if category is not None:
        wanted = wanted.where(col(CatalogEntry.category) == category)
    order = (col(CatalogEntry.published_on).desc(), col(CatalogEntry.id).desc())
    return list((await db.execute(wanted.order_by(*order))).scalars())


async def state(db: AsyncSession) -> CatalogState | None:
    """The row of versions as this transaction sees it, not as it was read before; None before the first entry."""
    return await db.get(CatalogState, 1, populate_existing=True)


async def version(db: AsyncSession) -> int:
    """The version of the catalogue; 0 before its first entry."""
    found = await db.execute(select(col(CatalogState.version)).where(col(CatalogState.id) == 1))
    return found.scalar_one_or_none() or 0


async def locked_state(uow: UnitOfWork) -> CatalogState:
    """The row of versions under a lock where the database has one, made where there is none yet.

    The head of the audit is locked before it. What takes an answer down has noted that already when it comes here to
    silence the entry made from it; in the other order, the two would wait for each other.
    """
    await uow.db.get(AuditHead, 1, with_for_update=True)
    found = await uow.db.get(CatalogState, 1, with_for_update=True)
    if found is None:
        found = CatalogState(id=1, version=0, changed_at=uow.now)
        uow.db.add(found)
        await uow.db.flush()
    return found


def _must_be_signed(uow: UnitOfWork, entry_id: int, signed: EntryRevision | None) -> None:
    """先审后发: a person changes what the public reads only by a revision whose every step is signed."""
    done = signed is not None and signed.entry_id == entry_id and signed.status == RevisionStatus.DONE
    if not done and uow.actor.role is not Role.CLOCK:
        raise forbidden()


async def _any(db: AsyncSession, entry_id: int) -> CatalogEntry:
    one = await db.get(CatalogEntry, entry_id) if -(2**63) <= entry_id < 2**63 else None
    if one is None:
        raise missing("这一条目录")
    return one


async def _by_index_no(db: AsyncSession, numbers: Sequence[str]) -> dict[str, CatalogEntry]:
    found: dict[str, CatalogEntry] = {}
    for start in range(0, len(numbers), _CHUNK):
        part = numbers[start : start + _CHUNK]
        rows = await db.execute(select(CatalogEntry).where(col(CatalogEntry.index_no).in_(part)))
        found.update((one.index_no, one) for one in rows.scalars())
    return found


async def raise_version(uow: UnitOfWork) -> int:
    """Raise the catalogue's version, under a lock of its row where the database has one; the new version."""
    held = await locked_state(uow)
    held.version += 1
    held.changed_at = uow.now
    await uow.db.flush()
    return held.version


def _waits(one: CatalogEntry) -> bool:
    """Whether an entry is to be published by whoever brings it in: a draft, or what a taken back import left."""
    taken_back = one.status == EntryStatus.RETIRED and (one.origin or "").startswith(TAKEN_BACK)
    return taken_back or one.status == EntryStatus.DRAFT


def must_have_come(published_on: date | None, now: datetime) -> None:
    """Refuse a day of publication that has not come in Shanghai: what is public says since when it is.

    Raises:
        Refusal: ``entry.published_on``.
    """
    if published_on is not None and published_on > office_date(now):
        day = f"{published_on.year}年{published_on.month}月{published_on.day}日"
        said = f"发布日期{day}还没有到。请写今天或者以前的日期，或者空着，发布那天会自动写上。"
        raise Refusal("entry.published_on", said, status=400)


def set_status(uow: UnitOfWork, one: CatalogEntry, status: EntryStatus, number: int) -> None:
    """Put an entry into another status under a version of the catalogue.

    Raises:
        Refusal: ``entry.published_on`` where it would be public before its day of publication.
    """
    if status is EntryStatus.PUBLISHED:
        must_have_come(one.published_on, uow.now)
    one.status, one.status_at = status, uow.now
    one.changed_at, one.revision = uow.now, number
    if status is EntryStatus.PUBLISHED and one.published_on is None:
        one.published_on = office_date(uow.now)


def _update(one: CatalogEntry, row: Row, *, direct: bool) -> bool:
    """Copies what differs; a date of publication that the file does not give stays."""
    fields = row.values()
    if fields["published_on"] is None:
        fields["published_on"] = one.published_on
    differing = {name: value for name, value in fields.items() if getattr(one, name) != value}
    if differing and not direct and one.status != EntryStatus.DRAFT:
        text = f"{one.index_no}已经公开过，不能直接改。请在这一条的页面上起草修改，送审以后生效。"
        raise Refusal("entry.review", text)
    for name, value in differing.items():
        setattr(one, name, value)
    return bool(differing)
