"""How notices are worded: a text with named places for each kind, which the office may rewrite (通知的样板).

A template is a text in which ``{theme}`` and the like stand for values. Nothing in it is ever run: there are no
conditions, no attributes, no formats, and a place that the kind does not know is refused. Every version is kept; the
standard text is what holds where nothing was written, or where the office went back to it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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
SUBJECT_LIMIT = 100
_PLACE = re.compile(r"\{([^{}]*)\}")


class NoticeWording(SQLModel, table=True):
    """One version of the office's wording of one kind; without a text it is the going back to the standard.

    Without a subject the standard one holds.
    """

    __tablename__ = "notice_wording"
    __table_args__ = (UniqueConstraint("kind", "version", name="uq_notice_wording_kind_version"),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    version: int
    text: str | None = None
    subject: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    person_id: int | None = Field(default=None, foreign_key="person.id")


@dataclass(frozen=True)
class Words:
    """The subject and the text of a kind, as templates or filled in; a printed notice has no subject."""

    subject: str
    text: str


def checked(kind: str, text: str) -> str:
    """The template of a text as it may be kept.

    Raises:
        Refusal: ``not_found`` for an unknown kind; ``text.…`` for a text that is none; ``wording.brace``,
            ``wording.unknown`` or ``wording.required``, which name the place and what may be written instead.
    """
    template = template_of(kind)
    plain = texts.clean(text, LIMIT, "通知的文字")
    used = _places_in(plain, template.places)
    lacking = [f"{{{name}}}" for name in template.required if name not in used]
    if lacking:
        said = "、".join(lacking)
        raise Refusal(
            "wording.required", f"少了{said}，没有它，收的人不知道是什么事。请加上再存。", status=400
        )
    return plain


def checked_subject(kind: str, subject: str) -> str:
    """The template of a subject as it may be kept: one line.

    Raises:
        Refusal: as for :func:`checked`; ``wording.inside`` for a place that may stand in the text alone.
    """
    template = template_of(kind)
    plain = texts.clean_line(texts.clean(subject, SUBJECT_LIMIT, "邮件的标题"), SUBJECT_LIMIT, "邮件的标题")
    usable = {name: place for name, place in template.places.items() if not place.inside}
    inside = next(
        (name for name in _PLACE.findall(plain or "") if name in template.places.keys() - usable), None
    )
    if inside is not None:
        raise Refusal(
            "wording.inside",
            f"标题里不能用“{{{inside}}}”：标题只有一行，锁着的手机上也看得到。请写在正文里。",
            status=400,
        )
    _places_in(plain or "", usable)
    return plain or ""


def _places_in(plain: str, places: Iterable[str]) -> list[str]:
    """The places that a template uses; refuses what is none of those there are."""
    known = list(places)
    usable = f"能用的是：{'、'.join(f'{{{name}}}' for name in known)}。" if known else "这里不能用花括号。"
    if re.search(r"[{}]", _PLACE.sub("", plain)):
        raise Refusal("wording.brace", f"花括号要成对，里面写名字，不能套着写。{usable}", status=400)
    used = _PLACE.findall(plain)
    unknown = next((name for name in used if name not in known), None)
    if unknown is not None:
        raise Refusal("wording.unknown", f"不认得“{{{unknown}}}”。{usable}", status=400)
    return used


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


def filled_subject(kind: str, subject: str, values: Mapping[str, str]) -> str:
    """A subject with its values, on one line whatever stands in them; the kind's name where nothing is left."""
    made = _PLACE.sub(lambda found: values[found[1]], subject)
    return " ".join(made.split()) or template_of(kind).label


def template_of(kind: str) -> Template:
    """One kind; raises ``not_found`` for one that there is not."""
    if kind not in TEMPLATES:
        raise missing("这一种通知")
    return TEMPLATES[kind]


def standard(kind: str) -> Words:
    """What holds of a kind where the office has written nothing."""
    template = template_of(kind)
    return Words(template.subject, template.standard)


async def words_now(uow: UnitOfWork) -> dict[str, Words]:
    """The words of every kind that hold now; read once in a unit of work, which may write hundreds."""
    known: dict[str, Words] | None = uow.db.info.get(NoticeWording)
    if known is None:
        known = {kind: standard(kind) for kind in TEMPLATES}
        for row in await uow.db.scalars(select(NoticeWording).order_by(col(NoticeWording.version))):
            if row.kind in known:
                known[row.kind] = _words_of(row)
        uow.db.info[NoticeWording] = known
    return known


def _words_of(row: NoticeWording) -> Words:
    usual = standard(row.kind)
    return Words(row.subject or usual.subject, row.text or usual.text)


async def mail(uow: UnitOfWork, kind: str, **values: object) -> Words:
    """The subject and the text of one mail of a kind.

    Args:
        uow: of the act that causes it.
        kind: of ``TEMPLATES``.
        values: for every place of the kind; what is empty leaves nothing behind.
    """
    said = {name: "" if value is None else str(value) for name, value in values.items()}
    words = (await words_now(uow))[kind]
    return Words(filled_subject(kind, words.subject, said), f"{filled(words.text, said)}\n")


async def paragraphs(uow: UnitOfWork, kind: str, **values: object) -> tuple[str, ...]:
    """The paragraphs of one printed notice; empty lines are none."""
    return tuple(line for line in (await mail(uow, kind, **values)).text.split("\n") if line.strip())


async def versions(uow: UnitOfWork, kind: str) -> Sequence[NoticeWording]:
    """What the office has written of one kind, the newest first."""
    query = select(NoticeWording).where(col(NoticeWording.kind) == kind)
    return list(await uow.db.scalars(query.order_by(col(NoticeWording.version).desc())))


async def rewrite(uow: UnitOfWork, kind: str, text: str | None, seen: int, subject: str | None = None) -> int:
    """The office words a kind anew, or goes back to the standard; the number of the new version.

    Args:
        uow: of the office.
        kind: of ``TEMPLATES``.
        text: the template of the text; ``None`` for the standard text and subject.
        seen: the number of the version that was on the screen, 0 where there was none.
        subject: the template of a mail's subject; ``None`` for the standard one.

    Raises:
        Refusal: not the office; what ``checked`` and ``checked_subject`` refuse; ``wording.changed`` where somebody
            was faster; ``wording.same`` where nothing would change.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    template = template_of(kind)
    own = text is not None
    kept = checked(kind, text) if text is not None else None
    line = checked_subject(kind, subject) if own and subject is not None and not template.printed else None
    before = await versions(uow, kind)
    last = before[0].version if before else 0
    if last != seen:
        raise Refusal(
            "wording.changed",
            f"您写的时候，别人存了第{last}版。您写的还在方框里，对照下面的第{last}版再存一次。",
        )
    row = NoticeWording(
        kind=kind, version=last + 1, text=kept, subject=line, at=uow.now, person_id=uow.actor.person_id
    )
    if _words_of(row) == (_words_of(before[0]) if before else standard(kind)):
        raise Refusal("wording.same", "和现在用的一样，没有改。", status=400)
    uow.db.add(row)
    await uow.db.flush()
    uow.db.info.pop(NoticeWording, None)
    digest = audit.text_digest(kept) if kept else None
    more = {"title": audit.text_digest(line)} if line else {}
    act = "wording.rewrite" if kept else "wording.restore"
    await audit.note(uow, act, f"wording:{kind}", version=row.version, text=digest, **more)
    return row.version
