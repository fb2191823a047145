"""The bot's page: a talk shown whole, complete by form. A question is posted and the page is then read again.

So a reload asks nothing twice, and the address of a talk shows its turns as long as it lasts. A hand-off becomes a
question or a referral here, because ``web`` alone knows both rooms, in the name of this browser's visitor.
"""

import re
from collections import Counter
from typing import Any
from urllib.parse import quote

from aiohttp import web
from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from faq import referrals
from faq.judgement import Outcome
from faq.misses import NONE_OF_THESE
from faq.models import Ask, CatalogEntry, EntryStatus
from interviews.deadlines import in_words
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import forms, rows
from web.addresses import client_address
from web.keys import ACTOR, DESK, SURROUNDINGS, UNITS
from web.pages import Page, flash, render, site
from web.routes.public import act, citizen_for_act, keep_visitor, see_other
from web.sealing import new_token

routes = web.RouteTableDef()

POPULAR = 6
POPULAR_FROM = 500
"""How many of the latest answers say what is asked for most."""

NAME_LENGTH = 22
"""Characters of a talk's name, 132 random bits: whoever knows it reads the talk."""

BACK_LENGTH = 500
"""Characters of the address to go back to; a longer one is cut, and leads to the same page without its filters."""

FEEDBACK_REASONS = ("没有答到我问的", "内容旧了", "看不懂", "没有说全")

ABOUT = Page("问机器人", description="机器人只引用已经公开的目录，每句话都有出处", column="问机器人")

_NAME = re.compile(f"[A-Za-z0-9_-]{{{NAME_LENGTH}}}")
_CONTACT = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")


def talk_named(name: object) -> str:
    """The name of the talk that a browser sends; a fresh one for anything that is not such a name."""
    text = str(name or "")
    return text if _NAME.fullmatch(text) else new_token()[:NAME_LENGTH]


def address_of(talk: str, ask: object = None, back: str | None = None) -> str:
    """Where a talk is read; at one of its turns, by default the last, with the page to go back to."""
    whence = f"&from={quote(back, safe='/')}" if back else ""
    return f"/faq?talk={quote(talk)}{whence}#{f't{ask}' if ask else 'last'}"


def page_before(named: object) -> str | None:
    """The page of this site from which somebody came to ask, without what is too long or leads elsewhere."""
    text = str(named or "")[:BACK_LENGTH]
    return forms.local_path(text, "") or None


