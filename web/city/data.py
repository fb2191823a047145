"""What is known of the example city, read from its files into frozen values. Texts live there, none here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent.parent / "example_city"

# libyaml reads the files in a tenth of a second, the pure reader in one and a half.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

FIRST_ASKED, LAST_ASKED = 13, 2
"""Between how many days before the interview the questions of a short record came in."""
STAGED_FROM, STAGED_EVERY, ANSWERED_AFTER = 4, 14, 6
"""Minutes of a short record: the first question on stage, from one to the next, and until its answer."""


@dataclass(frozen=True)
class BodyData:
    """An organisation; ``kind`` as on its row."""

    key: str
    name: str
    short: str
    kind: str
    recipient: bool


@dataclass(frozen=True)
class PersonData:
    """A member of staff; ``login`` only for the contract's ten accounts."""

    key: str
    role: str
    name: str
    post: str
    body: str
    login: str | None = None


@dataclass(frozen=True)
class GuestData:
    """Somebody a body sends to an interview."""

    name: str
    post: str
    body: str


@dataclass(frozen=True)
class InterviewData:
    """One interview of the programme; its date is laid around today by ``web.city.year``."""

    key: str
    slot: int
    part: str
    theme: str
    respondents: tuple[str, ...]
    host: str
    venue: str
    start: time
    minutes: int
    content: str
    guests: tuple[GuestData, ...]


@dataclass(frozen=True)
class When:
    """Days before or after the anchor's date at a time of day, or minutes from the opening."""

    days: int = 0
    at: time | None = None
    minute: int | None = None


@dataclass(frozen=True)
class Said:
    """Words at a minute; ``speaker`` is a guest, or empty for the host."""

    minute: int
    text: str
    speaker: str = ""


@dataclass(frozen=True)
class Withheld:
    """An answer refused on a ground, with what can be told all the same."""

    said: Said
    ground: str
    partial: str | None


@dataclass(frozen=True)
class Later:
    """A written answer so many working days after the interview (会后答复)."""

    working_days: int
    at: time
    text: str
    body: str


@dataclass(frozen=True)
class Declined:
    """When and why a question was not made public."""

    minute: int
    reason: str


@dataclass(frozen=True)
class Asked:
    """A citizen's question and everything that became of it."""

    text: str
    kind: str
    nickname: str | None
    when: When
    supports: int = 0
    number: int | None = None
    staged: int | None = None
    answers: tuple[Said, ...] = ()
    draft: Said | None = None
    deferred: Said | None = None
    later: Later | None = None
    withheld: Withheld | None = None
    merged_into: int | None = None
    merged: int = 0
    declined: Declined | None = None


@dataclass(frozen=True)
class Record:
    """What was said and asked in one interview; public questions first, in the order of their numbers."""

    remarks: tuple[Said, ...] = ()
    questions: tuple[Asked, ...] = ()
    today: bool = False
    """Whether days count from today rather than from the interview's date."""
    elapsed: int = 0
    """For one that is live: how many minutes it has been going on."""


@dataclass(frozen=True)
class CityData:
    """The whole city."""

    bodies: Mapping[str, BodyData]
    people: Mapping[str, PersonData]
    programme: tuple[InterviewData, ...]
    records: Mapping[str, Record]
    phrases: Mapping[str, str]


def read_file(name: str) -> Any:
    """One of the city's files."""
    return yaml.load((HERE / name).read_bytes(), Loader=_Loader)  # noqa: S506 - the safe loader, in C or in Python


@cache
def load() -> CityData:
    """The example city as its files say."""
    programme = tuple(
        sorted((_interview(one) for one in read_file("programme.yaml")["interviews"]), key=_slot)
    )
    phrases = {key: text.strip() for key, text in read_file("phrases.yaml").items()}
    return CityData(
        bodies={body.key: body for body in _bodies(read_file("city.yaml"))},
        people={person.key: person for person in _people(read_file("people.yaml"))},
        programme=programme,
        records=_records(programme, phrases),
        phrases=phrases,
    )


def _slot(one: InterviewData) -> int:
    return one.slot


def _bodies(read: Mapping[str, Any]) -> Iterable[BodyData]:
    """The recipients first: reports name them in this order."""
    runs = {one["key"]: one["runs"] for one in read["offices"]}
    for one in read["recipients"]:
        kind = runs.pop(one["key"], "recipient")
        yield BodyData(one["key"], one["name"], one["short"], kind, recipient=True)
    for one in read["offices"]:
        if one["key"] in runs:
            yield BodyData(one["key"], one["name"], one["short"], one["runs"], recipient=False)
    for one in read["bodies"]:
        yield BodyData(one["key"], one["name"], one["short"], one["kind"], recipient=False)


