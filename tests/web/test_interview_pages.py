"""The page of an interview in each of its states, as a browser without scripts reads it; and how it stays fresh."""

import re
from datetime import date
from html import unescape

import pytest
import time_machine

from faq import library
from faq.table_file import Row
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import interview_lists

LATER = cast.at("2026-03-20 14:30")


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser(town)


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


async def announced(browser: Browser) -> str:
    """A second interview, two weeks ahead, is announced; the address of its page."""
    await browser.town.city.plan(LATER)
    await browser.town.city.announce(LATER)
    return f"/interviews/{browser.town.city.interview}"


async def answered(browser: Browser, asked: str, text: str) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", asked)
    await city.does("王处长", "question.answer", question=question, text=text)


async def over(browser: Browser) -> None:
    """The interview ends, with what was not reached waiting."""
    city = browser.town.city
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)


# Before


async def test_an_announcement_says_how_long_one_may_ask(browser: Browser) -> None:
    path = await announced(browser)
    await browser.opens(path)
    page = words(browser.text)
    assert "征集到 3月20日 16:30" in page
    assert "访谈结束以前都可以提，还有14天，3月20日16:30截止。" in page
    assert "3月15日以前交的，先整理好转给答复单位（第十二条）。" in page
    assert "还没有人提问" in page
    assert "谈三件事：缴费、断缴和异地就医。" in page
    with time_machine.travel(cast.at("2026-03-16 09:00"), tick=True):
        await browser.opens(path)
        assert "还有4天，3月20日16:30截止。" in words(browser.text)
        assert "3月15日以前交的" not in browser.text, "that day has passed"


async def test_the_collection_is_sorted_searched_and_shown_by_theme(browser: Browser) -> None:
    city = browser.town.city
    path = await announced(browser)
    await city.published("网友甲", "异地就医备案要几天？")
    second = await city.published("网友乙", "断缴一年还能报吗？")
    await city.published("网友丙", "异地就医备案在哪里办？")
    await city.does("网友甲", "question.support", question=second)

    async def order(query: str) -> list[str]:
        assert await browser.opens(f"{path}?{query}") == 200
        return re.findall(r'<li class="q" id="q(\d+)"', browser.text)

    assert await order("") == ["2", "1", "3"]
    assert await order("sort=newest") == ["3", "2", "1"]
    assert await order("sort=number&q=备案") == ["1", "3"]
    assert "有“备案”的2个。" in words(browser.text)
    assert 'name="sort" value="number"' in browser.text, "a search keeps the order"
    assert sorted(await order("sort=theme")) == ["1", "2", "3"]
    headings = re.findall(r'<h3 class="group">([^<]+)</h3>', browser.text)
    assert len(headings) == 2
    assert "异地就医" in headings[0]
    assert await order("q=殡葬") == []
    assert "这样找没有提问" in browser.text


async def test_states_in_which_nobody_can_ask_say_why(browser: Browser) -> None:
    city = browser.town.city
    path = await announced(browser)
    with time_machine.travel(cast.at("2026-03-20 17:00"), tick=True):
        await browser.opens(path)
        assert "到时没有开始" in browser.text
        assert "改期还是取消，定下来就写在这里。您交的问题都留着。" in words(browser.text)
    await city.plan(LATER)
    sent = {"interview": city.interview, "reason": "嘉宾生病，另行安排。"}
    await city.does("何主任", "interview.cancel", cast.at("2026-02-10 09:00"), **sent)
    await browser.opens(f"/interviews/{city.interview}")
    page = words(browser.text)
    assert "这场访谈取消了 嘉宾生病，另行安排。" in page
    assert "现在还不能提问 这场访谈已经取消" in page
    assert "没有公开的提问" in page
    assert "截止" not in page


# During


