"""A talk of several turns: what leans on the turn before, what stands alone, and what is shown of it afterwards."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Role
from faq import follow_ups, library, picks, talks
from faq.desk import Desk
from faq.doors import NOT_IN_ENTRY, SENTENCES
from faq.excerpts import LIMIT, nearest, saying
from faq.index import Document, Index
from faq.models import Ask

from .conftest import opened, stocked
from .test_desk import CITY, NOW, row

CITIZEN = Actor(2, Role.CITIZEN, "网友甲")

LEANING = (
    "那需要带什么材料|多久能办好|在哪里办|要多少钱|那要多少钱|还要什么证件|什么时候能拿到|去哪办|几天能下来|可以代办吗|能不能网上办|需要本人去吗"
    "|电话是多少|周末上班吗|怎么申请|有什么条件|截止到什么时候|收费吗|那手续费多少|然后去哪里交|这个要等多久|要带啥|要准备哪些东西|流程是什么"
    "|工本费多少|可以邮寄吗|能让家人代领吗|需要预约吗|多久到账|能提多少钱|本人必须去吗"
)
NAMING_A_CASE = {
    "那孩子呢": "孩子",
    "那外地人呢": "外地人",
    "那老人呢": "老人",
    "那外地人怎么办": "外地人",
    "那照片呢": "照片",
    "那登记费多少": "登记费",
}
ALONE = (
    "那老年卡怎么办|社保卡丢了怎么补办|身份证在哪里办|那身份证在哪里办|办护照要多久|公积金怎么提取|那公租房怎么申请|另外养狗要办证吗|水费怎么算"
    "|图书馆几点关门|什么时候供暖|去哪里打HPV疫苗|多少钱一吨水|那失业金怎么领|还有居住证在哪办|需要预约博物馆吗|怎么给孩子上户口|你好|谢谢|红烧鱼怎么做"
    "|在哪里查停电|那需要带什么材料才能给外地户口的双胞胎孩子办理转学手续"
)


@pytest.mark.parametrize("text", LEANING.split("|"))
def test_a_question_that_names_nothing_leans(text: str) -> None:
    found = follow_ups.read(text)
    assert found is not None
    assert found.aspect is not None
    assert found.about == ""


@pytest.mark.parametrize(("text", "case"), NAMING_A_CASE.items())
def test_a_question_may_name_only_a_case(text: str, case: str) -> None:
    found = follow_ups.read(text)
    assert found is not None
    assert found.about == case


@pytest.mark.parametrize("text", ALONE.split("|"))
def test_a_question_that_names_its_matter_stands_alone(text: str) -> None:
    assert follow_ups.read(text) is None


# Talks over a catalogue

LONG = "\n".join(
    [
        "第一章 总则",
        "为了规范养犬，制定本办法。" * 18,
        "第二章 登记",
        "养犬人应当携带本人身份证、犬只免疫证明和两张照片，到居住地派出所登记。" * 8,
        "第三章 收费",
        "登记费每年300元，导盲犬免费。" * 9,
        "第四章 罚则",
        "遛犬不牵绳的，处50元以上200元以下罚款。" * 14,
    ]
)
MORE = [
    row(201, "养犬管理办法", LONG, ("养狗的规定", "遛狗不牵绳怎么罚")),
    row(202, "残疾人乘车卡怎样办理", "残疾人持残疾证到公交公司办理。", ("残疾人坐公交免费吗",)),
]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the catalogue of these talks."""
    return stocked(tmp_path_factory.mktemp("shelf") / "talks.db", [*CITY, *MORE], NOW)


@pytest.fixture
async def units(shelf: Path, tmp_path: Path) -> AsyncIterator[Units]:
    async with opened(shelf, tmp_path) as units:
        yield units


@pytest.fixture
async def desk(units: Units) -> Desk:
    return Desk()


