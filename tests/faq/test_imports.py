"""A file's way into the catalogue, on both databases: shown, started, taken in by stretches, stopped."""

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from base.audit import AuditEntry
from base.clock import office_date
from base.errors import Refusal
from base.people import SYSTEM, Person
from faq import drafts, imports, library, review
from faq.catalog_file import Reading, read
from faq.desk import Desk
from faq.imports import ImportStatus
from faq.models import (
    CatalogEntry,
    CatalogImport,
    CatalogImportPart,
    EntryRevision,
    EntryStatus,
    Openness,
    RevisionStatus,
)
from faq.table_file import COLUMN_NAMES, Row
from faq.takings import Mode
from tests import cast
from tests.cast import City
from tests.faq.files import sheet
from tests.timing import within
from web.import_work import advance_imports

TODAY = cast.DURING
EDITOR, OFFICE = "目录编辑小林", "周科长"
LETTER = "关于调整水价的通知\n文号：示水办〔2026〕8号\n各单位：\n水价每吨三元。\n2026年1月2日"


def rows(count: int, body: str = "三元一吨。", **more: Any) -> tuple[Row, ...]:
    head = "index_no,title,body,issuer,published_on\n"
    lines = [f"SL-{number},水费{number},{body},水务局,2026-01-05\n" for number in range(count)]
    found = read("a.csv", (head + "".join(lines)).encode()).rows
    return tuple(replace(row, **more, assumed=row.assumed - more.keys()) for row in found)


async def proposed(city: City, reading: Reading, who: str = EDITOR, name: str = "目录.csv") -> int:
    async with city.act(who, TODAY) as uow:
        return (await imports.propose(uow, name, reading)).id or 0


async def started(city: City, number: int, mode: Mode, who: str = EDITOR, **given: Any) -> None:
    async with city.act(who, TODAY) as uow:
        await imports.start(uow, number, mode, **given)


async def stretch(city: City, number: int, who: str = EDITOR, batch: int | None = None) -> bool:
    async with city.units.read(SYSTEM) as uow:
        coming = await imports.ahead(uow.db, number)
    async with city.act(who, TODAY) as uow:
        return await imports.advance(uow, number, coming.first, coming.stretches[0][:batch])


async def found(city: City, number: int) -> CatalogImport:
    async with city.units.read(SYSTEM) as uow:
        return await imports.find(uow.db, number)


async def entries(city: City) -> dict[str, CatalogEntry]:
    async with city.units.read(SYSTEM) as uow:
        return {one.index_no: one for one in await uow.db.scalars(select(CatalogEntry))}


def counts(one: CatalogImport) -> tuple[int, int, int, int]:
    return one.done, one.added, one.changed, one.unchanged


async def brings(city: City, reading: Reading, mode: Mode, who: str = EDITOR) -> CatalogImport:
    number = await proposed(city, reading, who)
    await started(city, number, mode, who)
    while await stretch(city, number, who):
        pass
    return await found(city, number)


# The whole way


async def test_nothing_is_taken_in_before_somebody_starts_it(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(3)))
    assert await stretch(city, number) is False
    assert await entries(city) == {}
    async with city.units.read(SYSTEM) as uow:
        assert await imports.rows_of(uow.db, number, 1, 5) == list(rows(3)[1:])


async def test_a_file_comes_in_by_stretches_and_the_public_sees_none_of_its_drafts(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(5)))
    await started(city, number, Mode.DRAFT)
    assert await stretch(city, number, batch=2) is True
    assert counts(await found(city, number)) == (2, 2, 0, 0)
    assert len(await entries(city)) == 2
    while await stretch(city, number, batch=2):
        pass
    one = await found(city, number)
    assert (one.status, counts(one), one.ended_at) == (ImportStatus.DONE, (5, 5, 0, 0), TODAY)
    assert {entry.status for entry in (await entries(city)).values()} == {EntryStatus.DRAFT}
    assert {entry.origin for entry in (await entries(city)).values()} == {f"import:{number}"}
    async with city.units.read(SYSTEM) as uow:
        assert await imports.rows_of(uow.db, number, 0, 9) == []
        acts = list(await uow.db.scalars(select(col(AuditEntry.act)).order_by(col(AuditEntry.seq))))
    assert (acts.count("import.start"), acts.count("import.done"), acts.count("catalog.import")) == (1, 1, 3)


