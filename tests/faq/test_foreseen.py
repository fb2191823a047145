"""What a file would do, said before anybody starts it: new rows, changes of what is public, and what stays."""

from dataclasses import replace

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from base.people import SYSTEM
from faq import foreseen, library
from faq.foreseen import Counts, Fate
from faq.table_file import Row, parse_csv
from tests.cast import City
from tests.faq.test_imports import TODAY, rows

SOME = "索引号,标题,正文,发布机构,是否有效\nSL-0,水费0,四元一吨。,水务局,否\nSL-1,水费1,三元一吨。,水务局,\n"


async def stocked(city: City) -> None:
    """SL-0 and SL-1 are public, SL-2 is a draft."""
    async with city.units.act(SYSTEM, TODAY) as uow:
        await library.import_rows(uow, rows(2, keywords="水费"), publish_too=True)
        await library.import_rows(uow, rows(3)[2:])


async def test_a_row_is_new_or_a_change_of_named_fields_or_the_same(city: City) -> None:
    await stocked(city)
    sent = [*parse_csv(SOME.encode()), replace(rows(3)[2], issuer="示例市水务局"), *rows(4)[3:]]
    async with city.units.read(SYSTEM) as uow:
        found = await foreseen.of_rows(uow.db, sent)
    assert [(one.fate, one.public, one.differing) for one in found] == [
        (Fate.CHANGE, True, ("正文", "是否有效")),
        (Fate.SAME, True, ()),
        (Fate.CHANGE, False, ("发布机构",)),
        (Fate.NEW, False, ()),
    ]
    assert (found[0].row.keywords, found[0].row.in_force) == ("水费", False)
    assert Counts.of(found) == Counts(new=1, changed=2, public=1, same=1)


async def test_what_was_foreseen_is_what_comes_of_it(city: City) -> None:
    await stocked(city)
    sent = [*rows(2, "四元一吨。", keywords=None), *rows(400)[2:]]
    async with city.units.read(SYSTEM) as uow:
        counts = await foreseen.count(uow.db, sent)
    async with city.units.act(SYSTEM, TODAY) as uow:
        done = await library.import_rows(uow, sent, publish_too=True)
    assert counts == Counts(new=397, changed=2, public=2, same=1)
    assert (done.added, done.changed, done.unchanged) == (counts.new, counts.changed, counts.same)


async def asked_of(db: AsyncSession, sent: list[Row]) -> tuple[int, list[tuple[int, int]]]:
    """How often counting asks for entries, and what is told on the way."""
    told: list[tuple[int, int]] = []
    ran: list[str] = []
    engine = db.get_bind()

    def one(*given: object) -> None:
        ran.append(str(given[2]))

    event.listen(engine, "before_cursor_execute", one)
    await foreseen.count(db, sent, lambda done, of: told.append((done, of)))
    event.remove(engine, "before_cursor_execute", one)
    return sum("catalog_entry" in text for text in ran), told


async def test_counting_asks_once_for_each_stretch_and_tells_how_far_it_is(city: City) -> None:
    await stocked(city)
    sent = list(rows(2 * foreseen.STRETCH + 1))
    async with city.units.read(SYSTEM) as uow:
        asked, told = await asked_of(uow.db, sent)
    assert asked == 3
    assert told == [(200, 401), (400, 401), (401, 401)]
