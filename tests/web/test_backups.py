"""Backups and checkpoints as an operator types them: taken while it serves, put back only when all of it is sound."""

import asyncio
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import create_engine

from base import audit
from base.db import Database, Units, sqlite_url
from base.people import SYSTEM
from tests.conftest import Prepared, fresh_postgres
from tests.web.test_cli import data_of, fangtan, said
from web import backups
from web.database import config, migrate

SECRET = {"FANGTAN_SECRET_KEY": "0123456789abcdef" * 4}


@pytest.fixture
def installation(tmp_path: Path, opened_file: Prepared) -> Path:
    """An installation with the interview live."""
    (tmp_path / "var").mkdir()
    opened_file.copied(tmp_path / "var")
    return tmp_path / "var"


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """An empty machine."""
    return tmp_path / "another"


def of(data: Path, *words: str, **environment: str) -> Any:
    return fangtan(*words, "--data", str(data), **environment)


def chain(data: Path) -> Any:
    return data_of(of(data, "audit", "verify", "--json"))


def written(data: Path, statement: str) -> None:
    with sqlite3.connect(data / "fangtan.db") as database:
        database.execute(statement)
    database.close()


def noted(data: Path, act: str) -> None:
    asyncio.run(_noted(sqlite_url(data / "fangtan.db"), act))


def names(folder: Path) -> set[str]:
    return {one.name for one in folder.iterdir()}


# A backup


def test_a_backup_taken_while_it_serves_comes_back_on_an_empty_machine(
    installation: Path, machine: Path
) -> None:
    file = installation.parent / "备份.db"
    serving = sqlite3.connect(installation / "fangtan.db", isolation_level=None)
    serving.execute("PRAGMA journal_mode=WAL")
    serving.execute("UPDATE audit_head SET id = id")
    before = chain(installation)
    serving.execute("BEGIN IMMEDIATE")
    serving.execute("DELETE FROM audit_entry")
    told = data_of(of(installation, "backup", str(file), "--json"))
    serving.execute("ROLLBACK")
    serving.close()
    assert names(installation.parent) == {"var", "备份.db"}
    assert (told["entries"], told["head"]) == (before["entries"], before["head"])
    assert file.stat().st_mode & 0o077 == 0, "everything about everybody is in it"
    done = of(machine, "restore", str(file))
    assert done.returncode == 0, done.stderr
    assert "审计链完好" in done.stdout
    assert before["head"][:16] in done.stdout
    assert chain(machine) == before
    assert names(machine) == {"fangtan.db", "fangtan.db-shm", "fangtan.db-wal"} & names(machine)


