"""Statements and their rows in one visit to SQLite's thread."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from base import one_hop
from base.db import Database, sqlite_url
from base.one_hop import AT_ONCE, OneHopConnection


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[OneHopConnection]:
    """A connection to a file with a table of more rows than come along at once."""
    opened = await one_hop.connect(str(tmp_path / "rows.db"), 5)
    async with opened.cursor() as cursor:
        await cursor.execute("CREATE TABLE number (n INTEGER PRIMARY KEY)")
        await cursor.executemany("INSERT INTO number VALUES (?)", [(n,) for n in range(2 * AT_ONCE + 7)])
    await opened.commit()
    yield opened
    await opened.close()


@pytest.mark.parametrize("count", [0, 1, AT_ONCE - 1, AT_ONCE, AT_ONCE + 1, 2 * AT_ONCE + 7])
async def test_every_row_arrives_once_and_in_order(connection: OneHopConnection, count: int) -> None:
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT n FROM number WHERE n < ? ORDER BY n", (count,))
        assert [n for (n,) in await cursor.fetchall()] == list(range(count))
        assert await cursor.fetchall() == []


async def test_a_stream_is_read_piece_by_piece(connection: OneHopConnection) -> None:
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT n FROM number ORDER BY n")
        read = [await cursor.fetchone()]
        while rows := await cursor.fetchmany(300):
            read.extend(rows)
        assert [n for (n,) in read] == list(range(2 * AT_ONCE + 7))
        assert await cursor.fetchone() is None


async def test_a_statement_that_fails_leaves_the_connection_of_use(connection: OneHopConnection) -> None:
    async with connection.cursor() as cursor:
        with pytest.raises(sqlite3.IntegrityError):
            await cursor.execute("INSERT INTO number VALUES (1)")
        await cursor.execute("SELECT count(*) FROM number")
        assert await cursor.fetchone() == (2 * AT_ONCE + 7,)


async def test_a_half_read_cursor_holds_no_lock(connection: OneHopConnection, tmp_path: Path) -> None:
    cursor = await connection.cursor()
    await cursor.execute("SELECT n FROM number")
    await cursor.close()
    with sqlite3.connect(tmp_path / "rows.db", timeout=0) as other:
        other.execute("DELETE FROM number")


async def test_what_a_statement_changed_is_counted(tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "counts.db"))
    try:
        async with database.writer.begin() as writing:
            await writing.execute(text("CREATE TABLE pair (a INTEGER PRIMARY KEY, b INTEGER)"))
            await writing.execute(text("INSERT INTO pair (b) VALUES (:b)"), [{"b": n} for n in range(9)])
            changed = await writing.execute(text("UPDATE pair SET b = 0 WHERE a > 4"))
            assert changed.rowcount == 5
            given = await writing.execute(text("UPDATE pair SET b = 1 WHERE a < 3 RETURNING a"))
            assert sorted(given.scalars()) == [1, 2]
    finally:
        await database.close()
