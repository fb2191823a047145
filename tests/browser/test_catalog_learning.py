"""目录编辑小林 looks through what the bot could not answer and makes something of it, in a browser."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from sqlalchemy import select
from sqlmodel import col

from base.people import SYSTEM, Role
from interviews.models import Question
from tests import cast
from tests.browser.looking import Watch, findings
from tests.browser.serving import free_port
from tests.browser.test_catalog_desk import says, signed_in
from tests.web.conftest import PASSWORD, Town
from tests.web.test_catalog_learning import DESK, PET, SAID, entry, kept
from tests.web.test_report_links import opened
from web import auth

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async for one in opened(tmp_path, free_port()):
        async with one.city.act("周科长", cast.PLANNED) as uow:
            await cast.give_logins(uow, auth.hash_password(PASSWORD), {role.value for role in Role})
        yield one


async def asked_before(town: Town) -> None:
    """A week of asks: misses, one answer that was of use, one that was not; and an interview that is over."""
    number = await entry(town, "GK-1", "异地就医备案", SAID)
    about = {"outcome": "answer", "reason": None, "entries": [number], "confidence": 0.91}
    await kept(town, *PET, *PET, "电动车电池哪里回收")
    await kept(town, "跨省住院先办啥手续", useful=True, **about)
    await kept(town, "异地就医备案要钱吗", useful=False, feedback_reason="没有说钱", **about)
    async with town.city.units.read(SYSTEM) as uow:
        question = (await uow.db.scalars(select(col(Question.id)))).one()
    await town.city.does("许主任", "question.answer", cast.NEXT_DAY, question=question, text=SAID)


async def test_an_editor_makes_something_of_what_was_asked(browser: Browser, town: Town, shots: Path) -> None:
    base = town.url("/").rstrip("/")
    await asked_before(town)
    found: list[str] = []

    async def look(watch: Watch, name: str) -> None:
        found.extend(f"{name}: {one}" for one in await findings(watch.page, watch))
        await watch.page.screenshot(path=shots / f"learning-{name}.png", full_page=True)

    watch = await signed_in(browser, base, "editor", f"{DESK}/asks", width=360)
    page = watch.page
    await expect(page.locator("#main")).to_contain_text("没有说钱")
    await look(watch, "asks")
    await page.get_by_role("link", name="异地就医备案要钱吗").click()
    await expect(page.locator("#main")).to_contain_text("最像的一种问法")
    await look(watch, "why")
    await page.goto(f"{base}{DESK}/topics")
    await page.get_by_role("button", name="现在归一遍").click()
    await says(page, "新归了")
    topic = page.locator("article").first
    await topic.get_by_text("提作访谈主题").click()
    await topic.get_by_label("题目").fill("小区养狗，怎样办证")
    await look(watch, "topics")
    await topic.get_by_role("button", name="提给信息办").click()
    await says(page, "提给信息办了")
    await page.goto(f"{base}{DESK}/phrasings")
    await page.get_by_label("跨省住院先办啥手续（1次）").check()
    await look(watch, "phrasings")
    await page.get_by_role("button", name="收下勾上的").click()
    await says(page, "收进了1种问法")
    await page.goto(f"{base}{DESK}/candidates")
    await page.locator("#main").get_by_role("link", name="城乡居民医保缴费和异地就医").click()
    await page.get_by_text("收成草稿").first.click()
    await look(watch, "candidates")
    await page.get_by_role("button", name="收成草稿").click()
    await says(page, "收成草稿了")
    assert not found, "\n".join(found)
