"""周科长 reads the year's figures, takes them along as Word and JSON, and says that a report was filed."""

import io

import time_machine
from docx import Document

from tests.cast import at
from tests.web.browser import Browser
from tests.web.conftest import Town

PATH = "/office/yearly"


async def test_every_number_says_where_it_comes_from(town: Town) -> None:
    who = Browser(town)
    await who.signs_in("office", f"{PATH}?year=2026")
    assert who.text.count("怎么来的</th>") >= 5
    for no in "一二三四五六七":
        assert f"{no}、" in who.text
    async with who.client.get(f"{PATH}.json?year=2026&quarter=1") as answer:
        sent = await answer.json()
    assert (sent["first"], sent["last"], sent["quarter"]) == ("2026-01-01", "2026-03-31", 1)
    assert len(sent["parts"]) == 7
    figures = [one for part in sent["parts"] for one in part["figures"]]
    assert all(one["source"] and one["unit"] for one in figures)
    assert len({one["key"] for one in figures}) == len(figures)
    async with who.client.get(f"{PATH}.docx?year=2026") as answer:
        paper = Document(io.BytesIO(await answer.read()))
    cells = {row.cells[0].text for table in paper.tables for row in table.rows}
    assert {one["label"] for one in figures} <= cells
    assert any("请填写" in line.text for line in paper.paragraphs)


async def test_a_number_that_nothing_gives_is_no_nought(town: Town) -> None:
    who = Browser(town)
    await who.signs_in("office", f"{PATH}?year=2001")
    assert "没有数" in who.text
    async with who.client.get(f"{PATH}.json?year=2001") as answer:
        figures = {
            one["key"]: one["value"] for part in (await answer.json())["parts"] for one in part["figures"]
        }
    assert (figures["held"], figures["reply_rate"], figures["mean_days"]) == (0, None, None)


async def test_a_report_is_filed_from_the_page_and_leaves_todays_list(town: Town) -> None:
    who = Browser(town)
    with time_machine.travel(at("2027-02-02 09:00"), tick=False):
        await who.signs_in("office", "/office")
        assert "2026年政府信息公开工作年度报告：<b>过了2天" in who.text
        await who.opens(f"{PATH}?year=2026")
        assert await who.sends(PATH, kind="disclosure", year="2026", evidence=" ") == 400
        assert await who.sends(PATH, kind="disclosure", year="2026", evidence="示政办〔2027〕3号") == 200
        assert "登记了，晚了2天。" in who.text
        await who.opens("/office")
        assert "2026年政府信息公开工作年度报告：" not in who.text
