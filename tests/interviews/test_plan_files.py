"""Plans as files: what a row may say, what a file may not hide, and the way out and in again."""

import io
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from sqlmodel import col

from base.clock import shanghai_iso
from base.errors import Refusal
from base.people import Body
from interviews import forecast, plan_files, plan_tables
from interviews.models import Duty, Interview, IssuedPlan
from tests import cast
from tests.cast import City, at
from tests.timing import within

HEAD = "theme,starts_at,ends_at,respondents,host,venue\n"
GOOD = "公交线网调整,2026-04-20 09:30,2026-04-20 11:30,水务局,李主持,二楼访谈室\n"


def book(*rows: tuple[object, ...], change: Callable[[Workbook], None] | None = None) -> bytes:
    """An Excel file with the contract's columns and these rows."""
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.append(list(plan_tables.COLUMNS))
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(made)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


ROW = ("公交线网调整", "2026-04-20 09:30", "2026-04-20 11:30", "水务局", "李主持", "二楼访谈室")


def repacked(content: bytes, **parts: bytes) -> bytes:
    """An Excel file with some parts replaced or added; ``__`` in a name stands for ``/``."""
    wanted = {name.replace("__", "/"): data for name, data in parts.items()}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in wanted:
                new.writestr(part.filename, old.read(part))
        for name, data in wanted.items():
            new.writestr(name, data)
    return out.getvalue()


async def rows_of(city: City, content: bytes, name: str = "plan.csv") -> list[plan_files.PlanRow]:
    async with city.act("周科长", cast.PLANNED) as uow:
        return await plan_files.preview(uow, content, name)


async def said(city: City, *lines: str) -> list[str]:
    """The sentences about the rows of a CSV file."""
    found = await rows_of(city, (HEAD + "\n".join(lines)).encode())
    return [problem.sentence for problem in plan_files.problems_of(found)]


async def held(city: City) -> int:
    async with city.act("周科长", cast.PLANNED) as uow:
        return int(await uow.db.scalar(select(func.count(col(Interview.id)))) or 0)


# What is taken in


async def test_a_good_row_is_scheduled_with_its_duties(small_city: City) -> None:
    rows = await rows_of(small_city, (HEAD + GOOD).encode())
    assert [problem.sentence for problem in plan_files.problems_of(rows)] == []
    async with small_city.act("周科长", cast.PLANNED) as uow:
        (number,) = await plan_files.apply(uow, rows)
        made = await uow.db.get_one(Interview, number)
        assert shanghai_iso(made.starts_at) == "2026-04-20T09:30:00+08:00"
        assert made.host_id == small_city.people["李主持"].person_id
        assert made.venue == "二楼访谈室"
        assert await uow.db.scalar(select(func.count(col(Duty.id))).where(col(Duty.interview_id) == number))


@pytest.mark.parametrize("separator", ["、", ";", "；", "，", "/"])
async def test_several_bodies_the_first_leads(small_city: City, separator: str) -> None:
    line = f"题目,2026/4/20 9:30,2026年4月20日 11:30,示例市水务局{separator}医保局,,"
    (row,) = await rows_of(small_city, (HEAD + line).encode())
    assert row.ready, row.problems
    assert row.respondents == (small_city.bodies["水务局"], small_city.bodies["医保局"])


async def test_excel_keeps_its_own_dates_and_chinese_headings_are_known(small_city: City) -> None:
    def chinese(made: Workbook) -> None:
        sheet = made.active
        assert sheet is not None
        for number, word in enumerate(("主题", "开始", "结束", "答复单位", "主持人", "地点"), 1):
            sheet.cell(1, number).value = word

    real = (
        ROW[0],
        datetime(2026, 4, 20, 9, 30),  # noqa: DTZ001 - Excel knows no zones
        datetime(2026, 4, 20, 11, 30),  # noqa: DTZ001
        "医保局、水务局",
        None,
        None,
    )
    (row,) = await rows_of(small_city, book(real, change=chinese), "计划.XLSX")
    assert row.ready, row.problems
    assert row.starts_at == at("2026-04-20 09:30")
    assert row.ends_at == at("2026-04-20 11:30")


