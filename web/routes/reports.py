"""The summary report at the office and the supervisor: the draft as paper, its prose, its versions, its way out."""

import asyncio
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any
from urllib.parse import quote

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor, Role
from interviews import access, report_content, report_page, reports
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from interviews.report_content import PROSE, PROSE_PARTS, STAMP, Content, record_of, stamped
from web import report_desk, report_paper, report_work
from web.enclosures import MEDIA, file_name, printed
from web.forms import Form
from web.keys import PRESSES, SURROUNDINGS, UNITS
from web.long_work import REFRESH, LongWork, Work
from web.pages import Page, flash, render
from web.report_desk import Standing, Version
from web.report_work import STAGES
from web.routes.api import path_number
from web.routes.gate import draws, form_of, staff_of
from web.routes.public import see_other

routes = web.RouteTableDef()

FILES = (
    ("docx", "Word文件", "公文的版式"),
    ("pdf", "PDF文件", "印出来就是这样"),
    ("html", "网页文件", "可以存下来"),
    ("json", "数据", "给程序用"),
)
CONTEXT = 1
"""Unchanged paragraphs shown on each side of a change; the others are folded."""
CHANGES = 400
"""Paragraphs that a comparison shows; of two versions with nothing in common nobody reads more."""


# The desk


@routes.get("/office/interviews/{id:\\d+}/report")
async def desk(request: web.Request) -> web.Response:
    """The report as it stands, what is to be done with it, and how far it has come."""
    return await _desk(request, path_number(request), Form(), 200)


@draws(r"/office/interviews/(\d{1,9})/report")
async def _desk(request: web.Request, interview_id: int, form: Form, status: int) -> web.Response:
    actor = staff_of(request, Role.OFFICE, Role.SUPERVISOR)
    required = request.app[SURROUNDINGS].sending.signature
    async with request.app[UNITS].read(actor) as uow:
        found = await access.acting_interview(uow, interview_id, lock=None)
        if InterviewStatus(found.status) not in reports.OVER:
            # It refuses and says why there is none.
            await reports.content(uow, interview_id)
        context = await _context(uow, found, required, form)
    content = context.pop("content")
    at, number = f"/office/interviews/{interview_id}/report", content[STAMP]["version"]
    kept = context["version"].number if context["version"] else None
    plots = f"{at}/plots/{{}}.svg" + (f"?version={number}" if number else "")
    context["paper"] = await report_paper.paper(content, plots, blank=context["can"]["edit"])
    context["files"] = report_files(at, version=kept)
    about = Page(f"汇总报告：{found.theme}", room="staff", path=at)
    return await render(request, "report_desk.html", context | form_of(form), page=about, status=status)


async def _context(uow: UnitOfWork, found: Interview, required: bool, form: Form) -> dict[str, Any]:
    """All that the desk shows, and the ``content`` from which the paper is drawn."""
    interview_id = found.id or 0
    listed = await report_desk.versions(uow, interview_id)
    version = listed[0] if listed else None
    record = await report_content.gather(uow, found)
    kept = await reports.version_of(uow, interview_id, version.number) if version else None
    moved = kept is not None and record_of(kept.content) != record
    prose: dict[str, str] = kept.content.get(PROSE, {}) if kept else {}
    content = kept.content if kept and not moved else stamped(record, None, record["as_of"]) | {PROSE: prose}
    ways, groups = await report_desk.way_groups(uow, interview_id)
    mine = [way for way in ways if version and way.version == version.number]
    left = await report_desk.left_over(uow, version)
    standing = Standing(uow.actor, version, moved, len(left), mine, required)
    return {
        "content": content,
        "interview": {"id": interview_id, "no": found.ordinal, "theme": found.theme},
        "version": version,
        "versions": listed,
        "moved": moved,
        "own": standing.own,
        "required": required,
        "can": standing.can,
        "next": standing.next(),
        "steps": report_desk.steps(version, mine),
        "duty": await report_desk.duty_of(uow, found),
        "left": left,
        "ways": groups,
        "draft": _draft(form, version, prose),
    }


def _draft(form: Form, version: Version | None, prose: Mapping[str, str]) -> dict[str, Any]:
    """The prose as it stands in the form: what was typed and refused, else what is kept.

    Where somebody made another version meanwhile, ``theirs`` has what they wrote, for each part that differs.
    """
    number = version.number if version else 0
    refused = form.act == "report.edit"
    based = form.typed["version"] if refused else str(number)
    shown = {part: form.typed[part] if refused else prose.get(part, "") for part in PROSE_PARTS}
    overtaken = refused and based != str(number)
    theirs = {part: prose.get(part, "") for part in PROSE_PARTS if _differ(prose.get(part, ""), shown[part])}
    return {
        "version": number,
        "prose": shown,
        "based": int(based) if overtaken and based.isdecimal() and len(based) < 6 else None,
        "theirs": theirs if overtaken else {},
    }


