"""What people enter into an assessment (考评): problems and third parties' numbers by the supervisor, halves by bodies.

Nothing is entered any more once the year's result is fixed.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import select

from base import audit, files
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.file_kinds import Attachment
from base.once import written_once
from base.people import Role
from interviews import assessment, assessment_evidence, schemes, scoring, texts
from interviews.assessment import need
from interviews.assessment_models import Assessment, Finding, SelfAssessment, SetAside, ThirdParty
from interviews.schemes import Part, PartKind, Scheme

MOST_TIMES = 99
NAME_LIMIT = 60


# What the supervisor enters


async def _fillable(uow: UnitOfWork, year: int, body_id: int) -> tuple[Assessment, Scheme]:
    """The year, locked, while its result is not fixed."""
    need(uow, Role.SUPERVISOR)
    found = await assessment.of_year(uow, year, lock=True)
    if found.fixed_at is not None:
        raise Refusal("assessment.fixed", "这一年的结果已经定了。单位有异议的，在异议里更正。")
    if body_id not in {one.id for one in await assessment.assessed(uow, year)}:
        raise missing("这个单位的考评")
    return found, schemes.load(found.scheme)


@dataclass(frozen=True)
class Found:
    """What the supervisor enters as a problem.

    Attributes:
        item: a deduction of the scheme.
        text: what was found, up to 1,000 code points.
        on: the day, in the year that is assessed or later.
        times: how many problems of the kind, 1 to 99.
        file: a document that proves it.
    """

    item: str
    text: str
    on: date
    times: int = 1
    file: Attachment | None = None


async def find(uow: UnitOfWork, year: int, body_id: int, said: Found) -> Finding:
    """Enter a problem.

    Raises:
        Refusal: not the supervisor; a fixed year; an unknown deduction; a day before the year or to come.
    """
    found, scheme = await _fillable(uow, year, body_id)
    if scheme.item(said.item) is None:
        raise Refusal("assessment.item", "请从这部办法的扣分事项里选一项。", status=400)
    if not date(year, 1, 1) <= said.on <= office_date(uow.now):
        raise Refusal("assessment.day", f"日子要在{year}年1月1日到今天之间。请改一改。", status=400)
    if not 1 <= said.times <= MOST_TIMES:
        raise Refusal("assessment.times", f"个数写1到{MOST_TIMES}。", status=400)
    row = Finding(
        assessment_id=found.id or 0,
        body_id=body_id,
        item=said.item,
        times=said.times,
        text=texts.clean(said.text, texts.REASON_LIMIT, "发现的问题"),
        found_on=said.on,
        file_id=await files.keep(uow, said.file) if said.file else None,
        file_name=said.file.name if said.file else None,
        at=uow.now,
        person_id=uow.actor.person_id,
    )
    uow.db.add(row)
    await uow.db.flush()
    await audit.note(
        uow,
        "assessment.find",
        f"assessment:{year}",
        body=body_id,
        finding=row.id,
        item=row.item,
        times=row.times,
        text=audit.text_digest(row.text),
    )
    return row


async def set_aside(uow: UnitOfWork, year: int, body_id: int, ref: str, reason: str) -> None:
    """Let a problem not count, with its reason; one that a person entered is withdrawn by this.

    Raises:
        Refusal: not the supervisor; a fixed year; no such problem of this body, or one set aside already.
    """
    found, scheme = await _fillable(uow, year, body_id)
    why = texts.clean(reason, texts.REASON_LIMIT, "不计的理由")
    kind, _, number = ref.partition(":")
    if kind == "finding" and number.isdecimal() and len(number) < 10:
        row = await uow.db.get(Finding, int(number))
        if row is None or (row.assessment_id, row.body_id) != (found.id, body_id) or row.withdrawn_because:
            raise missing("这个问题")
        row.withdrawn_because = why
    else:
        proven = await assessment_evidence.problems(uow, scheme, year, body_id, {})
        if ref not in {one.ref for one in proven}:
            raise missing("这个问题")
        row_aside = SetAside(
            assessment_id=found.id or 0, ref=ref, reason=why, at=uow.now, person_id=uow.actor.person_id
        )
        if await written_once(uow, row_aside) is None:
            raise missing("这个问题")
    await audit.note(
        uow,
        "assessment.set_aside",
        f"assessment:{year}",
        body=body_id,
        ref=ref,
        reason=audit.text_digest(why),
    )


def read_points(typed: str, scheme: Scheme) -> int:
    """Points as they are typed, as hundredths.

    Raises:
        Refusal: ``assessment.points``: no number from 0 to the scheme's base with at most two decimals.
    """
    try:
        points = Decimal(typed.strip())
        good = points.is_finite() and 0 <= points <= scheme.base and points * 100 == int(points * 100)
    except (InvalidOperation, OverflowError):
        good = False
    if not good:
        raise Refusal("assessment.points", f"分数写0到{scheme.base}的数，最多两位小数。", status=400)
    return int(points * 100)


async def enter_third(uow: UnitOfWork, year: int, body_id: int, typed: str, by: str) -> None:
    """Enter what a third party gave; a second time replaces the first.

    Raises:
        Refusal: not the supervisor; a fixed year; no third party in the scheme; bad points; no name.
    """
    found, scheme = await _fillable(uow, year, body_id)
    if scheme.part(PartKind.ENTERED) is None:
        raise Refusal("assessment.part", "这部办法没有第三方评估。", status=400)
    points, name = read_points(typed, scheme), texts.clean(by, NAME_LIMIT, "评估机构")
    ours = {"assessment_id": found.id, "body_id": body_id}
    row = (await uow.db.scalars(select(ThirdParty).filter_by(**ours))).one_or_none()
    if row is None:
        row = ThirdParty(assessment_id=found.id or 0, body_id=body_id, hundredths=points, by=name, at=uow.now)
        uow.db.add(row)
    row.hundredths, row.by, row.at, row.person_id = points, name, uow.now, uow.actor.person_id
    await audit.note(
        uow,
        "assessment.third",
        f"assessment:{year}",
        body=body_id,
        hundredths=points,
        by=audit.text_digest(name),
    )


async def check_self(uow: UnitOfWork, year: int, body_id: int, half: int, typed: str, why: str) -> None:
    """Check (核定) a body's own score; one that differs from it says why.

    Raises:
        Refusal: not the supervisor; a fixed year; nothing handed in; bad points; another score without a reason.
    """
    found, scheme = await _fillable(uow, year, body_id)
    row = await _half(uow, found, body_id, half)
    if row is None:
        raise Refusal("assessment.self_missing", "这个单位还没有报这半年的自查，没有可以核定的。")
    points = read_points(typed, scheme)
    reason = texts.clean_line(why, texts.REASON_LIMIT, "核定的理由")
    if points != row.hundredths and not reason:
        raise Refusal("assessment.why", "核定的分数和单位自己报的不一样，请写明为什么。", status=400)
    row.checked, row.checked_why, row.checked_at = points, reason, uow.now
    await audit.note(
        uow,
        "assessment.check",
        f"assessment:{year}",
        body=body_id,
        half=half,
        own=row.hundredths,
        checked=points,
    )


async def _half(uow: UnitOfWork, found: Assessment, body_id: int, half: int) -> SelfAssessment | None:
    query = select(SelfAssessment).filter_by(assessment_id=found.id, body_id=body_id, half=half)
    return (await uow.db.scalars(query)).one_or_none()


# What a body does


def own_part(scheme: Scheme) -> Part:
    """The part in which bodies assess themselves.

    Raises:
        Refusal: ``assessment.part`` where the scheme has none.
    """
    part = scheme.part(PartKind.HALVES)
    if part is None:
        raise Refusal("assessment.part", "这部办法没有自我考核。", status=400)
    return part


@dataclass(frozen=True)
class Own:
    """A body's own assessment of half a year, as it hands it in."""

    half: int
    points: str
    text: str
    file: Attachment | None = None


