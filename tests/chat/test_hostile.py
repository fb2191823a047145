"""Readers who do not read, sockets that never say who they are, and one address with a thousand sockets.

The first part runs the guard alone, the last one the whole server as a process of its own: there its memory is weighed,
and the time that an honest reader waits is compared with and without the others.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import socketio
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.house import House, opened
from bench.sockets import Ear
from chat import guard
from chat.guard import GuardedServer
from tests.chat.wire import LITTLE, PATH, Closed, Wire, frame, process_with, resident_megabytes

LETTER = "长" * 2_000
PATIENCE_SECONDS = 60
"""How long a test waits for what is promised sooner, on whatever machine."""


class Echo(socketio.AsyncNamespace):  # type: ignore[misc]
    """A room where every event is answered."""

    async def on_ping(self, _: str, sent: Any) -> Any:
        return sent


@dataclass
class Gate:
    """The guard with an empty room behind it."""

    server: GuardedServer
    url: str

    @property
    def connections(self) -> list[guard.Connection]:
        return list(self.server.eio.sockets.values())

    async def tell(self, text: str) -> None:
        await self.server.emit("event", text, namespace="/live")


def _application(**options: Any) -> tuple[web.Application, GuardedServer]:
    app = web.Application()
    server = GuardedServer(
        async_mode="aiohttp",
        async_handlers=False,
        always_connect=True,
        transports=["websocket"],
        cors_allowed_origins=["http://127.0.0.1"],
        **options,
    )
    server.register_namespace(Echo("/live"))
    server.attach(app, socketio_path="socket.io")
    return app, server


@asynccontextmanager
async def gate(**options: Any) -> AsyncIterator[Gate]:
    app, server = _application(**options)
    async with TestServer(app) as running:
        yield Gate(server, str(running.make_url("")))


async def until(true: Callable[[], bool], within: float) -> None:
    """Wait until something is so.

    Raises:
        TimeoutError: it does not come to be in that many seconds.
    """
    async with asyncio.timeout(within):
        while not true():  # noqa: ASYNC110  # what is waited for is seen from outside, nobody tells
            await asyncio.sleep(0.02)


def tasks() -> set[str]:
    """The names of what runs."""
    return {task.get_name() for task in asyncio.all_tasks()}


async def test_no_more_than_the_cap_waits_for_one_who_does_not_read() -> None:
    async with gate() as room:
        wire = Wire(room.url, buffer=LITTLE)
        await wire.join()
        (connection,) = room.connections
        most_packets = most_bytes = 0
        for _ in range(2_000):
            await room.tell(LETTER)
            most_packets = max(most_packets, connection.queue.qsize())
            most_bytes = max(most_bytes, connection._bytes)
            if not room.connections or connection._cut:
                break
        assert connection._cut
        assert most_packets <= guard.MAX_PACKETS
        assert 0.9 * guard.MAX_BYTES < most_bytes <= guard.MAX_BYTES
        await until(lambda: not room.connections and wire.is_cut(), PATIENCE_SECONDS)


async def test_many_small_packets_count_as_packets() -> None:
    async with gate() as room:
        wire = Wire(room.url, buffer=LITTLE)
        await wire.join()
        (connection,) = room.connections
        await room.tell("长" * 700_000)
        for _ in range(guard.MAX_PACKETS):
            await room.tell("短")
        assert not connection._cut
        await room.tell("短")
        assert connection._cut
        await until(wire.is_cut, PATIENCE_SECONDS)


async def test_a_large_answer_reaches_a_reader_and_a_slow_one_too() -> None:
    snapshot = "长" * 500_000
    async with gate() as room:
        wire = Wire(room.url, buffer=LITTLE)
        await wire.join()
        await room.tell(snapshot)
        await room.tell("之后")
        assert json.loads((await wire.hear()).removeprefix("42/live,"))[1] == snapshot
        assert json.loads((await wire.hear()).removeprefix("42/live,"))[1] == "之后"


@pytest.mark.parametrize("pongs", [False, True])
async def test_the_silent_are_cut_by_the_clock_and_those_who_only_say_pong_by_the_cap(*, pongs: bool) -> None:
    async with gate(ping_interval=1, ping_timeout=3) as room:
        before = tasks()
        wires = [Wire(room.url, buffer=LITTLE) for _ in range(10)]
        for wire in wires:
            await wire.join()
        # More than the kernel takes: the writers stand still in the middle of a packet, and nothing waits behind it.
        await room.tell("长" * 1_000_000)
        began = time.monotonic()
        while pongs and time.monotonic() - began < 6:
            for wire in wires:
                await wire.say("3")
            await asyncio.sleep(0.2)
        if pongs:
            assert len(room.connections) == len(wires), "whoever answers pings may be slow up to the cap"
            for _ in range(2):
                await room.tell("长" * 150_000)
        await until(lambda: all(wire.is_cut() for wire in wires), PATIENCE_SECONDS)
        await until(lambda: not room.connections and tasks() == before, PATIENCE_SECONDS)
        assert not room.server.environ
        for wire in wires:
            wire.close()


async def _without_a_namespace(room: Gate, count: int) -> list[Wire]:
    """Sockets that say nothing, that join and leave, that join somewhere else, and that are refused."""
    wires = [Wire(room.url) for _ in range(count)]
    for number, wire in enumerate(wires):
        assert await wire.open() == 101
        said = (
            (),
            ("40/live,", "41/live,"),
            ("40/admin,",),
            ('42/live,["ping",{}]',),
        )[number % 4]
        for one in said:
            await wire.say(one)
    return wires


@pytest.mark.parametrize("count", [50, pytest.param(2_000, marks=pytest.mark.long)])
async def test_sockets_that_belong_nowhere_are_gone_in_ten_seconds(count: int) -> None:
    assert guard.ALONE_SECONDS + guard.LOOK_EVERY_SECONDS < 10
    async with gate(per_address=count + 1) as room:
        good = Wire(room.url)
        await good.join()
        before = tasks()
        opened_at = time.monotonic()
        wires = await _without_a_namespace(room, count)
        assert len(room.connections) == count + 1
        took = time.monotonic() - opened_at
        await until(lambda: len(room.connections) == 1, PATIENCE_SECONDS)
        for wire in wires:
            await wire.ends()
            wire.close()
        print(  # noqa: T201  # as above
            f"{count} opened in {took:.1f} s, all gone {time.monotonic() - opened_at - took:.1f} s later"
        )
        await until(lambda: tasks() == before, PATIENCE_SECONDS)
        assert list(room.server.environ) == [room.connections[0].sid]
        assert await good.call("ping", {"still": "here"}) == {"still": "here"}


async def test_an_address_opens_so_many_sockets_and_no_more() -> None:
    async with gate(per_address=5) as room:
        wires = [Wire(room.url) for _ in range(5)]
        for wire in wires:
            await wire.join()
        refused = Wire(room.url)
        assert await refused.open() == 429
        error = json.loads(refused._got or await _rest(refused))["error"]
        assert error["code"] == "sockets.too_many"
        assert error["retry_after"] == 30
        elsewhere = Wire(room.url, source="127.0.0.2")
        await elsewhere.join()
        wires.pop().close()
        await until(lambda: room.server.eio.open["127.0.0.1"] == 4, PATIENCE_SECONDS)
        again = Wire(room.url)
        await again.join()
        assert await Wire(room.url).open() == 429


async def _rest(wire: Wire) -> bytes:
    await wire._more()
    return wire._got


async def test_the_address_is_the_one_the_application_says() -> None:
    async with gate(per_address=1, address_of=lambda request: request.headers["X-Test"]) as room:
        wires = [Wire(room.url) for _ in range(3)]
        statuses = [
            await wire.open(PATH, f"X-Test: {address}")
            for wire, address in zip(wires, ("a", "a", "b"), strict=True)
        ]
        assert statuses == [101, 429, 101]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/socket.io/?EIO=4&transport=websocket", ("Sec-WebSocket-Version: 99",)),
        ("/socket.io/?EIO=4&transport=websocket", ("Sec-WebSocket-Key: short",)),
        ("/socket.io/?EIO=4&transport=websocket&sid=made-up", ()),
        ("/socket.io/?EIO=3&transport=websocket", ()),
        ("/socket.io/?EIO=4&transport=polling", ()),
        ("/socket.io/?EIO=4&transport=websocket&j=x", ()),
        ("/socket.io/?transport=websocket&transport=polling&EIO=", ()),
        ("/socket.io/?EIO=4&transport=websocket", ("Origin: http://127.0.0.1.evil.example",)),
        ("/socket.io/?EIO=4&transport=%00%ff", ()),
    ],
)
async def test_an_upgrade_that_fails_leaves_nothing_behind(path: str, headers: tuple[str, ...]) -> None:
    async with gate() as room:
        before = tasks()
        wire = Wire(room.url)
        assert await wire.open(path, *headers) == 400
        wire.close()
        await until(lambda: tasks() == before, PATIENCE_SECONDS)
        assert not room.connections
        assert not room.server.environ
        assert not room.server.eio.open


@pytest.mark.parametrize(
    "sent",
    [
        frame(b"\xff\xfe\xfd"),
        frame(b"x", first=0xF1),
        frame(b"tail", first=0x80),
        frame(b"x" * 200, opcode=9),
        b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\0\0\0\0",
        frame(b"4" + b"x" * (600 * 1024)),
        frame(b"40/live,", opcode=2),
        frame(b""),
        frame(b"2probe"),
        frame(b"5"),
        frame("\u0664".encode()),
        frame(b"b" + b"4" * 100),
    ],
)
async def test_bytes_that_are_no_frame_of_ours_end_the_connection(
    sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with gate() as room:
        before = tasks()
        wire = Wire(room.url)
        await wire.join()
        await wire.send_bytes(sent)
        async with asyncio.timeout(PATIENCE_SECONDS):
            await wire.ends()
        wire.close()
        await until(lambda: not room.connections and tasks() == before, PATIENCE_SECONDS)
        assert not [record for record in caplog.records if record.exc_info]


async def test_one_who_joins_again_and_again_is_cut() -> None:
    async with gate() as room:
        wire = Wire(room.url)
        await wire.join()
        for _ in range(guard.CONNECTS - 1):
            await wire.say("41/live,")
            await wire.say("40/live,")
            await wire.hear()
        await wire.say("40/live,")
        with pytest.raises(Closed):
            await wire.hear()


async def test_the_end_of_the_application_does_not_wait_for_its_readers() -> None:
    # Not the test server, which is in no mood to wait for anybody.
    runner = web.AppRunner(_application()[0], shutdown_timeout=60)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    wires = [Wire(f"http://127.0.0.1:{port}", buffer=LITTLE) for _ in range(5)]
    for wire in wires:
        await wire.join()
    ended = time.monotonic()
    await runner.cleanup()
    for wire in wires:
        await wire.ends()
    assert time.monotonic() - ended < 30


class Room:
    """A live interview on a server of its own, its host, and one honest reader."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.stream = f"interview:{house.interview}:public"
        self.host = Ear(house.url, {"token": house.tokens["李主持"]})
        self.reader = Ear(house.url)
        self.said = 0

    async def begin(self) -> None:
        for ear in (self.host, self.reader):
            await ear.connect()
        await self.host.call("interview.open", interview=self.house.interview)
        await self.reader.watch(self.stream)

    async def says(self, letter: str) -> float:
        """The host speaks; seconds until the reader has heard it."""
        heard = self.reader.feed(self.stream, "interview.said")
        self.said += 1
        began = time.monotonic()
        await self.host.call("interview.say", interview=self.house.interview, text=f"{self.said} {letter}")
        async with asyncio.timeout(PATIENCE_SECONDS):
            event = await heard.get()
        assert event["body"]["text"].startswith(f"{self.said} ")
        return time.monotonic() - began

    async def settle_not_reading(self, count: int) -> list[Wire]:
        """Readers who watch and then read nothing; every other one says pong unasked."""
        wires = [Wire(self.house.url, buffer=LITTLE) for _ in range(count)]
        for wire in wires:
            await wire.join()
            await wire.call("watch", {"stream": self.stream, "after": self.reader.last(self.stream)})
        return wires


