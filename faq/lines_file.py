"""A catalogue as JSON Lines: the contract's columns, or a question set's ``{"id","q","alts"?,"a"}``.

The catalogue's own open data, one JSON document with ``entries``, is read too.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from faq.table_file import COLUMNS, LINE_LIMIT, Assumed, Line, Problem, Row, called, empty_file, judged

_ISSUER_KEYS = ("issuer", "dept")
"""Who answers for a question of a set; the public sets of service items say ``dept``."""


def read_lines(text: str, today: date | None = None) -> tuple[list[Row], list[Problem], list[str]]:
    """The entries of a JSON Lines text, what is wrong with its other lines, and what the reader decided by itself.

    A question set's line without an answer is the bare name of a thing: it becomes the body, so that the entry can
    be found and says nothing that the file does not; a known entry keeps its own. Its lines may lack an issuer,
    which the person gives. ``today`` is as for ``table_file.judged``.

    Raises:
        Refusal: ``import.empty``; ``import.rows``.
    """
    unanswered: list[int] = []
    rows, problems = judged(_numbered(text, unanswered), may_lack={"issuer"}, today=today)
    if not rows and not problems:
        raise empty_file()
    remarks = []
    if unanswered:
        remarks.append(f"有{len(unanswered)}行没有答案，先用问题的原话作正文。收进来以后请补写。")
    return rows, problems, remarks


def _numbered(text: str, unanswered: list[int]) -> Iterator[Line]:
    whole = _document(text)
    if whole is not None:
        for number, one in enumerate(whole, 1):
            yield number, _line(one, number, unanswered)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, _parsed(line, number, unanswered)


def _document(text: str) -> list[Any] | None:
    """The entries of one JSON document; ``None`` for lines."""
    if '"entries"' not in text[:10_000]:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    entries = found.get("entries") if isinstance(found, dict) else None
    return entries if isinstance(entries, list) else None


def _parsed(line: str, number: int, unanswered: list[int]) -> Mapping[str, str] | Problem:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return Problem(number, "不是一个完整的JSON")
    return _line(found, number, unanswered)


def _line(found: Any, number: int, unanswered: list[int]) -> Mapping[str, str] | Problem:
    if not isinstance(found, dict):
        return Problem(number, "不是一个JSON对象")
    asked = "q" in found and "title" not in found
    if asked and not _text(found.get("a")).strip():
        unanswered.append(number)
    cells = _question(found) if asked else {name: _text(found.get(name)) for name in COLUMNS}
    strange = [name for name in cells if isinstance(found.get(name), dict)]
    return Problem(number, f"的{called(strange[0])}应当是文字") if strange else cells


def _question(found: Mapping[str, Any]) -> dict[str, str]:
    asked = _text(found.get("q")).strip()
    named = {name: _text(found.get(name)) for name in COLUMNS}
    return named | {
        "index_no": _text(found.get("id")),
        "title": asked[:LINE_LIMIT],
        "question": asked,
        "alts": _text(found.get("alts")),
        "body": _text(found.get("a")).strip() or Assumed(asked),
        "issuer": next((_text(found[key]) for key in _ISSUER_KEYS if found.get(key)), ""),
    }


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "\n".join(_text(one) for one in value)
    return value if isinstance(value, str) else str(value)


def looks_like_lines(text: str) -> bool:
    """Whether a text begins like a JSON object."""
    return text.lstrip().startswith("{")
