"""The audit chain for its reader: filtered, the newest first, some at a time; and all that fits, for a file.

Nothing here writes. The chain holds digests in the place of texts, so there is nothing to hide from an auditor.
"""

import csv
import io
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from multidict import MultiMapping
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlmodel import col

from base.audit import GENESIS, AuditEntry, AuditHead, entry_content, entry_digest
from base.clock import SHANGHAI, as_utc, shanghai_iso
from base.db import UnitOfWork, Units
from base.errors import Refusal, missing
from base.people import STAFF, Actor, Person, Role
from interviews.plan_tables import harmless
from web import working_list
from web.audit_words import ROLES, act_label, role_label, subject_codes, subject_label
from web.working_list import Column, Filter, Line

PATH = "/audit"
CHUNK = 500
LONGEST = 100
COLUMNS = (
    Column("seq", "序号", sorts=False),
    Column("at", "时间", sorts=False),
    Column("who", "谁", sorts=False),
    Column("role", "身份", sorts=False),
    Column("act", "事", sorts=False),
    Column("code", "代号", shown=False, sorts=False),
    Column("subject", "对什么", sorts=False),
    Column("detail", "详情", shown=False, sorts=False),
    Column("digest", "校验值", shown=False, sorts=False),
)
"""None sorts: a chain has one order, the newest first on the page."""
FIELDS = ("act", "subject", "role", "person", "from", "to")
HEADINGS = ("序号", "时间", "谁", "身份", "事", "代号", "对象", "详情", "前一条校验值", "校验值")


@dataclass(frozen=True)
class Wanted:
    """What the address asks for; empty strings and ``None`` ask for nothing.

    Attributes:
        subject: 提问12 or ``question:12`` one by one, 提问 or ``question`` all of a kind.
        person: part of a member of staff's name, or the whole login.
        first: the first day that counts, in the office's time; ``last`` the last one.
        before: only entries with a lower number.
    """

    act: str = ""
    subject: str = ""
    role: str = ""
    person: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None

    def query(self, **more: object) -> str:
        """The filters as the end of an address, with its question mark where there is any."""
        days = {"from": self.first and self.first.isoformat(), "to": self.last and self.last.isoformat()}
        said = {"act": self.act, "subject": self.subject, "role": self.role, "person": self.person} | days
        left = {name: value for name, value in (said | more).items() if value}
        return f"?{urlencode(left)}" if left else ""


def wanted(query: Mapping[str, str]) -> Wanted:
    """Read an address.

    Raises:
        Refusal: ``audit.day`` or ``audit.before``, 400.
    """
    words = {name: query.get(name, "").strip()[:LONGEST] for name in FIELDS}
    before = query.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) < 16):
        raise Refusal("audit.before", "序号要写成数字。请从审计记录的第一页看起。", status=400)
    return Wanted(
        words["act"],
        words["subject"],
        words["role"],
        words["person"],
        _day(words["from"]),
        _day(words["to"]),
        int(before) if before else None,
    )


def _day(said: str) -> date | None:
    try:
        found = date.fromisoformat(said) if said else None
    except ValueError:
        found = date.min
    if found is not None and not 2000 <= found.year <= 2999:
        raise Refusal("audit.day", "日期要写成2026-03-06这样。请改好再看。", status=400)
    return found


