"""A body is renamed or merged: what is older keeps its name, what is owed goes on, the year counts it once."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.errors import Refusal
from base.people import SYSTEM, Body, Person
from interviews import (
    assessment,
    bodies,
    body_merging,
    body_names,
    duties,
    errata,
    facts,
    figures,
    lateness,
    law,
    period_figures,
)
from interviews import assessment_entries as entries
from interviews.assessment_entries import Found, Own
from interviews.body_names import Called, Names
from interviews.lifecycle import DutyStatus
from interviews.models import Duty, Interview, Respondent
from interviews.period_figures import Stretch
from tests.cast import DURING, END, START, City, at

AFTER = at("2026-04-01 09:00")


async def renamed(city: City, when: datetime = AFTER, on: date | None = None) -> None:
    async with city.act("周科长", when) as uow:
        await bodies.edit(
            uow, city.bodies["医保局"], "示例市医疗和护理保障局", "", "机构改革", short="医护局", on=on
        )


async def merged(city: City, when: datetime = AFTER, gone: str = "医保局", into: str = "水务局") -> None:
    async with city.act("周科长", when) as uow:
        await body_merging.merge(uow, city.bodies[gone], city.bodies[into], when.date(), "市编办〔2026〕3号")


def test_names_are_those_of_the_day() -> None:
    old, new = Called("甲局", "甲"), Called("甲乙局", "甲乙")
    known = Names(
        {1: new, 2: Called("丙局", "丙"), 3: Called("丁局", "丁")},
        {1: [(date(2026, 3, 20), old)]},
        {2: (date(2026, 6, 1), 1)},
    )
    assert known.on(1, date(2026, 3, 19)) == old
    assert known.on(1, date(2026, 3, 20)) == new
    assert known.title(1, 2025) == "甲局"
    assert known.title(1, 2026) == "甲乙局（原甲局、丙局）"
    assert known.title(1, 2027) == "甲乙局"
    assert [known.counted_as(2, year) for year in (2025, 2026, 2027, None)] == [2, 1, 1, 1]
    assert known.ever(1) == {"甲局", "甲乙局", "丙局"}
    assert (known.named("甲局"), known.named("丙局"), known.named("戊局")) == (1, 1, None)


async def test_an_old_interview_keeps_the_name_and_a_coming_one_gets_the_new(small_live_city: City) -> None:
    city = small_live_city
    await city.does("李主持", "interview.close", END, interview=city.interview)
    old = city.interview
    await city.plan(START + timedelta(weeks=12))
    await renamed(city, on=date(2026, 3, 20))
    async with city.units.read(SYSTEM) as uow:
        both = list(await uow.db.scalars(select(Interview).order_by(col(Interview.id))))
        told = {one.id: one.respondents[0].name for one in await facts.interviews_facts(uow, both)}
    assert told == {old: "示例市医疗保障局", city.interview: "示例市医疗和护理保障局"}


async def test_a_renamed_bodys_own_words_stay_its_own(small_live_city: City) -> None:
    city = small_live_city
    question = await city.staged("网友甲", "断缴几年不能报？")
    item = int((await city.does("王处长", "question.answer", question=question, text="两年。"))["item"])
    await renamed(city, DURING)
    async with city.act("许主任", DURING + timedelta(minutes=5)) as uow:
        erratum = await errata.publish(uow, item, "三年。", "写错了。")
        assert erratum.body_name == "示例市医疗和护理保障局"
    async with city.act("外单位老吴", DURING) as uow:
        with pytest.raises(Refusal):
            await errata.publish(uow, item, "五年。", "不是我们的。")


async def test_a_merged_body_hands_on_what_it_owes_and_keeps_what_it_did(small_city: City) -> None:
    city = small_city
    await city.plan()
    sent = {"interview": city.interview, "theme": "医保缴费", "text": "谈缴费。"}
    await city.does("许主任", "content.tell", at("2026-02-02 10:00"), **sent)
    await merged(city, at("2026-02-20 09:00"))
    into = city.bodies["水务局"]
    async with city.units.read(SYSTEM) as uow:
        parts = list(await uow.db.scalars(select(col(Respondent.body_id))))
        owed = await duties.of_interview(uow, city.interview)
        clerk = await uow.db.get_one(Person, city.people["许主任"].person_id)
    assert parts == [into]
    assert {one.body_id for one in owed if one.status == DutyStatus.OPEN} <= {into, None}
    content = [one for one in owed if one.rule == "content"]
    assert [(one.status, one.body_id) for one in content] == [(DutyStatus.DONE, city.bodies["医保局"])]
    assert clerk.body_id == into
    city.people["许主任"] = clerk.actor()
    guests = [{"name": "王立言", "post": "待遇处处长"}]
    await city.does("许主任", "guests.tell", at("2026-03-02 10:00"), interview=city.interview, guests=guests)


async def test_the_successor_answers_what_was_left_in_an_interview_that_is_over(
    small_live_city: City,
) -> None:
    city = small_live_city
    question = await city.staged("网友甲", "断缴几年不能报？")
    await city.does("王处长", "question.defer", question=question, reason="要查。")
    await city.does("李主持", "interview.close", END, interview=city.interview)
    await merged(city, at("2026-03-09 09:00"))
    await city.does("外单位老吴", "question.answer", at("2026-03-10 09:00"), question=question, text="两年。")
    async with city.units.read(SYSTEM) as uow:
        rows = list(await uow.db.scalars(select(Duty).where(col(Duty.rule) == "follow-up")))
        interview = await uow.db.get_one(Interview, city.interview)
        told = await facts.interview_facts(uow, interview)
    assert [(one.status, one.body_id) for one in rows] == [(DutyStatus.DONE, city.bodies["水务局"])]
    assert [one.name for one in told.respondents] == ["示例市医疗保障局"]


async def test_the_year_counts_a_merged_body_once_under_both_names(small_live_city: City) -> None:
    city = small_live_city
    await city.does("李主持", "interview.close", END, interview=city.interview)
    await merged(city)
    async with city.act("何主任", AFTER) as uow:
        year = await figures.of_year(uow, 2026, law.load())
        counted = await period_figures.of_stretch(uow, Stretch.of(2026))
        judged = {one.by for one in await lateness.of_year(uow, 2026) if one.body}
    assert [(one.name, one.held) for one in year.bodies] == [("水务局（原医保局）", 1)]
    assert counted.bodies == 1
    assert judged == {"示例市水务局（原示例市医疗保障局）"}


async def test_an_open_assessment_counts_what_was_entered_for_the_merged_body(small_live_city: City) -> None:
    city = small_live_city
    gone, into = city.bodies["医保局"], city.bodies["水务局"]
    await city.does("李主持", "interview.close", END, interview=city.interview)
    async with city.act("何主任", AFTER) as uow:
        await assessment.open_year(uow, 2026, "weighted")
        await entries.find(uow, 2026, gone, Found("unsafe", "漏洞没有补。", date(2026, 3, 30)))
    async with city.act("许主任", at("2026-07-05 09:00")) as uow:
        await entries.hand_in(uow, 2026, Own(1, "96", "都按期办了。"))
    await merged(city, at("2026-09-01 09:00"))
    async with city.act("何主任", at("2026-09-02 09:00")) as uow:
        [sheet] = await assessment.sheets(uow, 2026)
    assert (sheet.body.id, sheet.name) == (into, "示例市水务局（原示例市医疗保障局）")
    assert [one.text for one in sheet.findings] == ["漏洞没有补。"]
    assert sheet.halves[0] is not None


@pytest.mark.parametrize(
    ("gone", "into", "when", "code"),
    [
        ("医保局", "医保局", AFTER, "body.into"),
        ("市委办", "水务局", AFTER, "body.recipient"),
        ("医保局", "水务局", at("2026-03-06 15:00"), "body.live"),
    ],
)
async def test_what_cannot_be_merged(
    small_live_city: City, gone: str, into: str, when: datetime, code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await merged(small_live_city, when, gone, into)
    assert refused.value.code == code


async def test_who_was_merged_before_follows_to_the_last_successor(small_city: City) -> None:
    city = small_city
    async with city.units.act(SYSTEM, AFTER) as uow:
        third = Body(name="示例市大局", short_name="大局", kind="department")
        uow.db.add(third)
        await uow.db.flush()
        city.bodies["大局"] = third.id or 0
    await merged(city)
    await merged(city, at("2026-05-01 09:00"), "水务局", "大局")
    async with city.units.read(SYSTEM) as uow:
        known = await body_names.names(uow.db)
    assert known.counted_as(city.bodies["医保局"]) == city.bodies["大局"]
    assert known.named("示例市医疗保障局") == city.bodies["大局"]


async def test_only_the_office_and_no_day_to_come(small_city: City) -> None:
    city = small_city
    for who, on, code in (
        ("何主任", date(2026, 4, 1), "forbidden"),
        ("周科长", date(2026, 4, 2), "body.day"),
    ):
        with pytest.raises(Refusal) as refused:
            async with city.act(who, AFTER) as uow:
                await body_merging.merge(uow, city.bodies["医保局"], city.bodies["水务局"], on, "文件")
        assert refused.value.code == code
