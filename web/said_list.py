"""What was said in an interview, in its order, as much of it as a page of the office shows."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from base.db import UnitOfWork
from chat import views
from interviews import facts
from interviews.lifecycle import ItemKind
from interviews.models import Item
from web import rows
from web.interview_lists import RECORD_PAGE, Wanted
from web.pack_list import PAGES

NAME = "said"
"""Where the page's number stands in the address; ``page`` is the pack's."""


async def said(uow: UnitOfWork, interview_id: int, wanted: Wanted) -> dict[str, Any]:
    """One page of the transcript and the letters, without the questions, which have a list of their own.

    Args:
        uow: of staff who act in the interview.
        interview_id: the interview.
        wanted: the address; ``said`` is the number of the page.

    Returns:
        ``total`` of all there is with the questions, ``items`` with their errata, and the ``pager``.
    """
    whose = (col(Item.interview_id) == interview_id, col(Item.of_id).is_(None))
    spoken = (*whose, col(Item.kind) != ItemKind.QUESTION)
    total = await uow.db.scalar(select(func.count()).select_from(Item).where(*whose))
    listed = await uow.db.scalar(select(func.count()).select_from(Item).where(*spoken)) or 0
    asked = wanted.said(NAME)
    at = rows.pager(int(asked) if PAGES.fullmatch(asked) else 1, listed, RECORD_PAGE, wanted.ending(NAME))
    query = select(Item).where(*spoken).order_by(col(Item.id)).limit(RECORD_PAGE)
    found = list(await uow.db.scalars(query.offset((at["page"] - 1) * RECORD_PAGE)))
    beside = select(Item).where(col(Item.of_id).in_([item.id for item in found])).order_by(col(Item.id))
    errata: dict[int, list[Any]] = {}
    for one in await uow.db.scalars(beside):
        errata.setdefault(one.of_id or 0, []).append(facts.item_facts(one))
    items = [views.item_view(facts.item_facts(item), errata.get(item.id or 0, ())) for item in found]
    return {"total": total, "items": items, "pager": at}
