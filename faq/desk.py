"""The desk itself: a citizen asks, an entry answers, or somebody is asked to come.

The index lives in memory and follows the catalogue: before a question is answered the version in the database is
compared, and entries changed since are taken in or out. Several processes agree because each looks for itself.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import missing
from faq import doors
from faq.engine import Engine, Found
from faq.index import Document, Key
from faq.judgement import Calibration, Judgement, Outcome, Reason
from faq.models import Ask, CatalogEntry, CatalogState, EntryStatus
from interviews.screening import screen
from interviews.texts import clean, clean_line

EXITS = ("human", "next_interview")
TEXT_LIMIT = 2_000
FEEDBACK_LIMIT = 500
CONVERSATION_LIMIT = 200
TALK_LASTS = timedelta(minutes=30)
"""After this long a new question starts afresh."""

DRIFT = 0.02
"""Share of entries changed since the last calibration from which a new one is made."""

FEW = 200
"""Changed entries up to which the index in use is changed; more are indexed beside it, off the event loop."""

_FOLLOW_UP = re.compile(
    "^(那|还|另外|它|这个|这件|这|然后|接着|要|需要|具体|带|材料|多久|多少|在哪|去哪|到哪|什么时候|怎么)"
)
_FOLLOW_UP_LENGTH = 24


@dataclass(frozen=True)
class Source:
    """Where an answer is from: one published entry, with its own words.

    Raises:
        ValueError: the entry has no number, no title or no text of its own.
    """

    entry: int
    index_no: str
    title: str
    issuer: str
    published_on: date | None
    in_force: bool
    body: str

    def __post_init__(self) -> None:
        if not (self.entry > 0 and self.index_no and self.title and self.body.strip()):
            raise ValueError("a source is a numbered entry with a text")

    @staticmethod
    def of(entry: CatalogEntry) -> "Source":
        """The source that a published entry is."""
        return Source(
            entry.id or 0,
            entry.index_no,
            entry.title,
            entry.issuer,
            entry.published_on,
            entry.in_force,
            entry.body,
        )

    def as_dict(self) -> dict[str, object]:
        """As the contract's answer object has it."""
        return {
            "entry": self.entry,
            "index_no": self.index_no,
            "title": self.title,
            "issuer": self.issuer,
            "published_on": self.published_on.isoformat() if self.published_on else None,
            "in_force": self.in_force,
            "url": f"/faq/entries/{self.entry}",
        }


@dataclass(frozen=True)
class Answer:
    """An answer: an entry's own text with its source. Without a source there is none.

    Raises:
        ValueError: no source, or a text that is not word for word a source's.
    """

    text: str
    sources: tuple[Source, ...]

    def __post_init__(self) -> None:
        if not self.sources:
            raise ValueError("an answer without a source cannot be constructed")
        if all(self.text != source.body for source in self.sources):
            raise ValueError("an answer says what its source says, and nothing else")


