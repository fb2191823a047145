"""The issued plan of a year (第十条) and what becomes of it: versions, changes, cancellations, deviations granted.

What has been issued, or announced to the public, changes only by the supervisor's act with a reason: it is told 20
working days before the earlier of the old and the new start (第十三条), enters the public change log, and tells every
body that answers by the act itself. A deviation granted lets an act pass its gate and discharges nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col

from base import audit
from base.audit import AuditHead
from base.clock import SHANGHAI, as_utc, office_date, shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal
from interviews import access, bookings, deferrals, duties, facts, law, messages, rules, texts, workdays
from interviews.deadlines import acted_on, in_words, lateness
from interviews.lifecycle import ChangeGround, InterviewStatus, move_interview
from interviews.models import Deviation, Interview, IssuedPlan, PlanChange, Waiver

CHANGES = ("moved", "rethemed", "cancelled")
"""The kinds of the change log that 第十三条 asks to be told beforehand."""
LEFT = "left"
"""The kind of the line in the old year's log of an interview that moved into another year."""


# The plan


@dataclass(frozen=True)
class YearDuty:
    """What a year's plan owes (第十条), reckoned when it is read: programme duties have no interview.

    Attributes:
        year: the plan's year.
        owed: the duty with its date and sum.
        issued: the first version issued, if there is one; ``version`` the newest one's number, 0 without.
        late_days: how late it was issued, or how late it is today.
    """

    year: int
    owed: rules.DutyDue
    issued: IssuedPlan | None
    version: int
    late_days: int


async def is_issued(uow: UnitOfWork, year: int) -> bool:
    """Whether the plan of a year has been issued."""
    query = select(col(IssuedPlan.id)).where(col(IssuedPlan.year) == year).limit(1)
    return (await uow.db.execute(query)).first() is not None


async def versions(uow: UnitOfWork, year: int) -> list[IssuedPlan]:
    """Every version of a year's plan, the first one first."""
    query = select(IssuedPlan).where(col(IssuedPlan.year) == year).order_by(col(IssuedPlan.version))
    return list(await uow.db.scalars(query))


async def change_log(uow: UnitOfWork, year: int) -> list[PlanChange]:
    """The public change log of a year's plan, the newest line first."""
    query = select(PlanChange).where(col(PlanChange.year) == year).order_by(col(PlanChange.id).desc())
    return list(await uow.db.scalars(query))


async def year_duties(uow: UnitOfWork, years: Iterable[int], regulation: law.Regulation) -> list[YearDuty]:
    """The duties to issue the plans of some years, each with its date, and done or late by how many days."""
    calendar = await workdays.present(uow)
    found = []
    for year in years:
        issued = await versions(uow, year)
        done_on = acted_on(issued[0].issued_at if issued else uow.now, regulation.closing_time)
        found += [
            YearDuty(
                year, owed, issued[0] if issued else None, len(issued), max(0, lateness(owed.due, done_on))
            )
            for owed in rules.duties_of_year(year, regulation, calendar)
            if owed.done_by == "plan"
        ]
    return found


async def issue(uow: UnitOfWork, year: int) -> IssuedPlan:
    """Issue a year's plan to all bodies, as a new version with every interview in it.

    Discharges the year's duty (第十条), which is reckoned from the first version.

    Raises:
        Refusal: a year that is over, a plan without interviews, or nothing changed since the last version.
    """
    if year < office_date(uow.now).year:
        raise Refusal("plan.past", f"{year}年已经过去，不能再印发。请选今年或者以后的年份。")
    # The audit's head is the lock: an interview scheduled meanwhile is either in this version or in the change log.
    await uow.db.get(AuditHead, 1, with_for_update=True)
    entries = await _entries(uow, year)
    if not entries:
        raise Refusal("plan.empty", f"{year}年还没有排访谈，没有可印发的。请先由信息办排好计划。")
    before = await versions(uow, year)
    if before and before[-1].entries == entries:
        raise Refusal("plan.unchanged", f"{year}年计划第{before[-1].version}版印发以后没有变动，不用再印发。")
    plan = IssuedPlan(
        year=year,
        version=len(before) + 1,
        entries=entries,
        issued_at=uow.now,
        person_id=uow.actor.person_id,
    )
    uow.db.add(plan)
    text = f"印发{year}年访谈计划第{plan.version}版，共{len(entries)}场"
    uow.db.add(PlanChange(year=year, kind="issued", text=text, at=uow.now))
    await audit.note(uow, "plan.issue", f"plan:{year}", version=plan.version, interviews=len(entries))
    await uow.db.flush()
    return plan


