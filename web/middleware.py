"""What every request passes: headers that keep the browser strict, who is asking, and one way to say no."""

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web

from base.errors import Refusal, missing
from base.people import ANYONE, Actor, Role
from chat.registry import unexpected
from web import asking
from web.keys import ACTOR, MEDIA, NEW_BROWSER, SETTINGS
from web.login_again import again, comes_too_late
from web.pages import render_error

log = structlog.get_logger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {sockets}; "
    "worker-src 'self'; manifest-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
FRAMED = "/embed/"
"""The pages that other sites may show in a frame: they hold no form, set no cookie and run no script."""
FRAMED_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors {ancestors}"
)
UNSIGNED = frozenset({"/api/visitor"})
ONE_CLICK = "/follow/stop/"
"""Where mail programs unsubscribe by themselves (RFC 8058): without a cookie, so that no form token could be theirs;
the address is the right to do it, and it does nothing else."""
FILES = (
    (re.compile("/office/catalog/import"), frozenset({Role.EDITOR, Role.OFFICE}), 50, "请分成几份再交。"),
    (
        re.compile(r"/(?:desk|office)/interviews/\d{1,9}/materials(?:/\d{1,9}/describe)?"),
        frozenset({Role.CLERK, Role.OFFICE}),
        30,
        "一份资料最大10 MB，请压缩，或者拆成几份再交。",
    ),
)
"""Forms that bring a file larger than a form may be: who may send it, how many MB, and what to do if it is more."""
SETTING_UP = frozenset({"/account", "/password", "/logout"})
"""What opens to somebody who must still set up two-step login."""
QUIET = ("/healthz", "/readyz", "/metrics", "/static/", "/socket.io/")


def dumps(value: Any) -> str:
    """JSON as every interface writes it: Chinese as Chinese, instants already as text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def json_refusal(refusal: Refusal) -> web.Response:
    """The error body of the contract."""
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else None
    return web.json_response({"error": refusal.body()}, status=refusal.status, dumps=dumps, headers=headers)


def _wants_json(request: web.Request) -> bool:
    return request.path.startswith("/api/") or request.path in ("/healthz", "/readyz", "/metrics")


async def _refused(request: web.Request, refusal: Refusal) -> web.StreamResponse:
    if _wants_json(request):
        return json_refusal(refusal)
    request.setdefault(ACTOR, ANYONE)
    return await render_error(request, refusal)


@web.middleware
async def refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn whatever goes wrong into a sentence: a refusal as it is, a fault of ours without a traceback."""
    try:
        return await handler(request)
    except Refusal as refusal:
        return await _refused(request, refusal)
    except web.HTTPRequestEntityTooLarge:
        return await _refused(request, _too_large(request))
    except web.HTTPNotFound:
        return await _refused(request, missing("这个页面"))
    except web.HTTPMethodNotAllowed as error:
        wrong = Refusal("method.not_allowed", "这个地址不能这样用。请从页面上操作。", status=405)
        response = await _refused(request, wrong)
        response.headers["Allow"] = ", ".join(sorted(error.allowed_methods))
        return response
    except web.HTTPException:
        raise
    except ConnectionResetError:
        # The client left while its ping was being answered: seen once in 10,000 hostile frames, nobody's fault here.
        log.info("request.client_left", path=request.path)
        return web.Response(status=400)
    except Exception:
        log.exception("request.failed", path=request.path)
        return await _refused(request, unexpected())


