"""APScheduler, which only rings: its store is memory, a missed ring is never lost because the next one sweeps all."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from base.db import Units
from base.errors import Refusal
from scheduler.jobs import TIMETABLE, Job

log = structlog.get_logger(__name__)

STOP_SECONDS = 5


class Bell:
    """Rings the timetable on the running loop.

    Args:
        units: given to every job.
        timetable: what rings when.
    """

    def __init__(self, units: Units, timetable: Sequence[Job] = TIMETABLE) -> None:
        self._units = units
        self._timetable = timetable
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._ringing: set[asyncio.Task[object]] = set()

    def start(self) -> None:
        """Begin to ring."""
        for job in self._timetable:
            self._scheduler.add_job(
                self._ring(job),
                "interval",
                seconds=job.every_seconds,
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
            except Refusal as refusal:
                log.warning("bell.refused", job=job.name, code=refusal.code)
            except Exception:
                log.exception("bell.failed", job=job.name)

        return ring
