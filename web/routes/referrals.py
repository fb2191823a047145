"""Referrals from the bot: the receipt's page for the asker, and the office's list with its replies."""

from typing import Any

from aiohttp import web

from base.clock import office_date
from base.errors import Refusal
from base.people import Role
from faq import referrals
from faq.models import Referral
from interviews.deadlines import in_words
from web import rows
from web.forms import Form, posted, refused
from web.keys import UNITS
from web.pages import Page, flash, flashed, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import citizen_of, page_number, see_other

routes = web.RouteTableDef()

PATH = "/office/referrals"
PAGE = Page("找人问", room="staff", path=PATH)


@routes.get("/faq/referrals/{receipt}")
async def referral(request: web.Request) -> web.Response:
    """How far one referral is; what was written and what was replied, for its asker alone."""
    reader = await citizen_of(request)
    async with request.app[UNITS].read(reader) as uow:
        found = await referrals.by_receipt(uow, request.match_info["receipt"])
    own = reader.person_id is not None and found.asker_id == reader.person_id
    said = flashed(request) or {}
    context = {
        "receipt": found.receipt,
        "own": own,
        "submitted": said.get("receipt") == found.receipt,
        "replied": found.status == referrals.REPLIED,
        "created_at": found.created_at,
        "due": in_words(found.due),
        "text": found.text if own else None,
        "reply": found.reply if own else None,
        "replied_by": found.replied_by if own else None,
        "replied_at": found.replied_at,
        "mailed": own and found.contact_sealed is not None,
    }
    about = Page(
        "找人问的一件事",
        description="凭回执编号看找人问的事办到哪一步",
        path=f"/faq/referrals/{found.receipt}",
    )
    return await render(request, "faq_referral.html", context, page=about)


@routes.get(PATH)
async def referral_list(request: web.Request) -> web.Response:
    """What waits for a reply, the overdue first; or what was replied to."""
    return await _list(request, Form(), 200)


async def _list(request: web.Request, form: Form, status: int, of: int = 0) -> web.Response:
    actor = staff_of(request, Role.OFFICE, Role.EDITOR)
    shown = referrals.REPLIED if request.query.get("show") == referrals.REPLIED else referrals.OPEN
    page = page_number(request)
    async with request.app[UNITS].read(actor) as uow:
        found = await referrals.listed(uow, shown, page)
        waiting = await referrals.counts(uow)
        replied = await referrals.count_of(uow, referrals.REPLIED)
        today = office_date(uow.now)
    total = waiting.open if shown == referrals.OPEN else replied
    options = [(referrals.OPEN, "等答复", waiting.open), (referrals.REPLIED, "答复了", replied)]
    context: dict[str, Any] = {
        "rows": [_row(one, one.due < today, one.due == today) for one in found],
        "states": rows.filters(options, shown, f"{PATH}?show={{}}"),
        "late": waiting.late,
        "can_reply": actor.role is Role.OFFICE,
        "workdays": referrals.REPLY_WORKDAYS,
        "pager": rows.pager(page, total, referrals.ON_A_PAGE, f"{PATH}?show={shown}&page="),
        "form": form,
        "form_of": of,
    }
    return await render(request, "office_referrals.html", context, page=PAGE, status=status)


def _row(one: Referral, late: bool, today: bool) -> dict[str, Any]:
    return {
        "id": one.id,
        "receipt": one.receipt,
        "text": one.text,
        "created_at": one.created_at,
        "due": in_words(one.due),
        "late": late,
        "today": today,
        "mail": one.contact_sealed is not None,
        "reply": one.reply,
        "replied_by": one.replied_by,
        "replied_at": one.replied_at,
    }


@routes.post("/office/referrals/{id:\\d+}/reply")
async def reply(request: web.Request) -> web.Response:
    """The office's reply to one referral."""
    actor = staff_of(request, Role.OFFICE)
    typed, number = await posted(request), path_number(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            found = await referrals.reply(uow, number, str(typed.get("text", "")))
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _list(request, refused(refusal, typed), refusal.status, number)
    response = see_other(PATH)
    mail = "已经发邮件给提问人。" if found.contact_sealed else "提问人凭回执编号来看。"
    flash(request, response, "good", f"{found.receipt}答复了，{mail}")
    return response


@routes.get("/office/referrals/{id:\\d+}/reply")
async def back_to_list(request: web.Request) -> web.Response:
    """Where a reply was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE, Role.EDITOR)
    return see_other(PATH)
