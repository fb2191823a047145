"""Files as rows, so that every backup of the database has them; the same bytes are kept once."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import Field, SQLModel, col

from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.file_kinds import Attachment
from base.once import written_once


class StoredFile(SQLModel, table=True):
    """The bytes of a file and what they are; how it is called, and what it is for, says who refers to it.

    Lists never read ``content``: it is up to 10 MB.
    """

    __tablename__ = "stored_file"

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None
    content: bytes
    at: datetime = Field(sa_type=UtcDateTime)


async def keep(uow: UnitOfWork, sent: Attachment) -> int:
    """Keep a file's bytes, or find those that are kept already.

    Args:
        uow: a unit of work that acts.
        sent: what ``file_kinds.read`` found good.

    Returns:
        The row's id; it stays until the unit of work ends, whoever wants to forget it meanwhile.
    """
    row = StoredFile(
        digest=sent.digest,
        media_type=sent.media_type.value,
        size=len(sent.content),
        width=sent.width,
        height=sent.height,
        content=sent.content,
        at=uow.now,
    )
    known = select(col(StoredFile.id)).where(col(StoredFile.digest) == sent.digest).with_for_update(read=True)
    found: int | None = None
    while found is None:
        found = await written_once(uow, row) or await uow.db.scalar(known)
    return found


async def digest_of(uow: UnitOfWork, file_id: int) -> str:
    """The digest of a file that is kept."""
    return (await uow.db.scalars(select(col(StoredFile.digest)).where(col(StoredFile.id) == file_id))).one()


async def content_of(uow: UnitOfWork, file_id: int) -> bytes:
    """The bytes of a file that is kept."""
    return (await uow.db.scalars(select(col(StoredFile.content)).where(col(StoredFile.id) == file_id))).one()


async def hold(uow: UnitOfWork, file_id: int) -> None:
    """Let nobody else begin to refer to a file until the unit of work ends; then see whether anybody does."""
    await uow.db.execute(select(col(StoredFile.id)).where(col(StoredFile.id) == file_id).with_for_update())


async def forget(uow: UnitOfWork, file_id: int) -> None:
    """Delete the bytes of a file that nobody refers to; ``hold`` it before looking."""
    await uow.db.execute(delete(StoredFile).where(col(StoredFile.id) == file_id))
