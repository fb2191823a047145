"""What a summary report (汇总报告, 第十五条) says: the record of an ended interview as plain JSON values.

The same record gives the same content. What the report itself brings about is left out, or sending it would change
it: the archiving, and how the duty to send it was done. The texts of questions that were never made public do not
appear, only how many there are and why; nor do letters, the answers that only their askers read. A version adds
what is not part of the record: a ``stamp``, and the office's ``prose``.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Select, select
from sqlmodel import col

from base.clock import maybe_iso, shanghai_iso
from base.db import UnitOfWork
from base.people import Body
from interviews import (
    duties,
    facts,
    law,
    programme,
    report_beside,
    report_fates,
    report_numbers,
    report_themes,
)
from interviews.changes import InterviewFacts
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Duty, Interview, Item, Question
from interviews.report_beside import Beside
from interviews.report_fates import TAKEN_BACK
from interviews.report_words import PROSE as PROSE
from interviews.report_words import PROSE_PARTS as PROSE_PARTS
from interviews.report_words import STAMP as STAMP
from interviews.report_words import Content as Content
from interviews.report_words import title_of as title_of

Row = TypeVar("Row")

OFFICE_KIND = "office"
"""The ``kind`` of the body that is the 工作机构; without one it is called as the rule calls it."""

AT_A_TIME = 200
"""Rows turned into objects before others may act; 15,000 at once held the event loop for 0.56 s."""


@dataclass(frozen=True)
class _Rows:
    """All that a content is made from."""

    told: InterviewFacts
    asked: Sequence[Question]
    said: Sequence[Item]
    owed: Sequence[Duty]
    counts: Mapping[str, int]
    by_report: frozenset[str]
    follow_up: frozenset[str]
    peak: int
    head: str
    beside: Beside = field(default_factory=lambda: Beside((), ()))


def record_of(content: Content) -> Content:
    """A content without the stamp of its version and without its prose; two versions of one record are equal in it."""
    return {key: value for key, value in content.items() if key not in (STAMP, PROSE)}


def stamped(record: Content, version: int | None, made_at: str, replaces: int | None = None) -> Content:
    """A record as one version of the report.

    Args:
        record: what ``gather`` found.
        version: its number; ``None`` for a draft that is not kept.
        made_at: the date on the paper, RFC 3339.
        replaces: the number of the sent version that this one corrects.
    """
    return record | {STAMP: {"version": version, "made_at": made_at, "replaces": replaces}}


async def recipients(uow: UnitOfWork) -> list[Body]:
    """The bodies that receive every summary (第十五条), in the order in which the city entered them."""
    query = select(Body).where(col(Body.recipient).is_(True)).order_by(col(Body.id))
    return list(await uow.db.scalars(query))


async def _office(uow: UnitOfWork, city: str) -> str:
    query = select(col(Body.name)).where(col(Body.kind) == OFFICE_KIND).order_by(col(Body.id)).limit(1)
    return await uow.db.scalar(query) or f"{city}信息化工作办公室"


async def _all(uow: UnitOfWork, query: Select[Row]) -> list[Row]:
    found = await uow.db.stream_scalars(query.execution_options(yield_per=AT_A_TIME))
    return [row async for row in found]


async def gather(uow: UnitOfWork, interview: Interview) -> Content:
    """The whole record of one interview, in an order that depends on nothing but the record.

    The rows are fetched in small lots and put together in a thread: a long interview's report must not hold up
    the live room of another.
    """
    regulation = law.load(interview.regulation)
    mine = interview.id or 0
    questions = select(Question).where(col(Question.interview_id) == mine).order_by(col(Question.id))
    items = select(Item).where(col(Item.interview_id) == mine, col(Item.no) > 0).order_by(col(Item.no))
    rows = _Rows(
        told=await facts.interview_facts(uow, interview),
        asked=await _all(uow, questions),
        said=await _all(uow, items),
        owed=await duties.of_interview(uow, mine),
        counts=await programme.counts(uow, mine),
        by_report=frozenset(rule.id for rule in regulation.duties if rule.done_by == "summary"),
        follow_up=frozenset(rule.id for rule in regulation.duties if rule.done_by == "answers"),
        peak=interview.peak,
        head=interview.chain_head,
        beside=await report_beside.gather(uow, mine),
    )
    return {
        "regulation": {"id": regulation.id, "name": regulation.name},
        "office": await _office(uow, regulation.city),
        "recipients": [body.name for body in await recipients(uow)],
    } | await asyncio.to_thread(_put_together, rows)


def _put_together(rows: _Rows) -> Content:
    told, asked, said = rows.told, rows.asked, rows.said
    follow_ups = [duty for duty in rows.owed if duty.rule in rows.follow_up]
    answer_by = max((duty.due.isoformat() for duty in follow_ups), default=None)
    counts = dict(rows.counts) | report_numbers.numbers(asked, told.opened_at, rows.peak)
    bodies = {one.id: one.name for one in told.respondents}
    known = {one.to_body_id: one.to_body for one in asked if one.to_body_id and one.to_body} | bodies
    return {
        "interview": _interview(told),
        "numbers": counts,
        "answer_by": answer_by,
        "questions": report_fates.public_questions(asked, said, answer_by),
        "themes": report_themes.themes(_main(asked)),
        "unpublished": report_fates.unpublished(asked),
        "open": report_fates.left_open(asked, follow_ups, bodies),
        "appeals": report_fates.appeals(asked),
        "plots": report_numbers.plots(told, counts, asked, said),
        "deviations": [
            {"article": one.article, "text": one.text, "at": shanghai_iso(one.at)} for one in told.deviations
        ],
        "duties": [_duty(duty, known, rows.by_report) for duty in rows.owed],
        "transcript": _transcript(said, asked),
        "chain": {"items": len(said), "head": rows.head},
        "as_of": shanghai_iso(_last_instant(rows)),
    } | report_beside.rows(rows.beside, asked, said)


_NO_THEME = TAKEN_BACK | {QuestionStatus.MERGED}


def _main(asked: Iterable[Question]) -> list[report_themes.Asked]:
    """The public questions that stand for themselves."""
    return [
        report_themes.Asked(one.number, one.text, one.supports)
        for one in asked
        if one.number is not None and one.status not in _NO_THEME
    ]


def _last_instant(rows: _Rows) -> datetime:
    """When the record last changed: the date of a draft that is not kept."""
    instants = [rows.told.closed_at or rows.told.ends_at]
    instants += [item.at for item in rows.said]
    instants += [question.settled_at for question in rows.asked if question.settled_at]
    instants += [duty.done_at for duty in rows.owed if duty.done_at and duty.rule not in rows.by_report]
    return max([*instants, *rows.beside.instants()])


def _interview(told: InterviewFacts) -> Content:
    minutes = None
    if told.opened_at and told.closed_at:
        minutes = int((told.closed_at - told.opened_at).total_seconds() // 60)
    return {
        "id": told.id,
        "no": told.ordinal,
        "theme": told.theme,
        "content": told.content,
        "host": told.host,
        "venue": told.venue,
        "respondents": [{"id": one.id, "name": one.name, "lead": one.lead} for one in told.respondents],
        "guests": [{"name": one.name, "post": one.post, "body": one.body} for one in told.guests],
        "starts_at": shanghai_iso(told.starts_at),
        "ends_at": shanghai_iso(told.ends_at),
        "announced_at": maybe_iso(told.announced_at),
        "opened_at": maybe_iso(told.opened_at),
        "closed_at": maybe_iso(told.closed_at),
        "minutes": minutes,
        "close_reason": told.close_reason,
    }


def _duty(duty: Duty, bodies: Mapping[int, str], by_report: frozenset[str]) -> Content:
    """A duty with its date and how late it was; of the report's own duty only the date."""
    own = duty.rule in by_report
    return {
        "id": duty.rule,
        "article": duty.article,
        "title": duty.title,
        "owed_by": duty.owed_by,
        "who": bodies.get(duty.body_id or 0) or duties.OWED_BY_WORDS.get(duty.owed_by, duty.owed_by),
        "due": duty.due.isoformat(),
        "provisional": duty.provisional,
        "status": "by_report" if own else duty.status,
        "done_at": None if own else maybe_iso(duty.done_at),
        "late_days": 0 if own else duty.late_days,
        "evidence": None if own else duty.evidence,
    }


def _transcript(said: Iterable[Item], asked: Iterable[Question]) -> list[Content]:
    """Every item in its order; what was taken back or down keeps its place and its digest, not its text.

    An erratum says the number of the item it stands beside (``of``) and its ``reason``.
    """
    said = list(said)
    numbers = {question.id: question.number for question in asked}
    gone = {question.id for question in asked if question.status in TAKEN_BACK}
    places = {item.id: item.no for item in said}
    found = []
    for item in said:
        taken_back = item.kind == ItemKind.QUESTION and item.question_id in gone
        hidden = taken_back or item.removed_at is not None
        found.append(
            {
                "item": item.id,
                "no": item.no,
                "kind": item.kind,
                "number": numbers.get(item.question_id) if item.question_id else None,
                "speaker": None if hidden else item.speaker,
                "role": item.role,
                "body": item.body_name,
                "text": None if hidden else item.text,
                "origin": item.origin,
                "ground": item.ground,
                "at": shanghai_iso(item.at),
                "digest": item.digest,
                "of": places.get(item.of_id) if item.of_id else None,
                "reason": item.removed_because if item.removed_at is not None else item.note,
            }
        )
    return found
