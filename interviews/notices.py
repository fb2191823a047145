"""Reminders (提醒): who is told what about a duty and when, each once, none after the thing is done.

A reminder is a row on the start page of those it is for, and a mail or a call of the webhook in the outbox to each of
them by the ways that ``telling`` gives; all are written in one transaction, under unique keys. Whoever owes a duty is
told at falling distances; when it is late, whoever owes it and the supervisor.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from base import audit, outbox
from base.clock import office_date
from base.db import UnitOfWork
from base.once import written_once
from base.people import Actor, Body, Person, Role
from interviews import body_names, law, messages, telling, wording, workdays
from interviews.deadlines import ReminderStage, in_words, reminder_stages
from interviews.lifecycle import DutyStatus
from interviews.messages import Readers
from interviews.models import Assignment, Duty, Interview, Notice, Respondent
from interviews.telling import Kind, Way, Wishes

LOOK_AHEAD = timedelta(days=45)
"""Further ahead than ten working days can lie, whatever the holidays."""

SHOWN = 10
BATCH = 500
"""Measured: SQLite writes some 1,800 reminders a second on one shared core."""

RESPONDENT, SUPERVISOR = "respondent", "supervisor"
ROLES = {
    "office": Role.OFFICE,
    RESPONDENT: Role.CLERK,
    SUPERVISOR: Role.SUPERVISOR,
    "host": Role.HOST,
    "guest": Role.GUEST,
    "moderator": Role.MODERATOR,
    "recipient": Role.RECIPIENT,
}
"""Whose role each of the parties is that a rule may name; those of ``ASSIGNED`` owe it in their own interviews."""

ASSIGNED = frozenset({"host", "guest", "moderator"})
KEY = "notice:"
CALENDAR_KEY = "calendar:"
SETTLED = "事情已经办好，或者有了新的提醒，不用再发"
"""What stands on a reminder in the outbox that does not go."""

BOUNCED = "bounced-"
"""How the stage of a notice begins that tells of a mail that did not come; no reminder takes its place, nor it one's."""


@dataclass(frozen=True)
class Shown:
    """A reminder as a start page shows it."""

    notice: Notice
    interview: Interview


# Writing


async def due_notices(uow: UnitOfWork) -> list[Notice]:
    """The reminders that are due today and not yet written; writes nothing."""
    return [notice for notice, *_ in await _due(uow)]


async def sweep(uow: UnitOfWork) -> int:
    """Write the reminders that are due, with their mails; how many were new. Twice is as good as once.

    One call writes no more than ``BATCH``, so that a catch-up does not keep other writers waiting: sweep until
    nothing is left. Whoever sweeps at the same time writes the same rows: the unique key keeps one, and only its
    writer mails.
    """
    found = await _due(uow)
    crew = await _crew(uow) if found else None
    count = 0
    for notice, interview, kind in found[:BATCH]:
        notice_id = await written_once(uow, notice)
        if notice_id is not None and crew is not None:
            count += 1
            await _send(uow, notice_id, notice, interview, kind, crew)
    if count:
        await audit.note(uow, "notices.written", "duties", count=count)
    return count


async def tell(uow: UnitOfWork, notice: Notice, interview: Interview, kind: Kind) -> int | None:
    """Write a notice that no date has brought about, with its mails; the same stage of the same duty only once.

    Returns:
        How many letters go out; None where it was written already.
    """
    notice_id = await written_once(uow, notice)
    if notice_id is None:
        return None
    return await _send(uow, notice_id, notice, interview, kind, await _crew(uow))


async def _due(uow: UnitOfWork) -> list[tuple[Notice, Interview, Kind]]:
    today = office_date(uow.now)
    calendar = await workdays.present(uow)
    query = (
        select(Duty, Interview)
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(*_asked_for(), col(Duty.act_by) <= today + LOOK_AHEAD)
        .order_by(col(Duty.act_by), col(Duty.id))
    )
    owed = [(duty, interview) for duty, interview in await uow.db.execute(query)]
    written = await _written(uow) if owed else set()
    found: list[tuple[Notice, Interview, Kind]] = []
    for duty, interview in owed:
        local = calendar.with_days_off(law.load(interview.regulation).days_off)
        for stage in reminder_stages(duty, today, local):
            if stage.overdue and duty.moved_by_notice:
                continue  # it passed through the yearly notice alone, and the import has told whoever owes it
            for key, role in _told(duty, stage):
                if (duty.id, key) not in written:
                    written_now = about(uow, duty, interview, key, role)
                    found.append((written_now, interview, _kind(duty, stage, role)))
    return found