async def test_gb18030_as_excel_saves_it_here(small_city: City) -> None:
    (row,) = await rows_of(small_city, (HEAD + GOOD).encode("gb18030"))
    assert row.theme == "公交线网调整"


# What is wrong with a row


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (",2026-04-20 09:30,2026-04-20 11:30,水务局,,", "第2行theme列：主题是空的"),
        ("题,,2026-04-20 11:30,水务局,,", "第2行starts_at列：没有写开始的时间"),
        ("题,2026-02-30 09:30,2026-04-20 11:30,水务局,,", "“2026-02-30 09:30”不存在"),
        ("题,2026-04-20 25:30,2026-04-20 11:30,水务局,,", "“2026-04-20 25:30”不存在"),
        ("题,2026-04-20,2026-04-20 11:30,水务局,,", "没有写几点"),
        ("题,下周三,2026-04-20 11:30,水务局,,", "看不懂“下周三”"),
        ("题,2026-04-20 09:30 Mars/Phobos,2026-04-20 11:30,水务局,,", "不认识时区“Mars/Phobos”"),
        ("题,0001-01-01 09:30,2026-04-20 11:30,水务局,,", "1年太远"),
        ("题,2026-04-20 09:30,2026-04-20 08:30,水务局,,", "第2行ends_at列：结束要晚于开始"),
        ("题,2026-04-20 09:30,2026-04-20 12:00,水务局,,", "一场最长120分钟"),
        ("题,2026-04-20 09:30,2026-04-20 11:30,,,", "第2行respondents列：没有写答复单位"),
        ("题,2026-04-20 09:30,2026-04-20 11:30,水利部,,", "答复单位“水利部”没有登记"),
        ("题,2026-04-20 09:30,2026-04-20 11:30,市委办,,", "答复单位“市委办”没有登记"),
        ("题,2026-04-20 09:30,2026-04-20 11:30,水务局、示例市水务局,,", "写了两次"),
        ("题,2026-04-20 09:30,2026-04-20 11:30,水务局,王处长,", "第2行host列：“王处长”不在主持人名单里"),
        (f"{'长' * 61},2026-04-20 09:30,2026-04-20 11:30,水务局,,", "主题最多60个字"),
    ],
)
async def test_a_bad_cell_is_named_by_row_and_column(small_city: City, line: str, sentence: str) -> None:
    found = await said(small_city, line)
    assert any(sentence in one for one in found), found
    rows = await rows_of(small_city, (HEAD + GOOD + line).encode())
    async with small_city.act("周科长", cast.PLANNED) as uow:
        with pytest.raises(Refusal) as refused:
            await plan_files.apply(uow, rows)
    assert "一行也没有导入" in refused.value.message
    assert await held(small_city) == 0


async def test_a_rest_day_and_a_late_announcement_are_only_pointed_out(small_city: City) -> None:
    found = await said(small_city, "题,2026-04-18 09:30,2026-04-18 11:30,水务局,,")
    assert found == ["第2行starts_at列：2026年4月18日（周六）是休息日（周末）。请核对。"]
    (late,) = await said(small_city, "题,2026-01-12 09:30,2026-01-12 11:30,水务局,,")
    assert "预告最晚要在" in late
    assert "第十二条" in late
    rows = await rows_of(small_city, (HEAD + "题,2026-04-18 09:30,2026-04-18 11:30,水务局,,").encode())
    assert all(row.ready for row in rows)


