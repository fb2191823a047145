"""The chain: whatever is edited, deleted, inserted or swapped afterwards is found; a cut-off end too, by its head."""

import random
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from sqlmodel import col

from base import audit
from base.audit import AuditEntry, AuditHead
from base.db import Database, UnitOfWork, Units
from base.people import SYSTEM
from tests.cast import ANNOUNCED

ENTRIES = 30
TRIALS = 200
COLUMNS = ("at", "person_id", "role", "act", "subject", "detail", "previous", "digest")


class Undone(Exception):
    """Leaves a unit of work without keeping what was tampered."""


@pytest.fixture
async def units(sqlite_file: str) -> Any:
    from_cast = Database(sqlite_file)
    async with from_cast.writer.begin() as connection:
        tables = [AuditEntry.__table__, AuditHead.__table__]  # type: ignore[attr-defined]  # made by table=True
        await connection.run_sync(lambda sync: AuditEntry.metadata.create_all(sync, tables=tables))
    opened = Units(from_cast)
    async with opened.act(SYSTEM, ANNOUNCED) as uow:
        for number in range(ENTRIES):
            await audit.note(
                uow, "question.publish", f"question:{number % 5}", text=audit.text_digest(str(number))
            )
    yield opened
    await from_cast.close()


async def edit(uow: UnitOfWork, dice: random.Random) -> None:
    seq, column = dice.randint(1, ENTRIES), dice.choice(COLUMNS)
    entry = await uow.db.get_one(AuditEntry, seq)
    changed: dict[str, Any] = {
        "at": entry.at.replace(microsecond=dice.randint(1, 999_999)),
        "person_id": dice.randint(1, 99),
        "detail": {"text": audit.text_digest(f"another {dice.random()}")},
    }
    value = changed.get(column, f"{getattr(entry, column)}{dice.randint(0, 9)}")
    await uow.db.execute(update(AuditEntry).where(col(AuditEntry.seq) == seq).values({column: value}))


async def remove(uow: UnitOfWork, dice: random.Random) -> None:
    await uow.db.execute(delete(AuditEntry).where(col(AuditEntry.seq) == dice.randint(1, ENTRIES)))


async def insert(uow: UnitOfWork, dice: random.Random) -> None:
    """A row slipped in between two, with a digest of its own that is right for it."""
    place = dice.randint(2, ENTRIES)
    before = await uow.db.get_one(AuditEntry, place - 1)
    await uow.db.execute(text(f"UPDATE audit_entry SET seq = -seq - 1 WHERE seq >= {place}"))
    await uow.db.execute(text("UPDATE audit_entry SET seq = -seq WHERE seq < 0"))
    slipped = AuditEntry(
        seq=place,
        at=before.at,
        role="office",
        act="question.remove",
        subject=f"question:{dice.randint(0, 4)}",
        detail={},
        previous=before.digest,
        digest="",
    )
    slipped.digest = audit.entry_digest(slipped)
    uow.db.expunge_all()
    uow.db.add(slipped)
    await uow.db.flush()


async def swap(uow: UnitOfWork, dice: random.Random) -> None:
    one, other = dice.sample(range(1, ENTRIES + 1), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        await uow.db.execute(text(f"UPDATE audit_entry SET seq = {new} WHERE seq = {old}"))


async def test_an_untouched_chain_verifies(units: Units) -> None:
    async with units.read(SYSTEM) as uow:
        verdict = await audit.verify(uow)
    assert (verdict.ok, verdict.entries, verdict.broken_at) == (True, ENTRIES, None)


async def test_two_hundred_edits_deletions_insertions_and_swaps_are_all_found(units: Units) -> None:
    dice = random.Random(20260306)
    missed = []
    for trial in range(TRIALS):
        tamper = (edit, remove, insert, swap)[trial % 4]
        with suppress(Undone):
            async with units.act(SYSTEM, ANNOUNCED) as uow:
                await tamper(uow, dice)
                await uow.db.flush()
                uow.db.expire_all()
                if (await audit.verify(uow)).ok:
                    missed.append((trial, tamper.__name__))
                raise Undone
    assert missed == []


async def test_a_cut_off_end_is_found_by_the_head(units: Units) -> None:
    async with units.act(SYSTEM, ANNOUNCED) as uow:
        await uow.db.execute(delete(AuditEntry).where(col(AuditEntry.seq) > ENTRIES - 3))
    async with units.read(SYSTEM) as uow:
        verdict = await audit.verify(uow)
    assert (verdict.ok, verdict.broken_at) == (False, ENTRIES - 2)


async def test_a_chain_without_its_head_is_broken(units: Units) -> None:
    async with units.act(SYSTEM, ANNOUNCED) as uow:
        await uow.db.execute(delete(AuditHead))
    async with units.read(SYSTEM) as uow:
        assert not (await audit.verify(uow)).ok
        assert len(list(await uow.db.scalars(select(AuditEntry)))) == ENTRIES
