"""The example city on five days of two years: early, late and in the middle, on rest days and at night."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from base import audit
from base.clock import as_utc, office_date
from base.db import Database, UnitOfWork, Units, sqlite_url
from base.people import SYSTEM, Actor, Body, Person, Role
from chat import streams
from faq import library, recurring
from faq.recurring import Recurring
from interviews import (
    access,
    approvals,
    attached,
    duties,
    plans,
    programme,
    promises,
    transcript,
    waiver_requests,
)
from interviews.approval_models import Approval, ApprovalRule
from interviews.calendar import Calendar
from interviews.instruction_models import Instruction
from interviews.lifecycle import DutyStatus, InterviewStatus, ItemKind, QuestionStatus
from interviews.models import Delivery, Interview, Item, Question, Respondent
from tests.cast import at
from web import auth, city
from web.city import data
from web.city.year import lay
from web.database import migrate
from web.sealing import Seal

DAYS = ("2026-11-21 10:47", "2026-01-03 09:05", "2026-03-06 15:00", "2026-12-30 23:58", "2027-02-20 03:10")
SATURDAY = DAYS[0]
SEAL = Seal("0123456789abcdef0123456789abcdef")


def password(login: str) -> str:
    return f"mi-ma-{login}"


@dataclass
class Start:
    """A city on disk, and when it was filled."""

    file: Path
    now: datetime

    @asynccontextmanager
    async def units(self) -> AsyncIterator[Units]:
        database = Database(sqlite_url(self.file))
        try:
            yield Units(database, streams.project)
        finally:
            await database.close()

    @asynccontextmanager
    async def look(self) -> AsyncIterator[UnitOfWork]:
        async with self.units() as units, units.read() as uow:
            yield uow

    async def again(self, after: timedelta) -> list[city.Account]:
        """A later start."""
        async with self.units() as units:
            return await city.ensure(units, SEAL, self.now + after, password)

    def copy(self, folder: Path) -> "Start":
        """The same city for a test that goes on with it."""
        return Start(Path(shutil.copy(self.file, folder / "fangtan.db")), self.now)


async def _filled(start: Start) -> None:
    async with start.units() as units:
        await migrate(units.database)
        await city.ensure(units, SEAL, start.now, password)


@pytest.fixture(scope="module")
def cities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Start]:
    """The cities filled so far; a day's is filled when the first test asks for it."""
    return {}


@pytest.fixture(params=DAYS)
def start(
    request: pytest.FixtureRequest, cities: dict[str, Start], tmp_path_factory: pytest.TempPathFactory
) -> Start:
    return _on(request.param, cities, tmp_path_factory)


