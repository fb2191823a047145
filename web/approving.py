"""What the desk shows of a second person's approval: the queue, the answer that waits, the one that came back."""

from typing import Any

from base.clock import shanghai_iso
from base.db import UnitOfWork
from interviews import approvals
from interviews.approval_models import Approval
from interviews.models import Question

Row = dict[str, Any]


async def queue(uow: UnitOfWork, interview_id: int | None = None) -> list[Row]:
    """What waits in the actor's body, those that the actor can decide first.

    Args:
        uow: a unit of work of somebody who answers for a body.
        interview_id: only what waits in this interview.
    """
    if uow.actor.body_id is None:
        return []
    found = await approvals.of_body(uow, uow.actor.body_id)
    listed = [
        await _row(uow, laid, writer) | {"number": question.number, "asked": question.text} | _where(question)
        for laid, question, writer in found
        if interview_id is None or laid.interview_id == interview_id
    ]
    return sorted(listed, key=lambda row: not row["can"])


def _where(question: Question) -> Row:
    letter = question.number is None
    path = (
        f"/desk/questions/{question.id}"
        if letter
        else f"/desk/{question.interview_id}?question={question.id}"
    )
    return {"url": path}


async def of_question(uow: UnitOfWork, question_id: int) -> Row:
    """Of one question: what waits, what came back to the actor, and whether the actor's answers take a second person."""
    laid = await approvals.waiting(uow, question_id, uow.actor.body_id)
    back = await approvals.returned_to(uow, question_id)
    names = {person.id: person.display_name for person in await _people(uow)}
    return {
        "second": await approvals.asked(uow),
        "laid": await _row(uow, laid, names.get(laid.author_id, "同事")) | _whole(laid) if laid else None,
        "returned": {"reason": back[0].reason, "by": back[1], "at": _decided(back[0])} if back else None,
    }


async def _people(uow: UnitOfWork) -> list[Any]:
    return list(await approvals.people_of(uow, uow.actor.body_id)) if uow.actor.body_id else []


def _decided(laid: Approval) -> str:
    return shanghai_iso(laid.decided_at or laid.at)


async def _row(uow: UnitOfWork, laid: Approval, writer: str) -> Row:
    return {
        "approval": laid.id,
        "question": laid.question_id,
        "kind": laid.kind,
        "writer": writer,
        "at": shanghai_iso(laid.at),
        "mine": laid.author_id == uow.actor.person_id,
        "can": await approvals.may_approve(uow, laid),
    }


def _whole(laid: Approval) -> Row:
    return {"text": laid.text, "ground": laid.ground, "speaker": laid.speaker, "edition": laid.edition}
