"""What the object of each command must look like. Strict: no guessing of types, no unknown field.

Lengths here only keep absurd sizes out; what a text may be is decided, in words, by ``interviews.texts``.
"""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from interviews.lifecycle import ChangeGround, DeclineReason, Ground, Kind
from interviews.screening import WordClass

Number = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""A row's number. Strict mode refuses ``true`` and ``"1"``."""


def _written(value: str) -> str:
    """Text without NUL, which PostgreSQL cannot keep in a text column."""
    if "\0" in value:
        raise PydanticCustomError("string_unicode", "NUL")
    return value


Text = Annotated[str, Field(max_length=100_000), AfterValidator(_written)]
Line = Annotated[str, Field(max_length=1_000), AfterValidator(_written)]


def _a_day(value: str) -> str:
    """A day that the calendar has."""
    date.fromisoformat(value)
    return value


Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$"), AfterValidator(_a_day)]
"""A day as ``2026-12-15``."""


def _instant(value: object) -> object:
    """RFC 3339 text, as the contract writes instants; years at the calendar's ends have no time in UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    if isinstance(found, datetime) and not 2000 <= found.year < 2200:
        raise ValueError("no year of ours")
    return found


class Schema(BaseModel):
    """Base of every command's object."""

    model_config = ConfigDict(extra="forbid", strict=True)


class SubmitQuestion(Schema):
    """``question.submit``: a citizen's question, once per ``client_id``."""

    interview: Number
    text: Text
    kind: Annotated[Kind, Field(strict=False)]
    client_id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
    nickname: Line | None = None
    contact: Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")] | None = None


class OneQuestion(Schema):
    """A command that needs nothing but the question."""

    question: Number


class PublishQuestion(Schema):
    """``question.publish``: with the moderator's own masking of the text where needed."""

    question: Number
    text: Text | None = None


class ClaimQuestion(Schema):
    """``question.claim``: take a waiting question into one's hands; ``over``: although somebody else has it."""

    question: Number
    over: bool = False


class TransferQuestion(Schema):
    """``question.transfer``: to the body that answers it in writing."""

    question: Number
    body: Number


class AppealQuestion(Schema):
    """``question.appeal``: why it should be public all the same."""

    question: Number
    text: Text


class OrderQuestions(Schema):
    """``question.order``: the coming questions in their order."""

    interview: Number
    questions: Annotated[list[Number], Field(max_length=200)]


class DelayPublication(Schema):
    """``publication.delay``: how many seconds a publication can still be cancelled; 0: none."""

    interview: Number
    seconds: Annotated[int, Field(ge=0, le=60)]


class PublishErratum(Schema):
    """``erratum.publish``: what is right, and why it had to be corrected."""

    item: Number
    text: Text
    reason: Line


class DeclineQuestion(Schema):
    """``question.decline``: for one of five reasons."""

    question: Number
    reason: Annotated[DeclineReason, Field(strict=False)]


class MergeQuestion(Schema):
    """``question.merge``: into another question of the same interview."""

    question: Number
    into: Number


class RemoveItem(Schema):
    """``question.remove``: an item of the transcript, with the public reason."""

    item: Number
    reason: Line


class OneInterview(Schema):
    """A command that needs nothing but the interview."""

    interview: Number


class Say(Schema):
    """``interview.say``: a remark; ``speaker`` is the guest a clerk types for."""

    interview: Number
    text: Text
    speaker: Line | None = None


class ExtendInterview(Schema):
    """``interview.extend``: by some minutes, with the public reason that 第十三条 asks for."""

    interview: Number
    minutes: Annotated[int, Field(ge=1, le=180)]
    reason: Line


class CloseInterview(Schema):
    """``interview.close``: before its end only with a public reason."""

    interview: Number
    reason: Line | None = None


class DraftAnswer(Schema):
    """``answer.draft``: what is written so far."""

    question: Number
    text: Text


class AnswerQuestion(Schema):
    """``question.answer``: ``speaker`` is the guest a clerk types for."""

    question: Number
    text: Text
    speaker: Line | None = None


class ApproveAnswer(Schema):
    """``answer.approve``: the edition is the digest of what was read."""

    question: Number
    edition: Line


class ReturnAnswer(Schema):
    """``answer.return``: why it does not go out as it is."""

    question: Number
    reason: Text


class MakePromise(Schema):
    """``promise.make``: what the answer promises, and by which day."""

    item: Number
    what: Line
    due: Day


