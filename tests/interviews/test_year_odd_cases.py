"""What seldom happens in a year and must still be counted right: empty ones, answers taken down, corrected, objected."""

from datetime import date, timedelta

import pytest

from base.people import SYSTEM
from interviews import assessment, errata, figures, law, period_figures, promises, ratings
from interviews import assessment_entries as entries
from interviews import assessment_result as results
from interviews.answered import ANSWER_GONE
from interviews.assessment_entries import Own
from interviews.judging import Verdict, rate
from interviews.period_figures import Stretch
from tests.cast import DURING, END, START, City, at

LATER = DURING + timedelta(minutes=10)


async def year_of(city: City, year: int = 2026) -> figures.Year:
    async with city.units.read(SYSTEM) as uow:
        return await figures.of_year(uow, year, law.load())


async def counted(city: City, over: Stretch) -> period_figures.Counted:
    async with city.units.read(SYSTEM) as uow:
        return await period_figures.of_stretch(uow, over)


async def answered(city: City, text: str = "两年。") -> tuple[int, int]:
    """A question and its answer."""
    question = await city.staged("网友甲", "断缴几年不能报？")
    item = await city.does("王处长", "question.answer", question=question, text=text)
    return question, int(item["item"])


async def closed(city: City) -> None:
    await city.does("李主持", "interview.close", END, interview=city.interview)


async def test_a_question_whose_only_answer_was_taken_down_is_not_answered(small_live_city: City) -> None:
    city = small_live_city
    _, item = await answered(city)
    await closed(city)
    before, counted_before = await year_of(city), await counted(city, Stretch.of(2026))
    assert (before.answered, len(before.days), counted_before.answered) == (1, 1, 1)
    await city.does("审核员小张", "question.remove", at("2026-03-09 09:00"), item=item, reason="说到了个人")
    after, counted_after = await year_of(city), await counted(city, Stretch.of(2026))
    assert (after.answered, after.live, list(after.days), after.fates[ANSWER_GONE]) == (0, 0, [], 1)
    assert (counted_after.answered, counted_after.mean_days, counted_after.public) == (0, None, 1)
    assert [one.answered for one in after.bodies] == [0]


async def test_one_with_another_answer_stays_answered_by_that(small_live_city: City) -> None:
    city = small_live_city
    question, item = await answered(city)
    await closed(city)
    when = at("2026-03-11 09:00")
    await city.does("许主任", "question.answer", when, question=question, text="再补一句。")
    await city.does("审核员小张", "question.remove", when, item=item, reason="说到了个人")
    found = await year_of(city)
    assert (found.answered, found.live, found.after, list(found.days)) == (1, 0, 1, [5])


async def test_an_interview_without_questions_counts_as_held_and_divides_by_nothing(
    small_live_city: City,
) -> None:
    await closed(small_live_city)
    year, over = await year_of(small_live_city), await counted(small_live_city, Stretch.of(2026))
    assert (year.held, year.received, year.median_days) == (1, 0, None)
    assert (over.held, over.received, over.reply_rate, over.mean_days) == (1, 0, None, None)
    async with small_live_city.act("何主任", at("2026-04-01 09:00")) as uow:
        await assessment.open_year(uow, 2026, "deducted")
        [sheet] = await assessment.sheets(uow, 2026)
    assert sheet.result.total is not None


async def test_a_year_and_a_half_year_without_anything(small_city: City) -> None:
    year = await year_of(small_city, 2025)
    assert (year.held, year.received, year.bodies, year.median_days) == (0, 0, [], None)
    for quarter in (1, 2, 3, 4):
        over = await counted(small_city, Stretch.of(2025, quarter))
        assert (over.held, over.bodies, over.reply_rate) == (0, 0, None)
    async with small_city.act("何主任", at("2026-07-02 09:00")) as uow:
        await assessment.open_year(uow, 2025, "weighted")
        assert await assessment.sheets(uow, 2025) == []
        fixed = await results.fix(uow, 2025)
    assert fixed.result == []


async def test_a_year_with_fewer_than_26_says_how_many_are_short(small_live_city: City) -> None:
    await closed(small_live_city)
    found = (await year_of(small_live_city)).meter
    assert (found.required, found.held) == (26, 1)
    assert found.shortfall == 25


async def test_a_rating_of_an_answer_that_was_corrected_since_is_counted_apart(small_live_city: City) -> None:
    city = small_live_city
    _, item = await answered(city)
    async with city.act("网友乙", DURING) as uow:
        await rate(uow, item, Verdict(False))
    async with city.act("许主任", LATER) as uow:
        await errata.publish(uow, item, "三年。", "写错了。")
    async with city.units.read(SYSTEM) as uow:
        said = await ratings.of_body(uow, city.bodies["医保局"], START, END + timedelta(days=1))
    assert (said.now.unsolved, said.before.unsolved, said.rated) == (0, 1, 0)


async def test_a_promise_into_a_year_without_a_calendar_is_provisional_and_stays_its_day(
    small_live_city: City,
) -> None:
    city = small_live_city
    _, item = await answered(city, "明年6月30日以前办好。")
    async with city.act("王处长", DURING) as uow:
        made = await promises.make(uow, item, "把窗口办好", date(2027, 6, 30))
    assert made.due == date(2027, 6, 30)
    assert made.provisional is False, "a day that was named is no sum of working days"
    assert (await year_of(city)).promised.made == 1


@pytest.mark.parametrize(("points", "total", "grade"), [("95.55", "95.55", "优秀"), ("", None, None)])
async def test_an_objection_after_the_result_keeps_what_was_fixed_beside(
    small_live_city: City, points: str, total: str | None, grade: str | None
) -> None:
    city = small_live_city
    await closed(city)
    body = city.bodies["医保局"]
    async with city.act("何主任", at("2026-07-02 09:00")) as uow:
        await assessment.open_year(uow, 2026, "weighted")
    for half, when in ((1, at("2026-07-10 09:00")), (2, at("2027-01-08 09:00"))):
        async with city.act("许主任", when) as uow:
            await entries.hand_in(uow, 2026, Own(half, "90", "都按期办了。"))
        async with city.act("何主任", when) as uow:
            await entries.check_self(uow, 2026, body, half, "90", "")
    fixed_on = at("2027-02-05 09:00")
    async with city.act("何主任", fixed_on) as uow:
        await entries.enter_third(uow, 2026, body, "90", "某评估中心")
        [before] = (await results.fix(uow, 2026)).result or []
    async with city.act("许主任", fixed_on) as uow:
        await results.object_to(uow, 2026, "那一件不是我们的。")
    async with city.act("何主任", fixed_on) as uow:
        await results.answer_objection(uow, 2026, body, "核对过了。", points)
        [after] = (await assessment.of_year(uow, 2026)).result or []
    assert after["total"] == (total or before["total"])
    assert after.get("before") == (before["total"] if total else None)
    assert after["grade"] == (grade or before["grade"])
