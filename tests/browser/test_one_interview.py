"""One interview in four browsers against ``fangtan serve``: from the announcement to the transcript.

网友甲 on a phone, 审核员小张, 李主持 and 王处长 each in a browser of their own. In the middle the phone's line is
cut for ten seconds, and nothing may be missing afterwards.
"""

import contextlib
import re
import sqlite3
import time
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from base.clock import utcnow
from base.db import Database, sqlite_url
from base.people import Person
from tests import cast
from tests.browser.serving import Line, free_port, serving
from web import auth
from web.database import migrate

pytestmark = pytest.mark.browser

PASSWORD = "yi-ge-ce-shi-mi-ma"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
CUT_SECONDS = 10
AHEAD = timedelta(minutes=20)
"""More than any machine needs until everybody sits at their page; then the test puts its time to now."""


async def announced_city(data: Path) -> cast.City:
    """A real installation whose interview was announced in time and starts soon."""
    database = Database(sqlite_url(data / "fangtan.db"))
    await migrate(database)
    city = await cast.settle(database)
    start = utcnow() + AHEAD
    await city.plan(start)
    await city.announce(start)
    await city.prepare(start)
    async with city.act("周科长", cast.PLANNED) as uow:
        await cast.give_logins(uow, auth.hash_password(PASSWORD), {"moderator", "host", "guest", "office"})
        for person in await uow.db.scalars(select(Person)):
            person.example = False
    await database.close()
    return city


def _its_time_comes(data: Path) -> None:
    """The interview begins now, behind the program's back."""
    with contextlib.closing(sqlite3.connect(data / "fangtan.db", timeout=60)) as database, database:
        database.execute("UPDATE interview SET starts_at = ?", (utcnow().strftime("%Y-%m-%d %H:%M:%S.%f"),))


async def signed_in(browser: Browser, base: str, login: str, path: str) -> Page:
    """A member of staff at their desk."""
    context = await browser.new_context(viewport=DESK)  # type: ignore[arg-type]  # a TypedDict in the stubs
    page = await context.new_page()
    await page.goto(f"{base}/login?next={path}")
    await page.fill('[name="name"]', login)
    await page.fill('[name="password"]', PASSWORD)
    await page.click("main button.btn")
    await expect(page.locator("#link")).to_be_visible()
    return page


async def ask(page: Page, text: str) -> str:
    """Type a question and wait for the receipt that says it is kept."""
    await page.fill('#ask [name="text"]', text)
    await page.click("#ask button.btn")
    receipt = page.locator("#receipt, .receipt-no")
    await expect(receipt).to_be_visible()
    return str(await receipt.inner_text())


async def publish(moderator: Page, text: str) -> None:
    """Publish, and where a busy machine answers too late, send it once more, as the page offers."""
    await expect(moderator.locator("#link")).to_contain_text("已连上")
    row = moderator.locator("#queue li", has_text=text)
    await row.get_by_role("button", name="公开", exact=True).click()
    published = moderator.locator("#pool li", has_text=text)
    again = moderator.get_by_role("button", name="再送一次")
    await expect(published.or_(again).first).to_be_visible()
    if await again.is_visible():
        await again.click()
    await expect(published).to_be_visible()


async def put_on_stage(host: Page, text: str) -> None:
    await expect(host.locator("#link")).to_contain_text("已连上")
    await host.locator("#pool li", has_text=text).get_by_role("button", name="请上场").click()
    await expect(host.locator("#stage")).to_contain_text(text)


async def shows(page: Page, text: str, within: float = 1.0) -> float:
    """Wait until a page shows a text, opening what waits to be shown; how long it took in seconds."""
    began = time.monotonic()
    fresh = page.locator("button.fresh")
    while True:
        if await page.get_by_text(text).first.is_visible():
            return time.monotonic() - began
        if await fresh.is_visible():
            return time.monotonic() - began if within < 0 else await _opened(page, text, began)
        assert time.monotonic() - began < within + 60, f"{text} never came"
        await page.wait_for_timeout(20)


async def _opened(page: Page, text: str, began: float) -> float:
    took = time.monotonic() - began
    await page.locator("button.fresh").click()
    await expect(page.get_by_text(text).first).to_be_visible()
    return took


