"""A file for the catalogue by form alone, from sending to stopping; and the catalogue as open data."""

import asyncio
import csv
import io
import json
import re
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiohttp import FormData
from openpyxl import Workbook, load_workbook
from sqlalchemy import select, update
from sqlmodel import col

from base.clock import office_date, utcnow
from base.errors import Refusal
from base.people import SYSTEM
from faq import catalog_file, library
from faq.catalog_file import read
from faq.models import CatalogEntry, CatalogImport
from faq.table_file import COLUMN_NAMES, COLUMNS, REQUIRED
from faq.views import Views
from tests import cast
from tests.access.stage import row_of
from tests.faq.files import HEAD, sheet
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_cli import fangtan, said
from web import commands, long_work
from web.import_work import advance_imports
from web.keys import FILE_READERS

PATH = "/office/catalog/import"
LONG = 6000
"""Rows of an import that takes twelve rings of the bell."""
LETTER = "关于调整水价的通知\n文号：示水办〔2026〕8号\n各单位：\n水价每吨三元。\n2026年1月2日"


@pytest.fixture
async def editor(town: Town) -> Browser:
    """目录编辑小林, without scripts."""
    opened = Browser(town)
    await opened.signs_in("editor", PATH)
    return opened


async def uploads(browser: Browser, content: bytes, name: str, *, waits: bool = False) -> int:
    """Send a file; ``waits`` to stay where one waits for it to be read."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    form = FormData()
    form.add_field("csrf", token[1] if token else "")
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    async with browser.client.post(PATH, data=form) as answer:
        browser.text, browser.status, browser.path = await answer.text(), answer.status, answer.url.path
    if browser.path == f"{PATH}/reading" and not waits:
        # A busy machine takes longer than a page waits for.
        await is_read(browser)
        await browser.opens(browser.path)
    return browser.status


async def is_read(browser: Browser) -> None:
    """Wait for what the last one sent is read by."""
    app: Any = browser.town.client.app
    (reader,) = app[FILE_READERS].values()
    await asyncio.wait_for(asyncio.shield(reader.task), 60)


async def rings(town: Town) -> None:
    """The bell until every import is over."""
    while await advance_imports(town.city.units):
        pass


# By form


async def test_a_blank_table_has_every_heading_and_comes_back_filled_in(editor: Browser) -> None:
    assert f'href="{PATH}/blank.xlsx"' in editor.text
    async with editor.client.get(f"{PATH}/blank.xlsx") as answer:
        assert answer.status == 200
        book = load_workbook(io.BytesIO(await answer.read()))
    (table,) = book.worksheets
    headings = [str(cell.value) for cell in table[1]]
    assert sorted(headings) == sorted(COLUMN_NAMES.values())
    assert headings[: len(REQUIRED)] == [COLUMN_NAMES[name] for name in REQUIRED]
    assert await uploads(editor, as_bytes(book), "空白表.xlsx") == 400
    assert "只有列名，下面没有要导入的行" in editor.text
    table.append(["SL-77", "水表怎样换", "到营业厅办理。", "示例市水务局"])
    assert await uploads(editor, as_bytes(book), "目录.xlsx") == 200
    assert "SL-77" in editor.text


def as_bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_sheet_is_shown_with_its_bad_rows_and_the_good_ones_are_taken_in(editor: Browser) -> None:
    rows = [(f"SL-{number}", f"水费{number}", "三元一吨。", "水务局") for number in range(60)]
    assert await uploads(editor, sheet(HEAD, ("SL-x", "", "没有标题", "水务局"), *rows), "目录.xlsx") == 200
    for words in ("可以收的60条", "第2行的“标题”是空的", "前50条", "水费49", "存成草稿"):
        assert words in editor.text
    assert "水费50" not in editor.text
    assert "直接收录" not in editor.text  # That is the office's.
    await editor.sends(f"{editor.path}/start", mode="draft")
    assert "开始收了，一共60条" in editor.text
    async with editor.client.get(editor.path) as answer:
        text = await answer.text()
    assert f'<noscript><meta http-equiv="refresh" content="2;url={editor.path}"></noscript>' in text
    assert "这一页自己更新" in text
    assert await told(editor, editor.path) == ("一共60条，收到第0条。", 0, 60, True)
    await rings(editor.town)
    page = await opened(editor, editor.path)
    assert "http-equiv" not in page
    assert (await told(editor, editor.path))[3] is False
    for words in ("收完了", "一共60条，收到第60条", "<dd>60条</dd>"):
        assert words in page
    assert "没有收</dt>" not in page
    await editor.opens(PATH)
    assert "60/60条" in editor.text


async def test_a_document_is_proposed_and_corrected_in_place(editor: Browser) -> None:
    await uploads(editor, LETTER.encode("gb18030"), "通知.txt")
    for words in (
        'value="关于调整水价的通知"',
        'value="JH-2026-0001"',
        "示水办〔2026〕8号",
        "文件里没有写，请填全称",
    ):
        assert words in editor.text
    page, fields = (
        editor.path,
        {"title": "关于水价", "index_no": "SL-9", "class": "政策法规", "mode": "draft"},
    )
    assert await editor.sends(f"{page}/start", **fields, issuer="", made_on="去年") == 400
    assert "“发布机构”是空的" in editor.text
    assert "“成文日期”写的是去年，应当像2026-05-18" in editor.text
    assert 'value="关于水价"' in editor.text
    assert await editor.sends(f"{page}/start", **fields, issuer="示例市水务局", made_on="2026-01-03") == 200
    await rings(editor.town)
    found = re.search(r"收到第(\d)条", (await opened(editor, page)))
    assert found is not None
    assert found[1] == "1"


async def told(browser: Browser, path: str) -> tuple[str, int, int, bool]:
    """What the page's script reads."""
    async with browser.client.get(path, headers={"Accept": "application/json"}) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        found = await answer.json()
    return found["said"], found["done"], found["total"], found["running"]


