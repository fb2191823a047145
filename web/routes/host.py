"""The console of host and moderator: what waits for a decision, what waits for the stage, what was just done."""

from datetime import date
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor, Body, Role
from chat import streams, views
from chat.registry import REGISTRY
from chat.streams import StreamEvent
from interviews import body_contacts, fairness, originals, promise_dates, promises
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import alike, console, record, rows
from web.forms import Form, Typed
from web.forms import refused as refused_form
from web.keys import UNITS
from web.pack_list import PAGES
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import asked_of, draws, form_of, may, staff_of, theirs
from web.routes.public import act, see_other

routes = web.RouteTableDef()

LOG_LENGTH = 20
AT_ONCE = 100
"""So many questions are decided by one press."""
MODERATORS = (Role.MODERATOR, Role.OFFICE)
_CAN = {
    "open": "interview.open",
    "say": "interview.say",
    "stage": "question.stage",
    "order": "question.order",
    "extend": "interview.extend",
    "close": "interview.close",
    "moderate": "question.publish",
    "claim": "question.claim",
    "delay": "publication.delay",
    "remove": "question.remove",
    "correct": "erratum.publish",
    "promise": "promise.make",
    "unpromise": "promise.cancel",
    "rehearse": "interview.rehearse",
}
_REHEARSED = frozenset({InterviewStatus.PLANNED, InterviewStatus.ANNOUNCED})


@routes.get("/host/{id:\\d+}")
async def page(request: web.Request) -> web.Response:
    """The console of one interview."""
    return await _console(request, path_number(request), Form(), 200)


@draws(r"/host/(\d{1,9})")
async def _console(request: web.Request, interview_id: int, form: Form, status: int) -> web.Response:
    return await _drawn(request, interview_id, form, status, ())


async def _drawn(
    request: web.Request, interview_id: int, form: Form, status: int, results: tuple[str, ...]
) -> web.Response:
    actor = staff_of(request, Role.HOST, *MODERATORS)
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        context = await _context(request, uow, found, actor)
        wanted = str(form.typed.get("item") or request.query.get("item", ""))
        rows_of = (row for row in context["spoken"] if str(row["item"]) == wanted and row["words"])
        context["fix"] = next(rows_of, None)
        fix = context["fix"]
        context["readings"] = await _readings(uow, found, fix) if fix and fix["kind"] == "answer" else []
        context |= _spoken(asked_of(request, form), f"/host/{interview_id}", context["spoken"])
    context["results"] = results
    about = Page(f"主持台：{found.theme}", room="staff", path=f"/host/{interview_id}")
    return await render(request, "host.html", context | form_of(form), page=about, status=status)


def _spoken(asked: dict[str, str], path: str, spoken: list[record.Body]) -> dict[str, Any]:
    """The part of what was said that the address asks for, the newest first."""
    wanted = str(asked.get("said", ""))
    pager = rows.pager(
        int(wanted) if PAGES.fullmatch(wanted) else 1, len(spoken), console.SHOWN, f"{path}?said="
    )
    begin = (pager["page"] - 1) * console.SHOWN
    return {
        "spoken": spoken[begin : begin + console.SHOWN],
        "spoken_count": len(spoken),
        "spoken_pager": pager,
        "spoken_open": bool(wanted),
    }


async def _readings(
    uow: UnitOfWork, found: Interview, answer: dict[str, Any]
) -> list[promise_dates.Suggestion]:
    """The days that an answer's words name, for whoever enters a promise to confirm."""
    return await promises.suggestions(uow, found, answer["text"], date.fromisoformat(answer["at"][:10]))


async def _context(request: web.Request, uow: UnitOfWork, found: Interview, actor: Actor) -> dict[str, Any]:
    interview_id = found.id or 0
    stream = views.staff_stream(interview_id)
    raw = await streams.room_state(uow, found, staff=True)
    state = record.shown(raw)
    clock = rows.clock_of(found, uow.now)
    line, rest = console.lined_up(state)
    first = [q["question"] for q in console.in_turn(raw)[: alike.LOOKED_AT]]
    looked_at = await alike.of_waiting(request.app, uow, interview_id, first)
    queue = console.pending(raw, uow.now, actor.name, looked_at)
    return {
        "state": state,
        "stream": stream,
        "head": await streams.head(uow, stream),
        "viewers": rows.presence(request).count(interview_id) or None,
        "clock": clock,
        "near_end": console.near_end(clock["left"] if clock else None),
        "can": _allowed(found, actor),
        "queue": queue[: console.SHOWN],
        "queue_more": max(0, len(queue) - console.SHOWN),
        "lineup": line,
        "pool": rest[: console.SHOWN],
        "pool_more": max(0, len(rest) - console.SHOWN),
        "spoken": console.spoken(state),
        "gauge": fairness.gauge(raw, uow.now),
        "rehearsal": found.rehearsal,
        "delay": raw.get("delay", 0),
        "log": await _log(uow, stream),
        "reached": await body_contacts.of_interview(uow, found),
        "bodies": await _bodies(uow) if "question.transfer" in REGISTRY else [],
    }


def _allowed(found: Interview, actor: Actor) -> dict[str, bool]:
    can = {name: may(actor, command) for name, command in _CAN.items()}
    can["open"] = can["open"] and found.status == InterviewStatus.ANNOUNCED
    can["rehearse"] = can["rehearse"] and found.status in _REHEARSED and not found.rehearsal
    return can


