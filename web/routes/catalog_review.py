"""Deciding about an entry: submit, sign, return, withdraw, take down, repeal; and what a month's review came to."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from aiohttp import web
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from base.clock import office_date, utcnow
from base.errors import Refusal, missing
from base.people import Role
from faq import drafts, review, review_steps, revisions
from faq.models import RevisionAction, RevisionStatus
from faq.reviewed import HEADINGS, Reviewed, reviewed, table
from interviews.plan_tables import harmless
from interviews.texts import clean_line
from web import catalog_form, entry_page, signing
from web.catalog_list import PATH
from web.forms import Form, Typed, posted
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.catalog_desk import READERS, WRITERS, show
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

SUCCESSOR_LIMIT = 200
"""Code points of the entry that takes the place of a repealed one."""

CLERKS_PATH = "/desk/catalog"
CLERKS_PAGE = Page("待签的目录", room="staff", path=CLERKS_PATH)
REVIEWED_PAGE = Page("本月审过", room="staff", path=f"{PATH}/reviewed")
_ACTS = "submit|sign|withdraw|retire|repeal"


@routes.get(f"{PATH}/{{id:\\d+}}/{{act:{_ACTS}}}")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the entry."""
    staff_of(request, *READERS)
    return see_other(f"{PATH}/{path_number(request)}")


# What is on its way


