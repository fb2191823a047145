"""The public fate of one question by its receipt: how far it got for anyone, its text for its asker.

The text is shown to everybody once it is public, and to nobody else before. Whoever holds the receipt on another
device can follow the question; taking it back and appealing need the browser that asked.
"""

from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor
from chat import streams, views
from faq import referrals
from interviews import access, deferrals, facts, questions, workdays
from interviews.lifecycle import INTERVIEW_MOVES, QUESTION_MOVES, QuestionStatus
from interviews.models import Interview, Item, Question, Respondent, Support
from web import alike, forms, ledger, record
from web.filters import DECLINES
from web.keys import UNITS
from web.pages import Page, flash, flashed, render
from web.routes.public import act, citizen_of, see_other

routes = web.RouteTableDef()

Q = QuestionStatus
Step = dict[str, Any]


@routes.get("/questions")
async def find(request: web.Request) -> web.Response:
    """From the form that asks for a receipt to the page of that receipt: a question's, or a referral's."""
    typed = request.query.get("receipt", "")
    async with request.app[UNITS].read() as uow:
        try:
            return see_other(f"/questions/{(await questions.by_receipt(uow, typed)).receipt}")
        except Refusal:
            return see_other(f"/faq/referrals/{(await referrals.by_receipt(uow, typed)).receipt}")


@routes.get("/questions/{receipt}")
async def question(request: web.Request) -> web.Response:
    """How far one question got."""
    return await question_page(request)


async def question_page(
    request: web.Request, form: forms.Form | None = None, status: int = 200
) -> web.Response:
    """The page of one receipt, fresh or with an appeal that was not accepted.

    Raises:
        Refusal: ``not_found``.
    """
    reader = await citizen_of(request)
    async with request.app[UNITS].read(reader) as uow:
        found = await questions.by_receipt(uow, request.match_info["receipt"])
        context = await _fate(request, uow, found, reader)
    said = flashed(request) or {}
    context |= {"form": form or forms.Form(), "submitted": said.get("receipt") == found.receipt}
    about = Page(
        f"{found.number}号提问" if found.number else "一个提问",
        description="凭回执编号看一个提问办到哪一步",
        path=f"/questions/{found.receipt}",
    )
    return await render(request, "question.html", context, page=about, status=status)


async def _fate(request: web.Request, uow: UnitOfWork, found: Question, reader: Actor) -> dict[str, Any]:
    interview = await access.interview(uow, found.interview_id)
    own = reader.person_id is not None and found.asker_id == reader.person_id
    public = found.number is not None and found.status not in record.GONE
    answers = await _answers(uow, found) if public or own else []
    into = await _went_into(uow, found)
    shown = views.question_view(facts.question_facts(found))
    shown["text"] = found.text if own or public else None
    after = ledger.follow_up(interview, await workdays.present(uow))
    story = _Story(found, answers, into, after, await _first_decline(uow, found), own)
    return {
        "q": shown,
        "receipt": found.receipt,
        "own": own,
        "interview": {
            "id": interview.id,
            "no": interview.ordinal,
            "theme": interview.theme,
            "status": interview.status,
            "url": f"/interviews/{interview.id}",
        },
        "steps": _steps(story),
        "answers": answers,
        "due": await _due(uow, interview, found, after)
        if found.status in (Q.DEFERRED, Q.TRANSFERRED)
        else None,
        "similar": await _similar(request, uow, found) if public else [],
        "can_withdraw": own and found.status in QUESTION_MOVES["question.withdraw"][0],
        "can_appeal": own and _may_appeal(found, interview),
        "appealed": own and found.appealed_at is not None,
        "can_support": not own and public and found.status in QUESTION_MOVES["question.support"][0],
        "supported": await _supported(uow, found, reader),
        "into": await _outcome(uow, into) if into else None,
    }


def _may_appeal(found: Question, interview: Interview) -> bool:
    open_still = interview.status in INTERVIEW_MOVES["question.appeal"][0]
    return found.status == Q.DECLINED and found.appealed_at is None and open_still


async def _supported(uow: UnitOfWork, found: Question, reader: Actor) -> bool:
    if reader.person_id is None:
        return False
    query = select(col(Support.id)).where(
        col(Support.question_id) == found.id, col(Support.person_id) == reader.person_id
    )
    return (await uow.db.execute(query)).first() is not None


CHAIN_MOST = 20
"""How far a merged question is followed: what it went into may itself have gone into another."""


async def _went_into(uow: UnitOfWork, found: Question) -> Question | None:
    into: Question | None = None
    following = found.into_id
    for _ in range(CHAIN_MOST):
        if following is None:
            break
        into = await uow.db.get(Question, following)
        following = into.into_id if into is not None else None
    return into


