"""Retrieval over the small catalogue, and entries that come and go."""

import numpy as np
import pytest

from faq import index as index_module
from faq import terms
from faq.index import Document, Index


def first(index: Index, text: str) -> object:
    hits = index.search(index.query(text), 3)
    return hits[0].key if hits else None


def test_the_nearest_entry_comes_first(city_index: Index) -> None:
    assert first(city_index, "租房提取公积金要哪些材料") == "city-03"
    assert first(city_index, "異地就醫備案怎麼辦") == "city-02"
    assert first(city_index, "社保卡丢了要怎么补办") == "city-01"


def test_a_phrasing_finds_its_entry(city_index: Index) -> None:
    hits = city_index.search(city_index.query("家里困难怎么吃低保"))
    assert hits[0].key == "city-26"
    assert hits[0].phrasing > 0.9


def test_a_passage_deep_in_a_long_text_is_found() -> None:
    filling = "".join(f"第{n}章规定了一般的程序和要求，由各单位遵照执行。" for n in range(300))
    index = Index()
    index.add(
        [
            Document(1, "关于印发实施细则的通知", (), filling + "重度残疾人乘坐渡轮免收船票。" + filling),
            Document(2, "关于印发工作要点的通知", (), filling),
            Document(3, "公告", (), "本周末检修渡轮码头。"),
        ]
    )
    assert first(index, "重度残疾人坐渡轮要买船票吗") == 1


def test_an_entry_added_is_found_at_once_and_one_removed_is_not(city_index: Index) -> None:
    assert first(city_index, "结婚登记怎样预约") != "new"
    city_index.add([Document("new", "结婚登记怎样预约", (), "网上预约。")])
    assert first(city_index, "结婚登记怎样预约") == "new"
    city_index.remove(["new"])
    assert all(hit.key != "new" for hit in city_index.search(city_index.query("结婚登记怎样预约"), 50))
    assert "new" not in city_index


def test_the_same_key_again_replaces_the_entry(city_index: Index) -> None:
    before = len(city_index)
    city_index.add([Document("city-00", "渔船怎样登记", (), "到港务所。")])
    assert len(city_index) == before
    assert first(city_index, "渔船怎样登记") == "city-00"
    assert first(city_index, "居民医保什么时候缴费") != "city-00"


def test_adding_one_by_one_ranks_like_adding_all_at_once(city_documents: list[Document]) -> None:
    whole, grown = Index(), Index()
    whole.add(city_documents)
    for document in city_documents:
        grown.add([document])
    for text in ("水费是怎么算的", "办护照多久", "老人坐公交"):
        a, b = whole.search(whole.query(text), 5), grown.search(grown.query(text), 5)
        assert [hit.key for hit in a] == [hit.key for hit in b]
        assert np.allclose([hit.score for hit in a], [hit.score for hit in b], atol=0.03)


def test_many_segments_rank_like_one(city_documents: list[Document], monkeypatch: pytest.MonkeyPatch) -> None:
    whole, split = Index(), Index()
    whole.add(city_documents)
    monkeypatch.setattr(index_module, "SEGMENT_ENTRIES", 7)
    split.add(city_documents)
    assert len(split._segments) > 3
    for text in ("水费是怎么算的", "办护照多久", "老人坐公交", "房子给孩子"):
        a, b = whole.search(whole.query(text), 5), split.search(split.query(text), 5)
        assert [(hit.key, round(hit.score, 4)) for hit in a] == [(hit.key, round(hit.score, 4)) for hit in b]


def test_an_entry_left_aside_is_as_if_it_were_not_there(city_index: Index) -> None:
    query = city_index.query("水费是怎么算的")
    assert city_index.search(query)[0].key == "city-33"
    assert all(hit.key != "city-33" for hit in city_index.search(query, 50, without="city-33"))


def test_an_empty_index_finds_nothing() -> None:
    index = Index()
    assert index.search(index.query("水费")) == []
    index.add([])
    assert index.search(index.query("水费")) == []


def test_an_entry_without_words_harms_nobody() -> None:
    index = Index()
    index.add([Document(1, "😀", (), ""), Document(2, "水费怎样计算", (), "")])
    assert first(index, "水费怎样计算") == 2
    assert first(index, "😀") is None


def test_progress_counts_up_to_all(city_documents: list[Document]) -> None:
    seen: list[int] = []
    Index().add(city_documents, seen.append)
    assert seen[-1] == len(city_documents)


def test_a_table_trained_on_phrasings_places_later_entries_too(city_index: Index) -> None:
    table = city_index.train()
    assert table is not None
    city_index.use(table, 0.4)
    assert first(city_index, "水费是怎么算的") == "city-33"
    city_index.add([Document("new", "结婚登记怎样预约", ("领结婚证先预约吗",), "网上预约。")])
    hit = city_index.search(city_index.query("领结婚证怎样预约"))[0]
    assert hit.key == "new"
    assert hit.learned > 0.3


def test_the_same_catalogue_trains_the_same_table(city_index: Index) -> None:
    one, other = city_index.train(), city_index.train()
    assert one is not None
    assert other is not None
    assert np.array_equal(one.vectors, other.vectors)


def test_training_brings_phrasings_of_one_entry_together(city_index: Index) -> None:
    table = city_index.train()
    assert table is not None
    city_index.use(table, 0.4)
    hits = city_index.search(city_index.query("家里困难怎么吃低保"), 5)
    assert hits[0].key == "city-26"
    assert hits[0].learned > 0.8 > 2 * max(hit.learned for hit in hits[1:])


def test_a_phrasing_said_whole_counts_in_full_however_much_is_said_besides() -> None:
    index = Index()
    index.add([Document(1, "水费怎样计算"), Document(2, "电费怎样计算和缴纳"), Document(3, "燃气表")])
    hit = index.search(index.query("刚搬来什么都不懂水费怎样计算有人知道吗"))[0]
    assert hit.key == 1
    assert hit.said == pytest.approx(1.0)
    assert hit.phrasing < 0.9


def test_passages_lose_nothing_and_keep_sentences_whole() -> None:
    body = "。".join(f"第{n}句话说明一件事情" for n in range(100)) + "。"
    parts = terms.passages(body)
    assert "".join(parts) == body
    assert all(part.endswith("。") for part in parts)
    assert max(map(len, terms.passages("无标点" * 1000))) <= 3 * terms.PASSAGE
