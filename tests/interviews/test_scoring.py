"""Scores by the two schemes that come with the product; and schemes that are written wrongly."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from base.errors import Refusal
from interviews import schemes, scoring
from interviews.scoring import Given, Problem

WEIGHTED, DEDUCTED = schemes.load("weighted"), schemes.load("deducted")
WHOLE = Given((Decimal(96), Decimal(90)), Decimal("88.5"))


def _problem(item: str, times: int = 1, set_aside: str | None = None) -> Problem:
    return Problem(item, "没有办", date(2026, 5, 1), "finding:1", times=times, set_aside=set_aside)


def test_thirty_forty_thirty() -> None:
    result = scoring.score(WEIGHTED, [_problem("inspected", 2), _problem("unsafe")], WHOLE)
    assert [one.score for one in result.parts] == [Decimal("95.5"), Decimal(93), Decimal("88.5")]
    # 95.5 x 0.3 + 93 x 0.4 + 88.5 x 0.3
    assert (result.total, result.grade) == (Decimal("92.40"), "优秀")


def test_half_a_point_for_each_and_no_grade() -> None:
    result = scoring.score(DEDUCTED, [_problem("missing", 3), _problem("complaint")], Given())
    assert (result.total, result.grade) == (Decimal("98.00"), None)
    assert result.parts[0].taken_off == {
        "missing": Decimal("1.5"),
        "not-in-time": 0,
        "complaint": Decimal("0.5"),
    }


def test_what_is_set_aside_takes_nothing_off() -> None:
    aside = _problem("missing", 3, set_aside="当天停电")
    assert scoring.score(DEDUCTED, [aside], Given()).total == 100


def test_no_less_than_nothing() -> None:
    assert (
        scoring.score(
            DEDUCTED,
            [_problem("missing", 99), _problem("complaint", 99), _problem("not-in-time", 99)],
            Given(),
        ).total
        == 0
    )


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        (Given((None, Decimal(90)), Decimal(80)), "等上半年的自查核定"),
        (Given((None, None), Decimal(80)), "等上半年、下半年的自查核定"),
        (Given((Decimal(90), Decimal(90)), None), "等第三方评估的分数"),
    ],
)
def test_a_part_that_lacks_a_number_leaves_no_total(lacking: Given, words: str) -> None:
    result = scoring.score(WEIGHTED, [], lacking)
    assert (result.total, result.grade) == (None, None)
    assert words in [one.lacking for one in result.parts]


@pytest.mark.parametrize(
    ("total", "grade"),
    [
        ("90", "优秀"),
        ("89.99", "良好"),
        ("80", "良好"),
        ("79.99", "合格"),
        ("60", "合格"),
        ("59.99", "不合格"),
    ],
)
def test_a_grade_begins_at_its_number(total: str, grade: str) -> None:
    assert scoring.grade(WEIGHTED, Decimal(total)) == grade


@given(st.lists(st.sampled_from([one.id for one in WEIGHTED.parts[0].items]), max_size=30))
def test_every_problem_takes_the_same_off_whatever_the_order(found: list[str]) -> None:
    once = scoring.score(WEIGHTED, [_problem(item) for item in found], WHOLE)
    again = scoring.score(WEIGHTED, [_problem(item) for item in reversed(found)], WHOLE)
    assert once.total == again.total
    assert once.parts[0].score == 100 - Decimal("1.5") * len(found)


def test_the_halves_are_due_in_july_and_the_january_after() -> None:
    part = WEIGHTED.parts[1]
    assert [scoring.half_due(part, 2026, half) for half in (1, 2)] == [date(2026, 7, 15), date(2027, 1, 15)]


GOOD = """
id: own
title: 本市的
source: 本市办法
parts:
  - {id: daily, title: 平时, kind: deductions, weight: 1, items: [{id: late, text: 晚了, points: 2}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("weight: 1", "weight: 0.9", "加起来要等于1"),
        ("id: late", "id: daily", "同一个id"),
        ("points: 2", "points: 2, finds: [late]", "要么都写"),
        ("points: 2", "points: -2", "points"),
        ("kind: deductions", "kind: halves", "items"),
        (
            "source: 本市办法",
            "source: 本市办法\ngrades: [{title: 好, least: 60}, {title: 中, least: 80}]",
            "从高到低",
        ),
        ("source: 本市办法", "source: 本市办法\ncolour: red", "colour"),
        ("source: 本市办法", "source: [", "YAML"),
    ],
)
def test_a_scheme_written_wrongly_says_where(old: str, new: str, says: str) -> None:
    assert schemes.parse(GOOD.encode(), "own.yaml").parts[0].items[0].points == 2
    with pytest.raises(Refusal) as refused:
        schemes.parse(GOOD.replace(old, new).encode(), "own.yaml")
    assert says in refused.value.message
