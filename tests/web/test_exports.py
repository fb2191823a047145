"""What a spreadsheet program would compute goes in by every field that an export shows, and out of no export as a formula.

Which exports there are is read from the routes: a new file of rows without a line here fails.
"""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from base import outbox
from base.people import Body, Person, Role
from faq import review
from faq.models import Ask, RevisionAction
from interviews import assessment, body_contacts, instructions
from tests import cast
from tests.access.stage import entry_of, row_of
from tests.web.conftest import Town

FORMULAS = ("=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1+1)", "＝1+1", "\t=1+1", "\r=1+1", " =1+1", "'=1+1")
"""What a cell may begin with so that a program computes it; the last looks as if it were made harmless already."""
LIVE = frozenset("=+-@＝＋－＠\t\r\n")

EXPORTS: dict[str, tuple[str, str]] = {
    "/interviews/{id}/data.{kind}": ("", "/interviews/1/data.csv"),
    "/open-data/{year}.{kind}": ("", "/open-data/2026.csv"),
    "/catalog.{kind}": ("", "/catalog.csv"),
    "/statistics.csv": ("", "/statistics.csv?year=2026"),
    "/office/programme/{year}.{kind}": ("周科长", "/office/programme/2026.xlsx"),
    "/office/words/export.csv": ("周科长", "/office/words/export.csv"),
    "/office/words.xlsx": ("周科长", "/office/words.xlsx"),
    "/office/outbox.xlsx": ("周科长", "/office/outbox.xlsx"),
    "/office/duties.xlsx": ("周科长", "/office/duties.xlsx"),
    "/office/bodies.xlsx": ("周科长", "/office/bodies.xlsx"),
    "/office/catalog.xlsx": ("周科长", "/office/catalog.xlsx"),
    "/office/catalog/import/blank.xlsx": ("周科长", "/office/catalog/import/blank.xlsx"),
    "/office/catalog/asks.csv": ("周科长", "/office/catalog/asks.csv"),
    "/office/catalog/asks.xlsx": ("周科长", "/office/catalog/asks.xlsx"),
    "/office/catalog/reviewed.{kind}": ("周科长", "/office/catalog/reviewed.xlsx?month=2026-03"),
    "/audit.xlsx": ("审计员", "/audit.xlsx?col=detail"),
    "/audit/export.{kind}": ("审计员", "/audit/export.csv"),
    "/supervise/{list}.xlsx": ("何主任", "/supervise/bodies.xlsx?year=2026"),
    "/supervise/assessment/{year}.xlsx": ("何主任", "/supervise/assessment/2026.xlsx"),
    "/desk/instructions.xlsx": ("许主任", "/desk/instructions.xlsx"),
    "/office/interviews.xlsx": ("周科长", "/office/interviews.xlsx"),
    "/admin/accounts.xlsx": ("管理员小马", "/admin/accounts.xlsx"),
    "/admin/backups.xlsx": ("管理员小马", "/admin/backups.xlsx"),
    "/admin/settings.xlsx": ("管理员小马", "/admin/settings.xlsx"),
}
"""Each export, who reads it, and where; those that come in two kinds are read in both."""
NOTHING_TYPED = ("/admin/backups.xlsx", "/admin/settings.xlsx", "/office/catalog/import/blank.xlsx")
"""Exports of what the program itself says: nobody's words stand in them."""


