"""网友甲 asks for a human: the receipt, the day, who may read it, the reply of 周科长 and its mail."""

import asyncio
from datetime import date, datetime

import pytest
from sqlalchemy import select

from base.audit import AuditEntry
from base.errors import Refusal
from base.outbox import OutboxMail
from base.people import ANYONE
from faq import referrals
from faq.desk import Desk
from faq.models import Referral
from tests import cast


async def refers(
    city: cast.City,
    text: str = "医保断缴两年，能补吗？",
    who: str = "网友甲",
    when: datetime = cast.DURING,
    **more: object,
) -> tuple[Referral, bool]:
    async with city.act(who, when) as uow:
        return await referrals.refer(uow, text, **more)  # type: ignore[arg-type]  # the test names fields by word


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-03-06 14:40", date(2026, 3, 13)),
        ("2026-03-06 23:59", date(2026, 3, 13)),
        ("2026-03-07 00:01", date(2026, 3, 13)),
        ("2026-02-12 09:00", date(2026, 2, 26)),
        ("2026-04-30 09:00", date(2026, 5, 11)),
    ],
)
async def test_the_reply_is_due_in_five_working_days_of_shanghai(
    small_city: cast.City, asked: str, due: date
) -> None:
    found, _ = await refers(small_city, when=cast.at(asked))
    assert found.due == due


async def test_what_is_kept_is_masked_and_the_address_is_sealed(small_city: cast.City) -> None:
    found, new = await refers(small_city, "我的电话13800138000，医保断了怎么办", contact_sealed="gAAAA")
    assert new
    assert "13800138000" not in found.text
    assert found.contact_sealed == "gAAAA"
    assert (found.status, found.reply) == ("open", None)


async def test_the_same_pressed_twice_is_one(city: cast.City) -> None:
    desk = Desk()
    async with city.act("网友甲", cast.DURING) as uow:
        ask = (await desk.ask(uow, "医保断缴两年，能补吗？"))["ask"]
    first, second, reworded, other, anew = await asyncio.gather(
        refers(city, ask=ask),
        refers(city, ask=ask),
        refers(city, "换一个说法", ask=ask),
        refers(city, who="网友乙", ask=ask),
        refers(city, "另一件事"),
    )
    receipts = {found.receipt for found, _ in (first, second, reworded)}
    assert len(receipts) == 1
    assert sum(new for _, new in (first, second, reworded)) == 1
    assert other[1]
    assert anew[1]
    assert (await refers(city, "另一件事"))[1] is False
    assert (await refers(city, "另一件事", when=cast.at("2026-03-08 14:40")))[1] is True
    await desk.close()


async def test_only_a_citizen_refers_and_an_empty_text_is_refused(small_city: cast.City) -> None:
    for who in ("周科长", "王处长"):
        with pytest.raises(Refusal, match="身份凭证"):
            await refers(small_city, who=who)
    async with small_city.units.act(ANYONE, cast.DURING) as uow:
        with pytest.raises(Refusal, match="身份凭证"):
            await referrals.refer(uow, "要找人")
    for text in ("", " \n", "长" * 2001, "\x00"):
        with pytest.raises(Refusal):
            await refers(small_city, text)


async def test_the_office_replies_once_and_the_mail_goes(small_city: cast.City) -> None:
    city = small_city
    found, _ = await refers(city, contact_sealed="gAAAA")
    async with city.act("周科长", cast.NEXT_DAY) as uow:
        done = await referrals.reply(uow, found.id or 0, "能补，带身份证到窗口。")
    assert (done.status, done.replied_by) == ("replied", "周科长")
    async with city.act("周科长", cast.NEXT_DAY) as uow:
        mail = (await uow.db.scalars(select(OutboxMail))).one()
        noted = (await uow.db.scalars(select(AuditEntry).where(AuditEntry.act == "referral.reply"))).one()  # type: ignore[arg-type]  # a column
        with pytest.raises(Refusal, match="周科长已经答复过了"):
            await referrals.reply(uow, found.id or 0, "又一个答复")
    assert mail.to == "sealed:gAAAA"
    assert found.receipt in mail.text
    assert "能补，带身份证到窗口。" in mail.text
    assert noted.subject == f"referral:{found.id}"
    assert "能补" not in str(noted.detail)


async def test_without_an_address_no_mail_goes(small_city: cast.City) -> None:
    found, _ = await refers(small_city)
    async with small_city.act("周科长", cast.NEXT_DAY) as uow:
        await referrals.reply(uow, found.id or 0, "能补。")
        assert list(await uow.db.scalars(select(OutboxMail))) == []


async def test_nobody_else_replies_or_reads_the_list(small_city: cast.City) -> None:
    city = small_city
    found, _ = await refers(city)
    for who in ("网友甲", "网友乙", "审核员小张", "许主任", "王处长", "何主任"):
        async with city.act(who, cast.DURING) as uow:
            with pytest.raises(Refusal):
                await referrals.reply(uow, found.id or 0, "我来答")
            with pytest.raises(Refusal):
                await referrals.listed(uow, "open")
    async with city.act("周科长", cast.DURING) as uow:
        with pytest.raises(Refusal, match="没有找到"):
            await referrals.reply(uow, 999, "没有这一件")


async def test_the_overdue_come_first_and_are_counted(small_city: cast.City) -> None:
    city = small_city
    late, _ = await refers(city, "早先的一件", when=cast.at("2026-02-20 09:00"))
    done, _ = await refers(city, "答过的一件", when=cast.at("2026-02-20 09:00"))
    fresh, _ = await refers(city, "刚来的一件")
    async with city.act("周科长", cast.DURING) as uow:
        await referrals.reply(uow, done.id or 0, "答了。")
        assert [one.id for one in await referrals.listed(uow, "open")] == [late.id, fresh.id]
        assert [one.id for one in await referrals.listed(uow, "replied")] == [done.id]
        assert await referrals.counts(uow) == referrals.Counts(open=2, late=1)
        assert await referrals.count_of(uow, "replied") == 1


async def test_a_receipt_is_read_however_it_was_typed(small_city: cast.City) -> None:
    found, _ = await refers(small_city)
    async with small_city.act("网友乙", cast.DURING) as uow:
        again = await referrals.by_receipt(uow, found.receipt.lower().replace("-", " "))
        assert again.id == found.id
        for wrong in ("", "不是编号", "AAAA-BBBB-CCC"):
            with pytest.raises(Refusal, match="没有找到"):
                await referrals.by_receipt(uow, wrong)
    assert referrals.stage(found) == "在等答复，最迟2026年3月13日（周五）"
