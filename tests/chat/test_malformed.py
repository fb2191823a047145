"""Every command with objects that no page of ours sends: a refusal with a code, and not a row is changed.

The objects come from the registry's own schemas, so that a new command is in here from its first day.
"""

import contextlib
import hashlib
import json
import sqlite3
from typing import Any

import pytest
import time_machine
from aiohttp import ClientSession

from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Person, Role
from chat import registry, schemas, streams
from chat.registry import REGISTRY, Command
from tests import cast
from tests.chat.objects import FORMATS, fitting, malformed, places, replaced, resolved
from tests.chat.wire import Wire
from tests.timing import within
from tests.web.conftest import Town, town
from web import auth

__all__ = ["town"]

SOON_SECONDS = 0.1
"""The largest object is half a megabyte; nobody else is served while it is being looked at."""
TEXTS = {
    "empty": "",
    "only spaces": " \u3000\t\n",
    "NUL": "前\0后",
    "right-to-left override": "\u202e问题",
    "a family in one emoji": "👨‍👩‍👧‍👦" * 20,
    "extension B": "𠮷𡈽" * 10,
    "ideographic zero-width": "\u200b\u2060\ufeff",
    "a formula": '=HYPERLINK("http://evil.example")',
    "a script": "<script>alert(1)</script>",
    "one sign a thousand times": "😀" * 1_000,
    "a lone combining mark": "\u0301" * 500,
}
INSTANTS = (
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "1970-01-01T00:00:00Z",
    "2026-06-10T14:30:00.999999+08:00",
    "2100-02-28T23:59:59+23:59",
)


async def somebody(city: cast.City, role: Role) -> Actor:
    """One of the cast in a role, or a newcomer in it."""
    for actor in city.people.values():
        if actor.role is role:
            return actor
    async with city.units.act(SYSTEM, cast.PLANNED) as uow:
        person = Person(role=role, display_name=role.value, created_at=uow.now)
        uow.db.add(person)
        await uow.db.flush()
        return person.actor()


async def known(city: cast.City) -> dict[str, Any]:
    """Rows that are there, by the names of the fields that point to them."""
    staged = await city.staged("网友甲", "能报多少？")
    other = await city.published("网友乙", "去哪里办？")
    async with city.units.read(SYSTEM) as uow:
        state = await streams.snapshot(uow, f"interview:{city.interview}:public")
    return {
        "interview": city.interview,
        "question": staged,
        "into": other,
        "item": next(item["item"] for item in state["items"]),
        "body": city.bodies["水务局"],
        "respondents": [city.bodies["医保局"]],
        "host": city.people["李主持"].person_id,
        "year": 2026,
    }


def everything(file: str) -> str:
    """A digest of every row of a SQLite database."""
    with contextlib.closing(sqlite3.connect(file)) as database:
        digest = hashlib.sha256()
        for line in database.iterdump():
            digest.update(line.encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def file_of(city: cast.City) -> str:
    return str(city.units.database.writer.url.database)


async def test_what_does_not_fit_is_refused_by_type_and_changes_nothing(small_city: cast.City) -> None:
    await small_city.open()
    rows = await known(small_city)
    actors = {name: await somebody(small_city, sorted(REGISTRY[name].allow)[0]) for name in REGISTRY}
    before, wrongs = everything(file_of(small_city)), {}
    for name, command in sorted(REGISTRY.items()):
        whole = command.schema.model_json_schema()
        registry.parse(command, fitting(whole, whole, rows))
        tried = 0
        for wrong, sent in malformed(command.schema, rows):
            with within(SOON_SECONDS, f"{name}: {wrong}"):
                came = await _came(small_city, actors[name], name, sent)
            tried += 1
            if came != "input.invalid":
                wrongs[f"{name}: {wrong}"] = came
        assert tried > 15, name
    assert wrongs == {}
    assert everything(file_of(small_city)) == before


async def _came(city: cast.City, actor: Actor, name: str, sent: Any) -> str:
    """The code of the refusal, which can be written down in UTF-8; or that there was none."""
    try:
        await registry.dispatch(city.units, city.around, actor, name, sent)
    except Refusal as refusal:
        json.dumps(refusal.body(), ensure_ascii=False).encode()
        return refusal.code
    return "accepted"


class Undone(Exception):
    """A command that would have come about."""


def never_committing(city: cast.City) -> Units:
    """Units of work that go all the way to the commit and not beyond."""

    async def project(uow: Any) -> Any:
        await streams.project(uow)
        raise Undone

    return Units(city.units.database, project)


def odd(command: Command, rows: dict[str, Any]) -> list[tuple[str, Any]]:
    """Objects that fit, with texts, numbers and instants that nobody would mean."""
    whole = command.schema.model_json_schema()
    good = fitting(whole, whole, rows)
    found = [("as it should be", good)]
    for path, shape in places(whole, whole, good):
        plain, named = resolved(shape, whole), ".".join(map(str, path))
        if plain.get("format") in FORMATS:
            found += [(f"{named} {instant}", replaced(good, path, instant)) for instant in INSTANTS]
        elif plain.get("type") == "string" and "enum" not in plain:
            longest = {"the longest": "长" * plain.get("maxLength", 1_000)}
            texts = (TEXTS | longest).items()
            found += [(f"{named} {word}", replaced(good, path, text)) for word, text in texts]
        elif plain.get("type") == "integer":
            largest = plain.get("maximum", 2**31 - 1)
            found.append((f"{named} {largest}", replaced(good, path, largest)))
    return found


async def _fault(units: Units, city: cast.City, actor: Actor, name: str, sent: Any) -> str | None:
    """What went wrong with a command that was neither done nor refused."""
    try:
        with time_machine.travel(cast.DURING, tick=False):
            await registry.dispatch(units, city.around, actor, name, sent)
    except Undone:
        return None
    except Refusal as refusal:
        json.dumps(refusal.body(), ensure_ascii=False).encode()
        return "internal" if refusal.code == "internal" else None
    except Exception as error:
        return repr(error)[:500]
    return "it was committed"


async def test_what_fits_and_is_odd_is_done_or_refused_but_never_a_fault(city: cast.City) -> None:
    await city.open()
    rows, units = await known(city), never_committing(city)
    faults: dict[str, str | None] = {}
    for name, command in sorted(REGISTRY.items()):
        for role in sorted(command.allow):
            actor = await somebody(city, role)
            for what, sent in odd(command, rows):
                faults[f"{name} by {role}: {what}"] = await _fault(units, city, actor, name, sent)
    assert {what: fault for what, fault in faults.items() if fault} == {}


SENT = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a word": b'"nonsense"',
    "an extra field": b'{"nonsense":1}',
    "half a character": b'{"\\ud800":"\\udfff"}',
    "no JSON": b"{",
    "no text": b"\xff\xfe\xfd",
    "infinite": b'{"interview":1e999,"question":NaN}',
    "a long number": b'{"interview":' + b"9" * 5_000 + b"}",
    "deep": b'{"interview":' * 3_000 + b"1" + b"}" * 3_000,
    "twice": b'{"interview":1,"interview":{}}',
}
TYPED = {"input.invalid", "input.json", "command.unknown"}


