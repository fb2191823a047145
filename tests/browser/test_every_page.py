"""Every public page, normal and 长辈版, at 360, 768 and 1440 px: nothing for axe, nothing computed to be wrong, light.

``PAGES`` is held against the router: a public address without a line here fails. One visit each; the window is
resized in place.
"""

import json
from collections.abc import Callable

import aiohttp
import pytest
from aiohttp.web import Application
from playwright.async_api import Browser, Page, expect

from tests.access import matrix
from tests.browser.demo import Demo, context_of
from tests.browser.looking import LIMIT, Scales, Watch, findings
from web.routes import ROUTES

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

Addresses = Callable[[Demo], dict[str, str]]


def only(address: str) -> Addresses:
    """A page that is the same wherever one comes from."""
    return lambda city: {"": address}


def interviews(city: Demo) -> dict[str, str]:
    """An interview's page in each state, and its lists narrowed."""
    states = {status: f"/interviews/{city.interview(status)}" for status in ("planned", "announced", "live")}
    archived = f"/interviews/{told_in(city)}"
    return states | {"archived": archived, "archived, found nothing": f"{archived}?q=没有这样的话"}


def told_in(city: Demo) -> str:
    """The number of an interview that was held."""
    return city.first("SELECT interview_id FROM item ORDER BY interview_id")


def receipts(city: Demo) -> dict[str, str]:
    """A question's page, by what became of it."""
    fates = ("answered", "refused", "merged", "declined", "staged")
    query = "SELECT receipt FROM question WHERE status = ?"
    told = {fate: f"/questions/{city.first(query, fate)}" for fate in fates}
    return told | {"one's own": f"/questions/{city.first('SELECT receipt FROM question ORDER BY id DESC')}"}


def talks(city: Demo) -> dict[str, str]:
    """The bot, before and after each kind of answer."""
    ends = {one: city.talk_with(one) for one in ("answer", "choices", "hand-off")}
    return {"new": "/faq", "a mistake on the site": "/faq?about=correction", **ends}


def referrals(city: Demo) -> dict[str, str]:
    """What this browser asked somebody of the office."""
    return {"": f"/faq/referrals/{city.first('SELECT receipt FROM referral ORDER BY id DESC')}"}


def entries(city: Demo) -> dict[str, str]:
    """An entry of the catalogue."""
    published = city.first("SELECT id FROM catalog_entry WHERE status = 'published'")
    return {"": f"/faq/entries/{published}"}


def numbered(what: str) -> Addresses:
    """The page of a public question by its number, or one that belongs to it."""

    def address(city: Demo) -> dict[str, str]:
        place = city.first(
            "SELECT '/interviews/' || interview_id || '/questions/' || number FROM question"
            " WHERE status = 'published' AND number IS NOT NULL"
        )
        return {"": place + what}

    return address


def rating(city: Demo) -> dict[str, str]:
    """The form by which an answer is rated."""
    query = "SELECT item.id FROM item JOIN question ON question.id = item.question_id"
    answer = city.first(f"{query} WHERE item.kind = 'answer' AND question.status = 'answered'")
    return {"": f"/answers/{answer}/rating"}


def assessment(city: Demo) -> dict[str, str]:
    """The published result of an assessment; put in past the program, which publishes none before a year is over."""
    line = {"body": 1, "name": "示例市医疗保障局", "problems": 0, "total": "93.6", "grade": "优秀"}
    line |= {"parts": {"daily": "98.5", "self": "93", "third": "90"}}
    city.put(
        "INSERT INTO assessment (year, scheme, opened_at, fixed_at, result, published_at)"
        " SELECT 2001, scheme, opened_at, opened_at, ?, opened_at FROM assessment"
        " WHERE NOT EXISTS (SELECT 1 FROM assessment WHERE year = 2001)",
        json.dumps([line]),
    )
    return {"": "/assessment/2001"}


def own_follow(city: Demo) -> dict[str, str]:
    """Following one's own question."""
    return {"": receipts(city)["one's own"] + "/follow"}


def of_live(what: str) -> Addresses:
    """A page of the interview that is going on."""
    return lambda city: {"": what.replace("N", str(city.interview("live")))}


