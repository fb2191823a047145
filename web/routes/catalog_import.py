"""A file for the catalogue: sent, shown with what is wrong with it, started, watched, stopped. All by form."""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor, Role
from faq import catalog_file, classes, imports, own_numbers
from faq.imports import ImportStatus
from faq.models import CatalogImport, Openness
from faq.table_file import COLUMN_NAMES, COLUMNS, LINE_LIMIT, REQUIRED, SIZE_LIMIT, Row, day
from faq.takings import Mode
from web import forms
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import form_of, staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PATH = "/office/catalog/import"
PAGE = Page("导入目录", room="staff", path=PATH)
SHOWN = 400
"""Code points of a body in the preview of a document."""
REFRESH_SECONDS = "2"

_STATES = {
    ImportStatus.PREVIEW: "还没有开始",
    ImportStatus.RUNNING: "正在收",
    ImportStatus.DONE: "收完了",
    ImportStatus.CANCELLED: "停了",
    ImportStatus.FAILED: "没有收完",
}
_MODES = {
    Mode.DRAFT: ("存成草稿", "公开过的不会动，要改的另存一份修改稿。以后逐条送审。"),
    Mode.REVIEW: ("存好就送审", "每一条都要逐级签字，签完才公开。"),
    Mode.PUBLISHED: ("已经在别处公开过的，直接收录", "每条都要有发布日期。由您负责核对，记入审计。"),
}
_FIELDS = tuple(name for name in COLUMNS if name not in ("body", "alts", "successor", "repealed_on"))


@routes.get(PATH)
async def upload_page(request: web.Request) -> web.Response:
    """Where a file is sent, and the last imports."""
    return await _upload(request, Form(), 200)


async def _upload(request: web.Request, form: Form, status: int) -> web.Response:
    actor = _worker(request)
    async with request.app[UNITS].read(actor) as uow:
        rows = [_listed(one) for one in await imports.latest(uow.db)]
    context = {
        "rows": rows,
        "columns": COLUMNS,
        "names": COLUMN_NAMES,
        "required": REQUIRED,
        "megabytes": SIZE_LIMIT // 1024**2,
    }
    return await render(
        request, "office_catalog_import.html", context | form_of(form), page=PAGE, status=status
    )


def _worker(request: web.Request) -> Actor:
    return staff_of(request, Role.EDITOR, Role.OFFICE)


def _listed(one: CatalogImport) -> dict[str, Any]:
    return {
        "filename": one.filename,
        "url": f"{PATH}/{one.id}",
        "state": _STATES[ImportStatus(one.status)],
        "by": one.author_name,
        "at": one.created_at,
        "done": one.done,
        "total": one.total,
    }


@routes.post(PATH)
async def sent_file(request: web.Request) -> web.Response:
    """Read a file and keep it to be looked at; nothing of it is taken in yet."""
    actor = _worker(request)
    sent = (await request.post()).get("file")
    try:
        if not isinstance(sent, FileField) or not sent.filename:
            raise Refusal("import.file", "请选一个文件再交。", status=400)
        with sent.file:
            content = await asyncio.to_thread(sent.file.read, SIZE_LIMIT + 1)
        # Reading may take seconds of work, which no live interview is to wait for.
        reading = await asyncio.to_thread(catalog_file.read, sent.filename, content)
        async with request.app[UNITS].act(actor) as uow:
            one = await imports.propose(uow, sent.filename, reading)
    except Refusal as refusal:
        return await _upload(request, Form({}, {"file": refusal.message}, refusal.message), refusal.status)
    return see_other(f"{PATH}/{one.id}")


# One import


@routes.get(PATH + "/{id:\\d+}")
async def import_page(request: web.Request) -> web.Response:
    """The preview, the progress, or what came of it."""
    return await _one(request, Form(), 200)


