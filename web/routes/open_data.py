"""Open data: every interview's public record, and each year's list of them, as JSON and CSV; and what stands in it.

Read as a stranger reads, whoever is signed in: a file that somebody passes on must hold nothing of theirs. A tag
changes with whatever the file tells, so a cache that asks again knows of a removal at once.
"""

import json
from typing import Any

from aiohttp import web
from sqlalchemy import func, select
from sqlmodel import col

from base.clock import office_date, shanghai_iso
from base.db import UnitOfWork
from chat import streams
from interviews import access
from interviews.lifecycle import InterviewStatus
from interviews.models import Interview
from web import open_record, rows
from web.keys import SETTINGS, UNITS
from web.open_record import PROGRAMME, RECORD
from web.pages import Page, render, site
from web.routes.api import number_in, path_number

routes = web.RouteTableDef()

TYPES = {"json": "application/json", "csv": "text/csv"}
ABOUT = Page(
    "开放数据", description="每场访谈的实录、每年的访谈目录，JSON 和 CSV，可以自由使用", column="开放数据"
)


def licence_of(request: web.Request) -> str:
    """The sentence under which the data may be used."""
    return request.app[SETTINGS].data_licence or open_record.LICENCE


@routes.get("/interviews/{id:\\d+}/data.{kind:json|csv}")
async def one(request: web.Request) -> web.Response:
    """One interview: its facts and its record, as far as both are public now."""
    kind, number = request.match_info["kind"], path_number(request)
    async with request.app[UNITS].read() as uow:
        found = await access.interview(uow, number)
        state = await streams.room_state(uow, found, staff=False)
        at = shanghai_iso(uow.now)
    record = open_record.record_rows(state)
    tag = open_record.tag_of(kind, state["interview"], record, licence_of(request))
    if kind == "csv":
        return _file(request, tag, f"interview-{number}.csv", open_record.csv_text(RECORD, record))
    told = {
        **_head(request, at),
        "url": f"{request.app[SETTINGS].base_url}/interviews/{number}",
        "interview": state["interview"],
        "record": [open_record.bare(row) for row in record],
    }
    return _file(request, tag, f"interview-{number}.json", _json(told))


@routes.get("/open-data/{year:\\d{4}}.{kind:json|csv}")
async def year(request: web.Request) -> web.Response:
    """The interviews of a year, planned ones included, in their order."""
    kind, wanted = request.match_info["kind"], int(request.match_info["year"])
    async with request.app[UNITS].read() as uow:
        listed = await _programme(request, uow, wanted)
        at = shanghai_iso(uow.now)
    tag = open_record.tag_of(kind, wanted, listed, licence_of(request))
    if kind == "csv":
        return _file(request, tag, f"interviews-{wanted}.csv", open_record.csv_text(PROGRAMME, listed))
    return _file(
        request,
        tag,
        f"interviews-{wanted}.json",
        _json({**_head(request, at), "year": wanted, "interviews": listed}),
    )


async def _programme(request: web.Request, uow: UnitOfWork, wanted: int) -> list[dict[str, Any]]:
    base = request.app[SETTINGS].base_url
    query = select(Interview).where(col(Interview.year) == wanted)
    found = list(await uow.db.scalars(query.order_by(col(Interview.starts_at), col(Interview.id))))
    return [
        {
            "id": row["id"],
            "no": row["no"],
            "theme": row["theme"],
            "status": row["status"],
            "starts_at": shanghai_iso(row["starts_at"]),
            "ends_at": shanghai_iso(row["ends_at"]),
            "respondents": [r["name"] for r in sorted(row["respondents"], key=lambda r: not r["lead"])],
            "questions": row["counts"]["public"],
            "answered": row["counts"]["answered"],
            "url": f"{base}{row['url']}",
            "data": f"{base}{row['url']}/data.json",
        }
        for row in await rows.interview_rows(uow, found, rows.presence(request))
    ]


def _head(request: web.Request, at: str) -> dict[str, Any]:
    about = f"{request.app[SETTINGS].base_url}/open-data"
    return {"publisher": site().name, "licence": licence_of(request), "fields": about, "exported_at": at}


def _json(told: dict[str, Any]) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _file(request: web.Request, tag: str, name: str, text: str) -> web.Response:
    kind = name.rpartition(".")[2]
    headers = {
        "ETag": f'"{tag}"',
        "Cache-Control": "public, no-cache",
        "Link": f'<{request.app[SETTINGS].base_url}/open-data#licence>; rel="license"',
    }
    if any(known.value in ("*", tag) for known in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    headers["Content-Disposition"] = f'attachment; filename="{name}"'
    # As bytes: the charset is said in the header, and a text would lose its mark for Excel in some clients.
    headers["Content-Type"] = f"{TYPES[kind]}; charset=utf-8"
    return web.Response(body=text.encode("utf-8", "replace"), headers=headers)


@routes.get("/open-data")
async def index(request: web.Request) -> web.Response:
    """What there is, under which licence, and what every column means."""
    async with request.app[UNITS].read() as uow:
        grouped = select(col(Interview.year), func.count(col(Interview.id))).group_by(col(Interview.year))
        counted = sorted(((int(of), int(count)) for of, count in await uow.db.execute(grouped)), reverse=True)
        latest = counted[0][0] if counted else office_date(uow.now).year
        this_year = office_date(uow.now).year
        default = this_year if any(of == this_year for of, _ in counted) else latest
        chosen = number_in(request, "year", default, 1990, 2200) or default
        listed = await _listed(request, uow, chosen)
    years = [(str(of), f"{of}年", count) for of, count in counted]
    context = {
        "year": chosen,
        "years": rows.filters(years, str(chosen), "/open-data?year={}#interviews"),
        "rows": listed,
        "licence": licence_of(request),
        "tables": [
            {"id": "record", "title": "一场访谈的实录", "fields": RECORD},
            {"id": "programme", "title": "一年的访谈", "fields": PROGRAMME},
        ],
    }
    return await render(request, "open_data.html", context, page=ABOUT)


async def _listed(request: web.Request, uow: UnitOfWork, chosen: int) -> list[rows.Row]:
    query = select(Interview).where(
        col(Interview.year) == chosen, col(Interview.status) != InterviewStatus.PLANNED
    )
    found = list(await uow.db.scalars(query.order_by(col(Interview.starts_at).desc())))
    return await rows.interview_rows(uow, found, rows.presence(request))
