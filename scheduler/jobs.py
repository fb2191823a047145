"""The timetable. Every job is a sweep: run twice it is as good as once, and a night of downtime is one catch-up run.

What is due lives in the database, never in the scheduler's own store, which drops what falls due while it is down.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from base.db import Units
from base.people import SYSTEM
from interviews import duties, programme


@dataclass(frozen=True)
class Job:
    """A sweep and how often the bell rings for it."""

    name: str
    every_seconds: int
    run: Callable[[Units], Awaitable[object]]


async def close_at_limit(units: Units) -> int:
    """Close every live interview whose limit has come (第十三条); how many."""
    async with units.read(SYSTEM) as uow:
        due = await programme.past_limit(uow)
    for interview_id in due:
        async with units.act(SYSTEM) as uow:
            await programme.close_by_clock(uow, interview_id)
    return len(due)


async def remind(units: Units) -> int:
    """Write every reminder that is due and not yet written; how many."""
    async with units.read(SYSTEM) as uow:
        waiting = await duties.due_notices(uow)
    if not waiting:
        return 0
    async with units.act(SYSTEM) as uow:
        return await duties.sweep(uow)


TIMETABLE = (
    Job("close_at_limit", 2, close_at_limit),
    Job("remind", 30, remind),
)
