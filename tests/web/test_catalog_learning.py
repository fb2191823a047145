"""周科长 of the office learns from what the bot was asked, in a browser without scripts; 何主任 may read along."""

import csv
import io
import re
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession
from multidict import MultiDict
from sqlalchemy import select
from sqlmodel import col

from base.people import SYSTEM
from faq import library, misses, review, review_steps, revisions
from faq.models import Ask, CatalogEntry, MissTopic
from faq.sources import origin_of
from tests import cast
from tests.access import stage
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import asks_list, learning

DESK = "/office/catalog"
PAGES = tuple(f"{DESK}/{name}" for name in ("asks", "asks.csv", "topics", "candidates", "phrasings", "why"))
PET = ("养狗要办什么证", "养狗需要办什么证件")
ASKED = "在外地看病，医保怎么报销？"
SAID = (
    "先在手机上办异地就医备案，备好以后直接刷医保卡结算，不用回来报销。没有备案的，回来到窗口报，带上发票。"
)


async def kept(town: Town, *texts: str, **more: Any) -> list[int]:
    about: dict[str, Any] = {"outcome": "handoff", "reason": "not_sure", "confidence": 0.2} | more
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        rows = [Ask(text=text, at=uow.now, **about) for text in texts]
        uow.db.add_all(rows)
        await uow.db.flush()
        return [row.id or 0 for row in rows]


async def entry(town: Town, index_no: str, title: str, body: str) -> int:
    async with town.city.units.act(SYSTEM, cast.PLANNED) as uow:
        await library.import_rows(uow, [stage.row_of(index_no, title, body)], publish_too=True)
        query = select(col(CatalogEntry.id)).where(col(CatalogEntry.index_no) == index_no)
        return int((await uow.db.scalars(query)).one() or 0)


async def at_the_desk(town: Town, path: str, role: str = "office") -> Browser:
    browser = Browser(town)
    await browser.signs_in(role, path)
    return browser


async def bot_says(town: Town, text: str) -> dict[str, Any]:
    """What a stranger is told."""
    async with (
        ClientSession() as stranger,
        stranger.post(town.url("/api/faq/ask"), json={"text": text}) as answer,
    ):
        assert answer.status == 200
        return dict(await answer.json())


@pytest.mark.parametrize("role", ["clerk", "moderator", "host", "guest"])
async def test_nobody_else_finds_the_pages(town: Town, role: str) -> None:
    browser = await at_the_desk(town, "", role)
    for path in PAGES:
        assert await browser.opens(path) == 404, path


async def test_the_supervisor_reads_and_presses_nothing(town: Town) -> None:
    await kept(town, *PET)
    number = await entry(town, "GK-1", "异地就医备案", SAID)
    await kept(town, "外地看病先办什么", outcome="answer", reason=None, entries=[number], useful=True)
    office = await at_the_desk(town, f"{DESK}/topics")
    await office.sends(f"{DESK}/topics", act="refresh")
    assert "新归了2次没答上来的，多了1个话题。" in office.text
    browser = await at_the_desk(town, "", "supervisor")
    for path in PAGES:
        assert await browser.opens(path) == 200, path
        main = browser.text.partition("<main")[2].partition("</main>")[0]
        assert 'method="post"' not in main, path
    await browser.opens(f"{DESK}/topics")
    assert "养狗" in browser.text
    for path in (f"{DESK}/topics", f"{DESK}/phrasings", f"{DESK}/candidates"):
        assert await browser.sends(path, act="refresh", ask="1") == 404


async def test_what_was_asked_is_narrowed_by_the_address_and_exported_without_formulas(town: Town) -> None:
    number = await entry(town, "GK-1", "异地就医备案", SAID)
    await kept(town, "=1+1能办吗", "@路灯坏了", reason="no_entry")
    await kept(
        town,
        "外地看病先办什么",
        outcome="answer",
        reason=None,
        entries=[number],
        useful=False,
        feedback_reason="没说跨省",
    )
    browser = await at_the_desk(town, f"{DESK}/asks")
    for said in ("=1+1能办吗", "没有这样的条目", "异地就医备案", "没说跨省", "3次"):
        assert said in unescape(browser.text)
    await browser.opens(f"{DESK}/asks?outcome=answer&useful=no&week=2026-03-06")
    assert "外地看病先办什么" in browser.text
    assert "路灯" not in browser.text
    assert 'href="/office/catalog/asks.csv?outcome=answer&amp;useful=no&amp;week=2026-03-02"' in browser.text
    for odd in ("outcome=x&useful=y&week=z", "week=9999-12-31", "week=0001-01-01"):
        assert await browser.opens(f"{DESK}/asks?{odd}") == 200
        assert "3次" in browser.text
    async with browser.client.get(f"{DESK}/asks.csv?outcome=handoff") as answer:
        text = (await answer.read()).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["问的"] for row in rows] == ["'@路灯坏了", "'=1+1能办吗"]
    assert not any(cell.startswith(tuple("=+-@")) for row in rows for cell in row.values())


