"""Why an answer solved nothing: read by the body that answered, the office and the supervisor, and by nobody else."""

from html import unescape

import pytest

from interviews import judging
from interviews.judging import Beside, Verdict
from interviews.rating_models import Why
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town

WORDS = "去哪个窗口？电话13912345678"


@pytest.fixture
async def browser(town: Town) -> Browser:
    """网友乙 and 网友丙 found that an answer of 医保局 solved nothing."""
    city = town.city
    question = await city.published("网友甲", "断缴了还能补吗？")
    item = (await city.does("王处长", "question.answer", question=question, text="能，三个月以内。"))["item"]
    for who, beside in (("网友乙", Beside(Why.NO_WAY, WORDS)), ("网友丙", Beside(Why.UNCLEAR))):
        async with city.act(who, cast.DURING) as uow:
            await judging.rate(uow, item, Verdict(solved=False, beside=beside))
    return Browser(town)


async def test_those_concerned_read_the_reasons_masked_and_counted(browser: Browser) -> None:
    at = f"/interviews/{browser.town.city.interview}"
    for role, room, link in (
        ("clerk", "desk", f"/desk{at}"),
        ("office", "office", f"/office{at}"),
        ("supervisor", "supervise", ""),
    ):
        await browser.signs_in(role)
        page = f"/{room}{at}/reasons"
        if link:
            await browser.opens(link)
            assert f'href="{page}"' in browser.text
        assert await browser.opens(page) == 200
        said = unescape(browser.text)
        for words in ("一共2人写了原因", "没有说怎么办", "去哪个窗口？", "看不懂", "没解决 <span", "1号"):
            assert words in said, (role, words)
        assert "13912345678" not in said


async def test_another_body_and_the_public_read_nothing(browser: Browser) -> None:
    city = browser.town.city
    at = f"/interviews/{city.interview}"
    await browser.opens(f"{at}/questions/1")
    assert "去哪个窗口" not in browser.text
    async with browser.client.get(
        f"/desk{at}/reasons", headers=await browser.town.bearer("外单位老吴")
    ) as answer:
        assert answer.status == 404
    await browser.signs_in("moderator")
    assert await browser.opens(f"/office{at}/reasons") == 404


async def test_what_was_taken_back_is_gone(browser: Browser) -> None:
    city = browser.town.city
    state = await city.state(f"interview:{city.interview}:public")
    item = next(one["item"] for one in state["items"] if one["kind"] == "answer")
    for who in ("网友乙", "网友丙"):
        async with city.act(who, cast.DURING) as uow:
            await judging.take_back(uow, item)
    await browser.signs_in("office")
    await browser.opens(f"/office/interviews/{city.interview}/reasons")
    assert "还没有人写原因" in browser.text
