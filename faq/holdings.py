"""What is known of each published thing beside its words, in flat columns: to filter, to count, to put in order. Pure.

A thing's place in the columns is its key in the index, so a filter is one comparison of a column for all.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from faq import terms

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.int64]

_NEVER = np.iinfo(np.int32).max
EXACT = 3
"""Strings of a thing that find it before anything else: 索引号, document number, title."""

_LOOSE = re.compile(r"[\s\[\](){}〔〕【】<>《》\"'“”‘’.,。,、:：;；?!-]+")
_DOCUMENT_NO = re.compile(r"([\u4e00-\u9fff]{1,12})([〔\[(【]\d{4}[〕\])】]第?\d{1,5}号)")


class Kind(StrEnum):
    """What a thing is."""

    ENTRY = "entry"
    QUESTION = "question"
    ANSWER = "answer"
    INTERVIEW = "interview"


KINDS = tuple(Kind)


class Order(StrEnum):
    """How results stand."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"
    VIEWS = "views"


@dataclass(frozen=True)
class Held:
    """What is known of one thing.

    Attributes:
        kind: what it is.
        row: number of its row in the database.
        day: of publication, by the office's clock.
        issuer: the body it is from.
        category: an entry's class, else empty.
        openness: an entry's 公开属性, else empty.
        in_force: false only for an entry that is not.
        repealed_on: the first day without force.
        exact: up to :data:`EXACT` strings that find it first.
    """

    kind: Kind
    row: int
    day: date | None
    issuer: str = ""
    category: str = ""
    openness: str = ""
    in_force: bool = True
    repealed_on: date | None = None
    exact: tuple[str, ...] = ()

    @property
    def key(self) -> int:
        """A number for kind and row together."""
        return self.row * len(KINDS) + KINDS.index(self.kind)


@dataclass(frozen=True)
class Filter:
    """What results are narrowed to; None and empty narrow nothing."""

    kind: Kind | None = None
    classes: frozenset[str] | None = None
    since: date | None = None
    until: date | None = None
    issuer: str = ""
    year: int | None = None
    openness: str = ""
    in_force: bool | None = None


class Facet(StrEnum):
    """By what results are counted."""

    KIND = "kind"
    CLASS = "class"
    ISSUER = "issuer"
    YEAR = "year"
    OPENNESS = "openness"
    IN_FORCE = "in_force"
    DATES = "dates"


Counts = dict[Facet, dict[str, int]]


class _Names:
    """Strings that recur, as small numbers."""

    def __init__(self) -> None:
        self.names = [""]
        self._codes = {"": 0}

    def code(self, name: str) -> int:
        if name not in self._codes:
            self._codes[name] = len(self.names)
            self.names.append(name)
        return self._codes[name]

    def find(self, name: str) -> int:
        return self._codes.get(name, -1)