async def _outcome(uow: UnitOfWork, into: Question) -> dict[str, Any]:
    """The question in which this one went on, and what it got: it is public, so everybody may read it."""
    public = into.number is not None and into.status not in record.GONE
    return {
        **_link(into),
        "status": into.status,
        "text": into.text if public else None,
        "supports": into.supports,
        "answers": await _answers(uow, into) if public else [],
    }


async def _first_decline(uow: UnitOfWork, found: Question) -> streams.StreamEvent | None:
    """When and why a question was declined before its asker appealed; its own row forgets that."""
    if found.appealed_at is None:
        return None
    query = select(streams.StreamEvent).where(
        col(streams.StreamEvent.stream) == views.person_stream(found.asker_id),
        col(streams.StreamEvent.kind) == "question.declined",
    )
    told = await uow.db.scalars(query.order_by(col(streams.StreamEvent.seq)))
    return next((event for event in told if event.body.get("question") == found.id), None)


def _link(into: Question) -> dict[str, Any]:
    return {"number": into.number, "url": f"/interviews/{into.interview_id}#q{into.number}"}


async def _answers(uow: UnitOfWork, found: Question) -> list[record.Body]:
    """What a question got, each with its corrections beside it."""
    query = select(Item).where(col(Item.question_id) == found.id).order_by(col(Item.no))
    got = [facts.item_facts(item) for item in await uow.db.scalars(query)]
    wanted = select(Item).where(col(Item.of_id).in_([one.id for one in got])).order_by(col(Item.no))
    beside = [facts.item_facts(item) for item in await uow.db.scalars(wanted)]
    return [
        record.ITEM | views.item_view(one, [erratum for erratum in beside if erratum.of_id == one.id])
        for one in got
        if one.kind in record.REPLIES
    ]


async def _due(
    uow: UnitOfWork, interview: Interview, found: Question, after: ledger.ByWhen | None
) -> dict[str, Any] | None:
    """By when the written answer comes, from whom, and how that day was reckoned."""
    if after is None:
        return None
    if found.to_body:
        return {"date": after.in_words(), "who": found.to_body, "sum": after.sum}
    names = await ledger.body_names(uow)
    query = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == interview.id)
    bodies = await uow.db.scalars(query.order_by(col(Respondent.lead).desc(), col(Respondent.id)))
    who = "、".join(names.get(body, "") for body in bodies)
    return {"date": after.in_words(), "who": who, "sum": after.sum}


async def _similar(request: web.Request, uow: UnitOfWork, found: Question) -> list[dict[str, Any]]:
    return [
        {"text": f"{one['number']}号：{one['text']}", "href": one["url"], "status": one["status"]}
        for one in await alike.beside(request.app, uow, found)
    ]


# The steps


def _step(title: str, at: Any = None, text: str | None = None, state: str = "done") -> Step:
    return {"title": title, "at": at, "text": text, "state": state}


@dataclass(frozen=True)
class _Story:
    """What the steps are told from."""

    found: Question
    answers: list[record.Body]
    into: Question | None
    after: ledger.ByWhen | None
    declined: streams.StreamEvent | None
    own: bool


def _steps(story: _Story) -> list[Step]:
    """What happened to a question, in order, by whom, and what comes next."""
    found, status = story.found, Q(story.found.status)
    steps = [_step("交上来了", found.submitted_at, "提问人"), *_appeal(story)]
    if found.published_at is not None:
        steps.append(_step(f"审核后公开，编为{found.number}号", found.published_at, "审核员"))
    if found.staged_at is not None:
        steps.append(_step("请到场上", found.staged_at, "主持人"))
    steps += [_told(item) for item in story.answers]
    if status in _ENDS:
        title, ahead, by = _ENDS[status]
        if not (story.answers and status in (Q.ANSWERED, Q.REFUSED)):
            said = "，".join(filter(None, [by, _why(found, story.into)]))
            steps.append(_step(title, found.settled_at, said))
        if ahead:
            due = f"最迟{story.after.in_words()}" if story.after else None
            steps.append(_step(ahead, state="todo", text=due))
    waits = Q.PENDING if found.appealed_at is None else "appealed"
    steps += _AHEAD.get(waits if status is Q.PENDING else status, [])
    return _with_current(steps)


def _appeal(story: _Story) -> list[Step]:
    """The first decision and the objection to it; what the asker wrote is for the asker alone."""
    found = story.found
    if found.appealed_at is None:
        return []
    steps = []
    if story.declined is not None:
        reason = DECLINES.get(story.declined.body.get("reason") or "", "")
        steps.append(_step("没有公开", story.declined.at, f"审核员，原因：{reason}"))
    wrote = f"提问人：{found.appeal}" if story.own else "提问人"
    return [*steps, _step("申诉了", found.appealed_at, wrote)]


