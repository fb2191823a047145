"""The example city's 政府信息公开目录, which the bot answers from: imported and published like any other.

Two revisions are on their way through the review, so that the editor's desk has something on it.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork, Units
from base.people import SYSTEM, Actor, Person, Role
from faq import drafts, library, review
from faq.models import CatalogEntry, RevisionAction
from faq.table_file import row_of
from web.city.data import read_file


async def fill_catalogue(units: Units, now: datetime) -> None:
    """Import and publish the city's entries where the catalogue has none yet, and begin its revisions.

    Raises:
        Refusal: a bad entry; the message names it.
    """
    async with units.read() as uow:
        if await library.version(uow.db):
            return
    read = read_file("catalog.yaml")
    rows = [row_of(_cells(one), n) for n, one in enumerate(read["entries"], 1)]
    async with units.act(SYSTEM, now=now) as uow:
        await library.import_rows(uow, rows, publish_too=True)
        for one in read["revisions"]:
            await _revise(uow, one, now)


async def _revise(uow: UnitOfWork, one: dict[str, Any], now: datetime) -> None:
    """One revision of the file: the editor writes and submits it, and where the file says so the office returns it."""
    writing = uow.retold(await _account(uow, Role.EDITOR), now)
    query = select(CatalogEntry).where(col(CatalogEntry.index_no) == one["index_no"])
    entry = (await uow.db.scalars(query)).one_or_none()
    if entry is not None:
        row = replace(drafts.of_entry(entry).row, body=one["body"])
        revision = await review.propose(writing, entry.id, RevisionAction.CHANGE, row, one["reason"])
    else:
        row = row_of(_cells(one), 1)
        revision = await review.propose(writing, None, RevisionAction.PUBLISH, row, one["reason"])
    await review.submit(writing, revision.id or 0)
    if one.get("returned"):
        returning = uow.retold(await _account(uow, Role.OFFICE), now)
        await review.sign(returning, revision.id or 0, False, one["returned"])


async def _account(uow: UnitOfWork, role: Role) -> Actor:
    """The example city's own account of a role."""
    query = select(Person).where(col(Person.example), col(Person.login) == role.value)
    return (await uow.db.scalars(query)).one().actor()


def _cells(one: dict[str, Any]) -> dict[str, str]:
    return {name: _cell(value, "、" if name == "keywords" else "\n") for name, value in one.items()}


def _cell(value: object, between: str = "\n") -> str:
    """A value of the file as the cell of a table."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return between.join(value)
    return str(value)
