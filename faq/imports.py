"""A file comes in: proposed and shown, started by a person, taken in stretch by stretch, stopped, done or taken back.

Each stretch is a transaction of its own, in the name of whoever started it, so that nobody's live interview waits
for a catalogue; what a process that died had not taken in, the next one goes on with.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, delete, func, insert, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import note
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Role
from faq import import_traces, library, own_numbers, takings
from faq.catalog_file import Reading
from faq.foreseen import Counts
from faq.models import CatalogEntry, CatalogImport, CatalogImportPart
from faq.table_file import ROWS_LIMIT, Assumed, Row, row_of
from faq.takings import Mode, Taken

BATCH = {Mode.DRAFT: 100, Mode.PUBLISHED: 100, Mode.REVIEW: 10}
"""Rows of a stretch: each keeps the one writer of SQLite busy for some 0.1 s; a row of a review is a revision too."""
AHEAD = 5
"""Stretches that are read at once and written one by one."""
PART = 500
"""Rows that are kept together: what is read ahead of the writing (``BATCH`` times ``AHEAD``) lies in one or two."""
PREVIEW_ROWS = 50
PROBLEMS_KEPT = 200
KEPT_DAYS = 7
"""Days after which a preview that nobody started is emptied."""
UNDO_DAYS = 30
"""Days for which an import can be taken back; then what was there before is forgotten."""
REMARK = "注意："
"""Begins a line of ``problems`` that is no row's problem."""

OPERATOR = "命令行"
"""Stands as the author of what came in by the command line."""

_EDITORS = frozenset({Role.EDITOR, Role.OFFICE})


class ImportStatus(StrEnum):
    """Where an import stands."""

    PREVIEW = "preview"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


# The person's verbs


async def propose(
    uow: UnitOfWork, filename: str, reading: Reading, counts: Counts | None = None
) -> CatalogImport:
    """Keep a file that was read, to be looked at before anything of it is taken in.

    Args:
        uow: the editor's or the office's.
        filename: as it was sent; its last part is kept.
        reading: from :func:`catalog_file.read`, made before this transaction: reading may take seconds.
        counts: from :func:`foreseen.count`, made before it too.

    Raises:
        Refusal: the actor may not edit the catalogue.
    """
    must_edit(uow)
    rows = list(reading.rows)
    if reading.is_document:
        rows = await own_numbers.numbered(uow, rows)
    said = [f"{REMARK}{remark}" for remark in reading.remarks]
    wrong = [problem.sentence for problem in reading.problems]
    if len(wrong) > PROBLEMS_KEPT:
        wrong[PROBLEMS_KEPT:] = [f"另外还有{len(wrong) - PROBLEMS_KEPT}行也有问题，没有一一列出。"]
    one = CatalogImport(
        filename=re.split(r"[\\/]", filename)[-1][-120:],
        status=ImportStatus.PREVIEW,
        problems=said + wrong,
        total=len(rows),
        foreseen=counts.as_json() if counts else None,
        author_id=uow.actor.person_id,
        author_name=uow.actor.name,
        created_at=uow.now,
    )
    uow.db.add(one)
    await uow.db.flush()
    await _write_rows(uow, one.id or 0, rows)
    return one


async def correct(uow: UnitOfWork, import_id: int, cells: Mapping[str, str]) -> Row:
    """Write the fields of a file's only entry as the person gives them; its body stays.

    Args:
        uow: the editor's or the office's.
        import_id: an import in preview.
        cells: column to text; columns that are left out stay.

    Raises:
        Refusal: ``import.state``; ``import.row`` for a field that does not say what it means or is empty;
            ``not_found``; the actor may not.
    """
    one = await _in_preview(uow, import_id)
    if one.total != 1:
        raise Refusal("import.state", "这份文件不止一条，请改好文件再导入。")
    (before,) = await rows_of(uow.db, import_id, 0, 1)
    kept = {"class" if name == "category" else name: value for name, value in before.as_fields().items()}
    kept |= {"alts": "\n".join(before.alts), "in_force": "是" if before.in_force else "否"}
    kept |= {"class" if name == "category" else name: "" for name in before.assumed}
    body = Assumed(before.body) if "body" in before.assumed else before.body
    row = row_of({**kept, **cells, "body": body}, 1, today=office_date(uow.now))
    await _write_rows(uow, import_id, [row])
    return row


