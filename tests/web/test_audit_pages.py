"""The auditor at work: the chain searched, one entry, the walk, files and checkpoints; and nothing changes by it."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiohttp import FormData
from sqlalchemy import update
from sqlmodel import col

from base import audit
from base.audit import AuditEntry, AuditHead
from base.people import SYSTEM, Person
from tests import cast
from tests.web.browser import Browser
from tests.web.conftest import Town
from web import audit_words, checkpoints, monthly_seals, working_list
from web.keys import SEAL, SETTINGS

ROOT = Path(__file__).parents[2]


async def signed_in(town: Town) -> Browser:
    """审计员老何 at the first page."""
    async with town.city.act("周科长", cast.DURING) as uow:
        clerk = await uow.db.get_one(Person, town.city.people["许主任"].person_id)
        person = Person(
            role="auditor", display_name="审计员老何", login="auditor", created_at=uow.now, example=True
        )
        person.password_hash = clerk.password_hash
        uow.db.add(person)
    browser = Browser(town)
    await browser.signs_in("auditor")
    return browser


@pytest.fixture
async def auditor(town: Town) -> Browser:
    """审计员老何, signed in, on the first page."""
    return await signed_in(town)


async def chain_of(town: Town) -> list[AuditEntry]:
    async with town.city.units.read(SYSTEM) as uow:
        return [one async for one in audit.entries(uow)]


def listed(browser: Browser) -> list[int]:
    return [int(one) for one in re.findall(r'<th scope="row"><a href="/audit/(\d+)">', browser.text)]


async def uploads(browser: Browser, content: bytes) -> int:
    token = re.search(r'name="csrf" value="([0-9a-f]+)"', browser.text)
    form = FormData([("csrf", token[1] if token else "")])
    form.add_field("file", content, filename="checkpoint.json", content_type="application/json")
    async with browser.client.post("/audit/verify", data=form) as answer:
        browser.text, browser.status = await answer.text(), answer.status
    return browser.status


async def saved(browser: Browser) -> dict[str, Any]:
    assert await browser.opens("/audit/checkpoint.json") == 200
    found: dict[str, Any] = json.loads(browser.text)
    await browser.opens("/audit/verify")
    return found


async def test_the_auditor_begins_at_the_chain_and_reads_it_the_newest_first(auditor: Browser) -> None:
    chain = await chain_of(auditor.town)
    assert auditor.path == "/audit"
    seen = listed(auditor)
    assert seen == [one.seq for one in reversed(chain)][: working_list.ON_A_PAGE]
    assert "开始访谈" in auditor.text
    assert "登录" in auditor.text


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("act=interview.open", lambda one: one.act == "interview.open"),
        ("subject=interview", lambda one: one.subject.startswith("interview:")),
        ("subject=interview:1", lambda one: one.subject == "interview:1"),
        ("role=office", lambda one: one.role == "office"),
        ("person=周科长", lambda one: one.role == "office"),
        (f"from={cast.DURING:%Y-%m-%d}", lambda one: one.at >= cast.DURING.replace(hour=0, minute=0)),
        ("to=2000-01-01", lambda one: False),
        ("person=没有这个人", lambda one: False),
    ],
)
async def test_a_filter_in_the_address_finds_just_what_fits(auditor: Browser, query: str, fits: Any) -> None:
    expected = [one.seq for one in reversed(await chain_of(auditor.town)) if fits(one)]
    assert await auditor.opens(f"/audit?{query}") == 200
    assert listed(auditor) == expected[: working_list.ON_A_PAGE]


async def test_a_long_list_goes_on_where_it_stopped(
    auditor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(working_list, "ON_A_PAGE", 4)
    seen, path = [], "/audit?role=office"
    for _ in range(100):
        await auditor.opens(path)
        seen += listed(auditor)
        older = re.search(r'<a href="(/audit\?[^"]*before=\d+)">更早的', auditor.text)
        if older is None:
            break
        path = older[1].replace("&amp;", "&")
    offices = [one.seq for one in reversed(await chain_of(auditor.town)) if one.role == "office"]
    assert (seen, len(offices) > 8) == (offices, True)


async def test_a_day_that_is_none_says_how_to_write_one(auditor: Browser) -> None:
    for wrong in ("from=gestern", "to=2026-13-01", "before=x"):
        assert await auditor.opens(f"/audit?{wrong}") == 400
        assert "请" in auditor.text


async def test_one_entry_in_full_and_one_that_was_changed_says_so(auditor: Browser) -> None:
    chain = await chain_of(auditor.town)
    said = next(one for one in chain if one.act == "interview.open")
    assert await auditor.opens(f"/audit/{said.seq}") == 200
    assert said.digest in auditor.text
    assert "没有改过" in auditor.text
    async with auditor.town.city.units.act(SYSTEM) as uow:
        await uow.db.execute(update(AuditEntry).where(col(AuditEntry.seq) == said.seq).values(role="editor"))
    await auditor.opens(f"/audit/{said.seq}")
    assert "写下以后改过" in auditor.text
    await auditor.opens("/audit/verify")
    assert f"从第{said.seq}条起对不上" in auditor.text
    assert await auditor.opens("/audit/checkpoint.json") == 409
    assert await auditor.opens(f"/audit/{len(chain) + 1}") == 404


async def test_reading_verifying_and_saving_change_nothing(auditor: Browser) -> None:
    before = await chain_of(auditor.town)
    for path in (
        "/audit",
        "/audit/verify",
        "/audit/checkpoint.json",
        "/audit/export.csv",
        "/audit/export.jsonl",
    ):
        assert await auditor.opens(path) == 200, path
    assert [one.digest for one in await chain_of(auditor.town)] == [one.digest for one in before]


async def test_the_exports_are_the_chain_and_can_be_computed_again(auditor: Browser) -> None:
    chain = await chain_of(auditor.town)
    await auditor.opens("/audit/export.jsonl")
    lines = [json.loads(line) for line in auditor.text.splitlines()]
    assert [one["digest"] for one in lines] == [one.digest for one in chain]
    for one in lines:
        digest = one.pop("digest")
        canonical = json.dumps(one, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        assert audit.text_digest(canonical) == digest
    await auditor.opens("/audit/export.csv?act=interview.open")
    rows = list(csv.DictReader(io.StringIO(auditor.text.removeprefix("\ufeff"))))
    assert [int(row["序号"]) for row in rows] == [one.seq for one in chain if one.act == "interview.open"]
    assert rows[0]["事"] == "开始访谈"


async def test_a_checkpoint_shows_what_came_later_and_a_chain_rewritten_whole(auditor: Browser) -> None:
    kept = await saved(auditor)
    assert kept["entries"] == len(await chain_of(auditor.town))
    async with auditor.town.city.units.act(SYSTEM) as uow:
        await audit.note(uow, "plan.issue", "plan:2026")
    assert await uploads(auditor, json.dumps(kept).encode()) == 200
    assert "一条也没有改过，以后新记了1条" in auditor.text
    await _rewrite(auditor.town)
    await auditor.opens("/audit/verify")
    assert "完好" in auditor.text, "by itself a chain that was rewritten whole looks sound"
    await uploads(auditor, json.dumps(kept).encode())
    assert "对不上" in auditor.text


async def _rewrite(town: Town) -> None:
    """Change the first entry and make every digest after it fit again, the head's too."""
    async with town.city.units.act(SYSTEM) as uow:
        previous = audit.GENESIS
        async for one in audit.entries(uow):
            one.subject = "interview:99" if one.seq == 1 else one.subject
            one.previous = previous
            one.digest = previous = audit.entry_digest(one)
        (await uow.db.get_one(AuditHead, 1)).digest = previous


