"""周科长 types in what somebody said on the telephone, at the counter or in a letter, and reads out the receipt."""

import re

import pytest
from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.people import SYSTEM, Person, Role
from interviews import programme, proxy_entry
from interviews.lifecycle import Kind
from interviews.models import Question
from interviews.proxy_entry import Way
from interviews.questions import Submission
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town

SAID = {"way": "phone", "kind": "inquiry", "text": "我母亲八十岁了，不会上网，报销在哪里办？"}


class Office(Browser):
    """周科长 at the interview's page, without scripts."""

    @property
    def form(self) -> str:
        return f"/office/interviews/{self.town.city.interview}/enter"

    async def enters(self, **typed: str) -> str:
        """Open the form, fill it in and send it; the receipt that is shown, or nothing."""
        await self.opens(self.form)
        known = re.search(r'name="client_id" value="([\w-]+)"', self.text)
        assert known is not None
        await self.sends(self.form, **({"client_id": known[1]} | SAID | typed))
        shown = re.search(r"receipt-no--aloud[^>]*>([\w-]+)<", self.text)
        return shown[1] if shown else ""


@pytest.fixture
async def office(town: Town) -> Office:
    at_work = Office(town)
    await at_work.signs_in("office")
    return at_work


async def kept(town: Town, receipt: str) -> Question:
    async with town.city.units.read(SYSTEM) as uow:
        found = (await uow.db.scalars(select(Question).where(col(Question.receipt) == receipt))).one()
        uow.db.expunge(found)
        return found


async def test_a_question_by_telephone_gets_a_receipt_to_read_out_and_a_slip(office: Office) -> None:
    await office.opens(f"/office/interviews/{office.town.city.interview}")
    assert f'href="{office.form}"' in office.text
    receipt = await office.enters()
    assert re.fullmatch(r"\w{4}-\w{4}-\w{3}", receipt)
    assert f"http://127.0.0.1:8080/questions/{receipt}" in office.text
    assert "接下来" in office.text
    assert await office.opens(f"/questions/{receipt}") == 200
    assert SAID["text"] not in office.text, "it waits for the moderator like any other"


async def test_it_waits_marked_for_the_moderator_and_is_counted(office: Office) -> None:
    city = office.town.city
    before = len((await city.state(f"interview:{city.interview}:staff"))["questions"])
    receipt = await office.enters(way="letter")
    question = await kept(office.town, receipt)
    assert (question.status, question.number) == ("pending", None)
    staff = (await city.state(f"interview:{city.interview}:staff"))["questions"]
    assert len(staff) == before + 1
    assert {"kind": "proxy", "why": "信息办代录，来信来的。"} in staff[str(question.id)]["flags"]
    await office.signs_in("moderator", f"/host/{city.interview}")
    assert '<li class="flag--proxy"><b>代录</b>信息办代录，来信来的。</li>' in office.text
    async with city.units.read(SYSTEM) as uow:
        assert (await programme.counts(uow, city.interview))["received"] == before + 1


@pytest.mark.parametrize(("typed", "shown"), [("", "代录"), ("张阿姨", "张阿姨（代录）")])
async def test_the_public_reads_nothing_but_that_it_was_typed_in(
    office: Office, typed: str, shown: str
) -> None:
    city = office.town.city
    question = await kept(office.town, await office.enters(nickname=typed))
    await city.does("审核员小张", "question.publish", question=question.id)
    told = (await city.state(f"interview:{city.interview}:public"))["questions"][str(question.id)]
    assert told["nickname"] == shown
    assert "flags" not in told
    assert "电话" not in str(told)
    await office.opens(f"/interviews/{city.interview}?show=all")
    assert f"网友“{shown}”" in office.text
    assert "周科长" not in str(told)


async def test_the_audit_names_who_typed_and_not_what(office: Office) -> None:
    question = await kept(office.town, await office.enters(nickname="张阿姨"))
    async with office.town.city.units.read(SYSTEM) as uow:
        noted = [one async for one in audit.entries(uow) if one.act == "question.enter"]
        asker = await uow.db.get_one(Person, question.asker_id)
        assert (asker.role, asker.token_digest, asker.login) == ("citizen", None, None)
    assert [one.person_id for one in noted] == [office.town.city.people["周科长"].person_id]
    assert noted[0].detail == {"way": "phone", "text": audit.text_digest(SAID["text"])}


