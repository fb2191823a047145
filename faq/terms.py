"""From a sentence to the terms that stand for it: one road for entries and questions alike.

A text is normalised (NFKC, lower case, simplified script) and cut into terms of four kinds: single characters,
pairs of neighbouring characters, words of two characters or more, and the groups of ``data/synonyms.txt``.
Characters and pairs find what segmentation cuts differently on the two sides; words say what belongs together.
A term travels as a 64-bit code whose two highest bits are its kind, so that no dictionary of strings is kept.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import ahocorasick_rs
import numpy as np
import numpy.typing as npt
import rjieba
from opencc import OpenCC

Codes = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int32]

CHARACTER, PAIR, WORD, GROUP = 0, 1, 2, 3
KIND_SHIFT = np.uint64(62)
CITY = np.uint64(1 << 61)
"""Marks the groups that the city's editor wrote."""

QUERY_LIMIT = 2_000
"""Characters of a question that are read; the longest submission the contract allows."""

PASSAGE = 200
"""Characters of a passage; sentences are not cut."""

STRETCH = 100_000

EMPHASIS = 5
"""Terms that a group of the city's counts for. The room's own groups count for one: their words mostly share
characters, which speak for themselves; 「鹿城通」 shares none with 「社保卡」, and with one term a stray 「城」 in
another entry outweighed what the editor had said."""

_DATA = Path(__file__).parent / "data"
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_EDGE = " \t\n,.!?;:~…、。，！？；：—-"

_LETTER, _DIGIT, _SINGLE = 2, 3, 1
_BASE = np.uint64(0x9E3779B97F4A7C15)
_MIX_LEFT = np.uint64(0xBF58476D1CE4E5B9)
_MIX_RIGHT = np.uint64(0x94D049BB133111EB)
_BODY = np.uint64((1 << 62) - 1)


@dataclass(frozen=True)
class Terms:
    """Terms of several texts, one line per occurrence.

    Attributes:
        codes: the term, its kind in the two highest bits.
        rows: index of the text it occurs in.
    """

    codes: Codes
    rows: Rows


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def _traditional() -> re.Pattern[str]:
    """Matches a character that conversion changes.

    OpenCC's Python edition takes some 2 µs a character, so a text without such a character skips it.
    """
    han = [chr(point) for point in (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00))]
    changed = [
        one
        for one, other in zip(han, _converter().convert("\n".join(han)).split("\n"), strict=True)
        if one != other
    ]
    return re.compile(f"[{''.join(changed)}]")


def normalise(text: str) -> str:
    """One spelling for what people write in many.

    Args:
        text: anything, of any length; lone surrogates and invisible marks are dropped.

    Returns:
        NFKC, lower case, simplified script (OpenCC ``t2s``), NUL and other control characters as spaces.
    """
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower()
    plain = _CONTROL.sub(" ", plain)
    if _traditional().search(plain):
        converted: str = _converter().convert(plain)
        return converted
    return plain


def lines(name: str) -> tuple[str, ...]:
    """The lines of one of the room's own tables as they stand there, in order; comments and empty ones are left out.

    Args:
        name: file name in ``faq/data`` without its ending.
    """
    written = (_DATA / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in written if line.strip() and not line.startswith("#"))


@cache
def phrases(name: str) -> tuple[str, ...]:
    """The lines of one of the room's own word lists, normalised, longest first.

    Args:
        name: file name in ``faq/data`` without its ending.
    """
    kept = {normalise(line) for line in lines(name)}
    return tuple(sorted(kept, key=lambda line: (-len(line), line)))


def without_filler(text: str) -> str:
    """A normalised text without greetings in front and thanks behind.

    It restores confidence, not rank: 「您好，想问一下，…谢谢」 is half noise to any measure of how much of a
    question an entry covers. What would leave nothing is left as it was.
    """
    body = text.strip(_EDGE)
    openers, closers = phrases("openers"), phrases("closers")
    while True:
        before = body
        body = next((body[len(word) :].lstrip(_EDGE) for word in openers if body.startswith(word)), body)
        body = next((body[: -len(word)].rstrip(_EDGE) for word in closers if body.endswith(word)), body)
        if not body:
            return text
        if body == before:
            return body


