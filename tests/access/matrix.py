"""The access matrix, read from ``matrix.yaml``: who gets in where, and what everybody else is told. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

IN, LOGIN, FORBIDDEN, MISSING = "in", "login", "forbidden", "missing"
STRANGERS = frozenset({"anyone", "asker", "citizen"})
SIBLINGS = {"citizen": "asker"}
"""Who finds nothing where the other gets in; ``other_…`` beside its own party needs no mention."""

_LINE = re.compile(r"(?P<method>[A-Z]+) (?P<path>/\S*?)(?:; (?P<who>strangers|staff) (?P<told>[a-z]+))?")
_PLACE = re.compile(r"{(\w+)=([^}]*)}")


@dataclass(frozen=True)
class Door:
    """One route, opened in one way, and what it is to every party.

    Attributes:
        method: of HTTP.
        pattern: as the router names it, ``/interviews/{id}``.
        path: the same with the stage's names in it, ``/interviews/{id=live}``.
        told: party to outcome.
    """

    method: str
    pattern: str
    path: str
    told: Mapping[str, str]

    def address(self, names: Mapping[str, str]) -> str:
        """The address to knock at, with the stage's names replaced."""

        def put(place: re.Match[str]) -> str:
            return ":".join(names.get(word, word) for word in place[2].split(":"))

        return _PLACE.sub(put, self.path)

    @property
    def named(self) -> set[str]:
        """The words that stand in the places of the path."""
        return {word for place in _PLACE.finditer(self.path) for word in place[2].split(":")}


@dataclass(frozen=True)
class Matrix:
    """All cells: ``parties`` to their roles, ``doors``, and per command what it is to every party."""

    parties: Mapping[str, str]
    doors: tuple[Door, ...]
    commands: Mapping[str, Mapping[str, str]]


@cache
def read() -> Matrix:
    """The matrix of the file.

    Raises:
        ValueError: a line that is none, an unknown party, something listed twice.
    """
    found = yaml.safe_load(Path(__file__).with_name("matrix.yaml").read_text(encoding="utf-8"))
    parties: dict[str, str] = found["parties"]
    doors = tuple(
        _door(line, _several(who, found, parties), parties)
        for who, lines in found["routes"].items()
        for line in lines
    )
    commands: dict[str, Mapping[str, str]] = {}
    for who, names in found["commands"].items():
        for name in names.split():
            if name in commands:
                raise ValueError(f"{name} is listed twice")
            commands[name] = _of_command(_several(who, found, parties), parties)
    if len({(door.method, door.path) for door in doors}) != len(doors):
        raise ValueError("a route is listed twice")
    return Matrix(parties, doors, commands)


def _several(who: str, found: Mapping[str, Any], parties: Mapping[str, str]) -> set[str]:
    """The parties that a heading names, by themselves or as groups."""
    named = {party for word in who.split() for party in found["groups"].get(word, word).split()}
    if strange := named - set(parties):
        raise ValueError(f"no such party: {sorted(strange)}")
    return named


def _door(line: str, let_in: set[str], parties: Mapping[str, str]) -> Door:
    read_as = _LINE.fullmatch(line)
    if read_as is None:
        raise ValueError(f"not a route: {line}")
    strangers, staff = LOGIN, MISSING
    if read_as["who"] == "strangers":
        strangers = read_as["told"]
    elif read_as["who"] == "staff":
        staff = read_as["told"]
    told = {party: IN if party in let_in else strangers if party in STRANGERS else staff for party in parties}
    return Door(read_as["method"], _PLACE.sub(r"{\1}", read_as["path"]), read_as["path"], told)


def _of_command(let_in: set[str], parties: Mapping[str, str]) -> dict[str, str]:
    def told(party: str) -> str:
        if party in let_in:
            return IN
        if party == "anyone":
            return LOGIN
        own = SIBLINGS.get(party) or party.removeprefix("other_")
        return MISSING if own != party and own in let_in else FORBIDDEN

    return {party: told(party) for party in parties}
