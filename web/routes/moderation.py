"""The public moderation log: what was not published and what was taken down, each with its reason, never its text.

Declines that an appeal overturned stay in the log: what was decided was decided. Their reason is read from the
staff's stream, which told it; the question's own row no longer knows it.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import CompoundSelect, Select, literal, null, select, union_all
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
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


REASONS = DECLINES | {APPEALED: "申诉后再看", REMOVED: "公开后撤下"}
"""By what the log can be narrowed: why something was not published, and the two other kinds of lines."""


class Logged(NamedTuple):
    """One line of the log: when, what kind of thing, which row it is about, and why where the row itself says it."""

    at: datetime
    kind: str
    row_id: int
    interview_id: int
    reason: str | None

    @property
    def sort(self) -> str:
        """Its place in :data:`REASONS`."""
        return self.kind if self.kind in REASONS else self.reason or ""


class Narrowed(NamedTuple):
    """What the reader wants of the log: one interview, one month, one reason; ``None`` and empty for all."""

    interview: int | None
    month: str
    reason: str

    def link(self, **instead: Any) -> str:
        """The address of the log narrowed like this, but for ``instead``."""
        wanted = {name: value for name, value in (self._asdict() | instead).items() if value}
        return f"/moderation?{urlencode(wanted)}" if wanted else "/moderation"


@routes.get("/moderation")
async def moderation(request: web.Request) -> web.Response:
    """The log, newest first: all of it, or of one interview, one month, one reason."""
    page = page_number(request)
    chosen = Narrowed(
        number_in(request, "interview", None, 1, 2**31 - 1), _month(request), request.query.get("reason", "")
    )
    if chosen.reason and chosen.reason not in REASONS:
        raise Refusal("input.invalid", "没有这种原因。请从页面上选。", status=400)
    async with request.app[UNITS].read() as uow:
        context = await _log(uow, chosen, page)
    about = Page(
        "审核公开",
        description="没有公开的提问，公开以后又撤下的提问和答复，一件一件写明时间和原因；文字不登。",
        column="审核公开",
        own=("interview", "month", "reason", "page"),
    )
    return await render(request, "moderation.html", context, page=about)


def _month(request: web.Request) -> str:
    """``2026-03``, or empty.

    Raises:
        Refusal: ``input.invalid`` for what is no month.
    """
    text = request.query.get("month", "")
    try:
        return f"{date.fromisoformat(f'{text}-01'):%Y-%m}" if text else ""
    except ValueError:
        raise Refusal("input.invalid", "没有这个月份。请从页面上选。", status=400) from None


async def _log(uow: UnitOfWork, chosen: Narrowed, page: int) -> dict[str, Any]:
    log = _everything().subquery()
    query = select(log)
    if chosen.interview is not None:
        query = query.where(log.c.interview_id == chosen.interview)
    # Times, kinds and numbers alone: a year of the busiest city is some thousands of short rows.
    every = [Logged(*row) for row in await uow.db.execute(query)]
    in_month = [line for line in every if chosen.month in ("", _month_of(line))]
    wanted = [line for line in in_month if chosen.reason in ("", line.sort)]
    wanted.sort(key=lambda line: (line.at, line.kind, line.row_id), reverse=True)
    listed = await _lines(uow, wanted[(page - 1) * PAGE : page * PAGE])
    onward = chosen.link(page="")
    return {
        "figures": _figures(wanted),
        "rows": listed,
        "total": len(wanted),
        "interviews": await _interviews(uow, log),
        "chosen": chosen.interview,
        "month": chosen.month,
        "reason": chosen.reason,
        "months": _months(every, chosen),
        "reasons": _reasons(in_month, chosen),
        "pager": rows.pager(page, len(wanted), PAGE, f"{onward}{'&' if '?' in onward else '?'}page="),
    }


def _month_of(line: Logged) -> str:
    return f"{office_date(line.at):%Y-%m}"


def _months(lines: Iterable[Logged], chosen: Narrowed) -> list[dict[str, Any]]:
    counted = Counter(_month_of(line) for line in lines)
    listed = [
        (month, f"{int(month[:4])}年{int(month[5:])}月", n) for month, n in sorted(counted.items())[::-1]
    ]
    whole = ("", "各月", sum(counted.values()))
    return [
        {"label": label, "href": chosen.link(month=value), "count": n, "current": value == chosen.month}
        for value, label, n in [whole, *listed]
    ]


def _reasons(lines: Iterable[Logged], chosen: Narrowed) -> list[dict[str, Any]]:
    counted = Counter(line.sort for line in lines)
    listed = [(value, label, counted[value]) for value, label in REASONS.items()]
    whole = ("", "全部", sum(counted.values()))
    return [
        {"label": label, "href": chosen.link(reason=value), "count": n, "current": value == chosen.reason}
        for value, label, n in [whole, *listed]
        if n or value in ("", chosen.reason)
    ]


def _everything() -> CompoundSelect[Any]:
    """Every line of the log. Rehearsals count nowhere; a letter that only its asker reads was never public."""
    declined: Select[Any, Any, Any, Any, Any] = select(
        col(Question.settled_at).label("at"),
        literal(DECLINED).label("kind"),
        col(Question.id).label("row_id"),
        col(Question.interview_id),
        col(Question.reason),
    ).where(col(Question.status) == QuestionStatus.DECLINED)
    appealed = select(
        col(Question.appealed_at), literal(APPEALED), col(Question.id), col(Question.interview_id), null()
    ).where(col(Question.appealed_at).is_not(None), col(Question.status) != QuestionStatus.DECLINED)
    removed = select(
        col(Item.removed_at), literal(REMOVED), col(Item.id), col(Item.interview_id), null()
    ).where(col(Item.removed_at).is_not(None), col(Item.no) > 0)
    public = col(Interview.rehearsal).is_(False)
    return union_all(
        declined.join(Interview, col(Interview.id) == col(Question.interview_id)).where(public),
        appealed.join(Interview, col(Interview.id) == col(Question.interview_id)).where(public),
        removed.join(Interview, col(Interview.id) == col(Item.interview_id)).where(public),
    )


def _figures(wanted: Iterable[Logged]) -> list[dict[str, Any]]:
    by_kind = Counter(line.kind for line in wanted)
    figures = [("没有公开", by_kind[DECLINED]), ("撤下", by_kind[REMOVED])]
    if by_kind[APPEALED]:
        figures.append(("申诉后再看", by_kind[APPEALED]))
    return [{"label": label, "value": value, "unit": "件"} for label, value in figures]


async def _interviews(uow: UnitOfWork, log: Any) -> list[dict[str, Any]]:
    """The interviews that have a line, for narrowing the log to one of them."""
    logged = select(log.c.interview_id)
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
    href = "" if item.kind == ItemKind.QUESTION else f"?at=n{item.no}#n{item.no}"
    return f"撤下了{words}（第{item.no}条）", item.removed_because or "", href


def _declined(question: Question, first: str | None) -> tuple[str, str]:
    """What was done and why. After an appeal the reason is the one that it was declined for at first."""
    reason = (question.reason if question.status == QuestionStatus.DECLINED else first) or ""
    words = DECLINES.get(reason, reason)
    if question.status == QuestionStatus.DECLINED:
        return ("申诉后仍没有公开" if question.appealed_at else "没有公开"), words
    again = "，正由审核员重新看" if question.status == QuestionStatus.PENDING else "，申诉后改了决定"
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
