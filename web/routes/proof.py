"""The way on for a visitor who was too fast: fetch a challenge, hand in its solution, go on submitting."""

from typing import Any

from aiohttp import web
from pydantic import ValidationError

from base.errors import Refusal, forbidden
from base.people import Actor, Role
from chat import registry
from web.keys import ACTOR, SURROUNDINGS, UNITS
from web.proof import PROOFS, Solved
from web.routes.api import reply, sent_object

routes = web.RouteTableDef()


def _visitor(request: web.Request) -> Actor:
    actor: Actor = request[ACTOR]
    if actor.role is Role.CITIZEN:
        return actor
    if actor.is_staff:
        raise forbidden()
    raise Refusal("visitor.missing", "还没有领到您的身份凭证。请刷新页面再试。", status=401)


@routes.get("/api/challenge")
async def challenge(request: web.Request) -> web.Response:
    """A challenge made for the visitor who asks."""
    found: dict[str, Any] = request.app[PROOFS].challenge(_visitor(request).person_id)
    return reply(found)


@routes.post("/api/proof")
async def proof(request: web.Request) -> web.Response:
    """A solved challenge: the visitor's minute begins anew."""
    visitor = _visitor(request)
    try:
        solved = Solved.model_validate(await sent_object(request))
    except ValidationError as error:
        raise registry.invalid(error) from None
    async with request.app[UNITS].act(visitor) as uow:
        await request.app[PROOFS].spend(uow, solved.payload)
    return reply({"submissions": request.app[SURROUNDINGS].pace.proved(visitor.person_id)})
