"""The information office: what is due today, each interview's way from plan to report, and new interviews."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlmodel import col

from base.audit import AuditEntry
from base.clock import office_date
from base.db import UnitOfWork
from base.people import Body, Person, Role
from chat import views
from chat.registry import REGISTRY
from faq import referrals, topics
from faq.judgement import Outcome, Reason
from faq.models import Ask
from interviews import (
    body_contacts,
    body_names,
    duties,
    facts,
    letters,
    outgoing,
    packs,
    programme,
    reports,
    standing,
    waiver_requests,
    workdays,
)
from interviews.lifecycle import InterviewStatus, QuestionStatus
from interviews.models import Interview, Question
from web import (
    duty_acts,
    ledger,
    material_rows,
    pack_list,
    plan_days,
    plan_form,
    programme_list,
    reminders,
    report_overview,
    rows,
    said_list,
    year_plans,
)
from web.forms import Form, posted
from web.interview_lists import Wanted
from web.keys import RECURRING, UNITS
from web.pages import Page, render
from web.routes.api import number_in, path_number
from web.routes.gate import asked_of, draws, form_of, staff_of, theirs
from web.routes.public import see_other
from web.routes.reports import report_files

routes = web.RouteTableDef()

S = InterviewStatus
NEAR_WORKDAYS = 10
OPEN = (S.PLANNED, S.ANNOUNCED, S.LIVE, S.ENDED)


# Today


@routes.get("/office")
async def today(request: web.Request) -> web.Response:
    """What is due comes first, each with its article and its sum."""
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        context = await _today(request, uow)
        context["reminders"] = await reminders.for_page(request, uow, actor, "/office/interviews/{id}")
    return await render(request, "office.html", context, page=Page("今天要办的", room="staff"))


async def _today(request: web.Request, uow: UnitOfWork) -> dict[str, Any]:
    regulation = rows.regulation_of(request)
    day = office_date(uow.now)
    calendar = (await workdays.present(uow)).with_days_off(regulation.days_off)
    owed = await duties.open_duties(uow)
    names = await ledger.body_names(uow)
    url, also = "/office/interviews/{id}", await standing.open_now(uow)
    acts = await duty_acts.acts(uow, owed, also)
    calls = await body_contacts.first_of(uow)
    beside = ledger.standing_rows(also, uow.now, calendar, act=acts.of_standing, calls=calls)
    rows_of = ledger.duty_rows(owed, names, uow.now, calendar, act=acts.of, url=url, calls=calls)
    listed = ledger.in_order([*rows_of, *beside])
    near = calendar.workdays_after(day, NEAR_WORKDAYS)[-1]
    scope = request.query.get("scope", "near")
    chosen = _SCOPES[scope][1] if scope in _SCOPES else _SCOPES["near"][1]
    scopes = [
        (name, label, sum(fits(row, near) for row in listed)) for name, (label, fits) in _SCOPES.items()
    ]
    query = select(Interview).where(col(Interview.status).in_(OPEN)).order_by(col(Interview.starts_at))
    on_hand = list(await uow.db.scalars(query))
    return {
        "today": day,
        "workday": calendar.is_workday(day),
        "notice_wanted": calendar.notice_wanted(day),
        "due_today": sum(row["state"] == "today" for row in listed),
        "late": sum(row["state"] == "late" for row in listed),
        "duties": [row for row in listed if chosen(row, near)],
        "scope": scope if scope in _SCOPES else "near",
        "scopes": rows.filters(scopes, scope if scope in _SCOPES else "near", "/office?scope={}"),
        "rows": await rows.interview_rows(uow, on_hand, rows.presence(request), url),
        "meter": await rows.year_sum(uow, day.year, regulation),
        "year_plans": await year_plans.panel(uow, day, regulation),
        "course": await _course(uow, day),
        "asks": await _misses(uow),
        "themes": await topics.themes(uow),
        "recurring": await request.app[RECURRING].proposals(uow, whatever_it_takes=False),
        "pending": await _pending(uow),
        "referrals": await referrals.counts(uow),
        "outbox": await _outbox(uow),
        "packs": await packs.on_hand(uow, on_hand),
        "reports": [row for row in await report_overview.reports(uow) if not row["over"]],
    }


async def _pending(uow: UnitOfWork) -> list[tuple[Interview, int]]:
    """The interviews in which questions wait to be moderated, with how many."""
    query = (
        select(Interview, func.count(col(Question.id)))
        .join(Question, col(Question.interview_id) == col(Interview.id))
        .where(col(Question.status) == QuestionStatus.PENDING)
        .group_by(col(Interview.id))
        .order_by(col(Interview.starts_at))
    )
    return [(interview, int(count)) for interview, count in await uow.db.execute(query)]


async def _outbox(uow: UnitOfWork) -> dict[str, int]:
    """How many letters wait, are held and could not be sent."""
    return {standing.value: count for standing, count in (await outgoing.counts(uow)).items()}


Fits = Callable[[ledger.DutyRow, date], bool]

_SCOPES: dict[str, tuple[str, Fits]] = {
    "near": ("近两周", lambda row, near: row["state"] != "open" or row["act_by"] <= near),
    "late": ("逾期", lambda row, _near: row["state"] == "late"),
    "all": ("全部", lambda _row, _near: True),
}


async def _course(uow: UnitOfWork, day: date) -> list[dict[str, int | None]]:
    """How many were held by each month's end, and how many there will be by plan."""
    query = select(col(Interview.status), col(Interview.starts_at)).where(col(Interview.year) == day.year)
    held, ahead = [0] * 13, [0] * 13
    for status, starts_at in await uow.db.execute(query):
        month = office_date(starts_at).month
        if status in rows.HELD:
            held[month] += 1
        elif status != S.CANCELLED:
            ahead[max(month, day.month)] += 1
    course = []
    for month in range(1, 13):
        done = sum(held[: month + 1])
        planned = sum(held) + sum(ahead[: month + 1])
        course.append(
            {
                "month": month,
                "done": done if month <= day.month else None,
                "planned": planned if month >= day.month else None,
            }
        )
    return course


