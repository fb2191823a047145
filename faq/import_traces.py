"""What each stretch of an import did to the catalogue, kept beside it so that it can be taken back.

A trace says which entry it was, what it said before, and by a digest what it said afterwards: an entry that says
something else by now was touched since.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import text_digest
from base.db import UnitOfWork
from faq import drafts
from faq.models import CatalogEntry, CatalogImport, CatalogImportTrace, EntryRevision

Trace = dict[str, Any]
"""``entry``, ``new``, ``before`` (fields with ``status``, of a new one none), ``class``, ``after``, ``revision`` and
its ``stamp`` where one was made."""
_import, _upto = col(CatalogImportTrace.import_id), col(CatalogImportTrace.upto)


def digest(entry: CatalogEntry) -> str:
    """What an entry says and where it stands; its class is left out, since the office may rename it meanwhile."""
    said = drafts.as_json(drafts.of_entry(entry)) | {"category": None, "status": str(entry.status)}
    return text_digest(json.dumps(said, sort_keys=True, ensure_ascii=False))


def before(entries: Iterable[CatalogEntry]) -> dict[int, dict[str, Any]]:
    """What entries say and where they stand before a stretch is taken in."""
    return {
        one.id or 0: drafts.as_json(drafts.of_entry(one)) | {"status": str(one.status)} for one in entries
    }


def traced(
    entry: CatalogEntry, stood: dict[int, dict[str, Any]], revision: EntryRevision | None = None
) -> Trace:
    """What was done to one entry."""
    number = entry.id or 0
    found: Trace = {"entry": number, "new": number not in stood, "before": stood.get(number)}
    found |= {"class": entry.category, "after": digest(entry)}
    if revision is not None:
        found |= {"revision": revision.id, "stamp": drafts.stamp(revision)}
    return found


# Where they lie


async def keep(uow: UnitOfWork, import_id: int, upto: int, traces: Sequence[Trace]) -> None:
    """Keep what a stretch did, which ended at the row ``upto``."""
    if traces:
        kept = {"import_id": import_id, "upto": upto, "traces": list(traces)}
        await uow.db.execute(insert(CatalogImportTrace).values(kept))


async def left(db: AsyncSession, import_id: int) -> int:
    """The row at which the last kept stretch ended; 0 where nothing is kept."""
    last = select(func.max(_upto)).where(_import == import_id)
    return (await db.execute(last)).scalar_one() or 0


async def stretch(db: AsyncSession, import_id: int, upto: int) -> list[Trace]:
    """What the stretch did that ended at a row."""
    found = await db.get(CatalogImportTrace, (import_id, upto))
    return list(found.traces) if found else []


async def drop(uow: UnitOfWork, import_id: int, upto: int) -> None:
    """Forget the stretch that ended at a row."""
    await _delete(uow, _import == import_id, _upto == upto)


async def forget(uow: UnitOfWork, before: datetime) -> None:
    """Forget what imports did that ended before an instant."""
    await _delete(uow, _import.in_(select(col(CatalogImport.id)).where(col(CatalogImport.ended_at) < before)))


async def _delete(uow: UnitOfWork, *which: ColumnElement[bool]) -> None:
    gone = delete(CatalogImportTrace).where(*which)
    await uow.db.execute(gone.execution_options(synchronize_session=False))
