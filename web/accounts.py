"""Accounts of staff as an administrator makes and closes them, on the page and on the command line."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import STAFF, Body, Person, Role
from interviews import access, placing, programme
from web import auth, two_step
from web.mailer import is_address

OF_A_BODY = frozenset({Role.CLERK, Role.GUEST, Role.RECIPIENT})
ASSIGNED = frozenset({Role.HOST, Role.MODERATOR, Role.GUEST})


@dataclass(frozen=True)
class Wanted:
    """What an administrator typed; ``body`` is a name, ``interview`` a number."""

    name: str
    role: str
    body: str | None = None
    interview: int | None = None
    email: str | None = None


@dataclass(frozen=True)
class Made:
    """What came of it; ``password`` is ``None`` where the account was there and was only assigned."""

    person: int
    password: str | None
    body: int | None
    new_body: bool


async def add(uow: UnitOfWork, wanted: Wanted) -> Made:
    """Make an account with a one-time password, or assign an existing one to another interview.

    A body that is not known yet is entered under the name given; a recipient's body receives the reports.

    Raises:
        Refusal: unknown role or interview; a role of a body without one; a name that is taken; no e-mail address.
    """
    if wanted.role not in {str(known) for known in STAFF}:
        raise Refusal("user.role", f"没有“{wanted.role}”这种角色。请看 fangtan user add --help。", status=400)
    role = Role(wanted.role)
    if wanted.email is not None and not is_address(wanted.email):
        message = f"“{wanted.email}”不是邮箱地址。请写成 name@example.gov.cn 这样。"
        raise Refusal("user.email", message, status=400)
    if wanted.body is None and role in OF_A_BODY:
        raise Refusal("user.body", "这个角色要用 --body 写出所在机构的名称。", status=400)
    if wanted.interview is not None:
        await access.interview(uow, wanted.interview)
    known = (await uow.db.scalars(select(Person).where(col(Person.login) == wanted.name))).one_or_none()
    if known is not None:
        return await _assign(uow, known, wanted)
    body_id, new_body = await body_named(uow, wanted.body, recipient=role is Role.RECIPIENT)
    password = auth.one_time_password()
    person = Person(
        login=wanted.name,
        role=role,
        display_name=wanted.name,
        email=wanted.email,
        body_id=body_id,
        password_hash=auth.hash_password(password),
        must_change_password=True,
        created_at=uow.now,
    )
    uow.db.add(person)
    await uow.db.flush()
    await audit.note(uow, "user.add", f"person:{person.id}", role=role.value)
    if wanted.interview is not None:
        await programme.assign_person(uow, wanted.interview, person.id or 0)
    return Made(person.id or 0, password, body_id, new_body)


async def _assign(uow: UnitOfWork, known: Person, wanted: Wanted) -> Made:
    if known.role != wanted.role or wanted.interview is None or Role(known.role) not in ASSIGNED:
        raise Refusal("user.exists", f"已经有账号 {wanted.name}。请换一个名字。", status=400)
    await programme.assign_person(uow, wanted.interview, known.id or 0)
    return Made(known.id or 0, None, known.body_id, new_body=False)


async def body_named(uow: UnitOfWork, name: str | None, *, recipient: bool) -> tuple[int | None, bool]:
    """The body of a name, entered where it is not known, and whether it is new; a recipient's gets the reports."""
    if name is None:
        return None, False
    named = or_(col(Body.name) == name, col(Body.short_name) == name)
    found = (await uow.db.scalars(select(Body).where(named))).first()
    if found is not None and found.merged_into is not None:
        found = await uow.db.get_one(Body, found.merged_into)
    if found is not None:
        found.recipient = found.recipient or recipient
        return found.id, False
    kind = "recipient" if recipient else "department"
    body = Body(name=name, short_name=name, kind=kind, recipient=recipient)
    uow.db.add(body)
    await uow.db.flush()
    await audit.note(uow, "body.add", f"body:{body.id}", name=name)
    return body.id, True


async def disable(uow: UnitOfWork, name: str) -> None:
    """Close an account and end all its logins.

    Raises:
        Refusal: no such account, or the last administrator's.
    """
    await close(uow, await account(uow, name))


