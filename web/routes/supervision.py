"""The supervisor's lists: bodies, interviews, what was late, deviations and instructions; and a body's instructions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Body, Role
from interviews import body_contacts, instructions, lateness, plots, waiver_requests
from web import body_list, forms, rows, supervision, working_list
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import drawn_again, staff_of
from web.routes.public import see_other
from web.working_list import Column, Filter, Line

routes = web.RouteTableDef()


@dataclass(frozen=True)
class Listed:
    """What a list's page shows: its lines, and what stands beside them."""

    columns: Sequence[Column]
    filters: Sequence[Filter]
    lines: Sequence[Line]
    year: int | None = None
    beside: dict[str, Any] = field(default_factory=dict)


Reader = Callable[[web.Request, UnitOfWork], Awaitable[Listed]]


async def _year(request: web.Request, uow: UnitOfWork) -> tuple[Filter, int]:
    """The filter of years, and the year that the address asks for."""
    years = await supervision.year_filter(uow, "")
    sent = request.query.get("year", "")
    return years, int(sent if sent in {value for value, _ in years.options} else years.fixed or 0)


async def _bodies(request: web.Request, uow: UnitOfWork) -> Listed:
    years, year = await _year(request, uow)
    lines = await supervision.bodies(uow, year)
    return Listed(supervision.BODIES, (years, supervision.BODY_STANDS), lines, year)


async def _interviews(request: web.Request, uow: UnitOfWork) -> Listed:
    years, year = await _year(request, uow)
    lines = await supervision.interviews(uow, year, rows.presence(request))
    return Listed(supervision.INTERVIEWS, (years, supervision.INTERVIEW_STATUS), lines, year)


async def _lateness(request: web.Request, uow: UnitOfWork) -> Listed:
    years, year = await _year(request, uow)
    judged = await lateness.of_year(uow, year)
    sums = [
        {
            "kind": kind,
            "title": title,
            "rows": supervision.sums_of(judged, kind),
            "plot": _beside(supervision.plot(judged, kind), f"/supervise/plots/{kind}.svg?year={year}"),
        }
        for kind, title in (("article", "按条款"), ("body", "按单位"))
    ]
    calls = await body_contacts.first_of(uow)
    filters = (years, supervision.article_filter(judged), supervision.LATE_STANDS)
    return Listed(supervision.LATE, filters, supervision.late_lines(judged, calls), year, {"sums": sums})


def _beside(plot: dict[str, Any] | None, src: str) -> dict[str, str] | None:
    return {"src": src, "told": supervision.told(plot), "title": plot["title"]} if plot else None


async def _waivers(request: web.Request, uow: UnitOfWork) -> Listed:
    years, year = await _year(request, uow)
    asked = [
        {
            "id": one.id,
            "theme": interview.theme,
            "url": f"/interviews/{interview.id}",
            "what": waiver_requests.ASKABLE.get(one.duty, one.duty),
            "reason": one.reason,
            "by": one.by,
            "at": one.at,
        }
        for one, interview in await waiver_requests.undecided(uow)
    ]
    filters = (years, supervision.WAIVER_STANDS)
    return Listed(supervision.WAIVERS, filters, await supervision.waivers(uow, year), year, {"asked": asked})


async def _instructions(request: web.Request, uow: UnitOfWork) -> Listed:
    found = await instructions.listed(uow)
    at = "/desk" if uow.actor.role is Role.CLERK else "/supervise"
    lines = await supervision.instruction_lines(uow, found, f"{at}/instructions/{{id}}")
    named = dict(sorted({line.tags["body"]: str(line.cells["body"]) for line in lines}.items()))
    bodies = Filter("body", "单位", list(named.items()))
    filters = (supervision.INSTRUCTION_STANDS, *([] if uow.actor.role is Role.CLERK else [bodies]))
    return Listed(supervision.INSTRUCTIONS, filters, lines)


_LISTS: dict[str, tuple[str, str, Reader]] = {
    "bodies": (
        "各单位",
        "一年里每个单位办了几场、答了几个、晚了几件、公众怎么评。点单位看它晚了哪些。",
        _bodies,
    ),
    "interviews": ("各场访谈", "一年里的每一场，哪些事办晚了，有没有例外和偏离。", _interviews),
    "lateness": ("晚办和逾期", "到了日子的每一件事：晚了几个工作日办的，哪些还没有办。", _lateness),
    "waivers": ("例外", "申请的、同意的、没有同意的。同意的例外连理由一起公开。", _waivers),
    "instructions": ("督办单", "写给各单位的督办，办到哪一步。不公开。", _instructions),
}
_NAMES = "|".join(_LISTS)


@routes.get(f"/supervise/{{list:{_NAMES}}}")
async def listed(request: web.Request) -> web.Response:
    """One of the lists; what is looked for, the columns and the order stand in the address."""
    return await _page(request, forms.Form(), 200)


async def _page(request: web.Request, form: forms.Form, status: int, name: str = "") -> web.Response:
    name = name or request.match_info["list"]
    actor = staff_of(request, Role.SUPERVISOR)
    title, intro, reader = _LISTS[name]
    async with request.app[UNITS].read(actor) as uow:
        found = await reader(request, uow)
    wanted = working_list.asked(request.query, found.columns, found.filters)
    path = f"/supervise/{name}"
    context = {
        "title": f"{found.year}年：{title}" if found.year else title,
        "intro": intro,
        "l": working_list.drawn(path, found.columns, found.filters, found.lines, wanted),
        "sums": [],
        "asked": [],
        "heads": supervision.SUM_HEADS,
        "may_write": name == "instructions",
        "form": form,
    }
    about = Page(title, room="staff", path=path)
    return await render(request, "supervise_list.html", context | found.beside, page=about, status=status)


