"""Ratings counted: for an answer, for an interview, for a body over a time. Reads, changes nothing.

A rating belongs to the edition of the answer that its visitor read: an answer corrected (更正) or added to (补充答复)
since is another edition, and what was said of the earlier ones is counted apart.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import col

from base.clock import as_utc
from base.db import UnitOfWork
from interviews import body_names
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Interview, Item, Question
from interviews.rating_models import AnswerRating, InterviewRating, Level, Standing


@dataclass(frozen=True)
class Count:
    """How many found an answer solved their matter, and how many did not."""

    solved: int = 0
    unsolved: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.solved + self.unsolved

    def __add__(self, other: "Count") -> "Count":
        return Count(self.solved + other.solved, self.unsolved + other.unsolved)

    def to_dict(self) -> dict[str, int]:
        """As the interfaces tell it."""
        return {"solved": self.solved, "unsolved": self.unsolved}


@dataclass(frozen=True)
class AnswerCounts:
    """The ratings of one answer.

    Attributes:
        item: the answer.
        edition: how often it was corrected or added to.
        corrected: how often it was corrected, of these.
        by: the ratings of the present edition, by who rated.
        before: the ratings of earlier editions, all together.
    """

    item: int
    edition: int = 0
    corrected: int = 0
    by: dict[Standing, Count] = field(default_factory=dict)
    before: Count = Count()

    @property
    def now(self) -> Count:
        """The ratings of the present edition, all together."""
        return sum(self.by.values(), Count())

    @property
    def asker(self) -> bool | None:
        """What the asker says of the present edition; ``None`` where nothing."""
        said = self.by.get(Standing.ASKER, Count())
        return said.solved > 0 if said.total else None

    def to_dict(self) -> dict[str, Any]:
        """As the interfaces tell it: numbers alone."""
        apart = {one.value: self.by.get(one, Count()).to_dict() for one in Standing}
        return {"item": self.item, **self.now.to_dict(), "by": apart, "before": self.before.to_dict()}


async def editions(uow: UnitOfWork, answers: Sequence[Item]) -> dict[int, tuple[int, int]]:
    """How often each answer was corrected or added to, and how often corrected alone; what was taken down counts too.

    So an edition never goes down, and a rating of an earlier one stays one of an earlier one.
    """
    ids = [one.id for one in answers]
    asked = [one.question_id for one in answers if one.question_id is not None]
    query = select(col(Item.id), col(Item.of_id), col(Item.question_id), col(Item.kind)).where(
        or_(
            col(Item.of_id).in_(ids),
            col(Item.question_id).in_(asked) & (col(Item.kind) == ItemKind.ANSWER),
        )
    )
    rows = (await uow.db.execute(query)).all()
    corrected = Counter(row.of_id for row in rows if row.of_id is not None)
    further: dict[int, list[int]] = {}
    for row in rows:
        if row.kind == ItemKind.ANSWER:
            further.setdefault(row.question_id, []).append(row.id)
    found: dict[int, tuple[int, int]] = {}
    for one in answers:
        number = one.id or 0
        later = sum(other > number for other in further.get(one.question_id or 0, ()))
        found[number] = (corrected[number] + later, corrected[number])
    return found


async def of_answers(uow: UnitOfWork, item_ids: Iterable[int]) -> dict[int, AnswerCounts]:
    """The ratings of some answers; of an item that is no answer, or was taken down, there is none."""
    query = select(Item).where(
        col(Item.id).in_(list(item_ids)), col(Item.kind) == ItemKind.ANSWER, col(Item.removed_at).is_(None)
    )
    return await _counted(uow, list(await uow.db.scalars(query)))


async def _counted(uow: UnitOfWork, answers: Sequence[Item]) -> dict[int, AnswerCounts]:
    if not answers:
        return {}
    known = await editions(uow, answers)
    rating = AnswerRating
    grouped = (
        select(
            col(rating.item_id),
            col(rating.standing),
            col(rating.solved),
            col(rating.edition),
            func.count(col(rating.id)),
        )
        .where(col(rating.item_id).in_(list(known)))
        .group_by(col(rating.item_id), col(rating.standing), col(rating.solved), col(rating.edition))
    )
    by: dict[int, dict[Standing, Count]] = {}
    before: dict[int, Count] = {}
    for item, standing, solved, edition, many in await uow.db.execute(grouped):
        count = Count(int(many), 0) if solved else Count(0, int(many))
        if edition < known[item][0]:
            before[item] = before.get(item, Count()) + count
        else:
            apart = by.setdefault(item, {})
            apart[Standing(standing)] = apart.get(Standing(standing), Count()) + count
    return {
        item: AnswerCounts(item, edition, corrected, by.get(item, {}), before.get(item, Count()))
        for item, (edition, corrected) in known.items()
    }


async def public_answers(uow: UnitOfWork, interview_id: int) -> list[tuple[Item, Question]]:
    """The answers of an interview that everybody reads, each with its question, in the transcript's order."""
    query = (
        select(Item, Question)
        .join(Question, col(Question.id) == col(Item.question_id))
        .where(
            col(Item.interview_id) == interview_id,
            col(Item.kind) == ItemKind.ANSWER,
            col(Item.removed_at).is_(None),
            col(Item.no) > 0,
            col(Question.number).is_not(None),
            col(Question.status) == QuestionStatus.ANSWERED,
        )
        .order_by(col(Item.no))
    )
    return [(item, question) for item, question in await uow.db.execute(query)]


