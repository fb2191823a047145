"""What 网友甲 asks about the interviews themselves, and what the live record tells; nothing of it is in the catalogue."""

import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from faq import about_interviews, referrals
from faq.about_interviews import SENTENCES
from faq.desk import Desk, masked
from faq.record_questions import Wanted, recognise
from interviews import receipts
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, Question, Respondent
from tests import cast
from tests.timing import within

ASKED = {
    "next": (
        "下一场访谈什么时候|下次访谈是什么时候开始？|请问最近一场访谈几号办|什么时候有访谈|什么时候开下一场访谈|下一场访谈谈什么|下一场访谈的主题是什么"
        "|今天有访谈吗|现在有没有访谈|网上访谈的时间|最近有什么访谈|那下一场访谈呢|下一場訪談什麼時候|下一场访谈是什么时候，什么题目|下场访谈的主题和时间|什么时候还有访谈"
    ),
    "list": "有哪些访谈|今年办了多少场访谈|今年的访谈计划|访谈安排在哪里看|一年办几场访谈",
    "who": "谁来答|下一场访谈谁来回答|访谈的嘉宾有谁|下一场访谈由哪个单位答复",
    "how": "怎么提问|怎么在访谈里提问|如何参加访谈|参加访谈要登录吗|在哪里提问|怎么向嘉宾提问",
    "where": "在哪里看访谈|访谈实录在哪里看|怎么看访谈回放|去哪看往期的访谈",
    "receipt": "我的问题怎么样了|我提的问题有答复了吗|我上次提的问题处理得怎么样|回执编号丢了怎么查",
    "period": (
        "下周有访谈吗|下个月有什么访谈|12月有几场访谈|十二月有哪些访谈|这周有没有访谈|明天有访谈吗|下周的访谈"
        "|上个月办了哪些访谈|下周访谈谈什么"
    ),
    "last": "上次访谈是哪个局|上一场访谈谈了什么，谁答的|上次访谈答了什么|上一场访谈都回答了哪些问题|上一场访谈的实录",
    "about": "医保局什么时候来访谈|哪天谈公交|哪一场谈供暖|水务局的访谈什么时候|住建局今年有没有访谈"
    "|最近一场关于医保的访谈|有没有关于公积金的访谈|关于供暖的访谈什么时候|有谈老旧小区加装电梯的访谈吗",
}
FOR_THE_CATALOGUE = (
    "医保办理时间|社保卡什么时候能拿到|下一批公租房什么时候申请|信访谈话要多久|信访怎么办理|谁来修路灯|怎么提取公积金|在哪里看停电信息|哪里可以看病"
    "|怎么参加医保|怎么参加居民医保|在哪里报名中考|图书馆什么时候开|最近有什么招聘|访谈办法规定了什么罚则|我的问题比较复杂，想咨询公积金贷款额度"
    "|银行回执怎么打印|关于医保的政策|上次交的医保费什么时候到账|我的医保怎么样了|电话13800138000能不能改绑|访谈里说的公积金新政怎么申请"
    "|什么时候谈恋爱合适|12月有几场招聘会|下周有雨吗|下个月医保什么时候扣|哪天谈话|医保局什么时候上班|13月有访谈吗|信访局什么时候接访|12月有几场"
    "|怎么报名参加考试|谁来负责垃圾清运|什么时候开学|什么时候开始供暖|有哪些补贴|今年的社保计划|在哪里查缴费记录|参加医保要登录吗|红烧鱼怎么做"
)


@pytest.mark.parametrize("code", ASKED)
def test_a_question_about_the_interviews_is_known_by_its_kind(code: str) -> None:
    asked = ASKED[code].split("|")
    wanted = {text: recognise(text) for text in asked}
    assert {text: one.code if one else None for text, one in wanted.items()} == dict.fromkeys(
        asked, f"record.{code}"
    )


@pytest.mark.parametrize("text", FOR_THE_CATALOGUE.split("|"))
def test_what_only_sounds_alike_is_for_the_catalogue(text: str) -> None:
    assert recognise(text) is None


def test_short_forms_mean_the_interviews_only_after_one_was_talked_about() -> None:
    for text, code in {"在哪里看": "where", "什么时候": "next", "是谁": "who", "谈什么": "next"}.items():
        assert recognise(text) is None, text
        found = recognise(text, after_record=True)
        assert found is not None, text
        assert found.code == f"record.{code}"


def test_a_receipt_is_found_however_it_was_typed_and_a_telephone_is_none() -> None:
    receipt = receipts.new()
    for typed in (receipt, receipt.lower(), f"回执{receipt.replace('-', '')}办到哪了", f"查一下 {receipt}"):
        assert recognise(typed) == Wanted("record.receipt", receipt=receipt), typed
    wrong = receipt[:-1] + ("2" if receipt[-1] != "2" else "3")
    found = recognise(f"回执编号{wrong}")
    assert found == Wanted("record.receipt"), "a number that cannot be one is asked for again"
    assert recognise("我的手机是13800138000") is None


