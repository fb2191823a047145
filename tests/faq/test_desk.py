"""The desk over a database: what the city publishes, what 网友甲 is told, and what is kept of it."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import SQLModel

from base.clock import office_date
from base.db import Database, Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Role
from faq import library
from faq.desk import Answer, Desk, Source
from faq.models import Ask, CatalogState
from faq.table_file import Row
from tests.timing import within

from .conftest import DATA, lines, opened, stocked

OPERATOR = SYSTEM
"""Who brings the city's catalogue in; what an editor does goes through tests/faq/test_review.py."""
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


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database whose catalogue the operator has brought in."""
    return stocked(tmp_path_factory.mktemp("shelf") / "city.db", CITY, NOW)


@pytest.fixture
async def units(shelf: Path, tmp_path: Path) -> AsyncIterator[Units]:
    async with opened(shelf, tmp_path) as units:
        yield units


@pytest.fixture
def no_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is calibrated anew: these tests are not about it, and it takes seconds."""
    monkeypatch.setattr("faq.present.DRIFT", 100.0)


@pytest.fixture
async def desk(units: Units) -> AsyncIterator[Desk]:
    """The desk of a process that has just begun."""
    desk = Desk()
    async with units.act(OPERATOR, NOW) as uow:
        await desk.prepare(uow)
    yield desk
    await desk.close()


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


@pytest.mark.usefixtures("no_drift")
async def test_the_choice_is_between_questions(units: Units, desk: Desk) -> None:
    async with units.act(OPERATOR, NOW) as uow:
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
    async with units.act(OPERATOR, NOW) as uow:
        await library.repeal(uow, 34, day, "SL-2026-0099")
    before = await ask(units, desk, "自来水水费怎样计算", at=datetime(2026, 3, 7, 15, 59, tzinfo=UTC))
    assert before["text"] == CITY[33].body
    after = await ask(units, desk, "自来水水费怎样计算", at=datetime(2026, 3, 7, 16, 1, tzinfo=UTC))
    assert after["outcome"] != "answer" or after["text"] != CITY[33].body
    assert all(choice["entry"] != 34 for choice in after["choices"])
    async with units.read() as uow:
        assert (await library.entry(uow.db, 34)).successor == "SL-2026-0099"


@pytest.mark.usefixtures("no_drift")
async def test_publishing_and_retiring_are_heard_by_every_desk_at_once(units: Units, desk: Desk) -> None:
    other = Desk()
    async with units.act(OPERATOR, NOW) as uow:
        await library.import_rows(uow, [row(500, "渔船怎样登记", "到港务所登记。")])
    assert (await ask(units, desk, "渔船怎样登记"))["outcome"] != "answer"
    async with units.act(OPERATOR, NOW) as uow:
        await library.publish(uow, 41)
    for one in (desk, other):
        assert (await ask(units, one, "渔船怎样登记"))["text"] == "到港务所登记。"
    async with units.act(OPERATOR, NOW) as uow:
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
    assert later.present.engine.calibration.as_dict() == kept
    assert desk.present.engine.calibration.as_dict() == kept


# Several processes, one catalogue


async def _grown(units: Units, rows: range, at: datetime = NOW) -> None:
    async with units.act(OPERATOR, at) as uow:
        more = [row(n, f"第{n}号公园几点开门", f"{n}号公园每天7时开门。") for n in rows]
        await library.import_rows(uow, more, publish_too=True)


async def test_a_calibration_made_later_is_kept_and_taken_over_by_the_others(
    units: Units, desk: Desk
) -> None:
    other = Desk()
    await ask(units, other, "水费是怎么算的")
    await _grown(units, range(600, 640))
    assert (await ask(units, desk, "第600号公园几点开门"))["outcome"] == "answer"
    await desk.present.settled()
    assert desk.present.has_new_calibration
    async with units.act(OPERATOR, NOW) as uow:
        assert await desk.keep_calibration(uow)
        assert not await desk.keep_calibration(uow), "once"
    async with units.read() as uow:
        state = await uow.db.get_one(CatalogState, 1)
        assert state.calibrated_version == state.version == 2
        assert state.calibration == desk.present.engine.calibration.as_dict()
    for _ in range(2):
        await ask(units, other, "水费是怎么算的")
        await other.close()
    assert other.present.engine.calibration == desk.present.engine.calibration
    assert not other.present.has_new_calibration, "what was taken over is not kept again"


async def test_a_calibration_of_an_older_catalogue_does_not_replace_a_newer_one(
    units: Units, desk: Desk
) -> None:
    await _grown(units, range(600, 640))
    await ask(units, desk, "水费是怎么算的")
    await desk.present.settled()
    async with units.act(OPERATOR, NOW) as uow:
        state = await uow.db.get_one(CatalogState, 1)
        state.version = state.calibrated_version = 9
        kept = state.calibration
        await uow.db.flush()
        assert not await desk.keep_calibration(uow)
    async with units.read() as uow:
        state = await uow.db.get_one(CatalogState, 1)
        assert (state.calibrated_version, state.calibration) == (9, kept)


async def test_a_broken_calibration_is_made_anew(units: Units) -> None:
    async with units.act(OPERATOR, NOW) as uow:
        (await uow.db.get_one(CatalogState, 1)).calibration = {"right": None}
    desk = Desk()
    async with units.act(OPERATOR, NOW) as uow:
        await desk.prepare(uow)
    assert (await ask(units, desk, "社会保障卡丢了怎样补办"))["outcome"] == "answer"
    await desk.close()


