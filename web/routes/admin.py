"""The administrator's page: people and their roles, and every act on an account, each answered with a sentence."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from multidict import MultiMapping

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import STAFF, Role
from interviews import texts
from web import account_list, accounts, administration, forms, overtaken, working_list
from web.account_list import NAME_LIMIT, PATH
from web.keys import LIVE, UNITS
from web.pages import ROLE_LABELS, Page, flash, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PAGE = Page("账号", room="staff", path=PATH)

Verb = Callable[[UnitOfWork, int], Awaitable[str]]

ACTS: Mapping[str, tuple[Verb, str]] = {
    "disable": (
        administration.disable,
        "账号 {} 停用了。登录和程序凭证都已断开，现场页也关了。要恢复，在“停用的”里找。",
    ),
    "enable": (administration.enable, "账号 {} 恢复了，用原来的密码登录。忘了密码，请再重设。"),
    "revoke": (administration.revoke, "{} 的登录和程序凭证都断开了，现场页也关了。本人要重新登录。"),
    "one-step": (
        administration.one_step,
        "{} 的两步登录关掉了，现在只凭密码登录。请提醒本人在“我的账号”里重新开。",
    ),
}


@dataclass(frozen=True)
class Shown:
    """A password that is shown on this page and never again."""

    name: str
    password: str
    said: str


@routes.get(PATH)
async def admin_page(request: web.Request) -> web.Response:
    """The accounts, narrowed by state, role and what was searched."""
    return await _page(request, forms.Form(), 200, request.query)


@routes.get(f"{PATH}/accounts")
@routes.get(f"{PATH}/accounts/{{act:revoke|disable|enable}}")
@routes.get(f"{PATH}/accounts/{{id:\\d+}}/{{act}}")
async def not_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; whoever signs in on the way comes back to the list."""
    staff_of(request, Role.ADMIN)
    return see_other(PATH)


@routes.post(f"{PATH}/accounts")
async def add(request: web.Request) -> web.Response:
    """Open an account; its one-time password stands on the page that answers, and nowhere else."""
    actor = staff_of(request, Role.ADMIN)
    typed = await forms.posted(request)
    try:
        wanted = _wanted(typed)
        async with request.app[UNITS].act(actor) as uow:
            made = await accounts.add(uow, wanted)
    except Refusal as refusal:
        place = {"user.exists": "name", "user.email": "email", "user.body": "body", "user.role": "role"}
        field = place.get(refusal.code, "name" if refusal.code.startswith("text.") else "")
        form = forms.Form(typed, {field: refusal.message} if field else {}, refusal.message, "add")
        return await _page(request, form, refusal.status, _back(typed))
    said = f"账号 {wanted.name} 开好了，角色是{ROLE_LABELS[Role(wanted.role)]}。"
    if made.new_body:
        said += f"新登记了机构“{wanted.body}”。"
    shown = Shown(wanted.name, made.password or "", said)
    return await _page(request, forms.Form(), 200, _back(typed), shown)


def _wanted(typed: forms.Typed) -> accounts.Wanted:
    """What was typed, as the verb takes it.

    Raises:
        Refusal: no readable name, no role, or a role of a body without one.
    """
    name = texts.clean_line(str(typed.get("name", "")), NAME_LIMIT, "用户名")
    if name is None:
        raise Refusal("text.empty", "请写上用户名。", status=400)
    role = str(typed.get("role", ""))
    if role not in {one.value for one in STAFF}:
        raise Refusal("user.role", "请选一个角色。", status=400)
    new = texts.clean_line(str(typed.get("new_body", "")), 80, "机构名称")
    body = new or str(typed.get("body", "")).strip() or None
    if body is None and Role(role) in accounts.OF_A_BODY:
        message = f"{ROLE_LABELS[Role(role)]}要写明所在机构。请从名单里选，或者写上全称。"
        raise Refusal("user.body", message, status=400)
    return accounts.Wanted(name, role, body, None, str(typed.get("email", "")).strip() or None)


