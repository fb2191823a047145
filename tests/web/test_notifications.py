"""What the office allows, and what each chooses within it: by kind and way, and never one's own duties off the page."""

import re
from datetime import date

import pytest
from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.errors import Refusal
from base.outbox import Channel, OutboxMail
from base.people import SYSTEM, Person, Role
from interviews import instructions, notices, telling
from interviews.instructions import Wanted
from interviews.telling import Allowed, Kind, Way, Wishes
from tests.cast import PLANNED, City, at
from tests.scheduler.conftest import ADDRESSES
from tests.web.browser import Browser
from tests.web.conftest import Town

RULES, ACCOUNT = "/office/notifications", "/account"
MORNING, LATE = at("2026-02-02 08:00"), at("2026-02-10 08:00")


@pytest.fixture
async def office(city: City) -> City:
    """The cast with addresses and an interview planned, on either database."""
    async with city.units.act(SYSTEM, PLANNED) as uow:
        for person in await uow.db.scalars(select(Person)):
            person.email = ADDRESSES.get(person.display_name)
    await city.plan()
    return city


async def chooses(city: City, who: str, kind: Kind, way: Way, wanted: bool, address: str = "") -> None:
    async with city.act(who, MORNING) as uow:
        await telling.choose(uow, {(kind, way): wanted}, address)


async def allows(city: City, kind: Kind, way: Way, allowed: Allowed) -> None:
    async with city.act("周科长", MORNING) as uow:
        await telling.set_rules(uow, {(kind, way): allowed})


async def told(city: City, when: object = MORNING) -> list[tuple[str, str, str]]:
    """What a sweep puts into the outbox: kind, way and address."""
    async with city.units.act(SYSTEM, when) as uow:  # type: ignore[arg-type]  # a datetime, from the names above
        await notices.sweep(uow)
    async with city.units.read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(OutboxMail).order_by(col(OutboxMail.id)))
        return sorted((row.kind, row.channel, row.to) for row in rows)


async def test_a_person_who_wants_no_mail_gets_none_and_still_sees_it_on_the_page(office: City) -> None:
    await chooses(office, "周科长", Kind.REMINDER, Way.MAIL, wanted=False)
    assert await told(office) == [("reminder", "mail", "xu@example.gov.cn")]
    async with office.units.read(office.people["周科长"]) as uow:
        assert await notices.shown_to(uow, office.people["周科长"])


async def test_what_the_office_makes_compulsory_goes_whatever_one_chose(office: City) -> None:
    await chooses(office, "周科长", Kind.REMINDER, Way.MAIL, wanted=False)
    await allows(office, Kind.REMINDER, Way.MAIL, Allowed.MUST)
    assert ("reminder", "mail", "zhou@example.gov.cn") in await told(office)


async def test_what_the_office_switches_off_goes_to_nobody(office: City) -> None:
    await allows(office, Kind.REMINDER, Way.MAIL, Allowed.OFF)
    assert await told(office) == []


async def test_the_gateway_is_called_only_for_those_who_chose_it_at_the_number_they_gave(
    office: City,
) -> None:
    await chooses(office, "周科长", Kind.REMINDER, Way.WEBHOOK, True, "13900001111")
    assert {way for _, way, _ in await told(office)} == {Channel.MAIL}, "the office has not allowed it yet"
    await allows(office, Kind.OVERDUE, Way.WEBHOOK, Allowed.FREE)
    await chooses(office, "周科长", Kind.OVERDUE, Way.WEBHOOK, True, "13900001111")
    called = [row for row in await told(office, LATE) if row[1] == Channel.WEBHOOK]
    assert called == [("overdue", "webhook", "13900001111")]


async def test_a_body_whose_clerk_wants_no_mail_is_not_written_to_behind_their_back(office: City) -> None:
    await office.gives_address("医保局", "ybj@example.gov.cn")
    await chooses(office, "许主任", Kind.REMINDER, Way.MAIL, wanted=False)
    assert await told(office) == [("reminder", "mail", "zhou@example.gov.cn")]


async def test_the_supervisor_may_take_others_lateness_off_the_page_but_not_their_own(office: City) -> None:
    await told(office, LATE)
    he = office.people["何主任"]

    async def texts() -> list[str]:
        async with office.units.read(he) as uow:
            return [one.notice.text for one in await notices.shown_to(uow, he)]

    assert len(await texts()) == 2
    await chooses(office, "何主任", Kind.OTHERS_LATE, Way.PAGE, wanted=False)
    assert await texts() == []


async def test_ones_own_duties_cannot_be_taken_off_the_page(office: City) -> None:
    with pytest.raises(Refusal) as refused:
        await allows(office, Kind.OVERDUE, Way.PAGE, Allowed.OFF)
    assert refused.value.code == "notice.fixed"
    await chooses(office, "周科长", Kind.OVERDUE, Way.PAGE, wanted=False)
    async with office.units.read(SYSTEM) as uow:
        wishes = await telling.wishes(uow)
    assert wishes.wants(office.people["周科长"].person_id, Kind.OVERDUE, Way.PAGE)


