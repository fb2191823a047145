"""The office's wording of notices as its pages show it: the kinds, one kind with its places, preview and versions."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.clock import SHANGHAI, as_utc
from base.db import UnitOfWork
from base.people import Body, Person
from interviews import law, wording
from interviews.deadlines import in_words
from interviews.models import Duty, Interview, Respondent
from interviews.wording_kinds import TEMPLATES

PATH = "/office/wordings"
OFFERED = 30
"""Interviews to look at a notice with, the newest first."""


async def kinds(uow: UnitOfWork) -> dict[str, Any]:
    """For ``office_wordings.html``."""
    now = await wording.words_now(uow)
    rows = [
        {
            "label": one.label,
            "href": f"{PATH}/{kind}",
            "printed": one.printed,
            "own": now[kind] != wording.standard(kind),
            "subject": now[kind].subject,
            "text": now[kind].text,
        }
        for kind, one in TEMPLATES.items()
    ]
    return {
        "groups": [
            ("邮件", [r for r in rows if not r["printed"]]),
            ("打印的通知", [r for r in rows if r["printed"]]),
        ]
    }


async def one(uow: UnitOfWork, kind: str, typed: Mapping[str, Any], *, preview: bool) -> dict[str, Any]:
    """For ``office_wording.html``.

    Args:
        uow: a reading unit of work.
        kind: of ``TEMPLATES``.
        typed: what was sent, empty on a fresh page: ``subject``, ``text``, and ``interview`` to look at it with.
        preview: whether what was typed can be filled in; what was refused cannot.

    Raises:
        Refusal: ``not_found``.
    """
    template = wording.template_of(kind)
    now, usual = (await wording.words_now(uow))[kind], wording.standard(kind)
    kept = await wording.versions(uow, kind)
    offered = list(
        await uow.db.scalars(
            select(Interview)
            .where(col(Interview.rehearsal).is_(False))
            .order_by(col(Interview.starts_at).desc())
            .limit(OFFERED)
        )
    )
    asked = str(typed.get("interview", ""))
    chosen = next((one for one in offered if str(one.id) == asked), offered[0] if offered else None)
    values = {name: place.example for name, place in template.places.items()}
    values |= await _of(uow, chosen) if chosen else {}
    text = str(typed["text"]) if preview and typed.get("text") else now.text
    subject = str(typed["subject"]) if preview and typed.get("subject") else now.subject
    names = await _names(uow, [row.person_id for row in kept])
    return {
        "kind": kind,
        "label": template.label,
        "printed": template.printed,
        "text": now.text,
        "subject": now.subject,
        "standard": usual,
        "own": now != usual,
        "places": [
            {
                "name": name,
                "meaning": place.meaning,
                "required": name in template.required,
                "inside": place.inside and not template.printed,
            }
            for name, place in template.places.items()
        ],
        "preview": wording.filled(text, values).split("\n"),
        "preview_subject": wording.filled_subject(kind, subject, values) if subject else "",
        "interviews": [(one.id, one.theme) for one in offered],
        "chosen": chosen.id if chosen else None,
        "version": kept[0].version if kept else 0,
        "versions": [
            {
                "no": row.version,
                "at": row.at,
                "by": names.get(row.person_id or 0, ""),
                "text": row.text,
                "subject": row.subject,
            }
            for row in kept
        ],
        "path": PATH,
    }


async def _names(uow: UnitOfWork, people: list[int | None]) -> dict[int, str]:
    query = select(col(Person.id), col(Person.display_name)).where(
        col(Person.id).in_({one or 0 for one in people})
    )
    return {number or 0: name for number, name in await uow.db.execute(query)}


async def _of(uow: UnitOfWork, found: Interview) -> dict[str, str]:
    """What a real interview gives for the places of every kind."""
    bodies = (
        select(col(Body.name))
        .join(Respondent, col(Respondent.body_id) == col(Body.id))
        .where(col(Respondent.interview_id) == found.id)
    )
    names = list(await uow.db.scalars(bodies))
    duties = select(Duty).where(col(Duty.interview_id) == found.id).order_by(col(Duty.id))
    duty = (await uow.db.scalars(duties.limit(1))).first()
    number = f"第{found.ordinal}场" if found.ordinal else ""
    regulation = law.load(found.regulation).name
    given = {
        "theme": found.theme,
        "name": f"{number}网上访谈“{found.theme}”",
        "time": _time(found.starts_at, found.ends_at),
        "you": "你单位" if len(names) == 1 else "你们",
        "title": f"关于“{found.theme}”网上访谈情况的汇总报告",
    }
    if found.venue:
        given["venue"] = found.venue
    if duty is not None:
        given["rule"] = f"根据《{regulation}》{duty.article}，"
        given["notice"] = f"《{found.theme}》：{duty.title}，最迟{in_words(duty.due)}（{duty.article}）。"
    return given


def _time(starts_at: datetime, ends_at: datetime) -> str:
    start, end = (as_utc(one).astimezone(SHANGHAI) for one in (starts_at, ends_at))
    return f"{in_words(start.date())}{start:%H:%M}—{end:%H:%M}"
