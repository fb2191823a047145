"""What is public, read from the rows: once to take it into a search, and once more to show it.

Both readings ask the same conditions, so what lost its place in public between them is not shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.clock import office_date
from faq.holdings import Held, Kind
from faq.models import CatalogEntry, EntryStatus
from faq.shelf import Taken
from interviews import body_names
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Guest, Interview, Item, Question, Respondent

SPOKEN = (ItemKind.SAID, ItemKind.ANSWER, ItemKind.REFUSAL, ItemKind.DEFERRAL)
_GONE = (QuestionStatus.WITHDRAWN, QuestionStatus.REMOVED)
_AT_ONCE = 500
"""Rows asked for by number in one query; SQLite takes some thousands of parameters."""

Cursor = tuple[int, int]
"""How far a reader of the catalogue has come: the version of an entry's last change, and its number."""


@dataclass(frozen=True)
class Shown:
    """A public thing as a page shows it, fresh from its row.

    Attributes:
        title: its name.
        text: its words; an excerpt is made of them.
        at: when it became public.
        href: where it stands.
        issuer: the body it is from.
        number: an entry's 索引号.
        category: an entry's class.
        in_force: whether it holds good today.
        row: the entry's row, for what only entries have.
        answer: the item, where it is an answer to a question; ``question`` is the one.
    """

    kind: Kind
    title: str
    text: str
    at: date | datetime | None
    href: str
    issuer: str = ""
    number: str = ""
    category: str = ""
    in_force: bool = True
    row: CatalogEntry | None = None
    answer: int | None = None
    question: int | None = None


# Entries


def _public_entry() -> Any:
    return col(CatalogEntry.status) == EntryStatus.PUBLISHED


def _held(row: Any) -> Held:
    exact = (row.index_no, row.document_no or "", row.title)
    return Held(
        Kind.ENTRY,
        row.id,
        row.published_on or row.made_on,
        row.issuer,
        row.category,
        row.openness,
        row.in_force,
        row.repealed_on,
        exact,
    )


async def held_entries(db: AsyncSession, after: int, limit: int) -> list[Held]:
    """What is known of public entries beside their words, by their numbers; quick, for browsing.

    Args:
        db: a reading session.
        after: the last number read.
        limit: how many.
    """
    wanted = (
        "id", "index_no", "document_no", "title", "issuer", "category", "openness", "in_force", "repealed_on",
        "published_on", "made_on",
    )  # fmt: skip
    columns = [getattr(CatalogEntry, name).label(name) for name in wanted]
    query = select(*columns).where(_public_entry(), col(CatalogEntry.id) > after)
    return [_held(row) for row in await db.execute(query.order_by(col(CatalogEntry.id)).limit(limit))]


async def entries_after(
    db: AsyncSession, cursor: Cursor, limit: int
) -> tuple[list[Taken], list[int], Cursor]:
    """Entries changed since, oldest change first.

    Args:
        db: a reading session.
        cursor: how far the reader has come.
        limit: how many.

    Returns:
        those that are public; the rows of those that are not; how far this went.
    """
    place = tuple_(col(CatalogEntry.revision), col(CatalogEntry.id))
    query = select(CatalogEntry).where(col(CatalogEntry.revision) >= cursor[0], place > cursor).order_by(
        col(CatalogEntry.revision), col(CatalogEntry.id)
    )  # fmt: skip
    taken, gone = [], []
    for entry in await db.scalars(query.limit(limit).execution_options(populate_existing=True)):
        cursor = (entry.revision, entry.id or 0)
        if entry.status != EntryStatus.PUBLISHED:
            gone.append(entry.id or 0)
            continue
        others = [*entry.alts]
        if entry.question and entry.question != entry.title:
            others.insert(0, entry.title)
        more = [entry.keywords or "", entry.document_no or "", entry.index_no]
        body = "\n".join([entry.body, *(line for line in more if line)])
        taken.append(Taken(_held(entry), entry.asked_as(), tuple(others), body))
        db.expunge(entry)
    return taken, gone, cursor


