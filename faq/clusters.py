"""Which of many asked texts ask for the same: leader clustering over the terms that retrieval sees. Pure.

The most asked texts lead. A text joins the leader it is nearest to where the two have enough in common, else it
leads from then on. The same texts in whatever order give the same groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from faq import terms
from faq.postings import Frequencies, Postings
from faq.terms import PLAIN, Lexicon

TOGETHER = 0.4
"""Cosine of two texts' weighted terms from which they ask for the same."""

FEWEST = 200
"""Texts from which rarity means something: of three that ask the same, every common word would count as common."""

BLOCK = 512
MIDDLE_OF = 200
"""Texts of a group among which its most typical one is looked for; the most asked ones come first."""


@dataclass(frozen=True)
class Wording:
    """A text and how often it was asked, its spellings counted together."""

    text: str
    count: int


def key_of(text: str) -> str:
    """What two spellings of one text have in common: normalised, without greetings and thanks."""
    return terms.without_filler(terms.normalise(text))


def grouped(
    leaders: Sequence[str],
    asked: Sequence[Wording],
    background: Sequence[str] = (),
    together: float = TOGETHER,
    lexicon: Lexicon = PLAIN,
) -> list[int]:
    """For each text the place of its leader.

    Args:
        leaders: texts that lead already, such as the labels of open topics.
        asked: what is to be placed.
        background: other texts of the same world, which say what words are common in it.
        together: cosine from which two texts go together.
        lexicon: the city's own words.

    Returns:
        For each of ``asked`` a place in ``leaders``, or ``len(leaders) + place`` where that text of ``asked`` leads.
    """
    if not asked:
        return []
    order = sorted(range(len(asked)), key=lambda place: (-asked[place].count, asked[place].text, place))
    ranked = [asked[place].text for place in order]
    rows = _rows([*leaders, *ranked], background, lexicon)
    heads = list(range(len(leaders)))
    found = [0] * len(asked)
    for start in range(len(leaders), rows.shape[0], BLOCK):
        block = rows[start : start + BLOCK]
        best, near = _nearest(block, rows, heads)
        alone = [at for at in range(block.shape[0]) if near[at] < together]
        for at in set(range(block.shape[0])) - set(alone):
            found[start - len(leaders) + at] = best[at]
        for at, head in _among(block[alone], together).items():
            found[start - len(leaders) + alone[at]] = start + alone[head]
            if at == head:
                heads.append(start + alone[at])
    out = [0] * len(asked)
    for at, head in enumerate(found):
        out[order[at]] = head if head < len(leaders) else len(leaders) + order[head - len(leaders)]
    return out


def _rows(texts: Sequence[str], background: Sequence[str], lexicon: Lexicon = PLAIN) -> sparse.csr_matrix:
    """Texts as rows of weighted terms of length one."""
    plain = [key_of(text) for text in (*texts, *background)]
    postings = Postings(terms.extract(plain, lexicon))
    frequencies = Frequencies()
    frequencies.add(postings.codes, postings.frequencies, len(plain))
    frequencies.rows = max(frequencies.rows, FEWEST)
    spread = np.repeat(frequencies.weights(postings.codes), postings.frequencies)
    columns = np.repeat(np.arange(len(postings.codes)), postings.frequencies)
    lengths = np.sqrt(np.bincount(postings.rows, spread * spread, len(plain)))
    values = (spread / lengths[postings.rows]).astype(np.float32)
    every = sparse.csr_matrix((values, (postings.rows, columns)), shape=(len(plain), len(postings.codes)))
    return every[: len(texts)]


def _nearest(
    block: sparse.csr_matrix, rows: sparse.csr_matrix, heads: list[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """For each row of a block the nearest of those that lead, and how near it is."""
    if not heads:
        nothing = np.zeros(block.shape[0])
        return nothing.astype(np.int64), nothing.astype(np.float32)
    near = (block @ rows[heads].T).toarray()
    which = near.argmax(axis=1)
    return np.array(heads)[which], near[np.arange(len(which)), which]


def _among(rows: sparse.csr_matrix, together: float) -> dict[int, int]:
    """The same among rows that lead or join in their order: row to the row that leads it."""
    near = (rows @ rows.T).toarray()
    heads: list[int] = []
    found: dict[int, int] = {}
    for at in range(rows.shape[0]):
        head = max(heads, key=lambda one: (near[at, one], -one), default=at)
        if head != at and near[at, head] >= together:
            found[at] = head
        else:
            heads.append(at)
            found[at] = at
    return found


def typical(asked: Sequence[Wording]) -> str:
    """The text that has most in common with the others, each counted as often as it was asked.

    Raises:
        ValueError: no text.
    """
    some = sorted(asked, key=lambda one: (-one.count, len(one.text), one.text))[:MIDDLE_OF]
    if not some:
        raise ValueError("a group has a text")
    rows = _rows([one.text for one in some], ())
    common = (rows @ rows.T) @ np.array([one.count for one in some], np.float32)
    return some[int(np.asarray(common).round(4).argmax())].text
