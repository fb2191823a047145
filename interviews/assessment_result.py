"""The result of an assessment (考评): fixed, objected to once, answered, published."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.once import written_once
from base.people import Role
from interviews import assessment, schemes, scoring, texts, workdays
from interviews.assessment import Sheet, need
from interviews.assessment_entries import read_points
from interviews.assessment_models import Assessment, Objection
from interviews.schemes import Scheme


async def objection_until(uow: UnitOfWork, found: Assessment, scheme: Scheme) -> date | None:
    """The last day on which a body may object; ``None`` before the result is fixed."""
    if found.fixed_at is None:
        return None
    calendar = await workdays.present(uow)
    fixed_on = office_date(found.fixed_at)
    ahead = calendar.workdays_after(fixed_on, scheme.objection_workdays)
    return ahead[-1] if ahead else fixed_on


async def object_to(uow: UnitOfWork, year: int, reason: str) -> Objection:
    """Object to one's own fixed score, once, with reasons.

    Raises:
        Refusal: no clerk of an assessed body; nothing fixed yet; too late; objected before.
    """
    need(uow, Role.CLERK)
    body_id = uow.actor.body_id or 0
    found = await assessment.of_year(uow, year, lock=True)
    until = await objection_until(uow, found, schemes.load(found.scheme))
    if until is None:
        raise Refusal("assessment.not_fixed", "这一年的结果还没有定，定了以后再提异议。")
    if body_id not in {line["body"] for line in found.result or ()}:
        raise missing("这一年的考评")
    if office_date(uow.now) > until:
        raise Refusal("assessment.late", f"提异议的日子到{until.month}月{until.day}日，已经过了。")
    row = Objection(
        assessment_id=found.id or 0,
        body_id=body_id,
        reason=texts.clean(reason, texts.REASON_LIMIT, "异议的理由"),
        at=uow.now,
        person_id=uow.actor.person_id,
    )
    if await written_once(uow, row) is None:
        raise Refusal("assessment.objected", "您单位已经提过一次异议，每年只能提一次。")
    await audit.note(
        uow, "assessment.object", f"assessment:{year}", body=body_id, text=audit.text_digest(row.reason)
    )
    return row


# The result


async def fix(uow: UnitOfWork, year: int) -> Assessment:
    """Fix the result: from now on what the record says later changes nothing of it.

    Raises:
        Refusal: not the supervisor; fixed already; a body whose score lacks something, named.
    """
    need(uow, Role.SUPERVISOR)
    found = await assessment.of_year(uow, year, lock=True)
    if found.fixed_at is not None:
        raise Refusal("assessment.fixed", "这一年的结果已经定了。")
    if office_date(uow.now) <= date(year, 12, 31):
        raise Refusal("assessment.early", f"{year}年还没有过完，过完才能定结果。")
    every = await assessment.sheets(uow, year)
    lacking = next(((one, part) for one in every for part in one.result.parts if part.lacking), None)
    if lacking is not None:
        raise Refusal("assessment.lacking", f"{lacking[0].name}还差一项：{lacking[1].lacking}。")
    found.result = [line_of(one) for one in every]
    found.fixed_at = uow.now
    await audit.note(uow, "assessment.fix", f"assessment:{year}", totals=_totals(found.result))
    return found


def line_of(one: Sheet) -> dict[str, Any]:
    """A body's line of the result as it is kept: plain JSON, decimals as text, the name of that day."""
    return {
        "body": one.body.id,
        "name": one.name,
        "parts": {scored.part.id: str(scored.score) for scored in one.result.parts},
        "problems": sum(problem.times for problem in one.problems if problem.set_aside is None),
        "total": str(one.result.total),
        "grade": one.result.grade,
    }


def _totals(lines: Sequence[dict[str, Any]]) -> dict[str, str]:
    return {str(line["body"]): line["total"] for line in lines}


async def answer_objection(
    uow: UnitOfWork, year: int, body_id: int, answer: str, corrected: str = ""
) -> Objection:
    """Answer an objection; where it is upheld the total is corrected, and the line keeps what it was.

    Args:
        uow: the supervisor's.
        year: the year.
        body_id: whose objection.
        answer: what the body is told.
        corrected: the new total; empty where the objection is not upheld.

    Raises:
        Refusal: not the supervisor; no objection, or answered already; bad points.
    """
    need(uow, Role.SUPERVISOR)
    found = await assessment.of_year(uow, year, lock=True)
    ours = {"assessment_id": found.id, "body_id": body_id}
    row = (await uow.db.scalars(select(Objection).filter_by(**ours))).one_or_none()
    if row is None or row.answered_at is not None:
        raise missing("还没有答复的异议")
    scheme = schemes.load(found.scheme)
    row.answer = texts.clean(answer, texts.REASON_LIMIT, "对异议的答复")
    row.answered_at, row.upheld = uow.now, bool(corrected.strip())
    if row.upheld:
        total = Decimal(read_points(corrected, scheme)) / 100
        found.result = [
            line | {"before": line["total"], "total": str(total), "grade": scoring.grade(scheme, total)}
            if line["body"] == body_id
            else line
            for line in found.result or ()
        ]
    await audit.note(
        uow,
        "assessment.answer_objection",
        f"assessment:{year}",
        body=body_id,
        upheld=row.upheld,
        totals=_totals(found.result or ()),
    )
    return row


async def publish(uow: UnitOfWork, year: int) -> Assessment:
    """Let everybody read the result; not while an objection waits or may still come.

    Raises:
        Refusal: not the supervisor; nothing fixed; published already; an objection without an answer; too early.
    """
    need(uow, Role.SUPERVISOR)
    found = await assessment.of_year(uow, year, lock=True)
    until = await objection_until(uow, found, schemes.load(found.scheme))
    if until is None:
        raise Refusal("assessment.not_fixed", "结果还没有定，不能公布。")
    if found.published_at is not None:
        raise Refusal("assessment.published", "这一年的结果已经公布了。")
    waiting = select(col(Objection.id)).where(
        col(Objection.assessment_id) == found.id, col(Objection.answered_at).is_(None)
    )
    if (await uow.db.scalars(waiting.limit(1))).first() is not None:
        raise Refusal("assessment.waiting", "还有异议没有答复，答复了再公布。")
    if office_date(uow.now) <= until:
        after = until + timedelta(days=1)
        raise Refusal(
            "assessment.open_to_objection",
            f"单位还能提异议，到{until.month}月{until.day}日。{after.month}月{after.day}日起再公布。",
        )
    found.published_at = uow.now
    await audit.note(uow, "assessment.publish", f"assessment:{year}")
    return found