async def close(uow: UnitOfWork, person: Person) -> None:
    """Close an account that was found, and end all its logins.

    Raises:
        Refusal: ``account.last``: nobody would be left who can open it again.
    """
    await check_not_last(uow, person, "停用")
    person.disabled_at = uow.now
    await auth.revoke_all(uow, person.id or 0)
    await audit.note(uow, "user.disable", f"person:{person.id}")


async def check_not_last(uow: UnitOfWork, person: Person, act: str) -> None:
    """Whether somebody else would still be there to open doors if this account did so no more.

    Raises:
        Refusal: ``account.last``.
    """
    others = select(Person).where(
        col(Person.role) == Role.ADMIN, col(Person.disabled_at).is_(None), col(Person.login).is_not(None)
    )
    # Locked in one order: of two administrators who close each other's account at once, one is refused.
    admins = (await uow.db.scalars(others.order_by(col(Person.id)).with_for_update())).all()
    if person.role == Role.ADMIN and all(one.id == person.id for one in admins):
        message = f"这是最后一个管理员，不能{act}。请先给接手的人开好管理员账号。"
        raise Refusal("account.last", message)


async def reassign(uow: UnitOfWork, person: Person, role: Role, body: str | None) -> None:
    """Give an account another role, another body, or both; all its logins end, so that nobody keeps the old rights.

    What the person did stays theirs. Their places in interviews that are over go with the role, since a place lets
    whoever has it act there; in one that is not over somebody else has to be put first, by the office.

    Raises:
        Refusal: a role of a body without one; nothing that would change; ``account.closed``, ``account.last``;
            ``account.assigned`` while they have a place in an interview that is not over.
    """
    if person.disabled_at is not None:
        raise Refusal("account.closed", f"账号 {person.login} 停用着。请先恢复，再改角色。")
    if body is None and role in OF_A_BODY:
        raise Refusal("user.body", "这个角色要写明所在机构。请从名单里选。", status=400)
    was = (person.role, person.body_id)
    body_id, _ = await body_named(uow, body, recipient=role is Role.RECIPIENT)
    if was == (role.value, body_id):
        raise Refusal("account.same", "角色和机构都和原来一样，没有要改的。", status=400)
    if role is not Role.ADMIN:
        await check_not_last(uow, person, "改成别的角色")
    left = await placing.leave_all(uow, person.id or 0)
    person.role, person.body_id = role.value, body_id
    await auth.revoke_all(uow, person.id or 0)
    await audit.note(
        uow,
        "user.role",
        f"person:{person.id}",
        old=was[0],
        new=role.value,
        old_body=was[1],
        new_body=body_id,
        places=left,
    )


async def renew(uow: UnitOfWork, person: Person) -> str:
    """Give an open account a new one-time password, and end all its logins; the password.

    Raises:
        Refusal: ``account.closed``.
    """
    if person.disabled_at is not None:
        raise Refusal("account.closed", f"账号 {person.login} 停用着。请先恢复，再重设密码。")
    password = auth.one_time_password()
    person.password_hash, person.must_change_password = auth.hash_password(password), True
    person.failed_logins, person.locked_until = 0, None
    await auth.revoke_all(uow, person.id or 0)
    await audit.note(uow, "user.reset", f"person:{person.id}")
    return password


async def one_step(uow: UnitOfWork, person: Person) -> None:
    """Take the second step of the login off an account whose phone is lost.

    Raises:
        Refusal: ``two_step.none`` where it was not on.
    """
    if not await two_step.turn_off(uow, person.id or 0):
        raise Refusal("two_step.none", f"账号 {person.login} 没有开两步登录。")
    await audit.note(uow, "two_step.off", f"person:{person.id}")


async def account(uow: UnitOfWork, name: str) -> Person:
    """The account of a name.

    Raises:
        Refusal: no such account.
    """
    found = (await uow.db.scalars(select(Person).where(col(Person.login) == name))).one_or_none()
    if found is None:
        raise Refusal("user.missing", f"没有账号 {name}。请核对名字。", status=400)
    return found