async def _conditions(uow: UnitOfWork, asked: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.act:
        found.append(col(AuditEntry.act) == asked.act)
    if asked.role:
        found.append(col(AuditEntry.role) == asked.role)
    if asked.subject:
        subject = col(AuditEntry.subject)
        meant = subject_codes(asked.subject)
        of_kinds = [subject.startswith(f"{one}:", autoescape=True) for one in meant if ":" not in one]
        found.append(or_(subject.in_(meant), *of_kinds))
    if asked.person:
        name = col(Person.display_name).contains(asked.person, autoescape=True)
        theirs = select(col(Person.id)).where(
            or_(col(Person.login) == asked.person, name), col(Person.role).in_([role.value for role in STAFF])
        )
        found.append(col(AuditEntry.person_id).in_(list(await uow.db.scalars(theirs))))
    if asked.first:
        found.append(col(AuditEntry.at) >= _midnight(asked.first))
    if asked.last:
        found.append(col(AuditEntry.at) < _midnight(asked.last + timedelta(days=1)))
    return found


def _midnight(day: date) -> datetime:
    return as_utc(datetime.combine(day, time(), SHANGHAI))


def _newest(conditions: Sequence[ColumnElement[bool]], before: int | None) -> Select[AuditEntry]:
    query = select(AuditEntry).where(*conditions).order_by(col(AuditEntry.seq).desc())
    return query if before is None else query.where(col(AuditEntry.seq) < before)


async def filters(uow: UnitOfWork) -> tuple[Filter, ...]:
    """What the chain can be narrowed by; the acts are those that occur."""
    acts = await uow.db.scalars(select(col(AuditEntry.act)).distinct())
    return (
        Filter("act", "什么事", sorted(((one, act_label(one)) for one in acts), key=lambda pair: pair[1])),
        Filter("role", "什么身份", list(ROLES.items())),
        Filter("person", "谁，姓名或者用户名", (), typed="text"),
        Filter("subject", "对什么，例如提问12", (), typed="text"),
        Filter("from", "从哪天", (), typed="date"),
        Filter("to", "到哪天", (), typed="date"),
    )


async def page(uow: UnitOfWork, asked: Wanted, query: MultiMapping[str]) -> dict[str, Any]:
    """One page of the list, for ``audit.html``; what is older is named by its number, since the chain grows meanwhile.

    Args:
        uow: of the auditor.
        asked: what the address asks of the chain.
        query: the address, which says how it is drawn as well.
    """
    known = await filters(uow)
    listed, conditions = working_list.asked(query, COLUMNS, known), await _conditions(uow, asked)
    head = await uow.db.get(AuditHead, 1)
    entries = head.entries if head else 0
    total = entries
    if conditions:
        counted = select(func.count(col(AuditEntry.seq))).where(*conditions)
        total = int(await uow.db.scalar(counted) or 0)
    most = working_list.page_size(listed, total)
    found = list(await uow.db.scalars(_newest(conditions, asked.before).limit(most + 1)))
    shown, more = found[:most], len(found) > most
    names = await _names(uow, shown)
    drawn = working_list.drawn_page(PATH, COLUMNS, known, [_line(one, names) for one in shown], total, listed)
    here, sign = drawn["address"], "&" if "=" in drawn["address"] else ""
    return {
        "l": drawn,
        "entries": entries,
        "older": f"{here}{sign}before={shown[-1].seq}" if more else None,
        "newest": here if asked.before else None,
        "exports": [
            {"label": label, "href": f"{PATH}/export.{kind}{asked.query()}"}
            for kind, label in (("csv", "存成CSV文件"), ("jsonl", "存成JSON Lines文件"))
        ],
    }


def _line(entry: AuditEntry, names: Mapping[int, str]) -> Line:
    row = _row(entry, names)
    detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True) if entry.detail else None
    told = {name: row[name] for name in ("seq", "at", "who", "role", "act", "code", "subject")}
    return Line(
        told | {"detail": detail, "digest": entry.digest},
        url=row["href"],
        id=entry.seq,
        inside={"subject": [(row["subject"], row["same"])]},
    )


def _row(entry: AuditEntry, names: Mapping[int, str]) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "href": f"/audit/{entry.seq}",
        "at": entry.at,
        "who": names.get(entry.person_id or 0, ""),
        "role": role_label(entry.role),
        "act": act_label(entry.act),
        "code": entry.act,
        "subject": subject_label(entry.subject),
        "same": f"/audit?{urlencode({'subject': entry.subject})}",
    }


