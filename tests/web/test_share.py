"""The picture for those who pass an address on: drawn here, small, of the interview's own words."""

import io
import re
from typing import NoReturn

import pytest
from PIL import Image

from base.errors import Refusal
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import share_picture
from web.share_picture import Words

LARGEST = 40_000
"""Bytes; programs that show it fetch it over a telephone's line."""


async def fetched(town: Town, path: str, **headers: str) -> tuple[int, bytes, str]:
    async with town.client.get(path, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers.get("ETag", "")


def picture_of(page: str) -> str:
    found = re.search(r'<meta property="og:image" content="http://127\.0\.0\.1:8080(/[^"]+)">', page)
    return found[1] if found else ""


async def test_every_page_that_may_be_found_leads_to_its_picture(town: Town) -> None:
    browser = Browser(town)
    await town.city.published("网友甲", "能报吗？")
    own = f"/interviews/{town.city.interview}/share.png"
    for page, picture in (
        ("/", "/share.png"),
        ("/rules", "/share.png"),
        (f"/interviews/{town.city.interview}", own),
        (f"/interviews/{town.city.interview}/questions/1", own),
    ):
        await browser.opens(page)
        assert picture_of(browser.text) == picture
        assert '<meta name="twitter:card" content="summary_large_image">' in browser.text
        status, content, _ = await fetched(town, picture)
        assert (status, Image.open(io.BytesIO(content)).size) == (200, (1200, 630))
        assert len(content) < LARGEST
    await browser.opens("/login")
    assert not picture_of(browser.text)


async def test_it_is_fetched_once_while_it_says_the_same(town: Town) -> None:
    path = f"/interviews/{town.city.interview}/share.png"
    _, content, tag = await fetched(town, path)
    assert await fetched(town, path) == (200, content, tag)
    assert (await fetched(town, path, **{"If-None-Match": tag}))[0] == 304
    await town.city.does("李主持", "interview.close", interview=town.city.interview, reason="答完了")
    status, anew, other = await fetched(town, path, **{"If-None-Match": tag})
    assert (status, other != tag, anew != content) == (200, True, True)


async def test_there_is_none_of_what_is_not_there(town: Town) -> None:
    assert (await fetched(town, "/interviews/987/share.png"))[0] == 404


@pytest.mark.parametrize(
    "title", ["", " ", "医" * 60, "W" * 200, "\u200b\t甲", "👩\u200d👧", "ا<b>", "，，，" * 40]
)
def test_any_title_is_drawn(title: str) -> None:
    assert len(share_picture.png(Words("示例市", title, "2026年3月6日"))) < LARGEST


def test_where_there_is_no_font_there_is_the_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> NoReturn:
        raise Refusal("report.no_font", "没有字体")

    share_picture.png.cache_clear()
    monkeypatch.setattr(share_picture, "fonts", none)
    content = share_picture.png(Words("示例市", "题目", "2026年3月6日"))
    share_picture.png.cache_clear()
    assert Image.open(io.BytesIO(content)).size == share_picture.SIZE
