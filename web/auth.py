"""Who is asking: logins of staff, tokens of visitors, bearers for programs; all rows, so all can be revoked.

Five wrong passwords lock an account for 15 minutes, and the answer does not tell whether the name exists. A login
idles out after 30 minutes and ends after 12 hours. Example accounts work under ``fangtan demo`` alone. Where an account
has two-step login on, a wrong code counts like a wrong password.
"""

import asyncio
import functools
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlmodel import col

from base import audit
from base.db import UnitOfWork, Units
from base.errors import Refusal
from base.people import ANYONE, SYSTEM, Actor, Caller, Login, Person, Role
from web import two_step
from web.sealing import Seal, digest, new_token

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
LOCK = timedelta(minutes=15)
FAILURES = 5
SHORTEST_PASSWORD = 10

_hasher = PasswordHasher()


@functools.cache
def _nobody() -> str:
    """Verified against when the name is unknown, so that both answers take the same time."""
    return _hasher.hash(secrets.token_hex(16))


WRONG = Refusal(
    "login.wrong",
    "用户名或者密码不对。连错五次会锁15分钟；忘了密码，请找管理员重设。",
    status=401,
)


def hash_password(password: str) -> str:
    """Argon2id with the library's current parameters."""
    return _hasher.hash(password)


def one_time_password() -> str:
    """A password that can be read out and typed: four groups of four letters and digits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


async def sign_in(units: Units, login: str, password: str, *, demo: bool) -> tuple[str, Actor]:
    """Check a name and password and open a login.

    Returns:
        The cookie's value, and who it is.

    Raises:
        Refusal: ``login.wrong``, the same for every cause; ``two_step.CodeNeeded`` where the account asks for a
            code too, which ``sign_in_with_code`` takes.
    """
    async with units.read() as uow:
        person = (await uow.db.scalars(select(Person).where(col(Person.login) == login))).one_or_none()
        asks_code = person is not None and await two_step.is_on(uow, person.id)
        now = uow.now
    right = await _fits(person.password_hash if person else None, password)
    if person is None or not right or not _usable(person, now, demo=demo):
        if person is not None and not _locked(person, now):
            await _count_failure(units, person.id or 0)
        raise WRONG
    if asks_code:
        raise two_step.CodeNeeded(person)
    async with units.act(person.actor()) as uow:
        token = await _let_in(uow, person.id or 0)
    return token, person.actor()


async def sign_in_with_code(
    units: Units, seal: Seal, ticket: str, code: str, *, demo: bool
) -> tuple[str, Actor]:
    """The second step: a code of the phone, or a recovery code, on the ticket of a password that was right.

    Returns:
        The cookie's value, and who it is.

    Raises:
        Refusal: ``login.again`` where the ticket is too old or the password was changed since, ``login.wrong``
            for an account that is locked or disabled, ``login.code_wrong``, which counts like a wrong password.
    """
    async with units.read() as uow:
        carried = two_step.holder(seal, ticket, uow.now)
        person = await uow.db.get(Person, carried[0]) if carried else None
    if carried is None or person is None or not two_step.fits(person, carried[1]):
        raise Refusal("login.again", "隔得太久了。请重新写用户名和密码。", status=401)
    token, trouble = None, WRONG
    async with units.act(person.actor()) as uow:
        # Looked at again under the row's lock, or a hundred guesses sent at once would all count as the first.
        kept = await uow.db.get_one(Person, person.id, with_for_update=True)
        if _usable(kept, uow.now, demo=demo):
            by = await two_step.accept(uow, seal, person.id or 0, code)
            if by is not None:
                token = await _let_in(uow, person.id or 0, second=by)
            else:
                trouble = two_step.WRONG
                await _failed(uow, kept)
    if token is None:
        raise trouble
    return token, person.actor()


def _locked(person: Person, now: datetime) -> bool:
    return person.locked_until is not None and person.locked_until > now


def _usable(person: Person, now: datetime, *, demo: bool) -> bool:
    return person.disabled_at is None and (demo or not person.example) and not _locked(person, now)


async def _let_in(uow: UnitOfWork, person_id: int, **detail: str) -> str:
    kept = await uow.db.get_one(Person, person_id)
    kept.failed_logins, kept.locked_until = 0, None
    await audit.note(uow, "login", f"person:{person_id}", **detail)
    return await _open(uow, person_id, "cookie", ABSOLUTE)


async def choose_password(units: Units, actor: Actor, old: str, new: str) -> None:
    """Replace a password; the first one of an account is good for this alone.

    Raises:
        Refusal: ``password.wrong`` for the old one, ``password.weak`` for a new one that is short or the same.
    """
    async with units.read() as uow:
        person = await uow.db.get_one(Person, actor.person_id)
    if not await _fits(person.password_hash, old):
        raise Refusal("password.wrong", "现在的密码不对。请再输一遍。", status=400)
    if len(new) < SHORTEST_PASSWORD or new == old:
        raise Refusal(
            "password.weak", f"新密码至少{SHORTEST_PASSWORD}个字符，不能和现在的一样。请换一个。", status=400
        )
    hashed = hash_password(new)
    async with units.act(actor) as uow:
        kept = await uow.db.get_one(Person, actor.person_id)
        kept.password_hash, kept.must_change_password = hashed, False
        await audit.note(uow, "password.choose", f"person:{actor.person_id}")


async def _fits(hashed: str | None, password: str) -> bool:
    """Whether it is the password; up to 0.2 s of work, in a thread so that a live interview does not wait for it."""
    try:
        right = await asyncio.to_thread(_hasher.verify, hashed or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and hashed is not None


async def _count_failure(units: Units, person_id: int) -> None:
    async with units.act(SYSTEM) as uow:
        await _failed(uow, await uow.db.get_one(Person, person_id))


async def _failed(uow: UnitOfWork, person: Person) -> None:
    person.failed_logins += 1
    if person.failed_logins >= FAILURES:
        person.failed_logins, person.locked_until = 0, uow.now + LOCK
        await audit.note(uow, "login.locked", f"person:{person.id}")


async def _open(uow: UnitOfWork, person_id: int, kind: str, lasts: timedelta) -> str:
    token = new_token()
    row = Login(
        digest=digest(token),
        person_id=person_id,
        kind=kind,
        created_at=uow.now,
        seen_at=uow.now,
        expires_at=uow.now + lasts,
    )
    uow.db.add(row)
    return token


async def bearer(uow: UnitOfWork, person_id: int, days: int) -> str:
    """A token for programs, with that person's rights."""
    await audit.note(uow, "user.token", f"person:{person_id}", days=days)
    return await _open(uow, person_id, "bearer", timedelta(days=days))


