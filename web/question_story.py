"""What happened to a question, step by step: when, by whom, and what comes next. Pure.

Who did it is a role or a body, never a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from base.clock import shanghai_iso
from chat import streams
from interviews import deferrals
from interviews.lifecycle import QuestionStatus
from interviews.models import Question
from web import ledger, record
from web.filters import DECLINES, GROUNDS

Q = QuestionStatus
Step = dict[str, Any]

MODERATOR, HOST, ASKER, CLOCK = "审核员", "主持人", "提问人", "系统"


@dataclass(frozen=True)
class Story:
    """What the steps are told from.

    Attributes:
        found: the question.
        answers: what it got, as ``chat.views`` shows it, with errata.
        into: the question in which it went on.
        after: by when a written answer comes.
        declined: the first decision that the asker objected to.
        own: whether the asker reads.
        by_receipt: whether the reader holds the receipt; objections are told to nobody else.
    """

    found: Question
    answers: list[record.Body]
    into: Question | None
    after: ledger.ByWhen | None
    declined: streams.StreamEvent | None
    own: bool
    by_receipt: bool = True


def steps(story: Story) -> list[Step]:
    """The steps in order; what is not done yet comes last."""
    found, status = story.found, Q(story.found.status)
    done = [_step("交上来了", found.submitted_at, ASKER), *_appeal(story)]
    if found.published_at is not None:
        done.append(_step(f"审核后公开，编为{found.number}号", found.published_at, MODERATOR))
    if found.staged_at is not None:
        done.append(_step("请到场上", found.staged_at, HOST))
    first = next((item["no"] for item in story.answers if item["kind"] == "answer"), None)
    done += sorted([told for item in story.answers for told in _told(item, first)], key=_at)
    ahead: list[Step] = []
    if status is Q.ANSWERED and found.reopened_at is not None and found.reopened_due is not None:
        done.append(_step("说没解决的多了，再次办理", found.reopened_at, CLOCK))
        day = found.reopened_due
        ahead.append(_step("再答一次", state="todo", text=f"最迟{day.month}月{day.day}日"))
    if status in _ENDS:
        title, later, by = _ends(story)
        if not (story.answers and status in (Q.ANSWERED, Q.REFUSED)):
            said = "，".join(filter(None, [by, why(found, story.into)]))
            done.append(_step(title, found.settled_at, said))
        if later:
            due = f"最迟{story.after.in_words()}" if story.after else None
            ahead.append(_step(later, state="todo", text=due))
    waits = "appealed" if status is Q.PENDING and found.appealed_at is not None else status
    return _with_current([*done, *ahead, *_AHEAD.get(waits, [])])


def _step(title: str, at: datetime | str | None = None, text: str | None = None, state: str = "done") -> Step:
    told = shanghai_iso(at) if isinstance(at, datetime) else at
    return {"title": title, "at": told, "text": text, "state": state, "no": None}


def _at(step: Step) -> str:
    """All in one zone and one form, so that the texts sort as the instants do; steps of one second stay as they come."""
    return str(step["at"])


def _appeal(story: Story) -> list[Step]:
    """The first decision and the objection to it; what the asker wrote is for the asker alone."""
    found = story.found
    if found.appealed_at is None or not story.by_receipt:
        return []
    told = []
    if story.declined is not None:
        reason = DECLINES.get(story.declined.body.get("reason") or "", "")
        told.append(_step("没有公开", story.declined.at, f"{MODERATOR}，原因：{reason}"))
    wrote = f"{ASKER}：{found.appeal}" if story.own else ASKER
    return [*told, _step("申诉了", found.appealed_at, wrote)]


_ENDS: dict[Q, tuple[str, str | None, str | None]] = {
    Q.ANSWERED: ("答复了", None, None),
    Q.REFUSED: ("依法不予答复", None, None),
    Q.DEFERRED: ("转为会后答复", "书面答复", None),
    Q.DECLINED: ("没有公开", None, MODERATOR),
    Q.MERGED: ("并到相同的问题里", None, MODERATOR),
    Q.TRANSFERRED: ("转给别的单位", "书面答复", MODERATOR),
    Q.WITHDRAWN: ("撤回了", None, ASKER),
    Q.REMOVED: ("撤下了", None, None),
}
"""What each end is called, what is still to come after it, and who decided."""


def _ends(story: Story) -> tuple[str, str | None, str | None]:
    found, status = story.found, Q(story.found.status)
    if status is Q.TRANSFERRED and found.reason == deferrals.BY_CANCELLING:
        return "转给答复单位", "书面答复", None
    if status is Q.DEFERRED and found.reason == deferrals.BY_TIME:
        return "转为会后答复", "书面答复", CLOCK
    return _ENDS[status]


_AHEAD: dict[str, list[Step]] = {
    Q.PENDING: [
        _step("等审核员看", state="current"),
        _step("审核后公开，等待答复", text="没排上的，会后也要答", state="todo"),
    ],
    "appealed": [_step("重新审核", text="由审核员重新看一遍", state="current")],
    Q.PUBLISHED: [_step("等着答复", text="没排上的，会后也要答", state="current")],
    Q.STAGED: [_step("正在答", state="current")],
}
_TOLD = {"answer": "答复了", "refusal": "依法不予答复", "deferral": "说明了为什么会后答复"}


def _told(item: record.Body, first: int | None) -> list[Step]:
    return [
        _said(item, further=item["kind"] == "answer" and item["no"] != first),
        *(_corrected(erratum) for erratum in item["errata"]),
    ]


def _said(item: record.Body, *, further: bool) -> Step:
    title = "会后答复了" if item["kind"] == "answer" and item["origin"] == "after" else _TOLD[item["kind"]]
    title = "补充答复了" if further else title
    if item["removed"]:
        title = f"{title}（这一条已撤下）"
    ground = GROUNDS.get(item["ground"] or "")
    law = f"依据：{ground}（第四条）" if ground and not item["removed"] else None
    return _step(title, item["at"], "，".join(filter(None, [_by(item), law]))) | {"no": item["no"]}


def _corrected(erratum: record.Body) -> Step:
    title = "登了更正（这一处已撤下）" if erratum["removed"] else "登了更正"
    return _step(title, erratum["at"], _by(erratum)) | {"no": erratum["no"]}


def _by(item: record.Body) -> str:
    """The body, or the role of whoever speaks for none."""
    return item["body"] or {"host": HOST, "moderator": MODERATOR}.get(item["role"], "信息化工作办公室")


_DECLINE_MEANS = {
    "unlawful": "法律不许发布的内容，不能公开。",
    "abuse": "骂人、骚扰的话不公开。换个说法，可以重新提。",
    "advertising": "推销东西、服务的，不公开。",
    "personal_data": "里面是别人的姓名、电话、住址这些，隐去就看不懂了。去掉以后，可以重新提。",
    "not_a_question": "没有说要问什么、要办什么。写清楚以后，可以重新提。",
}
"""What each reason means for whoever asked, and what to do next."""

_DEFERRED_BY = {deferrals.BY_TIME: "现场时间不够", deferrals.BY_CANCELLING: "访谈取消了"}


def why(found: Question, into: Question | None) -> str | None:
    """Why a question ended as it did, in words."""
    if found.status == Q.DECLINED:
        reason = found.reason or ""
        return f"原因：{DECLINES.get(reason, reason)}。{_DECLINE_MEANS.get(reason, '')}"
    if found.status == Q.MERGED and into is not None:
        return f"并到{into.number}号"
    if found.status == Q.DEFERRED:
        return _DEFERRED_BY.get(found.reason or "")
    if found.status == Q.TRANSFERRED:
        if found.to_body:
            return f"转给{found.to_body}，由它书面答复"
        return _DEFERRED_BY.get(found.reason or "")
    if found.status == Q.REMOVED and found.reason:
        return f"原因：{found.reason}"
    return None


def _with_current(told: list[Step]) -> list[Step]:
    """The last thing that happened is where the question is now, unless something says so already."""
    if any(step["state"] == "current" for step in told):
        return told
    last = max(n for n, step in enumerate(told) if step["state"] == "done")
    return [step | {"state": "current"} if n == last else step for n, step in enumerate(told)]
