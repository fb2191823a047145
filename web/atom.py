"""Atom (RFC 4287) as text: entries in, a feed out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from base.clock import shanghai_iso
from web import calendars

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
"""When a feed without entries was last changed: an instant that stays."""


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    Attributes:
        id: an address that names it for ever.
        title: one line.
        at: when it happened.
        link: where to read it.
        summary: plain text.
    """

    id: str
    title: str
    at: datetime
    link: str
    summary: str = ""


@dataclass(frozen=True)
class Feed:
    """What a feed says of itself: its own address, and the page that it follows."""

    id: str
    title: str
    author: str
    link: str


def _xml(text: str) -> str:
    return escape(calendars.plain(text))


def write(feed: Feed, entries: Iterable[Entry]) -> str:
    """The feed, the newest entry first."""
    newest_first = sorted(entries, key=lambda one: one.at, reverse=True)
    changed = newest_first[0].at if newest_first else BEGINNING
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="zh-CN">',
        f"<id>{_xml(feed.id)}</id>",
        f"<title>{_xml(feed.title)}</title>",
        f"<updated>{shanghai_iso(changed)}</updated>",
        f"<author><name>{_xml(feed.author)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={quoteattr(feed.id)}/>',
        f'<link rel="alternate" type="text/html" href={quoteattr(feed.link)}/>',
        *(_entry(one) for one in newest_first),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


def _entry(one: Entry) -> str:
    lines = [
        "<entry>",
        f"<id>{_xml(one.id)}</id>",
        f"<title>{_xml(one.title)}</title>",
        f"<published>{shanghai_iso(one.at)}</published>",
        f"<updated>{shanghai_iso(one.at)}</updated>",
        f'<link rel="alternate" type="text/html" href={quoteattr(one.link)}/>',
    ]
    if one.summary:
        lines.append(f'<summary type="text">{_xml(one.summary)}</summary>')
    return "\n".join([*lines, "</entry>"])
