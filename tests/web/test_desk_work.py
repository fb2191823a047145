"""The desk by forms alone: an answer through a second person, a promise from its entry to its end."""

import html
import re

import pytest

from base.people import SYSTEM
from interviews import approvals
from tests import cast
from tests.access.stage import entry_of
from tests.web.browser import Browser
from tests.web.conftest import Town


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


async def test_an_answer_through_a_second_person_by_forms_alone(browser: Browser) -> None:
    city = browser.town.city
    await browser.signs_in("office", "/office/bodies")
    body, guest = city.bodies["医保局"], city.people["王处长"].person_id
    await browser.sends(f"/office/bodies/{body}/approval", second="yes", approver=str(guest))
    assert "要另一个人审定才发布" in browser.text
    question = await city.staged("网友甲", "断缴一年能报吗？")
    desk = f"/desk/{city.interview}?question={question}"
    await browser.signs_in("clerk", desk)
    assert ">交审定</button>" in browser.text
    await browser.sends("/do/question.answer", question=question, text="能，等三个月。", back=desk)
    assert "审定以后才发布" in browser.text
    assert "撤回再改" in browser.text
    assert "照这样发布" not in browser.text
    await browser.opens(f"/interviews/{city.interview}")
    assert "等三个月" not in browser.text
    await browser.signs_in("guest", "/desk")
    assert "看了再审定" in browser.text
    await browser.opens(desk)
    assert "能，等三个月。" in browser.text
    assert await browser.sends("/do/answer.return", question=question, reason="", back=desk) == 400
    await browser.sends("/do/answer.return", question=question, reason="从哪天算？", back=desk)
    await browser.signs_in("clerk", desk)
    assert "从哪天算？" in browser.text
    await browser.sends("/do/question.answer", question=question, text="到账起等三个月。", back=desk)
    await browser.signs_in("guest", desk)
    edition = re.search(r'name="edition" value="(\w+)"', browser.text)
    assert edition is not None
    await browser.sends("/do/answer.approve", question=question, edition=edition[1], back=desk)
    assert "一字不差" in browser.text
    await browser.opens(f"/interviews/{city.interview}")
    assert "到账起等三个月。" in browser.text


async def test_a_clerk_answers_in_the_own_name_that_the_desk_offers(town: Town) -> None:
    question = await town.city.staged("网友甲", "断缴一年能报吗？")
    sent = {"question": question, "text": "能。", "speaker": "许主任"}
    status, answer = await town.commands("许主任", "question.answer", **sent)
    assert status == 200, answer
    state = await town.city.state(f"interview:{town.city.interview}:public")
    assert state["items"][-1]["speaker"] == "许主任（办公室副主任）"


async def test_a_body_of_one_is_told_why_it_cannot(browser: Browser) -> None:
    city = browser.town.city
    await browser.signs_in("office", "/office/bodies")
    status = await browser.sends(
        f"/office/bodies/{city.bodies['水务局']}/approval", second="yes", approver=""
    )
    assert status == 409
    assert "不到两个" in browser.text
    async with city.units.read(SYSTEM) as uow:
        assert await approvals.rules(uow) == {}


async def test_a_promise_by_forms_alone(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "登记表能在网上填吗？")
    said = await city.does("王处长", "question.answer", question=question, text="三个工作日内放到网上。")
    desk = f"/desk/{city.interview}?question={question}"
    await browser.signs_in("clerk", desk)
    assert "读到“三个工作日内”" in browser.text
    assert 'value="2026-03-11"' in browser.text
    sent = {"item": said["item"], "what": "登记表放到网上", "back": desk}
    assert await browser.sends("/do/promise.make", due="2026-03-01", **sent) == 400
    assert 'value="登记表放到网上"' in browser.text
    await browser.sends("/do/promise.make", due="2036-01-01", **sent)
    assert "三年以内" in browser.text


