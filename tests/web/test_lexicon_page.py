"""目录编辑小林 keeps the dictionary in a browser without scripts."""

import pytest

from tests.web.browser import Browser
from tests.web.conftest import Town

PATH = "/office/catalog/lexicon"


async def test_a_line_is_added_tried_changed_and_removed(town: Town) -> None:
    browser = Browser(town)
    await browser.signs_in("editor", PATH)
    assert "<h1>词典</h1>" in browser.text
    await browser.sends(PATH, act="add", kind="same", words="鹿城通、社保卡")
    assert "加上了" in browser.text
    assert "鹿城通 社保卡" in browser.text
    await browser.opens(f"{PATH}?try=鹿城通在哪里办")
    assert "也叫" in browser.text
    assert "社会保障卡" in browser.text
    await browser.sends(PATH, act="change", line="1", words="鹿城通 公园年票")
    assert "鹿城通 公园年票" in browser.text
    await browser.sends(PATH, act="remove", line="1")
    assert "还没有加" in browser.text


async def test_a_refused_line_keeps_what_was_typed(town: Town) -> None:
    browser = Browser(town)
    await browser.signs_in("office", PATH)
    await browser.sends(PATH, act="add", kind="same", words="鹿城通")
    assert browser.status == 400
    assert "至少要两个不同的词" in browser.text
    assert ">鹿城通</textarea>" in browser.text


@pytest.mark.parametrize("role", ["moderator", "clerk", "supervisor", "admin"])
async def test_nobody_else_finds_it(town: Town, role: str) -> None:
    browser = Browser(town)
    await browser.signs_in(role)
    assert await browser.opens(PATH) == 404
