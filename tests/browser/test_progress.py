"""Long work is looked at in a browser: the bar goes on without the page being drawn anew, and the file comes by itself."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.demo import context_of
from tests.browser.looking import Watch, findings
from tests.browser.test_report_link import mailed
from tests.web.conftest import Town
from tests.web.test_long_work import Press
from tests.web.test_report_links import address_in_mail
from tests.web.test_report_waiting import press
from web.keys import PRESSES

__all__ = ["mailed", "press"]

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_a_reader_watches_the_file_being_made_and_has_it(
    browser: Browser, mailed: Town, press: Press, elder: bool, shots: Path
) -> None:
    base, address = mailed.url("/").rstrip("/"), await address_in_mail(mailed)
    context = await context_of(browser, *((360, 740) if elder else (1280, 900)), elder=elder, base=base)
    watch = await Watch.of(await context.new_page(), base)
    page = watch.page
    await page.goto(base + address)
    await page.get_by_role("link", name="PDF文件").click()
    said = page.locator("[data-work-said]")
    await expect(said).to_have_text(re.compile("PDF文件：排版、画图，33%"))
    found = await findings(page, watch, elder=elder)
    await page.screenshot(path=shots / f"report-making-{'elder' if elder else 'normal'}.png", full_page=True)
    # A page that were drawn anew would lose the mark.
    await page.evaluate("document.body.dataset.seen = 'yes'")
    app: Any = mailed.client.app
    (one,) = app[PRESSES].of.values()
    one.work.name = "快好了的PDF文件"
    await expect(said).to_have_text("快好了的PDF文件：排版、画图，33%")
    assert await page.evaluate("document.body.dataset.seen") == "yes"
    one.work.name = "PDF文件"
    async with page.expect_download() as coming:
        press.goes.set()
    assert (await coming.value).suggested_filename.endswith(".pdf")
    await expect(page.locator("h1")).to_have_text("PDF文件做好了")
    found += await findings(page, watch, elder=elder)
    assert not found, "\n".join(found)


async def test_a_reader_stops_it(browser: Browser, mailed: Town, press: Press) -> None:
    base, address = mailed.url("/").rstrip("/"), await address_in_mail(mailed)
    page = await (await context_of(browser, 1280, 900, base=base)).new_page()
    await page.goto(base + address)
    await page.get_by_role("link", name="Word文件").click()
    await page.get_by_role("button", name="停下，不做了").click()
    await expect(page.locator("h1")).to_have_text("Word文件没有做成")
    await expect(page.locator("#main")).to_contain_text("停下了，什么也没有留下")
