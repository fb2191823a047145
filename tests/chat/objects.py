"""Objects for any command, made from its schema: one that fits, and all that is wrong in one place."""

from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel

Shape = dict[str, Any]
Path = tuple[str | int, ...]
Known = dict[str, Any]

WRONG: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "integer": 7,
    "number": 1.5,
    "string": "nonsense",
    "array": [[]],
    "object": {"nonsense": {}},
}
NUMBERS = (0, -1, 2**31, 2**63, 10**90, float("nan"), float("inf"))
DEEP: Any = []
for _ in range(5_000):
    DEEP = [DEEP]
FORMATS = {"date-time": "2026-06-10T14:30:00+08:00", "date": "2026-06-10"}
PATTERNED = {"client_id": "client-0001", "contact": "someone@example.org", "due": "2026-06-10"}


def resolved(shape: Shape, whole: Shape) -> Shape:
    """A shape without references, and of alternatives the first that is not null."""
    if "$ref" in shape:
        found: Shape = whole["$defs"][shape["$ref"].rpartition("/")[2]]
        return resolved(found, whole)
    if "anyOf" in shape:
        return resolved(next(one for one in shape["anyOf"] if one.get("type") != "null"), whole)
    return shape


def nullable(shape: Shape) -> bool:
    """Whether null fits."""
    return any(one.get("type") == "null" for one in shape.get("anyOf", ()))


def fitting(shape: Shape, whole: Shape, known: Known, name: str = "") -> Any:
    """A value that fits a shape.

    Args:
        shape: of JSON Schema.
        whole: the schema with its definitions.
        known: values by the name of their field, such as rows that exist.
        name: of the field.
    """
    plain = resolved(shape, whole)
    if name in known:
        return known[name]
    if "enum" in plain or "const" in plain:
        return plain.get("const", plain.get("enum", [None])[0])
    kind = plain["type"]
    if kind == "object":
        inside = plain.get("properties", {})
        return {one: fitting(inside[one], whole, known, one) for one in inside}
    if kind == "array":
        return [fitting(plain["items"], whole, known, name.rstrip("s"))]
    if kind == "string":
        return PATTERNED.get(name) or FORMATS.get(plain.get("format", ""), "能报多少？")
    return {"integer": plain.get("minimum", 1), "number": plain.get("minimum", 1.0), "boolean": True}[kind]


def places(shape: Shape, whole: Shape, value: Any, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Every place of a fitting value, with its shape."""
    yield path, shape
    plain = resolved(shape, whole)
    if isinstance(value, dict):
        for name, inside in plain.get("properties", {}).items():
            yield from places(inside, whole, value[name], (*path, name))
    elif isinstance(value, list) and value:
        yield from places(plain["items"], whole, value[0], (*path, 0))


def replaced(value: Any, path: Path, by: Any) -> Any:
    """A copy of a value that has something else in one place; ``...`` leaves it out."""
    if not path:
        return by
    first, *rest = path
    if isinstance(value, list):
        return [replaced(value[0], tuple(rest), by), *value[1:]]
    copy = dict(value)
    if not rest and by is ...:
        del copy[first]
    else:
        copy[first] = replaced(value[first], tuple(rest), by)
    return copy


def at(value: Any, path: Path) -> Any:
    """What stands in one place of a value."""
    for step in path:
        value = value[step]
    return value


def malformed(schema: type[BaseModel], known: Known) -> Iterator[tuple[str, Any]]:
    """Objects that do not fit, each with the words for what is wrong with it."""
    whole = schema.model_json_schema()
    good = fitting(whole, whole, known)
    for path, shape in places(whole, whole, good):
        named = ".".join(map(str, path)) or "the whole"
        for wrong, value in _wrong(shape, whole):
            yield f"{named} is {wrong}", replaced(good, path, value)
        if path and isinstance(path[-1], str) and path[-1] in at_shape(whole, path[:-1]).get("required", ()):
            yield f"{named} is missing", replaced(good, path, ...)
        if resolved(shape, whole).get("type") == "object":
            inside = at(good, path)
            for extra, more in EXTRAS.items():
                yield f"{named} has {extra}", replaced(good, path, inside | more())


def at_shape(whole: Shape, path: Path) -> Shape:
    """The shape of one place."""
    shape = resolved(whole, whole)
    for step in path:
        shape = resolved(shape["items"] if isinstance(step, int) else shape["properties"][step], whole)
    return shape


EXTRAS: dict[str, Callable[[], dict[str, Any]]] = {
    "an extra field": lambda: {"extra": 1},
    "a field of half a character": lambda: {"\ud800": 1},
    "a field with a huge name": lambda: {"长" * 50_000: 1},
    "30,000 extra fields": lambda: {f"k{number}": 0 for number in range(30_000)},
    "a deep extra field": lambda: {"extra": DEEP},
    "a field named __proto__": lambda: {"__proto__": {"role": "admin"}},
}


def _wrong(shape: Shape, whole: Shape) -> Iterator[tuple[str, Any]]:
    plain = resolved(shape, whole)
    kind = plain.get("type", "string")
    fits = {kind} | ({"null"} if nullable(shape) else set())
    if kind == "string" and not ({"enum", "const", "format", "pattern"} & plain.keys()):
        yield "half a character", "\ud800"
    if kind == "number":
        fits.add("integer")
    if "enum" in plain or "const" in plain or "format" in plain:
        yield "none of the words", "nonsense"
    for word, value in WRONG.items():
        if word not in fits:
            yield f"of type {word}", value
    yield "deep", DEEP
    if kind == "integer":
        low, high = plain.get("minimum", float("-inf")), plain.get("maximum", float("inf"))
        outside = [number for number in NUMBERS if number != number or not low <= number <= high]
        yield from ((f"the number {str(number)[:20]}", number) for number in outside)
    if "maxLength" in plain:
        yield "huge", "长" * (plain["maxLength"] + 1)
    if "maxItems" in plain:
        yield "a huge list", [fitting(plain["items"], whole, {})] * (plain["maxItems"] + 1)
