"""A picture and a film with captions on their way: from the clerk's desk to a citizen's telephone, and gone again."""

import pytest
from playwright.async_api import Browser, FilePayload, Page, expect

from tests.base.files_at_hand import VTT, picture
from tests.browser.demo import Demo, context_of
from tests.browser.looking import Watch, findings

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

PHOTO = FilePayload(name="现场.jpg", mimeType="image/jpeg", buffer=picture(size=(800, 500)))
CAPTIONS = FilePayload(name="字幕.vtt", mimeType="text/vtt", buffer=VTT)
ADDRESS = "https://live.example.gov.cn/fangtan/a.m3u8"

# preload=none keeps the film at home; the captions are asked for as a reader does who switches them on.
CUES = """
async (track) => {
  track.track.mode = "hidden";
  if (track.readyState !== 2)
    await new Promise((resolve, reject) => { track.onload = resolve; track.onerror = () => reject(Error("no captions")); });
  return [...track.track.cues].map((cue) => cue.text);
}
"""


async def adds(desk: Page, summary: str, file: FilePayload, **typed: str) -> None:
    """Open the form, fill it in, send it, and see that it was taken."""
    await desk.locator("summary", has_text=summary).click()
    form = desk.locator("form", has=desk.get_by_role("button", name="加上", exact=True)).filter(visible=True)
    for name, words in typed.items():
        await form.locator(f'[name="{name}"]').fill(words)
    await form.locator('[name="file"]').set_input_files(file)
    await form.get_by_role("button", name="加上").click()
    await expect(desk.get_by_text("加上了，列在下面")).to_be_visible()


async def test_from_the_desk_to_a_telephone_and_gone_again(browser: Browser, demo: Demo) -> None:
    number = demo.interview("live")
    address = f"/desk/interviews/{number}"
    desk = await demo.signed_in(await context_of(browser, 1280, 900), "clerk", address)
    await adds(desk, "加一张图片", PHOTO, title="现场的三位嘉宾", alt="三个人坐在桌后")
    await adds(desk, "加视频或者音频", CAPTIONS, title="现场直播", address=ADDRESS)
    page = await (await context_of(browser, 360, 780)).new_page()
    watch = await Watch.of(page, demo.base)
    await page.goto(f"{demo.base}/interviews/{number}")
    await page.get_by_text("图片1张").click()
    photo = page.get_by_role("img", name="三个人坐在桌后")
    await photo.scroll_into_view_if_needed()
    await expect(photo).to_have_js_property("complete", True)
    assert await photo.evaluate("(img) => [img.naturalWidth, img.naturalHeight]") == [800, 500]
    await expect(page.get_by_text("现场的三位嘉宾")).to_be_visible()
    film = page.locator("video")
    assert await film.evaluate("(v) => [v.preload, v.controls]") == ["none", True]
    assert await page.locator("track").evaluate(CUES) == ["各位网友好。"]
    assert await findings(page, watch) == []
    for summary in ("现场的三位嘉宾", "现场直播"):
        row = desk.locator("#materials li", has_text=summary)
        await row.locator("summary", has_text="撤下").click()
        form = desk.locator('form[action$="/remove"]').filter(visible=True)
        await form.locator("textarea").fill("登错了")
        await form.get_by_role("button", name="撤下", exact=True).click()
        await expect(desk.get_by_text("撤下了，从现在起哪一页都不再有它")).to_be_visible()
    await page.reload()
    assert await page.locator("video, .pictures img").count() == 0
    await expect(page.get_by_text("有一段视频撤下了。原因：登错了")).to_be_visible()
