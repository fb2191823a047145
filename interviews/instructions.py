"""Instructions (督办): the supervisor tells a body what to do by a day, the body answers, the supervisor accepts.

given → answered → accepted, or returned with a reason and a day, and withdrawn before it is answered. Between the
supervisor and the body's clerks alone: to everybody else an instruction does not exist. An answer is judged by its
date and by the calendar known that day. Decision 0025 says why an instruction is no duty of the rule.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Select, select
from sqlmodel import col

from base import audit, outbox
from base.clock import office_date
from base.db import UnitOfWork
from base.errors import Refusal, forbidden, missing
from base.people import Actor, Body, Role
from interviews import law, messages, texts, wording, workdays
from interviews.calendar import Calendar
from interviews.deadlines import HasDates, acted_on, in_words, lateness, reminder_stages
from interviews.instruction_models import Instruction, InstructionStep, State, StepKind
from interviews.lifecycle import PUBLIC
from interviews.models import Duty, Interview, Question
from interviews.telling import Kind

TEXT_LIMIT = 2000
DOER_LIMIT = 60
FURTHEST_DAYS = 366
"""No day further ahead than this: what is to be done later is planned, not instructed."""
KEY = "instruction:"
REMIND = "remind-"


@dataclass(frozen=True)
class Wanted:
    """What the supervisor writes.

    Attributes:
        body: whom it tells.
        text: what is to be done.
        due: the last day on which it counts as done in time.
        interview: about which interview, if about one.
        question: the public number of a question in that interview.
        duty: a duty of the ledger; it brings its interview with it.
    """

    body: int
    text: str
    due: date
    interview: int | None = None
    question: int | None = None
    duty: int | None = None


# The dates


async def calendar_of(uow: UnitOfWork, regulation: str = law.DEFAULT) -> Calendar:
    """The calendar by which instructions are reckoned: the one in force with the rule's own days off."""
    return (await workdays.present(uow)).with_days_off(law.load(regulation).days_off)


async def usual_day(uow: UnitOfWork, after: int, regulation: str = law.DEFAULT) -> date:
    """The day that the form proposes: so many working days from today, which is not counted."""
    return (await calendar_of(uow, regulation)).workdays_after(office_date(uow.now), after)[-1]


def _checked_day(uow: UnitOfWork, due: date) -> date:
    days = (due - office_date(uow.now)).days
    if days < 0:
        raise Refusal("instruction.past", "办结日期不能早于今天。请改一个日期再交。", status=400)
    if days > FURTHEST_DAYS:
        raise Refusal("instruction.far", "办结日期太远，最远一年。请改一个日期再交。", status=400)
    return due


def _act_by(uow: UnitOfWork, due: date, calendar: Calendar) -> date:
    """The last working day on or before it, but no day that has passed already."""
    return max(calendar.last_workday(due), office_date(uow.now))


# The acts


def _supervisor(uow: UnitOfWork) -> None:
    if uow.actor.role is not Role.SUPERVISOR:
        raise forbidden()


async def give(uow: UnitOfWork, wanted: Wanted, regulation: str = law.DEFAULT) -> Instruction:
    """Tell a body what to do; it lies on its desk at once, and a mail goes to its clerks.

    Raises:
        Refusal: not the supervisor; no body that could answer; a day that has passed or is over a year ahead; an
            empty text; an interview, public question or duty that is not there or not this body's.
    """
    _supervisor(uow)
    told = texts.clean(wanted.text, TEXT_LIMIT, "督办的事项")
    body = await uow.db.get(Body, wanted.body)
    if body is None or body.recipient or body.merged_into is not None:
        raise Refusal("instruction.body", "请选督办哪个单位。", status=400)
    due = _checked_day(uow, wanted.due)
    interview, question, duty = await _about(uow, wanted)
    made = Instruction(
        body_id=wanted.body,
        text=told,
        regulation=regulation,
        interview_id=interview,
        question_id=question,
        duty_id=duty,
        due=due,
        act_by=_act_by(uow, due, await calendar_of(uow, regulation)),
        given_at=uow.now,
    )
    uow.db.add(made)
    await uow.db.flush()
    await _step(uow, made, StepKind.GIVEN, told, due=due)
    await audit.note(
        uow,
        "instruction.give",
        f"instruction:{made.id}",
        body=wanted.body,
        due=due.isoformat(),
        interview=interview,
        text=audit.text_digest(told),
    )
    await _tell_body(uow, made, "given", "instruction_given", due=in_words(due))
    return made


