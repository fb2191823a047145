"""Signing several at once: the office's list of what waits for one's own signature, and the clerk's."""

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from web import signing, working_list
from web.catalog_list import MINE, PATH
from web.forms import Form
from web.keys import UNITS
from web.pages import flash
from web.routes.catalog_desk import READERS, show_list
from web.routes.catalog_review import CLERKS_PATH, show_clerks
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

WAITING = working_list.address([("open", "mine")])
"""What the list is asked for when it names what was refused."""


@routes.get(f"{PATH}/sign")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, *READERS)
    return see_other(MINE)


@routes.post(f"{PATH}/sign")
async def sign_several(request: web.Request) -> web.Response:
    """Sign or return what was ticked; the page names every one that was refused, and why."""
    actor = staff_of(request, *READERS)
    wanted = await signing.wanted_of(request)
    try:
        signed = await signing.sign_each(request.app[UNITS], actor, wanted)
    except Refusal as refusal:
        return await show_list(request, WAITING, _form(refusal, wanted), status=refusal.status)
    if signed.refused:
        return await show_list(request, WAITING, Form(), signed=signed, wanted=wanted, status=409)
    return _done(request, MINE, wanted, signed)


@routes.get(f"{CLERKS_PATH}/sign")
async def clerks_nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.CLERK)
    return see_other(CLERKS_PATH)


@routes.post(f"{CLERKS_PATH}/sign")
async def clerk_signs_several(request: web.Request) -> web.Response:
    """The same for the organisation that answered."""
    actor = staff_of(request, Role.CLERK)
    wanted = await signing.wanted_of(request)
    try:
        signed = await signing.sign_each(request.app[UNITS], actor, wanted)
    except Refusal as refusal:
        return await show_clerks(request, _form(refusal, wanted), status=refusal.status)
    if signed.refused:
        return await show_clerks(request, Form(), signed=signed, wanted=wanted, status=409)
    return _done(request, CLERKS_PATH, wanted, signed)


def _form(refusal: Refusal, wanted: signing.Wanted) -> Form:
    errors = {"comment": refusal.message} if refusal.code == "review.comment" else {}
    return Form(wanted.typed, errors, None if errors else refusal.message)


def _done(request: web.Request, back: str, wanted: signing.Wanted, signed: signing.Signed) -> web.Response:
    response = see_other(back)
    flash(request, response, "good", signing.words(wanted, signed))
    return response
