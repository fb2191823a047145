"""周科长 urges a body: once a day, only what it owes and has not done, by the office alone, and it is known who did."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from base import outbox
from base.audit import AuditEntry
from base.errors import Refusal
from base.outbox import OutboxMail
from base.people import SYSTEM
from interviews import assessment, notices, standing, standing_notices, urging
from interviews.models import Duty, Notice
from interviews.standing import StandingDuty
from interviews.telling import Kind
from tests.cast import City, at

DAY, LATER, NEXT = at("2026-02-02 09:00"), at("2026-02-02 16:00"), at("2026-02-03 09:00")
JULY = at("2026-07-06 09:00")


async def owed(city: City, rule: str) -> int:
    async with city.units.read(SYSTEM) as uow:
        (found,) = await uow.db.scalars(select(Duty).where(col(Duty.rule) == rule))
        return found.id or 0


async def letters(city: City) -> list[OutboxMail]:
    async with city.units.read(SYSTEM) as uow:
        return list(await uow.db.scalars(select(OutboxMail).where(col(OutboxMail.kind) == Kind.URGED)))


@pytest.fixture
async def planned(small_city: City) -> City:
    """An interview for which the body has told nothing yet; its letters go to the body's own address."""
    await small_city.gives_address("医保局", "yibao@example.gov.cn")
    await small_city.plan()
    return small_city


async def test_the_body_gets_a_letter_and_a_reminder_on_its_page(planned: City) -> None:
    async with planned.act("周科长", DAY) as uow:
        told = await urging.urge(uow, await owed(planned, "content"))
    assert (len(told.bodies), told.letters) == (1, 1)
    (letter,) = await letters(planned)
    assert letter.to == "yibao@example.gov.cn"
    assert letter.subject.startswith("催办：")
    assert "报送访谈内容，最迟2026年2月9日" in letter.text
    assert "（第十一条）" in letter.text
    async with planned.act("许主任", DAY) as uow:
        shown = await notices.shown_to(uow, uow.actor)
    assert [one.notice.stage for one in shown] == ["urged-20260202"]
    async with planned.act("外单位老吴", DAY) as uow:
        assert await notices.shown_to(uow, uow.actor) == []


async def test_once_a_day_and_it_is_known_who_did_and_how_often(planned: City) -> None:
    duty = await owed(planned, "content")
    async with planned.act("周科长", DAY) as uow:
        await urging.urge(uow, duty)
    with pytest.raises(Refusal) as refused:
        async with planned.act("周科长", LATER) as uow:
            await urging.urge(uow, duty)
    assert refused.value.code == "urge.today"
    assert len(await letters(planned)) == 1
    async with planned.act("周科长", NEXT) as uow:
        await urging.urge(uow, duty)
        found = await urging.urged(uow, [f"duty:{duty}", "duty:999"])
    last = found.pop(f"duty:{duty}")
    assert (last.times, last.at, last.by) == (2, NEXT, "周科长")
    assert not found
    async with planned.units.read(SYSTEM) as uow:
        kept = list(await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.act) == urging.ACT)))
    assert [one.detail["letters"] for one in kept] == [1, 1]


async def test_a_newer_urging_takes_the_place_of_the_one_that_still_waits(planned: City) -> None:
    duty = await owed(planned, "content")
    for when in (DAY, NEXT):
        async with planned.act("周科长", when) as uow:
            await urging.urge(uow, duty)
    first, second = await letters(planned)
    async with planned.units.read(SYSTEM) as uow:
        assert await notices.pointless(uow, [first.key, second.key]) == {first.key}


async def test_what_cannot_be_urged_is_refused_and_says_why(planned: City) -> None:
    with pytest.raises(Refusal) as refused:
        async with planned.act("周科长", DAY) as uow:
            await urging.urge(uow, await owed(planned, "announce"))
    assert refused.value.code == "urge.own"
    told = {"theme": "城乡居民医保缴费和异地就医", "text": "谈三件事：缴费、断缴和异地就医。"}
    await planned.does("许主任", "content.tell", DAY, interview=planned.interview, **told)
    content = await owed(planned, "content")
    for who, code in (("周科长", "urge.done"), ("许主任", "forbidden"), ("何主任", "forbidden")):
        with pytest.raises(Refusal) as refused:
            async with planned.act(who, DAY) as uow:
                await urging.urge(uow, content)
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        async with planned.act("周科长", DAY) as uow:
            await urging.urge(uow, 999)
    assert refused.value.code == "not_found"
    async with planned.units.read(SYSTEM) as uow:
        assert list(await uow.db.scalars(select(Notice))) == []


async def halves(city: City) -> list[StandingDuty]:
    async with city.units.read(SYSTEM) as uow:
        found = await standing.of_years(uow, (2026,))
    return [one for one in found if one.body_id is not None]


async def test_self_assessments_are_urged_at_all_bodies_that_still_owe_them(planned: City) -> None:
    async with planned.act("何主任", at("2026-01-05 10:00")) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    first, second = sorted({one.group for one in await halves(planned)})
    with pytest.raises(Refusal) as refused:
        async with planned.act("周科长", DAY) as uow:
            await urging.urge_standing(uow, first)
    assert refused.value.code == "urge.early"
    async with planned.act("周科长", JULY) as uow:
        told = await urging.urge_standing(uow, first)
    assert told.letters == len(await letters(planned)) > 0
    assert told.bodies
    with pytest.raises(Refusal) as refused:
        async with planned.act("周科长", JULY + timedelta(hours=2)) as uow:
            await urging.urge_standing(uow, first)
    assert refused.value.code == "urge.today"
    with pytest.raises(Refusal) as refused:
        async with planned.act("周科长", JULY) as uow:
            await urging.urge_standing(uow, second)
    assert refused.value.code == "urge.early"
    with pytest.raises(Refusal) as refused:
        async with planned.act("周科长", JULY) as uow:
            await urging.urge_standing(uow, "self:1999:1")
    assert refused.value.code == "urge.done"


async def test_two_who_urge_at_once_are_one(city: City) -> None:
    await city.plan()
    await city.gives_address("医保局", "yibao@example.gov.cn")
    async with city.act("何主任", at("2026-01-05 10:00")) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    group = min(one.group for one in await halves(city))

    async def urges() -> int:
        async with city.act("周科长", JULY) as uow:
            return (await urging.urge_standing(uow, group)).letters

    results = await asyncio.gather(urges(), urges(), return_exceptions=True)
    (sent,) = [one for one in results if isinstance(one, int)]
    (refused,) = [one for one in results if isinstance(one, Refusal)]
    assert (sent, refused.code) == (len(await letters(city)), "urge.today")
    assert sent > 0


async def test_the_letter_about_a_self_assessment_goes_until_it_is_handed_in(planned: City) -> None:
    async with planned.act("何主任", at("2026-01-05 10:00")) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    group = min(one.group for one in await halves(planned))
    async with planned.act("周科长", JULY) as uow:
        await urging.urge_standing(uow, group)
    (letter,) = [one for one in await letters(planned) if one.to == "yibao@example.gov.cn"]
    async with planned.act("周科长", JULY) as uow:
        assert await standing_notices.pointless(uow, [letter.key]) == set()
    gone = letter.key.replace("self:2026", "self:1999")
    async with planned.act("周科长", JULY) as uow:
        assert await standing_notices.pointless(uow, [gone]) == {gone}
        assert await outbox.waiting(uow, standing_notices.KEY)
