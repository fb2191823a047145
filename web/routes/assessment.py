"""The assessment (考评): filled, fixed and published at /supervise, one's own at /desk, the result for everybody."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from aiohttp import web
from aiohttp.web_request import FileField

from base import file_kinds, files
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.file_kinds import DOCUMENTS, PICTURES, SIZE_LIMIT, Attachment
from base.people import Actor, Role
from interviews import assessment, assessment_entries, assessment_result, plots, schemes
from interviews.assessment_entries import Found, Own
from web import assessing, assessment_paper, forms, overtaken, working_list
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

HERE, DESK = "/supervise/assessment", "/desk/assessment"
YEAR = "{year:\\d{4}}"
PAPERS = DOCUMENTS | PICTURES
FILE_POLICY = "default-src 'none'; sandbox"
_CODES = {
    "assessment.item": "item",
    "assessment.day": "on",
    "assessment.times": "times",
    "assessment.points": "points",
    "assessment.why": "why",
    "assessment.half": "half",
    "assessment.year": "year",
    "scheme.unknown": "scheme",
}
_TEXTS = {
    "发现的问题": "text",
    "不计的理由": "reason",
    "评估机构": "by",
    "自查的情况": "text",
    "异议的理由": "reason",
}
Verb = Callable[[UnitOfWork], Awaitable[object]]


def _year(request: web.Request) -> int:
    return path_number(request, "year")


def _body(request: web.Request) -> int:
    return path_number(request, "body")


# The years


@routes.get(HERE)
async def year_list(request: web.Request) -> web.Response:
    """Every year that was opened, and the form that opens one."""
    return await _years(request, forms.Form(), HTTPStatus.OK)


async def _years(request: web.Request, form: forms.Form, status: int) -> web.Response:
    actor = staff_of(request, Role.SUPERVISOR)
    async with request.app[UNITS].read(actor) as uow:
        found = [await assessing.standing(uow, one) for one in await assessment.years(uow)]
        this = office_date(uow.now).year
    context = {
        "years": found,
        "this": this,
        "schemes": [(one.id, f"{one.title}：{one.source}") for one in schemes.available()],
        "form": form,
    }
    return await render(
        request, "assessment_years.html", context, page=Page("考评", room="staff", path=HERE), status=status
    )


@routes.post(HERE)
async def open_year(request: web.Request) -> web.Response:
    """Begin a year."""
    actor = staff_of(request, Role.SUPERVISOR)
    typed = await forms.posted(request)
    wanted = str(typed.get("year", "")).strip()
    year = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) == len("2026") else 0
    try:
        async with request.app[UNITS].act(actor) as uow:
            await assessment.open_year(uow, year, str(typed.get("scheme", "")))
    except Refusal as refusal:
        return await _years(request, _again(refusal, typed, "open"), refusal.status)
    return _said(
        request, f"{HERE}/{year}", f"{year}年的考评开始了。平台上记着的逾期和没有办的，已经列在各单位名下。"
    )


# A year


@routes.get(f"{HERE}/{YEAR}")
async def year_page(request: web.Request) -> web.Response:
    """The table of a year's bodies."""
    return await _table(request, forms.Form(), HTTPStatus.OK)


async def _table(request: web.Request, form: forms.Form, status: int) -> web.Response:
    actor, year = staff_of(request, Role.SUPERVISOR), _year(request)
    async with request.app[UNITS].read(actor) as uow:
        found = await assessment.of_year(uow, year)
        lines = await assessing.lines(uow, found, f"{HERE}/{year}")
        context = await assessing.standing(uow, found)
    scheme, path = context["scheme"], f"{HERE}/{year}"
    columns, filters = assessing.columns(scheme), assessing.filters(scheme)
    wanted = working_list.asked(request.query, columns, filters)
    context |= {"l": working_list.drawn(path, columns, filters, lines, wanted), "form": form}
    context |= _plotted(year, lines, f"{path}/scores.svg")
    about = Page(f"{year}年考评", room="staff", path=path)
    return await render(request, "assessment_year.html", context, page=about, status=status)


