"""A catalogue as CSV: taken whole, or refused with the row named."""

from dataclasses import replace
from datetime import date

import pytest

from base.errors import Refusal
from faq.models import CatalogEntry
from faq.table_file import COLUMNS, Row, parse_csv, wordless
from tests import cast

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


def test_what_a_file_does_not_say_a_known_entry_keeps() -> None:
    (whole,) = parse_csv(csv(GOOD))
    known = CatalogEntry(**whole.values(), created_at=cast.DURING, changed_at=cast.DURING)
    (some,) = parse_csv("索引号,标题,正文,发布机构,主题词,公开属性\nSL-1,水价,按表,水务局,,\n".encode())
    assert some.over(known) == replace(whole, title="水价", body="按表", issuer="水务局")
    assert some.given("别的局", date(2026, 3, 1)).over(known) == some.over(known)
    assert whole.over(known) == whole


def test_a_default_that_the_file_does_not_write_is_kept_apart_from_one_that_it_writes() -> None:
    (whole,) = parse_csv(csv(GOOD.replace(",是,", ",否,")))
    known = CatalogEntry(**whole.values(), created_at=cast.DURING, changed_at=cast.DURING)
    head = "index_no,title,body,issuer,class,openness,in_force\nSL-1,水价,按表,水务局,"
    (blank,) = parse_csv(f"{head},,\n".encode())
    (said,) = parse_csv(f"{head}其他,主动公开,是\n".encode())
    assert blank == said
    assert (blank.over(known).category, blank.over(known).in_force) == ("办事指南", False)
    assert (said.over(known).category, said.over(known).in_force) == ("其他", True)
    for row in (blank, said):
        assert Row.of_fields(row.as_fields()).assumed == row.assumed


def test_one_letter_digit_or_han_character_is_title_enough() -> None:
    assert [title for title in ("水💧", "（5）", "é", "𠮷！", "①", "") if wordless(title)] == []
    assert all(map(wordless, ("💧", "？！", "——", "👨\u200d👩\u200d👧", "《》", "™", "\u3000·")))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空的"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\xff\xfe\x00a\x00", "读不出"),
        ("title,body\n水费,按表\n".encode(), "缺少列名索引号"),
        (b"index_no,title,body,issuer,title\n", "重复"),
        (csv(GOOD, GOOD), "第3行的索引号SL-1和第2行相同"),
        (csv(GOOD.replace("SL-1", "")), "第2行的“索引号”是空的"),
        (csv(GOOD, "SL-2,只有两格"), "第3行有2格"),
        (csv(GOOD.replace("2026-01-02", "去年")), "第2行的“成文日期”"),
        (csv(GOOD.replace("2026-01-02", "2026-02-30")), "第2行的“成文日期”写的是2026-02-30"),
        (csv(GOOD.replace("主动公开", "秘密")), "第2行的“公开属性”"),
        (csv(GOOD.replace(",是,", ",也许,")), "第2行的“是否有效”"),
        (csv(GOOD.replace("水费怎样计算", "长" * 501)), "第2行的“标题”"),
        (csv(GOOD, GOOD.replace("SL-1", "SL-2").replace("水费怎样计算", "💧！？…")), "第3行的“标题”只有符号"),
        (csv('SL-2,"没有成对'), "第2行"),
        (
            csv(GOOD.replace("水费怎样计算", "").replace("2026-01-02", "去年").replace(",是,", ",也许,")),
            "第2行的“标题”是空的；“是否有效”写的是也许.*；“成文日期”写的是去年，应当像2026-05-18。",
        ),
    ],
)
def test_a_bad_file_is_refused_with_the_row_named(content: bytes, says: str) -> None:
    with pytest.raises(Refusal, match=says):
        parse_csv(content)
