"""A date's walk: duties with their dates, acts that discharge them, gates that refuse, reminders written once."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from base import audit
from base.errors import Refusal
from base.people import SYSTEM
from interviews import duties, notices, programme
from interviews.models import Interview, Notice
from scheduler.jobs import close_at_limit
from tests.cast import ANNOUNCED, DURING, END, LIMIT_PASSED, NEXT_DAY, START, City, at


async def ledger(city: City) -> dict[str, Any]:
    async with city.units.read(SYSTEM) as uow:
        return {duty.rule: duty for duty in await duties.of_interview(uow, city.interview)}


async def refused(city: City, who: str, name: str, when: Any, **sent: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await city.does(who, name, when, **sent)
    return caught.value


async def test_a_planned_interview_has_its_duties_with_the_rules_dates(city: City) -> None:
    await city.plan()
    due = {rule: (duty.due, duty.owed_by, duty.article) for rule, duty in (await ledger(city)).items()}
    assert due["announce"] == (date(2026, 2, 9), "office", "第十二条")
    assert due["content"] == (date(2026, 2, 9), "respondent", "第十一条")
    assert due["forward-questions"] == (date(2026, 3, 1), "office", "第十二条")
    assert due["guests"] == (date(2026, 3, 3), "respondent", "第十四条")
    assert due["summary"] == (date(2026, 3, 11), "office", "第十五条")
    assert "change-notice" not in due
    assert "follow-up" not in due


async def test_doing_the_thing_discharges_its_duty(city: City) -> None:
    await city.open()
    done = {rule: duty.late_days for rule, duty in (await ledger(city)).items() if duty.status == "done"}
    assert done == {"content": 0, "announce": 0, "forward-questions": 0, "venue": 0, "guests": 0}


async def test_announcing_on_the_last_day_is_in_time_and_the_day_after_is_refused(small_city: City) -> None:
    city = small_city
    await city.plan()
    late = await refused(
        city, "周科长", "interview.announce", at("2026-02-10 00:00"), interview=city.interview
    )
    assert (late.code, late.article) == ("announce.too_late", "第十二条")
    assert "2月9日" in late.message
    await city.does("周科长", "interview.announce", at("2026-02-09 23:59"), interview=city.interview)
    assert (await ledger(city))["announce"].late_days == 0


async def test_opening_what_was_not_announced_is_refused_with_the_article(small_city: City) -> None:
    city = small_city
    await city.plan()
    refusal = await refused(city, "李主持", "interview.open", START, interview=city.interview)
    assert refusal.code == "interview.state"
    assert "预告" in refusal.message


async def test_opening_what_was_announced_too_late_is_refused_with_the_article(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.announce()
    await city.prepare()
    async with city.act("周科长", ANNOUNCED) as uow:
        interview = await uow.db.get_one(Interview, city.interview)
        interview.announced_at = at("2026-02-11 09:00")
    refusal = await refused(city, "李主持", "interview.open", START, interview=city.interview)
    assert (refusal.code, refusal.article) == ("open.announced_late", "第十二条")


async def test_opening_too_early_or_without_a_guest_is_refused(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.announce()
    early = await refused(city, "李主持", "interview.open", at("2026-03-06 14:29"), interview=city.interview)
    assert early.code == "open.too_early"
    alone = await refused(city, "李主持", "interview.open", START, interview=city.interview)
    assert (alone.code, alone.article) == ("open.no_guest", "第十四条")


async def test_the_clock_closes_at_two_hours_and_what_is_left_is_deferred(city: City) -> None:
    await city.open()
    left = await city.published("网友甲", "没排上的")
    async with city.units.read(SYSTEM) as uow:
        uow.now = at("2026-03-06 16:29")
        assert await programme.past_limit(uow) == []
        uow.now = END
        assert await programme.past_limit(uow) == [city.interview]
    async with city.units.act(SYSTEM, END) as uow:
        assert await programme.close_by_clock(uow, city.interview)
        assert not await programme.close_by_clock(uow, city.interview)
    state = await city.state(f"interview:{city.interview}:public")
    assert state["interview"]["status"] == "ended"
    assert (state["questions"][str(left)]["status"], state["questions"][str(left)]["reason"]) == (
        "deferred",
        "time",
    )
    follow_up = (await ledger(city))["follow-up"]
    assert follow_up.due == date(2026, 3, 13)


async def test_the_bell_finds_what_is_past_its_limit(small_city: City) -> None:
    await small_city.open()
    assert await close_at_limit(small_city.units) == 1
    assert await close_at_limit(small_city.units) == 0


async def test_an_extension_moves_the_limit_and_is_public(small_city: City) -> None:
    city = small_city
    await city.open()
    none = await refused(
        city, "李主持", "interview.extend", DURING, interview=city.interview, minutes=10, reason=" "
    )
    assert none.article == "第十三条"
    await city.does(
        "李主持", "interview.extend", DURING, interview=city.interview, minutes=10, reason="断线十分钟"
    )
    async with city.units.act(SYSTEM, END) as uow:
        assert not await programme.close_by_clock(uow, city.interview)
    state = await city.state(f"interview:{city.interview}:public")
    assert state["interview"]["limit_at"] == "2026-03-06T16:40:00+08:00"
    assert "断线十分钟" in state["interview"]["deviations"][0]["text"]


async def test_closing_early_needs_a_reason_that_becomes_public(small_city: City) -> None:
    city = small_city
    await city.open()
    refusal = await refused(city, "李主持", "interview.close", DURING, interview=city.interview)
    assert (refusal.code, refusal.article) == ("close.no_reason", "第十三条")
    await city.does("李主持", "interview.close", DURING, interview=city.interview, reason="会场停电")
    state = await city.state(f"interview:{city.interview}:public")
    assert "会场停电" in state["interview"]["deviations"][0]["text"]


async def test_the_summary_is_counted_from_the_close_and_archives_the_interview(city: City) -> None:
    await city.open()
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    await city.does("周科长", "summary.send", at("2026-03-12 09:00"), interview=city.interview)
    summary = (await ledger(city))["summary"]
    assert (summary.due, summary.status, summary.late_days) == (date(2026, 3, 11), "done", 1)
    assert (await city.state(f"interview:{city.interview}:public"))["interview"]["status"] == "archived"


async def test_answering_what_was_deferred_discharges_the_follow_up(small_city: City) -> None:
    city = small_city
    await city.open()
    question = await city.published("网友甲", "没排上的")
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    await city.does("许主任", "question.answer", NEXT_DAY, question=question, text="会后答复如下。")
    assert (await ledger(city))["follow-up"].status == "done"


async def test_each_reminder_is_written_once_and_none_after_the_thing_is_done(city: City) -> None:
    await city.plan()
    async with city.units.act(SYSTEM, at("2026-02-02 08:00")) as uow:
        first = await notices.sweep(uow)
    async with city.units.act(SYSTEM, at("2026-02-02 08:01")) as uow:
        again = await notices.sweep(uow)
    assert first > 0
    assert again == 0
    await city.announce()
    async with city.units.act(SYSTEM, at("2026-02-10 08:00")) as uow:
        await notices.sweep(uow)
        late = [notice.text for notice in await uow.db.scalars(select(Notice))]
    assert not any("逾期" in text for text in late)


async def test_what_is_overdue_goes_to_the_supervisor(small_city: City) -> None:
    city = small_city
    await city.plan()
    async with city.units.act(SYSTEM, at("2026-02-10 08:00")) as uow:
        await notices.sweep(uow)
        told = {(notice.stage, notice.to_role) for notice in await uow.db.scalars(select(Notice))}
    assert ("overdue-0", "supervisor") in told


async def test_every_act_is_in_the_audit_and_a_changed_row_is_found(city: City) -> None:
    await city.open()
    async with city.units.read(SYSTEM) as uow:
        verdict = await audit.verify(uow)
        acts = [entry.act async for entry in audit.entries(uow)]
    assert verdict.ok
    assert {"interview.schedule", "content.tell", "interview.announce", "interview.open", "duty.done"} <= set(
        acts
    )
    async with city.units.act(SYSTEM) as uow:
        entry = await uow.db.get_one(audit.AuditEntry, 3)
        entry.subject = "interview:99"
    async with city.units.read(SYSTEM) as uow:
        broken = await audit.verify(uow)
    assert (broken.ok, broken.broken_at) == (False, 3)
