"""The office urges a body (催办): one duty from today's list, or several ticked in the list of the year."""

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Role
from interviews import urging
from interviews.urging import Told
from web import duty_acts, forms, working_list
from web.forms import Typed
from web.keys import UNITS
from web.pages import flash
from web.routes.gate import staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

TODAY = "/office"
NAMED = 3
"""Bodies that a sentence names; of more it says how many."""


@routes.post(duty_acts.URGE)
async def urge(request: web.Request) -> web.Response:
    """Urge what is named, or everything that is ticked; what cannot be urged is named and the others are."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    told: list[Told] = []
    refused: list[str] = []
    for duty, group in _wanted(typed):
        try:
            async with request.app[UNITS].act(actor) as uow:
                told.append(await _one(uow, duty, group))
        except Refusal as refusal:
            if refusal.message not in refused:
                refused.append(refusal.message)
    response = see_other(forms.local_path(typed.get("back"), TODAY))
    said = _said(told) if told else "" if refused else working_list.NOTHING_PICKED
    flash(request, response, "good" if told and not refused else "warn", said + "".join(refused))
    return response


@routes.get(duty_acts.URGE)
async def urge_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to today's list."""
    staff_of(request, Role.OFFICE)
    return see_other(TODAY)


def _wanted(typed: Typed) -> list[tuple[int, str]]:
    """What the form names: duties by number, or what several bodies owe by its group."""
    one, group = working_list.picked({"pick": [str(typed.get("duty", ""))]}), str(typed.get("standing", ""))
    if one or group:
        return [(number, "") for number in one] + ([(0, group)] if group else [])
    return [(number, "") for number in working_list.picked(typed)]


async def _one(uow: UnitOfWork, duty: int, group: str) -> Told:
    return await urging.urge_standing(uow, group) if group else await urging.urge(uow, duty)


def _said(told: list[Told]) -> str:
    """Who was urged, whether a letter goes out, and what comes next."""
    bodies = list(dict.fromkeys(body for one in told for body in one.bodies))
    letters = sum(one.letters for one in told)
    named = "、".join(bodies[:NAMED]) + (f"等{len(bodies)}个单位" if len(bodies) > NAMED else "")
    many = f"{len(told)}件" if len(told) > 1 else ""
    ways = (
        f"有{letters}封信等着发，在“寄出去的信”里看得到；他们的首页上也有。"
        if letters
        else "他们没有留邮箱，只在他们的首页上看得到，请再打个电话。"
    )
    return f"催办了{many}{'：' if many and named else ''}{named}。{ways}办好以后不会再提醒；没有办的，明天可以再催。"
