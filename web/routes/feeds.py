"""The programme for machines: Atom (RFC 4287), iCalendar (RFC 5545) and a sitemap, of public facts alone."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import shanghai_iso
from base.db import UnitOfWork
from faq.models import CatalogEntry, EntryStatus
from interviews import facts
from interviews.changes import InterviewFacts
from interviews.models import Interview
from web import calendars
from web.filters import STATUSES, cntime
from web.keys import SETTINGS, UNITS
from web.pages import site

routes = web.RouteTableDef()

FEED_LENGTH = 50
SITEMAP_LENGTH = 50_000
"""What one sitemap may hold by its own standard."""
PUBLIC_PAGES = (
    "/", "/interviews", "/faq", "/catalog", "/search", "/moderation", "/statistics", "/rules", "/accessibility",
    "/privacy",
)  # fmt: skip


def _xml(text: str) -> str:
    return escape(calendars.plain(text))


# Atom


@routes.get("/feed.atom")
async def atom(request: web.Request) -> web.Response:
    """Announcements and records, the newest first."""
    base = request.app[SETTINGS].base_url
    async with request.app[UNITS].read() as uow:
        told = await _told(
            uow,
            select(Interview)
            .where(col(Interview.announced_at).is_not(None))
            .order_by(col(Interview.announced_at).desc(), col(Interview.id).desc())
            .limit(FEED_LENGTH),
        )
    newest = max((_changed(one) for one in told), default=datetime(2026, 1, 1, tzinfo=UTC))
    about = site()
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">',
        f"<id>{_xml(base)}/feed.atom</id>",
        f"<title>{_xml(about.name)}：预告和实录</title>",
        f"<updated>{shanghai_iso(newest)}</updated>",
        f"<author><name>{_xml(about.office)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(f"{base}/feed.atom")}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(f"{base}/interviews")}/>',
        *(_atom_entry(one, base) for one in sorted(told, key=_changed, reverse=True)),
        "</feed>",
    ]
    text = "\n".join(lines) + "\n"
    return web.Response(text=text, content_type="application/atom+xml", charset="utf-8")


async def _told(uow: UnitOfWork, query: Any) -> list[InterviewFacts]:
    return await facts.interviews_facts(uow, list(await uow.db.scalars(query)))


def _changed(one: InterviewFacts) -> datetime:
    """When what the public knows of it last took another stage."""
    return one.closed_at or one.opened_at or one.announced_at or one.starts_at


def _atom_entry(one: InterviewFacts, base: str) -> str:
    address = f"{base}/interviews/{one.id}"
    bodies = "、".join(body.name for body in one.respondents)
    when = f"{cntime(one.starts_at)}，{bodies}。{STATUSES[one.status]}。"
    summary = f"{when}{one.content or ''}"
    published = one.announced_at or one.starts_at
    return "\n".join(
        [
            "<entry>",
            f"<id>{_xml(address)}</id>",
            f"<title>{_xml(one.theme)}</title>",
            f"<published>{shanghai_iso(published)}</published>",
            f"<updated>{shanghai_iso(_changed(one))}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(address)}/>',
            f"<category term={quoteattr(one.status)} label={quoteattr(STATUSES[one.status])}/>",
            f'<summary type="text">{_xml(summary)}</summary>',
            "</entry>",
        ]
    )


# iCalendar


@routes.get("/interviews.ics")
async def calendar(request: web.Request) -> web.Response:
    """The programme for calendars: planned ones tentative, cancelled ones cancelled."""
    async with request.app[UNITS].read() as uow:
        told = await _told(uow, select(Interview).order_by(col(Interview.starts_at), col(Interview.id)))
        stamp = uow.now
    about = site()
    body = calendars.of_interviews(
        told, name=about.name, base=request.app[SETTINGS].base_url, domain=about.domain, stamp=stamp
    )
    return _as_calendar(body)


def _as_calendar(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/calendar", charset="utf-8")


# Sitemap


@routes.get("/sitemap.xml")
async def sitemap(request: web.Request) -> web.Response:
    """Every public page."""
    base = request.app[SETTINGS].base_url
    async with request.app[UNITS].read() as uow:
        interviews = await uow.db.scalars(select(col(Interview.id)).order_by(col(Interview.id)))
        published = select(col(CatalogEntry.id)).where(col(CatalogEntry.status) == EntryStatus.PUBLISHED)
        entries = await uow.db.scalars(published.order_by(col(CatalogEntry.id)))
        paths: Sequence[str] = [
            *PUBLIC_PAGES,
            *(f"/interviews/{number}" for number in interviews),
            *(f"/faq/entries/{number}" for number in entries),
        ]
    return web.Response(
        text=_sitemap(base, paths[:SITEMAP_LENGTH]), content_type="application/xml", charset="utf-8"
    )


def _sitemap(base: str, paths: Iterable[str]) -> str:
    urls = "\n".join(f"<url><loc>{_xml(base + path)}</loc></url>" for path in paths)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{urls}\n</urlset>\n'
    )
