"""The database's shape over time: migrate from empty or from any earlier version, never from a newer one."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlmodel import SQLModel

import base.audit
import base.files
import base.outbox
import base.people
import chat.streams
import faq.models
import faq.recurring
import interviews.approval_models
import interviews.assessment_models
import interviews.attached
import interviews.body_models
import interviews.following
import interviews.instruction_models
import interviews.materials
import interviews.models
import interviews.packs
import interviews.promise_models
import interviews.rating_models
import interviews.telling
import interviews.wording
import interviews.wordlists
import interviews.workdays
import interviews.yearly_duties
import web.proof
import web.two_step
from base.db import Database
from base.errors import Refusal

METADATA = SQLModel.metadata
ROOMS: tuple[Any, ...] = (
    base.audit,
    base.files,
    base.outbox,
    base.people,
    chat.streams,
    faq.models,
    faq.recurring,
    interviews.approval_models,
    interviews.attached,
    interviews.body_models,
    interviews.assessment_models,
    interviews.following,
    interviews.instruction_models,
    interviews.materials,
    interviews.models,
    interviews.promise_models,
    interviews.packs,
    interviews.rating_models,
    interviews.telling,
    interviews.wording,
    interviews.wordlists,
    web.proof,
    web.two_step,
    interviews.workdays,
    interviews.yearly_duties,
)
"""Every module that brings tables; importing them fills ``METADATA``."""

MIGRATIONS = Path(__file__).parent / "migrations"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, with the connection to work on."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    script = ScriptDirectory.from_config(config())
    known = {revision.revision for revision in script.walk_revisions()}
    present = MigrationContext.configure(connection).get_current_revision()
    if present is not None and present not in known:
        raise Refusal(
            "database.newer",
            "这个数据库是更新的版本建的，现在的程序不认识。请升级程序，或者换一个数据目录。",
            status=400,
        )
    command.upgrade(config(connection), "head")


async def migrate(database: Database) -> None:
    """Bring the database to the present shape; one that has it is left as it is.

    Raises:
        Refusal: ``database.newer``; ``storage.busy`` where another process writes for too long.
    """
    engine = database.migrator()
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade)
            if database.is_sqlite:
                orphans = (await connection.execute(text("PRAGMA foreign_key_check"))).all()
                if orphans:
                    raise RuntimeError(f"a migration left rows without their parents: {orphans[:3]}")
    finally:
        await engine.dispose()


async def check_version(database: Database) -> None:
    """Whether the database has exactly the shape this program knows.

    Raises:
        Refusal: ``database.newer`` or ``database.older``.
    """

    def look(connection: Connection) -> str | None:
        return MigrationContext.configure(connection).get_current_revision()

    script = ScriptDirectory.from_config(config())
    async with database.reader.connect() as connection:
        present = await connection.run_sync(look)
    if present == script.get_current_head():
        return
    if present is not None and present not in {revision.revision for revision in script.walk_revisions()}:
        raise Refusal(
            "database.newer",
            "这个数据库是更新的版本建的，现在的程序不认识。请升级程序，或者换一个数据目录。",
            status=400,
        )
    raise Refusal("database.older", "数据库还没有建好或者版本旧了。请先运行 fangtan migrate。", status=400)