async def _misses(uow: UnitOfWork) -> list[dict[str, Any]]:
    """What the bot was asked lately and had no entry for."""
    how_often = func.count(col(Ask.id))
    query = (
        select(col(Ask.text), how_often)
        .where(
            col(Ask.outcome) == str(Outcome.HANDOFF),
            col(Ask.reason).in_([Reason.UNSURE, Reason.NOTHING]),
            col(Ask.at) >= uow.now - timedelta(days=30),
        )
        .group_by(col(Ask.text))
        .order_by(how_often.desc(), func.max(col(Ask.id)).desc())
        .limit(5)
    )
    return [{"text": text[:60], "count": int(count)} for text, count in await uow.db.execute(query)]


# A new one


@routes.get("/office/interviews/new")
async def schedule(request: web.Request) -> web.Response:
    """The form for an interview that enters the programme.

    With ``?topic=`` it has the theme that the desk proposed, with ``?theme=`` and ``?body=`` one that keeps coming, and
    with the names of its fields what was typed before another month or day was pressed.
    """
    topic = number_in(request, "topic", None, 1, 10**9)
    async with request.app[UNITS].read(staff_of(request, Role.OFFICE)) as uow:
        theme = await topics.theme_of(uow, topic) if topic else None
    body = number_in(request, "body", None, 1, 10**9)
    ticked = request.query.getall("respondents", [str(body)] if body else [])
    filled = plan_form.filled(request.query, ticked)
    return await _schedule(request, 0, Form(filled | ({"theme": theme} if theme else {})), 200)


@routes.post("/office/interviews/new")
async def schedule_elsewhere(request: web.Request) -> web.Response:
    """Another month or day of the calendar, with everything that is typed so far; nothing is planned."""
    staff_of(request, Role.OFFICE)
    return see_other(plan_form.address(await posted(request)))


