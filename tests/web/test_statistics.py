"""The public figures: what is counted, how it is drawn, and the same rows as a file."""

import csv
import io
import re
from datetime import timedelta

import pytest

from interviews import figures, law
from interviews.figures import Part, Year
from interviews.forecast import Meter
from interviews.promises import Counted
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_home import said
from web.routes import statistics

EMPTY = Year(Meter(2026, 26, 0, 0, 0, 0), 0, 0, {}, 0, 0, {}, {}, 0, (), (), (), Counted())


async def a_day_at_work(town: Town) -> None:
    """网友甲 and 网友乙 ask five things: answered, refused, declined, waiting, and answered two weeks later."""
    city = town.city
    first = await city.staged("网友甲", "断缴一年，住院能不能报？")
    await city.does("王处长", "question.answer", question=first, text="补缴到账三个月以后能报。")
    secret = await city.staged("网友甲", "谁举报了我？")
    await city.does(
        "王处长", "question.refuse", question=secret, ground="personal_privacy", reason="涉及举报人。"
    )
    advert = await city.asks("网友乙", "低价代办，加微信。")
    await city.does("审核员小张", "question.decline", question=advert, reason="advertising")
    later = await city.published("网友乙", "能不能一次开三个月的药？")
    await city.published("网友乙", "异地住院怎么备案？")
    await city.does("李主持", "interview.close", interview=city.interview, reason="停电")
    await city.does(
        "许主任", "question.answer", cast.DURING + timedelta(days=14), question=later, text="可以。"
    )


async def counted(town: Town, at: timedelta = timedelta(days=14)) -> Year:
    async with town.city.act("周科长", cast.DURING + at) as uow:
        return await figures.of_year(uow, 2026, law.load())


async def test_every_question_is_counted_once_by_what_became_of_it(town: Town) -> None:
    await a_day_at_work(town)
    year = await counted(town)
    assert (year.received, year.public, year.answered, year.waiting, year.overdue) == (5, 4, 2, 1, 1)
    assert (year.live, year.after, year.held) == (1, 1, 1)
    assert year.refused == {"state_secret": 0, "trade_secret": 0, "personal_privacy": 1}
    assert {reason: n for reason, n in year.declined.items() if n} == {"advertising": 1}
    assert sum(year.fates.values()) == year.received
    assert [*year.days] == [0, 14]
    assert (year.median_days, year.within(7), year.within(14)) == (7, 1, 2)
    assert dict(year.spans())["8—15天"] == 1
    assert year.bodies == [Part("医保局", 1, 1, 5, 4, 2, 1, 1)]
    assert [month.name for month in year.months if month.held] == ["3月"]


async def test_what_waits_past_its_last_day_is_overdue(town: Town) -> None:
    await a_day_at_work(town)
    assert (await counted(town, timedelta(days=7))).overdue == 0, (
        "the fifth working day is in time to its end"
    )
    assert (await counted(town, timedelta(days=8))).overdue == 1


async def test_another_year_and_a_rehearsal_count_for_nothing(town: Town) -> None:
    await a_day_at_work(town)
    await town.city.plan(cast.START + timedelta(weeks=2))
    await town.city.does("李主持", "interview.rehearse", interview=town.city.interview)
    year = await counted(town)
    assert year.received == 5
    async with town.city.act("周科长", cast.DURING) as uow:
        assert await figures.years(uow) == [2026]
        assert (await figures.of_year(uow, 2025, law.load())).received == 0


async def test_each_plot_has_its_table_and_says_in_words_what_it_draws(town: Town) -> None:
    await a_day_at_work(town)
    browser = Browser(town)
    assert await browser.opens("/statistics?year=2026") == 200
    page, text = browser.text, said(browser.text)
    assert "规定每年不少于26场，办了1场" in text
    assert "收到5个，答了2个" in text
    assert "医保局答得最多，2个" in text
    drawn = re.findall(r'<svg role="img"[^>]*aria-label="([^"]+)"', page)
    assert "已答复 提问2；还在等答复 提问1；依法不予答复 提问1；审核后没有公开 提问1" in drawn
    captions = re.findall(r"<caption>([^<]+)</caption>", page)
    for figure in re.findall(r'class="plot-sub">([^<（：]+)', page):
        assert any(caption.startswith(figure) for caption in captions), figure
    assert page.count('scope="row"') > 20
    assert "style=" not in page, "the policy of the site refuses it"
    assert "<text" in page
    assert 'fill="url(#asked-p)"' in page, "the second bar is hatched, not only of another colour"


async def test_a_year_without_anything_is_a_page_too(town: Town) -> None:
    browser = Browser(town)
    assert await browser.opens("/statistics?year=2031") == 200
    assert "这一年还没有提问" in browser.text
    assert await browser.opens("/statistics?year=viele") == 400
    assert await browser.opens("/statistics.csv?year=2031") == 200


async def test_the_file_holds_the_same_numbers(town: Town) -> None:
    await a_day_at_work(town)
    async with town.client.get("/statistics.csv?year=2026") as answer:
        assert answer.content_type == "text/csv"
        assert "statistics-2026.csv" in answer.headers["Content-Disposition"]
        text, tag = (await answer.read()).decode("utf-8-sig"), answer.headers["ETag"]
    lines = list(csv.DictReader(io.StringIO(text)))
    told = {(line["表"], line["项目"], line["指标"]): int(line["数"]) for line in lines}
    assert told["总数", "收到提问", ""] == 5
    assert told["提问的去向", "已答复", "提问"] == 2
    assert told["各单位", "医保局", "公开的提问"] == 4
    assert told["审核后没有公开", "广告", "提问"] == 1
    async with town.client.get("/statistics.csv?year=2026", headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304


@pytest.mark.parametrize(
    ("answered", "said_so"),
    [
        ((), "各单位的答复"),
        ((0,), "各单位的答复"),
        ((3, 1), "甲局答得最多，3个"),
        ((2, 2), "甲局、乙局答得最多，各2个"),
        ((2, 2, 2, 2), "各单位的答复"),
    ],
)
def test_who_answered_most_is_said_fairly(answered: tuple[int, ...], said_so: str) -> None:
    bodies = [Part(f"{name}局", answered=count) for name, count in zip("甲乙丙丁", answered, strict=False)]
    assert statistics._most(bodies) == said_so


def test_an_empty_year_has_no_speed_and_no_tables() -> None:
    assert EMPTY.median_days is None
    assert statistics._speed(EMPTY) == ""
    assert [table["rows"] for table in statistics._tables(EMPTY)] == [[]] * 9
