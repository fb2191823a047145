"""A live room on a SQLite file for the state machine: its clock, its cast, its listeners, and what must always hold."""

import asyncio
import atexit
import json
import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import func, select
from sqlmodel import col

from base import audit
from base.db import Database, Units, sqlite_url
from base.errors import Refusal
from base.people import SYSTEM, Actor, Person, Role
from chat import streams
from chat.streams import StreamEvent, StreamHead
from interviews import programme, transcript
from interviews.models import Interview
from scheduler import jobs
from tests import cast
from tests.chat.audience import Listener, plain
from web.database import migrate

CITIZENS = ("网友甲", "网友乙", "网友丙")
MODERATORS = ("审核员小张", "审核员小陈", "周科长")
HOSTS = ("李主持", "副主持小周")
ANSWERERS = ("王处长", "许主任")
WATER = "外单位老吴"

FIRST = cast.START - timedelta(minutes=10)
TICKS = (0, 1, 0, 3, 20)
"""Seconds between one step and the next; none at all too, because two acts may share an instant."""

WORD = re.compile(r"w\d+w")
NOWHERE = 999_999


@dataclass
class Word:
    """Something that somebody typed, recognisable wherever it turns up."""

    kind: str
    asker: int | None = None
    question: int | None = None
    item: int | None = None
    of: int | None = None
    hidden: bool = False


@dataclass
class Template:
    """The small city up to the eve of its interview, made once and copied for every room."""

    folder: Path
    city: cast.City

    @classmethod
    def make(cls) -> "Template":
        """Play the cast's whole preparation on a file."""
        kept = tempfile.TemporaryDirectory(prefix="fangtan-room-")
        atexit.register(kept.cleanup)
        folder = Path(kept.name)
        return cls(folder, asyncio.run(_prepared(folder / "template.db")))


async def _prepared(file: Path) -> cast.City:
    database = Database(sqlite_url(file))
    await migrate(database)
    city = await cast.settle(database)
    await city.plan()
    await city.announce()
    await city.prepare()
    async with city.units.act(SYSTEM, cast.PLANNED) as uow:
        for name, role in (("审核员小陈", Role.MODERATOR), ("副主持小周", Role.HOST)):
            person = Person(role=role, display_name=name, post=None, created_at=uow.now)
            uow.db.add(person)
            await uow.db.flush()
            city.people[name] = person.actor()
    async with city.act("周科长", cast.PLANNED) as uow:
        for name in ("审核员小陈", "副主持小周"):
            await programme.assign_person(uow, city.interview, city.people[name].person_id or 0)
    await database.close()
    return city


