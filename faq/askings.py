"""What was asked in an interview, by likeness: for whoever is typing, for the moderator, and for the pack.

Each interview has an index of its own, of public questions and apart from it of those that wait, so that nothing of
what waits can be told from what the public is shown. It follows the record: before every answer a mark of the
interview's questions is compared, and what changed since is taken in or out. Several processes agree because each
looks for itself. What is shown is read from the record again, so that nothing taken down a moment ago appears.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.db import UnitOfWork
from faq import grouping, lexicon, terms
from faq.grouping import Asked, Theme, Threads
from faq.index import Document, Index
from interviews.lifecycle import PUBLIC, QuestionStatus
from interviews.models import Question

ROOMS = 8
"""Interviews kept in memory; whichever was not asked about for longest is dropped. 5,000 questions take some 12 MB."""

RELATED, COVERED = 0.18, 0.6
"""Offered while typing: this likeness, or this share of what was typed so far."""

FEW, SMALL = 64, 1_000
"""Changed questions, and questions of an index, up to which it is changed on the event loop (some 20 ms)."""

ORDINARY = 24
"""Room in a ranking for the ordinary sentences, which are left out of it afterwards."""

CHUNK = 400

GROUPED = timedelta(seconds=30)
"""How long new questions among many stand alone before all are grouped anew: 8,000 take some 2.5 s beside the loop."""

PATIENCE = 1.5
"""Seconds for which a reader waits for the first grouping of many questions; after that they are shown without."""


@dataclass(frozen=True)
class Alike:
    """A question of the record near to a text.

    Attributes:
        row: the question as it is now.
        likeness: 0 to 1, see ``grouping``.
    """

    row: Question
    likeness: float

    @property
    def words(self) -> str | None:
        """很像, 像, or None."""
        return grouping.in_words(self.likeness)


@dataclass(frozen=True)
class _Grouped:
    """Questions in groups as they were when it was made, and what the groups are called."""

    made: datetime
    mark: int
    threads: Threads
    labels: list[str | None]

    def of(self, asked: Sequence[Asked]) -> tuple[Threads, list[str | None]]:
        """The same for the questions of now: what has gone is left out, what came stands alone.

        A theme that lost a question loses its label, which may be made of that one's words.
        """
        unplaced = {one.key for one in asked}
        threads: Threads = []
        labels: list[str | None] = []
        for theme, label in zip(self.threads, self.labels, strict=True):
            left = [[key for key in matter if key in unplaced] for matter in theme]
            whole = left == theme
            unplaced.difference_update(key for matter in left for key in matter)
            if any(left):
                threads.append([matter for matter in left if matter])
                labels.append(label if whole else None)
        fresh = [one.key for one in asked if one.key in unplaced]
        return threads + [[[key]] for key in fresh], labels + [None] * len(fresh)


@dataclass
class _Room:
    """The indexes of one interview and the mark of the record that they follow."""

    lexicon: terms.Lexicon = terms.PLAIN
    lexicon_mark: object = None
    mark: object = None
    public: Index = field(default_factory=Index)
    waiting: Index = field(default_factory=Index)
    places: dict[int, str] = field(default_factory=dict)
    likely: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    pack: _Grouped | None = None
    grouping: asyncio.Task[None] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass
class Askings:
    """The questions of interviews as something that can be searched; one for a process."""

    rooms: int = ROOMS
    _rooms: OrderedDict[int, _Room] = field(default_factory=OrderedDict)

    async def near(self, uow: UnitOfWork, interview_id: int, text: str, count: int = 5) -> list[Alike]:
        """The public questions nearest to a text that somebody is still writing, nearest first.

        Args:
            uow: reads; the text is not kept.
            interview_id: an interview that the caller may read.
            text: as typed so far.
            count: how many at most.
        """
        room = await self._followed(uow.db, interview_id)
        async with room.lock:
            found = [
                (key, alike)
                for key, alike, covered in _search(room.public, text, count)
                if alike >= RELATED or covered >= COVERED
            ]
        rows = await _rows(uow.db, interview_id, [key for key, _ in found], PUBLIC)
        return [Alike(rows[key], alike) for key, alike in found if key in rows][:count]

    async def likely(
        self, uow: UnitOfWork, interview_id: int, questions: Sequence[Question], count: int = 2
    ) -> dict[int, list[Alike]]:
        """For some questions, the public and waiting ones of their interview that are likely the same.

        For the interview's staff alone: what waits is among them.

        Args:
            uow: reads.
            interview_id: the interview of all of them.
            questions: each takes some 3 ms where the interview has 5,000.
            count: how many for each.
        """
        room = await self._followed(uow.db, interview_id)
        async with room.lock:
            for one in questions:
                if one.id is not None and one.id not in room.likely:
                    room.likely[one.id] = _same(room, one, count)
                    await asyncio.sleep(0)
            found = {one.id: room.likely[one.id] for one in questions if one.id is not None}
        keys = {key for alike in found.values() for key, _ in alike}
        rows = await _rows(uow.db, interview_id, keys, PUBLIC | {QuestionStatus.PENDING})
        return {
            question: [Alike(rows[key], alike) for key, alike in pairs if key in rows]
            for question, pairs in found.items()
        }

    async def themes(self, uow: UnitOfWork, interview_id: int, asked: Sequence[Asked]) -> list[Theme]:
        """Questions of one interview in groups; kept until one comes, goes or is worded anew.

        Args:
            uow: reads the city's words.
            interview_id: of which all are.
            asked: what is grouped, each comes back once; 5,000 take some 5 s beside the event loop, once.
        """
        room = await self._room(uow.db, interview_id)
        mark = _asked_mark(asked)
        while room.pack is None or room.pack.mark != mark:
            await _regrouped(room, asked, mark, uow.now, None)
        return await _arranged(room.pack, asked)

    async def themes_soon(
        self, uow: UnitOfWork, interview_id: int, asked: Sequence[Asked]
    ) -> tuple[list[Theme], bool]:
        """The same for a page that is not to wait; many questions are grouped beside it, not within it.

        Returns:
            The groups, and whether they are there: many questions that were never grouped come back each alone, and
            those that came within the last half minute may still stand alone.
        """
        if len(asked) <= SMALL:
            return await self.themes(uow, interview_id, asked), True
        room = await self._room(uow.db, interview_id)
        mark, kept = _asked_mark(asked), room.pack
        if kept is None:
            await _regrouped(room, asked, mark, uow.now, PATIENCE)
        elif kept.mark != mark and not timedelta(0) <= uow.now - kept.made < GROUPED:
            await _regrouped(room, asked, mark, uow.now, 0)
        # The grouping may end while these are arranged: what is said of them is what is true of them.
        grouped = room.pack
        found = grouped or _Grouped(uow.now, mark, [], [])
        return await _arranged(found, asked), grouped is not None

    async def _room(self, db: AsyncSession, interview_id: int) -> _Room:
        """The interview's room with the words of now, its indexes as they are."""
        words = await lexicon.mark(db)
        room = self._rooms.get(interview_id)
        if room is None or room.lexicon_mark != words:
            words, own = await lexicon.current(db)
            room = _Room(own, words, public=_empty(own), waiting=_empty(own))
            self._rooms[interview_id] = room
        self._rooms.move_to_end(interview_id)
        while len(self._rooms) > self.rooms:
            self._rooms.popitem(last=False)
        return room

    async def _followed(self, db: AsyncSession, interview_id: int) -> _Room:
        """The interview's room, brought to what this transaction sees."""
        mark, room = await _mark(db, interview_id), await self._room(db, interview_id)
        async with room.lock:
            if room.mark != mark:
                await _take_in(db, interview_id, room)
                room.mark, room.likely = mark, {}
        return room


