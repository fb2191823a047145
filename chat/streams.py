"""Numbered streams, one per audience: append, backlog, snapshot.

Each stream is dense from 1, so the public cannot see a pending question even as a missing number, and whoever
sees a gap knows what to fetch. A number is taken under the row lock of its stream's head (a database sequence
leaves gaps after crashes). The snapshot and the head it belongs to are read in one transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Integer, String, cast, func, insert, literal, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel, col

from base.clock import shanghai_iso
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor, Person
from chat import views
from interviews import access, approvals, attached, facts, promises, questions, transcript
from interviews.changes import ItemRemoved, QuestionFacts, QuestionSettled
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Draft, Interview, Question, Support

BACKLOG_LIMIT = 500
"""How many events one answer carries at the most, and how far behind a reader may be before it gets a snapshot."""


class StreamHead(SQLModel, table=True):
    """The last number given in a stream; its row is the lock under which the next one is given."""

    __tablename__ = "stream_head"

    stream: str = Field(sa_column=Column(String, primary_key=True))
    head: int = Field(sa_column=Column(Integer, nullable=False))


class StreamEvent(SQLModel, table=True):
    """One event as it went out to one audience."""

    __tablename__ = "stream_event"

    stream: str = Field(sa_column=Column(String, primary_key=True))
    seq: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    kind: str
    at: datetime = Field(sa_type=UtcDateTime)
    body: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


Event = dict[str, Any]


def wire(stream: str, seq: int, kind: str, at: datetime, body: dict[str, Any]) -> Event:
    """An event as sockets and HTTP carry it."""
    return {"stream": stream, "seq": seq, "kind": kind, "at": shanghai_iso(at), "body": body}


async def project(uow: UnitOfWork) -> list[Event]:
    """Turn the recorded changes of a unit of work into numbered rows of every audience's stream.

    Returns:
        The events in the order of their numbers, for announcing after the commit.
    """
    by_stream: dict[str, list[tuple[datetime, views.Delivery]]] = {}
    for recorded in uow.recorded:
        for delivery in views.deliveries(recorded):
            by_stream.setdefault(delivery.stream, []).append((recorded.at, delivery))
    for recorded in uow.recorded:
        if isinstance(recorded.change, ItemRemoved):
            await _take_down(uow, recorded.change)
        elif isinstance(recorded.change, QuestionSettled) and recorded.change.kind == "question.withdrawn":
            await _give_back(uow, recorded.change.question)
    events: list[Event] = []
    # Heads are locked in the order of their names, so that two units of work never wait for each other.
    for stream in sorted(by_stream):
        told = by_stream[stream]
        first = await _take_numbers(uow, stream, len(told)) - len(told) + 1
        rows: list[dict[str, Any]] = [
            {"stream": stream, "seq": first + offset, "kind": item.kind, "at": at, "body": item.body}
            for offset, (at, item) in enumerate(told)
        ]
        await uow.db.execute(insert(StreamEvent), rows)
        events.extend(wire(**row) for row in rows)
    return events


CARRIES_ITEM = frozenset(
    {"question.answered", "question.refused", "question.deferred", "interview.said", "erratum"}
)
CARRIES_QUESTION = frozenset({"question.submitted", "question.appealed", "question.published"})


async def _take_down(uow: UnitOfWork, change: ItemRemoved) -> None:
    """Empty the earlier rows that tell what was taken down; they keep their numbers."""
    question = change.question
    rooms = [views.public_stream(change.interview_id), views.staff_stream(change.interview_id)]
    query = select(StreamEvent).where(
        col(StreamEvent.stream).in_(rooms), col(StreamEvent.kind).in_([*CARRIES_ITEM, *CARRIES_QUESTION])
    )
    told = [row for row in await uow.db.scalars(query) if _tells(row, change)]
    if question is not None:
        own = select(StreamEvent).where(col(StreamEvent.stream) == views.person_stream(question.asker_id))
        told += [row for row in await uow.db.scalars(own) if row.body.get("receipt") == question.receipt]
    for row in told:
        row.body = {"removed": True, "reason": change.reason}
    if question is not None and change.item.kind in _LOSES:
        await _blank_views(uow, question, _LOSES[ItemKind(change.item.kind)])
    await uow.db.flush()


async def _give_back(uow: UnitOfWork, question: QuestionFacts) -> None:
    """Empty the text of a question that its asker took back in the earlier rows of its room; their own keep it."""
    rooms = [views.public_stream(question.interview_id), views.staff_stream(question.interview_id)]
    query = select(StreamEvent).where(
        col(StreamEvent.stream).in_(rooms),
        col(StreamEvent.kind).in_(CARRIES_QUESTION),
        col(StreamEvent.body)["question"].as_integer() == question.id,
    )
    for row in await uow.db.scalars(query):
        row.body = row.body | {"text": None, "nickname": None}
    await _blank_views(uow, question, ("text", "nickname"))
    await uow.db.flush()


_LOSES = {ItemKind.QUESTION: ("text", "nickname"), ItemKind.DEFERRAL: ("reason",)}
"""What of its question's view goes with an item; a deferral's words are the question's reason."""


