"""The desk itself: a citizen asks, an entry answers, or somebody is asked to come.

In this order: words that only pick one of the entries just offered (``picks``); an emergency and whoever wants a human
are sent on at once; what is asked about the interviews is told from the record (``about_interviews``); everything else
is looked up in the catalogue, a question that leans on the one before in the entry just quoted (``follow_ups``); what
the catalogue does not answer finds its door (``doors``).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, missing
from faq import about_interviews, doors, excerpts, follow_ups, picks, record_questions, talks
from faq.about_interviews import Link
from faq.answers import Answer as Answer
from faq.answers import Source as Source
from faq.doors import NO_OFFICE, NOT_IN_ENTRY, Office
from faq.engine import Found
from faq.explanation import Explanation, explain
from faq.follow_ups import FollowUp
from faq.index import Key
from faq.judgement import Judgement, Outcome, Reason
from faq.misses import NONE_OF_THESE
from faq.models import Ask, CatalogEntry
from faq.present import Present
from faq.record_questions import Wanted
from faq.talks import Subject
from interviews.screening import screen
from interviews.texts import clean, clean_line

EXITS = ("human", "next_interview")
TEXT_LIMIT = 2_000
FEEDBACK_LIMIT = 500
TOP = 10

PATIENCE = 60
"""Seconds a question waits for the catalogue's first calibration; 117 entries took 9 s of a slow processor to itself."""


@dataclass(frozen=True)
class Turn:
    """One turn of a talk as a page shows it.

    Attributes:
        asked: what was asked, personal data masked.
        answer: the contract's answer object, as it is given now.
        whole: whether the answer's text is all that its entry says.
        chosen: whether it is what became of a choice.
        feedback: ``useful``, ``useless`` or None, with the reason that was given.
    """

    asked: str
    answer: dict[str, Any]
    whole: bool
    chosen: bool
    feedback: str | None
    feedback_reason: str | None


@dataclass(frozen=True)
class _Said:
    """What a turn says: text, sources, whether they say no more, and links."""

    text: str
    sources: tuple[Source, ...] = ()
    whole: bool = True
    links: tuple[Link, ...] = ()


