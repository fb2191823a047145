"""A year's figures are counted once while nothing changes, and anew as soon as anything does."""

from datetime import timedelta

import pytest
import time_machine

from base import audit
from base.clock import as_utc, office_date
from base.people import SYSTEM
from interviews import bodies, body_merging, figures, law
from interviews.workdays import ImportedNotice
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.year_figures import Position, YearFigures, position

PAGE = "/statistics?year=2026"


class Counting:
    """Counts how often a year is really counted."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.times = 0
        self._counts = figures.of_year
        monkeypatch.setattr(figures, "of_year", self._counted)

    async def _counted(self, *given: object) -> figures.Year:
        self.times += 1
        return await self._counts(*given)  # type: ignore[arg-type]  # handed on as they came


async def told(kept: YearFigures, town: Town) -> figures.Year:
    async with town.city.units.read() as uow:
        return await kept.of_year(uow, 2026, law.load())


async def truly(town: Town) -> figures.Year:
    async with town.city.units.read() as uow:
        return await figures.of_year(uow, 2026, law.load())


async def test_an_unchanged_record_is_counted_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await town.city.staged("网友甲", "断缴一年，住院能不能报？")
    counting, browser = Counting(monkeypatch), Browser(town)
    pages = []
    for path in (PAGE, PAGE, "/statistics.csv?year=2026", PAGE):
        assert await browser.opens(path) == 200
        pages.append(browser.text)
    assert counting.times == 1
    assert pages[0] == pages[3]
    await town.city.asks("网友乙", "异地能不能报？")
    await browser.opens(PAGE)
    assert counting.times == 2
    assert browser.text != pages[0]


async def test_each_thing_that_happens_is_told_by_the_next_reader(town: Town) -> None:
    city, kept = town.city, YearFigures()
    seen = [await told(kept, town)]

    async def is_told(*, changes: bool = True) -> None:
        now = await told(kept, town)
        assert now == await truly(town)
        assert (now != seen[-1]) is changes
        seen.append(now)

    question = await city.asks("网友甲", "断缴一年，住院能不能报？")
    await is_told()
    await city.does("审核员小张", "question.publish", question=question)
    await is_told()
    await city.does("李主持", "question.stage", question=question)
    await is_told()
    item = await city.does("王处长", "question.answer", question=question, text="补缴三个月以后能报。")
    await is_told()
    await city.does("王处长", "question.answer", question=question, text="再补一句。")
    await is_told(changes=False)
    declined = await city.asks("网友乙", "低价代办。")
    await city.does("审核员小张", "question.decline", question=declined, reason="advertising")
    await is_told()
    await city.does("网友乙", "question.appeal", question=declined, text="不是广告。")
    await is_told()
    taken_back = await city.published("网友丙", "问错了。")
    await is_told()
    await city.does("网友丙", "question.withdraw", question=taken_back)
    await is_told()
    same = await city.published("网友丙", "断缴以后住院能报吗？")
    await is_told()
    await city.does(
        "审核员小张", "question.merge", question=same, into=await city.published("网友乙", "同一件。")
    )
    await is_told()
    refused = await city.published("网友丙", "谁举报的？")
    await city.does(
        "王处长", "question.refuse", question=refused, ground="personal_privacy", reason="涉及他人。"
    )
    await is_told()
    handed = await city.asks("网友甲", "水费单子寄到哪里？")
    await city.does("审核员小张", "question.transfer", question=handed, body=city.bodies["水务局"])
    await is_told()
    await city.does("外单位老吴", "question.answer", question=handed, text="寄到登记的地址。")
    await is_told()
    await city.published("网友甲", "等到会后的一问。")
    await city.does("李主持", "interview.close", interview=city.interview, reason="停电")
    await is_told()
    await city.does("审核员小张", "question.remove", item=item["item"], reason="说到了个人")
    await is_told(changes=False)


async def test_a_name_a_plan_and_a_day_change_them_too(town: Town) -> None:
    city, kept = town.city, YearFigures()
    await city.published("网友甲", "等到会后的一问。")
    await city.does("李主持", "interview.close", interview=city.interview, reason="停电")
    before = await told(kept, town)
    async with city.act("周科长", cast.DURING) as uow:
        await bodies.edit(uow, city.bodies["医保局"], "示例市医疗保障服务局", "", "机构改名")
    assert await told(kept, town) == await truly(town)
    await city.plan(cast.START + timedelta(weeks=4))
    planned = await told(kept, town)
    assert planned == await truly(town)
    assert planned != before
    assert planned.overdue == 0
    with time_machine.travel(as_utc(cast.DURING) + timedelta(days=40), tick=False):
        late = await told(kept, town)
        assert late == await truly(town)
    assert late.overdue == 1


async def test_what_the_figures_are_not_made_from_counts_nothing_anew(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    await town.city.staged("网友甲", "断缴一年，住院能不能报？")
    counting, browser = Counting(monkeypatch), Browser(town)
    await browser.opens(PAGE)
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        await audit.note(uow, "user.login", "person:1")
    async with town.city.act("周科长", cast.DURING) as uow:
        await bodies.edit(uow, town.city.bodies["水务局"], "示例市水务局", "shuiwu@example.gov.cn", "")
    staff = Browser(town)
    await staff.signs_in("office", "/office")
    await staff.opens(PAGE)
    assert counting.times == 1


async def test_a_yearly_notice_and_a_merger_are_told(town: Town) -> None:
    city, kept = town.city, YearFigures()
    await city.published("网友甲", "等到会后的一问。")
    await city.does("李主持", "interview.close", interview=city.interview, reason="停电")
    seen = await told(kept, town)
    async with city.act("周科长", cast.DURING) as uow:
        gone, into = city.bodies["医保局"], city.bodies["水务局"]
        await body_merging.merge(uow, gone, into, office_date(uow.now), "市编办文件")
    now = await told(kept, town)
    assert now == await truly(town)
    assert [one.name for one in now.bodies] != [one.name for one in seen.bodies]
    before = await position_of(town)
    async with city.units.act(SYSTEM, cast.DURING) as uow:
        row = ImportedNotice(year=2026, source="通知", days=[], imported_at=uow.now)
        uow.db.add(row)
    assert await position_of(town) != before


async def position_of(town: Town) -> Position:
    async with town.city.units.read() as uow:
        return await position(uow, law.load())


async def test_another_year_keeps_its_own(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    counting, browser = Counting(monkeypatch), Browser(town)
    for year in (2026, 2025, 2026, 2025):
        await browser.opens(f"/statistics?year={year}")
    assert counting.times == 2
    for year in range(2000, 2020):
        await browser.opens(f"/statistics?year={year}")
    await browser.opens(PAGE)
    assert counting.times == 2 + 20 + 1
