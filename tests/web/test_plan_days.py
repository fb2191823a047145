"""The office picks a day: the earliest lawful one is said with its article, what is too early cannot be pressed."""

import re
from datetime import date

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base.people import SYSTEM
from interviews import law, plans
from interviews.calendar import Calendar
from interviews.models import Respondent
from tests.cast import at
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.plan_days import earliest

NEW = "/office/interviews/new"
MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("issued", "day", "article"),
    [(False, date(2026, 3, 23), "第十二条"), (True, date(2026, 3, 30), "第十三条")],
)
def test_the_gate_that_comes_latest_says_the_first_day(issued: bool, day: date, article: str) -> None:
    found = earliest(law.load("shili"), Calendar.known(), MONDAY, issued=issued)
    assert found is not None
    assert found.day == day
    assert article in found.said


@pytest.fixture
async def office(town: Town) -> Browser:
    browser = Browser(town)
    await browser.signs_in("office", NEW)
    return browser


async def test_the_month_offers_lawful_days_alone_and_a_press_fills_the_form(office: Browser) -> None:
    with time_machine.travel(at("2026-03-02 10:00"), tick=True):
        await office.signs_in("office", f"{NEW}?month=2026-03")
        assert "最早能排2026年3月23日（周一）" in office.text
        assert 'name="day" value="2026-03-20"' not in office.text
        assert 'name="day" value="2026-03-23"' in office.text
        assert 'name="day" value="2026-03-28"' not in office.text, "a Saturday"
        await office.opens(f"{NEW}?day=2026-03-24")
        assert 'value="2026-03-24T09:30"' in office.text
        assert 'value="2026-03-24T11:30"' in office.text
        await office.opens(f"{NEW}?day=2026-03-10")
        assert "太早了，今天排不上" in office.text
        for odd in ("day=nonsense&month=2026-99", "month=9999-12", "day=0001-01-01", "month=2028-12"):
            assert await office.opens(f"{NEW}?{odd}") == 200, odd


async def test_what_was_typed_stays_when_it_is_refused(office: Browser) -> None:
    with time_machine.travel(at("2026-03-02 10:00"), tick=True):
        await office.signs_in("office", NEW)
        starts, ends = "2026-03-24T09:30", "2026-03-24T15:30"
        sent = {"theme": "公交", "starts_at": starts, "ends_at": ends, "back": NEW}
        assert await office.sends("/do/interview.schedule", **sent) >= 400
        assert f'value="{ends}"' in office.text


async def test_the_calendar_names_the_interviews_of_the_month(office: Browser) -> None:
    await office.opens("/office/calendar?year=2026")
    interview = office.town.city.interview
    assert (
        f'<a href="/office/interviews/{interview}">14:30 访谈“城乡居民医保缴费和异地就医”</a>' in office.text
    )


async def test_an_issued_plan_moves_the_day(office: Browser) -> None:
    with time_machine.travel(at("2026-03-02 10:00"), tick=True):
        async with office.town.city.act("何主任", at("2026-03-02 10:00")) as uow:
            await plans.issue(uow, 2026)
        await office.signs_in("office", f"{NEW}?month=2026-03")
        assert "最早能排2026年3月30日" in office.text


# What is typed stays, and what is in the way is said

TYPED = {
    "theme": "公交线网调整",
    "starts_at": "2026-04-20T14:00",
    "ends_at": "2026-04-20T15:00",
    "venue": "二楼访谈室",
    "back": NEW,
}


def _planned(text: str) -> list[str]:
    return re.findall(r"<option[^>]* selected>([^<]+)</option>", text)


async def test_another_month_or_day_keeps_what_is_typed(office: Browser) -> None:
    city = office.town.city
    both = [str(city.bodies["医保局"]), str(city.bodies["水务局"])]
    sent = TYPED | {"respondents": both, "lead": both[1], "host": str(city.people["李主持"].person_id)}
    with time_machine.travel(at("2026-03-02 10:00"), tick=True):
        await office.signs_in("office", NEW)
        assert await office.sends(NEW, **sent, month="2026-05") == 200
        assert "2026年5月" in office.text
        for one in ('value="公交线网调整"', 'value="2026-04-20T14:00"', 'value="二楼访谈室"'):
            assert one in office.text
        assert all(f'value="{body}" checked' in office.text for body in both)
        assert _planned(office.text) == ["示例市水务局", "李主持"]
        await office.sends(NEW, **sent, day="2026-05-18")
        assert 'value="2026-05-18T14:00"' in office.text
        assert 'value="2026-05-18T15:00"' in office.text, "as long as it was"
        assert 'value="公交线网调整"' in office.text
        await office.sends(NEW, back=NEW, day="2026-05-18")
        assert 'value="2026-05-18T09:30"' in office.text
        assert 'value="2026-05-18T11:30"' in office.text
        assert await office.sends(NEW, **sent | {"theme": "长" * 9000, "starts_at": "x"}, day="n") == 200


