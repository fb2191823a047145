"""Files as offices send them, made at run time: tables, Word documents, pages, and some that mean harm."""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from docx import Document
from openpyxl import Workbook

from faq.table_file import COLUMNS

HEAD = ("index_no", "title", "body", "issuer")


def sheet(*rows: Sequence[Any], more: str = "") -> bytes:
    """An Excel file of one sheet, or of a second one named ``more``."""
    book = Workbook(write_only=True)
    page = book.create_sheet("目录")
    for row in rows:
        page.append(list(row))
    if more:
        book.create_sheet(more).append(["别的"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_part(office_file: bytes, name: str, content: bytes, old: str = "") -> bytes:
    """An Office file with one part more, or with one in the place of another."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(office_file)) as source, zipfile.ZipFile(out, "w", 8) as target:
        for part in source.namelist():
            if part != old:
                target.writestr(part, source.read(part))
        target.writestr(name, content)
    return out.getvalue()


def a_million_rows() -> bytes:
    """A sheet with one entry, whose empty rows somebody has coloured down to the millionth."""
    good = sheet(HEAD, ("SL-1", "水费", "三元一吨。", "水务局"))
    name = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        markup = archive.read(name)
    empty = b"".join(b'<row r="%d" ht="15"/>' % number for number in range(3, 1_000_003))
    markup = markup.replace(b"<sheetData>", b'<dimension ref="A1:D1000002"/><sheetData>')
    return with_part(good, name, markup.replace(b"</sheetData>", empty + b"</sheetData>"), name)


def word(*paragraphs: str, title: str = "", table: Sequence[Sequence[str]] = ()) -> bytes:
    """A Word document: a table of labels, a title, paragraphs; 一、 makes a heading."""
    document = Document()
    if table:
        grid = document.add_table(0, len(table[0]))
        for row in table:
            for cell, text in zip(grid.add_row().cells, row, strict=True):
                cell.text = text
    if title:
        document.add_heading(title, 0)
    for text in paragraphs:
        document.add_paragraph(text, "Heading 1" if text[1:2] == "、" else None)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def line(**cells: str) -> list[str]:
    """A row of the contract's columns."""
    return [cells.get(name, "") for name in COLUMNS]