async def _bodies(uow: UnitOfWork) -> list[dict[str, Any]]:
    answering = select(Body).where(col(Body.recipient).is_(False), col(Body.merged_into).is_(None))
    query = answering.order_by(col(Body.id))
    return [{"id": body.id, "name": body.name} for body in await uow.db.scalars(query)]


@routes.get("/host/{id:\\d+}/fairness")
async def fairness_part(request: web.Request) -> web.Response:
    """The fairness gauge as a piece of the console, which fetches it again and again."""
    actor = staff_of(request, Role.HOST, *MODERATORS)
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, path_number(request))
        state = await streams.room_state(uow, found, staff=True)
        context = {"gauge": fairness.gauge(state, uow.now)}
    return await render(request, "fairness.html", context, page=Page("公平", room="staff"))


@routes.get("/host/{id:\\d+}/original/{question:\\d+}")
async def original(request: web.Request) -> web.Response:
    """One question as its asker wrote it; that it was read stands in the audit."""
    actor = staff_of(request, *MODERATORS)
    interview_id = path_number(request)
    async with request.app[UNITS].act(actor) as uow:
        await theirs(uow, interview_id)
        question = await originals.original(uow, path_number(request, "question"))
        if question.interview_id != interview_id:
            raise missing("这个问题")
        context = {
            "original": question.original,
            "masked": question.text,
            "nickname": question.nickname,
            "back": f"/host/{interview_id}",
        }
    about = Page("原文", room="staff", path=request.path)
    response = await render(request, "host_original.html", context, page=about)
    response.headers["Cache-Control"] = "private, no-store"
    return response


# What a page without a script sends to the console itself


@routes.post("/host/{id:\\d+}/several")
async def several(request: web.Request) -> web.Response:
    """Publish or decline several questions at once; what came of each is said, one by one."""
    actor = staff_of(request, *MODERATORS)
    interview_id = path_number(request)
    sent = await request.post()
    name = "question.decline" if sent.get("act") == "decline" else "question.publish"
    more = {"reason": sent.get("reason")} if name == "question.decline" else {}
    chosen = [int(one) for one in map(str, sent.getall("question", [])) if _is_number(one)][:AT_ONCE]
    if not chosen:
        form = Form(message="还没有选。请先在要办的前面打勾。", act="several")
        return await _console(request, interview_id, form, 400)
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        state = await streams.room_state(uow, found, staff=True)
    results = [await _one_of_several(request, actor, state, name, one, more) for one in chosen]
    return await _drawn(request, interview_id, Form(), 200, tuple(results))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10


async def _one_of_several(
    request: web.Request, actor: Actor, state: record.State, name: str, question: int, more: dict[str, Any]
) -> str:
    """What came of one question, in words that tell it from the others."""
    text = (state["questions"].get(str(question)) or {}).get("text") or "一个提问"
    start = f"“{text[:16]}……”" if len(text) > 16 else f"“{text}”"
    try:
        result = (await act(request, actor, name, {"question": question, **more})).result
    except Refusal as refusal:
        return f"{start}没有办成：{refusal.message}"
    if name == "question.decline":
        return f"{start}不公开了，原因登在审核公开里。"
    number = result.get("number")
    return f"{start}公开了，编为{number}号。" if number else f"{start}过几秒公开，现在还能撤回。"


@routes.post("/host/{id:\\d+}/order")
async def order(request: web.Request) -> web.Response:
    """One step of one question in the host's line-up."""
    actor = staff_of(request, Role.HOST)
    interview_id = path_number(request)
    sent = await request.post()
    chosen = str(sent.get("question", ""))
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        line, _ = console.lined_up(await streams.room_state(uow, found, staff=True))
    numbers = [q["question"] for q in line]
    if _is_number(chosen):
        numbers = console.moved(numbers, int(chosen), str(sent.get("step", "")))
    typed: Typed = {"question": chosen}
    try:
        await act(request, actor, "question.order", {"interview": interview_id, "questions": numbers})
    except Refusal as refusal:
        form = refused_form(refusal, typed, "question.order")
        return await _console(request, interview_id, form, refusal.status)
    response = see_other(f"/host/{interview_id}")
    flash(request, response, "good", "排好了。")
    return response


# What was just done


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
    "question.appealed": "一个没有公开的提问，提问人申诉了",
    "question.published": "{number}号公开",
    "question.declined": "一个提问没有公开",
    "question.transferred": "一个提问转给别的单位",
    "question.merged": "一个提问并到{into_number}号",
    "question.staged": "{number}号上场",
    "question.unstaged": "{number}号放回去",
    "question.answered": "{number}号有了答复",
    "question.refused": "{number}号依法不予答复",
    "question.deferred": "{number}号转会后答复",
    "question.withdrawn": "一个提问由提问人撤回",
    "question.removed": "撤下了一条",
    "erratum": "登了一处更正：{start}",
}


def _told(kind: str, body: dict[str, Any]) -> str:
    text = body.get("text") or ""
    start = text[:24] + ("……" if len(text) > 24 else "")
    known = {"number": "", "into_number": "", "speaker": "", **body, "start": start}
    return _WORDS[kind].format_map(known)
