"""One question and one interview for machines: Atom for readers, iCalendar for calendars, of public facts alone.

No cookie counts here: a question that is not public is told by its steps, without a word of its text or of a letter to
its asker.
"""

from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from interviews import access, facts, transcript, workdays
from interviews.changes import ItemFacts
from interviews.lifecycle import ItemKind, QuestionStatus
from interviews.models import Interview, Question
from web import calendars, last_changes, ledger, record
from web.atom import Entry, Feed, write
from web.keys import SETTINGS, UNITS
from web.pages import site
from web.question_story import Story, steps
from web.routes.api import path_number
from web.routes.feeds import tagged
from web.routes.receipts import address_of, answers_of, one_question, went_into

routes = web.RouteTableDef()

FEED_LENGTH = 50


# One question


@routes.get("/questions/{receipt}/feed.atom")
@routes.get("/interviews/{id:\\d+}/questions/{number:\\d+}/feed.atom")
async def question_atom(request: web.Request) -> web.Response:
    """What happened to a question, the newest first."""
    base = request.app[SETTINGS].base_url
    async with request.app[UNITS].read() as uow:
        found = await one_question(uow, request)
        interview = await access.interview(uow, found.interview_id)
        page = base + address_of(request, found)
        entries = await _happened(uow, found, interview, page)
    feed = Feed(f"{page}/feed.atom", f"{_name(found)}（{interview.theme}）", site().office, page)
    return _as_atom(request, feed, entries)


def _as_atom(request: web.Request, feed: Feed, entries: list[Entry]) -> web.Response:
    return tagged(request, write(feed, entries).encode("utf-8"), "application/atom+xml")


def _name(found: Question) -> str:
    return f"{found.number}号提问" if found.number else "一个提问"


async def _happened(uow: UnitOfWork, found: Question, interview: Interview, page: str) -> list[Entry]:
    public = found.number is not None and found.status not in record.GONE
    answers = await answers_of(uow, found) if public else []
    after = ledger.follow_up(interview, await workdays.present(uow))
    into = await went_into(uow, found)
    told = steps(Story(found, answers, into, after, None, own=False, by_receipt=False))
    words = {item["no"]: item["text"] or "" for item in _said_in(answers)}
    entries = []
    for n, one in enumerate((one for one in told if one["at"] is not None), 1):
        more = words.get(one["no"], f"问的是：{found.text}" if public and n == 1 else "")
        entries.append(
            Entry(
                id=f"{page}#step-{n}",
                title=f"{_name(found)}：{one['title']}",
                at=datetime.fromisoformat(one["at"]),
                link=page,
                summary="\n".join(filter(None, [one["text"], more])),
            )
        )
    return entries


def _said_in(answers: list[record.Body]) -> list[dict[str, Any]]:
    """What was said and what corrects it; the text of what was taken down is none."""
    return [one for item in answers for one in (item, *item["errata"])]


@routes.get("/questions/{receipt}.ics")
@routes.get("/interviews/{id:\\d+}/questions/{number:\\d+}.ics")
async def question_calendar(request: web.Request) -> web.Response:
    """When its interview is, and by when a written answer comes."""
    base = request.app[SETTINGS].base_url
    async with request.app[UNITS].read() as uow:
        found = await one_question(uow, request)
        interview = await access.interview(uow, found.interview_id)
        due = await _due(uow, found, interview, base + address_of(request, found))
        return await _as_calendar(request, uow, interview, f"{_name(found)}（{interview.theme}）", due)


async def _due(uow: UnitOfWork, found: Question, interview: Interview, page: str) -> calendars.Due | None:
    after = ledger.follow_up(interview, await workdays.present(uow))
    waits = found.status in (QuestionStatus.DEFERRED, QuestionStatus.TRANSFERRED)
    if after is None or found.settled_at is None or not waits:
        return None
    told = await facts.interview_facts(uow, interview)
    who = found.to_body or "、".join(body.name for body in told.respondents)
    mark = "（暂定）" if after.provisional else ""
    title = f"{_name(found)}最迟这一天书面答复{mark}"
    return calendars.Due(
        f"question-{found.id}", after.day, found.settled_at, title, f"由{who}书面答复。", page
    )


async def _as_calendar(
    request: web.Request, uow: UnitOfWork, interview: Interview, name: str, due: calendars.Due | None
) -> web.Response:
    number = interview.id or 0
    body = calendars.of_interviews(
        [await facts.interview_facts(uow, interview)],
        name=name,
        base=request.app[SETTINGS].base_url,
        domain=site().domain,
        changed=await last_changes.of_interviews(uow, [number]),
        due=due,
    )
    return tagged(request, body, "text/calendar")


# One interview


@routes.get("/interviews/{id:\\d+}/feed.atom")
async def interview_atom(request: web.Request) -> web.Response:
    """What was answered, refused, deferred and corrected in one interview, the newest first."""
    base = request.app[SETTINGS].base_url
    async with request.app[UNITS].read() as uow:
        interview = await access.interview(uow, path_number(request))
        known = await _questions(uow, interview)
        items = [facts.item_facts(one) for one in await transcript.items(uow, interview.id or 0)]
    page = f"{base}/interviews/{interview.id}"
    said = [one for one in items if one.kind in _TOLD and not one.removed and one.question_id in known]
    entries = [_said(one, known[one.question_id], page) for one in said[-FEED_LENGTH:]]
    return _as_atom(request, Feed(f"{page}/feed.atom", interview.theme, site().office, page), entries)


_TOLD: dict[str, str] = {
    ItemKind.ANSWER: "答复了",
    ItemKind.REFUSAL: "依法不予答复",
    ItemKind.DEFERRAL: "转为会后答复",
    ItemKind.ERRATUM: "登了更正",
}


async def _questions(uow: UnitOfWork, interview: Interview) -> dict[int | None, int]:
    """The numbers of the questions whose text is public."""
    query = select(col(Question.id), col(Question.number)).where(
        col(Question.interview_id) == interview.id,
        col(Question.number).is_not(None),
        col(Question.status).not_in(list(record.GONE)),
    )
    return {found: number or 0 for found, number in await uow.db.execute(query)}


def _said(item: ItemFacts, number: int, page: str) -> Entry:
    by = f"（{item.body_name}）" if item.body_name else ""
    return Entry(
        id=f"{page}#n{item.no}",
        title=f"{number}号提问：{_TOLD[item.kind]}{by}",
        at=item.at,
        link=f"{page}?at=n{item.no}#n{item.no}",
        summary=item.text,
    )


@routes.get("/interviews/{id:\\d+}.ics")
async def interview_calendar(request: web.Request) -> web.Response:
    """When one interview is."""
    async with request.app[UNITS].read() as uow:
        interview = await access.interview(uow, path_number(request))
        return await _as_calendar(request, uow, interview, interview.theme, None)
