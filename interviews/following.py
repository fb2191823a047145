"""Who wants to be told by mail what becomes of one question (订阅), and what they are told.

An address is here only after whoever reads it has opened the signed address that was sent to it and said yes: until then
nothing but the mail in the outbox knows of it. It is stored encrypted; ``mark`` is a keyed digest by which the same
address is known again. It goes when it is taken back, and ``DAYS`` after the question is done.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import UniqueConstraint, delete, func, select, update
from sqlmodel import Field, SQLModel, col

from base import audit, outbox
from base.changes import Change
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.once import written_once
from base.outbox import ON_THE_WAY, MailStatus, OutboxMail
from interviews import changes, wording
from interviews.changes import ItemFacts, QuestionFacts
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Interview, Item, Question

DAYS = 90
"""How long after the end of a question an address is kept: corrections and further answers come late."""

CONFIRM_DAYS = 3
"""How long the address in the first mail holds."""

FIRST_MAILS_A_DAY = 3
"""How many questions one address can be asked about in a day, so that nobody's mailbox is filled by a stranger."""

DONE = frozenset(
    {
        QuestionStatus.ANSWERED,
        QuestionStatus.REFUSED,
        QuestionStatus.DECLINED,
        QuestionStatus.WITHDRAWN,
        QuestionStatus.REMOVED,
    }
)
"""States after which nothing more is owed."""

CHAIN_MOST = 20
"""How far merged questions are followed: one may go into another that itself goes into a third."""