@dataclass
class Desk:
    """Answers from the published catalogue and the live record and from nothing else; one for a process.

    Attributes:
        office: whom the fixed sentences send people to.
    """

    office: Office = NO_OFFICE
    present: Present = field(default_factory=Present)

    async def open(self, uow: UnitOfWork) -> None:
        """Read the catalogue, for the start of a server; a first calibration is made beside what it serves."""
        await self.present.follow(uow.db)

    async def prepare(self, uow: UnitOfWork) -> None:
        """Read the catalogue and calibrate at once, for a command that asks; keeps the calibration."""
        await self.present.follow(uow.db)
        await self.present.settled()
        await self.present.keep_calibration(uow)

    async def ready_for(self, text: str) -> None:
        """Wait for the catalogue's first calibration, without which nothing can be judged; outside any transaction.

        An emergency (110, 119, 120) waits for nothing.

        Raises:
            Refusal: ``bot.preparing`` (503) where it takes longer than :data:`PATIENCE`.
        """
        if self.present.is_judging or doors.emergency(text):
            return
        try:
            await asyncio.wait_for(asyncio.shield(self.present.settled()), PATIENCE)
        except TimeoutError:
            raise Refusal(
                "bot.preparing", "正在整理目录，请过一会儿再问。", status=503, retry_after=10
            ) from None

    async def keep_calibration(self, uow: UnitOfWork) -> bool:
        """Keep a calibration made since; see :meth:`faq.present.Present.keep_calibration`."""
        return await self.present.keep_calibration(uow)

    async def close(self) -> None:
        """Lets a calibration that is under way come to its end."""
        await self.present.settled()

    # Asking

    async def ask(self, uow: UnitOfWork, text: str, conversation: str | None = None) -> dict[str, Any]:
        """Answer a question, offer a choice, or hand it to a human; either way it is kept.

        Args:
            uow: writes the ask.
            text: what the citizen wrote, 1 to 2,000 code points.
            conversation: the caller's name for a talk; a follow-up then means what was just talked about.

        Returns:
            The contract's answer object. Where there is somewhere to go on, it has ``links`` besides:
            ``[{"label", "url"}]``. The text of a long entry is the stretch nearest to the question.

        Raises:
            Refusal: ``text.empty``, ``text.too_long``, ``text.unreadable``.
        """
        question = clean(text, TEXT_LIMIT, "问题")
        talk = talks.digest(conversation)
        await self.present.follow(uow.db)
        today = office_date(uow.now)
        pick = await self._picked(uow, question, talk, today)
        if pick is not None:
            return await self.choose(uow, *pick, conversation)
        before = await talks.subject(uow, talk)
        wanted = _about_the_interviews(question, before)
        if wanted is not None:
            judged = Judgement(Outcome.HANDOFF, 0.0, wanted.code, (), "问的是访谈本身，从现有记录里答。")
        else:
            judged = await self._judge(uow.db, question, today, before)
        entries = await _entries(uow.db, judged.entries, today)
        if judged.outcome is not Outcome.HANDOFF and len(entries) < len(judged.entries):
            judged, entries = _overtaken(judged), []
        return await self._keep(uow, question, talk, judged, entries)

    async def choose(
        self, uow: UnitOfWork, ask: int, entry: int | None, conversation: str | None
    ) -> dict[str, Any]:
        """What stands in the entry that was chosen among those offered; a hand-off where none of them was meant.

        Raises:
            Refusal: ``not_found``: no such choice in this talk, or the entry was not offered.
        """
        talk = talks.digest(conversation)
        offered = await uow.db.get(Ask, ask) if 0 < ask < 2**63 else None
        if offered is None or talk is None or offered.conversation != talk:
            raise missing("这一次选择")
        if entry is None:
            judged = Judgement(Outcome.HANDOFF, 0.0, NONE_OF_THESE, (), "给出的几条都不是。")
            return await self._keep(uow, offered.text, talk, judged, [])
        entries = await _entries(uow.db, [entry], office_date(uow.now))
        if entry not in offered.entries or not entries:
            raise missing("这一条目录")
        judged = Judgement(Outcome.ANSWER, 1.0, talks.CHOSEN, (entry,), "提问人自己选的。")
        return await self._keep(uow, offered.text, talk, judged, entries)

    async def turns(self, uow: UnitOfWork, conversation: str | None) -> list[Turn]:
        """The turns of a talk, oldest first; each answer as it is given now, so what was taken down is gone."""
        kept = await talks.turns(uow, talks.digest(conversation))
        today = office_date(uow.now)
        found = await _entries(uow.db, [key for ask in kept for key in ask.entries], today)
        by_id = {entry.id: entry for entry in found}
        told = []
        for ask in kept:
            entries = [by_id[key] for key in ask.entries if key in by_id]
            said = await self._say(uow, ask, ask.text, entries)
            told.append(_turn(ask, entries, said))
        return told

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
        await self.present.follow(uow.db)
        found = self.present.engine.ask(text, count, self.present.allowed(office_date(uow.now)))
        return [(int(hit.key), self.present.documents[hit.key].question) for hit in found.hits]

    async def explain(self, uow: UnitOfWork, text: str) -> Explanation:
        """What a question would get now, and why; for the editor, and kept nowhere.

        Raises:
            Refusal: ``text.empty``, ``text.too_long``, ``text.unreadable``.
        """
        question = clean(text, TEXT_LIMIT, "问题")
        await self.present.follow(uow.db)
        here = self.present
        found = here.engine.ask(question, TOP, here.allowed(office_date(uow.now)))
        return explain(question, found, here.engine.calibration, here.documents, here.words)

    async def _picked(
        self, uow: UnitOfWork, question: str, talk: str | None, today: date
    ) -> tuple[int, int | None] | None:
        """The choice that a remark makes among what was offered last: the turn, and the entry or None for none."""
        if doors.emergency(question) or doors.before_the_catalogue(question) is not None:
            return None
        offered = await talks.offered(uow, talk)
        if offered is None or offered.id is None:
            return None
        entries = await _entries(uow.db, offered.entries, today)
        place = picks.picked(question, [entry.asked_as() for entry in entries])
        if place is None:
            return None
        return offered.id, None if place == picks.NONE else entries[place].id

    # Judging

    async def _judge(self, db: AsyncSession, question: str, today: date, before: Subject | None) -> Judgement:
        door = None if doors.emergency(question) else doors.before_the_catalogue(question)
        if door is not None:
            return Judgement(Outcome.HANDOFF, 0.0, door.code, (), "要的不是目录里的事。")
        found = self._find(question, today)
        if before is None or before.record or found.judgement.reason == doors.EMERGENCY:
            return found.judgement
        leans = follow_ups.read(question) or await self._within(db, question, today, before, found.judgement)
        if leans is None:
            return found.judgement
        if before.entry is None:
            # Nothing was quoted yet: what was asked before and this together are the question.
            again = self._find(question, today, before.ask.text).judgement
            return found.judgement if again.outcome is Outcome.HANDOFF else _leaning(again)
        if leans.about and found.judgement.outcome is Outcome.ANSWER:
            return found.judgement
        quoted = await _entries(db, [before.entry], today)
        if not quoted:
            return found.judgement
        return self._follow_up(question, today, leans, quoted[0], before, found.judgement)

    async def _within(
        self, db: AsyncSession, question: str, today: date, before: Subject, alone: Judgement
    ) -> FollowUp | None:
        """How a question without an answer of its own asks for what stands in the entry just quoted."""
        if before.entry is None or alone.outcome is Outcome.ANSWER or doors.door(question) is not None:
            return None
        quoted = await _entries(db, [before.entry], today)
        return follow_ups.within(question, quoted[0].body) if quoted else None

    def _follow_up(
        self,
        question: str,
        today: date,
        leans: FollowUp,
        quoted: CatalogEntry,
        before: Subject,
        alone: Judgement,
    ) -> Judgement:
        """A question about what was just quoted: that entry says it, or one beside it, or nobody."""
        if excerpts.saying(quoted.body, leans.wanted) is not None:
            why = "接着上一条问的，上一条的原文里有。"
            return Judgement(Outcome.ANSWER, before.ask.confidence, talks.FOLLOW_UP, (quoted.id or 0,), why)
        again = self._find(question, today, quoted.asked_as()).judgement
        keys = tuple(key for key in again.entries if key != quoted.id and self._tells(key, leans))
        if again.outcome is Outcome.ANSWER and keys:
            return _leaning(again)
        if again.outcome is Outcome.CHOICES and len(keys) > 1:
            return Judgement(Outcome.CHOICES, again.confidence, again.reason, keys, again.why)
        if leans.about and not leans.names_a_case:
            return alone
        why = "接着上一条问的，上一条里没有写。"
        return Judgement(Outcome.HANDOFF, 0.0, NOT_IN_ENTRY, (quoted.id or 0,), why)

    def _tells(self, key: Key, leans: FollowUp) -> bool:
        document = self.present.documents.get(key)
        return document is not None and excerpts.saying(document.body, leans.wanted) is not None

    def _find(self, question: str, today: date, context: str = "") -> Found:
        """Search and judge; of entries that say the same word for word only the first is looked at."""
        here, allowed = self.present, self.present.allowed(today)
        found = here.engine.ask(question, TOP, allowed, context=context)
        bodies: dict[str, Key] = {}
        twins: set[Key] = set()
        for hit in found.hits:
            body = here.documents[hit.key].body.strip()
            if body and bodies.setdefault(body, hit.key) != hit.key:
                twins.add(hit.key)
        if not twins:
            return found
        return here.engine.ask(question, TOP, lambda key: key not in twins and allowed(key), context=context)

    # Saying

    async def _keep(
        self,
        uow: UnitOfWork,
        question: str,
        talk: str | None,
        judged: Judgement,
        entries: Sequence[CatalogEntry],
    ) -> dict[str, Any]:
        kept = Ask(
            text=masked(question),
            conversation=talk,
            outcome=judged.outcome,
            confidence=judged.confidence,
            reason=judged.reason,
            entries=[entry.id for entry in entries if entry.id is not None],
            at=uow.now,
        )
        uow.db.add(kept)
        await uow.db.flush()
        return _answer_object(kept, entries, await self._say(uow, kept, question, entries))

    async def _say(self, uow: UnitOfWork, ask: Ask, question: str, entries: Sequence[CatalogEntry]) -> _Said:
        """The words of a turn, from what stands in catalogue and record now."""
        reason = ask.reason or ""
        if ask.outcome == Outcome.ANSWER:
            return (
                self._quote(question, reason, entries[0]) if entries else _Said(doors.SENTENCES["withdrawn"])
            )
        if reason.startswith(record_questions.PREFIX):
            wanted = record_questions.recognise(question, after_record=True)
            told = await about_interviews.tell(uow, wanted or Wanted(reason))
            return _Said(told.text, links=told.links)
        links = tuple(_whole_text(entry) for entry in entries) if reason == NOT_IN_ENTRY else ()
        return _Said(doors.sentence(reason, question, self.office), links=links)

    def _quote(self, question: str, reason: str, entry: CatalogEntry) -> _Said:
        """What is quoted of an entry, in one piece: what a follow-up asks for, the nearest stretch, or all of it."""
        text = None
        leans = follow_ups.read(question) if reason == talks.FOLLOW_UP else None
        if leans is not None:
            text = excerpts.saying(entry.body, leans.wanted)
        if text is None:
            index = self.present.engine.index
            text = excerpts.nearest(entry.body, index.query(question), index.lexicon)
        answer = Answer(text, (Source.of(entry),))
        return _Said(answer.text, answer.sources, answer.whole, () if answer.whole else (_whole_text(entry),))


