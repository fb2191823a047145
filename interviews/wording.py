"""How notices are worded: a text with named places for each kind, which the office may rewrite (通知的样板).

A template is a text in which ``{theme}`` and the like stand for values. Nothing in it is ever run: there are no
conditions, no attributes, no formats, and a place that the kind does not know is refused. Every version is kept; the
standard text is what holds where nothing was written, or where the office went back to it.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import UniqueConstraint, select
from sqlmodel import Field, SQLModel, col

from base import audit
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Role
from interviews import texts
from interviews.wording_kinds import TEMPLATES, Template

LIMIT = 2000
_PLACE = re.compile(r"\{([^{}]*)\}")


class NoticeWording(SQLModel, table=True):
    """One version of the office's wording of one kind; without a text it is the going back to the standard."""

    __tablename__ = "notice_wording"
    __table_args__ = (UniqueConstraint("kind", "version", name="uq_notice_wording_kind_version"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    version: int
    text: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id")


def checked(kind: str, text: str) -> str:
    """A template as it may be kept.

    Raises:
        Refusal: ``not_found`` for an unknown kind; ``text.…`` for a text that is none; ``wording.brace``,
            ``wording.unknown`` or ``wording.required``, which name the place and what may be written instead.
    """
    template = template_of(kind)
    plain = texts.clean(text, LIMIT, "通知的文字")
    usable = "、".join(f"{{{name}}}" for name in template.places)
    if re.search(r"[{}]", _PLACE.sub("", plain)):
        raise Refusal(
            "wording.brace", f"花括号要成对，里面写名字，不能套着写。这一种能用的是：{usable}。", status=400
        )
    used = _PLACE.findall(plain)
    unknown = next((name for name in used if name not in template.places), None)
    if unknown is not None:
        raise Refusal("wording.unknown", f"不认得“{{{unknown}}}”。这一种能用的是：{usable}。", status=400)
    lacking = [f"{{{name}}}" for name in template.required if name not in used]
    if lacking:
        said = "、".join(lacking)
        raise Refusal(
            "wording.required", f"少了{said}，没有它，收的人不知道是什么事。请加上再存。", status=400
        )
    return plain


def filled(text: str, values: Mapping[str, str]) -> str:
    """A template with its values; a line of which nothing is left because its places are empty is left out.

    Values are put in as they are: a place that stands in one of them stays what was written there.
    """
    lines = []
    for line in text.split("\n"):
        made = _PLACE.sub(lambda found: values[found[1]], line)
        if made.strip() or not _PLACE.search(line):
            lines.append(made)
    return "\n".join(lines)


def template_of(kind: str) -> Template:
    """One kind; raises ``not_found`` for one that there is not."""
    if kind not in TEMPLATES:
        raise missing("这一种通知")
    return TEMPLATES[kind]


async def texts_now(uow: UnitOfWork) -> dict[str, str]:
    """The text of every kind that holds now; read once in a unit of work, which may write hundreds."""
    known: dict[str, str] | None = uow.db.info.get(NoticeWording)
    if known is None:
        known = {kind: template.standard for kind, template in TEMPLATES.items()}
        for row in await uow.db.scalars(select(NoticeWording).order_by(col(NoticeWording.version))):
            if row.kind in known:
                known[row.kind] = row.text or TEMPLATES[row.kind].standard
        uow.db.info[NoticeWording] = known
    return known


async def mail(uow: UnitOfWork, kind: str, **values: object) -> str:
    """The text of one mail of a kind.

    Args:
        uow: of the act that causes it.
        kind: of ``TEMPLATES``.
        values: for every place of the kind; what is empty leaves nothing behind.
    """
    said = {name: "" if value is None else str(value) for name, value in values.items()}
    return f"{filled((await texts_now(uow))[kind], said)}\n"


async def paragraphs(uow: UnitOfWork, kind: str, **values: object) -> tuple[str, ...]:
    """The paragraphs of one printed notice; empty lines are none."""
    return tuple(line for line in (await mail(uow, kind, **values)).split("\n") if line.strip())


async def versions(uow: UnitOfWork, kind: str) -> Sequence[NoticeWording]:
    """What the office has written of one kind, the newest first."""
    query = select(NoticeWording).where(col(NoticeWording.kind) == kind)
    return list(await uow.db.scalars(query.order_by(col(NoticeWording.version).desc())))


async def rewrite(uow: UnitOfWork, kind: str, text: str | None, seen: int) -> int:
    """The office words a kind anew, or goes back to the standard text; the number of the new version.

    Args:
        uow: of the office.
        kind: of ``TEMPLATES``.
        text: the template; ``None`` for the standard.
        seen: the number of the version that was on the screen, 0 where there was none.

    Raises:
        Refusal: not the office; what ``checked`` refuses; ``wording.changed`` where somebody was faster;
            ``wording.same`` where nothing would change.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    template = template_of(kind)
    kept = checked(kind, text) if text is not None else None
    before = await versions(uow, kind)
    last = before[0].version if before else 0
    if last != seen:
        raise Refusal(
            "wording.changed",
            f"您写的时候，别人存了第{last}版。您写的还在方框里，对照下面的第{last}版再存一次。",
        )
    if (kept or template.standard) == (before[0].text if before and before[0].text else template.standard):
        raise Refusal("wording.same", "和现在用的一样，没有改。", status=400)
    row = NoticeWording(kind=kind, version=last + 1, text=kept, at=uow.now, person_id=uow.actor.person_id)
    uow.db.add(row)
    await uow.db.flush()
    uow.db.info.pop(NoticeWording, None)
    digest = audit.text_digest(kept) if kept else None
    act = "wording.rewrite" if kept else "wording.restore"
    await audit.note(uow, act, f"wording:{kind}", version=row.version, text=digest)
    return row.version
