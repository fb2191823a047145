"""What citizens see of interviews: home, the list, one interview in each of its states, the big screen.

Nothing unpublished appears here: pages are drawn from the same public state as the stream. A citizen's form acts as
the visitor of this browser, whoever else may be signed in on it; where there is no visitor yet, one is made.
"""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import ANYONE, Actor, Role
from chat import registry, streams, views
from chat.schemas import SubmitQuestion
from interviews import access
from interviews.lifecycle import InterviewStatus, check_asking
from interviews.models import Interview, Question
from web import (
    alike,
    asking,
    auth,
    embedding,
    forms,
    home_page,
    interview_room,
    material_rows,
    open_record,
    opinions,
    record,
    rows,
    said_of,
    structured,
)
from web.addresses import client_address
from web.keys import ACTOR, SETTINGS, SURROUNDINGS, UNITS
from web.pages import Page, flash, render, site
from web.routes.api import number_in, path_number
from web.sealing import new_token

routes = web.RouteTableDef()

SHOWN_AT_HOME = 4
LIST_PAGE = 30
S = InterviewStatus


def page_number(request: web.Request, name: str = "page") -> int:
    """Which page of a list is wanted."""
    return number_in(request, name, 1, 1, 10_000) or 1


async def citizen_of(request: web.Request) -> Actor:
    """The citizen who reads or sends: by header if there is one, else the visitor of this browser."""
    actor: Actor = request[ACTOR]
    if actor.role is Role.CITIZEN:
        return actor
    return ANYONE if asking.by_header(request) else await asking.citizen_by_cookie(request)


async def citizen_for_act(request: web.Request) -> tuple[Actor, str | None]:
    """The citizen who acts, made where there is none; with the new token for their cookie.

    Raises:
        Refusal: ``pace.address`` where too many were made for this network.
    """
    citizen = await citizen_of(request)
    if citizen.person_id is not None:
        return citizen, None
    request.app[SURROUNDINGS].pace.new_visitor(client_address(request))
    token = await auth.new_visitor(request.app[UNITS])
    return await auth.visitor(request.app[UNITS], token), token


def keep_visitor(request: web.Request, response: web.StreamResponse, token: str | None) -> None:
    """Let the browser remember a visitor who was made just now."""
    if token is not None:
        asking.set_cookie(request, response, asking.VISITOR_COOKIE, token, lasts=asking.YEAR_SECONDS)


def see_other(address: str) -> web.Response:
    """After a form was sent: go and look there."""
    return web.Response(status=303, headers={"Location": address})


# Home and the list


@routes.get("/")
async def home(request: web.Request) -> web.Response:
    """What is on now, what can be asked about next, what was answered lately, and the year's programme."""
    settings = request.app[SETTINGS]
    async with request.app[UNITS].read() as uow:
        context = await home_page.shown(uow, rows.presence(request), rows.regulation_of(request))
    things = (structured.site(site().name, settings.base_url),)
    about = Page("首页", description=home_page.in_a_sentence(context), things=things)
    return await render(request, "home.html", context, page=about)


_LISTED = (
    ("", "全部"),
    (S.LIVE, "正在进行"),
    (S.ANNOUNCED, "征集中"),
    (S.PLANNED, "已列入计划"),
    (S.ENDED, "整理中"),
    (S.ARCHIVED, "已归档"),
    (S.CANCELLED, "已取消"),
)


@routes.get("/interviews")
async def interview_list(request: web.Request) -> web.Response:
    """Every interview, by year and state."""
    chosen = request.query.get("status", "")
    if chosen and chosen not in list(S):
        raise Refusal("input.invalid", "没有这种访谈状态。请从页面上选。", status=400)
    year = number_in(request, "year", None, 1990, 2200)
    page = page_number(request)
    async with request.app[UNITS].read() as uow:
        context = await _list(request, uow, chosen, year, page)
    about = Page(
        f"{year}年的访谈" if year else "全部访谈",
        description=f"{f'{year}年' if year else '历年'}的网上访谈{context['total']}场：预告、现场和实录，按年份和状态查。",
        own=("year", "status", "page"),
    )
    return await render(request, "interviews.html", context, page=about)