async def test_what_is_asked_while_the_list_is_saved_doubles_no_line(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asks_list, "CHUNK", 2)
    asked = ["路灯坏了", "水费怎么交", "井盖没了", "树倒了"]
    await kept(town, *asked)
    office = town.city.people["周科长"]
    saved: list[str] = []
    async for lines in asks_list.exported(town.city.units, office, asks_list.read(MultiDict())):
        saved += [str(line.cells["text"]) for line in lines]
        await kept(town, "刚刚问的")
    assert sorted(saved) == sorted(asked)


async def test_a_topic_becomes_a_theme_that_the_office_finds_in_its_form(town: Town) -> None:
    await kept(town, *PET, *PET)
    browser = await at_the_desk(town, f"{DESK}/topics")
    await browser.sends(f"{DESK}/topics", act="refresh")
    topic = await topic_of(town)
    assert (
        await browser.sends(f"{DESK}/topics", act="theme", topic=topic, theme="字" * 61, why="问得多") == 400
    )
    assert "最多60个字" in browser.text
    assert "问得多</textarea>" in browser.text
    await browser.opens(f"{DESK}/topics")
    await browser.sends(f"{DESK}/topics", act="theme", topic=topic, theme="小区养狗，怎样办证", why="问得多")
    assert "提给信息办了" in browser.text
    assert await browser.sends(f"{DESK}/topics", act="theme", topic=topic, theme="再提一次") == 409
    assert "已经由周科长办过了" in browser.text
    await browser.opens("/office")
    assert "小区养狗，怎样办证" in browser.text
    assert "机器人没答上来4次" in browser.text
    await browser.opens(f"/office/interviews/new?topic={topic}")
    assert 'value="小区养狗，怎样办证"' in browser.text
    await browser.opens("/office")
    await browser.sends(f"{DESK}/topics", act="dismiss", topic=topic, reason="公安局已经答了", back="office")
    assert browser.path == "/office"
    assert "提来的访谈主题" not in browser.text


async def topic_of(town: Town) -> int:
    async with town.city.units.read() as uow:
        return int((await uow.db.scalars(select(col(MissTopic.id)))).first() or 0)


async def test_a_topic_becomes_a_draft_that_the_editor_writes(town: Town) -> None:
    await kept(town, *PET)
    browser = await at_the_desk(town, f"{DESK}/topics")
    await browser.sends(f"{DESK}/topics", act="refresh")
    topic = await topic_of(town)
    await browser.sends(f"{DESK}/topics", act="entry", topic=topic)
    assert browser.status == 200, browser.text[:300]
    assert re.fullmatch(rf"{DESK}/\d+/edit", browser.path)
    assert "草稿开好了" in browser.text
    for odd in ({"act": "entry", "topic": "9999"}, {"act": "entry"}, {"act": "eat", "topic": topic}):
        await browser.opens(f"{DESK}/topics")
        assert await browser.sends(f"{DESK}/topics", **odd) in (400, 409)


async def test_phrasings_are_taken_in_bulk_and_found_at_once(town: Town) -> None:
    number = await entry(town, "GK-1", "异地就医备案", SAID)
    asks = await kept(
        town,
        "跨省住院先办啥手续",
        "省外瞧病要登记不",
        outcome="answer",
        reason=None,
        entries=[number],
        useful=True,
    )
    browser = await at_the_desk(town, f"{DESK}/phrasings")
    assert "有2种新的问法" in browser.text
    assert "问法只改变能不能找到，不改变说什么" in browser.text
    assert await browser.sends(f"{DESK}/phrasings", act="accept") == 400
    assert "还没有选" in browser.text
    await browser.opens(f"{DESK}/phrasings")
    await browser.sends(f"{DESK}/phrasings", act="accept", ask=asks[0])
    assert "收进了1种问法" in browser.text
    await browser.sends(f"{DESK}/phrasings", act="dismiss", ask=asks[1])
    assert "没有新的问法" in browser.text
    said = await bot_says(town, "跨省住院先办啥手续")
    assert (said["outcome"], said["text"]) == ("answer", SAID)


async def test_why_shows_the_parts_and_keeps_nothing(town: Town) -> None:
    await entry(town, "GK-1", "异地就医备案", SAID)
    browser = await at_the_desk(town, f"{DESK}/why")
    await browser.opens(f"{DESK}/why?text={quote('异地就医备案怎么弄<b>')}")
    text = unescape(browser.text)
    for said in ("最像的一种问法", "作答线", "题目或问法里有", "近义词表关着", "把握"):
        assert said in text
    assert "<b>" not in re.sub(r"<b>[\d.]+</b>", "", browser.text.partition("<main")[2])
    await browser.opens(f"{DESK}/why?text={quote('量子纠缠')}")
    assert "没有答" in browser.text
    assert await browser.opens(f"{DESK}/why?text={'a' * 2001}") == 400
    assert "最多2000个字" in browser.text
    async with town.city.units.read() as uow:
        assert list(await uow.db.scalars(select(Ask))) == []


