"""The pack's read receipt: who of the body opened it first, once each, and what the office sees of it."""

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.people import SYSTEM
from interviews.packs import PackReading
from tests.cast import START, at
from tests.web.browser import Browser
from tests.web.conftest import Town

LATER = at("2026-03-27 14:30")


async def coming(town: Town) -> int:
    """An interview that is announced and still to come; its number."""
    await town.city.plan(LATER)
    await town.city.announce(LATER)
    return town.city.interview


async def hand_over(town: Town) -> None:
    await town.city.does("周科长", "questions.forward", interview=town.city.interview)


async def readings(town: Town) -> list[int]:
    async with town.city.units.read(SYSTEM) as uow:
        return list(await uow.db.scalars(select(col(PackReading.person_id)).order_by(col(PackReading.id))))


async def test_who_opens_it_first_is_kept_once_and_the_office_sees_it(town: Town) -> None:
    number = await coming(town)
    await hand_over(town)
    browser = Browser(town)
    await browser.signs_in("office", "/office")
    for path in ("/office", f"/office/interviews/{number}"):
        await browser.opens(path)
        assert "示例市医疗保障局：<b>还没有打开</b>" in browser.text
        assert "（第十二条）" in browser.text
    await browser.signs_in("clerk", "/desk")
    for _ in range(2):
        assert await browser.opens(f"/desk/interviews/{number}") == 200
    assert await readings(town) == [town.city.people["许主任"].person_id]
    await browser.signs_in("office", "/office")
    for path in ("/office", f"/office/interviews/{number}"):
        await browser.opens(path)
        assert "还没有打开" not in browser.text
        assert "示例市医疗保障局：已读，" in browser.text
        assert "3月6日 14:4" in browser.text.partition("：已读，")[2][:80]
        assert "许主任" in browser.text.partition("：已读，")[2][:120]
    async with town.city.units.read(SYSTEM) as uow:
        noted = [one.subject async for one in audit.entries(uow) if one.act == "pack.open"]
    assert noted == [f"interview:{number}"]


async def test_before_it_is_handed_over_there_is_nothing_to_have_read(town: Town) -> None:
    number = await coming(town)
    browser = Browser(town)
    await browser.signs_in("clerk", f"/desk/interviews/{number}")
    assert await readings(town) == []
    await browser.signs_in("office", "/office")
    assert "还没有打开" not in browser.text
    assert START < LATER


async def test_asking_for_the_head_alone_or_being_of_another_body_reads_nothing(town: Town) -> None:
    number = await coming(town)
    await hand_over(town)
    path = f"/desk/interviews/{number}"
    async with town.client.head(path, headers=await town.bearer("许主任")) as answer:
        assert answer.status == 200
    async with town.client.get(path, headers=await town.bearer("外单位老吴")) as answer:
        assert answer.status == 404
    assert await readings(town) == []
