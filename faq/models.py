"""The rows of the desk: entries of the catalogue and their review, what was asked, and what came of it.

What an entry says reaches the public in one way only: a revision of it is signed at every step of the review
(先审后发) and then copied into its row. What was published elsewhere before comes in by import.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, String, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from base.columns import NUMBERED_ONCE, UtcDateTime


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
    ``review_on`` is the day by which somebody looks whether it still holds; ``body_id`` the organisation that
    answers for it; ``origin`` what it was made from: ``answer:12`` an item of a transcript, ``topic:5`` a topic of
    misses, ``import:3`` a file.
    """

    __tablename__ = "catalog_entry"
    __table_args__ = (Index("ix_catalog_entry_status_class", "status", "class"), NUMBERED_ONCE)

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
    successor: str | None = Field(default=None, index=True)
    amended_on: date | None = None
    review_on: date | None = Field(default=None, index=True)
    body_id: int | None = Field(default=None, foreign_key="body.id", index=True)
    origin: str | None = Field(default=None, index=True)
    status: str = Field(default=EntryStatus.DRAFT)
    revision: int = Field(default=0, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime, index=True)
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
    lexicon_version: int = 0


class CatalogClass(SQLModel, table=True):
    """A class of the catalogue's tree; an entry names its class, and a class its parent."""

    __tablename__ = "catalog_class"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    parent_id: int | None = Field(default=None, foreign_key="catalog_class.id")
    position: int = 0


class RevisionAction(StrEnum):
    """What a revision does when its last step is signed."""

    PUBLISH = "publish"
    CHANGE = "change"
    RETIRE = "retire"
    REPEAL = "repeal"


class RevisionStatus(StrEnum):
    """Where a revision stands on its way through the review."""

    DRAFT = "draft"
    REVIEW = "review"
    RETURNED = "returned"
    DONE = "done"
    WITHDRAWN = "withdrawn"


class EntryRevision(SQLModel, table=True):
    """What somebody proposes an entry to say; it takes effect when every step has signed (先审后发).

    ``fields`` are those of ``table_file.Row``, dates in ISO form. ``step`` is the place of the next signature in
    the list of steps, ``round`` counts submissions: a revision that was returned starts its signatures anew.
    ``body_id`` names the organisation that signs before the first step, for what its officials answered live.
    """

    __tablename__ = "entry_revision"
    __table_args__ = (
        UniqueConstraint("entry_id", "number", name="uq_entry_revision_number"),
        Index("ix_entry_revision_status", "status"),
        NUMBERED_ONCE,
    )

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="catalog_entry.id")
    number: int
    action: str
    fields: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    reason: str | None = None
    author_id: int | None = Field(default=None, foreign_key="person.id")
    author_name: str
    body_id: int | None = Field(default=None, foreign_key="body.id")
    status: str = Field(default=RevisionStatus.DRAFT)
    step: int = 0
    round: int = 1
    created_at: datetime = Field(sa_type=UtcDateTime)
    changed_at: datetime = Field(sa_type=UtcDateTime)
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)


class ReviewStep(SQLModel, table=True):
    """One step of the city's review, in order of ``position``: its name and who may sign it.

    ``people`` are ids of persons; empty, everybody of one of the ``roles`` may sign.
    """

    __tablename__ = "review_step"

    position: int = Field(primary_key=True)
    name: str
    roles: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    people: list[int] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class ReviewSignature(SQLModel, table=True):
    """One decision on one step of a revision; names are kept as they were on the day."""

    __tablename__ = "review_signature"
    __table_args__ = (UniqueConstraint("revision_id", "round", "step", name="uq_review_signature_step"),)

    id: int | None = Field(default=None, primary_key=True)
    revision_id: int = Field(foreign_key="entry_revision.id", index=True)
    round: int
    step: int
    step_name: str
    person_id: int | None = Field(default=None, foreign_key="person.id")
    person_name: str
    passed: bool
    comment: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class LexiconLine(SQLModel, table=True):
    """What the editor adds to the room's own word lists: words of the city, or several that mean the same.

    ``kind`` is ``words`` (each is to be kept whole) or ``same`` (all mean the same: 社保卡, 社会保障卡).
    """

    __tablename__ = "lexicon_line"
    __table_args__ = NUMBERED_ONCE

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    words: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    author_name: str
    changed_at: datetime = Field(sa_type=UtcDateTime)


