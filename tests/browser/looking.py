"""What is looked at on a page: axe, what ``looking.js`` computes, the console, where requests go, how heavy it is."""

import gzip
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, Request

AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.0, 2.1 and 2.2 at levels A and AA, and axe's own best practices."""
AXE_DRAWN = ("link-in-text-block", "scrollable-region-focusable", "target-size")
"""The rules of them that a style sheet can break where the page itself stays as it is; but for contrast, which
``looking.js`` computes, and of which axe takes half a second."""
WIDTHS = (1440, 768, 360)
"""A desk, a tablet, a phone; the narrowest last, where most can go wrong with what is opened next."""
HEIGHT = 800
NORMAL = {"target": 44, "text": 14, "contrast": 4.5, "leading": 0, "elder": False}
"""Pixels of a target and of the smallest text, contrast, lines apart (not asked): WCAG 2.2 AA, and the house's 44."""
ELDER = {"target": 60, "text": 18, "contrast": 7, "leading": 1.5, "elder": True}
"""The same for 长辈版: 互联网网站适老化通用设计规范, with 60 for a target."""
LIMIT = 100_000
"""Bytes of a public page's HTML, CSS and scripts together, each gzipped."""

LOOK = Path(__file__).with_name("looking.js").read_text(encoding="utf-8")
LOADED = """
() => performance.getEntriesByType("resource").map((one) => one.name).filter((name) => /\\.(css|js)(\\?|$)/.test(name))
"""
WATCH = """
window.refusedByPolicy = [];
document.addEventListener("securitypolicyviolation", (e) => {
  window.refusedByPolicy.push(`${e.violatedDirective} ${e.blockedURI}`);
});
"""


class Watch:
    """Listens to a page from before it is opened: what the console says, where it turns, what would interrupt."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.heard: list[str] = []
        self.expected: tuple[str, ...] = ()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.heard.append(f"script error: {error}"))
        page.on("request", self._request)

    @classmethod
    async def of(cls, page: Page, base: str) -> "Watch":
        """Begin to listen to a page."""
        await page.add_init_script(WATCH)
        return cls(page, base)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in self.expected):
            self.heard.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        at_home = (f"{self.base}/", self.base.replace("http", "ws", 1), "data:", "blob:")
        if not request.url.startswith(at_home):
            self.heard.append(f"request to another host: {request.url}")

    async def so_far(self) -> list[str]:
        """What was heard since the last time, the policy's refusals with it."""
        refused = await self.page.evaluate("window.refusedByPolicy.splice(0)")
        heard, self.heard = self.heard, []
        return [*heard, *(f"policy: {one}" for one in refused)]


async def axe_findings(page: Page, *, drawn: bool = False) -> list[str]:
    """What axe finds wrong with the page as it is now, one line for each place; ``drawn``: by ``AXE_DRAWN`` alone."""
    wanted = {"type": "rule", "values": AXE_DRAWN} if drawn else {"type": "tag", "values": AXE_TAGS}
    options = {"runOnly": wanted, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = (await Axe().run(page, options=options)).response["violations"]
    return [f"axe {rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


async def size_findings(page: Page, *, elder: bool) -> list[str]:
    """What ``looking.js`` computes to be wrong at each width, the window resized in place, and once at 特大."""
    found: list[str] = []
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": HEIGHT})
        measured: Iterable[str] = await page.evaluate(LOOK, ELDER if elder else NORMAL)
        found += [f"at {width}: {one}" for one in measured]
    if elder:
        size = await page.evaluate("document.documentElement.dataset.size")
        await page.evaluate("document.documentElement.dataset.size = 'max'")
        found += [f"at 特大: {one}" for one in await page.evaluate(LOOK, ELDER)]
        await page.evaluate("(size) => { document.documentElement.dataset.size = size; }", size)
    return found


async def findings(page: Page, watch: Watch, *, elder: bool = False, drawn: bool = False) -> list[str]:
    """Everything that is wrong with a page as it is now; ``drawn``: its markup was looked at before."""
    found = await axe_findings(page, drawn=drawn) + await size_findings(page, elder=elder)
    return [*dict.fromkeys(found + await watch.so_far())]


@cache
def _gzipped(content: bytes) -> int:
    return len(gzip.compress(content))


class Scales:
    """What pages weigh: each style sheet and script is fetched and gzipped once for all pages that load it."""

    def __init__(self, asking: aiohttp.ClientSession) -> None:
        self._asking = asking
        self._known: dict[str, int] = {}

    async def weighed(self, page: Page, html: bytes) -> dict[str, int]:
        """The parts of the page that is open, each with its bytes; ``html`` is what the server sent."""
        parts = {"html": _gzipped(html)}
        for address in await page.evaluate(LOADED):
            if address not in self._known:
                async with self._asking.get(address) as answer:
                    self._known[address] = _gzipped(await answer.read())
            parts[address] = self._known[address]
        return parts
