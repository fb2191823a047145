"""The parts of a Word file that no text changes: measures, styles, fonts, settings, properties, relations.

Element order is the schema's. The measures are those of GB/T 9704-2012; see ``interviews.paper``.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from xml.sax.saxutils import escape

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


FIRST_PICTURE = 6
"""The number of the first picture's relation: after those of the footers, styles, settings and fonts."""

_FORBIDDEN = re.compile("[^\t\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PART = "application/vnd.openxmlformats-officedocument.wordprocessingml"


def readable(text: str) -> str:
    """A text as XML may hold it: escaped, and U+FFFD for each character that XML forbids."""
    return escape(_FORBIDDEN.sub("�", text))


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
    rule: str = "exact",
) -> str:
    """One paragraph style; element order is the schema's."""
    first = f'<w:ind w:firstLineChars="200" w:firstLine="{2 * PITCH}"/>' if indent else ""
    outline = f'<w:outlineLvl w:val="{level}"/>' if level is not None else ""
    based = "" if id_ == "normal" else '<w:basedOn w:val="normal"/>'
    default = ' w:default="1"' if id_ == "normal" else ' w:customStyle="1"'
    narrow = f'<w:spacing w:val="{SQUEEZE if squeeze else 0}"/>'
    return (
        f'<w:style w:type="paragraph"{default} w:styleId="{id_}"><w:name w:val="{name}"/>{based}<w:qFormat/>'
        f'<w:pPr>{flags}<w:spacing w:before="{before}" w:after="{after}" w:line="{line}" w:lineRule="{rule}"/>'
        f'{first}<w:jc w:val="{jc}"/>{outline}</w:pPr>'
        f'<w:rPr>{_font(font)}{narrow}<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
    )


def styles() -> str:
    """The paragraph styles, by the names that ``Paper.line`` takes."""
    plain = (
        '<w:widowControl w:val="0"/><w:autoSpaceDE w:val="0"/><w:autoSpaceDN w:val="0"/>'
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
        _style("subheading", "二级标题", font=KAI, indent=True, flags=stay, level=2),
        _style("question", "三级标题", indent=True, flags="<w:keepNext/>", level=3),
        _style("text", "公文正文", indent=True),
        _style("closing", "结语", indent=True, flags="<w:keepNext/>"),
        _style("attachments", "附件说明", indent=True, before=LINE, flags="<w:keepNext/>"),
        _style("attachments-more", "附件说明续", indent=True, flags="<w:keepNext/>"),
        _style("attachment-mark", "附件标志", font=HEI, flags="<w:keepNext/><w:pageBreakBefore/>"),
        title("attachment-title", "附件标题", before=LINE, after=LINE),
        _style("caption", "表题", font=HEI, half_points=28, jc="center", flags=stay, squeeze=False),
        _style("picture", "图", jc="center", line=240, rule="auto", flags="<w:keepNext/>", squeeze=False),
        _style("picture-caption", "图题", font=HEI, half_points=28, jc="center", squeeze=False),
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
    return f"{HEAD}<w:styles {W}>{defaults}{''.join(styles)}</w:styles>"


def fonts() -> str:
    """The fonts, each with the one to take where a computer lacks it."""
    listed = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for name, other in _SUBSTITUTES.items()
    )
    return f"{HEAD}<w:fonts {W}>{listed}</w:fonts>"


def settings() -> str:
    """How Word treats the document as a whole."""
    return (
        f'{HEAD}<w:settings {W}><w:zoom w:percent="100"/><w:defaultTabStop w:val="420"/><w:evenAndOddHeaders/>'
        '<w:characterSpacingControl w:val="compressPunctuation"/><w:compat>'
        '<w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/>'
        '</w:compat><w:themeFontLang w:val="zh-CN" w:eastAsia="zh-CN"/></w:settings>'
    )


def core(title: str, author: str, made_at: datetime) -> str:
    """The file's properties; its only instant is ``made_at``."""
    at = f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    dates = "".join(
        f'<dcterms:{name} xsi:type="dcterms:W3CDTF">{at}</dcterms:{name}>' for name in ("created", "modified")
    )
    return (
        f'{HEAD}<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{readable(title)}</dc:title><dc:creator>{readable(author)}</dc:creator>"
        f"<dc:language>zh-CN</dc:language><cp:lastModifiedBy>{readable(author)}</cp:lastModifiedBy>{dates}"
        "</cp:coreProperties>"
    )


def app() -> str:
    """What wrote the file."""
    return (
        f'{HEAD}<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        "<Application>fangtan</Application></Properties>"
    )


def content_types() -> str:
    """What each part is."""
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
        f'{HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="png" ContentType="image/png"/>'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>'
    )


def _relations(rows: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(rows, 1)
    )
    return f'{HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{listed}</Relationships>'


def package_relations() -> str:
    """Where the package's own parts lie."""
    core = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties"
    return _relations(
        [
            (f"{_REL}/officeDocument", "word/document.xml"),
            (core, "docProps/core.xml"),
            (f"{_REL}/extended-properties", "docProps/app.xml"),
        ]
    )


def document_relations(pictures: int) -> str:
    """Where the document's parts lie; the pictures' relations are numbered from ``FIRST_PICTURE``."""
    return _relations(
        [
            (f"{_REL}/footer", "footer1.xml"),
            (f"{_REL}/footer", "footer2.xml"),
            (f"{_REL}/styles", "styles.xml"),
            (f"{_REL}/settings", "settings.xml"),
            (f"{_REL}/fontTable", "fontTable.xml"),
            *((f"{_REL}/image", f"media/image{number}.png") for number in range(1, pictures + 1)),
        ]
    )
