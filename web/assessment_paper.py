"""The result of a year's assessment as a picture and in Word: the scores of all bodies, always with their table."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from base.clock import office_date
from interviews import plots
from interviews.paper import Paper
from interviews.schemes import Scheme
from web import working_list
from web.working_list import Column, Line

WIDTH_MM = 150.0


def plot(year: int, lines: Sequence[Line]) -> dict[str, Any] | None:
    """The scores for ``interviews.plots``, the best first; None where no body has a whole score yet."""
    scored = [(str(one.cells["name"]), one.cells.get("total")) for one in lines]
    rows = [[name, float(str(total))] for name, total in scored if total is not None]
    if not rows:
        return None
    return {
        "id": "scores",
        "title": f"{year}年各单位的总分",
        "heads": ["单位", "总分"],
        "rows": sorted(rows, key=lambda row: (-row[1], row[0])),
        "across": True,
    }


def told(found: dict[str, Any]) -> str:
    """The plot in words, for whoever does not see it."""
    return f"{found['title']}：{'；'.join(f'{name}，{total:g}分' for name, total in found['rows'])}"


def to_docx(
    year: int,
    scheme: Scheme,
    columns: Sequence[Column],
    lines: Sequence[Line],
    office: str,
    made_at: datetime,
) -> bytes:
    """The year's table in Word, the picture above it; what has no score yet says so."""
    day = office_date(made_at)
    title, written = f"{year}年网上访谈考评", f"{day.year}年{day.month}月{day.day}日"
    paper = Paper(title, office, made_at)
    paper.line("title", title)
    paper.line("text", f"按{scheme.title}打分（依据：{scheme.source}），平台{written}的记录。")
    drawn = plot(year, lines)
    if drawn is not None:
        wide, high = plots.inches(drawn)
        paper.picture(plots.draw(drawn, "png"), WIDTH_MM, WIDTH_MM * high / wide, told(drawn))
        paper.line("picture-caption", drawn["title"])
    rows = [[working_list.written(one.cells.get(head.name)) for head in columns] for one in lines]
    widths = [4 if not head.number else 2 for head in columns]
    numbers = frozenset(place for place, head in enumerate(columns) if head.number)
    paper.table([head.label for head in columns], rows, widths, numbers)
    paper.signed(office, written)
    return paper.to_bytes()
