"""The summary report as a PDF: its lines, tables and figures typeset by typst. The same content, the same bytes.

``report.typ`` is the paper and holds no text of a report; what citizens and officials wrote goes to it as data and is
never markup. The file is PDF/A-2u, which typst refuses to write where a character would be an empty box: what no
font here can show is printed as 〓, and the report ends by saying which characters these are.
"""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import typst

from base.clock import as_utc
from interviews.paper import date_begins
from interviews.paper_fonts import fonts, without_glyph
from interviews.paper_package import LINE, PITCH
from interviews.report_layout import PICTURE_MM, Figure, Line, Style, Table, blocks
from interviews.report_words import STAMP, Content, title_of

MISSING = "〓"
"""What a printer sets for a character that his case does not have."""
ROOM = 20
"""Characters' widths after which a line must be allowed to break where nobody typed a place to break it."""
STEP = 7
"""And after so many more each time: a line of 28 takes four of them."""
STANDARD: Literal["a-2u"] = "a-2u"

_PAPER = Path(__file__).with_name("report.typ").read_bytes()
_NONE: Mapping[str, bytes] = MappingProxyType({})
_CONTROL = frozenset({"Cc", "Cs"})
_IGNORED = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
"""What nobody sees (Default_Ignorable_Code_Point) and no letter needs: it is left out on paper."""
_JOINING = re.compile("[\u180b-\u180f\u200c\u200d\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""What nobody sees either, but chooses between the forms of a letter."""
_BREAK = "\u200b"


def to_pdf(content: Content, pictures: Mapping[str, bytes] = _NONE) -> bytes:
    """The report as a PDF in the layout of GB/T 9704-2012.

    Long reports take seconds and keep the processor busy: a server calls this in another process; see
    ``report_files.write``.

    Args:
        content: a version of the report, as ``reports.draft`` keeps it or ``reports.content`` gives it.
        pictures: its plots as SVG, by their ids; a plot without one is left to its table.

    Raises:
        Refusal: ``report.no_font``.
    """
    made_at = datetime.fromisoformat(content[STAMP]["made_at"])
    found = list(_printed(blocks(content)))
    seen = _visible(found)
    try:
        return _typeset(_report(content, found, seen, pictures), made_at)
    except typst.TypstError:
        # The fonts have a letter and its mark, and yet not together; typst tells of that only by refusing.
        return _typeset(_report(content, found, seen, pictures, simple=True), made_at)


def _typeset(report: str, made_at: datetime) -> bytes:
    return typst.compile(
        _PAPER, sys_inputs={"report": report}, pdf_standards=[STANDARD], timestamp=as_utc(made_at)
    )


Part = dict[str, Any]


def _printed(laid: Iterable[Line | Table | Figure]) -> Iterator[Part]:
    """The blocks as the paper takes them; a text with line breaks is several paragraphs, save in a title."""
    office = ""
    for block in laid:
        if isinstance(block, Table):
            yield {
                "kind": "table",
                "caption": block.caption,
                "heads": list(block.heads),
                "rows": [list(row) for row in block.rows],
                "widths": list(block.widths),
                "right": sorted(block.right),
                "whole": block.whole,
            }
        elif isinstance(block, Figure):
            yield {"kind": "figure", "plot": block.plot, "caption": block.caption, "told": block.told}
        elif block.style is Style.SIGNATURE:
            office = block.text
        elif block.style is Style.DATE:
            yield {
                "kind": "signed",
                "office": office,
                "day": block.text,
                "begins": date_begins(office, block.text),
            }
        else:
            whole = block.style in (Style.TITLE, Style.ATTACHMENT_TITLE)
            for text in [block.text] if whole else block.text.split("\n"):
                yield {"kind": block.style.value, "text": text}


def _texts(part: Part) -> Iterator[str]:
    for key in ("text", "caption", "office", "day"):
        if key in part:
            yield part[key]
    yield from part.get("heads", ())
    for row in part.get("rows", ()):
        yield from row


def _visible(parts: Iterable[Part]) -> set[str]:
    """Every character that has to be shown; what only joins or spaces others needs no glyph."""
    found: set[str] = set()
    for part in parts:
        for text in _texts(part):
            found.update(text)
    return {
        char
        for char in found
        if unicodedata.category(char) not in _CONTROL
        and not _IGNORED.match(char)
        and not _JOINING.match(char)
    } | {MISSING}


def _lost(seen: set[str], *, simple: bool) -> frozenset[str]:
    """What no font here shows; a character of private use is whatever a font makes of it, and so is not shown.

    Args:
        seen: the characters.
        simple: give up every mark that stands over another letter. The fonts may have both and yet not together,
            and typst tells of that only by refusing.
    """
    private = {char for char in seen if unicodedata.category(char) == "Co"}
    marks = {char for char in seen if simple and unicodedata.category(char)[0] == "M"}
    return frozenset(without_glyph(seen - private)) | private | marks


def _report(
    content: Content,
    parts: list[Part],
    seen: set[str],
    pictures: Mapping[str, bytes],
    *,
    simple: bool = False,
) -> str:
    """The data of ``report.typ``; each block is turned into JSON by itself, so that other threads get their turn."""
    set_in = fonts()
    lost = _lost(seen, simple=simple)
    safe = partial(_safe, lost=lost, simple=simple)
    head = {
        "title": safe(title_of(content["interview"]["theme"])),
        "office": safe(content["office"]),
        "fonts": {"families": set_in.families, "latin": set_in.latin},
        "measures": {"pitch": PITCH / 20, "line": LINE / 20, "picture": PICTURE_MM[0]},
    }
    cleaned = (_cleaned(part, safe, pictures) for part in [*parts, *_note(lost)])
    written = (json.dumps(part, ensure_ascii=False) for part in cleaned if part is not None)
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "blocks": [{",".join(written)}]}}'


def _note(lost: Iterable[str]) -> Iterator[Part]:
    codes = "、".join(f"U+{ord(char):04X}" for char in sorted(lost))
    if codes:
        yield {
            "kind": "body",
            "text": f"说明：排印用的字库里没有下面这些字，上文印作{MISSING}，原字见同一份报告的数据文件：{codes}。",
        }


def _cleaned(part: Part, safe: Callable[[str], str], pictures: Mapping[str, bytes]) -> Part | None:
    if part["kind"] == "figure":
        if part["plot"] not in pictures:
            return None
        part = part | {"svg": pictures[part["plot"]].decode()}
    done = part | {
        key: safe(part[key]) for key in ("text", "caption", "office", "day", "told") if key in part
    }
    if "rows" in part:
        done["heads"] = [safe(text) for text in part["heads"]]
        done["rows"] = [[safe(text) for text in row] for row in part["rows"]]
    return done


def _safe(text: str, *, lost: frozenset[str], simple: bool) -> str:
    """A text that paper can hold: no character without a glyph, no control, and room to break every line."""
    if text.isascii() and text.isprintable() and len(text) < ROOM:
        return text
    seen = _IGNORED.sub("", _JOINING.sub("", text) if simple else text).replace("\t", "  ")
    kept: list[str] = []
    run = 0.0
    for char in seen:
        kind = unicodedata.category(char)
        if char in lost or (kind in _CONTROL and char != "\n"):
            char, kind = MISSING, "So"
        wide = unicodedata.east_asian_width(char) in "WFA"
        run = 0 if char.isspace() or (wide and kind == "Lo") else run + (1 if wide else 0.6)
        if run > ROOM and kind[0] != "M" and kept[-1] != "\u200d":
            kept.append(_BREAK)
            run = ROOM - STEP
        kept.append(char)
    return "".join(kept)