async def test_rows_that_collide_with_each_other_or_with_the_plan(small_city: City) -> None:
    await small_city.plan()
    found = await said(
        small_city,
        "缴费,2026-03-06 15:00,2026-03-06 16:00,医保局,李主持,",
        "甲,2026-04-20 09:30,2026-04-20 11:30,水务局,别场主持,二楼 访谈室",
        "乙,2026-04-20 11:00,2026-04-20 12:00,水务局,别场主持,二楼访谈室",
        "丙,2026-04-20 12:00,2026-04-20 13:00,水务局,别场主持,二楼访谈室",
        "甲,2026-04-20 09:30,2026-04-20 11:00,医保局,,",
        "城乡居民医保缴费和异地就医,2026-03-06 14:30,2026-03-06 16:30,医保局,,",
    )
    planned = "“城乡居民医保缴费和异地就医”（2026年3月6日）"
    assert f"第2行respondents列：和{planned}时间重叠，答复单位相同。请改时间，或者换答复单位。" in found
    assert f"第2行host列：和{planned}时间重叠，主持人相同。请改时间，或者换主持人。" in found
    for column in ("respondents", "host", "venue"):
        assert any(one.startswith(f"第4行{column}列：和第3行时间重叠") for one in found)
    assert not any(one.startswith("第5行") for one in found), "one ends when the other starts"
    assert any(one.startswith("第6行theme列：和第3行重复") for one in found)
    assert not any(one.startswith("第7行") for one in found if "没有改" not in one), "it is in the plan"


async def test_an_issued_plan_takes_nothing_more_within_twenty_working_days(small_city: City) -> None:
    async with small_city.act("何主任", cast.PLANNED) as uow:
        uow.db.add(IssuedPlan(year=2026, version=1, entries=[], issued_at=uow.now))
    rows = await rows_of(small_city, (HEAD + "题,2026-01-29 09:30,2026-01-29 11:30,水务局,,").encode())
    (problem,) = [one for one in plan_files.problems_of(rows) if one.blocks]
    assert problem.article == "第十三条"
    assert "年度计划已经印发" in problem.sentence


# What a file may not hide


def _merged(made: Workbook) -> None:
    assert made.active is not None
    made.active.merge_cells("A2:A3")


def _formula(made: Workbook) -> None:
    assert made.active is not None
    made.active["B3"] = "=B2+7"


def _second_sheet(made: Workbook) -> None:
    made.create_sheet("旧的").append(["还有一张"])


def _far_row(made: Workbook) -> None:
    assert made.active is not None
    made.active["A900000"] = "很远"


