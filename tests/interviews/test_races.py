"""The first commit wins, and the loser is told in words what the winner did; on both databases."""

import asyncio
from typing import Any

from base.errors import Refusal
from base.people import SYSTEM
from chat import registry
from interviews import programme
from tests.cast import LIMIT_PASSED, City


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


async def test_publish_against_withdraw_leaves_one_truth(city: City) -> None:
    await city.open()
    for _ in range(20):
        question = await city.asks("网友甲", "公开还是撤回？")
        results = await together(
            city,
            ("审核员小张", "question.publish", {"question": question}),
            ("网友甲", "question.withdraw", {"question": question}),
        )
        public = (await city.state(f"interview:{city.interview}:public"))["questions"].get(str(question))
        staff = (await city.state(f"interview:{city.interview}:staff"))["questions"][str(question)]
        assert staff["status"] == "withdrawn"
        assert winners(results) in (1, 2)
        assert public is None or public["text"] is None


async def test_two_supports_of_one_citizen_count_once(city: City) -> None:
    await city.open()
    question = await city.published("网友甲", "只能支持一次")
    results = await together(city, *[("网友乙", "question.support", {"question": question})] * 20)
    assert winners(results) == 20
    state = await city.state(f"interview:{city.interview}:public")
    assert state["questions"][str(question)]["supports"] == 1


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


async def test_an_answer_and_the_close_at_once_are_both_kept(city: City) -> None:
    await city.open()
    question = await city.staged("网友甲", "答完还是先结束？")
    close = {"interview": city.interview, "reason": "会场停电"}
    results = await together(
        city,
        ("王处长", "question.answer", {"question": question, "text": "能。"}),
        ("李主持", "interview.close", close),
    )
    assert winners(results) == 2
    state = await city.state(f"interview:{city.interview}:public")
    said = [item["origin"] for item in state["items"] if item["kind"] == "answer"]
    assert state["questions"][str(question)]["status"] == "answered"
    assert said in (["live"], ["after"])


async def test_the_clock_and_an_extension_at_once_agree(city: City) -> None:
    await city.open()

    async def by_clock() -> bool:
        async with city.units.act(SYSTEM, LIMIT_PASSED) as uow:
            return await programme.close_by_clock(uow, city.interview)

    sent = {"interview": city.interview, "minutes": 10, "reason": "断线十分钟"}
    extending = registry.dispatch(city.units, city.around, city.people["李主持"], "interview.extend", sent)
    closed, extended = await asyncio.gather(by_clock(), extending, return_exceptions=True)
    status = (await city.state(f"interview:{city.interview}:public"))["interview"]["status"]
    assert (closed is True) == isinstance(extended, Refusal)
    assert status == ("ended" if closed else "live")


async def test_two_questions_staged_at_once_are_both_on_stage(city: City) -> None:
    await city.open()
    first, second = await city.published("网友甲", "一"), await city.published("网友乙", "二")
    results = await together(
        city,
        ("李主持", "question.stage", {"question": first}),
        ("李主持", "question.stage", {"question": second}),
    )
    assert winners(results) == 2
    state = await city.state(f"interview:{city.interview}:public")
    assert sorted(state["stage"]) == sorted([first, second])