async def _blank_views(uow: UnitOfWork, question: QuestionFacts, fields: tuple[str, ...]) -> None:
    """Empty fields of a question's view in the earlier rows that told of taking down something beside it.

    Those rows stay for the rest that they tell: whoever starts from the first number knows what is left from them.
    """
    rooms = [views.public_stream(question.interview_id), views.staff_stream(question.interview_id)]
    query = select(StreamEvent).where(
        col(StreamEvent.stream).in_(rooms),
        col(StreamEvent.kind) == "question.removed",
        col(StreamEvent.body)["question"].as_integer() == question.id,
    )
    for row in await uow.db.scalars(query):
        row.body = row.body | {"view": row.body["view"] | dict.fromkeys(fields)}


def _tells(row: StreamEvent, change: ItemRemoved) -> bool:
    """Whether a row of an interview's stream carries the text that was taken down."""
    if row.kind in CARRIES_ITEM:
        return row.body.get("item") in {change.item.id, *(one.id for one in change.errata)}
    return change.item.kind == "question" and bool(row.body.get("question") == change.item.question_id)


async def _take_numbers(uow: UnitOfWork, stream: str, count: int) -> int:
    """Raise the head by ``count`` and return it, holding its row until the commit."""
    dialect = uow.db.get_bind().dialect.name
    upsert = sqlite_insert if dialect == "sqlite" else postgresql_insert
    query = (
        upsert(StreamHead)
        .values(stream=stream, head=count)
        .on_conflict_do_update(index_elements=["stream"], set_={"head": StreamHead.head + count})
        .returning(col(StreamHead.head))
    )
    return int((await uow.db.execute(query)).scalar_one())


async def head(uow: UnitOfWork, stream: str) -> int:
    """The last number of a stream; 0 where nothing was ever said."""
    found = await uow.db.scalar(select(col(StreamHead.head)).where(col(StreamHead.stream) == stream))
    return int(found or 0)


async def backlog(uow: UnitOfWork, stream: str, after: int, limit: int = BACKLOG_LIMIT) -> list[Event]:
    """The events after number ``after``, at most ``limit`` of them."""
    query = (
        select(StreamEvent)
        .where(col(StreamEvent.stream) == stream, col(StreamEvent.seq) > after)
        .order_by(col(StreamEvent.seq))
        .limit(limit)
    )
    return [wire(row.stream, row.seq, row.kind, row.at, row.body) for row in await uow.db.scalars(query)]


async def open_door(uow: UnitOfWork, actor: Actor, name: str) -> str:
    """The stream behind a name, if the actor may read it.

    Args:
        uow: a unit of work of this actor.
        actor: who asks.
        name: ``interview:{id}:public``, ``interview:{id}:staff`` or ``me``.

    Raises:
        Refusal: ``not_found`` for what is not there and for what is not theirs.
    """
    if name == "me":
        if actor.person_id is None:
            raise Refusal("visitor.missing", "还没有领到您的身份凭证。请刷新页面。", status=401)
        return views.person_stream(actor.person_id)
    parts = name.split(":")
    if len(parts) == 3 and parts[0] == "interview" and parts[1].isdecimal() and len(parts[1]) < 10:
        interview_id = int(parts[1])
        if parts[2] == "public":
            await access.interview(uow, interview_id)
            return views.public_stream(interview_id)
        if parts[2] == "staff" and actor.is_staff:
            await access.acting_interview(uow, interview_id, lock=None, rehearsal=True)
            return views.staff_stream(interview_id)
    raise missing("这个数据流")


async def read(
    uow: UnitOfWork, stream: str, after: int | None, limit: int = BACKLOG_LIMIT, reach: int = BACKLOG_LIMIT
) -> dict[str, Any]:
    """The backlog after ``after``, or a snapshot where there is no ``after`` or it is out of reach.

    Args:
        uow: a reading unit of work; one transaction.
        stream: the stream's own name, from ``open_door``.
        after: the last number the reader has.
        limit: how many events the answer may carry.
        reach: how far behind a reader may be to be given events.

    Returns:
        ``{"events", "head"}`` or ``{"reset": true, "head", "snapshot"}``.
    """
    last = await head(uow, stream)
    if after is None or after < 0 or after > last or last - after > reach:
        return {"reset": True, "head": last, "snapshot": await snapshot(uow, stream)}
    return {"events": await backlog(uow, stream, after, limit), "head": last}


async def snapshot(uow: UnitOfWork, stream: str) -> views.State:
    """The state of a stream's audience, built from the record."""
    kind, number, *rest = stream.split(":")
    if kind == "person":
        return await _own_state(uow, int(number))
    interview = await access.interview(uow, int(number))
    return await room_state(uow, interview, staff=rest == ["staff"])


