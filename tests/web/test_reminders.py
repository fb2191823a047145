"""Reminders on the start pages: each sees their own; and what the office is told where no mail server is set."""

import pytest

from base import outbox
from base.errors import Refusal
from base.people import SYSTEM, Person
from interviews import notices
from tests.cast import DURING, at
from tests.web.conftest import Town
from web import accounts


async def page(town: Town, who: str, path: str) -> str:
    async with town.client.get(path, headers=await town.bearer(who)) as answer:
        assert answer.status == 200
        return await answer.text()


async def remind(town: Town) -> None:
    """A second interview is planned and its last days have passed; everybody is told."""
    async with town.city.act("周科长", DURING) as uow:
        office = await uow.db.get_one(Person, town.city.people["周科长"].person_id)
        office.email = "zhou@example.gov.cn"
    await town.city.plan(at("2026-03-20 14:30"))
    async with town.city.units.act(SYSTEM, DURING) as uow:
        await notices.sweep(uow)


async def test_each_sees_their_own_on_the_page_they_start_from(town: Town) -> None:
    await remind(town)
    for who, path in (("周科长", "/office"), ("许主任", "/desk"), ("何主任", "/supervise")):
        shown = await page(town, who, path)
        assert "提醒</h2>" in shown
        assert "已经逾期（第十" in shown
    other = await page(town, "外单位老吴", "/desk")
    assert "提醒</h2>" not in other
    assert "已经逾期（第十" not in other


async def test_without_a_mail_server_mails_wait_and_the_office_is_told(town: Town) -> None:
    await remind(town)
    async with town.city.units.read(SYSTEM) as uow:
        waiting = await outbox.unsent(uow)
    assert waiting > 0
    assert f"还没有设置邮件服务器，{waiting}封提醒邮件没有寄出" in await page(town, "周科长", "/office")
    assert "邮件服务器" not in await page(town, "何主任", "/supervise")


async def test_an_account_gets_an_address_or_a_sentence(town: Town) -> None:
    async with town.city.units.act(SYSTEM, DURING) as uow:
        made = await accounts.add(uow, accounts.Wanted("zhao", "office", email="zhao@example.gov.cn"))
        assert (await uow.db.get_one(Person, made.person)).email == "zhao@example.gov.cn"
        with pytest.raises(Refusal) as refused:
            await accounts.add(uow, accounts.Wanted("qian", "office", email="qian@"))
    assert (refused.value.code, refused.value.status) == ("user.email", 400)
