"""What machines read in the head of every page, and that nothing a citizen writes can leave the block it stands in."""

import json
import re
from html import unescape
from typing import Any

import pytest

from interviews.models import Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_pages import entry
from web import head, structured

BASE = "http://127.0.0.1:8080"
HOSTILE = "</script><script>alert(1)</script><!-- ]]> \u2028 \u2029 \" ' & \\u003c/script> {{ 7*7 }}"
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
COLUMN = ("ColumnName", "ColumnType", "ColumnDescription", "ColumnKeywords")
SITE = ("SiteName", "SiteDomain", "SiteIDCode", "Description", "Url")
PAGES = {
    "/": "网上访谈",
    "/interviews": "网上访谈",
    "/faq": "问机器人",
    "/catalog": "目录",
    "/search": "搜索",
    "/statistics": "统计",
    "/rules": "规定",
    "/moderation": "审核公开",
    "/accessibility": "关于本站",
    "/privacy": "关于本站",
    "/open-data": "开放数据",
}


def metas(page: str) -> dict[str, str]:
    """Every meta of a page, by its name or its property."""
    found = re.findall(r'<meta (?:name|property)="([^"]+)" content="([^"]*)">', page)
    assert len({name for name, _ in found}) == len(found), "a name stands there once"
    return {name: unescape(value) for name, value in found}


def canonical(page: str) -> str | None:
    found = re.search(r'<link rel="canonical" href="([^"]+)">', page)
    return unescape(found[1]) if found else None


def things(page: str) -> dict[str, dict[str, Any]]:
    """What a page tells of itself, by type; the block is read as a browser reads it."""
    found = BLOCK.findall(page)
    if not found:
        return {}
    assert len(found) == 1
    told = json.loads(found[0])
    assert told["@context"] == "https://schema.org"
    return {one["@type"]: one for one in told.get("@graph", [told])}


# Every kind of page


async def test_every_page_names_its_site_and_its_column(town: Town) -> None:
    browser, said = Browser(town), {}
    for path, column in PAGES.items():
        assert await browser.opens(path) == 200, path
        told = metas(browser.text)
        assert all(told[name] for name in (*SITE, *COLUMN)), path
        assert told["ColumnName"] == column, path
        assert told["ColumnDescription"] == head.COLUMNS[column].description
        assert canonical(browser.text) == told["Url"] == told["og:url"] == f"{BASE}{path}"
        assert told["og:description"] == told["Description"]
        assert (told["og:locale"], told["og:site_name"]) == ("zh_CN", told["SiteName"])
        assert "robots" not in told
        said[path] = told["Description"]
    assert len(set(said.values())) == len(PAGES), "each page says what itself is about"


async def test_what_is_somebodys_own_is_not_for_search_engines(town: Town) -> None:
    browser = Browser(town)
    question = await town.city.published("网友甲", "断缴一年，住院能不能报？")
    async with town.city.act("周科长", cast.DURING) as uow:
        receipt = (await uow.db.get_one(Question, question)).receipt
    live = f"/interviews/{town.city.interview}"
    closed = (
        "/search?q=医保",
        "/catalog?q=医保",
        f"/questions/{receipt}",
        "/login",
        f"{live}?q=医保",
        f"{live}/screen",
    )
    for path in (*closed, "/nirgends", "/faq?text=社保卡"):
        await browser.opens(path)
        told = metas(browser.text)
        assert told["robots"] == "noindex", path
        assert canonical(browser.text) is None
        assert not any(name.startswith("og:") for name in told), path
        assert not BLOCK.search(browser.text)


def test_the_one_address_of_a_page_drops_what_only_shows_it_otherwise() -> None:
    query = [("page", "2"), ("from", "mail"), ("year", "2026"), ("status", "")]
    assert (
        head.canonical(BASE, "/interviews", query, ("year", "page")) == f"{BASE}/interviews?year=2026&page=2"
    )
    assert head.canonical(BASE, "/rules", query, ()) == f"{BASE}/rules"
    assert head.canonical(BASE, "/x", [("page", "1")], ("page",)) == f"{BASE}/x"


# One interview, one entry


