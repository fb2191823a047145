"""A file for the catalogue: sent, shown with what is wrong with it, started, watched, stopped, taken back."""

import asyncio
from collections.abc import Sequence
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor, Role
from faq import classes, foreseen, import_traces, import_undo, imports, own_numbers
from faq.foreseen import Counts, Fate, Foreseen
from faq.imports import ImportStatus
from faq.models import CatalogImport, Openness
from faq.table_file import COLUMN_NAMES, COLUMNS, LINE_LIMIT, REQUIRED, SIZE_LIMIT, Row, called, day
from faq.takings import Mode
from web import forms, progress, reading_work, working_list
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.catalog_import_reading import PATH as READING
from web.routes.catalog_import_reading import reader_of
from web.routes.gate import form_of, staff_of
from web.routes.public import see_other
from web.sheets import Sheet

routes = web.RouteTableDef()

PATH = "/office/catalog/import"
PAGE = Page("导入目录", room="staff", path=PATH)
SHOWN = 400
"""Code points of a body in the preview of a document."""

UNDER_WAY = (ImportStatus.RUNNING, ImportStatus.UNDOING)
_STATES = {
    ImportStatus.PREVIEW: "还没有开始",
    ImportStatus.RUNNING: "正在收",
    ImportStatus.DONE: "收完了",
    ImportStatus.CANCELLED: "停了",
    ImportStatus.FAILED: "没有办完",
    ImportStatus.UNDOING: "正在撤回",
    ImportStatus.UNDONE: "撤回了",
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


@routes.get(PATH + "/blank.xlsx")
async def blank(request: web.Request) -> web.Response:
    """A table to be filled in: the headings that an import reads, those that every line needs first."""
    _worker(request)
    names = sorted(COLUMNS, key=lambda name: name not in REQUIRED)
    sheet = Sheet("目录", [(COLUMN_NAMES[name], 48 if name == "body" else 18) for name in names])
    return working_list.as_file(sheet.close(), "目录空白表", "catalog-blank")


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
        reader = reader_of(request, actor)
        work = reading_work.begin(reader, request.app[UNITS], actor, sent.filename, content)
        if await reader.soon() and work.refusal is not None:
            raise work.refusal
    except Refusal as refusal:
        return await _upload(request, Form({}, {"file": refusal.message}, refusal.message), refusal.status)
    return see_other(f"{PATH}/{work.result}" if work.state == "done" else READING)


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
    """The form with what is wrong beside each field that it is about."""
    message = refusal.message
    if refusal.code == "import.row":
        message = message.removeprefix("第1行的").replace(
            "请改好这一行再导入，这一次一条也没有存。", "请改好再开始。"
        )
    if refusal.code == "entry.published_on":
        return Form(typed, {"all_published_on": message}, message)
    wrong = {name: part for name in _FIELDS for part in message.split("；") if part.startswith(called(name))}
    return Form(typed, wrong, message)


@routes.post(PATH + "/{id:\\d+}/cancel")
async def cancelled(request: web.Request) -> web.Response:
    """Stop after the stretch that is being taken in, or drop the preview."""
    actor, number = _worker(request), path_number(request)
    async with request.app[UNITS].act(actor) as uow:
        undoing = (await imports.find(uow.db, number)).status == ImportStatus.UNDOING
        one = await imports.cancel(uow, number)
    response = see_other(f"{PATH}/{number}" if one.done else PATH)
    said = (
        f"停了。已经收进来的{one.done}条还在；也不要了，可以撤回这次导入。"
        if one.done
        else "没有收，这份文件去掉了。"
    )
    if undoing:
        said = "停了。已经撤回的不会回来，还没有撤的还在，可以接着撤。"
    flash(request, response, "good", said)
    return response


@routes.get(PATH + "/{id:\\d+}/undo")
async def undo_page(request: web.Request) -> web.Response:
    """What will happen, with its counts, before an import is taken back; where it cannot be, the import's page."""
    actor, number = _worker(request), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        one = await imports.find(uow.db, number)
        able = await import_undo.can(uow, one)
        touched = await import_undo.touched(uow.db, number) if able else 0
    if not able:
        return see_other(f"{PATH}/{number}")
    context = {
        "id": number,
        "path": f"{PATH}/{number}",
        "filename": one.filename,
        "mode": one.mode,
        "mode_label": _MODES[Mode(one.mode)][0],
        "by": one.author_name,
        "at": one.created_at,
        "added": one.added,
        "changed": one.changed,
        "touched": touched,
    }
    page = Page(f"撤回导入的{one.filename}", room="staff", path=PATH)
    return await render(request, "office_catalog_import_undo.html", context, page=page)


@routes.post(PATH + "/{id:\\d+}/undo")
async def undone(request: web.Request) -> web.Response:
    """Take back what an import brought; it goes on by itself."""
    actor, number = _worker(request), path_number(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            one = await import_undo.start(uow, number)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _one(request, Form(message=refusal.message), refusal.status)
    response = see_other(f"{PATH}/{number}")
    said = f"开始撤回了，一共{one.added + one.changed}条。可以离开这一页，回来再看。"
    flash(request, response, "good", said)
    return response


async def _one(request: web.Request, form: Form, status: int) -> web.Response:
    actor, number = _worker(request), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        one = await imports.find(uow.db, number)
        if progress.wanted(request):
            return await _told(uow, one)
        context = await _shown(uow, one, actor)
    page = Page(f"导入{one.filename}", room="staff", path=PATH)
    return await render(
        request, "office_catalog_import_one.html", context | form_of(form), page=page, status=status
    )


async def _told(uow: UnitOfWork, one: CatalogImport) -> web.Response:
    said, done, total = await _far(uow, one)
    return progress.told(said, done, total, running=one.status in UNDER_WAY)


async def _far(uow: UnitOfWork, one: CatalogImport) -> tuple[str, int, int]:
    """How far it is in a sentence, and in rows: of the file, or of what came in and is taken back."""
    if one.status == ImportStatus.UNDOING:
        left = await import_traces.left(uow.db, one.id or 0)
        return f"收过{one.done}条，还有{left}条要撤。", one.done - left, one.done
    return f"一共{one.total}条，收到第{one.done}条。", one.done, one.total


async def _shown(uow: UnitOfWork, one: CatalogImport, actor: Actor) -> dict[str, Any]:
    number, preview = one.id or 0, one.status == ImportStatus.PREVIEW
    rows = await imports.rows_of(uow.db, number, 0, imports.PREVIEW_ROWS) if preview else []
    shown = await foreseen.of_rows(uow.db, rows)
    single = rows[0] if preview and one.total == 1 else None
    names = [node.name for node in await classes.tree(uow.db)] if single else []
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
        "far": await _far(uow, one),
        "taken_back": _taken_back(one),
        "published": one.mode == Mode.PUBLISHED,
        "under_way": one.status in UNDER_WAY,
        "can_undo": await import_undo.can(uow, one),
        "undo_days": imports.UNDO_DAYS,
        "counts": _counts(one),
        "left_out": 0 if _taken_back(one) else max(0, one.done - one.added - one.changed - one.unchanged),
        "remarks": remarks,
        "stays": [
            text.removeprefix(import_undo.STAYS)
            for text in one.problems
            if text.startswith(import_undo.STAYS)
        ],
        "problems": [
            text for text in one.problems if not text.startswith((imports.REMARK, import_undo.STAYS))
        ],
        "rows": shown,
        "foreseen": _foreseen(one, shown),
        "single": _single(single, shown[0]) if single else None,
        "standing": await own_numbers.standing_title(uow.db, single) if single else None,
        "lacking": await imports.lacking(uow.db, number) if preview and not single else {},
        "modes": [
            (str(mode), label, told)
            for mode, (label, told) in _MODES.items()
            if mode is not Mode.PUBLISHED or actor.role is Role.OFFICE
        ],
        "classes": [*names, single.category] if single and single.category not in names else names,
        "openness": [str(one) for one in Openness],
    }


def _taken_back(one: CatalogImport) -> bool:
    """Whether somebody began to take it back."""
    return any(text.startswith(import_undo.BROUGHT) for text in one.problems)


def _counts(one: CatalogImport) -> list[tuple[str, int]]:
    if _taken_back(one):
        return [("新增的还在", one.added), ("改过的还在", one.changed)]
    return [("新增", one.added), ("修改", one.changed), ("没有变", one.unchanged)]


def _foreseen(one: CatalogImport, shown: Sequence[Foreseen]) -> dict[str, int] | None:
    """What becomes of all rows: as it is now where all are shown, else as it was when the file was read."""
    return Counts.of(shown).as_json() if one.total <= len(shown) else one.foreseen


def _single(row: Row, seen: Foreseen) -> dict[str, Any]:
    unsaid = {
        name: f"{'没有写，记作' if seen.fate is Fate.NEW else '没有写，还是'}{value}"
        for name, value in _chosen(seen.row).items()
        if ("category" if name == "class" else name) in row.assumed
    }
    cells = {"class" if name == "category" else name: value or "" for name, value in row.as_fields().items()}
    return cells | {
        **_chosen(row),
        **dict.fromkeys(unsaid, ""),
        "unsaid": unsaid,
        "body": row.body[:SHOWN],
        "letters": len(row.body),
        "more": len(row.body) > SHOWN,
    }


def _chosen(row: Row) -> dict[str, str]:
    """The fields that one picks from a list."""
    return {"class": row.category, "openness": row.openness, "in_force": "是" if row.in_force else "否"}