async def parts(city: City) -> list[tuple[int, int, int]]:
    async with city.units.read(SYSTEM) as uow:
        query = select(CatalogImportPart)
        query = query.order_by(col(CatalogImportPart.import_id), col(CatalogImportPart.number))
        return [(one.import_id, one.number, len(one.rows)) for one in await uow.db.scalars(query)]


async def test_a_long_file_lies_in_parts_and_is_read_across_their_edges_in_its_order(city: City) -> None:
    long = rows(2 * imports.PART + 1)
    number = await proposed(city, Reading("csv", long))
    assert await parts(city) == [(number, 0, imports.PART), (number, 1, imports.PART), (number, 2, 1)]
    async with city.units.read(SYSTEM) as uow:
        for first, count in (
            (0, 1),
            (imports.PART - 1, 2),
            (imports.PART, imports.PART),
            (450, 500),
            (3, 9999),
        ):
            found = await imports.rows_of(uow.db, number, first, count)
            assert found == list(long[first : first + count]), (first, count)
        assert await imports.rows_of(uow.db, number, len(long), 5) == []


async def test_what_is_given_reaches_every_part(city: City) -> None:
    other = await proposed(city, Reading("csv", rows(2, issuer="")), name="别的.csv")
    number = await proposed(city, Reading("csv", rows(imports.PART + 1, issuer="")))
    async with city.units.read(SYSTEM) as uow:
        assert (await imports.lacking(uow.db, number))["issuer"] == imports.PART + 1
    await started(city, number, Mode.DRAFT, issuer="示例市水务局")
    async with city.units.read(SYSTEM) as uow:
        assert (await imports.lacking(uow.db, number))["issuer"] == 0
    assert await parts(city) == [(other, 0, 2), (number, 0, imports.PART), (number, 1, 1)]


async def test_the_rows_of_a_file_are_gone_however_it_ends_and_those_of_others_stay(city: City) -> None:
    waiting = await proposed(city, Reading("csv", rows(1)))
    done, cancelled, failed = [await proposed(city, Reading("csv", rows(1))) for _ in range(3)]
    await started(city, done, Mode.DRAFT)
    while await stretch(city, done):
        pass
    await started(city, failed, Mode.DRAFT)
    async with city.act(OFFICE, TODAY) as uow:
        await imports.cancel(uow, cancelled)
        await imports.fail(uow, failed, "出了错。")
    ended = [(await found(city, number)).status for number in (done, cancelled, failed)]
    assert ended == [ImportStatus.DONE, ImportStatus.CANCELLED, ImportStatus.FAILED]
    assert await parts(city) == [(waiting, 0, 1)]


async def test_the_same_file_twice_changes_nothing(city: City) -> None:
    await brings(city, Reading("csv", rows(3)), Mode.DRAFT)
    again = await brings(city, Reading("csv", rows(3)), Mode.DRAFT)
    assert counts(again) == (3, 0, 0, 3)


async def test_stopped_after_a_stretch_what_came_in_stays(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(5)))
    await started(city, number, Mode.DRAFT)
    await stretch(city, number, batch=2)
    async with city.act(OFFICE, TODAY) as uow:
        await imports.cancel(uow, number)
    assert await stretch(city, number) is False
    one = await found(city, number)
    assert (one.status, counts(one), len(await entries(city))) == (ImportStatus.CANCELLED, (2, 2, 0, 0), 2)
    with pytest.raises(Refusal, match="已经结束"):
        async with city.act(OFFICE, TODAY) as uow:
            await imports.cancel(uow, number)