@web.middleware
async def who_asks(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Settle the actor, and refuse what another site sent in a citizen's or an official's name."""
    if request.path.startswith(QUIET):
        return await handler(request)
    if request.method not in asking.SAFE:
        asking.check_origin(request)
    actor: Actor = await asking.actor_of(request)
    request[ACTOR] = actor
    if actor.one_time and request.path not in ("/password", "/logout"):
        return _choose_first(request)
    by_cookie = not asking.by_header(request)
    if by_cookie and request.path not in SETTING_UP and await asking.lacks_second_step(request, actor):
        return _set_up_first(request)
    roles, megabytes, _ = _file_form(request)
    if actor.role in roles:
        # What stands around the file needs some room of its own.
        request = request.clone(client_max_size=(megabytes + 1) * 1024 * 1024)
    if not (request.method in asking.SAFE or _unsigned(request) or asking.by_header(request)):
        await _check_signature(request)
    response = await (again(request) if comes_too_late(request) else handler(request))
    if NEW_BROWSER in request and not response.prepared:
        asking.set_cookie(
            request, response, asking.BROWSER_COOKIE, request[NEW_BROWSER], lasts=asking.YEAR_SECONDS
        )
    return response


def _file_form(request: web.Request) -> tuple[frozenset[Role], int, str]:
    """Who may send a file to this address, how many MB, and what to do with more; nobody anything elsewhere."""
    for path, roles, megabytes, advice in FILES:
        if path.fullmatch(request.path):
            return roles, megabytes, advice
    return frozenset(), 0, ""


def _too_large(request: web.Request) -> Refusal:
    """The limit, and what to do; a form that was not read to its end can only be kept by the browser that sent it."""
    roles, megabytes, advice = _file_form(request)
    if request.get(ACTOR, ANYONE).role in roles:
        words = f"文件超过{megabytes}MB，没有收下。{advice}"
    else:
        words = "交来的内容超过1MB，没有收下。请删短一些，或者换一个小的文件，再交。"
    if not _wants_json(request):
        words += "按浏览器的“后退”回到刚才那一页，写好的字一般还在，文件要重新选。"
    return Refusal("input.too_large", words, status=413)


def _unsigned(request: web.Request) -> bool:
    return request.path in UNSIGNED or (request.path.startswith(ONE_CLICK) and not request.cookies)


def _choose_first(request: web.Request) -> web.StreamResponse:
    """Whoever holds a one-time password chooses their own before anything else."""
    if request.path.startswith("/api/") or request.method not in asking.SAFE:
        raise Refusal("password.one_time", "一次性密码只能用来换密码。请先换成自己的密码。", status=403)
    raise web.HTTPSeeOther("/password")


def _set_up_first(request: web.Request) -> web.StreamResponse:
    """Whoever must have two-step login sets it up before anything else."""
    if request.path.startswith("/api/") or request.method not in asking.SAFE:
        raise Refusal("two_step.required", "您的账号要先开两步登录。请打开“我的账号”，开好再办。", status=403)
    raise web.HTTPSeeOther("/account")


async def _check_signature(request: web.Request) -> None:
    if not asking.cookie_authenticates(request) and request.path.startswith("/api/"):
        return
    sent = None
    if request.content_type in ("application/x-www-form-urlencoded", "multipart/form-data"):
        sent = str((await request.post()).get("csrf", ""))
    asking.check_form_token(request, sent)


def _media(request: web.Request) -> str:
    """On the page of an interview with films: where they, and nothing else, may come from; captions are ours."""
    origins = request.get(MEDIA)
    return f"; media-src 'self' {' '.join(origins)}" if origins else ""


@web.middleware
async def strict_browser(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The headers of ``reliability.md``: strict CSP, no sniffing, no framing, no referrer to other sites."""
    response = await handler(request)
    if response.prepared:
        return response
    settings = request.app[SETTINGS]
    sockets = " ".join(origin.replace("http", "ws", 1) for origin in settings.origins)
    headers = response.headers
    allowed = settings.embed_ancestors if request.path.startswith(FRAMED) else ()
    if request.path.startswith(FRAMED):
        ancestors = " ".join(allowed) or "'none'"
        headers["Content-Security-Policy"] = FRAMED_POLICY.format(ancestors=ancestors)
    headers.setdefault("Content-Security-Policy", POLICY.format(sockets=sockets) + _media(request))
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
    if not allowed:
        headers.setdefault("X-Frame-Options", "DENY")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings.secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if not request.path.startswith("/static/"):
        headers.setdefault(
            "Cache-Control", "no-store" if request.path.startswith("/api/") else "private, no-cache"
        )
    return response
