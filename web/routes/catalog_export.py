"""The published catalogue as open data: CSV for tables, JSON Lines for programs, one JSON document with its licence.

Written while it is read, some hundreds of entries at a time; whoever has this version already is told so. What was
exported can be imported again.

浏览量 (``views``) is as many reads as were written down by then. Reads make no new version, else there would be one
with every page that is opened: whoever has the file of a catalogue that does not change gets the new counts with the
next day of the office.
"""

import csv
import hashlib
import io
import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.clock import office_date, shanghai_iso
from base.db import Units
from faq import classes, library, views
from faq.classes import Tree
from faq.models import CatalogEntry, EntryStatus
from faq.table_file import COLUMNS
from interviews.plan_tables import harmless
from web.keys import SETTINGS, UNITS

routes = web.RouteTableDef()

LICENCE = "可以自由使用、复制和再发布。请注明来源、索引号和取得的日期，以网站上的文字为准。"
TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson", "json": "application/json"}
MORE = ("class_path", "url", "views")
"""Columns beside the contract's: the class in its tree, where the entry is read and cited, and how often it was."""
CHUNK = 300

Told = dict[str, Any]


@routes.get("/catalog.{kind:csv|jsonl|json}")
async def open_data(request: web.Request) -> web.StreamResponse:
    """Every published entry, by number; those that have lost their force say so."""
    kind, base = request.match_info["kind"], request.app[SETTINGS].base_url
    units = request.app[UNITS]
    async with units.read() as uow:
        today, at = office_date(uow.now), shanghai_iso(uow.now)
        tree = await classes.tree(uow.db)
        licence = request.app[SETTINGS].data_licence or LICENCE
        tag = await _tag(uow.db, kind, today, tree, f"{base} {licence}")
    response = web.StreamResponse(headers=_headers(kind, tag))
    if any(one.value in ("*", tag) for one in request.if_none_match or ()):
        return web.Response(status=304, headers={"ETag": f'"{tag}"'})
    if request.method == "HEAD":
        return web.Response(headers=response.headers)
    await response.prepare(request)
    async for text in _FORMS[kind](_told(units, tree, today, base), {"licence": licence, "exported_at": at}):
        await response.write(text.encode("utf-8"))
    await response.write_eof()
    return response


def _headers(kind: str, tag: str) -> dict[str, str]:
    return {
        "Content-Type": f"{TYPES[kind]}; charset=utf-8",
        "Content-Disposition": f'attachment; filename="catalog.{kind}"',
        "ETag": f'"{tag}"',
        "Cache-Control": "public, no-cache",
        "X-Content-Type-Options": "nosniff",
    }


async def _tag(db: AsyncSession, kind: str, today: date, tree: Tree, base: str) -> str:
    """Another one when the catalogue changes, when its tree does, and when a day passes.

    Force ends by date, and 浏览量 is told anew once a day.
    """
    paths = [tree.path(node.name) for node in tree]
    seen = json.dumps([kind, today.isoformat(), paths, base, await library.version(db)])
    return hashlib.sha256(seen.encode()).hexdigest()[:20]


async def _told(units: Units, tree: Tree, today: date, base: str) -> AsyncIterator[list[Told]]:
    """The entries in the order of their rows, some at a time.

    Each time is a reading of its own: somebody who reads slowly must not keep a connection from everybody else.
    """
    after = 0
    while True:
        async with units.read() as uow:
            query = select(CatalogEntry).where(
                col(CatalogEntry.status) == EntryStatus.PUBLISHED, col(CatalogEntry.id) > after
            )
            found = list(await uow.db.scalars(query.order_by(col(CatalogEntry.id)).limit(CHUNK)))
            read = await views.totals(uow.db, [one.id or 0 for one in found])
        if not found:
            return
        after = found[-1].id or 0
        yield [_entry(one, tree, today, base, read.get(one.id or 0, 0)) for one in found]


def _entry(one: CatalogEntry, tree: Tree, today: date, base: str, read: int) -> Told:
    return {
        **{name: getattr(one, name) for name in COLUMNS if name != "class"},
        "class": one.category,
        "question": one.question or None,
        "in_force": one.speaks_on(today),
        "class_path": tree.path(one.category),
        "url": f"{base}/faq/entries/{one.id}",
        "views": read,
    }


async def _csv(entries: AsyncIterator[list[Told]], _head: Told) -> AsyncIterator[str]:
    # The mark by which Excel knows UTF-8.
    yield "\ufeff" + _csv_lines([[*COLUMNS, *MORE]])
    async for some in entries:
        yield _csv_lines([[harmless(_cell(one[name])) for name in (*COLUMNS, *MORE)] for one in some])


def _csv_lines(rows: list[list[str]]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "|".join(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _object(one: Told) -> str:
    ordered = {name: one[name] for name in (*COLUMNS, *MORE)}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), default=date.isoformat)


async def _jsonl(entries: AsyncIterator[list[Told]], _head: Told) -> AsyncIterator[str]:
    async for some in entries:
        yield "".join(_object(one) + "\n" for one in some)


async def _json(entries: AsyncIterator[list[Told]], head: Told) -> AsyncIterator[str]:
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "entries": ['
    first = True
    async for some in entries:
        yield ("" if first else ",\n") + ",\n".join(_object(one) for one in some)
        first = False
    yield "]}\n"


_FORMS = {"csv": _csv, "jsonl": _jsonl, "json": _json}
