"""How rows become the frozen values that the pure modules and the audiences are given."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.people import Person
from interviews import body_names
from interviews.approval_models import Approval
from interviews.changes import (
    AttachedFacts,
    DeviationFacts,
    InterviewChanged,
    InterviewFacts,
    ItemFacts,
    LaidUpFacts,
    PersonFacts,
    PlanChangeFacts,
    PromiseFacts,
    QuestionFacts,
    RespondentFacts,
)
from interviews.lifecycle import InterviewStatus
from interviews.models import Deviation, Guest, Interview, Item, PlanChange, Question, Respondent
from interviews.promise_models import Promise


def question_facts(question: Question) -> QuestionFacts:
    """A question's row as a value; its original text stays behind."""
    return QuestionFacts(
        id=question.id or 0,
        interview_id=question.interview_id,
        asker_id=question.asker_id,
        receipt=question.receipt,
        number=question.number,
        item_id=question.item_id,
        text=question.text,
        kind=question.kind,
        nickname=question.nickname,
        flags=tuple(question.flags),
        status=question.status,
        supports=question.supports,
        into_id=question.into_id,
        reason=question.reason,
        submitted_at=question.submitted_at,
        to_body=question.to_body,
        appealed=question.appealed_at is not None,
        reopened_at=question.reopened_at,
        reopened_due=question.reopened_due,
    )


def item_facts(
    item: Item, promise: PromiseFacts | None = None, attached: tuple[AttachedFacts, ...] = ()
) -> ItemFacts:
    """A transcript item's row as a value, with what it promises and what stands beside it where that is wanted."""
    return ItemFacts(
        id=item.id or 0,
        no=item.no,
        kind=item.kind,
        question_id=item.question_id,
        speaker=item.speaker,
        role=item.role,
        body_name=item.body_name,
        text=item.text,
        origin=item.origin,
        ground=item.ground,
        at=item.at,
        removed=item.removed_at is not None,
        of_id=item.of_id,
        note=item.removed_because if item.removed_at is not None else item.note,
        promise=promise,
        attached=attached,
    )


def promise_facts(promise: Promise, done_no: int | None) -> PromiseFacts:
    """A promise's row as a value, with the number of the answer that kept it; a letter has none."""
    return PromiseFacts(
        what=promise.what,
        due=promise.due,
        provisional=promise.provisional,
        status=promise.status,
        done_at=promise.done_at,
        done_no=done_no if done_no is not None and done_no > 0 else None,
        reason=promise.reason,
    )


def laid_up(laid: Approval, writer: str) -> LaidUpFacts:
    """An answer that waits for a second person as a value; its text stays behind."""
    return LaidUpFacts(
        approval=laid.id or 0,
        interview_id=laid.interview_id,
        question_id=laid.question_id,
        body_name=laid.body_name,
        writer=writer,
        kind=laid.kind,
        at=laid.at,
    )


async def tell(uow: UnitOfWork, interview: Interview, kind: str) -> None:
    """Record that the interview's own facts changed; ``kind`` is the event's name."""
    await uow.db.flush()
    uow.record(InterviewChanged(kind, await interview_facts(uow, interview)))


async def interview_facts(uow: UnitOfWork, interview: Interview) -> InterviewFacts:
    """One interview with its bodies, guests, host and deviations."""
    return (await interviews_facts(uow, [interview]))[0]


async def interviews_facts(uow: UnitOfWork, interviews: Sequence[Interview]) -> list[InterviewFacts]:
    """The same for many, in a number of queries that does not grow with how many."""
    ids = [interview.id for interview in interviews]
    respondents: dict[int, list[RespondentFacts]] = {}
    days = {interview.id: office_date(interview.starts_at) for interview in interviews}
    known = await body_names.names(uow.db)
    query_of_parts = (
        select(Respondent)
        .where(col(Respondent.interview_id).in_(ids))
        .order_by(col(Respondent.lead).desc(), col(Respondent.id))
    )
    for respondent in await uow.db.scalars(query_of_parts):
        name = known.on(respondent.body_id, days[respondent.interview_id]).name
        value = RespondentFacts(respondent.body_id, name, respondent.lead)
        respondents.setdefault(respondent.interview_id, []).append(value)
    guests: dict[int, list[PersonFacts]] = {}
    told = select(Guest).where(col(Guest.interview_id).in_(ids)).order_by(col(Guest.id))
    for guest in await uow.db.scalars(told):
        name = known.on(guest.body_id, days[guest.interview_id]).name
        guests.setdefault(guest.interview_id, []).append(PersonFacts(guest.name, guest.post, name))
    deviations: dict[int, list[DeviationFacts]] = {}
    query = select(Deviation).where(col(Deviation.interview_id).in_(ids)).order_by(col(Deviation.id))
    for row in await uow.db.scalars(query):
        deviations.setdefault(row.interview_id, []).append(DeviationFacts(row.article, row.text, row.at))
    logged: dict[int, list[PlanChangeFacts]] = {}
    # What left a year's plan says nothing that the move does not: it is for the readers of that year.
    own = col(PlanChange.interview_id).in_(ids) & (col(PlanChange.kind) != "left")
    for change in await uow.db.scalars(select(PlanChange).where(own).order_by(col(PlanChange.id))):
        value_of = PlanChangeFacts(change.kind, change.text, change.ground, change.reason, change.at)
        logged.setdefault(change.interview_id or 0, []).append(value_of)
    host_ids = {interview.host_id for interview in interviews if interview.host_id}
    host_rows = await uow.db.execute(
        select(col(Person.id), col(Person.display_name)).where(col(Person.id).in_(host_ids))
    )
    hosts = {row[0]: row[1] for row in host_rows}
    return [
        InterviewFacts(
            id=row.id or 0,
            ordinal=row.ordinal,
            theme=row.theme,
            status=row.status,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            venue=row.venue,
            content=row.content,
            host=hosts.get(row.host_id or 0),
            announced_at=row.announced_at,
            opened_at=row.opened_at,
            limit_at=row.limit_at,
            closed_at=row.closed_at,
            close_reason=row.cancel_reason if row.status == InterviewStatus.CANCELLED else row.close_reason,
            respondents=tuple(respondents.get(row.id or 0, ())),
            guests=tuple(guests.get(row.id or 0, ())),
            deviations=tuple(deviations.get(row.id or 0, ())),
            changes=tuple(logged.get(row.id or 0, ())),
        )
        for row in interviews
    ]
