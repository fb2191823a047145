"""What stands beside an answer: a document or picture of the interview's materials, or an entry of the catalogue.

A file goes through the interview's shelf (``materials``), which redraws pictures, keeps to the allowed kinds and to
10 MB, and takes down; here it is only said to which answer it belongs.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlmodel import Field, SQLModel, col

from base import audit
from base.columns import NUMBERED_ONCE, UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Role
from interviews import access, body_names, changes, texts
from interviews.changes import AttachedFacts
from interviews.lifecycle import ItemKind
from interviews.materials import Material, MaterialKind
from interviews.models import Interview, Item

AT_MOST = 10
"""Beside one answer."""

TITLE_LIMIT = 200
OWN_ONLY = (Role.CLERK, Role.GUEST)
FILES = (MaterialKind.DOCUMENT, MaterialKind.PICTURE)


class AnswerLink(SQLModel, table=True):
    """That a material (``material_no``) or an entry (``entry_id``) stands beside an answer, under its title of the day."""

    __tablename__ = "answer_link"
    __table_args__ = NUMBERED_ONCE

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", index=True)
    item_id: int = Field(foreign_key="item.id", index=True)
    material_no: int | None = None
    entry_id: int | None = Field(default=None, foreign_key="catalog_entry.id")
    title: str
    note: str | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=UtcDateTime)


@dataclass(frozen=True)
class Thing:
    """What is put beside an answer: a material's number or an entry's, its title, and a note such as its 索引号."""

    title: str
    material_no: int | None = None
    entry_id: int | None = None
    note: str | None = None


async def own_answer(uow: UnitOfWork, item_id: int) -> tuple[Interview, Item]:
    """A public answer beside which the actor may put something: their body's, any for the office.

    Raises:
        Refusal: not there, another body's, in a rehearsal, or no public answer.
    """
    interview, item = await access.acting_item(uow, item_id)
    if interview.rehearsal:
        raise Refusal("interview.rehearsal", "这是演练，不对外、不计数，这一步在演练里不用办。")
    if uow.actor.role in OWN_ONLY:
        own = uow.actor.body_id
        if own is None or item.body_name not in (await body_names.names(uow.db)).ever(own):
            raise missing("这条答复")
    elif uow.actor.role is not Role.OFFICE:
        raise missing("这条答复")
    if item.kind != ItemKind.ANSWER or item.no < 0 or item.removed_at is not None:
        raise Refusal("attached.no_answer", "只有公开的答复旁边可以放附件。请选一条答复。")
    return interview, item


async def put_beside(uow: UnitOfWork, item_id: int, thing: Thing) -> AnswerLink:
    """Put something beside an answer; public at once.

    Raises:
        Refusal: as for :func:`own_answer`, there already, or too many.
    """
    interview, _ = await own_answer(uow, item_id)
    standing = await _of(uow, item_id)
    if any((one.material_no, one.entry_id) == (thing.material_no, thing.entry_id) for one in standing):
        raise Refusal("attached.known", "这条答复旁边已经有它了，不用再放。")
    if len(standing) >= AT_MOST:
        raise Refusal("attached.too_many", f"一条答复旁边最多放{AT_MOST}样。请先拿掉用不着的。")
    link = AnswerLink(
        interview_id=interview.id or 0,
        item_id=item_id,
        material_no=thing.material_no,
        entry_id=thing.entry_id,
        title=texts.clean(thing.title, TITLE_LIMIT, "标题"),
        note=thing.note,
        person_id=uow.actor.person_id,
        at=uow.now,
    )
    uow.db.add(link)
    await uow.db.flush()
    await audit.note(
        uow, "answer.attach", f"item:{item_id}", material=thing.material_no, entry=thing.entry_id
    )
    await _tell(uow, interview.id or 0, item_id)
    return link


async def take_off(uow: UnitOfWork, item_id: int, link_id: int) -> None:
    """Take something from beside an answer; a file stays on the interview's shelf.

    Raises:
        Refusal: as for :func:`own_answer`, or it is not there.
    """
    interview, _ = await own_answer(uow, item_id)
    link = await uow.db.get(AnswerLink, link_id)
    if link is None or link.item_id != item_id:
        raise missing("这个附件")
    material, entry = link.material_no, link.entry_id
    await uow.db.delete(link)
    await uow.db.flush()
    await audit.note(uow, "answer.detach", f"item:{item_id}", material=material, entry=entry)
    await _tell(uow, interview.id or 0, item_id)


async def without(uow: UnitOfWork, interview_id: int, material_no: int) -> None:
    """A material was taken down: it stands beside no answer any more, and whoever watches is told."""
    query = select(AnswerLink).where(
        col(AnswerLink.interview_id) == interview_id, col(AnswerLink.material_no) == material_no
    )
    for link in list(await uow.db.scalars(query)):
        await uow.db.delete(link)
        await uow.db.flush()
        await _tell(uow, interview_id, link.item_id)


async def _tell(uow: UnitOfWork, interview_id: int, item_id: int) -> None:
    beside = (await of_items(uow, [item_id])).get(item_id, ())
    item = await uow.db.get_one(Item, item_id)
    if item.removed_at is None:
        uow.record(changes.AnswerAttached(interview_id, item_id, beside))


async def _of(uow: UnitOfWork, item_id: int) -> list[AnswerLink]:
    query = select(AnswerLink).where(col(AnswerLink.item_id) == item_id)
    return list(await uow.db.scalars(query.order_by(col(AnswerLink.id))))


async def of_items(uow: UnitOfWork, item_ids: Iterable[int | None]) -> dict[int, tuple[AttachedFacts, ...]]:
    """What stands beside some answers, in the order it was put there; beside one taken down nothing."""
    query = _standing().where(col(AnswerLink.item_id).in_([one for one in item_ids if one is not None]))
    return await _by_item(uow, query)


async def in_interview(uow: UnitOfWork, interview_id: int) -> dict[int, tuple[AttachedFacts, ...]]:
    """The same for all answers of an interview."""
    return await _by_item(uow, _standing().where(col(AnswerLink.interview_id) == interview_id))


def _standing() -> Select[AnswerLink]:
    return (
        select(AnswerLink)
        .join(Item, col(Item.id) == col(AnswerLink.item_id))
        .where(col(Item.removed_at).is_(None))
        .order_by(col(AnswerLink.id))
    )


async def links_in(uow: UnitOfWork, interview_id: int) -> list[AnswerLink]:
    """What stands beside the answers of an interview, in the order it was put there."""
    return list(await uow.db.scalars(_standing().where(col(AnswerLink.interview_id) == interview_id)))


async def _by_item(uow: UnitOfWork, query: Select[AnswerLink]) -> dict[int, tuple[AttachedFacts, ...]]:
    found: dict[int, tuple[AttachedFacts, ...]] = {}
    for link in await uow.db.scalars(query):
        found[link.item_id] = (*found.get(link.item_id, ()), facts_of(link))
    return found


def facts_of(link: AnswerLink) -> AttachedFacts:
    """What everybody sees of something beside an answer."""
    if link.entry_id is not None:
        return AttachedFacts(link.id or 0, "entry", link.title, f"/faq/entries/{link.entry_id}", link.note)
    url = f"/interviews/{link.interview_id}/files/{link.material_no}"
    return AttachedFacts(link.id or 0, "file", link.title, url, link.note)


async def shelf(uow: UnitOfWork, interview_id: int) -> list[Material]:
    """The interview's documents and pictures that can be put beside an answer."""
    query = select(Material).where(
        col(Material.interview_id) == interview_id,
        col(Material.kind).in_(FILES),
        col(Material.removed_at).is_(None),
    )
    return list(await uow.db.scalars(query.order_by(col(Material.place))))
