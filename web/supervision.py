"""What the supervisor's lists hold: bodies, interviews, what was late, deviations, and the plots beside them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import case, func, select
from sqlmodel import col

from base.clock import SHANGHAI, office_date
from base.db import UnitOfWork
from base.people import Body
from interviews import body_contacts, body_names, instructions, lateness, law, ratings, waiver_requests
from interviews.answered import is_answered
from interviews.calendar import Calendar
from interviews.instruction_models import Instruction, State, WaiverRequest
from interviews.lifecycle import InterviewStatus
from interviews.models import Deviation, Duty, Interview, Question, Respondent, Waiver
from web import ledger, rows
from web.filters import STATUSES
from web.working_list import Cell, Column, Filter, Line

NEW = "/supervise/instructions/new"
MOST_BARS = 10
"""Bars of a plot; what comes after them stands in the table."""


async def year_filter(uow: UnitOfWork, asked: str) -> Filter:
    """The year that a list is of, among those that have interviews; this year where the address names none."""
    this = office_date(uow.now).year
    known = set(await uow.db.scalars(select(col(Interview.year)).distinct())) | {this}
    options = [(str(year), f"{year}年") for year in sorted(known, reverse=True)]
    return Filter("year", "年份", options, fixed=str(this))


# Bodies

BODIES = (
    Column("name", "单位"),
    Column("interviews", "场次", number=True),
    Column("questions", "提问", number=True),
    Column("answered", "已答", number=True),
    Column("late", "晚办", number=True),
    Column("workdays", "晚了几个工作日", number=True),
    Column("overdue", "还没有办", number=True),
    Column("solved", "解决了", number=True),
    Column("unsolved", "没解决", number=True),
    Column("share", "解决了的%", number=True),
    Column("rated", "有人评的答复", number=True, shown=False),
    Column("instructed", "督办", number=True),
    Column("waiting", "督办没有办结", number=True, shown=False),
    Column("call", "打给谁"),
)


async def bodies(uow: UnitOfWork, year: int) -> list[Line]:
    """Each body that answers: its interviews of a year, what it was late with, what the public says, instructions."""
    known, calls = await body_names.names(uow.db), await body_contacts.first_of(uow)
    counted = await _answering(uow, year, known)
    judged = await lateness.of_year(uow, year)
    late = {one.name: one for one in lateness.sums(judged, lambda one: one.by)}
    told = [one for one in await instructions.listed(uow) if office_date(one.given_at).year == year]
    of = known.counted_as
    given = Counter(of(one.body_id, year) for one in told if one.status != State.WITHDRAWN)
    waiting = Counter(of(one.body_id, year) for one in told if one.status in (State.OPEN, State.ANSWERED))
    wanted = select(Body).where(col(Body.recipient).is_(False), col(Body.kind) != "office")
    found = []
    for body in await uow.db.scalars(wanted.order_by(col(Body.id))):
        number = body.id or 0
        if of(number, year) != number:
            continue
        name = known.title(number, year)
        held, asked, answered = counted.get(number, (0, 0, 0))
        said = await ratings.of_body(uow, number, *_bounds(year)) if held else None
        sums = late.get(name)
        solved, unsolved = (said.now.solved, said.now.unsolved) if said else (0, 0)
        cells: dict[str, Cell] = {
            "name": name,
            "interviews": held,
            "questions": asked,
            "answered": answered,
            "late": sums.late if sums else 0,
            "workdays": sums.workdays if sums else 0,
            "overdue": sums.overdue if sums else 0,
            "solved": solved,
            "unsolved": unsolved,
            "share": round(100 * solved / (solved + unsolved)) if solved + unsolved else None,
            "rated": said.rated if said else 0,
            "instructed": given[number],
            "waiting": waiting[number],
            "call": body_contacts.in_words(calls.get(number)),
        }
        stands = "late" if sums and sums.overdue else "none" if not held else "fine"
        link = [("督办", f"{NEW}?body={number}")] if body.merged_into is None else []
        whom = body_contacts.in_words(calls.get(number))
        call = {"call": [(whom, f"/supervise/bodies/{number}")]} if whom else {}
        found.append(Line(cells, {"stands": stands}, _of_body(year, name), number, links=link, inside=call))
    return found


async def in_short(uow: UnitOfWork, year: int) -> list[dict[str, Any]]:
    """The bodies that have an interview in a year, for the first page: what ``bodies`` counts, most questions first.

    ``late`` is everything that was not done in time, whether it is done by now or not.
    """
    known = await body_names.names(uow.db)
    late = {one.name: one for one in lateness.sums(await lateness.of_year(uow, year), lambda one: one.by)}
    found = []
    for number, (held, asked, answered) in (await _answering(uow, year, known)).items():
        name = known.title(number, year)
        sums = late.get(name)
        found.append(
            {
                "name": name,
                "interviews": held,
                "questions": asked,
                "answered": answered,
                "late": sums.late + sums.overdue if sums else 0,
            }
        )
    return sorted(found, key=lambda line: (-line["questions"], line["name"]))


BODY_STANDS = Filter(
    "stands", "情况", [("late", "有没有办的"), ("fine", "没有逾期的"), ("none", "今年没有访谈")]
)


def _of_body(year: int, name: str) -> str:
    return f"/supervise/lateness?{urlencode({'year': year, 'q': name})}"


def _bounds(year: int) -> tuple[datetime, datetime]:
    first, last = (datetime.combine(date(one, 1, 1), time(), SHANGHAI) for one in (year, year + 1))
    return first, last


async def _answering(uow: UnitOfWork, year: int, known: body_names.Names) -> dict[int, tuple[int, int, int]]:
    """By body: the interviews it answers in, the public questions in those it leads, and how many it answered.

    What was merged in the year, or before, counts with its successor, an interview of both once.
    """
    asked = func.count(col(Question.number))
    answered = func.sum(case((is_answered(), 1), else_=0))
    part = (
        select(col(Respondent.body_id), col(Interview.id))
        .join(Interview, col(Interview.id) == col(Respondent.interview_id))
        .where(col(Interview.year) == year, col(Interview.status) != InterviewStatus.CANCELLED)
    )
    led = (
        select(col(Respondent.body_id), asked, answered)
        .join(Interview, col(Interview.id) == col(Respondent.interview_id))
        .join(Question, col(Question.interview_id) == col(Interview.id))
        .where(
            col(Interview.year) == year,
            col(Interview.status) != InterviewStatus.CANCELLED,
            col(Respondent.lead).is_(True),
        )
        .group_by(col(Respondent.body_id))
    )
    held: dict[int, set[int]] = {}
    for body, interview in await uow.db.execute(part):
        held.setdefault(known.counted_as(body, year), set()).add(interview or 0)
    many, done = Counter[int](), Counter[int]()
    for body, questions, replied in await uow.db.execute(led):
        many[known.counted_as(body, year)] += int(questions or 0)
        done[known.counted_as(body, year)] += int(replied or 0)
    return {body: (len(every), many[body], done[body]) for body, every in held.items()}


# Interviews

INTERVIEWS = (
    Column("theme", "访谈"),
    Column("no", "第几场", number=True),
    Column("starts_at", "开始"),
    Column("status", "状态"),
    Column("bodies", "答复单位"),
    Column("questions", "公开提问", number=True),
    Column("answered", "已答", number=True),
    Column("late", "晚办", number=True),
    Column("overdue", "还没有办", number=True),
    Column("deviations", "例外和偏离", number=True),
)
INTERVIEW_STATUS = Filter("status", "状态", list(STATUSES.items()))


async def interviews(uow: UnitOfWork, year: int, watching: Any) -> list[Line]:
    """Every interview of a year with what was late in it and what departed from the rule."""
    query = select(Interview).where(col(Interview.year) == year)
    every = list(await uow.db.scalars(query.order_by(col(Interview.starts_at), col(Interview.id))))
    listed = await rows.interview_rows(uow, every, watching)
    judged = await lateness.of_year(uow, year)
    late = Counter(one.interview for one in judged if one.stands in (lateness.DONE_LATE, lateness.LAPSED))
    overdue = Counter(one.interview for one in judged if one.stands == lateness.OVERDUE)
    departed = await _deviations(uow, [row["id"] for row in listed])
    found = []
    for row in listed:
        number = row["id"]
        cells: dict[str, Cell] = {
            "theme": row["theme"],
            "no": row["no"],
            "starts_at": row["starts_at"],
            "status": STATUSES.get(row["status"], row["status"]),
            "bodies": "、".join(one["name"] for one in row["respondents"]),
            "questions": row["counts"]["public"],
            "answered": row["counts"]["answered"],
            "late": late[number],
            "overdue": overdue[number],
            "deviations": departed[number],
        }
        link = [("督办", f"{NEW}?interview={number}")]
        found.append(Line(cells, {"status": row["status"]}, row["url"], number, links=link))
    return found


async def _deviations(uow: UnitOfWork, ids: Sequence[int]) -> Counter[int]:
    query = (
        select(col(Deviation.interview_id), func.count(col(Deviation.id)))
        .where(col(Deviation.interview_id).in_(ids))
        .group_by(col(Deviation.interview_id))
    )
    return Counter({number: int(many) for number, many in await uow.db.execute(query)})


# Lateness

LATE = (
    Column("title", "事项"),
    Column("article", "条款"),
    Column("by", "由谁办"),
    Column("theme", "访谈"),
    Column("due", "最迟"),
    Column("done_on", "办的日子"),
    Column("stands", "情况"),
    Column("workdays", "晚了几个工作日", number=True),
    Column("days", "晚了几天", number=True, shown=False),
    Column("call", "打给谁"),
)
LATE_STANDS = Filter("stands", "情况", list(lateness.STANDS.items()))


def late_lines(judged: Iterable[lateness.Owed], calls: ledger.Calls = ledger.NOBODY) -> list[Line]:
    """One line for each duty that was late or still is, with whom to call about what still is."""
    return [
        Line(
            {
                "title": one.title,
                "article": one.article,
                "by": one.by,
                "theme": one.theme,
                "due": one.due,
                "done_on": one.done_on,
                "stands": lateness.STANDS[one.stands],
                "workdays": one.workdays,
                "days": one.days,
                "call": body_contacts.in_words(calls.get(one.body or 0))
                if one.stands == lateness.OVERDUE
                else "",
            },
            {"stands": one.stands, "article": one.article},
            f"/interviews/{one.interview}" if one.interview else None,
            one.duty,
            links=[("督办", _instruct(one))] if one.body and one.stands == lateness.OVERDUE else (),
        )
        for one in judged
        if one.stands
    ]


def _instruct(one: lateness.Owed) -> str:
    """Where the supervisor tells a body to do it: beside its duty, or to the body where it is of no interview."""
    return f"{NEW}?duty={one.duty}" if one.duty else f"{NEW}?body={one.body}"


def article_filter(judged: Iterable[lateness.Owed]) -> Filter:
    """The articles under which something was late."""
    found = dict.fromkeys(one.article for one in judged if one.stands)
    return Filter("article", "条款", [(one, one) for one in found])


SUM_HEADS = ("到期的", "晚办", "还没有办", "晚了的工作日合计", "最多一件")


def sums_of(judged: Sequence[lateness.Owed], kind: str) -> list[lateness.Sum]:
    """The sums by ``article`` (with what it asks) or by ``body``."""
    if kind == "article":
        listed = [article.no for article in law.load().articles]
        order = {no: place for place, no in enumerate(listed)}
        return lateness.sums(
            judged,
            lambda one: f"{one.article} {one.title}",
            lambda one: (order.get(one.article, len(order)), one.due),
        )
    return lateness.sums(judged, lambda one: one.by, lambda one: (one.body or 0,))


PLOT_TITLES = {"article": "按条款：晚办和没有办的", "body": "按单位：晚办和没有办的"}


def plot(judged: Sequence[lateness.Owed], kind: str) -> dict[str, Any] | None:
    """A plot for ``interviews.plots``; ``None`` where nothing was late, which a sentence says better."""
    found = [one for one in sums_of(judged, kind) if one.late or one.overdue][:MOST_BARS]
    if not found:
        return None
    return {
        "id": kind,
        "title": PLOT_TITLES[kind],
        "heads": ["名称", "晚办", "还没有办"],
        "rows": [[one.name, one.late, one.overdue] for one in found],
        "across": True,
    }


def told(plot: dict[str, Any]) -> str:
    """A plot in words, for whoever does not see it."""
    parts = (f"{name}，晚办{late}件，没有办{left}件" for name, late, left in plot["rows"])
    return f"{plot['title']}：{'；'.join(parts)}"


# Deviations

WAIVERS = (
    Column("theme", "访谈"),
    Column("what", "哪一项"),
    Column("stands", "情况"),
    Column("by", "谁申请的"),
    Column("asked_at", "哪天申请"),
    Column("reason", "理由"),
    Column("decided_at", "哪天定的"),
    Column("decided_by", "谁定的", shown=False),
    Column("answer", "答复"),
)
_WAIVER_STANDS = {"asked": "等主管部门定", "granted": "同意了", "refused": "没有同意", "own": "直接登记"}
WAIVER_STANDS = Filter("stands", "情况", list(_WAIVER_STANDS.items()))


async def waivers(uow: UnitOfWork, year: int) -> list[Line]:
    """What was asked for and what was granted, with and without having been asked for."""
    asked = await waiver_requests.of_year(uow, year)
    found = [_asked(request, interview) for request, interview in asked]
    by_request = {(request.interview_id, request.duty) for request, _ in asked if request.granted}
    query = (
        select(Waiver, Interview)
        .join(Interview, col(Interview.id) == col(Waiver.interview_id))
        .where(col(Interview.year) == year)
        .order_by(col(Waiver.at).desc())
    )
    for waiver, interview in await uow.db.execute(query):
        if (waiver.interview_id, waiver.duty) not in by_request:
            cells: dict[str, Cell] = {
                "theme": interview.theme,
                "what": waiver_requests.ASKABLE.get(waiver.duty, waiver.duty),
                "stands": _WAIVER_STANDS["own"],
                "reason": waiver.reason,
                "decided_at": waiver.at,
            }
            found.append(Line(cells, {"stands": "own"}, f"/interviews/{interview.id}"))
    return found


def _asked(request: WaiverRequest, interview: Interview) -> Line:
    stands = "asked" if request.granted is None else "granted" if request.granted else "refused"
    cells: dict[str, Cell] = {
        "theme": interview.theme,
        "what": waiver_requests.ASKABLE.get(request.duty, request.duty),
        "stands": _WAIVER_STANDS[stands],
        "by": request.by,
        "asked_at": request.at,
        "reason": request.reason,
        "decided_at": request.decided_at,
        "decided_by": request.decided_by,
        "answer": request.answer,
    }
    return Line(cells, {"stands": stands}, f"/interviews/{interview.id}", request.id)


# Instructions

INSTRUCTIONS = (
    Column("text", "督办的事项"),
    Column("body", "单位"),
    Column("stands", "情况"),
    Column("due", "最迟"),
    Column("left", "还有几天"),
    Column("given_at", "哪天督办"),
    Column("answered_at", "哪天答复"),
    Column("late", "晚了几个工作日", number=True),
    Column("theme", "关于哪一场", shown=False),
)
STANDS = {
    "late": "逾期，没有答复",
    State.OPEN.value: "等单位答复",
    State.ANSWERED.value: "答复了，等认可",
    State.ACCEPTED.value: "办结",
    State.WITHDRAWN.value: "撤回了",
}
INSTRUCTION_STANDS = Filter("stands", "情况", list(STANDS.items()))


async def instruction_lines(uow: UnitOfWork, found: Sequence[Instruction], url: str) -> list[Line]:
    """Instructions as lines; ``url`` is where one leads, ``{id}`` its number."""
    names = await ledger.body_names(uow)
    today = office_date(uow.now)
    about = {one.interview_id for one in found if one.interview_id}
    query = select(col(Interview.id), col(Interview.theme)).where(col(Interview.id).in_(about))
    themes = {number or 0: theme for number, theme in await uow.db.execute(query)}
    lines = []
    for one in found:
        stands, left = standing(one, today, await instructions.calendar_of(uow, one.regulation))
        cells: dict[str, Cell] = {
            "text": one.text if len(one.text) < 60 else f"{one.text[:59]}…",
            "body": names.get(one.body_id, ""),
            "stands": STANDS[stands],
            "due": one.due,
            "left": left,
            "given_at": one.given_at,
            "answered_at": one.answered_at,
            "late": one.late_workdays,
            "theme": themes.get(one.interview_id or 0, ""),
        }
        tags = {"stands": stands, "body": str(one.body_id)}
        lines.append(Line(cells, tags, url.format(id=one.id), one.id, alarm=stands == "late"))
    return lines


def standing(one: Instruction, today: date, calendar: Calendar) -> tuple[str, str]:
    """How an instruction stands, and what is left of its time or how far it is past it, in words."""
    if one.status != State.OPEN:
        late = (
            f"晚了{one.late_workdays}个工作日"
            if one.late_workdays
            else "晚了，都是休息日"
            if one.late_days
            else ""
        )
        return str(one.status), late
    if today > one.due:
        days = calendar.workdays_between(one.due, today)
        return "late", f"逾期{days}个工作日" if days else "已经逾期"
    if today >= one.act_by:
        return State.OPEN.value, "今天到期" if today == one.due else "到期前最后一个工作日"
    return State.OPEN.value, f"还有{calendar.workdays_between(today, one.act_by)}个工作日"


async def duty_words(uow: UnitOfWork, duty_id: int | None) -> str | None:
    """A duty that an instruction is about, in words."""
    duty = await uow.db.get(Duty, duty_id) if duty_id else None
    return f"{duty.title}（{duty.article}，最迟{duty.due.month}月{duty.due.day}日）" if duty else None
