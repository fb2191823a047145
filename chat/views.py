"""What each audience sees of an interview, and what each change tells them. Pure.

Three audiences: the public (``interview:7:public``), the interview's staff (``interview:7:staff``: pending and
declined questions too, in masked text), and one person (``person:31``: their own questions and supports). For each,
``…_state`` builds the whole from the record, ``deliveries`` the events; ``replay.apply`` joins the two, and the
tests hold ``apply(state before, events) == state after`` for every command.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from base.changes import Change, Recorded
from base.clock import maybe_iso, shanghai_iso
from interviews import changes
from interviews.changes import InterviewFacts, ItemFacts, QuestionFacts
from interviews.lifecycle import QuestionStatus

State = dict[str, Any]
Body = dict[str, Any]


EVENT_WORDS = {
    "interview.announced": "访谈发了预告，正文是访谈的全部基本情况",
    "interview.changed": "访谈的基本情况变了，正文是新的全部基本情况",
    "interview.cancelled": "访谈取消，正文是访谈的全部基本情况，close_reason 是取消的原因",
    "interview.opened": "访谈开始，正文是访谈的全部基本情况",
    "interview.extended": "访谈延长，正文是访谈的全部基本情况",
    "interview.closed": "访谈结束，正文是访谈的全部基本情况",
    "interview.said": "有人说了一句，正文是这一条实录",
    "question.submitted": "收到一个提问，还没有公开（只给工作人员和本人）",
    "question.published": "一个提问公开了，有了编号",
    "question.supported": "支持的人数变了",
    "question.merged": "一个提问并入另一个，支持的人数一起过去",
    "question.staged": "一个提问上场",
    "question.unstaged": "一个提问先放回去",
    "question.answered": "一个提问有了答复，正文是这一条实录和提问现在的情况",
    "question.reopened": "一个答复了的提问，提问和支持的人说没解决，再次办理，写明最迟哪一天",
    "question.refused": "一个提问依法不予答复，写明依据和理由",
    "question.deferred": "一个提问转为会后答复；reason 是 time 的，是结束时没有排上，cancelled 的，是访谈取消",
    "question.transferred": "一个还没有审核的提问转给答复单位书面答复（只给工作人员和本人）",
    "question.appealed": "没有公开的提问，提问人申诉了一次，重新等审核（只给工作人员和本人）",
    "question.claimed": "一个等审核的提问有人在处理，写明是谁、到什么时候（只给工作人员）",
    "question.publishing": "一个提问几秒后公开，这以前可以撤回公开（只给工作人员）",
    "question.released": "一个等审核的提问又没有人处理了，或者公开撤回了（只给工作人员）",
    "questions.ordered": "主持人排了后面提问的次序（只给工作人员）",
    "publication.delayed": "公开要等几秒改了，0是不等（只给工作人员）",
    "erratum": "一条实录有了更正，正文是更正，of 是更正的那一条",
    "question.declined": "一个提问没有公开，写明原因（只给工作人员和本人）",
    "question.withdrawn": "一个提问由本人撤回，文字不再显示",
    "question.removed": "一条实录撤下了，写明原因；以前说它的那些事件，正文只剩 removed 和 reason",
    "answer.drafted": "有人在写答复，只说写的人和字数（只给工作人员）",
    "answer.attached": "答复旁边的附件、目录条目变了，正文是现在的全部，空的是都拿掉了；item 是那条答复",
    "answer.promised": "一条答复登记了承诺，或者承诺办结、取消了；item 是那条答复",
    "answer.waiting": "一份答复写好了，在等本单位另一个人审定，不说内容（只给工作人员）",
    "answer.approved": "等审定的一份答复审定了，随后发布（只给工作人员）",
    "answer.returned": "等审定的一份答复退回给写的人了（只给工作人员）",
    "answer.recalled": "等审定的一份答复由写的人撤回了（只给工作人员）",
}
"""What each kind of event means, for ``fangtan protocol``; a test holds it against ``replay``."""


@dataclass(frozen=True)
class Delivery:
    """One event on its way into one stream; the stream gives it its number."""

    stream: str
    kind: str
    body: Body


def public_stream(interview_id: int) -> str:
    """Name of the stream that everybody may read."""
    return f"interview:{interview_id}:public"


def staff_stream(interview_id: int) -> str:
    """Name of the stream of those who work in the interview."""
    return f"interview:{interview_id}:staff"


def person_stream(person_id: int) -> str:
    """Name of one person's stream; outside it is called ``me``."""
    return f"person:{person_id}"


