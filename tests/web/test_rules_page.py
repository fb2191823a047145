"""The rules page: anybody computes a date without a script, and gets back what they typed where it cannot be read."""

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from markupsafe import escape

from interviews import law
from interviews.calculator import shift_document
from interviews.calendar import Calendar
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_home import said

KNOWN, RULE = Calendar.known(), law.load()


def shifted(day: str, amount: str, unit: str = "work", way: str = "before") -> dict[str, Any]:
    return dict(shift_document(day, amount, unit, way, RULE, KNOWN))


@pytest.mark.parametrize(
    ("day", "amount", "unit", "way", "due"),
    [
        ("2026-03-06", "15", "work", "before", "2026-02-09"),
        ("2026年3月6日", "１", "work", "after", "2026-03-09"),
        ("2026-02-28", "1", "work", "before", "2026-02-27"),
        ("2026-03-06", "10", "days", "before", "2026-02-24"),
        ("2026-12-31", "1", "days", "after", "2027-01-01"),
    ],
)
def test_a_day_is_counted_as_the_rule_counts(day: str, amount: str, unit: str, way: str, due: str) -> None:
    found = shifted(day, amount, unit, way)
    assert found["due"] == due
    assert len(found["counted"]) == int(amount)
    assert found["from"] not in found["counted"], "the day itself is not counted"


def test_a_year_without_a_notice_is_provisional_only_where_working_days_are_counted() -> None:
    far = str(max(year for year in range(2020, 2090) if KNOWN.is_official_year(year)) + 2)
    assert shifted(f"{far}-06-15", "5")["provisional"]
    assert not shifted(f"{far}-06-15", "5", "days")["provisional"]
    assert not shifted("2026-03-06", "15")["provisional"]


async def test_a_working_day_is_found_with_every_day_walked_over(town: Town) -> None:
    browser = Browser(town)
    assert await browser.opens("/rules?from=2026-03-06&days=15&unit=work&way=before") == 200
    page = said(browser.text)
    assert "2026年3月6日（周五）前第15个工作日，是2026年2月9日（周一）" in page
    assert "第15个工作日" in page
    assert "春节" in page, "the days passed over say why"
    assert 'name="unit" value="work" checked' in browser.text


async def test_an_interview_gets_all_its_dates_each_with_its_sum(town: Town) -> None:
    browser = Browser(town)
    assert await browser.opens("/rules?start=2026-03-06T14:30") == 200
    page = said(browser.text)
    for due in ("2月9日", "2月2日", "第十二条"):
        assert due in page
    assert browser.text.count("<details") >= 5
    await browser.opens("/rules?start=2028-03-06T14:30")
    assert "（暂定）" in browser.text


UNREADABLE: list[tuple[dict[str, str], str]] = [
    ({"start": "后天下午"}, "“后天下午”看不懂"),
    ({"start": "2026-02-30T09:00"}, "2月没有30日"),
    ({"start": "2026-03-06T14:30", "end": "2026-03-06T13:00"}, "结束要晚于开始"),
    ({"end": "2026-03-06T13:00"}, "请写上哪天几点开始"),
    ({"from": "下个月初", "days": "3"}, "“下个月初”看不懂"),
    ({"from": "2026-03-06", "days": "十五"}, "1到250之间的整数"),
    ({"from": "2026-03-06", "days": "251"}, "1到250之间的整数"),
    ({"from": "2026-03-06", "days": "3", "unit": "moons"}, "请选工作日还是按日历数"),
    ({"from": "2099-12-31", "days": "9", "unit": "days", "way": "after"}, "只能算"),
    ({"start": '"><script>alert(1)</script>'}, "看不懂"),
]


def browser_reads(value: str) -> bool:
    """Whether a browser's own field for dates takes a value back; it empties itself where it cannot."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


async def test_what_cannot_be_read_comes_back_as_it_was_typed(town: Town) -> None:
    browser = Browser(town)
    for typed, message in UNREADABLE:
        assert await browser.opens(f"/rules?{urlencode(typed)}") == 400, typed
        assert message in browser.text
        assert "<script>alert" not in browser.text
        for name in typed.keys() - {"unit", "way"}:
            field = re.search(rf'<input class="input" id="{name}"[^>]*>', browser.text)
            assert field, name
            assert f'value="{escape(typed[name])}"' in field[0]
            assert ('type="text"' in field[0]) is not (name != "days" and browser_reads(typed[name])), typed
