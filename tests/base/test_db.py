"""The database's manners: readers cannot write, writers wait their turn, and a full disk is a sentence."""

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing, suppress

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, OperationalError

from base import db
from base.db import Database, Units
from base.errors import Refusal
from base.people import SYSTEM, Body
from web.database import migrate


@pytest.fixture
async def patient(sqlite_file: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Units]:
    """A SQLite file whose writer waits one second instead of twenty."""
    monkeypatch.setattr(db, "SQLITE_BUSY_SECONDS", 1)
    database = Database(sqlite_file)
    await migrate(database)
    yield Units(database)
    await database.close()


class OtherProcess:
    """Another process's connection, which holds the write lock until it is told to let go."""

    def __init__(self, url: str) -> None:
        self._file = url.removeprefix("sqlite+aiosqlite:///")
        self._holds, self._released = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._hold)

    def _hold(self) -> None:
        with closing(sqlite3.connect(self._file, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            self._holds.set()
            self._released.wait()
            connection.execute("ROLLBACK")

    async def __aenter__(self) -> "OtherProcess":
        self._thread.start()
        await asyncio.to_thread(self._holds.wait)
        return self

    async def lets_go(self) -> None:
        """Give the lock back."""
        self._released.set()
        await asyncio.to_thread(self._thread.join)

    async def __aexit__(self, *_: object) -> None:
        await self.lets_go()


async def enter(units: Units, name: str) -> None:
    async with units.act(SYSTEM) as uow:
        uow.db.add(Body(name=name, short_name=name, kind="department"))


async def bodies(units: Units) -> int:
    async with units.read() as uow:
        return int(await uow.db.scalar(select(func.count(Body.id))) or 0)  # type: ignore[arg-type]  # a column


async def test_a_reader_cannot_write_on_sqlite(patient: Units) -> None:
    async def write() -> None:
        async with patient.read() as uow:
            uow.db.add(Body(name="水务局", short_name="水务局", kind="department"))
            await uow.db.commit()

    with pytest.raises(DBAPIError, match="readonly"):
        await write()
    assert await bodies(patient) == 0


async def test_a_reader_leaves_nothing_behind_on_either_database(database: Database) -> None:
    units = Units(database)
    with suppress(DBAPIError):
        async with units.read() as uow:
            uow.db.add(Body(name="水务局", short_name="水务局", kind="department"))
            await uow.db.flush()
    assert await bodies(units) == 0


async def test_sqlite_keeps_what_it_acknowledged_through_a_power_cut(patient: Units) -> None:
    assert await patient.database.synchronous() == "FULL"


async def test_a_writer_waits_while_another_process_writes(
    patient: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with OtherProcess(patient.database.url) as other:
        monkeypatch.setattr(db, "SQLITE_BUSY_SECONDS", 60)
        longer = Database(patient.database.url)
        writing = asyncio.create_task(enter(Units(longer), "水务局"))
        await asyncio.sleep(0.3)
        assert not writing.done(), "the lock was not held, so nothing was tried"
        await other.lets_go()
        await writing
        await longer.close()
    assert await bodies(patient) == 1


async def test_a_writer_that_waits_too_long_is_told_to_try_again(patient: Units) -> None:
    async with OtherProcess(patient.database.url):
        with pytest.raises(Refusal) as refused:
            await enter(patient, "水务局")
        assert await bodies(patient) == 0, "readers go on"
    assert (refused.value.code, refused.value.status, refused.value.retry_after) == ("storage.busy", 503, 3)
    assert "再交" in refused.value.message
    await enter(patient, "水务局")
    assert await bodies(patient) == 1


async def test_a_full_disk_is_a_sentence_and_writing_goes_on_when_there_is_room(patient: Units) -> None:
    async with patient.act(SYSTEM) as uow:
        pages = int(await uow.db.scalar(text("PRAGMA page_count")) or 0)
        # The driver gives the same error for a file at its page limit as for a disk without room.
        await uow.db.execute(text(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(Refusal) as refused:
        await enter(patient, "水" * 200_000)
    assert (refused.value.code, refused.value.status) == ("storage.full", 503)
    assert "存储空间满了" in refused.value.message
    assert await bodies(patient) == 0
    async with patient.act(SYSTEM) as uow:
        await uow.db.execute(text("PRAGMA max_page_count=1000000"))
    await enter(patient, "水务局")
    assert await bodies(patient) == 1


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (sqlite3.OperationalError("database or disk is full"), "storage.full"),
        (sqlite3.OperationalError("disk I/O error"), "storage.full"),
        (Exception('could not extend file "base/1": No space left on device'), "storage.full"),
        (sqlite3.OperationalError("database is locked"), "storage.busy"),
        (Exception("deadlock detected"), "storage.busy"),
        (Exception("connection was closed in the middle of operation"), "storage.busy"),
    ],
)
async def test_what_a_database_says_becomes_a_sentence(patient: Units, cause: Exception, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        async with patient.act(SYSTEM):
            raise OperationalError("INSERT", None, cause)
    assert refused.value.code == code


async def test_a_mistake_of_ours_is_no_refusal(patient: Units) -> None:
    await enter(patient, "水务局")
    with pytest.raises(DBAPIError):
        await enter(patient, "水务局")