async def _list(
    request: web.Request, uow: UnitOfWork, chosen: str, year: int | None, page: int
) -> dict[str, Any]:
    grouped = select(col(Interview.year), col(Interview.status), func.count(col(Interview.id)))
    counted = [
        (row[0], row[1], int(row[2]))
        for row in await uow.db.execute(grouped.group_by(col(Interview.year), col(Interview.status)))
    ]
    in_year = [(status, count) for of, status, count in counted if year in (None, of)]
    by_status = {status: sum(n for of, n in in_year if status in ("", of)) for status, _ in _LISTED}
    total = by_status[chosen]
    query = select(Interview)
    if year:
        query = query.where(col(Interview.year) == year)
    if chosen:
        query = query.where(col(Interview.status) == chosen)
    backwards = chosen in (S.ENDED, S.ARCHIVED) or not year
    order = col(Interview.starts_at).desc() if backwards else col(Interview.starts_at)
    paged = query.order_by(order, col(Interview.id)).limit(LIST_PAGE).offset((page - 1) * LIST_PAGE)
    found = list(await uow.db.scalars(paged))
    of_year = f"year={year}&" if year else ""
    states = [(value, label, by_status[value]) for value, label in _LISTED if by_status[value] or not value]
    years = [(str(one), f"{one}年", None) for one in sorted({of for of, _, _ in counted}, reverse=True)]
    by_year = f"/interviews?status={chosen}&year={{}}" if chosen else "/interviews?year={}"
    return {
        "rows": await rows.interview_rows(uow, found, rows.presence(request)),
        "states": rows.filters(states, chosen, f"/interviews?{of_year}status={{}}"),
        "years": rows.filters([("", "各年", None), *years], str(year or ""), by_year),
        "year": year,
        "total": total,
        "pager": rows.pager(page, total, LIST_PAGE, f"/interviews?{of_year}status={chosen}&page="),
        "changes": await rows.plan_changes(uow, year),
    }


# One interview


@routes.get("/interviews/{id:\\d+}")
async def interview(request: web.Request) -> web.Response:
    """One interview: announcement and collection before, live room during, transcript after."""
    return await interview_page(request, path_number(request))


async def interview_page(
    request: web.Request,
    interview_id: int,
    form: forms.Form | None = None,
    status: int = 200,
    citizen: Actor | None = None,
    already: Sequence[dict[str, Any]] = (),
) -> web.Response:
    """The page of one interview, fresh or with a question that was not accepted.

    Args:
        request: the reader's.
        interview_id: its number.
        form: what was typed.
        status: the HTTP status.
        citizen: who reads, where it is known already.
        already: public questions that ask very much the same (``web.alike``).

    Raises:
        Refusal: ``not_found``.
    """
    reader = citizen or await citizen_of(request)
    async with request.app[UNITS].read(reader) as uow:
        found = await access.interview(uow, interview_id)
        context = await interview_room.room(request, uow, found, reader)
        context["materials"] = await material_rows.for_page(request, uow, found)
        context |= await opinions.of_record(uow, found, context["record"])
    context["files"] = open_record.files_of(interview_id, found.status)
    context["snippet"] = embedding.snippet(request.app[SETTINGS], interview_id, found.theme)
    typed = form.typed if form else {}
    client_id = typed.get("client_id") or new_token()[:22]
    context |= {"form": form or forms.Form(), "client_id": client_id, "already": already}
    changed = found.closed_at or found.opened_at or found.announced_at
    about = said_of.interview(context["state"], context["record"], changed, request.app[SETTINGS].base_url)
    long = context["record_whole"]
    response = await render(request, "interview.html", context, page=about, status=status, long=long)
    interview_room.remember_seen(request, response, context)
    return response