@pytest.fixture
def saturday(cities: dict[str, Start], tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Start:
    """A copy of the city of the first day, to go on with."""
    return _on(SATURDAY, cities, tmp_path_factory).copy(tmp_path)


def _on(day: str, cities: dict[str, Start], folders: pytest.TempPathFactory) -> Start:
    if day not in cities:
        cities[day] = Start(folders.mktemp("city") / "fangtan.db", at(day))
        asyncio.run(_filled(cities[day]))
    return cities[day]


async def interviews(uow: UnitOfWork, *statuses: InterviewStatus) -> list[Interview]:
    query = select(Interview).order_by(col(Interview.starts_at))
    if statuses:
        query = query.where(col(Interview.status).in_(statuses))
    return list(await uow.db.scalars(query))


async def test_the_year_has_its_twenty_six(start: Start) -> None:
    async with start.look() as uow:
        rows = await interviews(uow)
    this_year = [row for row in rows if row.year == office_date(start.now).year]
    assert len(this_year) >= 26
    assert [row.ordinal for row in this_year] == list(range(1, len(this_year) + 1))
    assert len({(row.theme, row.year) for row in rows}) == len(rows)
    assert {row.year for row in rows} <= {start.now.year - 1, start.now.year, start.now.year + 1}


async def test_one_is_live_and_one_collects(start: Start) -> None:
    async with start.look() as uow:
        [live] = await interviews(uow, InterviewStatus.LIVE)
        [collecting] = await interviews(uow, InterviewStatus.ANNOUNCED)
        query = select(col(Question.status)).where(col(Question.interview_id) == live.id)
        counted = Counter(await uow.db.scalars(query))
    assert timedelta(minutes=16) <= start.now - live.starts_at <= timedelta(minutes=22)
    assert live.limit_at is not None
    assert live.limit_at > start.now
    assert counted == {"answered": 3, "staged": 1, "published": 6, "pending": 3}
    ahead = Calendar.known().workdays_between(office_date(start.now), office_date(collecting.starts_at))
    assert 6 <= ahead <= 10


async def test_everything_but_the_live_one_lies_on_working_days_and_no_two_at_once(start: Start) -> None:
    async with start.look() as uow:
        rows = await interviews(uow)
    calendar = Calendar.known()
    for row in rows:
        assert row.status == InterviewStatus.LIVE or calendar.is_workday(office_date(row.starts_at)), (
            row.theme
        )
    assert len({row.starts_at for row in rows}) == len(rows)
    assert max(Counter(office_date(row.starts_at) for row in rows).values()) <= 2


async def test_what_was_held_is_archived_with_all_duties_done_in_time(start: Start) -> None:
    async with start.look() as uow:
        held = [row for row in await interviews(uow) if row.ends_at <= start.now]
        owed = [(row, await duties.of_interview(uow, row.id or 0)) for row in held]
        sent = await uow.db.scalar(select(func.count()).select_from(Delivery))
    assert len(held) >= 18
    just_held = [row for row in held if row.status == InterviewStatus.ENDED]
    assert len(just_held) <= 1
    assert {row.status for row in held if row not in just_held} == {InterviewStatus.ARCHIVED}
    for row, ledger in owed:
        if row in just_held:
            open_still = {duty.rule for duty in ledger if duty.status == DutyStatus.OPEN}
            assert open_still == {"summary"}, row.theme
            continue
        assert {duty.rule for duty in ledger} >= {
            "content", "announce", "forward-questions", "venue", "guests", "summary",
        }, row.theme  # fmt: skip
        assert {(duty.status, duty.late_days) for duty in ledger} == {(DutyStatus.DONE, 0)}, row.theme
    assert sent == 4 * (len(held) - len(just_held))


async def test_nothing_ahead_is_overdue_or_due_today(start: Start) -> None:
    async with start.look() as uow:
        left = await duties.open_duties(uow)
    assert left
    assert min(duty.act_by for duty, _ in left) > office_date(start.now)


async def test_the_announcement_kept_its_fifteen_working_days(start: Start) -> None:
    async with start.look() as uow:
        rows = [row for row in await interviews(uow) if row.announced_at]
    calendar = Calendar.known()
    for row in rows:
        last = calendar.workdays_before(office_date(row.starts_at), 15)[-1]
        assert row.announced_at is not None
        assert office_date(row.announced_at) <= last, row.theme


async def test_the_chains_hold_and_run_forward_in_time(start: Start) -> None:
    async with start.look() as uow:
        verdict = await audit.verify(uow)
        by_seq = select(col(audit.AuditEntry.at)).order_by(col(audit.AuditEntry.seq))
        moments = list(await uow.db.scalars(by_seq))
        events = await uow.db.execute(
            select(col(streams.StreamEvent.stream), col(streams.StreamEvent.at)).order_by(
                col(streams.StreamEvent.stream), col(streams.StreamEvent.seq)
            )
        )
        of_streams = [tuple(row) for row in events]
        for interview in await interviews(uow, InterviewStatus.ARCHIVED, InterviewStatus.LIVE):
            head = audit.GENESIS
            for item in await transcript.items(uow, interview.id or 0):
                head = transcript.link(head, item)
                assert item.chain == head
            assert interview.chain_head == head
    assert verdict.ok
    assert moments == sorted(moments)
    assert moments[-1] <= start.now
    assert of_streams == sorted(of_streams)


async def test_three_transcripts_say_what_the_files_say(start: Start) -> None:
    known = data.load()
    async with start.look() as uow:
        for one in known.programme:
            if one.part != "archived":
                continue
            rows = await interviews(uow, InterviewStatus.ARCHIVED)
            held = next(row for row in rows if row.theme == one.theme)
            record = known.records[one.key]
            items = list(await transcript.items(uow, held.id or 0))
            said = {item.text for item in items}
            asked = {
                row.text: row
                for row in await uow.db.scalars(select(Question).where(col(Question.interview_id) == held.id))
            }
            assert len(items) > 40
            assert {remark.text for remark in record.remarks} <= said
            for question in record.questions:
                assert {answer.text for answer in question.answers} <= said
                assert asked[question.text].number == question.number, question.text
            assert {row.status for row in asked.values()} == {"answered", "refused", "merged", "declined"}


async def test_support_keeps_the_order_of_the_files(start: Start) -> None:
    record = data.load().records["medical"]
    async with start.look() as uow:
        [live] = await interviews(uow, InterviewStatus.LIVE)
        rows = await uow.db.scalars(
            select(Question).where(col(Question.interview_id) == live.id, col(Question.number).is_not(None))
        )
        given = {row.number: row.supports for row in rows}
    wanted = sorted((one for one in record.questions if one.number), key=lambda one: one.supports)
    assert [given[one.number] for one in wanted] == sorted(given.values())
    assert max(given.values()) >= 2


async def test_officials_are_in_the_middle_of_something(start: Start) -> None:
    async with start.look() as uow:
        [live] = await interviews(uow, InterviewStatus.LIVE)
        parts = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == live.id)
        [body, beside_it] = await uow.db.scalars(parts.order_by(col(Respondent.lead).desc()))
        told = list(await uow.db.scalars(select(Instruction).order_by(col(Instruction.id))))
        laid = list(await uow.db.scalars(select(Approval)))
        promised = await promises.open_of(uow, body)
        beside = await attached.in_interview(uow, live.id or 0)
        [(asked, _)] = await waiver_requests.undecided(uow)
        asked_of = list(await uow.db.scalars(select(col(ApprovalRule.body_id))))
    assert {(one.body_id, one.status) for one in told} == {(body, "answered"), (body, "open")}
    assert [(one.body_id, one.status) for one in laid] == [(beside_it, "waiting")]
    assert asked_of == [beside_it], "what the accounts answer live goes out at once"
    assert [one.interview_id for one, *_ in promised] == [live.id]
    assert promised[0][0].due > office_date(start.now)
    assert len(beside) == 1
    assert asked.duty == "guests"


