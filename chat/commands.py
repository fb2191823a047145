"""The protocol: every command a socket or an HTTP client may call, in the order an interview needs them.

Handlers translate between the wire and the verbs of ``interviews``; they decide nothing.
"""

from datetime import date

from base.clock import shanghai_iso
from base.people import Role
from chat import schemas
from chat.registry import Call, Outcome, command
from interviews import (
    answers,
    claims,
    deliveries,
    errata,
    hosting,
    moderation,
    plans,
    programme,
    promises,
    questions,
    rehearsals,
    removals,
    reports,
    speaking,
    wordlists,
)
from interviews.approval_models import Approval
from interviews.lifecycle import QuestionStatus
from interviews.models import Item, Question

ASKERS = {Role.CITIZEN}
MODERATORS = {Role.MODERATOR, Role.OFFICE}
STAGE = {Role.HOST}
ANSWERERS = {Role.GUEST, Role.CLERK}
OFFICE = {Role.OFFICE}
SUPERVISOR = {Role.SUPERVISOR}
IN_THE_ROOM = {Role.HOST, Role.MODERATOR, Role.GUEST, Role.CLERK, Role.OFFICE, Role.SUPERVISOR}


def _question(question: Question) -> dict[str, object]:
    return {"question": question.id, "number": question.number, "status": question.status}


LAID_UP = "已经交给本单位另一个人审定，审定以后才发布。"
"""What is said of an answer that waits for a second person."""


def _item(item: Item) -> dict[str, object]:
    return {"item": item.id, "no": item.no, "question": item.question_id}


def _reply(said: Item | Approval) -> dict[str, object]:
    """What became of an answer: its place in the transcript, or, in words, that a second person must approve it."""
    if isinstance(said, Item):
        return _item(said)
    return {
        "item": None,
        "no": None,
        "question": said.question_id,
        "approval": said.id,
        "status": said.status,
        "message": LAID_UP,
    }


@command("interview.schedule", schemas.ScheduleInterview, allow=OFFICE)
async def schedule_interview(call: Call, sent: schemas.ScheduleInterview) -> Outcome:
    """Put an interview into the programme; it gets its duties."""
    planned = programme.Plan(
        sent.theme,
        sent.starts_at,
        sent.ends_at,
        tuple(sent.respondents),
        sent.host,
        sent.venue,
        call.around.regulation,
    )
    return Outcome({"interview": (await programme.schedule(call.uow, planned)).id})


@command("plan.issue", schemas.IssuePlan, allow=SUPERVISOR)
async def issue_plan(call: Call, sent: schemas.IssuePlan) -> Outcome:
    """Issue a year's plan to all bodies, as a new version (第十条)."""
    plan = await plans.issue(call.uow, sent.year)
    return Outcome({"year": plan.year, "version": plan.version, "interviews": len(plan.entries)})


@command("interview.change", schemas.ChangeInterview, allow=SUPERVISOR)
async def change_interview(call: Call, sent: schemas.ChangeInterview) -> Outcome:
    """Move an interview that has not begun or give it another theme (第十三条)."""
    wanted = plans.Wanted(sent.ground, sent.reason, sent.starts_at, sent.ends_at, sent.theme)
    interview = await plans.change(call.uow, sent.interview, wanted)
    return Outcome({"interview": sent.interview, "status": interview.status})


@command("interview.cancel", schemas.CancelInterview, allow=SUPERVISOR)
async def cancel_interview(call: Call, sent: schemas.CancelInterview) -> Outcome:
    """Cancel an interview that has not begun; its questions are answered in writing."""
    interview = await plans.cancel(call.uow, sent.interview, sent.reason)
    return Outcome({"interview": sent.interview, "status": interview.status})


@command("waiver.grant", schemas.GrantWaiver, allow=SUPERVISOR)
async def grant_waiver(call: Call, sent: schemas.GrantWaiver) -> Outcome:
    """Let an act pass its gate by a recorded, public deviation, which discharges nothing."""
    await plans.grant(call.uow, sent.interview, sent.duty, sent.reason)
    return Outcome({"interview": sent.interview, "duty": sent.duty})


@command("content.tell", schemas.TellContent, allow={Role.CLERK})
async def tell_content(call: Call, sent: schemas.TellContent) -> Outcome:
    """The body tells what the interview will be about (第十一条)."""
    await programme.tell_content(call.uow, sent.interview, sent.theme, sent.text)
    return Outcome({"interview": sent.interview})


