"""``fangtan``, the command line: every command of the contract, one Chinese sentence for whatever goes wrong."""

import asyncio
import atexit
import gc
import importlib.util
import json
import sys
from collections.abc import Coroutine, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress

from base.errors import Refusal
from faq.rank import rank
from interviews.deadlines import in_words


def _at_first_use(name: str) -> Any:
    """A module that is read when something of it is first wanted.

    The server's modules take a second and 125 MB, and ``faq rank`` at 100,000 entries needs none of them.
    """
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return importlib.import_module(name)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from interviews.notice_effect import Preview
    from web import accounts, backups, commands, terminal
else:
    accounts = _at_first_use("web.accounts")
    backups = _at_first_use("web.backups")
    commands = _at_first_use("web.commands")
    terminal = _at_first_use("web.terminal")

app = typer.Typer(
    name="fangtan",
    help="网上访谈平台。每个命令加 --help 看用法。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
user = typer.Typer(help="账号。", no_args_is_help=True)
faq = typer.Typer(help="机器人和目录。", no_args_is_help=True)
audit = typer.Typer(help="审计链。", no_args_is_help=True)
calendar = typer.Typer(help="放假通知。", no_args_is_help=True)
app.add_typer(calendar, name="calendar")
plan = typer.Typer(help="年度计划。", no_args_is_help=True)
app.add_typer(plan, name="plan")
app.add_typer(user, name="user")
app.add_typer(faq, name="faq")
app.add_typer(audit, name="audit")

Json = Annotated[bool, typer.Option("--json", help="输出一份 JSON。")]
Data = Annotated[
    Path, typer.Option("--data", help="数据目录，没有设 FANGTAN_DATABASE_URL 时用里面的 fangtan.db。")
]
VAR = Path("var")


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(work)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="监听的地址。")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="监听的端口。")] = 8080,
    workers: Annotated[int, typer.Option(min=1, help="进程数；现在只能是 1。")] = 1,
    data: Data = VAR,
) -> None:
    """正式运行。要先设好 FANGTAN_SECRET_KEY 和 FANGTAN_BASE_URL。"""
    if workers > 1:
        raise Refusal("workers", "多个进程要靠 Redis 传话，这一版还没有。请用 --workers 1。", status=400)
    commands.serve(host, port, data)


@app.command()
def demo(
    port: Annotated[int, typer.Option(min=1, max=65535, help="监听的端口。")] = 8080,
    data: Data = VAR,
    fresh: Annotated[bool, typer.Option("--fresh", help="先清空这个目录里的示例数据。")] = False,
) -> None:
    """运行示例市：一场正在进行，一场正在征集。"""
    commands.demo(port, data, fresh=fresh)


@app.command()
def migrate(data: Data = VAR) -> None:
    """把数据库建好，或者升到现在的版本。"""
    _run(commands.migrate(data))
    _say("数据库已经是最新的。")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="写到哪个文件。同名的旧备份会被换掉。")],
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """把整个数据库备份成一个文件；正在运行时也可以。"""
    with terminal.progress("正在备份", terminal.BACKUP) as told:
        done = _run(backups.backup(data, file, told))
    if as_json:
        _print(done.to_dict())
    else:
        _say(f"已备份到 {file}（{done.bytes / 2**20:.1f} MB）。")
        _say(f"里面有{done.held.sentence()}。")
        _say("密钥（FANGTAN_SECRET_KEY）不在备份里，请另外保存。")


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="fangtan backup 存下的文件。")],
    yes: Annotated[bool, typer.Option("--yes", help="库里已经有数据时也恢复；原来的改名留下。")] = False,
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """核对一份备份，用它换掉数据库；先停下正在运行的 fangtan。"""
    with terminal.progress("正在恢复", terminal.BACKUP) as told:
        done = _run(backups.restore(data, file, yes=yes, told=told))
    if as_json:
        _print(done.to_dict())
    else:
        _say(f"文件没有损坏，审计链完好。已恢复：{done.held.sentence()}。")
        if done.kept:
            _say(f"原来的留在 {done.kept}，确认没有问题以后请删掉。")


