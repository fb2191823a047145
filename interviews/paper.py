"""An official document (公文) as a Word file, laid out by GB/T 9704-2012.

A4 with margins of 37, 26, 35 and 28 mm; 22 lines of 28 characters a page; title at size 2 in 小标宋, text at size 3
(16 pt) in 仿宋, headings in 黑体 and 楷体; page numbers between dashes, outside on the page. The package is written
part by part with fixed times, so that the same document is the same bytes. What a text says is only ever a text:
no field is written but the page number's, and characters that XML forbids become U+FFFD.
"""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime

from base.clock import as_utc
from interviews import paper_package as package
from interviews.paper_package import (
    BOTTOM,
    CHARACTERS,
    FIRST_PICTURE,
    HEAD,
    LEFT,
    LINE,
    PAGE,
    PITCH,
    RIGHT,
    TEXT_WIDTH,
    TOP,
    TWIPS_PER_MM,
    R,
    W,
    readable,
)

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
EMU_PER_MM = 36_000
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"
_PICTURE = f"{_DRAWING}/picture"
_WP = f'xmlns:wp="{_DRAWING}/wordprocessingDrawing"'
_A = f'xmlns:a="{_DRAWING}/main"'
_PIC = f'xmlns:pic="{_PICTURE}"'
_TITLES = frozenset({"title", "attachment-title"})
_RUN_HINT = '<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>'


def _runs(text: str) -> str:
    """A text as one run; a tab and a line break are Word's own."""
    lines = ("<w:tab/>".join(_t(part) for part in line.split("\t")) for line in text.split("\n"))
    return f"<w:r>{_RUN_HINT}{'<w:br/>'.join(lines)}</w:r>"


def _t(text: str) -> str:
    return f'<w:t xml:space="preserve">{readable(text)}</w:t>' if text else ""


class Paper:
    """A document being written from top to bottom.

    Args:
        title: for the file's properties.
        author: for the file's properties.
        made_at: the document's instant; it is the only time in the file.
    """

    def __init__(self, title: str, author: str, made_at: datetime) -> None:
        self._title, self._author, self._made_at = title, author, as_utc(made_at)
        self._body: list[str] = []
        self._pictures: list[bytes] = []

    def line(self, style: str, text: str) -> None:
        """One paragraph, or several where the text has line breaks; a title breaks within its paragraph.

        Args:
            style: ``title``, ``addressee``, ``heading``, ``subheading``, ``question``, ``text``, ``closing``,
                ``attachments``, ``attachments-more``, ``attachment-mark``, ``attachment-title``, ``caption`` or
                ``picture-caption``.
            text: what it says.
        """
        parts = [text] if style in _TITLES else text.split("\n")
        for one in parts:
            self._body.append(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_runs(one)}</w:p>')

    def signed(self, office: str, day: str) -> None:
        """The office and the date without a seal: two characters from the right, the date begins two later."""
        begins = date_begins(office, day)
        self._body.append(_signature(office, begins, before=2 * LINE, keep=True))
        self._body.append(_signature(day, begins + 2, before=0, keep=False))

    def table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        right: frozenset[int] = frozenset(),
        *,
        whole: bool = False,
    ) -> None:
        """A table over the text's width whose head is repeated on each page and whose rows stay whole.

        Args:
            heads: the words over the columns.
            rows: the cells.
            widths: the columns' parts of the width.
            right: the columns set to the right.
            whole: keep it on one page.
        """
        grid = [TEXT_WIDTH * part // sum(widths) for part in widths]
        columns = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in grid)
        body = _row(heads, grid, frozenset(), head=True)
        kept = len(rows) - 1 if whole else 0
        body += "".join(_row(row, grid, right, keep=place < kept) for place, row in enumerate(rows))
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
        self._body.append(
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(grid)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
            f'</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl><w:p><w:pPr><w:pStyle w:val="gap"/></w:pPr></w:p>'
        )

    def picture(self, png: bytes, width_mm: float, height_mm: float, told: str) -> None:
        """A picture in the middle of its own line, on one page with the caption that follows.

        Args:
            png: the picture.
            width_mm: how wide it is on paper.
            height_mm: how high.
            told: what it shows, for who does not see it.
        """
        self._pictures.append(png)
        number = len(self._pictures)
        wide, high = (round(mm * EMU_PER_MM) for mm in (width_mm, height_mm))
        self._body.append(
            f'<w:p><w:pPr><w:pStyle w:val="picture"/></w:pPr><w:r>{_drawing(number, wide, high, told)}</w:r></w:p>'
        )

    def to_bytes(self) -> bytes:
        """The finished file."""
        parts = {
            "[Content_Types].xml": package.content_types(),
            "_rels/.rels": package.package_relations(),
            "docProps/app.xml": package.app(),
            "docProps/core.xml": package.core(self._title, self._author, self._made_at),
            "word/_rels/document.xml.rels": package.document_relations(len(self._pictures)),
            "word/document.xml": _document("".join(self._body)),
            "word/fontTable.xml": package.fonts(),
            "word/footer1.xml": _footer("right"),
            "word/footer2.xml": _footer("left"),
            "word/settings.xml": package.settings(),
            "word/styles.xml": package.styles(),
        }
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as written:
            for name, text in parts.items():
                written.writestr(_entry(name), text.encode())
            for number, png in enumerate(self._pictures, 1):
                written.writestr(_entry(f"word/media/image{number}.png"), png)
        return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    return entry