async def _about(uow: UnitOfWork, wanted: Wanted) -> tuple[int | None, int | None, int | None]:
    """The rows an instruction is about: interview, question, duty."""
    interview = wanted.interview
    if wanted.duty is not None:
        duty = await uow.db.get(Duty, wanted.duty)
        if duty is None or duty.body_id not in (None, wanted.body):
            raise Refusal("instruction.duty", "这件事不是这个单位要办的。请核对单位。", status=400)
        interview = duty.interview_id
    if interview is not None and await uow.db.get(Interview, interview) is None:
        raise Refusal("instruction.interview", "没有这一场访谈。请重新选。", status=400)
    if wanted.question is None:
        return interview, None, wanted.duty
    if interview is None:
        raise Refusal("instruction.question", "写了几号提问的，还要选是哪一场访谈。", status=400)
    query = select(col(Question.id)).where(
        col(Question.interview_id) == interview,
        col(Question.number) == wanted.question,
        col(Question.status).in_(list(PUBLIC)),
    )
    question = await uow.db.scalar(query)
    if question is None:
        raise Refusal("instruction.question", f"这一场没有公开的{wanted.question}号提问。", status=400)
    return interview, question, wanted.duty


async def answer(uow: UnitOfWork, instruction_id: int, text: str, doer: str) -> Instruction:
    """The body says what was done, and who did it; how late that is, is judged now and kept.

    Raises:
        Refusal: ``not_found`` for whoever is no clerk of this body; ``instruction.state`` where it does not wait for
            an answer; no text, or nobody named.
    """
    found = await _locked(uow, instruction_id)
    if uow.actor.role is not Role.CLERK:
        raise missing("这一件督办")
    _expect(found, State.OPEN, "这一件已经答复过，或者已经撤回。请刷新页面看。")
    said = texts.clean(text, TEXT_LIMIT, "办理情况")
    who = texts.clean_line(doer, DOER_LIMIT, "谁办的")
    if who is None:
        raise Refusal("text.empty", "谁办的是空的。请写上姓名和职务再交。", status=400)
    today = acted_on(uow.now, law.load(found.regulation).closing_time)
    found.late_days = lateness(found.due, today)
    calendar = await calendar_of(uow, found.regulation)
    found.late_workdays = calendar.workdays_between(found.due, today)
    found.status, found.answered_at = State.ANSWERED, uow.now
    step = await _step(uow, found, StepKind.ANSWERED, said, doer=who, late=found.late_workdays)
    await audit.note(
        uow,
        "instruction.answer",
        f"instruction:{found.id}",
        late_workdays=found.late_workdays,
        text=audit.text_digest(said),
    )
    await _settle(uow, found, "已经答复，不用再发")
    body = await uow.db.get_one(Body, found.body_id)
    words = await wording.mail(uow, "instruction_answered", number=found.id, body=body.name)
    stage = f"{KEY}{found.id}:answered-{step.id}"
    await messages.send(uow, Kind.INSTRUCTION, stage, await messages.in_role(uow, Role.SUPERVISOR), words)
    return found


