"""Dates that a lawyer can check with a calendar in hand, and what holds for every date and every calendar."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from base.errors import Refusal
from interviews import deadlines, law
from interviews.calculator import deadlines_document, read_day, read_moment, workdays_document
from interviews.calendar import Calendar, Day, YearNotice, parse_notice
from interviews.deadlines import AFTER, BEFORE, lateness, reminder_stages
from interviews.law import DutyRule

HERE = Path(__file__).parent / "cases"
KNOWN = Calendar.known()
IMAGINED = parse_notice((HERE / "notice-2027-imagined.csv").read_bytes(), "设想的2027年通知")
GROUPS: dict[str, list[dict[str, Any]]] = yaml.safe_load(
    (HERE / "deadlines.yaml").read_text(encoding="utf-8")
)
EXAMPLES = [(group, case) for group, cases in GROUPS.items() for case in cases]


def named(group: str, case: dict[str, Any]) -> str:
    return f"{group}-{case['start']}-{case['duty']}"


def due(case: dict[str, Any]) -> dict[str, Any]:
    calendar = KNOWN.with_notice(IMAGINED) if case.get("notice") else KNOWN
    rule = law.load(case.get("regulation", law.DEFAULT))
    document: Any = deadlines_document(case["start"], case.get("end"), rule, calendar)
    return next(duty for duty in document["duties"] if duty["id"] == case["duty"])


@pytest.mark.parametrize(("group", "case"), EXAMPLES, ids=[named(*one) for one in EXAMPLES])
def test_the_date_is_the_one_counted_by_hand(group: str, case: dict[str, Any]) -> None:
    duty = due(case)
    assert duty["due"] == str(case["due"]), case["hand"]
    assert duty["act_by"] == str(case.get("act_by", case["due"])), case["hand"]
    assert duty["provisional"] == case.get("provisional", False)
    if "not_before" in case:
        assert duty["not_before"] == str(case["not_before"])


def test_there_are_at_least_sixty_examples_beside_those_of_the_regulation() -> None:
    assert len(GROUPS["规定页上的例子"]) == 5
    assert (
        len(
            {(c["start"], c.get("end"), c["duty"], c.get("notice"), c.get("regulation")) for _, c in EXAMPLES}
        )
        >= 65
    )


# A second counter, that knows nothing but the notices copied by hand: it must agree with the examples too.

WORKING_DAYS = {
    "content": (-1, 15),
    "announce": (-1, 15),
    "change-notice": (-1, 20),
    "follow-up": (1, 5),
    "summary": (1, 3),
}


def worked_by_the_notices() -> dict[date, bool]:
    said: dict[date, bool] = {}
    for notice in yaml.safe_load((HERE / "notices.yaml").read_text(encoding="utf-8")).values():
        for span in notice["rest"].values():
            first, _, last = str(span).partition("/")
            day = date.fromisoformat(first)
            while day <= date.fromisoformat(last or first):
                said[day] = False
                day += timedelta(days=1)
        said |= dict.fromkeys(notice["worked"], True)
    return said


NAIVE = [
    (group, case)
    for group, case in EXAMPLES
    if case["duty"] in WORKING_DAYS
    and "regulation" not in case
    and str(case["due"]) < "2027"
    and "Z" not in case["start"]
]


@pytest.mark.parametrize(("group", "case"), NAIVE, ids=[named(*one) for one in NAIVE])
def test_a_counter_that_walks_day_by_day_agrees(group: str, case: dict[str, Any]) -> None:
    said = worked_by_the_notices()
    step, left = WORKING_DAYS[case["duty"]]
    day = date.fromisoformat((case["start"] if step < 0 else case.get("end", case["start"]))[:10])
    while left:
        day += timedelta(days=step)
        left -= said.get(day, day.weekday() < 5)
    assert day == case["due"]


def test_the_sum_shows_what_was_counted_and_what_was_skipped() -> None:
    duty = due({"start": "2026-03-06 14:30", "duty": "announce"})
    assert duty["counted"][:5] == ["2026-03-05", "2026-03-04", "2026-03-03", "2026-03-02", "2026-02-28"]
    assert duty["counted"][-1] == "2026-02-09"
    assert duty["skipped"][0] == {"date": "2026-03-01", "why": "周末"}
    assert duty["skipped"][1] == {"date": "2026-02-23", "why": "春节放假"}
    assert len(duty["skipped"]) == 10
    forwards = due({"start": "2026-09-30 09:00", "duty": "summary"})
    assert forwards["counted"] == ["2026-10-08", "2026-10-09", "2026-10-10"]
    assert [one["date"] for one in forwards["skipped"]] == [f"2026-10-0{day}" for day in range(1, 8)]
    plain = due({"start": "2026-03-06 14:30", "duty": "forward-questions"})
    assert plain["counted"] == ["2026-03-05", "2026-03-04", "2026-03-03", "2026-03-02", "2026-03-01"]
    assert plain["skipped"] == []


# What holds for every date and every calendar

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Calendars whose notice says of some days of 2026 to 2028 the opposite of what a weekday would."""
    calendar = KNOWN
    for year in (2026, 2027, 2028):
        if draw(st.booleans()):
            flips = draw(st.lists(st.dates(date(year, 1, 1), date(year, 12, 31)), unique=True, max_size=25))
            notice = YearNotice(year, tuple(Day(day, day.weekday() >= 5, "某日") for day in sorted(flips)))
            calendar = calendar.with_notice(notice)
    return calendar