def masked(question: str) -> str:
    """What is kept of a question: personal data masked, a receipt number left as it is.

    A receipt leads to what its page says to anyone; masked like a telephone, the turn could not be shown again.
    """
    found = record_questions.receipt_in(question)
    if found is None:
        return screen(question).text
    start, end, receipt = found
    return f"{screen(question[:start]).text}{receipt}{screen(question[end:]).text}"


def _whole_text(entry: CatalogEntry) -> Link:
    return {"label": "全文", "url": f"/faq/entries/{entry.id}"}


def _about_the_interviews(question: str, before: Subject | None) -> Wanted | None:
    if doors.emergency(question):
        return None
    return record_questions.recognise(question, after_record=before is not None and before.record)


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


def _leaning(judged: Judgement) -> Judgement:
    """The same, marked as leaning on the turn before where it is an answer."""
    reason = talks.FOLLOW_UP if judged.outcome is Outcome.ANSWER else judged.reason
    return Judgement(judged.outcome, judged.confidence, reason, judged.entries, judged.why)


def _answer_object(ask: Ask, entries: Sequence[CatalogEntry], said: _Said) -> dict[str, Any]:
    answered = ask.outcome == Outcome.ANSWER
    offered = entries if ask.outcome == Outcome.CHOICES else ()
    told: dict[str, Any] = {
        "ask": ask.id,
        "outcome": str(ask.outcome),
        "text": said.text,
        "sources": [source.as_dict() for source in said.sources],
        "choices": [{"entry": entry.id, "question": entry.asked_as()} for entry in offered],
        "confidence": round(ask.confidence, 4),
        "reason": None if answered else ask.reason,
        "exits": list(EXITS),
    }
    return told | ({"links": list(said.links)} if said.links else {})


def _turn(ask: Ask, entries: Sequence[CatalogEntry], said: _Said) -> Turn:
    """A turn to be shown; an answer whose entry is silent by now is a hand-off that says so."""
    answer = _answer_object(ask, entries, said)
    if ask.outcome == Outcome.ANSWER and not said.sources:
        answer |= {"outcome": str(Outcome.HANDOFF), "reason": "withdrawn"}
    feedback = None if ask.useful is None else ("useful" if ask.useful else "useless")
    chosen = ask.reason in (talks.CHOSEN, NONE_OF_THESE)
    return Turn(ask.text, answer, said.whole, chosen, feedback, ask.feedback_reason)