@pytest.mark.usefixtures("no_drift")
async def test_what_one_process_publishes_and_repeals_the_other_knows_within_a_second(
    units: Units, desk: Desk
) -> None:
    other = Desk()
    await ask(units, other, "水费是怎么算的")
    await _grown(units, range(700, 701))
    with within(1):
        said = await ask(units, other, "第700号公园几点开门")
    assert said["text"] == "700号公园每天7时开门。"
    async with units.act(OPERATOR, NOW) as uow:
        await library.repeal(uow, said["sources"][0]["entry"], office_date(NOW))
    for one in (desk, other):
        with within(1):
            said = await ask(units, one, "第700号公园几点开门")
        assert "700号公园" not in said["text"]
    await other.close()


@pytest.mark.usefixtures("no_drift")
async def test_many_that_lose_their_force_on_one_day_hide_nobody(units: Units, desk: Desk) -> None:
    async with units.act(OPERATOR, NOW) as uow:
        old = [row(n, "示范公园几点开门", f"旧规定第{n}条：8时开门。") for n in range(800, 860)]
        await library.import_rows(uow, [*old, row(900, "示范公园几点开门", "7时开门。")], publish_too=True)
        for number in range(41, 101):
            await library.repeal(uow, number, office_date(NOW) + timedelta(days=1))
    tomorrow = NOW + timedelta(days=1)
    said = await ask(units, desk, "示范公园几点开门", at=tomorrow)
    offered = [source["entry"] for source in said["sources"]] + [c["entry"] for c in said["choices"]]
    assert 101 in offered
    assert not set(offered) & set(range(41, 101))


async def test_an_empty_catalogue_and_one_all_repealed_hand_over(sqlite_file: str) -> None:
    empty = Units(Database(sqlite_file))
    async with empty.database.writer.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    desk = Desk()
    assert (await ask(empty, desk, "水费是怎么算的"))["outcome"] == "handoff"
    async with empty.act(OPERATOR, NOW) as uow:
        gone = [row(n, f"第{n}种费用怎样计算", "按表。", in_force=False) for n in range(1, 20)]
        await library.import_rows(uow, gone, publish_too=True)
    said = await ask(empty, desk, "第3种费用怎样计算")
    assert said["outcome"] == "handoff"
    assert said["reason"] == "empty_catalogue"
    await desk.close()
    await empty.database.close()


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001, "\x00问"])
async def test_what_is_no_text_is_refused_in_words(units: Units, desk: Desk, text: str) -> None:
    with pytest.raises(Refusal):
        await ask(units, desk, text)


def test_an_answer_without_a_source_cannot_be_constructed() -> None:
    source = Source(1, "SL-1", "水费", "示例市水务局", None, True, "按表计算。")
    assert Answer("按表计算。", (source,)).whole
    assert not Answer("计算。", (source,)).whole
    with pytest.raises(ValueError, match="nothing else"):
        Answer("  ", (source,))
    with pytest.raises(ValueError, match="without a source"):
        Answer("按表计算。", ())
    with pytest.raises(ValueError, match="nothing else"):
        Answer("大概按表计算。", (source,))
    with pytest.raises(ValueError, match="numbered entry"):
        Source(0, "SL-1", "水费", "示例市水务局", None, True, "按表计算。")


async def test_only_those_who_edit_may_change_the_catalogue(units: Units) -> None:
    for role in (Role.CITIZEN, Role.MODERATOR, Role.GUEST, Role.ADMIN, Role.ANYONE):
        async with units.act(Actor(9, role, "某人"), NOW) as uow:
            with pytest.raises(Refusal):
                await library.import_rows(uow, CITY[:1])


async def test_what_is_not_open_is_not_published(units: Units) -> None:
    async with units.act(OPERATOR, NOW) as uow:
        await library.import_rows(uow, [row(1, "内部纪要", "内容。", openness="不予公开")], publish_too=True)
        with pytest.raises(Refusal, match="公开属性"):
            await library.publish(uow, 1)


async def test_an_import_again_changes_nothing_and_a_correction_is_heard(units: Units, desk: Desk) -> None:
    async with units.act(OPERATOR, NOW) as uow:
        again = await library.import_rows(uow, CITY, publish_too=True)
        assert (again.added, again.changed, again.unchanged) == (0, 0, len(CITY))
        better = row(34, CITY[33].title, "每立方米3元。", CITY[33].alts)
        assert (await library.import_rows(uow, [better])).changed == 1
    assert (await ask(units, desk, "自来水水费怎样计算"))["text"] == "每立方米3元。"


async def test_the_first_question_waits_for_the_first_calibration_and_an_emergency_does_not(
    units: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk()
    async with units.act(OPERATOR, NOW) as uow:
        state = await uow.db.get_one(CatalogState, 1)
        state.calibration, state.calibrated_version = None, 0
        await uow.db.flush()
        await desk.open(uow)
    assert not desk.present.is_judging
    await desk.ready_for("有人晕倒了，快打120")
    assert not desk.present.is_judging
    with monkeypatch.context() as hasty:
        hasty.setattr("faq.desk.PATIENCE", 0.0)
        with pytest.raises(Refusal) as refused:
            await desk.ready_for("社会保障卡丢了怎么补办？")
    assert (refused.value.code, refused.value.status, refused.value.retry_after) == ("bot.preparing", 503, 10)
    monkeypatch.setattr("faq.desk.PATIENCE", 600.0)
    await desk.ready_for("社会保障卡丢了怎么补办？")
    assert desk.present.is_judging
    assert (await ask(units, desk, "社会保障卡丢了怎么补办？"))["outcome"] == "answer"
    await desk.close()