@given(calendars(), DAYS, st.integers(1, 60))
@settings(deadline=None, max_examples=150)
def test_counting_back_and_then_forward_agrees(calendar: Calendar, anchor: date, amount: int) -> None:
    back = deadlines.working_days(anchor, amount, BEFORE, calendar).day
    forth = deadlines.working_days(back, amount, AFTER, calendar).day
    assert forth == calendar.next_workday(anchor)
    ahead = deadlines.working_days(anchor, amount, AFTER, calendar).day
    assert deadlines.working_days(ahead, amount, BEFORE, calendar).day == calendar.last_workday(anchor)


@given(calendars(), DAYS, st.integers(1, 60), st.sampled_from([BEFORE, AFTER]))
@settings(deadline=None, max_examples=150)
def test_no_last_day_is_a_day_the_count_skipped(
    calendar: Calendar, anchor: date, amount: int, direction: int
) -> None:
    found = deadlines.working_days(anchor, amount, direction, calendar)
    skipped = [day for day, _ in found.skipped]
    assert found.day not in skipped
    assert len(found.counted) == amount
    assert all(calendar.is_workday(day) for day in found.counted)
    assert not any(calendar.is_workday(day) for day in skipped)
    step = timedelta(days=direction)
    walked = [anchor + step * n for n in range(1, abs((found.day - anchor).days) + 1)]
    assert sorted([*found.counted, *skipped]) == sorted(walked)
    assert list(found.counted) == [day for day in walked if day in set(found.counted)]
    assert skipped == [day for day in walked if day in set(skipped)]


@given(calendars(), DAYS, DAYS, st.integers(1, 60))
@settings(deadline=None, max_examples=150)
def test_another_holiday_never_moves_a_backward_deadline_later(
    calendar: Calendar, anchor: date, holiday: date, amount: int
) -> None:
    more = calendar.with_days_off((OneDay(holiday),))
    before = deadlines.working_days(anchor, amount, BEFORE, calendar).day
    assert deadlines.working_days(anchor, amount, BEFORE, more).day <= before
    after = deadlines.working_days(anchor, amount, AFTER, calendar).day
    assert deadlines.working_days(anchor, amount, AFTER, more).day >= after


@dataclass(frozen=True)
class OneDay:
    day: date
    name: str = "某日"
    worked: bool = False

    def days_in(self, year: int) -> list[date]:
        return [self.day] if self.day.year == year else []