async def opened(browser: Browser, path: str) -> str:
    await browser.opens(path)
    return browser.text


async def test_a_number_that_is_taken_is_shown_with_the_title_that_has_it(editor: Browser) -> None:
    text = f"索引号：SL-1\n{LETTER}"
    await uploads(editor, f"索引号 SL-1 发布机构 示例市水务局\n{LETTER}".encode(), "通知.txt")
    await editor.sends(f"{editor.path}/start", mode="draft")
    await rings(editor.town)
    await editor.opens(PATH)
    await uploads(editor, text.replace("水价", "电价").encode(), "电价.txt")
    assert "索引号SL-1已经有一条《关于调整水价的通知》" in editor.text


async def begins_a_long_one(editor: Browser) -> str:
    """The page of an import that the bell is busy with for a while; its first rows are in."""
    table = "index_no,title,body,issuer\n" + "".join(f"SL-{n},水费,三元一吨。,水务局\n" for n in range(LONG))
    await uploads(editor, table.encode(), "目录.csv")
    page = editor.path
    await editor.sends(f"{page}/start", mode="draft")
    await advance_imports(editor.town.city.units)
    return page


async def test_stopping_says_how_many_came_in(editor: Browser) -> None:
    page = await begins_a_long_one(editor)
    assert await editor.sends(f"{page}/cancel") == 200
    found = re.search(r"停了。已经收进来的(\d+)条还在；", editor.text)
    assert found is not None
    assert int(found[1]) in range(100, LONG, 100)
    await rings(editor.town)
    assert f"一共{LONG}条，收到第{found[1]}条" in await opened(editor, page)


async def test_a_preview_is_dropped_and_what_is_no_file_is_said(editor: Browser) -> None:
    await uploads(editor, sheet(HEAD, ("SL-1", "水费", "三元", "水务局")), "目录.xlsx")
    await editor.sends(f"{editor.path}/cancel")
    assert (editor.path, "没有收，这份文件去掉了" in editor.text) == (PATH, True)
    for content, name, words in ((b"", "a.csv", "文件是空的"), (b"PK\x03\x04", "a.xlsx", "打不开这个文件")):
        assert await uploads(editor, content, name) == 400
        assert words in editor.text
    assert await editor.sends(PATH) == 400
    assert "请选一个文件" in editor.text
    assert await editor.opens(f"{PATH}/999") == 404
    assert await editor.opens(f"{PATH}/99999999999999999999") == 404


