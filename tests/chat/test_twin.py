"""The island's reducer is the server's twin: the same scenes through TypeScript."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from base.db import Database, sqlite_url
from tests import cast
from tests.chat.scenes import SCENES
from tests.chat.test_equation import play

ISLANDS = Path(__file__).parents[2] / "web" / "islands"


async def _cases(folder: Path, empty: Path) -> list[str]:
    lines = []
    for scene in SCENES:
        database = Database(sqlite_url(Path(shutil.copy(empty, folder / f"{scene.__name__}.db"))))
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


async def test_the_islands_reducer_gives_the_same_states(tmp_path: Path, migrated_file: Path) -> None:
    lines = await _cases(tmp_path, migrated_file)
    assert len(lines) > 300
    through_typescript(lines, tmp_path / "cases.jsonl")


def through_typescript(lines: list[str], cases: Path) -> None:
    """Put the states before and after, and the events between, before the island's reducer."""
    cases.write_text("\n".join(lines))
    npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
    path = os.pathsep.join([str(Path(npm).parent), os.environ["PATH"]])
    environment = os.environ | {"FANGTAN_CASES": str(cases), "PATH": path}
    done = subprocess.run(
        [npm, "test", "--silent"], cwd=ISLANDS, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped 0" in done.stdout
