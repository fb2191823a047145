"""The crawl: nobody finds what was never published or was taken down, on no page, stream, feed, search or export.

One city with an interview in every state hides some fifty texts with made-up words, and fifty pieces of personal
data stand in questions that were published. A stranger and another citizen then read everything the router has,
follow every link, look for every text, ask the bot, watch the sockets, and the log is read too.
"""

import io
import json
import logging
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
import structlog
from aiohttp.web import Application
from sqlalchemy import select, text
from sqlmodel import col

from base.people import SYSTEM
from chat import streams
from faq.models import CatalogEntry
from interviews.models import Delivery, Interview, Item, Question
from tests.access import hidden as hiding
from tests.access import personal, stage
from tests.access.crawl import Crawl, addresses, readable
from tests.access.hidden import Hidden, first, second
from tests.access.listening import Ear, auth_of, ear
from tests.access.stage import Stage
from web import logs
from web.keys import UNITS

# Crawling everything as everybody takes a minute by itself, and passed 180 s beside other work on a slow day.
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(1800)]

READERS = ("anyone", "citizen")
BROKEN = "broken"
_OF_INTERVIEW = re.compile(r"/(interviews|host|desk)/\{id\}")


@dataclass
class Crawled:
    """The city after everything was looked at."""

    town: Stage
    hidden: Hidden
    crawls: dict[str, Crawl]
    heard: dict[str, tuple[str, str]]
    log: str
    tags: dict[str, tuple[str, str]]


@pytest.fixture(scope="module")
def written() -> Iterator[io.StringIO]:
    """The log as ``fangtan serve`` writes it, and what libraries log."""
    kept = io.StringIO()
    logs.configure()
    factory = structlog.WriteLoggerFactory(file=kept)
    structlog.configure(logger_factory=factory, cache_logger_on_first_use=False)
    handler = logging.StreamHandler(kept)
    logging.getLogger().addHandler(handler)
    yield kept
    logging.getLogger().removeHandler(handler)
    structlog.reset_defaults()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def crawled(tmp_path_factory: pytest.TempPathFactory, written: io.StringIO) -> AsyncIterator[Crawled]:
    async with stage.opened(tmp_path_factory.mktemp("crawl")) as town:
        room = f"interview:{town.city.interview}:public"
        async with ear(town) as anyone, ear(town, auth_of(town, "citizen")) as citizen:
            for one in (anyone, citizen):
                assert (await one.watches(room))["ok"]
            await citizen.watches("me")
            hidden = await hiding.fill(town)
            tags = await _tags(town)
            before = {name: len(one.heard) for name, one in zip(READERS, (anyone, citizen), strict=True)}
            await hiding.take_down(town, hidden)
            crawls = {reader: await _crawl(town, hidden, reader) for reader in READERS}
            await _break(town)
            ears = {"anyone": anyone, "citizen": citizen}
            heard = {name: _halves(one, before[name]) for name, one in ears.items()}
        yield Crawled(town, hidden, crawls, heard, written.getvalue(), tags)


def _halves(one: Ear, at: int) -> tuple[str, str]:
    """What a socket heard before and after the taking down."""
    earlier, later = (json.dumps(part, ensure_ascii=False) for part in (one.heard[:at], one.heard[at:]))
    return earlier, later


def _get_routes(app: Application) -> list[str]:
    """The pattern of every route that answers GET; files that belong to the product are left out."""
    found = {
        route.resource.canonical for route in app.router.routes() if route.method == "GET" and route.resource
    }
    return sorted(found - {"/static", "/socket.io/", "/logout"})


def _addresses(app: Application, values: dict[str, list[object]]) -> Iterator[str]:
    """Every address of a GET route; where an interview is named, only the numbers of interviews are put in."""
    patterns = _get_routes(app)
    of_interviews = [one for one in patterns if _OF_INTERVIEW.search(one)]
    yield from addresses(of_interviews, values | {"id": values["interview"]})
    yield from addresses([one for one in patterns if one not in of_interviews], values)


