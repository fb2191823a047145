"""The summary report as a PDF: its lines, tables and figures typeset by typst. The same content, the same bytes.

``report.typ`` is the paper and holds no text of a report; what citizens and officials wrote goes to it as data and is
never markup. The file is PDF/A-2u, which typst refuses to write where a character would be an empty box: what no
font here can show is printed as 〓, and the report ends by saying which characters these are.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import typst

from base.clock import as_utc
from interviews.paper import date_begins
from interviews.paper_fonts import fonts, without_glyph
from interviews.paper_package import LINE, PITCH
from interviews.report_content import STAMP, Content, title_of
from interviews.report_layout import PICTURE_MM, Figure, Line, Style, Table, blocks

MISSING = "〓"
"""What a printer sets for a character that his case does not have."""
ROOM = 20
"""Characters' widths after which a line must be allowed to break where nobody typed a place to break it."""
STANDARD: Literal["a-2u"] = "a-2u"

_PAPER = Path(__file__).with_name("report.typ").read_bytes()
_NONE: Mapping[str, bytes] = MappingProxyType({})
_CONTROL = frozenset({"Cc", "Cs"})
_INVISIBLE = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: marks without a glyph of their own."""
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
    report = _report(content, found, _lost(_visible(found)), pictures)
    return typst.compile(
        _PAPER,
        sys_inputs={"report": report},
        pdf_standards=[STANDARD],
        timestamp=as_utc(made_at),
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
    none = {"Cf", "Zl", "Zp", *_CONTROL}
    seen = {char for char in found if unicodedata.category(char) not in none and not _INVISIBLE.match(char)}
    return seen | {MISSING}


def _lost(seen: set[str]) -> frozenset[str]:
    """What no font here shows; a character of private use is whatever a font makes of it, and so is not shown."""
    private = {char for char in seen if unicodedata.category(char) == "Co"}
    return frozenset(without_glyph(seen - private)) | private


def _report(content: Content, parts: list[Part], lost: frozenset[str], pictures: Mapping[str, bytes]) -> str:
    """The data of ``report.typ``; each block is turned into JSON by itself, so that other threads get their turn."""
    set_in = fonts()
    title = title_of(content["interview"]["theme"])
    head = {
        "title": _safe(title, lost),
        "office": _safe(content["office"], lost),
        "fonts": {"families": set_in.families, "latin": set_in.latin, "fallback": []},
        "measures": {"pitch": PITCH / 20, "line": LINE / 20, "picture": PICTURE_MM[0]},
    }
    written = [
        json.dumps(_cleaned(part, lost, pictures), ensure_ascii=False) for part in [*parts, *_note(lost)]
    ]
    shown = [one for one in written if one != "null"]
    return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "blocks": [{",".join(shown)}]}}'


def _note(lost: Iterable[str]) -> Iterator[Part]:
    codes = "、".join(f"U+{ord(char):04X}" for char in sorted(lost))
    if codes:
        yield {
            "kind": "body",
            "text": f"说明：排印用的字库里没有下面这些字，上文印作{MISSING}，原字见同一份报告的数据文件：{codes}。",
        }


def _cleaned(part: Part, lost: frozenset[str], pictures: Mapping[str, bytes]) -> Part | None:
    if part["kind"] == "figure":
        if part["plot"] not in pictures:
            return None
        part = part | {"svg": pictures[part["plot"]].decode()}
    done = part | {
        key: _safe(part[key], lost) for key in ("text", "caption", "office", "day", "told") if key in part
    }
    if "rows" in part:
        done["heads"] = [_safe(text, lost) for text in part["heads"]]
        done["rows"] = [[_safe(text, lost) for text in row] for row in part["rows"]]
    return done


def _safe(text: str, lost: frozenset[str]) -> str:
    """A text that paper can hold: no character without a glyph, no control, and room to break every line."""
    if text.isascii() and len(text) < ROOM:
        return text.replace("\t", "  ")
    kept = []
    run = 0.0
    for char in text:
        kind = unicodedata.category(char)
        if char == "\t":
            kept.append("  ")
            run = 0
        elif char in lost or (kind in _CONTROL and char != "\n"):
            kept.append(MISSING)
            run += 1
        else:
            wide = unicodedata.east_asian_width(char) in "WF"
            run = 0 if char.isspace() or (wide and kind == "Lo") else run + (1 if wide else 0.6)
            if run > ROOM and kind[0] != "M" and kept[-1] != "\u200d":
                kept.append(_BREAK)
                run = 1
            kept.append(char)
    return "".join(kept)