@command("interview.announce", schemas.OneInterview, allow=OFFICE)
async def announce_interview(call: Call, sent: schemas.OneInterview) -> Outcome:
    """Announce an interview and open the collection of questions (第十二条)."""
    await programme.announce(call.uow, sent.interview)
    return Outcome({"interview": sent.interview})


@command("questions.forward", schemas.OneInterview, allow=OFFICE)
async def forward_questions(call: Call, sent: schemas.OneInterview) -> Outcome:
    """Hand the collected questions to the bodies that answer (第十二条)."""
    return Outcome(
        {"interview": sent.interview, "questions": await programme.forward(call.uow, sent.interview)}
    )


@command("venue.tell", schemas.TellVenue, allow=OFFICE)
async def tell_venue(call: Call, sent: schemas.TellVenue) -> Outcome:
    """Tell the bodies where the interview takes place (第十四条)."""
    await programme.tell_venue(call.uow, sent.interview, sent.venue)
    return Outcome({"interview": sent.interview})


@command("guests.tell", schemas.TellGuests, allow={Role.CLERK})
async def tell_guests(call: Call, sent: schemas.TellGuests) -> Outcome:
    """The body tells who comes, with their posts (第十四条)."""
    people = [(guest.name, guest.post) for guest in sent.guests]
    await programme.tell_guests(call.uow, sent.interview, people)
    return Outcome({"interview": sent.interview, "guests": len(people)})


@command("interview.open", schemas.OneInterview, allow={Role.HOST, Role.OFFICE})
async def open_interview(call: Call, sent: schemas.OneInterview) -> Outcome:
    """Open an interview; the rule's limit runs from now."""
    interview = await programme.open_interview(call.uow, sent.interview)
    return Outcome({"interview": sent.interview, "status": interview.status})


@command("question.submit", schemas.SubmitQuestion, allow=ASKERS)
async def submit_question(call: Call, sent: schemas.SubmitQuestion) -> Outcome:
    """Submit a question, once per client_id."""
    sealed = call.around.seal(sent.contact) if sent.contact else None
    submission = questions.Submission(sent.text, sent.kind, sent.client_id, sent.nickname, sealed)
    question, created = await questions.submit(call.uow, sent.interview, submission)
    if created:
        call.undo.append(call.around.pace.submission(call.uow.actor.person_id, call.address))
    # A resend gets the first answer's body again, whatever became of the question since.
    result = {
        "question": question.id,
        "receipt": question.receipt,
        "number": None,
        "status": QuestionStatus.PENDING.value,
    }
    return Outcome(result, created)


@command("question.support", schemas.OneQuestion, allow=ASKERS)
async def support_question(call: Call, sent: schemas.OneQuestion) -> Outcome:
    """我也想问, once per citizen."""
    call.around.pace.support(call.address)
    question = await questions.support(call.uow, sent.question)
    return Outcome({"question": question.id, "supports": question.supports})


@command("question.withdraw", schemas.OneQuestion, allow=ASKERS)
async def withdraw_question(call: Call, sent: schemas.OneQuestion) -> Outcome:
    """Take one's own question back, until it is on stage."""
    return Outcome(_question(await questions.withdraw(call.uow, sent.question)))


@command("question.appeal", schemas.AppealQuestion, allow=ASKERS)
async def appeal_question(call: Call, sent: schemas.AppealQuestion) -> Outcome:
    """Object, once, to one's question not being made public."""
    return Outcome(_question(await questions.appeal(call.uow, sent.question, sent.text)))


@command("question.publish", schemas.PublishQuestion, allow=MODERATORS)
async def publish_question(call: Call, sent: schemas.PublishQuestion) -> Outcome:
    """Make a pending question public; where publications wait, in some seconds."""
    question = await moderation.publish(call.uow, sent.question, sent.text)
    waits = {"publish_at": shanghai_iso(question.publish_at)} if question.publish_at else {}
    return Outcome(_question(question) | waits)


@command("question.hold", schemas.OneQuestion, allow=MODERATORS)
async def hold_question(call: Call, sent: schemas.OneQuestion) -> Outcome:
    """Cancel a publication that waits."""
    return Outcome(_question(await moderation.hold(call.uow, sent.question)))


