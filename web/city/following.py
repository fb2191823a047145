"""What the example city has done since it was last started: it goes on, and the next interview opens.

Only interviews of the programme's own themes are touched; what a visitor of the demonstration began stays theirs.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlmodel import col

from base.clock import as_utc, office_date
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import SYSTEM, Role
from interviews import programme
from interviews.lifecycle import InterviewStatus
from interviews.models import Guest, Interview
from web.city import at_work, cast, data
from web.city.data import InterviewData
from web.city.script import GUESTS_BEFORE, Act, Around, Script, calendar_of_city, play, play_acts
from web.city.year import COLLECTING_IN, Placed, at, live_start

log = structlog.get_logger(__name__)

ELAPSED = 18
"""Minutes that an interview opened now has been going on: one question is answered, the next on stage."""
ANNOUNCEMENT_DUE = 15
NEAR = timedelta(days=40)


async def go_on(uow: UnitOfWork, seal: Callable[[str], str]) -> None:
    """Make sure that one interview is live and one is collecting; tell on what was due meanwhile.

    Args:
        uow: its instant is the present.
        seal: encrypts a contact address.

    Raises:
        Refusal: opening the next one was refused, which would be a fault of the city's files.
    """
    for interview_id in await programme.past_limit(uow):
        row = await uow.db.get_one(Interview, interview_id)
        await programme.close_by_clock(uow.retold(SYSTEM, row.limit_at or uow.now), interview_id)
    rows = list(await uow.db.scalars(select(Interview).order_by(col(Interview.id))))
    waiting = [row for row in rows if _waits(row, uow.now)]
    if _is_live(rows) and _collects(rows, uow.now) and not waiting:
        return
    city = data.load()
    around = Around(city, await cast.found(uow, city), calendar_of_city(), uow.now, seal)
    await _tell_on(uow, around, waiting)
    rows = list(await uow.db.scalars(select(Interview).order_by(col(Interview.id))))
    if not _is_live(rows) and not await _open_the_one_due(uow, around, rows):
        await _open_next(uow, around, rows)
    if not _collects(rows, uow.now):
        ahead = around.calendar.workdays_after(office_date(uow.now), COLLECTING_IN)[-1]
        one = _next_theme(around, rows)
        await play(uow, [Script(around, Placed(one, at(ahead, one.start)), added=True)])
    await at_work.begin(uow, around.calendar)


def _is_live(rows: Sequence[Interview]) -> bool:
    return any(row.status == InterviewStatus.LIVE for row in rows)


def _collects(rows: Sequence[Interview], now: datetime) -> bool:
    return any(row.status == InterviewStatus.ANNOUNCED and row.starts_at > now for row in rows)


def _waits(row: Interview, now: datetime) -> bool:
    """Whether something of it may have been due by now; a rough look that needs no file."""
    if row.status == InterviewStatus.PLANNED:
        return row.content is None and row.starts_at < now + NEAR
    return row.status == InterviewStatus.ANNOUNCED and office_date(row.starts_at) <= office_date(now + NEAR)


def _known(around: Around, row: Interview) -> InterviewData | None:
    return next((one for one in around.data.programme if one.theme == row.theme), None)


async def _tell_on(uow: UnitOfWork, around: Around, waiting: Sequence[Interview]) -> None:
    """What the office and the bodies did while the city was not running, as soon as its last day has passed.

    One that somebody has meanwhile brought into another state than the city knows is left as it is.
    """
    today = office_date(uow.now)
    for row in waiting:
        one = _known(around, row)
        if one is None:
            continue
        script = Script(around, Placed(one, row.starts_at), interview_id=row.id or 0)
        acts: list[Act] = []
        if row.status == InterviewStatus.PLANNED:
            if script.before(ANNOUNCEMENT_DUE) < today:
                acts = script.told()
        elif script.by(GUESTS_BEFORE) < today and not await _has_guests(uow, row):
            acts = script.prepared()
        recorded = len(uow.recorded)
        try:
            async with uow.db.begin_nested():
                await play_acts(uow, acts)
        except Refusal as refusal:
            del uow.recorded[recorded:]
            log.warning("city.left_as_it_is", interview=script.interview_id, code=refusal.code)


async def _has_guests(uow: UnitOfWork, row: Interview) -> bool:
    query = select(col(Guest.id)).where(col(Guest.interview_id) == row.id).limit(1)
    return (await uow.db.execute(query)).first() is not None


async def _open_the_one_due(uow: UnitOfWork, around: Around, rows: Sequence[Interview]) -> bool:
    """Open the interview whose own time it is; whether there was one."""
    for row in rows:
        one = _known(around, row)
        due = row.status == InterviewStatus.ANNOUNCED and row.starts_at <= uow.now < row.ends_at
        if due and one is not None and await _has_guests(uow, row):
            office = uow.retold(around.cast.people[Role.OFFICE].actor(), uow.now)
            try:
                await programme.open_interview(office, row.id or 0)
            except Refusal:
                continue
            await _take_the_stage(office, around, one, row.id or 0)
            return True
    return False


async def _open_next(uow: UnitOfWork, around: Around, rows: Sequence[Interview]) -> None:
    """Another interview, prepared as the rule asks and going on for some minutes."""
    one = _next_theme(around, rows)
    elapsed = max(ELAPSED, around.data.records[one.key].elapsed)
    script = Script(around, Placed(one, live_start(uow.now, elapsed)), on_stage=True, added=True)
    await play(uow, [script])
    office = uow.retold(around.cast.people[Role.OFFICE].actor(), uow.now)
    await _take_the_stage(office, around, one, script.interview_id)


async def _take_the_stage(uow: UnitOfWork, around: Around, one: InterviewData, interview_id: int) -> None:
    """The accounts of host, moderator, guest and clerk belong to the interview that is live."""
    people, lead = around.cast.people, one.respondents[0]
    for role in (Role.HOST, Role.MODERATOR):
        await programme.assign_person(uow, interview_id, people[role].id or 0)
    leading = next(guest for guest in one.guests if guest.body == lead)
    await cast.hand_over(uow, Role.GUEST, around.cast.guests[lead, leading.name])
    await cast.hand_over(uow, Role.CLERK, around.cast.clerks[lead])


def _next_theme(around: Around, rows: Sequence[Interview]) -> InterviewData:
    """The theme whose last interview lies longest ago; one that is still to come waits for its own day."""
    latest: dict[str, datetime] = {}
    for row in rows:
        latest[row.theme] = max(as_utc(row.starts_at), latest.get(row.theme, row.starts_at))
    known = [one for one in around.data.programme if one.key in around.data.records]
    never = datetime.min.replace(tzinfo=around.now.tzinfo)
    return min(known, key=lambda one: (latest.get(one.theme, never), one.slot))
