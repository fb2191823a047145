"""What is like what somebody writes or decides about, on demand: for the citizen's form and the moderator's console."""

from aiohttp import web

from base.people import Role
from faq import doors
from interviews import access
from web import alike
from web.addresses import client_address
from web.keys import SURROUNDINGS, UNITS
from web.pages import front_office
from web.routes.api import checked, path_number, reply, sent_object
from web.routes.gate import staff_of, theirs
from web.routes.public import citizen_of
from web.schemas import HalfWritten

routes = web.RouteTableDef()

MODERATORS = (Role.HOST, Role.MODERATOR, Role.OFFICE)


@routes.post("/api/interviews/{id:\\d+}/similar")
async def similar(request: web.Request) -> web.Response:
    """Public questions of the interview and entries of the catalogue near to ``text``; the text is not kept.

    It comes in the body, because addresses stand in the logs of every proxy on the way.

    Raises:
        Refusal: ``not_found``; ``input.json``, ``input.invalid``; ``pace.…`` for too many looks.
    """
    reader = await citizen_of(request)
    wanted = checked(HalfWritten, await sent_object(request))
    request.app[SURROUNDINGS].pace.look(reader.person_id, client_address(request))
    async with request.app[UNITS].read(reader) as uow:
        found = await access.interview(uow, path_number(request))
        told = await alike.offered(request.app, uow, found.id or 0, wanted.text)
    return reply(told | {"elsewhere": doors.to_other_house(wanted.text, front_office())})


@routes.get("/host/{id:\\d+}/similar")
async def similar_to_waiting(request: web.Request) -> web.Response:
    """What some waiting questions are like, for the console that follows the stream."""
    actor = staff_of(request, *MODERATORS)
    sent = request.query.get("questions", "").split(",")[: alike.LOOKED_AT]
    wanted = [int(one) for one in sent if one.isascii() and one.isdecimal() and len(one) < 10]
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, path_number(request))
        told = await alike.of_waiting(request.app, uow, found.id or 0, wanted)
    return reply({str(question): about for question, about in told.items()})
