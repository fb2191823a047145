"""Who and what is taken when (占用): interviews as bookings of bodies, a host and a room, and where two collide."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlmodel import col

from base.clock import SHANGHAI, as_utc, office_date
from base.db import UnitOfWork
from base.errors import Refusal
from interviews import body_names
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview, Respondent

TAKING = (InterviewStatus.PLANNED, InterviewStatus.ANNOUNCED, InterviewStatus.LIVE)
"""The states in which an interview still needs its people and its room."""
HELD = (InterviewStatus.ENDED, InterviewStatus.ARCHIVED)
"""The states in which it needs them no more, and is still there to be entered a second time."""

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
        held: whether it is over, so that it takes up nobody any more.
    """

    label: str
    theme: str
    starts_at: datetime
    ends_at: datetime
    respondents: frozenset[int]
    host_id: int | None = None
    venue: str | None = None
    interview_id: int | None = None
    held: bool = False

    @property
    def day(self) -> date:
        """The date of its start in Asia/Shanghai."""
        return office_date(self.starts_at)


def _room(venue: str | None) -> str:
    return "".join((venue or "").split()).casefold()


def collisions(one: Booking, other: Booking) -> list[str]:
    """What both need at the same time: ``respondents``, ``host``, ``venue``; nothing where one ends before."""
    if one.held or other.held:
        return []
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


async def check_free(uow: UnitOfWork, wanted: Booking) -> None:
    """Whether a time is free for an interview: it is not there already, and its bodies and its host are not elsewhere.

    Args:
        uow: reads the programme.
        wanted: as it is to be; with its ``interview_id`` where it exists, which is not compared with itself.

    Raises:
        Refusal: ``schedule.copy``; ``schedule.body_taken``; ``schedule.host_taken``.
    """
    near = await between(uow, wanted.day, office_date(wanted.ends_at), held=True)
    others = [one for one in near if wanted.interview_id is None or one.interview_id != wanted.interview_id]
    for other in others:
        if is_copy(wanted, other) and wanted.respondents == other.respondents:
            raise Refusal(
                "schedule.copy",
                f"{other.label}已经排了，题目、开始时间和答复单位都一样，没有再排。要另排一场，请改题目或者时间。",
            )
    for other in others:
        await _check_pair(uow, wanted, other)


async def _check_pair(uow: UnitOfWork, wanted: Booking, other: Booking) -> None:
    both = collisions(wanted, other)
    if "respondents" in both:
        known = await body_names.names(uow.db)
        shared = sorted(wanted.respondents & other.respondents)
        who = "、".join(known.on(number, wanted.day).name for number in shared)
        raise Refusal("schedule.body_taken", f"{who}那个时间要答复{other.label}。请改时间，或者换答复单位。")
    if "host" in both:
        raise Refusal("schedule.host_taken", f"这位主持人那个时间主持{other.label}。请换一位，或者改时间。")


async def between(uow: UnitOfWork, first: date, last: date, *, held: bool = False) -> list[Booking]:
    """The bookings that touch any day from ``first`` to ``last``, in the order of their starts.

    Args:
        uow: reads them.
        first: the first day.
        last: the last day.
        held: whether those that are over come too; they take up nobody.
    """
    begin = as_utc(datetime.combine(first, time(), SHANGHAI)) - timedelta(days=1)
    end = as_utc(datetime.combine(last, time(), SHANGHAI)) + timedelta(days=2)
    query = (
        select(Interview)
        .where(
            col(Interview.starts_at) >= begin,
            col(Interview.starts_at) < end,
            col(Interview.status).in_((*TAKING, *HELD) if held else TAKING),
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
            row.status in HELD,
        )
        for row in listed
    ]
