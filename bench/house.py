"""A running server of one's own, with staff and one interview whose lawful past lies behind it and which starts now.

The past (plan, content, announcement, forwarding, venue, guests) is told through the verbs on the empty database
before the server starts, each act on the last day on which the rule wants it done. From then on everything
happens over the wire.
"""

import asyncio
import os
import secrets
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import aiohttp
from sqlalchemy import func, select
from sqlmodel import col

from base.clock import SHANGHAI, utcnow
from base.db import Database, UnitOfWork, Units, sqlite_url
from base.errors import Refusal
from base.people import SYSTEM, Actor, Body, Person, Role
from chat import streams
from interviews import duties, programme
from web import auth
from web.database import migrate

THEME = "公共政策问答"
CONTENT = "谈大家问得最多的公共政策：办事、补贴、出行、看病和上学。"
VENUE = "政务中心二楼访谈室"
GUEST = ("王立言", "办公室副主任")
RECIPIENTS = ("示例市委办公室", "示例市人大常委会办公室", "示例市人民政府办公室", "示例市政协办公室")
STAFF = {
    "周科长": Role.OFFICE,
    "许主任": Role.CLERK,
    "王处长": Role.GUEST,
    "李主持": Role.HOST,
    "审核员小张": Role.MODERATOR,
}
PLANNED_DAYS_BEFORE = 90
READY_SECONDS = 40
STOP_SECONDS = 15
TOKEN_DAYS = 1


@dataclass
class House:
    """One installation with its server.

    Attributes:
        data: the data directory.
        database_url: SQLite below ``data``, or PostgreSQL.
        interview: the number of the interview that starts now.
        tokens: the bearer of each member of staff.
        url: where the server answers.
        environment: that of the server and of every command.
    """

    data: Path
    database_url: str
    interview: int
    tokens: dict[str, str]
    url: str
    environment: dict[str, str]

    def bearer(self, who: str) -> dict[str, str]:
        """The header by which a member of staff is known."""
        return {"Authorization": f"Bearer {self.tokens[who]}"}

    async def command(self, *words: str) -> None:
        """Run one ``fangtan`` command on this installation.

        Raises:
            RuntimeError: it failed; with what it said.
        """
        process = await asyncio.create_subprocess_exec(
            _program(),
            *words,
            "--data",
            str(self.data),
            env=self.environment,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"fangtan {' '.join(words)}: {said.decode(errors='replace').strip()}")


def _program() -> str:
    return str(Path(sys.executable).with_name("fangtan"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _database_url(data: Path, postgres: str | None) -> str:
    if postgres is None:
        return sqlite_url(data.resolve() / "fangtan.db")
    return postgres.replace("postgresql://", "postgresql+asyncpg://", 1)


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


@asynccontextmanager
async def opened(data: Path, postgres: str | None = None) -> AsyncIterator[House]:
    """Prepare an installation and serve it until the end of the block.

    Args:
        data: an empty directory.
        postgres: the URL of an empty PostgreSQL database; without one a SQLite file is made under ``data``.

    Raises:
        Refusal: there is something in the database already.
        RuntimeError: the server did not become ready; with the end of its log.
    """
    url = _database_url(data, postgres)
    interview, tokens = await _prepare(url)
    address = f"http://127.0.0.1:{_free_port()}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FANGTAN_")}
    environment |= {
        "FANGTAN_SECRET_KEY": secrets.token_hex(32),
        "FANGTAN_BASE_URL": address,
        "FANGTAN_DATABASE_URL": url,
        "FANGTAN_PACE": "off",
    }
    house = House(data, url, interview, tokens, address, environment)
    async with _serving(house):
        yield house


@asynccontextmanager
async def _serving(house: House) -> AsyncIterator[None]:
    log = house.data / "server.log"
    port = house.url.rpartition(":")[2]
    with log.open("wb") as written:
        server = await asyncio.create_subprocess_exec(
            _program(),
            "serve",
            "--port",
            port,
            "--data",
            str(house.data),
            env=house.environment,
            stdout=written,
            stderr=written,
        )
    try:
        await _ready(house, server, log)
        yield
    finally:
        await _stopped(server)


