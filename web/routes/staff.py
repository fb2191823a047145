"""Signing in and out, where each role starts, and every staff act by form: ``POST /do/{command}``."""

from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import TypeAdapter
from sqlalchemy import func, or_, select
from sqlmodel import col

from base.clock import utcnow
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor
from interviews import access, calculator, law, workdays
from interviews.lifecycle import InterviewStatus, QuestionStatus
from interviews.models import Assignment, Interview, Question
from web import asking, auth, forms, login_again, overtaken, plan_form, two_step
from web.addresses import client_address
from web.filters import STATUSES, cndate, cntime, hm
from web.keys import ACTOR, LIVE, LOGIN_OVER, SEAL, SETTINGS, SURROUNDINGS, UNITS
from web.pages import Page, first_page, flash, render
from web.routes.gate import drawn_again, login_address, staff_of
from web.routes.public import act, see_other

routes = web.RouteTableDef()


# Signing in and out


@routes.get("/login")
async def login_page(request: web.Request) -> web.Response:
    """The login; whoever is signed in goes on to work."""
    actor: Actor = request[ACTOR]
    wanted = forms.local_path(request.query.get("next"), "")
    if actor.is_staff:
        return see_other(wanted or first_page(actor.role))
    if not request.get(LOGIN_OVER):
        return await login_again.login(request, forms.Form(), wanted)
    message = login_again.OVER + (login_again.GOES_BACK if wanted else "")
    return await login_again.login(request, forms.Form(message=message, act="over"), wanted)


@routes.post("/login")
async def login(request: web.Request) -> web.Response:
    """Check name and password; the cookie lasts as long as the browser is open, at most twelve hours."""
    typed = await forms.posted(request)
    wanted = forms.local_path(typed.get("next"), "")
    if typed.get("ticket"):
        return await _second_step(request, typed, wanted)
    name, password = str(typed.get("name", "")).strip(), str(typed.get("password", ""))
    lacking = {
        field: sentence
        for field, value, sentence in (
            ("name", name, "请写上用户名"),
            ("password", password, "请写上密码"),
        )
        if not value
    }
    if lacking:
        form = forms.Form({"name": name}, lacking, "用户名和密码都要写。")
        return await login_again.login(request, form, wanted, 400)
    try:
        request.app[SURROUNDINGS].pace.login(client_address(request))
        token, actor = await auth.sign_in(request.app[UNITS], name, password, demo=request.app[SETTINGS].demo)
    except two_step.CodeNeeded as needed:
        ticket = two_step.ticket(request.app[SEAL], needed.person, utcnow())
        return await login_again.login(request, forms.Form(), wanted, needed.status, ticket)
    except Refusal as refusal:
        return await login_again.login(request, forms.refused(refusal, typed), wanted, refusal.status)
    return _signed_in(request, token, actor, wanted)


async def _second_step(request: web.Request, typed: forms.Typed, wanted: str) -> web.Response:
    """The code that the account asks for after its password; a ticket that is too old leads back to the beginning."""
    ticket, code = str(typed["ticket"]), str(typed.get("code", "")).strip()
    if not code:
        form = forms.Form({}, {"code": "请写上动态口令"}, "还差动态口令。")
        return await login_again.login(request, form, wanted, 400, ticket)
    app = request.app
    try:
        app[SURROUNDINGS].pace.login(client_address(request))
        token, actor = await auth.sign_in_with_code(
            app[UNITS], app[SEAL], ticket, code, demo=app[SETTINGS].demo
        )
    except Refusal as refusal:
        again = ticket if refusal.code not in ("login.again", auth.WRONG.code) else ""
        return await login_again.login(
            request, forms.Form(message=refusal.message), wanted, refusal.status, again
        )
    return _signed_in(request, token, actor, wanted)


def _signed_in(request: web.Request, token: str, actor: Actor, wanted: str) -> web.Response:
    response = see_other(wanted or first_page(actor.role))
    asking.set_cookie(request, response, asking.LOGIN_COOKIE, token, lasts=None)
    return response


@routes.post("/logout")
async def logout(request: web.Request) -> web.Response:
    """Revoke the login and close the person's sockets."""
    token = request.cookies.get(asking.LOGIN_COOKIE)
    person_id = await auth.sign_out(request.app[UNITS], token) if token else None
    if person_id is not None:
        await request.app[LIVE].cut(person_id)
    response = see_other("/")
    response.del_cookie(asking.LOGIN_COOKIE, path="/")
    flash(request, response, "good", "退出了。")
    return response


@routes.get("/logout")
async def not_by_reading(_request: web.Request) -> web.Response:
    """Reading an address signs nobody out."""
    return see_other("/")


PASSWORD = Page("换成自己的密码", room="staff")


@routes.get("/password")
async def password_page(request: web.Request) -> web.Response:
    """Choose a password of one's own."""
    actor = staff_of(request)
    context = {"form": forms.Form(), "first": actor.one_time, "shortest": auth.SHORTEST_PASSWORD}
    return await render(request, "password.html", context, page=PASSWORD)


