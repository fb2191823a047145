"""Every row of the office's list has its article, its sum and exactly one button; a body's is urged once a day."""

import re
from datetime import datetime

import time_machine

from base.people import SYSTEM
from interviews import assessment, judging, programme, reopening
from interviews.judging import Verdict
from interviews.programme import Plan
from interviews.reopening import Terms
from tests.cast import DURING, at
from tests.web.browser import Browser
from tests.web.conftest import Town

TODAY, LIST = "/office?scope=all", "/office/duties"


def rows_of(text: str) -> list[str]:
    """The rows of today's list, as they are drawn."""
    return [one.partition("\n</li>")[0] for one in text.split('<li class="duty')[1:]]


def buttons_of(row: str) -> list[str]:
    found = re.findall(r'class="btn[^"]*"[^>]*>([^<]*)', row)
    return [one.strip() for one in found]


def row_with(text: str, *words: str) -> str:
    (found,) = [one for one in rows_of(text) if all(word in one for word in words)]
    return found


async def planned(town: Town, day: str) -> int:
    async with town.city.act("周科长", at("2026-01-05 10:00")) as uow:
        start = at(f"{day} 14:30")
        plan = Plan("下一场", start, at(f"{day} 16:00"), (town.city.bodies["水务局"],), None, "市民中心")
        return (await programme.schedule(uow, plan)).id or 0


async def promised_and_handled_again(town: Town) -> None:
    """An answer that promises something, and one that two askers found to solve nothing."""
    city = town.city
    for text in ("断缴一年能报吗？", "异地住院能直接结算吗？"):
        question = await city.published("网友甲", text)
        said = await city.does("王处长", "question.answer", question=question, text="能，三月底以前办好。")
        item = int(said["item"])
        if "断缴" in text:
            await city.does("许主任", "promise.make", item=item, what="办好", due="2026-03-31")
            continue
        async with city.act("网友甲", DURING) as uow:
            await judging.rate(uow, item, Verdict(False))
        async with city.units.act(SYSTEM, DURING) as uow:
            terms = Terms(at=1, days=10)
            for one in await reopening.often_enough(uow, terms):
                await reopening.reopen(uow, one, terms)


async def at_the_office(town: Town, path: str = TODAY) -> Browser:
    browser = Browser(town)
    await browser.signs_in("office", path)
    return browser


async def test_every_row_has_its_article_its_sum_and_one_button(town: Town) -> None:
    """Overdue and ahead; the office's, bodies', a promise, what is handled again, and what several bodies owe."""
    await planned(town, "2026-03-12")
    await planned(town, "2026-04-15")
    async with town.city.act("何主任", DURING) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    await promised_and_handled_again(town)
    browser = await at_the_office(town)
    found = rows_of(browser.text)
    assert len(found) > 10
    assert "duty--late" in browser.text
    assert row_with(browser.text, "兑现承诺")
    assert "第10个工作日" in row_with(browser.text, "再次办理")
    for row in found:
        assert len(buttons_of(row)) == 1, row
        assert re.search(r"第[一二三四五六七八九十]+条|考评办法|平台定的|指引|承诺|没解决", row), row
        assert "怎么算的" in row, row
    offered = {one for row in found for one in buttons_of(row)}
    assert {"催办", "去看", "发布预告"} <= offered


async def test_a_body_is_urged_and_the_row_says_when_and_by_whom(town: Town) -> None:
    await planned(town, "2026-04-15")
    await town.city.gives_address("水务局", "shuiwu@example.gov.cn")
    browser = await at_the_office(town)
    row = row_with(browser.text, "下一场", "报送访谈内容")
    assert buttons_of(row) == ["催办"]
    duty = re.search(r'name="duty" value="(\d+)"', row)
    assert duty is not None
    await browser.sends(f"{LIST}/urge", duty=duty[1], back="/office?scope=all")
    assert (browser.status, browser.path) == (200, "/office")
    assert "催办了" in browser.text
    assert "水务" in browser.text
    row = row_with(browser.text, "下一场", "报送访谈内容")
    assert re.search(r"催过1次，上次2026-03-06 \d\d:\d\d，周科长", row)
    assert buttons_of(row) == ["看催办的信"]
    await browser.sends(f"{LIST}/urge", duty=duty[1])
    assert "今天已经催过了" in browser.text
    with time_machine.travel(datetime.fromisoformat("2026-03-09T09:00:00+08:00"), tick=True):
        browser = await at_the_office(town)
        row = row_with(browser.text, "下一场", "报送访谈内容")
        assert buttons_of(row) == ["再催一次"]
    other = Browser(town)
    await other.signs_in("clerk", "/desk")
    assert await other.sends(f"{LIST}/urge", duty=duty[1]) == 404


async def test_several_are_ticked_and_urged_and_what_cannot_be_is_said(town: Town) -> None:
    await planned(town, "2026-04-15")
    await planned(town, "2026-04-20")
    browser = await at_the_office(town, f"{LIST}?q=下一场&col=urged")
    ticks = re.findall(r'name="pick" value="(\d+)"', browser.text)
    assert len(ticks) == 4, "what the bodies owe, and nothing of the office's"
    back = f"{LIST}?q=下一场&col=urged"
    await browser.sends(f"{LIST}/urge", pick=ticks, back=back)
    assert "催办了4件" in browser.text
    assert browser.text.count("催过1次") == 4
    await browser.sends(f"{LIST}/urge", pick=ticks[:1], back=back)
    assert "今天已经催过了" in browser.text
    await browser.sends(f"{LIST}/urge", back=back)
    assert "没有选" in browser.text
    assert await browser.opens(f"{LIST}/urge") == 200
    assert browser.path == "/office"


async def test_in_the_list_each_row_that_is_not_done_can_be_pressed(town: Town) -> None:
    await planned(town, "2026-04-15")
    browser = await at_the_office(town, f"{LIST}?q=下一场")
    rows = re.findall(r"<tr data-pick>.*?</tr>", browser.text, re.S)
    assert len(rows) == 6
    for row in rows:
        (button,) = buttons_of(row)
        assert button in ("催办", "去看", "发布预告", "告知地点")


async def test_all_bodies_that_owe_a_self_assessment_are_urged_with_one_button(town: Town) -> None:
    async with town.city.act("何主任", DURING) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    with time_machine.travel(at("2026-07-06 09:00"), tick=True):
        browser = await at_the_office(town)
        row = row_with(browser.text, "报2026年上半年的")
        group = re.search(r'name="standing" value="([^"]+)"', row)
        assert group is not None
        assert buttons_of(row) == ["催办"]
        await browser.sends(f"{LIST}/urge", standing=group[1], back=TODAY)
        assert "催办了" in browser.text
        assert buttons_of(row_with(browser.text, "报2026年上半年的")) == ["找电话"], "nobody has an address"
        await browser.sends(f"{LIST}/urge", standing="self:1999:1", back=TODAY)
        assert "不必再催" in browser.text
        clerk = Browser(town)
        await clerk.signs_in("clerk", "/desk")
        row = row_with(clerk.text, "报2026年上半年的")
        assert "信息办催过1次，上次2026-07-06" in row
        assert buttons_of(row) == ["去报自查"]
