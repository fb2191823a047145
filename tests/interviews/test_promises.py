"""A promise in an answer: public beside it, a task with reminders, kept by a further answer, counted."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.errors import Refusal
from base.people import SYSTEM
from interviews import notices, promises
from interviews.models import Duty, Notice
from tests.cast import DURING, NEXT_DAY, City, at

DUE = "2026-03-31"


async def _answered(city: City) -> int:
    await city.open()
    question = await city.staged("网友甲", "登记表能不能在网上填？")
    said = await city.does("王处长", "question.answer", question=question, text="月底前放到网上。")
    return int(said["item"])


async def _promised(city: City) -> int:
    item = await _answered(city)
    await city.does("王处长", "promise.make", item=item, what="把登记表放到网上", due=DUE)
    return item


async def _beside(city: City, item: int) -> dict[str, Any]:
    state = await city.state(f"interview:{city.interview}:public")
    found = next(one for one in state["items"] if one["item"] == item)
    return dict(found.get("promise") or {})


async def _task(city: City) -> Duty:
    async with city.units.read(SYSTEM) as uow:
        return (await uow.db.scalars(select(Duty).where(col(Duty.rule) == promises.TASK))).one()


async def test_it_is_public_and_the_bodys_task(city: City) -> None:
    item = await _promised(city)
    shown, task = await _beside(city, item), await _task(city)
    assert (shown["what"], shown["due"], shown["status"]) == ("把登记表放到网上", DUE, "open")
    assert (task.body_id, task.due, task.status) == (city.bodies["医保局"], date(2026, 3, 31), "open")


async def test_it_is_reminded_and_then_the_supervisor_is_told(city: City) -> None:
    await _promised(city)
    for day in ("2026-03-30 09:00", "2026-04-01 09:00"):
        async with city.units.act(SYSTEM, at(day)) as uow:
            await notices.sweep(uow)
    task = await _task(city)
    async with city.units.read(SYSTEM) as uow:
        told = list(await uow.db.scalars(select(Notice).where(col(Notice.duty_id) == task.id)))
    assert {(one.stage, one.to_role) for one in told} >= {
        ("before-1", "respondent"),
        ("overdue-0", "supervisor"),
        ("overdue-0-owed", "respondent"),
    }


@pytest.mark.parametrize(("day", "late"), [("2026-03-31 23:00", 0), ("2026-04-02 09:00", 2)])
async def test_a_further_answer_keeps_it_and_says_how_late(city: City, day: str, late: int) -> None:
    item = await _promised(city)
    await city.does("李主持", "interview.close", interview=city.interview, reason="断电，技术原因")
    done = await city.does("许主任", "promise.keep", at(day), item=item, text="登记表已经在网上了。")
    shown, task = await _beside(city, item), await _task(city)
    assert (shown["status"], shown["done_no"]) == ("kept", done["no"])
    assert (task.status, task.late_days) == ("done", late)
    state = await city.state(f"interview:{city.interview}:public")
    assert state["items"][-1]["origin"] == "after"


async def test_an_ordinary_further_answer_keeps_nothing(city: City) -> None:
    item = await _promised(city)
    question = await city.question_of(item)
    await city.does("许主任", "question.answer", NEXT_DAY, question=question, text="还在办。")
    assert (await _beside(city, item))["status"] == "open"


async def test_taken_back_it_says_why_and_can_be_entered_anew(city: City) -> None:
    item = await _promised(city)
    await city.does("周科长", "promise.cancel", item=item, reason="日子登错了")
    assert (await _beside(city, item))["reason"] == "日子登错了"
    await city.does("审核员小张", "promise.make", item=item, what="把登记表放到网上", due="2026-04-30")
    assert (await _beside(city, item))["due"] == "2026-04-30"
    with pytest.raises(Refusal) as refusal:
        await city.does("王处长", "promise.make", item=item, what="再来一件", due=DUE)
    assert refusal.value.code == "promise.known"


async def test_another_bodys_answer_is_not_theirs_to_promise(city: City) -> None:
    item = await _answered(city)
    with pytest.raises(Refusal) as refusal:
        await city.does("外单位老吴", "promise.make", item=item, what="通水", due=DUE)
    assert refusal.value.code == "not_found"


@pytest.mark.parametrize("due", ["2026-03-05", "2036-03-31"])
async def test_the_day_lies_ahead_and_not_too_far(city: City, due: str) -> None:
    item = await _answered(city)
    with pytest.raises(Refusal) as refusal:
        await city.does("王处长", "promise.make", item=item, what="通水", due=due)
    assert refusal.value.code == "promise.due"


async def test_taken_down_its_words_are_nowhere(city: City) -> None:
    item = await _promised(city)
    await city.does("审核员小张", "question.remove", item=item, reason="有私人姓名")
    task = await _task(city)
    assert await _beside(city, item) == {}
    assert (task.status, "登记表" in task.title) == ("superseded", False)


async def test_the_years_promises_are_counted(city: City) -> None:
    first = await _promised(city)
    question = await city.published("网友乙", "窗口中午开不开？")
    other = await city.does("王处长", "question.answer", question=question, text="下周开。")
    await city.does("王处长", "promise.make", item=other["item"], what="中午开窗口", due="2026-03-13")
    await city.does("王处长", "promise.keep", at("2026-03-30 09:00"), item=first, text="好了。")
    async with city.units.act(SYSTEM, DURING + timedelta(days=30)) as uow:
        counted = await promises.of_year(uow, 2026)
    assert counted == promises.Counted(made=2, kept=1, kept_late=0, open=0, overdue=1)
