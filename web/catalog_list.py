"""The editor's list: entries of every status, narrowed by what the address says, with what is on its way."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from multidict import MultiMapping
from sqlalchemy import Select, func, or_, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork, Units
from base.people import Actor
from faq import classes, review_steps, revisions
from faq.models import (
    CatalogEntry,
    EntryRevision,
    EntryStatus,
    RevisionAction,
    RevisionStatus,
)
from web import signing, working_list
from web.working_list import Asked, Cell, Column, Filter, Line

PATH = "/office/catalog"
STATUSES = {EntryStatus.DRAFT: "草稿", EntryStatus.PUBLISHED: "已公开", EntryStatus.RETIRED: "已撤下"}
ON_THE_WAY = {"mine": "待我签", "draft": "起草中", "review": "送审中", "returned": "退回的"}
MINE = f"{PATH}?open=mine"
COLUMNS = (
    Column("title", "条目"),
    Column("index_no", "索引号"),
    Column("status", "状态"),
    Column("way", "在办"),
    Column("class", "类别"),
    Column("issuer", "发布机构"),
    Column("document_no", "文号", shown=False),
    Column("published_on", "公开日期", shown=False),
    Column("review_on", "哪天复查", shown=False),
    Column("changed_at", "改动时间"),
)
CHUNK = 500
"""Entries read at once for a file."""


@dataclass(frozen=True)
class Listing:
    """An address read: the narrowings that there are now, and what it asks of them."""

    filters: tuple[Filter, ...]
    asked: Asked

    def address(self, **other: str) -> str:
        """The list's address with these filters, some of them replaced."""
        return working_list.address_with(PATH, self.filters, self.asked, **other)


async def read(uow: UnitOfWork, query: MultiMapping[str]) -> Listing:
    """What an address asks for; what it cannot mean is passed over."""
    tree = [(node.name, "　" * node.depth + node.name) for node in await classes.tree(uow.db)]
    filters = (
        Filter("status", "状态", [(one.value, label) for one, label in STATUSES.items()], beside=True),
        Filter("open", "在办", list(ON_THE_WAY.items()), beside=True),
        Filter("due", "复查", [("1", "该复查的")], beside=True),
        Filter("class", "类别", tree),
        Filter("issuer", "发布机构", [(one, one) for one in await issuers(uow)]),
    )
    return Listing(filters, working_list.asked(query, COLUMNS, filters))


async def page_of(uow: UnitOfWork, listing: Listing) -> dict[str, Any]:
    """The list as its template is given it."""
    asked = listing.asked
    waiting = await revisions.waiting_for(uow)
    mine = [one.entry_id for one in waiting]
    conditions = await _conditions(uow, asked, mine)
    total = int(
        (await uow.db.execute(select(func.count(col(CatalogEntry.id))).where(*conditions))).scalar_one()
    )
    skip, most = working_list.cut(asked, total)
    found = list(await uow.db.scalars(_ordered(conditions, asked).limit(most).offset(skip)))
    shown_first = await _entries(uow, mine[:5]) if not asked.chosen["open"] else {}
    open_ones = await _open_of(uow, [one.id or 0 for one in found])
    listed = await review_steps.steps(uow.db)
    pairs = [(open_ones[one.id or 0], one) for one in found if (one.id or 0) in open_ones]
    urls = {revision.id or 0: f"{PATH}/{entry.id}" for revision, entry in pairs}
    lines = [_line(one, open_ones.get(one.id or 0), listed) for one in found]
    return {
        "l": working_list.drawn_page(PATH, COLUMNS, listing.filters, lines, total, asked),
        "to_sign": await signing.rows_of(pairs, listed, urls) if asked.chosen["open"] == "mine" else [],
        "mine": asked.chosen["open"] == "mine",
        "waiting": [
            {
                "title": revision.fields.get("title") or shown_first[revision.entry_id].title,
                "text": way_in_words(revision, listed),
                "by": revision.author_name,
                "at": revision.changed_at,
                "url": f"{PATH}/{revision.entry_id}",
            }
            for revision in waiting
            if revision.entry_id in shown_first
        ],
        "waiting_count": len(waiting),
        "statuses": await _statuses(uow, listing),
        "ways": await _ways(uow, listing, len(waiting)),
    }


async def exported(units: Units, actor: Actor, asked: Asked) -> AsyncIterator[list[Line]]:
    """Every entry that the address asks for, in its order, some at a time.

    Which ones is read once, so that what changes meanwhile neither shifts nor doubles a line; each stretch after that is
    a reading of its own: somebody who reads slowly must not keep a connection from everybody else.
    """
    async with units.read(actor) as uow:
        mine = [one.entry_id for one in await revisions.waiting_for(uow)]
        query = _ordered(await _conditions(uow, asked, mine), asked).with_only_columns(col(CatalogEntry.id))
        numbers = [number or 0 for number in await uow.db.scalars(query)]
        listed = await review_steps.steps(uow.db)
    for start in range(0, len(numbers), CHUNK):
        some = numbers[start : start + CHUNK]
        async with units.read(actor) as uow:
            known, open_ones = await _entries(uow, some), await _open_of(uow, some)
        yield [_line(known[one], open_ones.get(one), listed) for one in some if one in known]


def _ordered(conditions: Sequence[Any], asked: Asked) -> Select[Any]:
    """The entries in the address's order, otherwise those changed last first; without a value before all others."""
    query = select(CatalogEntry).where(*conditions)
    if not asked.sort:
        return query.order_by(col(CatalogEntry.changed_at).desc(), col(CatalogEntry.id).desc())
    under_way = (
        select(col(EntryRevision.status))
        .where(
            col(EntryRevision.entry_id) == col(CatalogEntry.id),
            col(EntryRevision.status).in_(revisions.OPEN),
        )
        .limit(1)
        .scalar_subquery()
    )
    by = {one.name: getattr(CatalogEntry, one.name, None) for one in COLUMNS}
    by |= {"way": under_way, "class": CatalogEntry.category}
    key: Any = by[asked.sort]
    ordered = key.desc().nulls_last() if asked.falling else key.asc().nulls_first()
    return query.order_by(ordered, col(CatalogEntry.id))


