"""The yearly and quarterly figures (年度、季度数据): on a page, in Word and as JSON; and that they were filed."""

import asyncio
import json
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Role
from interviews import figures, plots, yearly_duties
from web import forms, yearly
from web.keys import UNITS
from web.pages import Page, flash, render, site
from web.routes.api import number_in
from web.routes.gate import staff_of
from web.routes.public import see_other
from web.yearly import Report

routes = web.RouteTableDef()

PATH = "/office/yearly"
READERS = (Role.OFFICE, Role.SUPERVISOR)
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def _wanted(request: web.Request, uow: UnitOfWork) -> tuple[int, int | None]:
    today = office_date(uow.now)
    return number_in(request, "year", None, 2000, 2200) or today.year, number_in(
        request, "quarter", None, 1, 4
    )


@routes.get(PATH)
async def yearly_page(request: web.Request) -> web.Response:
    """The figures of a year or a quarter, part by part, and the reports' days."""
    return await _page(request, forms.Form(), HTTPStatus.OK)


async def _page(request: web.Request, form: forms.Form, status: int, of: int | None = None) -> web.Response:
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        year, quarter = _wanted(request, uow) if of is None else (of, None)
        report = await yearly.report(uow, year, quarter)
        owed = await yearly_duties.of_years(uow, (year,))
        today = office_date(uow.now)
        known = sorted({*await figures.years(uow), today.year}, reverse=True)
    asked = f"year={year}" + (f"&quarter={quarter}" if quarter else "")
    context = {
        "r": report,
        "years": known,
        "quarters": yearly.QUARTERS,
        "written": yearly.written,
        "plot": _plotted(report),
        "quarter_heads": yearly.QUARTER_HEADS,
        "quarter_rows": yearly.quarter_rows(report),
        "owed": owed,
        "today": today,
        "may_file": actor.role is Role.OFFICE,
        "word": f"{PATH}.docx?{asked}",
        "json": f"{PATH}.json?{asked}",
        "form": form,
    }
    about = Page("年度和季度数据", room="staff", path=PATH)
    return await render(request, "office_yearly.html", context, page=about, status=status)


def _plotted(report: Report) -> dict[str, str] | None:
    drawn = yearly.plot(report)
    src = f"{PATH}/quarters.svg?year={report.year}"
    return {"src": src, "told": yearly.told(drawn), "title": drawn["title"]} if drawn else None


async def _report(request: web.Request) -> Report:
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        return await yearly.report(uow, *_wanted(request, uow))


def _sent(body: bytes, kind: str, report: Report, ending: str) -> web.Response:
    plain = f"figures-{report.year}{f'-q{report.quarter}' if report.quarter else ''}.{ending}"
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(report.title)}.{ending}"
    return web.Response(body=body, content_type=kind, headers={"Content-Disposition": named})


@routes.get(f"{PATH}.docx")
async def word(request: web.Request) -> web.Response:
    """The same in Word."""
    report = await _report(request)
    body = await asyncio.to_thread(yearly.to_docx, report, site().office)
    return _sent(body, WORD, report, "docx")


@routes.get(f"{PATH}/quarters.svg")
async def quarters(request: web.Request) -> web.Response:
    """The quarters of a year as a picture; the page has the same numbers in a table."""
    found = yearly.plot(await _report(request))
    if found is None:
        return web.Response(text="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml")
    return web.Response(body=await asyncio.to_thread(plots.draw, found, "svg"), content_type="image/svg+xml")


@routes.get(f"{PATH}.json")
async def plain(request: web.Request) -> web.Response:
    """The same as JSON."""
    report = await _report(request)
    body = json.dumps(report.to_dict(), ensure_ascii=False, indent=1).encode()
    return _sent(body, "application/json", report, "json")


@routes.post(PATH)
async def filed(request: web.Request) -> web.Response:
    """Say that a report was filed."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    kind, sent = str(typed.get("kind", "")), str(typed.get("year", ""))
    year = int(sent) if sent.isascii() and sent.isdecimal() and len(sent) == len("2026") else 0
    try:
        async with request.app[UNITS].act(actor) as uow:
            row = await yearly_duties.file_report(uow, kind, year, str(typed.get("evidence", "")))
    except Refusal as refusal:
        kept = {name: value for name, value in typed.items() if name != "csrf"}
        errors = {"evidence": refusal.message} if refusal.code.startswith("text.") else {}
        form = forms.Form(kept, errors, refusal.message, f"{kind}.{year}")
        return await _page(request, form, refusal.status, year if 2000 <= year <= 2200 else None)
    response = see_other(f"{PATH}?year={year}")
    late = (row.filed_on - yearly_duties.KINDS[kind].due(year)).days
    words = f"登记了，晚了{late}天。" if late > 0 else "登记了，按时。"
    flash(request, response, "good", words)
    return response
