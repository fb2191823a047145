"""A catalogue as CSV: taken whole, or refused with the row named."""

from datetime import date

import pytest

from base.errors import Refusal
from faq.table_file import COLUMNS, parse_csv

HEAD = ",".join(COLUMNS)
GOOD = (
    'SL-1,办事指南,水费怎样计算,,"水费怎么算|一吨水多少钱","第一行\n第二行",示例市水务局,'
    ",,水费,2026-01-02,2026/1/5,主动公开,是,,"
)


def csv(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows)).encode()


def test_a_good_file_is_read_whole() -> None:
    (row,) = parse_csv(csv(GOOD))
    assert row.index_no == "SL-1"
    assert row.alts == ("水费怎么算", "一吨水多少钱")
    assert row.body == "第一行\n第二行"
    assert (row.made_on, row.published_on) == (date(2026, 1, 2), date(2026, 1, 5))
    assert row.in_force is True
    assert row.section is None


def test_excels_gbk_and_a_byte_order_mark_are_read() -> None:
    text = "\r\n".join((HEAD, GOOD))
    assert parse_csv(text.encode("gb18030")) == parse_csv(b"\xef\xbb\xbf" + text.encode()) != []


def test_few_columns_in_any_order_are_enough() -> None:
    (row,) = parse_csv("title,index_no,issuer,body\n水费,SL-1,水务局,按表\n\n".encode())
    assert (row.category, row.openness, row.in_force) == ("其他", "主动公开", True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空的"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\xfe\x00a\x00", "读不出"),
        ("title,body\n水费,按表\n".encode(), "缺少列名index_no"),
        (b"index_no,title,body,issuer,title\n", "重复"),
        (csv(GOOD, GOOD), "第3行的索引号SL-1和第2行相同"),
        (csv(GOOD.replace("SL-1", "")), "第2行的index_no是空的"),
        (csv(GOOD, "SL-2,只有两格"), "第3行有2格"),
        (csv(GOOD.replace("2026-01-02", "去年")), "第2行的made_on"),
        (csv(GOOD.replace("2026-01-02", "2026-02-30")), "第2行的made_on"),
        (csv(GOOD.replace("主动公开", "秘密")), "第2行的openness"),
        (csv(GOOD.replace(",是,", ",也许,")), "第2行的in_force"),
        (csv(GOOD.replace("水费怎样计算", "长" * 501)), "第2行的title"),
        (csv('SL-2,"没有成对'), "第2行"),
    ],
)
def test_a_bad_file_is_refused_with_the_row_named(content: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        parse_csv(content)
