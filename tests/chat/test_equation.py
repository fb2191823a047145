"""``apply(state before, events) == state after``: for every command, for every audience.

Each scene sets the stage, then one command is sent; what the audiences were told must carry them from what they
saw to what they see, and at least one of them must have been told something.
"""

import functools
import json
import shutil
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from base import audit
from base.db import Database, sqlite_url
from base.people import SYSTEM
from chat.registry import REGISTRY
from chat.replay import apply
from chat.streams import StreamEvent
from interviews import transcript
from tests import cast
from tests.cast import START, City
from tests.chat.scenes import SCENES, Scene, answers, planning, questions
from tests.chat.twin import through_typescript

EMPTY_AT_WORK: dict[str, Any] = {
    "drafting": {},
    "approving": {},
    "handling": {},
    "order": [],
    "delay": 0,
}

TELLS_NOBODY = {
    "questions.forward",
    "plan.issue",
    "interview.rehearse",
    "words.add",
    "words.drop",
    "words.restore",
    "word.case.add",
    "word.case.drop",
    "report.draft",
    "report.edit",
    "report.sign",
    "report.resend",
    "report.acknowledge",
}
"""What pages, mails and streams of its own tell: the pack, the plan, a rehearsal, the word lists, the report."""


async def _seen(city: City, interview: int) -> dict[str, tuple[int, dict[str, Any]]]:
    audiences = [f"person:{actor.person_id}" for actor in city.people.values()]
    if city.interview:
        audiences += [f"interview:{interview}:public", f"interview:{interview}:staff"]
    return {name: (await city.head(name), await city.state(name)) for name in audiences}


@dataclass(frozen=True)
class Told:
    """One audience of one scene: what it saw, what it was told, what it sees now."""

    audience: str
    before: dict[str, Any]
    events: list[dict[str, Any]]
    after: dict[str, Any]


async def play(city: City, scene: Scene) -> tuple[str, list[Told]]:
    """Set the scene, send its command; the command's name and what became of every audience."""
    who, command, when, sent = await scene(city)
    if scene is planning.schedule:
        empty: dict[str, Any] = {"interview": {}, "questions": {}, "stage": [], "items": []}
        before = {"interview:1:public": (0, empty), "interview:1:staff": (0, empty | EMPTY_AT_WORK)}
    else:
        before = await _seen(city, city.interview)
    await city.does(who, command, when, **sent)
    told = [
        Told(audience, state, await city.events(audience, head), await city.state(audience))
        for audience, (head, state) in before.items()
    ]
    for one in told:
        head = before[one.audience][0]
        assert [event["seq"] for event in one.events] == list(range(head + 1, head + 1 + len(one.events)))
    return command, told


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
async def test_events_carry_every_audience_from_before_to_after(city: City, scene: Scene) -> None:
    command, told = await play(city, scene)
    for one in told:
        assert functools.reduce(apply, one.events, one.before) == one.after, one.audience
    assert any(one.events for one in told) != (command in TELLS_NOBODY)
    PLAYED[scene.__name__] = told


PLAYED: dict[str, list[Told]] = {}
"""What this process has played: to play it all again for the twin took half as long as to play it."""


async def _told(scene: Scene, folder: Path, empty: Path) -> list[Told]:
    if scene.__name__ not in PLAYED:
        database = Database(sqlite_url(Path(shutil.copy(empty, folder / f"{scene.__name__}.db"))))
        _, PLAYED[scene.__name__] = await play(await cast.settle(database), scene)
        await database.close()
    return PLAYED[scene.__name__]


async def test_the_islands_reducer_gives_the_same_states(tmp_path: Path, migrated_file: Path) -> None:
    lines = []
    for scene in SCENES:
        for one in await _told(scene, tmp_path, migrated_file):
            name = f"{scene.__name__} {one.audience}"
            lines.append(json.dumps(asdict(one) | {"name": name}))
    assert len(lines) > 300
    through_typescript(lines, tmp_path / "cases.jsonl")


async def test_every_command_has_a_scene() -> None:
    played = set()
    for scene in SCENES:
        played.add(await _command_of(scene))
    assert played == set(REGISTRY)


class Nothing(City):
    """A city in which nothing happens: a scene plays in it only to say which command it is about."""

    def __init__(self) -> None:
        self.interview = 1
        self.bodies = {"水务局": 1}

    async def open(self) -> None: ...
    async def mail_arrives(self) -> None: ...
    async def gives_address(self, *_: Any, **__: Any) -> None: ...
    async def asks_a_second_person(self, approver: str | None = None) -> None: ...
    async def edition(self, question: int) -> str:
        return ""

    async def question_of(self, item: int) -> int:
        return 1

    async def plan(self, start: datetime = START) -> int:
        return 1

    async def announce(self, start: datetime = START) -> None: ...
    async def prepare(self, start: datetime = START) -> None: ...
    async def does(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {}

    async def state(self, stream: str) -> dict[str, Any]:
        return {"questions": {"1": {"item": 1}}, "items": [{"item": 1}]}

    async def asks(self, *_: Any, **__: Any) -> int:
        return 1

    async def published(self, *_: Any, **__: Any) -> int:
        return 1

    async def staged(self, *_: Any, **__: Any) -> int:
        return 1


async def _command_of(scene: Scene) -> str:
    return str((await scene(Nothing()))[1])


@pytest.mark.parametrize(
    "scene",
    [
        planning.close,
        questions.remove_question,
        answers.remove_answer,
        answers.remove_an_erratum,
        answers.remove_what_was_corrected,
        questions.answer_what_was_transferred,
    ],
    ids=lambda scene: scene.__name__,
)
async def test_the_streams_from_their_beginning_give_the_present_state(city: City, scene: Scene) -> None:
    who, command, when, sent = await scene(city)
    await city.does(who, command, when, **sent)
    empty: dict[str, Any] = {"interview": {}, "questions": {}, "stage": [], "items": []}
    nothing: dict[str, Any] = {"questions": {}, "supported": []}
    audiences = {"public": empty, "staff": empty | EMPTY_AT_WORK}
    for audience, start in audiences.items():
        name = f"interview:{city.interview}:{audience}"
        assert functools.reduce(apply, await city.events(name), start) == await city.state(name)
    asker = f"person:{city.people['网友甲'].person_id}"
    assert functools.reduce(apply, await city.events(asker), nothing) == await city.state(asker)


@pytest.mark.parametrize(
    "scene",
    [
        questions.remove_question,
        answers.remove_answer,
        answers.remove_an_erratum,
        answers.remove_what_was_corrected,
    ],
    ids=lambda scene: scene.__name__,
)
async def test_what_was_taken_down_is_in_no_stream_and_the_chains_still_verify(
    city: City, scene: Scene
) -> None:
    who, command, when, sent = await scene(city)
    await city.does(who, command, when, **sent)
    async with city.units.read(SYSTEM) as uow:
        rows = [json.dumps(row.body, ensure_ascii=False) for row in await uow.db.scalars(select(StreamEvent))]
        verdict = await audit.verify(uow)
        items = await transcript.items(uow, city.interview)
    assert [row for row in rows if "张三" in row] == []
    assert verdict.ok
    chain = "0" * 64
    for item in items:
        chain = transcript.link(chain, item)
        assert item.chain == chain
        assert "张三" not in item.text
