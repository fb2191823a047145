"""From a sentence to its terms."""

import numpy as np
import pytest

from faq import terms


def codes(text: str) -> set[int]:
    return set(terms.extract([terms.normalise(text)]).codes.tolist())


def test_traditional_and_full_width_writing_mean_the_same() -> None:
    assert terms.normalise("公積金怎麼提取ＡＢＣ１２３") == "公积金怎么提取abc123"
    assert codes("醫療保險") == codes("医疗保险")


def test_words_that_look_traditional_in_simplified_text_stay() -> None:
    assert terms.normalise("著名景点") == "著名景点"


def test_filler_goes_in_front_and_behind_but_not_in_the_middle() -> None:
    assert terms.without_filler("您好,想问一下,公积金怎么提取?谢谢!") == "公积金怎么提取"
    assert terms.without_filler("谢谢") == "谢谢"
    assert "请问" in terms.without_filler("窗口写着请问讯处怎么走")


def test_every_word_list_says_where_it_is_from() -> None:
    for path in terms._DATA.glob("*.txt"):
        assert "来源：" in path.read_text(encoding="utf-8"), path.name


def test_segmentation_has_no_gap_and_no_overlap() -> None:
    text = "网上 办事，公积金abc123怎么领"
    assert "".join(terms.segment(text)) == text


def test_terms_are_of_four_kinds_and_know_their_text() -> None:
    found = terms.extract(["医保", "公积金abc"])
    kinds = terms.kind_of(found.codes)
    assert set(kinds.tolist()) == {terms.CHARACTER, terms.PAIR, terms.WORD, terms.GROUP}
    assert set(found.rows.tolist()) == {0, 1}
    # 公 积 金 abc: four characters (a run of letters is one), three pairs.
    second = kinds[found.rows == 1]
    assert (second == terms.CHARACTER).sum() == 4
    assert (second == terms.PAIR).sum() == 3


def test_the_same_word_has_one_code_wherever_it_stands() -> None:
    found = terms.extract(["公积金", "我的公积金呢", "x" * 5000 + " 公积金"])
    word = [set(found.codes[found.rows == row].tolist()) for row in range(3)]
    assert word[0] <= word[1]
    assert word[0] <= word[2]


def test_names_of_one_thing_share_a_group() -> None:
    assert codes("社保卡") & codes("社会保障卡") & {c for c in codes("社保卡") if c >> 62 == terms.GROUP}


def test_a_long_batch_in_stretches_equals_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"第{n}条怎么办理居住证" for n in range(50)] + ["", "尾"]
    whole = terms.extract(texts)
    monkeypatch.setattr(terms, "STRETCH", 40)
    parts = terms.extract(texts)
    for row in range(len(texts)):
        assert set(whole.codes[whole.rows == row].tolist()) == set(parts.codes[parts.rows == row].tolist())


@pytest.mark.parametrize("text", ["", " ", "😀😀👨‍👩‍👧", "\x00\x01", "？！。", "\ud800", "\u202e\u200d"])
def test_what_is_not_text_has_no_terms(text: str) -> None:
    assert len(terms.extract([terms.normalise(text)]).codes) == 0


def test_rare_characters_are_characters() -> None:
    assert np.all(terms.kind_of(terms.extract(["𠮷"]).codes) == terms.CHARACTER)
