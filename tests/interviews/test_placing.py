"""周科长 puts people into interviews and takes them out: the right roles, the right bodies, nobody twice at once."""

import pytest

from base.errors import Refusal
from base.people import Person, Role
from interviews import access, placing, programme
from interviews.models import Interview
from tests.cast import PLANNED, START, City


async def with_accounts(city: City) -> dict[str, int]:
    """Everybody can sign in, and there is a second host, moderator and guest; their numbers."""
    numbers = {}
    async with city.act("周科长", PLANNED) as uow:
        for name, role, body in (
            ("王主持", Role.HOST, None),
            ("审核员小李", Role.MODERATOR, None),
            ("水务嘉宾", Role.GUEST, "水务局"),
        ):
            person = Person(
                role=role,
                display_name=name,
                created_at=uow.now,
                body_id=city.bodies[body] if body else None,
            )
            uow.db.add(person)
            await uow.db.flush()
            city.people[name] = person.actor()
        for name, actor in city.people.items():
            person_row = await uow.db.get_one(Person, actor.person_id)
            if person_row.role != Role.CITIZEN:
                person_row.login = name
            numbers[name] = person_row.id or 0
    return numbers


async def test_exactly_those_who_are_named_have_a_place_and_the_change_is_said(small_city: City) -> None:
    who, number = await with_accounts(small_city), await small_city.plan()
    async with small_city.act("周科长", PLANNED) as uow:
        changed = await placing.arrange(uow, number, who["王主持"], [who["审核员小李"], who["王处长"]])
    assert set(changed.said) == {"主持人改为王主持", "加了审核员审核员小李", "去掉了审核员审核员小张"}
    assert set(changed.gone) == {who["李主持"], who["审核员小张"]}
    for name, may in (("王主持", True), ("李主持", False), ("审核员小张", False), ("审核员小李", True)):
        async with small_city.act(name, PLANNED) as uow:
            found = await access.interview(uow, number)
            assert await access.may_act(uow, found) is may
    assert (await small_city.state(f"interview:{number}:public"))["interview"]["host"] == "王主持"
    async with small_city.act("周科长", PLANNED) as uow:
        with pytest.raises(Refusal) as caught:
            await placing.arrange(uow, number, who["王主持"], [who["审核员小李"], who["王处长"]])
    assert caught.value.code == "place.same"


@pytest.mark.parametrize("wrong", ["水务嘉宾", "许主任", "网友甲", "李主持"])
async def test_an_account_of_another_role_or_body_is_refused(small_city: City, wrong: str) -> None:
    who, number = await with_accounts(small_city), await small_city.plan()
    async with small_city.act("周科长", PLANNED) as uow:
        with pytest.raises(Refusal) as caught:
            await placing.arrange(uow, number, who["李主持"], [who[wrong]])
    assert caught.value.code == "place.person"


async def test_a_host_is_in_one_place_at_a_time(small_city: City) -> None:
    who, number = await with_accounts(small_city), await small_city.plan()
    async with small_city.act("周科长", PLANNED) as uow:
        plan = programme.Plan("供水", START, START.replace(hour=16), (small_city.bodies["水务局"],))
        other = (await programme.schedule(uow, plan)).id or 0
        with pytest.raises(Refusal) as caught:
            await placing.add(uow, other, who["李主持"])
    assert caught.value.code == "place.taken"
    assert "城乡居民医保" in caught.value.message
    async with small_city.act("周科长", PLANNED) as uow:
        assert await placing.add(uow, other, who["王主持"])
        with pytest.raises(Refusal):
            await placing.arrange(uow, number, who["王主持"], [])


async def test_what_was_added_is_taken_back_with_the_host_of_before(small_city: City) -> None:
    who, number = await with_accounts(small_city), await small_city.plan()
    async with small_city.act("周科长", PLANNED) as uow:
        changed = await placing.add(uow, number, who["王主持"])
        assert changed is not None
        assert changed.host_before == who["李主持"]
        assert await placing.add(uow, number, who["审核员小张"]) is None, "was there already"
        await placing.take_back(uow, number, who["王主持"], changed.host_before)
        assert (await uow.db.get_one(Interview, number)).host_id == who["李主持"]
        with pytest.raises(Refusal):
            await placing.take_back(uow, number, who["王主持"], changed.host_before)


async def test_only_the_office_and_only_where_it_is_not_over(small_live_city: City) -> None:
    city = small_live_city
    who = await with_accounts(city)
    for name in ("何主任", "许主任", "管理员小马", "李主持"):
        async with city.act(name, START) as uow:
            with pytest.raises(Refusal) as caught:
                await placing.add(uow, city.interview, who["审核员小李"])
            assert caught.value.code == "forbidden"
    await city.does("李主持", "interview.close", START.replace(hour=16), interview=city.interview)
    async with city.act("周科长", START.replace(hour=17)) as uow:
        assert await placing.add(uow, city.interview, who["审核员小李"])
        with pytest.raises(Refusal) as caught:
            await placing.add(uow, city.interview, who["王主持"])
    assert caught.value.code == "place.over"
