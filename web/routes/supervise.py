"""The supervising office: what is late or about to be, every report on its way, and how each body does."""

from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.people import Role
from interviews import body_contacts, duties, standing, waiver_requests, workdays
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import instructing, ledger, overtaken, reminders, report_overview, rows, supervision, year_plans
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, render
from web.routes.gate import draws, form_of, staff_of

routes = web.RouteTableDef()

AT_RISK_WORKDAYS = 3
S = InterviewStatus


@routes.get("/supervise")
async def overview(request: web.Request) -> web.Response:
    """What is late or about to be, and how each body does."""
    return await _overview(request, 0, Form(), 200)


@draws(r"/supervise")
async def _overview(request: web.Request, _number: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.SUPERVISOR)
    async with request.app[UNITS].read(actor) as uow:
        context = await _seen(request, uow)
        context["reminders"] = await reminders.for_page(request, uow, actor, "/interviews/{id}")
    about = Page("督办", room="staff", path="/supervise")
    return await render(request, "supervise.html", context | form_of(form), page=about, status=status)


async def _seen(request: web.Request, uow: UnitOfWork) -> dict[str, Any]:
    regulation = rows.regulation_of(request)
    today = office_date(uow.now)
    calendar = (await workdays.present(uow)).with_days_off(regulation.days_off)
    soon = calendar.workdays_after(today, AT_RISK_WORKDAYS)[-1]
    owed = [pair for pair in await duties.open_duties(uow) if pair[0].act_by <= soon]
    names, calls = await ledger.body_names(uow), await body_contacts.first_of(uow)
    beside = [one for one in await standing.open_now(uow) if one.act_by <= soon]
    meter = await rows.year_sum(uow, today.year, regulation)
    query = (
        select(Interview)
        .where(col(Interview.status).in_([S.PLANNED, S.ANNOUNCED]))
        .order_by(col(Interview.starts_at))
    )
    ahead = list(await uow.db.scalars(query))
    least = regulation.minimum
    problems = []
    if meter["shortfall"] and least is not None:
        message = f"全年要{meter['required']}场，还差{meter['shortfall']}场没有排"
        problems.append({"interview": None, "article": least.article, "message": message})
    return {
        "year": today.year,
        "meter": meter,
        "plan": {"years": await year_plans.panel(uow, today, regulation), "problems": problems},
        "duties": ledger.in_order(
            [
                *ledger.duty_rows(owed, names, uow.now, calendar, url="/interviews/{id}", calls=calls),
                *ledger.standing_rows(beside, uow.now, calendar, calls=calls),
            ]
        ),
        "rows": await rows.interview_rows(uow, ahead, rows.presence(request)),
        "plans_drawn": {f"plan-{one.id}": overtaken.planned(one) for one in ahead},
        "bodies": await supervision.in_short(uow, today.year),
        "reports": await report_overview.reports(uow),
        "instructed": await instructing.counts(uow),
        "waivers_asked": len(await waiver_requests.undecided(uow)),
    }
