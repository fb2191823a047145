"""The timetable. Every job is a sweep: run twice it is as good as once, and a night of downtime is one catch-up run.

What is due lives in the database, never in the scheduler's own store, which drops what falls due while it is down.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from base import outbox
from base.db import UnitOfWork, Units
from base.outbox import CLAIM, Channel, Letter, Undelivered
from base.people import SYSTEM
from interviews import (
    body_contacts,
    deliveries,
    following,
    instructions,
    judging,
    moderation,
    notices,
    programme,
    reports,
    retention,
    standing_notices,
)

log = structlog.get_logger(__name__)


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


async def publish_due(units: Units) -> int:
    """Carry out every delayed publication whose seconds are over; how many."""
    async with units.read(SYSTEM) as uow:
        due = await moderation.due_publications(uow)
    done = 0
    for question_id in due:
        async with units.act(SYSTEM) as uow:
            done += await moderation.publish_due(uow, question_id)
    return done


async def draft_reports(units: Units) -> int:
    """Draft the report of every interview that ended and has none (第十五条); how many."""
    async with units.read(SYSTEM) as uow:
        due = await reports.to_draft(uow)
    return await _each(units, due, reports.draft)


async def settle_reports(units: Units) -> int:
    """Take over what became of the reports that went by mail; of how many interviews."""
    async with units.read(SYSTEM) as uow:
        due = await deliveries.unsettled(uow)
    return await _each(units, due, deliveries.settle)


async def _each(
    units: Units, interviews: Sequence[int], act: Callable[[UnitOfWork, int], Awaitable[object]]
) -> int:
    """Do something to each interview in a transaction of its own; one that cannot be done holds up no other."""
    done = 0
    for interview_id in interviews:
        try:
            async with units.act(SYSTEM) as uow:
                await act(uow, interview_id)
        except Exception:
            log.exception("sweep.failed", act=act.__name__, interview=interview_id)
        else:
            done += 1
    return done


async def remind(units: Units) -> int:
    """Write every reminder that is due and not yet written; how many."""
    async with units.read(SYSTEM) as uow:
        waiting = await notices.due_notices(uow)
    count = 0
    while waiting:
        async with units.act(SYSTEM) as uow:
            written = await notices.sweep(uow)
        count += written
        # Nothing written: another process has them all.
        waiting = waiting[notices.BATCH :] if written else []
    return count


async def withdraw_done(units: Units) -> int:
    """Withdraw the reminders in the outbox whose duty was done meanwhile; how many.

    Whoever sends looks again before each; this is for those that are held, or wait for a server nobody has set.
    """
    async with units.read(SYSTEM) as uow:
        found = [*await notices.done_meanwhile(uow), *await standing_notices.done_meanwhile(uow)]
    if not found:
        return 0
    async with units.act(SYSTEM) as uow:
        found = [*await notices.done_meanwhile(uow), *await standing_notices.done_meanwhile(uow)]
        for key in found:
            await outbox.withdraw(uow, key, notices.SETTLED)
    return len(found)


async def remind_of_standing(units: Units) -> int:
    """Queue the reminders of reports and self-assessments that are due and not yet queued; how many."""
    async with units.read(SYSTEM) as uow:
        if not await standing_notices.any_due(uow):
            return 0
    async with units.act(SYSTEM) as uow:
        return await standing_notices.sweep(uow)


async def remind_of_instructions(units: Units) -> int:
    """Queue the reminders of instructions (督办) that are due and not yet queued; how many."""
    async with units.read(SYSTEM) as uow:
        if not await instructions.any_open(uow):
            return 0
    async with units.act(SYSTEM) as uow:
        return await instructions.remind(uow)


async def count_ratings(units: Units) -> int:
    """Enter the sums of ratings that have changed into the audit chain; of how many interviews."""
    async with units.read(SYSTEM) as uow:
        changed = await judging.uncounted(uow)
    return await _each(units, changed, judging.note_counts)


async def forget_followers(units: Units) -> int:
    """Forget the addresses that follow questions long done, those that their askers left, and removed contacts."""
    async with units.act(SYSTEM) as uow:
        gone = await following.forget_done(uow) + await retention.forget_addresses(uow)
        return gone + await body_contacts.forget(uow)


TIMETABLE = (
    Job("close_at_limit", 2, close_at_limit),
    Job("publish_due", 1, publish_due),
    Job("draft_reports", 5, draft_reports),
    Job("settle_reports", 10, settle_reports),
    Job("remind", 30, remind),
    Job("withdraw_done", 30, withdraw_done),
    Job("remind_of_instructions", 600, remind_of_instructions),
    Job("remind_of_standing", 600, remind_of_standing),
    Job("count_ratings", 600, count_ratings),
    Job("forget_followers", 3600, forget_followers),
)


Send = Callable[[Letter], Awaitable[str | None]]
"""Hands one letter over; raises ``Undelivered`` where it is not taken, and says in what it was not whole."""

BATCH = 20
AT_ONCE = 4
LONGEST = CLAIM.total_seconds() / (BATCH / AT_ONCE + 1)
"""Seconds for one mail, so that the last of a batch is recorded before the claim on it runs out."""


def posting(send: Send, channel: Channel = Channel.MAIL) -> Job:
    """The job that empties one channel of the outbox through ``send``.

    Without a mail server, or without an address for the webhook, there is no such job and its rows wait. Each channel
    has its own job, so that a gateway which never answers holds up no mail.
    """

    async def run(units: Units) -> int:
        return await post(units, send, channel)

    return Job("post" if channel is Channel.MAIL else "call", 10, run)


async def post(units: Units, send: Send, channel: Channel = Channel.MAIL) -> int:
    """Send what is in a channel of the outbox; how many went.

    Claimed in one transaction, sent in none, recorded one by one: nobody's writing waits for a mail server. After a
    crash between sending and recording the claim runs out and the mail goes again with the same Message-ID.
    """
    went = 0
    while letters := await _claimed(units, channel):
        for start in range(0, len(letters), AT_ONCE):
            some = letters[start : start + AT_ONCE]
            went += sum(await asyncio.gather(*(_delivered(units, send, letter) for letter in some)))
    return went


async def _claimed(units: Units, channel: Channel) -> list[Letter]:
    """The next letters to send; reminders that need not go any more are dropped on the way."""
    while True:
        async with units.read(SYSTEM) as uow:
            if not await outbox.any_due(uow, channel):
                return []
        async with units.act(SYSTEM) as uow:
            claimed = await outbox.claim(uow, uow.now, BATCH, channel)
            keys = [letter.key for letter in claimed]
            pointless = await notices.pointless(uow, keys) | await standing_notices.pointless(uow, keys)
            for letter in claimed:
                if letter.key in pointless:
                    await outbox.drop(uow, letter, notices.SETTLED)
        left = [letter for letter in claimed if letter.key not in pointless]
        if left or not claimed:
            return left


async def _delivered(units: Units, send: Send, letter: Letter) -> bool:
    trouble: Undelivered | None = None
    remark: str | None = None
    try:
        async with asyncio.timeout(LONGEST):
            remark = await send(letter)
    except Undelivered as error:
        trouble = error
        log.warning("post.undelivered", mail=letter.id, attempt=letter.attempt, cause=error.why)
    except TimeoutError:
        trouble = Undelivered(f"took longer than {LONGEST:.0f} s")
        log.warning("post.undelivered", mail=letter.id, attempt=letter.attempt, cause=trouble.why)
    except Exception as error:
        # One mail that cannot be sent for a reason nobody thought of must not hold up those behind it.
        trouble = Undelivered(repr(error))
        log.exception("post.failed", mail=letter.id)
    async with units.act(SYSTEM) as uow:
        if trouble is None:
            await outbox.sent(uow, letter, remark)
        else:
            await outbox.failed(uow, letter, trouble)
    return trouble is None
