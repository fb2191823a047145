"""A question's own page in each of its states: the steps in order, by a role or a body, and what came of it."""

import re

import pytest

from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from tests.web.test_live_pages import receipt_of, words


@pytest.fixture
def browser(town: Town) -> Browser:
    return Browser(town)


async def _opens(browser: Browser, question: int) -> list[str]:
    """The page of a question by its receipt, as somebody else sees it; its steps, times left out."""
    assert await browser.opens(f"/questions/{await receipt_of(browser.town, question)}") == 200
    return steps(browser.text)


def steps(html: str) -> list[str]:
    """The steps of the page, each as 「title | who」."""
    listed = re.search(r'<ol class="steps[^"]*">(.*?)</ol>', html, re.DOTALL)
    assert listed is not None
    found = re.findall(r"<li[^>]*><b>(.*?)</b>(?:<span>(.*?)</span>)?</li>", listed[1], re.DOTALL)
    return [f"{title} | {words(re.sub(r'<time.*?</time>', '', told))}".rstrip(" |") for title, told in found]


PEOPLE = ("王立言", "王处长", "许主任", "李主持", "审核员小张", "小张", "何主任", "周科长")


def names_nobody(told: list[str]) -> bool:
    return not any(name in step for name in PEOPLE for step in told)


async def test_waiting_for_the_moderator(browser: Browser) -> None:
    question = await browser.town.city.asks("网友甲", "等多久？")
    told = await _opens(browser, question)
    assert told == ["交上来了 | 提问人", "等审核员看", "审核后公开，等待答复 | 没排上的，会后也要答"]
    assert "等多久" not in browser.text
    assert "只有提问人自己看得到" in browser.text


async def test_before_the_interview_its_page_says_when_that_begins(browser: Browser) -> None:
    city, later = browser.town.city, cast.at("2026-03-20 14:30")
    await city.plan(later)
    await city.announce(later)
    await _opens(browser, await city.asks("网友甲", "哪天答？"))
    assert "这场访谈3月20日14:30开始，在网上答。" in browser.text


async def test_a_decline_in_an_interview_that_is_archived_says_where_else_to_ask(browser: Browser) -> None:
    city = browser.town.city
    question = await city.asks("网友甲", "没说要问什么")
    await city.does("审核员小张", "question.decline", question=question, reason="not_a_question")
    async with city.act("周科长", cast.DURING) as uow:
        (await uow.db.get_one(Interview, city.interview)).status = InterviewStatus.ARCHIVED
    await _opens(browser, question)
    assert "这场访谈已经归档，不能再申诉。" in browser.text
    assert "请用提问时的那台设备" not in browser.text


async def test_the_page_is_named_before_its_receipt(browser: Browser) -> None:
    question = await browser.town.city.published("网友甲", "等多久？")
    await _opens(browser, question)
    assert re.findall(r"<h(\d)", browser.text)[:2] == ["1", "2"]
    assert browser.text.index("1号提问</h1>") < browser.text.index("回执编号</h2>")


async def test_declined_with_its_reason_and_the_appeal_for_its_asker_alone(browser: Browser) -> None:
    city = browser.town.city
    await browser.opens(f"/interviews/{city.interview}")
    typed = {"text": "没说要问什么", "kind": "inquiry", "anyway": "yes"}
    await browser.sends(f"/interviews/{city.interview}/questions", **typed)
    page = browser.path
    state = await city.state(f"interview:{city.interview}:staff")
    question = max(int(one) for one in state["questions"])
    await city.does("审核员小张", "question.decline", question=question, reason="not_a_question")
    await browser.opens(page)
    assert steps(browser.text)[-1].startswith("没有公开 | 审核员，原因：不是提问。")
    assert f'action="{page}/appeal#h-appeal"' in browser.text
    browser.client.session.cookie_jar.clear()
    await browser.opens(page)
    assert "/appeal" not in browser.text
    assert "请用提问时的那台设备" in browser.text
    assert "没说要问什么" not in browser.text


async def test_public_staged_and_answered(browser: Browser) -> None:
    city = browser.town.city
    question = await city.published("网友甲", "等多久？")
    assert (await _opens(browser, question))[1:] == [
        "审核后公开，编为1号 | 审核员",
        "等着答复 | 没排上的，会后也要答",
    ]
    await city.does("李主持", "question.stage", question=question)
    assert (await _opens(browser, question))[2:] == ["请到场上 | 主持人", "正在答"]
    said = await city.does("王处长", "question.answer", question=question, text="等三个月。")
    await city.does("许主任", "erratum.publish", item=said["item"], text="应为四个月。", reason="口误")
    await city.does("王处长", "question.answer", question=question, text="补充：节假日顺延。")
    told = await _opens(browser, question)
    assert told[3:] == [f"{what} | 示例市医疗保障局" for what in ("答复了", "登了更正", "补充答复了")]
    assert names_nobody(told)
    by_number = f"/interviews/{city.interview}/questions/1"
    await browser.opens(by_number)
    assert steps(browser.text) == told
    assert await receipt_of(browser.town, question) not in browser.text, "a receipt is its asker's own"
    assert f'action="/answers/{said["item"]}/rating"' in browser.text
    await browser.opens(f"/interviews/{city.interview}")
    assert f'href="{by_number}"' in browser.text


