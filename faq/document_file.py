"""One document as one entry: the lines of a Word file, a web page or a plain text, with what its markup says of it.

Headings and numbering stay as the text that they are. What only dresses a page (navigation, scripts, buttons) is
left out here; what the text itself says of its issuer and dates is read by ``document_head``.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from lxml import etree

from base.errors import Refusal
from faq.document_head import Marked
from faq.packed_file import bad
from faq.table_file import decoded

PAGE_LIMIT = 8 * 1024 * 1024
"""Bytes of one web page; what a body may hold is a third of it in UTF-8."""
ELEMENTS_LIMIT = 150_000
"""Elements of one web page; 300 pages that Word has saved as HTML have some 40,000."""


def no_text() -> Refusal:
    """Of a document in which nothing is written, such as a scan."""
    return Refusal(
        "import.empty", "文件里没有文字。扫描件和图片读不出来，请换成有文字的文件再导入。", status=400
    )


# Plain text


def read_text(text: str) -> Marked:
    """A plain text, line by line."""
    return Marked(lines=tuple(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")))


# Word

_PARAGRAPH, _TABLE, _CONTENT = qn("w:p"), qn("w:tbl"), qn("w:sdtContent")
_ROW, _CELL, _TEXT = qn("w:tr"), qn("w:tc"), qn("w:t")
_WITHIN = frozenset(
    {_CONTENT, *(qn(f"w:{name}") for name in ("sdt", "r", "hyperlink", "ins", "smartTag", "fldSimple"))}
)
"""What holds text of a paragraph; deleted text and text boxes are not among them."""
_SPACES = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_TITLES = ("title", "heading 1", "标题 1", "标题")


def read_word(content: bytes) -> Marked:
    """A Word document: its paragraphs and tables in order, tracked changes as if they were accepted.

    Args:
        content: a .docx file that ``packed_file.kind_of`` has looked through.

    Raises:
        Refusal: ``import.format`` for a file that only looks like Word.
    """
    try:
        document = Document(io.BytesIO(content))
        body = document.element.body
        lines = [line for block in _blocks(body) for line in _word_lines(block)]
        titled = next(
            (_words(one._p) for one in document.paragraphs if _is_title(one) and _words(one._p).strip()), ""
        )
        numbered = sum(1 for _ in body.iter(qn("w:numPr")))
    except Exception:
        # The library raises whatever it trips over on a file that only looks like Word.
        raise bad("打不开这份文档，里面的内容不完整。请重新另存一次再导入。") from None
    remarks: tuple[str, ...] = ()
    if numbered:
        remarks = (f"有{numbered}段用的是自动编号，号码没有带过来。请看一遍正文，缺的在编辑时补上。",)
    return Marked(lines=tuple(lines), title=titled.strip(), remarks=remarks)


def _is_title(paragraph: Any) -> bool:
    style = paragraph.style
    return style is not None and (style.name or "").lower() in _TITLES


def _blocks(parent: Any) -> Iterator[Any]:
    for child in parent:
        if child.tag in (_PARAGRAPH, _TABLE):
            yield child
        elif child.tag in (qn("w:sdt"), _CONTENT):
            yield from _blocks(child)


def _word_lines(block: Any) -> Iterator[str]:
    if block.tag == _PARAGRAPH:
        yield from _words(block).split("\n")
        return
    for row in block.iter(_ROW):
        cells = [" ".join(_words(p).strip() for p in cell.iter(_PARAGRAPH)) for cell in row.iter(_CELL)]
        yield " ".join(cell.strip() for cell in cells if cell.strip())


def _words(element: Any) -> str:
    found = []
    for child in element:
        if child.tag == _TEXT:
            found.append(child.text or "")
        elif child.tag in _SPACES:
            found.append(_SPACES[child.tag])
        elif child.tag in _WITHIN:
            found.append(_words(child))
    return "".join(found)


# Web pages

# fmt: off
_DROPPED = frozenset({
    "script", "style", "noscript", "template", "iframe", "object", "nav", "footer", "aside", "form", "button",
    "select", "textarea", "svg", "canvas", "video", "audio", "map", "head", "title",
})
_INLINE = frozenset({
    "a", "abbr", "acronym", "b", "big", "cite", "code", "del", "dfn", "em", "font", "i", "img", "ins", "kbd", "label",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})
# fmt: on
_CELLS = frozenset({"td", "th", "dt", "dd"})
_META = {
    "articletitle": "title",
    "pubdate": "published_on",
    "contentsource": "issuer",
    "keywords": "keywords",
}
"""The names by which government sites describe a page (政府网站发展指引, annex on page rules)."""
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def read_page(content: bytes) -> Marked:
    """A web page: what a reader sees of its article, without navigation, scripts and forms.

    Raises:
        Refusal: ``import.size``; ``import.encoding``.
    """
    if len(content) > PAGE_LIMIT:
        raise Refusal("import.size", "网页超过8MB。请另存为纯文本再导入。", status=413)
    text = _page_text(content)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    root = etree.fromstring(text.encode("utf-8", "replace"), parser) if text.strip() else None
    if root is None:
        raise no_text()
    # The parser gives up below 256 levels and drops the rest without an exception.
    if any("depth" in error.message for error in parser.error_log) or _has_too_many(root):
        raise bad("网页的标签太多，或者套得太深，没有读。请另存为纯文本再导入。")
    said = {
        _META[name]: (one.get("content") or "").strip()
        for one in root.iter("meta")
        if (name := (one.get("name") or "").lower()) in _META
    }
    article = _article(root)
    titles = (" ".join("".join(one.itertext()).split()) for one in root.iter("h1"))
    title = said.pop("title", "") or next((one for one in titles if one), "")
    return Marked(lines=tuple("".join(_page_words(article)).split("\n")), title=title, said=said)


def _has_too_many(root: Any) -> bool:
    return any(number > ELEMENTS_LIMIT for number, _ in enumerate(root.iter()))


def _page_text(content: bytes) -> str:
    named = _CHARSET.search(content[:4096])
    name = named[1].decode().lower() if named else ""
    if name in ("gb2312", "gbk", "gb18030", "big5", "utf-8"):
        try:
            return content.decode("gb18030" if name.startswith("gb") else name)
        except UnicodeDecodeError:
            pass  # The page says one thing and is another; the usual ones are tried.
    return decoded(content)


def _article(root: Any) -> Any:
    """The one place that says that the article stands in it, else the whole page."""
    for wanted in (".//article", ".//main", ".//*[@id='UCAP-CONTENT']", ".//*[@id='zoom']"):
        found = root.findall(wanted)
        if len(found) == 1 and len("".join(found[0].itertext()).strip()) > 100:
            return found[0]
    return root


def _page_words(root: Any) -> Iterator[str]:
    """Text in reading order, blocks on lines of their own; without recursion, however deep a page nests."""
    dropped = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else "script"
        if event == "start":
            if dropped or name in _DROPPED or _is_hidden(element):
                dropped += 1
                continue
            if name in ("br", "hr") or (name not in _INLINE and name not in _CELLS):
                yield "\n"
            yield _flat(element.text)
        else:
            if dropped:
                dropped -= 1
            elif name in _CELLS:
                yield " "
            elif name not in _INLINE:
                yield "\n"
            if not dropped and element is not root:
                yield _flat(element.tail)


def _is_hidden(element: Any) -> bool:
    style = element.get("style")
    return element.get("hidden") is not None or bool(style and _HIDDEN.search(style))


def _flat(text: str | None) -> str:
    return re.sub(r"\s+", " ", text) if text else ""
