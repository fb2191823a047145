"""The office's calendar: which days are worked, by which notice, and the form that takes a new one in.

The file is read twice: once to show what it moves, and once more, from the form itself, when the office has seen
that and applies it. Nothing is kept in between, so nothing is left behind by whoever only looks.
"""

import calendar as gregorian
import json
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.web_request import FileField

from base.clock import SHANGHAI, office_date, utcnow
from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Role
from interviews import bookings, duties, standing, workdays
from interviews.calendar import Calendar
from interviews.duties import OWED_BY_WORDS
from interviews.notice_effect import Preview
from interviews.yearly_notice import FIRST_YEAR, LAST_YEAR, YearNotice, parse_notice
from web import ledger, overtaken
from web.forms import Form
from web.keys import UNITS
from web.pages import Page, flash, render
from web.routes.gate import form_of, staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

PAGE = Page("日历", room="staff", path="/office/calendar")
EFFECT = "effect"
CHANGED = "您看过以后，要改的日子和原来列的不一样了：别人收录过通知，或者办了事、排了访谈。请看下面现在会改什么，再按一次。"


@routes.get("/office/calendar")
async def year_page(request: web.Request) -> web.Response:
    """A year's days, and where a new notice comes in."""
    staff_of(request, Role.OFFICE)
    return await _page(request, _year(request))


@routes.post("/office/calendar/notice")
async def notice_file(request: web.Request) -> web.Response:
    """Show what a notice's file would move; on a second press, put it in force."""
    actor = staff_of(request, Role.OFFICE)
    sent = await request.post()
    seen = sent.get("seen")
    try:
        if isinstance(seen, str) and seen:
            notice = parse_notice(seen.encode(), "放假通知")
            async with request.app[UNITS].act(actor) as uow:
                found = await workdays.preview(uow, notice)
                mark = sent.get(overtaken.PREFIX + EFFECT)
                same = mark in (None, overtaken.mark(_effect(found)))
                done = await workdays.import_notice(uow, notice) if same else None
            if done is None:
                form = Form(message=CHANGED)
                status = HTTPStatus.CONFLICT
                return await _page(request, notice.year, form=form, found=found, as_read=seen, status=status)
            response = see_other(f"/office/calendar?year={done.year}")
            flash(request, response, "good", _done_words(done))
            return response
        notice = parse_notice(*_file(sent.get("file")))
        async with request.app[UNITS].read(actor) as uow:
            found = await workdays.preview(uow, notice)
    except Refusal as refusal:
        form = Form({}, {"file": refusal.message}, refusal.message)
        return await _page(request, _year(request), form=form, status=refusal.status)
    return await _page(request, notice.year, found=found, as_read=_as_json(notice))


def _file(sent: Any) -> tuple[bytes, str]:
    if not isinstance(sent, FileField) or not sent.filename:
        raise Refusal("calendar.file", "请选一份放假通知的文件再交。", status=400)
    return sent.file.read(), sent.filename


def _as_json(notice: YearNotice) -> str:
    """A notice in the JSON form that ``parse_notice`` reads, so that what is applied is what was shown."""
    days = [
        {"name": one.name, "date": one.day.isoformat(), "isOffDay": not one.workday} for one in notice.days
    ]
    return json.dumps({"year": notice.year, "papers": [notice.source], "days": days}, ensure_ascii=False)


def _done_words(done: Preview) -> str:
    if done.known:
        return f"{done.year}年的这份放假通知已经收录过，什么也没有改。"
    if not done.moved:
        return f"收录了{done.year}年的放假通知，没有事项要改日子。"
    return f"收录了{done.year}年的放假通知，{len(done.moved)}件事改了日子，已经提醒要办的人。"


def _year(request: web.Request) -> int:
    asked = request.query.get("year", "")
    this = office_date(utcnow()).year
    year = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) == len(str(this)) else this
    return year if FIRST_YEAR <= year <= LAST_YEAR else this