async def _keep_answering(wires: list[Wire]) -> None:
    while True:
        for wire in wires:
            if not wire.is_cut():
                await _quietly(wire.say("3"))
        await asyncio.sleep(1)


async def _quietly(act: Awaitable[None]) -> None:
    try:
        await act
    except Closed:
        return


def late(waits: list[float], share: float = 0.99) -> float:
    """The wait that one in a hundred exceeds, or another share."""
    return sorted(waits)[int(len(waits) * share) - 1]


@pytest.mark.parametrize("each", [10, pytest.param(50, marks=pytest.mark.long)])
async def test_readers_who_do_not_read_are_cut_and_nobody_else_notices(each: int, tmp_path: Path) -> None:
    async with opened(tmp_path) as house:
        room = Room(house)
        await room.begin()
        server = process_with(f"fangtan serve --port {house.url.rpartition(':')[2]}")
        alone = [await room.says(LETTER) for _ in range(100)]
        resident = resident_megabytes(server)
        wires = await room.settle_not_reading(2 * each)
        answering = asyncio.create_task(_keep_answering(wires[::2]))
        beside: list[float] = []
        most = resident
        while not all(wire.is_cut() for wire in wires) and len(beside) < 500:
            beside.append(await room.says(LETTER))
            most = max(most, resident_megabytes(server))
        reached = time.monotonic()
        await until(lambda: all(wire.is_cut() for wire in wires), PATIENCE_SECONDS)
        answering.cancel()
        print(  # noqa: T201  # the figures of a run, with pytest -s
            f"{2 * each} cut after {len(beside)} events, {time.monotonic() - reached:.1f} s; "
            f"p99 {late(alone) * 1000:.0f} -> {late(beside) * 1000:.0f} ms; "
            f"resident {resident:.0f} -> {most:.0f} MB"
        )
        assert len(beside) >= 50, "they were cut before the cap"
        assert most - resident < 50
        # Held up by those who do not read, everybody would wait for seconds. The measure itself is for a quiet machine.
        assert late(beside, 0.9) < 4 * late(alone, 0.9) + 1
        if each == 50:
            assert late(beside) < 2 * late(alone) + 0.05
        (stretch,) = room.reader.stretches[room.stream]
        numbers = [event["seq"] for event in stretch.events()]
        assert numbers == list(range(stretch.head + 1, stretch.head + room.said + 1))
        await room.reader.cut()
        await room.host.cut()
        assert "Traceback" not in (tmp_path / "server.log").read_text()
