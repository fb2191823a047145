"""From an audience's state to what a page shows of it: the record in its order, and what still waits. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from interviews.lifecycle import QuestionStatus

State = dict[str, Any]
Body = dict[str, Any]

ITEM: Body = {"errata": [], "removed": False, "because": None, "promise": None}
"""What every item says, whatever else it holds: its corrections, what it promises, and why it was taken down."""
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
    """Whether an entry of the record holds every word of a search somewhere; letters large or small."""
    wanted = words.casefold().split()
    if entry["type"] == "said":
        held = entry["item"]["text"] or ""
    else:
        texts = [entry["question"]["text"], *(item["text"] for item in entry["replies"])]
        held = "\n".join(text or "" for text in texts)
    found = held.casefold()
    return all(word in found for word in wanted)


def asks(question: Body, words: str) -> bool:
    """Whether a question holds every word of a search."""
    found = (question["text"] or "").casefold()
    return all(word in found for word in words.casefold().split())


def spoken(entry: Body) -> list[Body]:
    """The items of an entry that somebody said."""
    items: list[Body] = [entry["item"]] if entry["type"] == "said" else entry["replies"]
    return items


def speakers(entries: Iterable[Body]) -> list[tuple[str, int]]:
    """Who speaks in these entries, and in how many of them; whoever speaks most comes first."""
    held = Counter(name for entry in entries for name in {_speaker(item) for item in spoken(entry)})
    return [(name, count) for name, count in held.most_common() if name]


def said_by(entry: Body, name: str) -> bool:
    """Whether somebody speaks in an entry."""
    return any(_speaker(item) == name for item in spoken(entry))


def _speaker(item: Body) -> str:
    return str(item["speaker"] or item["body"] or "")


BULK_FROM = 30
"""Characters from which an entry is of the second size; every further size begins at twice as many."""


def bulk(entry: Body) -> int:
    """How much there is of an entry, from 0 to 10 in doublings: what a browser reserves for it before it is drawn."""
    texts = [item["text"] for item in spoken(entry)]
    texts += [one["text"] for item in spoken(entry) for one in item["errata"]]
    if entry["type"] == "question":
        texts.append(entry["question"]["text"])
    length = sum(len(text or "") for text in texts)
    return min((length // BULK_FROM).bit_length(), 10)


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


_QUESTIONS: dict[str, Callable[[Body], bool]] = {
    "answered": lambda q: q["status"] == QuestionStatus.ANSWERED,
    "waiting": lambda q: q["status"] in WAITING,
    "refused": lambda q: q["status"] == QuestionStatus.REFUSED,
}
_ITEMS: dict[str, Callable[[Body], bool]] = {
    "after": lambda item: item["kind"] == "answer" and item["origin"] == "after",
    "corrected": lambda item: bool(item["errata"]),
    "said": lambda item: item["kind"] == "said",
}


def narrowed(entries: Iterable[Body], show: str) -> list[Body]:
    """The entries of one kind: by what became of a question, or by what was said; all of them for anything else."""
    if show in _QUESTIONS:
        wanted = _QUESTIONS[show]
        return [entry for entry in entries if entry["type"] == "question" and wanted(entry["question"])]
    if show in _ITEMS:
        return [entry for entry in entries if any(_ITEMS[show](item) for item in spoken(entry))]
    return list(entries)