async def test_the_bell_goes_on_after_a_restart_in_the_starters_name(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(2)))
    await started(city, number, Mode.DRAFT)
    assert await advance_imports(city.units) == 1
    assert (await found(city, number)).status == ImportStatus.DONE
    assert await advance_imports(city.units) == 0
    async with city.units.read(SYSTEM) as uow:
        query = select(AuditEntry).where(col(AuditEntry.act) == "import.done")
        assert (await uow.db.scalars(query)).one().person_id == city.people[EDITOR].person_id


async def test_two_processes_that_read_the_same_rows_take_them_in_once(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(3)))
    await started(city, number, Mode.DRAFT)
    async with city.units.read(SYSTEM) as uow:
        coming = await imports.ahead(uow.db, number)
    for _ in range(2):
        async with city.act(EDITOR, TODAY) as uow:
            await imports.advance(uow, number, coming.first, coming.stretches[0][:2])
    assert counts(await found(city, number)) == (2, 2, 0, 0)


async def test_an_import_whose_starter_has_left_ends_with_the_reason(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(2)))
    await started(city, number, Mode.DRAFT)
    async with city.act(OFFICE, TODAY) as uow:
        gone = update(Person).where(col(Person.id) == city.people[EDITOR].person_id)
        await uow.db.execute(gone.values(disabled_at=uow.now))
    await advance_imports(city.units)
    one = await found(city, number)
    assert (one.status, await entries(city)) == (ImportStatus.FAILED, {})
    assert "账号已经停用" in one.problems[-1]


# 先审后发


async def test_what_is_public_is_changed_by_nobodys_file_but_by_a_revision(city: City) -> None:
    await brings(city, Reading("csv", rows(2)), Mode.PUBLISHED, OFFICE)
    one = await brings(city, Reading("csv", rows(2, "四元一吨。")), Mode.DRAFT)
    assert counts(one) == (2, 0, 2, 0)
    assert {entry.body for entry in (await entries(city)).values()} == {"三元一吨。"}
    async with city.units.read(SYSTEM) as uow:
        revisions = list(await uow.db.scalars(select(EntryRevision)))
    assert {(one.action, one.status, one.fields["body"]) for one in revisions} == {
        ("change", "draft", "四元一吨。")
    }
    again = await brings(city, Reading("csv", rows(2, "五元一吨。")), Mode.DRAFT)
    assert counts(again) == (2, 0, 0, 0)
    assert again.problems[0].startswith(f"SL-0：{EDITOR}正在办这一条")


async def test_into_the_review_and_signed_there_it_is_public(city: City) -> None:
    some = (*rows(1), *rows(2, openness="依申请公开")[1:])
    one = await brings(city, Reading("csv", some), Mode.REVIEW)
    assert counts(one) == (2, 2, 0, 0)
    assert "SL-1存成了草稿，没有送审" in one.problems[0]
    async with city.units.read(SYSTEM) as uow:
        statuses = {one.fields["index_no"]: one for one in await uow.db.scalars(select(EntryRevision))}
    assert [statuses[number].status for number in ("SL-0", "SL-1")] == [
        RevisionStatus.REVIEW,
        RevisionStatus.DRAFT,
    ]
    waiting = statuses["SL-0"].id or 0
    with pytest.raises(Refusal):
        async with city.act(EDITOR, TODAY) as uow:
            await review.sign(uow, waiting, True)
    for signer in (OFFICE, "何主任"):
        async with city.act(signer, TODAY) as uow:
            await review.sign(uow, waiting, True)
    public = {
        number for number, entry in (await entries(city)).items() if entry.status == EntryStatus.PUBLISHED
    }
    assert public == {"SL-0"}


async def test_drafts_that_came_in_before_are_sent_into_the_review_by_the_same_file(city: City) -> None:
    await brings(city, Reading("csv", rows(1)), Mode.DRAFT)
    assert counts(await brings(city, Reading("csv", rows(1)), Mode.REVIEW)) == (1, 0, 1, 0)
    assert counts(await brings(city, Reading("csv", rows(1)), Mode.REVIEW)) == (1, 0, 0, 1)


