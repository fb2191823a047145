"""An import is taken back: what nobody touched since goes, what somebody worked on stays and is named."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry, verify
from base.errors import Refusal
from base.people import SYSTEM
from faq import import_traces, import_undo, imports, library, review
from faq.catalog_file import Reading
from faq.import_undo import STAYS
from faq.imports import ImportStatus
from faq.models import CatalogImport, EntryRevision, EntryStatus, Openness, RevisionAction, RevisionStatus
from faq.takings import Mode
from tests.cast import City
from tests.faq.test_imports import (
    EDITOR,
    OFFICE,
    TODAY,
    brings,
    entries,
    found,
    proposed,
    rows,
    started,
    stretch,
)
from web.import_work import advance_imports, forget_imports

LATER = TODAY + timedelta(hours=1)


async def taken_back(city: City, one: CatalogImport, who: str = EDITOR) -> CatalogImport:
    """The import after it was taken back to its beginning."""
    async with city.act(who, LATER) as uow:
        await import_undo.start(uow, one.id or 0)
    while await retreated(city, one, who):
        pass
    return await found(city, one.id or 0)


async def retreated(city: City, one: CatalogImport, who: str = EDITOR) -> bool:
    async with city.act(who, LATER) as uow:
        return await import_undo.retreat(uow, one.id or 0)


def stays(one: CatalogImport) -> list[str]:
    return [text.removeprefix(STAYS) for text in one.problems if text.startswith(STAYS)]


async def left(city: City, one: CatalogImport) -> int:
    async with city.units.read(SYSTEM) as uow:
        return await import_traces.left(uow.db, one.id or 0)


async def test_drafts_are_gone_and_those_it_changed_say_again_what_they_said(city: City) -> None:
    await brings(city, Reading("csv", rows(2, "两元一吨。")), Mode.DRAFT)
    one = await brings(city, Reading("csv", rows(5, "三元一吨。")), Mode.DRAFT)
    assert (one.added, one.changed) == (3, 2)
    one = await taken_back(city, one)
    assert (one.status, one.added, one.changed, stays(one)) == (ImportStatus.UNDONE, 0, 0, [])
    assert {name: entry.body for name, entry in (await entries(city)).items()} == dict.fromkeys(
        ("SL-0", "SL-1"), "两元一吨。"
    )
    assert await left(city, one) == 0
    async with city.units.read(SYSTEM) as uow:
        acts = list(await uow.db.scalars(select(col(AuditEntry.act)).order_by(col(AuditEntry.seq))))
        assert (await verify(uow)).ok
    assert acts[-3:] == ["import.undo", "catalog.take_back", "import.undone"]
    # The corrected file comes in as if the wrong one had never been.
    assert (await brings(city, Reading("csv", rows(5)), Mode.DRAFT)).added == 3


async def test_a_stopped_import_is_taken_back_as_far_as_it_came(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(6)))
    await started(city, number, Mode.DRAFT)
    for _ in range(2):
        await stretch(city, number, batch=2)
    async with city.act(EDITOR, TODAY) as uow:
        await imports.cancel(uow, number)
    one = await found(city, number)
    assert len(await entries(city)) == one.done == 4
    await taken_back(city, one)
    assert await entries(city) == {}


async def test_what_somebody_worked_on_since_stays_and_is_named(city: City) -> None:
    one = await brings(city, Reading("csv", rows(4)), Mode.DRAFT)
    held = await entries(city)
    async with city.act(OFFICE, LATER) as uow:
        await library.import_rows(uow, rows(1, "四元一吨。"))
        entry = held["SL-1"].id or 0
        await review.propose(uow, entry, RevisionAction.PUBLISH, None)
    one = await taken_back(city, one)
    assert set(await entries(city)) == {"SL-0", "SL-1"}
    assert one.added == 2
    changed, drafted = sorted(stays(one))
    assert changed == "SL-0《水费0》，导入以后改过，或者办过。"
    assert drafted == "SL-1《水费1》，周科长另外起草过这一条。"


async def test_what_was_published_is_taken_down_and_comes_back_with_the_corrected_file(city: City) -> None:
    await brings(city, Reading("csv", rows(1, "两元一吨。")), Mode.PUBLISHED, OFFICE)
    one = await brings(city, Reading("csv", rows(3)), Mode.PUBLISHED, OFFICE)
    before = await _version(city)
    with pytest.raises(Refusal, match="只有信息化工作办公室"):
        await taken_back(city, one, EDITOR)
    await taken_back(city, one, OFFICE)
    held = await entries(city)
    assert [held[f"SL-{n}"].status for n in range(3)] == [
        EntryStatus.PUBLISHED,
        EntryStatus.RETIRED,
        EntryStatus.RETIRED,
    ]
    assert held["SL-0"].body == "两元一吨。"
    assert min(entry.revision for entry in held.values()) > before
    await brings(city, Reading("csv", rows(3, "五元一吨。")), Mode.PUBLISHED, OFFICE)
    assert {(e.status, e.body) for e in (await entries(city)).values()} == {
        (EntryStatus.PUBLISHED, "五元一吨。")
    }


@pytest.mark.parametrize("first", [Mode.PUBLISHED, Mode.DRAFT])
async def test_however_often_it_is_taken_back_the_next_file_publishes_it(city: City, first: Mode) -> None:
    await taken_back(city, await brings(city, Reading("csv", rows(2)), Mode.PUBLISHED, OFFICE), OFFICE)
    if first is Mode.DRAFT:
        await brings(city, Reading("csv", (replace(rows(1)[0], index_no="SL-9"),)), Mode.DRAFT)
    for body in ("四元一吨。", "五元一吨。"):
        again = (*rows(2, body), replace(rows(1, body)[0], index_no="SL-9"))
        await taken_back(city, await brings(city, Reading("csv", again), Mode.PUBLISHED, OFFICE), OFFICE)
        assert {entry.status for entry in (await entries(city)).values()} == {EntryStatus.RETIRED}
    last = (*rows(2, "六元一吨。"), replace(rows(1, "六元一吨。")[0], index_no="SL-9"))
    await brings(city, Reading("csv", last), Mode.PUBLISHED, OFFICE)
    assert {(e.status, e.body) for e in (await entries(city)).values()} == {
        (EntryStatus.PUBLISHED, "六元一吨。")
    }


async def test_what_may_not_be_public_waits_for_the_file_that_may(city: City) -> None:
    await taken_back(city, await brings(city, Reading("csv", rows(1)), Mode.PUBLISHED, OFFICE), OFFICE)
    closed = rows(1, openness=Openness.CLOSED)
    await brings(city, Reading("csv", closed), Mode.PUBLISHED, OFFICE)
    assert (await entries(city))["SL-0"].status == EntryStatus.RETIRED
    await brings(city, Reading("csv", rows(1, openness=Openness.OPEN)), Mode.PUBLISHED, OFFICE)
    assert (await entries(city))["SL-0"].status == EntryStatus.PUBLISHED


async def _version(city: City) -> int:
    async with city.units.read(SYSTEM) as uow:
        return await library.version(uow.db)


async def test_revisions_on_their_way_are_withdrawn_unless_somebody_saw_to_them(city: City) -> None:
    await brings(city, Reading("csv", rows(2, "两元一吨。")), Mode.PUBLISHED, OFFICE)
    one = await brings(city, Reading("csv", rows(4)), Mode.REVIEW)
    held = await entries(city)
    async with city.units.read(SYSTEM) as uow:
        every = {one.entry_id: one for one in await uow.db.scalars(select(EntryRevision))}
    async with city.act(EDITOR, LATER) as uow:
        await review.withdraw(uow, every[held["SL-3"].id or 0].id or 0)
    one = await taken_back(city, one)
    assert set(await entries(city)) == {"SL-0", "SL-1", "SL-3"}
    assert [text.split("，")[0] for text in stays(one)] == ["SL-3《水费3》"]
    assert (await entries(city))["SL-0"].body == "两元一吨。"
    async with city.units.read(SYSTEM) as uow:
        states = {one.entry_id: one.status for one in await uow.db.scalars(select(EntryRevision))}
    assert set(states.values()) == {RevisionStatus.WITHDRAWN}
    assert held["SL-2"].id not in states


async def test_taking_back_can_be_stopped_and_gone_on_with(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(4)))
    await started(city, number, Mode.DRAFT)
    while await stretch(city, number, batch=2):
        pass
    async with city.act(EDITOR, LATER) as uow:
        await import_undo.start(uow, number)
    one = await found(city, number)
    assert await retreated(city, one) is True
    assert (set(await entries(city)), await left(city, one)) == ({"SL-0", "SL-1"}, 2)
    async with city.act(EDITOR, LATER) as uow:
        await imports.cancel(uow, number)
    assert await retreated(city, one) is False
    one = await taken_back(city, one)
    assert (await entries(city), one.added) == ({}, 0)
    assert sum(text.startswith(import_undo.BROUGHT) for text in one.problems) == 1
    with pytest.raises(Refusal, match="不能撤回"):
        await taken_back(city, one)


async def test_the_bell_takes_it_back_in_the_name_of_whoever_asked(city: City) -> None:
    one = await brings(city, Reading("csv", rows(3)), Mode.DRAFT)
    async with city.act(OFFICE, LATER) as uow:
        await import_undo.start(uow, one.id or 0)
    while await advance_imports(city.units):
        pass
    assert await entries(city) == {}
    async with city.units.read(SYSTEM) as uow:
        query = select(AuditEntry).where(col(AuditEntry.act) == "catalog.take_back")
        (noted,) = await uow.db.scalars(query)
    assert noted.person_id == city.people[OFFICE].person_id
    assert len(noted.detail["removed"]) == 3


async def test_what_an_import_did_is_forgotten_after_a_month(city: City) -> None:
    one = await brings(city, Reading("csv", rows(1)), Mode.DRAFT)
    a_month_later = TODAY + timedelta(days=imports.UNDO_DAYS, seconds=1)
    async with city.act(EDITOR, a_month_later) as uow:
        assert not await import_undo.can(uow, one)
        with pytest.raises(Refusal, match="过了30天"):
            await import_undo.start(uow, one.id or 0)
    with time_machine.travel(a_month_later - timedelta(seconds=2), tick=False):
        await forget_imports(city.units)
    assert await left(city, one) > 0
    with time_machine.travel(a_month_later, tick=False):
        await forget_imports(city.units)
    assert await left(city, one) == 0


async def test_what_the_operator_brought_in_by_command_can_be_taken_back_by_the_office(city: City) -> None:
    told: list[tuple[int, int]] = []
    async with city.units.act(SYSTEM, TODAY) as uow:
        taken = await imports.take_whole(uow, "目录.csv", rows(120), lambda n, of: told.append((n, of)))
    assert (taken.added, taken.published, told) == (120, 120, [(100, 120), (120, 120)])
    async with city.units.read(SYSTEM) as uow:
        (one,) = await imports.latest(uow.db)
    assert (one.status, one.mode, one.author_name) == (ImportStatus.DONE, Mode.PUBLISHED, "命令行")
    with pytest.raises(Refusal, match="只有信息化工作办公室可以撤回"):
        await taken_back(city, one)
    assert (await taken_back(city, one, OFFICE)).status == ImportStatus.UNDONE
    assert {entry.status for entry in (await entries(city)).values()} == {EntryStatus.RETIRED}
