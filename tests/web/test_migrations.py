"""From an empty database of either kind to the present shape, step by step, and again without change."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text

from base.db import Database
from base.errors import Refusal
from tests import cast
from web.database import METADATA, check_version, config, migrate


def _differences(connection: Connection) -> list[object]:
    return list(compare_metadata(MigrationContext.configure(connection), METADATA))


async def test_the_migrations_build_exactly_what_the_models_say(database: Database) -> None:
    async with database.reader.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await migrate(database)
    await check_version(database)


async def test_a_filled_database_is_brought_from_each_version_to_the_present_one(database: Database) -> None:
    city = await cast.settle(database)
    await city.open()
    await city.staged("网友甲", "升级以后还在吗？")
    before = await city.state(f"interview:{city.interview}:public")
    engine = database.migrator()
    async with engine.begin() as connection:
        await connection.run_sync(lambda inner: command.downgrade(config(inner), "0002"))
    await engine.dispose()
    await migrate(database)
    assert await city.state(f"interview:{city.interview}:public") == before
    async with database.reader.connect() as connection:
        assert await connection.run_sync(_differences) == []


async def test_a_newer_database_is_refused_and_left_alone(database: Database) -> None:
    async with database.writer.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (migrate, check_version):
        with pytest.raises(Refusal) as caught:
            await act(database)
        assert caught.value.code == "database.newer"


async def test_acknowledged_means_synced_to_disk(sqlite_file: str) -> None:
    opened = Database(sqlite_file)
    assert await opened.synchronous() == "FULL"
    await opened.close()
