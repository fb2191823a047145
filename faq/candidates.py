"""What was answered live becomes a candidate for the catalogue: the same words, signed by the body that gave them.

An editor takes a candidate; a draft comes of it that the answering body signs before anybody else, and that has a
date on which somebody looks whether it still holds. An answer is taken once. A topic of misses becomes a draft
without an answer: its text is for the editor to write.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from base.audit import note
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Body
from faq import clusters, library, numbering, review, topics
from faq.confirmed import fits
from faq.misses import ENTRY, must_edit
from faq.models import CatalogEntry, EntryRevision, EntryStatus, Openness, RevisionAction
from faq.sources import PREFIX, origin_of
from faq.table_file import LINE_LIMIT, WORDLESS, Row, wordless
from interviews import body_names, ratings
from interviews.lifecycle import InterviewStatus, ItemKind
from interviews.models import Interview, Item, Question

REVIEW_MONTHS = 12
"""What officials said live is looked at again after a year: fees and papers asked for change with the budget year."""

SHORTEST_ANSWER = 30
"""Code points; what is shorter (「可以。」) says nothing without its question."""

CATEGORY = "业务工作"
OVER = (InterviewStatus.ENDED, InterviewStatus.ARCHIVED)
TITLE_LIMIT = 120


@dataclass(frozen=True)
class Candidate:
    """An answer that may become an entry.

    Attributes:
        item: its number among all items.
        guest: who spoke, as the transcript has it.
        why_not: why it cannot be taken, as a sentence; None where it can.
        entry: the entry that was made from it already.
        remark: what to mind, such as a supplementary answer.
    """

    item: int
    number: int
    question: str
    text: str
    body: str
    guest: str | None
    at: datetime
    why_not: str | None = None
    entry: int | None = None
    remark: str | None = None


@dataclass(frozen=True)
class Held:
    """An interview that is over, with how many answers of it are there to take and how many were taken."""

    id: int
    theme: str
    day: date
    free: int
    taken: int


async def interviews_over(uow: UnitOfWork) -> list[Held]:
    """Interviews that are over and have answers, the latest first."""
    query = (
        select(Interview, func.count(col(Item.id)))
        .join(Item, col(Item.interview_id) == col(Interview.id))
        .where(col(Interview.status).in_(OVER), *_usable())
        .group_by(col(Interview.id))
        .order_by(col(Interview.starts_at).desc())
    )
    found = [(one, int(many)) for one, many in await uow.db.execute(query)]
    taken = await _taken_by_interview(uow)
    return [
        Held(
            one.id or 0,
            one.theme,
            office_date(one.starts_at),
            max(0, many - taken.get(one.id or 0, 0)),
            taken.get(one.id or 0, 0),
        )
        for one, many in found
    ]


def _usable() -> tuple[ColumnElement[bool], ...]:
    return (
        col(Item.kind) == ItemKind.ANSWER,
        col(Item.removed_at).is_(None),
        col(Item.no) > 0,
        func.length(col(Item.text)) >= SHORTEST_ANSWER,
    )


async def _taken_by_interview(uow: UnitOfWork) -> dict[int, int]:
    origins = select(col(CatalogEntry.origin)).where(
        col(CatalogEntry.origin).startswith(PREFIX, autoescape=True)
    )
    items = [int(one.removeprefix(PREFIX)) for one in await uow.db.scalars(origins) if one]
    query = (
        select(col(Item.interview_id), func.count(col(Item.id)))
        .where(col(Item.id).in_(items), *_usable())
        .group_by(col(Item.interview_id))
    )
    return {one: int(many) for one, many in await uow.db.execute(query)}


async def propose_from_answers(uow: UnitOfWork, interview_id: int) -> list[Candidate]:
    """Every public answer of an interview that is over, in the order of the transcript.

    Raises:
        Refusal: ``not_found`` for an interview that is not there, not over, or a rehearsal.
    """
    interview = (
        await uow.db.scalars(select(Interview).where(col(Interview.id) == interview_id))
    ).one_or_none()
    if interview is None or interview.status not in OVER:
        raise missing("这场访谈")
    return await _candidates(uow, await ratings.public_answers(uow, interview_id))


async def _candidates(uow: UnitOfWork, rows: Sequence[tuple[Item, Question]]) -> list[Candidate]:
    ids = [item.id or 0 for item, _ in rows]
    corrected = set(
        await uow.db.scalars(
            select(col(Item.of_id)).where(col(Item.of_id).in_(ids), col(Item.removed_at).is_(None))
        )
    )
    origins = select(col(CatalogEntry.origin), col(CatalogEntry.id)).where(
        col(CatalogEntry.origin).in_([origin_of(one) for one in ids])
    )
    made = {str(row[0]): int(row[1] or 0) for row in await uow.db.execute(origins)}
    answers: dict[int, list[int]] = defaultdict(list)
    for item, question in rows:
        answers[question.id or 0].append(item.id or 0)
    return [
        Candidate(
            item=item.id or 0,
            number=question.number or 0,
            question=question.text,
            text=item.text,
            body=item.body_name or "",
            guest=item.speaker,
            at=item.at,
            why_not=_why_not(item, corrected=item.id in corrected),
            entry=made.get(origin_of(item.id or 0)),
            remark="这个问题还有别的答复，请合起来看。" if len(answers[question.id or 0]) > 1 else None,
        )
        for item, question in rows
    ]


def _why_not(item: Item, *, corrected: bool) -> str | None:
    if corrected:
        return "这一条有更正，不能照原话收。请在“条目”里照更正新写一条。"
    if len(item.text) < SHORTEST_ANSWER:
        return f"不到{SHORTEST_ANSWER}个字，离开提问看不明白。"
    return None


def review_day(today: date, months: int = REVIEW_MONTHS) -> date:
    """The day on which somebody looks again: so many months on, at most the last day of that month."""
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    for day in (today.day, 30, 29, 28):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


async def take(
    uow: UnitOfWork, item_id: int, *, title: str | None = None, review_on: date | None = None
) -> EntryRevision:
    """Make a draft from an answer: its words, its body's name, the question as it is public.

    Args:
        uow: the editor's or the office's.
        item_id: the answer's number among all items.
        title: of the entry; the question where none is given.
        review_on: when somebody looks again, in Shanghai; in :data:`REVIEW_MONTHS` where none is given.

    Raises:
        Refusal: ``candidate.taken`` where an entry was made from it already, withdrawn ones too;
            ``candidate.unfit`` with why; ``candidate.title`` for one without words; ``review.date`` for a day that is
            over; ``not_found``; the actor may not.
    """
    must_edit(uow.actor)
    # The answer before the catalogue, as in taking it down: else the two would wait for each other.
    query = select(Item).where(col(Item.id) == item_id, col(Item.kind) == ItemKind.ANSWER)
    item = (await uow.db.scalars(query.with_for_update())).one_or_none()
    await library.locked_state(uow)
    if item is None or item.removed_at is not None:
        raise missing("这一条答复")
    listed = await propose_from_answers(uow, item.interview_id)
    found = next((one for one in listed if one.item == item_id), None)
    if found is None:
        raise missing("这一条答复")
    if found.entry is not None:
        raise Refusal("candidate.taken", "这一条答复已经收过了。请到“条目”里看。")
    if found.why_not is not None:
        raise Refusal("candidate.unfit", found.why_not)
    today = office_date(uow.now)
    again = review_on or review_day(today)
    if again <= today:
        raise Refusal("review.date", "复查日期要在今天以后。请改一个日子。", status=400)
    known = (await body_names.names(uow.db)).named(found.body)
    body = await uow.db.get(Body, known) if known is not None else None
    if body is None:
        raise Refusal("candidate.body", "这一条答复没有写明答复单位，收不了。请在“条目”里新写一条。")
    question = " ".join(found.question.split())[:LINE_LIMIT]
    titled = title or question
    if wordless(titled):
        raise Refusal("candidate.title", f"标题{WORDLESS}。请写一个标题再收。", status=400)
    row = _row(await numbering.suggest(uow.db, today), titled, question, body.name)
    filled = Row(**(vars(row) | {"body": found.text, "made_on": office_date(item.at)}))
    return await review.propose(
        uow,
        None,
        RevisionAction.PUBLISH,
        filled,
        f"访谈现场答复，{found.guest or body.name}，{found.number}号提问。",
        review_on=again,
        body_id=body.id,
        origin=origin_of(item_id),
    )


async def to_entry(uow: UnitOfWork, topic_id: int, issuer: str = "") -> EntryRevision:
    """Begin an entry for a topic: its label as the question, its examples as phrasings, its answer to be written.

    Raises:
        Refusal: not there, or decided already; the actor may not.
    """
    topic = await topics.topic_of(uow, topic_id)
    await library.locked_state(uow)
    asked = await topics.wordings(uow, topic_id)
    label = " ".join(topic.label.split())[:LINE_LIMIT]
    distinct = {clusters.key_of(text): text for text in reversed([*asked, label])}
    distinct.pop(clusters.key_of(label), None)
    alts = [text for text in reversed(list(distinct.values())) if fits(text)][: topics.EXAMPLES]
    number = await numbering.suggest(uow.db, office_date(uow.now))
    row = Row(**(vars(_row(number, label, label, issuer)) | {"alts": tuple(alts)}))
    reason = f"机器人没答上来的，{len(asked)}种问法。"
    revision = await review.propose(
        uow, None, RevisionAction.PUBLISH, row, reason, origin=f"topic:{topic_id}"
    )
    await topics.decided(uow, topic, ENTRY, entry_id=revision.entry_id)
    return revision


def _row(index_no: str, title: str, question: str, issuer: str) -> Row:
    return Row(
        index_no=index_no,
        category=CATEGORY,
        title=" ".join(title.split())[:TITLE_LIMIT],
        question=question,
        alts=(),
        body="",
        issuer=issuer,
        section=None,
        document_no=None,
        keywords=None,
        made_on=None,
        published_on=None,
        openness=Openness.OPEN,
        in_force=True,
        repealed_on=None,
        successor=None,
    )


async def still_holds(uow: UnitOfWork, entry_id: int, until: date | None = None) -> CatalogEntry:
    """Somebody looked: the entry says what still holds, and is looked at again on another day.

    Nothing that the public reads changes, so nothing is signed; who looked stands in the audit.

    Raises:
        Refusal: ``not_found``; ``review.date`` for a day that is over; the actor may not.
    """
    must_edit(uow.actor)
    await library.locked_state(uow)
    entry = await uow.db.get(CatalogEntry, entry_id, with_for_update=True)
    if entry is None or entry.status != EntryStatus.PUBLISHED:
        raise missing("这一条目录")
    today = office_date(uow.now)
    again = until or review_day(today)
    if again <= today:
        raise Refusal("review.date", "复查日期要在今天以后。请改一个日子。", status=400)
    entry.review_on, entry.changed_at = again, uow.now
    await note(uow, "entry.still_holds", f"entry:{entry_id}", until=again.isoformat())
    return entry
