"""编辑小何 teaches the desk how the city calls things."""

from datetime import UTC, datetime

import pytest

from base.db import Units
from base.errors import Refusal
from base.people import SYSTEM, Actor, Body, Role
from faq import lexicon, library, terms
from faq.desk import Desk
from faq.index import Document, Index
from faq.terms import Lexicon

from .test_desk import CITY

EDITOR = Actor(None, Role.EDITOR, "编辑小何")
ADMIN = Actor(None, Role.ADMIN, "管理员老孙")
NOW = datetime(2026, 3, 6, 6, 0, tzinfo=UTC)


def shared(one: str, other: str, words: Lexicon) -> set[int]:
    """Synonym groups that stand in both texts."""
    found = [terms.extract([terms.normalise(text)], words).codes for text in (one, other)]
    groups = [set(codes[terms.kind_of(codes) == terms.GROUP].tolist()) for codes in found]
    return groups[0] & groups[1]


def test_a_word_of_the_city_joins_the_group_it_shares_a_word_with() -> None:
    words = Lexicon(same=(("鹿城卡", "社保卡"),))
    assert not shared("鹿城卡丢了", "社会保障卡丢了", terms.PLAIN)
    assert shared("鹿城卡丢了", "社会保障卡丢了", words)


def test_a_word_of_the_city_is_not_cut() -> None:
    plain = terms.segment("去鹿鸣台办事")
    words = terms.segment("去鹿鸣台办事", Lexicon(words=("鹿鸣台办事",)))
    assert "鹿鸣台办事" not in plain
    assert "鹿鸣台办事" in words
    assert terms.segment("去鹿鸣台办事") == plain, "one city's words must not reach another's engine"


def test_a_question_in_the_citys_words_finds_the_entry() -> None:
    entries = [
        Document(1, "养犬登记证怎么办"),
        Document(2, "社会保障卡在哪里领取"),
        Document(3, "图书馆几点开门"),
    ]
    for words, expected in ((terms.PLAIN, None), (Lexicon(same=(("鹿城通", "社会保障卡"),)), 2)):
        index = Index(words)
        index.add(entries)
        found = index.search(index.query("鹿城通"))
        assert (found[0].key if found else None) == expected


async def test_lines_are_added_changed_and_removed_and_the_mark_moves(units: Units) -> None:
    marks = []
    async with units.act(EDITOR, NOW) as uow:
        uow.db.add(Body(name="鹿城市人力资源和社会保障局", short_name="市人社局", kind="department"))
    async with units.act(EDITOR, NOW) as uow:
        line = await lexicon.add(uow, "same", ["鹿城通", "社保卡", "鹿城通 "])
        assert line.words == ["鹿城通", "社保卡"]
    async with units.act(EDITOR, NOW) as uow:
        mark, words = await lexicon.current(uow.db)
        marks.append(mark)
        assert shared("鹿城通", "社会保障卡", words)
        assert shared("市人社局在哪", "鹿城市人力资源和社会保障局", words)
        await lexicon.change(uow, line.id or 0, ["鹿城通", "公园年票"])
    async with units.act(EDITOR, NOW) as uow:
        mark, words = await lexicon.current(uow.db)
        marks.append(mark)
        assert not shared("鹿城通", "社会保障卡", words)
        await lexicon.remove(uow, line.id or 0)
    async with units.read() as uow:
        mark, words = await lexicon.current(uow.db)
        marks.append(mark)
        assert not shared("鹿城通", "公园年票", words)
    assert len(set(marks)) == 3


async def test_two_processes_answer_by_the_new_words(units: Units) -> None:
    """The index is built again beside the old one; a second desk on the same database follows by itself."""
    desks = (Desk(), Desk())
    async with units.act(SYSTEM, NOW) as uow:
        await library.import_rows(uow, CITY, publish_too=True)
    for desk in desks:
        async with units.act(EDITOR, NOW) as uow:
            await desk.prepare(uow)
    async with units.act(EDITOR, NOW) as uow:
        await lexicon.add(uow, "same", ["鹿城通", "社保卡"])
    for desk in desks:
        async with units.read() as uow:
            found = await desk.similar(uow, "鹿城通")
        assert all("社会保障卡" not in question for _, question in found), "the old index answers meanwhile"
        await desk.close()
        async with units.read() as uow:
            found = await desk.similar(uow, "鹿城通")
        assert "社会保障卡" in found[0][1]


@pytest.mark.parametrize(
    ("kind", "words", "code"),
    [
        ("same", ["鹿城通"], "lexicon.few"),
        ("same", ["鹿城通", "鹿城通"], "lexicon.few"),
        ("words", [], "lexicon.few"),
        ("words", ["卡"], "lexicon.word"),
        ("words", ["卡" * 41], "lexicon.word"),
        ("words", ["，。"], "lexicon.word"),
        ("words", [f"词语{number}" for number in range(21)], "lexicon.many"),
        ("other", ["鹿城通"], "lexicon.kind"),
        ("same", ["市民通", "年票"], "lexicon.known"),
    ],
)
async def test_what_cannot_be_a_line_is_refused(units: Units, kind: str, words: list[str], code: str) -> None:
    async with units.act(EDITOR, NOW) as uow:
        await lexicon.add(uow, "same", ["年票", "公园年票"])
    with pytest.raises(Refusal) as refused:
        async with units.act(EDITOR, NOW) as uow:
            await lexicon.add(uow, kind, words)
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


async def test_the_administrator_may_not(units: Units) -> None:
    with pytest.raises(Refusal) as refused:
        async with units.act(ADMIN, NOW) as uow:
            await lexicon.add(uow, "words", ["鹿城通"])
    assert refused.value.status == 403
