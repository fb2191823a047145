"""Confirmed questions become phrasings: what was asked, answered and found useful is a way of asking for that entry.

A phrasing changes what is found, never what is said. So an editor takes it in without the signatures of the
review; it is noted in the audit, and the catalogue's version rises as with any change.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from base.audit import note, text_digest
from base.db import UnitOfWork
from base.errors import Refusal, missing
from faq import asked, clusters, drafts, library, talks
from faq.judgement import Outcome
from faq.misses import must_edit
from faq.models import Ask, CatalogEntry, EntryRevision, EntryStatus, RevisionStatus
from interviews.screening import MASK

TAKEN_PHRASING, TAKEN_DISMISSED = "phrasing", "dismissed"

LONGEST = 60
"""Code points of a phrasing: what is longer tells a story, and its words would find the entry for anything."""

SHORTEST = 4

MOST_PHRASINGS = 200
"""Phrasings of one entry; more of them slow the index down and teach it nothing new."""

REASONS_SHOWN = 5
EDITABLE = (RevisionStatus.DRAFT, RevisionStatus.RETURNED)


@dataclass(frozen=True)
class Proposal:
    """A way of asking that somebody confirmed, for one entry.

    Attributes:
        ask: number of the first ask with it, by which it is accepted or dismissed.
        count: how often it was confirmed.
        why_not: why it cannot be accepted now, as a sentence; None where it can.
    """

    ask: int
    text: str
    count: int
    why_not: str | None


@dataclass
class Votes:
    """How often the answers from an entry were of use and were not, with the reasons that were given."""

    useful: int = 0
    useless: int = 0
    reasons: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Learning:
    """An entry with what people confirmed about it."""

    entry: CatalogEntry
    proposals: tuple[Proposal, ...]
    votes: Votes


async def learnt(uow: UnitOfWork, entry_id: int | None = None) -> list[Learning]:
    """Every published entry with votes or proposals, those with most proposals first; or one entry alone."""
    confirmed, votes = await _confirmed(uow), await all_votes(uow)
    wanted = {entry_id} if entry_id is not None else set(confirmed) | set(votes)
    entries = {one.id or 0: one for one in await library.published(uow.db)}
    why_not = _Hindrances(list(entries.values()), await _under_review(uow))
    found = [
        Learning(
            entries[one], _proposals(entries[one], confirmed.get(one, []), why_not), votes.get(one, Votes())
        )
        for one in wanted
        if one in entries
    ]
    return sorted(found, key=lambda one: (-len(one.proposals), -one.votes.useless, one.entry.id or 0))


class _Hindrances:
    """Why a wording cannot become an entry's phrasing now."""

    def __init__(self, published: Sequence[CatalogEntry], under_review: Collection[int]) -> None:
        self._known = {key: one for one in published for key in keys_of(one)}
        self._under_review = under_review

    def of(self, entry_id: int, text: str) -> str | None:
        """The sentence; None where nothing is in the way."""
        if entry_id in self._under_review:
            return "这一条正在送审。签完以后再收，签字的人看到的才是最后的样子。"
        other = self._known.get(clusters.key_of(text))
        if other is not None and other.id != entry_id:
            return f"“{text}”已经是“{other.asked_as()}”的问法。两条都有，机器人就分不清了，请先改那一条。"
        return None


async def _under_review(uow: UnitOfWork) -> set[int]:
    query = select(col(EntryRevision.entry_id)).where(col(EntryRevision.status) == RevisionStatus.REVIEW)
    return set(await uow.db.scalars(query))


def keys_of(entry: CatalogEntry) -> set[str]:
    """What an entry is asked as already, in the form in which phrasings are compared."""
    return {clusters.key_of(text) for text in (entry.question, entry.title, *entry.alts) if text.strip()}


