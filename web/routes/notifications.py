"""How notices go: what the office allows for each kind and way, and what each person chooses for themselves."""

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from interviews import telling
from web import forms, notice_tables, overtaken
from web.forms import Form
from web.keys import SETTINGS, UNITS
from web.pages import Page, flash, render
from web.routes.account import PATH as ACCOUNT
from web.routes.account import account_again
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PATH = "/office/notifications"
PAGE = Page("提醒怎么发", room="staff", path=PATH)


@routes.get(PATH)
async def rules(request: web.Request) -> web.Response:
    """What is off, free or must, by kind and way."""
    return await _page(request, Form(), 200)


async def _page(request: web.Request, form: Form, status: int) -> web.Response:
    actor, settings = staff_of(request, Role.OFFICE), request.app[SETTINGS]
    async with request.app[UNITS].read(actor) as uow:
        wishes = await telling.wishes(uow)
    context = {
        "form": form,
        "rows": notice_tables.rules(wishes, form.typed),
        "always": notice_tables.always(),
        "drawn": notice_tables.drawn(wishes),
        "words": [(one.value, label) for one, label in telling.ALLOWED_LABELS.items()],
        "reached": len(wishes.addresses),
        "mail": bool(settings.smtp_url),
        "webhook": bool(settings.webhook_url),
    }
    return await render(request, "office_notifications.html", context, page=PAGE, status=status)


@routes.post(PATH)
async def set_rules(request: web.Request) -> web.Response:
    """Keep what the office says: fields ``kind.way`` with off, free or must."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            now, mine = notice_tables.drawn(await telling.wishes(uow)), notice_tables.chosen_words(typed)
            labels = notice_tables.field_labels()
            overtaken.check(typed, {name: (labels[name], value) for name, value in now.items()}, mine)
            changed = await telling.set_rules(uow, notice_tables.rules_typed(typed))
    except Refusal as refusal:
        return await _page(request, Form(typed, {}, refusal.message), refusal.status)
    response = see_other(PATH)
    said = f"{changed}处改了，从现在起新写的提醒照这样发。" if changed else "和原来一样，没有改。"
    flash(request, response, "good", said)
    return response


@routes.post(f"{ACCOUNT}/notifications")
async def choose(request: web.Request) -> web.Response:
    """Keep what a person chose: a ticked box each way, and the number under which the gateway reaches them."""
    actor = staff_of(request)
    typed = await forms.posted(request)
    try:
        async with request.app[UNITS].act(actor) as uow:
            address = str(typed.get("address", ""))
            await telling.choose(uow, notice_tables.choices_typed(typed), address)
    except Refusal as refusal:
        errors = {"address": refusal.message} if refusal.code == "notice.address" else {}
        return await account_again(request, Form(typed, errors, refusal.message), refusal.status)
    response = see_other(f"{ACCOUNT}#h-told")
    flash(request, response, "good", "存好了，从下一次提醒起照这样发。")
    return response


@routes.get(f"{ACCOUNT}/notifications")
async def back_to_account(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the account."""
    staff_of(request)
    return see_other(ACCOUNT)
