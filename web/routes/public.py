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

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import ANYONE, Actor, Role
from chat import registry, streams, views
from chat.schemas import SubmitQuestion
from interviews import access, duties, facts, programme, workdays
from interviews.lifecycle import InterviewStatus, ItemKind, QuestionStatus, check_asking
from interviews.models import Interview, Item, Question
from web import alike, asking, auth, forms, ledger, record, rows
from web.addresses import client_address
from web.keys import ACTOR, SURROUNDINGS, UNITS
from web.pages import Page, flash, render
from web.routes.api import number_in, path_number
from web.sealing import new_token

routes = web.RouteTableDef()

SHOWN_AT_HOME = 4
LIST_PAGE = 30
RECORD_PAGE = 50
POOL_PAGE = 30
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
    """What is on now, what is being collected, what comes, what was."""
    async with request.app[UNITS].read() as uow:
        context = await _home(request, uow)
    return await render(request, "home.html", context, page=Page("首页"))


async def _home(request: web.Request, uow: UnitOfWork) -> dict[str, Any]:
    start = col(Interview.starts_at)
    status = col(Interview.status)
    current = select(Interview).where(status.in_([S.LIVE, S.ANNOUNCED])).order_by(start)
    ahead = select(Interview).where(status == S.PLANNED, start >= uow.now).order_by(start)
    behind = select(Interview).where(status.in_([S.ENDED, S.ARCHIVED])).order_by(start.desc())
    found = [
        *await uow.db.scalars(current),
        *await uow.db.scalars(ahead.limit(SHOWN_AT_HOME)),
        *await uow.db.scalars(behind.limit(SHOWN_AT_HOME)),
    ]
    listed = await rows.interview_rows(uow, found, rows.presence(request))
    by_status: dict[str, list[rows.Row]] = {}
    for row in listed:
        by_status.setdefault(row["status"], []).append(row)
    collecting = by_status.get(S.ANNOUNCED, [])
    archived = select(func.count(col(Interview.id))).where(status == S.ARCHIVED)
    year = office_date(uow.now).year
    return {
        "hero": await _hero(uow, by_status.get(S.LIVE, []), collecting),
        "collecting": collecting,
        "upcoming": by_status.get(S.PLANNED, []),
        "past": [row for row in listed if row["status"] in (S.ENDED, S.ARCHIVED)],
        "past_total": int(await uow.db.scalar(archived) or 0),
        "year": await rows.year_sum(uow, year, rows.regulation_of(request)),
        "latest": await latest_answers(uow),
    }


async def _hero(uow: UnitOfWork, live: list[rows.Row], collecting: list[rows.Row]) -> dict[str, Any] | None:
    ahead = [row for row in collecting if not row["overdue"]]
    row = next(iter([*live, *ahead]), None)
    if row is None:
        return None
    staged = None
    if row["status"] == S.LIVE:
        query = select(Question).where(
            col(Question.interview_id) == row["id"], col(Question.status) == QuestionStatus.STAGED
        )
        newest = query.order_by(col(Question.staged_at).desc(), col(Question.id).desc()).limit(1)
        found = (await uow.db.scalars(newest)).first()
        staged = views.question_view(facts.question_facts(found)) if found else None
    return {
        "kind": "live" if row["status"] == S.LIVE else "announced",
        "row": row,
        "answered": row["counts"]["answered"],
        "guests": row["guests"],
        "stage": staged,
    }


async def latest_answers(uow: UnitOfWork, interview_id: int | None = None) -> list[dict[str, Any]]:
    """Questions that were answered lately, the newest first: of one interview, or of all.

    Returns:
        ``number``, ``text``, ``url``, ``interview`` and the newest ``answer`` of each.
    """
    query = (
        select(Item, Question, Interview)
        .join(Question, col(Question.id) == col(Item.question_id))
        .join(Interview, col(Interview.id) == col(Item.interview_id))
        .where(
            col(Item.kind) == ItemKind.ANSWER,
            col(Item.removed_at).is_(None),
            col(Question.number).is_not(None),
            col(Question.status) == QuestionStatus.ANSWERED,
        )
        .order_by(col(Item.at).desc(), col(Item.id).desc())
        .limit(SHOWN_AT_HOME * 3)
    )
    if interview_id is not None:
        query = query.where(col(Item.interview_id) == interview_id)
    latest: dict[int, tuple[Item, Question, Interview]] = {}
    for item, question, interview in await uow.db.execute(query):
        latest.setdefault(question.id or 0, (item, question, interview))
    return [
        {
            "number": question.number,
            "text": question.text,
            "url": f"/interviews/{interview.id}#q{question.number}",
            "interview": {"theme": interview.theme, "url": f"/interviews/{interview.id}"},
            "answer": views.item_view(facts.item_facts(item)),
        }
        for item, question, interview in list(latest.values())[:SHOWN_AT_HOME]
    ]


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
    title = f"{year}年的访谈" if year else "全部访谈"
    return await render(request, "interviews.html", context, page=Page(title))


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
        context = await _room(request, uow, found, reader)
    typed = form.typed if form else {}
    client_id = typed.get("client_id") or new_token()[:22]
    context |= {"form": form or forms.Form(), "client_id": client_id, "already": already}
    about = Page(
        found.theme,
        description=(found.content or f"{found.theme}：网上访谈")[:150],
        path=f"/interviews/{interview_id}",
        pub_date=found.closed_at or found.opened_at or found.announced_at,
    )
    return await render(request, "interview.html", context, page=about, status=status)


