"""A list that a person works in: what is looked for, how it is sorted and which columns show all stand in the address.

Pure. A page says what columns, filters and lines there are; here they become what ``macros/working_list.html`` draws,
and the Excel file of exactly the lines that the address asks for.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from multidict import MultiDict, MultiMapping
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from web import rows
from web.filters import stamp

Cell = str | int | Decimal | date | datetime | None

ON_A_PAGE = 50
LONGEST_SEARCH = 60
MOST_PRINTED = 2000
"""Lines on a page that is to be printed whole."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = frozenset("=+-@\t\r\n")


@dataclass(frozen=True)
class Column:
    """One column; ``shown`` is whether it shows where the address does not say. The first one always does."""

    name: str
    label: str
    number: bool = False
    shown: bool = True


@dataclass(frozen=True)
class Filter:
    """One narrowing by a tag of the lines; ``fixed`` ones choose what is read and are always in force."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    fixed: str | None = None


@dataclass(frozen=True)
class Line:
    """One row: its cells by column, its tags by filter, where it leads, its number (or name) for ticking."""

    cells: Mapping[str, Cell]
    tags: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    id: int | str | None = None
    alarm: bool = False
    links: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class Asked:
    """What an address asks of a list."""

    q: str
    chosen: Mapping[str, str]
    columns: tuple[str, ...]
    own_columns: bool
    sort: str
    falling: bool
    page: int
    all_ticked: bool
    whole: bool = False


def address(pairs: Sequence[tuple[str, str]]) -> MultiMapping[str]:
    """An address made here and not by a browser."""
    return MultiDict(pairs)


def asked(query: MultiMapping[str], columns: Sequence[Column], filters: Sequence[Filter]) -> Asked:
    """Read an address; what makes no sense is passed over."""
    known = [one.name for one in columns]
    wanted = [name for name in known if name in query.getall("col", [])]
    shown = wanted or [one.name for one in columns if one.shown]
    if known[0] not in shown:
        shown = [known[0], *shown]
    sort = query.get("sort", "")
    number = query.get("page", "")
    plain = number.isascii() and number.isdecimal() and 0 < len(number) < 6
    return Asked(
        q=query.get("q", "").strip()[:LONGEST_SEARCH],
        chosen={one.name: _value(query.get(one.name, ""), one) for one in filters},
        columns=tuple(shown),
        own_columns=bool(wanted),
        sort=sort.removeprefix("-") if sort.removeprefix("-") in known else "",
        falling=sort.startswith("-"),
        page=max(1, int(number)) if plain else 1,
        all_ticked=query.get("tick") == "all",
        whole=number == "all",
    )


def _value(sent: str, of: Filter) -> str:
    return sent if sent in {value for value, _ in of.options} else of.fixed or ""


def chosen(lines: Iterable[Line], wanted: Asked, filters: Sequence[Filter]) -> list[Line]:
    """The lines that the address asks for, in its order."""
    words = wanted.q.casefold().split()
    loose = [one.name for one in filters if one.fixed is None and wanted.chosen[one.name]]
    found = [
        line
        for line in lines
        if all(line.tags.get(name, "") == wanted.chosen[name] for name in loose)
        and all(word in _text_of(line) for word in words)
    ]
    if wanted.sort:
        found.sort(key=lambda line: _rank(line.cells.get(wanted.sort)), reverse=wanted.falling)
    return found


def _text_of(line: Line) -> str:
    return " ".join(written(cell) for cell in line.cells.values()).casefold()


def _rank(cell: Cell) -> tuple[int, float, str]:
    """Empty cells first, numbers and days by size, texts by their characters."""
    if cell is None:
        return (0, 0, "")
    if isinstance(cell, (int, Decimal)):
        return (1, float(cell), "")
    if isinstance(cell, datetime):
        return (1, cell.timestamp(), "")
    if isinstance(cell, date):
        return (1, cell.toordinal(), "")
    return (2, 0, cell)


def written(cell: Cell) -> str:
    """A cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, Decimal):
        return f"{cell.normalize():f}"
    return stamp(cell) if isinstance(cell, (date, datetime)) else str(cell)


NOTHING_PICKED = "没有选。请先在表里勾选，再按。"


def picked(typed: Mapping[str, Any]) -> list[int]:
    """The numbers of the lines that were ticked, each once, in their order."""
    sent = typed.get("pick", [])
    return [int(one) for one in dict.fromkeys(sent) if one.isascii() and one.isdecimal() and len(one) < 10]


# What the page draws


