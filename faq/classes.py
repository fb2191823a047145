"""The catalogue's tree of classes, which the office edits; a catalogue that has none starts with ``models.CLASSES``.

An entry names its class, so a class that is renamed takes its entries along. A file may bring entries of a class
that the tree does not have: the public finds them at its end, until the office takes the class in or renames it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import note
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Role
from faq.library import locked_state, raise_version
from faq.models import CLASSES, CatalogClass, CatalogEntry, EntryRevision, RevisionStatus
from interviews.texts import clean

NAME_LIMIT = 20
DEPTH_LIMIT = 4
"""How many levels fit on a phone; the cities' public catalogues have two or three."""

_OPEN = (RevisionStatus.DRAFT, RevisionStatus.REVIEW, RevisionStatus.RETURNED)


@dataclass(frozen=True)
class Node:
    """A class in its place. ``listed`` is false for one that entries name and the tree does not have."""

    name: str
    parent: str | None
    depth: int
    listed: bool = True


@dataclass(frozen=True)
class Tree:
    """All classes, each before those below it, in the order that the office gave."""

    nodes: tuple[Node, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes)

    def find(self, name: str) -> Node | None:
        """The class of a name."""
        return next((node for node in self.nodes if node.name == name), None)

    def children(self, name: str | None) -> list[Node]:
        """The classes right below one; of ``None`` those at the top."""
        return [node for node in self.nodes if node.parent == name]

    def below(self, name: str) -> list[str]:
        """A class and all below it: what somebody means who browses by it. A name nobody knows is alone."""
        names = [name]
        for node in self.nodes:
            if node.parent in names and node.name not in names:
                names.append(node.name)
        return names

    def path(self, name: str) -> list[str]:
        """From the top down to a class, itself included."""
        found: list[str] = []
        step: str | None = name
        while step is not None and step not in found:
            found.insert(0, step)
            node = self.find(step)
            step = node.parent if node else None
        return found


async def tree(db: AsyncSession) -> Tree:
    """The tree as it is, with the classes that only entries know at its end."""
    return await _with_unlisted(db, _ordered(await _rows(db)))


async def below(db: AsyncSession, name: str) -> list[str]:
    """The names of a class and of all below it."""
    return Tree(_ordered(await _rows(db))).below(name)


async def path(db: AsyncSession, name: str) -> list[str]:
    """The names from the top down to a class, itself included."""
    return Tree(_ordered(await _rows(db))).path(name)


async def used(db: AsyncSession) -> dict[str, int]:
    """How many entries of any status each class has of its own, those below it not counted."""
    query = select(col(CatalogEntry.category), func.count(col(CatalogEntry.id)))
    return {name: int(n) for name, n in await db.execute(query.group_by(col(CatalogEntry.category)))}


# The office's verbs


async def add(uow: UnitOfWork, name: str, under: str | None = None) -> None:
    """Put a new class last, at the top or under another; one that only entries know is taken in so.

    Raises:
        Refusal: ``class.exists``, ``class.deep``, ``text.empty``, ``text.too_long``; ``not_found`` for ``under``;
            the actor may not.
    """
    rows = await _to_edit(uow)
    name = _clean(name)
    if name in rows:
        raise Refusal("class.exists", f"已经有“{name}”这个类别。请换一个名字。")
    parent = _known(rows, under) if under else None
    if len(_way(rows, parent)) >= DEPTH_LIMIT:
        raise _too_deep()
    last = max((row.position for row in rows.values()), default=0)
    parent_id = parent.id if parent else None
    uow.db.add(CatalogClass(name=name, parent_id=parent_id, position=last + 1))
    await note(uow, "class.add", f"class:{name}", under=under)


async def rename(uow: UnitOfWork, name: str, new: str) -> int:
    """Give a class another name; its entries and what is being written for them follow.

    A class that only entries know may take the name of a listed one: its entries go there.

    Returns:
        how many entries followed.

    Raises:
        Refusal: ``class.exists``, ``text.empty``, ``text.too_long``, ``not_found``; the actor may not.
    """
    rows = await _to_edit(uow)
    new = _clean(new)
    row = rows.get(name)
    if row is None and not await _count(uow.db, name):
        raise missing("这个类别")
    if new == name:
        return 0
    if row is not None and new in rows:
        raise Refusal("class.exists", f"已经有“{new}”这个类别。请换一个名字，或者先把条目逐条改过去。")
    if row is not None:
        row.name = new
    elif new not in rows:
        last = max((one.position for one in rows.values()), default=0)
        uow.db.add(CatalogClass(name=new, position=last + 1))
    moved = await _take_along(uow, name, new)
    await note(uow, "class.rename", f"class:{name}", to=new, entries=moved)
    return moved


async def move(uow: UnitOfWork, name: str, under: str | None) -> None:
    """Put a class and all below it under another, or at the top, last there.

    Raises:
        Refusal: ``class.loop`` under itself, ``class.deep``, ``not_found``; the actor may not.
    """
    rows = await _to_edit(uow)
    row = _known(rows, name)
    parent = _known(rows, under) if under else None
    way = _way(rows, parent)
    if row.name in way:
        raise Refusal("class.loop", f"“{name}”不能放到它自己下面。请另选一个上级。")
    shown = Tree(_ordered(list(rows.values())))
    depths = [len(shown.path(one)) for one in shown.below(name)]
    if len(way) + max(depths) - min(depths) + 1 > DEPTH_LIMIT:
        raise _too_deep()
    row.parent_id = parent.id if parent else None
    row.position = max(one.position for one in rows.values()) + 1
    await note(uow, "class.move", f"class:{name}", under=under)


