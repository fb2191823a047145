"""APScheduler, which only rings: its store is memory, a missed ring is never lost because the next one sweeps all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from base.clock import utcnow
from base.db import Units
from base.errors import Refusal
from scheduler.jobs import TIMETABLE, Job

log = structlog.get_logger(__name__)

STOP_SECONDS = 5


class Interval(IntervalTrigger):  # type: ignore[misc]  # the library has no types
    """An interval that makes up for no ring that was missed.

    The library counts them one by one before it drops all but the last: after a jump of the clock by a year, with a
    ring every second, the loop stood still for minutes.
    """

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next ring, never one that is over; both instants aware."""
        due: datetime | None = super().get_next_fire_time(previous_fire_time, now)
        late = due is not None and previous_fire_time is not None and due <= now
        return now + self.interval if late else due


class Bell:
    """Rings the timetable on the running loop.

    Args:
        units: given to every job.
        timetable: what rings when.
        rings: is told when each job was last done to its end, for whoever looks after the installation.
    """

    def __init__(
        self,
        units: Units,
        timetable: Sequence[Job] = TIMETABLE,
        rings: dict[str, datetime] | None = None,
    ) -> None:
        self._units = units
        self._timetable = timetable
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._ringing: set[asyncio.Task[object]] = set()
        self._rings = {} if rings is None else rings

    def start(self) -> None:
        """Begin to ring."""
        for job in self._timetable:
            self._scheduler.add_job(
                self._ring(job),
                Interval(seconds=job.every_seconds, timezone="UTC"),
                id=job.name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop ringing; what was due rings again at the next start.

        What is being done is let finish for a while: a mail cut off between sending and recording would go twice.
        """
        self._scheduler.pause()
        if self._ringing:
            await asyncio.wait(self._ringing, timeout=STOP_SECONDS)
        self._scheduler.shutdown(wait=False)

    def _ring(self, job: Job) -> Callable[[], Awaitable[None]]:
        async def ring() -> None:
            task = asyncio.current_task()
            if task is not None:
                self._ringing.add(task)
                task.add_done_callback(self._ringing.discard)
            try:
                await job.run(self._units)
                self._rings[job.name] = utcnow()
            except Refusal as refusal:
                log.warning("bell.refused", job=job.name, code=refusal.code)
            except Exception:
                log.exception("bell.failed", job=job.name)

        return ring
