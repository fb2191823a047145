"""The row of a change of a body (机构): renamed, or merged into another, since which day and why."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


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
