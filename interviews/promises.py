"""Promises (承诺): what a body promised in an answer, kept in public until a further answer says that it is done.

A machine may read a day from the words (``promise_dates``); a person confirms it. A promise is a task of the body in
the ledger of duties, so that reminders, the supervisor and the figures know it like any other; it is no duty of the
rule, which is why its ``rule`` is ``TASK`` and its article says where it comes from.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Role
from interviews import access, body_names, changes, facts, law, texts, workdays
from interviews.calendar import Calendar
from interviews.deadlines import acted_on, lateness, shifted
from interviews.lifecycle import DutyStatus, ItemKind
from interviews.models import Duty, Interview, Item, Question, Respondent
from interviews.promise_dates import Suggestion, depends_on_provisional, read
from interviews.promise_models import Promise, PromiseStatus

TASK = "promise"
"""What a promise is called in the ledger; no rule has this name."""

SOURCE = "答复里的承诺"
"""Where the task comes from, in the place of an article."""

IN_A_LETTER = "兑现书面答复里的承诺"
"""The task of a promise made to one asker alone: the ledger is public, what stands in their letter is not."""

WHAT_LIMIT = 120
MOST_DAYS = 3 * 366
"""Further ahead than anybody promises in an answer: a slip of the year."""

OWN_ONLY = (Role.CLERK, Role.GUEST)


async def make(uow: UnitOfWork, item_id: int, what: str, due: date) -> Promise:
    """Mark an answer as carrying a promise: from now on it stands beside it, and is the body's task.

    Beside a public answer it is public; beside a letter only its asker and the staff read it.

    Args:
        uow: of the body that answered, the host, a moderator or the office.
        item_id: the answer.
        what: what is promised.
        due: by when, confirmed by a person.

    Raises:
        Refusal: not there, another body's answer, no answer, a promise already, or a day that cannot be.
    """
    interview, item = await access.acting_item(uow, item_id)
    if interview.rehearsal:
        raise Refusal("interview.rehearsal", "这是演练，不对外、不计数，这一步在演练里不用办。")
    body_id = await _body_of(uow, interview, item)
    if item.kind != ItemKind.ANSWER or item.removed_at is not None:
        raise Refusal("promise.no_answer", "只有答复可以登记承诺，撤下的不行。请选一条答复。")
    if await of_item(uow, item_id) is not None:
        raise Refusal("promise.known", "这条答复已经登记了承诺。登错了，请信息办取消以后再登记。")
    said = texts.clean_line(what, WHAT_LIMIT, "承诺的事")
    if said is None:
        raise Refusal("text.empty", "承诺的事是空的。请写上答应办什么再交。", status=400)
    given, today = office_date(item.at), office_date(uow.now)
    if not today <= due <= shifted(today, MOST_DAYS):
        raise Refusal("promise.due", "承诺的日子要在今天以后、三年以内。请核对年份再交。", status=400)
    calendar = await _calendar(uow, interview)
    counted = [one for one in read(item.text, given, calendar) if one.day == due]
    duty = Duty(
        interview_id=interview.id or 0,
        rule=TASK,
        article=SOURCE,
        title=IN_A_LETTER if item.no < 0 else f"兑现承诺：{said}",
        owed_by="respondent",
        body_id=body_id,
        due=due,
        act_by=max(calendar.last_workday(due), today),
        provisional=depends_on_provisional(today, due, calendar),
    )
    uow.db.add(duty)
    await uow.db.flush()
    promise = Promise(
        interview_id=interview.id or 0,
        question_id=item.question_id or 0,
        item_id=item_id,
        body_id=body_id,
        duty_id=duty.id or 0,
        what=said,
        due=due,
        provisional=any(one.provisional for one in counted),
        person_id=uow.actor.person_id,
        at=uow.now,
    )
    uow.db.add(promise)
    await uow.db.flush()
    note = {"promise": promise.id, "due": due.isoformat(), "what": audit.text_digest(said)}
    await audit.note(uow, "promise.make", f"item:{item_id}", **note)
    uow.record(await _told(uow, promise))
    return promise


async def _body_of(uow: UnitOfWork, interview: Interview, item: Item) -> int:
    """The body whose answer it is; somebody of another body finds nothing."""
    found = await body_names.of_answer(uow.db, item)
    if uow.actor.role in OWN_ONLY:
        if found is None or found != uow.actor.body_id:
            raise missing("这一条实录")
        return found
    if found is not None:
        return found
    lead = select(col(Respondent.body_id)).where(
        col(Respondent.interview_id) == interview.id, col(Respondent.lead).is_(True)
    )
    return int((await uow.db.scalars(lead)).one())


async def _calendar(uow: UnitOfWork, interview: Interview) -> Calendar:
    return (await workdays.present(uow)).with_days_off(law.load(interview.regulation).days_off)


async def suggestions(uow: UnitOfWork, interview: Interview, text: str, given: date) -> list[Suggestion]:
    """The days that an answer's words name, by the rule's calendar; a person confirms one."""
    return read(text, given, await _calendar(uow, interview))


async def to_keep(uow: UnitOfWork, item_id: int) -> Promise:
    """The open promise of an answer, for the body that made it.

    Raises:
        Refusal: not there, another body's, or nothing is open.
    """
    await access.acting_item(uow, item_id)
    query = select(Promise).where(col(Promise.item_id) == item_id).order_by(col(Promise.id).desc()).limit(1)
    found = (await uow.db.scalars(query)).one_or_none()
    if found is not None and uow.actor.body_id != found.body_id:
        raise missing("这项承诺")
    if found is None or found.status != PromiseStatus.OPEN:
        raise Refusal("promise.none", "这条答复没有在办的承诺，可能已经办结或者取消了。请刷新页面再看。")
    return found


async def keep(uow: UnitOfWork, promise_id: int, answer: Item) -> None:
    """A further answer says that what was promised is done; nothing happens where it was cancelled meanwhile."""
    promise = await uow.db.get_one(Promise, promise_id, with_for_update=True)
    if promise.status != PromiseStatus.OPEN:
        return
    interview = await uow.db.get_one(Interview, promise.interview_id)
    promise.status, promise.done_at, promise.kept_by = PromiseStatus.KEPT, uow.now, answer.id
    duty = await uow.db.get_one(Duty, promise.duty_id)
    closing = law.load(interview.regulation).closing_time
    duty.status, duty.done_at = DutyStatus.DONE, uow.now
    duty.late_days = lateness(duty.due, acted_on(uow.now, closing))
    duty.evidence = f"第{answer.no}条答复" if answer.no > 0 else "书面答复"
    await audit.note(uow, "duty.done", f"duty:{duty.id}", rule=TASK, late_days=duty.late_days)
    uow.record(await _told(uow, promise))


async def cancel(uow: UnitOfWork, item_id: int, reason: str) -> Promise:
    """Take back a promise that should not have been entered; the reason is public, and it can be entered anew.

    Raises:
        Refusal: not there, nothing open, or no reason.
    """
    await access.acting_item(uow, item_id)
    promise = await of_item(uow, item_id)
    if promise is None or promise.status != PromiseStatus.OPEN:
        raise Refusal("promise.none", "这条答复没有在办的承诺，可能已经办结或者取消了。请刷新页面再看。")
    promise.reason = texts.clean(reason, texts.REASON_LIMIT, "取消的原因")
    await _drop(uow, promise, promise.reason)
    await audit.note(
        uow, "promise.cancel", f"item:{item_id}", promise=promise.id, reason=audit.text_digest(promise.reason)
    )
    uow.record(await _told(uow, promise))
    return promise


async def forget(uow: UnitOfWork, item: Item) -> None:
    """The answer was taken down: its promise goes with it, and is nobody's task any more."""
    for promise in await uow.db.scalars(select(Promise).where(col(Promise.item_id) == item.id)):
        promise.what, promise.reason = "", None
        duty = await uow.db.get_one(Duty, promise.duty_id)
        duty.title = "兑现承诺"
        if promise.status == PromiseStatus.OPEN:
            await _drop(uow, promise, "答复撤下了")


