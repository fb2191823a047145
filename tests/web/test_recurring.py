"""Themes that several interviews were asked about become proposed interviews; decided ones need new questions."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from base.audit import verify
from base.errors import Refusal
from base.people import SYSTEM
from faq import recurring, terms
from faq.recurring import Recurring, _Row
from interviews.models import Interview, Question
from tests.cast import DURING, START, City
from tests.faq.conftest import DATA, lines
from tests.web.browser import Browser
from tests.web.conftest import Town

DOGS = ("养狗怎样办证", "养狗办证要多少钱", "养狗办证去哪里", "养狗办证要带什么")
MORE = ("养狗办证能不能网上办", "养狗证多久要换一次", "养狗办证要打疫苗吗", "外地养狗的证能用吗")
OTHERS = ("公交车几点收班", "断缴一年住院能不能报", "小区停车收费谁来定")


async def second(city: City) -> int:
    """Another interview of the same year, led by 水务局."""
    async with city.units.act(SYSTEM, DURING) as uow:
        first = await uow.db.get_one(Interview, city.interview)
        other = Interview(**first.model_dump(exclude={"id"}) | {"theme": "第二场", "ordinal": 9})
        other.starts_at = START + timedelta(weeks=4)
        uow.db.add(other)
        await uow.db.flush()
        return other.id or 0


async def asked(city: City, interview: int, *texts: str, **more: Any) -> None:
    """Questions of an interview as the record has them."""
    async with city.units.act(SYSTEM, DURING) as uow:
        count = int(await uow.db.scalar(select(func.count(col(Question.id)))) or 0)
        for n, text in enumerate(texts, count):
            about = {"status": "answered", "kind": "inquiry", "original": text, "text": text} | more
            row: dict[str, Any] = {
                "client_id": f"r{n}",
                "receipt": f"R{n}",
                "asker_id": city.people["网友甲"].person_id,
            }
            uow.db.add(Question(interview_id=interview, submitted_at=uow.now, **row, **about))


async def proposed(city: City, kept: Recurring) -> dict[str, recurring.Proposal]:
    async with city.act("周科长", DURING) as uow:
        return {one.label: one for one in await kept.proposals(uow) or ()}


@pytest.fixture
async def asking(small_live_city: City) -> tuple[City, int]:
    """Two interviews in which people asked about dogs, beside much else."""
    other = await second(small_live_city)
    await asked(small_live_city, small_live_city.interview, *DOGS[:2], *OTHERS)
    await asked(
        small_live_city, other, *DOGS[2:], status="transferred", to_body_id=small_live_city.bodies["水务局"]
    )
    return small_live_city, other


async def test_what_two_interviews_were_asked_is_proposed_with_its_evidence(asking: tuple[City, int]) -> None:
    city, other = asking
    [one] = (await proposed(city, Recurring())).values()
    assert "养狗" in one.label
    assert len(one.questions) == len(DOGS)
    assert {(place.interview, place.questions) for place in one.interviews} == {
        (city.interview, 2),
        (other, 2),
    }
    assert set(one.examples) == set(DOGS)
    assert one.body in ((city.bodies["水务局"], "示例市水务局"), (city.bodies["医保局"], "示例市医疗保障局"))
    assert one.fates == (("转给别的单位的", 2),)


def test_what_only_shares_a_word_is_no_theme_and_what_is_one_is_found_whole() -> None:
    charging = (
        "电动车充电桩什么时候装到我们小区",
        "小区没有电动车充电桩，飞线充电怎么办",
        "电动车充电一度电多少钱",
        "充电桩晚上为什么断电",
        "物业不让装充电桩",
    )
    others = lines(DATA / "askings.jsonl") + lines(DATA / "askings_later.jsonl")
    rows = [_Row(n, 0, text, 0, "answered", None, False) for n, text in enumerate(charging, 1)]
    rows += [_Row(n, n, row["text"], 0, "answered", None, False) for n, row in enumerate(others, 100)]
    kinds = {n: row["interview"] for n, row in enumerate(others, 100)}
    found = recurring._themes(rows, terms.PLAIN)
    mine = next(keys for _, keys in found if 1 in keys)
    assert set(mine) >= set(range(1, len(charging) + 1))
    assert len(mine) <= len(charging) + 1
    mixed = [keys for _, keys in found if keys != mine and len({kinds[key] for key in keys}) > 1]
    assert not [keys for keys in mixed if len(keys) >= recurring.QUESTIONS]


async def test_one_interview_alone_and_what_is_no_question_propose_nothing(small_live_city: City) -> None:
    city, other = small_live_city, await second(small_live_city)
    await asked(city, city.interview, *DOGS)
    assert not await proposed(city, Recurring())
    await asked(city, other, *MORE, status="declined", reason="advertising")
    await asked(city, other, *MORE, status="pending")
    await asked(city, other, *MORE, status="removed")
    assert not await proposed(city, Recurring())
    await asked(city, other, *MORE[:2], status="declined", reason="not_a_question")
    assert [one.fates for one in (await proposed(city, Recurring())).values()] == [(("没有公开的", 2),)]


async def test_what_was_set_aside_comes_back_for_new_questions_alone(asking: tuple[City, int]) -> None:
    city, other = asking
    kept = Recurring()
    [one] = (await proposed(city, kept)).values()
    async with city.act("周科长", DURING) as uow:
        row = await recurring.decide(uow, one, begun=False, reason="已经有办事指南。")
        number = row.id or 0
    assert not await proposed(city, kept)
    with pytest.raises(Refusal):
        async with city.act("周科长", DURING) as uow:
            await recurring.decide(uow, one, begun=True)
    await asked(city, other, *MORE[:2])
    assert not await proposed(city, kept), "two new ones are not enough"
    await asked(city, city.interview, *MORE[2:])
    [again] = (await proposed(city, kept)).values()
    assert not set(again.questions) & set(one.questions)
    async with city.act("周科长", DURING) as uow:
        await recurring.put_back(uow, number)
    assert sum(len(each.questions) for each in (await proposed(city, kept)).values()) >= len(DOGS)
    async with city.units.read(SYSTEM) as uow:
        assert (await verify(uow)).ok


@pytest.mark.parametrize(
    ("who", "reason", "code"), [("何主任", "不", "forbidden"), ("周科长", " ", "text.empty")]
)
async def test_only_the_office_decides_and_says_why(
    asking: tuple[City, int], who: str, reason: str, code: str
) -> None:
    city, _ = asking
    [one] = (await proposed(city, Recurring())).values()
    with pytest.raises(Refusal) as refused:
        async with city.act(who, DURING) as uow:
            await recurring.decide(uow, one, begun=False, reason=reason)
    assert refused.value.code == code


async def test_it_is_grouped_once_while_nothing_changes(
    asking: tuple[City, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    city, other = asking
    times = 0
    grouped = recurring._grouped

    async def counting(*given: Any) -> Any:
        nonlocal times
        times += 1
        return await grouped(*given)

    monkeypatch.setattr(recurring, "_grouped", counting)
    kept = Recurring()
    for _ in range(3):
        await proposed(city, kept)
    assert times == 1
    async with city.units.act(SYSTEM, DURING) as uow:
        reopened = update(Question).where(col(Question.receipt) == "R0")
        await uow.db.execute(reopened.values(reopened_at=uow.now))
    [one] = (await proposed(city, kept)).values()
    assert times == 2
    assert ("再次办理的", 1) in one.fates
    monkeypatch.setattr(recurring, "AT_ONCE", 1)
    await asked(city, other, "又一个")
    async with city.act("周科长", DURING) as uow:
        assert await kept.proposals(uow, whatever_it_takes=False) is None


async def test_the_office_begins_an_interview_with_theme_and_body_filled_in(town: Town) -> None:
    city = town.city
    await asked(city, await second(city), *DOGS[2:])
    await asked(city, city.interview, *DOGS[:2])
    who = Browser(town)
    await who.signs_in("office", "/office")
    assert "2场，4个提问" in who.text
    await who.opens("/office/themes")
    key = who.text.partition('<li class="hit" id="t')[2].partition('"')[0]
    assert await who.sends("/office/themes", act="aside", theme=key, reason=" ") == 400
    assert await who.sends("/office/themes", act="begin", theme=key) == 200
    assert "题目和答复单位填好了" in who.text
    assert "养狗" in who.text.partition('name="theme"')[2][:200]
    lead = city.bodies["医保局"]
    assert f'name="respondents" value="{lead}" checked' in who.text
    await who.opens("/office/themes")
    assert "没有反复问的" in who.text
    assert "开始排一场" in who.text
    assert await who.sends("/office/themes", act="begin", theme=key) == 404
    await who.opens("/office/themes")
    row = who.text.partition("办过的")[2].partition('name="theme" value="')[2].partition('"')[0]
    assert await who.sends("/office/themes", act="back", theme=row) == 200
    assert "排一场<span" in who.text
