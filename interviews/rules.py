"""What a city's rule asks of whom by when, and what it forbids. Pure: frozen values in, duties or a refusal out.

The numbers come from the rule's file (``interviews.law``), the counting from ``interviews.deadlines``. A gate
refuses with the article and with what can be done instead; those that the rule lets the supervisor waive yield to
a recorded deviation (``granted``), the announcement's never does.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType

from base.clock import SHANGHAI, as_utc, office_date, shanghai_iso
from base.errors import Refusal
from interviews.calendar import Calendar
from interviews.deadlines import DueDate, count, day_in, due_date, in_words
from interviews.law.models import DutyRule, Gate, Regulation

GENERAL_GROUNDS: Mapping[str, str] = MappingProxyType(
    {"state_secret": "国家秘密", "trade_secret": "商业秘密", "personal_privacy": "个人隐私"}
)
"""What 《政府信息公开条例》 第十四条 and 第十五条 leave to a city whose rule names no grounds."""


@dataclass(frozen=True, slots=True)
class LegalFacts:
    """An interview as the rule sees it.

    Attributes:
        starts_at: the present (or intended) start, aware.
        ends_at: the present end, aware.
        respondents: ids of the bodies that answer.
        old_starts_at: the start before a change, where one is being judged or was made.
        ended_at: when it really ended; what counts from the end counts from this once it is known.
        changed: whether a change-notice is owed.
        deferred: whether a question was left for after the interview.
        left_to: the bodies that owe those answers; empty means all that answer.
        announced_on: the date of the announcement in Asia/Shanghai, if there was one.
        announced_in_time: what the ledger judged for the present start, by the calendar known that day; ``None``
            where it was not judged for this start, and then it is counted.
        has_theme: whether there is a theme; has_content, has_host: whether content was told, a host assigned.
        guests_told: how many people have been told to the office.
    """

    starts_at: datetime
    ends_at: datetime
    respondents: tuple[int, ...] = ()
    old_starts_at: datetime | None = None
    ended_at: datetime | None = None
    changed: bool = False
    deferred: bool = False
    left_to: tuple[int, ...] = ()
    announced_on: date | None = None
    announced_in_time: bool | None = None
    has_theme: bool = True
    has_content: bool = False
    has_host: bool = False
    guests_told: int = 0

    def anchor(self, name: str) -> datetime:
        """The instant that a rule's ``start``, ``end`` or ``earlier_start`` means."""
        if name == "end":
            return self.ended_at or self.ends_at
        if name == "earlier_start" and self.old_starts_at is not None:
            return min(self.starts_at, self.old_starts_at)
        return self.starts_at


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyDue(DueDate):
    """A duty of one interview (or of the programme), with its dates and their sum.

    Attributes:
        id: the rule's name for it, such as ``announce``.
        article: the article that asks it.
        title: what is to be done, in Chinese.
        owed_by: office, respondent, supervisor, host and so on.
        body_id: the body that owes it, where respondents owe it each for itself.
        done_by: the act that discharges it.
        warn_from: the first day on which its absence is shown as a warning, where the rule has one.
    """

    id: str
    article: str
    title: str
    owed_by: str
    body_id: int | None
    done_by: str
    warn_from: date | None = None

    def to_dict(self) -> dict[str, object]:
        """The duty as the contract writes it; ``body`` and ``due_at`` only where there is one."""
        found: dict[str, object] = {
            "id": self.id,
            "article": self.article,
            "title": self.title,
            "owed_by": self.owed_by,
            "due": self.due.isoformat(),
            "act_by": self.act_by.isoformat(),
            "not_before": None if self.not_before is None else self.not_before.isoformat(),
            "counted": [day.isoformat() for day in self.counted],
            "skipped": [{"date": day.isoformat(), "why": why} for day, why in self.skipped],
            "provisional": self.provisional,
        }
        if self.body_id is not None:
            found["body"] = self.body_id
        if self.due_at is not None:
            found["due_at"] = shanghai_iso(self.due_at)
        return found


def duties_for(
    facts: LegalFacts, regulation: Regulation, calendar: Calendar, *, for_calculator: bool = False
) -> list[DutyDue]:
    """Every duty of an interview, in the order of the rule's file.

    A duty that respondents owe is listed once for each of them; without respondents, once. A rule applies to an
    interview that starts while it is in force.

    Args:
        facts: the interview.
        regulation: the city's rule.
        calendar: the national working days; the city's own days off are added here.
        for_calculator: also list what is owed only after a change or a deferral.

    Raises:
        Refusal: ``input.date`` when a count runs out of the years that can be counted.
    """
    reckoning = _Reckoning(facts, regulation, calendar)
    owed = {"always": True, "changed": facts.changed, "deferred": facts.deferred}
    found: list[DutyDue] = []
    for rule in regulation.duties:
        applies = rule.per_interview and rule.in_force(reckoning.start)
        if not applies or not (for_calculator or owed[rule.when]):
            continue
        due, warn_from = reckoning.due(rule), reckoning.warn_from(rule)
        bodies: tuple[int | None, ...] = (None,)
        if rule.owed_by == "respondent" and facts.respondents:
            bodies = facts.respondents
        if rule.owed_by == "respondent" and rule.when == "deferred" and facts.left_to:
            bodies = facts.left_to
        found.extend(_owed(rule, due, body, warn_from) for body in bodies)
    return found


