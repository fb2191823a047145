"""The home page of an empty city, of one with something to ask about, and of one with two interviews live."""

import re
from datetime import date, timedelta

import time_machine

from base.clock import office_date
from interviews import programme
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.rows import days_left

WEEK = timedelta(days=7)


def said(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


async def test_an_interview_that_is_live_comes_first_with_the_question_on_stage(town: Town) -> None:
    browser, city = Browser(town), town.city
    question = await city.staged("网友甲", "断缴一年，住院能不能报？")
    await browser.opens("/")
    page = said(browser.text)
    assert page.index("正在进行") < page.index("进入访谈") < page.index("正在征集问题")
    assert "正在答1号 断缴一年，住院能不能报？" in page
    await city.does("王处长", "question.answer", question=question, text="补缴到账三个月以后能报。")
    await browser.opens("/")
    page = said(browser.text)
    assert "已答1个问题" in page
    assert page.index("最近的答复") < page.index("断缴一年") < page.index("2026年的安排")
    assert f'href="/interviews/{city.interview}?at=q1#q1"' in browser.text


async def test_two_live_at_once_are_both_there(town: Town) -> None:
    browser, city = Browser(town), town.city
    first = city.interview
    await city.plan()
    await city.announce()
    await city.prepare()
    await city.does("李主持", "interview.open", cast.START, interview=city.interview)
    await browser.opens("/")
    page = browser.text
    assert page.index(f'href="/interviews/{first}"') < page.index("同时进行的")
    assert f'href="/interviews/{city.interview}"' in page[page.index("同时进行的") :]


async def test_days_to_the_next_one_are_told_in_words(town: Town) -> None:
    browser, city = Browser(town), town.city
    await city.does("李主持", "interview.close", interview=city.interview, reason="停电")
    await city.plan(cast.START + WEEK)
    await city.announce(cast.START + WEEK)
    await browser.opens("/")
    page = said(browser.text)
    assert "下一场 还有7天" in page
    assert "看预告" in page
    with time_machine.travel(cast.START + timedelta(days=6), tick=True):
        await browser.opens("/")
    assert "下一场 明天开始" in said(browser.text)
    today = date(2026, 3, 6)
    assert [days_left(today + timedelta(days=n), today) for n in (-1, 0, 2, 30)] == [
        "", "今天开始", "后天开始", "还有30天",
    ]  # fmt: skip


async def test_the_year_is_listed_by_month_with_what_became_of_each(town: Town) -> None:
    browser, city = Browser(town), town.city
    await city.plan(cast.START + 4 * WEEK)
    later = city.interview
    async with city.act("周科长", cast.DURING) as uow:
        far = await programme.schedule(
            uow,
            programme.Plan(
                "秋季入学", cast.START + 26 * WEEK, cast.END + 26 * WEEK, (city.bodies["水务局"],), None, None
            ),
        )
    with time_machine.travel(cast.START + 5 * WEEK, tick=True):
        await browser.opens("/")
    page = browser.text
    plan = page[page.index('id="h-plan"') :]
    months = [int(one) for one in re.findall(r"<h3>(\d+)月</h3>", plan)]
    assert months == [4, 9, 3], "what is over is folded, below what is to come"
    assert plan.index("<details>") < plan.index("<h3>3月</h3>")
    assert f'href="/interviews/{later}"' in plan
    assert f'href="/interviews/{far.id}"' in plan
    assert "已列入计划" in plan


async def test_what_was_refused_is_not_told_as_answered(town: Town) -> None:
    browser, city = Browser(town), town.city
    question = await city.staged("网友甲", "别人的病历能查吗？")
    refusal = {"question": question, "ground": "personal_privacy", "reason": "涉及他人。"}
    await city.does("王处长", "question.refuse", **refusal)
    await browser.opens("/interviews")
    assert "已答0个" in said(browser.text)


async def test_an_empty_city_says_so_and_offers_the_bot(town: Town) -> None:
    browser, city = Browser(town), town.city
    await city.does("李主持", "interview.close", interview=city.interview, reason="停电")
    with time_machine.travel(cast.START + 52 * WEEK, tick=True):
        await browser.opens("/")
        year = office_date(cast.START + 52 * WEEK).year
    page = said(browser.text)
    assert "现在没有正在进行的" in page
    assert "眼下没有征集" in page
    assert f"{year}年的安排" in page
    assert "还没有排" in page
    assert "先问问机器人" in page
    assert browser.text.count("<h1") == 1