def interview_view(interview: InterviewFacts) -> Body:
    """An interview's own facts, as every audience sees them."""
    return {
        "id": interview.id,
        "no": interview.ordinal,
        "theme": interview.theme,
        "status": interview.status,
        "starts_at": shanghai_iso(interview.starts_at),
        "ends_at": shanghai_iso(interview.ends_at),
        "venue": interview.venue,
        "content": interview.content,
        "host": interview.host,
        "announced_at": maybe_iso(interview.announced_at),
        "opened_at": maybe_iso(interview.opened_at),
        "limit_at": maybe_iso(interview.limit_at),
        "closed_at": maybe_iso(interview.closed_at),
        "close_reason": interview.close_reason,
        "respondents": [{"id": r.id, "name": r.name, "lead": r.lead} for r in interview.respondents],
        "guests": [{"name": g.name, "post": g.post, "body": g.body} for g in interview.guests],
        "deviations": [
            {"article": d.article, "text": d.text, "at": shanghai_iso(d.at)} for d in interview.deviations
        ],
        "changes": [
            {"kind": c.kind, "text": c.text, "ground": c.ground, "reason": c.reason, "at": shanghai_iso(c.at)}
            for c in interview.changes
        ],
    }


def question_view(question: QuestionFacts) -> Body:
    """A question that is or was public. One taken back keeps its number and loses its text."""
    gone = question.status in (QuestionStatus.WITHDRAWN, QuestionStatus.REMOVED)
    return {
        "question": question.id,
        "number": question.number,
        "item": question.item_id,
        "text": None if gone else question.text,
        "kind": question.kind,
        "nickname": None if gone else question.nickname,
        "at": shanghai_iso(question.submitted_at),
        "status": question.status,
        "supports": question.supports,
        "into": question.into_id,
        "reason": question.reason,
        "to": question.to_body,
    } | ({"reopened": reopened_view(question)} if question.reopened_due else {})


def reopened_view(question: QuestionFacts) -> Body:
    """Since when a question is handled again, and by when it will be answered."""
    due = question.reopened_due
    return {"since": maybe_iso(question.reopened_at), "due": due.isoformat() if due else None}


def staff_question_view(question: QuestionFacts) -> Body:
    """The same for those who work in the interview, with why it was drawn to the moderator's eye."""
    return question_view(question) | {"flags": list(question.flags)}


def own_question_view(question: QuestionFacts) -> Body:
    """A question as its asker sees it, with the receipt; supports are read on the public stream."""
    view = question_view(question) | {
        "interview": question.interview_id,
        "receipt": question.receipt,
        "appealed": question.appealed,
    }
    if question.status != QuestionStatus.REMOVED:
        view["text"], view["nickname"] = question.text, question.nickname
    del view["supports"]
    return view


def item_view(item: ItemFacts, errata: Iterable[ItemFacts] = ()) -> Body:
    """One numbered thing of the transcript with its errata; a question's text stands with the question alone."""
    return {
        "item": item.id,
        "no": item.no,
        "kind": item.kind,
        "question": item.question_id,
        "speaker": None if item.kind == "question" else item.speaker,
        "role": item.role,
        "body": item.body_name,
        "text": None if item.kind == "question" or item.removed else item.text,
        "at": shanghai_iso(item.at),
        "origin": item.origin,
        "ground": item.ground,
        "removed": item.removed,
        "because": item.note,
        "errata": [erratum_view(one) for one in errata],
    } | _annotated(item)


def _annotated(item: ItemFacts) -> Body:
    """What an answer promises and what stands beside it; of most items nothing."""
    promise = {"promise": promise_view(item.promise)} if item.promise else {}
    return promise | ({"attached": attached_view(item.attached)} if item.attached else {})


def attached_view(attached: Iterable[changes.AttachedFacts]) -> list[Body]:
    """What stands beside an answer, in the order it was put there."""
    return [
        {"link": one.link, "kind": one.kind, "title": one.title, "url": one.url, "note": one.note}
        for one in attached
    ]


def promise_view(promise: changes.PromiseFacts) -> Body:
    """A promise beside its answer; whether it is overdue is for whoever reads it to say, by the day."""
    return {
        "what": promise.what,
        "due": promise.due.isoformat(),
        "provisional": promise.provisional,
        "status": promise.status,
        "done_at": maybe_iso(promise.done_at),
        "done_no": promise.done_no,
        "reason": promise.reason,
    }


def laid_up_view(laid: changes.LaidUpFacts) -> Body:
    """An answer that waits for a second person of its body; those who work in the interview are not told the text."""
    return {
        "approval": laid.approval,
        "question": laid.question_id,
        "body": laid.body_name,
        "writer": laid.writer,
        "kind": laid.kind,
        "at": shanghai_iso(laid.at),
    }


def erratum_view(erratum: ItemFacts) -> Body:
    """A correction as it stands beside the item ``of``."""
    return {
        "item": erratum.id,
        "no": erratum.no,
        "of": erratum.of_id,
        "text": None if erratum.removed else erratum.text,
        "reason": erratum.note,
        "at": shanghai_iso(erratum.at),
        "speaker": erratum.speaker,
        "role": erratum.role,
        "body": erratum.body_name,
        "removed": erratum.removed,
    }


