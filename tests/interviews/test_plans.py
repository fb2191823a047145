"""The issued plan: versions, changes with their log, cancellations with their questions, and each body's own duties."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from base import audit
from base.clock import as_utc
from base.errors import Refusal
from base.people import SYSTEM
from interviews import bookings, duties, law, plans, programme
from interviews.bookings import Booking
from interviews.models import Notice, PlanChange
from tests.cast import ANNOUNCED, END, FORWARDED, PLANNED, START, City, at

CHANGED = at("2026-02-02 11:00")
MOVED = "2026-04-10T14:30:00+08:00"


async def refused(city: City, who: str, name: str, when: datetime, **sent: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await city.does(who, name, when, **sent)
    return caught.value


async def ledger(city: City) -> dict[str, Any]:
    async with city.units.read(SYSTEM) as uow:
        return {duty.rule: duty for duty in await duties.of_interview(uow, city.interview)}


async def past(city: City) -> dict[str, Any]:
    async with city.units.read(SYSTEM) as uow:
        return {duty.rule: duty for duty in await duties.history(uow, city.interview)}


async def log(city: City, year: int = 2026) -> list[PlanChange]:
    async with city.units.read(SYSTEM) as uow:
        return await plans.change_log(uow, year)


async def move(city: City, when: datetime = CHANGED, **more: Any) -> None:
    sent = {"interview": city.interview, "ground": "public_demand", "reason": "网友要求错开春耕"}
    await city.does("何主任", "interview.change", when, **(sent | {"starts_at": MOVED} | more))


# Issuing


async def year_duty(city: City, year: int, now: datetime) -> plans.YearDuty:
    async with city.units.read(SYSTEM) as uow:
        uow.now = now
        [found] = await plans.year_duties(uow, [year], law.load())
        return found


async def test_issuing_next_years_plan_is_a_duty_that_issuing_discharges(city: City) -> None:
    await city.plan(at("2027-03-05 14:30"))
    before = await year_duty(city, 2027, at("2027-01-02 09:00"))
    assert (before.owed.due, before.owed.article, before.late_days) == (date(2026, 12, 31), "第十条", 2)
    last_minute = at("2026-12-31 23:59")
    await city.does("何主任", "plan.issue", last_minute, year=2027)
    after = await year_duty(city, 2027, at("2027-01-02 09:00"))
    assert after.issued is not None
    assert (after.late_days, after.version) == (0, 1)
    async with city.units.read(SYSTEM) as uow:
        [version] = await plans.versions(uow, 2027)
        assert (await audit.verify(uow)).ok
    assert [one["theme"] for one in version.entries] == ["城乡居民医保缴费和异地就医"]
    assert (await log(city, 2027))[0].kind == "issued"


async def test_a_plan_issued_late_is_late_by_its_date(small_city: City) -> None:
    await small_city.plan()
    await small_city.does("何主任", "plan.issue", PLANNED, year=2026)
    found = await year_duty(small_city, 2026, END)
    assert found.late_days == (PLANNED.date() - date(2025, 12, 31)).days


async def test_only_the_supervisor_issues_and_only_what_there_is_to_issue(small_city: City) -> None:
    city = small_city
    assert (await refused(city, "周科长", "plan.issue", PLANNED, year=2026)).status == 403
    assert (await refused(city, "何主任", "plan.issue", PLANNED, year=2026)).code == "plan.empty"
    assert (await refused(city, "何主任", "plan.issue", PLANNED, year=2025)).code == "plan.past"
    await city.plan()
    await city.does("何主任", "plan.issue", PLANNED, year=2026)
    assert (await refused(city, "何主任", "plan.issue", PLANNED, year=2026)).code == "plan.unchanged"
    await move(city)
    result = await city.does("何主任", "plan.issue", CHANGED, year=2026)
    assert result["version"] == 2


async def test_an_addition_enters_the_public_change_log(city: City) -> None:
    await city.plan()
    await city.does("何主任", "plan.issue", PLANNED, year=2026)
    sent = {
        "theme": "供热",
        "starts_at": "2026-05-18T09:00:00+08:00",
        "ends_at": "2026-05-18T10:30:00+08:00",
        "respondents": [city.bodies["水务局"]],
    }
    await city.does("周科长", "interview.schedule", ANNOUNCED, **sent)
    newest = (await log(city))[0]
    assert newest.kind == "added"
    assert "供热" in newest.text


# Who and what is taken

WATER = Booking("", "供水", as_utc(at("2026-05-18 09:00")), as_utc(at("2026-05-18 10:30")), frozenset())


async def taken(city: City, wanted: Booking) -> str:
    """What planning it is refused for; empty where the time is free."""
    async with city.units.read(city.people["周科长"]) as uow:
        try:
            await bookings.check_free(uow, wanted)
        except Refusal as refusal:
            return f"{refusal.code} {refusal.message}"
    return ""


async def test_a_host_and_a_body_are_at_one_place_at_a_time(city: City) -> None:
    host, own, other = city.people["李主持"].person_id, city.bodies["水务局"], city.bodies["医保局"]
    wanted = replace(WATER, respondents=frozenset({own}))
    assert await taken(city, wanted) == ""
    sent = {"theme": "供水", "respondents": [own], "host": host}
    times = {"starts_at": WATER.starts_at.isoformat(), "ends_at": WATER.ends_at.isoformat()}
    await city.does("周科长", "interview.schedule", PLANNED, **sent, **times)
    said = await taken(city, wanted)
    assert said.startswith("schedule.copy “供水”（2026年5月18日）已经排了")
    later = replace(wanted, theme="排水", starts_at=as_utc(at("2026-05-18 10:00")))
    assert "schedule.body_taken 示例市水务局那个时间要答复“供水”（2026年5月18日）" in await taken(city, later)
    elsewhere = replace(later, respondents=frozenset({other}))
    assert await taken(city, elsewhere) == ""
    assert (await taken(city, replace(elsewhere, host_id=host))).startswith("schedule.host_taken")
    after = replace(later, starts_at=WATER.ends_at, ends_at=as_utc(at("2026-05-18 12:00")), host_id=host)
    assert await taken(city, after) == ""


async def test_nothing_moves_onto_a_time_that_its_host_has_given_away(city: City) -> None:
    await city.plan()
    sent: dict[str, Any] = {"starts_at": MOVED, "ends_at": "2026-04-10T16:00:00+08:00", "theme": "供水"}
    sent |= {"respondents": [city.bodies["水务局"]], "host": city.people["李主持"].person_id}
    await city.does("周科长", "interview.schedule", PLANNED, **sent)
    async with city.units.read(city.people["何主任"]) as uow:
        with pytest.raises(Refusal, match="“供水”（2026年4月10日）"):
            await plans.check_free(uow, city.interview, datetime.fromisoformat(MOVED), None)
        after = datetime.fromisoformat("2026-04-10T16:00:00+08:00")
        await plans.check_free(uow, city.interview, after, None)
        await plans.check_free(uow, city.interview, None, None)


# Changing


async def test_a_moved_interview_keeps_its_announcement_and_gets_new_dates(city: City) -> None:
    await city.plan()
    await city.announce()
    await city.does(
        "周科长", "venue.tell", at("2026-02-02 10:30"), interview=city.interview, venue="二楼访谈室"
    )
    await move(city)
    present, old = await ledger(city), await past(city)
    assert (present["announce"].status, present["announce"].due) == ("done", date(2026, 3, 19))
    assert present["announce"].done_at == ANNOUNCED
    assert present["content"].status == "done"
    assert (present["venue"].status, present["venue"].due) == ("open", date(2026, 4, 9))
    assert (old["announce"].due, old["venue"].evidence) == (date(2026, 2, 9), "地点：二楼访谈室")
    assert old["forward-questions"].superseded_because == "改期：网友要求错开春耕"
    assert (present["change-notice"].status, present["change-notice"].due) == ("done", date(2026, 2, 2))
    state = await city.state(f"interview:{city.interview}:public")
    about = state["interview"]
    assert (about["status"], about["starts_at"], about["ends_at"]) == (
        "announced",
        MOVED,
        "2026-04-10T16:30:00+08:00",
    )
    assert about["deviations"] == []
    [change] = about["changes"]
    assert (change["kind"], change["ground"], change["reason"]) == (
        "moved",
        "public_demand",
        "网友要求错开春耕",
    )


async def test_the_change_itself_tells_each_body_once(city: City) -> None:
    await city.plan()
    await city.announce()
    await move(city)
    async with city.units.read(SYSTEM) as uow:
        told = list(await uow.db.scalars(select(Notice)))
    assert [(one.to_role, one.body_id) for one in told] == [("respondent", city.bodies["医保局"])]
    assert "2026年4月10日" in told[0].text
    assert "第十三条" in told[0].text


async def test_another_hour_of_the_same_day_moves_no_date(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.announce()
    await move(city, starts_at="2026-03-06T15:00:00+08:00")
    assert await past(city) == {}
    assert [one.kind for one in await log(city)] == ["moved"]


async def test_what_was_overdue_before_the_move_stays_known_as_late(small_city: City) -> None:
    city = small_city
    await city.plan()
    when = at("2026-02-11 09:00")
    await move(city, when)
    assert (await past(city))["announce"].late_days == 2
    assert (await ledger(city))["announce"].status == "open"


async def test_a_change_names_what_is_wrong_with_it(small_city: City) -> None:
    city = small_city
    await city.plan()
    sent = {"interview": city.interview, "ground": "other", "reason": "时间冲突"}
    for code, more in (
        ("change.nothing", {}),
        ("change.past", {"starts_at": "2026-01-05T08:00:00+08:00"}),
        ("schedule.too_long", {"ends_at": "2026-03-06T16:31:00+08:00"}),
        ("text.empty", {"theme": "医保", "reason": " "}),
        ("input.invalid", {"theme": "医保", "ground": "because"}),
        ("input.invalid", {"starts_at": "2026-03-06T14:30:00"}),
    ):
        refusal = await refused(city, "何主任", "interview.change", PLANNED, **(sent | more))
        assert refusal.code == code
    await city.open()
    sent |= {"interview": city.interview, "theme": "医保"}
    live = await refused(city, "何主任", "interview.change", START, **sent)
    assert live.code == "interview.state"


async def test_a_move_into_next_year_is_an_addition_to_that_plan(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.does("何主任", "plan.issue", PLANNED, year=2026)
    await move(city, starts_at="2027-03-05T14:30:00+08:00")
    about = (await city.state(f"interview:{city.interview}:public"))["interview"]
    assert (about["no"], about["starts_at"][:4]) == (1, "2027")


async def test_the_year_that_is_left_says_where_the_interview_went(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.does("何主任", "plan.issue", PLANNED, year=2026)
    await move(city, starts_at="2027-03-05T14:30:00+08:00")
    left = (await log(city))[0]
    assert (left.kind, left.reason) == ("left", "网友要求错开春耕")
    assert left.text == (
        "第1场“城乡居民医保缴费和异地就医”原定2026年3月6日（周五）14:30到16:30，"
        "改为2027年3月5日（周五）14:30到16:30，移到2027年的计划"
    )
    assert [one.kind for one in await log(city, 2027)] == ["moved"]
    about = (await city.state(f"interview:{city.interview}:public"))["interview"]
    assert [one["kind"] for one in about["changes"]] == ["moved"], "the interview's page says it once"


# Cancelling


async def test_cancelling_leaves_no_question_without_a_fate(city: City) -> None:
    await city.plan()
    await city.announce()
    public = await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    unread = await city.asks("网友乙", "没审的", ANNOUNCED)
    await city.does("何主任", "interview.cancel", CHANGED, interview=city.interview, reason="并入四月的一场")
    state = await city.state(f"interview:{city.interview}:public")
    assert (state["interview"]["status"], state["interview"]["close_reason"]) == (
        "cancelled",
        "并入四月的一场",
    )
    assert state["questions"][str(public)]["status"] == "deferred"
    assert str(unread) not in state["questions"]
    for who, question, status in (("网友甲", public, "deferred"), ("网友乙", unread, "transferred")):
        me = await city.state(f"person:{city.people[who].person_id}")
        assert (me["questions"][str(question)]["status"], me["questions"][str(question)]["reason"]) == (
            status,
            "cancelled",
        )
    assert (await log(city))[0].kind == "cancelled"


async def test_the_bodies_owe_the_answers_and_nothing_else_of_a_cancelled_interview(city: City) -> None:
    await city.plan()
    await city.announce()
    public = await city.published("网友甲", "断缴一年还能报吗？", ANNOUNCED)
    unread = await city.asks("网友乙", "没审的", ANNOUNCED)
    await city.does("何主任", "interview.cancel", CHANGED, interview=city.interview, reason="并入四月的一场")
    still = {rule for rule, duty in (await ledger(city)).items() if duty.status == "open"}
    assert still == {"follow-up"}
    assert (await ledger(city))["follow-up"].due == date(2026, 2, 9)
    assert (await past(city))["guests"].superseded_because == "访谈取消：并入四月的一场"
    for question in (public, unread):
        assert (await ledger(city))["follow-up"].status == "open"
        await city.does(
            "许主任", "question.answer", at("2026-02-05 09:00"), question=question, text="可以补缴。"
        )
    assert (await ledger(city))["follow-up"].status == "done"
    state = await city.state(f"interview:{city.interview}:public")
    answers = [item for item in state["items"] if item["kind"] == "answer"]
    assert [(item["question"], item["origin"]) for item in answers] == [(public, "after")]
    me = await city.state(f"person:{city.people['网友乙'].person_id}")
    assert me["questions"][str(unread)]["status"] == "answered"


async def test_a_cancelled_interview_takes_no_more_questions_or_changes(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.does("何主任", "interview.cancel", PLANNED, interview=city.interview, reason="合并")
    late = {"interview": city.interview, "text": "还能问吗？", "kind": "inquiry", "client_id": "client-late"}
    assert (await refused(city, "网友甲", "question.submit", PLANNED, **late)).code == "interview.cancelled"
    again = await refused(
        city, "何主任", "interview.cancel", PLANNED, interview=city.interview, reason="合并"
    )
    assert again.code == "interview.state"


# Several bodies


async def test_each_body_owes_its_own_content_and_guests(city: City) -> None:
    plan = programme.Plan("供水和医保", START, END, (city.bodies["医保局"], city.bodies["水务局"]))
    async with city.act("周科长", PLANNED) as uow:
        city.interview = (await programme.schedule(uow, plan)).id or 0

    async def done() -> set[tuple[str, int]]:
        async with city.units.read(SYSTEM) as uow:
            owed = await duties.of_interview(uow, city.interview)
        return {(duty.rule, duty.body_id or 0) for duty in owed if duty.body_id and duty.status == "done"}

    await city.does(
        "许主任", "content.tell", ANNOUNCED, interview=city.interview, theme="供水和医保", text="谈医保。"
    )
    assert await done() == {("content", city.bodies["医保局"])}
    await city.does("周科长", "interview.announce", ANNOUNCED, interview=city.interview)
    people = [{"name": "吴工", "post": "总工程师"}]
    await city.does("外单位老吴", "guests.tell", FORWARDED, interview=city.interview, guests=people)
    assert await done() == {("content", city.bodies["医保局"]), ("guests", city.bodies["水务局"])}
    half = await refused(city, "周科长", "interview.open", START, interview=city.interview)
    assert (half.code, half.article) == ("open.no_content", "第十一条")
    await city.does(
        "外单位老吴", "content.tell", FORWARDED + timedelta(hours=1), interview=city.interview, theme="x",
        text="谈供水。",
    )  # fmt: skip
    async with city.units.read(SYSTEM) as uow:
        late = {
            duty.body_id: duty.late_days
            for duty in await duties.of_interview(uow, city.interview)
            if duty.rule == "content"
        }
    assert late == {
        city.bodies["医保局"]: 0,
        city.bodies["水务局"]: (FORWARDED.date() - date(2026, 2, 9)).days,
    }
