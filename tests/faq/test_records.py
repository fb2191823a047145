"""Search over the record: what 网友甲 finds, in what order, and what nobody finds any more."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Role
from faq import lexicon, library, records
from faq.holdings import Facet, Filter, Kind, Order
from faq.marking import Marker
from faq.records import Found, Records
from faq.shelf import Wanted
from faq.table_file import Row
from tests.faq.test_desk import CITY, row
from tests.timing import within

NOW = datetime(2026, 3, 6, 6, 0, tzinfo=UTC)
EDITOR = Actor(1, Role.EDITOR, "周编辑")
CHEMICALS = "危险化学品经营单位要把台账交所在地应急管理部门，每季度一次。"


def policy(number: int, title: str, **more: object) -> Row:
    plain: dict[str, object] = {
        "category": "政策法规",
        "issuer": "示例市应急管理局",
        "document_no": f"苏安监办〔2008〕{number}号",
        "published_on": date(2008, 5, number % 28 + 1),
    }
    return row(500 + number, title, CHEMICALS, (), **(plain | more))


POLICIES = [
    policy(
        37, "危险化学品台账管理办法", in_force=False, repealed_on=date(2020, 1, 1), successor="SL-2026-0538"
    ),
    policy(38, "危险化学品台账管理办法"),
    policy(39, "转发苏安监办〔2008〕38号文件的函", openness="删减后公开", issuer="示例市交通运输局"),
]


async def unmoved(_db: AsyncSession) -> Mapping[int, int]:
    return {}


@pytest.fixture
async def shelf(units: Units) -> Records:
    """The small catalogue with three old policies, of which one has lost its force."""
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, [*CITY, *POLICIES], publish_too=True)
    return Records(unmoved)


async def look(units: Units, shelf: Records, words: str, **more: object) -> Found:
    async with units.read() as uow:
        return await shelf.search(uow, Wanted(words, **more))  # type: ignore[arg-type]


def numbers(found: Found) -> list[str]:
    return [one.shown.number for one in found.results]


async def entry_of(units: Units, number: str) -> int:
    async with units.read() as uow:
        return next(one.id or 0 for one in await library.published(uow.db) if one.index_no == number)


async def test_other_words_and_other_script_find_and_mark_what_is_meant(units: Units, shelf: Records) -> None:
    found = await look(units, shelf, "居民醫療保險幾月份繳費")
    first = found.results[0]
    assert first.shown.title == "居民医保什么时候缴费，缴多少"
    marked = {piece.text for piece in [*first.title, *first.excerpt] if piece.mark}
    assert {"居民医保", "缴费"} <= marked
    assert "".join(piece.text for piece in first.title) == first.shown.title


@pytest.mark.parametrize(
    "typed",
    [
        "苏安监办〔2008〕38号",
        "苏安监办[2008]38号",
        "请找一下苏安监办（2008）38号",
        "sl-2026-0538",
        "SL 2026 0538",
    ],
)
async def test_a_number_finds_its_document_first(units: Units, shelf: Records, typed: str) -> None:
    assert numbers(await look(units, shelf, typed))[0] == "SL-2026-0538"


async def test_what_lost_its_force_is_found_behind_and_says_so(units: Units, shelf: Records) -> None:
    found = await look(units, shelf, "危险化学品的台账怎么管理")
    assert numbers(found).index("SL-2026-0538") < numbers(found).index("SL-2026-0537")
    in_force = {one.shown.number: one.shown.in_force for one in found.results}
    assert (in_force["SL-2026-0537"], in_force["SL-2026-0538"]) == (False, True)
    only = await look(units, shelf, "危险化学品的台账怎么管理", narrow=Filter(in_force=True))
    assert "SL-2026-0537" not in numbers(only)


async def test_the_next_search_knows_what_was_published_and_what_was_taken_down(
    units: Units, shelf: Records
) -> None:
    other = Records(unmoved)
    assert (await look(units, shelf, "蜂箱备案")).total == (await look(units, other, "蜂箱备案")).total == 0
    hives = row(700, "蜂箱备案和年检", "养蜂人带身份证到镇里办理蜂箱备案。")
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, [hives])
    assert (await look(units, shelf, "蜂箱备案")).total == 0, "a draft"
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, [hives], publish_too=True)
    assert (
        numbers(await look(units, shelf, "蜂箱备案"))
        == numbers(await look(units, other, "蜂箱备案"))
        == ["SL-2026-0700"]
    )
    entry = await entry_of(units, "SL-2026-0700")
    async with units.act(SYSTEM, NOW) as uow:
        await library.retire(uow, entry, "作废")
    for one in (shelf, other):
        assert (await look(units, one, "蜂箱备案")).total == 0


async def test_an_index_that_lags_behind_misses_but_never_shows(
    units: Units, shelf: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "SL-2026-0538" in numbers(await look(units, shelf, "危险化学品台账"))
    entry = await entry_of(units, "SL-2026-0538")
    async with units.act(SYSTEM, NOW) as uow:
        await library.retire(uow, entry, "作废")

    async def as_before(_db: AsyncSession) -> int:
        return 0

    monkeypatch.setattr(library, "version", as_before)
    found = await look(units, shelf, "危险化学品台账")
    assert "SL-2026-0538" not in numbers(found)
    assert found.total == len(found.results) == 2


async def test_results_are_narrowed_counted_and_paged(units: Units, shelf: Records) -> None:
    everything = await look(units, shelf, "", limit=5)
    assert everything.total == len(CITY) + len(POLICIES)
    assert everything.counts[Facet.CLASS] == {"办事指南": len(CITY), "政策法规": 3}
    assert everything.counts[Facet.YEAR]["2008"] == 3
    assert everything.counts[Facet.IN_FORCE] == {"yes": everything.total - 1, "no": 1}
    old = Filter(
        kind=Kind.ENTRY, classes=frozenset({"政策法规"}), since=date(2008, 5, 11), until=date(2008, 5, 12)
    )
    found = await look(units, shelf, "", narrow=old, order=Order.OLDEST)
    assert numbers(found) == ["SL-2026-0538", "SL-2026-0539"]
    assert found.counts[Facet.CLASS] == {"政策法规": 2}, "a facet leaves its own filter aside, not the others"
    assert numbers(await look(units, shelf, "", narrow=old, order=Order.NEWEST)) == [
        "SL-2026-0539",
        "SL-2026-0538",
    ]
    assert numbers(await look(units, shelf, "", narrow=old, order=Order.OLDEST, skip=1, limit=1)) == [
        "SL-2026-0539"
    ]
    narrow = Filter(issuer="示例市交通运输局", openness="删减后公开", year=2008)
    assert numbers(await look(units, shelf, "危险化学品台账", narrow=narrow)) == ["SL-2026-0539"]
    read = {await entry_of(units, "SL-2026-0003"): 7, await entry_of(units, "SL-2026-0537"): 9}
    most = await look(units, shelf, "", order=Order.VIEWS, views=read, limit=2)
    assert numbers(most) == ["SL-2026-0537", "SL-2026-0003"]


async def test_pages_of_a_search_overlap_nowhere(units: Units, shelf: Records) -> None:
    whole = numbers(await look(units, shelf, "办理", limit=100))
    pages = [numbers(await look(units, shelf, "办理", skip=at, limit=3)) for at in range(0, len(whole), 3)]
    assert [one for page in pages for one in page] == whole
    assert len(set(whole)) == len(whole) > 3


async def test_a_word_of_the_citys_own_finds_after_the_editor_wrote_it_down(
    units: Units, shelf: Records
) -> None:
    before = numbers(await look(units, shelf, "惠民通丢失"))
    async with units.act(EDITOR, NOW) as uow:
        await lexicon.add(uow, "same", ["惠民通", "社会保障卡"])
    after = numbers(await look(units, shelf, "惠民通丢失"))
    assert "SL-2026-0002" in after
    assert "SL-2026-0002" not in before


async def test_near_entries_stand_beside_one_and_none_without_force(units: Units, shelf: Records) -> None:
    entry = await entry_of(units, "SL-2026-0539")
    async with units.read() as uow:
        near = await shelf.related(uow, entry, "危险化学品台账管理办法")
    assert near[0].number == "SL-2026-0538"
    assert not {"SL-2026-0537", "SL-2026-0539"} & {one.number for one in near}


@pytest.mark.parametrize(
    "typed",
    [
        "医" * 10_000,
        "😀" * 50,
        "'; DROP TABLE catalog_entry; --",
        "(a+)+$" * 2_000,
        "%",
        "_",
        "\x00",
        "\ud800医保",
        "  ",
    ],
)
async def test_nothing_typed_breaks_a_search_or_holds_it_up(units: Units, shelf: Records, typed: str) -> None:
    await look(units, shelf, "医保")
    with within(1, typed[:30]):
        found = await look(units, shelf, typed)
    assert not typed.strip() or found.total < 20


async def test_an_empty_catalogue_has_nothing(units: Units) -> None:
    found = await look(units, Records(unmoved), "医保")
    assert (found.total, found.results) == (0, [])


async def test_until_everything_is_read_one_can_browse_but_not_search(
    units: Units, shelf: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "PATIENCE", 0.2)
    reading = asyncio.Event()

    async def slowly(_db: AsyncSession) -> Mapping[int, int]:
        await reading.wait()
        return {}

    starting = Records(slowly)
    starting.start(units)
    with pytest.raises(Refusal) as refused:
        await look(units, starting, "医保")
    assert (refused.value.code, refused.value.status) == ("search.preparing", 503)
    assert refused.value.message == "正在整理目录，请稍后再找。"
    assert (await look(units, starting, "")).total == len(CITY) + len(POLICIES)
    reading.set()
    monkeypatch.setattr(records, "PATIENCE", 60)
    assert (await look(units, starting, "居民医保缴费")).total > 0
    await starting.close()


async def test_many_at_once_come_in_beside_the_searches(
    units: Units, shelf: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "FEW", 4)
    monkeypatch.setattr(records, "PATIENCE", 60)
    running = Records(unmoved)
    running.start(units)
    assert (await look(units, running, "居民医保缴费")).total > 0
    lamps = [row(800 + n, f"第{n}号路灯的报修", "路灯不亮，请打路灯报修电话。") for n in range(30)]
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, lamps, publish_too=True)
    async with asyncio.timeout(120):
        while (await look(units, running, "路灯报修")).total < len(lamps):  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0)
    await running.close()


def test_the_passage_is_where_the_words_stand_close_together() -> None:
    text = "前面的话。" * 60 + "参保人员到定點醫療機構就医，报销住院费用。" + "后面的话。" * 60 + "报销。"
    pieces = Marker.of("定点医疗机构报销").passage(text)
    assert [piece.text for piece in pieces if piece.mark][:2] == ["定點", "醫療機構"] or "定點醫療機構" in [
        piece.text for piece in pieces if piece.mark
    ]
    assert "报销" in [piece.text for piece in pieces if piece.mark]
    assert pieces[0].text == pieces[-1].text == "……"
    assert len("".join(piece.text for piece in pieces)) < 140


def test_where_no_word_stands_the_passage_is_the_beginning() -> None:
    pieces = Marker.of("没有").passage("一二三四五" * 100)
    assert not any(piece.mark for piece in pieces)
    assert pieces[0].text.startswith("一二三四五")