async def test_a_question_set_gets_its_issuer_and_day_from_the_office(town: Town) -> None:
    office = Browser(town)
    await office.signs_in("office", PATH)
    lines = "\n".join(json.dumps({"id": f"q{n}", "q": f"水价{n}", "a": "三元一吨。"}) for n in range(3))
    await uploads(office, lines.encode(), "题.jsonl")
    for words in ("有3条没有写，统一记作", "直接收录的要写", "已经在别处公开过的，直接收录"):
        assert words in office.text
    page, given = office.path, {"mode": "published", "all_issuer": "示例市水务局"}
    assert await office.sends(f"{page}/start", **given) == 400
    assert "有3条没有写发布日期" in office.text
    await office.sends(f"{page}/start", **given, all_published_on="2026-01-05")
    await rings(town)
    assert "水价2" in await opened(office, "/catalog")


def _facts(text: str) -> dict[str, str]:
    return dict(re.findall(r"<div><dt>([^<]*)</dt><dd>([^<]*)</dd></div>", text))


SOME = "索引号,标题,正文,发布机构\nSL-0,水费0,四元一吨。,水务局\nSL-1,水费1,三元一吨。,水务局\nSL-9,新的,五元。,水务局\n"


async def test_a_preview_says_what_changes_and_what_of_it_is_public(town: Town) -> None:
    office = Browser(town)
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        entries = [
            row_of(f"SL-{n}", f"水费{n}", "三元一吨。", issuer="水务局", keywords="水费") for n in range(2)
        ]
        await library.import_rows(uow, entries, publish_too=True)
    await office.signs_in("office", PATH)
    assert "文件里没有的列、空着的格，照那一条原来的" in office.text
    await uploads(office, SOME.encode(), "目录.csv")
    assert _facts(office.text) == {
        "新增": "1条",
        "修改已有的": "1条，其中现在公开着的1条",
        "没有变": "1条",
    }
    for words in (
        "会改到现在公开着的1条",
        "直接收录的，收进来公众马上看到",
        ">修改：正文；现在公开着</td>",
        ">没有变</td>",
        ">新增</td>",
    ):
        assert words in office.text
    assert ">办事指南</td>" in office.text  # The class that the file does not say, as the entry has it.
    page = office.path
    await office.sends(f"{page}/start", mode="published", all_published_on="2026-01-05")
    await rings(town)
    assert _facts(await opened(office, page)) == {"新增": "1条", "修改": "1条", "没有变": "1条"} | {
        name: said for name, said in _facts(office.text).items() if name == "谁办的"
    }


async def test_a_long_preview_counts_all_its_rows_and_an_old_one_says_nothing_it_does_not_know(
    town: Town,
) -> None:
    editor = Browser(town)
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        entries = [row_of(f"SL-{n}", "水费", "三元一吨。", issuer="水务局") for n in range(70)]
        await library.import_rows(uow, entries, publish_too=True)
    await editor.signs_in("editor", PATH)
    cells = [(f"SL-{n}", "水费", "四元。" if n in (3, 65) else "三元一吨。", "水务局") for n in range(80)]
    await uploads(editor, sheet(HEAD, *cells), "目录.xlsx")
    assert _facts(editor.text) == {"新增": "10条", "修改已有的": "2条，其中现在公开着的2条", "没有变": "68条"}
    assert "直接收录" not in editor.text  # That is the office's.
    assert editor.text.count(">没有变</td>") == 49
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        await uow.db.execute(update(CatalogImport).values(foreseen=None))
    assert _facts(await opened(editor, editor.path)) == {}
    assert ">修改：正文；现在公开着</td>" in editor.text


