"""评价: whether an answer solved the matter, and how satisfied one is with an interview; by form, and counted for programs.

A citizen's form acts as the visitor of this browser, made where there is none yet. It comes back to where it was pressed,
and one sentence stands there.
"""

from typing import Any

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor
from chat import views
from interviews import access, facts, judging, ratings
from interviews.judging import WORDS_LIMIT, Beside, Verdict
from interviews.models import Interview, Item, Question
from interviews.rating_models import LEVEL_WORDS, WHY_WORDS, Level, Why
from web import forms, opinions, record
from web.addresses import client_address
from web.following import page_of
from web.keys import SURROUNDINGS, UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number, reply
from web.routes.public import citizen_for_act, citizen_of, keep_visitor, see_other

routes = web.RouteTableDef()


# One answer


@routes.get("/answers/{item:\\d+}/rating")
async def answer_page(request: web.Request) -> web.Response:
    """One answer with its ratings and the whole form: reasons, words, taking back."""
    return await _answer_page(request, await citizen_of(request))


async def _answer_page(
    request: web.Request, citizen: Actor, form: forms.Form | None = None, status: int = 200
) -> web.Response:
    item_id = path_number(request, "item")
    async with request.app[UNITS].read(citizen) as uow:
        interview, question, item = await judging.readable(uow, item_id)
        context = await _answer(request, uow, interview, question, item, form)
    about = Page("评一条答复", description="这条答复解决了没有", path=f"/answers/{item_id}/rating")
    return await render(request, "rating.html", context, page=about, status=status)


async def _answer(
    request: web.Request,
    uow: UnitOfWork,
    interview: Interview,
    question: Question,
    item: Item,
    form: forms.Form | None,
) -> dict[str, Any]:
    back = forms.local_path(request.query.get("back"), f"{page_of(question)}#{opinions.place(item.no)}")
    shown = record.ITEM | views.item_view(facts.item_facts(item))
    rows = await opinions.of_items(uow, [shown], back)
    mine = (await judging.own(uow, [item.id or 0])).get(item.id or 0)
    typed = {"solved": "", "why": "", "words": ""}
    if mine is not None:
        typed = {"solved": "yes" if mine.solved else "no", "why": mine.why or "", "words": mine.words or ""}
    gone = question.status in record.GONE
    return {
        "interview": {"id": interview.id, "theme": interview.theme, "url": f"/interviews/{interview.id}"},
        "number": question.number,
        "asked": None if gone else question.text,
        "item": shown,
        "rating": rows.get(item.id or 0) if judging.can_be_rated(question, item) else None,
        "whys": [("", "不说"), *((why.value, words) for why, words in WHY_WORDS.items())],
        "longest": WORDS_LIMIT,
        "form": form or forms.Form(typed),
        "back": form.typed.get("back") or back if form else back,
    }


@routes.post("/answers/{item:\\d+}/rating")
async def rate_answer(request: web.Request) -> web.Response:
    """Rate an answer, change that, or take it back; then back to where it was pressed."""
    item_id = path_number(request, "item")
    typed = await forms.posted(request)
    citizen, token = await _visitor_of_act(request)
    try:
        request.app[SURROUNDINGS].pace.rating(citizen.person_id, client_address(request))
        async with request.app[UNITS].act(citizen) as uow:
            _, question, item = await judging.readable(uow, item_id)
            said = await _act_on_answer(uow, item_id, typed)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        form = forms.refused(refusal, typed)
        response = await _answer_page(request, citizen, form, refusal.status)
        if refusal.retry_after:
            response.headers["Retry-After"] = str(refusal.retry_after)
    else:
        at = opinions.place(item.no)
        response = see_other(forms.local_path(typed.get("back"), f"{page_of(question)}#{at}"))
        flash(request, response, "good", said, at=at)
    keep_visitor(request, response, token)
    return response


async def _visitor_of_act(request: web.Request) -> tuple[Actor, str | None]:
    """The citizen who rates. Nobody is made for an answer or an interview that is not there."""
    reader = await citizen_of(request)
    async with request.app[UNITS].read(reader) as uow:
        if "item" in request.match_info:
            await judging.readable(uow, path_number(request, "item"))
        else:
            await access.interview(uow, path_number(request))
    return await citizen_for_act(request)


async def _act_on_answer(uow: UnitOfWork, item_id: int, typed: forms.Typed) -> str:
    if typed.get("act") == "withdraw":
        taken = await judging.take_back(uow, item_id)
        return "您的评价撤回了，不再计数。" if taken else "您没有评过这条答复，没有什么要撤回的。"
    if typed.get("solved") not in ("yes", "no"):
        raise Refusal("input.invalid", "请选“解决了”或者“没解决”。", status=400)
    why, words = typed.get("why", ""), typed.get("words", "")
    if why and why not in list(Why):
        raise Refusal("input.invalid", "没有这个原因。请从页面上选。", status=400)
    beside = Beside(Why(why) if why else None, words) if "why" in typed or "words" in typed else None
    solved = typed["solved"] == "yes"
    kept = await judging.rate(uow, item_id, Verdict(solved, _edition(typed), beside))
    if solved:
        return "记下了：解决了。谢谢您。"
    more = "" if kept.why else "愿意的话，可以再说说为什么。"
    return f"记下了：没解决。{more}原因只给答复单位和信息办看，不公开。"


def _edition(typed: forms.Typed) -> int | None:
    text = str(typed.get("edition", ""))
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None


# An interview


@routes.post("/interviews/{id:\\d+}/rating")
async def rate_interview(request: web.Request) -> web.Response:
    """Rate an interview that is over, change that, or take it back."""
    interview_id = path_number(request)
    typed = await forms.posted(request)
    citizen, token = await _visitor_of_act(request)
    response = see_other(f"/interviews/{interview_id}#{opinions.PLACE}")
    try:
        request.app[SURROUNDINGS].pace.rating(citizen.person_id, client_address(request))
        async with request.app[UNITS].act(citizen) as uow:
            said = await _act_on_interview(uow, interview_id, typed)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise missing("这场访谈") from None
        flash(request, response, "bad", refusal.message)
    else:
        flash(request, response, "good", said, at=opinions.PLACE)
    keep_visitor(request, response, token)
    return response


async def _act_on_interview(uow: UnitOfWork, interview_id: int, typed: forms.Typed) -> str:
    if typed.get("act") == "withdraw":
        taken = await judging.take_back_interview(uow, interview_id)
        return "您的评价撤回了，不再计数。" if taken else "您没有评过这场访谈，没有什么要撤回的。"
    if typed.get("level") not in list(Level):
        raise Refusal("input.invalid", "请先选一档，再按“评”。", status=400)
    level = Level(typed["level"])
    await judging.rate_interview(uow, interview_id, level)
    return f"记下了：{LEVEL_WORDS[level]}。谢谢您。"


@routes.get("/interviews/{id:\\d+}/rating")
async def back_to_interview(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the interview."""
    return see_other(f"/interviews/{path_number(request)}#{opinions.PLACE}")


# For programs


@routes.get("/api/interviews/{id:\\d+}/ratings")
async def counts(request: web.Request) -> web.Response:
    """The ratings of an interview, and of each of its public answers: numbers alone."""
    async with request.app[UNITS].read() as uow:
        found = await access.interview(uow, path_number(request))
        whole, answers = await ratings.of_interview(uow, found.id or 0)
    return reply({"ratings": whole.to_dict(), "answers": answers})
