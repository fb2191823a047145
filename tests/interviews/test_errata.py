"""Errata: the text stays, the correction stands beside it; and nobody corrects another body's words."""

import pytest
from sqlalchemy import select

from base.errors import Refusal
from base.outbox import OutboxMail
from base.people import SYSTEM
from interviews import transcript
from tests.cast import DURING, NEXT_DAY, City


async def _answered(city: City) -> int:
    await city.open()
    question = await city.staged("网友甲", "断缴几年不能报？")
    return int((await city.does("王处长", "question.answer", question=question, text="两年。"))["item"])


async def test_a_correction_stands_beside_the_text_and_both_are_in_the_chain(city: City) -> None:
    item = await _answered(city)
    await city.does("许主任", "erratum.publish", NEXT_DAY, item=item, text="是三年。", reason="口误")
    state = await city.state(f"interview:{city.interview}:public")
    said = next(one for one in state["items"] if one["item"] == item)
    assert said["text"] == "两年。"
    beside = [(one["no"], one["text"], one["reason"], one["speaker"]) for one in said["errata"]]
    assert beside == [(3, "是三年。", "口误", "许主任（办公室副主任）")]
    async with city.units.read(SYSTEM) as uow:
        chain = "0" * 64
        for row in await transcript.items(uow, city.interview):
            chain = transcript.link(chain, row)
            assert row.chain == chain


async def test_changing_what_an_erratum_is_about_breaks_the_chain(small_city: City) -> None:
    item = await _answered(small_city)
    await small_city.does("王处长", "erratum.publish", item=item, text="是三年。", reason="口误")
    async with small_city.units.read(SYSTEM) as uow:
        rows = await transcript.items(uow, small_city.interview)
    before, erratum = rows[-2], rows[-1]
    assert transcript.link(before.chain, erratum) == erratum.chain
    erratum.note = "没有口误"
    assert transcript.link(before.chain, erratum) != erratum.chain


async def test_who_may_correct_what(small_city: City) -> None:
    city = small_city
    item = await _answered(city)
    said = await city.does("李主持", "interview.say", interview=city.interview, text="下一个问题。")
    for who, what, code in (
        ("网友甲", item, "forbidden"),
        ("陈秘书", item, "forbidden"),
        ("外单位老吴", item, "not_found"),
        ("别场主持", item, "not_found"),
        ("王处长", said["item"], "not_found"),
        ("王处长", item + 1000, "not_found"),
    ):
        with pytest.raises(Refusal) as told:
            await city.does(who, "erratum.publish", item=what, text="更正", reason="口误")
        assert told.value.code == code, who
    await city.does("李主持", "erratum.publish", item=said["item"], text="下一个是3号。", reason="没说清")


async def test_what_was_taken_down_is_not_corrected_and_takes_its_errata_along(city: City) -> None:
    item = await _answered(city)
    await city.does("王处长", "erratum.publish", item=item, text="找张三。", reason="口误")
    await city.does("审核员小张", "question.remove", DURING, item=item, reason="有私人姓名")
    state = await city.state(f"interview:{city.interview}:public")
    said = next(one for one in state["items"] if one["item"] == item)
    assert (said["text"], said["because"]) == (None, "有私人姓名")
    assert [(one["text"], one["removed"]) for one in said["errata"]] == [(None, True)]
    with pytest.raises(Refusal) as told:
        await city.does("王处长", "erratum.publish", item=item, text="更正", reason="口误")
    assert told.value.code == "item.removed"


async def test_the_asker_is_told_by_mail_and_an_erratum_of_an_erratum_goes_to_the_item(city: City) -> None:
    await city.open()
    question = await city.asks("网友甲", "断缴几年不能报？", contact="jia@example.org")
    await city.does("审核员小张", "question.publish", question=question)
    item = (await city.does("王处长", "question.answer", question=question, text="两年。"))["item"]
    first = await city.does("王处长", "erratum.publish", item=item, text="三年。", reason="口误")
    second = await city.does("王处长", "erratum.publish", item=first["item"], text="四年。", reason="核对过")
    assert second["of"] == item
    async with city.units.read(SYSTEM) as uow:
        subjects = [mail.subject for mail in await uow.db.scalars(select(OutboxMail))]
    assert len([subject for subject in subjects if "更正" in subject]) == 2
