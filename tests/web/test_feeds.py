"""Feeds, calendar, map and robots, each read by a parser of its own kind."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from icalendar import Calendar

from interviews.models import Interview
from tests import cast
from tests.web.conftest import Town
from tests.web.test_pages import entry
from web.routes import site_map

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
BASE = "http://127.0.0.1:8080"


async def fetched(town: Town, path: str, kind: str) -> str:
    """A document of the right kind, that comes again as 304 to whoever has it."""
    async with town.client.get(path) as answer:
        assert answer.status == 200, path
        assert answer.content_type == kind
        text, tag = await answer.text(), answer.headers["ETag"]
    async with town.client.get(path, headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
        assert await answer.read() == b""
    return text


def parsed(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text.encode("utf-8"))


# Atom (RFC 4287)


async def atom(town: Town) -> ElementTree.Element:
    return parsed(await fetched(town, "/feed.atom", "application/atom+xml"))


def moment(element: ElementTree.Element, name: str) -> datetime:
    found = datetime.fromisoformat(element.findtext(f"{ATOM}{name}") or "")
    assert found.tzinfo is not None
    return found


async def test_the_feed_has_what_the_standard_asks_for(town: Town) -> None:
    await town.city.plan(cast.START + timedelta(weeks=4))
    await town.city.announce(cast.START + timedelta(weeks=4))
    feed = await atom(town)
    entries = feed.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for element in (feed, *entries):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
    assert feed.findtext(f"{ATOM}author/{ATOM}name"), "an author of the feed is one of each entry"
    rels = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert rels["self"] == f"{BASE}/feed.atom"
    ids = [element.findtext(f"{ATOM}id") for element in entries]
    assert len(set(ids)) == 2
    updated = [moment(element, "updated") for element in entries]
    assert updated == sorted(updated, reverse=True)
    assert moment(feed, "updated") == updated[0]


async def test_an_entry_is_updated_by_whatever_the_public_is_told(town: Town) -> None:
    (before,) = (await atom(town)).findall(f"{ATOM}entry")
    await town.city.published("网友甲", "断缴一年，住院能不能报？", cast.DURING + timedelta(minutes=5))
    (after,) = (await atom(town)).findall(f"{ATOM}entry")
    assert moment(after, "updated") == cast.DURING + timedelta(minutes=5) > moment(before, "updated")
    assert after.findtext(f"{ATOM}id") == before.findtext(f"{ATOM}id")


async def test_an_empty_feed_is_a_feed(town: Town) -> None:
    async with town.city.act("周科长", cast.DURING) as uow:
        found = await uow.db.get_one(Interview, town.city.interview)
        found.announced_at = None
    feed = await atom(town)
    assert feed.findall(f"{ATOM}entry") == []
    assert moment(feed, "updated")


async def test_a_theme_that_xml_cannot_hold_does_not_break_the_feed(town: Town) -> None:
    async with town.city.act("周科长", cast.DURING) as uow:
        found = await uow.db.get_one(Interview, town.city.interview)
        found.theme, found.content = "<b>&\x0b]]>", "一\x00二\ufffe"
    (told,) = (await atom(town)).findall(f"{ATOM}entry")
    assert told.findtext(f"{ATOM}title") == "<b>&]]>"


# iCalendar (RFC 5545)


async def events(town: Town) -> dict[int, Any]:
    text = await fetched(town, "/interviews.ics", "text/calendar")
    assert "\r\n" in text
    assert not re.search(r"(?<!\r)\n", text)
    assert all(len(line.encode("utf-8")) <= 75 for line in text.split("\r\n"))
    made = Calendar.from_ical(text)
    assert (str(made["version"]), str(made["method"])) == ("2.0", "PUBLISH")
    found = {}
    for event in made.walk("VEVENT"):
        assert not event.errors
        for name in ("uid", "dtstamp", "dtstart", "dtend", "summary", "status", "sequence", "last-modified"):
            assert name in event, name
        found[int(re.findall(r"\d+", str(event["uid"]))[0])] = event
    return found


async def test_a_moved_interview_keeps_its_name_and_counts_its_changes(town: Town) -> None:
    city = town.city
    start = cast.START + timedelta(weeks=8)
    await city.does("何主任", "plan.issue", cast.PLANNED, year=2026)
    await city.plan(start)
    before = (await events(town))[city.interview]
    assert (before["sequence"], str(before["status"])) == (0, "TENTATIVE")
    moved = {
        "starts_at": (start + timedelta(weeks=1)).isoformat(),
        "ends_at": (start + timedelta(weeks=1, hours=2)).isoformat(),
    }
    await city.does(
        "何主任", "interview.change", cast.DURING, interview=city.interview, ground="public_demand",
        reason="网友要求", **moved,
    )  # fmt: skip
    after = (await events(town))[city.interview]
    assert str(after["uid"]) == str(before["uid"])
    assert after["sequence"] == 1
    assert after["dtstamp"].dt > before["dtstamp"].dt
    assert after.start == start + timedelta(weeks=1)
    await city.does("何主任", "interview.cancel", cast.DURING, interview=city.interview, reason="并入别场")
    gone = (await events(town))[city.interview]
    assert (gone["sequence"], str(gone["status"])) == (2, "CANCELLED")


# The map, and who may read it


async def places(town: Town, path: str = "/sitemap.xml") -> dict[str, str | None]:
    root = parsed(await fetched(town, path, "application/xml"))
    assert root.tag == f"{MAP}urlset"
    return {
        url.findtext(f"{MAP}loc") or "": url.findtext(f"{MAP}lastmod") for url in root.findall(f"{MAP}url")
    }


async def test_the_map_has_every_public_page_with_its_last_change(town: Town) -> None:
    number = await entry(town)
    found = await places(town)
    for path in site_map.PUBLIC_PAGES:
        assert f"{BASE}{path}" in found
        async with town.client.get(path) as answer:
            assert answer.status == 200
    assert found[f"{BASE}/interviews/{town.city.interview}"] == "2026-03-06"
    assert found[f"{BASE}/faq/entries/{number}"] == "2026-03-06"
    assert all(date.fromisoformat(day) for day in found.values() if day)


async def test_a_long_map_is_an_index_of_parts(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    await entry(town)
    whole = await places(town)
    monkeypatch.setattr(site_map, "LENGTH", 4)
    index = parsed(await fetched(town, "/sitemap.xml", "application/xml"))
    assert index.tag == f"{MAP}sitemapindex"
    parts = [one.findtext(f"{MAP}loc") or "" for one in index.findall(f"{MAP}sitemap")]
    joined: dict[str, str | None] = {}
    for part in parts:
        some = await places(town, part.removeprefix(BASE))
        assert 0 < len(some) <= 4
        assert not joined.keys() & some.keys()
        joined |= some
    assert joined == whole
    for path in ("/sitemap-0.xml", f"/sitemap-{len(parts) + 1}.xml", "/sitemap-9999999999.xml"):
        async with town.client.get(path) as answer:
            assert answer.status == 404, path


async def test_robots_may_read_what_the_map_names_and_no_receipt(town: Town) -> None:
    await entry(town)
    text = await fetched(town, "/robots.txt", "text/plain")
    assert f"Sitemap: {BASE}/sitemap.xml" in text.splitlines()
    closed = re.findall(r"^Disallow: (\S+)$", text, re.MULTILINE)
    assert "Allow: /" in text

    def may(path: str) -> bool:
        return not any(path.startswith(prefix) for prefix in closed)

    for path in (
        "/questions/AAAA-BBBB-CCC",
        "/questions?receipt=A",
        "/office",
        "/host/1",
        "/reports/x",
        "/login",
    ):
        assert not may(path), path
    assert all(may(address.removeprefix(BASE)) for address in await places(town))
