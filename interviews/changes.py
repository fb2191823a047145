"""What happened, with every value its audiences need. ``chat.views`` turns each change into what went out."""

from dataclasses import dataclass
from datetime import date, datetime

from base.changes import Change


@dataclass(frozen=True)
class QuestionFacts:
    """A question as it stands after the change; ``text`` is the masked one."""

    id: int
    interview_id: int
    asker_id: int
    receipt: str
    number: int | None
    item_id: int | None
    text: str
    kind: str
    nickname: str | None
    flags: tuple[dict[str, str], ...]
    status: str
    supports: int
    into_id: int | None
    reason: str | None
    submitted_at: datetime
    to_body: str | None = None
    appealed: bool = False
    reopened_at: datetime | None = None
    reopened_due: date | None = None


@dataclass(frozen=True)
class PromiseFacts:
    """What an answer promises, by when, and what became of it; ``done_no`` is the number of the answer that kept it."""

    what: str
    due: date
    provisional: bool
    status: str
    done_at: datetime | None
    done_no: int | None
    reason: str | None


@dataclass(frozen=True)
class AttachedFacts:
    """Something beside an answer: a ``file`` of the interview's materials or an ``entry`` of the catalogue."""

    link: int
    kind: str
    title: str
    url: str
    note: str | None


@dataclass(frozen=True)
class ItemFacts:
    """One numbered thing of the transcript; an erratum is about the item ``of_id``, with its reason in ``note``."""

    id: int
    no: int
    kind: str
    question_id: int | None
    speaker: str | None
    role: str
    body_name: str | None
    text: str
    origin: str | None
    ground: str | None
    at: datetime
    removed: bool = False
    of_id: int | None = None
    note: str | None = None
    promise: PromiseFacts | None = None
    attached: tuple[AttachedFacts, ...] = ()


@dataclass(frozen=True)
class PersonFacts:
    """A guest as announced: name and post, and the body that sends them (第十四条)."""

    name: str
    post: str
    body: str


@dataclass(frozen=True)
class RespondentFacts:
    """A body that answers in the interview."""

    id: int
    name: str
    lead: bool


@dataclass(frozen=True)
class DeviationFacts:
    """A departure from the rule with its public reason."""

    article: str
    text: str
    at: datetime


@dataclass(frozen=True)
class PlanChangeFacts:
    """One line of the public change log about this interview: added, moved, rethemed or cancelled."""

    kind: str
    text: str
    ground: str | None
    reason: str | None
    at: datetime


@dataclass(frozen=True)
class InterviewFacts:
    """An interview with its people, as frozen values for the pure modules and for every audience."""

    id: int
    ordinal: int | None
    theme: str
    status: str
    starts_at: datetime
    ends_at: datetime
    venue: str | None
    content: str | None
    host: str | None
    announced_at: datetime | None
    opened_at: datetime | None
    limit_at: datetime | None
    closed_at: datetime | None
    close_reason: str | None
    respondents: tuple[RespondentFacts, ...] = ()
    guests: tuple[PersonFacts, ...] = ()
    deviations: tuple[DeviationFacts, ...] = ()
    changes: tuple[PlanChangeFacts, ...] = ()


@dataclass(frozen=True)
class InterviewChanged(Change):
    """The interview's own facts changed; ``kind`` is the public event's name."""

    kind: str
    interview: InterviewFacts


@dataclass(frozen=True)
class ItemSaid(Change):
    """A remark entered the transcript."""

    interview_id: int
    item: ItemFacts


@dataclass(frozen=True)
class QuestionSubmitted(Change):
    """A citizen's question is kept and waits for the moderator."""

    question: QuestionFacts


@dataclass(frozen=True)
class QuestionAppealed(Change):
    """The asker of a declined question objected; it waits for the moderator again."""

    question: QuestionFacts


@dataclass(frozen=True)
class QuestionHandled(Change):
    """A waiting question is in somebody's hands, or on its way to the public; ``kind`` says which."""

    kind: str
    question: QuestionFacts
    by: str
    until: datetime
    publishing: bool


@dataclass(frozen=True)
class QuestionReleased(Change):
    """A waiting question is in nobody's hands any more, or its publication was cancelled."""

    question: QuestionFacts


@dataclass(frozen=True)
class QuestionsOrdered(Change):
    """The host's line-up of the coming questions."""

    interview_id: int
    questions: tuple[int, ...]


@dataclass(frozen=True)
class PublicationDelayed(Change):
    """How many seconds publications wait in this interview; 0: none."""

    interview_id: int
    seconds: int


@dataclass(frozen=True)
class QuestionPublished(Change):
    """A moderator made a question public; it has its number."""

    question: QuestionFacts
    item: ItemFacts


@dataclass(frozen=True)
class QuestionSupported(Change):
    """Somebody else wants to ask the same."""

    question: QuestionFacts
    person_id: int


@dataclass(frozen=True)
class QuestionMerged(Change):
    """A question went into another; ``was_public`` tells whether the public knew it.

    ``carried`` are the persons who support the other question from now on.
    """

    question: QuestionFacts
    into: QuestionFacts
    was_public: bool
    carried: tuple[int, ...]


@dataclass(frozen=True)
class QuestionSettled(Change):
    """A question was declined or withdrawn; ``was_public`` tells whether the public knew it."""

    kind: str
    question: QuestionFacts
    was_public: bool


@dataclass(frozen=True)
class QuestionStaged(Change):
    """A question went on or off the stage; ``kind`` says which."""

    kind: str
    question: QuestionFacts


@dataclass(frozen=True)
class QuestionAnswered(Change):
    """An answer, a refusal with its ground, or a deferral with its reason; ``kind`` says which."""

    kind: str
    question: QuestionFacts
    item: ItemFacts


@dataclass(frozen=True)
class QuestionReopened(Change):
    """An answered question is handled again, because its askers say often enough that nothing was solved."""

    question: QuestionFacts


@dataclass(frozen=True)
class ErratumPublished(Change):
    """A correction stands beside an item; ``public`` tells whether the public knows that item."""

    interview_id: int
    erratum: ItemFacts
    public: bool


@dataclass(frozen=True)
class ItemRemoved(Change):
    """Something public was taken down; ``question`` is the one it is, or belongs to, ``errata`` those beside it."""

    interview_id: int
    item: ItemFacts
    question: QuestionFacts | None
    reason: str
    errata: tuple[ItemFacts, ...] = ()


@dataclass(frozen=True)
class AnswerPromised(Change):
    """A promise stands beside an answer, was kept, or was taken back; beside a letter it is not public."""

    interview_id: int
    item_id: int
    promise: PromiseFacts
    public: bool = True


@dataclass(frozen=True)
class AnswerAttached(Change):
    """What stands beside an answer changed; ``attached`` is all of it."""

    interview_id: int
    item_id: int
    attached: tuple[AttachedFacts, ...]


@dataclass(frozen=True)
class LaidUpFacts:
    """An answer that waits for a second person of its body; its text stays with the body."""

    approval: int
    interview_id: int
    question_id: int
    body_name: str | None
    writer: str
    kind: str
    at: datetime


@dataclass(frozen=True)
class AnswerLaidUp(Change):
    """An answer waits for a second person, was approved, came back or was taken back; ``kind`` says which."""

    kind: str
    laid: LaidUpFacts


@dataclass(frozen=True)
class AnswerDrafted(Change):
    """Somebody is writing an answer; the text stays with its writer, its length is told to staff."""

    question: QuestionFacts
    writer: str
    length: int