async def test_one_interview_from_announcement_to_transcript(
    browser: Browser, tmp_path: Path, shots: Path, slack: float
) -> None:
    city = await announced_city(tmp_path)
    port, front = free_port(), free_port()
    base, place = f"http://127.0.0.1:{front}", f"/interviews/{city.interview}"
    async with serving(tmp_path, port=port, base_url=base), Line(front, port, b"fangtan-phone") as line:
        phone: BrowserContext = await browser.new_context(
            viewport=PHONE,  # type: ignore[arg-type]  # a TypedDict in the stubs
            user_agent="Mozilla/5.0 (Linux; Android 12; fangtan-phone) Chrome/120",
        )
        citizen = await phone.new_page()
        await citizen.goto(base + place)
        await expect(citizen.locator(".state").first).to_contain_text("征集")
        await ask(citizen, "断缴一年，今年补上，住院能不能马上报？")

        moderator = await signed_in(browser, base, "moderator", f"/host/{city.interview}")
        await publish(moderator, "断缴一年")
        host = await signed_in(browser, base, "host", f"/host/{city.interview}")
        official = await signed_in(browser, base, "guest", f"/desk/{city.interview}")
        _its_time_comes(tmp_path)
        await host.get_by_role("button", name=re.compile("开始")).click()
        await expect(host.locator(".state").first).to_contain_text("正在进行")
        await citizen.goto(base + place)
        await expect(citizen.locator(".state").first).to_contain_text("正在进行")
        await official.reload()

        await put_on_stage(host, "断缴一年")
        await expect(citizen.locator("#stage")).to_contain_text("断缴一年")
        await _reply(official, "断缴一年", "能参保，但有三个月等待期。")
        assert await shows(citizen, "能参保，但有三个月等待期。") < 1.5 * slack

        receipt = await ask(citizen, "村里老人能不能还交现金？")
        async with line.cut():
            await publish(moderator, "交现金")
            await put_on_stage(host, "交现金")
            await _reply(official, "交现金", "能，每周二、周四上午收。")
            await host.fill("#say", "还有十五分钟，请大家抓紧提问。")
            await host.get_by_role("button", name="说出去").click()
            await expect(citizen.locator("#link")).to_contain_text("断线了")
            await citizen.screenshot(path=shots / "citizen-line-cut.png")
            await citizen.wait_for_timeout(CUT_SECONDS * 1000)
        await expect(citizen.locator("#link")).to_contain_text("已连上")
        for text in ("能参保，但有三个月等待期。", "能，每周二、周四上午收。", "还有十五分钟"):
            await shows(citizen, text)
        await citizen.screenshot(path=shots / "citizen-live.png")
        await host.screenshot(path=shots / "host-console.png")
        await official.screenshot(path=shots / "desk.png")

        await host.get_by_text("结束访谈……").click()
        ending = host.locator("form[action='/do/interview.close']")
        await ending.locator("textarea:visible").fill("问题已经答完，经请示提前结束")
        await ending.locator("button.btn:visible").first.click()
        await expect(host.locator(".state").first).to_contain_text("整理中")

        await citizen.goto(base + place)
        transcript = await citizen.locator("main").inner_text()
        told = [
            "断缴一年",
            "能参保，但有三个月等待期。",
            "交现金",
            "能，每周二、周四上午收。",
            "还有十五分钟",
            "提前结束",
        ]
        assert [text for text in told if text not in transcript] == []
        await citizen.screenshot(path=shots / "citizen-transcript.png", full_page=True)
        await citizen.goto(f"{base}/questions/{receipt.strip()}")
        await expect(citizen.locator("main")).to_contain_text("能，每周二、周四上午收。")


async def _reply(official: Page, question: str, text: str) -> None:
    """王处长 answers what the host has put on stage."""
    stage = official.locator("#stage")
    if question not in await stage.inner_text():
        called = official.locator("#called a, #staged a").first
        await expect(called).to_be_visible()
        await called.click()
    await expect(stage).to_contain_text(question)
    await official.fill("#answer", text)
    await official.get_by_role("button", name="发布答复").click()
