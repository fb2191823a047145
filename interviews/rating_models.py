"""The rows of what the public says afterwards (公众评价): one of each visitor for each answer and each interview.

Enumerations are plain strings on disk. A rating that its visitor takes back is deleted, not marked.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class Why(StrEnum):
    """Why an answer solved nothing (没解决)."""

    NOT_ASKED = "not_asked"
    UNCLEAR = "unclear"
    NO_WAY = "no_way"
    OTHER = "other"


WHY_WORDS = {
    Why.NOT_ASKED: "没有回答我问的",
    Why.UNCLEAR: "看不懂",
    Why.NO_WAY: "没有说怎么办",
    Why.OTHER: "其他",
}


class Standing(StrEnum):
    """Who rates: whoever asked, whoever pressed 我也想问, anybody else."""

    ASKER = "asker"
    SUPPORTER = "supporter"
    OTHER = "other"


class Level(StrEnum):
    """The five levels of 政务服务好差评 (国办发〔2019〕51号), the best first."""

    VERY_GOOD = "very_good"
    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    VERY_POOR = "very_poor"


LEVEL_WORDS = {
    Level.VERY_GOOD: "非常满意",
    Level.GOOD: "满意",
    Level.FAIR: "基本满意",
    Level.POOR: "不满意",
    Level.VERY_POOR: "非常不满意",
}


class AnswerRating(SQLModel, table=True):
    """What one visitor says of one answer.

    ``edition`` is how often the answer had been corrected or added to when they read it. ``words`` are stored masked,
    with the ``flags`` of the screening, and are never public.
    """

    __tablename__ = "answer_rating"
    __table_args__ = (
        UniqueConstraint("item_id", "person_id", name="uq_answer_rating_item_person"),
        Index("ix_answer_rating_person_id", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    item_id: int = Field(foreign_key="item.id")
    person_id: int = Field(foreign_key="person.id")
    standing: str
    solved: bool
    edition: int = 0
    why: str | None = None
    words: str | None = None
    flags: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class InterviewRating(SQLModel, table=True):
    """How satisfied one visitor is with one interview; ``level`` is a ``Level``."""

    __tablename__ = "interview_rating"
    __table_args__ = (
        UniqueConstraint("interview_id", "person_id", name="uq_interview_rating_interview_person"),
        Index("ix_interview_rating_person_id", "person_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    person_id: int = Field(foreign_key="person.id")
    level: str
    at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)


class RatingTally(SQLModel, table=True):
    """When the sum of an interview's ratings entered the audit chain; empty where they have changed since."""

    __tablename__ = "rating_tally"

    interview_id: int = Field(primary_key=True, foreign_key="interview.id")
    counted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