@command("publication.delay", schemas.DelayPublication, allow=MODERATORS)
async def delay_publication(call: Call, sent: schemas.DelayPublication) -> Outcome:
    """Let publications of an interview wait some seconds, so that a slip can be taken back."""
    interview = await moderation.set_delay(call.uow, sent.interview, sent.seconds)
    return Outcome({"interview": sent.interview, "seconds": interview.publish_delay})


@command("question.claim", schemas.ClaimQuestion, allow=MODERATORS)
async def claim_question(call: Call, sent: schemas.ClaimQuestion) -> Outcome:
    """Take a waiting question into one's hands for two minutes; the other moderators see it."""
    question = await claims.claim(call.uow, sent.question, over=sent.over)
    until = shanghai_iso(question.claimed_until) if question.claimed_until else None
    return Outcome({"question": question.id, "by": call.uow.actor.name, "until": until})


@command("question.release", schemas.OneQuestion, allow=MODERATORS)
async def release_question(call: Call, sent: schemas.OneQuestion) -> Outcome:
    """Put back a question that one had in hand."""
    return Outcome(_question(await claims.release(call.uow, sent.question)))


@command("question.decline", schemas.DeclineQuestion, allow=MODERATORS)
async def decline_question(call: Call, sent: schemas.DeclineQuestion) -> Outcome:
    """Do not make a pending question public, for one of five reasons."""
    return Outcome(_question(await moderation.decline(call.uow, sent.question, sent.reason)))


@command("question.merge", schemas.MergeQuestion, allow=MODERATORS)
async def merge_question(call: Call, sent: schemas.MergeQuestion) -> Outcome:
    """Let a question go into another of the same interview."""
    return Outcome(_question(await moderation.merge(call.uow, sent.question, sent.into)))


@command("question.transfer", schemas.TransferQuestion, allow=MODERATORS)
async def transfer_question(call: Call, sent: schemas.TransferQuestion) -> Outcome:
    """Hand a question of another theme or body to the body that answers it in writing."""
    question = await moderation.transfer(call.uow, sent.question, sent.body)
    return Outcome(_question(question) | {"to": question.to_body})


@command("question.remove", schemas.RemoveItem, allow=MODERATORS)
async def remove_item(call: Call, sent: schemas.RemoveItem) -> Outcome:
    """Take down what should never have been public, with a public reason."""
    item = await removals.remove(call.uow, sent.item, sent.reason)
    return Outcome(_item(item) | {"removed": True})


@command("interview.say", schemas.Say, allow={Role.HOST, Role.GUEST, Role.CLERK})
async def say(call: Call, sent: schemas.Say) -> Outcome:
    """A remark in the live interview; after one that was cut short or extended, what was said meanwhile (补录)."""
    return Outcome(_item(await speaking.say(call.uow, sent.interview, sent.text, sent.speaker)))


@command("question.stage", schemas.OneQuestion, allow=STAGE)
async def stage_question(call: Call, sent: schemas.OneQuestion) -> Outcome:
    """Put a question on stage."""
    return Outcome(_question(await hosting.stage(call.uow, sent.question)))


@command("question.unstage", schemas.OneQuestion, allow=STAGE)
async def unstage_question(call: Call, sent: schemas.OneQuestion) -> Outcome:
    """Take a question off the stage."""
    return Outcome(_question(await hosting.unstage(call.uow, sent.question)))


@command("question.order", schemas.OrderQuestions, allow=STAGE)
async def order_questions(call: Call, sent: schemas.OrderQuestions) -> Outcome:
    """Set the order of the coming questions."""
    line = await hosting.line_up(call.uow, sent.interview, sent.questions)
    return Outcome({"interview": sent.interview, "questions": line})


@command("answer.draft", schemas.DraftAnswer, allow=ANSWERERS)
async def draft_answer(call: Call, sent: schemas.DraftAnswer) -> Outcome:
    """Keep what is written so far; staff see that somebody writes."""
    draft = await answers.draft(call.uow, sent.question, sent.text)
    return Outcome({"question": sent.question, "length": len(draft.text)})


@command("question.answer", schemas.AnswerQuestion, allow=ANSWERERS)
async def answer_question(call: Call, sent: schemas.AnswerQuestion) -> Outcome:
    """Answer a question, live or afterwards; where the body asks for it, once a second person has approved."""
    return Outcome(_reply(await answers.answer(call.uow, sent.question, sent.text, sent.speaker)))