async def test_only_the_office_takes_in_what_was_published_elsewhere_and_only_with_its_date(
    city: City,
) -> None:
    number = await proposed(city, Reading("csv", rows(2, published_on=None)))
    with pytest.raises(Refusal, match="只有信息化工作办公室"):
        await started(city, number, Mode.PUBLISHED)
    with pytest.raises(Refusal, match="有2条没有写发布日期"):
        await started(city, number, Mode.PUBLISHED, OFFICE)
    await started(city, number, Mode.PUBLISHED, OFFICE, published_on=date(2025, 3, 1))
    await stretch(city, number, OFFICE)
    kept = await entries(city)
    assert {(one.status, one.published_on) for one in kept.values()} == {("published", date(2025, 3, 1))}


async def test_who_has_no_part_in_the_desk_has_none_here(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(1)))
    for who in ("何主任", "李主持", "许主任"):
        with pytest.raises(Refusal) as refused:
            await proposed(city, Reading("csv", rows(1)), who)
        assert refused.value.code == "forbidden"
        with pytest.raises(Refusal):
            await started(city, number, Mode.DRAFT, who)


# What a file does not say

HEADINGS = ("索引号", "标题", "正文", "发布机构")
WHOLE: dict[str, Any] = {
    "category": "办事指南", "question": "水费多少钱一吨", "alts": ("水价",), "section": "供水科",
    "document_no": "示水办〔2026〕8号", "keywords": "水费", "made_on": date(2026, 1, 2), "in_force": False,
    "openness": Openness.REDACTED, "repealed_on": date(2026, 2, 1), "successor": "SL-9",
}  # fmt: skip


def kept(entry: CatalogEntry) -> dict[str, Any]:
    return {
        name: tuple(value) if name == "alts" else value
        for name, value in vars(entry).items()
        if name in WHOLE
    }


def a_few_columns(
    kind: str, more: dict[str, str] | None = None, blank: bool = False, today: date | None = None
) -> Reading:
    """A file that says of SL-0 its four required columns and what ``more`` adds; ``blank`` has all the others empty."""
    said = dict(zip(HEADINGS, ("SL-0", "水费0", "四元一吨。", "水务局"), strict=True)) | (more or {})
    said |= {name: "" for name in COLUMN_NAMES.values() if blank and name not in said}
    if kind == "xlsx":
        return read("a.xlsx", sheet(tuple(said), tuple(said.values())), today)
    if kind == "jsonl":
        columns = {words: name for name, words in COLUMN_NAMES.items()}
        lines = json.dumps({columns[words]: text for words, text in said.items()})
        return read("a.jsonl", lines.encode(), today)
    return read("a.csv", f"{','.join(said)}\n{','.join(said.values())}\n".encode(), today)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
@pytest.mark.parametrize("blank", [False, True], ids=["absent", "blank"])
async def test_a_public_entry_keeps_what_a_file_leaves_out(city: City, kind: str, blank: bool) -> None:
    await brings(city, Reading("csv", rows(1, **WHOLE)), Mode.PUBLISHED, OFFICE)
    one = await brings(city, a_few_columns(kind, blank=blank), Mode.PUBLISHED, OFFICE)
    entry = (await entries(city))["SL-0"]
    assert (counts(one), entry.body) == ((1, 0, 1, 0), "四元一吨。")
    assert (kept(entry), entry.published_on) == (WHOLE, date(2026, 1, 5))
    assert counts(await brings(city, a_few_columns(kind, blank=blank), Mode.PUBLISHED, OFFICE)) == (
        1,
        0,
        0,
        1,
    )
    more = {"主题词": "供水", "是否有效": "是", "类别": "其他", "公开属性": "主动公开"}
    await brings(city, a_few_columns(kind, more, blank), Mode.PUBLISHED, OFFICE)
    changed = {"keywords": "供水", "in_force": True, "category": "其他", "openness": "主动公开"}
    assert kept((await entries(city))["SL-0"]) == WHOLE | changed


