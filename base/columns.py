"""Columns that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from base.clock import as_utc

NUMBERED_ONCE: dict[str, Any] = {"sqlite_autoincrement": True}
"""For ``__table_args__`` where rows are removed and their numbers are said elsewhere: in the audit chain, in events, to
whoever asked. A number is given once, as PostgreSQL's sequences do; SQLite would give the newest row's again.
"""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; SQLite drops the zone and gets it back on reading.

    Raises:
        ValueError: on writing a naive datetime.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware instant to UTC."""
        return None if value is None else as_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """What the driver gives back to an aware UTC instant."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
