"""SQLite in one hop: a statement and its rows in one visit to the connection's thread.

aiosqlite visits its thread for the cursor, for the statement, for the rows and for the close; a visit costs some
0.1 ms of both threads, more than most of our statements take. Here the statement brings its first rows along, and
a cursor that has no more is already closed when it comes back.
"""

import sqlite3
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import aiosqlite
from aiosqlite.context import contextmanager

AT_ONCE = 500
"""Rows that a statement brings along; what is more is fetched when it is asked for, so that a stream stays one."""


@dataclass(frozen=True)
class _Brought:
    """What one visit to the thread brought back."""

    description: Any
    rowcount: int
    lastrowid: int | None
    rows: list[Any]
    open: sqlite3.Cursor | None
    """The cursor, where it may have more rows."""


def _run(connection: sqlite3.Connection, statement: str, parameters: Any, *, many: bool) -> _Brought:
    """Runs in the connection's thread."""
    cursor = connection.cursor()
    try:
        if many:
            cursor.executemany(statement, parameters)
        else:
            cursor.execute(statement, parameters)
        rows = cursor.fetchmany(AT_ONCE) if cursor.description else []
        # The count of an UPDATE … RETURNING is known when its last row has been read.
        brought = (cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    except BaseException:
        cursor.close()
        raise
    if len(rows) == AT_ONCE:
        return _Brought(*brought, cursor)
    cursor.close()
    return _Brought(*brought, None)


class OneHopCursor:
    """The asynchronous cursor that SQLAlchemy's aiosqlite dialect works with (PEP 249 in coroutines)."""

    arraysize = 1

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None
        self._rows: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> "OneHopCursor":
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> "OneHopCursor":
        """Run one statement; raises what sqlite3 raises."""
        return await self._run(statement, parameters, many=False)

    async def executemany(self, statement: str, parameters: Any) -> "OneHopCursor":
        """Run one statement with many sets of parameters."""
        return await self._run(statement, parameters, many=True)

    async def _run(self, statement: str, parameters: Any, *, many: bool) -> "OneHopCursor":
        await self.close()
        brought = await self._connection.visit(_run, statement, parameters, many=many)
        self.description, self.rowcount, self.lastrowid = (
            brought.description,
            brought.rowcount,
            brought.lastrowid,
        )
        self._rows, self._open = deque(brought.rows), brought.open
        return self

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        """The next rows, as many as asked for where there are so many."""
        wanted = size or self.arraysize
        if len(self._rows) < wanted and self._open is not None:
            self._rows.extend(await self._connection.beside(self._open.fetchmany, max(wanted, AT_ONCE)))
        return [self._rows.popleft() for _ in range(min(wanted, len(self._rows)))]

    async def fetchone(self) -> Any | None:
        """The next row, ``None`` after the last."""
        return next(iter(await self.fetchmany(1)), None)

    async def fetchall(self) -> Sequence[Any]:
        """All rows that are left."""
        rows = list(self._rows)
        self._rows.clear()
        if self._open is not None:
            rows.extend(await self._connection.beside(self._open.fetchall))
        return rows

    async def close(self) -> None:
        """Forget what is left; no visit where nothing is."""
        self._rows.clear()
        if self._open is not None:
            left, self._open = self._open, None
            await self._connection.beside(left.close)


class OneHopConnection(aiosqlite.Connection):
    """A connection whose cursors need no visit to be made or closed."""

    @contextmanager
    async def cursor(self) -> Any:
        """A cursor that has run nothing yet."""
        return OneHopCursor(self)

    async def visit(self, work: Any, *args: Any, **named: Any) -> _Brought:
        """Run ``work(connection, …)`` in the connection's thread."""
        brought: _Brought = await self._execute(work, self._conn, *args, **named)  # type: ignore[no-untyped-call]
        return brought

    async def beside(self, work: Any, *args: Any) -> Any:
        """Run ``work(…)`` in the connection's thread."""
        return await self._execute(work, *args)  # type: ignore[no-untyped-call]


async def connect(path: str, timeout: float) -> OneHopConnection:
    """Open an SQLite file.

    Args:
        path: the file, or a ``file:`` address.
        timeout: seconds to wait for another process's lock.
    """
    connection = OneHopConnection(
        lambda: sqlite3.connect(path, timeout=timeout, uri=path.startswith("file:")), iter_chunk_size=AT_ONCE
    )
    # A process that ends without closing must not wait for the thread.
    connection._thread.daemon = True
    await connection
    return connection
