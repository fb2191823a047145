"""The administrator's page: people and their roles, and every act on an account, each answered with a sentence."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import STAFF, Role
from interviews import texts
from web import accounts, administration, forms, rows
from web.administration import Account
from web.keys import LIVE, UNITS
from web.pages import ROLE_LABELS, Page, flash, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PATH = "/admin"
PAGE = Page("账号", room="staff", path=PATH)
ON_A_PAGE = 40
NAME_LIMIT = 40
STATES = (
    ("", "在用的"),
    ("closed", "停用的"),
    ("plain", "没有开两步登录的"),
    ("waiting", "还没换一次性密码的"),
)

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
            elif act in ACTS:
                verb, words = ACTS[act]
                said = words.format(await verb(uow, number))
            else:
                raise missing("这个页面")
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _page(request, forms.Form(message=refusal.message), refusal.status, _back(typed))
    if act in ("disable", "revoke", "reset"):
        await request.app[LIVE].cut(number)
    if shown is not None:
        return await _page(request, forms.Form(), 200, _back(typed), shown)
    response = see_other(forms.local_path(typed.get("back"), PATH))
    flash(request, response, "good", said)
    return response


def _back(typed: forms.Typed) -> Mapping[str, str]:
    """How the list was narrowed when the form was sent."""
    return dict(parse_qsl(urlsplit(forms.local_path(typed.get("back"), PATH)).query))


# The page


async def _page(
    request: web.Request,
    form: forms.Form,
    status: int,
    query: Mapping[str, str],
    shown: Shown | None = None,
) -> web.Response:
    actor = staff_of(request, Role.ADMIN)
    async with request.app[UNITS].read(actor) as uow:
        every = await administration.roster(uow)
        known = await administration.bodies(uow)
    context = _narrowed(every, query) | {
        "form": form,
        "shown": shown,
        "roles": [(role.value, ROLE_LABELS[role]) for role in Role if role in STAFF],
        "bodies": [(one.name, one.name) for one in known],
    }
    response = await render(request, "admin.html", context, page=PAGE, status=status)
    if shown is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _stands(one: Account, state: str) -> bool:
    closed = one.disabled_at is not None
    if state == "closed":
        return closed
    return not closed and (not state or (one.one_time if state == "waiting" else not one.two_step))


def _narrowed(every: list[Account], query: Mapping[str, str]) -> dict[str, Any]:
    """The accounts that the address asks for, and the links to the others."""
    states = {value for value, _ in STATES}
    state = query.get("state", "") if query.get("state", "") in states else ""
    role = query.get("role", "") if query.get("role", "") in STAFF else ""
    wanted = query.get("q", "").strip()[:NAME_LIMIT]
    found = [one for one in every if wanted.lower() in f"{one.name} {one.shown} {one.body or ''}".lower()]
    found = [one for one in found if not role or one.role == role]
    counts = {value: sum(_stands(one, value) for one in found) for value in states}
    chosen = [one for one in found if _stands(one, state)]
    kept = f"role={role}&q={quote(wanted)}"
    typed = query.get("page", "")
    number = int(typed) if typed.isascii() and typed.isdecimal() and 0 < len(typed) < 5 else 1
    page = rows.pager(max(1, number), len(chosen), ON_A_PAGE, f"{PATH}?state={state}&{kept}&page=")
    start = (page["page"] - 1) * ON_A_PAGE
    options = [(value, label, counts[value]) for value, label in STATES]
    return {
        "rows": [(one, ROLE_LABELS[one.role]) for one in chosen[start : start + ON_A_PAGE]],
        "total": len(chosen),
        "states": rows.filters(options, state, f"{PATH}?state={{}}&{kept}"),
        "state": state,
        "role": role,
        "q": wanted,
        "pager": page,
        "back": f"{PATH}?state={state}&{kept}&page={page['page']}",
    }
