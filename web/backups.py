"""Backups: the whole database in one file, taken while it serves, and put back only after it was looked through.

SQLite is copied by its own backup API in one step, so that writers go on and the copy is of one moment; PostgreSQL by
``pg_dump`` and ``pg_restore``. A file takes its final name only when it is whole, checked and on the disk.
"""

import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from base.db import SQLITE_BUSY_SECONDS, sqlite_url
from base.errors import Refusal
from web import postgres_dumps, settings
from web.backup_contents import (
    LIVED_IN,
    Cancelled,
    Done,
    Held,
    Told,
    check_chain,
    damaged,
    look,
    stamp,
    untold,
    upgraded,
    wants_yes,
)

SQLITE_MARK = b"SQLite format 3\x00"
POSTGRES_MARK = b"PGDMP"
STEP = 2_000
"""Pages copied between two tellings: some 8 MB."""
INSTRUCTIONS = 200_000
"""SQLite's own steps between two questions whether the check is still wanted."""


# Both


async def backup(data: Path, file: Path, told: Told = untold) -> Done:
    """Write the whole database into a file, also while it serves and before an upgrade.

    An older backup of that name is replaced, at once and only by a whole one; any other file is not touched.

    Args:
        data: the installation's directory.
        file: where the backup goes.
        told: called between its steps, and during the long ones.

    Raises:
        Refusal: no database, a place that cannot be written, a damaged database, no ``pg_dump``.
        Cancelled: ``told`` said so; nothing of it is left.
    """
    url = settings.database_of(data)
    source = _sqlite_file(url)
    if source is not None and not source.exists():
        raise Refusal("database.missing", "这里还没有数据库，没有可以备份的。请核对 --data。", status=400)
    _check_place(file, source)
    with _complete(file) as part:
        if source is None:
            held = await postgres_dumps.dump(url, part, told)
        else:
            _copied(source, part, told)
            _check_file(part, told)
            told("look", 0, 0)
            held = await look(sqlite_url(part))
            _single(part)
        size = part.stat().st_size
    return Done(str(file), size, held)


async def restore(data: Path, file: Path, *, yes: bool, told: Told = untold) -> Done:
    """Put a backup in the place of the database, after its pages, its version and its audit chain were checked.

    What was there before is kept under another name. An older shape is brought to the present one.

    Raises:
        Refusal: not a backup of this kind of database, damaged, of a newer version, with a broken chain; a database
            that has something in it without ``yes``; one that a program still has open.
    """
    url = settings.database_of(data)
    target = _sqlite_file(url)
    mark = _first_bytes(file)
    if not mark.startswith(POSTGRES_MARK if target is None else SQLITE_MARK):
        kind = "PostgreSQL" if target is None else "SQLite"
        message = f"{file} 不是 {kind} 的备份。请用 fangtan backup 存下的文件，并核对 FANGTAN_DATABASE_URL。"
        raise Refusal("restore.kind", message, status=400)
    if target is None:
        return await postgres_dumps.restore(url, file, yes=yes)
    return await _restore_sqlite(target, file, yes=yes, told=told)


async def verify(file: Path, told: Told = untold) -> Held | None:
    """Look through a backup as a restore would, and change nothing.

    Returns:
        What it holds; of a PostgreSQL dump nothing is known until it is restored, its list alone is read.

    Raises:
        Refusal: not a backup, damaged, of a newer version, with a broken chain.
        Cancelled: ``told`` said so.
    """
    mark = _first_bytes(file)
    if mark.startswith(POSTGRES_MARK):
        postgres_dumps.check(file)
        return None
    if not mark.startswith(SQLITE_MARK):
        raise Refusal("restore.kind", f"{file.name} 不是备份。", status=400)
    # Opening a database writes into its file: what is looked through is a copy.
    with tempfile.TemporaryDirectory(prefix=".look-", dir=file.parent) as place:
        copied = Path(place) / "copy"
        shutil.copyfile(file, copied)
        _check_file(copied, told)
        held = await look(sqlite_url(copied))
        told("chain", 0, 0)
        await check_chain(sqlite_url(copied), told)
    return held


def _first_bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(len(SQLITE_MARK))
    except OSError:
        raise Refusal("restore.file", f"打不开 {file}。请核对路径和权限。", status=400) from None


def _sqlite_file(url: str) -> Path | None:
    return Path(make_url(url).database or "") if url.startswith("sqlite") else None


def _check_place(file: Path, source: Path | None) -> None:
    """Whether a backup may be written there.

    Raises:
        Refusal: the file is the database itself, or something that is no backup.
    """
    if not file.exists():
        return
    if source is not None and file.samefile(source):
        raise Refusal("backup.itself", "不能把数据库备份成它自己。请换一个文件名。", status=400)
    if not file.is_file() or not _first_bytes(file).startswith((SQLITE_MARK, POSTGRES_MARK)):
        raise Refusal("backup.taken", f"{file} 已经有了，又不是备份，没有动它。请换一个文件名。", status=400)


