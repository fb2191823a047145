"""The year in figures: how many interviews against how many the rule asks for, and what became of the questions.

Each plot is drawn from the rows of the table beside it, and the same rows are the CSV.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from aiohttp import web

from base.clock import office_date
from base.db import UnitOfWork
from faq import asked
from faq.judgement import Outcome
from faq.misses import ASK_DAYS
from interviews import figures, promises
from interviews.answered import ANSWER_GONE
from interviews.figures import Part, Year
from interviews.lifecycle import QuestionStatus
from interviews.plan_tables import harmless
from web import rows
from web.filters import DECLINES, GROUNDS
from web.keys import SETTINGS, UNITS, YEAR_FIGURES
from web.pages import Page, render
from web.routes.api import number_in
from web.routes.feeds import tagged

routes = web.RouteTableDef()

SOON = 15
"""Days within which an answer is told as soon; the share of them stands in the head of the page."""
BARS = 12
"""Rows of a table that are drawn; the table has all of them."""
NARROW = 4
"""Characters up to which a label stands beside its bar; a longer one stands above it."""

Q = QuestionStatus
Table = dict[str, Any]


@routes.get("/statistics")
async def statistics(request: web.Request) -> web.Response:
    """A year in figures, each plot with its table."""
    async with request.app[UNITS].read() as uow:
        year = _wanted(request, uow)
        found = await request.app[YEAR_FIGURES].of_year(uow, year, rows.regulation_of(request))
        tables = _tables(found) + await _bot(uow, year)
        known = await figures.years(uow)
        summed = await rows.year_sum(uow, year, rows.regulation_of(request))
    context = {
        "year": year,
        "years": rows.filters(
            [(str(one), f"{one}年", None) for one in known], str(year), "/statistics?year={}"
        ),
        "figures": _headline(found),
        "meter": summed,
        "outlook": outlook(found),
        "tables": {table["id"]: table if table["rows"] else None for table in tables},
        "kept": ASK_DAYS,
        "csv": f"/statistics.csv?year={year}",
    }
    about = Page(
        f"{year}年的数",
        description=f"{year}年办了{found.held}场网上访谈，收到{found.received}个提问，{found.answered}个已答复。",
        column="统计",
        own=("year",),
    )
    return await render(request, "statistics.html", context, page=about)


@routes.get("/statistics.csv")
async def table_file(request: web.Request) -> web.Response:
    """The same figures as one table: 年, 表, 项目, 指标, 数, 单位; every cell is a word or a number."""
    async with request.app[UNITS].read() as uow:
        year = _wanted(request, uow)
        found = await request.app[YEAR_FIGURES].of_year(uow, year, rows.regulation_of(request))
        tables = _tables(found) + await _bot(uow, year)
    out = io.StringIO(newline="")
    # The mark by which Excel knows UTF-8.
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow(["年", "表", "项目", "指标", "数", "单位"])
    for figure in _headline(found):
        writer.writerow([year, "总数", figure["label"], "", figure["value"], figure["unit"]])
    for table in tables:
        for row in table["rows"]:
            for name, value in zip(table["heads"][1:], row[1:], strict=True):
                writer.writerow([year, table["title"], harmless(str(row[0])), name, value, table["unit"]])
    response = tagged(request, out.getvalue().encode("utf-8"), "text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="statistics-{year}.csv"'
    response.headers["Link"] = f'<{request.app[SETTINGS].base_url}/statistics?year={year}>; rel="canonical"'
    return response


def _wanted(request: web.Request, uow: UnitOfWork) -> int:
    return number_in(request, "year", None, 1990, 2200) or office_date(uow.now).year


def _headline(found: Year) -> list[dict[str, Any]]:
    told: list[tuple[str, Any, str]] = [
        ("办了", found.held, "场"),
        ("收到提问", found.received, "个"),
        ("公开", found.public, "个"),
        ("已答复", found.answered, "个"),
        ("还在等", found.waiting, "个"),
        ("逾期没答", found.overdue, "个"),
    ]
    return [{"label": label, "value": value, "unit": unit} for label, value, unit in told]


def outlook(found: Year) -> str:
    """Where the year leads, in a sentence: by the plan, and at the pace so far; empty where the year is over."""
    counted = found.meter
    if counted.pace is None or not counted.announced + counted.planned:
        return ""
    return f"照现在的计划，到年底一共{counted.expected}场；照到今天的进度算，约{counted.pace}场。"


def _speed(found: Year) -> str:
    """How soon the answers came, in words; empty where there is none."""
    half = found.median_days
    if half is None:
        return ""
    soon, total = found.within(SOON), len(found.days)
    days = f"{half:g}天以内" if half >= 1 else "当天"
    return f"一半的提问在{days}得到答复；{SOON}天以内答了{soon}个，占{_share(soon, total)}。"


def _share(part: int, whole: int) -> str:
    return f"{part * 100 / whole:.0f}%" if whole else "—"


# The tables


def _table(
    name: str,
    title: str,
    heads: Sequence[str],
    lines: Iterable[Sequence[Any]],
    *,
    said: str = "",
    unit: str = "个",
    drawn: Sequence[int] = (),
    stacked: bool = False,
) -> Table:
    """A table as page, plot and file have it; one whose numbers are all 0 has no rows.

    Args:
        name: its id.
        title: what it is about.
        heads: of its columns; the first one holds the labels.
        lines: its rows.
        said: what it shows, in a sentence.
        unit: of its numbers.
        drawn: the columns that the plot draws, two at the most; none: no plot.
        stacked: the two are parts of one whole, in one bar.
    """
    found = [list(line) for line in lines]
    rows_shown = found if any(any(line[1:]) for line in found) else []
    bars = rows_shown[:BARS]
    lengths = [[line[column] for column in drawn] for line in bars]
    most = max((sum(line) if stacked else max(line, default=0) for line in lengths), default=0)
    return {
        "id": name,
        "title": title,
        "said": said or title,
        "unit": unit,
        "heads": list(heads),
        "rows": rows_shown,
        "bars": [{"label": line[0], "numbers": [line[column] for column in drawn]} for line in bars],
        "stacked": stacked,
        "series": [heads[column] for column in drawn],
        "most": max(1, most),
        "narrow": all(len(str(line[0])) <= NARROW for line in bars),
    }


def _tables(found: Year) -> list[Table]:
    declined = sum(found.declined.values())
    refused = sum(found.refused.values())
    fates = f"收到{found.received}个，答了{found.answered}个"
    ways = [("现场答复", found.live), ("会后答复", found.after)]
    grounds, reasons = _worded(found.refused, GROUNDS), _worded(found.declined, DECLINES)
    columns = ["单位", "办了几场", "公开的提问", "已答复", "还在等", "逾期没答"]
    return [
        _table(
            "months",
            "各月的访谈",
            ["月份", "已办", "待办"],
            _held(found.months),
            said=f"办了{found.held}场",
            unit="场",
            drawn=(1, 2),
            stacked=True,
        ),
        _table("fates", "提问的去向", ["去向", "提问"], _fates(found), said=fates, drawn=(1,)),
        _table(
            "ways", "怎么答的", ["方式", "提问"], ways, said=f"{found.live}个当场答了，{found.after}个会后答"
        ),
        _table("days", "从提交到答复", ["天数", "提问"], found.spans(), said=_speed(found), drawn=(1,)),
        _table("grounds", "依法不予答复", ["依据", "提问"], grounds, said=f"依法不予答复{refused}个"),
        _table("reasons", "审核后没有公开", ["原因", "提问"], reasons, said=f"审核后没有公开{declined}个"),
        _table(
            "promises",
            "答复里的承诺",
            ["办到哪里", "承诺"],
            _promised(found.promised),
            said=f"答应了{found.promised.made}件，办结{found.promised.kept}件",
            unit="件",
        ),
        _table("asked", "各月访谈的提问", ["月份", "公开", "已答复"], _asked(found.months), drawn=(1, 2)),
        _table("bodies", "各单位", columns, _bodies(found.bodies), said=_most(found.bodies), drawn=(3,)),
    ]


def _promised(counted: promises.Counted) -> list[tuple[str, int]]:
    return [
        ("按时办结", counted.kept - counted.kept_late),
        ("晚了才办结", counted.kept_late),
        ("在办", counted.open),
        ("逾期没有办结", counted.overdue),
    ]


def _held(months: Iterable[Part]) -> list[tuple[str, int, int]]:
    return [(one.name, one.held, one.interviews - one.held) for one in months if one.interviews]


def _asked(months: Iterable[Part]) -> list[tuple[str, int, int]]:
    return [(one.name, one.public, one.answered) for one in months if one.public]


def _fates(found: Year) -> list[tuple[str, int]]:
    count = found.fates.get
    told = [
        ("已答复", found.answered),
        ("还在等答复", found.waiting),
        ("依法不予答复", count(Q.REFUSED, 0)),
        ("并入相同的提问", count(Q.MERGED, 0)),
        ("审核后没有公开", count(Q.DECLINED, 0)),
        ("等待审核", count(Q.PENDING, 0)),
        ("提问人撤回", count(Q.WITHDRAWN, 0)),
        ("公开后撤下", count(Q.REMOVED, 0)),
        ("答复撤下了，没有新的", count(ANSWER_GONE, 0)),
    ]
    return [(label, value) for label, value in told if value]


def _worded(counted: Any, words: dict[str, str]) -> list[tuple[str, int]]:
    return [(words[code], value) for code, value in counted.items()]


def _most(bodies: Sequence[Part]) -> str:
    """Which body answered most, in words; several that answered as many are named together."""
    most = max((one.answered for one in bodies), default=0)
    first = [one.name for one in bodies if one.answered == most]
    if not most or len(first) > 3:
        return "各单位的答复"
    return f"{'、'.join(first)}答得最多，{'各' if len(first) > 1 else ''}{most}个"


def _bodies(bodies: Iterable[Part]) -> list[tuple[str, int, int, int, int, int]]:
    bodies = sorted(bodies, key=lambda one: -one.answered)
    return [(one.name, one.held, one.public, one.answered, one.waiting, one.overdue) for one in bodies]


async def _bot(uow: UnitOfWork, year: int) -> list[Table]:
    """How often the bot was asked and what it did, month by month, as far back as asks are kept."""
    told = [
        (
            f"{month.month}月",
            month.total,
            month.outcomes.get(Outcome.ANSWER, 0),
            month.outcomes.get(Outcome.CHOICES, 0),
        )
        for month in await asked.months(uow, year)
    ]
    said = f"问了机器人{sum(line[1] for line in told)}次，答了{sum(line[2] for line in told)}次"
    heads = ["月份", "问了", "直接答了", "给了选项"]
    return [_table("bot", "问机器人", heads, told, said=said, unit="次", drawn=(1, 2))]
