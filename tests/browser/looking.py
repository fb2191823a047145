"""What is looked at on a page: axe, sizes of targets and text, overflow, the console, where requests go."""

from collections.abc import Iterable
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import ConsoleMessage, Page, Request

AXE_TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
"""WCAG 2.0, 2.1 and 2.2 at levels A and AA, and axe's own best practices."""
WIDTHS = (360, 1280)
TARGET, ELDER_TARGET, ELDER_TEXT = 44, 60, 18

# Targets are measured as people press them: the label of a radio button, the padded box of a link in a sentence.
# Width is not asked of a link inside running text, where the words decide it (WCAG 2.5.8, "inline").
MEASURE = """
({ target, text }) => {
  const found = [];
  const seen = (e) => {
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    return e.checkVisibility({ visibilityProperty: true }) && box.width > 1 && box.height > 1
      && box.right > 0 && box.bottom + scrollY > 0 && style.clipPath === "none" && style.clip === "auto";
  };
  const words = (e) => (e.textContent || e.value || "").trim().slice(0, 20);
  const named = (e) => `${e.tagName.toLowerCase()}.${e.className} “${words(e)}”`;
  const inside = document.querySelector("dialog[open]") ?? document;
  const pressed = 'a[href], button, summary, select, textarea, input:not([type="hidden"]), [tabindex="0"]';
  for (const one of inside.querySelectorAll(pressed)) {
    const e = one.matches('[type="radio"], [type="checkbox"]') ? one.closest("label") ?? one : one;
    if (!seen(e) || one.disabled) continue;
    const inline = getComputedStyle(e).display === "inline";
    const boxes = inline ? [...e.getClientRects()] : [e.getBoundingClientRect()];
    const high = Math.max(...boxes.map((box) => box.height));
    const wide = Math.max(...boxes.map((box) => box.width));
    if (high < target - 0.5 || (!inline && wide < target - 0.5))
      found.push(`target ${Math.round(wide)}×${Math.round(high)}: ${named(e)}`);
  }
  if (text) {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const e = node.parentElement;
      if (!node.textContent.trim() || e.closest("script, style, option") || e.closest(".vh") || !seen(e)) continue;
      const size = parseFloat(getComputedStyle(e).fontSize);
      if (size < text - 0.01) found.push(`text ${size}px: ${named(e)}`);
    }
  }
  return found;
}
"""
OVERFLOW = """
() => {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const out = (e) => e.getBoundingClientRect().right > root.clientWidth + 1;
  const wide = [...document.querySelectorAll("body *")].filter(out);
  const named = wide.slice(-1).map((e) => `${e.tagName.toLowerCase()}.${e.className}`);
  return [`${root.scrollWidth} px wide in a window of ${root.clientWidth}: ${named}`];
}
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


async def axe_findings(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now, one line for each place."""
    options = {"runOnly": {"type": "tag", "values": list(AXE_TAGS)}, "resultTypes": ["violations"]}
    found: list[dict[str, Any]] = (await Axe().run(page, options=options)).response["violations"]
    return [f"axe {rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]


async def size_findings(page: Page, *, elder: bool) -> list[str]:
    """Targets and texts that are too small, and what sticks out at a phone's and a desk's width."""
    found: list[str] = []
    wanted = {"target": ELDER_TARGET, "text": ELDER_TEXT} if elder else {"target": TARGET, "text": 0}
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        measured: Iterable[str] = [*await page.evaluate(MEASURE, wanted), *await page.evaluate(OVERFLOW)]
        found += [f"at {width}: {one}" for one in measured]
    if elder:
        await page.evaluate("document.documentElement.dataset.size = 'max'")
        await page.set_viewport_size({"width": min(WIDTHS), "height": 800})
        found += [f"at 特大: {one}" for one in await page.evaluate(OVERFLOW)]
    return found