async def talk(units: Units, desk: Desk, *asked: str, name: str = "t1", at: datetime = NOW) -> dict[str, Any]:
    """网友甲 asks one after the other; what the last one got."""
    said: dict[str, Any] = {}
    for text in asked:
        async with units.act(CITIZEN, at) as uow:
            said = await desk.ask(uow, text, name)
    return said


def entries_of(said: dict[str, Any]) -> list[int]:
    return [source["entry"] for source in said["sources"]]


@pytest.mark.parametrize(
    ("first", "then", "entry", "part"),
    [
        ("办理护照要多长时间", "那要多少钱", 17, "120元"),
        ("办理护照要多长时间", "可以邮寄吗", 17, "邮寄"),
        ("社会保障卡丢了怎样补办", "在哪里办", 2, "银行网点"),
        ("社会保障卡丢了怎样补办", "需要带什么材料", 2, "有效身份证件"),
        ("二手房买卖怎样办理转移登记", "要准备哪些东西", 6, "买卖合同"),
        ("居民身份证到期怎样换领", "工本费多少", 15, "20元"),
        ("居民身份证到期怎样换领", "多久能拿到", 15, "20个工作日"),
        ("残疾人证怎样申领", "去哪办", 26, "街道残联"),
        ("养犬登记怎样办理", "要带什么", 32, "免疫证明"),
        ("养犬登记怎样办理", "那年检呢", 32, "每年3月年检"),
    ],
)
async def test_a_follow_up_is_answered_from_the_entry_just_quoted(
    units: Units, desk: Desk, first: str, then: str, entry: int, part: str
) -> None:
    said = await talk(units, desk, first, then)
    assert (said["outcome"], entries_of(said)) == ("answer", [entry])
    assert part in said["text"]
    assert said["reason"] is None
    assert said["text"] in CITY[entry - 1].body


@pytest.mark.parametrize(
    ("first", "then", "entry"),
    [
        ("办理护照要多长时间", "社会保障卡丢了怎样补办", 2),
        ("办理护照要多长时间", "那养犬登记怎样办理", 32),
        ("养犬登记怎样办理", "图书馆的开放时间是什么", 36),
        ("社会保障卡丢了怎样补办", "另外，居住证怎样申领", 16),
        ("居住证怎样申领", "那居民身份证到期怎样换领", 15),
    ],
)
async def test_a_new_matter_is_not_dragged_back(
    units: Units, desk: Desk, first: str, then: str, entry: int
) -> None:
    said = await talk(units, desk, first, then)
    assert (said["outcome"], entries_of(said)) == ("answer", [entry])


async def test_what_the_entry_does_not_say_is_said_to_be_missing(units: Units, desk: Desk) -> None:
    said = await talk(units, desk, "生活垃圾怎样分类", "可以代办吗")
    assert (said["outcome"], said["reason"]) == ("handoff", NOT_IN_ENTRY)
    assert said["links"] == [{"label": "全文", "url": "/faq/entries/33"}]
    again = await talk(units, desk, "那什么时候")
    assert entries_of(again) == [33], "the subject is still what was quoted"


async def test_thanks_between_change_no_subject_and_a_doubt_does(units: Units, desk: Desk) -> None:
    said = await talk(units, desk, "办理护照要多长时间", "谢谢", "那要多少钱")
    assert entries_of(said) == [17]
    alone = await talk(units, desk, "要多久", name="t2")
    said = await talk(units, desk, "红烧鱼怎么做才好吃", "要多久", name="t3")
    assert {**said, "ask": 0} == {**alone, "ask": 0}


async def test_a_talk_grows_cold(units: Units, desk: Desk) -> None:
    await talk(units, desk, "办理护照要多长时间")
    said = await talk(units, desk, "那要多少钱", at=NOW + talks.LASTS + timedelta(minutes=1))
    assert said["outcome"] != "answer"
    async with units.read() as uow:
        uow.now = NOW + 3 * talks.LASTS
        assert await desk.turns(uow, "t1") == []


