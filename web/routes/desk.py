"""The body that answers: what it owes, what it tells before an interview, and the desk where it answers."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web
from sqlalchemy import Select, select
from sqlmodel import col

from base.clock import office_date, shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor, Body, Role
from chat import streams, views
from interviews import attached, body_names, facts, packs, promise_dates, promises, standing, workdays
from interviews.lifecycle import QUESTION_MOVES, DutyStatus, InterviewStatus, QuestionStatus
from interviews.models import Assignment, Draft, Duty, Guest, Interview, Item, Question, Respondent
from web import (
    afterwards,
    approving,
    console,
    duty_acts,
    instructing,
    ledger,
    material_rows,
    pack_list,
    record,
    reminders,
    rows,
    suggesting,
)
from web.forms import Form
from web.keys import UNITS
from web.pack_list import PAGES
from web.pages import Page, render
from web.routes.api import path_number
from web.routes.gate import asked_of, draws, form_of, may, staff_of, theirs

routes = web.RouteTableDef()

ANSWERING = (Role.CLERK, Role.GUEST)
STANDING_WORKDAYS = 15
"""Working days ahead from which a self-assessment stands on a body's list: from the half's end, or a little before."""
HANDED_ON = "/desk#h-t"
"""Where the questions stand that were handed to the body."""
S = InterviewStatus
Q = QuestionStatus


async def _body(uow: UnitOfWork, actor: Actor) -> dict[str, Any] | None:
    found = await uow.db.get(Body, actor.body_id) if actor.body_id else None
    return {"id": found.id, "name": found.name} if found else None


async def _own(uow: UnitOfWork, actor: Actor) -> Select[Interview]:
    """The interviews in which the actor works: a clerk's body's and those of bodies merged into it, a guest's own."""
    if actor.role is Role.CLERK:
        bodies = await body_names.acts_for(uow.db, actor.body_id)
        part = select(col(Respondent.interview_id)).where(col(Respondent.body_id).in_(bodies))
    else:
        part = select(col(Assignment.interview_id)).where(col(Assignment.person_id) == actor.person_id)
    return select(Interview).where(col(Interview.id).in_(part))


# What is owed


@routes.get("/desk")
async def home(request: web.Request) -> web.Response:
    """What the body owes today, what is live, what comes."""
    actor = staff_of(request, *ANSWERING)
    async with request.app[UNITS].read(actor) as uow:
        context = await _home(request, uow, actor)
    return await render(request, "desk_home.html", context, page=Page("要办的事", room="staff"))


async def _home(request: web.Request, uow: UnitOfWork, actor: Actor) -> dict[str, Any]:
    opened = (await _own(uow, actor)).where(col(Interview.status).not_in([S.ARCHIVED, S.CANCELLED]))
    own = set(await uow.db.scalars((await _own(uow, actor)).with_only_columns(col(Interview.id))))
    found = list(await uow.db.scalars(opened.order_by(col(Interview.starts_at))))
    page = "/desk/interviews/{id}" if actor.role is Role.CLERK else "/desk/{id}"
    listed = await rows.interview_rows(uow, found, rows.presence(request), page)
    live = [row | {"url": f"/desk/{row['id']}"} for row in listed if row["status"] == S.LIVE]
    return {
        "body": await _body(uow, actor),
        "live": live[0] if live else None,
        "duties": await _duties(uow, actor, own=own),
        "reminders": await reminders.for_page(request, uow, actor, page, own, HANDED_ON),
        "afterwards": await afterwards.to_do(uow, await _own(uow, actor)),
        "handed_on": await _handed_on(uow, actor),
        "approving": await approving.queue(uow),
        "instructions": await instructing.on_desk(uow, actor),
        "rows": [row for row in listed if row["status"] in (S.PLANNED, S.ANNOUNCED)],
    }


