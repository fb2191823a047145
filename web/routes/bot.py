"""The bot's page and the catalogue that it quotes: complete by form, one question and its answer at a time.

A hand-off becomes a question here, because ``web`` alone knows both rooms: the asker's own words, sent back by
their own browser, are submitted to the next interview in the visitor's name.
"""

from collections import Counter
from typing import Any

from aiohttp import web
from sqlalchemy import func, or_, select
from sqlmodel import col
from yarl import URL

from base.db import UnitOfWork
from base.errors import Refusal
from faq import library
from faq.desk import EXITS, Source
from faq.judgement import Outcome
from faq.models import Ask, CatalogEntry, EntryStatus
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import forms, rows
from web.addresses import client_address
from web.keys import ACTOR, DESK, SURROUNDINGS, UNITS
from web.pages import Page, flash, render, site
from web.routes.api import path_number
from web.routes.public import act, citizen_for_act, keep_visitor, page_number, see_other
from web.sealing import new_token

routes = web.RouteTableDef()

CATALOG_PAGE = 30
POPULAR = 6
POPULAR_FROM = 500
"""How many of the latest answers say what is asked for most."""

ABOUT = Page("问机器人", description="机器人只引用已经公开的目录，每句话都有出处", column="问机器人")


@routes.get("/faq")
async def ask_page(request: web.Request) -> web.Response:
    """The bot; with ``?text=`` it answers at once."""
    text = request.query.get("text", "").strip()
    if not text:
        about = request.query.get("about") == "correction"
        typed = {"text": "我要为政府网站找错："} if about else {}
        return await _bot(request, [], new_token()[:22], forms.Form(typed))
    return await _answered(request, {"text": text})


@routes.post("/faq")
async def ask(request: web.Request) -> web.Response:
    """A question by form, or the choice of an entry that the bot offered."""
    return await _answered(request, await forms.posted(request))


async def _answered(request: web.Request, typed: forms.Typed) -> web.Response:
    conversation = str(typed.get("conversation") or "")[:64] or new_token()[:22]
    text = str(typed.get("text", ""))
    try:
        if typed.get("entry"):
            answer = await _chosen(request, typed)
        else:
            request.app[SURROUNDINGS].pace.ask(request[ACTOR].person_id, client_address(request))
            async with request.app[UNITS].act(request[ACTOR]) as uow:
                answer = await request.app[DESK].ask(uow, text, conversation)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _bot(request, [], conversation, forms.refused(refusal, typed), refusal.status)
    turn = {"asked": text, "answer": answer | {"feedback": None}}
    return await _bot(request, [turn], conversation, forms.Form())


async def _chosen(request: web.Request, typed: forms.Typed) -> dict[str, Any]:
    """What stands in the entry that was chosen; a hand-off where none of them was meant."""
    asked, chosen = str(typed.get("ask", "")), str(typed["entry"])
    found: dict[str, Any] = {
        "ask": int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 12 else 0,
        "outcome": str(Outcome.HANDOFF),
        "text": "",
        "sources": [],
        "choices": [],
        "confidence": 0.0,
        "reason": "none_of_these",
        "exits": list(EXITS),
    }
    if chosen.isascii() and chosen.isdecimal() and len(chosen) < 12:
        async with request.app[UNITS].read() as uow:
            entry = await library.entry(uow.db, int(chosen))
        found |= {
            "outcome": str(Outcome.ANSWER),
            "text": entry.body,
            "sources": [Source.of(entry).as_dict()],
            "confidence": 1.0,
            "reason": None,
        }
    return found


async def _bot(
    request: web.Request,
    turns: list[dict[str, Any]],
    conversation: str,
    form: forms.Form,
    status: int = 200,
) -> web.Response:
    async with request.app[UNITS].read() as uow:
        following = await next_interview(uow)
        listed = await rows.interview_rows(uow, [following], rows.presence(request)) if following else []
        count = select(func.count(col(CatalogEntry.id))).where(
            col(CatalogEntry.status) == EntryStatus.PUBLISHED, col(CatalogEntry.in_force).is_(True)
        )
        context = {
            "turns": turns,
            "conversation": conversation,
            "form": form,
            "popular": await _popular(uow),
            "entry_count": int(await uow.db.scalar(count) or 0),
            "next_interview": listed[0] if listed else None,
        }
    return await render(request, "faq.html", context, page=ABOUT, status=status)