def _room_state(interview: InterviewFacts, questions: dict[str, Body], items: Iterable[ItemFacts]) -> State:
    known = list(items)
    beside: dict[int, list[ItemFacts]] = {}
    for item in known:
        if item.of_id is not None:
            beside.setdefault(item.of_id, []).append(item)
    return {
        "interview": interview_view(interview),
        "questions": questions,
        "stage": [],
        "items": [item_view(item, beside.get(item.id, ())) for item in known if item.of_id is None],
    }


def public_state(
    interview: InterviewFacts,
    questions: Iterable[QuestionFacts],
    items: Iterable[ItemFacts],
    stage: Iterable[int],
) -> State:
    """Everything the public knows of an interview; a question nobody published is not even a number here.

    Nor is an answer to one: it was handed to a body when its interview was cancelled, and only its asker reads it.
    """
    known = {str(q.id): question_view(q) for q in questions if q.number is not None}
    said = [item for item in items if item.question_id is None or str(item.question_id) in known]
    return _room_state(interview, known, said) | {"stage": list(stage)}


def staff_state(
    interview: InterviewFacts,
    questions: Iterable[QuestionFacts],
    items: Iterable[ItemFacts],
    stage: Iterable[int],
    at_work: Body,
) -> State:
    """Everything those who work in the interview know of it.

    Args:
        interview: its own facts.
        questions: all of them, in the order they came.
        items: the transcript and the letters, in their order.
        stage: the questions on stage, the newest last.
        at_work: what is under way: ``drafting`` and ``handling`` by question, what is ``approving`` by its number, the
            host's ``order``, the ``delay``.
    """
    known = {str(q.id): staff_question_view(q) for q in questions}
    return _room_state(interview, known, items) | {"stage": list(stage)} | at_work


def own_state(questions: Iterable[QuestionFacts], supported: Iterable[int]) -> State:
    """A person's own questions and what they support."""
    return {
        "questions": {str(q.id): own_question_view(q) for q in questions},
        "supported": sorted(supported),
    }


def deliveries(recorded: Recorded) -> list[Delivery]:
    """What one change tells whom.

    Raises:
        TypeError: a change that no audience has a view of.
    """
    change = recorded.change
    match change:
        case changes.InterviewChanged(kind, interview):
            body = interview_view(interview)
            return _to_room(interview.id, kind, body, body)
        case changes.ItemSaid(interview_id, item):
            return _to_room(interview_id, "interview.said", item_view(item), item_view(item))
        case changes.QuestionSubmitted(question):
            return _waits("question.submitted", question)
        case changes.QuestionAppealed(question):
            return _waits("question.appealed", question)
        case changes.QuestionPublished(question, item):
            return _published(question, item)
        case changes.QuestionSupported(question, person_id):
            body = {"question": question.id, "supports": question.supports}
            room = _to_room(question.interview_id, "question.supported", body, body)
            return [
                *room,
                Delivery(person_stream(person_id), "question.supported", {"question": question.id}),
            ]
        case changes.QuestionMerged():
            return _merged(change)
        case changes.QuestionSettled() | changes.QuestionStaged():
            return _settled_or_staged(change)
        case changes.QuestionAnswered(kind, question, item):
            body = item_view(item) | {
                "number": question.number,
                "status": question.status,
                "reason": question.reason,
                "to": question.to_body,
            }
            room = _to_room(question.interview_id, kind, body, body)
            return [*(room if question.number is not None else room[1:]), _to_asker(kind, question)]
        case changes.ItemRemoved():
            return _removed(change)
        case (
            changes.ErratumPublished()
            | changes.AnswerPromised()
            | changes.AnswerAttached()
            | changes.QuestionReopened()
        ):
            return _beside(change)
        case _:
            return _at_work(change)


def _beside(
    change: changes.ErratumPublished
    | changes.AnswerPromised
    | changes.AnswerAttached
    | changes.QuestionReopened,
) -> list[Delivery]:
    """What stands beside an item, or a question, from now on."""
    if isinstance(change, changes.QuestionReopened):
        asked = change.question
        body = {"question": asked.id, "reopened": reopened_view(asked)}
        room = _to_room(asked.interview_id, "question.reopened", body, body)
        return [*room, _to_asker("question.reopened", asked)]
    if isinstance(change, changes.AnswerAttached):
        body = {"item": change.item_id, "attached": attached_view(change.attached)}
        return _to_room(change.interview_id, "answer.attached", body, body)
    if isinstance(change, changes.AnswerPromised):
        body = {"item": change.item_id, "promise": promise_view(change.promise)}
        room = _to_room(change.interview_id, "answer.promised", body, body)
        return room if change.public else room[1:]
    view = erratum_view(change.erratum)
    room = _to_room(change.interview_id, "erratum", view, view)
    return room if change.public else room[1:]