async def start(
    uow: UnitOfWork, import_id: int, mode: Mode, *, issuer: str = "", published_on: date | None = None
) -> CatalogImport:
    """Begin to take a file in; the stretches follow by themselves.

    Args:
        uow: the editor's or the office's, in whose name it happens.
        import_id: an import in preview.
        mode: as drafts, into the review, or as what was published elsewhere before (the office alone).
        issuer: for rows that name none.
        published_on: for rows that name none, in Shanghai.

    Raises:
        Refusal: ``import.state``; ``import.lacking`` with what is still to be given; ``entry.published_on`` for a day
            that has not come; ``forbidden``; ``not_found``.
    """
    one = await _in_preview(uow, import_id)
    if mode is Mode.PUBLISHED and uow.actor.role is not Role.OFFICE:
        raise Refusal(
            "import.mode", "只有信息化工作办公室可以直接收录已经公开过的。请选草稿或者送审。", status=403
        )
    library.must_have_come(published_on, uow.now)
    if not one.total:
        raise Refusal("import.empty", "没有可以收的行。请改好文件再导入。", status=400)
    if one.total == 1:
        rows = await rows_of(uow.db, import_id, 0, 1)
        await _write_rows(uow, import_id, [await own_numbers.still_free(uow, rows[0])])
    await _fill(uow, import_id, issuer, published_on)
    await _must_be_complete(uow.db, import_id, mode)
    one.status, one.mode = ImportStatus.RUNNING, mode
    one.author_id, one.author_name = uow.actor.person_id, uow.actor.name
    await uow.db.flush()
    await note(uow, "import.start", f"import:{import_id}", mode=mode, rows=one.total, file=one.filename)
    return one


async def cancel(uow: UnitOfWork, import_id: int) -> CatalogImport:
    """Stop an import after the stretch that is being taken in or taken back, or drop a preview.

    What came in stays, and can be taken back (``faq.import_undo``); what was taken back stays away.

    Raises:
        Refusal: ``import.state`` where it has ended; ``not_found``; the actor may not.
    """
    must_edit(uow)
    one = await find(uow.db, import_id, lock=True)
    if one.status not in (ImportStatus.PREVIEW, ImportStatus.RUNNING, ImportStatus.UNDOING):
        raise Refusal("import.state", "这一次导入已经结束了，不用再停。")
    await end(uow, one, ImportStatus.CANCELLED)
    await note(uow, "import.cancel", f"import:{import_id}", done=one.done)
    return one


Told = Callable[[int, int], None]
"""Told how many rows of how many are taken in."""


async def take_whole(uow: UnitOfWork, filename: str, rows: Sequence[Row], told: Told) -> Taken:
    """Take a file in at once, as what was published elsewhere before: the operator's way, all or none.

    It stands among the imports afterwards, so that the office can take it back like any other.

    Args:
        uow: the operator's, one transaction for the whole file.
        filename: as it is called on the machine.
        rows: complete ones.
        told: called after each stretch.

    Raises:
        Refusal: ``import.row`` with the first row that cannot be taken in.
    """
    one = CatalogImport(
        filename=filename[-120:],
        status=ImportStatus.RUNNING,
        mode=Mode.PUBLISHED,
        problems=[],
        total=len(rows),
        author_name=OPERATOR,
        created_at=uow.now,
    )
    uow.db.add(one)
    await uow.db.flush()
    number, whole = one.id or 0, Taken()
    for first in range(0, len(rows), BATCH[Mode.PUBLISHED]):
        some = rows[first : first + BATCH[Mode.PUBLISHED]]
        taken = await takings.take(uow, some, Mode.PUBLISHED, f"import:{number}", one.filename)
        for text in taken.refused[:1]:
            raise Refusal("import.row", f"{text}这一次一条也没有存。", status=400)
        await import_traces.keep(uow, number, first + len(some), taken.traces)
        whole.add(taken)
        told(first + len(some), len(rows))
    one.done, one.added, one.changed, one.unchanged = len(rows), whole.added, whole.changed, whole.unchanged
    await end(uow, one, ImportStatus.DONE)
    return whole


# The bell's verbs


@dataclass(frozen=True)
class Ahead:
    """What a running import takes in next: where it stands, and the rows in stretches."""

    first: int
    stretches: list[list[Row]]


