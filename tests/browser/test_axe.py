"""Every page, for everybody who opens it: nothing for axe to find, nothing too small, nothing from elsewhere.

Public pages in the normal and the 长辈版, staff pages in the normal one. What axe is asked stands in ``AXE_TAGS``.
"""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Demo, context_of, copied, running
from tests.browser.looking import Watch, axe_findings, size_findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

ISLANDS = ", ".join(f"script[src*={name}]" for name in ("live", "console", "desk"))


def public_pages(city: Demo) -> dict[str, str]:
    """What a citizen can open, by what it is."""
    told = {
        status: f"/questions/{city.first('SELECT receipt FROM question WHERE status = ?', status)}"
        for status in ("answered", "refused", "merged", "declined", "staged")
    }
    states = {status: f"/interviews/{city.interview(status)}" for status in ("planned", "announced", "live")}
    archived = f"/interviews/{city.first('SELECT interview_id FROM item ORDER BY interview_id')}"
    entry = city.first("SELECT id FROM catalog_entry WHERE status = 'published'")
    return {
        "home": "/",
        "list": "/interviews",
        "list of a state": "/interviews?status=archived",
        **{f"interview, {status}": path for status, path in states.items()},
        "interview, archived": archived,
        "interview, archived, found nothing": f"{archived}?q=没有这样的话",
        **{f"receipt, {status}": path for status, path in told.items()},
        "bot": "/faq",
        **{f"bot, {one}": city.talk_with(one) for one in ("answer", "choices", "hand-off")},
        "bot, a mistake on the site": "/faq?about=correction",
        "entry": f"/faq/entries/{entry}",
        "catalogue": "/catalog",
        "search": "/search?q=医保",
        "catalogue, narrowed": "/catalog?q=医保&force=yes&class=办事指南",
        "search, narrowed": "/search?q=医保&kind=entry&from=2020-01-01",
        "search, nothing looked for": "/search",
        "search, found nothing": "/search?q=没有这样的词",
        "moderation": "/moderation",
        "statistics": "/statistics",
        "rules": "/rules?start=2026-03-06T14:30",
        "accessibility": "/accessibility",
        "privacy": "/privacy",
        "open data": "/open-data",
        "without a line": "/offline",
        "copy": f"{archived}/copy",
        "login": "/login",
        "not found": "/no-such-page",
        "screen": f"{states['live']}/screen",
    }


def staff_pages(city: Demo) -> dict[str, dict[str, str]]:
    """What each of the staff can open, by who they are and what it is."""
    live, announced, planned = (city.interview(status) for status in ("live", "announced", "planned"))
    told = city.first("SELECT interview_id FROM item ORDER BY interview_id")
    delivered = city.first(
        "SELECT delivery.id FROM delivery JOIN person USING (body_id) WHERE login = 'recipient'"
    )
    return {
        "host": {"staff home": "/staff", "console of the host": f"/host/{live}"},
        "moderator": {"console of the moderator": f"/host/{live}"},
        "guest": {"desk": f"/desk/{live}", "desk home of a guest": "/desk", "password": "/password"},
        "clerk": {"desk home": "/desk", "preparation": f"/desk/interviews/{live}"},
        "office": {
            "office": "/office",
            "office, everything": "/office?scope=all",
            "office, planned": f"/office/interviews/{planned}",
            "office, announced": f"/office/interviews/{announced}",
            "office, archived": f"/office/interviews/{told}",
            "words": "/office/words",
            "schedule": "/office/interviews/new",
            "programme": "/office/programme",
            "programme, dates proposed": "/office/programme?propose=1",
            "calendar of duties": "/staff/calendar",
            "report": f"/office/interviews/{told}/report",
            "report, its versions": f"/office/interviews/{told}/report/versions",
        },
        "supervisor": {"supervise": "/supervise"},
        "recipient": {"inbox": "/inbox", "report in the inbox": f"/inbox/{delivered}"},
        "editor": {"catalogue at the desk": "/office/catalog", "new entry": "/office/catalog/new"},
    }


UNFOLD = """
document.querySelectorAll(":root:not([data-room=staff]) details, details:not([data-dialog])")
  .forEach((part) => { part.open = true; });
"""
DIALOGS = {"host": ("延长……", "结束访谈……"), "moderator": ("不公开……", "合并……")}


async def opened(page: Page, address: str) -> None:
    """Open a page, wait until what is live on it has connected, and unfold what is folded."""
    await page.goto(address)
    if await page.locator(ISLANDS).count() and await page.locator("#link").count():
        await expect(page.locator("#link")).to_contain_text("已连上")
    await page.evaluate(UNFOLD)


