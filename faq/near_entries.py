"""The entries near to what somebody writes or has asked elsewhere: offered beside it, never quoted as an answer.

The bot's own engine and calibration, but nothing is kept, and no outcome is made of it.
"""

import asyncio
from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from faq.models import CatalogEntry
from faq.present import Present

RELATED, RELATED_SHARE = 0.35, 0.6
"""Offered while somebody writes: least chance that an answer is among the first four, and the share of the first
entry's score that the others must have."""


async def near(present: Present, uow: UnitOfWork, text: str, count: int = 5) -> list[CatalogEntry]:
    """The entries that may answer a text already, nearest first; none where it is not likely that one does.

    Args:
        present: the catalogue of this process.
        uow: reads; the text is not kept.
        text: of any length.
        count: how many at most.
    """
    await present.follow(uow.db)
    today = office_date(uow.now)
    found = present.engine.ask(text, max(count, 2), present.allowed(today))
    hits, keys, facts = found.hits, found.judgement.entries, found.judgement.facts
    if facts is not None:
        chance = present.engine.calibration.among.at(facts.evidence)
        least = RELATED_SHARE * hits[0].score
        keys = tuple(hit.key for hit in hits if hit.score >= least) if chance >= RELATED else keys
    wanted = [int(key) for key in keys[:count]]
    rows = await uow.db.scalars(select(CatalogEntry).where(col(CatalogEntry.id).in_(wanted)))
    by_id = {row.id: row for row in rows if row.speaks_on(today)}
    return [by_id[key] for key in wanted if key in by_id]


async def sure_of(
    present: Present, uow: UnitOfWork, texts: Sequence[str], count: int
) -> list[list[CatalogEntry]]:
    """For each of several texts what the bot would answer with, or offer as a choice; others are served in between.

    Args:
        present: the catalogue of this process.
        uow: reads; the texts are not kept.
        texts: 5 ms each.
        count: how many for each at most.
    """
    if not texts:
        return []
    await present.follow(uow.db)
    today = office_date(uow.now)
    allowed = present.allowed(today)
    found: list[list[int]] = []
    for text in texts:
        keys = present.engine.ask(text, max(count, 2), allowed).judgement.entries
        found.append([int(key) for key in keys[:count]])
        await asyncio.sleep(0)
    wanted = {key for keys in found for key in keys}
    if not wanted:
        return [[] for _ in found]
    rows = await uow.db.scalars(select(CatalogEntry).where(col(CatalogEntry.id).in_(wanted)))
    by_id = {row.id: row for row in rows if row.speaks_on(today)}
    return [[by_id[key] for key in keys if key in by_id] for keys in found]
