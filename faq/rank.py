"""``fangtan faq rank``: a catalogue and questions from two files, a ranking and a judgement for each.

Needs neither database nor settings. The shape of both files and of the result is the contract's.
"""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from base.errors import Refusal
from faq.engine import Engine
from faq.index import Document


def rank(
    catalog_path: Path, queries_path: Path, top: int = 10, progress: Callable[[int], None] | None = None
) -> Iterator[dict[str, Any]]:
    """One result per question, in order.

    Args:
        catalog_path: JSON Lines with ``id``, ``q``, ``alts``?, ``a``; other keys are ignored.
        queries_path: JSON Lines with ``id``, ``text``; other keys are ignored.
        top: length of the ranking, 1 to 100.
        progress: called with the number of entries indexed so far.

    Yields:
        ``{"id", "ranked": [[entry id, score], …], "outcome", "confidence", "ms"}``; ``ms`` is the time of
        this one question without indexing.

    Raises:
        Refusal: a file is missing, is no JSON Lines, or lacks a field; the line is named.
    """
    if not 1 <= top <= 100:
        raise Refusal("rank.top", "排名条数请写1到100。", status=400)
    documents = [_document(row, catalog_path, number) for number, row in _rows(catalog_path)]
    queries = [
        (_text(row, "id", queries_path, number), _string(row, "text", queries_path, number))
        for number, row in _rows(queries_path)
    ]
    engine = Engine.build(documents, progress=progress)
    for key, text in queries:
        started = time.perf_counter()
        found = engine.ask(text, top)
        yield {
            "id": key,
            "ranked": [[hit.key, round(hit.score, 6)] for hit in found.hits],
            "outcome": str(found.judgement.outcome),
            "confidence": found.judgement.confidence,
            "ms": round((time.perf_counter() - started) * 1000, 3),
        }


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Numbered objects of a JSON Lines file; empty lines are passed over."""
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise _bad(path, number, "不是一个完整的JSON对象") from error
        if not isinstance(row, dict):
            raise _bad(path, number, "不是一个JSON对象")
        yield number, row


def _lines(path: Path) -> Iterator[str]:
    """Lines one at a time: a catalogue of 100,000 entries read whole and split takes 60 MB more."""
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            yield from lines
    except OSError as error:
        raise Refusal("rank.file", f"打不开{path.name}。请核对路径和权限。", status=400) from error
    except UnicodeDecodeError as error:
        raise Refusal(
            "rank.encoding", f"{path.name}不是UTF-8文本。请另存为UTF-8再试。", status=400
        ) from error


def _document(row: dict[str, Any], path: Path, number: int) -> Document:
    phrasings = [] if row.get("alts") is None else row["alts"]
    if not isinstance(phrasings, list) or not all(isinstance(text, str) for text in phrasings):
        raise _bad(path, number, "alts应当是一列文字")
    body = "" if row.get("a") is None else row["a"]
    if not isinstance(body, str):
        raise _bad(path, number, "a应当是文字")
    question = _string(row, "q", path, number)
    return Document(_text(row, "id", path, number), question, tuple(phrasings), body)


def _string(row: dict[str, Any], name: str, path: Path, number: int) -> str:
    value = row.get(name)
    if not isinstance(value, str):
        raise _bad(path, number, f"缺少文字{name}")
    return value


def _text(row: dict[str, Any], name: str, path: Path, number: int) -> str | int:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise _bad(path, number, f"缺少{name}")
    return value


def _bad(path: Path, number: int, what: str) -> Refusal:
    return Refusal("rank.line", f"{path.name}第{number}行{what}。请改好这一行再试。", status=400)