def _drawing(number: int, wide: int, high: int, told: str) -> str:
    """A picture within the line; its words are escaped for an attribute."""
    words = readable(told).replace('"', "&quot;").replace("\n", " ")
    relation = f"rId{FIRST_PICTURE + number - 1}"
    shape = (
        f'<pic:pic {_PIC}><pic:nvPicPr><pic:cNvPr id="{number}" name="image{number}.png"/><pic:cNvPicPr/>'
        f'</pic:nvPicPr><pic:blipFill><a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch>'
        f'</pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="{wide}" cy="{high}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
    )
    return (
        f'<w:drawing><wp:inline {_WP} distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{high}"/>'
        f'<wp:docPr id="{number}" name="图{number}" descr="{words}"/>'
        f'<a:graphic {_A}><a:graphicData uri="{_PICTURE}">{shape}</a:graphicData></a:graphic></wp:inline></w:drawing>'
    )


def width(text: str) -> float:
    """How many characters' widths a text takes: letters and digits are half as wide."""
    return sum(0.5 if char.isascii() else 1 for char in text)


def date_begins(office: str, day: str) -> float:
    """How many characters from the left the office stands where there is no seal; the date begins two later."""
    begins = CHARACTERS - 2 - width(office)
    return max(0.0, min(begins, CHARACTERS - 4 - width(day) - 1))


def _signature(text: str, begins: float, *, before: int, keep: bool) -> str:
    """A line that begins so many characters from the left: a date's width is the reader's font's affair."""
    indent = f'<w:ind w:left="{round(begins * PITCH)}" w:firstLineChars="0" w:firstLine="0"/>'
    spacing = f'<w:spacing w:before="{before}"/>' if before else ""
    kept = "<w:keepNext/>" if keep else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="text"/>{kept}<w:keepLines/>{spacing}{indent}<w:jc w:val="left"/></w:pPr>'
        f"{_runs(text)}</w:p>"
    )


def _row(
    cells: Sequence[str],
    grid: Sequence[int],
    right: frozenset[int],
    *,
    head: bool = False,
    keep: bool = False,
) -> str:
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    style = "table-head" if head else "table-text"
    done = []
    for position, (text, wide) in enumerate(zip(cells, grid, strict=True)):
        stay = "<w:keepNext/>" if keep else ""
        jc = '<w:jc w:val="right"/>' if position in right else ""
        lines = "".join(
            f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{stay}{jc}</w:pPr>{_runs(one)}</w:p>'
            for one in text.split("\n")
        )
        done.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
        )
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(done)}</w:tr>"


def _document(body: str) -> str:
    return f"{HEAD}<w:document {W} {R}><w:body>{body}{_section()}</w:body></w:document>"


def _section() -> str:
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId1"/><w:footerReference w:type="even" r:id="rId2"/>'
        f'<w:pgSz w:w="{PAGE[0]}" w:h="{PAGE[1]}"/>'
        f'<w:pgMar w:top="{TOP}" w:right="{RIGHT}" w:bottom="{BOTTOM}" w:left="{LEFT}"'
        f' w:header="851" w:footer="{BOTTOM - round(7 * TWIPS_PER_MM) - 400}" w:gutter="0"/></w:sectPr>'
    )


def _footer(side: str) -> str:
    """``— 1 —``, one character from the edge: right on odd pages, left on even ones."""
    indent = f'<w:ind w:{side}="{PITCH}"/>'

    def field(kind: str) -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    number = (
        f'{field("begin")}<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        f"{field('separate')}<w:r><w:t>1</w:t></w:r>{field('end')}"
    )
    dash = '<w:r><w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr><w:t xml:space="preserve">{}</w:t></w:r>'
    return (
        f'{HEAD}<w:ftr {W}><w:p><w:pPr><w:pStyle w:val="footer"/>{indent}<w:jc w:val="{side}"/></w:pPr>'
        f"{dash.format('— ')}{number}{dash.format(' —')}</w:p></w:ftr>"
    )
