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
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web.filters import STATUSES, cntime
from web.keys import SETTINGS, UNITS
from web.pages import site

routes = web.RouteTableDef()

FEED_LENGTH = 50
SITEMAP_LENGTH = 50_000
"""What one sitemap may hold by its own standard."""
S = InterviewStatus
PUBLIC_PAGES = (
    "/", "/interviews", "/faq", "/catalog", "/search", "/moderation", "/statistics", "/rules", "/accessibility",
    "/privacy",
)  # fmt: skip


def _allowed(text: str) -> str:
    """A text for XML 1.0: without the characters that it has no way to write."""
    return "".join(char for char in text if char in "\n\t" or (char >= " " and char not in "\ufffe\uffff"))


def _xml(text: str) -> str:
    return escape(_allowed(text))


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
    base = request.app[SETTINGS].base_url
    async with request.app[UNITS].read() as uow:
        told = await _told(uow, select(Interview).order_by(col(Interview.starts_at), col(Interview.id)))
        stamp = uow.now
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//fangtan//interviews//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_ics_text(site().name)}",
    ]
    for one in told:
        lines += _event(one, base, stamp)
    lines.append("END:VCALENDAR")
    body = "".join(f"{folded}\r\n" for line in lines for folded in fold(line))
    return web.Response(body=body.encode(), content_type="text/calendar", charset="utf-8")


_ICS_STATUS = {S.PLANNED: "TENTATIVE", S.CANCELLED: "CANCELLED"}


def _event(one: InterviewFacts, base: str, stamp: datetime) -> list[str]:
    bodies = "、".join(body.name for body in one.respondents)
    address = f"{base}/interviews/{one.id}"
    lines = [
        "BEGIN:VEVENT",
        f"UID:interview-{one.id}@{site().domain}",
        f"DTSTAMP:{_utc(stamp)}",
        f"DTSTART:{_utc(one.starts_at)}",
        f"DTEND:{_utc(one.ends_at)}",
        f"SUMMARY:{_ics_text(one.theme)}",
        f"DESCRIPTION:{_ics_text(f'{bodies}在线答复。{address}')}",
        f"URL:{address}",
        f"STATUS:{_ICS_STATUS.get(S(one.status), 'CONFIRMED')}",
    ]
    if one.venue:
        lines.append(f"LOCATION:{_ics_text(one.venue)}")
    return [*lines, "END:VEVENT"]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _ics_text(text: str) -> str:
    """A TEXT value: the four characters escaped that have a meaning of their own (RFC 5545, 3.3.11)."""
    plain = _allowed(text).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\n", "\\n").replace("\t", " ")


def fold(line: str, octets: int = 75) -> list[str]:
    """A content line in pieces of at most 75 octets, never through a character (RFC 5545, 3.1)."""
    pieces, current, used = [], "", 0
    for char in line:
        width = len(char.encode())
        if used + width > octets:
            pieces.append(current)
            current, used = " ", 1
        current, used = current + char, used + width
    return [*pieces, current]


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
