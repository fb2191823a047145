"""What the office allows and what a person chose, as the pages show and send it: one row a kind, one field a way."""

from collections.abc import Mapping
from typing import Any

from base.people import Role
from interviews import telling
from interviews.telling import FIXED, Allowed, Kind, Pair, Way, Wishes


def field(kind: Kind, way: Way) -> str:
    """A field's name, such as ``reminder.mail``."""
    return f"{kind}.{way}"


def rules(wishes: Wishes, typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For ``office_notifications.html``: each kind with its ways, what was typed before what holds."""
    return [
        {
            "label": telling.LABELS[kind],
            "ways": [
                {
                    "name": field(kind, way),
                    "label": telling.WAY_LABELS[way],
                    "fixed": (kind, way) in FIXED,
                    "chosen": typed.get(field(kind, way)) or wishes.allowed(kind, way).value,
                }
                for way in Way
            ],
        }
        for kind in Kind
    ]


def rules_typed(typed: Mapping[str, Any]) -> dict[Pair, Allowed]:
    """What the office's form says; fields that are none are passed over."""
    known = {one.value: one for one in Allowed}
    return {
        (kind, way): known[str(typed[field(kind, way)])]
        for kind in Kind
        for way in Way
        if str(typed.get(field(kind, way), "")) in known
    }


def choices(wishes: Wishes, role: Role, person_id: int, typed: Mapping[str, Any]) -> list[dict[str, Any]]:
    """For ``account.html``: each kind that reaches the role, with the ways there are and whether one may choose."""
    sent = choices_typed(typed)
    rows = []
    for kind in telling.kinds_of(role):
        ways = [
            {
                "name": field(kind, way),
                "label": telling.WAY_LABELS[way],
                "on": sent.get((kind, way), wishes.wants(person_id, kind, way)),
                "free": wishes.allowed(kind, way) is Allowed.FREE,
            }
            for way in Way
            if wishes.allowed(kind, way) is not Allowed.OFF and (kind, way) != (Kind.CALENDAR, Way.PAGE)
        ]
        rows.append({"label": telling.LABELS[kind], "ways": ways})
    return rows


def choices_typed(typed: Mapping[str, Any]) -> dict[Pair, bool]:
    """What a person's form says: a box that was shown and is not ticked comes as its ``shown.`` field alone."""
    return {
        (kind, way): field(kind, way) in typed
        for kind in Kind
        for way in Way
        if f"shown.{field(kind, way)}" in typed
    }
