"""Backups from the administrator's page: one at a time in the background, seen on its way, cancelled, looked through.

They lie in ``backups`` under the data directory, each with a note beside it of what it holds and when it was checked.
They never go through the browser: whoever has one has everything about everybody, and an administrator reads nothing.
"""

import asyncio
import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from base import audit
from base.clock import utcnow
from base.db import Units
from base.errors import Refusal, missing
from base.people import Actor
from web import backups, terminal
from web.backup_contents import Held, Told, stamp
from web.long_work import LongWork, Work

PLACE = "backups"
_NAME = re.compile(r"fangtan-\d{8}-\d{6}\.backup")
STAGES = terminal.BACKUP
BLOCK = 1 << 20


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


def _keeper() -> LongWork:
    return LongWork(
        Refusal("backup.running", "正在办一份备份，一次只办一份。请等它办完，或者先停下它。"),
        Refusal("backup.idle", "现在没有正在办的备份。"),
        "停下了，没有留下半份。",
        "没有办成，原因在日志里。请看磁盘和权限再来。",
    )


@dataclass
class BackupWork:
    """The one who makes backups in a process.

    Args:
        data: the installation's directory.
    """

    data: Path
    long: LongWork = field(default_factory=_keeper)

    @property
    def work(self) -> Work | None:
        """What is being done, or was done last."""
        return self.long.work

    @property
    def place(self) -> Path:
        """Where the backups lie."""
        return self.data.resolve() / PLACE

    @property
    def running(self) -> bool:
        """Whether something is being done."""
        return self.long.running

    def start(self, units: Units, actor: Actor, name: str | None = None) -> Work:
        """Begin to make a backup, or with a ``name`` to look through one.

        Raises:
            Refusal: ``backup.running``; ``not_found`` for a name under which none lies there.
        """
        if name is not None and not self.running:
            self._file(name)
        made = name or f"fangtan-{stamp()}.backup"
        detail: dict[str, Any] = {}

        async def doing(work: Work, told: Told) -> str:
            detail.update(await asyncio.to_thread(self._in_thread, work, told))
            return _ended(work, detail)

        async def after(work: Work) -> None:
            act = {"cancelled": "backup.cancel", "failed": "backup.fail"}.get(
                work.state, f"backup.{work.kind}"
            )
            async with units.act(actor) as uow:
                await audit.note(uow, act, f"backup:{work.name}", **detail)

        return self.long.start("verify" if name else "make", made, actor.name, doing, after)

    def cancel(self) -> None:
        """Stop what is being done; nothing half done is left.

        Raises:
            Refusal: ``backup.idle`` where nothing is.
        """
        self.long.cancel()

    def _in_thread(self, work: Work, told: Told) -> dict[str, Any]:
        """The work itself, on a loop of its own, so that nobody who is being served waits for it."""
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
