"""The questions of an interview as they are searched: the index follows the record and shows what is public."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from base.db import UnitOfWork
from base.people import SYSTEM
from faq import askings, grouping, lexicon
from faq.askings import Alike, Askings
from faq.grouping import Asked
from interviews.models import Question
from tests import cast
from tests.cast import City

TYPED = "断缴一年，住院还能报销吗"


@pytest.fixture
async def open_city(small_city: City) -> City:
    await small_city.open()
    return small_city


async def near(city: City, desk: Askings, text: str = TYPED, interview: int = 0) -> list[str]:
    async with city.units.read(SYSTEM) as uow:
        return [one.row.text for one in await desk.near(uow, interview or city.interview, text)]


async def likely(city: City, desk: Askings, question: int) -> list[Alike]:
    async with city.units.read(SYSTEM) as uow:
        row = await uow.db.get_one(Question, question)
        return (await desk.likely(uow, city.interview, [row]))[question]


async def test_the_index_follows_a_question_through_its_life(city: City) -> None:
    """Submitted, published, merged, withdrawn, removed; a second process hears of each step as the first does."""
    await city.open()
    desks = (Askings(), Askings())
    text = "医保断缴一年，住院能不能报销？"
    asked = await city.asks("网友甲", text)
    for desk in desks:
        assert await near(city, desk) == []
    await city.does("审核员小张", "question.publish", question=asked)
    for desk in desks:
        assert await near(city, desk) == [text]
    into = await city.published("网友乙", "断缴了住院怎么办？")
    for desk in desks:
        assert await near(city, desk) == [text, "断缴了住院怎么办？"]
    await city.does("审核员小张", "question.merge", question=asked, into=into)
    for desk in desks:
        assert await near(city, desk) == ["断缴了住院怎么办？"]
    await city.does("网友乙", "question.withdraw", question=into)
    removed = await city.published("网友丙", text)
    for desk in desks:
        assert await near(city, desk) == [text]
    async with city.act("网友丙", cast.DURING) as uow:
        item = (await uow.db.get_one(Question, removed)).item_id
    await city.does("审核员小张", "question.remove", item=item, reason="有电话号码")
    for desk in desks:
        assert await near(city, desk) == []


async def test_a_wording_that_the_moderator_changed_is_what_is_found(open_city: City) -> None:
    city, desk = open_city, Askings()
    asked = await city.asks("网友甲", "断缴一年，我楼上的老张住院还能不能报销？")
    await city.does("审核员小张", "question.publish", question=asked, text="断缴一年，住院还能不能报销？")
    assert await near(city, desk) == ["断缴一年，住院还能不能报销？"]


async def test_what_was_taken_down_between_search_and_answer_is_not_shown(
    open_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, desk = open_city, Askings()
    asked = await city.published("网友甲", "断缴一年，住院还能不能报销？")
    assert await near(city, desk)
    seen = askings._mark

    async def as_before(*_: object) -> object:
        return desk._rooms[city.interview].mark

    monkeypatch.setattr(askings, "_mark", as_before)
    async with city.units.act(SYSTEM, cast.DURING) as uow:
        taken = update(Question).where(col(Question.id) == asked).values(status="removed")
        await uow.db.execute(taken)
    assert await near(city, desk) == []
    monkeypatch.setattr(askings, "_mark", seen)


async def test_the_moderator_is_shown_public_and_waiting_ones_with_how_alike(open_city: City) -> None:
    city, desk = open_city, Askings()
    public = await city.published("网友甲", "居民医保门诊一年只报五百，能不能提高一点？")
    await city.published("网友乙", "补社保卡要几天？")
    waits = await city.asks("网友丙", "居民医保门诊一年只报五百，能不能多报一点？")
    new = await city.asks("网友乙", "居民医保的门诊一年只报五百块，能不能提高？")
    found = await likely(city, desk, new)
    assert {one.row.id for one in found} == {public, waits}
    assert found[0].words == "很像"
    assert found[0].likeness >= found[1].likeness
    assert await likely(city, desk, public) != []
    await city.does("审核员小张", "question.decline", question=waits, reason="not_a_question")
    assert [one.row.id for one in await likely(city, desk, new)] == [public]


async def test_half_a_question_finds_and_another_matter_does_not(open_city: City) -> None:
    city, desk = open_city, Askings()
    await city.published("网友甲", "异地就医备案以后，外地的门诊能不能直接结算？")
    assert len(await near(city, desk, "异地备案")) == 1
    assert await near(city, desk, "电梯坏了谁来修") == []
    assert await near(city, desk, "？？？") == []
    assert await near(city, desk, "能不能怎么办") == []


async def test_interviews_are_apart_and_the_longest_unused_is_dropped(small_city: City) -> None:
    city, desk = small_city, Askings(rooms=2)
    numbers: list[int] = []
    for month in (3, 4, 5):
        numbers.append(await city.plan(cast.at(f"2026-{month:02d}-06 14:30")))
        await city.announce(cast.at(f"2026-{month:02d}-06 14:30"))
        await city.published("网友甲", f"断缴{month}个月，住院还能报销吗？", cast.ANNOUNCED)
    for month, number in zip((3, 4, 5), numbers, strict=True):
        assert await near(city, desk, interview=number) == [f"断缴{month}个月，住院还能报销吗？"]
    assert list(desk._rooms) == numbers[1:]


async def test_the_citys_own_words_reach_the_index_of_questions(open_city: City) -> None:
    city, desk = open_city, Askings()
    await city.published("网友甲", "惠民保今年几月交钱？")

    async def likeness() -> float:
        async with city.units.read(SYSTEM) as uow:
            return (await desk.near(uow, city.interview, "琴医卡今年几月交钱？"))[0].likeness

    before = await likeness()
    async with city.act("周科长", cast.DURING) as uow:
        await lexicon.add(uow, "same", ["惠民保", "琴医卡"])
    assert await likeness() > before + 0.02


async def test_a_pack_is_grouped_once_and_its_supports_are_always_those_of_now(
    open_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, desk, grouped = open_city, Askings(), 0
    threads = grouping.threads

    def counted(*given: Any) -> grouping.Threads:
        nonlocal grouped
        grouped += 1
        return threads(*given)

    monkeypatch.setattr(grouping, "threads", counted)

    async def supports(uow: UnitOfWork, *counts: int) -> list[int]:
        texts = (
            "老楼加装电梯，一楼不同意怎么办？",
            "老楼想加装电梯，一楼住户不同意怎么办？",
            "夜里太吵谁管？",
        )
        asked = [Asked(key, text, count) for key, (text, count) in enumerate(zip(texts, counts, strict=True))]
        return [theme.supports for theme in await desk.themes(uow, city.interview, asked)]

    async with city.units.read(SYSTEM) as uow:
        assert await supports(uow, 1, 2, 9) == [3, 9]
        assert await supports(uow, 4, 2, 9) == [6, 9]
    assert grouped == 1


async def test_many_questions_are_taken_in_beside_the_event_loop(
    open_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city, desk = open_city, Askings()
    monkeypatch.setattr(askings, "FEW", 1)
    for text in ("断缴一年，住院还能不能报销？", "补社保卡要几天？", "药店能不能刷卡？"):
        await city.published("网友甲", text)
    assert await near(city, desk) == ["断缴一年，住院还能不能报销？"]
