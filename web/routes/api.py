"""What other programs talk to: everything under ``/api``, in the words of the contract."""

import hashlib
import json
from typing import Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlmodel import col

from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor
from chat import registry, streams
from interviews import access, duties, facts, programme, ratings
from interviews.changes import InterviewFacts
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import asking, auth, material_rows, schemas
from web.addresses import client_address
from web.keys import ACTOR, DESK, SURROUNDINGS, UNITS
from web.middleware import dumps
from web.openapi import OPENAPI

routes = web.RouteTableDef()

Checked = TypeVar("Checked", bound=BaseModel)

PAGE = 100
PAGE_LIMIT = 200


def reply(value: Any, status: int = 200) -> web.Response:
    """A JSON answer."""
    return web.json_response(value, status=status, dumps=dumps)


async def sent_object(request: web.Request) -> object:
    """The one JSON object of a request.

    Raises:
        Refusal: ``input.json``.
    """
    try:
        value: object = json.loads(await request.text() or "{}")
    except (ValueError, RecursionError, LookupError):
        raise Refusal("input.json", "发来的内容不是 JSON 格式。请改好再发。", status=400) from None
    if not isinstance(value, dict):
        raise Refusal("input.json", "发来的内容要是一个 JSON 对象。请改好再发。", status=400)
    return value


def number_in(request: web.Request, name: str, default: int | None, low: int, high: int) -> int | None:
    """A whole number of the query.

    Raises:
        Refusal: ``input.invalid``.
    """
    text = request.query.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdecimal() or len(text) > 12 or not low <= int(text) <= high:
        raise Refusal("input.invalid", f"“{name}”要是{low}到{high}之间的整数。请改好再发。", status=400)
    return int(text)


def path_number(request: web.Request, name: str = "id") -> int:
    """A row's number in the address; one that cannot be is like one that is not there."""
    text = request.match_info[name]
    return int(text) if len(text) <= 9 else 0


@routes.post("/api/visitor")
async def visitor(request: web.Request) -> web.Response:
    """An anonymous citizen's identity, also set as a cookie."""
    request.app[SURROUNDINGS].pace.new_visitor(client_address(request))
    token = await auth.new_visitor(request.app[UNITS])
    response = reply({"visitor": token})
    asking.set_cookie(request, response, asking.VISITOR_COOKIE, token, lasts=asking.YEAR_SECONDS)
    return response


def _row(interview: InterviewFacts) -> dict[str, Any]:
    return {
        "id": interview.id,
        "title": interview.theme,
        "status": interview.status,
        "starts_at": shanghai_iso(interview.starts_at),
        "ends_at": shanghai_iso(interview.ends_at),
        "respondents": [{"id": r.id, "name": r.name, "lead": r.lead} for r in interview.respondents],
        "url": f"/interviews/{interview.id}",
    }


@routes.get("/api/interviews")
async def interviews(request: web.Request) -> web.Response:
    """The programme, planned ones included, oldest first; ``next`` goes into ``after``."""
    status = request.query.get("status")
    if status and status not in list(InterviewStatus):
        raise Refusal("input.invalid", "没有这种访谈状态。请改好再查。", status=400)
    year = number_in(request, "year", None, 1990, 2200)
    after = number_in(request, "after", 0, 0, 2**31 - 1) or 0
    limit = number_in(request, "limit", PAGE, 1, PAGE_LIMIT) or PAGE
    query = select(Interview).where(col(Interview.id) > after).order_by(col(Interview.id)).limit(limit + 1)
    if status:
        query = query.where(col(Interview.status) == status)
    if year:
        query = query.where(col(Interview.year) == year)
    async with request.app[UNITS].read() as uow:
        rows = list(await uow.db.scalars(query))
        about = await facts.interviews_facts(uow, rows[:limit])
    following = rows[limit - 1].id if len(rows) > limit else None
    return reply({"interviews": [_row(one) for one in about], "next": following})


@routes.get("/api/interviews/{id:\\d+}")
async def interview(request: web.Request) -> web.Response:
    """One interview with theme, guests, host, duties and their dates, deviations, counts."""
    async with request.app[UNITS].read() as uow:
        found = await access.interview(uow, path_number(request))
        return reply(await _whole(uow, found))


