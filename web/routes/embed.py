"""The read-only widget that other sites may show in a frame: one interview, or whatever is on or next.

It holds no form, sets no cookie and runs no script, so a site that frames it can make nobody press anything; its links
open in a page of their own. Which sites may frame it is a setting, by default none (``web.middleware.FRAMED``).
"""

import hashlib
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal
from interviews import access
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import rows
from web.home_page import latest_answers
from web.keys import SETTINGS, UNITS
from web.routes.api import path_number

routes = web.RouteTableDef()

KEPT_SECONDS = 30
"""How long a cache may serve the widget unasked: what is taken down must be gone from caches within 60 s."""
ANSWERS = 3


@routes.get("/embed/interviews/{id:\\d+}")
async def one(request: web.Request) -> web.Response:
    """One interview: its state, its time, its latest answers."""
    async with request.app[UNITS].read() as uow:
        try:
            found = await access.interview(uow, path_number(request))
        except Refusal as refusal:
            return _drawn(request, {"row": None, "latest": [], "message": refusal.message}, refusal.status)
        return await _widget(request, uow, found)


@routes.get("/embed/next")
async def following(request: web.Request) -> web.Response:
    """What is live, else the next one that was announced; with what was answered lately."""
    async with request.app[UNITS].read() as uow:
        current = (InterviewStatus.LIVE, InterviewStatus.ANNOUNCED)
        query = select(Interview).where(col(Interview.status).in_(current), col(Interview.ends_at) > uow.now)
        ordered = query.order_by(col(Interview.status) != InterviewStatus.LIVE, col(Interview.starts_at))
        return await _widget(request, uow, (await uow.db.scalars(ordered.limit(1))).first(), of_all=True)


async def _widget(
    request: web.Request, uow: UnitOfWork, found: Interview | None, *, of_all: bool = False
) -> web.Response:
    listed = await rows.interview_rows(uow, [found], rows.presence(request)) if found else []
    latest = await latest_answers(uow, None if of_all or found is None else found.id)
    message = None if listed else "眼下没有正在进行和征集中的访谈。"
    context = {"row": listed[0] if listed else None, "latest": latest[:ANSWERS], "message": message}
    return _drawn(request, context | {"of_all": of_all})


def _drawn(request: web.Request, context: dict[str, Any], status: int = 200) -> web.Response:
    """The widget without anything of its reader: no form token, hence no cookie of the browser."""
    base = request.app[SETTINGS].base_url
    text = aiohttp_jinja2.render_string("embed.html", request, {"base": base, "of_all": False} | context)
    tag = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:20]
    headers = {"ETag": f'"{tag}"', "Cache-Control": f"public, max-age={KEPT_SECONDS}"}
    if status == 200 and any(known.value in ("*", tag) for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=headers)
