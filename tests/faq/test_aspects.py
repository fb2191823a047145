"""The table of what one may ask of a matter: read in its order, refused where a line says nothing."""

import re

import pytest

from faq import aspects

SMALL = (
    "<几天> [0-9]+天",
    "[time] 多久",
    "问 多久 几天",
    "答 <几天>",
    "[money] 多少钱",
    "问 多少钱",
    "答 元 免费",
)


def test_a_shape_named_once_stands_wherever_it_is_named() -> None:
    time, money = aspects.parsed(SMALL)
    assert (time.name, money.name) == ("time", "money")
    assert time.says.search("15天办好")
    assert not time.says.search("当天")
    assert [one.name for one in (time, money) if one.asks.search("要几天")] == ["time"]
    assert money.says.search("免费")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("问 多久",), "问 多久"),
        (("[time] 多久", "多久"), "多久"),
        (("[time] 多久", "问 多久"), "time"),
        (("[time] 多久", "问 多久", "答 几天", "<几天> [0-9]+天"), "<几天>"),
    ],
)
def test_a_line_that_says_nothing_is_refused(lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        aspects.parsed(lines)


def test_the_rooms_own_table_leaves_no_name_open() -> None:
    found = aspects.of_a_matter()
    assert len({one.name for one in found}) == len(found) > 20
    assert not any("<" in re.sub(r"\(\?<", "", one.asks.pattern + one.says.pattern) for one in found)


def test_who_asks_for_a_case_is_told_of_it_in_other_words() -> None:
    assert re.search(aspects.cases()["外地人"], "持居住证可以办理")
    assert aspects.names_nothing("怎么办")
    assert not aspects.names_nothing("社保卡")
