"""Regulations as data: one file per city's rule, read, checked and remembered.

Adding a city is adding a file here or naming one by its path; no Python changes. The articles are in our own
words. A rule cites its article, and an article that nothing carries out says why not (``not_modelled``).
"""

import functools
from datetime import date
from pathlib import Path

from base.errors import Refusal
from interviews.law.checks import faults
from interviews.law.models import Article, DaysOff, DutyRule, Gate, Regulation, Unit
from interviews.law.reading import bad, line_of, read

__all__ = [
    "DEFAULT",
    "Article",
    "DaysOff",
    "DutyRule",
    "Gate",
    "Regulation",
    "Unit",
    "available",
    "in_force",
    "load",
    "parse",
]

DEFAULT = "shili"
"""The example city's rule."""

_HERE = Path(__file__).parent


@functools.cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _HERE.glob("*.yaml")))


def available() -> list[str]:
    """The ids of the rules that come with the product, in order."""
    return list(_names())


def parse(content: bytes, name: str) -> Regulation:
    """A rule from the bytes of its file.

    Raises:
        Refusal: ``regulation.file``; names the line of what is wrong.
    """
    regulation, lines = read(content, name)
    for place, what in faults(regulation):
        raise bad(name, line_of(lines, place), what)
    return regulation


@functools.cache
def _shipped(name: str) -> Regulation:
    regulation = parse((_HERE / f"{name}.yaml").read_bytes(), f"{name}.yaml")
    if regulation.id != name:
        raise bad(f"{name}.yaml", None, f"id是“{regulation.id}”，要和文件名一样")
    return regulation


def load(id_or_path: str | Path = DEFAULT) -> Regulation:
    """A rule by its id, or by the path of its file.

    Raises:
        Refusal: ``regulation.unknown`` when there is neither; ``regulation.file`` when the file is wrong.
    """
    wanted = str(id_or_path)
    if wanted in available():
        return _shipped(wanted)
    path = Path(wanted)
    try:
        return parse(path.read_bytes(), path.name)
    except (OSError, ValueError):
        known = "、".join(available())
        raise Refusal(
            "regulation.unknown",
            f"没有找到规定“{wanted}”。请写规定文件的位置，或者写已有的编号：{known}。",
            status=400,
        ) from None


def in_force(city: str, day: date) -> Regulation:
    """The rule of a city as it stood on a day: an old interview keeps the rule of its day.

    Raises:
        Refusal: ``regulation.not_in_force`` when the city has no rule for that day.
    """
    for name in available():
        regulation = _shipped(name)
        if regulation.city == city and regulation.in_force(day):
            return regulation
    raise Refusal(
        "regulation.not_in_force",
        f"{city}在{day.year}年{day.month}月{day.day}日没有施行中的规定。请核对日期，或者补上那时的规定文件。",
        status=400,
    )
