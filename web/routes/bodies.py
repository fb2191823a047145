"""The bodies and their contacts: who acts for each, whether it receives reports, and where its mail goes."""

from typing import Any

from aiohttp import web

from base.errors import Refusal
from base.people import Body, Role
from interviews import approvals, bodies
from interviews.approval_models import ApprovalRule
from interviews.bodies import Listed
from web import forms, overtaken
from web.forms import Form
from web.keys import UNITS
from web.pages import ROLE_LABELS, Page, flash, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PATH = "/office/bodies"
PAGE = Page("单位和联系方式", room="staff", path=PATH)
KIND_WORDS = {
    "department": "部门",
    "district": "区县",
    "enterprise": "公共企事业单位",
    "office": "工作机构",
    "supervisor": "主管部门",
    "recipient": "收件单位",
}
_FIELDS = {"body.email": "email", "body.remark": "remark", "body.taken": "name"}


@routes.get(PATH)
async def body_page(request: web.Request) -> web.Response:
    """Every body with its contact."""
    return await _page(request, Form(), 200)


async def _page(request: web.Request, form: Form, status: int, of: int = 0) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        asked = await approvals.rules(uow)
        found = [_row(one) | _approval(one, asked) for one in await bodies.listed(uow)]
    context: dict[str, Any] = {
        "rows": found,
        "lacking": sum(row["by_mail"] and not row["email"] for row in found),
        "form": form,
        "form_of": of,
    }
    return await render(request, "office_bodies.html", context, page=PAGE, status=status)


def _row(one: Listed) -> dict[str, Any]:
    return {
        "id": one.body.id,
        "name": one.body.name,
        "short": one.body.short_name,
        "kind": KIND_WORDS.get(one.body.kind, one.body.kind),
        "email": one.body.email,
        "recipient": one.body.recipient,
        "by_mail": one.body.by_mail,
        "people": [
            {"name": person.display_name, "post": person.post, "role": ROLE_LABELS.get(Role(person.role), "")}
            for person in one.people
        ],
    }


def _approval(one: Listed, asked: dict[int, ApprovalRule]) -> dict[str, Any]:
    """Whether its answers take a second person, and who that can be."""
    rule = asked.get(one.body.id or 0)
    able = [person for person in one.people if person.role in approvals.ANSWERING]
    return {
        "second": rule is not None,
        "approver": rule.approver_id if rule else None,
        "able": [{"id": person.id, "name": person.display_name, "post": person.post} for person in able],
    }


@routes.post(f"{PATH}/{{id:\\d+}}/approval")
async def approval(request: web.Request) -> web.Response:
    """Whether the body's answers take a second person, and who that is."""
    actor = staff_of(request, Role.OFFICE)
    typed, number = await forms.posted(request), path_number(request)
    wanted, named = str(typed.get("second", "")) != "", str(typed.get("approver", ""))
    approver = int(named) if wanted and named.isascii() and named.isdecimal() and len(named) < 10 else None
    try:
        async with request.app[UNITS].act(actor) as uow:
            changed = await approvals.set_rule(uow, number, wanted, approver)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _page(request, Form(typed, {}, refusal.message), refusal.status)
    response = see_other(f"{PATH}#b{number}")
    said = "以后这个单位的答复要另一个人审定才发布" if wanted else "以后这个单位的答复写好就发布"
    flash(request, response, "good", f"{said}。" if changed else "和原来一样，没有改。")
    return response


@routes.get(f"{PATH}/{{id:\\d+}}/approval")
async def approval_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE)
    return see_other(PATH)


@routes.post(f"{PATH}/{{id:\\d+}}")
async def edit(request: web.Request) -> web.Response:
    """Keep one body's name and address; what was typed comes back with the reason where it is refused."""
    actor = staff_of(request, Role.OFFICE)
    typed, number = await forms.posted(request), path_number(request)
    name, email, remark = (str(typed.get(key, "")) for key in ("name", "email", "remark"))
    try:
        async with request.app[UNITS].act(actor) as uow:
            body = await uow.db.get(Body, number)
            if body is not None:
                overtaken.check(typed, {"name": ("名称", body.name), "email": ("电子邮箱", body.email or "")})
            changed = await bodies.edit(uow, number, name, email, remark)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        place = _FIELDS.get(refusal.code) or ("remark" if refusal.message.startswith("改名") else "name")
        return await _page(
            request, Form(typed, {place: refusal.message}, refusal.message), refusal.status, number
        )
    response = see_other(f"{PATH}#b{number}")
    words = {"name": "名称改了，说明记在审计里", "email": "电子邮箱改了，以后的邮件寄到新的"}
    said = "；".join(words[one] for one in changed) or "和原来一样，没有改"
    flash(request, response, "good", f"{said}。")
    return response


@routes.get(f"{PATH}/{{id:\\d+}}")
async def back_to_list(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE)
    return see_other(PATH)
