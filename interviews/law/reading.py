"""A rule file read so that every complaint names its line.

The file is YAML, but every plain word is text until the model says otherwise: YAML's own guesses would turn
``24:00`` into 1440 and ``no`` into false. Aliases are refused, because a value that refers to itself never ends.
"""

from pathlib import PurePath

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from base.errors import Refusal
from interviews.law.models import Regulation

MOST_BYTES = 500_000
_EMPTY = frozenset({"", "~", "null"})

Place = tuple[str | int, ...]
Lines = dict[Place, int]


class _Reader(yaml.SafeLoader):
    """The safe loader without aliases."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # types-pyyaml leaves it bare
            raise yaml.composer.ComposerError(None, None, "alias", event.start_mark)
        return super().compose_node(parent, index)


def bad(name: str, line: int | None, what: str) -> Refusal:
    """The refusal of a rule file, with its line."""
    where = f"{PurePath(name).name}第{line}行" if line is not None else PurePath(name).name
    return Refusal("regulation.file", f"{where}：{what}。请改好这个文件再用。", status=400)


def read(content: bytes, name: str) -> tuple[Regulation, Lines]:
    """Read a rule file.

    Args:
        content: the file, UTF-8.
        name: its name, for messages.

    Returns:
        The rule, and the line of every place in it.

    Raises:
        Refusal: ``regulation.file``; the first thing that is wrong, with its line.
    """
    if len(content) > MOST_BYTES:
        raise bad(name, None, "文件太大，规定文件一般只有几百行")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise bad(name, None, "不是UTF-8编码的文本") from None
    lines: Lines = {}
    data = _data(_root(text, name), (), lines, name)
    if not isinstance(data, dict):
        raise bad(name, 1, "最外层要写成“名称: 值”的样子")
    try:
        return Regulation.model_validate(data), lines
    except ValidationError as error:
        first = min(error.errors(), key=lambda one: line_of(lines, one["loc"]))
        raise bad(name, line_of(lines, first["loc"]), _in_chinese(first)) from None


def line_of(lines: Lines, place: Place) -> int:
    """The line of a place, or of the nearest thing around it."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _root(text: str, name: str) -> yaml.Node:
    try:
        root = _Reader(text).get_single_node()
    except yaml.composer.ComposerError as error:
        mark = error.problem_mark
        line = mark.line + 1 if mark is not None else None
        if error.problem == "alias":
            raise bad(name, line, "不能用*引用别处的内容，请直接写出来") from None
        raise bad(name, line, "一个文件只能写一部规定") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise bad(
            name, mark.line + 1 if mark is not None else None, "缩进、冒号或引号不对，读不下去"
        ) from None
    except (yaml.YAMLError, RecursionError):
        raise bad(name, None, "里面有不能用的字符或过深的层次") from None
    if root is None:
        raise bad(name, None, "是空文件")
    return root


def _data(node: yaml.Node, place: Place, lines: Lines, name: str) -> object:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, object] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                raise bad(name, line, "名称要是一个词")
            key = str(key_node.value)
            if key in found:
                raise bad(name, line, f"“{key}”写了两次")
            lines[(*place, key)] = line
            found[key] = _data(value_node, (*place, key), lines, name)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_data(one, (*place, position), lines, name) for position, one in enumerate(node.value)]
    plain = node.style is None if isinstance(node, yaml.ScalarNode) else False
    return None if plain and node.value in _EMPTY else node.value


_WORDS = {
    "missing": "少了“{key}”",
    "extra_forbidden": "不认识“{key}”这个名称，请核对拼写",
    "int_parsing": "“{key}”要写整数，现在是“{input}”",
    "int_type": "“{key}”要写整数",
    "int_from_float": "“{key}”要写整数，现在是“{input}”",
    "bool_parsing": "“{key}”要写true或false，现在是“{input}”",
    "bool_type": "“{key}”要写true或false",
    "date_parsing": "“{key}”的日期“{input}”不存在，请写成2026-01-01这样",
    "date_from_datetime_parsing": "“{key}”的日期“{input}”不存在，请写成2026-01-01这样",
    "date_from_datetime_inexact": "“{key}”只写日期，不写时间",
    "date_type": "“{key}”要写日期",
    "literal_error": "“{key}”不能写“{input}”，只能写{expected}",
    "enum": "“{key}”不能写“{input}”，只能写{expected}",
    "string_pattern_mismatch": "“{key}”不能写“{input}”，写法不对",
    "string_too_short": "“{key}”不能空着",
    "string_type": "“{key}”要写一段文字",
    "too_short": "“{key}”至少写一项",
    "tuple_type": "“{key}”要写成列表，每项前面加一个减号",
    "model_type": "“{key}”要写成几行“名称: 值”",
    "model_attributes_type": "“{key}”要写成几行“名称: 值”",
    "dict_type": "“{key}”要写成几行“名称: 值”",
}


def _in_chinese(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx") or {}
    names = [part for part in error["loc"] if isinstance(part, str)]
    key = names[-1] if names else "文件"
    value = str(error["input"])[:40]
    if kind == "value_error":
        return str(context["error"])
    if kind == "greater_than_equal":
        if context["ge"] == 0:
            return f"“{key}”不能是负数，现在是{value}"
        return f"“{key}”不能小于{context['ge']}，现在是{value}"
    if kind == "less_than_equal":
        return f"“{key}”不能大于{context['le']}，现在是{value}"
    expected = str(context.get("expected", "")).replace("'", "").replace(" or ", "、").replace(", ", "、")
    return _WORDS.get(kind, "“{key}”写得不对").format(key=key, input=value, expected=expected)
