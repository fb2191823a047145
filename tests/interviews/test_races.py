"""The first commit wins, and the loser is told in words what the winner did; on both databases."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiohttp.test_utils import TestClient, TestServer

from base.db import Database, Units
from base.errors import Refusal
from base.people import SYSTEM, Person, Role
from chat import registry, streams
from interviews import moderation, programme
from scheduler import jobs
from tests import cast
from tests.cast import DURING, LIMIT_PASSED, City
from tests.web.conftest import Town, chosen
from web.app import create_app
from web.keys import UNITS

OTHER = "审核员小陈"
CO_HOST = "副主持小周"


async def together(city: City, *acts: tuple[str, str, dict[str, Any]]) -> list[Any]:
    """Several of the cast send at once; each one's result or refusal."""
    sent = [
        registry.dispatch(city.units, city.around, city.people[who], name, what) for who, name, what in acts
    ]
    return await asyncio.gather(*sent, return_exceptions=True)


def winners(results: list[Any]) -> int:
    assert all(isinstance(one, Refusal | registry.Outcome) for one in results), results
    return sum(isinstance(one, registry.Outcome) for one in results)


async def test_the_same_client_id_a_hundred_times_at_once_is_one_row(city: City) -> None:
    await city.open()
    sent = {"interview": city.interview, "text": "只要一次", "kind": "inquiry", "client_id": "once-0001"}
    results = await together(city, *[("网友甲", "question.submit", sent)] * 100)
    assert winners(results) == 100
    assert len({one.result["receipt"] for one in results}) == 1
    assert sum(one.created for one in results) == 1
    assert len((await city.state(f"interview:{city.interview}:staff"))["questions"]) == 1


def lost(results: list[Any], code: str, word: str) -> None:
    """One act was done; the others were refused with a code, in a sentence that names what came of the first."""
    assert winners(results) == 1
    refused = [one for one in results if isinstance(one, Refusal)]
    assert [(one.code, word in one.message) for one in refused] == [(code, True)] * len(refused), refused


async def joins(city: City, name: str, role: Role) -> str:
    """One more member of staff is assigned to the interview."""
    async with city.act("周科长", DURING) as uow:
        person = Person(role=role, display_name=name, created_at=uow.now)
        uow.db.add(person)
        await uow.db.flush()
        await programme.assign_person(uow, city.interview, person.id or 0)
        city.people[name] = person.actor()
    return name


async def status_of(city: City, question: int) -> str:
    """A question's state as staff see it."""
    state = await city.state(f"interview:{city.interview}:staff")
    return str(state["questions"][str(question)]["status"])


async def test_the_same_client_id_a_hundred_times_over_http_is_one_row(
    database: Database, tmp_path: Path
) -> None:
    city = await cast.settle(database)
    await city.open()
    app = create_app(chosen(tmp_path, database_url=database.url))
    with time_machine.travel(DURING, tick=True):
        async with TestClient(TestServer(app)) as client:
            town = Town(client, city)
            visitor = await town.visitor()
            answers = await asyncio.gather(
                *(town.ask(visitor, "只要一次", "once-http-1") for _ in range(100))
            )
        await app[UNITS].database.close()
    assert sorted(status for status, _ in answers) == [200] * 99 + [201]
    assert all(body == answers[0][1] for _, body in answers)
    assert len((await city.state(f"interview:{city.interview}:staff"))["questions"]) == 1


@pytest.mark.parametrize(
    "times", [40, pytest.param(1_000, marks=[pytest.mark.long, pytest.mark.timeout(2700)])]
)
async def test_publish_against_withdraw_leaves_one_truth(city: City, times: int) -> None:
    await city.open()
    both = 0
    for turn in range(times):
        question = await city.asks("网友甲", f"公开还是撤回？第{turn}次")
        acts: list[tuple[str, str, dict[str, Any]]] = [
            ("审核员小张", "question.publish", {"question": question}),
            ("网友甲", "question.withdraw", {"question": question}),
        ]
        results = await together(city, *acts[:: 1 if turn % 2 else -1])
        if winners(results) == 1:
            lost(results, "question.state", "撤回")
        else:
            both += 1
    public, staff = f"interview:{city.interview}:public", f"interview:{city.interview}:staff"
    told = (await city.state(public), await city.events(public), await city.events(staff))
    assert "公开还是撤回" not in json.dumps(told, ensure_ascii=False)
    known = (await city.state(staff))["questions"].values()
    assert [one["status"] for one in known] == ["withdrawn"] * times
    shown = (await city.state(public))["questions"].values()
    assert [one["number"] for one in shown] == list(range(1, both + 1))


