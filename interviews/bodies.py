"""What the office keeps about the bodies (机构): their names and the address to which mail goes.

A body's number never changes, so what it did stays its own under a new name. Whatever is older than the new name, on
pages and in transcripts and reports, keeps the name of its day (``body_names``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from base import audit
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Body, Person, Role
from interviews import body_merging, body_names, facts, texts
from interviews.body_models import BodyChange, ChangeKind
from interviews.models import Interview, Respondent

NAME_LIMIT = 60


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


async def edit(
    uow: UnitOfWork,
    body_id: int,
    name: str,
    email: str,
    remark: str,
    *,
    short: str | None = None,
    on: date | None = None,
) -> Sequence[str]:
    """Enter a body's name and the address to which its mail goes.

    Args:
        uow: the office's unit of work.
        body_id: the body.
        name: as it is shown from now on; a new one needs the remark.
        email: one address, or empty for none.
        remark: why it is called otherwise; kept with the change and in the audit.
        short: what it is called in short; as before where none is given.
        on: since which day it is called so; today where none is given.

    Returns:
        What changed: ``name``, ``short``, ``email``, or nothing.

    Raises:
        Refusal: not the office, no such body, an unusable or taken name, a new name without a remark, a day to come,
            an address that is none, or none where reports come by mail alone; a body that was merged.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    query = select(Body).where(col(Body.id) == body_id).with_for_update()
    body = (await uow.db.scalars(query)).one_or_none()
    if body is None:
        raise missing("这个单位")
    if body.merged_into is not None:
        raise Refusal("body.merged", "这个单位已经并入别的单位，不再改。")
    wanted = " ".join(texts.clean(name, NAME_LIMIT, "单位名称").split())
    brief = " ".join(texts.clean(short, NAME_LIMIT, "单位简称").split()) if short else body.short_name
    address = _address(email, body)
    new = {"name": (body.name, wanted), "short": (body.short_name, brief), "email": (body.email, address)}
    changed = [key for key, (before, after) in new.items() if before != after]
    if not changed:
        return changed
    detail: dict[str, str | list[str]] = {"changed": changed}
    if "name" in changed or "short" in changed:
        await _check_free(uow, body, wanted)
        since = on or office_date(uow.now)
        detail |= {"old": body.name, "new": wanted, "remark": _remark(remark), "on": since.isoformat()}
        await _note_name(uow, body, since, remark)
    body.name, body.short_name, body.email = wanted, brief, address
    await uow.db.flush()
    if "name" in changed:
        await _tell_ahead(uow, body_id)
    # The address is personal where it is somebody's own: the audit tells that it changed, not what it is.
    await audit.note(uow, "body.edit", f"body:{body_id}", **detail)
    return changed


async def _note_name(uow: UnitOfWork, body: Body, since: date, remark: str) -> None:
    """Keep what it was called until a day, so that what is older goes on being shown under that name."""
    body_merging.check_day(uow, since)
    latest = select(func.max(col(BodyChange.changed_on))).where(col(BodyChange.body_id) == body.id)
    last = await uow.db.scalar(latest)
    if last is not None and since < last:
        raise Refusal(
            "body.day",
            f"这个单位{last.year}年{last.month}月{last.day}日改过名，新的要从那天以后起。",
            status=400,
        )
    uow.db.add(
        BodyChange(
            body_id=body.id or 0,
            kind=ChangeKind.RENAMED,
            name=body.name,
            short_name=body.short_name,
            changed_on=since,
            reason=_remark(remark),
            at=uow.now,
            person_id=uow.actor.person_id,
        )
    )


async def _tell_ahead(uow: UnitOfWork, body_id: int) -> None:
    """Whoever watches an interview that is to come reads the new name at once."""
    query = (
        select(Interview)
        .join(Respondent, col(Respondent.interview_id) == col(Interview.id))
        .where(col(Respondent.body_id) == body_id, col(Interview.status).in_(body_merging.AHEAD))
        .order_by(col(Interview.id))
    )
    for interview in list(await uow.db.scalars(query)):
        await facts.tell(uow, interview, "interview.changed")


async def changes_of(uow: UnitOfWork) -> Sequence[BodyChange]:
    """Every renaming and merger, the latest first."""
    query = select(BodyChange).order_by(col(BodyChange.changed_on).desc(), col(BodyChange.id).desc())
    return list(await uow.db.scalars(query))


def _address(email: str, body: Body) -> str | None:
    address = texts.mail_address(email)
    if address is None and body.by_mail:
        raise Refusal("body.email", "这个单位的报告只走邮件，电子邮箱不能空着。请写上邮箱再存。", status=400)
    return address


def _remark(remark: str) -> str:
    if not remark.strip():
        raise Refusal("body.remark", "改名要写说明，例如哪份文件、哪天起。请写上再存。", status=400)
    return texts.clean(remark, texts.REASON_LIMIT, "改名的说明")


async def _check_free(uow: UnitOfWork, body: Body, name: str) -> None:
    known = await body_names.names(uow.db)
    others = [one for one, called in known.now.items() if called.name == name and one != body.id]
    before = [
        one
        for one, old in known.renamed.items()
        if one != body.id and any(was.name == name for _, was in old)
    ]
    if others or before:
        was = "" if others else "以前"
        raise Refusal("body.taken", f"已经有一个单位{was}叫“{name}”。请核对名称。")
