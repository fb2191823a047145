"""The office picks a day: the earliest lawful one is said with its article, what is too early cannot be pressed."""

from datetime import date

import pytest
import time_machine

from interviews import law, plans
from interviews.calendar import Calendar
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
        assert f'href="{NEW}?day=2026-03-20#h-form"' not in office.text
        assert f'href="{NEW}?day=2026-03-23#h-form"' in office.text
        assert f'href="{NEW}?day=2026-03-28#h-form"' not in office.text, "a Saturday"
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