async def order(uow: UnitOfWork, name: str, step: Literal["up", "down"]) -> None:
    """Change places with the class before or after it under the same parent; at the end nothing happens.

    Raises:
        Refusal: ``not_found``; the actor may not.
    """
    rows = await _to_edit(uow)
    row = _known(rows, name)
    beside = sorted(
        (one for one in rows.values() if one.parent_id == row.parent_id), key=lambda one: one.position
    )
    at = beside.index(row)
    other = at - 1 if step == "up" else at + 1
    if 0 <= other < len(beside):
        beside[at], beside[other] = beside[other], beside[at]
        for one, position in zip(beside, sorted(one.position for one in beside), strict=True):
            one.position = position
        await note(uow, "class.order", f"class:{name}", step=step)


async def drop(uow: UnitOfWork, name: str) -> None:
    """Delete a class that no entry names and that has none below it.

    Raises:
        Refusal: ``class.used``, ``class.children``, ``class.last``, ``not_found``; the actor may not.
    """
    rows = await _to_edit(uow)
    row = _known(rows, name)
    if any(one.parent_id == row.id for one in rows.values()):
        raise Refusal("class.children", f"“{name}”下面还有类别。请先移走或者删掉下面的。")
    count = await _count(uow.db, name)
    if count:
        raise Refusal("class.used", f"“{name}”里还有{count}条。请先把它们改到别的类别。")
    if await _written(uow.db, name):
        raise Refusal("class.used", f"有正在起草或者送审的条目要放进“{name}”。请先改它们的类别。")
    if len(rows) == 1:
        raise Refusal("class.last", "至少要留一个类别。请先加一个新的，再删这一个。")
    await uow.db.delete(row)
    await note(uow, "class.drop", f"class:{name}")


# Inside


async def _rows(db: AsyncSession) -> list[CatalogClass]:
    found = await db.scalars(select(CatalogClass).order_by(col(CatalogClass.position), col(CatalogClass.id)))
    return list(found) or [
        CatalogClass(id=-number, name=name, position=number) for number, name in enumerate(CLASSES, 1)
    ]


def _ordered(rows: Sequence[CatalogClass]) -> tuple[Node, ...]:
    """The rows as nodes, each before those below it."""
    children: dict[int | None, list[CatalogClass]] = {}
    for row in sorted(rows, key=lambda one: one.position):
        children.setdefault(row.parent_id, []).append(row)
    found: list[Node] = []

    def walk(parent_id: int | None, parent: str | None, depth: int) -> None:
        for row in children.get(parent_id, ()):
            found.append(Node(row.name, parent, depth))
            walk(row.id, row.name, depth + 1)

    walk(None, None, 0)
    return tuple(found)


async def _with_unlisted(db: AsyncSession, nodes: tuple[Node, ...]) -> Tree:
    listed = {node.name for node in nodes}
    names = await db.scalars(select(col(CatalogEntry.category)).distinct())
    more = sorted(name for name in names if name not in listed)
    return Tree(nodes + tuple(Node(name, None, 0, listed=False) for name in more))


async def _to_edit(uow: UnitOfWork) -> dict[str, CatalogClass]:
    """All rows by name, under the catalogue's lock; those a catalogue starts with are written down first."""
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    await locked_state(uow)
    rows = await _rows(uow.db)
    if rows[0].id is not None and rows[0].id < 0:
        rows = [CatalogClass(name=row.name, position=row.position) for row in rows]
        uow.db.add_all(rows)
        await uow.db.flush()
    return {row.name: row for row in rows}


def _known(rows: dict[str, CatalogClass], name: str) -> CatalogClass:
    if name not in rows:
        raise missing("这个类别")
    return rows[name]


def _way(rows: dict[str, CatalogClass], row: CatalogClass | None) -> list[str]:
    """The names from a class up to the top."""
    by_id = {one.id: one for one in rows.values()}
    found: list[str] = []
    while row is not None:
        found.append(row.name)
        row = by_id.get(row.parent_id) if row.parent_id is not None else None
    return found


def _clean(name: str) -> str:
    return " ".join(clean(name, NAME_LIMIT, "类别的名字").split())


def _too_deep() -> Refusal:
    return Refusal("class.deep", f"类别最多{DEPTH_LIMIT}层。请放到上面一层。")


async def _count(db: AsyncSession, name: str) -> int:
    query = select(func.count(col(CatalogEntry.id))).where(col(CatalogEntry.category) == name)
    return int((await db.execute(query)).scalar_one())


async def _written(db: AsyncSession, name: str) -> list[EntryRevision]:
    """Revisions on their way that put an entry into a class."""
    found = await db.scalars(select(EntryRevision).where(col(EntryRevision.status).in_(_OPEN)))
    return [one for one in found if one.fields.get("category") == name]


async def _take_along(uow: UnitOfWork, name: str, new: str) -> int:
    moved = await _count(uow.db, name)
    number = await raise_version(uow)
    entries = update(CatalogEntry).where(col(CatalogEntry.category) == name)
    await uow.db.execute(entries.values(category=new, revision=number))
    for one in await _written(uow.db, name):
        one.fields = one.fields | {"category": new}
    return moved