@routes.get(PATH + "/{id:\\d+}/start")
@routes.get(PATH + "/{id:\\d+}/cancel")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the import."""
    _worker(request)
    return see_other(f"{PATH}/{path_number(request)}")


@routes.post(PATH + "/{id:\\d+}/start")
async def started(request: web.Request) -> web.Response:
    """Take the file in, with what the person gave to it."""
    actor, number = _worker(request), path_number(request)
    typed = await forms.posted(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            await imports.find(uow.db, number)
            if "title" in typed:
                cells = {name: str(typed[name]) for name in _FIELDS if name in typed}
                await imports.correct(uow, number, cells)
            one = await imports.start(
                uow,
                number,
                _mode(typed),
                issuer=str(typed.get("all_issuer", "")).strip()[:LINE_LIMIT],
                published_on=day(str(typed.get("all_published_on", "")).strip()),
            )
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _one(request, _again(typed, refusal), refusal.status)
    response = see_other(f"{PATH}/{number}")
    flash(request, response, "good", f"开始收了，一共{one.total}条。可以离开这一页，回来再看。")
    return response


def _mode(typed: forms.Typed) -> Mode:
    try:
        return Mode(str(typed.get("mode", "")))
    except ValueError:
        raise Refusal("import.mode", "请选一种收法再开始。", status=400) from None


def _again(typed: forms.Typed, refusal: Refusal) -> Form:
    """The form with the refusal beside the field that it is about."""
    message = refusal.message
    if refusal.code == "import.row":
        message = message.removeprefix("第1行的").replace(
            "请改好这一行再导入，这一次一条也没有存。", "请改好再开始。"
        )
    place = next((name for name in _FIELDS if message.startswith(name)), None)
    for name in _FIELDS if place else ():
        message = message.replace(name, COLUMN_NAMES[name])
    return Form(typed, {place: message} if place else {}, message)


@routes.post(PATH + "/{id:\\d+}/cancel")
async def cancelled(request: web.Request) -> web.Response:
    """Stop after the stretch that is being taken in, or drop the preview."""
    actor, number = _worker(request), path_number(request)
    async with request.app[UNITS].act(actor) as uow:
        one = await imports.cancel(uow, number)
    response = see_other(f"{PATH}/{number}" if one.done else PATH)
    said = f"停了。已经收进来的{one.done}条还在。" if one.done else "没有收，这份文件去掉了。"
    flash(request, response, "good", said)
    return response


async def _one(request: web.Request, form: Form, status: int) -> web.Response:
    actor, number = _worker(request), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        one = await imports.find(uow.db, number)
        context = await _shown(uow, one, actor)
    page = Page(f"导入{one.filename}", room="staff", path=PATH)
    response = await render(
        request, "office_catalog_import_one.html", context | form_of(form), page=page, status=status
    )
    if one.status == ImportStatus.RUNNING:
        # Read without scripts too; the page says so and can be left.
        response.headers["Refresh"] = REFRESH_SECONDS
    return response


async def _shown(uow: UnitOfWork, one: CatalogImport, actor: Actor) -> dict[str, Any]:
    number, preview = one.id or 0, one.status == ImportStatus.PREVIEW
    rows = await imports.rows_of(uow.db, number, 0, imports.PREVIEW_ROWS) if preview else []
    single = rows[0] if preview and one.total == 1 else None
    remarks = [text.removeprefix(imports.REMARK) for text in one.problems if text.startswith(imports.REMARK)]
    return {
        "id": number,
        "path": f"{PATH}/{number}",
        "state": str(one.status),
        "state_label": _STATES[ImportStatus(one.status)],
        "filename": one.filename,
        "mode": _MODES[Mode(one.mode)][0],
        "by": one.author_name,
        "at": one.created_at,
        "ended_at": one.ended_at,
        "total": one.total,
        "done": one.done,
        "counts": [("新增", one.added), ("修改", one.changed), ("没有变", one.unchanged)],
        "left_out": max(0, one.done - one.added - one.changed - one.unchanged),
        "remarks": remarks,
        "problems": [text for text in one.problems if not text.startswith(imports.REMARK)],
        "rows": rows,
        "single": _single(single) if single else None,
        "standing": await own_numbers.standing_title(uow.db, single) if single else None,
        "lacking": await imports.lacking(uow.db, number) if preview and not single else {},
        "modes": [
            (str(mode), label, told)
            for mode, (label, told) in _MODES.items()
            if mode is not Mode.PUBLISHED or actor.role is Role.OFFICE
        ],
        "classes": [node.name for node in await classes.tree(uow.db)] if single else [],
        "openness": [str(one) for one in Openness],
    }


def _single(row: Row) -> dict[str, Any]:
    cells = {"class" if name == "category" else name: value or "" for name, value in row.as_fields().items()}
    return cells | {
        "in_force": "是" if row.in_force else "否",
        "body": row.body[:SHOWN],
        "letters": len(row.body),
        "more": len(row.body) > SHOWN,
    }
