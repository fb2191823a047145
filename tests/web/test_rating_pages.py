"""公众评价 by form, without a script: pressed, changed, taken back; counted in the open, words kept from it."""

import re

import pytest

from base.people import SYSTEM
from interviews import judging
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_live_pages import words


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser(town)


async def _answered(browser: Browser) -> tuple[str, int]:
    """A question with its answer; the question's page and the answer."""
    city = browser.town.city
    question = await city.staged("网友甲", "等多久？")
    said = await city.does("王处长", "question.answer", question=question, text="等三个月。")
    state = await city.state(f"interview:{city.interview}:public")
    number = state["questions"][str(question)]["number"]
    return f"/interviews/{city.interview}/questions/{number}", int(said["item"])


async def test_one_press_counts_says_so_in_its_place_and_can_be_changed_and_taken_back(
    browser: Browser,
) -> None:
    page, item = await _answered(browser)
    assert await browser.opens(page) == 200
    assert "还没有人评" in browser.text
    back = re.search(r'name="back" value="([^"]+)"', browser.text)
    assert back is not None
    sent = {"solved": "no", "back": back[1], "edition": "0"}
    assert await browser.sends(f"/answers/{item}/rating", **sent) == 200
    assert browser.path == page
    assert "解决了 0，没解决 1" in browser.text
    said = words(browser.text)
    assert "记下了：没解决。愿意的话，可以再说说为什么。" in said
    assert said.count("记下了") == 1
    assert "您评的是“没解决”" in said
    await browser.opens(page)
    assert "记下了" not in browser.text
    await browser.opens(f"/answers/{item}/rating")
    sent |= {"why": "unclear", "words": "去哪个窗口，没看懂"}
    assert await browser.sends(f"/answers/{item}/rating", **sent) == 200
    assert "（看不懂）" in browser.text
    assert "去哪个窗口" not in browser.text
    await browser.opens(f"/answers/{item}/rating")
    assert "去哪个窗口" in browser.text, "one's own words can be changed"
    assert await browser.sends(f"/answers/{item}/rating", act="withdraw", back=back[1]) == 200
    assert "还没有人评" in browser.text
    assert "您的评价撤回了" in browser.text


async def test_what_was_typed_comes_back_when_it_is_too_long(browser: Browser) -> None:
    page, item = await _answered(browser)
    await browser.opens(f"/answers/{item}/rating?back={page}")
    long = "😀" * 201
    sent = {"solved": "no", "why": "other", "words": long, "back": page, "edition": "0"}
    assert await browser.sends(f"/answers/{item}/rating", **sent) == 400
    assert "最多200个字，现在是201个" in browser.text
    assert long in browser.text
    assert re.search(r'value="other" checked', browser.text)
    assert f'name="back" value="{page}"' in browser.text
    assert await browser.sends(f"/answers/{item}/rating", **(sent | {"words": long[:-1]})) == 200
    assert browser.path == page
    assert await browser.sends(f"/answers/{item}/rating", back=page) == 400
    assert "请选“解决了”或者“没解决”" in browser.text


async def test_a_stranger_without_a_cookie_becomes_a_visitor_and_one_who_takes_none_is_told(
    browser: Browser,
) -> None:
    page, item = await _answered(browser)
    browser.client.session.cookie_jar.clear()
    await browser.opens(page)
    assert await browser.sends(f"/answers/{item}/rating", solved="yes", back=page) == 200
    assert "解决了 1，没解决 0" in browser.text
    assert await browser.sends(f"/answers/{item}/rating", solved="yes", back=page) == 200
    assert "解决了 1，没解决 0" in browser.text, "pressed twice, counted once"
    browser.client.session.cookie_jar.clear()
    assert await browser.sends(f"/answers/{item}/rating", solved="yes", back=page) == 403
    assert "请刷新页面" in browser.text
    assert await browser.sends("/answers/9999/rating", solved="yes", back=page) in (403, 404)


async def test_earlier_ratings_stand_apart_after_a_correction_and_go_with_the_answer(
    browser: Browser,
) -> None:
    page, item = await _answered(browser)
    city = browser.town.city
    await browser.opens(page)
    await browser.sends(f"/answers/{item}/rating", solved="no", back=page, edition="0")
    await city.does("王处长", "erratum.publish", item=item, text="应为四个月。", reason="口误")
    await browser.opens(page)
    assert "还没有人评" in browser.text
    assert "更正前的评价：解决了 0，没解决 1" in browser.text
    assert "那是更正或者补充以前" in browser.text
    await browser.sends(f"/answers/{item}/rating", solved="yes", back=page, edition="0")
    await browser.opens(page)
    assert "更正前的评价：解决了 1，没解决 0" in browser.text, "pressed on the page of before"
    await city.does("审核员小张", "question.remove", item=item, reason="说到了个人")
    await browser.opens(page)
    assert "公众评价" not in browser.text
    assert await browser.sends(f"/answers/{item}/rating", solved="no", back=page) == 409
    assert "已经撤下了，不能再评" in browser.text


async def test_the_record_carries_the_forms_and_the_interview_its_five_levels(browser: Browser) -> None:
    _, item = await _answered(browser)
    city = browser.town.city
    room = f"/interviews/{city.interview}"
    await browser.opens(room)
    assert "公众评价" not in browser.text, "a live page is redrawn by its script"
    assert await browser.sends(f"{room}/rating", level="good") == 200
    assert "访谈结束以后才能评" in browser.text
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    await browser.opens(room)
    back = re.search(r'name="back" value="([^"]+)"', browser.text)
    assert back is not None
    assert await browser.sends(f"/answers/{item}/rating", solved="yes", back=back[1], edition="0") == 200
    assert browser.path == room
    assert "记下了：解决了。谢谢您。" in browser.text
    assert "解决了 1，没解决 0" in browser.text
    assert await browser.sends(f"{room}/rating", level="very_good") == 200
    assert "记下了：非常满意。" in browser.text
    assert "1人评" in words(browser.text)
    assert "100%" in browser.text
    await browser.sends(f"{room}/rating", level="poor")
    assert "您评的是“不满意”" in browser.text
    async with browser.client.get(f"/api{room}/ratings") as answer:
        told = await answer.json()
    assert told["ratings"]["levels"]["poor"] == told["ratings"]["total"] == 1
    assert [(one["item"], one["solved"], one["question"]) for one in told["answers"]] == [(item, 1, 1)]
    async with browser.client.get(f"/api{room}") as answer:
        assert (await answer.json())["ratings"] == told["ratings"]
    await browser.sends(f"{room}/rating", act="withdraw")
    assert "0人评" in words(browser.text)
    await browser.opens(f"{room}?page=all")
    assert "公众评价" in browser.text
    assert f'action="/answers/{item}/rating"' not in browser.text, "the whole record in one page stays light"


async def test_one_visitor_cannot_flood(browser: Browser) -> None:
    page, item = await _answered(browser)
    await browser.opens(page)
    statuses = {await browser.sends(f"/answers/{item}/rating", solved="yes", back=page) for _ in range(31)}
    assert statuses == {200, 429}
    assert "一分钟里最多评30次" in browser.text
    async with browser.town.city.units.read(SYSTEM) as uow:
        assert await judging.own(uow, [item]) == {}
