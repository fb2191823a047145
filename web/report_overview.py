"""All summary reports in one list, for whoever sees to it that they arrive: due, late, unsigned, lost, acknowledged."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from interviews import deliveries, law, workdays
from interviews.deliveries import Way
from interviews.lifecycle import InterviewStatus
from interviews.models import Duty, Interview
from web import ledger, report_desk
from web.report_desk import Version

S = InterviewStatus


async def reports(uow: UnitOfWork) -> list[dict[str, Any]]:
    """Of every interview that is over, this year's and those of earlier years that are not archived.

    Returns:
        ``id``, ``theme``, ``url``, ``duty`` (a duty row), ``version``, ``state`` (in words), ``alarm``, ``came``,
        ``opened``, ``acknowledged`` (of ``count``), ``trouble`` and ``comments``, ``over`` (every recipient has it;
        a receipt is a courtesy); what is not over first, then the latest first.
    """
    this_year = col(Interview.year) == office_date(uow.now).year
    query = (
        select(Interview)
        .where(or_(col(Interview.status) == S.ENDED, (col(Interview.status) == S.ARCHIVED) & this_year))
        .order_by(col(Interview.starts_at).desc())
    )
    held = list(await uow.db.scalars(query))
    owed = await _owed(uow, held)
    newest: dict[int, Version] = {}
    for version in await report_desk.versions(uow):
        newest.setdefault(version.interview, version)
    ways: dict[int, list[Way]] = {}
    for way in await deliveries.ways(uow):
        ways.setdefault(way.interview_id, []).append(way)
    rows = []
    for one in held:
        number = one.id or 0
        rows.append(_row(one, owed.get(number), newest.get(number), ways.get(number, [])))
    return sorted(rows, key=lambda row: row["over"])


async def _owed(uow: UnitOfWork, held: Sequence[Interview]) -> dict[int, ledger.DutyRow]:
    """The duty to send the report of each interview; what was judged again counts as it stands now."""
    query = select(Duty).where(col(Duty.interview_id).in_([one.id for one in held])).order_by(col(Duty.id))
    by_number = {one.id: one for one in held}
    pairs = []
    for duty in await uow.db.scalars(query):
        interview = by_number[duty.interview_id]
        rules = law.load(interview.regulation).duties
        if duty.status != "superseded" and any(
            rule.id == duty.rule and rule.done_by == "summary" for rule in rules
        ):
            pairs.append((duty, interview))
    calendar = await workdays.present(uow)
    rows = ledger.duty_rows(pairs, {}, uow.now, calendar)
    return {interview.id or 0: row for (_, interview), row in zip(pairs, rows, strict=True)}


def _row(
    interview: Interview, duty: ledger.DutyRow | None, version: Version | None, ways: Sequence[Way]
) -> dict[str, Any]:
    # A recipient has the report in whichever version came; the last one that was sent is the one that counts.
    last = max((way.version for way in ways), default=0)
    current = [way for way in ways if way.version == last]
    late = duty is not None and duty["state"] == "late"
    lost = [way for way in current if way.trouble]
    came, opened, done = (
        sum(getattr(way, what) is not None for way in current)
        for what in ("sent_at", "opened_at", "acknowledged_at")
    )
    newer = version is not None and version.number > last
    return {
        "id": interview.id,
        "no": interview.ordinal,
        "theme": interview.theme,
        "starts_at": interview.starts_at,
        "url": f"/office/interviews/{interview.id}/report",
        "duty": duty,
        "version": version,
        "sent_version": last or None,
        "state": _state(version, newer, current, came, done),
        "alarm": late or bool(lost),
        "late": late,
        "unsigned": newer and version is not None and version.signed_at is None,
        "count": len(current),
        "came": came,
        "opened": opened,
        "acknowledged": done,
        "trouble": [{"body": way.body, "why": way.trouble} for way in lost],
        "comments": [
            {
                "body": way.body,
                "by": way.acknowledged_by,
                "at": way.acknowledged_at,
                "text": way.comment,
                "version": way.version,
                "theme": interview.theme,
                "url": f"/office/interviews/{interview.id}/report",
            }
            for way in ways
            if way.comment
        ],
        "over": bool(current) and came == len(current) and not newer and not lost,
    }


def _state(version: Version | None, newer: bool, current: Sequence[Way], came: int, done: int) -> str:
    """Where it stands, in a few words."""
    if version is None:
        return "还没有拟"
    if newer:
        what = f"第{version.number}版" if current else ""
        return f"{what}核签了，还没有报送" if version.signed_at else f"{what}等核签"
    if any(way.trouble for way in current):
        return "有邮件没有送到"
    if came < len(current):
        return "在路上"
    return "都回执了" if done == len(current) else "送到了，等回执"
