"""The guard between the wire and the socket library.

What the stock server does with hostile clients was measured on python-socketio 5.18.1 and python-engineio 4.15.1: a
client's event named ``connect`` runs the connect handler again with forged arguments; binary packets may announce any
number of attachments and are held in memory; malformed frames leave tracebacks and hung tasks; the queue of a client
that never reads grows without bound; a socket that never joins a namespace lives for ever. Here

- only EVENT packets with a plain name and one object pass, and CONNECT and DISCONNECT of the namespace;
- what waits for one reader is bounded, in packets and in bytes;
- whoever is not in ``/live``, or does not answer a ping, is cut in time;
- one address opens so many sockets and no more.

Anything else ends the connection at its transport, without a word in the log's error lines; an honest client comes back
through the backlog. It overrides private methods of both libraries: the versions are pinned, and ``tests/chat`` with
``test_fuzz.py`` and ``test_hostile.py`` is the gate of an upgrade.
"""

import asyncio
import json
import socket
import struct
from collections import Counter
from collections.abc import Callable
from typing import Any

import engineio
import socketio
import structlog
from aiohttp import WSCloseCode, WSMsgType, web
from engineio import packet as frames
from engineio.async_socket import AsyncSocket
from socketio import packet

from base.errors import Refusal
from chat.namespace import NAMESPACE

log = structlog.get_logger(__name__)

RESERVED = frozenset({"connect", "connect_error", "disconnect", "disconnecting", "error", "message"})
MAX_FRAME = 512 * 1024
MAX_PACKETS = 200
MAX_BYTES = 1024 * 1024
PER_ADDRESS = 2_000
"""Sockets of one address at the same time: whole districts share one behind a carrier's gateway."""
CONNECTS = 10
"""How often one connection may join the namespace; each time asks the database who it is."""
ALONE_SECONDS = 8
LOOK_EVERY_SECONDS = 1
FAREWELL_SECONDS = 3
BUSY_SECONDS = 30

_AT_ONCE = struct.pack("ii", 1, 0)

AddressOf = Callable[[web.Request], str]


def peer(request: web.Request) -> str:
    """The address at the other end of the connection itself; headers are not believed."""
    return request.remote or ""


