"""What a citizen does with a question: submit, support, withdraw, appeal (第九条).

Each verb checks the state by ``lifecycle``, changes rows and records one change. What a moderator does is in
``moderation``, the host's part in ``hosting``, what the body says in ``answers``.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Role
from interviews import access, approvals, archive, changes, claims, facts, receipts, texts, wordlists
from interviews.lifecycle import (
    DECLINE_WORDS,
    DeclineReason,
    Kind,
    check_asking,
    move_interview,
    move_question,
)
from interviews.models import Question, Support
from interviews.screening import screen, with_nickname


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
    lists = await wordlists.current(uow)
    screened, named = screen(text, lists), screen(nickname or "", lists)
    question = Question(
        interview_id=interview_id,
        asker_id=uow.actor.person_id,
        client_id=sent.client_id,
        receipt=receipts.new(),
        original=text,
        text=screened.text,
        kind=sent.kind,
        nickname=named.text or None,
        contact_sealed=sent.contact_sealed,
        flags=[flag.to_dict() for flag in with_nickname(screened, named)],
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
    claims.lay_down(question)
    question.publish_at = question.publish_text = question.publish_by = None
    question.place = None
    question.settled_at = uow.now
    await approvals.lapse(uow, question)
    uow.record(changes.QuestionSettled("question.withdrawn", facts.question_facts(question), was_public))
    await archive.when_done(uow, interview)
    return question


async def appeal(uow: UnitOfWork, question_id: int, text: str) -> Question:
    """Object, once, to a question's not being made public; it waits for the moderator again, with the objection.

    Raises:
        Refusal: not one's own, not declined, appealed before, the interview is over for good, or unusable text.
    """
    interview, question = await access.own_question(uow, question_id)
    told = texts.clean(text, texts.REASON_LIMIT, "申诉的理由")
    if question.appealed_at is not None:
        raise Refusal("question.appealed", "这个问题已经申诉过一次，只能申诉一次。可以换个说法重新提问。")
    declined_for = question.reason
    question.status = move_question("question.appeal", question.status)
    move_interview("question.appeal", interview.status)
    question.appeal = screen(told, await wordlists.current(uow)).text
    question.appealed_at = uow.now
    question.reason, question.settled_at = None, None
    words = DECLINE_WORDS[DeclineReason(declined_for)] if declined_for else "没有公开"
    why = f"申诉（原先因“{words}”没有公开）：{question.appeal}"
    question.flags = [*question.flags, {"kind": "appeal", "why": why}]
    uow.record(changes.QuestionAppealed(facts.question_facts(question)))
    return question


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
