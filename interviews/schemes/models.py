"""What a scheme's file may say. Points are decimals: 0.5 taken off three times is 1.5, not nearly."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1)]
Points = Annotated[Decimal, Field(ge=0, le=1000)]
HALVES = 2


class Find(StrEnum):
    """What the record can prove of a body by itself."""

    LATE = "late"
    """A duty that was done after its last day."""
    UNDONE = "undone"
    """A duty whose last day is over and that is not done."""


class PartKind(StrEnum):
    """Where a part's score comes from."""

    DEDUCTIONS = "deductions"
    """The base less what is taken off for each problem found."""
    HALVES = "halves"
    """The mean of two half-yearly self-assessments, as checked."""
    ENTERED = "entered"
    """A number that somebody outside gives, such as a third party."""


class Frozen(BaseModel):
    """Nothing of a scheme changes once it is read, and nothing it does not know slips in."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Deduction(Frozen):
    """One thing for which points are taken off.

    Attributes:
        id: its name for programs.
        text: what it is.
        points: taken off for each problem.
        by: who provides it, where the scheme says so.
        duties: the rules' duties whose lateness proves it; empty where only people can find it.
        finds: which lateness counts.
    """

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    text: Text
    points: Points
    by: Text | None = None
    duties: tuple[str, ...] = ()
    finds: tuple[Find, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Deduction":
        if bool(self.duties) != bool(self.finds):
            raise ValueError("duties和finds要么都写，要么都不写")
        return self


class Part(Frozen):
    """One part of the score with its weight; ``due`` are the last days (``MM-DD``) of the two halves."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Text
    kind: PartKind
    weight: Annotated[Decimal, Field(gt=0, le=1)]
    items: tuple[Deduction, ...] = ()
    due: tuple[Annotated[str, Field(pattern=r"^\d\d-\d\d$")], ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Part":
        if bool(self.items) != (self.kind is PartKind.DEDUCTIONS):
            raise ValueError("只有扣分的部分写items，而且要写")
        if len(self.due) != (HALVES if self.kind is PartKind.HALVES else 0):
            raise ValueError("只有每半年自查的部分写due，写上半年和下半年两个日子")
        return self


class Grade(Frozen):
    """A grade and the least score that earns it."""

    title: Text
    least: Points


class Scheme(Frozen):
    """A whole scheme; ``parts`` weigh one together, ``grades`` run from the best to the last, which begins at 0."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    title: Text
    source: Text
    base: Points = Decimal(100)
    parts: tuple[Part, ...]
    grades: tuple[Grade, ...] = ()
    objection_workdays: Annotated[int, Field(ge=0, le=250)] = 10

    @model_validator(mode="after")
    def _whole(self) -> "Scheme":
        if sum(part.weight for part in self.parts) != 1:
            raise ValueError("各部分的weight加起来要等于1")
        names = [part.id for part in self.parts] + [item.id for part in self.parts for item in part.items]
        if len(set(names)) != len(names):
            raise ValueError("两处用了同一个id")
        least = [grade.least for grade in self.grades]
        if least and (least != sorted(set(least), reverse=True) or least[-1] != 0):
            raise ValueError("等次要从高到低写，最后一等从0起")
        return self

    def item(self, name: str) -> Deduction | None:
        """A deduction by its id."""
        return next((one for part in self.parts for one in part.items if one.id == name), None)

    def part(self, kind: PartKind) -> Part | None:
        """The part whose score comes from there, if the scheme has one."""
        return next((part for part in self.parts if part.kind is kind), None)
