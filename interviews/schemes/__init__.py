"""Schemes of assessment (考评办法) as data: what counts, how much is taken off, how the parts weigh, the grades.

Another city's scheme is another file; no Python changes. ``interviews.scoring`` reckons by them and
``interviews.assessment`` keeps what was found.
"""

import functools
from pathlib import Path

import yaml
from pydantic import ValidationError

from base.errors import Refusal
from interviews.schemes.models import Deduction, Find, Grade, Part, PartKind, Scheme

__all__ = ["Deduction", "Find", "Grade", "Part", "PartKind", "Scheme", "available", "load", "parse"]

_HERE = Path(__file__).parent


def parse(content: bytes, name: str) -> Scheme:
    """A scheme from the bytes of its file (YAML, UTF-8).

    Raises:
        Refusal: ``scheme.file``; says what is wrong.
    """
    try:
        return Scheme.model_validate(yaml.safe_load(content.decode()))
    except (yaml.YAMLError, UnicodeDecodeError):
        raise _bad(name, "不是写得对的YAML") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _bad(name, f"{place or '整个文件'}：{first['msg'].removeprefix('Value error, ')}") from None


def _bad(name: str, what: str) -> Refusal:
    return Refusal("scheme.file", f"{name}：{what}。请改好这个文件再用。", status=400)


@functools.cache
def available() -> tuple[Scheme, ...]:
    """The schemes that come with the product, by their names."""
    return tuple(parse(path.read_bytes(), path.name) for path in sorted(_HERE.glob("*.yaml")))


def load(name: str) -> Scheme:
    """One scheme by its id.

    Raises:
        Refusal: ``scheme.unknown``.
    """
    found = next((scheme for scheme in available() if scheme.id == name), None)
    if found is None:
        raise Refusal("scheme.unknown", "没有这部考评办法。请从页面上选一部。", status=400)
    return found
