"""The catalogue as this process has it: an index in memory that follows the rows, and the calibration beside it.

Before a question is answered the versions in the database are compared, and entries changed since are taken in or
out. Several processes agree because each looks for itself, and because a calibration that one of them made and
kept is taken over by the others.
"""

import asyncio
from collections.abc import AsyncIterable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.db import UnitOfWork
from faq import lexicon, library
from faq.engine import Engine
from faq.index import Document, Index, Key
from faq.judgement import Calibration
from faq.models import CatalogEntry, CatalogState, EntryStatus
from faq.terms import PLAIN, Lexicon

DRIFT = 0.02
"""Share of entries changed since the last calibration from which a new one is made."""

FEW = 200
"""Changed entries up to which the index in use is changed; more are indexed beside it, off the event loop."""


ROWS = 1_000
"""Rows read at a time."""


@dataclass
class Present:
    """The index of the published catalogue, in step with the database; one for a process."""

    engine: Engine = field(default_factory=Engine)
    documents: dict[Key, Document] = field(default_factory=dict)
    """The engine's own too, so that both change together."""

    words: Lexicon = PLAIN
    _silent_from: dict[Key, date] = field(default_factory=dict)
    _version: int = 0
    _mark: lexicon.Mark = (0, 0)
    _drift: int = 0
    _calibrated_at: int = 0
    """Version of the catalogue that the calibration in use was made from; 0 where there is none."""

    _to_keep: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _learning: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self.engine.documents = self.documents

    def allowed(self, today: date) -> Callable[[Key], bool]:
        """Which entries may be quoted on a day: those not repealed by then."""
        silent = {key for key, since in self._silent_from.items() if since <= today}
        return lambda key: key not in silent

    async def follow(self, db: AsyncSession) -> None:
        """Bring the index to the version of catalogue and dictionary that this transaction sees."""
        await self._follow_lexicon(db)
        state = await library.state(db)
        if state is None:
            return
        if state.version > self._version:
            async with self._lock:
                await self._catch_up(db, state)
        if state.calibrated_version > self._calibrated_at and state.calibration is not None:
            self._take_over(state.calibration, state.calibrated_version)
        if not self._calibrated_at or self._drift > DRIFT * max(len(self.documents), 1):
            self._start_learning()

    @property
    def is_judging(self) -> bool:
        """Whether a question can be judged: there is a calibration, or nothing to make the first one from."""
        return bool(self._calibrated_at) or self._learning is None or self._learning.done()

    async def settled(self) -> None:
        """Waits for a calibration that is under way."""
        if self._learning is not None:
            await self._learning

    @property
    def has_new_calibration(self) -> bool:
        """Whether this process has made a calibration that is not kept yet."""
        return self._to_keep

    async def keep_calibration(self, uow: UnitOfWork) -> bool:
        """Keep the calibration made last with the catalogue, unless another process kept one for a later version.

        Returns:
            Whether it was kept.
        """
        if not self._to_keep:
            return False
        state = await uow.db.get(CatalogState, 1, with_for_update=True, populate_existing=True)
        self._to_keep = False
        if state is None or not state.calibrated_version <= self._calibrated_at <= state.version:
            return False
        state.calibration = self.engine.calibration.as_dict()
        state.calibrated_version = self._calibrated_at
        return True

    async def _catch_up(self, db: AsyncSession, state: CatalogState) -> None:
        if state.version <= self._version:
            return
        changed = select(CatalogEntry).where(col(CatalogEntry.revision) > self._version)
        # Some at a time: 100,000 rows at once took 300 MB beside the index.
        await self._take_in(await db.stream_scalars(changed.execution_options(yield_per=ROWS)))
        self._version = state.version
        if not self._calibrated_at and state.calibration is not None:
            self._use_kept(state.calibration, state.calibrated_version)

    async def _follow_lexicon(self, db: AsyncSession) -> None:
        """Build the index again with the city's present words; the old one answers until the new one is ready."""
        if await lexicon.mark(db) == self._mark:
            return
        self._mark, self.words = await lexicon.current(db)
        if self.documents:
            self._start_learning()
        else:
            self.engine = Engine(Index(self.words), documents=self.documents)

    async def _take_in(self, changed: AsyncIterable[CatalogEntry]) -> None:
        """Takes changed entries in or out; documents and index change together, with no wait between them."""
        fresh: dict[Key, Document] = {}
        ends: dict[Key, date] = {}
        gone: list[Key] = []
        async for entry in changed:
            key = entry.id or 0
            if entry.status != EntryStatus.PUBLISHED or not entry.in_force:
                gone.append(key)
                continue
            fresh[key] = document_of(entry)
            if entry.repealed_on is not None:
                ends[key] = entry.repealed_on
        self._drift += len(fresh) + len(gone)
        if len(fresh) > FEW:
            leaving = set(gone)
            documents = {key: one for key, one in self.documents.items() if key not in leaving} | fresh
            engine = await self._built(documents, self.engine.calibration)
            self.documents, self.engine = documents, engine
        else:
            self.engine.index.remove(gone)
            self.engine.index.add(fresh.values())
            self.documents.update(fresh)
            for left in gone:
                self.documents.pop(left, None)
        for changed_key in (*fresh, *gone):
            self._silent_from.pop(changed_key, None)
        self._silent_from.update(ends)

    async def _built(self, documents: Mapping[Key, Document], kept: Calibration | None) -> Engine:
        """An engine over some entries, made off the event loop; it learns where nothing is ``kept``."""
        entries, words = list(documents.values()), self.words
        engine = await asyncio.to_thread(lambda: Engine.build(entries, kept=kept, lexicon=words))
        engine.documents = documents
        return engine

    # Calibration

    def _use_kept(self, kept: Mapping[str, Any], version: int) -> None:
        calibration = _read(kept)
        if calibration is None:
            return
        self.engine.calibration = calibration
        if calibration.table_weight:
            self.engine.index.use(self.engine.index.train(), calibration.table_weight)
        self._calibrated_at, self._drift = max(version, 1), 0

    def _take_over(self, kept: Mapping[str, Any], version: int) -> None:
        """Use what another process has learned; an engine with its table is built beside the one in use."""
        calibration = _read(kept)
        if calibration is None or (self._learning is not None and not self._learning.done()):
            return
        self._calibrated_at, self._drift, self._to_keep = version, 0, False
        self._learning = asyncio.create_task(self._learn(calibration))

    def _start_learning(self) -> None:
        if self._learning is None or self._learning.done():
            self._learning = asyncio.create_task(self._learn(None))

    async def _learn(self, kept: Calibration | None) -> None:
        """A new engine beside the old one; the old one answers until it is ready."""
        while True:
            seen = (self._version, self._mark)
            engine = await self._built(self.documents, kept)
            if seen == (self._version, self._mark):
                self.engine, self._drift = engine, 0
                if kept is None:
                    self._calibrated_at, self._to_keep = max(self._version, 1), True
                return


def _read(kept: Mapping[str, Any]) -> Calibration | None:
    try:
        return Calibration.from_dict(dict(kept))
    except (TypeError, ValueError, KeyError):
        return None


def document_of(entry: CatalogEntry) -> Document:
    """How retrieval sees an entry: its title is one of its phrasings where it has a question of its own."""
    others = [*entry.alts]
    if entry.question and entry.question != entry.title:
        others.insert(0, entry.title)
    body = f"{entry.body}\n{entry.keywords}" if entry.keywords else entry.body
    return Document(entry.id or 0, entry.asked_as(), tuple(others), body)
