"""What belongs to an interview beside its words (资料): background documents, pictures, the addresses of films.

The office adds to every interview, a clerk to those where their body answers; each describes, orders and takes down
what is their own, the office all of it. A document is public from the announcement on, a picture and a film from the
opening on. What was taken down loses its words, its address and its bytes; the audit keeps their digests.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, UniqueConstraint, func, select
from sqlmodel import Field, SQLModel, col

from base import audit, files
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.file_kinds import CAPTIONS, DOCUMENTS, PICTURES, Attachment, MediaType
from base.people import Role
from interviews import access, facts, texts
from interviews.film import film_at
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview

TITLE_LIMIT = 100
ALT_LIMIT = 300
AT_MOST = 40
"""Of one interview, whatever was taken down left out: 400 MB in the database at the very most."""

KEEPERS = frozenset({Role.CLERK, Role.OFFICE})
ADDERS = KEEPERS | {Role.GUEST}
"""A guest puts a file beside an answer of their body; it lies on the shelf as one of the body's, whose clerks keep it."""


class MaterialKind(StrEnum):
    """What a material is."""

    DOCUMENT = "document"
    PICTURE = "picture"
    VIDEO = "video"
    AUDIO = "audio"


FILMS = frozenset({MaterialKind.VIDEO, MaterialKind.AUDIO})
_SHELVES = ({MaterialKind.DOCUMENT}, {MaterialKind.PICTURE}, FILMS)
_TITLES = {
    MaterialKind.DOCUMENT: "文件的标题",
    MaterialKind.PICTURE: "图片的说明",
    MaterialKind.VIDEO: "标题",
    MaterialKind.AUDIO: "标题",
}
ALT_NAME = "图上有什么"


