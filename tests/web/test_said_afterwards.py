"""Every act says afterwards what happened: each route that takes a form leads to a sentence, each command has its own.

Read from the handlers: one that neither says something once (``flash``) nor answers with a page that says it fails.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from tests.web.conftest import Town
from web import forms

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"
COMMANDS = re.compile(r'\bact\("([a-z.]+)"(?: if [^"]*else "([a-z.]+)")?')

SAYS_ON_ITS_PAGE = {
    "/login": "leads to where one works, or says why not",
    "/faq": "answers",
    "/faq/exit": "shows the receipt, or where to ask",
    "/office/words/try": "shows how the sentence is cut",
    "/office/catalog/import": "shows what would be taken in",
    "/office/programme/import": "shows what would be taken in",
    "/office/interviews/{id}/enter": "shows the receipt",
    "/office/interviews/new": "shows another month with what is typed",
    "/admin/accounts": "shows the one-time password",
    "/host/{id}/several": "says of each what became of it",
    "/reports/{token}/acknowledge": "the page says when it was acknowledged",
    "/do/{command}": "says the command's own sentence, below",
    "/follow/{token}": "says on a page of its own that it begins",
    "/follow/stop/{key}": "says on a page of its own that it ended",
}
"""Where the page that answers says it, and how."""


def _globals_called(function: FunctionType) -> Iterator[tuple[str, Any]]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        if isinstance(call.func, ast.Name):
            yield call.func.id, function.__globals__.get(call.func.id)
        elif isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
            module = function.__globals__.get(call.func.value.id)
            if isinstance(module, ModuleType):
                yield f"{module.__name__}.{call.func.attr}", getattr(module, call.func.attr, None)


def _says(function: FunctionType, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a handler, or what it calls among the routes, lets the next page say something."""
    for name, found in _globals_called(function):
        if name == "flash":
            return True
        plain = inspect.unwrap(found) if callable(found) else None
        if not isinstance(plain, FunctionType) or not plain.__module__.startswith("web.routes"):
            continue
        if name not in seen and _says(plain, seen | {name}):
            return True
    return False


def _posts(town: Town) -> dict[str, FunctionType]:
    app = town.client.app
    assert app is not None
    return {
        str(route.resource.canonical): inspect.unwrap(route.handler)
        for route in app.router.routes()
        if route.method == "POST"
        and route.resource
        and not route.resource.canonical.startswith(("/api/", "/socket.io/"))
    }


def test_every_form_leads_to_a_sentence(town: Town) -> None:
    posts = _posts(town)
    assert len(posts) > 70, "the routes are no longer read"
    silent = {path for path, handler in posts.items() if not _says(handler)}
    assert silent - set(SAYS_ON_ITS_PAGE) == set(), "these say nothing afterwards"
    assert set(SAYS_ON_ITS_PAGE) <= set(posts), "these are gone"


def _commands() -> set[str]:
    text = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))
    return {name for pair in COMMANDS.findall(text) for name in pair if name}


def test_every_command_of_a_form_has_a_sentence_of_its_own() -> None:
    found = _commands()
    assert len(found) > 40, "the templates are no longer read"
    assert found - set(forms.DONE) == set(), "of these it is only said that they were done"


@pytest.mark.parametrize("name", sorted(forms.DONE))
def test_it_says_more_than_that_it_was_done(name: str) -> None:
    said = forms.done_words(
        name, {"number": 3, "word": "词", "questions": [1], "to": "水务局", "seconds": 10} | _counted(name)
    )
    assert len(said) > 6, said
    assert said.endswith("。"), said


def _counted(name: str) -> dict[str, Any]:
    return {"questions": 2} if name == "questions.forward" else {}
