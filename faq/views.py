"""浏览量: how often an entry was read on a day, and nothing about by whom.

Reads are added up in memory and written in batches, so that a page never waits for a write; a crash loses the last
batch at most. Several processes add to the same rows.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.db import UnitOfWork, Units
from base.people import SYSTEM
from faq.models import EntryViews

EVERY = 5
"""Seconds between two batches: what a crash can lose."""

_MACHINE = re.compile(
    "bot|crawl|spider|slurp|archiver|preview|monitor|curl|wget|python|java/|go-http|httpclient|headless|scrapy",
    re.I,
)
_AHEAD = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_AT_ONCE = 300


def counts(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a request is somebody reading: no program that says so, no look ahead, no HEAD.

    Args:
        method: of the request.
        headers: its headers, found whatever the case of their names.
    """
    if method != "GET" or any("pre" in headers.get(name, "").lower() for name in _AHEAD):
        return False
    agent = headers.get("user-agent", "")
    return bool(agent) and _MACHINE.search(agent) is None


class Views:
    """Counts reads in this process until they are written; one for a process."""

    def __init__(self) -> None:
        self._waiting: Counter[tuple[int, date]] = Counter()

    def seen(self, entry: int, day: date) -> None:
        """An entry was read once more on a day of the office's clock."""
        self._waiting[entry, day] += 1

    async def flush(self, units: Units) -> int:
        """Write what waits; how many reads. What cannot be written waits on."""
        if not self._waiting:
            return 0
        batch, self._waiting = self._waiting, Counter()
        try:
            async with units.act(SYSTEM) as uow:
                await _add(uow, batch)
        except BaseException:
            self._waiting.update(batch)
            raise
        return batch.total()

    async def of_entry(self, db: AsyncSession, entry: int) -> int:
        """How often an entry was read, with the reads that this process has not written yet."""
        query = select(func.sum(col(EntryViews.count))).where(col(EntryViews.entry_id) == entry)
        waiting = sum(count for (one, _), count in self._waiting.items() if one == entry)
        return int(await db.scalar(query) or 0) + waiting


async def totals(db: AsyncSession, entries: Iterable[int] | None = None) -> dict[int, int]:
    """How often entries were read, by their rows; those never read are left out.

    Args:
        db: a reading session.
        entries: which; all of them where not given.
    """
    query = select(col(EntryViews.entry_id), func.sum(col(EntryViews.count))).group_by(
        col(EntryViews.entry_id)
    )
    if entries is not None:
        query = query.where(col(EntryViews.entry_id).in_(list(entries)))
    return {entry: int(count) for entry, count in await db.execute(query)}


async def _add(uow: UnitOfWork, batch: Mapping[tuple[int, date], int]) -> None:
    """Adds to the rows, in the order of their keys so that two processes never wait for each other."""
    upsert = sqlite_insert if uow.db.get_bind().dialect.name == "sqlite" else postgresql_insert
    rows = [{"entry_id": entry, "day": day, "count": count} for (entry, day), count in sorted(batch.items())]
    for start in range(0, len(rows), _AT_ONCE):
        query = upsert(EntryViews).values(rows[start : start + _AT_ONCE])
        more = {"count": EntryViews.count + query.excluded.count}
        await uow.db.execute(query.on_conflict_do_update(index_elements=["entry_id", "day"], set_=more))
