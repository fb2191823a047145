"""The bell: rings each job at its time, and a job that fails rings again."""

import asyncio
from datetime import UTC, datetime, timedelta

from base.db import Database, Units
from base.errors import Refusal
from base.outbox import Channel
from scheduler.jobs import TIMETABLE, Job, posting
from scheduler.runner import Bell, Interval


async def test_a_job_that_fails_or_is_refused_rings_again_and_disturbs_no_other(sqlite_file: str) -> None:
    rung: list[str] = []

    async def breaks(_units: Units) -> None:
        rung.append("breaks")
        raise RuntimeError("on purpose")

    async def refused(_units: Units) -> None:
        rung.append("refused")
        raise Refusal("storage.busy", "现在人多，请过几秒再试。", status=503)

    async def works(_units: Units) -> None:
        rung.append("works")

    database = Database(sqlite_file)
    jobs = [Job(one.__name__, 1, one) for one in (breaks, refused, works)]
    bell = Bell(Units(database), jobs)
    bell.start()
    async with asyncio.timeout(60):
        while min(rung.count(job.name) for job in jobs) < 2:  # noqa: ASYNC110 - they tell nobody
            await asyncio.sleep(0.05)
    await bell.stop()
    await database.close()
    assert max(rung.count(job.name) for job in jobs) - 2 <= 1, "each keeps its own time"


async def test_what_is_being_done_when_the_bell_stops_is_done_to_the_end(sqlite_file: str) -> None:
    steps: list[str] = []
    begun = asyncio.Event()

    async def slow(_units: Units) -> None:
        steps.append("sent")
        begun.set()
        await asyncio.sleep(0.6)
        steps.append("recorded")

    database = Database(sqlite_file)
    bell = Bell(Units(database), [Job("slow", 1, slow)])
    bell.start()
    await begun.wait()
    await bell.stop()
    await database.close()
    assert steps == ["sent", "recorded"]


def test_reminders_are_swept_every_half_minute_and_mail_goes_every_ten_seconds() -> None:
    async def nowhere(_letter: object) -> None:
        return None

    jobs = (*TIMETABLE, posting(nowhere), posting(nowhere, Channel.WEBHOOK))
    every = {job.name: job.every_seconds for job in jobs}
    assert max(every["remind"], every["withdraw_done"]) <= 30
    assert (every["post"], every["call"]) == (10, 10), "a job each: neither waits for the other"


def test_after_a_jump_of_the_clock_the_bell_rings_next_and_makes_up_for_nothing() -> None:
    before = datetime(2026, 3, 6, 6, 30, tzinfo=UTC)
    every = Interval(seconds=1, timezone="UTC")
    assert every.get_next_fire_time(before, before) == before + timedelta(seconds=1)
    a_year_on = before + timedelta(days=365)
    assert every.get_next_fire_time(before, a_year_on) == a_year_on + timedelta(seconds=1)
    assert every.get_next_fire_time(a_year_on, before) == a_year_on + timedelta(seconds=1)
