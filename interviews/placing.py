"""Who hosts, moderates and answers as a guest in an interview (派人): put there and taken away by the office.

A place lets an account act in one interview and nowhere else. What was said before stays; whoever is taken away has no
more rights there from then on, and whoever calls these verbs closes their sockets.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal, forbidden
from base.people import Person, Role
from interviews import access, bookings, facts, programme
from interviews.lifecycle import InterviewStatus
from interviews.models import Assignment, Interview, Respondent

S = InterviewStatus
PLACED = (Role.HOST, Role.MODERATOR, Role.GUEST)
LABELS = {Role.HOST: "主持人", Role.MODERATOR: "审核员", Role.GUEST: "嘉宾账号"}
COMING = (S.PLANNED, S.ANNOUNCED, S.LIVE)
OPEN = (*COMING, S.ENDED)
"""Where somebody may still be put: what ended still has questions to decide and answers to come."""


@dataclass(frozen=True)
class Changed:
    """What a change of places did: in words, who lost theirs, and who hosted before, for whoever undoes it."""

    said: tuple[str, ...]
    gone: tuple[int, ...]
    host_before: int | None


async def placed(uow: UnitOfWork, interview_id: int) -> list[Person]:
    """The people who have a place in an interview, hosts first."""
    query = (
        select(Person)
        .join(Assignment, col(Assignment.person_id) == col(Person.id))
        .where(col(Assignment.interview_id) == interview_id)
        .order_by(col(Person.id))
    )
    found = list(await uow.db.scalars(query))
    return sorted(found, key=lambda one: PLACED.index(Role(one.role)) if one.role in PLACED else len(PLACED))


async def candidates(uow: UnitOfWork, interview_id: int | None = None) -> dict[Role, list[Person]]:
    """The open accounts that can be put into an interview, by role; guests only of a body that answers in it."""
    query = select(Person).where(
        col(Person.role).in_(PLACED), col(Person.disabled_at).is_(None), col(Person.login).is_not(None)
    )
    answering: set[int] = set()
    if interview_id is not None:
        part = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == interview_id)
        answering = set(await uow.db.scalars(part))
    found: dict[Role, list[Person]] = {role: [] for role in PLACED}
    for person in await uow.db.scalars(query.order_by(col(Person.display_name), col(Person.id))):
        if person.role != Role.GUEST or person.body_id in answering:
            found[Role(person.role)].append(person)
    return found


async def arrange(uow: UnitOfWork, interview_id: int, host: int | None, others: Iterable[int]) -> Changed:
    """Put exactly these people into an interview: its host, its moderators and its guests' accounts.

    Args:
        uow: the office's unit of work.
        interview_id: which interview; no rehearsal, and not over.
        host: an account of a host, or nobody.
        others: accounts of moderators and guests.

    Raises:
        Refusal: not the office; ``not_found``; ``place.over``; ``place.person`` for an account of another role, a
            closed one or a guest of a body that does not answer; ``place.taken`` where the host hosts elsewhere then.
    """
    interview = await _interview(uow, interview_id)
    known = await candidates(uow, interview_id)
    wanted, before = set(others), interview.host_id
    now = await placed(uow, interview_id)
    here = {one.id or 0: one for one in now}
    able = {one.id or 0: one for role in (Role.MODERATOR, Role.GUEST) for one in known[role]}
    # Whoever has a place and whose account was closed meanwhile may stay ticked.
    able |= {number: one for number, one in here.items() if one.role in (Role.MODERATOR, Role.GUEST)}
    if not wanted <= set(able):
        raise Refusal("place.person", "选的账号不能派到这一场。请刷新页面，从名单里选。", status=400)
    said, gone = await _host(uow, interview, host, known[Role.HOST], here)
    for number in sorted(wanted - set(here)):
        await programme.assign_person(uow, interview_id, number)
        said.append(f"加了{_name(able[number])}")
    for number, person in here.items():
        if number not in wanted and person.role in (Role.MODERATOR, Role.GUEST):
            await _take_away(uow, interview_id, number)
            said.append(f"去掉了{_name(person)}")
            gone.append(number)
    if not said:
        raise Refusal("place.same", "和原来一样，没有要改的。", status=400)
    return Changed(tuple(said), tuple(gone), before)


async def _host(
    uow: UnitOfWork,
    interview: Interview,
    host: int | None,
    hosts: Sequence[Person],
    here: dict[int, Person],
) -> tuple[list[str], list[int]]:
    """Give an interview its host; what changed in words, and who hosts it no more."""
    if host == interview.host_id:
        return [], []
    if interview.status not in COMING:
        raise Refusal("place.over", "这一场已经结束，不能再换主持人。")
    new = next((one for one in hosts if one.id == host), None)
    if host is not None and new is None:
        raise Refusal("schedule.host", "主持人没有选对。请从主持人名单里选。", status=400)
    if host is not None:
        await _check_free(uow, interview, host)
        await programme.assign_person(uow, interview.id or 0, host)
    gone = [number for number, one in here.items() if one.role == Role.HOST and number != host]
    for number in gone:
        await _take_away(uow, interview.id or 0, number)
    interview.host_id = host
    await audit.note(uow, "interview.host", f"interview:{interview.id}", person=host)
    await facts.tell(uow, interview, "interview.changed")
    return [f"主持人改为{new.display_name}" if new else "去掉了主持人"], gone


async def _check_free(uow: UnitOfWork, interview: Interview, host: int) -> None:
    """Whether the host hosts nothing else at that time.

    Raises:
        Refusal: ``place.taken``.
    """
    own = (await bookings.of(uow, [interview]))[0]
    for other in await bookings.between(uow, own.day, own.day):
        at_once = other.starts_at < own.ends_at and own.starts_at < other.ends_at
        if at_once and other.host_id == host and other.interview_id != interview.id:
            raise Refusal("place.taken", f"这位主持人那个时间主持{other.label}。请换一位，或者改时间。")


async def add(uow: UnitOfWork, interview_id: int, person_id: int) -> Changed | None:
    """Put one more person into an interview, a host in the place of the one before; nothing where they were there.

    Raises:
        Refusal: as ``arrange``.
    """
    interview = await _interview(uow, interview_id)
    before, known = interview.host_id, await candidates(uow, interview_id)
    person = next((one for people in known.values() for one in people if one.id == person_id), None)
    if person is None:
        raise Refusal("place.person", "这个账号不能派到这一场。", status=400)
    here = {one.id or 0: one for one in await placed(uow, interview_id)}
    if person.role == Role.HOST:
        said, gone = await _host(uow, interview, person_id, known[Role.HOST], here)
        return Changed(tuple(said), tuple(gone), before) if said else None
    if person_id in here:
        return None
    await programme.assign_person(uow, interview_id, person_id)
    return Changed((f"加了{_name(person)}",), (), before)


async def take_back(uow: UnitOfWork, interview_id: int, person_id: int, host_before: int | None) -> Changed:
    """Undo an ``add``: the person goes, and where it was the host, the one before comes back.

    Raises:
        Refusal: as ``arrange``; ``place.person`` where somebody has changed it since.
    """
    interview = await _interview(uow, interview_id)
    here = {one.id or 0: one for one in await placed(uow, interview_id)}
    person = here.get(person_id)
    if person is None or (person.role == Role.HOST and interview.host_id != person_id):
        raise Refusal("place.person", "后来又有人改过，没有撤销。")
    if person.role == Role.HOST:
        hosts = (await candidates(uow, interview_id))[Role.HOST]
        said, gone = await _host(uow, interview, host_before, hosts, here)
        return Changed(tuple(said), tuple(gone), person_id)
    await _take_away(uow, interview_id, person_id)
    return Changed((f"去掉了{_name(person)}",), (person_id,), interview.host_id)


async def _interview(uow: UnitOfWork, interview_id: int) -> Interview:
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    found = await access.acting_interview(uow, interview_id)
    if found.status not in OPEN:
        raise Refusal("place.over", "这一场已经归档或者取消，不用再派人。")
    return found


async def _take_away(uow: UnitOfWork, interview_id: int, person_id: int) -> None:
    gone = delete(Assignment).where(
        col(Assignment.interview_id) == interview_id, col(Assignment.person_id) == person_id
    )
    await uow.db.execute(gone)
    await audit.note(uow, "person.unassign", f"interview:{interview_id}", person=person_id)


async def leave_all(uow: UnitOfWork, person_id: int) -> int:
    """Take somebody out of everything that is over, because their role changes; how many places that were.

    Raises:
        Refusal: ``account.assigned`` while they have a place in an interview that is not over.
    """
    held = select(func.count(col(Assignment.id))).where(col(Assignment.person_id) == person_id)
    still = held.join(Interview, col(Interview.id) == col(Assignment.interview_id))
    many = int(await uow.db.scalar(still.where(col(Interview.status).in_(COMING))) or 0)
    if many:
        raise Refusal(
            "account.assigned",
            f"这个账号还派在{many}场没有结束的访谈里。请信息办先在那几场的页面上换人，再改。",
        )
    left = int(await uow.db.scalar(held) or 0)
    await uow.db.execute(delete(Assignment).where(col(Assignment.person_id) == person_id))
    return left


def _name(person: Person) -> str:
    return f"{LABELS[Role(person.role)]}{person.display_name}"
