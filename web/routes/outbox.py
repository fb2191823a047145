"""The office's outbox: what waits, is held, went or failed; one letter with its tries; how long each kind waits."""

import asyncio

from aiohttp import web

from base import outbox
from base.errors import Refusal
from base.people import Role
from interviews import outgoing
from web import forms, outbox_list, overtaken, working_list
from web.forms import Form
from web.keys import SETTINGS, UNITS
from web.outbox_list import PATH
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

LIST = Page("寄出去的信", room="staff", path=PATH)
_SAID = {
    "hold": "扣下了，放行以前不会发。",
    "release": "放行了，半分钟以内发；事情已经办好的提醒会自己作罢。",
    "cancel": "取消了，不会再发，原因记在信上。",
    "retry": "半分钟以内再发一次，发成没有，看下面的记录。",
}


@routes.get(PATH)
async def listed(request: web.Request) -> web.Response:
    """The outbox, the newest first; the filters stand in the address."""
    return await _list(request, Form(), 200)


async def _list(request: web.Request, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        context = await outbox_list.page(uow, request.query, request.app[SETTINGS])
    return await render(request, "office_outbox.html", context | {"form": form}, page=LIST, status=status)


@routes.get(f"{PATH}.xlsx")
async def exported(request: web.Request) -> web.Response:
    """What the address asks for, as an Excel file."""
    actor = staff_of(request, Role.OFFICE)
    asked = working_list.asked(request.query, outbox_list.COLUMNS, outbox_list.FILTERS)
    async with request.app[UNITS].read(actor) as uow:
        lines = working_list.chosen(await outbox_list.lines(uow, asked), asked, outbox_list.FILTERS)
    body = await asyncio.to_thread(working_list.to_xlsx, LIST.title, outbox_list.COLUMNS, lines, asked)
    return working_list.as_file(body, LIST.title, "outbox")


# Several

_SEVERAL = {
    "hold": (outgoing.hold, "扣下了{}封，放行以前不会发。", "unhold", "撤销，照原来的等"),
    "release": (outgoing.release, "放行了{}封，半分钟以内发；办好了的事，提醒会自己作罢。", "hold", "再扣下"),
    "unhold": (outgoing.unhold, "撤销了，{}封照原来的时候发。", "hold", "还是扣下"),
}


@routes.post(f"{PATH}/{{act:hold|release|unhold}}")
async def several(request: web.Request) -> web.Response:
    """Hold or let go what is ticked, or take that back; what cannot be turned is named and the others are turned."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    verb, words, back, label = _SEVERAL[request.match_info["act"]]
    done, refused = [], []
    for number in working_list.picked(typed):
        try:
            async with request.app[UNITS].act(actor) as uow:
                await verb(uow, number)
            done.append(number)
        except Refusal as refusal:
            refused.append(f"第{number}封：{refusal.message}")
    response = see_other(forms.local_path(typed.get("back"), PATH))
    undo = (
        {"undo": f"{PATH}/{back}", "undo_of": ",".join(map(str, done)), "undo_label": label} if done else {}
    )
    said = working_list.NOTHING_PICKED if not done and not refused else words.format(len(done))
    flash(request, response, "good" if done and not refused else "warn", said + "".join(refused[:5]), **undo)
    return response


@routes.get(f"{PATH}/{{act:hold|release|unhold}}")
async def several_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE)
    return see_other(PATH)


@routes.post(PATH)
async def delays(request: web.Request) -> web.Response:
    """How long each kind waits before it goes: fields ``wait-`` and the kind, minutes or -1."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    try:
        said = {
            name.removeprefix("wait-"): _minutes(str(value))
            for name, value in typed.items()
            if name.startswith("wait-")
        }
        async with request.app[UNITS].act(actor) as uow:
            now = outbox_list.delays_drawn(await outbox.delays(uow))
            labels = {f"wait-{kind}": label for kind, label in outgoing.KIND_LABELS.items()}
            mine = {f"wait-{kind}": outgoing.DELAYS.get(minutes, "") for kind, minutes in said.items()}
            overtaken.check(typed, {name: (labels[name], value) for name, value in now.items()}, mine)
            changed = await outgoing.set_delays(uow, said)
    except Refusal as refusal:
        return await _list(request, Form(typed, {}, refusal.message), refusal.status)
    response = see_other(f"{PATH}#h-wait")
    told = f"{changed}种改了，从现在起新写的照这样等；已经在等的不变。" if changed else "和原来一样，没有改。"
    flash(request, response, "good", told)
    return response


def _minutes(said: str) -> int:
    """The minutes of a select; what is none is refused as an unknown choice."""
    plain = said.removeprefix("-")
    if not (plain.isascii() and plain.isdecimal() and len(plain) < 6):
        raise Refusal("outbox.delay", "请从单子里选要等多久。", status=400)
    return int(said)


@routes.get(f"{PATH}/{{id:\\d+}}")
async def one(request: web.Request) -> web.Response:
    """One letter as it will be read, and every try to send it."""
    return await _one(request, path_number(request), Form(), 200)


async def _one(request: web.Request, number: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        context = await outbox_list.one(uow, number)
    about = Page(context["row"]["subject"], room="staff", path=f"{PATH}/{number}")
    context["form"] = form
    return await render(request, "office_outbox_one.html", context, page=about, status=status)


@routes.post(f"{PATH}/{{id:\\d+}}")
async def act(request: web.Request) -> web.Response:
    """``act``: ``hold``, ``release``, ``cancel`` with its ``reason``, or ``retry``."""
    actor, number = staff_of(request, Role.OFFICE), path_number(request)
    typed = await forms.posted(request)
    wanted = str(typed.get("act", ""))
    try:
        async with request.app[UNITS].act(actor) as uow:
            await outgoing.one(uow, number)
            if wanted == "cancel":
                await outgoing.cancel(uow, number, str(typed.get("reason", "")))
            elif wanted in _ACTS:
                await _ACTS[wanted](uow, number)
            else:
                raise Refusal("outbox.act", "请从这一封的页面上操作。", status=400)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        beside = {"reason": refusal.message} if refusal.code.startswith("text.") else {}
        return await _one(request, number, Form(typed, beside, refusal.message), refusal.status)
    response = see_other(f"{PATH}/{number}")
    flash(request, response, "good", _SAID[wanted])
    return response


_ACTS = {"hold": outgoing.hold, "release": outgoing.release, "retry": outgoing.retry}