# Interviews


def _real() -> Any:
    """No rehearsal; said here although every query passes those over (``interviews.rehearsals``)."""
    return col(Interview.rehearsal).is_(False)


def _public_question() -> Any:
    """Numbered, and neither taken back nor taken down; what was merged or handed on keeps its text."""
    return col(Question.number).is_not(None) & col(Question.status).not_in(_GONE)


def _public_item() -> Any:
    """Of the public transcript, still there, and not about a question that is not public."""
    kinds = col(Item.kind).in_(SPOKEN) & (col(Item.no) > 0) & col(Item.removed_at).is_(None)
    return kinds & (col(Item.question_id).is_(None) | _public_question())


def _items(*more: Any) -> Select[Item, Question, str]:
    return (
        select(Item, Question, col(Interview.theme))
        .join(Interview, col(Interview.id) == col(Item.interview_id))
        .outerjoin(Question, col(Question.id) == col(Item.question_id))
        .where(_real(), _public_item(), *more)
    )


def _questions(*more: Any) -> Select[Question, str]:
    return (
        select(Question, col(Interview.theme))
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(_real(), _public_question(), *more)
    )


async def interview(db: AsyncSession, interview_id: int) -> list[Taken]:
    """Everything public of one interview; nothing where it is not there or is a rehearsal."""
    found = (await db.scalars(select(Interview).where(_real(), col(Interview.id) == interview_id))).first()
    if found is None:
        return []
    people, bodies = await _people(db, [interview_id]), await _bodies(db, [interview_id])
    lead = (bodies.get(interview_id) or [""])[0]
    words = _about(found, people.get(interview_id, []), bodies.get(interview_id, []))
    taken = [
        Taken(Held(Kind.INTERVIEW, interview_id, office_date(found.starts_at), lead), found.theme, (), words)
    ]
    of_it = col(Question.interview_id) == interview_id
    for question, _ in await db.execute(_questions(of_it)):
        day = office_date(question.published_at or question.submitted_at)
        taken.append(Taken(Held(Kind.QUESTION, question.id or 0, day, lead), question.text, (), ""))
    spoken = list(await db.execute(_items(col(Item.interview_id) == interview_id)))
    errata = await _errata(db, [item.id or 0 for item, *_ in spoken])
    for item, question, theme in spoken:
        held = Held(Kind.ANSWER, item.id or 0, office_date(item.at), item.body_name or lead)
        asked = question.text if question is not None else theme
        taken.append(Taken(held, asked, (), _said(item, errata)))
    return taken


def _about(found: Interview, people: Sequence[str], bodies: Sequence[str]) -> str:
    return "\n".join(one for one in (found.content, "、".join(bodies), "、".join(people)) if one)


def _said(item: Item, errata: Mapping[int, list[str]]) -> str:
    return "\n".join([item.text, *(f"更正：{text}" for text in errata.get(item.id or 0, ()))])


