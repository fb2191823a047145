"""The island's reducer is the server's twin: the same scenes, and what the state machine heard, through TypeScript."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from base.db import Database, sqlite_url
from tests import cast
from tests.chat import machine
from tests.chat.scenes import SCENES
from tests.chat.test_equation import play
from web.database import migrate

ISLANDS = Path(__file__).parents[2] / "web" / "islands"


async def _cases(folder: Path) -> list[str]:
    lines = []
    for scene in SCENES:
        database = Database(sqlite_url(folder / f"{scene.__name__}.db"))
        await migrate(database)
        _, told = await play(await cast.settle(database), scene)
        await database.close()
        lines += [
            json.dumps(
                {
                    "name": f"{scene.__name__} {one.audience}",
                    "before": one.before,
                    "events": one.events,
                    "after": one.after,
                }
            )
            for one in told
        ]
    return lines


async def test_the_islands_reducer_gives_the_same_states(tmp_path: Path) -> None:
    lines = await _cases(tmp_path)
    assert len(lines) > 300
    _through_typescript(lines, tmp_path / "cases.jsonl")


@pytest.mark.timeout(2700)
def test_the_islands_reducer_follows_what_the_state_machine_heard(tmp_path: Path) -> None:
    heard = machine.short_run().equations
    lines = [json.dumps({"name": f"listener {number}"} | one) for number, one in enumerate(heard)]
    assert sum(len(one["events"]) for one in heard) > 200
    _through_typescript(lines, tmp_path / "heard.jsonl")


def _through_typescript(lines: list[str], cases: Path) -> None:
    cases.write_text("\n".join(lines))
    npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
    path = os.pathsep.join([str(Path(npm).parent), os.environ["PATH"]])
    environment = os.environ | {"FANGTAN_CASES": str(cases), "PATH": path}
    done = subprocess.run(
        [npm, "test", "--silent"], cwd=ISLANDS, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped 0" in done.stdout
