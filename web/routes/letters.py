"""The 通知 on paper: a page for each letter that the record of an interview gives."""

from aiohttp import web

from base.people import Role
from interviews import letters
from interviews.letters import LetterKind
from web.keys import UNITS
from web.pages import Page, render, site
from web.routes.api import path_number
from web.routes.gate import staff_of, theirs

routes = web.RouteTableDef()


@routes.get("/office/interviews/{id:\\d+}/notices/{notice:pack|change|venue}")
async def notice(request: web.Request) -> web.Response:
    """One letter, to be printed, numbered and sent."""
    actor = staff_of(request, Role.OFFICE)
    interview_id, kind = path_number(request), LetterKind(request.match_info["notice"])
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        written = await letters.letter(uow, found, kind)
        context = {
            "letter": written,
            "label": letters.LABELS[kind],
            "office": site().office,
            "interview": {"id": interview_id, "no": found.ordinal, "theme": found.theme},
        }
    about = Page(letters.LABELS[kind], room="staff")
    return await render(request, "office_letter.html", context, page=about)
