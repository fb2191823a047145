"""From the address bar on with Tab, Enter and the space bar alone; whatever has the focus can be seen to have it."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Demo, context_of
from tests.browser.sending import ask, visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

PHONE = (390, 844)

# What has the focus: its ring as it is computed (2 px or more, 3:1 or more against what is around), and whether
# something lies over it.
FOCUSED = """
() => {
  const e = document.activeElement;
  const drawn = e.matches('[type="radio"], [type="checkbox"]') ? e.nextElementSibling : e;
  const style = getComputedStyle(drawn);
  const box = drawn.getBoundingClientRect();
  const parts = [0.1, 0.5, 0.9];
  const seen = parts.flatMap((x) => parts.map((y) => [x, y])).some(([x, y]) => {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return top && (e === top || drawn.contains(top));
  });
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map((one) => one / 255)
      .map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let ground = drawn.parentElement;
  while (ground && !/^rgb\\(/.test(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
  const around = ground ? getComputedStyle(ground).backgroundColor : "rgb(255, 255, 255)";
  const [high, low] = [light(style.outlineColor), light(around)].sort((a, b) => b - a);
  const name = e.getAttribute("name") ?? "";
  const words = (e.closest("label") ?? e).textContent.trim().replace(/\\s+/g, " ").slice(0, 12);
  return {
    name, words, tag: e.tagName, contrast: (high + 0.05) / (low + 0.05),
    ring: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, seen,
  };
}
"""


async def tab_until(page: Page, *, name: str = "", words: str = "", within: int = 80) -> list[str]:
    """Press Tab until a field or a button has the focus; what had it on the way, each with a ring one can see."""
    way: list[str] = []
    for _ in range(within):
        await page.keyboard.press("Tab")
        on = await page.evaluate(FOCUSED)
        if on["tag"] == "BODY":  # Behind the last of the page come the browser's own controls.
            continue
        assert on["ring"], f"no ring around {on}"
        assert on["contrast"] >= 3, f"a ring that is hard to see: {on}"
        assert on["seen"], f"hidden behind something: {on}"
        way.append(on["name"] or on["words"])
        if (name and on["name"] == name) or (words and words in on["words"]):
            return way
    raise AssertionError(f"{name}{words} is not reached: {way}")


async def connected(page: Page) -> None:
    await expect(page.locator("#link")).to_contain_text("已连上", timeout=20_000)


async def test_a_question_by_keyboard_alone(browser: Browser, demo: Demo) -> None:
    page = await (await context_of(browser, *PHONE)).new_page()
    await page.goto(demo.base)
    way = await tab_until(page, words="进入访谈")
    assert way[0] == "跳到正文"
    for label in ("访谈", "问机器人", "目录", "统计", "规定"):
        assert label in way
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/interviews/*")
    await connected(page)
    await tab_until(page, name="text")
    await page.keyboard.type("只用键盘，能不能问？")
    await tab_until(page, name="kind", within=1)
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#ask [value=opinion]")).to_be_checked()
    assert await tab_until(page, words="提交问题", within=4) == ["nickname", "contact", "提交问题"]
    await page.keyboard.press("Enter")
    await expect(page.locator("#receipt")).to_be_visible(timeout=10_000)
    await expect(page.locator("#mine")).to_contain_text("只用键盘，能不能问？")

    await tab_until(page, words="我也想问")
    number = await page.evaluate("document.activeElement.closest('li').id")
    await page.keyboard.press("Space")
    await expect(page.locator(f"#{number} .support")).to_have_attribute("aria-pressed", "true")
    assert await page.evaluate("document.activeElement.closest('li')?.id") == number


async def test_the_bot_and_the_switch_by_keyboard_alone(browser: Browser, demo: Demo) -> None:
    page = await (await context_of(browser, *PHONE)).new_page()
    await page.goto(f"{demo.base}/privacy")
    await tab_until(page, words="长辈版", within=6)
    await page.keyboard.press("Enter")
    await expect(page.locator("html")).to_have_attribute("data-mode", "elder")
    await tab_until(page, words="特大", within=20)
    await page.keyboard.press("Space")
    await expect(page.locator("html")).to_have_attribute("data-size", "max")
    await page.goto(f"{demo.base}/faq")
    await tab_until(page, name="text")
    await page.keyboard.type(demo.words_for("answer"))
    await tab_until(page, words="问", within=3)
    await page.keyboard.press("Enter")
    await expect(page.locator(".cite").first).to_contain_text("索引号", timeout=20_000)
    await tab_until(page, words="有用")


async def test_the_skip_link_leads_past_the_header(browser: Browser, demo: Demo) -> None:
    page = await (await context_of(browser, *PHONE)).new_page()
    await page.goto(f"{demo.base}/interviews")
    await tab_until(page, words="跳到正文", within=1)
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.closest('main') !== null")


async def test_the_console_by_keyboard_alone(browser: Browser, demo: Demo) -> None:
    live = demo.interview("live")
    text = "主持台上只用键盘的一个提问。"
    receipt = ask(demo, visitor(demo), live, text)
    number = demo.first("SELECT id FROM question WHERE receipt = ?", receipt)
    page = await demo.signed_in(await context_of(browser, 1280, 900), "moderator", f"/host/{live}")
    await connected(page)
    row = page.locator(f'#queue > li[data-pick="{number}"]')
    for _ in range(30):
        if await row.get_attribute("aria-current") == "true":
            break
        await page.keyboard.press("j")
    await page.keyboard.press("p")
    await expect(page.locator("#pool > li p", has_text=text)).to_be_visible()
