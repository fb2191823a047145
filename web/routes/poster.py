"""An announced interview on one sheet of A4: what, when, who answers, how to take part, and where as a QR code."""

from typing import Any

from aiohttp import web

from base.errors import missing
from interviews import access, facts
from interviews.lifecycle import InterviewStatus
from web import qr
from web.keys import SETTINGS, UNITS
from web.pages import Page, render
from web.routes.api import path_number

routes = web.RouteTableDef()

S = InterviewStatus
SHOWN = frozenset({S.ANNOUNCED, S.LIVE, S.ENDED, S.ARCHIVED})


@routes.get("/interviews/{id:\\d+}/poster")
async def poster(request: web.Request) -> web.Response:
    """The poster of an interview from its announcement on; none of a planned or cancelled one."""
    interview_id = path_number(request)
    async with request.app[UNITS].read() as uow:
        found = await access.interview(uow, interview_id)
        if found.status not in SHOWN:
            raise missing("这张海报")
        told = await facts.interview_facts(uow, found)
    address = f"{request.app[SETTINGS].base_url}/interviews/{interview_id}"
    context: dict[str, Any] = {
        "interview": told,
        "over": told.status in (S.ENDED, S.ARCHIVED),
        "address": address,
        "code": qr.svg(address, f"访谈“{told.theme}”的网页"),
    }
    about = Page(
        f"{told.theme}（海报）", description=f"网上访谈“{told.theme}”的海报，一页A4纸，可以打印张贴。"
    )
    return await render(request, "poster.html", context, page=about)
