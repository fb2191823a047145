"""An instruction (督办) as pages and paper show it, for the supervisor and for the body."""

from datetime import date
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.people import Actor, Body, Role
from interviews import body_names, instructions, law
from interviews.instruction_models import Instruction, InstructionStep, State, StepKind
from interviews.lifecycle import PUBLIC
from interviews.models import Duty, Interview, Question
from web.keys import SETTINGS
from web.supervision import STANDS, duty_words, standing

STEP_WORDS = {
    StepKind.GIVEN: "督办",
    StepKind.ANSWERED: "答复",
    StepKind.RETURNED: "退回",
    StepKind.ACCEPTED: "认可，办结",
    StepKind.REOPENED: "撤回了认可",
    StepKind.WITHDRAWN: "撤回督办",
}


def rule_of(request: web.Request) -> str:
    """The rule whose days off count here."""
    return request.app[SETTINGS].regulation or law.DEFAULT


async def seen(uow: UnitOfWork, found: Instruction) -> dict[str, Any]:
    """One instruction whole: what, to whom, about what, by when, how it stands, every step."""
    calendar = await instructions.calendar_of(uow, found.regulation)
    stands, left = standing(found, office_date(uow.now), calendar)
    body = await uow.db.get_one(Body, found.body_id)
    return {
        "id": found.id,
        "text": found.text,
        "body": body.name,
        "about": await about(uow, found),
        "due": found.due,
        "act_by": found.act_by,
        "given_on": office_date(found.given_at),
        "state": found.status,
        "stands": STANDS[stands],
        "late": stands == "late",
        "left": left,
        "steps": [_step(one) for one in await instructions.steps(uow, found.id or 0)],
    }


def _step(one: InstructionStep) -> dict[str, Any]:
    return {
        "what": STEP_WORDS[StepKind(one.kind)],
        "kind": one.kind,
        "text": one.text,
        "doer": one.doer,
        "by": one.by,
        "at": one.at,
        "due": one.due,
        "late": f"晚了{one.late_workdays}个工作日" if one.late_workdays else "",
    }


async def about(uow: UnitOfWork, found: Instruction) -> list[tuple[str, str, str | None]]:
    """What it is about: label, words, and where the public reads it."""
    told: list[tuple[str, str, str | None]] = []
    interview = await uow.db.get(Interview, found.interview_id) if found.interview_id else None
    if interview is not None:
        number = f"第{interview.ordinal}场" if interview.ordinal else ""
        told.append(("访谈", f"{number}《{interview.theme}》", f"/interviews/{interview.id}"))
    question = await uow.db.get(Question, found.question_id) if found.question_id else None
    # Taken down or withdrawn since: then its text stands on no page, this one included.
    if question is not None and question.status in PUBLIC:
        place = f"/interviews/{question.interview_id}?at=q{question.number}"
        told.append(("提问", f"{question.number}号：{question.text}", place))
    duty = await duty_words(uow, found.duty_id)
    if duty:
        told.append(("办理事项", duty, None))
    return told


async def on_desk(uow: UnitOfWork, actor: Actor) -> list[dict[str, Any]]:
    """What waits for an answer of the actor's body, the most urgent first; nothing for whoever is no clerk."""
    if actor.role is not Role.CLERK:
        return []
    today, found = office_date(uow.now), []
    for one in await instructions.listed(uow):
        if one.status == State.OPEN:
            stands, left = standing(one, today, await instructions.calendar_of(uow, one.regulation))
            found.append(
                {
                    "text": one.text,
                    "due": one.due,
                    "left": left,
                    "late": stands == "late",
                    "today": today >= one.act_by,
                    "url": f"/desk/instructions/{one.id}",
                }
            )
    return found


async def counts(uow: UnitOfWork) -> dict[str, int]:
    """For the supervisor's first page: how many wait for bodies, how many of them are late, how many were answered."""
    today = office_date(uow.now)
    found = await instructions.listed(uow)
    waiting = [one for one in found if one.status == State.OPEN]
    return {
        "open": len(waiting),
        "late": sum(one.due < today for one in waiting),
        "answered": sum(one.status == State.ANSWERED for one in found),
    }


async def choices(uow: UnitOfWork) -> dict[str, list[tuple[int, str]]]:
    """The bodies that can be told something, and the interviews of last year, this year and later, newest first."""
    answering = select(Body).where(*body_names.ANSWERING)
    since = office_date(uow.now).year - 1
    query = select(Interview).where(col(Interview.year) >= since).order_by(col(Interview.starts_at).desc())
    return {
        "bodies": [(one.id or 0, one.name) for one in await uow.db.scalars(answering.order_by(col(Body.id)))],
        "interviews": [
            (one.id or 0, f"{_day(office_date(one.starts_at))} {one.theme}")
            for one in await uow.db.scalars(query)
        ],
    }


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


async def prefilled(uow: UnitOfWork, asked: dict[str, int]) -> dict[str, str]:
    """The form's fields for what a link named: a body, an interview with its leading body, or a duty."""
    typed = {name: str(number) for name, number in asked.items()}
    duty = await uow.db.get(Duty, asked["duty"]) if "duty" in asked else None
    if duty is not None:
        typed |= {"interview": str(duty.interview_id), "body": str(duty.body_id or "")}
    return typed
