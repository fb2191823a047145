"""Who acts: persons with a login or a visitor's token, their roles, and the actor of a unit of work."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from base.columns import UtcDateTime


class Role(StrEnum):
    """What a person is here for. One account has one role; the contract names them."""

    CITIZEN = "citizen"
    OFFICE = "office"
    SUPERVISOR = "supervisor"
    CLERK = "clerk"
    GUEST = "guest"
    HOST = "host"
    MODERATOR = "moderator"
    RECIPIENT = "recipient"
    EDITOR = "editor"
    AUDITOR = "auditor"
    ADMIN = "admin"
    CLOCK = "clock"
    ANYONE = "anyone"


STAFF = frozenset(Role) - {Role.CITIZEN, Role.CLOCK, Role.ANYONE}


@dataclass(frozen=True)
class Actor:
    """Who does what a unit of work does.

    Attributes:
        person_id: row of the person; ``None`` for the clock and for a reader without an identity.
        role: what the person may do.
        name: as shown in the record.
        body_id: the body a clerk or guest answers for.
        one_time: whether they signed in with a one-time password and must choose their own first.
    """

    person_id: int | None
    role: Role
    name: str
    body_id: int | None = None
    one_time: bool = False

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody with an account of the city."""
        return self.role in STAFF


SYSTEM = Actor(None, Role.CLOCK, "系统")
ANYONE = Actor(None, Role.ANYONE, "访客")


@dataclass(frozen=True)
class Caller:
    """Who knocks: in whose name, and the number of the login that lets them in, where one does."""

    actor: Actor
    login: int | None = None


class Body(SQLModel, table=True):
    """An organisation (机构): a department, district or public enterprise; recipients are bodies too.

    ``by_mail``: reports reach it by mail alone, since nobody there has an account. ``merged_into`` is the number of its
    successor of today, once it was merged; it acts no more then.
    """

    __tablename__ = "body"

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    short_name: str
    kind: str
    recipient: bool = False
    by_mail: bool = False
    email: str | None = None
    merged_into: int | None = None


class Person(SQLModel, table=True):
    """A member of staff with a login name, or an anonymous citizen known by a token alone."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    login: str | None = Field(default=None, unique=True)
    role: str
    display_name: str
    post: str | None = None
    email: str | None = None
    body_id: int | None = Field(default=None, foreign_key="body.id")
    password_hash: str | None = None
    must_change_password: bool = False
    example: bool = False
    token_digest: str | None = Field(default=None, unique=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failed_logins: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=UtcDateTime)

    def actor(self) -> Actor:
        """This person as the actor of a unit of work."""
        role = Role(self.role)
        return Actor(self.id, role, self.display_name, self.body_id, one_time=self.must_change_password)


class Login(SQLModel, table=True):
    """One signed-in browser or one bearer token; a row, so that it can be revoked."""

    __tablename__ = "login"
    __table_args__ = (Index("ix_login_person", "person_id"),)

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    person_id: int = Field(foreign_key="person.id")
    kind: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
