"""The office's list of everything that the rule asks in a year."""

import asyncio

from aiohttp import web

from base.people import Role
from web import duty_list, supervision, working_list
from web.keys import UNITS
from web.pages import Page, render
from web.routes.gate import staff_of
from web.working_list import Asked, Filter, Line

routes = web.RouteTableDef()

PATH = "/office/duties"
PAGE = Page("办理事项列成表", room="staff", path=PATH)


async def _listed(request: web.Request) -> tuple[tuple[Filter, ...], list[Line], Asked]:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        year = await supervision.year_filter(uow, "")
        chosen = working_list.asked(request.query, duty_list.COLUMNS, (year,)).chosen["year"]
        lines = await duty_list.lines(uow, int(chosen))
    filters = duty_list.filters(lines, year)
    return filters, lines, working_list.asked(request.query, duty_list.COLUMNS, filters)


@routes.get(PATH)
async def listed(request: web.Request) -> web.Response:
    """Every duty of a year; what is looked for, the columns and the order stand in the address."""
    filters, lines, wanted = await _listed(request)
    drawn = working_list.drawn(PATH, duty_list.COLUMNS, filters, lines, wanted)
    return await render(request, "office_duties.html", {"l": drawn}, page=PAGE)


@routes.get(f"{PATH}.xlsx")
async def exported(request: web.Request) -> web.Response:
    """What the address asks for, as an Excel file."""
    filters, lines, wanted = await _listed(request)
    chosen = working_list.chosen(lines, wanted, filters)
    body = await asyncio.to_thread(working_list.to_xlsx, "办理事项", duty_list.COLUMNS, chosen, wanted)
    return working_list.as_file(body, "办理事项", "duties")
