"""Who left an address hears by mail that the question has its answer; the address is never stored in the clear."""

from sqlalchemy import select

from base.outbox import SEALED, OutboxMail
from base.people import SYSTEM
from tests.web.conftest import Town
from web.keys import SEAL


async def test_an_answer_is_told_by_mail_to_whoever_left_an_address(town: Town) -> None:
    visitor = await town.visitor()
    sent = {
        "text": "断缴一年怎么补？",
        "kind": "inquiry",
        "client_id": "mail-0001",
        "contact": "jia@fangtan.example",
    }
    path = f"/api/interviews/{town.city.interview}/questions"
    async with town.client.post(path, json=sent, headers={"X-Visitor": visitor}) as answer:
        kept = await answer.json()
    for who, name, more in (
        ("审核员小张", "question.publish", {}),
        ("李主持", "question.stage", {}),
        ("王处长", "question.answer", {"text": "能补。"}),
    ):
        status, _ = await town.commands(who, name, question=kept["question"], **more)
        assert status == 200
    async with town.city.units.read(SYSTEM) as uow:
        mails = list(await uow.db.scalars(select(OutboxMail)))
    assert [mail.key.split(":")[0] for mail in mails] == ["asker"]
    assert "fangtan.example" not in mails[0].to
    app = town.client.app
    assert app is not None
    assert app[SEAL].open(mails[0].to.removeprefix(SEALED)) == "jia@fangtan.example"
    assert kept["receipt"] in mails[0].text
    assert "已经答复" in mails[0].text
