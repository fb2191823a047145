"""PostgreSQL's part of backups: ``pg_dump`` of one snapshot, ``pg_restore`` into an empty schema beside the old one.

What came is looked through before the old schema is let go; where anything is wrong, the old one gets its name back.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from base.db import Database
from base.errors import Refusal
from web import settings
from web.backup_contents import (
    LIVED_IN,
    Cancelled,
    Done,
    Held,
    Told,
    check_chain,
    counted,
    look,
    stamp,
    untold,
    upgraded,
    wants_yes,
)

ASKED_SECONDS = 0.5
"""How often a program that runs is asked after."""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        message = f"这台机器上没有 {name}。请安装 postgresql-client，或者在数据库那台机器上运行。"
        raise Refusal("backup.program", message, status=400)
    return found


def _ran(name: str, url: str, *words: str, told: Told = untold) -> str:
    """Run a program of PostgreSQL's; the password goes by the environment, where ``ps`` does not show it."""
    address = make_url(url).set(drivername="postgresql")
    secret = {"PGPASSWORD": str(address.password)} if address.password else {}
    environment = settings.environment_with(**secret)
    place = address.set(password=None).render_as_string(hide_password=False)
    command = [_program(name), *words, *(() if "--list" in words else (f"--dbname={place}",))]
    pipe = subprocess.PIPE
    with subprocess.Popen(  # noqa: S603 - no shell, and every word is ours or the operator's own
        command, stdout=pipe, stderr=pipe, text=True, env=environment
    ) as running:
        out, said = _awaited(running, told)
    if running.returncode != 0:
        cause = next(iter(said.strip().splitlines()), "没有说原因")
        raise Refusal("backup.postgres", f"{name} 没有办成：{cause[:200]}。请照它说的改好再来。", status=409)
    return out


def _awaited(running: "subprocess.Popen[str]", told: Told) -> tuple[str, str]:
    """What a program says by its end; one that is wanted no more is ended."""
    while True:
        try:
            return running.communicate(timeout=ASKED_SECONDS)
        except subprocess.TimeoutExpired:
            try:
                told("copy", 0, 0)
            except Cancelled:
                running.kill()
                raise


def check(file: Path) -> None:
    """Whether ``pg_restore`` can read a dump's list.

    Raises:
        Refusal: ``backup.program``, ``backup.postgres``.
    """
    _ran("pg_restore", "postgresql://", "--list", str(file))


async def dump(url: str, part: Path, told: Told = untold) -> Held:
    """Dump what one transaction sees, and say what that is.

    Args:
        url: of the database.
        part: the file to write.
        told: asked now and then whether it is still wanted.

    Raises:
        Refusal: ``backup.program`` without ``pg_dump``; ``backup.postgres`` with the server's own words.
    """
    database = Database(url)
    try:
        async with database.reader.connect() as connection:
            held = await connection.run_sync(counted)
            snapshot = await connection.scalar(text("SELECT pg_export_snapshot()"))
            _ran(
                "pg_dump",
                url,
                "--format=custom",
                "--schema=public",
                f"--snapshot={snapshot}",
                f"--file={part}",
                told=told,
            )
            return held
    except (SQLAlchemyError, ConnectionError) as error:
        raise _unreached(error) from None
    finally:
        await database.close()


def _unreached(error: Exception) -> Refusal:
    cause = str(getattr(error, "orig", None) or error).strip().splitlines() or [""]
    message = f"数据库没有让办：{cause[0][:160]}。请核对 FANGTAN_DATABASE_URL 和这个用户的权限。"
    return Refusal("backup.postgres", message, status=409)


_OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"


async def restore(url: str, file: Path, *, yes: bool) -> Done:
    """Put a dump in the place of the database; what was there stays in a schema named ``before_…``.

    Raises:
        Refusal: as ``web.backups.restore``.
    """
    size = os.stat(file).st_size
    parts = _ran("pg_restore", url, "--list", str(file)).splitlines()
    # The schema is there already; to make it again would end the restore.
    wanted = [line for line in parts if " SCHEMA - public " not in line and " SCHEMA public " not in line]
    kept, lived_in = f"before_{stamp()}".replace("-", "_"), False
    try:
        async with _autocommitting(url) as connection:
            lived_in = await _postgres_lived_in(connection)
            if lived_in and not yes:
                raise wants_yes("数据库")
            if await connection.scalar(text(_OTHERS + " AND backend_type = 'client backend'")):
                message = "还有程序连着这个数据库，没有恢复。请先停下 fangtan，例如 systemctl stop fangtan。"
                raise Refusal("restore.busy", message, status=409)
            await connection.execute(text(f"ALTER SCHEMA public RENAME TO {kept}"))
            try:
                await connection.execute(text("CREATE SCHEMA public"))
                held = await _filled(url, file, wanted)
            except BaseException:
                await connection.execute(text("DROP SCHEMA IF EXISTS public CASCADE"))
                await connection.execute(text(f"ALTER SCHEMA {kept} RENAME TO public"))
                raise
            if not lived_in:
                await connection.execute(text(f"DROP SCHEMA {kept} CASCADE"))
    except (SQLAlchemyError, ConnectionError) as error:
        raise _unreached(error) from None
    place = make_url(url).database or ""
    return Done(place, size, held, kept if lived_in else None)


async def _filled(url: str, file: Path, wanted: list[str]) -> Held:
    """Restore into the empty schema and look through what came."""
    with tempfile.NamedTemporaryFile("w", suffix=".list") as listed:
        listed.write("\n".join(wanted) + "\n")
        listed.flush()
        options = ("--no-owner", "--no-acl", "--single-transaction", "--exit-on-error")
        _ran("pg_restore", url, *options, f"--use-list={listed.name}", str(file))
    held = await look(url)
    await check_chain(url)
    await upgraded(url)
    return held


@asynccontextmanager
async def _autocommitting(url: str) -> AsyncIterator[AsyncConnection]:
    database = Database(url)
    engine = database.migrator()
    try:
        async with engine.connect() as connection:
            yield await connection.execution_options(isolation_level="AUTOCOMMIT")
    finally:
        await engine.dispose()
        await database.close()


async def _postgres_lived_in(connection: AsyncConnection) -> bool:
    tables = set(await connection.scalars(text(_TABLES)))
    for one in LIVED_IN:
        if one in tables and await connection.scalar(text(LIVED_IN[one])):
            return True
    return False