async def _entries(uow: UnitOfWork, year: int) -> list[dict[str, Any]]:
    query = (
        select(Interview)
        .where(col(Interview.year) == year, col(Interview.status) != InterviewStatus.CANCELLED)
        .order_by(col(Interview.starts_at), col(Interview.id))
    )
    listed = await facts.interviews_facts(uow, list(await uow.db.scalars(query)))
    return [
        {
            "interview": one.id,
            "no": one.ordinal,
            "theme": one.theme,
            "starts_at": shanghai_iso(one.starts_at),
            "ends_at": shanghai_iso(one.ends_at),
            "respondents": [{"id": r.id, "name": r.name, "lead": r.lead} for r in one.respondents],
            "host": one.host,
            "venue": one.venue,
        }
        for one in listed
    ]


async def log_added(uow: UnitOfWork, interview: Interview) -> None:
    """Enter an interview that was added to an issued plan into the public change log; others enter nothing."""
    if await is_issued(uow, interview.year):
        text = f"增加{_name(interview)}，{_when(interview.starts_at, interview.ends_at)}"
        _log(uow, interview, "added", text)


def _log(
    uow: UnitOfWork,
    interview: Interview,
    kind: str,
    text: str,
    ground: str | None = None,
    reason: str | None = None,
    year: int | None = None,
) -> None:
    uow.db.add(
        PlanChange(
            year=year or interview.year,
            interview_id=interview.id,
            kind=kind,
            text=text,
            ground=ground,
            reason=reason,
            at=uow.now,
        )
    )


def _name(interview: Interview) -> str:
    return f"第{interview.ordinal}场“{interview.theme}”" if interview.ordinal else f"“{interview.theme}”"


def _when(starts_at: datetime, ends_at: datetime) -> str:
    start, end = as_utc(starts_at).astimezone(SHANGHAI), as_utc(ends_at).astimezone(SHANGHAI)
    return f"{in_words(start.date())}{start:%H:%M}到{end:%H:%M}"


# Changing it


@dataclass(frozen=True)
class Wanted:
    """What an interview becomes; ``None`` stays as it is. Without an end a new start keeps the length."""

    ground: ChangeGround
    reason: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    theme: str | None = None

    def times(self, interview: Interview) -> tuple[datetime, datetime]:
        """The start and the end after the change."""
        start = as_utc(self.starts_at) if self.starts_at else interview.starts_at
        if self.ends_at is not None:
            return start, as_utc(self.ends_at)
        return start, start + (interview.ends_at - interview.starts_at)


async def change(uow: UnitOfWork, interview_id: int, wanted: Wanted) -> Interview:
    """Move an interview or give it another theme (第十三条); an announcement made stays made.

    The old duties stay in the history with the reason, the new ones take their place. The change-notice enters the
    ledger with the change and is discharged by it: the act tells the bodies and the public.

    Raises:
        Refusal: begun or over, nothing changed, a time that is past or too long, an unusable text, or told too late
            without a deviation granted.
    """
    interview = await access.acting_interview(uow, interview_id)
    move_interview("interview.change", interview.status)
    reason = texts.clean(wanted.reason, texts.REASON_LIMIT, "变动的原因")
    theme = texts.clean(wanted.theme, texts.THEME_LIMIT, "主题") if wanted.theme else interview.theme
    old_start, old_end, old_theme = interview.starts_at, interview.ends_at, interview.theme
    old_year = interview.year
    start, end = wanted.times(interview)
    moved, rethemed = (start, end) != (old_start, old_end), theme != old_theme
    if not moved and not rethemed:
        raise Refusal("change.nothing", "时间和主题都和原来一样，没有要改的。请改好再交。", status=400)
    if moved:
        await _check_times(uow, interview, start, end)
    counts = await _counts(uow, interview, office_date(start).year)
    if counts:
        await _check_in_time(uow, interview, start, end)
    before = f"{_name(interview)}原定{_when(old_start, old_end)}"
    interview.starts_at, interview.ends_at, interview.theme = start, end, theme
    told = []
    if moved:
        told.append(f"{before}，改为{_when(start, end)}")
        await _change_year(uow, interview)
        await duties.reassign(uow, interview, f"改期：{reason}", old_start)
    if rethemed:
        told.append(f"主题由“{old_theme}”改为“{theme}”")
    if counts:
        kinds = ["moved"] * moved + ["rethemed"] * rethemed
        await _log_change(
            uow, interview, old_year, list(zip(kinds, told, strict=True)), wanted.ground, reason
        )
        await duties.change_told(uow, interview, old_start, f"{'；'.join(told)}。原因：{reason}")
        await messages.tell(uow, interview, "改期" if moved else "改题", f"{'；'.join(told)}。原因：{reason}")
    await audit.note(
        uow,
        "interview.change",
        f"interview:{interview_id}",
        starts_at=shanghai_iso(start),
        ends_at=shanghai_iso(end),
        theme=audit.text_digest(theme),
        ground=wanted.ground.value,
        reason=audit.text_digest(reason),
    )
    await facts.tell(uow, interview, "interview.changed")
    return interview


