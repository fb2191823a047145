"""The days by which a city files its yearly reports, and that it did; beside the duties of single interviews.

Sources: 政府信息公开条例 (国务院令第711号) 第四十九条: departments by 31 January, the government itself by 31 March of the
next year; 政府网站发展指引 (国办发〔2017〕47号): the yearly report of a government website by 31 January. The quarterly
figures have no day in a law; here they are asked for by the 15th of the month after.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import UniqueConstraint, select
from sqlmodel import Field, SQLModel, col

from base import audit
from base.clock import office_date
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal, forbidden
from base.once import written_once
from base.people import Role
from interviews import texts


class FiledReport(SQLModel, table=True):
    """That a yearly or quarterly report was filed, when, and where it can be seen."""

    __tablename__ = "filed_report"
    __table_args__ = (UniqueConstraint("kind", "year", name="uq_filed_report"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    year: int
    filed_on: date
    evidence: str
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id")


@dataclass(frozen=True, slots=True)
class YearlyDuty:
    """A report of a year that has to be filed by a day of the same or the next one."""

    kind: str
    title: str
    source: str
    month: int
    day: int
    next_year: bool = True

    def due(self, year: int) -> date:
        """Its last day for a year; that day itself is in time."""
        return date(year + self.next_year, self.month, self.day)


_BY_ITSELF = "平台定的：季后15日以内"
DUTIES = (
    YearlyDuty("quarter-1", "第一季度数据", _BY_ITSELF, 4, 15, next_year=False),
    YearlyDuty("quarter-2", "第二季度数据", _BY_ITSELF, 7, 15, next_year=False),
    YearlyDuty("quarter-3", "第三季度数据", _BY_ITSELF, 10, 15, next_year=False),
    YearlyDuty("quarter-4", "第四季度数据", _BY_ITSELF, 1, 15),
    YearlyDuty("website", "政府网站工作年度报表", "政府网站发展指引（国办发〔2017〕47号）", 1, 31),
    YearlyDuty("disclosure", "政府信息公开工作年度报告", "政府信息公开条例第四十九条", 1, 31),
    YearlyDuty("government", "本级政府的信息公开工作年度报告", "政府信息公开条例第四十九条", 3, 31),
)
KINDS = {one.kind: one for one in DUTIES}


def over_on(duty: YearlyDuty, year: int) -> date:
    """The first day after the stretch that a report is of, on which it can be filed."""
    if duty.next_year:
        return date(year + 1, 1, 1)
    return date(year, 3 * int(duty.kind.removeprefix("quarter-")) + 1, 1)


@dataclass(frozen=True, slots=True)
class Owed:
    """A report of a year with its day, and what was filed."""

    duty: YearlyDuty
    year: int
    due: date
    filed: FiledReport | None
    left: int

    @property
    def opens(self) -> date:
        """The first day on which it can be filed."""
        return over_on(self.duty, self.year)

    @property
    def late_days(self) -> int:
        """Calendar days after its last day: of the filing, or until today."""
        if self.filed is not None:
            return max(0, (self.filed.filed_on - self.due).days)
        return max(0, -self.left)


async def of_years(uow: UnitOfWork, years: tuple[int, ...]) -> list[Owed]:
    """Every report of some years by its last day."""
    query = select(FiledReport).where(col(FiledReport.year).in_(years))
    filed = {(one.kind, one.year): one for one in await uow.db.scalars(query)}
    today = office_date(uow.now)
    found = [
        Owed(duty, year, duty.due(year), filed.get((duty.kind, year)), (duty.due(year) - today).days)
        for year in years
        for duty in DUTIES
    ]
    return sorted(found, key=lambda one: (one.due, one.duty.kind))


async def file_report(uow: UnitOfWork, kind: str, year: int, evidence: str) -> FiledReport:
    """Say that a report was filed today, and where it can be seen.

    Raises:
        Refusal: not the office; no such report; before its stretch is over; filed already; nothing written.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    duty, today = KINDS.get(kind), office_date(uow.now)
    if duty is None or not 2000 <= year <= today.year:
        raise Refusal("yearly.kind", "没有这份报告。请从页面上选。", status=400)
    if today < over_on(duty, year):
        raise Refusal("yearly.early", "这一段还没有过完，数会变，过完再报。")
    row = FiledReport(
        kind=kind,
        year=year,
        filed_on=today,
        evidence=texts.clean(evidence, texts.REASON_LIMIT, "报到哪里"),
        at=uow.now,
        person_id=uow.actor.person_id,
    )
    if await written_once(uow, row) is None:
        raise Refusal("yearly.filed", "这份报告已经登记过报送了。")
    await audit.note(
        uow,
        "yearly.file",
        f"yearly:{kind}:{year}",
        late=max(0, (today - duty.due(year)).days),
        text=audit.text_digest(row.evidence),
    )
    return row
