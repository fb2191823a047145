"""An official document (公文) as a Word file, laid out by GB/T 9704-2012.

A4 with margins of 37, 26, 35 and 28 mm; 22 lines of 28 characters a page; title at size 2 in 小标宋, text at size 3
(16 pt) in 仿宋, headings in 黑体 and 楷体; page numbers between dashes, outside on the page. The package is written
part by part with fixed times, so that the same document is the same bytes. What a text says is only ever a text:
no field is written but the page number's, and characters that XML forbids become U+FFFD.
"""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from xml.sax.saxutils import escape

from base.clock import as_utc

TWIPS_PER_MM = 1440 / 25.4
PAGE = (11906, 16838)
TOP, RIGHT, BOTTOM, LEFT = (round(mm * TWIPS_PER_MM) for mm in (37, 26, 35, 28))
TEXT_WIDTH = PAGE[0] - LEFT - RIGHT
LINES, CHARACTERS = 22, 28
LINE = (PAGE[1] - TOP - BOTTOM) // LINES
SIZE_3 = 32
"""Half points of size 3 (三号), the text's."""
# 28 characters of 16 pt are wider than the 156 mm of the text, so each one gives up a quarter of a point.
PITCH = TEXT_WIDTH // CHARACTERS
SQUEEZE = PITCH - SIZE_3 * 10

SONG_TITLE, FANG_SONG, HEI, KAI, SONG = "方正小标宋简体", "仿宋", "黑体", "楷体", "宋体"
_SUBSTITUTES = {
    SONG_TITLE: "宋体",
    FANG_SONG: "仿宋_GB2312",
    KAI: "楷体_GB2312",
    HEI: "SimHei",
    SONG: "SimSun",
}

