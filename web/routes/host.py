"""The console of host and moderator: what waits for a decision, what waits for the stage, what was just done."""

from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.people import Actor, Body, Role
from chat import streams, views
from chat.registry import REGISTRY
from chat.streams import StreamEvent
from interviews.lifecycle import InterviewStatus, QuestionStatus
from interviews.models import Interview
from web import record, rows
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, render
from web.routes.api import path_number
from web.routes.gate import draws, form_of, may, staff_of, theirs

routes = web.RouteTableDef()

LOG_LENGTH = 20
_CAN = {
    "open": "interview.open",
    "say": "interview.say",
    "stage": "question.stage",
    "extend": "interview.extend",
    "close": "interview.close",
    "moderate": "question.publish",
}


@routes.get("/host/{id:\\d+}")
async def console(request: web.Request) -> web.Response:
    """The console of one interview."""
    return await _console(request, path_number(request), Form(), 200)


@draws(r"/host/(\d{1,9})")
async def _console(request: web.Request, interview_id: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.HOST, Role.MODERATOR, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        context = await _context(request, uow, found, actor)
    about = Page(f"主持台：{found.theme}", room="staff", path=f"/host/{interview_id}")
    return await render(request, "host.html", context | form_of(form), page=about, status=status)


async def _context(request: web.Request, uow: UnitOfWork, found: Interview, actor: Actor) -> dict[str, Any]:
    interview_id = found.id or 0
    stream = views.staff_stream(interview_id)
    state = record.shown(await streams.room_state(uow, found, staff=True))
    pending = [q for q in state["questions"].values() if q["status"] == QuestionStatus.PENDING]
    can = {name: may(actor, command) for name, command in _CAN.items()}
    can["open"] = can["open"] and found.status == InterviewStatus.ANNOUNCED
    return {
        "state": state,
        "stream": stream,
        "head": await streams.head(uow, stream),
        "viewers": rows.presence(request).count(interview_id) or None,
        "clock": rows.clock_of(found, uow.now),
        "can": can,
        "queue": sorted(pending, key=lambda q: (q["at"], q["question"])),
        "pool": record.pool(state, [QuestionStatus.PUBLISHED]),
        "log": await _log(uow, stream),
        "bodies": await _bodies(uow) if "question.transfer" in REGISTRY else [],
    }


async def _bodies(uow: UnitOfWork) -> list[dict[str, Any]]:
    query = select(Body).where(col(Body.recipient).is_(False)).order_by(col(Body.id))
    return [{"id": body.id, "name": body.name} for body in await uow.db.scalars(query)]


async def _log(uow: UnitOfWork, stream: str) -> list[dict[str, str]]:
    """The latest of what happened, in words."""
    query = (
        select(StreamEvent)
        .where(col(StreamEvent.stream) == stream, col(StreamEvent.kind).in_(_WORDS))
        .order_by(col(StreamEvent.seq).desc())
        .limit(LOG_LENGTH)
    )
    return [
        {"at": shanghai_iso(event.at), "text": _told(event.kind, event.body)}
        for event in await uow.db.scalars(query)
        if not event.body.get("removed")
    ]


_WORDS = {
    "interview.announced": "预告发布了",
    "interview.opened": "访谈开始了",
    "interview.extended": "访谈延长了",
    "interview.closed": "访谈结束了",
    "interview.said": "{speaker}说：{start}",
    "question.submitted": "收到一个提问",
    "question.published": "{number}号公开",
    "question.declined": "一个提问没有公开",
    "question.merged": "一个提问并到{into_number}号",
    "question.staged": "{number}号上场",
    "question.unstaged": "{number}号放回去",
    "question.answered": "{number}号有了答复",
    "question.refused": "{number}号依法不予答复",
    "question.deferred": "{number}号转会后答复",
    "question.withdrawn": "一个提问由提问人撤回",
}


def _told(kind: str, body: dict[str, Any]) -> str:
    text = body.get("text") or ""
    start = text[:24] + ("……" if len(text) > 24 else "")
    known = {"number": "", "into_number": "", "speaker": "", **body, "start": start}
    return _WORDS[kind].format_map(known)
