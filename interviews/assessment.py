"""The assessment of the bodies (考评, 第五条、第六条): a year is opened by a scheme, filled, fixed, objected to, published.

What the record can prove is found by the machine with its evidence (``assessment_evidence``); everything else is
entered by the supervisor with a document, if there is one. A body sees its own score, assesses itself twice a year and
may object once. Reckoning is ``scoring``'s, which is pure.
"""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.once import written_once
from base.people import Body, Role
from interviews import assessment_evidence, body_names, schemes, scoring
from interviews.assessment_models import (
    Assessment,
    Finding,
    Objection,
    SelfAssessment,
    SetAside,
    ThirdParty,
)
from interviews.schemes import Scheme
from interviews.scoring import Given, Problem, Result

FIRST_YEAR, LAST_YEAR = 2000, 2200


@dataclass(frozen=True)
class Sheet:
    """Everything about one body in one year's assessment; ``name`` tells too what it was called before in the year."""

    assessment: Assessment
    scheme: Scheme
    body: Body
    name: str
    problems: tuple[Problem, ...]
    findings: tuple[Finding, ...]
    halves: tuple[SelfAssessment | None, SelfAssessment | None]
    third: ThirdParty | None
    objection: Objection | None
    result: Result


def need(uow: UnitOfWork, role: Role) -> None:
    """Refuse whoever has another role."""
    if uow.actor.role is not role:
        raise forbidden()


async def years(uow: UnitOfWork) -> list[Assessment]:
    """Every year that was opened, the latest first."""
    return list(await uow.db.scalars(select(Assessment).order_by(col(Assessment.year).desc())))


async def of_year(uow: UnitOfWork, year: int, *, lock: bool = False) -> Assessment:
    """The assessment of a year.

    Raises:
        Refusal: ``not_found``.
    """
    query = select(Assessment).where(col(Assessment.year) == year)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = (await uow.db.scalars(query)).one_or_none()
    if found is None:
        raise missing("这一年的考评")
    return found


async def open_year(uow: UnitOfWork, year: int, scheme: str) -> Assessment:
    """Begin the assessment of a year by one of the schemes.

    Raises:
        Refusal: not the supervisor; a year out of bounds or opened already; an unknown scheme.
    """
    need(uow, Role.SUPERVISOR)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refusal("assessment.year", "年份写得不对。请写四位数的年份。", status=400)
    chosen = schemes.load(scheme)
    row = Assessment(year=year, scheme=chosen.id, opened_at=uow.now)
    if await written_once(uow, row) is None:
        raise Refusal("assessment.open", f"{year}年的考评已经开始了。")
    await audit.note(uow, "assessment.open", f"assessment:{year}", scheme=chosen.id)
    return await of_year(uow, year)


async def assessed(uow: UnitOfWork, year: int) -> list[Body]:
    """The bodies that are assessed for a year: those that answered in an interview of it, a merged one as its successor."""
    return await assessment_evidence.bodies_of(uow, year)


async def sheet(uow: UnitOfWork, year: int, body_id: int) -> Sheet:
    """The sheet of one body, for the supervisor or for the body itself.

    Raises:
        Refusal: ``not_found``, also for another body's.
    """
    actor = uow.actor
    own = actor.role is Role.CLERK and actor.body_id == body_id
    if actor.role is not Role.SUPERVISOR and not own:
        raise missing("这份考评")
    found = await of_year(uow, year)
    body = await uow.db.get(Body, body_id)
    if body is None or body.id not in {one.id for one in await assessed(uow, year)}:
        raise missing("这个单位的考评")
    return await _sheet(uow, found, body)


async def sheets(uow: UnitOfWork, year: int) -> list[Sheet]:
    """The sheets of all bodies of a year, for the supervisor."""
    need(uow, Role.SUPERVISOR)
    found = await of_year(uow, year)
    return [await _sheet(uow, found, body) for body in await assessed(uow, year)]


async def _sheet(uow: UnitOfWork, found: Assessment, body: Body) -> Sheet:
    scheme = schemes.load(found.scheme)
    ours = {"assessment_id": found.id, "body_id": body.id}
    findings = tuple(
        await uow.db.scalars(
            select(Finding).filter_by(**ours).order_by(col(Finding.found_on), col(Finding.id))
        )
    )
    selves = {row.half: row for row in await uow.db.scalars(select(SelfAssessment).filter_by(**ours))}
    third = (await uow.db.scalars(select(ThirdParty).filter_by(**ours))).one_or_none()
    objection = (await uow.db.scalars(select(Objection).filter_by(**ours))).one_or_none()
    aside = {
        row.ref: row.reason
        for row in await uow.db.scalars(select(SetAside).filter_by(assessment_id=found.id))
    }
    proven = await assessment_evidence.problems(uow, scheme, found.year, body.id or 0, aside)
    problems = (*proven, *(_problem(row) for row in findings))
    given = Given(
        (_checked(selves.get(1)), _checked(selves.get(2))), _points(third.hundredths) if third else None
    )
    return Sheet(
        found,
        scheme,
        body,
        (await body_names.names(uow.db)).title(body.id or 0, found.year),
        problems,
        findings,
        (selves.get(1), selves.get(2)),
        third,
        objection,
        scoring.score(scheme, problems, given),
    )


def _problem(row: Finding) -> Problem:
    return Problem(
        row.item,
        row.text,
        row.found_on,
        f"finding:{row.id}",
        times=row.times,
        set_aside=row.withdrawn_because,
    )


def _points(hundredths: int) -> Decimal:
    return Decimal(hundredths) / 100


def _checked(row: SelfAssessment | None) -> Decimal | None:
    return None if row is None or row.checked is None else _points(row.checked)