@dataclass(frozen=True)
class Lexicon:
    """What a city's editor adds to the room's own lists; :data:`PLAIN` adds nothing.

    Attributes:
        words: to be kept whole where they stand, such as the names of places and services.
        same: groups of words that mean the same; one that shares a word with a group of ``data/synonyms.txt``
            joins it.
    """

    words: tuple[str, ...] = ()
    same: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def segmenter(self) -> rjieba.Jieba:
        """The engine with the city's words; one of its own, because adding words changes an engine for everyone."""
        every = (*self.words, *(word for group in self.same for word in group))
        return _engine(frozenset(plain for word in every if (plain := normalise(word).strip())))

    @cached_property
    def groups(self) -> tuple[frozenset[str], ...]:
        """Groups of normalised words, the room's own first; no word stands in two."""
        groups: list[set[str]] = []
        for words in (*_shipped_groups(), *self.same):
            joined = {plain for word in words if (plain := normalise(word).strip())}
            apart = [group for group in groups if not group & joined]
            for group in groups:
                joined |= group if group & joined else set()
            groups = [*apart, joined]
        return tuple(frozenset(group) for group in groups)

    @cached_property
    def matcher(self) -> tuple[ahocorasick_rs.AhoCorasick, Codes]:
        """Finds the words of all groups; beside it, for each of its patterns, the code of the group.

        Codes of the city's groups leave room for :data:`EMPHASIS` of their kind and are marked by :data:`CITY`.
        """
        patterns, codes = [], []
        shipped = set(PLAIN.groups) if self.same else set(self.groups)
        for number, group in enumerate(self.groups):
            own = 0 if group in shipped else int(CITY)
            for word in sorted(group):
                patterns.append(word)
                codes.append((GROUP << 62) | own | number)
        kind = ahocorasick_rs.MatchKind.LeftmostLongest
        return ahocorasick_rs.AhoCorasick(patterns, matchkind=kind), np.array(codes, np.uint64)


@lru_cache(maxsize=4)
def _engine(words: frozenset[str]) -> rjieba.Jieba:
    """A segmenter that knows some words besides its own; shared, because each takes some 50 MB and 0.1 s."""
    engine = rjieba.Jieba()
    for word in sorted(words):
        engine.add_word(word, None, None)
    return engine


@cache
def _shipped_groups() -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in lines("synonyms"))


PLAIN = Lexicon()
"""The room's own lists and nothing more."""


def segment(text: str, lexicon: Lexicon = PLAIN) -> list[str]:
    """Words of a normalised text, in order and without a gap: their lengths add up to the text's.

    The one place that names an engine; index and question must be cut by the same.
    """
    words: list[str] = lexicon.segmenter.cut(text)
    return words


def tagged(text: str, lexicon: Lexicon = PLAIN) -> list[tuple[str, str]]:
    """The same words, each with its kind as the engine calls it: n for a noun, v for a verb."""
    words: list[tuple[str, str]] = lexicon.segmenter.tag(text)
    return words


def passages(body: str) -> list[str]:
    """A normalised body in stretches of some :data:`PASSAGE` characters that end where a sentence does."""
    out, current = [], ""
    for piece in _sentences(body):
        if current and len(current) + len(piece) > PASSAGE:
            out.append(current)
            current = ""
        current += piece
    return [*out, current] if current.strip() else out


def _sentences(body: str) -> Iterable[str]:
    """Sentences with their marks; one longer than two passages is cut where it stands."""
    start = 0
    for at, char in enumerate(body):
        if char in "。!?;\n" or at - start >= 2 * PASSAGE:
            yield body[start : at + 1]
            start = at + 1
    yield body[start:]


