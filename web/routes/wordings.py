"""How notices are worded: the office rewrites a kind with named places, looks at it with an interview, goes back."""

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from interviews import wording
from web import forms, wording_list
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.gate import staff_of
from web.routes.public import see_other
from web.wording_list import PATH

routes = web.RouteTableDef()

LIST = Page("通知怎么写", room="staff", path=PATH)


@routes.get(PATH)
async def kinds(request: web.Request) -> web.Response:
    """Every kind of mail and printed notice with the text that holds now."""
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        context = await wording_list.kinds(uow)
    return await render(request, "office_wordings.html", context, page=LIST)


@routes.get(f"{PATH}/{{kind:[a-z_]+}}")
async def one(request: web.Request) -> web.Response:
    """One kind: its text to write in, its places, how it reads, and every version."""
    return await _one(request, Form(), 200, preview=False)


async def _one(request: web.Request, form: Form, status: int, *, preview: bool) -> web.Response:
    actor, kind = staff_of(request, Role.OFFICE), request.match_info["kind"]
    async with request.app[UNITS].read(actor) as uow:
        context = await wording_list.one(uow, kind, form.typed, preview=preview)
    about = Page(f"通知怎么写：{context['label']}", room="staff", path=f"{PATH}/{kind}")
    context |= {"form": form, "looked": preview}
    return await render(request, "office_wording.html", context, page=about, status=status)


@routes.post(f"{PATH}/{{kind:[a-z_]+}}")
async def write(request: web.Request) -> web.Response:
    """``act``: ``preview`` shows how it would read and keeps nothing, ``save`` keeps it, ``restore`` the standard."""
    actor, kind = staff_of(request, Role.OFFICE), request.match_info["kind"]
    typed = await forms.posted(request)
    act, text, seen, subject = (str(typed.get(name, "")) for name in ("act", "text", "version", "subject"))
    try:
        if act == "preview":
            if "subject" in typed and not wording.template_of(kind).printed:
                wording.checked_subject(kind, subject)
            wording.checked(kind, text)
            return await _one(request, Form(typed), 200, preview=True)
        if act not in ("save", "restore"):
            raise Refusal("wording.act", "请从这一种通知的页面上操作。", status=400)
        version = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
        async with request.app[UNITS].act(actor) as uow:
            own = act == "save"
            made = await wording.rewrite(
                uow, kind, text if own else None, version, subject if own and "subject" in typed else None
            )
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        field = "subject" if _subject_is_wrong(kind, typed) else "text"
        form = Form(typed, {field: refusal.message}, refusal.message)
        return await _one(request, form, refusal.status, preview=False)
    response = see_other(f"{PATH}/{kind}")
    said = "存成" if act == "save" else "用回标准的写法，记作"
    flash(request, response, "good", f"{said}第{made}版了，从现在起新写的照这样。已经在等的不变。")
    return response


def _subject_is_wrong(kind: str, typed: forms.Typed) -> bool:
    if "subject" not in typed or wording.template_of(kind).printed:
        return False
    try:
        wording.checked_subject(kind, str(typed["subject"]))
    except Refusal:
        return True
    return False