class Material(SQLModel, table=True):
    """One material of an interview; ``no`` is its number there, never given twice, and its files' address.

    ``title`` is a picture's caption. ``file_id`` is the document, the picture, or a film's captions. ``body_id`` is
    whose it is, empty for the office. What was taken down has nothing left but its kind and the reason.
    """

    __tablename__ = "material"
    __table_args__ = (
        UniqueConstraint("interview_id", "no", name="uq_material_no"),
        Index("ix_material_file_id", "file_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    no: int
    place: int
    kind: str
    title: str
    alt: str | None = None
    address: str | None = None
    file_id: int | None = Field(default=None, foreign_key="stored_file.id")
    file_name: str | None = None
    body_id: int | None = Field(default=None, foreign_key="body.id")
    person_id: int | None = Field(default=None, foreign_key="person.id")
    added_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed_because: str | None = None


@dataclass(frozen=True)
class Sent:
    """A material as somebody sends it.

    Attributes:
        kind: document, picture or video; whether a film is sound alone, its address tells.
        title: of a picture its caption.
        alt: what is seen on a picture, for those who cannot see it.
        address: of a film.
        file: the document, the picture, or a film's captions, if it has any.
    """

    kind: MaterialKind
    title: str
    alt: str = ""
    address: str = ""
    file: Attachment | None = None


def public_since(kind: MaterialKind, interview: Interview) -> datetime | None:
    """Since when everybody sees such a material of the interview; ``None``: not yet."""
    return interview.announced_at if kind is MaterialKind.DOCUMENT else interview.opened_at


# The acts


async def attach(uow: UnitOfWork, interview_id: int, sent: Sent, *, beside: bool = False) -> Material:
    """Add a material at the end of its kind; public at once where the interview is far enough.

    ``beside`` is for what is put beside an answer, as ``attached.own_answer`` has allowed: guests may that as well.

    Raises:
        Refusal: neither of a body that answers in the interview nor the office, a rehearsal, a cancelled interview,
            too many, no title, no file or one of a wrong kind, a picture without what is seen on it, a film without a
            good address.
    """
    interview = await _door(uow, interview_id, ADDERS if beside else KEEPERS)
    if interview.status == InterviewStatus.CANCELLED:
        raise Refusal("material.cancelled", "这场访谈取消了，不能再加资料。")
    checked = _checked(sent)
    everything = list(
        await uow.db.scalars(select(Material).where(col(Material.interview_id) == interview_id))
    )
    if sum(one.removed_at is None for one in everything) >= AT_MOST:
        message = f"一场访谈最多{AT_MOST}份资料。请把几份文件并成一份，或者先撤下用不着的。"
        raise Refusal("material.too_many", message)
    row = Material(
        interview_id=interview_id,
        no=max((one.no for one in everything), default=0) + 1,
        place=max((one.place for one in everything), default=0) + 1,
        kind=checked.kind,
        title=checked.title,
        alt=checked.alt or None,
        address=checked.address or None,
        file_id=await files.keep(uow, checked.file) if checked.file else None,
        file_name=checked.file.name if checked.file else None,
        body_id=_own_body(uow),
        person_id=uow.actor.person_id,
        added_at=uow.now,
    )
    uow.db.add(row)
    await _noted(uow, interview, row, "attach", file=checked.file.digest if checked.file else None)
    return row


async def describe(uow: UnitOfWork, interview_id: int, no: int, sent: Sent) -> Material:
    """Change a material's words, and of a film its captions where some are sent; its kind and its file stay.

    Raises:
        Refusal: not there or not one's own, taken down, or as for :func:`attach`.
    """
    interview, row = await _own(uow, interview_id, no)
    kind = MaterialKind(row.kind)
    title = _line(sent.title, TITLE_LIMIT, _TITLES[kind])
    if kind is MaterialKind.PICTURE:
        row.alt = _line(sent.alt, ALT_LIMIT, ALT_NAME)
    if kind in FILMS:
        film = film_at(sent.address)
        row.kind, row.address = film.kind, film.address
    row.title = title
    replaced = None
    if kind in FILMS and sent.file is not None:
        _of_kind(sent.file, CAPTIONS)
        replaced, row.file_id = row.file_id, await files.keep(uow, sent.file)
        row.file_name = sent.file.name
    await uow.db.flush()
    await _forget(uow, replaced)
    digest = await files.digest_of(uow, row.file_id) if row.file_id else None
    await _noted(uow, interview, row, "describe", file=digest)
    return row


async def move(uow: UnitOfWork, interview_id: int, no: int, *, up: bool) -> Material:
    """Let a material and its neighbour of the same kind change places; at the end nothing happens.

    Raises:
        Refusal: not there or not one's own, or taken down.
    """
    interview, row = await _own(uow, interview_id, no)
    shelf = next(kinds for kinds in _SHELVES if row.kind in kinds)
    query = select(Material).where(
        col(Material.interview_id) == interview_id,
        col(Material.kind).in_([*shelf]),
        col(Material.removed_at).is_(None),
    )
    standing = list(await uow.db.scalars(query.order_by(col(Material.place))))
    at = standing.index(row)
    beside = at - 1 if up else at + 1
    if 0 <= beside < len(standing):
        other = standing[beside]
        row.place, other.place = other.place, row.place
        await _noted(uow, interview, row, "move", up=up)
    return row


async def take_down(uow: UnitOfWork, interview_id: int, no: int, reason: str) -> Material:
    """Take a material down: its words, its address and its bytes are gone, for good; the audit keeps the digests.

    Args:
        uow: the clerk's or the office's unit of work.
        interview_id: the interview's number.
        no: the material's number in it.
        reason: why, in words that become public where the material was.

    Raises:
        Refusal: not there or not one's own, taken down already, or no reason.
    """
    interview, row = await _own(uow, interview_id, no)
    told = _line(reason, texts.REASON_LIMIT, "撤下的原因")
    file_id = row.file_id
    digest = await files.digest_of(uow, file_id) if file_id else None
    words = audit.text_digest(row.title)
    row.title, row.alt, row.address, row.file_id, row.file_name = "", None, None, None, None
    row.removed_at, row.removed_because = uow.now, told
    await uow.db.flush()
    await _forget(uow, file_id)
    await _noted(uow, interview, row, "remove", file=digest, title=words, reason=audit.text_digest(told))
    return row


async def own(uow: UnitOfWork, interview_id: int, no: int) -> Material:
    """A material as its keeper finds it before changing it.

    Raises:
        Refusal: not there or not one's own, or taken down.
    """
    return (await _own(uow, interview_id, no))[1]


async def _door(uow: UnitOfWork, interview_id: int, roles: Collection[Role] = KEEPERS) -> Interview:
    if uow.actor.role not in roles:
        raise forbidden()
    return await access.acting_interview(uow, interview_id)


def _own_body(uow: UnitOfWork) -> int | None:
    return uow.actor.body_id if uow.actor.role in (Role.CLERK, Role.GUEST) else None


def may_keep(uow: UnitOfWork, body_id: int | None) -> bool:
    """Whether the actor may change a material of that body, of the office where it is ``None``."""
    return uow.actor.role is Role.OFFICE or (uow.actor.role is Role.CLERK and body_id == uow.actor.body_id)


async def _own(uow: UnitOfWork, interview_id: int, no: int) -> tuple[Interview, Material]:
    interview = await _door(uow, interview_id)
    query = select(Material).where(col(Material.interview_id) == interview_id, col(Material.no) == no)
    row = (await uow.db.scalars(query.with_for_update())).one_or_none()
    if row is None or not may_keep(uow, row.body_id):
        raise missing("这份资料")
    if row.removed_at is not None:
        raise Refusal("material.removed", "这份资料已经撤下了。要再登，请重新加一份。")
    return interview, row


async def _forget(uow: UnitOfWork, file_id: int | None) -> None:
    """Delete the bytes, unless another material shows the same."""
    if file_id is None:
        return
    await files.hold(uow, file_id)
    others = select(func.count(col(Material.id))).where(col(Material.file_id) == file_id)
    if not await uow.db.scalar(others):
        await files.forget(uow, file_id)


async def _noted(
    uow: UnitOfWork, interview: Interview, row: Material, act: str, **detail: str | bool | None
) -> None:
    """Write it down, and let pages that are open know where everybody sees it."""
    since = public_since(MaterialKind(row.kind), interview)
    detail.setdefault("title", audit.text_digest(row.title))
    subject = f"interview:{interview.id}"
    await audit.note(uow, f"material.{act}", subject, material=row.no, kind=row.kind, **detail)
    if since is not None:
        await facts.tell(uow, interview, "interview.changed")


# What may stand in a material


def _checked(sent: Sent) -> Sent:
    """The material as it will be kept; nothing that its kind does not have."""
    title = _line(sent.title, TITLE_LIMIT, _TITLES[sent.kind])
    if sent.kind in FILMS:
        film = film_at(sent.address)
        if sent.file is not None:
            _of_kind(sent.file, CAPTIONS)
        return Sent(MaterialKind(film.kind), title, "", film.address, sent.file)
    alt = _line(sent.alt, ALT_LIMIT, ALT_NAME) if sent.kind is MaterialKind.PICTURE else ""
    if sent.file is None:
        raise Refusal("file.missing", "还没有选文件。请选一个再交。", status=400)
    _of_kind(sent.file, PICTURES if sent.kind is MaterialKind.PICTURE else DOCUMENTS)
    return replace(sent, title=title, alt=alt, address="")


def _line(text: str, limit: int, what: str) -> str:
    return " ".join(texts.clean(text, limit, what).split())


def _of_kind(sent: Attachment, kinds: frozenset[MediaType]) -> None:
    if sent.media_type not in kinds:
        raise Refusal("file.kind", f"“{sent.name}”不是这里要的文件。请换一个再交。", status=400)
