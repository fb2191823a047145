"""The public moderation log: what was not published and what was taken down, each with its reason, never its text.

Declines that an appeal overturned stay in the log: what was decided was decided. Their reason is read from the
staff's stream, which told it; the question's own row no longer knows it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from aiohttp import web
from sqlalchemy import CompoundSelect, Select, func, literal, select, union_all
from sqlmodel import col

from base.db import UnitOfWork
from chat import streams, views
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Interview, Item, Question
from web import rows
from web.filters import DECLINES
from web.keys import UNITS
from web.pages import Page, render
from web.routes.api import number_in
from web.routes.public import page_number

routes = web.RouteTableDef()

PAGE = 30
DECLINED, APPEALED, REMOVED = "declined", "appealed", "removed"
ITEM_WORDS = {
    ItemKind.QUESTION: "提问",
    ItemKind.SAID: "发言",
    ItemKind.ANSWER: "答复",
    ItemKind.REFUSAL: "不予答复的说明",
    ItemKind.DEFERRAL: "会后答复的说明",
    ItemKind.ERRATUM: "更正",
}


class Logged(NamedTuple):
    """One line of the log: when, what kind of thing, which row it is about."""

    at: datetime
    kind: str
    row_id: int
    interview_id: int


@routes.get("/moderation")
async def moderation(request: web.Request) -> web.Response:
    """The log, newest first, of all interviews or of one."""
    page = page_number(request)
    chosen = number_in(request, "interview", None, 1, 2**31 - 1)
    async with request.app[UNITS].read() as uow:
        context = await _log(uow, chosen, page)
    return await render(request, "moderation.html", context, page=Page("审核公开"))


async def _log(uow: UnitOfWork, chosen: int | None, page: int) -> dict[str, Any]:
    log = _everything().subquery()
    counting = select(log.c.interview_id, log.c.kind, func.count()).group_by(log.c.interview_id, log.c.kind)
    counted = [(of, kind, int(n)) for of, kind, n in await uow.db.execute(counting)]
    inside = [(of, kind, n) for of, kind, n in counted if chosen in (None, of)]
    query = select(log).order_by(log.c.at.desc(), log.c.kind, log.c.row_id.desc())
    if chosen is not None:
        query = query.where(log.c.interview_id == chosen)
    paged = await uow.db.execute(query.limit(PAGE).offset((page - 1) * PAGE))
    listed = await _lines(uow, [Logged(*row) for row in paged])
    of_one = f"interview={chosen}&" if chosen is not None else ""
    total = sum(n for _, _, n in inside)
    return {
        "figures": await _figures(uow, inside, chosen),
        "rows": listed,
        "interviews": await _interviews(uow, {of for of, _, _ in counted}),
        "chosen": chosen,
        "pager": rows.pager(page, total, PAGE, f"/moderation?{of_one}page="),
    }


def _everything() -> CompoundSelect[Any]:
    """Every line of the log. Rehearsals count nowhere; a letter that only its asker reads was never public."""
    declined: Select[Any, Any, Any, Any] = select(
        col(Question.settled_at).label("at"),
        literal(DECLINED).label("kind"),
        col(Question.id).label("row_id"),
        col(Question.interview_id),
    ).where(col(Question.status) == QuestionStatus.DECLINED)
    appealed = select(
        col(Question.appealed_at), literal(APPEALED), col(Question.id), col(Question.interview_id)
    ).where(col(Question.appealed_at).is_not(None), col(Question.status) != QuestionStatus.DECLINED)
    removed = select(col(Item.removed_at), literal(REMOVED), col(Item.id), col(Item.interview_id)).where(
        col(Item.removed_at).is_not(None), col(Item.no) > 0
    )
    public = col(Interview.rehearsal).is_(False)
    return union_all(
        declined.join(Interview, col(Interview.id) == col(Question.interview_id)).where(public),
        appealed.join(Interview, col(Interview.id) == col(Question.interview_id)).where(public),
        removed.join(Interview, col(Interview.id) == col(Item.interview_id)).where(public),
    )


async def _figures(
    uow: UnitOfWork, counted: Iterable[tuple[int, str, int]], chosen: int | None
) -> list[dict[str, Any]]:
    by_kind = {DECLINED: 0, APPEALED: 0, REMOVED: 0}
    for _, kind, n in counted:
        by_kind[kind] += n
    query = (
        select(col(Question.reason), func.count(col(Question.id)))
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(col(Question.status) == QuestionStatus.DECLINED, col(Interview.rehearsal).is_(False))
    )
    if chosen is not None:
        query = query.where(col(Question.interview_id) == chosen)
    by_reason = {reason: int(n) for reason, n in await uow.db.execute(query.group_by(col(Question.reason)))}
    figures = [("没有公开", by_kind[DECLINED]), ("撤下", by_kind[REMOVED])]
    if by_kind[APPEALED]:
        figures.append(("申诉后再看", by_kind[APPEALED]))
    figures += [(words, by_reason[reason]) for reason, words in DECLINES.items() if reason in by_reason]
    return [{"label": label, "value": value, "unit": "件"} for label, value in figures]


async def _interviews(uow: UnitOfWork, logged: set[int]) -> list[dict[str, Any]]:
    """The interviews that have a line, for narrowing the log to one of them."""
    query = select(Interview).where(col(Interview.id).in_(logged)).order_by(col(Interview.starts_at).desc())
    return [{"id": one.id, "theme": one.theme} for one in await uow.db.scalars(query)]


async def _lines(uow: UnitOfWork, logged: list[Logged]) -> list[dict[str, Any]]:
    """The lines of one page, in a number of queries that does not grow with them."""
    asked = {line.row_id for line in logged if line.kind != REMOVED}
    items = {line.row_id for line in logged if line.kind == REMOVED}
    questions = {q.id: q for q in await uow.db.scalars(select(Question).where(col(Question.id).in_(asked)))}
    removed = {one.id: one for one in await uow.db.scalars(select(Item).where(col(Item.id).in_(items)))}
    held = select(Interview).where(col(Interview.id).in_({line.interview_id for line in logged}))
    interviews = {one.id: one for one in await uow.db.scalars(held)}
    first = await _first_reasons(uow, [line for line in logged if line.kind == APPEALED])
    found = []
    for line in logged:
        if line.kind == REMOVED:
            act, reason, href = _removed(removed[line.row_id])
        else:
            act, reason = _declined(questions[line.row_id], first.get(line.row_id))
            href = None
        about = interviews[line.interview_id]
        shown = {"theme": about.theme, "url": f"/interviews/{about.id}{href or ''}"}
        found.append({"at": line.at, "interview": shown, "act": act, "reason": reason})
    return found


def _removed(item: Item) -> tuple[str, str, str]:
    words = ITEM_WORDS.get(ItemKind(item.kind), "一条")
    href = "" if item.kind == ItemKind.QUESTION else f"#n{item.no}"
    return f"撤下了{words}（第{item.no}条）", item.removed_because or "", href


def _declined(question: Question, first: str | None) -> tuple[str, str]:
    """What was done and why. After an appeal the reason is the one that it was declined for at first."""
    reason = (question.reason if question.status == QuestionStatus.DECLINED else first) or ""
    words = DECLINES.get(reason, reason)
    if question.status == QuestionStatus.DECLINED:
        return ("申诉后仍没有公开" if question.appealed_at else "没有公开"), words
    again = "，正由另一位审核员再看" if question.status == QuestionStatus.PENDING else "，申诉后改了决定"
    return f"没有公开{again}", words


async def _first_reasons(uow: UnitOfWork, appealed: list[Logged]) -> dict[int, str]:
    """Why each appealed question had been declined, as its interview's staff were told."""
    rooms = {views.staff_stream(line.interview_id) for line in appealed}
    if not rooms:
        return {}
    query = select(streams.StreamEvent).where(
        col(streams.StreamEvent.stream).in_(rooms), col(streams.StreamEvent.kind) == "question.declined"
    )
    told = await uow.db.scalars(query.order_by(col(streams.StreamEvent.seq).desc()))
    return {row.body["question"]: row.body["reason"] for row in told if row.body.get("question")}
