"""The ledger of duties (办理事项): what the rule asks of whom by when, discharged by the act itself.

The rule and the calendar are pure (``rules``, ``calendar``); here their results become rows. A duty done is judged by
the date in Asia/Shanghai and by the calendar known that day, and is never recounted.
"""

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.clock import maybe_iso, office_date
from base.db import UnitOfWork
from interviews import body_names, law, rules, workdays
from interviews.deadlines import acted_on, lateness
from interviews.lifecycle import DutyStatus, InterviewStatus, QuestionStatus
from interviews.models import Duty, Guest, Interview, Notice, Question, Respondent

OWED_BY_WORDS = {"office": "信息办", "respondent": "答复单位", "supervisor": "主管部门", "host": "主持人"}


LEFT_FOR_LATER = (QuestionStatus.DEFERRED, QuestionStatus.TRANSFERRED)
"""What makes a follow-up (第八条) owed: deferred live or at the close, or handed over by a cancellation."""

STAYS_DONE = frozenset({"announce", "content"})
"""What is done once for the interview and not for its date; see ``reassign``."""


async def legal_facts(uow: UnitOfWork, interview: Interview) -> rules.LegalFacts:
    """An interview as the rule sees it."""
    answering = await _answering(uow, interview)
    bodies = await _owing(uow, answering)
    left_to = await _left_to(uow, interview, bodies)
    told = await uow.db.scalars(select(Guest).where(col(Guest.interview_id) == interview.id))
    return rules.LegalFacts(
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        respondents=tuple(bodies),
        ended_at=interview.closed_at or interview.cancelled_at,
        deferred=bool(left_to),
        left_to=tuple(left_to),
        announced_on=office_date(interview.announced_at) if interview.announced_at else None,
        announced_in_time=await _announced_in_time(uow, interview),
        has_theme=bool(interview.theme.strip()),
        has_content=bool(answering) and all(respondent.content for respondent in answering),
        has_host=interview.host_id is not None,
        guests_told=len(list(told)),
    )


async def _answering(uow: UnitOfWork, interview: Interview) -> list[Respondent]:
    """The bodies that answer in it, the leading one first."""
    query = select(Respondent).where(col(Respondent.interview_id) == interview.id)
    return list(await uow.db.scalars(query.order_by(col(Respondent.lead).desc(), col(Respondent.id))))


async def _owing(uow: UnitOfWork, answering: list[Respondent]) -> list[int]:
    """The bodies that owe what the answering ones do, the leading one first; for a merged one its successor does."""
    into = await body_names.successors(uow.db)
    return list(dict.fromkeys(into.get(part.body_id, part.body_id) for part in answering))


async def _left_to(uow: UnitOfWork, interview: Interview, answering: list[int]) -> list[int]:
    """The bodies that owe an answer afterwards.

    What was deferred, or handed over by a cancellation, is left to all that answer here; what was transferred to
    the body it went to.
    """
    query = (
        select(col(Question.to_body_id))
        .where(col(Question.interview_id) == interview.id, col(Question.status).in_(LEFT_FOR_LATER))
        .distinct()
    )
    left = set(await uow.db.scalars(query))
    everyone = answering if None in left else []
    return [*everyone, *sorted(body for body in left if body is not None and body not in everyone)]


async def _announced_in_time(uow: UnitOfWork, interview: Interview) -> bool | None:
    """What the ledger judged of this announcement for the present start; ``None`` where it judged none."""
    acts = {rule.id for rule in law.load(interview.regulation).duties if rule.done_by == "announce"}
    for duty in await of_interview(uow, interview.id or 0):
        if duty.rule in acts and duty.status == DutyStatus.DONE and duty.done_at == interview.announced_at:
            return duty.late_days == 0
    return None


async def assign(uow: UnitOfWork, interview: Interview) -> None:
    """Bring the ledger in line with the rule: new duties enter it, open ones are recounted, done ones stay.

    A cancelled interview owes nothing any more but the answers to the questions it left; a rehearsal nothing ever.
    """
    if interview.rehearsal:
        return
    regulation = law.load(interview.regulation)
    facts = await legal_facts(uow, interview)
    into = await body_names.successors(uow.db)
    known = {
        (duty.rule, into.get(duty.body_id or 0, duty.body_id)): duty
        for duty in await of_interview(uow, interview.id or 0)
    }
    cancelled = interview.status == InterviewStatus.CANCELLED
    afterwards = {rule.id for rule in regulation.duties if rule.when == "deferred"}
    for owed in rules.duties_for(facts, regulation, await workdays.present(uow)):
        if cancelled and owed.id not in afterwards:
            continue
        duty = known.get((owed.id, owed.body_id))
        if duty is None:
            uow.db.add(_entered(interview, owed))
        elif duty.status == DutyStatus.OPEN:
            _date(duty, owed)
    await uow.db.flush()


