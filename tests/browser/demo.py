"""``fangtan demo`` as a process of its own: the example city that the pages are looked at in."""

import contextlib
import fcntl
import json
import os
import secrets
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.serving import FANGTAN, free_port

PATIENCE = 600
"""Seconds; the first start fills the city, and the machine may be busy with something else."""
ASKED = ("社保卡丢了怎么补办", "补贴", "今天天气怎么样", "医保", "身份证", "怎么办", "老人", "你好")


@dataclass(frozen=True)
class Demo:
    """A running example city: where it answers, where its data lies, who may sign in."""

    base: str
    data: Path
    passwords: dict[str, str]

    def first(self, query: str, *values: object) -> str:
        """The first column of the first row that a query finds, read past the program."""
        with contextlib.closing(sqlite3.connect(self.data / "fangtan.db", timeout=20)) as database:
            row = database.execute(query, values).fetchone()
        assert row is not None, f"the example city has nothing for {query}"
        return str(row[0])

    def put(self, statement: str, *values: object) -> None:
        """Write a row past the program, for what no command of the example city can make."""
        with contextlib.closing(sqlite3.connect(self.data / "fangtan.db", timeout=20)) as database, database:
            database.execute(statement, values)

    def interview(self, status: str) -> int:
        """The number of one interview in a state."""
        return int(self.first("SELECT id FROM interview WHERE status = ? ORDER BY starts_at", status))

    def words_for(self, outcome: str) -> str:
        """Words to which the bot gives an ``answer``, ``choices`` or a ``hand-off``."""
        for words in ASKED:
            if self._asked(words, secrets.token_urlsafe(16)) == outcome.replace("-", ""):
                return words
        raise AssertionError(f"none of {ASKED} gave the bot's {outcome}")

    def talk_with(self, outcome: str) -> str:
        """The address of a talk that ends in an outcome."""
        name = secrets.token_urlsafe(16)
        self._asked(self.words_for(outcome), name)
        return f"/faq?talk={name}"

    def _asked(self, words: str, talk: str) -> str:
        sent = json.dumps({"text": words, "conversation": talk}).encode()
        request = urllib.request.Request(
            f"{self.base}/api/faq/ask", sent, {"Content-Type": "application/json"}
        )
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with urllib.request.urlopen(request, timeout=120) as answer:
                    return str(json.load(answer)["outcome"])
            except urllib.error.HTTPError as error:
                # The bot calibrates beside the serving; on a busy machine longer than it lets anybody wait.
                if error.code != 503 or time.monotonic() > until:
                    raise
                time.sleep(1)

    async def signed_in(self, context: BrowserContext, login: str, path: str) -> Page:
        """A page of somebody who signed in by the login form and was led to ``path``."""
        page = await context.new_page()
        await page.goto(f"{self.base}/login?next={path}")
        await page.fill('[name="name"]', login)
        await page.fill('[name="password"]', self.passwords[login])
        await page.click("main button.btn")
        await page.wait_for_url(self.base + path)
        return page

    async def do(self, page: Page, command: str, fields: dict[str, str]) -> None:
        """Send a staff form as the page's person does, without the page's own form."""
        csrf = await page.locator('[name="csrf"]').first.get_attribute("value") or ""
        answer = await page.request.post(f"{self.base}/do/{command}", form={**fields, "csrf": csrf})
        assert answer.ok, await answer.text()


@contextmanager
def running(data: Path) -> Iterator[Demo]:
    """Run ``fangtan demo`` on a data directory until the block ends.

    Raises:
        AssertionError: it ended by itself, or was not ready in time; with what it said.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FANGTAN_")}
    said = data / "said.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [FANGTAN, "demo", "--port", str(port), "--data", str(data)],
            env=environment,
            stdout=out,
            stderr=out,
        )
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_until_ready(f"{base}/readyz", process, said)
        yield Demo(base, data, json.loads((data / "demo.json").read_text())["passwords"])
    finally:
        process.terminate()
        process.wait(120)


def copied(data: Path, to: Path) -> None:
    """The data of a city, running or not, for a second one."""
    with (
        contextlib.closing(sqlite3.connect(data / "fangtan.db", timeout=20)) as source,
        contextlib.closing(sqlite3.connect(to / "fangtan.db")) as target,
    ):
        source.backup(target)
    (to / "demo.json").write_text((data / "demo.json").read_text())


@contextmanager
def shared(common: Path, own: Path) -> Iterator[Demo]:
    """Run an example city that the first of several processes filled: filling takes 20 s of the processor.

    Args:
        common: a folder that the processes share for the time of one session.
        own: where this one's data goes.
    """
    filled = common / "demo-filled"
    with contextlib.ExitStack() as stack, (common / "demo-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if filled.exists():
            fcntl.flock(lock, fcntl.LOCK_UN)
            copied(filled, own)
        city = stack.enter_context(running(own))
        if not filled.exists():
            making = common / "demo-making"
            making.mkdir()
            copied(city.data, making)
            making.rename(filled)
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield city


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], said: Path) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert process.poll() is None, said.read_text()
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(url, timeout=5) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.2)
    raise AssertionError(f"not ready in {PATIENCE} s: {said.read_text()}")


async def context_of(
    browser: Browser, width: int, height: int, *, elder: bool = False, script: bool = True, base: str = ""
) -> BrowserContext:
    """A browser profile of its own: its window, 长辈版 or not, with or without scripts."""
    context = await browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=script, locale="zh-CN"
    )
    if elder:
        await context.add_cookies([{"name": "fangtan_mode", "value": "elder", "url": base}])
    return context
