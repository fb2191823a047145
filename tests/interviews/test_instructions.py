"""何主任 instructs 医保局, 许主任 answers; dates, doors, lateness, reminders, and every step in the audit."""

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry
from base.errors import Refusal
from base.outbox import MailStatus, OutboxMail
from interviews import duties, instructions
from interviews.instruction_models import State
from interviews.instructions import Wanted
from tests.cast import DURING, City, at

MONDAY = at("2026-03-09 10:00")
FRIDAY = date(2026, 3, 13)
NEXT_MONDAY = at("2026-03-16 09:00")


async def told(city: City, due: date = FRIDAY, when: datetime = MONDAY, **more: int) -> int:
    """何主任 tells 医保局 to answer what is left; the instruction's number."""
    async with city.act("何主任", when) as uow:
        wanted = Wanted(city.bodies["医保局"], "把没有答完的答完。", due, **more)
        return (await instructions.give(uow, wanted)).id or 0


async def answered(city: City, number: int, when: datetime = MONDAY) -> None:
    async with city.act("许主任", when) as uow:
        await instructions.answer(uow, number, "三件都答了。", "苏敏，待遇科科长")


async def refused(city: City, who: str, act: str, number: int, *more: object) -> str:
    with pytest.raises(Refusal) as caught:
        async with city.act(who, MONDAY) as uow:
            await getattr(instructions, act)(uow, number, *more)
    return caught.value.code


async def mails(city: City) -> list[tuple[str, str, str]]:
    async with city.units.read() as uow:
        found = await uow.db.scalars(select(OutboxMail).order_by(col(OutboxMail.id)))
        ours = [one for one in found if one.key.startswith("instruction:")]
        assert not any("没有答完" in one.text for one in ours), "a mail says that there is one, not what"
        return [(one.key, one.to, one.status) for one in ours]


async def test_an_instruction_goes_its_way_and_every_step_is_in_the_audit(small_city: City) -> None:
    number = await told(small_city)
    await answered(small_city, number)
    async with small_city.act("何主任", MONDAY) as uow:
        back = await instructions.send_back(uow, number, "没有写断缴的。", date(2026, 3, 20))
        assert (back.status, back.due) == (State.OPEN, date(2026, 3, 20))
    await answered(small_city, number, NEXT_MONDAY)
    async with small_city.act("何主任", NEXT_MONDAY) as uow:
        await instructions.accept(uow, number)
        await instructions.reopen(uow, number)
        found = await instructions.accept(uow, number)
    # Judged by the new day that was given with the return.
    assert (found.status, found.late_days) == (State.ACCEPTED, 0)
    async with small_city.units.read() as uow:
        entries = await uow.db.scalars(
            select(AuditEntry).where(col(AuditEntry.subject) == f"instruction:{number}")
        )
        acts = [one.act.removeprefix("instruction.") for one in entries]
        steps = [one.kind for one in await instructions.steps(uow, number)]
    assert acts == ["give", "answer", "return", "answer", "accept", "reopen", "accept"]
    assert steps == ["given", "answered", "returned", "answered", "accepted", "reopened", "accepted"]


async def test_lateness_is_counted_in_working_days_on_the_day_of_the_answer(small_city: City) -> None:
    number = await told(small_city)
    await answered(small_city, number, at("2026-03-17 09:00"))
    async with small_city.act("何主任", NEXT_MONDAY) as uow:
        found = await instructions.one(uow, number)
    # From Friday to Tuesday: four days, of which Monday and Tuesday are worked.
    assert (found.late_days, found.late_workdays) == (4, 2)


@pytest.mark.parametrize(
    ("due", "code"), [(date(2026, 3, 8), "instruction.past"), (date(2027, 3, 12), "instruction.far")]
)
async def test_a_day_that_has_passed_or_lies_years_ahead_is_refused(
    small_city: City, due: date, code: str
) -> None:
    with pytest.raises(Refusal) as caught:
        await told(small_city, due)
    assert caught.value.code == code
    assert await told(small_city, date(2026, 3, 9)), "today itself is in time"