@pytest.mark.parametrize("way", list(Way))
@pytest.mark.parametrize("allowed", list(Allowed))
@pytest.mark.parametrize("chosen", [None, True, False])
def test_what_holds_is_the_offices_word_and_within_it_ones_own(
    way: Way, allowed: Allowed, chosen: bool | None
) -> None:
    choices = {} if chosen is None else {(7, Kind.OTHERS_LATE, way): chosen}
    wishes = Wishes({(Kind.OTHERS_LATE, way): allowed}, choices, {})
    own = telling.UNLESS_CHOSEN[way] if chosen is None else chosen
    expected = {Allowed.OFF: False, Allowed.MUST: True, Allowed.FREE: own}[allowed]
    assert wishes.wants(7, Kind.OTHERS_LATE, way) is expected


# What somebody has done


async def instructs(city: City) -> list[tuple[str, str, str]]:
    """何主任 tells 医保局 to do something, and a day late it is reminded of: kind, way and address."""
    async with city.act("何主任", MORNING) as uow:
        wanted = Wanted(city.bodies["医保局"], "把没有答完的答完。", date(2026, 2, 4))
        await instructions.give(uow, wanted)
    async with city.units.act(SYSTEM, LATE) as uow:
        await instructions.remind(uow)
    async with city.units.read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(OutboxMail).order_by(col(OutboxMail.id)))
        return sorted({(row.kind, row.channel, row.to) for row in rows if row.kind.startswith("instruction")})


async def test_instructions_are_chosen_like_the_others(office: City) -> None:
    await chooses(office, "许主任", Kind.INSTRUCTION_DUE, Way.MAIL, wanted=False)
    assert await instructs(office) == [("instruction", "mail", "xu@example.gov.cn")]


async def test_an_instruction_goes_by_the_webhook_to_whoever_chose_it(office: City) -> None:
    await allows(office, Kind.INSTRUCTION, Way.WEBHOOK, Allowed.FREE)
    await allows(office, Kind.INSTRUCTION_DUE, Way.MAIL, Allowed.OFF)
    await chooses(office, "许主任", Kind.INSTRUCTION, Way.WEBHOOK, True, "13900001111")
    assert await instructs(office) == [
        ("instruction", "mail", "xu@example.gov.cn"),
        ("instruction", "webhook", "13900001111"),
    ]


@pytest.mark.parametrize("kind", [Kind.HANDED, Kind.TOLD])
async def test_what_the_rule_asks_to_be_told_cannot_be_switched_off(office: City, kind: Kind) -> None:
    with pytest.raises(Refusal) as refused:
        await allows(office, kind, Way.MAIL, Allowed.OFF)
    assert refused.value.code == "notice.fixed"
    await chooses(office, "许主任", kind, Way.MAIL, wanted=False)
    await office.announce()
    await office.prepare()
    async with office.units.read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(OutboxMail).where(col(OutboxMail.kind) == kind))
        assert "xu@example.gov.cn" in {row.to for row in rows}


async def test_each_kind_reaches_somebody_and_nobody_is_offered_what_never_comes() -> None:
    offered = {kind for role in Role for kind in telling.kinds_of(role)}
    assert offered == set(Kind)
    assert Kind.INSTRUCTION not in telling.kinds_of(Role.HOST)
    assert telling.kinds_of(Role.CITIZEN) == ()


# The pages


async def test_the_office_sets_what_is_allowed_and_each_chooses_on_their_account(town: Town) -> None:
    browser = Browser(town)
    await browser.signs_in("office", RULES)
    assert "还没有设置短信平台的地址" in browser.text
    assert "邮件：一定发，不能关，规定要告诉单位和参加的人" in browser.text
    assert "提问人自己留了邮箱，等的就是这一封。" in browser.text
    assert 'name="handed.mail"' not in browser.text
    assert 'name="overdue.page"' not in browser.text
    await browser.sends(RULES, **{"overdue.webhook": "free", "reminder.mail": "must"})
    assert "2处改了" in browser.text
    await browser.signs_in("clerk", ACCOUNT)
    assert "邮件：一定发" in browser.text
    assert 'name="overdue.webhook"' in browser.text
    assert 'name="instruction_due.mail"' in browser.text
    assert "别的单位逾期了" not in browser.text, "that is the supervisor's"
    ticked = {"shown.overdue.webhook": "1", "overdue.webhook": "1", "shown.overdue.mail": "1"}
    assert await browser.sends(f"{ACCOUNT}/notifications", address="139 0000", **ticked) == 400
    assert "号码写得不对" in browser.text
    assert 'value="139 0000"' in browser.text
    assert re.search(r'name="overdue\.webhook" value="1" checked', browser.text), "what was ticked is kept"
    await browser.sends(f"{ACCOUNT}/notifications", address="13900001111", **ticked)
    assert "存好了" in browser.text
    assert 'value="13900001111"' in browser.text
    assert not re.search(r'name="overdue\.mail" value="1" checked', browser.text)
    async with town.city.units.read(SYSTEM) as uow:
        noted = [one.detail async for one in audit.entries(uow) if one.act == "notice.choose"]
    assert noted == [{"reached": True, "overdue.webhook": True, "overdue.mail": False}]
    assert "13900001111" not in str(noted)


async def test_whoever_gets_no_notices_is_offered_none(town: Town) -> None:
    browser = Browser(town)
    await browser.signs_in("editor", ACCOUNT)
    assert "怎么提醒我" not in browser.text