def _plotted(year: int, lines: Sequence[working_list.Line], src: str) -> dict[str, Any]:
    """The picture of the scores for a page: where it is, how high beside 600 wide, and what it shows in words."""
    drawn = assessment_paper.plot(year, lines)
    if drawn is None:
        return {"plot": None}
    wide, high = plots.inches(drawn)
    told = assessment_paper.told(drawn)
    return {"plot": {"src": src, "told": told, "title": drawn["title"], "high": round(600 * high / wide)}}


@routes.get(f"{HERE}/{YEAR}.xlsx")
async def year_file(request: web.Request) -> web.Response:
    """The same lines as an Excel file."""
    actor, year = staff_of(request, Role.SUPERVISOR), _year(request)
    async with request.app[UNITS].read(actor) as uow:
        found = await assessment.of_year(uow, year)
        lines = await assessing.lines(uow, found, f"{HERE}/{year}")
    scheme = schemes.load(found.scheme)
    columns, filters = assessing.columns(scheme), assessing.filters(scheme)
    wanted = working_list.asked(request.query, columns, filters)
    chosen = working_list.chosen(lines, wanted, filters)
    title = f"{year}年考评"
    body = await asyncio.to_thread(working_list.to_xlsx, title, columns, chosen, wanted)
    headers = {
        "Content-Disposition": f"attachment; filename=\"assessment-{year}.xlsx\"; filename*=UTF-8''{quote(title)}.xlsx"
    }
    return web.Response(body=body, content_type=working_list.XLSX, headers=headers)


@routes.post(f"{HERE}/{YEAR}/{{act:fix|publish}}")
async def year_act(request: web.Request) -> web.Response:
    """Fix the result, or let everybody read it."""
    actor, year = staff_of(request, Role.SUPERVISOR), _year(request)
    typed = await forms.posted(request)
    fixing = request.match_info["act"] == "fix"
    verb = assessment_result.fix if fixing else assessment_result.publish
    try:
        async with request.app[UNITS].act(actor) as uow:
            await verb(uow, year)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _table(request, _again(refusal, typed, request.match_info["act"]), refusal.status)
    said = (
        "结果定了。各单位现在能看到自己的总分，可以提一次异议。"
        if fixing
        else "公布了，谁都能看到，网址可以发给各单位。"
    )
    return _said(request, f"{HERE}/{year}", said)


# A body's sheet


@routes.get(f"{HERE}/{YEAR}/{{body:\\d+}}")
async def sheet_page(request: web.Request) -> web.Response:
    """One body's sheet, as the supervisor fills it."""
    return await _sheet(
        request, staff_of(request, Role.SUPERVISOR), _body(request), forms.Form(), HTTPStatus.OK
    )


@routes.get(f"{DESK}/{YEAR}")
async def own_page(request: web.Request) -> web.Response:
    """One's own sheet."""
    actor = staff_of(request, Role.CLERK)
    return await _sheet(request, actor, actor.body_id or 0, forms.Form(), HTTPStatus.OK)


async def _sheet(
    request: web.Request, actor: Actor, body: int, form: forms.Form, status: int
) -> web.Response:
    year = _year(request)
    async with request.app[UNITS].read(actor) as uow:
        one = await assessment.sheet(uow, year, body)
        context = await assessing.standing(uow, one.assessment)
        context |= {"s": assessing.sheet_of(one, office_date(uow.now)), "form": form}
    own = actor.role is Role.CLERK
    path = f"{DESK}/{year}" if own else f"{HERE}/{year}/{body}"
    about = Page(f"{year}年考评：{one.name}", room="staff", path=path)
    template = "assessment_own.html" if own else "assessment_sheet.html"
    return await render(request, template, context | {"at": path}, page=about, status=status)


_ENTRIES = "find|aside|third|check|answer"
_ENTERED = {
    "find": "记上了，扣分已经算进去。",
    "aside": "这一个不计了，理由留在表上，单位也看得到。",
    "third": "记上了第三方评估的分数，总分已经算上。结果定以前还能改。",
    "check": "核定了，总分已经算上，单位看得到。结果定以前还能改。",
    "answer": "答复了异议，单位看得到。",
}


