"""The rows of an assessment (考评): the year it is of, what people found and gave, and what a body said against it.

Points are kept as whole hundredths: SQLite has no decimals, and 0.1 has no exact float.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, ForeignKeyConstraint, UniqueConstraint
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class Assessment(SQLModel, table=True):
    """The assessment of all bodies for one year by one scheme.

    ``result`` is frozen when the supervisor fixes it: for each body its name of that day, parts, total and grade.
    """

    __tablename__ = "assessment"
    __table_args__ = (UniqueConstraint("year", name="uq_assessment_year"),)

    id: int | None = Field(default=None, primary_key=True)
    year: int
    scheme: str
    opened_at: datetime = Field(sa_type=UtcDateTime)
    fixed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    result: list[Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def _keys(table: str, *columns: tuple[str, str]) -> tuple[ForeignKeyConstraint, ...]:
    return tuple(
        ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}")
        for column, other in columns
    )


class Finding(SQLModel, table=True):
    """A problem that a person found; withdrawn with a reason, never deleted."""

    __tablename__ = "assessment_finding"
    __table_args__ = _keys(
        "assessment_finding",
        ("assessment_id", "assessment"),
        ("body_id", "body"),
        ("file_id", "stored_file"),
        ("person_id", "person"),
    )

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int = Field(index=True)
    body_id: int
    item: str
    times: int
    text: str
    found_on: date
    file_id: int | None = None
    file_name: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None
    withdrawn_because: str | None = None


class SetAside(SQLModel, table=True):
    """Why a problem that the record proves does not count after all, such as a storm on the day."""

    __tablename__ = "assessment_set_aside"
    __table_args__ = (
        UniqueConstraint("assessment_id", "ref", name="uq_assessment_set_aside"),
        *_keys("assessment_set_aside", ("assessment_id", "assessment"), ("person_id", "person")),
    )

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int
    ref: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None


class SelfAssessment(SQLModel, table=True):
    """A body's own score of one half of the year (自我考核), and what the supervisor checked it to be (核定).

    ``hundredths`` and ``checked`` are hundredths of a point.
    """

    __tablename__ = "assessment_self"
    __table_args__ = (
        UniqueConstraint("assessment_id", "body_id", "half", name="uq_assessment_self"),
        *_keys(
            "assessment_self",
            ("assessment_id", "assessment"),
            ("body_id", "body"),
            ("file_id", "stored_file"),
            ("person_id", "person"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int
    body_id: int
    half: int
    hundredths: int
    text: str
    file_id: int | None = None
    file_name: str | None = None
    late: bool = False
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None
    checked: int | None = None
    checked_why: str | None = None
    checked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ThirdParty(SQLModel, table=True):
    """What a third party gave a body, and who that was."""

    __tablename__ = "assessment_third"
    __table_args__ = (
        UniqueConstraint("assessment_id", "body_id", name="uq_assessment_third"),
        *_keys(
            "assessment_third",
            ("assessment_id", "assessment"),
            ("body_id", "body"),
            ("person_id", "person"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int
    body_id: int
    hundredths: int
    by: str
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None


class Objection(SQLModel, table=True):
    """What a body says against its fixed score, once, and what became of it."""

    __tablename__ = "assessment_objection"
    __table_args__ = (
        UniqueConstraint("assessment_id", "body_id", name="uq_assessment_objection"),
        *_keys(
            "assessment_objection",
            ("assessment_id", "assessment"),
            ("body_id", "body"),
            ("person_id", "person"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    assessment_id: int
    body_id: int
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = None
    upheld: bool | None = None
    answer: str | None = None
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
