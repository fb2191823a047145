"""Putting a suggestion with its source line into the draft of an answer, by form."""

from aiohttp import web

from base.errors import Refusal
from base.people import Actor, Role
from web import forms, suggesting
from web.keys import UNITS
from web.pages import flash
from web.routes.api import path_number
from web.routes.desk import ANSWERING, question_handed
from web.routes.gate import staff_of, theirs
from web.routes.public import act, see_other

routes = web.RouteTableDef()


@routes.post("/desk/{id:\\d+}/quote")
async def quote(request: web.Request) -> web.Response:
    """Put a suggestion with its source line behind what is written so far, as the draft; nothing goes out."""
    actor = staff_of(request, *ANSWERING)
    typed = await forms.posted(request)
    interview_id, question = path_number(request), str(typed.get("question", ""))
    about = f"?question={question}" if question.isascii() and question.isdecimal() else ""
    async with request.app[UNITS].read(actor) as uow:
        await theirs(uow, interview_id)
    return await _into_draft(request, actor, question, typed, f"/desk/{interview_id}{about}")


@routes.post("/desk/questions/{id:\\d+}/quote")
async def quote_in_letter(request: web.Request) -> web.Response:
    """The same where a question that was handed to the body is answered; a draft of another's is not found."""
    actor = staff_of(request, Role.CLERK)
    question, typed = path_number(request), await forms.posted(request)
    async with request.app[UNITS].read(actor) as uow:
        await question_handed(uow, actor, question)
    return await _into_draft(request, actor, str(question), typed, f"/desk/questions/{question}")


async def _into_draft(
    request: web.Request, actor: Actor, question: str, typed: forms.Typed, page: str
) -> web.Response:
    response = see_other(page)
    try:
        async with request.app[UNITS].read(actor) as uow:
            source = await suggesting.quoted(request, uow, str(typed.get("source", "")))
        text = suggesting.joined(str(typed.get("text", "")), source)
        sent = forms.command_object("answer.draft", {"question": question, "text": text})
        await act(request, actor, "answer.draft", sent)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        flash(request, response, "bad", refusal.message)
        return response
    flash(request, response, "good", "放进草稿了，带着来源。改好再发布。")
    return response


@routes.get("/desk/{id:\\d+}/quote")
async def quote_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the desk."""
    actor = staff_of(request, *ANSWERING)
    async with request.app[UNITS].read(actor) as uow:
        await theirs(uow, path_number(request))
    return see_other(f"/desk/{path_number(request)}")


@routes.get("/desk/questions/{id:\\d+}/quote")
async def quote_in_letter_by_reading(request: web.Request) -> web.Response:
    """The same for a question that was handed to the body."""
    actor = staff_of(request, Role.CLERK)
    async with request.app[UNITS].read(actor) as uow:
        await question_handed(uow, actor, path_number(request))
    return see_other(f"/desk/questions/{path_number(request)}")
