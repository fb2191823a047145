"""What strangers type, on its way in and on every page that shows it: pieces, who sends them, and who looks.

Nothing may run, the policy may have nothing to refuse, and each piece must be read letter by letter.
"""

import html
import json
import re
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import time_machine
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, expect

from base.people import Person, Role
from chat import registry
from tests import cast
from tests.browser.demo import context_of
from tests.browser.looking import Watch
from tests.browser.payloads import PAYLOADS
from tests.browser.serving import free_port
from tests.web.browser import Browser as Plain
from tests.web.conftest import PASSWORD, Town, chosen
from web import asking, auth
from web.app import create_app
from web.keys import UNITS

RAN = "window.ran = () => { window.hasRun = true; }; window.parent.ran ??= window.ran;"
NO_TEXT = {
    "question.submit.client_id", "question.submit.contact",  # a fixed alphabet; an address, encrypted
    "interview.say.speaker", "question.answer.speaker",  # one of the guests, or refused
    "answer.approve.edition",  # the digest of what was read
    "promise.make.due", "promise.keep.speaker",  # a day; one of the guests, or refused
    "waiver.grant.duty", "words.drop.word", "words.restore.word", "word.case.add.kind",  # one that there is, or refused
}  # fmt: skip
"""Fields whose text is none of the sender's own."""


FILM = "https://v.example.gov.cn/a.mp3"
"""The one address elsewhere that a page may have: where the body says that its film lies."""

LONG = 400
"""Code points from which a field holds so many pieces in one text that all of them are soon typed."""

FILLER = re.compile(r"[一-鿿]+第\d+[问句]")
"""What is asked or said only so that there is something to act on."""


def pieces(limit: int, name: str = "") -> list[str]:
    """All payloads that a field can hold, as few texts as possible, each marked with its field."""
    texts: list[str] = []
    for one in PAYLOADS:
        if len(one) > limit:
            continue
        start = f"{name} " if name else ""
        if texts and len(texts[-1]) + 1 + len(one) <= limit:
            texts[-1] += f" {one}"
        elif len(start) + len(one) <= limit:
            texts.append(start + one)
        else:
            texts.append(one)
    return texts


