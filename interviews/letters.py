"""The 通知 that the office prints for the bodies that answer: the pack handed over, a change, the venue.

A letter repeats the record and nothing else: what was done, when, under which article, in the words of ``wording``.
Its number (文号) is left for the office's own register. What was not done yet has no letter.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.clock import SHANGHAI, as_utc, office_date
from base.db import UnitOfWork
from base.errors import Refusal
from interviews import body_contacts, facts, law, wording
from interviews.changes import InterviewFacts
from interviews.deadlines import in_words
from interviews.lifecycle import PUBLIC, ChangeGround
from interviews.models import Interview, PlanChange, Question
from interviews.plans import CHANGES


class LetterKind(StrEnum):
    """What a letter tells."""

    PACK = "pack"
    CHANGE = "change"
    VENUE = "venue"


LABELS = {
    LetterKind.PACK: "转交问题的通知",
    LetterKind.CHANGE: "访谈变动的通知",
    LetterKind.VENUE: "访谈地点的通知",
}
_ACTS = {LetterKind.PACK: "questions.forward", LetterKind.VENUE: "venue.tell"}
_DONE_BY = {LetterKind.PACK: "forward", LetterKind.CHANGE: "change", LetterKind.VENUE: "venue"}
_KINDS = {"inquiry": "咨询", "opinion": "意见", "suggestion": "建议"}
_NOT_YET = {
    LetterKind.PACK: "问题还没有转交，或者转交以后又改过，没有可打印的通知。请先在这一场的页面上转交。",
    LetterKind.CHANGE: "这一场没有通知过的变动，没有可打印的通知。改期和取消由主管部门办。",
    LetterKind.VENUE: "地点还没有告知，或者告知以后又改过，没有可打印的通知。请先在这一场的页面上告知地点。",
}


@dataclass(frozen=True)
class Letter:
    """One 通知, ready for paper.

    Attributes:
        title: its heading, without the name of the office.
        to: the bodies, the leading one first.
        paragraphs: the text.
        enclosed: the questions of the pack, one a line; ``None`` for a letter without an attachment.
        day: the office's date of the act.
        reached: whom one calls at each body, as of today; empty where nobody is known.
    """

    title: str
    to: tuple[str, ...]
    paragraphs: tuple[str, ...]
    enclosed: tuple[str, ...] | None
    day: date
    reached: tuple[str, ...] = ()


async def available(uow: UnitOfWork, interview: Interview) -> list[LetterKind]:
    """The letters that the record of an interview gives so far."""
    return [kind for kind in LetterKind if await _when(uow, interview, kind) is not None]


async def letter(uow: UnitOfWork, interview: Interview, kind: LetterKind) -> Letter:
    """One letter about an interview.

    Raises:
        Refusal: ``letter.nothing``; what it would tell was not done yet.
    """
    when = await _when(uow, interview, kind)
    if when is None:
        raise Refusal("letter.nothing", _NOT_YET[kind])
    told = await facts.interview_facts(uow, interview)
    rule = _rule(interview, kind)
    enclosed: tuple[str, ...] | None = None
    if kind is LetterKind.PACK:
        enclosed = await _pack(uow, told.id, when)
        paragraphs = await _handed_over(uow, told, rule, when, len(enclosed))
    elif kind is LetterKind.VENUE:
        paragraphs = await _place(uow, told, rule)
    else:
        paragraphs = await _changed(uow, told, rule, await _changes(uow, told.id))
    title = f"关于{_TITLES[kind].format(name=_name(told))}的通知"
    return Letter(
        title,
        tuple(one.name for one in told.respondents),
        paragraphs,
        enclosed or None,
        _day(when),
        await _reached(uow, interview),
    )


async def _reached(uow: UnitOfWork, interview: Interview) -> tuple[str, ...]:
    """The first contact of each body, for the remark under the date (GB/T 9704-2012, 7.3.6 附注).

    A letter to several bodies gives their office lines alone: somebody's mobile is not for the other bodies to read.
    """
    bodies = await body_contacts.of_interview(uow, interview)
    found = []
    for body in bodies:
        for one in body.contacts[:1]:
            number = one.line or (one.mobile if len(bodies) == 1 else None)
            found.append(f"{body.name}{one.name}{f'，{number}' if number else ''}")
    return tuple(found)


_TITLES = {
    LetterKind.PACK: "转交{name}征集问题",
    LetterKind.CHANGE: "{name}变动",
    LetterKind.VENUE: "{name}地点",
}


def _day(when: datetime) -> date:
    return office_date(as_utc(when))


async def _when(uow: UnitOfWork, interview: Interview, kind: LetterKind) -> datetime | None:
    """When the office last did what the letter tells; ``None`` where it did not, or not since the interview changed.

    A letter of before a change would name a time or theme that nobody knew on its date.
    """
    if kind is LetterKind.CHANGE:
        rows = await _changes(uow, interview.id or 0)
        return rows[-1].at if rows else None
    query = select(AuditEntry).where(
        col(AuditEntry.subject) == f"interview:{interview.id}",
        col(AuditEntry.act).in_([_ACTS[kind], "interview.change"]),
    )
    last = (await uow.db.scalars(query.order_by(col(AuditEntry.seq).desc()).limit(1))).first()
    return last.at if last is not None and last.act == _ACTS[kind] else None


async def _changes(uow: UnitOfWork, interview_id: int) -> list[PlanChange]:
    """The lines of the newest change that 第十三条 asks to be told: one act may move and rename at once."""
    query = select(PlanChange).where(
        col(PlanChange.interview_id) == interview_id, col(PlanChange.kind).in_(CHANGES)
    )
    rows = list(await uow.db.scalars(query.order_by(col(PlanChange.id))))
    return [row for row in rows if row.at == rows[-1].at]


async def _pack(uow: UnitOfWork, interview_id: int, when: datetime) -> tuple[str, ...]:
    """The public questions that had been handed over by then, in the order of their numbers."""
    query = select(Question).where(
        col(Question.interview_id) == interview_id,
        col(Question.status).in_(list(PUBLIC)),
        col(Question.published_at) <= when,
    )
    return tuple(_line(one) for one in await uow.db.scalars(query.order_by(col(Question.number))))


def _line(one: Question) -> str:
    supports = f"，{one.supports}人支持" if one.supports else ""
    return f"{one.number}号（{_KINDS.get(one.kind, one.kind)}{supports}）：{one.text}"


def _rule(interview: Interview, kind: LetterKind) -> str:
    """``根据《…》第十二条，``; without the article where the city's rule has no such duty."""
    regulation = law.load(interview.regulation)
    day = office_date(interview.starts_at)
    fitting = (one for one in regulation.duties if one.done_by == _DONE_BY[kind] and one.in_force(day))
    found = next(fitting, None)
    return f"根据《{regulation.name}》{found.article if found else ''}，"