@routes.post(f"{HERE}/{YEAR}/{{body:\\d+}}/{{act:{_ENTRIES}}}")
async def entered(request: web.Request) -> web.Response:
    """What the supervisor enters for a body."""
    actor = staff_of(request, Role.SUPERVISOR)
    typed = await forms.posted(request)
    act, year, body = request.match_info["act"], _year(request), _body(request)
    try:
        verb = await _entry(request, act, year, body, typed)
        async with request.app[UNITS].act(actor) as uow:
            await _check(uow, act, year, body, typed)
            await verb(uow)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        mark = f"{act}.{typed.get('ref') or typed.get('half') or ''}".rstrip(".")
        return await _sheet(request, actor, body, _again(refusal, typed, mark), refusal.status)
    return _said(request, f"{HERE}/{year}/{body}", _ENTERED[act])


async def _check(uow: UnitOfWork, act: str, year: int, body: int, typed: forms.Typed) -> None:
    """Refuse where somebody else wrote on the sheet after the form was drawn."""
    if any(name.startswith(overtaken.PREFIX) for name in typed):
        one = await assessment.sheet(uow, year, body)
        overtaken.check(typed, assessing.kept_words(one, act, _count(str(typed.get("half", "")))))


async def _entry(request: web.Request, act: str, year: int, body: int, typed: forms.Typed) -> Verb:
    words = {name: str(value) for name, value in typed.items()}

    def said(name: str) -> str:
        return words.get(name, "")

    if act == "find":
        found = Found(
            said("item"), said("text"), _day(said("on")), _count(said("times")), await _attachment(request)
        )
        return lambda uow: assessment_entries.find(uow, year, body, found)
    if act == "aside":
        return lambda uow: assessment_entries.set_aside(uow, year, body, said("ref"), said("reason"))
    if act == "third":
        return lambda uow: assessment_entries.enter_third(uow, year, body, said("points"), said("by"))
    if act == "check":
        half = _count(said("half"))
        return lambda uow: assessment_entries.check_self(uow, year, body, half, said("points"), said("why"))
    return lambda uow: assessment_result.answer_objection(uow, year, body, said("answer"), said("points"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refusal("assessment.day", "请写上发现问题的日子。", status=400) from None


def _count(text: str) -> int:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 4 else 0


async def _attachment(request: web.Request) -> Attachment | None:
    sent = (await request.post()).get("file")
    if not isinstance(sent, FileField) or not sent.filename:
        return None
    with sent.file:
        content = await asyncio.to_thread(sent.file.read, SIZE_LIMIT + 1)
    return await asyncio.to_thread(file_kinds.read, sent.filename, content, PAPERS)


# What a body does


@routes.get(DESK)
async def own_years(request: web.Request) -> web.Response:
    """The years in which one's body is assessed."""
    actor = staff_of(request, Role.CLERK)
    async with request.app[UNITS].read(actor) as uow:
        found = [
            await assessing.standing(uow, one)
            for one in await assessment.years(uow)
            if actor.body_id in {body.id for body in await assessment.assessed(uow, one.year)}
        ]
    about = Page("考评", room="staff", path=DESK)
    return await render(request, "assessment_own_years.html", {"years": found}, page=about)


@routes.post(f"{DESK}/{YEAR}/{{act:self|object}}")
async def own_act(request: web.Request) -> web.Response:
    """Hand in one's own assessment of half a year, or object to the result."""
    actor, year = staff_of(request, Role.CLERK), _year(request)
    typed = await forms.posted(request)
    act, half = request.match_info["act"], _count(str(typed.get("half", "")))
    try:
        paper = await _attachment(request) if act == "self" else None
        async with request.app[UNITS].act(actor) as uow:
            if act == "self":
                await _check(uow, act, year, actor.body_id or 0, typed)
                own = Own(half, str(typed.get("points", "")), str(typed.get("text", "")), paper)
                late = (await assessment_entries.hand_in(uow, year, own)).late
                said = (
                    "报上去了。这一次过了最后一天，记着晚报。"
                    if late
                    else "报上去了，等主管部门核定。核定以前还能改。"
                )
            else:
                await assessment_result.object_to(uow, year, str(typed.get("reason", "")))
                said = "异议交上去了，主管部门答复以后在这里看得到。"
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        mark = f"self.{half}" if act == "self" else act
        form = _again(refusal, typed, mark)
        return await _sheet(request, actor, actor.body_id or 0, form, refusal.status)
    return _said(request, f"{DESK}/{year}", said)


@routes.get(f"{HERE}/{YEAR}/{{act:fix|publish}}")
@routes.get(f"{HERE}/{YEAR}/{{body:\\d+}}/{{act:{_ENTRIES}}}")
@routes.get(f"{DESK}/{YEAR}/{{act:self|object}}")
async def not_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the page on which the form stands."""
    staff_of(request, Role.CLERK if request.path.startswith(DESK) else Role.SUPERVISOR)
    return see_other(request.path.rpartition("/")[0])


# Documents


@routes.get(f"/{{room:supervise|desk}}/assessment/{YEAR}/{{body:\\d+}}/papers/{{of:finding|self}}/{{n:\\d+}}")
async def paper(request: web.Request) -> web.Response:
    """A document that stands beside a problem or a self-assessment."""
    actor = staff_of(request, Role.SUPERVISOR if request.match_info["room"] == "supervise" else Role.CLERK)
    number, of = path_number(request, "n"), request.match_info["of"]
    async with request.app[UNITS].read(actor) as uow:
        one = await assessment.sheet(uow, _year(request), _body(request))
        rows: list[Any] = [row for row in one.findings if row.id == number]
        if of == "self":
            rows = [row for row in one.halves if row is not None and row.half == number]
        if not rows or rows[0].file_id is None:
            raise missing("这份材料")
        content = await files.content_of(uow, rows[0].file_id)
        name = quote(rows[0].file_name or "file", safe="")
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": f"attachment; filename=\"paper\"; filename*=UTF-8''{name}",
        "Content-Security-Policy": FILE_POLICY,
        "X-Content-Type-Options": "nosniff",
    }
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)


# The published result


@routes.get(f"/assessment/{YEAR}")
async def published(request: web.Request) -> web.Response:
    """The result of a year for everybody, once the supervisor has published it."""
    async with request.app[UNITS].read() as uow:
        found = await assessment.of_year(uow, _year(request))
        if found.published_at is None or found.result is None:
            raise missing("这一年的考评结果")
        context = await assessing.standing(uow, found)
    scheme = context["scheme"]
    lines = [assessing.fixed_line(one, None) for one in found.result]
    lines.sort(key=lambda one: str(one.cells["name"]))
    shown = [one for one in assessing.columns(scheme) if one.name not in ("problems", "lacking")]
    context |= {
        "heads": shown,
        "rows": [[working_list.written(one.cells.get(head.name)) for head in shown] for one in lines],
    }
    context |= _plotted(found.year, lines, f"/assessment/{found.year}/scores.svg")
    about = Page(
        f"{found.year}年网上访谈考评结果",
        description=f"{found.year}年各单位网上访谈工作的考评结果和所依据的办法。",
        pub_date=found.published_at,
    )
    return await render(request, "assessment_public.html", context, page=about)


def _again(refusal: Refusal, typed: forms.Typed, act: str) -> forms.Form:
    place = _CODES.get(refusal.code)
    if refusal.code.startswith("text."):
        place = next(
            (field for words, field in _TEXTS.items() if refusal.message.startswith(words)), "answer"
        )
    if refusal.code.startswith("file."):
        place = "file"
    kept = {name: value for name, value in typed.items() if name != "csrf"}
    return forms.Form(kept, {place: refusal.message} if place else {}, refusal.message, act)


def _said(request: web.Request, where: str, words: str) -> web.Response:
    response = see_other(where)
    flash(request, response, "good", words)
    return response