async def test_the_same_over_http(town: Town) -> None:
    seen = 0
    for name, command in sorted(REGISTRY.items()):
        headers = await _headers(town, command) | {"Content-Type": "application/json"}
        for what, sent in SENT.items():
            url = town.url(f"/api/commands/{name}")
            async with ClientSession() as http, http.post(url, data=sent, headers=headers) as answer:
                error = (await answer.json())["error"]
            assert error["code"] in TYPED, f"{name} {what}: {error}"
            assert answer.status == 400, f"{name} {what}"
            seen += 1
    assert seen == len(SENT) * len(REGISTRY)


@pytest.mark.parametrize(
    "kind", ["application/json; charset=nonsense", "multipart/form-data", "text/plain", "a/b/c"]
)
async def test_a_body_of_another_kind_is_refused_too(town: Town, kind: str) -> None:
    headers = await town.bearer("李主持") | {"Content-Type": kind}
    async with town.client.post("/api/commands/interview.say", data=b"\xff{", headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["code"] in TYPED


async def _headers(town: Town, command: Command) -> dict[str, str]:
    if Role.CITIZEN in command.allow:
        return {"X-Visitor": await town.visitor()}
    actor = await somebody(town.city, sorted(command.allow)[0])
    async with town.city.act("周科长", cast.DURING) as uow:
        token = await auth.bearer(uow, actor.person_id or 0, 30)
    return {"Authorization": f"Bearer {token}"}


async def test_the_same_over_the_socket(town: Town) -> None:
    for name, command in sorted(REGISTRY.items()):
        headers = await _headers(town, command)
        visitor, bearer = headers.get("X-Visitor"), headers.get("Authorization", "").removeprefix("Bearer ")
        wire = Wire(town.url("/"))
        await wire.join({"visitor": visitor} if visitor else {"token": bearer})
        for number, (what, sent) in enumerate(_sendable()):
            await wire.say(f'42/live,{number}["{name}",{sent}]')
            answer = await wire.acknowledged(number)
            assert answer["ok"] is False, f"{name} {what}"
            assert answer["error"]["code"] in TYPED, f"{name} {what}: {answer}"
        wire.close()


def _sendable() -> list[tuple[str, str]]:
    """What is JSON for the library: the rest ends the connection, as ``test_fuzz`` shows."""
    unread = {"nothing", "no JSON", "no text", "a long number", "deep"}
    shallow = '{"interview":' * 200 + "1" + "}" * 200
    return [(what, sent.decode()) for what, sent in SENT.items() if what not in unread] + [("deep", shallow)]


async def test_watching_with_objects_that_do_not_fit(town: Town) -> None:
    by_name: dict[str, type[schemas.Schema]] = {
        "watch": schemas.Watch,
        "unwatch": schemas.Unwatch,
        "ping": schemas.Nothing,
    }
    rows = {"stream": f"interview:{town.city.interview}:public", "after": 0}
    wire = Wire(town.url("/"))
    await wire.join()
    wrongs, tried = {}, 0
    for name, schema in by_name.items():
        for wrong, sent in malformed(schema, rows):
            if "deep" not in wrong:
                answer = await wire.call(name, sent, number=tried)
                tried += 1
                if answer.get("error", {}).get("code") != "input.invalid":
                    wrongs[f"{name}: {wrong}"] = answer
    assert tried > 30
    assert wrongs == {}


STREAMS = (
    "",
    ":",
    "::",
    "me",
    "person:1",
    "interview:²:public",
    "interview:-1:public",
    "interview:1:\0",
    "\0",
)
NEVER = (None, 0, 2**31, 2**63, 2**64, 10**90)


async def test_streams_that_are_not_there_and_numbers_that_never_were(town: Town) -> None:
    wire = Wire(town.url("/"))
    await wire.join()
    for after in NEVER:
        for stream in STREAMS:
            answer = await wire.call("watch", {"stream": stream, "after": after})
            assert answer["error"]["code"] in ("not_found", "visitor.missing"), (stream, after, answer)
        room = {"stream": f"interview:{town.city.interview}:public", "after": after}
        assert (await wire.call("watch", room))["ok"], after
    wire.close()
