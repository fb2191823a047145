"""Messages to staff about what somebody has done: to whom, by the ways that ``telling`` gives, in the words of a kind.

Each is written in the transaction of the act that causes it, under a key that names the occasion, and is withdrawn by
that key once what it asks for is done.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlmodel import col

from base import outbox
from base.db import UnitOfWork
from base.outbox import Channel
from base.people import Body, Person, Role
from interviews import telling, wording
from interviews.models import Assignment, Interview, Respondent
from interviews.telling import Kind, Way, Wishes
from interviews.wording import Words

HANDED, TOLD = "handed:", "told:"
SETTLED = "事情已经办好，或者有了新的消息，不用再发"
"""What stands on a message in the outbox that does not go."""


@dataclass(frozen=True)
class Readers:
    """Whom a message is for.

    Attributes:
        people: members of staff.
        own: the addresses of bodies none of whose clerks has one, by the end of their messages' keys.
    """

    people: Sequence[Person]
    own: Mapping[str, str] = field(default_factory=dict)


def at_bodies(bodies: Collection[Body], clerks: Collection[Person]) -> Readers:
    """The clerks of some bodies; where none of a body's has an address, the body's own stands in."""
    people: list[Person] = []
    own: dict[str, str] = {}
    for body in bodies:
        theirs = [one for one in clerks if one.body_id == body.id]
        people += theirs
        if body.email and not any(one.email for one in theirs):
            own[f"body-{body.id}"] = body.email
    return Readers(people, own)


async def in_role(uow: UnitOfWork, role: Role) -> Readers:
    """Everybody who has a role now."""
    query = select(Person).where(col(Person.role) == role, col(Person.disabled_at).is_(None))
    return Readers(list(await uow.db.scalars(query.order_by(col(Person.id)))))


async def of_body(uow: UnitOfWork, body_id: int) -> Readers:
    """A body's clerks, or its own address."""
    body = await uow.db.get_one(Body, body_id)
    return at_bodies([body], (await in_role(uow, Role.CLERK)).people)


async def of_bodies_in(uow: UnitOfWork, interview_id: int) -> Readers:
    """The clerks of the bodies that answer in an interview."""
    query = (
        select(Body)
        .join(Respondent, col(Respondent.body_id) == col(Body.id))
        .where(col(Respondent.interview_id) == interview_id)
        .order_by(col(Body.id))
    )
    return at_bodies(list(await uow.db.scalars(query)), (await in_role(uow, Role.CLERK)).people)


async def of_everybody_in(uow: UnitOfWork, interview_id: int) -> Readers:
    """The clerks of the bodies that answer, and whoever hosts, moderates or is a guest in an interview."""
    bodies = await of_bodies_in(uow, interview_id)
    query = (
        select(Person)
        .join(Assignment, col(Assignment.person_id) == col(Person.id))
        .where(col(Assignment.interview_id) == interview_id, col(Person.disabled_at).is_(None))
        .order_by(col(Person.id))
    )
    placed = [one for one in await uow.db.scalars(query) if one.role != Role.CLERK]
    return Readers([*bodies.people, *placed], bodies.own)


async def send(
    uow: UnitOfWork,
    kind: Kind,
    key: str,
    readers: Readers,
    words: Words,
    *,
    plain: str | None = None,
    wishes: Wishes | None = None,
) -> int:
    """Queue a mail and a call of the webhook to each reader who has an address for it and wishes it; how many are new.

    Args:
        uow: of the act that causes it.
        kind: what it is about.
        key: the occasion; the reader is put after it.
        readers: whom it is for; a kind that does not reach somebody's role is not sent to them.
        words: subject and text.
        plain: what the webhook says; the text where it is not given.
        wishes: what everybody wishes, where whoever sends many has read it already.
    """
    known = wishes or await telling.wishes(uow)
    told = [one for one in readers.people if kind in telling.kinds_of(Role(one.role))]
    mails = {str(one.id): one.email for one in told if one.email and known.wants(one.id, kind, Way.MAIL)}
    mails |= readers.own if known.wants(None, kind, Way.MAIL) else {}
    count = 0
    for who, address in mails.items():
        count += await outbox.queue(uow, f"{key}:{who}", address, words.subject, words.text, kind=kind)
    for one in told:
        if known.wants(one.id, kind, Way.WEBHOOK):
            count += await outbox.queue(
                uow,
                f"{key}:{one.id}:webhook",
                known.addresses.get(one.id or 0, ""),
                words.subject,
                plain if plain is not None else words.text.strip(),
                kind=kind,
                channel=Channel.WEBHOOK,
                about={"person": one.id, "role": one.role},
            )
    return count


# About an interview


async def handed_over(uow: UnitOfWork, interview: Interview, count: int) -> None:
    """Tell the bodies that answer that the questions lie on their desks; handed over anew it takes the old one's place.

    Args:
        uow: of the office.
        interview: not a rehearsal, of which nobody outside is told.
        count: how many questions.
    """
    if interview.rehearsal:
        return
    await outbox.withdraw_all(uow, f"{HANDED}{interview.id}:", SETTLED)
    words = await wording.mail(uow, "handed", theme=interview.theme, count=count)
    readers = await of_bodies_in(uow, interview.id or 0)
    by_body = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == interview.id)
    for body_id in await uow.db.scalars(by_body.order_by(col(Respondent.id))):
        theirs = Readers(
            [one for one in readers.people if one.body_id == body_id],
            {key: address for key, address in readers.own.items() if key == f"body-{body_id}"},
        )
        key = f"{HANDED}{interview.id}:{body_id}:{uow.now:%Y%m%d%H%M%S%f}"
        await send(uow, Kind.HANDED, key, theirs, words)


async def pack_read(uow: UnitOfWork, interview_id: int, body_id: int) -> None:
    """Somebody of a body has opened the questions: its others need not be told any more."""
    await outbox.withdraw_all(uow, f"{HANDED}{interview_id}:{body_id}:", SETTLED)


async def tell(uow: UnitOfWork, interview: Interview, what: str, news: str) -> None:
    """Tell everybody who takes part what became of an interview; the latest of the same sort takes the others' place.

    Args:
        uow: of the act.
        interview: not a rehearsal.
        what: two or three characters, such as ``改期``.
        news: a sentence that is still true when it is read days later.
    """
    if interview.rehearsal:
        return
    key = f"{TOLD}{interview.id}:{what}:"
    await outbox.withdraw_all(uow, key, SETTLED)
    words = await wording.mail(uow, "told", theme=interview.theme, what=what, news=news)
    readers = await of_everybody_in(uow, interview.id or 0)
    await send(uow, Kind.TOLD, f"{key}{uow.now:%Y%m%d%H%M%S%f}", readers, words)


async def over(uow: UnitOfWork, interview_id: int) -> None:
    """An interview begins, or is off: what was written about its preparation goes no more."""
    for prefix in (HANDED, TOLD):
        await outbox.withdraw_all(uow, f"{prefix}{interview_id}:", SETTLED)
