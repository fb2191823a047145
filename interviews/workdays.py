"""The calendar in force: the published years, and the yearly notices (放假通知) that the office has imported.

Importing a notice counts every open duty again, in one transaction, and tells whoever owes one that moved. A duty
done was judged by the calendar known that day and is never counted again. An open duty that was in time and whose
new last day has already passed is marked ``moved_by_notice``: nobody is late by it. It asks to be done at once,
stays at zero days late when it is done, and keeps the mark until its date lies ahead again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Row, bindparam, insert, select, text, update
from sqlmodel import Field, SQLModel, col

from base import audit
from base.clock import office_date
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import forbidden
from base.people import Role
from interviews import law, rules
from interviews.calendar import Calendar, gaps
from interviews.lifecycle import DutyStatus
from interviews.models import Duty, Interview, Notice
from interviews.notice_effect import ChangedDay, Dates, MovedDuty, Preview, sentence, write_letters
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


_LAST: dict[tuple[YearNotice, ...], Calendar] = {}
"""The calendar last built, by what it was built from: counting is fast only while its memory lives."""


async def present(uow: UnitOfWork) -> Calendar:
    """The calendar known now: what is published with the product and what was imported here."""
    rows = await uow.db.scalars(select(ImportedNotice).order_by(col(ImportedNotice.year)))
    notices = tuple(_notice(row) for row in rows)
    if not notices:
        return Calendar.known()
    if notices not in _LAST:
        _LAST.clear()
        _LAST[notices] = Calendar(notices)
    return _LAST[notices]


def _notice(row: ImportedNotice) -> YearNotice:
    days = tuple(Day(date.fromisoformat(one["date"]), one["workday"], one["name"]) for one in row.days)
    return YearNotice(row.year, days, row.source)


def _kept_days(notice: YearNotice) -> list[dict[str, Any]]:
    return [
        {"date": one.day.isoformat(), "workday": one.workday, "name": one.name}
        for one in sorted(notice.days, key=lambda one: one.day)
    ]


# What an import would change


async def preview(uow: UnitOfWork, notice: YearNotice) -> Preview:
    """What importing ``notice`` would change; changes nothing.

    Raises:
        Refusal: ``forbidden`` for whoever is neither the office nor the command line.
    """
    _check_role(uow)
    before = await present(uow)
    return _preview(notice, before, await _recounted(uow, notice, before))


async def import_notice(uow: UnitOfWork, notice: YearNotice) -> Preview:
    """Put a notice in force for its year, replacing that year's earlier one.

    Every open duty is counted again and whoever owes one that moved gets a ``Notice``, all in this unit of work.
    The same notice a second time changes nothing and tells nobody.

    Returns:
        What changed, as ``preview`` said it before.

    Raises:
        Refusal: ``forbidden`` for whoever is neither the office nor the command line.
    """
    _check_role(uow)
    await _keep_readers_out(uow)
    before = await present(uow)
    recounted = await _recounted(uow, notice, before, lock=True)
    found = _preview(notice, before, recounted)
    if found.known:
        return found
    await _store(uow, notice)
    await _rewrite(uow, recounted)
    await _tell(uow, found)
    days = ";".join(f"{one['date']}={one['workday']}" for one in _kept_days(notice))
    await audit.note(
        uow,
        "calendar.import",
        f"calendar:{notice.year}",
        days=len(notice.days),
        digest=audit.text_digest(days),
        recounted=len(recounted),
        moved=len(found.moved),
    )
    return found


def _check_role(uow: UnitOfWork) -> None:
    if uow.actor.role not in (Role.OFFICE, Role.CLOCK):
        raise forbidden()


async def _keep_readers_out(uow: UnitOfWork) -> None:
    # A transaction that has read the old calendar could otherwise commit dates by it after this import. On
    # PostgreSQL this waits for each of them and makes the next wait; SQLite has one writer anyway.
    if uow.db.get_bind().dialect.name == "postgresql":
        await uow.db.execute(text("LOCK TABLE imported_notice IN ACCESS EXCLUSIVE MODE"))


# Counting again


@dataclass(frozen=True, slots=True)
class _Recount:
    """An open duty's row and what it is by the new calendar."""

    row: Row[Any]
    owed: rules.DutyDue
    overtaken: bool

    @property
    def was(self) -> Dates:
        return Dates(self.row.due, self.row.act_by, self.row.not_before)

    @property
    def becomes(self) -> Dates:
        return Dates(self.owed.due, self.owed.act_by, self.owed.not_before)


async def _recounted(
    uow: UnitOfWork, notice: YearNotice, before: Calendar, *, lock: bool = False
) -> list[_Recount]:
    """The open duties whose count passes through the notice's days, by the calendar with the notice.

    One query and one reckoning per interview: with 2,600 interviews open, rows one by one would take minutes.
    """
    query = (
        select(*_COLUMNS)
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Duty.status) == DutyStatus.OPEN)
        .order_by(col(Duty.id))
    )
    if lock:
        query = query.with_for_update(of=Duty)
    after, today = before.with_notice(notice), office_date(uow.now)
    reckoned: dict[int, dict[str, rules.DutyDue]] = {}
    found: list[_Recount] = []
    for row in await uow.db.execute(query):
        if row.interview_id not in reckoned:
            reckoned[row.interview_id] = _reckoned(row, after)
        owed = reckoned[row.interview_id].get(row.rule)
        if owed is not None and _touches(row, owed, notice.year):
            in_time = row.due >= today or row.moved_by_notice
            found.append(_Recount(row, owed, owed.due < today and in_time))
    return found


