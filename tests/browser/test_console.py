"""The console in real browsers: two moderators and one question, a publication held back, the host's line-up, a cut line.

审核员小张 and 周科长 of the office moderate, 李主持 hosts; the interview has been live for a minute when they come.
"""

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect
from sqlalchemy import select
from sqlmodel import col

from base.clock import utcnow
from base.db import Database, Units, sqlite_url
from base.people import SYSTEM, Person, Role
from chat import streams
from interviews.approval_models import ApprovalRule
from tests import cast
from tests.browser.looking import Watch, axe_findings, size_findings
from tests.browser.serving import free_port, serving
from web import auth
from web.database import migrate

pytestmark = pytest.mark.browser

PASSWORD = "yi-ge-ce-shi-mi-ma"
DESK = {"width": 1440, "height": 900}
TABLET = {"width": 768, "height": 1024}
QUICKLY = """
(keys) => keys.forEach((key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })))
"""
"""Keys pressed faster than any answer comes."""
PLACES = """
(ids) => ids.map((id) => {
  const box = document.getElementById(id).closest("section, .bench-stage").getBoundingClientRect();
  return { id, left: box.left, right: box.right, top: box.top, bottom: box.bottom };
})
"""
SENDS = """
async ([name, sent]) => {
  const token = document.querySelector('input[name="csrf"]').value;
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": token };
  return (await fetch(`/api/commands/${name}`, { method: "POST", headers, body: JSON.stringify(sent) })).json();
}
"""
PHONE = {"width": 360, "height": 740}
SAID = "各位网友，大家好。"
ASKED = ("村里老人能不能交现金？", "药店买药能不能刷卡？", "加微信代办，优惠多多", "断缴一年，住院能不能报？")


@dataclass
class Room:
    """A live interview on a server of its own, and the way to the desks in it."""

    browser: Browser
    base: str
    console: str
    desk: str

    async def opens(self, login: str, path: str, wire: "Wire | None" = None) -> Page:
        """A member of staff at their own browser, connected."""
        context = await self.browser.new_context(viewport=DESK)  # type: ignore[arg-type]  # a TypedDict in the stubs
        page = await context.new_page()
        if wire:
            await page.route_web_socket(lambda url: "socket.io" in url, wire.join)
        await self.signs_in(page, login, path)
        return page

    async def signs_in(self, page: Page, login: str, path: str) -> None:
        """By the login page, to a page that follows the interview."""
        await page.goto(f"{self.base}/login?next={path}")
        await page.fill('[name="name"]', login)
        await page.fill('[name="password"]', PASSWORD)
        await page.click("main button.btn")
        await connected(page)


class Wire:
    """A socket on which what holds one of some words waits until it is let go, in either direction."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self._held: list[Callable[[], None]] = []

    def join(self, page: WebSocketRoute) -> None:
        server = page.connect_to_server()
        page.on_message(lambda said: self._pass(said, lambda: server.send(said)))
        server.on_message(lambda said: self._pass(said, lambda: page.send(said)))

    def _pass(self, said: str | bytes, on: Callable[[], None]) -> None:
        if any(word in str(said) for word in self.words):
            self._held.append(on)
        else:
            on()

    def let_go(self) -> None:
        """All that was held goes on, in its order, and nothing is held any more."""
        self.words = ()
        for on in self._held:
            on()


async def connected(page: Page) -> None:
    await expect(page.locator("#link")).to_contain_text("已连上")


async def cut(page: Page) -> None:
    """Take the line away, and wait until the page says so."""
    await page.context.set_offline(True)
    await expect(page.locator("#link")).to_contain_text("断线了")


async def back(page: Page) -> None:
    await page.context.set_offline(False)
    await connected(page)


async def does(page: Page, name: str, **sent: Any) -> dict[str, Any]:
    """Whoever has signed in at a page sends a command past its island; its result."""
    told: dict[str, Any] = await page.evaluate(SENDS, [name, sent])
    assert told.get("ok"), told
    result: dict[str, Any] = told["result"]
    return result


async def ends(host: Page, room: Room) -> None:
    """The host ends the interview from a page that does not turn when it is over, in the middle of the answer."""
    await host.goto(f"{room.base}/account")
    await does(host, "interview.close", interview=1, reason="问题答完了")


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


async def asks_a_second_person(data: Path) -> None:
    """周科长 sets that what the clerk's body answers is read by a second person before it goes out."""
    database = Database(sqlite_url(data / "fangtan.db"))
    async with Units(database, streams.project).act(SYSTEM) as uow:
        bodies = set(await uow.db.scalars(select(col(Person.body_id)).where(col(Person.role) == Role.CLERK)))
        uow.db.add_all(ApprovalRule(body_id=body, since=uow.now) for body in bodies if body)
    await database.close()


