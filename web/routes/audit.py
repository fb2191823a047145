"""The auditor's pages: the chain searched, one entry, the walk along it, checkpoints and files. Nothing changes."""

import asyncio
from typing import Any

from aiohttp import web

from base import audit
from base.clock import office_date, utcnow
from base.errors import Refusal, missing
from base.people import Role
from web import audit_list, checkpoints, monthly_seals
from web.forms import Form
from web.keys import SEAL, SETTINGS, UNITS
from web.pages import Page, render
from web.routes.api import path_number
from web.routes.gate import staff_of

routes = web.RouteTableDef()

TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}
LIST = Page("审计记录", room="staff")
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
        context = await audit_list.page(uow, asked)
    return await render(request, "audit.html", context | {"form": form}, page=LIST, status=status)


@routes.get("/audit/{id:\\d+}")
async def entry(request: web.Request) -> web.Response:
    """One entry in full."""
    actor, seq = staff_of(request, Role.AUDITOR), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        context = await audit_list.one(uow, seq)
    return await render(request, "audit_entry.html", context, page=Page(f"审计记录第{seq}条", room="staff"))


@routes.get("/audit/verify")
async def verified(request: web.Request) -> web.Response:
    """Walk the chain from its beginning, page by page, and say how it stands."""
    actor = staff_of(request, Role.AUDITOR)
    async with request.app[UNITS].read(actor) as uow:
        found = await audit.verify(uow)
    return await _verified(request, {"verdict": found})


@routes.post("/audit/verify")
async def compared(request: web.Request) -> web.Response:
    """The chain against a checkpoint that was kept elsewhere."""
    actor = staff_of(request, Role.AUDITOR)
    sent = (await request.post()).get("file")
    try:
        if not isinstance(sent, web.FileField) or not sent.filename:
            raise Refusal("checkpoint.file", "请选一个存档点的文件再核对。", status=400)
        checkpoint = checkpoints.parse(sent.file.read(checkpoints.LONGEST + 1))
        async with request.app[UNITS].read(actor) as uow:
            found = await checkpoints.compare(uow, checkpoint, _key(request))
    except Refusal as refusal:
        form = Form({}, {"file": refusal.message}, refusal.message)
        return await _verified(request, {"form": form}, refusal.status)
    return await _verified(request, {"verdict": found.verdict, "compared": found})


async def _verified(request: web.Request, found: dict[str, Any], status: int = 200) -> web.Response:
    months = await asyncio.to_thread(monthly_seals.sealed, request.app[SETTINGS].data)
    context = {"verdict": None, "compared": None, "form": Form(), "months": months} | found
    return await render(request, "audit_verify.html", context, page=VERIFY, status=status)


@routes.get("/audit/checkpoint.json")
async def checkpoint(request: web.Request) -> web.Response:
    """A signed checkpoint to keep elsewhere; of a broken chain there is none."""
    actor = staff_of(request, Role.AUDITOR)
    try:
        async with request.app[UNITS].read(actor) as uow:
            made = await checkpoints.make(uow, _key(request))
    except Refusal as refusal:
        return await _verified(request, {"form": Form(message=refusal.message)}, refusal.status)
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
