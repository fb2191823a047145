"""How fairly the talk goes, for the host to see while it can still be changed. Pure.

Of what the staff see of an interview (the state of their stream) four things are told: whether the questions that
most people want answered are answered, who has waited longest, whether those who asked beforehand and those who ask
now fare alike, and who speaks. 第四条 wants every question answered; in two hours the order decides who hears it live.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

State = Mapping[str, Any]
Question = Mapping[str, Any]

MOST = 10
"""So many of the most supported questions are watched."""
WAITING = frozenset({"published", "staged"})
GONE = frozenset({"withdrawn", "removed", "merged"})
"""Public once, and nobody waits for an answer to them any more; support of the merged went to another question."""


@dataclass(frozen=True)
class Share:
    """So many of so many: ``done`` of ``of``; of nothing it is no share at all."""

    done: int
    of: int

    @property
    def percent(self) -> int | None:
        """Whole per cent, to the nearest; 100 only of all of them; ``None`` of nothing."""
        if not self.of:
            return None
        return 100 if self.done >= self.of else min((self.done * 200 + self.of) // (2 * self.of), 99)


@dataclass(frozen=True)
class Wait:
    """The question that waits longest, and for how many whole minutes."""

    question: int
    number: int
    text: str
    minutes: int


@dataclass(frozen=True)
class Speaker:
    """Who answered how often; ``post`` is empty for somebody who is not on the list of guests."""

    name: str
    post: str
    answers: int


@dataclass(frozen=True)
class Gauge:
    """What the console shows of the fairness of an interview.

    Attributes:
        top: how many of the ten most supported questions have an answer.
        top_open: the numbers of those that still wait, the most supported first.
        longest: who waits longest for an answer; nobody, or nobody yet, is ``None``.
        collected: answered, of what was asked before the opening.
        live: answered, of what was asked since.
        speakers: every guest, and whoever else answered, in the order of the list.
    """

    top: Share
    top_open: tuple[int, ...]
    longest: Wait | None
    collected: Share
    live: Share
    speakers: tuple[Speaker, ...]


def gauge(state: State, now: datetime) -> Gauge:
    """The gauge of an interview at an instant.

    Args:
        state: the staff's or the public's state of ``chat.views``.
        now: an aware instant.
    """
    asked = [q for q in state["questions"].values() if q["number"] is not None and q["status"] not in GONE]
    answered = _answered(state)
    top = sorted(asked, key=lambda q: (-q["supports"], q["number"]))[:MOST]
    opened = _instant(state["interview"]["opened_at"])
    before = [q for q in asked if opened is None or datetime.fromisoformat(q["at"]) < opened]
    since = [q for q in asked if opened is not None and datetime.fromisoformat(q["at"]) >= opened]
    return Gauge(
        top=_share(top, answered),
        top_open=tuple(q["number"] for q in top if q["status"] in WAITING),
        longest=_longest(asked, opened, now),
        collected=_share(before, answered),
        live=_share(since, answered),
        speakers=_speakers(state),
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _answered(state: State) -> frozenset[int]:
    """The questions with an answer that still stands; one that is refused or put off has none."""
    return frozenset(item["question"] for item in _answers(state))


def _answers(state: State) -> list[Mapping[str, Any]]:
    """Those of the talk; a letter to the asker of a question that was never public is none."""
    public = {q["question"] for q in state["questions"].values() if q["number"] is not None}
    return [
        item
        for item in state["items"]
        if item["kind"] == "answer" and not item["removed"] and item["question"] in public
    ]


def _share(questions: list[Question], answered: frozenset[int]) -> Share:
    return Share(sum(q["question"] in answered for q in questions), len(questions))


def _longest(asked: list[Question], opened: datetime | None, now: datetime) -> Wait | None:
    """Waiting begins with the opening: before it nobody could have answered. Of equals, who asked first."""
    waiting = [q for q in asked if q["status"] in WAITING]
    if opened is None or not waiting:
        return None
    first = min(waiting, key=lambda q: (q["at"], q["number"]))
    since = max(opened, datetime.fromisoformat(first["at"]))
    minutes = max(0, int((now - since).total_seconds() // 60))
    return Wait(first["question"], first["number"], first["text"] or "", minutes)


def _speakers(state: State) -> tuple[Speaker, ...]:
    """A guest's answers stand under the guest's name; a body that answered without one, under its own.

    The transcript names people with their posts, 「王立言（待遇处处长）」; the list of guests has them apart.
    """
    posts = {guest["name"]: guest["post"] for guest in state["interview"]["guests"]}
    counted: Counter[str] = Counter()
    others: dict[str, str] = {}
    for item in _answers(state):
        name, _, post = (item["speaker"] or item["body"] or "").removesuffix("）").partition("（")
        counted[name] += 1
        if name not in posts:
            others[name] = post
    return tuple(Speaker(name, post, counted[name]) for name, post in (posts | others).items())
