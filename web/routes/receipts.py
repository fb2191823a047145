"""The public fate of one question by its receipt: how far it got for anyone, its text for its asker.

The text is shown to everybody once it is public, and to nobody else before. Whoever holds the receipt on another
device can follow the question; taking it back and appealing need the browser that asked.
"""

from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor
from chat import views
from chat.registry import REGISTRY
from interviews import access, deferrals, facts, questions, workdays
from interviews.lifecycle import QUESTION_MOVES, QuestionStatus
from interviews.models import Interview, Item, Question, Respondent
from web import forms, ledger, record
from web.filters import DECLINES
from web.keys import UNITS
from web.pages import Page, flash, flashed, render
from web.routes.public import act, citizen_of, see_other

routes = web.RouteTableDef()

Q = QuestionStatus
Step = dict[str, Any]


@routes.get("/questions")
async def find(request: web.Request) -> web.Response:
    """From the form that asks for a receipt to the page of that receipt."""
    async with request.app[UNITS].read() as uow:
        found = await questions.by_receipt(uow, request.query.get("receipt", ""))
    return see_other(f"/questions/{found.receipt}")


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
        context = await _fate(uow, found, reader)
    said = flashed(request) or {}
    context |= {"form": form or forms.Form(), "submitted": said.get("receipt") == found.receipt}
    about = Page(
        f"{found.number}号提问" if found.number else "一个提问",
        description="凭回执编号看一个提问办到哪一步",
        path=f"/questions/{found.receipt}",
    )
    return await render(request, "question.html", context, page=about, status=status)


async def _fate(uow: UnitOfWork, found: Question, reader: Actor) -> dict[str, Any]:
    interview = await access.interview(uow, found.interview_id)
    own = reader.person_id is not None and found.asker_id == reader.person_id
    public = found.number is not None and found.status not in record.GONE
    answers = await _answers(uow, found) if public or own else []
    into = await uow.db.get(Question, found.into_id) if found.into_id else None
    shown = views.question_view(facts.question_facts(found))
    shown["text"] = found.text if own or public else None
    after = ledger.follow_up(interview, await workdays.present(uow))
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
        "steps": _steps(found, answers, into, after),
        "answers": answers,
        "due": await _due(uow, interview, after) if found.status == Q.DEFERRED else None,
        "similar": await _similar(uow, found) if public else [],
        "can_withdraw": own and found.status in QUESTION_MOVES["question.withdraw"][0],
        "can_appeal": own and found.status == Q.DECLINED and "question.appeal" in REGISTRY,
        "into": _link(into) if into else None,
    }


def _link(into: Question) -> dict[str, Any]:
    return {"number": into.number, "url": f"/interviews/{into.interview_id}#q{into.number}"}


async def _answers(uow: UnitOfWork, found: Question) -> list[record.Body]:
    query = (
        select(Item)
        .where(col(Item.question_id) == found.id, col(Item.kind).in_(record.REPLIES))
        .order_by(col(Item.no))
    )
    items = [views.item_view(facts.item_facts(item)) for item in await uow.db.scalars(query)]
    return [{"errata": [], "removed": False} | item for item in items]


async def _due(uow: UnitOfWork, interview: Interview, after: ledger.ByWhen | None) -> dict[str, Any] | None:
    """By when the written answer comes, from whom, and how that day was reckoned."""
    if after is None:
        return None
    names = await ledger.body_names(uow)
    query = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == interview.id)
    bodies = await uow.db.scalars(query.order_by(col(Respondent.lead).desc(), col(Respondent.id)))
    who = "、".join(names.get(body, "") for body in bodies)
    return {"date": after.in_words(), "who": who, "sum": after.sum}


async def _similar(uow: UnitOfWork, found: Question) -> list[dict[str, Any]]:
    query = select(Question).where(
        col(Question.interview_id) == found.interview_id,
        col(Question.number).is_not(None),
        col(Question.id) != found.id,
        col(Question.status).not_in([*record.GONE, Q.MERGED]),
    )
    others = [views.question_view(facts.question_facts(one)) for one in await uow.db.scalars(query)]
    return [
        {
            "text": f"{other['number']}号：{other['text']}",
            "href": f"/interviews/{found.interview_id}#q{other['number']}",
            "status": other["status"],
        }
        for other in record.similar(found.text, others)
    ]


# The steps


def _step(title: str, at: Any = None, text: str | None = None, state: str = "done") -> Step:
    return {"title": title, "at": at, "text": text, "state": state}


def _steps(
    found: Question, answers: list[record.Body], into: Question | None, after: ledger.ByWhen | None
) -> list[Step]:
    """What happened to a question, in order, and what comes next."""
    steps = [_step("交上来了", found.submitted_at)]
    if found.published_at is not None:
        steps.append(_step(f"审核后公开，编为{found.number}号", found.published_at))
    if found.staged_at is not None:
        steps.append(_step("主持人请到场上", found.staged_at))
    steps += [_told(item) for item in answers]
    status = Q(found.status)
    if status in _ENDS:
        title, ahead = _ENDS[status]
        if not (answers and status in (Q.ANSWERED, Q.REFUSED)):
            steps.append(_step(title, found.settled_at, _why(found, into)))
        if ahead:
            steps.append(_step(ahead, state="todo", text=f"最迟{after.in_words()}" if after else None))
    steps += _AHEAD.get(status, [])
    return _with_current(steps)


_ENDS = {
    Q.ANSWERED: ("答复了", None),
    Q.REFUSED: ("依法不予答复", None),
    Q.DEFERRED: ("转为会后答复", "书面答复"),
    Q.DECLINED: ("没有公开", None),
    Q.MERGED: ("并到相同的问题里", None),
    Q.TRANSFERRED: ("转给别的单位", "书面答复"),
    Q.WITHDRAWN: ("提问人撤回了", None),
    Q.REMOVED: ("撤下了", None),
}
_AHEAD = {
    Q.PENDING: [_step("审核员正在看", state="current"), _step("审核后公开，等待答复", state="todo")],
    Q.PUBLISHED: [_step("等着答复", text="没排上的，会后也要答", state="current")],
    Q.STAGED: [_step("正在答", state="current")],
}
_TOLD = {"answer": "答复了", "refusal": "依法不予答复", "deferral": "说明了为什么会后答复"}


def _told(item: record.Body) -> Step:
    title = "会后答复了" if item["kind"] == "answer" and item["origin"] == "after" else _TOLD[item["kind"]]
    return _step(title, item["at"], item["speaker"] or item["body"])


_DEFERRED_BY = {deferrals.BY_TIME: "现场时间不够", deferrals.BY_CANCELLING: "访谈取消了"}


def _why(found: Question, into: Question | None) -> str | None:
    if found.status == Q.DECLINED:
        return f"原因：{DECLINES.get(found.reason or '', found.reason or '')}"
    if found.status == Q.MERGED and into is not None:
        return f"并到{into.number}号"
    if found.status == Q.DEFERRED:
        return _DEFERRED_BY.get(found.reason or "")
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
