"""What the command line does, apart from how it is typed: each function here is one command of the contract."""

import asyncio
import gc
import json
import secrets
import shutil
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from base import audit
from base.clock import office_date, utcnow
from base.db import Database, UnitOfWork, Units
from base.errors import Refusal
from base.people import STAFF, SYSTEM
from chat import streams
from chat.registry import REGISTRY
from chat.replay import ROOM_KINDS
from chat.views import EVENT_WORDS
from faq import catalog_file, imports, own_numbers
from faq.desk import Desk
from faq.table_file import Row
from interviews import calculator, forecast, law, plan_files, plan_tables, report_files, reports
from interviews.calendar import Calendar
from interviews.notice_effect import Preview
from interviews.workdays import import_notice, present, preview
from interviews.yearly_notice import parse_notice
from web import accounts, auth, checkpoints, city, logs, settings, vital_signs
from web.app import create_app
from web.backup_contents import Told as Staged
from web.backup_contents import untold
from web.database import check_version
from web.database import migrate as migrate_database
from web.pages import MANIFEST, front_office, site
from web.sealing import Seal

NOTICE_BYTES = 1_000_000
"""More than this is not read of a notice's file; the reader then says that it is too large."""


def _has_database(url: str) -> bool:
    return not url.startswith("sqlite") or Path(url.split("///", 1)[1]).exists()


class _Opened:
    """A database that exists and has the present shape, with its units of work; closed at the end."""

    def __init__(self, data: Path) -> None:
        url = settings.database_of(data)
        if not _has_database(url):
            raise Refusal(
                "database.missing", "这里还没有数据库。请先运行 fangtan migrate 或者 ./run。", status=400
            )
        self.database = Database(url)

    async def __aenter__(self) -> Units:
        await check_version(self.database)
        return Units(self.database, streams.project)

    async def __aexit__(self, *_: object) -> None:
        await self.database.close()


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Refusal(
                "port.in_use",
                f"端口 {port} 已经被别的程序占用。请换一个，例如 --port {port + 1}。",
                status=400,
            ) from None


async def migrate(data: Path) -> None:
    """Bring the database to the present shape, making it where there is none."""
    data.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_of(data))
    try:
        await migrate_database(database)
    finally:
        await database.close()


def _serve(chosen: settings.Settings, host: str, port: int, told: str) -> None:
    """Serve until stopped; what is told is said once the port is open, so that whoever follows it finds the page."""

    def say(_: str) -> None:
        sys.stderr.write(told)

    logs.configure()
    # What is here now stays to the end; a collection that looks at it too holds everybody up for 0.4 s.
    gc.freeze()
    web.run_app(create_app(chosen), host=host, port=port, print=say, access_log=None, shutdown_timeout=5)


def serve(host: str, port: int, data: Path) -> None:
    """Run for real. Example accounts of a demonstration database do not work here.

    Raises:
        Refusal: a bad setting, a port in use, a database of a newer version.
    """
    chosen = settings.load(data=data)
    if chosen.regulation:
        law.load(chosen.regulation)
    _check_port(host, port)
    asyncio.run(migrate(data))
    _serve(chosen, host, port, f"正在 http://{host}:{port} 运行，公开地址 {chosen.base_url}。\n")


def demo(port: int, data: Path, *, fresh: bool) -> None:
    """Fill the example city where it is not, make sure one interview is live and one collecting, and serve.

    The secret key and the example accounts' passwords are made once and kept in the data directory, before the
    city is filled, so that a start cut off in between loses nothing.

    Raises:
        Refusal: a port in use, a database of a newer version, a bad setting.
    """
    _check_port("127.0.0.1", port)
    if fresh:
        _clear(data)
    data.mkdir(parents=True, exist_ok=True)
    kept = _kept_secrets(data)
    origin = f"http://127.0.0.1:{port}"
    chosen = settings.load(
        secret_key=kept["secret_key"],
        base_url=origin,
        data=data,
        demo=True,
        extra_origins=(f"http://localhost:{port}",),
    )
    sys.stderr.write("正在准备示例市……\n")
    accounts = asyncio.run(_fill(data, chosen, kept["passwords"]))
    sys.stderr.write(f"\n{'账号':<12}{'密码':<24}是谁\n")
    for account in accounts:
        sys.stderr.write(f"{account.login:<14}{account.password:<26}{account.name}\n")
    _serve(chosen, "127.0.0.1", port, f"\n打开 {origin}　（停下：Ctrl+C）\n")


