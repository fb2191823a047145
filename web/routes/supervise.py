"""The supervising office, and the inboxes of those who receive the summary reports."""

from typing import Any

from aiohttp import web
from sqlalchemy import case, func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import missing
from base.people import Body, Role
from interviews import deliveries, duties, report_page, workdays
from interviews.lifecycle import InterviewStatus, QuestionStatus
from interviews.models import Duty, Interview, Question, Respondent
from web import ledger, reminders, rows, year_plans
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, render
from web.routes.api import path_number
from web.routes.gate import draws, form_of, staff_of
from web.routes.office import as_file, report_files

routes = web.RouteTableDef()

AT_RISK_WORKDAYS = 3
S = InterviewStatus


# The supervisor


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
        "duties": ledger.duty_rows(
            owed, await ledger.body_names(uow), uow.now, calendar, url="/interviews/{id}"
        ),
        "rows": await rows.interview_rows(uow, ahead, rows.presence(request)),
        "bodies": await _bodies(uow, today.year),
    }


async def _bodies(uow: UnitOfWork, year: int) -> list[dict[str, Any]]:
    """For each body that leads an interview of the year: how many, the questions, and duties done late."""
    asked = func.count(col(Question.number))
    answered = func.sum(case((col(Question.status) == QuestionStatus.ANSWERED, 1), else_=0))
    query = (
        select(col(Body.id), col(Body.name), func.count(func.distinct(col(Interview.id))), asked, answered)
        .join(Respondent, (col(Respondent.body_id) == col(Body.id)) & col(Respondent.lead).is_(True))
        .join(Interview, col(Interview.id) == col(Respondent.interview_id))
        .outerjoin(Question, col(Question.interview_id) == col(Interview.id))
        .where(col(Interview.year) == year, col(Interview.status) != S.CANCELLED)
        .group_by(col(Body.id), col(Body.name))
        .order_by(asked.desc(), col(Body.id))
    )
    late_query = (
        select(col(Duty.body_id), func.count(col(Duty.id)))
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Interview.year) == year, _late(office_date(uow.now)))
        .group_by(col(Duty.body_id))
    )
    late = {row[0]: int(row[1]) for row in await uow.db.execute(late_query)}
    return [
        {
            "name": name,
            "interviews": int(count),
            "questions": int(questions or 0),
            "answered": int(done or 0),
            "late": late.get(number, 0),
        }
        for number, name, count, questions, done in await uow.db.execute(query)
    ]


def _late(today: Any) -> Any:
    # What only a yearly notice put into the past is nobody's fault.
    undone = (col(Duty.status) == "open") & (col(Duty.due) < today) & col(Duty.moved_by_notice).is_(False)
    # What was done and judged again for a new start counts once, by the new judgement.
    judged_again = (col(Duty.status) == "superseded") & col(Duty.done_at).is_not(None)
    return undone | ((col(Duty.late_days) > 0) & ~judged_again)


# The inboxes


@routes.get("/inbox")
async def inbox(request: web.Request) -> web.Response:
    """The reports that came to the reader's body, the newest first."""
    actor = staff_of(request, Role.RECIPIENT)
    async with request.app[UNITS].read(actor) as uow:
        came = await deliveries.inbox(uow, actor.body_id or 0)
    listed = [
        {
            "title": one.title,
            "interview": {"theme": one.theme, "url": f"/interviews/{one.interview_id}"},
            "sent_at": one.sent_at,
            "href": f"/inbox/{one.delivery_id}",
            "files": [{"label": "Word文件", "href": f"/inbox/{one.delivery_id}/report.docx"}],
            "read_at": one.opened_at,
        }
        for one in came
    ]
    return await render(request, "inbox.html", {"rows": listed}, page=Page("汇总报告", room="staff"))


@routes.get("/inbox/{id:\\d+}")
async def arrived(request: web.Request) -> web.Response:
    """One report as it came; the first reading is noted."""
    content, sent_at = await _opened(request)
    context: dict[str, Any] = {
        "report": report_page.page_context(content, sent_at),
        "files": report_files(f"/inbox/{path_number(request)}", whole=True),
    }
    about = Page(context["report"]["title"], room="staff")
    return await render(request, "report.html", context, page=about)


@routes.get("/inbox/{id:\\d+}/report.{format:docx|html|json}")
async def arrived_file(request: web.Request) -> web.Response:
    """One report as it came, as a file."""
    content, _ = await _opened(request)
    return as_file(content, request.match_info["format"], f"report-{path_number(request)}")


async def _opened(request: web.Request) -> tuple[dict[str, Any], str]:
    """The version that one delivery brought, and when it came.

    Raises:
        Refusal: ``not_found``, also where it came to another body.
    """
    actor = staff_of(request, Role.RECIPIENT)
    number = path_number(request)
    async with request.app[UNITS].act(actor) as uow:
        found = next(
            (one for one in await deliveries.inbox(uow, actor.body_id or 0) if one.delivery_id == number), None
        )
        if found is None:
            raise missing("这份报告")
        await deliveries.opened(uow, number)
        content = await deliveries.delivered(uow, number)
    return content, found.sent_at.isoformat()
