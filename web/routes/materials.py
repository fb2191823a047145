"""An interview's materials: their files for everybody, and the forms of the body that answers and of the office."""

import asyncio
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.web_request import FileField

from base import file_kinds, files
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.file_kinds import CAPTIONS, DOCUMENTS, PICTURES, SIZE_LIMIT, Attachment, MediaType
from base.people import Actor, Role
from interviews import attached as beside
from interviews import materials, shelf
from interviews.materials import Material, MaterialKind, Sent
from interviews.shelf import Shown
from web import forms, overtaken
from web.forms import Form
from web.keys import UNITS
from web.pages import flash
from web.routes.api import path_number
from web.routes.gate import drawn_again, staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

ROOMS = {"desk": Role.CLERK, "office": Role.OFFICE}
FILE_POLICY = "default-src 'none'; sandbox"
"""A file is no page of ours: whatever it is taken for, it runs nothing and reaches nothing."""
_KINDS = {"document": DOCUMENTS, "picture": PICTURES, "video": CAPTIONS}


# The files


@routes.get("/interviews/{id:\\d+}/files/{n:\\d+}")
async def public_file(request: web.Request) -> web.Response:
    """A document to save, a picture to look at, the captions of a film; 410 for what was taken down."""
    interview_id, no = path_number(request), path_number(request, "n")
    async with request.app[UNITS].read() as uow:
        found = await shelf.public_file(uow, interview_id, no)
        return await _file(request, uow, found, "public, no-cache")


@routes.get("/{room:desk|office}/interviews/{id:\\d+}/files/{n:\\d+}")
async def kept_file(request: web.Request) -> web.Response:
    """The same for those who keep the materials, before everybody may see it."""
    actor = _keeper(request)
    async with request.app[UNITS].read(actor) as uow:
        found = await shelf.kept_file(uow, path_number(request), path_number(request, "n"))
        return await _file(request, uow, found, "private, no-cache")


async def _file(request: web.Request, uow: UnitOfWork, found: Shown, kept_for: str) -> web.Response:
    headers = {
        "Cache-Control": kept_for,
        "Content-Disposition": _disposition(found),
        "Content-Security-Policy": FILE_POLICY,
        "ETag": f'"{found.digest}"',
        "X-Content-Type-Options": "nosniff",
    }
    if any(one.value == found.digest for one in request.if_none_match or ()):
        return web.Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    if found.media_type is None or found.file_id is None:
        raise missing("这份资料")
    content = await files.content_of(uow, found.file_id)
    charset = "utf-8" if found.media_type is MediaType.CAPTIONS else None
    return web.Response(body=content, content_type=found.media_type.value, charset=charset, headers=headers)


def _disposition(found: Shown) -> str:
    """Saved under its own name (RFC 6266); pictures and captions are shown where they stand."""
    how = "attachment" if found.media_type in DOCUMENTS else "inline"
    ending = file_kinds.ENDINGS[found.media_type] if found.media_type else ""
    name = quote(found.file_name or f"file-{found.no}{ending}", safe="")
    return f"{how}; filename=\"file-{found.no}{ending}\"; filename*=UTF-8''{name}"


# The forms


def _keeper(request: web.Request) -> Actor:
    return staff_of(request, ROOMS[request.match_info["room"]])


def _page(request: web.Request) -> str:
    return f"/{request.match_info['room']}/interviews/{path_number(request)}"


