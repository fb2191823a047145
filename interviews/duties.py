"""The ledger of duties (办理事项): what the rule asks of whom by when, discharged by the act itself.

The rule and the calendar are pure (``rules``, ``calendar``); here their results become rows. A duty done is judged by
the date in Asia/Shanghai and by the calendar known that day, and is never recounted.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.clock import maybe_iso, office_date
from base.db import UnitOfWork
from interviews import law, rules, workdays
from interviews.deadlines import ReminderStage, acted_on, lateness, reminder_stages
from interviews.lifecycle import DutyStatus, InterviewStatus, QuestionStatus
from interviews.models import Duty, Guest, Interview, Notice, Question, Respondent

OWED_BY_WORDS = {"office": "信息办", "respondent": "答复单位", "supervisor": "主管部门", "host": "主持人"}


async def legal_facts(uow: UnitOfWork, interview: Interview) -> rules.LegalFacts:
    """An interview as the rule sees it."""
    answering = list(
        await uow.db.scalars(
            select(Respondent)
            .where(col(Respondent.interview_id) == interview.id)
            .order_by(col(Respondent.lead).desc(), col(Respondent.id))
        )
    )
    told = await uow.db.scalars(select(Guest).where(col(Guest.interview_id) == interview.id))
    deferred = select(col(Question.id)).where(
        col(Question.interview_id) == interview.id, col(Question.status) == QuestionStatus.DEFERRED
    )
    return rules.LegalFacts(
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        respondents=tuple(respondent.body_id for respondent in answering),
        ended_at=interview.closed_at,
        deferred=(await uow.db.execute(deferred.limit(1))).first() is not None,
        announced_on=office_date(interview.announced_at) if interview.announced_at else None,
        has_theme=bool(interview.theme.strip()),
        has_content=bool(answering) and all(respondent.content for respondent in answering),
        has_host=interview.host_id is not None,
        guests_told=len(list(told)),
    )


async def assign(uow: UnitOfWork, interview: Interview) -> None:
    """Bring the ledger in line with the rule: new duties enter it, open ones are recounted, done ones stay."""
    regulation = law.load(interview.regulation)
    facts = await legal_facts(uow, interview)
    known = {(duty.rule, duty.body_id): duty for duty in await of_interview(uow, interview.id or 0)}
    for owed in rules.duties_for(facts, regulation, await workdays.present(uow)):
        duty = known.get((owed.id, owed.body_id))
        if duty is None:
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
            uow.db.add(duty)
        if duty.status == DutyStatus.OPEN:
            duty.due, duty.act_by, duty.not_before = owed.due, owed.act_by, owed.not_before
            duty.provisional = owed.provisional
            duty.sum = {
                "counted": [day.isoformat() for day in owed.counted],
                "skipped": [{"date": day.isoformat(), "why": why} for day, why in owed.skipped],
            }
    await uow.db.flush()


async def discharge(
    uow: UnitOfWork, interview: Interview, done_by: str, evidence: str, body_id: int | None = None
) -> None:
    """Mark the duty done that this act discharges; doing the thing is the only way to discharge it.

    Args:
        uow: its instant is when it was done.
        interview: whose duty it is.
        done_by: the act's word in the rule's file, such as ``announce``.
        evidence: what was done, in words, for the ledger.
        body_id: the body that did it, where each owes it for itself.
    """
    regulation = law.load(interview.regulation)
    acts = {rule.id for rule in regulation.duties if rule.done_by == done_by}
    done_on = acted_on(uow.now, regulation.closing_time)
    for duty in await of_interview(uow, interview.id or 0):
        theirs = body_id is None or duty.body_id is None or duty.body_id == body_id
        if duty.rule in acts and duty.status == DutyStatus.OPEN and theirs:
            duty.status = DutyStatus.DONE
            duty.done_at = uow.now
            duty.late_days = lateness(duty.due, done_on)
            duty.evidence = evidence
            await audit.note(uow, "duty.done", f"duty:{duty.id}", rule=duty.rule, late_days=duty.late_days)


async def discharge_follow_up(uow: UnitOfWork, interview: Interview) -> None:
    """第八条: once nothing deferred is left, the follow-up is done."""
    waiting = select(col(Question.id)).where(
        col(Question.interview_id) == interview.id, col(Question.status) == QuestionStatus.DEFERRED
    )
    if (await uow.db.execute(waiting.limit(1))).first() is None:
        await discharge(uow, interview, "answers", "会后答复已经全部发布")


async def of_interview(uow: UnitOfWork, interview_id: int) -> list[Duty]:
    """An interview's duties in the order of their dates."""
    query = select(Duty).where(col(Duty.interview_id) == interview_id).order_by(col(Duty.due), col(Duty.id))
    return list(await uow.db.scalars(query))


async def open_duties(uow: UnitOfWork) -> list[tuple[Duty, Interview]]:
    """Every open duty with its interview, the most urgent first."""
    query = (
        select(Duty, Interview)
        .join(Interview, col(Interview.id) == col(Duty.interview_id))
        .where(col(Duty.status) == DutyStatus.OPEN, col(Interview.status) != InterviewStatus.CANCELLED)
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
        "counted": duty.sum.get("counted", []),
        "skipped": duty.sum.get("skipped", []),
        "status": duty.status,
        "done_at": maybe_iso(duty.done_at),
        "late_days": duty.late_days,
        "evidence": duty.evidence,
    }


async def due_notices(uow: UnitOfWork) -> list[Notice]:
    """The reminders that are due today and not yet written; writes nothing."""
    today = office_date(uow.now)
    calendar = await workdays.present(uow)
    owed = await open_duties(uow)
    written = await _written(uow, [duty.id or 0 for duty, _ in owed])
    found: list[Notice] = []
    for duty, interview in owed:
        local = calendar.with_days_off(law.load(interview.regulation).days_off)
        for stage in reminder_stages(duty, today, local):
            if (duty.id, stage.key) not in written:
                found.append(_notice(uow, duty, interview, stage, today))
    return found


async def _written(uow: UnitOfWork, duty_ids: Iterable[int]) -> set[tuple[int, str]]:
    query = select(col(Notice.duty_id), col(Notice.stage)).where(col(Notice.duty_id).in_(list(duty_ids)))
    return {(duty_id, stage) for duty_id, stage in await uow.db.execute(query)}


def _notice(uow: UnitOfWork, duty: Duty, interview: Interview, stage: ReminderStage, today: date) -> Notice:
    when = f"最迟{duty.due.month}月{duty.due.day}日"
    if stage.overdue:
        when = f"已经逾期{lateness(duty.due, today)}天，原定{when}"
    elif duty.act_by == today:
        when = "今天要办好"
    text = f"“{interview.theme}”：{duty.title}，{when}（{duty.article}）。"
    return Notice(
        duty_id=duty.id or 0,
        stage=stage.key,
        to_role="supervisor" if stage.overdue else duty.owed_by,
        body_id=duty.body_id,
        text=text,
        at=uow.now,
    )


async def sweep(uow: UnitOfWork) -> int:
    """Write each reminder that is due, once per duty and stage; how many were new. Twice is as good as once."""
    found = await due_notices(uow)
    for notice in found:
        uow.db.add(notice)
    if found:
        await audit.note(uow, "notices.written", "duties", count=len(found))
    return len(found)
