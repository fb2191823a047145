"""The pictures of the documents, taken of the example city. Only on request: ``FANGTAN_SCREENSHOTS=1 ./test …``."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Demo, context_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not os.environ.get("FANGTAN_SCREENSHOTS"), reason="拍文档用的图要设 FANGTAN_SCREENSHOTS=1"
    ),
]

PICTURES = Path(__file__).parents[2] / "docs" / "screenshots"
DESK, PHONE = (1280, 860), (390, 780)
COLOURS = 128
"""Colours of a picture: pages have few, and a picture in a repository should be small."""


async def take(page: Page, name: str) -> None:
    """Keep what the window shows, in few colours."""
    await page.evaluate("document.activeElement?.blur()")
    shot = Image.open(io.BytesIO(await page.screenshot()))
    shot.convert("RGB").quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


STAFF = {
    "office": {
        "office": "/office",
        "programme": "/office/programme",
        "outbox": "/office/outbox",
        "yearly": "/office/yearly",
    },
    "clerk": {"desk-home": "/desk", "desk": "/desk/{live}", "assessment-own": "/desk/assessment/{year}"},
    "host": {"host": "/host/{live}"},
    "moderator": {"moderator": "/host/{live}"},
    "supervisor": {
        "supervise": "/supervise",
        "lateness": "/supervise/lateness",
        "instruction": "/supervise/instructions/{answered}",
        "assessment": "/supervise/assessment/{year}",
    },
    "recipient": {"inbox": "/inbox"},
    "editor": {"catalog-desk": "/office/catalog", "why": "/office/catalog/why?text=社保卡丢了怎么补办"},
    "admin": {
        "accounts": "/admin",
        "settings": "/admin/settings",
        "backups": "/admin/backups",
        "health": "/admin/health",
    },
    "auditor": {"audit": "/audit", "verify": "/audit/verify"},
}
"""The pages of the staff, by who opens them and what the picture is called."""


async def ready(page: Page) -> None:
    """Wait for what is live on a page, and read away what only says that somebody has come."""
    link = page.locator("#link")
    if await link.count():
        await expect(link).to_contain_text("已连上", timeout=20_000)
        for _ in range(await page.get_by_role("button", name="知道了").count()):
            await page.get_by_role("button", name="知道了").first.click()


async def backed_up(browser: Browser, demo: Demo) -> None:
    """程默 makes a backup."""
    admin = await demo.signed_in(await context_of(browser, *DESK), "admin", "/admin/backups")
    await admin.get_by_role("button", name="现在备份").click()
    await expect(admin.get_by_role("heading", name="上一次")).to_be_visible()


async def pictures_of(browser: Browser, demo: Demo, login: str) -> None:
    """Sign in and take the pictures of somebody's pages."""
    numbers = {
        "live": demo.interview("live"),
        "year": demo.first("SELECT year FROM assessment"),
        "answered": demo.first("SELECT id FROM instruction WHERE status = 'answered'"),
    }
    context = await context_of(browser, *DESK)
    page = await demo.signed_in(context, login, "/account")
    for name, path in STAFF[login].items():
        await page.goto(demo.base + path.format(**numbers))
        await ready(page)
        await take(page, name)
    await context.close()


async def test_pictures_of_the_staff(browser: Browser, demo: Demo) -> None:
    page = await (await context_of(browser, *DESK)).new_page()
    await page.goto(f"{demo.base}/login")
    await take(page, "login")
    await backed_up(browser, demo)
    for login in STAFF:
        await pictures_of(browser, demo, login)


async def test_pictures_for_the_documents(browser: Browser, demo: Demo) -> None:
    live, announced = demo.interview("live"), demo.interview("announced")
    held = demo.first("SELECT interview_id FROM item ORDER BY interview_id")
    answered = demo.first("SELECT receipt FROM question WHERE status = 'answered'")
    pages = {
        "home": (DESK, False, "/"),
        "announced": (DESK, False, f"/interviews/{announced}"),
        "transcript": (DESK, False, f"/interviews/{held}"),
        "statistics": (DESK, False, "/statistics"),
        "live-phone": (PHONE, False, f"/interviews/{live}"),
        "question-phone": (PHONE, False, f"/questions/{answered}"),
        "home-elder": (PHONE, True, "/"),
        "live-elder": (PHONE, True, f"/interviews/{live}"),
        "bot-phone": (PHONE, False, demo.talk_with("answer")),
    }
    for name, (window, elder, path) in pages.items():
        context = await context_of(browser, *window, elder=elder, base=demo.base)
        page = await context.new_page()
        await page.goto(demo.base + path)
        if name.startswith("live"):
            await expect(page.locator("#link")).to_contain_text("已连上", timeout=20_000)
        if name == "live-elder":
            await page.locator("#stage").evaluate("(stage) => stage.scrollIntoView()")
        await take(page, name)
        await context.close()
