"""The summary report (汇总报告, 第十五条): drafted from the record, its prose edited, signed by a second person.

A version is the record frozen with the prose as it was then; nothing of it changes any more. The office edits what is
prose and cannot edit what is record: every edit is a new version, and a new version comes by itself only where the
record has changed. How it goes out is in ``deliveries``, writing it on paper in ``report_word`` and ``report_pdf``.
"""

import difflib
import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal, missing
from interviews import access, report_content, texts
from interviews.lifecycle import INTERVIEW_WORDS, InterviewStatus
from interviews.models import Delivery, Interview, Item, Report
from interviews.report_content import PROSE, Content, record_of, stamped

OVER = frozenset({InterviewStatus.ENDED, InterviewStatus.ARCHIVED})


async def draft(uow: UnitOfWork, interview_id: int) -> Report:
    """The report on the record as it stands; a new version only where the record has changed since the last.

    Raises:
        Refusal: not there or not the actor's; or the interview is not over, so that there is nothing to sum up.
    """
    interview = await access.acting_interview(uow, interview_id)
    _require_over(interview)
    return await of_the_record(uow, interview)


def _require_over(interview: Interview) -> None:
    status = InterviewStatus(interview.status)
    if status in OVER:
        return
    words = f"这场访谈{INTERVIEW_WORDS[status]}，没有汇总报告。"
    if status is not InterviewStatus.CANCELLED:
        words += "结束以后再来取。"
    raise Refusal("report.not_over", words)


async def of_the_record(uow: UnitOfWork, interview: Interview) -> Report:
    """The version that says what the record says now; the interview's row must be locked."""
    record = await report_content.gather(uow, interview)
    last = await latest(uow, interview.id or 0)
    if last is not None and record_of(last.content) == record:
        return last
    prose = last.content.get(PROSE) if last else None
    # Whoever wrote the prose cannot sign it because the record has changed around it since.
    author = last.drafted_by if last and prose else uow.actor.person_id
    return await _kept(uow, interview, record, last, prose, author)


async def current(uow: UnitOfWork, interview: Interview, version: int | None = None) -> Report:
    """The last version kept, which must say what the record says now; the interview's row must be locked.

    Nothing is drafted here: a refusal would take the new version back with it, and then nobody could look at it.

    Args:
        uow: the office's.
        interview: whose report it is.
        version: the one that was read.

    Raises:
        Refusal: there is none yet, the record has changed since, or somebody made a newer version than was read.
    """
    last = await latest(uow, interview.id or 0)
    if last is None:
        raise Refusal("report.none", "还没有拟汇总报告。请先拟好，看过再办这一步。")
    if version is not None and last.version != version:
        raise Refusal(
            "report.newer", f"您看的是第{version}版，现在已经有第{last.version}版了。请看过新的一版再办。"
        )
    if record_of(last.content) != await report_content.gather(uow, interview):
        raise Refusal(
            "report.stale", f"第{last.version}版拟好以后，记录又有了变化。请先按最新的记录重新拟，看过再办。"
        )
    return last


async def _kept(
    uow: UnitOfWork,
    interview: Interview,
    record: Content,
    last: Report | None,
    prose: Mapping[str, str] | None,
    author: int | None,
) -> Report:
    """Freeze the next version."""
    interview_id = interview.id or 0
    sent = await latest(uow, interview_id, sent=True)
    version = last.version + 1 if last else 1
    whole = stamped(record, version, shanghai_iso(uow.now), sent.version if sent else None)
    report = Report(
        interview_id=interview_id,
        version=version,
        content=whole | ({PROSE: dict(prose)} if prose else {}),
        drafted_at=uow.now,
        drafted_by=author,
    )
    uow.db.add(report)
    await uow.db.flush()
    await audit.note(
        uow, "report.draft", f"interview:{interview_id}", version=version, digest=digest(report.content)
    )
    return report


def digest(content: Content) -> str:
    """The digest of a version's whole content, for the audit."""
    return audit.text_digest(json.dumps(content, sort_keys=True, ensure_ascii=False))


async def latest(uow: UnitOfWork, interview_id: int, *, sent: bool = False) -> Report | None:
    """The last version kept, or the last one that went out."""
    query = select(Report).where(col(Report.interview_id) == interview_id)
    if sent:
        query = query.where(col(Report.id).in_(select(col(Delivery.report_id))))
    return (await uow.db.scalars(query.order_by(col(Report.version).desc()).limit(1))).first()


async def edit(uow: UnitOfWork, interview_id: int, version: int, prose: Mapping[str, str]) -> Report:
    """Write the parts that are prose; the record stays as it is. Every edit is a new version.

    Args:
        uow: the office's unit of work.
        interview_id: whose report it is.
        version: the version on which the edit was based.
        prose: text by the names of ``report_content.PROSE_PARTS``; empty ones leave the part out.

    Raises:
        Refusal: not there, not over, no such part, unusable text, or somebody made a newer version meanwhile.
    """
    interview = await access.acting_interview(uow, interview_id)
    _require_over(interview)
    last = await latest(uow, interview_id)
    if last is None or last.version != version:
        newest = f"现在已经有第{last.version}版了" if last else "现在还没有这一版"
        raise Refusal("report.newer", f"您改的是第{version}版，{newest}。请打开新的一版，把改的地方再写上。")
    told = {}
    for name, text in prose.items():
        if name not in report_content.PROSE_PARTS:
            raise Refusal("input.invalid", "报告里没有这一部分可以改。请刷新页面再改。", status=400)
        if text.strip():
            told[name] = texts.clean(text, texts.ANSWER_LIMIT, report_content.PROSE_PARTS[name])
    # The new version takes the record as it stands, so that what is written is never about an older one.
    record = await report_content.gather(uow, interview)
    if told == last.content.get(PROSE, {}) and record == record_of(last.content):
        return last
    return await _kept(uow, interview, record, last, told, uow.actor.person_id)