def _asked_for() -> tuple[ColumnElement[bool], ...]:
    """What makes a duty worth a reminder: not done and not superseded, as a cancellation does to all but follow-ups."""
    return (col(Duty.status) == DutyStatus.OPEN,)


async def _written(uow: UnitOfWork) -> set[tuple[int, str]]:
    query = select(col(Notice.duty_id), col(Notice.stage)).join(Duty, col(Duty.id) == col(Notice.duty_id))
    open_ones = query.where(col(Duty.status) == DutyStatus.OPEN)
    return {(duty_id, stage) for duty_id, stage in await uow.db.execute(open_ones)}


def _told(duty: Duty, stage: ReminderStage) -> list[tuple[str, str]]:
    """Who is told at a stage, each under a key of their own."""
    if not stage.overdue or duty.owed_by == SUPERVISOR:
        return [(stage.key, duty.owed_by)]
    return [(stage.key, SUPERVISOR), (f"{stage.key}-owed", duty.owed_by)]


def _kind(duty: Duty, stage: ReminderStage, role: str) -> Kind:
    if not stage.overdue:
        return Kind.REMINDER
    return Kind.OVERDUE if role == duty.owed_by else Kind.OTHERS_LATE


def about(uow: UnitOfWork, duty: Duty, interview: Interview, key: str, role: str) -> Notice:
    """A notice about a duty, not yet written: which interview, what, by when, under which article.

    Args:
        uow: its instant is the notice's.
        duty: what is owed.
        interview: of the duty.
        key: the stage, by which it is written once.
        role: which party is told.
    """
    # Read days later, on a page or in a mailbox, it must still be true: dates, never "today" or "in three days".
    if office_date(uow.now) > duty.due:
        when = f"原定最迟{in_words(duty.due)}，已经逾期"
    elif duty.act_by != duty.due:
        when = f"最迟{in_words(duty.due)}，那天休息，请在{in_words(duty.act_by)}以前办"
    else:
        when = f"最迟{in_words(duty.due)}"
    return Notice(
        duty_id=duty.id or 0,
        stage=key,
        to_role=role,
        body_id=duty.body_id,
        text=f"《{interview.theme}》：{duty.title}，{when}（{duty.article}）。",
        at=uow.now,
    )


# Sending


@dataclass(frozen=True)
class _Crew:
    """Who could be told, and what they wish."""

    staff: Sequence[Person]
    wishes: Wishes


async def _crew(uow: UnitOfWork) -> _Crew:
    roles = list(ROLES.values())
    query = select(Person).where(col(Person.role).in_(roles), col(Person.disabled_at).is_(None))
    return _Crew(list(await uow.db.scalars(query.order_by(col(Person.id)))), await telling.wishes(uow))


async def _send(
    uow: UnitOfWork, notice_id: int, notice: Notice, interview: Interview, kind: Kind, crew: _Crew
) -> int:
    """A mail and a call of the webhook to each person told who has an address for it and wishes it; how many."""
    readers = await _readers(uow, notice, interview, crew.staff)
    words = await wording.mail(uow, kind, notice=notice.text, theme=interview.theme)
    key = f"{KEY}{notice_id}"
    return await messages.send(uow, kind, key, readers, words, plain=notice.text, wishes=crew.wishes)


async def _readers(uow: UnitOfWork, notice: Notice, interview: Interview, staff: Sequence[Person]) -> Readers:
    """Whom a notice is for, and the own addresses of bodies none of whose clerks has one."""
    theirs = [one for one in staff if one.role == ROLES.get(notice.to_role)]
    if notice.to_role == RESPONDENT:
        return await _at_bodies(uow, notice, interview, theirs)
    if notice.to_role in ASSIGNED:
        assigned = select(col(Assignment.person_id)).where(col(Assignment.interview_id) == interview.id)
        here = set(await uow.db.scalars(assigned))
        theirs = [one for one in theirs if one.id in here]
    return Readers(theirs)


async def _at_bodies(
    uow: UnitOfWork, notice: Notice, interview: Interview, clerks: Sequence[Person]
) -> Readers:
    """Those at the body that owes it, or at all that answer where the rule asks it of them together."""
    owing = col(Body.id) == notice.body_id
    if notice.body_id is None:
        part = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == interview.id)
        owing = col(Body.id).in_(part)
    bodies = await uow.db.scalars(select(Body).where(owing).order_by(col(Body.id)))
    return messages.at_bodies(list(bodies), clerks)


