"""A list driven by keyboard: rows, ticks, the search, the help; typing is never taken for a key; without scripts, Tab."""

import re

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Demo, context_of
from tests.browser.test_keyboard import FOCUSED, tab_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

LIST = "/office/words"


async def row_in_focus(page: Page) -> int:
    """The row that has the focus, counted from 0; its ring is one that can be seen."""
    on = await page.evaluate(FOCUSED)
    assert on["ring"], on
    assert on["contrast"] >= 3, on
    assert on["seen"], on
    found = """[...document.querySelectorAll("[data-pick]")].indexOf(document.activeElement.closest("[data-pick]"))"""
    return int(await page.evaluate(found))


async def test_rows_ticks_and_search_by_keyboard(browser: Browser, demo: Demo) -> None:
    page = await demo.signed_in(await context_of(browser, 1280, 800), "office", LIST)
    await expect(page.locator("#keys-box")).to_be_visible()
    await page.keyboard.press("j")
    assert await row_in_focus(page) == 0
    await page.keyboard.press("j")
    assert await row_in_focus(page) == 1
    await page.keyboard.press("k")
    assert await row_in_focus(page) == 0
    await page.keyboard.press("x")
    await expect(page.locator("[data-picked]")).to_have_text("选了1行")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator('input[name="pick"]:checked')).to_have_count(2)
    await page.keyboard.press("/")
    search = page.locator('[data-list-find] [name="q"]')
    await expect(search).to_be_focused()
    await page.keyboard.type("jkxa/?")
    await expect(search).to_have_value("jkxa/?")
    await expect(page.locator('input[name="pick"]:checked')).to_have_count(2)
    await search.blur()
    await page.keyboard.press("?")
    await expect(page.locator("#keys-box")).to_be_focused()


async def test_several_are_done_at_once_and_taken_back(browser: Browser, demo: Demo) -> None:
    page = await demo.signed_in(await context_of(browser, 1280, 800), "office", f"{LIST}?state=on")
    await expect(page.locator("#keys-box")).to_be_visible()
    for key in ("j", "x", "j", "x"):
        await page.keyboard.press(key)
    await page.get_by_role("button", name="都停用").click()
    await expect(page.get_by_text("停用了2个，从现在起不提示。")).to_be_visible()
    await page.get_by_role("button", name="撤销，都恢复").click()
    await expect(page.get_by_text("恢复了2个，从现在起照样提示。")).to_be_visible()


async def test_enter_opens_a_row_and_the_keys_can_be_switched_off(browser: Browser, demo: Demo) -> None:
    page = await demo.signed_in(await context_of(browser, 1280, 800), "office", "/office/duties")
    await expect(page.locator("#keys-box")).to_be_visible()
    await page.keyboard.press("j")
    assert await row_in_focus(page) == 0
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/office/(interviews/\d+|yearly)"))
    await page.goto(f"{demo.base}/office/duties")
    await page.get_by_label("用这些键").uncheck()
    await page.locator("h1").click()
    await page.keyboard.press("j")
    assert await page.evaluate("document.activeElement.closest('[data-pick]')") is None
    await page.get_by_label("用这些键").check()


async def test_without_scripts_the_list_is_reached_by_tab_and_no_keys_are_promised(
    browser: Browser, demo: Demo
) -> None:
    page = await demo.signed_in(await context_of(browser, 1280, 800, script=False), "office", LIST)
    await expect(page.locator("#keys-box")).to_be_hidden()
    await page.focus('[data-list-find] [name="q"]')
    way = await tab_until(page, name="pick", within=60)
    assert "kind" in way, "the filters come before the rows"