async def sign(uow: UnitOfWork, interview_id: int, version: int) -> Report:
    """Sign a version off (核签), as the second person; a newer version needs its own signature.

    Raises:
        Refusal: not there, not the latest version any more, the record has changed since, or written by the same
            person.
    """
    interview = await access.acting_interview(uow, interview_id)
    _require_over(interview)
    report = await current(uow, interview, version)
    if report.drafted_by is not None and report.drafted_by == uow.actor.person_id:
        raise Refusal("report.own", "这一版是您自己改的，要由另一个人核签。请同事打开这一页来办。")
    if report.signed_at is None:
        report.signed_by, report.signed_at = uow.actor.person_id, uow.now
        await audit.note(
            uow,
            "report.sign",
            f"interview:{interview_id}",
            version=version,
            digest=digest(report.content),
        )
    return report


async def versions(uow: UnitOfWork, interview_id: int) -> list[Report]:
    """Every version of an interview's report, the newest first.

    Raises:
        Refusal: not there or not the actor's.
    """
    await access.acting_interview(uow, interview_id, lock=None)
    query = select(Report).where(col(Report.interview_id) == interview_id)
    return list(await uow.db.scalars(query.order_by(col(Report.version).desc())))


async def version_of(uow: UnitOfWork, interview_id: int, version: int) -> Report:
    """One version.

    Raises:
        Refusal: ``not_found``, also for another's interview.
    """
    await access.acting_interview(uow, interview_id, lock=None)
    query = select(Report).where(col(Report.interview_id) == interview_id, col(Report.version) == version)
    found = (await uow.db.scalars(query)).one_or_none()
    if found is None:
        raise missing("这一版报告")
    return found


def compared(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    """Two versions, paragraph by paragraph: ``same``, ``gone`` or ``new``, in the order of reading. Pure.

    Not by ``difflib.ndiff``: it compares within paragraphs too, which took 9.5 s where 200 of 1,500 had changed.
    """
    found: list[tuple[str, str]] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, begin, end, new_begin, new_end in matcher.get_opcodes():
        if tag == "equal":
            found += [("same", line) for line in before[begin:end]]
            continue
        found += [("gone", line) for line in before[begin:end]]
        found += [("new", line) for line in after[new_begin:new_end]]
    return found


async def content(uow: UnitOfWork, interview_id: int) -> Content:
    """The report to read, nothing written: the last version sent, else the record as it stands.

    A version sent that holds what was taken down since gives way to the record.
    A record that equals the last version kept is that version; otherwise it is a draft without a number, dated by
    the record's own last instant, so that reading twice gives the same paper.

    Raises:
        Refusal: not there or not the actor's; or the interview is not over.
    """
    interview = await access.acting_interview(uow, interview_id, lock=None)
    _require_over(interview)
    sent = await latest(uow, interview_id, sent=True)
    if sent is not None and not await holds_removed(uow, sent.content):
        return sent.content
    record = await report_content.gather(uow, interview)
    kept = await latest(uow, interview_id)
    if kept is not None and record_of(kept.content) == record:
        return kept.content
    return stamped(record, None, record["as_of"])


async def holds_removed(uow: UnitOfWork, content: Content) -> bool:
    """Whether a frozen version still has the text of something that was taken down since; then nobody may get it."""
    gone = select(col(Item.id)).where(
        col(Item.interview_id) == content["interview"]["id"], col(Item.removed_at).is_not(None)
    )
    shown = {one["item"] for one in content["transcript"] if one["text"] is not None}
    return not shown.isdisjoint(await uow.db.scalars(gone))


def withdrawn(version: int) -> Refusal:
    """Why a version that holds what was taken down is not to be had any more."""
    return Refusal(
        "report.withdrawn",
        f"第{version}版里有内容后来撤下了，这一版不能再看、再发。请看新的一版；还没有的，请信息化工作办公室重新报送。",
        status=410,
    )


async def to_draft(uow: UnitOfWork) -> list[int]:
    """The interviews that ended and have no report yet: it is to be checked the moment an interview closes."""
    drafted = select(col(Report.interview_id))
    query = select(col(Interview.id)).where(
        col(Interview.status) == InterviewStatus.ENDED, col(Interview.id).not_in(drafted)
    )
    return [number for number in await uow.db.scalars(query.order_by(col(Interview.id))) if number]


async def sent_at(uow: UnitOfWork, interview_id: int) -> datetime | None:
    """When the report first came to a recipient, in any version; ``None`` while it has not."""
    query = (
        select(col(Delivery.sent_at))
        .join(Report, col(Report.id) == col(Delivery.report_id))
        .where(col(Report.interview_id) == interview_id, col(Delivery.sent_at).is_not(None))
        .order_by(col(Delivery.sent_at))
        .limit(1)
    )
    found: datetime | None = await uow.db.scalar(query)
    return found
