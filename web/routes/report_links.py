"""A report for whoever got its address by mail: to read, to save, and to say that it came; without a login.

Who holds the address acts for the body that it was made for, and for nothing else; the audit says that it was by link.
"""

import functools
from http import HTTPStatus
from typing import Any

from aiohttp import web

from base.clock import utcnow
from base.errors import Refusal
from base.people import ANYONE, Actor
from interviews import deliveries, report_readers
from interviews.models import Delivery
from interviews.report_content import STAMP, Content, title_of
from web import report_links, report_paper
from web.forms import Form, posted
from web.keys import SEAL, SETTINGS, UNITS
from web.middleware import Handler
from web.pages import Page, flash, render, render_error
from web.routes import report_making
from web.routes.report_making import Reader
from web.routes.reports import report_files

routes = web.RouteTableDef()

SHUT = {
    # Not no-referrer: with it browsers send the form's Origin as null, and that is refused as a foreign one.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
}
"""The address is the key: it is told to no other site, kept by no search engine and no cache."""


def shut(handler: Handler) -> Handler:
    """Every answer, a refusal too, with the headers of ``SHUT``."""

    @functools.wraps(handler)
    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Refusal as refusal:
            response = await render_error(request, refusal)
        response.headers.update(SHUT)
        return response

    return answer


async def _reader(request: web.Request) -> tuple[int, Actor]:
    """The delivery that the address opens, and the body for which its holder reads.

    Raises:
        Refusal: a forged or expired address; the delivery is gone or its body receives no reports any more.
    """
    settings, sent = request.app[SETTINGS], request.match_info["token"]
    delivery_id = report_links.delivery_of(request.app[SEAL], settings, sent, utcnow())
    async with request.app[UNITS].read(ANYONE) as uow:
        return delivery_id, await report_readers.by_link(uow, delivery_id)


async def _opened(request: web.Request, delivery_id: int, actor: Actor) -> tuple[Delivery, Content]:
    """What the delivery brought; the first opening is noted, a look at the headers alone is none."""
    async with request.app[UNITS].read(actor) as uow:
        content = await deliveries.delivered(uow, delivery_id)
        delivery = await uow.db.get_one(Delivery, delivery_id)
    if delivery.opened_at is None and request.method != "HEAD":
        async with request.app[UNITS].act(actor) as uow:
            delivery = await deliveries.opened(uow, delivery_id)
    return delivery, content


@routes.get("/reports/{token}")
@shut
async def read(request: web.Request) -> web.StreamResponse:
    """The report, its files, and the form by which its arrival is acknowledged."""
    delivery_id, actor = await _reader(request)
    return await _page(request, delivery_id, actor, Form())


async def _page(
    request: web.Request, delivery_id: int, actor: Actor, form: Form, status: int = HTTPStatus.OK
) -> web.Response:
    delivery, content = await _opened(request, delivery_id, actor)
    async with request.app[UNITS].read(actor) as uow:
        newer = await report_readers.newer_version(uow, delivery_id)
    at = f"/reports/{request.match_info['token']}"
    context: dict[str, Any] = {
        "paper": await report_paper.paper(content, f"{at}/plots/{{}}.svg"),
        "files": report_files(f"{at}/report"),
        "link": {
            "acknowledge": f"{at}/acknowledge",
            "body": actor.name,
            "version": content[STAMP]["version"],
            "newer": newer,
            "acknowledged_at": delivery.acknowledged_at,
            "comment": delivery.comment,
        },
        "form": form,
    }
    about = Page(title_of(content["interview"]["theme"]), column="汇总报告")
    return await render(request, "report_link.html", context, page=about, status=status)


@routes.get("/reports/{token}/report.{format:docx|pdf|html|json}")
@shut
async def file(request: web.Request) -> web.StreamResponse:
    """The report as a file."""
    delivery_id, actor = await _reader(request)
    _, content = await _opened(request, delivery_id, actor)
    try:
        return await report_making.file(request, _waiting(request, delivery_id), actor.name, content)
    except Refusal as refusal:
        return await _page(request, delivery_id, actor, Form(message=refusal.message), refusal.status)


def _waiting(request: web.Request, delivery_id: int) -> Reader:
    """Whoever holds the address; two who hold it wait for the same file."""
    home = f"/reports/{request.match_info['token']}"
    return Reader(f"link:{delivery_id}", home, f"{home}/report", f"report-{delivery_id}", room="public")


async def _may_wait(request: web.Request) -> Reader:
    """The holder of an address that still opens a report that still may be read.

    Raises:
        Refusal: as for the report itself.
    """
    delivery_id, actor = await _reader(request)
    async with request.app[UNITS].read(actor) as uow:
        await deliveries.delivered(uow, delivery_id)
    return _waiting(request, delivery_id)


report_making.add_pages(routes, "/reports/{token}", _may_wait, shut)


@routes.get("/reports/{token}/plots/{plot:[a-z]+}.svg")
@shut
async def plot(request: web.Request) -> web.StreamResponse:
    """One plot of the report."""
    delivery_id, actor = await _reader(request)
    async with request.app[UNITS].read(actor) as uow:
        content = await deliveries.delivered(uow, delivery_id)
    return await report_paper.plot(content, request.match_info["plot"])


@routes.post("/reports/{token}/acknowledge")
@shut
async def acknowledge(request: web.Request) -> web.StreamResponse:
    """The body says that the report came; said already is as good."""
    delivery_id, actor = await _reader(request)
    typed = await posted(request)
    already = False
    try:
        async with request.app[UNITS].act(actor) as uow:
            await deliveries.acknowledge(uow, delivery_id, typed.get("comment"))
    except Refusal as refusal:
        already = refusal.code == "report.acknowledged"
        if not already:
            form = Form(typed, {"comment": refusal.message}, refusal.message)
            return await _page(request, delivery_id, actor, form, refusal.status)
    back = web.Response(
        status=HTTPStatus.SEE_OTHER, headers={"Location": f"/reports/{request.match_info['token']}"}
    )
    said = "这份报告已经回执过了，不用再回。" if already else "已经告诉信息化工作办公室收到了，不用再做什么。"
    flash(request, back, "good", said)
    return back
