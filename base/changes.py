"""The base of everything that is recorded and told to an audience."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Change:
    """Something that happened in one unit of work; each room derives its own kinds.

    A change carries every value its audiences need, so that turning it into stream rows reads nothing.
    """


@dataclass(frozen=True)
class Recorded:
    """A change with the instant at which it happened."""

    at: datetime
    change: Change