class Connection(AsyncSocket):  # type: ignore[misc]  # the library carries no types
    """One websocket: what waits for its reader is counted, and it can be cut at its transport.

    Args:
        server: the engine it belongs to.
        sid: its name there.
        request: the request that asks for the upgrade.
    """

    def __init__(self, server: "Engine", sid: str, request: web.Request) -> None:
        super().__init__(server, sid)
        self._request = request
        self._loop = asyncio.get_running_loop()
        self._bytes = 0
        self._cut = False
        self.closing: bool = False
        self.closed: bool = False
        self._pinged_at: float | None = None
        self._alone_since: float | None = self._loop.time()
        self._timers: list[asyncio.TimerHandle] = []
        self.connects = 0

    async def serve(self) -> web.WebSocketResponse:
        """Carry the connection until it ends.

        Compression stays off: a compressor holds a quarter of a megabyte for each reader, and packs the same event again
        for every one of them.
        """
        wire = web.WebSocketResponse(max_msg_size=MAX_FRAME, compress=False, timeout=FAREWELL_SECONDS)
        await wire.prepare(self._request)
        self.connected = self.upgraded = True
        self.schedule_ping()
        writer = asyncio.create_task(self._write(wire), name=f"socket {self.sid}")
        try:
            await self._read(wire)
        finally:
            await self.close(abort=True, reason=self.server.reason.TRANSPORT_CLOSE)
            await asyncio.wait({writer}, timeout=FAREWELL_SECONDS)
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            self._stop_timers()
        return wire

    async def _read(self, wire: web.WebSocketResponse) -> None:
        while not self.closed and not self._cut:
            message = await wire.receive()
            if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            data = message.data
            if data == str(frames.PONG):
                self._answered()
            elif data == str(frames.CLOSE):
                return
            elif isinstance(data, str) and data[:1] == str(frames.MESSAGE):
                await self.server._trigger_event("message", self.sid, data[1:], run_async=False)
            else:
                self.cut("malformed")

    async def _write(self, wire: web.WebSocketResponse) -> None:
        while (waiting := await self.queue.get()) is not None:
            encoded = waiting.encode()
            self._bytes -= len(encoded)
            await wire.send_str(encoded)
        await wire.close(code=WSCloseCode.GOING_AWAY)

    async def send(self, pkt: Any) -> None:
        """Let a packet wait for the reader; who has too much waiting already is cut instead.

        A packet that has no other before it passes whatever its size: a late comer's snapshot may be larger than the cap.
        """
        if not self._cut and not self.closed:
            self._put(pkt)

    def _put(self, pkt: Any) -> None:
        size = len(pkt.encode())
        waiting = self.queue.qsize()
        if waiting >= MAX_PACKETS or (waiting and self._bytes + size > MAX_BYTES):
            self.cut("slow")
            return
        self._bytes += size
        self.queue.put_nowait(pkt)

    def schedule_ping(self) -> None:
        """Ask for a sign of life after the ping interval.

        A timer and not the library's sleeping task, which outlives its connection by up to that interval.
        """
        self._stop_timers()
        self._timers = [self._loop.call_later(self.server.ping_interval, self._ask)]

    def _ask(self) -> None:
        self._pinged_at = self._loop.time()
        self._put(frames.Packet(frames.PING))

    def _answered(self) -> None:
        if self._pinged_at is not None:
            self._pinged_at = None
            self.schedule_ping()

    def look(self, now: float, *, joined: bool) -> None:
        """Cut whoever owes a pong, or has belonged to no namespace for too long.

        Args:
            now: the loop's time.
            joined: whether it is in ``/live``.
        """
        if joined:
            self._alone_since = None
        elif self._alone_since is None:
            self._alone_since = now
        if self._alone_since is not None and now - self._alone_since >= ALONE_SECONDS:
            self.cut("alone")
        elif self._pinged_at is not None and now - self._pinged_at > self.server.ping_timeout:
            self.cut("silent")

    def cut(self, cause: str) -> None:
        """End the connection at its transport: the library's own close waits for the client to agree."""
        if not self._cut:
            self._cut = True
            log.info("guard.cut", cause=cause)
            self._abort()

    def _abort(self) -> None:
        transport = self._request.transport
        if transport is None:
            return
        wire = transport.get_extra_info("socket")
        if wire is not None:
            # Without it the kernel keeps what was not read, megabytes for each, until it gives up on the reader.
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        transport.abort()

    async def close(self, wait: bool = True, abort: bool = False, reason: str | None = None) -> None:
        """End the connection: with a word to the client unless ``abort``, and never waiting for it.

        The library's own waits until the client has read everything; a client that reads nothing held it for ever.
        """
        if self.closed or self.closing:
            return
        self.closing = True
        self._stop_timers()
        said = reason or self.server.reason.SERVER_DISCONNECT
        await self.server._trigger_event("disconnect", self.sid, said, run_async=False)
        if not abort:
            await self.send(frames.Packet(frames.CLOSE))
        self.closed = True
        self.queue.put_nowait(None)
        self._timers = [self._loop.call_later(FAREWELL_SECONDS, self._abort)]

    def _stop_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()


class Engine(engineio.AsyncServer):  # type: ignore[misc]  # the library carries no types
    """The Engine.IO server with connections of our own, counted by address."""

    def __init__(self, *, address_of: AddressOf, per_address: int, **options: Any) -> None:
        super().__init__(**options)
        self._address_of = address_of
        self._per_address = per_address
        self.open: Counter[str] = Counter()

    async def _handle_connect(
        self, environ: dict[str, Any], transport: str, jsonp_index: int | None = None
    ) -> Any:
        address = self._address_of(environ["aiohttp.request"])
        if self.open[address] >= self._per_address:
            log.info("guard.refused", cause="address")
            return _too_many()
        self.open[address] += 1
        try:
            return await self._carry(environ)
        finally:
            self.open[address] -= 1
            if not self.open[address]:
                del self.open[address]

    async def _carry(self, environ: dict[str, Any]) -> Any:
        connection = Connection(self, self.generate_id(), environ["aiohttp.request"])
        self.sockets[connection.sid] = connection
        try:
            await connection.send(frames.Packet(frames.OPEN, self._terms(connection.sid)))
            await self._trigger_event("connect", connection.sid, environ, run_async=False)
            return await connection.serve()
        finally:
            # Also where the upgrade itself failed: the stock server keeps such a socket for ever.
            await connection.close(abort=True)
            connection._stop_timers()
            self.sockets.pop(connection.sid, None)

    def _terms(self, sid: str) -> dict[str, Any]:
        return {
            "sid": sid,
            "upgrades": [],
            "pingTimeout": int(self.ping_timeout * 1000),
            "pingInterval": int(self.ping_interval * 1000),
            "maxPayload": self.max_http_buffer_size,
        }