async def _drop(uow: UnitOfWork, promise: Promise, because: str) -> None:
    promise.status, promise.done_at = PromiseStatus.CANCELLED, uow.now
    duty = await uow.db.get_one(Duty, promise.duty_id)
    duty.status, duty.superseded_because = DutyStatus.SUPERSEDED, because


async def _told(uow: UnitOfWork, promise: Promise) -> changes.AnswerPromised:
    no = await uow.db.scalar(select(col(Item.no)).where(col(Item.id) == promise.kept_by))
    item = await uow.db.get_one(Item, promise.item_id)
    told = facts.promise_facts(promise, no)
    return changes.AnswerPromised(promise.interview_id, promise.item_id, told, public=item.no > 0)


# What there is


async def of_item(uow: UnitOfWork, item_id: int) -> Promise | None:
    """The promise of an answer that stands: open or kept; one taken back does not."""
    query = select(Promise).where(
        col(Promise.item_id) == item_id, col(Promise.status) != PromiseStatus.CANCELLED
    )
    return (await uow.db.scalars(query.order_by(col(Promise.id).desc()).limit(1))).one_or_none()


async def beside(uow: UnitOfWork, item_ids: Iterable[int | None]) -> dict[int, changes.PromiseFacts]:
    """What is shown beside answers: the latest promise of each, also one that was taken back, with the reason."""
    wanted = [one for one in item_ids if one is not None]
    query = (
        select(Promise, col(Item.no))
        .join(Item, col(Item.id) == col(Promise.kept_by), isouter=True)
        .where(col(Promise.item_id).in_(wanted), col(Promise.what) != "")
        .order_by(col(Promise.id))
    )
    return {row.item_id: facts.promise_facts(row, no) for row, no in await uow.db.execute(query)}


