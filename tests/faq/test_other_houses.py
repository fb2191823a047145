"""Requests for disclosure, petitions and complaints in people's own words: how many find the other house's door.

``data/doors.jsonl``: the patterns were drawn on the set ``tried``; ``later`` was written afterwards and nothing was
changed for it. On ``later`` some half of those that should are recognised and none that should not: whoever is not
recognised is answered by people, as before; whoever is recognised wrongly would be sent away.
"""

import pytest

from faq import doors

from .conftest import DATA, lines

EVERY = lines(DATA / "doors.jsonl")


@pytest.mark.parametrize(
    ("which", "precision", "recall"),
    [("tried", 0.99, 0.95), ("later", 0.99, 0.5)],
    ids=["tried on: 1.00 and 0.97", "later: 1.00 and 0.55"],
)
def test_how_many_are_recognised(which: str, precision: float, recall: float) -> None:
    rows = [row for row in EVERY if row["set"] == which]
    assert sum(row["door"] is not None for row in rows) >= 20
    assert sum(row["door"] is None for row in rows) >= 20
    found = [(row, door.code) for row in rows if (door := doors.elsewhere(row["text"])) is not None]
    right = [row for row, code in found if row["door"] == code]
    assert len(right) / len(found) >= precision, [row["text"] for row, code in found if row["door"] != code]
    assert len(right) / sum(row["door"] is not None for row in rows) >= recall


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("disclosure_request", ("20个工作日", "第三十三条", "页面底部写着的地址")),
        ("petition", ("15日", "60日", "信访工作条例")),
        ("complaint", ("12345", "7个工作日", "第四十六条", "页面底部写着的地址")),
    ],
)
def test_each_door_says_where_and_how_long(code: str, words: tuple[str, ...]) -> None:
    said = doors.sentence(code, "")
    assert all(word in said for word in words)
