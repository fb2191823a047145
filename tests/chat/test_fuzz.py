"""Ten thousand frames that no client of ours sends: no crash, no traceback, no hang, and nothing left over.

After each frame its sender asks for the time: either it is told, or it was cut. All the while somebody honest asks too.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from base.people import Role
from chat.registry import REGISTRY
from tests.chat.wire import BINARY, PATH, Closed, Wire, frame
from tests.web.conftest import Town, town

__all__ = ["town"]

SENDERS = 16
PATIENCE_SECONDS = 60
"""A sender that left the namespace is cut within ten seconds; more is a hang."""
HONEST_SECONDS = 30
SEED = int(os.environ.get("FANGTAN_TEST_SEED", "20261121"))
WORDS = (
    "interview",
    "question",
    "text",
    "stream",
    "after",
    "token",
    "visitor",
    "_placeholder",
    "num",
    "__proto__",
)
ODD = (
    "\0",
    "\u202e",
    "👨‍👩‍👧",
    "𠮷",
    "﷽",
    "\ufeff",
    "'",
    '"',
    "\\",
    "{{7*7}}",
    "%s",
    "²",
    "٣",
    "-",
    "/",
    ",",
    "?",
    "[",
    "]",
)
NUMBERS = ("0", "-1", "1e400", "NaN", "-Infinity", "9" * 400, "9" * 5000, "1.5", "2147483648", "1e-400")


class Frames:
    """Hostile frames, always the same ones for a seed.

    Args:
        seed: of the choice.
        interview: an interview that exists, so that mutated commands come near to working ones.
    """

    def __init__(self, seed: int, interview: int) -> None:
        self._dice = random.Random(seed)
        public = f"interview:{interview}:public"
        asked = {"interview": interview, "text": "能报多少？", "kind": "inquiry", "client_id": "fuzz-000001"}
        self._valid = [
            "40/live,",
            '40/live,{"visitor":"made-up"}',
            "41/live,",
            "3",
            f'42/live,1["watch",{{"stream":"{public}"}}]',
            f'42/live,2["watch",{{"stream":"{public}","after":1}}]',
            f'42/live,3["unwatch",{{"stream":"{public}"}}]',
            '42/live,4["ping",{}]',
            "42/live,5" + json.dumps(["question.submit", asked]),
            *(f'42/live,6["{name}",{{"question":1,"interview":{interview}}}]' for name in sorted(REGISTRY)),
        ]
        self._kinds: dict[str, Callable[[], bytes]] = {
            "bytes": self._random_bytes,
            "wire": self._broken_wire,
            "text": lambda: self._text(self._letters()),
            "mutated": self._mutated,
            "types": lambda: self._event(self._name(), self._json(3)),
            "arguments": lambda: self._text("42/live,9" + self._json(2)),
            "huge": self._huge,
            "deep": self._deep,
            "reserved": self._reserved,
            "binary": self._binary,
            "elsewhere": self._elsewhere,
            "acknowledgements": lambda: self._text(f"43/live,{self._dice.choice(NUMBERS)}{self._json(2)}"),
            "engine": lambda: self._text(self._dice.choice("0123456789b") + self._letters()),
            "numbers": lambda: self._text(f"42/live,{self._dice.choice(NUMBERS)}" + '["ping",{}]'),
            "joins": lambda: self._text("40/live," + self._json(3)),
        }

    def next(self) -> tuple[str, bytes]:
        """A kind and the bytes of one of it."""
        kind = self._dice.choice(list(self._kinds))
        return kind, self._kinds[kind]()

    def _text(self, text: str) -> bytes:
        return frame(text.encode("utf-8", "surrogatepass"))

    def _event(self, name: str, sent: str) -> bytes:
        return self._text(f"42/live,9[{json.dumps(name)},{sent}]")

    def _name(self) -> str:
        return self._dice.choice([*REGISTRY, "watch", "unwatch", "ping", "no.such", self._letters()[:60]])

    def _letters(self) -> str:
        count = self._dice.randrange(60)
        return "".join(
            self._dice.choice(ODD) if self._dice.random() < 0.3 else chr(self._dice.randrange(32, 0x2FFF))
            for _ in range(count)
        )

    def _json(self, depth: int) -> str:
        leaf = self._dice.random()
        if depth == 0 or leaf < 0.4:
            odd = json.dumps(self._letters())
            return self._dice.choice(["null", "true", '"\\ud800"', '""', odd, *NUMBERS])
        inside = [self._json(depth - 1) for _ in range(self._dice.randrange(4))]
        if leaf < 0.7:
            return "[" + ",".join(inside) + "]"
        return "{" + ",".join(f'"{self._dice.choice(WORDS)}":{one}' for one in inside) + "}"

    def _random_bytes(self) -> bytes:
        opcode = self._dice.choice([1, 2])
        return frame(self._dice.randbytes(self._dice.randrange(200)), opcode)

    def _broken_wire(self) -> bytes:
        whole = frame(self._dice.choice(self._valid).encode(), first=self._dice.randrange(256))
        return self._dice.choice(
            [whole, whole[: self._dice.randrange(1, len(whole))], self._dice.randbytes(40)]
        )

    def _mutated(self) -> bytes:
        said = list(self._dice.choice(self._valid))
        for _ in range(self._dice.randrange(1, 6)):
            where = self._dice.randrange(len(said) + 1)
            act = self._dice.randrange(4)
            if act == 0:
                said.insert(where, self._dice.choice([*ODD, *NUMBERS]))
            elif act == 1:
                del said[where : where + self._dice.randrange(1, 8)]
            elif act == 2:
                said[where : where + 1] = [chr(self._dice.randrange(1, 0xD7FF))]
            else:
                said[where:where] = said[where : where + 20]
        return self._text("".join(said))

    def _huge(self) -> bytes:
        size = self._dice.choice([60_000, 400_000, 530_000, 700_000])
        many = "{" + ",".join(f'"k{number}":0' for number in range(size // 12)) + "}"
        sent = self._dice.choice([json.dumps("长" * (size // 6)), many, "[" + "0," * (size // 2) + "0]"])
        return self._event(self._name(), sent)

    def _deep(self) -> bytes:
        levels = self._dice.choice([100, 900, 1_000, 5_000, 100_000])
        start, end = self._dice.choice([("[", "]"), ('{"text":', "}")])
        inside = start * levels + "0" + end * levels
        return self._dice.choice(
            [self._event(self._name(), inside), self._text("40/live," + inside), self._text("4" + inside)]
        )

    def _reserved(self) -> bytes:
        names = [
            "connect",
            "disconnect",
            "connect_error",
            "disconnecting",
            "error",
            "message",
            "*",
            "",
            "__class__",
        ]
        sent = '{"REQUEST_METHOD":"GET"},{"role":"admin"}'
        return self._text(f"42/live,[{json.dumps(self._dice.choice(names))},{sent}]")

    def _binary(self) -> bytes:
        if self._dice.random() < 0.3:
            return frame(self._dice.randbytes(100), BINARY)
        count = self._dice.choice(["1", "0", "9999999999", "99999999999", "²", ""])
        sent = '{"_placeholder":true,"num":' + self._dice.choice(NUMBERS) + "}"
        return self._text(f'4{self._dice.choice("56")}{count}-/live,8["question.submit",{sent}]')

    def _elsewhere(self) -> bytes:
        space = self._dice.choice(
            ["/", "", "/admin", "/live/", "/live?token=x", "/" + "n" * 5_000, "/../live"]
        )
        return self._text(f"4{self._dice.randrange(8)}{space},{self._json(2)}")


@dataclass
class Outcome:
    """What came of all the frames."""

    kinds: Counter[str] = field(default_factory=Counter)
    cut: Counter[str] = field(default_factory=Counter)
    hangs: list[str] = field(default_factory=list)
    internal: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    slowest: float = 0.0
    honest: int = 0


class Sender:
    """One hostile client, which comes back whenever it was cut."""

    def __init__(self, url: str, auth: dict[str, str] | None, outcome: Outcome) -> None:
        self._url, self._auth, self._outcome = url, auth, outcome
        self._wire: Wire | None = None
        self._number = 1_000

    async def send(self, kind: str, sent: bytes) -> None:
        """Send a frame, then see whether the connection answers or is gone."""
        self._outcome.kinds[kind] += 1
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._send(kind, sent)
        except Closed:
            self._outcome.cut[kind] += 1
            self.leave()
        except TimeoutError:
            self._outcome.hangs.append(f"{kind} {sent[:200]!r}")
            self.leave()

    async def _send(self, kind: str, sent: bytes) -> None:
        if self._wire is None:
            self._wire = Wire(self._url)
            try:
                await self._wire.join(self._auth)
            except Closed:
                self._outcome.crashes.append("nobody answers at the door")
                raise
        await self._wire.send_bytes(sent)
        if kind == "wire":
            # Half a frame waits for its other half by right; its sender goes away instead.
            await asyncio.sleep(0)
            self.leave()
            return
        self._number += 1
        await self._wire.say(f'42/live,{self._number}["ping",{{}}]')
        while not (said := await self._wire.hear()).startswith(f"43/live,{self._number}["):
            if '"internal"' in said:
                self._outcome.internal.append(f"{kind} {sent[:200]!r}")

    def leave(self) -> None:
        """Be gone."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None