_READY: dict[int, Path] = {}
"""One prepared database of each kind; every test plays on a copy."""


@asynccontextmanager
async def live(
    browser: Browser, data: Path, ready: pytest.TempPathFactory, published: int, *, second: bool = False
) -> AsyncIterator[Room]:
    """The interview on a server of its own."""
    if published not in _READY:
        _READY[published] = ready.mktemp(f"published-{published}")
        await prepared(_READY[published], published)
    shutil.copytree(_READY[published], data, dirs_exist_ok=True)
    if second:
        await asks_a_second_person(data)
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


@pytest.fixture
async def second(
    browser: Browser, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Room]:
    """The same where 医保局 asks a second person to let its answers through."""
    async with live(browser, tmp_path, tmp_path_factory, 3, second=True) as room:
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
    await expect(zhang.locator("#acted")).to_contain_text("没有公开，原因写的是“广告”：“加微信代办")
    await expect(zhang.locator("#queue .card--on")).to_be_focused()

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


async def test_on_a_tablet_what_comes_next_stands_before_the_rest(waiting: Room) -> None:
    host = await waiting.opens("host", waiting.console)
    await host.set_viewport_size(TABLET)  # type: ignore[arg-type]  # a TypedDict in the stubs
    await host.locator("#pool li", has_text=ASKED[0]).get_by_role("button", name="排上").click()
    await expect(host.locator("#lineup li", has_text=ASKED[0])).to_be_visible()
    order = ["stage", "h-line", "h-pool", "h-log", "h-fair", "h-time", "h-room", "h-call", "h-fix"]
    found = await host.evaluate(PLACES, order)
    for above, below in pairwise(found):
        assert above["bottom"] <= below["top"] + 1, (above["id"], below["id"])
    # One column: nothing stands beside what comes next, and nothing goes beyond the edge.
    assert {round(one["left"]) for one in found[1:]} == {round(found[1]["left"])}
    assert max(one["right"] for one in found) <= TABLET["width"]
    assert await host.evaluate("document.documentElement.scrollWidth") <= TABLET["width"]
    line = await host.locator("#lineup > li").first.bounding_box()
    assert line is not None
    assert line["y"] + line["height"] <= TABLET["height"], "the first that comes is seen without scrolling"


async def test_quick_keys_lose_no_place_in_the_line_and_keep_the_focus(waiting: Room) -> None:
    host = await waiting.opens("host", waiting.console)
    await expect(host.locator("#pool > li")).to_have_count(3)
    await host.keyboard.press("j")
    row = host.locator("#pool > li", has_text=ASKED[1])
    await expect(row).to_be_focused()
    # In one breath: once the first is in the line, the cursor is there too, and "k" goes on from it.
    await host.evaluate(QUICKLY, ["a", "k", "a"])
    await expect(host.locator("#lineup > li")).to_have_count(2)
    await expect(host.locator("[data-pick]:focus")).to_have_count(1)
    await host.keyboard.press("[")
    await expect(host.locator("[data-pick]:focus")).to_have_count(1)
    await expect(host.locator("#notice")).to_be_empty()


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


