"""目录编辑: a draft that the section's head sends back, is mended, signed by two others, published, and told by the bot.

Without a return: ``test_catalog_desk``.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from tests import cast
from tests.browser.demo import context_of
from tests.browser.roles import Place, Visit, place
from tests.conftest import Prepared
from tests.web.test_catalog_desk import brought_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

TITLE, WRONG, RIGHT = "公园几点开门", "早上6点到晚上9点。", "早上6点到晚上10点，全年开放。"


async def _drafts(editor: Visit) -> None:
    page = editor.page
    await editor.follow("新写一条", within="main")
    await page.get_by_label("标题").fill(TITLE)
    await page.get_by_label("别的问法").fill("公园什么时候能进")
    await page.get_by_label("正文").fill(WRONG)
    await page.get_by_label("类别").select_option("办事指南")
    await page.get_by_label("发布机构").fill("示例市园林局")
    await editor.press("存好并送审")
    await editor.says("送审了")
    await expect(page.get_by_role("button", name="同意，签字")).to_have_count(0)
    await editor.leave()


async def _returns(here: Place) -> None:
    """The section's head reads it in the list of what waits, and sends back what was ticked."""
    head = await here.comes("office")
    await head.follow("目录", within=".site-nav")
    await head.follow("待我签", within="main nav")
    await head.unfold("看内容")
    await head.says(WRONG)
    await head.look()
    await head.page.get_by_label(TITLE).check()
    await head.page.get_by_label("意见").fill("关门时间和园林局核一下。")
    await head.press("退回选中的")
    await head.says("没有等您签的")
    await head.leave()


async def _mends(here: Place) -> None:
    editor = await here.comes("editor")
    await editor.follow("退回的", within="main")
    await editor.follow(TITLE, within="main")
    await editor.says("关门时间和园林局核一下。")
    await editor.follow("改", within="main section")
    await editor.page.get_by_label("正文").fill(RIGHT)
    await editor.press("存好并送审")
    await editor.says("送审了")
    await editor.leave()


async def _signs(here: Place, who: str, words: str) -> None:
    signing = await here.comes(who)
    await signing.follow("目录", within=".site-nav")
    await signing.follow(TITLE, within="section[aria-labelledby=h-mine]")
    await signing.says(RIGHT)
    await signing.press("同意，签字")
    await signing.says(words)
    await signing.leave()


async def _bot_says(here: Place, words: str, *, yes: bool) -> None:
    page = await (await context_of(here.browser, 390, 844)).new_page()
    await page.goto(f"{here.base}/faq")
    await page.get_by_label("您想问什么").fill("公园什么时候能进")
    await page.get_by_role("button", name="问", exact=True).click()
    said = page.locator("main")
    await expect(said).to_contain_text("公园什么时候能进")
    await (expect(said).to_contain_text(words) if yes else expect(said).not_to_contain_text(words))
    await page.context.close()


async def test_a_draft_is_sent_back_mended_signed_and_told(
    browser: Browser, tmp_path: Path, opened_file: Prepared
) -> None:
    async with place(browser, tmp_path, opened_file, cast.DURING) as here:
        await brought_in(here.town)
        await _drafts(await here.comes("editor"))
        await _returns(here)
        await _mends(here)
        await _signs(here, "office", "已经到下一步")
        await _bot_says(here, RIGHT, yes=False)
        await _signs(here, "supervisor", "已经生效")
        await _bot_says(here, RIGHT, yes=True)
        here.clean()
