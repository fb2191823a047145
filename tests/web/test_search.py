"""Search as 网友甲 uses it: found at once, gone at once, marked, narrowed; and what it says when it cannot."""

import asyncio
import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from base.db import Units
from faq.records import Records
from interviews.models import Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_pages import entry
from web.keys import RECORDS


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


async def finds(browser: Browser, words: str, **more: Any) -> dict[str, Any]:
    """What the interface answers."""
    parts = "".join(f"&{name}={quote(str(value))}" for name, value in more.items())
    assert await browser.opens(f"/api/search?q={quote(words)}{parts}") == 200, browser.text
    found: dict[str, Any] = json.loads(browser.text)
    return found


async def places(browser: Browser, words: str, **more: Any) -> list[str]:
    return [one["url"] for one in (await finds(browser, words, **more))["results"]]


async def test_everything_said_in_public_is_found_where_it_stands(browser: Browser) -> None:
    city = browser.town.city
    number = await entry(browser.town)
    waiting = await city.asks("网友乙", "助听器的补贴怎么申请？")
    assert await places(browser, "助听器补贴") == [], "it waits for the moderator"
    await city.does("审核员小张", "question.publish", question=waiting)
    room = f"/interviews/{city.interview}"
    assert await places(browser, "助听器补贴") == [f"{room}?at=q1#q1"]
    await city.does("李主持", "question.stage", question=waiting)
    answer = await city.does("王处长", "question.answer", question=waiting, text="到残联填一张登记表。")
    remark = await city.does(
        "李主持", "interview.say", interview=city.interview, text="先请残联说说辅具登记。"
    )
    found = await finds(browser, "残联登记")
    assert {one["url"] for one in found["results"]} == {f"{room}?at=n2#n2", f"{room}?at=n3#n3"}
    assert {one["kind"] for one in found["results"]} == {"answer"}
    assert answer["item"] != remark["item"]
    assert await places(browser, "社保卡丢了怎么看病", kind="entry") == [f"/faq/entries/{number}"]
    assert await places(browser, "医保", kind="interview") == [room]


async def test_what_is_taken_down_back_or_elsewhere_is_gone_from_the_very_next_search(
    browser: Browser,
) -> None:
    city = browser.town.city
    gone = await city.published("网友甲", "门口的旧家电什么时候收？")
    back = await city.published("网友乙", "天台上的信鸽谁来管？")
    into = await city.published("网友丙", "暖气片漏水找谁修？")
    twin = await city.asks("网友甲", "暖气片漏水报修电话是什么？")
    for words in ("旧家电", "信鸽", "暖气片漏水"):
        assert len(await places(browser, words)) == 1
    item = (await city.state(f"interview:{city.interview}:public"))["questions"][str(gone)]["item"]
    await city.does("审核员小张", "question.remove", item=item, reason="说到了个人")
    assert await places(browser, "旧家电") == []
    await city.does("网友乙", "question.withdraw", question=back)
    assert await places(browser, "信鸽") == []
    await city.does("审核员小张", "question.merge", question=twin, into=into)
    assert await places(browser, "暖气片漏水") == [f"/interviews/{city.interview}?at=q3#q3"]


async def test_a_correction_is_found_with_what_it_corrects_and_goes_with_it(browser: Browser) -> None:
    city = browser.town.city
    said = await city.does("李主持", "interview.say", interview=city.interview, text="补缴窗口在一楼。")
    fixed = {"item": said["item"], "text": "补缴窗口在附楼裙房。", "reason": "说错了"}
    erratum = await city.does("李主持", "erratum.publish", **fixed)
    assert len(await places(browser, "附楼裙房")) == 1
    await city.does("审核员小张", "question.remove", item=erratum["item"], reason="又说错了")
    assert await places(browser, "附楼裙房") == []


async def test_a_page_marks_the_words_in_whatever_script(browser: Browser) -> None:
    await entry(browser.town)
    assert await browser.opens("/search?q=" + quote("社會保障卡遺失就醫結算")) == 200
    assert "<mark>社会保障卡</mark>" in browser.text
    assert "社會保障卡遺失就醫結算" in browser.text, "as it was typed"
    assert "SL-2026-0233" in browser.text