@pytest.mark.parametrize("mode", [Mode.DRAFT, Mode.REVIEW])
async def test_a_revision_from_a_file_proposes_nothing_that_the_file_leaves_out(
    city: City, mode: Mode
) -> None:
    said = WHOLE | {"openness": Openness.OPEN}
    await brings(city, Reading("csv", rows(1, **said)), Mode.PUBLISHED, OFFICE)
    async with city.act(OFFICE, TODAY) as uow:
        dates = {"amended_on": date(2026, 1, 3), "review_on": date(2027, 1, 3)}
        await uow.db.execute(update(CatalogEntry).values(**dates))
    assert counts(await brings(city, a_few_columns("csv"), mode)) == (1, 0, 1, 0)
    async with city.units.read(SYSTEM) as uow:
        (revision,) = await uow.db.scalars(select(EntryRevision))
        (entry,) = await uow.db.scalars(select(CatalogEntry))
    differing = drafts.differences(drafts.of_entry(entry), drafts.of_revision(revision))
    assert [one.name for one in differing] == ["正文"]


async def test_a_draft_keeps_what_a_file_leaves_out(city: City) -> None:
    await brings(city, Reading("csv", rows(1, **WHOLE)), Mode.DRAFT)
    assert counts(await brings(city, a_few_columns("csv"), Mode.DRAFT)) == (1, 0, 1, 0)
    assert kept((await entries(city))["SL-0"]) == WHOLE


async def test_what_is_given_to_all_rows_is_not_given_to_entries_that_have_it(city: City) -> None:
    lines = "".join(json.dumps({"id": f"SL-{n}", "q": f"水费{n}", "a": "四元。"}) + "\n" for n in range(2))
    await brings(city, Reading("csv", rows(1)), Mode.PUBLISHED, OFFICE)
    number = await proposed(city, read("题.jsonl", lines.encode()), OFFICE)
    async with city.units.read(SYSTEM) as uow:
        assert await imports.lacking(uow.db, number) == {"issuer": 1, "published_on": 1}
    await started(city, number, Mode.PUBLISHED, OFFICE, issuer="别的局", published_on=date(2026, 2, 3))
    await stretch(city, number, OFFICE)
    found = {name: (one.issuer, one.published_on, one.body) for name, one in (await entries(city)).items()}
    assert found == {
        "SL-0": ("水务局", date(2026, 1, 5), "四元。"),
        "SL-1": ("别的局", date(2026, 2, 3), "四元。"),
    }


async def test_a_question_without_its_answer_leaves_the_answer_that_is_there(city: City) -> None:
    await brings(city, Reading("csv", rows(1)), Mode.PUBLISHED, OFFICE)
    lines = "".join(json.dumps({"id": f"SL-{n}", "q": f"水费怎样算{n}"}) + "\n" for n in range(2))
    number = await proposed(city, read("题.jsonl", lines.encode()), OFFICE)
    await started(city, number, Mode.PUBLISHED, OFFICE, issuer="别的局", published_on=date(2026, 2, 3))
    await stretch(city, number, OFFICE)
    found = {name: (one.title, one.body) for name, one in (await entries(city)).items()}
    assert found == {"SL-0": ("水费怎样算0", "三元一吨。"), "SL-1": ("水费怎样算1", "水费怎样算1")}


async def test_the_only_row_of_a_file_leaves_what_nobody_writes_in_its_form(city: City) -> None:
    await brings(city, Reading("csv", rows(1, **WHOLE)), Mode.PUBLISHED, OFFICE)
    number = await proposed(city, a_few_columns("csv"), OFFICE)
    async with city.act(OFFICE, TODAY) as uow:
        await imports.correct(uow, number, {"title": "水价", "class": "", "keywords": "", "in_force": ""})
    await started(city, number, Mode.PUBLISHED, OFFICE)
    await stretch(city, number, OFFICE)
    entry = (await entries(city))["SL-0"]
    assert (entry.title, entry.body, kept(entry)) == ("水价", "四元一吨。", WHOLE)