@dataclass(frozen=True)
class InterviewCounts:
    """The ratings of an interview: of it as a whole, and of its answers in their present edition."""

    levels: dict[Level, int]
    answers: Count

    @property
    def total(self) -> int:
        """How many rated it as a whole."""
        return sum(self.levels.values())

    def to_dict(self) -> dict[str, Any]:
        """As the interfaces tell it."""
        return {
            "levels": {level.value: self.levels[level] for level in Level},
            "total": self.total,
            "answers": self.answers.to_dict(),
        }


async def levels(uow: UnitOfWork, interview_id: int) -> dict[Level, int]:
    """How many visitors chose each level for an interview as a whole."""
    query = (
        select(col(InterviewRating.level), func.count(col(InterviewRating.id)))
        .where(col(InterviewRating.interview_id) == interview_id)
        .group_by(col(InterviewRating.level))
    )
    told = {level: int(many) for level, many in await uow.db.execute(query)}
    return {level: told.get(level.value, 0) for level in Level}


async def of_interview(uow: UnitOfWork, interview_id: int) -> tuple[InterviewCounts, list[dict[str, Any]]]:
    """An interview's ratings in sum, and for each public answer, as the interfaces tell them."""
    answers = await public_answers(uow, interview_id)
    counted = await _counted(uow, [item for item, _ in answers])
    rows = [
        {"no": item.no, "question": question.number} | counted[item.id or 0].to_dict()
        for item, question in answers
    ]
    whole = sum((one.now for one in counted.values()), Count())
    return InterviewCounts(await levels(uow, interview_id), whole), rows


@dataclass(frozen=True)
class BodyCounts:
    """What the public says of one body's answers over a time.

    Attributes:
        answers: how many it gave that everybody reads.
        rated: how many of them were rated in their present edition.
        by: those ratings, by who rated.
        before: the ratings of earlier editions, before a correction or a further answer.
        whys: how often each reason was given for 没解决 of the present edition; ``None`` counts those without one.
    """

    answers: int
    rated: int
    by: dict[Standing, Count]
    before: Count
    whys: dict[str | None, int]

    @property
    def now(self) -> Count:
        """The ratings of the present editions, all together."""
        return sum(self.by.values(), Count())


async def of_body(uow: UnitOfWork, body: int, since: datetime, until: datetime) -> BodyCounts:
    """The ratings of a body's public answers that were given in a time.

    Args:
        uow: a reading unit of work.
        body: the body's number. Its answers are known by the names that it and those merged into it have had.
        since: aware; the first instant of the time.
        until: aware; the first instant after it.

    Returns:
        The counts. Taken down answers, letters and rehearsals are left out.
    """
    own = (await body_names.names(uow.db)).ever(body)
    query = (
        select(Item)
        .join(Question, col(Question.id) == col(Item.question_id))
        .join(Interview, col(Interview.id) == col(Item.interview_id))
        .where(
            col(Item.body_name).in_(own),
            col(Item.kind) == ItemKind.ANSWER,
            col(Item.removed_at).is_(None),
            col(Item.no) > 0,
            col(Item.at) >= as_utc(since),
            col(Item.at) < as_utc(until),
            col(Question.status) == QuestionStatus.ANSWERED,
            col(Interview.rehearsal).is_(False),
        )
    )
    answers = list(await uow.db.scalars(query))
    counted = await _counted(uow, answers)
    by = {
        standing: sum((one.by.get(standing, Count()) for one in counted.values()), Count())
        for standing in Standing
    }
    return BodyCounts(
        answers=len(answers),
        rated=sum(one.now.total > 0 for one in counted.values()),
        by=by,
        before=sum((one.before for one in counted.values()), Count()),
        whys=await _whys(uow, counted),
    )


async def _whys(uow: UnitOfWork, counted: dict[int, AnswerCounts]) -> dict[str | None, int]:
    query = select(col(AnswerRating.item_id), col(AnswerRating.edition), col(AnswerRating.why)).where(
        col(AnswerRating.item_id).in_(list(counted)), col(AnswerRating.solved).is_(False)
    )
    rows = await uow.db.execute(query)
    return dict(Counter(why for item, edition, why in rows if edition >= counted[item].edition))
