"""Themes that keep coming in interviews (the loop back): questions of a year by likeness, proposed as an interview.

Only what several interviews were asked counts, and of it what has no interview of its own yet: a decision of the office,
to begin an interview or to set the theme aside, uses up the questions that it saw. The same theme comes back when enough
new questions do.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, cast, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from base import audit
from base.clock import office_date
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Role
from faq import grouping, lexicon, terms
from faq.grouping import Asked
from interviews import body_names, texts
from interviews.lifecycle import DeclineReason, QuestionStatus
from interviews.models import Interview, Question, Respondent

WINDOW = timedelta(days=400)
"""How far back interviews are looked at: a year, and the weeks in which the next one is planned."""

INTERVIEWS, QUESTIONS = 2, 4
"""A theme is proposed when so many interviews were asked about it, and so many questions did."""

SAME_THEME = 0.20
"""Mean likeness from which questions of different interviews are one theme. Of 136 questions of the example city on 19
subjects, 0.12 (as within one interview) made a theme out of four that shared a word like 九点; from 0.18 on none was made,
and three subjects of 5 to 8 questions put among them were found whole up to 0.25."""

EXAMPLES, MOST = 5, 12
AT_ONCE = 1_500
"""Questions grouped while a page is drawn (about 0.4 s on one core); of more only the page of the themes asks."""

Q = QuestionStatus
COUNTED = (Q.PUBLISHED, Q.STAGED, Q.ANSWERED, Q.REFUSED, Q.DEFERRED, Q.MERGED, Q.TRANSFERRED)
ASIDE, BEGUN, RETURNED = "aside", "begun", "returned"


class ThemeDecision(SQLModel, table=True):
    """What the office made of a theme: ``aside`` with a reason, ``begun``, or either ``returned``.

    ``questions`` are the ids of those that it was decided on.
    """

    __tablename__ = "theme_decision"
    __table_args__ = (ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_theme_decision_person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    label: str
    questions: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    decision: str
    reason: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    by: str
    person_id: int | None = None


@dataclass(frozen=True)
class Evidence:
    """One interview in which a theme came up, and how many questions of it."""

    interview: int
    theme: str
    day: datetime
    questions: int


@dataclass(frozen=True)
class Proposal:
    """A theme proposed as an interview.

    Attributes:
        key: the smallest question's id, by which a form names it.
        label: words that most of its questions share, or the most supported question.
        questions: their ids.
        interviews: where they were asked, the latest first.
        examples: some of them as they were asked, the most supported first.
        body: the number of the body that it falls to most often, and its name.
        fates: how many were handed on, left for afterwards, handled again, not made public.
    """

    key: int
    label: str
    questions: tuple[int, ...]
    interviews: tuple[Evidence, ...]
    examples: tuple[str, ...]
    body: tuple[int, str] | None
    fates: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class _Row:
    """A question as far as it is looked at here."""

    id: int
    interview: int
    text: str
    supports: int
    status: str
    to_body: int | None
    reopened: bool


@dataclass
class Recurring:
    """The proposals of today, grouped once for as long as nothing is asked or decided; one for a process."""

    _mark: object = None
    _kept: tuple[Proposal, ...] = ()
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def proposals(
        self, uow: UnitOfWork, *, whatever_it_takes: bool = True
    ) -> tuple[Proposal, ...] | None:
        """What is proposed now, the most asked first; None where that would take long and the caller cannot wait."""
        mark = await _mark(uow)
        if mark == self._mark:
            return self._kept
        rows = await _rows(uow)
        if not whatever_it_takes and len(rows) > AT_ONCE:
            return None
        async with self._lock:
            if mark != self._mark:
                self._kept, self._mark = await _grouped(uow, rows), mark
        return self._kept

    async def one(self, uow: UnitOfWork, key: int) -> Proposal:
        """A proposal by its key.

        Raises:
            Refusal: ``not_found``.
        """
        found = next((one for one in await self.proposals(uow) or () if one.key == key), None)
        if found is None:
            raise missing("这个主题")
        return found


async def _mark(uow: UnitOfWork) -> object:
    """What differs whenever a question comes or changes its state, a decision is made, or a day begins."""
    number = cast(col(Question.id), BigInteger)
    asked = select(
        col(Question.status), func.count(), func.sum(number), func.count(col(Question.reopened_at))
    ).group_by(col(Question.status))
    decided = select(func.count(), func.max(col(ThemeDecision.at)), func.max(col(ThemeDecision.id)))
    returned = select(func.count()).where(col(ThemeDecision.decision) == RETURNED).select_from(ThemeDecision)
    words = await lexicon.mark(uow.db)
    return (
        tuple(sorted(tuple(row) for row in await uow.db.execute(asked))),
        tuple((await uow.db.execute(decided)).one()),
        await uow.db.scalar(returned),
        words,
        office_date(uow.now),
    )


async def _rows(uow: UnitOfWork) -> list[_Row]:
    """The questions that count: asked in a year's interviews, no advertisement or abuse, not decided on yet."""
    wanted = or_(
        col(Question.status).in_(COUNTED),
        (col(Question.status) == Q.DECLINED) & (col(Question.reason) == DeclineReason.NOT_A_QUESTION),
    )
    query = (
        select(
            col(Question.id),
            col(Question.interview_id),
            col(Question.text),
            col(Question.supports),
            col(Question.status),
            col(Question.to_body_id),
            col(Question.reopened_at),
        )
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(wanted, col(Interview.starts_at) >= uow.now - WINDOW, col(Interview.rehearsal).is_(False))
        .order_by(col(Question.id))
    )
    used = await _used(uow.db)
    return [
        _Row(number or 0, interview, text, supports, status, to_body, reopened is not None)
        for number, interview, text, supports, status, to_body, reopened in await uow.db.execute(query)
        if number not in used and text
    ]


