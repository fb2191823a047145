"""Duties as pages tell them: when, in words; the sum, day by day; and what can be pressed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from base.clock import office_date
from base.db import UnitOfWork
from interviews import body_names as names_of_bodies
from interviews import law, promises, reopening, rules
from interviews.body_models import BodyContact
from interviews.calendar import PROVISIONAL_MARK, Calendar
from interviews.deadlines import count
from interviews.duties import OWED_BY_WORDS
from interviews.law.models import Unit
from interviews.lifecycle import DutyStatus
from interviews.models import Duty, Interview
from interviews.standing import StandingDuty
from web.filters import day_near

DutyRow = dict[str, Any]
Calls = Mapping[int, BodyContact]
NOBODY: Calls = {}
Act = Callable[[Duty, Interview], dict[str, Any] | None]
StandingAct = Callable[[Sequence[StandingDuty]], dict[str, Any] | None]


def no_act(_duty: Duty, _interview: Interview) -> dict[str, Any] | None:
    """Nothing to press: what the public and those who do not owe it see."""
    return None


async def body_names(uow: UnitOfWork, on: date | None = None) -> dict[int, str]:
    """Every body's name, as it was on a day or is now."""
    known = await names_of_bodies.names(uow.db)
    return {number: (known.on(number, on) if on else now).name for number, now in known.now.items()}


def duty_rows(
    owed: Iterable[tuple[Duty, Interview]],
    names: Mapping[int, str],
    now: datetime,
    calendar: Calendar,
    *,
    act: Act = no_act,
    url: str | None = None,
    calls: Calls = NOBODY,
) -> list[DutyRow]:
    """Duties as rows.

    Args:
        owed: duties, each with its interview.
        names: the bodies' names.
        now: the present instant; lateness is judged by its date.
        calendar: the calendar in force (``workdays.present``), by which days left and late are counted.
        act: what can be pressed for one.
        url: where its interview is, ``{id}`` its number; ``None`` on the interview's own page.
        calls: by body, whom to call about what it still owes; for staff alone, the public's pages give none.
    """
    today = office_date(now)
    rows = [_row(duty, interview, names, today, calendar, act, url) for duty, interview in owed]
    return [row | {"call": _call(row, row["body"], calls)} for row in rows]


def _call(row: DutyRow, body_id: int | None, calls: Calls) -> BodyContact | None:
    return calls.get(body_id or 0) if row["state"] not in ("done", "waived") else None


def _row(
    duty: Duty,
    interview: Interview,
    names: Mapping[int, str],
    today: date,
    calendar: Calendar,
    act: Act,
    url: str | None,
) -> DutyRow:
    regulation = law.load(interview.regulation)
    local = calendar.with_days_off(regulation.days_off)
    state, when = _when(duty, today, local)
    shown = {"id": interview.id, "no": interview.ordinal, "theme": interview.theme}
    return {
        "id": duty.rule,
        "title": duty.title,
        "article": duty.article,
        "body": duty.body_id,
        "owed_by": names.get(duty.body_id or 0) or OWED_BY_WORDS.get(duty.owed_by, duty.owed_by),
        "due": duty.due,
        "act_by": duty.act_by,
        "not_before": duty.not_before,
        "state": state,
        "done_at": duty.done_at,
        "when": when,
        "remark": _remark(duty, today) or _warning(duty, interview, today, local),
        "provisional": duty.provisional,
        "sum": _sum(duty, interview, regulation),
        "interview": shown | {"url": url.format(id=interview.id)} if url else None,
        "act": act(duty, interview) if duty.status == DutyStatus.OPEN else None,
    }


class Dated(Protocol):
    """What has a last day and is done or not: an interview's duty, or a standing one."""

    @property
    def status(self) -> str:
        """A ``DutyStatus``."""

    @property
    def due(self) -> date:
        """The last day in time."""

    @property
    def act_by(self) -> date:
        """The last working day on or before it."""

    @property
    def not_before(self) -> date | None:
        """The first day of its window."""

    @property
    def done_at(self) -> datetime | None:
        """When it was done."""

    @property
    def moved_by_notice(self) -> bool:
        """Whether nobody is late by it."""