async def test_the_only_row_of_a_file_says_what_it_changes_and_what_it_leaves(town: Town) -> None:
    office = Browser(town)
    async with town.city.units.act(SYSTEM, cast.DURING) as uow:
        await library.import_rows(uow, [row_of("SL-0", "水费0", "三元。", in_force=False)], publish_too=True)
    await office.signs_in("office", PATH)
    await uploads(office, SOME.partition("SL-1")[0].encode(), "一条.csv")
    for words in (
        "索引号SL-0已经有一条《水费0》，现在公开着。收进来是改它的正文、发布机构；",
        '<option value="" selected>没有写，还是办事指南</option>',
        '<option value="" selected>没有写，还是否</option>',
    ):
        assert words in office.text
    cells = {"class": "", "in_force": "", "openness": "", "published_on": "", "made_on": "", "keywords": ""}
    said = {"title": "水费0", "index_no": "SL-0", "issuer": "水务局", "mode": "published"} | cells
    await office.sends(f"{office.path}/start", **said)
    await rings(town)
    async with town.city.units.read(SYSTEM) as uow:
        (entry,) = await uow.db.scalars(select(CatalogEntry).where(col(CatalogEntry.index_no) == "SL-0"))
    assert (entry.body, entry.category, entry.in_force) == ("四元一吨。", "办事指南", False)
    await office.opens(PATH)
    await uploads(office, SOME.replace("SL-0", "SL-8").partition("SL-1")[0].encode(), "一条.csv")
    assert '<option value="" selected>没有写，记作其他</option>' in office.text


async def test_the_only_row_of_a_file_shows_what_it_says_itself(town: Town) -> None:
    office = Browser(town)
    await office.signs_in("office", PATH)
    table = "索引号,标题,正文,发布机构,类别,公开属性\nSL-9,水费,三元。,水务局,公告,依申请公开\n"
    await uploads(office, table.encode(), "一条.csv")
    for chosen in ("公告", "依申请公开"):
        assert f'<option value="{chosen}" selected>{chosen}</option>' in office.text
    assert "没有写，记作其他" not in office.text


async def test_a_day_that_has_not_come_is_refused_where_it_is_written(town: Town) -> None:
    office, late = Browser(town), (office_date(utcnow()) + timedelta(days=2)).isoformat()
    await office.signs_in("office", PATH)
    head, rows = "索引号,标题,正文,发布机构,发布日期\n", "A-2,气价,三元,燃气局,\nA-3,电价,五角,供电局,\n"
    table = f"{head}A-1,水价,三元,水务局,{late}\n{rows}"
    await uploads(office, table.encode(), "目录.csv")
    assert "可以收的2条" in office.text
    assert f"第2行的“发布日期”写的是{late}，应当是今天或者以前的日期，或者空着。" in office.text
    page = office.path
    assert await office.sends(f"{page}/start", mode="published", all_published_on=late) == 400
    assert 'id="all_published_on-e">发布日期' in office.text
    await office.opens(PATH)
    await uploads(office, LETTER.encode(), "通知.txt")
    cells = {"title": "关于水价", "index_no": "SL-9", "issuer": "示例市水务局", "published_on": late}
    assert await office.sends(f"{office.path}/start", mode="draft", **cells) == 400
    assert 'id="published_on-e">“发布日期”写的是' in office.text


async def test_a_file_may_be_larger_than_a_form_for_those_who_bring_files(
    town: Town, editor: Browser
) -> None:
    letter = LETTER.encode() + b"\n" + "长".encode() * 450_000
    assert await uploads(editor, letter, "长.txt") == 200
    assert "正文，4500" in editor.text
    assert await uploads(editor, b"x" * (52 * 1024 * 1024), "太大.txt") == 413
    assert "文件超过50MB" in editor.text
    host = Browser(town)
    await host.signs_in("host", "/staff")
    assert await uploads(host, letter, "长.txt") == 413


async def test_a_live_room_goes_on_between_two_stretches(editor: Browser) -> None:
    page = await begins_a_long_one(editor)
    city = editor.town.city
    question = await city.asks("网友甲", "断缴一年，住院能不能报？")
    await city.does("审核员小张", "question.publish", question=question)
    assert "正在收" in await opened(editor, page)
    await editor.sends(f"{page}/cancel")


# Open data


@pytest.fixture
async def public(town: Town) -> Town:
    """A catalogue of which one entry is a draft, one has lost its force, and one looks like a formula."""
    entries = [
        row_of("GK-1", "=HYPERLINK(1)", "带上\n身份证，“到窗口”。", alts=("怎么办", "在哪办")),
        row_of(
            "GK-2", "旧办法", "作废的话。", repealed_on=cast.at("2026-02-01 09:00").date(), in_force=False
        ),
        row_of("GK-3", "不公开的", "内部的话。", openness="依申请公开"),
    ]
    async with town.city.units.act(SYSTEM, cast.PLANNED) as uow:
        await library.import_rows(uow, entries, publish_too=True)
    return town


