"""What the console shows of a room's state: whose hands a question is in, why it needs a look, what comes next. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from interviews.screening import CLASS_WORDS
from web import record

State = dict[str, Any]
Body = dict[str, Any]

WARNINGS = (5, 15)
"""Minutes before the end at which everybody is told, the nearest first."""
_CLASSES: dict[str, str] = {one.value: words for one, words in CLASS_WORDS.items()} | {
    "appeal": "申诉",
    "proxy": "代录",
}
KINDS = {
    "question": "提问",
    "said": "发言",
    "answer": "答复",
    "refusal": "不予答复",
    "deferral": "会后答复的说明",
}


SHOWN = 100
"""How many of a list the console draws. Each card offers what the question can be merged into, so with 5,000 the
page grew by their square and did not come within minutes."""


def in_turn(raw: State) -> list[Body]:
    """The questions that wait for a decision: a cry for help first, then the longest waiting."""
    waiting = [q for q in raw["questions"].values() if q["status"] == "pending"]
    return sorted(waiting, key=lambda q: (not _urgent(q), q["at"], q["question"]))


def pending(raw: State, now: datetime, me: str, alike: Mapping[int, Body]) -> list[Body]:
    """The questions that wait for a decision, in turn.

    Each is its staff view with ``held`` (by somebody else: the name, else ``None``), ``mine``, ``publishing``
    (seconds until it is public, else ``None``), ``waited`` in words, ``flags`` by class, ``similar`` and ``entry``.

    Args:
        raw: the staff's state as the stream gives it.
        now: an aware instant.
        me: the name of who looks.
        alike: what some of them are like, by id (``web.alike.of_waiting``).
    """
    nothing: Body = {"similar": [], "entry": None}
    return [
        q
        | hands(raw, q["question"], now, me)
        | {
            "waited": waited(q["at"], now),
            "flags": flags(q.get("flags", ())),
        }
        | alike.get(q["question"], nothing)
        for q in in_turn(raw)
    ]


def _urgent(q: Body) -> bool:
    return any(isinstance(flag, dict) and flag["kind"] == "emergency" for flag in q.get("flags", ()))


def hands(raw: State, question: int, now: datetime, me: str) -> Body:
    """In whose hands a question is now; a claim that has run out is nobody's."""
    found = raw.get("handling", {}).get(str(question))
    none: Body = {"held": None, "mine": False, "publishing": None}
    if found is None:
        return none
    left = (datetime.fromisoformat(found["until"]) - now).total_seconds()
    if found["publishing"]:
        return none | {"publishing": max(0, int(left))}
    if left <= 0:
        return none
    return none | ({"mine": True} if found["by"] == me else {"held": found["by"]})


def flags(found: Iterable[Any]) -> list[Body]:
    """Why a question was drawn to the eye: the class and the reason, in words; each once."""
    told: list[Body] = []
    for flag in found:
        kind, why = (flag["kind"], flag["why"]) if isinstance(flag, dict) else ("watch", flag)
        row = {"kind": kind, "label": _CLASSES.get(kind, "需留意"), "why": why}
        if row not in told:
            told.append(row)
    return told


def waited(since: str, now: datetime) -> str:
    """How long something has waited, in the largest unit that says something."""
    minutes = max(0, int((now - datetime.fromisoformat(since)).total_seconds() // 60))
    if minutes < 60:
        return f"等了{minutes}分钟" if minutes else "刚到"
    return f"等了{minutes // 60}小时" if minutes < 48 * 60 else f"等了{minutes // 1440}天"


def lined_up(state: State) -> tuple[list[Body], list[Body]]:
    """The host's line-up in its order, and the rest of what waits, the most supported first."""
    waiting = {q["question"]: q for q in record.pool(state, ["published"])}
    line = [waiting.pop(number) for number in state.get("order", ()) if number in waiting]
    return line, list(waiting.values())


def moved(line: list[int], question: int, step: str) -> list[int]:
    """The line-up after one step of one question.

    Args:
        line: the numbers as they stand.
        question: the one that moves.
        step: ``up``, ``down``, ``in`` (to the end) or ``out``; anything else changes nothing.
    """
    if step == "in":
        return [*(one for one in line if one != question), question]
    if question not in line or step not in ("up", "down", "out"):
        return line
    rest = [one for one in line if one != question]
    if step == "out":
        return rest
    place = line.index(question) + (-1 if step == "up" else 1)
    place = min(max(place, 0), len(rest))
    return [*rest[:place], question, *rest[place:]]


def spoken(state: State) -> list[Body]:
    """What can be corrected or taken down: every numbered thing of the transcript, newest first.

    Each is the item with ``label``, ``place`` (a letter to one asker has no number) and the words it is known by,
    its question's where it is one.
    """
    rows = []
    for item in reversed(state["items"]):
        question = state["questions"].get(str(item["question"]))
        number = f"{question['number']}号" if question and question["number"] else ""
        text = (question or {}).get("text") if item["kind"] == "question" else item["text"]
        gone = item["removed"] or text is None
        rows.append(
            item
            | {
                "label": f"{number}{KINDS.get(item['kind'], '')}" if item["no"] > 0 else "只给提问人的答复",
                "place": item["no"] if item["no"] > 0 else "信",
                "words": None if gone else text,
                "who": item["speaker"] or item["body"] or "",
            }
        )
    return rows


def near_end(left: int | None) -> str | None:
    """What is said when little time is left; ``None`` while there is enough, or no clock."""
    if left is None:
        return None
    if left <= 0:
        return "时间到了，没有答的转会后答复。"
    near = next((minutes for minutes in WARNINGS if left <= minutes), None)
    return f"不到{near}分钟了，请准备收尾。" if near else None
