"""An import is taken back: everything that it brought and that nobody has touched since, stretch by stretch.

A draft that it made is gone, a draft that it changed says again what it said, a revision on its way is withdrawn.
What it published is taken down and stays as what it was, an entry that was public once; what it changed in public is
changed back. Both only in the office's hand, the one that may publish without a review what was published elsewhere
(``faq.library``). What somebody worked on since stays, and the import's page says which and why.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import note
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Role
from faq import drafts, import_traces, imports, library, revisions
from faq.import_traces import Trace
from faq.imports import REMARK, ImportStatus
from faq.models import (
    CatalogEntry,
    CatalogImport,
    EntryRevision,
    EntryStatus,
    EntryViews,
    MissTopic,
    RevisionStatus,
)
from faq.takings import Mode
from interviews.attached import AnswerLink

ENDED = (ImportStatus.DONE, ImportStatus.CANCELLED, ImportStatus.FAILED)
AHEAD = 5
"""Stretches that are taken back at one ring of the bell."""
STAYS_KEPT = 200
"""Sentences about what stays; the rest is counted."""
BROUGHT = f"{REMARK}收的时候"
"""Begins the line of ``problems`` about what an import brought: its counts are what is left of it."""
STAYS = "留着："
"""Begins a line of ``problems`` about an entry that was not taken back."""


@dataclass
class Back:
    """What became of one stretch: ids, and a sentence for each entry that stays."""

    removed: list[int] = field(default_factory=list)
    retired: list[int] = field(default_factory=list)
    restored: list[int] = field(default_factory=list)
    withdrawn: list[int] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)


async def can(uow: UnitOfWork, one: CatalogImport) -> bool:
    """Whether the actor may take an import back, and anything of it is still known."""
    if one.mode == Mode.PUBLISHED and uow.actor.role is not Role.OFFICE:
        return False
    return await _is_known(uow, one)


async def _is_known(uow: UnitOfWork, one: CatalogImport) -> bool:
    """Whether an import has ended, not too long ago, and what it did is still kept."""
    if one.status not in ENDED or one.ended_at is None or one.ended_at < imports.undoable_since(uow.now):
        return False
    return await import_traces.left(uow.db, one.id or 0) > 0


async def touched(db: AsyncSession, import_id: int) -> int:
    """How many of the entries that an import made were written anew since; what else stays is found on the way."""
    made = col(CatalogEntry.origin) == f"import:{import_id}"
    since = col(CatalogEntry.changed_at) != CatalogEntry.created_at
    return (await db.execute(select(func.count()).where(made, since))).scalar_one()


async def start(uow: UnitOfWork, import_id: int) -> CatalogImport:
    """Begin to take an import back; the stretches follow by themselves, the last first.

    Args:
        uow: an editor's or the office's, in whose name it happens; of what was published at once, the office's.
        import_id: an import that has ended, at most ``imports.UNDO_DAYS`` ago.

    Raises:
        Refusal: ``import.state`` where it goes on, or nothing of it is known any more; ``import.mode`` for an editor
            where it published; ``not_found``; the actor may not.
    """
    imports.must_edit(uow)
    one = await imports.find(uow.db, import_id, lock=True)
    if one.mode == Mode.PUBLISHED and uow.actor.role is not Role.OFFICE:
        said = "这一次收进来就公开了，只有信息化工作办公室可以撤回。请找信息办。"
        raise Refusal("import.mode", said, status=403)
    if not await _is_known(uow, one):
        said = f"这一次导入现在不能撤回：正在办，已经撤回，或者过了{imports.UNDO_DAYS}天。请刷新页面看看。"
        raise Refusal("import.state", said)
    if not any(text.startswith(BROUGHT) for text in one.problems):
        brought = f"{BROUGHT}新增了{one.added}条，修改了{one.changed}条，是{one.author_name}收的。"
        one.problems = [*one.problems, brought]
    one.status = ImportStatus.UNDOING
    one.author_id, one.author_name, one.ended_at = uow.actor.person_id, uow.actor.name, None
    await uow.db.flush()
    await note(uow, "import.undo", f"import:{import_id}", added=one.added, changed=one.changed)
    return one


async def running(db: AsyncSession) -> list[tuple[int, int | None]]:
    """The imports that are being taken back, oldest first, each with who asked for it."""
    query = select(col(CatalogImport.id), col(CatalogImport.author_id))
    query = query.where(col(CatalogImport.status) == ImportStatus.UNDOING).order_by(col(CatalogImport.id))
    return [(number or 0, author) for number, author in await db.execute(query)]


async def retreat(uow: UnitOfWork, import_id: int) -> bool:
    """Take the last stretch back that is still there; whether it may go on with the one before.

    Args:
        uow: in the name of whoever asked for it.
        import_id: the import.
    """
    one = await imports.find(uow.db, import_id, lock=True)
    if one.status != ImportStatus.UNDOING:
        return False
    version = await library.raise_version(uow)
    upto = await import_traces.left(uow.db, import_id)
    traces = await import_traces.stretch(uow.db, import_id, upto)
    back = await _take_back(uow, traces, version)
    await import_traces.drop(uow, import_id, upto)
    one.added -= len(back.removed) + len(back.retired)
    one.changed -= len(back.restored) + len(back.withdrawn)
    _say_what_stays(one, back.stays)
    await uow.db.flush()
    if traces:
        ids = {name: getattr(back, name) for name in ("removed", "retired", "restored", "withdrawn")}
        await note(uow, "catalog.take_back", f"import:{import_id}", **ids, stays=len(back.stays))
    if await import_traces.left(uow.db, import_id):
        return True
    await imports.end(uow, one, ImportStatus.UNDONE)
    await note(uow, "import.undone", f"import:{import_id}", added=one.added, changed=one.changed)
    return False


def _say_what_stays(one: CatalogImport, stays: Sequence[str]) -> None:
    room = STAYS_KEPT - sum(text.startswith(STAYS) for text in one.problems)
    if stays:
        one.problems = [*one.problems, *(f"{STAYS}{text}" for text in stays[: max(0, room)])]


# One stretch


async def _take_back(uow: UnitOfWork, traces: Sequence[Trace], version: int) -> Back:
    ids = [int(trace["entry"]) for trace in traces]
    entries = {
        one.id: one for one in await uow.db.scalars(select(CatalogEntry).where(col(CatalogEntry.id).in_(ids)))
    }
    every: dict[int, list[EntryRevision]] = {}
    for revision in await uow.db.scalars(select(EntryRevision).where(col(EntryRevision.entry_id).in_(ids))):
        every.setdefault(revision.entry_id, []).append(revision)
    used = await _used(uow.db, ids)
    back = Back()
    for trace in traces:
        entry = entries.get(int(trace["entry"]))
        if entry is None:
            continue
        made = every.get(entry.id or 0, [])
        why = _why_it_stays(trace, entry, made, used)
        if why:
            back.stays.append(f"{entry.index_no}《{entry.title}》，{why}")
        else:
            _undone(uow, trace, entry, made, version, back)
    await uow.db.flush()
    # Whatever has a revision besides its own stays, so that these are the import's.
    for model, of in ((EntryRevision, EntryRevision.entry_id), (CatalogEntry, CatalogEntry.id)):
        gone = delete(model).where(col(of).in_(back.removed))
        await uow.db.execute(gone.execution_options(synchronize_session=False))
    return back


def _why_it_stays(trace: Trace, entry: CatalogEntry, made: Sequence[EntryRevision], used: set[int]) -> str:
    own = next((one for one in made if one.id == trace.get("revision")), None)
    others = [one for one in made if one is not own and (trace["new"] or one.status in revisions.OPEN)]
    if import_traces.digest(entry) != trace["after"]:
        return "导入以后改过，或者办过。"
    if "revision" in trace and (own is None or drafts.stamp(own) != trace["stamp"]):
        return "导入以后，这一份草稿有人改过、签过，或者撤回了。"
    if others:
        return f"{others[0].author_name}另外起草过这一条。"
    if trace["new"] and entry.status == EntryStatus.DRAFT and entry.id in used:
        return "别处已经用到了这一条。"
    return ""


def _undone(
    uow: UnitOfWork,
    trace: Trace,
    entry: CatalogEntry,
    made: Sequence[EntryRevision],
    version: int,
    back: Back,
) -> None:
    number = entry.id or 0
    own = next((one for one in made if one.id == trace.get("revision")), None)
    if trace["new"] and entry.status == EntryStatus.DRAFT:
        back.removed.append(number)
        return
    if trace["new"]:
        _taken_down(uow, entry, version)
        back.retired.append(number)
        return
    if own is not None:
        own.status, own.changed_at, own.done_at = RevisionStatus.WITHDRAWN, uow.now, uow.now
    if _restored(uow, trace, entry, version):
        back.restored.append(number)
    else:
        back.withdrawn.append(number)


def _restored(uow: UnitOfWork, trace: Trace, entry: CatalogEntry, version: int) -> bool:
    """Let an entry say again what it said; whether the import had changed it at all."""
    stood: dict[str, Any] = dict(trace["before"])
    status = EntryStatus(stood.pop("status"))
    before = drafts.of_fields(stood).values()
    if entry.category != trace["class"]:
        # The office renamed its class meanwhile.
        before["category"] = entry.category
    differing = {name: value for name, value in before.items() if getattr(entry, name) != value}
    if not differing and status == entry.status:
        return False
    for name, value in differing.items():
        setattr(entry, name, value)
    entry.changed_at, entry.revision = uow.now, version
    if status != entry.status:
        # Public for a while: it does not become a draft again.
        _taken_down(uow, entry, version)
    return True


def _taken_down(uow: UnitOfWork, entry: CatalogEntry, version: int) -> None:
    """Take down what an import published, so that the corrected file may publish it again."""
    library.set_status(uow, entry, EntryStatus.RETIRED, version)
    entry.origin = f"{library.TAKEN_BACK}{entry.origin or ''}"


async def _used(db: AsyncSession, ids: Sequence[int]) -> set[int]:
    """Which entries something else names."""
    columns: tuple[Any, ...] = (EntryViews.entry_id, MissTopic.entry_id, AnswerLink.entry_id)
    found: set[int] = set()
    for column in columns:
        found |= set(await db.scalars(select(col(column)).where(col(column).in_(ids))))
    return found
