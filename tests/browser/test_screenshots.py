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
