"""周科长 looks after the word lists in a browser without scripts."""

import csv
import io
import re
from html import unescape

import pytest
from aiohttp import FormData

from base.errors import Refusal
from interviews.screening import MASK, WordClass
from tests.web.browser import Browser
from tests.web.conftest import Town
from web.routes.words import read_words

PATH = "/office/words"


async def at_the_lists(town: Town) -> Browser:
    browser = Browser(town)
    await browser.signs_in("office", PATH)
    return browser


async def sends_file(browser: Browser, content: bytes, name: str, kind: str = "") -> None:
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    assert token is not None
    form = FormData()
    form.add_field("csrf", token[1])
    form.add_field("kind", kind)
    form.add_field("file", content, filename=name, content_type="text/plain")
    async with browser.client.post(f"{PATH}/import", data=form) as answer:
        browser.text, browser.status, browser.path = await answer.text(), answer.status, answer.url.path


async def exported(browser: Browser, path: str = f"{PATH}/export.csv") -> list[dict[str, str]]:
    async with browser.client.get(path) as answer:
        assert answer.status == 200
        assert "words.csv" in answer.headers["Content-Disposition"]
        text = (await answer.read()).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


async def test_the_office_reaches_the_lists_from_its_first_page(town: Town) -> None:
    browser = await at_the_lists(town)
    assert "<h1>词表</h1>" in browser.text
    assert "都认得对" in browser.text
    await browser.opens("/office")
    assert f'href="{PATH}"' in browser.text


@pytest.mark.parametrize("role", ["moderator", "supervisor", "clerk", "host"])
async def test_nobody_else_finds_them(town: Town, role: str) -> None:
    browser = Browser(town)
    await browser.signs_in(role)
    for path in (PATH, f"{PATH}/export.csv"):
        assert await browser.opens(path) == 404


async def test_words_are_added_silenced_and_restored_and_stay_where_one_was(town: Town) -> None:
    browser = await at_the_lists(town)
    back = f"{PATH}?kind=watch&q=&page=1"
    await browser.sends("/do/words.add", kind="watch", words="夜市\r\n烧烤摊\r\n", note="整治", back=back)
    assert "加上了2个词。" in browser.text
    assert browser.path == PATH
    assert re.search(r">烧烤摊</th>.*?本办添加", browser.text)
    assert "来历：" in browser.text
    await browser.sends("/do/words.drop", word="烧烤摊", back=back)
    assert "“烧烤摊”停用了。" in browser.text
    assert re.search(
        r'>烧烤摊</th><td data-th="归类">[^<]*</td><td data-th="在不在用">停用</td>', browser.text
    )
    await browser.sends("/do/words.restore", word="烧烤摊", back=back)
    assert "“烧烤摊”恢复了。" in browser.text


async def test_what_was_refused_comes_back_with_what_was_typed(town: Town) -> None:
    browser = await at_the_lists(town)
    assert await browser.sends("/do/words.add", kind="watch", words="夜市\n好", back=PATH) == 400
    assert "词“好”太短" in browser.text
    assert "夜市\n好</textarea>" in browser.text
    assert await browser.sends("/do/words.add", kind="", words="夜市", back=PATH) == 400
    assert "请选一个归类。" in browser.text
    assert "请选咨询" not in browser.text


async def test_a_sentence_is_tried_without_being_kept(town: Town) -> None:
    browser = await at_the_lists(town)
    said = "办得快，加-微*信，13812345678"
    assert await browser.sends(f"{PATH}/try", **{"try": said}) == 200
    assert "<mark>加-微*信</mark>" in browser.text
    assert f"138{MASK * 8}</p>" in browser.text
    assert "像是广告，有“加微信”。" in unescape(browser.text)
    assert "有手机号码，已遮盖。" in browser.text
    await browser.opens(PATH)
    assert said not in browser.text
    assert await browser.sends(f"{PATH}/try", **{"try": "<b>夜市</b>"}) == 200
    assert "<b>夜市" not in browser.text
    assert "没有提示，也没有要遮盖的。" in browser.text
    assert await browser.sends(f"{PATH}/try", **{"try": " "}) == 400
    assert "试的话是空的" in browser.text


