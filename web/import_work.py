"""The bell's part in an import: a few stretches of each running one, in the name of whoever started it."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Person
from faq import imports

log = structlog.get_logger(__name__)


async def advance_imports(units: Units) -> int:
    """Take in some stretches of every running import, each in a transaction of its own; how many went on.

    An import that cannot go on is ended with the reason; a database that is busy is tried again at the next ring.
    """
    async with units.read(SYSTEM) as uow:
        waiting = [
            (number, await _starter(uow.db, author)) for number, author in await imports.running(uow.db)
        ]
    went = 0
    for number, starter in waiting:
        why = "开始这次导入的人，账号已经停用。请另一个人重新导入，收进来的不会重复。"
        try:
            if starter is not None:
                await _advance(units, number, starter)
                went += 1
                continue
        except Refusal as refusal:
            if refusal.code.startswith("storage."):
                continue
            why = refusal.message
        except Exception:
            log.exception("import.failed", number=number)
            why = "收到一半出了错，后面的没有收。请把编号告诉系统管理员，再导入一次，收进来的不会重复。"
        async with units.act(SYSTEM) as uow:
            await imports.fail(uow, number, why)
    return went


async def _advance(units: Units, number: int, starter: Actor) -> None:
    async with units.read(SYSTEM) as uow:
        coming = await imports.ahead(uow.db, number)
    first = coming.first
    for rows in coming.stretches:
        async with units.act(starter) as uow:
            if not await imports.advance(uow, number, first, rows):
                return
        first += len(rows)


async def _starter(db: AsyncSession, author: int | None) -> Actor | None:
    person = await db.get(Person, author) if author is not None else None
    return person.actor() if person is not None and person.disabled_at is None else None