def _owed(rule: DutyRule, when: DueDate, body: int | None, warn_from: date | None = None) -> DutyDue:
    return DutyDue(
        when.due,
        when.act_by,
        when.not_before,
        when.counted,
        when.skipped,
        when.provisional_years,
        when.due_at,
        id=rule.id,
        article=rule.article,
        title=rule.title,
        owed_by=rule.owed_by,
        body_id=body,
        done_by=rule.done_by,
        warn_from=warn_from,
    )


class _Reckoning:
    """The dates of one interview under one rule, each reckoned once; a duty may count from another's last day."""

    def __init__(self, facts: LegalFacts, regulation: Regulation, calendar: Calendar) -> None:
        self.facts, self.regulation = facts, regulation
        self.calendar = calendar.with_days_off(regulation.days_off)
        self.start = office_date(facts.starts_at)
        self.known: dict[str, DueDate] = {}
        self.anchors: dict[str, tuple[date, datetime]] = {}

    def anchor(self, rule: DutyRule) -> tuple[date, datetime | None]:
        """The day a rule counts from, and its instant where it has one."""
        if rule.anchor in self.anchors:
            return self.anchors[rule.anchor]
        if rule.after_duty is None:
            moment = self.facts.anchor(rule.anchor)
            self.anchors[rule.anchor] = found = office_date(moment), moment
            return found
        before = self.regulation.duty(rule.after_duty, self.start)
        if before is None:
            raise Refusal(
                "regulation.gap",
                f"“{rule.title}”要从“{rule.after_duty}”数起，可是那一项当时没有施行。请核对规定文件的施行日期。",
                status=400,
                article=rule.article,
            )
        return self.due(before).due, None

    def due(self, rule: DutyRule) -> DueDate:
        """When a rule is due."""
        if rule.id not in self.known:
            anchor, moment = self.anchor(rule)
            self.known[rule.id] = due_date(rule, anchor, self.calendar, moment)
        return self.known[rule.id]

    def warn_from(self, rule: DutyRule) -> date | None:
        """From when its absence is shown as a warning."""
        if rule.warn_at is None:
            return None
        return count(rule, rule.warn_at, self.anchor(rule)[0], self.calendar).day


def duties_of_year(year: int, regulation: Regulation, calendar: Calendar) -> list[DutyDue]:
    """What the programme of a year owes: plans and votes, each month's included, in the order of their dates."""
    local = calendar.with_days_off(regulation.days_off)
    found = []
    for rule in regulation.duties:
        anchors = {"year": [day_in(year, 1, 1)], "month": [day_in(year, month, 1) for month in range(1, 13)]}
        found += [
            _owed(rule, due_date(rule, anchor, local), None)
            for anchor in anchors.get(rule.anchor, [])
            if rule.in_force(anchor)
        ]
    return sorted(found, key=lambda duty: duty.due)


# Gates


def earliest_start(duty_id: str, regulation: Regulation, calendar: Calendar, today: date) -> date:
    """The first working day on which an interview can start so that a duty can still be done in time today.

    Raises:
        Refusal: ``input.date`` when there is none within the years that can be counted.
    """
    local = calendar.with_days_off(regulation.days_off)
    day = today
    while True:
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI)
        facts = LegalFacts(noon, noon + timedelta(minutes=regulation.length.max_minutes))
        rule = regulation.duty(duty_id, day)
        in_time = rule is None or _Reckoning(facts, regulation, local).due(rule).due >= today
        if in_time and local.is_workday(day):
            return day
        day += timedelta(days=1)


def _last_day(gate: Gate, facts: LegalFacts, regulation: Regulation, calendar: Calendar) -> date | None:
    rule = regulation.duty(gate.duty or "", office_date(facts.starts_at))
    if rule is None:
        return None
    return _Reckoning(facts, regulation, calendar).due(rule).due


def _waived(gate: Gate, granted: Collection[str]) -> bool:
    return gate.waivable and (gate.duty in granted or gate.needs in granted)