def drawn(
    path: str, columns: Sequence[Column], filters: Sequence[Filter], lines: Iterable[Line], wanted: Asked
) -> dict[str, Any]:
    """What ``macros/working_list.html`` needs.

    Args:
        path: the page's address, without what is asked.
        columns: all there are, the heading one first.
        filters: the narrowings, in their order.
        lines: all of them.
        wanted: from ``asked``.
    """
    found = chosen(lines, wanted, filters)
    shown = [one for one in columns if one.name in wanted.columns]
    kept = _pairs(wanted, filters)
    size = min(max(len(found), 1), MOST_PRINTED) if wanted.whole else ON_A_PAGE
    pager = rows.pager(wanted.page, len(found), size, f"{path}?{urlencode([*kept, ('page', '')])}")
    start = (pager["page"] - 1) * size
    return {
        "path": path,
        "q": wanted.q,
        "filters": [(one, wanted.chosen[one.name]) for one in filters],
        "narrowed": bool(wanted.q) or any(wanted.chosen[one.name] for one in filters if one.fixed is None),
        "columns": columns,
        "shown": [_heading(one, path, kept, wanted) for one in shown],
        "ticked": [one.name for one in shown],
        "sort": ("-" if wanted.falling else "") + wanted.sort,
        "lines": [
            (line, [(one, written(line.cells.get(one.name))) for one in shown])
            for line in found[start : start + size]
        ],
        "total": len(found),
        "asked": _in_words(wanted, filters),
        "whole": f"{path}?{urlencode([*kept, ('page', 'all')])}" if len(found) > size else None,
        "pager": pager,
        "export": f"{path}.xlsx?{urlencode(kept)}",
        "address": f"{path}?{urlencode(kept)}",
        "all_ticked": wanted.all_ticked,
        "tick_all": f"{path}?{urlencode([*kept, ('page', str(pager['page'])), ('tick', 'all')])}",
    }


def _in_words(wanted: Asked, filters: Sequence[Filter]) -> str:
    """What the list was narrowed to, for whoever reads it on paper."""
    chosen = [(one.label, dict(one.options).get(wanted.chosen[one.name])) for one in filters]
    found = [f"{label}：{text}" for label, text in chosen if text]
    return "，".join([*found, *([f"有“{wanted.q}”的"] if wanted.q else [])])


def _pairs(wanted: Asked, filters: Sequence[Filter]) -> list[tuple[str, str]]:
    """What stands in the address, apart from the page's number."""
    kept = [(one.name, wanted.chosen[one.name]) for one in filters if wanted.chosen[one.name]]
    kept += [("q", wanted.q)] if wanted.q else []
    kept += [("col", name) for name in wanted.columns if wanted.own_columns]
    return kept + ([("sort", ("-" if wanted.falling else "") + wanted.sort)] if wanted.sort else [])


def _heading(one: Column, path: str, kept: Sequence[tuple[str, str]], wanted: Asked) -> dict[str, Any]:
    present = wanted.sort == one.name
    # Numbers are looked at from the largest down, everything else from the beginning.
    falling = not wanted.falling if present else one.number
    others = [pair for pair in kept if pair[0] != "sort"]
    href = f"{path}?{urlencode([*others, ('sort', ('-' if falling else '') + one.name)])}"
    order = ("descending" if wanted.falling else "ascending") if present else None
    return {"name": one.name, "label": one.label, "number": one.number, "href": href, "order": order}


# The file


def as_file(body: bytes, title: str, name: str) -> web.Response:
    """An Excel file to be saved; ``name`` is for programs that cannot read its Chinese title."""
    told = f"attachment; filename=\"{name}.xlsx\"; filename*=UTF-8''{quote(f'{title}.xlsx')}"
    return web.Response(body=body, headers={"Content-Type": XLSX, "Content-Disposition": told})


def to_xlsx(title: str, columns: Sequence[Column], lines: Iterable[Line], wanted: Asked) -> bytes:
    """The lines as an Excel sheet: numbers are numbers, everything else is text, and nothing is a formula."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise AssertionError("a new workbook has a sheet")
    sheet.title = title[:31]
    shown = [one for one in columns if one.name in wanted.columns]
    for position, one in enumerate(shown, 1):
        _put(sheet.cell(1, position), one.label, bold=True)
        sheet.column_dimensions[get_column_letter(position)].width = 12 if one.number else 26
    for number, line in enumerate(lines, 2):
        for position, one in enumerate(shown, 1):
            cell = line.cells.get(one.name)
            if isinstance(cell, (int, Decimal)):
                sheet.cell(number, position).value = cell
            else:
                _put(sheet.cell(number, position), written(cell))
    sheet.freeze_panes = "A2"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell: Any, text: str, *, bold: bool = False) -> None:
    cell.value = "".join(char for char in text if char >= " ") if not text.isprintable() else text
    # Set after the value: a leading = would have made it a formula.
    cell.data_type = "s"
    # Each style that is set costs as much as the cell itself, and twenty thousand rows then took eight seconds.
    if text[:1] in _FORMULA:
        cell.quotePrefix = True
    if bold:
        cell.font = Font(bold=True)
