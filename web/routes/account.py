"""Everybody's own account: who one is here, the password, and the second step of the login."""

from aiohttp import web

from base.errors import Refusal
from base.people import Body
from interviews import telling
from interviews.telling import Allowed, Kind, Way
from web import forms, notice_tables, two_step
from web.addresses import client_address
from web.keys import SEAL, SETTINGS, SURROUNDINGS, UNITS
from web.pages import Page, first_page, flash, render, site
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PATH = "/account"
PAGE = Page("我的账号", room="staff", path=PATH)


@routes.get(PATH)
async def account_page(request: web.Request) -> web.Response:
    """Who one is here and whether the second step is on; while a secret waits for its first code, that too."""
    return await _page(request, forms.Form(), 200)


@routes.post(PATH)
async def account(request: web.Request) -> web.Response:
    """``act``: ``start`` a secret, ``drop`` it, ``confirm`` it and see recovery codes, ``codes`` for fresh ones."""
    actor = staff_of(request)
    typed = await forms.posted(request)
    units, seal, act = request.app[UNITS], request.app[SEAL], str(typed.get("act", ""))
    codes: list[str] = []
    try:
        async with units.act(actor) as uow:
            if act == "start":
                await two_step.start(uow, seal)
            elif act == "drop":
                await two_step.drop(uow)
            elif act == "confirm":
                codes = await two_step.confirm(uow, seal, str(typed.get("code", "")))
            elif act == "codes":
                # Six digits can be tried out: at the pace of a login and no faster.
                request.app[SURROUNDINGS].pace.login(client_address(request))
                codes = await two_step.renew_codes(uow, seal, str(typed.get("code", "")))
            else:
                raise Refusal("account.act", "请从“我的账号”这一页上操作。", status=400)
    except Refusal as refusal:
        errors = {"code": refusal.message} if refusal.code == "two_step.wrong" else {}
        return await _page(request, forms.Form({}, errors, refusal.message), refusal.status)
    if codes:
        return await _page(request, forms.Form(), 200, codes, renewed=act == "codes")
    response = see_other(PATH)
    if act == "drop":
        flash(request, response, "good", "没有开两步登录，登录还和原来一样。")
    return response


async def account_again(request: web.Request, form: forms.Form, status: int) -> web.Response:
    """The page with a form of it that was refused elsewhere."""
    return await _page(request, form, status)


async def _page(
    request: web.Request,
    form: forms.Form,
    status: int,
    codes: list[str] | None = None,
    *,
    renewed: bool = False,
) -> web.Response:
    actor = staff_of(request)
    async with request.app[UNITS].read(actor) as uow:
        body = await uow.db.get(Body, actor.body_id) if actor.body_id else None
        stands = await two_step.standing(uow, request.app[SEAL])
        wishes = await telling.wishes(uow)
    address = two_step.address(stands.pending, actor.name, site().name) if stands.pending else ""
    context = {
        "form": form,
        "body": body.name if body else None,
        "since": stands.since,
        "codes_left": stands.codes_left,
        "codes": codes,
        "renewed": renewed,
        "secret": stands.pending and " ".join(_fours(stands.pending)),
        "address": address,
        "picture": two_step.picture(address) if address else "",
        "told": notice_tables.choices(wishes, actor.role, actor.person_id or 0, form.typed),
        "gateway": any(wishes.allowed(kind, Way.WEBHOOK) is not Allowed.OFF for kind in Kind),
        "reached_at": wishes.addresses.get(actor.person_id or 0, ""),
        "required": two_step.must_set_up(actor, request.app[SETTINGS].two_step),
        "onward": first_page(actor.role),
    }
    response = await render(request, "account.html", context, page=PAGE, status=status)
    # Secrets and codes must not lie in a browser's cache.
    response.headers["Cache-Control"] = "no-store"
    return response


def _fours(secret: str) -> list[str]:
    return [secret[start : start + 4] for start in range(0, len(secret), 4)]