def _clear(data: Path) -> None:
    for path in (*data.glob("fangtan.db*"), data / "demo.json"):
        path.unlink(missing_ok=True)


def _kept_secrets(data: Path) -> dict[str, Any]:
    path = data / "demo.json"
    if path.exists():
        kept: dict[str, Any] = json.loads(path.read_text())
        return kept
    if (data / "fangtan.db").exists():
        message = f"{path} 不见了，示例账号的密码找不回来。请加 --fresh 重新准备示例市。"
        raise Refusal("demo.secrets", message, status=400)
    passwords = {role.value: auth.one_time_password() for role in STAFF}
    kept = {"secret_key": secrets.token_hex(32), "passwords": passwords}
    path.touch(mode=0o600)
    path.write_text(json.dumps(kept))
    return kept


async def _fill(data: Path, chosen: settings.Settings, passwords: dict[str, str]) -> list[city.Account]:
    await migrate(data)
    database = Database(chosen.database)

    try:
        return await city.ensure(
            Units(database, streams.project), Seal(chosen.secret_key), utcnow(), passwords.__getitem__
        )
    finally:
        await database.close()


async def doctor(data: Path) -> dict[str, Any]:
    """Whether this installation can work, check by check."""
    checks: list[dict[str, Any]] = []

    def note(name: str, ok: bool, detail: str) -> None:
        checks.append({"name": name, "ok": ok, "detail": detail})

    def warn(name: str, detail: str) -> None:
        checks.append({"name": name, "ok": True, "warn": True, "detail": detail})

    try:
        async with _Opened(data) as units:
            level = await units.database.synchronous()
            note("数据库", True, "能读写，版本对得上")
            note("落盘", level in ("FULL", "EXTRA", "server"), f"synchronous={level}")
            async with units.read(SYSTEM) as uow:
                verdict = await audit.verify(uow)
                letters = await vital_signs.outbox_check(uow, set_up=bool(settings.Place().smtp_url))
            note("审计链", verdict.ok, f"共{verdict.entries}条")
            if letters.sign is vital_signs.Sign.GOOD:
                note(letters.name, True, letters.found)
            else:
                warn(letters.name, letters.found + letters.advice)
    except Refusal as refusal:
        note("数据库", False, refusal.message)
    built = MANIFEST.is_file()
    note("网页程序", built, "已构建" if built else "请运行 ./run --setup")
    free = shutil.disk_usage(data if data.exists() else Path(".")).free // 2**20
    note("磁盘", free > 500, f"还剩{free} MB")
    today, calendar = office_date(utcnow()), await _calendar(data)
    official = calendar.is_official_year(today.year)
    note("日历", official, f"{today.year}年的放假通知{'已收录' if official else '还没有收录，日期都是暂定'}")
    wanted = calendar.notice_wanted(today)
    if official and wanted is not None:
        detail = f"{wanted}年的放假通知还没有收录，国务院办公厅发布以后请运行 fangtan calendar import"
        warn("下一年的日历", detail)
    return {"ok": all(check["ok"] for check in checks), "checks": checks}