def _differ(one: str, other: str) -> bool:
    """Whether two texts differ in more than what a form does to line ends."""
    return one.split() != other.split()


# Versions


@routes.get("/office/interviews/{id:\\d+}/report/versions")
async def compare(request: web.Request) -> web.Response:
    """Every version, and two of them paragraph by paragraph: ``?a=1&b=2``."""
    actor = staff_of(request, Role.OFFICE, Role.SUPERVISOR)
    interview_id = path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        found = await access.acting_interview(uow, interview_id, lock=None)
        listed = await report_desk.versions(uow, interview_id)
        chosen = _chosen(request, [one.number for one in listed])
        contents = [(await reports.version_of(uow, interview_id, number)).content for number in chosen]
    rows = await asyncio.to_thread(_compared, contents) if len(contents) > 1 else []
    changed = sum(row["kind"] != "same" for row in rows)
    context = {
        "interview": {"id": interview_id, "no": found.ordinal, "theme": found.theme},
        "versions": listed,
        "chosen": chosen,
        "changed": changed,
        "pieces": _pieces(rows),
        "more": changed > CHANGES,
    }
    return await render(
        request, "report_versions.html", context, page=Page("汇总报告各版的比较", room="staff")
    )


def _chosen(request: web.Request, known: list[int]) -> list[int]:
    """The two versions asked for, else the last two; fewer where there are fewer.

    Raises:
        Refusal: ``not_found`` for a version that is not there.
    """
    asked = [request.query.get(name) for name in ("a", "b")]
    if None in asked:
        return sorted(known[:2])
    numbers = [int(one) if one and one.isdecimal() and len(one) < 6 else 0 for one in asked]
    if set(numbers) - set(known):
        raise missing("这一版报告")
    return numbers


def _compared(contents: list[Content]) -> list[dict[str, str]]:
    before, after = (report_paper.lines(content) for content in contents)
    return [{"kind": kind, "text": text} for kind, text in reports.compared(before, after)]