@routes.get("/{room:desk|office}/interviews/{id:\\d+}/materials")
@routes.get("/{room:desk|office}/interviews/{id:\\d+}/materials/{n:\\d+}/{act:describe|up|down|remove}")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the interview."""
    _keeper(request)
    return see_other(f"{_page(request)}#materials")


@routes.post("/{room:desk|office}/interviews/{id:\\d+}/materials")
async def attached(request: web.Request) -> web.Response:
    """Add a document, a picture or a film."""
    actor, typed = _keeper(request), await forms.posted(request)
    kind = str(typed.get("kind", ""))
    try:
        if kind not in _KINDS:
            raise Refusal("material.kind", "请从页面上选加文件、图片还是视频。", status=400)
        sent = await _sent(request, MaterialKind(kind), typed)
        async with request.app[UNITS].act(actor) as uow:
            await materials.attach(uow, path_number(request), sent)
    except Refusal as refusal:
        return await _again(request, typed, refusal, f"material.{kind}")
    return _back(request, "加上了，列在下面。文件发了预告就公开，图片和视频开始以后公开。")


@routes.post("/{room:desk|office}/interviews/{id:\\d+}/materials/{n:\\d+}/{act:describe|up|down|remove}")
async def changed(request: web.Request) -> web.Response:
    """Describe, order or take down one material."""
    actor, typed = _keeper(request), await forms.posted(request)
    no, act = path_number(request, "n"), request.match_info["act"]
    try:
        sent = await _sent(request, MaterialKind.VIDEO, typed) if act == "describe" else None
        async with request.app[UNITS].act(actor) as uow:
            if act == "describe":
                overtaken.check(typed, _words(await materials.own(uow, path_number(request), no)))
            said = await _change(uow, path_number(request), no, act, sent, str(typed.get("reason", "")))
    except Refusal as refusal:
        return await _again(request, typed, refusal, f"material.{act}.{no}")
    return _back(request, said)


def _words(row: Material) -> dict[str, tuple[str, str]]:
    labels = {"title": "标题", "alt": "图上有什么", "address": "地址"}
    return {name: (label, getattr(row, name) or "") for name, label in labels.items()}


async def _change(
    uow: UnitOfWork, interview_id: int, no: int, act: str, sent: Sent | None, reason: str
) -> str:
    if sent is not None:
        await materials.describe(uow, interview_id, no, sent)
        return "改好了，公开的那一份跟着改了。"
    if act == "remove":
        await materials.take_down(uow, interview_id, no, reason)
        await beside.without(uow, interview_id, no)
        return "撤下了，从现在起哪一页都不再有它。"
    await materials.move(uow, interview_id, no, up=act == "up")
    return "换了次序，公开的也照这样排。"


async def _sent(request: web.Request, kind: MaterialKind, typed: forms.Typed) -> Sent:
    words = {name: str(typed.get(name, "")) for name in ("title", "alt", "address")}
    return Sent(kind, **words, file=await _attachment(request, _KINDS[str(kind)]))


async def _attachment(request: web.Request, allowed: frozenset[MediaType]) -> Attachment | None:
    """The file of a form, looked at; ``None`` where none was chosen.

    Raises:
        Refusal: as ``file_kinds.read``.
    """
    sent = (await request.post()).get("file")
    if not isinstance(sent, FileField) or not sent.filename:
        return None
    with sent.file:
        content = await asyncio.to_thread(sent.file.read, SIZE_LIMIT + 1)
    return await asyncio.to_thread(file_kinds.read, sent.filename, content, allowed)


def _back(request: web.Request, said: str) -> web.Response:
    response = see_other(f"{_page(request)}#materials")
    flash(request, response, "good", said)
    return response


async def _again(request: web.Request, typed: forms.Typed, refusal: Refusal, act: str) -> web.Response:
    """The page with the form open again, what was typed in it, and the sentence beside the field."""
    if refusal.status in (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN):
        raise refusal
    kept: dict[str, Any] = {name: value for name, value in typed.items() if name != "csrf"}
    place = _place(refusal)
    form = Form(kept, {place: refusal.message} if place else {}, refusal.message, act)
    response = await drawn_again(request, _page(request), form, refusal.status)
    if response is None:
        raise refusal
    return response


def _place(refusal: Refusal) -> str | None:
    """The field that a refusal is about."""
    if refusal.code.startswith("file."):
        return "file"
    if refusal.code == "film.address":
        return "address"
    if not refusal.code.startswith("text."):
        return None
    begins = {materials.ALT_NAME: "alt", "撤下的原因": "reason"}
    return next((name for words, name in begins.items() if refusal.message.startswith(words)), "title")