async def _calendar(data: Path) -> Calendar:
    """The calendar in force where there is a database, only read; without one, what comes with the product."""
    url = settings.database_of(data)
    if not _has_database(url):
        return Calendar.known()
    try:
        database = Database(url)
        try:
            async with AsyncSession(database.reader) as session:
                return await present(UnitOfWork(session, SYSTEM, utcnow()))
        finally:
            await database.close()
    except (SQLAlchemyError, OSError):
        sys.stderr.write("读不了数据库里收录的放假通知，这里按随程序发布的日历算。\n")
        return Calendar.known()


async def deadlines(data: Path, start: str, end: str | None, regulation: str | None) -> dict[str, Any]:
    """The dates of every duty with their sums; needs neither database nor settings."""
    chosen = regulation or settings.Place().regulation or law.DEFAULT
    return dict(calculator.deadlines_document(start, end, law.load(chosen), await _calendar(data)))


async def workdays(data: Path, first: str, last: str) -> list[dict[str, Any]]:
    """Which days are worked, and why; needs neither database nor settings."""
    found = calculator.workdays_document(first, last, await _calendar(data))
    return TypeAdapter(list[dict[str, Any]]).validate_python(found)


async def calendar_import(data: Path, file: Path, *, apply: bool) -> Preview:
    """Read a yearly notice and say what it moves; put it in force where ``apply`` says so.

    Raises:
        Refusal: a file that cannot be read, or a notice that is wrong, named; then nothing is changed.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(NOTICE_BYTES + 1)
    except OSError:
        raise Refusal("calendar.file", f"打不开 {file}。请核对路径和权限。", status=400) from None
    notice = parse_notice(content, file.name)
    async with _Opened(data) as units:
        if apply:
            async with units.act(SYSTEM) as uow:
                return await import_notice(uow, notice)
        async with units.read(SYSTEM) as uow:
            return await preview(uow, notice)


# The programme's plan


def _plan_rule() -> str:
    return settings.Place().regulation or law.DEFAULT


async def plan_import(data: Path, file: Path, *, apply: bool) -> dict[str, Any]:
    """Read a plan's file and schedule its rows, all or none; without ``apply`` only say what is wrong.

    Raises:
        Refusal: a file that cannot be read or taken; with ``apply`` also a row with a problem, named.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(plan_tables.SIZE_LIMIT + 1)
    except OSError:
        raise Refusal("plan.file", f"打不开 {file}。请核对路径和权限。", status=400) from None
    rule, made = _plan_rule(), []
    async with _Opened(data) as units:
        if apply:
            async with units.act(SYSTEM) as uow:
                rows = await plan_files.preview(uow, content, file.name, rule)
                made = await plan_files.apply(uow, rows, rule)
        else:
            async with units.read(SYSTEM) as uow:
                rows = await plan_files.preview(uow, content, file.name, rule)
    problems = [
        {"row": one.row, "column": one.column, "message": one.sentence, "blocks": one.blocks}
        for one in plan_files.problems_of(rows)
    ]
    known = sum(row.known for row in rows)
    return {"rows": len(rows), "known": known, "interviews": made, "problems": problems}


async def plan_check(data: Path, year: int) -> dict[str, Any]:
    """A year's plan against the rule, in the shape of the contract."""
    async with _Opened(data) as units, units.read(SYSTEM) as uow:
        return (await forecast.check(uow, year, law.load(_plan_rule()))).to_dict()


async def plan_export(data: Path, year: int, month: int | None, output: Path) -> None:
    """Write the plan of a year or a month to a file, Excel or CSV by its ending.

    Raises:
        Refusal: another ending, or a place that cannot be written.
    """
    kind = output.suffix.lower().lstrip(".")
    if kind not in ("xlsx", "csv"):
        raise Refusal("plan.format", "文件名要以 .xlsx 或者 .csv 结尾。请改一下 --output。", status=400)
    async with _Opened(data) as units, units.read(SYSTEM) as uow:
        made = await plan_files.export(uow, kind, year, month)
    try:
        output.write_bytes(made)
    except OSError:
        raise Refusal("plan.output", f"写不了 {output}。请换一个能写的地方。", status=400) from None


