"""Which questions are likely the same, and which speak of one theme: a pack of questions in groups. Pure.

Two questions are alike as far as their terms, weighted as the index weighs them, are the same: 0 where they share
none, 1 where they share all. One tree of average linkage over that is cut twice: a *matter* is one question however
often it was asked, a *theme* several matters that speak of the same. Nothing is left out, nothing stands twice.

The three lines below were drawn on the forty questions of ``tests/faq/data/askings.jsonl`` and on the example city's,
and measured on others that were written afterwards: see ``tests/faq/test_grouping.py``.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.cluster import hierarchy

from faq import terms
from faq.index import Document, Hit
from faq.postings import Frequencies
from faq.segments import BOTH_SIDES

VERY_ALIKE = 0.42
"""很像: of the pairs tried, nearly all from here on were the same question."""

ALIKE = 0.32
"""像: below it most pairs share a theme and not a question; from here on a pair is worth a human's look."""

SAME_THEME = 0.12
"""Mean likeness from which questions stand under one theme; lower, and a whole interview is one theme."""

MOST = 6_000
"""Questions that are compared with each other, the most supported first: the tree takes 8 bytes a pair, twice.
What is beyond stands alone, at the end."""

ROWS_AT_ONCE = 250
LABEL_SHORTEST, LABEL_LONGEST, SENTENCE_LONGEST = 2, 8, 24
LABEL_SPREAD, LABEL_FEW = 0.34, 9
"""A label is no word that more than a third of the pack has, where the pack has nine questions or more."""


@dataclass(frozen=True)
class Asked:
    """A question of a pack.

    Attributes:
        key: its id; of two equals the smaller one leads.
        text: as it is public.
        supports: how many support it.
    """

    key: int
    text: str
    supports: int = 0


@dataclass(frozen=True)
class Matter:
    """One question, however often it was asked; the most supported way of asking leads."""

    lead: Asked
    also: tuple[Asked, ...] = ()

    @property
    def supports(self) -> int:
        """The supports of all, added up."""
        return self.lead.supports + sum(one.supports for one in self.also)


@dataclass(frozen=True)
class Theme:
    """Matters that speak of the same; ``label`` is None for those that no other is near to."""

    label: str | None
    matters: tuple[Matter, ...]

    @property
    def supports(self) -> int:
        """The supports of all, added up."""
        return sum(matter.supports for matter in self.matters)

    @property
    def questions(self) -> int:
        """How many questions stand in it."""
        return sum(1 + len(matter.also) for matter in self.matters)


def in_words(alike: float) -> str | None:
    """很像, 像, or None where a likeness is not worth a look."""
    return "很像" if alike >= VERY_ALIKE else "像" if alike >= ALIKE else None


# The measure


def bare(text: str) -> str:
    """A question as it is compared: normalised, without greetings and thanks."""
    return terms.without_filler(terms.normalise(text[: terms.QUERY_LIMIT]))


def ordinary() -> list[Document]:
    """What questions of every kind are made of; in an index of few questions it keeps 怎么办 from weighing like 备案."""
    return [Document(f"ordinary:{at}", text) for at, text in enumerate(terms.phrases("ordinary"))]


def likeness(hit: Hit) -> float:
    """How alike a question is to a hit of an index of :func:`bare` questions and :func:`ordinary` ones.

    A hit's ``coverage`` is what both share over what the question weighs, its ``phrasing`` the same over both sides
    unevenly. Together they give what the other one weighs, and so the even measure of :func:`likenesses`.
    """
    if hit.coverage <= 0 or hit.phrasing <= 0:
        return 0.0
    return float(min(1.0, hit.coverage * (hit.phrasing / hit.coverage) ** (0.5 / BOTH_SIDES)))


def likenesses(
    texts: Sequence[str], lexicon: terms.Lexicon = terms.PLAIN
) -> Iterator[npt.NDArray[np.float32]]:
    """For each question in order, how alike it is to each that comes after it."""
    rows = _rows([bare(text) for text in texts], lexicon)
    columns = rows.T.tocsr()
    for begin in range(0, len(texts), ROWS_AT_ONCE):
        block = (rows[begin : begin + ROWS_AT_ONCE] @ columns).toarray()
        for at, row in enumerate(block, begin):
            yield row[at + 1 :]


def _rows(texts: Sequence[str], lexicon: terms.Lexicon) -> sparse.csr_matrix:
    """Questions as rows whose products are likenesses; the ordinary sentences count for rarity only."""
    everything = [*texts, *terms.phrases("ordinary")]
    found = terms.extract(everything, lexicon)
    codes, columns = np.unique(found.codes, return_inverse=True)
    shape = (len(everything), len(codes))
    there = sparse.csr_matrix((np.ones(len(columns), np.float32), (found.rows, columns)), shape=shape)
    there.sum_duplicates()
    there.data[:] = 1
    spread = Frequencies()
    spread.add(codes, np.asarray(there.sum(0)).ravel().astype(np.int32), len(everything))
    weights = spread.weights(codes)
    there = there[: len(texts)]
    masses = np.maximum(there @ weights, 1e-6)
    scaled = sparse.diags(masses**-0.5) @ there @ sparse.diags(weights**0.5)
    return scaled.tocsr().astype(np.float32)


# Groups