def _missed(
    act: str,
    facts: LegalFacts,
    regulation: Regulation,
    calendar: Calendar,
    today: date,
    granted: Collection[str] = (),
) -> Iterator[tuple[str | None, str, date]]:
    """The gates before an act whose last day has passed: article, that day in words, the earliest lawful start."""
    for gate in regulation.gates_for(act):
        last = _last_day(gate, facts, regulation, calendar)
        if last is not None and last < today and not _waived(gate, granted):
            yield gate.article, in_words(last), earliest_start(gate.duty or "", regulation, calendar, today)


def check_announce(facts: LegalFacts, regulation: Regulation, calendar: Calendar, today: date) -> None:
    """Whether an interview can be announced ``today``: not after the last day before its present start.

    Raises:
        Refusal: ``announce.incomplete`` without theme or body; ``announce.too_late`` with the earliest lawful start.
    """
    gates = regulation.gates_for("announce")
    article = gates[0].article if gates else None
    if not facts.has_theme or not facts.respondents:
        lacking = "主题" if not facts.has_theme else "答复单位"
        raise Refusal(
            "announce.incomplete", f"这场访谈还没有{lacking}，不能预告。请先补上{lacking}。", article=article
        )
    if office_date(facts.starts_at) < today:
        raise Refusal("announce.past", "这场访谈的开始时间已经过去。请先改期，再发预告。", article=article)
    for cited, last, earliest in _missed("announce", facts, regulation, calendar, today):
        raise Refusal(
            "announce.too_late",
            f"预告最晚要在{last}发出，现在已经过了。今天发预告，最早可以定在{in_words(earliest)}开始。"
            "请先改期，再发预告。",
            article=cited,
        )


def check_schedule_in_issued_plan(
    facts: LegalFacts,
    regulation: Regulation,
    calendar: Calendar,
    today: date,
    granted: Collection[str] = (),
) -> None:
    """Whether an interview can still be added ``today`` to a plan that has been issued.

    Raises:
        Refusal: ``schedule.too_late`` with the earliest lawful start.
    """
    for article, last, earliest in _missed("schedule", facts, regulation, calendar, today, granted):
        raise Refusal(
            "schedule.too_late",
            f"年度计划已经印发，加这一场最晚要在{last}通知各单位，现在已经过了。"
            f"今天加，最早可以定在{in_words(earliest)}开始。确需提前的，先排在这一天，再请主管部门登记理由、改期。",
            article=article,
        )


def check_change(
    facts: LegalFacts,
    regulation: Regulation,
    calendar: Calendar,
    today: date,
    granted: Collection[str] = (),
) -> None:
    """Whether an interview of an issued plan can be moved, cancelled or re-themed ``today``.

    The last day is counted from the earlier of ``facts.old_starts_at`` and ``facts.starts_at``; for a
    cancellation or another theme both are the same.

    Raises:
        Refusal: ``change.too_late``; names the earliest new start where that would help.
    """
    for article, last, earliest in _missed("change", facts, regulation, calendar, today, granted):
        old = facts.old_starts_at or facts.starts_at
        if office_date(old) >= earliest:
            instead = f"新的开始最早可以定在{in_words(earliest)}。确需提前的，请主管部门登记理由。"
        else:
            instead = "离原定的开始太近，改期、取消、换主题都要主管部门登记理由，理由会公开。"
        raise Refusal(
            "change.too_late",
            f"变动最晚要在{last}通知各单位，现在已经过了。{instead}",
            article=article,
        )


_OPENING = {
    "content": ("open.no_content", "答复单位还没有报来访谈内容，不能开始。请先报内容"),
    "host": ("open.no_host", "这场访谈还没有主持人，不能开始。请先指定主持人"),
    "guest": ("open.no_guest", "还没有报来参加的人，至少要有一位。请先报人员和职务"),
}


def check_open(
    facts: LegalFacts,
    regulation: Regulation,
    calendar: Calendar,
    now: datetime,
    granted: Collection[str] = (),
) -> None:
    """Whether an interview can be opened ``now``.

    Args:
        facts: the interview.
        regulation: the city's rule.
        calendar: the working days.
        now: the present instant.
        granted: deviations recorded by the supervisor, as ids of duties or words of the gates (``host``).

    Raises:
        Refusal: ``open.too_early``, ``open.too_late``, ``open.not_announced``, ``open.announced_late``,
            ``open.no_content``, ``open.no_host`` or ``open.no_guest``.
    """
    local = as_utc(facts.starts_at).astimezone(SHANGHAI)
    if now < facts.starts_at:
        raise Refusal(
            "open.too_early",
            f"还没到开始的时间。这场{local.month}月{local.day}日 {local:%H:%M}开始，请到时再开。",
        )
    if now >= facts.ends_at:
        raise Refusal("open.too_late", "原定的时间已经过完，这场没有开成。请改期，或者取消。")
    present = {"content": facts.has_content, "host": facts.has_host, "guest": facts.guests_told > 0}
    for gate in regulation.gates_for("open"):
        if _waived(gate, granted):
            continue
        if gate.needs == "announcement":
            _check_announced(gate, facts, regulation, calendar)
        elif not present[gate.needs]:
            code, message = _OPENING[gate.needs]
            raise Refusal(code, f"{message}，或者请主管部门登记理由。", article=gate.article)


