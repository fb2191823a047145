"""The page of a report's file that is being made: the same for the office, an inbox and a signed address.

A program that asks for the file waits for it, as it always did; a person at a page is shown how far it is, may stop
it, and gets it as soon as it is there. What takes a moment, or was made before, comes at once.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from aiohttp import web

from base.errors import Refusal, missing
from interviews import report_page
from interviews.report_words import Content
from web import progress, report_work
from web.enclosures import MEDIA, file_name, printed
from web.keys import PRESSES
from web.long_work import LongWork, Work
from web.middleware import Handler
from web.pages import Page, flash, render
from web.routes.public import see_other


@dataclass(frozen=True)
class Reader:
    """Who waits, and where.

    Args:
        key: the reader, so that nobody sees what another waits for.
        home: the report's page.
        files: the files' addresses without ``.pdf`` and ``.docx``.
        name: what programs call the file that cannot read its Chinese name.
        room: of the page, ``staff`` or ``public``.
    """

    key: str
    home: str
    files: str
    name: str
    room: str = "staff"

    def pressed(self, form: str) -> str:
        """The key of the press that makes a file for this reader."""
        return f"{self.key} {self.home} {form}"

    def at(self, place: str, form: str) -> str:
        """The address of the waiting page (``making``) or of what was made (``made``)."""
        return f"{self.home}/{place}?form={form}"


Finder = Callable[[web.Request], Awaitable[Reader]]
"""Who waits at an address; it refuses whoever may not."""


def _unwrapped(handler: Handler) -> Handler:
    return handler


def add_pages(
    routes: web.RouteTableDef, home: str, reader_of: Finder, around: Callable[[Handler], Handler] = _unwrapped
) -> None:
    """Register, below the address of a report's page, how far its file is, the way to stop it, and what was made.

    Args:
        routes: the table of the report's other pages.
        home: the address, with its parameters.
        reader_of: who may wait there.
        around: what the three handlers are wrapped in.
    """

    @routes.get(f"{home}/making")
    @around
    async def making(request: web.Request) -> web.StreamResponse:
        return await _page(request, await reader_of(request))

    @routes.post(f"{home}/making")
    @around
    async def stop(request: web.Request) -> web.StreamResponse:
        return _stopped(request, await reader_of(request))

    @routes.get(f"{home}/made")
    @around
    async def made(request: web.Request) -> web.StreamResponse:
        return _made(request, await reader_of(request))


async def file(request: web.Request, reader: Reader, by: str, content: Content) -> web.Response:
    """A version in the form that the address names; a person at a page is shown how far it is where it takes long.

    Args:
        request: its ``format`` is ``docx``, ``pdf``, ``html`` or ``json``.
        reader: who asks.
        by: the name of whoever asks.
        content: the version.

    Raises:
        Refusal: ``report.no_font`` for a PDF where no font here is Chinese; ``report.not_printed``;
            ``report.making`` where another file is being made for this reader.
    """
    form = request.match_info["format"]
    at_a_page = "text/html" in request.headers.get("Accept", "") and request.method == "GET"
    if at_a_page and form in report_work.FORMS:
        return await _meanwhile(request, reader, by, content, form)
    return _saved(await _now(content, form), content, form, reader.name)


async def _now(content: Content, form: str) -> bytes:
    try:
        return await printed(content, form)
    except Refusal as refusal:
        if form != "html" or refusal.code != "report.no_font":
            raise
        return (await asyncio.to_thread(report_page.to_html, content)).encode()


async def _meanwhile(
    request: web.Request, reader: Reader, by: str, content: Content, form: str
) -> web.Response:
    """The file where it is there in a moment, else the way to the page that shows how far it is."""
    presses = request.app[PRESSES]
    work = presses.begin(reader.pressed(form), by, content, form)
    if await presses.of[reader.pressed(form)].soon() and work.state == "done":
        return _as_made(work, reader)
    return see_other(reader.at("making", form))


def _form(request: web.Request) -> str:
    asked = request.query.get("form", "pdf")
    if asked not in report_work.FORMS:
        raise missing("这份文件")
    return asked


def _found(request: web.Request, reader: Reader) -> tuple[str, LongWork | None, Work | None]:
    form = _form(request)
    one = request.app[PRESSES].of.get(reader.pressed(form))
    return form, one, one.work if one else None


async def _page(request: web.Request, reader: Reader) -> web.Response:
    """How far the file is, as a page or for its script.

    Raises:
        Refusal: ``not_found`` for a form that nobody waits for.
    """
    form, _, work = _found(request, reader)
    running = work is not None and work.state == "running"
    stage = report_work.STAGES.get(work.stage, "") if work else ""
    if progress.wanted(request):
        if work is None:
            return progress.told("", 0, 0, running=False)
        return progress.told(work.sentence(stage), work.done, work.total, running=running)
    context: dict[str, Any] = {
        "work": work,
        "stage": stage,
        "home": reader.home,
        "at": reader.at("making", form),
        "made": reader.at("made", form),
        "again": f"{reader.files}.{form}",
    }
    about = Page("做汇总报告的文件", room=reader.room, path=f"{reader.home}/making", column="汇总报告")
    response = await render(request, "report_making.html", context, page=about)
    if work is not None and work.result is not None:
        response.headers["Refresh"] = f"0;url={reader.at('made', form)}"
    return response


def _stopped(request: web.Request, reader: Reader) -> web.Response:
    """Make it no more, and lead back to the page."""
    form, one, work = _found(request, reader)
    response = see_other(reader.at("making", form))
    if one is None or work is None or not one.running:
        flash(request, response, "warn", "已经做完了，没有可以停的。")
        return response
    one.cancel()
    flash(request, response, "good", "正在停下，马上就好。报告和记录都没有动。")
    return response


def _made(request: web.Request, reader: Reader) -> web.Response:
    """The file that was made; where none was, the way to the page that says so."""
    form, _, work = _found(request, reader)
    if work is None or work.result is None:
        return see_other(reader.at("making", form))
    return _as_made(work, reader)


def _as_made(work: Work, reader: Reader) -> web.Response:
    body, form, content = work.result
    return _saved(body, content, form, reader.name)


def _saved(body: bytes, content: Content, form: str, name: str) -> web.Response:
    """A file to be saved under its Chinese name, or where a program cannot read it under ``name``."""
    called = quote(file_name(content, form))
    told = f"attachment; filename=\"{name}.{form}\"; filename*=UTF-8''{called}"
    return web.Response(body=body, headers={"Content-Type": MEDIA[form], "Content-Disposition": told})