_FIXED_TIME = (1980, 1, 1, 0, 0, 0)
_FORBIDDEN = re.compile("[^\t\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_TITLES = frozenset({"title", "attachment-title"})
_RUN_HINT = '<w:rPr><w:rFonts w:hint="eastAsia"/></w:rPr>'


def readable(text: str) -> str:
    """A text as XML may hold it: escaped, and U+FFFD for each character that XML forbids."""
    return escape(_FORBIDDEN.sub("�", text))


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

    def line(self, style: str, text: str) -> None:
        """One paragraph, or several where the text has line breaks; a title breaks within its paragraph.

        Args:
            style: ``title``, ``addressee``, ``heading``, ``subheading``, ``text``, ``closing``, ``attachments``,
                ``attachment-mark``, ``attachment-title`` or ``caption``.
            text: what it says.
        """
        parts = [text] if style in _TITLES else text.split("\n")
        for one in parts:
            self._body.append(f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_runs(one)}</w:p>')

    def signed(self, office: str, day: str) -> None:
        """The office and the date without a seal: two characters from the right, the date begins two later."""
        begins = CHARACTERS - 2 - width(office)
        begins = max(0.0, min(begins, CHARACTERS - 4 - width(day) - 1))
        self._body.append(_signature(office, begins, before=2 * LINE, keep=True))
        self._body.append(_signature(day, begins + 2, before=0, keep=False))

    def table(
        self,
        heads: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[int],
        right: frozenset[int] = frozenset(),
    ) -> None:
        """A table over the text's width whose head is repeated on each page and whose rows stay whole.

        Args:
            heads: the words over the columns.
            rows: the cells.
            widths: the columns' parts of the width.
            right: the columns set to the right.
        """
        grid = [TEXT_WIDTH * part // sum(widths) for part in widths]
        columns = "".join(f'<w:gridCol w:w="{wide}"/>' for wide in grid)
        body = _row(heads, grid, frozenset(), head=True)
        body += "".join(_row(row, grid, right, head=False) for row in rows)
        sides = ("top", "left", "bottom", "right", "insideH", "insideV")
        lines = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
        self._body.append(
            f'<w:tbl><w:tblPr><w:tblW w:w="{sum(grid)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{lines}</w:tblBorders><w:tblLayout w:type="fixed"/>'
            '<w:tblCellMar><w:left w:w="85" w:type="dxa"/><w:right w:w="85" w:type="dxa"/></w:tblCellMar>'
            f'</w:tblPr><w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl><w:p><w:pPr><w:pStyle w:val="gap"/></w:pPr></w:p>'
        )

    def to_bytes(self) -> bytes:
        """The finished file."""
        parts = {
            "[Content_Types].xml": _content_types(),
            "_rels/.rels": _package_relations(),
            "docProps/app.xml": _app(),
            "docProps/core.xml": _core(self._title, self._author, self._made_at),
            "word/_rels/document.xml.rels": _document_relations(),
            "word/document.xml": _document("".join(self._body)),
            "word/fontTable.xml": _fonts(),
            "word/footer1.xml": _footer("right"),
            "word/footer2.xml": _footer("left"),
            "word/settings.xml": _settings(),
            "word/styles.xml": _styles(),
        }
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            for name, text in parts.items():
                entry = zipfile.ZipInfo(name, _FIXED_TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                package.writestr(entry, text.encode())
        return out.getvalue()


def width(text: str) -> float:
    """How many characters' widths a text takes: letters and digits are half as wide."""
    return sum(0.5 if char.isascii() else 1 for char in text)


def _signature(text: str, begins: float, *, before: int, keep: bool) -> str:
    """A line that begins so many characters from the left: a date's width is the reader's font's affair."""
    indent = f'<w:ind w:left="{round(begins * PITCH)}" w:firstLineChars="0" w:firstLine="0"/>'
    spacing = f'<w:spacing w:before="{before}"/>' if before else ""
    kept = "<w:keepNext/>" if keep else ""
    return (
        f'<w:p><w:pPr><w:pStyle w:val="text"/>{kept}<w:keepLines/>{spacing}{indent}<w:jc w:val="left"/></w:pPr>'
        f"{_runs(text)}</w:p>"
    )


def _row(cells: Sequence[str], grid: Sequence[int], right: frozenset[int], *, head: bool) -> str:
    marks = "<w:cantSplit/>" + ("<w:tblHeader/>" if head else "")
    style = "table-head" if head else "table-text"
    done = []
    for position, (text, wide) in enumerate(zip(cells, grid, strict=True)):
        jc = '<w:jc w:val="right"/>' if position in right else ""
        lines = "".join(
            f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{jc}</w:pPr>{_runs(one)}</w:p>'
            for one in text.split("\n")
        )
        done.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/><w:vAlign w:val="center"/></w:tcPr>{lines}</w:tc>'
        )
    return f"<w:tr><w:trPr>{marks}</w:trPr>{''.join(done)}</w:tr>"


def _document(body: str) -> str:
    return f"{_HEAD}<w:document {_W} {_R}><w:body>{body}{_section()}</w:body></w:document>"


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
        f'{_HEAD}<w:ftr {_W}><w:p><w:pPr><w:pStyle w:val="footer"/>{indent}<w:jc w:val="{side}"/></w:pPr>'
        f"{dash.format('— ')}{number}{dash.format(' —')}</w:p></w:ftr>"
    )


def _font(name: str) -> str:
    """A font with Times New Roman for Latin letters and digits; the page number's digits are the standard's 宋体."""
    latin = SONG if name == SONG else "Times New Roman"
    return f'<w:rFonts w:ascii="{latin}" w:hAnsi="{latin}" w:eastAsia="{name}" w:cs="Times New Roman"/>'


def _style(
    id_: str,
    name: str,
    *,
    font: str = FANG_SONG,
    half_points: int = SIZE_3,
    line: int = LINE,
    before: int = 0,
    after: int = 0,
    jc: str = "both",
    indent: bool = False,
    flags: str = "",
    level: int | None = None,
    squeeze: bool = True,
) -> str:
    """One paragraph style; element order is the schema's."""
    first = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * PITCH}"/>' if indent else ""
    outline = f'<w:outlineLvl w:val="{level}"/>' if level is not None else ""
    based = "" if id_ == "normal" else '<w:basedOn w:val="normal"/>'
    default = ' w:default="1"' if id_ == "normal" else ' w:customStyle="1"'
    narrow = f'<w:spacing w:val="{SQUEEZE if squeeze else 0}"/>'
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{id_}"><w:name w:val="{name}"/>{based}<w:qFormat/>'
        f'<w:pPr>{flags}<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="exact"/>'
        f'{first}<w:jc w:val="{jc}"/>{outline}</w:pPr>'
        f'<w:rPr>{_font(font)}{narrow}<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
    )