async def got(town: Town, kind: str, **headers: str) -> tuple[int, str, Any]:
    async with town.client.get(f"/catalog.{kind}", headers=headers) as answer:
        return answer.status, await answer.text(), answer.headers


async def test_open_data_has_what_is_public_and_nothing_else(public: Town) -> None:
    _, text, headers = await got(public, "json")
    document = json.loads(text)
    assert set(document) == {"licence", "exported_at", "entries"}
    assert [(one["index_no"], one["in_force"]) for one in document["entries"]] == [
        ("GK-1", True),
        ("GK-2", False),
    ]
    first = document["entries"][0]
    assert (first["alts"], first["class_path"]) == (["怎么办", "在哪办"], ["办事指南"])
    assert first["url"].endswith("/faq/entries/1")
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert [json.loads(line) for line in (await got(public, "jsonl"))[1].splitlines()] == document["entries"]
    assert (await got(public, "xml"))[0] == 404


async def test_a_spreadsheet_takes_no_cell_for_a_formula(public: Town) -> None:
    _, text, _ = await got(public, "csv")
    heading, first, _ = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert heading == [*COLUMNS, "class_path", "url", "views"]
    assert first[2] == "'=HYPERLINK(1)"
    assert first[5] == "带上\n身份证，“到窗口”。"


async def test_open_data_says_how_often_each_was_read_and_anew_with_each_day(public: Town) -> None:
    seen = Views()
    for day in (cast.PLANNED, cast.DURING):
        seen.seen(1, office_date(day))
    before = (await got(public, "csv"))[2]["ETag"]
    await seen.flush(public.city.units)
    _, text, headers = await got(public, "csv")
    assert [row["views"] for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))] == [
        "2",
        "0",
    ]
    assert headers["ETag"] == before
    for kind in ("jsonl", "json"):
        assert '"views":2' in (await got(public, kind))[1]
    with time_machine.travel(datetime.now(UTC) + timedelta(days=1)):
        assert (await got(public, "csv", **{"If-None-Match": before}))[0] == 200


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
async def test_what_went_out_comes_in_again_as_the_same(public: Town, kind: str) -> None:
    rows = read(f"catalog.{kind}", (await got(public, kind))[1].encode()).whole()
    assert [row.title for row in rows] == ["=HYPERLINK(1)", "旧办法"]
    async with public.city.units.act(SYSTEM) as uow:
        done = await library.import_rows(uow, rows, publish_too=True)
    assert (done.added, done.changed, done.unchanged) == (0, 0, 2)


async def test_whoever_has_this_version_is_told_so(public: Town) -> None:
    status, _, headers = await got(public, "csv")
    assert status == 200
    tag = headers["ETag"]
    assert (await got(public, "csv", **{"If-None-Match": tag}))[:2] == (304, "")
    assert (await got(public, "jsonl", **{"If-None-Match": tag}))[0] == 200
    async with public.city.units.act(SYSTEM) as uow:
        await library.import_rows(uow, [row_of("GK-4", "新的", "新话。")], publish_too=True)
    assert (await got(public, "csv", **{"If-None-Match": tag}))[0] == 200
    async with public.client.head("/catalog.csv") as answer:
        assert (answer.status, await answer.read()) == (200, b"")


# The command line


@pytest.fixture
def installation(tmp_path: Path, migrated_file: Path) -> Path:
    """A data directory with an empty database."""
    shutil.copy(migrated_file, tmp_path / "fangtan.db")
    return tmp_path


def test_a_bad_row_on_the_command_line_is_named_and_ends_with_2(installation: Path) -> None:
    table = installation / "目录.xlsx"
    table.write_bytes(sheet(HEAD, ("SL-2", "水费", "三元一吨。", "水务局"), ("SL-3", "", "x", "水务局")))
    assert "第3行的“标题”是空的" in said(fangtan("faq", "import", str(table), "--data", str(installation)), 2)
    late = (office_date(utcnow()) + timedelta(days=2)).isoformat()
    table.write_bytes(sheet((*HEAD, "发布日期"), ("SL-2", "水费", "三元一吨。", "水务局", late)))
    told = said(fangtan("faq", "import", str(table), "--data", str(installation)), 2)
    assert f"第2行的“发布日期”写的是{late}，应当是今天或者以前的日期" in told
    table.write_bytes(sheet(HEAD, ("SL-2", "水费", "三元一吨。", "水务局"), ("SL-3", "💧？", "x", "水务局")))
    told = said(fangtan("faq", "import", str(table), "--data", str(installation)), 2)
    assert "第3行的“标题”只有符号，至少要有一个字、字母或者数字。" in told