@dataclass
class Room:
    """What the state machine plays in. Everything that it knows by itself, not from the product, is here."""

    template: Template
    file: Path
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    now: datetime = FIRST
    steps: int = 0
    sound: bool = True
    listeners: list[Listener] = field(default_factory=list)
    words: dict[str, Word] = field(default_factory=dict)
    supporters: dict[int, set[int]] = field(default_factory=dict)
    askers: dict[int, int] = field(default_factory=dict)
    sent: list[tuple[str, dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    refused: dict[str, int] = field(default_factory=dict)
    public: dict[str, Any] = field(default_factory=dict)
    staff: dict[str, Any] = field(default_factory=dict)
    dues: dict[int, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shutil.copy(self.template.folder / "template.db", self.file)
        self.city = self.template.city
        self.interview = self.city.interview
        self.start()
        for who, asked in (("网友甲", "public"), ("审核员小张", "staff"), ("网友乙", "me")):
            self.come(who, asked)
        self.look()

    def start(self) -> None:
        """The program starts on the file as it lies there."""
        self.database = Database(sqlite_url(self.file))
        self.told: list[dict[str, Any]] = []
        self.city.units = Units(self.database, streams.project, self.told.extend)

    def restart(self) -> None:
        """The program ends and starts again; every connection is gone."""
        self.runner.run(self.database.close())
        for listener in self.listeners:
            listener.connected = listener.deaf = False
        self.start()

    def end(self) -> None:
        """Everybody comes back, sees the same, and the room is left; a broken one is only left."""
        try:
            for listener in self.listeners if self.sound else ():
                self.back(listener)
            if self.sound:
                self.look(thoroughly=True)
            for listener in self.listeners:
                listener.finish()
        finally:
            self.runner.run(self.database.close())
            self.runner.close()
            self.file.unlink()

    def tick(self) -> None:
        """One step of the machine."""
        self.now += timedelta(seconds=TICKS[self.steps % len(TICKS)])
        self.steps += 1

    def person(self, who: str) -> Actor:
        """One of the cast."""
        return self.city.people[who]

    def come(self, who: str, audience: str) -> None:
        """A listener of the ``public``, the ``staff`` or their own stream arrives and gets a snapshot."""
        asked = audience if audience == "me" else f"interview:{self.interview}:{audience}"
        listener = Listener(self.person(who), asked)
        self.listeners.append(listener)
        self.back(listener)

    def back(self, listener: Listener) -> None:
        """A listener is there again and fetches what it missed."""
        listener.connected, listener.deaf = True, False
        self.runner.run(listener.catch_up(self.city.units))

    def word(self, kind: str, **about: Any) -> str:
        """A text that nobody has typed before."""
        typed = f"w{len(self.words)}w"
        self.words[typed] = Word(kind, **about)
        return typed

    def says(self, who: str, name: str, /, **sent: Any) -> dict[str, Any] | None:
        """One of the cast sends a command; its result, or nothing where it was refused as a command may be."""
        refusal = None
        try:
            result = self.runner.run(self.city.does(who, name, self.now, **sent))
        except Refusal as no:
            refusal, result = no, None
        if refusal is not None:
            assert refusal.status < 500, refusal.message
            assert not self.told, f"{name} was refused with {refusal.code} and told {self.told}"
            self.refused[refusal.code] = self.refused.get(refusal.code, 0) + 1
        self.tell()
        return result

    def ring(self, job: jobs.Job) -> None:
        """The bell rings for one job."""
        with time_machine.travel(self.now, tick=False):
            self.runner.run(job.run(self.city.units))  # type: ignore[arg-type]
        self.tell()

    def tell(self) -> None:
        """What was announced reaches whoever is connected."""
        events, self.told[:] = list(self.told), []
        for listener in self.listeners:
            self.runner.run(listener.hear(self.city.units, events))

    def ones(self, *statuses: str) -> list[int]:
        """The questions in one of these states, in the order they came."""
        known = self.staff["questions"].items()
        return [int(number) for number, question in known if question["status"] in statuses]

    def items(self) -> list[int]:
        """Everything that can be corrected or taken down; errata too."""
        said = self.staff["items"]
        return [one["item"] for one in said] + [one["item"] for item in said for one in item["errata"]]

    @property
    def status(self) -> str:
        """The interview's state."""
        return str(self.staff["interview"]["status"])

    def look(self, *, thoroughly: bool = False) -> None:
        """Everything that must hold after each step."""
        self.sound = False
        self.runner.run(self._look(thoroughly))
        self.sound = True

    async def _look(self, thoroughly: bool) -> None:
        name = f"interview:{self.interview}:"
        async with self.city.units.read(SYSTEM) as uow:
            heads = {row.stream: row.head for row in await uow.db.scalars(select(StreamHead))}
            names = {one.stream for one in self.listeners} | {f"{name}public", f"{name}staff"}
            seen = {stream: plain(await streams.snapshot(uow, stream)) for stream in names}
            rows = list(await uow.db.scalars(select(StreamEvent)))
            said = await transcript.items(uow, self.interview)
            interview = await uow.db.get_one(Interview, self.interview)
            counted = select(col(StreamEvent.stream), func.count(), func.max(col(StreamEvent.seq)))
            dense = {
                one[0]: one[1:] for one in await uow.db.execute(counted.group_by(col(StreamEvent.stream)))
            }
            if thoroughly or self.steps % 10 == 0:
                assert (await audit.verify(uow)).ok
        self.public, self.staff = seen[f"{name}public"], seen[f"{name}staff"]
        assert {stream: (head, head) for stream, head in heads.items()} == {
            stream: tuple(found) for stream, found in dense.items()
        }
        for listener in self.listeners:
            self._sees(listener, heads.get(listener.stream, 0), seen[listener.stream])
        self._numbered()
        self._chained(said, interview)
        self._told_only_what_may_be(rows, seen)
        self._settled()

    def _sees(self, listener: Listener, head: int, present: dict[str, Any]) -> None:
        if listener.connected and listener.last == head:
            differs = {
                key: (listener.state[key], present[key])
                for key in present
                if listener.state[key] != present[key]
            }
            assert not differs, f"{listener.stream} as {listener.actor.name} has it and as it is: {differs}"
        else:
            assert not listener.connected or (listener.last or 0) < head

    def _numbered(self) -> None:
        asked = self.public["questions"]
        published = [item for item in self.public["items"] if item["kind"] == "question"]
        numbers = [asked[str(item["question"])]["number"] for item in published]
        assert numbers == list(range(1, len(asked) + 1))
        for number, question in self.staff["questions"].items():
            assert question["supports"] == len(self.supporters.get(int(number), ())), number

    def _chained(self, said: list[Any], interview: Interview) -> None:
        shown = [item["no"] for item in self.public["items"]]
        shown += [erratum["no"] for item in self.public["items"] for erratum in item["errata"]]
        assert sorted(shown) == list(range(1, interview.next_item))
        chain = audit.GENESIS
        for item in said:
            chain = transcript.link(chain, item)
            assert item.chain == chain
        assert chain == interview.chain_head

    def _told_only_what_may_be(self, rows: list[StreamEvent], seen: dict[str, dict[str, Any]]) -> None:
        told = {stream: json.dumps(state) for stream, state in seen.items()}
        for row in rows:
            told[row.stream] = told.get(row.stream, "") + json.dumps(row.body)
        for stream, text in told.items():
            for typed in set(WORD.findall(text)):
                where = f"{typed} in {stream}: {text[max(0, text.find(typed) - 200) :][:400]}"
                assert self._may_stand(stream, self.words[typed], typed), (
                    f"{self.words[typed]} is read: {where}"
                )

    def _may_stand(self, stream: str, word: Word, typed: str) -> bool:
        """Whether this audience may ever read what was typed."""
        question = self.staff["questions"].get(str(word.question))
        if word.hidden or word.kind == "draft":
            return False
        if stream.startswith("person:"):
            owner = int(stream.removeprefix("person:"))
            return word.kind in ("question", "wording", "deferral", "reason") and word.asker in (None, owner)
        if question is not None and word.kind in ("question", "wording"):
            if question["status"] in ("withdrawn", "removed"):
                return False
            public = question["number"] is not None and typed in (question["text"] or "")
            return public or stream.endswith(":staff")
        return stream.endswith(":staff") or word.kind not in ("appeal", "letter")

    def _settled(self) -> None:
        if self.status in ("ended", "archived"):
            assert self.ones("published", "staged") == []
        if self.status == "archived":
            assert self.ones("pending") == []
        for number, why in self.dues.items():
            assert self.staff["questions"][str(number)]["reason"] == why
            assert self.staff["questions"][str(number)]["status"] == "deferred"
        self.dues = {}
