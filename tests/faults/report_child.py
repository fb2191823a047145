"""A process that takes a report its whole way and is killed where it is told to; see ``test_report_kills``.

``python -m tests.faults.report_child`` loads everything once and then reads lines ``DATABASE PORT POINT NOW``. For each
it forks: the fork does whatever is left to do of draft, sign, queue, render, send, record and settle, at the instant
NOW, and dies at POINT by SIGKILL. The line that comes back is the fork's exit code, negative for a signal.

A point is a step and a moment: ``draft.before`` is with everything written and nothing committed, ``draft.after`` is
right after the commit, before anybody hears of it. ``any.MS`` is so many milliseconds after the start, wherever that is.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import time_machine
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from base import outbox
from base.db import Database, Units, sqlite_url
from base.errors import Refusal
from base.outbox import Letter
from base.people import SYSTEM, Person
from chat import registry, streams
from chat.limits import Pace
from chat.registry import Surroundings
from interviews import deliveries, report_files, reports
from interviews.report_content import Content
from scheduler import jobs
from tests import cast
from web import enclosures
from web.mailer import Mailer

POINTS = [
    *("draft.before", "draft.after", "sign.before", "sign.after", "queue.before", "queue.after"),
    *("claim.before", "claim.after", "render.before", "render.during", "render.after"),
    *("send.before", "send.after", "record.before", "record.after", "settle.before", "settle.after"),
]
"""In the order in which a report comes by them."""

BASE = "https://fangtan.example.gov.cn"
LONG_ENOUGH = 0.3
"""Seconds after which the printing press is at work and far from done; it takes more than one."""

_wanted = ""


def die_at(point: str) -> None:
    """Killed as by the kernel or a power cut: nothing is tidied up."""
    if point == _wanted:
        os.kill(os.getpid(), signal.SIGKILL)


def _mark(module: Any, name: str, step: str) -> None:
    """Let the transaction in which a verb runs be known by the verb's step."""
    plain = getattr(module, name)

    async def marked(uow: Any, *more: Any, **named: Any) -> Any:
        uow.db.info["step"] = step
        return await plain(uow, *more, **named)

    marked.__name__ = name
    setattr(module, name, marked)


def _watch_commits() -> None:
    for module, name, step in (
        (reports, "draft", "draft"),
        (reports, "sign", "sign"),
        (deliveries, "send", "queue"),
        (outbox, "claim", "claim"),
        (outbox, "sent", "record"),
        (deliveries, "settle", "settle"),
    ):
        _mark(module, name, step)

    @event.listens_for(Session, "before_commit")
    def before(session: Session) -> None:
        session.flush()
        die_at(f"{session.info.get('step')}.before")

    @event.listens_for(Session, "after_commit")
    def after(session: Session) -> None:
        die_at(f"{session.info.get('step')}.after")


async def _printed(content: Content, form: str) -> bytes:
    """The real press where it is to be killed at work, else a stand-in: starting it takes a second."""
    die_at("render.before")
    if _wanted == "render.during":
        press = asyncio.ensure_future(report_files.write(content, form))
        await asyncio.sleep(LONG_ENOUGH)
        assert not press.done()
        die_at("render.during")
    die_at("render.after")
    return f"{form} {content['stamp']['version']}".encode()


def _sending(units: Units, port: int) -> Callable[[Letter], Awaitable[str | None]]:
    files, mailer = enclosures.Enclosures(units), Mailer(f"smtp://127.0.0.1:{port}", BASE)

    async def send(letter: Letter) -> str | None:
        letter, remark = await files.enclosed(letter)
        die_at("send.before")
        await mailer.send(letter)
        die_at("send.after")
        return remark

    return send


async def whole_way(database: Path, port: int) -> None:
    """Do what is left to do; a step that was done before the last death is refused, and that is all."""
    opened = Database(sqlite_url(database))
    units = Units(opened, streams.project)
    around = Surroundings(seal=str, pace=Pace(on=False))
    async with units.read(SYSTEM) as uow:
        people = {one.display_name: one.actor() for one in await uow.db.scalars(select(Person))}
    city = cast.City(units, around, people, {}, interview=1)

    async def does(who: str, command: str, **sent: Any) -> Any:
        outcome = await registry.dispatch(units, around, city.people[who], command, sent)
        return outcome.result

    version = (await does("周科长", "report.draft", interview=1))["version"]
    await does("何主任", "report.sign", interview=1, version=version)
    try:
        await does("周科长", "summary.send", interview=1)
    except Refusal as refusal:
        if refusal.code != "report.nothing_new":
            raise
    await jobs.post(units, _sending(units, port))
    await jobs.settle_reports(units)
    await opened.close()


def _once(line: str) -> None:
    """One life, in a fork."""
    global _wanted
    database, port, _wanted, now = line.split()
    _watch_commits()
    enclosures.printed = _printed
    step, _, after = _wanted.partition(".")
    if step == "any":
        signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
        signal.setitimer(signal.ITIMER_REAL, int(after) / 1000)
    with time_machine.travel(datetime.fromisoformat(now), tick=True):
        asyncio.run(whole_way(Path(database), int(port)))


def main() -> None:
    """Fork for each line, until there are no more."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.close(0)
            os.dup2(2, 1)
            try:
                _once(line)
            except BaseException as error:  # a fork must never run on into its parent's loop
                sys.stderr.write(f"{error!r}\n")
                sys.stderr.flush()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