async def typed_everywhere(town: Town) -> None:
    """The formulas in questions, answers, guests, themes, bodies, entries, words, and what was said of them."""
    city = town.city
    for at, formula in enumerate(FORMULAS):
        question = await city.asks("网友甲", f"{formula} 能报吗", nickname=formula[:20])
        await city.does("审核员小张", "question.publish", question=question)
        await city.does("王处长", "question.answer", question=question, text=f"{formula} 能报。")
        await city.does("李主持", "interview.say", interview=city.interview, text=f"{formula} 下一个。")
        planned = {
            "theme": f"{formula} 医保", "starts_at": f"2026-04-{at + 10}T14:30:00+08:00",
            "ends_at": f"2026-04-{at + 10}T16:30:00+08:00", "respondents": [city.bodies["医保局"]],
            "venue": f"{formula} 楼",
        }  # fmt: skip
        await city.does("周科长", "interview.schedule", **planned)
        more = {"question": formula, "section": formula, "keywords": formula, "document_no": formula}
        await entry_of(city, f"GK-{at}", f"{formula} 标题", f"{formula} 正文", alts=(formula,), **more)
        words = {"kind": "watch", "words": [f"{formula}词{at}"], "note": formula}
        await city.does("周科长", "words.add", **words)
        async with city.act("周科长", cast.DURING) as uow:
            about: dict[str, Any] = {"outcome": "handoff", "reason": "not_sure", "confidence": 0.2}
            uow.db.add(Ask(text=formula, at=uow.now, useful=False, feedback_reason=formula, **about))
            await outbox.queue(uow, f"calendar:{at}:1", "xu@example.gov.cn", formula, formula)
        await _returned(town, at, formula)
    async with city.act("周科长", cast.DURING) as uow:
        body = await uow.db.get_one(Body, city.bodies["医保局"])
        body.name = body.short_name = "=1+1局"
        contact = body_contacts.Sent("=1+1", "@SUM(1+1)", "+00 0000", note="-2+3")
        await body_contacts.add(uow, body.id or 0, contact)
        auditor = Person(role=Role.AUDITOR, display_name="=1+1审计员", created_at=uow.now)
        uow.db.add(auditor)
        await uow.db.flush()
        city.people["审计员"] = auditor.actor()
    async with city.act("何主任", cast.DURING) as uow:
        await assessment.open_year(uow, 2026, "weighted")
        day = cast.at("2026-03-20 00:00").date()
        await instructions.give(uow, instructions.Wanted(city.bodies["医保局"], "=1+1补齐答复。", day))


async def _returned(town: Town, at: int, formula: str) -> None:
    """An entry proposed with such words, and returned with such words."""
    city = town.city
    async with city.act("目录编辑小林", cast.DURING) as uow:
        row = row_of(f"FH-{at}", f"{formula} 草稿", "正文")
        one = await review.propose(uow, None, RevisionAction.PUBLISH, row, formula)
        await review.submit(uow, one.id or 0)
    async with city.act("周科长", cast.DURING) as uow:
        await review.sign(uow, one.id or 0, False, formula)


def cells_of(kind: str, content: bytes) -> Iterator[tuple[str, bool]]:
    """Every cell of a file as text, and whether a program would compute it."""
    if kind == "xlsx":
        for sheet in load_workbook(io.BytesIO(content)).worksheets:
            for row in sheet.iter_rows():
                yield from ((str(one.value), one.data_type == "f") for one in row if one.value is not None)
        return
    for line in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True):
        for cell in line:
            number = cell.lstrip("-").replace(".", "", 1).isdecimal()
            yield cell, bool(cell) and not number and (cell[0] in LIVE or cell.lstrip()[:1] in LIVE)


async def _exported(town: Town, who: str, address: str) -> bytes:
    headers = await town.bearer(who) if who else {}
    async with town.client.get(address, headers=headers) as answer:
        assert answer.status == 200, address
        return await answer.read()


def _kinds(name: str, address: str) -> list[tuple[str, str]]:
    """The address in each kind that it comes in, of those that a spreadsheet program opens."""
    if "{kind}" not in name:
        return [(name.rpartition(".")[2], address)]
    both = name.startswith(("/office/programme", "/office/catalog/reviewed"))
    there = "xlsx" if ".xlsx" in address else "csv"
    return [(kind, address.replace(there, kind)) for kind in (("csv", "xlsx") if both else ("csv",))]


async def test_no_cell_of_any_export_is_a_formula(town: Town) -> None:
    await typed_everywhere(town)
    await town.city.does("李主持", "interview.close", interview=town.city.interview, reason="答完了")
    hot, tame = [], []
    for name, (who, address) in EXPORTS.items():
        for kind, wanted in _kinds(name, address):
            found = list(cells_of(kind, await _exported(town, who, wanted)))
            hot += [f"{wanted}: {cell[:60]!r}" for cell, live in found if live]
            if wanted not in NOTHING_TYPED and not any("1+1" in cell for cell, _ in found):
                tame.append(wanted)
    assert not hot
    assert not tame, "nothing that was typed stands in these, so they prove nothing"


def test_every_export_is_looked_at(town: Town) -> None:
    app = town.client.app
    assert app is not None
    there = {one.canonical for one in app.router.resources()}
    files = {one for one in there if one.endswith((".csv", ".xlsx", ".{kind}"))}
    assert files - set(EXPORTS) == set(), "these are not looked at"
    assert set(EXPORTS) - files == set(), "these are gone"


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_would_be_noticed(formula: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([formula])
    live = [live for _, live in cells_of("csv", out.getvalue().encode())]
    assert live == [formula[:1] != "'"]