async def done_meanwhile(uow: UnitOfWork) -> list[str]:
    """The keys of reminders that wait in the outbox, or are held there, and need not go any more; writes nothing."""
    keys = [*(await outbox.waiting(uow, KEY)), *(await outbox.waiting(uow, CALENDAR_KEY))]
    found: list[str] = []
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        needless = await pointless(uow, some)
        found += [key for key in some if key in needless]
    return found


async def pointless(uow: UnitOfWork, keys: Collection[str]) -> set[str]:
    """Of the keys of mails about to go, those of reminders that need not go any more.

    The duty was done or superseded meanwhile, its interview cancelled, or a newer reminder to the same people waits
    behind it; or everything of which a letter tells that its days have moved is done. Keys of other mails are none
    of this function's business and never among them: whoever does what those ask for withdraws them.
    """
    return await _settled(uow, keys) | await _moved_and_done(uow, keys)


async def _moved_and_done(uow: UnitOfWork, keys: Collection[str]) -> set[str]:
    """Of the keys of letters about moved days, those that name no duty which is still open."""
    letters = [key for key in keys if key.startswith(CALENDAR_KEY)]
    named = {key: mail.about.get("duties") for key, mail in (await outbox.fate(uow, letters)).items()}
    listed = {one for duties in named.values() for one in duties or ()}
    query = select(col(Duty.id)).where(col(Duty.id).in_(listed), *_asked_for())
    still = set(await uow.db.scalars(query)) if listed else set()
    return {key for key, duties in named.items() if duties and still.isdisjoint(duties)}


async def _settled(uow: UnitOfWork, keys: Collection[str]) -> set[str]:
    """Of the keys of reminders, those whose duty is done or superseded, or that have a newer one behind them."""
    by_notice: dict[int, set[str]] = {}
    for key in keys:
        number = key.removeprefix(KEY).partition(":")[0]
        if key.startswith(KEY) and number.isdecimal():
            by_notice.setdefault(int(number), set()).add(key)
    newer = aliased(Notice)
    superseded = exists().where(
        col(newer.duty_id) == col(Notice.duty_id),
        col(newer.to_role) == col(Notice.to_role),
        col(newer.id) > col(Notice.id),
        ~col(newer.stage).startswith(BOUNCED),
        ~col(Notice.stage).startswith(BOUNCED),
    )
    query = (
        select(col(Notice.id))
        .join(Duty, col(Duty.id) == col(Notice.duty_id))
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Notice.id).in_(list(by_notice)), *_asked_for(), ~superseded)
    )
    wanted = set(await uow.db.scalars(query))
    return {key for number, theirs in by_notice.items() if number not in wanted for key in theirs}


# Showing


async def shown_to(uow: UnitOfWork, actor: Actor, limit: int = SHOWN) -> list[Shown]:
    """The reminders of what is still to be done, for the actor's start page, the newest first.

    The office sees its own, a clerk their body's, the supervisor what they owe and what is late, a host, guest or
    moderator those of their interviews; a citizen has none.
    """
    role = next((word for word, known in ROLES.items() if known is actor.role), None)
    if role is None:
        return []
    query = (
        select(Notice, Interview)
        .join(Duty, col(Duty.id) == col(Notice.duty_id))
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Notice.to_role) == role, *_asked_for())
    )
    if role == RESPONDENT:
        own = await body_names.acts_for(uow.db, actor.body_id)
        part = select(col(Respondent.interview_id)).where(col(Respondent.body_id).in_(own))
        together = and_(col(Notice.body_id).is_(None), col(Interview.id).in_(part))
        query = query.where(or_(col(Notice.body_id) == actor.body_id, together))
    if role in ASSIGNED:
        mine = select(col(Assignment.interview_id)).where(col(Assignment.person_id) == actor.person_id)
        query = query.where(col(Interview.id).in_(mine))
    if role == SUPERVISOR and not (await telling.wishes(uow)).wants(
        actor.person_id, Kind.OTHERS_LATE, Way.PAGE
    ):
        others = col(Notice.stage).startswith("overdue") & (col(Duty.owed_by) != SUPERVISOR)
        query = query.where(~others)
    newest = query.order_by(col(Notice.at).desc(), col(Notice.id).desc()).limit(limit)
    return [Shown(notice, interview) for notice, interview in await uow.db.execute(newest)]