async def test_a_rest_day_asks_for_the_last_working_day_before_it(small_city: City) -> None:
    number = await told(small_city, date(2026, 3, 15))
    async with small_city.act("何主任", MONDAY) as uow:
        assert (await instructions.one(uow, number)).act_by == FRIDAY
        assert await instructions.usual_day(uow, 10) == date(2026, 3, 23)


async def test_it_is_there_for_the_supervisor_and_the_body_and_nobody_else(small_city: City) -> None:
    number = await told(small_city)
    for who in ("何主任", "许主任"):
        async with small_city.act(who, MONDAY) as uow:
            assert [one.id for one in await instructions.listed(uow)] == [number]
    for who in ("外单位老吴", "王处长", "周科长", "管理员小马", "网友甲"):
        async with small_city.act(who, MONDAY) as uow:
            assert await instructions.listed(uow) == []
        assert await refused(small_city, who, "one", number) == "not_found"
        assert await refused(small_city, who, "answer", number, "办了", "谁") == "not_found"
        assert await refused(small_city, who, "accept", number) == "forbidden"
    assert await refused(small_city, "何主任", "answer", number, "办了", "谁") == "not_found"


async def test_each_act_has_its_time(small_city: City) -> None:
    number = await told(small_city)
    assert await refused(small_city, "何主任", "accept", number) == "instruction.state"
    assert await refused(small_city, "何主任", "send_back", number, "不行", FRIDAY) == "instruction.state"
    assert await refused(small_city, "许主任", "answer", number, "办了", " ") == "text.empty"
    await answered(small_city, number)
    assert await refused(small_city, "许主任", "answer", number, "又办了", "谁") == "instruction.state"
    assert await refused(small_city, "何主任", "withdraw", number, "写错了") == "instruction.state"
    assert await refused(small_city, "何主任", "reopen", number) == "instruction.state"


async def test_it_may_be_about_a_public_question_or_a_duty_of_that_body(small_live_city: City) -> None:
    city = small_live_city
    question = await city.published("网友甲", "断缴了还能补吗？")
    await city.asks("网友乙", "还没有审")
    number = await told(city, when=DURING, interview=city.interview, question=1)
    async with city.act("何主任", DURING) as uow:
        assert (await instructions.one(uow, number)).question_id == question
        owed = next(one for one in await duties.of_interview(uow, city.interview) if one.body_id)
        office = next(one for one in await duties.of_interview(uow, city.interview) if not one.body_id)
    number = await told(city, when=DURING, duty=owed.id or 0)
    async with city.act("何主任", DURING) as uow:
        assert (await instructions.one(uow, number)).interview_id == city.interview
    for interview, asked in ((city.interview, 2), (None, 1), (987654, None)):
        async with city.act("何主任", DURING) as uow:
            wanted = Wanted(city.bodies["医保局"], "办", FRIDAY, interview, asked)
            with pytest.raises(Refusal):
                await instructions.give(uow, wanted)
    assert office.body_id is None
    other = Wanted(city.bodies["水务局"], "办", FRIDAY, duty=owed.id)
    async with city.act("何主任", DURING) as uow:
        with pytest.raises(Refusal) as caught:
            await instructions.give(uow, other)
    assert caught.value.code == "instruction.duty"


async def test_the_body_is_told_by_mail_and_reminded_until_it_answers(small_city: City) -> None:
    await small_city.gives_address("医保局", "yb@example.gov.cn")
    number = await told(small_city)
    for _ in range(2):
        async with small_city.act("何主任", at("2026-03-12 09:00")) as uow:
            await instructions.remind(uow)
    kept = await mails(small_city)
    assert [key.split(":")[2] for key, _, _ in kept] == ["given", "remind-20260313-before-1"]
    assert {to for _, to, _ in kept} == {"yb@example.gov.cn"}
    await answered(small_city, number, at("2026-03-12 15:00"))
    assert (await mails(small_city))[1][2] == MailStatus.DROPPED
    async with small_city.act("何主任", at("2026-03-18 09:00")) as uow:
        assert await instructions.remind(uow) == 0
