"""The editor's list: entries of every status, narrowed by what the address says, with what is on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import Select, func, or_, select
from sqlmodel import col
from yarl import URL

from base.clock import office_date
from base.db import UnitOfWork
from faq import classes, review_steps, revisions
from faq.models import (
    CatalogEntry,
    EntryRevision,
    EntryStatus,
    RevisionAction,
    RevisionStatus,
)
from web import rows, signing

PATH = "/office/catalog"
ON_A_PAGE = 30
WORDS_LIMIT = 100
STATUSES = {EntryStatus.DRAFT: "草稿", EntryStatus.PUBLISHED: "已公开", EntryStatus.RETIRED: "已撤下"}
ON_THE_WAY = {"mine": "待我签", "draft": "起草中", "review": "送审中", "returned": "退回的"}
KEPT = ("q", "status", "open", "class", "issuer", "due")


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; empty where it is not."""

    q: str = ""
    status: str = ""
    open: str = ""
    category: str = ""
    issuer: str = ""
    due: bool = False

    def address(self, **other: str) -> str:
        """The list's address with these filters, some of them replaced."""
        mine = {
            "q": self.q,
            "status": self.status,
            "open": self.open,
            "class": self.category,
            "issuer": self.issuer,
            "due": "1" if self.due else "",
        }
        return str(URL(PATH).with_query({name: value for name, value in (mine | other).items() if value}))


def asked_of(request: web.Request) -> Asked:
    """What the address asks for; what it cannot mean is passed over."""
    said = {name: request.query.get(name, "").strip()[:WORDS_LIMIT] for name in KEPT}
    return Asked(
        q=said["q"],
        status=said["status"] if said["status"] in set(EntryStatus) else "",
        open=said["open"] if said["open"] in ON_THE_WAY else "",
        category=said["class"],
        issuer=said["issuer"],
        due=said["due"] == "1",
    )


async def page_of(uow: UnitOfWork, asked: Asked, page: int) -> dict[str, Any]:
    """The list as its template is given it."""
    waiting = await revisions.waiting_for(uow)
    mine = [one.entry_id for one in waiting]
    conditions = await _conditions(uow, asked, mine)
    total = int(
        (await uow.db.execute(select(func.count(col(CatalogEntry.id))).where(*conditions))).scalar_one()
    )
    query = select(CatalogEntry).where(*conditions)
    ordered = query.order_by(col(CatalogEntry.changed_at).desc(), col(CatalogEntry.id).desc())
    found = list(await uow.db.scalars(ordered.limit(ON_A_PAGE).offset((page - 1) * ON_A_PAGE)))
    shown_first = await _entries(uow, mine[:5]) if not asked.open else {}
    open_ones = await _open_of(uow, [one.id or 0 for one in found])
    listed = await review_steps.steps(uow.db)
    address = asked.address()
    pairs = [(open_ones[one.id or 0], one) for one in found if (one.id or 0) in open_ones]
    urls = {revision.id or 0: f"{PATH}/{entry.id}" for revision, entry in pairs}
    return {
        "rows": [_row(one, open_ones.get(one.id or 0), listed) for one in found],
        "to_sign": await signing.rows_of(pairs, listed, urls) if asked.open == "mine" else [],
        "total": total,
        "asked": asked,
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
        "statuses": await _statuses(uow, asked),
        "ways": await _ways(uow, asked, len(waiting)),
        "classes": [(node.name, "　" * node.depth + node.name) for node in await classes.tree(uow.db)],
        "issuers": await issuers(uow),
        "pager": rows.pager(page, total, ON_A_PAGE, f"{address}{'&' if '?' in address else '?'}page="),
    }


async def _conditions(uow: UnitOfWork, asked: Asked, mine: Sequence[int]) -> list[Any]:
    found: list[Any] = []
    if asked.status:
        found.append(col(CatalogEntry.status) == asked.status)
    if asked.category:
        found.append(col(CatalogEntry.category).in_(await classes.below(uow.db, asked.category)))
    if asked.issuer:
        found.append(col(CatalogEntry.issuer) == asked.issuer)
    if asked.due:
        found.append(_due(uow))
    if asked.open == "mine":
        found.append(col(CatalogEntry.id).in_(mine))
    elif asked.open:
        under = select(col(EntryRevision.entry_id)).where(col(EntryRevision.status) == asked.open)
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


async def _statuses(uow: UnitOfWork, asked: Asked) -> list[dict[str, Any]]:
    query = select(col(CatalogEntry.status), func.count(col(CatalogEntry.id))).group_by(
        col(CatalogEntry.status)
    )
    counts = {status: int(n) for status, n in await uow.db.execute(query)}
    options = [("", "全部", sum(counts.values()))]
    options += [(status.value, label, counts.get(status, 0)) for status, label in STATUSES.items()]
    return [
        {"label": label, "href": asked.address(status=value), "count": n, "current": asked.status == value}
        for value, label, n in options
    ]


async def _ways(uow: UnitOfWork, asked: Asked, mine: int) -> list[dict[str, Any]]:
    open_ones = col(EntryRevision.status).in_(revisions.OPEN)
    query = select(col(EntryRevision.status), func.count(col(EntryRevision.id))).where(open_ones)
    counts = {status: int(n) for status, n in await uow.db.execute(query.group_by(col(EntryRevision.status)))}
    counts["mine"] = mine
    due: Select[Any] = select(func.count(col(CatalogEntry.id))).where(_due(uow))
    found = [
        {
            "label": label,
            "href": asked.address(open="" if asked.open == name else name),
            "count": counts.get(name, 0),
            "current": asked.open == name,
        }
        for name, label in ON_THE_WAY.items()
    ]
    to_look_at = int((await uow.db.execute(due)).scalar_one())
    href = asked.address(due="" if asked.due else "1")
    return [*found, {"label": "该复查的", "href": href, "count": to_look_at, "current": asked.due}]


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


def _row(
    entry: CatalogEntry, revision: EntryRevision | None, listed: Sequence[review_steps.Step]
) -> dict[str, Any]:
    return {
        "title": entry.title,
        "url": f"{PATH}/{entry.id}",
        "index_no": entry.index_no,
        "status": state_in_words(entry),
        "way": way_in_words(revision, listed) if revision else None,
        "class_name": entry.category,
        "issuer": entry.issuer,
        "changed_at": entry.changed_at,
        "review_on": entry.review_on,
    }


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