class EntryViews(SQLModel, table=True):
    """How often an entry was read on a day (浏览量). Nothing says by whom."""

    __tablename__ = "entry_views"

    entry_id: int = Field(foreign_key="catalog_entry.id", primary_key=True)
    day: date = Field(primary_key=True)
    count: int = 0


class CatalogImport(SQLModel, table=True):
    """A file that comes in: read and shown first, taken in afterwards, in stretches that show how far it is.

    ``status`` is one of ``imports.ImportStatus``. Its rows stand apart, in :class:`CatalogImportPart`: beside the
    counts, each step of the progress would write all of them again. ``foreseen`` are the counts of
    ``foreseen.Counts`` as they were when the file was read; of one that nobody is to look at, none.
    """

    __tablename__ = "catalog_import"

    id: int | None = Field(default=None, primary_key=True)
    filename: str
    status: str
    mode: str = "draft"
    problems: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    total: int = 0
    done: int = 0
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    foreseen: dict[str, int] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    author_id: int | None = Field(default=None, foreign_key="person.id")
    author_name: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CatalogImportPart(SQLModel, table=True):
    """Some rows of a file that comes in, in its order; gone when the import has ended.

    ``number`` counts from 0; every part but the last has ``imports.PART`` rows. ``rows`` are those of
    ``table_file.Row`` with dates in ISO form.
    """

    __tablename__ = "catalog_import_part"

    import_id: int = Field(foreign_key="catalog_import.id", primary_key=True)
    number: int = Field(primary_key=True)
    rows: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class CatalogImportTrace(SQLModel, table=True):
    """What one stretch of an import did to the catalogue, so that it can be taken back (``faq.import_traces``).

    ``upto`` is the count of rows up to the stretch's end; ``traces`` are those of ``import_traces.Trace``.
    """

    __tablename__ = "catalog_import_trace"

    import_id: int = Field(foreign_key="catalog_import.id", primary_key=True)
    upto: int = Field(primary_key=True)
    traces: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))


class MissTopic(SQLModel, table=True):
    """What several unanswered questions have in common, and what the desk made of it.

    ``status`` is ``open``, ``entry`` (became the entry ``entry_id``), ``theme`` (put to the office as the theme of
    an interview, ``theme``) or ``dismissed``.
    """

    __tablename__ = "miss_topic"
    __table_args__ = NUMBERED_ONCE

    id: int | None = Field(default=None, primary_key=True)
    label: str
    status: str = Field(default="open", index=True)
    entry_id: int | None = Field(default=None, foreign_key="catalog_entry.id")
    theme: str | None = None
    note: str | None = None
    decided_by: str | None = None
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Referral(SQLModel, table=True):
    """A question handed from the bot to a human (转人工), with a receipt and the day by which the office replies.

    ``text`` is the masked one and the only one kept; ``contact_sealed`` is an encrypted e-mail address.
    ``asker_id`` is the visitor's row, by which alone the text is shown again.
    """

    __tablename__ = "referral"

    id: int | None = Field(default=None, primary_key=True)
    receipt: str = Field(unique=True)
    asker_id: int = Field(foreign_key="person.id", index=True)
    ask_id: int | None = Field(default=None, foreign_key="ask.id")
    text: str = Field(sa_column=Column(Text, nullable=False))
    contact_sealed: str | None = None
    due: date = Field(index=True)
    status: str = Field(default="open", index=True)
    reply: str | None = Field(default=None, sa_column=Column(Text, nullable=True))
    replied_by: str | None = None
    replied_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)


class Ask(SQLModel, table=True):
    """What the bot was asked and what it did. Who asked is not kept.

    ``conversation`` is a digest that joins the turns of one talk; personal data in ``text`` is masked. ``taken``
    says what the desk made of it: ``phrasing`` (its words became one of its entry's), ``topic`` or ``dismissed``.
    """

    __tablename__ = "ask"
    __table_args__ = NUMBERED_ONCE

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
    taken: str | None = Field(default=None, index=True)
    topic_id: int | None = Field(default=None, foreign_key="miss_topic.id", index=True)