async def _page(
    request: web.Request,
    year: int,
    *,
    form: Form | None = None,
    found: Preview | None = None,
    as_read: str = "",
    status: int = 200,
) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        calendar = await workdays.present(uow)
        names = await ledger.body_names(uow)
        due = await _due_days(uow, year)
    today = office_date(utcnow())
    context = {
        "year": year,
        "years": _years(calendar, year, today.year),
        "official": calendar.is_official_year(year),
        "source": calendar.source(date(year, 12, 31)),
        "notice_wanted": calendar.notice_wanted(today),
        "months": [
            _month(calendar, year, month, today) | {"due": [one for one in due if one["day"].month == month]}
            for month in range(1, 13)
        ],
        "preview": _shown(found, names) if found else None,
        "as_read": as_read,
    }
    page = replace(PAGE, title=f"没有收录：{PAGE.title}") if form is not None else PAGE
    return await render(request, "office_calendar.html", context | form_of(form), page=page, status=status)


async def _due_days(uow: UnitOfWork, year: int) -> list[dict[str, Any]]:
    """What takes place in a year and what is open with its last day in it, day by day: interviews, duties, reports."""
    found: dict[tuple[date, str, str], int] = {}
    for held in await bookings.between(uow, date(year, 1, 1), date(year, 12, 31)):
        words = f"{held.starts_at.astimezone(SHANGHAI):%H:%M} 访谈“{held.theme}”"
        found[held.day, words, f"/office/interviews/{held.interview_id}"] = 1
    for duty, interview in await duties.open_duties(uow):
        key = (duty.due, f"{duty.title}：{interview.theme}", f"/office/interviews/{interview.id}")
        found[key] = found.get(key, 0) + 1
    for one in await standing.of_years(uow, (year - 1, year)):
        if one.done_at is None:
            key = (one.due, one.title, one.page if one.body_id is None else "/office?scope=all")
            found[key] = found.get(key, 0) + 1
    return [
        {"day": day, "text": text if many == 1 else f"{text}（{many}个单位）", "url": url}
        for (day, text, url), many in sorted(found.items())
        if day.year == year
    ]


def _years(calendar: Calendar, year: int, this: int) -> list[dict[str, Any]]:
    near = sorted({this - 1, this, this + 1, year})
    return [
        {
            "label": f"{one}年" + ("" if calendar.is_official_year(one) else "（暂定）"),
            "href": f"/office/calendar?year={one}",
            "count": None,
            "current": one == year,
        }
        for one in near
        if FIRST_YEAR <= one <= LAST_YEAR
    ]


def _month(calendar: Calendar, year: int, month: int, today: date) -> dict[str, Any]:
    """A month in weeks from Monday; the days of its neighbours are left blank."""
    weeks = gregorian.Calendar(firstweekday=0).monthdatescalendar(year, month)
    return {
        "month": month,
        "weeks": [
            [_day(calendar, one, today) if one.month == month else None for one in week] for week in weeks
        ],
    }


def _day(calendar: Calendar, day: date, today: date) -> dict[str, Any]:
    works, why = calendar.is_workday(day), calendar.why(day)
    usual = works == (day.weekday() < 5)
    return {
        "date": day,
        "works": works,
        "mark": None if usual and not _named(why) else "班" if works else "休",
        "why": why,
        "today": day == today,
    }


def _named(why: str) -> bool:
    """Whether a day has a reason of its own, not only that it is in the week or at its end."""
    return not why.startswith(("工作日", "周末"))


def _effect(found: Preview) -> str:
    """What a notice would do, as one text: the form that applies it is drawn with this."""
    return json.dumps(found.to_dict(), ensure_ascii=False, sort_keys=True)


def _shown(found: Preview, names: dict[int, str]) -> dict[str, Any]:
    return {
        "year": found.year,
        "source": found.source,
        "drawn": {EFFECT: _effect(found)},
        "known": found.known,
        "days": [{"date": one.day, "was": one.was, "becomes": one.becomes} for one in found.days],
        "gaps": found.gaps,
        "settled": found.settled,
        "moved": [
            {
                "theme": one.theme,
                "url": f"/office/interviews/{one.interview_id}",
                "title": one.title,
                "article": one.article,
                "owed_by": names.get(one.body_id or 0) or OWED_BY_WORDS.get(one.owed_by, one.owed_by),
                "change": one.in_words(),
            }
            for one in found.moved
        ],
    }
