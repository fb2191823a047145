"""What the page of an entry shows of it at the desk: its fields, its way through the review, and its history."""

from collections.abc import Mapping, Sequence
from typing import Any

from base.db import UnitOfWork
from base.people import Role
from faq import asked, confirmed, drafts, review_steps, revisions
from faq.models import (
    CatalogEntry,
    EntryRevision,
    EntryStatus,
    ReviewSignature,
    RevisionAction,
    RevisionStatus,
)
from faq.review import EDITABLE
from faq.review_steps import BODY, BODY_STEP, Step
from faq.reviewed import RESULTS
from web.catalog_list import state_in_words

ORIGINS = {
    "answer": "访谈现场的答复",
    "topic": "机器人没答上的问题",
    "import": "导入的文件",
    "undone": "导入的文件，后来撤回了",
}

NAMED = 4
"""Signers named one by one; a city has a few."""
STUCK = "能签这一步的人起草、改过或者签过这一份。请管理员再开一个账号，或者在“步骤”里改由谁签。"


async def seen(uow: UnitOfWork, entry: CatalogEntry, revision: EntryRevision | None) -> dict[str, Any]:
    """An entry as somebody of the desk sees it.

    Args:
        uow: the reader's.
        entry: of any status.
        revision: what is on its way for it.
    """
    listed = await review_steps.steps(uow.db)
    every = await revisions.history(uow.db, entry.id or 0)
    signed = await review_steps.signatures(uow.db, [one.id or 0 for one in every])
    bodies = await review_steps.bodies(uow.db)
    draft = drafts.of_revision(revision) if revision else drafts.of_entry(entry)
    new = entry.status == EntryStatus.DRAFT
    return {
        "entry": {
            "id": entry.id,
            "title": draft.row.title,
            "status": state_in_words(entry),
            "public_url": f"/faq/entries/{entry.id}" if entry.status == EntryStatus.PUBLISHED else None,
            "origin": ORIGINS.get((entry.origin or "").split(":")[0]),
            "body_name": bodies.get(entry.body_id or 0),
        },
        "facts": drafts.facts(draft),
        "text": draft.row.body,
        "revision": await _open(uow, revision, listed, signed, bodies) if revision else None,
        "differences": drafts.differences(drafts.of_entry(entry), draft) if revision and not new else [],
        "history": [_past(one, signed) for one in every if one.status not in revisions.OPEN],
    }


async def used(uow: UnitOfWork, entry: CatalogEntry) -> dict[str, Any] | None:
    """How a public entry answered lately, and the wordings that wait to become its phrasings."""
    if entry.status != EntryStatus.PUBLISHED:
        return None
    use = await asked.use_of(uow, entry.id or 0)
    return {
        "days": asked.LATELY.days,
        "answered": use.answered,
        "useful": use.useful,
        "useless": use.useless,
        "reasons": use.reasons,
        "proposed": await confirmed.proposed_for(uow, entry),
        "phrasings_url": f"/office/catalog/phrasings?entry={entry.id}",
    }


async def _open(
    uow: UnitOfWork,
    revision: EntryRevision,
    listed: Sequence[Step],
    signed: Mapping[int, Sequence[ReviewSignature]],
    bodies: Mapping[int, str],
) -> dict[str, Any]:
    mine = review_steps.of_round(revision, signed)
    writers = drafts.writers(revision)
    refusal = review_steps.why_not(revision, uow.actor, listed, mine, writers)
    drafting = uow.actor.role in (Role.EDITOR, Role.OFFICE)
    wrote = uow.actor.role is Role.OFFICE or uow.actor.person_id in writers
    editable = revision.status in EDITABLE
    returned = next((one for one in reversed(signed[revision.id or 0]) if not one.passed), None)
    way = [*([(BODY_STEP, BODY)] if revision.body_id is not None else []), *enumerate(listed)]
    under_review = revision.status == RevisionStatus.REVIEW
    signers = await review_steps.who_may_sign(uow.db, revision, listed, mine, writers)
    return {
        "id": revision.id,
        "act": revisions.ACTIONS[RevisionAction(revision.action)],
        "reason": revision.reason,
        "author": revision.author_name,
        "at": revision.changed_at,
        "stamp": drafts.stamp(revision),
        "under_review": under_review,
        "returned": {"by": returned.person_name, "comment": returned.comment}
        if revision.status == RevisionStatus.RETURNED and returned
        else None,
        "steps": [
            {"title": "起草", "text": revision.author_name, "at": revision.created_at, "state": "done"},
            *(_step(revision, number, step, mine, bodies, signers) for number, step in way),
        ],
        "can": {
            "edit": drafting and editable and revision.action != RevisionAction.RETIRE,
            "submit": drafting and editable,
            "withdraw": drafting and wrote,
            "sign": refusal is None,
        },
        "why_not": refusal.message if refusal is not None and under_review else None,
    }


def _step(
    revision: EntryRevision,
    number: int,
    step: Step,
    signed: Sequence[ReviewSignature],
    bodies: Mapping[int, str],
    signers: Sequence[str],
) -> dict[str, Any]:
    """A step of the way: signed, next with the names of those who may sign it, or to come."""
    one = next((one for one in signed if one.step == number), None)
    if one is not None:
        said = f"：{one.comment}" if one.comment else ""
        text = f"{one.person_name}{'同意' if one.passed else '退回'}{said}"
        return {"title": one.step_name, "text": text, "at": one.at, "state": "done"}
    current = revision.status == RevisionStatus.REVIEW and number == revision.step
    where = bodies.get(revision.body_id or 0, "") if number == BODY_STEP else ""
    waits = _waiting_for(signers) if current else "还没有到"
    text = f"{where}，{waits}" if where else waits
    return {"title": step.name, "text": text, "at": None, "state": "current" if current else "todo"}


def _waiting_for(signers: Sequence[str]) -> str:
    if not signers:
        return f"等签字，可是没有人能签：{STUCK}"
    more = f"等{len(signers)}位" if len(signers) > NAMED else ""
    return f"等签字，{'、'.join(signers[:NAMED])}{more}能签"


def _past(revision: EntryRevision, signed: Mapping[int, Sequence[ReviewSignature]]) -> dict[str, Any]:
    return {
        "number": revision.number,
        "act": revisions.ACTIONS[RevisionAction(revision.action)],
        "author": revision.author_name,
        "at": revision.done_at or revision.changed_at,
        "reason": revision.reason,
        "result": RESULTS[RevisionStatus(revision.status)],
        "signed": [
            {
                "step": one.step_name,
                "by": one.person_name,
                "at": one.at,
                "passed": one.passed,
                "comment": one.comment,
            }
            for one in signed[revision.id or 0]
        ],
    }
