"""Proposed dates: lawful, spread over months and bodies, away from holidays and from what is taken, with reasons."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.errors import Refusal
from interviews import law
from interviews.bookings import Booking
from interviews.calendar import Calendar
from interviews.proposals import Proposed, Wish, propose
from interviews.rules import LegalFacts, check_announce, check_schedule_in_issued_plan
from tests.cast import at

CALENDAR = Calendar.known()
SHILI = law.load("shili")
NEW_YEAR = date(2026, 1, 5)


def year(count: int, **more: object) -> Wish:
    given: dict[str, object] = {"first": date(2026, 1, 1), "last": date(2026, 12, 31), "count": count}
    return Wish(**(given | more))  # type: ignore[arg-type]  # keyword arguments of one dataclass, checked by it


def taken(start: str, *bodies: int, host: int | None = None, venue: str | None = None) -> Booking:
    begin = at(start)
    return Booking("“已排的”", "已排的", begin, begin + timedelta(hours=2), frozenset(bodies), host, venue)


def why(found: Proposed, day: date) -> str:
    (reason,) = [one.why for one in found.passed_over if one.first <= day <= one.last]
    return reason


def test_twenty_six_are_spread_over_the_months_and_over_the_bodies() -> None:
    found = propose(year(26, bodies=(1, 2, 3)), [], CALENDAR, SHILI, date(2025, 11, 3))
    assert found.missing == 0
    months = [one.day.month for one in found.dates]
    assert {months.count(month) for month in range(1, 13)} == {2, 3}
    turns = [sum(one.body_id == body for one in found.dates) for body in (1, 2, 3)]
    assert max(turns) - min(turns) <= 1
    days = [one.day for one in found.dates]
    assert min(after - before for before, after in pairwise(days)) >= timedelta(days=5)


def test_a_body_that_has_had_its_turn_comes_later() -> None:
    booked = [taken("2026-03-10 09:30", 1), taken("2026-04-10 09:30", 1)]
    found = propose(year(2, bodies=(1, 2)), booked, CALENDAR, SHILI, NEW_YEAR)
    assert [one.body_id for one in found.dates] == [2, 2]


@settings(max_examples=40, deadline=None)
@given(
    st.dates(date(2025, 6, 1), date(2026, 9, 30)),
    st.integers(1, 12),
    st.booleans(),
)
def test_every_proposal_can_be_scheduled_and_announced_today(today: date, count: int, issued: bool) -> None:
    wish = Wish(today, today + timedelta(days=120), count)
    years = frozenset({today.year, today.year + 1}) if issued else frozenset()
    for one in propose(wish, [], CALENDAR, SHILI, today, issued=years).dates:
        facts = LegalFacts(one.starts_at, one.ends_at, (1,))
        assert CALENDAR.is_workday(one.day)
        check_announce(facts, SHILI, CALENDAR, today)
        if issued:
            check_schedule_in_issued_plan(facts, SHILI, CALENDAR, today)


def test_the_first_lawful_day_is_the_sixteenth_working_day_and_the_reason_says_so() -> None:
    # 2026-02-09 is the last day to announce 2026-03-06 (the worked example), so 03-05 comes too soon on 02-09.
    wish = Wish(date(2026, 3, 5), date(2026, 3, 6), 2)
    found = propose(wish, [], CALENDAR, SHILI, date(2026, 2, 9))
    assert [one.day for one in found.dates] == [date(2026, 3, 6)]
    assert found.missing == 1
    (passed,) = found.passed_over
    assert (passed.first, passed.article) == (date(2026, 3, 5), "第十二条")
    assert "最早只能排2026年3月6日" in passed.why


def test_an_issued_plan_needs_twenty_working_days() -> None:
    wish = Wish(date(2026, 3, 1), date(2026, 3, 31), 1)
    issued = frozenset({2026})
    # 2026-02-02 is the last day to tell of a change to 2026-03-06 (the worked example).
    found = propose(wish, [], CALENDAR, SHILI, date(2026, 2, 3), issued=issued)
    assert "计划已经印发" in why(found, date(2026, 3, 6))
    assert "计划已经印发" not in why(propose(wish, [], CALENDAR, SHILI, date(2026, 2, 9)), date(2026, 3, 5))


def test_long_holidays_and_the_days_beside_them_are_avoided_with_the_reason() -> None:
    found = propose(year(200), [], CALENDAR, SHILI, NEW_YEAR)
    proposed = {one.day for one in found.dates}
    assert why(found, date(2026, 10, 2)) == "国庆节放假"
    assert "长假前一天" in why(found, date(2026, 9, 30))
    assert "长假后一天" in why(found, date(2026, 10, 8))
    assert not proposed & {date(2026, 9, 30), date(2026, 10, 8)}


@pytest.mark.parametrize(
    ("booking", "wish", "reason"),
    [
        (taken("2026-04-22 10:00", 7), {"bodies": (7,)}, "答复单位和“已排的”撞上了"),
        (taken("2026-04-22 10:00", 7, host=3), {"host_id": 3}, "主持人和“已排的”撞上了"),
        (taken("2026-04-22 10:00", 7, venue="二楼 访谈室"), {"venue": "二楼访谈室"}, "地点和“已排的”撞上了"),
        (taken("2026-04-22 15:00", 7), {}, "这一天已经有“已排的”"),
    ],
)
def test_a_day_that_is_taken_is_not_proposed(booking: Booking, wish: dict[str, object], reason: str) -> None:
    more = wish | {"first": date(2026, 4, 20), "last": date(2026, 4, 24)}
    found = propose(year(5, **more), [booking], CALENDAR, SHILI, NEW_YEAR)
    assert why(found, date(2026, 4, 22)) == reason
    assert found.missing == 1


def test_a_year_without_a_notice_is_proposed_as_provisional() -> None:
    found = propose(Wish(date(2031, 3, 1), date(2031, 3, 31), 1), [], CALENDAR, SHILI, date(2026, 1, 5))
    assert [one.provisional for one in found.dates] == [True]


@pytest.mark.parametrize(
    "wish",
    [
        Wish(date(2026, 3, 2), date(2026, 3, 1), 1),
        Wish(date(2026, 3, 1), date(2029, 3, 1), 1),
        Wish(date(2026, 3, 1), date(2026, 3, 31), 0),
    ],
)
def test_an_empty_or_endless_wish_is_refused(wish: Wish) -> None:
    with pytest.raises(Refusal) as refused:
        propose(wish, [], CALENDAR, SHILI, NEW_YEAR)
    assert refused.value.code == "propose.range"


def test_a_city_that_leaves_months_out_gets_none_there() -> None:
    songyue = law.load("songyue")
    left_out = songyue.minimum.months_left_out if songyue.minimum else ()
    found = propose(year(24), [], CALENDAR, songyue, date(2025, 6, 2))
    assert not {one.day.month for one in found.dates} & set(left_out)
