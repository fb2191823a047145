"""The year's programme as the office plans it: the list, the meter, files in and out, proposed dates, the change log."""

import asyncio
import json
from collections.abc import Sequence
from datetime import date, time
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Body, Role
from interviews import body_names, bookings, forecast, law, plan_files, proposals, workdays
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, IssuedPlan
from interviews.plan_tables import COLUMNS, TITLES, Line, read_table
from web import forms, rows
from web.filters import read as moment_of
from web.forms import Form
from web.keys import SETTINGS, UNITS
from web.pages import Page, flash, render
from web.routes.gate import draws, form_of, staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PATH = "/office/programme"
FIRST_YEAR, LAST_YEAR = 2000, 2099
KINDS = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_LINES = TypeAdapter(list[tuple[int, list[str]]])


@routes.get(PATH)
async def programme(request: web.Request) -> web.Response:
    """The programme of a year, or of one month of it."""
    return await _page(request, Form(), 200)


@draws(PATH)
async def _again(request: web.Request, _number: int, form: Form, status: int) -> web.Response:
    return await _page(request, form, status)


async def _page(
    request: web.Request,
    form: Form,
    status: int,
    preview: Sequence[plan_files.PlanRow] | None = None,
) -> web.Response:
    actor = staff_of(request, Role.OFFICE, Role.SUPERVISOR)
    async with request.app[UNITS].read(actor) as uow:
        year = _whole(request, "year", FIRST_YEAR, LAST_YEAR) or office_date(uow.now).year
        month = _whole(request, "month", 1, 12)
        context = await _planned(request, uow, year, month)
        try:
            context["proposed"] = await _proposed(request, uow, year)
        except Refusal as refusal:
            context["proposed"], status = None, refusal.status
            form = Form(dict(request.query), {}, refusal.message, "propose")
    context |= form_of(form) | {
        "can_plan": actor.role is Role.OFFICE,
        "asked": _asked(request, year),
        "preview": None if preview is None else _shown(preview),
    }
    about = Page(f"{year}年访谈计划", room="staff", path=PATH)
    return await render(request, "office_programme.html", context, page=about, status=status)


def _whole(request: web.Request, name: str, least: int, most: int) -> int | None:
    """A whole number of the address, ``None`` where it is missing or makes no sense."""
    text = request.query.get(name, "")
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 5 else 0
    return number if least <= number <= most else None


# The list


async def _planned(request: web.Request, uow: UnitOfWork, year: int, month: int | None) -> dict[str, Any]:
    regulation = rows.regulation_of(request)
    query = select(Interview).where(col(Interview.year) == year)
    every = list(await uow.db.scalars(query.order_by(col(Interview.starts_at), col(Interview.id))))
    kept = [one for one in every if one.status != InterviewStatus.CANCELLED]
    by_month = dict.fromkeys(range(1, 13), 0)
    for one in kept:
        by_month[office_date(one.starts_at).month] += 1
    chosen = [one for one in every if month is None or office_date(one.starts_at).month == month]
    url = "/office/interviews/{id}" if uow.actor.role is Role.OFFICE else "/interviews/{id}"
    listed = await rows.interview_rows(uow, chosen, rows.presence(request), url)
    groups: dict[int, list[rows.Row]] = {}
    for row in listed:
        groups.setdefault(office_date(row["starts_at"]).month, []).append(row)
    checked = await forecast.check(uow, year, regulation)
    of_month = f"?month={month}" if month else ""
    months = [("", "全年", len(kept)), *((str(n), f"{n}月", count) for n, count in by_month.items())]
    return {
        "year": year,
        "month": month,
        "years": await _years(uow, year),
        "months": rows.filters(months, str(month or ""), f"{PATH}?year={year}&month={{}}"),
        "groups": [{"month": number, "rows": found} for number, found in groups.items()],
        "meter": await rows.year_sum(uow, year, regulation),
        "pace": checked.meter.pace if year == office_date(uow.now).year else None,
        "expected": checked.meter.expected,
        "problems": [problem.to_dict() for problem in checked.problems],
        "files": [
            {"label": "Excel文件", "href": f"{PATH}/{year}.xlsx{of_month}"},
            {"label": "CSV文件", "href": f"{PATH}/{year}.csv{of_month}"},
        ],
        "changes": await rows.plan_changes(uow, year),
        "columns": TITLES.values(),
        **await _choices(uow),
    }


