"""Every staff page, for everybody who opens it, and an interview that has just ended: nothing for axe, nothing too small.

Staff pages are opened once: 长辈版 is switched in place, as its button does it, and only what styles change is asked
again. Public pages: ``test_every_page``.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Demo, context_of, copied, running
from tests.browser.looking import Watch, findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

ISLANDS = ", ".join(f"script[src*={name}]" for name in ("live", "console", "desk"))
MODES = {False: "normal", True: "elder"}


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
            "report, its file being made": f"/office/interviews/{told}/report/making",
        },
        "supervisor": {"supervise": "/supervise"},
        "recipient": {"inbox": "/inbox", "report in the inbox": f"/inbox/{delivered}"},
        "editor": {"catalogue at the desk": "/office/catalog", "new entry": "/office/catalog/new"},
    }


def lists_and_records(city: Demo) -> dict[str, dict[str, str]]:
    """The pages of those who look after others' work, each by who they are and what it is."""
    year = city.first("SELECT year FROM assessment")
    body = city.first("SELECT body_id FROM person WHERE login = 'clerk'")
    return {
        "office": {
            "bodies": "/office/bodies",
            "one body": f"/office/bodies/{body}",
            "directory": "/office/bodies/directory",
            "themes that keep coming": "/office/themes",
            "interviews in a list": "/office/interviews",
            "outbox": "/office/outbox",
            "duties": "/office/duties",
            "notifications": "/office/notifications",
            "wordings": "/office/wordings",
            "yearly figures": "/office/yearly",
            "own account": "/account",
        },
        "supervisor": {
            "list of bodies": "/supervise/bodies",
            "one body": f"/supervise/bodies/{body}",
            "list of interviews": "/supervise/interviews",
            "lateness": "/supervise/lateness",
            "waivers": "/supervise/waivers",
            "instructions": "/supervise/instructions",
            "new instruction": "/supervise/instructions/new",
            "assessments": "/supervise/assessment",
            "assessment of a year": f"/supervise/assessment/{year}",
            "assessment of a body": f"/supervise/assessment/{year}/{body}",
        },
        "clerk": {
            "own instructions": "/desk/instructions",
            "own assessments": "/desk/assessment",
            "own assessment": f"/desk/assessment/{year}",
        },
        "admin": {
            "administrator": "/admin",
            "accounts": "/admin/accounts",
            "settings": "/admin/settings",
            "backups": "/admin/backups",
            "health": "/admin/health",
        },
        "auditor": {"audit": "/audit", "audit, verified": "/audit/verify"},
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
        await expect(page.locator("#link")).to_contain_text("已连上", timeout=20_000)
    await page.evaluate(UNFOLD)


async def look_at(
    watch: Watch, city: Demo, pages: dict[str, str], modes: tuple[bool, ...] = (False,)
) -> list[str]:
    """Everything that is wrong with some pages in some modes, each line with the page's name."""
    page, found = watch.page, []
    for name, path in pages.items():
        await opened(page, city.base + path)
        for elder in modes:
            await page.evaluate("(mode) => { document.documentElement.dataset.mode = mode; }", MODES[elder])
            wrong = await findings(page, watch, elder=elder, drawn=elder and len(modes) > 1)
            found += [f"{name}{', 长辈版' if elder else ''}: {one}" for one in wrong]
            await page.set_viewport_size({"width": 1280, "height": 900})
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


@pytest.mark.parametrize("pages_of", [staff_pages, lists_and_records])
async def test_staff_pages(
    browser: Browser, demo: Demo, pages_of: Callable[[Demo], dict[str, dict[str, str]]]
) -> None:
    found: list[str] = []
    for login, pages in pages_of(demo).items():
        context = await context_of(browser, 1280, 900)
        page = await demo.signed_in(context, login, next(iter(pages.values())))
        watch = await Watch.of(page, demo.base)
        found += await look_at(watch, demo, pages, (False, True))
        if pages_of is staff_pages:
            found += await look_at_dialogs(watch, DIALOGS.get(login, ()))
        await context.close()
    assert not found, "\n".join(found)


async def test_an_interview_that_has_just_ended(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    copied(demo.data, tmp_path)
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
        found += await look_at(watch, city, pages, (True,))
    assert not found, "\n".join(found)
