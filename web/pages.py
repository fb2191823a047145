"""How a page is made: the templates, what every one of them is given, and the page that says no.

Each page is complete without a script. What a page needs beyond the request stands in
``templates/README.md``; the templates are strict, so a forgotten name is a fault that a test finds.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
import structlog
import yaml
from aiohttp import web

from base.clock import utcnow
from base.errors import Refusal
from base.people import ANYONE, Actor, Role
from chat.registry import REGISTRY
from faq.doors import Office
from web import asking, freshness, head, overtaken, structured
from web.filters import FILTERS
from web.keys import ACTOR, NEW_BROWSER, SEAL, SETTINGS

log = structlog.get_logger(__name__)

HERE = Path(__file__).parent
STATIC = HERE / "static"
MANIFEST = STATIC / "built" / "manifest.json"
CITY = HERE / "example_city" / "city.yaml"

MODE_COOKIE = "fangtan_mode"
SIZE_COOKIE = "fangtan_size"
FLASH_COOKIE = "fangtan_flash"
FLASH_SECONDS = 60
MODES = ("normal", "elder")
SIZES = ("big", "max")
FOREVER = "public, max-age=31536000, immutable"
_NOT_PAGES = ("/api/", "/static/", "/socket.io/", "/embed/")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Site:
    """Who runs this site and how to reach them, for the header, the footer and the meta tags."""

    name: str
    of: str
    id_code: str
    icp: str
    police: str
    phone: str
    address: str
    host_office: str
    office: str
    domain: str


@cache
def site() -> Site:
    """The site's facts, from the city's file."""
    read = yaml.safe_load(CITY.read_text(encoding="utf-8"))
    city, contact = read["city"], read["contact"]
    return Site(
        name=city["site_name"],
        of=city["brand_of"],
        id_code=contact["site_id_code"],
        icp=contact["icp"],
        police=contact["police_record"],
        phone=contact["phone"],
        address=contact["address"],
        host_office=contact["host_unit"],
        office=contact["run_unit"],
        domain=contact["domain"],
    )


def front_office() -> Office:
    """Whom the bot sends people to."""
    known = site()
    return Office(known.office, known.phone, known.address)


@dataclass(frozen=True)
class Page:
    """What is said about one page in its head and header.

    ``path`` only where it is not the request's; ``description`` only where the column's does not do; ``own`` are the
    names of an address that make another page of it; ``things`` is what ``web.structured`` tells of it; ``picture`` is
    what those show who pass the address on.
    """

    title: str
    description: str | None = None
    column: str = "网上访谈"
    room: str = "public"
    path: str | None = None
    pub_date: Any = None
    source: str | None = None
    author: str | None = None
    keywords: str | None = None
    kind: str = "website"
    own: tuple[str, ...] = ()
    things: tuple[structured.Thing, ...] = ()
    picture: str = "/share.png"


ROLE_LABELS = {
    Role.OFFICE: "信息化工作办公室",
    Role.SUPERVISOR: "主管部门",
    Role.CLERK: "答复单位",
    Role.GUEST: "嘉宾",
    Role.HOST: "主持人",
    Role.MODERATOR: "审核员",
    Role.RECIPIENT: "收件单位",
    Role.EDITOR: "目录编辑",
    Role.AUDITOR: "审计员",
    Role.ADMIN: "系统管理员",
}
FIRST_PAGE = {
    Role.OFFICE: "/office",
    Role.SUPERVISOR: "/supervise",
    Role.CLERK: "/desk",
    Role.GUEST: "/desk",
    Role.RECIPIENT: "/inbox",
    Role.EDITOR: "/office/catalog",
    Role.ADMIN: "/admin",
    Role.AUDITOR: "/audit",
}
"""Where somebody starts after signing in; everybody else at ``/staff``."""

_NAV = {
    Role.OFFICE: (
        ("/office", "今天"),
        ("/office/programme", "计划"),
        ("/office/interviews/new", "排一场"),
        ("/office/calendar", "日历"),
        ("/office/catalog", "目录"),
    ),
    Role.SUPERVISOR: (
        ("/supervise", "督办"),
        ("/supervise/instructions", "督办单"),
        ("/supervise/bodies", "各单位"),
        ("/supervise/interviews", "各场"),
        ("/supervise/lateness", "逾期"),
        ("/supervise/waivers", "例外"),
        ("/supervise/assessment", "考评"),
        ("/office/programme", "计划"),
        ("/office/catalog", "目录"),
    ),
    Role.CLERK: (
        ("/desk", "要办的事"),
        ("/desk/instructions", "督办"),
        ("/desk/catalog", "待签的目录"),
        ("/desk/assessment", "考评"),
    ),
    Role.GUEST: (("/desk", "要办的事"),),
    Role.RECIPIENT: (("/inbox", "汇总报告"),),
    Role.EDITOR: (("/office/catalog", "目录"),),
    Role.ADMIN: (
        ("/admin", "账号"),
        ("/admin/settings", "设置"),
        ("/admin/backups", "备份"),
        ("/admin/health", "状况"),
    ),
    Role.AUDITOR: (("/audit", "审计记录"), ("/audit/verify", "核对"), ("/moderation", "审核公开")),
}


def first_page(role: Role) -> str:
    """The first page of somebody who has signed in."""
    return FIRST_PAGE.get(role, "/staff")


# Setting up


def setup(app: web.Application) -> None:
    """Give the application its templates, its assets and its two switches."""
    environment = aiohttp_jinja2.setup(
        app,
        loader=jinja2.FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        auto_reload=False,
        filters=FILTERS | {"seen_marks": overtaken.marks},
    )
    environment.globals.update(
        site=site(), asset=assets(), theme_colour=theme_colour(), offers=REGISTRY.__contains__
    )
    environment.globals.update(keeps_copies=app[SETTINGS].offline == "on")
    app.middlewares.append(remember_switches)
    app.on_response_prepare.append(_cache_assets)


@cache
def theme_colour() -> str:
    """The main colour of ``tokens.css``, as browsers paint their own frame with it."""
    found = re.search(r"--qing:\s*(#[0-9a-f]{6})", (STATIC / "tokens.css").read_text(encoding="utf-8"))
    return found[1] if found else ""


@cache
def assets() -> Callable[[str], str]:
    """From a name to its address: a file of ``static`` with a version, or an island that was built."""
    known = {
        path.name: f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:10]}"
        for path in STATIC.iterdir()
        if path.is_file()
    }
    if MANIFEST.is_file():
        for built in json.loads(MANIFEST.read_text(encoding="utf-8")).values():
            if built.get("isEntry"):
                known[built["name"]] = f"/static/built/{built['file']}"
    return lambda name: known.get(name, "")


@cache
def island(name: str) -> tuple[str, ...]:
    """The addresses of an island and of everything it fetches; nothing where it is not built."""
    if not MANIFEST.is_file():
        return ()
    built = json.loads(MANIFEST.read_text(encoding="utf-8"))
    ahead = [key for key, one in built.items() if one.get("isEntry") and one["name"] == name]
    found: dict[str, str] = {}
    while ahead:
        key = ahead.pop()
        if key not in found:
            found[key] = f"/static/built/{built[key]['file']}"
            ahead += [*built[key].get("imports", ()), *built[key].get("dynamicImports", ())]
    return tuple(found.values())


async def _cache_assets(request: web.Request, response: web.StreamResponse) -> None:
    if request.path.startswith("/static/") and response.status == HTTPStatus.OK:
        hashed = "v" in request.query or request.path.startswith("/static/built/assets/")
        response.headers["Cache-Control"] = FOREVER if hashed else "public, no-cache"


@web.middleware
async def remember_switches(request: web.Request, handler: Handler) -> web.StreamResponse:
    """``?mode=`` and ``?size=`` go into cookies, and the reader comes back to the page they were on."""
    wanted = {
        cookie: request.query[name]
        for name, cookie, known in (("mode", MODE_COOKIE, MODES), ("size", SIZE_COOKIE, SIZES))
        if request.query.get(name) in known
    }
    if request.method != "GET" or not wanted or request.path.startswith(_NOT_PAGES):
        return await handler(request)
    rest = [pair for pair in request.query.items() if pair[0] not in ("mode", "size")]
    # One slash in front and no more: two would send the reader to another site.
    back = request.rel_url.with_path(f"/{request.path.lstrip('/')}").with_query(rest)
    response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": str(back)})
    for cookie, value in wanted.items():
        response.set_cookie(
            cookie,
            value,
            max_age=asking.YEAR_SECONDS,
            samesite="Lax",
            secure=request.app[SETTINGS].secure,
            path="/",
        )
    return response


# What is said once


def flash(
    request: web.Request, response: web.StreamResponse, kind: str, text: str, **more: str | None
) -> None:
    """Let the next page of this browser say something once.

    Args:
        request: the act's.
        response: the redirect after it.
        kind: ``good``, ``bad`` or ``warn``.
        text: the sentence.
        more: ``title``, ``receipt`` of a question submitted just now, or ``at``, the place on the page that says it.
    """
    sealed = request.app[SEAL].close(json.dumps({"kind": kind, "text": text, "title": None} | more))
    asking.set_cookie(request, response, FLASH_COOKIE, sealed, lasts=FLASH_SECONDS)


def flashed(request: web.Request) -> dict[str, Any] | None:
    """What is to be said once on this page."""
    opened = request.app[SEAL].open(request.cookies.get(FLASH_COOKIE, ""))
    if opened is None:
        return None
    said: dict[str, Any] = json.loads(opened)
    return said


# A page


async def render(
    request: web.Request,
    template: str,
    context: Mapping[str, Any],
    *,
    page: Page,
    status: int = 200,
    long: bool = False,
) -> web.Response:
    """A page from its template.

    Args:
        request: who asks, and for which address.
        template: its file name.
        context: the variables that ``templates/README.md`` names for it.
        page: what is said about it.
        status: the HTTP status.
        long: a page of thousands of rows, drawn beside the event loop so that the live room is served in between.
    """
    everywhere = {
        "page": _about(request, page, status),
        "actor": _shown_actor(request),
        "csrf": request.app[SEAL].form_token(asking.browser_of(request)),
        "now": utcnow(),
    }
    whole = everywhere | dict(context)
    if long:
        text = await asyncio.to_thread(aiohttp_jinja2.render_string, template, request, whole)
    else:
        text = aiohttp_jinja2.render_string(template, request, whole)
    response = web.Response(
        text=text,
        content_type="text/html",
        charset="utf-8",
        status=status,
        zlib_executor_size=freshness.COMPRESSED_AT_ONCE,
    )
    if FLASH_COOKIE in request.cookies:
        response.del_cookie(FLASH_COOKIE, path="/")
        return response
    return (
        freshness.settle(request, response, context.get("client_id")) if page.room == "public" else response
    )


def _actor(request: web.Request) -> Actor:
    found: Actor | None = request.get(ACTOR)
    return found or ANYONE


def _shown_actor(request: web.Request) -> dict[str, Any]:
    actor = _actor(request)
    return {"role": actor.role.value, "name": actor.name, "signed_in": actor.is_staff}


def _about(request: web.Request, page: Page, status: int) -> dict[str, Any]:
    actor = _actor(request)
    path = page.path or request.path
    query = [pair for pair in request.query.items() if pair[0] not in ("mode", "size")]
    column = head.column(page.column)
    indexed = page.room == "public" and status == HTTPStatus.OK and head.indexed(path, query)
    mode = request.cookies.get(MODE_COOKIE, "")
    size = request.cookies.get(SIZE_COOKIE, "")
    said = flashed(request)
    return {
        "title": page.title,
        "description": page.description or column.description,
        "column": page.column,
        "about": column,
        "path": path,
        "url": head.canonical(request.app[SETTINGS].base_url, path, query, page.own),
        "kind": page.kind,
        "picture": f"{request.app[SETTINGS].base_url}{page.picture}",
        "indexed": indexed,
        "data": structured.script(page.things),
        "mode": mode if mode in MODES else MODES[0],
        "size": size if size in SIZES else SIZES[0],
        "room": page.room,
        "pub_date": page.pub_date,
        "source": page.source,
        "author": page.author,
        "keywords": page.keywords,
        "query": query,
        "flash": said if said and not {"receipt", "at"} & said.keys() else None,
        "said": said if said and "at" in said else None,
        "nav": _nav(actor, path) if page.room == "staff" else None,
        "role_label": ROLE_LABELS.get(actor.role),
        "staff_url": first_page(actor.role) if actor.is_staff else None,
    }


def _nav(actor: Actor, path: str) -> list[dict[str, Any]]:
    links = [*_NAV.get(actor.role, (("/staff", "我的工作"),)), ("/", "公众页")]
    return [{"label": label, "href": href, "current": path == href} for href, label in links]


_TITLES = {
    400: "这里没有写对",
    401: "请先登录",
    403: "这一步不能办",
    404: "没有找到",
    405: "这里不能这样用",
    413: "内容太大了",
    429: "请等一等",
    500: "我们这边出了错",
    503: "现在人多",
}
_LINKS = (
    {"label": "看全部访谈", "href": "/interviews"},
    {"label": "问机器人", "href": "/faq"},
    {"label": "找一找", "href": "/search"},
)


async def render_error(request: web.Request, refusal: Refusal) -> web.Response:
    """The page of a refusal; where even that breaks, its sentence as plain text."""
    headers = {"Retry-After": str(refusal.retry_after)} if refusal.retry_after else {}
    title = _TITLES.get(refusal.status, "没有办成")
    try:
        error = {
            "status": refusal.status,
            "code": refusal.code,
            "title": title,
            "message": refusal.message,
            "article": refusal.article,
            "retry_after": refusal.retry_after,
        }
        context = {"error": error, "links": _error_links(request, refusal)}
        response = await render(request, "error.html", context, page=Page(title), status=refusal.status)
        if NEW_BROWSER in request:
            fresh = request[NEW_BROWSER]
            asking.set_cookie(request, response, asking.BROWSER_COOKIE, fresh, lasts=asking.YEAR_SECONDS)
    except Exception:
        log.exception("page.error_page_failed", path=request.path)
        text = f"{title}\n\n{refusal.message}\n"
        response = web.Response(text=text, content_type="text/plain", charset="utf-8", status=refusal.status)
    response.headers.update(headers)
    return response


def _error_links(request: web.Request, refusal: Refusal) -> list[dict[str, str]]:
    links = list(_LINKS)
    actor = _actor(request)
    if actor.is_staff:
        links.insert(0, {"label": "回到工作端", "href": first_page(actor.role)})
    elif refusal.status == HTTPStatus.UNAUTHORIZED:
        links.insert(0, {"label": "工作人员登录", "href": "/login"})
    return links
