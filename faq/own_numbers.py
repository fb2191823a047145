"""Numbers for documents that bring none: the one of the entry that says the same already, or the desk's next."""

import re
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from faq.models import CatalogEntry
from faq.table_file import Row

OWN = re.compile(r"JH-\d{4}-\d{4,}")
"""建号, by the year in which the desk gave it."""


async def numbered(uow: UnitOfWork, rows: Sequence[Row]) -> list[Row]:
    """Rows with a number each; a document that came before keeps its number, and its issuer where it names none."""
    return [row if row.index_no else await _numbered(uow, row) for row in rows]


async def still_free(uow: UnitOfWork, row: Row) -> Row:
    """A row with another number where the desk's was given to something else between preview and start."""
    standing = await standing_title(uow.db, row) if OWN.fullmatch(row.index_no) else None
    if standing is None or standing == row.title:
        return row
    return replace(row, index_no=await _next(uow))


async def standing_title(db: AsyncSession, row: Row) -> str | None:
    """The title of the entry that has a row's number already; ``None`` where the row is a new one."""
    query = select(col(CatalogEntry.title)).where(col(CatalogEntry.index_no) == row.index_no)
    return (await db.scalars(query)).first()


async def _numbered(uow: UnitOfWork, row: Row) -> Row:
    query = select(CatalogEntry).where(
        col(CatalogEntry.title) == row.title, col(CatalogEntry.body) == row.body
    )
    same = (await uow.db.scalars(query.limit(1))).first()
    if same is None:
        return replace(row, index_no=await _next(uow))
    return replace(row, index_no=same.index_no, issuer=row.issuer or same.issuer)


async def _next(uow: UnitOfWork) -> str:
    start = f"JH-{office_date(uow.now).year}-"
    query = select(col(CatalogEntry.index_no)).where(col(CatalogEntry.index_no).startswith(start))
    used = [int(one[len(start) :]) for one in await uow.db.scalars(query) if OWN.fullmatch(one)]
    return f"{start}{max(used, default=0) + 1:04}"
