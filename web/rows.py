"""Interviews as lists show them, and the year's sum: in a number of queries that does not grow with how many."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from aiohttp import web
from sqlalchemy import case, func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from chat.presence import Presence
from interviews import facts, forecast, law
from interviews.answered import is_answered
from interviews.changes import InterviewFacts
from interviews.lifecycle import DutyStatus, InterviewStatus, QuestionStatus
from interviews.models import Duty, Interview, Question
from web import ledger
from web.keys import LIVE, SETTINGS

Row = dict[str, Any]

HELD = (InterviewStatus.ENDED, InterviewStatus.ARCHIVED)


class LastDay(NamedTuple):
    """The last day of a duty; whether a yearly notice may still move it, and whether one put it into the past."""

    due: date
    provisional: bool
    moved: bool

    def in_words(self) -> str:
        """``3月9日``, with 「（暂定）」 where it may still move."""
        return ledger.day_in_words(self.due, provisional=self.provisional)


def presence(request: web.Request) -> Presence:
    """Who is watching what, on this process."""
    return request.app[LIVE].presence


def regulation_of(request: web.Request) -> law.Regulation:
    """The rule under which this installation plans."""
    return law.load(request.app[SETTINGS].regulation or law.DEFAULT)


def clock_of(interview: Interview, now: datetime) -> dict[str, int] | None:
    """Whole minutes of a live interview: elapsed, total and left; ``None`` where it is not live."""
    opened, limit = interview.opened_at, interview.limit_at
    if interview.status != InterviewStatus.LIVE or opened is None or limit is None:
        return None
    total = max(1, int((limit - opened).total_seconds() // 60))
    elapsed = min(total, max(0, int((now - opened).total_seconds() // 60)))
    return {"elapsed": elapsed, "total": total, "left": total - elapsed}


def overdue(status: str, ends_at: datetime, now: datetime) -> bool:
    """Announced, its time over, and never opened: the office must move or cancel it."""
    return status == InterviewStatus.ANNOUNCED and now >= ends_at


def days_left(day: date, today: date) -> str:
    """How far off a day is, in words that do not hurry anybody; empty where it is over."""
    left = (day - today).days
    return {0: "今天开始", 1: "明天开始", 2: "后天开始"}.get(left, f"还有{left}天") if left >= 0 else ""


async def interview_rows(
    uow: UnitOfWork, interviews: Sequence[Interview], watching: Presence, url: str = "/interviews/{id}"
) -> list[Row]:
    """Interviews as rows of a list.

    Args:
        uow: a reading unit of work.
        interviews: in the order of the list.
        watching: how many watch the live ones.
        url: where a row leads; ``{id}`` is the interview's number.
    """
    ids = [interview.id or 0 for interview in interviews]
    told = await facts.interviews_facts(uow, interviews)
    counted = await _question_counts(uow, ids)
    dates = await _duty_dates(uow, ids)
    today = office_date(uow.now)
    return [_row(one, counted, dates, today, uow.now, watching, url) for one in told]


def _row(
    told: InterviewFacts,
    counted: Mapping[int, Mapping[str, int]],
    dates: Mapping[tuple[int, str], LastDay],
    today: date,
    now: datetime,
    watching: Presence,
    url: str,
) -> Row:
    counts = dict(counted.get(told.id, {"public": 0, "answered": 0, "deferred": 0}))
    announce_by = dates.get((told.id, "announce"))
    answer_by = dates.get((told.id, "answers"))
    deferred = counts.pop("deferred")
    late = deferred if answer_by is not None and answer_by.due < today and not answer_by.moved else 0
    planned = told.status == InterviewStatus.PLANNED
    cancelled = told.status == InterviewStatus.CANCELLED
    return {
        "id": told.id,
        "no": told.ordinal,
        "theme": told.theme,
        "status": told.status,
        "starts_at": told.starts_at,
        "ends_at": told.ends_at,
        "respondents": [{"id": r.id, "name": r.name, "lead": r.lead} for r in told.respondents],
        "guests": [{"name": g.name, "post": g.post, "body": g.body} for g in told.guests],
        "url": url.format(id=told.id),
        "counts": counts | {"late": late},
        "announce_by": announce_by.in_words() if planned and announce_by else None,
        "collect_until": None,
        "overdue": overdue(told.status, told.ends_at, now),
        "begins": days_left(office_date(told.starts_at), today),
        "viewers": watching.count(told.id) or None if told.status == InterviewStatus.LIVE else None,
        "remark": told.close_reason if cancelled else None,
    }


async def _question_counts(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    def how_many(condition: Any) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    status = col(Question.status)
    query = (
        select(
            col(Question.interview_id),
            how_many(col(Question.number).is_not(None)),
            how_many(is_answered()),
            how_many(status == QuestionStatus.DEFERRED),
        )
        .where(col(Question.interview_id).in_(ids))
        .group_by(col(Question.interview_id))
    )
    return {
        interview_id: {"public": int(public), "answered": int(answered), "deferred": int(deferred)}
        for interview_id, public, answered, deferred in await uow.db.execute(query)
    }


async def _duty_dates(uow: UnitOfWork, ids: Sequence[int]) -> dict[tuple[int, str], LastDay]:
    """The last day of each duty, by interview and by the act that discharges it."""
    provisional, moved = (
        func.max(case((which.is_(True), 1), else_=0))
        for which in (col(Duty.provisional), col(Duty.moved_by_notice))
    )
    query = select(
        col(Duty.interview_id),
        col(Interview.regulation),
        col(Duty.rule),
        func.max(col(Duty.due)),
        provisional,
        moved,
    ).join(Interview, col(Interview.id) == col(Duty.interview_id))
    query = query.where(col(Duty.interview_id).in_(ids), col(Duty.status) != DutyStatus.SUPERSEDED)
    grouped = query.group_by(col(Duty.interview_id), col(Interview.regulation), col(Duty.rule))
    acts: dict[str, dict[str, str]] = {}
    found: dict[tuple[int, str], LastDay] = {}
    for interview_id, regulation, rule, due, may_move, was_moved in await uow.db.execute(grouped):
        if regulation not in acts:
            acts[regulation] = {known.id: known.done_by for known in law.load(regulation).duties}
        found[interview_id, acts[regulation].get(rule, "")] = LastDay(due, bool(may_move), bool(was_moved))
    return found


async def year_sum(uow: UnitOfWork, year: int, regulation: law.Regulation) -> dict[str, int]:
    """How many interviews a year has at each stage, against how many the rule asks for."""
    today = office_date(uow.now)
    count = {"held": 0, "today": 0, "announced": 0, "planned": 0}
    query = select(col(Interview.status), col(Interview.starts_at)).where(col(Interview.year) == year)
    for status, starts_at in await uow.db.execute(query):
        stage = _stage(InterviewStatus(status), office_date(starts_at) == today)
        if stage is not None:
            count[stage] += 1
    required = regulation.minimum.required_per_year if regulation.minimum else 0
    return {"year": year, "required": required, "shortfall": max(0, required - sum(count.values()))} | count


def _stage(status: InterviewStatus, is_today: bool) -> str | None:
    if status in HELD:
        return "held"
    if status is InterviewStatus.LIVE or (status is InterviewStatus.ANNOUNCED and is_today):
        return "today"
    return {InterviewStatus.ANNOUNCED: "announced", InterviewStatus.PLANNED: "planned"}.get(status)


CHANGES = {
    "issued": "印发",
    "added": "增加",
    "moved": "改期",
    "rethemed": "换题目",
    "left": "移到别的年份",
    "cancelled": "取消",
}


async def plan_changes(uow: UnitOfWork, year: int | None) -> list[Row]:
    """The public log of changes to issued plans, newest first: of one year, or of all."""
    return [
        {
            "at": one.at,
            "kind": CHANGES.get(one.kind, "变动"),
            "text": one.text,
            "reason": one.reason,
            "public_demand": one.ground == "public_demand",
            "url": f"/interviews/{one.interview_id}" if one.interview_id else None,
        }
        for one in await forecast.change_log(uow, year)
    ]


def filters(options: Sequence[tuple[str, str, int | None]], chosen: str, href: str) -> list[dict[str, Any]]:
    """Links that narrow a list.

    Args:
        options: value, label and how many, in order.
        chosen: the value in force.
        href: the address; ``{}`` is the value.
    """
    return [
        {"label": label, "href": href.format(value), "count": count, "current": value == chosen}
        for value, label, count in options
    ]


def pager(page: int, total: int, size: int, href: str) -> dict[str, Any]:
    """Where in a list one is; ``href`` ends where the number goes."""
    pages = max(1, -(-total // size))
    return {"page": min(page, pages), "pages": pages, "href": href}