async def test_sent_twice_it_is_one_question_with_one_receipt(office: Office) -> None:
    first = await office.enters(client_id="the-same-form-1")
    await office.opens(office.form)
    await office.sends(office.form, **SAID, client_id="the-same-form-1")
    assert first in office.text
    await office.opens(office.form)
    other = SAID | {"text": "另一个人问的另一件事"}
    assert await office.sends(office.form, **other, client_id="the-same-form-1") == 409
    assert "已经代录过另一个问题" in office.text
    async with office.town.city.units.read(SYSTEM) as uow:
        query = select(Question).where(col(Question.client_id) == "proxy:the-same-form-1")
        assert len(list(await uow.db.scalars(query))) == 1


async def test_going_back_and_sending_again_is_recognised_on_a_page_drawn_anew(office: Office) -> None:
    first = await office.enters()
    assert await office.enters() == "", "the page is fetched again, with another client id"
    assert office.status == 409
    assert f"刚才已经记过，编号是{first}" in office.text
    assert f'href="/office/entered/{first}"' in office.text
    assert SAID["text"] in office.text
    other = await office.enters(again="1")
    assert other not in ("", first), "somebody else asked the same"
    for changed in ({"way": "counter"}, {"kind": "opinion"}, {"text": "另一件事"}):
        assert await office.enters(**changed), changed


async def test_what_was_entered_long_ago_or_by_somebody_else_is_no_matter(office: Office) -> None:
    city = office.town.city
    sent = Submission(SAID["text"], Kind.INQUIRY, "by-somebody-else", None, None)
    first = await office.enters()
    async with city.units.act(SYSTEM) as uow:
        kept = (await uow.db.scalars(select(Question).where(col(Question.receipt) == first))).one()
        kept.submitted_at -= proxy_entry.RECENT
        await uow.db.flush()
        other = Person(role=Role.OFFICE, display_name="同事", created_at=uow.now)
        uow.db.add(other)
        await uow.db.flush()
        colleague = other.actor()
    async with city.units.act(colleague) as uow:
        assert (await proxy_entry.enter(uow, city.interview, sent, Way.PHONE))[1]
    assert await office.enters(), "it was long ago, and what is new was the colleague's"


async def test_personal_data_are_masked_and_what_is_wrong_comes_back(office: Office) -> None:
    question = await kept(office.town, await office.enters(text="请打13812345678找我"))
    assert "13812345678" not in question.text
    assert "13812345678" not in office.text, "nor on the slip"
    assert await office.enters(way="", nickname="张阿姨") == ""
    assert "请选怎么来的：电话、窗口或者来信。" in office.text
    assert 'value="张阿姨"' in office.text
    assert await office.enters(text="  ") == ""
    assert "问题是空的" in office.text
    assert await office.enters(contact="不是邮箱") == ""
    assert "电子邮箱写得不对" in office.text


async def test_an_address_is_kept_sealed_and_the_slip_says_so(office: Office) -> None:
    question = await kept(office.town, await office.enters(contact="ayi@example.com"))
    assert question.contact_sealed
    assert "ayi@" not in question.contact_sealed
    assert "会寄到您留的邮箱" in office.text


async def test_nobody_elses_receipt_opens_a_slip_and_a_closed_interview_takes_none(office: Office) -> None:
    city = office.town.city
    asked = await city.asks("网友甲", "断缴了怎么补？")
    async with city.units.read(SYSTEM) as uow:
        receipt = (await uow.db.get_one(Question, asked)).receipt
    assert await office.opens(f"/office/entered/{receipt}") == 404
    mine = await office.enters()
    assert await office.opens(f"/office/entered/{mine}") == 200
    await office.opens(office.form)
    await city.does("李主持", "interview.close", interview=city.interview, reason="technical")
    assert await office.sends(office.form, **SAID, client_id="too-late-0001") == 409
    assert "已经结束" in office.text
    assert await office.opens(office.form) == 409
    await office.opens(f"/office/interviews/{city.interview}")
    assert f'href="{office.form}"' not in office.text


async def test_the_same_rules_hold_in_a_rehearsal_of_which_nothing_counts(office: Office) -> None:
    city = office.town.city
    await city.plan(cast.START.replace(month=5))
    made = await city.does("李主持", "interview.rehearse", interview=city.interview)
    assert await office.opens(f"/office/interviews/{made['interview']}/enter") == 409
    assert "演练" in office.text