async def next_interview(uow: UnitOfWork) -> Interview | None:
    """The interview to which a question can be left: the next announced one, else the one that is live."""
    query = (
        select(Interview)
        .where(
            col(Interview.status).in_([InterviewStatus.ANNOUNCED, InterviewStatus.LIVE]),
            col(Interview.ends_at) > uow.now,
        )
        .order_by(col(Interview.status) == InterviewStatus.LIVE, col(Interview.starts_at))
        .limit(1)
    )
    return (await uow.db.scalars(query)).first()


async def _popular(uow: UnitOfWork) -> list[dict[str, Any]]:
    """What was answered most often lately."""
    recent = (
        select(col(Ask.entries))
        .where(col(Ask.outcome) == str(Outcome.ANSWER))
        .order_by(col(Ask.id).desc())
        .limit(POPULAR_FROM)
    )
    counted = Counter(entry for entries in await uow.db.scalars(recent) for entry in entries[:1])
    wanted = [entry for entry, _ in counted.most_common(POPULAR)]
    query = select(CatalogEntry).where(
        col(CatalogEntry.id).in_(wanted), col(CatalogEntry.status) == EntryStatus.PUBLISHED
    )
    by_id = {entry.id: entry for entry in await uow.db.scalars(query)}
    return [
        {"question": by_id[entry].asked_as(), "href": f"/faq/entries/{entry}"}
        for entry in wanted
        if entry in by_id
    ]


@routes.post("/faq/feedback")
async def feedback(request: web.Request) -> web.Response:
    """Whether an answer was of use."""
    typed = await forms.posted(request)
    async with request.app[UNITS].act(request[ACTOR]) as uow:
        await request.app[DESK].feedback(uow, _ask_number(typed), typed.get("useful") == "yes")
    response = see_other("/faq")
    flash(request, response, "good", "记下了，谢谢您告诉我们。")
    return response


