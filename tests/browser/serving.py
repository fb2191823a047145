"""``fangtan serve`` as a process of its own, and a line to it that can be cut for one browser alone."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp

FANGTAN = Path(sys.executable).parent / "fangtan"
PATIENCE = 300
"""Seconds for a start, which takes 5 on an idle machine."""


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _environment(base_url: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FANGTAN_")}
    return kept | {"FANGTAN_SECRET_KEY": "0123456789abcdef" * 4, "FANGTAN_BASE_URL": base_url}


@asynccontextmanager
async def serving(data: Path, *, port: int, base_url: str) -> AsyncIterator[None]:
    """Run ``fangtan serve`` on a data directory until the block ends."""
    process = await asyncio.create_subprocess_exec(
        FANGTAN,
        "serve",
        "--port",
        str(port),
        "--data",
        str(data),
        env=_environment(base_url),
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await _answers(f"http://127.0.0.1:{port}/readyz", process)
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        _, said = await process.communicate()
        # A failing test shows what the server said of it.
        sys.stderr.write(said.decode(errors="replace"))
        await last_words()


async def last_words() -> None:
    """Let the loop hear that a process has ended; one that closes before leaves a transport that fails at the exit."""
    await asyncio.sleep(0.1)


@contextmanager
def served(data: Path, port: int, base_url: str) -> Iterator[None]:
    """The same for a fixture that outlives a test and its event loop."""
    said = data / "served.txt"
    with said.open("wb") as out:
        command = [str(FANGTAN), "serve", "--port", str(port), "--data", str(data)]
        process = subprocess.Popen(command, env=_environment(base_url), stderr=out)
    try:
        until = time.monotonic() + PATIENCE
        while not _ready(f"http://127.0.0.1:{port}/readyz"):
            assert process.poll() is None, said.read_text()
            assert time.monotonic() < until, f"not ready in {PATIENCE} s"
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(120)


def _ready(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=5) as answer:
        return bool(answer.status == 200)
    return False


async def _answers(url: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE), aiohttp.ClientSession() as session:
        while True:
            if process.returncode is not None:
                raise AssertionError((await process.communicate())[1].decode())
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(url) as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.1)


class Line:
    """A relay between browsers and the server; ``cut`` severs those whose first words hold a mark."""

    def __init__(self, port: int, to: int, mark: bytes) -> None:
        self.port, self.to, self.mark = port, to, mark
        self._cut = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> "Line":
        self._server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()

    @asynccontextmanager
    async def cut(self) -> AsyncIterator[None]:
        """No connection of the marked browser lives or begins while the block runs."""
        self._cut = True
        for writer in list(self._writers):
            writer.transport.abort()
        yield
        self._cut = False

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.read(65536)
        marked = self.mark in first
        if not first or (marked and self._cut):
            writer.transport.abort()
            return
        if marked:
            self._writers.add(writer)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.to)
            far_writer.write(first)
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        except OSError:
            writer.transport.abort()
        finally:
            self._writers.discard(writer)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    finally:
        target.close()