_COLUMNS: tuple[Any, ...] = (
    col(Duty.id),
    col(Duty.interview_id),
    col(Duty.rule),
    col(Duty.article),
    col(Duty.title),
    col(Duty.owed_by),
    col(Duty.body_id),
    col(Duty.due),
    col(Duty.act_by),
    col(Duty.not_before),
    col(Duty.provisional),
    col(Duty.moved_by_notice),
    col(Interview.theme),
    col(Interview.regulation),
    col(Interview.starts_at),
    col(Interview.ends_at),
    col(Interview.closed_at),
    col(Interview.cancelled_at),
)


def _reckoned(row: Row[Any], calendar: Calendar) -> dict[str, rules.DutyDue]:
    """The dates of every duty that the interview of ``row`` can owe, by the rule's name for it."""
    facts = rules.LegalFacts(row.starts_at, row.ends_at, ended_at=row.closed_at or row.cancelled_at)
    regulation = law.load(row.regulation)
    # What is owed after a change was judged when the change was made, and its earlier start is gone since.
    by_change = {rule.id for rule in regulation.duties if rule.anchor == "earlier_start"}
    owed = rules.duties_for(facts, regulation, calendar, for_calculator=True)
    return {one.id: one for one in owed if one.id not in by_change}


def _touches(row: Row[Any], owed: rules.DutyDue, year: int) -> bool:
    """Whether a date, old or new, or a day walked over lies where the notice speaks: its year, the December before."""
    days = [row.due, row.act_by, owed.due, owed.act_by, row.not_before, owed.not_before]
    days += [
        *owed.counted[:1],
        *owed.counted[-1:],
        *(day for day, _ in (*owed.skipped[:1], *owed.skipped[-1:])),
    ]
    given: list[date] = [day for day in days if day is not None]
    return min(given) <= date(year, 12, 31) and max(given) >= date(year - 1, 12, 1)


def _preview(notice: YearNotice, before: Calendar, recounted: Iterable[_Recount]) -> Preview:
    known = any(
        one.year == notice.year and one.source == notice.source and set(one.days) == set(notice.days)
        for one in before.notices
    )
    changed = before.differences(
        before.with_notice(notice), date(notice.year - 1, 12, 1), date(notice.year, 12, 31)
    )
    listed = list(recounted)
    return Preview(
        year=notice.year,
        source=notice.source,
        known=known,
        days=tuple(ChangedDay(*one) for one in changed),
        moved=tuple(_moved(one) for one in listed if one.was != one.becomes),
        settled=sum(_settles(one) for one in listed),
        gaps=gaps(notice),
    )


def _settles(one: _Recount) -> bool:
    return one.row.provisional and not one.owed.provisional and one.was == one.becomes


def _moved(one: _Recount) -> MovedDuty:
    row = one.row
    return MovedDuty(
        duty_id=row.id,
        interview_id=row.interview_id,
        theme=row.theme,
        title=row.title,
        article=row.article,
        owed_by=row.owed_by,
        body_id=row.body_id,
        was=one.was,
        becomes=one.becomes,
        overtaken=one.overtaken,
    )


# Putting it in force


async def _store(uow: UnitOfWork, notice: YearNotice) -> None:
    query = select(ImportedNotice).where(col(ImportedNotice.year) == notice.year)
    row = (await uow.db.scalars(query)).one_or_none()
    if row is None:
        row = ImportedNotice(year=notice.year, source="", days=[], imported_at=uow.now)
    row.source, row.days = notice.source, _kept_days(notice)
    row.imported_at, row.person_id = uow.now, uow.actor.person_id
    uow.db.add(row)
    await uow.db.flush()


async def _rewrite(uow: UnitOfWork, recounted: Iterable[_Recount]) -> None:
    values = [
        {
            "its_id": one.row.id,
            "its_due": one.owed.due,
            "its_act_by": one.owed.act_by,
            "its_not_before": one.owed.not_before,
            "its_provisional": one.owed.provisional,
            "its_overtaken": one.overtaken,
            "its_sum": sum_of(one.owed),
        }
        for one in recounted
    ]
    if not values:
        return
    statement = (
        update(Duty)
        .where(col(Duty.id) == bindparam("its_id"))
        .values(
            due=bindparam("its_due"),
            act_by=bindparam("its_act_by"),
            not_before=bindparam("its_not_before"),
            provisional=bindparam("its_provisional"),
            moved_by_notice=bindparam("its_overtaken"),
            sum=bindparam("its_sum"),
        )
    )
    connection = await uow.db.connection()
    await connection.execute(statement, values)


def sum_of(owed: rules.DutyDue) -> dict[str, list[Any]]:
    """The sum of a duty as its row keeps it."""
    return {
        "counted": [day.isoformat() for day in owed.counted],
        "skipped": [{"date": day.isoformat(), "why": why} for day, why in owed.skipped],
    }


async def _tell(uow: UnitOfWork, found: Preview) -> None:
    """Write one notice for each moved duty, to whoever owes it, and one letter to each address."""
    stage = await _next_stage(uow, found.year)
    said: list[Mapping[str, Any]] = [
        {
            "duty_id": one.duty_id,
            "stage": stage,
            "to_role": one.owed_by,
            "body_id": one.body_id,
            "text": f"{sentence(one)}{found.year}年的放假通知收录了，日子重新算过。",
            "at": uow.now,
        }
        for one in found.moved
    ]
    if said:
        connection = await uow.db.connection()
        await connection.execute(insert(Notice), said)
        await write_letters(uow, found, stage)


async def _next_stage(uow: UnitOfWork, year: int) -> str:
    """``notice-2027-1`` at the first import that tells anybody, then ``-2`` and so on."""
    query = select(col(Notice.stage)).where(col(Notice.stage).like(f"notice-{year}-%")).distinct()
    told = [int(stage.rpartition("-")[2]) for stage in await uow.db.scalars(query)]
    return f"notice-{year}-{max(told, default=0) + 1}"
