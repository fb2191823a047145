"""Slips of the pen: characters written for others that sound the same, and neighbours written in the wrong order.

A slip leaves its mark in pairs of characters: none of those it stands in occurs anywhere in the catalogue, while
all those with what was meant do. Only such places are looked at, so a question in the catalogue's own words is
never touched; and what is found is added to the question, not put in its place. Taking what fits one neighbour only
would mend more (multidev 1 to 2 points on homophones) and touch one clean question in nine instead of one in fifty.
"""

from collections.abc import Sequence

import numpy as np

from faq import terms
from faq.postings import Ints
from faq.sounds import Count, alike, readings

READ = 60
"""Characters of a question that are looked at; beyond that it has words enough without."""


def mended(text: str, count: Count) -> str:
    """A normalised question with the slips set right that the catalogue gives away.

    Args:
        text: as :func:`faq.terms.normalise` leaves it.
        count: for codes of terms, in how many texts of the catalogue each stands.

    Returns:
        The same text where there is no slip; always of the same length.
    """
    chars = list(text[:READ])
    seen = _pairs([chars], count)[0].tolist()
    at = 0
    while at < len(chars):
        found = _meant(chars, at, count) if not any(seen[max(at - 1, 0) : at + 1]) else ""
        if found:
            chars[at : at + len(found)] = found
            seen = _pairs([chars], count)[0].tolist()
        at += max(len(found), 1)
    return "".join(chars) + text[READ:]


def _pairs(rows: Sequence[Sequence[str]], count: Count) -> Ints:
    """For rows of equally many characters, how often each pair of neighbours stands in the catalogue."""
    left = [char for row in rows for char in row[:-1]]
    right = [char for row in rows for char in row[1:]]
    return count(terms.pairs_of(left, right)).reshape(len(rows), -1)


def _meant(chars: Sequence[str], at: int, count: Count) -> str:
    """What was meant at a place: one character, or two that changed places; empty where nothing is better."""
    before, this, after, beyond = (
        [char for char in chars[max(place, 0) : place + 1] if char in readings()]
        for place in range(at - 1, at + 3)
    )
    if not this or not (before or after):
        return ""
    others = [char for char in alike().get(readings()[chars[at]], ()) if char != chars[at]]
    meant, most = _likeliest([(*before, other, *after) for other in others], count)
    if after:
        swapped, worth = _likeliest([(*before, *after, *this, *beyond)], count)
        if worth > most:
            return "".join(swapped[len(before) : len(before) + 2])
    return "".join(meant[len(before) : len(before) + 1])


def _likeliest(rows: Sequence[Sequence[str]], count: Count) -> tuple[Sequence[str], float]:
    """The row whose pairs stand most often in the catalogue, and a measure of it; no row where none has all."""
    if not rows:
        return (), 0.0
    counts = _pairs(rows, count)
    worth = np.log1p(counts).mean(axis=1) * (counts > 0).all(axis=1)
    best = int(worth.argmax())
    return (rows[best], float(worth[best])) if worth[best] > 0 else ((), 0.0)