async def test_a_second_start_changes_nothing(start: Start, tmp_path: Path) -> None:
    copied = start.copy(tmp_path)
    async with copied.look() as uow:
        before = (await audit.verify(uow), await library.version(uow.db))
    first = await copied.again(timedelta(minutes=1))
    async with copied.look() as uow:
        assert (await audit.verify(uow), await library.version(uow.db)) == before
        assert len(await interviews(uow, InterviewStatus.LIVE)) == 1
    assert [account.login for account in first] == [account.role for account in first]


async def test_the_ten_accounts_open_and_belong_to_the_live_interview(saturday: Start) -> None:
    accounts = await saturday.again(timedelta(minutes=1))
    assert {account.role for account in accounts} == {
        "office", "supervisor", "clerk", "guest", "host", "moderator", "recipient", "editor", "auditor", "admin",
    }  # fmt: skip
    async with saturday.units() as units:
        actors = {}
        for account in accounts:
            _, actors[account.role] = await auth.sign_in(units, account.login, account.password, demo=True)
        await _belong_to_the_live_one(units, actors)
        clerks = select(func.count()).where(col(Person.role) == Role.CLERK, col(Person.login).is_(None))
        async with units.read() as uow:
            assert await uow.db.scalar(clerks) == 20
            assert await uow.db.scalar(select(func.count()).where(col(Body.recipient))) == 4