async def test_refused_with_its_ground_and_what_can_be_told(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "李四领了多少？")
    sent = {"ground": "personal_privacy", "reason": "涉及他人。", "partial": "标准是八百元。"}
    await city.does("王处长", "question.refuse", question=question, **sent)
    told = await _opens(browser, question)
    assert told[-1] == "依法不予答复 | 示例市医疗保障局，依据：个人隐私（第四条）"
    assert "涉及他人。" in browser.text
    assert "标准是八百元。" in browser.text
    assert "公众评价" not in browser.text


async def test_deferred_by_its_body_and_by_the_clock_says_by_when(browser: Browser) -> None:
    city = browser.town.city
    later = await city.staged("网友甲", "哪天发？")
    await city.does("王处长", "question.defer", question=later, reason="要核对。")
    left = await city.published("网友乙", "等多久？")
    assert (await _opens(browser, later))[3] == "说明了为什么会后答复 | 示例市医疗保障局"
    await city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=city.interview)
    told = await _opens(browser, left)
    assert told[-2] == "转为会后答复 | 系统，现场时间不够"
    assert told[-1].startswith("书面答复 | 最迟")
    assert "由示例市医疗保障局答复" in browser.text
    said = await city.does("许主任", "question.answer", cast.NEXT_DAY, question=left, text="三个月。")
    assert (await _opens(browser, left))[-1] == "会后答复了 | 示例市医疗保障局"
    assert f'id="n{said["no"]}"' in browser.text


async def test_merged_transferred_withdrawn_and_removed(browser: Browser) -> None:
    city = browser.town.city
    into = await city.published("网友乙", "断缴怎么补？")
    merged = await city.asks("网友甲", "断缴怎么补呢？")
    await city.does("审核员小张", "question.merge", question=merged, into=into)
    assert (await _opens(browser, merged))[-1] == "并到相同的问题里 | 审核员，并到1号"
    assert "断缴怎么补呢" not in browser.text
    assert "断缴怎么补？" in browser.text
    away = await city.asks("网友甲", "水费单子寄到哪里？")
    await city.does("审核员小张", "question.transfer", question=away, body=city.bodies["水务局"])
    told = await _opens(browser, away)
    assert told[1] == "转给别的单位 | 审核员，转给示例市水务局，由它书面答复"
    assert told[2].startswith("书面答复 | 最迟")
    assert "水费" not in browser.text
    back = await city.published("网友丙", "我不想问了？")
    await city.does("网友丙", "question.withdraw", question=back)
    assert (await _opens(browser, back))[-1] == "撤回了 | 提问人"
    assert "由提问人撤回了，文字不再显示" in browser.text
    gone = await city.published("网友丙", "张三住哪里？")
    async with city.units.read() as uow:
        found = await uow.db.get_one(Question, gone)
    await city.does("审核员小张", "question.remove", item=found.item_id, reason="说到了个人")
    assert (await _opens(browser, gone))[-1] == "撤下了 | 原因：说到了个人"
    assert "张三" not in browser.text
    for question in (back, gone):
        async with city.units.read() as uow:
            number = (await uow.db.get_one(Question, question)).number
        assert await browser.opens(f"/interviews/{city.interview}/questions/{number}") == 200
        assert "张三" not in browser.text
        assert "不想问了" not in browser.text
    assert await browser.opens(f"/interviews/{city.interview}/questions/99") == 404
    assert await browser.opens(f"/interviews/99/questions/{into}") == 404


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("我要申请公开2025年的拆迁补偿文件", "20个工作日内答复（政府信息公开条例第三十三条）"),
        ("我要信访，反映村里的事", "受理之日起60日内办结（信访工作条例第二十三条、第三十四条）"),
        ("我要投诉这家医院乱收费", "投诉和举报请打12345"),
        ("断缴几年不能报销？", None),
    ],
)
async def test_whoever_came_to_the_wrong_door_is_told_the_right_one(
    browser: Browser, text: str, told: str | None
) -> None:
    city = browser.town.city
    await browser.opens(f"/interviews/{city.interview}")
    await browser.sends(f"/interviews/{city.interview}/questions", text=text, kind="inquiry", anyway="yes")
    assert (told in browser.text) if told else ("这件事可能要去别处办" not in browser.text)
    page = browser.path
    browser.client.session.cookie_jar.clear()
    await browser.opens(page)
    assert "这件事可能要去别处办" not in browser.text
