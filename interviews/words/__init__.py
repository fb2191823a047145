"""The words and cases that come with the program: one file for each class, with what it means and its source.

Pure data, read once. What the office adds or silences is ``interviews.wordlists``'s.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from interviews.screening import DEFAULT_CALL, LISTED, Word, WordClass, fold

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Shipped:
    """The words of one class that come with the program, with what the class means and its source."""

    kind: WordClass
    about: str
    source: str
    words: tuple[Word, ...]


@cache
def shipped() -> dict[WordClass, Shipped]:
    """The shipped lists by class."""
    found: dict[WordClass, Shipped] = {}
    for kind in LISTED:
        file = _HERE / f"{kind.value}.yaml"
        found[kind] = _shipped(kind, yaml.safe_load(file.read_text(encoding="utf-8")))
    return found


def _shipped(kind: WordClass, read: dict[str, Any]) -> Shipped:
    if read["kind"] != kind:
        raise ValueError(f"{kind}.yaml says it is {read['kind']}")
    words = [
        Word(str(word), kind, str(group.get("call", DEFAULT_CALL)))
        for group in read["groups"]
        for word in group["words"]
    ]
    return Shipped(kind, read["about"], read["source"], tuple(words))


@cache
def cases() -> tuple[tuple[str, WordClass | None], ...]:
    """The shipped sentences with the class each must be recognised as; ``None``: none at all."""
    read = yaml.safe_load((_HERE / "cases.yaml").read_text(encoding="utf-8"))
    return tuple((one["text"], WordClass(one["kind"]) if one["kind"] else None) for one in read["cases"])


def form_of(word: str) -> str:
    """What two spellings of one word have in common: 加微信 and 加 微信 are one word."""
    return "…".join(part for part in (fold(part) for part in word.split("…")) if part)


@cache
def by_form() -> dict[str, Word]:
    """The shipped words by what is compared."""
    return {form_of(word.text): word for one in shipped().values() for word in one.words}