@given(DAYS)
@settings(deadline=None, max_examples=60)
def test_every_duty_of_any_day_can_be_acted_on_in_time(start: date) -> None:
    document: Any = deadlines_document(f"{start} 09:00", None, law.load(), KNOWN)
    assert len(document["duties"]) == 8
    for duty in document["duties"]:
        act_by, last = date.fromisoformat(duty["act_by"]), date.fromisoformat(duty["due"])
        assert act_by <= last
        assert KNOWN.is_workday(act_by)
        assert duty["due"] not in [one["date"] for one in duty["skipped"]]
        years = {act_by.year, last.year, *(int(day[:4]) for day in duty["counted"])}
        if any(year >= 2027 for year in years - {start.year}) or act_by.year >= 2027:
            assert duty["provisional"]


# Units


@pytest.mark.parametrize(
    ("anchor", "amount", "expected"),
    [
        ("2026-03-31", -1, "2026-02-28"),
        ("2024-03-31", -1, "2024-02-29"),
        ("2026-05-31", 1, "2026-06-30"),
        ("2026-12-31", 2, "2027-02-28"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-10-15", 0, "2026-10-15"),
    ],
)
def test_a_month_that_lacks_the_day_ends_on_its_last(anchor: str, amount: int, expected: str) -> None:
    assert deadlines.month_shifted(date.fromisoformat(anchor), amount) == date.fromisoformat(expected)


def test_months_are_reckoned_from_the_anchor_not_from_one_another() -> None:
    found = deadlines.months(date(2026, 1, 31), 2, AFTER)
    assert found.counted == (date(2026, 2, 28), date(2026, 3, 31))


def test_weeks_count_every_day_of_theirs() -> None:
    found = deadlines.weeks(date(2026, 10, 13), 2, BEFORE)
    assert found.day == date(2026, 9, 29)
    assert len(found.counted) == 14


def rule(**fields: object) -> DutyRule:
    plain: dict[str, Any] = {
        "id": "x",
        "article": "第一条",
        "title": "某事",
        "owed_by": "office",
        "anchor": "start",
        "unit": "working_days",
    }
    return DutyRule.model_validate(plain | fields)


def counted(day: date, moment: datetime | None = None, **fields: object) -> deadlines.DueDate:
    return deadlines.due_date(rule(**fields), day, KNOWN, moment)


class TestRulesOfOtherCities:
    def test_a_yearly_date_is_in_time_on_the_day_itself(self) -> None:
        found = counted(date(2026, 1, 1), anchor="year", unit="yearly_date", on="12-31", which="previous")
        assert (found.due, found.act_by, found.counted) == (date(2025, 12, 31), date(2025, 12, 31), ())
        assert lateness(found.due, date(2025, 12, 31)) == 0
        assert lateness(found.due, date(2026, 1, 2)) == 2

    def test_a_yearly_window(self) -> None:
        found = counted(date(2026, 6, 1), unit="yearly_date", on="12-31", opens_on="12-01", which="previous")
        assert (found.not_before, found.due) == (date(2025, 12, 1), date(2025, 12, 31))

    def test_the_29th_of_february_is_the_28th_in_other_years(self) -> None:
        assert counted(date(2026, 6, 1), unit="yearly_date", on="02-29").due == date(2026, 2, 28)
        assert counted(date(2028, 6, 1), unit="yearly_date", on="02-29").due == date(2028, 2, 29)

    def test_a_monthly_date_that_the_month_lacks_is_its_last(self) -> None:
        fields: dict[str, Any] = {
            "anchor": "month",
            "unit": "monthly_date",
            "on": "31",
            "which": "previous",
        }
        assert counted(date(2026, 3, 1), **fields).due == date(2026, 2, 28)
        assert counted(date(2026, 1, 1), **fields).due == date(2025, 12, 31)

    def test_minutes_and_hours_are_judged_by_their_date(self) -> None:
        start = datetime(2026, 3, 5, 16, 10, tzinfo=UTC)
        found = counted(date(2026, 3, 6), start, unit="minutes", direction="before", amount=30)
        assert (found.due, found.due_at) == (date(2026, 3, 5), start - timedelta(minutes=30))
        later = counted(date(2026, 3, 6), start, unit="hours", direction="after", amount=24)
        assert later.due == date(2026, 3, 7)

    def test_a_count_may_include_the_day_itself(self) -> None:
        on_thursday = date(2026, 3, 5)
        fields: dict[str, Any] = {"direction": "after", "amount": 3, "counts_anchor": True}
        assert counted(on_thursday, **fields).counted[0] == on_thursday
        assert counted(on_thursday, **fields).due == date(2026, 3, 9)
        assert counted(on_thursday, unit="calendar_days", **{**fields, "direction": "before"}).due == date(
            2026, 3, 3
        )

    def test_a_last_day_off_may_move_where_the_rule_says_so(self) -> None:
        fields: dict[str, Any] = {"unit": "calendar_days", "direction": "after", "amount": 3}
        stays = counted(date(2026, 9, 30), **fields)
        moved = counted(date(2026, 9, 30), rest_day="next", **fields)
        earlier = counted(date(2026, 9, 30), rest_day="previous", **fields)
        assert (stays.due, moved.due, earlier.due) == (
            date(2026, 10, 3),
            date(2026, 10, 8),
            date(2026, 9, 30),
        )
        assert moved.skipped[0] == (date(2026, 10, 3), "国庆节放假")
        assert len(moved.skipped) == 5

    def test_nothing_before_is_the_day_itself(self) -> None:
        assert counted(date(2026, 3, 7), direction="before", amount=0).due == date(2026, 3, 7)
        assert counted(date(2026, 3, 7), unit="calendar_days", direction="before", amount=0).due == date(
            2026, 3, 7
        )


def test_only_what_depends_on_a_year_without_notice_is_provisional() -> None:
    assert not counted(date(2027, 1, 1), direction="before", amount=3).provisional
    assert counted(date(2027, 1, 2), direction="before", amount=3).provisional_years == (2027,)
    assert not counted(date(2026, 12, 28), direction="after", amount=3).provisional
    assert counted(date(2026, 12, 29), direction="after", amount=3).provisional_years == (2027,)
    over_two = counted(date(2026, 12, 29), direction="after", amount=300)
    assert over_two.provisional_years == (2027, 2028)
    # The date itself is plain subtraction, but the day by which to act is a working day of 2027.
    assert counted(date(2027, 3, 10), unit="calendar_days", direction="before", amount=5).provisional


def test_a_window_that_opens_in_a_year_without_notice_is_provisional_too() -> None:
    of_2028 = KNOWN.with_notice(YearNotice(2028, (Day(date(2028, 1, 3), False, "元旦"),)))
    window = rule(direction="before", amount=2, opens=15)
    found = deadlines.due_date(window, date(2028, 1, 14), of_2028)
    assert (found.due.year, found.not_before, found.provisional_years) == (2028, date(2027, 12, 23), (2027,))


def test_lateness_is_counted_in_days_and_never_below_zero() -> None:
    last = date(2026, 2, 9)
    assert [lateness(last, last + timedelta(days=n)) for n in (-3, 0, 1, 30)] == [0, 0, 1, 30]


def test_a_day_counts_to_midnight_unless_the_city_ends_it_earlier() -> None:
    late = datetime(2026, 2, 9, 15, 59, 59, tzinfo=UTC)
    assert deadlines.acted_on(late) == date(2026, 2, 9)
    assert deadlines.acted_on(late + timedelta(seconds=1)) == date(2026, 2, 10)
    assert deadlines.acted_on(late, "17:30") == date(2026, 2, 10)
    assert deadlines.acted_on(datetime(2026, 2, 9, 9, 30, tzinfo=UTC), "17:30") == date(2026, 2, 9)


@dataclass(frozen=True)
class Owed:
    due: date
    act_by: date
    not_before: date | None = None


class TestReminders:
    # Due on Monday 2026-02-09; ten working days before are Monday 2026-01-26.
    duty = Owed(date(2026, 2, 9), date(2026, 2, 9))

    def stage(self, today: str, duty: Owed | None = None) -> list[str]:
        found = reminder_stages(duty or self.duty, date.fromisoformat(today), KNOWN)
        return [one.key for one in found]

    def test_they_come_at_ten_five_three_one_and_no_working_days(self) -> None:
        told: dict[str, str] = {}
        day = date(2026, 1, 20)
        while day <= self.duty.due:
            for key in self.stage(day.isoformat()):
                told.setdefault(key, day.isoformat())
            day += timedelta(days=1)
        assert told == {
            "before-10": "2026-01-26",
            "before-5": "2026-02-02",
            "before-3": "2026-02-04",
            "before-1": "2026-02-06",
            "before-0": "2026-02-09",
        }

    def test_a_night_of_downtime_is_one_reminder_not_three(self) -> None:
        assert self.stage("2026-02-08") == ["before-1"]

    def test_overdue_goes_up_at_once_and_again_after_a_week(self) -> None:
        assert self.stage("2026-02-10") == ["overdue-0"]
        assert self.stage("2026-02-13") == ["overdue-0"]
        assert self.stage("2026-02-14") == ["overdue-5"]
        assert reminder_stages(self.duty, date(2026, 2, 10), KNOWN)[0].overdue

    def test_people_are_reminded_by_the_working_day_before_a_rest_day(self) -> None:
        in_the_holiday = Owed(date(2026, 10, 5), date(2026, 9, 30))
        assert self.stage("2026-09-29", in_the_holiday) == ["before-1"]
        assert self.stage("2026-09-30", in_the_holiday) == ["before-0"]
        assert self.stage("2026-10-05", in_the_holiday) == ["before-0"]
        assert self.stage("2026-10-06", in_the_holiday) == ["overdue-0"]

    def test_nobody_is_reminded_before_a_window_opens(self) -> None:
        venue = Owed(date(2026, 3, 5), date(2026, 3, 5), date(2026, 3, 1))
        assert self.stage("2026-02-28", venue) == []
        assert self.stage("2026-03-01", venue) == ["before-5"]

    def test_a_city_chooses_its_distances(self) -> None:
        assert reminder_stages(self.duty, date(2026, 2, 3), KNOWN, (2, 0)) == []
        assert reminder_stages(self.duty, date(2026, 2, 5), KNOWN, (2, 0))[0].key == "before-2"


class TestTheCalculator:
    def test_its_document_is_the_contracts(self) -> None:
        document: Any = deadlines_document("2026-03-06 14:30", None, law.load(), KNOWN)
        assert list(document) == ["regulation", "start", "end", "warnings", "duties"]
        assert document["regulation"] == "shili"
        assert document["start"] == "2026-03-06T14:30:00+08:00"
        assert document["end"] == "2026-03-06T16:30:00+08:00"
        assert document["warnings"] == []
        assert [duty["id"] for duty in document["duties"]] == [
            *("content", "announce", "change-notice", "forward-questions"),
            *("venue", "guests", "follow-up", "summary"),
        ]
        assert list(document["duties"][0]) == [
            *("id", "article", "title", "owed_by", "due", "act_by", "not_before", "counted", "skipped"),
            "provisional",
        ]
        assert [duty["owed_by"] for duty in document["duties"]] == [
            *("respondent", "office", "supervisor", "office", "office", "respondent", "respondent", "office")
        ]

    def warnings(self, start: str, end: str | None = None) -> Any:
        return deadlines_document(start, end, law.load(), KNOWN)["warnings"]

    def test_a_start_on_a_rest_day_warns(self) -> None:
        assert self.warnings("2026-10-01 09:00") == ["2026年10月1日（周四）不是工作日：国庆节放假。"]
        assert self.warnings("2026-10-10 09:00") == []

    def test_a_year_without_notice_warns(self) -> None:
        assert self.warnings("2027-03-05 09:00") == ["2027年的放假通知还没有导入，用到这一年的日期都是暂定。"]
        assert self.warnings("2026-12-31 09:00") == ["2027年的放假通知还没有导入，用到这一年的日期都是暂定。"]

    def test_a_long_one_and_one_over_midnight_warn(self) -> None:
        assert self.warnings("2026-03-06 09:00", "2026-03-06 11:01") == [
            "时长121分钟，超过最长的120分钟（第十三条）。"
        ]
        assert self.warnings("2026-06-30 23:00", "2026-07-01 01:00") == [
            "这场跨过零点，结束以后的期限从2026年7月1日（周三）起数。"
        ]

    def test_a_day_before_the_rule_was_in_force_warns(self) -> None:
        assert "那时还没有施行" in self.warnings("2008-04-30 09:00")[0]

    @pytest.mark.parametrize(
        ("typed", "code", "words"),
        [
            ("2026-02-30 09:00", "input.date", "2026年2月没有30日"),
            ("2027-02-29 09:00", "input.date", "2027年2月没有29日"),
            ("2026-13-01 09:00", "input.date", "没有13月"),
            ("2026-03-06 24:00", "input.date", "没有24:00"),
            ("2026-03-06 9:61", "input.date", "没有9:61"),
            ("tomorrow", "input.date", "看不懂"),
            ("", "input.date", "看不懂"),
            ("1900-01-01 09:00", "input.date", "1950年到2099年"),
            ("9999-12-31 23:00 -14:00", "input.date", "1950年到2099年"),
            ("2026-03-06 14:30 Mars/Olympus", "input.zone", "Mars/Olympus"),
            ("2026-03-06 14:30 CCT", "input.zone", "CCT"),
            ("2026-03-06 14:30 ../../etc/passwd", "input.zone", "不认识时区"),
            ("2026-03-06 14:30+25:00", "input.zone", "+25:00"),
        ],
    )
    def test_what_cannot_be_a_time_is_refused_by_name(self, typed: str, code: str, words: str) -> None:
        with pytest.raises(Refusal) as refused:
            deadlines_document(typed, None, law.load(), KNOWN)
        assert (refused.value.code, refused.value.status) == (code, 400)
        assert words in refused.value.message

    def test_an_end_before_the_start_is_refused(self) -> None:
        for end in ("2026-03-06 14:30", "2026-03-06 14:00", "2026-03-06 06:29Z"):
            with pytest.raises(Refusal, match="结束要晚于开始") as refused:
                deadlines_document("2026-03-06 14:30", end, law.load(), KNOWN)
            assert refused.value.code == "input.end"

    @pytest.mark.parametrize(
        "typed",
        [
            "2026-03-06 14:30",
            "2026-03-06T14:30:00+08:00",
            "2026-03-06T06:30Z",
            "2026-03-06 14:30 Asia/Shanghai",
            "2026/3/6 14:30",
            "２０２６－０３－０６ １４：３０",
            "2026年3月6日 14:30",
            "2026年3月6日 14点30分",
            "2026-03-06 15:30 Asia/Tokyo",
            "2026-03-06 14:30 北京时间",
        ],
    )
    def test_a_time_may_be_written_in_many_ways(self, typed: str) -> None:
        assert read_moment(typed) == datetime(2026, 3, 6, 6, 30, tzinfo=UTC)

    def test_a_day_may_be_written_in_many_ways(self) -> None:
        assert {read_day(text) for text in ("2026-3-6", "2026/03/06", "2026年3月6日")} == {date(2026, 3, 6)}
        with pytest.raises(Refusal, match="看不懂"):
            read_day("2026-03-06 14:30")

    def test_the_table_of_working_days(self) -> None:
        assert workdays_document("2026-10-07", "2026-10-11", KNOWN) == [
            {"date": "2026-10-07", "workday": False, "reason": "国庆节放假", "provisional": False},
            {"date": "2026-10-08", "workday": True, "reason": "工作日", "provisional": False},
            {"date": "2026-10-09", "workday": True, "reason": "工作日", "provisional": False},
            {"date": "2026-10-10", "workday": True, "reason": "国庆节调休上班", "provisional": False},
            {"date": "2026-10-11", "workday": False, "reason": "周末", "provisional": False},
        ]
        assert workdays_document("2027-01-01", "2027-01-01", KNOWN)[0]["provisional"] is True
        with pytest.raises(Refusal, match="换一下顺序"):
            workdays_document("2026-10-07", "2026-10-01", KNOWN)
        with pytest.raises(Refusal, match="十年"):
            workdays_document("2000-01-01", "2026-10-01", KNOWN)
