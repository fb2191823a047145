"""The second step of a login (两步登录): after the password, a code of the moment from the person's own phone.

TOTP as RFC 6238 has it: HMAC-SHA-1 over the number of 30-second steps, six digits. A clock may be one step off either
way, and a code that was accepted is never accepted again, nor one before it (section 5.2). The secret is sealed with
the installation's key; ten recovery codes stand in for a lost phone, each once, known only by a keyed digest.
"""

import hashlib
import hmac
import json
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
import segno
from sqlalchemy import UniqueConstraint, delete, func, select
from sqlmodel import Field, SQLModel, col

from base import audit
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Actor, Person, Role
from web.sealing import Seal

STEP_SECONDS = 30
TOLERANCE = 1
"""Steps that the phone's clock may be off either way (RFC 6238, section 5.2)."""
DIGITS = 6
RECOVERY_CODES = 10
RECOVERY_DIGITS = 12
TICKET = timedelta(minutes=5)
"""How long after the right password the code may be written."""
REQUIRED_OF = frozenset({Role.ADMIN, Role.OFFICE, Role.SUPERVISOR})
"""Whom ``FANGTAN_TWO_STEP=required`` means."""


class SecondStep(SQLModel, table=True):
    """A person's secret; it counts from ``confirmed_at`` on. ``last_step``: the step of the last code accepted."""

    __tablename__ = "second_step"

    person_id: int = Field(primary_key=True, foreign_key="person.id")
    secret: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_step: int = 0


class RecoveryCode(SQLModel, table=True):
    """One of the codes for a lost phone, as its digest."""

    __tablename__ = "recovery_code"
    __table_args__ = (UniqueConstraint("person_id", "digest", name="uq_recovery_code"),)

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id")
    digest: str
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class CodeNeeded(Refusal):
    """The password was right and the account asks for a code too; ``person`` is whose."""

    def __init__(self, person: Person) -> None:
        super().__init__("login.code", "请再写上动态口令。", status=401)
        self.person = person


WRONG = Refusal(
    "login.code_wrong",
    "动态口令不对，或者已经用过。请等验证器换一个新的再写。连错五次会锁15分钟。",
    status=401,
)


@dataclass(frozen=True)
class Standing:
    """What a person's own page says: since when it is on, the secret still to confirm, recovery codes left."""

    since: datetime | None
    pending: str | None
    codes_left: int


async def is_on(uow: UnitOfWork, person_id: int | None) -> bool:
    """Whether an account asks for a code."""
    found = await uow.db.get(SecondStep, person_id or 0)
    return found is not None and found.confirmed_at is not None


async def standing(uow: UnitOfWork, seal: Seal) -> Standing:
    """How it stands with the actor's own account."""
    found = await uow.db.get(SecondStep, uow.actor.person_id or 0)
    if found is None:
        return Standing(None, None, 0)
    if found.confirmed_at is None:
        return Standing(None, seal.open(found.secret), 0)
    left = select(func.count(col(RecoveryCode.id))).where(
        col(RecoveryCode.person_id) == found.person_id, col(RecoveryCode.used_at).is_(None)
    )
    return Standing(found.confirmed_at, None, await uow.db.scalar(left) or 0)


# Setting it up


async def start(uow: UnitOfWork, seal: Seal) -> None:
    """Make a fresh secret for the actor; it counts once a code of it has been written.

    Raises:
        Refusal: ``two_step.on`` where it is on already.
    """
    found = await uow.db.get(SecondStep, uow.actor.person_id, with_for_update=True)
    secret = seal.close(pyotp.random_base32())
    if found is None:
        uow.db.add(SecondStep(person_id=uow.actor.person_id or 0, secret=secret, started_at=uow.now))
    elif found.confirmed_at is not None:
        raise Refusal("two_step.on", "两步登录已经开了。要换手机，请找管理员先关掉，再重新开。")
    else:
        found.secret, found.started_at = secret, uow.now


async def drop(uow: UnitOfWork) -> None:
    """Forget a secret of the actor that was never confirmed."""
    found = await uow.db.get(SecondStep, uow.actor.person_id, with_for_update=True)
    if found is not None and found.confirmed_at is None:
        await uow.db.delete(found)


async def confirm(uow: UnitOfWork, seal: Seal, typed: str) -> list[str]:
    """Switch it on with a first code from the phone.

    Returns:
        The recovery codes, in groups of four digits; nobody can read them again.

    Raises:
        Refusal: ``two_step.none`` where nothing waits for a code, ``two_step.wrong`` for a wrong one.
    """
    found = await uow.db.get(SecondStep, uow.actor.person_id, with_for_update=True)
    if found is None or found.confirmed_at is not None:
        raise Refusal("two_step.none", "没有等着确认的设置。请从“开始设置”做起。")
    step = _step_of(found, seal, _plain(typed), uow.now)
    if step is None:
        raise Refusal(
            "two_step.wrong", "口令不对。请看验证器里现在的6位数字；还不对，请核对手机的时间。", status=400
        )
    found.confirmed_at, found.last_step = uow.now, step
    await audit.note(uow, "two_step.on", f"person:{found.person_id}")
    return _fresh_codes(uow, seal, found.person_id)


