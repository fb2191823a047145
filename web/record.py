"""From an audience's state to what a page shows of it: the record in its order, and what still waits. Pure."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from interviews.lifecycle import QuestionStatus

State = dict[str, Any]
Body = dict[str, Any]

ITEM: Body = {"errata": [], "removed": False, "because": None}
"""What every item says, whatever else it holds: its corrections, and why it was taken down."""
REPLIES = ("answer", "refusal", "deferral")
GONE = frozenset({QuestionStatus.WITHDRAWN, QuestionStatus.REMOVED})
WAITING = (QuestionStatus.PUBLISHED, QuestionStatus.STAGED, QuestionStatus.DEFERRED)


def shown(state: State) -> State:
    """A state as templates read it: every item says whether it was corrected or taken down, flags are sentences."""
    items = [ITEM | item for item in state["items"]]
    questions = {key: _flags_in_words(question) for key, question in state["questions"].items()}
    return state | {"items": items, "questions": questions}


def _flags_in_words(question: Body) -> Body:
    flags = [flag.get("why", "") if isinstance(flag, dict) else flag for flag in question.get("flags", ())]
    return question | {"flags": flags}


def record(state: State, *, only_replied: bool, newest_first: bool) -> list[Body]:
    """What was said, one entry per question with everything it got, beside the remarks.

    A question stands at its first reply, where the talk came to it; without any, where it became public.

    Args:
        state: from ``shown``.
        only_replied: leave out questions that wait, where the page lists them elsewhere.
        newest_first: the order.
    """
    found: list[Body] = []
    entries: dict[int, Body] = {}
    replied = {item["question"] for item in state["items"] if item["kind"] in REPLIES}
    for item in state["items"]:
        if item["kind"] == "said":
            found.append({"type": "said", "item": item})
            continue
        number = item["question"]
        question = state["questions"].get(str(number))
        waits = item["kind"] == "question" and (only_replied or number in replied)
        if question is None or waits:
            continue
        if number not in entries:
            entries[number] = {"type": "question", "question": question, "replies": []}
            found.append(entries[number])
        if item["kind"] != "question":
            entries[number]["replies"].append(item)
    return found[::-1] if newest_first else found


def latest_answer(state: State) -> Body | None:
    """What a big screen shows beside the question on stage: the newest answer to it, or else of all.

    Returns:
        ``{"item", "question"}``; ``None`` while there is no answer to show.
    """
    staged = state["stage"][-1] if state["stage"] else None
    answers = [item for item in state["items"] if item["kind"] == "answer" and not item["removed"]]
    found = next((item for item in reversed(answers) if item["question"] == staged), None)
    if found is None and not answers:
        return None
    item = found or answers[-1]
    return {"item": item, "question": state["questions"][str(item["question"])]}


def pool(state: State, statuses: Sequence[str]) -> list[Body]:
    """Public questions in some states, the most supported first."""
    found = [q for q in state["questions"].values() if q["number"] is not None and q["status"] in statuses]
    return sorted(found, key=lambda q: (-q["supports"], q["number"]))


def matches(entry: Body, words: str) -> bool:
    """Whether an entry of the record holds a text somewhere."""
    if entry["type"] == "said":
        return words in (entry["item"]["text"] or "")
    texts = [entry["question"]["text"] or "", *(item["text"] or "" for item in entry["replies"])]
    return any(words in text for text in texts)


def anchors(row: Body) -> set[str]:
    """The names by which the page points at an entry of the record, or at a question that waits."""
    if row.get("type") is None:
        return {f"q{row['number']}"}
    items = [row["item"]] if row["type"] == "said" else row["replies"]
    numbers = [one["no"] for item in items for one in (item, *item["errata"])]
    asked = {f"q{row['question']['number']}"} if row["type"] == "question" else set()
    return asked | {f"n{number}" for number in numbers}


def page_with(rows: Sequence[Body], anchor: str, size: int) -> int:
    """The page of a list on which an anchor is; the first where it is on none."""
    return next((at // size + 1 for at, row in enumerate(rows) if anchor in anchors(row)), 1)


_SHOW: dict[str, Callable[[Body], bool]] = {
    "answered": lambda q: q["status"] == QuestionStatus.ANSWERED,
    "waiting": lambda q: q["status"] in WAITING,
    "refused": lambda q: q["status"] == QuestionStatus.REFUSED,
}


def narrowed(entries: Iterable[Body], show: str) -> list[Body]:
    """The entries of one outcome; all of them, remarks included, for anything else."""
    wanted = _SHOW.get(show)
    if wanted is None:
        return list(entries)
    return [entry for entry in entries if entry["type"] == "question" and wanted(entry["question"])]
