"""A weak phone on a slow line, as Lighthouse's "slow 4G" has it: soon of use, nothing jumps, and a cut line is said."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from tests.browser.demo import Demo, context_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PHONE = (360, 740)
SLOW_LINE = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6 * 1024 * 1024 / 8,
    "uploadThroughput": 750 * 1024 / 8,
}
"""Lighthouse's slow 4G: 150 ms of round trip, 1.6 Mbit/s down, 750 kbit/s up."""
SLOW_PROCESSOR = 4
SECONDS = 3.0
SHIFT = 0.1
"""Cumulative layout shift that still counts as good (web.dev)."""
QUIET = 0.35
"""Seconds within which a free machine is ready without any brake; what it takes longer, the machine is busy."""
ROUNDS = 5
"""Openings before a page counts as slow: in one of them another program may have had the processor."""

# Of use: the document is complete, its scripts have run, and no task of 50 ms has been running for a while.
WATCH = """
window.shifted = 0;
window.longUntil = 0;
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
}).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) window.longUntil = Math.max(window.longUntil, one.startTime + one.duration);
}).observe({ type: "longtask", buffered: true });
"""
READY = """
async (upgraded) => {
  const met = () => document.readyState === "complete" && (!upgraded || document.querySelector(upgraded));
  while (!met()) await new Promise((done) => setTimeout(done, 20));
  const at = performance.now();
  await new Promise((done) => setTimeout(done, 300));
  return { ready: Math.max(at, window.longUntil) / 1000, shifted: window.shifted };
}
"""


@dataclass(frozen=True)
class Opening:
    """One opening of a page: seconds until it was of use, and how much of it jumped."""

    ready: float
    shifted: float


async def opening(browser: Browser, address: str, upgraded: str, *, slow: bool) -> Opening:
    """Open a page on a fresh device, with the brakes on or off."""
    context = await context_of(browser, *PHONE)
    page = await context.new_page()
    await page.add_init_script(WATCH)
    brakes = await context.new_cdp_session(page)
    await brakes.send("Network.enable")
    if slow:
        await brakes.send("Network.emulateNetworkConditions", SLOW_LINE)
        await brakes.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_PROCESSOR})
    await page.goto(address, wait_until="commit")
    found = await page.evaluate(READY, upgraded)
    await context.close()
    return Opening(**found)


PAGES = {
    "home": ("", ""),
    "live": ("live", "#link:not(:empty)"),
    "transcript": ("archived", ""),
}


@pytest.mark.parametrize("page", PAGES)
async def test_of_use_within_three_seconds(
    browser: Browser, demo: Demo, page: str, record_property: Callable[[str, object], None]
) -> None:
    status, upgraded = PAGES[page]
    if status == "archived":
        path = f"/interviews/{demo.first('SELECT interview_id FROM item ORDER BY interview_id')}"
    else:
        path = f"/interviews/{demo.interview(status)}" if status else "/"
    tried: list[tuple[Opening, Opening]] = []
    for _ in range(ROUNDS):
        free = await opening(browser, demo.base + path, upgraded, slow=False)
        weak = await opening(browser, demo.base + path, upgraded, slow=True)
        assert weak.shifted < SHIFT, (free, weak)
        tried.append((free, weak))
        # On a machine that does other work as well, everything takes as much longer as the free opening did.
        if weak.ready < SECONDS * max(1.0, free.ready / QUIET):
            break
    else:
        raise AssertionError(tried)
    record_property(
        "data", f"{page} {weak.ready:.2f} s, without brakes {free.ready:.2f} s, shift {weak.shifted}"
    )


async def test_a_cut_line_is_said_and_nothing_is_lost(browser: Browser, demo: Demo) -> None:
    context = await context_of(browser, *PHONE)
    page = await context.new_page()
    await page.goto(f"{demo.base}/interviews/{demo.interview('live')}")
    link = page.locator("#link")
    await expect(link).to_contain_text("已连上", timeout=20_000)
    await context.set_offline(True)
    await expect(link).to_contain_text("断", timeout=20_000)
    text = "断线的时候写的一个提问。"
    await page.fill('#ask [name="text"]', text)
    await page.click("#ask button.btn")
    mine = page.locator("#mine-list li", has_text=text)
    await expect(mine).to_contain_text("还没有送到", timeout=20_000)
    await expect(page.locator("#send-state")).not_to_contain_text("收到了")
    await context.set_offline(False)
    await expect(link).to_contain_text("已连上", timeout=30_000)
    await expect(mine).to_contain_text("回执编号", timeout=20_000)
