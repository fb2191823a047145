"""``apply(state, event)``: how an audience's state follows its stream. Pure; ``web/islands/store.ts`` is its twin.

An event whose body says ``removed`` was taken down after it went out; it tells nothing any more, and what
refers to it later is passed over.
"""

import copy
from collections.abc import Callable
from typing import Any

State = dict[str, Any]
Body = dict[str, Any]

ITEM_KEYS = (
    "item",
    "no",
    "kind",
    "question",
    "speaker",
    "role",
    "body",
    "text",
    "at",
    "origin",
    "ground",
    "removed",
    "because",
    "errata",
)
_NUMBERED = ("no", "published_at")


def apply(state: State, event: dict[str, Any]) -> State:
    """The state after one event; the state given stays as it was.

    Args:
        state: a public, staff or own state of ``chat.views``.
        event: ``{"kind", "body", …}`` from the same audience's stream.
    """
    after = copy.deepcopy(state)
    body = copy.deepcopy(event["body"])
    if body.get("removed"):
        return after
    if "interview" not in after:
        _apply_own(after, event["kind"], body)
        return after
    _ROOM[event["kind"]](after, body)
    return after


def _apply_own(state: State, kind: str, body: Body) -> None:
    if kind == "question.supported":
        state["supported"] = sorted({*state["supported"], body["question"]})
    else:
        state["questions"][str(body["question"])] = body


def _interview(state: State, body: Body) -> None:
    state["interview"] = body


def _said(state: State, body: Body) -> None:
    state["items"].append({key: body[key] for key in ITEM_KEYS})


def _submitted(state: State, body: Body) -> None:
    state["questions"][str(body["question"])] = body


def _published(state: State, body: Body) -> None:
    question = {key: value for key, value in body.items() if key not in _NUMBERED}
    state["questions"][str(body["question"])] = question
    _laid_down(state, body["question"])
    state["items"].append(
        {
            "item": body["item"],
            "no": body["no"],
            "kind": "question",
            "question": body["question"],
            "speaker": None,
            "role": "citizen",
            "body": None,
            "text": None,
            "at": body["published_at"],
            "origin": None,
            "ground": None,
            "removed": False,
            "because": None,
            "errata": [],
        }
    )


def _known(state: State, question_id: int) -> Body:
    """The question's entry, or a scrap that is thrown away where its publication was taken down."""
    found: Body = state["questions"].get(str(question_id), {})
    return found


def _no_draft(state: State, question_id: int) -> None:
    state.get("drafting", {}).pop(str(question_id), None)


def _laid_down(state: State, question_id: int) -> None:
    """In nobody's hands any more."""
    state.get("handling", {}).pop(str(question_id), None)


def _out_of_line(state: State, question_id: int) -> None:
    if "order" in state:
        state["order"] = [waiting for waiting in state["order"] if waiting != question_id]


def _off_stage(state: State, question_id: int) -> None:
    state["stage"] = [staged for staged in state["stage"] if staged != question_id]


def _done_with(state: State, question_id: int) -> None:
    """Off the stage, out of the line, out of everybody's hands."""
    _off_stage(state, question_id)
    _out_of_line(state, question_id)
    _laid_down(state, question_id)


def _supported(state: State, body: Body) -> None:
    _known(state, body["question"])["supports"] = body["supports"]


def _merged(state: State, body: Body) -> None:
    _known(state, body["question"]).update(status="merged", into=body["into"])
    _known(state, body["into"])["supports"] = body["supports"]
    _done_with(state, body["question"])
    _no_draft(state, body["question"])


def _staged(state: State, body: Body) -> None:
    _known(state, body["question"])["status"] = "staged"
    _done_with(state, body["question"])
    state["stage"].append(body["question"])


def _unstaged(state: State, body: Body) -> None:
    _known(state, body["question"])["status"] = "published"
    _off_stage(state, body["question"])