async def test_without_a_script_a_live_interview_is_followed_by_reloading(browser: Browser) -> None:
    city, path = browser.town.city, f"/interviews/{browser.town.city.interview}"
    await answered(browser, "第一问？", "第一答。")
    await browser.opens(path)
    assert 'http-equiv="refresh"' not in browser.text, "off until somebody wants it"
    assert 'href="/interviews/1?refresh=minute#link">每分钟自动刷新</a>' in browser.text
    await answered(browser, "第二问？", "第二答。")
    await city.does("李主持", "interview.say", interview=city.interview, text="休息一下。")
    await browser.opens(f"{path}?refresh=minute&order=oldest")
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in browser.text
    assert 'href="/interviews/1?refresh=minute&amp;order=oldest">刷新</a>' in browser.text
    assert 'href="/interviews/1?order=oldest#link">不再自动刷新</a>' in browser.text
    assert "上次打开以后新登了2条，标着“新”。" in browser.text
    marked = re.findall(r'<b class="new-mark">新</b><a class="item-no" [^>]+>第(\d+)条', browser.text)
    assert marked == ["4", "5"], "the second answer and the remark, not the first answer"
    await browser.opens(path)
    assert "new-mark" not in browser.text, "seen by now"


# After


async def test_the_record_is_filtered_and_searched_together(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    await answered(browser, "断缴一年，住院能不能报？", "补缴三个月以后能报。")
    await answered(browser, "异地备案能报吗？", "当天生效。")
    await browser.town.city.published("网友乙", "药店能不能刷卡？")
    await over(browser)
    assert await browser.opens(f"{path}?show=answered&q=能报") == 200
    page = words(browser.text)
    assert "全部 2 已答 2 在等 0 不予答复 0" in page
    assert "这样看有2条 看全部" in page
    assert 'type="hidden" name="show" value="answered"' in browser.text
    assert "药店" not in browser.text.split('id="record"')[1].split('class="aside"')[0]
    await browser.opens(f"{path}?show=waiting")
    assert re.findall(r'<article class="record[^"]*" id="q(\d+)"', browser.text) == ["3"]
    await browser.opens(f"{path}?q=没有的词")
    assert "这样找没有结果" in browser.text


async def test_every_item_has_an_address_that_opens_the_page_it_is_on(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interview_lists, "RECORD_PAGE", 1)
    path = f"/interviews/{browser.town.city.interview}"
    await answered(browser, "第一问？", "第一答。")
    await answered(browser, "第二问？", "第二答。")
    await over(browser)
    await browser.opens(path)
    assert 'id="n4"' not in browser.text, "it is on the second page"
    assert "全部在一页看（2条）" in browser.text
    await browser.opens(f"{path}?at=n4")
    assert 'id="n4"' in browser.text
    address = f'href="{path}?at=n4#n4" data-copy>第4条<span class="item-link">链接到这条</span>'
    assert address in browser.text
    await browser.opens(f"{path}?page=all")
    assert all(f'id="n{number}"' in browser.text for number in (2, 4))
    assert 'class="pager"' not in browser.text
    assert await browser.opens(f"{path}?page=many") == 400


async def test_an_interview_in_which_nothing_was_asked_or_answered_says_so(browser: Browser) -> None:
    city = browser.town.city
    path = f"/interviews/{city.interview}"
    await city.published("网友甲", "有人答吗？")
    await over(browser)
    await browser.opens(path)
    assert "还没有一个得到答复。最迟3月13日书面答复，登在这里。" in words(browser.text)
    await city.plan(LATER)
    await city.announce(LATER)
    await city.prepare(LATER)
    await city.does("李主持", "interview.open", LATER, interview=city.interview)
    end = LATER + (cast.LIMIT_PASSED - cast.START)
    await city.does("李主持", "interview.close", end, interview=city.interview)
    with time_machine.travel(end, tick=True):
        await browser.opens(f"/interviews/{city.interview}")
        assert "这场没有公开的提问和答复" in browser.text


async def test_beside_a_record_stand_entries_and_other_interviews(browser: Browser) -> None:
    city = browser.town.city
    first = f"/interviews/{city.interview}"
    row = Row(
        index_no="SL-2026-0301",
        category="办事指南",
        title="城乡居民医保缴费指南",
        question="城乡居民医保怎么缴费",
        alts=("异地就医怎么办",),
        body="每年九月到十二月缴费。",
        issuer="示例市医疗保障局",
        section=None,
        document_no=None,
        keywords=None,
        made_on=None,
        published_on=date(2026, 3, 2),
        openness="主动公开",
        in_force=True,
        repealed_on=None,
        successor=None,
    )
    async with city.act("周科长", cast.DURING) as uow:
        await library.import_rows(uow, [row], publish_too=True)
        entry = (await library.published(uow.db))[0]
    await over(browser)
    await announced(browser)
    await browser.opens(first)
    page = words(browser.text)
    assert "目录里的相关条目 城乡居民医保缴费指南" in page
    assert "同一单位的访谈 城乡居民医保缴费和异地就医 3月20日" in page
    assert "下一场：城乡居民医保缴费和异地就医" in page, "what is announced is the next one"
    async with city.act("周科长", cast.DURING) as uow:
        found = await uow.db.get_one(type(entry), entry.id)
        found.status = "retired"
    await browser.opens(first)
    assert "目录里的相关条目" not in browser.text, "what was found a moment ago is read again"


# Freshness


async def test_an_unchanged_page_is_not_sent_again_and_a_changed_one_is(browser: Browser) -> None:
    city, client = browser.town.city, browser.client
    path = f"/interviews/{city.interview}"
    await answered(browser, "谁领过补贴？", "张老三领过。")
    await over(browser)
    await city.does("周科长", "summary.send", cast.NEXT_DAY, interview=city.interview)
    with time_machine.travel(cast.NEXT_DAY, tick=False):
        await browser.opens(path)
        async with client.get(path) as first:
            tag = first.headers["ETag"]
            assert tag.startswith('W/"')
            assert first.headers["Cache-Control"] == "private, no-cache"
            assert first.headers["Content-Encoding"] == "gzip"
        known = {"If-None-Match": tag}
        async with client.get(path, headers=known) as again:
            assert (again.status, await again.read()) == (304, b"")
            assert again.headers["ETag"] == tag
        for other in (path + "?order=newest", path + "?page=all", "/", "/interviews"):
            async with client.get(other, headers=known) as page:
                assert page.status == 200, other
        async with client.get(path, headers=known | {"Cookie": "fangtan_mode=elder"}) as elder:
            assert elder.status == 200
        state = await city.state(f"interview:{city.interview}:public")
        item = next(one["item"] for one in state["items"] if one["kind"] == "answer")
        await city.does("审核员小张", "question.remove", cast.NEXT_DAY, item=item, reason="说到了个人")
        async with client.get(path, headers=known) as after:
            assert after.status == 200
            assert "张老三" not in await after.text(), "gone at the next look, with no minute in between"


async def test_a_page_is_fresh_for_whom_its_forms_are_signed(browser: Browser) -> None:
    path = f"/interviews/{browser.town.city.interview}"
    with time_machine.travel(cast.DURING, tick=False):
        await browser.opens(path)
        await browser.opens(path)
        async with browser.client.get(path) as first:
            tag, mine = first.headers["ETag"], await first.text()
        async with browser.client.get(path, headers={"If-None-Match": tag}) as again:
            assert again.status == 304, "the random name of the form is no news"
        browser.client.session.cookie_jar.clear()
        async with browser.client.get(path, headers={"If-None-Match": tag}) as stranger:
            assert stranger.status == 200, "its forms would be refused with the other browser's signature"
            theirs = await stranger.text()
    signed = re.compile(r'name="csrf" value="([0-9a-f]+)"')
    assert signed.findall(mine)[0] != signed.findall(theirs)[0]