@routes.get("/interviews/{id:\\d+}/screen")
async def screen(request: web.Request) -> web.Response:
    """The same for a big screen: the theme, the question on stage, the latest answer, the clock."""
    interview_id = path_number(request)
    stream = views.public_stream(interview_id)
    async with request.app[UNITS].read() as uow:
        found = await access.interview(uow, interview_id)
        state = record.shown(await streams.room_state(uow, found, staff=False))
        context = {
            "state": state,
            "answer": record.latest_answer(state),
            "stream": stream,
            "head": await streams.head(uow, stream),
            "clock": rows.clock_of(found, uow.now),
            "viewers": rows.presence(request).count(interview_id) or None,
        }
    return await render(request, "screen.html", context, page=Page(f"{found.theme}（大屏）"))


# What citizens send


@routes.post("/interviews/{id:\\d+}/questions")
async def submit(request: web.Request) -> web.Response:
    """A citizen's question by form; what was typed comes back with the reason where it is not accepted."""
    interview_id = path_number(request)
    typed = await forms.posted(request)
    typed.setdefault("client_id", new_token()[:22])
    already = await _asked_already(request, interview_id, typed)
    if already:
        kept = {name: value for name, value in typed.items() if name != "csrf"}
        return await interview_page(request, interview_id, forms.Form(kept), already=already)
    citizen, token = ANYONE, None
    try:
        citizen, token = await citizen_for_act(request)
        sent = forms.command_object("question.submit", typed | {"interview": str(interview_id)})
        outcome = await act(request, citizen, "question.submit", sent)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        response = await _not_accepted(request, interview_id, typed, refusal, citizen)
    else:
        receipt = outcome.result["receipt"]
        response = see_other(f"/questions/{receipt}")
        flash(request, response, "good", "收到了。", receipt=receipt)
    keep_visitor(request, response, token)
    return response


async def _asked_already(request: web.Request, interview_id: int, typed: forms.Typed) -> list[dict[str, Any]]:
    """Before a question is taken for the first time: the public ones that ask very much the same.

    Nothing where the citizen has seen them (``anyway``), where it is a resend, and where it would be refused.
    """
    if typed.get("anyway"):
        return []
    reader = await citizen_of(request)
    try:
        sent = forms.command_object("question.submit", typed | {"interview": str(interview_id)})
        wanted = SubmitQuestion.model_validate(sent)
        request.app[SURROUNDINGS].pace.look(reader.person_id, client_address(request))
        async with request.app[UNITS].read(reader) as uow:
            found = await access.interview(uow, interview_id)
            check_asking(found.status)
            resent = select(col(Question.id)).where(
                col(Question.asker_id) == reader.person_id,
                col(Question.client_id) == wanted.client_id,
            )
            if (await uow.db.execute(resent)).first() is not None:
                return []
            return await alike.asked_already(request.app, uow, interview_id, wanted.text)
    except (Refusal, ValidationError):
        # Whatever is wrong is said where the question is submitted.
        return []


async def _not_accepted(
    request: web.Request, interview_id: int, typed: forms.Typed, refusal: Refusal, citizen: Actor
) -> web.Response:
    spent = refusal.code in ("question.client_id_reused", "input.invalid")
    form = forms.refused(refusal, typed | ({"client_id": ""} if spent else {}))
    response = await interview_page(request, interview_id, form, refusal.status, citizen)
    if refusal.retry_after:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


async def act(request: web.Request, actor: Actor, name: str, sent: object) -> registry.Outcome:
    """Carry out a command for somebody.

    Raises:
        Refusal: whatever the command refuses.
    """
    app, address = request.app, client_address(request)
    return await registry.dispatch(app[UNITS], app[SURROUNDINGS], actor, name, sent, address)


@routes.get("/interviews/{id:\\d+}/questions")
async def back_to_interview(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the interview."""
    return see_other(f"/interviews/{path_number(request)}")


@routes.post("/questions/{id:\\d+}/support")
async def support(request: web.Request) -> web.Response:
    """我也想问, by form; comes back to where it was pressed."""
    typed = await forms.posted(request)
    token = None
    response = see_other(forms.local_path(typed.get("back")))
    try:
        citizen, token = await citizen_for_act(request)
        await act(request, citizen, "question.support", {"question": path_number(request) or 1})
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise missing("这个问题") from None
        flash(request, response, "bad", refusal.message)
    keep_visitor(request, response, token)
    return response
