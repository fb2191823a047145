"""A second person's approval of what a body answers (审定), where the office has set it for that body.

The author lays an answer up; another person of the same body reads it and lets it go out, or gives it back with a
reason. Nothing is public before. What a body says live beside the answers (发言), why an answer comes only afterwards
(第八条) and corrections do not wait: see docs/decisions/0024-second-person.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlmodel import col

from base import audit, outbox
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Body, Person, Role
from interviews import changes, facts, messages, texts, wording
from interviews.approval_models import Approval, ApprovalRule, ApprovalStatus
from interviews.lifecycle import Ground, InterviewStatus, ItemKind
from interviews.messages import Readers
from interviews.models import Interview, Question
from interviews.telling import Kind
from interviews.transcript import Voice

KEY = "approval:"
ANSWERING = (Role.CLERK, Role.GUEST)
"""Whose accounts prepare and approve answers."""


@dataclass(frozen=True)
class Reply:
    """Something a body says to a question, ready to go out; ``keeps`` is the promise that it keeps."""

    kind: ItemKind
    text: str
    voice: Voice
    ground: Ground | None = None
    keeps: int | None = None

    @property
    def edition(self) -> str:
        """The digest of everything that would go out."""
        parts = (
            self.kind,
            self.text,
            self.ground or "",
            self.voice.speaker or "",
            self.voice.body_name or "",
            str(self.keeps or ""),
        )
        return audit.text_digest("\x1f".join(parts))


# The setting


async def rules(uow: UnitOfWork) -> dict[int, ApprovalRule]:
    """The bodies whose answers take a second person, by their number."""
    return {rule.body_id: rule for rule in await uow.db.scalars(select(ApprovalRule))}


async def people_of(uow: UnitOfWork, body_id: int) -> list[Person]:
    """The open accounts of a body that may prepare or approve an answer."""
    query = select(Person).where(
        col(Person.body_id) == body_id,
        col(Person.role).in_(ANSWERING),
        col(Person.disabled_at).is_(None),
    )
    return list(await uow.db.scalars(query.order_by(col(Person.id))))


async def set_rule(uow: UnitOfWork, body_id: int, wanted: bool, approver_id: int | None = None) -> bool:
    """Ask a second person's approval of a body's answers from now on, or no more.

    What waits keeps waiting when it is no longer asked: its author can take it back and send it at once.

    Args:
        uow: the office's unit of work.
        body_id: the body.
        wanted: whether it is asked.
        approver_id: the one who approves; nobody: anyone of the body but the author.

    Returns:
        Whether something changed.

    Raises:
        Refusal: not the office, no such body, fewer than two people who could, or an approver of another body.
    """
    if uow.actor.role is not Role.OFFICE:
        raise forbidden()
    body = await uow.db.get(Body, body_id, with_for_update=True)
    if body is None:
        raise missing("这个单位")
    rule = await uow.db.get(ApprovalRule, body_id)
    if (rule is not None) == wanted and (rule is None or rule.approver_id == approver_id):
        return False
    if wanted:
        await _check_people(uow, body_id, approver_id)
        if rule is None:
            rule = ApprovalRule(body_id=body_id, since=uow.now)
            uow.db.add(rule)
        rule.approver_id = approver_id
    elif rule is not None:
        await uow.db.delete(rule)
    await uow.db.flush()
    await audit.note(uow, "body.approval", f"body:{body_id}", asked=wanted, approver=approver_id)
    return True


async def _check_people(uow: UnitOfWork, body_id: int, approver_id: int | None) -> None:
    people = await people_of(uow, body_id)
    if len(people) < 2:
        message = "这个单位能答复的账号不到两个，没有人能审定别人写的。请先请系统管理员加账号。"
        raise Refusal("approval.alone", message)
    if approver_id is not None and approver_id not in [person.id for person in people]:
        raise Refusal("approval.approver", "审定人要从这个单位能答复的账号里选。请重新选。", status=400)


# The answer


async def asked(uow: UnitOfWork) -> bool:
    """Whether what the actor answers takes a second person."""
    body_id = uow.actor.body_id
    return body_id is not None and await uow.db.get(ApprovalRule, body_id) is not None


async def waiting(uow: UnitOfWork, question_id: int, body_id: int | None) -> Approval | None:
    """What a body has laid up to answer a question, if there is something."""
    query = select(Approval).where(
        col(Approval.question_id) == question_id,
        col(Approval.body_id) == body_id,
        col(Approval.status) == ApprovalStatus.WAITING,
    )
    return (await uow.db.scalars(query.order_by(col(Approval.id)))).first()


async def lay_up(uow: UnitOfWork, interview: Interview, question: Question, reply: Reply) -> Approval:
    """Lay an answer before the second person; the question's row must be locked.

    The author's own that waits already is replaced by the new one.

    Raises:
        Refusal: ``approval.waiting`` where somebody else of the body has laid one up.
    """
    before = await waiting(uow, question.id or 0, uow.actor.body_id)
    if before is not None and before.author_id != uow.actor.person_id:
        message = "这个问题已经有同事写的一份在等审定。请先看那一份，退回以后再交您的。"
        raise Refusal("approval.waiting", message)
    if before is not None:
        await _decide(uow, before, ApprovalStatus.RECALLED)
    laid = Approval(
        interview_id=interview.id or 0,
        question_id=question.id or 0,
        body_id=uow.actor.body_id or 0,
        author_id=uow.actor.person_id or 0,
        kind=reply.kind.value,
        text=reply.text,
        ground=reply.ground,
        speaker=reply.voice.speaker,
        role=reply.voice.role,
        body_name=reply.voice.body_name,
        keeps_id=reply.keeps,
        edition=reply.edition,
        at=uow.now,
    )
    uow.db.add(laid)
    await uow.db.flush()
    await audit.note(uow, "answer.lay_up", f"question:{question.id}", approval=laid.id, edition=laid.edition)
    uow.record(await _told(uow, laid))
    await _ask_second(uow, interview, laid)
    return laid


async def _ask_second(uow: UnitOfWork, interview: Interview, laid: Approval) -> None:
    """Write to whoever may approve it; while the interview is live they sit at the same desk and see it at once."""
    if interview.rehearsal or interview.status == InterviewStatus.LIVE:
        return
    rule = await uow.db.get(ApprovalRule, laid.body_id)
    people = [one for one in await people_of(uow, laid.body_id) if one.id != laid.author_id]
    named = [one for one in people if rule is not None and one.id == rule.approver_id]
    author = await uow.db.get_one(Person, laid.author_id)
    words = await wording.mail(uow, "approval", theme=interview.theme, author=author.display_name)
    await messages.send(uow, Kind.APPROVAL, f"{KEY}{laid.id}:laid", Readers(named or people), words)


async def _tell_author(uow: UnitOfWork, laid: Approval) -> None:
    """Write to the author whose answer came back, as for :func:`_ask_second`."""
    interview = await uow.db.get_one(Interview, laid.interview_id)
    if interview.rehearsal or interview.status == InterviewStatus.LIVE:
        return
    author = await uow.db.get_one(Person, laid.author_id)
    words = await wording.mail(uow, "approval_returned", theme=interview.theme, by=uow.actor.name)
    await messages.send(uow, Kind.APPROVAL, f"{KEY}{laid.id}:returned", Readers([author]), words)


async def may_approve(uow: UnitOfWork, laid: Approval) -> bool:
    """Whether the actor is the second person: of the same body, not the author, and the one named where one is.

    Where the one named wrote it, or has no account any more, it takes anybody else of the body.
    """
    if uow.actor.body_id != laid.body_id or uow.actor.person_id == laid.author_id:
        return False
    rule = await uow.db.get(ApprovalRule, laid.body_id)
    named = rule.approver_id if rule else None
    if named in (None, uow.actor.person_id, laid.author_id):
        return True
    return named not in [person.id for person in await people_of(uow, laid.body_id)]


async def approved(uow: UnitOfWork, question: Question, edition: str) -> tuple[Approval, Reply]:
    """The second person has read this edition and lets it go out; ``answers.approve`` publishes it.

    Raises:
        Refusal: nothing waits, one's own, somebody else's to decide, or another edition than the one read.
    """
    laid = await _to_decide(uow, question)
    if laid.edition != edition:
        raise Refusal("approval.edition", "这一份在您看的时候改过了。请刷新页面，看过新的再审定。")
    voice = Voice(laid.speaker, laid.role, laid.body_name)
    reply = Reply(
        ItemKind(laid.kind), laid.text, voice, Ground(laid.ground) if laid.ground else None, laid.keeps_id
    )
    await _decide(uow, laid, ApprovalStatus.APPROVED)
    note = {"approval": laid.id, "edition": laid.edition, "author": laid.author_id}
    await audit.note(uow, "answer.approve", f"question:{question.id}", **note)
    return laid, reply


async def give_back(uow: UnitOfWork, question: Question, reason: str) -> Approval:
    """The second person does not let it go out, and says why; ``answers.give_back`` returns it as a draft.

    Raises:
        Refusal: nothing waits, one's own, somebody else's to decide, or no reason.
    """
    laid = await _to_decide(uow, question)
    laid.reason = texts.clean(reason, texts.REASON_LIMIT, "退回的理由")
    await _decide(uow, laid, ApprovalStatus.RETURNED)
    note = {"approval": laid.id, "reason": audit.text_digest(laid.reason), "author": laid.author_id}
    await audit.note(uow, "answer.return", f"question:{question.id}", **note)
    await _tell_author(uow, laid)
    return laid


async def recall(uow: UnitOfWork, question: Question) -> Approval:
    """The author takes back what waits.

    Raises:
        Refusal: nothing waits, or somebody else wrote it.
    """
    laid = await _waiting(uow, question)
    if laid.author_id != uow.actor.person_id:
        raise Refusal("approval.not_author", "这一份是同事写的，要撤回请他来。您可以退回给他。")
    await _decide(uow, laid, ApprovalStatus.RECALLED)
    await audit.note(uow, "answer.recall", f"question:{question.id}", approval=laid.id)
    return laid


async def _waiting(uow: UnitOfWork, question: Question) -> Approval:
    laid = await waiting(uow, question.id or 0, uow.actor.body_id)
    if laid is None:
        message = "这个问题现在没有等审定的答复，可能已经发布、退回或者撤回了。请刷新页面再看。"
        raise Refusal("approval.none", message)
    return laid


async def _to_decide(uow: UnitOfWork, question: Question) -> Approval:
    laid = await _waiting(uow, question)
    if laid.author_id == uow.actor.person_id:
        raise Refusal("approval.own", "自己写的不能自己审定。请本单位另一个人审定。")
    if not await may_approve(uow, laid):
        raise Refusal("approval.named", "这个单位的答复由指定的人审定。请他来审定，或者请信息办改审定人。")
    return laid


async def _decide(uow: UnitOfWork, laid: Approval, status: ApprovalStatus) -> None:
    laid.status, laid.decided_by, laid.decided_at = status, uow.actor.person_id, uow.now
    await uow.db.flush()
    await outbox.withdraw_all(uow, f"{KEY}{laid.id}:", messages.SETTLED)
    uow.record(await _told(uow, laid))


async def _told(uow: UnitOfWork, laid: Approval) -> changes.AnswerLaidUp:
    author = await uow.db.get_one(Person, laid.author_id)
    return changes.AnswerLaidUp(
        _EVENTS[ApprovalStatus(laid.status)], facts.laid_up(laid, author.display_name)
    )


_EVENTS = {
    ApprovalStatus.WAITING: "answer.waiting",
    ApprovalStatus.APPROVED: "answer.approved",
    ApprovalStatus.RETURNED: "answer.returned",
    ApprovalStatus.RECALLED: "answer.recalled",
}


async def lapse(uow: UnitOfWork, question: Question) -> None:
    """The question takes no answer any more (merged, withdrawn, refused): nothing waits for approval."""
    query = select(Approval).where(
        col(Approval.question_id) == question.id, col(Approval.status) == ApprovalStatus.WAITING
    )
    for laid in list(await uow.db.scalars(query.order_by(col(Approval.id)))):
        await _decide(uow, laid, ApprovalStatus.RECALLED)


async def forget(uow: UnitOfWork, question: Question) -> None:
    """Something of a question was taken down: nothing that was laid up for it waits or is readable any more."""
    await lapse(uow, question)
    blank = update(Approval).where(col(Approval.question_id) == question.id).values(text="", reason=None)
    await uow.db.execute(blank.execution_options(synchronize_session="fetch"))


# What waits


async def of_interview(uow: UnitOfWork, interview_id: int) -> list[tuple[Approval, str]]:
    """What waits in an interview, with who wrote it, in the order it came."""
    query = (
        select(Approval, col(Person.display_name))
        .join(Person, col(Person.id) == col(Approval.author_id))
        .where(col(Approval.interview_id) == interview_id, col(Approval.status) == ApprovalStatus.WAITING)
        .order_by(col(Approval.id))
    )
    return [(laid, name) for laid, name in await uow.db.execute(query)]


async def of_body(uow: UnitOfWork, body_id: int) -> Sequence[tuple[Approval, Question, str]]:
    """What waits in a body, from whatever interview, with its question and who wrote it; the oldest first."""
    query = (
        select(Approval, Question, col(Person.display_name))
        .join(Question, col(Question.id) == col(Approval.question_id))
        .join(Person, col(Person.id) == col(Approval.author_id))
        .where(col(Approval.body_id) == body_id, col(Approval.status) == ApprovalStatus.WAITING)
        .order_by(col(Approval.at), col(Approval.id))
    )
    return [(laid, question, name) for laid, question, name in await uow.db.execute(query)]


async def returned_to(uow: UnitOfWork, question_id: int) -> tuple[Approval, str] | None:
    """The actor's latest answer to a question where it came back and nothing was laid up since; with who returned it."""
    query = (
        select(Approval, col(Person.display_name))
        .join(Person, col(Person.id) == col(Approval.decided_by), isouter=True)
        .where(col(Approval.question_id) == question_id, col(Approval.author_id) == uow.actor.person_id)
        .order_by(col(Approval.id).desc())
        .limit(1)
    )
    found = (await uow.db.execute(query)).first()
    if found is None or found[0].status != ApprovalStatus.RETURNED:
        return None
    return found[0], found[1]
