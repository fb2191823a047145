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
        duty = who.text.partition("2026年政府信息公开工作年度报告</h3>")
        assert duty[0].rstrip().endswith('<div class="duty-what"><h3>')
        assert "逾期2个工作日" in duty[0][-400:]
        assert 'href="/office/yearly?year=2026#h-due">去登记报送</a>' in duty[2][:900]
        assert "政府信息公开条例第四十九条，怎么算的" in duty[2][:400]
        await who.opens("/office/calendar?year=2027")
        assert "2026年政府信息公开工作年度报告</a>" in who.text
        await who.opens(f"{PATH}?year=2026")
        assert await who.sends(PATH, kind="disclosure", year="2026", evidence=" ") == 400
        assert await who.sends(PATH, kind="disclosure", year="2026", evidence="示政办〔2027〕3号") == 200
        assert "登记了，晚了2天。" in who.text
        await who.opens("/office")
        assert "2026年政府信息公开工作年度报告" not in who.text


async def test_a_report_is_offered_for_filing_once_its_stretch_is_over(town: Town) -> None:
    who = Browser(town)
    with time_machine.travel(at("2026-06-30 09:00"), tick=False):
        await who.signs_in("office", f"{PATH}?year=2026")
        assert 'name="kind" value="quarter-2"' not in who.text
        assert "2026年7月1日（周三）起可以登记报送" in who.text
    with time_machine.travel(at("2026-07-01 09:00"), tick=False):
        await who.signs_in("office", f"{PATH}?year=2026")
        assert 'name="kind" value="quarter-2"' in who.text


async def test_the_quarters_stand_beside_the_year_in_picture_table_and_word(town: Town) -> None:
    await town.city.published("网友甲", "断缴几年不能报？")
    await town.city.does("李主持", "interview.close", interview=town.city.interview, reason="停电")
    who = Browser(town)
    await who.signs_in("office", f"{PATH}?year=2026")
    assert 'alt="2026年各季度的提问：第一季度收到1个，答复0个；' in who.text
    assert "第四季度</th>" in who.text
    async with who.client.get(f"{PATH}/quarters.svg?year=2026") as answer:
        assert answer.content_type == "image/svg+xml"
        assert "<path" in await answer.text()
    async with who.client.get(f"{PATH}.docx?year=2026") as answer:
        paper = Document(io.BytesIO(await answer.read()))
    assert len(paper.inline_shapes) == 1
    assert ["第一季度", "1", "1", "0"] in [
        [c.text for c in row.cells] for t in paper.tables for row in t.rows
    ]
    await who.opens(f"{PATH}?year=2026&quarter=1")
    assert "各季度的提问" not in who.text
    async with who.client.get(f"{PATH}/quarters.svg?year=2001") as answer:
        assert len(await answer.text()) < 100
