"""Ratings: once for each visitor, changeable, taken back, told apart by who rates and by what they had read."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlmodel import col

from base.audit import AuditEntry, verify
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import ANYONE, SYSTEM
from interviews import judging, ratings
from interviews.judging import Beside, Verdict
from interviews.models import Question
from interviews.rating_models import AnswerRating, Level, Standing, Why
from scheduler.jobs import count_ratings
from tests.cast import DURING, LIMIT_PASSED, NEXT_DAY, START, City


async def _answered(city: City) -> tuple[int, int]:
    """网友甲 asked, 网友乙 supports, 王处长 answered; the question and the answer."""
    await city.open()
    question = await city.staged("网友甲", "断缴几年不能报？")
    await city.does("网友乙", "question.support", question=question)
    said = await city.does("王处长", "question.answer", question=question, text="两年。")
    return question, int(said["item"])


async def _rates(city: City, who: str, item: int, solved: bool, **more: Any) -> None:
    async with city.act(who, more.pop("when", DURING)) as uow:
        await judging.rate(uow, item, Verdict(solved, **more))


async def _counts(city: City, item: int) -> ratings.AnswerCounts:
    async with city.units.read(SYSTEM) as uow:
        return (await ratings.of_answers(uow, [item]))[item]


async def test_each_visitor_counts_once_and_by_who_they_are(city: City) -> None:
    _, item = await _answered(city)
    await _rates(city, "网友甲", item, solved=False)
    await _rates(city, "网友乙", item, solved=True)
    await _rates(city, "网友丙", item, solved=True)
    await _rates(city, "网友丙", item, solved=False)
    counts = await _counts(city, item)
    assert counts.to_dict() == {
        "item": item,
        "solved": 1,
        "unsolved": 2,
        "by": {
            "asker": {"solved": 0, "unsolved": 1},
            "supporter": {"solved": 1, "unsolved": 0},
            "other": {"solved": 0, "unsolved": 1},
        },
        "before": {"solved": 0, "unsolved": 0},
    }
    assert counts.asker is False


async def test_two_devices_at_once_are_two_visitors_and_one_pressed_twice_is_one(city: City) -> None:
    _, item = await _answered(city)
    await asyncio.gather(
        *(_rates(city, who, item, solved=True) for who in ("网友丙", "网友丙", "网友乙") * 3)
    )
    assert (await _counts(city, item)).now == ratings.Count(2, 0)


async def test_a_rating_taken_back_is_gone_with_its_words(small_city: City) -> None:
    city = small_city
    _, item = await _answered(city)
    await _rates(city, "网友丙", item, solved=False, beside=Beside(Why.UNCLEAR, "看了三遍。"))
    async with city.act("网友丙", DURING) as uow:
        assert await judging.take_back(uow, item)
        assert not await judging.take_back(uow, item)
    async with city.units.read(SYSTEM) as uow:
        assert await uow.db.scalar(select(func.count()).select_from(AnswerRating)) == 0
    assert (await _counts(city, item)).now.total == 0


async def test_a_correction_and_a_further_answer_leave_earlier_ratings_apart(city: City) -> None:
    question, item = await _answered(city)
    await _rates(city, "网友甲", item, solved=False)
    await city.does("许主任", "erratum.publish", NEXT_DAY, item=item, text="是三年。", reason="口误")
    corrected = await _counts(city, item)
    assert (corrected.now.total, corrected.before) == (0, ratings.Count(0, 1))
    assert (corrected.edition, corrected.corrected) == (1, 1)
    await city.does("王处长", "question.answer", question=question, text="补充：断缴期间不能报。")
    await _rates(city, "网友丙", item, solved=False, edition=1)
    await _rates(city, "网友甲", item, solved=True)
    further = await _counts(city, item)
    assert (further.edition, further.now, further.before) == (2, ratings.Count(1, 0), ratings.Count(0, 1))
    assert further.asker is True


async def test_an_edition_that_nobody_can_have_read_is_the_present_one(small_city: City) -> None:
    _, item = await _answered(small_city)
    await _rates(small_city, "网友丙", item, solved=True, edition=99)
    assert (await _counts(small_city, item)).now == ratings.Count(1, 0)
    await small_city.does("许主任", "erratum.publish", NEXT_DAY, item=item, text="是三年。", reason="口误")
    assert (await _counts(small_city, item)).before == ratings.Count(1, 0)


async def test_words_are_screened_measured_in_code_points_and_go_with_a_change_of_mind(
    small_city: City,
) -> None:
    city = small_city
    _, item = await _answered(city)
    await _rates(city, "网友丙", item, solved=False, beside=Beside(None, "打我电话13800138000，😀说清楚"))
    async with city.units.read(city.people["网友丙"]) as uow:
        kept = (await judging.own(uow, [item]))[item]
    assert kept.words is not None
    assert "13800138000" not in kept.words
    assert kept.words.endswith("，😀说清楚")
    assert (kept.why, kept.flags[0]["kind"]) == (Why.OTHER, "personal_data")
    await _rates(city, "网友丙", item, solved=False, beside=Beside(Why.NO_WAY, "😀" * 200))
    with pytest.raises(Refusal, match="最多200个字，现在是201个"):
        await _rates(city, "网友丙", item, solved=False, beside=Beside(Why.NO_WAY, "😀" * 201))
    await _rates(city, "网友丙", item, solved=False)
    async with city.units.read(city.people["网友丙"]) as uow:
        assert (await judging.own(uow, [item]))[item].words == "😀" * 200
    await _rates(city, "网友丙", item, solved=True)
    async with city.units.read(city.people["网友丙"]) as uow:
        kept = (await judging.own(uow, [item]))[item]
    assert (kept.why, kept.words, kept.flags) == (None, None, [])


async def test_who_reads_what_was_written_beside(small_city: City) -> None:
    city = small_city
    _, item = await _answered(city)
    await _rates(city, "网友丙", item, solved=False, beside=Beside(Why.NO_WAY, "去哪个窗口？"))
    for who in ("许主任", "周科长", "李主持"):
        async with city.act(who, NEXT_DAY) as uow:
            assert [one.words for one in await judging.said_beside(uow, city.interview)] == ["去哪个窗口？"]
    for who in ("外单位老吴", "网友丙", "别场主持"):
        with pytest.raises(Refusal) as told:
            async with city.act(who, NEXT_DAY) as uow:
                await judging.said_beside(uow, city.interview)
        assert told.value.status == 404, who


async def test_what_cannot_be_rated(small_city: City) -> None:
    city = small_city
    question, item = await _answered(city)
    state = await city.state(f"interview:{city.interview}:public")
    asked = state["questions"][str(question)]["item"]
    for who, what, code in (
        ("网友丙", asked, "not_found"),
        ("网友丙", 9999, "not_found"),
        ("王处长", item, "visitor.missing"),
    ):
        with pytest.raises(Refusal) as told:
            await _rates(city, who, what, solved=True)
        assert told.value.code == code
    with pytest.raises(Refusal) as told:
        async with city.units.act(ANYONE, DURING) as uow:
            await judging.rate(uow, item, Verdict(True))
    assert told.value.code == "visitor.missing"
    await _rates(city, "网友丙", item, solved=True)
    await city.does("审核员小张", "question.remove", item=item, reason="说到了个人")
    with pytest.raises(Refusal, match="已经撤下了，不能再评"):
        await _rates(city, "网友丙", item, solved=False)
    async with city.units.read(SYSTEM) as uow:
        assert await ratings.of_answers(uow, [item]) == {}
        assert (await ratings.of_interview(uow, city.interview))[1] == []
    async with city.act("网友丙", DURING) as uow:
        assert await judging.take_back(uow, item), "one's own rating can be taken back all the same"


async def test_an_answer_in_a_rehearsal_is_no_answer_to_the_public(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.announce()
    made = await city.does("李主持", "interview.rehearse", START, interview=city.interview)
    await city.does("李主持", "interview.open", START, interview=made["interview"])
    async with city.act("李主持", START) as uow:
        query = select(col(Question.id)).where(col(Question.interview_id) == made["interview"])
        practice = (await uow.db.scalars(query.order_by(col(Question.id)))).first() or 0
    await city.does("审核员小张", "question.publish", START, question=practice)
    said = await city.does("王处长", "question.answer", START, question=practice, text="先登记。")
    with pytest.raises(Refusal, match="没有找到这条答复"):
        await _rates(city, "网友丙", int(said["item"]), solved=True)
    with pytest.raises(Refusal, match="没有找到这场访谈"):
        async with city.act("网友丙", START) as uow:
            await judging.rate_interview(uow, made["interview"], Level.GOOD)


async def test_a_letter_is_rated_by_the_one_who_reads_it_and_counts_nowhere_in_public(
    small_city: City,
) -> None:
    city = small_city
    await city.open()
    handed = await city.asks("网友甲", "水费单子寄到哪里？")
    await city.does("审核员小张", "question.transfer", question=handed, body=city.bodies["水务局"])
    said = await city.does("外单位老吴", "question.answer", NEXT_DAY, question=handed, text="寄到户。")
    with pytest.raises(Refusal, match="没有找到这条答复"):
        await _rates(city, "网友乙", int(said["item"]), solved=True)
    await _rates(city, "网友甲", int(said["item"]), solved=True)
    async with city.units.read(SYSTEM) as uow:
        whole, answers = await ratings.of_interview(uow, city.interview)
    assert (whole.answers.total, answers) == (0, [])


async def test_an_interview_is_rated_after_its_close_and_once(city: City) -> None:
    await _answered(city)

    async def rates(who: str, level: Level) -> None:
        async with city.act(who, NEXT_DAY) as uow:
            await judging.rate_interview(uow, city.interview, level)

    with pytest.raises(Refusal, match="结束以后才能评"):
        await rates("网友甲", Level.GOOD)
    await city.does("李主持", "interview.close", LIMIT_PASSED, interview=city.interview)
    await asyncio.gather(*(rates("网友甲", Level.GOOD) for _ in range(4)))
    await rates("网友乙", Level.VERY_POOR)
    await rates("网友乙", Level.POOR)
    async with city.act("网友甲", NEXT_DAY) as uow:
        assert await judging.take_back_interview(uow, city.interview)
    async with city.units.read(SYSTEM) as uow:
        whole, _ = await ratings.of_interview(uow, city.interview)
    assert (whole.total, whole.levels[Level.POOR], whole.levels[Level.GOOD]) == (1, 1, 0)


async def test_the_audit_keeps_sums_and_names_nobody(small_city: City) -> None:
    city = small_city
    _, item = await _answered(city)
    await _rates(city, "网友丙", item, solved=False, beside=Beside(Why.UNCLEAR, "看不懂"))
    assert await count_ratings(city.units) == 1
    assert await count_ratings(city.units) == 0, "nothing has changed since"
    await _rates(city, "网友丙", item, solved=True)
    assert await count_ratings(city.units) == 1
    async with city.units.read(SYSTEM) as uow:
        query = select(AuditEntry).where(col(AuditEntry.act) == "ratings.count")
        noted = list(await uow.db.scalars(query.order_by(col(AuditEntry.seq))))
        assert [one.detail["answers"] for one in noted] == [{str(item): [0, 1]}, {str(item): [1, 0]}]
        assert {one.person_id for one in noted} == {None}
        acts = set(await uow.db.scalars(select(col(AuditEntry.act))))
        assert not [act for act in acts if act.startswith("rat") and act != "ratings.count"]
        assert (await verify(uow)).ok


async def _of_body(uow: UnitOfWork, city: City, short: str = "医保局") -> ratings.BodyCounts:
    return await ratings.of_body(uow, city.bodies[short], START, NEXT_DAY)


async def test_a_bodys_ratings_over_a_time(city: City) -> None:
    question, item = await _answered(city)
    await _rates(city, "网友甲", item, solved=False, beside=Beside(Why.UNCLEAR))
    await _rates(city, "网友乙", item, solved=True)
    other = await city.staged("网友乙", "异地怎么报？")
    said = await city.does("王处长", "question.answer", question=other, text="先备案。")
    gone = await city.staged("网友丙", "张三怎么报？")
    removed = await city.does("王处长", "question.answer", question=gone, text="张三先备案。")
    await _rates(city, "网友甲", int(removed["item"]), solved=False)
    await city.does("审核员小张", "question.remove", item=removed["item"], reason="说到了个人")
    await _rates(city, "网友丙", int(said["item"]), solved=False)
    await city.does("许主任", "erratum.publish", item=said["item"], text="先办备案。", reason="没说清")
    await city.does("王处长", "question.answer", NEXT_DAY, question=question, text="补充一句。")
    async with city.units.read(SYSTEM) as uow:
        found = await _of_body(uow, city)
        assert (found.answers, found.rated) == (2, 0)
        assert found.before == ratings.Count(1, 2)
        assert (await _of_body(uow, city, "水务局")).answers == 0
        later = await ratings.of_body(uow, city.bodies["医保局"], NEXT_DAY, NEXT_DAY.replace(year=2027))
        assert later.answers == 1
    await _rates(city, "网友甲", item, solved=False, beside=Beside(Why.NO_WAY), when=NEXT_DAY)
    async with city.units.read(SYSTEM) as uow:
        found = await _of_body(uow, city)
    assert (found.rated, found.now, found.whys) == (1, ratings.Count(0, 1), {Why.NO_WAY: 1})
    assert found.by[Standing.ASKER] == ratings.Count(0, 1)


async def test_the_database_itself_keeps_a_second_rating_out(small_city: City) -> None:
    _, item = await _answered(small_city)
    await _rates(small_city, "网友丙", item, solved=True)
    with pytest.raises(Exception, match="UNIQUE"):
        async with small_city.units.act(SYSTEM) as uow:
            await uow.db.execute(
                text(
                    "INSERT INTO answer_rating (item_id, person_id, standing, solved, edition, flags, at, changed_at)"
                    " SELECT item_id, person_id, standing, solved, edition, flags, at, changed_at FROM answer_rating"
                )
            )
