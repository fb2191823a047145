"""A list that a person works in: what is looked for, how it is sorted and which columns show all stand in the address.

Pure. A page says what columns, filters and lines there are; here they become what ``macros/working_list.html`` draws,
and the Excel file of exactly the lines that the address asks for.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from multidict import MultiDict, MultiMapping

from web import rows
from web.filters import stamp
from web.sheets import Sheet

Cell = str | int | Decimal | date | datetime | None

ON_A_PAGE = 50
LONGEST_SEARCH, LONGEST_TYPED = 60, 100
MOST_PRINTED = 2000
"""Lines on a page that is to be printed whole."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: in the address.
        label: its heading.
        number: whether its cells are numbers.
        shown: whether it shows where the address does not say; the first one always does.
        sorts: whether the list can be put into its order.
    """

    name: str
    label: str
    number: bool = False
    shown: bool = True
    sorts: bool = True


@dataclass(frozen=True)
class Filter:
    """One narrowing by a tag of the lines.

    Attributes:
        name: in the address.
        label: above its choice.
        options: value and label of each.
        fixed: what holds where the address does not say: such a one chooses what is read and is always in force.
        beside: whether the page draws it itself, as links with their numbers; the form only carries it along.
        typed: how it is written where there is nothing to choose from, ``text`` or ``date``: what it means is said where
            the lines are read.
    """

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    fixed: str | None = None
    beside: bool = False
    typed: str = ""


@dataclass(frozen=True)
class Press:
    """One button of a row.

    Attributes:
        label: what it says.
        href: the page where it is done; None for a form.
        name: the field that names the row to the page's form ``one``.
        value: what it holds.
    """

    label: str
    href: str | None = None
    name: str = ""
    value: str = ""


@dataclass(frozen=True)
class Line:
    """One row.

    Attributes:
        cells: by column.
        tags: by filter.
        url: where it leads.
        id: its number (or name) for ticking; None where it cannot be ticked.
        alarm: whether it is drawn as a warning.
        links: further addresses below its name, each with its label.
        inside: by column, what its cell leads to, each text with its address; drawn in place of the cell's text.
        act: what is to be pressed in it, in a last column: a label with an address, or with a form and its field.
    """

    cells: Mapping[str, Cell]
    tags: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    id: int | str | None = None
    alarm: bool = False
    links: Sequence[tuple[str, str]] = ()
    inside: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    act: Press | None = None

    def is_dated(self, column: str) -> bool:
        """Whether a cell is a day or an instant, which is not broken into two lines."""
        return isinstance(self.cells.get(column), date)


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
    sorting = [one.name for one in columns if one.sorts]
    number = query.get("page", "")
    plain = number.isascii() and number.isdecimal() and 0 < len(number) < 6
    return Asked(
        q=query.get("q", "").strip()[:LONGEST_SEARCH],
        chosen={one.name: _value(query.get(one.name, ""), one) for one in filters},
        columns=tuple(shown),
        own_columns=bool(wanted),
        sort=sort.removeprefix("-") if sort.removeprefix("-") in sorting else "",
        falling=sort.startswith("-"),
        page=max(1, int(number)) if plain else 1,
        all_ticked=query.get("tick") == "all",
        whole=number == "all",
    )


def _value(sent: str, of: Filter) -> str:
    if of.typed:
        return sent.strip()[:LONGEST_TYPED]
    return sent if sent in {value for value, _ in of.options} else of.fixed or ""


def chosen(lines: Iterable[Line], wanted: Asked, filters: Sequence[Filter]) -> list[Line]:
    """The lines that the address asks for, in its order."""
    words = wanted.q.casefold().split()
    loose = [one.name for one in filters if one.fixed is None and not one.typed and wanted.chosen[one.name]]
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
    start, size = cut(wanted, len(found))
    return drawn_page(path, columns, filters, found[start : start + size], len(found), wanted)


def page_size(wanted: Asked, total: int) -> int:
    """How many lines stand on a page of a list that has so many."""
    return min(max(total, 1), MOST_PRINTED) if wanted.whole else ON_A_PAGE


def cut(wanted: Asked, total: int) -> tuple[int, int]:
    """How many lines a database passes over, and how many it then gives, for the page that is asked for."""
    size = page_size(wanted, total)
    return (min(wanted.page, max(1, -(-total // size))) - 1) * size, size


def drawn_page(
    path: str,
    columns: Sequence[Column],
    filters: Sequence[Filter],
    lines: Iterable[Line],
    total: int,
    wanted: Asked,
) -> dict[str, Any]:
    """The same for lines that were found, sorted and cut elsewhere (``cut``): those of the one page, and of how many."""
    shown = [one for one in columns if one.name in wanted.columns]
    kept = _pairs(wanted, filters)
    size = page_size(wanted, total)
    pager = rows.pager(wanted.page, total, size, f"{path}?{urlencode([*kept, ('page', '')])}")
    listed = list(lines)
    return {
        "path": path,
        "q": wanted.q,
        "filters": [(one, wanted.chosen[one.name]) for one in filters],
        "narrowed": bool(wanted.q) or any(wanted.chosen[one.name] for one in filters if one.fixed is None),
        "columns": columns,
        "shown": [_heading(one, path, kept, wanted) for one in shown],
        "ticked": [one.name for one in shown],
        "sort": ("-" if wanted.falling else "") + wanted.sort,
        "lines": [(line, [(one, written(line.cells.get(one.name))) for one in shown]) for line in listed],
        "acts": any(line.act is not None for line in listed),
        "total": total,
        "asked": in_words(wanted, filters),
        "whole": f"{path}?{urlencode([*kept, ('page', 'all')])}" if total > size else None,
        "pager": pager,
        "export": f"{path}.xlsx?{urlencode(kept)}",
        "address": f"{path}?{urlencode(kept)}",
        "all_ticked": wanted.all_ticked,
        "tick_all": f"{path}?{urlencode([*kept, ('page', str(pager['page'])), ('tick', 'all')])}",
    }


def chosen_anew(wanted: Asked, **other: str) -> Asked:
    """The same with some of its filters replaced."""
    return replace(wanted, chosen=dict(wanted.chosen) | other)


def address_with(path: str, filters: Sequence[Filter], wanted: Asked, **other: str) -> str:
    """The list's address as it is asked for, some of its filters replaced: for links drawn beside it."""
    kept = _pairs(chosen_anew(wanted, **other), filters)
    return f"{path}?{urlencode(kept)}" if kept else path


