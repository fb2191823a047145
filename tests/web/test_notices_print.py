"""What goes on paper: the 通知 that 周科长 prints from the record, and the poster of an announced interview."""

import re
from html import unescape

import pytest

from interviews import programme
from interviews.letters import LetterKind
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import qr


def plain(text: str) -> str:
    """A page's main part without its marks."""
    main = text.split("<main", 1)[1].split("</main>", 1)[0]
    return unescape(re.sub(r"<[^>]+>", "", main))


async def printed(browser: Browser, kind: LetterKind) -> str:
    await browser.opens(f"/office/interviews/{browser.town.city.interview}/notices/{kind}")
    return plain(browser.text)


@pytest.fixture
async def office(town: Town) -> Browser:
    browser = Browser(town)
    await browser.signs_in("office")
    return browser


async def planned(town: Town) -> None:
    """Another interview, announced and with two questions, one of them public."""
    await town.city.plan(cast.at("2026-06-05 14:30"))
    await town.city.announce(cast.at("2026-06-05 14:30"))


async def test_the_pack_goes_out_with_its_article_its_questions_and_a_number_to_fill_in(
    office: Browser,
) -> None:
    city = office.town.city
    await planned(office.town)
    when = cast.at("2026-05-20 10:00")
    first = await city.published("网友甲", "断缴两年还能补吗？", when)
    await city.asks("网友乙", "这一个还没有审", when)
    assert "问题还没有转交" in await printed(office, LetterKind.PACK)
    assert office.status == 409
    await city.does("网友乙", "question.support", when, question=first)
    await city.does("周科长", "questions.forward", cast.at("2026-05-25 10:00"), interview=city.interview)
    await city.published("网友甲", "转交以后才问的", cast.at("2026-05-26 10:00"))
    page = await printed(office, LetterKind.PACK)
    assert "示例市医疗保障局：" in page
    assert "根据《示例市网上访谈规定》第十二条，" in page
    assert "到2026年5月25日征集到的1个问题转交你单位" in page
    assert "1号（咨询，1人支持）：断缴两年还能补吗？" in page
    assert "还没有审" not in page
    assert "转交以后才问的" not in page
    assert "〔　　　　〕　　　号" in page
    assert re.search(r"示例市信息化工作办公室\s+2026年5月25日", page)


async def test_an_empty_pack_says_so(office: Browser) -> None:
    city = office.town.city
    await planned(office.town)
    await city.does("周科长", "questions.forward", cast.at("2026-05-25 10:00"), interview=city.interview)
    page = await printed(office, LetterKind.PACK)
    assert "没有征集到公开的问题" in page
    assert "附件" not in page


async def test_the_venue_and_a_change_after_which_it_has_to_be_told_again(office: Browser) -> None:
    city = office.town.city
    page = await printed(office, LetterKind.VENUE)
    assert "在二楼访谈室举行" in page
    assert "第十四条" in page
    assert "2026年3月2日" in page, "the day on which it was told"
    await planned(office.town)
    told = cast.at("2026-03-09 10:00")
    await city.does("周科长", "venue.tell", told, interview=city.interview, venue="一楼大厅")
    assert "在一楼大厅举行" in await printed(office, LetterKind.VENUE)
    assert "没有通知过的变动" in await printed(office, LetterKind.CHANGE)
    await city.does(
        "何主任",
        "interview.change",
        cast.at("2026-03-10 10:00"),
        interview=city.interview,
        starts_at="2026-06-12T14:30:00+08:00",
        theme="城乡居民医保",
        ground="public_demand",
        reason="很多人要求改在周五",
    )
    page = await printed(office, LetterKind.CHANGE)
    assert "改为2026年6月12日（周五）14:30到16:30" in page
    assert "主题由“城乡居民医保缴费和异地就医”改为“城乡居民医保”" in page
    assert "应公众要求。很多人要求改在周五。" in page
    assert "第十三条" in page
    assert "地点还没有告知，或者告知以后又改过" in await printed(office, LetterKind.VENUE)
    await office.opens(f"/office/interviews/{city.interview}")
    assert f"/office/interviews/{city.interview}/notices/change" in office.text
    assert "/notices/venue" not in office.text


async def test_several_bodies_are_all_addressed_and_hostile_text_stays_text(office: Browser) -> None:
    city = office.town.city
    start = cast.at("2026-06-05 14:30")
    plan = programme.Plan(
        "<b>缴费</b>",
        start,
        start + (cast.END - cast.START),
        (city.bodies["医保局"], city.bodies["水务局"]),
        city.people["李主持"].person_id,
        None,
    )
    async with city.act("周科长", cast.PLANNED) as uow:
        city.interview = (await programme.schedule(uow, plan)).id or 0
    await city.does(
        "周科长", "venue.tell", cast.at("2026-03-09 10:00"), interview=city.interview, venue="<i>一楼</i>"
    )
    page = await printed(office, LetterKind.VENUE)
    assert "示例市医疗保障局，示例市水务局：" in page
    assert "告知你们" in page
    assert "在<i>一楼</i>举行" in page
    assert "<i>一楼" not in office.text


# The poster


async def test_the_poster_tells_all_on_one_sheet_with_a_code_of_our_own(town: Town) -> None:
    browser = Browser(town)
    address = f"http://127.0.0.1:8080/interviews/{town.city.interview}"
    assert await browser.opens(f"/interviews/{town.city.interview}/poster") == 200
    page = plain(browser.text)
    for said in (
        "医保缴费和异地就医",
        "2026年3月6日（周五）",
        "示例市医疗保障局",
        "王立言",
        "怎么参加",
        address,
    ):
        assert said in page
    assert str(qr.svg(address, "访谈“城乡居民医保缴费和异地就医”的网页")) in browser.text
    drawn = browser.text.split("poster-code", 1)[1].split("</svg>", 1)[0]
    assert "style=" not in drawn
    assert "http" not in drawn.replace(address, "")
    assert '<meta name="robots" content="noindex">' in browser.text


async def test_there_is_none_before_the_announcement_and_none_of_a_cancelled_one(town: Town) -> None:
    browser, city = Browser(town), town.city
    start = cast.at("2026-06-05 14:30")
    await city.plan(start)
    path = f"/interviews/{city.interview}/poster"
    assert await browser.opens(path) == 404
    await city.announce(start)
    assert await browser.opens(path) == 200
    await browser.opens(f"/interviews/{city.interview}")
    assert f'href="{path}"' in browser.text
    cancelled = {"interview": city.interview, "reason": "场地在修"}
    await city.does("何主任", "interview.cancel", cast.at("2026-03-10 10:00"), **cancelled)
    assert await browser.opens(path) == 404


def test_a_code_escapes_what_it_says() -> None:
    drawn = str(qr.svg("http://127.0.0.1:8080/interviews/7", "<script>&"))
    assert "<script>" not in drawn
    assert "&lt;script&gt;&amp;" in drawn