async def _belong_to_the_live_one(units: Units, actors: dict[str, Actor]) -> Interview:
    async with units.read() as uow:
        [live] = await interviews(uow, InterviewStatus.LIVE)
    for role in ("host", "moderator", "guest", "clerk", "office"):
        async with units.act(actors[role]) as uow:
            assert await access.may_act(uow, await access.interview(uow, live.id or 0)), role
    return live


async def test_what_the_moderator_should_see_is_flagged(saturday: Start) -> None:
    expected = data.read_file("live.yaml")["pending"]
    async with saturday.look() as uow:
        query = select(Question).where(col(Question.status) == QuestionStatus.PENDING)
        flagged = {row.original: {flag["kind"] for flag in row.flags} for row in await uow.db.scalars(query)}
    for one in expected:
        assert flagged[one["text"].strip()] == ({one["expect"]} if one["expect"] else set())


async def test_the_years_plan_was_issued_in_time_and_nothing_of_it_is_called_a_change(start: Start) -> None:
    async with start.look() as uow:
        year = office_date(start.now).year
        issued = await plans.versions(uow, year)
        changed = await plans.change_log(uow, year)
    assert [(one.version, office_date(one.issued_at)) for one in issued] == [(1, date(year - 1, 12, 20))]
    assert {change.kind for change in changed} <= {"issued"}


async def test_the_catalogue_answers(saturday: Start) -> None:
    async with saturday.look() as uow:
        entries = await library.published(uow.db)
    assert len(entries) >= 60
    assert len(entries) == len(data.read_file("catalog.yaml")["entries"])


async def test_three_hours_later_the_old_one_is_closed_and_the_next_is_live(saturday: Start) -> None:
    accounts = await saturday.again(timedelta(hours=3))
    async with saturday.units() as units:
        async with units.read() as uow:
            [_, ended] = await interviews(uow, InterviewStatus.ENDED)
            [_] = await interviews(uow, InterviewStatus.ANNOUNCED)
            [live] = await interviews(uow, InterviewStatus.LIVE)
            items = await uow.db.scalar(select(func.count()).where(col(Item.interview_id) == live.id))
            late = [duty.rule for duty in await duties.of_interview(uow, live.id or 0) if duty.late_days]
            assert (await audit.verify(uow)).ok
        assert ended.closed_at == ended.limit_at
        assert "None" not in {part for account in accounts for part in account.name.split("，")}
        assert ended.theme != live.theme
        assert as_utc(live.starts_at) < saturday.now + timedelta(hours=3) < as_utc(live.ends_at)
        assert items
        assert late == []
        async with units.read() as uow:
            bodies = await uow.db.scalars(select(col(Instruction.body_id)).order_by(col(Instruction.id)))
            assert len(set(bodies)) == 2, "whoever is at the desk now has one as well"
        actors = {}
        for account in accounts:
            _, actors[account.role] = await auth.sign_in(units, account.login, account.password, demo=True)
        assert (await _belong_to_the_live_one(units, actors)).id == live.id


async def test_what_bodies_answer_goes_out_although_a_second_person_is_asked(saturday: Start) -> None:
    async with saturday.units() as units, units.read() as uow:
        people = await uow.db.scalars(select(Person).where(col(Person.role) == Role.OFFICE))
        office = next(person for person in people if person.login)
        guests = select(col(Person.body_id)).where(col(Person.role) == Role.GUEST).distinct()
        answering = list(await uow.db.scalars(guests))
        async with units.act(office.actor(), saturday.now) as writing:
            for body in answering:
                await approvals.set_rule(writing, body or 0, True)
    await saturday.again(timedelta(hours=3))
    async with saturday.look() as uow:
        [live] = await interviews(uow, InterviewStatus.LIVE)
        query = select(func.count()).where(
            col(Item.interview_id) == live.id, col(Item.kind) == ItemKind.ANSWER
        )
        assert await uow.db.scalar(query)
        assert await approvals.of_interview(uow, live.id or 0) == []