async def proposed_for(uow: UnitOfWork, entry: CatalogEntry) -> list[str]:
    """The wordings that people confirmed for one entry and nobody has decided about, the most confirmed first."""
    query = select(Ask).where(is_confirmed(), asked.answered_from(entry.id or 0)).order_by(col(Ask.id))
    return [one.text for one in _proposals(entry, list(await uow.db.scalars(query)), _Hindrances((), ()))]


async def _confirmed(uow: UnitOfWork) -> dict[int, list[Ask]]:
    query = select(Ask).where(is_confirmed())
    found: dict[int, list[Ask]] = defaultdict(list)
    for ask in await uow.db.scalars(query.order_by(col(Ask.id))):
        if (entry := answered_from(ask)) is not None:
            found[entry].append(ask)
    return found


def is_confirmed() -> ColumnElement[bool]:
    """The condition on an ask by which its words ask for the entry it was answered from.

    Somebody found the answer useful, or chose the entry among several and did not take it back. A follow-up is
    left out: its words lean on the turn before.
    """
    said_so = and_(col(Ask.reason).is_(None), col(Ask.useful).is_(True))
    chose = and_(col(Ask.reason) == talks.CHOSEN, func.coalesce(col(Ask.useful), True).is_(True))
    return and_(col(Ask.outcome) == str(Outcome.ANSWER), or_(said_so, chose), col(Ask.taken).is_(None))


def answered_from(ask: Ask) -> int | None:
    """The entry an ask was answered from; None where it was not."""
    return ask.entries[0] if ask.outcome == Outcome.ANSWER and ask.entries else None


def fits(text: str) -> bool:
    """Whether a text can be a phrasing: neither too long nor too short, nothing masked in it."""
    return SHORTEST <= len(text) <= LONGEST and MASK not in text and "\n" not in text


def _proposals(entry: CatalogEntry, asks: Sequence[Ask], why_not: _Hindrances) -> tuple[Proposal, ...]:
    own = keys_of(entry)
    spellings: dict[str, list[Ask]] = defaultdict(list)
    for ask in asks:
        if fits(ask.text) and (key := clusters.key_of(ask.text)) not in own:
            spellings[key].append(ask)
    found = []
    for some in spellings.values():
        usual = Counter(ask.text for ask in some).most_common(1)[0][0]
        hindered = why_not.of(entry.id or 0, usual)
        found.append(Proposal(some[0].id or 0, usual, len(some), hindered))
    return tuple(sorted(found, key=lambda one: (-one.count, one.ask)))


async def all_votes(uow: UnitOfWork) -> dict[int, Votes]:
    """The votes on every entry's answers, as far back as asks are kept; the latest reasons first."""
    query = select(Ask).where(col(Ask.useful).is_not(None)).order_by(col(Ask.id).desc())
    found: dict[int, Votes] = defaultdict(Votes)
    for ask in await uow.db.scalars(query):
        entry = answered_from(ask)
        if entry is None:
            continue
        votes = found[entry]
        if ask.useful:
            votes.useful += 1
            continue
        votes.useless += 1
        if ask.feedback_reason and len(votes.reasons) < REASONS_SHOWN:
            votes.reasons.append(ask.feedback_reason)
    return found


async def accept(uow: UnitOfWork, asks: Sequence[int]) -> int:
    """Take confirmed questions into their entries' phrasings; how many came in.

    Args:
        uow: the editor's.
        asks: numbers of proposals, as :func:`learnt` gives them.

    Raises:
        Refusal: one is not there, is another entry's phrasing already, or the entry has too many; nothing is
            taken then. The actor may not.
    """
    must_edit(uow.actor)
    # The asks before the catalogue and the audit, as whoever sorts misses locks them.
    by_entry = await _chosen(uow, asks)
    await library.locked_state(uow)
    why_not = _Hindrances(await library.published(uow.db), await _under_review(uow))
    taken = 0
    for entry, chosen in by_entry.items():
        one = await _locked(uow, entry)
        fresh = [ask.text for ask in chosen if clusters.key_of(ask.text) not in keys_of(one)]
        hindered = next(filter(None, (why_not.of(entry, text) for text in fresh)), None)
        if hindered is not None:
            raise Refusal("phrasing.not_now", hindered)
        if len(one.alts) + len(fresh) > MOST_PHRASINGS:
            raise Refusal("phrasing.many", f"一条最多{MOST_PHRASINGS}种问法。请先删掉用不着的。")
        if fresh:
            said_before = drafts.base_of(one)
            one.alts = [*one.alts, *fresh]
            one.changed_at, one.revision = uow.now, await library.raise_version(uow)
            await _into_drafts(uow, one, fresh, said_before)
            told = [text_digest(text) for text in fresh]
            await note(uow, "phrasing.accept", f"entry:{entry}", phrasings=told)
        await _settle(uow, entry, chosen, TAKEN_PHRASING)
        taken += len(fresh)
    return taken