def _fresh_codes(uow: UnitOfWork, seal: Seal, person_id: int) -> list[str]:
    codes = [
        "".join(secrets.choice("0123456789") for _ in range(RECOVERY_DIGITS)) for _ in range(RECOVERY_CODES)
    ]
    for code in codes:
        uow.db.add(RecoveryCode(person_id=person_id, digest=_digest(seal, person_id, code)))
    return ["-".join((code[:4], code[4:8], code[8:])) for code in codes]


async def renew_codes(uow: UnitOfWork, seal: Seal, typed: str) -> list[str]:
    """Ten fresh recovery codes for the actor, who writes a code of the moment first; the old ones open nothing more.

    Raises:
        Refusal: ``two_step.none`` where it is not on, ``two_step.wrong`` for a wrong code or one used before.
    """
    person_id = uow.actor.person_id or 0
    if not await is_on(uow, person_id):
        raise Refusal("two_step.none", "没有开两步登录，没有恢复码。请从“开始设置”做起。")
    if await accept(uow, seal, person_id, typed) != "phone":
        message = "口令不对，或者已经用过。请等验证器换一个新的6位数字再写。"
        raise Refusal("two_step.wrong", message, status=400)
    await uow.db.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    await audit.note(uow, "two_step.codes", f"person:{person_id}")
    return _fresh_codes(uow, seal, person_id)


async def turn_off(uow: UnitOfWork, person_id: int) -> bool:
    """Take the second step off an account; whether there was one."""
    await uow.db.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    found = await uow.db.get(SecondStep, person_id, with_for_update=True)
    if found is None:
        return False
    await uow.db.delete(found)
    return found.confirmed_at is not None


# Checking a code


async def accept(uow: UnitOfWork, seal: Seal, person_id: int, typed: str) -> str | None:
    """Spend what was typed; the row is locked, so that of two that come at once one is refused.

    Returns:
        ``phone`` or ``recovery``, which of the two it was; ``None`` where it does not open anything.
    """
    found = await uow.db.get(SecondStep, person_id, with_for_update=True)
    if found is None or found.confirmed_at is None:
        return None
    code = _plain(typed)
    step = _step_of(found, seal, code, uow.now)
    if step is not None:
        found.last_step = step
        return "phone"
    kept = (
        await uow.db.scalars(
            select(RecoveryCode).where(
                col(RecoveryCode.person_id) == person_id,
                col(RecoveryCode.digest) == _digest(seal, person_id, code),
                col(RecoveryCode.used_at).is_(None),
            )
        )
    ).one_or_none()
    if kept is None:
        return None
    kept.used_at = uow.now
    return "recovery"


def _plain(typed: str) -> str:
    """The digits of what was typed: full-width ones are meant too, spaces and hyphens are not."""
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(one for one in folded if not one.isspace() and one != "-")


def _step_of(found: SecondStep, seal: Seal, code: str, now: datetime) -> int | None:
    """The step whose code this is, if it is within tolerance and after the last one that was accepted."""
    secret = seal.open(found.secret)
    if secret is None or len(code) != DIGITS or not (code.isascii() and code.isdecimal()):
        return None
    present = int(now.timestamp()) // STEP_SECONDS
    codes = pyotp.HOTP(secret, digits=DIGITS)
    for step in range(present - TOLERANCE, present + TOLERANCE + 1):
        if step > found.last_step and hmac.compare_digest(codes.at(step), code):
            return step
    return None


def _digest(seal: Seal, person_id: int, code: str) -> str:
    told = f"{person_id}:{code}".encode("utf-8", "surrogatepass")
    return hmac.new(seal.key("recovery"), told, hashlib.sha256).hexdigest()


# Between the password and the code


def ticket(seal: Seal, person: Person, now: datetime) -> str:
    """What the login page carries between the two steps: that this person's password was right just now."""
    told = {"step": person.id, "mark": _mark(person), "until": (now + TICKET).timestamp()}
    return seal.close(json.dumps(told))


def holder(seal: Seal, carried: str, now: datetime) -> tuple[int, str] | None:
    """Whose password it was, and its mark; ``None`` for a ticket that is forged or too old."""
    opened = seal.open(carried)
    try:
        told = json.loads(opened or "")
        person_id, mark, until = int(told["step"]), str(told["mark"]), float(told["until"])
    except (ValueError, TypeError, KeyError):
        return None
    return (person_id, mark) if now.timestamp() < until else None


def fits(person: Person, mark: str) -> bool:
    """Whether the password is still the one for which the ticket was made."""
    return hmac.compare_digest(_mark(person), mark)


def _mark(person: Person) -> str:
    return hashlib.sha256((person.password_hash or "").encode()).hexdigest()


# What the phone reads


def address(secret: str, login: str, issuer: str) -> str:
    """The ``otpauth:`` address of a secret, as authenticators read it."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)


def picture(told: str) -> str:
    """A QR code as SVG without a style, to stand in a page; black on white, since phones want contrast."""
    drawn = segno.make(told, error="m", micro=False)
    return str(drawn.svg_inline(scale=4, dark="#000", light="#fff", svgclass=None, lineclass=None))


def must_set_up(actor: Actor, rule: str) -> bool:
    """Whether somebody in this role may not go without (``FANGTAN_TWO_STEP``)."""
    return rule == "required" and actor.role in REQUIRED_OF
