"""Who hosts, moderates and answers where: set by the office for one interview, or for several ticked in a list."""

from collections.abc import Iterable

from aiohttp import web
from sqlalchemy import select
from sqlmodel import col

from base.db import UnitOfWork
from base.errors import Refusal
from base.people import Person, Role
from interviews import placing
from interviews.placing import Changed
from web import forms, overtaken, programme_list, working_list
from web.keys import LIVE, UNITS
from web.pages import Page, flash, render
from web.routes.api import path_number
from web.routes.gate import drawn_again, staff_of
from web.routes.public import see_other
from web.working_list import Asked, Filter, Line

routes = web.RouteTableDef()

LIST = "/office/interviews"
ONE = f"{LIST}/{{id:\\d+}}/people"
SEVERAL = f"{LIST}/people"
LISTED = Page("访谈列成表", room="staff", path=LIST)


def _number(text: object) -> int | None:
    plain = str(text or "")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else None


async def _cut(request: web.Request, gone: Iterable[int]) -> None:
    """Whoever lost a place loses what they have open there."""
    for number in gone:
        await request.app[LIVE].cut(number)


# One interview


@routes.post(ONE)
async def arrange(request: web.Request) -> web.Response:
    """Put exactly the people who are ticked into an interview."""
    typed = await forms.posted(request)
    return await _arranged(request, typed, _number(typed.get("host")), typed.get("pick", []))


@routes.post(f"{ONE}/undo")
async def undo(request: web.Request) -> web.Response:
    """Put those back who had a place before; the host's number has an ``h`` before it."""
    typed = await forms.posted(request)
    sent = typed.get("pick", [])
    host = next((_number(one[1:]) for one in sent if one.startswith("h")), None)
    return await _arranged(request, typed, host, [one for one in sent if not one.startswith("h")])


async def _arranged(
    request: web.Request, typed: forms.Typed, host: int | None, picked: Iterable[str]
) -> web.Response:
    actor = staff_of(request, Role.OFFICE)
    number, page = path_number(request), f"{LIST}/{path_number(request)}"
    try:
        async with request.app[UNITS].act(actor) as uow:
            before = await placing.placed(uow, number)
            others = [one for one in (_number(text) for text in picked) if one]
            await _check(uow, typed, before, host, others)
            changed = await placing.arrange(uow, number, host, others)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        form = forms.Form(typed, {}, refusal.message, "people")
        drawn = await drawn_again(request, page, form, refusal.status)
        if drawn is None:
            raise
        return drawn
    await _cut(request, changed.gone)
    response = see_other(page)
    had = [f"h{changed.host_before}"] if changed.host_before else []
    had += [str(one.id) for one in before if one.role != Role.HOST]
    closed = "去掉的人开着的页面已经断开。" if changed.gone else ""
    said = f"改好了：{'，'.join(changed.said)}。{closed}"
    more = {"undo": f"{page}/people/undo", "undo_of": ",".join(had) or "0", "undo_label": "撤销"}
    flash(request, response, "good", said, **more)
    return response


async def _check(
    uow: UnitOfWork, typed: forms.Typed, before: Iterable[Person], host: int | None, others: Iterable[int]
) -> None:
    """Refuse where somebody else placed people after the form was drawn."""
    wanted = {*others, host}
    known = list(await uow.db.scalars(select(Person).where(col(Person.id).in_(wanted - {None}))))
    now = programme_list.places(before)
    labels = {"host": "主持人", "people": "审核员和嘉宾"}
    overtaken.check(
        typed, {name: (labels[name], value) for name, value in now.items()}, programme_list.places(known)
    )


