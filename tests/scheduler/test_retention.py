"""What was left for an answer is forgotten when its purpose is over, by the bell and in the audit; nothing before."""

from datetime import timedelta
from typing import Any

import time_machine
from sqlalchemy import select
from sqlmodel import col

from base import outbox
from base.audit import AuditEntry, verify
from base.outbox import MailStatus, OutboxMail
from base.people import SYSTEM
from faq import misses, referrals
from faq.models import Ask, Referral
from interviews.following import DAYS
from interviews.models import Question
from scheduler.jobs import forget_followers
from tests.cast import DURING, END, City


async def left(city: City) -> list[str | None]:
    async with city.units.read(SYSTEM) as uow:
        return list(await uow.db.scalars(select(col(Question.contact_sealed)).order_by(col(Question.id))))


async def rings(city: City, days: int) -> None:
    with time_machine.travel(END + timedelta(days=days), tick=False):
        await forget_followers(city.units)
        await referrals.forget_addresses(city.units)
        await misses.forget_old(city.units)


async def noted(city: City) -> list[tuple[str, object]]:
    async with city.units.read(SYSTEM) as uow:
        assert (await verify(uow)).ok
        entries = await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.act) == "address.forget"))
        return [(one.subject, one.detail["addresses"]) for one in entries]


async def test_an_askers_address_goes_so_many_days_after_the_answer(small_live_city: City) -> None:
    city = small_live_city
    done = await city.asks("网友甲", "断缴几年不能报？", contact="jia@example.com")
    waits = await city.asks("网友乙", "在哪里办？", contact="yi@example.com")
    for question in (done, waits):
        await city.does("审核员小张", "question.publish", question=question)
    await city.does("李主持", "question.stage", question=done)
    await city.does("王处长", "question.answer", question=done, text="两年。")
    async with city.units.act(SYSTEM, END) as uow:
        await outbox.queue(uow, "asker:old:1", f"{outbox.SEALED}x", "有了答复", "您的问题有了答复。")
        for mail in await uow.db.scalars(select(OutboxMail)):
            mail.status = MailStatus.SENT
    await rings(city, DAYS - 1)
    assert all(await left(city))
    assert await noted(city) == []
    await rings(city, DAYS + 1)
    first, second = await left(city)
    assert (first, second is not None) == (None, True), "who still waits is still told"
    async with city.units.read(SYSTEM) as uow:
        kept = {(one.to, one.text) for one in await uow.db.scalars(select(OutboxMail))}
    assert kept == {("", "")}
    assert await noted(city) == [("questions", 1)]
    await rings(city, DAYS + 2)
    assert await noted(city) == [("questions", 1)], "twice is as good as once"


async def test_a_referral_keeps_no_address_after_its_reply_and_the_bot_no_old_asks(
    small_live_city: City,
) -> None:
    city = small_live_city
    asker = city.people["网友甲"].person_id or 0
    async with city.units.act(SYSTEM, DURING) as uow:
        about: dict[str, Any] = {
            "asker_id": asker,
            "text": "养狗",
            "due": DURING.date(),
            "created_at": DURING,
        }
        uow.db.add(Referral(receipt="R1", contact_sealed="x", replied_at=DURING, **about))
        uow.db.add(Referral(receipt="R2", contact_sealed="y", **about))
        uow.db.add(Ask(text="养狗", at=uow.now, outcome="handoff", reason="not_sure", confidence=0.2))
    await rings(city, DAYS + 1)
    async with city.units.read(SYSTEM) as uow:
        rows = await uow.db.scalars(select(Referral).order_by(col(Referral.id)))
        assert [one.contact_sealed for one in rows] == [None, "y"]
        assert len(list(await uow.db.scalars(select(Ask)))) == 1
    assert await noted(city) == [("referrals", 1)]
    await rings(city, misses.ASK_DAYS + 1)
    async with city.units.read(SYSTEM) as uow:
        assert list(await uow.db.scalars(select(Ask))) == []
