"""The figures of a summary report: how many questions by what became of them, and the plots with their tables. Pure.

A plot is its table: ``{"id", "title", "heads", "rows", "across"}``, the first column the labels, the others numbers.
``interviews.plots`` draws exactly these rows, so that picture and table cannot differ.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from base.clock import SHANGHAI, as_utc
from interviews.changes import InterviewFacts
from interviews.lifecycle import DeclineReason, Ground, ItemKind, QuestionStatus
from interviews.models import Item, Question
from interviews.report_words import FATES

Plot = dict[str, Any]

TOP = 10
BODIES = 8
"""Bodies that are told one by one; three bars each are as many as paper can show."""
QUARTER, HOUR = timedelta(minutes=15), timedelta(hours=1)
MANY_BARS = 24
"""Quarters of an hour that still fit side by side on paper; a longer interview is shown by the hour."""


def numbers(asked: Sequence[Question], opened_at: datetime | None, peak: int) -> dict[str, Any]:
    """What ``programme.counts`` does not tell: by reason, by ground, by body, before and after the opening."""
    before = sum(1 for one in asked if opened_at is None or one.submitted_at < opened_at)
    declined = Counter(one.reason for one in asked if one.status == QuestionStatus.DECLINED)
    refused = Counter(one.reason for one in asked if one.status == QuestionStatus.REFUSED)
    handed = Counter(one.to_body or "" for one in asked if one.status == QuestionStatus.TRANSFERRED)
    return {
        "asked_before": before,
        "asked_live": len(asked) - before,
        "supported": sum(1 for one in asked if one.supports),
        "appealed": sum(1 for one in asked if one.appealed_at is not None),
        "peak": peak,
        "by_kind": dict(sorted(Counter(one.kind for one in asked).items())),
        "declined_by_reason": {reason.value: declined[reason] for reason in DeclineReason},
        "refused_by_ground": {ground.value: refused[ground] for ground in Ground},
        "transferred_to": dict(sorted((body, count) for body, count in handed.items() if body)),
    }


def plots(
    told: InterviewFacts, counts: dict[str, Any], asked: Sequence[Question], said: Sequence[Item]
) -> list[Plot]:
    """The plots that have something to show, in the order in which the report has them."""
    found = [
        _fates(counts),
        _times(told, asked, said),
        _bodies(told, asked, said),
        _supports(asked),
    ]
    return [plot for plot in found if any(any(row[1:]) for row in plot["rows"])]


def _plot(id_: str, title: str, heads: list[str], rows: Iterable[list[Any]], *, across: bool = False) -> Plot:
    return {"id": id_, "title": title, "heads": heads, "rows": list(rows), "across": across}


def _fates(counts: dict[str, Any]) -> Plot:
    rows = ([label, counts[key]] for label, key in FATES)
    return _plot("fates", "提问的去向", ["去向", "个数"], rows, across=True)


def _times(told: InterviewFacts, asked: Iterable[Question], said: Iterable[Item]) -> Plot:
    """What was asked and answered in each quarter of an hour between opening and close."""
    title, heads = "访谈中每15分钟的提问和答复", ["时段", "收到提问", "作出答复"]
    if told.opened_at is None or told.closed_at is None:
        return _plot("times", title, heads, [])
    opened, closed = as_utc(told.opened_at), as_utc(told.closed_at)
    step = QUARTER if (closed - opened) <= QUARTER * MANY_BARS else HOUR
    if step is HOUR:
        title = "访谈中每小时的提问和答复"
    received = _binned((one.submitted_at for one in asked), opened, closed, step)
    given = (one.at for one in said if one.kind == ItemKind.ANSWER and one.origin != "after")
    answered = _binned(given, opened, closed, step)
    bins = max(1, -(-(closed - opened) // step))
    rows = []
    for place in range(bins):
        begins, ends = opened + place * step, min(opened + (place + 1) * step, closed)
        rows.append([f"{_hm(begins)}—{_hm(ends)}", received[place], answered[place]])
    return _plot("times", title, heads, rows)


def _binned(
    instants: Iterable[datetime], opened: datetime, closed: datetime, step: timedelta
) -> Counter[int]:
    """How many fall into each step; what falls on the close itself belongs to the last one."""
    last = max(0, -(-(closed - opened) // step) - 1)
    moments = (as_utc(instant) for instant in instants)
    return Counter(min((at - opened) // step, last) for at in moments if opened <= at <= closed)


def _hm(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def _bodies(told: InterviewFacts, asked: Iterable[Question], said: Iterable[Item]) -> Plot:
    """How many questions each body answered live and afterwards, and what was handed to it; one body needs no plot."""
    live: dict[str, set[int]] = {}
    after: dict[str, set[int]] = {}
    for item in said:
        if item.kind == ItemKind.ANSWER and item.body_name and item.question_id:
            kept = after if item.origin == "after" else live
            kept.setdefault(item.body_name, set()).add(item.question_id)
    handed = Counter(one.to_body for one in asked if one.to_body)
    first = [one.name for one in told.respondents]
    others = sorted({*live, *after, *(body for body in handed if body)} - set(first))
    rows: list[list[Any]] = [
        [body, len(live.get(body, ())), len(after.get(body, ())), handed[body]] for body in [*first, *others]
    ]
    if len(rows) > BODIES:
        rest = rows[BODIES - 1 :]
        rows = [
            *rows[: BODIES - 1],
            [f"其他{len(rest)}个单位", *(sum(row[place] for row in rest) for place in (1, 2, 3))],
        ]
    heads = ["单位", "现场答复", "会后答复", "转来的提问"]
    return _plot("bodies", "各单位的答复", heads, rows if len(rows) > 1 else [], across=True)


def _supports(asked: Iterable[Question]) -> Plot:
    shown = [one for one in asked if one.number is not None and one.supports]
    top = sorted(shown, key=lambda one: (-one.supports, one.number or 0))[:TOP]
    rows = ([f"{one.number}号", one.supports] for one in top)
    return _plot("supports", "支持最多的提问", ["提问", "支持人次"], rows, across=True)
