"""The word lists: what is shipped, what the office adds or silences, and the cases that keep them honest.

Shipped words and cases are the data of ``interviews.words``; the office's are rows. A row with a shipped word's form
stands in its place, so that silencing one is a row too. Every process compiles the lists once, and again when any
process has changed them.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlmodel import Field, SQLModel, col

from base import audit
from base.columns import UtcDateTime
from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Person
from interviews import texts, words
from interviews.screening import DEFAULT_CALL, Flag, Word, WordClass, Words, screen
from interviews.words import form_of

WORD_LIMIT = 30
NOTE_LIMIT = 100
AT_ONCE = 20_000

_ELLIPSIS = re.compile(r"…+|\.{3,}|。{3,}")
_CALL = re.compile(r"(?<!\d)(?:110|119|120)(?!\d)")
_NAMED = 200
_BY_VALUE = {one.value: one for one in WordClass}


class SensitiveWord(SQLModel, table=True):
    """A word of the office, or its decision on a shipped one; never deleted, only made inactive.

    ``form`` is what is compared (加微信 and 加 微信 are one word). ``revision`` grows with every edit.
    """

    __tablename__ = "sensitive_word"

    id: int | None = Field(default=None, primary_key=True)
    word: str
    form: str = Field(unique=True)
    kind: str
    active: bool = True
    note: str | None = None
    added_by: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=UtcDateTime)
    revision: int = Field(index=True)


class WordCase(SQLModel, table=True):
    """A sentence of the office and the class it must be recognised as; ``None``: it must raise no flag."""

    __tablename__ = "word_case"

    id: int | None = Field(default=None, primary_key=True)
    text: str
    kind: str | None = None
    added_by: int | None = Field(default=None, foreign_key="person.id")
    at: datetime = Field(sa_type=UtcDateTime)


_STANDING = select(
    col(SensitiveWord.form),
    col(SensitiveWord.id),
    col(SensitiveWord.kind),
    col(SensitiveWord.active),
    col(SensitiveWord.note),
)


@dataclass(frozen=True)
class Entry:
    """A word as the page shows it; ``shipped`` ones can be silenced, all can be restored."""

    word: str
    kind: WordClass
    active: bool
    shipped: bool
    note: str | None = None
    added_by: str | None = None
    at: datetime | None = None


@dataclass(frozen=True)
class Case:
    """A sentence, what it must be recognised as, and what it is; ``id`` is ``None`` for a shipped one."""

    text: str
    expected: WordClass | None
    flags: tuple[Flag, ...]
    id: int | None

    @property
    def right(self) -> bool:
        """Whether the lists do with the sentence what they must."""
        if self.expected is None:
            return not self.flags
        return any(flag.kind == self.expected for flag in self.flags)


@dataclass(frozen=True)
class Added:
    """What adding words came to: new ones, those that changed class or came back, those that were there."""

    added: int
    changed: int
    known: int


# Reading


async def entries(uow: UnitOfWork) -> list[Entry]:
    """All words, shipped and the office's, active and silenced."""
    query = (
        select(
            col(SensitiveWord.form),
            col(SensitiveWord.word),
            col(SensitiveWord.kind),
            col(SensitiveWord.active),
            col(SensitiveWord.note),
            col(Person.display_name),
            col(SensitiveWord.at),
        )
        .outerjoin(Person, col(Person.id) == col(SensitiveWord.added_by))
        .order_by(col(SensitiveWord.id))
    )
    ours = words.by_form()
    found = {form: Entry(word.text, word.kind, True, True) for form, word in ours.items()}
    for form, text, kind, active, note, name, when in await uow.db.execute(query):
        found[form] = Entry(text, _BY_VALUE[kind], active, form in ours, note, name, when)
    return list(found.values())


async def compiled(uow: UnitOfWork) -> Words:
    """The active words as this unit of work sees them, its own edits among them."""
    query = select(
        col(SensitiveWord.form),
        col(SensitiveWord.word),
        col(SensitiveWord.kind),
        col(SensitiveWord.active),
        col(SensitiveWord.note),
    )
    found = dict(words.by_form())
    for form, text, kind, active, note in await uow.db.execute(query):
        before = found.pop(form, None)
        if active:
            found[form] = Word(text, WordClass(kind), _call(note, before))
    # Ten thousand words take a tenth of a second; others need not wait for them.
    return await asyncio.to_thread(Words, found.values())


