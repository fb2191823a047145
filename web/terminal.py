"""How far long work is, on the terminal: a bar for a person, nothing where a program reads."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from web.backup_contents import Told

BACKUP = {
    "begin": "准备",
    "copy": "拷贝",
    "check": "核对每一页",
    "look": "看里面有什么",
    "chain": "核对审计链",
    "digest": "算校验值",
}
REPORT = {"begin": "取记录", "press": "排版、画图", "keep": "存好"}


@contextmanager
def progress(first: str, stages: Mapping[str, str]) -> Iterator[Told]:
    """Draw a bar on standard error while work tells how far it is; Ctrl+C stops the work and leaves all as it was.

    Args:
        first: what is said before anything is told.
        stages: the words of each stage.
    """
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as drawn:
        task = drawn.add_task(first, total=None)

        def told(stage: str, done: int, total: int) -> None:
            drawn.update(task, description=stages.get(stage, first), completed=done, total=total or None)

        yield told