@routes.post(f"{PATH}/accounts/{{id:\\d+}}/{{act}}")
async def act_on(request: web.Request) -> web.Response:
    """One act on one account; then whoever lost their login loses their sockets too."""
    actor = staff_of(request, Role.ADMIN)
    typed = await forms.posted(request)
    act, number = request.match_info["act"], path_number(request)
    shown = None
    try:
        async with request.app[UNITS].act(actor) as uow:
            if act == "reset":
                name, password = await administration.reset(uow, number)
                shown = Shown(name, password, f"{name} 的密码重设了，原来的登录和程序凭证都断开了。")
            elif act == "role":
                wanted = str(typed.get("body", "")).strip() or None
                role, of = await administration.stands(uow, number)
                now = {"role": ("角色", ROLE_LABELS[role]), "body": ("所在机构", of)}
                chosen = {one.value: label for one, label in ROLE_LABELS.items()}
                overtaken.check(typed, now, {"role": chosen.get(str(typed.get("role", "")), "")})
                name = await administration.reassign(uow, number, str(typed.get("role", "")), wanted)
                said = f"{name} 的角色改成{ROLE_LABELS[Role(str(typed['role']))]}了，原来的登录都断开了，请本人重新登录。"
            elif act in ACTS:
                verb, words = ACTS[act]
                said = words.format(await verb(uow, number))
            else:
                raise missing("这个页面")
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        form = forms.Form(typed, {}, refusal.message, f"role:{number}" if act == "role" else "")
        return await _page(request, form, refusal.status, _back(typed))
    if act in ("disable", "revoke", "reset", "role"):
        await request.app[LIVE].cut(number)
    if shown is not None:
        return await _page(request, forms.Form(), 200, _back(typed), shown)
    response = see_other(forms.local_path(typed.get("back"), PATH))
    flash(request, response, "good", said)
    return response


def _back(typed: forms.Typed) -> MultiMapping[str]:
    """How the list was narrowed when the form was sent."""
    return working_list.address(parse_qsl(urlsplit(forms.local_path(typed.get("back"), PATH)).query))


# Several at once


@routes.post(f"{PATH}/accounts/{{act:revoke|disable|enable}}")
async def several(request: web.Request) -> web.Response:
    """One act on every account that is ticked; those on which it cannot be done are named, the others are done."""
    actor = staff_of(request, Role.ADMIN)
    typed = await forms.posted(request)
    act = request.match_info["act"]
    verb, _ = ACTS[act]
    done: list[int] = []
    refused: list[str] = []
    for number in (
        int(one) for one in typed.get("pick", []) if one.isascii() and one.isdecimal() and len(one) < 10
    ):
        try:
            async with request.app[UNITS].act(actor) as uow:
                await verb(uow, number)
        except Refusal as refusal:
            refused.append(refusal.message)
            continue
        done.append(number)
        if act != "enable":
            await request.app[LIVE].cut(number)
    response = see_other(forms.local_path(typed.get("back"), PATH))
    if not done and not refused:
        flash(request, response, "warn", "没有选。请先在表里勾选，再按。")
        return response
    undo = {"undo": f"{PATH}/accounts/enable", "undo_of": ",".join(map(str, done)), "undo_label": "都恢复"}
    more = undo if act == "disable" and done else {}
    said = f"{_SEVERAL[act]}了{len(done)}个账号。" + "".join(refused[:5])
    flash(request, response, "warn" if refused else "good", said, **more)
    return response


_SEVERAL = {"revoke": "断开", "disable": "停用", "enable": "恢复"}


@routes.get(f"{PATH}/accounts.xlsx")
async def exported(request: web.Request) -> web.Response:
    """The accounts that the address asks for, as an Excel file; no password and no secret is in it."""
    actor = staff_of(request, Role.ADMIN)
    async with request.app[UNITS].read(actor) as uow:
        every = await administration.roster(uow)
    return working_list.as_file(account_list.to_xlsx(every, request.query), "账号", "accounts")


# The page


async def _page(
    request: web.Request,
    form: forms.Form,
    status: int,
    query: MultiMapping[str],
    shown: Shown | None = None,
) -> web.Response:
    actor = staff_of(request, Role.ADMIN)
    async with request.app[UNITS].read(actor) as uow:
        every = await administration.roster(uow)
        known = await administration.bodies(uow)
    context = account_list.page(every, query) | {
        "form": form,
        "shown": shown,
        "roles": [(role.value, ROLE_LABELS[role]) for role in Role if role in STAFF],
        "bodies": [(one.name, one.name) for one in known],
    }
    response = await render(request, "admin.html", context, page=PAGE, status=status)
    if shown is not None:
        response.headers["Cache-Control"] = "no-store"
    return response