@command("answer.approve", schemas.ApproveAnswer, allow=ANSWERERS)
async def approve_answer(call: Call, sent: schemas.ApproveAnswer) -> Outcome:
    """Let an answer go out that somebody else of the body wrote, exactly as it was read."""
    return Outcome(_item(await answers.approve(call.uow, sent.question, sent.edition)))


@command("answer.return", schemas.ReturnAnswer, allow=ANSWERERS)
async def return_answer(call: Call, sent: schemas.ReturnAnswer) -> Outcome:
    """Give an answer back to its author as a draft, with the reason."""
    laid = await answers.give_back(call.uow, sent.question, sent.reason)
    return Outcome({"question": sent.question, "approval": laid.id, "status": laid.status})


@command("answer.recall", schemas.OneQuestion, allow=ANSWERERS)
async def recall_answer(call: Call, sent: schemas.OneQuestion) -> Outcome:
    """Take back one's own answer that waits for a second person; it is a draft again."""
    laid = await answers.recall(call.uow, sent.question)
    return Outcome({"question": sent.question, "approval": laid.id, "status": laid.status})


@command("promise.make", schemas.MakePromise, allow=ANSWERERS | MODERATORS | STAGE)
async def make_promise(call: Call, sent: schemas.MakePromise) -> Outcome:
    """Mark an answer as carrying a promise, with its day; it is public beside the answer until it is kept."""
    promise = await promises.make(call.uow, sent.item, sent.what, date.fromisoformat(sent.due))
    return Outcome({"item": sent.item, "due": promise.due.isoformat(), "provisional": promise.provisional})


@command("promise.keep", schemas.KeepPromise, allow=ANSWERERS)
async def keep_promise(call: Call, sent: schemas.KeepPromise) -> Outcome:
    """Answer once more to say that what was promised is done."""
    return Outcome(_reply(await answers.keep_promise(call.uow, sent.item, sent.text, sent.speaker)))


@command("promise.cancel", schemas.CancelPromise, allow=OFFICE)
async def cancel_promise(call: Call, sent: schemas.CancelPromise) -> Outcome:
    """Take back a promise that should not have been entered, with a public reason."""
    promise = await promises.cancel(call.uow, sent.item, sent.reason)
    return Outcome({"item": sent.item, "status": promise.status})


@command("question.refuse", schemas.RefuseQuestion, allow=ANSWERERS)
async def refuse_question(call: Call, sent: schemas.RefuseQuestion) -> Outcome:
    """Refuse an answer on one of the three grounds of 第四条."""
    said = await answers.refuse(call.uow, sent.question, sent.ground, sent.reason, sent.partial)
    return Outcome(_reply(said))


@command("question.defer", schemas.DeferQuestion, allow=ANSWERERS)
async def defer_question(call: Call, sent: schemas.DeferQuestion) -> Outcome:
    """Say why a question is answered only afterwards (第八条)."""
    return Outcome(_item(await answers.defer(call.uow, sent.question, sent.reason)))


@command("interview.extend", schemas.ExtendInterview, allow=STAGE)
async def extend_interview(call: Call, sent: schemas.ExtendInterview) -> Outcome:
    """Go on past the limit, with a public reason (第十三条)."""
    interview = await programme.extend(call.uow, sent.interview, sent.minutes, sent.reason)
    return Outcome({"interview": sent.interview, "limit_at": programme.limit_text(interview)})


@command("interview.close", schemas.CloseInterview, allow=STAGE)
async def close_interview(call: Call, sent: schemas.CloseInterview) -> Outcome:
    """Close an interview; what is open becomes deferred."""
    interview = await programme.close(call.uow, sent.interview, sent.reason)
    return Outcome({"interview": sent.interview, "status": interview.status})


@command("interview.rehearse", schemas.OneInterview, allow={Role.HOST, Role.MODERATOR, Role.OFFICE})
async def rehearse_interview(call: Call, sent: schemas.OneInterview) -> Outcome:
    """Set up a rehearsal that only staff see and that counts nowhere."""
    return Outcome({"interview": (await rehearsals.start(call.uow, sent.interview)).id})


