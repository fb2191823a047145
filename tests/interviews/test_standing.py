"""The duties of no single interview: reports and self-assessments, on one list, reminded of once, over when done."""

from datetime import date, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base.outbox import MailStatus, OutboxMail
from base.people import SYSTEM, Person
from interviews import assessment, lateness, standing, standing_notices, workdays, yearly_duties
from interviews import assessment_entries as entries
from interviews.assessment_entries import Own
from interviews.standing import StandingDuty
from scheduler.jobs import remind_of_standing, withdraw_done
from tests.cast import City, at
from web import ledger

SPRING, JULY = at("2026-03-20 09:00"), at("2026-07-14 09:00")


@pytest.fixture
async def year(small_city: City) -> City:
    """医保局 has an interview in 2026, whose assessment is open; 许主任, 周科长 and 何主任 have addresses."""
    await small_city.plan()
    async with small_city.act("何主任", SPRING) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    async with small_city.units.act(SYSTEM, SPRING) as uow:
        for name in ("许主任", "周科长", "何主任", "外单位老吴"):
            person = await uow.db.get_one(Person, small_city.people[name].person_id)
            person.email = f"{person.id}@example.gov.cn"
    return small_city


def address(city: City, who: str) -> str:
    return f"{city.people[who].person_id}@example.gov.cn"


async def owed(city: City, when: str) -> dict[str, StandingDuty]:
    async with city.act("周科长", at(when)) as uow:
        return {one.key: one for one in await standing.open_now(uow)}


async def reminded(city: City, when: datetime) -> list[tuple[str, str]]:
    """Whom the sweep of an instant wrote to, and what."""
    async with city.units.act(SYSTEM, when) as uow:
        before = set(await uow.db.scalars(select(col(OutboxMail.id))))
        await standing_notices.sweep(uow)
        every = await uow.db.scalars(select(OutboxMail).order_by(col(OutboxMail.id)))
        return [(one.to, one.text) for one in every if one.id not in before]


async def hands_in(city: City, half: int, when: datetime) -> None:
    async with city.act("许主任", when) as uow:
        await entries.hand_in(uow, 2026, Own(half, "96", "都按期办了。"))


def self_key(city: City, half: int) -> str:
    return f"self:2026:{half}:{city.bodies['医保局']}"


async def test_every_report_and_each_half_is_owed_until_it_is_done(year: City) -> None:
    now = await owed(year, "2027-01-16 09:00")
    days = {key: one.due for key, one in now.items() if one.year == 2026}
    assert days == {
        "quarter-1:2026": date(2026, 4, 15),
        "quarter-2:2026": date(2026, 7, 15),
        "quarter-3:2026": date(2026, 10, 15),
        "quarter-4:2026": date(2027, 1, 15),
        "disclosure:2026": date(2027, 1, 31),
        "website:2026": date(2027, 1, 31),
        "government:2026": date(2027, 3, 31),
        self_key(year, 1): date(2026, 7, 15),
        self_key(year, 2): date(2027, 1, 15),
    }
    assert now["disclosure:2026"].act_by == date(2027, 1, 29), "the 31st is a Sunday"
    await hands_in(year, 1, at("2027-01-16 10:00"))
    async with year.act("周科长", at("2027-01-16 10:00")) as uow:
        await yearly_duties.file_report(uow, "disclosure", 2026, "示政办〔2027〕3号")
    left = await owed(year, "2027-01-16 11:00")
    assert set(now) - set(left) == {"disclosure:2026", self_key(year, 1)}


async def test_what_was_over_before_the_platform_began_is_not_asked_for(year: City) -> None:
    assert {one.year for one in (await owed(year, "2026-03-20 09:00")).values()} == {2026}


async def test_an_assessment_opened_after_a_halfs_last_day_makes_nobody_late(small_city: City) -> None:
    await small_city.plan()
    opened = at("2026-09-01 09:00")
    async with small_city.act("何主任", opened) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    async with small_city.act("许主任", at("2026-09-20 09:00")) as uow:
        row = await entries.hand_in(uow, 2026, Own(1, "96", "都按期办了。"))
        assert not row.late
        judged = [one for one in await lateness.of_year(uow, 2026) if one.title.startswith("报2026年")]
    assert [one.stands for one in judged] == [""]


