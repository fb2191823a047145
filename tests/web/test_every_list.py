"""Every list that staff work in has all of it: filters, columns and order in the address, keyboard, Excel, printing.

Read from the templates: a table on a page for staff either is such a list, or says here why it is none.
"""

import io
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from openpyxl import load_workbook

from tests.access.stage import entry_of
from tests.web.conftest import Town
from tests.web.test_exports import typed_everywhere
from web import working_list
from web.backup_contents import stamp
from web.keys import BACKUPS

TEMPLATES = Path(__file__).parents[2] / "web" / "templates"

LISTS: dict[str, tuple[str, str]] = {
    "office_duties.html": ("周科长", "/office/duties"),
    "office_interviews.html": ("周科长", "/office/interviews"),
    "office_outbox.html": ("周科长", "/office/outbox"),
    "office_words.html": ("周科长", "/office/words"),
    "office_bodies.html": ("周科长", "/office/bodies"),
    "office_catalog.html": ("周科长", "/office/catalog"),
    "office_asks.html": ("周科长", "/office/catalog/asks"),
    "supervise_list.html": ("何主任", "/supervise/bodies"),
    "assessment_year.html": ("何主任", "/supervise/assessment/2026"),
    "desk_instructions.html": ("许主任", "/desk/instructions"),
    "audit.html": ("审计员", "/audit"),
    "admin_backups.html": ("管理员小马", "/admin/backups"),
    "admin_settings.html": ("管理员小马", "/admin/settings"),
}
"""Each list by its template: who reads it, and where."""

OWN_FILE = {"office_bodies.html": "a line for each contact, whole, so that it can be kept as the directory"}
"""Lists whose file has its own columns."""

OWN_TABLE = {"admin.html": "each row has forms of its own; test_admin.py tries what it has of a list"}
"""Lists that draw their rows themselves."""

NO_LIST = {
    "assessment_public.html": "public",
    "catalog.html": "public",
    "moderation.html": "public",
    "open_data.html": "public",
    "privacy.html": "public",
    "admin_health.html": "a dozen figures, always the same rows",
    "office_body.html": "one body's renamings, of which a body has a few",
    "office_bodies.html": "the renamings below the list",
    "office_directory.html": "a paper of the list beside it",
    "office_calendar.html": "the days of one notice, looked at before it is taken in",
    "office_catalog_import.html": "the last imports, ten at the most",
    "office_catalog_import_one.html": "the first rows of a file, looked at before it is taken in",
    "office_classes.html": "a tree in its own order, which is what the page is for",
    "office_programme.html": "the rows of a file, looked at before they are taken in",
    "office_reviewed.html": "one month's signatures as they are handed in, with Excel and CSV",
    "office_schedule.html": "a month's days",
    "office_words.html": "the sentences by which the list above is tried",
    "office_yearly.html": "figures of a report",
    "rating_reasons.html": "figures",
    "supervise.html": "the first bodies of a list that is one of these",
    "supervise_list.html": "figures above the list",
}
"""Other tables, and why they are none."""


def _tables(template: Path) -> bool:
    return "<table" in template.read_text(encoding="utf-8")


def test_every_table_for_staff_is_such_a_list_or_says_why_not() -> None:
    drawn = {one.name for one in TEMPLATES.glob("*.html") if "table_of(l," in one.read_text(encoding="utf-8")}
    assert drawn == set(LISTS), "a list that nobody looks at here, or one that is gone"
    others = {one.name for one in TEMPLATES.glob("*.html") if _tables(one)}
    assert others - set(NO_LIST) - set(OWN_TABLE) == set(), "draw these with macros/working_list.html"
    assert set(NO_LIST) - others == set(), "these have no table any more"


@pytest.fixture
async def filled(town: Town) -> Town:
    """Every list has rows, from what strangers typed as well."""
    await typed_everywhere(town)
    assert town.client.app is not None
    place = town.client.app[BACKUPS].place
    place.mkdir(parents=True)
    (place / f"fangtan-{stamp()}.backup").write_bytes(b"of yesterday")
    return town


async def read(town: Town, who: str, path: str) -> str:
    async with town.client.get(path, headers=await town.bearer(who)) as answer:
        assert answer.status == 200, path
        return await answer.text()


