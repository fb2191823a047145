"""The days that an answer's words name: one by one, by hand; what names no day gives none."""

from datetime import date

import pytest

from interviews.calendar import Calendar
from interviews.promise_dates import read

TODAY = date(2026, 3, 6)
"""A Friday; 清明 is off from 4 to 6 April."""


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("月底前办结", "2026-03-31"),
        ("本月底以前修好", "2026-03-31"),
        ("下个月底前", "2026-04-30"),
        ("5月底前", "2026-05-31"),
        ("二月底前", "2027-02-28"),
        ("明年6月底之前", "2027-06-30"),
        ("年底前", "2026-12-31"),
        ("12月15日前", "2026-12-15"),
        ("2027年1月10日以前", "2027-01-10"),
        ("1月5号之前", "2027-01-05"),
        ("三个工作日内答复", "2026-03-11"),
        ("20个工作日内", "2026-04-03"),
        ("二十一个工作日内", "2026-04-07"),
        ("十五天内", "2026-03-21"),
        ("15日之内", "2026-03-21"),
        ("两周内", "2026-03-20"),
        ("一个月内", "2026-04-06"),
    ],
)
def test_the_words_name_a_day(words: str, day: str) -> None:
    assert [one.day.isoformat() for one in read(f"我们{words}。", TODAY, Calendar.known())] == [day]


@pytest.mark.parametrize(
    "words", ["尽快办", "近期", "十日前就办好了", "2月30日前", "12345热线", "每月15日发", "第三季度"]
)
def test_what_names_no_day_gives_none(words: str) -> None:
    assert read(words, TODAY, Calendar.known()) == []


def test_several_days_come_in_the_order_of_the_words() -> None:
    found = read("先在三个工作日内回电，4月20日前上门，月底前办结。", TODAY, Calendar.known())
    assert [(one.phrase, one.day.isoformat()) for one in found] == [
        ("三个工作日内", "2026-03-11"),
        ("4月20日前", "2026-04-20"),
        ("月底前", "2026-03-31"),
    ]


def test_working_days_of_a_year_without_a_notice_say_that_they_are_provisional() -> None:
    late = date(2030, 12, 27)
    (counted,) = read("十个工作日内", late, Calendar.known())
    (named,) = read("2031年1月15日前", late, Calendar.known())
    assert (counted.provisional, named.provisional) == (True, False)
