"""What a body still has to do after its interviews, in one list by its days: questions left for later, promises."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from interviews import law, promises, reopening, workdays
from interviews.calendar import Calendar
from interviews.lifecycle import QuestionStatus
from interviews.models import Interview, Question
from web import ledger

Row = dict[str, Any]

TASKS = (promises.TASK, reopening.TASK)
"""What stands in this list and not among the duties of the rule."""


async def to_do(uow: UnitOfWork, own: Select[Interview]) -> list[Row]:
    """Everything that is owed in writing, the most urgent first, what is overdue marked.

    Args:
        uow: of somebody who answers for a body; its instant decides what is overdue.
        own: the interviews in which they work.
    """
    calendar = await workdays.present(uow)
    rows = [
        *await _left_for_later(uow, own, calendar),
        *await _reopened(uow, calendar),
        *await _promised(uow, calendar),
    ]
    return sorted(rows, key=lambda row: row["day"])


async def _left_for_later(uow: UnitOfWork, own: Select[Interview], calendar: Calendar) -> list[Row]:
    """The questions left for a written answer (第八条)."""
    query = (
        select(Question, Interview)
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(
            col(Interview.id).in_(own.with_only_columns(col(Interview.id))),
            col(Question.status) == QuestionStatus.DEFERRED,
        )
        .order_by(col(Interview.closed_at), col(Question.number))
    )
    last_day: dict[int, ledger.ByWhen] = {}
    found = []
    for question, interview in await uow.db.execute(query):
        number = interview.id or 0
        if number not in last_day:
            reckoned = ledger.follow_up(interview, calendar)
            last_day[number] = reckoned or ledger.ByWhen(office_date(uow.now), False, None)
        due = last_day[number]
        row = _row(question, interview, due.day, due.provisional, office_date(uow.now), calendar)
        found.append(row | {"kind": "会后答复", "article": "第八条", "what": None, "label": "写答复"})
    return found


async def _reopened(uow: UnitOfWork, calendar: Calendar) -> list[Row]:
    """What the body answered and must answer again."""
    if uow.actor.body_id is None:
        return []
    return [
        _row(question, interview, duty.due, duty.provisional, office_date(uow.now), calendar)
        | {"kind": "再次办理", "article": reopening.SOURCE, "what": None, "label": "再写答复"}
        for duty, question, interview in await reopening.open_of(uow, uow.actor.body_id)
    ]


async def _promised(uow: UnitOfWork, calendar: Calendar) -> list[Row]:
    """What the body promised in its answers."""
    if uow.actor.body_id is None:
        return []
    return [
        _row(question, interview, promise.due, promise.provisional, office_date(uow.now), calendar)
        | {"kind": "承诺", "article": promises.SOURCE, "what": promise.what, "label": "写办结的答复"}
        for promise, question, interview in await promises.open_of(uow, uow.actor.body_id)
    ]


def _row(
    question: Question, interview: Interview, day: date, provisional: bool, today: date, calendar: Calendar
) -> Row:
    local = calendar.with_days_off(law.load(interview.regulation).days_off)
    return {
        "day": day,
        "due": ledger.day_in_words(day, provisional=provisional),
        "late": day < today,
        "left": _left(day, today, local),
        "number": question.number,
        "text": question.text,
        "theme": interview.theme,
        # A letter is answered on a page of its own: the interview may be another body's.
        "url": f"/desk/questions/{question.id}"
        if question.number is None
        else f"/desk/{interview.id}?question={question.id}",
    }


def _left(day: date, today: date, calendar: Calendar) -> str:
    if day < today:
        days = calendar.workdays_between(day, today)
        return f"逾期{days}个工作日" if days else "已经逾期"
    if day == today:
        return "今天到期"
    days = calendar.workdays_between(today, day)
    return f"还有{days}个工作日" if days else f"{day.month}月{day.day}日到期"
