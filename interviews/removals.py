"""Taking down what should never have been public: a telephone number that was missed, an official order.

From then on nothing shows the text: it leaves the rows that pages, streams, search and exports read, and lies in a
column of its own beside the digest, which the chains of the transcript and the audit go on being checked by.
"""

from sqlalchemy import delete, select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal
from interviews import access, approvals, archive, changes, duties, facts, promises, reopening, texts
from interviews.lifecycle import PUBLIC, InterviewStatus, ItemKind, QuestionStatus
from interviews.models import Draft, Interview, Item, Question

REMOVABLE = PUBLIC | {QuestionStatus.MERGED}


async def remove(uow: UnitOfWork, item_id: int, reason: str) -> Item:
    """Take an item down: a question with its text, an answer, a remark.

    Args:
        uow: the moderator's or the office's unit of work.
        item_id: the item's number among all items, as streams and the transcript carry it.
        reason: why, in words that become public.

    Raises:
        Refusal: not there, taken down already, withdrawn by its asker, or no reason.
    """
    interview, item = await access.acting_item(uow, item_id)
    told = texts.clean(reason, texts.REASON_LIMIT, "撤下的原因")
    if item.removed_at is not None:
        raise Refusal("item.removed", "这一条已经撤下了，不用再撤。")
    question = await _its_question(uow, item)
    errata = await _beside(uow, item)
    for one in (item, *(erratum for erratum in errata if erratum.removed_at is None)):
        one.withheld, one.text = one.text, ""
        one.removed_at, one.removed_because = uow.now, told
    if item.kind == ItemKind.ANSWER:
        await promises.forget(uow, item)
    if question is not None and item.kind != ItemKind.ERRATUM:
        await _settle(uow, interview, question, item, told)
    await audit.note(
        uow, "question.remove", f"item:{item_id}", text=item.digest, reason=audit.text_digest(told)
    )
    await _after(uow, interview)
    asked = facts.question_facts(question) if question is not None else None
    gone = tuple(facts.item_facts(one) for one in errata)
    uow.record(changes.ItemRemoved(interview.id or 0, facts.item_facts(item), asked, told, gone))
    await archive.when_done(uow, interview)
    return item


async def _beside(uow: UnitOfWork, item: Item) -> list[Item]:
    """The errata beside an item, one taken down before too: they may quote what is taken down, so they go with it."""
    query = select(Item).where(col(Item.of_id) == item.id)
    return list(await uow.db.scalars(query.order_by(col(Item.id)).with_for_update()))


async def _its_question(uow: UnitOfWork, item: Item) -> Question | None:
    if item.question_id is None:
        return None
    query = select(Question).where(col(Question.id) == item.question_id)
    locked = query.with_for_update().execution_options(populate_existing=True)
    return (await uow.db.scalars(locked)).one()


async def _settle(uow: UnitOfWork, interview: Interview, question: Question, item: Item, reason: str) -> None:
    """What becomes of the question: gone with its own text, or only rid of what its answer had said."""
    if item.kind == ItemKind.QUESTION:
        if QuestionStatus(question.status) not in REMOVABLE:
            raise Refusal("question.state", "这个问题已经由提问人撤回，文字早就不显示了。")
        question.status, question.reason, question.text = QuestionStatus.REMOVED, reason, ""
        question.nickname = None
        question.place = None
        question.settled_at = uow.now
        await reopening.close(uow, interview, question, None)
    elif item.kind == ItemKind.DEFERRAL and question.status == QuestionStatus.DEFERRED:
        question.reason = None
    await uow.db.execute(delete(Draft).where(col(Draft.question_id) == question.id))
    await approvals.forget(uow, question)


async def _after(uow: UnitOfWork, interview: Interview) -> None:
    """A deferred question that is gone is no longer owed an answer (第八条)."""
    await uow.db.flush()
    if interview.status in (InterviewStatus.ENDED, InterviewStatus.ARCHIVED):
        await duties.discharge_follow_up(uow, interview)