class Follower(SQLModel, table=True):
    """One address that is told of one question; ``key`` is what its way out is known by."""

    __tablename__ = "follower"
    __table_args__ = (
        UniqueConstraint("question_id", "mark", name="uq_follower_question_mark"),
        UniqueConstraint("key", name="uq_follower_key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    address_sealed: str
    mark: str
    key: str
    since: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Address:
    """A mail address as it may be stored: encrypted, and as a keyed digest."""

    sealed: str
    mark: str


@dataclass(frozen=True)
class Links:
    """How the mails of this installation name its pages.

    Attributes:
        page: the public address of a question.
        stop: the way out, from a follower's key.
    """

    page: Callable[[Question], str]
    stop: Callable[[str], str]


async def ask(uow: UnitOfWork, question: Question, address: Address, confirm: str) -> None:
    """Write to an address whether it wants to be told; the same whether or not it is told already.

    Args:
        uow: a unit of work that acts.
        question: what it would be told of.
        address: to whom.
        confirm: the signed page where they say yes.
    """
    day = uow.now.date().isoformat()
    begins = f"follow:ask:{address.mark}:{day}:"
    asked = await uow.db.scalar(select(func.count()).where(col(OutboxMail.key).startswith(begins)))
    if (asked or 0) >= FIRST_MAILS_A_DAY:
        return
    name = f"{question.number}号提问" if question.number else "您的提问"
    words = await wording.mail(uow, "follow_ask", question=name, days=CONFIRM_DAYS, link=confirm)
    to = outbox.SEALED + address.sealed
    await outbox.queue(uow, f"{begins}{question.id}", to, words.subject, words.text)


async def begin(
    uow: UnitOfWork, question_id: int, address: Address, key: str, mark_of: Callable[[str], str]
) -> bool:
    """From now on an address is told of a question; whether it is new.

    An asker's own address, left with the question, becomes this subscription: one mail an event, and one way out.

    Args:
        uow: a unit of work that acts.
        question_id: what it is told of.
        address: who is told.
        key: what the way out will be known by.
        mark_of: the ``mark`` of an address that was stored encrypted.
    """
    question = await uow.db.get_one(Question, question_id)
    if question.contact_sealed and mark_of(question.contact_sealed) == address.mark:
        question.contact_sealed = None
    row = Follower(
        question_id=question_id,
        address_sealed=address.sealed,
        mark=address.mark,
        key=key,
        since=uow.now,
    )
    return await written_once(uow, row) is not None


async def stop(uow: UnitOfWork, key: str) -> bool:
    """Tell an address no more of a question, and forget it with every mail to it; whether there was one."""
    query = select(Follower).where(col(Follower.key) == key)
    found = (await uow.db.scalars(query)).one_or_none()
    if found is None:
        return False
    await _forget(uow, [found])
    return True


async def _forget(uow: UnitOfWork, followers: list[Follower]) -> None:
    for one in followers:
        mails = col(OutboxMail.key).startswith(f"follow:{one.id}:")
        waiting = col(OutboxMail.status).in_(ON_THE_WAY)
        dropped = update(OutboxMail).where(mails, waiting).values(status=MailStatus.DROPPED)
        await uow.db.execute(dropped.execution_options(synchronize_session=False))
        blank = update(OutboxMail).where(mails).values(to="", text="", unsubscribe=None)
        await uow.db.execute(blank.execution_options(synchronize_session=False))
        # The number of a deleted row may be given again, and its keys in the outbox must then be new ones.
        await uow.db.execute(
            update(OutboxMail)
            .where(mails)
            .values(key=func.replace(col(OutboxMail.key), "follow:", f"followed:{one.key}:"))
            .execution_options(synchronize_session=False)
        )
        await uow.db.delete(one)


async def forget_done(uow: UnitOfWork) -> int:
    """Forget every address whose question has been done for ``DAYS``, and old first mails; how many addresses."""
    before = uow.now - timedelta(days=DAYS)
    gone = []
    query = select(Follower, Question).join(Question, col(Question.id) == col(Follower.question_id))
    for follower, question in (await uow.db.execute(query)).all():
        last = await went_into(uow, question)
        if QuestionStatus(last.status) not in DONE:
            continue
        heard = await last_heard(uow, last)
        if heard is not None and max(heard, follower.since) < before:
            gone.append(follower)
    await _forget(uow, gone)
    if gone:
        await audit.note(uow, "address.forget", "follow", addresses=len(gone))
    old = uow.now - timedelta(days=CONFIRM_DAYS)
    first = col(OutboxMail.key).startswith("follow:ask:")
    await uow.db.execute(delete(OutboxMail).where(first, col(OutboxMail.created_at) < old))
    return len(gone)


async def went_into(uow: UnitOfWork, question: Question) -> Question:
    """The question that one was merged into in the end, or itself."""
    for _ in range(CHAIN_MOST):
        into = await uow.db.get(Question, question.into_id) if question.into_id else None
        if into is None:
            break
        question = into
    return question


async def last_heard(uow: UnitOfWork, question: Question) -> datetime | None:
    """When a question last got a word or an end."""
    latest = await uow.db.scalar(select(func.max(col(Item.at))).where(col(Item.question_id) == question.id))
    return max((one for one in (latest, question.settled_at) if one is not None), default=None)


# What is told


@dataclass(frozen=True)
class News:
    """Something that became of a question.

    Attributes:
        question: the question.
        event: names it, once and for all.
        words: what happened, in words that go after 「3号提问」.
    """

    question: int
    event: str
    words: str


_SETTLED = {
    "question.deferred": "转为会后答复",
    "question.declined": "没有公开",
    "question.transferred": "转给别的单位书面答复",
    "question.withdrawn": "由提问人撤回了",
}


def news_of(change: Change) -> News | None:
    """What a recorded change is to whoever follows its question; ``None`` for what no mail is sent about. Pure."""
    match change:
        case changes.QuestionAnswered(_, question, item):
            return News(question.id, f"item:{item.id}", _said(question, item))
        case changes.QuestionSettled(kind, question, _) if kind in _SETTLED:
            told = _SETTLED[kind]
            if kind == "question.transferred" and question.to_body:
                told = f"转给{question.to_body}书面答复"
            return News(question.id, kind, told)
        case changes.QuestionMerged(question, into):
            return News(question.id, "question.merged", f"和{into.number}号问的是一件事，并在一起答复")
        case changes.QuestionReopened(question) if question.reopened_due is not None:
            when = f"{question.reopened_due.month}月{question.reopened_due.day}日"
            told = f"再次办理，最迟{when}再答"
            return News(question.id, f"reopened:{question.reopened_due.isoformat()}", told)
        case changes.ErratumPublished(_, erratum, _) if erratum.question_id is not None:
            return News(erratum.question_id, f"item:{erratum.id}", "登了一处更正")
        case changes.ItemRemoved(_, item, question) if question is not None:
            what = {ItemKind.QUESTION: "撤下了", ItemKind.ERRATUM: "的一处更正撤下了"}
            return News(question.id, f"removed:{item.id}", what.get(ItemKind(item.kind), "的答复撤下了"))
        case _:
            return None


def _said(question: QuestionFacts, item: ItemFacts) -> str:
    if item.kind == ItemKind.REFUSAL:
        return "依法不予答复，依据和理由已经写明"
    if item.kind == ItemKind.DEFERRAL:
        return "转为会后答复，原因已经写明"
    return "有了答复"


async def tell(uow: UnitOfWork, links: Links) -> int:
    """Write to every follower what this unit of work did to their question; how many mails.

    Called when the acts are done and before they are committed, so that a mail goes only of what was kept.
    """
    news = [one for recorded in uow.recorded if (one := news_of(recorded.change))]
    count = 0
    for one in news:
        for follower, question in await _followers(uow, one.question):
            count += await _write(uow, links, follower, question, one)
    return count


async def _followers(uow: UnitOfWork, question_id: int) -> list[tuple[Follower, Question]]:
    """Those who follow a question, or one that was merged into it."""
    asked, found = {question_id}, {question_id}
    for _ in range(CHAIN_MOST):
        merged = select(col(Question.id)).where(
            col(Question.into_id).in_(found), col(Question.status) == QuestionStatus.MERGED
        )
        found = {one or 0 for one in await uow.db.scalars(merged)} - asked
        if not found:
            break
        asked |= found
    query = (
        select(Follower, Question)
        .join(Question, col(Question.id) == col(Follower.question_id))
        .where(col(Follower.question_id).in_(asked))
        .order_by(col(Follower.id))
    )
    return [(follower, question) for follower, question in await uow.db.execute(query)]


async def _write(uow: UnitOfWork, links: Links, follower: Follower, question: Question, one: News) -> bool:
    """One mail; it says where to read, and nothing of what was asked or answered."""
    theme = await uow.db.scalar(
        select(col(Interview.theme)).where(col(Interview.id) == question.interview_id)
    )
    name = f"{question.number}号提问" if question.number else "提问"
    stop = links.stop(follower.key)
    words, same = one.words, ""
    if one.words == "有了答复" and await _answers(uow, one.question) > 1:
        words = "有了补充答复"
    if one.question != question.id:
        into = await uow.db.get_one(Question, one.question)
        same = f"（和{into.number}号并在一起）"
    letter = await wording.mail(
        uow,
        "follow_news",
        theme=theme or "网上访谈",
        question=name,
        same=same,
        news=words,
        link=links.page(question),
        stop=stop,
    )
    return await outbox.queue(
        uow,
        f"follow:{follower.id}:{one.event}",
        outbox.SEALED + follower.address_sealed,
        letter.subject,
        letter.text,
        unsubscribe=stop,
    )


async def _answers(uow: UnitOfWork, question_id: int) -> int:
    query = select(func.count(col(Item.id))).where(
        col(Item.question_id) == question_id, col(Item.kind) == ItemKind.ANSWER
    )
    return int(await uow.db.scalar(query) or 0)
