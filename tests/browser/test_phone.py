"""A weak phone, a keyboard alone, and a stranger who writes code where a question belongs."""

import gzip
import json
import urllib.request
from urllib.parse import quote

import pytest
from playwright.async_api import Browser, Page, Response, expect

from tests.browser.demo import Demo, context_of
from tests.browser.looking import Watch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

PHONE = (390, 844)
WEIGHT = 100_000
"""Bytes of HTML, CSS and scripts of a public page together, each gzipped."""
WEIGHED = ("document", "stylesheet", "script")


# What it weighs


async def weight_of(page: Page, address: str) -> dict[str, int]:
    """What a page loads, each part gzipped."""
    came: list[Response] = []
    page.on("response", lambda response: came.append(response))
    await page.goto(address, wait_until="networkidle")
    parts = [one for one in came if one.request.resource_type in WEIGHED]
    return {one.url: len(gzip.compress(await one.body())) for one in parts}


@pytest.mark.parametrize("status", ["announced", "live", "archived"])
async def test_a_public_page_is_light(browser: Browser, demo: Demo, status: str) -> None:
    page = await (await context_of(browser, *PHONE)).new_page()
    parts = await weight_of(page, f"{demo.base}/interviews/{demo.interview(status)}")
    kinds = {address.rsplit("?")[0].rsplit(".")[-1] for address in parts}
    assert {"css", "js"} <= kinds
    assert sum(parts.values()) < WEIGHT, parts


# By keyboard alone