@app.command()
def doctor(data: Data = VAR, as_json: Json = False) -> None:
    """检查能不能正常运行。"""
    found = _run(commands.doctor(data))
    if as_json:
        _print(found)
    else:
        for check in found["checks"]:
            word = "注意" if check.get("warn") else "好" if check["ok"] else "不好"
            _say(f"{word}　{check['name']}：{check['detail']}")
    if not found["ok"]:
        raise typer.Exit(1)


@app.command()
def deadlines(
    start: Annotated[str, typer.Option(help='开始时间，例如 "2026-03-06 14:30"。')],
    end: Annotated[str | None, typer.Option(help="结束时间；不写就按规定的时长。")] = None,
    regulation: Annotated[str | None, typer.Option(help="规定的编号或者文件。")] = None,
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """一场访谈每件事最迟哪天办，怎么算出来的。"""
    found = _run(commands.deadlines(data, start, end, regulation))
    if as_json:
        _print(found)
        return
    for warning in found["warnings"]:
        _say(f"注意：{warning}")
    for duty in found["duties"]:
        mark = "（暂定）" if duty["provisional"] else ""
        _say(f"{duty['due']}{mark}　{duty['title']}（{duty['article']}）")


@app.command()
def workdays(first: str, last: str, data: Data = VAR, as_json: Json = False) -> None:
    """一段日子里哪天上班、哪天休息，为什么。"""
    found = _run(commands.workdays(data, first, last))
    if as_json:
        _print(found)
        return
    for day in found:
        _say(f"{day['date']}　{'上班' if day['workday'] else '休息'}　{day['reason']}")


@app.command()
def report(
    interview: int,
    form: Annotated[str, typer.Option("--format", help="docx、pdf、html 或者 json。")],
    output: Annotated[Path, typer.Option("--output", help="写到哪个文件。")],
    data: Data = VAR,
) -> None:
    """把一场访谈的汇总报告写成文件。"""
    with terminal.progress("正在做文件", terminal.REPORT) as told:
        notes = _run(commands.report(data, interview, form, output, told))
    _say(f"已写到 {output}。")
    for note in notes:
        _say(note)


@app.command()
def protocol(as_json: Json = False) -> None:
    """命令和事件的说明。"""
    if as_json:
        _print(commands.protocol())
    else:
        sys.stdout.write(commands.protocol_markdown())


@faq.command("rank")
def faq_rank(
    catalog: Annotated[Path, typer.Option(help="目录，每行一个 JSON。")],
    queries: Annotated[Path, typer.Option(help="问题，每行一个 JSON。")],
    top: Annotated[int, typer.Option(min=1, max=100, help="每个问题列出几条。")] = 10,
    _as_json: Json = False,
) -> None:
    """对每个问题排出最接近的条目，并判断答不答。"""
    for line in rank(catalog, queries, top):
        _print(line)


@faq.command("ask")
def faq_ask(text: str, data: Data = VAR, as_json: Json = False) -> None:
    """问机器人一句。"""
    found = _run(commands.faq_ask(data, text))
    if as_json:
        _print(found)
        return
    _say(found["text"])
    for choice in found["choices"]:
        _say(f"- {choice['question']}")
    for source in found["sources"]:
        _say(f"来源：{source['issuer']}《{source['title']}》{source['index_no']}")
    for link in found.get("links", ()):
        _say(f"{link['label']}：{link['url']}")


@faq.command("import")
def faq_import(
    file: Path,
    issuer: Annotated[str, typer.Option(help="发布机构，给没有写的条目。")] = "",
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """把目录条目从文件导入并发布：CSV、Excel、JSON Lines、Word、网页、纯文本。有一行不对，就一条也不存。"""
    columns = ("{task.description}", BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("正在导入", total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        done, remarks = _run(commands.faq_import(data, file, issuer, told))
    for remark in remarks:
        sys.stderr.write(remark + "\n")
    if as_json:
        _print(done)
    else:
        _say(
            f"新增{done['added']}条，更新{done['changed']}条，没有变{done['unchanged']}条，发布{done['published']}条。"
        )


@user.command("add")
def user_add(
    name: str,
    role: Annotated[
        str,
        typer.Option(
            help="office、supervisor、clerk、guest、host、moderator、recipient、editor、auditor、admin。"
        ),
    ],
    body: Annotated[str | None, typer.Option(help="所在机构的名称。")] = None,
    interview: Annotated[int | None, typer.Option(help="在哪一场里工作；账号已有的，加到这一场。")] = None,
    email: Annotated[str | None, typer.Option(help="提醒寄到这个邮箱。")] = None,
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """新建账号，打印一次性密码。"""
    made = _run(commands.user_add(data, accounts.Wanted(name, role, body, interview, email)))
    if as_json:
        _print({"name": name, "role": role, "id": made.person, "body": made.body, "password": made.password})
        return
    if made.new_body:
        _say(f"新登记了机构“{body}”。写错了名称的，请停用这个账号重来。")
    if made.password is None:
        _say(f"账号 {name} 已有，加到了第 {interview} 号访谈。")
    else:
        _say(f"账号 {name} 已建好。一次性密码：{made.password}")


@user.command("disable")
def user_disable(name: str, data: Data = VAR) -> None:
    """停用账号，马上不能再登录。"""
    _run(commands.user_disable(data, name))
    _say(f"账号 {name} 已停用。")


@user.command("reset")
def user_reset(name: str, data: Data = VAR) -> None:
    """重设密码，打印一次性密码；原来的登录都断开。"""
    _say(f"账号 {name} 的密码重设了。一次性密码：{_run(commands.user_reset(data, name))}")


@user.command("onestep")
def user_one_step(name: str, data: Data = VAR) -> None:
    """关掉一个账号的两步登录，手机丢了用。"""
    _run(commands.user_one_step(data, name))
    _say(f"账号 {name} 的两步登录关掉了，现在只凭密码登录。")


@user.command("token")
def user_token(
    name: str,
    days: Annotated[int, typer.Option(min=1, max=366, help="几天内有效。")] = 30,
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """给程序用的凭证，权限和这个人一样。"""
    token = _run(commands.user_token(data, name, days))
    if as_json:
        _print({"token": token})
    else:
        _say(token)


@audit.command("verify")
def audit_verify(
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", help="和以前存下的存档点对一对，找得出整条重写过的链。")
    ] = None,
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """从头核对审计链。"""
    with terminal.progress("正在核对", {}) as progress:
        found, told = _run(commands.audit_verify(data, checkpoint, progress))
    if as_json:
        _print(found)
    else:
        _say(f"{'完好' if found['ok'] else '断了'}，共{found['entries']}条，链头 {found['head']}")
    for line in told:
        sys.stderr.write(line + "\n")
    if not found["ok"]:
        raise typer.Exit(1)


@audit.command("checkpoint")
def audit_checkpoint(
    file: Annotated[Path, typer.Argument(help="写到哪个文件。请存到数据库以外的地方。")],
    data: Data = VAR,
) -> None:
    """核对审计链，把走到哪里存成一个文件，以后拿来对。"""
    made = _run(commands.audit_checkpoint(data, file))
    signed = "已签名" if made.signature else "没有设 FANGTAN_SECRET_KEY，没有签名"
    _say(f"已存到 {file}：{made.entries}条，链头 {made.head}（{signed}）。")


@calendar.command("import")
def calendar_import(
    file: Annotated[Path, typer.Argument(help="放假通知，CSV（date,workday,name）或者 holiday-cn 的 JSON。")],
    yes: Annotated[bool, typer.Option("--yes", help="收录。不写就只看会改什么。")] = False,
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """看一份放假通知会改什么；加 --yes 收录，没有办的事项重新算日子。"""
    found = _run(commands.calendar_import(data, file, apply=yes))
    if as_json:
        _print(found.to_dict() | {"applied": yes})
        return
    for line in _notice_lines(found):
        _say(line)
    if found.known:
        _say("这份通知已经收录过，什么也没有改。")
    else:
        _say("已经收录。" if yes else "还没有收录，什么也没有改。要收录，请加 --yes 再运行一次。")


def _notice_lines(found: "Preview") -> Iterator[str]:
    yield f"{found.year}年的放假通知（{found.source}）"
    for day in found.days:
        yield f"  {in_words(day.day)}：{day.was}，改为{day.becomes}"
    for gap in found.gaps:
        yield f"  {gap}"
    yield f"改日子的办理事项{len(found.moved)}件" + (
        f"，另有{found.settled}件日子不变，不再是暂定" if found.settled else ""
    )
    for duty in found.moved:
        yield f"  “{duty.theme}”：{duty.title}，{duty.in_words()}（{duty.article}）"


@plan.command("import")
def plan_import(
    file: Annotated[
        Path,
        typer.Argument(help=".xlsx 或者 .csv，列名 theme,starts_at,ends_at,respondents,host,venue。"),
    ],
    preview: Annotated[bool, typer.Option("--preview", help="只看哪里不对，不导入。")] = False,
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """从表格导入计划：全部导入，或者一行也不导入。"""
    found = _run(commands.plan_import(data, file, apply=not preview))
    if as_json:
        _print(found)
        return
    for problem in found["problems"]:
        _say(f"{'要改' if problem['blocks'] else '请看'}　{problem['message']}")
    known = f"有{found['known']}场已经在计划里，没有动。" if found["known"] else ""
    if preview:
        _say(f"一共{found['rows']}行，还没有导入。{known}")
    else:
        _say(f"导入了{len(found['interviews'])}场。{known}")


@plan.command("check")
def plan_check(
    year: Annotated[int, typer.Argument(min=2000, max=2099, help="哪一年。")],
    data: Data = VAR,
    as_json: Json = False,
) -> None:
    """一年排了几场、还差几场、哪里不合规定。"""
    found = _run(commands.plan_check(data, year))
    if as_json:
        _print(found)
        return
    _say(
        f"{found['year']}年要{found['required']}场：已办{found['held']}场，已发预告{found['announced']}场，"
        f"已列入计划{found['planned']}场，还差{found['shortfall']}场。"
    )
    for problem in found["problems"]:
        cited = f"（{problem['article']}）" if problem["article"] else ""
        which = f"第{problem['interview']}号访谈　" if problem["interview"] else ""
        _say(f"{which}{problem['message']}{cited}")


@plan.command("export")
def plan_export(
    year: Annotated[int, typer.Argument(min=2000, max=2099, help="哪一年。")],
    output: Annotated[Path, typer.Option("--output", help="写到哪个文件，.xlsx 或者 .csv。")],
    month: Annotated[int | None, typer.Option(min=1, max=12, help="只要哪个月。")] = None,
    data: Data = VAR,
) -> None:
    """把一年或者一个月的计划写成表格。"""
    _run(commands.plan_export(data, year, month, output))
    _say(f"已写到 {output}。")


def _version(shown: bool) -> None:
    if shown:
        _say(f"fangtan {version('fangtan')}")
        raise typer.Exit


@app.callback()
def _options(
    _shown: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="打印版本。")
    ] = False,
) -> None:
    """网上访谈平台。"""


def main() -> None:
    """The entry point: a refusal becomes one line on standard error; exit 2 for bad input, 1 for the rule's no."""
    # The system takes the memory back as it is; looking for garbage in it first took up to a second.
    atexit.register(gc.freeze)
    try:
        code = app(standalone_mode=False)
    except Refusal as refusal:
        _fail(refusal.message, 2 if refusal.status == 400 else 1)
    except typer.Abort:
        _fail("已经中止。", 130)
    except KeyboardInterrupt:
        _fail("已经停下。", 130)
    except Exception as error:
        shown = getattr(error, "format_message", None)
        if shown is None:
            raise
        _fail(f"命令写得不对：{shown()} 请加 --help 看用法。", 2)
    # Without its standalone mode the library returns what typer.Exit carried.
    sys.exit(code if isinstance(code, int) else 0)


def _fail(line: str, code: int) -> None:
    sys.stderr.write(line + "\n")
    sys.exit(code)


if __name__ == "__main__":
    main()