def _settled(state: State, body: Body) -> None:
    """Answered, refused, deferred, transferred or declined; the first three may bring an item of the transcript."""
    _known(state, body["question"]).update(status=body["status"], reason=body["reason"], to=body["to"])
    _known(state, body["question"]).pop("reopened", None)
    _done_with(state, body["question"])
    if "item" in body:
        _said(state, body)
    _no_draft(state, body["question"])


def _withdrawn(state: State, body: Body) -> None:
    _known(state, body["question"]).update(status="withdrawn", text=None, nickname=None)
    _done_with(state, body["question"])
    _no_draft(state, body["question"])


def _removed(state: State, body: Body) -> None:
    """What is left of something taken down, whether its going out was seen or not."""
    entry = body["entry"]
    if "of" in entry:
        _beside(state, entry)
        return
    others = [item for item in state["items"] if item["item"] != entry["item"]]
    state["items"] = sorted([*others, entry], key=lambda item: int(item["item"]))
    if body["view"] is None:
        return
    state["questions"][str(body["question"])] = body["view"]
    _no_draft(state, body["question"])
    if body["status"] != "staged":
        _off_stage(state, body["question"])
    if body["status"] == "removed":
        _out_of_line(state, body["question"])


def _drafted(state: State, body: Body) -> None:
    state["drafting"][str(body["question"])] = {"writer": body["writer"], "length": body["length"]}


def _reopened(state: State, body: Body) -> None:
    _known(state, body["question"])["reopened"] = body["reopened"]


def _promised(state: State, body: Body) -> None:
    for item in state["items"]:
        if item["item"] == body["item"]:
            item["promise"] = body["promise"]


def _attached(state: State, body: Body) -> None:
    for item in state["items"]:
        if item["item"] == body["item"]:
            item.pop("attached", None)
            item.update({"attached": body["attached"]} if body["attached"] else {})


def _laid_up(state: State, body: Body) -> None:
    state["approving"][str(body["approval"])] = body


def _decided(state: State, body: Body) -> None:
    state["approving"].pop(str(body["approval"]), None)


def _handled(state: State, body: Body) -> None:
    state["handling"][str(body["question"])] = {key: body[key] for key in ("by", "until", "publishing")}


def _released(state: State, body: Body) -> None:
    _laid_down(state, body["question"])


def _ordered(state: State, body: Body) -> None:
    state["order"] = body["questions"]


def _delayed(state: State, body: Body) -> None:
    state["delay"] = body["seconds"]


def _beside(state: State, erratum: Body) -> None:
    """A correction beside its item, in the place of an earlier view of the same one."""
    for item in state["items"]:
        if item["item"] == erratum["of"]:
            others = [one for one in item["errata"] if one["item"] != erratum["item"]]
            item["errata"] = sorted([*others, erratum], key=lambda one: int(one["item"]))


_ROOM: dict[str, Callable[[State, Body], None]] = {
    "interview.announced": _interview,
    "interview.changed": _interview,
    "interview.cancelled": _interview,
    "interview.opened": _interview,
    "interview.extended": _interview,
    "interview.closed": _interview,
    "interview.said": _said,
    "question.submitted": _submitted,
    "question.published": _published,
    "question.supported": _supported,
    "question.merged": _merged,
    "question.staged": _staged,
    "question.unstaged": _unstaged,
    "question.answered": _settled,
    "question.refused": _settled,
    "question.deferred": _settled,
    "question.transferred": _settled,
    "question.declined": _settled,
    "question.withdrawn": _withdrawn,
    "question.removed": _removed,
    "answer.drafted": _drafted,
    "question.reopened": _reopened,
    "answer.promised": _promised,
    "answer.attached": _attached,
    "answer.waiting": _laid_up,
    "answer.approved": _decided,
    "answer.returned": _decided,
    "answer.recalled": _decided,
    "question.appealed": _submitted,
    "question.claimed": _handled,
    "question.publishing": _handled,
    "question.released": _released,
    "questions.ordered": _ordered,
    "publication.delayed": _delayed,
    "erratum": _beside,
}

ROOM_KINDS = frozenset(_ROOM)
"""Every kind of event that the streams of an interview carry."""
