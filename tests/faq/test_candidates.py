"""王处长 answers live, 目录编辑小林 takes the answer into the catalogue, 许主任 signs it first for the body."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.errors import Refusal
from base.people import SYSTEM
from faq import candidates, confirmed, drafts, library, misses, review, sources, topics
from faq.models import Ask, CatalogEntry, EntryRevision, RevisionAction
from interviews import answers, errata, removals
from interviews.models import Question
from tests import cast
from tests.access import stage

LIN, WU = "目录编辑小林", "何主任"
ASKED = "在外地看病，医保怎么报销？"
SAID = "先在手机上办异地就医备案，备好以后直接刷医保卡结算，不用回来报销。没有备案的，回来到窗口报，带上发票和病历。"
SHORT = "可以的。"


@dataclass
class Desk:
    """A city whose interview is over, and the numbers of what was said in it."""

    city: cast.City
    question: int
    item: int
    short: int

    async def takes(self, who: str = LIN, item: int | None = None, **more: Any) -> EntryRevision:
        async with self.city.act(who, cast.NEXT_DAY) as uow:
            return await candidates.take(uow, item or self.item, **more)

    async def signs(self, who: str, revision: EntryRevision) -> None:
        async with self.city.act(who, cast.NEXT_DAY) as uow:
            await review.sign(uow, revision.id or 0, True)

    async def published(self) -> CatalogEntry:
        """The answer taken, submitted, and signed by the body and at both steps of the city."""
        revision = await self.takes()
        async with self.city.act(LIN, cast.NEXT_DAY) as uow:
            await review.submit(uow, revision.id or 0)
        for who in ("许主任", "周科长", WU):
            await self.signs(who, revision)
        return await self.entry()

    async def entry(self) -> CatalogEntry:
        async with self.city.units.read() as uow:
            origin = sources.origin_of(self.item)
            return (
                await uow.db.scalars(select(CatalogEntry).where(col(CatalogEntry.origin) == origin))
            ).one()

    async def listed(self) -> dict[int, candidates.Candidate]:
        async with self.city.units.read(self.city.people[LIN]) as uow:
            found = await candidates.propose_from_answers(uow, self.city.interview)
        return {one.item: one for one in found}


@pytest.fixture
async def desk(small_city: cast.City) -> Desk:
    city = small_city
    await city.open()
    long, short = await city.published("网友甲", ASKED), await city.published("网友乙", "今天能办吗？")
    said = await city.does("王处长", "question.answer", question=long, text=SAID)
    brief = await city.does("王处长", "question.answer", question=short, text=SHORT)
    return Desk(city, long, said["item"], brief["item"])


async def over(desk: Desk) -> None:
    await desk.city.does("李主持", "interview.close", cast.LIMIT_PASSED, interview=desk.city.interview)


async def test_an_answer_is_a_candidate_when_the_interview_is_over(desk: Desk) -> None:
    with pytest.raises(Refusal):
        await desk.listed()
    await over(desk)
    listed = await desk.listed()
    one = listed[desk.item]
    assert (one.question, one.text, one.body, one.why_not) == (ASKED, SAID, "示例市医疗保障局", None)
    assert one.guest == "王处长（待遇处处长）"
    assert "不到30个字" in (listed[desk.short].why_not or "")
    async with desk.city.units.read() as uow:
        (held,) = await candidates.interviews_over(uow)
    assert (held.id, held.free, held.taken) == (desk.city.interview, 1, 0)
    with pytest.raises(Refusal) as refused:
        await desk.takes(item=desk.short)
    assert refused.value.code == "candidate.unfit"


async def test_it_is_taken_once_in_its_own_words_and_the_body_signs_first(desk: Desk) -> None:
    await over(desk)
    revision = await desk.takes()
    assert revision.body_id == desk.city.bodies["医保局"]
    assert revision.fields["body"] == SAID
    assert revision.fields["issuer"] == "示例市医疗保障局"
    assert revision.fields["review_on"] == "2027-03-07"
    with pytest.raises(Refusal) as refused:
        await desk.takes("周科长")
    assert refused.value.code == "candidate.taken"
    async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
        await review.submit(uow, revision.id or 0)
    for who in ("周科长", "外单位老吴"):
        with pytest.raises(Refusal):
            await desk.signs(who, revision)
    await desk.signs("许主任", revision)
    assert (await desk.entry()).status == "draft"
    await desk.signs("周科长", revision)
    await desk.signs(WU, revision)
    entry = await desk.entry()
    assert (entry.status, entry.body, entry.review_on) == ("published", SAID, date(2027, 3, 7))
    assert entry.body_id == desk.city.bodies["医保局"]
    assert (await desk.listed())[desk.item].entry == entry.id


async def test_a_title_of_marks_alone_is_not_taken(desk: Desk) -> None:
    await over(desk)
    async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
        with pytest.raises(Refusal, match=r"标题只有符号.*请写一个标题再收。"):
            await candidates.take(uow, desk.item, title="👍👍")


async def test_the_day_of_review_can_be_chosen_but_not_in_the_past(desk: Desk) -> None:
    await over(desk)
    with pytest.raises(Refusal) as refused:
        await desk.takes(review_on=cast.NEXT_DAY.date())
    assert refused.value.code == "review.date"
    assert (await desk.takes(review_on=date(2026, 9, 1))).fields["review_on"] == "2026-09-01"
    assert candidates.review_day(date(2028, 2, 29)) == date(2029, 2, 28)
    assert candidates.review_day(date(2026, 12, 31)) == date(2027, 12, 31)


async def test_a_corrected_answer_is_no_candidate_and_nobody_else_may_take_one(desk: Desk) -> None:
    await over(desk)
    with pytest.raises(Refusal) as refused:
        await desk.takes("王处长")
    assert refused.value.code == "forbidden"
    async with desk.city.act("王处长", cast.NEXT_DAY) as uow:
        await errata.publish(uow, desk.item, "备案以后也要带身份证。", "漏说了身份证")
    assert "有更正" in ((await desk.listed())[desk.item].why_not or "")
    with pytest.raises(Refusal):
        await desk.takes()


async def removes(desk: Desk, item: int) -> None:
    """审核员小张 takes an item down, and what is told about it is seen to before the commit."""
    async with desk.city.act("审核员小张", cast.NEXT_DAY) as uow:
        await removals.remove(uow, item, "说到了个人")
        await sources.follow(uow)


async def test_when_the_answer_is_taken_down_its_entry_falls_silent_with_it(desk: Desk) -> None:
    await over(desk)
    entry = await desk.published()
    await removes(desk, desk.item)
    gone = await desk.entry()
    assert (gone.status, gone.body) == ("retired", sources.GONE_BODY)
    assert gone.revision > entry.revision
    assert ASKED not in (gone.title, gone.question)
    async with desk.city.units.read(SYSTEM) as uow:
        kept = [one.fields for one in await uow.db.scalars(select(EntryRevision))]
        assert SAID not in str(kept)
        assert ASKED not in str(kept)
        acts = select(col(AuditEntry.role)).where(col(AuditEntry.act) == "entry.source_gone")
        assert list(await uow.db.scalars(acts)) == ["clock"]
    assert await sources.sweep(desk.city.units) == 0


async def test_a_draft_of_it_goes_too_and_with_the_question_as_well(desk: Desk) -> None:
    await over(desk)
    revision = await desk.takes()
    async with desk.city.units.read() as uow:
        asked = (await uow.db.get_one(Question, desk.question)).item_id or 0
        assert await sources.gone_of(uow, [desk.item]) == set()
    await removes(desk, asked)
    async with desk.city.units.read() as uow:
        left = await uow.db.get_one(EntryRevision, revision.id)
        assert (left.status, left.fields["body"]) == ("withdrawn", sources.GONE_BODY)
        assert await sources.gone_of(uow, [desk.item, desk.short]) == {desk.item}


async def test_the_sweep_catches_what_was_taken_down_without_it(desk: Desk) -> None:
    await over(desk)
    await desk.published()
    async with desk.city.act("审核员小张", cast.NEXT_DAY) as uow:
        await removals.remove(uow, desk.item, "说到了个人")
    assert (await desk.entry()).status == "published"
    assert await sources.sweep(desk.city.units) == 1
    assert await sources.sweep(desk.city.units) == 0
    assert (await desk.entry()).status == "retired"


async def test_a_correction_or_a_further_answer_has_it_looked_at_again(desk: Desk) -> None:
    await over(desk)
    await desk.published()
    async with desk.city.act("许主任", cast.NEXT_DAY.replace(hour=11)) as uow:
        await answers.answer(uow, desk.question, "补充一句：急诊先看病，三天以内补备案也行，比例不降。")
        await sources.follow(uow)
    entry = await desk.entry()
    assert (entry.status, entry.review_on) == ("published", date(2026, 3, 7))
    async with desk.city.act(LIN, cast.NEXT_DAY.replace(hour=12)) as uow:
        (due,) = await sources.due(uow)
        assert due.why == ("2026年3月7日，同一个问题有了补充答复。",)
        assert await sources.due(uow, body_id=desk.city.bodies["水务局"]) == []
        await candidates.still_holds(uow, entry.id or 0)
        assert await sources.due(uow) == []
    async with desk.city.act("王处长", cast.NEXT_DAY.replace(hour=13)) as uow:
        await errata.publish(uow, desk.item, "“窗口”应为“服务大厅窗口”。", "写漏了")
        await sources.follow(uow)
    async with desk.city.units.read() as uow:
        stands = await uow.db.get_one(CatalogEntry, entry.id)
    assert stands.review_on == date(2026, 3, 7)


async def test_a_topic_becomes_a_draft_without_an_answer(desk: Desk) -> None:
    city = desk.city
    texts = ["养狗要办什么证", "养狗要办什么证", "养狗需要办什么证件", "养狗要办什么证，我的电话是＊＊＊＊"]
    async with city.act("周科长", cast.DURING) as uow:
        uow.db.add_all(
            Ask(text=text, outcome="handoff", reason="not_sure", confidence=0.1, at=uow.now) for text in texts
        )
    await misses.refresh(city.units)
    async with city.act(LIN, cast.NEXT_DAY) as uow:
        (topic, *_) = await topics.topics(uow)
        revision = await candidates.to_entry(uow, topic.row.id or 0)
        assert revision.fields["question"] == "养狗要办什么证"
        assert revision.fields["alts"] == ["养狗需要办什么证件"]
        assert revision.fields["body"] == ""
        assert (topic.row.status, topic.row.entry_id) == ("entry", revision.entry_id)
        with pytest.raises(Refusal):
            await candidates.to_entry(uow, topic.row.id or 0)


# Phrasings


async def confirmed_asks(city: cast.City, entry: int, *texts: str, **more: Any) -> list[int]:
    async with city.act("周科长", cast.NEXT_DAY) as uow:
        about: dict[str, Any] = {
            "outcome": "answer",
            "confidence": 0.9,
            "entries": [entry],
            "useful": True,
        } | more
        rows = [Ask(text=text, at=uow.now, **about) for text in texts]
        uow.db.add_all(rows)
        await uow.db.flush()
        return [row.id or 0 for row in rows]


async def test_a_confirmed_question_becomes_a_phrasing_and_the_body_stays(desk: Desk) -> None:
    await over(desk)
    entry = await desk.published()
    number = entry.id or 0
    asks = await confirmed_asks(
        desk.city, number, "异地住院怎么结算", "您好，异地住院怎么结算？", ASKED, "结算"
    )
    await confirmed_asks(desk.city, number, "跨省看病能报吗", useful=False, feedback_reason="没有说跨省")
    await confirmed_asks(desk.city, number, "那要带什么", reason="follow_up")
    await confirmed_asks(desk.city, number, "异地住院怎么结算呀", reason="chosen", useful=None)
    await confirmed_asks(desk.city, number, "在外地买菜", reason="chosen", useful=False)
    async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
        (learning,) = await confirmed.learnt(uow)
        found = [(one.text, one.count) for one in learning.proposals]
        assert found == [("异地住院怎么结算", 2), ("异地住院怎么结算呀", 1)]
        assert (learning.votes.useful, learning.votes.useless) == (5, 2)
        assert learning.votes.reasons == ["没有说跨省"]
        assert await confirmed.accept(uow, [learning.proposals[0].ask]) == 1
    after = await desk.entry()
    assert after.alts == ["异地住院怎么结算"]
    assert (after.body, after.status) == (SAID, "published")
    assert after.revision > entry.revision
    async with desk.city.units.read() as uow:
        assert len((await confirmed.learnt(uow))[0].proposals) == 1
        taken = list(await uow.db.scalars(select(col(Ask.taken)).where(col(Ask.id).in_(asks))))
        assert taken == ["phrasing", "phrasing", None, None]
        noted = list(await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.act) == "phrasing.accept")))
        assert len(noted) == 1
        assert "异地" not in str(noted[0].detail)


async def test_a_wording_that_finds_another_entry_is_not_taken(desk: Desk) -> None:
    await over(desk)
    entry = (await desk.published()).id or 0
    async with desk.city.units.act(SYSTEM, cast.NEXT_DAY) as uow:
        row = stage.row_of("GK-1", "慢病怎么开药", "在社区开。")
        await library.import_rows(uow, [row], publish_too=True)
    asks = await confirmed_asks(desk.city, entry, "慢病怎么开药？", "异地住院怎么结算")
    async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
        learning = (await confirmed.learnt(uow, entry))[0]
        assert [one.why_not is None for one in learning.proposals] == [False, True]
    with pytest.raises(Refusal) as refused:
        async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
            await confirmed.accept(uow, asks)
    assert refused.value.code == "phrasing.not_now"
    async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
        assert (await uow.db.get_one(CatalogEntry, entry)).alts == []
        assert await confirmed.dismiss(uow, asks) == 2
        assert (await confirmed.learnt(uow, entry))[0].proposals == ()


async def test_what_is_under_review_waits_and_a_draft_keeps_the_phrasing(desk: Desk) -> None:
    await over(desk)
    number = (await desk.published()).id or 0
    (ask,) = await confirmed_asks(desk.city, number, "异地住院怎么结算")
    async with desk.city.act("周科长", cast.NEXT_DAY) as uow:
        entry = await uow.db.get_one(CatalogEntry, number)
        other = replace(drafts.of_entry(entry).row, title="异地看病报销")
        revision = await review.propose(uow, number, RevisionAction.CHANGE, other)
        await review.submit(uow, revision.id or 0)
    with pytest.raises(Refusal) as refused:
        async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
            await confirmed.accept(uow, [ask])
    assert refused.value.code == "phrasing.not_now"
    async with desk.city.act(WU, cast.NEXT_DAY) as uow:
        with pytest.raises(Refusal):
            await confirmed.accept(uow, [ask])
    async with desk.city.act("许主任", cast.NEXT_DAY) as uow:
        with pytest.raises(Refusal):
            await confirmed.dismiss(uow, [ask])
    async with desk.city.act(LIN, cast.NEXT_DAY) as uow:
        await review.sign(uow, revision.id or 0, False, "题目再短一些")
    async with desk.city.act("周科长", cast.NEXT_DAY) as uow:
        assert await confirmed.accept(uow, [ask]) == 1
        kept = await uow.db.get_one(EntryRevision, revision.id)
        assert kept.fields["alts"] == ["异地住院怎么结算"]
        entry = await uow.db.get_one(CatalogEntry, number)
        assert kept.fields[drafts.BASE] == drafts.base_of(entry)
