"""Titles and phrasings that are put in the question's words."""

import numpy as np
import pytest

from faq import index as index_module
from faq import terms
from faq.index import Document, Index
from faq.plain_words import Asked, Bags, Tally


def bags_of(*titles: str) -> Bags:
    return Bags(titles, np.arange(len(titles), dtype=np.int32), len(titles), terms.PLAIN)


def tally_of(*parts: Bags) -> Tally:
    tally = Tally()
    for part in parts:
        tally.add(part)
    return tally


def score(titles: Bags, tally: Tally, question: str) -> tuple[list[float], list[float]]:
    asked = tally.asked(question, terms.PLAIN)
    characters, words = titles.score(np.arange(titles.entries), asked, tally.averages)
    return characters.tolist(), words.tolist()


def test_words_of_one_character_count_and_signs_do_not() -> None:
    found = terms.plainly(["我 的，社保卡？"])
    kinds = terms.kind_of(found.codes).tolist()
    assert kinds.count(terms.CHARACTER) == 5
    assert kinds.count(terms.WORD) == sum(map(str.isalnum, "".join(terms.segment("我 的")))) + len(
        [word for word in terms.segment("社保卡") if word.isalnum()]
    )
    assert len(terms.plainly(["，？\n😀"]).codes) == 0
    assert len(terms.plainly([]).codes) == 0


def test_rows_are_those_of_the_texts_with_line_ends_in_them() -> None:
    found = terms.plainly(["水\n费", "，", "卡"])
    assert sorted(set(found.rows.tolist())) == [0, 2]
    assert (found.rows == 0).sum() == 4


def test_a_word_said_twice_counts_twice_on_either_side() -> None:
    titles = bags_of("水费水费", "水费账单", "电费账单")
    tally = tally_of(titles)
    characters, words = score(titles, tally, "水费")
    assert words[0] > words[1] > words[2] == 0
    assert characters[0] > characters[1] > characters[2] > 0
    again, _ = score(titles, tally, "水费水费")
    assert again == pytest.approx([2 * one for one in characters])


def test_a_word_and_a_character_are_not_taken_for_each_other() -> None:
    titles = bags_of("卡")
    asked = tally_of(titles).asked("卡", terms.PLAIN)
    assert len(asked.codes) == 2
    assert sorted(asked.kinds.tolist()) == [0, 1]


def test_what_is_counted_out_is_forgotten() -> None:
    one, other = bags_of("公积金", "😀"), bags_of("水费怎样计算")
    tally = tally_of(one, other)
    tally.add(other, -1)
    alone = tally_of(one)
    expected, found = (which.asked("水费公积金", terms.PLAIN) for which in (alone, tally))
    assert np.array_equal(found.weights, expected.weights)
    assert tally.averages.tolist() == alone.averages.tolist() == [1.5, max(one.lengths[1].sum() / 2, 1.0)]


def test_a_question_of_signs_alone_meets_nothing() -> None:
    titles = bags_of("公积金")
    assert score(titles, tally_of(titles), "？😀") == ([0.0], [0.0])
    assert isinstance(Tally().asked("", terms.PLAIN), Asked)


def test_how_a_question_is_put_decides_between_two_that_say_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    index = Index()
    index.add([Document(1, "你好，水费怎样交"), Document(2, "水费怎样交，谢谢"), Document(3, "电费怎样交")])
    thanked = index.query("水费怎样交谢谢")
    assert index.search(thanked)[0].key == 2
    ahead = [hit.score for hit in index.search(thanked)]
    monkeypatch.setattr(index_module, "PLAIN_WEIGHT", 0.0)
    assert ahead[0] - ahead[1] > index.search(thanked)[0].score - index.search(thanked)[1].score


def test_several_segments_are_scaled_by_the_best_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [
        Document(1, "水费怎样交"),
        Document(2, "电费怎样交"),
        Document(3, "水表怎样换"),
        Document(4, "煤气费"),
    ]
    whole = Index()
    whole.add(documents)
    monkeypatch.setattr(index_module, "SEGMENT_ENTRIES", 2)
    cut = Index()
    cut.add(documents)
    assert len(cut._segments) == 2

    def found(index: Index) -> list[tuple[int | str, float]]:
        return [(hit.key, round(hit.score, 5)) for hit in index.search(index.query("水费怎么交"))]

    assert found(cut) == found(whole)
