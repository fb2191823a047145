"""The published catalogue: browsed by class, issuer and year, and each entry on a page that can be cited."""

from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from faq import classes, library, views
from faq.classes import Tree
from faq.holdings import Facet, Kind
from faq.models import CatalogEntry, EntryStatus
from faq.records import Found, Result
from faq.shelf import Wanted
from web import finding, rows, said_of
from web.filters import cndate
from web.finding import Asked
from web.keys import RECORDS, SETTINGS, UNITS, VIEWS
from web.pages import Page, render
from web.routes.api import path_number
from web.routes.public import page_number
from web.routes.search import viewed

routes = web.RouteTableDef()

CATALOG_PAGE = 30
OPEN_DATA = (("CSV", "/catalog.csv"), ("JSON", "/catalog.json"), ("JSON Lines", "/catalog.jsonl"))


# Browsing


@routes.get("/catalog")
async def catalog(request: web.Request) -> web.Response:
    """The published catalogue by class, issuer, year, openness and force, and by words."""
    page, found, read, preparing = page_number(request), None, {}, None
    async with request.app[UNITS].read() as uow:
        tree = await classes.tree(uow.db)
        asked = finding.asked(request, tree, Kind.ENTRY)
        wanted = Wanted(
            asked.words,
            asked.narrow,
            asked.order,
            (page - 1) * CATALOG_PAGE,
            CATALOG_PAGE,
            await viewed(uow.db, asked.order),
        )
        try:
            found = await request.app[RECORDS].search(uow, wanted)
        except Refusal as refusal:
            if refusal.code != "search.preparing":
                raise
            preparing = refusal
        else:
            numbers = [one.shown.row.id or 0 for one in found.results if one.shown.row]
            read = await views.totals(uow.db, numbers)
    context = _listed(asked, tree, found, read, page) | {
        "preparing": preparing.message if preparing else None
    }
    status = preparing.status if preparing else 200
    response = await render(request, "catalog.html", context, page=_page_of(asked), status=status)
    if preparing is not None:
        response.headers["Retry-After"] = str(preparing.retry_after)
    return response


def _page_of(asked: Asked) -> Page:
    """A class has an address of its own; what else narrows the list has none."""
    name = asked.typed.get("class")
    said = f"政府信息公开目录的“{name}”：按单位、年份、效力查。" if name else None
    return Page(f"目录：{name}" if name else "目录", said, "目录", own=("class", "page"))


def _listed(asked: Asked, tree: Tree, found: Found | None, read: dict[int, int], page: int) -> dict[str, Any]:
    typed, total = asked.typed, found.total if found else 0
    context: dict[str, Any] = {
        "q": asked.words,
        "typed": asked.form,
        "narrowed": bool(typed),
        "total": total,
        "rows": [_row(one, read) for one in found.results] if found else [],
        "path": [
            {"label": name, "href": asked.link("/catalog", **{"class": name})} for name in _path(tree, typed)
        ],
        "everything": asked.link("/catalog", **{"class": ""}),
        "classes": [],
        "issuers": [],
        "years": [],
        "opennesses": [],
        "forces": [],
        "orders": [
            {"value": value, "label": label, "chosen": value == typed.get("sort", "")}
            for value, label in finding.ORDERS.items()
        ],
        "open_data": [{"label": label, "href": href} for label, href in OPEN_DATA],
        "pager": rows.pager(page, total, CATALOG_PAGE, asked.pages("/catalog")),
    }
    if found is not None:
        counts = found.counts
        years = dict(sorted(counts[Facet.YEAR].items(), reverse=True))
        context |= {
            "classes": _below(asked, tree, found),
            "issuers": finding.options(counts[Facet.ISSUER], typed.get("issuer", "")),
            "years": [
                {"value": year, "label": f"{year}年", "count": count, "chosen": year == typed.get("year")}
                for year, count in years.items()
            ],
            "opennesses": finding.options(counts[Facet.OPENNESS], typed.get("open", "")),
            "forces": finding.options(counts[Facet.IN_FORCE], typed.get("force", ""), finding.FORCE),
        }
    return context


