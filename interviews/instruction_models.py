"""The rows of supervision: an instruction (督办) to a body with its steps, and a deviation that the office asked for.

Enumerations are plain strings on disk. Steps are only ever added.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class State(StrEnum):
    """How it stands: with the body, with the supervisor, over, or taken back."""

    OPEN = "open"
    ANSWERED = "answered"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class StepKind(StrEnum):
    """What was done with an instruction; ``REOPENED`` takes an acceptance back."""

    GIVEN = "given"
    ANSWERED = "answered"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    REOPENED = "reopened"
    WITHDRAWN = "withdrawn"


class Instruction(SQLModel, table=True):
    """What the supervisor tells a body to do by a day (``due``), and about what.

    ``act_by`` is the last working day on or before ``due``. ``late_days`` and ``late_workdays`` are how late the
    latest answer came, by the calendar known that day; 0 where it was in time.
    """

    __tablename__ = "instruction"
    __table_args__ = (Index("ix_instruction_body", "body_id", "status"),)

    id: int | None = Field(default=None, primary_key=True)
    body_id: int = Field(foreign_key="body.id")
    text: str
    regulation: str
    interview_id: int | None = Field(default=None, foreign_key="interview.id")
    question_id: int | None = Field(default=None, foreign_key="question.id")
    duty_id: int | None = Field(default=None, foreign_key="duty.id")
    due: date
    act_by: date
    status: str = Field(default=State.OPEN, index=True)
    given_at: datetime = Field(sa_type=UtcDateTime)
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    late_days: int = 0
    late_workdays: int = 0

    @property
    def not_before(self) -> date | None:
        """None: what is told to be done may be done at once. So that reminders reckon it like a duty."""
        return None


class InstructionStep(SQLModel, table=True):
    """One step of an instruction: who did it, what they wrote, and the day that held from then on.

    ``doer`` is whom a body names as having done it; ``by`` the name of the account that wrote it down.
    """

    __tablename__ = "instruction_step"

    id: int | None = Field(default=None, primary_key=True)
    instruction_id: int = Field(foreign_key="instruction.id", index=True)
    kind: str
    text: str | None = None
    doer: str | None = None
    person_id: int = Field(foreign_key="person.id")
    by: str
    due: date | None = None
    late_workdays: int = 0
    at: datetime = Field(sa_type=UtcDateTime)


class WaiverRequest(SQLModel, table=True):
    """A deviation (例外) that the office asked the supervisor for; ``granted`` is empty until it is decided."""

    __tablename__ = "waiver_request"

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", index=True)
    duty: str
    reason: str
    person_id: int = Field(foreign_key="person.id")
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    granted: bool | None = None
    answer: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