async def test_what_the_host_could_not_send_goes_out_once_and_outlives_the_end(
    waiting: Room, shots: Path
) -> None:
    host, elsewhere = (
        await waiting.opens("host", waiting.console),
        await waiting.opens("host", waiting.console),
    )
    unsent, say = host.locator("#unsent li"), host.locator("#say")
    await cut(host)
    await say.fill(SAID)
    await say.press("Control+Enter")
    await expect(host.locator("#say-box .act-state")).to_contain_text("请再按一次")
    for text in ASKED[:2]:
        await host.locator("#pool li", has_text=text).get_by_role("button", name="排上").click()
    await expect(unsent).to_have_count(2)
    await expect(unsent.last).to_contain_text("排次序，依次1号、2号：没有送到")
    await host.screenshot(path=shots / "host-unsent.png")
    await back(host)
    # What was said has left the box, and so has the request to press again.
    await unsent.first.get_by_role("button", name="再送一次").click()
    await expect(unsent).to_have_count(1)
    await expect(say).to_have_value("")
    await expect(host.locator("#say-box .act-state")).to_have_text("送到了。")
    await expect(host.locator("#spoken-n")).to_have_text("4")
    await unsent.get_by_role("button", name="再送一次").click()
    await expect(host.locator("#lineup > li")).to_have_count(2)
    await expect(unsent).to_have_count(0)

    # The interview ends while something is in the list and in the box: the page waits for its writer.
    await cut(host)
    await host.locator("#lineup li", has_text=ASKED[1]).get_by_role("button", name="请上场").click()
    await say.fill("谢谢各位。")
    await ends(elsewhere, waiting)
    await back(host)
    await expect(host.locator("#turned")).to_contain_text("访谈结束了，写完请刷新")
    await expect(say).to_have_value("谢谢各位。")
    await host.screenshot(path=shots / "host-put-off.png")
    await host.locator("#turned").get_by_role("button", name="刷新").click()
    await expect(host.locator(".live-head .state")).to_have_text("整理中")
    await connected(host)
    await expect(unsent).to_contain_text("请上场，2号：没有送到")
    await unsent.get_by_role("button", name="再送一次").click()
    await expect(unsent).to_contain_text("这场访谈没有在进行")

    # In 长辈版 on a small telephone the day of the interview takes two lines.
    await host.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a TypedDict in the stubs
    for size in ("big", "max"):
        await host.goto(f"{waiting.base}{waiting.console}?mode=elder&size={size}")
        await expect(unsent).to_have_count(1)
        assert await host.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await host.screenshot(path=shots / "host-elder.png")
    await host.get_by_role("button", name="退出").click()
    await waiting.signs_in(host, "host", waiting.console)
    await expect(unsent).to_have_count(0)


async def test_who_loses_a_race_is_told_and_an_edited_text_outlives_the_end(fresh: Room, shots: Path) -> None:
    wire = Wire('"question.publish"', '"question.claim"')
    zhang, zhou = (
        await fresh.opens("moderator", fresh.console),
        await fresh.opens("office", fresh.console, wire),
    )
    # The dialogs of the other cards name what is public, too.
    first = "#queue .card:has(> .card-text:text('交现金'))"
    await zhou.locator(first).get_by_role("button", name="公开", exact=True).click()
    await zhang.locator(first).get_by_role("button", name="公开", exact=True).click()
    await expect(zhou.locator(first)).to_have_count(0)
    wire.let_go()
    await expect(zhou.locator("#acted")).to_contain_text(
        "公开没有办成，“村里老人能不能交现金？”：这个问题已经公开"
    )

    await zhang.locator("#queue .card:has(> .card-text:text('刷卡'))").get_by_text("改文字再公开").click()
    wording = zhang.locator("dialog textarea")
    await wording.fill("药店买药能不能刷卡")
    host = await fresh.opens("host", fresh.console)
    await ends(host, fresh)
    await expect(zhang.locator("#turned")).to_contain_text("访谈结束了，写完请刷新")
    await expect(wording).to_have_value("药店买药能不能刷卡")
    await zhang.screenshot(path=shots / "moderator-put-off.png")
    await zhang.get_by_role("button", name="照这样公开").click()
    await expect(zhang.locator("#acted")).to_contain_text("公开了")
    # Whoever wrote nothing has the page as it is now.
    await expect(zhou.locator(".live-head .state")).to_have_text("整理中")