async def test_an_interview_is_an_article_and_an_event_held_online(town: Town) -> None:
    browser, city = Browser(town), town.city
    await browser.opens(f"/interviews/{city.interview}")
    told = metas(browser.text)
    assert told["ArticleTitle"] == told["og:title"] == "城乡居民医保缴费和异地就医"
    assert told["PubDate"] == "2026-03-06 14:30"
    assert told["ContentSource"]
    assert told["Author"] == "示例市医疗保障局"
    assert "示例市医疗保障局" in told["Keywords"]
    assert told["og:type"] == "article"
    event = things(browser.text)["Event"]
    assert event["startDate"] == "2026-03-06T14:30:00+08:00"
    assert event["endDate"] == "2026-03-06T16:30:00+08:00"
    assert event["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert event["eventStatus"] == "https://schema.org/EventScheduled"
    assert event["location"] == {"@type": "VirtualLocation", "url": f"{BASE}/interviews/{city.interview}"}
    body, guest = event["performer"]
    assert (body["@type"], body["name"]) == ("GovernmentOrganization", "示例市医疗保障局")
    assert (guest["name"], guest["jobTitle"]) == ("王立言", "待遇处处长")
    assert "QAPage" not in things(browser.text), "nothing is answered yet"


async def test_a_cancelled_interview_is_told_as_cancelled(town: Town) -> None:
    browser, city = Browser(town), town.city
    await city.plan()
    await city.does("何主任", "interview.cancel", interview=city.interview, reason="并入别场")
    await browser.opens(f"/interviews/{city.interview}")
    assert things(browser.text)["Event"]["eventStatus"] == "https://schema.org/EventCancelled"
    assert "PubDate" not in metas(browser.text), "what was never announced is no article"


async def test_answered_questions_are_told_and_what_was_taken_down_is_not(town: Town) -> None:
    browser, city = Browser(town), town.city
    first = await city.staged("网友甲", "断缴一年，住院能不能报？")
    answer = await city.does("王处长", "question.answer", question=first, text="补缴到账三个月以后能报。")
    await city.does("王处长", "erratum.publish", item=answer["item"], text="是六个月。", reason="说错了")
    second = await city.staged("网友乙", "谁领过补贴？")
    gone = await city.does("王处长", "question.answer", question=second, text="张老三领过。")
    await city.does("审核员小张", "question.remove", item=gone["item"], reason="说到了个人")
    await city.published("网友乙", "还没有答的一个？")
    await browser.opens(f"/interviews/{city.interview}")
    (told,) = things(browser.text)["QAPage"]["mainEntity"]
    assert told["text"] == "断缴一年，住院能不能报？"
    assert told["acceptedAnswer"]["text"] == "补缴到账三个月以后能报。"
    assert told["acceptedAnswer"]["author"]["name"] == "示例市医疗保障局"
    assert told["acceptedAnswer"]["correction"][0]["text"] == "是六个月。"
    assert told["acceptedAnswer"]["url"].endswith(f"#n{answer['no']}")
    assert told["answerCount"] == 1


async def test_an_entry_is_an_article_and_a_question_with_its_answer(town: Town) -> None:
    browser, number = Browser(town), await entry(town)
    await browser.opens(f"/faq/entries/{number}")
    told = metas(browser.text)
    assert told["ArticleTitle"] == "社会保障卡遗失后如何就医结算"
    assert (told["PubDate"], told["ContentSource"]) == ("2026-03-02", "示例市医疗保障局")
    assert told["Keywords"]
    assert told["Description"].startswith("社保卡丢了怎么看病")
    page = things(browser.text)["QAPage"]
    assert page["identifier"] == "SL-2026-0233"
    assert page["mainEntity"]["name"] == "社保卡丢了怎么看病"
    assert page["mainEntity"]["acceptedAnswer"]["text"] == "出示医保电子凭证，当场结算。"
    assert page["mainEntity"]["acceptedAnswer"]["datePublished"] == "2026-03-02"
    crumbs = things(browser.text)["BreadcrumbList"]["itemListElement"]
    assert [one["position"] for one in crumbs] == [1, 2, 3]


# Hostile text


async def test_hostile_text_stays_in_the_block_that_holds_it(town: Town) -> None:
    browser, city = Browser(town), town.city
    question = await city.staged("网友甲", HOSTILE)
    await city.does("王处长", "question.answer", question=question, text=HOSTILE)
    await browser.opens(f"/interviews/{city.interview}")
    (block,) = BLOCK.findall(browser.text)
    assert not set("<>&'\u2028\u2029") & set(block)
    told = things(browser.text)["QAPage"]["mainEntity"][0]
    assert told["acceptedAnswer"]["text"] == HOSTILE
    assert "<script>alert" not in browser.text
    number = await entry(town, HOSTILE)
    await browser.opens(f"/faq/entries/{number}")
    assert things(browser.text)["QAPage"]["mainEntity"]["acceptedAnswer"]["text"] == HOSTILE


@pytest.mark.parametrize("text", [HOSTILE, "<!--<script>", "]]>", "\x00\x1f\x7f", "𠮷" * 600, "\ud800"])
def test_a_block_gives_back_what_was_put_in(text: str) -> None:
    told = str(structured.script([{"@type": "Thing", "name": text}]))
    assert json.loads(told)["name"] == text
    assert not set("<>&'\u2028\u2029") & set(told)


def test_nothing_to_tell_is_no_block() -> None:
    assert structured.script([]) == ""
    assert structured.questions([{"type": "said", "item": {}}], BASE) == []
