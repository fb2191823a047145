"""What may follow what: the states of questions and interviews. Pure values in, a new state or a refusal out.

The tables are the contract's; whoever loses a race reads here, in words, what the winner did.
"""

from enum import StrEnum

from base.errors import Refusal


class InterviewStatus(StrEnum):
    """States of an interview, as the contract names them."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    LIVE = "live"
    ENDED = "ended"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class QuestionStatus(StrEnum):
    """States of a question, as the contract names them."""

    PENDING = "pending"
    PUBLISHED = "published"
    STAGED = "staged"
    ANSWERED = "answered"
    REFUSED = "refused"
    DEFERRED = "deferred"
    DECLINED = "declined"
    MERGED = "merged"
    TRANSFERRED = "transferred"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"


class ItemKind(StrEnum):
    """What stands under one number of the transcript."""

    QUESTION = "question"
    SAID = "said"
    ANSWER = "answer"
    REFUSAL = "refusal"
    DEFERRAL = "deferral"
    ERRATUM = "erratum"


class DutyStatus(StrEnum):
    """A duty is open, done, or no longer asked because the interview moved or was cancelled."""

    OPEN = "open"
    DONE = "done"
    SUPERSEDED = "superseded"


class DeclineReason(StrEnum):
    """The five reasons for which a question is not made public."""

    UNLAWFUL = "unlawful"
    ABUSE = "abuse"
    ADVERTISING = "advertising"
    PERSONAL_DATA = "personal_data"
    NOT_A_QUESTION = "not_a_question"


DECLINE_WORDS = {
    DeclineReason.UNLAWFUL: "内容违法",
    DeclineReason.ABUSE: "辱骂、骚扰",
    DeclineReason.ADVERTISING: "广告",
    DeclineReason.PERSONAL_DATA: "有别人的个人信息",
    DeclineReason.NOT_A_QUESTION: "不是提问",
}
"""The reasons as the asker, the log and the report read them."""


class Ground(StrEnum):
    """The only grounds on which an answer may be refused (第四条)."""

    STATE_SECRET = "state_secret"  # noqa: S105 - a ground of 第四条, no password
    TRADE_SECRET = "trade_secret"  # noqa: S105 - a ground of 第四条, no password
    PERSONAL_PRIVACY = "personal_privacy"


class ChangeGround(StrEnum):
    """Why an interview of the plan is changed (第十三条)."""

    PUBLIC_DEMAND = "public_demand"
    OTHER = "other"


class Kind(StrEnum):
    """What a citizen may submit (第九条)."""

    INQUIRY = "inquiry"
    OPINION = "opinion"
    SUGGESTION = "suggestion"


S = InterviewStatus
Q = QuestionStatus

QUESTION_WORDS = {
    Q.PENDING: "在等审核",
    Q.PUBLISHED: "已经公开，在等答复",
    Q.STAGED: "已经上场，正在答",
    Q.ANSWERED: "已经答复",
    Q.REFUSED: "已经依法不予答复",
    Q.DEFERRED: "已经转为会后答复",
    Q.DECLINED: "没有公开",
    Q.MERGED: "已经并入另一个问题",
    Q.TRANSFERRED: "已经转给别的单位",
    Q.WITHDRAWN: "已经由提问人撤回",
    Q.REMOVED: "已经撤下",
}

INTERVIEW_WORDS = {
    S.PLANNED: "还在计划中，没有预告",
    S.ANNOUNCED: "已经预告，还没有开始",
    S.LIVE: "正在进行",
    S.ENDED: "已经结束",
    S.ARCHIVED: "已经归档",
    S.CANCELLED: "已经取消",
}

PUBLIC = frozenset({Q.PUBLISHED, Q.STAGED, Q.ANSWERED, Q.REFUSED, Q.DEFERRED})
"""States in which a question's text is public; merged and withdrawn ones keep theirs if they had a number."""

OPEN = frozenset({Q.PUBLISHED, Q.STAGED})
"""States that the close of an interview turns into a deferral."""

