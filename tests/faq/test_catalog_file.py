"""A file that comes in: what it is, what it holds, what is wrong with it; and files that mean harm."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import date, datetime

import pytest

from base.errors import Refusal
from faq.catalog_file import Reading, read
from faq.table_file import COLUMNS, Row
from tests.faq.files import HEAD, a_million_rows, sheet, with_part, word
from tests.timing import within

MONDAY = datetime(2026, 1, 5)  # noqa: DTZ001 - a date in a sheet has no zone
GOOD = ("SL-1", "水费", "三元一吨。", "水务局")


def said(reading: Reading) -> list[str]:
    return [problem.sentence for problem in reading.problems]


def only(reading: Reading) -> Row:
    (row,) = reading.rows
    assert not reading.problems
    return row


# Excel


def test_a_sheet_gives_its_cells_as_the_text_that_stands_in_them() -> None:
    heading = ("索引号", "标题", "正文", "发布机构", "发布日期", "是否有效", "别的")
    content = sheet((), heading, (1001.0, "水费", "第一行\n第二行", "水务局", MONDAY, True, "不看"))
    row = only(read("目录.xlsx", content))
    assert (row.index_no, row.body, row.published_on) == ("1001", "第一行\n第二行", date(2026, 1, 5))
    assert row.in_force


def test_a_formula_is_not_believed_and_the_other_rows_are_read() -> None:
    reading = read("目录.xlsx", sheet(HEAD, GOOD, ("SL-2", "=1+1", "正文", "水务局")))
    assert [row.index_no for row in reading.rows] == ["SL-1"]
    assert said(reading) == ["第3行的“标题”是公式，请改成写好的字。"]


def test_only_the_first_sheet_is_read_and_that_is_said() -> None:
    assert not read("目录.xlsx", sheet(HEAD, GOOD)).remarks
    assert "只读了“目录”这一张表" in read("目录.xlsx", sheet(HEAD, GOOD, more="旧的")).remarks[0]


def test_a_million_empty_rows_are_not_waited_for() -> None:
    with within(3):
        reading = read("目录.xlsx", a_million_rows())
    assert only(reading).title == "水费"
    assert "再往下没有看" in reading.remarks[0]


def bomb(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"<x>" + b" " * 20_000_000)
    return out.getvalue()


def entity(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, '<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>')
    return out.getvalue()


HARM: dict[str, tuple[Callable[[], bytes], str]] = {
    "broken": (lambda: sheet(HEAD, GOOD)[:-40], "打不开这个文件"),
    "only its first bytes": (lambda: b"PK\x03\x04" + b"x" * 500, "打不开这个文件"),
    "sheet that is none": (
        lambda: with_part(sheet(HEAD, GOOD), "xl/worksheets/sheet1.xml", b"<x/>", "xl/worksheets/sheet1.xml"),
        "空的",
    ),
    "macros": (lambda: with_part(sheet(HEAD, GOOD), "xl/vbaProject.bin", b"x"), "有宏"),
    "embedded": (lambda: with_part(word("正文"), "word/embeddings/a.bin", b"x"), "有宏或者嵌入"),
    "excel bomb": (lambda: bomb("xl/workbook.xml"), "大得不正常"),
    "word bomb": (lambda: bomb("word/document.xml"), "大得不正常"),
    "entities": (lambda: entity("word/document.xml"), "外部实体"),
    "an archive": (lambda: with_part(b"PK\x05\x06" + bytes(18), "a.txt", b"x"), "不是Excel表格"),
    "old or encrypted": (lambda: b"\xd0\xcf\x11\xe0" + b"x" * 500, "旧版或者加了密码"),
    "PDF": (lambda: b"%PDF-1.7 x", "PDF"),
    "nothing": (lambda: b"", "空的"),
    "blank": (lambda: b" \r\n\t", "空的"),
    "columns alone": (lambda: ",".join(HEAD).encode(), "没有要导入的行"),
    "no text": (lambda: random.Random(6).randbytes(5000), "读不出"),
    "Word without a word": (lambda: word(""), "没有文字"),
    "scripts alone": (lambda: b"<html><body><script>alert(1)</script></body></html>", "没有文字"),
    "tags without end": (lambda: b"<html><body>" + b"<div>" * 200_000 + b"x", "套得太深"),
    "a million tags": (lambda: b"<html><body>" + b"<p>x</p>" * 900_000, "标签太多"),
    "a page of 9 MB": (lambda: b"<html>" + b"x" * 9_000_000, "超过8MB"),
    "no catalogue": (lambda: b"name,phone\nx,y\n", "缺少列名"),
}


@pytest.mark.parametrize("what", HARM)
def test_a_file_that_is_no_catalogue_is_refused_in_a_sentence(what: str) -> None:
    make, says = HARM[what]
    content = make()
    name = "目录.csv" if what in ("columns alone", "no catalogue") else "目录.xlsx"
    with within(5, what), pytest.raises(Refusal, match=says) as refused:
        read(name, content)
    assert refused.value.status in (400, 413)
    assert refused.value.message.endswith("。")


# JSON Lines


def test_lines_of_both_forms_are_read_side_by_side() -> None:
    ours = {"index_no": "SL-1", "title": "水费", "body": "三元。", "issuer": "水务局", "in_force": False}
    theirs = {"id": "q-1", "q": "一吨水多少钱", "alts": ["水价", "水费标准"], "a": "三元。", "dept": "水务局"}
    silent = {"id": "q-2", "q": "办理供水开户", "a": ""}
    reading = read("a.jsonl", "\n".join(map(json.dumps, (ours, theirs, silent))).encode())
    one, two, three = reading.rows
    assert (one.in_force, two.index_no, two.title, two.question) == (
        False,
        "q-1",
        "一吨水多少钱",
        "一吨水多少钱",
    )
    assert (two.alts, two.body, two.issuer) == (("水价", "水费标准"), "三元。", "水务局")
    assert (three.body, three.issuer, reading.lacking("issuer")) == ("办理供水开户", "", 1)
    assert "有1行没有答案" in reading.remarks[0]


def test_a_bad_line_is_named_and_the_others_stay() -> None:
    lines = [
        '{"index_no":"1","title":"t","issuer":"水务局"}', "[1]", "{broken", "", "[" * 100_000,
        '{"id":"q","q":"\\ud800水\\u0000费","a":"x"}', '{"id":"q","q":"y","a":"x"}', '{"id":"r","q":{"x":1},"a":"x"}',
    ]  # fmt: skip
    reading = read("a.jsonl", "\n".join(lines).encode())
    assert [(row.index_no, row.title) for row in reading.rows] == [("q", "水费"), ("r", "{'x': 1}")]
    assert said(reading) == [
        "第1行的“正文”是空的。",
        "第2行不是一个JSON对象。",
        "第3行不是一个完整的JSON。",
        "第5行不是一个完整的JSON。",
        "第7行的索引号q和第6行相同。",
    ]


def test_what_the_catalogue_exports_is_read_again() -> None:
    entry = dict.fromkeys(COLUMNS) | {
        "index_no": "SL-1", "title": "水费", "body": "三元。", "issuer": "水务局", "alts": ["水价", "一吨水|多少钱"],
        "class": "办事指南", "in_force": True, "published_on": "2026-01-05", "class_path": ["办事指南"],
    }  # fmt: skip
    row = only(read("catalog.json", json.dumps({"licence": "x", "entries": [entry]}).encode()))
    assert (row.category, row.published_on, row.alts[0]) == ("办事指南", date(2026, 1, 5), "水价")


# Tables as text


def test_rows_are_judged_one_by_one_and_taken_all_or_none() -> None:
    content = "index_no,title,body,issuer\n1,水费,三元,水务局\n2,,三元,水务局\n1,电费,五角,供电局\n".encode()
    reading = read("a.csv", content)
    assert [row.title for row in reading.rows] == ["水费"]
    assert said(reading) == ["第3行的“标题”是空的。", "第4行的索引号1和第2行相同。"]
    with pytest.raises(Refusal, match=r"第3行的“标题”是空的。.*一条也没有存"):
        reading.whole()


def test_an_exports_apostrophe_is_taken_off_again() -> None:
    row = only(read("a.csv", "index_no,title,body,issuer\n1,'=1+1,'平'字,水务局\n".encode()))
    assert (row.title, row.body) == ("=1+1", "'平'字")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_any_usual_encoding_is_read(encoding: str) -> None:
    content = "关于水费的通知\n发布机构：示例市水务局\n水费每吨三元。".encode(encoding)
    row = only(read("通知.txt", content))
    assert (row.title, row.issuer, row.body) == ("关于水费的通知", "示例市水务局", "水费每吨三元。")


# Documents


def test_a_word_document_is_one_entry() -> None:
    table = [
        ("索引号", "SL-2026-7", "发布机构", "示例市水务局"),
        ("公开目录", "工作计划", "发布日期", "2026年1月5日"),
    ]
    content = word(
        "一、水价", "每吨三元。", "二、缴费", "按月缴。", "示例市水务局", "2026年1月2日",
        title="关于调整水价的通知", table=table,
    )  # fmt: skip
    row = only(read("通知.docx", content))
    assert (row.index_no, row.title, row.issuer) == ("SL-2026-7", "关于调整水价的通知", "示例市水务局")
    assert (row.category, row.made_on, row.published_on) == ("规划计划", date(2026, 1, 2), date(2026, 1, 5))
    assert row.body.startswith("一、水价\n每吨三元。\n二、缴费")


def test_a_line_of_marks_is_no_title_of_a_document() -> None:
    page = "<h1>💧💧</h1><p>每立方米2.8元，按表计。</p><p>按月收，过期不另收钱。</p>"
    assert only(read("a.html", page.encode())).title == ""


def test_a_page_gives_what_a_reader_sees() -> None:
    page = """<html><head><meta charset="gb2312"><title>网站名</title>
      <meta name="ArticleTitle" content="关于水价的通知"><meta name="PubDate" content="2026-01-05 10:19">
      <meta name="ContentSource" content="示例市水务局"><script>var x = "不要";</script></head>
      <body><nav>首页 &gt; 通知</nav><h1>关于水价的通知</h1>
      <p>水价每吨3元&amp;免污水费，<b>按月</b>缴。</p><p style="display: none">看不见</p>
      <table><tr><td>档</td><td>元</td></tr><tr><td>一</td><td>3</td></tr></table>
      <form><input value="x"><button>提交</button></form><footer>版权所有</footer></body></html>"""
    row = only(read("a.html", page.encode("gb18030")))
    assert (row.title, row.issuer, row.published_on) == ("关于水价的通知", "示例市水务局", date(2026, 1, 5))
    assert "水价每吨3元&免污水费，按月缴。" in row.body
    assert "一 3" in row.body
    assert not any(word in row.body for word in ("不要", "看不见", "提交", "版权", "首页", "网站名"))


def test_300_pages_are_read_and_a_longer_one_is_refused_by_its_row() -> None:
    paragraph = "各单位要按照职责分工，加强协作配合，认真抓好落实。" * 5
    row = only(read("长.docx", word(*[paragraph] * 1600, title="关于供水的规划")))
    assert 180_000 < len(row.body) < 500_000
    reading = read("长.txt", ("题目\n" + "长" * 500_001).encode())
    assert (reading.rows, said(reading)) == ((), ["第1行的“正文”有500001个字，最多500000个。"])