def test_a_backup_says_what_is_in_it_and_what_is_not(installation: Path) -> None:
    done = of(installation, "backup", str(installation / "a.db"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "访谈" in done.stdout
    assert "密钥" in done.stdout


def test_half_a_backup_never_has_the_final_name(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = installation / "每天.db"
    assert of(installation, "backup", str(file)).returncode == 0
    whole = file.read_bytes()

    def cut_off(_source: Path, target: Path, _told: object) -> None:
        target.write_bytes(whole[:5000])
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(backups, "_copied", cut_off)
    assert "地方够" in said(of(installation, "backup", str(file)), 2)
    assert file.read_bytes() == whole
    assert not {one for one in names(installation) if one.endswith(".part")}


def test_a_backup_writes_over_nothing_that_is_no_backup(installation: Path) -> None:
    letter = installation / "信.docx"
    letter.write_bytes(b"PK\x03\x04")
    assert "已经有了" in said(of(installation, "backup", str(letter)), 2)
    assert letter.read_bytes() == b"PK\x03\x04"
    assert "成它自己" in said(of(installation, "backup", str(installation / "fangtan.db")), 2)
    assert "写不了" in said(of(installation, "backup", str(installation / "没有" / "备份.db")), 2)
    assert "还没有数据库" in said(of(installation / "没有", "backup", str(installation / "b.db")), 2)


# Putting it back


def test_a_database_with_something_in_it_is_replaced_only_when_one_says_so(
    installation: Path, tmp_path: Path
) -> None:
    file = tmp_path / "备份.db"
    assert of(installation, "backup", str(file)).returncode == 0
    early = chain(installation)
    noted(installation, "word.case.add")
    late = chain(installation)
    assert "--yes" in said(of(installation, "restore", str(file)), 1)
    assert chain(installation) == late
    told = data_of(of(installation, "restore", str(file), "--yes", "--json"))
    assert chain(installation) == early
    kept = tmp_path / "kept"
    kept.mkdir()
    shutil.copy(told["kept"], kept / "fangtan.db")
    assert chain(kept) == late


def test_a_migrated_database_without_anything_in_it_needs_no_word(
    installation: Path, machine: Path, migrated_file: Path
) -> None:
    file = installation / "备份.db"
    assert of(installation, "backup", str(file)).returncode == 0
    machine.mkdir()
    shutil.copy(migrated_file, machine / "fangtan.db")
    assert of(machine, "restore", str(file)).returncode == 0
    assert chain(machine) == chain(installation)


def test_nothing_is_replaced_under_a_program_that_has_it_open(installation: Path, tmp_path: Path) -> None:
    file = tmp_path / "备份.db"
    assert of(installation, "backup", str(file)).returncode == 0
    serving = sqlite3.connect(installation / "fangtan.db", isolation_level=None)
    serving.execute("PRAGMA journal_mode=WAL")
    serving.execute("SELECT count(*) FROM person").fetchone()
    assert "先停下" in said(of(installation, "restore", str(file), "--yes"), 1)
    serving.execute("UPDATE audit_head SET id = id")
    serving.close()
    assert of(installation, "restore", str(file), "--yes").returncode == 0


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-8192])


def _scribble(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[8192:20000] = b"\x00" * (20000 - 8192)
    file.write_bytes(content)


def _edit(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("UPDATE audit_entry SET subject = 'interview:99' WHERE seq = 3")
    database.close()


def _newer(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()


def _foreign(file: Path) -> None:
    file.unlink()
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE cake (id INTEGER)")
    database.close()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_cut, "损坏"),
        (_scribble, "损坏"),
        (_edit, "从第3条起断了"),
        (_newer, "更新的版本"),
        (_foreign, "不是访谈平台的"),
        (lambda file: file.write_bytes(b"PK\x03\x04"), "不是 SQLite 的备份"),
        (lambda file: file.unlink(), "打不开"),
    ],
)
def test_what_is_not_sound_is_not_put_back(
    installation: Path, tmp_path: Path, spoil: Any, sentence: str
) -> None:
    file = tmp_path / "备份.db"
    assert of(installation, "backup", str(file)).returncode == 0
    spoil(file)
    before = (installation / "fangtan.db").read_bytes()
    done = of(installation, "restore", str(file), "--yes")
    assert sentence in said(done, done.returncode)
    assert done.returncode in (1, 2)
    assert (installation / "fangtan.db").read_bytes() == before
    assert names(installation) <= {"fangtan.db", "fangtan.db-wal", "fangtan.db-shm"}


def test_a_backup_of_an_older_version_is_brought_to_this_one(machine: Path, tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir()
    engine = create_engine(f"sqlite:///{old / 'fangtan.db'}")
    with engine.begin() as connection:
        command.upgrade(config(connection), "0005")
    engine.dispose()
    assert data_of(of(old, "backup", str(tmp_path / "备份.db"), "--json"))["version"] == "0005"
    assert data_of(of(machine, "restore", str(tmp_path / "备份.db"), "--json"))["version"] == "0005"
    assert chain(machine)["ok"]


# PostgreSQL


async def _noted(url: str, act: str) -> audit.Verdict:
    database = Database(url)
    async with Units(database).act(SYSTEM) as uow:
        await audit.note(uow, act, "words")
    await database.close()
    return await _verdict(url)


async def _verdict(url: str) -> audit.Verdict:
    database = Database(url)
    async with Units(database).read(SYSTEM) as uow:
        found = await audit.verify(uow)
    await database.close()
    return found


async def _typed(url: str, *words: str) -> Any:
    return await asyncio.to_thread(fangtan, *words, FANGTAN_DATABASE_URL=url)


async def test_postgresql_is_dumped_and_put_back_beside_what_was_there(tmp_path: Path) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("no pg_dump")
    file = tmp_path / "备份.dump"
    async with fresh_postgres() as url:
        database = Database(url)
        await migrate(database)
        await database.close()
        early = await _noted(url, "word.case.add")
        told = data_of(await _typed(url, "backup", str(file), "--json"))
        assert (told["entries"], told["head"]) == (1, early.head)
        late = await _noted(url, "word.case.drop")
        assert "--yes" in said(await _typed(url, "restore", str(file)), 1)
        assert await _verdict(url) == late
        server = url.replace("+asyncpg", "")
        serving = await asyncpg.connect(server)
        assert "先停下" in said(await _typed(url, "restore", str(file), "--yes"), 1)
        await serving.close()
        broken = file.with_name("坏.dump")
        broken.write_bytes(file.read_bytes()[:-2000])
        assert (await _typed(url, "restore", str(broken), "--yes")).returncode == 1
        assert await _verdict(url) == late, "where anything is wrong, what was there is there again"
        kept = data_of(await _typed(url, "restore", str(file), "--yes", "--json"))["kept"]
        assert await _verdict(url) == early
        looking = await asyncpg.connect(server)
        assert await looking.fetchval(f"SELECT count(*) FROM {kept}.audit_entry") == 2
        await looking.close()
        assert "不是 SQLite 的备份" in said(await asyncio.to_thread(of, tmp_path, "restore", str(file)), 2)


def test_without_pg_dump_a_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "备份.dump").write_bytes(b"PGDMP")
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    url = "postgresql+asyncpg://nobody@127.0.0.1:9/nothing"
    done = fangtan("restore", str(tmp_path / "备份.dump"), FANGTAN_DATABASE_URL=url)
    assert "postgresql-client" in said(done, 2)


# Checkpoints


def test_a_checkpoint_finds_a_chain_that_was_cut_off_together_with_its_head(
    installation: Path, tmp_path: Path
) -> None:
    file = tmp_path / "存档点.json"
    noted(installation, "word.case.add")
    assert of(installation, "audit", "checkpoint", str(file), **SECRET).returncode == 0
    told = of(installation, "audit", "verify", "--checkpoint", str(file), "--json", **SECRET)
    assert data_of(told) == chain(installation)
    assert set(data_of(told)) == {"ok", "entries", "head", "broken_at"}
    last = chain(installation)["entries"]
    written(installation, f"DELETE FROM audit_entry WHERE seq = {last}")
    written(
        installation,
        f"UPDATE audit_head SET entries = {last - 1}, digest = "
        f"(SELECT digest FROM audit_entry WHERE seq = {last - 1})",
    )
    assert chain(installation)["ok"], "by itself the chain looks sound"
    found = of(installation, "audit", "verify", "--checkpoint", str(file), "--json", **SECRET)
    assert found.returncode == 1
    assert json.loads(found.stdout) | {"head": ""} == {
        "ok": False, "entries": last - 1, "head": "", "broken_at": last,
    }  # fmt: skip


def test_what_verify_printed_once_is_a_checkpoint_too(installation: Path, tmp_path: Path) -> None:
    file = tmp_path / "存档点.json"
    file.write_text(json.dumps(chain(installation)))
    noted(installation, "word.case.add")
    done = of(installation, "audit", "verify", "--checkpoint", str(file))
    assert done.returncode == 0
    assert "以后新记了1条" in done.stderr
    file.write_text(json.dumps(chain(installation) | {"head": "0" * 64}))
    assert of(installation, "audit", "verify", "--checkpoint", str(file)).returncode == 1


def test_a_checkpoint_of_another_key_or_that_is_none_is_refused(installation: Path, tmp_path: Path) -> None:
    file = tmp_path / "存档点.json"
    assert "没有签名" in of(installation, "audit", "checkpoint", str(file)).stdout
    assert "没有签名" in of(installation, "audit", "verify", "--checkpoint", str(file), **SECRET).stderr
    assert of(installation, "audit", "checkpoint", str(file), **SECRET).returncode == 0
    other = {"FANGTAN_SECRET_KEY": "another-secret-key" * 4}
    words = ("audit", "verify", "--checkpoint", str(file))
    assert "签名对不上" in said(of(installation, *words, **other), 1)
    file.write_text("[]")
    assert "不是审计存档点" in said(of(installation, *words), 2)
    file.unlink()
    assert "打不开" in said(of(installation, *words), 2)