PAGES: dict[str, Addresses] = {
    "/": only("/"),
    "/interviews": lambda city: {"all": "/interviews", "of a state": "/interviews?status=archived"},
    "/interviews/{id}": interviews,
    "/interviews/{id}/screen": of_live("/interviews/N/screen"),
    "/interviews/{id}/poster": of_live("/interviews/N/poster"),
    "/interviews/{id}/copy": of_live("/interviews/N/copy"),
    "/interviews/{id}/questions/{number}": numbered(""),
    "/interviews/{id}/questions/{number}/follow": numbered("/follow"),
    "/questions/{receipt}/follow": own_follow,
    "/follow/stop/{key}": only("/follow/stop/forged"),
    "/answers/{item}/rating": rating,
    "/embed/interviews/{id}": of_live("/embed/interviews/N"),
    "/embed/next": only("/embed/next"),
    "/open-data": only("/open-data"),
    "/offline": only("/offline"),
    "/questions/{receipt}": receipts,
    "/faq": talks,
    "/faq/referrals/{receipt}": referrals,
    "/faq/entries/{id}": entries,
    "/catalog": lambda city: {"": "/catalog", "narrowed": "/catalog?q=医保&force=yes&class=办事指南"},
    "/search": lambda city: {
        "found": "/search?q=医保",
        "narrowed": "/search?q=医保&kind=entry&from=2020-01-01",
        "nothing looked for": "/search",
        "found nothing": "/search?q=没有这样的词",
    },
    "/moderation": only("/moderation"),
    "/statistics": only("/statistics"),
    "/assessment/{year}": assessment,
    "/rules": only("/rules?start=2026-03-06T14:30"),
    "/accessibility": only("/accessibility"),
    "/privacy": only("/privacy"),
    "/login": only("/login"),
}
"""Every public page: the router's address to what is visited of it. Beside it, a page that is not there."""
NO_PAGES = {
    "leads to a page": (
        "/questions", "/questions/{receipt}/{act}", "/interviews/{id}/questions", "/interviews/{id}/rating",
        "/faq/{form}", "/logout", "/office/programme/import", "/office/programme/apply", "/desk/{id}/live",
    ),
    "read by programs": (
        "/feed.atom", "/interviews.ics", "/sitemap.xml", "/sitemap-{part}.xml", "/robots.txt", "/sw.js",
        "/manifest.webmanifest", "/offline/kept", "/interviews/{id}/feed.atom", "/interviews/{id}.ics",
        "/questions/{receipt}/feed.atom", "/questions/{receipt}.ics",
        "/interviews/{id}/questions/{number}/feed.atom", "/interviews/{id}/questions/{number}.ics",
    ),
    "a file": (
        "/catalog.{kind}", "/statistics.csv", "/icons/{icon}.png", "/interviews/{id}/files/{n}",
        "/interviews/{id}/data.{kind}", "/open-data/{year}.{kind}", "/share.png", "/interviews/{id}/share.png",
        "/assessment/{year}/scores.svg",
    ),
}  # fmt: skip
"""What anyone may fetch that is no page. ``/api/…`` needs no line."""

UNFOLD = "document.querySelectorAll('details:not([data-dialog])').forEach((part) => { part.open = true; });"
CONNECTED = "script[src*=live]"


def test_no_public_page_is_left_out() -> None:
    app = Application()
    for table in ROUTES:
        app.add_routes(table)
    routes = {
        route.resource.canonical for route in app.router.routes() if route.method == "GET" and route.resource
    }
    public = {
        door.pattern
        for door in matrix.read().doors
        if door.method == "GET" and door.told["anyone"] == matrix.IN and not door.pattern.startswith("/api/")
    }
    listed = set(PAGES) | {one for some in NO_PAGES.values() for one in some}
    assert public & routes - listed == set(), "public pages that nobody looks at"
    assert listed - routes == set(), "looked at, but not in the router"


async def opened(page: Page, address: str) -> bytes:
    """Open a page, wait until what is live on it has connected, and unfold what is folded; what the server sent."""
    response = await page.goto(address)
    assert response is not None
    if await page.locator(CONNECTED).count() and await page.locator("#link").count():
        await expect(page.locator("#link")).to_contain_text("已连上")
    await page.evaluate(UNFOLD)
    return await response.body()


