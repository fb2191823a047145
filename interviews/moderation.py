"""What a moderator does with a question that waits: publish, decline, merge, transfer.

There are five reasons not to publish. A question for another theme or body is never declined but transferred and
answered later in writing (第四条 knows three grounds to refuse and no more). Where a delay is switched on, a
publication can be cancelled until it is over. Whose hands a question is in is the matter of ``interviews.claims``.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import col

from base import audit, outbox
from base.clock import shanghai_iso
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import SYSTEM, Body, Person, Role
from interviews import (
    access,
    approvals,
    archive,
    changes,
    claims,
    deferrals,
    duties,
    facts,
    texts,
    transcript,
    wording,
)
from interviews.lifecycle import (
    OPEN,
    DeclineReason,
    InterviewStatus,
    ItemKind,
    QuestionStatus,
    move_interview,
    move_question,
)
from interviews.models import Interview, Question, Support
from interviews.transcript import Voice


async def publish(uow: UnitOfWork, question_id: int, text: str | None = None) -> Question:
    """Make a pending question public under the interview's next number, or set its publication going.

    Args:
        uow: the moderator's, host's or office's unit of work.
        question_id: the question.
        text: the moderator's masked wording, where the machine masked too little or too much.

    Returns:
        The question; still pending, with ``publish_at``, where the interview delays publications.

    Raises:
        Refusal: not there, not pending any more, on its way already, or in another moderator's hands.
    """
    interview, question = await access.acting_question(uow, question_id)
    move_question("question.publish", question.status)
    claims.check(uow, question, await claims.holder(uow, question))
    if question.publish_at is not None:
        raise Refusal("question.publishing", "这个问题正在公开，过几秒就出来。要停下，请点“撤回公开”。")
    wording = texts.clean(text, texts.QUESTION_LIMIT, "公开的文字") if text is not None else None
    if not interview.publish_delay:
        return await _made_public(uow, interview, question, wording)
    question.publish_at = uow.now + timedelta(seconds=interview.publish_delay)
    question.publish_text, question.publish_by = wording, uow.actor.person_id
    claims.lay_down(question)
    await audit.note(
        uow,
        "question.publishing",
        f"question:{question.id}",
        text=audit.text_digest(wording or question.text),
        at=shanghai_iso(question.publish_at),
    )
    uow.record(
        changes.QuestionHandled(
            "question.publishing", facts.question_facts(question), uow.actor.name, question.publish_at, True
        )
    )
    return question


async def _made_public(
    uow: UnitOfWork, interview: Interview, question: Question, wording: str | None
) -> Question:
    question.status = move_question("question.publish", question.status)
    if wording is not None:
        question.text = wording
    claims.lay_down(question)
    question.publish_at = question.publish_text = None
    question.number = interview.next_number
    interview.next_number += 1
    question.published_at = uow.now
    voice = Voice(question.nickname, Role.CITIZEN)
    item = await transcript.append(
        uow, interview, ItemKind.QUESTION, voice, question.text, question_id=question.id
    )
    question.item_id = item.id
    await audit.note(
        uow,
        "question.publish",
        f"question:{question.id}",
        number=question.number,
        text=audit.text_digest(question.text),
        edited=wording is not None,
    )
    uow.record(changes.QuestionPublished(facts.question_facts(question), facts.item_facts(item)))
    if interview.status in deferrals.NO_MORE_LIVE:
        deferrals.defer(uow, question, deferrals.NO_MORE_LIVE[InterviewStatus(interview.status)])
        await uow.db.flush()
        await duties.assign(uow, interview)
    await archive.when_done(uow, interview)
    return question


async def due_publications(uow: UnitOfWork) -> list[int]:
    """The questions whose delayed publication comes true now, in the order in which it was decided."""
    query = select(col(Question.id)).where(
        col(Question.status) == QuestionStatus.PENDING, col(Question.publish_at) <= uow.now
    )
    found = await uow.db.scalars(query.order_by(col(Question.publish_at), col(Question.id)))
    return [question_id for question_id in found if question_id]


async def publish_due(uow: UnitOfWork, question_id: int) -> bool:
    """Carry out a delayed publication on behalf of whoever decided it; ``False`` where it was cancelled meanwhile."""
    interview, question = await access.acting_question(uow, question_id)
    due = question.publish_at is not None and question.publish_at <= uow.now
    if question.status != QuestionStatus.PENDING or not due:
        return False
    decided = await uow.db.get(Person, question.publish_by)
    await _made_public(
        uow.retold(decided.actor() if decided else SYSTEM, uow.now),
        interview,
        question,
        question.publish_text,
    )
    return True


async def hold(uow: UnitOfWork, question_id: int) -> Question:
    """Cancel a publication that waits; the question waits for the moderator as before.

    Raises:
        Refusal: not there, public already, or no publication was under way.
    """
    _, question = await access.acting_question(uow, question_id)
    move_question("question.hold", question.status)
    if question.publish_at is None:
        raise Refusal("question.not_publishing", "这个问题没有在公开，不用撤回。")
    # Whoever looked at it on its way claimed it unseen; from now on it is in nobody's hands, as everybody is told.
    claims.lay_down(question)
    question.publish_at = question.publish_text = question.publish_by = None
    await audit.note(uow, "question.hold", f"question:{question.id}")
    uow.record(changes.QuestionReleased(facts.question_facts(question)))
    return question


async def set_delay(uow: UnitOfWork, interview_id: int, seconds: int) -> Interview:
    """Let publications wait, so that a slip can be taken back; 0 publishes at once.

    Raises:
        Refusal: not the moderator's interview, or not before or during it.
    """
    interview = await access.acting_interview(uow, interview_id, rehearsal=True)
    move_interview("publication.delay", interview.status)
    interview.publish_delay = seconds
    await audit.note(uow, "publication.delay", f"interview:{interview_id}", seconds=seconds)
    uow.record(changes.PublicationDelayed(interview_id, seconds))
    return interview


async def _taken_up(uow: UnitOfWork, question_id: int, command: str) -> tuple[Interview, Question, bool]:
    """A question that a moderator settles now, in the state ``command`` leads to; whether the public knew it."""
    interview, question = await access.acting_question(uow, question_id)
    after = move_question(command, question.status)
    claims.check(uow, question, await claims.holder(uow, question))
    claims.lay_down(question)
    question.publish_at = question.publish_text = question.publish_by = None
    question.status = after
    question.place = None
    question.settled_at = uow.now
    return interview, question, question.number is not None


async def decline(uow: UnitOfWork, question_id: int, reason: DeclineReason) -> Question:
    """Do not make a pending question public, for one of five reasons that its asker and the log will show.

    Raises:
        Refusal: not there, not pending any more, or in another moderator's hands.
    """
    interview, question, _ = await _taken_up(uow, question_id, "question.decline")
    question.reason = reason
    await audit.note(uow, "question.decline", f"question:{question.id}", reason=reason.value)
    uow.record(changes.QuestionSettled("question.declined", facts.question_facts(question), was_public=False))
    await archive.when_done(uow, interview)
    return question


async def transfer(uow: UnitOfWork, question_id: int, body_id: int) -> Question:
    """Hand a pending question of another theme or body to the body that will answer it in writing (第四条, 第八条).

    Its text stays with staff, that body and its asker; the body owes the answer like any follow-up.

    Raises:
        Refusal: not there, not pending any more, in another moderator's hands, or no body that answers.
    """
    body = await uow.db.get(Body, body_id)
    if body is None or body.recipient or body.merged_into is not None:
        raise missing("这个单位")
    interview, question, _ = await _taken_up(uow, question_id, "question.transfer")
    question.to_body_id, question.to_body = body.id, body.name
    await audit.note(uow, "question.transfer", f"question:{question.id}", body=body.id)
    told = facts.question_facts(question)
    uow.record(changes.QuestionSettled("question.transferred", told, was_public=False))
    await _write(uow, interview, question, "transferred", f"已经转给{body.name}，由它书面答复")
    await uow.db.flush()
    if interview.status in deferrals.NO_MORE_LIVE:
        await duties.assign(uow, interview)
    await archive.when_done(uow, interview)
    return question


async def merge(uow: UnitOfWork, question_id: int, into_id: int) -> Question:
    """Let a question go into a public one of the same interview; its supporters go with it, counted once.

    Every asker is told: in their own stream, and by mail where they left an address.

    Raises:
        Refusal: not there, settled already, in another moderator's hands, or the target is itself, elsewhere or
            not open.
    """
    interview, question = await access.acting_question(uow, question_id)
    into = await access.public_question(uow, into_id, lock="update")
    if into.id == question.id or into.interview_id != question.interview_id:
        raise Refusal("question.merge_target", "只能并入本场的另一个问题。请重新选一个。", status=400)
    if QuestionStatus(into.status) not in OPEN:
        raise Refusal("question.state", "要并入的问题已经有了结果。请选一个还在等答复的。")
    interview, question, was_public = await _taken_up(uow, question_id, "question.merge")
    question.into_id = into.id
    carried = await _carry_support(uow, question, into)
    into.supports += len(carried)
    await approvals.lapse(uow, question)
    await audit.note(uow, "question.merge", f"question:{question.id}", into=into.id)
    merged, target = facts.question_facts(question), facts.question_facts(into)
    uow.record(changes.QuestionMerged(merged, target, was_public, tuple(carried)))
    await _write(uow, interview, question, "merged", f"和{into.number}号问的是一件事，已经并在一起，一起答复")
    await archive.when_done(uow, interview)
    return question


async def _write(uow: UnitOfWork, interview: Interview, question: Question, what: str, fate: str) -> None:
    """Tell the asker by mail, where an address was left."""
    if not question.contact_sealed:
        return
    words = await wording.mail(uow, "asker_fate", theme=interview.theme, fate=fate, receipt=question.receipt)
    to = outbox.SEALED + question.contact_sealed
    await outbox.queue(uow, f"asker:{what}:{question.id}", to, words.subject, words.text)


async def _carry_support(uow: UnitOfWork, question: Question, into: Question) -> list[int]:
    """Enter the asker and the supporters of ``question`` as supporters of ``into``; who is new there."""
    query = select(col(Support.person_id)).where(col(Support.question_id) == question.id)
    carried = {question.asker_id, *(await uow.db.scalars(query))}
    there = select(col(Support.person_id)).where(col(Support.question_id) == into.id)
    carried -= {into.asker_id, *(await uow.db.scalars(there))}
    for person_id in sorted(carried):
        uow.db.add(Support(question_id=into.id or 0, person_id=person_id, at=uow.now))
    return sorted(carried)
