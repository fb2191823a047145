"""Instructions (督办): written, accepted or sent back at /supervise, answered at /desk, and on paper at both."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor, Role
from interviews import instructions
from interviews.instruction_models import Instruction
from web import forms, instructing, supervision
from web.filters import cndate
from web.instructing import rule_of
from web.keys import SETTINGS, UNITS
from web.pages import Page, flash, render, site
from web.routes.api import number_in, path_number
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

LIST, DESK = "/supervise/instructions", "/desk/instructions"
NEW = f"{LIST}/new"
_FIELDS = {
    "督办的事项": "text",
    "办理情况": "text",
    "谁办的": "doer",
    "退回的理由": "reason",
    "撤回的理由": "reason",
    "说明": "remark",
}
_CODES = {
    "instruction.body": "body",
    "instruction.past": "due",
    "instruction.far": "due",
    "instruction.date": "due",
    "instruction.question": "question",
    "instruction.interview": "interview",
    "instruction.duty": "body",
}


def _again(refusal: Refusal, typed: forms.Typed, act: str) -> forms.Form:
    """The form once more, with the sentence beside its field."""
    place = _CODES.get(refusal.code)
    if place is None and refusal.code.startswith("text."):
        place = next((field for words, field in _FIELDS.items() if refusal.message.startswith(words)), None)
    errors = {place: refusal.message} if place else {}
    return forms.Form({k: v for k, v in typed.items() if k != "csrf"}, errors, refusal.message, act)


def _day(typed: forms.Typed) -> date:
    try:
        return date.fromisoformat(str(typed.get("due", "")).strip())
    except ValueError:
        raise Refusal("instruction.date", "请写上办结日期。", status=400) from None


def _number(typed: forms.Typed, name: str) -> int | None:
    text = str(typed.get(name, "")).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


# The supervisor writes


@routes.get(NEW)
async def blank(request: web.Request) -> web.Response:
    """The form; a link from a list has named the body, the interview or the duty."""
    actor = staff_of(request, Role.SUPERVISOR)
    named = ((name, number_in(request, name, None, 1, 10**9)) for name in ("body", "interview", "duty"))
    async with request.app[UNITS].read(actor) as uow:
        typed = await instructing.prefilled(uow, {name: n for name, n in named if n is not None})
    return await _form(request, forms.Form(typed), 200)


async def _form(request: web.Request, form: forms.Form, status: int) -> web.Response:
    actor = staff_of(request, Role.SUPERVISOR)
    days = request.app[SETTINGS].instruction_workdays
    async with request.app[UNITS].read(actor) as uow:
        usual = await instructions.usual_day(uow, days, rule_of(request))
        context = await instructing.choices(uow) | {
            "usual": usual.isoformat(),
            "days": days,
            "duty": await supervision.duty_words(uow, _number(form.typed, "duty")),
            "form": form,
        }
    about = Page("写一件督办", room="staff", path=NEW)
    return await render(request, "supervise_instruct.html", context, page=about, status=status)


@routes.post(NEW)
async def give(request: web.Request) -> web.Response:
    """Tell a body what to do."""
    actor = staff_of(request, Role.SUPERVISOR)
    typed = await forms.posted(request)
    try:
        wanted = instructions.Wanted(
            body=_number(typed, "body") or 0,
            text=str(typed.get("text", "")),
            due=_day(typed),
            interview=_number(typed, "interview"),
            question=_asked_number(typed),
            duty=_number(typed, "duty"),
        )
        async with request.app[UNITS].act(actor) as uow:
            made = await instructions.give(uow, wanted, rule_of(request))
    except Refusal as refusal:
        return await _form(request, _again(refusal, typed, "give"), refusal.status)
    response = see_other(f"{LIST}/{made.id}")
    flash(
        request,
        response,
        "good",
        f"督办发出了，已经在单位的首页上，要在{cndate(made.due)}以前答复。答复了会列在“督办单”里等您认可。",
    )
    return response


def _asked_number(typed: forms.Typed) -> int | None:
    number = _number(typed, "question")
    if number is None and str(typed.get("question", "")).strip():
        raise Refusal("instruction.question", "几号提问要写成数字，例如 12。", status=400)
    return number


@routes.get(LIST + "/{id:\\d+}")
async def one(request: web.Request) -> web.Response:
    """One instruction with every step, and what the supervisor can do with it."""
    return await _one(request, forms.Form(), 200)


async def _one(request: web.Request, form: forms.Form, status: int) -> web.Response:
    actor = staff_of(request, Role.SUPERVISOR)
    return await _drawn(request, actor, form, status, LIST, "supervise_instruction.html")


async def _drawn(
    request: web.Request, actor: Actor, form: forms.Form, status: int, at: str, template: str
) -> web.Response:
    """One instruction on the page of whoever wrote it, or of the body that it is for."""
    number = path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        found = await instructions.one(uow, number)
        context: dict[str, Any] = {"it": await instructing.seen(uow, found), "form": form}
        if actor.role is Role.SUPERVISOR:
            days = request.app[SETTINGS].instruction_workdays
            usual = await instructions.usual_day(uow, days, rule_of(request))
            context["usual"] = usual.isoformat()
    about = Page("督办", room="staff", path=f"{at}/{number}")
    return await render(request, template, context, page=about, status=status)


Verb = Callable[[UnitOfWork, int, forms.Typed], Awaitable[Instruction]]


async def _send_back(uow: UnitOfWork, number: int, typed: forms.Typed) -> Instruction:
    return await instructions.send_back(uow, number, str(typed.get("reason", "")), _day(typed))


async def _accept(uow: UnitOfWork, number: int, typed: forms.Typed) -> Instruction:
    return await instructions.accept(uow, number, str(typed.get("remark", "")))


async def _reopen(uow: UnitOfWork, number: int, _typed: forms.Typed) -> Instruction:
    return await instructions.reopen(uow, number)


async def _withdraw(uow: UnitOfWork, number: int, typed: forms.Typed) -> Instruction:
    return await instructions.withdraw(uow, number, str(typed.get("reason", "")))


_ACTS: dict[str, tuple[Verb, str]] = {
    "return": (_send_back, "退回了，单位的首页上又有这一件，写着您的理由和新的日子。"),
    "accept": (_accept, "认可了，这一件办结。"),
    "reopen": (_reopen, "认可撤回了，这一件又等着您看。"),
    "withdraw": (_withdraw, "撤回了，单位不用再办。这一件和理由都留着。"),
}


@routes.post(LIST + "/{id:\\d+}/{act:return|accept|reopen|withdraw}")
async def act_on(request: web.Request) -> web.Response:
    """Accept an answer, send it back, take the acceptance or the instruction itself back."""
    actor = staff_of(request, Role.SUPERVISOR)
    typed = await forms.posted(request)
    act, number = request.match_info["act"], path_number(request)
    verb, said = _ACTS[act]
    try:
        async with request.app[UNITS].act(actor) as uow:
            await verb(uow, number, typed)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _one(request, _again(refusal, typed, act), refusal.status)
    response = see_other(f"{LIST}/{number}")
    undo = {"undo": f"{LIST}/reopen", "undo_of": str(number), "undo_label": "撤回认可"}
    flash(request, response, "good", said, **(undo if act == "accept" else {}))
    return response


@routes.post(LIST + "/{act:accept|reopen}")
async def several(request: web.Request) -> web.Response:
    """Accept several answers at once, or take that back; each that cannot be done is named and the others are done."""
    actor = staff_of(request, Role.SUPERVISOR)
    typed = await forms.posted(request)
    act = request.match_info["act"]
    picked = [
        int(one) for one in typed.get("pick", []) if one.isascii() and one.isdecimal() and len(one) < 10
    ]
    done, refused = [], []
    for number in dict.fromkeys(picked):
        try:
            async with request.app[UNITS].act(actor) as uow:
                await _ACTS[act][0](uow, number, {})
            done.append(number)
        except Refusal as refusal:
            refused.append(f"{number}号：{refusal.message}")
    response = see_other(forms.local_path(typed.get("back"), LIST))
    verb = "认可" if act == "accept" else "撤回认可"
    if not picked:
        flash(request, response, "warn", "没有选。请先在表里勾选，再按。")
        return response
    said = f"{verb}了{len(done)}件。" if done else f"一件也没有{verb}。"
    undo = {"undo": f"{LIST}/reopen", "undo_of": ",".join(map(str, done)), "undo_label": "撤回认可"}
    more = undo if act == "accept" and done else {}
    flash(request, response, "warn" if refused else "good", said + "".join(refused[:5]), **more)
    return response


@routes.get(LIST + "/{act:accept|reopen}")
@routes.get(LIST + "/{id:\\d+}/{act:return|accept|reopen|withdraw}")
async def not_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.SUPERVISOR)
    return see_other(LIST)


# The body answers


@routes.get(DESK + "/{id:\\d+}")
async def task(request: web.Request) -> web.Response:
    """One instruction as the body sees it, with the form to answer."""
    return await _task(request, forms.Form(), 200)


async def _task(request: web.Request, form: forms.Form, status: int) -> web.Response:
    actor = staff_of(request, Role.CLERK)
    return await _drawn(request, actor, form, status, DESK, "desk_instruction.html")


@routes.post(DESK + "/{id:\\d+}/answer")
async def answer(request: web.Request) -> web.Response:
    """Say what was done and who did it."""
    actor = staff_of(request, Role.CLERK)
    typed = await forms.posted(request)
    number = path_number(request)
    text, doer = str(typed.get("text", "")), str(typed.get("doer", ""))
    try:
        async with request.app[UNITS].act(actor) as uow:
            await instructions.answer(uow, number, text, doer)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _task(request, _again(refusal, typed, "answer"), refusal.status)
    response = see_other(f"{DESK}/{number}")
    flash(request, response, "good", "答复交上去了。主管部门认可就办结；要是退回，会再列在您的首页上。")
    return response


@routes.get(DESK + "/{id:\\d+}/answer")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where the answer was sent there is no page; reading it leads to the form."""
    staff_of(request, Role.CLERK)
    return see_other("/desk")


# On paper


@routes.get("/{room:supervise|desk}/instructions/{id:\\d+}/paper")
async def paper(request: web.Request) -> web.Response:
    """The 督办单 with every step so far, to be printed and filed."""
    room = request.match_info["room"]
    actor = staff_of(request, Role.SUPERVISOR if room == "supervise" else Role.CLERK)
    number = path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        found = await instructions.one(uow, number)
        it = await instructing.seen(uow, found)
    context = {"it": it, "room": room, "supervisor": site().host_office}
    return await render(request, "instruction_paper.html", context, page=Page("督办单", room="staff"))