def _path(tree: Tree, typed: dict[str, str]) -> list[str]:
    return tree.path(typed["class"]) if "class" in typed else []


def _below(asked: Asked, tree: Tree, found: Found) -> list[dict[str, Any]]:
    """The classes right below the chosen one that have something, with how much."""
    whole = finding.class_counts(found.counts, tree)
    return [
        {
            "label": node.name,
            "href": asked.link("/catalog", **{"class": node.name}),
            "count": whole[node.name],
            "current": False,
        }
        for node in tree.children(asked.typed.get("class"))
        if whole[node.name]
    ]


def _row(result: Result, read: dict[int, int]) -> dict[str, Any]:
    entry = result.shown.row
    if entry is None:
        raise TypeError("the catalogue lists entries alone")
    return finding.result_row(result) | {
        "index_no": entry.index_no,
        "published_on": entry.published_on,
        "views": read.get(entry.id or 0, 0),
    }


# One entry


@routes.get("/faq/entries/{id:\\d+}")
async def entry(request: web.Request) -> web.Response:
    """A citable entry; one that lost its force says so."""
    async with request.app[UNITS].read() as uow:
        found = await library.entry(uow.db, path_number(request))
        context: dict[str, Any] = {
            "entry": await _entry(request, uow, found),
            "related": await _related(request, uow, found),
        }
        if views.counts(request.method, request.headers):
            request.app[VIEWS].seen(found.id or 0, office_date(uow.now))
    about = said_of.entry(context["entry"], found.id or 0, request.app[SETTINGS].base_url)
    return await render(request, "faq_entry.html", context, page=about)


async def _entry(request: web.Request, uow: UnitOfWork, found: CatalogEntry) -> dict[str, Any]:
    own_question = found.question if found.question != found.title else None
    today = office_date(uow.now)
    address = f"{request.app[SETTINGS].base_url}/faq/entries/{found.id}"
    issued = f"，{cndate(found.published_on).split('（')[0]}" if found.published_on else ""
    return {
        "index_no": found.index_no,
        "path": await classes.path(uow.db, found.category),
        "title": found.title,
        "question": own_question or None,
        "body": found.body,
        "issuer": found.issuer,
        "section": found.section,
        "document_no": found.document_no,
        "keywords": found.keywords,
        "made_on": found.made_on,
        "published_on": found.published_on,
        "amended_on": found.amended_on,
        "openness": found.openness,
        "in_force": found.speaks_on(today),
        "repealed_on": found.repealed_on,
        "successor": await _successor(uow.db, found),
        "predecessors": await _predecessors(uow.db, found),
        "views": await request.app[VIEWS].of_entry(uow.db, found.id or 0),
        "citation": f"{found.issuer}：《{found.title}》{issued}，索引号{found.index_no}，{address}",
    }


def _public(*more: Any) -> Any:
    return select(CatalogEntry).where(col(CatalogEntry.status) == EntryStatus.PUBLISHED, *more)


async def _successor(db: AsyncSession, found: CatalogEntry) -> dict[str, Any] | None:
    if not found.successor:
        return None
    one = (await db.scalars(_public(col(CatalogEntry.index_no) == found.successor))).first()
    return {"title": one.title, "url": f"/faq/entries/{one.id}"} if one else None


async def _predecessors(db: AsyncSession, found: CatalogEntry) -> list[dict[str, Any]]:
    """The entries in whose place this one came."""
    query = _public(col(CatalogEntry.successor) == found.index_no, col(CatalogEntry.id) != found.id)
    listed = await db.scalars(query.order_by(col(CatalogEntry.id)).limit(10))
    return [{"title": one.title, "url": f"/faq/entries/{one.id}"} for one in listed]


async def _related(request: web.Request, uow: UnitOfWork, found: CatalogEntry) -> list[dict[str, Any]]:
    text = f"{found.title} {found.question}"
    near = await request.app[RECORDS].related(uow, found.id or 0, text)
    return [{"title": one.title, "url": one.href} for one in near]
