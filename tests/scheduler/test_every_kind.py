"""Every kind of notice to staff: it is written once, and once the thing is done nothing of it is left to go."""

import ast
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base import outbox
from base.outbox import ON_THE_WAY, OutboxMail, Undelivered
from base.people import SYSTEM, Role
from interviews import (
    deliveries,
    instructions,
    messages,
    outgoing,
    packs,
    standing_notices,
    telling,
    urging,
    waiver_requests,
    workdays,
)
from interviews.approval_models import Approval
from interviews.instructions import Wanted
from interviews.models import Duty, Interview
from interviews.telling import Kind
from interviews.yearly_notice import parse_notice
from scheduler import jobs
from tests.cast import END, FORWARDED, NEXT_DAY, PLANNED, START, City, at

MORNING, LATE = at("2026-02-02 08:00"), at("2026-02-10 08:00")
MONDAY, WEDNESDAY = at("2026-03-09 10:00"), at("2026-03-11 10:00")
SPRING, BEFORE = at("2027-03-05 14:30"), at("2026-11-20 09:00")
NOTICE = Path(__file__).parent.parent / "interviews" / "cases" / "notice-2027-imagined.csv"

Step = Callable[[City], Awaitable[None]]


async def rings(city: City, when: datetime) -> None:
    """The bell rings for everything that reminds, and for what takes reminders back."""
    with time_machine.travel(when, tick=False):
        for job in (jobs.remind, jobs.remind_of_instructions, jobs.withdraw_done):
            await job(city.units)


async def due_soon(city: City) -> None:
    await city.plan()
    await rings(city, MORNING)


async def overdue(city: City) -> None:
    await city.plan()
    await rings(city, LATE)


async def urged(city: City) -> None:
    await city.plan()
    async with city.act("周科长", MORNING) as uow:
        query = select(Duty).where(col(Duty.rule) == "content")
        (content,) = await uow.db.scalars(query)
        await urging.urge(uow, content.id or 0)


async def content_told(city: City) -> None:
    told = {"theme": "城乡居民医保缴费和异地就医", "text": "谈三件事：缴费、断缴和异地就医。"}
    await city.does("许主任", "content.tell", MORNING, interview=city.interview, **told)


async def announced(city: City) -> None:
    await city.announce()


async def told_late_and_called_off(city: City) -> None:
    """Too late to be announced, it is called off: nothing of it is asked any more."""
    told = {"theme": "城乡居民医保缴费和异地就医", "text": "谈三件事：缴费、断缴和异地就医。"}
    await city.does("许主任", "content.tell", LATE, interview=city.interview, **told)
    await city.does("何主任", "interview.cancel", LATE, interview=city.interview, reason="来不及发预告。")


async def bounced(city: City) -> None:
    await city.gives_address("政协办", "gone@example.gov.cn", by_mail=True)
    await city.open()
    await city.does("李主持", "interview.close", END, interview=city.interview)
    async with city.act("周科长", MONDAY) as uow:
        await deliveries.send(uow, city.interview, deliveries.Terms())
    await _taken(city, Undelivered("550 no such user", for_good=True))


async def sent_again(city: City) -> None:
    await city.gives_address("政协办", "there@example.gov.cn", by_mail=True)
    async with city.units.read(SYSTEM) as uow:
        (way,) = [one for one in await deliveries.ways(uow, city.interview) if one.by_mail]
    await city.does("周科长", "report.resend", MONDAY, delivery=way.delivery_id)
    await _taken(city, None)


async def _taken(city: City, trouble: Undelivered | None) -> None:
    async with city.units.act(SYSTEM, MONDAY) as uow:
        for letter in await outbox.claim(uow, MONDAY, 40):
            if letter.kind != "report":
                await outbox.drop(uow, letter, "not the one")
            elif trouble is None:
                await outbox.sent(uow, letter)
            else:
                await outbox.failed(uow, letter, trouble)
    await jobs.settle_reports(city.units)


async def days_moved(city: City) -> None:
    await city.plan(SPRING)
    async with city.act("周科长", BEFORE) as uow:
        await workdays.import_notice(uow, parse_notice(NOTICE.read_bytes(), NOTICE.name))


async def all_done(city: City) -> None:
    await city.announce(SPRING)
    await city.prepare(SPRING)
    await city.does("李主持", "interview.open", SPRING, interview=city.interview)
    await city.does("李主持", "interview.close", at("2027-03-05 16:30"), interview=city.interview)
    async with city.act("周科长", at("2027-03-08 10:00")) as uow:
        await deliveries.send(uow, city.interview, deliveries.Terms())
    await jobs.settle_reports(city.units)


async def handed(city: City) -> None:
    await city.plan()
    await city.announce()
    await city.does("周科长", "questions.forward", FORWARDED, interview=city.interview)


async def pack_read(city: City) -> None:
    async with city.act("许主任", FORWARDED) as uow:
        await packs.opened(uow, await uow.db.get_one(Interview, city.interview))


async def venue_told(city: City) -> None:
    await handed(city)
    await pack_read(city)
    await city.prepare()


async def opened(city: City) -> None:
    await city.does("李主持", "interview.open", START, interview=city.interview)