@dataclass
class Desk:
    """Answers from the published catalogue and from nothing else; one for a process."""

    _engine: Engine = field(default_factory=Engine)
    _documents: dict[Key, Document] = field(default_factory=dict)
    _silent_from: dict[Key, date] = field(default_factory=dict)
    _version: int = 0
    _drift: int = 0
    _calibrated: bool = False
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _learning: asyncio.Task[None] | None = None

    async def prepare(self, uow: UnitOfWork) -> None:
        """Read the catalogue and calibrate at once, for the start of a process; keeps the calibration."""
        await self._follow(uow.db)
        if self._learning is not None:
            await self._learning
        await self._keep_calibration(uow)

    async def ask(self, uow: UnitOfWork, text: str, conversation: str | None = None) -> dict[str, Any]:
        """Answer a question, offer a choice, or hand it to a human; either way it is kept.

        Args:
            uow: writes the ask.
            text: what the citizen wrote, 1 to 2,000 code points.
            conversation: the caller's name for a talk; a follow-up then means what was just talked about.

        Returns:
            The contract's answer object.

        Raises:
            Refusal: ``text.empty``, ``text.too_long``, ``text.unreadable``.
        """
        question = clean(text, TEXT_LIMIT, "问题")
        talk = _digest(conversation)
        await self._follow(uow.db)
        today = office_date(uow.now)
        found = self._find(question, today, await _just_asked(uow, talk))
        judged = found.judgement
        entries = await _entries(uow.db, judged.entries, today)
        if judged.outcome is not Outcome.HANDOFF and len(entries) < len(judged.entries):
            judged, entries = _overtaken(judged), []
        kept = Ask(
            text=screen(question).text,
            conversation=talk,
            outcome=judged.outcome,
            confidence=judged.confidence,
            reason=judged.reason,
            entries=[entry.id for entry in entries if entry.id is not None],
            at=uow.now,
        )
        uow.db.add(kept)
        await uow.db.flush()
        return _answer_object(kept, judged, entries)

    async def feedback(self, uow: UnitOfWork, ask: int, useful: bool, reason: str | None = None) -> None:
        """Keep whether an answer was of use; the last word counts.

        Raises:
            Refusal: ``not_found``, or a reason of more than 500 code points.
        """
        kept = await uow.db.get(Ask, ask) if 0 < ask < 2**63 else None
        if kept is None:
            raise missing("这一次提问")
        said = clean_line(reason, FEEDBACK_LIMIT, "理由")
        kept.useful, kept.feedback_at = useful, uow.now
        kept.feedback_reason = screen(said).text if said else None

    async def similar(self, uow: UnitOfWork, text: str, count: int = 5) -> list[tuple[int, str]]:
        """The nearest entries to a text, as id and question, for whoever is still writing."""
        await self._follow(uow.db)
        found = self._engine.ask(text, count, self._allowed(office_date(uow.now)))
        return [(int(hit.key), self._documents[hit.key].question) for hit in found.hits]

    async def close(self) -> None:
        """Lets a calibration that is under way come to its end."""
        if self._learning is not None:
            await self._learning

    def _find(self, question: str, today: date, before: str | None) -> Found:
        allowed = self._allowed(today)
        found = self._engine.ask(question, 10, allowed)
        may_follow = before and len(question) <= _FOLLOW_UP_LENGTH and _FOLLOW_UP.match(question)
        if found.judgement.outcome is Outcome.ANSWER or not may_follow:
            return found
        again = self._engine.ask(question, 10, allowed, context=before or "")
        return again if again.judgement.outcome is not Outcome.HANDOFF else found

    def _allowed(self, today: date) -> Any:
        return lambda key: not (key in self._silent_from and self._silent_from[key] <= today)

    async def _follow(self, db: AsyncSession) -> None:
        """Bring the index to the version of the catalogue that this transaction sees."""
        state = await db.get(CatalogState, 1, populate_existing=True)
        if state is None or state.version <= self._version:
            return
        async with self._lock:
            if state.version <= self._version:
                return
            changed = (
                await db.execute(select(CatalogEntry).where(col(CatalogEntry.revision) > self._version))
            ).scalars()
            await self._take_in(list(changed))
            self._version = state.version
            if not self._calibrated and state.calibration is not None:
                self._use_kept(state.calibration, len(self._documents))
            if not self._calibrated or self._drift > DRIFT * max(len(self._documents), 1):
                self._start_learning()

    async def _take_in(self, changed: Sequence[CatalogEntry]) -> None:
        out: list[Key] = []
        fresh: list[Document] = []
        for entry in changed:
            key = entry.id or 0
            self._documents.pop(key, None)
            self._silent_from.pop(key, None)
            if entry.status != EntryStatus.PUBLISHED or not entry.in_force:
                out.append(key)
                continue
            document = _document(entry)
            self._documents[key] = document
            fresh.append(document)
            if entry.repealed_on is not None:
                self._silent_from[key] = entry.repealed_on
        self._drift += len(changed)
        if len(fresh) > FEW:
            kept = self._engine.calibration
            documents = list(self._documents.values())
            self._engine = await asyncio.to_thread(lambda: Engine.build(documents, kept=kept))
        else:
            self._engine.index.remove(out)
            self._engine.index.add(fresh)

    def _use_kept(self, kept: Mapping[str, Any], size: int) -> None:
        try:
            calibration = Calibration.from_dict(dict(kept))
        except (TypeError, ValueError, KeyError):
            return
        self._engine.calibration = calibration
        if calibration.table_weight:
            self._engine.index.use(self._engine.index.train(), calibration.table_weight)
        self._calibrated, self._drift = True, 0

    def _start_learning(self) -> None:
        if self._learning is None or self._learning.done():
            self._learning = asyncio.create_task(self._learn())

    async def _learn(self) -> None:
        """A new engine beside the old one; the old one answers until it is ready."""
        while True:
            version, documents = self._version, list(self._documents.values())
            engine = await asyncio.to_thread(Engine.build, documents)
            if version == self._version:
                self._engine, self._calibrated, self._drift = engine, True, 0
                return

    async def _keep_calibration(self, uow: UnitOfWork) -> None:
        state = await uow.db.get(CatalogState, 1)
        if state is not None and self._calibrated and state.version == self._version:
            state.calibration = self._engine.calibration.as_dict()
            state.calibrated_version = self._version


