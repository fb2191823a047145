"""The rows of the record. Enumerations are plain strings on disk; see ``lifecycle`` for what may follow what."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime
from interviews.lifecycle import DutyStatus, InterviewStatus, QuestionStatus


class Interview(SQLModel, table=True):
    """One interview from plan to archive.

    ``limit_at`` is when the clock closes it; it is set at the opening. ``next_number`` and ``next_item`` are the
    counters under this row's lock that keep the numbers of questions and items dense. ``publish_delay`` is how many
    seconds a publication can still be cancelled; ``peak`` the most people who watched at once while it was live.
    A ``rehearsal`` (演练) is seen by its staff alone: see ``interviews.rehearsals``.
    """

    __tablename__ = "interview"

    id: int | None = Field(default=None, primary_key=True)
    theme: str
    status: str = Field(default=InterviewStatus.PLANNED, index=True)
    regulation: str
    year: int = Field(index=True)
    ordinal: int | None = None
    starts_at: datetime = Field(sa_type=UtcDateTime, index=True)
    ends_at: datetime = Field(sa_type=UtcDateTime)
    host_id: int | None = Field(default=None, foreign_key="person.id")
    venue: str | None = None
    content: str | None = None
    announced_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    limit_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    close_reason: str | None = None
    archived_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancelled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    cancel_reason: str | None = None
    next_number: int = 1
    next_item: int = 1
    chain_head: str = "0" * 64
    rehearsal: bool = False
    publish_delay: int = 0
    peak: int = 0


class Respondent(SQLModel, table=True):
    """A body's part in one interview; one of them leads."""

    __tablename__ = "respondent"
    __table_args__ = (UniqueConstraint("interview_id", "body_id"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", index=True)
    body_id: int = Field(foreign_key="body.id")
    lead: bool = False
    content: str | None = None


class Guest(SQLModel, table=True):
    """One of the people a body sends, with the post that 第十四条 asks to be told."""

    __tablename__ = "guest"

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", index=True)
    body_id: int = Field(foreign_key="body.id")
    name: str
    post: str


class Assignment(SQLModel, table=True):
    """That a host, moderator or guest may act in one interview."""

    __tablename__ = "assignment"
    __table_args__ = (UniqueConstraint("interview_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", index=True)
    person_id: int = Field(foreign_key="person.id", index=True)


class Deviation(SQLModel, table=True):
    """A departure from the rule with its public reason: closed early, extended, opened late."""

    __tablename__ = "deviation"

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id", index=True)
    article: str
    text: str
    at: datetime = Field(sa_type=UtcDateTime)


class Question(SQLModel, table=True):
    """What a citizen submitted. ``original`` never leaves staff; ``text`` is what may become public.

    ``claimed_by`` holds it until ``claimed_until``; ``publish_at`` is when a publication that can still be
    cancelled comes true, with the wording and on behalf of whom. ``place`` is where the host lined it up. While it is
    handled again because its askers say 没解决, ``reopened_at`` and ``reopened_due`` say since when and by when.
    """

    __tablename__ = "question"
    __table_args__ = (
        UniqueConstraint("asker_id", "client_id"),
        UniqueConstraint("interview_id", "number"),
        Index("ix_question_interview_status", "interview_id", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    asker_id: int = Field(foreign_key="person.id", index=True)
    client_id: str
    receipt: str = Field(unique=True)
    number: int | None = None
    item_id: int | None = None
    original: str
    text: str
    kind: str
    nickname: str | None = None
    contact_sealed: str | None = None
    flags: list[Any] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    status: str = QuestionStatus.PENDING
    supports: int = 0
    into_id: int | None = Field(default=None, foreign_key="question.id")
    reason: str | None = None
    submitted_at: datetime = Field(sa_type=UtcDateTime)
    published_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    staged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    appeal: str | None = None
    appealed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    to_body_id: int | None = Field(default=None, foreign_key="body.id", index=True)
    to_body: str | None = None
    reopened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reopened_due: date | None = None
    reopened_duty_id: int | None = Field(default=None, foreign_key="duty.id")
    place: int | None = None
    claimed_by: int | None = Field(default=None, foreign_key="person.id")
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    publish_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    publish_text: str | None = None
    publish_by: int | None = Field(default=None, foreign_key="person.id")


class Support(SQLModel, table=True):
    """One citizen's 我也想问 for one question."""

    __tablename__ = "support"
    __table_args__ = (UniqueConstraint("question_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    person_id: int = Field(foreign_key="person.id", index=True)
    at: datetime = Field(sa_type=UtcDateTime)


class Draft(SQLModel, table=True):
    """What a guest or clerk has written and not yet given."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("question_id", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    question_id: int = Field(foreign_key="question.id")
    person_id: int = Field(foreign_key="person.id")
    text: str
    at: datetime = Field(sa_type=UtcDateTime)


class Item(SQLModel, table=True):
    """One numbered thing in the transcript; ``chain`` hashes it over the item before.

    Once it is taken down its text lies in ``withheld``, which no page, stream or export reads. An erratum stands
    beside the item ``of_id``, with its reason in ``note``. An answer that only its asker reads (a letter) is no part
    of the public transcript: its ``no`` counts down from -1 and it is not in the chain.
    """

    __tablename__ = "item"
    __table_args__ = (UniqueConstraint("interview_id", "no"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    no: int
    kind: str
    question_id: int | None = Field(default=None, foreign_key="question.id", index=True)
    speaker: str | None = None
    role: str
    body_name: str | None = None
    text: str
    origin: str | None = None
    ground: str | None = None
    person_id: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=UtcDateTime)
    digest: str
    chain: str
    removed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    removed_because: str | None = None
    withheld: str | None = None
    of_id: int | None = Field(default=None, foreign_key="item.id", index=True)
    note: str | None = None


class Duty(SQLModel, table=True):
    """Something the rule asks of somebody by a date. ``body_id`` is set where a body owes it.

    ``sum`` keeps the days counted and skipped, as they were reckoned when the duty was assigned.
    """

    __tablename__ = "duty"
    __table_args__ = (Index("ix_duty_interview", "interview_id"), Index("ix_duty_open", "status", "act_by"))

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    rule: str
    article: str
    title: str
    owed_by: str
    body_id: int | None = Field(default=None, foreign_key="body.id")
    due: date
    act_by: date
    not_before: date | None = None
    provisional: bool = False
    sum: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    status: str = DutyStatus.OPEN
    done_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    late_days: int = 0
    evidence: str | None = None
    superseded_because: str | None = None
    moved_by_notice: bool = False


class Notice(SQLModel, table=True):
    """A reminder about a duty, written once per duty and stage."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("duty_id", "stage"),)

    id: int | None = Field(default=None, primary_key=True)
    duty_id: int = Field(foreign_key="duty.id")
    stage: str
    to_role: str
    body_id: int | None = Field(default=None, foreign_key="body.id")
    text: str
    at: datetime = Field(sa_type=UtcDateTime)


class IssuedPlan(SQLModel, table=True):
    """A version of a year's plan (年度计划) as it was issued to all bodies (第十条)."""

    __tablename__ = "issued_plan"
    __table_args__ = (UniqueConstraint("year", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    year: int
    version: int
    entries: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    issued_at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id")


class PlanChange(SQLModel, table=True):
    """One line of the public change log of an issued plan; ``kind``: issued, added, moved, rethemed, left, cancelled.

    ``left`` stands in the log of the year that an interview moved out of; the year it moved into has ``moved``.
    """

    __tablename__ = "plan_change"

    id: int | None = Field(default=None, primary_key=True)
    year: int = Field(index=True)
    interview_id: int | None = Field(default=None, foreign_key="interview.id")
    kind: str
    text: str
    ground: str | None = None
    reason: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)


class Waiver(SQLModel, table=True):
    """The supervisor's recorded deviation from a gate, public with its reason; it discharges nothing."""

    __tablename__ = "waiver"
    __table_args__ = (UniqueConstraint("interview_id", "duty"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    duty: str
    reason: str
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id")


class Report(SQLModel, table=True):
    """A version of an interview's summary report (汇总报告): the record it was drafted from, frozen, and its prose.

    ``drafted_by`` is who wrote the version, nobody where the clock drafted it; ``signed_by`` the second person.
    """

    __tablename__ = "report"
    __table_args__ = (UniqueConstraint("interview_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: int = Field(foreign_key="interview.id")
    version: int
    content: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    drafted_at: datetime = Field(sa_type=UtcDateTime)
    drafted_by: int | None = Field(default=None, foreign_key="person.id")
    signed_by: int | None = Field(default=None, foreign_key="person.id")
    signed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class Delivery(SQLModel, table=True):
    """One version of the report on its way to one recipient.

    It has come (``sent_at``) when it lies in the platform's inbox or, for a body that receives by mail, when its
    mail server has taken it. ``mail_key`` is the outbox's row of the latest mail, ``mails`` how many there were.
    """

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("report_id", "body_id"),)

    id: int | None = Field(default=None, primary_key=True)
    report_id: int = Field(foreign_key="report.id")
    body_id: int = Field(foreign_key="body.id")
    queued_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    opened_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    acknowledged_by: str | None = None
    comment: str | None = None
    mail_key: str | None = Field(default=None, index=True)
    mails: int = 0
    trouble: str | None = None
