"""Reopening (再次办理): an answered question becomes the body's task again when its askers say 没解决 often enough.

Who asked and who supports count, each once, and only what they say of the latest answer as it stands now. The clock
reopens it, so that no entry names who rated. A new answer closes it; what was said of the earlier one counts no more.
"""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlmodel import col

from base import audit, outbox
from base.clock import office_date
from base.db import UnitOfWork
from interviews import body_names, changes, facts, law, ratings, wording, workdays
from interviews.deadlines import AFTER, acted_on, in_words, lateness, working_days
from interviews.lifecycle import DutyStatus, ItemKind, QuestionStatus
from interviews.models import Duty, Interview, Item, Question, Respondent
from interviews.promise_dates import depends_on_provisional
from interviews.rating_models import AnswerRating, Standing

TASK = "reopened"
"""What a reopened question is called in the ledger; no rule has this name."""

SOURCE = "提问人和支持的人说没解决"
"""Where the task comes from, in the place of an article."""

ASKERS = (Standing.ASKER, Standing.SUPPORTER)


@dataclass(frozen=True)
class Terms:
    """When a question is reopened: so many of its askers say 没解决 (0: never), and so many working days are given."""

    at: int = 0
    days: int = 10


async def often_enough(uow: UnitOfWork, terms: Terms) -> list[int]:
    """The answered questions whose askers say often enough that nothing was solved; writes nothing."""
    if terms.at < 1:
        return []
    latest = (
        select(func.max(col(Item.id)))
        .where(col(Item.kind) == ItemKind.ANSWER, col(Item.removed_at).is_(None), col(Item.no) > 0)
        .group_by(col(Item.question_id))
    )
    query = (
        select(col(AnswerRating.item_id), col(Item.question_id))
        .join(Item, col(Item.id) == col(AnswerRating.item_id))
        .join(Question, col(Question.id) == col(Item.question_id))
        .join(Interview, col(Interview.id) == col(Question.interview_id))
        .where(
            col(AnswerRating.solved).is_(False),
            col(AnswerRating.standing).in_(ASKERS),
            col(AnswerRating.item_id).in_(latest),
            col(Question.status) == QuestionStatus.ANSWERED,
            col(Question.reopened_at).is_(None),
            col(Interview.rehearsal).is_(False),
        )
        .group_by(col(AnswerRating.item_id), col(Item.question_id))
        .having(func.count() >= terms.at)
    )
    of = {item_id: question_id or 0 for item_id, question_id in await uow.db.execute(query)}
    counted = await ratings.of_answers(uow, of)
    return sorted(of[item] for item, one in counted.items() if _unsolved(one) >= terms.at)


def _unsolved(counts: ratings.AnswerCounts) -> int:
    """How many askers and supporters say 没解决 of the present edition."""
    return sum(count.unsolved for standing, count in counts.by.items() if standing in ASKERS)


async def reopen(uow: UnitOfWork, question_id: int, terms: Terms) -> bool:
    """Make it the body's task again, in public, with a day by the rule's calendar; whether it was done by this call."""
    query = select(Question).where(col(Question.id) == question_id).with_for_update()
    question = (await uow.db.scalars(query.execution_options(populate_existing=True))).one()
    if question.reopened_at is not None or question_id not in await often_enough(uow, terms):
        return False
    interview = await uow.db.get_one(Interview, question.interview_id)
    calendar = (await workdays.present(uow)).with_days_off(law.load(interview.regulation).days_off)
    today = office_date(uow.now)
    last = working_days(today, terms.days, AFTER, calendar)
    due = last.day
    duty = Duty(
        interview_id=interview.id or 0,
        rule=TASK,
        article=SOURCE,
        title=f"再次办理{question.number}号提问",
        owed_by="respondent",
        body_id=await _body_of(uow, question),
        due=due,
        act_by=due,
        provisional=depends_on_provisional(today, due, calendar),
        sum={
            "counted": [day.isoformat() for day in last.counted],
            "skipped": [{"date": day.isoformat(), "why": why} for day, why in last.skipped],
        },
    )
    uow.db.add(duty)
    await uow.db.flush()
    question.reopened_at, question.reopened_due, question.reopened_duty_id = uow.now, due, duty.id
    await uow.db.flush()
    await audit.note(uow, "question.reopen", f"question:{question_id}", due=due.isoformat())
    await _write(uow, interview, question)
    uow.record(changes.QuestionReopened(facts.question_facts(question)))
    return True


async def _body_of(uow: UnitOfWork, question: Question) -> int:
    """The body of the latest answer: its author's, or the one of its name, or the one that leads."""
    query = (
        select(Item)
        .where(col(Item.question_id) == question.id, col(Item.kind) == ItemKind.ANSWER)
        .order_by(col(Item.id).desc())
        .limit(1)
    )
    item = (await uow.db.scalars(query)).one()
    own = await body_names.of_answer(uow.db, item)
    if own is None:
        lead = select(col(Respondent.body_id)).where(
            col(Respondent.interview_id) == question.interview_id, col(Respondent.lead).is_(True)
        )
        own = (await uow.db.scalars(lead)).one()
    return own


async def _write(uow: UnitOfWork, interview: Interview, question: Question) -> None:
    """Tell the asker by mail, where an address was left."""
    if not question.contact_sealed or question.reopened_due is None:
        return
    words = await wording.mail(
        uow,
        "asker_reopened",
        theme=interview.theme,
        number=question.number,
        due=in_words(question.reopened_due),
        receipt=question.receipt,
    )
    key = f"asker:reopened:{question.reopened_duty_id}"
    to = outbox.SEALED + question.contact_sealed
    await outbox.queue(uow, key, to, words.subject, words.text)


async def close(uow: UnitOfWork, interview: Interview, question: Question, answer: Item | None) -> None:
    """A new answer was given, or the question is gone: nothing is asked of the body any more."""
    if question.reopened_duty_id is None:
        return
    duty = await uow.db.get_one(Duty, question.reopened_duty_id)
    if answer is None:
        duty.status, duty.superseded_because = DutyStatus.SUPERSEDED, "提问撤下了"
    else:
        duty.status, duty.done_at, duty.evidence = DutyStatus.DONE, uow.now, f"第{answer.no}条答复"
        closing = law.load(interview.regulation).closing_time
        duty.late_days = lateness(duty.due, acted_on(uow.now, closing))
        await audit.note(uow, "duty.done", f"duty:{duty.id}", rule=TASK, late_days=duty.late_days)
    question.reopened_at = question.reopened_due = question.reopened_duty_id = None


async def open_of(uow: UnitOfWork, body_id: int) -> list[tuple[Duty, Question, Interview]]:
    """The reopened questions that a body must answer again, by their day."""
    query = (
        select(Duty, Question, Interview)
        .join(Question, col(Question.reopened_duty_id) == col(Duty.id))
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Duty.body_id) == body_id, col(Duty.status) == DutyStatus.OPEN)
        .order_by(col(Duty.due), col(Duty.id))
    )
    return [(duty, question, interview) for duty, question, interview in await uow.db.execute(query)]