FOCUSED = """
() => {
  const e = document.activeElement;
  const drawn = e.matches('[type="radio"]') ? e.nextElementSibling : e;
  const style = getComputedStyle(drawn);
  const box = drawn.getBoundingClientRect();
  const seen = [0.1, 0.5, 0.9].some((part) => {
    const top = document.elementFromPoint(box.left + box.width * part, box.top + box.height / 2);
    return top && (e === top || drawn.contains(top) || top.contains(drawn));
  });
  const name = e.getAttribute("name") ?? "";
  const words = (e.closest("label") ?? e).textContent.trim().replace(/\\s+/g, " ").slice(0, 12);
  return {
    name, words, tag: e.tagName,
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
        assert on["ring"], f"no ring around {on}"
        assert on["seen"], f"hidden behind something: {on}"
        way.append(on["name"] or on["words"])
        if (name and on["name"] == name) or (words and words in on["words"]):
            return way
    raise AssertionError(f"{name}{words} is not reached: {way}")


async def test_a_question_by_keyboard_alone(browser: Browser, demo: Demo) -> None:
    page = await (await context_of(browser, *PHONE)).new_page()
    await page.goto(f"{demo.base}/interviews/{demo.interview('live')}")
    await expect(page.locator("#link")).to_contain_text("已连上", timeout=20_000)
    way = await tab_until(page, name="text")
    assert way[0] == "跳到正文"
    for label in ("访谈", "问机器人", "目录", "统计", "规定"):
        assert label in way
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
    ask(demo, visitor(demo), live, text)
    page = await demo.signed_in(await context_of(browser, 1280, 900), "moderator", f"/host/{live}")
    await expect(page.locator("#link")).to_contain_text("已连上", timeout=20_000)
    row = page.locator("#queue > li", has_text=text)
    for _ in range(30):
        if await row.get_attribute("aria-current") == "true":
            break
        await page.keyboard.press("j")
    await page.keyboard.press("p")
    await expect(page.locator("#pool > li p", has_text=text)).to_be_visible()


# A stranger's code

MARKUP = (
    "<script>ran()</script>",
    "<img src=x onerror=ran()>",
    "<svg><script>ran()</script></svg>",
    "<svg/onload=ran()>",
    "<body onload=ran()>",
    "<details open ontoggle=ran()>看</details>",
    "<iframe srcdoc='<script>parent.ran()</script>'></iframe>",
    "<math><mtext><table><mglyph><style><img src=x onerror=ran()>",
    "</p></li></ol></textarea></title><script>ran()</script>",
    '" autofocus onfocus=ran() x="',
    "' onmouseover='ran()' style='position:fixed;inset:0",
    "<base href=http://127.0.0.2:9/><form action=http://127.0.0.2:9/><button>交</button>",
)
LANGUAGE = (
    "{{ ''.__class__.__mro__ }}{{ 7*7 }}",
    "{% include 'base.html' %}",
    "${ran()}#{ran()}<%= ran() %>",
    "<!--?lit$ran()--><?x ran() ?>",
    "javascript:ran()//",
    "[看这里](javascript:ran())",
    "&lt;img src=x onerror=ran()&gt;&#60;script&#62;ran()",
    "%3Cscript%3Eran()%3C/script%3E",
    "\\u003cscript\\u003eran()\\u003c/script\\u003e",
    "]]></script><!--<script>ran()//-->",
)
NAMES = ("<svg/onload=ran()>", '"onfocus=ran() x="', "{{7*7}}${ran()}", "'><b>粗</b>")
RAN = "window.ran = () => { window.hasRun = true; }"


def send(demo: Demo, path: str, body: object, headers: dict[str, str]) -> dict[str, object]:
    """One request to the API; what it answered."""
    asked = urllib.request.Request(
        demo.base + path,
        json.dumps(body).encode(),
        {"Content-Type": "application/json", **headers},
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        read: dict[str, object] = json.load(answer)
        return read


def visitor(demo: Demo) -> str:
    return str(send(demo, "/api/visitor", {}, {})["visitor"])


def ask(demo: Demo, who: str, interview: int, text: str, nickname: str | None = None) -> str:
    """Ask over HTTP; the receipt."""
    body = {"text": text, "kind": "inquiry", "client_id": f"phone-{abs(hash(text)):022d}"[:40]}
    body |= {"nickname": nickname} if nickname else {}
    answer = send(demo, f"/api/interviews/{interview}/questions", body, {"X-Visitor": who})
    result = answer.get("result", answer)
    assert isinstance(result, dict)
    return str(result["receipt"])


async def stranger_safe(watch: Watch, address: str, shown: list[str], *, part: str = "main") -> list[str]:
    """Open a page; what happened that must not, and which texts do not stand there letter by letter."""
    page = watch.page
    await page.goto(address)
    if await page.locator("#link").count():
        await expect(page.locator("#link")).to_contain_text("已连上", timeout=20_000)
    await page.mouse.move(200, 300)
    written = await page.locator(part).first.text_content() or ""
    found = [f"not shown as it was written: {one}" for one in shown if one not in written]
    found += await watch.so_far()
    if await page.evaluate("window.hasRun === true"):
        found.append("a stranger's code ran")
    return [f"{address}: {one}" for one in found]


@pytest.mark.parametrize("payloads", [MARKUP, LANGUAGE], ids=["markup", "template language"])
async def test_code_in_a_question_stays_text(browser: Browser, demo: Demo, payloads: tuple[str, ...]) -> None:
    live = demo.interview("live")
    receipts: dict[str, str] = {}
    for place, payload in enumerate(payloads):
        if place % 8 == 0:
            who = visitor(demo)
        receipts[payload] = ask(demo, who, live, payload, NAMES[place % len(NAMES)])
    numbers = {
        payload: demo.first("SELECT id FROM question WHERE receipt = ?", receipt)
        for payload, receipt in receipts.items()
    }
    interrupted: list[str] = []

    async def watched(page: Page) -> Watch:
        await page.add_init_script(RAN)
        page.on("dialog", lambda dialog: interrupted.append(dialog.message))
        return await Watch.of(page, demo.base)

    console, desk, citizen = f"/host/{live}", f"/desk/{live}", f"/interviews/{live}"
    shown = list(payloads)
    moderator = await watched(
        await demo.signed_in(await context_of(browser, 1280, 900), "moderator", console)
    )
    found = await stranger_safe(moderator, demo.base + console, shown, part="#queue")
    for number in numbers.values():
        fields = {"question": number, "back": "/staff"}
        await demo.do(moderator.page, "question.publish", fields)
    found += await stranger_safe(moderator, demo.base + console, shown, part="#pool")

    host = await watched(await demo.signed_in(await context_of(browser, 1280, 900), "host", console))
    first, second = payloads[:2]
    await demo.do(host.page, "question.stage", {"question": numbers[first], "back": "/staff"})
    await demo.do(host.page, "interview.say", {"interview": str(live), "text": second, "back": "/staff"})
    found += await stranger_safe(host, demo.base + console, [first], part="#stage")

    guest = await watched(await demo.signed_in(await context_of(browser, 1280, 900), "guest", desk))
    found += await stranger_safe(guest, demo.base + desk, [first], part="#stage")
    answer = {"question": numbers[first], "text": first, "back": desk}
    await demo.do(guest.page, "question.answer", answer)
    found += await stranger_safe(guest, demo.base + desk, shown[2:])

    reader = await watched(await (await context_of(browser, *PHONE)).new_page())
    receipt = f"/questions/{receipts[first]}"
    for address, texts in ((citizen, shown), (receipt, [first]), (f"{citizen}/screen", []), ("/", [])):
        found += await stranger_safe(reader, demo.base + address, texts)
    for payload in payloads:
        for path in ("/search?q=", "/faq?text=", "/catalog?q=", "/interviews/1?q="):
            found += await stranger_safe(reader, f"{demo.base}{path}{quote(payload)}", [])
    assert not found, "\n".join(found)
    assert interrupted == []


@pytest.mark.parametrize("bypass", [False, True], ids=["policy", "no policy"])
async def test_code_that_ran_would_be_noticed(browser: Browser, demo: Demo, bypass: bool) -> None:
    page = await (await browser.new_context(bypass_csp=bypass)).new_page()
    await page.add_init_script(RAN)
    watch = await Watch.of(page, demo.base)
    await page.goto(demo.base)
    await page.evaluate("document.querySelector('main').innerHTML = '<img src=data:, onerror=ran()>'")
    await page.wait_for_timeout(200)
    assert bool(await page.evaluate("window.hasRun === true")) is bypass
    assert any("policy: script-src" in one for one in await watch.so_far()) is not bypass