@routes.post("/password")
async def password(request: web.Request) -> web.Response:
    """Replace the password; the sentence says what was wrong, what was typed is not sent back."""
    actor = staff_of(request)
    typed = await forms.posted(request)
    old, new, again = (str(typed.get(name, "")) for name in ("old", "new", "again"))
    try:
        if new != again:
            raise Refusal("password.differs", "两遍新密码不一样。请再输一遍。", status=400)
        await auth.choose_password(request.app[UNITS], actor, old, new)
    except Refusal as refusal:
        form = forms.Form({}, {}, refusal.message)
        context = {"form": form, "first": actor.one_time, "shortest": auth.SHORTEST_PASSWORD}
        return await render(request, "password.html", context, page=PASSWORD, status=refusal.status)
    response = see_other(first_page(actor.role))
    flash(request, response, "good", "密码换好了，下次用新的登录。")
    return response


# Where one starts


@routes.get("/staff")
async def staff_home(request: web.Request) -> web.Response:
    """The interviews of a host or moderator; other roles go to their own first page."""
    actor = staff_of(request)
    start = first_page(actor.role)
    if start != "/staff":
        return see_other(start)
    async with request.app[UNITS].read(actor) as uow:
        jobs = await _jobs(uow, actor)
    return await render(request, "staff_home.html", {"jobs": jobs}, page=Page("我的工作", room="staff"))


async def _jobs(uow: UnitOfWork, actor: Actor) -> list[dict[str, Any]]:
    waiting = (
        select(func.count(col(Question.id)))
        .where(
            col(Question.interview_id) == col(Interview.id), col(Question.status) == QuestionStatus.PENDING
        )
        .scalar_subquery()
    )
    over = (InterviewStatus.ARCHIVED, InterviewStatus.CANCELLED)
    query = (
        select(Interview, waiting)
        .join(Assignment, col(Assignment.interview_id) == col(Interview.id))
        .where(col(Assignment.person_id) == actor.person_id, col(Interview.status).not_in(over))
        .where(or_(col(Interview.rehearsal).is_(False), col(Interview.status) != InterviewStatus.ENDED))
        .order_by(col(Interview.status) != InterviewStatus.LIVE, col(Interview.starts_at))
        .execution_options(rehearsals=True)
    )
    return [
        {
            "title": interview.theme,
            "text": f"{cntime(interview.starts_at)}，{STATUSES[interview.status]}，待审{pending}个",
            "href": f"/host/{interview.id}",
            "live": interview.status == InterviewStatus.LIVE,
        }
        for interview, pending in await uow.db.execute(query)
    ]


# Every act by form


@routes.post("/do/{command}")
async def do(request: web.Request) -> web.Response:
    """Carry out a command and go back; where it is refused, the page again with all that was typed."""
    name = request.match_info["command"]
    typed = await forms.posted(request)
    actor: Actor = request[ACTOR]
    back = forms.local_path(typed.get("back"), first_page(actor.role) if actor.is_staff else "/")
    if not actor.is_staff:
        return see_other(login_address(back))
    if name == plan_form.COMMAND:
        typed = plan_form.lead_first(typed)
    try:
        async with request.app[UNITS].read(actor) as uow:
            await overtaken.check_command(uow, name, typed)
            if name == plan_form.COMMAND:
                plan_form.check_whole(typed)
            sent = forms.command_object(name, typed)
            await plan_form.check_possible(uow, name, sent)
        outcome = await act(request, actor, name, sent)
    except Refusal as refusal:
        form = forms.refused(refusal, typed, name)
        response = await drawn_again(request, urlsplit(back).path, form, refusal.status)
        if response is None:
            raise
        return response
    response = see_other(_afterwards(name, typed, outcome.result, back))
    words, warned = forms.done_words(name, outcome.result), ""
    if name in ("interview.schedule", "interview.change"):
        stands, warned = await _as_it_stands(request, outcome.result["interview"])
        words += stands if name == "interview.change" else ""
    flash(request, response, "warn" if warned else "good", words + warned)
    return response


async def _as_it_stands(request: web.Request, interview_id: int) -> tuple[str, str]:
    """When and about what an interview is now, and what the rule lets pass but somebody should know.

    Such are a start on a rest day, and dates that are provisional.
    """
    async with request.app[UNITS].read(request[ACTOR]) as uow:
        found = await access.interview(uow, interview_id)
        calendar = await workdays.present(uow)
    rule = law.load(found.regulation)
    document = calculator.deadlines_document(found.starts_at, found.ends_at, rule, calendar)
    warnings = TypeAdapter(list[str]).validate_python(document["warnings"])
    when = f"{cndate(found.starts_at)}{hm(found.starts_at)}—{hm(found.ends_at)}"
    return f"现在是“{found.theme}”，{when}，要办的事按这个日子排。", "".join(warnings)


def _afterwards(name: str, typed: forms.Typed, result: dict[str, Any], back: str) -> str:
    """Where one goes after an act: back, or to what it has made."""
    if name == "interview.schedule":
        return f"/office/interviews/{result['interview']}"
    if name == "interview.rehearse":
        return f"/host/{result['interview']}"
    if name == "answer.draft" and "?" not in back:
        return f"{back}?question={typed.get('question', '')}"
    return back


@routes.get("/do/{command}")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to where one starts."""
    return see_other(first_page(staff_of(request).role))
