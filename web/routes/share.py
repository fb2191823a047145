"""The pictures for those who pass an address on: of the site, and of each interview (Open Graph, ``og:image``)."""

import asyncio
import hashlib

from aiohttp import web

from interviews import access
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import share_picture
from web.filters import cndate, hm
from web.keys import UNITS
from web.pages import site
from web.routes.api import path_number
from web.share_picture import Words

routes = web.RouteTableDef()

SAID = {
    InterviewStatus.PLANNED: "已列入计划",
    InterviewStatus.ANNOUNCED: "正在征集问题",
    InterviewStatus.LIVE: "正在进行",
    InterviewStatus.CANCELLED: "已取消",
}
"""What is said beside the time; an interview that is over has its record."""


@routes.get("/share.png")
async def of_site(request: web.Request) -> web.Response:
    """The picture of every page that has none of its own."""
    about = site()
    return await _answer(request, Words(about.of, about.name, about.office))


@routes.get("/interviews/{id:\\d+}/share.png")
async def of_interview(request: web.Request) -> web.Response:
    """An interview's theme, its day and how far it is; nothing that anybody typed besides."""
    async with request.app[UNITS].read() as uow:
        found = await access.interview(uow, path_number(request))
    return await _answer(request, words_of(found))


def words_of(found: Interview) -> Words:
    """What stands in the picture of an interview."""
    when = f"{cndate(found.starts_at)}{hm(found.starts_at)}"
    how = SAID.get(InterviewStatus(found.status), "访谈实录")
    return Words(site().name, found.theme, f"{when}，{how}")


async def _answer(request: web.Request, words: Words) -> web.Response:
    content = await asyncio.to_thread(share_picture.png, words)
    tag = hashlib.sha256(content).hexdigest()[:20]
    headers = {"ETag": f'"{tag}"', "Cache-Control": "public, max-age=60", "X-Content-Type-Options": "nosniff"}
    if any(one.value in ("*", tag) for one in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, content_type="image/png", headers=headers)