async def _values(town: Stage) -> dict[str, list[object]]:
    """What there is to put into the places of addresses: every number, receipt and stream, and one more."""
    async with town.app[UNITS].read(SYSTEM) as uow:
        interviews = select(col(Interview.id)).execution_options(rehearsals=True)
        numbers = [one or 0 for one in await uow.db.scalars(interviews)]
        others = [*await uow.db.scalars(select(col(CatalogEntry.id)))]
        others += [*await uow.db.scalars(select(col(Delivery.id)))]
        receipts = [*await uow.db.scalars(select(col(Question.receipt)))]
        answers = [*await uow.db.scalars(select(col(Item.id)).where(col(Item.kind) == "answer"))]
    most = max([*numbers, *others]) + 1
    names = [f"interview:{one}:{part}" for one in [*numbers, most] for part in ("public", "staff")]
    return {
        "id": list(range(1, most + 1)),
        "interview": [*numbers, most],
        "receipt": [*receipts, "ZZZZ-ZZZZ-ZZZ"],
        "name": [*names, "me", "person:1", *(f"person:{one}" for one in range(1, 25))],
        "format": ["docx", "html", "json"],
        "plot": ["fates", "bodies"],
        "kind": ["xlsx", "csv", "json"],
        "icon": ["any-192"],
        "part": [1, 2],
        "year": [2026],
        "month": ["2026-01"],
        "body": [1, 2],
        "act": ["withdraw"],
        "room": ["desk", "supervise"],
        "list": ["bodies", "lateness"],
        "of": ["finding"],
        "n": [1, 2, 3],
        "form": ["exit"],
        "command": ["question.publish"],
        "token": ["nobody-made-this"],
        "notice": ["pack"],
        "key": ["nobody-made-this"],
        "item": [*answers, 1, 9999],
        "number": [1, 2],
    }


async def _tags(town: Stage) -> dict[str, tuple[str, str]]:
    """The live room's stream as a cache holds it before anything is taken down: address to ETag and text."""
    room, reader = f"/api/streams/interview:{town.city.interview}:public", Crawl(town, "anyone")
    found = {}
    for address in (room, f"{room}?after=0", f"{room}?after=0&limit=500"):
        _, body, tag = await reader.get(address)
        found[address] = (tag, body)
    return found


async def _crawl(town: Stage, hidden: Hidden, reader: str) -> Crawl:
    crawl = Crawl(town, reader)
    values = await _values(town) | {"question": [*hidden.questions.values()]}
    await crawl.walk(["/", *_addresses(town.app, values)])
    for name in values["name"]:
        head, after = 1, 0
        while after < head:
            status, body, _ = await crawl.get(f"/api/streams/{name}?after={after}&limit=50")
            if status != 200:
                break
            told = json.loads(body)
            head, after = told["head"], after + 50
            assert len(told.get("events", [])) <= 50
    await crawl.get("/api/interviews?limit=1&after=1")
    for name in [*hidden.names, *hidden.open]:
        await _look_for(crawl, first(name))
    for question in hidden.questions.values():
        for act in ("support", "withdraw", "appeal"):
            sent = {"question": question} | ({"text": "请再看看。"} if act == "appeal" else {})
            await crawl.post(f"/api/commands/question.{act}", json=sent)
        await crawl.post(f"/questions/{question}/support", data={"back": "/"})
    for receipt in values["receipt"]:
        for act in ("withdraw", "appeal"):
            await crawl.post(f"/questions/{receipt}/{act}", data={"text": "请再看看。"})
    return crawl


async def _look_for(crawl: Crawl, word: str) -> None:
    """Search, the catalogue, each interview's record, and the bot in all its forms."""
    for address in ("/search?q=", "/catalog?q=", "/faq?text=", "/questions?receipt="):
        await crawl.get(address + word)
    for number in crawl.town.names["live"], crawl.town.names["over"]:
        await crawl.get(f"/interviews/{number}?q={word}")
        await crawl.post(f"/api/interviews/{number}/similar", json={"text": f"{word}这件事，能不能办？"})
    await crawl.post("/api/faq/ask", json={"text": f"{word}能不能办？"})
    await crawl.post("/faq", data={"text": f"{word}这件事"})


async def _break(town: Stage) -> None:
    """A fault of ours while a citizen's text is in our hands: the log must tell of it without the text."""
    async with town.app[UNITS].act(SYSTEM) as uow:
        when = f"NEW.original LIKE '%{second(BROKEN)}%'"
        rule = f"BEFORE INSERT ON question WHEN {when} BEGIN SELECT RAISE(ABORT, 'broken on purpose'); END"
        await uow.db.execute(text(f"CREATE TRIGGER broken {rule}"))
    sent = {
        "text": f"{second(BROKEN)}怎么办？",
        "kind": "inquiry",
        "client_id": "broken-0001",
        "contact": f"{second('brokenmail')}@example.com",
    }
    path = f"/api/interviews/{town.city.interview}/questions"
    async with town.client.post(path, json=sent, headers=town.headers("asker")) as answer:
        assert answer.status == 500
        assert second(BROKEN) not in await answer.text()


# What nobody may find


@pytest.mark.parametrize("reader", READERS)
async def test_nobody_finds_what_is_not_public(crawled: Crawled, reader: str) -> None:
    crawl = crawled.crawls[reader]
    found = {name: crawl.finds(second(name)) for name in crawled.hidden.names}
    assert {name: where[:5] for name, where in found.items() if where} == {}
    assert len(crawled.hidden.names) > 40


@pytest.mark.parametrize("reader", READERS)
async def test_fifty_pieces_of_personal_data_are_nowhere(crawled: Crawled, reader: str) -> None:
    shown = {address: personal.bare(body) for address, body in crawled.crawls[reader].seen.items()}
    found = {
        item: [address for address, body in shown.items() if personal.told(item) in body][:3]
        for item in personal.ITEMS
    }
    assert {item: where for item, where in found.items() if where} == {}
    assert len(personal.ITEMS) >= 50


