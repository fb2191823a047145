"""What becomes of the rows of a file: new drafts, revisions on their way through the review, or what is public already.

A file never changes what the public reads past the review, except in the office's own hand for what was published
elsewhere before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy import select, update
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal
from faq import drafts, library, review
from faq.models import CatalogEntry, EntryRevision, EntryStatus, Openness, RevisionAction
from faq.table_file import Row


class Mode(StrEnum):
    """As what a file is taken in."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"


@dataclass
class Taken:
    """What a stretch did; ``refused`` are sentences about rows that could not be taken in."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: list[str] = field(default_factory=list)


async def take(uow: UnitOfWork, rows: Sequence[Row], mode: Mode, origin: str, filename: str) -> Taken:
    """Take rows in.

    Args:
        uow: in the name of whoever started the import.
        rows: complete ones, at most as many as one transaction should hold.
        mode: as what.
        origin: what new entries are made from, as ``CatalogEntry.origin``.
        filename: for the reason that revisions give.

    Raises:
        Refusal: the actor may not.
    """
    if mode is Mode.PUBLISHED:
        return await _directly(uow, rows, origin, publish_too=True)
    known = await _known(uow, rows)
    having = await _under_way(uow, [one.id or 0 for one in known.values()])
    taken, plain = Taken(), []
    for row in rows:
        one = known.get(row.index_no)
        waiting = one is not None and one.id in having
        to_submit = mode is Mode.REVIEW and one is not None and one.status == EntryStatus.DRAFT
        if one is not None and _says_the_same(one, row) and (waiting or not to_submit):
            taken.unchanged += 1
        elif one is not None and waiting:
            taken.refused.append(f"{row.index_no}：{having[one.id]}正在办这一条，没有动它。请等办完再导入。")
        elif mode is Mode.REVIEW or (one is not None and one.status != EntryStatus.DRAFT):
            await _proposed(uow, one, row, mode, origin, filename, taken)
        else:
            plain.append(row)
    if plain:
        done = await _directly(uow, plain, origin, publish_too=False)
        taken.added += done.added
        taken.changed += done.changed
        taken.unchanged += done.unchanged
    return taken


async def _directly(uow: UnitOfWork, rows: Sequence[Row], origin: str, *, publish_too: bool) -> Taken:
    done = await library.import_rows(uow, rows, publish_too=publish_too)
    made = update(CatalogEntry).where(
        col(CatalogEntry.index_no).in_([row.index_no for row in rows]),
        col(CatalogEntry.created_at) == uow.now,
        col(CatalogEntry.origin).is_(None),
    )
    await uow.db.execute(made.values(origin=origin).execution_options(synchronize_session=False))
    return Taken(done.added, done.changed, done.unchanged)


async def _proposed(
    uow: UnitOfWork,
    one: CatalogEntry | None,
    row: Row,
    mode: Mode,
    origin: str,
    filename: str,
    taken: Taken,
) -> None:
    """Draft a revision of a row, and submit it where that is asked; a draft that may not go stays one."""
    change = one is not None and one.status == EntryStatus.PUBLISHED
    action = RevisionAction.CHANGE if change else RevisionAction.PUBLISH
    # What was left out of 删减后公开 only a person can say, so a file gives no reason there.
    reason = None if row.openness == Openness.REDACTED else f"由文件“{filename}”导入"
    entry_id = one.id if one is not None else None
    try:
        async with uow.db.begin_nested():
            revision = await review.propose(uow, entry_id, action, row, reason, origin=origin)
    except Refusal as refusal:
        taken.refused.append(f"{row.index_no}：{refusal.message}")
        return
    if one is None:
        taken.added += 1
    else:
        taken.changed += 1
    if mode is Mode.REVIEW:
        try:
            await review.submit(uow, revision.id or 0)
        except Refusal as refusal:
            taken.refused.append(f"{row.index_no}存成了草稿，没有送审：{refusal.message}")


async def _known(uow: UnitOfWork, rows: Sequence[Row]) -> dict[str, CatalogEntry]:
    query = select(CatalogEntry).where(col(CatalogEntry.index_no).in_([row.index_no for row in rows]))
    return {one.index_no: one for one in await uow.db.scalars(query)}


async def _under_way(uow: UnitOfWork, entries: Sequence[int]) -> dict[int | None, str]:
    """Who has a revision of an entry on its way, by entry."""
    query = select(col(EntryRevision.entry_id), col(EntryRevision.author_name)).where(
        col(EntryRevision.entry_id).in_(entries), col(EntryRevision.status).in_(review.OPEN)
    )
    return {row[0]: row[1] for row in await uow.db.execute(query)}


def _says_the_same(one: CatalogEntry, row: Row) -> bool:
    """Whether an entry says what a row says; a date of publication that the file does not give stays."""
    before = drafts.of_entry(one).row
    return before == replace(row, published_on=row.published_on or before.published_on)