async def _used(db: AsyncSession) -> set[int]:
    query = select(col(ThemeDecision.questions)).where(col(ThemeDecision.decision) != RETURNED)
    return {number for numbers in await db.scalars(query) for number in numbers}


async def _grouped(uow: UnitOfWork, rows: Sequence[_Row]) -> tuple[Proposal, ...]:
    _, own = await lexicon.current(uow.db)
    found = await asyncio.to_thread(_themes, rows, own)
    by_id = {row.id: row for row in rows}
    groups = [(label, [by_id[key] for key in keys]) for label, keys in found]
    groups = [(label, of) for label, of in groups if _keeps_coming(of)][:MOST]
    interviews = await _interviews(uow.db, {row.interview for _, of in groups for row in of})
    known = await body_names.names(uow.db)
    return tuple(_proposal(label, of, interviews, known) for label, of in groups)


def _themes(rows: Sequence[_Row], own: terms.Lexicon) -> list[tuple[str, list[int]]]:
    """Labels and ids of each theme, the most asked first."""
    asked = [Asked(row.id, row.text, row.supports) for row in rows]
    grouped = grouping.group(asked, own, SAME_THEME)
    found = [
        (theme.label, [one.key for matter in theme.matters for one in (matter.lead, *matter.also)])
        for theme in grouped
        if theme.label is not None
    ]
    return sorted(found, key=lambda theme: -len(theme[1]))


def _keeps_coming(of: Sequence[_Row]) -> bool:
    return len(of) >= QUESTIONS and len({row.interview for row in of}) >= INTERVIEWS


async def _interviews(db: AsyncSession, wanted: set[int]) -> dict[int, tuple[Interview, int | None]]:
    """Some interviews, each with the body that leads it."""
    leading = (col(Respondent.interview_id) == col(Interview.id)) & col(Respondent.lead).is_(True)
    query = (
        select(Interview, col(Respondent.body_id))
        .outerjoin(Respondent, leading)
        .where(col(Interview.id).in_(wanted))
    )
    return {row.id or 0: (row, body) for row, body in await db.execute(query)}


def _proposal(
    label: str,
    of: Sequence[_Row],
    interviews: dict[int, tuple[Interview, int | None]],
    known: body_names.Names,
) -> Proposal:
    counts = Counter(row.interview for row in of)
    there = [
        Evidence(one, interviews[one][0].theme, interviews[one][0].starts_at, counts[one]) for one in counts
    ]
    falls_to: Counter[int] = Counter()
    for row in of:
        body = row.to_body or interviews[row.interview][1]
        if body is not None:
            falls_to[known.counted_as(body)] += 1
    most = max(falls_to, key=lambda body: (falls_to[body], -body), default=None)
    fates = (
        ("转给别的单位的", sum(row.status == Q.TRANSFERRED for row in of)),
        ("转会后的", sum(row.status == Q.DEFERRED for row in of)),
        ("再次办理的", sum(row.reopened for row in of)),
        ("没有公开的", sum(row.status == Q.DECLINED for row in of)),
    )
    by_support = sorted(of, key=lambda row: (-row.supports, row.id))
    return Proposal(
        key=min(row.id for row in of),
        label=label,
        questions=tuple(sorted(row.id for row in of)),
        interviews=tuple(sorted(there, key=lambda one: one.day, reverse=True)),
        examples=tuple(dict.fromkeys(row.text for row in by_support))[:EXAMPLES],
        body=None if most is None else (most, known.now[most].name),
        fates=tuple((words, many) for words, many in fates if many),
    )


# Deciding


async def decide(uow: UnitOfWork, theme: Proposal, *, begun: bool, reason: str = "") -> ThemeDecision:
    """Begin an interview of a theme, or set it aside; it does not come back for the same questions.

    Raises:
        Refusal: not the office; decided already by somebody else; set aside without a reason.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    if await _used(uow.db) & set(theme.questions):
        raise Refusal("theme.decided", "这个主题已经有人办过了。请刷新页面，看办成了什么。")
    row = ThemeDecision(
        label=theme.label,
        questions=list(theme.questions),
        decision=BEGUN if begun else ASIDE,
        reason=None if begun else texts.clean(reason, texts.REASON_LIMIT, "不办的理由"),
        at=uow.now,
        by=uow.actor.name,
        person_id=uow.actor.person_id,
    )
    uow.db.add(row)
    await uow.db.flush()
    await audit.note(uow, f"theme.{row.decision}", f"theme:{row.id}", questions=len(theme.questions))
    return row


async def put_back(uow: UnitOfWork, decision_id: int) -> ThemeDecision:
    """Let a theme be proposed again.

    Raises:
        Refusal: not the office; no such decision, or put back already.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    row = await uow.db.get(ThemeDecision, decision_id, with_for_update=True)
    if row is None or row.decision == RETURNED:
        raise missing("这一件")
    row.decision = RETURNED
    await audit.note(uow, "theme.returned", f"theme:{row.id}")
    return row


async def decided(uow: UnitOfWork, most: int = 30) -> list[ThemeDecision]:
    """What was decided and stands, the latest first."""
    query = select(ThemeDecision).where(col(ThemeDecision.decision) != RETURNED)
    return list(await uow.db.scalars(query.order_by(col(ThemeDecision.id).desc()).limit(most)))
