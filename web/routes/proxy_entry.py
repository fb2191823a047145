"""The office types in a question that came by telephone, at the counter or by letter (代录), and reads out its receipt."""

from typing import Any

from aiohttp import web
from pydantic import ValidationError

from base.errors import Refusal
from base.people import Role
from chat.registry import invalid
from chat.schemas import SubmitQuestion
from interviews import access, proxy_entry
from interviews.lifecycle import check_asking
from interviews.proxy_entry import WAY_WORDS, EnteredBefore, Way
from interviews.questions import Submission
from web import forms
from web.forms import Form
from web.keys import SETTINGS, SURROUNDINGS, UNITS
from web.pages import Page, render
from web.routes.api import path_number
from web.routes.gate import staff_of
from web.routes.public import see_other
from web.sealing import new_token

routes = web.RouteTableDef()

PATH = "/office/interviews/{id:\\d+}/enter"


@routes.get(PATH)
async def form_page(request: web.Request) -> web.Response:
    """The empty form; a refusal where the interview takes no questions now."""
    return await _page(request, Form(), 200)


async def _page(request: web.Request, form: Form, status: int, known: str | None = None) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        found = await access.acting_interview(uow, path_number(request), lock=None)
        if not form.message:
            check_asking(found.status)
        about = {"id": found.id, "no": found.ordinal, "theme": found.theme}
    context: dict[str, Any] = {
        "interview": about,
        "ways": [(way.value, words) for way, words in WAY_WORDS.items()],
        "client_id": form.typed.get("client_id") or new_token()[:22],
        "form": form,
        "known": known,
    }
    return await render(
        request, "office_enter.html", context, page=Page("代录一个提问", room="staff"), status=status
    )


@routes.post(PATH)
async def enter(request: web.Request) -> web.Response:
    """Keep the question and lead to its slip; what was typed comes back with the reason where it is refused."""
    actor = staff_of(request, Role.OFFICE)
    typed, interview_id = await forms.posted(request), path_number(request)
    try:
        sent, way = _read(request, typed, interview_id)
        async with request.app[UNITS].act(actor) as uow:
            kept, _ = await proxy_entry.enter(uow, interview_id, sent, way, again=bool(typed.get("again")))
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        spent = refusal.code in ("question.client_id_reused", "input.invalid")
        form = forms.refused(refusal, typed | ({"client_id": ""} if spent else {}))
        known = refusal.receipt if isinstance(refusal, EnteredBefore) else None
        return await _page(request, form, refusal.status, known)
    return see_other(f"/office/entered/{kept.receipt}")


def _read(request: web.Request, typed: forms.Typed, interview_id: int) -> tuple[Submission, Way]:
    """The form as a citizen would have sent it, by the same schema, and how it came.

    Raises:
        Refusal: ``input.invalid``; names the field.
    """
    way = next((one for one in Way if one.value == typed.get("way")), None)
    if way is None:
        raise Refusal("input.invalid", "“way”这一项没有选。请选电话、窗口或者来信。", status=400)
    try:
        wanted = SubmitQuestion.model_validate(
            forms.command_object("question.submit", typed | {"interview": str(interview_id)})
        )
    except ValidationError as error:
        raise invalid(error) from None
    sealed = request.app[SURROUNDINGS].seal(wanted.contact) if wanted.contact else None
    return Submission(wanted.text, wanted.kind, wanted.client_id, wanted.nickname, sealed), way


@routes.get("/office/entered/{receipt}")
async def slip(request: web.Request) -> web.Response:
    """The receipt of a question that was typed in: large to read out, and a slip to print for the asker."""
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        kept = await proxy_entry.entered(uow, request.match_info["receipt"])
        found = await access.interview(uow, kept.interview_id)
        context = {
            "interview": {
                "id": found.id,
                "no": found.ordinal,
                "theme": found.theme,
                "starts_at": found.starts_at,
                "ends_at": found.ends_at,
                "status": found.status,
            },
            "receipt": kept.receipt,
            "kind": kept.kind,
            "text": kept.text,
            "at": kept.submitted_at,
            "mail": kept.contact_sealed is not None,
            "address": f"{request.app[SETTINGS].base_url}/questions/{kept.receipt}",
        }
    return await render(request, "office_entered.html", context, page=Page("代录好了", room="staff"))