async def _duties(
    uow: UnitOfWork, actor: Actor, interview_id: int | None = None, own: Collection[int | None] = ()
) -> list[ledger.DutyRow]:
    """What the body owes: of one interview everything, of all what is open; ``own`` are those it answers in."""
    if actor.role is not Role.CLERK:
        return []
    query = (
        select(Duty, Interview)
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Duty.body_id) == actor.body_id, col(Duty.status) != DutyStatus.SUPERSEDED)
        .order_by(col(Duty.act_by), col(Duty.id))
    )
    if interview_id is None:
        query = query.where(col(Duty.status) == DutyStatus.OPEN, col(Duty.rule).not_in(afterwards.TASKS))
    else:
        query = query.where(col(Duty.interview_id) == interview_id)
    owed = [(duty, interview) for duty, interview in await uow.db.execute(query)]
    names, calendar = await ledger.body_names(uow), await workdays.present(uow)
    if interview_id is not None:
        return ledger.duty_rows(owed, names, uow.now, calendar)
    theirs_too = [pair for pair in owed if pair[1].id in own]
    # Of another body's interview only the question that was handed on is theirs, and it has a page of its own.
    handed = [pair for pair in owed if pair[1].id not in own]
    found = ledger.duty_rows(
        theirs_too, names, uow.now, calendar, act=_act, url="/desk/interviews/{id}"
    ) + ledger.duty_rows(handed, names, uow.now, calendar, act=_answer_handed, url=HANDED_ON)
    if actor.body_id is None:
        return found
    near = calendar.workdays_after(office_date(uow.now), STANDING_WORKDAYS)[-1]
    ahead = [one for one in await standing.open_now(uow) if one.act_by <= near]
    acts = await duty_acts.acts(uow, [], ahead)
    beside = ledger.standing_rows(ahead, uow.now, calendar, mine=actor.body_id, act=acts.of_own)
    return ledger.in_order([*found, *beside])


def _answer_handed(_duty: Duty, _interview: Interview) -> dict[str, Any]:
    return {"label": "去答复", "href": HANDED_ON, "command": None, "fields": {}}


def _act(duty: Duty, interview: Interview) -> dict[str, Any] | None:
    after = interview.status in (S.LIVE, S.ENDED, S.CANCELLED)
    href = f"/desk/{interview.id}" if after else f"/desk/interviews/{interview.id}"
    label = "去答复" if after else "去办"
    return {"label": label, "href": href, "command": None, "fields": {}} if duty.body_id else None


async def _handed_on(uow: UnitOfWork, actor: Actor) -> list[dict[str, Any]]:
    """The questions that moderators transferred to the body, from whatever interview, the oldest first."""
    if actor.role is not Role.CLERK or actor.body_id is None:
        return []
    query = (
        select(Question, col(Interview.theme))
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(col(Question.to_body_id) == actor.body_id, col(Question.status) == Q.TRANSFERRED)
        .order_by(col(Question.submitted_at), col(Question.id))
    )
    return [
        {
            "at": question.submitted_at,
            "text": question.text,
            "theme": theme,
            "url": f"/desk/questions/{question.id}",
        }
        for question, theme in await uow.db.execute(query)
    ]


@routes.get("/desk/questions/{id:\\d+}")
async def handed_on(request: web.Request) -> web.Response:
    """A question of another interview that was transferred to the body, with the form to answer it."""
    return await _handed(request, path_number(request), Form(), 200)


async def question_handed(uow: UnitOfWork, actor: Actor, question_id: int) -> Question:
    """A question that was transferred to the clerk's body.

    Raises:
        Refusal: ``not_found``, also where it exists but went elsewhere.
    """
    found = await uow.db.get(Question, question_id)
    if found is None or actor.body_id is None or found.to_body_id != actor.body_id:
        raise missing("这个问题")
    return found


@draws(r"/desk/questions/(\d{1,9})")
async def _handed(request: web.Request, question_id: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.CLERK)
    async with request.app[UNITS].read(actor) as uow:
        question = await question_handed(uow, actor, question_id)
        interview = await uow.db.get_one(Interview, question.interview_id)
        drafts = await _drafts(uow, actor, question.interview_id)
        said = await _letters(uow, question_id)
        context = {
            "body": await _body(uow, actor),
            "theme": interview.theme,
            "current": views.question_view(facts.question_facts(question)),
            "said": said,
            "readings": await _days_named(uow, interview, said),
            "draft": drafts.get(str(question_id)),
            "suggested": await suggesting.rows(request, uow, question_id, question.text),
        } | await approving.of_question(uow, question_id)
    about = Page("转来的提问", room="staff", path=f"/desk/questions/{question_id}")
    return await render(request, "desk_question.html", context | form_of(form), page=about, status=status)


async def _letters(uow: UnitOfWork, question_id: int) -> list[dict[str, Any]]:
    query = select(Item).where(
        col(Item.question_id) == question_id, col(Item.kind) != "question", col(Item.of_id).is_(None)
    )
    found = list(await uow.db.scalars(query.order_by(col(Item.id))))
    promised = await promises.beside(uow, [item.id for item in found])
    return [
        record.ITEM | views.item_view(facts.item_facts(item, promised.get(item.id or 0))) for item in found
    ]


# Before the interview


@routes.get("/desk/interviews/{id:\\d+}")
async def preparation(request: web.Request) -> web.Response:
    """What the body tells before an interview, and what people want to ask."""
    return await _preparation(request, path_number(request), Form(), 200)


