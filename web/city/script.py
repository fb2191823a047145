"""One interview as a list of acts, each with who does it and when, from the plan to the summary.

What lies after ``until`` is left out, so the same script tells one that is archived, live, collecting or planned.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from base.clock import office_date
from base.db import UnitOfWork
from base.people import Person
from interviews import (
    answers,
    approvals,
    deliveries,
    hosting,
    law,
    materials,
    moderation,
    programme,
    questions,
    speaking,
)
from interviews.approval_models import Approval
from interviews.calendar import Calendar
from interviews.lifecycle import DeclineReason, Ground, Kind
from interviews.materials import MaterialKind, Sent
from interviews.models import Item
from interviews.programme import Plan
from web.city import papers
from web.city.cast import Cast
from web.city.data import Asked, CityData, Record
from web.city.year import Placed, at

PLANNED_ON = (12, 15)
"""The year's plan is drafted on this day of the year before."""
PLANNED_BEFORE, ADDED_BEFORE = 30, 25
"""Working days: how early an interview of the plan is entered at the least, and an addition to it."""
CONTENT_BEFORE, ANNOUNCED_BEFORE = 17, 16
FORWARDED_BEFORE, GUESTS_BEFORE, VENUE_BEFORE = 5, 3, 2
SUMMARY_AFTER = 2
MODERATED_IN = timedelta(minutes=25)
MODERATED_LIVE_IN = timedelta(minutes=1)
SUPPORT_SCALE = 60
"""The files speak of a city's worth of supporters; a sixtieth of them are rows, for a quick first start."""
CONTACT_EVERY = 4
WITH_PAPER = ("live", "collecting")
"""The parts of the programme whose interviews have a background document."""


@dataclass(frozen=True)
class Act:
    """One thing that one person does at one instant; ``place`` keeps the order of simultaneous ones."""

    moment: datetime
    place: int
    who: Person
    do: Callable[[UnitOfWork], Awaitable[object]]


@dataclass
class Around:
    """What every script needs."""

    data: CityData
    cast: Cast
    calendar: Calendar
    now: datetime
    seal: Callable[[str], str]


