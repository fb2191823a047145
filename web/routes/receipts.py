"""One question's own page, by its receipt or, once it is public, by its number: how far it got, and what it got.

The text is shown to everybody once it is public, and to nobody else before. Whoever holds the receipt on another
device can follow the question; taking it back and appealing need the browser that asked. Its number leads everybody to
the same page without the receipt.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor
from chat import streams, views
from faq import doors, referrals
from interviews import access, attached, facts, promises, questions, workdays
from interviews.lifecycle import INTERVIEW_MOVES, QUESTION_MOVES, InterviewStatus, QuestionStatus
from interviews.models import Interview, Item, Question, Respondent, Support
from web import alike, forms, ledger, opinions, record
from web.keys import FOLLOWING, UNITS
from web.pages import Page, flash, flashed, front_office, render
from web.question_story import Story, steps
from web.routes.api import path_number
from web.routes.public import act, citizen_of, see_other

routes = web.RouteTableDef()

S = InterviewStatus
Q = QuestionStatus


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
@routes.get("/interviews/{id:\\d+}/questions/{number:\\d+}")
async def question(request: web.Request) -> web.Response:
    """How far one question got."""
    return await question_page(request)


async def one_question(uow: UnitOfWork, request: web.Request) -> Question:
    """The question that an address names: by its receipt, or by its number in an interview that the reader sees.

    Raises:
        Refusal: ``not_found``.
    """
    if "receipt" in request.match_info:
        return await questions.by_receipt(uow, request.match_info["receipt"])
    try:
        interview = await access.interview(uow, path_number(request))
    except Refusal:
        raise missing("这个问题") from None
    query = select(Question).where(
        col(Question.interview_id) == interview.id, col(Question.number) == path_number(request, "number")
    )
    found = (await uow.db.scalars(query)).one_or_none()
    if found is None:
        raise missing("这个问题")
    return found


def address_of(request: web.Request, found: Question) -> str:
    """The address of the page, as the reader came to it."""
    if "receipt" in request.match_info:
        return f"/questions/{found.receipt}"
    return f"/interviews/{found.interview_id}/questions/{found.number}"


async def question_page(
    request: web.Request, form: forms.Form | None = None, status: int = 200
) -> web.Response:
    """The page of one question, fresh or with a form that was not accepted.

    Raises:
        Refusal: ``not_found``.
    """
    reader = await citizen_of(request)
    async with request.app[UNITS].read(reader) as uow:
        found = await one_question(uow, request)
        context = await _fate(request, uow, found, reader)
    said = flashed(request) or {}
    context |= {"form": form or forms.Form(), "submitted": said.get("receipt") == found.receipt}
    about = Page(
        f"{found.number}号提问" if found.number else "一个提问",
        description="一个提问办到哪一步，谁办的，什么结果",
        path=address_of(request, found),
        picture=f"/interviews/{found.interview_id}/share.png",
    )
    return await render(request, "question.html", context, page=about, status=status)


def _wrong_door(found: Question) -> str | None:
    """Where to take what is taken in by another house; its asker alone is told, for it may name the matter."""
    return doors.to_other_house(found.text or "", front_office())


def _gone(answers: Sequence[record.Body]) -> bool:
    """Whether what it was answered was taken down, and nothing else was answered."""
    given = [one for one in answers if one["kind"] == "answer"]
    return bool(given) and all(one["removed"] for one in given)


async def _fate(request: web.Request, uow: UnitOfWork, found: Question, reader: Actor) -> dict[str, Any]:
    interview = await access.interview(uow, found.interview_id)
    own = reader.person_id is not None and found.asker_id == reader.person_id
    by_receipt = "receipt" in request.match_info
    public = found.number is not None and found.status not in record.GONE
    answers = await answers_of(uow, found) if public or own else []
    into = await went_into(uow, found)
    outcome = await _outcome(uow, into) if into else None
    shown = views.question_view(facts.question_facts(found))
    shown["text"] = (found.text or None) if own or public else None
    after = ledger.follow_up(interview, await workdays.present(uow))
    first = await _first_decline(uow, found) if by_receipt else None
    at = address_of(request, found)
    said = [*answers, *(outcome["answers"] if outcome else [])]
    return {
        "q": shown,
        "receipt": found.receipt if by_receipt or own else None,
        "answer_gone": found.status == Q.ANSWERED and _gone(answers),
        "wrong_door": _wrong_door(found) if own else None,
        "at": at,
        "own": own,
        "interview": {
            "id": interview.id,
            "no": interview.ordinal,
            "theme": interview.theme,
            "status": interview.status,
            "url": f"/interviews/{interview.id}",
            "coming": interview.starts_at if interview.status == S.ANNOUNCED else None,
            "over": interview.status in (S.ARCHIVED, S.CANCELLED),
        },
        "steps": steps(Story(found, answers, into, after, first, own, by_receipt)),
        "answers": answers,
        "ratings": await opinions.of_items(uow, said, f"{at}#r{{}}")
        if found.status not in record.GONE
        else {},
        "due": await _due(uow, interview, found, after)
        if found.status in (Q.DEFERRED, Q.TRANSFERRED)
        else None,
        "similar": await _similar(request, uow, found) if public else [],
        "can_withdraw": own and found.status in QUESTION_MOVES["question.withdraw"][0],
        "can_appeal": own and _may_appeal(found, interview),
        "may_appeal": _may_appeal(found, interview),
        "appealed": own and found.appealed_at is not None,
        "can_support": not own and public and found.status in QUESTION_MOVES["question.support"][0],
        "supported": await _supported(uow, found, reader),
        "into": outcome,
        "follow": {
            "open": found.status not in record.GONE,
            "mail": request.app[FOLLOWING].offered,
            "told": own and found.contact_sealed is not None,
        },
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


async def went_into(uow: UnitOfWork, found: Question) -> Question | None:
    """Where a merged question went on in the end."""
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
        "answers": await answers_of(uow, into) if public else [],
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
    return {"number": into.number, "url": f"/interviews/{into.interview_id}?at=q{into.number}#q{into.number}"}


async def answers_of(uow: UnitOfWork, found: Question) -> list[record.Body]:
    """What a question got, each with its corrections beside it."""
    query = select(Item).where(col(Item.question_id) == found.id).order_by(col(Item.no))
    rows = list(await uow.db.scalars(query))
    promised = await promises.beside(uow, [item.id for item in rows])
    things = await attached.of_items(uow, [item.id for item in rows])
    got = [facts.item_facts(item, promised.get(item.id or 0), things.get(item.id or 0, ())) for item in rows]
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
    flash(request, response, "good", "申诉交上来了，由审核员重新看一遍。")
    return response


@routes.get("/questions/{receipt}/{act:withdraw|appeal}")
async def back_to_question(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the question."""
    return see_other(f"/questions/{request.match_info['receipt']}")