async def _honest(url: str, outcome: Outcome) -> None:
    wire = Wire(url)
    await wire.join()
    try:
        while True:
            began = time.perf_counter()
            async with asyncio.timeout(HONEST_SECONDS):
                assert (await wire.call("ping", {}))["ok"]
            outcome.slowest = max(outcome.slowest, time.perf_counter() - began)
            outcome.honest += 1
            await asyncio.sleep(0.05)
    finally:
        wire.close()


async def _identities(town: Town) -> list[dict[str, str] | None]:
    found: list[dict[str, str] | None] = [None, {"visitor": await town.visitor()}]
    for who, actor in town.city.people.items():
        if actor.role in (Role.MODERATOR, Role.HOST, Role.GUEST, Role.OFFICE):
            found.append({"token": (await town.bearer(who))["Authorization"].removeprefix("Bearer ")})
    return found


async def fuzz(town: Town, count: int) -> Outcome:
    """Send so many frames through several connections at once."""
    frames, outcome, url = Frames(SEED, town.city.interview), Outcome(), town.url("/")
    auths = await _identities(town)
    left = iter([frames.next() for _ in range(count)])
    senders = [Sender(url, auths[number % len(auths)], outcome) for number in range(SENDERS)]

    async def go(sender: Sender) -> None:
        for kind, sent in left:
            await sender.send(kind, sent)
        sender.leave()

    honest = asyncio.create_task(_honest(url, outcome))
    await asyncio.gather(*(go(sender) for sender in senders))
    if not honest.done():
        honest.cancel()
    await asyncio.gather(honest, return_exceptions=True)
    if not honest.cancelled():
        outcome.hangs.append(f"the honest client: {honest.exception()!r}")
    return outcome


