"""Where a question that was handed to the body is answered in writing: suggestions with their sources, promises."""

import re
from html import unescape
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base.people import SYSTEM, Person
from interviews import notices, promises
from interviews.models import Duty, Item
from interviews.promise_models import Promise
from tests.access.stage import entry_of
from tests.cast import DURING, END, City, at
from tests.web.browser import Browser
from tests.web.conftest import Town

ASKED, PROMISED = "自来水为什么这么黄？", "月底前换好水管"


class Water(Browser):
    """外单位老吴 of 水务局, to which a question of 医保局's interview was handed."""

    question = 0

    @property
    def city(self) -> City:
        return self.town.city

    @property
    def page(self) -> str:
        return f"/desk/questions/{self.question}"

    async def begins(self) -> None:
        self.question = await self.city.asks("网友甲", ASKED)
        water = self.city.bodies["水务局"]
        await self.city.does("审核员小张", "question.transfer", question=self.question, body=water)
        async with self.city.units.act(SYSTEM, DURING) as uow:
            clerk = await uow.db.get_one(Person, self.city.people["许主任"].person_id)
            other = await uow.db.get_one(Person, self.city.people["外单位老吴"].person_id)
            other.login, other.password_hash = "wu", clerk.password_hash
        await self.signs_in("wu", self.page)

    async def answers(self) -> int:
        said = await self.city.does(
            "外单位老吴", "question.answer", question=self.question, text="水管老了，月底前换好。"
        )
        await self.opens(self.page)
        return int(said["item"])

    async def public(self) -> dict[str, Any]:
        return await self.city.state(f"interview:{self.city.interview}:public")


@pytest.fixture
async def water(town: Town) -> Water:
    at_work = Water(town)
    await at_work.begins()
    return at_work


async def test_suggestions_stand_there_with_their_sources_and_go_into_the_draft(water: Water) -> None:
    await entry_of(water.city, "GK-7", "自来水发黄怎么办", "先放水两分钟，还黄就打热线。")
    await water.opens(water.page)
    assert "可以引用的" in water.text
    source = re.search(r'name="source" value="(entry:\d+)"', water.text)
    assert source
    await water.sends(f"{water.page}/quote", source=source[1], text="您好。")
    assert "放进草稿了" in water.text
    draft = unescape(water.text)
    assert "您好。\n\n先放水两分钟" in draft
    assert "来源：《自来水发黄怎么办》" in draft


async def test_a_promise_in_a_letter_is_a_task_and_nobody_elses_to_read(water: Water) -> None:
    item = await water.answers()
    assert "这条答应了要办的事（读到“月底前”）" in water.text
    assert "别人看不到写了什么" in water.text
    before = await water.public()
    head = await water.city.head(f"interview:{water.city.interview}:public")
    await water.sends("/do/promise.make", item=item, what=PROMISED, due="2027-03-31", back=water.page)
    assert PROMISED in water.text
    assert await water.public() == before
    assert await water.city.head(f"interview:{water.city.interview}:public") == head
    async with water.city.units.read(SYSTEM) as uow:
        duty = (await uow.db.scalars(select(Duty).where(col(Duty.rule) == promises.TASK))).one()
    assert (duty.title, duty.body_id) == (promises.IN_A_LETTER, water.city.bodies["水务局"])
    staff = await water.city.state(f"interview:{water.city.interview}:staff")
    assert PROMISED in str(staff)
    await water.opens("/desk")
    assert PROMISED in water.text, "the body's own list names it"
    assert f'href="{water.page}"' in water.text


async def test_it_is_kept_by_a_further_letter(water: Water) -> None:
    item = await water.answers()
    await water.city.does("外单位老吴", "promise.make", item=item, what=PROMISED, due="2026-03-31")
    await water.opens(water.page)
    await water.sends("/do/promise.keep", item=item, text="换好了。", back=water.page)
    assert "已办结" in water.text
    async with water.city.units.read(SYSTEM) as uow:
        promise = (await uow.db.scalars(select(Promise))).one()
        kept = await uow.db.get_one(Item, promise.kept_by)
        duty = await uow.db.get_one(Duty, promise.duty_id)
    assert (promise.status, kept.no < 0, duty.evidence) == ("kept", True, "书面答复")


async def test_only_the_body_it_was_handed_to_may(water: Water) -> None:
    item = await water.answers()
    for name in ("promise.make", "erratum.publish"):
        more = (
            {"what": PROMISED, "due": "2026-03-31"}
            if name == "promise.make"
            else {"text": "改", "reason": "错"}
        )
        await water.signs_in("clerk", "/desk")
        assert await water.sends(f"/do/{name}", item=item, back="/desk", **more) == 404
    assert await water.sends(f"{water.page}/quote", source="entry:1", text="") == 404


async def test_every_link_on_the_bodys_desk_leads_somewhere(water: Water) -> None:
    await water.answers()
    other = await water.city.asks("网友乙", "自来水什么时候停？")
    body = water.city.bodies["水务局"]
    await water.city.does("审核员小张", "question.transfer", question=other, body=body)
    await water.city.does("李主持", "interview.close", END, interview=water.city.interview)
    async with water.city.units.act(SYSTEM, at("2026-03-12 09:00")) as uow:
        await notices.sweep(uow)
    with time_machine.travel(at("2026-03-12 09:00"), tick=True):
        await water.signs_in("wu", "/desk")
        links = set(re.findall(r'href="(/desk[^"#]*)', water.text))
        assert f"/desk/questions/{other}" in links
        for link in sorted(links):
            assert await water.opens(link) == 200, link