async def check_free(
    uow: UnitOfWork, interview_id: int, starts_at: datetime | None, ends_at: datetime | None
) -> None:
    """Refuse to move an interview onto a time at which its host or a body of it is elsewhere.

    Args:
        uow: reads the programme.
        interview_id: the interview.
        starts_at: its new start; ``None`` where it stays.
        ends_at: its new end; without one it stays as long as it is.

    Raises:
        Refusal: as ``bookings.check_free``; ``not_found``.
    """
    interview = await access.acting_interview(uow, interview_id)
    start, end = Wanted(ChangeGround.OTHER, "", starts_at, ends_at).times(interview)
    if (start, end) != (interview.starts_at, interview.ends_at):
        [now] = await bookings.of(uow, [interview])
        await bookings.check_free(uow, replace(now, starts_at=start, ends_at=end))


async def _log_change(
    uow: UnitOfWork,
    interview: Interview,
    old_year: int,
    told: Sequence[tuple[str, str]],
    ground: ChangeGround,
    reason: str,
) -> None:
    """Enter a change into the public log of its year, and of the year that it left."""
    for kind, text in told:
        _log(uow, interview, kind, text, ground, reason)
    if interview.year != old_year and await is_issued(uow, old_year):
        left = f"{told[0][1]}，移到{interview.year}年的计划"
        _log(uow, interview, LEFT, left, ground, reason, old_year)


async def _check_times(uow: UnitOfWork, interview: Interview, start: datetime, end: datetime) -> None:
    if start <= uow.now:
        raise Refusal("change.past", "新的开始时间已经过去。请改成以后的时间。", status=400)
    rules.check_length(rules.LegalFacts(start, end), law.load(interview.regulation))


async def _change_year(uow: UnitOfWork, interview: Interview) -> None:
    """A move into another year is an addition to that year's plan, under that year's next number."""
    year = office_date(interview.starts_at).year
    if year == interview.year:
        return
    last = await uow.db.scalar(select(func.max(col(Interview.ordinal))).where(col(Interview.year) == year))
    interview.year, interview.ordinal = year, (last or 0) + 1
    await log_added(uow, interview)


async def _counts(uow: UnitOfWork, interview: Interview, new_year: int) -> bool:
    """Whether a change is one of 第十三条: of what was announced, or of a year's plan that was issued."""
    if interview.announced_at is not None or await is_issued(uow, interview.year):
        return True
    return new_year != interview.year and await is_issued(uow, new_year)


async def _check_in_time(uow: UnitOfWork, interview: Interview, start: datetime, end: datetime) -> None:
    regulation = law.load(interview.regulation)
    legal = replace(
        await duties.legal_facts(uow, interview),
        starts_at=start,
        ends_at=end,
        old_starts_at=interview.starts_at,
    )
    today = acted_on(uow.now, regulation.closing_time)
    rules.check_change(legal, regulation, await workdays.present(uow), today, await granted(uow, interview))


async def cancel(uow: UnitOfWork, interview_id: int, reason: str) -> Interview:
    """Cancel an interview that has not begun; its questions go to the bodies that would have answered.

    Whatever is still open of its duties is asked no more; the answers to its questions are, counted from now.

    Raises:
        Refusal: begun or over, no reason, or told too late without a deviation granted.
    """
    interview = await access.acting_interview(uow, interview_id)
    after = move_interview("interview.cancel", interview.status)
    told = texts.clean(reason, texts.REASON_LIMIT, "取消的原因")
    counts = await _counts(uow, interview, interview.year)
    if counts:
        await _check_in_time(uow, interview, interview.starts_at, interview.ends_at)
    interview.status = after
    interview.cancelled_at, interview.cancel_reason = uow.now, told
    left = await deferrals.leave_to_bodies(uow, interview)
    await uow.db.flush()
    await duties.supersede_open(uow, interview, f"访谈取消：{told}")
    if counts:
        text = f"取消{_name(interview)}，原定{_when(interview.starts_at, interview.ends_at)}"
        _log(uow, interview, "cancelled", text, None, told)
        await duties.change_told(uow, interview, interview.starts_at, f"{text}。原因：{told}")
        await messages.over(uow, interview_id)
        await messages.tell(uow, interview, "取消", f"{text}。原因：{told}")
    await duties.assign(uow, interview)
    await audit.note(
        uow,
        "interview.cancel",
        f"interview:{interview_id}",
        questions=left,
        reason=audit.text_digest(told),
    )
    await facts.tell(uow, interview, "interview.cancelled")
    return interview


