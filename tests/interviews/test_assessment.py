"""An assessment from its opening to its publication: evidence, entries, one objection, a result that stays."""

import io
from datetime import date, datetime
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlmodel import col

from base import file_kinds
from base.audit import AuditEntry, verify
from base.errors import Refusal
from base.people import SYSTEM, Body
from interviews import assessment
from interviews import assessment_entries as entries
from interviews import assessment_result as results
from interviews.assessment import Sheet
from interviews.assessment_entries import Found, Own
from interviews.models import Duty
from tests.cast import City, at

SPRING, JULY, JANUARY = at("2026-03-20 09:00"), at("2026-07-10 09:00"), at("2027-01-08 09:00")
FEBRUARY = at("2027-02-05 09:00")
LONG_AFTER = at("2027-03-20 09:00")


@pytest.fixture
async def assessed(city: City) -> City:
    """医保局's interview is held; 许主任 told the guests two working days late."""
    await city.plan()
    await city.announce()
    guests = [{"name": "王立言", "post": "待遇处处长"}]
    await city.does("许主任", "guests.tell", at("2026-03-05 11:00"), interview=city.interview, guests=guests)
    async with city.units.act(SYSTEM, SPRING) as uow:
        await uow.db.execute(update(Duty).where(col(Duty.rule) == "guests").values(late_days=2))
    async with city.act("何主任", SPRING) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    return city


async def _sheet(city: City, who: str = "何主任", when: datetime = FEBRUARY) -> Sheet:
    async with city.act(who, when) as uow:
        return await assessment.sheet(uow, 2026, city.bodies["医保局"])


async def _halves(city: City) -> None:
    for half, when in ((1, JULY), (2, JANUARY)):
        async with city.act("许主任", when) as uow:
            await entries.hand_in(uow, 2026, Own(half, "96", "都按期办了。"))
        async with city.act("何主任", when) as uow:
            await entries.check_self(uow, 2026, city.bodies["医保局"], half, "94.5", "有一件办晚了。")


async def _complete(city: City) -> None:
    await _halves(city)
    async with city.act("何主任", FEBRUARY) as uow:
        await entries.enter_third(uow, 2026, city.bodies["医保局"], "90", "某评估中心")


async def _fixed(city: City) -> None:
    await _complete(city)
    async with city.act("何主任", FEBRUARY) as uow:
        await results.fix(uow, 2026)


async def _refused(city: City, who: str, when: datetime, verb: Any, *sent: Any) -> str:
    with pytest.raises(Refusal) as refused:
        async with city.act(who, when) as uow:
            await verb(uow, *sent)
    return refused.value.code


async def test_the_record_proves_what_was_late(assessed: City) -> None:
    found = await _sheet(assessed)
    late = [one for one in found.problems if one.item == "inspected" and "晚了2个工作日" in one.text]
    assert len(late) == 1
    assert late[0].ref.startswith("duty:")
    assert late[0].url == f"/interviews/{assessed.interview}"
    assert found.result.parts[0].score == 100 - 3 * len(found.problems) / 2
    assert found.result.total is None


async def test_what_is_set_aside_keeps_its_reason_and_takes_nothing_off(assessed: City) -> None:
    before = await _sheet(assessed)
    ref, body = before.problems[0].ref, assessed.bodies["医保局"]
    async with assessed.act("何主任", FEBRUARY) as uow:
        await entries.set_aside(uow, 2026, body, ref, "当天全市停电。")
    after = await _sheet(assessed)
    assert after.problems[0].set_aside == "当天全市停电。"
    assert float(after.result.parts[0].score or 0) == float(before.result.parts[0].score or 0) + 1.5
    assert (
        await _refused(assessed, "何主任", FEBRUARY, entries.set_aside, 2026, body, ref, "再来")
        == "not_found"
    )


async def test_a_person_enters_what_the_record_cannot_know_with_its_document(assessed: City) -> None:
    body = assessed.bodies["医保局"]
    paper = file_kinds.read("通报.png", _picture(), file_kinds.PICTURES)
    async with assessed.act("何主任", FEBRUARY) as uow:
        row = await entries.find(
            uow, 2026, body, Found("unsafe", "网站漏洞没有按期整改。", date(2026, 9, 1), 2, paper)
        )
        number = row.id
    found = await _sheet(assessed)
    assert [(one.item, one.times, one.file_name) for one in found.findings] == [("unsafe", 2, "通报.png")]
    assert (found.result.parts[0].taken_off or {})["unsafe"] == 3
    async with assessed.act("何主任", FEBRUARY) as uow:
        await entries.set_aside(uow, 2026, body, f"finding:{number}", "查下来是别的单位。")
    assert (await _sheet(assessed)).findings[0].withdrawn_because == "查下来是别的单位。"


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (2, 2)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (Found("nonsense", "有问题", date(2026, 9, 1)), "assessment.item"),
        (Found("unsafe", "有问题", date(2025, 12, 31)), "assessment.day"),
        (Found("unsafe", "有问题", date(2027, 3, 1)), "assessment.day"),
        (Found("unsafe", "有问题", date(2026, 9, 1), 0), "assessment.times"),
        (Found("unsafe", " ", date(2026, 9, 1)), "text.empty"),
    ],
)
async def test_a_problem_entered_wrongly_is_refused(assessed: City, said: Found, code: str) -> None:
    body = assessed.bodies["医保局"]
    assert await _refused(assessed, "何主任", FEBRUARY, entries.find, 2026, body, said) == code