async def test_a_promise_is_offered_beside_the_answer_that_was_just_given(browser: Browser) -> None:
    city = browser.town.city
    given = await city.staged("网友甲", "登记表能在网上填吗？")
    said = await city.does("王处长", "question.answer", question=given, text="能，三个工作日内放到网上。")
    await city.staged("网友乙", "药店买药能不能刷卡？")
    await browser.signs_in("clerk", f"/desk/{city.interview}")
    latest = browser.text.partition('id="h-latest"')[2].partition("</section>")[0]
    assert "读到“三个工作日内”" in latest
    assert f'name="item" value="{said["item"]}"' in latest
    assert (
        await browser.sends("/do/promise.make", item=said["item"], what="登记表放到网上", due="2026-03-11")
        == 200
    )
    await browser.opens(f"/desk/{city.interview}")
    latest = browser.text.partition('id="h-latest"')[2].partition("</section>")[0]
    assert "承诺办结了，写答复" in latest


async def test_whoever_opens_a_question_is_told_that_a_colleague_writes_about_it(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "登记表能在网上填吗？")
    await city.does("王处长", "answer.draft", question=question, text="能填。")
    await browser.signs_in("clerk", f"/desk/{city.interview}")
    assert "王处长也在写这一个，已写3字。请先商量好由谁发布。" in browser.text
    await browser.signs_in("guest", f"/desk/{city.interview}")
    assert "也在写这一个" not in browser.text


async def test_what_is_to_be_done_afterwards_stands_in_one_list(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "登记表能在网上填吗？")
    said = await city.does("王处长", "question.answer", question=question, text="下月放到网上。")
    await city.does("王处长", "promise.make", item=said["item"], what="登记表放到网上", due="2026-03-10")
    later = await city.staged("网友乙", "起付线怎么定的？")
    await city.does("王处长", "question.defer", question=later, reason="要查三年的数。")
    await browser.signs_in("clerk", "/desk")
    part = browser.text.partition('id="h-f"')[2].partition("</section>")[0]
    assert part.index("登记表放到网上") < part.index("起付线怎么定的？")
    assert "还有2个工作日" in part
    await browser.opens(f"/interviews/{city.interview}")
    beside = re.search(r'aria-label="承诺">.*?</aside>', browser.text, re.DOTALL)
    assert beside is not None
    assert "登记表放到网上" in beside[0]
    await city.does("许主任", "promise.keep", cast.NEXT_DAY, item=said["item"], text="已经放上去了。")
    await browser.opens(f"/interviews/{city.interview}")
    assert "已办结" in browser.text
    await browser.opens("/statistics?year=2026")
    assert "按时办结" in browser.text


async def test_a_suggestion_goes_into_the_draft_with_its_source_and_nowhere_else(browser: Browser) -> None:
    city = browser.town.city
    await entry_of(city, "GK-1", "断缴补缴办法", "断缴可以补缴，补缴到账三个月以后能报。")
    earlier = await city.published("网友乙", "断缴两年补缴以后多久能报销？")
    await city.does("王处长", "question.answer", question=earlier, text="补缴以后等三个月。")
    question = await city.staged("网友甲", "断缴一年补缴以后多久能报销？")
    desk = f"/desk/{city.interview}?question={question}"
    await browser.signs_in("clerk", desk)
    assert "断缴补缴办法" in browser.text
    assert "以前的答复" in browser.text
    sources = re.findall(r'name="source" value="(\w+:\d+)"', browser.text)
    assert {one.partition(":")[0] for one in sources} == {"entry", "answer"}
    for source in sources:
        await browser.opens(desk)
        typed = re.search(r'<textarea[^>]*id="answer"[^>]*>(.*?)</textarea>', browser.text, re.DOTALL)
        assert typed is not None
        sent = {"question": question, "source": source, "text": html.unescape(typed[1]) or "先说明："}
        await browser.sends(f"/desk/{city.interview}/quote", **sent)
    assert "带着来源" in browser.text
    assert "先说明：" in browser.text
    assert "（来源：《断缴补缴办法》" in browser.text
    assert "补缴以后等三个月。" in browser.text
    state = await city.state(f"interview:{city.interview}:public")
    assert state["questions"][str(question)]["status"] == "staged"


@pytest.mark.parametrize("source", ["", "entry:999", "answer:1", "item:1"])
async def test_what_is_not_public_is_not_quoted(browser: Browser, source: str) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "断缴一年能报吗？")
    await browser.signs_in("clerk", f"/desk/{city.interview}")
    await browser.sends(f"/desk/{city.interview}/quote", question=question, source=source, text="写了一半")
    assert "不能引用" in browser.text
