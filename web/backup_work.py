"""Backups from the administrator's page: one at a time in the background, seen on its way, cancelled, looked through.

They lie in ``backups`` under the data directory, each with a note beside it of what it holds and when it was checked.
They never go through the browser: whoever has one has everything about everybody, and an administrator reads nothing.
"""

import asyncio
import hashlib
import json
import re
import threading
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from base import audit
from base.clock import utcnow
from base.db import Units
from base.errors import Refusal, missing
from base.people import Actor
from web import backups
from web.backup_contents import Cancelled, Held, stamp

log = structlog.get_logger(__name__)

PLACE = "backups"
_NAME = re.compile(r"fangtan-\d{8}-\d{6}\.backup")
STAGES = {
    "begin": "准备",
    "copy": "拷贝",
    "check": "核对每一页",
    "look": "看里面有什么",
    "chain": "核对审计链",
    "digest": "算校验值",
}
BLOCK = 1 << 20
GRACE = 5


@dataclass
class Work:
    """What is being done, or was done last; ``state`` is running, done, cancelled or failed."""

    kind: str
    name: str
    by: str
    started: datetime
    state: str = "running"
    stage: str = "begin"
    done: int = 0
    total: int = 0
    said: str = ""


@dataclass(frozen=True)
class Kept:
    """A backup that lies there; ``checked`` is when it was last found whole, and empty where it changed since."""

    name: str
    made_at: datetime
    bytes: int
    checked: datetime | None
    changed: bool
    holds: str
    digest: str


@dataclass
class BackupWork:
    """The one who makes backups in a process.

    Args:
        data: the installation's directory.
    """

    data: Path
    work: Work | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _task: asyncio.Task[None] | None = None

    @property
    def place(self) -> Path:
        """Where the backups lie."""
        return self.data.resolve() / PLACE

    @property
    def running(self) -> bool:
        """Whether something is being done."""
        return self.work is not None and self.work.state == "running"

    def start(self, units: Units, actor: Actor, name: str | None = None) -> Work:
        """Begin to make a backup, or with a ``name`` to look through one.

        Raises:
            Refusal: ``backup.running``; ``not_found`` for a name under which none lies there.
        """
        if self.running:
            raise Refusal("backup.running", "正在办一份备份，一次只办一份。请等它办完，或者先停下它。")
        if name is not None:
            self._file(name)
        self._stop.clear()
        made = name or f"fangtan-{stamp()}.backup"
        self.work = Work("verify" if name else "make", made, actor.name, utcnow())
        self._task = asyncio.create_task(self._run(units, actor, self.work))
        return self.work

    def cancel(self) -> None:
        """Stop what is being done; nothing half done is left.

        Raises:
            Refusal: ``backup.idle`` where nothing is.
        """
        if not self.running:
            raise Refusal("backup.idle", "现在没有正在办的备份。")
        self._stop.set()

    async def close(self) -> None:
        """Stop with the process."""
        self._stop.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=GRACE)

    async def _run(self, units: Units, actor: Actor, work: Work) -> None:
        act = f"backup.{work.kind}"
        detail: dict[str, Any] = {}
        try:
            detail = await asyncio.to_thread(self._in_thread, work)
            work.state, work.said = "done", _ended(work, detail)
        except Cancelled:
            work.state, work.said, act = "cancelled", "停下了，没有留下半份。", "backup.cancel"
        except Refusal as refusal:
            work.state, work.said, act = "failed", refusal.message, "backup.fail"
        except Exception:
            log.exception("backup.failed", kind=work.kind)
            work.state, work.said, act = (
                "failed",
                "没有办成，原因在日志里。请看磁盘和权限再来。",
                "backup.fail",
            )
        async with units.act(actor) as uow:
            await audit.note(uow, act, f"backup:{work.name}", **detail)

    def _in_thread(self, work: Work) -> dict[str, Any]:
        """The work itself, on a loop of its own, so that nobody who is being served waits for it."""

        def told(stage: str, done: int, total: int) -> None:
            if self._stop.is_set():
                raise Cancelled
            work.stage, work.done, work.total = stage, done, total

        file = self.place / work.name
        if work.kind == "make":
            self.place.mkdir(mode=0o700, parents=True, exist_ok=True)
            held: Held | None = asyncio.run(backups.backup(self.data, file, told)).held
        else:
            known = _note(file)
            held = asyncio.run(backups.verify(file, told))
            if known and known.get("digest") != _digest(file, told):
                message = (
                    "这份备份和存下时的校验值不一样，里面读得出来，但是变过。请换一份，并且查清是谁动的。"
                )
                raise Refusal("backup.changed", message)
        digest = _digest(file, told)
        size = file.stat().st_size
        note = {"bytes": size, "digest": digest, "checked_at": utcnow().isoformat()}
        note |= {"seen": file.stat().st_mtime_ns, "held": asdict(held) if held else None}
        _beside(file).write_text(json.dumps(note, ensure_ascii=False), encoding="utf-8")
        return {"bytes": size, "digest": digest}

    def _file(self, name: str) -> Path:
        file = self.place / name
        if not _NAME.fullmatch(name) or not file.is_file():
            raise missing("这份备份")
        return file

    def listed(self) -> list[Kept]:
        """The backups that lie there, the newest first."""
        if not self.place.is_dir():
            return []
        found = [one for one in self.place.iterdir() if _NAME.fullmatch(one.name) and one.is_file()]
        return [_kept(one) for one in sorted(found, key=lambda one: one.name, reverse=True)]


def _ended(work: Work, detail: dict[str, Any]) -> str:
    if work.kind == "verify":
        return f"{work.name} 核对过了，完好。"
    return f"{work.name} 存好了，{detail['bytes'] / 2**20:.1f} MB，核对过。"


def _beside(file: Path) -> Path:
    return file.with_name(file.name + ".json")


def _note(file: Path) -> dict[str, Any]:
    """What was written down of a backup when it was last found whole; nothing where nothing readable was."""
    try:
        found = json.loads(_beside(file).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _kept(file: Path) -> Kept:
    stands, note = file.stat(), _note(file)
    same = (note.get("bytes"), note.get("seen")) == (stands.st_size, stands.st_mtime_ns)
    held = note.get("held")
    return Kept(
        name=file.name,
        made_at=datetime.fromtimestamp(stands.st_mtime, utcnow().tzinfo),
        bytes=stands.st_size,
        checked=datetime.fromisoformat(note["checked_at"]) if note and same else None,
        changed=bool(note) and not same,
        holds=Held(**held).sentence() if held else "",
        digest=str(note.get("digest", "")),
    )


def _digest(file: Path, told: Any) -> str:
    made, done, total = hashlib.sha256(), 0, file.stat().st_size
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            made.update(block)
            done += len(block)
            told("digest", done, total)
    return made.hexdigest()
