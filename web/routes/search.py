"""Search over everything published, as a page and as an interface."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession
from yarl import URL

from base.db import UnitOfWork
from base.errors import Refusal
from faq import classes, views
from faq.classes import Tree
from faq.holdings import Facet, Kind, Order
from faq.records import Found, Result
from faq.shelf import Wanted
from interviews import receipts
from web import finding, rows
from web.finding import Asked
from web.keys import RECORDS, UNITS
from web.pages import Page, render
from web.routes.api import number_in, reply
from web.routes.public import page_number, see_other

routes = web.RouteTableDef()

SEARCH_PAGE = 20
API_PAGE, API_LIMIT, API_REACH = 20, 100, 100_000


@routes.get("/search")
async def search(request: web.Request) -> web.Response:
    """Search over everything published: interviews, questions, answers, entries; a receipt leads to its page."""
    receipt = receipts.read(request.query.get("q", "")[:40])
    if receipt is not None:
        return see_other(str(URL("/questions").with_query(receipt=receipt)))
    page, found, preparing = page_number(request), None, None
    async with request.app[UNITS].read() as uow:
        tree = await classes.tree(uow.db)
        wanted = finding.asked(request, tree)
        if wanted.typed:
            try:
                found = await _find(request, uow, wanted, (page - 1) * SEARCH_PAGE, SEARCH_PAGE)
            except Refusal as refusal:
                if refusal.code != "search.preparing":
                    raise
                preparing = refusal
    context = _context(wanted, tree, found, page) | {"preparing": preparing.message if preparing else None}
    status = preparing.status if preparing else 200
    response = await render(
        request, "search.html", context, page=Page("找一找", column="搜索"), status=status
    )
    if preparing is not None:
        response.headers["Retry-After"] = str(preparing.retry_after)
    return response


async def _find(request: web.Request, uow: UnitOfWork, wanted: Asked, skip: int, limit: int) -> Found:
    read = await viewed(uow.db, wanted.order)
    return await request.app[RECORDS].search(
        uow, Wanted(wanted.words, wanted.narrow, wanted.order, skip, limit, read)
    )


async def viewed(db: AsyncSession, order: Order) -> dict[int, int]:
    """How often entries were read, where the list is to be in that order."""
    return await views.totals(db) if order == Order.VIEWS else {}


def _context(wanted: Asked, tree: Tree, found: Found | None, page: int) -> dict[str, Any]:
    typed, total = wanted.typed, found.total if found else 0
    entries = typed.get("kind", Kind.ENTRY.value) == Kind.ENTRY.value
    sorts = finding.ORDERS.items()
    return {
        "q": wanted.words,
        "typed": wanted.form,
        "asked": found is not None,
        "rows": [finding.result_row(one) for one in found.results] if found else [],
        "total": total,
        "kinds": _kinds(wanted, found.counts[Facet.KIND]) if found and found.counts[Facet.KIND] else [],
        "classes": finding.class_options(found.counts, tree, typed.get("class", ""))
        if found and entries
        else [],
        "issuers": finding.options(found.counts[Facet.ISSUER], typed.get("issuer", "")) if found else [],
        "orders": [{"value": v, "label": word, "chosen": v == typed.get("sort", "")} for v, word in sorts],
        "pager": rows.pager(page, total, SEARCH_PAGE, wanted.pages("/search")),
    }


def _kinds(wanted: Asked, counted: dict[str, int]) -> list[dict[str, Any]]:
    """Links to the results of one kind; a kind that is not the catalogue has no classes."""
    every = [("", "全部", sum(counted.values()))]
    every += [(kind.value, label, counted.get(kind.value, 0)) for kind, label in finding.KINDS.items()]
    chosen = wanted.typed.get("kind", "")
    return [
        {
            "label": label,
            "href": wanted.link(
                "/search", kind=value, **({"class": ""} if value not in ("", "entry") else {})
            ),
            "count": count,
            "current": value == chosen,
        }
        for value, label, count in every
    ]


@routes.get("/api/search")
async def api_search(request: web.Request) -> web.Response:
    """The same for programs: ``after`` results stand before these, ``next`` goes into it."""
    after = number_in(request, "after", 0, 0, API_REACH) or 0
    limit = number_in(request, "limit", API_PAGE, 1, API_LIMIT) or API_PAGE
    async with request.app[UNITS].read() as uow:
        wanted = finding.asked(request, await classes.tree(uow.db))
        found = await _find(request, uow, wanted, after, limit)
    more = after + limit < found.total and after + limit <= API_REACH
    told = {
        "total": found.total,
        "results": [_told(one) for one in found.results],
        "counts": {facet.value: counted for facet, counted in found.counts.items()},
        "next": after + limit if more else None,
    }
    return reply(told)


def _told(result: Result) -> dict[str, Any]:
    shown = result.shown
    return {
        "kind": shown.kind.value,
        "title": shown.title,
        "excerpt": [{"text": piece.text, "mark": piece.mark} for piece in result.excerpt],
        "date": finding.day_of(result),
        "url": shown.href,
        "issuer": shown.issuer or None,
        "class": shown.category or None,
        "index_no": shown.number or None,
        "in_force": shown.in_force,
    }