def _call(note: str | None, before: Word | None) -> str:
    """The numbers to call: those in the office's note, else as shipped."""
    named = _CALL.findall(note or "")
    return "、".join(named) if named else before.call if before else DEFAULT_CALL


_compiled: dict[str, tuple[int, Words]] = {}


async def current(uow: UnitOfWork) -> Words:
    """The active words, compiled once in a process and again when any process has changed them.

    Not for a unit of work that has edited words itself: what may still be rolled back would stay. It asks
    ``compiled``.
    """
    newest = await uow.db.scalar(select(func.max(col(SensitiveWord.revision)))) or 0
    where = str(uow.db.get_bind().engine.url)
    kept = _compiled.get(where)
    if kept is None or kept[0] != newest:
        if len(_compiled) > 7:
            _compiled.clear()
        kept = _compiled[where] = (newest, await compiled(uow))
    return kept[1]


async def check(uow: UnitOfWork) -> list[Case]:
    """Every case, shipped and the office's, with what the lists make of it now; those that fail first."""
    present = await compiled(uow)
    sentences: list[tuple[str, WordClass | None, int | None]] = [
        (text, kind, None) for text, kind in words.cases()
    ]
    rows = await uow.db.scalars(select(WordCase).order_by(col(WordCase.id)))
    sentences += [(one.text, WordClass(one.kind) if one.kind else None, one.id) for one in rows]
    cases = [Case(text, kind, screen(text, present).flags, number) for text, kind, number in sentences]
    return sorted(cases, key=lambda case: (case.right, case.id is None))


async def failing(uow: UnitOfWork) -> int:
    """How many cases the lists fail now."""
    return sum(not case.right for case in await check(uow))


# Editing


async def add(uow: UnitOfWork, kind: WordClass, typed: Sequence[str], note: str | None = None) -> Added:
    """Add words to a class; one that is there already changes its class or comes back.

    Args:
        uow: the office's unit of work.
        kind: any class but personal data, which has no words.
        typed: the words as they were typed; empty ones are passed over.
        note: why; in the class ``emergency`` it may name the numbers to call.

    Raises:
        Refusal: ``word.class``; ``word.none``; ``word.short`` for a word of one character, which would flag half
            of all questions; ``word.gap`` for a gap at its edge; ``text.too_long``; ``word.many``.
    """
    if kind is WordClass.PERSONAL_DATA:
        raise Refusal("word.class", "个人信息按号码的样子认，没有词表。请选别的归类。", status=400)
    wanted = _wanted(typed)
    said = texts.clean_line(note, NOTE_LIMIT, "备注")
    revision = await _edit(uow, "words.add", kind=kind.value, **_named(wanted.values()))
    told = {"kind": kind, "active": True, "note": said}
    by = {"added_by": uow.actor.person_id, "at": uow.now, "revision": revision}
    there = {form: more for form, *more in await uow.db.execute(_STANDING)}
    fresh, turned, known, changed = [], [], 0, 0
    for form, word in wanted.items():
        ours = words.by_form().get(form)
        if form in there:
            row_id, its_kind, active, its_note = there[form]
            if active and its_kind == kind and said in (None, its_note):
                known += 1
            else:
                turned.append(told | by | {"id": row_id, "note": said or its_note})
        elif ours is not None and ours.kind is kind and said is None:
            known += 1
        else:
            changed += ours is not None
            fresh.append(told | by | {"word": word, "form": form})
    if fresh:
        await uow.db.execute(insert(SensitiveWord), fresh)
    if turned:
        await uow.db.execute(update(SensitiveWord), turned)
    return Added(len(fresh) - changed, len(turned) + changed, known)


