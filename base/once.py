"""A row that may be written once only, whoever comes first: the unique key in the database decides, not a look before."""

from typing import Any

from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import SQLModel

from base.db import UnitOfWork


async def written_once(uow: UnitOfWork, row: SQLModel) -> int | None:
    """Insert a row unless one with the same unique key is there; two at the same time write one between them.

    Args:
        uow: a unit of work that acts.
        row: a table's row with an ``id`` that the database gives.

    Returns:
        The new row's id; ``None`` where the key was there already.
    """
    table: Any = type(row)
    insert: Any = postgres_insert if uow.db.get_bind().dialect.name == "postgresql" else sqlite_insert
    statement = insert(table).values(**row.model_dump(exclude={"id"}))
    made: int | None = await uow.db.scalar(statement.on_conflict_do_nothing().returning(table.id))
    return made
