"""What a body says to a question: a draft, an answer, a refusal by ground, a deferral with its reason.

What must be answered and what may be refused is 第四条, what comes after the interview 第八条.
"""

from datetime import timedelta

from sqlalchemy import func, select
from sqlmodel import col

from base import audit, outbox
from base.clock import as_utc
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Person
from interviews import (
    access,
    approvals,
    changes,
    duties,
    facts,
    law,
    promises,
    reopening,
    rules,
    texts,
    transcript,
    wording,
)
from interviews.approval_models import Approval
from interviews.approvals import Reply
from interviews.lifecycle import (
    QUESTION_MOVES,
    QUESTION_WORDS,
    Ground,
    InterviewStatus,
    ItemKind,
    QuestionStatus,
    move_question,
)
from interviews.models import Draft, Interview, Item, Question
from interviews.speaking import require_live, voice_of


async def draft(uow: UnitOfWork, question_id: int, text: str) -> Draft:
    """Keep what a guest or clerk has written so far; staff see that they write, nobody sees the text.

    Raises:
        Refusal: not there, or the question has its result already.
    """
    _, question = await access.acting_question(uow, question_id, interview_lock="share")
    move_question("answer.draft", question.status)
    kept = await _keep(uow, question, uow.actor.person_id or 0, text)
    uow.record(changes.AnswerDrafted(facts.question_facts(question), uow.actor.name, len(kept.text)))
    return kept


async def _keep(uow: UnitOfWork, question: Question, person_id: int, text: str) -> Draft:
    """Somebody's draft with this text, the newest of the question."""
    # Later than the last draft and the last result, though another process's clock ran ahead: the newest is shown.
    latest = select(func.max(col(Draft.at))).where(col(Draft.question_id) == question.id)
    before = (await uow.db.scalar(latest), question.settled_at)
    query = select(Draft).where(col(Draft.question_id) == question.id, col(Draft.person_id) == person_id)
    kept = (await uow.db.scalars(query)).one_or_none()
    if kept is None:
        kept = Draft(question_id=question.id or 0, person_id=person_id, text="", at=uow.now)
        uow.db.add(kept)
    kept.text = text[: texts.ANSWER_LIMIT]
    kept.at = max([uow.now, *(as_utc(one) + timedelta(microseconds=1) for one in before if one)])
    return kept


async def answer(uow: UnitOfWork, question_id: int, text: str, speaker: str | None = None) -> Item | Approval:
    """Answer a question, live or afterwards; an answered one may receive further answers (补充答复).

    Where the body's answers take a second person it is laid before them, and nothing is public yet.

    Args:
        uow: the guest's or clerk's unit of work.
        question_id: the question.
        text: what is answered.
        speaker: the guest for whom a clerk types; must be among those told for the interview.

    Raises:
        Refusal: not there, settled otherwise, unusable text, an unknown speaker, not open for answers yet, or
            somebody else's answer waits for its approval.
    """
    interview, question = await access.acting_question(uow, question_id)
    move_question("question.answer", question.status)
    cleaned = texts.clean(text, texts.ANSWER_LIMIT, "答复")
    reply = Reply(ItemKind.ANSWER, cleaned, await voice_of(uow, interview, speaker))
    return await _send(uow, interview, question, reply)


async def refuse(
    uow: UnitOfWork, question_id: int, ground: Ground, reason: str, partial: str | None = None
) -> Item | Approval:
    """Refuse an answer on one of the three grounds of 第四条, with the reason and what can be told all the same.

    Where the body's answers take a second person it is laid before them, and nothing is public yet.

    Raises:
        Refusal: not there, a ground that the city's rule does not have, no words of explanation, or settled
            already.
    """
    interview, question = await access.acting_question(uow, question_id)
    rules.check_refuse_ground(ground, reason, law.load(interview.regulation))
    move_question("question.refuse", question.status)
    text = texts.clean(reason, texts.REASON_LIMIT, "不予答复的理由")
    told = texts.clean_line(partial, texts.ANSWER_LIMIT, "可以公开的部分")
    if told:
        text = f"{text}\n{told}"
    reply = Reply(ItemKind.REFUSAL, text, await voice_of(uow, interview, None), ground)
    return await _send(uow, interview, question, reply)


async def defer(uow: UnitOfWork, question_id: int, reason: str) -> Item:
    """Say why a question cannot be answered now; it becomes a follow-up (第八条).

    Raises:
        Refusal: not there, settled already, no reason, or the interview is not live.
    """
    interview, question = await access.acting_question(uow, question_id)
    require_live(interview)
    text = texts.clean(reason, texts.REASON_LIMIT, "会后答复的理由")
    reply = Reply(ItemKind.DEFERRAL, text, await voice_of(uow, interview, None))
    return await _publish(uow, interview, question, reply)


async def keep_promise(
    uow: UnitOfWork, item_id: int, text: str, speaker: str | None = None
) -> Item | Approval:
    """Answer once more, to say that what an earlier answer promised is done; that keeps the promise.

    Asker and followers are told as of every answer; where the body's answers take a second person, it waits.

    Raises:
        Refusal: not there, nothing promised that is open, unusable text, or an unknown speaker.
    """
    promise = await promises.to_keep(uow, item_id)
    interview, question = await access.acting_question(uow, promise.question_id)
    move_question("question.answer", question.status)
    cleaned = texts.clean(text, texts.ANSWER_LIMIT, "答复")
    voice = await voice_of(uow, interview, speaker)
    return await _send(uow, interview, question, Reply(ItemKind.ANSWER, cleaned, voice, keeps=promise.id))