def _styles() -> str:
    plain = (
        '<w:widowControl w:val="0"/><w:wordWrap w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
        '<w:adjustRightInd w:val="0"/><w:snapToGrid w:val="0"/>'
    )
    stay = "<w:keepNext/><w:keepLines/>"
    in_table = partial(_style, half_points=21, line=360, squeeze=False)
    title = partial(
        _style, font=SONG_TITLE, half_points=44, line=700, jc="center", flags=stay, level=0, squeeze=False
    )
    styles = [
        _style("normal", "Normal", flags=plain),
        title("title", "公文标题", after=LINE),
        _style("addressee", "主送机关", flags="<w:keepNext/>"),
        _style("heading", "一级标题", font=HEI, indent=True, flags=stay, level=1),
        _style("subheading", "二级标题", font=KAI, indent=True, flags="<w:keepNext/>", level=2),
        _style("text", "公文正文", indent=True),
        _style("closing", "结语", indent=True, flags="<w:keepNext/>"),
        _style("attachments", "附件说明", indent=True, before=LINE, flags="<w:keepNext/>"),
        _style("attachment-mark", "附件标志", font=HEI, flags="<w:keepNext/><w:pageBreakBefore/>"),
        title("attachment-title", "附件标题", before=LINE, after=LINE),
        _style("caption", "表题", font=HEI, half_points=28, jc="center", flags=stay, squeeze=False),
        in_table("table-head", "表头", font=HEI, jc="center", flags="<w:keepNext/>"),
        in_table("table-text", "表中文字", jc="left"),
        _style("gap", "表后", half_points=16, line=200, squeeze=False),
        _style("footer", "页码", font=SONG, half_points=28, line=400, squeeze=False),
    ]
    defaults = (
        f'<w:docDefaults><w:rPrDefault><w:rPr>{_font(FANG_SONG)}<w:kern w:val="2"/><w:sz w:val="{SIZE_3}"/>'
        f'<w:szCs w:val="{SIZE_3}"/><w:lang w:val="zh-CN" w:eastAsia="zh-CN" w:bidi="ar-SA"/></w:rPr></w:rPrDefault>'
        "<w:pPrDefault/></w:docDefaults>"
    )
    return f"{_HEAD}<w:styles {_W}>{defaults}{''.join(styles)}</w:styles>"


def _fonts() -> str:
    listed = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in _SUBSTITUTES.items()
    )
    return f"{_HEAD}<w:fonts {_W}>{listed}</w:fonts>"


def _settings() -> str:
    return (
        f'{_HEAD}<w:settings {_W}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        '</w:compat><w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"/></w:settings>'
    )


def _core(title: str, author: str, made_at: datetime) -> str:
    at = f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{at}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f'{_HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{readable(title)}</dc:title><dc:creator>{readable(author)}</dc:creator>"
        f"<dc:language>zh-CN</dc:language><cp:lastModifiedBy>{readable(author)}</cp:lastModifiedBy>{dates}"
        "</cp:coreProperties>"
    )


def _app() -> str:
    return (
        f'{_HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        "<Application>fangtan</Application></Properties>"
    )


def _content_types() -> str:
    parts = {
        "/docProps/app.xml": "application/vnd.openxmlformats-officedocument.extended-properties+xml",
        "/docProps/core.xml": "application/vnd.openxmlformats-package.core-properties+xml",
        "/word/document.xml": f"{_PART}.document.main+xml",
        "/word/fontTable.xml": f"{_PART}.fontTable+xml",
        "/word/footer1.xml": f"{_PART}.footer+xml",
        "/word/footer2.xml": f"{_PART}.footer+xml",
        "/word/settings.xml": f"{_PART}.settings+xml",
        "/word/styles.xml": f"{_PART}.styles+xml",
    }
    listed = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts.items())
    return (
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def _relations(rows: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(rows, 1)
    )
    return f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'


def _package_relations() -> str:
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    return _relations(
        [
            (f"{_REL}/officeDocument", "word/document.xml"),
            (core, "docProps/core.xml"),
            (f"{_REL}/extended-properties", "docProps/app.xml"),
        ]
    )


def _document_relations() -> str:
    return _relations(
        [
            (f"{_REL}/footer", "footer1.xml"),
            (f"{_REL}/footer", "footer2.xml"),
            (f"{_REL}/styles", "styles.xml"),
            (f"{_REL}/settings", "settings.xml"),
            (f"{_REL}/fontTable", "fontTable.xml"),
        ]
    )
