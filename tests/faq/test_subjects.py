"""What a question is about, and that no entry answers for another body, another card or for nobody in particular."""

from dataclasses import replace

import pytest

from faq import subjects, terms
from faq.engine import Engine
from faq.index import Document, Index
from faq.judgement import CAUTIOUS, Outcome
from faq.terms import Lexicon
from tests.timing import within

CLINIC = Document(
    1,
    "社区医院几点关门，晚上和周末开不开？",
    ("社区卫生服务中心开诊时间", "社区医院周末上班吗", "下班以后能去社区看病吗"),
    "全市22家。平日8:00—20:00，星期六全天。各家地址、电话贴在门口。急病打120。",
)
LIBRARY = Document(
    2,
    "图书馆、博物馆几点开门，要不要预约？",
    ("市图书馆开放时间",),
    "周一闭馆，其余每天9:00—21:00。团体参观在政务服务中心旁边的游客中心登记。",
)
CARD = Document(3, "身份证丢了，怎样补办？", ("身份证遗失补领",), "带户口簿到派出所，20天内拿到。")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("法院周末上班吗", "法院"),
        ("银行周末上班吗", "银行"),
        ("税务局周末上班吗", "税务局"),
        ("政务服务中心周末上班吗", "政务服务中心"),
        ("医院几点下班", "医院"),
        ("学校周末上班吗", "学校"),
        ("车管所电话多少", "车管所"),
        ("税务局周末能看病吗", "税务局"),
        ("银行今天几点关门", "银行"),
        ("周末法院开门吗", "法院"),
    ],
)
def test_an_entry_of_one_body_does_not_speak_of_another(text: str, name: str) -> None:
    assert subjects.missing(text, CLINIC) == name


@pytest.mark.parametrize(
    "text",
    [
        "社区医院周末上班吗",
        "社区卫生服务中心几点下班",
        "我们社区医院几点关门",
        "设区医院周末上班吗",
        "社区周末能看病吗",
    ],
)
def test_it_speaks_of_its_own_body_however_that_is_called(text: str) -> None:
    assert subjects.missing(text, CLINIC) is None


@pytest.mark.parametrize(
    "text",
    [
        "公司没给我补身份证去哪里办",
        "我在公司上班，身份证丢了去哪补",
        "被银行扣了身份证几天能补办",
        "学校要身份证，丢了怎么补办",
    ],
)
def test_a_body_that_is_only_part_of_the_story_forbids_nothing(text: str) -> None:
    assert subjects.missing(text, CARD) is None


def test_a_body_named_in_the_text_or_headed_by_its_kind_is_spoken_of() -> None:
    assert subjects.missing("政务服务中心在哪里", LIBRARY) is None
    for text in ("少儿图书馆几点开门", "示例市图书馆几点开门", "博物馆周一开门吗"):
        assert subjects.missing(text, LIBRARY) is None, text
    assert subjects.missing("派出所几点上班能补身份证", CARD) is None


def test_another_word_for_a_body_counts() -> None:
    hall = Document(4, "办事大厅几点上班", (), "工作日9:00—17:00。")
    assert subjects.missing("政务服务中心几点上班", hall) is None
    city = Lexicon(same=(("市监局", "示例市市场监督管理局"),))
    guide = Document(5, "示例市市场监督管理局几点上班", (), "工作日9:00—17:00。")
    assert subjects.missing("市监局几点上班", guide, city) is None
    assert subjects.missing("市监局几点上班", CLINIC, city) == "市监局"


@pytest.mark.parametrize("text", ["周末上班吗", "几点下班", "电话是多少", "要带什么材料", "多少钱"])
def test_a_question_of_nothing_in_particular_is_for_no_one_of_many(text: str) -> None:
    assert subjects.missing(text, CLINIC) == subjects.NOTHING
    assert subjects.missing(text, Document(9, "几点下班", (), "下午五点。")) is None


def test_another_card_is_another_thing_and_another_word_for_it_is_not() -> None:
    assert subjects.missing("学生证丢了怎样补办", CARD) == "学生证"
    assert subjects.missing("居民身份证丢了怎样补办", CARD) is None
    assert subjects.missing("身份正丢了怎样补办", CARD) is None
    assert subjects.missing("我在学校把身份证丢了怎么补办", CARD) is None


@pytest.mark.parametrize("word", ["住院", "结局", "网站", "局", "院", "研究所有"])
def test_what_only_ends_alike_is_no_place(word: str) -> None:
    assert not subjects.is_place(word)


def test_a_place_is_named_whole() -> None:
    assert list(subjects.places("我妈的社区医院几点下班")) == ["社区医院"]
    assert list(subjects.places("去人社局社保中心办")) == ["人社局社保中心"]
    assert list(subjects.places("到医院看病，找银行借钱")) == ["医院", "银行"]


def _engine(*documents: Document) -> Engine:
    index = Index()
    index.add(documents)
    return Engine(index, replace(CAUTIOUS, answer_at=0.55), {one.key: one for one in documents})


def test_the_judgement_says_whom_the_entry_does_not_speak_of() -> None:
    engine = _engine(CLINIC, CARD)
    assert engine.ask("社区医院周末上班吗").judgement.outcome is Outcome.ANSWER
    for text in ("法院周末上班吗", "银行周末上班吗", "医院周末上班吗"):
        judged = engine.ask(text).judgement
        assert judged.outcome is not Outcome.ANSWER
        assert judged.confidence <= 0.5
        assert judged.facts is not None
        assert f"「{text[:2]}」" in dict(judged.facts.reasons(judged.confidence))["说的不是一件事"]
    unnamed = engine.ask("周末上班吗").judgement
    assert (unnamed.outcome, unnamed.reason) == (Outcome.HANDOFF, "not_named")
    assert "哪一家" in unnamed.why


def test_with_what_was_talked_about_it_names_something() -> None:
    engine = _engine(CLINIC, CARD)
    assert engine.ask("周末上班吗", context="社区医院几点关门").judgement.outcome is Outcome.ANSWER


@pytest.mark.parametrize("text", ["医院" * 1000, "局" * 2000, "几点" * 1000, "证" * 2000])
def test_no_question_takes_long_to_be_held_against_an_entry(text: str) -> None:
    long = Document(6, "图书馆几点开门" * 20, ("博物馆开门" * 20,) * 20, "到社区医院办理。" * 2000)
    subjects.missing("法院", CARD)
    with within(1, text[:20]):
        subjects.missing(terms.normalise(text), long)
