"""The live room under everything at once: 500 steps in every suite, 10,000 in the long one."""

import functools
import json
from pathlib import Path
from typing import Any

import pytest

from chat.replay import apply
from tests.cast import City
from tests.chat import machine
from tests.chat.twin import through_typescript


@pytest.mark.timeout(2700)
def test_five_hundred_steps_keep_every_invariant() -> None:
    assert machine.short_run().steps >= 500


@pytest.mark.timeout(2700)
def test_the_islands_reducer_follows_what_the_state_machine_heard(tmp_path: Path) -> None:
    heard = machine.short_run().equations
    lines = [json.dumps({"name": f"listener {number}"} | one) for number, one in enumerate(heard)]
    assert sum(len(one["events"]) for one in heard) > 200
    through_typescript(lines, tmp_path / "heard.jsonl")


@pytest.mark.long
@pytest.mark.timeout(10800)
def test_ten_thousand_steps_keep_every_invariant() -> None:
    assert machine.play(wanted=10_000, length=150).steps >= 10_000


# What the machine found, told in a few lines each.


async def told(city: City, audience: str) -> str:
    """All that an audience may read, as it stands now; its events from the first on give the present state."""
    name = f"interview:{city.interview}:{audience}"
    events, state = await city.events(name), await city.state(name)
    empty: dict[str, Any] = {"interview": {}, "questions": {}, "stage": [], "items": []}
    at_work: dict[str, Any] = (
        {"drafting": {}, "approving": {}, "handling": {}, "order": [], "delay": 0}
        if audience == "staff"
        else {}
    )
    assert functools.reduce(apply, events, empty | at_work) == state
    return json.dumps((events, state), ensure_ascii=False)


async def test_taking_down_a_letter_tells_the_public_nothing(small_city: City) -> None:
    city = small_city
    await city.open()
    question = await city.asks("网友甲", "没有公开的问题")
    await city.does("审核员小张", "question.transfer", question=question, body=city.bodies["水务局"])
    letter = await city.does("外单位老吴", "question.answer", question=question, text="只给本人的信")
    await city.does("周科长", "question.remove", item=letter["item"], reason="写错了人")
    assert "没有公开" not in await told(city, "public")
    assert "只给本人" not in await told(city, "staff")


@pytest.mark.parametrize("by", ["asker", "moderator"])
async def test_a_text_taken_back_is_not_left_in_what_told_of_an_earlier_removal(
    small_city: City, by: str
) -> None:
    city = small_city
    await city.open()
    question = await city.published("网友甲", "后来不要了的问题")
    item = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]["item"]
    done = await city.does("李主持", "erratum.publish", item=item, text="更正", reason="口误")
    await city.does("审核员小张", "question.remove", item=done["item"], reason="更正错了")
    if by == "asker":
        await city.does("网友甲", "question.withdraw", question=question)
    else:
        await city.does("审核员小张", "question.remove", item=item, reason="有私人电话")
    for audience in ("public", "staff"):
        assert "后来不要了" not in await told(city, audience)


async def test_an_erratum_taken_down_before_its_item_stays_beside_it(small_city: City) -> None:
    city = small_city
    await city.open()
    said = await city.does("李主持", "interview.say", interview=city.interview, text="各位网友好")
    for item in (
        await city.does("李主持", "erratum.publish", item=said["item"], text="下午好", reason="口误"),
        said,
    ):
        await city.does("审核员小张", "question.remove", item=item["item"], reason="说错了")
    assert "各位网友好" not in await told(city, "public")


async def test_what_was_claimed_on_its_way_is_in_nobodys_hands_once_it_is_held(small_city: City) -> None:
    city = small_city
    await city.open()
    await city.does("审核员小张", "publication.delay", interview=city.interview, seconds=10)
    question = await city.asks("网友甲", "正在公开的")
    await city.does("审核员小张", "question.publish", question=question)
    await city.does("周科长", "question.claim", question=question)
    await city.does("审核员小张", "question.hold", question=question)
    await told(city, "staff")


async def test_a_draft_in_the_instant_of_the_answer_is_seen_after_it(small_city: City) -> None:
    city = small_city
    await city.open()
    question = await city.staged("网友甲", "补充什么？")
    await city.does("王处长", "question.answer", question=question, text="能。")
    await city.does("许主任", "answer.draft", question=question, text="补充")
    await told(city, "staff")


async def test_nothing_is_lined_up_any_more_after_the_close(small_city: City) -> None:
    city = small_city
    await city.open()
    question = await city.published("网友甲", "排在后面的")
    await city.does("李主持", "question.order", interview=city.interview, questions=[question])
    assert '"order": [1]' in await told(city, "staff")
    await city.does("李主持", "interview.close", interview=city.interview, reason="会场停电")
    assert '"order": []' in await told(city, "staff")


async def test_a_refusal_keeps_its_ground_when_the_deferral_before_it_is_taken_down(small_city: City) -> None:
    city = small_city
    await city.open()
    question = await city.staged("网友甲", "厂里交了多少？")
    deferral = await city.does("王处长", "question.defer", question=question, reason="要核对")
    sent = {"question": question, "ground": "trade_secret", "reason": "单个企业的明细。"}
    await city.does("王处长", "question.refuse", **sent)
    await city.does("审核员小张", "question.remove", item=deferral["item"], reason="说到了个人")
    assert '"reason": "trade_secret"' in await told(city, "staff")
    shown = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question)]
    assert (shown["status"], shown["reason"]) == ("refused", "trade_secret")
