"""The bot at the foot of every page, drafts that stay on the device, and what opens without a line."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable

import pytest
from playwright.async_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.demo import Demo, context_of
from tests.browser.looking import axe_findings, size_findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

FETCHED = re.compile(r"/botpanel-[\w-]+\.js")
KEPT = """async () => {
  const cache = await caches.open("fangtan-copies");
  const told = async (one) => (await cache.match(one)).headers.get("X-Taken-Down");
  return Promise.all((await cache.keys()).map(async (one) => [new URL(one.url).pathname, await told(one)]));
}"""
LOOK = "() => navigator.serviceWorker.ready.then((ready) => ready.active.postMessage({ seen: '' }))"


@pytest.fixture
async def phone(browser: Browser) -> AsyncIterator[BrowserContext]:
    """网友甲's phone."""
    context = await context_of(browser, 390, 844)
    yield context
    await context.close()


async def kept(page: Page, wanted: Callable[[list[list[str]]], bool]) -> list[list[str]]:
    """The copies on the phone, address and word, once they are as wanted."""
    async with asyncio.timeout(30):
        while True:
            found = [[str(address), str(word)] for address, word in await page.evaluate(KEPT)]
            if wanted(found):
                return found
            await asyncio.sleep(0.05)


async def drafts(page: Page) -> list[str]:
    """The names of the drafts on the phone."""
    return [str(key) for key in await page.evaluate("Object.keys(localStorage)") if "draft" in key]


async def opened(page: Page) -> None:
    """Open the panel by keyboard."""
    await page.focus("#bot summary")
    await page.keyboard.press("Enter")
    await expect(page.locator("#bot-talk")).to_have_attribute("role", "log")


async def test_the_panel_by_keyboard_and_over_pages(demo: Demo, phone: BrowserContext) -> None:
    page, words = await phone.new_page(), demo.words_for("answer")
    fetched: list[str] = []

    def note(request: Request) -> None:
        fetched.extend(FETCHED.findall(request.url))

    page.on("request", note)
    await page.goto(f"{demo.base}/rules", wait_until="networkidle")
    assert await page.locator("#bot").get_attribute("open") is None
    assert fetched == []
    await opened(page)
    assert len(fetched) == 1
    await page.keyboard.press("Tab")
    await page.keyboard.type(words)
    await page.keyboard.press("Enter")
    reply = page.locator("#bot-talk .reply")
    await expect(reply.get_by_text("机器人引用原文")).to_be_visible()
    await expect(reply.locator(".cite a").first).to_have_attribute("href", re.compile(r"^/faq/entries/\d+$"))
    await expect(page.locator("#bot-talk")).to_have_attribute("aria-live", "polite")
    await expect(page.locator("#bot-text")).to_have_value("")
    await page.keyboard.press("Escape")
    assert await page.locator("#bot").get_attribute("open") is None
    assert await page.evaluate("document.activeElement.matches('#bot summary')")
    await page.goto(f"{demo.base}/statistics")
    await opened(page)
    await page.get_by_role("link", name="看刚才的对话").click()
    await expect(page.locator(".talk")).to_contain_text(words)
    await expect(page.get_by_role("link", name="回到刚才看的那一页")).to_have_attribute("href", "/statistics")


async def test_the_panel_says_that_nothing_was_sent(demo: Demo, phone: BrowserContext) -> None:
    page, words = await phone.new_page(), demo.words_for("choices")
    await page.goto(f"{demo.base}/privacy")
    await opened(page)
    await phone.set_offline(True)
    await page.fill("#bot-text", words)
    await page.press("#bot-text", "Enter")
    await expect(page.locator("#bot-state")).to_contain_text("还没有送到")
    await expect(page.locator("#bot-text")).to_have_value(words)
    assert await page.locator(".bot-turn").count() == 0
    await phone.set_offline(False)
    await page.press("#bot-text", "Enter")
    await page.locator("#bot-talk .pick button").first.click()
    await expect(page).to_have_url(re.compile(r"/faq\?talk="))
    await expect(page.get_by_text("您选了")).to_be_visible()
    await page.get_by_role("link", name="回到刚才看的那一页").click()
    await expect(page).to_have_url(f"{demo.base}/privacy")


async def test_the_panel_without_javascript_leads_there_and_back(demo: Demo, browser: Browser) -> None:
    page = await (await context_of(browser, 390, 844, script=False)).new_page()
    whence = f"{demo.base}/interviews?status=archived&year={demo.first('SELECT max(year) FROM interview')}"
    await page.goto(whence)
    await page.click("#bot summary")
    await page.fill("#bot-text", demo.words_for("answer"))
    await page.locator("#bot").get_by_role("button", name="问").click()
    await expect(page.locator(".talk .cite")).to_be_visible()
    await page.fill('.composer [name="text"]', demo.words_for("hand-off"))
    await page.locator(".composer").get_by_role("button", name="问").click()
    await expect(page.locator(".talk > li")).to_have_count(2)
    await page.get_by_role("link", name="回到刚才看的那一页").click()
    await expect(page).to_have_url(whence)
    await page.context.close()


# Drafts