def _asked_mark(asked: Sequence[Asked]) -> int:
    return hash(frozenset((one.key, one.text) for one in asked))


async def _regrouped(
    room: _Room, asked: Sequence[Asked], mark: int, now: datetime, patience: float | None
) -> None:
    """Waits until questions are grouped anew, but no longer than ``patience``; one grouping at a time in a room."""
    if room.grouping is None or room.grouping.done():
        room.grouping = asyncio.create_task(_group(room, list(asked), mark, now))
    if patience != 0:
        await asyncio.wait([room.grouping], timeout=patience)
    if room.grouping.done():
        room.grouping.result()


async def _group(room: _Room, asked: list[Asked], mark: int, now: datetime) -> None:
    def made() -> _Grouped:
        threads = grouping.threads(asked, room.lexicon)
        return _Grouped(now, mark, threads, grouping.named(asked, threads, room.lexicon))

    room.pack = await asyncio.to_thread(made)


async def _arranged(kept: _Grouped, asked: Sequence[Asked]) -> list[Theme]:
    def made() -> list[Theme]:
        return grouping.arranged(asked, *kept.of(asked))

    return made() if len(asked) <= SMALL else await asyncio.to_thread(made)


def _empty(own: terms.Lexicon) -> Index:
    index = Index(lexicon=own)
    index.add(grouping.ordinary())
    return index