def test_a_receipt_is_kept_readable_beside_masked_data() -> None:
    for receipt in ("CYK9-WXDT-B54", receipts.new()):
        kept = masked(f"电话13800138000，回执编号{receipt}怎么样了")
        assert receipt in kept
        assert "13800138000" not in kept


@pytest.mark.parametrize(
    "text",
    [
        "访谈" * 500,
        "下一场" * 30,
        "在" * 59,
        "都还是在会" * 12,
        "网上" * 25 + "访谈什么时候" + "是在" * 5,
        "(a+)+$" * 20,
    ],
)
def test_no_text_takes_long_to_recognise(text: str) -> None:
    with within(0.2, text[:30]):
        recognise(text, after_record=True)


# From the record


async def told(city: cast.City, text: str, who: str = "网友甲", after: bool = False) -> about_interviews.Told:
    wanted = recognise(text, after_record=after)
    assert wanted is not None
    async with city.act(who, cast.DURING) as uow:
        return await about_interviews.tell(uow, wanted)


async def test_the_next_interview_is_told_in_each_of_its_states(small_city: cast.City) -> None:
    city = small_city
    assert (await told(city, "下一场访谈什么时候")).text == SENTENCES["none"]
    await city.plan()
    planned = await told(city, "下一场访谈什么时候")
    assert "2026年3月6日（周五）14:30" in planned.text
    assert "城乡居民医保缴费和异地就医" in planned.text
    assert "示例市医疗保障局" in planned.text
    await city.announce()
    assert "现在就可以先提问" in (await told(city, "谁来答")).text
    assert "城乡居民医保缴费和异地就医" in (await told(city, "怎么提问")).text
    await city.prepare()
    await city.does("李主持", "interview.open", cast.START, interview=city.interview)
    live = await told(city, "现在有访谈吗")
    assert live.text.startswith("现在正在进行的是")
    assert live.links[0]["url"] == f"/interviews/{city.interview}"


async def _another(city: cast.City, theme: str, at: datetime, status: InterviewStatus) -> int:
    """A second interview of the same bodies."""
    async with city.act("周科长", cast.PLANNED) as uow:
        kept = (await uow.db.get_one(Interview, city.interview)).model_dump(exclude={"id"})
        times = {"starts_at": at, "ends_at": at + timedelta(hours=2), "opened_at": None, "closed_at": None}
        known = {name: value for name, value in times.items() if name in kept}
        other = Interview(**kept | known | {"theme": theme, "status": status})
        uow.db.add(other)
        await uow.db.flush()
        for part in await uow.db.scalars(
            select(Respondent).where(col(Respondent.interview_id) == city.interview)
        ):
            uow.db.add(Respondent(interview_id=other.id or 0, body_id=part.body_id, lead=part.lead))
    return other.id or 0


async def test_the_one_to_come_is_named_while_another_is_live(small_city: cast.City) -> None:
    city = small_city
    await city.open()
    alone = await told(city, "下一场访谈什么时候")
    assert alone.text.startswith("现在正在进行的是“城乡居民医保缴费和异地就医”")
    assert "还没有排定" in alone.text
    other = await _another(city, "公交线路调整", cast.START + timedelta(days=6), InterviewStatus.ANNOUNCED)
    both = await told(city, "下一场访谈是什么时候，什么题目")
    assert both.text.startswith("现在正在进行的是“城乡居民医保缴费和异地就医”")
    assert "下一场访谈是2026年3月12日（周四）14:30的“公交线路调整”" in both.text
    assert both.links[0]["url"] == f"/interviews/{other}"
    assert "公交线路调整" not in (await told(city, "现在有访谈吗")).text
    assert "“公交线路调整”" in (await told(city, "哪天谈公交")).text


async def test_the_interviews_of_some_days_are_told_and_where_there_are_none_the_next(
    small_city: cast.City,
) -> None:
    city = small_city
    await city.plan()
    month = await told(city, "3月有几场访谈")
    assert month.text.startswith("2026年3月有1场访谈：")
    assert "2026年3月6日（周五）14:30的“城乡居民医保缴费和异地就医”" in month.text
    assert (await told(city, "这周有访谈吗")).text.startswith(
        "2026年3月2日（周一）到2026年3月8日（周日）有1场"
    )
    none = await told(city, "下周有访谈吗")
    assert none.text.startswith("2026年3月9日（周一）到2026年3月15日（周日）没有访谈。")
    assert none.links
    await _another(city, "公交线路调整", cast.START + timedelta(days=6), InterviewStatus.PLANNED)
    assert "公交线路调整" in (await told(city, "下周有访谈吗")).text
    assert "12月没有访谈" in (await told(city, "12月有访谈吗")).text


