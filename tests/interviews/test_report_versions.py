"""Versions of the report: the record frozen, the prose edited, signed by a second person, compared."""

from datetime import timedelta

import pytest

from base.errors import Refusal
from base.people import SYSTEM, Person, Role
from interviews import reports
from interviews.report_content import record_of
from scheduler import jobs
from tests.cast import LIMIT_PASSED, NEXT_DAY, City


async def _over(city: City) -> None:
    await city.open()
    question = await city.staged("网友甲", "异地就医怎么备案？")
    await city.does("王处长", "question.answer", question=question, text="网上备案。")
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)


async def _colleague(city: City) -> None:
    async with city.act("周科长", NEXT_DAY) as uow:
        person = Person(role=Role.OFFICE, display_name="吴科员", created_at=uow.now)
        uow.db.add(person)
        await uow.db.flush()
    city.people["吴科员"] = person.actor()


async def test_the_report_is_there_the_moment_the_interview_closes(city: City) -> None:
    await _over(city)
    assert await jobs.draft_reports(city.units) == 1
    assert await jobs.draft_reports(city.units) == 0
    async with city.units.read(city.people["周科长"]) as uow:
        (first,) = await reports.versions(uow, city.interview)
    assert (first.version, first.drafted_by, first.signed_at) == (1, None, None)
    assert first.content["numbers"]["live"] == 1


async def test_prose_is_edited_as_a_new_version_and_the_record_stays(city: City) -> None:
    await _over(city)
    await city.does("周科长", "report.draft", NEXT_DAY, interview=city.interview)
    edit = {"interview": city.interview, "version": 1, "problems": "老人不会用手机备案。"}
    assert (await city.does("周科长", "report.edit", NEXT_DAY, **edit))["version"] == 2
    assert (await city.does("周科长", "report.edit", NEXT_DAY, **edit | {"version": 2}))["version"] == 2
    with pytest.raises(Refusal) as told:
        await city.does("周科长", "report.edit", NEXT_DAY, **edit | {"problems": "别的话"})
    assert told.value.code == "report.newer"
    with pytest.raises(Refusal) as told:
        await city.does("周科长", "report.edit", NEXT_DAY, **edit, numbers={"live": 99})
    assert told.value.code == "input.invalid"
    async with city.units.read(city.people["周科长"]) as uow:
        second, first = await reports.versions(uow, city.interview)
    assert record_of(first.content) == record_of(second.content)
    assert second.content["prose"] == {"problems": "老人不会用手机备案。"}
    assert "prose" not in first.content


async def test_the_prose_goes_along_when_the_record_changes(city: City) -> None:
    await _over(city)
    await city.does("周科长", "report.draft", NEXT_DAY, interview=city.interview)
    edit = {"interview": city.interview, "version": 1, "overview": "来问的人多。"}
    await city.does("周科长", "report.edit", NEXT_DAY, **edit)
    item = (await city.state(f"interview:{city.interview}:public"))["items"][-1]["item"]
    await city.does("王处长", "erratum.publish", NEXT_DAY, item=item, text="窗口也能办。", reason="漏了")
    done = await city.does("周科长", "report.draft", NEXT_DAY, interview=city.interview)
    assert done["version"] == 3
    async with city.units.read(city.people["周科长"]) as uow:
        third = await reports.version_of(uow, city.interview, 3)
    assert third.content["prose"] == {"overview": "来问的人多。"}
    assert third.signed_at is None


async def test_a_second_person_signs(city: City) -> None:
    await _over(city)
    await _colleague(city)
    await city.does("周科长", "report.draft", NEXT_DAY, interview=city.interview)
    sign = {"interview": city.interview, "version": 1}
    with pytest.raises(Refusal) as told:
        await city.does("周科长", "report.sign", NEXT_DAY, **sign)
    assert told.value.code == "report.own"
    await city.does("吴科员", "report.sign", NEXT_DAY, **sign)
    later = NEXT_DAY + timedelta(hours=1)
    await city.does("何主任", "report.sign", later, **sign)
    async with city.units.read(SYSTEM) as uow:
        (signed,) = await reports.versions(uow, city.interview)
    assert (signed.signed_by, signed.signed_at) == (city.people["吴科员"].person_id, NEXT_DAY)
    edit = {"interview": city.interview, "version": 1, "overview": "来问的人多。"}
    await city.does("周科长", "report.edit", later, **edit)
    with pytest.raises(Refusal) as told:
        await city.does("吴科员", "report.sign", later, **sign)
    assert told.value.code == "report.newer"


def test_two_versions_are_compared_paragraph_by_paragraph() -> None:
    before = ["一、基本情况", "收到3个提问。", "三、意见"]
    after = ["一、基本情况", "收到4个提问。", "三、意见"]
    assert reports.compared(before, after) == [
        ("same", "一、基本情况"),
        ("gone", "收到3个提问。"),
        ("new", "收到4个提问。"),
        ("same", "三、意见"),
    ]
    assert {kind for kind, _ in reports.compared(before, before)} == {"same"}