async def test_a_question_half_written_is_there_again(demo: Demo, phone: BrowserContext) -> None:
    page, place = await phone.new_page(), f"{demo.base}/interviews/{demo.interview('announced')}"
    await page.goto(place)
    await page.fill('#ask [name="text"]', "写到一半")
    await page.fill('#ask [name="nickname"]', "网友甲")
    await page.fill('#ask [name="contact"]', "jia@example.com")
    await page.reload()
    note = page.locator("#ask .draft-note")
    await expect(note).to_contain_text("存在这台设备上")
    await expect(page.locator('#ask [name="text"]')).to_have_value("写到一半")
    await expect(page.locator('#ask [name="nickname"]')).to_have_value("网友甲")
    await expect(page.locator('#ask [name="contact"]')).to_have_value("")
    assert "jia@example.com" not in json.dumps(await page.evaluate("({...localStorage})"))
    await note.get_by_role("button", name="清除").click()
    await expect(page.locator('#ask [name="text"]')).to_have_value("")
    await expect(page.locator('#ask [name="nickname"]')).to_have_value("")
    await page.fill('#ask [name="text"]', "这一个交上去，草稿就没有了。")
    await page.click("#ask button.btn--wide")
    await expect(page.locator("#receipt")).to_be_visible()
    assert await drafts(page) == []


async def test_what_one_writes_to_a_human_is_kept_until_it_is_taken(
    demo: Demo, phone: BrowserContext
) -> None:
    page, place = await phone.new_page(), demo.base + demo.talk_with("hand-off")
    await page.goto(place)
    own = await page.locator("#refer-text").input_value()
    await page.get_by_text("找人问……").click()
    await page.fill("#refer-text", f"{own}我再补一句。")
    await page.reload()
    await page.get_by_text("找人问……").click()
    await expect(page.locator("#refer-text")).to_have_value(f"{own}我再补一句。")
    await expect(page.locator(".draft-note")).to_be_visible()
    await page.fill("#refer-mail", "不是邮箱@")
    await page.locator('form[data-draft] input[type="email"]').evaluate("field => field.type = 'text'")
    await page.get_by_role("button", name="交给人答").click()
    await expect(page.locator("form[data-draft] [role=alert]")).to_be_visible()
    await expect(page.locator("#refer-text")).to_have_value(f"{own}我再补一句。")
    assert len(await drafts(page)) == 1
    await page.fill("#refer-mail", "")
    await page.get_by_role("button", name="交给人答").click()
    await expect(page.locator(".receipt-no")).to_be_visible()
    async with asyncio.timeout(10):
        while True:
            if not await drafts(page):
                break
            await asyncio.sleep(0.05)


async def test_without_a_store_nothing_breaks(demo: Demo, browser: Browser) -> None:
    context = await context_of(browser, 390, 844)
    forbidden = "get() { throw new DOMException('no', 'SecurityError'); }"
    await context.add_init_script(
        f"for (const name of ['localStorage', 'sessionStorage']) Object.defineProperty(window, name, {{ {forbidden} }});"
    )
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    await page.goto(f"{demo.base}/interviews/{demo.interview('announced')}")
    await page.fill('#ask [name="text"]', "没有地方存，也交得上去。")
    await page.click("#ask button.btn--wide")
    await expect(page.locator("#receipt")).to_be_visible()
    await opened(page)
    await page.fill("#bot-text", demo.words_for("answer"))
    await page.press("#bot-text", "Enter")
    await expect(page.locator("#bot-talk .cite")).to_be_visible()
    assert faults == []
    await context.close()


# Without a line


async def test_what_was_seen_opens_without_a_line_and_says_so(demo: Demo, phone: BrowserContext) -> None:
    page, number = await phone.new_page(), demo.interview("archived")
    path = f"/interviews/{number}"
    await page.goto(demo.base + path)
    theme = await page.locator("h1").inner_text()
    await kept(page, bool)
    await phone.set_offline(True)
    await page.goto(demo.base + path)
    await expect(page.locator("#copy")).to_contain_text("这是一份副本")
    await expect(page.locator("h1")).to_have_text(theme)
    assert await page.locator('form[method="post"], input[name="csrf"]').count() == 0
    for path_without in ("/statistics", "/questions/ABCD-EFGH-JKM", f"{path}/screen"):
        answer = await page.goto(demo.base + path_without)
        assert answer is not None
        assert answer.status == 503
        await expect(page.locator("h1")).to_have_text("现在没有连上网")
    await expect(page.locator("#kept a")).to_have_text([theme])
    with pytest.raises(Exception, match="ERR_INTERNET_DISCONNECTED"):
        await page.goto(f"{demo.base}/login")
    await phone.set_offline(False)
    await page.goto(demo.base + path)
    assert await page.locator("#copy").count() == 0


async def test_a_copy_goes_with_what_was_taken_down(demo: Demo, phone: BrowserContext) -> None:
    page, number = await phone.new_page(), demo.interview("archived")
    path = f"/interviews/{number}/copy"
    await page.goto(f"{demo.base}/interviews/{number}")
    ((_, word),) = await kept(page, bool)
    await page.evaluate(
        """async ([path, gone]) => {
          const cache = await caches.open("fangtan-copies");
          const headers = { "X-Kept-At": String(Date.now()), "X-Taken-Down": "before" };
          for (const one of [path, gone]) await cache.put(one, new Response("撤下以前的文字", { headers }));
        }""",
        [path, "/interviews/99999/copy"],
    )
    await page.evaluate(LOOK)
    await kept(page, lambda found: found == [[path, word]])
    assert "撤下以前的文字" not in await page.evaluate(f"caches.match('{path}').then((copy) => copy.text())")


async def test_the_widget_is_a_page_like_the_others(demo: Demo, phone: BrowserContext) -> None:
    page = await phone.new_page()
    await page.goto(f"{demo.base}/embed/next")
    assert await axe_findings(page) + await size_findings(page, elder=False) == []
    assert await phone.cookies() == []
