"""What becomes of the rows of a file: new drafts, revisions on their way through the review, or what is public already.

A file never changes what the public reads past the review, except in the office's own hand for what was published
elsewhere before. What a file does not say, an entry that is known keeps (``Row.over``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal
from faq import drafts, import_traces, library, review
from faq.models import CatalogEntry, EntryRevision, EntryStatus, Openness, RevisionAction
from faq.table_file import REQUIRED, Row, called


class Mode(StrEnum):
    """As what a file is taken in."""

    DRAFT = "draft"
    REVIEW = "review"
    PUBLISHED = "published"


@dataclass
class Taken:
    """What a stretch did; ``refused`` are sentences about rows that could not be taken in.

    ``published`` counts what was not public before, among the others.
    """

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    published: int = 0
    refused: list[str] = field(default_factory=list)
    traces: list[import_traces.Trace] = field(default_factory=list)

    def add(self, other: "Taken") -> None:
        """Count another stretch in; its sentences and traces stay where they are kept."""
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.published += other.published


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
    known = await _known(uow, rows)
    taken = Taken()
    rows = list(_fit(uow, rows, known, taken))
    stood = import_traces.before(known.values())
    if mode is Mode.PUBLISHED:
        done = await _directly(uow, rows, origin, stood, publish_too=True)
        done.refused = taken.refused
        return done
    having = await _under_way(uow, [one.id or 0 for one in known.values()])
    plain = []
    for row in rows:
        one = known.get(row.index_no)
        waiting = one is not None and one.id in having
        to_submit = mode is Mode.REVIEW and one is not None and one.status == EntryStatus.DRAFT
        if one is not None and _says_the_same(one, row) and (waiting or not to_submit):
            taken.unchanged += 1
        elif one is not None and waiting:
            taken.refused.append(f"{row.index_no}：{having[one.id]}正在办这一条，没有动它。请等办完再导入。")
        elif mode is Mode.REVIEW or (one is not None and one.status != EntryStatus.DRAFT):
            revision = await _proposed(uow, one, row, mode, origin, filename, taken)
            if revision is not None:
                entry = await review.find_entry(uow.db, revision.entry_id)
                taken.traces.append(import_traces.traced(entry, stood, revision))
        else:
            plain.append(row)
    if plain:
        done = await _directly(uow, plain, origin, stood, publish_too=False)
        taken.traces += done.traces
        taken.add(done)
    return taken


def _fit(
    uow: UnitOfWork, rows: Sequence[Row], known: Mapping[str, CatalogEntry], taken: Taken
) -> Iterator[Row]:
    """The rows over what is known of their entries, but those that cannot stand; what became of these is said."""
    for row in rows:
        whole = row.over(known[row.index_no]) if row.index_no in known else row
        lacking = [called(name) for name in REQUIRED if not getattr(whole, name)]
        try:
            library.must_have_come(whole.published_on, uow.now)
        except Refusal as refusal:
            taken.refused.append(f"{row.index_no}：{refusal.message}")
            continue
        if lacking:
            taken.refused.append(f"{row.index_no}：没有写{'、'.join(lacking)}。请补上再导入。")
            continue
        yield whole


async def _directly(
    uow: UnitOfWork, rows: Sequence[Row], origin: str, stood: dict[int, dict[str, Any]], *, publish_too: bool
) -> Taken:
    done = await library.import_rows(uow, rows, publish_too=publish_too)
    made = update(CatalogEntry).where(
        col(CatalogEntry.index_no).in_([row.index_no for row in rows]),
        col(CatalogEntry.created_at) == uow.now,
        col(CatalogEntry.origin).is_(None),
    )
    await uow.db.execute(made.values(origin=origin).execution_options(synchronize_session=False))
    taken = Taken(done.added, done.changed, done.unchanged, done.published)
    touched = [one for one in (await _known(uow, rows)).values() if one.changed_at == uow.now]
    taken.traces = [import_traces.traced(one, stood) for one in touched]
    return taken


async def _proposed(
    uow: UnitOfWork,
    one: CatalogEntry | None,
    row: Row,
    mode: Mode,
    origin: str,
    filename: str,
    taken: Taken,
) -> EntryRevision | None:
    """Draft a revision of a row, and submit it where that is asked; a draft that may not go stays one."""
    change = one is not None and one.status == EntryStatus.PUBLISHED
    action = RevisionAction.CHANGE if change else RevisionAction.PUBLISH
    # What was left out of 删减后公开 only a person can say, so a file gives no reason there.
    reason = None if row.openness == Openness.REDACTED else f"由文件“{filename}”导入"
    entry_id = one.id if one is not None else None
    # The dates that no file brings stay what they are.
    more = {name: getattr(one, name, None) for name in ("amended_on", "review_on")}
    try:
        async with uow.db.begin_nested():
            revision = await review.propose(uow, entry_id, action, row, reason, origin=origin, **more)
    except Refusal as refusal:
        taken.refused.append(f"{row.index_no}：{refusal.message}")
        return None
    if one is None:
        taken.added += 1
    else:
        taken.changed += 1
    if mode is Mode.REVIEW:
        try:
            await review.submit(uow, revision.id or 0)
        except Refusal as refusal:
            taken.refused.append(f"{row.index_no}存成了草稿，没有送审：{refusal.message}")
    return revision


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
    return drafts.of_entry(one).row == row
