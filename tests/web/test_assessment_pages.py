"""何主任 assesses 医保局, 许主任 hands in and objects, everybody reads the result; without scripts."""

import io
import re

import pytest
import time_machine
from aiohttp import FormData
from docx import Document
from openpyxl import load_workbook
from sqlalchemy import update
from sqlmodel import col

from base.people import SYSTEM
from interviews.assessment_models import Assessment
from interviews.models import Duty
from tests.base.files_at_hand import PDF
from tests.cast import at
from tests.web.browser import Browser
from tests.web.conftest import Town

YEAR = "/supervise/assessment/2026"
FEBRUARY, MARCH = at("2027-02-05 09:00"), at("2027-03-20 09:00")


@pytest.fixture
async def supervisor(town: Town) -> Browser:
    """何主任 has opened 2026 for 医保局's interview, which is planned."""
    await town.city.plan()
    async with town.city.units.act(SYSTEM, at("2026-03-20 09:00")) as uow:
        await uow.db.execute(
            update(Duty).where(col(Duty.rule) == "guests").values(status="done", late_days=2)
        )
    return Browser(town)


async def _opened(who: Browser) -> str:
    await who.signs_in("supervisor", "/supervise/assessment")
    assert "还没有开始过考评" in who.text
    assert await who.sends("/supervise/assessment", year="2026", scheme="weighted") == 200
    assert "2026年的考评开始了" in who.text
    found = re.search(r'href="(/supervise/assessment/2026/\d+)"', who.text)
    assert found is not None
    return found[1]


async def _act(who: Browser, role: str, page: str, act: str, **typed: str) -> None:
    await who.signs_in(role, page)
    assert await who.sends(f"{page}/{act}", **typed) == 200, who.text


async def test_from_the_opening_to_the_published_result(supervisor: Browser) -> None:
    who = supervisor
    with time_machine.travel(FEBRUARY, tick=False):
        sheet = await _opened(who)
        await who.opens(sheet)
        assert "晚了2个工作日" in who.text
        assert "平台的记录" in who.text
        assert await who.sends(f"{YEAR}/fix") == 409
        assert "示例市医疗保障局还差一项" in who.text
        await who.signs_in("clerk", "/desk/assessment/2026")
        assert "现在报不算晚" in who.text
        assert "已经过了" not in who.text.replace("已经过了日子，现在报不算晚", "")
        for half in ("1", "2"):
            await _act(who, "clerk", "/desk/assessment/2026", "self", half=half, points="96", text="都办了。")
            assert "报上去了，等主管部门核定" in who.text, "asked for after the day: nobody is late"
            await _act(who, "supervisor", sheet, "check", half=half, points="96", why="")
        await _act(who, "supervisor", sheet, "third", by="某评估中心", points="90")
        await who.opens(YEAR)
        assert await who.sends(f"{YEAR}/fix") == 200
        assert "结果定了" in who.text
        await _act(who, "clerk", "/desk/assessment/2026", "object", reason="那一件改期了。")
        assert "主管部门还没有答复" in who.text
        await _act(who, "supervisor", sheet, "answer", answer="属实。", points="95.5")
    with time_machine.travel(MARCH, tick=False):
        await who.signs_in("supervisor", YEAR)
        assert await who.opens("/assessment/2026") == 404
        await who.opens(YEAR)
        assert await who.sends(f"{YEAR}/publish") == 200
        who.client.session.cookie_jar.clear()
        assert await who.opens("/assessment/2026") == 200
    assert "95.5" in who.text
    assert "优秀" in who.text


async def test_what_was_typed_stays_where_it_is_refused(supervisor: Browser) -> None:
    with time_machine.travel(FEBRUARY, tick=False):
        sheet = await _opened(supervisor)
        await supervisor.opens(sheet)
        typed = {"item": "unsafe", "text": "漏洞没有整改。", "on": "2025-09-01", "times": "2"}
        assert await supervisor.sends(f"{sheet}/find", **typed) == 400
        assert "漏洞没有整改。" in supervisor.text
        assert "日子要在2026年1月1日到今天之间" in supervisor.text
        assert await supervisor.sends(f"{sheet}/find", **(typed | {"on": "2026-09-01"})) == 200
        assert "（2个）" in supervisor.text


