"""目录编辑小林 asks why: every number has a name, and the words that met are the ones a reader sees."""

from dataclasses import fields

from faq.engine import Engine
from faq.explanation import PART_WORDS, explain
from faq.index import Document, Hit
from faq.terms import PLAIN


def test_every_part_of_a_score_has_a_name_in_words() -> None:
    assert {one.name for one in fields(Hit)} - {"key"} == set(PART_WORDS)


def test_the_words_are_told_apart_by_where_they_stand(
    city_documents: list[Document], city_engine: Engine
) -> None:
    text = "社保卡遗失了怎么补，要交滑雪费吗"
    found = explain(
        text, city_engine.ask(text), city_engine.calibration, {one.key: one for one in city_documents}, PLAIN
    )
    first = found.candidates[0]
    places = {word.text: word.place for word in first.words}
    assert "社会保障卡" in first.document.question
    assert places["社保卡"] in ("heading", "same")
    assert "滑雪" in found.lost
    assert all(part.label == PART_WORDS[part.name] for part in first.parts)
