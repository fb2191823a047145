"""``fangtan faq rank``: the contract's shape, from files alone."""

import json
from pathlib import Path

import pytest

from base.errors import Refusal
from faq.rank import rank

from .conftest import DATA, lines

CATALOGUE, QUERIES = DATA / "city.catalog.jsonl", DATA / "city.queries.jsonl"


def test_one_result_per_question_in_order_and_in_shape() -> None:
    results = list(rank(CATALOGUE, QUERIES, 3))
    assert [result["id"] for result in results] == [row["id"] for row in lines(QUERIES)]
    for result in results:
        assert set(result) == {"id", "ranked", "outcome", "confidence", "ms"}
        assert len(result["ranked"]) <= 3
        scores = [score for _, score in result["ranked"]]
        assert scores == sorted(scores, reverse=True)
        assert result["outcome"] in ("answer", "choices", "handoff")
        assert 0 <= result["confidence"] <= 1
        assert result["ms"] >= 0
        json.dumps(result)


def test_only_id_and_q_are_needed_and_ids_may_be_numbers(tmp_path: Path) -> None:
    catalogue, queries = tmp_path / "c.jsonl", tmp_path / "q.jsonl"
    catalogue.write_text(
        '{"id": 7, "q": "水费怎样计算", "extra": {}}\n\n{"id": 8, "q": "办理护照", "alts": null}\n', "utf-8"
    )
    queries.write_text('{"id": 1, "text": "水费怎么算", "gold": []}\n', "utf-8")
    assert next(iter(rank(catalogue, queries)))["ranked"][0][0] == 7


def test_empty_files_rank_nothing(tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.write_text("", "utf-8")
    assert list(rank(CATALOGUE, empty)) == []
    assert all(result["ranked"] == [] and result["outcome"] == "handoff" for result in rank(empty, QUERIES))


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "第1行"),
        ("[1]", "第1行"),
        ('{"id": "a"}', "q"),
        ('{"q": "水费"}', "id"),
        ('{"id": "a", "q": 3}', "q"),
        ('{"id": "a", "q": "水费", "alts": "x"}', "alts"),
        ('{"id": "a", "q": "水费", "a": []}', "第1行a"),
    ],
)
def test_a_bad_line_is_refused_by_its_number(tmp_path: Path, line: str, named: str) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(line + "\n", "utf-8")
    with pytest.raises(Refusal, match=named):
        list(rank(bad, QUERIES))


def test_a_missing_file_and_another_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="打不开"):
        list(rank(tmp_path / "nowhere.jsonl", QUERIES))
    other = tmp_path / "gbk.jsonl"
    other.write_bytes('{"id":"a","q":"水费"}'.encode("gbk"))
    with pytest.raises(Refusal, match="UTF-8"):
        list(rank(other, QUERIES))
