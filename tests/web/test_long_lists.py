"""Long lists of an interview on the staff's pages cost what they show: they are read and drawn a page at a time."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import delete, event, update
from sqlmodel import col

from base.db import UnitOfWork
from faq import askings
from faq.askings import Askings
from faq.grouping import Asked
from interviews.models import Item, Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.long_record import long_record
from web import console, pack_list, said_list
from web.interview_lists import RECORD_PAGE

MATTERS = ("老楼加装电梯要哪些手续？", "公积金能不能异地提取？", "夜里施工太吵谁来管？")


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


async def filled(town: Town, items: int, waiting: int) -> None:
    """A long record whose questions ask three different things."""
    await long_record(town.city, items, waiting)
    async with town.city.act("周科长", cast.END) as uow:
        for at, text in enumerate(MATTERS):
            asked = update(Question).where(col(Question.id) % len(MATTERS) == at)
            await uow.db.execute(asked.values(text=text, original=text))


async def unlike(town: Town, items: int, waiting: int) -> None:
    """A long record in which no question is like another."""
    await long_record(town.city, items, waiting)
    async with town.city.act("周科长", cast.END) as uow:
        for at in range(1, items // 2 + waiting + 1):
            text = "".join(chr(0x4E00 + (at * 97 + place * 1009) % 15_000) for place in range(8))
            await uow.db.execute(update(Question).where(col(Question.id) == at).values(text=text))


def numbers(text: str, letter: str = "q") -> list[int]:
    return [int(one) for one in re.findall(rf'id="{letter}(\d+)"', text)]


@dataclass
class Spent:
    """What a reading took: statements, and rows of questions and items brought whole."""

    statements: int = 0
    rows: int = 0


@contextmanager
def loads(spent: Spent) -> Iterator[None]:
    def count(*_: Any) -> None:
        spent.rows += 1

    for model in (Question, Item):
        event.listen(model, "load", count)
    try:
        yield
    finally:
        for model in (Question, Item):
            event.remove(model, "load", count)


@asynccontextmanager
async def reading(town: Town, spent: Spent) -> AsyncIterator[UnitOfWork]:
    """周科长 reads, and what that takes on this one connection is counted; the clock's work on others is not."""

    def count(*_: Any) -> None:
        spent.statements += 1

    async with town.city.units.read(town.city.people["周科长"]) as uow:
        connection = (await uow.db.connection()).sync_connection
        event.listen(connection, "before_cursor_execute", count)
        with loads(spent):
            yield uow


async def cost(town: Town, page: str) -> tuple[Spent, Spent]:
    """Of a page of the pack, and of a page of what was said."""
    pack, said = Spent(), Spent()
    app, interview = town.client.app, town.city.interview
    assert app is not None
    wanted = pack_list.wanted_of({"page": page, "said": page}, f"/office/interviews/{interview}")
    async with reading(town, pack) as uow:
        await pack_list.pack(app, uow, interview, wanted)
    async with reading(town, said) as uow:
        await said_list.said(uow, interview, wanted)
    return pack, said


@pytest.mark.parametrize("page", ["1", "7"])
async def test_a_page_takes_as_much_of_six_hundred_as_of_one(town: Town, page: str) -> None:
    await unlike(town, 2, 0)
    few, said_of_few = await cost(town, "1")
    async with town.city.act("周科长", cast.END) as uow:
        for model in (Item, Question):
            await uow.db.execute(delete(model))
    await unlike(town, 800, 200)
    many, said_of_many = await cost(town, page)
    assert many.statements <= few.statements
    assert many.rows <= pack_list.PAGE + 1
    assert said_of_many.statements <= said_of_few.statements
    assert said_of_many.rows <= RECORD_PAGE


@pytest.mark.parametrize(
    ("role", "page"), [("clerk", "/desk/interviews/{}"), ("office", "/office/interviews/{}")]
)
async def test_page_by_page_every_question_stands_in_the_pack_once(
    browser: Browser, role: str, page: str
) -> None:
    await filled(browser.town, 2, 74)
    path = page.format(browser.town.city.interview)
    await browser.signs_in(role, path)
    seen: list[int] = []
    for number in (1, 2, 3):
        await browser.opens(f"{path}?page={number}")
        assert "大家想问的75个" in browser.text
        assert "25个提问" in browser.text
        here = numbers(browser.text)
        # The question that leads a matter stands above the rest of it again, on the page where it goes on.
        assert len(here) <= pack_list.PAGE + 1
        assert (set(here) & set(seen) != set()) == ("接上一页" in browser.text)
        seen += [one for one in here if one not in seen]
    assert sorted(seen) == list(range(1, 76))
    await browser.opens(f"{path}?page=99")
    assert set(numbers(browser.text)) <= set(seen[45:])
    await browser.opens(f"{path}?page=all")
    assert sorted(numbers(browser.text)) == sorted(seen)
    assert "接上一页" not in browser.text


async def test_the_pack_is_searched_and_led_to_by_a_number(browser: Browser) -> None:
    await filled(browser.town, 2, 74)
    path = f"/desk/interviews/{browser.town.city.interview}"
    await browser.signs_in("clerk", f"{path}?q=公积金")
    assert "有“公积金”的，连同像是同一件事的，25个" in browser.text
    assert MATTERS[1] in browser.text
    assert MATTERS[2] not in browser.text
    await browser.opens(f"{path}?q=没有人问过的事")
    assert "这样找没有提问" in browser.text
    for number in (1, 40, 75):
        await browser.opens(f"{path}?at=q{number}")
        assert number in numbers(browser.text)
    for odd in ("page=-1", "page=x", "page=0", "page=99999999999", "at=q", "at=n1"):
        assert await browser.opens(f"{path}?{odd}") == 200
        assert len(numbers(browser.text)) == pack_list.PAGE


