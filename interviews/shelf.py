"""An interview's materials (资料) as they stand: what everybody sees of them, and whose file may be had by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.file_kinds import MediaType
from base.files import StoredFile
from interviews import access
from interviews.materials import Material, MaterialKind, public_since
from interviews.models import Interview


@dataclass(frozen=True)
class Shown:
    """A material as it stands, its file without the bytes; ``public`` tells whether everybody sees it now."""

    no: int
    kind: MaterialKind
    title: str
    alt: str | None
    address: str | None
    file_id: int | None
    file_name: str | None
    media_type: MediaType | None
    size: int
    width: int | None
    height: int | None
    digest: str | None
    body_id: int | None
    added_at: datetime
    removed_because: str | None
    public: bool

    @property
    def removed(self) -> bool:
        """Whether it was taken down."""
        return self.removed_because is not None


async def of_interview(uow: UnitOfWork, interview: Interview) -> list[Shown]:
    """All materials in order, whoever may see them, those taken down too; no bytes are read."""
    kept = (StoredFile.media_type, StoredFile.size, StoredFile.width, StoredFile.height, StoredFile.digest)
    query = (
        select(Material, *(col(one) for one in kept))
        .outerjoin(StoredFile, col(StoredFile.id) == col(Material.file_id))
        .where(col(Material.interview_id) == interview.id)
        .order_by(col(Material.place))
    )
    return [_shown(interview, row, tuple(of_file)) for row, *of_file in await uow.db.execute(query)]


def _shown(interview: Interview, row: Material, of_file: Sequence[object]) -> Shown:
    media_type, size, width, height, digest = of_file
    kind = MaterialKind(row.kind)
    since = public_since(kind, interview)
    # What was taken down before anybody saw it is nobody's business.
    seen = since is not None and (row.removed_at is None or row.removed_at > since)
    return Shown(
        no=row.no,
        kind=kind,
        title=row.title,
        alt=row.alt,
        address=row.address,
        file_id=row.file_id,
        file_name=row.file_name,
        media_type=MediaType(str(media_type)) if media_type else None,
        size=size if isinstance(size, int) else 0,
        width=width if isinstance(width, int) else None,
        height=height if isinstance(height, int) else None,
        digest=str(digest) if digest else None,
        body_id=row.body_id,
        added_at=row.added_at,
        removed_because=row.removed_because,
        public=seen,
    )


async def public_of(uow: UnitOfWork, interview: Interview) -> list[Shown]:
    """What everybody sees, with the places of what was taken down after it was public."""
    return [one for one in await of_interview(uow, interview) if one.public]


async def public_file(uow: UnitOfWork, interview_id: int, no: int) -> Shown:
    """A material whose file everybody may have.

    Raises:
        Refusal: ``not_found``; ``file.removed`` (410) where it was public and is taken down.
    """
    interview = await access.interview(uow, interview_id)
    found = next((one for one in await public_of(uow, interview) if one.no == no), None)
    if found is not None and found.removed:
        raise Refusal("file.removed", "这份资料已经撤下了。原因写在那场访谈的页面上。", status=410)
    if found is None or interview.rehearsal or found.file_id is None:
        raise missing("这份资料")
    return found


async def kept_file(uow: UnitOfWork, interview_id: int, no: int) -> Shown:
    """A material's file for those who keep the interview's materials, public or not yet.

    Raises:
        Refusal: ``not_found``, also where it was taken down.
    """
    interview = await access.acting_interview(uow, interview_id, lock=None)
    found = next((one for one in await of_interview(uow, interview) if one.no == no), None)
    if found is None or found.file_id is None:
        raise missing("这份资料")
    return found