@routes.get(ONE)
@routes.get(f"{ONE}/undo")
async def nothing_to_read(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the interview."""
    staff_of(request, Role.OFFICE)
    return see_other(f"{LIST}/{path_number(request)}")


# Several


async def _lines(request: web.Request) -> tuple[tuple[Filter, ...], list[Line], Asked, list[tuple[int, str]]]:
    actor = staff_of(request, Role.OFFICE)
    async with request.app[UNITS].read(actor) as uow:
        filters = await programme_list.filters(uow)
        wanted = working_list.asked(request.query, programme_list.COLUMNS, filters)
        lines = await programme_list.lines(uow, int(wanted.chosen["year"]))
        return filters, lines, wanted, await programme_list.people(uow)


@routes.get(LIST)
async def listed(request: web.Request) -> web.Response:
    """The interviews of a year as a list in which several can be given a host or a moderator at once."""
    filters, lines, wanted, people = await _lines(request)
    context = {
        "l": working_list.drawn(LIST, programme_list.COLUMNS, filters, lines, wanted),
        "people": people,
        "form": forms.Form(),
    }
    return await render(request, "office_interviews.html", context, page=LISTED)


@routes.get(f"{LIST}.xlsx")
async def exported(request: web.Request) -> web.Response:
    """What the address asks for, as an Excel file."""
    filters, lines, wanted, _ = await _lines(request)
    chosen = working_list.chosen(lines, wanted, filters)
    body = working_list.to_xlsx("访谈", programme_list.COLUMNS, chosen, wanted)
    return working_list.as_file(body, "访谈", "interviews")


@routes.post(SEVERAL)
async def add(request: web.Request) -> web.Response:
    """Put one person into every interview that is ticked; where that cannot be done is said, the others are done."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    person = _number(typed.get("person"))
    picked = [one for one in (_number(text) for text in typed.get("pick", [])) if one is not None]
    done: list[str] = []
    refused: list[str] = []
    for number in dict.fromkeys(picked) if person else ():
        try:
            async with request.app[UNITS].act(actor) as uow:
                changed = await placing.add(uow, number, person or 0)
        except Refusal as refusal:
            refused.append(f"第{number}号访谈：{refusal.message}")
            continue
        if changed is not None:
            await _cut(request, changed.gone)
            done.append(f"{number}-{person}-{changed.host_before or 0}")
    response = see_other(forms.local_path(typed.get("back"), LIST))
    if not picked or not person:
        flash(request, response, "warn", "没有选全。请勾选几场，再选派谁。")
        return response
    said = (
        f"派到了{len(done)}场。"
        if done
        else "没有要改的，原来就派着。"
        if not refused
        else "一场也没有派成。"
    )
    more = {"undo": f"{SEVERAL}/undo", "undo_of": ",".join(done), "undo_label": "撤销"} if done else {}
    flash(request, response, "warn" if refused else "good", said + "".join(refused[:5]), **more)
    return response


@routes.post(f"{SEVERAL}/undo")
async def take_back(request: web.Request) -> web.Response:
    """Undo what ``add`` did in one go; whoever hosted before comes back."""
    actor = staff_of(request, Role.OFFICE)
    typed = await forms.posted(request)
    done, refused = 0, []
    for one in typed.get("pick", []):
        numbers = [_number(part) for part in one.split("-")]
        if len(numbers) != 3 or None in numbers:
            continue
        interview, person, before = (number or 0 for number in numbers)
        try:
            async with request.app[UNITS].act(actor) as uow:
                changed: Changed = await placing.take_back(uow, interview, person, before or None)
        except Refusal as refusal:
            refused.append(f"第{interview}号访谈：{refusal.message}")
            continue
        await _cut(request, changed.gone)
        done += 1
    response = see_other(forms.local_path(typed.get("back"), LIST))
    flash(request, response, "warn" if refused else "good", f"撤销了{done}场。" + "".join(refused[:5]))
    return response


@routes.get(SEVERAL)
@routes.get(f"{SEVERAL}/undo")
async def not_by_reading(request: web.Request) -> web.Response:
    """Where a form was sent there is no page; reading it leads to the list."""
    staff_of(request, Role.OFFICE)
    return see_other(LIST)
