"""The catalogue in memory follows the rows some at a time, on either database, and index and documents stay in step."""

from collections.abc import AsyncIterator

import pytest
from sqlmodel import SQLModel

from base.db import Database, Units
from base.people import SYSTEM
from faq import library, present
from faq.desk import Desk
from tests.conftest import fresh_postgres

from .test_desk import NOW, row


@pytest.fixture(params=["sqlite", "postgres"])
async def empty(request: pytest.FixtureRequest, sqlite_file: str) -> AsyncIterator[Units]:
    """Units of work over an empty database of each kind."""

    async def tables(url: str) -> Database:
        database = Database(url)
        async with database.writer.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
        return database

    if request.param == "sqlite":
        database = await tables(sqlite_file)
        yield Units(database)
        await database.close()
        return
    async with fresh_postgres() as url:
        database = await tables(url)
        yield Units(database)
        await database.close()


@pytest.mark.parametrize("few", [3, 100])
async def test_entries_come_and_go_in_stretches(
    empty: Units, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(present, "ROWS", 2)
    monkeypatch.setattr(present, "FEW", few)
    rows = [row(number, f"第{number}号码头怎样停船", "先登记。") for number in range(7)]
    desk = Desk()
    async with empty.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, rows, publish_too=True)
        await desk.open(uow)
        assert [one.question for one in desk.present.documents.values()] == [one.title for one in rows]
    gone, *_ = sorted(desk.present.documents)
    more = [row(100 + number, f"第{number}号渡口怎样过河", "先登记。") for number in range(5)]
    async with empty.act(SYSTEM, NOW) as uow:
        await library.retire(uow, int(gone), "撤下")
        await library.import_rows(uow, more, publish_too=True)
        await desk.present.follow(uow.db)
    here = desk.present
    assert len(here.documents) == len(here.engine.index) == 11
    assert gone not in here.documents
    assert all(key in here.engine.index for key in here.documents)
    await desk.close()
