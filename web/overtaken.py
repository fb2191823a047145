"""Two people who change the same thing at once: the second sees what the first has written, and nothing typed is lost.

A form that changes something carries a short mark of each value that it was drawn with. Where a value is another by the
time the form comes, it is not written over unseen: the page is drawn again with what was typed, a sentence tells what
stands there now, and the next press, made knowing that, goes through.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal
from interviews import access
from interviews.models import Guest, Interview
from web.filters import stamp
from web.forms import Typed

PREFIX = "seen."
_SHOWN = 200
"""Characters of what somebody else wrote that the sentence quotes; the page shows the rest."""


def mark(value: object) -> str:
    """What a form carries of a value; line ends, which browsers change, and outer blanks do not count."""
    plain = "\n".join(line.rstrip() for line in str(value or "").strip().splitlines())
    return hashlib.sha256(plain.encode()).hexdigest()[:16]


def check(typed: Typed, now: Mapping[str, tuple[str, str]], wanted: Mapping[str, str] | None = None) -> None:
    """Refuse a form that was drawn before somebody else changed what it changes.

    Args:
        typed: the form's fields with their marks; one without marks, from a program, is taken as it is.
        now: field to its label and what stands there now, in the words of the mark.
        wanted: what the form asks for in the same words, where that is not the field as it was typed: a choice by
            its label, several ticks as one text.

    Raises:
        Refusal: ``form.overtaken``; says which fields are others now and what they say.
    """
    asked = typed | dict(wanted or {})
    changed = [
        f"“{label}”现在是：{value[:_SHOWN] or '空的'}"
        for name, (label, value) in now.items()
        if typed.get(PREFIX + name) not in (None, mark(value)) and mark(asked.get(name)) != mark(value)
    ]
    if changed:
        message = f"您打开以后，别人改过。{'；'.join(changed)}。您写的还在下面，看过再存就存下您的。"
        raise Refusal("form.overtaken", message)


Reader = Callable[[UnitOfWork, int], Awaitable[dict[str, tuple[str, str]]]]


async def _content(uow: UnitOfWork, interview_id: int) -> dict[str, tuple[str, str]]:
    found = await access.acting_interview(uow, interview_id, lock=None)
    return {"theme": ("题目", found.theme), "text": ("内容", found.content or "")}


async def _venue(uow: UnitOfWork, interview_id: int) -> dict[str, tuple[str, str]]:
    found = await access.acting_interview(uow, interview_id, lock=None)
    return {"venue": ("地点", found.venue or "")}


async def _guests(uow: UnitOfWork, interview_id: int) -> dict[str, tuple[str, str]]:
    await access.acting_interview(uow, interview_id, lock=None)
    query = select(Guest).where(col(Guest.interview_id) == interview_id).order_by(col(Guest.id))
    listed = "\n".join(f"{one.name}，{one.post}" for one in await uow.db.scalars(query))
    return {"guests": ("参加人员", listed)}


async def _plan(uow: UnitOfWork, interview_id: int) -> dict[str, tuple[str, str]]:
    found = await access.acting_interview(uow, interview_id, lock=None)
    return {f"plan-{interview_id}": ("这一场", planned(found))}


def planned(interview: Interview) -> str:
    """When an interview is and what about: what a change of the plan was drawn with."""
    return f"{interview.theme}，{stamp(interview.starts_at)}到{stamp(interview.ends_at)}"


_COMMANDS: dict[str, Reader] = {
    "content.tell": _content,
    "venue.tell": _venue,
    "guests.tell": _guests,
    "interview.change": _plan,
}


async def check_command(uow: UnitOfWork, name: str, typed: Typed) -> None:
    """The same for a command that comes by form.

    Raises:
        Refusal: ``form.overtaken``; or that the interview is not the actor's.
    """
    reader, number = _COMMANDS.get(name), str(typed.get("interview", ""))
    if reader is None or not any(key.startswith(PREFIX) for key in typed):
        return
    if number.isascii() and number.isdecimal() and len(number) < 10:
        check(typed, await reader(uow, int(number)))


def marks(now: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The hidden fields of a form: name and mark of each value that it is drawn with."""
    return [(PREFIX + name, mark(value)) for name, value in now.items()]
