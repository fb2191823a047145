"""Reminders: who is told, once each, whoever sweeps and whatever the clock does; none when the thing is done."""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base.outbox import OutboxMail
from base.people import SYSTEM, Body, Person
from interviews import notices
from interviews.models import Duty, Notice
from scheduler.jobs import remind
from tests.cast import START, City, at

MORNING = at("2026-02-02 08:00")
LATE = at("2026-02-10 08:00")


async def swept(city: City, when: datetime) -> int:
    async with city.units.act(SYSTEM, when) as uow:
        return await notices.sweep(uow)


async def told(city: City) -> set[tuple[str, str, str]]:
    """Which duty, stage and role each reminder is for."""
    async with city.units.read(SYSTEM) as uow:
        query = select(Notice, Duty).join(Duty, col(Duty.id) == col(Notice.duty_id))
        return {(duty.rule, notice.stage, notice.to_role) for notice, duty in await uow.db.execute(query)}


async def mails(city: City) -> Counter[str]:
    """How many mails wait for each address."""
    async with city.units.read(SYSTEM) as uow:
        return Counter(await uow.db.scalars(select(col(OutboxMail.to))))


async def rows(city: City) -> list[tuple[int, str]]:
    async with city.units.read(SYSTEM) as uow:
        return [(one.duty_id, one.stage) for one in await uow.db.scalars(select(Notice))]


async def seen(city: City, who: str, when: datetime) -> list[str]:
    async with city.units.read(city.people[who]) as uow:
        uow.now = when
        return [one.notice.text for one in await notices.shown_to(uow, city.people[who])]


async def test_whoever_owes_it_is_told_with_the_date_and_the_article(office: City) -> None:
    await swept(office, MORNING)
    assert {("announce", "before-5", "office"), ("content", "before-5", "respondent")} <= await told(office)
    assert await mails(office) == {"zhou@example.gov.cn": 1, "xu@example.gov.cn": 1}
    (text,) = await seen(office, "周科长", MORNING)
    assert "2026年2月9日（周一）" in text
    assert "第十二条" in text
    assert "今天" not in text, "it is still read tomorrow"


async def test_what_is_overdue_goes_to_the_supervisor_as_well_in_a_row_of_its_own(office: City) -> None:
    await swept(office, LATE)
    assert {
        ("announce", "overdue-0", "supervisor"),
        ("announce", "overdue-0-owed", "office"),
        ("content", "overdue-0", "supervisor"),
        ("content", "overdue-0-owed", "respondent"),
    } <= await told(office)
    late = {"zhou@example.gov.cn": 1, "xu@example.gov.cn": 1, "he@example.gov.cn": 2}
    # 周科长 is also reminded of forwarding the questions.
    assert await mails(office) == late | {"zhou@example.gov.cn": 2}
    assert all("已经逾期" in text for text in await seen(office, "何主任", LATE))


async def test_another_body_sees_and_gets_nothing(small_office: City) -> None:
    await swept(small_office, LATE)
    assert await seen(small_office, "外单位老吴", LATE) == []
    assert await seen(small_office, "网友甲", LATE) == []
    assert "wu@example.gov.cn" not in await mails(small_office)
    assert len(await seen(small_office, "许主任", LATE)) == 1


async def test_a_body_whose_clerks_have_no_address_is_written_to_at_its_own(small_city: City) -> None:
    await small_city.plan()
    async with small_city.act("周科长", MORNING) as uow:
        body = await uow.db.get_one(Body, small_city.bodies["医保局"])
        body.email = "ybj@example.gov.cn"
    await swept(small_city, MORNING)
    assert await mails(small_city) == {"ybj@example.gov.cn": 1}


async def test_a_person_whose_account_is_closed_gets_no_mail(small_office: City) -> None:
    async with small_office.act("周科长", MORNING) as uow:
        person = await uow.db.get_one(Person, small_office.people["周科长"].person_id)
        person.disabled_at = MORNING
    await swept(small_office, MORNING)
    assert await mails(small_office) == {"xu@example.gov.cn": 1}


async def test_done_is_done_nothing_is_shown_or_written_any_more(office: City) -> None:
    await swept(office, MORNING)
    await office.announce()
    assert await seen(office, "周科长", LATE) == []
    assert await seen(office, "许主任", LATE) == []
    await swept(office, LATE)
    assert {rule for rule, stage, _ in await told(office) if stage.startswith("overdue")} == set()


async def test_a_cancelled_interview_reminds_nobody(small_office: City) -> None:
    await swept(small_office, MORNING)
    sent = {"interview": small_office.interview, "reason": "场地停用，取消这一场"}
    await small_office.does("何主任", "interview.cancel", MORNING, **sent)
    assert await swept(small_office, LATE) == 0
    assert await seen(small_office, "周科长", LATE) == []


async def test_two_hundred_sweeps_at_once_write_each_reminder_once(office: City) -> None:
    counts = await asyncio.gather(*(swept(office, LATE) for _ in range(200)))
    written = await rows(office)
    assert sorted(counts)[-1] == sum(counts) == len(written) == len(set(written)) == 5
    assert sum((await mails(office)).values()) == 5


HOUR, DAYS, YEAR = timedelta(hours=1), timedelta(days=3), timedelta(days=365)


@pytest.mark.parametrize("jump", [HOUR, DAYS, YEAR], ids=["an hour", "three days", "a year"])
@pytest.mark.parametrize("way", [1, -1], ids=["forward and back", "back and forward"])
async def test_a_clock_that_jumps_writes_each_reminder_once(
    small_office: City, jump: timedelta, way: int
) -> None:
    with time_machine.travel(MORNING, tick=False) as clock:
        moment = MORNING
        while moment < START:
            for shown in (moment, moment + way * jump, moment):
                clock.move_to(shown)
                await remind(small_office.units)
                await remind(small_office.units)
            moment += timedelta(hours=37)
    written = await rows(small_office)
    assert len(written) == len(set(written)) > 10
    assert {("announce", "before-5", "office"), ("announce", "overdue-0", "supervisor")} <= await told(
        small_office
    )
    async with small_office.units.read(SYSTEM) as uow:
        keys = list(await uow.db.scalars(select(col(OutboxMail.key))))
    assert len(keys) == len(set(keys))


async def test_a_night_of_downtime_is_one_catch_up_with_the_newest_reminder_only(small_office: City) -> None:
    await swept(small_office, MORNING)
    with time_machine.travel(at("2026-02-09 08:00"), tick=False):
        assert await remind(small_office.units) > 0
        assert await remind(small_office.units) == 0
    stages = {stage for rule, stage, _ in await told(small_office) if rule == "announce"}
    assert stages == {"before-5", "before-0"}, "before-3 and before-1 were passed over"


async def test_a_long_catch_up_is_written_in_small_pieces(
    small_office: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "BATCH", 2)
    assert await swept(small_office, LATE) == 2
    with time_machine.travel(LATE, tick=False):
        assert await remind(small_office.units) == 3
    assert len(await rows(small_office)) == 5
