"""The rows of a second person's approval: which bodies ask for it, and each answer that was laid before somebody."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class ApprovalStatus(StrEnum):
    """A laid-up answer waits, went out as it was read, came back to its author, or was taken back by its author."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    RECALLED = "recalled"


class ApprovalRule(SQLModel, table=True):
    """That a body's answers go out only when a second person of it has read them; no row: they go out at once.

    ``approver_id`` is the one whose word it takes (its director); nobody: anyone of the body but the author.
    """

    __tablename__ = "approval_rule"

    body_id: int = Field(primary_key=True, foreign_key="body.id", sa_column_kwargs={"autoincrement": False})
    approver_id: int | None = Field(default=None, foreign_key="person.id")
    since: datetime = Field(sa_type=UtcDateTime)


class Approval(SQLModel, table=True):
    """An answer, or a refusal with its ``ground``, as its author laid it before the second person.

    ``edition`` is the digest of everything that would go out; the approver gives it back, so that what is published
    is what was read. The voice was settled when it was laid up: whom the author types for, by name and post.
    """

    __tablename__ = "approval"
    __table_args__ = (
        Index("ix_approval_waiting", "body_id", "status"),
        Index("ix_approval_question", "question_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    question_id: int = Field(foreign_key="question.id")
    body_id: int = Field(foreign_key="body.id")
    author_id: int = Field(foreign_key="person.id")
    kind: str
    text: str
    ground: str | None = None
    speaker: str | None = None
    role: str
    body_name: str | None = None
    keeps_id: int | None = Field(default=None, foreign_key="promise.id")
    edition: str
    at: datetime = Field(sa_type=UtcDateTime)
    status: str = ApprovalStatus.WAITING
    decided_by: int | None = Field(default=None, foreign_key="person.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str | None = None
    item_id: int | None = Field(default=None, foreign_key="item.id")