def visits(city: Demo) -> dict[str, str]:
    """Every address to look at, by what it is."""
    named = {
        f"{pattern} {what}".strip(): path
        for pattern, addresses in PAGES.items()
        for what, path in addresses(city).items()
    }
    return named | {"not found": "/no-such-page"}


async def asks(page: Page, city: Demo) -> None:
    """This browser asks in the interview, and by way of the bot somebody of the office."""
    await page.goto(f"{city.base}/interviews/{city.interview('live')}")
    await page.fill('#ask [name="text"]', "窗口周末开不开？")
    await page.click("#ask button.btn")
    await expect(page.locator("#receipt")).to_be_visible()
    await page.goto(city.base + city.talk_with("hand-off"))
    await page.get_by_text("找人问……").first.click()
    await page.get_by_role("button", name="交给人答").first.click()
    await page.wait_for_url("**/faq/referrals/*")


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_every_public_page(browser: Browser, demo: Demo, elder: bool) -> None:
    context = await context_of(browser, 1440, 800, elder=elder, base=demo.base)
    watch = await Watch.of(await context.new_page(), demo.base)
    await asks(watch.page, demo)
    found: list[str] = []
    async with aiohttp.ClientSession() as asking:
        scales = Scales(asking)
        for name, path in visits(demo).items():
            if elder and path.startswith(
                "/embed"
            ):  # drawn inside another site's page, which has no such switch
                continue
            watch.expected = ("status of 404",) if name == "not found" else ()
            html = await opened(watch.page, demo.base + path)
            wrong = await findings(watch.page, watch, elder=elder)
            weight = sum((await scales.weighed(watch.page, html)).values())
            if weight >= LIMIT:
                wrong.append(f"weighs {weight}")
            found += [f"{name}: {one}" for one in wrong]
            await watch.page.set_viewport_size({"width": 1440, "height": 800})
    assert not found, "\n".join(found)


SPOILED = """
document.querySelector("main").insertAdjacentHTML("beforeend", `
  <h6>跳了级</h6><h1>第二个</h1>
  <button type="button" style="padding: 0"></button><p lang="">小字 <img src="http://127.0.0.2:9/x.png"></p>
  <div class="too-wide">宽</div><p class="pale">看不清</p><p class="tight"></p>
  <p class="short">差一点</p><p class="enough">刚好</p>
  <section class="beside">左<br>左</section><section class="beside">右<br>右</section>`);
const spoil = (selector, style) => {
  document.querySelectorAll(selector).forEach((e) => { e.style.cssText = style; });
};
spoil("main button:last-of-type", "width: 20px; height: 20px; min-height: 0; padding: 0");
spoil(".too-wide", "width: 1500px; font-size: 12px");
spoil(".pale", "color: rgb(0 0 0 / 0.5); background: rgb(255 255 255 / 0.2); opacity: 0.8");
spoil(".short", "color: #5a5a5a; background: #fff");
spoil(".enough", "color: #595959; background: #fff");
spoil(".tight", "line-height: 1.2; width: 8em");
spoil(".beside", "float: left; width: 40%; height: 200px; margin: 0");
document.querySelector(".tight").textContent = "一行挨着一行的字".repeat(5);
document.querySelector("main h1").animate([{ opacity: 1 }, { opacity: 0.9 }], { duration: 500, iterations: Infinity });
"""


async def test_a_spoiled_page_is_noticed(browser: Browser, demo: Demo) -> None:
    context = await context_of(browser, 1280, 900, elder=True, base=demo.base)
    watch = await Watch.of(await context.new_page(), demo.base)
    await watch.page.goto(f"{demo.base}/privacy")
    await watch.page.evaluate(SPOILED)
    found = "\n".join(await findings(watch.page, watch, elder=True))
    for part in (
        "axe button-name", "axe image-alt", "target 20×20", "text 12px", "at 360: 15", "another host",
        "headings: 2 of the first level", "headings: h6 after", "lines 1.20 apart: p.tight", "moves by itself",
        "beside each other: section.beside", "policy: style-src", "policy: img-src",
    ):  # fmt: skip
        assert part in found, (part, found)
    # By the formula of WCAG 2.2: half a black at four fifths over white is rgb(153 153 153); 7:1 is #595959.
    assert "contrast 2.85: p.pale" in found, found
    assert "contrast 6.90: p.short" in found, found
    assert "p.enough" not in found, found
