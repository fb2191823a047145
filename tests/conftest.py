"""What every test may ask for: an empty database of either kind, and the cast."""

import asyncio
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import asyncpg
import hypothesis
import pytest

from base.db import Database, sqlite_url
from faq import records
from tests import cast
from web.database import migrate

NO_POSTGRES = "no PostgreSQL answers: set FANGTAN_TEST_POSTGRES"

# How long one example takes says more about the machine than about the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# So does how soon everything has been read after a start; test_records says what happens until then.
records.PATIENCE = 60.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the slow suites")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    keep = [item for item in items if "long" not in item.keywords]
    config.hook.pytest_deselected(items=[item for item in items if "long" in item.keywords])
    items[:] = keep


def postgres_server() -> str | None:
    """Where a PostgreSQL server answers: ``FANGTAN_TEST_POSTGRES``, else nothing (``./test`` sets it)."""
    return os.environ.get("FANGTAN_TEST_POSTGRES") or None


async def _admin(server: str, statement: str) -> None:
    connection = await asyncpg.connect(server.replace("postgresql+asyncpg://", "postgresql://"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def skip_without_postgres() -> None:
    """Skip a test by name where no PostgreSQL answers; in CI it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail("no PostgreSQL answers, and in CI it must: set FANGTAN_TEST_POSTGRES")
    pytest.skip(NO_POSTGRES)


@asynccontextmanager
async def fresh_postgres() -> AsyncIterator[str]:
    """A fresh database on the test server; without one the test is skipped by name, in CI it fails."""
    server = postgres_server()
    if server is None:
        skip_without_postgres()
    assert server is not None
    name = f"fangtan_test_{secrets.token_hex(6)}"
    await _admin(server, f'CREATE DATABASE "{name}"')
    address, _, _ = server.rpartition("/")
    try:
        yield f"{address}/{name}".replace("postgresql://", "postgresql+asyncpg://")
    finally:
        await _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')


async def _migrated(url: str) -> None:
    opened = Database(url)
    await migrate(opened)
    await opened.close()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file to copy: migrating anew took each of a thousand tests 0.2 s."""
    file = tmp_path_factory.mktemp("template") / "fangtan.db"
    asyncio.run(_migrated(sqlite_url(file)))
    return file


@pytest.fixture(scope="session")
def migrated_postgres() -> Iterator[str | None]:
    """The URL of one migrated PostgreSQL database that tests empty after them; ``None`` where no server answers.

    A database of its own for each test took it a second and more: made, migrated and dropped.
    """
    server = postgres_server()
    if server is None:
        yield None
        return
    name = f"fangtan_test_{secrets.token_hex(6)}"
    address, _, _ = server.rpartition("/")
    asyncio.run(_admin(server, f'CREATE DATABASE "{name}"'))
    url = f"{address}/{name}".replace("postgresql://", "postgresql+asyncpg://")
    asyncio.run(_migrated(url))
    yield url
    asyncio.run(_admin(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


EMPTY = """
SET lock_timeout = '20s';
SET session_replication_role = replica;
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
    AND tablename NOT IN ('alembic_version', 'audit_head')
  LOOP EXECUTE format('DELETE FROM %I', one.tablename); END LOOP;
  FOR one IN SELECT sequencename, start_value FROM pg_sequences WHERE schemaname = 'public'
  LOOP PERFORM setval(format('%I', one.sequencename)::regclass, one.start_value, false); END LOOP;
  UPDATE audit_head SET entries = 0, digest = repeat('0', 64);
END $$
"""
"""Every row gone and every sequence at its start, without waiting for the order of foreign keys."""


@asynccontextmanager
async def shared_postgres(url: str | None) -> AsyncIterator[str]:
    """The session's PostgreSQL database, emptied afterwards; without one the test is skipped by name."""
    if url is None:
        skip_without_postgres()
    assert url is not None
    try:
        yield url
    finally:
        await _admin(url, EMPTY)


@pytest.fixture
async def postgres_url() -> AsyncIterator[str]:
    """The URL of a fresh PostgreSQL database."""
    async with fresh_postgres() as url:
        yield url


@pytest.fixture
def sqlite_file(tmp_path: Path) -> str:
    """The URL of a fresh SQLite file."""
    return sqlite_url(tmp_path / "fangtan.db")


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path, migrated_postgres: str | None
) -> AsyncIterator[Database]:
    """An empty, migrated database of either kind."""
    async with AsyncExitStack() as stack:
        if request.param == "postgres":
            shared = shared_postgres(migrated_postgres)
            url = await stack.enter_async_context(shared)
        else:
            url = sqlite_url(Path(shutil.copy(migrated_file, tmp_path / "fangtan.db")))
        opened = Database(url)
        yield opened
        await opened.close()


@pytest.fixture
async def city(database: Database) -> cast.City:
    """The cast in an empty city, on either database."""
    return await cast.settle(database)


@pytest.fixture
async def small_city(tmp_path: Path, migrated_file: Path) -> AsyncIterator[cast.City]:
    """The cast in an empty city on SQLite alone, where the database makes no difference."""
    opened = Database(sqlite_url(Path(shutil.copy(migrated_file, tmp_path / "fangtan.db"))))
    yield await cast.settle(opened)
    await opened.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that were skipped for want of PostgreSQL, and the data with which others ran."""
    skipped = terminalreporter.stats.get("skipped", [])
    named = [report.nodeid for report in skipped if NO_POSTGRES in str(report.longrepr)]
    if named:
        terminalreporter.write_line(f"跳过了 {len(named)} 个要 PostgreSQL 的测试：")
        for name in named:
            terminalreporter.write_line(f"  {name}")
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if name == "data":
                terminalreporter.write_line(f"{report.nodeid.rpartition('::')[2]}：{value}")