@draws(r"/desk/interviews/(\d{1,9})")
async def _preparation(request: web.Request, interview_id: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.CLERK)
    await _read_receipt(request, actor, interview_id)
    wanted = pack_list.wanted_of(asked_of(request, form), f"/desk/interviews/{interview_id}")
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        about_it = views.interview_view(await facts.interview_facts(uow, found))
        context = {
            "state": {"interview": about_it | await _own_part(uow, actor, interview_id)},
            "body": await _body(uow, actor),
            "duties": await _duties(uow, actor, interview_id),
            "pack": await pack_list.pack(request.app, uow, interview_id, wanted),
            "here": pack_list.address_of(wanted),
            "shelf": None if found.rehearsal else await material_rows.for_keepers(uow, found, "desk"),
        }
    about = Page(found.theme, room="staff", path=f"/desk/interviews/{interview_id}")
    return await render(
        request,
        "desk_interview.html",
        context | form_of(form),
        page=about,
        status=status,
        long=wanted.page is None,
    )


async def _read_receipt(request: web.Request, actor: Actor, interview_id: int) -> None:
    """Note that the pack is being read; asking for the head alone reads nothing."""
    if request.method != "GET":
        return
    async with request.app[UNITS].read(actor) as uow:
        new = await packs.is_new_to(uow, await theirs(uow, interview_id))
    if new:
        # Where nothing can be written any more, what lies there can still be read.
        with suppress(Refusal):
            async with request.app[UNITS].act(actor) as uow:
                await packs.opened(uow, await theirs(uow, interview_id))


async def _own_part(uow: UnitOfWork, actor: Actor, interview_id: int) -> dict[str, Any]:
    """What this body told of its own part: its content and its people, not those of the others."""
    part = select(col(Respondent.content)).where(
        col(Respondent.interview_id) == interview_id, col(Respondent.body_id) == actor.body_id
    )
    people = (
        select(Guest)
        .where(col(Guest.interview_id) == interview_id, col(Guest.body_id) == actor.body_id)
        .order_by(col(Guest.id))
    )
    guests = [{"name": one.name, "post": one.post, "body": None} for one in await uow.db.scalars(people)]
    return {"content": await uow.db.scalar(part), "guests": guests}


# Answering


@routes.get("/desk/{id:\\d+}")
async def answering(request: web.Request) -> web.Response:
    """The desk where questions are answered, live and afterwards."""
    return await _answering(request, path_number(request), Form(), 200)


@routes.get("/desk/{id:\\d+}/live")
async def answering_live(request: web.Request) -> web.Response:
    """The same desk under its longer name."""
    return web.Response(status=303, headers={"Location": f"/desk/{path_number(request)}"})


@draws(r"/desk/(\d{1,9})")
async def _answering(request: web.Request, interview_id: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, *ANSWERING)
    back = parse_qs(urlsplit(str(form.typed.get("back", ""))).query)
    wanted = str(form.typed.get("question") or back.get("question", [request.query.get("question", "")])[0])
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        context = await _context(uow, found, actor, wanted)
        asked = asked_of(request, form)
        kept = {name: asked[name] for name in ("page", "own") if PAGES.fullmatch(asked.get(name, ""))}
        current = context["current"]
        context["latest"] = _latest_answer(context["own"], current)
        context |= _paged(context, kept, f"/desk/{interview_id}")
        context |= await approving.of_question(uow, current["question"] if current else 0)
        context["approving"] = await approving.queue(uow, interview_id)
        context["readings"] = await _readings(uow, found, context["state"], current, context["latest"])
        context["files"] = None if found.rehearsal else await attached.shelf(uow, interview_id)
        context["suggested"] = (
            await suggesting.rows(request, uow, current["question"], current["text"] or "") if current else []
        )
    about = Page(f"答复台：{found.theme}", room="staff", path=f"/desk/{interview_id}")
    return await render(request, "desk.html", context | form_of(form), page=about, status=status)