def _ask_number(typed: forms.Typed) -> int:
    text = str(typed.get("ask", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


@routes.post("/faq/exit")
async def leave(request: web.Request) -> web.Response:
    """From the bot to a human: leave the question to the next interview, or call the office."""
    typed = await forms.posted(request)
    if typed.get("exit") != "next_interview":
        response = see_other("/faq")
        text = f"请打电话给{site().office}：{site().phone}，工作日9:00—17:00有人接。"
        flash(request, response, "good", text, title="找人问")
        return response
    async with request.app[UNITS].read() as uow:
        following = await next_interview(uow)
    if following is None:
        response = see_other("/faq")
        text = f"眼下没有征集问题的访谈。急事请打{site().office}的电话{site().phone}。"
        flash(request, response, "warn", text)
        return response
    return await _leave_question(request, following, str(typed.get("text", "")))


async def _leave_question(request: web.Request, following: Interview, text: str) -> web.Response:
    token = None
    sent = {
        "interview": following.id,
        "text": text,
        "kind": "inquiry",
        "client_id": new_token()[:22],
    }
    try:
        citizen, token = await citizen_for_act(request)
        outcome = await act(request, citizen, "question.submit", sent)
    except Refusal as refusal:
        response = await _bot(
            request, [], new_token()[:22], forms.refused(refusal, {"text": text}), refusal.status
        )
    else:
        receipt = outcome.result["receipt"]
        response = see_other(f"/questions/{receipt}")
        flash(request, response, "good", "收到了。", receipt=receipt)
    keep_visitor(request, response, token)
    return response


@routes.get("/faq/{form:feedback|exit}")
async def back_to_bot(_request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the bot."""
    return see_other("/faq")


# The catalogue


@routes.get("/faq/entries/{id:\\d+}")
async def entry(request: web.Request) -> web.Response:
    """A citable entry; one that lost its force says so."""
    async with request.app[UNITS].read() as uow:
        found = await library.entry(uow.db, path_number(request))
        context = {"entry": await _entry(uow, found), "related": await _related(uow, found)}
    about = Page(
        found.title,
        description=found.asked_as(),
        column="目录",
        pub_date=found.published_on,
        source=found.issuer,
        keywords=found.keywords,
    )
    return await render(request, "faq_entry.html", context, page=about)


async def _entry(uow: UnitOfWork, found: CatalogEntry) -> dict[str, Any]:
    successor = None
    if found.successor:
        query = select(CatalogEntry).where(
            col(CatalogEntry.index_no) == found.successor, col(CatalogEntry.status) == EntryStatus.PUBLISHED
        )
        one = (await uow.db.scalars(query)).first()
        successor = {"title": one.title, "url": f"/faq/entries/{one.id}"} if one else None
    own_question = found.question if found.question != found.title else None
    return {
        "index_no": found.index_no,
        "class_name": found.category,
        "title": found.title,
        "question": own_question or None,
        "body": found.body,
        "issuer": found.issuer,
        "section": found.section,
        "document_no": found.document_no,
        "keywords": found.keywords,
        "made_on": found.made_on,
        "published_on": found.published_on,
        "openness": found.openness,
        "in_force": found.in_force,
        "repealed_on": found.repealed_on,
        "successor": successor,
    }


async def _related(uow: UnitOfWork, found: CatalogEntry) -> list[dict[str, Any]]:
    query = (
        select(CatalogEntry)
        .where(
            col(CatalogEntry.status) == EntryStatus.PUBLISHED,
            col(CatalogEntry.in_force).is_(True),
            col(CatalogEntry.id) != found.id,
            col(CatalogEntry.issuer) == found.issuer,
        )
        .order_by(col(CatalogEntry.published_on).desc(), col(CatalogEntry.id))
        .limit(5)
    )
    return [{"title": one.title, "url": f"/faq/entries/{one.id}"} for one in await uow.db.scalars(query)]


@routes.get("/catalog")
async def catalog(request: web.Request) -> web.Response:
    """The published catalogue, by class and by words."""
    chosen = request.query.get("class", "")[:40]
    words = request.query.get("q", "").strip()[:100]
    page = page_number(request)
    async with request.app[UNITS].read() as uow:
        context = await _catalog(uow, chosen, words, page)
    return await render(request, "catalog.html", context, page=Page("目录", column="目录"))


def having(words: str) -> Any:
    """The condition under which a published entry is listed for some words."""
    published = col(CatalogEntry.status) == EntryStatus.PUBLISHED
    if not words:
        return published
    fields = (CatalogEntry.title, CatalogEntry.question, CatalogEntry.body, CatalogEntry.index_no)
    return published & or_(*(col(field).icontains(words, autoescape=True) for field in fields))


async def _catalog(uow: UnitOfWork, chosen: str, words: str, page: int) -> dict[str, Any]:
    counting = select(col(CatalogEntry.category), func.count(col(CatalogEntry.id)))
    grouped = counting.where(having(words)).group_by(col(CatalogEntry.category))
    counts = {row[0]: int(row[1]) for row in await uow.db.execute(grouped)}
    query = select(CatalogEntry).where(having(words))
    if chosen:
        query = query.where(col(CatalogEntry.category) == chosen)
    order = (col(CatalogEntry.published_on).desc(), col(CatalogEntry.id).desc())
    found = await uow.db.scalars(query.order_by(*order).limit(CATALOG_PAGE).offset((page - 1) * CATALOG_PAGE))
    every = sum(counts.values())
    total = counts.get(chosen, 0) if chosen else every
    classes = [("", "全部", every), *((name, name, count) for name, count in sorted(counts.items()))]
    address = str(URL("/catalog").with_query({"q": words} if words else {}))
    joined = "&" if words else "?"
    listed = [
        {
            "index_no": one.index_no,
            "title": one.title,
            "issuer": one.issuer,
            "published_on": one.published_on,
            "in_force": one.in_force,
            "url": f"/faq/entries/{one.id}",
        }
        for one in found
    ]
    return {
        "classes": rows.filters(classes, chosen, f"{address}{joined}class={{}}"),
        "rows": listed,
        "q": words,
        "total": every,
        "pager": rows.pager(page, total, CATALOG_PAGE, f"{address}{joined}class={chosen}&page="),
    }
