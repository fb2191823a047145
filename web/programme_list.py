"""The programme as a list that the office works in: what is narrowed, shown and ticked, and who is put where."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from base.clock import office_date
from base.db import UnitOfWork
from base.people import Person, Role
from interviews import facts, placing
from interviews.models import Assignment, Interview
from web import supervision
from web.filters import STATUSES
from web.working_list import Column, Filter, Line

COLUMNS = (
    Column("theme", "题目"),
    Column("no", "第几场", number=True),
    Column("starts_at", "开始"),
    Column("ends_at", "结束", shown=False),
    Column("status", "状态"),
    Column("bodies", "答复单位"),
    Column("host", "主持人"),
    Column("moderators", "审核员"),
    Column("guests", "嘉宾账号", shown=False),
    Column("venue", "地点"),
)
MONTHS = Filter("month", "月份", [(str(one), f"{one}月") for one in range(1, 13)])
LACKS = Filter(
    "lacks", "还差", [("host", "没有主持人"), ("moderator", "没有审核员"), ("both", "主持人、审核员都没有")]
)


async def filters(uow: UnitOfWork) -> tuple[Filter, ...]:
    """Year, month, state, and what is still lacking."""
    states = Filter("status", "状态", list(STATUSES.items()))
    return (await supervision.year_filter(uow, ""), MONTHS, states, LACKS)


async def lines(uow: UnitOfWork, year: int) -> list[Line]:
    """The interviews of a year; those that somebody can still be put into can be ticked."""
    query = select(Interview).where(col(Interview.year) == year)
    every = list(await uow.db.scalars(query.order_by(col(Interview.starts_at), col(Interview.id))))
    told = await facts.interviews_facts(uow, every)
    people = await _placed(uow, [one.id or 0 for one in every])
    found = []
    for interview, one in zip(every, told, strict=True):
        here = people.get(one.id, {})
        cells = {
            "theme": one.theme,
            "no": one.ordinal,
            "starts_at": interview.starts_at,
            "ends_at": interview.ends_at,
            "status": STATUSES.get(one.status, one.status),
            "bodies": "、".join(body.name for body in one.respondents),
            "host": one.host or "",
            "moderators": "、".join(here.get(Role.MODERATOR, ())),
            "guests": "、".join(here.get(Role.GUEST, ())),
            "venue": interview.venue or "",
        }
        tags = {
            "month": str(office_date(interview.starts_at).month),
            "status": str(one.status),
            "lacks": _lacks(interview, bool(one.host), bool(here.get(Role.MODERATOR))),
        }
        number = one.id if interview.status in placing.OPEN else None
        found.append(Line(cells, tags, f"/office/interviews/{one.id}", number))
    return found


def _lacks(interview: Interview, host: bool, moderator: bool) -> str:
    if interview.status not in placing.COMING or (host and moderator):
        return ""
    return "both" if not host and not moderator else "moderator" if host else "host"


async def _placed(uow: UnitOfWork, ids: list[int]) -> dict[int, dict[Role, list[str]]]:
    query = (
        select(col(Assignment.interview_id), col(Person.role), col(Person.display_name))
        .join(Person, col(Person.id) == col(Assignment.person_id))
        .where(col(Assignment.interview_id).in_(ids))
        .order_by(col(Person.id))
    )
    found: dict[int, dict[Role, list[str]]] = {}
    for interview, role, name in await uow.db.execute(query):
        found.setdefault(interview, {}).setdefault(Role(role), []).append(name)
    return found


async def people(uow: UnitOfWork) -> list[tuple[int, str]]:
    """Whom several interviews can be given at once: hosts and moderators."""
    known = await placing.candidates(uow)
    return [
        (one.id or 0, f"{placing.LABELS[role]}：{one.display_name}")
        for role in (Role.HOST, Role.MODERATOR)
        for one in known[role]
    ]


def places(here: Iterable[Person]) -> dict[str, str]:
    """Who hosts and who else has a place, as names: what the form that places people is drawn with."""
    listed = sorted(here, key=lambda one: one.id or 0)
    return {
        "host": "、".join(one.display_name for one in listed if one.role == Role.HOST),
        "people": "、".join(one.display_name for one in listed if one.role != Role.HOST),
    }


async def of_interview(uow: UnitOfWork, interview: Interview) -> dict[str, Any]:
    """Who has a place in one interview, and who could have."""
    number = interview.id or 0
    known, here = await placing.candidates(uow, number), await placing.placed(uow, number)
    ids = {one.id for one in here}
    hosts = [one for one in here if one.id == interview.host_id]
    groups = []
    for role in (Role.MODERATOR, Role.GUEST):
        # Whoever has a place is listed, also with an account that was closed since.
        gone = [one for one in here if one.role == role and one not in known[role]]
        listed = [*known[role], *gone]
        rows = [{"id": one.id, "name": one.display_name, "here": one.id in ids} for one in listed]
        groups.append({"label": placing.LABELS[role], "people": rows})
    return {
        "drawn": places(here),
        "can": interview.status in placing.OPEN and not interview.rehearsal,
        "can_host": interview.status in placing.COMING,
        "host": interview.host_id,
        # The host there is stays in the list, also with an account that cannot sign in any more: sending the form
        # for a moderator's sake must not take them away.
        "hosts": [
            (one.id, one.display_name)
            for one in {one.id: one for one in (*known[Role.HOST], *hosts)}.values()
        ],
        "groups": groups,
    }
