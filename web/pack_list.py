"""The pack: the public questions of an interview by theme, the most supported first, as much of it as a page shows.

Of every question the few columns are read by which it finds its place; the rest only of those that are shown.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from chat import views
from faq import near_entries
from faq.grouping import Asked, Matter, Theme
from interviews import facts
from interviews.lifecycle import QuestionStatus
from interviews.models import Question
from web import alike, record, rows
from web.interview_lists import WHOLE, Wanted
from web.keys import ASKINGS, DESK

Body = dict[str, Any]

PAGE = 30
"""Questions on a page; each matter's entries are looked up, 5 ms a matter."""

LOOKS = 150
"""Matters for which the catalogue is asked where the whole pack is on one page, the first of each theme first."""

CHUNK = 400
ANCHOR = "h-p"
PAGES = re.compile(r"[1-9]\d{0,3}")
NUMBERED = re.compile(r"q(\d{1,9})")


@dataclass(frozen=True)
class _Place:
    """What decides where a question stands."""

    key: int
    number: int
    text: str
    supports: int
    into: int | None


@dataclass(frozen=True)
class _Part:
    """The part of a matter that is on a page, by keys; ``begun`` says that it began on the page before."""

    lead: int
    also: list[int]
    begun: bool
    matter: Matter
    more: int


def wanted_of(pairs: Mapping[str, str], path: str) -> Wanted:
    """What an address asks of the pack; a page that is no number is the first."""
    # Beside the pack the office's page has another list, whose page is kept.
    known = tuple((name, pairs[name]) for name in ("q", "said", "page", "at") if pairs.get(name))
    page = pairs.get("page", "")
    number = int(page) if PAGES.fullmatch(page) else 1
    return Wanted(path, known, None if page == WHOLE else number)


def address_of(wanted: Wanted) -> str:
    """The page as it is asked for, to which a form of it leads back."""
    page = {} if wanted.page == 1 else {"page": str(wanted.page or WHOLE)}
    return wanted.href("", **page)


async def pack(app: web.Application, uow: UnitOfWork, interview_id: int, wanted: Wanted) -> Body:
    """The part of the pack that is asked for, with what its pages need.

    What the moderator merged stands under what it was merged into, and its supports are counted there alone.

    Args:
        app: has the indexes.
        uow: of staff who act in the interview.
        interview_id: the interview.
        wanted: from :func:`wanted_of`.

    Returns:
        ``count`` and ``found`` questions, ``grouped`` (whether the themes are made already), ``themes`` as
        ``{"label", "supports", "count", "size", "begun", "matters"}`` with matters as
        ``{"lead", "also", "more", "supports", "begun", "entries"}``, and the links.
    """
    places = await _places(uow, interview_id)
    merged = _merged(places)
    under = {key for keys in merged.values() for key in keys}
    asked = [Asked(one.key, one.text, one.supports) for one in places.values() if one.key not in under]
    themes, grouped = await app[ASKINGS].themes_soon(uow, interview_id, asked)
    found = _narrowed(themes, places, merged, wanted.words)
    order = [key for theme in found for matter in theme.matters for key in _keys(matter, merged)]
    page = _page(order, places, wanted)
    begin, end = (0, len(order)) if page is None else ((page - 1) * PAGE, page * PAGE)
    shown = _cut(found, merged, begin, end)
    told = await _told(uow, [key for _, parts in shown for part in parts for key in (part.lead, *part.also)])
    entries = await _entries(app, uow, shown)
    many = len(found) > 1
    return {
        "count": len(places),
        "found": len(order),
        "grouped": grouped,
        "themes": [_theme(theme, parts, merged, told, entries, many) for theme, parts in shown],
        "q": wanted.words,
        "pager": None if page is None else rows.pager(page, len(order), PAGE, wanted.ending("page")),
        "whole": page is None,
        "links": {
            "everything": wanted.href(ANCHOR, "q"),
            "whole": wanted.href(ANCHOR, page=WHOLE),
            "paged": wanted.href(ANCHOR),
        },
    }


async def _places(uow: UnitOfWork, interview_id: int) -> dict[int, _Place]:
    """Every public question that is still there, the most supported first."""
    columns = (
        Question.id,
        Question.number,
        Question.text,
        Question.supports,
        Question.status,
        Question.into_id,
    )
    query = (
        select(*map(col, columns))
        .where(
            col(Question.interview_id) == interview_id,
            col(Question.number).is_not(None),
            col(Question.status).not_in(record.GONE),
        )
        .order_by(col(Question.supports).desc(), col(Question.number))
    )
    found = {}
    for row in await uow.db.execute(query):
        key, number, text, supports, status, into = tuple(row)
        found[key] = _Place(key, number, text, supports, into if status == QuestionStatus.MERGED else None)
    return found