async def test_another_talk_knows_nothing_of_it(units: Units, desk: Desk) -> None:
    await talk(units, desk, "办理护照要多长时间", name="t1")
    said = await talk(units, desk, "那要多少钱", name="t2")
    assert said["outcome"] != "answer"


# Long entries


async def test_of_a_long_entry_the_stretch_that_answers_is_quoted(units: Units, desk: Desk) -> None:
    said = await talk(units, desk, "遛狗不牵绳怎么罚")
    assert entries_of(said) == [41]
    assert "50元以上200元以下罚款" in said["text"]
    assert said["text"] in LONG
    assert len(said["text"]) <= LIMIT < len(LONG)
    assert said["links"] == [{"label": "全文", "url": "/faq/entries/41"}]
    then = await talk(units, desk, "那登记费多少")
    assert entries_of(then) == [41]
    assert "300元" in then["text"]
    assert "罚款" not in then["text"]


def test_a_stretch_is_one_piece_of_the_text_whatever_is_asked() -> None:
    index = Index()
    index.add([Document(1, "养犬管理办法", (), LONG), Document(2, "水费", (), "每吨3元。")])
    for asked in ("导盲犬要交登记费吗", "罚款多少", "派出所登记带照片", "红烧鱼", "第三章"):
        text = nearest(LONG, index.query(asked))
        assert text in LONG
        assert 0 < len(text) <= LIMIT
    assert nearest("每吨3元。", index.query("红烧鱼")) == "每吨3元。"
    assert nearest(LONG, index.query("红烧鱼")).startswith("第一章 总则")
    assert nearest(LONG, index.query("导盲犬免费")).startswith("第三章 收费")
    apart = "导盲犬免费乘车。\n" + "其他事项另行规定。" * 110 + "\n遛犬要牵绳。"
    assert len(nearest(apart, index.query("导盲犬免费乘车遛犬要牵绳"))) <= LIMIT
    endless = "没有标点的长文" * 2000
    assert len(nearest(endless, index.query("长文"))) <= LIMIT


def test_what_says_nothing_of_it_gives_no_stretch() -> None:
    leans = follow_ups.read("要多少钱")
    assert leans is not None
    assert saying("到派出所登记。", leans.wanted) is None
    assert saying("到派出所登记。\n免费。", leans.wanted) == "免费。"


# What is shown


async def test_the_turns_are_shown_again_oldest_first(units: Units, desk: Desk) -> None:
    said = [
        await talk(units, desk, text)
        for text in ("办理护照要多长时间", "那要多少钱", "谢谢", "我的电话13800138000，红烧鱼怎么做")
    ]
    async with units.act(CITIZEN, NOW) as uow:
        await desk.feedback(uow, said[0]["ask"], False, "没有说全")
    async with units.act(CITIZEN, NOW) as uow:
        shown = await desk.turns(uow, "t1")
    assert [turn.answer for turn in shown] == said
    assert shown[0].feedback == "useless"
    assert shown[0].feedback_reason == "没有说全"
    assert "13800138000" not in shown[3].asked


async def test_a_turn_whose_entry_was_taken_down_says_so(units: Units, desk: Desk) -> None:
    await talk(units, desk, "办理护照要多长时间")
    async with units.act(SYSTEM, NOW) as uow:
        await library.retire(uow, 17, "内容有误")
    async with units.act(CITIZEN, NOW) as uow:
        (turn,) = await desk.turns(uow, "t1")
    assert turn.answer["text"] == SENTENCES["withdrawn"]
    assert (turn.answer["outcome"], turn.answer["sources"]) == ("handoff", [])
    said = await talk(units, desk, "那要多少钱")
    assert said["outcome"] != "answer", "nothing leans on what was taken down"