async def test_a_form_of_the_second_page_leads_back_to_it(browser: Browser) -> None:
    await filled(browser.town, 2, 74)
    path = f"/desk/interviews/{browser.town.city.interview}"
    await browser.signs_in("clerk", f"{path}?page=2")
    second, back = numbers(browser.text), f"{path}?page=2"
    assert browser.text.count(f'name="back" value="{back}"') == 2, (
        "the form of the content and that of the guests"
    )
    number = browser.town.city.interview
    assert await browser.sends("/do/guests.tell", interview=number, guests="没有逗号", back=back) == 400
    assert "没有逗号" in browser.text
    assert numbers(browser.text) == second
    told = {"interview": number, "guests": "王立言，待遇处处长", "back": back}
    assert await browser.sends("/do/guests.tell", **told) == 200
    assert numbers(browser.text) == second


async def test_what_was_said_is_paged_for_the_office_and_its_forms_come_back(browser: Browser) -> None:
    await filled(browser.town, 160, 0)
    path = f"/office/interviews/{browser.town.city.interview}"
    await browser.signs_in("office", path)
    assert "160段" in browser.text
    first = numbers(browser.text, "n")
    assert first == list(range(2, 2 * RECORD_PAGE + 1, 2))
    await browser.opens(f"{path}?page=2&said=2")
    assert numbers(browser.text, "n") == list(range(2 * RECORD_PAGE + 2, 161, 2))
    assert f'name="back" value="{path}?said=2&amp;page=2"' in browser.text
    assert f'href="{path}?page=2&amp;said=1"' in browser.text


async def test_the_consoles_and_the_desks_lists_go_on_over_the_page(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SHOWN", 20)
    await filled(browser.town, 60, 50)
    number = browser.town.city.interview
    await browser.signs_in("moderator", f"/host/{number}")
    assert 'id="spoken-n">60</span>' in browser.text
    first = re.findall(r'data-fix="(\d+)"', browser.text)
    await browser.opens(f"/host/{number}?said=2")
    assert 'id="spoken-box" open' in browser.text
    assert re.findall(r'data-fix="(\d+)"', browser.text) == [str(int(one) - 20) for one in first]
    await browser.opens(f"/host/{number}?item=5&said=3#fix")
    assert 'id="fix"' in browser.text
    await browser.signs_in("clerk", f"/desk/{number}")
    assert 'id="pool-n">50</span>' in browser.text
    assert "我们说过的30条" in browser.text
    asked: set[str] = set()
    for page in (1, 2, 3):
        await browser.opens(f"/desk/{number}?page={page}&own=2")
        waiting = browser.text.partition('id="waiting"')[2].partition("</ol>")[0]
        asked |= set(re.findall(rf"question=(\d+)&amp;page={page}&amp;own=2", waiting))
        own = browser.text.partition('id="h-own"')[2].partition("</ol>")[0]
        assert own.count("<li") == 10
    assert len(asked) == 50


# Many questions are grouped beside the page


def many(count: int) -> list[Asked]:
    return [Asked(key, MATTERS[key % 3], key % 7) for key in range(1, count + 1)]


async def test_many_questions_are_shown_at_once_and_grouped_beside_it(
    small_city: cast.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Askings()
    monkeypatch.setattr(askings, "SMALL", 10)
    monkeypatch.setattr(askings, "PATIENCE", 0)

    async def read(asked: list[Asked], later: int = 0) -> tuple[list[tuple[int, int]], bool]:
        with time_machine.travel(cast.DURING + timedelta(seconds=later)):
            async with small_city.units.read(small_city.people["周科长"]) as uow:
                themes, ready = await desk.themes_soon(uow, 1, asked)
        assert sorted(
            one.key for theme in themes for m in theme.matters for one in (m.lead, *m.also)
        ) == sorted(one.key for one in asked)
        return [(len(theme.matters), theme.questions) for theme in themes], ready

    async def grouped() -> None:
        room = desk._rooms[1]
        assert room.grouping is not None
        await room.grouping

    assert await read(many(30)) == ([(30, 30)], False)
    await grouped()
    assert await read(many(30), 1) == ([(1, 10)] * 3, True)
    assert await read(many(31), 2) == ([(1, 10)] * 3 + [(1, 1)], True), "who came just now stands alone"
    assert await read(many(31), 31) == ([(1, 10)] * 3 + [(1, 1)], True), "and is grouped beside the page"
    await grouped()
    assert sorted((await read(many(31), 32))[0]) == [(1, 10), (1, 10), (1, 11)]


async def test_a_heading_goes_with_a_question_that_it_may_quote(
    small_city: cast.City, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Askings()
    asked = many(30)
    async with small_city.units.read(small_city.people["周科长"]) as uow:
        before = {theme.label for theme in await desk.themes(uow, 1, asked)}
        monkeypatch.setattr(askings, "SMALL", 10)
        left = [one for one in asked if one.key != 30]
        after = [theme.label for theme in (await desk.themes_soon(uow, 1, left))[0]]
    assert len(set(after) - before) == 1
    assert set(after) - before == {MATTERS[0]}