XXE = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
BOMB = b"<x>" + b" " * 30_000_000 + b"</x>"
BAD_FILES: dict[str, tuple[str, bytes, str]] = {
    "merged cells": ("p.xlsx", book(ROW, ROW, change=_merged), "第2行A列到第3行A列是合并的单元格"),
    "a formula": ("p.xlsx", book(ROW, ROW, change=_formula), "第3行B列是公式"),
    "a formula in CSV": ("p.csv", (HEAD + GOOD + "=1+1,,,,,").encode(), "第3行A列是公式"),
    "two sheets": ("p.xlsx", book(ROW, change=_second_sheet), "几张写了字的表"),
    "a cell far down": ("p.xlsx", book(ROW, change=_far_row), "第900000行"),
    "no magic": ("p.xlsx", b"theme,starts_at", "内容却不是"),
    "Excel called CSV": ("p.csv", book(ROW), "内容却不是"),
    "old Excel": ("p.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 500, "旧版Excel"),
    "another ending": ("p.docx", book(ROW), "只收.xlsx和.csv"),
    "macros by name": ("p.xlsm", book(ROW), "只收.xlsx和.csv"),
    "macros inside": ("p.xlsx", repacked(book(ROW), xl__vbaProject_bin=b"x"), "宏"),
    "a link to elsewhere": ("p.xlsx", repacked(book(ROW), xl__externalLinks__e1=b"<x/>"), "外部链接"),
    "a way out of the folder": (
        "p.xlsx",
        repacked(book(ROW), **{"..__..__etc__cron.xml": b"<x/>"}),
        "指向别处",
    ),
    "an outer entity": (
        "p.xlsx",
        repacked(book(ROW), xl__workbook=b"", **{"xl__workbook.xml": XXE}),
        "外部实体",
    ),
    "an entity in UTF-16": (
        "p.xlsx",
        repacked(book(ROW), **{"xl__workbook.xml": XXE.decode().encode("utf-16")}),
        "外部实体",
    ),
    "a bomb": ("p.xlsx", repacked(book(ROW), **{"xl__worksheets__sheet1.xml": BOMB}), "大得不正常"),
    "a bomb in many parts": (
        "p.xlsx",
        repacked(book(ROW), **{f"xl__media__{n}.bin": b"\0" * 10_000_000 for n in range(6)}),
        "不正常",
    ),
    "broken markup": ("p.xlsx", repacked(book(ROW), **{"xl__worksheets__sheet1.xml": b"<works"}), "不完整"),
    "half a file": ("p.xlsx", book(ROW)[:900], "没有传完"),
    "half a file at its end": ("p.xlsx", b"PK\x03\x04" + book(ROW)[300:], "打不开"),
    "eleven megabytes": ("p.csv", b"x" * 11_000_000, "超过10MB"),
    "no text": ("p.csv", b"\x00\x01\x02\xff", "读不出"),
    "an odd quote": ("p.csv", (HEAD + '"甲,').encode(), "引号没有成对"),
    "no rows at all": ("p.csv", b"\n\n", "表是空的"),
    "a column short": ("p.csv", "theme,starts_at,ends_at\n甲,,".encode(), "缺少列名答复单位"),
    "a column twice": ("p.csv", (b"theme,theme,starts_at,ends_at,respondents\n"), "写了两次"),
    "too many rows": ("p.csv", (HEAD + GOOD * 1001).encode(), "最多导入1000行"),
}


@pytest.mark.parametrize("case", BAD_FILES)
async def test_a_bad_file_is_named_and_refused_within_two_seconds(small_city: City, case: str) -> None:
    name, content, sentence = BAD_FILES[case]
    with within(2, case), pytest.raises(Refusal) as refused:
        await rows_of(small_city, content, name)
    assert sentence in refused.value.message
    assert await held(small_city) == 0


@given(st.binary(max_size=400))
def test_no_bytes_whatever_bring_it_down(noise: bytes) -> None:
    whole = book(ROW)
    for name, content in (
        ("p.csv", noise),
        ("p.xlsx", b"PK\x03\x04" + noise),
        ("p.xlsx", whole[:200] + noise + whole[200 + len(noise) :]),
    ):
        with suppress(Refusal):
            assert all(line.number > 1 for line in plan_tables.read_table(content, name))


# Out, and in again


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
async def test_what_is_exported_can_be_imported_as_it_is(small_city: City, kind: str, tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://x")'
    lines = [
        "公交线网调整,2026-04-20 09:30,2026-04-20 11:30,水务局、医保局,李主持,二楼访谈室",
        "供水,2026-05-20 09:30,2026-05-20 11:30,水务局,,",
    ]
    rows = await rows_of(small_city, (HEAD + "\n".join(lines)).encode())
    rows[1].theme, rows[1].venue = hostile, "＠会议室"
    async with small_city.act("周科长", cast.PLANNED) as uow:
        made = await plan_files.apply(uow, rows)
    async with small_city.act("周科长", cast.PLANNED) as uow:
        before = await plan_files.planned(uow, 2026)
        content = await plan_files.export(uow, kind, 2026)
        assert len(await plan_files.planned(uow, 2026, 5)) == 1
        for number in made:
            (await uow.db.get_one(Interview, number)).status = "cancelled"
    again = await rows_of(small_city, content, f"plan.{kind}")
    assert all(row.ready for row in again), [row.problems for row in again]
    async with small_city.act("周科长", cast.PLANNED) as uow:
        await plan_files.apply(uow, again)
        assert await plan_files.planned(uow, 2026) == before
    assert before[1]["theme"] == hostile


async def test_what_is_in_the_plan_is_passed_over_also_when_it_is_over(small_city: City) -> None:
    city = small_city
    await city.open()
    async with city.act("何主任", cast.DURING) as uow:
        uow.db.add(IssuedPlan(year=2026, version=1, entries=[], issued_at=uow.now))
    for status in ("live", "ended", "archived"):
        async with city.act("周科长", cast.END) as uow:
            (await uow.db.get_one(Interview, city.interview)).status = status
            content = await plan_files.export(uow, "csv", 2026)
        content += "供水,2026-05-20 09:30,2026-05-20 11:30,水务局,李主持,\n".encode()
        async with city.act("周科长", cast.END) as uow:
            rows = await plan_files.preview(uow, content, "plan.csv")
        assert [row.known for row in rows] == [True, False]
        assert list(plan_files.problems_of(rows)) == [], status
    async with city.act("周科长", cast.END) as uow:
        [made] = await plan_files.apply(uow, rows)
        again = await plan_files.preview(uow, content, "plan.csv")
        assert all(row.known for row in again)
        with pytest.raises(Refusal, match="这2场都已经在计划里"):
            await plan_files.apply(uow, again)
    assert made != city.interview
    assert await held(city) == 2


async def test_a_row_that_differs_from_what_is_in_the_plan_changes_nothing_and_says_so(
    small_city: City,
) -> None:
    await small_city.plan()
    theme = "城乡居民医保缴费和异地就医"
    found = await said(small_city, f"{theme},2026-03-06 14:30,2026-03-06 16:00,水务局,别场主持,一楼")
    assert [one.partition("，")[0] for one in found] == [
        f"第2行{column}列：这一场已经在计划里" for column in ("ends_at", "respondents", "host", "venue")
    ]
    assert "主持人和计划里的不一样，没有改。要改，请到那一场的页上" in found[2]
    async with small_city.act("周科长", cast.PLANNED) as uow:
        body = await uow.db.get_one(Body, small_city.bodies["医保局"])
        body.merged_into = small_city.bodies["水务局"]
    same = f"{theme},2026-03-06 14:30,2026-03-06 16:30,示例市医疗保障局,李主持,"
    assert await said(small_city, same) == [], "by its words, although the body is no more"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "＋1", "－1", "＠x", "\r1"])
