"""Two people change the same thing at once: the second sees what the first wrote, and loses nothing of their own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import Refusal
from interviews.models import Interview
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import overtaken


def _drawn(text: str) -> dict[str, str]:
    """The marks that a page's forms carry."""
    return dict(re.findall(r'name="(seen\.\w+)" value="(\w+)"', text))


@pytest.fixture
async def planned(town: Town) -> Town:
    """An interview whose content and guests 医保局 still has to tell."""
    await town.city.plan(cast.at("2026-04-24 14:30"))
    return town


async def test_the_second_of_two_clerks_sees_what_the_first_wrote(planned: Town) -> None:
    number = planned.city.interview
    page, first, second = f"/desk/interviews/{number}", Browser(planned), Browser(planned)
    await first.signs_in("clerk", page)
    drawn = _drawn(first.text)
    sent = {"interview": str(number), "back": page, "theme": "医保"}
    assert await first.sends("/do/content.tell", **sent, **drawn, text="先来的人写的。") == 200
    await second.opens(page)
    assert await second.sends("/do/content.tell", **sent, **drawn, text="后来的人写的。") == 409
    assert "您打开以后，别人改过" in second.text
    assert "“内容”现在是：先来的人写的。" in second.text
    assert ">后来的人写的。</textarea>" in second.text
    again = _drawn(second.text)
    assert await second.sends("/do/content.tell", **sent, **again, text="后来的人写的。") == 200
    async with planned.city.act("周科长", cast.DURING) as uow:
        assert (await uow.db.get_one(Interview, number)).content == "后来的人写的。"


async def test_a_form_that_nobody_overtook_goes_through_at_once(planned: Town) -> None:
    number = planned.city.interview
    page, who = f"/desk/interviews/{number}", Browser(planned)
    await who.signs_in("clerk", page)
    for text in ("第一稿。\r\n两行。", "第二稿。"):
        drawn = _drawn(who.text)
        sent = {"interview": str(number), "back": page, "theme": "医保", "text": text}
        assert await who.sends("/do/content.tell", **sent, **drawn) == 200, who.text
    drawn = _drawn(who.text)
    guests = {"interview": str(number), "back": page, "guests": "王立言，待遇处处长"}
    assert await who.sends("/do/guests.tell", **guests, **drawn) == 200, who.text
    assert await who.sends("/do/guests.tell", **guests, **_drawn(who.text)) == 200, who.text


async def test_two_of_the_office_keep_one_body(town: Town) -> None:
    path, who = "/office/bodies", Browser(town)
    number = town.city.bodies["水务局"]
    await who.signs_in("office", f"{path}/{number}")
    form = re.search(rf'action="{path}/{number}">(.*?)</form>', who.text, re.DOTALL)
    drawn = _drawn(form[1] if form else "")
    sent = {"name": "示例市水务局", "remark": ""}
    assert await who.sends(f"{path}/{number}", **sent, **drawn, email="one@example.gov.cn") == 200
    assert await who.sends(f"{path}/{number}", **sent, **drawn, email="two@example.gov.cn") == 409
    assert "“电子邮箱”现在是：one@example.gov.cn" in who.text
    assert 'value="two@example.gov.cn"' in who.text


@given(st.text(max_size=60))
def test_line_ends_and_blanks_at_the_ends_are_no_change(text: str) -> None:
    drawn = dict(overtaken.marks({"text": text}))
    sent = text.replace("\r\n", "\n").replace("\n", "\r\n") + " "
    overtaken.check(drawn | {"text": "something else"}, {"text": ("内容", sent)})


def test_what_another_changed_to_the_same_is_no_quarrel() -> None:
    drawn = dict(overtaken.marks({"text": "旧"}))
    overtaken.check(drawn | {"text": "新"}, {"text": ("内容", "新")})
    with pytest.raises(Refusal):
        overtaken.check(drawn | {"text": "我的"}, {"text": ("内容", "新")})
