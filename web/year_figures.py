"""A year's figures, counted once for as long as the record does not change: 60,000 answers take 0.6 s to count.

What the record is at is read each time, in the same reading as the figures: how far the streams of all interviews have
come, how long the audit chain is, and the day. Nothing that the figures tell changes without one of these. A number of
a sequence would not do: what takes an earlier one may be committed later, and be missed; heads are numbered under locks.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from base.audit import AuditHead
from base.clock import office_date
from base.db import UnitOfWork
from chat.streams import StreamHead
from interviews import figures
from interviews.figures import Year
from interviews.law.models import Regulation

YEARS = 8
"""Years kept at once; a reader who asks for others makes the oldest go."""


@dataclass(frozen=True)
class Position:
    """What the record is at: equal ones tell the same figures."""

    events: int
    streams: int
    entries: int
    digest: str
    day: date
    regulation: str


async def position(uow: UnitOfWork, regulation: Regulation) -> Position:
    """Where the record stands for this reading.

    Args:
        uow: a reading unit of work; its instant gives the day, by which answers become overdue.
        regulation: the city's rule.
    """
    # Every stream of an interview, "interview:7:public" and the like; ";" follows ":".
    of_interviews = (col(StreamHead.stream) >= "interview:") & (col(StreamHead.stream) < "interview;")
    heads = select(func.coalesce(func.sum(col(StreamHead.head)), 0), func.count()).where(of_interviews)
    events, streams = (await uow.db.execute(heads)).one()
    chain = select(col(AuditHead.entries), col(AuditHead.digest)).where(col(AuditHead.id) == 1)
    entries, digest = (await uow.db.execute(chain)).one_or_none() or (0, "")
    return Position(int(events), int(streams), entries, digest, office_date(uow.now), regulation.id)


@dataclass
class YearFigures:
    """Keeps what was counted; one for a process."""

    _kept: OrderedDict[int, tuple[Position, Year]] = field(default_factory=OrderedDict)
    _counting: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def of_year(self, uow: UnitOfWork, year: int, regulation: Regulation) -> Year:
        """The figures of a year as the record is now; see ``figures.of_year``.

        Those who ask while it is counted wait for it: nobody counts the same twice.
        """
        now = await position(uow, regulation)
        kept = self._kept.get(year)
        if kept is None or kept[0] != now:
            async with self._counting:
                kept = self._kept.get(year)
                if kept is None or kept[0] != now:
                    kept = self._kept[year] = now, await figures.of_year(uow, year, regulation)
        self._kept.move_to_end(year)
        while len(self._kept) > YEARS:
            self._kept.popitem(last=False)
        return kept[1]
