"""What draws a question to the moderator's eye: words of the lists by class, and personal data, found and masked.

Pure: a text and the compiled words go in, the masked text and the flags come out. Text and words are read in one
form: NFKC, simplified script, no case, without whatever stands between the characters of a word (加-微*信).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import ahocorasick_rs
from opencc import OpenCC

from interviews import personal_data

MASK = "＊"


class WordClass(StrEnum):
    """Why a text is flagged, the most urgent first; ``harmless`` holds phrases in which a word means nothing."""

    EMERGENCY = "emergency"
    PERSONAL_DATA = "personal_data"
    UNLAWFUL = "unlawful"
    ABUSE = "abuse"
    ADVERTISING = "advertising"
    PETITION = "petition"
    WATCH = "watch"
    HARMLESS = "harmless"


CLASS_WORDS = {
    WordClass.EMERGENCY: "危急求助",
    WordClass.PERSONAL_DATA: "个人信息",
    WordClass.UNLAWFUL: "违法信息",
    WordClass.ABUSE: "辱骂",
    WordClass.ADVERTISING: "广告",
    WordClass.PETITION: "信访举报",
    WordClass.WATCH: "需留意",
    WordClass.HARMLESS: "不提示",
}
LISTED = tuple(one for one in WordClass if one is not WordClass.PERSONAL_DATA)
"""Classes that have words; personal data is found by its form."""

DEFAULT_CALL = "110"

_WHY = {
    WordClass.UNLAWFUL: "像是违法信息，有{}。",
    WordClass.ABUSE: "像是辱骂，有{}。",
    WordClass.ADVERTISING: "像是广告，有{}。",
    WordClass.PETITION: "像是信访或者举报，有{}。归别的部门办的请转走，不要不公开。",
    WordClass.WATCH: "需要留意，有{}。",
}
_CALLS = {"110": "110（报警）", "119": "119（火警）", "120": "120（急救）"}

# 「代办…包过」: at most this many characters stand where the ellipsis is.
_REACH = 6
_SHOWN = 3
# Comparing all with all took 12 ms for a text made of nothing but listed words.
_COMPARED = 30
_STOPS = frozenset('，,、。．.！!？?；;：:\n（）()《》“”"')


@dataclass(frozen=True)
class Word:
    """A word of a list.

    Attributes:
        text: as the list writes it; ``…`` in it stands for up to six characters of any kind.
        kind: its class.
        call: for the class ``emergency``: the numbers to call, such as ``110、120``.
    """

    text: str
    kind: WordClass
    call: str = DEFAULT_CALL


@dataclass(frozen=True)
class Hit:
    """A word found in a text, from ``start`` up to ``end`` in the text as it was written."""

    word: Word
    start: int
    end: int


@dataclass(frozen=True)
class Flag:
    """Why a question was drawn to the moderator's eye: a class and, in words, what was found."""

    kind: str
    why: str

    def to_dict(self) -> dict[str, str]:
        """As stored with the question and shown on the console."""
        return {"kind": self.kind, "why": self.why}


@dataclass(frozen=True)
class Screened:
    """The text with personal data masked, why it needs a look, and where the words stand in it."""

    text: str
    flags: tuple[Flag, ...]
    hits: tuple[Hit, ...] = ()


# One form for text and words


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


class _Folds(dict[str, str]):
    """What a character is compared as; nothing for spaces, marks and what cannot be seen."""

    def __missing__(self, char: str) -> str:
        folded = _folded(char)
        if len(self) < 30_000:
            self[char] = folded
        return folded


def _folded(char: str) -> str:
    plain = unicodedata.normalize("NFKC", char).casefold()
    if not plain.isascii():
        plain = _converter().convert(plain)
    return "".join(one for one in plain if unicodedata.category(one)[0] in "LN")


_FOLDS = _Folds()


def fold(text: str) -> str:
    """A text in the form in which words are compared; two words with one form are one word."""
    return "".join([_FOLDS[char] for char in text])


def _with_places(text: str) -> tuple[str, list[int]]:
    folded: list[str] = []
    places: list[int] = []
    for place, char in enumerate(text):
        one = _FOLDS[char]
        if one:
            folded.append(one)
            places.extend([place] * len(one))
    return "".join(folded), places


# The words, compiled


class Words:
    """Words compiled for searching: ten thousand of them cost a text no more than ten.

    Args:
        words: of all classes; of two with one folded form the later counts.
    """

    def __init__(self, words: Iterable[Word] = ()) -> None:
        self._heads: dict[str, list[tuple[Word, tuple[str, ...]]]] = {}
        by_form: dict[tuple[str, ...], Word] = {}
        for word in words:
            parts = tuple(part for part in (fold(part) for part in word.text.split("…")) if part)
            if parts:
                by_form[parts] = word
        for parts, word in by_form.items():
            self._heads.setdefault(parts[0], []).append((word, parts[1:]))
        self._patterns = list(self._heads)
        self._search = ahocorasick_rs.AhoCorasick(self._patterns) if self._patterns else None

    def find(self, text: str) -> list[Hit]:
        """The words in a text, in its order; none that stands within a harmless phrase."""
        if self._search is None:
            return []
        folded, places = _with_places(text)
        found: list[Hit] = []
        for index, start, end in self._search.find_matches_as_indexes(folded, overlapping=True):
            for word, rest in self._heads[self._patterns[index]]:
                last = _reach(folded, end, rest)
                if last and _stands_alone(text, folded, places, start, last, bool(rest)):
                    found.append(Hit(word, places[start], places[last - 1] + 1))
        harmless = [hit for hit in found if hit.word.kind is WordClass.HARMLESS]
        kept = [hit for hit in found if hit.word.kind is not WordClass.HARMLESS]
        return sorted(
            (hit for hit in kept if not any(_within(hit, other) for other in harmless)),
            key=lambda hit: (hit.start, -hit.end),
        )


