"""Saying what was written down: committed events to whoever watches their stream, in the order of their numbers.

The emit is a hint; the stream is the truth. Two commits may wake up in another order than they were numbered, so
an event that comes too early waits for the one before it, and after half a second the stream itself is read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import structlog

from base.db import Units
from base.people import SYSTEM
from chat import streams

log = structlog.get_logger(__name__)

Emit = Callable[[str, streams.Event], Awaitable[None]]
PATIENCE_SECONDS = 0.5


class Broadcast:
    """One process's voice.

    Args:
        emit: sends one event to everybody who watches its stream on this process.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._queue: asyncio.Queue[streams.Event] = asyncio.Queue()
        self._said: dict[str, int] = {}
        self._early: dict[str, dict[int, streams.Event]] = {}
        self._task: asyncio.Task[None] | None = None

    def announce(self, events: Sequence[Any]) -> None:
        """Queue committed events; called by the unit of work, never waits."""
        for event in events:
            self._queue.put_nowait(event)

    def opened(self, name: str, head: int) -> None:
        """Somebody begins to watch a stream at this head; what comes next has the number after it."""
        self._said.setdefault(name, head)

    def start(self, units: Units) -> None:
        """Begin to speak; ``units`` reads what came too late or from another process."""
        self._task = asyncio.create_task(self._run(units), name="broadcast")

    async def stop(self) -> None:
        """Stop speaking; what was committed stays in the streams."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, units: Units) -> None:
        while True:
            try:
                event = await asyncio.wait_for(self._queue.get(), PATIENCE_SECONDS if self._early else None)
                await self._hear(event)
            except TimeoutError:
                await self._catch_up(units)
            except Exception:
                log.exception("broadcast.failed")

    async def _hear(self, event: streams.Event) -> None:
        name, seq = event["stream"], event["seq"]
        said = self._said.setdefault(name, seq - 1)
        if seq <= said:
            return
        waiting = self._early.setdefault(name, {})
        waiting[seq] = event
        while (following := waiting.pop(self._said[name] + 1, None)) is not None:
            self._said[name] += 1
            await self._emit(name, following)
        if not waiting:
            del self._early[name]

    async def _catch_up(self, units: Units) -> None:
        """Say from the stream itself what nobody announced here."""
        async with units.read(SYSTEM) as uow:
            for name in list(self._early):
                for event in await streams.backlog(uow, name, self._said[name]):
                    await self._hear(event)
                self._early.pop(name, None)

    async def look(self, units: Units, names: Sequence[str]) -> None:
        """Compare the heads of open streams with what was said here, and say what is missing.

        On several processes the announcements of the others may be lost; whoever watches must not notice.
        """
        async with units.read(SYSTEM) as uow:
            heads = await streams.heads(uow, names)
            for name, last in heads.items():
                said = self._said.setdefault(name, last)
                if last > said:
                    self.announce(await streams.backlog(uow, name, said))