async def send_back(uow: UnitOfWork, instruction_id: int, reason: str, due: date) -> Instruction:
    """Send an answer back: it is to be done again by a day.

    Raises:
        Refusal: not the supervisor; ``not_found``; no answer to send back; no reason; a day that has passed.
    """
    _supervisor(uow)
    found = await _locked(uow, instruction_id)
    _expect(found, State.ANSWERED, "这一件没有等着看的答复。请刷新页面看。")
    why = texts.clean(reason, texts.REASON_LIMIT, "退回的理由")
    found.due = _checked_day(uow, due)
    found.act_by = _act_by(uow, due, await calendar_of(uow, found.regulation))
    found.status, found.answered_at = State.OPEN, None
    step = await _step(uow, found, StepKind.RETURNED, why, due=due)
    await audit.note(
        uow,
        "instruction.return",
        f"instruction:{found.id}",
        due=due.isoformat(),
        reason=audit.text_digest(why),
    )
    await _settle(uow, found, "已经退回，不用再发")
    await _tell_body(uow, found, f"returned-{step.id}", "instruction_returned", due=in_words(due))
    return found


async def accept(uow: UnitOfWork, instruction_id: int, remark: str = "") -> Instruction:
    """Accept an answer; the instruction is over.

    Raises:
        Refusal: not the supervisor; ``not_found``; ``instruction.state`` where no answer waits.
    """
    _supervisor(uow)
    found = await _locked(uow, instruction_id)
    _expect(found, State.ANSWERED, "这一件没有等着看的答复，认可不了。请刷新页面看。")
    said = texts.clean_line(remark, texts.REASON_LIMIT, "说明")
    found.status = State.ACCEPTED
    await _step(uow, found, StepKind.ACCEPTED, said)
    await audit.note(uow, "instruction.accept", f"instruction:{found.id}")
    await _settle(uow, found, "已经认可，不用再发")
    return found


async def reopen(uow: UnitOfWork, instruction_id: int) -> Instruction:
    """Take an acceptance back; the answer waits for the supervisor again.

    Raises:
        Refusal: not the supervisor; ``not_found``; not accepted.
    """
    _supervisor(uow)
    found = await _locked(uow, instruction_id)
    _expect(found, State.ACCEPTED, "这一件没有认可过。请刷新页面看。")
    found.status = State.ANSWERED
    await _step(uow, found, StepKind.REOPENED, None)
    await audit.note(uow, "instruction.reopen", f"instruction:{found.id}")
    return found


async def withdraw(uow: UnitOfWork, instruction_id: int, reason: str) -> Instruction:
    """Take an instruction back that the body has not answered; it stays on paper, with the reason.

    Raises:
        Refusal: not the supervisor; ``not_found``; answered or over; no reason.
    """
    _supervisor(uow)
    found = await _locked(uow, instruction_id)
    _expect(found, State.OPEN, "单位已经答复了，不能撤回。请认可或者退回。")
    why = texts.clean(reason, texts.REASON_LIMIT, "撤回的理由")
    found.status = State.WITHDRAWN
    await _step(uow, found, StepKind.WITHDRAWN, why)
    await audit.note(uow, "instruction.withdraw", f"instruction:{found.id}", reason=audit.text_digest(why))
    await _settle(uow, found, "督办已经撤回")
    await _tell_body(uow, found, "withdrawn", "instruction_withdrawn")
    return found


def _expect(found: Instruction, state: State, message: str) -> None:
    if found.status != state:
        raise Refusal("instruction.state", message)


