"""What is in a backup, whichever database it came from: looked at, checked, and brought to the present shape."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, inspect, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from base import audit
from base.clock import SHANGHAI, utcnow
from base.db import Database, Units
from base.errors import Refusal
from base.people import SYSTEM
from web.database import config, migrate

Told = Callable[[str, int, int], None]
"""Told what is being done, how far and of how much; may raise ``Cancelled`` to stop it."""


class Cancelled(Exception):
    """Whoever wanted it wants it no more."""


def untold(_stage: str, _done: int, _total: int) -> None:
    """For whoever waits and needs no telling."""


LIVED_IN = {
    "audit_entry": "SELECT 1 FROM audit_entry LIMIT 1",
    "person": "SELECT 1 FROM person LIMIT 1",
    "interview": "SELECT 1 FROM interview LIMIT 1",
    "catalog_entry": "SELECT 1 FROM catalog_entry LIMIT 1",
}
"""Tables of which one row makes a database worth keeping, and how to look for one."""


@dataclass(frozen=True)
class Held:
    """What a backup holds: the shape's revision, the audit chain's length and end, and counts a person knows."""

    version: str
    entries: int
    head: str
    interviews: int
    questions: int

    def sentence(self) -> str:
        """The same in words."""
        return (
            f"访谈{self.interviews}场，提问{self.questions}个，审计记录{self.entries}条，"
            f"链头 {self.head[:16]}，数据库版本 {self.version}"
        )


@dataclass(frozen=True)
class Done:
    """A backup or a restore that was carried out; ``kept`` is where what was there before has gone."""

    file: str
    bytes: int
    held: Held
    kept: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        told = {"file": self.file, "bytes": self.bytes, **asdict(self.held)}
        return told | ({"kept": self.kept} if self.kept else {})


def damaged(error: Exception | str) -> Refusal:
    """A page or a row is not as it was written."""
    cause = " ".join(str(error).split())[-80:]
    message = f"数据库文件有损坏（{cause}）。请换一份备份；正在用的库坏了的，先停下来再恢复。"
    return Refusal("database.damaged", message, status=409)


async def look(url: str) -> Held:
    """What is in a database of any known version.

    Raises:
        Refusal: not one of ours, or of a newer version.
    """
    database = Database(url)
    try:
        async with database.reader.connect() as connection:
            return await connection.run_sync(counted)
    except SQLAlchemyError as error:
        raise damaged(getattr(error, "orig", None) or error) from None
    finally:
        await database.close()


def counted(connection: Connection) -> Held:
    """The same over an open connection, as its transaction sees it."""
    if "alembic_version" not in inspect(connection).get_table_names():
        raise Refusal("restore.foreign", "这不是访谈平台的数据库。请核对文件。", status=400)
    version = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    if version not in {one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()}:
        message = "这个数据库是更新的版本建的，现在的程序不认识。请先升级程序。"
        raise Refusal("database.newer", message, status=400)
    head = connection.execute(text("SELECT entries, digest FROM audit_head WHERE id = 1")).first()
    counts = [
        connection.scalar(select(func.count()).select_from(table(one))) for one in ("interview", "question")
    ]
    entries, digest = head or (0, audit.GENESIS)
    return Held(version, entries, digest, *(int(one or 0) for one in counts))


async def check_chain(url: str, told: Told = untold) -> None:
    """Walk the audit chain of a database that is to be put back.

    Raises:
        Refusal: ``audit.broken``.
    """
    database = Database(url)
    try:
        async with Units(database).read(SYSTEM) as uow:
            total = await audit.length(uow)
            found = await audit.verify(uow, walked=lambda count: told("chain", count, total))
    finally:
        await database.close()
    if not found.ok:
        message = f"这份备份的审计链从第{found.broken_at}条起断了，没有恢复。请换一份备份，并且查清是谁改的。"
        raise Refusal("audit.broken", message, status=409)


async def upgraded(url: str) -> None:
    """Bring an older shape to the present one."""
    database = Database(url)
    try:
        await migrate(database)
    finally:
        await database.close()


def stamp() -> str:
    """The present minute and second in the office's time, for a name."""
    return utcnow().astimezone(SHANGHAI).strftime("%Y%m%d-%H%M%S")


def wants_yes(what: str) -> Refusal:
    """There is something to lose, and nobody said that it may go."""
    message = f"{what}里已经有数据，没有恢复。确定要用备份换掉它，请加 --yes，原来的会改名留下。"
    return Refusal("restore.occupied", message, status=409)
