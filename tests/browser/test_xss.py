"""Two hundred pieces of a stranger's code through every field of text; then every page that shows them, in a browser.

Nothing may run, the policy may have nothing to refuse, and each piece must be read letter by letter. Which fields
there are is asked of the commands: a new field of text without a line here fails. What can be said but once or thrice of
an interview (why it closes early, an exception, a report's receipt) gets the first pieces.
"""

import html
import json
import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import time_machine
from aiohttp.test_utils import TestClient, TestServer
from playwright.async_api import Browser, expect
from sqlalchemy import select
from sqlmodel import col

from base.errors import Refusal
from base.people import Role
from chat import registry
from faq.models import CatalogEntry
from interviews.models import Delivery, Question
from tests import cast
from tests.access.stage import entry_of
from tests.browser.demo import context_of
from tests.browser.looking import Watch
from tests.browser.payloads import PAYLOADS, REFUSED
from tests.browser.serving import free_port
from tests.web.browser import Browser as Plain
from tests.web.conftest import PASSWORD, Town, chosen
from web import asking, auth
from web.app import create_app
from web.keys import UNITS

pytestmark = [pytest.mark.browser, pytest.mark.timeout(1200)]

RAN = "window.ran = () => { window.hasRun = true; }; window.parent.ran ??= window.ran;"
NO_TEXT = {
    "question.submit.client_id", "question.submit.contact",  # a fixed alphabet; an address, encrypted
    "interview.say.speaker", "question.answer.speaker",  # one of the guests, or refused
    "waiver.grant.duty", "words.drop.word", "words.restore.word", "word.case.add.kind",  # one that there is, or refused
}  # fmt: skip
"""Fields whose text is none of the sender's own."""


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

    def missing(self) -> list[str]:
        """Pieces that no page showed as they were written."""
        said = _close(self.said)
        return [
            f"{name}: {text[:90]}"
            for name, texts in self.fields.items()
            for text in texts
            if _close(text) not in said
        ]


def _close(text: str) -> str:
    """Without white space, which pages may break at."""
    return re.sub(r"\s", "", text)


@pytest.fixture
async def sent(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Sent]:
    """The city before its interview is announced, at an address that a browser can open."""
    port = free_port()
    shutil.copy(migrated_file, tmp_path / "fangtan.db")
    app = create_app(chosen(tmp_path, base_url=f"http://127.0.0.1:{port}", pace="off"))
    city = await cast.settle(app[UNITS].database)
    city.units = app[UNITS]
    async with city.act("周科长", cast.PLANNED) as uow:
        await cast.give_logins(uow, auth.hash_password(PASSWORD), {role.value for role in Role})
    with time_machine.travel(cast.DURING, tick=True):
        async with TestClient(TestServer(app, port=port)) as client:
            yield Sent(Town(client, city), texts=frozenset(fields_of_text() - NO_TEXT))


# What goes in


