"""A private calendar of one's own duties, for a calendar program that cannot sign in.

The address carries a sealed token instead of a login: nobody can read a person out of it, it opens this feed and
nothing else, and it dies with the account or with the password it was made under.
"""

import json
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor, Person, Role
from interviews import duties, standing
from interviews.models import Duty, Interview
from interviews.standing import StandingDuty
from web import calendars
from web.keys import SEAL, SETTINGS, UNITS
from web.pages import Page, render, site
from web.routes.gate import staff_of
from web.sealing import digest

routes = web.RouteTableDef()

FEED = "/staff/duties.ics"
OWING = (Role.OFFICE, Role.SUPERVISOR, Role.CLERK)
"""The roles to which the ledger gives duties."""
_PURPOSE = "duties.ics"
_PAGES = {
    Role.OFFICE: "/office/interviews/{id}",
    Role.CLERK: "/desk/interviews/{id}",
    Role.SUPERVISOR: "/interviews/{id}",
}


@routes.get("/staff/calendar")
async def calendar_page(request: web.Request) -> web.Response:
    """The address of one's own feed, and what to do with it."""
    actor = staff_of(request, *OWING)
    async with request.app[UNITS].read(actor) as uow:
        person = await uow.db.get_one(Person, actor.person_id)
        count = len(await _owed(uow, actor)) + len(await _standing(uow, actor))
    address = f"{request.app[SETTINGS].base_url}{FEED}?token={_token(request, person)}"
    context: dict[str, Any] = {"address": address, "count": count}
    return await render(request, "staff_calendar.html", context, page=Page("日历提醒", room="staff"))


@routes.get(FEED)
async def duty_feed(request: web.Request) -> web.Response:
    """The open duties of whoever the token was made for, with alarms.

    Raises:
        Refusal: ``not_found``; a token that is forged, outdated or of a closed account looks like no page at all.
    """
    async with request.app[UNITS].read() as uow:
        actor = await _bearer(request, uow)
        owed, beside = await _owed(uow, actor), await _standing(uow, actor)
        stamp: datetime = uow.now
    base, about = request.app[SETTINGS].base_url, site()
    page = base + _PAGES[actor.role]
    body = calendars.of_duties(
        [(duty, interview, page.format(id=interview.id)) for duty, interview in owed],
        [(one, f"{base}{one.page}") for one in beside],
        name=f"{about.name}：{actor.name}要办的事",
        domain=about.domain,
        stamp=stamp,
    )
    headers = {"Cache-Control": "private, no-store", "Content-Disposition": 'inline; filename="duties.ics"'}
    return web.Response(body=body, content_type="text/calendar", charset="utf-8", headers=headers)


def _mark(person: Person) -> str:
    """Changes with the password, so that a new one closes the old addresses."""
    return digest(person.password_hash or "")[:16]


def _token(request: web.Request, person: Person) -> str:
    said = {"for": _PURPOSE, "person": person.id, "mark": _mark(person)}
    return request.app[SEAL].close(json.dumps(said))


async def _bearer(request: web.Request, uow: UnitOfWork) -> Actor:
    opened = _opened(request)
    person = None
    if opened.get("for") == _PURPOSE and isinstance(opened.get("person"), int):
        query = select(Person).where(col(Person.id) == opened["person"], col(Person.disabled_at).is_(None))
        person = (await uow.db.scalars(query)).one_or_none()
    if person is None or opened.get("mark") != _mark(person) or person.role not in OWING:
        raise missing("这份日历")
    if person.example and not request.app[SETTINGS].demo:
        raise missing("这份日历")
    return person.actor()


def _opened(request: web.Request) -> dict[str, Any]:
    sealed = request.query.get("token", "")
    try:
        found = json.loads(request.app[SEAL].open(sealed) or "{}")
    except (ValueError, Refusal):
        return {}
    return found if isinstance(found, dict) else {}


async def _owed(uow: UnitOfWork, actor: Actor) -> list[tuple[Duty, Interview]]:
    """One's own open duties; the supervisor's are also all that are overdue."""
    today = office_date(uow.now)

    def own(duty: Duty) -> bool:
        if actor.role is Role.CLERK:
            return duty.body_id is not None and duty.body_id == actor.body_id
        if actor.role is Role.SUPERVISOR:
            return duty.owed_by == "supervisor" or duty.due < today
        return duty.owed_by == "office"

    return [(duty, interview) for duty, interview in await duties.open_duties(uow) if own(duty)]


async def _standing(uow: UnitOfWork, actor: Actor) -> list[StandingDuty]:
    """One's own reports and self-assessments that are not done; the supervisor has none."""
    if actor.role is Role.SUPERVISOR:
        return []
    own = actor.body_id if actor.role is Role.CLERK else None
    return [one for one in await standing.open_now(uow) if one.body_id == own]