async def in_interview(uow: UnitOfWork, interview_id: int) -> dict[int, changes.PromiseFacts]:
    """The same for all answers of an interview."""
    query = select(col(Promise.item_id)).where(col(Promise.interview_id) == interview_id)
    found = list(await uow.db.scalars(query))
    return await beside(uow, found) if found else {}


async def open_of(uow: UnitOfWork, body_id: int) -> list[tuple[Promise, Question, Interview]]:
    """What a body still has to do, by its day."""
    query = (
        select(Promise, Question, Interview)
        .join(Question, col(Question.id) == col(Promise.question_id))
        .join(Interview, col(Interview.id) == col(Promise.interview_id))
        .where(col(Promise.body_id) == body_id, col(Promise.status) == PromiseStatus.OPEN)
        .order_by(col(Promise.due), col(Promise.id))
    )
    return [(one, question, interview) for one, question, interview in await uow.db.execute(query)]


@dataclass(frozen=True, slots=True)
class Counted:
    """A year's promises: those made, kept, kept late, still open in time, and overdue."""

    made: int = 0
    kept: int = 0
    kept_late: int = 0
    open: int = 0
    overdue: int = 0


async def of_year(uow: UnitOfWork, year: int) -> Counted:
    """Count the promises made in a year's interviews; those taken back do not count."""
    today = office_date(uow.now)
    query = (
        select(col(Promise.status), col(Duty.late_days), col(Promise.due))
        .join(Duty, col(Duty.id) == col(Promise.duty_id))
        .join(Interview, col(Interview.id) == col(Promise.interview_id))
        .where(col(Interview.year) == year, col(Promise.status) != PromiseStatus.CANCELLED)
    )
    rows = list(await uow.db.execute(query))
    late = [late_days for status, late_days, _ in rows if status == PromiseStatus.KEPT]
    waits = [due for status, _, due in rows if status == PromiseStatus.OPEN]
    return Counted(
        made=len(rows),
        kept=len(late),
        kept_late=sum(days > 0 for days in late),
        open=sum(due >= today for due in waits),
        overdue=sum(due < today for due in waits),
    )