def standing_rows(
    owed: Iterable[StandingDuty],
    now: datetime,
    calendar: Calendar,
    *,
    mine: int | None = None,
    calls: Calls = NOBODY,
    act: StandingAct | None = None,
) -> list[DutyRow]:
    """Duties of no single interview as rows of the same list.

    What several bodies owe by the same day is one row that names those who still do.

    Args:
        owed: reports and self-assessments, in the order of ``standing``.
        now: the present instant.
        calendar: the calendar in force.
        mine: the body whose own list it is; None on the list of the office or the supervisor.
        calls: as for ``duty_rows``; a row of several bodies has nobody.
        act: what can be pressed for what is still owed; without it, what leads to the page of one's own.
    """
    today = office_date(now)
    listed = [one for one in owed if mine is None or one.body_id == mine]
    groups: dict[str, list[StandingDuty]] = {}
    for one in listed:
        together = one.body_id is not None and one.done_at is None
        groups.setdefault(one.title if together else one.key, []).append(one)
    found = []
    for group in groups.values():
        row = _standing_row(group, today, calendar, own=mine is not None)
        if act is not None and row["state"] != "done":
            row["act"] = act(group)
        found.append(row | {"call": _call(row, row["body"], calls)})
    return found


NAMED = 3
"""Bodies that a row names; of more it says how many."""


def _standing_row(group: Sequence[StandingDuty], today: date, calendar: Calendar, *, own: bool) -> DutyRow:
    one = group[0]
    state, when = _when(one, today, calendar)
    by = OWED_BY_WORDS["office"]
    if one.body_id is not None:
        named = "、".join(each.body for each in group[:NAMED])
        by = named if own or len(group) <= NAMED else f"{named}等{len(group)}个单位"
    press = own or one.body_id is None
    label = "去登记报送" if one.body_id is None else "去报自查"
    act: dict[str, Any] = {"label": label, "href": one.page, "command": None, "fields": {}}
    return {
        "id": one.key,
        "title": one.title,
        "article": one.article,
        "body": one.body_id if len(group) == 1 else None,
        "owed_by": by,
        "due": one.due,
        "act_by": one.act_by,
        "not_before": one.not_before,
        "state": state,
        "done_at": one.done_at,
        "when": when,
        "remark": "考评开始的时候已经过了日子，不算逾期" if one.moved_by_notice else None,
        "provisional": False,
        "sum": {"text": one.sum, "rows": []},
        "interview": None,
        "act": act if press and state != "done" and today >= one.not_before else None,
    }


def in_order(rows: Iterable[DutyRow]) -> list[DutyRow]:
    """Rows from several sources as one list, the most urgent first."""
    return sorted(rows, key=lambda row: row["act_by"])


def _remark(duty: Duty, today: date) -> str | None:
    if duty.status == DutyStatus.SUPERSEDED:
        return duty.superseded_because
    if duty.done_at:
        return f"晚了{duty.late_days}天" if duty.late_days else None
    if duty.moved_by_notice and today > duty.due:
        return "放假通知使日子提前到了过去，不算逾期"
    return None


def _warning(duty: Duty, interview: Interview, today: date, calendar: Calendar) -> str | None:
    """From the rule's day of warning on, that something is still missing."""
    start = office_date(interview.starts_at)
    rule = law.load(interview.regulation).duty(duty.rule, start)
    if duty.status != DutyStatus.OPEN or rule is None or rule.warn_at is None or rule.anchor != "start":
        return None
    return "还没有办，请提醒" if today >= count(rule, rule.warn_at, start, calendar).day else None


def _when(duty: Dated, today: date, calendar: Calendar) -> tuple[str, str]:
    if duty.status == DutyStatus.SUPERSEDED:
        return "waived", "不用办了"
    if duty.status == DutyStatus.DONE:
        done = office_date(duty.done_at) if duty.done_at else duty.due
        return "done", f"{day_near(done, today)}已办"
    if today > duty.due and duty.moved_by_notice:
        return "today", "请尽快办"
    if today > duty.due:
        days = calendar.workdays_between(duty.due, today)
        return "late", f"逾期{days}个工作日" if days else "已经逾期"
    if today >= duty.act_by:
        return "today", "今天到期" if today == duty.due else f"{day_near(duty.due, today)}到期"
    if duty.not_before is not None and today < duty.not_before:
        return "open", f"{day_near(duty.not_before, today)}起可以办"
    return "open", f"还有{calendar.workdays_between(today, duty.act_by)}个工作日"


def _sum(duty: Duty, interview: Interview, regulation: law.Regulation) -> dict[str, Any] | None:
    rule = regulation.duty(duty.rule, office_date(interview.starts_at))
    counted, skipped = duty.sum.get("counted", []), duty.sum.get("skipped", [])
    if rule is None:
        return _own_sum(duty, counted, skipped)
    return sum_of(rule, counted, skipped)


