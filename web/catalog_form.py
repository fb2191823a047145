"""An entry as a form: from what an entry or a draft says to the fields, and back, or refused beside the fields."""

from datetime import date
from typing import Any

from base.errors import Refusal
from faq.drafts import NAMES, Draft
from faq.models import Openness
from faq.table_file import BODY_LIMIT, LINE_LIMIT, WORDLESS, Row, wordless
from interviews.texts import clean
from web.forms import Form, Typed, Unreadable

PLACES = {
    "entry.index_no": "index_no",
    "entry.openness": "openness",
    "entry.published_on": "published_on",
    "review.redacted": "reason",
    "review.reason": "reason",
    "review.title": "title",
    "review.date": "repealed_on",
    "review.comment": "comment",
}
"""The field that a refusal of the review is about."""

_DATES = ("made_on", "published_on", "amended_on", "repealed_on", "review_on")
_LINES = (
    "index_no",
    "category",
    "title",
    "question",
    "issuer",
    "section",
    "document_no",
    "keywords",
    "successor",
)
_NEEDED = ("index_no", "category", "title", "issuer", "body")
_NO_FORCE = "no"


def read(typed: Typed) -> Draft:
    """What was typed, as the draft of an entry.

    Raises:
        Unreadable: with a sentence for every field that is empty, too long or no date, and for a title without words.
    """
    errors: dict[str, str] = {}
    found: dict[str, Any] = {}
    for name in _LINES:
        found[name] = _text(typed, name, LINE_LIMIT, errors)
    found["body"] = _text(typed, "body", BODY_LIMIT, errors)
    found["alts"] = tuple(
        dict.fromkeys(
            line.strip() for line in _text(typed, "alts", BODY_LIMIT, errors).split("\n") if line.strip()
        )
    )
    for name in _DATES:
        found[name] = _day(typed, name, errors)
    openness = str(typed.get("openness", ""))
    if openness not in set(Openness):
        errors["openness"] = "请选公开属性。"
    for name in _NEEDED:
        if not found[name]:
            errors.setdefault(name, f"请写上{NAMES[name]}。" if name != "category" else "请选类别。")
    if wordless(found["title"]):
        errors.setdefault("title", f"{NAMES['title']}{WORDLESS}。请改写。")
    if errors:
        raise Unreadable(errors)
    row = Row(
        index_no=found["index_no"],
        category=found["category"],
        title=found["title"],
        question=found["question"],
        alts=found["alts"],
        body=found["body"],
        issuer=found["issuer"],
        section=found["section"] or None,
        document_no=found["document_no"] or None,
        keywords=found["keywords"] or None,
        made_on=found["made_on"],
        published_on=found["published_on"],
        openness=openness,
        in_force=typed.get("in_force") != _NO_FORCE,
        repealed_on=found["repealed_on"],
        successor=found["successor"] or None,
    )
    return Draft(row, found["amended_on"], found["review_on"])


def _text(typed: Typed, name: str, limit: int, errors: dict[str, str]) -> str:
    text = str(typed.get(name, ""))
    if not text.strip():
        return ""
    try:
        read_text = clean(text, limit, NAMES[name])
    except Refusal as refusal:
        errors[name] = refusal.message
        return "?"
    return read_text if name in ("body", "alts") else " ".join(read_text.split())


def _day(typed: Typed, name: str, errors: dict[str, str]) -> date | None:
    text = str(typed.get(name, "")).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        errors[name] = f"{NAMES[name]}要写成2026-05-18这样。"
        return None


def typed_of(draft: Draft, reason: str | None) -> dict[str, str]:
    """What the form shows of a draft."""
    values = draft.values()
    found = {name: "" if values[name] is None else str(values[name]) for name in NAMES}
    # A line of input loses its line breaks without a word; files bring 主题词 one a line.
    found |= {name: "、".join(found[name].split("\n")) for name in _LINES}
    found["alts"] = "\n".join(draft.row.alts)
    found["in_force"] = "yes" if draft.row.in_force else _NO_FORCE
    return found | {"reason": reason or ""}


def again(refusal: Refusal, typed: Typed, act: str) -> Form:
    """The form once more, with what was typed and what was wrong beside its field."""
    kept = {name: value for name, value in typed.items() if name != "csrf"}
    if isinstance(refusal, Unreadable):
        return Form(kept, refusal.errors, refusal.message, act)
    place = PLACES.get(refusal.code)
    return Form(kept, {place: refusal.message} if place else {}, refusal.message, act)
