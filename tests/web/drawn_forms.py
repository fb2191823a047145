"""The forms of a page as a browser without scripts would send them: every field with the value that it was drawn with."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

Fields = dict[str, list[str]]
_LISTS = frozenset({"checkbox", "radio"})


@dataclass
class Drawn:
    """One form: where it goes, and what it sends where nothing is typed."""

    action: str
    method: str
    fields: Fields = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Drawn] = []
        self._in: Drawn | None = None
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None
        self._options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._in = Drawn(got.get("action", ""), got.get("method", "get"))
            self.forms.append(self._in)
        elif self._in is None:
            return
        elif tag == "input":
            self._input(got, self._in)
        elif tag == "textarea":
            self._area, self._text = got.get("name", ""), ""
        elif tag == "select":
            self._select, self._options = got.get("name", ""), []
        elif tag == "option" and self._select is not None:
            self._options.append((got.get("value", ""), "selected" in got))

    def _input(self, got: dict[str, str], form: Drawn) -> None:
        kind, name = got.get("type", "text"), got.get("name", "")
        if name and kind not in ("file", "submit") and (kind not in _LISTS or "checked" in got):
            form.fields.setdefault(name, []).append(got.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None and self._in is not None:
            self._in.fields.setdefault(self._area, []).append(self._text.removeprefix("\n"))
            self._area = None
        elif tag == "select" and self._select is not None and self._in is not None:
            chosen = [value for value, selected in self._options if selected]
            first = [value for value, _ in self._options[:1]]
            self._in.fields.setdefault(self._select, []).extend((chosen or first)[-1:])
            self._select = None
        elif tag == "form":
            self._in = None


def forms_of(text: str) -> Iterator[Drawn]:
    """Every form of a page, in order."""
    reader = _Reader()
    reader.feed(text)
    yield from reader.forms


def form_to(text: str, action: str, **having: str) -> Drawn:
    """The first form of a page that goes to an address and was drawn with these fields."""
    for one in forms_of(text):
        drawn = all(one.fields.get(name) == [value] for name, value in having.items())
        if drawn and one.method == "post" and one.action == action:
            return one
    raise AssertionError(f"no form to {action} with {having}")
