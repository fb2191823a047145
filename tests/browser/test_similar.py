"""Typing a question in a real browser: what was asked already comes up, and one press supports it."""

import pytest
from playwright.async_api import Browser, Route, expect

from tests.browser.demo import Demo, context_of
from tests.browser.looking import Watch, axe_findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

ASKED = "SELECT text FROM question WHERE interview_id = ? AND status = 'published' ORDER BY number DESC"


async def test_while_one_types_it_says_what_was_asked_already(browser: Browser, demo: Demo) -> None:
    interview = demo.interview("announced")
    text = demo.first(ASKED, interview)
    page = await (await context_of(browser, 360, 800)).new_page()
    watch = await Watch.of(page, demo.base)
    await page.goto(f"{demo.base}/interviews/{interview}")
    area, offered = page.locator("#ask textarea"), page.locator("#similar li", has_text=text)
    await area.press_sequentially(text[: len(text) // 2], delay=1)
    await expect(offered).to_be_visible()
    await expect(page.locator("#similar-said")).to_contain_text("个相近的提问")
    assert await axe_findings(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await expect(area).to_be_focused()

    await offered.get_by_role("button", name="我也想问").click()
    await expect(offered.get_by_role("button", name="已支持")).to_be_visible()
    await expect(area).to_have_value(text[: len(text) // 2])

    async def cut(route: Route) -> None:
        await route.abort()

    await page.route("**/similar", cut)
    await area.press_sequentially("另外")
    await expect(page.locator("#similar li")).to_have_count(0)
    await expect(page.locator("#similar-said")).to_be_empty()
    assert [one for one in await watch.so_far() if "similar" not in one and "ERR_FAILED" not in one] == []
