"""周科长 at the outbox: holds, lets go, cancels, tries again; what only citizens may hold is hidden."""

import re

import pytest
from sqlalchemy import select
from sqlmodel import col

from base import audit, outbox
from base.errors import Refusal
from base.outbox import Letter, MailStatus, OutboxMail, Undelivered
from base.people import SYSTEM, Person
from interviews import deliveries, notices
from scheduler.jobs import post, withdraw_done
from tests.cast import DURING, at
from tests.web.browser import Browser
from tests.web.conftest import Town

PATH = "/office/outbox"
MOVED = "发布预告改到2月9日。"


class Office(Browser):
    """周科长 without scripts."""

    async def row(self, number: int) -> OutboxMail:
        async with self.town.city.units.read(SYSTEM) as uow:
            return await uow.db.get_one(OutboxMail, number)

    async def acts(self, number: int, act: str, **typed: str) -> int:
        await self.opens(f"{PATH}/{number}")
        return await self.sends(f"{PATH}/{number}", act=act, **typed)

    async def noted(self) -> list[str]:
        async with self.town.city.units.read(SYSTEM) as uow:
            return [one.act async for one in audit.entries(uow) if one.act.startswith("outbox.")]


@pytest.fixture
async def office(town: Town) -> Office:
    at_work = Office(town)
    await at_work.signs_in("office", PATH)
    return at_work


async def put(
    town: Town,
    key: str = "calendar:1:1",
    to: str = "xu@example.gov.cn",
    *,
    subject: str = "3件事改了日子",
    text: str = MOVED,
) -> int:
    """A letter in the outbox; its number."""
    async with town.city.units.act(SYSTEM, DURING) as uow:
        await outbox.queue(uow, key, to, subject, text)
        query = select(col(OutboxMail.id)).where(col(OutboxMail.key) == key)
        return (await uow.db.scalars(query)).one() or 0


async def send(town: Town, trouble: Undelivered | None = None) -> list[str]:
    """The post goes round; what it carried."""
    went: list[str] = []

    async def carry(letter: Letter) -> None:
        if trouble:
            raise trouble
        went.append(letter.subject)

    await post(town.city.units, carry)
    return went


async def test_the_list_shows_what_waits_and_keeps_its_filters_in_the_address(office: Office) -> None:
    number = await put(office.town)
    await put(office.town, "report:1:2:1", "renda@example.gov.cn", subject="汇总报告（第1版）")
    await office.opens("/office")
    assert f'href="{PATH}"' in office.text
    await office.opens(f"{PATH}?state=waiting&kind=calendar")
    assert "3件事改了日子" in office.text
    assert "xu@example.gov.cn" in office.text
    assert "汇总报告（第1版）" not in office.text
    assert 'href="/office/outbox?state=held&amp;kind=calendar"' in office.text
    await office.opens(f"{PATH}?state=sent")
    assert "没有这样的信" in office.text
    await office.opens(f"{PATH}/{number}")
    assert "发布预告改到2月9日。" in office.text
    assert "还没有试过" in office.text


async def test_what_is_held_does_not_go_until_it_is_let_go(office: Office) -> None:
    number = await put(office.town)
    await office.acts(number, "hold")
    assert "扣下了" in office.text
    assert await send(office.town) == []
    await office.opens("/office")
    assert "1封扣着，等您放行" in office.text
    await office.acts(number, "release")
    assert await send(office.town) == ["3件事改了日子"]
    await office.opens(f"{PATH}/{number}")
    assert "对方收下了" in office.text
    assert await office.noted() == ["outbox.hold", "outbox.release"]


async def test_a_cancelled_one_needs_a_reason_and_never_goes(office: Office) -> None:
    number = await put(office.town)
    assert await office.acts(number, "cancel", reason=" ") == 400
    assert "原因是空的" in office.text
    await office.acts(number, "cancel", reason="已经电话说过了")
    assert await send(office.town) == []
    assert "周科长取消：已经电话说过了" in office.text
    assert await office.noted() == ["outbox.cancel"]


async def test_one_that_was_given_up_is_tried_again_and_every_try_is_kept(office: Office) -> None:
    number = await put(office.town)
    await send(office.town, Undelivered("550 no such user", for_good=True))
    await office.opens(f"{PATH}?state=failed")
    assert "550 no such user" in office.text
    await office.acts(number, "retry")
    assert await send(office.town) == ["3件事改了日子"]
    await office.opens(f"{PATH}/{number}")
    assert "没有发成：550 no such user" in office.text
    assert "对方收下了" in office.text


async def test_one_that_has_gone_meanwhile_cannot_be_held_and_the_page_says_so(office: Office) -> None:
    number = await put(office.town)
    await office.opens(f"{PATH}/{number}")
    await send(office.town)
    assert await office.sends(f"{PATH}/{number}", act="hold") == 409
    assert "这一封现在是“发了”" in office.text
    assert (await office.row(number)).status == MailStatus.SENT


async def test_a_report_is_sent_again_where_its_way_is_written_down(office: Office) -> None:
    number = await put(office.town, "report:1:2:1", "renda@example.gov.cn")
    await send(office.town, Undelivered("550", for_good=True))
    assert await office.acts(number, "retry") == 409
    assert "再发一次" in office.text