# A day of publication that has not come

TOMORROW = office_date(TODAY) + timedelta(days=1)


@pytest.mark.parametrize("kind", ["csv", "xlsx", "jsonl"])
def test_a_row_from_tomorrow_is_no_row_and_one_from_today_is(kind: str) -> None:
    cells = {"发布日期": TOMORROW.isoformat()}
    late = a_few_columns(kind, cells, today=TOMORROW - timedelta(days=1))
    assert [one.what for one in late.problems] == [
        f"的“发布日期”写的是{TOMORROW}，应当是今天或者以前的日期，或者空着"
    ]
    assert [row.published_on for row in a_few_columns(kind, cells, today=TOMORROW).rows] == [TOMORROW]


@pytest.mark.parametrize("mode", list(Mode))
async def test_what_names_tomorrow_is_not_taken_in_and_the_rest_is(city: City, mode: Mode) -> None:
    mixed = (*rows(1), *rows(2, published_on=TOMORROW)[1:])
    one = await brings(city, Reading("csv", mixed), mode, OFFICE)
    assert (counts(one), list(await entries(city))) == ((2, 1, 0, 0), ["SL-0"])
    assert one.problems[0].startswith("SL-1：发布日期2026年")


async def test_nobody_gives_tomorrow_to_the_rows_that_name_no_day(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(2, published_on=None)), OFFICE)
    with pytest.raises(Refusal, match="还没有到"):
        await started(city, number, Mode.PUBLISHED, OFFICE, published_on=TOMORROW)
    single = await proposed(city, Reading("csv", rows(1)), OFFICE)
    async with city.act(OFFICE, TODAY) as uow:
        with pytest.raises(Refusal, match=r"“发布日期”写的是.*应当是今天或者以前的日期"):
            await imports.correct(uow, single, {"published_on": TOMORROW.isoformat()})


async def test_what_comes_in_whole_is_refused_whole(city: City) -> None:
    late = [*rows(1, published_on=TOMORROW), *rows(2)[1:]]
    with pytest.raises(Refusal, match=r"SL-0：发布日期.*一条也没有存"):
        async with city.units.act(SYSTEM, TODAY) as uow:
            await imports.take_whole(uow, "目录.csv", late, lambda _done, _of: None)
    assert await entries(city) == {}


# Documents, and what a person gives


async def test_a_document_waits_for_what_it_does_not_say(city: City) -> None:
    number = await proposed(city, read("通知.txt", LETTER.encode()), OFFICE, r"C:\文件\通知.txt")
    one = await found(city, number)
    assert one.filename == "通知.txt"
    with pytest.raises(Refusal, match="没有写发布机构"):
        await started(city, number, Mode.DRAFT, OFFICE)
    async with city.act(OFFICE, TODAY) as uow:
        with pytest.raises(Refusal, match="“成文日期”写的是去年"):
            await imports.correct(uow, number, {"issuer": "示例市水务局", "made_on": "去年"})
        row = await imports.correct(uow, number, {"issuer": "示例市水务局", "class": "政策法规"})
    assert (row.index_no, row.document_no, row.category) == ("JH-2026-0001", "示水办〔2026〕8号", "政策法规")
    await started(city, number, Mode.DRAFT, OFFICE)
    await stretch(city, number, OFFICE)
    (entry,) = (await entries(city)).values()
    assert (entry.issuer, entry.made_on) == ("示例市水务局", date(2026, 1, 2))
    assert entry.body.startswith("各单位：\n水价每吨三元。")


async def test_a_document_that_came_before_is_known_by_what_it_says(city: City) -> None:
    for expected in ((1, 1, 0, 0), (1, 0, 0, 1)):
        number = await proposed(city, read("通知.txt", LETTER.encode()), OFFICE)
        async with city.act(OFFICE, TODAY) as uow:
            await imports.correct(uow, number, {"issuer": "示例市水务局"})
        await started(city, number, Mode.DRAFT, OFFICE)
        await stretch(city, number, OFFICE)
        assert counts(await found(city, number)) == expected