def _too_many() -> dict[str, Any]:
    refusal = Refusal(
        "sockets.too_many",
        "从您所在的网络打开的实时连接太多了。请过半分钟刷新页面，这期间页面会定时取回新内容。",
        status=429,
        retry_after=BUSY_SECONDS,
    )
    return {
        "status": "429 TOO MANY REQUESTS",
        "headers": [
            ("Content-Type", "application/json; charset=utf-8"),
            ("Retry-After", str(BUSY_SECONDS)),
        ],
        "response": json.dumps({"error": refusal.body()}, ensure_ascii=False).encode(),
    }


class GuardedServer(socketio.AsyncServer):  # type: ignore[misc]  # the library carries no types
    """A Socket.IO server that lets through only what the protocol of this product knows.

    Args:
        address_of: the client's address, from the request that asks for the upgrade.
        per_address: how many sockets one address may have open; more are refused with 429 before the upgrade.
        options: as the library takes them.
    """

    eio: Engine

    def __init__(
        self, *, address_of: AddressOf = peer, per_address: int = PER_ADDRESS, **options: Any
    ) -> None:
        super().__init__(address_of=address_of, per_address=per_address, **options)
        self._patrol: asyncio.Task[None] | None = None

    def _engineio_server_class(self) -> type[Engine]:
        return Engine

    def attach(self, app: web.Application, socketio_path: str = "socket.io") -> None:
        """Serve the sockets of an application, look after them while it runs, and end them with it."""
        super().attach(app, socketio_path)
        app.on_startup.append(self._begin)
        app.on_shutdown.append(self._end)

    async def _begin(self, _: web.Application) -> None:
        self._patrol = asyncio.create_task(self._look(), name="guard")

    async def _end(self, _: web.Application) -> None:
        if self._patrol is not None:
            self._patrol.cancel()
            await asyncio.gather(self._patrol, return_exceptions=True)
        # An open socket would hold the application's end until its own time-out of a minute.
        for connection in list(self.eio.sockets.values()):
            await connection.close(abort=True)

    async def _look(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            for sid, connection in list(self.eio.sockets.items()):
                joined = self.manager.sid_from_eio_sid(sid, NAMESPACE) is not None
                connection.look(loop.time(), joined=joined)

    async def _handle_eio_message(self, eio_sid: str, data: Any) -> None:
        connection = self.eio.sockets.get(eio_sid)
        if connection is None:
            return
        found = self._read(data)
        if found is None:
            connection.cut("malformed")
        elif found.packet_type == packet.CONNECT:
            connection.connects += 1
            if connection.connects > CONNECTS:
                connection.cut("restless")
                return
            await self._handle_connect(eio_sid, found.namespace, found.data)
        elif found.packet_type == packet.DISCONNECT:
            await self._handle_disconnect(eio_sid, found.namespace, self.reason.CLIENT_DISCONNECT)
        else:
            await self._handle_event(eio_sid, found.namespace, found.id, found.data)

    def _read(self, data: Any) -> Any:
        """The packet, or ``None`` for what no client of ours sends."""
        if not isinstance(data, str) or data[:1] not in ("0", "1", "2"):
            return None
        try:
            found = self.packet_class(encoded_packet=data)
        except (ValueError, TypeError, IndexError, KeyError, RecursionError, AttributeError):
            return None
        if found.packet_type == packet.EVENT and not _is_command(found.namespace, found.data):
            return None
        return found


def _is_command(namespace: object, data: object) -> bool:
    """``[name]`` or ``[name, object]`` with a name that is not the library's own."""
    if namespace != NAMESPACE or not isinstance(data, list) or not 1 <= len(data) <= 2:
        return False
    name = data[0]
    return isinstance(name, str) and len(name) <= 64 and name not in RESERVED
