"""What became of the answer an entry was made from.

Taken down, the entry is silent at once; corrected or supplemented, somebody looks at it again.
An entry made from an answer knows it by its origin, ``answer:12``. What happens to the answer is seen in the very
transaction in which it happens (:func:`follow`); :func:`sweep` is the net under that.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import col

from base.audit import note
from base.clock import office_date
from base.db import UnitOfWork, Units
from base.people import SYSTEM
from faq import library
from faq.models import CatalogEntry, EntryRevision, EntryStatus, RevisionStatus
from interviews import changes
from interviews.lifecycle import ItemKind
from interviews.models import Item

PREFIX = "answer:"
GONE_TITLE, GONE_BODY = "来源已撤下", "来源的答复已经撤下，这一条不再提供。"
GONE_REASON = "来源的答复已经撤下"


def origin_of(item_id: int) -> str:
    """The origin of an entry made from an answer."""
    return f"{PREFIX}{item_id}"


def item_of(origin: str | None) -> int | None:
    """The answer in an origin, by its number among all items; None in every other origin."""
    number = (origin or "").removeprefix(PREFIX)
    made = (origin or "").startswith(PREFIX) and number.isascii() and number.isdecimal()
    return int(number) if made else None


async def follow(uow: UnitOfWork) -> None:
    """See to the entries made from what this unit of work takes down, corrects or supplements.

    Called before its commit, so that the text of an answer and of the entry made from it go in one instant.
    """
    gone: set[int] = set()
    touched: set[int] = set()
    for change in [one.change for one in uow.recorded]:
        if isinstance(change, changes.ItemRemoved):
            gone |= await _answers_with(uow, change.item)
            touched |= {change.item.of_id} if change.item.of_id else set()
        elif isinstance(change, changes.ErratumPublished):
            touched |= {change.erratum.of_id} if change.erratum.of_id else set()
        elif isinstance(change, changes.QuestionAnswered) and change.kind == "question.answered":
            touched |= await _answers_to(uow, change.item.question_id) - {change.item.id}
    await silence(uow, gone)
    await mark(uow, touched - gone)


async def _answers_with(uow: UnitOfWork, item: changes.ItemFacts) -> set[int]:
    """The answers that go with an item: itself, or all answers to the question that it is."""
    if item.kind != ItemKind.QUESTION:
        return {item.id}
    return await _answers_to(uow, item.question_id)


async def _answers_to(uow: UnitOfWork, question_id: int | None) -> set[int]:
    query = select(col(Item.id)).where(
        col(Item.question_id) == question_id, col(Item.kind) == ItemKind.ANSWER
    )
    return {one or 0 for one in await uow.db.scalars(query)}


async def silence(uow: UnitOfWork, items: Iterable[int]) -> int:
    """Take down every entry made from some answers and let its text go, drafts and what is under review too.

    Done as the clock, whoever took the answer down: the entry follows its source without anybody's leave.

    Returns:
        How many entries fell silent.
    """
    clock = replace(uow, actor=SYSTEM)
    fell = 0
    if wanted := set(items):
        await library.locked_state(uow)
    for entry in await _made_from(uow, wanted):
        if entry.body == GONE_BODY and entry.status == EntryStatus.RETIRED:
            continue
        entry_id = entry.id or 0
        await library.retire(clock, entry_id, GONE_REASON)
        entry.title, entry.body, entry.question, entry.alts = GONE_TITLE, GONE_BODY, "", []
        entry.keywords = None
        entry.review_on = None
        query = select(EntryRevision).where(col(EntryRevision.entry_id) == entry_id)
        for revision in await uow.db.scalars(query.with_for_update()):
            hushed: dict[str, Any] = {
                "title": GONE_TITLE,
                "body": GONE_BODY,
                "question": "",
                "alts": [],
                "keywords": None,
            }
            revision.fields = revision.fields | {
                name: value for name, value in hushed.items() if name in revision.fields
            }
            if revision.status != RevisionStatus.DONE:
                revision.status, revision.changed_at = RevisionStatus.WITHDRAWN, uow.now
        await note(clock, "entry.source_gone", f"entry:{entry_id}", origin=entry.origin)
        fell += 1
    return fell


async def mark(uow: UnitOfWork, items: Iterable[int]) -> int:
    """Set entries made from some answers to be looked at again today; how many were not yet."""
    today = office_date(uow.now)
    marked = 0
    for entry in await _made_from(uow, items):
        if entry.status != EntryStatus.RETIRED and (entry.review_on is None or entry.review_on > today):
            entry.review_on = today
            clock = replace(uow, actor=SYSTEM)
            await note(clock, "entry.source_changed", f"entry:{entry.id}", origin=entry.origin)
            marked += 1
    return marked


async def _made_from(uow: UnitOfWork, items: Iterable[int]) -> list[CatalogEntry]:
    origins = [origin_of(item) for item in sorted(items)]
    if not origins:
        return []
    query = select(CatalogEntry).where(col(CatalogEntry.origin).in_(origins)).order_by(col(CatalogEntry.id))
    return list(await uow.db.scalars(query.with_for_update()))


async def sweep(units: Units) -> int:
    """Silence whatever still speaks for an answer that is gone; how many. Run twice it is as good as once."""
    async with units.read(SYSTEM) as uow:
        gone = await _still_speaking(uow)
    if not gone:
        return 0
    async with units.act(SYSTEM) as uow:
        return await silence(uow, gone)


async def _still_speaking(uow: UnitOfWork) -> set[int]:
    speaking = select(col(CatalogEntry.origin)).where(
        col(CatalogEntry.origin).startswith(PREFIX, autoescape=True),
        or_(col(CatalogEntry.status) != EntryStatus.RETIRED, col(CatalogEntry.body) != GONE_BODY),
    )
    items = {item for one in await uow.db.scalars(speaking) if (item := item_of(one)) is not None}
    return await gone_of(uow, items)


async def gone_of(uow: UnitOfWork, items: Iterable[int]) -> set[int]:
    """Those of some answers that were taken down, by themselves or with their question."""
    wanted = sorted(items)
    found: set[int] = set()
    for start in range(0, len(wanted), 400):
        answers = {
            one.id or 0: one
            for one in await uow.db.scalars(select(Item).where(col(Item.id).in_(wanted[start : start + 400])))
        }
        asked = {one.question_id for one in answers.values() if one.question_id is not None}
        query = select(col(Item.question_id)).where(
            col(Item.question_id).in_(asked),
            col(Item.kind) == ItemKind.QUESTION,
            col(Item.removed_at).is_not(None),
        )
        with_question = set(await uow.db.scalars(query))
        found |= {
            number
            for number, one in answers.items()
            if one.removed_at is not None or one.question_id in with_question
        }
    return found


# What is due


@dataclass(frozen=True)
class Due:
    """An entry that somebody has to look at again, since when, and why."""

    entry: CatalogEntry
    since: date
    why: tuple[str, ...]


async def due(uow: UnitOfWork, body_id: int | None = None) -> list[Due]:
    """Published entries whose day of review has come, those due longest first; of one body where it is given."""
    today = office_date(uow.now)
    query = select(CatalogEntry).where(
        col(CatalogEntry.status) == EntryStatus.PUBLISHED,
        col(CatalogEntry.review_on).is_not(None),
        col(CatalogEntry.review_on) <= today,
    )
    if body_id is not None:
        query = query.where(col(CatalogEntry.body_id) == body_id)
    rows = list(await uow.db.scalars(query.order_by(col(CatalogEntry.review_on), col(CatalogEntry.id))))
    return [Due(one, one.review_on or today, await _why(uow, one)) for one in rows]


async def _why(uow: UnitOfWork, entry: CatalogEntry) -> tuple[str, ...]:
    item_id = item_of(entry.origin)
    source = await uow.db.get(Item, item_id) if item_id is not None else None
    if source is None:
        return ("到了复核的日子。",)
    query = select(Item).where(
        or_(
            col(Item.of_id) == item_id,
            (col(Item.question_id) == source.question_id) & (col(Item.kind) == ItemKind.ANSWER),
        ),
        col(Item.id) != item_id,
        col(Item.at) > entry.created_at,
        col(Item.removed_at).is_(None),
        col(Item.no) > 0,
    )
    later = list(await uow.db.scalars(query.order_by(col(Item.at))))
    return _told(later) or ("到了复核的日子。",)


def _told(items: Sequence[Item]) -> tuple[str, ...]:
    def day(at: datetime) -> str:
        held = office_date(at)
        return f"{held.year}年{held.month}月{held.day}日"

    return tuple(
        f"{day(one.at)}，来源的答复有更正。"
        if one.kind == ItemKind.ERRATUM
        else f"{day(one.at)}，同一个问题有了补充答复。"
        for one in items
    )