def _check_announced(gate: Gate, facts: LegalFacts, regulation: Regulation, calendar: Calendar) -> None:
    if facts.announced_on is None:
        raise Refusal(
            "open.not_announced",
            "这场访谈没有预告，不能开始。请改到预告来得及的日子，先发预告。",
            article=gate.article,
        )
    last = _last_day(gate, facts, regulation, calendar)
    in_time = facts.announced_in_time
    if in_time is None:
        in_time = last is None or facts.announced_on <= last
    if not in_time:
        by = f"最晚应在{in_words(last)}发出，" if last is not None else ""
        raise Refusal(
            "open.announced_late",
            f"预告发得太晚：{by}实际是{in_words(facts.announced_on)}。请往后改期，这次预告继续有效。",
            article=gate.article,
        )


def check_length(facts: LegalFacts, regulation: Regulation) -> None:
    """Whether the planned length is within the rule's.

    Raises:
        Refusal: ``schedule.end`` when it ends before it starts, ``schedule.too_long`` with the latest end.
    """
    if facts.ends_at <= facts.starts_at:
        raise Refusal("schedule.end", "结束要晚于开始。请核对时间。", status=400)
    limit = regulation.length.max_minutes
    if facts.ends_at - facts.starts_at > timedelta(minutes=limit):
        latest = as_utc(facts.starts_at + timedelta(minutes=limit)).astimezone(SHANGHAI)
        raise Refusal(
            "schedule.too_long",
            f"一场最长{limit}分钟。请把结束定在{latest:%H:%M}以前，或者分成两场。",
            article=regulation.length.article,
        )


def _has_words(text: str | None) -> bool:
    return text is not None and any(letter.isalnum() for letter in text)


def _check_reason(
    act: str, code: str, message: str, reason: str | None, regulation: Regulation, granted: Collection[str]
) -> None:
    for gate in regulation.gates_for(act):
        if not _has_words(reason) and not _waived(gate, granted):
            raise Refusal(code, message, article=gate.article)


def check_close(
    now: datetime,
    limit_at: datetime,
    reason: str | None,
    regulation: Regulation,
    granted: Collection[str] = (),
) -> None:
    """Whether an interview can be closed ``now``: before its time only with a reason, which is made public.

    Raises:
        Refusal: ``close.no_reason``.
    """
    if now < limit_at:
        words = "还没到结束的时间。提前结束要写明特殊原因，例如设备故障，原因会公开。"
        _check_reason("close", "close.no_reason", words, reason, regulation, granted)


def check_extend(
    minutes: int, reason: str | None, regulation: Regulation, granted: Collection[str] = ()
) -> None:
    """Whether an interview can be extended: by at least a minute, and with a reason, which is made public.

    Raises:
        Refusal: ``extend.minutes`` or ``extend.no_reason``.
    """
    most = regulation.length.max_minutes
    if not 1 <= minutes <= most:
        raise Refusal(
            "extend.minutes",
            f"一次可以延长1到{most}分钟。请改一个数。",
            status=400,
            article=regulation.length.article,
        )
    words = "延长要写明特殊原因，例如设备故障，原因会公开。"
    _check_reason("extend", "extend.no_reason", words, reason, regulation, granted)


def check_refuse_ground(ground: str | None, reason: str | None, regulation: Regulation) -> str:
    """The name of the ground on which a question is refused.

    Raises:
        Refusal: ``refuse.ground`` when it is none of the rule's, ``refuse.no_reason`` without words of explanation.
    """
    refusing = regulation.refusing
    article = refusing.article if refusing is not None else None
    names = GENERAL_GROUNDS
    if refusing is not None:
        names = {str(one.id): one.name for one in refusing.grounds}
    if ground is None or ground not in names:
        listed = "、".join(names.values())
        raise Refusal(
            "refuse.ground",
            f"不予答复只能依据{listed}，请选一项。不属于这些的都要回答；一时答不了的，可以转为会后答复。",
            article=article,
        )
    if not _has_words(reason):
        raise Refusal("refuse.no_reason", "请写明为什么属于这一项，理由会公开。", article=article)
    return names[ground]
