"""The rows of promises (承诺): what a body promised in an answer, by when, and what became of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class PromiseStatus(StrEnum):
    """A promise is open, was kept by a further answer, or was taken back because it should not have been entered."""

    OPEN = "open"
    KEPT = "kept"
    CANCELLED = "cancelled"


class Promise(SQLModel, table=True):
    """What the answer ``item_id`` promises; ``duty_id`` is its place in the ledger, ``kept_by`` the answer that kept it.

    ``provisional``: the day was reckoned by working days of a year whose notice was not known yet. It stays the day
    that was promised, whatever the notice says later.
    """

    __tablename__ = "promise"

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", index=True)
    question_id: int = Field(foreign_key="question.id", index=True)
    item_id: int = Field(foreign_key="item.id", index=True)
    body_id: int = Field(foreign_key="body.id")
    duty_id: int = Field(foreign_key="duty.id")
    what: str
    due: date
    provisional: bool = False
    status: str = PromiseStatus.OPEN
    person_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    kept_by: int | None = Field(default=None, foreign_key="item.id")
    reason: str | None = None
