"""The next 索引号: as the catalogue numbers already, one more than the highest of this year."""

import re
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from faq.models import CatalogEntry

FIRST = "GK-{year}-0001"
_SERIES = re.compile(r"(.*?)(?:(?<!\d)(20\d\d))(.*\D)(\d{3,8})")


async def suggest(db: AsyncSession, today: date) -> str:
    """A number that is free now, in the series of the newest entry that has a year in its number.

    Args:
        db: any session.
        today: in Shanghai; its year goes into the number.
    """
    query = select(col(CatalogEntry.index_no)).order_by(col(CatalogEntry.id).desc()).limit(50)
    newest = list(await db.scalars(query))
    for number in newest:
        found = _SERIES.fullmatch(number)
        if found is not None:
            series, width = f"{found[1]}{today.year}{found[3]}", len(found[4])
            return await _one_more(db, series, width)
    return FIRST.format(year=today.year) if not newest else await _one_more(db, f"GK-{today.year}-", 4)


async def _one_more(db: AsyncSession, series: str, width: int) -> str:
    numbers = col(CatalogEntry.index_no)
    query = (
        select(numbers)
        .where(numbers.startswith(series, autoescape=True))
        .order_by(func.length(numbers).desc(), numbers.desc())
        .limit(200)
    )
    taken = [one.removeprefix(series) for one in await db.scalars(query)]
    highest = max((int(one) for one in taken if one.isascii() and one.isdecimal()), default=0)
    return f"{series}{highest + 1:0{width}d}"