_ENDS: dict[Q, tuple[str, str | None, str | None]] = {
    Q.ANSWERED: ("答复了", None, None),
    Q.REFUSED: ("依法不予答复", None, None),
    Q.DEFERRED: ("转为会后答复", "书面答复", None),
    Q.DECLINED: ("没有公开", None, "审核员"),
    Q.MERGED: ("并到相同的问题里", None, "审核员"),
    Q.TRANSFERRED: ("转给别的单位", "书面答复", "审核员"),
    Q.WITHDRAWN: ("撤回了", None, "提问人"),
    Q.REMOVED: ("撤下了", None, None),
}
_AHEAD: dict[str, list[Step]] = {
    Q.PENDING: [_step("审核员正在看", state="current"), _step("审核后公开，等待答复", state="todo")],
    "appealed": [_step("重新审核", text="由另一位审核员再看", state="current")],
    Q.PUBLISHED: [_step("等着答复", text="没排上的，会后也要答", state="current")],
    Q.STAGED: [_step("正在答", state="current")],
}
_TOLD = {"answer": "答复了", "refusal": "依法不予答复", "deferral": "说明了为什么会后答复"}


def _told(item: record.Body) -> Step:
    title = "会后答复了" if item["kind"] == "answer" and item["origin"] == "after" else _TOLD[item["kind"]]
    if item["removed"]:
        title = f"{title}（这一条已撤下）"
    by = "，".join(filter(None, [item["body"], item["speaker"]]))
    return _step(title, item["at"], by)


_DECLINE_MEANS = {
    "unlawful": "法律不许发布的内容，不能公开。",
    "abuse": "骂人、骚扰的话不公开。换个说法，可以重新提。",
    "advertising": "推销东西、服务的，不公开。",
    "personal_data": "里面是别人的姓名、电话、住址这些，隐去就看不懂了。去掉以后，可以重新提。",
    "not_a_question": "没有说要问什么、要办什么。写清楚以后，可以重新提。",
}
"""What each reason means for whoever asked, and what to do next."""

_DEFERRED_BY = {deferrals.BY_TIME: "现场时间不够", deferrals.BY_CANCELLING: "访谈取消了"}


def _why(found: Question, into: Question | None) -> str | None:
    if found.status == Q.DECLINED:
        reason = found.reason or ""
        return f"原因：{DECLINES.get(reason, reason)}。{_DECLINE_MEANS.get(reason, '')}"
    if found.status == Q.MERGED and into is not None:
        return f"并到{into.number}号"
    if found.status == Q.DEFERRED:
        return _DEFERRED_BY.get(found.reason or "")
    if found.status == Q.TRANSFERRED and found.to_body:
        return f"转给{found.to_body}，由它书面答复"
    if found.status == Q.REMOVED and found.reason:
        return f"原因：{found.reason}"
    return None


def _with_current(steps: list[Step]) -> list[Step]:
    """The last thing that happened is where the question is now, unless something says so already."""
    if any(step["state"] == "current" for step in steps):
        return steps
    last = max(n for n, step in enumerate(steps) if step["state"] == "done")
    return [step | {"state": "current"} if n == last else step for n, step in enumerate(steps)]


# What its asker can do


async def _own(request: web.Request, citizen: Actor) -> Question:
    async with request.app[UNITS].read(citizen) as uow:
        found = await questions.by_receipt(uow, request.match_info["receipt"])
    if citizen.person_id is None or found.asker_id != citizen.person_id:
        raise missing("您在这台设备上提的这个问题")
    return found


@routes.post("/questions/{receipt}/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    """Take one's own question back."""
    citizen = await citizen_of(request)
    found = await _own(request, citizen)
    response = see_other(f"/questions/{found.receipt}")
    try:
        await act(request, citizen, "question.withdraw", {"question": found.id})
    except Refusal as refusal:
        flash(request, response, "bad", refusal.message)
    else:
        flash(request, response, "good", "撤回了。")
    return response


@routes.post("/questions/{receipt}/appeal")
async def appeal(request: web.Request) -> web.Response:
    """Ask for another look at a question that was not published, once."""
    typed = await forms.posted(request)
    citizen = await citizen_of(request)
    found = await _own(request, citizen)
    try:
        sent = forms.command_object("question.appeal", typed | {"question": str(found.id)})
        await act(request, citizen, "question.appeal", sent)
    except Refusal as refusal:
        return await question_page(request, forms.refused(refusal, typed), refusal.status)
    response = see_other(f"/questions/{found.receipt}")
    flash(request, response, "good", "申诉交上来了，由另一位审核员再看。")
    return response


@routes.get("/questions/{receipt}/{act:withdraw|appeal}")
async def back_to_question(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the question."""
    return see_other(f"/questions/{request.match_info['receipt']}")