def _own_sum(
    duty: Duty, counted: Sequence[str], skipped: Sequence[Mapping[str, str]]
) -> dict[str, Any] | None:
    """How the date came about of what no regulation asks: a promise says its own, handling again counts days."""
    if duty.rule == promises.TASK:
        return {
            "text": f"答复里写的是{day_in_words(duty.due, provisional=False)}，那一天办结也算按时。",
            "rows": [],
        }
    if duty.rule == reopening.TASK:
        within = f"{len(counted)}个工作日以内" if counted else "按工作日数"
        return {"text": f"再次办理那天起{within}，当天不算。", "rows": _days(counted, skipped, "个工作日")}
    return None


def sum_of(
    rule: law.DutyRule, counted: Iterable[str], skipped: Iterable[Mapping[str, str]]
) -> dict[str, Any]:
    """How a date was reckoned: the rule in words, and each day walked over, counted or not.

    Args:
        rule: the rule of the duty.
        counted: the days counted, in walking order.
        skipped: ``{"date", "why"}`` of the days passed over, in walking order.
    """
    unit = "个工作日" if rule.unit is Unit.WORKING_DAYS else "日"
    monthly = rule.unit is Unit.MONTHS
    rows = _days(counted, skipped, "个月" if monthly else unit, backwards=rule.direction == "before")
    return {"text": f"{rule.in_words()}，当天不算。", "rows": rows}


def _days(
    counted: Iterable[str], skipped: Iterable[Mapping[str, str]], unit: str, *, backwards: bool = False
) -> list[dict[str, Any]]:
    """Each day walked over, counted or not, in walking order."""
    rows = [{"date": day, "text": f"第{n}{unit}", "counted": True} for n, day in enumerate(counted, 1)]
    rows += [{"date": one["date"], "text": f"{one['why']}，不算", "counted": False} for one in skipped]
    return sorted(rows, key=lambda row: str(row["date"]), reverse=backwards)


def document_rows(
    document: Mapping[str, Any], regulation: law.Regulation, today: date, owed_by: Mapping[str, str]
) -> list[DutyRow]:
    """The calculator's document as rows of the same table; nothing in it is done, nothing is late."""
    start = datetime.fromisoformat(document["start"])
    found = []
    for duty in document["duties"]:
        rule = regulation.duty(duty["id"], office_date(start))
        due = date.fromisoformat(duty["due"])
        found.append(
            {
                "id": duty["id"],
                "title": duty["title"],
                "article": duty["article"],
                "owed_by": owed_by.get(duty["owed_by"], duty["owed_by"]),
                "due": due,
                "act_by": date.fromisoformat(duty["act_by"]),
                "not_before": duty["not_before"],
                "state": "open",
                "done_at": None,
                "when": "已经过了" if due < today else "还没到",
                "remark": None,
                "provisional": duty["provisional"],
                "sum": sum_of(rule, duty["counted"], duty["skipped"]) if rule else None,
                "interview": None,
                "act": None,
                "call": None,
            }
        )
    return found


@dataclass(frozen=True)
class ByWhen:
    """By when something is done: the day, whether a yearly notice may still move it (暂定), and its sum."""

    day: date
    provisional: bool
    sum: dict[str, Any] | None

    def in_words(self) -> str:
        """``3月9日``, with 「（暂定）」 after it where the day may still move."""
        return day_in_words(self.day, provisional=self.provisional)


def day_in_words(day: date, *, provisional: bool) -> str:
    """``3月9日``, or ``3月9日（暂定）``."""
    return f"{day.month}月{day.day}日{PROVISIONAL_MARK if provisional else ''}"


def follow_up(interview: Interview, calendar: Calendar) -> ByWhen | None:
    """By when what is left open will be answered (第八条); reckoned, whether or not it is owed yet.

    Args:
        interview: whose open questions.
        calendar: the calendar in force.
    """
    regulation = law.load(interview.regulation)
    legal = rules.LegalFacts(
        interview.starts_at, interview.ends_at, ended_at=interview.closed_at or interview.cancelled_at
    )
    for owed in rules.duties_for(legal, regulation, calendar, for_calculator=True):
        if owed.done_by == "answers":
            rule = regulation.duty(owed.id, office_date(interview.starts_at))
            counted = [day.isoformat() for day in owed.counted]
            skipped = [{"date": day.isoformat(), "why": why} for day, why in owed.skipped]
            return ByWhen(owed.due, owed.provisional, sum_of(rule, counted, skipped) if rule else None)
    return None