async def test_a_case_that_fails_is_said_after_the_edit_and_on_the_page(town: Town) -> None:
    browser = await at_the_lists(town)
    await browser.sends("/do/word.case.add", text="夜市几点收摊", kind="", back=PATH)
    assert "例句记下了" in browser.text
    await browser.sends("/do/words.add", kind="watch", words="夜市", back=PATH)
    assert "有1个例句认得不对，请看“例句”一节。" in browser.text
    assert "需要留意，有“夜市”。" in browser.text
    case = re.search(r'action="/do/word\.case\.drop".*?name="case" value="(\d+)"', browser.text)
    assert case is not None
    await browser.sends("/do/word.case.drop", case=case[1], back=PATH)
    assert "例句删掉了" in browser.text
    assert "都认得对" in browser.text


async def test_a_search_finds_a_word_in_whatever_spelling(town: Town) -> None:
    browser = await at_the_lists(town)
    await browser.opens(f"{PATH}?q=優惠 券&kind=")
    assert ">优惠券</th>" in browser.text
    assert ">裸聊</th>" not in browser.text
    await browser.opens(f"{PATH}?q=%3Cscript%3E&kind=nothing&page=999999")
    assert browser.status == 200
    assert "没有这样的词" in browser.text


async def test_what_goes_out_comes_in_again_and_is_no_formula(town: Town) -> None:
    browser = await at_the_lists(town)
    hard = ["=夜市+1", "@夜市", "＝烧烤摊", "+烧烤1摊", "-烧2烤摊"]
    await browser.sends("/do/words.add", kind="watch", words="\n".join(hard), note="=1+1", back=PATH)
    await browser.sends("/do/words.drop", word="裸聊", back=PATH)
    rows = await exported(browser)
    assert all(not cell.startswith(tuple("=+-@＝")) for row in rows for cell in row.values())
    assert {f"'{word}" for word in hard} <= {row["词"] for row in rows}
    assert [row["状态"] for row in rows if row["词"] == "裸聊"] == ["停用"]
    only = await exported(browser, f"{PATH}/export.csv?kind=watch")
    assert {row["归类"] for row in only} == {"需留意"}
    async with browser.client.get(f"{PATH}/export.csv") as answer:
        content = await answer.read()
    await browser.opens(PATH)
    await sends_file(browser, content, "words.csv")
    assert "加上了0个词。" in browser.text
    assert "改了归类" not in browser.text
    assert await exported(browser) == rows


async def test_a_text_file_is_taken_in_whole_or_not_at_all(town: Town) -> None:
    browser = await at_the_lists(town)
    await sends_file(browser, "夜市\r\n\r\n烧烤摊\r\n".encode("gb18030"), "词.txt", "watch")
    assert "加上了2个词。" in browser.text
    await sends_file(browser, "新词一\n好\n".encode(), "词.txt", "watch")
    assert browser.status == 400
    assert "词“好”太短" in browser.text
    assert "新词一" not in {row["词"] for row in await exported(browser)}
    await sends_file(browser, b"x" * 600_000, "词.txt", "watch")
    assert browser.status == 400
    assert "文件超过500KB" in browser.text


BAD = {
    "no class": ("夜市\n".encode(), None, "请选一个"),
    "no such class": ("词,归类\n夜市,没有\n".encode(), None, "第2行的归类“没有”没有"),
    "personal data": ("词,归类\n夜市,个人信息\n".encode(), None, "第2行"),
    "no column": ("名称,归类\n夜市,广告\n".encode(), WordClass.WATCH, "列名“词”"),
    "an Excel file": (b"PK\x03\x04\x00\xff\x00\x81", WordClass.WATCH, "读不出"),
    "nothing": (b"", WordClass.WATCH, "没有词"),
    "a broken table": ('词,归类\n"夜市,广告\n'.encode(), WordClass.WATCH, "引号"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_refused_in_words(name: str) -> None:
    content, kind, said = BAD[name]
    with pytest.raises(Refusal) as caught:
        read_words(content, "词.csv", kind)
    assert said in caught.value.message


def test_a_table_names_classes_and_notes_and_leaves_out_what_is_silenced() -> None:
    content = (
        "备注,词,归类,状态\n查,夜市,需留意,在用\n,烧烤摊,,在用\n,旧词,广告,停用\n,'=1+1等,abuse,\n".encode()
    )
    assert read_words(content, "词.csv", WordClass.PETITION) == [
        ("夜市", WordClass.WATCH, "查"),
        ("烧烤摊", WordClass.PETITION, None),
        ("=1+1等", WordClass.ABUSE, None),
    ]
