"""What moderators do, told like minutes: whose hands a question is in, slips taken back, transfers, appeals."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.errors import Refusal
from base.outbox import OutboxMail
from base.people import SYSTEM, Person, Role
from interviews import moderation, programme
from interviews.models import Duty, Question
from scheduler import jobs
from tests.cast import DURING, LIMIT_PASSED, NEXT_DAY, City

TEN_LATER = DURING + timedelta(seconds=10)


async def _second_moderator(city: City) -> None:
    async with city.act("周科长", DURING) as uow:
        person = Person(role=Role.MODERATOR, display_name="审核员小李", created_at=uow.now)
        uow.db.add(person)
        await uow.db.flush()
        await programme.assign_person(uow, city.interview, person.id or 0)
    city.people["审核员小李"] = person.actor()


async def _row(city: City, question: int) -> Question:
    async with city.units.read(SYSTEM) as uow:
        return await uow.db.get_one(Question, question)


async def test_two_moderators_never_handle_a_question_unknowingly(city: City) -> None:
    await city.open()
    await _second_moderator(city)
    question = await city.asks("网友甲", "异地就医怎么备案？")
    held = await city.does("审核员小张", "question.claim", question=question)
    assert held["by"] == "审核员小张"
    for command, more in (
        ("question.publish", {}),
        ("question.decline", {"reason": "abuse"}),
        ("question.transfer", {"body": city.bodies["水务局"]}),
        ("question.claim", {}),
    ):
        with pytest.raises(Refusal) as told:
            await city.does("审核员小李", command, question=question, **more)
        assert told.value.code == "question.claimed"
        assert "审核员小张" in told.value.message
    await city.does("审核员小李", "question.claim", question=question, over=True)
    with pytest.raises(Refusal) as told:
        await city.does("审核员小张", "question.publish", question=question)
    assert "审核员小李" in told.value.message
    done = await city.does("审核员小李", "question.publish", question=question)
    assert done["number"] == 1


async def test_a_claim_runs_out_and_can_be_laid_down(small_city: City) -> None:
    city = small_city
    await city.open()
    await _second_moderator(city)
    first = await city.asks("网友甲", "第一问")
    second = await city.asks("网友甲", "第二问")
    await city.does("审核员小张", "question.claim", question=first)
    await city.does("审核员小张", "question.claim", question=second)
    await city.does("审核员小张", "question.release", question=second)
    await city.does("审核员小李", "question.publish", question=second)
    await city.does("审核员小李", "question.publish", DURING + timedelta(seconds=121), question=first)


async def test_a_slip_is_taken_back_within_ten_seconds(city: City) -> None:
    await city.open()
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    question = await city.asks("网友甲", "我的名字是张三，能查吗？")
    waits = await city.does("审核员小张", "question.publish", question=question)
    assert (waits["number"], waits["status"]) == (None, "pending")
    assert waits["publish_at"] == "2026-03-06T14:40:10+08:00"
    with pytest.raises(Refusal) as told:
        await city.does("审核员小张", "question.publish", question=question)
    assert told.value.code == "question.publishing"
    await city.does("审核员小张", "question.hold", question=question)
    async with city.units.act(SYSTEM, TEN_LATER) as uow:
        assert await moderation.due_publications(uow) == []
        assert not await moderation.publish_due(uow, question)
    assert (await city.state(f"interview:{city.interview}:public"))["questions"] == {}


async def test_what_nobody_takes_back_becomes_public_in_the_name_of_who_decided(city: City) -> None:
    await city.open()
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    question = await city.asks("网友甲", "异地就医怎么备案？")
    await city.does("审核员小张", "question.publish", question=question, text="异地就医怎样备案？")
    async with city.units.act(SYSTEM, DURING + timedelta(seconds=9)) as uow:
        assert await moderation.due_publications(uow) == []
    async with city.units.act(SYSTEM, TEN_LATER) as uow:
        assert await moderation.due_publications(uow) == [question]
        assert await moderation.publish_due(uow, question)
        assert not await moderation.publish_due(uow, question)
    shown = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]
    assert (shown["number"], shown["text"]) == (1, "异地就医怎样备案？")
    events = await city.events(f"interview:{city.interview}:staff")
    assert [event["kind"] for event in events][-2:] == ["question.publishing", "question.published"]


async def test_the_bell_publishes_what_waited(small_city: City) -> None:
    city = small_city
    await city.open()
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=1)
    question = await city.asks("网友甲", "异地就医怎么备案？")
    await city.does("审核员小张", "question.publish", question=question)
    assert await jobs.publish_due(city.units) == 1
    assert await jobs.publish_due(city.units) == 0
    assert (await _row(city, question)).number == 1


async def test_who_withdraws_in_the_ten_seconds_is_never_public(small_city: City) -> None:
    city = small_city
    await city.open()
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    question = await city.asks("网友甲", "异地就医怎么备案？")
    await city.does("审核员小张", "question.publish", question=question)
    await city.does("网友甲", "question.withdraw", question=question)
    async with city.units.act(SYSTEM, TEN_LATER) as uow:
        assert await moderation.due_publications(uow) == []
    told = await city.events(f"interview:{city.interview}:public")
    assert [event["kind"] for event in told if event["kind"].startswith("question.")] == []


async def test_another_bodys_question_is_transferred_and_that_body_owes_the_answer(city: City) -> None:
    await city.open()
    question = await city.asks("网友甲", "自来水什么时候来？", contact="jia@example.org")
    done = await city.does("审核员小张", "question.transfer", question=question, body=city.bodies["水务局"])
    assert done["status"] == "transferred"
    assert done["to"] == "示例市水务局"
    own = await city.state(f"person:{city.people['网友甲'].person_id}")
    assert own["questions"][str(question)]["to"] == "示例市水务局"
    assert (await city.state(f"interview:{city.interview}:public"))["questions"] == {}
    async with city.units.act(SYSTEM, LIMIT_PASSED) as uow:
        await programme.close_by_clock(uow, city.interview)
    async with city.units.read(SYSTEM) as uow:
        owed = select(Duty).where(col(Duty.rule) == "follow-up")
        duties = list(await uow.db.scalars(owed))
        mails = list(await uow.db.scalars(select(OutboxMail)))
    assert [(duty.body_id, duty.status, duty.due.isoformat()) for duty in duties] == [
        (city.bodies["水务局"], "open", "2026-03-13")
    ]
    assert any("水务局" in mail.text for mail in mails)
    with pytest.raises(Refusal) as told:
        await city.does(
            "许主任", "question.transfer", NEXT_DAY, question=question, body=city.bodies["水务局"]
        )
    assert told.value.status in (403, 404)
    await city.does("外单位老吴", "question.answer", NEXT_DAY, question=question, text="本月通水。")
    async with city.units.read(SYSTEM) as uow:
        assert [duty.status for duty in await uow.db.scalars(owed)] == ["done"]
    public = await city.state(f"interview:{city.interview}:public")
    assert public["questions"] == {}
    assert public["items"] == []
    assert (await _row(city, question)).status == "answered"


async def test_a_letter_leaves_no_gap_in_the_public_numbers(city: City) -> None:
    await city.open()
    private = await city.asks("网友甲", "自来水什么时候来？")
    await city.does("审核员小张", "question.transfer", question=private, body=city.bodies["水务局"])
    await city.published("网友乙", "异地就医怎么备案？")
    await city.does("外单位老吴", "question.answer", question=private, text="本月通水。")
    await city.does("外单位老吴", "question.answer", question=private, text="下旬通水。")
    await city.published("网友丙", "断缴怎么办？")
    public = await city.state(f"interview:{city.interview}:public")
    assert [item["no"] for item in public["items"]] == [1, 2]
    staff = await city.state(f"interview:{city.interview}:staff")
    assert [item["no"] for item in staff["items"]] == [1, -1, -2, 2]


async def test_only_the_body_it_went_to_reaches_it(small_city: City) -> None:
    city = small_city
    await city.open()
    question = await city.asks("网友甲", "自来水什么时候来？")
    kept = await city.asks("网友甲", "医保什么时候到账？")
    await city.does("审核员小张", "question.transfer", question=question, body=city.bodies["水务局"])
    for other in (kept, question + 1000):
        with pytest.raises(Refusal) as told:
            await city.does("外单位老吴", "question.answer", question=other, text="答")
        assert told.value.code == "not_found"
    with pytest.raises(Refusal) as told:
        await city.does("审核员小张", "question.transfer", question=kept, body=city.bodies["市委办"])
    assert told.value.code == "not_found"


async def test_a_decline_is_appealed_once(city: City) -> None:
    await city.open()
    question = await city.asks("网友甲", "看病贵不贵？")
    with pytest.raises(Refusal):
        await city.does("网友甲", "question.appeal", question=question, text="还没有审核")
    await city.does("审核员小张", "question.decline", question=question, reason="not_a_question")
    with pytest.raises(Refusal) as told:
        await city.does("网友乙", "question.appeal", question=question, text="不是我的")
    assert told.value.code == "not_found"
    appeal = "我问的是异地就医，电话13800138000"
    await city.does("网友甲", "question.appeal", question=question, text=appeal)
    flags = (await city.state(f"interview:{city.interview}:staff"))["questions"][str(question)]["flags"]
    assert flags[-1]["kind"] == "appeal"
    assert "不是提问" in flags[-1]["why"]
    assert "13800138000" not in str(flags)
    await city.does("审核员小张", "question.decline", question=question, reason="not_a_question")
    with pytest.raises(Refusal) as told:
        await city.does("网友甲", "question.appeal", question=question, text="再申诉一次")
    assert told.value.code == "question.appealed"


async def test_every_asker_of_a_merged_question_is_told(city: City) -> None:
    await city.open()
    first = await city.published("网友甲", "异地就医怎么备案？")
    second = await city.asks("网友乙", "异地看病怎样备案？", contact="yi@example.org")
    await city.does("审核员小张", "question.merge", question=second, into=first)
    await city.does("李主持", "question.stage", question=first)
    await city.does("王处长", "question.answer", question=first, text="网上就能备案。")
    async with city.units.read(SYSTEM) as uow:
        mails = list(await uow.db.scalars(select(OutboxMail).order_by(col(OutboxMail.id))))
    receipt = (await _row(city, second)).receipt
    assert len([mail for mail in mails if receipt in mail.text]) == 2
    own = await city.state(f"person:{city.people['网友乙'].person_id}")
    assert own["questions"][str(second)]["into"] == first


async def test_what_was_taken_up_by_the_clock_is_in_the_audit_as_its_moderators_act(small_city: City) -> None:
    city = small_city
    await city.open()
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    question = await city.asks("网友甲", "异地就医怎么备案？")
    await city.does("审核员小张", "question.publish", question=question)
    async with city.units.act(SYSTEM, TEN_LATER) as uow:
        await moderation.publish_due(uow, question)
    async with city.units.read(SYSTEM) as uow:
        found = [entry async for entry in audit.entries(uow) if entry.subject == f"question:{question}"]
    moderator = city.people["审核员小张"].person_id
    assert [(entry.act, entry.person_id) for entry in found] == [
        ("question.publishing", moderator),
        ("question.publish", moderator),
    ]
