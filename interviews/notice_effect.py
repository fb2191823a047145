"""What a yearly notice (放假通知) changes once it is in force: days, the dates of duties, and the letters about them.

Values that ``workdays`` fills in and the pages show; the letters go into the outbox of the same unit of work, one to
each address with everything that moved for it, not one for each duty.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base import outbox
from base.db import UnitOfWork
from base.outbox import Channel
from base.people import Body, Person, Role
from interviews import telling, wording
from interviews.deadlines import in_words
from interviews.models import Assignment
from interviews.telling import Kind, Way

MOST_LINES = 100
"""Duties that one letter lists; whoever owes more reads the rest on their page."""

_ROLES = {
    "office": Role.OFFICE,
    "respondent": Role.CLERK,
    "supervisor": Role.SUPERVISOR,
    "host": Role.HOST,
    "guest": Role.GUEST,
    "moderator": Role.MODERATOR,
    "recipient": Role.RECIPIENT,
}
_ASSIGNED = frozenset({"host", "guest", "moderator"})


@dataclass(frozen=True, slots=True)
class ChangedDay:
    """A day that is worked now and off by the notice, or the reverse, with both reasons."""

    day: date
    was: str
    becomes: str

    def to_dict(self) -> dict[str, str]:
        """The day as ``fangtan calendar import --json`` prints it."""
        return {"date": self.day.isoformat(), "was": self.was, "becomes": self.becomes}


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one duty by one calendar."""

    due: date
    act_by: date
    not_before: date | None

    def to_dict(self) -> dict[str, str | None]:
        """The dates as JSON."""
        opens = self.not_before.isoformat() if self.not_before else None
        return {"due": self.due.isoformat(), "act_by": self.act_by.isoformat(), "not_before": opens}