async def findings(page: Page, watch: Watch, *, elder: bool = False) -> list[str]:
    """Everything that is wrong with a page as it is now."""
    found = await axe_findings(page) + await size_findings(page, elder=elder)
    return [*dict.fromkeys(found + await watch.so_far())]


async def look_at(watch: Watch, city: Demo, pages: dict[str, str], *, elder: bool = False) -> list[str]:
    """Everything that is wrong with some pages, each line with the page's name."""
    page, found = watch.page, []
    for name, path in pages.items():
        watch.expected = ("status of 404",) if name == "not found" else ()
        await opened(page, city.base + path)
        found += [f"{name}: {one}" for one in await findings(page, watch, elder=elder)]
    return found


async def look_at_dialogs(watch: Watch, names: tuple[str, ...]) -> list[str]:
    """Everything that is wrong with what opens over the page."""
    page, found = watch.page, []
    for name in names:
        await page.locator("summary:visible", has_text=name).first.click()
        await expect(page.locator("dialog")).to_be_visible()
        found += [f"dialog {name}: {one}" for one in await findings(page, watch)]
        await page.get_by_role("button", name="先不办").click()
    return found


async def asked(page: Page, city: Demo) -> str:
    """The address of the receipt of a question that this browser asked."""
    await page.goto(f"{city.base}/interviews/{city.interview('live')}")
    await page.fill('#ask [name="text"]', "窗口周末开不开？")
    await page.click("#ask button.btn")
    await page.click("#receipt")
    return page.url.removeprefix(city.base)


@pytest.mark.parametrize("elder", [False, True], ids=["normal", "elder"])
async def test_public_pages(browser: Browser, demo: Demo, elder: bool) -> None:
    context = await context_of(browser, *((360, 740) if elder else (1280, 900)), elder=elder, base=demo.base)
    watch = await Watch.of(await context.new_page(), demo.base)
    pages = public_pages(demo) | {"receipt, one's own": await asked(watch.page, demo)}
    found = await look_at(watch, demo, pages, elder=elder)
    assert not found, "\n".join(found)


@pytest.mark.timeout(1200)  # some thirty pages: 82 s by itself, over 180 beside other work on a slow day
async def test_staff_pages(browser: Browser, demo: Demo) -> None:
    found: list[str] = []
    for login, pages in staff_pages(demo).items():
        context = await context_of(browser, 1280, 900)
        page = await demo.signed_in(context, login, next(iter(pages.values())))
        watch = await Watch.of(page, demo.base)
        found += await look_at(watch, demo, pages)
        found += await look_at_dialogs(watch, DIALOGS.get(login, ()))
        await context.close()
    assert not found, "\n".join(found)


async def test_an_interview_that_has_just_ended(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    copied(demo, tmp_path)
    with running(tmp_path) as city:
        live = city.interview("live")
        host = await city.signed_in(await context_of(browser, 1280, 900), "host", f"/host/{live}")
        sent = {"interview": str(live), "reason": "问题已经答完", "back": f"/host/{live}"}
        await city.do(host, "interview.close", sent)
        pages = {"interview, ended": f"/interviews/{live}", "console": f"/host/{live}"}
        found = await look_at(await Watch.of(host, city.base), city, pages)
        elder = await context_of(browser, 360, 740, elder=True, base=city.base)
        watch = await Watch.of(await elder.new_page(), city.base)
        receipt = city.first("SELECT receipt FROM question WHERE status = 'deferred'")
        pages = {"interview, ended": f"/interviews/{live}", "receipt, deferred": f"/questions/{receipt}"}
        found += await look_at(watch, city, pages, elder=True)
    assert not found, "\n".join(found)


SPOILED = """
document.querySelector("main").insertAdjacentHTML("beforeend", `
  <button type="button" style="padding: 0"></button><p lang="">小字 <img src="http://127.0.0.2:9/x.png"></p>
  <div class="too-wide">宽</div>`);
document.querySelector("main button:last-of-type").style.cssText = "width: 20px; height: 20px; min-height: 0";
document.querySelector(".too-wide").style.cssText = "width: 1400px; font-size: 12px";
"""


async def test_a_spoiled_page_is_noticed(browser: Browser, demo: Demo) -> None:
    context = await context_of(browser, 1280, 900, elder=True, base=demo.base)
    watch = await Watch.of(await context.new_page(), demo.base)
    await watch.page.goto(f"{demo.base}/privacy")
    await watch.page.evaluate(SPOILED)
    found = "\n".join(await findings(watch.page, watch, elder=True))
    for part in ("axe button-name", "axe image-alt", "target 20×20", "text 12px", "1400", "another host"):
        assert part in found
    assert "policy: style-src" in found
    assert "policy: img-src" in found
