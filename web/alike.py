"""What pages and programs show of likeness: what was asked already, what an entry answers already, a pack by theme.

The measure is the bot's own (``faq.askings`` for questions, ``faq.near_entries`` for entries). Citizens are shown what is
public and nothing else; what waits for the moderator is among what staff are shown.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.people import Actor
from faq import near_entries
from faq.askings import Alike
from faq.grouping import Asked, Matter
from faq.models import CatalogEntry
from interviews.lifecycle import QUESTION_MOVES, QuestionStatus
from interviews.models import Question, Support
from web import record
from web.keys import ASKINGS, DESK

Body = dict[str, Any]

OFFERED = 5
"""Questions, and entries, offered to whoever is typing."""

READ = 200
"""Characters of a half-written question that are looked at; they travel in an address, which has its limits."""

SHORTEST = 2

LOOKED_AT = 20
"""Waiting questions for which the console shows at once what they are like, 5 ms each; the others as they come up."""

PACK_LOOKS = 150
"""Matters of a pack for which the catalogue is asked, the first of each theme before all others."""


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
    return {
        row.id or 0: {
            "similar": [_likely(one) for one in likely[row.id or 0]],
            "entry": next(iter(await _answers(app, uow, row.text, 1)), None),
        }
        for row in rows
    }


def _likely(one: Alike) -> Body:
    return {
        "question": one.row.id,
        "number": one.row.number,
        "text": one.row.text,
        "words": one.words,
        "can_merge": QuestionStatus(one.row.status) in QUESTION_MOVES["question.support"][0],
    }


async def _answers(app: web.Application, uow: UnitOfWork, text: str, count: int) -> list[Body]:
    """The entries that the bot would answer with; others are served in between."""
    found = await near_entries.near(app[DESK].present, uow, text, count, sure=True)
    await asyncio.sleep(0)
    return [_entry(one) for one in found]


def _entry(one: CatalogEntry) -> Body:
    return {"index_no": one.index_no, "title": one.title, "url": f"/faq/entries/{one.id}"}


# The pack


async def pack(app: web.Application, uow: UnitOfWork, interview_id: int, state: record.State) -> list[Body]:
    """The public questions of an interview by theme, the most supported first; each exactly once.

    What the moderator merged stands under what it was merged into, and its supports are counted there alone.

    Args:
        app: has the indexes.
        uow: of staff who act in the interview.
        interview_id: the interview.
        state: what its public sees, from ``record.shown``.

    Returns:
        ``{"label"?, "supports", "count", "matters": [{"lead", "also", "supports", "entries"}]}``; ``lead`` and
        ``also`` are questions as the stream gives them.
    """
    listed = record.pool(state, [one.value for one in QuestionStatus if one not in record.GONE])
    by_id = {q["question"]: q for q in listed}
    roots = {q["question"]: _root(q, by_id) for q in listed}
    asked = [
        Asked(q["question"], q["text"] or "", q["supports"])
        for q in listed
        if roots[q["question"]] == q["question"]
    ]
    merged: dict[int, list[Body]] = {}
    for q in listed:
        if roots[q["question"]] != q["question"]:
            merged.setdefault(roots[q["question"]], []).append(q)
    themes = await app[ASKINGS].themes(uow, interview_id, asked)
    answers = await _pack_answers(app, uow, [theme.matters for theme in themes])
    return [
        {
            "label": theme.label,
            "supports": theme.supports,
            "count": sum(len(_also(matter, merged)) + 1 for matter in theme.matters),
            "matters": [
                {
                    "lead": by_id[matter.lead.key],
                    "also": [by_id[key] for key in _also(matter, merged)],
                    "supports": matter.supports,
                    "entries": answers.get(matter.lead.key, []),
                }
                for matter in theme.matters
            ],
        }
        for theme in themes
    ]


def _root(q: Body, by_id: dict[int, Body]) -> int:
    """The question of the pack that one was merged into in the end, or itself."""
    seen = {q["question"]}
    while q["status"] == QuestionStatus.MERGED and q["into"] in by_id and q["into"] not in seen:
        q = by_id[q["into"]]
        seen.add(q["question"])
    return int(q["question"])


def _also(matter: Matter, merged: dict[int, list[Body]]) -> list[int]:
    keys = [one.key for one in matter.also]
    return keys + [int(q["question"]) for key in (matter.lead.key, *keys) for q in merged.get(key, ())]


async def _pack_answers(
    app: web.Application, uow: UnitOfWork, themes: Sequence[Sequence[Matter]]
) -> dict[int, list[Body]]:
    first = [matters[0] for matters in themes]
    others = [matter for matters in themes for matter in matters[1:]]
    return {
        matter.lead.key: await _answers(app, uow, matter.lead.text, 2)
        for matter in [*first, *others][:PACK_LOOKS]
    }
