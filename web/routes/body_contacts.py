"""Whom one calls at a body: added, changed, made the first, taken off and put back by the office."""

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from interviews import body_contacts, texts
from interviews.body_contacts import Sent
from web import forms, overtaken, working_list
from web.body_list import PATH
from web.forms import Form, Typed
from web.keys import UNITS
from web.pages import flash
from web.routes.api import path_number
from web.routes.bodies import drawn
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

CONTACTS = f"{PATH}/{{id:\\d+}}/contacts"
ONE = f"{CONTACTS}/{{n:\\d+}}"
FIELDS = {
    "name": "姓名",
    "post": "科室、职务",
    "line": "办公电话",
    "mobile": "手机",
    "email": "电子邮箱",
    "note": "备注",
}
"""What is kept of a contact, and what each field is called."""
_PLACES = {"contact.line": "line", "contact.mobile": "mobile", "body.email": "email"}
_TEXTS = {"联系人的姓名": "name", "职务": "post", "备注": "note"}


def _sent(typed: Typed) -> Sent:
    return Sent(**{name: str(typed.get(name, ""))[: texts.REASON_LIMIT] for name in FIELDS})


async def _again(request: web.Request, typed: Typed, refusal: Refusal, act: str) -> web.Response:
    """The body's page with what was typed and what is wrong with it; what is not there is refused as such.

    Raises:
        Refusal: the one that came in, where there is no form to draw again.
    """
    if refusal.code in ("not_found", "body.merged"):
        raise refusal
    begins = next((place for what, place in _TEXTS.items() if refusal.message.startswith(what)), None)
    place = begins if refusal.code.startswith("text.") else _PLACES.get(refusal.code)
    form = Form(typed, {place: refusal.message} if place else {}, refusal.message, act)
    return await drawn(request, path_number(request), form, refusal.status)


@routes.post(CONTACTS)
async def add(request: web.Request) -> web.Response:
    """Enter one more; what was typed comes back with the reason where it is refused."""
    actor, typed, number = staff_of(request, Role.OFFICE), await forms.posted(request), path_number(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            one = await body_contacts.add(uow, number, _sent(typed), first=typed.get("first") == "yes")
    except Refusal as refusal:
        return await _again(request, typed, refusal, "contact")
    response = see_other(f"{PATH}/{number}#c{one.id}")
    after = "有事先打给这位。" if one.first else "先打给谁没有变，要先打给这位，按旁边的按钮。"
    flash(
        request,
        response,
        "good",
        f"加上了{one.name}。{after}信息办、主管部门和这个单位那一场的主持人看得到。",
    )
    return response


@routes.post(ONE)
async def change(request: web.Request) -> web.Response:
    """Write one anew; what was typed comes back with the reason where it is refused."""
    actor, typed, number = staff_of(request, Role.OFFICE), await forms.posted(request), path_number(request)
    contact = path_number(request, "n")
    try:
        async with request.app[UNITS].act(actor) as uow:
            await body_contacts.lock(uow, number)
            now = await body_contacts.one(uow, number, contact)
            overtaken.check(
                typed, {name: (label, getattr(now, name) or "") for name, label in FIELDS.items()}
            )
            changed = await body_contacts.change(uow, number, contact, _sent(typed))
    except Refusal as refusal:
        return await _again(request, typed, refusal, f"contact-{contact}")
    response = see_other(f"{PATH}/{number}#c{contact}")
    words = "、".join(FIELDS[name] for name in changed)
    flash(request, response, "good", f"{words}改了，各处都用新的。" if changed else "和原来一样，没有改。")
    return response


@routes.post(f"{ONE}/first")
async def first(request: web.Request) -> web.Response:
    """Make one the first to call."""
    actor, number, contact = staff_of(request, Role.OFFICE), path_number(request), path_number(request, "n")
    async with request.app[UNITS].act(actor) as uow:
        one = await body_contacts.one(uow, number, contact)
        changed = await body_contacts.put_first(uow, number, contact)
        name = one.name
    response = see_other(f"{PATH}/{number}#h-contacts")
    said = f"以后有事先打给{name}，访谈和办理事项旁边也换了。" if changed else f"本来就先打给{name}。"
    flash(request, response, "good", said)
    return response


@routes.post(f"{ONE}/remove")
async def remove(request: web.Request) -> web.Response:
    """Take one off the list; it can be put back."""
    actor, number, contact = staff_of(request, Role.OFFICE), path_number(request), path_number(request, "n")
    async with request.app[UNITS].act(actor) as uow:
        name = (await body_contacts.remove(uow, number, contact)).name
    response = see_other(f"{PATH}/{number}#h-contacts")
    undo = {"undo": f"{PATH}/{number}/contacts/restore", "undo_of": str(contact), "undo_label": "放回来"}
    said = f"{name}不在名单上了，各处都不再显示。{body_contacts.UNDO_DAYS}天以内能放回来，过了就删掉。"
    flash(request, response, "good", said, **undo)
    return response


@routes.post(f"{CONTACTS}/restore")
async def restore(request: web.Request) -> web.Response:
    """Put back what was taken off."""
    actor, typed, number = staff_of(request, Role.OFFICE), await forms.posted(request), path_number(request)
    names = []
    async with request.app[UNITS].act(actor) as uow:
        for contact in working_list.picked(typed):
            names.append((await body_contacts.put_back(uow, number, contact)).name)
    response = see_other(f"{PATH}/{number}#h-contacts")
    said = f"{'、'.join(names)}放回来了，和去掉以前一样。" if names else working_list.NOTHING_PICKED
    flash(request, response, "good" if names else "warn", said)
    return response


@routes.get(CONTACTS)
@routes.get(ONE)
@routes.get(f"{ONE}/first")
@routes.get(f"{ONE}/remove")
@routes.get(f"{CONTACTS}/restore")
async def by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the body's."""
    staff_of(request, Role.OFFICE)
    return see_other(f"{PATH}/{path_number(request)}")