async def ahead(db: AsyncSession, import_id: int) -> Ahead:
    """Read the next stretches, apart from writing them, for which nobody else can write."""
    one = await find(db, import_id)
    batch = BATCH[Mode(one.mode)]
    rows = await rows_of(db, import_id, one.done, batch * AHEAD)
    return Ahead(one.done, [rows[start : start + batch] for start in range(0, len(rows), batch)] or [[]])


async def advance(uow: UnitOfWork, import_id: int, first: int, rows: Sequence[Row]) -> bool:
    """Take in one stretch of a running import; whether it may go on with the next.

    Args:
        uow: in the name of whoever started it.
        import_id: the import.
        first: how many rows were taken in when these were read; where more are by now, nothing happens.
        rows: the stretch; none where nothing is left.
    """
    one = await find(uow.db, import_id, lock=True)
    if one.status != ImportStatus.RUNNING or one.done != first:
        return False
    taken = (
        await takings.take(uow, rows, Mode(one.mode), f"import:{import_id}", one.filename)
        if rows
        else Taken()
    )
    one.done += len(rows)
    await import_traces.keep(uow, import_id, one.done, taken.traces)
    one.added += taken.added
    one.changed += taken.changed
    one.unchanged += taken.unchanged
    if taken.refused:
        room = max(0, 2 * PROBLEMS_KEPT - len(one.problems))
        one.problems = [*one.problems, *taken.refused[:room]]
    if one.done < one.total and rows:
        await uow.db.flush()
        return True
    await end(uow, one, ImportStatus.DONE)
    counts = {"added": one.added, "changed": one.changed, "unchanged": one.unchanged}
    await note(uow, "import.done", f"import:{import_id}", **counts)
    return False


async def running(db: AsyncSession) -> list[tuple[int, int | None]]:
    """The imports that are to be advanced, oldest first, each with who started it."""
    query = select(col(CatalogImport.id), col(CatalogImport.author_id))
    query = query.where(col(CatalogImport.status) == ImportStatus.RUNNING).order_by(col(CatalogImport.id))
    return [(number or 0, author) for number, author in await db.execute(query)]


async def fail(uow: UnitOfWork, import_id: int, why: str) -> None:
    """End an import that cannot go on, with the sentence for its page."""
    one = await find(uow.db, import_id, lock=True)
    if one.status in (ImportStatus.RUNNING, ImportStatus.UNDOING):
        one.problems = [*one.problems, f"{REMARK}{why}"]
        await end(uow, one, ImportStatus.FAILED)
        await note(uow, "import.fail", f"import:{import_id}", done=one.done)


async def forget_old(uow: UnitOfWork) -> None:
    """Empty the previews that nobody started, and forget what imports did that can no longer be taken back."""
    old = update(CatalogImport).where(
        col(CatalogImport.status) == ImportStatus.PREVIEW,
        col(CatalogImport.created_at) < uow.now - timedelta(days=KEPT_DAYS),
    )
    ended = old.values(status=ImportStatus.CANCELLED, ended_at=uow.now).returning(col(CatalogImport.id))
    found = await uow.db.scalars(ended.execution_options(synchronize_session=False))
    await _drop_rows(uow, [number or 0 for number in found])
    await import_traces.forget(uow, undoable_since(uow.now))


# Reading


def undoable_since(now: datetime) -> datetime:
    """Imports that ended before this can no longer be taken back."""
    return now - timedelta(days=UNDO_DAYS)


async def find(db: AsyncSession, import_id: int, *, lock: bool = False) -> CatalogImport:
    """An import without its rows, which may be many megabytes.

    Raises:
        Refusal: ``not_found``.
    """
    query = select(CatalogImport).where(col(CatalogImport.id) == import_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await db.scalars(query)).first() if 0 < import_id < 2**63 else None
    if found is None:
        raise missing("这一次导入")
    return found


async def latest(db: AsyncSession, count: int = 20) -> list[CatalogImport]:
    """The last imports, newest first, without their rows."""
    query = select(CatalogImport).order_by(col(CatalogImport.id).desc()).limit(count)
    return list(await db.scalars(query))