async def test_two_who_answer_one_question_know_of_each_other(waiting: Room, shots: Path) -> None:
    wire = Wire()
    one, two = f"{waiting.desk}?question=1", f"{waiting.desk}?question=2"
    clerk, guest = await waiting.opens("clerk", one, wire), await waiting.opens("guest", one)
    mine, theirs = clerk.locator("#answer"), guest.locator("#answer")
    await theirs.press_sequentially("能，")
    await expect(clerk.locator("#other")).to_contain_text("王处长也在写这一个")
    await mine.fill("每周二上午收。")
    await theirs.fill("能，现金、银行卡都行。")
    await guest.get_by_role("button", name="发布答复").click()
    await expect(clerk.locator("#other")).to_contain_text("刚发布了答复。再发就是补充。")
    await expect(clerk.locator("#other")).not_to_contain_text("也在写")
    await clerk.get_by_role("button", name="作为补充发布").click()
    asked = clerk.locator("dialog")
    await expect(asked).to_contain_text("能，现金、银行卡都行。")
    await clerk.screenshot(path=shots / "desk-second.png")
    await asked.get_by_role("button", name="先不发").click()
    await expect(mine).to_have_value("每周二上午收。")
    await clerk.get_by_role("button", name="作为补充发布").click()
    await asked.get_by_role("button", name="作为补充发布").click()
    await expect(clerk.locator("#done")).to_have_text("答复发布了。")

    # In one instant: the other's answer is public, and not heard of yet.
    for page in (clerk, guest):
        await page.goto(f"{waiting.base}{two}")
        await connected(page)
    wire.words = ('["event"',)
    await theirs.fill("能刷。")
    await guest.get_by_role("button", name="发布答复").click()
    await expect(guest.locator("#done")).to_have_text("答复发布了。")
    await mine.fill("刷医保卡就行。")
    await clerk.get_by_role("button", name="发布答复").click()
    await expect(clerk.locator("#done")).to_contain_text("也刚发布了一份，两份都公开了。")
    wire.words = ()

    # Without a line "save only" leaves the page where it is.
    await clerk.goto(f"{waiting.base}{waiting.desk}?question=3")
    await connected(clerk)
    await cut(clerk)
    await mine.fill("卖药的")
    await clerk.get_by_role("button", name="只存草稿").click()
    await expect(clerk.locator("#draft-state")).to_contain_text("存在这台电脑上，连上就自动存上去")
    await back(clerk)
    await expect(clerk.locator("#draft-state")).to_contain_text("存好了")
    await expect(mine).to_have_value("卖药的")


async def test_what_the_second_person_let_through_is_shown_to_its_writer(second: Room, shots: Path) -> None:
    one = f"{second.desk}?question=1"
    clerk, guest = await second.opens("clerk", one), await second.opens("guest", one)
    await clerk.locator("#answer").fill("能，每周二上午收。")
    await clerk.get_by_role("button", name="交审定").click()
    await expect(clerk.locator("#done")).to_contain_text("审定")
    await clerk.goto(f"{second.base}{one}")
    await expect(clerk.locator("#h-laid")).to_have_text("您交的，在等审定")
    await connected(clerk)
    await clerk.locator("#answer").fill("再补一句")
    await guest.get_by_role("button", name="审定，照这样发布").click()
    await expect(clerk.locator("#done")).to_contain_text("审定了，您交的已经发布")
    await expect(clerk.locator("#said .answer-text")).to_have_text("能，每周二上午收。")
    await clerk.screenshot(path=shots / "desk-approved.png")
    for gone in ("#h-laid", "#h-appr", "#laid p", "#other p"):
        await expect(clerk.locator(gone)).to_have_count(0)
    await expect(clerk.locator("#answer")).to_have_value("再补一句")


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
