"""Console and desk by forms alone: several at once, whose hands, the delay, the order, originals, errata, a rehearsal."""

import re
from datetime import timedelta

import pytest
from aiohttp import FormData
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.people import Person
from interviews import receipts
from interviews.models import Question
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, Town
from web import console

LATER = cast.at("2026-04-10 14:30")


@pytest.fixture
async def browser(town: Town) -> Browser:
    return Browser(town)


async def status_of(browser: Browser, question: int) -> str:
    async with browser.town.city.act("周科长", cast.DURING) as uow:
        return str((await uow.db.get_one(Question, question)).status)


async def decides(browser: Browser, act: str, questions: list[str], reason: str = "advertising") -> int:
    """Send the form of several questions, with the token of the page that is open."""
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    fields = [("csrf", token[1] if token else ""), ("act", act), ("reason", reason)]
    path = f"/host/{browser.town.city.interview}/several"
    data = FormData([*fields, *(("question", one) for one in questions)])
    async with browser.client.post(path, data=data) as answer:
        browser.text, browser.status = await answer.text(), answer.status
    return browser.status


# The moderator


async def test_the_queue_says_why_each_was_drawn_to_the_eye_and_what_was_asked_already(
    browser: Browser,
) -> None:
    city = browser.town.city
    await city.published("网友乙", "断缴一年住院能不能报销？")
    await city.asks("网友甲", "断缴一年，住院还能不能报销？请回电话13800138000")
    await browser.signs_in("moderator", f"/host/{city.interview}")
    card = browser.text[browser.text.index('<ol id="queue">') : browser.text.index('id="queue-empty"')]
    assert "13800138000" not in browser.text
    assert re.search(r"<b>个人信息</b>有手机号码", card)
    assert "<b>很像1号</b>" in card
    assert "并进1号" in card


async def test_several_are_published_at_once_and_each_result_is_said(browser: Browser) -> None:
    city = browser.town.city
    first, second = (
        await city.asks("网友甲", "村里老人能不能交现金？"),
        await city.asks("网友乙", "药店怎么选？"),
    )
    gone = await city.asks("网友丙", "这个等下撤回")
    await browser.signs_in("moderator", f"/host/{city.interview}")
    await city.does("网友丙", "question.withdraw", question=gone)
    assert await decides(browser, "publish", [str(first), str(gone), str(second)]) == 200
    results = browser.text[browser.text.index('id="results"') : browser.text.index('id="notice"')]
    assert "“村里老人能不能交现金？”公开了，编为1号。" in results
    assert "“药店怎么选？”公开了，编为2号。" in results
    assert "没有办成：这个问题已经由提问人撤回" in results
    assert await decides(browser, "publish", []) == 400
    assert "还没有选" in browser.text


async def test_several_are_declined_for_one_reason_and_only_by_those_who_may(browser: Browser) -> None:
    city = browser.town.city
    pair = [str(await city.asks("网友甲", "买药找我")), str(await city.asks("网友乙", "加微信优惠"))]
    await browser.signs_in("host", f"/host/{city.interview}")
    assert await decides(browser, "decline", pair) == 404
    await browser.signs_in("moderator", f"/host/{city.interview}")
    assert await decides(browser, "decline", [*pair, "x", "9" * 5000]) == 200
    assert [await status_of(browser, int(one)) for one in pair] == ["declined", "declined"]


async def test_a_question_in_other_hands_must_be_taken_over(browser: Browser) -> None:
    city = browser.town.city
    question = await city.asks("网友甲", "断缴一年能不能报？")
    await city.does("审核员小张", "question.claim", question=question)
    console_path = f"/host/{city.interview}"
    await browser.signs_in("office", console_path)
    assert "审核员小张正在处理" in browser.text
    assert await browser.sends("/do/question.publish", question=question, back=console_path) == 409
    assert "请先点“接手”" in browser.text
    await browser.sends("/do/question.claim", question=question, over="true", back=console_path)
    assert "审核员小张正在处理" not in browser.text
    await browser.sends("/do/question.publish", question=question, back=console_path)
    assert await status_of(browser, question) == "published"


async def test_a_delayed_publication_is_taken_back(browser: Browser) -> None:
    city = browser.town.city
    question = await city.asks("网友甲", "断缴一年能不能报？")
    path = f"/host/{city.interview}"
    await browser.signs_in("moderator", path)
    await browser.sends("/do/publication.delay", interview=city.interview, seconds="10", back=path)
    assert "公开前等10秒" in browser.text
    await browser.sends("/do/question.publish", question=question, text="断缴一年能不能报销？", back=path)
    assert re.search(r"<p>(10|[1-9])秒后公开</p>", browser.text)
    await browser.sends("/do/question.hold", question=question, back=path)
    assert "秒后公开" not in browser.text
    assert await status_of(browser, question) == "pending"


