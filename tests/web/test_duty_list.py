"""周科长 and everything the rule asks in a year, in one list."""

import io
import re

import time_machine
from openpyxl import load_workbook

from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town

LIST = "/office/duties"


async def test_the_years_duties_are_narrowed_in_the_address_and_saved_so(town: Town) -> None:
    who = Browser(town)
    await who.signs_in("office", LIST)
    assert who.path == LIST
    assert "发布预告" in who.text
    assert "第十二条" in who.text
    await who.opens(f"{LIST}?state=done&q=预告")
    assert "发布预告" in who.text
    assert "报送汇总报告" not in who.text
    async with town.client.get(f"{LIST}.xlsx?state=done&q=预告&col=due") as answer:
        sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["事项", "最迟"]
    assert {str(row[0].value)[:4] for row in sheet.iter_rows(min_row=2)} == {"发布预告"}


async def test_another_year_has_its_own(town: Town) -> None:
    who = Browser(town)
    await who.signs_in("office", f"{LIST}?year=1999")
    assert "发布预告" in who.text, "a year without interviews is passed over"


async def test_a_day_of_another_year_is_written_with_its_year(town: Town) -> None:
    who = Browser(town)
    interview = f"/office/interviews/{town.city.interview}"
    with time_machine.travel(cast.NEXT_DAY, tick=True):
        await who.signs_in("office", f"{LIST}?year=2026&state=done&q=预告")
        assert "2月2日已办" in who.text
        assert "2026年2月2日已办" not in who.text
        await who.opens(interview)
        assert re.search(r">2月2日</time><span>发布预告", who.text)
    with time_machine.travel(cast.at("2027-01-05 10:00"), tick=True):
        await who.signs_in("office", f"{LIST}?year=2026&state=done&q=预告")
        assert "2026年2月2日已办" in who.text
        async with town.client.get(f"{LIST}.xlsx?year=2026&state=done&q=预告&col=when") as answer:
            sheet = load_workbook(io.BytesIO(await answer.read())).active
        assert sheet is not None
        assert sheet["B2"].value == "2026年2月2日已办"
        await who.opens(interview)
        assert re.search(r">2026年2月2日</time><span>发布预告", who.text)
        assert "2026年2月9日24:00止" in who.text


async def test_days_in_the_list_are_not_broken(town: Town) -> None:
    who = Browser(town)
    await who.signs_in("office", f"{LIST}?col=due&col=done_at&col=when")
    assert re.search(r'<td data-th="最迟" class="nb">2026-\d\d-\d\d</td>', who.text)
    assert re.search(r'<td data-th="什么时候办的" class="nb">2026-02-02 \d\d:\d\d</td>', who.text)
    assert '<td data-th="情况">' in who.text
