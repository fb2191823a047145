"""Ratings as pages tell them: numbers in a sentence, what the reader said, and where the form leads back to."""

from collections.abc import Mapping, Sequence
from typing import Any

from base.db import UnitOfWork
from interviews import judging, ratings
from interviews.lifecycle import InterviewStatus, ItemKind
from interviews.models import Interview
from interviews.rating_models import LEVEL_WORDS, WHY_WORDS, AnswerRating, Level, Standing, Why
from interviews.ratings import AnswerCounts, Count

Row = dict[str, Any]

PLACE = "h-rate"
"""Where on an interview's page it is rated."""


def place(number: int) -> str:
    """The anchor of an answer's rating on a page, from the answer's number in the transcript."""
    return f"r{number}"


def line(counts: AnswerCounts) -> str:
    """``解决了 12，没解决 3（提问人：没解决）``, or that nobody has said anything. Pure."""
    if not counts.now.total:
        return "还没有人评"
    asker = {None: "", True: "（提问人：解决了）", False: "（提问人：没解决）"}[counts.asker]
    return f"{_numbers(counts.now)}{asker}"


def _numbers(count: Count) -> str:
    return f"解决了 {count.solved}，没解决 {count.unsolved}"


def _before(counts: AnswerCounts) -> str | None:
    if not counts.before.total:
        return None
    further = counts.edition - counts.corrected
    what = "更正、补充" if counts.corrected and further else "更正" if counts.corrected else "补充"
    return f"{what}前的评价：{_numbers(counts.before)}"


async def of_items(uow: UnitOfWork, items: Sequence[Mapping[str, Any]], back: str) -> dict[int, Row]:
    """The ratings of the answers among some items of a page.

    Args:
        uow: a reading unit of work of whoever looks at the page.
        items: as ``chat.views`` shows them; what is no answer or was taken down is passed over.
        back: the address of the page; ``{}`` is where an item's number goes.

    Returns:
        By the item: ``line supporters before mine edition back place action``.
    """
    wanted = {
        one["item"]: one["no"] for one in items if one["kind"] == ItemKind.ANSWER and not one["removed"]
    }
    if not wanted:
        return {}
    counted = await ratings.of_answers(uow, wanted)
    own = await judging.own(uow, list(counted))
    return {
        item: row(counts, own.get(item), back.replace("{}", str(wanted[item])), place(wanted[item]))
        for item, counts in counted.items()
    }


def row(counts: AnswerCounts, mine: AnswerRating | None, back: str, at: str) -> Row:
    """The rating of one answer as a page tells it. Pure."""
    supporters = counts.by.get(Standing.SUPPORTER, Count())
    return {
        "line": line(counts),
        "supporters": f"其中支持的人：{_numbers(supporters)}" if supporters.total else None,
        "before": _before(counts),
        "mine": _mine(counts, mine),
        "edition": counts.edition,
        "back": back,
        "place": at,
        "action": f"/answers/{counts.item}/rating",
    }


def _mine(counts: AnswerCounts, mine: AnswerRating | None) -> Row | None:
    if mine is None:
        return None
    return {
        "solved": mine.solved,
        "label": "解决了" if mine.solved else "没解决",
        "why": WHY_WORDS[Why(mine.why)] if mine.why else None,
        "earlier": mine.edition < counts.edition,
    }


async def of_interview(uow: UnitOfWork, interview: Interview) -> Row | None:
    """How satisfied the public is with an interview that is over; ``None`` for one that is not.

    Returns:
        ``total mine levels:[{value, label, count, share (whole percent)}] action place``.
    """
    if interview.status not in (InterviewStatus.ENDED, InterviewStatus.ARCHIVED):
        return None
    counted = await ratings.levels(uow, interview.id or 0)
    mine = await judging.own_level(uow, interview.id or 0)
    total = sum(counted.values())
    return {
        "total": total,
        "mine": mine.level if mine else None,
        "mine_label": LEVEL_WORDS[Level(mine.level)] if mine else None,
        "levels": [
            {
                "value": level.value,
                "label": LEVEL_WORDS[level],
                "count": many,
                "share": round(many * 100 / total) if total else 0,
            }
            for level, many in counted.items()
        ],
        "action": f"/interviews/{interview.id}/rating",
        "place": PLACE,
    }


async def of_record(uow: UnitOfWork, interview: Interview, shown: Sequence[Mapping[str, Any]]) -> Row:
    """What an interview's page adds to its record once it is over; a live page is redrawn by its script, without forms.

    Args:
        uow: reads as whoever looks at the page.
        interview: the interview.
        shown: the entries of the record that the page shows.

    Returns:
        ``ratings`` by item, and ``interview_rating``.
    """
    whole = await of_interview(uow, interview)
    answered = [row for row in shown if row["type"] == "question" and row["question"]["status"] == "answered"]
    items = [item for row in answered for item in row["replies"]]
    path = f"/interviews/{interview.id}"
    found = await of_items(uow, items, f"{path}?at=n{{}}#r{{}}") if whole else {}
    return {"ratings": found, "interview_rating": whole}
