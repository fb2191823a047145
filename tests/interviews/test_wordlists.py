"""The office edits the word lists: what it adds and silences counts for the very next question."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from base.audit import AuditEntry, verify
from base.errors import Refusal
from base.people import SYSTEM
from interviews import wordlists, words
from interviews.models import Question
from interviews.screening import NO_WORDS, WordClass, Words
from tests.cast import DURING, City


async def flags_of(city: City, text: str) -> list[str]:
    """What a question of 网友甲 is flagged as."""
    question = await city.asks("网友甲", text)
    async with city.units.read(SYSTEM) as uow:
        found = await uow.db.get(Question, question)
        assert found is not None
        return [flag["kind"] for flag in found.flags]


async def office(city: City, command: str, **sent: Any) -> dict[str, Any]:
    return await city.does("周科长", command, DURING, **sent)


async def test_a_word_of_the_office_counts_for_the_next_question(city: City) -> None:
    await city.open()
    assert await flags_of(city, "夜市烧烤摊什么时候收") == []
    assert await office(city, "words.add", kind="watch", words=["夜市", "烧烤 摊"]) == {
        "added": 2,
        "changed": 0,
        "known": 0,
        "failing": 0,
    }
    assert await flags_of(city, "夜-市的烧*烤*摊什么时候收") == ["watch"]
    await office(city, "words.drop", word="夜市")
    await office(city, "words.drop", word="烧烤摊")
    assert await flags_of(city, "夜市烧烤摊几点收摊") == []


async def test_a_shipped_word_is_silenced_and_restored(city: City) -> None:
    await city.open()
    assert await flags_of(city, "这个优惠券怎么领") == ["advertising"]
    await office(city, "words.drop", word="優惠券")
    assert await flags_of(city, "那个优惠券怎么领") == []
    await office(city, "words.restore", word="优惠券")
    assert await flags_of(city, "哪个优惠券怎么领") == ["advertising"]


async def test_another_class_replaces_the_one_before(small_city: City) -> None:
    first = await office(small_city, "words.add", kind="watch", words=["优惠券"])
    assert (first["added"], first["changed"], first["known"]) == (0, 1, 0)
    again = await office(small_city, "words.add", kind="watch", words=["优惠券", "优 惠 券", ""])
    assert (again["added"], again["changed"], again["known"]) == (0, 0, 1)
    async with small_city.units.read(SYSTEM) as uow:
        [entry] = [one for one in await wordlists.entries(uow) if one.word == "优惠券"]
    assert (entry.kind, entry.shipped, entry.active, entry.added_by) == (
        WordClass.WATCH,
        True,
        True,
        "周科长",
    )


async def test_an_office_word_in_an_emergency_names_the_numbers_of_its_note(small_city: City) -> None:
    await office(small_city, "words.add", kind="emergency", words=["溺水了"], note="落水，打119和120")
    await office(small_city, "words.add", kind="emergency", words=["被人跟踪"])
    async with small_city.units.read(SYSTEM) as uow:
        lists = await wordlists.current(uow)
    [drowning], [followed] = lists.find("有人溺水了"), lists.find("我被人跟踪")
    assert (drowning.word.call, followed.word.call) == ("119、120", "110")


async def test_each_edit_says_how_many_cases_the_lists_fail(small_city: City) -> None:
    sentence = "发放消费券的时间"
    kept = await office(small_city, "word.case.add", text=sentence, kind=None)
    assert kept["failing"] == 0
    assert (await office(small_city, "words.add", kind="advertising", words=["消费券"]))["failing"] == 1
    async with small_city.units.read(SYSTEM) as uow:
        first = (await wordlists.check(uow))[0]
    assert (first.text, first.right, first.flags[0].kind) == (sentence, False, "advertising")
    assert (await office(small_city, "word.case.add", text=sentence, kind="advertising"))["failing"] == 0
    assert (await office(small_city, "words.drop", word="消费券"))["failing"] == 1
    assert (await office(small_city, "word.case.drop", case=kept["case"]))["failing"] == 0


async def test_silencing_a_shipped_word_shows_in_the_shipped_cases(small_city: City) -> None:
    assert (await office(small_city, "words.drop", word="自杀"))["failing"] == 1


REFUSED: dict[str, dict[str, Any]] = {
    "word.short": {"kind": "watch", "words": ["好"]},
    "word.gap": {"kind": "watch", "words": ["……包过"]},
    "word.class": {"kind": "personal_data", "words": ["手机"]},
    "text.too_long": {"kind": "watch", "words": ["长" * 31]},
    "input.invalid": {"kind": "nothing", "words": ["手机"]},
}


@pytest.mark.parametrize("code", REFUSED)
async def test_what_would_make_no_word_is_refused_whole(small_city: City, code: str) -> None:
    sent = REFUSED[code]
    with pytest.raises(Refusal) as caught:
        await office(small_city, "words.add", kind=sent["kind"], words=["没有问题的词", *sent["words"]])
    assert caught.value.code == code
    async with small_city.units.read(SYSTEM) as uow:
        assert (await uow.db.scalars(select(wordlists.SensitiveWord))).all() == []


async def test_nothing_but_empty_lines_is_refused(small_city: City) -> None:
    with pytest.raises(Refusal) as caught:
        await office(small_city, "words.add", kind="watch", words=[" ", ""])
    assert caught.value.code == "word.none"


UNKNOWN: dict[str, dict[str, Any]] = {
    "words.drop": {"word": "没有这个词"},
    "words.restore": {"word": "没有这个词"},
    "word.case.drop": {"case": 9},
}


@pytest.mark.parametrize("command", UNKNOWN)
async def test_what_is_not_there_is_said_to_be_missing(small_city: City, command: str) -> None:
    with pytest.raises(Refusal) as caught:
        await office(small_city, command, **UNKNOWN[command])
    assert caught.value.code == "not_found"


@pytest.mark.parametrize("who", ["审核员小张", "何主任", "许主任", "网友甲"])
async def test_only_the_office_edits_words(small_city: City, who: str) -> None:
    with pytest.raises(Refusal):
        await small_city.does(who, "words.add", DURING, kind="watch", words=["夜市"])


async def test_every_edit_is_in_the_audit_and_an_edit_that_changes_nothing_is_not(small_city: City) -> None:
    await office(small_city, "words.add", kind="watch", words=["夜市"], note="整治期间")
    await office(small_city, "words.drop", word="夜市")
    await office(small_city, "words.drop", word="夜市")
    await office(small_city, "words.restore", word="夜市")
    kept = await office(small_city, "word.case.add", text="夜市几点关", kind="watch")
    await office(small_city, "word.case.drop", case=kept["case"])
    async with small_city.units.read(SYSTEM) as uow:
        query = select(AuditEntry).where(col(AuditEntry.subject) == "words").order_by(col(AuditEntry.seq))
        acts = [entry.act for entry in await uow.db.scalars(query)]
        assert (await verify(uow)).ok
    assert acts == ["words.add", "words.drop", "words.restore", "word.case.add", "word.case.drop"]


async def test_the_lists_are_compiled_once_and_again_after_every_edit(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, compiled = 0, wordlists.compiled

    async def counted(uow: Any) -> Words:
        nonlocal count
        count += 1
        return await compiled(uow)

    async def now() -> Words:
        async with city.units.read(SYSTEM) as uow:
            return await wordlists.current(uow)

    first = await now()
    monkeypatch.setattr(wordlists, "compiled", counted)
    assert await now() is first
    assert count == 0
    for act in (wordlists.drop, wordlists.restore, wordlists.drop):
        await _alone(city, act, "优惠券")
        before = count
        found = (await now()).find("优惠券")
        assert (await now()).find("优惠券") == found
        assert bool(found) == (act is wordlists.restore)
        assert count == before + 1


async def _alone(city: City, act: Callable[..., Any], word: str) -> None:
    async with city.act("周科长", DURING) as uow:
        await act(uow, word)


async def test_what_was_rolled_back_is_not_kept(city: City) -> None:
    async def rolled_back() -> None:
        async with city.act("周科长", DURING) as uow:
            await wordlists.add(uow, WordClass.WATCH, ["夜市"])
            assert await wordlists.failing(uow) == 0
            raise LookupError

    with pytest.raises(LookupError):
        await rolled_back()
    # The next edit gets the number that the lost one had.
    async with city.act("周科长", DURING) as uow:
        await wordlists.add(uow, WordClass.WATCH, ["烧烤摊"])
    async with city.units.read(SYSTEM) as uow:
        lists = await wordlists.current(uow)
    assert [hit.word.text for hit in lists.find("夜市的烧烤摊")] == ["烧烤摊"]


def test_two_spellings_of_a_word_have_one_form() -> None:
    assert words.form_of("加 微信") == words.form_of("加-微*信") == "加微信"
    assert words.form_of("代辦…包過") == "代办…包过"
    assert NO_WORDS.find("加微信") == []