async def test_two_documents_waiting_side_by_side_do_not_take_one_number(city: City) -> None:
    first = await proposed(city, read("一.txt", "关于供水的通知\n发布机构：水务局\n按时。".encode()))
    second = await proposed(city, read("二.txt", "关于供电的通知\n发布机构：供电局\n按时。".encode()))
    for number in (first, second):
        await started(city, number, Mode.DRAFT)
        await stretch(city, number)
    assert {one.index_no: one.title for one in (await entries(city)).values()} == {
        "JH-2026-0001": "关于供水的通知",
        "JH-2026-0002": "关于供电的通知",
    }


async def test_an_issuer_is_given_to_all_rows_that_name_none(city: City) -> None:
    lines = '{"id":"q1","q":"水价","a":"三元"}\n{"id":"q2","q":"电价","a":"五角","dept":"供电局"}'
    number = await proposed(city, read("a.jsonl", lines.encode()))
    async with city.units.read(SYSTEM) as uow:
        assert await imports.lacking(uow.db, number) == {"issuer": 1, "published_on": 2}
    await started(city, number, Mode.DRAFT, issuer="示例市水务局")
    await stretch(city, number)
    assert {one.issuer for one in (await entries(city)).values()} == {"示例市水务局", "供电局"}


async def test_many_problems_are_counted_and_not_all_kept(city: City) -> None:
    table = "index_no,title,body,issuer\n" + "1,,x,y\n" * 500
    one = await found(city, await proposed(city, read("a.csv", table.encode())))
    assert (one.total, len(one.problems)) == (0, imports.PROBLEMS_KEPT + 1)
    assert one.problems[-1].startswith("另外还有300行")
    with pytest.raises(Refusal, match="没有可以收的行"):
        await started(city, one.id or 0, Mode.DRAFT)


async def test_a_preview_that_everybody_forgot_is_emptied(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(2)))
    async with city.act(EDITOR, TODAY + timedelta(days=imports.KEPT_DAYS, hours=1)) as uow:
        other = (await imports.propose(uow, "别的.csv", Reading("csv", rows(1)))).id or 0
        await imports.forget_old(uow)
    assert (await found(city, number)).status == ImportStatus.CANCELLED
    assert await parts(city) == [(other, 0, 1)]


async def test_the_catalogues_version_rises_with_each_stretch(city: City) -> None:
    number = await proposed(city, Reading("csv", rows(4)))
    await started(city, number, Mode.DRAFT)
    versions = []
    for _ in range(2):
        await stretch(city, number, batch=2)
        async with city.units.read(SYSTEM) as uow:
            versions.append(await library.version(uow.db))
    assert versions[0] < versions[1]


async def test_300_pages_come_in_and_are_asked_within_a_second(small_city: City) -> None:
    paragraph = "各单位要按照职责分工，加强协作配合，认真抓好落实。" * 5
    pages = [
        f"第{number}条 供水管网第{number}段由第{number}工程队负责。{paragraph}" for number in range(1300)
    ]
    content = "示例市供水管网养护规定\n发布机构：示例市水务局\n发布时间：2026-01-05\n" + "\n".join(pages)
    reading = read("规定.txt", content.encode())
    assert len(reading.rows[0].body) > 180_000
    number = await proposed(small_city, reading, OFFICE)
    await started(small_city, number, Mode.PUBLISHED, OFFICE)
    await stretch(small_city, number, OFFICE)
    desk = Desk()
    with within(1):
        async with small_city.units.act(SYSTEM) as uow:
            answer = await desk.ask(uow, "供水管网养护规定第八百段由谁负责")
    await desk.close()
    assert [source["index_no"] for source in answer["sources"]] in (["JH-2026-0001"], [])
    assert answer["outcome"] in ("answer", "choices", "handoff")