async def test_a_report_that_is_held_is_let_go_and_not_sent_beside_itself(office: Office) -> None:
    city = office.town.city
    await office.sends(PATH, **{"wait-report": "-1"})
    await city.gives_address("政协办", "zhengxie@example.gov.cn", by_mail=True)
    await city.does("李主持", "interview.close", DURING, interview=city.interview, reason="问题答完了")
    await city.does("周科长", "summary.send", DURING, interview=city.interview)
    async with city.units.read(SYSTEM) as uow:
        (way,) = [one for one in await deliveries.ways(uow, city.interview) if one.by_mail]
    with pytest.raises(Refusal) as refused:
        await city.does("周科长", "report.resend", DURING, delivery=way.delivery_id)
    assert refused.value.code == "report.held"


async def test_neither_a_citizens_address_nor_receipt_nor_link_is_shown(office: Office) -> None:
    sealed = outbox.SEALED + "gAAAAABsealed"
    text = "凭回执编号 7K2M-9QXA-B3C 查看。\n确认：https://fangtan.example.gov.cn/follow/abc\n"
    number = await put(office.town, "asker:1", sealed, subject="您的提问有了结果", text=text)
    for path in (PATH, f"{PATH}/{number}"):
        await office.opens(path)
        assert "加密保存，这里看不到" in office.text
        assert not re.search("gAAAA|7K2M|/follow/abc", office.text), path
    assert "凭回执编号 （回执编号） 查看" in office.text


async def test_a_kind_that_waits_is_looked_at_first_and_goes_after_its_time(office: Office) -> None:
    await office.sends(PATH, **{"wait-calendar": "60", "wait-asker": "-1"})
    assert "2种改了" in office.text
    number, held = await put(office.town), await put(office.town, "asker:1", subject="给提问人")
    assert await send(office.town) == []
    assert (await office.row(held)).status == MailStatus.HELD
    row = await office.row(number)
    assert (row.next_try_at - row.created_at).total_seconds() == 3600
    await office.acts(number, "release")
    assert await send(office.town) == ["3件事改了日子"]
    assert await office.sends(PATH, **{"wait-calendar": "7"}) == 400
    assert "请从单子里选" in office.text


async def test_a_reminder_that_was_held_is_withdrawn_when_its_duty_is_done(office: Office) -> None:
    city = office.town.city
    await office.sends(PATH, **{"wait-reminder": "-1"})
    async with city.act("周科长", DURING) as uow:
        person = await uow.db.get_one(Person, city.people["周科长"].person_id)
        person.email = "zhou@example.gov.cn"
    await city.plan(at("2026-03-27 14:30"))
    async with city.units.act(SYSTEM, DURING) as uow:
        await notices.sweep(uow)
    async with city.units.read(SYSTEM) as uow:
        query = select(OutboxMail).where(col(OutboxMail.kind) == "reminder")
        (mail,) = [one for one in await uow.db.scalars(query) if "预告" in one.text]
    assert mail.status == MailStatus.HELD
    await city.does("周科长", "interview.announce", interview=city.interview)
    assert await withdraw_done(city.units) > 0
    assert await withdraw_done(city.units) == 0
    await office.opens(f"{PATH}/{mail.id}")
    assert "事情已经办好，或者有了新的提醒，不用再发" in office.text
    assert await office.sends(f"{PATH}/{mail.id}", act="release") == 409
    assert await send(office.town) == []


async def test_without_servers_the_office_is_told_what_waits(office: Office) -> None:
    await put(office.town)
    await office.opens(PATH)
    assert "还没有设置邮件服务器，1封邮件等着" in office.text
    assert "短信平台的地址" not in office.text


async def test_several_are_held_at_once_and_taken_back_to_wait_as_they_did(office: Office) -> None:
    await office.sends(PATH, **{"wait-calendar": "60"})
    numbers = [await put(office.town, f"calendar:{at}:1") for at in (1, 2)]
    due = [(await office.row(number)).next_try_at for number in numbers]
    await office.opens(PATH)
    assert await office.sends(f"{PATH}/hold", pick=[str(one) for one in numbers], back=PATH) == 200
    assert "扣下了2封" in office.text
    assert [(await office.row(number)).status for number in numbers] == [MailStatus.HELD] * 2
    assert await office.sends(f"{PATH}/unhold", pick=[str(one) for one in numbers], back=PATH) == 200
    rows = [await office.row(number) for number in numbers]
    assert [one.status for one in rows] == [MailStatus.QUEUED] * 2
    assert [one.next_try_at for one in rows] == due, "what is taken back goes neither sooner nor later"
    noted = ["outbox.delays", *["outbox.hold"] * 2, *["outbox.unhold"] * 2]
    assert await office.noted() == noted, "the record keeps both"


async def test_one_of_several_that_has_gone_is_named_and_the_others_are_held(office: Office) -> None:
    gone = await put(office.town, "calendar:1:1")
    await send(office.town)
    waiting = await put(office.town, "calendar:2:1")
    await office.opens(PATH)
    await office.sends(f"{PATH}/hold", pick=[str(gone), str(waiting)], back=PATH)
    assert "扣下了1封" in office.text
    assert f"第{gone}封：" in office.text
    await office.sends(f"{PATH}/hold", back=PATH)
    assert "没有选" in office.text
