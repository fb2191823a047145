"""The documents say what the program does: settings, commands, links and the protocol are compared with it."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer import Typer

from chat.registry import REGISTRY
from web import cli, commands
from web.settings import NOT_FROM_ENVIRONMENT, Settings

ROOT = Path(__file__).parent.parent.parent
OPERATOR = ROOT / "docs" / "operator.md"
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])

_LINK = re.compile(r"\]\(([^)\s]+)\)|<img src=\"([^\"]+)\"")
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_NAMED = re.compile(r"(?<![\w/.-])fangtan(?:-admin)? ([a-z]+)(?: ([a-z]+))?")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _commands(app: Typer, before: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every command of the command line, a group's name before its own."""
    own = {
        (*before, one.name or one.callback.__name__)
        for one in app.registered_commands
        if one.callback is not None
    }
    for group in app.registered_groups:
        if group.typer_instance is not None and group.name is not None:
            own |= _commands(group.typer_instance, (*before, str(group.name)))
    return own


def _named_in(text: str) -> set[tuple[str, ...]]:
    """The commands that a document writes as code: ``fangtan faq ask …`` gives ``("faq", "ask")``."""
    groups = {one[0] for one in _commands(cli.app) if len(one) == 2}
    found = (match for code in _CODE.findall(text) for match in _NAMED.finditer(code))
    return {(first, second) if first in groups else (first,) for first, second in (m.groups() for m in found)}


_SETTINGS = {name.upper() for name in Settings.model_fields if name not in NOT_FROM_ENVIRONMENT}


def test_every_setting_is_in_the_operators_table_and_nothing_else_is() -> None:
    rows = re.findall(r"^\| `FANGTAN_([A-Z_]+)`", OPERATOR.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(_SETTINGS)


def test_the_operators_document_names_no_setting_that_does_not_exist() -> None:
    named = set(re.findall(r"FANGTAN_([A-Z_]*[A-Z])", OPERATOR.read_text(encoding="utf-8")))
    assert named == _SETTINGS


def test_every_command_is_in_the_operators_table() -> None:
    rows = re.findall(r"^\| `fangtan ([a-z ]+)`", OPERATOR.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(tuple(row.split()) for row in rows) == sorted(_commands(cli.app))


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_command_that_a_document_names_exists(document: Path) -> None:
    assert _named_in(document.read_text(encoding="utf-8")) <= _commands(cli.app)


@pytest.mark.parametrize("document", DOCUMENTS, ids=_name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    links = [one or other for one, other in _LINK.findall(document.read_text(encoding="utf-8"))]
    inside = [link for link in links if not re.match(r"[a-z]+:|/", link)]
    assert [link for link in inside if not _there(document, unquote(link))] == []


def _there(document: Path, link: str) -> bool:
    """Whether a link's file is there, and in it the heading that the link names."""
    path, _, heading = link.partition("#")
    target = (document.parent / path).resolve() if path else document
    if not target.is_relative_to(ROOT) or not target.exists():
        return False
    return not heading or heading in _headings(target)


def _headings(document: Path) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w-]", "", line.strip().lower().replace(" ", "-")) for line in lines}


def test_every_screenshot_is_small_and_shown_somewhere() -> None:
    shown = "".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    for picture in (ROOT / "docs" / "screenshots").glob("*.png"):
        assert picture.stat().st_size <= 300 * 1024, picture.name
        assert f"screenshots/{picture.name}" in shown, picture.name


def test_the_list_of_decisions_is_whole() -> None:
    listed = (ROOT / "docs" / "decisions" / "README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in (ROOT / "docs" / "decisions").glob("0*.md"))
    assert re.findall(r"\]\((0[^)]+)\)", listed) == pages


def test_the_protocol_document_names_every_command_and_field() -> None:
    printed = commands.protocol_markdown()
    for command in REGISTRY.values():
        _, _, rest = printed.partition(f"## `{command.name}`\n")
        section, _, _ = rest.partition("\n## ")
        assert section, command.name
        for field in command.schema.model_fields:
            assert f"- `{field}`" in section, f"{command.name}.{field}"