async def _context(uow: UnitOfWork, found: Interview, actor: Actor, wanted: str) -> dict[str, Any]:
    interview_id = found.id or 0
    stream = views.staff_stream(interview_id)
    state = record.shown(await streams.room_state(uow, found, staff=True))
    after = ledger.follow_up(found, await workdays.present(uow))
    body = await _body(uow, actor)
    bodies = await body_names.acts_for(uow.db, actor.body_id)
    ever = (await body_names.names(uow.db)).ever(actor.body_id) if actor.body_id else frozenset()
    transferred = [q for q in state["questions"].values() if q["status"] == Q.TRANSFERRED and q["to"] in ever]
    clock = rows.clock_of(found, uow.now)
    own = [row for row in console.spoken(state) if row["body"] in ever and row["words"]]
    speakers = _speakers(state, actor, bodies) if actor.role is Role.CLERK else []
    return {
        "state": state,
        "stream": stream,
        "head": await streams.head(uow, stream),
        "clock": clock,
        "near_end": console.near_end(clock["left"] if clock else None),
        "rehearsal": found.rehearsal,
        "body": body,
        "own": own,
        "can_say": may(actor, "interview.say"),
        "speakers": speakers,
        "speaker": _last_speaker(own, speakers),
        "current": _current(state, wanted),
        "drafts": await _drafts(uow, actor, interview_id),
        "waiting": record.pool(state, [Q.PUBLISHED, Q.DEFERRED]) + transferred,
        "follow_by": after.in_words() if after else None,
    }


def _paged(context: dict[str, Any], asked: dict[str, str], path: str) -> dict[str, Any]:
    """The parts of the two long lists that the address asks for.

    Args:
        context: has all that waits and all that the body said.
        asked: ``page`` and ``own``, numbers where they are there.
        path: of the page.
    """
    found: dict[str, Any] = {"kept": urlencode(asked)}
    for name, of in (("page", "waiting"), ("own", "own")):
        others = urlencode({key: value for key, value in asked.items() if key != name})
        href = f"{path}?{others}{'&' if others else ''}{name}="
        pager = rows.pager(int(asked.get(name, 1)), len(context[of]), console.SHOWN, href)
        begin = (pager["page"] - 1) * console.SHOWN
        found[of] = context[of][begin : begin + console.SHOWN]
        found |= {f"{of}_count": len(context[of]), f"{of}_pager": pager}
    return found | {"own_open": "own" in asked}


def _speakers(state: record.State, actor: Actor, bodies: Sequence[int]) -> list[str]:
    """In whose name a clerk can answer: the guests of the bodies they act for, and their own."""
    own = {body["name"] for body in state["interview"]["respondents"] if body["id"] in bodies}
    guests = [one["name"] for one in state["interview"]["guests"] if one["body"] in own]
    return [*guests, actor.name]


def _latest_answer(own: list[record.Body], current: record.Body | None) -> record.Body | None:
    """The body's newest public answer, beside which a file is most often wanted; none where it is shown anyway."""
    newest = next((one for one in own if one["kind"] == "answer" and one["no"] > 0), None)
    return None if newest is None or (current and newest["question"] == current["question"]) else newest


def _last_speaker(own: list[record.Body], speakers: list[str]) -> str | None:
    """The one in whose name the body was heard last: whoever types goes on for the same person."""
    names = ((item["speaker"] or "").partition("（")[0] for item in own)
    return next((name for name in names if name in speakers), None)


def _current(state: record.State, wanted: str) -> record.Body | None:
    """The question that is being answered: the one asked for, else the newest on stage."""
    answerable = QUESTION_MOVES["question.answer"][0]
    found: record.Body | None = state["questions"].get(wanted)
    if found is not None and found["status"] in (*answerable, Q.REFUSED):
        return found
    return state["questions"][str(state["stage"][-1])] if state["stage"] else None


async def _drafts(uow: UnitOfWork, actor: Actor, interview_id: int) -> dict[str, dict[str, str]]:
    query = (
        select(Draft)
        .join(Question, col(Question.id) == col(Draft.question_id))
        .where(col(Question.interview_id) == interview_id, col(Draft.person_id) == actor.person_id)
    )
    return {
        str(one.question_id): {"text": one.text, "at": shanghai_iso(one.at)}
        for one in await uow.db.scalars(query)
        if one.text.strip()
    }


async def _readings(
    uow: UnitOfWork,
    found: Interview,
    state: record.State,
    current: record.Body | None,
    latest: record.Body | None,
) -> dict[int, list[promise_dates.Suggestion]]:
    """The days that the answers to a question and the one just given name, for whoever enters a promise to confirm."""
    said = [item for item in state["items"] if current and item["question"] == current["question"]]
    return await _days_named(uow, found, [*said, *([latest] if latest else [])])


async def _days_named(
    uow: UnitOfWork, found: Interview, said: Sequence[record.Body]
) -> dict[int, list[promise_dates.Suggestion]]:
    answers = [item for item in said if item["kind"] == "answer" and item["text"]]
    return {
        item["item"]: await promises.suggestions(
            uow, found, item["text"], date.fromisoformat(item["at"][:10])
        )
        for item in answers
    }