async def test_two_supports_of_one_citizen_count_once(city: City) -> None:
    await city.open()
    question = await city.published("网友甲", "只能支持一次")
    results = await together(city, *[("网友乙", "question.support", {"question": question})] * 20)
    assert winners(results) == 20
    state = await city.state(f"interview:{city.interview}:public")
    assert state["questions"][str(question)]["supports"] == 1


async def test_two_moderators_who_decide_otherwise_keep_the_first_decision(city: City) -> None:
    await city.open()
    await joins(city, OTHER, Role.MODERATOR)
    for turn in range(10):
        question = await city.asks("网友甲", "公开还是不公开？")
        results = await together(
            city,
            ("审核员小张", "question.publish", {"question": question}),
            (OTHER, "question.decline", {"question": question, "reason": "abuse"}),
        )
        status = await status_of(city, question)
        lost(results, "question.state", {"published": "已经公开", "declined": "没有公开"}[status])
        assert isinstance(results[0], Refusal) == (status == "declined"), turn


async def test_two_claims_at_once_leave_a_question_in_one_hand(city: City) -> None:
    await city.open()
    await joins(city, OTHER, Role.MODERATOR)
    for _ in range(10):
        question = await city.asks("网友甲", "谁来审？")
        sent = {"question": question}
        results = await together(
            city, ("审核员小张", "question.claim", sent), (OTHER, "question.claim", sent)
        )
        handling = (await city.state(f"interview:{city.interview}:staff"))["handling"][str(question)]
        lost(results, "question.claimed", handling["by"])
        assert [one.result["by"] for one in results if not isinstance(one, Refusal)] == [handling["by"]]


async def waiting(city: City, text: str) -> int:
    """A question whose delayed publication is due; its id."""
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    question = await city.asks("网友甲", text)
    await city.does("审核员小张", "question.publish", question=question)
    return question


async def test_a_hold_against_the_clock_either_stops_it_or_is_told_that_it_is_public(city: City) -> None:
    await city.open()

    async def by_clock(question: int) -> bool:
        async with city.units.act(SYSTEM, DURING + timedelta(seconds=11)) as uow:
            return await moderation.publish_due(uow, question)

    for turn in range(10):
        question = await waiting(city, "公开还是收回？")
        holding = registry.dispatch(
            city.units, city.around, city.people["周科长"], "question.hold", {"question": question}
        )
        acts = [by_clock(question), holding][:: 1 if turn % 2 else -1]
        results = list(await asyncio.gather(*acts, return_exceptions=True))
        published, held = results[:: 1 if turn % 2 else -1]
        assert await status_of(city, question) == ("published" if published else "pending")
        if published:
            assert isinstance(held, Refusal)
            assert (held.code, "已经公开" in held.message) == ("question.state", True)
        else:
            assert isinstance(held, registry.Outcome)


async def test_two_processes_publish_what_is_due_once(city: City) -> None:
    await city.open()
    asked = [await waiting(city, f"第{n}个") for n in range(10)]
    second = Database(city.units.database.url)
    with time_machine.travel(DURING + timedelta(seconds=11), tick=False):
        done = await asyncio.gather(
            jobs.publish_due(city.units), jobs.publish_due(Units(second, streams.project))
        )
    await second.close()
    assert sum(done) == len(asked)
    events = await city.events(f"interview:{city.interview}:public")
    told = [event["body"]["question"] for event in events if event["kind"] == "question.published"]
    assert sorted(told) == asked
    state = await city.state(f"interview:{city.interview}:public")
    assert sorted(one["number"] for one in state["questions"].values()) == list(range(1, 11))


async def test_two_questions_merged_into_each_other_leave_one(city: City) -> None:
    await city.open()
    await joins(city, OTHER, Role.MODERATOR)
    for _ in range(10):
        first, second = await city.published("网友甲", "甲问"), await city.published("网友乙", "乙问")
        results = await together(
            city,
            ("审核员小张", "question.merge", {"question": first, "into": second}),
            (OTHER, "question.merge", {"question": second, "into": first}),
        )
        assert winners(results) == 1
        assert sorted([await status_of(city, first), await status_of(city, second)]) == [
            "merged",
            "published",
        ]
        assert {one.status for one in results if isinstance(one, Refusal)} <= {404, 409}


