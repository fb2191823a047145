"""先审后发: what an entry says changes by a revision that is drafted, submitted, and signed at every step.

Nobody signs what they wrote, and nobody signs two steps of one revision. What is under review cannot be edited:
what the first one signed is what the last one signs. The last signature takes effect in its own transaction, and
the catalogue's version rises with it, so that every index hears of it. For the steps see ``faq.review_steps``,
for reading ``faq.revisions``.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from base.audit import note, text_digest
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Role
from faq import drafts, library
from faq.drafts import Draft
from faq.models import (
    CatalogEntry,
    EntryRevision,
    EntryStatus,
    Openness,
    ReviewSignature,
    RevisionAction,
    RevisionStatus,
)
from faq.review_steps import Step, first_step, of_round, signatures, step_at, steps, why_not
from faq.revisions import ACTIONS, OPEN, find, find_entry, open_of
from faq.table_file import REQUIRED, WORDLESS, Row, wordless
from interviews.texts import clean

__all__ = [
    "ACTIONS", "EDITABLE", "OPEN", "edit", "find", "find_entry", "open_of", "propose", "sign", "submit", "withdraw",
]  # fmt: skip

REASON_LIMIT = 500
COMMENT_LIMIT = 500
EDITABLE = (RevisionStatus.DRAFT, RevisionStatus.RETURNED)

_DRAFTERS = frozenset({Role.EDITOR, Role.OFFICE, Role.CLOCK})
_FITTING = {
    EntryStatus.DRAFT: (RevisionAction.PUBLISH,),
    EntryStatus.PUBLISHED: (RevisionAction.CHANGE, RevisionAction.RETIRE, RevisionAction.REPEAL),
    EntryStatus.RETIRED: (RevisionAction.PUBLISH,),
}


# Drafting


async def propose(
    uow: UnitOfWork,
    entry_id: int | None,
    action: RevisionAction,
    row: Row | None,
    reason: str | None = None,
    *,
    amended_on: date | None = None,
    review_on: date | None = None,
    body_id: int | None = None,
    origin: str | None = None,
) -> EntryRevision:
    """Begin a revision; it is a draft until it is submitted.

    Args:
        uow: the author's; ``Role.CLOCK`` where a programme drafts.
        entry_id: the entry; ``None`` makes a new one, whose row is a draft until the last signature.
        action: what the last signature does; for a new entry ``publish``.
        row: what the entry is to say; ``None`` leaves what it says (``retire``).
        reason: why; of 删减后公开 what was left out.
        amended_on: day on which the document itself was amended.
        review_on: day by which somebody looks whether it still holds.
        body_id: organisation that signs first, for what its officials answered.
        origin: what a new entry is made from, as ``CatalogEntry.origin``.

    Raises:
        Refusal: ``review.open`` with who has it, where a revision of the entry is on its way;
            ``review.action`` where the entry's status does not fit; ``entry.index_no``; ``entry.published_on`` for
            a day that has not come; ``text.too_long``; ``not_found``; the actor may not.
    """
    _must_draft(uow)
    await library.locked_state(uow)
    if entry_id is None:
        entry = await _new_entry(uow, action, row, origin)
    else:
        entry = await find_entry(uow.db, entry_id)
    await _may_begin(uow.db, entry, action)
    before = drafts.of_entry(entry)
    draft = Draft(row, amended_on, review_on) if row is not None else before
    await library.free_number(uow.db, draft.row.index_no, entry.id)
    numbers = select(func.max(col(EntryRevision.number))).where(col(EntryRevision.entry_id) == entry.id)
    revision = EntryRevision(
        entry_id=entry.id or 0,
        number=((await uow.db.execute(numbers)).scalar_one() or 0) + 1,
        action=action,
        author_id=uow.actor.person_id,
        author_name=uow.actor.name,
        body_id=body_id,
        created_at=uow.now,
        changed_at=uow.now,
    )
    _write(uow, entry, revision, draft, reason)
    revision.step = first_step(revision)
    uow.db.add(revision)
    await uow.db.flush()
    await _note(uow, "revision.propose", revision, entry=entry.id, action=action, of_body=body_id)
    return revision


async def edit(
    uow: UnitOfWork,
    revision_id: int,
    row: Row,
    reason: str | None = None,
    *,
    amended_on: date | None = None,
    review_on: date | None = None,
    seen: str | None = None,
) -> EntryRevision:
    """Write a draft, or one that was returned, anew; who edits it may not sign it.

    Args:
        uow: the editor's or the office's.
        revision_id: the revision.
        row: what it says from now on.
        reason: as for :func:`propose`.
        amended_on: as for :func:`propose`.
        review_on: as for :func:`propose`.
        seen: ``drafts.stamp`` of what the writer had before them.

    Raises:
        Refusal: ``review.changed`` where somebody saved in between; ``review.closed`` where it is under review or
            over; ``entry.index_no``; ``entry.published_on``; ``not_found``; the actor may not.
    """
    _must_draft(uow)
    await library.locked_state(uow)
    revision = await find(uow.db, revision_id)
    if revision.status not in EDITABLE:
        raise Refusal("review.closed", "这一份已经送审，不能再改。要改的，请先撤回或者请签字人退回。")
    if seen is not None and seen != drafts.stamp(revision):
        said = "您打开以后，别人存过这一份。您写的还在下面，没有存。请看清改了什么，合到一起再存。"
        raise Refusal("review.changed", said)
    entry = await find_entry(uow.db, revision.entry_id)
    await library.free_number(uow.db, row.index_no, entry.id)
    _write(uow, entry, revision, Draft(row, amended_on, review_on), reason)
    revision.changed_at = uow.now
    await _note(uow, "revision.edit", revision)
    return revision


async def submit(uow: UnitOfWork, revision_id: int, *, seen: str | None = None) -> EntryRevision:
    """Send a draft, or one that was returned and seen to, into the review, from its first step.

    Raises:
        Refusal: ``review.closed``; ``review.changed``; ``entry.openness`` where its 公开属性 forbids to publish;
            ``entry.published_on``; ``review.redacted`` where 删减后公开 does not say what was left out;
            ``review.same`` where nothing changes; ``review.lacking`` where a field without which no entry can be is
            empty; ``review.title`` where the title has no words; ``review.reason``; ``review.date``; ``not_found``;
            the actor may not.
    """
    _must_draft(uow)
    await library.locked_state(uow)
    revision = await find(uow.db, revision_id)
    if revision.status not in EDITABLE:
        raise Refusal("review.closed", "这一份已经送审，不用再送。请刷新页面看它到了哪里。")
    if seen is not None and seen != drafts.stamp(revision):
        raise Refusal("review.changed", "您打开以后，别人存过这一份。请看过再送审。")
    _fit_to_submit(uow, revision, await find_entry(uow.db, revision.entry_id))
    if revision.status == RevisionStatus.RETURNED:
        revision.round += 1
    revision.status = RevisionStatus.REVIEW
    revision.step = first_step(revision)
    revision.changed_at = uow.now
    await _note(uow, "revision.submit", revision, round=revision.round)
    return revision


async def withdraw(uow: UnitOfWork, revision_id: int) -> EntryRevision:
    """End a revision before its last signature; what is public stays as it is.

    Raises:
        Refusal: ``review.closed``; ``review.not_author`` for whoever neither wrote it nor is of the office;
            ``not_found``; the actor may not.
    """
    _must_draft(uow)
    await library.locked_state(uow)
    revision = await find(uow.db, revision_id)
    if revision.status not in OPEN:
        raise Refusal("review.closed", "这一份已经办完了。请刷新页面看结果。")
    if uow.actor.role is Role.EDITOR and uow.actor.person_id not in drafts.writers(revision):
        raise Refusal("review.not_author", "这一份不是您起草的。请由起草人或者信息办撤回。", status=403)
    revision.status, revision.changed_at, revision.done_at = RevisionStatus.WITHDRAWN, uow.now, uow.now
    await _note(uow, "revision.withdraw", revision)
    return revision


# Signing


async def sign(
    uow: UnitOfWork, revision_id: int, passed: bool, comment: str | None = None, *, seen: str | None = None
) -> EntryRevision:
    """Sign the step that comes next, or return the revision to its author; the last signature takes effect.

    Args:
        uow: the signer's.
        revision_id: the revision.
        passed: signed, or returned; returning takes a comment.
        comment: what is said with it.
        seen: ``drafts.stamp`` of what the signer had before them.

    Raises:
        Refusal: ``review.moved`` where somebody signed in between; ``review.not_open``, ``review.not_yours``,
            ``review.own``, ``review.twice``; ``review.comment`` for a return without one; ``review.entry_changed``
            where what is public has changed since the draft; ``text.too_long``; ``not_found``.
    """
    await library.locked_state(uow)
    revision = await find(uow.db, revision_id)
    listed = await steps(uow.db)
    if uow.actor.role is Role.CLERK and uow.actor.body_id != revision.body_id:
        raise missing("这一份")
    if seen is not None and seen != drafts.stamp(revision):
        raise Refusal("review.moved", await _who_was_quicker(uow.db, revision))
    signed = of_round(revision, await signatures(uow.db, [revision_id]))
    refusal = why_not(revision, uow.actor, listed, signed, drafts.writers(revision))
    if refusal is not None:
        raise refusal
    said = clean(comment, COMMENT_LIMIT, "意见") if comment and comment.strip() else None
    if not passed and said is None:
        raise Refusal("review.comment", "退回要写明要改什么。请写上意见再退回。", status=400)
    entry = await find_entry(uow.db, revision.entry_id)
    if passed and revision.fields.get(drafts.BASE) != drafts.base_of(entry):
        said = "起草以后，这一条另外改过（比如导入）。请退回，由起草人对照现在公开的文字再改。"
        raise Refusal("review.entry_changed", said)
    step = step_at(revision, listed)
    uow.db.add(
        ReviewSignature(
            revision_id=revision_id,
            round=revision.round,
            step=revision.step,
            step_name=step.name,
            person_id=uow.actor.person_id,
            person_name=uow.actor.name,
            passed=passed,
            comment=said,
            at=uow.now,
        )
    )
    act = "revision.sign" if passed else "revision.return"
    comment_digest = text_digest(said) if said else None
    await _note(uow, act, revision, step=step.name, round=revision.round, comment=comment_digest)
    await _after(uow, revision, entry, listed, passed=passed)
    return revision


async def _after(
    uow: UnitOfWork, revision: EntryRevision, entry: CatalogEntry, listed: Sequence[Step], *, passed: bool
) -> None:
    revision.changed_at = uow.now
    if not passed:
        revision.status = RevisionStatus.RETURNED
    elif revision.step + 1 < len(listed):
        revision.step += 1
    else:
        revision.status, revision.done_at = RevisionStatus.DONE, uow.now
        await _take_effect(uow, revision, entry)
    await uow.db.flush()


async def _take_effect(uow: UnitOfWork, revision: EntryRevision, entry: CatalogEntry) -> None:
    """Copy what was signed into the entry, and publish, change, take down or repeal it."""
    draft, number = drafts.of_revision(revision), revision.entry_id
    if revision.action == RevisionAction.RETIRE:
        await library.retire(uow, number, revision.reason or "", signed=revision)
        return
    if revision.action == RevisionAction.REPEAL and draft.row.repealed_on is not None:
        await library.repeal(uow, number, draft.row.repealed_on, draft.row.successor, signed=revision)
        return
    entry.amended_on, entry.review_on = draft.amended_on, draft.review_on
    if revision.body_id is not None:
        entry.body_id = revision.body_id
    await library.change(uow, number, draft.row, signed=revision)
    if revision.action == RevisionAction.PUBLISH:
        await library.publish(uow, number, signed=revision)


async def _who_was_quicker(db: AsyncSession, revision: EntryRevision) -> str:
    every = (await signatures(db, [revision.id or 0]))[revision.id or 0]
    if not every:
        return "您打开以后，这一份变了。请看过现在的内容再签。"
    last = every[-1]
    did = "签了" if last.passed else "退回了"
    return f"{last.person_name}刚刚{did}“{last.step_name}”这一步。请看过现在的内容，再看要不要您签。"


# Inside


def _must_draft(uow: UnitOfWork) -> None:
    if uow.actor.role not in _DRAFTERS:
        raise forbidden()


async def _new_entry(
    uow: UnitOfWork, action: RevisionAction, row: Row | None, origin: str | None
) -> CatalogEntry:
    if row is None or action != RevisionAction.PUBLISH:
        raise missing("这一条目录")
    await library.free_number(uow.db, row.index_no, None)
    entry = CatalogEntry(
        **row.values(),
        origin=origin,
        status=EntryStatus.DRAFT,
        created_at=uow.now,
        changed_at=uow.now,
    )
    uow.db.add(entry)
    await uow.db.flush()
    return entry


async def _may_begin(db: AsyncSession, entry: CatalogEntry, action: RevisionAction) -> None:
    having = await open_of(db, entry.id or 0)
    if having is not None:
        where = "正在送审" if having.status == RevisionStatus.REVIEW else "还在起草"
        text = f"{having.author_name}已经在办这一条（{ACTIONS[RevisionAction(having.action)]}，{where}）。"
        raise Refusal("review.open", f"{text}请等它办完，或者请对方撤回。")
    if action not in _FITTING[EntryStatus(entry.status)]:
        text = f"这一条现在不能{ACTIONS[action]}。请刷新页面看它的状态。"
        raise Refusal("review.action", text)


def _write(
    uow: UnitOfWork, entry: CatalogEntry, revision: EntryRevision, draft: Draft, reason: str | None
) -> None:
    """Put what was written into the revision, and into the entry while nobody but the desk can see it."""
    revision.reason = clean(reason, REASON_LIMIT, "说明") if reason and reason.strip() else None
    _must_have_come(uow, revision.action, draft)
    if entry.status == EntryStatus.DRAFT:
        for name, value in draft.values().items():
            setattr(entry, name, value)
        entry.changed_at = uow.now
    wrote = drafts.writers(revision)
    if uow.actor.person_id is not None and uow.actor.person_id not in wrote:
        wrote.append(uow.actor.person_id)
    revision.fields = drafts.as_json(draft) | {drafts.WRITERS: wrote, drafts.BASE: drafts.base_of(entry)}


def _must_have_come(uow: UnitOfWork, action: str, draft: Draft) -> None:
    """Judge the day of publication where the revision says one; taking down and repealing leave what is there."""
    if action in (RevisionAction.PUBLISH, RevisionAction.CHANGE):
        library.must_have_come(draft.row.published_on, uow.now)


def _fit_to_submit(uow: UnitOfWork, revision: EntryRevision, entry: CatalogEntry) -> None:
    draft, action = drafts.of_revision(revision), RevisionAction(revision.action)
    if action in (RevisionAction.RETIRE, RevisionAction.REPEAL) and not revision.reason:
        raise Refusal("review.reason", f"{ACTIONS[action]}要写明原因。请写在“说明”里再送审。", status=400)
    if action is RevisionAction.REPEAL and draft.row.repealed_on is None:
        raise Refusal("review.date", "废止要写明从哪一天起失效。请填“废止日期”再送审。", status=400)
    if action in (RevisionAction.RETIRE, RevisionAction.REPEAL):
        return
    _must_have_come(uow, action, draft)
    lacking = [drafts.NAMES[name] for name in REQUIRED if not draft.value(name).strip()]
    if lacking:
        raise Refusal("review.lacking", f"还没有写{'、'.join(lacking)}。请写好再送审。", status=400)
    if wordless(draft.row.title):
        raise Refusal("review.title", f"{drafts.NAMES['title']}{WORDLESS}。请改写再送审。", status=400)
    openness = draft.row.openness
    if openness not in library.PUBLISHABLE:
        text = f"公开属性是“{openness}”，只能存草稿，不能送审发布。要发布的，请先核对公开属性。"
        raise Refusal("entry.openness", text)
    if openness == Openness.REDACTED and not revision.reason:
        text = "公开属性是“删减后公开”，要写明删减了什么、依据是什么。请写在“说明”里再送审。"
        raise Refusal("review.redacted", text, status=400)
    before = drafts.of_entry(entry)
    unset = draft.row.published_on is None
    same = replace(draft, row=replace(draft.row, published_on=before.row.published_on)) if unset else draft
    if action is RevisionAction.CHANGE and same == before:
        raise Refusal("review.same", "和现在公开的一样，没有要改的。请改好再送审，或者撤回。")


async def _note(uow: UnitOfWork, act: str, revision: EntryRevision, **detail: object) -> None:
    """Every act of the review stands in the audit with the digest of what it was about."""
    await note(uow, act, f"revision:{revision.id}", content=drafts.digest(revision), **detail)
