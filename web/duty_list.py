"""What the rule asks in a year as a list that the office works in: every duty, done, open and late, with its article."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from interviews import body_contacts, standing, workdays
from interviews.models import Duty, Interview
from web import duty_acts, ledger
from web.working_list import Column, Filter, Line, Press

COLUMNS = (
    Column("title", "事项"),
    Column("article", "条款"),
    Column("by", "由谁办"),
    Column("theme", "访谈"),
    Column("due", "最迟"),
    Column("act_by", "最迟的工作日", shown=False),
    Column("not_before", "哪天起可以办", shown=False),
    Column("when", "情况"),
    Column("call", "打给谁"),
    Column("done_at", "什么时候办的", shown=False),
    Column("urged", "催办", shown=False),
    Column("remark", "说明", shown=False),
)
STATES = Filter(
    "state",
    "情况",
    [
        ("late", "逾期"),
        ("today", "今天到期"),
        ("open", "还没有到期"),
        ("done", "办了"),
        ("waived", "不用办了"),
    ],
)
MONTHS = Filter("month", "最迟在几月", [(str(one), f"{one}月") for one in range(1, 13)])


async def lines(uow: UnitOfWork, year: int) -> list[Line]:
    """Every duty of a year's interviews, and the year's reports and self-assessments, the earliest day first."""
    query = select(Duty, Interview).join(Interview, col(Interview.id) == col(Duty.interview_id))
    owed = await uow.db.execute(query.where(col(Interview.year) == year))
    names, calendar = await ledger.body_names(uow), await workdays.present(uow)
    pairs = [(duty, interview) for duty, interview in owed]
    calls = await body_contacts.first_of(uow)
    also = await standing.of_years(uow, (year,))
    acts = await duty_acts.acts(uow, pairs, also)
    found = ledger.duty_rows(
        pairs, names, uow.now, calendar, act=acts.of, url="/office/interviews/{id}", calls=calls
    )
    found += ledger.standing_rows(also, uow.now, calendar, act=acts.of_standing, calls=calls)
    return [_line(row) for row in sorted(found, key=lambda row: (row["due"], row["title"]))]


def _line(row: ledger.DutyRow) -> Line:
    held, act = row["interview"], row["act"] or {}
    cells = {
        name: row[name] for name in ("title", "article", "due", "act_by", "not_before", "when", "done_at")
    }
    cells |= {"by": row["owed_by"], "theme": held["theme"] if held else "", "remark": row["remark"]}
    cells["call"] = body_contacts.in_words(row["call"])
    tags = {
        "state": row["state"],
        "month": str(row["due"].month),
        "by": row["owed_by"],
        "article": row["article"],
    }
    cells["urged"] = act.get("told")
    fields = act.get("fields", {}) if act.get("post") else {}
    url = held["url"] if held else act.get("href")
    return Line(cells, tags, url, fields.get("duty"), act=_press(act, fields, url) if act else None)


def _press(act: dict[str, Any], fields: dict[str, Any], url: str | None) -> Press:
    """The row's button; what is pressed on the interview's page leads there."""
    if not fields:
        return Press(act["label"], act["href"] or url)
    [(name, value)] = fields.items()
    return Press(act["label"], None, name, str(value))


def filters(found: list[Line], year: Filter) -> tuple[Filter, ...]:
    """Year, state, month, and what occurs: by whom, under which article."""
    who = dict.fromkeys(sorted(line.tags["by"] for line in found))
    articles = dict.fromkeys(line.tags["article"] for line in found)
    return (
        year,
        STATES,
        MONTHS,
        Filter("by", "由谁办", [(one, one) for one in who]),
        Filter("article", "条款", [(one, one) for one in articles]),
    )