async def laid_up(city: City) -> None:
    await city.asks_a_second_person()
    await city.open()
    question = await city.staged("网友甲", "断缴一年能报吗？")
    await city.does("李主持", "interview.close", END, interview=city.interview)
    await city.does("许主任", "question.answer", NEXT_DAY, question=question, text="能，等三个月。")


async def approved(city: City) -> None:
    async with city.units.read(SYSTEM) as uow:
        (laid,) = await uow.db.scalars(select(Approval))
    edition = await city.edition(laid.question_id)
    await city.does("王处长", "answer.approve", NEXT_DAY, question=laid.question_id, edition=edition)


async def instructed(city: City) -> None:
    async with city.act("何主任", MONDAY) as uow:
        wanted = Wanted(city.bodies["医保局"], "把没有答完的答完。", date(2026, 3, 11))
        await instructions.give(uow, wanted)


async def instructed_and_late(city: City) -> None:
    await instructed(city)
    await rings(city, at("2026-03-12 09:00"))


async def answered(city: City) -> None:
    async with city.act("许主任", WEDNESDAY) as uow:
        await instructions.answer(uow, 1, "三件都答了。", "苏敏，待遇科科长")


async def answered_and_accepted(city: City) -> None:
    await answered(city)
    async with city.act("何主任", WEDNESDAY) as uow:
        await instructions.accept(uow, 1)


async def waiver_asked(city: City) -> None:
    await city.plan()
    async with city.act("周科长", MORNING) as uow:
        await waiver_requests.ask(uow, city.interview, "host", "主持人住院，别人接不上。")


async def waiver_decided(city: City) -> None:
    async with city.act("何主任", MORNING) as uow:
        await waiver_requests.decide(uow, 1, grant=False, answer="还有时间，另派一位。")
    # What the office reads of the decision is news, and goes.
    async with city.units.act(SYSTEM, MORNING) as uow:
        await outbox.withdraw_all(uow, f"{waiver_requests.KEY}1:decided", "the news")


SCENES: dict[Kind, tuple[Step, Step, datetime]] = {
    Kind.REMINDER: (due_soon, announced, MORNING),
    Kind.OVERDUE: (overdue, told_late_and_called_off, LATE),
    Kind.OTHERS_LATE: (overdue, told_late_and_called_off, LATE),
    Kind.URGED: (urged, content_told, MORNING),
    Kind.BOUNCED: (bounced, sent_again, MONDAY),
    Kind.CALENDAR: (days_moved, all_done, at("2027-03-08 11:00")),
    Kind.HANDED: (handed, pack_read, FORWARDED),
    Kind.TOLD: (venue_told, opened, START),
    Kind.APPROVAL: (laid_up, approved, NEXT_DAY),
    Kind.INSTRUCTION: (instructed, answered_and_accepted, WEDNESDAY),
    Kind.INSTRUCTION_DUE: (instructed_and_late, answered, WEDNESDAY),
    Kind.WAIVER: (waiver_asked, waiver_decided, MORNING),
}
"""How each kind comes about, what settles it, and when the bell rings afterwards."""


@pytest.fixture
async def staffed(small_city: City) -> City:
    """Everybody has an address of their own."""
    async with small_city.units.act(SYSTEM, PLANNED) as uow:
        for role in Role:
            for person in (await messages.in_role(uow, role)).people:
                if role is not Role.CITIZEN:
                    person.email = f"{person.id}@example.gov.cn"
    return small_city


async def letters(city: City, kind: Kind) -> list[OutboxMail]:
    async with city.units.read(SYSTEM) as uow:
        query = select(OutboxMail).where(col(OutboxMail.kind) == kind).order_by(col(OutboxMail.id))
        return list(await uow.db.scalars(query))


@pytest.mark.parametrize("kind", list(Kind))
async def test_it_is_written_once_and_nothing_is_left_to_go_after_the_thing_is_done(
    staffed: City, kind: Kind
) -> None:
    cause, deed, then = SCENES[kind]
    await cause(staffed)
    written = await letters(staffed, kind)
    assert written
    assert all(one.status in ON_THE_WAY for one in written)
    await deed(staffed)
    await rings(staffed, then)
    await rings(staffed, then)
    after = await letters(staffed, kind)
    assert [one.key for one in after if one.on_the_way] == []
    told = {one.key for one in written}
    assert all(one.key in told or "answered-" in one.key or "decided" in one.key for one in after)


def test_everything_that_is_put_into_the_outbox_is_a_kind_or_says_why_it_is_nobodys_choice() -> None:
    root = Path(__file__).parent.parent.parent
    words = set()
    for folder in ("base", "interviews", "faq", "chat", "scheduler", "web"):
        for path in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "outbox.queue":
                    named = any(one.arg == "kind" for one in node.keywords)
                    words |= set() if named else {(path.name, ast.unparse(node.args[1]))}
    by_file = {name for name, _ in words}
    assert by_file == {
        "answers.py", "errata.py", "following.py", "moderation.py", "referrals.py", "reopening.py",
        "report_letters.py",
    }  # fmt: skip
    assert set(outgoing.KIND_LABELS) == {kind.value for kind in Kind} | set(telling.ALWAYS)
    assert set(telling.ALWAYS) == {"asker", "follow", "referral", "report"}
    assert standing_notices.KEY not in {f"{one}:" for one in telling.ALWAYS}