def _entered(interview: Interview, owed: rules.DutyDue) -> Duty:
    duty = Duty(
        interview_id=interview.id or 0,
        rule=owed.id,
        article=owed.article,
        title=owed.title,
        owed_by=owed.owed_by,
        body_id=owed.body_id,
        due=owed.due,
        act_by=owed.act_by,
    )
    _date(duty, owed)
    return duty


def _date(duty: Duty, owed: rules.DutyDue) -> None:
    duty.moved_by_notice = duty.moved_by_notice and duty.due == owed.due
    duty.due, duty.act_by, duty.not_before = owed.due, owed.act_by, owed.not_before
    duty.provisional = owed.provisional
    duty.sum = {
        "counted": [day.isoformat() for day in owed.counted],
        "skipped": [{"date": day.isoformat(), "why": why} for day, why in owed.skipped],
    }


async def reassign(uow: UnitOfWork, interview: Interview, because: str, old_start: datetime) -> None:
    """Give a moved interview the dates of its new start; the old ones stay in the history with the reason.

    An announcement and a told content stay done and are judged by their own date against the new one. What is
    done for a date (questions handed over, venue, guests) is owed again, unless its new day has passed already:
    then it counts as done on the day it was done. A later start never makes late what was in time.
    """
    regulation = law.load(interview.regulation)
    facts = await legal_facts(uow, interview)
    owed = {(o.id, o.body_id): o for o in rules.duties_for(facts, regulation, await workdays.present(uow))}
    today, into = acted_on(uow.now, regulation.closing_time), await body_names.successors(uow.db)
    for duty in await of_interview(uow, interview.id or 0):
        new = owed.get((duty.rule, into.get(duty.body_id or 0, duty.body_id)))
        if new is None or (new.due, new.not_before) == (duty.due, duty.not_before):
            continue
        moved = _entered(interview, new)
        if duty.done_at is not None and (new.done_by in STAYS_DONE or new.due < today):
            moved.status, moved.done_at, moved.evidence = duty.status, duty.done_at, duty.evidence
            moved.late_days = lateness(new.due, acted_on(duty.done_at, regulation.closing_time))
            if interview.starts_at >= old_start:
                moved.late_days = min(moved.late_days, duty.late_days)
        _supersede(duty, because, today)
        uow.db.add(moved)
    await uow.db.flush()
    await assign(uow, interview)


def _supersede(duty: Duty, because: str, today: date) -> None:
    """Into the history; a duty that was overdue by then stays known as late."""
    if duty.status == DutyStatus.OPEN and not duty.moved_by_notice:
        duty.late_days = 0 if duty.moved_by_notice else lateness(duty.due, today)
    duty.status = DutyStatus.SUPERSEDED
    duty.superseded_because = because


async def supersede_open(uow: UnitOfWork, interview: Interview, because: str) -> None:
    """Nothing that is still open is asked any more; what was done stays done."""
    today = acted_on(uow.now, law.load(interview.regulation).closing_time)
    for duty in await of_interview(uow, interview.id or 0):
        if duty.status == DutyStatus.OPEN:
            _supersede(duty, because, today)
    await uow.db.flush()


async def change_told(uow: UnitOfWork, interview: Interview, old_start: datetime, text: str) -> None:
    """Enter the change-notice (第十三条) and discharge it: the change itself tells every body that answers.

    Each change has its own entry, judged by its own date, and its own notices. A rule without such a duty
    enters nothing.
    """
    regulation = law.load(interview.regulation)
    facts = replace(await legal_facts(uow, interview), changed=True, old_starts_at=old_start)
    acts = {rule.id for rule in regulation.duties if rule.when == "changed"}
    for owed in rules.duties_for(facts, regulation, await workdays.present(uow)):
        if owed.id not in acts:
            continue
        duty = _entered(interview, owed)
        uow.db.add(duty)
        await uow.db.flush()
        for body_id in facts.respondents:
            uow.db.add(
                Notice(
                    duty_id=duty.id or 0,
                    stage=f"told-{body_id}",
                    to_role="respondent",
                    body_id=body_id,
                    text=f"{text}（{owed.article}）。",
                    at=uow.now,
                )
            )
    await discharge(uow, interview, "change", "变动已在本站公布，并通知各答复单位")