def _name(told: InterviewFacts) -> str:
    number = f"第{told.ordinal}场" if told.ordinal else ""
    return f"{number}网上访谈“{told.theme}”"


def _time(told: InterviewFacts) -> str:
    start, end = (as_utc(one).astimezone(SHANGHAI) for one in (told.starts_at, told.ends_at))
    return f"{in_words(start.date())}{start:%H:%M}—{end:%H:%M}"


def _you(told: InterviewFacts) -> str:
    return "你单位" if len(told.respondents) == 1 else "你们"


async def _handed_over(
    uow: UnitOfWork, told: InterviewFacts, rule: str, when: datetime, many: int
) -> tuple[str, ...]:
    held, until = f"{_name(told)}定于{_time(told)}举行。", _day(when)
    till = f"到{until.year}年{until.month}月{until.day}日"
    if not many:
        return (f"{held}{rule}告知{_you(told)}：{till}，没有征集到公开的问题。",)
    return await wording.paragraphs(
        uow,
        LetterKind.PACK,
        name=_name(told),
        time=_time(told),
        rule=rule,
        until=till,
        count=many,
        you=_you(told),
    )


async def _place(uow: UnitOfWork, told: InterviewFacts, rule: str) -> tuple[str, ...]:
    return await wording.paragraphs(
        uow,
        LetterKind.VENUE,
        name=_name(told),
        time=_time(told),
        venue=told.venue,
        rule=rule,
        you=_you(told),
    )


async def _changed(
    uow: UnitOfWork, told: InterviewFacts, rule: str, rows: Sequence[PlanChange]
) -> tuple[str, ...]:
    said = "；".join(row.text for row in rows)
    asked = any(row.ground == ChangeGround.PUBLIC_DEMAND for row in rows)
    why = next((row.reason for row in rows if row.reason), None)
    return await wording.paragraphs(
        uow,
        LetterKind.CHANGE,
        rule=rule,
        you=_you(told),
        changes=_ended(said),
        reason=f"变动的原因：{'应公众要求。' if asked else ''}{_ended(why)}" if why else "",
        questions="已经征集到的问题，请书面答复。" if _is_off(rows) else "",
    )


def _is_off(rows: Iterable[PlanChange]) -> bool:
    return any(row.kind == "cancelled" for row in rows)


def _ended(text: str) -> str:
    return text if text.endswith(("。", "！", "？")) else f"{text}。"
