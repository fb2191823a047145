"""Whom one calls at a body (联系人): kept by the office, read by staff who may have to call, never public.

A contact is somebody's personal data. The audit tells which one was changed by its number, and which of its fields,
never what they say: its chain cannot be unwritten, and a contact must be forgotten when its purpose is over (个人信息保护法
第十九条、第四十七条). One that was removed can be put back for ``UNDO_DAYS``; then its row goes.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Body, Role
from interviews import access, body_names, telephone, texts
from interviews.body_models import BodyContact
from interviews.models import Interview, Respondent

NAME_LIMIT = 30
POST_LIMIT = 60
NOTE_LIMIT = 200
UNDO_DAYS = 7
"""Days for which a removed contact can be put back."""
READERS = frozenset({Role.OFFICE, Role.SUPERVISOR})
"""Who reads the contacts of every body."""
CALLERS = READERS | {Role.HOST, Role.MODERATOR}
"""Who reads those of the bodies that answer in an interview in which they act."""


@dataclass(frozen=True)
class Sent:
    """A contact as it was typed; ``line`` is an office line, with its extension if it has one."""

    name: str
    post: str = ""
    line: str = ""
    mobile: str = ""
    email: str = ""
    note: str = ""


@dataclass(frozen=True)
class Reached:
    """A body that answers in an interview, and whom one calls there, the first to call before the others."""

    body_id: int
    name: str
    contacts: tuple[BodyContact, ...]


def number_of(one: BodyContact) -> str:
    """The number to dial before others: the office line, since somebody answers it; else the mobile."""
    return one.line or one.mobile or ""


def in_words(one: BodyContact | None) -> str:
    """Whom to call and under which number, in one line; empty for nobody."""
    return f"{one.name} {number_of(one)}" if one else ""


# The office's verbs


async def add(uow: UnitOfWork, body_id: int, sent: Sent, *, first: bool = False) -> BodyContact:
    """Enter somebody whom one may call at a body; a body's only contact is its first.

    Args:
        uow: the office's unit of work.
        body_id: the body.
        sent: what was typed.
        first: whether this one is called before the others.

    Raises:
        Refusal: not the office; no such body, or merged; an unusable name, number or address; no number at all.
    """
    await lock(uow, body_id)
    there = await _of_body(uow, body_id)
    fields = _read(sent)
    if first:
        await _step_back(uow, body_id)
    made = BodyContact(body_id=body_id, first=first or not there, changed_at=uow.now, **fields)
    uow.db.add(made)
    await uow.db.flush()
    await audit.note(uow, "contact.add", f"body:{body_id}", contact=made.id, first=made.first)
    return made


async def change(uow: UnitOfWork, body_id: int, contact_id: int, sent: Sent) -> Sequence[str]:
    """Write a contact anew; which fields are others now.

    Raises:
        Refusal: as for ``add``; no such contact of this body.
    """
    await lock(uow, body_id)
    found = await one(uow, body_id, contact_id)
    fields = _read(sent)
    changed = [name for name, value in fields.items() if getattr(found, name) != value]
    if not changed:
        return changed
    for name in changed:
        setattr(found, name, fields[name])
    found.changed_at = uow.now
    await uow.db.flush()
    await audit.note(uow, "contact.change", f"body:{body_id}", contact=contact_id, changed=changed)
    return changed


async def put_first(uow: UnitOfWork, body_id: int, contact_id: int) -> bool:
    """Make one contact the first to call; whether another one was before.

    Raises:
        Refusal: as for ``change``.
    """
    await lock(uow, body_id)
    found = await one(uow, body_id, contact_id)
    if found.first:
        return False
    await _step_back(uow, body_id)
    found.first = True
    await uow.db.flush()
    await audit.note(uow, "contact.first", f"body:{body_id}", contact=contact_id)
    return True


async def remove(uow: UnitOfWork, body_id: int, contact_id: int) -> BodyContact:
    """Take a contact off the list; the next one is first where it was. It can be put back for ``UNDO_DAYS``.

    Raises:
        Refusal: as for ``change``.
    """
    await lock(uow, body_id)
    found = await one(uow, body_id, contact_id)
    found.removed_at = uow.now
    await uow.db.flush()
    left = await _of_body(uow, body_id)
    if left and not any(other.first for other in left):
        left[0].first = True
    await uow.db.flush()
    await audit.note(uow, "contact.remove", f"body:{body_id}", contact=contact_id)
    return found


async def put_back(uow: UnitOfWork, body_id: int, contact_id: int) -> BodyContact:
    """Undo a removal: it is as it was, first too where nobody was made first since.

    Raises:
        Refusal: not the office; no such body, or merged; it is not among the removed, or forgotten by now.
    """
    await lock(uow, body_id)
    found = await one(uow, body_id, contact_id, removed=True)
    if found.first or not await _of_body(uow, body_id):
        await _step_back(uow, body_id)
        found.first = True
    found.removed_at = None
    await uow.db.flush()
    await audit.note(uow, "contact.restore", f"body:{body_id}", contact=contact_id)
    return found


async def hand_over(uow: UnitOfWork, body_id: int, into_id: int) -> int:
    """A merged body's contacts go to its successor, whose own first one stays the first; how many.

    Its people and its open matters go over too (``body_merging``): who answered the telephone still does.
    """
    moved = await _of_body(uow, body_id)
    has_first = any(one.first for one in await _of_body(uow, into_id))
    every = select(BodyContact).where(col(BodyContact.body_id) == body_id)
    for one in list(await uow.db.scalars(every)):
        one.body_id, one.came_from = into_id, one.came_from or body_id
        one.first = one.first and not has_first and one.removed_at is None
    await uow.db.flush()
    return len(moved)


async def forget(uow: UnitOfWork) -> int:
    """Drop the contacts that were removed more than ``UNDO_DAYS`` ago; how many."""
    before = uow.now - timedelta(days=UNDO_DAYS)
    old = col(BodyContact.removed_at) < before
    count = len(list(await uow.db.scalars(select(col(BodyContact.id)).where(old))))
    if count:
        await uow.db.execute(delete(BodyContact).where(old))
        await audit.note(uow, "contact.forget", "contacts", contacts=count)
    return count


async def lock(uow: UnitOfWork, body_id: int) -> Body:
    """The body whose list is to be changed, locked: its contacts are changed by one at a time.

    What is compared with a form is read after it (:func:`one`), or somebody who wrote meanwhile is overwritten unseen.

    Raises:
        Refusal: not the office; no such body, or merged.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    query = select(Body).where(col(Body.id) == body_id).with_for_update()
    found = (await uow.db.scalars(query)).one_or_none()
    if found is None:
        raise missing("这个单位")
    if found.merged_into is not None:
        raise Refusal("body.merged", "这个单位已经并入别的单位，联系人都转过去了，请在那里改。")
    return found


