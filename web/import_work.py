"""The bell's part in an import: a few stretches of each one that is taken in or taken back, in its starter's name."""

from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Person
from faq import import_undo, imports

log = structlog.get_logger(__name__)


async def forget_imports(units: Units) -> None:
    """Empty old previews and forget what old imports did."""
    async with units.act(SYSTEM) as uow:
        await imports.forget_old(uow)


Doing = Callable[[Units, int, Actor], Awaitable[None]]


async def advance_imports(units: Units) -> int:
    """Take in or take back some stretches of every import under way, each in its own transaction; how many went on.

    An import that cannot go on is ended with the reason; a database that is busy is tried again at the next ring.
    """
    async with units.read(SYSTEM) as uow:
        both = ((_advance, await imports.running(uow.db)), (_retreat, await import_undo.running(uow.db)))
        waiting: list[tuple[Doing, int, Actor | None]] = [
            (doing, number, await _starter(uow.db, author))
            for doing, found in both
            for number, author in found
        ]
    went = 0
    for doing, number, starter in waiting:
        why = "开始的人，账号已经停用。请另一个人再办一次，办过的不会重复。"
        try:
            if starter is not None:
                await doing(units, number, starter)
                went += 1
                continue
        except Refusal as refusal:
            if refusal.code.startswith("storage."):
                continue
            why = refusal.message
        except Exception:
            log.exception("import.failed", number=number)
            why = "办到一半出了错，后面的没有办。请把编号告诉系统管理员，再办一次，办过的不会重复。"
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


async def _retreat(units: Units, number: int, starter: Actor) -> None:
    for _ in range(import_undo.AHEAD):
        async with units.act(starter) as uow:
            if not await import_undo.retreat(uow, number):
                return


async def _starter(db: AsyncSession, author: int | None) -> Actor | None:
    person = await db.get(Person, author) if author is not None else None
    return person.actor() if person is not None and person.disabled_at is None else None