def number_of(typed: forms.Typed, name: str) -> int:
    """A row's number that a form sends; 0 for what is none."""
    text = str(typed.get(name, ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 12 else 0


@routes.get("/faq")
async def ask_page(request: web.Request) -> web.Response:
    """The bot with a talk's turns; ``?text=`` only fills the field."""
    typed = {"text": request.query.get("text", "").strip()[:2_000]}
    if request.query.get("about") == "correction":
        typed = {"text": "我要为政府网站找错："}
    return await bot_page(request, talk_named(request.query.get("talk")), forms.Form(typed))


@routes.post("/faq")
async def ask(request: web.Request) -> web.Response:
    """A question by form, or the choice of an entry that the bot offered; leads to the talk."""
    typed = await forms.posted(request)
    talk, back = talk_named(typed.get("conversation")), page_before(typed.get("from"))
    try:
        request.app[SURROUNDINGS].pace.ask(request[ACTOR].person_id, client_address(request))
        await request.app[DESK].ready_for(str(typed.get("text", "")))
        async with request.app[UNITS].act(request[ACTOR]) as uow:
            if typed.get("entry"):
                await _choose(request, uow, typed, talk)
            else:
                await request.app[DESK].ask(uow, str(typed.get("text", "")), talk)
    except Refusal as refusal:
        if refusal.code != "not_found":
            return await bot_page(request, talk, forms.refused(refusal, typed), refusal.status, back=back)
        response = see_other(address_of(talk, back=back))
        flash(request, response, "bad", "这一条现在没有了。请重新问一遍。")
        return response
    return see_other(address_of(talk, back=back))


async def _choose(request: web.Request, uow: UnitOfWork, typed: forms.Typed, talk: str) -> None:
    entry = None if typed["entry"] == "none" else number_of(typed, "entry")
    if entry == 0:
        raise missing("这一条目录")
    await request.app[DESK].choose(uow, number_of(typed, "ask"), entry, talk)


async def bot_page(
    request: web.Request,
    talk: str,
    form: forms.Form,
    status: int = 200,
    act: str = "",
    back: str | None = None,
) -> web.Response:
    """The page of a talk, fresh or with a form that was refused.

    Args:
        request: the reader's.
        talk: its name.
        form: of the field, or of the exit that was refused.
        status: the HTTP status.
        act: the exit that was refused: ``human`` or ``next_interview``.
        back: the page that the reader came from, where a form told it; else the address tells.
    """
    async with request.app[UNITS].read(request[ACTOR]) as uow:
        following = await next_interview(uow)
        listed = await rows.interview_rows(uow, [following], rows.presence(request)) if following else []
        count = select(func.count(col(CatalogEntry.id))).where(
            col(CatalogEntry.status) == EntryStatus.PUBLISHED, col(CatalogEntry.in_force).is_(True)
        )
        turns = await request.app[DESK].turns(uow, talk)
        due = await referrals.due_on(uow, office_date(uow.now), request.app[SURROUNDINGS].regulation)
        context = {
            "turns": turns,
            "over": bool(request.query.get("talk")) and not turns,
            "conversation": talk,
            "back": back or page_before(request.query.get("from")),
            "form": forms.Form() if act else form,
            "exit_form": form if act else None,
            "exit_act": act,
            "popular": await _popular(uow),
            "entry_count": int(await uow.db.scalar(count) or 0),
            "next_interview": listed[0] if listed else None,
            "reply_by": in_words(due),
            "reasons": FEEDBACK_REASONS,
            "none_of_these": NONE_OF_THESE,
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
    """Whether an answer was of use, and why not; the last word counts."""
    typed = await forms.posted(request)
    ask = number_of(typed, "ask")
    useful = typed.get("useful") == "yes"
    said = "：".join(
        part for part in (str(typed.get(name, "")).strip() for name in ("reason", "more")) if part
    )
    talk, back = talk_named(typed.get("conversation")), page_before(typed.get("from"))
    try:
        async with request.app[UNITS].act(request[ACTOR]) as uow:
            await request.app[DESK].feedback(uow, ask, useful, None if useful else said)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await bot_page(request, talk, forms.refused(refusal, typed), refusal.status, back=back)
    response = see_other(address_of(talk, ask, back) if typed.get("conversation") else "/faq")
    thanks = "记下了，谢谢您告诉我们。" if useful else "记下了，有人会看。谢谢您告诉我们。"
    flash(request, response, "good", thanks)
    return response


# To a human


@routes.post("/faq/exit")
async def leave(request: web.Request) -> web.Response:
    """From the bot to a human: to the office with a receipt, or to the next interview."""
    typed = await forms.posted(request)
    if typed.get("exit") != "next_interview":
        return await _refer(request, typed)
    async with request.app[UNITS].read() as uow:
        following = await next_interview(uow)
    if following is None:
        talk = talk_named(typed.get("conversation"))
        response = see_other(address_of(talk, back=page_before(typed.get("from"))))
        text = f"眼下没有征集问题的访谈。可以选“找人问”，急事请打{site().office}的电话{site().phone}。"
        flash(request, response, "warn", text)
        return response
    return await _leave_question(request, following, typed)


async def _refer(request: web.Request, typed: forms.Typed) -> web.Response:
    """A referral to the office; pressed twice it is one."""
    around, token = request.app[SURROUNDINGS], None
    try:
        sealed = _sealed_contact(request, str(typed.get("contact", "")).strip())
        citizen, token = await citizen_for_act(request)
        undo = around.pace.submission(citizen.person_id, client_address(request))
        new = False
        try:
            async with request.app[UNITS].act(citizen) as uow:
                text, ask = str(typed.get("text", "")), number_of(typed, "ask") or None
                made, new = await referrals.refer(uow, text, ask, sealed, around.regulation)
        finally:
            if not new:
                undo()
    except Refusal as refusal:
        response = await _exit_refused(request, typed, refusal, "human")
    else:
        response = see_other(f"/faq/referrals/{made.receipt}")
        flash(request, response, "good", "收到了。", receipt=made.receipt)
    keep_visitor(request, response, token)
    return response


async def _exit_refused(request: web.Request, typed: forms.Typed, refusal: Refusal, way: str) -> web.Response:
    """The bot's page again, with the way out that was refused and what was typed."""
    talk, back = talk_named(typed.get("conversation")), page_before(typed.get("from"))
    return await bot_page(request, talk, forms.refused(refusal, typed), refusal.status, way, back)


def _sealed_contact(request: web.Request, contact: str) -> str | None:
    """An e-mail address encrypted; None where none was left.

    Raises:
        Refusal: ``input.invalid``.
    """
    if not contact:
        return None
    if len(contact) > 254 or not _CONTACT.fullmatch(contact):
        raise Refusal("input.invalid", "“contact”这一项格式不对。请改好再交。", status=400)
    return request.app[SURROUNDINGS].seal(contact)


async def _leave_question(request: web.Request, following: Interview, typed: forms.Typed) -> web.Response:
    """A question for the next interview; the same turn pressed twice is one question."""
    token = None
    ask = number_of(typed, "ask")
    sent = {
        "interview": following.id,
        "text": str(typed.get("text", "")),
        "kind": "inquiry",
        "client_id": f"bot-ask-{ask}" if ask else new_token()[:NAME_LENGTH],
    }
    try:
        citizen, token = await citizen_for_act(request)
        outcome = await act(request, citizen, "question.submit", sent)
    except Refusal as refusal:
        response = await _exit_refused(request, typed, refusal, "next_interview")
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
