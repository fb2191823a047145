"""周科长 and everything the rule asks in a year, in one list."""

import io

from openpyxl import load_workbook

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
