"""A signed checkpoint of the audit chain for each month, sealed by itself in its first days (每月存档点).

They lie as files beside the database, not in it: whoever can rewrite the chain in the database would rewrite them too.
The operator copies the folder to another machine with the backups (``docs/operator.md``); the auditor downloads them
and compares.
"""

import asyncio
import os
import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import structlog

from base.clock import office_date, utcnow
from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM
from scheduler.jobs import Job
from web import checkpoints
from web.checkpoints import Checkpoint

log = structlog.get_logger(__name__)

FOLDER = "checkpoints"
EVERY = 600
"""Seconds between two looks; one that finds the month sealed costs one look at a folder."""
_NAME = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\.json")


@dataclass(frozen=True)
class Sealed:
    """A month's checkpoint; ``checkpoint`` is None where its file is not readable as one any more."""

    month: str
    checkpoint: Checkpoint | None


def month_before(day: date) -> str:
    """The month that ended last before a day, as ``2026-10``."""
    return f"{day.replace(day=1) - timedelta(days=1):%Y-%m}"


def path_of(data: Path, month: str) -> Path:
    """The file of a month."""
    return data / FOLDER / f"{month}.json"


def sealed(data: Path) -> list[Sealed]:
    """Every month's checkpoint that is there, the latest first."""
    found = [path for path in (data / FOLDER).glob("*.json") if _NAME.fullmatch(path.name)]
    return [Sealed(path.stem, _read(path)) for path in sorted(found, reverse=True)]


def _read(path: Path) -> Checkpoint | None:
    try:
        with path.open("rb") as opened:
            return checkpoints.parse(opened.read(checkpoints.LONGEST + 1))
    except (OSError, Refusal):
        return None


async def seal_last_month(units: Units, data: Path, key: bytes) -> bool:
    """Seal the month that is over where nobody has; a file that is there is never written again.

    Returns:
        Whether a file was written.

    Raises:
        Refusal: ``audit.broken``: a broken chain is not certified.
    """
    path = path_of(data, month_before(office_date(utcnow())))
    if path.exists():
        return False
    async with units.read(SYSTEM) as uow:
        made = await checkpoints.make(uow, key)
    return await asyncio.to_thread(_written, path, made.file())


def _written(path: Path, content: bytes) -> bool:
    """Write a file whole or not at all; of two processes one wins and the other leaves it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}")
    with half.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    try:
        os.link(half, path)
    except FileExistsError:
        return False
    finally:
        half.unlink()
    return True


def sealing(data: Path, key: bytes) -> Job:
    """The job that seals each month; a broken chain is told in the log at every look until somebody comes."""

    async def run(units: Units) -> bool:
        try:
            return await seal_last_month(units, data, key)
        except Refusal as refusal:
            log.error("checkpoint.refused", code=refusal.code, message=refusal.message)
            return False

    return Job("seal_month", EVERY, run)
