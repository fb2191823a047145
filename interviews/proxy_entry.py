"""Questions the office types in for people who rang, came to the counter or wrote a letter (代录).

The question is the citizen's: it is screened, gets a receipt and waits for the moderator like any other, and stands
under an asker of its own, without a token, so that what becomes of it is counted once for one person. Moderators read
how it came; the public reads 代录 beside the name, and nothing of who typed. Who typed is in the audit.
"""

from datetime import timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.audit import AuditEntry
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Person, Role
from interviews import access, changes, facts, receipts, texts, wordlists
from interviews.lifecycle import check_asking
from interviews.models import Question
from interviews.questions import Submission
from interviews.screening import screen, with_nickname

FLAG = "proxy"
"""The kind of the moderator's flag by which a question that was typed in is known."""
MARK = "代录"
_BESIDE = f"（{MARK}）"
_NAMESPACE = "proxy:"
"""Before the client id. A citizen's own has no colon, so that neither can be taken for the other."""


class Way(StrEnum):
    """How the question came."""

    PHONE = "phone"
    COUNTER = "counter"
    LETTER = "letter"


RECENT = timedelta(minutes=10)
"""So long the same words from the same officer are taken for the same person's: whoever goes back and sends again."""


class EnteredBefore(Refusal):
    """The same was typed in a moment ago; ``receipt`` is what it got."""

    def __init__(self, receipt: str) -> None:
        super().__init__(
            "question.entered",
            f"刚才已经记过，编号是{receipt}。是另一个人问的同一句话，按页尾的“照样再记一个”。",
        )
        self.receipt = receipt


WAY_WORDS = {Way.PHONE: "电话", Way.COUNTER: "窗口", Way.LETTER: "来信"}


async def enter(
    uow: UnitOfWork, interview_id: int, sent: Submission, way: Way, *, again: bool = False
) -> tuple[Question, bool]:
    """Keep a question for somebody who cannot send it, once per interview and ``client_id``.

    Args:
        uow: the office's unit of work.
        interview_id: an interview that takes questions; no rehearsal.
        sent: as a citizen sends it. The nickname is shorter by the mark that follows it.
        way: how it came.
        again: whether somebody else asked the same, so that what is known already is no matter.

    Returns:
        The question, and whether it is new; a resend gives the first one back.

    Raises:
        Refusal: not the office, unknown interview, outside the collection, unusable text, or a known ``client_id``
            with another text; ``EnteredBefore`` where the actor entered the same a moment ago.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    text = texts.clean(sent.text, texts.QUESTION_LIMIT, "问题")
    nickname = texts.clean_line(sent.nickname, texts.NICKNAME_LIMIT - len(_BESIDE), "称呼")
    # The lock is the whole of the resend's protection: two of them at once come here one after the other.
    interview = await access.acting_interview(uow, interview_id)
    known = await _resent(uow, interview_id, sent.client_id, text)
    if known is not None:
        return known, False
    check_asking(interview.status)
    if not again:
        await _check_new(uow, interview_id, sent, text, way)
    lists = await wordlists.current(uow)
    screened, named = screen(text, lists), screen(nickname or "", lists)
    asker = Person(role=Role.CITIZEN, display_name="市民", created_at=uow.now)
    uow.db.add(asker)
    await uow.db.flush()
    why = f"信息办代录，{WAY_WORDS[way]}来的。"
    flags = [flag.to_dict() for flag in with_nickname(screened, named)]
    question = Question(
        interview_id=interview_id,
        asker_id=asker.id or 0,
        client_id=f"{_NAMESPACE}{sent.client_id}",
        receipt=receipts.new(),
        original=text,
        text=screened.text,
        kind=sent.kind,
        nickname=f"{named.text}{_BESIDE}" if named.text else MARK,
        contact_sealed=sent.contact_sealed,
        flags=[*flags, {"kind": FLAG, "why": why}],
        submitted_at=uow.now,
    )
    uow.db.add(question)
    await uow.db.flush()
    await audit.note(
        uow, "question.enter", f"question:{question.id}", way=way.value, text=audit.text_digest(text)
    )
    uow.record(changes.QuestionSubmitted(facts.question_facts(question)))
    return question, True


async def _resent(uow: UnitOfWork, interview_id: int, client_id: str, text: str) -> Question | None:
    query = select(Question).where(
        col(Question.interview_id) == interview_id, col(Question.client_id) == f"{_NAMESPACE}{client_id}"
    )
    known = (await uow.db.scalars(query)).first()
    if known is not None and known.original != text:
        raise Refusal("question.client_id_reused", "这一页已经代录过另一个问题。请刷新页面，重新写上再交。")
    return known


async def _check_new(uow: UnitOfWork, interview_id: int, sent: Submission, text: str, way: Way) -> None:
    """Whether the actor has not just entered the same words, of the same kind and come the same way.

    Raises:
        EnteredBefore: names the receipt.
    """
    query = select(Question).where(
        col(Question.interview_id) == interview_id,
        col(Question.client_id).startswith(_NAMESPACE),
        col(Question.submitted_at) > uow.now - RECENT,
        col(Question.original) == text,
        col(Question.kind) == sent.kind,
    )
    known = {f"question:{one.id}": one.receipt for one in await uow.db.scalars(query)}
    noted = select(AuditEntry).where(
        col(AuditEntry.subject).in_(known),
        col(AuditEntry.act) == "question.enter",
        col(AuditEntry.person_id) == uow.actor.person_id,
    )
    for entry in await uow.db.scalars(noted.order_by(col(AuditEntry.seq).desc())):
        if entry.detail.get("way") == way.value:
            raise EnteredBefore(known[entry.subject])


async def entered(uow: UnitOfWork, typed: str) -> Question:
    """A question that was typed in, by its receipt; nobody else's receipt opens it.

    Raises:
        Refusal: ``not_found``.
    """
    receipt = receipts.read(typed)
    query = select(Question).where(
        col(Question.receipt) == receipt, col(Question.client_id).startswith(_NAMESPACE)
    )
    found = (await uow.db.scalars(query)).one_or_none() if receipt else None
    if found is None:
        raise missing("这个回执编号")
    await access.acting_interview(uow, found.interview_id, lock=None)
    return found
