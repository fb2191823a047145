"""A summary report as a page shows it: its lines, tables and figures in the order of the paper, and its plots as SVG.

A long report is cut in its attachments: a page of 5,000 questions would hold up everybody else while it is written.
"""

import asyncio
import hashlib
import itertools
import json
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from aiohttp import web

from base.errors import missing
from interviews import report_files
from interviews.report_content import PROSE_PARTS, Content
from interviews.report_layout import Figure, Line, Style, Table, blocks

SHOWN = 300
"""Rows of an attachment on a page; the whole of it is in the files."""
KEPT = 64
"""Plots kept ready; each takes a process and about a second to draw."""

_drawn: OrderedDict[str, bytes] = OrderedDict()


async def paper(content: Content, plots: str | None, *, blank: bool = False) -> dict[str, Any]:
    """What ``macros/paper.html`` draws.

    Args:
        content: a version of the report.
        plots: where its plots are to be had, ``{}`` their id; ``None`` leaves them to their tables.
        blank: keep the places of prose that nobody has written yet.
    """
    return await asyncio.to_thread(_paper, content, plots, blank)


def _paper(content: Content, plots: str | None, blank: bool) -> dict[str, Any]:
    title, *rest = list(_cut(blocks(content, blank=blank)))
    shown = [one for one in _joined(rest) if one["kind"] != "figure" or plots]
    for one in shown:
        if one["kind"] == "figure":
            one["src"] = (plots or "").format(one["plot"])
    for heading, one in itertools.pairwise(shown):
        # A heading over a part that nobody has written is there to be written under, not to be printed.
        heading["bare"] = one["kind"] == "prose" and not one["lines"]
    grouped = any(one.get("style") == Style.SUBHEADING for one in shown)
    return {"title": title.text if isinstance(title, Line) else "", "blocks": shown, "grouped": grouped}


def _cut(found: Iterator[Line | Table | Figure]) -> Iterator[Line | Table | Figure]:
    """The blocks, each attachment no longer than a page can bear."""
    attached, count = False, 0
    for block in found:
        if isinstance(block, Line) and block.style is Style.ATTACHMENT_MARK:
            attached, count = True, 0
        elif attached:
            count += 1
        if count <= SHOWN + 1:
            yield block
        elif count == SHOWN + 2:
            yield Line(Style.BODY, f"页面上只列到这里，前{SHOWN}段。全部的在Word、PDF和网页文件里。")


def _joined(found: list[Line | Table | Figure]) -> Iterator[dict[str, Any]]:
    """The blocks as the macro takes them; the lines of one prose part are one block."""
    open_part: dict[str, Any] | None = None
    for block in found:
        if isinstance(block, Line) and block.part:
            if open_part is None or open_part["part"] != block.part:
                title = PROSE_PARTS[block.part]
                open_part = {"kind": "prose", "part": block.part, "title": title, "lines": []}
                yield open_part
            open_part["lines"] += [block.text] if block.text else []
            continue
        open_part = None
        if isinstance(block, Line):
            yield {"kind": "line", "style": block.style.value, "text": block.text, "bare": False}
        elif isinstance(block, Table):
            yield _table(block)
        else:
            yield {"kind": "figure", "plot": block.plot, "caption": block.caption, "told": block.told}


def _table(block: Table) -> dict[str, Any]:
    more = len(block.rows) - SHOWN
    return {
        "kind": "table",
        "caption": block.caption,
        "heads": block.heads,
        "rows": block.rows[:SHOWN],
        "right": block.right,
        "widths": block.widths,
        "more": max(more, 0),
    }


def lines(content: Content) -> list[str]:
    """A version paragraph by paragraph, a row of a table being one; for comparing. Pure."""
    found: list[str] = []
    for block in blocks(content):
        if isinstance(block, Line):
            found += [line for line in block.text.split("\n") if line.strip()]
        elif isinstance(block, Table):
            found.append(block.caption)
            found += ["　".join(cell.replace("\n", "；") for cell in row if cell) for row in block.rows]
    return found


async def plot(content: Content, plot_id: str) -> web.Response:
    """One plot of a version as SVG, drawn once.

    Raises:
        Refusal: ``not_found`` for a plot that this version does not have; whatever ``report_files.write`` refuses.
    """
    chosen = next((one for one in content.get("plots", []) if one["id"] == plot_id), None)
    if chosen is None:
        raise missing("这张图")
    key = hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()
    if key not in _drawn:
        _drawn[key] = (await report_files.write({"plots": [chosen]}, f"svg:{plot_id}")).body
        while len(_drawn) > KEPT:
            _drawn.popitem(last=False)
    return web.Response(body=_drawn[key], content_type="image/svg+xml", headers={"ETag": f'"{key}"'})
