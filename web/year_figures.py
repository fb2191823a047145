"""A year's figures, counted once for as long as the record does not change: 60,000 answers take 0.6 s to count.

What the figures are made from is read each time, in the same reading: how far the streams of all interviews have come
(questions, answers, promises, plans and their duties), the bodies and what they are called, the yearly notices by which
days are counted, and the day. A login or a letter changes none of these. A number of a sequence would not do for what
many write at once: whatever takes an earlier one may be committed later, and be missed; heads are numbered under locks.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.people import Body
from chat.streams import StreamHead
from interviews import figures
from interviews.body_models import BodyChange
from interviews.figures import Year
from interviews.law.models import Regulation
from interviews.workdays import ImportedNotice

YEARS = 8
"""Years kept at once; a reader who asks for others makes the oldest go."""


@dataclass(frozen=True)
class Position:
    """What the record is at: equal ones tell the same figures."""

    events: int
    streams: int
    bodies: int
    renamed: int
    notices: tuple[int, datetime | None]
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
    bodies = int(await uow.db.scalar(select(func.count()).select_from(Body)) or 0)
    renamed = int(await uow.db.scalar(select(func.count()).select_from(BodyChange)) or 0)
    imported = select(func.count(), func.max(col(ImportedNotice.imported_at)))
    known, latest = (await uow.db.execute(imported)).one()
    return Position(
        int(events),
        int(streams),
        bodies,
        renamed,
        (int(known), latest),
        office_date(uow.now),
        regulation.id,
    )


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