QUESTION_MOVES: dict[str, tuple[frozenset[Q], Q | None]] = {
    "question.publish": (frozenset({Q.PENDING}), Q.PUBLISHED),
    "question.decline": (frozenset({Q.PENDING}), Q.DECLINED),
    "question.merge": (frozenset({Q.PENDING, Q.PUBLISHED, Q.STAGED}), Q.MERGED),
    "question.transfer": (frozenset({Q.PENDING}), Q.TRANSFERRED),
    "question.appeal": (frozenset({Q.DECLINED}), Q.PENDING),
    "question.claim": (frozenset({Q.PENDING}), None),
    "question.hold": (frozenset({Q.PENDING}), None),
    "question.support": (frozenset({Q.PUBLISHED, Q.STAGED}), None),
    "question.withdraw": (frozenset({Q.PENDING, Q.PUBLISHED}), Q.WITHDRAWN),
    "question.stage": (frozenset({Q.PUBLISHED}), Q.STAGED),
    "question.unstage": (frozenset({Q.STAGED}), Q.PUBLISHED),
    "answer.draft": (frozenset({Q.PUBLISHED, Q.STAGED, Q.DEFERRED, Q.TRANSFERRED, Q.ANSWERED}), None),
    "question.answer": (
        frozenset({Q.PUBLISHED, Q.STAGED, Q.DEFERRED, Q.TRANSFERRED, Q.ANSWERED}),
        Q.ANSWERED,
    ),
    "question.refuse": (frozenset({Q.PUBLISHED, Q.STAGED, Q.DEFERRED, Q.TRANSFERRED}), Q.REFUSED),
    "question.defer": (frozenset({Q.PUBLISHED, Q.STAGED}), Q.DEFERRED),
}
"""For each command: the states it may start from and the state it leads to (``None``: it stays)."""

INTERVIEW_MOVES: dict[str, tuple[frozenset[S], S | None]] = {
    "interview.announce": (frozenset({S.PLANNED}), S.ANNOUNCED),
    "interview.open": (frozenset({S.ANNOUNCED}), S.LIVE),
    "interview.say": (frozenset({S.LIVE}), None),
    "interview.extend": (frozenset({S.LIVE}), None),
    "interview.close": (frozenset({S.LIVE}), S.ENDED),
    "interview.archive": (frozenset({S.ENDED}), S.ARCHIVED),
    "content.tell": (frozenset({S.PLANNED, S.ANNOUNCED}), None),
    "guests.tell": (frozenset({S.PLANNED, S.ANNOUNCED, S.LIVE}), None),
    "interview.change": (frozenset({S.PLANNED, S.ANNOUNCED}), None),
    "interview.cancel": (frozenset({S.PLANNED, S.ANNOUNCED}), S.CANCELLED),
    "waiver.grant": (frozenset({S.PLANNED, S.ANNOUNCED, S.LIVE}), None),
    "venue.tell": (frozenset({S.PLANNED, S.ANNOUNCED}), None),
    "questions.forward": (frozenset({S.ANNOUNCED}), None),
    "summary.send": (frozenset({S.ENDED, S.ARCHIVED}), None),
    "question.appeal": (frozenset({S.ANNOUNCED, S.LIVE, S.ENDED}), None),
    "question.order": (frozenset({S.ANNOUNCED, S.LIVE}), None),
    "publication.delay": (frozenset({S.ANNOUNCED, S.LIVE}), None),
    "interview.rehearse": (frozenset({S.PLANNED, S.ANNOUNCED}), None),
}
"""The same for interviews."""


def move_question(command: str, status: str) -> Q:
    """The state a question is in after ``command``.

    Raises:
        Refusal: ``question.state``; names the state the question is in now.
    """
    allowed, after = QUESTION_MOVES[command]
    now = Q(status)
    if now not in allowed:
        raise Refusal("question.state", f"这个问题{QUESTION_WORDS[now]}，这一步不能再做。请看它现在的情况。")
    return after or now


def move_interview(command: str, status: str) -> S:
    """The state an interview is in after ``command``.

    Raises:
        Refusal: ``interview.state``; names the state the interview is in now.
    """
    allowed, after = INTERVIEW_MOVES[command]
    now = S(status)
    if now not in allowed:
        raise Refusal("interview.state", f"这场访谈{INTERVIEW_WORDS[now]}，这一步不能办。")
    return after or now


def check_asking(status: str) -> None:
    """Whether a citizen can submit a question now: from the announcement (第十二条) to the close.

    Raises:
        Refusal: before the collection opens, or after the close, with what to do instead.
    """
    now = S(status)
    if now in (S.ANNOUNCED, S.LIVE):
        return
    if now is S.PLANNED:
        raise Refusal(
            "interview.not_collecting",
            "这场访谈还没有预告，提问征集没有开始。预告以后就可以提问。",
            article="第十二条",
        )
    if now is S.CANCELLED:
        raise Refusal("interview.cancelled", "这场访谈已经取消，不再收提问。请到首页看看别的访谈。")
    raise Refusal(
        "interview.closed", "这场访谈已经结束，不再收提问。可以问机器人，也可以到首页看下一场访谈。"
    )
