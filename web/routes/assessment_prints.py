"""The assessment (考评) of a year drawn and on paper: the supervisor's, and the published result for everybody."""

import asyncio
from urllib.parse import quote

from aiohttp import web

from base.clock import utcnow
from base.errors import missing
from base.people import Role
from interviews import assessment, plots, schemes
from web import assessing, assessment_paper
from web.keys import UNITS
from web.pages import site
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.working_list import Line

routes = web.RouteTableDef()

YEAR = "{year:\\d{4}}"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
NOTHING = "<svg xmlns='http://www.w3.org/2000/svg'/>"


@routes.get(f"/supervise/assessment/{YEAR}/scores.svg")
async def scores(request: web.Request) -> web.Response:
    """The scores of a year as a picture, for the supervisor; the page has the same numbers in its table."""
    actor, year = staff_of(request, Role.SUPERVISOR), path_number(request, "year")
    async with request.app[UNITS].read(actor) as uow:
        lines = await assessing.lines(uow, await assessment.of_year(uow, year), None)
    return await _drawn(year, lines)


@routes.get(f"/assessment/{YEAR}/scores.svg")
async def published_scores(request: web.Request) -> web.Response:
    """The same of a published result, for everybody.

    Raises:
        Refusal: ``not_found`` before it is published.
    """
    year = path_number(request, "year")
    async with request.app[UNITS].read() as uow:
        found = await assessment.of_year(uow, year)
    if found.published_at is None or found.result is None:
        raise missing("这一年的考评结果")
    return await _drawn(year, [assessing.fixed_line(one, None) for one in found.result])


async def _drawn(year: int, lines: list[Line]) -> web.Response:
    found = assessment_paper.plot(year, lines)
    if found is None:
        return web.Response(text=NOTHING, content_type="image/svg+xml")
    return web.Response(body=await asyncio.to_thread(plots.draw, found, "svg"), content_type="image/svg+xml")


@routes.get(f"/supervise/assessment/{YEAR}.docx")
async def word(request: web.Request) -> web.Response:
    """The year's table and picture in Word."""
    actor, year = staff_of(request, Role.SUPERVISOR), path_number(request, "year")
    async with request.app[UNITS].read(actor) as uow:
        found = await assessment.of_year(uow, year)
        lines = await assessing.lines(uow, found, None)
    scheme = schemes.load(found.scheme)
    columns = assessing.columns(scheme)
    body = await asyncio.to_thread(
        assessment_paper.to_docx, year, scheme, columns, lines, site().office, utcnow()
    )
    named = f"attachment; filename=\"assessment-{year}.docx\"; filename*=UTF-8''{quote(f'{year}年考评')}.docx"
    return web.Response(body=body, content_type=WORD, headers={"Content-Disposition": named})
