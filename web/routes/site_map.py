"""The map of the site for search engines: what they may read, and every public page with its last change.

Sitemaps 0.9 (sitemaps.org) allows 50,000 addresses in one file; beyond that ``/sitemap.xml`` is an index of parts.
``/robots.txt`` is RFC 9309.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from aiohttp import web
from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import missing
from faq.models import CatalogEntry, EntryStatus
from interviews.models import Interview
from web import head, last_changes
from web.keys import SETTINGS, UNITS
from web.routes.api import path_number
from web.routes.feeds import tagged, xml

routes = web.RouteTableDef()

LENGTH = 50_000
"""What one file may hold."""
PUBLIC_PAGES = (
    "/", "/interviews", "/faq", "/catalog", "/search", "/moderation", "/statistics", "/rules", "/accessibility",
    "/privacy",
)  # fmt: skip
CLOSED = ("/api/", "/do/", "/embed/", "/reports/", "/socket.io/")
"""Beside the pages that ``web.head`` hides: what is no page, and what only its address opens."""


class Place(NamedTuple):
    """A page and the day of its last change, where it is known."""

    path: str
    changed: date | None


@routes.get("/robots.txt")
async def robots(request: web.Request) -> web.Response:
    """What search engines may read: all but receipts, letters, signed links and the rooms of the staff."""
    closed = sorted({*CLOSED, *head.HIDDEN})
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), "Allow: /", ""]
    lines += [f"Sitemap: {request.app[SETTINGS].base_url}/sitemap.xml", ""]
    return tagged(request, "\n".join(lines).encode("utf-8"), "text/plain")


@routes.get("/sitemap.xml")
async def sitemap(request: web.Request) -> web.Response:
    """Every public page, or the index of the parts that hold them."""
    async with request.app[UNITS].read() as uow:
        total = len(PUBLIC_PAGES) + sum(await _totals(uow))
        if total <= LENGTH:
            return _part(request, await _places(uow, 0, LENGTH))
    base, parts = request.app[SETTINGS].base_url, -(-total // LENGTH)
    addresses = "\n".join(
        f"<sitemap><loc>{xml(base)}/sitemap-{part}.xml</loc></sitemap>" for part in range(1, parts + 1)
    )
    return _document(request, "sitemapindex", addresses)


@routes.get("/sitemap-{part:\\d+}.xml")
async def sitemap_part(request: web.Request) -> web.Response:
    """One part of a map that is too long for one file.

    Raises:
        Refusal: ``not_found`` where the map has no such part.
    """
    part = path_number(request, "part")
    async with request.app[UNITS].read() as uow:
        places = await _places(uow, (part - 1) * LENGTH, LENGTH) if part else []
    if not places:
        raise missing("网站地图的这一份")
    return _part(request, places)


async def _totals(uow: UnitOfWork) -> tuple[int, int]:
    interviews = await uow.db.scalar(select(func.count(col(Interview.id))))
    published = col(CatalogEntry.status) == EntryStatus.PUBLISHED
    entries = await uow.db.scalar(select(func.count(col(CatalogEntry.id))).where(published))
    return int(interviews or 0), int(entries or 0)


async def _places(uow: UnitOfWork, begin: int, most: int) -> list[Place]:
    """Places ``begin`` to ``begin + most`` of the whole map: fixed pages, interviews, entries, each by number."""
    counts = (len(PUBLIC_PAGES), *await _totals(uow))
    found: list[Place] = []
    for read, count in zip((_fixed, _interviews, _entries), counts, strict=True):
        room = most - len(found)
        if room > 0 and begin < count:
            found += await read(uow, begin, min(room, count - begin))
        begin = max(0, begin - count)
    return found


async def _fixed(_uow: UnitOfWork, begin: int, most: int) -> list[Place]:
    return [Place(path, None) for path in PUBLIC_PAGES[begin : begin + most]]


async def _interviews(uow: UnitOfWork, begin: int, most: int) -> list[Place]:
    query = select(col(Interview.id)).order_by(col(Interview.id)).offset(begin).limit(most)
    numbers = [number or 0 for number in await uow.db.scalars(query)]
    changed = await last_changes.of_interviews(uow, numbers)
    return [Place(f"/interviews/{number}", _day(changed.get(number))) for number in numbers]


async def _entries(uow: UnitOfWork, begin: int, most: int) -> list[Place]:
    entry = select(col(CatalogEntry.id), col(CatalogEntry.changed_at))
    published = entry.where(col(CatalogEntry.status) == EntryStatus.PUBLISHED)
    query = published.order_by(col(CatalogEntry.id)).offset(begin).limit(most)
    return [Place(f"/faq/entries/{number}", _day(at)) for number, at in await uow.db.execute(query)]


def _day(moment: datetime | None) -> date | None:
    return office_date(moment) if moment else None


def _part(request: web.Request, places: Sequence[Place]) -> web.Response:
    base = xml(request.app[SETTINGS].base_url)
    return _document(request, "urlset", "\n".join(_url(base, place) for place in places))


def _url(base: str, place: Place) -> str:
    changed = f"<lastmod>{place.changed.isoformat()}</lastmod>" if place.changed else ""
    return f"<url><loc>{base}{xml(place.path)}</loc>{changed}</url>"


def _document(request: web.Request, element: str, inside: str) -> web.Response:
    text = (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<{element} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{inside}\n</{element}>\n'
    )
    return tagged(request, text.encode("utf-8"), "application/xml")
