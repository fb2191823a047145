"""What a visitor does with a rating: give it, change it, take it back; for an answer and for a whole interview.

One rating for each visitor and answer, and each visitor and interview; the unique keys of the database decide. The audit
chain gets no row for a rating, which would name the visitor, but now and then the sum (``note_counts``).
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.once import written_once
from base.people import Role
from interviews import access, body_names, ratings, texts, wordlists
from interviews.lifecycle import InterviewStatus, ItemKind, QuestionStatus
from interviews.models import Interview, Item, Question, Support
from interviews.rating_models import AnswerRating, InterviewRating, Level, RatingTally, Standing, Why
from interviews.screening import screen

WORDS_LIMIT = 200
"""Code points that may be written to a 没解决."""

OVER = frozenset({InterviewStatus.ENDED, InterviewStatus.ARCHIVED})
"""When an interview as a whole can be rated."""


@dataclass(frozen=True)
class Beside:
    """What is written beside a 没解决: a reason of the list, words of one's own, both, or nothing any more."""

    why: Why | None = None
    words: str | None = None


@dataclass(frozen=True)
class Verdict:
    """What a visitor says of an answer.

    Attributes:
        solved: 解决了, otherwise 没解决.
        edition: the edition they read; ``None`` for the present one.
        beside: what goes with a 没解决; ``None`` leaves what was written before.
    """

    solved: bool
    edition: int | None = None
    beside: Beside | None = None


def _visitor(uow: UnitOfWork) -> int:
    if uow.actor.role is not Role.CITIZEN or uow.actor.person_id is None:
        raise Refusal("visitor.missing", "还没有领到您的身份凭证。请刷新页面，再评一次。", status=401)
    return uow.actor.person_id


async def readable(uow: UnitOfWork, item_id: int) -> tuple[Interview, Question, Item]:
    """An answer that the actor reads on a page: a public one, or a letter to them.

    Raises:
        Refusal: ``not_found``, also for what is no answer, stands in a rehearsal, or is somebody else's letter.
    """
    item = await uow.db.get(Item, item_id)
    question = await uow.db.get(Question, item.question_id) if item and item.question_id else None
    if item is None or question is None or item.kind != ItemKind.ANSWER:
        raise missing("这条答复")
    own = uow.actor.person_id is not None and question.asker_id == uow.actor.person_id
    if item.no < 0 and not own:
        raise missing("这条答复")
    try:
        return await access.interview(uow, item.interview_id), question, item
    except Refusal:
        raise missing("这条答复") from None


def can_be_rated(question: Question, item: Item) -> bool:
    """Whether an answer and its question still stand."""
    return item.removed_at is None and question.status == QuestionStatus.ANSWERED


async def rate(uow: UnitOfWork, item_id: int, said: Verdict) -> AnswerRating:
    """Say whether an answer solved the matter; a second time changes the first.

    Raises:
        Refusal: no visitor; no answer that they read; ``rating.removed``; words that are too long or unreadable.
    """
    person = _visitor(uow)
    interview, question, item = await readable(uow, item_id)
    if not can_be_rated(question, item):
        raise Refusal("rating.removed", "这条答复已经撤下了，不能再评。")
    beside = Beside() if said.solved else said.beside
    words = (beside.words or "").strip() if beside else ""
    cleaned = texts.clean(words, WORDS_LIMIT, "您写的话") if words else ""
    present, _ = (await ratings.editions(uow, [item]))[item_id]
    edition = present if said.edition is None else max(0, min(said.edition, present))
    kept = await _kept(uow, item_id, person)
    if kept is None:
        kept = await _first(uow, question, item_id, person, edition)
    kept.solved, kept.edition, kept.changed_at = said.solved, edition, uow.now
    if beside is not None:
        screened = screen(cleaned, await wordlists.current(uow))
        kept.why = beside.why or (Why.OTHER if cleaned else None)
        kept.words = screened.text or None
        kept.flags = [flag.to_dict() for flag in screened.flags]
    await _changed(uow, interview)
    return kept


async def _kept(uow: UnitOfWork, item_id: int, person: int) -> AnswerRating | None:
    query = select(AnswerRating).where(
        col(AnswerRating.item_id) == item_id, col(AnswerRating.person_id) == person
    )
    return (await uow.db.scalars(query.execution_options(populate_existing=True))).one_or_none()


async def _first(
    uow: UnitOfWork, question: Question, item_id: int, person: int, edition: int
) -> AnswerRating:
    """A new row, or the one that the same visitor's other device wrote a moment ago."""
    row = AnswerRating(
        item_id=item_id,
        person_id=person,
        standing=await _standing(uow, question, person),
        solved=True,
        edition=edition,
        at=uow.now,
        changed_at=uow.now,
    )
    await written_once(uow, row)
    found = await _kept(uow, item_id, person)
    if found is None:
        raise missing("这条评价")
    return found


async def _standing(uow: UnitOfWork, question: Question, person: int) -> Standing:
    """Who a visitor is to a question; whoever asked one that was merged into it supports it since."""
    if question.asker_id == person:
        return Standing.ASKER
    query = select(col(Support.id)).where(
        col(Support.question_id) == question.id, col(Support.person_id) == person
    )
    return Standing.SUPPORTER if (await uow.db.execute(query)).first() else Standing.OTHER