async def _locked(uow: UnitOfWork, instruction_id: int) -> Instruction:
    query = _reachable(uow.actor).where(col(Instruction.id) == instruction_id).with_for_update()
    found = (await uow.db.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise missing("这一件督办")
    return found


async def _step(
    uow: UnitOfWork,
    found: Instruction,
    kind: StepKind,
    text: str | None,
    *,
    doer: str | None = None,
    due: date | None = None,
    late: int = 0,
) -> InstructionStep:
    made = InstructionStep(
        instruction_id=found.id or 0,
        kind=kind,
        text=text,
        doer=doer,
        person_id=uow.actor.person_id or 0,
        by=uow.actor.name,
        due=due,
        late_workdays=late,
        at=uow.now,
    )
    uow.db.add(made)
    await uow.db.flush()
    return made


# Who is told


async def _settle(uow: UnitOfWork, found: Instruction, why: str) -> None:
    """What was written about it and has not gone yet goes no more: somebody has acted on it."""
    await outbox.withdraw_all(uow, f"{KEY}{found.id}:", why)


async def _tell_body(uow: UnitOfWork, found: Instruction, stage: str, template: str, **more: object) -> int:
    """To the body's clerks, otherwise to the body's own address; how many messages are new."""
    words = await wording.mail(uow, template, number=found.id, **more)
    kind = Kind.INSTRUCTION_DUE if template == Kind.INSTRUCTION_DUE else Kind.INSTRUCTION
    readers = await messages.of_body(uow, found.body_id)
    return await messages.send(uow, kind, f"{KEY}{found.id}:{stage}", readers, words)


async def remind(uow: UnitOfWork) -> int:
    """Queue the reminder of each open instruction that has come to a stage, each stage once; how many messages are new.

    What is told is read days later: it names dates, never how many days are left.
    """
    query = select(Instruction).where(col(Instruction.status) == State.OPEN).order_by(col(Instruction.id))
    today, count = office_date(uow.now), 0
    for found in list(await uow.db.scalars(query)):
        dated: HasDates = found
        for stage in reminder_stages(dated, today, await calendar_of(uow, found.regulation)):
            # The day is part of the key: what was sent back is reminded of anew by its new day.
            key = f"{REMIND}{found.due:%Y%m%d}-{stage.key}"
            count += await _tell_body(
                uow,
                found,
                key,
                Kind.INSTRUCTION_DUE,
                due=in_words(found.due),
                late="，已经逾期" if stage.overdue else "",
                state="逾期" if stage.overdue else "快到期",
            )
    if count:
        await audit.note(uow, "instructions.reminded", "instructions", count=count)
    return count


async def any_open(uow: UnitOfWork) -> bool:
    """Whether anything waits for a body, so that reminding need not begin a transaction for nothing."""
    query = select(col(Instruction.id)).where(col(Instruction.status) == State.OPEN).limit(1)
    return (await uow.db.execute(query)).first() is not None


# Reading


def _reachable(actor: Actor) -> Select[Instruction]:
    """The door: the supervisor reaches all, a clerk those to their own body, nobody else any."""
    query = select(Instruction)
    if actor.role is Role.SUPERVISOR:
        return query
    if actor.role is Role.CLERK and actor.body_id is not None:
        return query.where(col(Instruction.body_id) == actor.body_id)
    return query.where(col(Instruction.id).is_(None))


async def listed(uow: UnitOfWork) -> list[Instruction]:
    """What the actor reaches, the most urgent first: waiting for the body, for the supervisor, over."""
    order = [State.OPEN, State.ANSWERED, State.ACCEPTED, State.WITHDRAWN]
    found = list(await uow.db.scalars(_reachable(uow.actor)))
    return sorted(found, key=lambda one: (order.index(State(one.status)), one.due, one.id or 0))


async def one(uow: UnitOfWork, instruction_id: int) -> Instruction:
    """One of them.

    Raises:
        Refusal: ``not_found``, also where it is another body's.
    """
    query = _reachable(uow.actor).where(col(Instruction.id) == instruction_id)
    found = (await uow.db.scalars(query)).one_or_none()
    if found is None:
        raise missing("这一件督办")
    return found


async def steps(uow: UnitOfWork, instruction_id: int) -> list[InstructionStep]:
    """Everything that was done with one, in order; whoever asks has been let in by ``one``."""
    query = select(InstructionStep).where(col(InstructionStep.instruction_id) == instruction_id)
    return list(await uow.db.scalars(query.order_by(col(InstructionStep.id))))