def test_no_cell_that_leaves_is_a_formula(text: str) -> None:
    row = dict.fromkeys(plan_tables.COLUMNS, text)
    assert plan_tables.to_csv([row]).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")
    sheet = load_workbook(io.BytesIO(plan_tables.to_xlsx([row], "计划"))).active
    assert sheet is not None
    assert {cell.data_type for cell in sheet[2]} == {"s"}
    assert all(cell.quotePrefix for cell in sheet[2])


def test_a_sheet_for_people_has_their_words_at_its_head() -> None:
    sheet = load_workbook(io.BytesIO(plan_tables.to_xlsx([], "计划"))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["题目", "开始", "结束", "答复单位", "主持人", "地点"]


# The year


async def test_the_year_is_checked_as_the_contract_writes_it(small_city: City) -> None:
    lines = [
        "公交线网调整,2026-04-18 09:30,2026-04-18 11:30,水务局,,",
        "供水,2026-01-12 09:30,2026-01-12 11:30,水务局,,",
    ]
    rows = await rows_of(small_city, (HEAD + "\n".join(lines)).encode())
    async with small_city.act("周科长", cast.PLANNED) as uow:
        late, resting = await plan_files.apply(uow, rows)
        long = await uow.db.get_one(Interview, resting)
        long.ends_at = at("2026-04-18 13:00")
        found = (await forecast.check(uow, 2026)).to_dict()
    assert {key: found[key] for key in found if key != "problems"} == {
        "year": 2026, "required": 26, "held": 0, "announced": 0, "planned": 2, "shortfall": 24,
    }  # fmt: skip
    about = {(one["interview"], one["article"]) for one in found["problems"]}
    assert {
        (None, "第十三条"),
        (None, "第十条"),
        (late, "第十二条"),
        (resting, "第十三条"),
        (resting, None),
    } == about


async def test_an_interview_held_counts_and_a_year_goes_on_at_its_pace(small_city: City) -> None:
    await small_city.open()
    async with small_city.act("周科长", at("2026-07-02 09:00")) as uow:
        found = await forecast.check(uow, 2026)
    assert (found.meter.held, found.meter.announced, found.meter.planned) == (1, 0, 0)
    assert found.meter.pace == 365 // 183
    assert found.meter.shortfall == 25