@dataclass(frozen=True, slots=True)
class MovedDuty:
    """An open duty whose dates the notice moves.

    Attributes:
        duty_id: its row; ``interview_id`` and ``theme`` say of which interview.
        title: what is to be done, asked by ``article`` of ``owed_by`` (of the body ``body_id``).
        was: its dates before; ``becomes`` after.
        overtaken: whether the new last day has passed through the notice alone (``Duty.moved_by_notice``).
    """

    duty_id: int
    interview_id: int
    theme: str
    title: str
    article: str
    owed_by: str
    body_id: int | None
    was: Dates
    becomes: Dates
    overtaken: bool

    def in_words(self) -> str:
        """What moved from when to when, as a half-sentence."""
        words = [
            f"{what}由{in_words(old)}改为{in_words(new)}"
            for what, old, new in (
                ("最后一天", self.was.due, self.becomes.due),
                ("可以办的头一天", self.was.not_before, self.becomes.not_before),
            )
            if old != new and old is not None and new is not None
        ]
        if not words:
            words = [f"该办的日子由{in_words(self.was.act_by)}改为{in_words(self.becomes.act_by)}"]
        if self.overtaken:
            words.append("这一天已经过去，是通知使日子提前，不算逾期，请尽快办")
        return "，".join(words)

    def to_dict(self) -> dict[str, Any]:
        """The duty as ``fangtan calendar import --json`` prints it."""
        return {
            "duty": self.duty_id,
            "interview": self.interview_id,
            "theme": self.theme,
            "title": self.title,
            "article": self.article,
            "owed_by": self.owed_by,
            "body": self.body_id,
            "was": self.was.to_dict(),
            "becomes": self.becomes.to_dict(),
            "moved_by_notice": self.overtaken,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """What importing a notice changes.

    Attributes:
        year: the notice's year; ``source`` where it is from.
        known: whether exactly this notice is in force already; then nothing changes.
        days: the days that change.
        moved: the open duties whose dates move, in the order of their rows.
        settled: how many open duties are provisional (暂定) no longer and keep their dates.
        gaps: statutory holidays that the notice leaves out, as sentences.
    """

    year: int
    source: str
    known: bool
    days: tuple[ChangedDay, ...]
    moved: tuple[MovedDuty, ...]
    settled: int
    gaps: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The preview as ``fangtan calendar import --json`` prints it."""
        return {
            "year": self.year,
            "source": self.source,
            "known": self.known,
            "days": [one.to_dict() for one in self.days],
            "duties": [one.to_dict() for one in self.moved],
            "settled": self.settled,
            "gaps": list(self.gaps),
        }


def sentence(one: MovedDuty) -> str:
    """One duty that moved, as a reminder and a letter say it."""
    return f"《{one.theme}》：{one.title}，{one.in_words()}（{one.article}）。"


async def write_letters(uow: UnitOfWork, found: Preview, stage: str) -> None:
    """Queue one letter to each address that owes something that moved, and a call of the webhook to who wishes it.

    Args:
        uow: the unit of work that imports the notice.
        found: what moved.
        stage: the import's name, such as ``notice-2027-1``; with the address it makes the letter's key.
    """
    letters: dict[_Receiver, list[MovedDuty]] = defaultdict(list)
    reached = await _receivers(uow, found.moved)
    for one in found.moved:
        for receiver in reached(one):
            letters[receiver].append(one)
    for to, moved in letters.items():
        lines = [sentence(one) for one in moved[:MOST_LINES]]
        if len(moved) > MOST_LINES:
            lines.append(f"另有{len(moved) - MOST_LINES}件，请登录以后看。")
        words = await wording.mail(
            uow, Kind.CALENDAR, year=found.year, count=len(moved), list="\n".join(lines)
        )
        about: dict[str, Any] = {"duties": [one.duty_id for one in moved]}
        if to.channel is Channel.WEBHOOK:
            about |= {"person": to.person, "role": to.role}
        await outbox.queue(
            uow,
            f"calendar:{stage}:{to.key}",
            to.address,
            words.subject,
            words.text,
            kind=Kind.CALENDAR,
            channel=to.channel,
            about=about,
        )


@dataclass(frozen=True)
class _Receiver:
    """Where one letter goes; ``person`` only by the webhook, since two people may share a mailbox."""

    channel: Channel
    key: str
    address: str
    person: int | None = None
    role: str | None = None


async def _receivers(uow: UnitOfWork, moved: Iterable[MovedDuty]) -> Callable[[MovedDuty], list[_Receiver]]:
    """Where whoever owes a duty is told: at their own address, or the body's where none of its people has one."""
    wishes = await telling.wishes(uow)
    query = select(Person).where(
        col(Person.role).in_(list(_ROLES.values())), col(Person.disabled_at).is_(None)
    )
    staff = list(await uow.db.scalars(query.order_by(col(Person.id))))
    bodies = {body.id: body.email for body in await uow.db.scalars(select(Body))}
    here: set[tuple[int, int]] = set()
    if any(one.owed_by in _ASSIGNED for one in moved):
        pairs = select(col(Assignment.interview_id), col(Assignment.person_id))
        here = {(interview, person) for interview, person in await uow.db.execute(pairs)}

    def of(one: MovedDuty) -> list[_Receiver]:
        theirs = [person for person in staff if person.role == _ROLES.get(one.owed_by)]
        if one.owed_by in _ASSIGNED:
            theirs = [person for person in theirs if (one.interview_id, person.id or 0) in here]
        if one.body_id is not None:
            theirs = [person for person in theirs if person.body_id == one.body_id]
        own = bodies.get(one.body_id) if one.body_id is not None else None
        mailed = {
            person.email
            for person in theirs
            if person.email and wishes.wants(person.id, Kind.CALENDAR, Way.MAIL)
        }
        if own and not any(person.email for person in theirs) and wishes.wants(None, Kind.CALENDAR, Way.MAIL):
            mailed = {own}
        called = [
            _Receiver(
                Channel.WEBHOOK,
                f"{person.id}:webhook",
                wishes.addresses.get(person.id or 0, ""),
                person.id,
                person.role,
            )
            for person in theirs
            if wishes.wants(person.id, Kind.CALENDAR, Way.WEBHOOK)
        ]
        return [_Receiver(Channel.MAIL, address, address) for address in sorted(mailed)] + called

    return of