async def _names(uow: UnitOfWork, entries: Sequence[AuditEntry]) -> dict[int, str]:
    """The names of the staff who acted; a citizen has none."""
    wanted_ids = {one.person_id for one in entries if one.person_id and one.role != Role.CITIZEN.value}
    query = select(col(Person.id), col(Person.display_name)).where(col(Person.id).in_(wanted_ids))
    return {number or 0: name for number, name in await uow.db.execute(query)}


async def one(uow: UnitOfWork, seq: int) -> dict[str, Any]:
    """One entry in full, and whether it fits the one before it, for ``audit_entry.html``.

    Raises:
        Refusal: ``not_found``.
    """
    entry = await uow.db.get(AuditEntry, seq)
    if entry is None:
        raise missing("这一条记录")
    earlier = await uow.db.get(AuditEntry, seq - 1)
    last = await uow.db.scalar(select(func.max(col(AuditEntry.seq))))
    names = await _names(uow, [entry])
    return {
        "row": _row(entry, names),
        "subject": entry.subject,
        "detail": json.dumps(entry.detail, ensure_ascii=False, indent=2, sort_keys=True)
        if entry.detail
        else "",
        "previous": entry.previous,
        "digest": entry.digest,
        "sound": entry.digest == entry_digest(entry),
        "joined": entry.previous == (earlier.digest if earlier else GENESIS)
        and (earlier is not None or seq == 1),
        "earlier": f"/audit/{seq - 1}" if earlier else None,
        "later": f"/audit/{seq + 1}" if last and seq < last else None,
    }


# Files


async def exported(units: Units, actor: Actor, asked: Wanted, kind: str) -> AsyncIterator[str]:
    """All entries that fit, the oldest first, as text of a file.

    Each stretch is a reading of its own: somebody who saves slowly must not keep a connection from everybody else.
    The chain only grows, and what is written after the first reading stays out.

    Args:
        units: where the chain is.
        actor: who reads.
        asked: the filters; ``before`` is passed over.
        kind: ``csv`` as people read it, ``jsonl`` as the digests were made over it.
    """
    if kind == "csv":
        yield "\ufeff" + _csv(HEADINGS)
    async for found, names in _stretches(units, actor, asked):
        yield "".join(_as_line(one, names) if kind == "csv" else _as_json(one) for one in found)


async def sheet(units: Units, actor: Actor, asked: Wanted) -> AsyncIterator[list[Line]]:
    """The same as lines of the list, for an Excel file."""
    async for found, names in _stretches(units, actor, asked):
        yield [_line(one, names) for one in found]


async def _stretches(
    units: Units, actor: Actor, asked: Wanted
) -> AsyncIterator[tuple[list[AuditEntry], Mapping[int, str]]]:
    """The entries that fit, the oldest first, some at a time, with the names of who acted."""
    async with units.read(actor) as uow:
        conditions = await _conditions(uow, asked)
        last = await uow.db.scalar(select(func.max(col(AuditEntry.seq)))) or 0
    after = 0
    while True:
        fits = (*conditions, col(AuditEntry.seq) > after, col(AuditEntry.seq) <= last)
        query = select(AuditEntry).where(*fits).order_by(col(AuditEntry.seq)).limit(CHUNK)
        async with units.read(actor) as uow:
            found = list(await uow.db.scalars(query))
            names = await _names(uow, found)
        if not found:
            return
        yield found, names
        after = found[-1].seq


def _as_line(entry: AuditEntry, names: Mapping[int, str]) -> str:
    row = _row(entry, names)
    detail = json.dumps(entry.detail, ensure_ascii=False, sort_keys=True)
    told = (
        row["who"],
        row["role"],
        row["act"],
        entry.act,
        entry.subject,
        detail,
        entry.previous,
        entry.digest,
    )
    return _csv((str(entry.seq), shanghai_iso(entry.at), *told))


def _csv(cells: Sequence[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def _as_json(entry: AuditEntry) -> str:
    """The content that was hashed, and the digest: whoever has the file can compute it again."""
    return json.dumps(entry_content(entry) | {"digest": entry.digest}, ensure_ascii=False) + "\n"
