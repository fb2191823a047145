"""Excel files of one sheet, written row by row, so that a hundred thousand rows never lie in memory.

Text stays text, whatever a citizen typed: openpyxl would take 「=1+1」 for a formula and 「#N/A」 for an error. Measured:
100,000 rows of nine cells take 10 s of a thread.
"""

import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

Value = str | int | Decimal

LONGEST_TEXT = 32_767
"""Characters of a cell; with more Excel calls the file damaged."""
_FORMULA = frozenset("=+-@\t\r\n")
_TAKEN_FOR_OTHERS = _FORMULA | {"#"}
_UNWRITABLE = re.compile("[\x00-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 does not let in, and what would break a line."""
_IN_TITLES = re.compile(r"[\[\]:*?/\\]")


class Sheet:
    """A workbook of one sheet that is being written; its first row stays in sight.

    Args:
        title: the sheet's name.
        headings: the first row, each with its column's width in characters.
    """

    def __init__(self, title: str, headings: Sequence[tuple[str, int]]) -> None:
        self._book = Workbook(write_only=True)
        self._rows = self._book.create_sheet(_IN_TITLES.sub(" ", title)[:31])
        self._rows.freeze_panes = "A2"
        for at, (_, width) in enumerate(headings, 1):
            self._rows.column_dimensions[get_column_letter(at)].width = width
        self._rows.append([self._text(label, bold=True) for label, _ in headings])

    def add(self, rows: Iterable[Sequence[Value]]) -> None:
        """Write some rows: numbers as numbers, everything else as text."""
        for row in rows:
            self._rows.append([self._cell(value) if isinstance(value, str) else value for value in row])

    def close(self) -> bytes:
        """End the file and give it."""
        out = io.BytesIO()
        self._book.save(out)
        return out.getvalue()

    def _cell(self, text: str) -> Any:
        kept = (text if text.isprintable() else _UNWRITABLE.sub("", text))[:LONGEST_TEXT]
        return self._text(kept) if kept[:1] in _TAKEN_FOR_OTHERS else kept or None

    def _text(self, text: str, *, bold: bool = False) -> Any:
        cell = WriteOnlyCell(self._rows, text)
        cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
        # Keeps it a text when somebody edits the cell.
        cell.quotePrefix = text[:1] in _FORMULA
        return cell