@dataclass
class Sent:
    """What went in by which field, and what the pages said."""

    town: Town
    fields: dict[str, list[str]] = field(default_factory=dict)
    said: str = ""
    typed: set[str] = field(default_factory=set)
    lost: list[str] = field(default_factory=list)
    texts: frozenset[str] = frozenset()
    _count: int = 0

    async def put(self, who: str, name: str, when: Any = cast.DURING, /, **given: Any) -> dict[str, Any]:
        """Send a command; every text in it that is a piece is remembered with its field."""
        result = await self.town.city.does(who, name, when, **given)
        for key, value in given.items():
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str) and f"{name}.{key}" in self.texts and not FILLER.fullmatch(one):
                    self.fields.setdefault(f"{name}.{key}", []).append(one)
                if isinstance(one, dict):
                    for part, text in one.items():
                        self.fields.setdefault(f"{name}.{part}", []).append(text)
        return result

    async def asks(self, text: str, **more: Any) -> int:
        """网友甲 asks; the question's number in the database."""
        self._count += 1
        sent = {
            "interview": self.town.city.interview, "text": text, "kind": "inquiry",
            "client_id": f"client-x-{self._count:04d}",
        }  # fmt: skip
        return int((await self.put("网友甲", "question.submit", **sent, **more))["question"])

    async def public(self, text: str, **more: Any) -> int:
        """The same, and made public."""
        question = await self.asks(text, **more)
        await self.town.city.does("审核员小张", "question.publish", question=question)
        return question

    async def reads(self, role: str, *paths: str) -> None:
        """One of the staff opens pages without a browser, each with its next ones: many are soon read."""
        plain = Plain(self.town)
        await plain.signs_in(role)
        ahead, seen = [*paths], set[str]()
        while ahead:
            path = ahead.pop()
            if path not in seen:
                seen.add(path)
                assert await plain.opens(path) == 200, path
                assert not foreign(plain.text), path
                self.said += html.unescape(plain.text)
                pager = re.findall(r'class="pager".*?</nav>', plain.text, re.DOTALL)
                ahead += [
                    html.unescape(href) for part in pager for href in re.findall(r'href="([^"#]*)', part)
                ]

    async def types(
        self, plain: Plain, key: str, page: str, action: str, limit: int, /, *, kept: bool = True, **rest: Any
    ) -> None:
        """Put every piece into a field of ``limit`` code points, each text by ``types_one``.

        A short field gets them all in texts that are too long for it, which come back with the refusal, and then every
        eighth of those that it takes: one by one they would be a hundred and more.
        """
        for text in pieces(limit) if limit >= LONG else [*pieces(LONG), *pieces(limit)[::8]]:
            await self.types_one(plain, key, page, action, text, kept=kept, **rest)

    async def types_together(
        self, plain: Plain, template: str, page: str, action: str, limits: Mapping[str, int], /, **rest: Any
    ) -> None:
        """The same for several fields of one form at once: each gets its own pieces, until the last has had all."""
        texts = {name: pieces(limit) for name, limit in limits.items()}
        for at in range(max(map(len, texts.values()))):
            chosen = {name: some[at % len(some)] for name, some in texts.items()}
            await self._sends(plain, page, action, rest | chosen)
            for name, text in chosen.items():
                self._is_read(plain, f"{template}:{name}", text)

    async def types_one(
        self, plain: Plain, key: str, page: str, action: str, text: str, /, *, kept: bool = True, **rest: Any
    ) -> None:
        """Put one text into one field of a form; taken or refused, the page that answers has it as it was typed.

        Args:
            plain: whose form it is, signed in.
            key: the template and the field, as in ``typed.BY_FORM``.
            page: where the form stands.
            action: where it goes.
            text: what is typed.
            kept: whether the page that answers must show it; others that do are read afterwards.
            rest: the other fields.
        """
        await self._sends(plain, page, action, rest | {key.partition(":")[2].replace("*", "1"): text})
        self._is_read(plain, key, text, kept)

    async def _sends(self, plain: Plain, page: str, action: str, given: Mapping[str, Any]) -> None:
        # Every page has a form with the token, so the form's own page is opened only where none is open.
        if 'name="csrf"' not in plain.text:
            assert await plain.opens(page) == 200, page
        await plain.sends(action, **given)
        assert plain.status < 500, (action, given)
        assert not foreign(plain.text), (action, given)

    def _is_read(self, plain: Plain, key: str, text: str, kept: bool = True) -> None:
        self.typed.add(key)
        if kept and close(text) not in close(html.unescape(plain.text)):
            self.lost.append(f"{key} at {plain.path}, {plain.status}: {text[:90]}")

    async def reads_too(self, plain: Plain, path: str, text: str) -> None:
        """Another page that must show a text as it was typed."""
        assert await plain.opens(path) == 200, path
        assert not foreign(plain.text), path
        if close(text) not in close(html.unescape(plain.text)):
            self.lost.append(f"{path}: {text[:90]}")

    def missing(self) -> list[str]:
        """Pieces that no page showed as they were written."""
        said = close(self.said)
        return [
            f"{name}: {text[:90]}"
            for name, texts in self.fields.items()
            for text in texts
            if close(text) not in said
        ]


def close(text: str) -> str:
    """Without white space, which pages may break at."""
    return re.sub(r"\s", "", text)


def fields_of_text() -> set[str]:
    """Every field of every command that takes words."""
    return {
        f"{name}.{part}"
        for name, command in registry.REGISTRY.items()
        for part, about in command.schema.model_fields.items()
        if "str" in str(about.annotation)
    }


