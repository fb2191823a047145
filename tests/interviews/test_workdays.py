"""A yearly notice comes: what moves, who is told, what stays as it was judged."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlmodel import col

from base import audit
from base.errors import Refusal
from base.outbox import OutboxMail
from base.people import SYSTEM, Body, Person
from interviews import duties, law, rules, workdays
from interviews.calendar import Calendar
from interviews.lifecycle import DutyStatus
from interviews.models import Duty, Interview, Notice
from interviews.notice_effect import Preview
from interviews.workdays import ImportedNotice
from interviews.yearly_notice import Day, YearNotice, parse_notice
from tests.cast import City, at
from tests.timing import within

FILE = Path(__file__).parent / "cases" / "notice-2027-imagined.csv"
IMAGINED = parse_notice(FILE.read_bytes(), FILE.name)
SPRING = at("2027-03-05 14:30")
"""Counting 15 working days back from here passes the Spring Festival of 2027, whose notice is not out."""

BEFORE = at("2026-11-20 09:00")


async def imports(
    city: City, notice: YearNotice = IMAGINED, when: datetime = BEFORE, who: str = "周科长"
) -> Preview:
    async with city.act(who, when) as uow:
        return await workdays.import_notice(uow, notice)


async def ledger(city: City) -> dict[str, Duty]:
    async with city.units.read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(Duty).where(col(Duty.interview_id) == city.interview))
        return {duty.rule: duty for duty in rows}


async def told(city: City) -> list[Notice]:
    async with city.units.read(SYSTEM) as uow:
        return list(await uow.db.scalars(select(Notice).order_by(col(Notice.id))))


async def imported(city: City) -> list[tuple[int, str]]:
    async with city.units.read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(ImportedNotice).order_by(col(ImportedNotice.year)))
        return [(row.year, row.source) for row in rows]


async def audited(city: City) -> int:
    async with city.units.read(SYSTEM) as uow:
        query = select(func.count()).where(col(audit.AuditEntry.act) == "calendar.import")
        assert (await audit.verify(uow)).ok
        return int(await uow.db.scalar(query) or 0)


class TestAYearBecomesOfficial:
    async def test_an_open_duty_moves_to_where_the_new_calendar_counts_it(self, city: City) -> None:
        await city.plan(SPRING)
        before = await ledger(city)
        assert before["announce"].provisional
        await imports(city)
        after = await ledger(city)
        facts = rules.LegalFacts(SPRING, SPRING + timedelta(hours=2))
        official = Calendar.known().with_notice(IMAGINED)
        counted = {one.id: one for one in rules.duties_for(facts, law.load("shili"), official)}
        assert {rule: duty.due for rule, duty in after.items()} == {rule: counted[rule].due for rule in after}
        assert not any(duty.provisional for duty in after.values())
        assert after["announce"].due != before["announce"].due
        assert not any("暂定" in one["why"] for one in after["announce"].sum["skipped"])
        assert len(after["announce"].sum["counted"]) == 15

    async def test_whoever_owes_it_is_told_once_with_both_dates(self, city: City) -> None:
        await city.plan(SPRING)
        before = await ledger(city)
        found = await imports(city)
        after = await ledger(city)
        notices = await told(city)
        moved = {rule for rule in after if _dates(before[rule]) != _dates(after[rule])}
        assert {one.duty_id for one in notices} == {after[rule].id for rule in moved}
        assert len(notices) == len(moved) == len(found.moved)
        announce = next(one for one in notices if one.duty_id == after["announce"].id)
        assert (announce.to_role, announce.stage) == ("office", "notice-2027-1")
        old, new = before["announce"].due, after["announce"].due
        assert f"由{old.year}年{old.month}月{old.day}日" in announce.text
        assert f"改为{new.year}年{new.month}月{new.day}日" in announce.text
        content = next(one for one in notices if one.duty_id == after["content"].id)
        assert (content.to_role, content.body_id) == ("respondent", city.bodies["医保局"])

    async def test_one_letter_to_each_address_lists_all_that_moved_for_it(self, city: City) -> None:
        await city.plan(SPRING)
        async with city.act("周科长", BEFORE) as uow:
            for who, address in (("周科长", "zhou@example.cn"), ("外单位老吴", "wu@example.cn")):
                person = await uow.db.get(Person, city.people[who].person_id)
                person.email = address
            body = await uow.db.get(Body, city.bodies["医保局"])
            body.email = "yibaoju@example.cn"
        found = await imports(city)
        await imports(city, when=BEFORE + timedelta(days=1))
        async with city.units.read(SYSTEM) as uow:
            letters = {one.to: one.text for one in await uow.db.scalars(select(OutboxMail))}
        assert set(letters) == {"zhou@example.cn", "yibaoju@example.cn"}
        for owed_by, address in (("office", "zhou@example.cn"), ("respondent", "yibaoju@example.cn")):
            theirs = [one for one in found.moved if one.owed_by == owed_by]
            assert theirs
            assert letters[address].count("《") == len(theirs)

    async def test_the_preview_says_the_same_and_changes_nothing(self, city: City) -> None:
        await city.plan(SPRING)
        before = await ledger(city)
        async with city.act("周科长", BEFORE) as uow:
            seen = await workdays.preview(uow, IMAGINED)
        assert {rule: _dates(duty) for rule, duty in (await ledger(city)).items()} == {
            rule: _dates(duty) for rule, duty in before.items()
        }
        assert (await told(city), await imported(city)) == ([], [])
        assert await imports(city) == seen
        days = {one.day: (one.was, one.becomes) for one in seen.days}
        assert days[date(2027, 2, 13)][1] == "春节调休上班"
        assert seen.settled + len(seen.moved) == len(before)
        assert seen.gaps == ()

    async def test_importing_it_twice_is_importing_it_once(self, city: City) -> None:
        await city.plan(SPRING)
        await imports(city)
        first = (await ledger(city), await told(city))
        again = await imports(city, when=BEFORE + timedelta(days=1))
        assert again.known
        assert (again.moved, again.days) == ((), ())
        assert [one.id for one in await told(city)] == [one.id for one in first[1]]
        assert await audited(city) == 1
        assert await imported(city) == [(2027, FILE.name)]

    async def test_an_amendment_in_the_year_replaces_the_notice_and_tells_again(self, city: City) -> None:
        await city.plan(SPRING)
        await imports(city)
        was = (await ledger(city))["announce"].due
        more = Day(date(2027, 2, 24), False, "春节")
        amended = YearNotice(2027, (*IMAGINED.days, more), "更正")
        await imports(city, amended)
        assert (await ledger(city))["announce"].due < was
        stages = [one.stage for one in await told(city) if one.duty_id == (await ledger(city))["announce"].id]
        assert stages == ["notice-2027-1", "notice-2027-2"]
        assert await imported(city) == [(2027, "更正")]
        assert await audited(city) == 2

    async def test_what_is_scheduled_afterwards_is_counted_by_it(self, city: City) -> None:
        await imports(city)
        await city.plan(SPRING)
        assert not (await ledger(city))["announce"].provisional
        assert await told(city) == []


class TestWhatStays:
    async def test_a_duty_done_was_judged_that_day(self, city: City) -> None:
        await city.plan(SPRING)
        await city.announce(SPRING)
        before = (await ledger(city))["announce"]
        await imports(city, when=SPRING - timedelta(days=20))
        after = (await ledger(city))["announce"]
        assert after.status == DutyStatus.DONE
        assert (after.due, after.sum, after.provisional) == (before.due, before.sum, True)
        assert before.id not in {one.duty_id for one in await told(city)}

    async def test_what_is_not_asked_any_more_is_left_alone(self, small_city: City) -> None:
        city = small_city
        await city.plan(SPRING)
        async with city.act("周科长", BEFORE) as uow:
            interview = await uow.db.get(Interview, city.interview)
            await duties.supersede_open(uow, interview, "这一场取消了")
        before = await ledger(city)
        found = await imports(city)
        assert found.moved == ()
        assert _dates((await ledger(city))["announce"]) == _dates(before["announce"])

    async def test_another_years_interview_does_not_move(self, small_city: City) -> None:
        city = small_city
        await city.plan()
        found = await imports(city, when=at("2026-01-06 09:00"))
        assert (found.moved, found.settled) == ((), 0)

    @pytest.mark.parametrize("who", ["许主任", "何主任", "审核员小张", "网友甲"])
    async def test_only_the_office_may(self, small_city: City, who: str) -> None:
        city = small_city
        with pytest.raises(Refusal) as caught:
            await imports(city, who=who)
        assert (caught.value.code, caught.value.status) == ("forbidden", 403)
        assert await imported(city) == []

    async def test_a_failure_halfway_leaves_everything_as_it_was(
        self, city: City, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await city.plan(SPRING)
        before = await ledger(city)

        async def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("the power goes")

        monkeypatch.setattr(audit, "note", broken)
        with pytest.raises(RuntimeError):
            await imports(city)
        assert (await told(city), await imported(city)) == ([], [])
        assert {rule: _dates(duty) for rule, duty in (await ledger(city)).items()} == {
            rule: _dates(duty) for rule, duty in before.items()
        }


class TestADateThatHasPassed:
    async def test_it_was_moved_by_the_notice_and_is_nobodys_fault(self, city: City) -> None:
        await city.plan(SPRING)
        old = (await ledger(city))["announce"].due
        earlier = _with_more_holidays(2)
        found = await imports(city, earlier, at(f"{old.isoformat()} 10:00"))
        announce = (await ledger(city))["announce"]
        assert announce.due < old
        assert announce.moved_by_notice
        assert "不算逾期" in next(one.text for one in await told(city) if one.duty_id == announce.id)
        assert next(one for one in found.moved if one.duty_id == announce.id).overtaken

    async def test_doing_it_then_is_not_late(self, city: City) -> None:
        await city.plan(SPRING)
        old = (await ledger(city))["content"].due
        await imports(city, _with_more_holidays(2), at(f"{old.isoformat()} 10:00"))
        await city.does(
            "许主任",
            "content.tell",
            at(f"{old.isoformat()} 11:00"),
            interview=city.interview,
            theme="城乡居民医保缴费和异地就医",
            text="谈三件事：缴费、断缴和异地就医。",
        )
        content = (await ledger(city))["content"]
        assert (content.status, content.late_days, content.moved_by_notice) == (DutyStatus.DONE, 0, True)

    async def test_what_was_late_before_stays_late(self, small_city: City) -> None:
        city = small_city
        await city.plan(SPRING)
        old = (await ledger(city))["announce"].due
        await imports(city, _with_more_holidays(2), at(f"{old.isoformat()} 10:00") + timedelta(days=1))
        assert not (await ledger(city))["announce"].moved_by_notice

    async def test_a_later_notice_that_moves_it_ahead_takes_the_mark_away(self, small_city: City) -> None:
        city = small_city
        await city.plan(SPRING)
        old = (await ledger(city))["announce"].due
        morning = at(f"{old.isoformat()} 10:00")
        await imports(city, _with_more_holidays(2), morning)
        bare = YearNotice(2027, (Day(date(2027, 1, 1), False, "元旦"),), "更正")
        await imports(city, bare, morning + timedelta(hours=1))
        announce = (await ledger(city))["announce"]
        assert announce.due >= old
        assert not announce.moved_by_notice


async def test_three_hundred_interviews_move_in_a_moment(city: City) -> None:
    await many(city, 300)
    # 2,600 within 5 s is the measure; a ninth of them gets a ninth of it.
    with within(5 * 300 / 2600):
        found = await imports(city)
    assert len(found.moved) > 200
    assert len(await told(city)) == len(found.moved)


async def many(city: City, count: int) -> None:
    """So many open interviews over 2027, each with the rule's duties as the provisional calendar counts them."""
    regulation, calendar = law.load("shili"), Calendar.known()
    interviews, owed = [], []
    for n in range(1, count + 1):
        start = at("2027-01-04 09:00") + timedelta(days=n % 350, minutes=n)
        end = start + timedelta(hours=2)
        kept = {"id": n, "theme": f"第{n}场", "status": "planned", "regulation": "shili", "year": 2027}
        interviews.append(
            kept | {"starts_at": start, "ends_at": end, "next_number": 1, "next_item": 1, "chain_head": ""}
        )
        facts = rules.LegalFacts(start, end)
        owed += [
            {
                "interview_id": n,
                "rule": one.id,
                "article": one.article,
                "title": one.title,
                "owed_by": one.owed_by,
                "due": one.due,
                "act_by": one.act_by,
                "not_before": one.not_before,
                "provisional": one.provisional,
                "sum": workdays.sum_of(one),
                "status": "open",
                "late_days": 0,
                "moved_by_notice": False,
            }
            for one in rules.duties_for(facts, regulation, calendar, for_calculator=True)
        ]
    async with city.act("周科长", BEFORE) as uow:
        connection = await uow.db.connection()
        await connection.execute(insert(Interview), interviews)
        await connection.execute(insert(Duty), owed)


def _dates(duty: Duty) -> tuple[date, date, date | None]:
    return duty.due, duty.act_by, duty.not_before


def _with_more_holidays(days: int) -> YearNotice:
    """The imagined notice with some days off more at the end of February, so that dates before move earlier."""
    extra = tuple(Day(date(2027, 2, 22) + timedelta(days=n), False, "春节") for n in range(days + 2))
    return YearNotice(2027, (*IMAGINED.days, *extra), "多放几天")
