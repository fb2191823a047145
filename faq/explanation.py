"""Why the bot said what it said, for the editor: the parts of each score, the words that met and those that did not.

Pure. What is shown comes from the index and the calibration in use; nothing is asked and nothing is kept.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

from faq import terms
from faq.engine import Found
from faq.index import Document, Hit, Key
from faq.judgement import Calibration, Judgement
from faq.terms import GROUP, Lexicon

PART_WORDS = {
    "score": "总分",
    "phrasing": "最像的一种问法",
    "heading": "题目和所有问法合起来",
    "body": "正文",
    "coverage": "提问的字词，这一条里有多少",
    "learned": "用词表学来的近义",
    "said": "说得最全的一种问法",
}
"""The parts of a score in words; one that is not here is shown by its name."""


@dataclass(frozen=True)
class Part:
    """One part of a score, between 0 and about 1."""

    name: str
    label: str
    value: float


@dataclass(frozen=True)
class Word:
    """A word of the question and where an entry has it: ``heading``, ``body``, ``same`` (another word for it) or None."""

    text: str
    place: str | None


@dataclass(frozen=True)
class Candidate:
    """An entry that was found, with what speaks for it."""

    document: Document
    parts: tuple[Part, ...]
    words: tuple[Word, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The words of the question that it does not have."""
        return tuple(word.text for word in self.words if word.place is None)


@dataclass(frozen=True)
class Explanation:
    """What the bot would do with a text, and why.

    Attributes:
        cut: the words of the text as they are compared, greetings and thanks apart.
        lost: words that no entry found has.
    """

    judgement: Judgement
    calibration: Calibration
    candidates: tuple[Candidate, ...]
    cut: tuple[str, ...]
    lost: tuple[str, ...]


def explain(
    text: str,
    found: Found,
    calibration: Calibration,
    documents: Mapping[Key, Document],
    lexicon: Lexicon,
    most: int = 5,
) -> Explanation:
    """What stands behind a judgement.

    Args:
        text: as it was asked.
        found: what the engine made of it.
        calibration: the engine's.
        documents: the entries by key.
        lexicon: the city's own words.
        most: how many of the nearest entries are shown.
    """
    words = words_of(text, lexicon)
    shown = [
        Candidate(documents[hit.key], _parts(hit, calibration), _met(words, documents[hit.key], lexicon))
        for hit in found.hits[:most]
        if hit.key in documents
    ]
    nowhere = [
        word
        for at, word in enumerate(words)
        if shown and all(candidate.words[at].place is None for candidate in shown)
    ]
    return Explanation(found.judgement, calibration, tuple(shown), tuple(words), tuple(nowhere))


def words_of(text: str, lexicon: Lexicon) -> list[str]:
    """The words of a text as they are compared; single characters only where there is nothing longer."""
    plain = terms.without_filler(terms.normalise(text[: terms.QUERY_LIMIT]))
    every = [word for word in terms.segment(plain, lexicon) if any(char.isalnum() for char in word)]
    distinct = list(dict.fromkeys(every))
    return [word for word in distinct if len(word) > 1] or distinct


def _parts(hit: Hit, calibration: Calibration) -> tuple[Part, ...]:
    values = {one.name: getattr(hit, one.name) for one in fields(hit)}
    return tuple(
        Part(name, PART_WORDS.get(name, name), float(value))
        for name, value in values.items()
        if name != "key"
        and isinstance(value, (int, float))
        and (name != "learned" or calibration.table_weight)
    )


def _met(words: Sequence[str], document: Document, lexicon: Lexicon) -> tuple[Word, ...]:
    heading = terms.normalise("\n".join((document.question, *document.phrasings)))
    body = terms.normalise(document.body)
    groups = _groups(f"{heading}\n{body}", lexicon)

    def place(word: str) -> str | None:
        if word in heading:
            return "heading"
        if word in body:
            return "body"
        return "same" if _groups(word, lexicon) & groups else None

    return tuple(Word(word, place(word)) for word in words)


def _groups(text: str, lexicon: Lexicon) -> set[int]:
    codes = terms.extract([text], lexicon).codes
    return {int(code) for code in codes[terms.kind_of(codes) == GROUP]}
