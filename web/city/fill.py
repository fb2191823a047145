"""Fill the example city once; on every later start see to it that one interview is live and one is collecting."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import Units
from base.people import SYSTEM, Person, Role
from interviews import assessment, plans, yearly_duties
from interviews.calendar import Calendar
from web.auth import hash_password
from web.city import at_work, cast, contacts, data
from web.city.catalogue import fill_catalogue
from web.city.following import go_on
from web.city.script import Act, Around, Script, calendar_of_city, play_acts
from web.city.year import Placed, at, lay
from web.sealing import Seal

ISSUED_ON = (12, 20)
"""The day of December on which the next year's plan is issued, in time by 第十条."""


@dataclass(frozen=True)
class Account:
    """One of the ten accounts of the example city, as it is printed at the start."""

    login: str
    role: str
    name: str
    password: str


async def ensure(units: Units, seal: Seal, now: datetime, password: Callable[[str], str]) -> list[Account]:
    """Fill the example city where there is none; make sure that one interview is live and one is collecting.

    Args:
        units: the process's units of work.
        seal: encrypts the contact addresses that some askers leave.
        now: the present instant.
        password: gives the password of a login; asked at every start, kept from the first.

    Returns:
        The ten accounts of the contract.

    Raises:
        Refusal: the database is busy.
    """
    async with units.read() as uow:
        there = (await uow.db.scalars(select(col(Person.id)).where(col(Person.example)).limit(1))).first()
    if there is None:
        await _fill(units, seal, now, password)
    else:
        async with units.act(SYSTEM, now=now) as uow:
            await go_on(uow, seal.close)
    await fill_catalogue(units, now)
    async with units.read() as uow:
        roles = [role.value for role in Role]
        query = select(Person).where(col(Person.example), col(Person.login).in_(roles))
        rows = sorted(await uow.db.scalars(query), key=lambda row: roles.index(row.role))
    return [
        Account(
            row.login or "",
            row.role,
            f"{row.display_name}，{row.post}" if row.post else row.display_name,
            password(row.login or ""),
        )
        for row in rows
    ]


async def _fill(units: Units, seal: Seal, now: datetime, password: Callable[[str], str]) -> None:
    """The whole city in one transaction: a start that is cut off leaves nothing half told."""
    city, calendar = data.load(), calendar_of_city()
    logins = [one.login for one in city.people.values() if one.login]
    hashes = await asyncio.gather(*(asyncio.to_thread(hash_password, password(login)) for login in logins))
    elapsed = max(record.elapsed for record in city.records.values())
    year = lay(city.programme, now, calendar, elapsed)
    founded = at(date(office_date(year[0].starts_at).year - 2, 12, 1), time(9))
    async with units.act(SYSTEM, now=now) as uow:
        people = await cast.people_of(
            uow.retold(SYSTEM, founded), city, dict(zip(logins, hashes, strict=True))
        )
        await contacts.enter(uow.retold(people.people["office"].actor(), founded), people)
        around = Around(city, people, calendar, now, seal.close)
        running = [
            Script(around, placed, order, on_stage=placed.starts_at <= now < placed.ends_at)
            for order, placed in enumerate(year)
        ]
        told = [act for script in running for act in script.told()]
        told += _filing(people.people["office"], calendar, founded, now)
        supervisor = people.people["supervisor"]
        await play_acts(uow, [*told, *_issuing(year, supervisor, now), _assessing(supervisor, now)])
        await at_work.begin(uow, calendar)


def _assessing(supervisor: Person, now: datetime) -> Act:
    """This year's assessment is open, so that a body and the supervisor find what the record proves."""
    this_year = office_date(now).year
    return Act(now, 0, supervisor, partial(assessment.open_year, year=this_year, scheme="weighted"))


FILED_BEFORE = 3
"""Working days before its last day on which the office files a yearly or quarterly report."""


def _filing(office: Person, calendar: Calendar, founded: datetime, now: datetime) -> list[Act]:
    """The yearly and quarterly reports whose days have passed since the city began were filed in time."""
    this_year, evidence = office_date(now).year, str(data.read_file("staff.yaml")["filed"])
    acts: list[Act] = []
    for year in (this_year - 2, this_year - 1, this_year):
        for duty in yearly_duties.DUTIES:
            day = calendar.workdays_before(duty.due(year), FILED_BEFORE)[-1]
            if yearly_duties.over_on(duty, year) <= day and founded <= at(day, time(16)) <= now:
                file = partial(yearly_duties.file_report, kind=duty.kind, year=year, evidence=evidence)
                acts.append(Act(at(day, time(16)), len(acts), office, file))
    return acts


def _issuing(year: Sequence[Placed], supervisor: Person, now: datetime) -> list[Act]:
    """第十条: each year's plan is issued in the December before, after everything of it was entered."""
    years = sorted({office_date(placed.starts_at).year for placed in year})
    when = {one: at(date(one - 1, *ISSUED_ON), time(15)) for one in years}
    return [
        Act(moment, 0, supervisor, partial(plans.issue, year=one))
        for one, moment in when.items()
        if moment <= now
    ]