async def test_an_original_is_read_one_by_one_and_the_reading_is_on_record(browser: Browser) -> None:
    city = browser.town.city
    question = await city.asks("网友甲", "请回电话13800138000，断缴怎么办？")
    path = f"/host/{city.interview}/original/{question}"
    await browser.signs_in("host")
    assert await browser.opens(path) == 404
    await browser.signs_in("moderator")
    assert await browser.opens(path) == 200
    assert "13800138000" in browser.text
    assert await browser.opens(f"/host/{city.interview + 1}/original/{question}") == 404
    async with city.act("周科长", cast.DURING) as uow:
        query = select(AuditEntry).where(col(AuditEntry.act) == "question.read_original")
        (entry,) = list(await uow.db.scalars(query))
    assert (entry.subject, entry.person_id) == (f"question:{question}", city.people["审核员小张"].person_id)
    assert "13800138000" not in str(entry.detail)
    await city.does("网友甲", "question.withdraw", question=question)
    assert await browser.opens(path) == 404


async def test_something_public_is_corrected_and_taken_down_from_the_console(browser: Browser) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "最高报多少？")
    answer = await city.does("王处长", "question.answer", question=question, text="最高1.48万元。")
    path = f"/host/{city.interview}"
    await browser.signs_in("moderator", path)
    await browser.opens(f"{path}?item={answer['item']}")
    assert "更正登在旁边" in browser.text
    assert await browser.sends("/do/question.remove", item=answer["item"], reason=" ", back=path) == 400
    assert "更正登在旁边" in browser.text, "the forms stay open beside the refusal"
    typed = {"item": answer["item"], "text": "应为1.46万元。", "reason": "念错了", "back": path}
    assert await browser.sends("/do/erratum.publish", **typed) == 200
    assert "登了一处更正：应为1.46万元。" in browser.text
    await browser.sends("/do/question.remove", item=answer["item"], reason="上级的命令", back=path)
    assert "最高1.48万元" not in browser.text


# The host


async def test_the_host_orders_what_comes_next_by_buttons(browser: Browser) -> None:
    city = browser.town.city
    asked = [await city.published("网友甲", text) for text in ("第一件事", "第二件事", "第三件事")]
    path = f"/host/{city.interview}"
    await browser.signs_in("host", path)
    for question in asked:
        await browser.sends(f"{path}/order", question=question, step="in")
    await browser.sends(f"{path}/order", question=asked[2], step="up")
    await browser.sends(f"{path}/order", question=asked[0], step="out")
    line = browser.text[browser.text.index('<ol id="lineup">') : browser.text.index('id="line-empty"')]
    assert re.findall(r'data-pick="(\d+)"', line) == [str(asked[2]), str(asked[1])]
    await browser.sends("/do/question.stage", question=asked[2], back=path)
    state = await city.state(f"interview:{city.interview}:staff")
    assert (state["order"], state["stage"]) == ([asked[1]], [asked[2]])
    await browser.signs_in("moderator", path)
    assert await browser.sends(f"{path}/order", question=asked[0], step="in") == 404


def test_one_step_of_the_line_never_leaves_the_line() -> None:
    assert console.moved([1, 2, 3], 2, "up") == [2, 1, 3]
    assert console.moved([1, 2, 3], 2, "down") == [1, 3, 2]
    assert console.moved([1, 2, 3], 1, "up") == [1, 2, 3]
    assert console.moved([1, 2, 3], 3, "down") == [1, 2, 3]
    assert console.moved([1, 2, 3], 1, "in") == [2, 3, 1]
    assert console.moved([1, 2, 3], 9, "down") == [1, 2, 3]


def test_the_end_is_told_at_fifteen_and_at_five_minutes() -> None:
    said = {left: console.near_end(left) for left in (None, 16, 15, 6, 5, 1, 0)}
    assert said[None] is said[16] is None
    assert "15分钟" in str(said[15])
    assert "15分钟" in str(said[6])
    assert "5分钟" in str(said[5])
    assert "15分钟" not in str(said[5])
    assert "时间到了" in str(said[0])


async def test_the_fairness_gauge_is_a_piece_of_the_console_for_those_who_work_there(
    browser: Browser,
) -> None:
    city = browser.town.city
    question = await city.staged("网友甲", "断缴一年能不能报？")
    await city.published("网友乙", "药店怎么选？")
    await city.does("许主任", "question.answer", question=question, text="能报。", speaker="王立言")
    path = f"/host/{city.interview}/fairness"
    await browser.signs_in("host")
    assert await browser.opens(path) == 200
    assert "<html" not in browser.text
    assert re.search(r"现场提的</dt><dd>2个答了<b>1</b>个（50%）", browser.text)
    assert re.search(r"<span>王立言</span><b>1个</b>", browser.text)
    await browser.signs_in("guest")
    assert await browser.opens(path) == 404


