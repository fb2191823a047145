"""An Excel file written row by row: text stays text, numbers stay numbers, and any program can open it."""

import io
import warnings
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from web.sheets import LONGEST_TEXT, Sheet


def made(rows: list[list[str | int | Decimal]], title: str = "表") -> bytes:
    sheet = Sheet(title, [("甲", 10), ("乙", 20)])
    sheet.add(rows)
    return sheet.close()


def cells(content: bytes) -> list[list[tuple[object, str]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = load_workbook(io.BytesIO(content))
    return [[(cell.value, cell.data_type) for cell in row] for row in book.worksheets[0].iter_rows()]


def test_numbers_are_numbers_and_everything_else_is_text() -> None:
    rows = cells(made([["=1+1", 12], ["#N/A", 3], ["<b>&\"'", Decimal("1.50")]]))
    assert rows == [
        [("甲", "s"), ("乙", "s")],
        [("=1+1", "s"), (12, "n")],
        [("#N/A", "s"), (3, "n")],
        [("<b>&\"'", "s"), (1.5, "n")],
    ]


def test_what_begins_like_a_formula_stays_text_when_its_cell_is_edited() -> None:
    book = load_workbook(io.BytesIO(made([["=1+1", "1=1"]])))
    first, second = book.worksheets[0][2]
    assert (first.quotePrefix, bool(second.quotePrefix)) == (True, False)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5))
def test_anything_that_can_be_typed_can_be_read_again(texts: list[str]) -> None:
    rows = cells(made([[text, 1] for text in texts]))
    for text, row in zip(texts, rows[1:], strict=True):
        kept = "".join(char for char in text if char >= " " and char not in "\ufffe\uffff")
        assert row[0][0] == (kept or None)


def test_a_title_that_excel_refuses_and_a_text_that_is_too_long_are_made_to_fit() -> None:
    content = made([["长" * (LONGEST_TEXT + 5), 1]], title="[2026]年/" + "表" * 40)
    book = load_workbook(io.BytesIO(content))
    title = book.worksheets[0].title
    assert (len(title), title[:8]) == (31, " 2026 年 ")
    assert len(str(book.worksheets[0]["A2"].value)) == LONGEST_TEXT