def _people(read: Mapping[str, Any]) -> Iterable[PersonData]:
    for role, one in read["accounts"].items():
        yield PersonData(role, role, one["name"], one["post"], one["body"], login=role)
    home = read["accounts"]["host"]["body"]
    for one in read["hosts"]:
        yield PersonData(one["key"], "host", one["name"], one["post"], home)
    for one in read["others"]:
        yield PersonData(one["key"], one["role"], one["name"], one["post"], one["body"])


def _interview(read: Mapping[str, Any]) -> InterviewData:
    return InterviewData(
        key=read["key"],
        slot=read["slot"],
        part=read["part"],
        theme=read["theme"],
        respondents=tuple(read["respondents"]),
        host=read["host"],
        venue=read["venue"],
        start=time.fromisoformat(read["start"]),
        minutes=read["minutes"],
        content=read["content"].strip(),
        guests=tuple(GuestData(**one) for one in read["guests"]),
    )


def _records(programme: Iterable[InterviewData], phrases: Mapping[str, str]) -> dict[str, Record]:
    short = read_file("past.yaml") | read_file("spare.yaml")
    found: dict[str, Record] = {}
    for one in programme:
        if one.part == "archived":
            found[one.key] = _full(read_file(f"transcripts/{one.key}.yaml"))
        elif one.key in short:
            found[one.key] = _short(one, short[one.key], phrases)
    for name in ("live.yaml", "collecting.yaml"):
        read = read_file(name)
        found[read["key"]] = replace(_full(read), today=True, elapsed=read.get("now_minute", 0))
    return found


def _full(read: Mapping[str, Any]) -> Record:
    remarks = [read[part] for part in ("opening", "closing") if part in read] + read.get("remarks", [])
    asked = [_asked(one) for one in read["questions"]]
    asked += [_asked(one) for one in read.get("pending", ())]
    asked += [
        replace(_asked(one), declined=Declined(one["declined_minute"], one["reason"]))
        for one in read.get("declined", ())
    ]
    said = sorted((_said(one) for one in remarks), key=lambda one: one.minute)
    return Record(remarks=tuple(said), questions=tuple(asked))


def _said(read: Mapping[str, Any], text: str = "text", minute: int | None = None) -> Said:
    when = read["minute"] if minute is None else minute
    return Said(when, read[text].strip(), read.get("speaker", ""))


def _asked(read: Mapping[str, Any]) -> Asked:
    when = read["asked"]
    withheld, later = read.get("refused"), read.get("after")
    return Asked(
        text=read["text"].strip(),
        kind=read["kind"],
        nickname=read.get("nickname"),
        when=When(
            when.get("days", 0), time.fromisoformat(when["at"]) if "at" in when else None, when.get("minute")
        ),
        supports=read.get("supports", 0),
        number=read.get("number"),
        staged=read.get("staged_minute"),
        answers=tuple(_said(one) for one in read.get("answers", ())),
        draft=_said(read["draft"], minute=read["staged_minute"] + 2) if "draft" in read else None,
        deferred=_said(read["deferred"], "reason") if "deferred" in read else None,
        later=_later(later) if later else None,
        withheld=Withheld(_said(withheld, "reason"), withheld["ground"], withheld.get("partial"))
        if withheld
        else None,
        merged_into=read.get("merged_into"),
        merged=read.get("merged_minute", 0),
    )


def _later(read: Mapping[str, Any]) -> Later:
    return Later(read["working_days"], time.fromisoformat(read["at"]), read["text"].strip(), read["body"])


def _short(one: InterviewData, questions: list[Mapping[str, Any]], phrases: Mapping[str, str]) -> Record:
    guests = "、".join(dict.fromkeys(f"{guest.post}{guest.name}" for guest in one.guests))
    opening = phrases["opening"].format(theme=one.theme, guests=guests)
    return Record(
        remarks=(Said(0, opening), Said(one.minutes - 1, phrases["closing"])),
        questions=tuple(_spread(one, questions)),
    )


def _spread(interview: InterviewData, questions: list[Mapping[str, Any]]) -> Iterable[Asked]:
    """A short record keeps no minutes: they are spread over the interview, and the askings over the days before."""
    bodies = {guest.name: guest.body for guest in interview.guests}
    step = (FIRST_ASKED - LAST_ASKED) / max(1, len(questions) - 1)
    for place, one in enumerate(questions):
        staged = STAGED_FROM + place * STAGED_EVERY
        said = Said(staged + ANSWERED_AFTER, one["answer"].strip(), one["speaker"])
        asked = Asked(
            text=one["text"].strip(),
            kind=one["kind"],
            nickname=one.get("nickname"),
            when=When(-round(FIRST_ASKED - place * step), time(8 + 5 * place % 13, 7 + 11 * place % 50)),
            supports=one["supports"],
            number=place + 1,
            staged=staged,
        )
        if "reason" in one:
            later = Later(one["working_days"], time(15, 30), said.text, bodies[one["speaker"]])
            yield replace(asked, deferred=replace(said, text=one["reason"].strip()), later=later)
        else:
            yield replace(asked, answers=(said,))
