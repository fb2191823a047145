"""What the page of one interview is given, in each of its states: drawn from the public stream's own state.

Nothing unpublished comes in here; of what the reader has done themselves there is what their own stream holds.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import SHANGHAI, office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor
from chat import streams, views
from interviews import duties, law, programme, workdays
from interviews.lifecycle import DutyStatus, InterviewStatus, check_asking
from interviews.models import Duty, Interview, Respondent
from web import interview_lists, ledger, record, rows
from web.filters import cnday
from web.interview_lists import WHOLE, Wanted
from web.keys import ASKINGS, BESIDE, DESK, SETTINGS
from web.routes.api import number_in

S = InterviewStatus

RELATED = 3
SEEN_COOKIE = "fangtan_seen"
"""The number of the last item this browser was shown of a live interview; sent back to that interview's page alone."""

EVERY_MINUTE = "minute"


def wanted_of(request: web.Request, path: str) -> Wanted:
    """What the address asks of an interview's page.

    Raises:
        Refusal: ``input.invalid`` for a page that is no number.
    """
    known = {"kind", "sort", "q", "show", "by", "order", "refresh", "page", "pool", "at"}
    pairs = tuple(pair for pair in request.query.items() if pair[0] in known)
    page = None if request.query.get("page") == WHOLE else number_in(request, "page", 1, 1, 10_000) or 1
    return Wanted(path, pairs, page, number_in(request, "pool", 1, 1, 10_000) or 1)


async def room(request: web.Request, uow: UnitOfWork, found: Interview, reader: Actor) -> dict[str, Any]:
    """The variables of ``interview.html`` but those of its form.

    Args:
        request: the reader's, for the choices in its address.
        uow: reads as them.
        found: the interview.
        reader: whose own questions are shown among the others.
    """
    interview_id = found.id or 0
    wanted = wanted_of(request, f"/interviews/{interview_id}")
    stream = views.public_stream(interview_id)
    state = record.shown(await streams.room_state(uow, found, staff=False))
    own: views.State = {"questions": {}, "supported": []}
    if reader.person_id is not None:
        own = await streams.snapshot(uow, views.person_stream(reader.person_id))
    owed = await duties.of_interview(uow, interview_id)
    calendar = await workdays.present(uow)
    after = ledger.follow_up(found, calendar)
    previous, following = await _neighbours(uow, found)
    return await _lists(request, uow, state, wanted) | {
        "state": state,
        "overdue": rows.overdue(found.status, found.ends_at, uow.now),
        "stream": stream,
        "head": await streams.head(uow, stream),
        "me": {"questions": {k: q for k, q in own["questions"].items() if q["interview"] == interview_id}},
        "supported": own["supported"],
        "known_visitor": reader.person_id is not None,
        "viewers": rows.presence(request).count(interview_id) or None,
        "clock": rows.clock_of(found, uow.now),
        "collect": collection(found, uow.now) | {"handed_over": _handed_over(found, owed, uow.now)},
        "duties": ledger.duty_rows(
            [(duty, found) for duty in owed],
            await ledger.body_names(uow, office_date(found.starts_at)),
            uow.now,
            calendar,
        ),
        "counts": await programme.counts(uow, interview_id),
        "files": [],
        "follow_by": after.in_words() if after else None,
        "previous": previous,
        "next": following,
        "related": await _related(uow, found),
        "entries": await request.app[BESIDE].entries(request.app[DESK].present, uow, found.theme),
        "refresh": _refresh(wanted),
        **_seen(request, state),
    }


async def _lists(
    request: web.Request, uow: UnitOfWork, state: record.State, wanted: Wanted
) -> dict[str, Any]:
    status, interview_id = state["interview"]["status"], state["interview"]["id"]
    before = status in (S.PLANNED, S.ANNOUNCED, S.CANCELLED)
    pool = interview_lists.pool_of(state)
    themes = {}
    if before and wanted.sort == "theme":
        themes = dict(await request.app[BESIDE].themes(request.app[ASKINGS], uow, interview_id, pool))
    waiting = interview_lists.of_pool(pool, wanted, searched=before, themes=themes)
    return interview_lists.of_record(state, wanted) | waiting


# When one may ask


def collection(found: Interview, now: datetime) -> dict[str, Any]:
    """Whether a question may be submitted now, until when, and the sentence if not.

    The rule opens the collection with the announcement (第十二条) and sets no end of its own: one may ask until the
    interview closes.

    Args:
        found: the interview.
        now: the instant of asking.
    """
    why_not, until, left = None, None, None
    try:
        check_asking(found.status)
    except Refusal as refusal:
        why_not = refusal.message
    if why_not is None and found.status == S.ANNOUNCED and now < found.ends_at:
        until, left = found.ends_at, days_left(now, found.ends_at)
    return {
        "open": why_not is None,
        "from": found.announced_at,
        "until": until,
        "left": left,
        "why_not": why_not,
    }


