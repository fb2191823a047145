"""The topics of what the bot could not answer: their size and course, and what the desk makes of them.

A topic becomes an entry, the theme of an interview, part of another topic, or is left with a reason.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlmodel import col

from base.audit import note, text_digest
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from faq.misses import (
    DISMISSED,
    LABEL_LIMIT,
    OPEN,
    TAKEN_DISMISSED,
    TAKEN_TOPIC,
    THEME,
    has_misses,
    label_of,
    must_edit,
)
from faq.models import Ask, MissTopic
from interviews import texts
from interviews.models import Interview

EXAMPLES, WEEKS = 12, 8


# Reading


@dataclass(frozen=True)
class Topic:
    """A topic as the desk reads it.

    Attributes:
        size: how many misses are in it.
        examples: distinct texts, the most asked first, each with how often.
        weeks: misses in each of the last :data:`WEEKS` weeks, the present one last; a week begins on Monday.
    """

    row: MissTopic
    size: int
    last: datetime | None
    examples: tuple[tuple[str, int], ...]
    weeks: tuple[int, ...]


async def counts(uow: UnitOfWork) -> dict[str, int]:
    """How many topics there are in each state; an open one counts only with a miss in it."""
    query = select(col(MissTopic.status), func.count(func.distinct(col(MissTopic.id))))
    shown = query.where(or_(col(MissTopic.status) != OPEN, has_misses())).group_by(col(MissTopic.status))
    return {str(status): int(count) for status, count in await uow.db.execute(shown)}


async def labels(uow: UnitOfWork, most: int = 100) -> list[tuple[int, str]]:
    """Number and label of the open topics, the latest first, for joining one into another."""
    query = select(MissTopic).where(col(MissTopic.status) == OPEN, has_misses())
    found = await uow.db.scalars(query.order_by(col(MissTopic.id).desc()).limit(most))
    return [(one.id or 0, one.label) for one in found]


async def topics(uow: UnitOfWork, status: str = OPEN, *, skip: int = 0, most: int = 10) -> list[Topic]:
    """Topics of one state, the largest first."""
    size = func.count(col(Ask.id))
    query = (
        select(MissTopic, size)
        .outerjoin(Ask, col(Ask.topic_id) == col(MissTopic.id))
        .where(col(MissTopic.status) == status)
        .group_by(col(MissTopic.id))
        .order_by(size.desc(), col(MissTopic.id).desc())
        .offset(skip)
        .limit(most)
    )
    if status == OPEN:
        query = query.having(size > 0)
    found = list((await uow.db.execute(query)).scalars())
    asked = await _asked(uow, [row.id or 0 for row in found])
    return [_topic(uow.now, row, asked[row.id or 0]) for row in found]


def _topic(now: datetime, row: MissTopic, asked: Sequence[tuple[datetime, str]]) -> Topic:
    often = Counter(text for _, text in asked).most_common(EXAMPLES)
    last = max((at for at, _ in asked), default=None)
    return Topic(row, len(asked), last, tuple(often), _by_week(now, [at for at, _ in asked]))


async def _asked(uow: UnitOfWork, ids: Sequence[int]) -> dict[int, list[tuple[datetime, str]]]:
    found: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    query = select(col(Ask.topic_id), col(Ask.at), col(Ask.text)).where(col(Ask.topic_id).in_(ids))
    for topic, at, text in await uow.db.execute(query.order_by(col(Ask.id))):
        found[topic or 0].append((at, text))
    return found


async def wordings(uow: UnitOfWork, topic_id: int) -> list[str]:
    """The distinct texts of a topic, the most asked first."""
    asked = (await _asked(uow, [topic_id]))[topic_id]
    return [text for text, _ in Counter(text for _, text in asked).most_common()]


def _by_week(now: datetime, instants: Sequence[datetime]) -> tuple[int, ...]:
    today = office_date(now)
    monday = today - timedelta(days=today.weekday())
    ago = Counter((monday - office_date(at)).days for at in instants)
    weeks: Counter[int] = Counter()
    for days, many in ago.items():
        weeks[max(0, -(-days // 7))] += many
    return tuple(weeks[week] for week in reversed(range(WEEKS)))


# Themes put to the office


@dataclass(frozen=True)
class Theme:
    """A theme that the desk proposes for an interview, and how often it was asked about."""

    topic: int
    theme: str
    why: str | None
    size: int
    by: str | None


async def themes(uow: UnitOfWork, most: int = 10) -> list[Theme]:
    """Proposed themes, the most asked first; one that an interview bears by now is no proposal any more."""
    scheduled = select(col(Interview.id)).where(col(Interview.theme) == col(MissTopic.theme)).exists()
    size = func.count(col(Ask.id))
    query = (
        select(MissTopic, size)
        .outerjoin(Ask, col(Ask.topic_id) == col(MissTopic.id))
        .where(col(MissTopic.status) == THEME, ~scheduled)
        .group_by(col(MissTopic.id))
        .order_by(size.desc(), col(MissTopic.id))
        .limit(most)
    )
    return [
        Theme(row.id or 0, row.theme or "", row.note, int(many), row.decided_by)
        for row, many in await uow.db.execute(query)
    ]


async def theme_of(uow: UnitOfWork, topic_id: int) -> str | None:
    """The theme of a topic that was put to the office; None for every other number."""
    topic = await uow.db.get(MissTopic, topic_id)
    return topic.theme if topic is not None and topic.status == THEME else None


# Deciding


async def topic_of(uow: UnitOfWork, topic_id: int, *, of: Sequence[str] = (OPEN,)) -> MissTopic:
    """A topic in one of some states, under its lock, for whoever decides about it.

    Raises:
        Refusal: ``not_found``; ``topic.decided`` where somebody was quicker; the actor may not.
    """
    must_edit(uow.actor)
    query = select(MissTopic).where(col(MissTopic.id) == topic_id).with_for_update()
    found = (await uow.db.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise missing("这个话题")
    if found.status not in of:
        by = f"由{found.decided_by}" if found.decided_by else ""
        raise Refusal("topic.decided", f"这个话题已经{by}办过了。请刷新页面，看办成了什么。")
    return found


async def decided(uow: UnitOfWork, topic: MissTopic, status: str, **more: Any) -> None:
    """Set what became of a topic, and with it of its misses; noted in the audit."""
    topic.status, topic.decided_by, topic.decided_at = status, uow.actor.name, uow.now
    for name, value in more.items():
        setattr(topic, name, value)
    taken = TAKEN_DISMISSED if status == DISMISSED else TAKEN_TOPIC
    await uow.db.execute(update(Ask).where(col(Ask.topic_id) == topic.id).values(taken=taken))
    told = {
        name: value if isinstance(value, int) else text_digest(str(value)) for name, value in more.items()
    }
    await note(uow, f"topic.{status}", f"topic:{topic.id}", **told)


async def to_theme(uow: UnitOfWork, topic_id: int, theme: str, why: str | None = None) -> MissTopic:
    """Put a topic to the office as the theme of an interview.

    Raises:
        Refusal: not there, decided already, no theme or a long one; the actor may not.
    """
    topic = await topic_of(uow, topic_id)
    told = texts.clean_line(theme, texts.THEME_LIMIT, "主题")
    if told is None:
        raise Refusal("text.empty", "主题是空的。请写上题目再交。", status=400)
    remark = texts.clean(why, texts.REASON_LIMIT, "备注") if why and why.strip() else None
    await decided(uow, topic, THEME, theme=told, note=remark)
    return topic


async def dismiss(uow: UnitOfWork, topic_id: int, reason: str) -> MissTopic:
    """Leave a topic, with the reason; a theme that was proposed can be left too.

    Raises:
        Refusal: not there, decided already, no reason; the actor may not.
    """
    topic = await topic_of(uow, topic_id, of=(OPEN, THEME))
    await decided(uow, topic, DISMISSED, note=texts.clean(reason, texts.REASON_LIMIT, "不办的理由"))
    return topic


async def join(uow: UnitOfWork, topic_id: int, into_id: int) -> MissTopic:
    """Put all misses of one topic into another and end the first.

    Raises:
        Refusal: either is not there or not open, or both are the same; the actor may not.
    """
    if topic_id == into_id:
        raise Refusal("topic.same", "不能并进它自己。请选另一个话题。")
    first, second = sorted((topic_id, into_id))
    both = {one: await topic_of(uow, one) for one in (first, second)}
    gone, into = both[topic_id], both[into_id]
    await uow.db.execute(update(Ask).where(col(Ask.topic_id) == topic_id).values(topic_id=into_id))
    await uow.db.delete(gone)
    into.label = label_of([text for _, text in (await _asked(uow, [into_id]))[into_id]] or [into.label])
    await note(uow, "topic.join", f"topic:{topic_id}", into=into_id)
    return into


async def split(uow: UnitOfWork, topic_id: int, text: str) -> MissTopic:
    """Take the misses with one text out of a topic into a topic of their own.

    Raises:
        Refusal: not there, not open, no such text in it, or nothing would be left; the actor may not.
    """
    topic = await topic_of(uow, topic_id)
    asked = [said for _, said in (await _asked(uow, [topic_id]))[topic_id]]
    left = [said for said in asked if said != text]
    if len(left) == len(asked):
        raise missing("这一句问法")
    if not left:
        raise Refusal("topic.whole", "这个话题里只有这一句，不用再拆。")
    own = MissTopic(label=text[:LABEL_LIMIT], created_at=uow.now)
    uow.db.add(own)
    await uow.db.flush()
    mine = update(Ask).where(col(Ask.topic_id) == topic_id, col(Ask.text) == text)
    await uow.db.execute(mine.values(topic_id=own.id))
    topic.label = label_of(left)
    await note(uow, "topic.split", f"topic:{topic_id}", into=own.id)
    return own
