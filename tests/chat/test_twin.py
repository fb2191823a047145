"""The island's reducer is the server's twin: the same scenes, through TypeScript."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from base.db import Database, sqlite_url
from tests import cast
from tests.chat.test_equation import SCENES, play
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
    cases = tmp_path / "cases.jsonl"
    cases.write_text("\n".join(lines))
    npm = shutil.which("npm") or str(Path(sys.executable).parent / "npm")
    path = os.pathsep.join([str(Path(npm).parent), os.environ["PATH"]])
    environment = os.environ | {"FANGTAN_CASES": str(cases), "PATH": path}
    done = subprocess.run(  # noqa: ASYNC221 - nothing else runs on this loop
        [npm, "test", "--silent"], cwd=ISLANDS, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped 0" in done.stdout
    assert len(lines) > 300
