"""From a form's strings to a command's object, and back to the form when it is refused."""

from typing import Any

import pytest

from base.errors import Refusal
from chat import commands, registry
from web import forms

assert commands.ASKERS, "importing the handlers is what fills the registry"


def test_a_form_becomes_the_object_of_its_command_and_nothing_more() -> None:
    typed = {"question": " 12 ", "text": "能报。", "speaker": "", "back": "/desk/7", "csrf": "x"}
    assert forms.command_object("question.answer", typed) == {"question": 12, "text": "能报。"}


def test_a_draft_may_come_from_the_answers_own_form() -> None:
    typed = {"question": "12", "text": "先写一点", "speaker": "王立言"}
    assert forms.command_object("answer.draft", typed) == {"question": 12, "text": "先写一点"}


def test_times_of_a_form_are_times_of_shanghai() -> None:
    typed: dict[str, Any] = {
        "theme": "老旧小区加装电梯",
        "starts_at": "2026-03-06T14:30",
        "ends_at": "2026-03-06T16:30",
        "respondents": ["3", "4"],
        "host": "",
        "venue": " ",
    }
    assert forms.command_object("interview.schedule", typed) == {
        "theme": "老旧小区加装电梯",
        "starts_at": "2026-03-06T14:30:00+08:00",
        "ends_at": "2026-03-06T16:30:00+08:00",
        "respondents": [3, 4],
    }


def test_an_empty_required_field_is_left_to_the_verb_that_can_say_why() -> None:
    sent = forms.command_object("question.defer", {"question": "5", "reason": ""})
    assert sent == {"question": 5, "reason": ""}


def test_guests_are_written_one_a_line() -> None:
    typed = {"interview": "7", "guests": "王立言，待遇处处长\r\n\r\n苏敏, 科长\n韩守诚、主任、书记\n"}
    sent = forms.command_object("guests.tell", typed)
    assert sent["guests"] == [
        {"name": "王立言", "post": "待遇处处长"},
        {"name": "苏敏", "post": "科长"},
        {"name": "韩守诚", "post": "主任、书记"},
    ]


def test_a_guest_without_a_post_is_named_by_the_line() -> None:
    with pytest.raises(Refusal) as refused:
        forms.command_object("guests.tell", {"interview": "7", "guests": "王立言，处长\n苏敏"})
    form = forms.refused(refused.value, {"guests": "王立言，处长\n苏敏"}, "guests.tell")
    assert "guests" in form.errors
    assert form.typed["guests"] == "王立言，处长\n苏敏"


@pytest.mark.parametrize("typed", ["下周三", "2026-02-30T10:00", ""])
def test_a_time_that_cannot_be_read_is_said_beside_its_field(typed: str) -> None:
    sent = {"theme": "题", "starts_at": typed, "ends_at": "2026-03-06T16:30", "respondents": ["3"]}
    with pytest.raises(Refusal) as refused:
        forms.command_object("interview.schedule", sent)
    assert list(forms.refused(refused.value, sent).errors) == ["starts_at"]


def test_a_number_that_is_none_is_left_for_the_schema_to_refuse() -> None:
    sent = forms.command_object("question.stage", {"question": "１２"})
    assert sent == {"question": "１２"}
    with pytest.raises(Refusal) as refused:
        registry.parse(registry.REGISTRY["question.stage"], sent)
    assert refused.value.code == "input.invalid"


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        forms.command_object("database.drop", {})
    assert refused.value.code == "command.unknown"


def test_a_refusal_keeps_what_was_typed_but_no_secret() -> None:
    refusal = Refusal("text.too_long", "称呼最多20个字，现在是21个。请删短一些再交。", status=400)
    form = forms.refused(
        refusal, {"nickname": "长" * 21, "password": "mi-ma", "csrf": "x"}, "question.submit"
    )
    assert form.errors == {"nickname": refusal.message}
    assert dict(form.typed) == {"nickname": "长" * 21}
    assert form.typed["never_sent"] == ""


def test_a_bad_address_is_explained_in_words() -> None:
    command = registry.REGISTRY["question.submit"]
    sent = {"interview": 1, "text": "问", "kind": "inquiry", "client_id": "phone-0001", "contact": "不是邮箱"}
    with pytest.raises(Refusal) as refused:
        registry.parse(command, sent)
    assert "电子邮箱" in forms.refused(refused.value, {}).errors["contact"]


@pytest.mark.parametrize(
    "path",
    [
        "https://other.example/",
        "//other.example",
        "/\\other.example",
        "\\\\other",
        "javascript:1",
        "",
        "/a\nb",
    ],
)
def test_one_goes_back_only_within_this_site(path: str) -> None:
    assert forms.local_path(path, "/office") == "/office"


def test_every_command_has_its_sentence_afterwards() -> None:
    by_form = set(registry.REGISTRY) - {"question.submit", "question.support", "question.withdraw"}
    assert by_form <= set(forms.DONE)
