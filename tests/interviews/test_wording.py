"""The wording of notices: named places only, unknown ones refused, every version kept, used where notices go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import col

from base import audit
from base.errors import Refusal
from base.outbox import OutboxMail
from base.people import SYSTEM, Person
from interviews import letters, notices, wording
from interviews.letters import LetterKind
from interviews.models import Interview
from interviews.wording_kinds import TEMPLATES
from tests.cast import PLANNED, City, at

MORNING = at("2026-02-02 08:00")
OWN = "各位：\n{notice}\n示例市信息办 敬上"


def refused(kind: str, text: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        wording.checked(kind, text)
    return caught.value


@pytest.mark.parametrize("kind", TEMPLATES)
def test_every_standard_text_is_one_that_could_be_kept(kind: str) -> None:
    template = TEMPLATES[kind]
    assert wording.checked(kind, template.standard) == template.standard


def test_an_unknown_place_is_refused_by_name_with_those_there_are() -> None:
    refusal = refused("venue", "{name}在{room}举行，{rule}{time}{venue}。")
    assert refusal.code == "wording.unknown"
    assert "“{room}”" in refusal.message
    assert "{venue}" in refusal.message


@pytest.mark.parametrize("text", ["{notice", "notice}", "{{notice}}", "{notice}{", "{notice}}"])
def test_braces_come_in_pairs(text: str) -> None:
    assert refused("reminder", text).code == "wording.brace"


@pytest.mark.parametrize(
    "text", ["{notice.__class__}", "{notice!r}", "{notice:>9}", "{0}", "{}", "{ notice }", "{notice[0]}"]
)
def test_nothing_but_a_plain_name_stands_between_braces(text: str) -> None:
    assert refused("reminder", "{notice}" + text).code == "wording.unknown"


def test_what_must_be_told_cannot_be_left_out() -> None:
    refusal = refused("follow_news", "{news}，请看：{link}")
    assert refusal.code == "wording.required"
    assert "{stop}" in refusal.message


@pytest.mark.parametrize("kind", [kind for kind, one in TEMPLATES.items() if not one.printed])
def test_every_standard_subject_is_one_that_could_be_kept(kind: str) -> None:
    template = TEMPLATES[kind]
    assert template.subject
    assert wording.checked_subject(kind, template.subject) == template.subject
    examples = {name: place.example for name, place in template.places.items()}
    assert "{" not in wording.filled_subject(kind, template.subject, examples)


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        ("", "text.empty"),
        ("提醒" * 51, "text.too_long"),
        ("{notice", "wording.brace"),
        ("{room}", "wording.unknown"),
        ("提醒：{notice}", "wording.inside"),
    ],
)
def test_a_subject_is_refused_with_the_reason(subject: str, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        wording.checked_subject("reminder", subject)
    assert caught.value.code == code


def test_what_only_the_reader_may_hold_stands_in_no_subject() -> None:
    for kind, template in TEMPLATES.items():
        for name in template.places.keys() & {"receipt", "link", "stop", "reply", "asked", "list", "notice"}:
            with pytest.raises(Refusal) as caught:
                wording.checked_subject(kind, f"看{{{name}}}")
            assert caught.value.code == "wording.inside", (kind, name)


def test_a_subject_is_one_line_whatever_is_put_into_it() -> None:
    values = {"notice": "", "theme": "医保\r\nBcc: x@example.cn"}
    assert wording.filled_subject("reminder", "提醒：{theme}", values) == "提醒：医保 Bcc: x@example.cn"
    assert wording.checked_subject("reminder", " 提醒\n{theme} ") == "提醒 {theme}"
    assert wording.filled_subject("reminder", "{theme}", {"theme": " "}) == TEMPLATES["reminder"].label


@given(st.text(alphabet="{}ab \n,.!:[]()_'\"", max_size=40))
def test_whatever_is_typed_is_refused_or_filled_in(text: str) -> None:
    try:
        kept = wording.checked("reminder", "{notice}" + text)
    except Refusal:
        return
    assert wording.filled(kept, {"notice": "提醒", "theme": "主题"}).startswith("提醒")


def test_a_value_is_put_in_as_it_is_and_an_empty_line_goes() -> None:
    values = {"notice": "{theme}", "theme": ""}
    assert wording.filled("甲{notice}\n{theme}\n\n乙", values) == "甲{theme}\n\n乙"


async def test_a_mail_is_written_in_the_offices_words_and_in_the_standard_again(small_city: City) -> None:
    city = small_city
    async with city.act("周科长", PLANNED) as uow:
        person = await uow.db.get_one(Person, city.people["周科长"].person_id)
        person.email = "zhou@example.gov.cn"
    await city.plan()
    async with city.act("周科长", MORNING) as uow:
        assert await wording.rewrite(uow, "reminder", OWN, 0, "请看：{theme}") == 1
        await notices.sweep(uow)
    async with city.units.read(SYSTEM) as uow:
        text, subject = (await uow.db.execute(select(col(OutboxMail.text), col(OutboxMail.subject)))).one()
    assert subject == "请看：城乡居民医保缴费和异地就医"
    assert text.startswith(
        "各位：\n《城乡居民医保缴费和异地就医》：发布预告并征集意见，最迟2026年2月9日（周一）（第十二条）。\n示例市"
    )
    async with city.act("周科长", MORNING) as uow:
        assert await wording.rewrite(uow, "reminder", None, 1) == 2
        assert (await wording.words_now(uow))["reminder"] == wording.standard("reminder")
        kept = [(row.version, row.text) for row in await wording.versions(uow, "reminder")]
    assert kept == [(2, None), (1, OWN)]
    async with city.units.read(SYSTEM) as uow:
        noted = [(one.act, one.detail) async for one in audit.entries(uow) if one.act.startswith("wording")]
    assert noted == [
        (
            "wording.rewrite",
            {"version": 1, "text": audit.text_digest(OWN), "title": audit.text_digest("请看：{theme}")},
        ),
        ("wording.restore", {"version": 2, "text": None}),
    ]


async def test_of_two_who_write_at_once_the_second_is_told(small_city: City) -> None:
    async with small_city.act("周科长", MORNING) as uow:
        await wording.rewrite(uow, "reminder", OWN, 0)
    with pytest.raises(Refusal) as caught:
        async with small_city.act("周科长", MORNING) as uow:
            await wording.rewrite(uow, "reminder", "{notice}", 0)
    assert caught.value.code == "wording.changed"
    async with small_city.units.read(SYSTEM) as uow:
        assert (await wording.words_now(uow))["reminder"].text == OWN


async def test_only_the_office_words_notices(small_city: City) -> None:
    with pytest.raises(Refusal) as caught:
        async with small_city.act("何主任", MORNING) as uow:
            await wording.rewrite(uow, "reminder", OWN, 0)
    assert caught.value.code == "forbidden"


async def test_a_printed_notice_is_written_in_the_offices_words(small_city: City) -> None:
    city = small_city
    await city.plan()
    await city.announce()
    await city.prepare()
    own = "兹定于{time}在{venue}举行{name}。\n{rule}特此告知{you}。"
    async with city.act("周科长", MORNING) as uow:
        await wording.rewrite(uow, "venue", own, 0)
        found = await uow.db.get_one(Interview, city.interview)
        letter = await letters.letter(uow, found, LetterKind.VENUE)
    assert letter.paragraphs[0].startswith("兹定于2026年3月6日（周五）14:30—16:30在二楼访谈室举行")
    assert letter.paragraphs[1].endswith("特此告知你单位。")
    assert len(letter.paragraphs) == 2
