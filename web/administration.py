"""What an administrator does with accounts on the page, and the list of them.

An administrator opens and closes doors and reads nothing behind them: no verb here touches an interview, a question or
an entry of the catalogue. Nobody acts on their own account, so that whoever has one is always answered for by another.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import STAFF, Body, Login, Person, Role
from web import accounts, auth, two_step


@dataclass(frozen=True)
class Account:
    """One line of the list.

    ``name`` signs in, ``shown`` stands in the record; ``seen_at``: when a login of theirs was last used,
    ``open_logins`` and ``bearers``: those that still work.
    """

    id: int
    name: str
    shown: str
    role: Role
    body: str | None
    email: str | None
    two_step: bool
    seen_at: datetime | None
    open_logins: int
    bearers: int
    disabled_at: datetime | None
    one_time: bool
    locked: bool
    own: bool


def _door(uow: UnitOfWork) -> None:
    if uow.actor.role is not Role.ADMIN:
        raise missing("这个页面")


async def roster(uow: UnitOfWork) -> list[Account]:
    """Every account of staff, by role and name.

    Raises:
        Refusal: ``not_found`` for whoever is no administrator.
    """
    _door(uow)
    people = (
        select(Person, col(Body.name))
        .outerjoin(Body, col(Body.id) == col(Person.body_id))
        .where(col(Person.login).is_not(None))
    )
    confirmed = select(col(two_step.SecondStep.person_id)).where(
        col(two_step.SecondStep.confirmed_at).is_not(None)
    )
    careful = set((await uow.db.scalars(confirmed)).all())
    last, ways = await _logins(uow)
    found = [
        Account(
            id=person.id or 0,
            name=person.login or "",
            shown=person.display_name,
            role=Role(person.role),
            body=body,
            email=person.email,
            two_step=person.id in careful,
            seen_at=last.get(person.id or 0),
            open_logins=ways[person.id or 0, "cookie"],
            bearers=ways[person.id or 0, "bearer"],
            disabled_at=person.disabled_at,
            one_time=person.must_change_password,
            locked=person.locked_until is not None and person.locked_until > uow.now,
            own=person.id == uow.actor.person_id,
        )
        for person, body in await uow.db.execute(people)
    ]
    order = list(Role)
    return sorted(found, key=lambda one: (one.disabled_at is not None, order.index(one.role), one.name))


async def _logins(uow: UnitOfWork) -> tuple[dict[int, datetime], Counter[tuple[int, str]]]:
    """By person: when they were last seen, and how many logins of each kind still work."""
    seen = select(col(Login.person_id), func.max(col(Login.seen_at))).group_by(col(Login.person_id))
    last = {row[0]: row[1] for row in await uow.db.execute(seen)}
    living = select(Login).where(col(Login.expires_at) > uow.now, col(Login.revoked_at).is_(None))
    ways: Counter[tuple[int, str]] = Counter()
    for row in await uow.db.scalars(living):
        if row.kind != "cookie" or uow.now - row.seen_at <= auth.IDLE:
            ways[row.person_id, row.kind] += 1
    return last, ways


async def bodies(uow: UnitOfWork) -> Sequence[Body]:
    """Every body, by name, for the form that opens an account."""
    _door(uow)
    return (await uow.db.scalars(select(Body).order_by(col(Body.name)))).all()


async def _other(uow: UnitOfWork, person_id: int) -> Person:
    """Somebody else's account, locked.

    Raises:
        Refusal: ``not_found``; ``account.own``.
    """
    _door(uow)
    person = await uow.db.get(Person, person_id, with_for_update=True)
    if person is None or person.login is None:
        raise missing("这个账号")
    if person.id == uow.actor.person_id:
        raise Refusal(
            "account.own", "自己的账号要由另一位管理员来改。自己的密码在“我的账号”里换。", status=403
        )
    return person


async def disable(uow: UnitOfWork, person_id: int) -> str:
    """Close an account; its name.

    Raises:
        Refusal: ``not_found``, ``account.own``, ``account.last``, ``account.closed`` where it is closed already.
    """
    person = await _other(uow, person_id)
    if person.disabled_at is not None:
        raise Refusal("account.closed", f"账号 {person.login} 已经停用了。")
    await accounts.close(uow, person)
    return str(person.login)


async def enable(uow: UnitOfWork, person_id: int) -> str:
    """Open a closed account again, with the password it had; its name.

    Raises:
        Refusal: ``not_found``, ``account.own``, ``account.open`` where it is open.
    """
    person = await _other(uow, person_id)
    if person.disabled_at is None:
        raise Refusal("account.open", f"账号 {person.login} 没有停用。")
    person.disabled_at, person.failed_logins, person.locked_until = None, 0, None
    await audit.note(uow, "user.enable", f"person:{person.id}")
    return str(person.login)


async def reset(uow: UnitOfWork, person_id: int) -> tuple[str, str]:
    """Give an account a new one-time password and end all its logins; its name and the password.

    Raises:
        Refusal: ``not_found``, ``account.own``, ``account.closed``.
    """
    person = await _other(uow, person_id)
    return str(person.login), await accounts.renew(uow, person)


async def reassign(uow: UnitOfWork, person_id: int, role: str, body: str | None) -> str:
    """Give an account another role or another body, and end all its logins; its name.

    Raises:
        Refusal: ``not_found``, ``account.own``, ``user.role``, and what ``accounts.reassign`` refuses.
    """
    person = await _other(uow, person_id)
    if role not in {one.value for one in STAFF}:
        raise Refusal("user.role", "请选一个角色。", status=400)
    await accounts.reassign(uow, person, Role(role), body)
    return str(person.login)


async def stands(uow: UnitOfWork, person_id: int) -> tuple[Role, str]:
    """An account's role and its body's name, empty where it has none: what the form that changes them is drawn with.

    Raises:
        Refusal: ``not_found``, ``account.own``.
    """
    person = await _other(uow, person_id)
    body = await uow.db.get(Body, person.body_id) if person.body_id is not None else None
    return Role(person.role), body.name if body else ""


async def revoke(uow: UnitOfWork, person_id: int) -> str:
    """End every login and bearer of an account; its name.

    Raises:
        Refusal: ``not_found``, ``account.own``.
    """
    person = await _other(uow, person_id)
    await auth.revoke_all(uow, person_id)
    await audit.note(uow, "user.revoke", f"person:{person.id}")
    return str(person.login)


async def one_step(uow: UnitOfWork, person_id: int) -> str:
    """Take the second step of the login off an account whose phone is lost; its name.

    Raises:
        Refusal: ``not_found``, ``account.own``, ``two_step.none`` where it was not on.
    """
    person = await _other(uow, person_id)
    await accounts.one_step(uow, person)
    return str(person.login)
