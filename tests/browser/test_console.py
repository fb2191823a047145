"""The console in real browsers: two moderators and one question, a publication held back, the host's line-up, a cut line.

审核员小张 and 周科长 of the office moderate, 李主持 hosts; the interview has been live for a minute when they come.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import select

from base.clock import utcnow
from base.db import Database, sqlite_url
from base.people import Person
from tests import cast
from tests.browser.looking import Watch, axe_findings, size_findings
from tests.browser.serving import free_port, serving
from web import auth
from web.database import migrate

pytestmark = pytest.mark.browser

PASSWORD = "yi-ge-ce-shi-mi-ma"
DESK = {"width": 1440, "height": 900}
ASKED = ("村里老人能不能交现金？", "药店买药能不能刷卡？", "加微信代办，优惠多多", "断缴一年，住院能不能报？")


@dataclass
class Room:
    """A live interview on a server of its own, and the way to the desks in it."""

    browser: Browser
    base: str
    console: str
    desk: str

    async def opens(self, login: str, path: str) -> Page:
        """A member of staff at their own browser, connected."""
        context = await self.browser.new_context(viewport=DESK)  # type: ignore[arg-type]  # a TypedDict in the stubs
        page = await context.new_page()
        await page.goto(f"{self.base}/login?next={path}")
        await page.fill('[name="name"]', login)
        await page.fill('[name="password"]', PASSWORD)
        await page.click("main button.btn")
        await expect(page.locator("#link")).to_contain_text("已连上")
        return page


async def prepared(data: Path, published: int) -> None:
    """A database in which the interview began a minute ago, with four questions, the first of them public."""
    database = Database(sqlite_url(data / "fangtan.db"))
    await migrate(database)
    city = await cast.settle(database)
    start = utcnow() - timedelta(minutes=1)
    await city.plan(start)
    await city.announce(start)
    await city.prepare(start)
    await city.does("李主持", "interview.open", start, interview=city.interview)
    for at, text in enumerate(ASKED):
        when = start + timedelta(seconds=10 + at)
        await (city.published if at < published else city.asks)("网友甲", text, when)
    async with city.act("周科长", cast.PLANNED) as uow:
        roles = {"moderator", "host", "guest", "office", "clerk"}
        await cast.give_logins(uow, auth.hash_password(PASSWORD), roles)
        for person in await uow.db.scalars(select(Person)):
            person.example = False
    await database.close()


_READY: dict[int, Path] = {}
"""One prepared database of each kind; every test plays on a copy."""


@asynccontextmanager
async def live(
    browser: Browser, data: Path, ready: pytest.TempPathFactory, published: int
) -> AsyncIterator[Room]:
    """The interview on a server of its own."""
    if published not in _READY:
        _READY[published] = ready.mktemp(f"published-{published}")
        await prepared(_READY[published], published)
    shutil.copytree(_READY[published], data, dirs_exist_ok=True)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    async with serving(data, port=port, base_url=base):
        yield Room(browser, base, "/host/1", "/desk/1")


@pytest.fixture
async def fresh(
    browser: Browser, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Room]:
    async with live(browser, tmp_path, tmp_path_factory, 0) as room:
        yield room


@pytest.fixture
async def waiting(
    browser: Browser, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Room]:
    async with live(browser, tmp_path, tmp_path_factory, 3) as room:
        yield room


async def test_two_moderators_never_handle_one_question_unknowingly(fresh: Room) -> None:
    zhang, zhou = await fresh.opens("moderator", fresh.console), await fresh.opens("office", fresh.console)
    first = "#queue li:has-text('交现金')"
    await zhang.locator(f"{first} .card-text").click()
    await expect(zhang.locator(first)).to_contain_text("您正在处理")
    await expect(zhou.locator(first)).to_contain_text("审核员小张正在处理")
    await zhou.locator(first).get_by_role("button", name="公开", exact=True).click()
    await expect(zhou.locator(first)).to_contain_text("请先点“接手”")
    await zhou.locator(first).get_by_role("button", name="接手").click()
    await expect(zhang.locator("#notice")).to_contain_text("周科长正在处理您看的这一个")
    await zhou.locator(first).get_by_role("button", name="公开", exact=True).click()
    await expect(zhang.locator("#pool li", has_text="交现金")).to_be_visible()
    # The cursor of whoever decided goes on to what came into its place, and leaving the page lays that down.
    await expect(zhou.locator("#queue .card--on")).to_contain_text("刷卡")
    await expect(zhang.locator("#queue li", has_text="刷卡")).to_contain_text("周科长正在处理")
    await expect(zhang.locator("#queue .card--on")).to_have_count(0)
    await zhou.goto(fresh.base)
    await expect(zhang.locator("#queue li", has_text="刷卡")).not_to_contain_text("正在处理")


async def test_by_keys_alone_and_never_while_one_types(fresh: Room) -> None:
    zhang = await fresh.opens("moderator", fresh.console)
    queue, keys = zhang.locator("#queue > li"), zhang.keyboard
    await zhang.get_by_role("button", name="改成等10秒").click()
    await expect(zhang.locator("#delay")).to_contain_text("可以撤回")
    await zhang.locator("h1").click()

    await keys.press("j")
    await keys.press("e")
    wording = zhang.locator("dialog textarea")
    await expect(wording).to_have_value(ASKED[0])
    await wording.fill("村里老人能不能交现金")
    await wording.press_sequentially("pdux？")
    await expect(wording).to_have_value("村里老人能不能交现金pdux？")
    await keys.press("Escape")
    assert await queue.count() == len(ASKED)

    await keys.press("p")
    await expect(queue.first).to_contain_text("秒后公开")
    await keys.press("u")
    await expect(queue.first).not_to_contain_text("秒后公开")

    for key in ("j", "j", "d", "3"):
        await keys.press(key)
    await expect(queue).to_have_count(len(ASKED) - 1)
    await expect(zhang.locator("#queue")).not_to_contain_text("代办")

    await zhang.locator("#queue .card-text").first.click()
    for key in ("x", "j", "x"):
        await keys.press(key)
    await expect(zhang.locator("#several-n")).to_have_text("选了2个，一起办")
    await keys.press("p")
    await expect(zhang.locator("#results li")).to_have_count(2)
    await expect(zhang.locator("#results")).to_contain_text("过几秒公开，现在还能撤回")
    await expect(zhang.locator("#pool li")).to_have_count(2)


async def test_the_host_orders_and_stages_and_is_told_what_was_not_sent(waiting: Room, shots: Path) -> None:
    host = await waiting.opens("host", waiting.console)
    line, stage = host.locator("#lineup > li"), host.locator("#stage")
    for text in ASKED[:3]:
        await host.locator("#pool li", has_text=text).get_by_role("button", name="排上").click()
        await expect(host.locator("#lineup li", has_text=text)).to_be_visible()
    await line.nth(2).drag_to(line.nth(0))
    await expect(line.nth(0)).to_contain_text(ASKED[2])
    await line.nth(0).get_by_role("button", name="往后").click()
    await expect(line.nth(0)).to_contain_text(ASKED[0])
    await line.nth(0).get_by_role("button", name="请上场").click()
    await expect(stage).to_contain_text(ASKED[0])
    await expect(line).to_have_count(2)
    await expect(host.locator("#fairness")).to_contain_text("现场提的")

    await host.context.set_offline(True)
    await expect(host.locator("#link")).to_contain_text("断线了")
    await line.nth(0).get_by_role("button", name="请上场").click()
    await expect(host.locator("#unsent")).to_contain_text("请上场，3号：没有送到")
    await host.screenshot(path=shots / "host-cut.png")
    await host.context.set_offline(False)
    await expect(host.locator("#link")).to_contain_text("已连上")
    await host.locator("#unsent").get_by_role("button", name="再送一次").click()
    await expect(stage).to_contain_text(ASKED[2])
    await expect(host.locator("#unsent")).to_be_empty()


async def test_a_draft_stays_on_the_device_until_the_server_has_it(waiting: Room) -> None:
    clerk = await waiting.opens("clerk", waiting.desk)
    await clerk.locator("#waiting a").first.click()
    await expect(clerk.locator("#link")).to_contain_text("已连上")
    kept = "Object.keys(localStorage).some((key) => key.startsWith('fangtan.answer.'))"
    await clerk.context.set_offline(True)
    await expect(clerk.locator("#link")).to_contain_text("断线了")
    await clerk.locator("#answer").press_sequentially("三个月内补上")
    assert await clerk.evaluate(kept)
    await clerk.context.set_offline(False)
    await expect(clerk.locator("#draft-state")).to_contain_text("存好了")
    assert not await clerk.evaluate(kept)
    await clerk.reload()
    await expect(clerk.locator("#answer")).to_have_value("三个月内补上")


async def test_a_login_that_is_over_is_said_and_what_was_written_stays(waiting: Room) -> None:
    clerk = await waiting.opens("clerk", waiting.desk)
    await clerk.locator("#waiting a").first.click()
    await expect(clerk.locator("#link")).to_contain_text("已连上")
    elsewhere = await clerk.context.new_page()
    await elsewhere.goto(f"{waiting.base}/account")
    await elsewhere.get_by_role("button", name="退出").first.click()
    await expect(clerk.locator("#link")).to_contain_text("登录已经过期")
    await clerk.locator("#answer").press_sequentially("三个月内补上")
    assert await clerk.get_by_role("button", name="连上以后才能发").is_disabled()
    async with clerk.context.expect_page() as opened:
        await clerk.locator("#link a").click()
    again = await opened.value
    await again.fill('[name="name"]', "clerk")
    await again.fill('[name="password"]', PASSWORD)
    await again.click("main button.btn")
    await again.wait_for_url(f"{waiting.base}{waiting.desk}**")
    await clerk.bring_to_front()
    await clerk.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(clerk.locator("#link")).to_contain_text("已连上")
    await expect(clerk.locator("#draft-state")).to_contain_text("存好了")
    await expect(clerk.locator("#answer")).to_have_value("三个月内补上")


async def test_the_console_can_be_read_and_pressed_by_everybody(waiting: Room) -> None:
    found = []
    for login, path in (("host", waiting.console), ("moderator", waiting.console), ("clerk", waiting.desk)):
        page = await waiting.opens(login, path)
        watch = await Watch.of(page, waiting.base)
        for mode in ("normal", "elder"):
            await page.goto(f"{waiting.base}{path}?mode={mode}")
            await expect(page.locator("#link")).to_contain_text("已连上")
            if login == "moderator":
                await page.locator("#queue .card-text").first.click()
            sizes = await size_findings(page, elder=mode == "elder")
            found += [
                f"{login}, {mode}: {one}"
                for one in (*sizes, *await axe_findings(page), *await watch.so_far())
            ]
            await page.set_viewport_size(DESK)  # type: ignore[arg-type]  # a TypedDict in the stubs
    assert found == []
