"""Every field that a person can type into is one that a stranger's code was sent through: ``tests/browser/typed.py``.

Read from the templates, so that a new field fails here in a second, long before a browser is started.
"""

import re
from pathlib import Path

from tests.browser import typed
from tests.browser.strangers import fields_of_text

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
MACROS = "macros/forms.html"
"""Draws fields for the others; its own names are what they give it."""
CHOSEN = frozenset({"hidden", "radio", "checkbox", "file", "submit", "password"})
"""Kinds of ``<input>`` in which nothing is typed, or that no page ever shows again."""
CALL = re.compile(r'\b(?:line|area)\(\s*(?:"([^"]+)"( ~)?|([a-z]\w*\.\w+))([^\n]*?)\) ?\}\}')
TAG = re.compile(r"<(?:input|textarea)\b[^>]*>")
NAME = re.compile(r'\bname="([^"]+)"')
KIND = re.compile(r'\btype="([^"]+)"')


def fields_of(template: Path) -> set[str]:
    """What can be typed on one template, as ``rating.html:words``; a counted name ends in ``*``."""
    where = str(template.relative_to(TEMPLATES))
    if where == MACROS:
        return set()
    text = template.read_text(encoding="utf-8")
    found = set()
    for name, counted, expression, more in CALL.findall(text):
        kind = re.search(r'type="(\w+)"', more.split("{{")[0])
        if kind is None or kind[1] not in CHOSEN:
            found.add(f"{where}:{expression or name}{'*' if counted else ''}")
    for tag in TAG.findall(text):
        name, kind = NAME.search(tag), KIND.search(tag)
        if name and (kind is None or kind[1] not in CHOSEN) and "readonly" not in tag:
            found.add(f"{where}:{name[1]}")
    return found


def every_field() -> set[str]:
    """The fields of all templates."""
    return {one for template in TEMPLATES.rglob("*.html") for one in fields_of(template)}


def test_every_field_that_can_be_typed_into_is_tried() -> None:
    known = {*typed.BY_COMMAND, *typed.BY_ADDRESS, *typed.BY_FORM, *typed.NEVER_SHOWN}
    found = every_field()
    assert len(found) > 90, "the templates are no longer read"
    assert found - known == set(), "tests/browser/typed.py does not say where these are tried"
    assert known - found == set(), "nobody can type into these any more"


def test_each_is_tried_in_one_way() -> None:
    ways = [
        {*typed.BY_COMMAND},
        {*typed.BY_ADDRESS},
        {*typed.BY_FORM},
        {*typed.NEVER_SHOWN},
    ]
    assert sum(map(len, ways)) == len(set().union(*ways))


def test_what_is_tried_by_a_command_is_a_field_of_one() -> None:
    named = {one for fields in typed.BY_COMMAND.values() for one in fields}
    assert named - typed.BESIDE_COMMANDS - fields_of_text() == set()
    for key, (_, address) in typed.BY_ADDRESS.items():
        name = key.partition(":")[2]
        assert f"{name}={{}}" in address or "{" in name, key
