"""What was late in a year: done late, still not done, and how many working days that is."""

from datetime import date

from interviews import lateness
from interviews.lateness import DONE_LATE, OVERDUE
from tests.cast import City, at


async def test_late_and_overdue_are_counted_in_working_days_by_article_and_body(small_city: City) -> None:
    await small_city.plan()
    # The content was due on 2026-02-09, a Monday; told on Wednesday. The announcement comes a day late too.
    late = at("2026-02-11 10:00")
    sent = {"interview": small_city.interview, "theme": "医保缴费", "text": "谈缴费。"}
    await small_city.does("许主任", "content.tell", late, **sent)
    async with small_city.act("何主任", at("2026-03-06 17:00")) as uow:
        judged = await lateness.of_year(uow, 2026)
    content = next(one for one in judged if one.stands == DONE_LATE)
    assert (content.by, content.days, content.workdays) == ("示例市医疗保障局", 2, 2)
    announce = next(one for one in judged if one.stands == OVERDUE and one.due == date(2026, 2, 9))
    # Twenty-five days: the Spring Festival and four Sundays among them, and Saturday the 28th is worked.
    assert (announce.article, announce.by, announce.days, announce.workdays) == ("第十二条", "信息办", 25, 15)
    by_body = {one.name: one for one in lateness.sums(judged, lambda one: one.by)}
    assert by_body["示例市医疗保障局"].late == 1
    assert by_body["示例市医疗保障局"].overdue == sum(
        one.stands == OVERDUE and one.by == "示例市医疗保障局" for one in judged
    )
    assert by_body["信息办"].most == max(one.workdays for one in judged if one.by == "信息办")


async def test_what_was_done_in_time_is_due_and_not_late(small_live_city: City) -> None:
    async with small_live_city.act("何主任", at("2026-03-06 15:00")) as uow:
        judged = await lateness.of_year(uow, 2026)
    assert judged
    assert {one.stands for one in judged} == {""}