async def test_taking_down_a_question_while_it_is_answered_leaves_it_down(city: City) -> None:
    await city.open()
    for turn in range(10):
        question = await city.staged("网友甲", "电话写在这里的")
        item = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]["item"]
        acts: list[tuple[str, str, dict[str, Any]]] = [
            ("审核员小张", "question.remove", {"item": item, "reason": "有电话号码"}),
            ("王处长", "question.answer", {"question": question, "text": "能。"}),
        ]
        results = await together(city, *acts[:: 1 if turn % 2 else -1])
        if winners(results) == 1:
            lost(results, "question.state", "撤下")
        assert await status_of(city, question) == "removed"
    public = f"interview:{city.interview}:public"
    told = json.dumps((await city.state(public), await city.events(public)), ensure_ascii=False)
    assert "电话写在这里" not in told


async def test_two_moderators_give_one_number(city: City) -> None:
    await city.open()
    question = await city.asks("网友甲", "谁先审？")
    results = await together(city, *[("审核员小张", "question.publish", {"question": question})] * 2)
    refused = [one for one in results if isinstance(one, Refusal)]
    assert winners(results) == 1
    assert [(one.code, "已经公开" in one.message) for one in refused] == [("question.state", True)]


async def test_numbers_stay_dense_when_many_are_published_at_once(city: City) -> None:
    await city.open()
    asked = [await city.asks("网友甲", f"第{n}个") for n in range(20)]
    results = await together(city, *[("审核员小张", "question.publish", {"question": one}) for one in asked])
    assert winners(results) == 20
    events = await city.events(f"interview:{city.interview}:public")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    state = await city.state(f"interview:{city.interview}:public")
    assert sorted(question["number"] for question in state["questions"].values()) == list(range(1, 21))
    assert sorted(item["no"] for item in state["items"]) == list(range(1, 21))


async def test_an_answer_committed_after_the_close_is_given_afterwards(city: City) -> None:
    await city.open()
    asked = [await city.staged("网友甲", f"第{n}个：答完还是先结束？") for n in range(12)]
    close: dict[str, Any] = {"interview": city.interview, "reason": "会场停电"}
    acts: list[tuple[str, str, dict[str, Any]]] = [
        ("王处长", "question.answer", {"question": question, "text": "能。"}) for question in asked
    ]
    results = await together(city, *acts[:6], ("李主持", "interview.close", close), *acts[6:])
    assert winners(results) == 13
    events = await city.events(f"interview:{city.interview}:public")
    closed = next(event["seq"] for event in events if event["kind"] == "interview.closed")
    for event in events:
        if event["kind"] == "question.answered":
            assert event["body"]["origin"] == ("live" if event["seq"] < closed else "after")
    state = await city.state(f"interview:{city.interview}:public")
    assert {one["status"] for one in state["questions"].values()} == {"answered"}
    assert sum(item["kind"] == "answer" for item in state["items"]) == 12


@pytest.mark.parametrize("order", [1, -1], ids=["the clock first", "the host first"])
async def test_the_clock_and_an_extension_at_once_agree(city: City, order: int) -> None:
    await city.open()

    async def by_clock() -> bool:
        async with city.units.act(SYSTEM, LIMIT_PASSED) as uow:
            return await programme.close_by_clock(uow, city.interview)

    sent = {"interview": city.interview, "minutes": 10, "reason": "断线十分钟"}
    extending = registry.dispatch(city.units, city.around, city.people["李主持"], "interview.extend", sent)
    acts = [by_clock(), extending][::order]
    closed, extended = list(await asyncio.gather(*acts, return_exceptions=True))[::order]
    status = (await city.state(f"interview:{city.interview}:public"))["interview"]["status"]
    assert (closed is True) == isinstance(extended, Refusal)
    assert status == ("ended" if closed else "live")
    if isinstance(extended, Refusal):
        assert (extended.code, "已经结束" in extended.message) == ("interview.state", True)


async def test_two_hosts_who_stage_at_once_see_the_same_order(city: City) -> None:
    await city.open()
    await joins(city, CO_HOST, Role.HOST)
    public, staff = f"interview:{city.interview}:public", f"interview:{city.interview}:staff"
    for turn in range(10):
        first, second = await city.published("网友甲", "一"), await city.published("网友乙", "二")
        acts: list[tuple[str, str, dict[str, Any]]] = [
            ("李主持", "question.stage", {"question": first}),
            (CO_HOST, "question.stage", {"question": second}),
        ]
        with time_machine.travel(DURING, tick=False):
            results = await together(city, *acts[:: 1 if turn % 2 else -1])
        assert winners(results) == 2
        events = await city.events(public)
        in_order = [event["body"]["question"] for event in events if event["kind"] == "question.staged"]
        stage = (await city.state(public))["stage"]
        assert stage[-2:] == in_order[-2:], "the newest is on screen"
        assert stage == in_order == (await city.state(staff))["stage"]
