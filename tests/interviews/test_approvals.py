"""A second person's approval: nothing goes out before, what goes out is what was read, nobody approves their own."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.errors import Refusal
from base.people import SYSTEM, Person
from interviews import approvals
from interviews.models import Draft, Item
from tests.cast import NEXT_DAY, PLANNED, City


async def _public(city: City) -> dict[str, Any]:
    return await city.state(f"interview:{city.interview}:public")


async def _laid_up(city: City, approver: str | None = None) -> int:
    await city.asks_a_second_person(approver)
    await city.open()
    question = await city.staged("网友甲", "断缴一年能报吗？")
    await city.does("许主任", "question.answer", question=question, text="能，等三个月。", speaker="王立言")
    return question


async def test_nothing_is_public_before_and_the_ack_says_so(city: City) -> None:
    await city.asks_a_second_person()
    await city.open()
    question = await city.staged("网友甲", "断缴一年能报吗？")
    before = await _public(city)
    told = await city.does("许主任", "question.answer", question=question, text="能，等三个月。")
    assert told["item"] is None
    assert "另一个人审定" in told["message"]
    assert await _public(city) == before
    staff = await city.state(f"interview:{city.interview}:staff")
    assert [one["writer"] for one in staff["approving"].values()] == ["许主任"]
    assert "三个月" not in str(staff)


async def test_what_is_published_is_what_was_read_under_its_authors_voice(city: City) -> None:
    question = await _laid_up(city)
    read = await city.edition(question)
    await city.does("许主任", "question.answer", question=question, text="能，等六个月。")
    with pytest.raises(Refusal) as refusal:
        await city.does("王处长", "answer.approve", question=question, edition=read)
    assert refusal.value.code == "approval.edition"
    await city.does("王处长", "answer.approve", question=question, edition=await city.edition(question))
    said = (await _public(city))["items"][-1]
    assert (said["text"], said["speaker"]) == ("能，等六个月。", "许主任（办公室副主任）")
    async with city.units.read(SYSTEM) as uow:
        item = await uow.db.get_one(Item, said["item"])
        entry = (
            await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.act) == "answer.approve"))
        ).one()
    assert item.person_id == city.people["许主任"].person_id
    assert entry.person_id == city.people["王处长"].person_id


async def test_nobody_approves_their_own_nor_another_bodys(city: City) -> None:
    question = await _laid_up(city)
    read = await city.edition(question)
    for who, code in (("许主任", "approval.own"), ("外单位老吴", "not_found"), ("周科长", "forbidden")):
        with pytest.raises(Refusal) as refusal:
            await city.does(who, "answer.approve", question=question, edition=read)
        assert refusal.value.code == code, who


async def test_it_takes_the_one_who_is_named_unless_they_wrote_it(city: City) -> None:
    async with city.act("周科长", PLANNED) as uow:
        third = Person(
            role="clerk",
            display_name="小孙",
            body_id=city.bodies["医保局"],
            created_at=uow.now,
        )
        uow.db.add(third)
        await uow.db.flush()
        city.people["小孙"] = third.actor()
    question = await _laid_up(city, approver="王处长")
    with pytest.raises(Refusal) as refusal:
        await city.does("小孙", "answer.return", question=question, reason="不对")
    assert refusal.value.code == "approval.named"
    other = await city.staged("网友乙", "异地呢？")
    await city.does("王处长", "question.answer", question=other, text="先备案。")
    await city.does("小孙", "answer.approve", question=other, edition=await city.edition(other))
    assert (await _public(city))["questions"][str(other)]["status"] == "answered"


async def test_returned_it_is_its_authors_draft_with_the_reason(city: City) -> None:
    question = await _laid_up(city)
    await city.does("王处长", "answer.return", question=question, reason="从哪天算，写清楚。")
    async with city.units.read(city.people["许主任"]) as uow:
        back = await approvals.returned_to(uow, question)
        draft = (await uow.db.scalars(select(Draft).where(col(Draft.question_id) == question))).one()
    assert back is not None
    assert (back[0].reason, back[1]) == ("从哪天算，写清楚。", "王处长")
    assert (draft.person_id, draft.text) == (city.people["许主任"].person_id, "能，等三个月。")
    await city.does("许主任", "question.answer", question=question, text="能，到账那天起等三个月。")
    async with city.units.read(city.people["许主任"]) as uow:
        assert await approvals.returned_to(uow, question) is None


async def test_one_waits_at_a_time_and_its_author_can_take_it_back(city: City) -> None:
    question = await _laid_up(city)
    with pytest.raises(Refusal) as refusal:
        await city.does("王处长", "question.answer", question=question, text="不能。")
    assert refusal.value.code == "approval.waiting"
    await city.does("许主任", "answer.recall", question=question)
    with pytest.raises(Refusal) as refusal:
        await city.does("王处长", "answer.approve", question=question, edition="0" * 64)
    assert refusal.value.code == "approval.none"


async def test_a_question_that_is_settled_meanwhile_lets_nothing_wait(city: City) -> None:
    question = await _laid_up(city)
    into = await city.published("网友乙", "断缴两年呢？")
    await city.does("审核员小张", "question.merge", question=question, into=into)
    assert (await city.state(f"interview:{city.interview}:staff"))["approving"] == {}


async def test_approved_after_the_close_it_is_an_answer_afterwards(city: City) -> None:
    question = await _laid_up(city)
    await city.does("李主持", "interview.close", interview=city.interview, reason="断电，技术原因")
    await city.does(
        "王处长", "answer.approve", NEXT_DAY, question=question, edition=await city.edition(question)
    )
    assert (await _public(city))["items"][-1]["origin"] == "after"


async def test_a_body_of_one_cannot_be_asked_for_two(city: City) -> None:
    async with city.act("周科长", PLANNED) as uow:
        with pytest.raises(Refusal) as refusal:
            await approvals.set_rule(uow, city.bodies["水务局"], True)
    assert refusal.value.code == "approval.alone"


async def test_without_the_setting_an_answer_goes_out_at_once(city: City) -> None:
    await city.open()
    question = await city.staged("网友甲", "断缴一年能报吗？")
    done = await city.does("许主任", "question.answer", question=question, text="能。")
    assert done["item"] is not None
    assert (await _public(city))["questions"][str(question)]["status"] == "answered"
