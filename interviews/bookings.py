"""Who and what is taken when (占用): interviews as bookings of bodies, a host and a room, and where two collide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlmodel import col

from base.clock import SHANGHAI, as_utc, office_date
from base.db import UnitOfWork
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, Respondent

TAKING = (InterviewStatus.PLANNED, InterviewStatus.ANNOUNCED, InterviewStatus.LIVE)
"""The states in which an interview still needs its people and its room."""

KINDS = {"respondents": "答复单位", "host": "主持人", "venue": "地点"}


@dataclass(frozen=True, slots=True)
class Booking:
    """An interview as far as it takes up people and rooms.

    Attributes:
        label: how a sentence names it, such as ``“公交线网调整”（3月6日）``.
        theme: its theme, to tell a second copy of the same one.
        starts_at: aware; ends_at: aware.
        respondents: ids of the bodies that answer.
        host_id: the host's person, if there is one.
        venue: the room, if it is known.
        interview_id: its row, ``None`` for one that is only wanted.
    """

    label: str
    theme: str
    starts_at: datetime
    ends_at: datetime
    respondents: frozenset[int]
    host_id: int | None = None
    venue: str | None = None
    interview_id: int | None = None

    @property
    def day(self) -> date:
        """The date of its start in Asia/Shanghai."""
        return office_date(self.starts_at)


def _room(venue: str | None) -> str:
    return "".join((venue or "").split()).casefold()


def collisions(one: Booking, other: Booking) -> list[str]:
    """What both need at the same time: ``respondents``, ``host``, ``venue``; nothing where one ends before."""
    if one.starts_at >= other.ends_at or other.starts_at >= one.ends_at:
        return []
    found = []
    if one.respondents & other.respondents:
        found.append("respondents")
    if one.host_id is not None and one.host_id == other.host_id:
        found.append("host")
    if _room(one.venue) and _room(one.venue) == _room(other.venue):
        found.append("venue")
    return found


def is_copy(one: Booking, other: Booking) -> bool:
    """Whether two are the same interview entered twice: same theme, same start."""
    return one.starts_at == other.starts_at and one.theme.split() == other.theme.split()


def label_of(theme: str, starts_at: datetime) -> str:
    """How a sentence names an interview."""
    day = office_date(starts_at)
    return f"“{theme}”（{day.year}年{day.month}月{day.day}日）"


async def between(uow: UnitOfWork, first: date, last: date) -> list[Booking]:
    """The bookings that touch any day from ``first`` to ``last``, in the order of their starts."""
    begin = as_utc(datetime.combine(first, time(), SHANGHAI)) - timedelta(days=1)
    end = as_utc(datetime.combine(last, time(), SHANGHAI)) + timedelta(days=2)
    query = (
        select(Interview)
        .where(
            col(Interview.starts_at) >= begin,
            col(Interview.starts_at) < end,
            col(Interview.status).in_(TAKING),
        )
        .order_by(col(Interview.starts_at), col(Interview.id))
    )
    return await of(uow, list(await uow.db.scalars(query)))


async def of(uow: UnitOfWork, interviews: Iterable[Interview]) -> list[Booking]:
    """Interviews as bookings, in their order."""
    listed = list(interviews)
    ids = [interview.id for interview in listed]
    answering: dict[int, set[int]] = {}
    query = select(col(Respondent.interview_id), col(Respondent.body_id)).where(
        col(Respondent.interview_id).in_(ids)
    )
    for interview_id, body_id in await uow.db.execute(query):
        answering.setdefault(interview_id, set()).add(body_id)
    return [
        Booking(
            label_of(row.theme, row.starts_at),
            row.theme,
            row.starts_at,
            row.ends_at,
            frozenset(answering.get(row.id or 0, ())),
            row.host_id,
            row.venue,
            row.id,
        )
        for row in listed
    ]