async def before(sent: Sent) -> None:
    """The programme, the content, the guests, the venue; the interview is opened with the last of each."""
    city = sent.town.city
    themes, venues = pieces(60), pieces(100, "venue")
    made: list[int] = []
    for at, theme in enumerate(themes):
        start = cast.at("2026-04-01 09:00").replace(month=4 + at // 28, day=1 + at % 28)
        planned = {
            "theme": theme, "starts_at": start.isoformat(), "ends_at": start.replace(hour=11).isoformat(),
            "respondents": [city.bodies["医保局"]], "venue": venues[at % len(venues)],
        }  # fmt: skip
        made.append((await sent.put("周科长", "interview.schedule", cast.PLANNED, **planned))["interview"])
    await city.plan()
    await city.does("何主任", "plan.issue", cast.PLANNED, year=2026)
    for at, reason in enumerate(pieces(1000, "reason of the plan")):
        await sent.put("何主任", "interview.cancel", cast.ANNOUNCED, interview=made[at], reason=reason)
        moved = {"theme": themes[-at - 1], "ground": "public_demand", "reason": reason}
        await sent.put("何主任", "interview.change", cast.ANNOUNCED, interview=made[at - 20], **moved)
    for at, duty in enumerate(("guests", "change-notice", "reason")):
        waived = {"interview": city.interview, "duty": duty, "reason": pieces(1000, "waived")[at]}
        await sent.put("何主任", "waiver.grant", cast.ANNOUNCED, **waived)
    for text in reversed(pieces(3900, "content")):
        told = {"interview": city.interview, "theme": themes[0], "text": text}
        await sent.put("许主任", "content.tell", cast.ANNOUNCED, **told)
        await sent.reads("clerk", f"/desk/interviews/{city.interview}")
    await sent.reads("office", *(f"/office/interviews/{one}" for one in made[: len(venues)]))
    await city.does("周科长", "interview.announce", cast.ANNOUNCED, interview=city.interview)
    await city.prepare()
    await sent.put(
        "周科长", "venue.tell", cast.at("2026-03-02 11:00"), interview=city.interview, venue=venues[0]
    )


async def guests(sent: Sent) -> AsyncIterator[int]:
    """Guests with names and posts of such text, thirty at a time; after each the page must show them."""
    names, posts = pieces(40), pieces(80)
    for start in range(0, len(names), 30):
        told = [
            {"name": name, "post": posts[(start + at) % len(posts)]}
            for at, name in enumerate(names[start : start + 30])
        ]
        city = sent.town.city
        await sent.put(
            "许主任", "guests.tell", cast.at("2026-03-02 11:00"), interview=city.interview, guests=told
        )
        yield start


async def live(sent: Sent) -> dict[str, int]:
    """Everything that is typed while the interview runs; some of the questions by what became of them."""
    city, put = sent.town.city, sent.put
    interview = {"interview": city.interview}
    found = {"answered": [await sent.public(text) for text in pieces(2000, "question")][-1]}
    for at, nickname in enumerate(pieces(20)):
        await sent.public(f"称呼不一样的第{at}问", nickname=nickname)
        sent.fields.setdefault("question.submit.nickname", []).append(nickname)
    await put("李主持", "interview.say", **interview, text=pieces(20_000, "say")[0])
    await put("王处长", "answer.draft", question=found["answered"], text=pieces(20_000, "draft")[0])
    for at, reason in enumerate(pieces(1000, "reason")):
        masked = await sent.asks(f"要隐去一句的第{at}问")
        await put("审核员小张", "question.publish", question=masked, text=pieces(2000, "masked")[at % 3])
        refused = await sent.public(f"不能公开答复的第{at}问")
        await put(
            "王处长",
            "question.refuse",
            question=refused,
            ground="personal_privacy",
            reason=f"refuse {reason[:900]}",
            partial=reason,
        )
        deferred = await sent.public(f"会后再答的第{at}问")
        await put("王处长", "question.defer", question=deferred, reason=reason)
        declined = await sent.asks(f"不公开的第{at}问")
        await city.does("审核员小张", "question.decline", question=declined, reason="not_a_question")
        await put("网友甲", "question.appeal", question=declined, text=reason)
        await put("李主持", "interview.extend", **interview, minutes=1, reason=reason)
        said = await put("李主持", "interview.say", **interview, text=f"说过的第{at}句")
        await put("审核员小张", "question.remove", item=said["item"], reason=reason)
        found |= {"refused": refused, "deferred": deferred, "declined": declined}
    item = await put(
        "王处长", "question.answer", question=found["answered"], text=pieces(20_000, "answer")[0]
    )
    for at, reason in enumerate(pieces(1000, "erratum")):
        text = pieces(20_000, "answer")[0] + f"第{at}次改"
        await put("王处长", "erratum.publish", item=item["item"], text=text, reason=reason)
    return found


async def after(sent: Sent) -> None:
    """The interview is closed, its report written, sent and acknowledged; then the lists of words."""
    city, put = sent.town.city, sent.put
    interview = {"interview": city.interview}
    await put("李主持", "interview.close", **interview, reason=pieces(1000, "close")[0])
    await city.does("周科长", "report.draft", **interview)
    parts = {name: pieces(20_000, name)[0] for name in ("overview", "problems", "proposals")}
    edited = await put("周科长", "report.edit", **interview, version=1, **parts)
    await city.does("何主任", "report.sign", **interview, version=edited["version"])
    await city.does("周科长", "summary.send", **interview)
    async with city.act("陈秘书", cast.DURING) as uow:
        own = await uow.db.scalar(
            select(col(Delivery.id)).where(col(Delivery.body_id) == city.people["陈秘书"].body_id)
        )
    await put("陈秘书", "report.acknowledge", delivery=own, comment=pieces(1000, "comment")[0])
    notes = pieces(100, "note")
    words = pieces(30)
    for at, note in enumerate(notes):
        await put(
            "周科长", "words.add", kind="emergency", words=[f"词{at}", *words[at :: len(notes)]], note=note
        )
    for at, text in enumerate(pieces(2000, "case")):
        await put("周科长", "word.case.add", text=f"{text}第{at}句")


TALK = "x" * 22


async def desk(sent: Sent) -> str:
    """The bot is asked, its answer judged, a person of the office asked; an entry of nothing else is published."""
    plain, city = Plain(sent.town), sent.town.city
    for text in pieces(2000, "ask"):
        await plain.opens(f"/faq?talk={TALK}")
        assert await plain.sends("/faq", text=text, conversation=TALK) == 200, plain.text[:300]
        sent.fields.setdefault("faq.ask.text", []).append(text)
        number = re.findall(r'name="ask" value="(\d+)"', plain.text)
        if number:
            await plain.sends("/faq/exit", exit="human", ask=number[-1], text=text, conversation=TALK)
            await plain.opens(f"/faq?talk={TALK}")
    lines = pieces(400, "entry")
    for at in range(4):
        more = {
            "question": lines[at],
            "keywords": lines[at + 4],
            "section": lines[at + 8][:60],
            "alts": tuple(lines),
        }
        await entry_of(city, f"GK-{at}", f"{at} {lines[at]}"[:300], pieces(20_000, "body")[0], **more)
    for name, texts in (("title", lines[:4]), ("question", lines[:4]), ("body", pieces(20_000, "body"))):
        sent.fields[f"entry.{name}"] = texts
    async with city.act("周科长", cast.DURING) as uow:
        return str(await uow.db.scalar(select(col(CatalogEntry.id)).order_by(col(CatalogEntry.id).desc())))


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
            led = name in ("href", "src", "action", "formaction", "xlink:href") and not re.match(
                r"(/(?!/)|#|\?|https?://127\.0\.0\.1:|mailto:|tel:|$)", value or ""
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


async def receipts(town: Town, questions: dict[str, int]) -> list[str]:
    async with town.city.act("周科长", cast.DURING) as uow:
        return [f"/questions/{(await uow.db.get_one(Question, one)).receipt}" for one in questions.values()]


async def test_two_hundred_pieces_through_every_field(browser: Browser, sent: Sent) -> None:
    town = sent.town
    await before(sent)
    room = f"/interviews/{town.city.interview}"
    reader, office, clerk, host, guest = [
        await eyes(browser, town, login) for login in ("", "office", "clerk", "host", "guest")
    ]
    async for _ in guests(sent):
        await reader.look(sent, room)
    await town.city.does("李主持", "interview.open", cast.START, interview=town.city.interview)

    console, answering = room.replace("interviews", "host"), room.replace("interviews", "desk")
    for one, path in ((reader, room), (host, console), (guest, answering)):
        await one.look(sent, path)
    questions = await live(sent)
    await reader.watch.page.locator("#fresh button").click()
    await expect(reader.watch.page.locator("#record")).to_contain_text(
        "answer <script>ran()</script>", timeout=30_000
    )
    for one, path in ((reader, room), (host, console), (guest, answering)):
        await one.here(sent, f"{path}, drawn by its script")
    entry = await desk(sent)
    await reader.look(
        sent, room, f"{room}/screen", "/", "/interviews", "/interviews?status=planned", "/moderation",
        f"/faq?talk={TALK}", f"/faq/entries/{entry}", "/catalog", "/search?q=ran", "/statistics",
        *await receipts(town, questions),
    )  # fmt: skip
    await host.look(sent, console)
    await guest.look(sent, answering, f"{answering}?question={questions['answered']}")
    await clerk.look(sent, "/desk", f"/desk{room}")
    await after(sent)
    await reader.look(sent, room, "/moderation")
    await sent.reads("office", "/office/words?kind=emergency", "/office/programme")
    await office.look(
        sent, "/office?scope=all", f"/office{room}", f"/office{room}/report", f"/office{room}/report/versions",
        "/office/words?kind=emergency", "/office/programme", "/office/referrals", "/office/catalog/asks", "/office/catalog",
        f"/office/catalog/{entry}",
    )  # fmt: skip
    supervisor, recipient = [await eyes(browser, town, login) for login in ("supervisor", "recipient")]
    await supervisor.look(sent, "/supervise")
    await recipient.look(sent, "/inbox", "/inbox/1")
    everybody = (reader, office, clerk, host, guest, supervisor, recipient)
    assert not [one for each in everybody for one in each.found]
    assert not sent.missing(), "\n".join(sent.missing())
    assert sent.texts - set(sent.fields) == set(), "fields that nothing was put into"


def fields_of_text() -> set[str]:
    """Every field of every command that takes words."""
    return {
        f"{name}.{part}"
        for name, command in registry.REGISTRY.items()
        for part, about in command.schema.model_fields.items()
        if "str" in str(about.annotation)
    }


ADDRESSES = (
    "/search?q={}", "/catalog?q={}", "/catalog?issuer={}", "/faq?text={}", "/interviews?year={}", "{room}?q={}",
    "/rules?start={}", "/questions?receipt={}", "/login?next={}", "/moderation?interview={}",
)  # fmt: skip


async def test_what_an_address_carries_stays_text(sent: Sent) -> None:
    await sent.town.city.open()
    plain = Plain(sent.town)
    found: list[str] = []
    for address in ADDRESSES:
        for text in pieces(1_500):
            room = f"/interviews/{sent.town.city.interview}"
            status = await plain.opens(address.replace("{room}", room).replace("{}", quote(text)))
            found += [f"{address}: {one}" for one in foreign(plain.text)]
            assert status < 500, (address, text)
    assert not found
    for form, name in (("/faq", "text"), (f"{room}/questions", "nickname"), ("/login", "name")):
        await plain.opens(form.removesuffix("/questions"))
        everything = pieces(20_000)[0]
        await plain.sends(
            form, **{"kind": "inquiry", "client_id": "client-form-1", "text": "问题"} | {name: everything}
        )
        assert plain.status in (400, 401, 422), (form, plain.status)
        assert not foreign(plain.text), form
        assert _close(everything) in _close(html.unescape(plain.text)) or form == "/faq", form


async def test_what_changes_the_way_text_is_read_is_refused(sent: Sent) -> None:
    await sent.town.city.open()
    for text in REFUSED:
        with pytest.raises(Refusal, match="字符"):
            await sent.asks(f"甲{text}乙")


@pytest.mark.parametrize("bypass", [False, True], ids=["policy", "no policy"])
async def test_code_that_ran_would_be_noticed(browser: Browser, sent: Sent, bypass: bool) -> None:
    base = sent.town.url("/").rstrip("/")
    page = await (await browser.new_context(bypass_csp=bypass)).new_page()
    await page.add_init_script(RAN)
    watch = await Watch.of(page, base)
    await page.goto(base)
    await page.evaluate("document.querySelector('main').innerHTML = '<img src=data:, onerror=ran()>'")
    await page.wait_for_timeout(200)
    assert bool(await page.evaluate("window.hasRun === true")) is bypass
    assert any("policy: script-src" in one for one in await watch.so_far()) is not bypass


def test_markup_that_came_in_would_be_noticed() -> None:
    for text in (
        "<script>ran()</script>",
        "<p onclick=ran()>",
        "<a href=javascript:ran()>",
        "<base href=//x>",
    ):
        assert foreign(f"<main>{text}</main>"), text
    assert not foreign('<a href="/x">好</a><script type="application/ld+json">{"a": "\\u003cb"}</script>')
    assert len(set(PAYLOADS)) == 200
