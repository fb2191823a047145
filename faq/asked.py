"""What the bot was asked, as the desk reads it: narrowed by outcome, use and week; and the public counts by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from base.clock import SHANGHAI, as_utc
from base.db import UnitOfWork
from faq.judgement import Outcome
from faq.models import Ask, CatalogEntry

USEFUL, USELESS, UNSAID = "yes", "no", "none"
EXPORT_LIMIT = 50_000
"""Lines of one export; a week of a large city has a tenth."""


@dataclass(frozen=True)
class Narrowed:
    """What asks are wanted; ``week`` is the Monday of a week in Shanghai, ``words`` what their texts hold."""

    outcome: str = ""
    useful: str = ""
    week: date | None = None
    words: tuple[str, ...] = ()


ORDERS = {
    "at": Ask.id,
    "text": Ask.text,
    "outcome": Ask.outcome,
    "confidence": Ask.confidence,
    "useful": Ask.useful,
}
"""What asks can be sorted by; they come in the order of their numbers."""


def _where(wanted: Narrowed) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.outcome in set(Outcome):
        found.append(col(Ask.outcome) == wanted.outcome)
    if wanted.useful == UNSAID:
        found.append(col(Ask.useful).is_(None))
    elif wanted.useful in (USEFUL, USELESS):
        found.append(col(Ask.useful).is_(wanted.useful == USEFUL))
    if wanted.week is not None:
        begins = _midnight(wanted.week)
        found += [col(Ask.at) >= begins, col(Ask.at) < _midnight(wanted.week + timedelta(days=7))]
    return found + [col(Ask.text).icontains(word, autoescape=True) for word in wanted.words]


def _midnight(day: date) -> datetime:
    return as_utc(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI))


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


async def how_many(uow: UnitOfWork, wanted: Narrowed) -> int:
    """How many asks there are of what is wanted."""
    return int(await uow.db.scalar(select(func.count(col(Ask.id))).where(*_where(wanted))) or 0)


async def asks(uow: UnitOfWork, wanted: Narrowed, *, skip: int, most: int, by: str = "-at") -> list[Ask]:
    """Asks, the latest first, or in the order of one of ``ORDERS``, from its end with a ``-`` before it."""
    return list(await uow.db.scalars(_ordered(select(Ask), wanted, by).offset(skip).limit(most)))


async def numbers(uow: UnitOfWork, wanted: Narrowed, *, by: str = "-at") -> list[int]:
    """Which asks :func:`asks` would give, as many as one file may hold."""
    found = await uow.db.scalars(_ordered(select(col(Ask.id)), wanted, by).limit(EXPORT_LIMIT))
    return [number or 0 for number in found]


async def of_numbers(uow: UnitOfWork, which: Sequence[int]) -> list[Ask]:
    """The asks of some numbers, in the order of the numbers."""
    found = {one.id: one for one in await uow.db.scalars(select(Ask).where(col(Ask.id).in_(which)))}
    return [found[number] for number in which if number in found]


def _ordered(query: Select[Any], wanted: Narrowed, by: str) -> Select[Any]:
    key: Any = ORDERS[by.removeprefix("-")]
    order = key.desc().nulls_last() if by.startswith("-") else key.asc().nulls_first()
    return query.where(*_where(wanted)).order_by(order, col(Ask.id).desc())


async def entries_of(uow: UnitOfWork, listed: Sequence[Ask]) -> dict[int, CatalogEntry]:
    """The entries that some asks were answered with or offered, by number."""
    wanted = sorted({entry for ask in listed for entry in ask.entries})
    found: dict[int, CatalogEntry] = {}
    for start in range(0, len(wanted), 400):
        query = select(CatalogEntry).where(col(CatalogEntry.id).in_(wanted[start : start + 400]))
        found.update((one.id or 0, one) for one in await uow.db.scalars(query))
    return found


LATELY = timedelta(days=90)
REASONS_SHOWN = 10


@dataclass(frozen=True)
class Use:
    """How often an entry answered lately, and what was said of it, the latest reasons first."""

    answered: int
    useful: int
    useless: int
    reasons: tuple[str, ...]


async def use_of(uow: UnitOfWork, entry_id: int) -> Use:
    """How an entry was used in the last :data:`LATELY`: what it answered, also where its asker chose it."""
    query = select(col(Ask.useful), col(Ask.feedback_reason)).where(
        answered_from(entry_id), col(Ask.at) >= uow.now - LATELY
    )
    said = [(useful, why) for useful, why in await uow.db.execute(query.order_by(col(Ask.id).desc()))]
    reasons = [str(why) for useful, why in said if useful is False and why]
    return Use(
        len(said),
        sum(useful is True for useful, _ in said),
        sum(useful is False for useful, _ in said),
        tuple(reasons[:REASONS_SHOWN]),
    )


def answered_from(entry_id: int) -> ColumnElement[bool]:
    """The condition on an ask by which an entry answered it."""
    first = Ask.__table__.c.entries[0].as_integer()  # type: ignore[attr-defined]
    return and_(col(Ask.outcome) == str(Outcome.ANSWER), first == entry_id)


@dataclass(frozen=True)
class Month:
    """How often the bot was asked in a month of Shanghai, and what it did."""

    year: int
    month: int
    outcomes: dict[str, int]

    @property
    def total(self) -> int:
        """All asks of the month."""
        return sum(self.outcomes.values())


async def months(uow: UnitOfWork, year: int) -> list[Month]:
    """The months of a year of which asks are still kept, in order; nothing of what was asked or by whom."""
    edges = [_midnight(date(year, month, 1)) for month in range(1, 13)]
    ends = _midnight(date(year + 1, 1, 1))
    month = case(*((col(Ask.at) < edge, number) for number, edge in enumerate(edges[1:], 1)), else_=12)
    year_of_asks = (col(Ask.at) >= edges[0]) & (col(Ask.at) < ends)
    put = select(month.label("month"), col(Ask.outcome).label("outcome")).where(year_of_asks).subquery()
    alike = (put.c.month, put.c.outcome)
    counted: dict[int, dict[str, int]] = {}
    for number, outcome, count in await uow.db.execute(select(*alike, func.count()).group_by(*alike)):
        counted.setdefault(number, {})[outcome] = count
    return [Month(year, number, outcomes) for number, outcomes in sorted(counted.items())]