def _document(entry: CatalogEntry) -> Document:
    """How retrieval sees an entry: its title is one of its phrasings where it has a question of its own."""
    others = [*entry.alts]
    if entry.question and entry.question != entry.title:
        others.insert(0, entry.title)
    body = f"{entry.body}\n{entry.keywords}" if entry.keywords else entry.body
    return Document(entry.id or 0, entry.asked_as(), tuple(others), body)


def _digest(conversation: str | None) -> str | None:
    if not conversation:
        return None
    name = conversation[:CONVERSATION_LIMIT].encode("utf-8", "surrogatepass")
    return hashlib.sha256(name).hexdigest()[:32]


async def _just_asked(uow: UnitOfWork, talk: str | None) -> str | None:
    """What the talk was about: the entry last shown, or the last question; None where it has grown cold."""
    if talk is None:
        return None
    last = (
        await uow.db.execute(
            select(Ask)
            .where(col(Ask.conversation) == talk, col(Ask.at) >= uow.now - TALK_LASTS)
            .order_by(col(Ask.id).desc())
            .limit(1)
        )
    ).scalar_one_or_none()
    if last is None:
        return None
    if last.outcome == Outcome.ANSWER and last.entries:
        entry = await uow.db.get(CatalogEntry, last.entries[0])
        if entry is not None:
            return entry.asked_as()
    return last.text


async def _entries(db: AsyncSession, keys: Sequence[Key], today: date) -> list[CatalogEntry]:
    """The rows behind some keys, in order, those left out that may not be quoted today."""
    if not keys:
        return []
    rows = (await db.execute(select(CatalogEntry).where(col(CatalogEntry.id).in_(keys)))).scalars()
    by_id = {row.id: row for row in rows if row.speaks_on(today)}
    return [by_id[int(key)] for key in keys if int(key) in by_id]


def _overtaken(judged: Judgement) -> Judgement:
    """An entry was taken down between search and answer: silence is right then."""
    return Judgement(Outcome.HANDOFF, judged.confidence, Reason.UNSURE, (), "条目刚刚撤下。")


def _answer_object(ask: Ask, judged: Judgement, entries: Sequence[CatalogEntry]) -> dict[str, Any]:
    text = doors.SENTENCES.get(judged.reason or "", "")
    sources: tuple[Source, ...] = ()
    if judged.outcome is Outcome.ANSWER:
        answer = Answer(entries[0].body, (Source.of(entries[0]),))
        text, sources = answer.text, answer.sources
    offered = entries if judged.outcome is Outcome.CHOICES else ()
    return {
        "ask": ask.id,
        "outcome": str(judged.outcome),
        "text": text,
        "sources": [source.as_dict() for source in sources],
        "choices": [{"entry": entry.id, "question": entry.asked_as()} for entry in offered],
        "confidence": round(judged.confidence, 4),
        "reason": judged.reason,
        "exits": list(EXITS),
    }
