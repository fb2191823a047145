"""The rows of the desk: entries of the catalogue, what was asked, and what the index knows of changes."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, String, Text
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class EntryStatus(StrEnum):
    """Where an entry stands; only a published one can be found, cited or quoted."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Openness(StrEnum):
    """公开属性, as 政府信息公开条例 sorts information; the first two may be published."""

    OPEN = "主动公开"
    REDACTED = "删减后公开"
    ON_REQUEST = "依申请公开"
    CLOSED = "不予公开"


CLASSES = ("机构职能", "政策法规", "规划计划", "业务工作", "办事指南", "公告", "其他")
"""The classes a catalogue starts with."""


class CatalogEntry(SQLModel, table=True):
    """One entry of the 政府信息公开目录; a question with its answer is one too.

    ``revision`` is the catalogue's version at this row's last change, so that an index asks only for what is new.
    """

    __tablename__ = "catalog_entry"
    __table_args__ = (Index("ix_catalog_entry_status_class", "status", "class"),)

    id: int | None = Field(default=None, primary_key=True)
    index_no: str = Field(unique=True)
    category: str = Field(sa_column=Column("class", String, nullable=False))
    title: str
    question: str = ""
    alts: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))
    issuer: str = Field(index=True)
    section: str | None = None
    document_no: str | None = None
    keywords: str | None = None
    made_on: date | None = None
    published_on: date | None = Field(default=None, index=True)
    openness: str = Openness.OPEN
    in_force: bool = True
    repealed_on: date | None = None
    successor: str | None = None
    status: str = Field(default=EntryStatus.DRAFT)
    revision: int = Field(default=0, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    status_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def speaks_on(self, day: date) -> bool:
        """Whether the bot may quote it on a day: published, in force, and not yet repealed that day."""
        repealed = self.repealed_on is not None and self.repealed_on <= day
        return self.status == EntryStatus.PUBLISHED and self.in_force and not repealed

    def asked_as(self) -> str:
        """The question it answers, or its title."""
        return self.question or self.title


class CatalogState(SQLModel, table=True):
    """One row: the version of the catalogue, and the calibration made for it."""

    __tablename__ = "catalog_state"

    id: int = Field(primary_key=True)
    version: int = 0
    changed_at: datetime = Field(sa_type=UtcDateTime)
    calibration: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    calibrated_version: int = 0


class Ask(SQLModel, table=True):
    """What the bot was asked and what it did. Who asked is not kept.

    ``conversation`` is a digest that joins the turns of one talk; personal data in ``text`` is masked.
    """

    __tablename__ = "ask"

    id: int | None = Field(default=None, primary_key=True)
    text: str = Field(sa_column=Column(Text, nullable=False))
    conversation: str | None = Field(default=None, index=True)
    outcome: str = Field(index=True)
    confidence: float
    reason: str | None = None
    entries: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    useful: bool | None = None
    feedback_reason: str | None = None
    feedback_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