async def _room(request: web.Request, uow: UnitOfWork, found: Interview, reader: Actor) -> dict[str, Any]:
    interview_id = found.id or 0
    stream = views.public_stream(interview_id)
    state = record.shown(await streams.room_state(uow, found, staff=False))
    own: views.State = {"questions": {}, "supported": []}
    if reader.person_id is not None:
        own = await streams.snapshot(uow, views.person_stream(reader.person_id))
    owed = await duties.of_interview(uow, interview_id)
    names = await ledger.body_names(uow)
    calendar = await workdays.present(uow)
    after = ledger.follow_up(found, calendar)
    previous, following = await _neighbours(uow, found)
    lists = _lists(request, state)
    return lists | {
        "state": state,
        "overdue": rows.overdue(found.status, found.ends_at, uow.now),
        "stream": stream,
        "head": await streams.head(uow, stream),
        "me": {"questions": {k: q for k, q in own["questions"].items() if q["interview"] == interview_id}},
        "supported": own["supported"],
        "known_visitor": reader.person_id is not None,
        "viewers": rows.presence(request).count(interview_id) or None,
        "clock": rows.clock_of(found, uow.now),
        "collect": collection(found),
        "duties": ledger.duty_rows([(duty, found) for duty in owed], names, uow.now, calendar),
        "counts": await programme.counts(uow, interview_id),
        "files": [],
        "follow_by": after.in_words() if after else None,
        "previous": previous,
        "next": following,
    }


def collection(found: Interview) -> dict[str, Any]:
    """Whether a question may be submitted now, and the sentence if not."""
    why_not = None
    try:
        check_asking(found.status)
    except Refusal as refusal:
        why_not = refusal.message
    return {"open": why_not is None, "from": found.announced_at, "until": None, "why_not": why_not}


async def _neighbours(
    uow: UnitOfWork, found: Interview
) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    """The interviews held before and after this one."""
    start = col(Interview.starts_at)
    held = select(Interview).where(
        col(Interview.status).in_([S.ENDED, S.ARCHIVED]), col(Interview.id) != found.id
    )
    before = held.where(start <= found.starts_at).order_by(start.desc(), col(Interview.id)).limit(1)
    after = held.where(start > found.starts_at).order_by(start, col(Interview.id)).limit(1)
    links = []
    for query in (before, after):
        one = (await uow.db.scalars(query)).first()
        links.append({"theme": one.theme, "url": f"/interviews/{one.id}"} if one else None)
    return links[0], links[1]


_SHOWS = (("", "全部"), ("answered", "已答"), ("waiting", "还在等"), ("refused", "不予答复"))
_KINDS = (("", "全部"), ("inquiry", "咨询"), ("opinion", "意见"), ("suggestion", "建议"))


def _lists(request: web.Request, state: record.State) -> dict[str, Any]:
    """The record and what waits, in the order and the part that the address asks for."""
    status = state["interview"]["status"]
    address = f"/interviews/{state['interview']['id']}"
    live, over = status == S.LIVE, status in (S.ENDED, S.ARCHIVED)
    order = request.query.get("order", "")
    order = order if order in ("newest", "oldest") else ("newest" if live else "oldest")
    whole = record.record(state, only_replied=not over, newest_first=order == "newest")
    show, words = request.query.get("show", ""), request.query.get("q", "").strip()[:100]
    narrowed = [row for row in record.narrowed(whole, show) if not words or record.matches(row, words)]
    pool = _pool(state, status)
    kind = request.query.get("kind", "")
    chosen = [question for question in pool if kind in ("", question["kind"])]
    page, pool_page = page_number(request), page_number(request, "pool")
    if at := request.query.get("at", "")[:12]:
        page, pool_page = record.page_with(narrowed, at, RECORD_PAGE), record.page_with(chosen, at, POOL_PAGE)
    shows = [(value, label, len(record.narrowed(whole, value)) if value else None) for value, label in _SHOWS]
    kinds = [
        (value, label, sum(value in ("", question["kind"]) for question in pool)) for value, label in _KINDS
    ]
    kept = str(request.rel_url.with_query(_but(request, "page", "at")).query_string)
    pool_kept = str(request.rel_url.with_query(_but(request, "pool", "at")).query_string)
    return {
        "record": narrowed[(page - 1) * RECORD_PAGE : page * RECORD_PAGE],
        "record_filters": rows.filters(shows, show, f"{address}?show={{}}#h-rec") if over else [],
        "record_q": words,
        "record_pager": rows.pager(page, len(narrowed), RECORD_PAGE, f"{address}?{_joined(kept)}page="),
        "pool": chosen[(pool_page - 1) * POOL_PAGE : pool_page * POOL_PAGE],
        "pool_total": len(chosen),
        "pool_filters": rows.filters(kinds, kind, f"{address}?kind={{}}#h-pool") if pool else [],
        "pool_pager": rows.pager(pool_page, len(chosen), POOL_PAGE, f"{address}?{_joined(pool_kept)}pool="),
        "order": order,
    }


def _but(request: web.Request, *names: str) -> list[tuple[str, str]]:
    return [pair for pair in request.query.items() if pair[0] not in names]


def _joined(query: str) -> str:
    return f"{query}&" if query else ""


def _pool(state: record.State, status: str) -> list[record.Body]:
    if status == S.LIVE:
        return record.pool(state, [QuestionStatus.PUBLISHED])
    if status in (S.ENDED, S.ARCHIVED):
        return record.pool(state, [QuestionStatus.DEFERRED])
    known = [one.value for one in QuestionStatus if one not in record.GONE]
    return record.pool(state, known)


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
