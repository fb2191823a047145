"""The bodies and people of the example city as rows: one clerk for each body, a person for each guest, visitors.

Only the contract's ten accounts have a login. Clerk and guest belong to the interview that is live, so their logins
pass from person to person, and what somebody did stays theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.people import Body, Person, Role
from web.auth import revoke_all
from web.city.data import BodyData, CityData, GuestData, InterviewData

VISITORS = 60
ANSWERING = frozenset({"department", "district", "enterprise"})


@dataclass
class Cast:
    """Who is there: rows by the keys of the files, visitors in a fixed order."""

    bodies: dict[str, int]
    people: dict[str, Person]
    clerks: dict[str, Person]
    guests: dict[tuple[str, str], Person] = field(default_factory=dict)
    visitors: list[Person] = field(default_factory=list)

    def guest(self, interview: InterviewData, name: str) -> Person:
        """The guest of that name in an interview."""
        return next(self.guests[one.body, name] for one in interview.guests if one.name == name)


async def people_of(uow: UnitOfWork, data: CityData, hashes: Mapping[str, str]) -> Cast:
    """Make everybody.

    Args:
        uow: the city's unit of work.
        data: the city.
        hashes: the password's hash for each login.
    """
    before = uow.now
    bodies = {key: _body(one) for key, one in data.bodies.items()}
    uow.db.add_all(bodies.values())
    await uow.db.flush()
    ids = {key: body.id or 0 for key, body in bodies.items()}
    made = Cast(ids, {}, {})
    for member in data.people.values():
        person = _person(member.role, member.name, member.post, ids[member.body], before)
        if member.login is not None:
            person.login, person.password_hash = member.login, hashes[member.login]
        made.people[member.key] = person
        if member.role == Role.CLERK:
            made.clerks[member.body] = person
    account = data.people[Role.GUEST]
    made.guests[account.body, account.name] = made.people[Role.GUEST]
    for guest in _guests(data):
        if (guest.body, guest.name) not in made.guests:
            row = _person(Role.GUEST, guest.name, guest.post, ids[guest.body], before)
            made.guests[guest.body, guest.name] = row
    for one in data.bodies.values():
        if one.kind in ANSWERING and one.key not in made.clerks:
            name = data.phrases["clerk"].format(short=one.short)
            made.clerks[one.key] = _person(Role.CLERK, name, None, ids[one.key], before)
    made.visitors = [_person(Role.CITIZEN, "市民", None, None, before) for _ in range(VISITORS)]
    uow.db.add_all([*made.people.values(), *made.clerks.values(), *made.guests.values()])
    await uow.db.flush()
    uow.db.add_all(made.visitors)
    await uow.db.flush()
    return made


async def found(uow: UnitOfWork, data: CityData) -> Cast:
    """Everybody again, from the rows of an earlier start."""
    keys = {one.name: key for key, one in data.bodies.items()}
    bodies = {keys[row.name]: row.id or 0 for row in await uow.db.scalars(select(Body)) if row.name in keys}
    of_body = {number: key for key, number in bodies.items()}
    rows = list(await uow.db.scalars(select(Person).where(col(Person.example)).order_by(col(Person.id))))
    by_name = {(row.role, row.display_name): row for row in rows}
    made = Cast(bodies, {}, {})
    for key, one in data.people.items():
        made.people[key] = by_name[one.role, one.name]
    for row in rows:
        if row.role == Role.CLERK:
            made.clerks[of_body[row.body_id or 0]] = row
        elif row.role == Role.GUEST:
            made.guests[of_body[row.body_id or 0], row.display_name] = row
        elif row.role == Role.CITIZEN:
            made.visitors.append(row)
    return made


async def hand_over(uow: UnitOfWork, login: str, person: Person) -> None:
    """Let an account be this person's from now on; whoever had it is signed out."""
    holder = (await uow.db.scalars(select(Person).where(col(Person.login) == login))).one()
    if holder.id == person.id:
        return
    kept, holder.login, holder.password_hash = holder.password_hash, None, None
    await revoke_all(uow, holder.id or 0)
    await uow.db.flush()
    person.login, person.password_hash = login, kept
    await uow.db.flush()


def _body(one: BodyData) -> Body:
    return Body(name=one.name, short_name=one.short, kind=one.kind, recipient=one.recipient)


def _person(role: str, name: str, post: str | None, body_id: int | None, at: datetime) -> Person:
    return Person(role=role, display_name=name, post=post, body_id=body_id, example=True, created_at=at)


def _guests(data: CityData) -> Iterable[GuestData]:
    return (guest for one in data.programme for guest in one.guests)
