"""What a body (机构) was called on a day, and which body took over which: read by pages, figures and the assessment.

A body's number stays when it is renamed. One that was merged keeps its number and its name on what it did; what it
still owes goes to its successor (``body_merging``).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.people import Body, Person
from interviews.body_models import BodyChange, ChangeKind
from interviews.models import Item

ANSWERING: tuple[ColumnElement[bool], ...] = (
    col(Body.recipient).is_(False),
    col(Body.kind) != "office",
    col(Body.merged_into).is_(None),
)
"""Which bodies can be chosen to answer."""


@dataclass(frozen=True)
class Called:
    """A body's full and short name."""

    name: str
    short: str


@dataclass(frozen=True)
class Names:
    """The names of all bodies, then and now.

    Attributes:
        now: by number, as each is called now; a merged one by its last name.
        renamed: by number, ascending: since which day a new name holds, and the one before.
        merged: by number of a merged body: since which day, and its successor of today.
    """

    now: Mapping[int, Called]
    renamed: Mapping[int, Sequence[tuple[date, Called]]] = field(default_factory=dict)
    merged: Mapping[int, tuple[date, int]] = field(default_factory=dict)

    def on(self, body_id: int, day: date) -> Called:
        """What a body was called on a day."""
        before = next((old for since, old in self.renamed.get(body_id, ()) if day < since), None)
        return before or self.now[body_id]

    def counted_as(self, body_id: int, year: int | None = None) -> int:
        """Under which body's number something counts: its successor's from the year of the merger on.

        Args:
            body_id: a body.
            year: of the figures; None: as things stand now.
        """
        since, into = self.merged.get(body_id, (None, body_id))
        return into if since is None or year is None or since.year <= year else body_id

    def title(self, body_id: int, year: int, *, short: bool = False) -> str:
        """The name under which a year's figures show a body; what else was called so in that year in brackets.

        What was renamed or taken over in the year is told there: ``文旅局（原文化局、旅游局）``.
        """
        called = self.on(body_id, date(year, 12, 31))
        before = [old for since, old in self.renamed.get(body_id, ()) if since.year == year]
        before += [
            self.on(other, since)
            for other, (since, into) in self.merged.items()
            if into == body_id and since.year == year
        ]
        names = dict.fromkeys(one.short if short else one.name for one in before)
        own = called.short if short else called.name
        names.pop(own, None)
        return f"{own}（原{'、'.join(names)}）" if names else own

    def ever(self, body_id: int) -> frozenset[str]:
        """Every name that a body and those merged into it have had: by these its words of earlier days are known."""
        return frozenset(
            called.name
            for number in self.acts_for(body_id)
            for called in (self.now[number], *(old for _, old in self.renamed.get(number, ())))
        )

    def acts_for(self, body_id: int) -> list[int]:
        """A body and those that were merged into it."""
        return [body_id, *sorted(one for one, (_, into) in self.merged.items() if into == body_id)]

    def named(self, name: str | None) -> int | None:
        """The body of today that is or was called so; None where there is none."""
        known = next((number for number, called in self.now.items() if called.name == name), None)
        if known is None:
            known = next(
                (number for number, old in self.renamed.items() if any(one.name == name for _, one in old)),
                None,
            )
        return None if known is None else self.counted_as(known)


async def names(db: AsyncSession) -> Names:
    """All names; a city has some hundred bodies."""
    found = {row.id or 0: row for row in await db.scalars(select(Body).order_by(col(Body.id)))}
    renamed: dict[int, list[tuple[date, Called]]] = defaultdict(list)
    merged_on: dict[int, date] = {}
    changes = select(BodyChange).order_by(col(BodyChange.changed_on), col(BodyChange.id))
    for change in await db.scalars(changes):
        if change.kind == ChangeKind.MERGED:
            merged_on[change.body_id] = change.changed_on
        else:
            renamed[change.body_id].append((change.changed_on, Called(change.name, change.short_name)))
    merged = {
        number: (merged_on[number], row.merged_into)
        for number, row in found.items()
        if row.merged_into is not None and number in merged_on
    }
    return Names({number: Called(row.name, row.short_name) for number, row in found.items()}, renamed, merged)


async def of_answer(db: AsyncSession, item: Item) -> int | None:
    """The body of today whose answer it is: of the name that it was given under, or its author's."""
    named = (await names(db)).named(item.body_name)
    if named is not None or item.person_id is None:
        return named
    return await db.scalar(select(col(Person.body_id)).where(col(Person.id) == item.person_id))


async def successors(db: AsyncSession) -> dict[int, int]:
    """By number of a merged body: its successor."""
    query = select(col(Body.id), col(Body.merged_into)).where(col(Body.merged_into).is_not(None))
    return {number or 0: into or 0 for number, into in await db.execute(query)}


async def acts_for(db: AsyncSession, body_id: int | None) -> list[int]:
    """A body and those that were merged into it: whose interviews and questions its clerks reach; none for None."""
    if body_id is None:
        return []
    query = select(col(Body.id)).where(or_(col(Body.id) == body_id, col(Body.merged_into) == body_id))
    return [number or 0 for number in await db.scalars(query.order_by(col(Body.id)))]
