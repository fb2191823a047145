"""审计员: one act is found and read, the chain is walked and compared with a checkpoint, and saved; nothing is changed."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import cast
from tests.browser.roles import Visit, place
from tests.conftest import Prepared

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ONLY = ("/audit/verify",)
"""Comparing a file with the chain: nothing else on an auditor's pages sends anything."""


async def _saved(auditor: Visit, link: str, folder: Path) -> Path:
    async with auditor.page.expect_download() as coming:
        await auditor.main.get_by_role("link", name=link).first.click()
    saved = await coming.value
    file = folder / saved.suggested_filename
    await saved.save_as(file)
    return file


async def _finds_one_act(auditor: Visit) -> None:
    page = auditor.page
    await page.get_by_label("什么事").select_option(label="开始访谈")
    await auditor.press("找")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await auditor.says("李主持", "找到的")
    await auditor.goes_by(page.locator("tbody th a"))
    await auditor.says("这一条没有改过，和前一条接得上")
    await auditor.follow("前一条", within="main")


async def test_the_chain_is_searched_verified_compared_and_saved(
    browser: Browser, tmp_path: Path, opened_file: Prepared
) -> None:
    async with place(browser, tmp_path, opened_file, cast.DURING) as here:
        auditor = await here.comes("auditor", only=ONLY)
        await auditor.says("审计记录", "登录")
        await _finds_one_act(auditor)
        await auditor.follow("审计记录", within=".site-nav")
        table = await _saved(auditor, "CSV", tmp_path)
        assert "interview.open" in table.read_text(encoding="utf-8-sig")
        lines = await _saved(auditor, "JSON Lines", tmp_path)
        assert len(lines.read_text(encoding="utf-8").splitlines()) > 10
        await auditor.follow("核对", within=".site-nav")
        await auditor.says("完好", "一条接一条，都对得上")
        checkpoint = await _saved(auditor, "存一个新的存档点", tmp_path)
        await auditor.page.get_by_label("存档点的文件").set_input_files(checkpoint)
        await auditor.press("核对")
        await auditor.says("存档点", "核对了")
        await expect(auditor.page.locator(".note--good")).to_be_visible()
        forged = tmp_path / "forged.json"
        forged.write_text(checkpoint.read_text().replace('"entries":', '"entries": 1', 1))
        await auditor.page.get_by_label("存档点的文件").set_input_files(forged)
        await auditor.press("核对")
        await expect(auditor.page.locator(".note--bad").first).to_be_visible()
        await auditor.follow("审核公开", within=".site-nav")
        await auditor.leave()
        here.clean()