async def test_a_half_is_reminded_of_by_mail_once_a_stage_and_never_after_it_is_done(year: City) -> None:
    assert address(year, "许主任") not in {to for to, _ in await reminded(year, at("2026-06-30 23:59"))}
    first = await reminded(year, at("2026-07-02 09:00"))
    mine = [text for to, text in first if to == address(year, "许主任")]
    assert len(mine) == 1
    assert "2026年7月15日（周三）" in mine[0]
    assert address(year, "外单位老吴") not in {to for to, _ in first}, "水务局 has no interview"
    assert await reminded(year, at("2026-07-02 15:00")) == []
    await hands_in(year, 1, JULY)
    told = [text for _, text in await reminded(year, at("2026-08-20 09:00"))]
    assert not [text for text in told if "自我考核" in text]


async def test_a_late_half_goes_to_the_body_and_to_the_supervisor(year: City) -> None:
    sent = [(to, text) for to, text in await reminded(year, at("2026-07-16 09:00")) if "自我考核" in text]
    assert {to for to, _ in sent} == {address(year, "许主任"), address(year, "何主任")}
    assert all("已经逾期" in text for _, text in sent)
    assert "示例市医疗保障局" in next(text for to, text in sent if to == address(year, "何主任"))


async def test_a_reminder_that_waits_is_taken_back_once_it_is_done(year: City) -> None:
    await reminded(year, at("2026-07-14 08:00"))
    await hands_in(year, 1, JULY)
    async with year.units.read(SYSTEM) as uow:
        uow.now = JULY
        keys = await standing_notices.done_meanwhile(uow)
    assert keys
    assert all(self_key(year, 1) in key for key in keys)


async def test_the_bell_rings_once_for_each_and_takes_back_what_is_done(year: City) -> None:
    with time_machine.travel(JULY, tick=False):
        assert await remind_of_standing(year.units) > 0
        assert await remind_of_standing(year.units) == 0
        for quarter in ("quarter-1", "quarter-2"):
            async with year.act("周科长", JULY) as uow:
                await yearly_duties.file_report(uow, quarter, 2026, "报给市政府了")
        assert await withdraw_done(year.units) > 0
    async with year.units.read(SYSTEM) as uow:
        waits = select(col(OutboxMail.key)).where(col(OutboxMail.status) == MailStatus.QUEUED)
        assert not [key for key in await uow.db.scalars(waits) if key.startswith("standing:quarter")]


async def test_what_is_late_is_counted_with_the_interviews_duties(year: City) -> None:
    await hands_in(year, 1, at("2026-07-20 09:00"))
    async with year.act("何主任", at("2026-07-21 09:00")) as uow:
        judged = {one.title: one for one in await lateness.of_year(uow, 2026)}
    half, quarter = judged["报2026年上半年的自我考核"], judged["2026年第二季度数据"]
    assert (half.by, half.stands, half.days, half.workdays) == ("示例市医疗保障局", lateness.DONE_LATE, 5, 3)
    assert (quarter.by, quarter.stands, quarter.days) == ("信息办", lateness.OVERDUE, 6)
    assert half.interview is None


async def test_one_row_names_all_bodies_that_owe_a_half_and_a_body_sees_its_own(year: City) -> None:
    async with year.act("周科长", JULY) as uow:
        calendar, duties = await workdays.present(uow), await standing.open_now(uow)
        office = ledger.standing_rows(duties, uow.now, calendar)
        own = ledger.standing_rows(duties, uow.now, calendar, mine=year.bodies["医保局"])
    halves = [row for row in office if row["title"] == "报2026年上半年的自我考核"]
    assert [(row["state"], row["act"], row["owed_by"]) for row in halves] == [
        ("open", None, "示例市医疗保障局")
    ]
    assert own[0]["act"]["href"] == "/desk/assessment/2026"
    assert [row["state"] for row in office if row["title"] == "2026年第一季度数据"] == ["late"]
