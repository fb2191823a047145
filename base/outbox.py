"""The outbox: what must reach somebody outside, one row each under a unique key, sent after the commit.

A row is written in the transaction of the act that causes it; ``scheduler`` takes it out, and an act done twice
writes it once.
"""

from datetime import datetime

from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class OutboxMail(SQLModel, table=True):
    """One mail to one address; ``status``: queued, sent, failed."""

    __tablename__ = "outbox_mail"

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    to: str
    subject: str
    text: str
    status: str = Field(default="queued", index=True)
    attempts: int = 0
    next_try_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str | None = None
