"""What speaks for the nearest entry and what against it: the numbers a judgement rests on, and the words behind them.

Retrieval ranks; whether the first entry answers is another question. An entry may be far ahead of the others and
still lack the one word the question is about, or cover every word and be one of five that do. Each such
consideration is a number between about 0 and 1, made the same way in every catalogue; what they weigh is a
``Calibration``'s matter.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from faq import terms
from faq.index import Hit, Index, Query
from faq.terms import Codes

PACK = 4
"""Entries behind the first that make up the pack."""

HELD = 0.5
"""Share of a word's weight from which on an entry has the word: 社保卡 is had by 社会保障卡 through its characters."""

TELLING = 0.05
"""Share of the question's weight from which on a word is worth naming to the editor."""


@dataclass(frozen=True)
class Evidence:
    """What was found out about the first entry.

    Attributes:
        score: of the first entry.
        margin: how far the second one is behind.
        pack: how far the next :data:`PACK` are behind on the average.
        covered: share of the question's weight that stands somewhere in the entry.
        missing: weight of the word that the entry lacks most, as a share of the question's.
        unsaid: share of the nearest phrasing that the question does not say; counted in full only where
            entries are questions without a text, because a title says more than people ask.
        thin: 1 for a question that says very little, else 0.
        words: how many words of the question there are.
        phrasing: score of the nearest single phrasing.
        has: words of the question that the entry has, in order.
        lacks: words of the question that it lacks, in order.
        strange: what the question is about and the entry says nothing of (``subjects``), "" for a question that is
            about nothing of its own; None where the entry may answer, or was not asked.
    """

    score: float
    margin: float
    pack: float
    covered: float
    missing: float
    unsaid: float
    thin: float
    phrasing: float
    words: int = 0
    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    strange: str | None = None


@dataclass(frozen=True)
class Asked:
    """A question's words and where their terms stand among its terms; made once, whatever is found for it.

    Attributes:
        words: in order, signs left out.
        owners: for each term of a word, which word.
        places: for the same, its place in ``Query.codes``.
        masses: what each word weighs.
    """

    words: list[str]
    owners: terms.Rows
    places: npt.NDArray[np.int64]
    masses: npt.NDArray[np.float64]


def read(query: Query, lexicon: terms.Lexicon) -> Asked:
    """The words of a question, cut as the index that was asked cuts them."""
    words = [word for word in terms.segment(query.text, lexicon) if any(map(str.isalnum, word))]
    found = terms.extract(words, lexicon)
    owners, places = _distinct(found.rows, found.codes, query.codes)
    masses = np.bincount(owners, query.weights[places], len(words)).astype(np.float64)
    return Asked(words, owners, places, masses)


def _distinct(rows: terms.Rows, codes: Codes, known: Codes) -> tuple[terms.Rows, npt.NDArray[np.int64]]:
    """Each term of each word once; terms that the whole question was not cut into are passed over."""
    place = np.searchsorted(known, codes).clip(max=max(len(known) - 1, 0))
    kept = known[place] == codes if len(known) else np.zeros(len(codes), bool)
    pair = np.unique(rows[kept].astype(np.int64) << 32 | place[kept])
    return (pair >> 32).astype(np.int32), pair & 0xFFFFFFFF


def weigh(index: Index, query: Query, hits: Sequence[Hit], asked: Asked | None = None) -> Evidence:
    """The evidence for the first of what was found.

    Args:
        index: that found it.
        query: the question.
        hits: at least one, best first.
        asked: of :func:`read`, where it is there already.
    """
    asked = asked or read(query, index.lexicon)
    first, others = hits[0], [hit.score for hit in hits[1 : 1 + PACK]]
    stands, unsaid = index.account(query, first.key)
    held = np.bincount(asked.owners, query.weights[asked.places] * stands[asked.places], len(asked.words))
    share = held / np.maximum(asked.masses, 1e-6)
    telling = asked.masses >= TELLING * query.mass
    return Evidence(
        score=first.score,
        margin=margin(hits),
        pack=first.score - sum(others) / PACK,
        covered=float(query.weights[stands].sum()) / query.mass,
        missing=float((asked.masses - held).max(initial=0.0)) / query.mass,
        unsaid=unsaid * (1 - index.body_share) ** 3,
        thin=float(query.is_thin),
        phrasing=first.phrasing,
        words=len(asked.words),
        has=_named(asked.words, telling & (share >= HELD)),
        lacks=_named(asked.words, telling & (share < HELD)),
    )


def _named(words: Sequence[str], which: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    """Words worth naming; single characters only where there is nothing longer."""
    named = list(dict.fromkeys(word for word, telling in zip(words, which, strict=True) if telling))
    return tuple([word for word in named if len(word) > 1] or named)


def margin(hits: Sequence[Hit]) -> float:
    """How far the second entry is behind the first."""
    return hits[0].score - (hits[1].score if len(hits) > 1 else 0.0)
