"""Titles and phrasings that sound like the question."""

import numpy as np
import pytest

from faq import index as index_module
from faq import terms
from faq.index import Document, Index
from faq.sounds import KINDS, Sounds, Tally, numbers


def sounds_of(*titles: str) -> Sounds:
    return Sounds(titles, np.arange(len(titles), dtype=np.int32), len(titles))


def tally_of(*parts: Sounds) -> Tally:
    tally = Tally()
    for part in parts:
        tally.add(part)
    return tally


def test_what_is_read_alike_has_the_same_numbers_and_signs_have_none() -> None:
    assert numbers("公积金").tolist() == numbers("公鸡巾").tolist()
    assert len(set(numbers("公积金a1").tolist())) == 5
    assert numbers("，？😀𠮷\n").tolist() == [0] * 5
    assert numbers("").tolist() == []


def test_a_title_that_only_sounds_right_scores_and_another_does_not() -> None:
    titles = sounds_of("公积金", "社保卡")
    tally = tally_of(titles)
    right, wrong = titles.score(np.array([0, 1]), tally.weights("公鸡巾"), tally.average)
    assert right == pytest.approx(1 / (1 + 1.2), abs=1e-6)
    assert wrong == 0


def test_said_twice_counts_more_and_a_longer_title_less() -> None:
    titles = sounds_of("水费水费", "水费账单", "水费账单缴纳通知")
    tally = tally_of(titles)
    twice, once, longer = titles.score(np.arange(3), tally.weights("水费"), tally.average)
    assert twice > once > longer > 0


def test_what_is_counted_out_is_forgotten() -> None:
    one, other = sounds_of("公积金", "😀"), sounds_of("水费怎样计算")
    tally = tally_of(one, other)
    tally.add(other, -1)
    alone = tally_of(one)
    assert np.array_equal(tally.weights("水费公积金"), alone.weights("水费公积金"))
    assert tally.average == alone.average
    assert tally.weights("？").sum() == 0
    assert tally.weights("水费公积金").sum() == pytest.approx(1.0)


def test_an_entry_is_heard_as_soon_as_it_is_there_and_no_longer_than_that(
    city_documents: list[Document], city_index: Index
) -> None:
    grown = Index()
    for document in city_documents[:12]:
        grown.add([document])
    whole = Index()
    whole.add(city_documents[:12])
    assert np.array_equal(grown._sounds.frequencies, whole._sounds.frequencies)
    assert grown._sounds.length == whole._sounds.length

    before = city_index.query("结婚登记").sounds
    city_index.add([Document("new", "杰昏等级")])
    after = city_index.query("结婚登记").sounds
    assert not np.array_equal(before, after)
    assert city_index.search(city_index.query("杰昏等级"))[0].key == "new"


def test_of_two_titles_that_share_as_much_the_one_that_sounds_right_is_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    index = Index()
    index.add([Document(1, "东门公园"), Document(2, "东门广场"), Document(3, "水费怎样计算")])
    query = index.query("东门光厂")
    assert index.search(query)[0].key == 2
    monkeypatch.setattr(index_module, "SOUND_WEIGHT", 0.0)
    assert index.search(query)[0].key == 1


@pytest.mark.parametrize("kind", [terms.PAIR, terms.WORD])
def test_terms_of_a_kind_lie_where_the_index_looks_for_them(city_index: Index, kind: int) -> None:
    for segment in city_index._segments:
        codes = np.repeat(segment.whole.codes, segment.whole.frequencies)
        first, beyond = segment.places_of(kind)
        assert np.flatnonzero(terms.kind_of(codes) == kind).tolist() == list(range(first, beyond))
    assert (city_index.query("水费").sounds > 0).sum() == 2 < KINDS