# Reading


async def by_body(uow: UnitOfWork) -> Mapping[int, Sequence[BodyContact]]:
    """Every body's contacts, the first to call before the others.

    Raises:
        Refusal: ``forbidden`` for whoever is neither of the office nor the supervisor.
    """
    if uow.actor.role not in READERS:
        raise forbidden()
    return await _listed(uow, None)


async def first_of(uow: UnitOfWork) -> dict[int, BodyContact]:
    """By body: whom to call.

    Raises:
        Refusal: as for ``by_body``.
    """
    return {body_id: found[0] for body_id, found in (await by_body(uow)).items()}


async def of_interview(uow: UnitOfWork, interview: Interview) -> list[Reached]:
    """The bodies that answer in an interview and their contacts, the leading body first.

    A body that was merged since is reached through its successor.

    Raises:
        Refusal: ``forbidden`` for roles that have no call to make; ``not_found`` where the interview is not theirs.
    """
    if uow.actor.role not in CALLERS:
        raise forbidden()
    if not await access.may_act(uow, interview):
        raise missing("这场访谈")
    query = select(col(Respondent.body_id)).where(col(Respondent.interview_id) == interview.id)
    parts = await uow.db.scalars(query.order_by(col(Respondent.lead).desc(), col(Respondent.id)))
    known = await body_names.names(uow.db)
    today = list(dict.fromkeys(known.counted_as(one) for one in parts))
    found = await _listed(uow, today)
    return [Reached(one, known.now[one].name, tuple(found.get(one, ()))) for one in today]


async def one(uow: UnitOfWork, body_id: int, contact_id: int, *, removed: bool = False) -> BodyContact:
    """One contact of a body, among those that are on its list or those that were removed.

    Raises:
        Refusal: ``forbidden`` for whoever is not of the office; ``not_found``.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    found = await uow.db.get(BodyContact, contact_id, populate_existing=True)
    if found is None or found.body_id != body_id or (found.removed_at is not None) != removed:
        raise missing("这位联系人")
    return found


async def removed(uow: UnitOfWork, body_id: int) -> Sequence[BodyContact]:
    """What the office can still put back, the latest first.

    Raises:
        Refusal: ``forbidden`` for whoever is not of the office.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    query = select(BodyContact).where(
        col(BodyContact.body_id) == body_id, col(BodyContact.removed_at).is_not(None)
    )
    return list(await uow.db.scalars(query.order_by(col(BodyContact.removed_at).desc())))


# Rows


async def _of_body(uow: UnitOfWork, body_id: int) -> Sequence[BodyContact]:
    return (await _listed(uow, [body_id])).get(body_id, [])


async def _listed(uow: UnitOfWork, bodies: Collection[int] | None) -> dict[int, list[BodyContact]]:
    query = select(BodyContact).where(col(BodyContact.removed_at).is_(None))
    if bodies is not None:
        query = query.where(col(BodyContact.body_id).in_(bodies))
    found: dict[int, list[BodyContact]] = {}
    for one in await uow.db.scalars(query.order_by(col(BodyContact.first).desc(), col(BodyContact.id))):
        found.setdefault(one.body_id, []).append(one)
    return found


async def _step_back(uow: UnitOfWork, body_id: int) -> None:
    """Nobody is first any more, whoever was removed as the first one included."""
    every = update(BodyContact).where(col(BodyContact.body_id) == body_id)
    await uow.db.execute(every.values(first=False).execution_options(synchronize_session="fetch"))


# What was typed


def _read(sent: Sent) -> dict[str, Any]:
    name = " ".join(texts.clean(sent.name, NAME_LIMIT, "联系人的姓名").split())
    line = _number(sent.line, "line", "办公电话", "0000-0000000转12")
    mobile = _number(sent.mobile, "mobile", "手机", "130 0000 0000")
    if line is None and mobile is None:
        raise Refusal("contact.line", "请至少写一个电话：办公电话或者手机。", status=400)
    return {
        "name": name,
        "post": texts.clean_line(sent.post, POST_LIMIT, "职务"),
        "line": line,
        "mobile": mobile,
        "email": texts.mail_address(sent.email),
        "note": texts.clean_line(sent.note, NOTE_LIMIT, "备注"),
    }


def _number(text: str, field: str, label: str, such: str) -> str | None:
    if not text.strip():
        return None
    number = telephone.read(text)
    if number is None:
        raise Refusal(
            f"contact.{field}", f"{label}写得不对。只写数字、加号、横线，分机写“转”，例如{such}。", status=400
        )
    return number
