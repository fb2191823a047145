"""What stands beside the answers in a summary report: the promises they made and what was enclosed with them.

A record without any has neither key, so that versions kept before the report knew them are still the same record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base.clock import as_utc, maybe_iso
from base.db import UnitOfWork
from base.people import Body
from interviews import attached
from interviews.attached import AnswerLink
from interviews.models import Item, Question
from interviews.promise_models import Promise, PromiseStatus
from interviews.report_words import Content


@dataclass(frozen=True)
class Beside:
    """Promises that stand, with the name of the body, and what is enclosed, each in the order it was put there."""

    promises: Sequence[tuple[Promise, str]]
    enclosed: Sequence[AnswerLink]

    def instants(self) -> list[datetime]:
        """When each of it was put there or done."""
        made = [one.at for one, _ in self.promises] + [one.at for one in self.enclosed]
        return [as_utc(at) for at in made + [one.done_at for one, _ in self.promises if one.done_at]]


async def gather(uow: UnitOfWork, interview_id: int) -> Beside:
    """All of it of one interview; what was cancelled, or stands beside something taken down, is none of it."""
    promised = (
        select(Promise, col(Body.name))
        .join(Body, col(Body.id) == col(Promise.body_id))
        .where(col(Promise.interview_id) == interview_id, col(Promise.status) != PromiseStatus.CANCELLED)
        .order_by(col(Promise.id))
    )
    promises = [(promise, name) for promise, name in await uow.db.execute(promised)]
    return Beside(promises, await attached.links_in(uow, interview_id))


def rows(beside: Beside, asked: Sequence[Question], said: Sequence[Item]) -> Content:
    """The keys ``promises`` and ``attachments`` of a report's content, each only where there is something."""
    numbers = {one.id: one.number for one in asked}
    places = {one.id: one.no for one in said}
    # Under the name by which the body answered: it may be called otherwise by now.
    names = {one.id: one.body_name for one in said}
    promises = [
        _promise(one, names[one.item_id] or name, numbers, places)
        for one, name in beside.promises
        if one.item_id in places
    ]
    enclosed = [_enclosed(one, places) for one in beside.enclosed if one.item_id in places]
    found = {"promises": promises, "attachments": enclosed}
    return {key: value for key, value in found.items() if value}


def _promise(
    one: Promise, body: str, numbers: dict[int | None, int | None], places: dict[int | None, int]
) -> Content:
    """A promise with the number of its question, its answer's place and that of the answer that kept it."""
    return {
        "number": numbers.get(one.question_id),
        "no": places[one.item_id],
        "body": body,
        "what": one.what,
        "due": one.due.isoformat(),
        "provisional": one.provisional,
        "status": one.status,
        "done_at": maybe_iso(one.done_at),
        "kept_by": places.get(one.kept_by) if one.kept_by else None,
    }


def _enclosed(one: AnswerLink, places: dict[int | None, int]) -> Content:
    """A file or an entry: its answer's place, its title of the day, and where it can be read."""
    known = attached.facts_of(one)
    return {
        "no": places[one.item_id],
        "kind": known.kind,
        "title": known.title,
        "note": known.note,
        "url": known.url,
    }