@routes.post(f"{PATH}/{{id:\\d+}}/submit")
async def submit(request: web.Request) -> web.Response:
    """Send what was drafted into the review."""
    actor = staff_of(request, *WRITERS)
    number, typed = path_number(request), await posted(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            await review.submit(uow, await _open(uow, number), seen=str(typed.get("seen", "")))
    except Refusal as refusal:
        return await _again(request, number, refusal, typed, "submit")
    return _done(request, number, "送审了。下一步由谁签，写在下面；签完最后一步才公开。")


@routes.post(f"{PATH}/{{id:\\d+}}/sign")
async def sign(request: web.Request) -> web.Response:
    """Sign the step that comes next, or return what was proposed."""
    actor = staff_of(request, *READERS)
    number, typed = path_number(request), await posted(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            one = await review.sign(
                uow, await _open(uow, number), *_decided(typed), seen=typed.get("seen", "")
            )
    except Refusal as refusal:
        return await _again(request, number, refusal, typed, "sign")
    return _done(request, number, _signed_words(one.status))


@routes.post(f"{PATH}/{{id:\\d+}}/withdraw")
async def withdraw(request: web.Request) -> web.Response:
    """End what is on its way; what is public stays."""
    actor = staff_of(request, *WRITERS)
    number = path_number(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            await review.withdraw(uow, await _open(uow, number))
    except Refusal as refusal:
        return await _again(request, number, refusal, {}, "withdraw")
    return _done(request, number, "撤回了，公开的内容没有变。要再办，可以重新起草。")


@routes.post(f"{PATH}/{{id:\\d+}}/{{act:retire|repeal}}")
async def end(request: web.Request) -> web.Response:
    """Propose to take an entry down, or that it loses its force on a day, and send that into the review."""
    actor = staff_of(request, *WRITERS)
    number, typed = path_number(request), await posted(request)
    action = RevisionAction(request.match_info["act"])
    try:
        async with request.app[UNITS].act(actor) as uow:
            row = None
            if action is RevisionAction.REPEAL:
                entry = await revisions.find_entry(uow.db, number)
                successor = clean_line(str(typed.get("successor", "")), SUCCESSOR_LIMIT, "由哪一条代替")
                row = replace(drafts.of_entry(entry).row, repealed_on=_day(typed), successor=successor)
            one = await review.propose(uow, number, action, row, str(typed.get("reason", "")))
            await review.submit(uow, one.id or 0)
    except Refusal as refusal:
        return await _again(request, number, refusal, typed, action.value)
    return _done(request, number, f"{review.ACTIONS[action]}送审了。签完最后一步才生效，这以前还是公开的。")


def _day(typed: Typed) -> date | None:
    try:
        return date.fromisoformat(str(typed.get("repealed_on", "")).strip())
    except ValueError:
        return None


async def _open(uow: Any, number: int) -> int:
    """The revision of an entry that is on its way.

    Raises:
        Refusal: ``review.not_open`` where it is over by now; ``not_found``.
    """
    await revisions.find_entry(uow.db, number)
    found = await revisions.open_of(uow.db, number)
    if found is None:
        raise Refusal("review.not_open", "这一份已经办完了，或者撤回了。请看下面现在的内容。")
    return found.id or 0


def _decided(typed: Typed) -> tuple[bool, str]:
    return typed.get("decision") == "pass", str(typed.get("comment", ""))


def _signed_words(status: str) -> str:
    if status == RevisionStatus.DONE:
        return "签好了，这是最后一步，已经生效。机器人从现在起照新的内容回答。"
    return (
        "退回了，起草人改好再送来。"
        if status == RevisionStatus.RETURNED
        else "签好了，已经到下一步，等谁签写在下面。"
    )


def _done(request: web.Request, number: int, words: str) -> web.Response:
    response = see_other(f"{PATH}/{number}")
    flash(request, response, "good", words)
    return response


async def _again(request: web.Request, number: int, refusal: Refusal, typed: Typed, act: str) -> web.Response:
    if refusal.status == 404:
        raise refusal
    return await show(request, number, catalog_form.again(refusal, typed, act), refusal.status)


# For the clerks of the organisation that answered


@routes.get(CLERKS_PATH)
async def clerks_page(request: web.Request) -> web.Response:
    """What waits for the signature of one's own organisation."""
    return await show_clerks(request, Form())


async def show_clerks(
    request: web.Request,
    form: Form,
    *,
    signed: signing.Signed | None = None,
    wanted: signing.Wanted | None = None,
    status: int = 200,
) -> web.Response:
    """The clerk's list; after several were signed, with what became of them."""
    actor = staff_of(request, Role.CLERK)
    async with request.app[UNITS].read(actor) as uow:
        waiting = await revisions.waiting_for(uow)
        shown = waiting[: signing.AT_ONCE]
        pairs = [(one, await revisions.find_entry(uow.db, one.entry_id)) for one in shown]
        listed = await review_steps.steps(uow.db)
    urls = {one.id or 0: f"{CLERKS_PATH}/{one.id}" for one in shown}
    context = {
        "rows": await signing.rows_of(pairs, listed, urls),
        "waiting_count": len(waiting),
        "form": form,
        "became": signing.became(wanted, signed),
    }
    return await render(request, "desk_catalog.html", context, page=CLERKS_PAGE, status=status)


@routes.get(f"{CLERKS_PATH}/{{id:\\d+}}")
async def clerks_revision(request: web.Request) -> web.Response:
    """What is proposed from one's own organisation's answer."""
    return await _for_clerk(request, Form(), 200)


@routes.get(f"{CLERKS_PATH}/{{id:\\d+}}/sign")
async def clerks_nothing(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to what was signed."""
    staff_of(request, Role.CLERK)
    return see_other(f"{CLERKS_PATH}/{path_number(request)}")


async def _for_clerk(request: web.Request, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.CLERK)
    async with request.app[UNITS].read(actor) as uow:
        revision = await revisions.find(uow.db, path_number(request))
        if revision.body_id is None or revision.body_id != actor.body_id:
            raise missing("这一份")
        entry = await revisions.find_entry(uow.db, revision.entry_id)
        context = await entry_page.seen(uow, entry, revision)
    page = Page(context["entry"]["title"], room="staff", path=f"{CLERKS_PATH}/{revision.id}")
    return await render(request, "desk_entry.html", context | {"form": form}, page=page, status=status)


@routes.post(f"{CLERKS_PATH}/{{id:\\d+}}/sign")
async def clerk_signs(request: web.Request) -> web.Response:
    """Sign for the organisation that answered, or return."""
    actor = staff_of(request, Role.CLERK)
    number, typed = path_number(request), await posted(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            one = await review.sign(uow, number, *_decided(typed), seen=typed.get("seen", ""))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return await _for_clerk(request, catalog_form.again(refusal, typed, "sign"), refusal.status)
    response = see_other(CLERKS_PATH)
    flash(request, response, "good", _signed_words(one.status))
    return response


# The month


def _month(request: web.Request) -> tuple[int, int]:
    """The month of the address, ``2026-11``; the present one where it says none that can be."""
    today = office_date(utcnow())
    try:
        asked = datetime.strptime(request.query.get("month", ""), "%Y-%m")  # noqa: DTZ007 - a month on paper
    except ValueError:
        return today.year, today.month
    return (asked.year, asked.month) if 2000 <= asked.year < 2200 else (today.year, today.month)


@routes.get(f"{PATH}/reviewed")
async def reviewed_page(request: web.Request) -> web.Response:
    """What was reviewed in a month, with every signature."""
    actor = staff_of(request, *READERS)
    year, month = _month(request)
    async with request.app[UNITS].read(actor) as uow:
        lines = await reviewed(uow, year, month)
    before = (year - 1, 12) if month == 1 else (year, month - 1)
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    today = office_date(utcnow())
    context = {
        "year": year,
        "month": month,
        "value": f"{year}-{month:02d}",
        "rows": [_line(one) for one in lines],
        "passed": sum(one.result == "通过" for one in lines),
        "returned": sum(one.result == "退回" for one in lines),
        "before": f"{before[0]}-{before[1]:02d}",
        "after": f"{after[0]}-{after[1]:02d}" if (year, month) < (today.year, today.month) else None,
    }
    return await render(request, "office_reviewed.html", context, page=REVIEWED_PAGE)


def _line(one: Reviewed) -> dict[str, Any]:
    return {
        "title": one.title,
        "url": f"{PATH}/{one.entry_id}",
        "index_no": one.index_no,
        "action": one.action,
        "author": one.author,
        "reason": one.reason,
        "result": one.result,
        "signed": [
            {"step": s.step_name, "by": s.person_name, "at": s.at, "passed": s.passed, "comment": s.comment}
            for s in one.signed
        ],
    }


@routes.get(f"{PATH}/reviewed.{{kind:csv|xlsx}}")
async def reviewed_file(request: web.Request) -> web.Response:
    """The month's list as a file for the records; no cell of it is a formula."""
    actor = staff_of(request, *READERS)
    year, month = _month(request)
    async with request.app[UNITS].read(actor) as uow:
        lines = table(await reviewed(uow, year, month))
    kind = request.match_info["kind"]
    body = _csv(lines) if kind == "csv" else _xlsx(lines, f"{year}年{month}月")
    return web.Response(
        body=body,
        content_type="text/csv"
        if kind == "csv"
        else "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"Content-Disposition": f"attachment; filename=reviewed-{year}-{month:02d}.{kind}"},
    )


def _csv(lines: Sequence[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([HEADINGS, *([harmless(cell) for cell in line] for line in lines)])
    return out.getvalue().encode("utf-8-sig")


def _xlsx(lines: Sequence[Sequence[str]], title: str) -> bytes:
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.title = title
    for number, line in enumerate([HEADINGS, *lines], 1):
        for position, text in enumerate(line, 1):
            cell = sheet.cell(number, position)
            cell.value = "".join(char for char in text if char >= " " or char == "\n")
            # Set after the value: a leading = would have made it a formula.
            cell.data_type = "s"
            cell.font = Font(bold=number == 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDEFGH", (18, 40, 8, 12, 30, 48, 8, 18), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
