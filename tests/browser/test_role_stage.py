"""审核员 and 主持人 at their consoles with the keyboard alone, from the login to the end of the interview.

No mouse is touched: what is pressed was reached with Tab, or is one of the console's own keys.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import cast
from tests.browser.demo import context_of
from tests.browser.looking import Watch
from tests.browser.roles import DESK, Place, Visit, place
from tests.browser.test_keyboard import connected, tab_until
from tests.conftest import PASSWORD, Prepared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

THEME = "城乡居民医保缴费和异地就医"
CASH, CARD, ADVERT = "村里老人能不能交现金？", "药店买药能不能刷卡？", "加微信代办，优惠多多"


async def _signs_in(here: Place, who: str) -> Visit:
    """From the first page to the console of the interview, without a mouse."""
    context = await context_of(here.browser, *DESK, base=here.base)
    watch = await Watch.of(await context.new_page(), here.base)
    visit, page = Visit(who, here, watch), watch.page
    await page.goto(f"{here.base}/login")
    await tab_until(page, name="name")
    await page.keyboard.type(who)
    await tab_until(page, name="password", within=1)
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="退出")).to_be_visible()
    await visit.look()
    await tab_until(page, words=THEME[:12])
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/host/*")
    await connected(page)
    await visit.look()
    return visit


async def _moderates(here: Place) -> Visit:
    """One is declined, two are published, by ``D`` and ``P``."""
    moderator = await _signs_in(here, "moderator")
    page, keys = moderator.page, moderator.page.keyboard
    await expect(page.locator("#queue > li")).to_have_count(3)
    await keys.press("j")
    await keys.press("p")
    await expect(page.locator("#pool > li > div > p", has_text=CASH)).to_be_visible()
    on = page.locator("#queue > li[aria-current=true]")
    for _ in range(3):
        if ADVERT in await on.inner_text():
            break
        await keys.press("j")
    await keys.press("d")
    await moderator.look()
    await keys.press("3")
    await expect(page.locator("#queue")).not_to_contain_text(ADVERT)
    await expect(page.locator("dialog")).to_have_count(0)
    await keys.press("p")
    await expect(page.locator("#pool > li > div > p", has_text=CARD)).to_be_visible()
    await expect(page.locator("#queue-empty")).to_contain_text("都审完了")
    await moderator.look()
    return moderator


async def _hosts(here: Place) -> Visit:
    """Opens, greets, lines up, and puts the first on stage."""
    host = await _signs_in(here, "host")
    page, keys = host.page, host.page.keyboard
    await tab_until(page, words="现在开始")
    await keys.press("Enter")
    await expect(page.locator(".state").first).to_contain_text("正在进行")
    await connected(page)
    await tab_until(page, name="text")
    await keys.type("大家好，今天谈医保缴费。")
    await keys.press("Control+Enter")
    await expect(page.locator("#log")).to_contain_text("李主持（主持人）说了一句")
    await page.evaluate("document.activeElement.blur()")
    await keys.press("j")
    await keys.press("a")
    await expect(page.locator("#lineup > li")).to_have_count(1)
    await keys.press("s")
    await expect(page.locator("#stage .stage-text")).to_be_visible()
    await host.look()
    return host


async def _ends(host: Visit) -> None:
    """The reason is asked for in a dialog and becomes public."""
    page, keys = host.page, host.page.keyboard
    await tab_until(page, words="结束访谈")
    await keys.press("Enter")
    await expect(page.locator("dialog")).to_be_visible()
    await host.look()
    await tab_until(page, name="reason", within=4)
    await keys.type("问题已经答完。")
    await tab_until(page, words="结束访谈", within=2)
    await keys.press("Enter")
    await expect(page.locator(".state").first).to_contain_text("整理中")
    await host.look()


async def test_moderated_and_hosted_by_keyboard_alone(
    browser: Browser, tmp_path: Path, settled_file: Prepared
) -> None:
    async with place(browser, tmp_path, settled_file, cast.PLANNED) as here:
        city = here.town.city
        await city.plan()
        await city.announce()
        await city.prepare()
        for text in (CASH, ADVERT, CARD):
            await city.asks("网友甲", text, cast.START)
        here.later(cast.START)
        moderator = await _moderates(here)
        host = await _hosts(here)
        on_stage = await host.page.locator("#stage").get_by_role("heading").inner_text()
        await expect(moderator.page.locator("#stage")).to_contain_text(on_stage)
        await _ends(host)
        await expect(moderator.page.locator(".state").first).to_contain_text("整理中")
        here.clean()
