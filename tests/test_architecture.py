"""The shape of the house is a test."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = ("base", "interviews", "chat", "faq", "scheduler", "web")


def _sources() -> list[Path]:
    every = [path for room in (*ROOMS, "tests", "bench") for path in (ROOT / room).rglob("*.py")]
    return [path for path in every if "node_modules" not in path.parts]


def test_rooms_import_only_what_the_table_allows() -> None:
    linter = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_is_imported_inside_a_function() -> None:
    inside = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _sources()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


def test_no_file_is_called_utils_manager_or_service() -> None:
    assert [
        path for path in _sources() if path.stem in ("utils", "util", "helpers", "manager", "service", "misc")
    ] == []


def test_the_environment_has_one_reader() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for path in _sources()
        if path.relative_to(ROOT).parts[0] in ROOMS and "os.environ" in path.read_text()
    }
    assert readers == set()


def test_no_foreign_address_in_what_is_committed() -> None:
    for name in ("requirements.lock", "web/islands/package-lock.json"):
        text = (ROOT / name).read_text()
        assert '"resolved"' not in text
        assert "--index-url" not in text