async def dismiss(uow: UnitOfWork, asks: Sequence[int]) -> int:
    """Leave proposals; the same words are not proposed from these asks again. How many were left.

    Raises:
        Refusal: one is not there; the actor may not.
    """
    must_edit(uow.actor)
    left = 0
    for entry, chosen in (await _chosen(uow, asks)).items():
        await _settle(uow, entry, chosen, TAKEN_DISMISSED)
        told = [text_digest(ask.text) for ask in chosen]
        await note(uow, "phrasing.dismiss", f"entry:{entry}", phrasings=told)
        left += len(chosen)
    return left


async def _chosen(uow: UnitOfWork, asks: Sequence[int]) -> dict[int, list[Ask]]:
    """The asks of some proposals by entry, of each wording one."""
    if not asks:
        raise Refusal("phrasing.none", "还没有选。请先勾上要办的问法。", status=400)
    query = select(Ask).where(col(Ask.id).in_(asks), is_confirmed())
    rows = list(await uow.db.scalars(query.order_by(col(Ask.id)).with_for_update()))
    found: dict[int, dict[str, Ask]] = defaultdict(dict)
    for ask in rows:
        entry = answered_from(ask)
        if entry is not None and fits(ask.text):
            found[entry].setdefault(clusters.key_of(ask.text), ask)
    if not found or len(rows) < len(set(asks)):
        raise missing("这个问法")
    return {entry: list(some.values()) for entry, some in sorted(found.items())}


async def _locked(uow: UnitOfWork, entry_id: int) -> CatalogEntry:
    query = select(CatalogEntry).where(
        col(CatalogEntry.id) == entry_id, col(CatalogEntry.status) == EntryStatus.PUBLISHED
    )
    locked = query.with_for_update().execution_options(populate_existing=True)
    found = (await uow.db.scalars(locked)).one_or_none()
    if found is None:
        raise missing("这一条目录")
    return found


async def _into_drafts(uow: UnitOfWork, entry: CatalogEntry, fresh: Sequence[str], said_before: str) -> None:
    """Add phrasings to a draft of the entry too: signed later, it would take them out again."""
    query = select(EntryRevision).where(
        col(EntryRevision.entry_id) == entry.id, col(EntryRevision.status).in_(EDITABLE)
    )
    for one in await uow.db.scalars(query.with_for_update()):
        alts = list(one.fields.get("alts") or ())
        more: dict[str, Any] = {"alts": [*alts, *(text for text in fresh if text not in alts)]}
        if one.fields.get(drafts.BASE) == said_before:
            more[drafts.BASE] = drafts.base_of(entry)
        one.fields, one.changed_at = one.fields | more, uow.now


async def _settle(uow: UnitOfWork, entry_id: int, chosen: Sequence[Ask], taken: str) -> None:
    """Mark every ask in the same words, not only the one by which they were proposed."""
    keys = {clusters.key_of(ask.text) for ask in chosen}
    same = [ask.id for ask in (await _confirmed(uow)).get(entry_id, []) if clusters.key_of(ask.text) in keys]
    await uow.db.execute(update(Ask).where(col(Ask.id).in_(same)).values(taken=taken))