def days_left(now: datetime, until: datetime) -> str:
    """How long something still goes on, by days of the calendar and without hurry: 「还有6天，3月6日16:30截止」.

    Args:
        now: an instant.
        until: a later one.
    """
    days = (office_date(until) - office_date(now)).days
    ends = f"{until.astimezone(SHANGHAI):%H:%M}截止"
    if days <= 0:
        return f"今天{ends}"
    return f"明天{ends}" if days == 1 else f"还有{days}天，{cnday(until)}{ends}"


def _handed_over(found: Interview, owed: Sequence[Duty], now: datetime) -> str | None:
    """The day up to which questions reach the body before the interview, while it lies ahead (第十二条)."""
    acts = {rule.id: rule.done_by for rule in law.load(found.regulation).duties}
    for duty in owed:
        ahead = duty.status == DutyStatus.OPEN and duty.due >= office_date(now)
        if ahead and acts.get(duty.rule) == "forward":
            return cnday(duty.due)
    return None


# Beside it


async def _neighbours(
    uow: UnitOfWork, found: Interview
) -> tuple[dict[str, str] | None, dict[str, str] | None]:
    """The interviews before and after this one, of those announced or held."""
    start = col(Interview.starts_at)
    others = select(Interview).where(
        col(Interview.status).in_([S.ANNOUNCED, S.LIVE, S.ENDED, S.ARCHIVED]), col(Interview.id) != found.id
    )
    before = others.where(start <= found.starts_at).order_by(start.desc(), col(Interview.id)).limit(1)
    after = others.where(start > found.starts_at).order_by(start, col(Interview.id)).limit(1)
    links = []
    for query in (before, after):
        one = (await uow.db.scalars(query)).first()
        links.append({"theme": one.theme, "url": f"/interviews/{one.id}"} if one else None)
    return links[0], links[1]


async def _related(uow: UnitOfWork, found: Interview) -> list[dict[str, Any]]:
    """Other interviews that a body of this one answers, held or announced, the newest first."""
    bodies = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == found.id)
    theirs = select(col(Respondent.interview_id)).where(col(Respondent.body_id).in_(bodies))
    query = (
        select(Interview)
        .where(
            col(Interview.id).in_(theirs),
            col(Interview.id) != found.id,
            col(Interview.status).in_([S.ANNOUNCED, S.LIVE, S.ENDED, S.ARCHIVED]),
        )
        .order_by(col(Interview.starts_at).desc(), col(Interview.id))
        .limit(RELATED)
    )
    return [
        {"theme": one.theme, "url": f"/interviews/{one.id}", "starts_at": one.starts_at}
        for one in await uow.db.scalars(query)
    ]


# Following a live interview by reloading


def _refresh(wanted: Wanted) -> dict[str, Any]:
    """Whether this address reloads itself each minute, and the address where it is the other way round."""
    on = wanted.said("refresh") == EVERY_MINUTE
    return {
        "on": on,
        "again": wanted.href("", page=wanted.said("page"), pool=wanted.said("pool")),
        "other": wanted.href("link", refresh="" if on else EVERY_MINUTE),
    }


def _seen(request: web.Request, state: record.State) -> dict[str, Any]:
    """What this browser was shown when it last had this page, and how much of the record came since."""
    last = state["items"][-1]["no"] if state["items"] else 0
    known = request.cookies.get(SEEN_COOKIE, "")
    live = state["interview"]["status"] == S.LIVE
    seen = int(known) if live and known.isascii() and known.isdecimal() and len(known) < 10 else None
    fresh = 0
    if seen is not None:
        fresh = sum(item["no"] > seen and item["kind"] != "question" for item in state["items"])
    return {"seen": seen, "fresh": fresh, "last": last if live else None}


def remember_seen(request: web.Request, response: web.StreamResponse, context: dict[str, Any]) -> None:
    """Let the browser keep the number of the last item it was shown, so that the next reload can mark what is new."""
    last, path = context["last"], f"/interviews/{context['state']['interview']['id']}"
    if last is not None and request.cookies.get(SEEN_COOKIE) != str(last):
        response.set_cookie(
            SEEN_COOKIE,
            str(last),
            path=path,
            httponly=True,
            samesite="Lax",
            secure=request.app[SETTINGS].secure,
        )