async def saved(town: Town, who: str, path: str) -> list[list[object]]:
    async with town.client.get(path, headers=await town.bearer(who)) as answer:
        assert answer.status == 200, path
        assert answer.content_type == working_list.XLSX
        sheet = load_workbook(io.BytesIO(await answer.read())).worksheets[0]
    return [[cell.value for cell in row] for row in sheet.iter_rows()]


async def test_every_list_has_what_a_list_has(filled: Town) -> None:
    lacking = []
    for template, (who, path) in LISTS.items():
        text = await read(filled, who, path)
        columns = re.findall(r'<input type="checkbox" name="col" value="(\w+)"', text)
        there = {
            "a form that looks for something": "data-list-find" in text,
            "a choice of columns": len(columns) > 2,
            "an order": "sort=" in text or template == "audit.html",
            "rows for the keyboard": re.search(r"<table[^>]* data-list>.*<tr data-pick>", text, re.S),
            "the keys in words": 'id="keys-box"' in text,
            "an Excel file": f'href="{path}.xlsx?' in text,
            "what the printer says of it": 'class="only-print"' in text,
        }
        lacking += [f"{template}: {what}" for what, is_there in there.items() if not is_there]
    assert not lacking


async def test_every_list_keeps_in_the_address_what_was_asked_of_it(filled: Town) -> None:
    for template, (who, path) in LISTS.items():
        text = await read(filled, who, path)
        first, *others = re.findall(r'<input type="checkbox" name="col" value="(\w+)"', text)
        asked = f"col={others[-1]}"
        text = await read(filled, who, f"{path}?{asked}")
        body = text[text.index("<main") :]
        heads = re.findall(r'<th scope="col"(?! class="(?:tick|no-print)")', body[body.index("data-list>") :])
        assert len(heads) >= 2, template
        assert f"{path}.xlsx?" in text, template
        (export,) = re.findall(rf'href="{re.escape(path)}\.xlsx\?([^"]*)"', text)
        assert asked in export, template
        rows = await saved(filled, who, f"{path}.xlsx?{export.replace('&amp;', '&')}")
        assert len(rows[0]) == 2 or template in OWN_FILE, (template, first, rows[0])
        assert len(rows) > 1, template


async def test_the_catalogue_is_put_into_any_order_in_the_address_and_saved_in_it(town: Town) -> None:
    for number, title in (("A-1", "甲"), ("A-3", "丙"), ("A-2", "乙")):
        await entry_of(town.city, number, title, f"{title}的正文")
    path = "/office/catalog"
    rows = await saved(town, "周科长", f"{path}.xlsx?sort=-index_no&col=index_no")
    assert [row[1] for row in rows] == ["索引号", "A-3", "A-2", "A-1"]
    rows = await saved(town, "周科长", f"{path}.xlsx?q={quote('乙')}&col=index_no")
    assert [row[1] for row in rows] == ["索引号", "A-2"]
    for name in ("title", "status", "way", "class", "issuer", "document_no", "published_on", "review_on"):
        for sign in ("", "-"):
            assert len(await saved(town, "周科长", f"{path}.xlsx?sort={sign}{name}")) == 4, name
    text = await read(town, "周科长", f"{path}?sort=index_no&status=published")
    assert text.index(">甲</a>") < text.index(">乙</a>") < text.index(">丙</a>")
    assert "status=published&amp;sort=index_no" in text


async def test_a_long_catalogue_is_saved_a_part_at_a_time(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.catalog_list.CHUNK", 2)
    for at in range(5):
        await entry_of(town.city, f"A-{at}", f"标题{at}", "正文")
    rows = await saved(town, "周科长", "/office/catalog.xlsx?sort=index_no&col=index_no")
    assert [row[1] for row in rows[1:]] == [f"A-{at}" for at in range(5)]


async def test_the_audit_is_saved_from_its_beginning_without_an_order_of_ones_own(filled: Town) -> None:
    rows = await saved(filled, "审计员", "/audit.xlsx?sort=-seq&act=interview.schedule")
    numbers = [int(str(row[0])) for row in rows[1:]]
    assert numbers == sorted(numbers)
    assert len(numbers) > 1
    assert {row[4] for row in rows[1:]} == {"排访谈"}
