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
                    "fixed": FIXED.get((kind, way)),
                    "shown": way is Way.PAGE,
                    "chosen": typed.get(field(kind, way)) or wishes.allowed(kind, way).value,
                }
                for way in Way
            ],
        }
        for kind in Kind
    ]


def drawn(wishes: Wishes) -> dict[str, str]:
    """What the office's form is drawn with: field to what is allowed, in words."""
    return {
        field(kind, way): telling.ALLOWED_LABELS[wishes.allowed(kind, way)]
        for kind in Kind
        for way in Way
        if (kind, way) not in FIXED
    }


def chosen_words(typed: Mapping[str, Any]) -> dict[str, str]:
    """What was chosen on that form, in the same words."""
    return {field(*pair): telling.ALLOWED_LABELS[chosen] for pair, chosen in rules_typed(typed).items()}


def field_labels() -> dict[str, str]:
    """What each field is called where somebody else changed it."""
    return {
        field(kind, way): f"{telling.LABELS[kind]}，{telling.WAY_LABELS[way]}" for kind in Kind for way in Way
    }


def always() -> list[dict[str, str]]:
    """For ``office_notifications.html``: what goes out and is nobody's choice, with why."""
    return [{"label": label, "why": why} for label, why in telling.ALWAYS.values()]


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
