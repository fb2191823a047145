"""A catalogue as an Excel sheet: every cell as the text that stands in it, formulas named and not believed."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from base.errors import Refusal
from faq.packed_file import bad
from faq.table_file import COLUMNS, Line, Problem, Row, called, columns_of, empty_file, judged

WIDTH_LIMIT = 60
BLANK_ROWS = 1000
"""So many empty rows in a row and the sheet is over: a coloured column reaches down to row 1,048,576."""


def read_sheet(content: bytes, today: date | None = None) -> tuple[list[Row], list[Problem], list[str]]:
    """The entries of the first sheet with anything in it, what is wrong with its other rows, and remarks.

    Args:
        content: an .xlsx file that ``packed_file.kind_of`` has looked through.
        today: as for ``table_file.judged``.

    Raises:
        Refusal: ``import.format`` for a file that only looks like Excel; ``import.columns``; ``import.empty``.
    """
    remarks: list[str] = []
    try:
        # Numbers and dates as they are, formulas as their text: what a formula last gave is somebody's guess.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        for position, sheet in enumerate(book.worksheets):
            lines = _filled(sheet, remarks)
            heading = next(lines, None)
            if heading is None:
                continue
            if len(book.worksheets) > position + 1:
                remarks.append(f"只读了“{sheet.title}”这一张表，别的表请另外导入。")
            rows, problems = judged(_named(heading[1], lines), today=today)
            return rows, problems, remarks
    except Refusal:
        raise
    except Exception:
        # The library raises whatever it trips over (KeyError, TypeError, ...) on a file that only looks like Excel.
        raise bad("打不开这个表格，里面的内容不完整。请重新另存一次再导入。") from None
    raise empty_file()


def _filled(sheet: Any, remarks: list[str]) -> Iterator[tuple[int, list[str | None]]]:
    """The rows that hold anything, each cell as text, ``None`` for a formula."""
    blank = 0
    for number, cells in enumerate(sheet.iter_rows(max_col=WIDTH_LIMIT), 1):
        texts = [None if cell.data_type == "f" else _text(cell.value) for cell in cells]
        if all(text == "" for text in texts):
            blank += 1
            if blank > BLANK_ROWS:
                remarks.append(f"第{number - blank}行以后空了{BLANK_ROWS}行，再往下没有看。")
                return
            continue
        blank = 0
        yield number, texts


def _named(heading: list[str | None], lines: Iterator[tuple[int, list[str | None]]]) -> Iterator[Line]:
    names = columns_of(cell or "" for cell in heading)
    while names and not names[-1]:
        names.pop()
    for number, cells in lines:
        formulas = [
            name for name, cell in zip(names, cells, strict=False) if cell is None and name in COLUMNS
        ]
        if formulas:
            yield number, Problem(number, f"的{called(formulas[0])}是公式，请改成写好的字")
        else:
            yield number, {name: cell or "" for name, cell in zip(names, cells, strict=False) if name}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
