"""What the home page tells: what is live, what can be asked about next, what was answered lately, the year's programme."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from chat import views
from chat.presence import Presence
from interviews import facts, law
from interviews.lifecycle import InterviewStatus, ItemKind, QuestionStatus
from interviews.models import Interview, Item, Question
from web import rows

ANSWERS = 4
HELD = 3
"""How many answers and how many interviews that are over are shown."""
S = InterviewStatus

Month = dict[str, Any]


async def shown(uow: UnitOfWork, watching: Presence, regulation: law.Regulation) -> dict[str, Any]:
    """Everything on the page, in a number of queries that does not grow with the city.

    Args:
        uow: a reading unit of work.
        watching: how many watch what is live.
        regulation: the rule that says how many interviews a year has.
    """
    start, status = col(Interview.starts_at), col(Interview.status)
    current = select(Interview).where(status.in_([S.LIVE, S.ANNOUNCED])).order_by(start, col(Interview.id))
    behind = select(Interview).where(status.in_([S.ENDED, S.ARCHIVED])).order_by(start.desc()).limit(HELD)
    found = [*await uow.db.scalars(current), *await uow.db.scalars(behind)]
    by_status: dict[str, list[rows.Row]] = {}
    for row in await rows.interview_rows(uow, found, watching):
        by_status.setdefault(row["status"], []).append(row)
    live, collecting = by_status.get(S.LIVE, []), by_status.get(S.ANNOUNCED, [])
    past = sorted(
        by_status.get(S.ENDED, []) + by_status.get(S.ARCHIVED, []),
        key=lambda row: row["starts_at"],
        reverse=True,
    )
    archived = select(func.count(col(Interview.id))).where(status == S.ARCHIVED)
    year = office_date(uow.now).year
    return {
        "hero": await _hero(uow, live, collecting),
        "also_live": live[1:],
        "collecting": collecting,
        "past": past,
        "past_total": int(await uow.db.scalar(archived) or 0),
        "year": await rows.year_sum(uow, year, regulation),
        "programme": await _programme(uow, year),
        "latest": await latest_answers(uow),
    }


def in_a_sentence(context: dict[str, Any]) -> str:
    """The page for whoever sees only its description."""
    hero = context["hero"]
    if hero is None:
        return "答复单位按主题在网上回答公众提问。不用登录就能看、能问。"
    now = "正在进行" if hero["kind"] == "live" else f"下一场{hero['row']['begins']}"
    return f"{now}：{hero['row']['theme']}。不用登录就能看、能问。"


async def _hero(uow: UnitOfWork, live: list[rows.Row], collecting: list[rows.Row]) -> dict[str, Any] | None:
    ahead = [row for row in collecting if not row["overdue"]]
    row = next(iter([*live, *ahead]), None)
    if row is None:
        return None
    staged = None
    if row["status"] == S.LIVE:
        query = select(Question).where(
            col(Question.interview_id) == row["id"], col(Question.status) == QuestionStatus.STAGED
        )
        newest = query.order_by(col(Question.staged_at).desc(), col(Question.id).desc()).limit(1)
        found = (await uow.db.scalars(newest)).first()
        staged = views.question_view(facts.question_facts(found)) if found else None
    return {
        "kind": "live" if row["status"] == S.LIVE else "announced",
        "row": row,
        "answered": row["counts"]["answered"],
        "guests": row["guests"],
        "stage": staged,
    }


async def latest_answers(uow: UnitOfWork, interview_id: int | None = None) -> list[dict[str, Any]]:
    """Questions that were answered lately, the newest first: of one interview, or of all.

    Returns:
        ``number``, ``text``, ``url``, ``interview`` and the newest ``answer`` of each.
    """
    query = (
        select(Item, Question, Interview)
        .join(Question, col(Question.id) == col(Item.question_id))
        .join(Interview, col(Interview.id) == col(Item.interview_id))
        .where(
            col(Item.kind) == ItemKind.ANSWER,
            col(Item.removed_at).is_(None),
            col(Question.number).is_not(None),
            col(Question.status) == QuestionStatus.ANSWERED,
        )
        .order_by(col(Item.at).desc(), col(Item.id).desc())
        .limit(ANSWERS * 3)
    )
    if interview_id is not None:
        query = query.where(col(Item.interview_id) == interview_id)
    latest: dict[int, tuple[Item, Question, Interview]] = {}
    for item, question, interview in await uow.db.execute(query):
        latest.setdefault(question.id or 0, (item, question, interview))
    return [
        {
            "number": question.number,
            "text": question.text,
            "url": f"/interviews/{interview.id}?at=q{question.number}#q{question.number}",
            "interview": {"theme": interview.theme, "url": f"/interviews/{interview.id}"},
            "answer": views.item_view(facts.item_facts(item)),
        }
        for item, question, interview in list(latest.values())[:ANSWERS]
    ]


# The year's programme


async def _programme(uow: UnitOfWork, year: int) -> dict[str, Any]:
    """The year month by month: ``past`` months that are over, ``ahead`` the present one and those to come."""
    wanted = (
        select(
            col(Interview.id),
            col(Interview.theme),
            col(Interview.status),
            col(Interview.starts_at),
            col(Interview.ends_at),
        )
        .where(col(Interview.year) == year)
        .order_by(col(Interview.starts_at), col(Interview.id))
    )
    months: dict[int, Month] = {}
    for number, theme, status, starts_at, ends_at in await uow.db.execute(wanted):
        day = office_date(starts_at)
        month = months.setdefault(day.month, {"month": day.month, "rows": []})
        month["rows"].append(_line(number or 0, theme, status, day, rows.overdue(status, ends_at, uow.now)))
    listed, now = list(months.values()), _month_of(uow.now, year)
    past = [month for month in listed if month["month"] < now]
    held = sum(row["status"] in rows.HELD for month in past for row in month["rows"])
    return {"past": past, "held": held, "ahead": [month for month in listed if month["month"] >= now]}


def _month_of(now: datetime, year: int) -> int:
    today = office_date(now)
    return today.month if today.year == year else 1


def _line(number: int, theme: str, status: str, day: date, overdue: bool) -> rows.Row:
    return {
        "theme": theme,
        "status": status,
        "day": day,
        "url": f"/interviews/{number}",
        "overdue": overdue,
    }
