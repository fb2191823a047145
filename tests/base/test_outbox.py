"""The outbox: one row for one key, claimed by one sender at a time, tried again at growing distances, given up at last."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select

from base import outbox
from base.db import Database, Units
from base.outbox import ATTEMPTS, CLAIM, FIRST_WAIT, LONGEST_WAIT, Letter, MailStatus, OutboxMail, Undelivered
from base.people import SYSTEM
from tests.cast import ANNOUNCED, at

NOON = at("2026-02-02 12:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def units(database: Database) -> Units:
    return Units(database)


async def put(units: Units, *keys: str) -> list[bool]:
    async with units.act(SYSTEM, ANNOUNCED) as uow:
        return [await outbox.queue(uow, key, "zhou@example.gov.cn", "提醒", "请发布预告。") for key in keys]


async def claimed(units: Units, when: object = NOON, limit: int = 10) -> list[Letter]:
    async with units.act(SYSTEM, when) as uow:  # type: ignore[arg-type]  # a datetime, from the names above
        return await outbox.claim(uow, uow.now, limit)


async def row(units: Units) -> OutboxMail:
    async with units.read(SYSTEM) as uow:
        return (await uow.db.scalars(select(OutboxMail))).one()


async def test_the_same_key_twice_is_one_mail(units: Units) -> None:
    assert await put(units, "notice:1:1", "notice:1:1", "notice:1:2") == [True, False, True]
    assert await put(units, "notice:1:2") == [False]
    async with units.read(SYSTEM) as uow:
        assert await outbox.unsent(uow) == 2


async def test_a_mail_of_an_act_that_failed_does_not_exist(units: Units) -> None:
    with suppress(ZeroDivisionError):
        async with units.act(SYSTEM, ANNOUNCED) as uow:
            await outbox.queue(uow, "notice:1:1", "zhou@example.gov.cn", "提醒", "请发布预告。")
            raise ZeroDivisionError
    assert await claimed(units) == []


async def test_forty_claims_at_once_give_each_mail_to_one_of_them(units: Units) -> None:
    await put(units, *(f"notice:{number}:1" for number in range(60)))
    rounds = await asyncio.gather(*(claimed(units, limit=3) for _ in range(40)))
    taken = [letter.key for letters in rounds for letter in letters]
    assert len(taken) == len(set(taken)) == 60


async def test_a_claim_keeps_others_away_until_it_runs_out(units: Units) -> None:
    await put(units, "notice:1:1")
    (first,) = await claimed(units)
    assert await claimed(units, NOON + CLAIM - MINUTE) == []
    (second,) = await claimed(units, NOON + CLAIM)
    assert (first.attempt, second.attempt, second.key) == (1, 2, first.key)


async def test_what_was_sent_is_never_claimed_again(units: Units) -> None:
    await put(units, "notice:1:1")
    (letter,) = await claimed(units)
    async with units.act(SYSTEM, NOON) as uow:
        await outbox.sent(uow, letter)
    assert await claimed(units, NOON + timedelta(days=400)) == []
    kept = await row(units)
    assert (kept.status, kept.sent_at, kept.last_error) == (MailStatus.SENT, NOON, None)


async def test_a_failure_waits_twice_as_long_each_time_and_no_longer_than_six_hours() -> None:
    waits = [outbox.wait_after(attempt, 0.0) for attempt in range(1, ATTEMPTS)]
    assert waits[:4] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT, 8 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT
    assert sum(waits, timedelta()) > timedelta(hours=60), "a mail server may be away over a weekend"
    assert outbox.wait_after(1, 1.0) == FIRST_WAIT * 1.2
    assert len({outbox.wait_after(3) for _ in range(20)}) > 1, "mails that failed together come back apart"


async def test_a_mail_is_given_up_after_the_last_attempt_with_its_error(units: Units) -> None:
    await put(units, "notice:1:1")
    when = NOON
    for attempt in range(1, ATTEMPTS + 1):
        (letter,) = await claimed(units, when)
        assert letter.attempt == attempt
        async with units.act(SYSTEM, when) as uow:
            await outbox.failed(uow, letter, Undelivered(f"第{attempt}次连不上"), 0.5)
        when += LONGEST_WAIT * 1.2
    assert await claimed(units, when) == []
    kept = await row(units)
    assert (kept.status, kept.last_error) == (MailStatus.FAILED, f"第{ATTEMPTS}次连不上")


async def test_an_address_that_does_not_exist_is_given_up_at_once(units: Units) -> None:
    await put(units, "notice:1:1")
    (letter,) = await claimed(units)
    async with units.act(SYSTEM, NOON) as uow:
        await outbox.failed(uow, letter, Undelivered("550 no such user", for_good=True))
    assert (await row(units)).status == MailStatus.FAILED


async def test_a_late_failure_does_not_undo_a_newer_claim(units: Units) -> None:
    await put(units, "notice:1:1")
    (slow,) = await claimed(units)
    await claimed(units, NOON + CLAIM)
    async with units.act(SYSTEM, NOON + CLAIM + MINUTE) as uow:
        await outbox.failed(uow, slow, Undelivered("断了"))
    kept = await row(units)
    assert (kept.status, kept.attempts, kept.last_error) == (MailStatus.SENDING, 2, None)


async def test_a_clock_that_went_a_year_ahead_and_back_leaves_no_mail_waiting_for_a_year(
    units: Units,
) -> None:
    await put(units, "notice:1:1")
    ahead = NOON + timedelta(days=365)
    (letter,) = await claimed(units, ahead)
    async with units.act(SYSTEM, ahead) as uow:
        await outbox.failed(uow, letter, Undelivered("连不上"))
    assert [again.key for again in await claimed(units, NOON)] == ["notice:1:1"]
