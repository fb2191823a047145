"""The part of an entry's text that is quoted: the whole where it is short, else the stretch nearest to a question.

Whatever comes out stands in the body as it is, in one piece; nothing is joined, cut out or put in.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from faq import terms
from faq.index import Query
from faq.terms import PLAIN, Lexicon

LIMIT = 800
"""Characters of an answer at most: two screens of a telephone; a longer text is quoted in part with a link."""

FOCUS = 240
"""Characters up to which a stretch is filled with its neighbours, so that nobody reads a sentence without its own."""

HEADING = 40
"""A line up to this length without a full stop is a heading and stays with what follows it."""

STARTS = 200
"""Pieces from which a stretch may begin; more would cost a second in a table of 100,000 short lines."""

_STOP = re.compile("[。!?;！？；\n]")


@dataclass(frozen=True)
class Piece:
    """A sentence or a short paragraph by its place in the body."""

    start: int
    end: int


def whole(body: str) -> bool:
    """Whether a body is quoted as it is."""
    return len(body) <= LIMIT


def pieces(body: str) -> list[Piece]:
    """A body in lines; those longer than :data:`FOCUS` in sentences; what has no stop is cut at :data:`LIMIT`."""
    found: list[Piece] = []
    for line in re.finditer("[^\n]+", body):
        if not line[0].strip():
            continue
        if line.end() - line.start() <= FOCUS:
            found.append(Piece(line.start(), line.end()))
            continue
        start = line.start()
        for stop in _STOP.finditer(body, line.start(), line.end()):
            found += _cut(start, stop.end())
            start = stop.end()
        found += _cut(start, line.end())
    return found


def _cut(start: int, end: int) -> Iterable[Piece]:
    while start < end:
        yield Piece(start, min(end, start + LIMIT))
        start += LIMIT


def nearest(body: str, query: Query, lexicon: Lexicon = PLAIN) -> str:
    """The stretch of a long body that covers most of a question, its beginning where none covers any.

    Args:
        body: an entry's text.
        query: the question with the weights of its terms in this catalogue.
        lexicon: the city's words, as the query was cut by.

    Returns:
        The body itself where it has :data:`LIMIT` characters or fewer; else a part of it, in one piece.
    """
    if whole(body):
        return body
    parts = pieces(body)
    covers = _coverage([body[part.start : part.end] for part in parts], query, lexicon)
    if not any(covers):
        return _spread(body, parts, 0, 0, LIMIT)
    first, last = _best_run(parts, covers, query)
    return _spread(body, parts, first, last, FOCUS)


def _coverage(texts: Sequence[str], query: Query, lexicon: Lexicon) -> list[frozenset[int]]:
    """For each text, which of the question's terms stand in it."""
    found = terms.extract([terms.normalise(text) for text in texts], lexicon)
    place = np.searchsorted(query.codes, found.codes).clip(max=len(query.codes) - 1)
    hit = query.codes[place] == found.codes
    covers: list[set[int]] = [set() for _ in texts]
    for row, term in zip(found.rows[hit].tolist(), place[hit].tolist(), strict=True):
        covers[row].add(term)
    return [frozenset(one) for one in covers]


def _best_run(parts: Sequence[Piece], covers: Sequence[frozenset[int]], query: Query) -> tuple[int, int]:
    """The run of pieces within the limit that covers most, the shorter of two that cover alike."""
    weights = query.body_weights.tolist()
    own = [sum(weights[term] for term in one) for one in covers]
    starts = sorted((at for at, worth in enumerate(own) if worth), key=lambda at: -own[at])[:STARTS]
    best, chosen = -1.0, (0, 0)
    for first in sorted(starts):
        seen: set[int] = set()
        gained = 0.0
        for last in range(first, len(parts)):
            length = parts[last].end - parts[first].start
            if length > LIMIT:
                break
            gained += sum(weights[term] for term in covers[last] - seen)
            seen |= covers[last]
            # A character costs a little, so that far pieces join only for what they add.
            worth = gained * (1 - 0.25 * length / LIMIT)
            if worth > best:
                best, chosen = worth, (first, last)
    return chosen


def _spread(body: str, parts: Sequence[Piece], first: int, last: int, fill: int) -> str:
    """A run of pieces with its heading, and with what follows up to a length."""
    if first and _is_heading(body, parts[first - 1]) and parts[last].end - parts[first - 1].start <= LIMIT:
        first -= 1
    while last + 1 < len(parts) and parts[last + 1].end - parts[first].start <= fill:
        last += 1
    return body[parts[first].start : parts[last].end].strip()


def _is_heading(body: str, part: Piece) -> bool:
    text = body[part.start : part.end].strip()
    return len(text) <= HEADING and not text.endswith(("。", "；", "，", "、"))


def saying(body: str, wanted: Sequence[re.Pattern[str]]) -> str | None:
    """The part of a body that says something of a kind, for a question that leans on what was just quoted.

    Args:
        body: an entry's text.
        wanted: patterns over normalised text that must all stand in one piece.

    Returns:
        The piece with most of them, in one piece with neighbours that have them too; None where none has.
    """
    parts = pieces(body)
    plain = [terms.normalise(body[part.start : part.end]) for part in parts]
    counts = [
        sum(len(pattern.findall(text)) for pattern in wanted)
        if all(pattern.search(text) for pattern in wanted)
        else 0
        for text in plain
    ]
    if not any(counts):
        return None
    first = last = counts.index(max(counts))
    while first and counts[first - 1] and parts[last].end - parts[first - 1].start <= 2 * FOCUS:
        first -= 1
    while (
        last + 1 < len(parts) and counts[last + 1] and parts[last + 1].end - parts[first].start <= 2 * FOCUS
    ):
        last += 1
    return _spread(body, parts, first, last, 0)