async def test_a_body_is_found_by_its_part_in_an_interview(small_city: cast.City) -> None:
    city = small_city
    await city.plan()
    assert "城乡居民医保缴费和异地就医" in (await told(city, "医疗保障局什么时候来访谈")).text
    assert (await told(city, "水务局什么时候来访谈")).text == SENTENCES["no_about"]


async def test_a_rehearsal_is_told_to_nobody(small_city: cast.City) -> None:
    city = small_city
    await city.plan()
    async with city.act("周科长", cast.PLANNED) as uow:
        (await uow.db.get_one(Interview, city.interview)).rehearsal = True
    assert (await told(city, "下一场访谈什么时候")).text == SENTENCES["none"]
    assert (await told(city, "关于医保的访谈")).text == SENTENCES["no_about"]


async def test_the_last_one_and_one_about_a_theme_are_found(small_city: cast.City) -> None:
    city = small_city
    assert (await told(city, "上次访谈答了什么")).text == SENTENCES["no_last"]
    await city.open()
    question = await city.staged("网友甲", "断缴一年，住院能不能报？")
    await city.does("王处长", "question.answer", question=question, text="补缴到账三个月以后能报。")
    await city.asks("网友乙", "还没有审的一个")
    assert "1场" in (await told(city, "关于异地就医的访谈")).text
    await city.does("李主持", "interview.close", cast.DURING, interview=city.interview, reason="停电")
    last = await told(city, "上次访谈答了什么")
    assert "公开答复了1个问题" in last.text
    assert [link["label"] for link in last.links[1:]] == ["1号：断缴一年，住院能不能报？"]
    assert "还没有审的一个" not in str(last)
    assert (await told(city, "有没有关于渔船登记的访谈")).text == SENTENCES["no_about"]
    assert "已经办了1场" in (await told(city, "今年办了多少场访谈")).text


async def test_a_receipt_tells_the_stage_and_no_word_of_the_question(small_city: cast.City) -> None:
    city = small_city
    await city.open()
    question = await city.asks("网友甲", "断缴一年，住院能不能报？")
    async with city.act("周科长", cast.DURING) as uow:
        receipt = (await uow.db.get_one(Question, question)).receipt
    for who in ("网友甲", "网友乙"):
        found = await told(city, f"我的问题{receipt}怎么样了", who)
        assert found.text == SENTENCES["receipt"].format(
            receipt=receipt, stage="在等审核", theme="城乡居民医保缴费和异地就医"
        )
        assert found.links[0]["url"] == f"/questions/{receipt}"
    await city.does("审核员小张", "question.publish", question=question)
    assert "已经公开，在等答复" in (await told(city, receipt)).text
    assert (await told(city, receipts.new())).text == SENTENCES["no_receipt"]
    assert (await told(city, "我的问题怎么样了")).text == SENTENCES["ask_receipt"]


async def test_a_referrals_receipt_is_told_too(small_city: cast.City) -> None:
    city = small_city
    async with city.act("网友甲", cast.DURING) as uow:
        found, _ = await referrals.refer(uow, "医保断缴两年怎么办")
    waiting = await told(city, found.receipt, "网友乙")
    assert "最迟2026年3月13日（周五）" in waiting.text
    assert "断缴" not in str(waiting)


async def test_the_desk_tells_it_as_a_hand_off_with_a_code_and_links(small_city: cast.City) -> None:
    city, desk = small_city, Desk()
    await city.plan()
    async with city.act("网友甲", cast.DURING) as uow:
        first = await desk.ask(uow, "下一场访谈什么时候？", "t" * 22)
        then = await desk.ask(uow, "在哪里看", "t" * 22)
        other = await desk.ask(uow, "在哪里看", "u" * 22)
    assert (first["outcome"], first["reason"], first["sources"]) == ("handoff", "record.next", [])
    assert first["links"][0]["url"] == f"/interviews/{city.interview}"
    assert then["reason"] == "record.where"
    assert other["reason"] == "empty_catalogue"
    async with city.act("网友甲", cast.DURING + timedelta(minutes=1)) as uow:
        shown = await desk.turns(uow, "t" * 22)
    assert [turn.answer["text"] for turn in shown] == [first["text"], then["text"]]
    await desk.close()


def test_the_sentences_hold_facts_and_nothing_of_the_asker() -> None:
    assert {name for one in SENTENCES.values() for name in re.findall("{(\\w+)}", one)} == {
        "theme", "who", "when", "days", "held", "ahead", "count", "state", "receipt", "stage",
    }  # fmt: skip