def in_words(wanted: Asked, filters: Sequence[Filter]) -> str:
    """What the list was narrowed to, for whoever reads it on paper."""
    chosen = [
        (one.label, wanted.chosen[one.name] if one.typed else dict(one.options).get(wanted.chosen[one.name]))
        for one in filters
    ]
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
    return {
        "name": one.name,
        "label": one.label,
        "number": one.number,
        "href": href if one.sorts else None,
        "order": order,
    }


# The file


def as_file(body: bytes, title: str, name: str) -> web.Response:
    """An Excel file to be saved; ``name`` is for programs that cannot read its Chinese title."""
    told = f"attachment; filename=\"{name}.xlsx\"; filename*=UTF-8''{quote(f'{title}.xlsx')}"
    return web.Response(body=body, headers={"Content-Type": XLSX, "Content-Disposition": told})


def to_xlsx(title: str, columns: Sequence[Column], lines: Iterable[Line], wanted: Asked) -> bytes:
    """The lines as an Excel sheet: numbers are numbers, everything else is text, and nothing is a formula."""
    sheet, shown = _sheet(title, columns, wanted)
    sheet.add(_values(line, shown) for line in lines)
    return sheet.close()


async def send_xlsx(
    request: web.Request,
    title: str,
    name: str,
    columns: Sequence[Column],
    parts: AsyncIterator[Sequence[Line]],
    wanted: Asked,
) -> web.Response:
    """The same for a list of any length: written while it is read, some lines at a time.

    Args:
        request: of the export.
        title: of the sheet and of the file.
        name: for programs that cannot read the Chinese title.
        columns: all there are.
        parts: the lines, some at a time.
        wanted: which columns show.
    """
    sheet, shown = _sheet(title, columns, wanted)
    if request.method != "HEAD":
        async for lines in parts:
            await asyncio.to_thread(sheet.add, [_values(line, shown) for line in lines])
    return as_file(await asyncio.to_thread(sheet.close), title, name)


def _sheet(title: str, columns: Sequence[Column], wanted: Asked) -> tuple[Sheet, list[Column]]:
    shown = [one for one in columns if one.name in wanted.columns]
    return Sheet(title, [(one.label, 12 if one.number else 26) for one in shown]), shown


def _values(line: Line, shown: Sequence[Column]) -> list[str | int | Decimal]:
    cells = [line.cells.get(one.name) for one in shown]
    return [cell if isinstance(cell, (int, Decimal)) else written(cell) for cell in cells]