async def test_whoever_is_chosen_to_lead_leads_and_answers(office: Browser) -> None:
    bodies = office.town.city.bodies
    for lead, ticked in (("水务局", ["医保局", "水务局"]), ("水务局", ["医保局"]), ("水务局", [])):
        sent = TYPED | {"theme": f"公交{len(ticked)}", "starts_at": f"2026-04-2{len(ticked)}T14:00"}
        sent |= {"ends_at": f"2026-04-2{len(ticked)}T15:00", "lead": str(bodies[lead])}
        await office.opens(NEW)
        await office.sends("/do/interview.schedule", **sent, respondents=[str(bodies[one]) for one in ticked])
        assert "排上了" in office.text
        number = int(office.path.rpartition("/")[2])
        async with office.town.city.units.read(SYSTEM) as uow:
            parts = select(Respondent).where(col(Respondent.interview_id) == number)
            found = {part.body_id: part.lead for part in await uow.db.scalars(parts)}
        assert found == {bodies[one]: one == lead for one in {lead, *ticked}}


async def test_a_second_copy_and_whoever_is_taken_are_refused_with_the_one_in_the_way(
    office: Browser,
) -> None:
    city = office.town.city
    bodies, host = city.bodies, str(city.people["李主持"].person_id)
    sent = TYPED | {"respondents": str(bodies["水务局"]), "host": host}
    await office.opens(NEW)
    assert await office.sends("/do/interview.schedule", **sent) == 200
    first = office.path
    await office.opens(NEW)
    label = "“公交线网调整”（2026年4月20日）"
    assert await office.sends("/do/interview.schedule", **sent) == 409
    assert f"{label}已经排了，题目、开始时间和答复单位都一样" in office.text
    assert f'<a href="{first}">{label}</a>' in office.text
    assert '<h2 id="h-pick">2026年4月</h2>' in office.text, "the month of what is typed"
    other = sent | {"theme": "供水", "respondents": str(bodies["医保局"]), "starts_at": "2026-04-20T14:30"}
    assert await office.sends("/do/interview.schedule", **other) == 409
    assert f"这位主持人那个时间主持{label}" in office.text
    assert 'id="host-e"' in office.text
    also = other | {"respondents": [str(bodies["医保局"]), str(bodies["水务局"])], "host": ""}
    assert await office.sends("/do/interview.schedule", **also) == 409
    assert f"示例市水务局那个时间要答复{label}" in office.text
    assert await office.sends("/do/interview.schedule", **other | {"host": ""}) == 200
    assert "排上了" in office.text, "other bodies answer at the same time"


async def test_every_field_that_is_empty_is_named_at_once(office: Browser) -> None:
    await office.opens(NEW)
    assert await office.sends("/do/interview.schedule", theme=" ", starts_at="", ends_at="", back=NEW) == 400
    assert "还有4处没有填：题目、开始、结束、答复单位。" in office.text
    for beside in ("请写上题目", "请写上开始的日期和时间", "请写上结束的日期和时间", "请至少选一个答复单位"):
        assert f"{beside}。</p>" in office.text


@pytest.mark.parametrize("year", ["9999", "1999", "12026"])
async def test_a_year_that_is_out_of_range_is_called_so(office: Browser, year: str) -> None:
    sent = TYPED | {"starts_at": f"{year}-04-20T14:00", "respondents": str(office.town.city.bodies["水务局"])}
    await office.opens(NEW)
    assert await office.sends("/do/interview.schedule", **sent) == 400
    assert office.text.count("年份太远。请写2000年到2199年之间的日期。") == 2
    assert "请写上开始" not in office.text
