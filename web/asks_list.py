"""What the bot was asked as a list that the desk works in: each ask with its outcome, its entries, what was said of it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from multidict import MultiMapping
from yarl import URL

from base.clock import office_date
from base.db import UnitOfWork, Units
from base.people import Actor
from faq import asked
from faq.asked import UNSAID, USEFUL, USELESS, Narrowed
from faq.models import Ask, CatalogEntry
from web import working_list
from web.outcomes import OUTCOMES, reason_words
from web.working_list import Asked, Column, Filter, Line

CATALOG = "/office/catalog"
PATH, WHY = f"{CATALOG}/asks", f"{CATALOG}/why"
USE_WORDS = {USEFUL: "有用", USELESS: "没有用", UNSAID: "没有说"}
LONGEST_NAMED = 40
"""Characters of an entry's name in a row."""
COLUMNS = (
    Column("text", "问的"),
    Column("outcome", "结果"),
    Column("reason", "原因", sorts=False),
    Column("confidence", "把握", number=True),
    Column("entries", "条目", sorts=False),
    Column("useful", "有用没有"),
    Column("feedback", "理由", sorts=False),
    Column("at", "时间"),
)
FILTERS = (
    Filter("outcome", "结果", [(one, words) for one, words in OUTCOMES.items()], beside=True),
    Filter("useful", "有用没有", list(USE_WORDS.items()), beside=True),
    Filter("week", "只看一周，写那一周里的一天", (), typed="date"),
)
CHUNK = 500


@dataclass(frozen=True)
class Listing:
    """An address read: what it asks of the list, and of the asks."""

    asked: Asked
    narrowed: Narrowed

    @property
    def by(self) -> str:
        """The order, as ``faq.asked`` names it."""
        return ("-" if self.asked.falling else "") + self.asked.sort if self.asked.sort else "-at"

    def address(self, **other: str) -> str:
        """The list's address with some of its filters replaced."""
        return working_list.address_with(PATH, FILTERS, self.asked, **other)


def read(query: MultiMapping[str]) -> Listing:
    """What an address asks for; what it cannot mean narrows nothing. A week is known by any of its days."""
    wanted = working_list.asked(query, COLUMNS, FILTERS)
    week = _week(wanted.chosen["week"])
    wanted = working_list.chosen_anew(wanted, week=week.isoformat() if week else "")
    narrowed = Narrowed(wanted.chosen["outcome"], wanted.chosen["useful"], week, tuple(wanted.q.split()))
    return Listing(wanted, narrowed)


def _week(said: str) -> date | None:
    try:
        monday = asked.monday_of(date.fromisoformat(said))
    except (ValueError, OverflowError):
        return None
    return monday if 2000 <= monday.year <= 2200 else None


async def page_of(uow: UnitOfWork, listing: Listing) -> dict[str, Any]:
    """For ``office_asks.html``."""
    total = await asked.how_many(uow, listing.narrowed)
    skip, most = working_list.cut(listing.asked, total)
    monday = asked.monday_of(office_date(uow.now))
    drawn = working_list.drawn_page(
        PATH, COLUMNS, FILTERS, await lines(uow, listing, skip, most), total, listing.asked
    )
    return {
        "l": drawn,
        "outcomes": [_link(listing, "outcome", value, words) for value, words in _any("结果不限", OUTCOMES)],
        "uses": [_link(listing, "useful", value, words) for value, words in _any("有用没有不限", USE_WORDS)],
        "week": listing.narrowed.week,
        "this_week": listing.address(week=monday.isoformat()),
        "every_week": listing.address(week=""),
        "csv": listing.address().replace(PATH, f"{PATH}.csv", 1),
    }


async def exported(units: Units, actor: Actor, listing: Listing) -> AsyncIterator[list[Line]]:
    """Every ask that the address asks for, in its order, some at a time.

    Which ones is read once, so that what is asked meanwhile neither shifts nor doubles a line; each stretch after that is
    a reading of its own, so that a slow reader keeps no connection from others.
    """
    async with units.read(actor) as uow:
        numbers = await asked.numbers(uow, listing.narrowed, by=listing.by)
    for start in range(0, len(numbers), CHUNK):
        some = numbers[start : start + CHUNK]
        async with units.read(actor) as uow:
            found = await asked.of_numbers(uow, some)
            entries = await asked.entries_of(uow, found)
        yield [_line(one, entries) for one in found]


async def lines(uow: UnitOfWork, listing: Listing, skip: int, most: int) -> list[Line]:
    """Some of the asks, in the address's order."""
    found = await asked.asks(uow, listing.narrowed, skip=skip, most=most, by=listing.by)
    entries = await asked.entries_of(uow, found)
    return [_line(one, entries) for one in found]


def _line(one: Ask, entries: Mapping[int, CatalogEntry]) -> Line:
    known = [entries[entry] for entry in one.entries if entry in entries]
    said = UNSAID if one.useful is None else USEFUL if one.useful else USELESS
    return Line(
        {
            "text": one.text,
            "outcome": OUTCOMES.get(one.outcome, one.outcome),
            "reason": reason_words(one.reason),
            "confidence": f"{one.confidence:.2f}",
            "entries": "、".join(entry.index_no for entry in known),
            "useful": USE_WORDS[said],
            "feedback": one.feedback_reason,
            "at": one.at,
        },
        url=str(URL(WHY).with_query(text=one.text[:500])),
        inside={"entries": _names(known)} if known else {},
    )


def _names(entries: Sequence[CatalogEntry]) -> list[tuple[str, str]]:
    return [(_short(entry.asked_as()), f"{CATALOG}/{entry.id}") for entry in entries]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAMED else f"{name[:LONGEST_NAMED]}……"


def _any(every: str, words: Mapping[Any, str]) -> list[tuple[str, str]]:
    return [("", every), *words.items()]


def _link(listing: Listing, name: str, value: str, words: str) -> dict[str, Any]:
    return {
        "label": words,
        "href": listing.address(**{name: value}),
        "count": None,
        "current": listing.asked.chosen[name] == value,
    }
