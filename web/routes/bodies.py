"""The bodies and their contacts: who acts for each, whether it receives reports, and where its mail goes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from base.clock import office_date
from base.errors import Refusal
from base.people import Body, Person, Role
from faq import revisions
from interviews import approvals, bodies, body_merging
from interviews.approval_models import ApprovalRule
from interviews.bodies import Listed
from interviews.body_models import BodyChange, ChangeKind
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
_FIELDS = {
    "body.email": "email",
    "body.remark": "remark",
    "body.taken": "name",
    "body.day": "on",
    "body.into": "into",
}
MERGING = "merge"
"""How the form of a merger is told from the one that edits."""


@routes.get(PATH)
async def body_page(request: web.Request) -> web.Response:
    """Every body with its contact."""
    return await _page(request, Form(), 200)


async def _page(request: web.Request, form: Form, status: int, of: int = 0) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        asked = await approvals.rules(uow)
        listed = await bodies.listed(uow)
        found = [_row(one) | _approval(one, asked) for one in listed if one.body.merged_into is None]
        names = {one.body.id: one.body.name for one in listed}
        told = [_change(one, names) for one in await bodies.changes_of(uow)]
        today = office_date(uow.now)
    context: dict[str, Any] = {
        "rows": found,
        "changes": told,
        "today": today,
        "into": [(str(row["id"]), row["name"]) for row in found if row["can_merge"]],
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
        "can_merge": not one.body.recipient and one.body.kind not in ("office", "supervisor"),
        "people": [
            {"name": person.display_name, "post": person.post, "role": ROLE_LABELS.get(Role(person.role), "")}
            for person in one.people
        ],
    }


def _change(one: BodyChange, names: Mapping[int | None, str]) -> dict[str, Any]:
    """A renaming or a merger as the list tells it."""
    merged = one.kind == ChangeKind.MERGED
    became = f"并入{names.get(one.into_id, '')}" if merged else f"改名，现在叫{names.get(one.body_id, '')}"
    return {"on": one.changed_on, "name": one.name, "became": became, "reason": one.reason}


def _approval(one: Listed, asked: dict[int, ApprovalRule]) -> dict[str, Any]:
    """Whether its answers take a second person, and who that can be."""
    rule = asked.get(one.body.id or 0)
    able = [person for person in one.people if person.role in approvals.ANSWERING]
    return {
        "second": rule is not None,
        "asks": _asks(rule is not None, rule.approver_id if rule else None, able),
        "approver": rule.approver_id if rule else None,
        "able": [{"id": person.id, "name": person.display_name, "post": person.post} for person in able],
    }


def _asks(second: bool, approver: int | None, able: Sequence[Person]) -> str:
    """What is asked of a body's answers, in the words that two people at one form read."""
    names = {person.id: person.display_name for person in able}
    return f"要审定，{names.get(approver, '谁都行')}" if second else "不要审定"


@routes.post(f"{PATH}/{{id:\\d+}}/approval")
async def approval(request: web.Request) -> web.Response:
    """Whether the body's answers take a second person, and who that is."""
    actor = staff_of(request, Role.OFFICE)
    typed, number = await forms.posted(request), path_number(request)
    wanted, named = str(typed.get("second", "")) != "", str(typed.get("approver", ""))
    approver = int(named) if wanted and named.isascii() and named.isdecimal() and len(named) < 10 else None
    try:
        async with request.app[UNITS].act(actor) as uow:
            rule, able = (await approvals.rules(uow)).get(number), await approvals.people_of(uow, number)
            now = _asks(rule is not None, rule.approver_id if rule else None, able)
            mine = {"second": _asks(wanted, approver, able)}
            overtaken.check(typed, {"second": ("答复要不要审定", now)}, mine)
            changed = await approvals.set_rule(uow, number, wanted, approver)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        form = Form(typed, {}, refusal.message, "approval")
        return await _page(request, form, refusal.status, number)
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
        on = _day(typed) if str(typed.get("on", "")).strip() else None
        async with request.app[UNITS].act(actor) as uow:
            body = await uow.db.get(Body, number)
            if body is not None:
                now = {
                    "name": ("名称", body.name),
                    "short": ("简称", body.short_name),
                    "email": ("电子邮箱", body.email or ""),
                }
                overtaken.check(typed, {key: now[key] for key in now if key in typed})
            short = str(typed.get("short", "")).strip() or None
            changed = await bodies.edit(uow, number, name, email, remark, short=short, on=on)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        place = _FIELDS.get(refusal.code) or ("remark" if refusal.message.startswith("改名") else "name")
        return await _page(
            request, Form(typed, {place: refusal.message}, refusal.message), refusal.status, number
        )
    response = see_other(f"{PATH}#b{number}")
    words = {
        "name": "名称改了，以前的访谈还用当时的名称，说明记在审计里",
        "short": "简称改了",
        "email": "电子邮箱改了，以后的邮件寄到新的",
    }
    said = "；".join(words[one] for one in changed) or "和原来一样，没有改"
    flash(request, response, "good", f"{said}。")
    return response


@routes.post(f"{PATH}/{{id:\\d+}}/merge")
async def merge(request: web.Request) -> web.Response:
    """Merge one body into another; what was typed comes back with the reason where it is refused."""
    actor = staff_of(request, Role.OFFICE)
    typed, number = await forms.posted(request), path_number(request)
    chosen = str(typed.get("into", ""))
    into = int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 10 else 0
    try:
        on = _day(typed)
        async with request.app[UNITS].act(actor) as uow:
            moved = await body_merging.merge(uow, number, into, on, str(typed.get("reason", "")))
            await revisions.handed_over(uow, number, into)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        place = _FIELDS.get(refusal.code, "reason" if refusal.code.startswith("text.") else "into")
        form = Form(typed, {place: refusal.message}, refusal.message, MERGING)
        return await _page(request, form, refusal.status, number)
    response = see_other(f"{PATH}#b{into}")
    said = (
        f"合并登记了。以前的访谈还用原来的名称；没开始的{moved.interviews}场访谈、没办的{moved.duties}件事、"
        f"{moved.people}个账号转给了接着办的单位。"
    )
    flash(request, response, "good", said)
    return response


@routes.get(f"{PATH}/{{id:\\d+}}/merge")
async def merge_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE)
    return see_other(PATH)


def _day(typed: forms.Typed) -> date:
    try:
        return date.fromisoformat(str(typed.get("on", "")).strip())
    except ValueError:
        raise Refusal("body.day", "请写上从哪天起。", status=400) from None


@routes.get(f"{PATH}/{{id:\\d+}}")
async def back_to_list(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE)
    return see_other(PATH)