async def revoke_all(uow: UnitOfWork, person_id: int) -> None:
    """End every login and bearer of a person."""
    theirs = update(Login).where(col(Login.person_id) == person_id, col(Login.revoked_at).is_(None))
    await uow.db.execute(theirs.values(revoked_at=uow.now))


async def sign_out(units: Units, token: str) -> int | None:
    """Revoke a login; whose it was, so that their sockets can be cut."""
    async with units.act(SYSTEM) as uow:
        row = (await uow.db.scalars(select(Login).where(col(Login.digest) == digest(token)))).one_or_none()
        if row is None:
            return None
        row.revoked_at = uow.now
        return row.person_id


async def staff(units: Units, token: str, kind: str, *, demo: bool) -> Caller:
    """Who holds a login cookie or a bearer, and the login's number.

    Args:
        units: where logins live.
        token: the cookie's or bearer's value.
        kind: ``cookie`` or ``bearer``.
        demo: whether example accounts work here.

    Raises:
        Refusal: ``login.required``; unknown, revoked, idle or expired.
    """
    query = select(Login, Person).join(Person, col(Person.id) == col(Login.person_id))
    async with units.read() as uow:
        found = (await uow.db.execute(query.where(col(Login.digest) == digest(token)))).first()
        now = uow.now
    over = Refusal("login.required", "登录已经过期，请重新登录。", status=401)
    if found is None:
        raise over
    row, person = found
    if row.kind != kind or _over(row, now):
        raise over
    if person.disabled_at or (person.example and not demo):
        raise over
    if now - row.seen_at > SEEN_EVERY:
        async with units.act(SYSTEM) as uow:
            await uow.db.execute(update(Login).where(col(Login.id) == row.id).values(seen_at=uow.now))
    actor: Actor = person.actor()
    # A program cannot choose a password; the administrator who made its token answers for it.
    return Caller(replace(actor, one_time=False) if kind == "bearer" else actor, row.id)


async def holding(units: Units, held: set[int], used: set[int]) -> set[int]:
    """Which of these logins still hold; those in use are not idle, and their use is kept.

    Args:
        units: where logins live.
        held: the numbers of logins.
        used: those of them that somebody works with just now.
    """
    async with units.read() as uow:
        rows = list(await uow.db.scalars(select(Login).where(col(Login.id).in_(held))))
        now = uow.now
    good = [row for row in rows if not _over(row, now, in_use=row.id in used)]
    seen = [row.id for row in good if row.id in used and now - row.seen_at > SEEN_EVERY]
    if seen:
        async with units.act(SYSTEM) as uow:
            await uow.db.execute(update(Login).where(col(Login.id).in_(seen)).values(seen_at=uow.now))
    return {row.id or 0 for row in good}


def _over(row: Login, now: datetime, *, in_use: bool = False) -> bool:
    """Whether a login was revoked, is too old, or has lain idle."""
    idle = row.kind == "cookie" and not in_use and now - row.seen_at > IDLE
    return row.revoked_at is not None or row.expires_at <= now or idle


async def new_visitor(units: Units) -> str:
    """An anonymous citizen's identity: a token, of which the database keeps the digest."""
    token = new_token()
    async with units.act(ANYONE) as uow:
        uow.db.add(
            Person(role=Role.CITIZEN, display_name="市民", token_digest=digest(token), created_at=uow.now)
        )
    return token


async def visitor(units: Units, token: str) -> Actor:
    """The citizen who holds a visitor's token.

    Raises:
        Refusal: ``visitor.unknown``.
    """
    async with units.read() as uow:
        query = select(Person).where(col(Person.token_digest) == digest(token))
        person = (await uow.db.scalars(query)).one_or_none()
    if person is None or person.disabled_at:
        raise Refusal("visitor.unknown", "您的身份凭证认不出来了。请刷新页面，重新领一个。", status=401)
    return person.actor()
