"""What an address asks of an interview's lists: filters, search, order and places, together. Pure."""

from datetime import datetime
from typing import Any

import pytest

from tests import cast
from web import interview_lists, record
from web.interview_lists import Wanted
from web.interview_room import days_left

PATH = "/interviews/7"


def question(number: int, text: str, status: str = "answered", supports: int = 0) -> dict[str, Any]:
    return {
        "question": number + 100,
        "number": number,
        "text": text,
        "kind": "inquiry" if number % 2 else "opinion",
        "status": status,
        "supports": supports,
        "into": None,
        "reason": None,
    }


def item(no: int, kind: str, of: int | None, text: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "item": no,
        "no": no,
        "kind": kind,
        "question": of + 100 if of else None,
        "speaker": "李主持" if kind == "said" else "王处长",
        "body": "示例市医疗保障局",
        "text": text,
        "origin": "live",
    } | more


def room(status: str = "archived") -> record.State:
    """Four questions: answered and corrected, refused, answered afterwards, waiting; and a word of the host."""
    asked = [
        question(1, "断缴一年，住院能报吗？", supports=2),
        question(2, "别人的病历能查吗？", "refused", supports=9),
        question(3, "异地备案要多久？", supports=5),
        question(4, "药店能刷卡吗？", "deferred"),
    ]
    said = [
        item(1, "said", None, "开始了。"),
        item(2, "question", 1),
        item(3, "answer", 1, "补缴三个月以后能报。", errata=[{"no": 9, "text": "四个月"}]),
        item(4, "refusal", 2, "这是个人隐私。"),
        item(5, "question", 4),
        item(6, "deferral", 4, "没有排上。", speaker=None),
        item(7, "answer", 3, "备案当天生效。", origin="after", speaker="许主任"),
    ]
    return record.shown(
        {
            "interview": {"id": 7, "status": status},
            "questions": {str(q["question"]): q for q in asked},
            "items": said,
            "stage": [],
        }
    )


def numbers(found: dict[str, Any]) -> list[str]:
    return [f"n{row['item']['no']}" if row["type"] == "said" else f"q{row['question']['number']}"
            for row in found["record"]]  # fmt: skip


def of(*pairs: tuple[str, str], **more: Any) -> dict[str, Any]:
    return interview_lists.of_record(room(), Wanted(PATH, pairs, **more))


def counts(found: dict[str, Any]) -> dict[str, int]:
    return {one["label"]: one["count"] for one in found["record_filters"]}


def test_each_filter_says_how_many_it_has() -> None:
    assert counts(of()) == {
        "全部": 5, "已答": 2, "在等": 1, "不予答复": 1, "会后答复": 1, "有更正": 1, "发言": 1,
    }  # fmt: skip
    assert numbers(of()) == ["n1", "q1", "q2", "q4", "q3"]


@pytest.mark.parametrize(
    ("show", "expected"),
    [
        ("answered", ["q1", "q3"]),
        ("waiting", ["q4"]),
        ("refused", ["q2"]),
        ("after", ["q3"]),
        ("corrected", ["q1"]),
        ("said", ["n1"]),
    ],
)
def test_a_filter_keeps_what_it_says(show: str, expected: list[str]) -> None:
    assert numbers(of(("show", show))) == expected


def test_filter_and_search_hold_together_and_the_counts_are_of_what_was_searched() -> None:
    found = of(("show", "answered"), ("q", "能报"))
    assert numbers(found) == ["q1"]
    assert counts(found) == {"全部": 1, "已答": 1, "在等": 0, "不予答复": 0, "有更正": 1}
    refused = next(one for one in found["record_filters"] if one["label"] == "不予答复")
    assert refused["href"] == f"{PATH}?q=%E8%83%BD%E6%8A%A5&show=refused#h-rec"
    assert ("show", "answered") in found["record_kept"]
    assert numbers(of(("q", "断缴 三个月"))) == ["q1"], "each word may stand in another text of the entry"
    assert numbers(of(("q", "断缴 备案"))) == []


def test_the_record_can_be_read_by_who_spoke() -> None:
    assert [(one["label"], one["count"]) for one in of()["record_speakers"]] == [
        ("所有人", None), ("王处长", 2), ("李主持", 1), ("示例市医疗保障局", 1), ("许主任", 1),
    ]  # fmt: skip
    assert numbers(of(("by", "许主任"))) == ["q3"]


@pytest.mark.parametrize(("at", "page"), [("n7", 3), ("q2", 2), ("n9", 1), ("n77", 1)])
def test_an_address_of_an_item_leads_to_the_page_that_has_it(
    at: str, page: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interview_lists, "RECORD_PAGE", 2)
    assert of(("at", at))["record_pager"]["page"] == page
    whole = of(("at", at), page=None)
    assert whole["record_pager"] is None
    assert len(whole["record"]) == 5, "all of it on one page"


def test_the_collection_is_sorted_searched_and_grouped() -> None:
    pool = interview_lists.pool_of(room("announced"))

    def asked(*pairs: tuple[str, str], themes: dict[int, tuple[int, str]] | None = None) -> dict[str, Any]:
        return interview_lists.of_pool(pool, Wanted(PATH, pairs), searched=True, themes=themes or {})

    def order(found: dict[str, Any]) -> list[int]:
        return [q["number"] for q in found["pool"]]

    assert order(asked()) == [2, 3, 1, 4]
    assert order(asked(("sort", "newest"))) == [4, 3, 2, 1]
    assert order(asked(("sort", "number"))) == [1, 2, 3, 4]
    found = asked(("q", "能"), ("kind", "opinion"))
    assert order(found) == [2, 4]
    assert {one["label"]: one["count"] for one in found["pool_filters"]}["全部"] == 3
    grouped = asked(themes={103: (0, "异地"), 101: (1, "断缴"), 104: (2, "断缴")})
    assert [(group.label, [q["number"] for q in group.rows]) for group in grouped["pool_groups"]] == [
        ("异地", [3]), ("断缴", [1, 4]), ("已经并入别的问题的", [2]),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2026-02-28 09:00", "还有6天，3月6日16:30截止"),
        ("2026-03-05 23:59", "明天16:30截止"),
        ("2026-03-06 00:00", "今天16:30截止"),
    ],
)
def test_the_days_left_are_days_of_the_calendar(now: str, words: str) -> None:
    assert days_left(cast.at(now), cast.END) == words


def test_the_days_left_are_reckoned_in_shanghai() -> None:
    assert days_left(datetime.fromisoformat("2026-03-05T15:59+00:00"), cast.END) == "明天16:30截止"
    assert days_left(datetime.fromisoformat("2026-03-05T16:01+00:00"), cast.END) == "今天16:30截止"


def test_longer_entries_get_more_room_before_they_are_drawn() -> None:
    short = {"type": "said", "item": item(1, "said", None, "好。") | record.ITEM}
    long = {
        "type": "question",
        "question": question(1, "问" * 100),
        "replies": [item(2, "answer", 1, "答" * 600) | record.ITEM],
    }
    longest = {"type": "said", "item": item(3, "said", None, "长" * 20_000) | record.ITEM}
    assert [record.bulk(entry) for entry in (short, long, longest)] == [0, 5, 10]