@draws(r"/office/interviews/new")
async def _schedule(request: web.Request, _number: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        bodies = select(Body).where(*body_names.ANSWERING)
        hosts = select(Person).where(col(Person.role) == Role.HOST, col(Person.disabled_at).is_(None))
        context = {
            "bodies": [
                {"id": one.id, "name": one.name}
                for one in await uow.db.scalars(bodies.order_by(col(Body.id)))
            ],
            "hosts": [
                {"id": one.id, "name": one.display_name}
                for one in await uow.db.scalars(hosts.order_by(col(Person.id)))
            ],
            "in_the_way": await plan_form.in_the_way(uow, form.typed) if form.act else [],
        } | await plan_days.page(uow, form.typed | dict(request.query))
    about = Page("排一场访谈", room="staff", path="/office/interviews/new")
    return await render(request, "office_schedule.html", context | form_of(form), page=about, status=status)


# One interview


@routes.get("/office/interviews/{id:\\d+}")
async def interview(request: web.Request) -> web.Response:
    """One interview as the office handles it."""
    return await _interview(request, path_number(request), Form(), 200)


@draws(r"/office/interviews/(\d{1,9})")
async def _interview(request: web.Request, interview_id: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        wanted = pack_list.wanted_of(asked_of(request, form), f"/office/interviews/{interview_id}")
        context = await _handled(request, uow, found, wanted)
    about = Page(found.theme, room="staff", path=f"/office/interviews/{interview_id}")
    return await render(
        request,
        "office_interview.html",
        context | form_of(form),
        page=about,
        status=status,
        long=wanted.page is None,
    )


async def _handled(request: web.Request, uow: UnitOfWork, found: Interview, wanted: Wanted) -> dict[str, Any]:
    interview_id = found.id or 0
    status = S(found.status)
    collecting = status in (S.ANNOUNCED, S.LIVE)
    return await _dated(uow, found) | {
        "state": {"interview": views.interview_view(await facts.interview_facts(uow, found))},
        "pack": await pack_list.pack(request.app, uow, interview_id, wanted) if collecting else None,
        "said": await said_list.said(uow, interview_id, wanted),
        "here": pack_list.address_of(wanted),
        "reached": await body_contacts.of_interview(uow, found),
        "counts": await programme.counts(uow, interview_id),
        "handed": await packs.handed(uow, found),
        "can": _can(found, status, uow.now),
        "letters": [
            {"label": letters.LABELS[kind], "href": f"/office/interviews/{interview_id}/notices/{kind}"}
            for kind in await letters.available(uow, found)
        ],
        "files": report_files(f"/office/interviews/{interview_id}/report") if status in reports.OVER else [],
        "log": await _log(uow, interview_id),
        "people": await programme_list.of_interview(uow, found),
        "waivers": {
            "can": status in (S.PLANNED, S.ANNOUNCED, S.LIVE) and not found.rehearsal,
            "asked": await waiver_requests.of_interview(uow, interview_id),
            "kinds": list(waiver_requests.ASKABLE.items()),
            "words": waiver_requests.ASKABLE,
        },
        "shelf": None if found.rehearsal else await material_rows.for_keepers(uow, found, "office"),
    }


def _can(found: Interview, status: S, now: datetime) -> dict[str, bool]:
    """Which of the page's acts are open now."""
    return {
        "announce": status is S.PLANNED,
        "forward": status is S.ANNOUNCED,
        "venue": status in (S.PLANNED, S.ANNOUNCED),
        "open": status is S.ANNOUNCED and found.starts_at <= now < found.ends_at,
        "summary": status is S.ENDED,
        "remove": "question.remove" in REGISTRY,
        "enter": status in (S.ANNOUNCED, S.LIVE) and not found.rehearsal,
    }


async def _dated(uow: UnitOfWork, found: Interview) -> dict[str, Any]:
    """What is owed for an interview, with whom to call and what can be pressed, and what was owed before."""
    owed = [(duty, found) for duty in await duties.of_interview(uow, found.id or 0)]
    before = [(duty, found) for duty in await duties.history(uow, found.id or 0)]
    names, calendar = await ledger.body_names(uow), await workdays.present(uow)
    calls, urging = await body_contacts.first_of(uow), (await duty_acts.acts(uow, owed, [])).urging
    return {
        "duties": ledger.duty_rows(owed, names, uow.now, calendar, act=urging, calls=calls),
        "history": ledger.duty_rows(before, names, uow.now, calendar),
    }


_ACTS = {
    "interview.schedule": "排进计划",
    "interview.host": "改了主持人",
    "content.tell": "答复单位报来内容",
    "interview.announce": "发布预告",
    "questions.forward": "转交问题",
    "venue.tell": "告知地点",
    "guests.tell": "答复单位报来参加人员",
    "interview.change": "改期或者改题目",
    "interview.cancel": "取消",
    "waiver.ask": "向主管部门申请例外",
    "waiver.grant": "登记例外",
    "waiver.refuse": "主管部门没有同意例外",
    "interview.open": "访谈开始",
    "interview.extend": "延长",
    "interview.close": "访谈结束",
    "material.attach": "加上一份资料",
    "material.remove": "撤下一份资料",
    "report.draft": "拟好一版汇总报告",
    "report.sign": "核签汇总报告",
    "summary.send": "报送汇总",
    "interview.archive": "归档",
}


async def _log(uow: UnitOfWork, interview_id: int) -> list[dict[str, Any]]:
    query = (
        select(AuditEntry)
        .where(col(AuditEntry.subject) == f"interview:{interview_id}", col(AuditEntry.act).in_(_ACTS))
        .order_by(col(AuditEntry.seq))
    )
    return [{"at": one.at, "text": _ACTS[one.act]} for one in await uow.db.scalars(query)]
