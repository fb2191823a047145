"""What pages and programs show of likeness: what was asked already, what an entry answers already.

The measure is the bot's own (``faq.askings`` for questions, ``faq.near_entries`` for entries). Citizens are shown what is
public and nothing else; what waits for the moderator is among what staff are shown.
"""

from collections.abc import Collection, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.people import Actor
from faq import near_entries
from faq.askings import Alike
from faq.models import CatalogEntry
from interviews.lifecycle import QUESTION_MOVES, QuestionStatus
from interviews.models import Question, Support
from web.keys import ASKINGS, DESK

Body = dict[str, Any]

OFFERED = 5
"""Questions, and entries, offered to whoever is typing."""

READ = 200
"""Characters of a half-written question that are looked at; they travel in an address, which has its limits."""

SHORTEST = 2

LOOKED_AT = 20
"""Waiting questions for which the console shows at once what they are like, 5 ms each; the others as they come up."""

# For citizens


async def offered(app: web.Application, uow: UnitOfWork, interview_id: int, typed: str) -> Body:
    """What is offered to somebody who is still writing: the public questions and the entries nearest to it.

    Args:
        app: has the indexes.
        uow: reads as the citizen who writes.
        interview_id: an interview that everybody may read.
        typed: as far as it is written; kept nowhere.

    Returns:
        ``{"questions", "entries"}``, as the interface gives them.
    """
    text = typed.strip()[:READ]
    if len(text) < SHORTEST:
        return {"questions": [], "entries": []}
    near = await app[ASKINGS].near(uow, interview_id, text, OFFERED)
    entries = await near_entries.near(app[DESK].present, uow, text, OFFERED)
    return {
        "questions": await _questions(uow, near),
        "entries": [
            {
                "entry": one.id,
                "question": one.asked_as(),
                "url": f"/faq/entries/{one.id}",
                "in_force": one.in_force,
            }
            for one in entries
        ],
    }


async def asked_already(app: web.Application, uow: UnitOfWork, interview_id: int, text: str) -> list[Body]:
    """The public questions that are very much like one that is about to be submitted."""
    near = await app[ASKINGS].near(uow, interview_id, text, OFFERED)
    return await _questions(uow, [one for one in near if one.words == "很像"])


async def _questions(uow: UnitOfWork, near: Sequence[Alike]) -> list[Body]:
    supported = await _supported(uow, [one.row.id or 0 for one in near])
    return [question_link(one.row, uow.actor, supported) for one in near]


def question_link(row: Question, reader: Actor, supported: Collection[int | None] = ()) -> Body:
    """A public question as it is offered; ``can_support`` says whether the reader may press 我也想问 now."""
    open_still = QuestionStatus(row.status) in QUESTION_MOVES["question.support"][0]
    own = reader.person_id is not None and row.asker_id == reader.person_id
    return {
        "id": row.id,
        "number": row.number,
        "text": row.text,
        "supports": row.supports,
        "status": row.status,
        "url": f"/interviews/{row.interview_id}#q{row.number}",
        "can_support": open_still and not own and row.id not in supported,
    }


async def _supported(uow: UnitOfWork, questions: Sequence[int]) -> set[int | None]:
    if uow.actor.person_id is None or not questions:
        return set()
    query = select(col(Support.question_id)).where(
        col(Support.person_id) == uow.actor.person_id, col(Support.question_id).in_(questions)
    )
    return set(await uow.db.scalars(query))


async def beside(app: web.Application, uow: UnitOfWork, found: Question, most: int = 3) -> list[Body]:
    """The public questions beside a public one, for its own page."""
    near = await app[ASKINGS].near(uow, found.interview_id, found.text, most + 1)
    return [question_link(one.row, uow.actor) for one in near if one.row.id != found.id][:most]


# For staff


async def of_waiting(
    app: web.Application, uow: UnitOfWork, interview_id: int, questions: Sequence[int]
) -> dict[int, Body]:
    """What waiting questions are like: other questions of the interview, and an entry that answers already.

    Args:
        app: has the indexes.
        uow: of staff who act in the interview.
        interview_id: the interview; questions of others are passed over.
        questions: ids.

    Returns:
        By id ``{"similar": [{"question", "number"?, "text", "words"}], "entry": {"index_no", "title", "url"}?}``.
    """
    wanted = col(Question.id).in_(list(questions)[:LOOKED_AT])
    query = select(Question).where(wanted, col(Question.interview_id) == interview_id)
    rows = list(await uow.db.scalars(query))
    likely = await app[ASKINGS].likely(uow, interview_id, rows)
    near = await near_entries.sure_of(app[DESK].present, uow, [row.text for row in rows], 1)
    return {
        row.id or 0: {
            "similar": [_likely(one) for one in likely[row.id or 0]],
            "entry": entry_link(answers[0]) if answers else None,
        }
        for row, answers in zip(rows, near, strict=True)
    }


def _likely(one: Alike) -> Body:
    return {
        "question": one.row.id,
        "number": one.row.number,
        "text": one.row.text,
        "words": one.words,
        "can_merge": QuestionStatus(one.row.status) in QUESTION_MOVES["question.support"][0],
    }


def entry_link(one: CatalogEntry) -> Body:
    """An entry as staff are offered it."""
    return {"index_no": one.index_no, "title": one.title, "url": f"/faq/entries/{one.id}"}
