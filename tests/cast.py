"""The cast and the stage: a small city on an empty database, and one interview that any test may play.

王处长 answers (guest), 许主任 types for the body (clerk), 李主持 hosts, 审核员小张 moderates, 周科长 is the office;
网友甲, 网友乙 and 网友丙 ask. The interview starts on 2026-03-06 at 14:30, the worked example of the rule.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import time_machine
from sqlalchemy import select, update
from sqlmodel import col

from base.clock import SHANGHAI
from base.db import Database, UnitOfWork, Units
from base.outbox import MailStatus, OutboxMail
from base.people import SYSTEM, Actor, Body, Person, Role
from chat import commands, registry, streams
from chat.limits import Pace
from chat.registry import Surroundings
from interviews import approvals, programme
from interviews.models import Item


def at(text: str) -> datetime:
    """``2026-03-06 14:30`` on the office's wall."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


PLANNED = at("2026-01-05 09:00")
ANNOUNCED = at("2026-02-02 10:00")
FORWARDED = at("2026-02-28 10:00")
START = at("2026-03-06 14:30")
DURING = at("2026-03-06 14:40")
END = at("2026-03-06 16:30")
LIMIT_PASSED = at("2026-03-06 16:31")
NEXT_DAY = at("2026-03-07 09:00")

assert commands.ASKERS, "importing the handlers is what fills the registry"

PEOPLE = {
    "周科长": (Role.OFFICE, None, "访谈科科长"),
    "何主任": (Role.SUPERVISOR, None, "办公室主任"),
    "许主任": (Role.CLERK, "医保局", "办公室副主任"),
    "王处长": (Role.GUEST, "医保局", "待遇处处长"),
    "李主持": (Role.HOST, None, "主持人"),
    "审核员小张": (Role.MODERATOR, None, "审核员"),
    "陈秘书": (Role.RECIPIENT, "市委办", "秘书"),
    "外单位老吴": (Role.CLERK, "水务局", "办公室主任"),
    "别场主持": (Role.HOST, None, "主持人"),
    "网友甲": (Role.CITIZEN, None, None),
    "网友乙": (Role.CITIZEN, None, None),
    "网友丙": (Role.CITIZEN, None, None),
    "目录编辑小林": (Role.EDITOR, None, "目录编辑"),
    "管理员小马": (Role.ADMIN, None, "系统管理员"),
}
BODIES = {
    "医保局": ("示例市医疗保障局", "department", False),
    "水务局": ("示例市水务局", "department", False),
    "市委办": ("示例市委办公室", "recipient", True),
    "人大办": ("示例市人大常委会办公室", "recipient", True),
    "政府办": ("示例市人民政府办公室", "recipient", True),
    "政协办": ("示例市政协办公室", "recipient", True),
}


