"""kill -9 on a report's way, at every step and before and after every commit: one version, one mail to each, one entry.

A life goes through all the points in their order: killed at the first, started again and killed at the second, until
nothing kills it any more. Each start finds the clock eleven minutes on, as a restart after a crash that nobody watched.

A second test kills at random moments. Measured on SQLite with two shared cores: 20 lives with 17 deaths each, and 20
with four attempts each, 77 of which killed. After every life there was one version, one delivery to each of four, one
Message-ID to each of the two by mail, one discharge, one archiving, and an audit that verifies. What came twice was a
mail whose taking nobody had recorded yet, with the same Message-ID, as the outbox promises.
It took four minutes.
"""

import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry, verify
from base.db import Database, Units, sqlite_url
from base.outbox import MailStatus, OutboxMail
from base.people import SYSTEM
from interviews import duties
from interviews.models import Delivery, Interview, Report
from tests.cast import END, settle
from tests.faults.report_child import POINTS
from tests.web.mail_peer import Peer, listening
from web.database import migrate

ROOT = Path(__file__).parent.parent.parent
MONDAY = END + timedelta(days=2, hours=17)
STEP = timedelta(minutes=11)
BY_MAIL = {"政协办": "zhengxie@example.gov.cn", "市委办": "shiwei@example.gov.cn"}
AGAIN = frozenset({"send.after", "record.before", "record.after"})
"""Where a mail has been taken and nobody has written so: these alone may bring it a second time."""
KILLED = -9


class Child:
    """The process that forks the lives."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.report_child"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def _answer(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def lives(self, database: Path, port: int, point: str, number: int) -> int:
        """One life until its point, or until all is done; its exit code."""
        assert self._process.stdin is not None
        now = (MONDAY + number * STEP).isoformat()
        self._process.stdin.write(f"{database} {port} {point} {now}\n")
        self._process.stdin.flush()
        return int(self._answer())

    def ends(self) -> None:
        """No more lives."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    started = Child()
    yield started
    started.ends()


@pytest.fixture
async def closed(tmp_path: Path) -> Path:
    """A database in which an interview has just closed; two of the four offices receive by mail alone."""
    made = tmp_path / "closed.db"
    opened = Database(sqlite_url(made))
    await migrate(opened)
    city = await settle(opened)
    for short, address in BY_MAIL.items():
        await city.gives_address(short, address, by_mail=True)
    await city.open()
    await city.published("网友甲", "异地就医怎么备案？")
    await city.does("李主持", "interview.close", END, interview=city.interview)
    assert city.interview == 1
    await opened.close()
    return made


LONG = [pytest.mark.long, pytest.mark.timeout(3600)]
EACH = pytest.mark.parametrize("times", [1, pytest.param(20, marks=LONG)])


@EACH
async def test_killed_at_every_step_each_gets_one_report(child: Child, closed: Path, times: int) -> None:
    for life in range(times):
        database = closed.with_name(f"life-{life}.db")
        shutil.copy(closed, database)
        with listening(Peer()) as peer:
            for number, point in enumerate(POINTS):
                assert child.lives(database, peer.port, point, number) == KILLED, (
                    f"life {life}: not at {point}"
                )
            assert child.lives(database, peer.port, "never", len(POINTS)) == 0
            # One death of each kind, and no more than one mail too many for each letter that was out just then.
            await _sound(database, peer, len(AGAIN) * len(BY_MAIL))


@EACH
async def test_killed_at_any_moment_each_gets_one_report(child: Child, closed: Path, times: int) -> None:
    chance = random.Random(15)
    killed = 0
    for life in range(times):
        database = closed.with_name(f"life-{life}.db")
        shutil.copy(closed, database)
        with listening(Peer()) as peer:
            for number in range(4):
                point = f"any.{chance.randrange(1, 200)}"
                code = child.lives(database, peer.port, point, number)
                assert code in (KILLED, 0), f"life {life}: died of itself, {point}"
                killed += code == KILLED
            assert child.lives(database, peer.port, "never", 4) == 0
            await _sound(database, peer, 4 * len(BY_MAIL))
    assert killed >= times


async def _sound(database: Path, peer: Peer, most_again: int) -> None:
    """One version, one delivery and one distinct mail to each, one discharge, one archiving, and a chain that holds."""
    opened = Database(sqlite_url(database))
    async with Units(opened).read(SYSTEM) as uow:
        assert list(await uow.db.scalars(select(col(Report.version)))) == [1]
        ways = list(await uow.db.scalars(select(Delivery)))
        assert len(ways) == len({way.body_id for way in ways}) == 4
        assert all(way.sent_at is not None and way.trouble is None for way in ways)
        mails = list(await uow.db.scalars(select(OutboxMail)))
        assert sorted(mail.to for mail in mails) == sorted(BY_MAIL.values())
        assert {mail.status for mail in mails} == {MailStatus.SENT}
        noted = Counter(await uow.db.scalars(select(col(AuditEntry.act))))
        once = ("report.draft", "report.sign", "summary.send", "interview.archive")
        assert {act: noted[act] for act in once} == dict.fromkeys(once, 1)
        owed = {duty.rule: duty for duty in await duties.of_interview(uow, 1)}
        assert (owed["summary"].status, owed["summary"].late_days) == ("done", 0)
        done = await uow.db.scalars(select(AuditEntry).where(col(AuditEntry.act) == "duty.done"))
        assert [one.detail["rule"] for one in done].count("summary") == 1
        assert (await uow.db.get_one(Interview, 1)).status == "archived"
        assert (await verify(uow)).ok
    await opened.close()
    ids = {to: {made["Message-ID"] for made in peer.taken if made["To"] == to} for to in BY_MAIL.values()}
    assert [len(one) for one in ids.values()] == [1, 1], "each has one mail, however often it came"
    assert len(peer.taken) <= len(BY_MAIL) + most_again