async def test_a_body_sees_its_own_sheet_and_no_other(assessed: City) -> None:
    assert (await _sheet(assessed, "许主任")).body.short_name == "医保局"
    body = assessed.bodies["医保局"]
    for who in ("外单位老吴", "周科长", "王处长", "管理员小马", "网友甲"):
        assert await _refused(assessed, who, FEBRUARY, assessment.sheet, 2026, body) == "not_found"


async def test_the_halves_are_handed_in_late_or_in_time_and_checked_with_a_reason(assessed: City) -> None:
    own = Own(1, "96", "都按期办了。")
    assert (
        await _refused(assessed, "许主任", at("2026-06-30 09:00"), entries.hand_in, 2026, own)
        == "assessment.half"
    )
    async with assessed.act("许主任", at("2026-07-15 23:00")) as uow:
        assert not (await entries.hand_in(uow, 2026, own)).late
    async with assessed.act("许主任", at("2026-07-16 00:01")) as uow:
        assert (await entries.hand_in(uow, 2026, Own(1, "95", "改了。"))).late
    body = assessed.bodies["医保局"]
    check = entries.check_self
    assert await _refused(assessed, "何主任", JULY, check, 2026, body, 1, "90", "") == "assessment.why"
    assert (
        await _refused(assessed, "何主任", JULY, check, 2026, body, 2, "90", "") == "assessment.self_missing"
    )
    async with assessed.act("何主任", JULY) as uow:
        await check(uow, 2026, body, 1, "95", "")
    assert await _refused(assessed, "许主任", JANUARY, entries.hand_in, 2026, own) == "assessment.checked"
    assert await _refused(assessed, "外单位老吴", JANUARY, entries.hand_in, 2026, own) == "not_found"


@pytest.mark.parametrize("typed", ["", "-1", "100.01", "99.999", "九十", "NaN", "Infinity", "1e9999"])
async def test_points_are_numbers_within_the_base(assessed: City, typed: str) -> None:
    own = Own(1, typed, "都按期办了。")
    assert await _refused(assessed, "许主任", JULY, entries.hand_in, 2026, own) == "assessment.points"


async def test_a_result_is_fixed_when_nothing_lacks_and_stays_as_it_was(assessed: City) -> None:
    fix = results.fix
    assert await _refused(assessed, "何主任", at("2026-12-31 10:00"), fix, 2026) == "assessment.early"
    assert await _refused(assessed, "何主任", FEBRUARY, fix, 2026) == "assessment.lacking"
    await _fixed(assessed)
    async with assessed.units.act(SYSTEM, FEBRUARY) as uow:
        body = await uow.db.get_one(Body, assessed.bodies["医保局"])
        body.name = "示例市医疗和护理保障局"
        await uow.db.execute(update(Duty).values(late_days=0))
    async with assessed.units.read(SYSTEM) as uow:
        [line] = (await assessment.of_year(uow, 2026)).result or []
    assert line["name"] == "示例市医疗保障局"
    assert line["parts"]["self"] == "94.5"
    assert line["problems"] >= 1
    assert await _refused(assessed, "何主任", FEBRUARY, fix, 2026) == "assessment.fixed"
    sent = Found("unsafe", "又发现", date(2026, 9, 1))
    body_id = assessed.bodies["医保局"]
    assert (
        await _refused(assessed, "何主任", FEBRUARY, entries.find, 2026, body_id, sent) == "assessment.fixed"
    )


async def test_a_body_objects_once_in_time_and_an_upheld_objection_corrects_the_total(assessed: City) -> None:
    objects = results.object_to
    assert await _refused(assessed, "许主任", FEBRUARY, objects, 2026, "算错了") == "assessment.not_fixed"
    await _fixed(assessed)
    publish = results.publish
    assert await _refused(assessed, "何主任", FEBRUARY, publish, 2026) == "assessment.open_to_objection"
    async with assessed.act("许主任", FEBRUARY) as uow:
        await objects(uow, 2026, "那一件是因为放假通知改期。")
    assert await _refused(assessed, "许主任", FEBRUARY, objects, 2026, "再说一次") == "assessment.objected"
    assert await _refused(assessed, "何主任", LONG_AFTER, publish, 2026) == "assessment.waiting"
    async with assessed.act("何主任", FEBRUARY) as uow:
        await results.answer_objection(uow, 2026, assessed.bodies["医保局"], "核对属实。", "95.55")
    async with assessed.act("何主任", LONG_AFTER) as uow:
        [line] = (await results.publish(uow, 2026)).result or []
        assert (line["total"], line["grade"]) == ("95.55", "优秀")
        assert line["before"] != "95.55"
    async with assessed.units.read(SYSTEM) as uow:
        assert (await verify(uow)).ok
        acts = set(await uow.db.scalars(select(col(AuditEntry.act))))
    assert {
        "assessment.fix",
        "assessment.object",
        "assessment.answer_objection",
        "assessment.publish",
    } <= acts


async def test_an_objection_after_its_last_day_is_refused(assessed: City) -> None:
    await _fixed(assessed)
    assert (
        await _refused(assessed, "许主任", LONG_AFTER, results.object_to, 2026, "晚了") == "assessment.late"
    )


async def test_only_the_supervisor_opens_a_year_and_only_once(assessed: City) -> None:
    opens = assessment.open_year
    assert await _refused(assessed, "周科长", SPRING, opens, 2027, "weighted") == "forbidden"
    assert await _refused(assessed, "何主任", SPRING, opens, 2026, "deducted") == "assessment.open"
    assert await _refused(assessed, "何主任", SPRING, opens, 2027, "nonsense") == "scheme.unknown"
    assert await _refused(assessed, "何主任", SPRING, opens, 1812, "weighted") == "assessment.year"
