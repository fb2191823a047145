"""The auditor's pages: the chain searched, one entry, the walk along it, checkpoints and files. Nothing changes."""

import asyncio

from aiohttp import web

from base.clock import office_date, utcnow
from base.errors import Refusal, missing
from base.people import Role
from web import audit_list, audit_walk, checkpoints, monthly_seals, progress, working_list
from web.forms import Form
from web.keys import SEAL, SETTINGS, UNITS, WALK
from web.long_work import Work
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
LIST = Page("审计记录", room="staff")
WALKING = "/audit/verify?work=1"
"""Where a walk is looked at; without the query a new one begins."""
VERIFY = Page("核对审计链", room="staff", path="/audit/verify")


@routes.get("/audit")
async def chain(request: web.Request) -> web.Response:
    """The chain, the newest first; what is asked for stands in the address."""
    actor = staff_of(request, Role.AUDITOR)
    form, status = Form(), 200
    try:
        asked = audit_list.wanted(request.query)
    except Refusal as refusal:
        asked, form, status = audit_list.Wanted(), Form(message=refusal.message), refusal.status
    async with request.app[UNITS].read(actor) as uow:
        context = await audit_list.page(uow, asked, request.query)
    return await render(request, "audit.html", context | {"form": form}, page=LIST, status=status)


@routes.get("/audit.xlsx")
async def sheet(request: web.Request) -> web.StreamResponse:
    """What the address asks for, the oldest first, as an Excel file of any length."""
    actor = staff_of(request, Role.AUDITOR)
    asked, units = audit_list.wanted(request.query), request.app[UNITS]
    async with units.read(actor) as uow:
        listed = working_list.asked(request.query, audit_list.COLUMNS, await audit_list.filters(uow))
    parts = audit_list.sheet(units, actor, asked)
    return await working_list.send_xlsx(request, LIST.title, "audit", audit_list.COLUMNS, parts, listed)


@routes.get("/audit/{id:\\d+}")
async def entry(request: web.Request) -> web.Response:
    """One entry in full."""
    actor, seq = staff_of(request, Role.AUDITOR), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        context = await audit_list.one(uow, seq)
    return await render(request, "audit_entry.html", context, page=Page(f"审计记录第{seq}条", room="staff"))


@routes.get("/audit/verify")
async def verified(request: web.Request) -> web.Response:
    """Walk the chain from its beginning and say how it stands; ``?work=`` only shows how far a walk is."""
    actor = staff_of(request, Role.AUDITOR)
    walk = request.app[WALK]
    if progress.wanted(request) and walk.work is not None:
        work = walk.work
        return progress.told(work.sentence(_stage(work)), work.done, work.total, running=walk.running)
    if not walk.running and "work" not in request.query:
        doing = audit_walk.walking(request.app[UNITS], actor, None, None)
        walk.start("verify", "整条链", actor.name, doing)
        await walk.soon()
    return await _verified(request, Form(), 200)


@routes.post("/audit/verify")
async def compared(request: web.Request) -> web.Response:
    """The chain against a checkpoint that was kept elsewhere; or, with ``act=cancel``, an end of the walk."""
    actor, walk = staff_of(request, Role.AUDITOR), request.app[WALK]
    sent = await request.post()
    file = sent.get("file")
    try:
        if sent.get("act") == "cancel":
            walk.cancel()
            response = see_other(WALKING)
            flash(request, response, "good", "正在停下，几秒钟就好。记录一条也没有动。")
            return response
        if not isinstance(file, web.FileField) or not file.filename:
            raise Refusal("checkpoint.file", "请选一个存档点的文件再核对。", status=400)
        checkpoint = checkpoints.parse(file.file.read(checkpoints.LONGEST + 1))
        doing = audit_walk.walking(request.app[UNITS], actor, checkpoint, _key(request))
        work = walk.start("compare", "整条链和存档点", actor.name, doing)
        if await walk.soon() and work.refusal is not None:
            raise work.refusal
    except Refusal as refusal:
        form = Form({}, {"file": refusal.message}, refusal.message)
        return await _verified(request, form, refusal.status, told=False)
    return see_other(WALKING) if walk.running else await _verified(request, Form(), 200)


async def _verified(request: web.Request, form: Form, status: int, *, told: bool = True) -> web.Response:
    """The page; ``told`` shows what the last walk found."""
    months = await asyncio.to_thread(monthly_seals.sealed, request.app[SETTINGS].data)
    walk = request.app[WALK]
    found = walk.work.result if walk.work and told and walk.work.state == "done" else None
    compared = found if isinstance(found, checkpoints.Compared) else None
    context = {
        "work": walk.work if told else None,
        "stage": _stage(walk.work) if walk.work else "",
        "at": WALKING,
        "verdict": compared.verdict if compared else found,
        "compared": compared,
        "form": form,
        "months": months,
    }
    return await render(request, "audit_verify.html", context, page=VERIFY, status=status)


def _stage(work: Work) -> str:
    return f"{work.done}条，一共{work.total}条" if work.total else "开始"


@routes.get("/audit/checkpoint.json")
async def checkpoint(request: web.Request) -> web.Response:
    """A signed checkpoint to keep elsewhere; of a broken chain there is none."""
    actor = staff_of(request, Role.AUDITOR)
    try:
        async with request.app[UNITS].read(actor) as uow:
            made = await checkpoints.make(uow, _key(request))
    except Refusal as refusal:
        return await _verified(request, Form(message=refusal.message), refusal.status, told=False)
    name = f"audit-checkpoint-{office_date(utcnow())}-{made.entries}.json"
    return web.Response(body=made.file(), headers=_saved(name, "application/json"))


@routes.get("/audit/checkpoints/{month:\\d{4}-\\d{2}}.json")
async def month_file(request: web.Request) -> web.Response:
    """The checkpoint that was sealed for a month."""
    staff_of(request, Role.AUDITOR)
    month = request.match_info["month"]
    known = await asyncio.to_thread(monthly_seals.sealed, request.app[SETTINGS].data)
    found = next((one.checkpoint for one in known if one.month == month), None)
    if found is None:
        raise missing("这个月的存档点")
    return web.Response(body=found.file(), headers=_saved(f"audit-{month}.json", "application/json"))


@routes.get("/audit/export.{kind:csv|jsonl}")
async def exported(request: web.Request) -> web.StreamResponse:
    """All entries that fit the filters as a file, written while it is read."""
    actor, kind = staff_of(request, Role.AUDITOR), request.match_info["kind"]
    asked = audit_list.wanted(request.query)
    headers = _saved(f"audit-{office_date(utcnow())}.{kind}", TYPES[kind])
    if request.method == "HEAD":
        return web.Response(headers=headers)
    response = web.StreamResponse(headers=headers)
    await response.prepare(request)
    async for text in audit_list.exported(request.app[UNITS], actor, asked, kind):
        await response.write(text.encode("utf-8", "surrogatepass"))
    await response.write_eof()
    return response


def _saved(name: str, kind: str) -> dict[str, str]:
    return {
        "Content-Type": f"{kind}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
    }


def _key(request: web.Request) -> bytes:
    return request.app[SEAL].key(checkpoints.PURPOSE)