@cache
def _classes() -> npt.NDArray[np.uint8]:
    """What each code point is: 0 nothing, 1 a token by itself, 2 letter, 3 digit (runs of 2 or 3 are one token)."""
    table = np.zeros(0x110000, np.uint8)
    for point in range(0x3400):
        char = chr(point)
        if char.isalnum():
            table[point] = _DIGIT if char.isdecimal() else _LETTER if point < 0x3000 else _SINGLE
    for first, beyond in (
        (0x3400, 0x4DC0),
        (0x4E00, 0xA4D0),
        (0xAC00, 0xD7A4),
        (0xF900, 0xFB00),
        (0x20000, 0x33480),
    ):
        table[first:beyond] = _SINGLE
    return table


def _tag(codes: Codes, kind: int) -> Codes:
    """Codes of one kind from any 64 bits: stirred, because the kind takes the two highest."""
    stirred = codes ^ (codes >> np.uint64(29))
    stirred = (stirred * _MIX_LEFT) & _BODY
    tagged: Codes = stirred | (np.uint64(kind) << KIND_SHIFT)
    return tagged


def extract(texts: Sequence[str], lexicon: Lexicon = PLAIN) -> Terms:
    """The terms of several normalised texts, in stretches of :data:`STRETCH` characters to bound memory.

    Args:
        texts: as :func:`normalise` leaves them; a line end in a text is a space.
        lexicon: what the city's editor adds; the same for index and question.
    """
    parts: list[Terms] = []
    start = size = 0
    for at, text in enumerate(texts):
        size += len(text) + 1
        if size > STRETCH or at == len(texts) - 1:
            part = _extract([one.replace("\n", " ") for one in texts[start : at + 1]], lexicon)
            parts.append(Terms(part.codes, part.rows + np.int32(start)))
            start, size = at + 1, 0
    if not parts:
        return Terms(np.zeros(0, np.uint64), np.zeros(0, np.int32))
    return Terms(
        np.concatenate([part.codes for part in parts]), np.concatenate([part.rows for part in parts])
    )