async def take_back(uow: UnitOfWork, item_id: int) -> bool:
    """Take one's rating of an answer back, with everything written beside it; whether there was one.

    Raises:
        Refusal: no visitor; no answer that they read.
    """
    person = _visitor(uow)
    interview, _, _ = await readable(uow, item_id)
    kept = await _kept(uow, item_id, person)
    if kept is None:
        return False
    await uow.db.delete(kept)
    await _changed(uow, interview)
    return True


async def rate_interview(uow: UnitOfWork, interview_id: int, level: Level) -> InterviewRating:
    """Say how satisfied one is with an interview that is over; a second time changes the first.

    Raises:
        Refusal: no visitor; ``not_found``; ``rating.too_early`` before its close, ``rating.cancelled``.
    """
    person = _visitor(uow)
    interview = await access.interview(uow, interview_id)
    if interview.status == InterviewStatus.CANCELLED:
        raise Refusal("rating.cancelled", "这场访谈取消了，没有可评的。")
    if interview.status not in OVER:
        raise Refusal("rating.too_early", "访谈结束以后才能评。请结束以后再来。")
    row = InterviewRating(
        interview_id=interview_id, person_id=person, level=level, at=uow.now, changed_at=uow.now
    )
    await written_once(uow, row)
    kept = await own_level(uow, interview_id)
    if kept is None:
        raise missing("这条评价")
    kept.level, kept.changed_at = level.value, uow.now
    await _changed(uow, interview)
    return kept


async def take_back_interview(uow: UnitOfWork, interview_id: int) -> bool:
    """Take one's rating of an interview back; whether there was one.

    Raises:
        Refusal: no visitor; ``not_found``.
    """
    _visitor(uow)
    interview = await access.interview(uow, interview_id)
    kept = await own_level(uow, interview_id)
    if kept is None:
        return False
    await uow.db.delete(kept)
    await _changed(uow, interview)
    return True


# What one said


async def own(uow: UnitOfWork, item_ids: list[int]) -> dict[int, AnswerRating]:
    """The actor's own ratings of some answers."""
    if uow.actor.person_id is None or not item_ids:
        return {}
    query = select(AnswerRating).where(
        col(AnswerRating.person_id) == uow.actor.person_id, col(AnswerRating.item_id).in_(item_ids)
    )
    return {one.item_id: one for one in await uow.db.scalars(query)}


async def own_level(uow: UnitOfWork, interview_id: int) -> InterviewRating | None:
    """The actor's own rating of an interview."""
    if uow.actor.person_id is None:
        return None
    query = select(InterviewRating).where(
        col(InterviewRating.interview_id) == interview_id,
        col(InterviewRating.person_id) == uow.actor.person_id,
    )
    return (await uow.db.scalars(query)).one_or_none()


async def said_beside(uow: UnitOfWork, interview_id: int) -> list[AnswerRating]:
    """Every 没解决 with a reason of an interview's standing answers, the newest first; for staff who act in it.

    Whoever acts for a body reads what was said of its own answers alone. The words are stored masked.

    Raises:
        Refusal: ``not_found`` where the actor does not act in the interview.
    """
    await access.acting_interview(uow, interview_id, lock=None, rehearsal=True)
    query = (
        select(AnswerRating)
        .join(Item, col(Item.id) == col(AnswerRating.item_id))
        .where(
            col(Item.interview_id) == interview_id,
            col(Item.removed_at).is_(None),
            col(AnswerRating.why).is_not(None),
        )
        .order_by(col(AnswerRating.changed_at).desc(), col(AnswerRating.id).desc())
    )
    if uow.actor.body_id is not None:
        own = (await body_names.names(uow.db)).ever(uow.actor.body_id)
        query = query.where(col(Item.body_name).in_(own))
    return list(await uow.db.scalars(query))


# The audit: sums, not persons


async def _changed(uow: UnitOfWork, interview: Interview) -> None:
    """Mark the sum as one that must be entered again; two visitors at once mark one row between them."""
    insert: Any = postgres_insert if uow.db.get_bind().dialect.name == "postgresql" else sqlite_insert
    marked = insert(RatingTally).values(interview_id=interview.id, counted_at=None)
    again = marked.on_conflict_do_update(index_elements=["interview_id"], set_={"counted_at": None})
    await uow.db.execute(again)


async def uncounted(uow: UnitOfWork) -> list[int]:
    """The interviews whose ratings have changed since their sum last entered the audit chain."""
    query = select(col(RatingTally.interview_id)).where(col(RatingTally.counted_at).is_(None))
    return list(await uow.db.scalars(query.order_by(col(RatingTally.interview_id))))


async def note_counts(uow: UnitOfWork, interview_id: int) -> None:
    """Enter the present sums of an interview's ratings into the audit chain; it names no visitor."""
    tally = await uow.db.get(RatingTally, interview_id, with_for_update=True)
    if tally is None or tally.counted_at is not None:
        return
    counts, answers = await ratings.of_interview(uow, interview_id)
    sums = {str(one["item"]): [one["solved"], one["unsolved"]] for one in answers}
    await audit.note(
        uow,
        "ratings.count",
        f"interview:{interview_id}",
        levels={level.value: many for level, many in counts.levels.items()},
        answers=sums,
    )
    tally.counted_at = uow.now