@routes.get(f"/supervise/{{list:{_NAMES}}}.xlsx")
async def exported(request: web.Request) -> web.Response:
    """What the address asks for, as an Excel file."""
    actor = staff_of(request, Role.SUPERVISOR)
    title, _, reader = _LISTS[request.match_info["list"]]
    async with request.app[UNITS].read(actor) as uow:
        found = await reader(request, uow)
    return as_file(request, title, request.match_info["list"], found)


def as_file(request: web.Request, title: str, name: str, found: Listed) -> web.Response:
    """A list's lines as the address narrows them, to be saved."""
    wanted = working_list.asked(request.query, found.columns, found.filters)
    lines = working_list.chosen(found.lines, wanted, found.filters)
    return working_list.as_file(working_list.to_xlsx(title, found.columns, lines, wanted), title, name)


@routes.get("/supervise/bodies/{id:\\d+}")
async def one_body(request: web.Request) -> web.Response:
    """One body: whom to call there, and the way to what it was late with and to what it is told to do."""
    actor, number = staff_of(request, Role.SUPERVISOR), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        found = next((one for one in await body_list.every(uow) if one.body.id == number), None)
        if found is None:
            raise missing("这个单位")
        into = await uow.db.get(Body, found.body.merged_into) if found.body.merged_into else None
        context = {
            "name": found.body.name,
            "kind": body_list.KIND_WORDS.get(found.body.kind, found.body.kind),
            "into": {"id": into.id, "name": into.name} if into else None,
            "contacts": found.contacts,
            "instruct": f"{supervision.NEW}?body={number}" if into is None else None,
            "late": f"/supervise/lateness?{urlencode({'q': found.body.name})}",
        }
    about = Page(found.body.name, room="staff", path=f"/supervise/bodies/{number}")
    return await render(request, "supervise_body.html", context, page=about)


@routes.get("/supervise/plots/{plot:article|body}.svg")
async def plot(request: web.Request) -> web.Response:
    """Lateness as a picture; the page has the same numbers in a table."""
    actor = staff_of(request, Role.SUPERVISOR)
    async with request.app[UNITS].read(actor) as uow:
        _, year = await _year(request, uow)
        found = supervision.plot(await lateness.of_year(uow, year), request.match_info["plot"])
    if found is None:
        # Drawn from a page that was opened before everything was put right.
        return web.Response(text="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml")
    drawn = await asyncio.to_thread(plots.draw, found, "svg")
    return web.Response(body=drawn, content_type="image/svg+xml")


# A deviation that the office asked for


@routes.post("/supervise/waivers/{id:\\d+}")
async def decide(request: web.Request) -> web.Response:
    """Grant it with a public reason, or refuse it with one for the office."""
    actor = staff_of(request, Role.SUPERVISOR)
    typed = await forms.posted(request)
    grant, number = typed.get("decision") == "grant", path_number(request)
    try:
        if typed.get("decision") not in ("grant", "refuse"):
            raise Refusal("waiver.decision", "请选同意还是不同意。", status=400)
        async with request.app[UNITS].act(actor) as uow:
            await waiver_requests.decide(uow, number, grant=grant, answer=str(typed.get("answer", "")))
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        errors = {"answer": refusal.message} if refusal.code.startswith("text.") else {}
        form = forms.Form(typed, errors, refusal.message, str(number))
        return await _page(request, form, refusal.status, "waivers")
    response = see_other("/supervise/waivers")
    said = "同意了，例外和理由都公开了。" if grant else "没有同意，理由写给信息办了。"
    flash(request, response, "good", said)
    return response


@routes.get("/supervise/waivers/{id:\\d+}")
async def not_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.SUPERVISOR)
    return see_other("/supervise/waivers")


@routes.post("/office/interviews/{id:\\d+}/waivers")
async def ask(request: web.Request) -> web.Response:
    """The office asks for a deviation."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    number = path_number(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            await waiver_requests.ask(uow, number, str(typed.get("duty", "")), str(typed.get("reason", "")))
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        errors = {"reason": refusal.message} if refusal.code.startswith("text.") else {}
        form = forms.Form(typed, errors, refusal.message, "waiver.ask")
        page = f"/office/interviews/{number}"
        response = await drawn_again(request, page, form, refusal.status)
        if response is None:
            raise
        return response
    response = see_other(f"/office/interviews/{number}")
    flash(request, response, "good", "申请交给主管部门了。定了以后写在这一页上。")
    return response


@routes.get("/office/interviews/{id:\\d+}/waivers")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the interview."""
    staff_of(request, Role.OFFICE)
    return see_other(f"/office/interviews/{path_number(request)}")


# What was told to a body


@routes.get("/desk/instructions")
async def told(request: web.Request) -> web.Response:
    """Every instruction to the clerk's body, those over too."""
    actor = staff_of(request, Role.CLERK)
    async with request.app[UNITS].read(actor) as uow:
        found = await _instructions(request, uow)
    wanted = working_list.asked(request.query, found.columns, found.filters)
    path = "/desk/instructions"
    context = {
        "title": "督办",
        "intro": "主管部门写给本单位的督办，办到哪一步。",
        "l": working_list.drawn(path, found.columns, found.filters, found.lines, wanted),
    }
    about = Page("督办", room="staff", path=path)
    return await render(request, "desk_instructions.html", context, page=about)


@routes.get("/desk/instructions.xlsx")
async def told_as_file(request: web.Request) -> web.Response:
    """The same as an Excel file."""
    actor = staff_of(request, Role.CLERK)
    async with request.app[UNITS].read(actor) as uow:
        found = await _instructions(request, uow)
    return as_file(request, "督办", "instructions", found)
