"""What a body puts beside an answer: a file, a material, an entry; public everywhere the answer is, and gone with it."""

import functools
from typing import Any

import pytest
from aiohttp import FormData

from base.people import Person
from chat.replay import apply
from interviews.models import Interview
from tests.access.stage import entry_of
from tests.base.files_at_hand import PDF, PLACE, picture
from tests.cast import PLANNED
from tests.web.browser import Browser
from tests.web.conftest import Town


class Clerk(Browser):
    """许主任 at an answer that 王处长 gave."""

    question = item = 0

    @property
    def desk(self) -> str:
        return f"/desk/{self.town.city.interview}"

    async def begins(self) -> None:
        city = self.town.city
        self.question = await city.staged("网友甲", "登记表在哪里下载？")
        said = await city.does("王处长", "question.answer", question=self.question, text="见附件。")
        self.item = int(said["item"])
        await self.signs_in("clerk", f"{self.desk}?question={self.question}")

    async def puts(self, **typed: Any) -> int:
        return await self.sends(f"{self.desk}/answers/{self.item}/attach", question=self.question, **typed)

    async def uploads(self, name: str, content: bytes, **typed: str) -> int:
        token = self.text.partition('name="csrf" value="')[2].partition('"')[0]
        form = FormData({"csrf": token, "question": str(self.question), "what": "file", **typed})
        form.add_field("file", content, filename=name)
        async with self.client.post(f"{self.desk}/answers/{self.item}/attach", data=form) as answer:
            self.text, self.status = await answer.text(), answer.status
        return self.status

    async def beside(self) -> list[dict[str, Any]]:
        state = await self.town.city.state(f"interview:{self.town.city.interview}:public")
        return list(next(one for one in state["items"] if one["item"] == self.item).get("attached", []))


@pytest.fixture
async def clerk(town: Town) -> Clerk:
    at_work = Clerk(town)
    await at_work.begins()
    return at_work


async def test_file_picture_and_entry_are_public_beside_the_answer(clerk: Clerk) -> None:
    city = clerk.town.city
    await entry_of(city, "GK-1", "登记办法", "到窗口登记。")
    stream = f"interview:{city.interview}:public"
    head, before = await city.head(stream), await city.state(stream)
    assert await clerk.uploads("登记表.pdf", PDF, title="登记表") == 200
    assert await clerk.uploads("样子.jpg", picture(), title="填好的样子", alt="一张填好的表") == 200
    assert await clerk.puts(what="entry", entry="GK-1") == 200
    assert [one["title"] for one in await clerk.beside()] == ["登记表", "填好的样子", "登记办法"]
    assert (
        functools.reduce(apply, await city.events(stream, head), before)["items"]
        == (await city.state(stream))["items"]
    )
    room = f"/interviews/{city.interview}"
    await clerk.opens(room)
    assert f'<a href="{room}/files/2">填好的样子</a>' in clerk.text
    async with clerk.client.get(f"{room}/files/2") as answer:
        assert PLACE.encode() not in await answer.read()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"what": "entry", "entry": "没有的号"}, "目录里没有这一条"),
        ({"what": "material", "material": "7"}, "选一份"),
        ({"what": "file", "title": "空的"}, "还没有选文件"),
        ({}, "请从页面上选"),
    ],
)
async def test_what_cannot_be_put_says_why_and_keeps_what_was_typed(
    clerk: Clerk, typed: dict[str, str], said: str
) -> None:
    assert await clerk.puts(**typed) == 400
    assert said in clerk.text
    assert all(f'value="{value}"' in clerk.text for key, value in typed.items() if key in ("entry", "title"))
    assert await clerk.beside() == []


async def test_a_picture_needs_what_is_seen_on_it_and_a_program_is_no_file(clerk: Clerk) -> None:
    assert await clerk.uploads("样子.jpg", picture(), title="填好的样子", alt="") == 400
    assert await clerk.uploads("装.exe", b"MZ", title="程序") == 400
    assert await clerk.beside() == []


async def test_taken_off_and_taken_down_it_stands_beside_nothing(clerk: Clerk) -> None:
    city = clerk.town.city
    await clerk.uploads("登记表.pdf", PDF, title="登记表")
    await clerk.uploads("说明.pdf", PDF + b"%", title="说明")
    first, _ = await clerk.beside()
    detach = f"{clerk.desk}/answers/{clerk.item}/detach"
    await clerk.sends(detach, question=clerk.question, link=first["link"])
    assert [one["title"] for one in await clerk.beside()] == ["说明"]
    materials = f"/desk/interviews/{city.interview}/materials/2/remove"
    await clerk.sends(materials, reason="旧的")
    assert await clerk.beside() == []


async def test_another_bodys_answer_is_not_theirs(clerk: Clerk) -> None:
    clerk.item = 999
    assert await clerk.puts(what="material", material="1") == 404


# A guest who answers by themselves


@pytest.fixture
async def guest(town: Town) -> Clerk:
    at_work = Clerk(town)
    await at_work.begins()
    await at_work.signs_in("guest", f"{at_work.desk}?question={at_work.question}")
    return at_work


async def test_a_guest_puts_a_file_beside_their_bodys_answer_and_its_clerk_can_take_it_down(
    guest: Clerk,
) -> None:
    assert "附件和目录条目" in guest.text
    assert await guest.uploads("登记表.pdf", PDF, title="登记表") == 200
    assert "放在答复旁边了" in guest.text
    assert await guest.uploads("装.exe", b"MZ", title="程序") == 400
    assert await guest.uploads("登记表.pdf", PDF + b"%", title="") == 400
    assert [one["title"] for one in await guest.beside()] == ["登记表"]
    city = guest.town.city
    materials = f"/desk/interviews/{city.interview}/materials/1/remove"
    assert await guest.sends(materials, reason="旧的") == 404, "the shelf is the clerks'"
    clerk = Clerk(guest.town)
    await clerk.signs_in("clerk", guest.desk)
    await clerk.sends(materials, reason="旧的")
    assert await guest.beside() == []


async def test_a_guest_of_another_body_puts_nothing_there(guest: Clerk) -> None:
    city = guest.town.city
    async with city.act("周科长", PLANNED) as uow:
        person = await uow.db.get_one(Person, city.people["王处长"].person_id)
        person.body_id = city.bodies["水务局"]
    assert await guest.uploads("登记表.pdf", PDF, title="登记表") == 404
    assert await guest.beside() == []


async def test_what_was_just_answered_takes_a_file_without_looking_for_it(guest: Clerk) -> None:
    await guest.town.city.staged("网友乙", "下一个问题")
    await guest.opens(guest.desk)
    assert "刚答的" in guest.text
    assert f"/answers/{guest.item}/attach" in guest.text


async def test_nothing_is_put_beside_an_answer_in_a_rehearsal(guest: Clerk) -> None:
    async with guest.town.city.act("周科长", PLANNED) as uow:
        (await uow.db.get_one(Interview, guest.town.city.interview)).rehearsal = True
    await guest.opens(f"{guest.desk}?question={guest.question}")
    assert "附件和目录条目" not in guest.text
    assert await guest.uploads("登记表.pdf", PDF, title="登记表") == 409
