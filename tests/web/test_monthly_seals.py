"""Each month's checkpoint: written once, beside the database, and good for finding a chain that was rewritten."""

import os
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import update
from sqlmodel import col

from base.audit import AuditEntry
from base.errors import Refusal
from base.people import SYSTEM
from tests.cast import City, at
from web import checkpoints, monthly_seals

KEY = b"k" * 32


async def test_a_month_is_sealed_once_and_stays_as_it_was(city: City, tmp_path: Path) -> None:
    await city.plan()
    with time_machine.travel(at("2026-03-01 00:05"), tick=False):
        assert await monthly_seals.seal_last_month(city.units, tmp_path, KEY)
    path = monthly_seals.path_of(tmp_path, "2026-02")
    first = path.read_bytes()
    await city.announce()
    with time_machine.travel(at("2026-03-31 23:59"), tick=False):
        assert not await monthly_seals.seal_last_month(city.units, tmp_path, KEY)
    assert path.read_bytes() == first
    with time_machine.travel(at("2026-04-01 00:00"), tick=False):
        assert await monthly_seals.seal_last_month(city.units, tmp_path, KEY)
    assert [one.month for one in monthly_seals.sealed(tmp_path)] == ["2026-03", "2026-02"]
    assert not [name for name in os.listdir(tmp_path / "checkpoints") if not name.endswith(".json")]


async def test_a_chain_rewritten_since_does_not_fit_the_seal(city: City, tmp_path: Path) -> None:
    await city.plan()
    with time_machine.travel(at("2026-03-01 00:05"), tick=False):
        await monthly_seals.seal_last_month(city.units, tmp_path, KEY)
    [kept] = monthly_seals.sealed(tmp_path)
    assert kept.checkpoint is not None
    async with city.units.read(SYSTEM) as uow:
        assert (await checkpoints.compare(uow, kept.checkpoint, KEY)).verdict.ok
    async with city.units.act(SYSTEM) as uow:
        await uow.db.execute(
            update(AuditEntry).where(col(AuditEntry.seq) == 1).values(act="nothing.happened")
        )
    async with city.units.read(SYSTEM) as uow:
        assert not (await checkpoints.compare(uow, kept.checkpoint, KEY)).verdict.ok
    with time_machine.travel(at("2026-04-01 00:05"), tick=False), pytest.raises(Refusal) as refused:
        await monthly_seals.seal_last_month(city.units, tmp_path, KEY)
    assert refused.value.code == "audit.broken"
    assert [one.month for one in monthly_seals.sealed(tmp_path)] == ["2026-02"]
