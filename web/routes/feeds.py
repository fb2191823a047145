"""The programme for machines: Atom (RFC 4287) and iCalendar (RFC 5545), of public facts alone."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import shanghai_iso
from base.db import UnitOfWork
from interviews import facts
from interviews.changes import InterviewFacts
from interviews.models import Interview
from web import calendars, last_changes
from web.filters import STATUSES, cntime
from web.keys import SETTINGS, UNITS
from web.pages import site

routes = web.RouteTableDef()

FEED_LENGTH = 50
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without an entry was last updated: the standard wants an instant even there."""

Told = tuple[InterviewFacts, datetime]
"""An interview, and when what the public knows of it last changed."""


def xml(text: str) -> str:
    """A text for an element of XML 1.0: escaped, without the characters that XML has no way to write."""
    return escape(calendars.plain(text))


def tagged(request: web.Request, body: bytes, kind: str) -> web.Response:
    """A document that says what it is the hash of, or the word that the reader's copy is still right.

    Args:
        request: the reader's; ``If-None-Match`` may name the copy.
        body: the document.
        kind: its media type; it is in UTF-8.
    """
    tag = hashlib.sha256(body).hexdigest()[:20]
    if any(one.value in ("*", tag) for one in request.if_none_match or ()):
        return web.Response(status=304, headers={"ETag": f'"{tag}"'})
    return web.Response(body=body, content_type=kind, charset="utf-8", headers={"ETag": f'"{tag}"'})


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
    told.sort(key=lambda one: one[1], reverse=True)
    about = site()
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">',
        f"<id>{xml(base)}/feed.atom</id>",
        f"<title>{xml(about.name)}：预告和实录</title>",
        f"<updated>{shanghai_iso(told[0][1] if told else BEGINNING)}</updated>",
        f"<author><name>{xml(about.office)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(f"{base}/feed.atom")}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(f"{base}/interviews")}/>',
        *(_atom_entry(one, changed, base) for one, changed in told),
        "</feed>",
    ]
    text = "\n".join(lines) + "\n"
    return tagged(request, text.encode("utf-8"), "application/atom+xml")


async def _told(uow: UnitOfWork, query: Any) -> list[Told]:
    found: Sequence[Interview] = list(await uow.db.scalars(query))
    changed = await last_changes.of_interviews(uow, [one.id or 0 for one in found])
    return [
        (one, changed.get(one.id, one.announced_at or one.starts_at))
        for one in await facts.interviews_facts(uow, found)
    ]


def _atom_entry(one: InterviewFacts, changed: datetime, base: str) -> str:
    address = f"{base}/interviews/{one.id}"
    bodies = "、".join(body.name for body in one.respondents)
    when = f"{cntime(one.starts_at)}，{bodies}。{STATUSES[one.status]}。"
    summary = f"{when}{one.content or ''}"
    published = one.announced_at or one.starts_at
    return "\n".join(
        [
            "<entry>",
            f"<id>{xml(address)}</id>",
            f"<title>{xml(one.theme)}</title>",
            f"<published>{shanghai_iso(published)}</published>",
            f"<updated>{shanghai_iso(changed)}</updated>",
            f'<link rel="alternate" type="text/html" href={quoteattr(address)}/>',
            f"<category term={quoteattr(one.status)} label={quoteattr(STATUSES[one.status])}/>",
            f'<summary type="text">{xml(summary)}</summary>',
            "</entry>",
        ]
    )


# iCalendar


@routes.get("/interviews.ics")
async def calendar(request: web.Request) -> web.Response:
    """The programme for calendars: planned ones tentative, cancelled ones cancelled."""
    async with request.app[UNITS].read() as uow:
        told = await _told(uow, select(Interview).order_by(col(Interview.starts_at), col(Interview.id)))
    about = site()
    body = calendars.of_interviews(
        [one for one, _ in told],
        name=about.name,
        base=request.app[SETTINGS].base_url,
        domain=about.domain,
        changed={one.id: changed for one, changed in told},
    )
    return tagged(request, body, "text/calendar")