def _within(hit: Hit, other: Hit) -> bool:
    return other.start <= hit.start and hit.end <= other.end


def _reach(folded: str, end: int, rest: Sequence[str]) -> int:
    """Where a word with gaps ends, 0 where the rest of it does not follow in time."""
    for part in rest:
        place = folded.find(part, end, end + _REACH + len(part))
        if place < 0:
            return 0
        end = place + len(part)
    return end


def _stands_alone(text: str, folded: str, places: list[int], start: int, end: int, gaps: bool) -> bool:
    """Whether a hit is a word of its own: not the middle of a Latin word or of a number, not across clauses.

    「来自，杀价」 is no word. But where every character is kept apart, a comma is only another disguise.
    """
    latin = folded[start:end].isascii()
    if latin and (_joined(folded, places, start - 1) or _joined(folded, places, end - 1)):
        return False
    if gaps or places[end - 1] - places[start] == end - 1 - start:
        return True
    between = [text[places[at] + 1 : places[at + 1]] for at in range(start, end - 1)]
    if len(between) > 1 and all(between):
        return True
    return not any(_STOPS.intersection(gap) for gap in between)


def _joined(folded: str, places: list[int], left: int) -> bool:
    """Whether a character and the next belong to one Latin word or one number."""
    if left < 0 or left + 1 >= len(folded) or places[left + 1] - places[left] > 1:
        return False
    one, other = folded[left], folded[left + 1]
    if not (one.isascii() and other.isascii()):
        return False
    return (one.isalpha() and other.isalpha()) or (one.isdigit() and other.isdigit())


NO_WORDS = Words()

_PLUS = re.compile(r"[+＋➕]\s*(?=微信|薇信|v信|vx|wx|q)", re.IGNORECASE)


# Screening


def screen(text: str, words: Words = NO_WORDS) -> Screened:
    """Mask personal data, and say in words why a moderator should look.

    Args:
        text: as the citizen wrote it; whatever is not masked stays so.
        words: the compiled lists; without them only personal data is looked for.

    Returns:
        The masked text, at most one flag for each class, the most urgent first, and the words' places.
    """
    marks = list(text)
    found = personal_data.find(text)
    for one in found:
        marks[one.shown : one.end] = MASK * (one.end - one.shown)
    # 「+微信」 is read as 「加微信」; the sign itself is one character, so that places stay.
    hits = words.find(_PLUS.sub(lambda sign: "加".ljust(len(sign[0])), text))
    return Screened("".join(marks), _flags(hits, found), tuple(hits))


def with_nickname(question: Screened, nickname: Screened) -> tuple[Flag, ...]:
    """The flags of a question and of its asker's nickname, one for each class; the question's own come first."""
    kinds = {flag.kind for flag in question.flags}
    more = [Flag(flag.kind, f"称呼里{flag.why}") for flag in nickname.flags if flag.kind not in kinds]
    order = list(WordClass)
    return tuple(sorted((*question.flags, *more), key=lambda flag: order.index(WordClass(flag.kind))))


def _flags(hits: Sequence[Hit], found: Sequence[personal_data.Found]) -> tuple[Flag, ...]:
    flags: list[Flag] = []
    for kind in WordClass:
        if kind is WordClass.PERSONAL_DATA:
            if found:
                what = "、".join(dict.fromkeys(one.what for one in found))
                flags.append(Flag(kind.value, f"有{what}，已遮盖。"))
            continue
        words = _longest([hit.word for hit in hits if hit.word.kind is kind])
        if words:
            flags.append(Flag(kind.value, _why(kind, words)))
    return tuple(flags)


def _longest(words: Sequence[Word]) -> list[Word]:
    """Each word once, without those that are part of another one found."""
    once = list(dict.fromkeys(words))
    if len(once) > _COMPARED:
        return once
    return [
        one for one in once if not any(one.text != other.text and one.text in other.text for other in once)
    ]


def _why(kind: WordClass, words: Sequence[Word]) -> str:
    named = "".join(f"“{word.text}”" for word in words[:_SHOWN])
    if len(words) > _SHOWN:
        named += f"等{len(words)}个词"
    if kind is not WordClass.EMERGENCY:
        return _WHY[kind].format(named)
    numbers = sorted({number for word in words for number in _CALLS if number in word.call} or {DEFAULT_CALL})
    calls = "、".join(_CALLS[number] for number in numbers)
    return f"可能有人有危险，有{named}。请马上看，情况紧急的拨打{calls}。"