def _at_work(change: Change) -> list[Delivery]:
    """What only those who work in the interview are told: who writes, who handles, what comes next."""
    match change:
        case changes.AnswerDrafted(question, writer, length):
            body: Body = {"question": question.id, "writer": writer, "length": length}
            return [Delivery(staff_stream(question.interview_id), "answer.drafted", body)]
        case changes.AnswerLaidUp(kind, laid):
            body = laid_up_view(laid) if kind == "answer.waiting" else {"approval": laid.approval}
            return [Delivery(staff_stream(laid.interview_id), kind, body)]
        case changes.QuestionHandled(kind, question, by, until, publishing):
            body = {
                "question": question.id,
                "by": by,
                "until": shanghai_iso(until),
                "publishing": publishing,
            }
            return [Delivery(staff_stream(question.interview_id), kind, body)]
        case changes.QuestionReleased(question):
            body = {"question": question.id}
            return [Delivery(staff_stream(question.interview_id), "question.released", body)]
        case changes.QuestionsOrdered(interview_id, line):
            return [Delivery(staff_stream(interview_id), "questions.ordered", {"questions": list(line)})]
        case changes.PublicationDelayed(interview_id, seconds):
            return [Delivery(staff_stream(interview_id), "publication.delayed", {"seconds": seconds})]
    raise TypeError(f"no audience has a view of {type(change).__name__}")


def _waits(kind: str, question: QuestionFacts) -> list[Delivery]:
    """A question that waits for the moderator is known to staff and to its asker."""
    view = staff_question_view(question)
    return [Delivery(staff_stream(question.interview_id), kind, view), _to_asker(kind, question)]


def _to_room(interview_id: int, kind: str, public: Body, staff: Body) -> list[Delivery]:
    return [
        Delivery(public_stream(interview_id), kind, public),
        Delivery(staff_stream(interview_id), kind, staff),
    ]


def _to_asker(kind: str, question: QuestionFacts) -> Delivery:
    return Delivery(person_stream(question.asker_id), kind, own_question_view(question))


def _published(question: QuestionFacts, item: ItemFacts) -> list[Delivery]:
    numbered = {"no": item.no, "published_at": shanghai_iso(item.at)}
    room = _to_room(
        question.interview_id,
        "question.published",
        question_view(question) | numbered,
        staff_question_view(question) | numbered,
    )
    return [*room, _to_asker("question.published", question)]


def _removed(change: changes.ItemRemoved) -> list[Delivery]:
    """Carries the whole of what is left: whoever starts from the first number never saw what was taken down."""
    question = change.question
    body = {
        "item": change.item.id,
        "reason": change.reason,
        "question": question.id if question else None,
        "number": question.number if question else None,
        "status": question.status if question else None,
        "entry": _left_of(change),
    }
    if question is None:
        return _to_room(change.interview_id, "question.removed", body | {"view": None}, body | {"view": None})
    room = _to_room(
        change.interview_id,
        "question.removed",
        body | {"view": question_view(question)},
        body | {"view": staff_question_view(question)},
    )
    # A letter answers a question that is not public: the public never heard of either.
    told = room if question.number is not None else room[1:]
    return [*told, _to_asker("question.removed", question)]


def _left_of(change: changes.ItemRemoved) -> Body:
    return erratum_view(change.item) if change.item.of_id else item_view(change.item, change.errata)


def _merged(change: changes.QuestionMerged) -> list[Delivery]:
    question, into = change.question, change.into
    body = {
        "question": question.id,
        "number": question.number,
        "into": into.id,
        "into_number": into.number,
        "supports": into.supports,
    }
    raised = {"question": into.id, "supports": into.supports}
    public = public_stream(question.interview_id)
    told = (
        Delivery(public, "question.merged", body)
        if change.was_public
        else Delivery(public, "question.supported", raised)
    )
    carried = [
        Delivery(person_stream(person_id), "question.supported", {"question": into.id})
        for person_id in change.carried
    ]
    staff = Delivery(staff_stream(question.interview_id), "question.merged", body)
    return [told, staff, _to_asker("question.merged", question), *carried]


def _settled_or_staged(change: changes.QuestionSettled | changes.QuestionStaged) -> list[Delivery]:
    question = change.question
    body = {
        "question": question.id,
        "number": question.number,
        "status": question.status,
        "reason": question.reason,
        "to": question.to_body,
    }
    told = [
        Delivery(staff_stream(question.interview_id), change.kind, body),
        _to_asker(change.kind, question),
    ]
    if isinstance(change, changes.QuestionStaged) or change.was_public:
        told.insert(0, Delivery(public_stream(question.interview_id), change.kind, body))
    return told
