"""The inboxes of those who receive the summary reports: what came, to read, to save and to acknowledge."""

from typing import Any

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor, Role
from interviews import deliveries
from interviews.deliveries import Arrival
from interviews.report_content import Content
from web import report_paper
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, render
from web.routes import report_making
from web.routes.api import path_number
from web.routes.gate import draws, form_of, staff_of
from web.routes.report_making import Reader
from web.routes.reports import report_files

routes = web.RouteTableDef()


@routes.get("/inbox")
async def inbox(request: web.Request) -> web.Response:
    """The reports that came to the reader's body, the newest first."""
    actor = staff_of(request, Role.RECIPIENT)
    async with request.app[UNITS].read(actor) as uow:
        came = await deliveries.inbox(uow, actor.body_id or 0)
    listed = [
        {"arrival": one, "newer": _newer(came, one), "href": f"/inbox/{one.delivery_id}"} for one in came
    ]
    waiting = sum(one.acknowledged_at is None and _newer(came, one) is None for one in came)
    context = {"rows": listed, "waiting": waiting}
    return await render(request, "inbox.html", context, page=Page("汇总报告", room="staff"))


def _newer(came: list[Arrival], one: Arrival) -> int | None:
    """The number of the last version that came after this one."""
    later = [
        other.version
        for other in came
        if other.interview_id == one.interview_id and other.version > one.version
    ]
    return max(later, default=None)


@routes.get("/inbox/{id:\\d+}")
async def arrived(request: web.Request) -> web.Response:
    """One report as it came; the first reading is noted."""
    return await _arrived(request, path_number(request), Form(), 200)


@draws(r"/inbox/(\d{1,9})")
async def _arrived(request: web.Request, number: int, form: Form, status: int) -> web.Response:
    arrival, newer, content = await _opened(request, number)
    at = f"/inbox/{number}"
    context: dict[str, Any] = {
        "arrival": arrival,
        "newer": newer,
        "files": report_files(f"{at}/report"),
        "paper": await report_paper.paper(content, f"{at}/plots/{{}}.svg"),
    }
    about = Page(arrival.title, room="staff", path=at)
    return await render(request, "report.html", context | form_of(form), page=about, status=status)


@routes.get("/inbox/{id:\\d+}/report.{format:docx|pdf|html|json}")
async def arrived_file(request: web.Request) -> web.Response:
    """One report as it came, as a file."""
    actor, number = staff_of(request, Role.RECIPIENT), path_number(request)
    _, _, content = await _opened(request, number)
    try:
        return await report_making.file(request, _reader(actor, number), actor.name, content)
    except Refusal as refusal:
        return await _arrived(request, number, Form(message=refusal.message), refusal.status)


def _reader(actor: Actor, number: int) -> Reader:
    home = f"/inbox/{number}"
    return Reader(f"person:{actor.person_id}", home, f"{home}/report", f"report-{number}")


async def _waiting(request: web.Request) -> Reader:
    """Whoever asks after a file of a report that came to their body.

    Raises:
        Refusal: ``not_found``.
    """
    actor, number = staff_of(request, Role.RECIPIENT), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        await _found(uow, number)
    return _reader(actor, number)


report_making.add_pages(routes, "/inbox/{id:\\d+}", _waiting)


@routes.get("/inbox/{id:\\d+}/plots/{plot:[a-z]+}.svg")
async def arrived_plot(request: web.Request) -> web.Response:
    """One plot of a report that came."""
    actor, number = staff_of(request, Role.RECIPIENT), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        content = await deliveries.delivered(uow, number)
    return await report_paper.plot(content, request.match_info["plot"])


async def _opened(request: web.Request, number: int) -> tuple[Arrival, int | None, Content]:
    """What one delivery brought, and the number of a later version; noted as opened.

    Raises:
        Refusal: ``not_found``, also where it came to another body.
    """
    actor = staff_of(request, Role.RECIPIENT)
    if request.method == "HEAD":
        async with request.app[UNITS].read(actor) as uow:
            return await _found(uow, number)
    async with request.app[UNITS].act(actor) as uow:
        found = await _found(uow, number)
        await deliveries.opened(uow, number)
    return found


async def _found(uow: UnitOfWork, number: int) -> tuple[Arrival, int | None, Content]:
    came = await deliveries.inbox(uow, uow.actor.body_id or 0)
    arrival = next((one for one in came if one.delivery_id == number), None)
    if arrival is None:
        raise missing("这份报告")
    return arrival, _newer(came, arrival), await deliveries.delivered(uow, number)
