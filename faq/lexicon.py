"""The city's own words: what the editor adds to the room's lists, and the names of the city's bodies.

A line either keeps words whole (「惠企通」) or says that several mean the same (「市民卡」「社保卡」). Adding, changing
or removing one raises the lexicon's version; every index in use is then built again beside the old one, because
entries and questions must be cut alike.
"""

from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import note
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Body, Role
from faq import library, terms
from faq.models import LexiconLine
from faq.terms import Lexicon

EDITORS = frozenset({Role.EDITOR, Role.OFFICE})

WORD_SHORTEST, WORD_LONGEST = 2, 40
"""Characters of a word; a single character would mean the same nearly everywhere."""

WORDS_ON_A_LINE = 20
LINES = 5_000

Mark = tuple[int, int]
"""What an index compares to know whether its lexicon is still the city's: version of the lines, latest body."""


class LineKind(StrEnum):
    """What a line says of its words."""

    WORDS = "words"
    SAME = "same"


async def lines(db: AsyncSession) -> list[LexiconLine]:
    """All lines, the latest changed first."""
    order = (col(LexiconLine.changed_at).desc(), col(LexiconLine.id).desc())
    return list(await db.scalars(select(LexiconLine).order_by(*order)))


async def mark(db: AsyncSession) -> Mark:
    """The mark of the present lexicon; :func:`current` gives it with the lexicon."""
    latest = await db.scalar(select(func.max(col(Body.id))))
    state = await library.state(db)
    return (state.lexicon_version if state else 0, latest or 0)


async def current(db: AsyncSession) -> tuple[Mark, Lexicon]:
    """The lexicon of the city as this transaction sees it, names and short names of its bodies included."""
    at = await mark(db)
    kept = await lines(db)
    words = [word for line in kept if line.kind == LineKind.WORDS for word in line.words]
    same = [tuple(line.words) for line in reversed(kept) if line.kind == LineKind.SAME]
    names = await db.execute(select(col(Body.name), col(Body.short_name)).order_by(col(Body.id)))
    bodies = [(name, short) for name, short in names if len(short) >= WORD_SHORTEST and short != name]
    return at, Lexicon(tuple(sorted(words)), (*same, *bodies))


async def add(uow: UnitOfWork, kind: str, words: Sequence[str]) -> LexiconLine:
    """Add a line.

    Args:
        uow: the editor's.
        kind: ``words`` or ``same``.
        words: as typed, 2 to 40 characters each; of ``same`` at least two.

    Raises:
        Refusal: ``lexicon.kind``, ``lexicon.word``, ``lexicon.few``, ``lexicon.known``, ``lexicon.full``; the actor
            may not.
    """
    _must_edit(uow)
    known = await lines(uow.db)
    if len(known) >= LINES:
        raise Refusal("lexicon.full", f"词表已有{LINES}行。请先删去不用的。")
    line = LexiconLine(
        kind=_kind(kind), words=_words(kind, words), author_name=uow.actor.name, changed_at=uow.now
    )
    _must_be_new(line, known)
    uow.db.add(line)
    await _changed(uow, "lexicon.add", line)
    return line


async def change(uow: UnitOfWork, line_id: int, words: Sequence[str]) -> LexiconLine:
    """Give a line other words; its kind stays.

    Raises:
        Refusal: as :func:`add`; ``not_found``.
    """
    _must_edit(uow)
    line = await find_line(uow.db, line_id)
    proposed = LexiconLine(
        kind=line.kind, words=_words(line.kind, words), author_name=uow.actor.name, changed_at=uow.now
    )
    _must_be_new(proposed, [one for one in await lines(uow.db) if one.id != line.id])
    line.words, line.author_name, line.changed_at = proposed.words, uow.actor.name, uow.now
    await _changed(uow, "lexicon.change", line)
    return line


async def remove(uow: UnitOfWork, line_id: int) -> None:
    """Take a line out.

    Raises:
        Refusal: ``not_found``; the actor may not.
    """
    _must_edit(uow)
    line = await find_line(uow.db, line_id)
    await uow.db.delete(line)
    await _changed(uow, "lexicon.remove", line)


def _must_edit(uow: UnitOfWork) -> None:
    if uow.actor.role not in EDITORS:
        raise forbidden()


async def find_line(db: AsyncSession, line_id: int) -> LexiconLine:
    """One line.

    Raises:
        Refusal: ``not_found``.
    """
    found = await db.get(LexiconLine, line_id) if 0 < line_id < 2**63 else None
    if found is None:
        raise missing("这一行词")
    return found


async def _changed(uow: UnitOfWork, act: str, line: LexiconLine) -> None:
    state = await library.locked_state(uow)
    state.lexicon_version += 1
    await uow.db.flush()
    await note(uow, act, f"lexicon:{line.id}", kind=line.kind, words=line.words)


def _kind(kind: str) -> LineKind:
    if kind not in set(LineKind):
        raise Refusal("lexicon.kind", "请选这一行是整词还是同义词。", status=400)
    return LineKind(kind)


def _words(kind: str, words: Sequence[str]) -> list[str]:
    """Words as they are kept: trimmed, no two alike after normalisation."""
    kept: dict[str, str] = {}
    for word in (word.strip() for word in words):
        plain = terms.normalise(word).strip()
        if plain:
            kept.setdefault(plain, word)
    for plain, word in kept.items():
        if not WORD_SHORTEST <= len(plain) <= WORD_LONGEST or not any(char.isalnum() for char in plain):
            text = f"“{word[:WORD_LONGEST]}”不能用。每个词{WORD_SHORTEST}到{WORD_LONGEST}个字，要有汉字、字母或数字。"
            raise Refusal("lexicon.word", text, status=400)
    fewest = 2 if _kind(kind) is LineKind.SAME else 1
    if len(kept) < fewest:
        text = "同义词一行至少要两个不同的词，用空格或换行隔开。" if fewest > 1 else "请至少写一个词。"
        raise Refusal("lexicon.few", text, status=400)
    if len(kept) > WORDS_ON_A_LINE:
        raise Refusal("lexicon.many", f"一行最多{WORDS_ON_A_LINE}个词。请分成几行。", status=400)
    return list(kept.values())


def _must_be_new(line: LexiconLine, known: Sequence[LexiconLine]) -> None:
    """A word stands on one line of a kind, so that nobody looks for it in two places."""
    proposed = {terms.normalise(word) for word in line.words}
    for other in known:
        both = proposed & {terms.normalise(word) for word in other.words}
        if other.kind == line.kind and both:
            shown = "、".join(sorted(both))
            rest = " ".join(other.words)
            raise Refusal("lexicon.known", f"“{shown}”已经在这一行里：{rest}。请改那一行。")
