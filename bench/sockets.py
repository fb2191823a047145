"""One connected person of a replay: sends commands, and keeps what it hears in the order in which it came.

Nothing is put right here: no sorting, no dropping, no filling of gaps. Whether a stream was dense and in order is
judged afterwards, by ``bench.tally``, from what is kept here.
"""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any

import socketio

NAMESPACE = "/live"
PATIENCE_SECONDS = 60

Event = dict[str, Any]

# The client library writes an error line whenever its own connection ends; what matters is raised or kept.
_QUIET = logging.Logger("bench.sockets", logging.CRITICAL)


def _client() -> socketio.AsyncClient:
    return socketio.AsyncClient(reconnection=False, logger=_QUIET, engineio_logger=_QUIET)


class Refused(Exception):
    """The server said no; ``code`` is its word for why."""

    def __init__(self, name: str, error: dict[str, Any]) -> None:
        super().__init__(f"{name}: {error['code']} {error['message']}")
        self.code = str(error["code"])


@dataclass
class Stretch:
    """What one ``watch`` brought, until the connection ended.

    Attributes:
        after: the last number the reader had when it asked; ``None`` for a newcomer.
        head: the stream's head in the answer.
        snapshot: the state at ``head``, where the answer was one.
        backlog: the events of the answer.
        raw: every event heard on the socket, as it came.
    """

    after: int | None
    head: int = 0
    snapshot: dict[str, Any] | None = None
    backlog: list[Event] = field(default_factory=list)
    raw: list[Event] = field(default_factory=list)

    @property
    def start(self) -> int:
        """The number before the first event of this stretch."""
        return self.head if self.snapshot is not None else self.after or 0

    def events(self) -> list[Event]:
        """The backlog, then what was said after it; what came twice while the answer was on its way once."""
        return self.backlog + [event for event in self.raw if event["seq"] > self.head]

    def last(self) -> int:
        """The last number heard."""
        return max(self.head, self.raw[-1]["seq"] if self.raw else 0)


class Ear:
    """A client of the product's socket.

    Args:
        url: the server's address.
        auth: ``{"visitor": …}`` or ``{"token": …}``; ``None`` to read only.
    """

    def __init__(self, url: str, auth: dict[str, str] | None = None) -> None:
        self._url, self._auth = url, auth
        self._client = _client()
        self._more = asyncio.Event()
        self._feeds: dict[tuple[str, str], asyncio.Queue[Event]] = {}
        self.stretches: dict[str, list[Stretch]] = {}
        self.strays: list[str] = []

    async def connect(self) -> None:
        """Open the connection, as a new client where there was one before."""
        self._client = _client()
        self._client.on("event", self._hear, namespace=NAMESPACE)
        await self._client.connect(
            self._url, namespaces=[NAMESPACE], transports=["websocket"], auth=self._auth
        )

    async def cut(self) -> None:
        """End the connection."""
        await self._client.disconnect()

    def feed(self, stream: str, kind: str) -> asyncio.Queue[Event]:
        """A queue of the events of one kind that will be heard on a stream from now on."""
        return self._feeds.setdefault((stream, kind), asyncio.Queue())

    def _hear(self, event: Event) -> None:
        stretches = self.stretches.get(event["stream"])
        if stretches is None:
            self.strays.append(f"{event['stream']} {event['seq']}")
            return
        stretches[-1].raw.append(event)
        feed = self._feeds.get((event["stream"], event["kind"]))
        if feed is not None:
            feed.put_nowait(event)
        self._more.set()

    async def call(self, name: str, **sent: Any) -> dict[str, Any]:
        """Send a command and wait for its acknowledgement.

        Raises:
            Refused: the acknowledgement says no.
        """
        answer = await self._client.call(name, sent, namespace=NAMESPACE, timeout=PATIENCE_SECONDS)
        if not answer["ok"]:
            raise Refused(name, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    async def watch(self, stream: str, after: int | None = None) -> Stretch:
        """Begin to listen to a stream, from a number on or, without one, from its present state."""
        stretch = Stretch(after)
        self.stretches.setdefault(stream, []).append(stretch)
        wanted = {"stream": stream} if after is None else {"stream": stream, "after": after}
        found = await self.call("watch", **wanted)
        stretch.head = found["head"]
        stretch.snapshot, stretch.backlog = found.get("snapshot"), found.get("events", [])
        return stretch

    def last(self, stream: str) -> int:
        """The last number heard on a stream."""
        return self.stretches[stream][-1].last()

    async def reaches(self, stream: str, number: int) -> None:
        """Wait until an event with this number, or a later one, was heard on a stream.

        Raises:
            TimeoutError: none comes.
        """
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.last(stream) < number:
                self._more.clear()
                await self._more.wait()