def _pieces(rows: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Runs of paragraphs: changes whole, what is the same folded up to the lines beside a change."""
    runs = [(same, list(run)) for same, run in groupby(rows, key=lambda row: row["kind"] == "same")]
    found: list[dict[str, Any]] = []
    shown = 0
    for place, (same, run) in enumerate(runs):
        if not same:
            both = len({row["kind"] for row in run}) > 1
            changed = [{**row, "both": both} for row in run[: max(CHANGES - shown, 0)]]
            found.append({"folded": False, "rows": changed})
            shown += len(run)
            continue
        before = run[:CONTEXT] if place else []
        after = run[len(before) :][-CONTEXT:] if place < len(runs) - 1 else []
        between = run[len(before) : len(run) - len(after)]
        found += [{"folded": False, "rows": before}] if before else []
        found += [{"folded": True, "rows": between}] if between else []
        found += [{"folded": False, "rows": after}] if after else []
    return found


# Files


def report_files(at: str, *, version: int | None = None) -> list[dict[str, str]]:
    """The files of a report whose page is at an address; of one version where it has a number."""
    query = f"?version={version}" if version else ""
    return [{"label": label, "href": f"{at}.{form}{query}", "note": note} for form, label, note in FILES]


@routes.get("/office/interviews/{id:\\d+}/report.{format:docx|pdf|html|json}")
async def file(request: web.Request) -> web.Response:
    """The report as a file: the version asked for, else the last one sent, else the record as it stands."""
    actor = staff_of(request, Role.OFFICE, Role.SUPERVISOR)
    interview_id = path_number(request)
    content = await _version_asked(request, actor, interview_id)
    form = request.match_info["format"]
    try:
        # A program waits for its file; a person at a page sees it on its way.
        if form in report_work.FORMS and "text/html" in request.headers.get("Accept", ""):
            return await _made_meanwhile(request, actor, content, form)
        return await as_file(content, form, f"report-{interview_id}")
    except Refusal as refusal:
        return await _desk(request, interview_id, Form(message=refusal.message), refusal.status)


async def _made_meanwhile(request: web.Request, actor: Actor, content: Content, form: str) -> web.Response:
    interview_id, person = path_number(request), actor.person_id or 0
    press = request.app[PRESSES].setdefault(person, report_work.press())
    work = report_work.begin(press, actor.name, content, form)
    work.kind = str(interview_id)
    if await press.soon() and work.state == "done":
        return _as_made(work, interview_id)
    return see_other(f"/office/interviews/{interview_id}/report/making")


def _work(request: web.Request, actor: Actor) -> tuple[LongWork | None, Work | None]:
    """What is being made for the reader of this interview's report."""
    press = request.app[PRESSES].get(actor.person_id or 0)
    work = press.work if press else None
    return press, work if work and work.kind == str(path_number(request)) else None


@routes.get("/office/interviews/{id:\\d+}/report/making")
async def making(request: web.Request) -> web.Response:
    """How far the file is."""
    return await _making(request, 200)


async def _making(request: web.Request, status: int) -> web.Response:
    actor, number = staff_of(request, Role.OFFICE, Role.SUPERVISOR), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        await access.acting_interview(uow, number, lock=None)
    _, work = _work(request, actor)
    home = f"/office/interviews/{number}/report"
    context = {"work": work, "stage": STAGES.get(work.stage, "") if work else "", "home": home}
    about = Page("做汇总报告的文件", room="staff", path=f"{home}/making")
    response = await render(request, "report_making.html", context, page=about, status=status)
    if work is not None and work.state == "running":
        response.headers["Refresh"] = REFRESH
    elif work is not None and work.result is not None:
        response.headers["Refresh"] = f"0;url={home}/made"
    return response


@routes.post("/office/interviews/{id:\\d+}/report/making")
async def stop(request: web.Request) -> web.Response:
    """Make it no more."""
    actor, number = staff_of(request, Role.OFFICE, Role.SUPERVISOR), path_number(request)
    press, work = _work(request, actor)
    response = see_other(f"/office/interviews/{number}/report/making")
    if press is None or work is None or not press.running:
        flash(request, response, "warn", "已经做完了，没有可以停的。")
        return response
    press.cancel()
    flash(request, response, "good", "正在停下，马上就好。报告和记录都没有动。")
    return response


@routes.get("/office/interviews/{id:\\d+}/report/made")
async def made(request: web.Request) -> web.Response:
    """The file that was made."""
    actor, number = staff_of(request, Role.OFFICE, Role.SUPERVISOR), path_number(request)
    _, work = _work(request, actor)
    if work is None or work.result is None:
        raise missing("这份文件")
    return _as_made(work, number)


def _as_made(work: Work, interview_id: int) -> web.Response:
    body, form, content = work.result
    return _saved(body, content, form, f"report-{interview_id}")


@routes.get("/office/interviews/{id:\\d+}/report/plots/{plot:[a-z]+}.svg")
async def plot(request: web.Request) -> web.Response:
    """One plot of the report."""
    actor = staff_of(request, Role.OFFICE, Role.SUPERVISOR)
    content = await _version_asked(request, actor, path_number(request))
    return await report_paper.plot(content, request.match_info["plot"])


async def _version_asked(request: web.Request, actor: Actor, interview_id: int) -> Content:
    asked = request.query.get("version", "")
    async with request.app[UNITS].read(actor) as uow:
        if asked.isdecimal() and len(asked) < 6:
            return (await reports.version_of(uow, interview_id, int(asked))).content
        if request.path.endswith(".svg"):
            # A draft on the desk shows the record, also after another version was sent.
            found = await access.acting_interview(uow, interview_id, lock=None)
            return await report_content.gather(uow, found)
        return await reports.content(uow, interview_id)


async def as_file(content: Content, form: str, name: str) -> web.Response:
    """A version to be saved.

    Args:
        content: the version.
        form: ``docx``, ``pdf``, ``html`` or ``json``.
        name: what programs call the file that cannot read its Chinese name.

    Raises:
        Refusal: ``report.no_font`` for a PDF where no font here is Chinese; ``report.not_printed``.
    """
    try:
        body = await printed(content, form)
    except Refusal as refusal:
        if form != "html" or refusal.code != "report.no_font":
            raise
        body = (await asyncio.to_thread(report_page.to_html, content)).encode()
    return _saved(body, content, form, name)


def _saved(body: bytes, content: Content, form: str, name: str) -> web.Response:
    called = quote(file_name(content, form))
    told = f"attachment; filename=\"{name}.{form}\"; filename*=UTF-8''{called}"
    return web.Response(body=body, headers={"Content-Type": MEDIA[form], "Content-Disposition": told})
