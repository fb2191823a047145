"""长辈版 reads new words aloud where the device has a Chinese voice, as fast as was chosen; else it says that it cannot."""

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.demo import Demo, context_of

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

# A device's voice, and what it was asked to say. Chromium without a sound system has none of its own.
VOICE = """
window.spoken = [];
window.hushed = 0;
const voice = Object.assign(new EventTarget(), {
  getVoices: () => LANGUAGES.map((lang) => ({ lang, name: lang })),
  speak: (words) => window.spoken.push({ text: words.text, rate: words.rate, lang: words.lang }),
  cancel: () => { window.hushed += 1; },
});
Object.defineProperty(window, "speechSynthesis", { value: voice });
"""


async def elder(browser: Browser, demo: Demo, languages: list[str]) -> Page:
    """The live interview in 长辈版 on a device with voices of these languages."""
    page = await (await context_of(browser, 360, 740, elder=True, base=demo.base)).new_page()
    await page.add_init_script(VOICE.replace("LANGUAGES", str(languages)))
    await page.goto(f"{demo.base}/interviews/{demo.interview('live')}")
    await expect(page.locator("#link")).to_contain_text("已连上", timeout=20_000)
    return page


async def test_new_words_are_read_as_fast_as_chosen(browser: Browser, demo: Demo) -> None:
    live = demo.interview("live")
    host = await demo.signed_in(await context_of(browser, 1280, 900), "host", f"/host/{live}")

    async def says(text: str) -> None:
        await demo.do(host, "interview.say", {"interview": str(live), "text": text, "back": "/staff"})

    page = await elder(browser, demo, ["en-US", "zh-CN"])
    await expect(page.locator("#read-choice")).to_be_visible()
    await expect(page.locator("#read-none")).to_be_hidden()
    await says("还没有人要听的一句。")
    await page.check('[name="read"][value="on"]')
    await page.check('[name="rate"][value="fast"]')
    await says("要读出来的第一句。")
    await page.wait_for_function("window.spoken.length > 0", timeout=20_000)
    await page.check('[name="rate"][value="slow"]')
    await says("要读出来的第二句。")
    await page.wait_for_function("window.spoken.length > 1", timeout=20_000)
    fast, slow = await page.evaluate("window.spoken")
    assert "要读出来的第一句。" in fast["text"]
    assert "要读出来的第二句。" in slow["text"]
    assert fast["rate"] > 1 > slow["rate"]
    assert fast["lang"] == "zh-CN"
    await page.check('[name="read"][value="off"]')
    assert await page.evaluate("window.hushed") > 0
    await page.reload()
    await expect(page.locator('input[name="read"][value="off"]')).to_be_checked()


async def test_a_device_without_a_chinese_voice_says_so(browser: Browser, demo: Demo) -> None:
    page = await elder(browser, demo, ["en-US"])
    await expect(page.locator("#read-none")).to_have_text(
        "这台设备没有朗读的声音，请看文字。", timeout=10_000
    )
    await expect(page.locator("#read-choice")).to_be_hidden()
