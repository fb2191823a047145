"""The bodies: a list to find one in, and a page for each with whom one calls, who acts for it, where its mail goes."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from aiohttp import web

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Body, Person, Role
from faq import revisions
from interviews import approvals, bodies, body_contacts, body_merging
from interviews.approval_models import ApprovalRule
from interviews.bodies import Listed
from interviews.body_models import BodyChange, ChangeKind
from web import body_list, forms, overtaken, working_list
from web.body_list import COLUMNS, FILTERS, KIND_WORDS, PATH, Known
from web.forms import Form
from web.keys import UNITS
from web.pages import ROLE_LABELS, Page, flash, render, site
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other
from web.working_list import Asked

routes = web.RouteTableDef()

LIST = Page("单位和联系人", room="staff", path=PATH)
DIRECTORY = "网上访谈工作通讯录"
_FIELDS = {
    "body.email": "email",
    "body.remark": "remark",
    "body.taken": "name",
    "body.day": "on",
    "body.into": "into",
}
MERGING = "merge"
"""How the form of a merger is told from the one that edits."""


# All of them


@routes.get(PATH)
async def listed(request: web.Request) -> web.Response:
    """Every body with whom to call; what is looked for, the columns and the order stand in the address."""
    actor = staff_of(request, Role.OFFICE)
    wanted = working_list.asked(request.query, COLUMNS, FILTERS)
    async with request.app[UNITS].read(actor) as uow:
        known = await body_list.every(uow)
        changes = await bodies.changes_of(uow)
    names = {one.body.id: one.body.name for one in known}
    page = working_list.drawn(PATH, COLUMNS, FILTERS, body_list.lines(known, wanted), wanted)
    acting = [one for one in known if one.body.merged_into is None]
    context: dict[str, Any] = {
        "l": page,
        "directory": page["address"].replace(PATH, f"{PATH}/directory", 1),
        "lacking": sum(one.body.by_mail and not one.body.email for one in acting),
        "unreached": sum(body_list.answers(one.body) and not one.contacts for one in acting),
        "changes": [_change(one, names) for one in changes],
    }
    return await render(request, "office_bodies.html", context, page=LIST)


async def _asked(request: web.Request) -> tuple[list[Known], dict[int, str], Asked]:
    """The bodies that the address asks for, the names of all, and what it asks."""
    actor = staff_of(request, Role.OFFICE)
    wanted = working_list.asked(request.query, COLUMNS, FILTERS)
    async with request.app[UNITS].read(actor) as uow:
        known = await body_list.every(uow)
    names = {one.body.id or 0: one.body.name for one in known}
    return body_list.asked_of(known, wanted), names, wanted


@routes.get(f"{PATH}.xlsx")
async def exported(request: web.Request) -> web.Response:
    """The bodies that the address asks for as an Excel file, a line for each contact."""
    found, names, wanted = await _asked(request)
    lines, columns = body_list.in_file(found, names), body_list.IN_FILE
    body = await asyncio.to_thread(working_list.to_xlsx, DIRECTORY, columns, lines, body_list.whole(wanted))
    return working_list.as_file(body, DIRECTORY, "bodies")


@routes.get(f"{PATH}/directory")
async def directory(request: web.Request) -> web.Response:
    """The same on paper: a directory (通讯录)."""
    found, _, wanted = await _asked(request)
    context = {
        "bodies": [(one.body, one.contacts) for one in found],
        "said": body_list.narrowed_to(wanted),
        "title": DIRECTORY,
        "office": site().office,
        "back": f"{PATH}?{request.query_string}" if request.query_string else PATH,
    }
    about = Page(DIRECTORY, room="staff", path=f"{PATH}/directory")
    return await render(request, "office_directory.html", context, page=about)


# One of them


@routes.get(f"{PATH}/{{id:\\d+}}")
async def one_body(request: web.Request) -> web.Response:
    """One body: whom to call there, who acts for it, and what the office may change."""
    return await drawn(request, path_number(request), Form(), 200)


async def drawn(request: web.Request, number: int, form: Form, status: int) -> web.Response:
    """The page of one body with a form that was refused, or none.

    Raises:
        Refusal: ``not_found``.
    """
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        context = await _context(uow, number)
    about = Page(context["b"]["name"], room="staff", path=f"{PATH}/{number}")
    return await render(request, "office_body.html", context | {"form": form}, page=about, status=status)


async def _context(uow: UnitOfWork, number: int) -> dict[str, Any]:
    known = await body_list.every(uow)
    found = next((one for one in known if one.body.id == number), None)
    if found is None:
        raise missing("这个单位")
    names = {one.body.id: one.body.name for one in known}
    changes = [one for one in await bodies.changes_of(uow) if number in (one.body_id, one.into_id)]
    others = [one.body for one in known if one.body.id != number and one.body.merged_into is None]
    return {
        "b": _row(found.listed) | _approval(found.listed, await approvals.rules(uow)),
        "contacts": found.contacts,
        "removed": await body_contacts.removed(uow, number),
        "undo_days": body_contacts.UNDO_DAYS,
        "names": names,
        "changes": [_change(one, names) for one in changes],
        "today": office_date(uow.now),
        "into": [(str(one.id), one.name) for one in others if _can_merge(one)],
    }


def _can_merge(body: Body) -> bool:
    return not body.recipient and body.kind not in ("office", "supervisor")


def _row(one: Listed) -> dict[str, Any]:
    return {
        "id": one.body.id,
        "name": one.body.name,
        "short": one.body.short_name,
        "kind": KIND_WORDS.get(one.body.kind, one.body.kind),
        "email": one.body.email,
        "reports": body_list.reports_of(one.body),
        "merged_into": one.body.merged_into,
        "can_merge": _can_merge(one.body),
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
        return await drawn(request, number, form, refusal.status)
    response = see_other(f"{PATH}/{number}")
    said = "以后这个单位的答复要另一个人审定才发布" if wanted else "以后这个单位的答复写好就发布"
    flash(request, response, "good", f"{said}。" if changed else "和原来一样，没有改。")
    return response


@routes.get(f"{PATH}/{{id:\\d+}}/approval")
async def approval_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the body's."""
    staff_of(request, Role.OFFICE)
    return see_other(f"{PATH}/{path_number(request)}")


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
        form = Form(typed, {place: refusal.message}, refusal.message, "edit")
        return await drawn(request, number, form, refusal.status)
    response = see_other(f"{PATH}/{number}")
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
        return await drawn(request, number, form, refusal.status)
    response = see_other(f"{PATH}/{into}")
    said = (
        f"合并登记了。以前的访谈还用原来的名称；没开始的{moved.interviews}场访谈、没办的{moved.duties}件事、"
        f"{moved.people}个账号、{moved.contacts}位联系人转给了接着办的单位。"
    )
    flash(request, response, "good", said)
    return response


@routes.get(f"{PATH}/{{id:\\d+}}/merge")
async def merge_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the body's."""
    staff_of(request, Role.OFFICE)
    return see_other(f"{PATH}/{path_number(request)}")


def _day(typed: forms.Typed) -> date:
    try:
        return date.fromisoformat(str(typed.get("on", "")).strip())
    except ValueError:
        raise Refusal("body.day", "请写上从哪天起。", status=400) from None
