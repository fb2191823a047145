"""浏览量: reads add up, whoever wrote them down, and nothing says by whom."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.exc import OperationalError

from base.db import Units
from base.people import SYSTEM
from faq import library, views
from faq.models import EntryViews
from faq.views import Views
from tests.faq.test_desk import CITY

NOW = datetime(2026, 3, 6, 6, 0, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 3, 6), date(2026, 3, 7)
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"


@pytest.fixture
async def stocked(units: Units) -> Units:
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, CITY[:3], publish_too=True)
    return units


@pytest.mark.parametrize(
    ("method", "headers", "counted"),
    [
        ("GET", {"user-agent": PHONE}, True),
        ("HEAD", {"user-agent": PHONE}, False),
        ("GET", {}, False),
        ("GET", {"user-agent": PHONE, "sec-purpose": "prefetch;prerender"}, False),
        ("GET", {"user-agent": PHONE, "purpose": "prefetch"}, False),
        ("GET", {"user-agent": PHONE, "x-moz": "prefetch"}, False),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; Baiduspider/2.0)"}, False),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}, False),
        ("GET", {"user-agent": "curl/8.5"}, False),
        ("GET", {"user-agent": "Python/3.12 aiohttp/3.10"}, False),
    ],
)
def test_only_somebody_reading_counts(method: str, headers: dict[str, str], counted: bool) -> None:
    assert views.counts(method, headers) is counted


async def test_two_processes_add_up_by_entry_and_day(stocked: Units) -> None:
    one, other = Views(), Views()
    for _ in range(3):
        one.seen(1, TODAY)
        other.seen(1, TODAY)
    other.seen(1, TOMORROW)
    other.seen(2, TODAY)
    assert (await one.flush(stocked), await other.flush(stocked)) == (3, 5)
    assert await one.flush(stocked) == 0
    async with stocked.read() as uow:
        rows = [(row.entry_id, row.day, row.count) for row in await uow.db.scalars(select(EntryViews))]
        assert sorted(rows) == [(1, TODAY, 6), (1, TOMORROW, 1), (2, TODAY, 1)]
        assert await views.totals(uow.db) == {1: 7, 2: 1}
        assert await views.totals(uow.db, [2, 3]) == {2: 1}


async def test_a_read_shows_before_it_is_written(stocked: Units) -> None:
    counting = Views()
    counting.seen(1, TODAY)
    await counting.flush(stocked)
    counting.seen(1, TODAY)
    async with stocked.read() as uow:
        assert await counting.of_entry(uow.db, 1) == 2
        assert await counting.of_entry(uow.db, 2) == 0


async def test_what_could_not_be_written_waits_on(stocked: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    counting = Views()
    counting.seen(1, TODAY)

    async def full(*_given: object) -> None:
        raise OperationalError("insert", {}, Exception("database or disk is full"))

    with monkeypatch.context() as broken:
        broken.setattr(views, "_add", full)
        with pytest.raises(Exception, match="存储空间满了"):
            await counting.flush(stocked)
    counting.seen(1, TODAY)
    assert await counting.flush(stocked) == 2


def test_a_row_says_what_and_when_and_how_often() -> None:
    assert {column.name for column in inspect(EntryViews).columns} == {"entry_id", "day", "count"}