@command("erratum.publish", schemas.PublishErratum, allow=IN_THE_ROOM)
async def publish_erratum(call: Call, sent: schemas.PublishErratum) -> Outcome:
    """Put a correction beside what was said; the text itself stays."""
    erratum = await errata.publish(call.uow, sent.item, sent.text, sent.reason)
    return Outcome(_item(erratum) | {"of": erratum.of_id})


@command("report.draft", schemas.OneInterview, allow=OFFICE)
async def draft_report(call: Call, sent: schemas.OneInterview) -> Outcome:
    """Draft the summary report on the record as it stands; a new version only where the record has changed."""
    report = await reports.draft(call.uow, sent.interview)
    return Outcome({"interview": sent.interview, "version": report.version})


@command("report.edit", schemas.EditReport, allow=OFFICE)
async def edit_report(call: Call, sent: schemas.EditReport) -> Outcome:
    """Write what is prose in the report, as a new version; the record cannot be edited."""
    prose = {"overview": sent.overview, "problems": sent.problems, "proposals": sent.proposals}
    report = await reports.edit(call.uow, sent.interview, sent.version, prose)
    return Outcome({"interview": sent.interview, "version": report.version})


@command("report.sign", schemas.SignReport, allow={Role.OFFICE, Role.SUPERVISOR})
async def sign_report(call: Call, sent: schemas.SignReport) -> Outcome:
    """Sign a version off, as the second person."""
    report = await reports.sign(call.uow, sent.interview, sent.version)
    return Outcome({"interview": sent.interview, "version": report.version})


@command("summary.send", schemas.OneInterview, allow=OFFICE)
async def send_summary(call: Call, sent: schemas.OneInterview) -> Outcome:
    """Send the summary report to its recipients (第十五条)."""
    report = await deliveries.send(call.uow, sent.interview, call.around.sending)
    return Outcome({"interview": sent.interview, "version": report.version})


@command("report.resend", schemas.OneDelivery, allow=OFFICE)
async def resend_report(call: Call, sent: schemas.OneDelivery) -> Outcome:
    """Send the same version to the same recipient again, because it was asked for."""
    delivery = await deliveries.resend(call.uow, sent.delivery, call.around.sending)
    return Outcome({"delivery": delivery.id, "mails": delivery.mails})


@command("report.acknowledge", schemas.AcknowledgeReport, allow={Role.RECIPIENT})
async def acknowledge_report(call: Call, sent: schemas.AcknowledgeReport) -> Outcome:
    """A recipient says that the report has come, with a comment if there is one."""
    delivery = await deliveries.acknowledge(call.uow, sent.delivery, sent.comment)
    return Outcome({"delivery": delivery.id})


@command("words.add", schemas.AddWords, allow=OFFICE)
async def add_words(call: Call, sent: schemas.AddWords) -> Outcome:
    """Add words to a class of the lists that draw a question to the moderator's eye."""
    added = await wordlists.add(call.uow, sent.kind, sent.words, sent.note)
    counts = {"added": added.added, "changed": added.changed, "known": added.known}
    return Outcome(counts | {"failing": await wordlists.failing(call.uow)})


@command("words.drop", schemas.OneWord, allow=OFFICE)
async def drop_word(call: Call, sent: schemas.OneWord) -> Outcome:
    """Silence a word of the lists, a shipped one too."""
    word = await wordlists.drop(call.uow, sent.word)
    return Outcome({"word": word, "failing": await wordlists.failing(call.uow)})


@command("words.restore", schemas.OneWord, allow=OFFICE)
async def restore_word(call: Call, sent: schemas.OneWord) -> Outcome:
    """Let a silenced word count again."""
    word = await wordlists.restore(call.uow, sent.word)
    return Outcome({"word": word, "failing": await wordlists.failing(call.uow)})


@command("word.case.add", schemas.AddWordCase, allow=OFFICE)
async def add_word_case(call: Call, sent: schemas.AddWordCase) -> Outcome:
    """Keep a sentence and what the lists must recognise it as."""
    case = await wordlists.add_case(call.uow, sent.text, sent.kind)
    return Outcome({"case": case.id, "failing": await wordlists.failing(call.uow)})


@command("word.case.drop", schemas.OneWordCase, allow=OFFICE)
async def drop_word_case(call: Call, sent: schemas.OneWordCase) -> Outcome:
    """Take one of the office's sentences away."""
    await wordlists.drop_case(call.uow, sent.case)
    return Outcome({"case": sent.case, "failing": await wordlists.failing(call.uow)})
