"""The page of a report's signed address: read and acknowledged in a browser, with nothing for axe to find."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests.browser.demo import context_of
from tests.browser.looking import Watch, findings
from tests.browser.serving import free_port
from tests.web.conftest import Town
from tests.web.test_report_links import address_in_mail, opened

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]


@pytest.fixture
async def mailed(tmp_path: Path) -> AsyncIterator[Town]:
    async for town in opened(tmp_path, free_port(), report_link_days=30):
        yield town


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_a_recipient_without_an_account_reads_and_acknowledges(
    browser: Browser, mailed: Town, elder: bool, shots: Path
) -> None:
    base, address = mailed.url("/").rstrip("/"), await address_in_mail(mailed)
    context = await context_of(browser, *((360, 740) if elder else (1280, 900)), elder=elder, base=base)
    watch = await Watch.of(await context.new_page(), base)
    page = watch.page
    await page.goto(base + address)
    found = await findings(page, watch, elder=elder)
    await page.screenshot(path=shots / f"report-link-{'elder' if elder else 'normal'}.png", full_page=True)
    await page.get_by_label("意见（可以不写）").fill("收到，谢谢。")
    await page.get_by_role("button", name="回执：已经收到").click()
    await expect(page.locator(".flash")).to_contain_text("已经告诉信息化工作办公室收到了")
    await expect(page.locator("#main")).to_contain_text("写的意见是：“收到，谢谢。”")
    found += await findings(page, watch, elder=elder)
    assert not found, "\n".join(found)