async def _mark(db: AsyncSession, interview_id: int) -> object:
    """What differs whenever a question comes, or goes from one state to another; read from an index alone.

    The sums tell two states apart that have as many questions as before, but others.
    """
    number = cast(col(Question.id), BigInteger)
    query = (
        select(col(Question.status), func.count(), func.sum(number), func.sum(number * number))
        .where(col(Question.interview_id) == interview_id)
        .group_by(col(Question.status))
        .order_by(col(Question.status))
    )
    return tuple(tuple(row) for row in await db.execute(query))


def _place(status: str) -> str:
    if status == QuestionStatus.PENDING:
        return "waiting"
    return "public" if status in PUBLIC else ""


async def _take_in(db: AsyncSession, interview_id: int, room: _Room) -> None:
    query = select(col(Question.id), col(Question.status)).where(col(Question.interview_id) == interview_id)
    places = {key or 0: _place(status) for key, status in await db.execute(query)}
    changed = [key for key, place in places.items() if room.places.get(key, "") != place]
    wanted = [key for key in changed if places[key]]
    texts: dict[int, str] = {}
    for begin in range(0, len(wanted), CHUNK):
        some = col(Question.id).in_(wanted[begin : begin + CHUNK])
        found = await db.execute(select(col(Question.id), col(Question.text)).where(some))
        texts.update((key or 0, text) for key, text in found)

    def change() -> None:
        for name, index in (("public", room.public), ("waiting", room.waiting)):
            index.remove(changed)
            fresh = [key for key in texts if places[key] == name]
            if fresh:
                index.add([Document(key, grouping.bare(texts[key])) for key in fresh])

    if len(wanted) > FEW or len(room.public) + len(room.waiting) > SMALL:
        await asyncio.to_thread(change)
    else:
        change()
    room.places = places


def _search(
    index: Index, text: str, count: int, without: int | None = None
) -> list[tuple[int, float, float]]:
    """Key, likeness and covered share of the nearest questions, best first."""
    hits = index.search(index.query(text), count + ORDINARY, without)
    return [(hit.key, grouping.likeness(hit), hit.coverage) for hit in hits if isinstance(hit.key, int)]


def _same(room: _Room, one: Question, count: int) -> list[tuple[int, float]]:
    found = [
        (key, alike)
        for index in (room.public, room.waiting)
        for key, alike, _ in _search(index, one.text, count, one.id)
        if alike >= grouping.ALIKE
    ]
    found.sort(key=lambda pair: (-pair[1], pair[0]))
    return found[:count]


async def _rows(
    db: AsyncSession, interview_id: int, keys: Iterable[int], statuses: Iterable[Any]
) -> dict[int, Question]:
    """Some questions as they are now, those left out that are in no such state any more."""
    wanted = list(keys)
    if not wanted:
        return {}
    query = select(Question).where(
        col(Question.id).in_(wanted),
        col(Question.interview_id) == interview_id,
        col(Question.status).in_(list(statuses)),
    )
    return {one.id or 0: one for one in await db.scalars(query)}