@dataclass(frozen=True)
class _Joined:
    """Texts as one, a line each, and the hash of any stretch of it by one subtraction.

    A prefix sum of c_k * B^k makes that; B^-i makes it independent of place.
    """

    text: str
    points: npt.NDArray[np.uint32]
    prefix: Codes
    back: Codes

    @staticmethod
    def of(texts: Sequence[str]) -> "_Joined":
        text = "\n".join(texts)
        points = np.frombuffer(text.encode("utf-32-le", "replace"), np.uint32)
        with np.errstate(over="ignore"):
            ahead, back = (_powers(base, len(points)) for base in (int(_BASE), pow(int(_BASE), -1, 1 << 64)))
            sums = np.cumsum(points.astype(np.uint64) * ahead, dtype=np.uint64)
        return _Joined(text, points, np.concatenate(([np.uint64(0)], sums)), back)

    def hashed(self, starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64]) -> Codes:
        """A number for each stretch, the same for the same characters wherever they stand."""
        with np.errstate(over="ignore"):
            found: Codes = (self.prefix[ends] - self.prefix[starts]) * self.back[starts]
        return found

    def lines(self) -> Rows:
        """For each character the number of its text."""
        return np.cumsum(self.points == ord("\n"), dtype=np.int32)

    def words(self, lexicon: Lexicon) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Where words begin and end, signs and line ends among them."""
        lengths = np.fromiter(map(len, segment(self.text, lexicon)), np.int64)
        ends = np.cumsum(lengths)
        return ends - lengths, ends


def _powers(base: int, count: int) -> Codes:
    """The powers of a number from the nought-th on, modulo 2^64."""
    factors = np.full(count, np.uint64(base))
    factors[:1] = 1
    return np.cumprod(factors, dtype=np.uint64)


def _extract(texts: Sequence[str], lexicon: Lexicon) -> Terms:
    """The same for one stretch; numpy does all texts at once, so a batch costs little more than one."""
    joined = _Joined.of(texts)
    if not joined.text:
        return Terms(np.zeros(0, np.uint64), np.zeros(0, np.int32))
    line, kinds = joined.lines(), _classes()[joined.points]
    run_goes_on = np.zeros(len(kinds), bool)
    run_goes_on[1:] = (kinds[1:] == kinds[:-1]) & (kinds[1:] >= _LETTER)
    starts = np.flatnonzero((kinds > 0) & ~run_goes_on)
    last = np.ones(len(kinds), bool)
    last[:-1] = ~run_goes_on[1:]
    ends = np.flatnonzero((kinds > 0) & last) + 1
    tokens = joined.hashed(starts, ends)
    neighbours = np.flatnonzero(ends[:-1] == starts[1:])

    word_starts, word_ends = joined.words(lexicon)
    inside = np.concatenate(([0], np.cumsum(kinds > 0)))
    whole = inside[word_ends] - inside[word_starts] == word_ends - word_starts
    several = np.concatenate(([0], np.cumsum((kinds > 0) & ~run_goes_on)))
    keep = whole & (several[word_ends] - several[word_starts] > 1)
    word_starts, word_ends = word_starts[keep], word_ends[keep]

    matcher, group_codes = lexicon.matcher
    found = matcher.find_matches_as_indexes(joined.text)
    which = np.array([match[0] for match in found], np.int64)
    where = np.array([match[1] for match in found], np.int64)
    groups, group_rows = _emphasised(group_codes[which], line[where])
    with np.errstate(over="ignore"):
        pairs = tokens[neighbours] * _MIX_RIGHT + tokens[neighbours + 1]
        words = joined.hashed(word_starts, word_ends)
        codes = np.concatenate((_tag(tokens, CHARACTER), _tag(pairs, PAIR), _tag(words, WORD), groups))
    rows = np.concatenate((line[starts], line[starts[neighbours]], line[word_starts], group_rows))
    return Terms(codes, rows.astype(np.int32))


def plainly(texts: Sequence[str], lexicon: Lexicon = PLAIN) -> Terms:
    """Every character and every word of several normalised texts, words of one character too, and nothing else.

    Args:
        texts: as :func:`normalise` leaves them; a line end in a text is a space.
        lexicon: as for :func:`extract`.
    """
    joined = _Joined.of([text.replace("\n", " ") for text in texts])
    if not joined.text:
        return Terms(np.zeros(0, np.uint64), np.zeros(0, np.int32))
    line, counts = joined.lines(), _classes()[joined.points] > 0
    characters = np.flatnonzero(counts)
    word_starts, word_ends = joined.words(lexicon)
    inside = np.concatenate(([0], np.cumsum(counts)))
    keep = inside[word_ends] > inside[word_starts]
    word_starts, word_ends = word_starts[keep], word_ends[keep]
    with np.errstate(over="ignore"):
        single = _tag(joined.hashed(characters, characters + 1), CHARACTER)
        words = _tag(joined.hashed(word_starts, word_ends), WORD)
    return Terms(np.concatenate((single, words)), np.concatenate((line[characters], line[word_starts])))


def pairs_of(left: Sequence[str], right: Sequence[str]) -> Codes:
    """The terms of pairs of single characters, as :func:`extract` gives them."""
    first, second = (np.array([ord(char) for char in chars], np.uint64) for chars in (left, right))
    with np.errstate(over="ignore"):
        return _tag(first * _MIX_RIGHT + second, PAIR)


def _emphasised(codes: Codes, rows: Rows) -> tuple[Codes, Rows]:
    """Groups found, those of the city's in as many terms as they count for."""
    own = np.flatnonzero(codes & CITY)
    more = [codes[own] | np.uint64(copy << 32) for copy in range(1, EMPHASIS)]
    return np.concatenate([codes, *more]), np.concatenate([rows, *[rows[own]] * len(more)])


def kind_of(codes: Codes) -> npt.NDArray[np.int64]:
    """CHARACTER, PAIR, WORD or GROUP for each code."""
    kinds: npt.NDArray[np.int64] = (codes >> KIND_SHIFT).astype(np.int64)
    return kinds
