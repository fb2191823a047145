"""The fairness gauge: what the host is told of who is answered and who waits, from hand-made states and a real one."""

from datetime import timedelta
from typing import Any

import pytest

from chat import views
from interviews import fairness
from tests import cast
from tests.cast import City, at

OPENED = "2026-03-06T14:30:00+08:00"


def question(
    number: int, status: str = "published", supports: int = 0, asked: str = "09:00"
) -> dict[str, Any]:
    return {
        "question": 100 + number,
        "number": number,
        "text": f"第{number}个问题",
        "status": status,
        "supports": supports,
        "at": f"2026-03-06T{asked}:00+08:00",
    }


def answer(number: int, speaker: str | None = "王立言", *, removed: bool = False) -> dict[str, Any]:
    return {
        "kind": "answer",
        "question": 100 + number,
        "speaker": speaker,
        "body": "示例市医疗保障局",
        "removed": removed,
    }


def room(
    questions: list[dict[str, Any]], answers: list[dict[str, Any]] | None = None, opened: str | None = OPENED
) -> dict[str, Any]:
    guests = [{"name": "王立言", "post": "待遇处处长"}, {"name": "苏敏", "post": "科长"}]
    return {
        "interview": {"opened_at": opened, "guests": guests},
        "questions": {str(q["question"]): q for q in questions},
        "items": answers or [],
    }


def test_only_the_ten_most_supported_count_and_those_that_wait_are_named() -> None:
    twelve = [question(number, supports=number) for number in range(1, 13)]
    twelve[11]["status"] = "answered"
    twelve[0]["status"] = "answered"
    told = fairness.gauge(room(twelve, [answer(12), answer(1)]), cast.DURING)
    assert (told.top.done, told.top.of, told.top.percent) == (1, 10, 10)
    assert told.top_open == (11, 10, 9, 8, 7, 6, 5, 4, 3)


@pytest.mark.parametrize(
    ("done", "of", "percent"), [(3, 7, 43), (1, 3, 33), (299, 300, 99), (4, 4, 100), (0, 3, 0)]
)
def test_a_share_is_rounded_to_the_nearest_and_is_whole_only_of_all(done: int, of: int, percent: int) -> None:
    assert fairness.Share(done, of).percent == percent


def test_a_refusal_or_a_deferral_is_no_answer_and_neither_is_one_taken_down() -> None:
    state = room(
        [question(1, "refused"), question(2, "deferred"), question(3, "answered"), question(4, "answered")],
        [{**answer(1), "kind": "refusal"}, answer(3, removed=True), answer(4)],
    )
    told = fairness.gauge(state, cast.DURING)
    assert (told.top.done, told.top.of) == (1, 4)
    assert told.top_open == ()


def test_what_was_merged_withdrawn_or_never_published_asks_for_nothing() -> None:
    pending = question(5) | {"number": None, "status": "pending"}
    state = room([question(1, "merged", 9), question(2, "withdrawn"), question(3, "removed"), pending])
    told = fairness.gauge(state, cast.DURING)
    assert told.top == fairness.Share(0, 0)
    assert told.top.percent is None
    assert told.longest is None


def test_the_longest_waits_since_the_opening_or_since_it_was_asked() -> None:
    early, earlier, late = question(1, asked="13:00"), question(2, asked="09:00"), question(3, asked="14:35")
    told = fairness.gauge(room([early, earlier, late]), at("2026-03-06 15:12"))
    assert told.longest is not None
    assert (told.longest.number, told.longest.minutes) == (2, 42)
    told = fairness.gauge(room([late, early | {"status": "answered"}]), at("2026-03-06 15:12"))
    assert told.longest is not None
    assert (told.longest.number, told.longest.minutes) == (3, 37)


def test_nobody_waits_before_the_opening_and_a_clock_that_jumps_back_makes_no_negative_minutes() -> None:
    assert fairness.gauge(room([question(1)], opened=None), cast.DURING).longest is None
    told = fairness.gauge(room([question(1)]), cast.START - timedelta(hours=1))
    assert told.longest is not None
    assert told.longest.minutes == 0


def test_collected_and_live_are_told_apart_by_the_opening() -> None:
    asked = [question(1, asked="14:29"), question(2, asked="14:30"), question(3, asked="14:50"), question(4)]
    told = fairness.gauge(room(asked, [answer(1), answer(3)]), cast.END)
    assert told.collected == fairness.Share(1, 2)
    assert told.live == fairness.Share(1, 2)
    before = fairness.gauge(room(asked, opened=None), cast.END)
    assert (before.collected.of, before.live.of) == (4, 0)


def test_a_letter_to_one_asker_is_no_part_of_the_talk() -> None:
    handed_on = question(7, "answered") | {"number": None}
    told = fairness.gauge(room([question(1), handed_on], [answer(7)]), cast.DURING)
    assert (told.top, told.speakers[0].answers) == (fairness.Share(0, 1), 0)


def test_every_guest_is_counted_also_the_silent_one_and_a_body_that_answers_in_its_own_name() -> None:
    asked = [question(number, "answered") for number in (1, 2, 3)]
    told = fairness.gauge(
        room(
            asked,
            [answer(1, "王立言（待遇处处长）"), answer(1), answer(2, None), answer(3, "许静宜（副主任）")],
        ),
        cast.DURING,
    )
    assert [(one.name, one.post, one.answers) for one in told.speakers] == [
        ("王立言", "待遇处处长", 2),
        ("苏敏", "科长", 0),
        ("示例市医疗保障局", "", 1),
        ("许静宜", "副主任", 1),
    ]


async def test_it_reads_the_states_that_the_streams_give(small_city: City) -> None:
    city = small_city
    await city.open()
    first = await city.staged("网友甲", "断缴一年还能报吗？")
    await city.published("网友乙", "村里老人能不能交现金？")
    await city.asks("网友丙", "没审的")
    await city.does("许主任", "question.answer", question=first, text="能报。", speaker="王立言")
    for stream in (views.staff_stream(city.interview), views.public_stream(city.interview)):
        told = fairness.gauge(await city.state(stream), cast.DURING + timedelta(minutes=7))
        assert told.live == fairness.Share(1, 2)
        assert told.longest is not None
        assert (told.longest.number, told.longest.minutes) == (2, 7)
        assert [(one.name, one.answers) for one in told.speakers] == [("王立言", 1)]
