"""``fangtan`` as its user types it: results as JSON, and one Chinese sentence for whatever goes wrong."""

import io
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from web import cli, settings

FANGTAN = Path(sys.executable).parent / "fangtan"
GOOD = {"FANGTAN_SECRET_KEY": "0123456789abcdef" * 4, "FANGTAN_BASE_URL": "http://127.0.0.1:8080"}


def fangtan(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in this process; nothing of the tester's own settings comes along.

    A program of its own loads all its libraries first, which takes a hundred times as long as most commands.
    """
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as typed, redirect_stdout(out), redirect_stderr(err):
        for name in [name for name in os.environ if name.startswith("FANGTAN_")]:
            typed.delenv(name)
        for name, value in environment.items():
            typed.setenv(name, value)
        typed.setattr(sys, "argv", ["fangtan", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    code = ended.value.code
    assert isinstance(code, int)
    return subprocess.CompletedProcess(words, code, out.getvalue(), err.getvalue())


def program(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the installed program, as its user does."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FANGTAN_")}
    return subprocess.run(
        [FANGTAN, *words], capture_output=True, text=True, env=kept | environment, timeout=300, check=False
    )


def said(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line on standard error of a command that ended with ``code``."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert any("一" <= char <= "鿿" for char in lines[0])
    return lines[0]


def data_of(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def installation(tmp_path: Path, migrated_file: Path) -> Path:
    """A migrated, empty installation."""
    shutil.copy(migrated_file, tmp_path / "fangtan.db")
    return tmp_path


def test_deadlines_shows_the_worked_example() -> None:
    found = data_of(program("deadlines", "--start", "2026-03-06 14:30", "--json"))
    assert found == data_of(fangtan("deadlines", "--start", "2026-03-06 14:30", "--json"))
    due = {duty["id"]: duty["due"] for duty in found["duties"]}
    assert set(due) == {
        "content", "announce", "change-notice", "forward-questions", "venue", "guests", "follow-up", "summary",
    }  # fmt: skip
    assert (due["announce"], due["change-notice"]) == ("2026-02-09", "2026-02-02")
    assert found["start"] == "2026-03-06T14:30:00+08:00"


def test_workdays_knows_the_working_saturday() -> None:
    found = data_of(fangtan("workdays", "2026-02-14", "2026-02-15", "--json"))
    assert [(day["date"], day["workday"]) for day in found] == [("2026-02-14", True), ("2026-02-15", False)]


@pytest.mark.parametrize(
    "words",
    [
        ("deadlines", "--start", "2026-02-30 09:00"),
        ("deadlines", "--start", "明天"),
        ("deadlines", "--start", "2026-03-06 14:30", "--end", "2026-03-06 13:00"),
        ("deadlines", "--start", "2026-03-06 14:30", "--regulation", "no-such-city"),
        ("workdays", "2026-02-30", "2026-03-01"),
        ("deadlines",),
        ("no-such-command",),
        ("serve", "--port", "0"),
        ("faq", "rank", "--catalog", "no-such-file", "--queries", "no-such-file"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2(words: tuple[str, ...]) -> None:
    said(fangtan(*words), 2)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"FANGTAN_BASE_URL": GOOD["FANGTAN_BASE_URL"]}, "FANGTAN_SECRET_KEY"),
        ({"FANGTAN_SECRET_KEY": GOOD["FANGTAN_SECRET_KEY"]}, "FANGTAN_BASE_URL"),
        (GOOD | {"FANGTAN_SECRET_KEY": "short"}, "FANGTAN_SECRET_KEY"),
        (GOOD | {"FANGTAN_BASE_URL": "fangtan.example"}, "FANGTAN_BASE_URL"),
        (GOOD | {"FANGTAN_DATABASE_URL": "mysql://x"}, "FANGTAN_DATABASE_URL"),
        (GOOD | {"FANGTAN_TRUSTED_PROXIES": "everybody"}, "FANGTAN_TRUSTED_PROXIES"),
        (GOOD | {"FANGTAN_PACE": "maybe"}, "FANGTAN_PACE"),
        (GOOD | {"FANGTAN_REGULATION": "no-such-city"}, "no-such-city"),
    ],
)
def test_a_bad_setting_stops_the_start_and_is_named(
    tmp_path: Path, wrong: dict[str, str], named: str
) -> None:
    assert named in said(fangtan("serve", "--data", str(tmp_path), **wrong), 2)


def test_the_program_itself_ends_with_a_sentence_and_the_code(tmp_path: Path) -> None:
    assert "FANGTAN_SECRET_KEY" in said(program("serve", "--data", str(tmp_path)), 2)


def test_no_variable_lets_example_accounts_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (GOOD | {"FANGTAN_DEMO": "true", "FANGTAN_EXTRA_ORIGINS": "http://b"}).items():
        monkeypatch.setenv(name, value)
    chosen = settings.load()
    assert (chosen.demo, chosen.extra_origins) == (False, ())


def test_a_port_in_use_stops_the_start_and_another_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = said(program("serve", "--port", str(port), "--data", str(tmp_path), **GOOD), 2)
        assert str(port) in line
        assert str(port) in said(fangtan("demo", "--port", str(port), "--data", str(tmp_path)), 2)


def test_a_database_of_a_newer_version_is_left_alone(installation: Path) -> None:
    with sqlite3.connect(installation / "fangtan.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("migrate",), ("doctor",), ("audit", "verify"), ("user", "add", "x", "--role", "office")):
        done = fangtan(*words, "--data", str(installation))
        assert done.returncode in (1, 2)
        assert "更新的版本" in done.stderr + done.stdout
    done = program("serve", "--port", "18999", "--data", str(installation), **GOOD)
    assert "更新的版本" in done.stderr
    assert done.returncode == 2


def _outbox_by_doctor(installation: Path, **environment: str) -> dict[str, Any]:
    done = fangtan("doctor", "--json", "--data", str(installation), **environment)
    return next(one for one in json.loads(done.stdout)["checks"] if one["name"] == "发件箱")


def test_doctor_warns_of_letters_that_nobody_sends_and_calls_it_no_fault(installation: Path) -> None:
    assert _outbox_by_doctor(installation) == {"name": "发件箱", "ok": True, "detail": "有0封信等着寄。"}
    written = str(datetime.now(UTC).replace(tzinfo=None))
    letter = {
        "key": "notice:1:1",
        "to": "a@example.gov.cn",
        "subject": "催办",
        "text": "请看。",
        "about": "{}",
    }
    letter |= {"enclosures": "[]", "status": "queued", "channel": "mail", "kind": "notice", "attempts": "0"}
    letter |= {"next_try_at": written, "created_at": written}
    columns = ", ".join(f'"{name}"' for name in letter)
    with sqlite3.connect(installation / "fangtan.db") as connection:
        marks = ", ".join("?" * len(letter))
        connection.execute(f"INSERT INTO outbox_mail ({columns}) VALUES ({marks})", tuple(letter.values()))
    found = _outbox_by_doctor(installation)
    assert (found["ok"], found["warn"]) == (True, True)
    assert "没有设邮件服务器，有1封信等着寄，最早的一封" in found["detail"]
    assert "FANGTAN_SMTP_URL" in found["detail"]
    assert "注意　发件箱：没有设邮件服务器" in fangtan("doctor", "--data", str(installation)).stdout
    found = _outbox_by_doctor(installation, FANGTAN_SMTP_URL="smtp://127.0.0.1:1")
    assert (found["ok"], "warn" in found) == (True, False)


def test_a_command_without_a_database_says_how_to_make_one(tmp_path: Path) -> None:
    assert "fangtan migrate" in said(fangtan("audit", "verify", "--data", str(tmp_path)), 2)


def test_an_account_is_made_disabled_and_given_a_token(installation: Path) -> None:
    place = ("--data", str(installation))
    made = data_of(fangtan("user", "add", "zhou", "--role", "office", "--json", *place))
    assert len(made["password"]) > 12
    assert len(data_of(fangtan("user", "token", "zhou", "--json", *place))["token"]) > 30
    said(fangtan("user", "add", "zhou", "--role", "office", *place), 2)
    said(fangtan("user", "add", "li", "--role", "king", *place), 2)
    said(fangtan("user", "add", "li", "--role", "clerk", *place), 2)
    said(fangtan("user", "add", "li", "--role", "host", "--interview", "7", *place), 1)
    clerk = data_of(
        fangtan("user", "add", "xu", "--role", "clerk", "--body", "示例市水务局", "--json", *place)
    )
    second = data_of(
        fangtan("user", "add", "wu", "--role", "clerk", "--body", "示例市水务局", "--json", *place)
    )
    assert clerk["body"] == second["body"]
    assert fangtan("user", "disable", "zhou", *place).returncode == 0
    said(fangtan("user", "disable", "nobody", *place), 2)
    assert data_of(fangtan("audit", "verify", "--json", *place))["ok"] is True


def test_a_broken_chain_is_found(installation: Path) -> None:
    fangtan("user", "add", "zhou", "--role", "office", "--data", str(installation))
    with sqlite3.connect(installation / "fangtan.db") as connection:
        connection.execute("UPDATE audit_entry SET role = 'admin'")
    done = fangtan("audit", "verify", "--json", "--data", str(installation))
    assert done.returncode == 1
    assert json.loads(done.stdout)["broken_at"] == 1


def test_the_protocol_needs_nothing_and_names_every_command(tmp_path: Path) -> None:
    found = data_of(fangtan("protocol", "--json"))
    assert {"question.submit", "interview.close"} <= {command["name"] for command in found["commands"]}
    assert "question.published" in {event["kind"] for event in found["events"]}
    assert "## `question.submit`" in fangtan("protocol").stdout


def test_every_command_has_help() -> None:
    for words in (("serve",), ("demo",), ("report",), ("faq", "rank"), ("user", "add"), ("audit", "verify")):
        done = fangtan(*words, "--help")
        assert done.returncode == 0
        assert "--" in done.stdout


def test_the_bot_answers_on_the_command_line(installation: Path) -> None:
    table = installation / "catalog.csv"
    header = (
        "index_no,class,title,question,alts,body,issuer,section,document_no,keywords,made_on,published_on,"
        "openness,in_force,repealed_on,successor\n"
    )
    row = (
        "SL-1,办事指南,社保卡补办,社保卡丢了怎么补办？,,带身份证到任意银行网点，当场领卡，不收费。,示例市人社局,"
        ",,,2026-01-05,2026-01-06,主动公开,是,,\n"
    )
    table.write_text(header + row, encoding="utf-8")
    done = data_of(fangtan("faq", "import", str(table), "--json", "--data", str(installation)))
    assert done["published"] == 1
    found = data_of(fangtan("faq", "ask", "社保卡丢了怎么补办", "--json", "--data", str(installation)))
    assert found["exits"] == ["human", "next_interview"]
    assert found["outcome"] in ("answer", "choices", "handoff")
    assert all(source["index_no"] == "SL-1" for source in found["sources"])