async def room_state(uow: UnitOfWork, interview: Interview, *, staff: bool) -> views.State:
    """An interview as the public or its staff sees it; pages are drawn from the same state as islands."""
    interview_id = interview.id or 0
    about = await facts.interview_facts(uow, interview)
    asked = await questions.of_interview(uow, interview_id)
    asked_facts = [facts.question_facts(question) for question in asked]
    said = await transcript.items(uow, interview_id, letters=staff)
    promised = await promises.in_interview(uow, interview_id)
    beside = await attached.in_interview(uow, interview_id)
    items = [
        facts.item_facts(item, promised.get(item.id or 0), beside.get(item.id or 0, ())) for item in said
    ]
    staged = [question for question in asked if question.status == QuestionStatus.STAGED]
    stage = [q.id or 0 for q in sorted(staged, key=lambda q: (q.staged_at or q.submitted_at, q.id))]
    if not staff:
        return views.public_state(about, asked_facts, items, stage)
    at_work = {
        "drafting": await _drafting(uow, interview_id),
        "approving": await _approving(uow, interview_id),
        "handling": await _handling(uow, asked),
        "order": [q.id for q in sorted(asked, key=lambda q: q.place or 0) if q.place is not None],
        "delay": interview.publish_delay,
    }
    return views.staff_state(about, asked_facts, items, stage, at_work)


async def _drafting(uow: UnitOfWork, interview_id: int) -> dict[str, dict[str, Any]]:
    """The latest draft of each question since it was last settled: who writes, and how long it is."""
    query = (
        select(Draft, col(Person.display_name))
        .join(Question, col(Question.id) == col(Draft.question_id))
        .join(Person, col(Person.id) == col(Draft.person_id))
        .where(
            col(Question.interview_id) == interview_id,
            or_(col(Question.settled_at).is_(None), col(Draft.at) > col(Question.settled_at)),
        )
        .order_by(col(Draft.at), col(Draft.id))
    )
    found = await uow.db.execute(query)
    return {str(row.question_id): {"writer": name, "length": len(row.text)} for row, name in found}


async def _approving(uow: UnitOfWork, interview_id: int) -> dict[str, dict[str, Any]]:
    """The answers that wait for a second person of their body, by their number."""
    found = await approvals.of_interview(uow, interview_id)
    return {str(laid.id): views.laid_up_view(facts.laid_up(laid, writer)) for laid, writer in found}


async def _handling(uow: UnitOfWork, asked: Sequence[Question]) -> dict[str, dict[str, Any]]:
    """Whose hands each waiting question is in, or who set its publication going; claims run out by their ``until``."""
    hands = {q.claimed_by for q in asked} | {q.publish_by for q in asked}
    query = select(col(Person.id), col(Person.display_name)).where(
        col(Person.id).in_([one for one in hands if one])
    )
    names = {row[0]: row[1] for row in await uow.db.execute(query)}
    found = {}
    for q in asked:
        by, until = (q.publish_by, q.publish_at) if q.publish_at else (q.claimed_by, q.claimed_until)
        if q.status == QuestionStatus.PENDING and by is not None and until is not None:
            found[str(q.id)] = {
                "by": names[by],
                "until": shanghai_iso(until),
                "publishing": q.publish_at is not None,
            }
    return found


async def _own_state(uow: UnitOfWork, person_id: int) -> views.State:
    asked = select(Question).where(col(Question.asker_id) == person_id).order_by(col(Question.id))
    supported = select(col(Support.question_id)).where(col(Support.person_id) == person_id)
    own = [facts.question_facts(question) for question in await uow.db.scalars(asked)]
    return views.own_state(own, await uow.db.scalars(supported))


async def heads(uow: UnitOfWork, names: Iterable[str]) -> dict[str, int]:
    """The heads of several streams in one query, for a node that looks whether it missed something."""
    query = select(StreamHead).where(col(StreamHead.stream).in_(list(names)))
    return {row.stream: row.head for row in await uow.db.scalars(query)}


async def public_heads(db: AsyncSession) -> dict[int, int]:
    """The head of every interview's public stream, by interview, rehearsals left out; 0 before anything was told."""
    before, after = views.public_stream(0).split("0")
    name = literal(before) + cast(col(Interview.id), String) + literal(after)
    query = select(col(Interview.id), func.coalesce(col(StreamHead.head), 0)).outerjoin(
        StreamHead, col(StreamHead.stream) == name
    )
    rows = await db.execute(query.where(col(Interview.rehearsal).is_(False)))
    return {int(number): int(head) for number, head in rows if number is not None}


def as_me(found: dict[str, Any]) -> dict[str, Any]:
    """A person's number stays inside: their stream is called ``me``."""
    if "events" in found:
        return found | {"events": [event | {"stream": "me"} for event in found["events"]]}
    return found