async def discharge(
    uow: UnitOfWork,
    interview: Interview,
    done_by: str,
    evidence: str,
    body_id: int | None = None,
    at: datetime | None = None,
) -> None:
    """Mark the duty done that this act discharges; doing the thing is the only way to discharge it.

    Args:
        uow: its instant is when it was done, unless ``at`` says otherwise.
        interview: whose duty it is.
        done_by: the act's word in the rule's file, such as ``announce``.
        evidence: what was done, in words, for the ledger.
        body_id: the body that did it, where each owes it for itself.
        at: when it was done, where the record comes later than the act.
    """
    regulation = law.load(interview.regulation)
    acts = {rule.id for rule in regulation.duties if rule.done_by == done_by}
    done_at = at or uow.now
    done_on = acted_on(done_at, regulation.closing_time)
    for duty in await of_interview(uow, interview.id or 0):
        theirs = body_id is None or duty.body_id is None or duty.body_id == body_id
        if duty.rule in acts and duty.status == DutyStatus.OPEN and theirs:
            duty.status = DutyStatus.DONE
            duty.done_at = done_at
            # A date that only a yearly notice put into the past is nobody's fault.
            duty.late_days = 0 if duty.moved_by_notice else lateness(duty.due, done_on)
            duty.evidence = evidence
            await audit.note(uow, "duty.done", f"duty:{duty.id}", rule=duty.rule, late_days=duty.late_days)


async def discharge_follow_up(uow: UnitOfWork, interview: Interview) -> None:
    """第八条: once nothing that was left to a body waits any more, its follow-up is done."""
    acts = {rule.id for rule in law.load(interview.regulation).duties if rule.done_by == "answers"}
    owing = set(await _left_to(uow, interview, await _owing(uow, await _answering(uow, interview))))
    for duty in await of_interview(uow, interview.id or 0):
        waits = duty.body_id in owing if duty.body_id is not None else bool(owing)
        if duty.rule in acts and duty.status == DutyStatus.OPEN and not waits:
            await discharge(uow, interview, "answers", "会后答复已经全部发布", duty.body_id)


async def of_interview(uow: UnitOfWork, interview_id: int) -> list[Duty]:
    """An interview's duties in the order of their dates; those of an earlier start are in ``history``."""
    query = select(Duty).where(
        col(Duty.interview_id) == interview_id, col(Duty.status) != DutyStatus.SUPERSEDED
    )
    return list(await uow.db.scalars(query.order_by(col(Duty.due), col(Duty.id))))


async def history(uow: UnitOfWork, interview_id: int) -> list[Duty]:
    """What was owed before the interview was moved or cancelled, each with the reason."""
    query = select(Duty).where(
        col(Duty.interview_id) == interview_id, col(Duty.status) == DutyStatus.SUPERSEDED
    )
    return list(await uow.db.scalars(query.order_by(col(Duty.id))))


async def open_duties(uow: UnitOfWork) -> list[tuple[Duty, Interview]]:
    """Every open duty with its interview, the most urgent first."""
    query = (
        select(Duty, Interview)
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Duty.status) == DutyStatus.OPEN)
        .order_by(col(Duty.act_by), col(Duty.id))
    )
    return [(duty, interview) for duty, interview in await uow.db.execute(query)]


def public_view(duty: Duty) -> dict[str, Any]:
    """A duty as programs and the interview's page see it."""
    return {
        "id": duty.rule,
        "article": duty.article,
        "title": duty.title,
        "owed_by": duty.owed_by,
        "body": duty.body_id,
        "due": duty.due.isoformat(),
        "act_by": duty.act_by.isoformat(),
        "not_before": duty.not_before.isoformat() if duty.not_before else None,
        "provisional": duty.provisional,
        "moved_by_notice": duty.moved_by_notice,
        "counted": duty.sum.get("counted", []),
        "skipped": duty.sum.get("skipped", []),
        "status": duty.status,
        "done_at": maybe_iso(duty.done_at),
        "late_days": duty.late_days,
        "evidence": duty.evidence,
    }
