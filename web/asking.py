"""From a request or a socket's handshake to an actor, and the checks that keep other sites' requests out.

With an ``Authorization`` or ``X-Visitor`` header the cookies are ignored. An unsafe request that a cookie
authenticates needs the form token and an allowed Origin; a foreign Origin is always refused, an absent one is not.
"""

from typing import Any

from aiohttp import web

from base.errors import Refusal
from base.people import ANYONE, Actor, Caller
from web import auth, two_step
from web.keys import LOGIN_OVER, NEW_BROWSER, SEAL, SETTINGS, UNITS
from web.sealing import new_token

LOGIN_COOKIE = "fangtan_login"
VISITOR_COOKIE = "fangtan_visitor"
BROWSER_COOKIE = "fangtan_browser"
YEAR_SECONDS = 365 * 24 * 3600
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


async def actor_of(request: web.Request) -> Actor:
    """Who sends this request.

    Raises:
        Refusal: a header names nobody; an outdated cookie only makes its sender a reader.
    """
    units, demo = request.app[UNITS], request.app[SETTINGS].demo
    bearer = request.headers.get("Authorization", "")
    if bearer:
        scheme, _, token = bearer.partition(" ")
        if scheme.lower() != "bearer":
            raise Refusal("login.required", "只认 Bearer 凭证。请改好再发。", status=401)
        return (await auth.staff(units, token.strip(), "bearer", demo=demo)).actor
    if "X-Visitor" in request.headers:
        return await auth.visitor(units, request.headers["X-Visitor"])
    return (await _by_cookie(request)).actor


async def _by_cookie(request: web.Request) -> Caller:
    units, demo = request.app[UNITS], request.app[SETTINGS].demo
    if LOGIN_COOKIE in request.cookies:
        try:
            return await auth.staff(units, request.cookies[LOGIN_COOKIE], "cookie", demo=demo)
        except Refusal:
            request[LOGIN_OVER] = True
    return Caller(await citizen_by_cookie(request))


async def citizen_by_cookie(request: web.Request) -> Actor:
    """The visitor of this browser, whoever else may be signed in on it; ``ANYONE`` where there is none."""
    if VISITOR_COOKIE in request.cookies:
        try:
            return await auth.visitor(request.app[UNITS], request.cookies[VISITOR_COOKIE])
        except Refusal:
            return ANYONE
    return ANYONE


def by_header(request: web.Request) -> bool:
    """Whether a header, not a cookie, says who is asking."""
    return "Authorization" in request.headers or "X-Visitor" in request.headers


def check_origin(request: web.Request) -> None:
    """Refuse a foreign Origin.

    Raises:
        Refusal: ``origin.foreign``.
    """
    origin = request.headers.get("Origin")
    if origin is not None and origin not in request.app[SETTINGS].origins:
        raise Refusal("origin.foreign", "这个请求来自别的网站，没有办理。请从本站页面操作。", status=403)


def check_form_token(request: web.Request, sent: str | None) -> None:
    """Refuse an unsafe request whose form was not made for this browser.

    Raises:
        Refusal: ``form.stale``.
    """
    browser = request.cookies.get(BROWSER_COOKIE)
    token = request.headers.get("X-CSRF-Token") or sent
    if not browser or not token or not request.app[SEAL].form_token_fits(browser, token):
        raise Refusal("form.stale", "页面放得太久了。请刷新页面再交，您写的内容先复制一下。", status=403)


def cookie_authenticates(request: web.Request) -> bool:
    """Whether a login or visitor cookie would be believed."""
    return LOGIN_COOKIE in request.cookies or VISITOR_COOKIE in request.cookies


def browser_of(request: web.Request) -> str:
    """The browser's own random number, for its form tokens; a new one is set on the answer."""
    known: str | None = request.cookies.get(BROWSER_COOKIE) or request.get(NEW_BROWSER)
    if known is None:
        known = request[NEW_BROWSER] = new_token()
    return known


def set_cookie(
    request: web.Request, response: web.StreamResponse, name: str, value: str, *, lasts: int | None
) -> None:
    """Set one of our cookies: HttpOnly, SameSite, Secure where the base URL is https."""
    response.set_cookie(
        name,
        value,
        max_age=lasts,
        httponly=True,
        samesite="Lax",
        secure=request.app[SETTINGS].secure,
        path="/",
    )


async def handshake_caller(app: web.Application, request: web.Request, sent: Any) -> Caller:
    """Who opens a socket: ``auth`` first, then the login cookie, otherwise a reader.

    Raises:
        Refusal: ``auth`` names nobody.
    """
    units, demo = app[UNITS], app[SETTINGS].demo
    if isinstance(sent, dict) and isinstance(sent.get("visitor"), str):
        return Caller(await auth.visitor(units, sent["visitor"]))
    if isinstance(sent, dict) and isinstance(sent.get("token"), str):
        return await auth.staff(units, sent["token"], "bearer", demo=demo)
    if sent not in (None, {}, ""):
        raise Refusal("login.required", "身份凭证的格式不对。请刷新页面。", status=401)
    caller = await _by_cookie(request)
    shut = caller.actor.one_time or await lacks_second_step(request, caller.actor)
    return Caller(ANYONE) if shut else caller


async def lacks_second_step(request: web.Request, actor: Actor) -> bool:
    """Whether somebody known by a cookie must set up two-step login before anything else."""
    if not two_step.must_set_up(actor, request.app[SETTINGS].two_step):
        return False
    async with request.app[UNITS].read(actor) as uow:
        return not await two_step.is_on(uow, actor.person_id)
