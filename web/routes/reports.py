"""The summary report at the office and the supervisor: the draft as paper, its prose, its versions, its way out."""

import asyncio
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from aiohttp import web

from base.db import UnitOfWork
from base.errors import Refusal, missing
from base.people import Actor, Role
from interviews import access, report_content, reports
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from interviews.report_content import PROSE, PROSE_PARTS, STAMP, Content, record_of, stamped
from web import report_desk, report_paper
from web.forms import Form
from web.keys import SURROUNDINGS, UNITS
from web.pages import Page, render
from web.report_desk import Standing, Version
from web.routes import report_making
from web.routes.api import path_number
from web.routes.gate import draws, form_of, staff_of
from web.routes.report_making import Reader

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
    try:
        return await report_making.file(request, _reader(interview_id, actor), actor.name, content)
    except Refusal as refusal:
        return await _desk(request, interview_id, Form(message=refusal.message), refusal.status)


def _reader(interview_id: int, actor: Actor) -> Reader:
    home = f"/office/interviews/{interview_id}/report"
    return Reader(f"person:{actor.person_id}", home, home, f"report-{interview_id}")


async def _at_work(request: web.Request) -> Reader:
    """Whoever asks after a file of an interview that they may read.

    Raises:
        Refusal: ``not_found``.
    """
    actor, number = staff_of(request, Role.OFFICE, Role.SUPERVISOR), path_number(request)
    async with request.app[UNITS].read(actor) as uow:
        await access.acting_interview(uow, number, lock=None)
    return _reader(number, actor)


report_making.add_pages(routes, "/office/interviews/{id:\\d+}/report", _at_work)


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