async def _at_rest(count: int) -> int:
    """How many tasks run, once there are no more than so many or half a minute has passed."""
    for _ in range(300):
        if len(asyncio.all_tasks()) <= count:
            break
        await asyncio.sleep(0.1)
    return len(asyncio.all_tasks())


@pytest.mark.timeout(2700)
@pytest.mark.parametrize("count", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
async def test_frames_no_client_sends_do_no_harm(
    town: Town, count: int, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    before = len(asyncio.all_tasks())
    began = time.monotonic()
    outcome = await fuzz(town, count)
    took = time.monotonic() - began
    after = await _at_rest(before)
    said = capfd.readouterr()
    with capfd.disabled():
        print(  # noqa: T201  # the figures of a run, with pytest -s
            f"\n{count} frames in {took:.0f} s, {outcome.cut.total()} cut, {len(outcome.hangs)} hangs, "
            f"tasks {before} -> {after}, slowest honest answer {outcome.slowest * 1000:.0f} ms of {outcome.honest}"
        )
    assert outcome.kinds.total() == count
    assert len(outcome.kinds) == 15
    assert outcome.crashes == []
    assert outcome.hangs == []
    assert outcome.internal == []
    assert "Traceback" not in said.out + said.err
    assert [record.getMessage() for record in caplog.records if record.exc_info] == []
    assert after <= before
    assert outcome.honest > 0


async def test_what_the_fuzz_looks_for_can_be_seen(
    town: Town, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = Outcome()
    sender = Sender(town.url("/"), None, outcome)

    async def fails(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("chat.streams.open_door", fails)
    await sender.send("text", frame(b'42/live,1["watch",{"stream":"interview:1:public"}]'))
    assert len(outcome.internal) == 1
    assert "Traceback" in "".join(capfd.readouterr())
    monkeypatch.setattr("tests.chat.test_fuzz.PATIENCE_SECONDS", 0.2)
    await sender.send("text", frame(b"41/live,"))
    assert len(outcome.hangs) == 1
    await Wire(town.url("/")).open(PATH)
