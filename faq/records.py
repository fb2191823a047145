"""Search over everything published: the catalogue, questions, answers and what was said, the interviews themselves.

The index is the bot's (``faq.index``), with other documents in it. It follows the record: before each search the
catalogue's version and the interviews' heads are compared with those it has read, and what moved is read again; so
several processes agree. What is shown comes from the rows, read again by the same conditions: an index that lags
behind can miss something, it cannot show what is no longer public.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from base.clock import office_date
from base.db import UnitOfWork, Units
from base.errors import Refusal
from faq import lexicon, library, published
from faq.holdings import Counts, by_kind, of_key
from faq.lexicon import Mark
from faq.marking import Marker, Piece
from faq.published import Cursor, Shown
from faq.shelf import Shelf, Wanted, entry_key

log = structlog.get_logger(__name__)

WORDS = 200
"""Characters of a search that are read; the field takes as many."""

PATIENCE = 1.0
"""Seconds a search waits for the first reading of everything before it says that it is not ready."""

FEW, MANY = 500, 4_096
"""Changed entries taken in before a search goes on; more are taken in beside it, this many at a time."""

ROOMS = 5
"""Interviews that moved which are read before a search goes on."""

AGAIN = 5.0
"""Seconds after which a first reading that failed is tried again."""

Heads = Callable[[AsyncSession], Awaitable[Mapping[int, int]]]
"""How often each interview was heard of in public; a number that moved means that it is read again."""


@dataclass(frozen=True)
class Result:
    """Something found: its row as it is now, its title and the densest passage with the words marked."""

    shown: Shown
    title: list[Piece]
    excerpt: list[Piece]


@dataclass(frozen=True)
class Found:
    """What came of a search: how many there are, those of the page, and counts by facet."""

    total: int
    results: list[Result]
    counts: Counts


@dataclass
class _Reader:
    """A shelf, and how far of the record it holds."""

    heads_of: Heads
    shelf: Shelf = field(default_factory=Shelf)
    mark: Mark | None = None
    cursor: Cursor = (0, 0)
    version: int = 0
    heads: dict[int, int] = field(default_factory=dict)
    rooms: dict[int, dict[int, int]] = field(default_factory=dict)

    async def begin(self, db: AsyncSession) -> None:
        """An empty shelf that cuts words as the city does now."""
        self.mark, words = await lexicon.current(db)
        self.shelf = Shelf(words)

    async def step(self, db: AsyncSession, entries: int, rooms: int) -> bool:
        """Take in some of what this transaction sees and the shelf does not hold; whether that was all."""
        whole = await self._step_entries(db, entries)
        heads = await self.heads_of(db)
        moved = [one for one, head in heads.items() if head > self.heads.get(one, -1)]
        for one in sorted(moved, reverse=True)[:rooms]:
            await self._take_room(db, one)
            self.heads[one] = heads[one]
        return whole and len(moved) <= rooms

    async def _step_entries(self, db: AsyncSession, most: int) -> bool:
        version = await library.version(db)
        if version <= self.version:
            return True
        taken, gone, cursor = await published.entries_after(db, self.cursor, most)
        await asyncio.to_thread(self.shelf.take, taken, [entry_key(row) for row in gone])
        self.cursor = cursor
        if len(taken) + len(gone) == most:
            return False
        self.version = version
        return True

    async def _take_room(self, db: AsyncSession, interview: int) -> None:
        """Read an interview again; what of it is as it was stays as it is."""
        taken = await published.interview(db, interview)
        before = self.rooms.get(interview, {})
        now = {one.held.key: hash(one) for one in taken}
        fresh = [one for one in taken if before.get(one.held.key) != now[one.held.key]]
        gone = [key for key in before if key not in now]
        if fresh or gone:
            await asyncio.to_thread(self.shelf.take, fresh, gone)
        self.rooms[interview] = now


class Records:
    """Searches what is public; one for a process.

    Without :meth:`start` it reads everything at the first search, before it answers.

    Args:
        heads: tells which interviews moved.
    """

    def __init__(self, heads: Heads) -> None:
        self._heads = heads
        self._reader = _Reader(heads)
        self._lock = asyncio.Lock()
        self._units: Units | None = None
        self._beside: asyncio.Task[None] | None = None
        self._catching_up = False
        self._listed, self._ready = asyncio.Event(), asyncio.Event()

    def start(self, units: Units) -> None:
        """Begin to read everything, beside whatever else the process does."""
        self._units = units
        self._beside = asyncio.create_task(self._read_all(units))

    async def close(self) -> None:
        """Stop reading."""
        if self._beside is not None:
            self._beside.cancel()
            await asyncio.gather(self._beside, return_exceptions=True)

    async def search(self, uow: UnitOfWork, wanted: Wanted) -> Found:
        """What is public and answers to some words and a filter.

        Args:
            uow: a reading unit of work.
            wanted: what somebody looks for; of its words the first :data:`WORDS` characters count.

        Raises:
            Refusal: ``search.preparing`` while everything is read for the first time after a start; without
                words only until the entries are listed.
        """
        wanted = replace(wanted, words=wanted.words[: 2 * WORDS].strip()[:WORDS])
        today = office_date(uow.now)
        await self._until_read(listed_will_do=not wanted.words)
        async with self._lock:
            shelf = await self._followed(uow.db)
            total, keys, counts = await asyncio.to_thread(shelf.look, wanted, today)
        rows = await published.shown(uow.db, by_kind(keys), today)
        still = [rows[of_key(key)] for key in keys if of_key(key) in rows]
        marker = Marker.of(wanted.words, shelf.lexicon)
        results = [Result(one, marker.whole(one.title), marker.passage(one.text)) for one in still]
        return Found(total - (len(keys) - len(still)), results, counts)

    async def related(self, uow: UnitOfWork, entry: int, text: str, count: int = 5) -> list[Shown]:
        """Public entries in force that are nearest to one; none while everything is still being read.

        Args:
            uow: a reading unit of work.
            entry: its row.
            text: its title and its question.
            count: how many.
        """
        if self._preparing():
            return []
        today = office_date(uow.now)
        async with self._lock:
            shelf = await self._followed(uow.db)
            keys = await asyncio.to_thread(shelf.alike, text, entry_key(entry), count, today)
        rows = await published.shown(uow.db, by_kind(keys), today)
        return [rows[of_key(key)] for key in keys if of_key(key) in rows]

    def _preparing(self) -> bool:
        return self._units is not None and not self._ready.is_set()

    async def _until_read(self, *, listed_will_do: bool) -> None:
        if not self._preparing():
            return
        try:
            await asyncio.wait_for(self._ready.wait(), PATIENCE)
        except TimeoutError:
            if listed_will_do and self._listed.is_set():
                return
            raise Refusal(
                "search.preparing", "正在整理目录，请稍后再找。", status=503, retry_after=5
            ) from None

    async def _followed(self, db: AsyncSession) -> Shelf:
        """The shelf as this transaction sees the record; what takes long goes on beside. Called under the lock."""
        reader = self._reader
        busy = self._beside is not None and not self._beside.done()
        if self._preparing() or (busy and self._catching_up):
            return reader.shelf
        other_words = await lexicon.mark(db) != reader.mark
        if self._units is None:
            if other_words:
                reader = self._reader = _Reader(self._heads)
                await reader.begin(db)
            while not await reader.step(db, MANY, MANY):
                pass
            return reader.shelf
        whole = await reader.step(db, FEW, ROOMS)
        if not busy and (other_words or not whole):
            self._catching_up = not other_words
            reading = self._read_all(self._units) if other_words else self._read_on(self._units, reader)
            self._beside = asyncio.create_task(reading)
        return reader.shelf

    async def _read_all(self, units: Units) -> None:
        """Everything anew, with the city's words as they are; what is in use answers until then."""
        while True:
            try:
                reader = _Reader(self._heads)
                async with units.read() as uow:
                    await reader.begin(uow.db)
                if not self._listed.is_set():
                    await self._list_entries(units)
                done = False
                while not done:
                    async with units.read() as uow:
                        done = await reader.step(uow.db, MANY, ROOMS)
            except Exception:
                log.exception("records.not_read")
                await asyncio.sleep(AGAIN)
            else:
                self._reader = reader
                self._ready.set()
                return

    async def _read_on(self, units: Units, reader: _Reader) -> None:
        """What came in too large a number to be taken in before a search; searches go on in between."""
        done = False
        while not done:
            async with units.read() as uow, self._lock:
                done = await reader.step(uow.db, FEW, ROOMS)

    async def _list_entries(self, units: Units) -> None:
        """What is known of entries beside their words: enough to browse, and quick."""
        holdings = self._reader.shelf.holdings
        after, whole = 0, False
        while not whole:
            async with units.read() as uow:
                some = await published.held_entries(uow.db, after, MANY)
            for held in some:
                holdings.put(held)
            whole = len(some) < MANY
            after = some[-1].row if some else after
        self._listed.set()