async def _whole(uow: UnitOfWork, found: Interview) -> dict[str, Any]:
    about = await facts.interview_facts(uow, found)
    owed = await duties.of_interview(uow, about.id)
    return _row(about) | {
        "theme": about.theme,
        "content": about.content,
        "host": about.host,
        "venue": about.venue,
        "guests": [{"name": g.name, "post": g.post, "body": g.body} for g in about.guests],
        "duties": [duties.public_view(duty) for duty in owed],
        "deviations": [
            {"article": d.article, "text": d.text, "at": shanghai_iso(d.at)} for d in about.deviations
        ],
        "counts": await programme.counts(uow, about.id),
        "ratings": (await ratings.of_interview(uow, about.id))[0].to_dict(),
        "materials": await material_rows.for_programs(uow, found),
    }


@routes.post("/api/interviews/{id:\\d+}/questions")
async def submit(request: web.Request) -> web.Response:
    """Submit a question: 201 the first time, 200 with the same body for a resend."""
    sent = await sent_object(request)
    wanted = {**sent, "interview": path_number(request) or 0} if isinstance(sent, dict) else sent
    return await _command(request, "question.submit", wanted, created=201)


@routes.post("/api/commands/{name}")
async def command(request: web.Request) -> web.Response:
    """Every command of the socket, same object, same envelope."""
    return await _command(request, request.match_info["name"], await sent_object(request), envelope=True)


async def _command(
    request: web.Request, name: str, sent: object, *, created: int = 200, envelope: bool = False
) -> web.Response:
    app, address = request.app, client_address(request)
    try:
        outcome = await registry.dispatch(app[UNITS], app[SURROUNDINGS], request[ACTOR], name, sent, address)
    except Refusal as refusal:
        if not envelope:
            raise
        headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
        body = {"ok": False, "error": refusal.body()}
        return web.json_response(body, status=refusal.status, dumps=dumps, headers=headers)
    if envelope:
        return reply({"ok": True, "result": outcome.result})
    return reply(outcome.result, created if outcome.created else 200)


HTTP_REACH = 10_000
"""How far behind a reader over HTTP may be and still page through the events; a cache may serve them."""


FULL_PAGE_SECONDS = 30
"""A page full of events changes only when something in it is taken down, and caches must know of that in 60 s."""


def _kept_for(name: str, actor: Actor, *, full: bool) -> str:
    # What staff read may be a rehearsal, which nobody else may find in a shared cache.
    if actor.is_staff or not name.endswith(":public"):
        return "private, no-cache"
    return f"public, max-age={FULL_PAGE_SECONDS}" if full else "public, no-cache"


@routes.get("/api/streams/{name}")
async def stream(request: web.Request) -> web.Response:
    """The backlog of a stream for whoever has no websocket, or saw a gap."""
    after = number_in(request, "after", None, 0, 2**53)
    limit = number_in(request, "limit", streams.BACKLOG_LIMIT, 1, streams.BACKLOG_LIMIT) or 1
    actor = request[ACTOR]
    name = request.match_info["name"]
    async with request.app[UNITS].read(actor) as uow:
        opened = await streams.open_door(uow, actor, name)
        found = await streams.read(uow, opened, after, limit, HTTP_REACH)
    if name == "me":
        found = streams.as_me(found)
    text = dumps(found)
    tag = f'"{hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": _kept_for(name, actor, full=len(found.get("events", ())) == limit),
    }
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    return web.Response(text=text, content_type="application/json", headers=headers)


@routes.post("/api/faq/ask")
async def ask(request: web.Request) -> web.Response:
    """Ask the bot; the answer object of the contract."""
    wanted = checked(schemas.AskBot, await sent_object(request))
    request.app[SURROUNDINGS].pace.ask(request[ACTOR].person_id, client_address(request))
    await request.app[DESK].ready_for(wanted.text)
    async with request.app[UNITS].act(request[ACTOR]) as uow:
        return reply(await request.app[DESK].ask(uow, wanted.text, wanted.conversation))


@routes.post("/api/faq/feedback")
async def feedback(request: web.Request) -> web.Response:
    """Whether an answer was of use."""
    wanted = checked(schemas.JudgeBot, await sent_object(request))
    async with request.app[UNITS].act(request[ACTOR]) as uow:
        await request.app[DESK].feedback(uow, wanted.ask, wanted.useful, wanted.reason)
    return reply({"ask": wanted.ask, "useful": wanted.useful})


def checked(schema: type[Checked], sent: object) -> Checked:
    """What was sent, in the shape of its schema.

    Raises:
        Refusal: ``input.…``, naming the field.
    """
    try:
        return schema.model_validate(sent)
    except ValidationError as error:
        raise registry.invalid(error) from None


@routes.get("/api/openapi.json")
async def openapi(request: web.Request) -> web.Response:
    """OpenAPI 3.1 of everything under ``/api``."""
    return reply(request.app[OPENAPI])
