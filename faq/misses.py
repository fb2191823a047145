"""What the bot could not answer, in topics: the desk's to-do list.

A miss is a question for which there was no entry or none sure enough, a choice of which none was meant, or an
answer that was of no use. Small talk, emergencies and the other doors are none. A new miss joins the open topic it
is nearest to or starts one; what is decided about a topic is decided about its misses. Texts are the masked ones
as they were kept; who asked is not known here.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from base.audit import note
from base.db import UnitOfWork, Units
from base.errors import forbidden
from base.people import SYSTEM, Actor
from faq import clusters, lexicon
from faq.clusters import Wording
from faq.judgement import Outcome, Reason
from faq.library import EDITORS
from faq.models import Ask, CatalogEntry, EntryStatus, MissTopic, Referral
from faq.terms import PLAIN, Lexicon

NONE_OF_THESE = "none_of_these"
"""Reason of a choice of which none was meant."""

OPEN, ENTRY, THEME, DISMISSED = "open", "entry", "theme", "dismissed"
TAKEN_TOPIC, TAKEN_DISMISSED = "topic", "dismissed"

ASK_DAYS = 190
"""How long asks are kept; 《网络安全法》 第二十一条 asks for six months of logs at least."""

LABEL_LIMIT = 200
BACKGROUND = 5_000
"""Entries whose questions say what words are common here."""

SLICE = 1_000
"""Groups that are kept in one transaction: others write in between."""


def is_miss() -> ColumnElement[bool]:
    """The condition on an ask by which it is a miss."""
    unanswered = and_(
        col(Ask.outcome) == str(Outcome.HANDOFF),
        col(Ask.reason).in_([Reason.UNSURE, Reason.NOTHING, NONE_OF_THESE]),
    )
    of_no_use = and_(
        col(Ask.outcome).in_([str(Outcome.ANSWER), str(Outcome.CHOICES)]), col(Ask.useful).is_(False)
    )
    return or_(unanswered, of_no_use)


# Sorting


@dataclass(frozen=True)
class Waiting:
    """What is to be sorted: misses without a topic, and the open topics with what was asked in them."""

    misses: tuple[tuple[int, str], ...]
    topics: tuple[tuple[int, str, tuple[str, ...]], ...]
    background: tuple[str, ...]
    lexicon: Lexicon = PLAIN


@dataclass(frozen=True)
class Group:
    """Misses that go together: into the topic ``topic``, or into a new one where it is None."""

    topic: int | None
    label: str
    asks: tuple[int, ...]


@dataclass(frozen=True)
class Refreshed:
    """What a refresh did: how many misses joined a topic, and how many topics were started."""

    misses: int
    started: int


async def refresh(units: Units, actor: Actor = SYSTEM) -> Refreshed:
    """Sort every new miss into a topic; run twice it is as good as once.

    Args:
        units: reads in one transaction, sorts in a thread, and keeps in others, so that nobody's writing waits.
        actor: an editor who pressed the button, or the clock.

    Raises:
        Refusal: the actor may not edit the catalogue.
    """
    must_edit(actor)
    async with units.read(actor) as uow:
        waiting = await gather(uow)
    if not waiting.misses:
        return Refreshed(0, 0)
    groups = await asyncio.to_thread(sort_out, waiting)
    misses = started = 0
    for start in range(0, len(groups), SLICE):
        async with units.act(actor) as uow:
            kept = await keep(uow, groups[start : start + SLICE])
        misses, started = misses + kept.misses, started + kept.started
    return Refreshed(misses, started)


async def gather(uow: UnitOfWork) -> Waiting:
    """Everything :func:`sort_out` needs."""
    fresh = select(col(Ask.id), col(Ask.text)).where(
        is_miss(), col(Ask.topic_id).is_(None), col(Ask.taken).is_(None)
    )
    misses = tuple(
        (int(one or 0), str(text)) for one, text in await uow.db.execute(fresh.order_by(col(Ask.id)))
    )
    if not misses:
        return Waiting((), (), ())
    members: dict[int, list[str]] = defaultdict(list)
    query = select(col(Ask.topic_id), col(Ask.text)).join(MissTopic, col(MissTopic.id) == col(Ask.topic_id))
    for topic, text in await uow.db.execute(query.where(col(MissTopic.status) == OPEN).order_by(col(Ask.id))):
        members[topic or 0].append(text)
    open_ones = select(MissTopic).where(col(MissTopic.status) == OPEN).order_by(col(MissTopic.id))
    topics = [(one.id or 0, one.label) for one in await uow.db.scalars(open_ones)]
    questions = select(CatalogEntry).where(col(CatalogEntry.status) == EntryStatus.PUBLISHED)
    newest = questions.order_by(col(CatalogEntry.id).desc()).limit(BACKGROUND)
    background = tuple(one.asked_as() for one in await uow.db.scalars(newest))
    known = tuple((one, label, tuple(members[one])) for one, label in topics)
    return Waiting(misses, known, background, (await lexicon.current(uow.db))[1])


def sort_out(waiting: Waiting) -> list[Group]:
    """Which miss goes into which topic. Pure; the same misses in whatever order give the same groups."""
    spellings: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for ask, text in waiting.misses:
        spellings[clusters.key_of(text)].append((ask, text))
    asked = [Wording(_most_usual([text for _, text in some]), len(some)) for some in spellings.values()]
    leaders = [label for _, label, _ in waiting.topics]
    heads = clusters.grouped(leaders, asked, waiting.background, lexicon=waiting.lexicon)
    members: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for head, some in zip(heads, spellings.values(), strict=True):
        members[head] += some
    groups = []
    for head, some in sorted(members.items(), key=lambda one: min(one[1])):
        known = waiting.topics[head] if head < len(leaders) else None
        every = [*(known[2] if known else ()), *(text for _, text in some)]
        groups.append(Group(known[0] if known else None, label_of(every), tuple(ask for ask, _ in some)))
    return groups


def _most_usual(spellings: Sequence[str]) -> str:
    return min(Counter(spellings).items(), key=lambda one: (-one[1], len(one[0]), one[0]))[0]


def label_of(asked: Sequence[str]) -> str:
    """The most typical of some texts, in its most usual spelling."""
    spellings: dict[str, list[str]] = defaultdict(list)
    for text in asked:
        spellings[clusters.key_of(text)].append(text)
    each = [Wording(_most_usual(some), len(some)) for some in spellings.values()]
    return (each[0].text if len(each) == 1 else clusters.typical(each))[:LABEL_LIMIT]


async def keep(uow: UnitOfWork, groups: Sequence[Group]) -> Refreshed:
    """Put misses into their topics; those that somebody else has placed meanwhile stay where they are.

    Raises:
        Refusal: the actor may not edit the catalogue.
    """
    must_edit(uow.actor)
    free = await _still_free(uow, [ask for group in groups for ask in group.asks])
    wanted = [group.topic for group in groups if group.topic is not None]
    query = select(MissTopic).where(col(MissTopic.id).in_(wanted), col(MissTopic.status) == OPEN)
    known = {one.id: one for one in await uow.db.scalars(query.with_for_update())}
    placed: list[dict[str, int]] = []
    fresh: list[tuple[MissTopic, list[int]]] = []
    for group in groups:
        asks = [ask for ask in group.asks if ask in free]
        if not asks or (group.topic is not None and group.topic not in known):
            continue
        if group.topic is None:
            fresh.append((MissTopic(label=group.label, created_at=uow.now), asks))
        else:
            known[group.topic].label = group.label
            placed += [{"id": ask, "topic_id": group.topic} for ask in asks]
    uow.db.add_all(topic for topic, _ in fresh)
    await uow.db.flush()
    placed += [{"id": ask, "topic_id": topic.id or 0} for topic, asks in fresh for ask in asks]
    if placed:
        await uow.db.execute(update(Ask), placed)
        await note(uow, "topic.refresh", "topics", misses=len(placed), started=len(fresh))
    return Refreshed(len(placed), len(fresh))


async def _still_free(uow: UnitOfWork, asks: Sequence[int]) -> set[int]:
    free: set[int] = set()
    for start in range(0, len(asks), SLICE):
        part = asks[start : start + SLICE]
        query = select(col(Ask.id)).where(
            col(Ask.id).in_(part), col(Ask.topic_id).is_(None), col(Ask.taken).is_(None)
        )
        free.update(int(one or 0) for one in await uow.db.scalars(query.with_for_update()))
    return free


def must_edit(actor: Actor) -> None:
    """Pass whoever edits the catalogue.

    Raises:
        Refusal: ``forbidden`` for everybody else.
    """
    if actor.role not in EDITORS:
        raise forbidden()


def has_misses() -> ColumnElement[bool]:
    """The condition on a topic by which a miss is in it."""
    return select(col(Ask.id)).where(col(Ask.topic_id) == col(MissTopic.id)).exists()


# Forgetting


async def forget(uow: UnitOfWork) -> int:
    """Delete asks older than :data:`ASK_DAYS`, and the topics that have none left and led to nothing; how many asks."""
    before = uow.now - timedelta(days=ASK_DAYS)
    old = select(col(Ask.id)).where(col(Ask.at) < before)
    await uow.db.execute(update(Referral).where(col(Referral.ask_id).in_(old)).values(ask_id=None))
    gone = await uow.db.execute(delete(Ask).where(col(Ask.at) < before))
    many = int(getattr(gone, "rowcount", 0))
    if many:
        empty = (OPEN, DISMISSED)
        await uow.db.execute(delete(MissTopic).where(col(MissTopic.status).in_(empty), ~has_misses()))
        await note(uow, "ask.forget", "asks", asks=many, before=before.date().isoformat())
    return many


async def forget_old(units: Units) -> int:
    """The same by the clock; writes only where there is something to forget."""
    async with units.read(SYSTEM) as uow:
        before = uow.now - timedelta(days=ASK_DAYS)
        any_old = await uow.db.scalar(select(col(Ask.id)).where(col(Ask.at) < before).limit(1))
    if any_old is None:
        return 0
    async with units.act(SYSTEM) as uow:
        return await forget(uow)