@dataclass
class City:
    """A small city; every act of a test goes through ``act`` or ``does``."""

    units: Units
    around: Surroundings
    people: dict[str, Actor]
    bodies: dict[str, int]
    interview: int = 0
    announced: list[Any] = field(default_factory=list)
    _sent: int = 0

    def moved(self, database: Database) -> "City":
        """The same city in a copy of its database; nobody there has heard anything yet."""
        units = Units(database, streams.project)
        city = replace(
            self,
            units=units,
            around=_around(),
            people=dict(self.people),
            bodies=dict(self.bodies),
            announced=[],
        )
        units._announce = city.announced.extend
        return city

    @asynccontextmanager
    async def act(self, who: str, when: datetime) -> AsyncIterator[Any]:
        """A unit of work of one of the cast at an instant."""
        async with self.units.act(self.people[who], when) as uow:
            yield uow

    async def does(self, who: str, name: str, when: datetime = DURING, /, **sent: Any) -> dict[str, Any]:
        """One of the cast sends a command at an instant; the result, or the refusal is raised."""
        actor = SYSTEM if who == "系统" else self.people[who]
        with time_machine.travel(when, tick=False):
            outcome = await registry.dispatch(self.units, self.around, actor, name, sent)
        return outcome.result

    async def asks(self, who: str, text: str, when: datetime = DURING, **more: Any) -> int:
        """One of the cast submits a question; its id."""
        self._sent += 1
        sent = {
            "interview": self.interview,
            "text": text,
            "kind": "inquiry",
            "client_id": f"client-{self._sent:04d}",
        }
        result = await self.does(who, "question.submit", when, **(sent | more))
        return int(result["question"])

    async def published(self, who: str, text: str, when: datetime = DURING) -> int:
        """A question that 审核员小张 has made public; its id."""
        question = await self.asks(who, text, when)
        await self.does("审核员小张", "question.publish", when, question=question)
        return question

    async def staged(self, who: str, text: str) -> int:
        """A question that 李主持 has put on stage; its id."""
        question = await self.published(who, text)
        await self.does("李主持", "question.stage", question=question)
        return question

    async def asks_a_second_person(self, approver: str | None = None) -> None:
        """周科长 sets that what 医保局 answers takes a second person: ``approver``, or anybody else there."""
        named = self.people[approver].person_id if approver else None
        async with self.act("周科长", PLANNED) as uow:
            await approvals.set_rule(uow, self.bodies["医保局"], True, named)

    async def question_of(self, item: int) -> int:
        """The question that an answer answers."""
        async with self.units.read(SYSTEM) as uow:
            return int((await uow.db.get_one(Item, item)).question_id or 0)

    async def edition(self, question: int) -> str:
        """What waits for 医保局's second person, as they read it."""
        async with self.units.read(self.people["王处长"]) as uow:
            laid = await approvals.waiting(uow, question, self.bodies["医保局"])
        return laid.edition if laid else ""

    async def gives_address(self, short: str, email: str, *, by_mail: bool = False) -> None:
        """周科长 enters where a body receives mail; ``by_mail``: its reports come by mail alone."""
        async with self.act("周科长", PLANNED) as uow:
            body = await uow.db.get_one(Body, self.bodies[short])
            body.email, body.by_mail = email, by_mail

    async def mail_arrives(self) -> None:
        """The mail server has taken every mail of the outbox."""
        async with self.units.act(SYSTEM, NEXT_DAY) as uow:
            await uow.db.execute(update(OutboxMail).values(status=MailStatus.SENT, sent_at=uow.now))

    async def state(self, stream: str) -> dict[str, Any]:
        """What an audience sees now."""
        async with self.units.read(SYSTEM) as uow:
            return await streams.snapshot(uow, stream)

    async def events(self, stream: str, after: int = 0) -> list[dict[str, Any]]:
        """What an audience was told after a number."""
        async with self.units.read(SYSTEM) as uow:
            return await streams.backlog(uow, stream, after, 10_000)

    async def head(self, stream: str) -> int:
        """The last number of a stream."""
        async with self.units.read(SYSTEM) as uow:
            return await streams.head(uow, stream)

    async def plan(self, start: datetime = START) -> int:
        """周科长 schedules the interview two months before its start; its id."""
        planned = programme.Plan(
            "城乡居民医保缴费和异地就医",
            start,
            start + (END - START),
            (self.bodies["医保局"],),
            self.people["李主持"].person_id,
            None,
        )
        async with self.act("周科长", start - (START - PLANNED)) as uow:
            interview = await programme.schedule(uow, planned)
            self.interview = interview.id or 0
            for who in ("王处长", "审核员小张"):
                await programme.assign_person(uow, self.interview, self.people[who].person_id or 0)
        return self.interview

    async def announce(self, start: datetime = START) -> None:
        """许主任 tells the content and 周科长 announces, both in time."""
        when = start - (START - ANNOUNCED)
        await self.does(
            "许主任",
            "content.tell",
            when,
            interview=self.interview,
            theme="城乡居民医保缴费和异地就医",
            text="谈三件事：缴费、断缴和异地就医。",
        )
        await self.does("周科长", "interview.announce", when, interview=self.interview)

    async def prepare(self, start: datetime = START) -> None:
        """Questions forwarded, venue and guests told, each within its time."""
        when = start - (START - at("2026-03-02 11:00"))
        await self.does("周科长", "questions.forward", start - (START - FORWARDED), interview=self.interview)
        await self.does("周科长", "venue.tell", when, interview=self.interview, venue="二楼访谈室")
        guests = [{"name": "王立言", "post": "待遇处处长"}]
        await self.does("许主任", "guests.tell", when, interview=self.interview, guests=guests)

    async def open(self) -> None:
        """The whole way to the opening by 李主持."""
        await self.plan()
        await self.announce()
        await self.prepare()
        await self.does("李主持", "interview.open", START, interview=self.interview)


def _around() -> Surroundings:
    return Surroundings(seal=lambda text: f"sealed:{len(text)}", pace=Pace(on=False))


async def settle(database: Database) -> City:
    """The cast moves into an empty, migrated database."""
    units = Units(database, streams.project)
    around = _around()
    people: dict[str, Actor] = {}
    bodies: dict[str, int] = {}
    async with units.act(SYSTEM, PLANNED) as uow:
        for short, (name, kind, recipient) in BODIES.items():
            body = Body(name=name, short_name=short, kind=kind, recipient=recipient)
            uow.db.add(body)
            await uow.db.flush()
            bodies[short] = body.id or 0
        for name, (role, body_name, post) in PEOPLE.items():
            person = Person(
                role=role,
                display_name=name,
                post=post,
                body_id=bodies[body_name] if body_name else None,
                created_at=uow.now,
            )
            uow.db.add(person)
            await uow.db.flush()
            people[name] = person.actor()
    city = City(units, around, people, bodies)
    units._announce = city.announced.extend
    return city


async def give_logins(uow: UnitOfWork, password_hash: str, roles: set[str]) -> None:
    """Let the first of the cast in each role sign in under the role's name."""
    for person in await uow.db.scalars(select(Person).order_by(col(Person.id))):
        if person.role in roles and person.role != Role.CITIZEN:
            roles.discard(person.role)
            person.login, person.password_hash, person.example = person.role, password_hash, True