async def test_a_rehearsal_says_so_all_over_and_nobody_outside_finds_it(browser: Browser) -> None:
    city = browser.town.city
    real = city.interview
    other = await city.plan(LATER)
    await city.announce(LATER)
    await browser.signs_in("host", f"/host/{other}")
    assert "开一场演练" in browser.text
    await browser.sends("/do/interview.rehearse", interview=other, back=f"/host/{other}")
    assert re.fullmatch(r"/host/\d+", browser.path)
    assert browser.path not in (f"/host/{real}", f"/host/{other}")
    assert "<b>演练</b>，不对外，不计数" in browser.text
    rehearsal = browser.path.rpartition("/")[2]
    await browser.opens("/staff")
    assert "演练" in browser.text
    await browser.sends("/logout")
    assert await browser.opens(f"/interviews/{rehearsal}") == 404


# The desk


async def test_a_question_transferred_to_another_body_is_answered_at_its_desk(browser: Browser) -> None:
    city = browser.town.city
    question = await city.asks("网友甲", "自来水发黄怎么办？")
    await city.does("审核员小张", "question.transfer", question=question, body=city.bodies["水务局"])
    async with city.act("周科长", cast.DURING) as uow:
        person = await uow.db.get_one(Person, city.people["外单位老吴"].person_id)
        clerk = await uow.db.get_one(Person, city.people["许主任"].person_id)
        person.login, person.password_hash, person.example = "laowu", clerk.password_hash, True
    path = f"/desk/questions/{question}"
    await browser.signs_in("clerk")
    assert await browser.opens(path) == 404
    await browser.opens("/login")
    await browser.sends("/login", name="laowu", password=PASSWORD, next="/desk")
    assert f'href="{path}"' in browser.text
    await browser.opens(path)
    assert await browser.sends("/do/question.answer", question=question, text=" ", back=path) == 400
    assert "请写上" in browser.text
    await browser.sends(
        "/do/question.answer", question=question, text="先放水两分钟，还黄请打电话。", back=path
    )
    assert "先放水两分钟" in browser.text
    assert await status_of(browser, question) == "answered"
    await browser.opens("/desk")
    assert f'href="{path}"' not in browser.text


async def test_a_clerk_goes_on_for_the_same_guest_and_corrects_what_was_said(browser: Browser) -> None:
    city = browser.town.city
    guests = [{"name": "王立言", "post": "处长"}, {"name": "苏敏", "post": "科长"}]
    await city.does("许主任", "guests.tell", interview=city.interview, guests=guests)
    first, second = await city.staged("网友甲", "断缴怎么办？"), await city.staged("网友乙", "药店怎么选？")
    desk = f"/desk/{city.interview}"
    await browser.signs_in("clerk", desk)
    sent = {"question": first, "text": "三个月内补上。", "speaker": "苏敏", "back": desk}
    await browser.sends("/do/question.answer", **sent)
    await browser.opens(f"{desk}?question={second}")
    assert "<option selected>苏敏</option>" in browser.text
    await browser.opens(f"{desk}?question={first}")
    assert "更正这一条" in browser.text
    state = await city.state(f"interview:{city.interview}:public")
    item = next(one["item"] for one in state["items"] if one["kind"] == "answer")
    here = f"{desk}?question={first}"
    assert (
        await browser.sends("/do/erratum.publish", item=item, text="六个月内补上。", reason=" ", back=here)
        == 400
    )
    assert "六个月内补上。</textarea>" in browser.text
    await browser.sends("/do/erratum.publish", item=item, text="六个月内补上。", reason="说错了", back=here)
    assert "六个月内补上。" in browser.text
    assert "三个月内补上。" in browser.text


def test_the_waiting_time_is_told_in_the_largest_unit() -> None:
    asked = "2026-03-06T14:00:00+08:00"
    said = [
        console.waited(asked, cast.at("2026-03-06 14:00") + timedelta(minutes=m))
        for m in (0, 59, 60, 2879, 2880)
    ]
    assert said == ["刚到", "等了59分钟", "等了1小时", "等了47小时", "等了2天"]


async def test_a_crowded_room_is_drawn_a_hundred_at_a_time(town: Town) -> None:
    """With 5,000 questions, each card listing all the others, the page did not come within minutes."""
    asker = town.city.people["网友甲"].person_id
    assert asker is not None
    async with town.city.act("周科长", cast.DURING) as uow:
        for number in range(1, 261):
            uow.db.add(
                Question(
                    interview_id=town.city.interview,
                    asker_id=asker,
                    client_id=f"many-{number}",
                    receipt=receipts.new(),
                    original="公交卡丢了",
                    text=f"公交卡丢了{number}次怎么补办？",
                    kind="inquiry",
                    status="published" if number % 2 else "pending",
                    number=number if number % 2 else None,
                    submitted_at=cast.DURING,
                )
            )
    browser = Browser(town)
    await browser.signs_in("moderator", f"/host/{town.city.interview}")
    assert '<span id="queue-n">130</span>' in browser.text
    assert browser.text.count('data-command="question.decline"') == console.SHOWN
    assert browser.text.count("还有30个") == 2
    assert len(browser.text) < 2_000_000
