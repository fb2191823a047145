"""What a body puts beside its answers, by form: a file, a material that is there already, an entry of the catalogue."""

import asyncio
import re
from http import HTTPStatus

from aiohttp import web
from aiohttp.web_request import FileField
from sqlalchemy import select
from sqlmodel import col

from base import file_kinds
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.file_kinds import DOCUMENTS, PICTURES, SIZE_LIMIT, Attachment
from base.people import Actor
from faq.models import CatalogEntry, EntryStatus
from interviews import attached, materials
from interviews.attached import Thing
from interviews.materials import MaterialKind, Sent
from web import forms
from web.forms import Form
from web.keys import UNITS
from web.pages import flash
from web.routes.api import path_number
from web.routes.desk import ANSWERING
from web.routes.gate import drawn_again, staff_of, theirs
from web.routes.public import see_other

routes = web.RouteTableDef()

_ENTRY = re.compile(r"(?:https?://[^/\s]+)?/faq/entries/(\d{1,9})/?")
_PLACES = {"attached.entry": "entry", "attached.material": "material"}


@routes.get("/desk/{id:\\d+}/answers/{item:\\d+}/{act:attach|detach}")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the desk."""
    actor = staff_of(request, *ANSWERING)
    async with request.app[UNITS].read(actor) as uow:
        await theirs(uow, path_number(request))
    return see_other(f"/desk/{path_number(request)}")


@routes.post("/desk/{id:\\d+}/answers/{item:\\d+}/{act:attach|detach}")
async def change(request: web.Request) -> web.Response:
    """Put something beside an answer or take it off; what was typed comes back where it is refused."""
    actor, typed = staff_of(request, *ANSWERING), await forms.posted(request)
    item_id, act = path_number(request, "item"), request.match_info["act"]
    async with request.app[UNITS].read(actor) as uow:
        await theirs(uow, path_number(request))
    try:
        said = await (_attach if act == "attach" else _detach)(request, actor, item_id, typed)
    except Refusal as refusal:
        return await _again(request, typed, refusal, f"attach.{item_id}")
    response = see_other(_page(request, typed))
    flash(request, response, "good", said)
    return response


def _page(request: web.Request, typed: forms.Typed) -> str:
    question = str(typed.get("question", ""))
    about = f"?question={question}" if question.isascii() and question.isdecimal() else ""
    return f"/desk/{path_number(request)}{about}"


async def _detach(request: web.Request, actor: Actor, item_id: int, typed: forms.Typed) -> str:
    async with request.app[UNITS].act(actor) as uow:
        await attached.take_off(uow, item_id, _whole(typed, "link"))
    return "拿掉了。文件还在这一场的资料里，要撤下请到资料那里。"


async def _attach(request: web.Request, actor: Actor, item_id: int, typed: forms.Typed) -> str:
    what = str(typed.get("what", ""))
    sent = await _file(request) if what == "file" else None
    async with request.app[UNITS].act(actor) as uow:
        interview, _ = await attached.own_answer(uow, item_id)
        if what == "entry":
            thing = await _entry(uow, str(typed.get("entry", "")).strip())
        elif what == "material":
            thing = await _material(uow, interview.id or 0, _whole(typed, "material"))
        elif what == "file":
            thing = await _new(uow, interview.id or 0, sent, typed)
        else:
            raise Refusal("attached.what", "请从页面上选放文件、资料还是条目。", status=400)
        await attached.put_beside(uow, item_id, thing)
    return "放在答复旁边了，大家看得到。"


def _whole(typed: forms.Typed, name: str) -> int:
    value = str(typed.get(name, ""))
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else 0


async def _entry(uow: UnitOfWork, named: str) -> Thing:
    """A published entry in force, by its 索引号 or its address."""
    by_address = _ENTRY.fullmatch(named)
    which = col(CatalogEntry.id) == int(by_address[1]) if by_address else col(CatalogEntry.index_no) == named
    query = select(CatalogEntry).where(which, col(CatalogEntry.status) == EntryStatus.PUBLISHED)
    found = (await uow.db.scalars(query.limit(1))).one_or_none()
    if found is None or not found.speaks_on(office_date(uow.now)):
        message = "目录里没有这一条，或者已经废止。请写公开的、现行有效的索引号，或者条目的网址。"
        raise Refusal("attached.entry", message, status=400)
    return Thing(found.title, entry_id=found.id, note=found.index_no)


async def _material(uow: UnitOfWork, interview_id: int, no: int) -> Thing:
    row = next((one for one in await attached.shelf(uow, interview_id) if one.no == no), None)
    if row is None:
        raise Refusal("attached.material", "请从这一场的文件和图片里选一份。", status=400)
    return Thing(row.title, material_no=row.no, note=row.file_name)


async def _new(uow: UnitOfWork, interview_id: int, sent: Attachment | None, typed: forms.Typed) -> Thing:
    """A new material of the interview; a picture needs what is seen on it."""
    picture = sent is not None and sent.media_type in PICTURES
    kind = MaterialKind.PICTURE if picture else MaterialKind.DOCUMENT
    words = {name: str(typed.get(name, "")) for name in ("title", "alt")}
    made = Sent(kind, words["title"], words["alt"], file=sent)
    row = await materials.attach(uow, interview_id, made, beside=True)
    return Thing(row.title, material_no=row.no, note=row.file_name)


async def _file(request: web.Request) -> Attachment | None:
    """The file of the form, looked at; ``None`` where none was chosen."""
    sent = (await request.post()).get("file")
    if not isinstance(sent, FileField) or not sent.filename:
        return None
    with sent.file:
        content = await asyncio.to_thread(sent.file.read, SIZE_LIMIT + 1)
    return await asyncio.to_thread(file_kinds.read, sent.filename, content, DOCUMENTS | PICTURES)


async def _again(request: web.Request, typed: forms.Typed, refusal: Refusal, act: str) -> web.Response:
    if refusal.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
        raise refusal
    kept = {name: value for name, value in typed.items() if name != "csrf"}
    place = _place(refusal)
    form = Form(kept, {place: refusal.message} if place else {}, refusal.message, act)
    response = await drawn_again(request, f"/desk/{path_number(request)}", form, refusal.status)
    if response is None:
        raise refusal
    return response


def _place(refusal: Refusal) -> str | None:
    """The field that a refusal is about."""
    if refusal.code.startswith("file."):
        return "file"
    if refusal.code.startswith("text."):
        return "alt" if refusal.message.startswith(materials.ALT_NAME) else "title"
    return _PLACES.get(refusal.code)
