"""The calendar in force: the published years, and the yearly notices (放假通知) that the office has imported."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, select
from sqlmodel import Field, SQLModel, col

from base.columns import UtcDateTime
from base.db import UnitOfWork
from interviews.calendar import Calendar
from interviews.yearly_notice import Day, YearNotice


class ImportedNotice(SQLModel, table=True):
    """A yearly notice as it was imported; one for each year, the newest import."""

    __tablename__ = "imported_notice"

    id: int | None = Field(default=None, primary_key=True)
    year: int = Field(unique=True)
    source: str
    days: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    imported_at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None


_LAST: dict[tuple[tuple[int, datetime], ...], Calendar] = {}
"""The calendar last built, by what it was built from: counting is fast only while its memory lives."""


async def present(uow: UnitOfWork) -> Calendar:
    """The calendar known now: what is published with the product and what was imported here."""
    rows = list(await uow.db.scalars(select(ImportedNotice).order_by(col(ImportedNotice.year))))
    key = tuple((row.year, row.imported_at) for row in rows)
    if not key:
        return Calendar.known()
    if key not in _LAST:
        calendar = Calendar.known()
        for row in rows:
            calendar = calendar.with_notice(_notice(row))
        _LAST.clear()
        _LAST[key] = calendar
    return _LAST[key]


def _notice(row: ImportedNotice) -> YearNotice:
    days = tuple(Day(date.fromisoformat(one["date"]), one["workday"], one["name"]) for one in row.days)
    return YearNotice(row.year, days, row.source)