async def test_a_letter_on_the_command_line_needs_its_issuer(installation: Path) -> None:
    letter = installation / "通知.txt"
    letter.write_text(LETTER, encoding="utf-8")
    with pytest.raises(Refusal, match="--issuer"):
        await commands.faq_import(installation, letter)
    for added in (1, 0):
        done, remarks = await commands.faq_import(installation, letter, "示例市水务局")
        assert (done["added"], done["published"], done["format"]) == (added, added, "txt")
        assert remarks == []


async def test_an_operators_import_is_told_as_it_goes_and_is_all_or_nothing(installation: Path) -> None:
    lines = [json.dumps({"id": f"q{n}", "q": f"水价{n}", "a": "三元。"}) for n in range(1200)]
    file = installation / "题.jsonl"
    file.write_text("\n".join([*lines, "{broken"]), encoding="utf-8")
    with pytest.raises(Refusal, match="第1201行不是一个完整的JSON"):
        await commands.faq_import(installation, file)
    file.write_text("\n".join(lines), encoding="utf-8")
    told: list[tuple[int, int]] = []
    done, remarks = await commands.faq_import(installation, file, told=lambda n, of: told.append((n, of)))
    assert (done["added"], told) == (1200, [(upto, 1200) for upto in range(100, 1201, 100)])
    assert "有1200条没有写发布机构，新的记作" in remarks[0]


async def test_a_stopped_import_is_taken_back_after_it_was_said_how_much(editor: Browser) -> None:
    page = await begins_a_long_one(editor)
    await editor.sends(f"{page}/cancel")
    found = re.search(r"停了。已经收进来的(\d+)条还在；也不要了，可以撤回这次导入。", editor.text)
    assert found is not None
    came = int(found[1])
    assert await editor.opens(f"{page}/undo") == 200
    for words in (f"收进来的{came}条？", f"新增的{came}条：删掉。", f"撤回这{came}条"):
        assert words in editor.text
    assert await editor.sends(f"{page}/undo") == 200
    assert f"开始撤回了，一共{came}条" in editor.text
    assert await told(editor, page) == (f"收过{came}条，还有{came}条要撤。", 0, came, True)
    await rings(editor.town)
    text = await opened(editor, page)
    for words in (
        "都撤回了，目录和导入以前一样。",
        f"收的时候新增了{came}条",
        "<dt>谁撤的</dt><dd>目录编辑小林",
    ):
        assert words in text
    # Once is enough: the page of the question leads back, and the form is refused in words.
    assert await editor.opens(f"{page}/undo") == 200
    assert editor.path == page
    assert await editor.sends(f"{page}/undo") == 409
    assert "现在不能撤回" in editor.text


async def test_a_long_file_is_read_on_a_page_of_its_own_and_can_be_stopped(
    editor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes, told_once = threading.Event(), catalog_file.read

    def slowly(*given: Any) -> catalog_file.Reading:
        assert goes.wait(60)
        return told_once(*given)

    monkeypatch.setattr(long_work, "AT_ONCE", 0.0)
    monkeypatch.setattr(catalog_file, "read", slowly)
    table = b"index_no,title,body,issuer\nSL-1,a,b,c\n"
    try:
        await uploads(editor, table, "a.csv", waits=True)
        assert (editor.path, "a.csv：逐行看一遍" in editor.text) == (f"{PATH}/reading", True)
        assert (await told(editor, editor.path))[3] is True
        await editor.sends(editor.path, act="cancel")
        await is_read(editor)
        assert "停下了，这份文件没有留下" in await opened(editor, f"{PATH}/reading")
        await editor.opens(PATH)
        assert "a.csv" not in editor.text
        await uploads(editor, table, "b.csv", waits=True)
    finally:
        goes.set()
    await is_read(editor)
    assert "核对这一条" in await opened(editor, f"{PATH}/reading")
    assert re.fullmatch(rf"{PATH}/\d+", editor.path)
