"""What one may ask of a matter: what to bring, how long it takes, where it is handled. Pure.

``data/aspects.txt`` says for each aspect how it is asked and how a text looks that tells it, ``data/case_words.txt`` by
which people and cases a matter differs, ``data/asking_words.txt`` which words of a question name no matter at all. All
three can be read and added to without knowing this module.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from faq import terms

_ASKED, _TOLD = "问", "答"
_HEAD = re.compile(r"\[(?P<name>[a-z_]+)\] \S+")
_NAMED = re.compile(r"(?P<name><\S+>) (?P<shape>\S+)")


@dataclass(frozen=True)
class Aspect:
    """What one asks of a matter, and how a text that tells it looks.

    Attributes:
        asks: pattern over a normalised question.
        says: pattern over a normalised text.
    """

    name: str
    asks: re.Pattern[str]
    says: re.Pattern[str]


def parsed(lines: tuple[str, ...]) -> tuple[Aspect, ...]:
    """The aspects of a table, in its order.

    Args:
        lines: 「[name] 名」 begins an aspect, 「问 …」 and 「答 …」 give its shapes; 「<名> 样子」 before the first one
            names a shape that others may hold.

    Raises:
        ValueError: a line that cannot be read, an aspect that is never asked or never told.
    """
    named: dict[str, str] = {}
    shapes: dict[str, dict[str, list[str]]] = {}
    for line in lines:
        if head := _HEAD.fullmatch(line):
            current = shapes.setdefault(head["name"], {_ASKED: [], _TOLD: []})
        elif not shapes and (one := _NAMED.fullmatch(line)):
            named[one["name"]] = one["shape"]
        elif shapes and line[:2] in (f"{_ASKED} ", f"{_TOLD} "):
            current[line[0]].extend(line[2:].split())
        else:
            raise ValueError(f"[英文名] 中文名，问 样子，答 样子：{line[:40]}")
    return tuple(
        Aspect(name, _either(parts[_ASKED], named, name), _either(parts[_TOLD], named, name))
        for name, parts in shapes.items()
    )


def _either(shapes: list[str], named: Mapping[str, str], aspect: str) -> re.Pattern[str]:
    if not shapes:
        raise ValueError(f"[{aspect}] 要有问，也要有答")
    whole = "|".join(shapes)
    for name, shape in named.items():
        whole = whole.replace(name, shape)
    return re.compile(whole)


@cache
def of_a_matter() -> tuple[Aspect, ...]:
    """The aspects, from the most particular on: a question that fits several asks the first."""
    return parsed(terms.lines("aspects"))


@cache
def cases() -> Mapping[str, str]:
    """For each word by which one asks for a case (外地人) the pattern of the words in which a text means it."""
    return dict(_cases())


def _cases() -> Iterator[tuple[str, str]]:
    for line in terms.lines("case_words"):
        asked, _, says = line.partition(":")
        for word in asked.split():
            yield word, "|".join(says.split())


@cache
def _asking() -> re.Pattern[str]:
    words = (word for line in terms.lines("asking_words") for word in line.split())
    return re.compile(f"({'|'.join(words)})+")


def names_nothing(word: str) -> bool:
    """Whether a segmented word of a question is one of asking (可以, 怎么办), which names no matter."""
    return _asking().fullmatch(word) is not None
