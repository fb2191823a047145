"""Questions with characters that only sound right, or stand in the wrong order."""

import pytest

from faq.index import Document, Index
from faq.slips import mended


def first(index: Index, text: str) -> object:
    hits = index.search(index.query(text), 1)
    return hits[0].key if hits else None


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("租房提取公鸡金要哪些材料", "租房提取公积金要哪些材料"),
        ("水费是怎么蒜的", "水费是怎么算的"),
        ("自来水水费怎计样算", "自来水水费怎样计算"),
    ],
)
def test_what_sounds_right_or_changed_places_is_mended(city_index: Index, written: str, meant: str) -> None:
    assert mended(written, city_index._whole.of) == meant


def test_the_catalogues_own_words_are_never_touched(
    city_index: Index, city_documents: list[Document]
) -> None:
    for document in city_documents:
        for text in (document.question, *document.phrasings):
            query = city_index.query(text)
            assert mended(query.text, city_index._whole.of) == query.text


@pytest.mark.parametrize("text", ["", "水", "？！", "a", "abc123", "😀😀", "ab水?费", "囧" * 3_000])
def test_what_cannot_be_mended_stays(city_index: Index, text: str) -> None:
    assert mended(text, city_index._whole.of) == text


def test_an_empty_catalogue_mends_nothing() -> None:
    assert mended("公鸡金", Index()._whole.of) == "公鸡金"


def test_a_slip_is_found_through_what_was_meant() -> None:
    index = Index()
    index.add([Document(1, "讨厌鸡肉"), Document(2, "公积金"), Document(3, "烟花爆竹")])
    query = index.query("公鸡金")
    assert first(index, "公鸡金") == 2
    assert query.text == "公鸡金"
