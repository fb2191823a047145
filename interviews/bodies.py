"""What the office keeps about the bodies (机构): their names and the address to which mail goes.

A body's number never changes, so what it did stays its own under a new name. Transcripts keep the name of their day.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Body, Person, Role
from interviews import texts

NAME_LIMIT = 60
EMAIL_LIMIT = 254
"""RFC 5321, 4.5.3.1.3, without the angle brackets."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True)
class Listed:
    """A body and the open accounts that act for it."""

    body: Body
    people: tuple[Person, ...]


async def listed(uow: UnitOfWork) -> list[Listed]:
    """Every body in the order in which the city entered them."""
    bodies = await uow.db.scalars(select(Body).order_by(col(Body.recipient), col(Body.id)))
    wanted = select(Person).where(col(Person.body_id).is_not(None), col(Person.disabled_at).is_(None))
    people: dict[int, list[Person]] = {}
    for person in await uow.db.scalars(wanted.order_by(col(Person.id))):
        people.setdefault(person.body_id or 0, []).append(person)
    return [Listed(one, tuple(people.get(one.id or 0, ()))) for one in bodies]


async def edit(uow: UnitOfWork, body_id: int, name: str, email: str, remark: str) -> Sequence[str]:
    """Enter a body's name and the address to which its mail goes.

    Args:
        uow: the office's unit of work.
        body_id: the body.
        name: as it is shown from now on; a new one needs the remark.
        email: one address, or empty for none.
        remark: why it is called otherwise; kept in the audit.

    Returns:
        What changed: ``name``, ``email``, both or nothing.

    Raises:
        Refusal: not the office, no such body, an unusable or taken name, a new name without a remark, an address that
            is none, or none where reports come by mail alone.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    query = select(Body).where(col(Body.id) == body_id).with_for_update()
    body = (await uow.db.scalars(query)).one_or_none()
    if body is None:
        raise missing("这个单位")
    wanted = " ".join(texts.clean(name, NAME_LIMIT, "单位名称").split())
    address = _address(email, body)
    changed = [key for key, new in (("name", wanted), ("email", address)) if getattr(body, key) != new]
    if not changed:
        return changed
    detail: dict[str, str | list[str]] = {"changed": changed}
    if "name" in changed:
        await _check_free(uow, body, wanted)
        detail |= {"old": body.name, "new": wanted, "remark": _remark(remark)}
    body.name, body.email = wanted, address
    await uow.db.flush()
    # The address is personal where it is somebody's own: the audit tells that it changed, not what it is.
    await audit.note(uow, "body.edit", f"body:{body_id}", **detail)
    return changed


def _address(email: str, body: Body) -> str | None:
    address = email.strip()
    if not address:
        if body.by_mail:
            raise Refusal(
                "body.email", "这个单位的报告只走邮件，电子邮箱不能空着。请写上邮箱再存。", status=400
            )
        return None
    if len(address) > EMAIL_LIMIT or not address.isprintable() or not _EMAIL.fullmatch(address):
        raise Refusal("body.email", "电子邮箱写得不对。请写成name@example.com这样，或者不填。", status=400)
    return address


def _remark(remark: str) -> str:
    if not remark.strip():
        raise Refusal("body.remark", "改名要写说明，例如哪份文件、哪天起。请写上再存。", status=400)
    return texts.clean(remark, texts.REASON_LIMIT, "改名的说明")


async def _check_free(uow: UnitOfWork, body: Body, name: str) -> None:
    query = select(col(Body.id)).where(col(Body.name) == name, col(Body.id) != body.id)
    if (await uow.db.execute(query)).first() is not None:
        raise Refusal("body.taken", f"已经有一个单位叫“{name}”。请核对名称。")