@dataclass
class Script:
    """One interview being told.

    Attributes:
        around: the city.
        placed: the interview and its start.
        order: its place among the interviews of the plan, which is entered in that order.
        on_stage: whether host and moderator are the two accounts, as in the interview that is live.
        added: whether it is an addition to a plan that stands.
        interview_id: its number, once it has one; given where the interview exists already.
    """

    around: Around
    placed: Placed
    order: int = 0
    on_stage: bool = False
    added: bool = False
    interview_id: int = 0
    acts: list[Act] = field(default_factory=list)
    asked_ids: dict[int, int] = field(default_factory=dict)

    def told(self) -> list[Act]:
        """The acts that have happened by now."""
        self._plan()
        self._announced()
        self._before_start()
        record = self.around.data.records.get(self.placed.interview.key)
        if record is not None and self._announced_at <= self.around.now:
            self._open(record)
            for place, asked in enumerate(record.questions):
                _Question(self, record, asked, place).tell()
            self._close()
        return [act for act in self.acts if act.moment <= self.around.now]

    def prepared(self) -> list[Act]:
        """Of one that was announced already: what was to be done from then to its start."""
        self._before_start()
        return [act for act in self.acts if act.moment <= self.around.now]

    def act(self, moment: datetime, who: Person, do: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        """Add an act."""
        self.acts.append(Act(moment, len(self.acts), who, do))

    # The people

    @property
    def office(self) -> Person:
        """Who runs it."""
        return self.around.cast.people["office" if self.on_stage else "office2"]

    @property
    def moderator(self) -> Person:
        """Who moderates it."""
        return self.around.cast.people["moderator" if self.on_stage else "moderator2"]

    @property
    def host(self) -> Person:
        """Who hosts it."""
        return self.around.cast.people["host" if self.on_stage else self.placed.interview.host]

    def who_answers(self) -> list[Person]:
        """The clerks, who may act wherever their body answers, and the guests who came."""
        cast, guests = self.around.cast, self.placed.interview.guests
        return [*cast.clerks.values(), *(cast.guests[one.body, one.name] for one in guests)]

    # The dates

    @property
    def day(self) -> date:
        """The day on which it takes place."""
        return office_date(self.placed.starts_at)

    @property
    def _announced_at(self) -> datetime:
        return at(self.before(ANNOUNCED_BEFORE), time(9, 30))

    def before(self, amount: int) -> date:
        """So many working days before it."""
        return self.around.calendar.workdays_before(self.day, amount)[-1]

    def by(self, days: int) -> date:
        """The last working day that lies at least so many calendar days before it."""
        return self.around.calendar.last_workday(self.day - timedelta(days=days))

    def minute(self, minute: int) -> datetime:
        """So many minutes after its start."""
        return self.placed.starts_at + timedelta(minutes=minute)

    def later(self, working_days: int, when: time) -> datetime:
        """So many working days after it."""
        return at(self.around.calendar.workdays_after(self.day, working_days)[-1], when)

    def _entered_at(self) -> datetime:
        early = at(self.before(ADDED_BEFORE if self.added else PLANNED_BEFORE), time(10))
        if self.added:
            return early
        drafted = at(date(self.day.year - 1, *PLANNED_ON), time(10))
        return min(early, drafted, self.around.now) + timedelta(seconds=self.order)

    # The acts

    def _plan(self) -> None:
        if self.interview_id:
            return
        one, cast = self.placed.interview, self.around.cast

        async def schedule(uow: UnitOfWork) -> None:
            bodies = tuple(cast.bodies[key] for key in one.respondents)
            plan = Plan(
                one.theme, self.placed.starts_at, self.placed.ends_at, bodies, self.host.id, one.venue
            )
            self.interview_id = (await programme.schedule(uow, plan)).id or 0

        self.act(min(self._entered_at(), self.around.now), self.office, schedule)

    def _announced(self) -> None:
        one, cast = self.placed.interview, self.around.cast
        for place, body in enumerate(one.respondents):
            when = at(self.before(CONTENT_BEFORE), time(10, 7 * place))
            self.act(when, cast.clerks[body], self._content(body, leads=place == 0))
        if one.part in WITH_PAPER:
            when = at(self.before(CONTENT_BEFORE), time(15, 20))
            self.act(when, cast.clerks[one.respondents[0]], self._background)
        self.act(self._announced_at, self.office, self._announce)

    def _before_start(self) -> None:
        one, cast = self.placed.interview, self.around.cast
        self.act(
            at(self.by(FORWARDED_BEFORE), time(10, 20)),
            self.office,
            lambda uow: programme.forward(uow, self.interview_id),
        )
        for place, body in enumerate(one.respondents):
            when = at(self.by(GUESTS_BEFORE), time(11, 9 * place))
            self.act(when, cast.clerks[body], self._guests(body))
        self.act(at(self.by(GUESTS_BEFORE), time(15)), self.office, self._admit_guests)
        self.act(
            at(self.by(VENUE_BEFORE), time(16)),
            self.office,
            lambda uow: programme.tell_venue(uow, self.interview_id, one.venue),
        )

    def _content(self, body: str, *, leads: bool) -> Callable[[UnitOfWork], Awaitable[object]]:
        one = self.placed.interview
        short = self.around.data.bodies[body].short
        text = one.content if leads else self.around.data.phrases["joins_in"].format(short=short)
        return lambda uow: programme.tell_content(uow, self.interview_id, one.theme, text)

    async def _background(self, uow: UnitOfWork) -> None:
        paper = papers.background(self.around.data, self.placed.interview)
        title = f"{self.placed.interview.theme}：会前可以先看"
        await materials.attach(uow, self.interview_id, Sent(MaterialKind.DOCUMENT, title, file=paper))

    async def _announce(self, uow: UnitOfWork) -> None:
        await programme.announce(uow, self.interview_id)
        await programme.assign_person(uow, self.interview_id, self.moderator.id or 0)

    def _guests(self, body: str) -> Callable[[UnitOfWork], Awaitable[object]]:
        people = [(guest.name, guest.post) for guest in self.placed.interview.guests if guest.body == body]
        return lambda uow: programme.tell_guests(uow, self.interview_id, people)

    async def _admit_guests(self, uow: UnitOfWork) -> None:
        for guest in self.placed.interview.guests:
            person = self.around.cast.guests[guest.body, guest.name]
            await programme.assign_person(uow, self.interview_id, person.id or 0)

    def _open(self, record: Record) -> None:
        self.act(self.minute(0), self.host, lambda uow: programme.open_interview(uow, self.interview_id))
        for said in record.remarks:
            self.act(self.minute(said.minute), self.host, self._remark(said.text))

    def _remark(self, text: str) -> Callable[[UnitOfWork], Awaitable[object]]:
        return lambda uow: speaking.say(uow, self.interview_id, text)

    def _close(self) -> None:
        one = self.placed.interview
        self.act(self.minute(one.minutes), self.host, lambda uow: programme.close(uow, self.interview_id))
        self.act(
            self.later(SUMMARY_AFTER, time(16, 30)),
            self.office,
            lambda uow: deliveries.send(uow, self.interview_id),
        )


@dataclass
class _Question:
    """One question in one script; ``place`` is its place in the record."""

    script: Script
    record: Record
    asked: Asked
    place: int

    @property
    def id(self) -> int:
        return self.script.asked_ids[self.place]

    @property
    def asker(self) -> Person:
        visitors = self.script.around.cast.visitors
        return visitors[self._offset % len(visitors)]

    @property
    def _offset(self) -> int:
        # Neighbouring interviews share no askers; within one, everybody asks once.
        return 17 * self.script.placed.interview.slot + self.place

    def asked_at(self) -> datetime:
        """When it came in; what the files lay later today than now came a moment ago."""
        when, script = self.asked.when, self.script
        if when.minute is not None:
            return script.minute(when.minute)
        day = office_date(script.around.now) if self.record.today else script.day
        meant = at(day + timedelta(days=when.days), when.at or time(12))
        return min(meant, script.around.now - timedelta(minutes=2)) if self.record.today else meant

    def tell(self) -> None:
        """Everything that became of it."""
        script, asked, came = self.script, self.asked, self.asked_at()
        script.act(came, self.asker, self._submit)
        if asked.declined is not None:
            reason = DeclineReason(asked.declined.reason)
            script.act(
                script.minute(asked.declined.minute),
                script.moderator,
                lambda uow: moderation.decline(uow, self.id, reason),
            )
        if asked.number is None:
            return
        live = came >= script.placed.starts_at
        public = came + (MODERATED_LIVE_IN if live else MODERATED_IN)
        script.act(public, script.moderator, lambda uow: moderation.publish(uow, self.id))
        settled = self._settle()
        self._supports(public, min(settled, script.around.now))

    async def _submit(self, uow: UnitOfWork) -> None:
        nickname = self.asked.nickname
        contact = None
        if nickname and self.place % CONTACT_EVERY == 0:
            contact = self.script.around.seal(f"visitor{self._offset}@fangtan.example")
        sent = questions.Submission(
            self.asked.text,
            Kind(self.asked.kind),
            f"example-{self.script.interview_id}-{self.place}",
            nickname,
            contact,
        )
        question, _ = await questions.submit(uow, self.script.interview_id, sent)
        self.script.asked_ids[self.place] = question.id or 0

    def _settle(self) -> datetime:
        """Stage, merge, answer, refuse, defer; until when it could be supported."""
        script, asked = self.script, self.asked
        if asked.merged_into is not None:
            into = asked.merged_into - 1
            script.act(
                script.minute(asked.merged),
                script.moderator,
                lambda uow: moderation.merge(uow, self.id, script.asked_ids[into]),
            )
            return script.minute(asked.merged)
        if asked.staged is None:
            return script.placed.ends_at
        staged = script.minute(asked.staged)
        script.act(staged, script.host, lambda uow: hosting.stage(uow, self.id))
        for said in asked.answers:
            self._say(said.minute, said.speaker, self._answer(said.text))
        if asked.draft is not None:
            self._say(asked.draft.minute, asked.draft.speaker, self._draft(asked.draft.text))
        if asked.withheld is not None:
            self._say(asked.withheld.said.minute, asked.withheld.said.speaker, self._refuse)
        if asked.deferred is not None:
            reason = asked.deferred.text
            self._say(
                asked.deferred.minute,
                asked.deferred.speaker,
                lambda uow: answers.defer(uow, self.id, reason),
            )
        if asked.later is not None:
            clerk = script.around.cast.clerks[asked.later.body]
            when = script.later(asked.later.working_days, asked.later.at)
            script.act(when, clerk, self._answer(asked.later.text))
        return staged

    def _say(self, minute: int, speaker: str, do: Callable[[UnitOfWork], Awaitable[object]]) -> None:
        guest = self.script.around.cast.guest(self.script.placed.interview, speaker)
        self.script.act(self.script.minute(minute), guest, do)

    def _answer(self, text: str) -> Callable[[UnitOfWork], Awaitable[object]]:
        async def say(uow: UnitOfWork) -> None:
            await self._let_out(uow, await answers.answer(uow, self.id, text))

        return say

    async def _let_out(self, uow: UnitOfWork, sent: Item | Approval) -> None:
        """Where the office asks a second person of the body, one of those who came lets the answer out at once."""
        if not isinstance(sent, Approval):
            return
        for one in self.script.who_answers():
            second = uow.retold(one.actor(), uow.now)
            if await approvals.may_approve(second, sent):
                await answers.approve(second, self.id, sent.edition)
                return

    def _draft(self, text: str) -> Callable[[UnitOfWork], Awaitable[object]]:
        return lambda uow: answers.draft(uow, self.id, text)

    async def _refuse(self, uow: UnitOfWork) -> None:
        withheld = self.asked.withheld
        if withheld is not None:
            ground = Ground(withheld.ground)
            sent = await answers.refuse(uow, self.id, ground, withheld.said.text, withheld.partial)
            await self._let_out(uow, sent)

    def _supports(self, first: datetime, last: datetime) -> None:
        """Other visitors want to know too, evenly from when it is public until it is settled."""
        visitors = self.script.around.cast.visitors
        amount = round(self.asked.supports / SUPPORT_SCALE)
        if last <= first:
            return
        step = (last - first) / (amount + 1)
        for n in range(1, amount + 1):
            who = visitors[(self._offset + n) % len(visitors)]
            self.script.act(first + n * step, who, lambda uow: questions.support(uow, self.id))


def calendar_of_city() -> Calendar:
    """The working days by which the example city counts."""
    return Calendar.known().with_days_off(law.load().days_off)


async def play(uow: UnitOfWork, scripts: Iterable[Script]) -> None:
    """Let it happen, several interviews side by side: the audit and every stream run forward in time."""
    await play_acts(uow, (act for script in scripts for act in script.told()))


async def play_acts(uow: UnitOfWork, acts: Iterable[Act]) -> None:
    """Each act by its person at its instant, in the order of the instants."""
    for act in sorted(acts, key=lambda act: (act.moment, act.place)):
        await act.do(uow.retold(act.who.actor(), act.moment))