@asynccontextmanager
async def settled(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Sent]:
    """The city before its interview is announced, at an address that a browser can open."""
    port = free_port()
    shutil.copy(migrated_file, tmp_path / "fangtan.db")
    app = create_app(chosen(tmp_path, base_url=f"http://127.0.0.1:{port}", pace="off"))
    city = await cast.settle(app[UNITS].database)
    city.units = app[UNITS]
    async with city.act("周科长", cast.PLANNED) as uow:
        uow.db.add(Person(role=Role.AUDITOR, display_name="审计员老何", created_at=uow.now))
        await uow.db.flush()
        await cast.give_logins(uow, auth.hash_password(PASSWORD), {role.value for role in Role})
    with time_machine.travel(cast.DURING, tick=True):
        async with TestClient(TestServer(app, port=port)) as client:
            yield Sent(Town(client, city), texts=frozenset(fields_of_text() - NO_TEXT))


# What is looked at


class Foreign(HTMLParser):
    """What a page may not have in it, wherever it came from."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._data: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        self._data = "" if tag == "script" and named.get("type") == "application/ld+json" else None
        if tag in ("iframe", "object", "embed", "base", "style", "math", "marquee") or (
            tag == "script" and not named.get("src") and self._data is None
        ):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            led = (
                name in ("href", "src", "action", "formaction", "xlink:href")
                and value != FILM
                and not re.match(r"(/(?!/)|#|\?|https?://127\.0\.0\.1:|mailto:|tel:|otpauth:|$)", value or "")
            )
            if name.startswith("on") or name in ("style", "srcdoc", "autofocus") or led:
                self.found.append(f"<{tag} {name}={value}>")

    def handle_data(self, data: str) -> None:
        if self._data is not None:
            self._data += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._data is not None:
            json.loads(self._data)
            self._data = None


def foreign(page: str) -> list[str]:
    """What stands in a page that its templates did not put there."""
    reader = Foreign()
    reader.feed(page)
    return reader.found


SAID = """
() => document.documentElement.textContent
  + [...document.querySelectorAll("input, textarea")].map((e) => e.value).join("\\n")
"""
MOST_PAGES = 12


@dataclass
class Eyes:
    """One person's browser, and what went wrong in it."""

    watch: Watch
    base: str
    found: list[str] = field(default_factory=list)

    async def look(self, sent: Sent, *paths: str) -> None:
        """Open pages and, where they go on, their next ones; keep what they say and what happened in them."""
        page = self.watch.page
        ahead, seen = [*paths], set[str]()
        while ahead:
            path = ahead.pop(0)
            if path in seen or len(seen) > len(paths) + MOST_PAGES:
                continue
            seen.add(path)
            answer = await page.goto(self.base + path)
            assert answer is not None
            if answer.status != 200:
                self.found.append(f"{path}: {answer.status}")
            self.found += [f"{path}: {one}" for one in foreign(await answer.text())]
            await self.here(sent, path)
            ahead += await page.evaluate(
                "() => [...document.querySelectorAll('.pager a')].map((a) => a.getAttribute('href').split('#')[0])"
            )

    async def here(self, sent: Sent, path: str) -> None:
        """The same of the page that is open."""
        page = self.watch.page
        if (
            await page.locator("script[src*=live], script[src*=console]").count()
            and await page.locator("#link").count()
        ):
            await expect(page.locator("#link")).to_contain_text("已连上", timeout=30_000)
        await page.mouse.move(200, 300)
        sent.said += await page.evaluate(SAID)
        self.found += [f"{path}: {one}" for one in await self.watch.so_far()]
        if await page.evaluate("window.hasRun === true"):
            self.found.append(f"{path}: a stranger's code ran")


async def eyes(browser: Browser, town: Town, login: str = "") -> Eyes:
    """A browser of somebody who is signed in, or of a citizen."""
    base = town.url("/").rstrip("/")
    context = await context_of(browser, 1280, 900)
    if login:
        token, _ = await auth.sign_in(town.city.units, login, PASSWORD, demo=True)
        await context.add_cookies([{"name": asking.LOGIN_COOKIE, "value": token, "url": base}])
    page = await context.new_page()
    await page.add_init_script(RAN)
    found = Eyes(await Watch.of(page, base), base)
    page.on("dialog", lambda dialog: found.found.append(f"a dialog: {dialog.message}"))
    return found
