"""The report's way: drafted, edited, signed by a second person, sent, sent again, settled; whatever the interview was."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from base import outbox
from base.audit import AuditEntry
from base.errors import Refusal
from base.outbox import MailStatus, OutboxMail, Undelivered
from base.people import SYSTEM, Actor, Body, Person, Role
from interviews import deliveries, duties, programme, report_readers, reports
from interviews.deliveries import Terms, Way
from interviews.models import Duty, Interview, Report
from interviews.report_page import to_html
from scheduler import jobs
from tests.cast import DURING, END, LIMIT_PASSED, PLANNED, START, City, at

MONDAY = at("2026-03-09 10:00")
TUESDAY = at("2026-03-10 10:00")
REQUIRED = Terms(signature=True)


async def over(city: City, closed: datetime = LIMIT_PASSED) -> City:
    await city.open()
    await city.does("李主持", "interview.close", closed, interview=city.interview)
    return city


async def colleague(city: City) -> None:
    """吴科员, the second person of the office."""
    async with city.act("周科长", PLANNED) as uow:
        person = Person(role=Role.OFFICE, display_name="吴科员", created_at=uow.now)
        uow.db.add(person)
        await uow.db.flush()
        city.people["吴科员"] = person.actor()


async def told(city: City, text: str, when: datetime = MONDAY) -> None:
    """The record changes: an official adds to what was said."""
    async with city.act("周科长", when) as uow:
        (await uow.db.get_one(Interview, city.interview)).venue = text


async def ways(city: City) -> list[Way]:
    async with city.units.read(SYSTEM) as uow:
        return await deliveries.ways(uow, city.interview)


async def summary(city: City) -> Duty:
    async with city.units.read(SYSTEM) as uow:
        owed = await duties.of_interview(uow, city.interview)
    return next(duty for duty in owed if duty.rule == "summary")


async def sends(city: City, when: datetime = MONDAY, terms: Terms = Terms()) -> Report:  # noqa: B008 - frozen
    async with city.act("周科长", when) as uow:
        return await deliveries.send(uow, city.interview, terms)


async def taken(city: City, when: datetime, trouble: Undelivered | None = None) -> int:
    """The mail server takes what waits, or has trouble with it; then the ledger is settled. How many letters."""
    async with city.units.act(SYSTEM, when) as uow:
        letters = await outbox.claim(uow, when, 20)
        for letter in letters:
            if trouble is None:
                await outbox.sent(uow, letter)
            else:
                await outbox.failed(uow, letter, trouble)
    await jobs.settle_reports(city.units)
    return len(letters)


async def refused(city: City, who: str, command: str, when: datetime = MONDAY, **sent: object) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await city.does(who, command, when, **sent)
    return caught.value


# Drafting and signing


async def test_the_clock_drafts_the_report_once_the_interview_has_closed(small_city: City) -> None:
    city = await over(small_city)
    assert [await jobs.draft_reports(city.units) for _ in range(3)] == [1, 0, 0]
    async with city.units.read(SYSTEM) as uow:
        (draft,) = await uow.db.scalars(select(Report))
    assert (draft.version, draft.drafted_by, draft.signed_at) == (1, None, None)


async def test_nobody_signs_what_they_wrote_even_after_the_record_has_changed(small_city: City) -> None:
    city = await over(small_city)
    await colleague(city)
    number = city.interview
    await city.does("周科长", "report.draft", MONDAY, interview=number)
    await city.does("周科长", "report.edit", MONDAY, interview=number, version=1, overview="平稳有序。")
    assert (await refused(city, "周科长", "report.sign", interview=number, version=2)).code == "report.own"
    await told(city, "三楼")
    await city.does("吴科员", "report.draft", MONDAY, interview=number)
    assert (await refused(city, "周科长", "report.sign", interview=number, version=3)).code == "report.own"
    await city.does("吴科员", "report.sign", MONDAY, interview=number, version=3)
    async with city.units.read(SYSTEM) as uow:
        signed = await uow.db.scalars(select(col(Report.version)).where(col(Report.signed_at).is_not(None)))
    assert list(signed) == [3]


async def test_whoever_is_told_of_a_newer_version_can_look_at_it(small_city: City) -> None:
    city = await over(small_city)
    number = city.interview
    await city.does("周科长", "report.draft", MONDAY, interview=number)
    await told(city, "三楼")
    stale = await refused(city, "何主任", "report.sign", interview=number, version=1)
    assert stale.code == "report.stale"
    assert "请先按最新的记录重新拟" in stale.message
    assert (await city.does("周科长", "report.draft", MONDAY, interview=number))["version"] == 2
    newer = await refused(city, "何主任", "report.sign", interview=number, version=1)
    assert (newer.code, "已经有第2版" in newer.message) == ("report.newer", True)
    await city.does("何主任", "report.sign", MONDAY, interview=number, version=2)


async def test_an_edit_on_a_changed_record_takes_the_record_as_it_stands(small_city: City) -> None:
    city = await over(small_city)
    number = city.interview
    await city.does("周科长", "report.draft", MONDAY, interview=number)
    await told(city, "三楼")
    edited = await city.does(
        "周科长", "report.edit", MONDAY, interview=number, version=1, overview="平稳有序。"
    )
    assert edited["version"] == 2
    async with city.act("周科长", MONDAY) as uow:
        content = (await reports.version_of(uow, number, 2)).content
    assert (content["interview"]["venue"], content["prose"]) == ("三楼", {"overview": "平稳有序。"})
    late = await refused(city, "周科长", "report.edit", interview=number, version=1, overview="别的话。")
    assert late.code == "report.newer"


async def test_unsigned_goes_where_it_may_and_the_ledger_says_so(small_city: City) -> None:
    city = await over(small_city)
    await sends(city)
    assert "未经第二人核签" in ((await summary(city)).evidence or "")


async def test_where_a_signature_is_required_it_waits_for_one(small_city: City) -> None:
    city = await over(small_city)
    number = city.interview
    for act, code in ((None, "report.none"), ("report.draft", "report.unsigned")):
        if act:
            await city.does("周科长", act, MONDAY, interview=number)
        with pytest.raises(Refusal) as caught:
            await sends(city, MONDAY, REQUIRED)
        assert caught.value.code == code
    await city.does("何主任", "report.sign", MONDAY, interview=number, version=1)
    await told(city, "三楼")
    with pytest.raises(Refusal) as caught:
        await sends(city, MONDAY, REQUIRED)
    assert caught.value.code == "report.stale", "what was signed is not what would go"
    await city.does("周科长", "report.draft", MONDAY, interview=number)
    await city.does("何主任", "report.sign", MONDAY, interview=number, version=2)
    assert (await sends(city, MONDAY, REQUIRED)).version == 2
    assert "未经" not in ((await summary(city)).evidence or "")


# Sending and sending again


async def test_a_mail_still_on_its_way_is_not_sent_twice(small_city: City) -> None:
    city = small_city
    await city.gives_address("政协办", "a@example.gov.cn", by_mail=True)
    await over(city)
    await sends(city)
    (way,) = [one for one in await ways(city) if one.by_mail]
    for _ in range(2):
        again = await refused(city, "周科长", "report.resend", delivery=way.delivery_id)
        assert again.code == "report.on_its_way"
    await city.gives_address("政协办", "b@example.gov.cn", by_mail=True)
    await city.does("周科长", "report.resend", MONDAY, delivery=way.delivery_id)
    async with city.units.read(SYSTEM) as uow:
        mails = {mail.to: mail.status for mail in await uow.db.scalars(select(OutboxMail))}
    assert mails == {"a@example.gov.cn": MailStatus.DROPPED, "b@example.gov.cn": MailStatus.QUEUED}
    assert await taken(city, MONDAY) == 1
    assert (await summary(city)).status == "done"


async def test_a_body_by_mail_without_an_address_is_trouble_from_the_start(small_city: City) -> None:
    city = small_city
    await city.gives_address("政协办", "", by_mail=True)
    await over(city)
    await sends(city)
    (way,) = [one for one in await ways(city) if one.by_mail]
    assert (way.trouble, way.mails) == ("没有登记邮箱", 0)
    assert (
        await refused(city, "周科长", "report.resend", delivery=way.delivery_id)
    ).code == "report.no_address"
    await city.gives_address("政协办", "a@example.gov.cn", by_mail=True)
    await city.does("周科长", "report.resend", TUESDAY, delivery=way.delivery_id)
    await taken(city, TUESDAY)
    assert (await summary(city)).done_at == TUESDAY


async def test_a_body_that_gets_an_account_finds_in_its_inbox_what_no_mail_brought(small_city: City) -> None:
    city = small_city
    await city.gives_address("市委办", "gone@example.gov.cn", by_mail=True)
    await over(city)
    await sends(city)
    await taken(city, MONDAY, Undelivered("550 no such user", for_good=True))
    (way,) = [one for one in await ways(city) if one.by_mail]
    assert way.trouble == "550 no such user"
    async with city.act("周科长", TUESDAY) as uow:
        body = await uow.db.get_one(Body, city.bodies["市委办"])
        body.by_mail, body.email = False, None
    await city.does("周科长", "report.resend", TUESDAY, delivery=way.delivery_id)
    async with city.act("陈秘书", TUESDAY) as uow:
        (arrived,) = await deliveries.inbox(uow, city.bodies["市委办"])
    assert (arrived.sent_at, arrived.replaces) == (TUESDAY, None)
    assert (await summary(city)).done_at == TUESDAY


async def test_a_body_that_receives_no_reports_any_more_keeps_nobody_waiting(small_city: City) -> None:
    city = small_city
    for short in ("政协办", "人大办"):
        await city.gives_address(short, f"{city.bodies[short]}@example.gov.cn", by_mail=True)
    await over(city)
    await sends(city)
    async with city.act("周科长", MONDAY) as uow:
        (await uow.db.get_one(Body, city.bodies["政协办"])).recipient = False
    async with city.units.act(SYSTEM, MONDAY) as uow:
        gone, stays = await outbox.claim(uow, MONDAY, 20)
        if gone.to != f"{city.bodies['政协办']}@example.gov.cn":
            gone, stays = stays, gone
        await outbox.sent(uow, stays)
    await jobs.settle_reports(city.units)
    done = await summary(city)
    assert (done.status, "示例市政协办公室" in (done.evidence or "")) == ("done", False)


async def test_everybody_has_it_in_some_version(small_city: City) -> None:
    city = small_city
    await city.gives_address("政协办", "a@example.gov.cn", by_mail=True)
    await over(city)
    await sends(city)
    await taken(city, MONDAY, Undelivered("550 no such user", for_good=True))
    await told(city, "三楼")
    assert (await sends(city, TUESDAY)).version == 2
    await taken(city, TUESDAY)
    done = await summary(city)
    assert (done.status, done.done_at) == ("done", TUESDAY)
    assert "第1、2版" in (done.evidence or "")


async def test_what_was_given_up_is_noted_once_and_left_in_peace(small_city: City) -> None:
    city = small_city
    await city.gives_address("政协办", "a@example.gov.cn", by_mail=True)
    await over(city)
    await sends(city)
    await taken(city, MONDAY, Undelivered("550 no such user", for_good=True))
    async with city.units.read(SYSTEM) as uow:
        assert await deliveries.unsettled(uow) == []
        before = await uow.db.scalar(select(func.max(col(AuditEntry.seq))))
    for _ in range(3):
        async with city.units.act(SYSTEM, TUESDAY) as uow:
            await deliveries.settle(uow, city.interview)
    async with city.units.read(SYSTEM) as uow:
        assert await uow.db.scalar(select(func.max(col(AuditEntry.seq)))) == before


async def test_one_report_that_cannot_be_drafted_holds_up_no_other(
    small_city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = await over(small_city)
    first = city.interview
    await city.plan(START + timedelta(days=21))
    async with city.act("周科长", MONDAY) as uow:
        (await uow.db.get_one(Interview, city.interview)).status = "ended"
    plain = reports.draft

    async def draft(uow: object, interview_id: int) -> object:
        if interview_id == first:
            raise RuntimeError("nobody thought of this")
        return await plain(uow, interview_id)  # type: ignore[arg-type]  # whatever the sweep passes

    monkeypatch.setattr(reports, "draft", draft)
    assert await jobs.draft_reports(city.units) == 1


async def test_sending_again_and_settling_at_once_wait_for_each_other_in_one_order(city: City) -> None:
    await city.gives_address("政协办", "a@example.gov.cn", by_mail=True)
    await over(city)
    await sends(city)
    (way,) = [one for one in await ways(city) if one.by_mail]
    for _ in range(10):
        await taken(city, MONDAY)
        acts = [city.does("周科长", "report.resend", MONDAY, delivery=way.delivery_id)]

        async def settle() -> None:
            async with city.units.act(SYSTEM, MONDAY) as uow:
                await deliveries.settle(uow, city.interview)

        await asyncio.gather(*acts, settle(), settle())


async def test_who_reads_by_link_is_the_body_and_nobody_else(small_city: City) -> None:
    city = await over(small_city)
    await sends(city)
    mine, other = (await ways(city))[:2]
    async with city.units.read(SYSTEM) as uow:
        reader = await report_readers.by_link(uow, mine.delivery_id)
        with pytest.raises(Refusal):
            await report_readers.by_link(uow, 999)
    assert reader == Actor(None, Role.RECIPIENT, mine.body, city.bodies["市委办"])
    async with city.units.act(reader, TUESDAY) as uow:
        for verb in (deliveries.opened, deliveries.acknowledge, deliveries.delivered):
            with pytest.raises(Refusal) as caught:
                await verb(uow, other.delivery_id)
            assert caught.value.code == "not_found"
    async with city.units.act(reader, TUESDAY) as uow:
        assert (await deliveries.acknowledge(uow, mine.delivery_id, "好")).acknowledged_by == mine.body


async def test_a_version_with_what_was_taken_down_is_not_to_be_had_any_more(small_city: City) -> None:
    city = small_city
    await city.gives_address("市委办", "a@example.gov.cn")
    await city.open()
    said = await city.does("李主持", "interview.say", interview=city.interview, text="请打张老三的电话。")
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    await sends(city)
    await taken(city, MONDAY)
    first = (await ways(city))[0]
    await city.does("周科长", "question.remove", TUESDAY, item=said["item"], reason="有别人的电话")
    async with city.units.read(SYSTEM) as uow:
        assert "张老三" not in to_html(await reports.content(uow, city.interview))
    for who in ("陈秘书", "何主任"):
        async with city.act(who, TUESDAY) as uow:
            with pytest.raises(Refusal) as caught:
                await deliveries.delivered(uow, first.delivery_id)
        assert (caught.value.code, caught.value.status) == ("report.withdrawn", 410)
    again = await refused(city, "周科长", "report.resend", TUESDAY, delivery=first.delivery_id)
    assert again.code == "report.withdrawn"
    assert (await sends(city, TUESDAY)).version == 2
    async with city.act("陈秘书", TUESDAY) as uow:
        newest = (await deliveries.inbox(uow, city.bodies["市委办"]))[0]
        content = await deliveries.delivered(uow, newest.delivery_id)
    assert "张老三" not in str(content)


@pytest.mark.parametrize("who", ["何主任", "陈秘书", "李主持", "网友甲"])
async def test_sending_is_the_offices(small_city: City, who: str) -> None:
    city = await over(small_city)
    await sends(city)
    number = (await ways(city))[0].delivery_id
    assert (await refused(city, who, "summary.send", interview=city.interview)).code == "forbidden"
    assert (await refused(city, who, "report.resend", delivery=number)).code == "forbidden"


# Whatever the interview was


async def test_an_interview_without_questions_is_reported_all_the_same(small_city: City) -> None:
    report = await sends(await over(small_city))
    assert report.content["numbers"]["received"] == 0
    assert "这场没有收到提问" in to_html(report.content)


async def test_a_cancelled_interview_has_no_report_and_says_so(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.does("何主任", "interview.cancel", PLANNED, interview=city.interview, reason="设备坏了。")
    for command in ("report.draft", "summary.send"):
        wrong = await refused(city, "周科长", command, MONDAY, interview=city.interview)
        assert "取消" in wrong.message
        assert "结束以后再来" not in wrong.message
    assert await jobs.draft_reports(city.units) == 0


async def test_closed_early_the_report_says_why(small_city: City) -> None:
    city = small_city
    await city.open()
    await city.does(
        "李主持", "interview.close", DURING, interview=city.interview, reason="停电，设备不能用。"
    )
    report = await sends(city)
    assert [one["article"] for one in report.content["deviations"]] == ["第十三条"]
    assert "提前结束。原因：停电，设备不能用。" in to_html(report.content)


async def test_across_midnight_the_three_days_run_from_the_day_it_ended(small_city: City) -> None:
    city = small_city
    start = at("2026-03-05 23:00")
    await city.plan(start)
    await city.announce(start)
    await city.prepare(start)
    await city.does("李主持", "interview.open", start, interview=city.interview)
    end = at("2026-03-06 01:00")
    await city.does("李主持", "interview.close", end, interview=city.interview)
    assert f"{(await summary(city)).due}" == "2026-03-11", "counted from Friday, not from Thursday"
    report = await sends(city, at("2026-03-11 23:59"))
    assert (await summary(city)).late_days == 0
    assert report.content["interview"]["minutes"] == 120


async def test_with_several_bodies_each_is_named_and_the_report_is_one(small_city: City) -> None:
    city = small_city
    both = (city.bodies["医保局"], city.bodies["水务局"])
    planned = programme.Plan("两家一起谈", START, END, both, city.people["李主持"].person_id, None)
    async with city.act("周科长", PLANNED) as uow:
        city.interview = (await programme.schedule(uow, planned)).id or 0
        found = await uow.db.get_one(Interview, city.interview)
        found.status, found.opened_at, found.closed_at = "ended", START, END
        await duties.assign(uow, found)
    report = await sends(city)
    assert [one["name"] for one in report.content["interview"]["respondents"]] == [
        "示例市医疗保障局",
        "示例市水务局",
    ]
    async with city.units.read(SYSTEM) as uow:
        assert await uow.db.scalar(select(func.count(col(Report.id)))) == 1
    assert "已送4个单位" in ((await summary(city)).evidence or "")