async def answered(town: Town) -> tuple[int, int]:
    """An answer of an interview that is over, and the number of its item."""
    city = town.city
    question = await city.published("网友甲", ASKED)
    said = await city.does("王处长", "question.answer", question=question, text=SAID)
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    return question, said["item"]


async def published(town: Town, item: int) -> int:
    """The entry made from an answer, when everybody has signed."""
    city = town.city
    async with city.units.read() as uow:
        query = select(col(CatalogEntry.id)).where(col(CatalogEntry.origin) == origin_of(item))
        number = int((await uow.db.scalars(query)).one() or 0)
    async with city.act("周科长", cast.NEXT_DAY) as uow:
        revision = await revisions.open_of(uow.db, number)
        assert revision is not None
        leader = review_steps.Step("分管领导", people=(city.people["何主任"].person_id or 0,))
        await review_steps.set_steps(uow, [leader])
        await review.submit(uow, revision.id or 0)
    for who in ("许主任", "何主任"):
        async with city.act(who, cast.NEXT_DAY) as uow:
            await review.sign(uow, revision.id or 0, True)
    return number


async def test_an_answer_is_taken_and_what_is_taken_down_is_gone_from_everything(town: Town) -> None:
    city = town.city
    _, item = await answered(town)
    browser = await at_the_desk(town, f"{DESK}/candidates")
    assert "还有1条，收了0条" in browser.text
    listed = f"{DESK}/candidates?interview={city.interview}"
    await browser.opens(listed)
    assert SAID in browser.text
    about = {"act": "take", "item": item, "interview": city.interview}
    assert await browser.sends(f"{DESK}/candidates", **about, review_on="2020-01-01") == 400
    assert "复查日期要在今天以后" in browser.text
    assert 'value="2020-01-01"' in browser.text
    await browser.sends(f"{DESK}/candidates", **about, title="异地就医怎样报销", review_on="2027-01-04")
    assert "收成草稿了" in browser.text
    await browser.opens(listed)
    assert "收过了" in browser.text
    assert await browser.sends(f"{DESK}/candidates", **about) == 409
    number = await published(town, item)
    public = (
        f"/faq/entries/{number}", "/catalog", f"/search?q={quote('异地就医')}", f"/faq?text={quote(ASKED)}",
        "/", f"/interviews/{city.interview}", "/feed.atom", "/catalog.csv",
    )  # fmt: skip
    mark = "不用回来报销"
    assert (await bot_says(town, ASKED))["text"] == SAID
    seen = [path for path in public if await browser.opens(path) == 200 and mark in browser.text]
    assert {f"/faq/entries/{number}", "/catalog.csv"} <= set(seen)
    status, _ = await town.commands("审核员小张", "question.remove", item=item, reason="说到了个人")
    assert status == 200
    assert mark not in str(await bot_says(town, ASKED))
    inside = (
        f"{DESK}/{number}",
        listed,
        f"{DESK}/candidates",
        f"{DESK}/phrasings",
        f"{DESK}/why?text=异地就医",
    )
    for path in (*public, *inside, DESK):
        status = await browser.opens(path)
        assert status == (404 if path == public[0] else 200), path
        assert mark not in browser.text, path


async def test_what_is_to_be_looked_at_again_is_listed_with_its_reason(town: Town) -> None:
    question, item = await answered(town)
    browser = await at_the_desk(town, f"{DESK}/candidates")
    await browser.sends(f"{DESK}/candidates", act="take", item=item)
    number = await published(town, item)
    late = cast.NEXT_DAY.replace(hour=12)
    await town.city.does(
        "许主任", "question.answer", late, question=question, text="急诊三天以内补备案也行。"
    )
    async with town.city.units.act(SYSTEM, late) as uow:
        one = await uow.db.get_one(CatalogEntry, number)
        assert one.review_on == late.date()
        one.review_on = cast.DURING.date()
    await browser.opens(f"{DESK}/candidates")
    assert "同一个问题有了补充答复" in browser.text
    await browser.sends(f"{DESK}/candidates", act="still", entry=number, review_on="2026-09-01")
    assert "到2026年9月1日再看" in browser.text
    assert "要再看一遍的" not in browser.text


async def test_the_public_figures_count_and_quote_nothing(town: Town) -> None:
    await kept(town, *PET)
    browser = Browser(town)
    await browser.opens("/statistics?year=2026")
    assert "问了机器人2次，答了0次" in browser.text
    assert "养狗" not in browser.text
    await browser.opens("/privacy")
    assert "您问机器人的话" in browser.text
    assert "190天" in browser.text


async def test_the_jobs_ring_on_an_idle_city_and_do_nothing(town: Town) -> None:
    rung = {job.name: await job.run(town.city.units) for job in learning.LEARNING}
    nothing = {"silence_sources": 0, "forget_asks": 0, "forget_addresses": 0}
    assert rung == {"sort_misses": misses.Refreshed(0, 0)} | nothing
