"""Files of every kind that is taken, made when a test wants one."""

import io
import zipfile
from typing import Any

import docx
import openpyxl
from PIL import Image, PngImagePlugin

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n各位网友好。\n".encode()
PLACE = "北纬39度54分 王立言的手机"
"""What a camera wrote into a picture, and nobody is to read."""


def word(text: str = "缴费标准一览") -> bytes:
    """A Word file that says something."""
    paper, out = docx.Document(), io.BytesIO()
    paper.add_paragraph(text)
    paper.save(out)
    return out.getvalue()


def excel() -> bytes:
    """An Excel file."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("标准").append(["年度", "元"])
    book.save(out)
    return out.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 40), *, turned: int = 1) -> bytes:
    """A picture, red on the left and blue on the right, in which a camera left its notes.

    Args:
        kind: JPEG or PNG.
        size: as it is stored, before it is turned.
        turned: Exif's orientation; 6 is a telephone held upright.
    """
    drawn = Image.new("RGB", size, "blue")
    drawn.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = turned, PLACE
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    more: dict[str, Any]
    if kind == "PNG":
        notes = PngImagePlugin.PngInfo()
        notes.add_itxt("Comment", PLACE)
        more = {"pnginfo": notes}
    else:
        more = {"comment": PLACE.encode(), "quality": 95}
    drawn.save(out, kind, exif=exif, **more)
    return out.getvalue()


def packed(**parts: bytes) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