async def _conditions(uow: UnitOfWork, asked: Asked, mine: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    chosen = asked.chosen
    if chosen["status"]:
        found.append(col(CatalogEntry.status) == chosen["status"])
    if chosen["class"]:
        found.append(col(CatalogEntry.category).in_(await classes.below(uow.db, chosen["class"])))
    if chosen["issuer"]:
        found.append(col(CatalogEntry.issuer) == chosen["issuer"])
    if chosen["due"]:
        found.append(_due(uow))
    if chosen["open"] == "mine":
        found.append(col(CatalogEntry.id).in_(mine))
    elif chosen["open"]:
        under = select(col(EntryRevision.entry_id)).where(col(EntryRevision.status) == chosen["open"])
        found.append(col(CatalogEntry.id).in_(under))
    for word in asked.q.split():
        fields = (
            CatalogEntry.title,
            CatalogEntry.question,
            CatalogEntry.body,
            CatalogEntry.index_no,
            CatalogEntry.document_no,
            CatalogEntry.keywords,
        )
        found.append(or_(*(col(field).icontains(word, autoescape=True) for field in fields)))
    return found


def _due(uow: UnitOfWork) -> Any:
    """To be looked at again: published, and the day named for it is here."""
    published = col(CatalogEntry.status) == EntryStatus.PUBLISHED
    return published & (col(CatalogEntry.review_on) <= office_date(uow.now))


async def _statuses(uow: UnitOfWork, listing: Listing) -> list[dict[str, Any]]:
    query = select(col(CatalogEntry.status), func.count(col(CatalogEntry.id))).group_by(
        col(CatalogEntry.status)
    )
    counts = {status: int(n) for status, n in await uow.db.execute(query)}
    options = [("", "全部", sum(counts.values()))]
    options += [(status.value, label, counts.get(status, 0)) for status, label in STATUSES.items()]
    return [
        {
            "label": label,
            "href": listing.address(status=value),
            "count": n,
            "current": listing.asked.chosen["status"] == value,
        }
        for value, label, n in options
    ]


async def _ways(uow: UnitOfWork, listing: Listing, mine: int) -> list[dict[str, Any]]:
    open_ones = col(EntryRevision.status).in_(revisions.OPEN)
    query = select(col(EntryRevision.status), func.count(col(EntryRevision.id))).where(open_ones)
    counts = {status: int(n) for status, n in await uow.db.execute(query.group_by(col(EntryRevision.status)))}
    counts["mine"] = mine
    way, looked_at = listing.asked.chosen["open"], listing.asked.chosen["due"] == "1"
    due: Select[Any] = select(func.count(col(CatalogEntry.id))).where(_due(uow))
    found = [
        {
            "label": label,
            "href": listing.address(open="" if way == name else name),
            "count": counts.get(name, 0),
            "current": way == name,
        }
        for name, label in ON_THE_WAY.items()
    ]
    to_look_at = int((await uow.db.execute(due)).scalar_one())
    href = listing.address(due="" if looked_at else "1")
    return [*found, {"label": "该复查的", "href": href, "count": to_look_at, "current": looked_at}]


async def issuers(uow: UnitOfWork) -> list[str]:
    """Who has issued entries, for the list and for the form's suggestions."""
    return sorted(await uow.db.scalars(select(col(CatalogEntry.issuer)).distinct()))


async def _entries(uow: UnitOfWork, ids: Sequence[int]) -> Mapping[int, CatalogEntry]:
    found = await uow.db.scalars(select(CatalogEntry).where(col(CatalogEntry.id).in_(ids)))
    return {one.id or 0: one for one in found}


async def _open_of(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, EntryRevision]:
    query = select(EntryRevision).where(
        col(EntryRevision.entry_id).in_(ids), col(EntryRevision.status).in_(revisions.OPEN)
    )
    return {one.entry_id: one for one in await uow.db.scalars(query)}


def _line(entry: CatalogEntry, revision: EntryRevision | None, listed: Sequence[review_steps.Step]) -> Line:
    cells: dict[str, Cell] = {
        "title": entry.title or "没有标题",
        "index_no": entry.index_no,
        "status": state_in_words(entry),
        "way": way_in_words(revision, listed) if revision else None,
        "class": entry.category,
        "issuer": entry.issuer,
        "document_no": entry.document_no,
        "published_on": entry.published_on,
        "review_on": entry.review_on,
        "changed_at": entry.changed_at,
    }
    return Line(cells, url=f"{PATH}/{entry.id}", id=entry.id)


def state_in_words(entry: CatalogEntry) -> str:
    """An entry's status, with what it lost."""
    label = STATUSES[EntryStatus(entry.status)]
    if entry.status != EntryStatus.PUBLISHED:
        return label
    return f"{label}，已失效" if not entry.in_force else label


def way_in_words(revision: EntryRevision, listed: Sequence[review_steps.Step]) -> str:
    """Where a revision stands: 「修改，等分管领导签」."""
    act = revisions.ACTIONS[RevisionAction(revision.action)]
    if revision.status == RevisionStatus.REVIEW:
        return f"{act}，等{review_steps.step_at(revision, listed).name}签"
    return f"{act}，{ {'draft': '起草中', 'returned': '退回了，等修改'}[revision.status] }"
