"""What a device needs to open the site without a line: the manifest, the worker, the offline page, copies to keep.

A copy of an interview is a page of its own, drawn as for a stranger: without forms, without their tokens, without
what is somebody's own. Nothing else of the site is ever kept on a device.
"""

import re
from http import HTTPStatus

from aiohttp import web

from base.errors import missing
from base.people import ANYONE
from chat import streams
from interviews import access
from interviews.lifecycle import InterviewStatus, QuestionStatus
from web import icons, offline, record, rows
from web.keys import ACTOR, SETTINGS, TAKEN_DOWN, UNITS
from web.middleware import dumps
from web.pages import STATIC, Page, assets, render, site
from web.routes.api import path_number
from web.taken_down import TakenDown

routes = web.RouteTableDef()

COPIED_ROWS = 100
COPIED_WAITING = 50
_IDS = re.compile(r"\d{1,9}(?:,\d{1,9}){0,19}")
_ICON_SECONDS = 86_400


@routes.get("/manifest.webmanifest")
async def manifest(_request: web.Request) -> web.Response:
    """How the site is called and drawn where it is installed."""
    text = dumps(offline.manifest(site(), assets()))
    headers = {"Cache-Control": "public, no-cache"}
    return web.Response(text=text, content_type="application/manifest+json", charset="utf-8", headers=headers)


@routes.get("/icons/{icon}.png")
async def icon(request: web.Request) -> web.Response:
    """The mark as a picture."""
    name = request.match_info["icon"]
    if name not in icons.ICONS:
        raise missing("这张图")
    headers = {"Cache-Control": f"public, max-age={_ICON_SECONDS}"}
    return web.Response(body=icons.png(name), content_type="image/png", headers=headers)


@routes.get("/sw.js")
async def worker(request: web.Request) -> web.Response:
    """The service worker; switched off, it clears every device that still has an earlier one."""
    built = assets()("sw").removeprefix("/static/")
    code = (STATIC / built).read_text(encoding="utf-8") if built else ""
    on = request.app[SETTINGS].offline == "on"
    text = offline.worker(code, offline.shell(), offline.version(), on=on)
    headers = {"Cache-Control": "public, no-cache"}
    return web.Response(text=text, content_type="text/javascript", charset="utf-8", headers=headers)


@routes.get("/offline")
async def page(request: web.Request) -> web.Response:
    """What is shown where there is no line; kept on the device, hence drawn for nobody in particular."""
    request[ACTOR] = ANYONE
    about = Page("没有连上网", description="没有连上网时显示的一页")
    return await render(
        request, "offline.html", {"copies": offline.COPIES, "days": offline.COPY_DAYS}, page=about
    )


@routes.get("/offline/kept")
async def kept(request: web.Request) -> web.Response:
    """Of some interviews (``?ids=3,7``), whether they are public and a word that changes with what is taken down."""
    ids = request.query.get("ids", "")
    wanted = [int(one) for one in ids.split(",")] if _IDS.fullmatch(ids) else []
    async with request.app[UNITS].read() as uow:
        words = await request.app[TAKEN_DOWN].words(uow, wanted)
    return web.json_response({"kept": {str(one): word for one, word in words.items()}}, dumps=dumps)


@routes.get("/interviews/{id:\\d+}/copy")
async def copy(request: web.Request) -> web.Response:
    """One interview as a device keeps it: its facts and its record, for reading alone."""
    request[ACTOR] = ANYONE
    interview_id = path_number(request)
    async with request.app[UNITS].read() as uow:
        found = await access.interview(uow, interview_id)
        state = record.shown(await streams.room_state(uow, found, staff=False))
        words = await TakenDown().words(uow, [interview_id])
    live = found.status == InterviewStatus.LIVE
    over = found.status in rows.HELD
    whole = record.record(state, only_replied=not over, newest_first=live)
    waiting = record.pool(state, [QuestionStatus.PUBLISHED, QuestionStatus.STAGED, QuestionStatus.DEFERRED])
    context = {
        "state": state,
        "record": whole[:COPIED_ROWS],
        "more": len(whole) > COPIED_ROWS or len(waiting) > COPIED_WAITING,
        "pool": waiting[:COPIED_WAITING],
        "live": live,
    }
    response = await render(request, "copy.html", context, page=Page(found.theme))
    if response.status == HTTPStatus.OK:
        response.headers["X-Taken-Down"] = words.get(interview_id, "")
    return response
