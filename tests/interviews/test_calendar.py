"""The calendar says of every day whether it is worked, why, and whether anybody has said so officially."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from base.errors import Refusal
from interviews import calendar
from interviews.calendar import Calendar, Day, YearNotice, gaps, parse_notice

CASES = Path(__file__).parent / "cases"
NOTICES = yaml.safe_load((CASES / "notices.yaml").read_text(encoding="utf-8"))
IMAGINED = (CASES / "notice-2027-imagined.csv").read_bytes()
KNOWN = Calendar.known()


def days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=step) for step in range((last - first).days + 1))


def run(text: object) -> list[date]:
    first, _, last = str(text).partition("/")
    return list(days(date.fromisoformat(first), date.fromisoformat(last or first)))


def by_the_notices() -> dict[date, tuple[bool, str]]:
    """What the hand-copied notices say: worked or not, and for which festival."""
    said: dict[date, tuple[bool, str]] = {}
    for notice in NOTICES.values():
        for name, span in notice["rest"].items():
            said |= dict.fromkeys(run(span), (False, name))
        said |= dict.fromkeys(notice["worked"], (True, ""))
    return said


def test_every_day_from_2018_to_2026_is_as_chinesecalendar_has_it() -> None:
    wrong = [
        day
        for day in days(date(2018, 1, 1), date(2026, 12, 31))
        if KNOWN.is_workday(day) != chinese_calendar.is_workday(day)
    ]
    assert wrong == []


def test_every_day_from_2018_to_2026_is_as_the_notices_copied_by_hand_have_it() -> None:
    said = by_the_notices()
    for day in days(date(2018, 1, 1), date(2026, 12, 31)):
        expected = said[day][0] if day in said else day.weekday() < 5
        assert KNOWN.is_workday(day) == expected, day
        assert not KNOWN.is_provisional(day), day


def test_every_day_off_names_its_festival() -> None:
    for day, (worked, name) in by_the_notices().items():
        if day.year < 2018 or worked:
            continue
        allowed = {f"{festival}放假" for festival in name.split("和")}
        assert KNOWN.why(day) in (allowed if day.weekday() < 5 else allowed | {"周末"}), day


@pytest.mark.parametrize(
    ("day", "worked", "why"),
    [
        ("2018-12-29", True, "元旦调休上班"),
        ("2018-12-31", False, "元旦放假"),
        ("2019-05-05", True, "劳动节调休上班"),
        ("2019-05-03", False, "劳动节放假"),
        ("2020-01-31", False, "春节放假"),
        ("2020-02-01", False, "春节放假"),
        ("2020-06-28", True, "端午节调休上班"),
        ("2020-10-08", False, "国庆节放假"),
        ("2021-09-18", True, "中秋节调休上班"),
        ("2022-04-02", True, "清明节调休上班"),
        ("2022-12-31", False, "元旦放假"),
        ("2023-10-07", True, "国庆节调休上班"),
        ("2024-02-09", True, "工作日"),
        ("2024-02-18", True, "春节调休上班"),
        ("2025-01-26", True, "春节调休上班"),
        ("2025-10-08", False, "国庆节放假"),
        ("2025-10-11", True, "国庆节调休上班"),
        ("2026-01-04", True, "元旦调休上班"),
        ("2026-02-28", True, "春节调休上班"),
        ("2026-09-20", True, "国庆节调休上班"),
        ("2026-10-10", True, "国庆节调休上班"),
        ("2026-10-11", False, "周末"),
        ("2005-12-31", True, "元旦调休上班"),
    ],
)
def test_notable_days_with_their_reason(day: str, worked: bool, why: str) -> None:
    assert (KNOWN.is_workday(date.fromisoformat(day)), KNOWN.why(date.fromisoformat(day))) == (worked, why)


@pytest.mark.parametrize(
    ("year", "worked"),
    # The working days of each year, added up from the notices by hand: weekdays, less days off, plus make-up days.
    [
        (2018, 250),
        (2019, 250),
        (2020, 249),
        (2021, 250),
        (2022, 249),
        (2023, 249),
        (2024, 251),
        (2025, 248),
        (2026, 248),
    ],
)
def test_the_working_days_of_each_year_add_up(year: int, worked: int) -> None:
    assert sum(KNOWN.is_workday(day) for day in days(date(year, 1, 1), date(year, 12, 31))) == worked


class TestAYearWithoutNotice:
    def test_statutory_holidays_and_the_days_in_lieu_are_off(self) -> None:
        off = [
            day.isoformat()
            for day in days(date(2027, 1, 1), date(2027, 12, 31))
            if day.weekday() < 5 and not KNOWN.is_workday(day)
        ]
        assert off == [
            "2027-01-01",
            *("2027-02-05", "2027-02-08", "2027-02-09", "2027-02-10"),
            "2027-04-05",
            *("2027-05-03", "2027-05-04"),
            "2027-06-09",
            "2027-09-15",
            *("2027-10-01", "2027-10-04", "2027-10-05"),
        ]

    def test_every_reason_says_provisional(self) -> None:
        assert KNOWN.why(date(2027, 10, 1)) == "国庆节放假（暂定）"
        assert KNOWN.why(date(2027, 10, 4)) == "国庆节补休（暂定）"
        assert KNOWN.why(date(2027, 2, 5)) == "春节放假（暂定）"
        assert KNOWN.why(date(2027, 3, 6)) == "周末（暂定）"
        assert KNOWN.why(date(2027, 3, 5)) == "工作日（暂定）"
        assert KNOWN.rest_between(date(2027, 3, 6), date(2027, 3, 6)) == ((date(2027, 3, 6), "周末（暂定）"),)

    def test_no_weekend_is_worked_before_a_notice_says_so(self) -> None:
        assert not any(
            KNOWN.is_workday(day)
            for year in (2027, 2028, 2033)
            for day in days(date(year, 1, 1), date(year, 12, 31))
            if day.weekday() >= 5
        )

    @pytest.mark.parametrize("year", [1999, *range(2027, 2100)])
    def test_no_year_is_plain_monday_to_friday(self, year: int) -> None:
        off = [
            d
            for d in days(date(year, 1, 1), date(year, 12, 31))
            if d.weekday() < 5 and not KNOWN.is_workday(d)
        ]
        assert len(off) >= 3
        assert all(KNOWN.is_provisional(day) for day in off)

    @pytest.mark.parametrize(
        ("day", "why"),
        [
            # Two festivals on one day; a leap month before the new year of 2034; the last year that is known.
            ("2031-10-01", "中秋节、国庆节放假（暂定）"),
            ("2028-10-03", "中秋节、国庆节放假（暂定）"),
            ("2033-01-31", "春节放假（暂定）"),
            ("2034-02-20", "春节放假（暂定）"),
            ("2099-01-21", "春节放假（暂定）"),
        ],
    )
    def test_lunar_festivals_fall_where_they_should(self, day: str, why: str) -> None:
        assert KNOWN.why(date.fromisoformat(day)) == why

    def test_a_stray_day_of_the_next_year_makes_no_year_official(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stray = {**chinese_calendar.holidays, date(2027, 1, 1): "New Year's Day"}
        monkeypatch.setattr(calendar, "_cn_rest", stray)
        calendar._published.cache_clear()
        try:
            assert Calendar().is_provisional(date(2027, 3, 1))
            assert Calendar().is_official_year(2026)
        finally:
            calendar._published.cache_clear()


class TestImportingANotice:
    notice = parse_notice(IMAGINED, "通知2027.csv")

    def test_its_year_becomes_official(self) -> None:
        after = KNOWN.with_notice(self.notice)
        assert KNOWN.is_provisional(date(2027, 10, 9))
        assert not after.is_provisional(date(2027, 10, 9))
        assert after.why(date(2027, 10, 9)) == "国庆节调休上班"
        assert after.why(date(2027, 10, 7)) == "国庆节放假"
        assert after.why(date(2027, 3, 6)) == "周末"
        assert after.is_provisional(date(2028, 1, 4))
        assert after.source(date(2027, 10, 9)) == "通知2027.csv"

    def test_the_calendar_before_stays_what_it_was(self) -> None:
        KNOWN.with_notice(self.notice)
        assert not KNOWN.is_workday(date(2027, 10, 9))

    def test_what_moves_is_shown(self) -> None:
        moved = KNOWN.differences(KNOWN.with_notice(self.notice), date(2027, 1, 1), date(2027, 12, 31))
        assert [str(day) for day, _, _ in moved] == [
            *("2027-01-31", "2027-02-11", "2027-02-13"),
            *("2027-05-05", "2027-05-08"),
            *("2027-09-26", "2027-10-06", "2027-10-07", "2027-10-09"),
        ]
        assert moved[0][1:] == ("周末（暂定）", "春节调休上班")

    def test_days_in_lieu_that_the_notice_does_not_have_are_worked(self) -> None:
        shorter = YearNotice(2027, tuple(d for d in self.notice.days if d.day != date(2027, 10, 5)))
        assert KNOWN.with_notice(shorter).is_workday(date(2027, 10, 5))

    def test_a_statutory_day_that_the_file_leaves_out_stays_off_and_is_named(self) -> None:
        shorter = YearNotice(2027, tuple(d for d in self.notice.days if d.day != date(2027, 10, 1)))
        assert not KNOWN.with_notice(shorter).is_workday(date(2027, 10, 1))
        assert gaps(shorter) == ("通知里没有写2027年10月1日（国庆节），这一天仍按法定节假日放假。",)
        assert gaps(self.notice) == ()

    def test_the_december_before_follows_the_notice_whatever_the_order(self) -> None:
        of_2028 = YearNotice(
            2028, (Day(date(2027, 12, 31), False, "元旦"), Day(date(2027, 12, 26), True, "元旦"))
        )
        one = KNOWN.with_notice(self.notice).with_notice(of_2028)
        other = KNOWN.with_notice(of_2028).with_notice(self.notice)
        for either in (one, other):
            assert either.why(date(2027, 12, 31)) == "元旦放假"
            assert either.why(date(2027, 12, 26)) == "元旦调休上班"
        assert one == other

    def test_a_second_notice_for_the_year_replaces_the_first(self) -> None:
        again = YearNotice(2027, (Day(date(2027, 10, 8), False, "国庆节"),), "更正")
        after = KNOWN.with_notice(self.notice).with_notice(again)
        assert not after.is_workday(date(2027, 10, 8))
        assert not after.is_workday(date(2027, 10, 9))

    def test_a_notice_can_correct_a_published_year(self) -> None:
        after = KNOWN.with_notice(YearNotice(2026, (Day(date(2026, 9, 3), False, "纪念日"),), "补充通知"))
        assert after.why(date(2026, 9, 3)) == "纪念日放假"
        assert not after.is_workday(date(2026, 10, 1))

    def test_from_15_october_on_the_next_notice_is_wanted(self) -> None:
        assert KNOWN.notice_wanted(date(2026, 10, 14)) is None
        assert KNOWN.notice_wanted(date(2026, 10, 15)) == 2027
        assert KNOWN.notice_wanted(date(2027, 1, 4)) == 2027
        assert KNOWN.with_notice(self.notice).notice_wanted(date(2026, 11, 5)) is None

    def test_sources_name_the_notice(self) -> None:
        assert KNOWN.source(date(2026, 5, 1)) == "国办发明电〔2025〕7号"
        assert KNOWN.source(date(2010, 5, 4)) == "国务院办公厅2010年放假通知"
        assert KNOWN.source(date(2027, 5, 4)) == "法定节假日推算（暂定）"


@dataclass(frozen=True)
class TownFair:
    name: str = "建市纪念日"
    worked: bool = False

    def days_in(self, year: int) -> list[date]:
        return [date(year, 11, 20)]


class TestACitysOwnDays:
    def test_they_are_off_there_and_only_there(self) -> None:
        there = KNOWN.with_days_off([TownFair()])
        assert there.why(date(2026, 11, 20)) == "建市纪念日本市放假"
        assert there.workdays_before(date(2026, 11, 23), 1) == (date(2026, 11, 19),)
        assert KNOWN.is_workday(date(2026, 11, 20))

    def test_a_city_may_work_on_a_day_of_its_own(self) -> None:
        there = KNOWN.with_days_off([TownFair("补班", worked=True)])
        assert there.why(date(2027, 11, 20)) == "补班本市上班"
        assert there.is_workday(date(2027, 11, 20))

    def test_without_any_it_is_the_same_calendar(self) -> None:
        assert KNOWN.with_days_off([]) is KNOWN
        assert KNOWN.with_days_off((TownFair(),)) is KNOWN.with_days_off((TownFair(),))


def test_years_that_nobody_can_know_are_refused() -> None:
    for day in (date(1949, 10, 1), date(2100, 1, 1), date(9999, 12, 31)):
        with pytest.raises(Refusal, match="1950年到2099年") as refused:
            KNOWN.is_workday(day)
        assert refused.value.status == 400
        with pytest.raises(Refusal):
            KNOWN.workdays_after(day, 3)


@given(st.lists(st.dates(date(1952, 1, 1), date(2097, 12, 31)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=40)
def test_what_was_asked_before_changes_no_answer(asked: list[date]) -> None:
    fresh, used = Calendar(), Calendar()
    for day in asked:
        used.workdays_before(day, 20)
    assert used.workdays_after(asked[0], 7) == fresh.workdays_after(asked[0], 7)
    assert used.rest_between(asked[0], asked[0] + timedelta(days=30)) == fresh.rest_between(
        asked[0], asked[0] + timedelta(days=30)
    )
    assert used.workdays_between(asked[0], asked[0] + timedelta(days=9)) == sum(
        fresh.is_workday(asked[0] + timedelta(days=step)) for step in range(1, 10)
    )


HOLIDAY_CN: dict[str, Any] = {
    "$schema": "holidays.schema.json",
    "year": 2027,
    "papers": ["https://www.example.gov.cn/2027.htm"],
    "days": [
        {"name": "元旦", "date": "2026-12-31", "isOffDay": False},
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "国庆节、中秋节", "date": "2027-10-02", "isOffDay": True},
        {"name": "国庆节", "date": "2027-10-09", "isOffDay": False},
    ],
}


def as_json(**changes: object) -> bytes:
    return json.dumps(HOLIDAY_CN | changes, ensure_ascii=False, indent=1).encode()


class TestReadingANotice:
    def test_csv(self) -> None:
        read = parse_notice(IMAGINED, "通知.csv")
        assert (read.year, len(read.days)) == (2027, 22)
        assert read.days[1] == Day(date(2027, 1, 31), True, "春节")

    def test_csv_as_excel_saves_it(self) -> None:
        text = "date,workday,name\r\n2027/10/1,休,国庆节\r\n2027年10月9日,班,国庆节\r\n,,\r\n"
        for encoding in ("gb18030", "utf-8-sig"):
            read = parse_notice(text.encode(encoding), "通知.csv")
            assert read.days == (
                Day(date(2027, 10, 1), False, "国庆节"),
                Day(date(2027, 10, 9), True, "国庆节"),
            )

    def test_columns_in_another_order(self) -> None:
        read = parse_notice(b"name,date,workday\nX,2027-10-09,1\n", "a.csv")
        assert read.days == (Day(date(2027, 10, 9), True, "X"),)

    def test_json_of_holiday_cn(self) -> None:
        read = parse_notice(as_json(), "2027.json")
        assert read.year == 2027
        assert read.source == "https://www.example.gov.cn/2027.htm"
        assert read.days[0] == Day(date(2026, 12, 31), True, "元旦")
        after = KNOWN.with_notice(read)
        assert after.why(date(2027, 10, 2)) == "国庆节、中秋节放假"
        assert after.why(date(2026, 12, 31)) == "元旦调休上班"

    def test_the_same_day_said_twice_alike_is_one_day(self) -> None:
        assert len(parse_notice(b"date,workday,name\n2027-10-09,1,a\n2027-10-09,true,a\n", "a.csv").days) == 1

    @pytest.mark.parametrize(
        ("content", "line", "words"),
        [
            (b"date,workday,name\n2027-10-01,0,a\n2027-10-01,1,a\n", 3, "说法相反"),
            (b"date,workday,name\n2027-02-30,0,a\n", 2, "不存在"),
            (b"date,workday,name\n2027-13-01,0,a\n", 2, "不存在"),
            (b"date,workday,name\nsoon,0,a\n", 2, "看不懂"),
            (b"date,workday,name\n2027-10-01,0,a\n2027-10-02,0,a\n2029-10-01,0,a\n", 4, "不在2027年"),
            (b"date,workday,name\n2027-10-01,0,a\n2027-10-02,0,a\n2026-10-03,0,a\n", 4, "不在2027年"),
            (b"date,workday,name\n2026-12-31,0,a\n2027-01-01,0,a\n2025-12-31,0,a\n", 4, "不在2027年"),
            (b"date,workday,name\n2027-10-01,maybe,a\n", 2, "true或false"),
            (b"date,workday,name\n2027-10-01\n", 2, "不够三列"),
            (b"day,work\n2027-10-01,0\n", 1, "date,workday,name"),
            (b'date,workday,name\n2027-10-01,0,"a\n', 2, "引号"),
            (
                as_json(days=[HOLIDAY_CN["days"][1], {"name": "x", "date": "2027-02-29", "isOffDay": True}]),
                15,
                "不存在",
            ),
        ],
    )
    def test_a_wrong_line_is_named(self, content: bytes, line: int, words: str) -> None:
        with pytest.raises(Refusal, match=words) as refused:
            parse_notice(content, "通知")
        assert f"通知第{line}行" in refused.value.message
        assert refused.value.code == "calendar.file"
        assert refused.value.status == 400

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "空文件"),
            (b"date,workday,name\n", "一天也没有"),
            (as_json(days=[]), "一天也没有"),
            (as_json(year="2027"), "年份数字"),
            (as_json(year=True), "年份数字"),
            (as_json(year=2026), "不在2026年"),
            (as_json(year=1900), "1900"),
            (as_json(days=[1]), "不是一天"),
            (as_json(days=[{"date": "2027-01-01", "isOffDay": "yes"}]), "isOffDay"),
            (as_json(days={}), "year和days"),
            (b"[]", "year和days"),
            (b'{"year": 2027', "JSON"),
            (b"[" * 100_000, "JSON"),
            (b'{"year": ' + b"9" * 5000 + b', "days": []}', "JSON"),
            (b"PK\x03\x04xlsx", "另存为 CSV"),
            (b"\xff\xfe\xff\xff\xff", "读不出字"),
            (b"x" * 2_000_000, "太大"),
        ],
    )
    def test_a_wrong_file_is_refused_in_words(self, content: bytes, words: str) -> None:
        with pytest.raises(Refusal, match=words) as refused:
            parse_notice(content, "通知")
        assert "日历没有改动" in refused.value.message

    @given(st.binary(max_size=300))
    @settings(max_examples=100)
    def test_whatever_comes_is_read_or_refused(self, content: bytes) -> None:
        with contextlib.suppress(Refusal):
            assert parse_notice(content, "x").days
