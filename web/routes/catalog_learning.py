"""What the desk learns from: what was asked, why the bot said what it said, and the phrasings that people confirmed."""

import csv
import io
from datetime import date
from typing import Any

from aiohttp import web
from yarl import URL

from base.clock import SHANGHAI, office_date
from base.errors import Refusal
from base.people import Role
from faq import asked, confirmed, library
from faq.asked import UNSAID, USEFUL, USELESS, Narrowed
from faq.calibration import TABLE_GAIN
from faq.explanation import Candidate, Explanation
from faq.judgement import Calibration, Outcome
from faq.models import Ask, CatalogEntry
from interviews.plan_tables import harmless
from web import rows
from web.forms import Form
from web.keys import DESK, UNITS
from web.outcomes import OUTCOMES, reason_words
from web.pages import Page, flash, render
from web.routes.gate import form_of, staff_of
from web.routes.public import page_number, see_other

routes = web.RouteTableDef()

CATALOG = "/office/catalog"
ASKS, WHY, PHRASINGS = f"{CATALOG}/asks", f"{CATALOG}/why", f"{CATALOG}/phrasings"
READERS = (Role.EDITOR, Role.OFFICE, Role.SUPERVISOR)
WRITERS = (Role.EDITOR, Role.OFFICE)
ON_A_PAGE, ENTRIES_ON_A_PAGE = 40, 10
USE_WORDS = {USEFUL: "有用", USELESS: "没有用", UNSAID: "没有说"}
COLUMNS = ("时间", "问的", "结果", "把握", "原因", "条目", "有用没有", "理由")


# What was asked


@routes.get(ASKS)
async def asks_page(request: web.Request) -> web.Response:
    """What was asked, the latest first, narrowed by outcome, use and week; all of it stands in the address."""
    actor = staff_of(request, *READERS)
    wanted, page = _narrowed(request), page_number(request)
    async with request.app[UNITS].read(actor) as uow:
        total = await asked.how_many(uow, wanted)
        pager = rows.pager(page, total, ON_A_PAGE, f"{_address(wanted)}&page=")
        listed = await asked.asks(uow, wanted, skip=(pager["page"] - 1) * ON_A_PAGE, most=ON_A_PAGE)
        entries = await asked.entries_of(uow, listed)
        monday = asked.monday_of(office_date(uow.now))
    context = {
        "rows": [_row(one, entries) for one in listed],
        "total": total,
        "outcomes": [_link(wanted, "outcome", value, words) for value, words in _any("结果不限", OUTCOMES)],
        "uses": [_link(wanted, "useful", value, words) for value, words in _any("有用没有不限", USE_WORDS)],
        "wanted": wanted,
        "this_week": _address(Narrowed(wanted.outcome, wanted.useful, monday)),
        "every_week": _address(Narrowed(wanted.outcome, wanted.useful)),
        "export": f"{ASKS}.csv?{URL(_address(wanted)).raw_query_string}",
        "pager": pager,
    }
    return await render(request, "office_asks.html", context, page=Page("问过的", room="staff", path=ASKS))


@routes.get(f"{ASKS}.csv")
async def asks_file(request: web.Request) -> web.Response:
    """The same list as CSV; no cell of it is a formula."""
    actor = staff_of(request, *READERS)
    async with request.app[UNITS].read(actor) as uow:
        listed = await asked.asks(uow, _narrowed(request))
        entries = await asked.entries_of(uow, listed)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in listed:
        row = _row(one, entries)
        cells = (
            row["at"].astimezone(SHANGHAI).isoformat(timespec="minutes"),
            row["text"],
            row["outcome"],
            f"{row['confidence']:.2f}",
            row["reason"] or "",
            "、".join(entry["index_no"] for entry in row["entries"]),
            row["useful"],
            row["feedback"] or "",
        )
        writer.writerow([harmless(cell) for cell in cells])
    headers = {"Content-Disposition": "attachment; filename=asks.csv"}
    body = out.getvalue().encode("utf-8-sig")
    return web.Response(body=body, content_type="text/csv", charset="utf-8", headers=headers)


def _narrowed(request: web.Request) -> Narrowed:
    """What the address asks for; what it cannot mean narrows nothing."""
    query = request.query
    outcome, useful = query.get("outcome", ""), query.get("useful", "")
    try:
        week: date | None = asked.monday_of(date.fromisoformat(query.get("week", "")))
    except (ValueError, OverflowError):
        week = None
    if week is not None and not 2000 <= week.year <= 2200:
        week = None
    return Narrowed(outcome if outcome in set(Outcome) else "", useful if useful in USE_WORDS else "", week)


def _address(wanted: Narrowed) -> str:
    week = wanted.week.isoformat() if wanted.week else ""
    return f"{ASKS}?outcome={wanted.outcome}&useful={wanted.useful}&week={week}"


def _any(every: str, words: dict[str, str]) -> list[tuple[str, str]]:
    return [("", every), *words.items()]


def _link(wanted: Narrowed, name: str, value: str, words: str) -> dict[str, Any]:
    chosen = vars(wanted) | {name: value}
    return {
        "label": words,
        "href": _address(Narrowed(**chosen)),
        "count": None,
        "current": getattr(wanted, name) == value,
    }


def _row(one: Ask, entries: dict[int, CatalogEntry]) -> dict[str, Any]:
    known = [entries[entry] for entry in one.entries if entry in entries]
    said = UNSAID if one.useful is None else USEFUL if one.useful else USELESS
    return {
        "at": one.at,
        "text": one.text,
        "outcome": OUTCOMES.get(one.outcome, one.outcome),
        "confidence": one.confidence,
        "reason": reason_words(one.reason),
        "entries": [
            {"title": entry.asked_as(), "index_no": entry.index_no, "url": f"{CATALOG}/{entry.id}"}
            for entry in known
        ],
        "useful": USE_WORDS[said],
        "feedback": one.feedback_reason,
        "why": str(URL(WHY).with_query(text=one.text[:500])),
    }


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
