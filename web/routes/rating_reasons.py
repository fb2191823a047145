"""Why people found that answers solved nothing (没解决): for the body that answered, for the office, for the supervisor.

Never public: the pages for everybody tell numbers alone.
"""

from collections import Counter
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.people import Role
from interviews import judging, ratings
from interviews.models import Item, Question
from interviews.rating_models import WHY_WORDS, AnswerRating, Standing, Why
from web.keys import UNITS
from web.pages import Page, render
from web.routes.api import path_number
from web.routes.gate import staff_of, theirs

routes = web.RouteTableDef()

ROOMS = {"desk": Role.CLERK, "office": Role.OFFICE, "supervise": Role.SUPERVISOR}
BACK = {"desk": "/desk/interviews/{}", "office": "/office/interviews/{}", "supervise": "/supervise"}
WHO = {Standing.ASKER: "提问人", Standing.SUPPORTER: "支持的人", Standing.OTHER: "其他人"}


@routes.get("/{room:desk|office|supervise}/interviews/{id:\\d+}/reasons")
async def reasons(request: web.Request) -> web.Response:
    """The reasons by answer, those with the most first, each with what was written beside it, masked."""
    room, interview_id = request.match_info["room"], path_number(request)
    actor = staff_of(request, ROOMS[room])
    async with request.app[UNITS].read(actor) as uow:
        found = await theirs(uow, interview_id)
        said = await judging.said_beside(uow, interview_id)
        answers = await _answers(uow, said)
    counted = Counter(one.why or "" for one in said)
    context: dict[str, Any] = {
        "interview": {"id": interview_id, "no": found.ordinal, "theme": found.theme},
        "back": BACK[room].format(interview_id),
        "own": room == "desk",
        "total": len(said),
        "whys": [(words, counted[why]) for why, words in WHY_WORDS.items()],
        "answers": answers,
    }
    return await render(
        request, "rating_reasons.html", context, page=Page("没解决的原因", room="staff", path=request.path)
    )


async def _answers(uow: UnitOfWork, said: list[AnswerRating]) -> list[dict[str, Any]]:
    ids = list(dict.fromkeys(one.item_id for one in said))
    query = select(Item, Question).join(Question, col(Question.id) == col(Item.question_id))
    rows = (await uow.db.execute(query.where(col(Item.id).in_(ids)))).all()
    counts = await ratings.of_answers(uow, ids)
    found = [
        {
            "no": item.no,
            "number": question.number,
            "asked": question.text,
            "body": item.body_name,
            "text": item.text,
            "now": counts[item.id].now if item.id in counts else ratings.Count(),
            "said": [_said(one, counts) for one in said if one.item_id == item.id],
        }
        for item, question in rows
    ]
    return sorted(found, key=lambda row: (-len(row["said"]), row["no"]))


def _said(one: AnswerRating, counts: dict[int, ratings.AnswerCounts]) -> dict[str, Any]:
    about = counts.get(one.item_id)
    return {
        "why": WHY_WORDS[Why(one.why)] if one.why else "",
        "words": one.words,
        "who": WHO[Standing(one.standing)],
        "at": one.changed_at,
        "earlier": about is not None and one.edition < about.edition,
    }
