"""Questions as people speak, put in the words of the catalogue."""

from collections.abc import Sequence

import numpy as np
import pytest

from faq import colloquial, terms
from faq.index import Document, Index
from faq.postings import Ints
from faq.sounds import Count
from faq.terms import Codes
from tests.timing import within

CATALOGUE = "我家在哪里办,什么时候能领,怎么办,怎么交,为什么要交,多少钱,有没有补贴,你来干什么,怎么样了,我们去"


def counting(*texts: str) -> Count:
    """How often terms stand in a catalogue of these phrasings."""
    found = terms.extract(texts)
    rows = set(zip(found.codes.tolist(), found.rows.tolist(), strict=True))

    def count(codes: Codes) -> Ints:
        return np.array([sum(code == other for other, _ in rows) for code in codes.tolist()], np.int32)

    return count


SPOKEN = {
    "哪儿能借到轮椅啊": "哪里能借到轮椅",
    "这个咋办呗": "这个怎么办",
    "咋交嘛,要啥": "怎么交,要什么",
    "啥时候领": "什么时候领",
    "多会儿领哈!急": "什么时候领!急",
    "俺们为啥要交": "我们为什么要交",
    "您来干嘛": "你来干什么",
    "现在咋样了": "现在怎么样了",
    "咱家在哪旮旯办": "我家在哪里办",
}


@pytest.mark.parametrize(("said", "meant"), SPOKEN.items())
def test_colloquial_words_become_their_standard_equals(said: str, meant: str) -> None:
    assert colloquial.standard(said, counting(CATALOGUE)) == meant


@pytest.mark.parametrize(
    "said", ["怎么还花呗", "什么子女", "啊", "去哈密怎么走", "哎怎么办", "女儿怎么办", "咋舌"]
)
def test_other_words_with_the_same_characters_stay(said: str) -> None:
    assert colloquial.standard(said, counting(CATALOGUE)) == said


def test_a_word_that_the_catalogue_uses_as_often_stays() -> None:
    spoken = counting(CATALOGUE, "咋办", "钱咋交啊")
    assert colloquial.standard("咋办啊", spoken) == "咋办啊"
    assert colloquial.standard("咋办", counting(CATALOGUE, "怎么办", "咋办")) == "怎么办"
    assert colloquial.standard("哪儿", counting("别处")) == "哪儿"


def _lines(name: str) -> Sequence[str]:
    return terms.phrases(name)


def test_no_word_stands_in_two_groups_and_sounds_are_single() -> None:
    words = [word for line in _lines("colloquial") for word in line.split()]
    assert len(set(words)) == len(words)
    assert all(len(sound) == 1 for sound in _lines("particles"))


def test_a_spoken_question_weighs_what_its_standard_form_weighs() -> None:
    index = Index()
    index.add([Document(1, "在哪里借轮椅"), Document(2, "在哪里办社保卡"), Document(3, "怎么借书")])
    spoken, standard = index.query("在哪儿借轮椅啊"), index.query("在哪里借轮椅")
    assert spoken.text == standard.text
    assert spoken.mass == pytest.approx(standard.mass)


def test_a_long_remark_is_read_at_once() -> None:
    count = counting(CATALOGUE)
    for text in ("啊" * 1_999 + "x", "咋啥" * 1_000):
        with within(0.1, text[:10]):
            colloquial.standard(text, count)