async def report(
    data: Path, interview_id: int, form: str, output: Path, told: Staged = untold
) -> tuple[str, ...]:
    """Write an interview's summary report to a file.

    Returns:
        What to know of how the file came out, such as fonts that took the place of others.

    Raises:
        Refusal: unknown interview or format, not ended yet, no CJK font, or a place that cannot be written.
    """
    if form not in report_files.FORMS:
        raise Refusal(
            "report.format", "格式只能是 docx、pdf、html 或者 json。请改一下 --format。", status=400
        )
    async with _Opened(data) as units, units.read(SYSTEM) as uow:
        content = await reports.content(uow, interview_id)
    told("press", 1, 3)
    made = await report_files.write(content, form)
    told("keep", 2, 3)
    try:
        output.write_bytes(made.body)
    except OSError:
        raise Refusal("report.output", f"写不了 {output}。请换一个能写的地方。", status=400) from None
    return made.notes


async def faq_ask(data: Path, text: str) -> dict[str, Any]:
    """Ask the bot of this installation; kept like every ask."""
    desk = Desk(front_office())
    async with _Opened(data) as units, units.act(SYSTEM) as uow:
        await desk.prepare(uow)
        return await desk.ask(uow, text)


async def faq_import(
    data: Path, file: Path, issuer: str = "", told: imports.Told = lambda _done, _all: None
) -> tuple[dict[str, Any], list[str]]:
    """Take catalogue entries in from a file of any kind and publish those that may be published, all or none.

    Args:
        data: the installation's directory.
        file: CSV, Excel, JSON Lines, Word, a web page or plain text.
        issuer: for entries that name none.
        told: called after each stretch.

    Returns:
        what was done with the kind of the file, and what the operator should know of it.

    Raises:
        Refusal: a file that cannot be read, or a row that is wrong, named.
    """
    try:
        content = file.read_bytes()
    except OSError:
        raise Refusal("faq.file", f"打不开 {file}。请核对路径和权限。", status=400) from None
    reading = catalog_file.read(file.name, content, office_date(utcnow()))
    remarks = list(reading.remarks)
    if reading.is_document and reading.lacking("issuer") and not issuer:
        message = f"{file.name}没有写发布机构。请加上 --issuer 写明，再导入，这一次没有存。"
        raise Refusal("import.lacking", message, status=400)
    if not issuer and (missed := reading.lacking("issuer")):
        issuer = site().office
        remarks.append(
            f"有{missed}条没有写发布机构，新的记作{issuer}，已有的照原来的。要记作别的，请加上 --issuer。"
        )
    rows: Sequence[Row] = reading.filled(issuer=issuer).whole()
    async with _Opened(data) as units, units.act(SYSTEM) as uow:
        rows = await own_numbers.numbered(uow, rows)
        taken = await imports.take_whole(uow, file.name, rows, told)
    counts = {name: getattr(taken, name) for name in ("added", "changed", "unchanged", "published")}
    return {**counts, "format": reading.kind}, remarks


async def user_add(data: Path, wanted: accounts.Wanted) -> accounts.Made:
    """Make an account, or assign one to another interview."""
    async with _Opened(data) as units, units.act(SYSTEM) as uow:
        return await accounts.add(uow, wanted)


async def user_disable(data: Path, name: str) -> None:
    """Close an account and end all its logins."""
    async with _Opened(data) as units, units.act(SYSTEM) as uow:
        await accounts.disable(uow, name)


async def user_reset(data: Path, name: str) -> str:
    """A new one-time password; all logins of the account end.

    Raises:
        Refusal: no such account, or a closed one.
    """
    async with _Opened(data) as units, units.act(SYSTEM) as uow:
        return await accounts.renew(uow, await accounts.account(uow, name))


async def user_one_step(data: Path, name: str) -> None:
    """Take two-step login off an account.

    Raises:
        Refusal: no such account, or it was not on.
    """
    async with _Opened(data) as units, units.act(SYSTEM) as uow:
        await accounts.one_step(uow, await accounts.account(uow, name))