@contextmanager
def _complete(file: Path) -> Iterator[Path]:
    """A file beside the wanted one that takes its name when it is whole, and is gone when it is not.

    Raises:
        Refusal: the place cannot be written or is full.
    """
    part = file.with_name(f".{file.name}.{secrets.token_hex(4)}.part")
    try:
        # Everything about everybody is in it: for its owner alone.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if os.geteuid() == 0:
            # The service runs under a name of its own and must be able to write what root restored for it.
            os.chown(part, file.parent.stat().st_uid, file.parent.stat().st_gid)
        yield part
        _to_disk(part)
        part.replace(file)
        _to_disk(file.parent)
    except (OSError, sqlite3.DatabaseError) as error:
        if isinstance(error, sqlite3.DatabaseError) and "full" not in str(error):
            raise damaged(error) from None
        message = f"写不了 {file}。请换一个能写、地方够的目录。"
        raise Refusal("backup.place", message, status=400) from None
    finally:
        for left in (part, *_beside(part)):
            with suppress(OSError):
                left.unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


# SQLite


def _beside(path: Path) -> tuple[Path, ...]:
    return tuple(path.with_name(path.name + end) for end in ("-wal", "-shm", "-journal"))


def _copied(source: Path, target: Path, told: Told) -> None:
    """All pages as one moment saw them: in WAL mode nobody waits for it, and no commit falls in between.

    The reading transaction is what makes the steps one moment. Without it SQLite would begin again after each commit
    of somebody else; with it the pages stay those of its beginning.
    """
    with _opened(source) as read, _opened(target) as written:
        read.execute("BEGIN")
        read.execute("SELECT count(*) FROM sqlite_master").fetchone()
        read.backup(
            written, pages=STEP, progress=lambda _, left, total: told("copy", total - left, total), sleep=0
        )
        read.execute("COMMIT")


@contextmanager
def _opened(path: Path, patience: float = SQLITE_BUSY_SECONDS) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, timeout=patience, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def _check_file(path: Path, told: Told = untold) -> None:
    """Look at every page and every reference.

    Raises:
        Refusal: ``database.damaged``: a page is not as it was written, or a row lacks its parent.
        Cancelled: ``told`` said so.
    """
    wanted = True

    def asked() -> int:
        nonlocal wanted
        try:
            told("check", 0, 0)
        except Cancelled:
            wanted = False
        return int(not wanted)

    asked()
    try:
        with _opened(path) as connection:
            connection.set_progress_handler(asked, INSTRUCTIONS)
            said = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        if not wanted:
            raise Cancelled from None
        raise damaged(error) from None
    if said != "ok" or orphan is not None:
        raise damaged(said if said != "ok" else f"{orphan[0]} 里有一行缺了它属于的那一行")


def _single(path: Path) -> None:
    """Leave WAL mode, so that the file alone is everything."""
    with _opened(path) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def _check_target(target: Path, file: Path, *, yes: bool) -> None:
    if target.exists() and file.samefile(target):
        raise Refusal("restore.itself", "这就是正在用的数据库，不是备份。请换一个文件。", status=400)
    if not yes and _lived_in(target):
        raise wants_yes(str(target))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise Refusal("restore.place", f"建不了目录 {target.parent}。请核对权限。", status=400) from None


async def _restore_sqlite(target: Path, file: Path, *, yes: bool, told: Told) -> Done:
    _check_target(target, file, yes=yes)
    with _complete(target) as part:
        told("copy", 0, 0)
        shutil.copyfile(file, part)
        _check_file(part, told)
        held = await look(sqlite_url(part))
        told("chain", 0, 0)
        await check_chain(sqlite_url(part), told)
        await upgraded(sqlite_url(part))
        _single(part)
        size = part.stat().st_size
        kept = _set_aside(target)
    return Done(str(target), size, held, kept)


def _lived_in(path: Path) -> bool:
    """Whether there is anything to lose; a file that cannot be read counts."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    try:
        with _opened(path) as connection:
            tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
            return any(connection.execute(LIVED_IN[one]).fetchone() for one in tables & LIVED_IN.keys())
    except sqlite3.DatabaseError:
        return True


def _set_aside(path: Path) -> str | None:
    """Keep what is there under another name too; the next step replaces it under its own.

    Raises:
        Refusal: ``restore.busy``: a program has it open, and would go on writing into what is no longer there.
    """
    if not path.exists():
        return None
    try:
        # Leaving WAL mode needs the file for oneself; it also writes the log back, so that the file is everything.
        with _opened(path, patience=1) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            message = "还有程序开着这个数据库，没有恢复。请先停下 fangtan，例如 systemctl stop fangtan。"
            raise Refusal("restore.busy", message, status=409) from None
    except sqlite3.DatabaseError:
        pass  # Damaged, which may be why one restores: it is set aside as it is.
    kept = None
    if _lived_in(path):
        kept = path.with_name(f"{path.name}.before-{stamp()}")
        try:
            os.link(path, kept)
        except OSError:
            shutil.copy2(path, kept)  # A file system without second names, or one that has this name.
    for left in _beside(path):
        left.unlink(missing_ok=True)
    return str(kept) if kept else None
