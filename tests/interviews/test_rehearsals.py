"""A rehearsal is seen by its staff alone and counts nowhere."""

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from base.errors import Refusal
from base.people import ANYONE, SYSTEM
from chat import streams
from interviews import bookings, duties, programme, rehearsals
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, Question
from tests.cast import DURING, FORWARDED, LIMIT_PASSED, START, City


async def _rehearsal(city: City) -> int:
    await city.plan()
    await city.announce()
    await city.prepare()
    done = await city.does("李主持", "interview.rehearse", FORWARDED, interview=city.interview)
    return int(done["interview"])


async def _waiting(city: City, interview: int) -> list[int]:
    async with city.units.read(SYSTEM) as uow:
        query = select(col(Question.id)).where(col(Question.interview_id) == interview)
        return [number for number in await uow.db.scalars(query.order_by(col(Question.id))) if number]


async def test_a_rehearsal_is_played_from_its_opening_to_its_close(city: City) -> None:
    rehearsal = await _rehearsal(city)
    asked = await _waiting(city, rehearsal)
    assert len(asked) == len(rehearsals.ASKED)
    await city.does("李主持", "interview.open", FORWARDED, interview=rehearsal)
    await city.does("李主持", "interview.say", FORWARDED, interview=rehearsal, text="各位，试一下话筒。")
    await city.does("审核员小张", "question.publish", FORWARDED, question=asked[0])
    await city.does("审核员小张", "question.merge", FORWARDED, question=asked[4], into=asked[0])
    await city.does("审核员小张", "question.decline", FORWARDED, question=asked[5], reason="advertising")
    await city.does("李主持", "question.stage", FORWARDED, question=asked[0])
    await city.does("王处长", "question.answer", FORWARDED, question=asked[0], text="带出生证。")
    await city.does("李主持", "interview.close", FORWARDED, interview=rehearsal, reason="演练结束")
    state = await city.state(f"interview:{rehearsal}:staff")
    assert state["interview"]["status"] == InterviewStatus.ENDED
    assert await _duties(city, rehearsal) == []
    assert any("＊" in question["text"] for question in state["questions"].values())


async def _duties(city: City, interview: int) -> list[str]:
    async with city.units.read(SYSTEM) as uow:
        return [duty.rule for duty in await duties.of_interview(uow, interview)]


async def test_the_public_and_other_staff_cannot_tell_it_from_one_that_is_not_there(city: City) -> None:
    rehearsal = await _rehearsal(city)
    for actor in (ANYONE, city.people["网友甲"], city.people["外单位老吴"], city.people["陈秘书"]):
        for number in (rehearsal, rehearsal + 1000):
            async with city.units.read(actor) as uow:
                with pytest.raises(Refusal) as told:
                    await streams.open_door(uow, actor, f"interview:{number}:public")
            assert told.value.code == "not_found"
    with pytest.raises(Refusal) as told:
        await city.asks("网友甲", "演练里能提问吗？", FORWARDED, interview=rehearsal)
    assert told.value.code == "not_found"


async def test_it_is_in_no_list_and_no_count(city: City) -> None:
    rehearsal = await _rehearsal(city)
    async with city.units.read(SYSTEM) as uow:
        assert await uow.db.scalar(select(func.count(col(Interview.id)))) == 1
        assert [row.id for row in await uow.db.scalars(select(Interview))] == [city.interview]
        joined = select(col(Question.id)).join(Interview, col(Interview.id) == col(Question.interview_id))
        assert list(await uow.db.scalars(joined)) == []
        assert len(await bookings.between(uow, START.date(), START.date())) == 1
        assert [one.id for one in await rehearsals.of(uow)] == [rehearsal]


async def test_it_owes_nothing_and_nothing_of_the_calendar_can_be_done_to_it(city: City) -> None:
    rehearsal = await _rehearsal(city)
    for who, command, sent in (
        ("周科长", "interview.announce", {}),
        ("周科长", "questions.forward", {}),
        ("周科长", "venue.tell", {"venue": "一楼"}),
        ("何主任", "interview.cancel", {"reason": "不办了"}),
        ("何主任", "waiver.grant", {"duty": "guests", "reason": "例外"}),
        ("周科长", "interview.rehearse", {}),
        ("周科长", "summary.send", {}),
    ):
        with pytest.raises(Refusal) as told:
            await city.does(who, command, FORWARDED, interview=rehearsal, **sent)
        assert told.value.code == "interview.rehearsal", command


async def test_the_clock_closes_it_too_and_the_real_one_is_untouched(city: City) -> None:
    rehearsal = await _rehearsal(city)
    await city.does("李主持", "interview.open", DURING, interview=rehearsal)
    async with city.units.act(SYSTEM, LIMIT_PASSED) as uow:
        assert await programme.past_limit(uow) == []
    later = DURING.replace(hour=18)
    async with city.units.act(SYSTEM, later) as uow:
        assert await programme.past_limit(uow) == [rehearsal]
        assert await programme.close_by_clock(uow, rehearsal)
    state = await city.state(f"interview:{city.interview}:public")
    assert state["interview"]["status"] == InterviewStatus.ANNOUNCED
