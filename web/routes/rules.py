"""The regulation in force here, how its days are counted, and the calculator that anyone can use without a script."""

from datetime import date, datetime
from typing import Any

from aiohttp import web

from base.clock import office_date, utcnow
from base.errors import Refusal
from interviews import law, workdays
from interviews.calculator import UNITS as DAY_UNITS
from interviews.calculator import WAYS, deadlines_document, shift_document
from interviews.calendar import Calendar
from interviews.deadlines import in_words
from interviews.duties import OWED_BY_WORDS
from web import forms, ledger, rows
from web.keys import UNITS
from web.pages import Page, render

routes = web.RouteTableDef()

_FIELDS = {"start": "datetime-local", "end": "datetime-local", "from": "date"}


@routes.get("/rules")
async def rules_page(request: web.Request) -> web.Response:
    """The rule in force here, how days are counted, and the two calculators: of an interview, of any day."""
    regulation = rows.regulation_of(request)
    async with request.app[UNITS].read() as uow:
        calendar = await workdays.present(uow)
    form, result = _of_interview(request, regulation, calendar)
    shift_form, shifted = _of_day(request, regulation, calendar)
    year = office_date(utcnow()).year
    context = {
        "regulation": _rule(regulation),
        "form": form,
        "result": result,
        "shift_form": shift_form,
        "shifted": shifted,
        "kinds": {name: _kind(name, form.typed | shift_form.typed) for name in _FIELDS},
        "years": [{"year": one, "official": calendar.is_official_year(one)} for one in (year, year + 1)],
    }
    about = Page(
        "规定和日子怎么算",
        description=f"{regulation.name}原文，各个日子怎么数。写上哪天开始，就算出各件事最迟哪天办。",
        column="规定",
    )
    status = 400 if form.message or shift_form.message else 200
    return await render(request, "rules.html", context, page=about, status=status)


def _typed(request: web.Request, *names: str) -> dict[str, str]:
    return {name: request.query.get(name, "").strip()[:40] for name in names}


def _kind(name: str, typed: forms.Typed) -> str:
    """A field for dates, or plain text where such a field would lose what was typed."""
    value = typed.get(name, "")
    try:
        datetime.fromisoformat(value or "2026-03-06")
    except ValueError:
        return "text"
    fits = not value or len(value) == len("2026-03-06" if name == "from" else "2026-03-06T14:30")
    return _FIELDS[name] if fits else "text"


def _of_interview(
    request: web.Request, regulation: law.Regulation, calendar: Calendar
) -> tuple[forms.Form, dict[str, Any] | None]:
    typed = _typed(request, "start", "end")
    if not typed["start"] and not typed["end"]:
        return forms.Form(typed), None
    if not typed["start"]:
        said = "请写上哪天几点开始。"
        return forms.Form(typed, {"start": said}, said), None
    try:
        document = deadlines_document(typed["start"], typed["end"] or None, regulation, calendar)
    except Refusal as refusal:
        return _beside(refusal, typed), None
    return forms.Form(typed), _calculated(document, regulation)


def _beside(refusal: Refusal, typed: forms.Typed) -> forms.Form:
    """The refusal beside the field that it is about."""
    place = "end" if refusal.code == "input.end" or typed["end"] in refusal.message else "start"
    place = place if typed["end"] else "start"
    return forms.Form(typed, {place: refusal.message}, refusal.message)


def _calculated(document: dict[str, Any], regulation: law.Regulation) -> dict[str, Any]:
    start, end = document["start"], document["end"]
    today = office_date(utcnow())
    return {
        "start": start,
        "end": end,
        "warnings": document["warnings"],
        "duties": ledger.document_rows(document, regulation, today, OWED_BY_WORDS),
    }


def _of_day(
    request: web.Request, regulation: law.Regulation, calendar: Calendar
) -> tuple[forms.Form, dict[str, Any] | None]:
    typed = _typed(request, "from", "days", "unit", "way")
    if not typed["from"] and not typed["days"]:
        return forms.Form({**typed, "unit": "work", "way": "before"}), None
    try:
        found = shift_document(
            typed["from"],
            typed["days"],
            typed["unit"] or "work",
            typed["way"] or "before",
            regulation,
            calendar,
        )
    except Refusal as refusal:
        place = {"input.date": "from", "input.amount": "days"}.get(refusal.code, "unit")
        return forms.Form(typed, {place: refusal.message}, refusal.message), None
    return forms.Form(typed), _shifted(found)


def _shifted(found: dict[str, Any]) -> dict[str, Any]:
    """The found day as the page says it, with its sum."""
    unit, way = DAY_UNITS[found["unit"]], WAYS[found["way"]]
    anchor, due = (in_words(date.fromisoformat(found[name])) for name in ("from", "due"))
    lines = [
        {"date": day, "text": f"第{place}{unit}", "counted": True}
        for place, day in enumerate(found["counted"], 1)
    ]
    lines += [
        {"date": one["date"], "text": f"{one['why']}，不算", "counted": False} for one in found["skipped"]
    ]
    lines.sort(key=lambda line: str(line["date"]), reverse=found["way"] == "before")
    return {
        "said": f"{anchor}{way}第{found['amount']}{unit}，是{due}",
        "provisional": found["provisional"],
        "rest": not found["workday"],
        "sum": {"text": f"{anchor}当天不算。", "rows": lines},
    }


def _rule(regulation: law.Regulation) -> dict[str, Any]:
    said: dict[str, list[dict[str, str]]] = {}
    for rule in regulation.duties:
        text = f"{rule.title}，{rule.in_words()}"
        said.setdefault(rule.article, []).append({"id": rule.id, "text": text})
    for article, name, text in _numbers(regulation):
        said.setdefault(article, []).append({"id": name, "text": text})
    return {
        "title": regulation.name,
        "since": regulation.since,
        "articles": [
            {
                "no": article.no,
                "title": None,
                "text": article.text,
                "rules": said.get(article.no, []),
                "not_modelled": article.not_modelled,
            }
            for article in regulation.articles
        ],
    }


def _numbers(regulation: law.Regulation) -> list[tuple[str, str, str]]:
    """What the rule fixes beside dates: article, name, and how it is carried out here."""
    length, least = regulation.length, regulation.minimum
    found = [(length.article, "length", f"到{length.max_minutes}分钟由时钟结束，延长要写原因并公开")]
    if least is not None:
        found.append((least.article, "minimum", f"全年不少于{least.required_per_year}场，差几场写在首页"))
    if regulation.refusing is not None:
        grounds = "、".join(ground.name for ground in regulation.refusing.grounds)
        found.append((regulation.refusing.article, "refusing", f"不予答复只能选{grounds}，依据公开"))
    if regulation.recipients is not None:
        bodies = "、".join(regulation.recipients.bodies)
        found.append((regulation.recipients.article, "recipients", f"汇总报告送{bodies}"))
    return found
