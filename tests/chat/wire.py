"""A websocket by hand: what no library would send, and a reader that does not read."""

import asyncio
import contextlib
import json
import os
import socket
import struct
from typing import Any
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE = 1, 2, 8
PATH = "/socket.io/?EIO=4&transport=websocket"
LITTLE = 4096
"""Bytes of receive buffer; the kernel doubles it."""


class Closed(Exception):
    """The server ended the connection."""


def frame(payload: bytes, opcode: int = TEXT, *, first: int | None = None) -> bytes:
    """One client frame; ``first`` replaces its first byte."""
    head = bytes([0x80 | opcode if first is None else first])
    size = len(payload)
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += bytes([0x80 | 126]) + struct.pack(">H", size)
    else:
        head += bytes([0x80 | 127]) + struct.pack(">Q", size)
    # A mask of zeros is a mask, and leaves the payload as it is.
    return head + b"\0\0\0\0" + payload


class Wire:
    """One connection; nothing is read unless it is asked for."""

    def __init__(self, url: str, *, buffer: int | None = None, source: str | None = None) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "", parts.port or 80)
        self._loop = asyncio.get_running_loop()
        self._got = b""
        self._lost = False
        self._socket = socket.socket()
        self._socket.setblocking(False)
        if buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        if source is not None:
            self._socket.bind((source, 0))

    async def open(self, path: str = PATH, *headers: str) -> int:
        """Ask for the upgrade; the status of the answer."""
        await self._loop.sock_connect(self._socket, self._to)
        usual = (
            f"Host: {self._to[0]}:{self._to[1]}",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        )
        named = {line.split(":")[0]: line for line in (*usual, *headers)}
        asked = [f"GET {path} HTTP/1.1", *named.values()]
        await self.send_bytes(("\r\n".join(asked) + "\r\n\r\n").encode("latin-1", "replace"))
        while b"\r\n\r\n" not in self._got:
            await self._more()
        head, _, self._got = self._got.partition(b"\r\n\r\n")
        return int(head.split()[1])

    async def join(self, auth: dict[str, str] | None = None) -> None:
        """Be in ``/live``."""
        assert await self.open() == 101
        await self.hear()
        await self.say("40/live," + (json.dumps(auth) if auth else ""))
        said = await self.hear()
        assert said.startswith("40/live,"), said

    async def call(self, name: str, sent: Any, number: int = 7) -> dict[str, Any]:
        """Send a command and wait for its acknowledgement; whatever else comes is dropped."""
        await self.say(f"42/live,{number}" + json.dumps([name, sent]))
        return await self.acknowledged(number)

    async def acknowledged(self, number: int) -> dict[str, Any]:
        """The acknowledgement with this number."""
        start = f"43/live,{number}["
        while not (said := await self.hear()).startswith(start):
            pass
        found: dict[str, Any] = json.loads(said[len(start) - 1 :])[0]
        return found

    async def say(self, text: str) -> None:
        """Send one text frame."""
        await self.send_bytes(frame(text.encode()))

    async def send_bytes(self, sent: bytes) -> None:
        """Send bytes as they are.

        Raises:
            Closed: nobody is there any more.
        """
        try:
            await self._loop.sock_sendall(self._socket, sent)
        except OSError:
            self._lost = True
            raise Closed from None

    async def hear(self) -> str:
        """The next text frame; whoever listens answers the server's pings.

        Raises:
            Closed: the connection ended.
        """
        while True:
            opcode, payload = await self._frame()
            if opcode == CLOSE:
                raise Closed
            if payload == b"2":
                await self.say("3")
            elif opcode == TEXT:
                return payload.decode()

    async def _frame(self) -> tuple[int, bytes]:
        head = await self._exactly(2)
        size = head[1] & 0x7F
        if size >= 126:
            size = int.from_bytes(await self._exactly(2 if size == 126 else 8), "big")
        return head[0] & 0x0F, await self._exactly(size)

    async def _exactly(self, count: int) -> bytes:
        while len(self._got) < count:
            await self._more()
        found, self._got = self._got[:count], self._got[count:]
        return found

    async def _more(self) -> None:
        try:
            came = await self._loop.sock_recv(self._socket, 65536)
        except OSError:
            came = b""
        if not came:
            self._lost = True
            raise Closed
        self._got += came

    def is_cut(self) -> bool:
        """Whether the server has cut the connection; tells without reading what lies unread."""
        self._lost = self._lost or self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
        return self._lost

    async def ends(self) -> None:
        """Read until the server ends the connection."""
        with contextlib.suppress(Closed):
            while True:
                await self.hear()

    def close(self) -> None:
        """Be gone without a word."""
        self._socket.close()


def resident_megabytes(process: int) -> float:
    """The memory a process holds."""
    with open(f"/proc/{process}/statm") as told:
        return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def process_with(words: str) -> int:
    """The number of the process whose command line holds these words.

    Raises:
        LookupError: there is none.
    """
    for number in filter(str.isdecimal, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{number}/cmdline", "rb") as told:
            if words.encode() in told.read().replace(b"\0", b" "):
                return int(number)
    raise LookupError(words)
