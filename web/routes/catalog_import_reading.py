"""A file that was sent for the catalogue is being read: how far it is, and an end of it."""

from aiohttp import web

from base.people import Actor, Role
from web import progress, reading_work
from web.keys import FILE_READERS
from web.long_work import LongWork, Work
from web.pages import Page, flash, render
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

HOME = "/office/catalog/import"
PATH = f"{HOME}/reading"


def reader_of(request: web.Request, actor: Actor) -> LongWork:
    """The one who reads what this person sends."""
    return request.app[FILE_READERS].setdefault(actor.person_id or 0, reading_work.reader())


def _asked(request: web.Request) -> tuple[LongWork, Work | None, str]:
    reader = reader_of(request, staff_of(request, Role.EDITOR, Role.OFFICE))
    work = reader.work
    return reader, work, reading_work.STAGES.get(work.stage, "") if work else ""


@routes.get(PATH)
async def reading(request: web.Request) -> web.Response:
    """How far it is; what was read is looked at on a page of its own."""
    reader, work, stage = _asked(request)
    if progress.wanted(request):
        said = work.sentence(stage) if work else ""
        return progress.told(said, 0, 0, running=reader.running)
    if work is None:
        return see_other(HOME)
    if work.state == "done":
        return see_other(f"{HOME}/{work.result}")
    page = Page(f"读{work.name}", room="staff", path=PATH)
    context = {"work": work, "stage": stage}
    return await render(request, "office_catalog_import_reading.html", context, page=page)


@routes.post(PATH)
async def stopped(request: web.Request) -> web.Response:
    """Read no further; nothing of the file is kept."""
    reader, _, _ = _asked(request)
    response = see_other(PATH)
    if not reader.running:
        flash(request, response, "warn", "已经读完了，没有可以停的。")
        return response
    reader.cancel()
    flash(request, response, "good", "正在停下，马上就好。目录一条也没有动。")
    return response