@pytest.mark.parametrize("reader", READERS)
async def test_the_crawl_does_look(crawled: Crawled, reader: str) -> None:
    """What is public is found where it belongs; a crawl that finds nothing at all would prove nothing."""
    crawl, live = crawled.crawls[reader], crawled.town.names["live"]
    places = {
        "question": [f"/interviews/{live}", f"/api/streams/interview:{live}:public", "/search?q=zqquestiona"],
        "answer": [
            f"/interviews/{live}",
            "/search?q=zqanswera",
            f"/api/streams/interview:{live}:public?after=0&limit=50",
        ],
        "remark": [f"/interviews/{live}", f"/interviews/{live}?q=zqremarka"],
        "entry": ["/catalog", "/search?q=zqentrya", "/catalog?q=zqentrya"],
        "ended": ["/search?q=zqendeda"],
    }
    for name, expected in places.items():
        assert set(expected) - set(crawl.finds(second(name))) == set(), name
    files = [crawl.statuses[f"/interviews/{live}/files/{no}"] for no in (1, 2, 3)]
    assert files == [200, 410, 410], "one that stands, two that were taken down"
    good = [address for address, status in crawl.statuses.items() if status == 200]
    assert len(good) > 150
    assert any("page=2" in address or "pool=2" in address for address in good), "links are followed"


async def test_no_socket_heard_it(crawled: Crawled) -> None:
    for earlier, later in crawled.heard.values():
        for name in crawled.hidden.names:
            assert second(name) not in later, name
            assert name in crawled.hidden.once_public or second(name) not in earlier, name
        assert second("answer") in earlier
        assert "question.removed" in later
        bare = personal.bare(earlier)
        assert [item for item in personal.ITEMS if personal.told(item) in bare] == []


async def test_the_log_tells_of_none_of_it(crawled: Crawled) -> None:
    assert "failed" in crawled.log, "the fault was logged, or there is nothing to read"
    for name in [*crawled.hidden.names, BROKEN, "brokenmail"]:
        assert second(name) not in crawled.log, name
    bare = personal.bare(crawled.log)
    assert [item for item in personal.ITEMS if personal.told(item) in bare] == []


async def test_a_cache_that_revalidates_no_longer_gets_it(crawled: Crawled) -> None:
    """Everything was in the cached answers; none of it is in what comes for their ETags."""
    reader = Crawl(crawled.town, "anyone")
    for address, (tag, body) in crawled.tags.items():
        assert all(second(name) in body for name in crawled.hidden.once_public), address
        status, now, fresh = await reader.get(address, {"If-None-Match": tag})
        assert status == 200, address
        assert fresh != tag
        assert not [name for name in crawled.hidden.once_public if second(name) in now]
        again, nothing, _ = await reader.get(address, {"If-None-Match": fresh})
        assert (again, nothing) == (304, "")


async def test_no_export_holds_it(crawled: Crawled) -> None:
    """Reports and plans leave the house: neither holds what was never published or was taken down."""
    town, kept = crawled.town, {"report"}
    async with town.app[UNITS].read(SYSTEM) as uow:
        over = select(col(Interview.id)).where(col(Interview.status).in_(["ended", "archived"]))
        numbers = [one or 0 for one in await uow.db.scalars(over)]
    wanted = [
        f"/office/interviews/{one}/report.{kind}" for one in numbers for kind in ("docx", "html", "json")
    ]
    wanted += [f"/office/programme/2026.{kind}" for kind in ("xlsx", "csv")]
    for address in wanted:
        async with town.client.get(address, headers=town.browser("office")) as answer:
            assert answer.status == 200, address
            body = readable(await answer.read())
        assert [name for name in crawled.hidden.names if second(name) in body and name not in kept] == [], (
            address
        )


async def test_a_rehearsal_is_not_even_a_number(crawled: Crawled) -> None:
    number = crawled.hidden.rehearsal
    for crawl in crawled.crawls.values():
        for path in (f"/interviews/{number}", f"/interviews/{number}/screen", f"/api/interviews/{number}"):
            assert crawl.statuses[path] == 404
        assert crawl.statuses[f"/api/streams/interview:{number}:public"] == 404
        linked = [where for where in crawl.finds(f'/interviews/{number}"') if f"/{number}" not in where]
        assert linked == []


async def test_streams_are_whole(crawled: Crawled) -> None:
    """Nothing was hidden by leaving numbers out."""
    async with crawled.town.app[UNITS].read(SYSTEM) as uow:
        name = f"interview:{crawled.town.city.interview}:public"
        told = await streams.backlog(uow, name, 0, 10_000)
    assert [event["seq"] for event in told] == list(range(1, len(told) + 1))
