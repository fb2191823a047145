"""Database engines and the unit of work: one actor, one instant, one transaction.

Leaving a unit of work that acted: flush, number and write the stream rows, commit, announce. Nothing is
said before it is kept, and what was kept is said in the order of its commits.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from base import one_hop
from base.changes import Change, Recorded
from base.clock import as_utc, utcnow
from base.errors import Refusal
from base.people import ANYONE, Actor

log = structlog.get_logger(__name__)

# Longer than the ten seconds for which another process may hold SQLite's write lock.
SQLITE_BUSY_SECONDS = 20

# ``hide_parameters`` on every engine: an error's text goes into the log, and its parameters are citizens' questions.


def sqlite_url(path: Path) -> str:
    """The database URL of an embedded SQLite file."""
    return f"sqlite+aiosqlite:///{path}"


class Database:
    """A writer and a reader engine over one database.

    SQLite: WAL, ``synchronous=FULL`` (NORMAL lost acknowledged rows in simulated power cuts), foreign keys,
    one writing connection that begins with BEGIN IMMEDIATE, readers that cannot write. PostgreSQL: one pool,
    readers in REPEATABLE READ so that a snapshot and the head of its stream belong together.

    Args:
        url: ``sqlite+aiosqlite:///FILE`` or ``postgresql+asyncpg://…``.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.writer = self._sqlite_engine("BEGIN IMMEDIATE", read_only=False)
            self.reader = self._sqlite_engine("BEGIN", read_only=True)
        else:
            self.writer = create_async_engine(
                url, pool_size=16, max_overflow=4, pool_pre_ping=True, hide_parameters=True
            )
            self.reader = create_async_engine(
                url, pool_size=8, pool_pre_ping=True, isolation_level="REPEATABLE READ", hide_parameters=True
            )

    def migrator(self) -> AsyncEngine:
        """An engine for changing tables; the caller disposes of it.

        SQLite changes a table by copying and dropping it, which foreign keys would forbid; ``migrate`` checks
        them afterwards.
        """
        if not self.is_sqlite:
            return create_async_engine(self.url, pool_size=1, hide_parameters=True)
        return self._sqlite_engine("BEGIN IMMEDIATE", read_only=False, foreign_keys=False)

    def _sqlite_engine(self, begin: str, *, read_only: bool, foreign_keys: bool = True) -> AsyncEngine:
        engine = create_async_engine(
            self.url,
            async_creator=partial(one_hop.connect, make_url(self.url).database or "", SQLITE_BUSY_SECONDS),
            pool_size=6 if read_only else 1,
            max_overflow=0,
            pool_timeout=SQLITE_BUSY_SECONDS + 10,
            hide_parameters=True,
        )

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA synchronous=FULL")
            cursor.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
            if read_only:
                cursor.execute("PRAGMA query_only=ON")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def begin_transaction(connection: Any) -> None:
            connection.exec_driver_sql(begin)

        return engine

    async def synchronous(self) -> str:
        """How SQLite's writer syncs, as ``FULL``; ``server`` on PostgreSQL. For the start-up check."""
        if not self.is_sqlite:
            return "server"
        async with self.writer.connect() as connection:
            level = (await connection.execute(text("PRAGMA synchronous"))).scalar_one()
        return {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}[int(level)]

    async def close(self) -> None:
        """Give back all connections."""
        await self.writer.dispose()
        await self.reader.dispose()


@dataclass
class UnitOfWork:
    """One actor, one instant, one transaction. No verb opens or commits its own."""

    db: AsyncSession
    actor: Actor
    now: datetime
    recorded: list[Recorded] = field(default_factory=list)

    def record(self, change: Change) -> None:
        """Keep a change for the audiences; it goes out when this unit of work has committed."""
        self.recorded.append(Recorded(self.now, change))

    def retold(self, actor: Actor, now: datetime) -> "UnitOfWork":
        """Another voice at another instant in the same transaction.

        Only for telling a past again in one go: the example city and imports of old interviews.
        """
        return UnitOfWork(self.db, actor, as_utc(now), self.recorded)


Projector = Callable[[UnitOfWork], Awaitable[Sequence[Any]]]
Announcer = Callable[[Sequence[Any]], None]


async def project_nothing(_uow: UnitOfWork) -> Sequence[Any]:
    """The projector of a program without audiences, such as a migration check."""
    return ()


def announce_nothing(_events: Sequence[Any]) -> None:
    """The announcer of a program without listeners."""


class Units:
    """The factory of units of work; ``web`` builds the only one of a process.

    Args:
        database: where the rows live.
        project: turns the recorded changes into numbered stream rows, inside the transaction.
        announce: tells listeners what was committed; must not wait, it only queues.
    """

    def __init__(
        self,
        database: Database,
        project: Projector = project_nothing,
        announce: Announcer = announce_nothing,
    ) -> None:
        self.database = database
        self._project = project
        self._announce = announce

    @asynccontextmanager
    async def act(self, actor: Actor, now: datetime | None = None) -> AsyncIterator[UnitOfWork]:
        """A unit of work that writes. An exception inside rolls everything back.

        Raises:
            Refusal: the database is busy or full for longer than a person should wait.
        """
        session = AsyncSession(self.database.writer, expire_on_commit=False, autoflush=True)
        try:
            with _database_refusals():
                await session.connection()
                uow = UnitOfWork(session, actor, as_utc(now) if now else utcnow())
                yield uow
                await session.flush()
                events = await self._project(uow)
                await session.commit()
            # Queued before the connection goes back: the next writer cannot commit, nor announce, earlier.
            self._announce(events)
        finally:
            await _given_back(session)

    @asynccontextmanager
    async def read(self, actor: Actor = ANYONE) -> AsyncIterator[UnitOfWork]:
        """A unit of work that sees one consistent state and can change nothing."""
        session = AsyncSession(self.database.reader, expire_on_commit=False, autoflush=False)
        try:
            with _database_refusals():
                yield UnitOfWork(session, actor, utcnow())
        finally:
            await _given_back(session)


async def _given_back(session: AsyncSession) -> None:
    """Close a session to the end, also where its task is being cancelled: a rollback cut short costs the connection."""
    await asyncio.shield(session.close())


class _database_refusals:  # noqa: N801 - used like a function in a with statement
    """Turn what a database says when it cannot now into a refusal that a person can act on."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        refusal = None
        if isinstance(error, (DBAPIError, PoolTimeoutError, OSError)):
            refusal = _as_refusal(error)
        if refusal is not None:
            log.warning("database.refused", code=refusal.code, cause=str(error)[:300])
            raise refusal from error


def _as_refusal(error: BaseException) -> Refusal | None:
    cause = str(getattr(error, "orig", error)).lower()
    if "disk is full" in cause or "no space left" in cause or "disk i/o error" in cause:
        return Refusal(
            "storage.full",
            "存储空间满了，这一次没有存下。您写的还在页面上，请过一会儿再交。",
            status=503,
            retry_after=5,
        )
    busy = isinstance(error, PoolTimeoutError) or "locked" in cause or "deadlock" in cause
    lost = isinstance(error, ConnectionError) or "connection" in cause or "starting up" in cause
    if busy or lost or getattr(error, "connection_invalidated", False):
        return Refusal(
            "storage.busy",
            "现在人多，这一次没有存下。您写的还在页面上，请过几秒再交。",
            status=503,
            retry_after=3,
        )
    return None