async def test_a_choice_is_one_of_those_offered_in_this_talk(units: Units, desk: Desk) -> None:
    twin = row(900, "社会保障卡丢了怎样补办", "第二个说法。", CITY[1].alts)
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, [twin], publish_too=True)
    offered = await talk(units, desk, "社会保障卡丢了怎样补办")
    assert offered["outcome"] == "choices"
    ask, entry = offered["ask"], offered["choices"][1]["entry"]
    async with units.act(CITIZEN, NOW) as uow:
        for wrong in ((ask, 17, "t1"), (ask, entry, "t2"), (999, entry, "t1"), (ask, entry, None)):
            with pytest.raises(Refusal, match="没有找到"):
                await desk.choose(uow, *wrong)
        said = await desk.choose(uow, ask, entry, "t1")
    assert (said["outcome"], entries_of(said), said["confidence"]) == ("answer", [entry], 1.0)
    async with units.act(CITIZEN, NOW) as uow:
        none = await desk.choose(uow, ask, None, "t1")
        shown = await desk.turns(uow, "t1")
    assert (none["outcome"], none["reason"]) == ("handoff", "none_of_these")
    assert [turn.chosen for turn in shown] == [False, True, True]


OFFERED = ("租房子住，怎样提取公积金？", "买了房，怎样提取公积金？", "高龄津贴怎样申请？")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("第二个", 1),
        ("1", 0),
        ("第一条", 0),
        ("我选第3个", 2),
        ("最后一个", 2),
        ("租房的", 0),
        ("高龄津贴", 2),
        ("是买了房的", 1),
        ("都不是", picks.NONE),
        ("这几个都不是", picks.NONE),
        ("没有我要问的", picks.NONE),
    ],
)
def test_a_few_words_pick_one_of_those_offered(text: str, place: int) -> None:
    assert picks.picked(text, OFFERED) == place


@pytest.mark.parametrize(
    "text",
    [
        "第五个",
        "公积金",
        "一个",
        "社保卡丢了",
        "公租房要多少钱",
        "两个人可以一起申请公租房吗",
        "12345",
        "怎么办",
        "好的",
    ],
)
def test_what_fits_several_or_asks_something_picks_nothing(text: str) -> None:
    assert picks.picked(text, OFFERED) is None


async def test_a_choice_can_be_made_in_words(units: Units, desk: Desk) -> None:
    twin = row(900, "社会保障卡丢了怎样补办", "第二个说法。", CITY[1].alts)
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, [twin], publish_too=True)
    offered = await talk(units, desk, "社会保障卡丢了怎样补办")
    second = offered["choices"][1]["entry"]
    said = await talk(units, desk, "第二个")
    assert (said["outcome"], entries_of(said), said["confidence"]) == ("answer", [second], 1.0)
    again = await talk(units, desk, "社会保障卡丢了怎样补办", "都不是")
    assert (again["outcome"], again["reason"]) == ("handoff", "none_of_these")
    elsewhere = await talk(units, desk, "第二个", name="t2")
    assert elsewhere["outcome"] != "answer"
    danger = await talk(units, desk, "社会保障卡丢了怎样补办", "我想死")
    assert danger["reason"] == "emergency"


async def test_a_leaning_answer_is_marked_so_that_it_becomes_no_phrasing(units: Units, desk: Desk) -> None:
    said = await talk(units, desk, "办理护照要多长时间", "那要多少钱")
    async with units.read() as uow:
        kept = await uow.db.get_one(Ask, said["ask"])
    assert kept.reason == talks.FOLLOW_UP


def test_the_turns_go_back_to_the_first_silence() -> None:
    def ask(minutes: int) -> Ask:
        at = datetime(2026, 3, 6, 6, 0, tzinfo=UTC) + timedelta(minutes=minutes)
        return Ask(text="问", outcome="handoff", confidence=0.0, at=at)

    newest_first = [ask(70), ask(45), ask(20), ask(-20), ask(-30)]
    now = newest_first[0].at + timedelta(minutes=29)
    assert talks.unbroken(newest_first, now) == newest_first[:3]
    assert talks.unbroken(newest_first, now + timedelta(minutes=5)) == []