def group(
    asked: Iterable[Asked], lexicon: terms.Lexicon = terms.PLAIN, same_theme: float = SAME_THEME
) -> list[Theme]:
    """Questions by theme, the most supported first; those that stand alone last, under no label.

    Args:
        asked: the questions; each comes back exactly once.
        lexicon: the city's words.
        same_theme: mean likeness from which questions stand under one theme.
    """
    listed = list(asked)
    found = threads(listed, lexicon, same_theme)
    return arranged(listed, found, named(listed, found, lexicon))


Threads = list[list[list[int]]]
"""Keys of questions in matters in themes."""


def threads(
    asked: Iterable[Asked], lexicon: terms.Lexicon = terms.PLAIN, same_theme: float = SAME_THEME
) -> Threads:
    """What belongs together; the same for the same questions in whatever order. The part that takes time.

    Args:
        asked: the questions; supports matter only beyond :data:`MOST`.
        lexicon: the city's words.
        same_theme: mean likeness from which questions stand under one theme.
    """
    listed = sorted(asked, key=lambda one: (-one.supports, one.key))
    compared, beyond = sorted(listed[:MOST], key=lambda one: one.key), listed[MOST:]
    alone = [[[one.key]] for one in beyond]
    if len(compared) < 2:
        return [[[one.key]] for one in compared] + alone
    size = len(compared)
    apart = np.empty(size * (size - 1) // 2)
    at = 0
    for row in likenesses([one.text for one in compared], lexicon):
        apart[at : at + len(row)] = row
        at += len(row)
    np.clip(1.0 - apart, 0.0, 1.0, out=apart)
    tree = hierarchy.linkage(apart, "average")
    matters = hierarchy.fcluster(tree, 1 - ALIKE, "distance")
    themes = hierarchy.fcluster(tree, 1 - same_theme, "distance")
    found: dict[int, dict[int, list[int]]] = {}
    for one, matter, theme in zip(compared, matters.tolist(), themes.tolist(), strict=True):
        found.setdefault(theme, {}).setdefault(matter, []).append(one.key)
    return [list(theme.values()) for theme in found.values()] + alone


def named(asked: Iterable[Asked], found: Threads, lexicon: terms.Lexicon = terms.PLAIN) -> list[str | None]:
    """For each theme what at least half of its questions say and few others do; None where there is nothing such.

    Supports do not matter here, so that what was found once holds as long as the questions are the same.
    """
    by_key = {one.key: one for one in asked}
    spans = {key: _spans(one.text, lexicon) for key, one in by_key.items()}
    spread = Counter(span for held in spans.values() for span in held)
    most = max(LABEL_SPREAD * len(by_key), 1) if len(by_key) >= LABEL_FEW else len(by_key)
    spread = Counter({span: count for span, count in spread.items() if 1 < count <= most})
    return [_label([key for matter in theme for key in matter], spans, spread) for theme in found]


def arranged(asked: Iterable[Asked], found: Threads, labels: Sequence[str | None]) -> list[Theme]:
    """The groups of :func:`threads` as they are shown; quick, so that supports may change between.

    Args:
        asked: the questions with their supports of now.
        found: from :func:`threads`; every question is in it once.
        labels: from :func:`named`, one for each theme.
    """
    by_key = {one.key: one for one in asked}
    themes, alone = [], []
    for theme, label in zip(found, labels, strict=True):
        matters = sorted((_matter([by_key[key] for key in matter]) for matter in theme), key=_standing)
        if len(matters) == 1 and not matters[0].also:
            alone += matters
        else:
            themes.append(Theme(label or _sentence(matters[0].lead.text), tuple(matters)))
    themes.sort(key=lambda theme: (-theme.supports, theme.matters[0].lead.key))
    return [*themes, Theme(None, tuple(sorted(alone, key=_standing)))] if alone else themes


def _matter(asked: Sequence[Asked]) -> Matter:
    lead, *also = sorted(asked, key=lambda one: (-one.supports, one.key))
    return Matter(lead, tuple(also))


def _standing(matter: Matter) -> tuple[int, int]:
    return -matter.supports, matter.lead.key


def _label(keys: Sequence[int], spans: Mapping[int, set[str]], spread: Counter[str]) -> str | None:
    held = Counter(span for key in keys for span in spans[key] if span in spread)
    shared = [span for span, count in held.items() if count > 1 and 2 * count >= len(keys)]
    if not shared:
        return None
    return min(shared, key=lambda span: (-(held[span] ** 2) * len(span) / spread[span], span))


def _sentence(text: str) -> str:
    """The most supported question of a theme, where its questions share no word that would name it."""
    return text if len(text) <= SENTENCE_LONGEST else f"{text[:SENTENCE_LONGEST]}……"


def _spans(text: str, lexicon: terms.Lexicon) -> set[str]:
    """Words of a question, and neighbouring words taken together, that can name a theme.

    Segmentation cuts 起付线 into 起 and 付线; what several questions have in common is put together again.
    """
    words = terms.segment(bare(text), lexicon)
    found = set()
    for begin, first in enumerate(words):
        span = ""
        for word in words[begin : begin + LABEL_LONGEST]:
            span += word
            if len(span) > LABEL_LONGEST or not word.isalnum() or word.isascii():
                break
            if len(span) >= LABEL_SHORTEST and not _ordinary_words() & {first, word}:
                found.add(span)
    return found


@cache
def _ordinary_words() -> frozenset[str]:
    return frozenset(word for sentence in terms.phrases("ordinary") for word in terms.segment(sentence))
