"""What runs beside requests so that the desk learns: misses into topics, asks forgotten, entries following answers."""

from collections.abc import Sequence
from typing import Any

from base.db import UnitOfWork
from chat import streams
from faq import misses, referrals, sources
from scheduler.jobs import Job

LEARNING = (
    Job("sort_misses", 3600, misses.refresh),
    Job("silence_sources", 5, sources.sweep),
    Job("forget_asks", 3600, misses.forget_old),
    Job("forget_addresses", 3600, referrals.forget_addresses),
)
"""Every one a sweep. An hour and not a day: a process that is started anew every night would never ring."""


async def told(uow: UnitOfWork) -> Sequence[Any]:
    """What a unit of work tells, after the entries made from what it took down have fallen silent with it."""
    await sources.follow(uow)
    return await streams.project(uow)
