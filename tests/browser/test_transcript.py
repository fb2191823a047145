"""The record of 2,000 items on one page: it opens at the item that an address names, scrolls smoothly and stays put."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.web.conftest import Town, town
from tests.web.long_record import archive, long_record

__all__ = ["town"]

ITEMS = 2_000
LONG_TASK_MS = 200
"""Longest time in which the page may not answer a finger, on a quiet machine."""
SHIFT_AT_MOST = 0.1
"""Cumulative layout shift that counts as good (web.dev/cls)."""

WATCH = """
window.shifts = 0;
window.longest = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifts += one.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.longest = Math.max(window.longest, one.duration);
}).observe({ type: "longtask", buffered: true });
"""
UNANCHORED = """
const unanchored = new CSSStyleSheet();
unanchored.replaceSync("* { overflow-anchor: none !important }");
document.adoptedStyleSheets = [unanchored];
"""
"""Safari has no scroll anchoring; Chromium without it stands for it here."""
SCROLL = """
async (step) => {
  window.longest = 0;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  for (let at = 0; at < 60; at += 1) {
    scrollBy(0, step);
    await frame();
  }
}
"""


@pytest.fixture
async def record(browser: Browser, town: Town) -> AsyncIterator[tuple[Page, str]]:
    await long_record(town.city, ITEMS)
    await archive(town.city)
    context = await browser.new_context(viewport={"width": 360, "height": 720})
    page = await context.new_page()
    await page.add_init_script(WATCH)
    yield page, town.url(f"/interviews/{town.city.interview}")
    await context.close()


async def test_two_thousand_items_open_at_a_deep_link_and_scroll_smoothly(
    record: tuple[Page, str], slack: float, shots: Path
) -> None:
    page, address = record
    await opened(page, address)
    await page.screenshot(path=shots / "transcript-deep-link.png")
    for step in (400, -700):
        await page.evaluate(SCROLL, step)
        assert await page.evaluate("window.longest") < LONG_TASK_MS * slack
    assert await page.evaluate("window.shifts") < SHIFT_AT_MOST


async def test_nothing_moves_in_a_browser_that_does_not_anchor_its_scrolling(
    record: tuple[Page, str],
) -> None:
    page, address = record
    await page.add_init_script(UNANCHORED)
    await opened(page, address)
    before = await page.evaluate("window.shifts")
    for step in (400, -700):
        await page.evaluate(SCROLL, step)
    assert await page.evaluate("window.shifts") - before < SHIFT_AT_MOST
    assert await page.evaluate("getComputedStyle(document.body).overflowAnchor") == "none"


async def opened(page: Page, address: str) -> None:
    """The whole record stands at item 1500, and what is near it is laid out."""
    await page.goto(f"{address}?page=all#n1500")
    await expect(page.locator("#record > article")).to_have_count(ITEMS // 2)
    await expect(page.locator("#n1500")).to_be_in_viewport()
    await expect(page.locator("#record[data-laid]")).to_have_count(1, timeout=60_000)
    await expect(page.locator("#n1500")).to_be_in_viewport()


async def test_every_address_of_an_item_opens_at_it(record: tuple[Page, str]) -> None:
    page, address = record
    await page.goto(f"{address}?at=n1500#n1500")
    await expect(page.locator("#n1500")).to_be_in_viewport()
    await expect(page.locator(".pager [aria-current]")).to_have_text("15")
    await page.goto("about:blank")
    await page.goto(f"{address}#q900")
    await expect(page).to_have_url(f"{address}?at=q900#q900")
    await expect(page.locator("#q900")).to_be_in_viewport()
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.goto(address)
    await page.locator("#n4").get_by_role("link", name="链接到这条").click()
    await expect(page.get_by_role("status").filter(has_text="已复制，可以发给别人")).to_have_count(1)
    assert await page.evaluate("navigator.clipboard.readText()") == f"{address}?at=n4#n4"
    assert page.url == f"{address}?at=n4#n4"
