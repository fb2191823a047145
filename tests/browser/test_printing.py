"""Staff pages on paper: what is filled in and pressed stays on the screen, a list says of what and who printed it."""

import pytest
from playwright.async_api import Browser

from tests.browser.demo import Demo, context_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

LISTS = {
    "office": ("/office/duties", "/office/interviews", "/office/outbox", "/office/words", "/office/bodies"),
    "supervisor": ("/supervise/bodies", "/supervise/interviews", "/supervise/instructions"),
    "admin": ("/admin/settings",),
}
PAGES = {
    "office": ("/office/yearly", "/office/calendar"),
    "supervisor": ("/supervise/assessment/2026", "/supervise/lateness"),
    "auditor": ("/audit", "/audit/verify"),
    "admin": ("/admin",),
}

CONTROLS = """
() => [...document.querySelectorAll("main :is(input, select, textarea, button, summary)")]
  .filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length)
  .map((e) => `${e.tagName} ${e.name || e.textContent.trim().slice(0, 20)}`)
"""
PAPER = """
() => ({
  lies: getComputedStyle(document.querySelector("main")).page === "list",
  said: [...document.querySelectorAll("main .only-print")].map((e) => e.innerText).join(" "),
  nav: document.querySelector(".site-nav").checkVisibility(),
})
"""


BROKEN = r"""
() => [...document.querySelectorAll("table[data-list] td")]
  .filter((cell) => /^\d{4}-\d\d-\d\d( \d\d:\d\d)?$/.test(cell.textContent.trim()))
  .filter((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return new Set([...range.getClientRects()].map((one) => Math.round(one.top))).size > 1;
  })
  .map((cell) => cell.textContent.trim())
"""
PAPER_WIDTH = 950
"""What an A4 sheet that lies takes, in pixels."""


async def test_a_day_stands_in_one_line_on_the_screen_and_on_paper(browser: Browser, demo: Demo) -> None:
    page = await demo.signed_in(await context_of(browser, 1280, 800), "office", "/office/duties")
    assert await page.locator("table[data-list] td[data-th=最迟]").count() > 10
    assert await page.evaluate(BROKEN) == []
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": PAPER_WIDTH, "height": 700})
    assert await page.evaluate(BROKEN) == []


@pytest.mark.parametrize("role", sorted({*LISTS, *PAGES}))
async def test_no_controls_on_paper_and_a_list_says_what_it_is_of(
    browser: Browser, demo: Demo, role: str
) -> None:
    lists, others = LISTS.get(role, ()), PAGES.get(role, ())
    page = await demo.signed_in(await context_of(browser, 1280, 800), role, (*lists, *others)[0])
    await page.emulate_media(media="print")
    for path in (*lists, *others):
        await page.goto(demo.base + path)
        assert await page.evaluate(CONTROLS) == [], path
        paper = await page.evaluate(PAPER)
        assert not paper["nav"], path
        if path in lists:
            assert paper["lies"], f"{path} is not laid across the paper"
            assert "印，" in paper["said"], path
            assert "共" in paper["said"], path