# A second person


async def approve(uow: UnitOfWork, question_id: int, edition: str) -> Item:
    """Let go out what somebody else of the body has laid up, exactly as it was read.

    It is entered under its author's voice; the audit says who approved it.

    Args:
        uow: the second person's unit of work.
        question_id: the question it answers.
        edition: what they read, see ``Reply.edition``.

    Raises:
        Refusal: not there, nothing waits, one's own, another edition, or the question was settled meanwhile.
    """
    interview, question = await access.acting_question(uow, question_id)
    laid, reply = await approvals.approved(uow, question, edition)
    item = await _publish(uow, interview, question, reply, laid.author_id)
    laid.item_id = item.id
    return item


async def give_back(uow: UnitOfWork, question_id: int, reason: str) -> Approval:
    """Do not let it go out: it goes back to its author as a draft, with the reason.

    Raises:
        Refusal: not there, nothing waits, one's own, or no reason.
    """
    _, question = await access.acting_question(uow, question_id)
    laid = await approvals.give_back(uow, question, reason)
    await _as_draft(uow, question, laid)
    return laid


async def recall(uow: UnitOfWork, question_id: int) -> Approval:
    """The author takes back what waits for its approval, as a draft.

    Raises:
        Refusal: not there, nothing waits, or somebody else wrote it.
    """
    _, question = await access.acting_question(uow, question_id)
    laid = await approvals.recall(uow, question)
    await _as_draft(uow, question, laid)
    return laid


async def _as_draft(uow: UnitOfWork, question: Question, laid: Approval) -> None:
    if QuestionStatus(question.status) not in QUESTION_MOVES["answer.draft"][0]:
        return
    kept = await _keep(uow, question, laid.author_id, laid.text)
    author = await uow.db.get_one(Person, laid.author_id)
    uow.record(changes.AnswerDrafted(facts.question_facts(question), author.display_name, len(kept.text)))


# Going out


async def _send(uow: UnitOfWork, interview: Interview, question: Question, reply: Reply) -> Item | Approval:
    """Publish, or lay before the second person where the body's answers take one."""
    _check_open(interview, question)
    if await approvals.asked(uow):
        return await approvals.lay_up(uow, interview, question, reply)
    return await _publish(uow, interview, question, reply)


def _check_open(interview: Interview, question: Question) -> None:
    if interview.status in ("planned", "announced") and question.number is not None:
        raise Refusal("interview.not_live", "访谈还没有开始，答复可以先存成草稿，开始以后再发。")


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


async def _publish(
    uow: UnitOfWork, interview: Interview, question: Question, reply: Reply, author_id: int | None = None
) -> Item:
    """Enter what the body said to a question into the transcript and settle the question.

    Args:
        uow: the unit of work of whoever lets it go out.
        interview: whose transcript it is.
        question: the question, locked.
        reply: what is said.
        author_id: who wrote it, where that is somebody else.
    """
    _check_open(interview, question)
    kind, ground = reply.kind, reply.ground
    question.status = move_question(_ACTS[kind], question.status)
    letter = question.number is None
    origin = "live" if interview.status == InterviewStatus.LIVE and not letter else "after"
    item = await transcript.append(
        uow,
        interview,
        kind,
        reply.voice,
        reply.text,
        question_id=question.id,
        origin=origin,
        ground=ground,
        letter=letter,
    )
    item.person_id = author_id or item.person_id
    if reply.keeps is not None:
        await promises.keep(uow, reply.keeps, item)
    if kind is ItemKind.REFUSAL:
        await approvals.lapse(uow, question)
    if kind is ItemKind.ANSWER:
        await reopening.close(uow, interview, question, item)
    question.place = None
    question.settled_at = uow.now
    question.reason = ground or (reply.text if kind is ItemKind.DEFERRAL else None)
    await audit.note(
        uow,
        _ACTS[kind],
        f"question:{question.id}",
        item=item.id,
        text=item.digest,
        ground=ground.value if ground else None,
        speaker=reply.voice.speaker,
    )
    if origin == "after":
        await uow.db.flush()
        await duties.discharge_follow_up(uow, interview)
    await _write_to_askers(uow, interview, question, item)
    change = changes.QuestionAnswered(_EVENTS[kind], facts.question_facts(question), facts.item_facts(item))
    uow.record(change)
    return item


async def _write_to_askers(uow: UnitOfWork, interview: Interview, question: Question, item: Item) -> None:
    """Tell by mail, where an address was left, what became of the question; the receipt leads to the text.

    Whoever asked the same in other words and was merged into it is told as well.
    """
    merged = select(Question).where(
        col(Question.into_id) == question.id, col(Question.status) == QuestionStatus.MERGED
    )
    for asked in (question, *(await uow.db.scalars(merged.order_by(col(Question.id))))):
        if not asked.contact_sealed:
            continue
        same = "" if asked is question else f"（和{question.number}号并在一起）"
        words = await wording.mail(
            uow,
            "asker_answered",
            theme=interview.theme,
            number=question.number,
            same=same,
            fate=QUESTION_WORDS[QuestionStatus(question.status)],
            receipt=asked.receipt,
        )
        key = f"asker:{item.id}" if asked is question else f"asker:{item.id}:{asked.id}"
        to = outbox.SEALED + asked.contact_sealed
        await outbox.queue(uow, key, to, words.subject, words.text)
