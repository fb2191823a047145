"""Themes that keep coming, as the office decides on them: begin an interview, set aside, put back."""

from http import HTTPStatus
from urllib.parse import urlencode

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Role
from faq import recurring
from web import forms
from web.keys import RECURRING, UNITS
from web.pages import Page, flash, render
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PATH = "/office/themes"


@routes.get(PATH)
async def themes_page(request: web.Request) -> web.Response:
    """Every theme that is proposed, with its evidence; and what was decided."""
    return await _page(request, forms.Form(), HTTPStatus.OK)


async def _page(request: web.Request, form: forms.Form, status: int) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        context = {
            "themes": await request.app[RECURRING].proposals(uow),
            "decided": await recurring.decided(uow),
            "least": (recurring.INTERVIEWS, recurring.QUESTIONS),
            "days": recurring.WINDOW.days,
            "begun": recurring.BEGUN,
            "form": form,
        }
    about = Page("反复问的主题", room="staff", path=PATH)
    return await render(request, "office_themes.html", context, page=about, status=status)


@routes.post(PATH)
async def decided(request: web.Request) -> web.Response:
    """Begin planning an interview of a theme, set it aside with a reason, or put it back."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    act, number = str(typed.get("act", "")), _number(typed.get("theme"))
    try:
        if act == "begin":
            return await _begun(request, number)
        async with request.app[UNITS].act(actor) as uow:
            said = await _done(request, uow, act, number, str(typed.get("reason", "")))
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        errors = {"reason": refusal.message} if refusal.code.startswith("text.") else {}
        form = forms.Form(typed, errors, refusal.message, str(number))
        return await _page(request, form, refusal.status)
    response = see_other(PATH)
    flash(request, response, "good", said)
    return response


async def _begun(request: web.Request, number: int) -> web.Response:
    async with request.app[UNITS].act(staff_of(request, Role.OFFICE)) as uow:
        theme = await request.app[RECURRING].one(uow, number)
        await recurring.decide(uow, theme, begun=True)
    asked = {"theme": theme.label} | ({"body": theme.body[0]} if theme.body else {})
    response = see_other(f"/office/interviews/new?{urlencode(asked)}")
    flash(request, response, "good", "题目和答复单位填好了，请改成市民看得懂的题目，写上时间再排。")
    return response


async def _done(request: web.Request, uow: UnitOfWork, act: str, number: int, reason: str) -> str:
    if act == "back":
        await recurring.put_back(uow, number)
        return "放回去了，够数的会再列出来。"
    if act != "aside":
        raise Refusal("theme.act", "请从页面上选怎么办。", status=400)
    await recurring.decide(uow, await request.app[RECURRING].one(uow, number), begun=False, reason=reason)
    return "放下了，同样的这些提问不会再列出来。有够多新的提问，才会再提。"


def _number(sent: object) -> int:
    plain = str(sent or "")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else 0