async def test_the_one_that_collected_opens_when_its_time_has_come(saturday: Start) -> None:
    async with saturday.look() as uow:
        [collecting] = await interviews(uow, InterviewStatus.ANNOUNCED)
    await saturday.again(as_utc(collecting.starts_at) - saturday.now + timedelta(minutes=5))
    async with saturday.look() as uow:
        [live] = await interviews(uow, InterviewStatus.LIVE)
        late = {duty.rule: duty.late_days for duty in await duties.of_interview(uow, live.id or 0)}
        assert (await audit.verify(uow)).ok
        ahead = await interviews(uow, InterviewStatus.ANNOUNCED)
    assert live.id == collecting.id
    assert set(late.values()) == {0}
    assert ahead


async def test_what_somebody_began_is_left_to_them(saturday: Start) -> None:
    """周科长 lets the first planned one be told by its clerk; the city then does not tell its past."""
    async with saturday.units() as units:
        async with units.read() as uow:
            first = (await interviews(uow, InterviewStatus.PLANNED))[0]
            part = select(Respondent).where(col(Respondent.interview_id) == first.id)
            body = (await uow.db.scalars(part)).first()
            assert body is not None
            clerks = select(Person).where(col(Person.role) == Role.CLERK, col(Person.body_id) == body.body_id)
            clerk = (await uow.db.scalars(clerks)).one()
        async with units.act(clerk.actor(), saturday.now) as uow:
            await programme.tell_content(uow, first.id or 0, first.theme, "只谈名单怎么排。")
    await saturday.again(timedelta(days=20))
    async with saturday.look() as uow:
        left = await access.interview(uow, first.id or 0)
        assert (left.status, left.content) == (InterviewStatus.PLANNED, "只谈名单怎么排。")
        assert len(await interviews(uow, InterviewStatus.LIVE)) == 1


async def test_after_six_weeks_away_the_city_has_gone_on(saturday: Start) -> None:
    later = timedelta(days=42)
    await saturday.again(later)
    async with saturday.look() as uow:
        assert (await audit.verify(uow)).ok
        [_] = await interviews(uow, InterviewStatus.LIVE)
        passed = [row for row in await interviews(uow) if row.ends_at <= saturday.now + later]
        states = Counter(row.status for row in passed)
        ahead = [
            row
            for row in await interviews(uow, InterviewStatus.ANNOUNCED)
            if row.starts_at > saturday.now + later
        ]
    # The live one ended on its own, the one that collected was missed by its host, the planned ones were held.
    assert states[InterviewStatus.PLANNED] == 0
    assert states[InterviewStatus.ANNOUNCED] == 1
    assert ahead


@pytest.mark.parametrize("year", [2026, 2027])
def test_every_day_of_a_year_has_room(year: int) -> None:
    """网友甲 starts the city on any day: the dates are lawful on each of them."""
    calendar, programme = Calendar.known(), data.load().programme
    for number in range(0, 365, 3):
        now = at(f"{year}-01-01 11:11") + timedelta(days=number)
        today = office_date(now)
        placed = lay(programme, now, calendar, 16)
        this_year = [one for one in placed if office_date(one.starts_at).year == today.year]
        assert len(this_year) >= 26, today
        assert len({(one.interview.key, office_date(one.starts_at).year) for one in placed}) == len(placed)
        assert len({one.starts_at for one in placed}) == len(placed), today
        for one in placed:
            day = office_date(one.starts_at)
            if day > today and one.interview.part != "collecting":
                assert calendar.workdays_before(day, 15)[-1] > today, (today, day)


async def test_the_office_finds_a_theme_that_keeps_coming(start: Start) -> None:
    """周科长 looks at what several interviews were asked, on any day: one theme, with where it was asked."""
    async with start.look() as uow:
        found = await Recurring().proposals(uow.retold(SYSTEM, start.now)) or ()
    (weekend,) = [one for one in found if one.label == "周末上班"]
    assert len(weekend.interviews) >= recurring.INTERVIEWS
    assert len(weekend.questions) >= recurring.QUESTIONS
    assert all("周末" in one for one in weekend.examples)
