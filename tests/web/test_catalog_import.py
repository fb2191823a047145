"""A file for the catalogue by form alone, from sending to stopping; and the catalogue as open data."""

import csv
import io
import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiohttp import FormData

from base.clock import office_date
from base.errors import Refusal
from base.people import SYSTEM
from faq import library
from faq.catalog_file import read
from faq.table_file import COLUMNS
from faq.views import Views
from tests import cast
from tests.access.stage import row_of
from tests.faq.files import HEAD, sheet
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_cli import fangtan, said
from web import commands
from web.import_work import advance_imports

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


async def uploads(browser: Browser, content: bytes, name: str) -> int:
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    form = FormData()
    form.add_field("csrf", token[1] if token else "")
    form.add_field("file", content, filename=name, content_type="application/octet-stream")
    async with browser.client.post(PATH, data=form) as answer:
        browser.text, browser.status, browser.path = await answer.text(), answer.status, answer.url.path
    return browser.status


async def rings(town: Town) -> None:
    """The bell until every import is over."""
    while await advance_imports(town.city.units):
        pass


# By form


async def test_a_sheet_is_shown_with_its_bad_rows_and_the_good_ones_are_taken_in(editor: Browser) -> None:
    rows = [(f"SL-{number}", f"水费{number}", "三元一吨。", "水务局") for number in range(60)]
    assert await uploads(editor, sheet(HEAD, ("SL-x", "", "没有标题", "水务局"), *rows), "目录.xlsx") == 200
    for words in ("可以收的60条", "第2行的title是空的", "前50条", "水费49", "存成草稿"):
        assert words in editor.text
    assert "水费50" not in editor.text
    assert "直接收录" not in editor.text  # That is the office's.
    await editor.sends(f"{editor.path}/start", mode="draft")
    assert "开始收了，一共60条" in editor.text
    async with editor.client.get(editor.path) as answer:
        assert answer.headers["Refresh"] == "2"
        assert "这一页每两秒自己更新一次" in await answer.text()
    await rings(editor.town)
    async with editor.client.get(editor.path) as answer:
        assert "Refresh" not in answer.headers
        page = await answer.text()
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
    assert "发布机构是空的" in editor.text
    assert 'value="关于水价"' in editor.text
    assert await editor.sends(f"{page}/start", **fields, issuer="示例市水务局", made_on="2026-01-03") == 200
    await rings(editor.town)
    found = re.search(r"收到第(\d)条", (await opened(editor, page)))
    assert found is not None
    assert found[1] == "1"


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
    found = re.search(r"停了。已经收进来的(\d+)条还在。", editor.text)
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
    assert "第3行的title是空的" in said(fangtan("faq", "import", str(table), "--data", str(installation)), 2)


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
    assert (done["added"], told) == (1200, [(500, 1200), (1000, 1200), (1200, 1200)])
    assert "有1200条没有写发布机构，记作" in remarks[0]