def _merged(places: Mapping[int, _Place]) -> dict[int, list[int]]:
    """What was merged, by the question of the pack that it was merged into in the end."""
    found: dict[int, list[int]] = {}
    for key, one in places.items():
        root, seen = one, {key}
        while root.into is not None and root.into in places and root.into not in seen:
            root = places[root.into]
            seen.add(root.key)
        if root.key != key:
            found.setdefault(root.key, []).append(key)
    return found


def _keys(matter: Matter, merged: Mapping[int, list[int]]) -> list[int]:
    keys = [matter.lead.key, *(one.key for one in matter.also)]
    return keys + [under for key in keys for under in merged.get(key, ())]


def _narrowed(
    themes: Sequence[Theme], places: Mapping[int, _Place], merged: Mapping[int, list[int]], words: str
) -> list[Theme]:
    """The matters of which a question has every word of a search; all of them where nothing is searched for."""
    if not words:
        return list(themes)

    def has(matter: Matter) -> bool:
        return any(record.asks({"text": places[key].text}, words) for key in _keys(matter, merged))

    kept = [replace(theme, matters=tuple(filter(has, theme.matters))) for theme in themes]
    return [theme for theme in kept if theme.matters]


def _page(order: Sequence[int], places: Mapping[int, _Place], wanted: Wanted) -> int | None:
    """The page that is asked for, or the one with a question that is; never one beyond the last."""
    if wanted.page is None:
        return None
    sought = NUMBERED.fullmatch(wanted.said("at"))
    if sought is not None:
        number = int(sought[1])
        return next((at // PAGE + 1 for at, key in enumerate(order) if places[key].number == number), 1)
    return min(wanted.page, max(1, -(-len(order) // PAGE)))


def _cut(
    themes: Sequence[Theme], merged: Mapping[int, list[int]], begin: int, end: int
) -> list[tuple[Theme, list[_Part]]]:
    """What of each theme lies between two places; of a matter that began before, its lead is said again."""
    found: list[tuple[Theme, list[_Part]]] = []
    at = 0
    for theme in themes:
        parts = []
        for matter in theme.matters:
            keys = _keys(matter, merged)
            here = keys[max(begin - at, 0) : max(end - at, 0)]
            if here:
                begun = at < begin
                parts.append(_Part(keys[0], here if begun else here[1:], begun, matter, len(keys) - 1))
            at += len(keys)
        if parts:
            found.append((theme, parts))
    return found


async def _told(uow: UnitOfWork, keys: Sequence[int]) -> dict[int, Body]:
    """Some questions as the public sees them."""
    found: dict[int, Body] = {}
    for begin in range(0, len(keys), CHUNK):
        some = select(Question).where(col(Question.id).in_(keys[begin : begin + CHUNK]))
        for one in await uow.db.scalars(some):
            found[one.id or 0] = views.question_view(facts.question_facts(one))
    return found


async def _entries(
    app: web.Application, uow: UnitOfWork, shown: Sequence[tuple[Theme, list[_Part]]]
) -> dict[int, list[Body]]:
    """By the matter's lead, what the catalogue may answer already."""
    first = [parts[0].matter.lead for _, parts in shown]
    others = [part.matter.lead for _, parts in shown for part in parts[1:]]
    leads = [*first, *others][:LOOKS]
    found = await near_entries.sure_of(app[DESK].present, uow, [lead.text for lead in leads], 2)
    return {
        lead.key: [alike.entry_link(one) for one in near] for lead, near in zip(leads, found, strict=True)
    }


def _theme(
    theme: Theme,
    parts: Sequence[_Part],
    merged: Mapping[int, list[int]],
    told: Mapping[int, Body],
    entries: Mapping[int, list[Body]],
    many: bool,
) -> Body:
    return {
        "label": theme.label or ("其余的" if many else "各问各的"),
        "supports": theme.supports,
        "count": sum(len(_keys(matter, merged)) for matter in theme.matters),
        "size": len(theme.matters),
        "begun": parts[0].begun or parts[0].matter is not theme.matters[0],
        "matters": [
            {
                "lead": told[part.lead],
                "also": [told[key] for key in part.also],
                "more": part.more,
                "supports": part.matter.supports,
                "begun": part.begun,
                "entries": entries.get(part.lead, []),
            }
            for part in parts
        ],
    }
