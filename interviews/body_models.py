"""The rows beside a body (机构): what it was called and became, and whom one calls there."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from base.columns import NUMBERED_ONCE, UtcDateTime


class ChangeKind(StrEnum):
    """What happened to a body."""

    RENAMED = "renamed"
    MERGED = "merged"


class BodyChange(SQLModel, table=True):
    """A body was renamed, or merged into ``into_id``; ``changed_on`` is the first day on which that holds.

    ``name`` and ``short_name`` are what it was called until then.
    """

    __tablename__ = "body_change"
    __table_args__ = (
        ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_body_change_body_id"),
        ForeignKeyConstraint(["into_id"], ["body.id"], name="fk_body_change_into_id"),
        ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_body_change_person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    body_id: int = Field(index=True)
    kind: str
    name: str
    short_name: str
    into_id: int | None = None
    changed_on: date
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None


class BodyContact(SQLModel, table=True):
    """Somebody at a body whom staff may call (联系人); never shown to the public.

    One of a body's is ``first``, the one to call before the others. ``came_from`` is the merged body whose contact it
    was. One that was removed keeps ``first``, so that it comes back as it was, until it is forgotten.
    """

    __tablename__ = "body_contact"
    __table_args__ = (
        ForeignKeyConstraint(["body_id"], ["body.id"], name="fk_body_contact_body_id"),
        ForeignKeyConstraint(["came_from"], ["body.id"], name="fk_body_contact_came_from"),
        NUMBERED_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    body_id: int = Field(index=True)
    name: str
    post: str | None = None
    line: str | None = None
    mobile: str | None = None
    email: str | None = None
    note: str | None = None
    first: bool = False
    came_from: int | None = None
    changed_at: datetime = Field(sa_type=UtcDateTime)
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