async def _people(db: AsyncSession, interviews: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    query = select(Guest).where(col(Guest.interview_id).in_(interviews)).order_by(col(Guest.id))
    for guest in await db.scalars(query):
        found.setdefault(guest.interview_id, []).append(f"{guest.post}{guest.name}")
    return found


async def _bodies(db: AsyncSession, interviews: Sequence[int]) -> dict[int, list[str]]:
    """The names of the bodies that answer, as they were on the day, the leading one first."""
    query = (
        select(col(Respondent.interview_id), col(Respondent.body_id), col(Interview.starts_at))
        .join(Interview, col(Interview.id) == col(Respondent.interview_id))
        .where(col(Respondent.interview_id).in_(interviews))
        .order_by(col(Respondent.lead).desc(), col(Respondent.id))
    )
    known = await body_names.names(db)
    found: dict[int, list[str]] = {}
    for interview_id, body, starts_at in await db.execute(query):
        found.setdefault(interview_id, []).append(known.on(body, office_date(starts_at)).name)
    return found


async def _errata(db: AsyncSession, items: Sequence[int]) -> dict[int, list[str]]:
    """The corrections beside some items that still stand."""
    found: dict[int, list[str]] = {}
    for start in range(0, len(items), _AT_ONCE):
        query = select(Item).where(
            col(Item.of_id).in_(items[start : start + _AT_ONCE]), col(Item.removed_at).is_(None)
        )
        for one in await db.scalars(query.order_by(col(Item.id))):
            found.setdefault(one.of_id or 0, []).append(one.text)
    return found


# Showing


async def shown(
    db: AsyncSession, rows: Mapping[Kind, Sequence[int]], today: date
) -> dict[tuple[Kind, int], Shown]:
    """Some things as they stand in their rows now; what is not public any more is left out.

    Args:
        db: a reading session.
        rows: their rows by kind.
        today: the office's day, which says what holds good.
    """
    found: dict[tuple[Kind, int], Shown] = {}
    if rows.get(Kind.ENTRY):
        entries = select(CatalogEntry).where(_public_entry(), col(CatalogEntry.id).in_(rows[Kind.ENTRY]))
        for entry in await db.scalars(entries):
            found[Kind.ENTRY, entry.id or 0] = _entry(entry, today)
    if rows.get(Kind.QUESTION):
        questions = _questions(col(Question.id).in_(rows[Kind.QUESTION]))
        for question, theme in await db.execute(questions):
            found[Kind.QUESTION, question.id or 0] = _question(question, theme)
    if rows.get(Kind.ANSWER):
        spoken = list(await db.execute(_items(col(Item.id).in_(rows[Kind.ANSWER]))))
        errata = await _errata(db, [item.id or 0 for item, *_ in spoken])
        for item, question, theme in spoken:
            found[Kind.ANSWER, item.id or 0] = _answer(item, question, theme, errata)
    if rows.get(Kind.INTERVIEW):
        numbers = rows[Kind.INTERVIEW]
        people, bodies = await _people(db, numbers), await _bodies(db, numbers)
        for one in await db.scalars(select(Interview).where(_real(), col(Interview.id).in_(numbers))):
            number = one.id or 0
            words = _about(one, people.get(number, []), bodies.get(number, []))
            issuer = (bodies.get(number) or [""])[0]
            where = f"/interviews/{number}"
            found[Kind.INTERVIEW, number] = Shown(
                Kind.INTERVIEW, one.theme, words, one.starts_at, where, issuer
            )
    return found


def _entry(entry: CatalogEntry, today: date) -> Shown:
    return Shown(
        Kind.ENTRY,
        entry.title,
        entry.body
        if not entry.question or entry.question == entry.title
        else f"{entry.question}\n{entry.body}",
        entry.published_on or entry.made_on,
        f"/faq/entries/{entry.id}",
        entry.issuer,
        entry.index_no,
        entry.category,
        entry.speaks_on(today),
        entry,
    )


def _question(question: Question, theme: str) -> Shown:
    where = f"/interviews/{question.interview_id}?at=q{question.number}#q{question.number}"
    at = question.published_at or question.submitted_at
    return Shown(Kind.QUESTION, f"{theme}：{question.number}号提问", question.text, at, where)


def _answer(item: Item, question: Question | None, theme: str, errata: Mapping[int, list[str]]) -> Shown:
    who = item.body_name or item.speaker or "答复单位"
    asked = f"答{question.number}号：{question.text}" if question is not None else ""
    title = f"{who}{asked}" if asked else f"{item.speaker or who}：{theme}"
    where = f"/interviews/{item.interview_id}?at=n{item.no}#n{item.no}"
    answer = item.id if item.kind == ItemKind.ANSWER else None
    said = _said(item, errata)
    return Shown(
        Kind.ANSWER,
        title,
        said,
        item.at,
        where,
        item.body_name or "",
        answer=answer,
        question=item.question_id,
    )
