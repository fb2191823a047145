"""The record as citizens read it, without a script: corrections, what was taken down, the fate of a question."""

import re

import pytest

from interviews.models import Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser(town)


def words(html: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def receipt_of(town: Town, question: int) -> str:
    async with town.city.units.read() as uow:
        found = await uow.db.get(Question, question)
    assert found is not None
    return str(found.receipt)


async def asked(browser: Browser, text: str) -> tuple[str, int]:
    """Ask by form; the address of the receipt, and the question's id."""
    city = browser.town.city
    await browser.opens(f"/interviews/{city.interview}")
    typed = {"text": text, "kind": "inquiry", "anyway": "yes"}
    assert await browser.sends(f"/interviews/{city.interview}/questions", **typed) == 200
    state = await city.state(f"interview:{city.interview}:staff")
    return browser.path, max(int(one) for one in state["questions"])


async def test_a_correction_stands_beside_what_it_corrects(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "等多久？")
    answer = await city.does("王处长", "question.answer", question=question, text="等三个月。")
    sent = {"item": answer["item"], "text": "应为四个月。", "reason": "口误"}
    correction = await city.does("王处长", "erratum.publish", **sent)
    room = f"/interviews/{city.interview}"
    for path in (room, f"/questions/{await receipt_of(browser.town, question)}"):
        await browser.opens(path)
        assert "等三个月。" in browser.text, path
        assert "应为四个月。 更正的原因：口误。王处长（待遇处处长）更正，原文保留在上面。" in words(
            browser.text
        ), path
        assert f'id="n{answer["no"]}"' in browser.text, path
    await city.does("审核员小张", "question.remove", item=correction["item"], reason="更正错了")
    await browser.opens(room)
    assert "应为四个月" not in browser.text
    assert "这条更正已撤下。原因：更正错了" in words(browser.text)


async def test_what_was_taken_down_says_why_where_it_stood_and_in_the_log(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "谁领过补贴？")
    answer = await city.does("王处长", "question.answer", question=question, text="张老三领过。")
    remark = await city.does("李主持", "interview.say", interview=city.interview, text="住桥南三街。")
    reasons = {answer["item"]: "说到了个人", remark["item"]: "说到了住址"}
    for item, reason in reasons.items():
        await city.does("审核员小张", "question.remove", item=item, reason=reason)
    await browser.opens(f"/interviews/{city.interview}")
    page = words(browser.text)
    for reason in reasons.values():
        assert f"已撤下。原因：{reason}" in page
    await browser.opens("/moderation")
    log = words(browser.text)
    assert f"撤下了答复（第{answer['no']}条） 说到了个人" in log
    assert f"撤下了发言（第{remark['no']}条） 说到了住址" in log
    assert "张老三" not in log
    await browser.opens(f"/moderation?interview={city.interview + 1}")
    assert "说到了个人" not in browser.text


async def test_a_decline_that_an_appeal_overturned_stays_in_the_log(browser: Browser) -> None:
    city = browser.town.city
    path, question = await asked(browser, "保健品能不能进医保？")
    await city.does("审核员小张", "question.decline", question=question, reason="advertising")
    await browser.opens(path)
    assert "原因：广告。推销东西、服务的，不公开。" in words(browser.text)
    assert await browser.sends(f"{path}/appeal", text="   ") == 400
    assert "申诉" in browser.text
    assert await browser.sends(f"{path}/appeal", text="我问的是规定。") == 200
    assert "重新审核" in browser.text
    assert "我问的是规定。" in browser.text
    await city.does("周科长", "question.publish", question=question)
    await browser.opens(path)
    page = words(browser.text)
    steps = ["交上来了", "没有公开", "原因：广告", "申诉了", "审核后公开，编为1号", "等着答复"]
    assert [page.find(step) for step in steps] == sorted(page.find(step) for step in steps)
    assert all(step in page for step in steps)
    await browser.opens("/moderation")
    assert "没有公开，申诉后改了决定 广告" in words(browser.text)
    browser.client.session.cookie_jar.clear()
    await browser.opens(path)
    assert "我问的是规定。" not in browser.text


async def test_a_merged_question_shows_what_the_other_one_got(browser: Browser) -> None:
    city = browser.town.city
    first = await city.published("网友甲", "断缴补上，马上能报吗？")
    path, second = await asked(browser, "断了一年，补上就能报吗？")
    await city.does("审核员小张", "question.merge", question=second, into=first)
    third = await city.published("网友乙", "补缴以后多久能报？")
    await city.does("审核员小张", "question.merge", question=first, into=third)
    await city.does("李主持", "question.stage", question=third)
    await city.does("王处长", "question.answer", question=third, text="三个月以后。")
    await browser.opens(path)
    page = words(browser.text)
    assert "它和 2号 问的是一件事" in page
    assert "2号得到的答复" in page
    assert "三个月以后。" in page


async def test_a_transferred_question_says_to_whom_and_what_came_back(browser: Browser) -> None:
    city = browser.town.city
    path, question = await asked(browser, "水费怎么涨了？")
    await city.does("审核员小张", "question.transfer", question=question, body=city.bodies["水务局"])
    await browser.opens(path)
    page = words(browser.text)
    assert "转给示例市水务局，由它书面答复" in page
    assert "由示例市水务局答复" in page
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    await city.does("外单位老吴", "question.answer", cast.NEXT_DAY, question=question, text="按阶梯水价。")
    await browser.opens(path)
    assert "按阶梯水价。" in browser.text
    assert "第-1条" not in browser.text
    await browser.opens(f"/interviews/{city.interview}")
    assert "按阶梯水价" not in browser.text


async def test_somebody_elses_question_can_be_supported_from_its_receipt(browser: Browser) -> None:
    city = browser.town.city
    question = await city.published("网友甲", "村里能不能代交？")
    path = f"/questions/{await receipt_of(browser.town, question)}"
    await browser.opens(path)
    assert "您也想问这件事" in browser.text
    await browser.sends(f"/questions/{question}/support", back=path)
    assert browser.path == path
    assert "已支持" in browser.text
    own, number = await asked(browser, "我自己的问题？")
    await city.does("审核员小张", "question.publish", question=number)
    await browser.opens(own)
    assert "您也想问这件事" not in browser.text


async def test_the_big_screen_shows_the_newest_answer(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "第一问？")
    await city.does("王处长", "question.answer", question=question, text="第一答。")
    await city.staged("网友乙", "第二问？")
    await browser.opens(f"/interviews/{city.interview}/screen")
    page = words(browser.text)
    assert page.index("第二问？") < page.index("1号：第一问？") < page.index("第一答。")