class Holdings:
    """The columns. Not for two threads at once."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}
        self._issuers, self._classes, self._openness = _Names(), _Names(), _Names()
        self._columns = _empty(1024)

    def __len__(self) -> int:
        """How many places there are, empty ones included."""
        return len(self._places)

    def place(self, key: int) -> int | None:
        """The place of a thing that was put in once, taken out or not."""
        return self._places.get(key)

    def put(self, held: Held) -> int:
        """Takes a thing in, or what is known of it anew; its place, the same for good."""
        place = self._places.setdefault(held.key, len(self._places))
        columns = self._columns
        if place >= len(columns["key"]):
            more = _empty(len(columns["key"]))
            columns = self._columns = {
                name: np.concatenate((column, more[name])) for name, column in columns.items()
            }
        day = held.day.toordinal() if held.day else 0
        repealed = held.repealed_on.toordinal() if held.repealed_on else _NEVER
        columns["key"][place], columns["alive"][place] = held.key, True
        columns["kind"][place], columns["day"][place] = KINDS.index(held.kind), day
        columns["year"][place] = held.day.year if held.day else 0
        columns["issuer"][place] = self._issuers.code(held.issuer)
        columns["class"][place] = self._classes.code(held.category)
        columns["openness"][place] = self._openness.code(held.openness)
        columns["repealed"][place] = repealed if held.in_force else 0
        columns["exact"][place] = 0
        for which, text in enumerate(held.exact[:EXACT]):
            columns["exact"][place, which] = _digest(text)
        return place

    def take_out(self, key: int) -> int | None:
        """Takes a thing out; the place where it was, None where it never was."""
        place = self._places.get(key)
        if place is not None:
            self._columns["alive"][place] = False
        return place

    def alive(self) -> Mask:
        """Which places hold something."""
        return self._column("alive")

    def in_force(self, today: date) -> Mask:
        """Which hold good on a day."""
        good: Mask = self._column("repealed") > today.toordinal()
        return good

    def keys(self, places: Places) -> list[int]:
        """The keys of some places."""
        return [int(key) for key in self._column("key")[places]]

    def exactly(self, text: str) -> Places:
        """Places of what is called or numbered just so, or by a document number that stands in the text."""
        plain = terms.normalise(text)
        numbered = _DOCUMENT_NO.findall(plain)
        wanted = [plain, *(name[at:] + rest for name, rest in numbered for at in range(len(name)))]
        digests = np.array([digest for one in wanted if (digest := _digest(one))], np.uint64)
        if not len(digests):
            return np.zeros(0, np.int64)
        found = np.isin(self._column("exact"), digests).any(axis=1) & self.alive()
        return np.flatnonzero(found)

    def days(self, places: Places) -> npt.NDArray[np.int32]:
        """Ordinals of the days of some places; 0 without one."""
        days: npt.NDArray[np.int32] = self._column("day")[places]
        return days

    def passing(self, wanted: Filter, today: date) -> Mask:
        """Places that pass a filter."""
        left = self.alive().copy()
        for mask in self._masks(wanted, today).values():
            left &= mask
        return left

    def counts(self, wanted: Filter, among: Mask, today: date) -> Counts:
        """How many of some places there are by each facet, the filter by that facet itself left aside."""
        masks = self._masks(wanted, today)
        return {facet: self._count(facet, masks, among, today) for facet in Facet if facet != Facet.DATES}

    def _masks(self, wanted: Filter, today: date) -> dict[Facet, Mask]:
        masks: dict[Facet, Mask] = {}
        if wanted.kind is not None:
            masks[Facet.KIND] = self._column("kind") == KINDS.index(wanted.kind)
        if wanted.classes is not None:
            codes = [self._classes.find(name) for name in wanted.classes]
            masks[Facet.CLASS] = np.isin(self._column("class"), codes)
        if wanted.issuer:
            masks[Facet.ISSUER] = self._column("issuer") == self._issuers.find(wanted.issuer)
        if wanted.year is not None:
            masks[Facet.YEAR] = self._column("year") == wanted.year
        if wanted.openness:
            masks[Facet.OPENNESS] = self._column("openness") == self._openness.find(wanted.openness)
        if wanted.in_force is not None:
            masks[Facet.IN_FORCE] = self.in_force(today) == wanted.in_force
        if wanted.since is not None or wanted.until is not None:
            day = self._column("day")
            first = wanted.since.toordinal() if wanted.since else 1
            last = wanted.until.toordinal() if wanted.until else _NEVER
            masks[Facet.DATES] = (day >= first) & (day <= last)
        return masks

    def _count(self, facet: Facet, masks: Mapping[Facet, Mask], among: Mask, today: date) -> dict[str, int]:
        left = among & self.alive()
        for other, mask in masks.items():
            if other != facet:
                left = left & mask
        if facet == Facet.IN_FORCE:
            good = int((left & self.in_force(today)).sum())
            return {"yes": good, "no": int(left.sum()) - good}
        counted = np.bincount(self._column(facet.value)[left])
        named = {self._label(facet, int(code)): int(counted[code]) for code in np.flatnonzero(counted)}
        return {name: count for name, count in named.items() if name not in ("", "0")}

    def _label(self, facet: Facet, code: int) -> str:
        if facet == Facet.KIND:
            return str(KINDS[code])
        names = {Facet.CLASS: self._classes, Facet.ISSUER: self._issuers, Facet.OPENNESS: self._openness}
        return names[facet].names[code] if facet in names else str(code)

    def _column(self, name: str) -> npt.NDArray[Any]:
        return self._columns[name][: len(self._places)]

    @property
    def nbytes(self) -> int:
        """Bytes of the columns."""
        return sum(column.nbytes for column in self._columns.values())


def of_key(key: int) -> tuple[Kind, int]:
    """Kind and row of a key."""
    return KINDS[key % len(KINDS)], key // len(KINDS)


def by_kind(keys: Iterable[int]) -> dict[Kind, list[int]]:
    """The rows behind some keys."""
    found: dict[Kind, list[int]] = {kind: [] for kind in KINDS}
    for key in keys:
        kind, row = of_key(key)
        found[kind].append(row)
    return found


def _empty(size: int) -> dict[str, npt.NDArray[Any]]:
    return {
        "key": np.zeros(size, np.int64),
        "alive": np.zeros(size, np.bool_),
        "kind": np.zeros(size, np.uint8),
        "day": np.zeros(size, np.int32),
        "year": np.zeros(size, np.int16),
        "issuer": np.zeros(size, np.int32),
        "class": np.zeros(size, np.int32),
        "openness": np.zeros(size, np.int32),
        "repealed": np.full(size, _NEVER, np.int32),
        "exact": np.zeros((size, EXACT), np.uint64),
    }


def _digest(text: str) -> int:
    """A number for a name or number, whatever brackets and spaces it is written with; 0 for an empty one."""
    plain = _LOOSE.sub("", terms.normalise(text))
    if not plain:
        return 0
    hashed = hashlib.blake2b(plain.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(hashed, "big") or 1