async def test_a_checkpoint_that_was_changed_or_is_none_is_refused(auditor: Browser) -> None:
    kept = await saved(auditor)
    for wrong, sentence in (
        (json.dumps(kept | {"head": "0" * 64}).encode(), "签名对不上"),
        (json.dumps(kept | {"signature": "0" * 64}).encode(), "签名对不上"),
        (b"PK\x03\x04 something else", "不是审计存档点"),
        (b"", "不是审计存档点"),
    ):
        assert await uploads(auditor, wrong) in (400, 409)
        assert sentence in auditor.text
    await auditor.opens("/audit/verify")
    assert await uploads(auditor, json.dumps(kept | {"signature": None}).encode()) == 200
    assert "没有签名" in auditor.text


async def test_what_broke_after_the_checkpoint_leaves_what_was_before(auditor: Browser) -> None:
    kept = await saved(auditor)
    async with auditor.town.city.units.act(SYSTEM) as uow:
        for year in (2026, 2027):
            await audit.note(uow, "plan.issue", f"plan:{year}")
        last = AuditEntry.__table__.c  # type: ignore[attr-defined]  # made by table=True
        await uow.db.flush()
        await uow.db.execute(update(AuditEntry).where(last.seq == kept["entries"] + 2).values(role="host"))
    await uploads(auditor, json.dumps(kept).encode())
    assert f"以前的{kept['entries']}条没有改过；以后的" in auditor.text


