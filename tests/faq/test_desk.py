"""The desk over a database: what the editor publishes, what 网友甲 is told, and what is kept of it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from base.db import Units
from base.errors import Refusal
from base.people import Actor, Role
from faq import library
from faq.desk import Answer, Desk, Source
from faq.models import Ask, CatalogState
from faq.table_file import Row

from .conftest import DATA, lines

EDITOR = Actor(1, Role.EDITOR, "编辑小何")
CITIZEN = Actor(2, Role.CITIZEN, "网友甲")
NOW = datetime(2026, 3, 6, 6, 0, tzinfo=UTC)


def row(number: int, title: str, body: str, alts: tuple[str, ...] = (), **more: object) -> Row:
    plain: dict[str, object] = {
        "index_no": f"SL-2026-{number:04d}",
        "category": "办事指南",
        "title": title,
        "question": "",
        "alts": alts,
        "body": body,
        "issuer": "示例市政务服务局",
        "section": None,
        "document_no": None,
        "keywords": None,
        "made_on": None,
        "published_on": date(2026, 1, 5),
        "openness": "主动公开",
        "in_force": True,
        "repealed_on": None,
        "successor": None,
    }
    return Row(**(plain | more))  # type: ignore[arg-type]  # the test names fields by word


CITY = [
    row(number, entry["q"], entry["a"], tuple(entry["alts"]))
    for number, entry in enumerate(lines(DATA / "city.catalog.jsonl"), start=1)
]


@pytest.fixture
async def desk(units: Units) -> Desk:
    """A desk whose catalogue 编辑小何 has published."""
    desk = Desk()
    async with units.act(EDITOR, NOW) as uow:
        await library.import_rows(uow, CITY, publish_too=True)
    async with units.act(EDITOR, NOW) as uow:
        await desk.prepare(uow)
    return desk


async def ask(
    units: Units, desk: Desk, text: str, conversation: str | None = None, at: datetime = NOW
) -> dict:  # type: ignore[type-arg]  # the contract's object
    async with units.act(CITIZEN, at) as uow:
        return await desk.ask(uow, text, conversation)


async def test_an_answer_is_the_entrys_own_text_with_its_source(units: Units, desk: Desk) -> None:
    said = await ask(units, desk, "您好，请问社会保障卡丢了怎么补办？谢谢")
    assert set(said) == {"ask", "outcome", "text", "sources", "choices", "confidence", "reason", "exits"}
    assert said["outcome"] == "answer"
    assert said["text"] == CITY[1].body
    assert said["reason"] is None
    assert said["choices"] == []
    assert said["exits"] == ["human", "next_interview"]
    (source,) = said["sources"]
    assert source == {
        "entry": 2,
        "index_no": "SL-2026-0002",
        "title": "社会保障卡丢了怎样补办",
        "issuer": "示例市政务服务局",
        "published_on": "2026-01-05",
        "in_force": True,
        "url": "/faq/entries/2",
    }


async def test_what_no_entry_says_is_handed_over_with_both_exits(units: Units, desk: Desk) -> None:
    said = await ask(units, desk, "红烧鱼怎么做才好吃")
    assert said["outcome"] == "handoff"
    assert said["reason"]
    assert said["sources"] == said["choices"] == []
    assert said["exits"] == ["human", "next_interview"]
    assert said["text"]


async def test_the_choice_is_between_questions(units: Units, desk: Desk) -> None:
    async with units.act(EDITOR, NOW) as uow:
        twin = row(900, "社会保障卡丢了怎样补办", "第二个说法。", CITY[1].alts)
        await library.import_rows(uow, [twin], publish_too=True)
    said = await ask(units, desk, "社会保障卡丢了怎样补办")
    assert said["outcome"] == "choices"
    assert said["sources"] == []
    assert {choice["question"] for choice in said["choices"][:2]} == {"社会保障卡丢了怎样补办"}


async def test_what_was_asked_is_kept_without_who_asked(units: Units, desk: Desk) -> None:
    said = await ask(units, desk, "水费是怎么算的，我的电话13800138000", "talk-7")
    async with units.read() as uow:
        kept = (await uow.db.execute(select(Ask))).scalar_one()
    assert kept.id == said["ask"]
    assert kept.outcome == said["outcome"]
    assert kept.at == NOW
    assert "13800138000" not in kept.text
    assert kept.conversation is not None
    assert "talk-7" not in kept.conversation
    assert not {"person", "person_id", "visitor", "address"} & set(Ask.model_fields)


async def test_feedback_is_kept_and_an_unknown_ask_looks_missing(units: Units, desk: Desk) -> None:
    said = await ask(units, desk, "水费是怎么算的")
    async with units.act(CITIZEN, NOW) as uow:
        await desk.feedback(uow, said["ask"], False, "不是我要的")
    async with units.act(CITIZEN, NOW) as uow:
        kept = await uow.db.get(Ask, said["ask"])
        assert kept is not None
        assert (kept.useful, kept.feedback_reason) == (False, "不是我要的")
        with pytest.raises(Refusal, match="没有找到"):
            await desk.feedback(uow, 999, True)
        with pytest.raises(Refusal):
            await desk.feedback(uow, said["ask"], True, "长" * 501)


async def test_a_repealed_entry_is_silent_the_same_day_and_its_page_stays(units: Units, desk: Desk) -> None:
    day = date(2026, 3, 8)
    async with units.act(EDITOR, NOW) as uow:
        await library.repeal(uow, 34, day, "SL-2026-0099")
    before = await ask(units, desk, "自来水水费怎样计算", at=datetime(2026, 3, 7, 15, 59, tzinfo=UTC))
    assert before["text"] == CITY[33].body
    after = await ask(units, desk, "自来水水费怎样计算", at=datetime(2026, 3, 7, 16, 1, tzinfo=UTC))
    assert after["outcome"] != "answer" or after["text"] != CITY[33].body
    assert all(choice["entry"] != 34 for choice in after["choices"])
    async with units.read() as uow:
        assert (await library.entry(uow.db, 34)).successor == "SL-2026-0099"


async def test_publishing_and_retiring_are_heard_by_every_desk_at_once(units: Units, desk: Desk) -> None:
    other = Desk()
    async with units.act(EDITOR, NOW) as uow:
        await library.import_rows(uow, [row(500, "渔船怎样登记", "到港务所登记。")])
    assert (await ask(units, desk, "渔船怎样登记"))["outcome"] != "answer"
    async with units.act(EDITOR, NOW) as uow:
        await library.publish(uow, 41)
    for one in (desk, other):
        assert (await ask(units, one, "渔船怎样登记"))["text"] == "到港务所登记。"
    async with units.act(EDITOR, NOW) as uow:
        await library.retire(uow, 41, "内容有误")
    for one in (desk, other):
        assert (await ask(units, one, "渔船怎样登记"))["text"] != "到港务所登记。"
    async with units.read() as uow:
        with pytest.raises(Refusal, match="没有找到"):
            await library.entry(uow.db, 41)
    await other.close()


async def test_the_calibration_is_kept_with_the_catalogue_and_used_by_the_next_desk(
    units: Units, desk: Desk
) -> None:
    async with units.read() as uow:
        state = await uow.db.get(CatalogState, 1)
        assert state is not None
        assert state.calibrated_version == state.version
        kept = state.calibration
    later = Desk()
    assert (await ask(units, later, "社会保障卡丢了怎样补办"))["outcome"] == "answer"
    assert later._engine.calibration.as_dict() == kept
    assert desk._engine.calibration.as_dict() == kept


async def test_a_follow_up_means_what_was_just_talked_about(units: Units, desk: Desk) -> None:
    await ask(units, desk, "办理护照要多长时间", "t1")
    alone = await ask(units, desk, "那要多少钱")
    follow = await ask(units, desk, "那要多少钱", "t1")
    assert alone["outcome"] != "answer"
    assert follow["outcome"] in ("answer", "choices")
    offered = [source["entry"] for source in follow["sources"]] + [c["entry"] for c in follow["choices"]]
    assert offered[0] == 17
    cold = await ask(units, desk, "那要多少钱", "t1", NOW + timedelta(hours=2))
    assert {**cold, "ask": 0} == {**alone, "ask": 0}


async def test_an_empty_catalogue_and_one_all_repealed_hand_over(units: Units) -> None:
    desk = Desk()
    assert (await ask(units, desk, "水费是怎么算的"))["outcome"] == "handoff"
    async with units.act(EDITOR, NOW) as uow:
        gone = [row(n, f"第{n}种费用怎样计算", "按表。", in_force=False) for n in range(1, 20)]
        await library.import_rows(uow, gone, publish_too=True)
    said = await ask(units, desk, "第3种费用怎样计算")
    assert said["outcome"] == "handoff"
    assert said["reason"] == "empty_catalogue"
    await desk.close()


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001, "\x00问"])
async def test_what_is_no_text_is_refused_in_words(units: Units, desk: Desk, text: str) -> None:
    with pytest.raises(Refusal):
        await ask(units, desk, text)


def test_an_answer_without_a_source_cannot_be_constructed() -> None:
    source = Source(1, "SL-1", "水费", "示例市水务局", None, True, "按表计算。")
    assert Answer("按表计算。", (source,)).text == "按表计算。"
    with pytest.raises(ValueError, match="without a source"):
        Answer("按表计算。", ())
    with pytest.raises(ValueError, match="nothing else"):
        Answer("大概按表计算。", (source,))
    with pytest.raises(ValueError, match="numbered entry"):
        Source(0, "SL-1", "水费", "示例市水务局", None, True, "按表计算。")


async def test_only_those_who_edit_may_change_the_catalogue(units: Units) -> None:
    for role in (Role.CITIZEN, Role.MODERATOR, Role.GUEST, Role.ANYONE):
        async with units.act(Actor(9, role, "某人"), NOW) as uow:
            with pytest.raises(Refusal):
                await library.import_rows(uow, CITY[:1])


async def test_what_is_not_open_is_not_published(units: Units) -> None:
    async with units.act(EDITOR, NOW) as uow:
        await library.import_rows(uow, [row(1, "内部纪要", "内容。", openness="不予公开")], publish_too=True)
        with pytest.raises(Refusal, match="公开属性"):
            await library.publish(uow, 1)


async def test_an_import_again_changes_nothing_and_a_correction_is_heard(units: Units, desk: Desk) -> None:
    async with units.act(EDITOR, NOW) as uow:
        again = await library.import_rows(uow, CITY, publish_too=True)
        assert (again.added, again.changed, again.unchanged) == (0, 0, len(CITY))
        better = row(34, CITY[33].title, "每立方米3元。", CITY[33].alts)
        assert (await library.import_rows(uow, [better])).changed == 1
    assert (await ask(units, desk, "自来水水费怎样计算"))["text"] == "每立方米3元。"