def _wanted(lines: Sequence[str]) -> dict[str, str]:
    """The words that were meant, once for each form."""
    if len(lines) > AT_ONCE:
        raise Refusal("word.many", f"一次最多加{AT_ONCE}个词。请分几次加。", status=400)
    found: dict[str, str] = {}
    for typed in lines:
        word = texts.clean_line(_ELLIPSIS.sub("…", typed), WORD_LIMIT, f"词“{typed.strip()[:10]}”")
        if word is None:
            continue
        if word.startswith("…") or word.endswith("…"):
            raise Refusal("word.gap", f"词“{word}”的省略号在头上或者末尾。请写在两段话的中间。", status=400)
        form = form_of(word)
        if any(len(part) < 2 for part in form.split("…")[:1]):
            raise Refusal("word.short", f"词“{word}”太短，会提示太多。请写两个字以上。", status=400)
        found.setdefault(form, word)
    if not found:
        raise Refusal("word.none", "词还没有写。请一行写一个再交。", status=400)
    return found


async def drop(uow: UnitOfWork, word: str) -> str:
    """Silence a word, shipped or the office's; it stays in the list and can be restored. Gives the word back.

    Raises:
        Refusal: ``not_found``.
    """
    return await _turn(uow, "words.drop", word, active=False)


async def restore(uow: UnitOfWork, word: str) -> str:
    """Let a silenced word count again. Gives the word back.

    Raises:
        Refusal: ``not_found``.
    """
    return await _turn(uow, "words.restore", word, active=True)


async def _turn(uow: UnitOfWork, act: str, word: str, *, active: bool) -> str:
    form = form_of(_ELLIPSIS.sub("…", word))
    ours = words.by_form().get(form)
    row = (await uow.db.scalars(select(SensitiveWord).where(col(SensitiveWord.form) == form))).one_or_none()
    if row is None and ours is not None:
        row = SensitiveWord(word=ours.text, form=form, kind=ours.kind, at=uow.now, revision=0)
    if row is None:
        raise missing("这个词")
    if active != row.active:
        row.revision = await _edit(uow, act, word=row.word)
        row.active, row.at, row.added_by = active, uow.now, uow.actor.person_id
        uow.db.add(row)
        await uow.db.flush()
    return row.word


async def add_case(uow: UnitOfWork, text: str, kind: WordClass | None) -> WordCase:
    """Keep a sentence and what it must be recognised as; a known one gets the new expectation.

    Raises:
        Refusal: unusable text; ``word.class`` for ``harmless``, which raises no flag.
    """
    if kind is WordClass.HARMLESS:
        raise Refusal("word.class", "“不提示”的例句，请在归类里选“不该有提示”。", status=400)
    said = texts.clean(text, texts.QUESTION_LIMIT, "例句")
    await audit.note(uow, "word.case.add", "words", text=audit.text_digest(said), kind=kind)
    case = (await uow.db.scalars(select(WordCase).where(col(WordCase.text) == said))).first()
    if case is None:
        case = WordCase(text=said, at=uow.now)
        uow.db.add(case)
    case.kind, case.added_by, case.at = kind, uow.actor.person_id, uow.now
    await uow.db.flush()
    return case


async def drop_case(uow: UnitOfWork, case_id: int) -> None:
    """Take one of the office's sentences away; the shipped ones stay.

    Raises:
        Refusal: ``not_found``.
    """
    case = await uow.db.get(WordCase, case_id)
    if case is None:
        raise missing("这个例句")
    await audit.note(uow, "word.case.drop", "words", text=audit.text_digest(case.text), kind=case.kind)
    await uow.db.delete(case)
    await uow.db.flush()


async def _edit(uow: UnitOfWork, act: str, **detail: Any) -> int:
    """Note an edit and number it.

    The audit's head is locked until the commit, so numbers grow in the order of the commits and no process that
    has seen one can miss an earlier one.
    """
    await audit.note(uow, act, "words", **detail)
    await uow.db.flush()
    return int(await uow.db.scalar(select(func.max(col(SensitiveWord.revision)))) or 0) + 1


def _named(words: Iterable[str]) -> dict[str, Any]:
    """Words for the audit: all of a few, of many the first, their number and their digest."""
    named = list(words)
    return {"words": named[:_NAMED], "count": len(named), "digest": audit.text_digest("\n".join(named))}