# Deviations granted


_GRANTED = {
    "in_time": "变动可以晚于规定的日子",
    "content": "没有报来内容也可以开始",
    "host": "没有主持人也可以开始",
    "guest": "没有报来参加人员也可以开始",
    "reason": "提前结束、延长可以不另写原因",
}


async def grant(uow: UnitOfWork, interview_id: int, duty: str, reason: str) -> Waiver:
    """Record the supervisor's deviation from a gate, public with its reason; it discharges nothing.

    Args:
        uow: the supervisor's unit of work.
        interview_id: the interview.
        duty: the id of a duty that a gate goes by (``content``, ``guests``, ``change-notice``), or a gate's word
            where it has none (``host``, ``reason``).
        reason: why, for everybody to read.

    Raises:
        Refusal: over, no such gate, a gate without a way past (the announcement's), granted already, or no reason.
    """
    interview = await access.acting_interview(uow, interview_id)
    move_interview("waiver.grant", interview.status)
    gate = _gate(law.load(interview.regulation), duty)
    told = texts.clean(reason, texts.REASON_LIMIT, "例外的理由")
    query = select(Waiver).where(col(Waiver.interview_id) == interview_id, col(Waiver.duty) == duty)
    waiver = (await uow.db.scalars(query)).one_or_none()
    if waiver is None:
        waiver = Waiver(interview_id=interview_id, duty=duty, reason=told, at=uow.now)
        uow.db.add(waiver)
    elif duty in await granted(uow, interview):
        raise Refusal("waiver.there", "这一项的例外已经登记，还有效，不用再登记。")
    waiver.reason, waiver.at, waiver.person_id = told, uow.now, uow.actor.person_id
    text = f"主管部门登记例外：{_GRANTED[gate.needs]}。理由：{told}"
    uow.db.add(Deviation(interview_id=interview_id, article=gate.article, text=text, at=uow.now))
    await audit.note(
        uow, "waiver.grant", f"interview:{interview_id}", duty=duty, reason=audit.text_digest(told)
    )
    await facts.tell(uow, interview, "interview.changed")
    return waiver


_BY_WORD = ("content", "host", "guest", "reason")


def _gate(regulation: law.Regulation, duty: str) -> law.Gate:
    """The gate that a deviation is from.

    Raises:
        Refusal: ``waiver.unknown`` with those there are; ``waiver.never`` for one without a way past.
    """
    by_duty = {gate.duty or gate.needs: gate for gate in regulation.gates}
    known = {gate.needs: gate for gate in regulation.gates if gate.needs in _BY_WORD} | by_duty
    if duty not in known:
        listed = "、".join(name for name, gate in by_duty.items() if gate.waivable)
        raise Refusal("waiver.unknown", f"没有哪一步卡在这一项上。可以登记例外的有：{listed}。", status=400)
    if not known[duty].waivable:
        raise Refusal(
            "waiver.never",
            "预告的期限不能有例外。请把访谈往后改到预告来得及的日子。",
            article=known[duty].article,
        )
    return known[duty]


async def granted(uow: UnitOfWork, interview: Interview) -> frozenset[str]:
    """The deviations in force for an interview; one for a change holds for one change."""
    rows = list(await uow.db.scalars(select(Waiver).where(col(Waiver.interview_id) == interview.id)))
    if not rows:
        return frozenset()
    changing = {rule.id for rule in law.load(interview.regulation).duties if rule.when == "changed"}
    last = await uow.db.scalar(
        select(func.max(col(PlanChange.at))).where(
            col(PlanChange.interview_id) == interview.id, col(PlanChange.kind).in_(CHANGES)
        )
    )
    return frozenset(
        row.duty for row in rows if row.duty not in changing or last is None or as_utc(last) < row.at
    )