async def rows_of(db: AsyncSession, import_id: int, first: int, count: int) -> list[Row]:
    """Some rows of an import in the order of its file, cut out by the database: one part may be fifty megabytes."""
    each, place = _parts(db)
    number = col(CatalogImportPart.number)
    query = select(cast(each.c.value, Text)).select_from(CatalogImportPart).join(each, true())
    query = query.where(col(CatalogImportPart.import_id) == import_id)
    query = query.where(number.between(first // PART, (first + count - 1) // PART)).order_by(number, place)
    found = await db.scalars(query.offset(first % PART).limit(count))
    return [Row.of_fields(json.loads(one)) for one in found]


async def lacking(db: AsyncSession, import_id: int) -> dict[str, int]:
    """How many rows lack what a person can give to all of them: ``issuer`` and ``published_on``.

    A row of an entry that is known lacks nothing that the entry says.
    """
    return await _lacking(db, import_id, ("issuer", "published_on"))


async def _lacking(db: AsyncSession, import_id: int, names: Sequence[str]) -> dict[str, int]:
    """Counted in one go: taking a hundred thousand rows out of their column is most of the work."""
    each, _ = _parts(db)
    counted = (func.count().filter(_is_lacking(each, name)) for name in names)
    query = select(*counted).select_from(CatalogImportPart).join(each, true())
    found = (await db.execute(query.where(col(CatalogImportPart.import_id) == import_id))).one()
    return dict(zip(names, found, strict=True))


def _is_lacking(each: Any, name: str) -> ColumnElement[bool]:
    said = func.coalesce(each.c.value.op("->>")(name), "")
    known = select(col(CatalogEntry.id)).where(
        col(CatalogEntry.index_no) == each.c.value.op("->>")("index_no"),
        func.coalesce(cast(getattr(CatalogEntry, name), Text), "") != "",
    )
    return and_(said == "", ~known.correlate(each).exists())


def _parts(db: AsyncSession) -> tuple[Any, Any]:
    """The rows of parts one by one as the database takes them out of their column, and their places there."""
    rows: Any = CatalogImportPart.rows
    if db.get_bind().dialect.name == "sqlite":
        each: Any = func.json_each(rows).table_valued("key", "value")
        return each, each.c.key
    each = func.json_array_elements(rows).table_valued("value", with_ordinality="place").render_derived()
    return each, each.c.place


# Inside


def must_edit(uow: UnitOfWork) -> None:
    """Refuse whoever may not bring entries in."""
    if uow.actor.role not in _EDITORS:
        raise forbidden()


async def _in_preview(uow: UnitOfWork, import_id: int) -> CatalogImport:
    must_edit(uow)
    one = await find(uow.db, import_id, lock=True)
    if one.status != ImportStatus.PREVIEW:
        raise Refusal("import.state", "这一次导入已经开始或者结束了。请刷新页面看它到了哪里。")
    return one


async def _fill(uow: UnitOfWork, import_id: int, issuer: str, published_on: date | None) -> None:
    """Give what its rows do not say; the whole is written anew only where there is something to give."""
    missed = await lacking(uow.db, import_id)
    if (issuer and missed["issuer"]) or (published_on and missed["published_on"]):
        rows = await rows_of(uow.db, import_id, 0, ROWS_LIMIT)
        await _write_rows(uow, import_id, [row.given(issuer, published_on) for row in rows])


async def _must_be_complete(db: AsyncSession, import_id: int, mode: Mode) -> None:
    names = {"title": "标题", "issuer": "发布机构"}
    if mode is Mode.PUBLISHED:
        names["published_on"] = "发布日期"
    for name, missed in (await _lacking(db, import_id, list(names))).items():
        if missed:
            message = f"有{missed}条没有写{names[name]}。请补上{names[name]}再开始。"
            raise Refusal("import.lacking", message, status=400)


async def _write_rows(uow: UnitOfWork, import_id: int, rows: Sequence[Row]) -> None:
    await _drop_rows(uow, [import_id])
    for start in range(0, len(rows), PART):
        kept = [row.as_fields() for row in rows[start : start + PART]]
        part = {"import_id": import_id, "number": start // PART, "rows": kept}
        await uow.db.execute(insert(CatalogImportPart).values(part))


async def _drop_rows(uow: UnitOfWork, import_ids: Sequence[int]) -> None:
    gone = delete(CatalogImportPart).where(col(CatalogImportPart.import_id).in_(import_ids))
    await uow.db.execute(gone.execution_options(synchronize_session=False))


async def end(uow: UnitOfWork, one: CatalogImport, status: ImportStatus) -> None:
    """Put an import into a status that ends it; the rows of its file are dropped."""
    one.status, one.ended_at = status, uow.now
    await uow.db.flush()
    await _drop_rows(uow, [one.id or 0])
