"""What became of the questions of an interview, in words and in rows, for its summary report. Pure.

Of a question that was never public only the fate is told and how many share it, never a word of its text.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from base.clock import shanghai_iso
from interviews import deferrals
from interviews.lifecycle import DECLINE_WORDS, OPEN, DeclineReason, Ground, ItemKind, QuestionStatus
from interviews.models import Duty, Item, Question
from interviews.report_words import GROUNDS, cn_date

TAKEN_BACK = frozenset({QuestionStatus.WITHDRAWN, QuestionStatus.REMOVED})
"""A question that was public keeps its number in these states and loses its text, as on the site."""

_WHY = MappingProxyType(
    {deferrals.BY_TIME: "现场时间不够", deferrals.BY_CANCELLING: "访谈取消", None: "现场答不了，原因见实录"}
)
_UNSEEN = MappingProxyType(
    {
        QuestionStatus.PENDING: "还在等审核",
        QuestionStatus.ANSWERED: "没有公开，已书面答复提问人",
        QuestionStatus.REFUSED: "没有公开，已依法不予答复",
        QuestionStatus.MERGED: "没有单独公开，已并入相同的问题",
        QuestionStatus.WITHDRAWN: "公开以前由提问人撤回",
        QuestionStatus.REMOVED: "已撤下",
    }
)


def public_questions(
    asked: Sequence[Question], said: Iterable[Item], answer_by: str | None
) -> list[dict[str, Any]]:
    """Every question that has a number, with the numbers of the items that reply to it, and its fate."""
    replies: dict[int, list[Item]] = {}
    for item in said:
        if item.question_id is not None and item.kind not in (ItemKind.QUESTION, ItemKind.ERRATUM):
            replies.setdefault(item.question_id, []).append(item)
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
        standing = [item for item in replies if item.kind == ItemKind.ANSWER and item.removed_at is None]
        if not standing:
            return "答复撤下了，没有新的答复"
        origins = {item.origin for item in standing}
        both = "现场答复，会后又有补充"
        return both if len(origins) > 1 else "会后答复" if "after" in origins else "现场答复"
    if status is QuestionStatus.REFUSED:
        ground = GROUNDS[Ground(question.reason or "")]
        return f"依法不予答复，依据是{ground}（第四条）"
    if status is QuestionStatus.DEFERRED:
        return f"{why_open(question)}，转为会后答复{_by(answer_by)}"
    if status is QuestionStatus.MERGED:
        return f"已并入{into}号，一起答复" if into else "已并入相同的问题"
    return {
        QuestionStatus.TRANSFERRED: f"已转给{question.to_body or '别的单位'}办理",
        QuestionStatus.WITHDRAWN: "提问人已撤回，文字不再登",
        QuestionStatus.REMOVED: "已撤下，文字不再登",
    }.get(status, f"还没有答复{_by(answer_by)}")


def why_open(question: Question) -> str:
    """Why a question was not answered live."""
    return _WHY.get(question.reason, _WHY[None])


def _by(answer_by: str | None) -> str:
    return f"，最迟{cn_date(answer_by)}" if answer_by else ""


def unpublished(asked: Iterable[Question]) -> list[dict[str, Any]]:
    """The fates of the questions that were never public, each with how many; never a word of their texts."""
    fates = Counter(
        (
            one.status,
            (one.reason or "") if one.status == QuestionStatus.DECLINED else "",
            (one.to_body or "") if one.status == QuestionStatus.TRANSFERRED else "",
        )
        for one in asked
        if one.number is None
    )
    return [
        {
            "status": status,
            "reason": reason or None,
            "body": body or None,
            "outcome": _unseen(status, reason, body),
            "count": count,
        }
        for (status, reason, body), count in sorted(fates.items())
    ]


def _unseen(status: str, reason: str, body: str) -> str:
    if status == QuestionStatus.DECLINED:
        return f"没有公开，原因：{DECLINE_WORDS[DeclineReason(reason)]}"
    if status == QuestionStatus.TRANSFERRED:
        return f"已转给{body or '别的单位'}办理"
    return _UNSEEN.get(QuestionStatus(status), "没有公开")


def left_open(
    asked: Iterable[Question], owed: Iterable[Duty], bodies: Mapping[int, str]
) -> list[dict[str, Any]]:
    """What still waits for an answer: by which bodies, by what date, and why it was not given live.

    Args:
        asked: the interview's questions.
        owed: its follow-ups (第八条), one for each body that owes one.
        bodies: the bodies that answer in the interview; what is not transferred is left to all of them.

    Returns:
        One row for each public question, and one with how many for what was transferred unread.
    """
    due = {duty.body_id: duty.due.isoformat() for duty in owed}
    everyone = "、".join(bodies.values())
    latest = max((due[body] for body in due if body is None or body in bodies), default=None)
    public: list[dict[str, Any]] = []
    unseen: Counter[tuple[str, str | None]] = Counter()
    for one in sorted(asked, key=lambda row: row.number or 0):
        if one.status == QuestionStatus.TRANSFERRED:
            unseen[one.to_body or everyone, due.get(one.to_body_id, latest)] += 1
        elif one.status == QuestionStatus.DEFERRED or one.status in OPEN:
            public.append(
                {"number": one.number, "count": 1, "body": everyone, "due": latest, "why": why_open(one)}
            )
    handed = sorted(unseen.items(), key=lambda row: (row[0][0], row[0][1] or ""))
    return public + [
        {"number": None, "count": count, "body": body, "due": by, "why": "不属这场访谈，转来办理"}
        for (body, by), count in handed
    ]


def appeals(asked: Iterable[Question]) -> list[dict[str, Any]]:
    """How many askers appealed against not being made public, and what came of it."""
    found: Counter[str] = Counter()
    for one in asked:
        if one.appealed_at is None:
            continue
        if one.number is not None:
            found["复核后公开"] += 1
        elif one.status == QuestionStatus.DECLINED:
            found["复核后仍不公开"] += 1
        elif one.status == QuestionStatus.PENDING:
            found["还在复核"] += 1
        else:
            found[f"复核后{_UNSEEN.get(QuestionStatus(one.status), '转给别的单位办理')}"] += 1
    return [{"outcome": outcome, "count": count} for outcome, count in sorted(found.items())]
