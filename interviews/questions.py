"""A question as it lives: submit, publish, decline, merge, support, withdraw, stage, draft, answer, refuse, defer.

Each verb checks the state by ``lifecycle``, changes rows, notes staff acts in the audit, and records one change.
The source of what must be answered and what may be refused is 第四条, of what comes after 第八条, of who may ask 第九条.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from base import audit, outbox
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Body, Person, Role
from interviews import (
    access,
    archive,
    changes,
    deferrals,
    duties,
    facts,
    law,
    receipts,
    rules,
    texts,
    transcript,
)
from interviews.lifecycle import (
    OPEN,
    QUESTION_WORDS,
    DeclineReason,
    Ground,
    InterviewStatus,
    ItemKind,
    Kind,
    QuestionStatus,
    check_asking,
    move_question,
)
from interviews.models import Deviation, Draft, Guest, Interview, Item, Question, Support
from interviews.screening import screen
from interviews.transcript import Voice

SUPPLEMENT = "supplement"
"""Where a remark comes from that the host entered after the close (补录)."""


@dataclass(frozen=True)
class Submission:
    """What a citizen sends; ``contact_sealed`` is an e-mail address already encrypted."""

    text: str
    kind: Kind
    client_id: str
    nickname: str | None = None
    contact_sealed: str | None = None


async def submit(uow: UnitOfWork, interview_id: int, sent: Submission) -> tuple[Question, bool]:
    """Keep a citizen's question, once per asker and ``client_id``.

    Returns:
        The question, and whether it is new; a resend gives the first one back.

    Raises:
        Refusal: no visitor, unusable text, unknown interview, outside the collection, or a known
            ``client_id`` with another text.
    """
    if uow.actor.role is not Role.CITIZEN or uow.actor.person_id is None:
        raise Refusal("visitor.missing", "还没有领到您的身份凭证。请刷新页面，再提问。", status=401)
    text = texts.clean(sent.text, texts.QUESTION_LIMIT, "问题")
    nickname = texts.clean_line(sent.nickname, texts.NICKNAME_LIMIT, "称呼")
    known = await _resent(uow, sent.client_id, text)
    if known is not None:
        return known, False
    interview = await access.interview(uow, interview_id, lock="share")
    check_asking(interview.status)
    screened = screen(text)
    question = Question(
        interview_id=interview_id,
        asker_id=uow.actor.person_id,
        client_id=sent.client_id,
        receipt=receipts.new(),
        original=text,
        text=screened.text,
        kind=sent.kind,
        nickname=screen(nickname).text if nickname else None,
        contact_sealed=sent.contact_sealed,
        flags=[flag.to_dict() for flag in screened.flags],
        submitted_at=uow.now,
    )
    try:
        async with uow.db.begin_nested():
            uow.db.add(question)
    except IntegrityError:
        # The same client_id was committed by another connection a moment ago (PostgreSQL only).
        known = await _resent(uow, sent.client_id, text)
        if known is None:
            raise
        return known, False
    uow.record(changes.QuestionSubmitted(facts.question_facts(question)))
    return question, True


async def _resent(uow: UnitOfWork, client_id: str, text: str) -> Question | None:
    query = select(Question).where(
        col(Question.asker_id) == uow.actor.person_id, col(Question.client_id) == client_id
    )
    known = (await uow.db.scalars(query)).one_or_none()
    if known is not None and known.original != text:
        raise Refusal(
            "question.client_id_reused",
            "这个编号已经交过另一个问题。请刷新页面，重新写上再交。",
        )
    return known


async def publish(uow: UnitOfWork, question_id: int, text: str | None = None) -> Question:
    """Make a pending question public under the interview's next number.

    Args:
        uow: the moderator's, host's or office's unit of work.
        question_id: the question.
        text: the moderator's masked wording, where the machine masked too little or too much.

    Raises:
        Refusal: not there, or not pending any more.
    """
    interview, question = await access.acting_question(uow, question_id)
    question.status = move_question("question.publish", question.status)
    if text is not None:
        question.text = texts.clean(text, texts.QUESTION_LIMIT, "公开的文字")
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
        edited=text is not None,
    )
    uow.record(changes.QuestionPublished(facts.question_facts(question), facts.item_facts(item)))
    if interview.status in deferrals.NO_MORE_LIVE:
        deferrals.defer(uow, question, deferrals.NO_MORE_LIVE[InterviewStatus(interview.status)])
        await uow.db.flush()
        await duties.assign(uow, interview)
    await archive.when_done(uow, interview)
    return question


async def decline(uow: UnitOfWork, question_id: int, reason: DeclineReason) -> Question:
    """Do not make a pending question public, for one of five reasons that its asker and the log will show.

    Raises:
        Refusal: not there, or not pending any more.
    """
    interview, question = await access.acting_question(uow, question_id)
    question.status = move_question("question.decline", question.status)
    question.reason = reason
    question.settled_at = uow.now
    await audit.note(uow, "question.decline", f"question:{question.id}", reason=reason.value)
    uow.record(changes.QuestionSettled("question.declined", facts.question_facts(question), was_public=False))
    await archive.when_done(uow, interview)
    return question


async def merge(uow: UnitOfWork, question_id: int, into_id: int) -> Question:
    """Let a question go into a public one of the same interview; its supporters go with it, counted once.

    Raises:
        Refusal: not there, settled already, or the target is itself, elsewhere or not open.
    """
    interview, question = await access.acting_question(uow, question_id)
    into = await access.public_question(uow, into_id, lock="update")
    if into.id == question.id or into.interview_id != question.interview_id:
        raise Refusal("question.merge_target", "只能并入本场的另一个问题。请重新选一个。", status=400)
    if QuestionStatus(into.status) not in OPEN:
        raise Refusal("question.state", "要并入的问题已经有了结果。请选一个还在等答复的。")
    was_public = question.number is not None
    question.status = move_question("question.merge", question.status)
    question.into_id = into.id
    question.settled_at = uow.now
    carried = await _carry_support(uow, question, into)
    into.supports += len(carried)
    await audit.note(uow, "question.merge", f"question:{question.id}", into=into.id)
    merged, target = facts.question_facts(question), facts.question_facts(into)
    uow.record(changes.QuestionMerged(merged, target, was_public, tuple(carried)))
    await archive.when_done(uow, interview)
    return question


async def _carry_support(uow: UnitOfWork, question: Question, into: Question) -> list[int]:
    """Enter the asker and the supporters of ``question`` as supporters of ``into``; who is new there."""
    query = select(col(Support.person_id)).where(col(Support.question_id) == question.id)
    carried = {question.asker_id, *(await uow.db.scalars(query))}
    there = select(col(Support.person_id)).where(col(Support.question_id) == into.id)
    carried -= {into.asker_id, *(await uow.db.scalars(there))}
    for person_id in sorted(carried):
        uow.db.add(Support(question_id=into.id or 0, person_id=person_id, at=uow.now))
    return sorted(carried)


async def support(uow: UnitOfWork, question_id: int) -> Question:
    """我也想问, once per citizen; a second time changes nothing.

    Raises:
        Refusal: no visitor, not public, settled already, or the citizen's own question.
    """
    if uow.actor.role is not Role.CITIZEN or uow.actor.person_id is None:
        raise Refusal("visitor.missing", "还没有领到您的身份凭证。请刷新页面，再点支持。", status=401)
    question = await access.public_question(uow, question_id, lock="update")
    move_question("question.support", question.status)
    if question.asker_id == uow.actor.person_id:
        raise Refusal("question.own", "这是您自己提的问题，不用再点支持。")
    query = select(col(Support.id)).where(
        col(Support.question_id) == question_id, col(Support.person_id) == uow.actor.person_id
    )
    if (await uow.db.execute(query)).first() is not None:
        return question
    uow.db.add(Support(question_id=question_id, person_id=uow.actor.person_id, at=uow.now))
    question.supports += 1
    uow.record(changes.QuestionSupported(facts.question_facts(question), uow.actor.person_id))
    return question


async def withdraw(uow: UnitOfWork, question_id: int) -> Question:
    """Take one's own question back, until it is on stage.

    Raises:
        Refusal: not one's own, on stage, or settled already.
    """
    interview, question = await access.own_question(uow, question_id)
    was_public = question.number is not None
    question.status = move_question("question.withdraw", question.status)
    question.settled_at = uow.now
    uow.record(changes.QuestionSettled("question.withdrawn", facts.question_facts(question), was_public))
    await archive.when_done(uow, interview)
    return question


async def stage(uow: UnitOfWork, question_id: int) -> Question:
    """Put a public question on stage; the newest staged one is on screen.

    Raises:
        Refusal: not there, not public and open, or the interview is not live.
    """
    interview, question = await access.acting_question(uow, question_id)
    _require_live(interview)
    question.status = move_question("question.stage", question.status)
    question.staged_at = uow.now
    await audit.note(uow, "question.stage", f"question:{question.id}")
    uow.record(changes.QuestionStaged("question.staged", facts.question_facts(question)))
    return question


async def unstage(uow: UnitOfWork, question_id: int) -> Question:
    """Take a question off the stage again; it waits as before.

    Raises:
        Refusal: not there, or not on stage.
    """
    _, question = await access.acting_question(uow, question_id)
    question.status = move_question("question.unstage", question.status)
    question.staged_at = None
    await audit.note(uow, "question.unstage", f"question:{question.id}")
    uow.record(changes.QuestionStaged("question.unstaged", facts.question_facts(question)))
    return question


def _require_live(interview: Interview) -> None:
    if interview.status != "live":
        raise Refusal("interview.not_live", "这场访谈没有在进行，这一步要等开始以后才能办。")


async def draft(uow: UnitOfWork, question_id: int, text: str) -> Draft:
    """Keep what a guest or clerk has written so far; staff see that they write, nobody sees the text.

    Raises:
        Refusal: not there, or the question has its result already.
    """
    _, question = await access.acting_question(uow, question_id, interview_lock="share")
    move_question("answer.draft", question.status)
    query = select(Draft).where(
        col(Draft.question_id) == question_id, col(Draft.person_id) == uow.actor.person_id
    )
    kept = (await uow.db.scalars(query)).one_or_none()
    if kept is None:
        kept = Draft(question_id=question_id, person_id=uow.actor.person_id or 0, text="", at=uow.now)
        uow.db.add(kept)
    kept.text = text[: texts.ANSWER_LIMIT]
    kept.at = uow.now
    uow.record(changes.AnswerDrafted(facts.question_facts(question), uow.actor.name, len(kept.text)))
    return kept


async def answer(uow: UnitOfWork, question_id: int, text: str, speaker: str | None = None) -> Item:
    """Answer a question, live or afterwards; an answered one may receive further answers (补充答复).

    Args:
        uow: the guest's or clerk's unit of work.
        question_id: the question.
        text: what is answered.
        speaker: the guest for whom a clerk types; must be among those told for the interview.

    Raises:
        Refusal: not there, settled otherwise, unusable text, an unknown speaker, or not open for answers yet.
    """
    interview, question = await access.acting_question(uow, question_id)
    question.status = move_question("question.answer", question.status)
    return await _reply(
        uow, interview, question, ItemKind.ANSWER, texts.clean(text, texts.ANSWER_LIMIT, "答复"), speaker
    )


async def refuse(
    uow: UnitOfWork, question_id: int, ground: Ground, reason: str, partial: str | None = None
) -> Item:
    """Refuse an answer on one of the three grounds of 第四条, with the reason and what can be told all the same.

    Raises:
        Refusal: not there, a ground that the city's rule does not have, no words of explanation, or settled
            already.
    """
    interview, question = await access.acting_question(uow, question_id)
    rules.check_refuse_ground(ground, reason, law.load(interview.regulation))
    question.status = move_question("question.refuse", question.status)
    text = texts.clean(reason, texts.REASON_LIMIT, "不予答复的理由")
    told = texts.clean_line(partial, texts.ANSWER_LIMIT, "可以公开的部分")
    if told:
        text = f"{text}\n{told}"
    return await _reply(uow, interview, question, ItemKind.REFUSAL, text, None, ground)


async def defer(uow: UnitOfWork, question_id: int, reason: str) -> Item:
    """Say why a question cannot be answered now; it becomes a follow-up (第八条).

    Raises:
        Refusal: not there, settled already, no reason, or the interview is not live.
    """
    interview, question = await access.acting_question(uow, question_id)
    _require_live(interview)
    question.status = move_question("question.defer", question.status)
    text = texts.clean(reason, texts.REASON_LIMIT, "会后答复的理由")
    return await _reply(uow, interview, question, ItemKind.DEFERRAL, text, None)


_EVENTS = {
    ItemKind.ANSWER: "question.answered",
    ItemKind.REFUSAL: "question.refused",
    ItemKind.DEFERRAL: "question.deferred",
}
_ACTS = {
    ItemKind.ANSWER: "question.answer",
    ItemKind.REFUSAL: "question.refuse",
    ItemKind.DEFERRAL: "question.defer",
}


async def _reply(
    uow: UnitOfWork,
    interview: Interview,
    question: Question,
    kind: ItemKind,
    text: str,
    speaker: str | None,
    ground: Ground | None = None,
) -> Item:
    """Enter what the body said to a question into the transcript and settle the question."""
    if interview.status in ("planned", "announced"):
        raise Refusal("interview.not_live", "访谈还没有开始，答复可以先存成草稿，开始以后再发。")
    origin = "live" if interview.status == "live" else "after"
    voice = await _voice(uow, interview, speaker)
    item = await transcript.append(
        uow, interview, kind, voice, text, question_id=question.id, origin=origin, ground=ground
    )
    question.settled_at = uow.now
    question.reason = ground or (text if kind is ItemKind.DEFERRAL else None)
    await audit.note(
        uow,
        _ACTS[kind],
        f"question:{question.id}",
        item=item.id,
        text=item.digest,
        ground=ground.value if ground else None,
        speaker=voice.speaker,
    )
    if origin == "after":
        await uow.db.flush()
        await duties.discharge_follow_up(uow, interview)
    if question.contact_sealed:
        await _write_to_asker(uow, interview, question, item)
    change = changes.QuestionAnswered(_EVENTS[kind], facts.question_facts(question), facts.item_facts(item))
    uow.record(change)
    return item


async def _write_to_asker(uow: UnitOfWork, interview: Interview, question: Question, item: Item) -> None:
    """Tell by mail, where an address was left, what became of the question; the receipt leads to the text."""
    text = (
        f"您在“{interview.theme}”里提的{question.number or ''}号问题{QUESTION_WORDS[QuestionStatus(question.status)]}。\n"
        f"请到网上访谈，凭回执编号 {question.receipt} 查看全文。\n"
    )
    to = outbox.SEALED + (question.contact_sealed or "")
    await outbox.queue(uow, f"asker:{item.id}", to, f"您的提问有了结果：{interview.theme}", text)


async def _voice(uow: UnitOfWork, interview: Interview, speaker: str | None) -> Voice:
    """Who is heard: the guest a clerk types for, or the actor, with the body either speaks for."""
    if speaker is not None:
        query = (
            select(Guest, Body)
            .join(Body, col(Body.id) == col(Guest.body_id))
            .where(col(Guest.interview_id) == interview.id, col(Guest.name) == speaker.strip())
        )
        if uow.actor.body_id is not None:
            query = query.where(col(Guest.body_id) == uow.actor.body_id)
        found = (await uow.db.execute(query)).first()
        if found is None:
            raise Refusal("speaker.unknown", "名单里没有这位嘉宾。请先报参加人员，再替他发言。", status=400)
        guest, body = found
        return Voice(f"{guest.name}（{guest.post}）", Role.GUEST, body.name)
    person = await uow.db.get(Person, uow.actor.person_id)
    post = f"（{person.post}）" if person and person.post else ""
    speaking_body = await uow.db.get(Body, uow.actor.body_id) if uow.actor.body_id else None
    return Voice(uow.actor.name + post, uow.actor.role, speaking_body.name if speaking_body else None)


async def say(uow: UnitOfWork, interview_id: int, text: str, speaker: str | None = None) -> Item:
    """A remark of the host, a guest or a clerk in the live interview, entered into the transcript.

    After the close of an interview that was extended or closed early, the host enters what was said aloud in
    the meantime; it stands there as 补录.

    Raises:
        Refusal: not there, not live, unusable text, or an unknown speaker.
    """
    interview = await access.acting_interview(uow, interview_id)
    origin = SUPPLEMENT if await _may_supplement(uow, interview) else None
    if origin is None:
        _require_live(interview)
    voice = await _voice(uow, interview, speaker)
    cleaned = texts.clean(text, texts.ANSWER_LIMIT, "要说的话")
    item = await transcript.append(uow, interview, ItemKind.SAID, voice, cleaned, origin=origin)
    await audit.note(uow, "interview.say", f"interview:{interview_id}", item=item.id, text=item.digest)
    uow.record(changes.ItemSaid(interview_id, facts.item_facts(item)))
    return item


async def _may_supplement(uow: UnitOfWork, interview: Interview) -> bool:
    """Whether the host may still enter what was said: ended, and with a recorded deviation from its length."""
    if interview.status != InterviewStatus.ENDED or uow.actor.role is not Role.HOST:
        return False
    article = law.load(interview.regulation).length.article
    query = select(col(Deviation.id)).where(
        col(Deviation.interview_id) == interview.id, col(Deviation.article) == article
    )
    return (await uow.db.execute(query.limit(1))).first() is not None


async def by_receipt(uow: UnitOfWork, typed: str) -> Question:
    """The question with a receipt number, however it was typed.

    Raises:
        Refusal: ``not_found``.
    """
    receipt = receipts.read(typed)
    query = select(Question).where(col(Question.receipt) == receipt)
    found = (await uow.db.scalars(query)).one_or_none() if receipt else None
    if found is None:
        raise missing("这个回执编号")
    return found


async def of_interview(uow: UnitOfWork, interview_id: int) -> list[Question]:
    """All questions of an interview in the order they came."""
    query = select(Question).where(col(Question.interview_id) == interview_id).order_by(col(Question.id))
    return list(await uow.db.scalars(query))
