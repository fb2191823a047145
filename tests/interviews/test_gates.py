"""Every gate, tried from outside: refused with its article and the earliest lawful date, and passed a day earlier."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from base.errors import Refusal
from base.people import SYSTEM
from interviews import duties, law, programme, rules
from interviews.calendar import Calendar
from interviews.deadlines import in_words
from interviews.models import Interview
from tests.cast import ANNOUNCED, DURING, END, PLANNED, START, City, at

LAST_DAY_OF_CHANGES = at("2026-02-02 23:59")
TOO_LATE_FOR_CHANGES = at("2026-02-03 00:00")
REASON = "网友要求"


async def refused(city: City, who: str, name: str, when: datetime, **sent: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await city.does(who, name, when, **sent)
    return caught.value


def earliest(duty: str, today: date) -> date:
    return rules.earliest_start(duty, law.load(), Calendar.known(), today)


def workday_before(day: date) -> date:
    """The last working day before one; the rest days between are no better and only warned of."""
    calendar = Calendar.known()
    day -= timedelta(days=1)
    while not calendar.is_workday(day):
        day -= timedelta(days=1)
    return day


def on(day: date) -> dict[str, str]:
    """The times of an interview from nine to half past ten on a day."""
    return {"starts_at": f"{day}T09:00:00+08:00", "ends_at": f"{day}T10:30:00+08:00"}


def new(city: City, day: date) -> dict[str, Any]:
    return {"theme": "供热", "respondents": [city.bodies["水务局"]], **on(day)}


async def waive(city: City, duty: str, when: datetime) -> None:
    await city.does(
        "何主任", "waiver.grant", when, interview=city.interview, duty=duty, reason="省里统一部署"
    )


async def late_days(city: City, rule: str) -> list[tuple[str, int]]:
    async with city.units.read(SYSTEM) as uow:
        owed = await duties.of_interview(uow, city.interview)
    return [(duty.status, duty.late_days) for duty in owed if duty.rule == rule]


# 第十三条: what is in an issued plan


async def test_adding_to_an_issued_plan_is_refused_a_day_before_the_earliest_start(city: City) -> None:
    await city.plan()
    await city.does("何主任", "plan.issue", PLANNED, year=2026)
    now = at("2026-03-02 09:00")
    first = earliest("change-notice", now.date())
    refusal = await refused(city, "周科长", "interview.schedule", now, **new(city, workday_before(first)))
    assert (refusal.code, refusal.article) == ("schedule.too_late", "第十三条")
    assert in_words(first) in refusal.message
    assert "主管部门" in refusal.message
    await city.does("周科长", "interview.schedule", now, **new(city, first))


async def test_a_plan_not_issued_takes_an_interview_at_any_time(small_city: City) -> None:
    await small_city.does(
        "周科长", "interview.schedule", at("2026-03-02 09:00"), **new(small_city, date(2026, 3, 9))
    )


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("interview.change", {"starts_at": "2026-04-10T09:00:00+08:00", "ground": "other"}),
        ("interview.change", {"theme": "医保缴费", "ground": "public_demand"}),
        ("interview.cancel", {}),
    ],
    ids=["moved later", "another theme", "cancelled"],
)
async def test_a_change_is_told_on_the_last_day_and_refused_the_day_after(
    small_city: City, name: str, more: dict[str, str]
) -> None:
    city = small_city
    await city.plan()
    await city.does("何主任", "plan.issue", PLANNED, year=2026)
    sent = {"interview": city.interview, "reason": REASON} | more
    refusal = await refused(city, "何主任", name, TOO_LATE_FOR_CHANGES, **sent)
    assert (refusal.code, refusal.article) == ("change.too_late", "第十三条")
    assert "2026年2月2日" in refusal.message
    await city.does("何主任", name, LAST_DAY_OF_CHANGES, **sent)
    assert await late_days(city, "change-notice") == [("done", 0)]


async def test_moving_earlier_counts_from_the_new_start_and_names_the_earliest(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.does("何主任", "plan.issue", PLANNED, year=2026)
    first = earliest("change-notice", date(2026, 1, 20))
    sent = {"interview": city.interview, "ground": "other", "reason": REASON}
    now = at("2026-01-20 09:00")
    refusal = await refused(city, "何主任", "interview.change", now, **sent, **on(workday_before(first)))
    assert (refusal.code, refusal.article) == ("change.too_late", "第十三条")
    assert in_words(first) in refusal.message
    await city.does("何主任", "interview.change", now, **sent, **on(first))


async def test_what_is_announced_is_bound_though_its_plan_was_never_issued(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.does(
        "何主任", "interview.change", at("2026-02-04 09:00"), interview=city.interview, theme="医保",
        ground="other", reason=REASON,
    )  # fmt: skip
    await city.does("周科长", "interview.announce", at("2026-02-04 10:00"), interview=city.interview)
    refusal = await refused(
        city, "何主任", "interview.cancel", at("2026-02-04 11:00"), interview=city.interview, reason=REASON
    )
    assert refusal.code == "change.too_late"


async def test_a_deviation_lets_one_late_change_pass_and_the_lateness_stays(city: City) -> None:
    await city.plan()
    await city.announce()
    now = at("2026-02-10 09:00")
    await waive(city, "change-notice", now)
    sent = {"interview": city.interview, "ground": "other", "reason": REASON}
    later = now + timedelta(minutes=5)
    await city.does("何主任", "interview.change", later, **sent, starts_at="2026-03-13T14:30:00+08:00")
    [(status, days)] = await late_days(city, "change-notice")
    assert (status, days > 0) == ("done", True)
    again = await refused(
        city, "何主任", "interview.change", later + timedelta(hours=1), **sent, theme="又一个主题"
    )
    assert again.code == "change.too_late"
    await waive(city, "change-notice", later + timedelta(hours=2))
    await city.does("何主任", "interview.change", later + timedelta(hours=3), **sent, theme="又一个主题")
    state = await city.state(f"interview:{city.interview}:public")
    assert [one["article"] for one in state["interview"]["deviations"]] == ["第十三条", "第十三条"]
    assert "省里统一部署" in state["interview"]["deviations"][0]["text"]
    assert [one["kind"] for one in state["interview"]["changes"]] == ["moved", "rethemed"]


# 第十二条: the announcement, the gate with no way past


async def test_announcing_late_names_the_earliest_start_and_nobody_can_waive_it(city: City) -> None:
    await city.plan()
    now = at("2026-02-10 09:00")
    refusal = await refused(city, "周科长", "interview.announce", now, interview=city.interview)
    assert (refusal.code, refusal.article) == ("announce.too_late", "第十二条")
    assert in_words(earliest("announce", now.date())) in refusal.message
    never = await refused(
        city, "何主任", "waiver.grant", now, interview=city.interview, duty="announce", reason="急"
    )
    assert (never.code, never.article) == ("waiver.never", "第十二条")


async def test_an_announcement_is_judged_again_when_the_interview_moves(city: City) -> None:
    await city.plan()
    await city.announce()
    await city.prepare()
    now = at("2026-03-03 09:00")
    for start in ("2026-03-13T14:30:00+08:00", "2026-03-04T14:30:00+08:00", "2026-02-26T14:30:00+08:00"):
        await waive(city, "change-notice", now)
        now += timedelta(minutes=1)
        if start > "2026-03":
            await city.does(
                "何主任", "interview.change", now, interview=city.interview, starts_at=start,
                ground="other", reason=REASON,
            )  # fmt: skip
            now += timedelta(minutes=1)
    assert await late_days(city, "announce") == [("done", 0)]
    await city.does("李主持", "interview.open", at("2026-03-04 14:30"), interview=city.interview)


async def test_moved_too_early_the_announcement_is_late_and_moving_on_heals_it(small_city: City) -> None:
    city = small_city
    late_start = at("2026-03-20 14:30")
    await city.plan(late_start)
    when = at("2026-02-20 10:00")
    await city.does("许主任", "content.tell", when, interview=city.interview, theme="医保", text="谈缴费。")
    await city.does("周科长", "interview.announce", when, interview=city.interview)
    people = [{"name": "王立言", "post": "待遇处处长"}]
    await city.does("许主任", "guests.tell", when, interview=city.interview, guests=people)
    sent = {"interview": city.interview, "ground": "other", "reason": REASON}
    await waive(city, "change-notice", when)
    soon = when + timedelta(minutes=1)
    await city.does("何主任", "interview.change", soon, **sent, starts_at="2026-03-05T14:30:00+08:00")
    refusal = await refused(
        city, "李主持", "interview.open", at("2026-03-05 14:30"), interview=city.interview
    )
    assert (refusal.code, refusal.article) == ("open.announced_late", "第十二条")
    [(_, late)] = await late_days(city, "announce")
    assert late > 0
    await waive(city, "change-notice", at("2026-03-05 15:00"))
    await city.does(
        "何主任", "interview.change", at("2026-03-05 15:01"), **sent, starts_at="2026-03-20T14:30:00+08:00"
    )
    assert await late_days(city, "announce") == [("done", 0)]
    await city.does("李主持", "interview.open", late_start, interview=city.interview)


# Opening


async def _announced_only(city: City) -> None:
    """Announced in time; neither content nor guests nor host."""
    await city.plan()
    async with city.act("周科长", PLANNED) as uow:
        (await uow.db.get_one(Interview, city.interview)).host_id = None
    await city.does("周科长", "interview.announce", ANNOUNCED, interview=city.interview)


async def test_each_thing_an_opening_needs_yields_to_its_own_deviation(city: City) -> None:
    await _announced_only(city)
    for code, article, duty in (
        ("open.no_content", "第十一条", "content"),
        ("open.no_host", "第七条", "host"),
        ("open.no_guest", "第十四条", "guests"),
    ):
        refusal = await refused(city, "周科长", "interview.open", START, interview=city.interview)
        assert (refusal.code, refusal.article) == (code, article)
        await waive(city, duty, START)
    await city.does("周科长", "interview.open", START, interview=city.interview)
    assert await late_days(city, "content") == [("open", 0)]


async def test_an_opening_waits_for_its_start_and_not_beyond_its_end(small_city: City) -> None:
    await small_city.plan()
    await small_city.announce()
    early = at("2026-03-06 14:29")
    assert (
        await refused(small_city, "李主持", "interview.open", early, interview=small_city.interview)
    ).code == "open.too_early"
    assert (
        await refused(small_city, "李主持", "interview.open", END, interview=small_city.interview)
    ).code == "open.too_late"


async def test_a_deviation_says_what_it_may_be_from(small_city: City) -> None:
    city = small_city
    await city.plan()
    unknown = await refused(
        city, "何主任", "waiver.grant", PLANNED, interview=city.interview, duty="venue", reason="急"
    )
    assert unknown.code == "waiver.unknown"
    assert "content" in unknown.message
    await waive(city, "guests", PLANNED)
    twice = await refused(
        city, "何主任", "waiver.grant", PLANNED, interview=city.interview, duty="guests", reason="急"
    )
    assert twice.code == "waiver.there"
    stranger = await refused(
        city, "周科长", "waiver.grant", PLANNED, interview=city.interview, duty="host", reason="急"
    )
    assert stranger.status == 403


# During


async def test_ending_early_and_going_on_need_a_reason_or_a_deviation(small_city: City) -> None:
    city = small_city
    await city.open()
    for name, more in (("interview.close", {}), ("interview.extend", {"minutes": 10, "reason": " "})):
        refusal = await refused(city, "李主持", name, DURING, interview=city.interview, **more)
        assert refusal.article == "第十三条"
    await waive(city, "reason", DURING)
    await city.does("李主持", "interview.extend", DURING, interview=city.interview, minutes=10, reason="")
    await city.does("李主持", "interview.close", DURING, interview=city.interview)


async def test_a_refused_question_needs_one_of_the_citys_grounds_and_words(small_city: City) -> None:
    city = small_city
    await city.open()
    question = await city.staged("网友甲", "厂里交了多少？")
    sent = {"question": question, "ground": "trade_secret", "reason": "……"}
    refusal = await refused(city, "王处长", "question.refuse", DURING, **sent)
    assert (refusal.code, refusal.article) == ("refuse.no_reason", "第四条")


async def test_what_was_said_during_an_outage_is_entered_after_a_recorded_deviation(city: City) -> None:
    await city.open()
    after = at("2026-03-06 17:00")
    await city.does("李主持", "interview.close", interview=city.interview, reason="technical")
    await city.does("李主持", "interview.say", after, interview=city.interview, text="王处长当时说：能报。")
    state = await city.state(f"interview:{city.interview}:public")
    assert (state["items"][-1]["origin"], state["interview"]["close_reason"]) == ("supplement", "技术故障")
    guest = await refused(city, "王处长", "interview.say", after, interview=city.interview, text="我补一句")
    assert guest.code == "interview.not_live"


async def test_nothing_is_entered_after_an_ordinary_close(small_city: City) -> None:
    city = small_city
    await city.open()
    async with city.units.act(SYSTEM, END) as uow:
        await programme.close_by_clock(uow, city.interview)
    refusal = await refused(
        city, "李主持", "interview.say", END + timedelta(hours=1), interview=city.interview, text="补"
    )
    assert refusal.code == "interview.not_live"