async def test_a_signature_hangs_on_the_secret_key(auditor: Browser) -> None:
    made = checkpoints.parse(json.dumps(await saved(auditor)).encode())
    key = auditor.town.client.server.app[SEAL].key(checkpoints.PURPOSE)  # type: ignore[attr-defined]  # a TestServer
    assert made.signature == made.signed_with(key)
    assert made.signature != made.signed_with(b"another")


async def test_the_auditor_downloads_a_month_and_is_told_of_a_broken_file(auditor: Browser) -> None:
    app = auditor.town.client.server.app  # type: ignore[attr-defined]  # a TestServer
    data, key = app[SETTINGS].data, app[SEAL].key(checkpoints.PURPOSE)
    with time_machine.travel(cast.at("2026-03-01 00:05"), tick=False):
        await monthly_seals.seal_last_month(auditor.town.city.units, data, key)
    monthly_seals.path_of(data, "2026-01").write_text("nothing of the kind")
    await auditor.opens("/audit/verify")
    assert "2026-01：<b>文件坏了" in auditor.text
    async with auditor.client.get("/audit/checkpoints/2026-02.json") as answer:
        assert json.loads(await answer.text())["kind"] == checkpoints.KIND
    assert await auditor.opens("/audit/checkpoints/2026-01.json") == 404
    await auditor.signs_in("office")
    assert await auditor.opens("/audit/checkpoints/2026-02.json") == 404


def noted() -> set[str]:
    """Every kind of act that the program notes, read from its source; one that is put together, by its pieces."""
    said = re.compile(r'audit\.note\(\s*\w+,\s*(f?)"([\w.{}]+)"')
    of_rooms = (path for room in ("base", "interviews", "faq", "web") for path in (ROOT / room).rglob("*.py"))
    found = {kind for path in of_rooms for put, kind in said.findall(path.read_text("utf-8")) if not put}
    return found | {f"material.{act}" for act in ("attach", "describe", "move", "remove")}


def test_every_act_that_is_noted_has_a_name_that_the_auditor_can_read() -> None:
    kinds = noted()
    assert len(kinds) > 90
    assert sorted(kind for kind in kinds if audit_words.act_label(kind) == kind) == []


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("提问12", ["question:12", "questions:12"]),
        ("提问 １２", ["question:12", "questions:12"]),
        ("访谈", ["interview"]),
        ("question:12", ["question:12"]),
        ("question", ["question"]),
        ("没有这样的12", ["没有这样的12"]),
    ],
)
def test_a_subject_is_looked_for_as_the_page_writes_it(said: str, meant: list[str]) -> None:
    assert audit_words.subject_codes(said) == meant


async def test_the_list_is_narrowed_by_a_subject_in_chinese(auditor: Browser) -> None:
    interview = auditor.town.city.interview
    await auditor.opens(f"/audit?subject=interview:{interview}")
    wanted = listed(auditor)
    await auditor.opens(f"/audit?subject=访谈{interview}")
    assert listed(auditor) == wanted != []
