"""The administrator's other pages: the settings as they are, the backups, and how the installation is."""

from typing import Any

from aiohttp import web

from base.errors import Refusal
from base.people import Role
from web import forms, progress, settings_list, vital_signs, working_list
from web.backup_work import STAGES
from web.keys import BACKUPS, SETTINGS, UNITS
from web.pages import Page, flash, render
from web.routes.gate import staff_of
from web.routes.public import see_other
from web.working_list import Cell, Column, Filter, Line

routes = web.RouteTableDef()

SETTINGS_AT, BACKUPS_AT, HEALTH_AT = "/admin/settings", "/admin/backups", "/admin/health"

SETTING_COLUMNS = (
    Column("name", "设置"),
    Column("value", "现在是"),
    Column("source", "从哪里来"),
    Column("what", "管什么"),
)
BACKUP_COLUMNS = (
    Column("name", "备份"),
    Column("made_at", "什么时候"),
    Column("megabytes", "多大"),
    Column("stands", "核对过没有"),
    Column("holds", "里面有"),
    Column("digest", "校验值（SHA-256）", shown=False),
)


@routes.get(SETTINGS_AT)
async def settings_page(request: web.Request) -> web.Response:
    """Every setting with its value and where it comes from; nothing can be changed here."""
    staff_of(request, Role.ADMIN)
    lines, filters = _settings(request)
    wanted = working_list.asked(request.query, SETTING_COLUMNS, filters)
    context = {"l": working_list.drawn(SETTINGS_AT, SETTING_COLUMNS, filters, lines, wanted)}
    about = Page("设置", room="staff", path=SETTINGS_AT)
    return await render(request, "admin_settings.html", context, page=about)


def _settings(request: web.Request) -> tuple[list[Line], tuple[Filter, ...]]:
    lines = [
        Line(
            {"name": one.name, "value": one.value, "source": one.source, "what": one.what},
            {"source": one.source},
        )
        for one in settings_list.listed(request.app[SETTINGS])
    ]
    sources = Filter("source", "从哪里来", [(one, one) for one in settings_list.SOURCES.values()])
    return lines, (sources,)


@routes.get(f"{SETTINGS_AT}.xlsx")
async def settings_file(request: web.Request) -> web.Response:
    """The same as an Excel file."""
    staff_of(request, Role.ADMIN)
    lines, filters = _settings(request)
    return _as_file(request, "设置", "settings", SETTING_COLUMNS, filters, lines)


def _as_file(
    request: web.Request,
    title: str,
    name: str,
    columns: tuple[Column, ...],
    filters: tuple[Filter, ...],
    lines: list[Line],
) -> web.Response:
    wanted = working_list.asked(request.query, columns, filters)
    body = working_list.to_xlsx(title, columns, working_list.chosen(lines, wanted, filters), wanted)
    return working_list.as_file(body, title, name)


# Backups


@routes.get(BACKUPS_AT)
async def backups_page(request: web.Request) -> web.Response:
    """The backups that lie there, and the one that is being made."""
    return await _backups(request, forms.Form(), 200)


async def _backups(request: web.Request, form: forms.Form, status: int) -> web.Response:
    staff_of(request, Role.ADMIN)
    keeper = request.app[BACKUPS]
    work = keeper.work
    if progress.wanted(request) and work is not None:
        said = work.sentence(STAGES.get(work.stage, ""))
        return progress.told(said, work.done, work.total, running=keeper.running)
    lines = _kept(request)
    wanted = working_list.asked(request.query, BACKUP_COLUMNS, ())
    context: dict[str, Any] = {
        "l": working_list.drawn(BACKUPS_AT, BACKUP_COLUMNS, (), lines, wanted),
        "work": work,
        "stage": STAGES.get(work.stage, "") if work else "",
        "place": str(keeper.place),
        "form": form,
    }
    about = Page("备份", room="staff", path=BACKUPS_AT)
    return await render(request, "admin_backups.html", context, page=about, status=status)


def _kept(request: web.Request) -> list[Line]:
    found = []
    for one in request.app[BACKUPS].listed():
        stands = "存下以后变过，请再核对" if one.changed else "没有核对过"
        cells: dict[str, Cell] = {
            "name": one.name,
            "made_at": one.made_at,
            "megabytes": f"{one.bytes / 2**20:.1f} MB",
            "stands": f"{working_list.written(one.checked)}核对过，完好" if one.checked else stands,
            "holds": one.holds,
            "digest": one.digest,
        }
        found.append(Line(cells, {}, alarm=one.changed))
    return found


@routes.get(f"{BACKUPS_AT}.xlsx")
async def backups_file(request: web.Request) -> web.Response:
    """The list as an Excel file; the backups themselves never go through a browser."""
    staff_of(request, Role.ADMIN)
    return _as_file(request, "备份", "backups", BACKUP_COLUMNS, (), _kept(request))


@routes.post(BACKUPS_AT)
async def work(request: web.Request) -> web.Response:
    """``act``: ``make`` begins a backup, ``verify`` looks through the one that is named, ``cancel`` stops either."""
    actor = staff_of(request, Role.ADMIN)
    typed = await forms.posted(request)
    act, keeper, units = str(typed.get("act", "")), request.app[BACKUPS], request.app[UNITS]
    try:
        if act == "cancel":
            keeper.cancel()
            said = "正在停下，几秒钟就好。"
        elif act == "verify":
            keeper.start(units, actor, str(typed.get("name", "")))
            said = "开始核对了，可以离开这一页。"
        elif act == "make":
            keeper.start(units, actor)
            said = "开始备份了，不用停机。可以离开这一页，办完了写在这里。"
        else:
            raise Refusal("backup.act", "请从“备份”这一页上操作。", status=400)
    except Refusal as refusal:
        if refusal.code == "not_found":
            raise
        return await _backups(request, forms.Form(message=refusal.message), refusal.status)
    response = see_other(BACKUPS_AT)
    flash(request, response, "good", said)
    return response


# How it is


@routes.get(HEALTH_AT)
async def health_page(request: web.Request) -> web.Response:
    """Every check in words, with what to do where something is not good."""
    staff_of(request, Role.ADMIN)
    found = await vital_signs.checks(request.app)
    context = {
        "checks": [(one, vital_signs.WORDS[one.sign]) for one in found],
        "bad": sum(one.sign is vital_signs.Sign.BAD for one in found),
        "look": sum(one.sign is vital_signs.Sign.LOOK for one in found),
    }
    return await render(
        request, "admin_health.html", context, page=Page("状况", room="staff", path=HEALTH_AT)
    )
