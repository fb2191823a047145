"""A talk: the turns of one conversation, joined by a digest of the name that the asker's browser gave it.

Nobody is known by it. A talk that has been silent for half an hour is over: a new question starts afresh, and the
page shows the earlier turns no more.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from faq import doors, follow_ups
from faq.judgement import Outcome, Reason
from faq.models import Ask
from faq.record_questions import PREFIX

NAME_LIMIT = 200
LASTS = timedelta(minutes=30)
"""Silence after which a talk is over."""

TURNS = 30
"""Turns that a page shows at most, the latest."""

FOLLOW_UP, CHOSEN = "follow_up", "chosen"
"""Kept as the reason of an answer: it leaned on the turn before; its asker chose the entry among several.

The words of a follow-up are never a phrasing. Words whose asker chose are proposed to the editor as one, unless the
asker took it back (``faq.confirmed``); nothing makes them one by itself.
"""

_PASSED_OVER = frozenset({"thanks", "small_talk", "elder", doors.NOT_IN_ENTRY})
"""Reasons of turns that change no subject."""

_STILL_OPEN = frozenset({Reason.CLOSE})
"""What was not found at all lends a question nothing: with its words it finds whatever else takes long."""


@dataclass(frozen=True)
class Subject:
    """What a talk was about last.

    Attributes:
        ask: the turn.
        entry: the entry it was answered from; None where it was not.
        record: whether it was about the interviews themselves.
    """

    ask: Ask
    entry: int | None
    record: bool


def digest(conversation: str | None) -> str | None:
    """What is kept of a conversation's name: joins its turns and tells nothing else."""
    if not conversation:
        return None
    name = conversation[:NAME_LIMIT].encode("utf-8", "surrogatepass")
    return hashlib.sha256(name).hexdigest()[:32]


async def turns(uow: UnitOfWork, talk: str | None) -> list[Ask]:
    """The turns of a talk that is not over, oldest first."""
    if talk is None:
        return []
    query = select(Ask).where(col(Ask.conversation) == talk).order_by(col(Ask.id).desc()).limit(TURNS)
    return unbroken(list(await uow.db.scalars(query)), uow.now)[::-1]


def unbroken(newest_first: Sequence[Ask], now: datetime) -> list[Ask]:
    """The turns back to the first silence of :data:`LASTS`, counted from ``now``."""
    found: list[Ask] = []
    later = now
    for ask in newest_first:
        if later - ask.at > LASTS:
            break
        found.append(ask)
        later = ask.at
    return found


async def offered(uow: UnitOfWork, talk: str | None) -> Ask | None:
    """The turn that offered a choice, where it was the last one of a talk."""
    last = next((ask for ask in reversed(await turns(uow, talk)) if ask.reason not in _PASSED_OVER), None)
    return last if last is not None and last.outcome == Outcome.CHOICES else None


async def subject(uow: UnitOfWork, talk: str | None) -> Subject | None:
    """What a talk was about last; None where it has grown cold, or said nothing a question could lean on."""
    for ask in reversed(await turns(uow, talk)):
        leaned = ask.outcome != Outcome.ANSWER and follow_ups.read(ask.text) is not None
        if ask.reason in _PASSED_OVER or leaned:
            continue
        if ask.outcome == Outcome.ANSWER and ask.entries:
            return Subject(ask, ask.entries[0], record=False)
        record = (ask.reason or "").startswith(PREFIX)
        return Subject(ask, None, record) if record or ask.reason in _STILL_OPEN else None
    return None
