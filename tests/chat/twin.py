"""What the server told, put before the island's reducer, which is the twin of the server's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ISLANDS = Path(__file__).parents[2] / "web" / "islands"


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
