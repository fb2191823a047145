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
from tests import cast
from web.database import migrate

SKIPPED: list[str] = []

# How long one example takes says more about the machine than about the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


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


@asynccontextmanager
async def fresh_postgres(node: str, template: str = "template1") -> AsyncIterator[str]:
    """A fresh database on the test server; without one the test is skipped by name, in CI it fails.

    Args:
        node: the test's name, for the list of what was skipped.
        template: the database that it is a copy of.
    """
    server = postgres_server()
    if server is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no PostgreSQL answers, and in CI it must: set FANGTAN_TEST_POSTGRES")
        SKIPPED.append(node)
        pytest.skip("no PostgreSQL answers: set FANGTAN_TEST_POSTGRES")
    name = f"fangtan_test_{secrets.token_hex(6)}"
    await _admin(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
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
def migrated_postgres() -> Iterator[str]:
    """The name of an empty, migrated PostgreSQL database to copy; ``template1`` where no server answers."""
    server = postgres_server()
    if server is None:
        yield "template1"
        return
    name = f"fangtan_template_{secrets.token_hex(6)}"
    address, _, _ = server.rpartition("/")
    asyncio.run(_admin(server, f'CREATE DATABASE "{name}"'))
    asyncio.run(_migrated(f"{address}/{name}".replace("postgresql://", "postgresql+asyncpg://")))
    yield name
    asyncio.run(_admin(server, f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
async def postgres_url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """The URL of a fresh PostgreSQL database."""
    async with fresh_postgres(request.node.nodeid) as url:
        yield url


@pytest.fixture
def sqlite_file(tmp_path: Path) -> str:
    """The URL of a fresh SQLite file."""
    return sqlite_url(tmp_path / "fangtan.db")


@pytest.fixture(params=["sqlite", "postgres"])
async def database(
    request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path, migrated_postgres: str
) -> AsyncIterator[Database]:
    """An empty, migrated database of either kind."""
    async with AsyncExitStack() as stack:
        if request.param == "postgres":
            fresh = fresh_postgres(request.node.nodeid, migrated_postgres)
            url = await stack.enter_async_context(fresh)
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
    if SKIPPED:
        terminalreporter.write_line(f"跳过了 {len(SKIPPED)} 个要 PostgreSQL 的测试：")
        for name in SKIPPED:
            terminalreporter.write_line(f"  {name}")
