"""The catalogue as the public browses it: by class, issuer, year and force, entry by entry, and what is counted."""

import json
import re
from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import select

from base.people import SYSTEM
from faq import library
from faq.models import CatalogClass, EntryViews
from faq.table_file import Row
from tests import cast
from tests.faq.test_desk import row
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.keys import VIEWS

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36"}


def entries() -> list[Row]:
    plain: dict[str, Any] = {
        "category": "供热",
        "issuer": "示例市供热集团有限公司",
        "published_on": date(2024, 10, 8),
    }
    return [
        row(1, "供热报停和恢复", "每年10月31日以前可以报停。", **plain),
        row(
            2,
            "供热不达标怎么办",
            "室温低于18度，可以要求测温。报停和恢复另外办理。",
            **plain | {"published_on": date(2023, 9, 1)},
        ),
        row(
            3,
            "老的供热办法",
            "按面积收费。",
            **plain | {"published_on": date(2019, 9, 1)},
            in_force=False,
            repealed_on=date(2022, 1, 1),
            successor="SL-2026-0001",
        ),
        row(
            4,
            "预算公开",
            "全年一般公共预算收入。",
            category="规划计划",
            openness="删减后公开",
            issuer="示例市财政局",
        ),
    ]


@pytest.fixture
async def browser(town: Town) -> Browser:
    """A browser at a city whose tree has 供热 under 办事指南."""
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        guide = CatalogClass(name="办事指南", position=1)
        uow.db.add(guide)
        await uow.db.flush()
        uow.db.add(CatalogClass(name="供热", parent_id=guide.id, position=2))
        uow.db.add(CatalogClass(name="规划计划", position=3))
        await library.import_rows(uow, entries(), publish_too=True)
        draft = row(5, "还在起草的供热细则", "不要外传。", category="供热")
        await library.import_rows(uow, [draft])
    browser = Browser(town)
    await browser.opens("/catalog")  # answers when everything has been read
    return browser


def titles(text: str) -> list[str]:
    return [re.sub("<[^>]+>", "", one) for one in re.findall(r'<a class="cell-link"[^>]*>(.*?)</a>', text)]


async def number_of(browser: Browser, title: str) -> int:
    async with browser.town.city.units.read() as uow:
        return next(one.id or 0 for one in await library.published(uow.db) if one.title == title)


async def test_a_class_brings_those_below_it(browser: Browser) -> None:
    assert await browser.opens("/catalog") == 200
    assert "一共4条" in browser.text
    assert re.search(r'href="/catalog\?class=[^"]+">办事指南 <span class="num">3<', browser.text)
    assert await browser.opens("/catalog?class=" + quote("办事指南")) == 200
    assert titles(browser.text) == ["供热报停和恢复", "供热不达标怎么办", "老的供热办法"]
    assert re.search(r'>供热 <span class="num">3<', browser.text)
    assert await browser.opens("/catalog?class=" + quote("供热")) == 200
    assert re.search(r'<nav class="crumbs".*办事指南.*aria-current="page">供热', browser.text)


@pytest.mark.parametrize(
    ("parts", "left"),
    [
        ("year=2023", ["供热不达标怎么办"]),
        ("force=no", ["老的供热办法"]),
        ("force=yes&class=供热", ["供热报停和恢复", "供热不达标怎么办"]),
        ("open=删减后公开", ["预算公开"]),
        ("issuer=示例市财政局", ["预算公开"]),
        ("issuer=没有这个局", []),
        ("sort=oldest&class=供热", ["老的供热办法", "供热不达标怎么办", "供热报停和恢复"]),
        ("q=室温不够热要测温", ["供热不达标怎么办"]),
        ("q=起草的供热细则&class=公告", []),
    ],
)
async def test_the_list_is_narrowed(browser: Browser, parts: str, left: list[str]) -> None:
    assert await browser.opens(f"/catalog?{parts}") == 200
    assert titles(browser.text) == left
    assert "还在起草" not in browser.text


async def test_an_entry_says_what_came_before_and_after_it(browser: Browser) -> None:
    new, old = await number_of(browser, "供热报停和恢复"), await number_of(browser, "老的供热办法")
    assert await browser.opens(f"/faq/entries/{old}") == 200
    assert "已经失效（2022年1月1日（周六）起）" in browser.text
    assert f'<a href="/faq/entries/{new}">供热报停和恢复</a>' in browser.text
    assert await browser.opens(f"/faq/entries/{new}") == 200
    assert f'<dt>代替</dt><dd><a href="/faq/entries/{old}">' in browser.text
    assert "《供热报停和恢复》，2024年10月8日，索引号SL-2026-0001，http" in browser.text
    assert re.search(r'<a href="/catalog\?class=[^"]+">办事指南</a></li><li><a [^>]+>供热</a>', browser.text)
    related = re.search(r'id="h-rel".*?</section>', browser.text, re.S)
    assert related
    assert "供热不达标怎么办" in related[0]
    assert "老的供热办法" not in related[0], "it has lost its force"


async def test_reads_are_counted_and_nobody_who_read(browser: Browser) -> None:
    number = await number_of(browser, "供热不达标怎么办")
    path, client = f"/faq/entries/{number}", browser.client
    cookies = len(client.session.cookie_jar)
    for headers in (PHONE, PHONE, PHONE | {"Sec-Purpose": "prefetch"}, {"User-Agent": "Baiduspider"}):
        async with client.get(path, headers=headers) as answer:
            text = await answer.text()
    async with client.head(path, headers=PHONE) as answer:
        assert answer.status == 200
    assert '<dt>浏览量</dt><dd class="num">2</dd>' in text
    assert len(client.session.cookie_jar) <= cookies + 1, "the browser's own, as on every page"
    app = client.app
    assert app is not None
    await app[VIEWS].flush(browser.town.city.units)
    async with browser.town.city.units.read() as uow:
        rows = [(one.entry_id, one.count) for one in await uow.db.scalars(select(EntryViews))]
    assert rows == [(number, 2)]
    assert await browser.opens("/catalog?sort=views") == 200
    assert titles(browser.text)[0] == "供热不达标怎么办"
    assert re.search(r'data-th="浏览量" class="num">2<', browser.text)
    assert await browser.opens("/privacy") == 200
    assert "不记是谁" in browser.text


async def test_the_catalogue_can_be_taken_away(browser: Browser) -> None:
    assert await browser.opens("/catalog") == 200
    for path in re.findall(r'href="(/catalog\.\w+)"', browser.text):
        assert await browser.opens(path) == 200, path
    assert json.loads((await _json(browser))["text"])


async def _json(browser: Browser) -> dict[str, str]:
    await browser.opens("/catalog.json")
    return {"text": browser.text}