async def test_results_are_narrowed_by_kind_class_body_and_day(browser: Browser) -> None:
    number = await entry(browser.town)
    await browser.town.city.published("网友甲", "社保卡丢了怎么看病？")
    words = "社保卡丢了怎么看病"
    both = await finds(browser, words)
    assert both["total"] == 2
    assert both["counts"]["kind"] == {"entry": 1, "question": 1}
    only = [f"/faq/entries/{number}"]
    for more in (
        {"class": "办事指南"},
        {"issuer": "示例市医疗保障局", "kind": "entry"},
        {"to": "2026-03-03"},
        {"force": "yes", "open": "主动公开"},
    ):
        assert await places(browser, words, **more) == only, more
    assert await places(browser, words, **{"class": "公告"}) == []
    first, second = await finds(browser, words, limit=1), await finds(browser, words, limit=1, after=1)
    assert (first["next"], second["next"]) == (1, None)
    assert {first["results"][0]["kind"], second["results"][0]["kind"]} == {"entry", "question"}
    assert await browser.opens(f"/search?q={quote(words)}&kind=entry") == 200
    assert re.search(r'aria-current="true">目录 <span class="num">1<', browser.text)


async def test_a_number_leads_to_its_document_and_a_receipt_to_its_page(browser: Browser) -> None:
    number = await entry(browser.town)
    assert (await places(browser, "SL-2026-0233"))[0] == f"/faq/entries/{number}"
    asked = await browser.town.city.asks("网友甲", "还没有公开的一个问题")
    async with browser.town.city.units.read() as uow:
        receipt = (await uow.db.get_one(Question, asked)).receipt
    assert await browser.opens(f"/search?q={receipt.lower()}") == 200
    assert browser.path == f"/questions/{receipt}"
    assert "还没有公开的一个问题" not in browser.text


async def test_finding_nothing_says_what_to_do_next(browser: Browser) -> None:
    assert await browser.opens("/search?q=" + quote("量子纠缠")) == 200
    assert "找到0条" in browser.text
    assert "直接问机器人，或者到下一场访谈上问" in browser.text
    assert f'href="/faq?text={quote("量子纠缠")}"' in browser.text


async def test_until_everything_is_read_the_page_says_so(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = asyncio.Event()

    async def slowly(_db: object) -> dict[int, int]:
        await reading.wait()
        return {}

    app = browser.town.client.app
    assert app is not None
    starting, units = Records(slowly), browser.town.city.units
    assert isinstance(units, Units)
    starting.start(units)
    monkeypatch.setattr("faq.records.PATIENCE", 0.05)
    monkeypatch.setitem(app._state, RECORDS, starting)
    async with browser.client.get("/search?q=医保") as answer:
        text = await answer.text()
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "正在整理目录，请稍后再找。" in text
    assert 'value="医保"' in text, "what was typed stays"
    async with browser.client.get("/api/search?q=医保") as answer:
        assert answer.status == 503
        assert (await answer.json())["error"]["code"] == "search.preparing"
    await starting.close()


@pytest.mark.parametrize(
    "typed",
    ["医" * 800, "😀" * 50, "'; DROP TABLE item; --", "(a+)+$" * 200, "%", "_", "\x00", "<mark>&{{7*7}}"],
)
async def test_nothing_typed_breaks_the_page(browser: Browser, typed: str) -> None:
    assert await browser.opens(f"/search?q={quote(typed)}") == 200
    assert await browser.opens(f"/catalog?q={quote(typed)}") == 200
    assert "<mark>&{{" not in browser.text
    assert await browser.opens(f"/api/search?q={quote(typed)}") == 200


@pytest.mark.parametrize(
    "parts",
    [
        "from=gestern",
        "to=2026-02-30",
        "year=0",
        "kind=draft",
        "sort=random",
        "force=maybe",
        "limit=1000",
        "after=-1",
    ],
)
async def test_a_part_that_cannot_be_is_refused_in_words(browser: Browser, parts: str) -> None:
    assert await browser.opens(f"/api/search?q=医保&{parts}") == 400
    assert json.loads(browser.text)["error"]["code"] == "input.invalid"


async def test_a_rehearsal_is_found_by_nobody(browser: Browser) -> None:
    city = browser.town.city
    await city.plan(cast.START.replace(year=cast.START.year + 1))
    made = await city.does("李主持", "interview.rehearse", interview=city.interview)
    city.interview = made["interview"]
    await city.does("李主持", "interview.open", interview=city.interview)
    await city.does("李主持", "interview.say", interview=city.interview, text="彩排用的蓝色气球放在门口。")
    assert await places(browser, "蓝色气球") == []
    assert all(f"/interviews/{city.interview}" not in one for one in await places(browser, "演练"))