class KeepPromise(Schema):
    """``promise.keep``: the answer that says it is done; ``item`` is the one that promised it."""

    item: Number
    text: Text
    speaker: Line | None = None


class CancelPromise(Schema):
    """``promise.cancel``: why it should not have been entered."""

    item: Number
    reason: Text


class RefuseQuestion(Schema):
    """``question.refuse``: on one of three grounds, with what can be told all the same."""

    question: Number
    ground: Annotated[Ground, Field(strict=False)]
    reason: Text
    partial: Text | None = None


class DeferQuestion(Schema):
    """``question.defer``: why it is answered only afterwards."""

    question: Number
    reason: Text


class TellContent(Schema):
    """``content.tell``: what the interview will be about (第十一条)."""

    interview: Number
    theme: Line
    text: Text


class GuestLine(Schema):
    """One of the people a body sends (第十四条)."""

    name: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_written)]
    post: Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_written)]


class TellGuests(Schema):
    """``guests.tell``: how many come, with their posts (第十四条)."""

    interview: Number
    guests: Annotated[list[GuestLine], Field(min_length=1, max_length=30)]


class TellVenue(Schema):
    """``venue.tell``: where it takes place (第十四条)."""

    interview: Number
    venue: Line


class ScheduleInterview(Schema):
    """``interview.schedule``: a new interview of the programme; the first respondent leads."""

    theme: Line
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    respondents: Annotated[list[Number], Field(min_length=1, max_length=20)]
    host: Number | None = None
    venue: Line | None = None

    @field_validator("starts_at", "ends_at", mode="before")
    @classmethod
    def _read_instant(cls, value: object) -> object:
        return _instant(value)


class IssuePlan(Schema):
    """``plan.issue``: the plan of one year (第十条)."""

    year: Annotated[int, Field(ge=2000, le=2199)]


class ChangeInterview(Schema):
    """``interview.change``: other times or another theme, with the ground and the public reason (第十三条)."""

    interview: Number
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    theme: Line | None = None
    ground: Annotated[ChangeGround, Field(strict=False)]
    reason: Line

    @field_validator("starts_at", "ends_at", mode="before")
    @classmethod
    def _read_instant(cls, value: object) -> object:
        return _instant(value)


class CancelInterview(Schema):
    """``interview.cancel``: with the public reason."""

    interview: Number
    reason: Line


class GrantWaiver(Schema):
    """``waiver.grant``: a deviation from the gate that goes by ``duty``, with the public reason."""

    interview: Number
    duty: Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_written)]
    reason: Line


class AddWords(Schema):
    """``words.add``: to one class; in ``emergency`` the note may name the numbers to call."""

    kind: Annotated[WordClass, Field(strict=False)]
    words: Annotated[list[Line], Field(min_length=1, max_length=20_000)]
    note: Line | None = None


class OneWord(Schema):
    """A command that needs nothing but a word of the lists."""

    word: Line


class AddWordCase(Schema):
    """``word.case.add``: a sentence and the class it must be recognised as; no class: it must raise no flag."""

    text: Text
    kind: Annotated[WordClass, Field(strict=False)] | None = None


class OneWordCase(Schema):
    """``word.case.drop``: the number of one of the office's sentences."""

    case: Number


class EditReport(Schema):
    """``report.edit``: the prose of a report, based on the version that was open; empty parts are left out."""

    interview: Number
    version: Annotated[int, Field(ge=1, le=10_000)]
    overview: Text = ""
    problems: Text = ""
    proposals: Text = ""


class SignReport(Schema):
    """``report.sign``: the version that was read."""

    interview: Number
    version: Annotated[int, Field(ge=1, le=10_000)]


class OneDelivery(Schema):
    """``report.resend``: one version on its way to one recipient."""

    delivery: Number


class AcknowledgeReport(Schema):
    """``report.acknowledge``: the receipt of a report, with a comment if there is one."""

    delivery: Number
    comment: Line | None = None


class Watch(Schema):
    """``watch``: a stream, and the last number the reader has of it."""

    stream: Annotated[str, Field(max_length=64)]
    after: Annotated[int, Field(ge=0)] | None = None


class Unwatch(Schema):
    """``unwatch``: no more of this stream."""

    stream: Annotated[str, Field(max_length=64)]


class Nothing(Schema):
    """``ping``: an empty object."""
