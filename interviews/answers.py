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
from interviews import access, changes, duties, facts, law, rules, texts, transcript
from interviews.lifecycle import (
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
    # Later than the last draft and the last result, though another process's clock ran ahead: the newest is shown.
    latest = select(func.max(col(Draft.at))).where(col(Draft.question_id) == question_id)
    before = (await uow.db.scalar(latest), question.settled_at)
    query = select(Draft).where(
        col(Draft.question_id) == question_id, col(Draft.person_id) == uow.actor.person_id
    )
    kept = (await uow.db.scalars(query)).one_or_none()
    if kept is None:
        kept = Draft(question_id=question_id, person_id=uow.actor.person_id or 0, text="", at=uow.now)
        uow.db.add(kept)
    kept.text = text[: texts.ANSWER_LIMIT]
    kept.at = max([uow.now, *(as_utc(one) + timedelta(microseconds=1) for one in before if one)])
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
    require_live(interview)
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
    letter = question.number is None
    if interview.status in ("planned", "announced") and not letter:
        raise Refusal("interview.not_live", "访谈还没有开始，答复可以先存成草稿，开始以后再发。")
    origin = "live" if interview.status == InterviewStatus.LIVE and not letter else "after"
    voice = await voice_of(uow, interview, speaker)
    item = await transcript.append(
        uow,
        interview,
        kind,
        voice,
        text,
        question_id=question.id,
        origin=origin,
        ground=ground,
        letter=letter,
    )
    question.place = None
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
        text = (
            f"您在“{interview.theme}”里提的{question.number or ''}号问题{same}"
            f"{QUESTION_WORDS[QuestionStatus(question.status)]}。\n"
            f"请到网上访谈，凭回执编号 {asked.receipt} 查看全文。\n"
        )
        key = f"asker:{item.id}" if asked is question else f"asker:{item.id}:{asked.id}"
        to = outbox.SEALED + asked.contact_sealed
        await outbox.queue(uow, key, to, f"您的提问有了结果：{interview.theme}", text)
