"""Signing several revisions at once: what each says, on one page, and what became of each that was chosen.

Every revision is signed by itself, in a transaction of its own, so that one that is refused stops no other.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from base.db import Units
from base.errors import Refusal
from base.people import Actor
from faq import drafts, review, review_steps, revisions
from faq.drafts import Difference
from faq.models import CatalogEntry, EntryRevision, EntryStatus, RevisionAction, RevisionStatus
from faq.review_steps import Step

TEXT_SHOWN = 800
"""Letters of an entry's text in the list; nine of ten entries of 办事指南 are shorter. The rest is a press away."""

CHANGES_SHOWN = 2_000
"""Letters of what differs, in all fields of a revision."""

AT_ONCE = 30
"""As many as a page of the list has."""


@dataclass(frozen=True)
class Chosen:
    """A revision that was ticked, with the stamp of what its signer saw."""

    revision: int
    seen: str


@dataclass(frozen=True)
class Wanted:
    """A form of several: what was ticked, and what is to be done with it."""

    chosen: tuple[Chosen, ...]
    passed: bool
    comment: str

    @property
    def typed(self) -> dict[str, Any]:
        """What the page shows again where it was refused."""
        return {"one": [f"{one.revision} {one.seen}" for one in self.chosen], "comment": self.comment}


@dataclass
class Signed:
    """What became of several.

    Attributes:
        done: how many were signed, or returned.
        in_force: how many of them had their last signature and are in force.
        refused: the 索引号 of each other one, and the sentence why.
    """

    done: int = 0
    in_force: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)


async def wanted_of(request: web.Request) -> Wanted:
    """What was ticked; what cannot be a tick of the page is passed over."""
    sent = await request.post()
    chosen: dict[int, Chosen] = {}
    for tick in sent.getall("one", []):
        number, _, seen = str(tick).partition(" ")
        if number.isascii() and number.isdecimal() and len(number) < 12:
            chosen[int(number)] = Chosen(int(number), seen)
    return Wanted(tuple(chosen.values()), sent.get("decision") == "pass", str(sent.get("comment", "")))


def check(wanted: Wanted) -> None:
    """Refuse what no single one of them could be.

    Raises:
        Refusal: ``review.none`` where nothing is ticked; ``review.many``; ``review.comment`` for returning without
            a word.
    """
    if not wanted.chosen:
        raise Refusal("review.none", "还没有选。请先勾上要签的，再点下面的按钮。", status=400)
    if len(wanted.chosen) > AT_ONCE:
        raise Refusal("review.many", f"一次最多签{AT_ONCE}份。请少选一些。", status=400)
    if not wanted.passed and not wanted.comment.strip():
        raise Refusal("review.comment", "退回要写明要改什么。请写上意见再退回。", status=400)


async def sign_each(units: Units, actor: Actor, wanted: Wanted) -> Signed:
    """Sign or return each of what was ticked, one transaction for each.

    Raises:
        Refusal: as :func:`check`; what a single one is refused for is told in the result.
    """
    check(wanted)
    found = Signed()
    for one in wanted.chosen:
        try:
            async with units.act(actor) as uow:
                signed = await review.sign(uow, one.revision, wanted.passed, wanted.comment, seen=one.seen)
        except Refusal as refusal:
            found.refused.append((await _name(units, actor, one.revision, refusal), refusal.message))
            continue
        found.done += 1
        found.in_force += signed.status == RevisionStatus.DONE
    return found


async def _name(units: Units, actor: Actor, revision_id: int, refusal: Refusal) -> str:
    """What a revision is called to its signer; of one that is not theirs to see no more than they sent."""
    if refusal.status == 404:
        return f"第{revision_id}份"
    async with units.read(actor) as uow:
        return str((await revisions.find(uow.db, revision_id)).fields.get("index_no") or f"第{revision_id}份")


def words(wanted: Wanted, signed: Signed) -> str:
    """What is said once about those that went well."""
    if not wanted.passed:
        return f"退回了{signed.done}份，起草人改好再送来。"
    if not signed.in_force:
        return f"签好了{signed.done}份，已经到下一步。"
    if signed.in_force == signed.done:
        return f"签好了{signed.done}份，都是最后一步，已经生效。"
    return f"签好了{signed.done}份，其中{signed.in_force}份是最后一步，已经生效。"


def became(wanted: Wanted | None, signed: Signed | None) -> dict[str, Any] | None:
    """What the page says where one was refused at least."""
    if wanted is None or signed is None:
        return None
    return {"done": words(wanted, signed) if signed.done else None, "refused": signed.refused}


# What each says


async def rows_of(
    waiting: Sequence[tuple[EntryRevision, CatalogEntry]],
    listed: Sequence[Step],
    urls: Mapping[int, str],
) -> list[dict[str, Any]]:
    """Revisions as the list shows them, so that they can be signed without being opened.

    Args:
        waiting: each with its entry; read, so that comparing them happens in a thread.
        listed: the steps of the city.
        urls: the page of each revision.
    """
    return await asyncio.to_thread(
        lambda: [_row(one, entry, listed, urls[one.id or 0]) for one, entry in waiting]
    )


def _row(revision: EntryRevision, entry: CatalogEntry, listed: Sequence[Step], url: str) -> dict[str, Any]:
    draft = drafts.of_revision(revision)
    new = entry.status == EntryStatus.DRAFT
    shown, whole = _shown([] if new else drafts.differences(drafts.of_entry(entry), draft))
    told = bool(shown) or not whole
    text = "" if told else draft.row.body
    return {
        "value": f"{revision.id} {drafts.stamp(revision)}",
        "act": revisions.ACTIONS[RevisionAction(revision.action)],
        "title": draft.row.title,
        "index_no": draft.row.index_no,
        "step": review_steps.step_at(revision, listed).name,
        "by": revision.author_name,
        "at": revision.changed_at,
        "reason": revision.reason,
        "url": url,
        "differences": shown,
        "text": text[:TEXT_SHOWN],
        "facts": drafts.facts(draft) if new else [],
        "more": not whole or len(text) > TEXT_SHOWN,
    }


def _shown(differences: Sequence[Difference]) -> tuple[list[Difference], bool]:
    """The differences that the list has room for, and whether these are all."""
    shown: list[Difference] = []
    room = CHANGES_SHOWN
    for one in differences:
        room -= sum(len(text) for kind, text in one.pieces if kind != "same")
        if room < 0:
            return shown, False
        shown.append(one)
    return shown, True
