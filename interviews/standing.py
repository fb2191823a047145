"""The duties that no single interview brings: the yearly and quarterly reports, and the half-yearly self-assessments.

They are reckoned from the rules (``yearly_duties``, a scheme's halves) and from what was done; no row owes them, and
nothing but the act itself discharges them: a report by being filed, a self-assessment by being handed in. Pages list
them together with the ledger's (``duties``), and ``standing_notices`` reminds of them.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import col

from base.audit import AuditEntry
from base.clock import office_date
from base.db import UnitOfWork
from interviews import assessment, schemes, scoring, workdays, yearly_duties
from interviews.assessment_models import Assessment, SelfAssessment
from interviews.calendar import Calendar
from interviews.lifecycle import DutyStatus
from interviews.models import Interview
from interviews.schemes import Part, PartKind
from interviews.yearly_duties import Owed

HALF_WORDS = {1: "上半年", 2: "下半年"}


@dataclass(frozen=True, slots=True)
class StandingDuty:
    """A report or a self-assessment that is owed.

    Attributes:
        key: lasting and unique, such as ``disclosure:2026`` or ``self:2026:1:12``.
        year: the year that it is of.
        title: what is owed.
        article: what asks for it.
        owed_by: ``office`` or ``respondent``.
        body_id: the body that owes it; None for the office.
        body: its name; empty for the office.
        due: the last day in time; the day itself is.
        act_by: the last working day on or before it.
        not_before: the first day on which it can be done.
        provisional: whether ``act_by`` may still move with a yearly notice; ``due`` is fixed by the rule.
        sum: how the date comes about, in words.
        page: where it is done.
        done_at: when it was done.
        moved_by_notice: whether it could not be done in time through nobody's fault at the body.
    """

    key: str
    year: int
    title: str
    article: str
    owed_by: str
    body_id: int | None
    body: str
    due: date
    act_by: date
    not_before: date
    provisional: bool
    sum: str
    page: str
    done_at: datetime | None = None
    moved_by_notice: bool = False

    @property
    def status(self) -> DutyStatus:
        """Open until it is done."""
        return DutyStatus.OPEN if self.done_at is None else DutyStatus.DONE

    @property
    def group(self) -> str:
        """What all bodies that owe the same by the same day have in common: the key without the body."""
        return self.key if self.body_id is None else self.key.rpartition(":")[0]

    @property
    def late_days(self) -> int:
        """Calendar days after its last day on which it was done; 0 where it is not done."""
        if self.done_at is None or self.moved_by_notice:
            return 0
        return max(0, (office_date(self.done_at) - self.due).days)


async def of_years(uow: UnitOfWork, years: tuple[int, ...]) -> list[StandingDuty]:
    """Every standing duty of some years, done or not, by its last day.

    A report of a stretch of days that was over before the platform had anything to report of is not asked for.
    """
    calendar = await workdays.present(uow)
    since = await _began(uow)
    reports = [
        _report(owed, calendar)
        for owed in await yearly_duties.of_years(uow, years)
        if yearly_duties.over_on(owed.duty, owed.year) > since
    ]
    found = [*reports, *await _halves(uow, years, calendar)]
    return sorted(found, key=lambda one: (one.due, one.key))


async def open_now(uow: UnitOfWork) -> list[StandingDuty]:
    """What is not done yet of this year and the last, by its last day."""
    year = office_date(uow.now).year
    return [one for one in await of_years(uow, (year - 1, year)) if one.done_at is None]


async def _began(uow: UnitOfWork) -> date:
    """The day of the platform's first interview or entry; today where it has neither."""
    first = await uow.db.scalar(select(func.min(col(Interview.starts_at))))
    entry = await uow.db.scalar(select(AuditEntry).order_by(col(AuditEntry.seq)).limit(1))
    known = [office_date(at) for at in (first, entry.at if entry else None) if at is not None]
    return min(known, default=office_date(uow.now))


def _report(owed: Owed, calendar: Calendar) -> StandingDuty:
    duty, act_by = owed.duty, calendar.last_workday(owed.due)
    since = yearly_duties.over_on(duty, owed.year)
    return StandingDuty(
        key=f"{duty.kind}:{owed.year}",
        year=owed.year,
        title=f"{owed.year}年{duty.title}",
        article=duty.source,
        owed_by="office",
        body_id=None,
        body="",
        due=owed.due,
        act_by=act_by,
        not_before=since,
        provisional=not calendar.is_official_year(act_by.year),
        sum=f"{_day(since)}起可以报，最迟{_day(owed.due)}，那一天报也算按时。",
        page=f"/office/yearly?year={owed.year}#h-due",
        done_at=owed.filed.at if owed.filed else None,
    )


async def _halves(uow: UnitOfWork, years: tuple[int, ...], calendar: Calendar) -> list[StandingDuty]:
    query = select(Assessment).where(col(Assessment.year).in_(years)).order_by(col(Assessment.year))
    found: list[StandingDuty] = []
    for one in list(await uow.db.scalars(query)):
        part = schemes.load(one.scheme).part(PartKind.HALVES)
        if part is not None:
            found += await _of_assessment(uow, one, part, calendar)
    return found


async def _of_assessment(
    uow: UnitOfWork, one: Assessment, part: Part, calendar: Calendar
) -> list[StandingDuty]:
    rows = await uow.db.scalars(select(SelfAssessment).where(col(SelfAssessment.assessment_id) == one.id))
    handed_in = {(row.body_id, row.half): row.at for row in rows}
    bodies = [(body.id or 0, body.name) for body in await assessment.assessed(uow, one.year)]
    source = schemes.load(one.scheme).source
    found = []
    for half, words in HALF_WORDS.items():
        due = scoring.half_due(part, one.year, half)
        since = scoring.half_over(one.year, half)
        act_by = calendar.last_workday(due)
        for body_id, name in bodies:
            done_at = handed_in.get((body_id, half))
            if done_at is None and one.fixed_at is not None:
                continue
            found.append(
                StandingDuty(
                    key=f"self:{one.year}:{half}:{body_id}",
                    year=one.year,
                    title=f"报{one.year}年{words}的{part.title}",
                    article=f"考评办法的{part.title}",
                    owed_by="respondent",
                    body_id=body_id,
                    body=name,
                    due=due,
                    act_by=act_by,
                    not_before=since,
                    provisional=not calendar.is_official_year(act_by.year),
                    sum=f"{words}过完，{_day(since)}起可以报，最迟{_day(due)}，那一天报也算按时。依据：{source}。",
                    page=f"/desk/assessment/{one.year}",
                    done_at=done_at,
                    moved_by_notice=scoring.asked_too_late(part, one.year, half, office_date(one.opened_at)),
                )
            )
    return found


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
