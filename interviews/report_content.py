"""What a summary report (汇总报告, 第十五条) says: the record of an ended interview as plain JSON values.

The same record gives the same content. What the report itself brings about is left out, or sending it would change
it: the archiving, and how the duty to send it was done. The texts of questions that were never made public do not
appear, only how many there are and why. A version adds a ``stamp`` that is not part of the record.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.clock import maybe_iso, shanghai_iso
from base.db import UnitOfWork
from base.people import Body
from interviews import deferrals, duties, facts, law, programme, questions, transcript
from interviews.changes import InterviewFacts
from interviews.lifecycle import DECLINE_WORDS, DeclineReason, Ground, ItemKind, QuestionStatus
from interviews.models import Duty, Interview, Item, Question

Content = dict[str, Any]

STAMP = "stamp"
OFFICE_KIND = "office"
"""The ``kind`` of the body that is the 工作机构; without one it is called as the rule calls it."""

GROUNDS = MappingProxyType(
    {
        Ground.STATE_SECRET: "国家秘密",
        Ground.TRADE_SECRET: "商业秘密",
        Ground.PERSONAL_PRIVACY: "个人隐私",
    }
)
TAKEN_BACK = frozenset({QuestionStatus.WITHDRAWN, QuestionStatus.REMOVED})
"""A question that was public keeps its number in these states and loses its text, as on the site."""


def record_of(content: Content) -> Content:
    """A content without the stamp of its version; two versions of one record are equal in it."""
    return {key: value for key, value in content.items() if key != STAMP}


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


async def gather(uow: UnitOfWork, interview: Interview) -> Content:
    """The whole record of one interview, in an order that depends on nothing but the record."""
    regulation = law.load(interview.regulation)
    interview_id = interview.id or 0
    asked = await questions.of_interview(uow, interview_id)
    said = await transcript.items(uow, interview_id)
    owed = await duties.of_interview(uow, interview_id)
    by_report = {rule.id for rule in regulation.duties if rule.done_by == "summary"}
    follow_up = {rule.id for rule in regulation.duties if rule.done_by == "answers"}
    answer_by = max((duty.due.isoformat() for duty in owed if duty.rule in follow_up), default=None)
    told = await facts.interview_facts(uow, interview)
    return {
        "interview": _interview(told),
        "regulation": {"id": regulation.id, "name": regulation.name},
        "office": await _office(uow, regulation.city),
        "recipients": [body.name for body in await recipients(uow)],
        "numbers": await programme.counts(uow, interview_id) | _numbers(asked, told.opened_at),
        "answer_by": answer_by,
        "questions": _public(asked, said, answer_by),
        "unpublished": _unpublished(asked),
        "deviations": [
            {"article": one.article, "text": one.text, "at": shanghai_iso(one.at)} for one in told.deviations
        ],
        "duties": [_duty(duty, told, by_report) for duty in owed],
        "transcript": _transcript(said, asked),
        "chain": {"items": len(said), "head": interview.chain_head},
        "as_of": shanghai_iso(_last_instant(told, asked, said, owed, by_report)),
    }


def _last_instant(
    told: InterviewFacts,
    asked: Sequence[Question],
    said: Sequence[Item],
    owed: Sequence[Duty],
    by_report: set[str],
) -> datetime:
    """When the record last changed: the date of a draft that is not kept."""
    instants = [told.closed_at or told.ends_at]
    instants += [item.at for item in said]
    instants += [question.settled_at for question in asked if question.settled_at]
    instants += [duty.done_at for duty in owed if duty.done_at and duty.rule not in by_report]
    return max(instants)


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


def _numbers(asked: Sequence[Question], opened_at: datetime | None) -> Content:
    """What ``programme.counts`` does not tell: by reason, by ground, before and after the opening."""
    before = sum(1 for one in asked if opened_at is None or one.submitted_at < opened_at)
    declined = Counter(one.reason for one in asked if one.status == QuestionStatus.DECLINED)
    refused = Counter(one.reason for one in asked if one.status == QuestionStatus.REFUSED)
    return {
        "asked_before": before,
        "asked_live": len(asked) - before,
        "supported": sum(1 for one in asked if one.supports),
        "by_kind": dict(sorted(Counter(one.kind for one in asked).items())),
        "declined_by_reason": {reason.value: declined[reason] for reason in DeclineReason},
        "refused_by_ground": {ground.value: refused[ground] for ground in Ground},
    }


def _public(asked: Iterable[Question], said: Iterable[Item], answer_by: str | None) -> list[Content]:
    """Every question that has a number, with the numbers of the items that reply to it, and its fate."""
    replies: dict[int, list[Item]] = {}
    for item in said:
        if item.question_id is not None and item.kind != ItemKind.QUESTION:
            replies.setdefault(item.question_id, []).append(item)
    asked = list(asked)
    numbers = {question.id: question.number for question in asked}
    found = []
    for question in sorted(asked, key=lambda one: one.number or 0):
        if question.number is None:
            continue
        own = replies.get(question.id or 0, [])
        gone = question.status in TAKEN_BACK
        into = numbers.get(question.into_id) if question.into_id else None
        found.append(
            {
                "question": question.id,
                "number": question.number,
                "text": None if gone else question.text,
                "kind": question.kind,
                "nickname": None if gone else question.nickname,
                "at": shanghai_iso(question.submitted_at),
                "status": question.status,
                "supports": question.supports,
                "into": into,
                "outcome": _outcome(question, own, into, answer_by),
                "replies": [item.no for item in own],
            }
        )
    return found


def _outcome(question: Question, replies: Sequence[Item], into: int | None, answer_by: str | None) -> str:
    """What became of a public question, in words."""
    status = QuestionStatus(question.status)
    if status is QuestionStatus.ANSWERED:
        origins = {item.origin for item in replies if item.kind == ItemKind.ANSWER}
        both = "现场答复，会后又有补充"
        return both if len(origins) > 1 else "会后答复" if "after" in origins else "现场答复"
    if status is QuestionStatus.REFUSED:
        ground = GROUNDS[Ground(question.reason or "")]
        return f"依法不予答复，依据是{ground}（第四条）"
    if status is QuestionStatus.DEFERRED:
        why = "现场时间不够" if question.reason == deferrals.BY_TIME else "现场答不了，原因见下"
        return f"{why}，转为会后答复{_by(answer_by)}"
    if status is QuestionStatus.MERGED:
        return f"已并入{into}号，一起答复" if into else "已并入相同的问题"
    return {
        QuestionStatus.TRANSFERRED: "已转给别的单位办理",
        QuestionStatus.WITHDRAWN: "提问人已撤回，文字不再登",
        QuestionStatus.REMOVED: "已撤下，文字不再登",
    }.get(status, f"还没有答复{_by(answer_by)}")


def _by(answer_by: str | None) -> str:
    return f"，最迟{cn_date(answer_by)}" if answer_by else ""


_UNSEEN = MappingProxyType(
    {
        QuestionStatus.PENDING: "还在等审核",
        QuestionStatus.MERGED: "没有单独公开，已并入相同的问题",
        QuestionStatus.TRANSFERRED: "已转给别的单位办理",
        QuestionStatus.WITHDRAWN: "公开以前由提问人撤回",
        QuestionStatus.REMOVED: "已撤下",
    }
)


def _unpublished(asked: Iterable[Question]) -> list[Content]:
    """The fates of the questions that were never public, each with how many; never a word of their texts."""
    fates = Counter(
        (one.status, (one.reason or "") if one.status == QuestionStatus.DECLINED else "")
        for one in asked
        if one.number is None
    )
    return [
        {"status": status, "reason": reason or None, "outcome": _unseen(status, reason), "count": count}
        for (status, reason), count in sorted(fates.items())
    ]


def _unseen(status: str, reason: str) -> str:
    if status == QuestionStatus.DECLINED:
        return f"没有公开，原因：{DECLINE_WORDS[DeclineReason(reason)]}"
    return _UNSEEN.get(QuestionStatus(status), "没有公开")


def _duty(duty: Duty, told: InterviewFacts, by_report: set[str]) -> Content:
    """A duty with its date and how late it was; of the report's own duty only the date."""
    own = duty.rule in by_report
    bodies = {one.id: one.name for one in told.respondents}
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
    """Every item in its order; a question that was taken back keeps its place and its digest, not its text."""
    numbers: dict[int, int | None] = {}
    gone: set[int] = set()
    for question in asked:
        numbers[question.id or 0] = question.number
        if question.status in TAKEN_BACK:
            gone.add(question.id or 0)
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
            }
        )
    return found


def title_of(theme: str) -> str:
    """The report's title, as an official document writes it."""
    return f"关于“{theme}”网上访谈情况的汇总报告"


def cn_date(iso: str) -> str:
    """``2026年9月30日`` of a date or instant in RFC 3339."""
    moment = datetime.fromisoformat(iso)
    return f"{moment.year}年{moment.month}月{moment.day}日"
