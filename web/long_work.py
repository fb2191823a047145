"""Work that takes longer than a person waits for: one at a time under a heading, seen on its way, cancelled.

It is done in the background of the process that was asked. A page shows how far it is and reads on by itself
(``web.progress``; without a script it is drawn anew every two seconds); a command shows the same on the terminal
(``web.terminal``). What is cancelled leaves everything as it was.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from base.clock import utcnow
from base.errors import Refusal
from web.backup_contents import Cancelled, Told

log = structlog.get_logger(__name__)

GRACE = 5
"""Seconds that work is given to come to its end with the process."""
AT_ONCE = 1.5
"""Seconds that a page waits for work before it shows it on its way: most of it is done by then."""


@dataclass
class Work:
    """What is being done, or was done last; ``state`` is running, done, cancelled or failed."""

    kind: str
    name: str
    by: str
    started: datetime
    state: str = "running"
    stage: str = "begin"
    done: int = 0
    total: int = 0
    said: str = ""
    result: Any = None
    refusal: Refusal | None = None

    @property
    def percent(self) -> int | None:
        """How far it is; ``None`` where nobody can say."""
        return round(100 * self.done / self.total) if self.total else None

    def sentence(self, stage: str) -> str:
        """What a page says of it while it goes on, with the words of its stage."""
        far = f"，{self.percent}%" if self.percent is not None else ""
        return f"{self.name}：{stage}{far}"


Doing = Callable[[Work, Told], Awaitable[str]]
"""Does the work, tells how far it is, and says in a sentence what came of it."""
After = Callable[[Work], Awaitable[None]]


@dataclass
class LongWork:
    """The one who does such work in a process.

    Args:
        busy: what is refused to whoever begins while something is being done.
        idle: what is refused to whoever cancels while nothing is.
        stopped: what is said of what was cancelled.
        broken: what is said of what broke down; the reason is in the log.
    """

    busy: Refusal
    idle: Refusal
    stopped: str
    broken: str
    work: Work | None = None
    task: asyncio.Task[None] | None = None
    _stop: bool = field(default=False, repr=False)

    @property
    def running(self) -> bool:
        """Whether something is being done."""
        return self.work is not None and self.work.state == "running"

    def start(self, kind: str, name: str, by: str, doing: Doing, after: After | None = None) -> Work:
        """Begin.

        Args:
            kind: what sort of work, for the page.
            name: what it is about, for the page.
            by: who asked.
            doing: the work; ``told`` raises ``Cancelled`` in it once it was cancelled.
            after: what is done at its end, however it ended.

        Raises:
            Refusal: ``busy``.
        """
        if self.running:
            raise self.busy
        self._stop = False
        self.work = Work(kind, name, by, utcnow())
        self.task = asyncio.create_task(self._run(self.work, doing, after))
        return self.work

    async def soon(self) -> bool:
        """Wait a moment for what is being done; whether it is over."""
        if self.task is not None:
            await asyncio.wait([self.task], timeout=AT_ONCE)
        return not self.running

    def cancel(self) -> None:
        """Stop what is being done.

        Raises:
            Refusal: ``idle``.
        """
        if not self.running:
            raise self.idle
        self._stop = True

    async def close(self) -> None:
        """Stop with the process."""
        self._stop = True
        if self.task is not None:
            await asyncio.wait([self.task], timeout=GRACE)

    async def _run(self, work: Work, doing: Doing, after: After | None) -> None:
        def told(stage: str, done: int, total: int) -> None:
            if self._stop:
                raise Cancelled
            work.stage, work.done, work.total = stage, done, total

        try:
            work.said = await doing(work, told)
            work.state = "done"
        except Cancelled:
            work.state, work.said = "cancelled", self.stopped
        except Refusal as refusal:
            work.state, work.said, work.refusal = "failed", refusal.message, refusal
        except Exception:
            log.exception("work.failed", kind=work.kind)
            work.state, work.said = "failed", self.broken
        if after is not None:
            await after(work)


async def until_cancelled(doing: Awaitable[Any], told: Told, stage: str, at: int, steps: int) -> Any:
    """Wait for something that cannot tell how far it is, such as another process; stop it when it is cancelled.

    Raises:
        Cancelled: after ``doing`` was cancelled and came to its end.
    """
    task = asyncio.ensure_future(doing)
    try:
        while True:
            told(stage, at, steps)
            done, _ = await asyncio.wait([task], timeout=0.2)
            if done:
                return task.result()
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait([task])