async def _ready(house: House, server: asyncio.subprocess.Process, log: Path) -> None:
    async with aiohttp.ClientSession() as http:
        for _ in range(READY_SECONDS * 10):
            if server.returncode is not None:
                break
            try:
                async with http.get(f"{house.url}/readyz") as answer:
                    if answer.status == 200:
                        return
            except aiohttp.ClientConnectionError:
                pass
            await asyncio.sleep(0.1)
    raise RuntimeError(f"the server did not become ready:\n{_end_of(log)}")


async def _stopped(server: asyncio.subprocess.Process) -> None:
    if server.returncode is None:
        server.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await server.wait()
    except TimeoutError:
        server.kill()
        await server.wait()


async def _prepare(url: str) -> tuple[int, dict[str, str]]:
    """Bodies, staff and the past of one interview; its number and the staff's bearers."""
    database = Database(url)
    try:
        await migrate(database)
        units = Units(database, streams.project)
        starts_at = utcnow().replace(second=0, microsecond=0)
        planned = starts_at - timedelta(days=PLANNED_DAYS_BEFORE)
        async with units.act(SYSTEM, planned) as uow:
            if await uow.db.scalar(select(func.count(col(Body.id)))):
                raise Refusal("replay.not_empty", "这个数据库里已经有内容。请给一个空的数据库。", status=400)
            body, people = await _settle(uow)
        interview = await _past(units, people, body, starts_at, planned)
        async with units.act(SYSTEM) as uow:
            tokens = {
                who: await auth.bearer(uow, one.person_id or 0, TOKEN_DAYS) for who, one in people.items()
            }
        return interview, tokens
    finally:
        await database.close()


async def _settle(uow: UnitOfWork) -> tuple[int, dict[str, Actor]]:
    answering = Body(name="示例市政务服务局", short_name="政务局", kind="department")
    office = Body(name="示例市信息化工作办公室", short_name="信息办", kind="office")
    offices = [Body(name=name, short_name=name, kind="recipient", recipient=True) for name in RECIPIENTS]
    uow.db.add_all([answering, office, *offices])
    await uow.db.flush()
    people: dict[str, Actor] = {}
    for who, role in STAFF.items():
        body_id = answering.id if role in (Role.CLERK, Role.GUEST) else None
        person = Person(login=who, role=role, display_name=who, body_id=body_id, created_at=uow.now)
        uow.db.add(person)
        await uow.db.flush()
        people[who] = person.actor()
    return answering.id or 0, people


async def _past(
    units: Units, people: dict[str, Actor], body: int, starts_at: datetime, planned: datetime
) -> int:
    office, clerk = people["周科长"], people["许主任"]
    plan = programme.Plan(
        THEME, starts_at, starts_at + timedelta(hours=2), (body,), people["李主持"].person_id
    )
    async with units.act(office, planned) as uow:
        interview = (await programme.schedule(uow, plan)).id or 0
        for who in ("王处长", "审核员小张"):
            await programme.assign_person(uow, interview, people[who].person_id or 0)
        days = {duty.rule: duty.act_by for duty in await duties.of_interview(uow, interview)}

    def on_the_last_day(rule: str, hour: int) -> datetime:
        return datetime.combine(days[rule], time(hour), SHANGHAI)

    async with units.act(clerk, on_the_last_day("content", 9)) as uow:
        await programme.tell_content(uow, interview, THEME, CONTENT)
    async with units.act(office, on_the_last_day("announce", 10)) as uow:
        await programme.announce(uow, interview)
    async with units.act(office, on_the_last_day("forward-questions", 10)) as uow:
        await programme.forward(uow, interview)
    async with units.act(clerk, on_the_last_day("guests", 10)) as uow:
        await programme.tell_guests(uow, interview, [GUEST])
    async with units.act(office, on_the_last_day("venue", 11)) as uow:
        await programme.tell_venue(uow, interview, VENUE)
    return interview