async def user_token(data: Path, name: str, days: int) -> str:
    """A bearer with that person's rights.

    Raises:
        Refusal: no such account.
    """
    async with _Opened(data) as units, units.act(SYSTEM) as uow:
        person = await accounts.account(uow, name)
        return await auth.bearer(uow, person.id or 0, days)


async def audit_verify(
    data: Path, checkpoint: Path | None = None, told: Staged = untold
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Walk the audit chain; with a checkpoint's file also look whether it still lies on the chain.

    Returns:
        the verdict, and what was found about the checkpoint in words.

    Raises:
        Refusal: a file that is no checkpoint, or one whose signature does not fit.
    """
    if checkpoint is None:
        async with _Opened(data) as units, units.read(SYSTEM) as uow:
            total = await audit.length(uow)
            return (await audit.verify(uow, walked=lambda count: told("walk", count, total))).to_dict(), ()
    read, key = checkpoints.parse(_content(checkpoint, checkpoints.LONGEST)), _checkpoint_key(data)
    async with _Opened(data) as units, units.read(SYSTEM) as uow:
        total = await audit.length(uow)
        found = await checkpoints.compare(uow, read, key, lambda count: told("walk", count, total))
    said = (found.sentence, *((found.remark,) if found.remark else ()))
    return found.verdict.to_dict(), said


async def audit_checkpoint(data: Path, file: Path) -> checkpoints.Checkpoint:
    """Walk the chain and write down where it stands, signed where the secret key is set.

    Raises:
        Refusal: a broken chain, or a place that cannot be written.
    """
    async with _Opened(data) as units, units.read(SYSTEM) as uow:
        made = await checkpoints.make(uow, _checkpoint_key(data))
    try:
        file.write_bytes(made.file())
    except OSError:
        raise Refusal("checkpoint.file", f"写不了 {file}。请换一个能写的地方。", status=400) from None
    return made


def _content(file: Path, longest: int) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(longest + 1)
    except OSError:
        raise Refusal("checkpoint.file", f"打不开 {file}。请核对路径和权限。", status=400) from None


def _checkpoint_key(data: Path) -> bytes | None:
    """The key of this installation's checkpoints; the demonstration keeps its secret beside its database."""
    secret = settings.Place().secret_key
    if not secret and (data / "demo.json").exists():
        secret = str(_kept_secrets(data)["secret_key"])
    return Seal(secret).key(checkpoints.PURPOSE) if secret else None


def protocol() -> dict[str, Any]:
    """The commands with their schemas and the kinds of events."""
    return {
        "commands": [
            {
                "name": command.name,
                "about": command.about,
                "allow": sorted(role.value for role in command.allow),
                "schema": command.schema.model_json_schema(),
            }
            for command in REGISTRY.values()
        ],
        "events": [{"kind": kind, "about": EVENT_WORDS[kind]} for kind in sorted(ROOM_KINDS)],
    }


def protocol_markdown() -> str:
    """The same as a document."""
    lines = [
        "# 协议：命令和事件",
        "",
        "命令走套接字（`/socket.io/`，命名空间 `/live`），也走 `POST /api/commands/{名}`。",
        "",
    ]
    for command in REGISTRY.values():
        who = "、".join(sorted(role.value for role in command.allow))
        lines += [f"## `{command.name}`", "", f"{command.about}", "", f"谁可以：{who}", ""]
        properties = command.schema.model_json_schema().get("properties", {})
        required = set(command.schema.model_json_schema().get("required", []))
        lines += [f"- `{field}`{'' if field in required else '（可以不填）'}" for field in properties]
        lines.append("")
    lines += ["## 事件", ""] + [f"- `{kind}`：{EVENT_WORDS[kind]}" for kind in sorted(ROOM_KINDS)] + [""]
    return "\n".join(lines)
