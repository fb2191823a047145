"""Reopening: when askers say 没解决 often enough, by whom, with what day, and what a new answer does."""

import functools

import pytest

from base.people import SYSTEM
from chat.replay import apply
from interviews import judging, reopening
from interviews.judging import Verdict
from interviews.models import Duty, Question
from interviews.reopening import Terms
from tests.cast import DURING, NEXT_DAY, City, at

TERMS = Terms(at=2, days=10)


async def _answered(city: City) -> tuple[int, int]:
    """网友甲 asked, 网友乙 supports, 王处长 answered: question and answer."""
    await city.open()
    question = await city.published("网友甲", "断缴一年能报吗？")
    await city.does("网友乙", "question.support", question=question)
    said = await city.does("王处长", "question.answer", question=question, text="看情况。")
    return question, int(said["item"])


async def _rates(city: City, who: str, item: int, *, solved: bool = False) -> None:
    async with city.act(who, DURING) as uow:
        await judging.rate(uow, item, Verdict(solved))


async def _sweep(city: City, terms: Terms = TERMS) -> int:
    async with city.units.act(SYSTEM, NEXT_DAY) as uow:
        found = await reopening.often_enough(uow, terms)
        return sum([await reopening.reopen(uow, one, terms) for one in found])


async def _unsolved(city: City) -> tuple[int, int]:
    question, item = await _answered(city)
    for who in ("网友甲", "网友乙"):
        await _rates(city, who, item)
    return question, item


async def test_two_askers_reopen_it_once_with_a_day_of_the_calendar(city: City) -> None:
    question, _ = await _unsolved(city)
    assert [await _sweep(city), await _sweep(city)] == [1, 0]
    async with city.units.read(SYSTEM) as uow:
        kept = await uow.db.get_one(Question, question)
        duty = await uow.db.get_one(Duty, kept.reopened_duty_id)
    assert (kept.status, str(duty.due), duty.body_id) == ("answered", "2026-03-20", city.bodies["医保局"])


async def test_every_audience_is_carried_by_its_events(city: City) -> None:
    await _unsolved(city)
    audiences = [f"interview:{city.interview}:{one}" for one in ("public", "staff")]
    audiences.append(f"person:{city.people['网友甲'].person_id}")
    before = {one: (await city.head(one), await city.state(one)) for one in audiences}
    await _sweep(city)
    for one, (head, state) in before.items():
        events = await city.events(one, head)
        assert events
        assert functools.reduce(apply, events, state) == await city.state(one), one


@pytest.mark.parametrize("who", [("网友甲", "网友丙"), ("网友甲",)])
async def test_strangers_and_too_few_reopen_nothing(city: City, who: tuple[str, ...]) -> None:
    _, item = await _answered(city)
    for one in who:
        await _rates(city, one, item)
    assert await _sweep(city) == 0


async def test_it_is_off_where_nothing_is_set(city: City) -> None:
    await _unsolved(city)
    assert await _sweep(city, Terms()) == 0


@pytest.mark.parametrize(("day", "late"), [("2026-03-20 23:00", 0), ("2026-03-23 09:00", 3)])
async def test_a_new_answer_closes_it_and_earlier_ratings_count_no_more(
    city: City, day: str, late: int
) -> None:
    question, _ = await _unsolved(city)
    await _sweep(city)
    async with city.units.read(SYSTEM) as uow:
        number = (await uow.db.get_one(Question, question)).reopened_duty_id
    await city.does("许主任", "question.answer", at(day), question=question, text="能，等三个月。")
    async with city.units.read(SYSTEM) as uow:
        duty = await uow.db.get_one(Duty, number)
    assert (duty.status, duty.late_days) == ("done", late)
    assert (
        "reopened" not in (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]
    )
    assert await _sweep(city) == 0


async def test_taken_down_nothing_is_asked_any_more(city: City) -> None:
    question, _ = await _unsolved(city)
    await _sweep(city)
    item = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]["item"]
    await city.does("审核员小张", "question.remove", NEXT_DAY, item=item, reason="有别人的住址")
    async with city.units.read(city.people["许主任"]) as uow:
        assert await reopening.open_of(uow, city.bodies["医保局"]) == []
