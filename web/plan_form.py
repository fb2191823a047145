"""The planning form between two pages: who leads, what is missing, a day pressed in the calendar, what is in the way."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from base.clock import SHANGHAI, as_utc
from base.db import UnitOfWork
from interviews import bookings, law, plans, programme
from interviews.texts import THEME_LIMIT
from web import forms
from web.forms import Typed, Unreadable
from web.plan_days import PATH, START

COMMAND, CHANGE = "interview.schedule", "interview.change"
_NEEDED = {"theme": "题目", "starts_at": "开始", "ends_at": "结束", "respondents": "答复单位"}
_CARRIED = ("theme", "starts_at", "ends_at", "lead", "host", "venue")
_LONGEST = 5 * THEME_LIMIT
"""So much of a line goes into an address; more is refused in any case."""
_MOST = 60
"""So many bodies may be ticked in an address."""


def lead_first(typed: Typed) -> Typed:
    """What was typed with the body that leads before the others; whoever was chosen to lead answers."""
    lead, ticked = str(typed.get("lead", "")), _ticked(typed)
    return typed | {"respondents": [lead, *(one for one in ticked if one != lead)]} if lead else typed


def _ticked(typed: Mapping[str, Any]) -> list[str]:
    found = typed.get("respondents", [])
    return [str(one) for one in (found if isinstance(found, list) else [found]) if str(one)]


def check_whole(typed: Typed) -> None:
    """Whether everything is there that an interview needs.

    Raises:
        Unreadable: names every field that is empty, each beside its field too.
    """
    empty = [name for name in _NEEDED if not any(str(one).strip() for one in _values(typed, name))]
    if empty:
        said = "、".join(_NEEDED[name] for name in empty)
        errors = {name: forms.WORDS[name] for name in empty}
        raise Unreadable(errors, f"还有{len(empty)}处没有填：{said}。")


def _values(typed: Typed, name: str) -> list[Any]:
    found = typed.get(name, "")
    return found if isinstance(found, list) else [found]


def filled(query: Mapping[str, str], ticked: list[str]) -> Typed:
    """What an address says of the form's fields."""
    found: Typed = {name: query[name][:_LONGEST] for name in _CARRIED if query.get(name)}
    return found | ({"respondents": ticked[:_MOST]} if ticked else {})


def address(typed: Typed) -> str:
    """The form with everything that is typed, and the month or the day that was pressed in its calendar."""
    day = _day(str(typed.get("day", "")))
    kept = typed | (on_day(typed, day) if day else {})
    asked = [(name, str(kept[name])[:_LONGEST]) for name in _CARRIED if str(kept.get(name, "")).strip()]
    asked += [("respondents", one[:9]) for one in _ticked(kept)[:_MOST]]
    if typed.get("month"):
        asked.append(("month", str(typed["month"])[:7]))
    return f"{PATH}?{urlencode(asked)}#{'h-form' if day else 'h-pick'}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def on_day(typed: Mapping[str, Any], day: date) -> dict[str, str]:
    """Start and end on another day: at the time and as long as they were typed, else as the rule's longest."""
    start, end = _moment(typed.get("starts_at")), _moment(typed.get("ends_at"))
    length = timedelta(minutes=law.load().length.max_minutes)
    if start is not None and end is not None and end > start:
        length = end - start
    begins = datetime.combine(day, start.time() if start is not None else START, SHANGHAI)
    return {"starts_at": f"{begins:%Y-%m-%dT%H:%M}", "ends_at": f"{begins + length:%Y-%m-%dT%H:%M}"}


def _moment(value: object) -> datetime | None:
    """A time as the form sends it; anything else is none."""
    try:
        found = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return None
    local = found if found.tzinfo else found.replace(tzinfo=SHANGHAI)
    return local if forms.FIRST_YEAR <= local.year <= forms.LAST_YEAR else None


async def check_possible(uow: UnitOfWork, command: str, sent: Mapping[str, Any]) -> None:
    """Refuse what nobody means who fills in a form: a day that is over, a copy, a host or a body that is elsewhere.

    A program that carries an older system over may send such, as a plan's file may hold what was held before.

    Args:
        uow: reads the programme.
        command: what the form is for; of others nothing is asked.
        sent: the command's fields.

    Raises:
        Refusal: ``schedule.past``; as ``bookings.check_free``.
    """
    start, end = _moment(sent.get("starts_at")), _moment(sent.get("ends_at"))
    if command == COMMAND and start is not None and end is not None:
        programme.check_to_come(uow, start)
        await bookings.check_free(uow, _wanted(sent, start, end))
    elif command == CHANGE and isinstance(sent.get("interview"), int):
        await plans.check_free(uow, sent["interview"], start, end)


def _wanted(typed: Mapping[str, Any], start: datetime, end: datetime) -> bookings.Booking:
    bodies = frozenset(int(one) for one in _ticked(typed) if _is_number(one))
    host = str(typed.get("host", ""))
    host_id = int(host) if _is_number(host) else None
    return bookings.Booking("", str(typed.get("theme", "")), as_utc(start), as_utc(end), bodies, host_id)


async def in_the_way(uow: UnitOfWork, typed: Typed) -> list[dict[str, Any]]:
    """The interviews with which what is typed would collide, each with its page."""
    start, end = _moment(typed.get("starts_at")), _moment(typed.get("ends_at"))
    if start is None or end is None:
        return []
    wanted = _wanted(typed, start, end)
    near = await bookings.between(uow, wanted.day, end.date(), held=True)
    return [
        {"label": one.label, "href": f"/office/interviews/{one.interview_id}"}
        for one in near
        if bookings.collisions(wanted, one) or bookings.is_copy(wanted, one)
    ]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