async def _years(uow: UnitOfWork, year: int) -> list[dict[str, Any]]:
    today = office_date(uow.now).year
    grouped = select(col(Interview.year), func.count(col(Interview.id))).group_by(col(Interview.year))
    counted = {number: int(count) for number, count in await uow.db.execute(grouped)}
    listed = sorted({*counted, today, today + 1, year}, reverse=True)
    options = [(str(number), f"{number}年", counted.get(number, 0)) for number in listed]
    return rows.filters(options, str(year), f"{PATH}?year={{}}")


async def _choices(uow: UnitOfWork) -> dict[str, Any]:
    answering = select(Body).where(*body_names.ANSWERING)
    found = await uow.db.scalars(answering.order_by(col(Body.id)))
    return {"bodies": [{"id": body.id, "name": body.name} for body in found]}


# Files


@routes.get(PATH + "/{year:[0-9]{4}}.{kind:xlsx|csv}")
async def exported(request: web.Request) -> web.Response:
    """The plan of a year or a month as a file."""
    actor = staff_of(request, Role.OFFICE, Role.SUPERVISOR)
    year, kind = int(request.match_info["year"]), request.match_info["kind"]
    month = _whole(request, "month", 1, 12)
    async with request.app[UNITS].read(actor) as uow:
        content = await plan_files.export(uow, kind, year, month)
    name = f"plan-{year}-{month:02}" if month else f"plan-{year}"
    headers = {"Content-Type": KINDS[kind], "Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return web.Response(body=content, headers=headers)


@routes.post(PATH + "/import")
async def previewed(request: web.Request) -> web.Response:
    """A file's rows with their problems; nothing is changed yet."""
    actor = staff_of(request, Role.OFFICE)
    sent = (await request.post()).get("file")
    try:
        if not isinstance(sent, web.FileField) or not sent.filename:
            raise Refusal("plan.file", "请选一个文件再看。", status=400)
        # Reading a hostile file may take a second of work, which no live interview is to wait for.
        lines = await asyncio.to_thread(read_table, sent.file.read(), sent.filename)
        async with request.app[UNITS].read(actor) as uow:
            judged = await plan_files.judged(uow, lines, _regulation(request))
    except Refusal as refusal:
        return await _page(request, forms.refused(refusal, {}, "import"), refusal.status)
    return await _page(request, Form(), 200, judged)


@routes.post(PATH + "/apply")
async def applied(request: web.Request) -> web.Response:
    """Schedule the rows that were shown, all or none; they are judged again first."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    try:
        lines = _sent_lines(str(typed.get("rows", "")))
        async with request.app[UNITS].act(actor) as uow:
            judged = await plan_files.judged(uow, lines, _regulation(request))
            made = await plan_files.apply(uow, judged, _regulation(request))
    except Refusal as refusal:
        return await _page(request, Form({}, {}, refusal.message, "import"), refusal.status)
    starts = [row.starts_at for row in judged if row.starts_at and not row.known]
    response = see_other(f"{PATH}?year={office_date(min(starts)).year}")
    there = sum(row.known for row in judged)
    skipped = f"另有{there}场已经在计划里，没有动。" if there else ""
    flash(request, response, "good", f"{len(made)}场都排进计划了，各件事的日子也排好了。{skipped}")
    return response


@routes.get(PATH + "/import")
@routes.get(PATH + "/apply")
async def nothing_to_read(_request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the programme."""
    return see_other(PATH)


def _regulation(request: web.Request) -> str:
    return request.app[SETTINGS].regulation or law.DEFAULT


def _sent_lines(text: str) -> list[Line]:
    """The rows that the preview put into its form."""
    try:
        found = _LINES.validate_json(text)
    except ValidationError:
        raise Refusal("plan.rows", "预览的内容没有传完整。请重新选文件再看一次。", status=400) from None
    return [Line(number, dict(zip(COLUMNS, cells, strict=False))) for number, cells in found]


def _shown(judged: Sequence[plan_files.PlanRow]) -> dict[str, Any]:
    problems = list(plan_files.problems_of(judged))
    sent = [[row.number, [row.cells.get(name, "") for name in COLUMNS]] for row in judged]
    return {
        "rows": [
            {
                "number": row.number,
                "cells": [row.cells.get(name, "") for name in COLUMNS],
                "known": row.known,
                "problems": [{"text": one.sentence, "blocks": one.blocks} for one in row.problems],
            }
            for row in judged
        ],
        "new": sum(not row.known for row in judged),
        "known": sum(row.known for row in judged),
        "wrong": sum(problem.blocks for problem in problems),
        "doubtful": sum(not problem.blocks for problem in problems),
        "sent": json.dumps(sent, ensure_ascii=False),
    }


# Proposed dates


def _asked(request: web.Request, year: int) -> dict[str, Any]:
    """What the form of proposals says: as it was typed, or the whole year."""
    return {
        "first": request.query.get("first", f"{year}-01-01"),
        "last": request.query.get("last", f"{year}-12-31"),
        "count": request.query.get("count", "3"),
        "start": request.query.get("start", "09:30"),
        "bodies": request.query.getall("bodies", []),
    }


async def _proposed(request: web.Request, uow: UnitOfWork, year: int) -> dict[str, Any] | None:
    """Dates for as many interviews as were asked for, and why other days were passed over."""
    if "propose" not in request.query:
        return None
    regulation = rows.regulation_of(request)
    names = {one["id"]: one["name"] for one in (await _choices(uow))["bodies"]}
    wish = _wish(_asked(request, year), set(names))
    taken = await bookings.between(uow, wish.first, wish.last)
    issued = frozenset(await uow.db.scalars(select(col(IssuedPlan.year)).distinct()))
    calendar = await workdays.present(uow)
    found = proposals.propose(wish, taken, calendar, regulation, office_date(uow.now), issued=issued)
    return {
        "dates": [
            {
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "starts_local": f"{one.starts_at:%Y-%m-%dT%H:%M}",
                "ends_local": f"{one.ends_at:%Y-%m-%dT%H:%M}",
                "body": {"id": one.body_id, "name": names[one.body_id]} if one.body_id else None,
                "provisional": one.provisional,
            }
            for one in found.dates
        ],
        "passed_over": [
            {"first": one.first, "last": one.last, "why": one.why, "article": one.article}
            for one in found.passed_over
            if one.why != "周末"
        ],
        "missing": found.missing,
    }


def _wish(asked: dict[str, Any], known: set[Any]) -> proposals.Wish:
    try:
        first, last = moment_of(asked["first"]), moment_of(asked["last"])
        bodies = tuple(dict.fromkeys(int(one) for one in asked["bodies"]))
        wish = proposals.Wish(
            date(first.year, first.month, first.day),
            date(last.year, last.month, last.day),
            int(asked["count"]),
            bodies,
            time.fromisoformat(asked["start"]).replace(tzinfo=None),
        )
    except ValueError:
        raise Refusal("propose.range", "请写从哪天到哪天、几点开始、要几场。", status=400) from None
    outside = not (wish.first.year >= FIRST_YEAR and wish.last.year < LAST_YEAR)
    if outside or not set(bodies) <= known:
        raise Refusal("propose.range", "日期太远，或者单位没有登记。请重新选。", status=400)
    return wish
