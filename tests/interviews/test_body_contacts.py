"""Whom one calls at a body: who keeps it, who reads it, what the audit tells of it, and when it is forgotten."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.errors import Refusal
from base.people import SYSTEM
from interviews import body_contacts, body_merging
from interviews.body_contacts import UNDO_DAYS, Sent
from interviews.body_models import BodyContact
from interviews.models import Interview
from scheduler.jobs import forget_followers
from tests.cast import DURING, City, at

XU = Sent("许静宜", "办公室副主任", "0000-0010101转8012", "100 0000 0101", "xu@example.gov.cn", "周三不在")
YU = Sent("俞向阳", line="0000-0010101转8035")
WU = Sent("吴老", mobile="100 0000 0201")
AFTER = at("2026-04-01 09:00")


async def entered(city: City, sent: Sent = XU, body: str = "医保局", *, first: bool = False) -> int:
    async with city.act("周科长", DURING) as uow:
        return (await body_contacts.add(uow, city.bodies[body], sent, first=first)).id or 0


async def listed(city: City, body: str = "医保局") -> list[tuple[str, bool]]:
    async with city.act("周科长", AFTER) as uow:
        found = (await body_contacts.by_body(uow)).get(city.bodies[body], [])
        return [(one.name, one.first) for one in found]


async def noted(city: City) -> Sequence[audit.AuditEntry]:
    async with city.units.read(SYSTEM) as uow:
        assert (await audit.verify(uow)).ok
        return [one async for one in audit.entries(uow) if one.act.startswith("contact.")]


async def test_the_only_one_is_the_first_and_another_can_be_made_so(small_city: City) -> None:
    city = small_city
    await entered(city)
    second = await entered(city, YU)
    assert await listed(city) == [("许静宜", True), ("俞向阳", False)]
    async with city.act("周科长", DURING) as uow:
        assert await body_contacts.put_first(uow, city.bodies["医保局"], second)
        assert not await body_contacts.put_first(uow, city.bodies["医保局"], second)
    assert await listed(city) == [("俞向阳", True), ("许静宜", False)]
    await entered(city, WU, first=True)
    assert await listed(city) == [("吴老", True), ("许静宜", False), ("俞向阳", False)]


async def test_of_two_at_the_same_instant_the_second_sees_what_the_first_wrote(city: City) -> None:
    number, body = await entered(city), city.bodies["医保局"]

    async def writes(sent: Sent) -> str:
        async with city.act("周科长", AFTER) as uow:
            await body_contacts.one(uow, body, number)
            await body_contacts.lock(uow, body)
            seen = (await body_contacts.one(uow, body, number)).name
            await body_contacts.change(uow, body, number, sent)
        return seen

    first, second = await asyncio.gather(writes(YU), writes(WU))
    last = "吴老" if first == "许静宜" else "俞向阳"
    assert {first, second} == {"许静宜", "俞向阳", "吴老"} - {last}
    assert await listed(city) == [(last, True)]


async def test_what_is_changed_is_read_the_same_way(small_city: City) -> None:
    city, number = small_city, await entered(small_city)
    async with city.act("周科长", AFTER) as uow:
        sent = Sent("许静宜", "办公室主任", "0000－0010101 转 8012", "100 0000 0101", "", "周三不在")
        assert await body_contacts.change(uow, city.bodies["医保局"], number, sent) == ["post", "email"]
        assert await body_contacts.change(uow, city.bodies["医保局"], number, sent) == []


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (Sent("", line="110"), "text.empty"),
        (Sent("许" * 31, line="110"), "text.too_long"),
        (Sent("许静宜"), "contact.line"),
        (Sent("许静宜", line="打总机"), "contact.line"),
        (Sent("许静宜", mobile="一三八"), "contact.mobile"),
        (Sent("许静宜", line="110", email="不是邮箱"), "body.email"),
        (Sent("许静宜", line="110", note="话" * 201), "text.too_long"),
    ],
)
async def test_what_cannot_be_kept(small_city: City, sent: Sent, code: str) -> None:
    with pytest.raises(Refusal) as refused:
        await entered(small_city, sent)
    assert refused.value.code == code
    assert await listed(small_city) == []


async def test_the_audit_tells_which_one_and_never_who_or_which_number(small_city: City) -> None:
    city, body = small_city, small_city.bodies["医保局"]
    number = await entered(city)
    async with city.act("周科长", DURING) as uow:
        await body_contacts.change(uow, body, number, Sent("许静宜", line="0000-0010199"))
        await body_contacts.remove(uow, body, number)
        await body_contacts.put_back(uow, body, number)
    told = await noted(city)
    assert [one.act for one in told] == [
        "contact.add",
        "contact.change",
        "contact.remove",
        "contact.restore",
    ]
    assert {one.subject for one in told} == {f"body:{body}"}
    assert told[1].detail == {"contact": number, "changed": ["post", "line", "mobile", "email", "note"]}
    said = json.dumps([one.detail for one in told], ensure_ascii=False)
    assert not any(part in said for part in ("许", "0010101", "0010199", "0000", "xu@"))


async def test_one_that_was_removed_comes_back_as_it_was(small_city: City) -> None:
    city, body = small_city, small_city.bodies["医保局"]
    number, second = await entered(city), await entered(city, YU)
    async with city.act("周科长", DURING) as uow:
        await body_contacts.remove(uow, body, number)
    assert await listed(city) == [("俞向阳", True)], "the next one is the first"
    async with city.act("周科长", DURING) as uow:
        assert [one.name for one in await body_contacts.removed(uow, body)] == ["许静宜"]
        await body_contacts.put_back(uow, body, number)
    assert await listed(city) == [("许静宜", True), ("俞向阳", False)]
    async with city.act("周科长", DURING) as uow:
        await body_contacts.remove(uow, body, number)
        await body_contacts.put_first(uow, body, second)
        await body_contacts.put_back(uow, body, number)
    assert await listed(city) == [("许静宜", True), ("俞向阳", False)]


async def test_who_was_made_first_since_stays_the_first(small_city: City) -> None:
    city, body = small_city, small_city.bodies["医保局"]
    number = await entered(city)
    await entered(city, YU)
    third = await entered(city, WU)
    async with city.act("周科长", DURING) as uow:
        await body_contacts.remove(uow, body, number)
        await body_contacts.put_first(uow, body, third)
        await body_contacts.put_back(uow, body, number)
    assert await listed(city) == [("吴老", True), ("许静宜", False), ("俞向阳", False)]


async def test_what_was_removed_is_forgotten_after_its_days(small_city: City) -> None:
    city, body = small_city, small_city.bodies["医保局"]
    number = await entered(city)
    await entered(city, YU)
    async with city.act("周科长", DURING) as uow:
        await body_contacts.remove(uow, body, number)
    for days, left in ((UNDO_DAYS - 1, 2), (UNDO_DAYS + 1, 1)):
        async with city.units.act(SYSTEM, DURING + timedelta(days=days)) as uow:
            await body_contacts.forget(uow)
        async with city.units.read(SYSTEM) as uow:
            assert len(list(await uow.db.scalars(select(BodyContact)))) == left
    assert (await noted(city))[-1].detail == {"contacts": 1}
    with pytest.raises(Refusal):
        async with city.act("周科长", AFTER) as uow:
            await body_contacts.put_back(uow, body, number)


async def test_the_bell_forgets_them(small_city: City) -> None:
    city, number = small_city, await entered(small_city)
    async with city.act("周科长", DURING) as uow:
        await body_contacts.remove(uow, city.bodies["医保局"], number)
    assert await forget_followers(city.units) == 1


async def test_a_merged_bodys_contacts_go_to_its_successor(small_city: City) -> None:
    city, gone, into = small_city, small_city.bodies["医保局"], small_city.bodies["水务局"]
    await entered(city)
    dropped = await entered(city, YU)
    await entered(city, WU, "水务局")
    async with city.act("周科长", DURING) as uow:
        await body_contacts.remove(uow, gone, dropped)
    async with city.act("周科长", AFTER) as uow:
        moved = await body_merging.merge(uow, gone, into, AFTER.date(), "市编办〔2026〕3号")
    assert moved.contacts == 1
    assert await listed(city) == []
    assert await listed(city, "水务局") == [("吴老", True), ("许静宜", False)]
    async with city.act("周科长", AFTER) as uow:
        [first, second] = (await body_contacts.by_body(uow))[into]
        assert (first.came_from, second.came_from) == (None, gone)
        await body_contacts.put_back(uow, into, dropped)
    with pytest.raises(Refusal) as refused:
        await entered(city, XU)
    assert refused.value.code == "body.merged"


async def test_a_successor_without_anybody_calls_the_merged_bodys_first(small_city: City) -> None:
    city = small_city
    await entered(city)
    async with city.act("周科长", AFTER) as uow:
        await body_merging.merge(uow, city.bodies["医保局"], city.bodies["水务局"], AFTER.date(), "文件")
    assert await listed(city, "水务局") == [("许静宜", True)]


@pytest.mark.parametrize(
    ("who", "code"),
    [("周科长", None), ("何主任", None), ("李主持", None), ("审核员小张", None),
     ("别场主持", "not_found"), ("许主任", "forbidden"), ("王处长", "forbidden"), ("外单位老吴", "forbidden"),
     ("网友甲", "forbidden"), ("陈秘书", "forbidden")],
)  # fmt: skip
async def test_who_reads_whom_to_call_about_an_interview(
    small_live_city: City, who: str, code: str | None
) -> None:
    city = small_live_city
    await entered(city)
    async with city.act(who, DURING) as uow:
        interview = await uow.db.get_one(Interview, city.interview)
        if code is None:
            [reached] = await body_contacts.of_interview(uow, interview)
            assert (reached.name, reached.contacts[0].name) == ("示例市医疗保障局", "许静宜")
        else:
            with pytest.raises(Refusal) as refused:
                await body_contacts.of_interview(uow, interview)
            assert refused.value.code == code


@pytest.mark.parametrize("who", ["李主持", "审核员小张", "许主任", "王处长", "网友甲", "管理员小马"])
async def test_nobody_else_reads_the_list_of_all(small_live_city: City, who: str) -> None:
    city = small_live_city
    async with city.act(who, DURING) as uow:
        with pytest.raises(Refusal) as refused:
            await body_contacts.by_body(uow)
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("who", ["何主任", "许主任", "李主持", "管理员小马"])
async def test_only_the_office_keeps_it(small_live_city: City, who: str) -> None:
    city, body = small_live_city, small_live_city.bodies["医保局"]
    number = await entered(city)
    for verb in (body_contacts.put_first, body_contacts.remove, body_contacts.put_back, body_contacts.one):
        with pytest.raises(Refusal) as refused:
            async with city.act(who, DURING) as uow:
                await verb(uow, body, number)
        assert refused.value.code == "forbidden"
    with pytest.raises(Refusal):
        async with city.act(who, DURING) as uow:
            await body_contacts.add(uow, body, YU)


async def test_a_contact_of_another_body_is_not_there(small_city: City) -> None:
    city, number = small_city, await entered(small_city)
    with pytest.raises(Refusal) as refused:
        async with city.act("周科长", DURING) as uow:
            await body_contacts.remove(uow, city.bodies["水务局"], number)
    assert refused.value.code == "not_found"


async def test_an_interview_of_a_merged_body_is_reached_through_its_successor(small_live_city: City) -> None:
    city = small_live_city
    await entered(city)
    await city.does("李主持", "interview.close", interview=city.interview, reason="答完了")
    async with city.act("周科长", AFTER) as uow:
        await body_merging.merge(uow, city.bodies["医保局"], city.bodies["水务局"], AFTER.date(), "文件")
        interview = await uow.db.get_one(Interview, city.interview)
        [reached] = await body_contacts.of_interview(uow, interview)
    assert (reached.body_id, [one.name for one in reached.contacts]) == (city.bodies["水务局"], ["许静宜"])
    async with city.units.read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(col(BodyContact.came_from)))
        assert list(rows) == [city.bodies["医保局"]]
