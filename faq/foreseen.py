"""What a file would do if it came in now: its rows beside the entries that have their numbers.

Row by row for the few that are shown, counted over all of them for the rest.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from faq.drafts import NAMES
from faq.models import CatalogEntry, EntryStatus
from faq.table_file import FIELDS, Row

STRETCH = 200
"""Rows whose entries are fetched at once; between two stretches others get their turn."""
_COLUMNS = tuple(getattr(CatalogEntry, name) for name in (*FIELDS, "status"))


class Fate(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"


@dataclass(frozen=True)
class Foreseen:
    """A row with what becomes of it.

    Attributes:
        row: as the entry would say it.
        fate: new, a change, or nothing new.
        public: whether everybody can read the entry now.
        differing: the fields that would change, by their names on paper.
    """

    row: Row
    fate: Fate
    public: bool = False
    differing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """How many rows are new, change an entry (and how many of these are public now), or say the same."""

    new: int = 0
    changed: int = 0
    public: int = 0
    same: int = 0

    @classmethod
    def of(cls, rows: Iterable[Foreseen]) -> "Counts":
        """Counted over rows."""
        return cls().plus(rows)

    def plus(self, rows: Iterable[Foreseen]) -> "Counts":
        """With some more rows."""
        new, changed, public, same = self.new, self.changed, self.public, self.same
        for one in rows:
            new += one.fate is Fate.NEW
            changed += one.fate is Fate.CHANGE
            public += one.fate is Fate.CHANGE and one.public
            same += one.fate is Fate.SAME
        return Counts(new, changed, public, same)

    def as_json(self) -> dict[str, int]:
        """As an import keeps them."""
        return asdict(self)


def foresee(row: Row, entry: CatalogEntry | None) -> Foreseen:
    """What becomes of one row, with the entry that has its number."""
    if entry is None:
        return Foreseen(row, Fate.NEW)
    filled = row.over(entry)
    said = filled.values()
    differing = tuple(NAMES[name] for name in FIELDS if said[name] != getattr(entry, name))
    fate = Fate.CHANGE if differing else Fate.SAME
    return Foreseen(filled, fate, entry.status == EntryStatus.PUBLISHED, differing)


async def of_rows(db: AsyncSession, rows: Sequence[Row]) -> list[Foreseen]:
    """What becomes of each of some rows, in their order."""
    return [one async for some in _stretches(db, rows) for one in some]


async def count(
    db: AsyncSession, rows: Sequence[Row], told: Callable[[int, int], None] = lambda _done, _of: None
) -> Counts:
    """Count what becomes of all rows of a file.

    Args:
        db: read from stretch by stretch; a hundred thousand known entries take a while.
        rows: of the file.
        told: called after each stretch with how many rows of how many are counted.
    """
    counts, done = Counts(), 0
    async for some in _stretches(db, rows):
        counts, done = counts.plus(some), done + len(some)
        told(done, len(rows))
    return counts


async def _stretches(db: AsyncSession, rows: Sequence[Row]) -> AsyncIterator[list[Foreseen]]:
    for start in range(0, len(rows), STRETCH):
        some = rows[start : start + STRETCH]
        # Bare columns: whole entries take a third longer, and nobody changes them here.
        query = select(*_COLUMNS).where(col(CatalogEntry.index_no).in_([row.index_no for row in some]))
        known: dict[str, Any] = {one.index_no: one for one in await db.execute(query)}
        yield [foresee(row, known.get(row.index_no)) for row in some]