async def test_the_table_is_an_excel_file_without_a_formula(supervisor: Browser) -> None:
    with time_machine.travel(FEBRUARY, tick=False):
        await _opened(supervisor)
        async with supervisor.client.get(f"{YEAR}.xlsx") as answer:
            sheet = load_workbook(io.BytesIO(await answer.read())).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:2] == ["单位", "平时考核（30%）"]
    assert rows[1][0] == "示例市医疗保障局"
    assert float(str(rows[1][1])) < 100
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


async def test_another_body_finds_neither_the_sheet_nor_its_papers(supervisor: Browser) -> None:
    with time_machine.travel(FEBRUARY, tick=False):
        sheet = await _opened(supervisor)
        number = sheet.rsplit("/", 1)[1]
        await supervisor.opens(sheet)
        token = re.search(r'name="csrf" value="(\w+)"', supervisor.text)
        paper = FormData({"csrf": token[1] if token else ""}, quote_fields=False)
        for name, value in {"item": "unsafe", "text": "漏洞。", "on": "2026-09-01", "times": "1"}.items():
            paper.add_field(name, value)
        paper.add_field("file", PDF, filename="通报.pdf", content_type="application/pdf")
        async with supervisor.client.post(f"{sheet}/find", data=paper) as answer:
            assert "材料：通报.pdf" in await answer.text()
        async with supervisor.client.get(f"{sheet}/papers/finding/1") as answer:
            assert (answer.status, answer.headers["Content-Type"]) == (200, "application/octet-stream")
        await supervisor.signs_in("clerk", "/desk/assessment/2026")
        assert await supervisor.opens(f"/desk/assessment/2026/{number}/papers/finding/1") == 200
        assert await supervisor.opens(f"/desk/assessment/2026/{int(number) + 1}/papers/finding/1") == 404
        assert await supervisor.opens(f"/desk/assessment/2026/{number}/papers/finding/2") == 404
        assert await supervisor.opens(f"/supervise/assessment/2026/{number}/papers/finding/1") == 404


async def test_the_scores_are_drawn_beside_their_table_and_in_word(supervisor: Browser) -> None:
    who = supervisor
    with time_machine.travel(FEBRUARY, tick=False):
        await who.signs_in("supervisor", "/supervise/assessment")
        await who.sends("/supervise/assessment", year="2026", scheme="weighted")
        assert "paper-plot" not in who.text, "nobody has a whole score yet"
        async with who.client.get(f"{YEAR}/scores.svg") as answer:
            assert len(await answer.text()) < 100
        async with who.town.city.units.act(SYSTEM, FEBRUARY) as uow:
            await uow.db.execute(update(Assessment).values(scheme="deducted"))
        await who.opens(YEAR)
        told = re.search(r'alt="(2026年各单位的总分：示例市医疗保障局，[0-9.]+分)"', who.text)
        assert told is not None
        assert f'src="{YEAR}/scores.svg"' in who.text
        async with who.client.get(f"{YEAR}/scores.svg") as answer:
            assert (answer.content_type, "<path" in await answer.text()) == ("image/svg+xml", True)
        async with who.client.get(f"{YEAR}.docx") as answer:
            paper = Document(io.BytesIO(await answer.read()))
        assert len(paper.inline_shapes) == 1
        cells = [[cell.text for cell in row.cells] for table in paper.tables for row in table.rows]
        assert "示例市医疗保障局" in [row[0] for row in cells]
        async with who.client.get("/assessment/2026/scores.svg") as answer:
            assert answer.status == 404, "not published"
        assert await who.sends(f"{YEAR}/fix") == 200
    with time_machine.travel(MARCH, tick=False):
        await who.signs_in("supervisor", YEAR)
        assert await who.sends(f"{YEAR}/publish") == 200
        who.client.session.cookie_jar.clear()
        await who.opens("/assessment/2026")
        assert 'src="/assessment/2026/scores.svg"' in who.text
        async with who.client.get("/assessment/2026/scores.svg") as answer:
            assert answer.status == 200
