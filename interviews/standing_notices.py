"""Reminders of the duties that no single interview brings (``standing``): by mail and webhook, each stage once.

There is no row of a notice: the unique key of a letter in the outbox is the book. What was done meanwhile is taken
back from there, and nothing is told of it any more.
"""

from collections.abc import Collection, Sequence

from base import audit, outbox
from base.clock import office_date
from base.db import UnitOfWork
from base.people import Role
from interviews import messages, standing, wording, workdays
from interviews.deadlines import ReminderStage, in_words, reminder_stages
from interviews.duties import OWED_BY_WORDS
from interviews.messages import Readers
from interviews.standing import StandingDuty
from interviews.telling import Kind

KEY = "standing:"


async def sweep(uow: UnitOfWork) -> int:
    """Queue the reminders that standing duties have come to; how many letters are new. Twice is as good as once."""
    count = 0
    for duty, stage in await _told_now(uow):
        count += await _tell(uow, duty, stage)
    if count:
        await audit.note(uow, "notices.written", "standing", count=count)
    return count


async def any_due(uow: UnitOfWork) -> bool:
    """Whether a standing duty has come to a stage, so that reminding need not begin a transaction for nothing."""
    return bool(await _told_now(uow))


async def _told_now(uow: UnitOfWork) -> list[tuple[StandingDuty, ReminderStage]]:
    today, calendar = office_date(uow.now), await workdays.present(uow)
    return [
        (duty, stage)
        for duty in await standing.open_now(uow)
        for stage in reminder_stages(duty, today, calendar)
        if not (stage.overdue and duty.moved_by_notice)
    ]


async def _tell(uow: UnitOfWork, duty: StandingDuty, stage: ReminderStage) -> int:
    """Whoever owes it, and once it is late the supervisor too; how many letters are new."""
    text, key = _text(duty, overdue=stage.overdue), _key(duty, stage)
    kind = Kind.OVERDUE if stage.overdue else Kind.REMINDER
    count = await _write(uow, kind, key, duty, text, await _who_owes(uow, duty))
    if stage.overdue:
        told = f"{duty.body or OWED_BY_WORDS[duty.owed_by]}：{text}"
        supervisors = await messages.in_role(uow, Role.SUPERVISOR)
        count += await _write(uow, Kind.OTHERS_LATE, f"{key}-told", duty, told, supervisors)
    return count


async def urge(uow: UnitOfWork, duty: StandingDuty) -> int:
    """Remind a body by hand, once a day at the most; how many letters are new."""
    today = office_date(uow.now)
    text = _text(duty, overdue=today > duty.due and not duty.moved_by_notice)
    key = f"{_urged(duty)}{today:%Y%m%d}"
    return await _write(uow, Kind.URGED, key, duty, text, await _who_owes(uow, duty))


def _text(duty: StandingDuty, *, overdue: bool) -> str:
    when = f"最迟{in_words(duty.due)}"
    if overdue:
        when = f"原定{when}，已经逾期"
    elif duty.act_by != duty.due:
        when = f"{when}，那天休息，请在{in_words(duty.act_by)}以前办"
    return f"{duty.title}，{when}（{duty.article}）。"


async def _write(
    uow: UnitOfWork, kind: Kind, key: str, duty: StandingDuty, text: str, readers: Readers
) -> int:
    words = await wording.mail(uow, kind, notice=text, theme=duty.title)
    return await messages.send(uow, kind, key, readers, words, plain=text)


async def _who_owes(uow: UnitOfWork, duty: StandingDuty) -> Readers:
    if duty.body_id is None:
        return await messages.in_role(uow, Role.OFFICE)
    return await messages.of_body(uow, duty.body_id)


def _key(duty: StandingDuty, stage: ReminderStage) -> str:
    return f"{KEY}{duty.key}:{duty.due:%Y%m%d}-{stage.key}"


def _urged(duty: StandingDuty) -> str:
    """How the keys of letters begin by which somebody urged it; the day and who is told come after it."""
    return f"{KEY}{duty.key}:{duty.due:%Y%m%d}-urged-"


async def done_meanwhile(uow: UnitOfWork) -> list[str]:
    """The keys of reminders that wait in the outbox, or are held there, and need not go any more; writes nothing."""
    keys = await outbox.waiting(uow, KEY)
    needless = await pointless(uow, keys)
    return [key for key in keys if key in needless]


async def pointless(uow: UnitOfWork, keys: Collection[str]) -> set[str]:
    """Of the keys of letters about to go, those of standing duties that are done or have come to a newer stage."""
    mine = {key for key in keys if key.startswith(KEY)}
    if not mine:
        return set()
    wanted = tuple(_key(duty, stage) for duty, stage in await _told_now(uow))
    urged = tuple(_urged(duty) for duty in await standing.open_now(uow))
    return {key for key in mine if not _of(key, wanted) and not key.startswith(urged)}


def _of(key: str, wanted: Sequence[str]) -> bool:
    """Whether a letter's key is that of one of these stages: ``-told`` or who is told comes after it."""
    return any(key.startswith((f"{stage}:", f"{stage}-told:")) for stage in wanted)
