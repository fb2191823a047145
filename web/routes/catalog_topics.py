"""What the desk makes new entries of: topics of what was not answered, and answers that were given live."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from aiohttp import web

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor, Role
from faq import candidates, misses, near_entries, sources, topics
from faq.candidates import Candidate
from faq.misses import DISMISSED, ENTRY, OPEN, THEME
from faq.models import CatalogEntry
from faq.topics import Topic
from web import rows
from web.forms import Form, Typed, posted
from web.keys import DESK, UNITS
from web.pages import Page, flash, render
from web.routes.catalog_desk import READERS
from web.routes.gate import form_of, staff_of
from web.routes.public import page_number, see_other

routes = web.RouteTableDef()

CATALOG = "/office/catalog"
TOPICS, CANDIDATES = f"{CATALOG}/topics", f"{CATALOG}/candidates"
WRITERS = (Role.EDITOR, Role.OFFICE)
ON_A_PAGE, NEAREST = 10, 3
STATES = {OPEN: "还没有办", ENTRY: "开了条目", THEME: "提作访谈主题", DISMISSED: "不办"}


# Topics


@routes.get(TOPICS)
async def topics_page(request: web.Request) -> web.Response:
    """What was not answered, the most asked first, with what can be made of it."""
    return await _topics(request, Form(), 200)


async def _topics(request: web.Request, form: Form, status: int) -> web.Response:
    actor = staff_of(request, *READERS)
    state = request.query.get("state", OPEN)
    state = state if state in STATES else OPEN
    async with request.app[UNITS].read(actor) as uow:
        many = await topics.counts(uow)
        pager = rows.pager(
            page_number(request), many.get(state, 0), ON_A_PAGE, f"{TOPICS}?state={state}&page="
        )
        skip = (pager["page"] - 1) * ON_A_PAGE
        listed = await topics.topics(uow, state, skip=skip, most=ON_A_PAGE)
        open_ones = await topics.labels(uow)
        shown = [_topic(one) | {"near": await _near(request, uow, one, state)} for one in listed]
    context = {
        "rows": shown,
        "state": state,
        "states": [
            {
                "label": words,
                "href": f"{TOPICS}?state={name}",
                "count": many.get(name, 0),
                "current": name == state,
            }
            for name, words in STATES.items()
        ],
        "others": open_ones,
        "pager": pager,
        "can_write": actor.role in WRITERS,
        "longest": 60,
    }
    page = Page("话题", room="staff", path=TOPICS)
    return await render(request, "office_topics.html", context | form_of(form), page=page, status=status)


def _topic(one: Topic) -> dict[str, Any]:
    row = one.row
    return {
        "id": row.id,
        "label": row.label,
        "size": one.size,
        "last": one.last,
        "examples": one.examples,
        "weeks": one.weeks,
        "entry": f"{CATALOG}/{row.entry_id}" if row.entry_id else None,
        "theme": row.theme,
        "note": row.note,
        "by": row.decided_by,
        "at": row.decided_at,
    }


async def _near(request: web.Request, uow: UnitOfWork, one: Topic, state: str) -> list[dict[str, str]]:
    """The entries a topic is nearest to: perhaps one of them says it, in other words."""
    if state != OPEN:
        return []
    found = await near_entries.near(request.app[DESK].present, uow, one.row.label, NEAREST)
    return [{"question": entry.asked_as(), "url": f"{CATALOG}/{entry.id}"} for entry in found]


@routes.post(TOPICS)
async def decide(request: web.Request) -> web.Response:
    """Refresh the topics, or decide about one."""
    actor = staff_of(request, *WRITERS)
    typed = await posted(request)
    try:
        address, said = await _decided(request, actor, typed)
    except Refusal as refusal:
        form = Form(typed, {}, refusal.message, str(typed.get("act", "")))
        return await _topics(request, form, 409 if refusal.status == 404 else refusal.status)
    response = see_other(address)
    flash(request, response, "good", said)
    return response


async def _decided(request: web.Request, actor: Actor, typed: Typed) -> tuple[str, str]:
    """What was pressed: where to go afterwards, and what is said."""
    units, act = request.app[UNITS], str(typed.get("act", ""))
    if act == "refresh":
        done = await misses.refresh(units, actor)
        said = f"新归了{done.misses}次没答上来的，多了{done.started}个话题。" if done.misses else "没有新的。"
        return TOPICS, said
    topic = _number(typed, "topic")
    async with units.act(actor) as uow:
        if act == "entry":
            revision = await candidates.to_entry(uow, topic)
            return f"{CATALOG}/{revision.entry_id}/edit", "草稿开好了。请写上正文和发布机构，再送审。"
        if act == "theme":
            await topics.to_theme(uow, topic, str(typed.get("theme", "")), str(typed.get("why", "")))
            return TOPICS, "提给信息办了，列在“今天”那一页，排期时会填好题目。"
        if act == "dismiss":
            await topics.dismiss(uow, topic, str(typed.get("reason", "")))
            back = "/office" if typed.get("back") == "office" else TOPICS
            return back, "不办了，理由记下了。以后再有人这样问，会另起一个话题。"
        if act == "join":
            into = await topics.join(uow, topic, _number(typed, "into"))
            return TOPICS, f"并好了，现在叫“{into.label}”。"
        if act == "split":
            await topics.split(uow, topic, str(typed.get("text", "")))
            return TOPICS, "拆出来了，自己成一个话题。"
    raise Refusal("topic.act", "没有看懂要办什么。请刷新页面再试。", status=400)


def _number(typed: Typed, name: str) -> int:
    text = str(typed.get(name, ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


# Answers given live


@routes.get(CANDIDATES)
async def candidates_page(request: web.Request) -> web.Response:
    """Interviews that are over, the answers of one of them, and the entries to be looked at again."""
    return await _candidates(request, Form(), 200)


async def _candidates(request: web.Request, form: Form, status: int) -> web.Response:
    actor = staff_of(request, *READERS)
    chosen = _number({"interview": request.query.get("interview", "")}, "interview")
    chosen = chosen or _number(form.typed, "interview")
    async with request.app[UNITS].read(actor) as uow:
        held = await candidates.interviews_over(uow)
        due = await sources.due(uow)
        listed: Sequence[Candidate] = ()
        if chosen:
            listed = await candidates.propose_from_answers(uow, chosen)
        today = office_date(uow.now)
    context = {
        "held": held,
        "chosen": next((one for one in held if one.id == chosen), None),
        "rows": listed,
        "due": due,
        "again": candidates.review_day(today),
        "months": candidates.REVIEW_MONTHS,
        "can_write": actor.role in WRITERS,
    }
    page = Page("候选", room="staff", path=CANDIDATES)
    return await render(request, "office_candidates.html", context | form_of(form), page=page, status=status)


@routes.post(CANDIDATES)
async def take(request: web.Request) -> web.Response:
    """Take an answer into the catalogue as a draft, or say that an entry still holds."""
    actor = staff_of(request, *WRITERS)
    typed = await posted(request)
    try:
        address, said = await _taken(request, actor, typed)
    except Refusal as refusal:
        form = Form(typed, {}, refusal.message, str(typed.get("act", "")))
        return await _candidates(request, form, 409 if refusal.status == 404 else refusal.status)
    response = see_other(address)
    flash(request, response, "good", said)
    return response


async def _taken(request: web.Request, actor: Actor, typed: Typed) -> tuple[str, str]:
    day = _day(str(typed.get("review_on", "")))
    async with request.app[UNITS].act(actor) as uow:
        if typed.get("act") == "still":
            entry: CatalogEntry = await candidates.still_holds(uow, _number(typed, "entry"), day)
            until = f"{entry.review_on:%Y年%-m月%-d日}" if entry.review_on else ""
            return CANDIDATES, f"记下了，到{until}再看。"
        if typed.get("act") == "take":
            title = str(typed.get("title", "")).strip() or None
            revision = await candidates.take(uow, _number(typed, "item"), title=title, review_on=day)
            said = "收成草稿了。看过没有问题就送审，先由答复单位签，再走各步。"
            return f"{CATALOG}/{revision.entry_id}", said
    raise Refusal("candidate.act", "没有看懂要办什么。请刷新页面再试。", status=400)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = "复查日期写得不对。请写成2027-03-06这样。"
        raise Refusal("review.date", message, status=400) from None