async def hand_in(uow: UnitOfWork, year: int, said: Own) -> SelfAssessment:
    """Hand in one's own assessment; until it is checked, a second time replaces the first.

    It is late after the scheme's day, 15 July or 15 January, and then it says so; it is taken in all the same.

    Raises:
        Refusal: no clerk of an assessed body; a fixed year; checked already; a half that is not over; bad points.
    """
    need(uow, Role.CLERK)
    body_id = uow.actor.body_id or 0
    found = await assessment.of_year(uow, year, lock=True)
    scheme = schemes.load(found.scheme)
    part = own_part(scheme)
    if body_id not in {one.id for one in await assessment.assessed(uow, year)}:
        raise missing("这一年的考评")
    if found.fixed_at is not None:
        raise Refusal("assessment.fixed", "这一年的结果已经定了，不能再报。有异议的，请提一次异议。")
    today = office_date(uow.now)
    if said.half not in (1, 2) or today < scoring.half_over(year, said.half):
        raise Refusal("assessment.half", "这半年还没有过完，过完再报。", status=400)
    row = await _half(uow, found, body_id, said.half)
    if row is not None and row.checked is not None:
        raise Refusal("assessment.checked", "这半年的自查已经核定，不能再改。")
    points = read_points(said.points, scheme)
    text = texts.clean(said.text, texts.ANSWER_LIMIT, "自查的情况")
    if row is None:
        row = SelfAssessment(
            assessment_id=found.id or 0,
            body_id=body_id,
            half=said.half,
            hundredths=points,
            text=text,
            at=uow.now,
        )
        uow.db.add(row)
    if said.file is not None:
        row.file_id, row.file_name = await files.keep(uow, said.file), said.file.name
    row.hundredths, row.text, row.at, row.person_id = points, text, uow.now, uow.actor.person_id
    asked_too_late = scoring.asked_too_late(part, year, said.half, office_date(found.opened_at))
    row.late = today > scoring.half_due(part, year, said.half) and not asked_too_late
    await uow.db.flush()
    await audit.note(
        uow,
        "assessment.hand_in",
        f"assessment:{year}",
        body=body_id,
        half=said.half,
        hundredths=points,
        late=row.late,
        text=audit.text_digest(text),
    )
    return row
