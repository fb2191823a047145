"""What every test may ask for: an empty database of either kind, the cast, and a house in which little is done twice."""

import asyncio
import functools
import gc
import os
import secrets
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp_jinja2
import asyncpg
import hypothesis
import jinja2
import pytest
from argon2 import PasswordHasher

from base.db import Database, sqlite_url
from base.people import Role
from faq import records
from tests import cast
from web import auth
from web.database import migrate

NO_POSTGRES = "no PostgreSQL answers: set FANGTAN_TEST_POSTGRES"

# How long one example takes says more about the machine than about the code.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")

# So does how soon everything has been read after a start; test_records says what happens until then.
records.PATIENCE = 60.0


HASHER = auth._hasher
"""What the product hashes passwords with; see :func:`house`."""

# Where nothing may be written beside the sources, as in many containers, every program that a test starts would
# compile all it imports anew: 8 s of processor time instead of 2 for one ``fangtan --help``.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(sys.prefix) / "bytecode"))
sys.dont_write_bytecode, sys.pycache_prefix = False, os.environ["PYTHONPYCACHEPREFIX"]

# The library's 700 were made for small programs: 632 tests of pages and rules took 153 s of the processor, and 137 so.
gc.set_threshold(20_000, 50, 100)

PASSWORD = "yi-ge-ce-shi-mi-ma"
"""Of everybody of the cast who may sign in."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run the slow suites")


@pytest.fixture
def slack(pytestconfig: pytest.Config) -> float:
    """How many times a bound by the clock may be taken: once with ``--long`` on a quiet machine, else often."""
    return 1.0 if pytestconfig.getoption("--long") else 10.0


LONGEST = (
    "tests/browser",
    "tests/web/test_city.py",
    "tests/chat",
    "tests/access",
    "tests/interviews/test_report_pdf.py",
)
"""Begun first, so that no worker is left with a long file when the others are done."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    if config.getoption("--long"):
        return
    keep = [item for item in items if "long" not in item.keywords]
    config.hook.pytest_deselected(items=[item for item in items if "long" in item.keywords])
    items[:] = keep


class _Compiled(jinja2.BytecodeCache):
    """Templates as they were compiled for the first application of this process; each test makes its own."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def house() -> Iterator[None]:
    """What every application does again at its start, and a process but once, is done once.

    Passwords are hashed by the same function at its least cost; what it costs the product is looked at in test_login.
    """
    with pytest.MonkeyPatch.context() as once:
        once.setattr(auth, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        once.setattr(
            aiohttp_jinja2, "setup", functools.partial(aiohttp_jinja2.setup, bytecode_cache=_Compiled())
        )
        yield


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


@dataclass(frozen=True)
class Prepared:
    """A database file to copy, and the city in it."""

    file: Path
    city: cast.City

    def copied(self, folder: Path) -> Path:
        """A copy of the file, under the name that an application looks for."""
        return Path(shutil.copy(self.file, folder / "fangtan.db"))


def _prepared(file: Path, migrated: Path, *, opened: bool) -> Prepared:
    async def prepare() -> cast.City:
        database = Database(sqlite_url(Path(shutil.copy(migrated, file))))
        city = await cast.settle(database)
        if opened:
            await city.open()
            async with city.act("周科长", cast.PLANNED) as uow:
                await cast.give_logins(uow, auth.hash_password(PASSWORD), {role.value for role in Role})
        await database.close()
        return city

    return Prepared(file, asyncio.run(prepare()))


@pytest.fixture(scope="session")
def settled_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Prepared:
    """The cast in an empty city, to copy."""
    return _prepared(tmp_path_factory.mktemp("settled") / "fangtan.db", migrated_file, opened=False)


@pytest.fixture(scope="session")
def opened_file(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Prepared:
    """The interview live and everybody able to sign in, to copy: the way there took each of 300 tests 0.5 s."""
    return _prepared(tmp_path_factory.mktemp("opened") / "fangtan.db", migrated_file, opened=True)


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
async def small_city(tmp_path: Path, settled_file: Prepared) -> AsyncIterator[cast.City]:
    """The cast in an empty city on SQLite alone, where the database makes no difference."""
    opened = Database(sqlite_url(settled_file.copied(tmp_path)))
    yield settled_file.city.moved(opened)
    await opened.close()


@pytest.fixture
async def small_live_city(tmp_path: Path, opened_file: Prepared) -> AsyncIterator[cast.City]:
    """The same with the interview opened by 李主持."""
    opened = Database(sqlite_url(opened_file.copied(tmp_path)))
    yield opened_file.city.moved(opened)
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
