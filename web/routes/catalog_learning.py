"""What the desk learns from: what was asked, why the bot said what it said, and the phrasings that people confirmed."""

import csv
import io
from typing import Any

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from faq import confirmed, library
from faq.calibration import TABLE_GAIN
from faq.explanation import Candidate, Explanation
from faq.judgement import Calibration, Outcome
from interviews.plan_tables import harmless
from web import asks_list, rows, working_list
from web.forms import Form
from web.keys import DESK, UNITS
from web.outcomes import OUTCOMES, reason_words
from web.pages import Page, flash, render
from web.routes.catalog_desk import READERS
from web.routes.gate import form_of, staff_of
from web.routes.public import page_number, see_other

routes = web.RouteTableDef()

CATALOG, ASKS, WHY = asks_list.CATALOG, asks_list.PATH, asks_list.WHY
PHRASINGS = f"{CATALOG}/phrasings"
WRITERS = (Role.EDITOR, Role.OFFICE)
ENTRIES_ON_A_PAGE = 10


# What was asked


@routes.get(ASKS)
async def asks_page(request: web.Request) -> web.Response:
    """What was asked, the latest first; what is looked for, the columns and the order stand in the address."""
    actor, listing = staff_of(request, *READERS), asks_list.read(request.query)
    async with request.app[UNITS].read(actor) as uow:
        context = await asks_list.page_of(uow, listing)
    return await render(request, "office_asks.html", context, page=Page("问过的", room="staff", path=ASKS))


@routes.get(f"{ASKS}.xlsx")
async def asks_sheet(request: web.Request) -> web.StreamResponse:
    """What the address asks for, as an Excel file."""
    actor, listing = staff_of(request, *READERS), asks_list.read(request.query)
    parts = asks_list.exported(request.app[UNITS], actor, listing)
    return await working_list.send_xlsx(request, "问过的", "asks", asks_list.COLUMNS, parts, listing.asked)


@routes.get(f"{ASKS}.csv")
async def asks_file(request: web.Request) -> web.Response:
    """The same list as CSV, with every column; no cell of it is a formula."""
    actor, listing = staff_of(request, *READERS), asks_list.read(request.query)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([one.label for one in asks_list.COLUMNS])
    async for lines in asks_list.exported(request.app[UNITS], actor, listing):
        for line in lines:
            cells = [working_list.written(line.cells.get(one.name)) for one in asks_list.COLUMNS]
            writer.writerow([harmless(cell) for cell in cells])
    headers = {"Content-Disposition": "attachment; filename=asks.csv"}
    body = out.getvalue().encode("utf-8-sig")
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


# Why


@routes.get(WHY)
async def why_page(request: web.Request) -> web.Response:
    """What the bot would do with a text and why; the text is not kept."""
    actor = staff_of(request, *READERS)
    text = request.query.get("text", "")
    form, status, shown, state = Form({"text": text}), 200, None, None
    if text.strip():
        try:
            async with request.app[UNITS].read(actor) as uow:
                shown = await request.app[DESK].explain(uow, text)
                state = await library.state(uow.db)
        except Refusal as refusal:
            form = Form({"text": text}, {"text": refusal.message}, refusal.message)
            status = refusal.status
    context = {
        "asked": shown and _explained(shown),
        "gain": f"{TABLE_GAIN * 100:.0f}",
        "made_at": state and f"照目录第{state.calibrated_version}版试的，现在是第{state.version}版。",
    }
    page = Page("为什么这样答", room="staff", path=WHY)
    return await render(request, "office_why.html", context | form_of(form), page=page, status=status)


def _explained(found: Explanation) -> dict[str, Any]:
    judged = found.judgement
    return {
        "outcome": OUTCOMES[judged.outcome],
        "answered": judged.outcome is Outcome.ANSWER,
        "reason": reason_words(judged.reason),
        "confidence": judged.confidence,
        "why": judged.why,
        "facts": judged.facts.reasons(judged.confidence) if judged.facts else (),
        "cut": found.cut,
        "lost": found.lost,
        "candidates": [_candidate(one, judged.entries) for one in found.candidates],
        "calibration": _calibration(found.calibration),
    }


def _candidate(one: Candidate, chosen: tuple[str | int, ...]) -> dict[str, Any]:
    return {
        "title": one.document.question,
        "url": f"{CATALOG}/{one.document.key}",
        "chosen": one.document.key in chosen,
        "parts": one.parts,
        "words": one.words,
        "missing": one.missing,
    }


def _calibration(made: Calibration) -> dict[str, Any]:
    return {
        "trials": made.trials,
        "precision": made.expected_precision,
        "share": made.expected_share,
        "answer_at": made.answer_at,
        "choose_at": made.choose_at,
        "table_weight": made.table_weight,
    }


# Phrasings


@routes.get(PHRASINGS)
async def phrasings_page(request: web.Request) -> web.Response:
    """What people confirmed, entry by entry, with how often its answers were of use; of one where it is named."""
    return await _phrasings(request, Form(), 200)


async def _phrasings(request: web.Request, form: Form, status: int) -> web.Response:
    actor, only = staff_of(request, *READERS), request.query.get("entry", "")
    async with request.app[UNITS].read(actor) as uow:
        found = await confirmed.learnt(uow, int(only) if _is_number(only) else None)
    pager = rows.pager(page_number(request), len(found), ENTRIES_ON_A_PAGE, f"{PHRASINGS}?page=")
    start = (pager["page"] - 1) * ENTRIES_ON_A_PAGE
    context = {
        "rows": [
            {
                "title": one.entry.asked_as(),
                "url": f"{CATALOG}/{one.entry.id}",
                "alts": one.entry.alts,
                "proposals": one.proposals,
                "votes": one.votes,
            }
            for one in found[start : start + ENTRIES_ON_A_PAGE]
        ],
        "waiting": sum(len(one.proposals) for one in found),
        "pager": pager,
        "back": str(pager["page"]),
        "can_write": actor.role in WRITERS,
    }
    page = Page("问法", room="staff", path=PHRASINGS)
    return await render(request, "office_phrasings.html", context | form_of(form), page=page, status=status)


@routes.post(PHRASINGS)
async def decide_phrasings(request: web.Request) -> web.Response:
    """Take the chosen phrasings in, or leave them."""
    actor = staff_of(request, *WRITERS)
    sent = await request.post()
    chosen = [int(str(one)) for one in sent.getall("ask", []) if _is_number(one)]
    taking = sent.get("act") != "dismiss"
    try:
        async with request.app[UNITS].act(actor) as uow:
            many = await (confirmed.accept if taking else confirmed.dismiss)(uow, chosen)
    except Refusal as refusal:
        form = Form({}, {}, refusal.message)
        return await _phrasings(request, form, 409 if refusal.status == 404 else refusal.status)
    back = str(sent.get("back", "1"))
    response = see_other(f"{PHRASINGS}?page={back if _is_number(back) else 1}")
    said = f"收进了{many}种问法，马上就能这样找到。" if taking else f"{many}种问法不收了，不会再列出来。"
    flash(request, response, "good", said)
    return response


def _is_number(text: Any) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdecimal() and 0 < len(text) < 10
