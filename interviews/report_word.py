"""The summary report in Word: its lines and tables put onto official paper. Pure; the same content, the same bytes."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from interviews.paper import Paper
from interviews.report_layout import PICTURE_MM, Figure, Line, Style, Table, blocks
from interviews.report_words import STAMP, Content, title_of

_PLACES = {
    Style.TITLE: "title",
    Style.ADDRESSEE: "addressee",
    Style.HEADING: "heading",
    Style.SUBHEADING: "subheading",
    Style.QUESTION: "question",
    Style.BODY: "text",
    Style.CLOSING: "closing",
    Style.ATTACHMENTS: "attachments",
    Style.ATTACHMENTS_MORE: "attachments-more",
    Style.ATTACHMENT_MARK: "attachment-mark",
    Style.ATTACHMENT_TITLE: "attachment-title",
}


_NONE: Mapping[str, bytes] = MappingProxyType({})


def to_docx(content: Content, pictures: Mapping[str, bytes] = _NONE) -> bytes:
    """The report as a Word file in the layout of GB/T 9704-2012.

    Args:
        content: a version of the report, as ``reports.draft`` keeps it or ``reports.content`` gives it.
        pictures: its plots as PNG, by their ids; a plot without one is left to its table.
    """
    made_at = datetime.fromisoformat(content[STAMP]["made_at"])
    paper = Paper(title_of(content["interview"]["theme"]), content["office"], made_at)
    office = ""
    for block in blocks(content):
        if isinstance(block, Table):
            paper.line("caption", block.caption)
            paper.table(block.heads, block.rows, block.widths, block.right, whole=block.whole)
        elif isinstance(block, Figure):
            if block.plot in pictures:
                paper.picture(pictures[block.plot], *PICTURE_MM, block.told)
                paper.line("picture-caption", block.caption)
        elif block.style is Style.SIGNATURE:
            office = block.text
        elif block.style is Style.DATE:
            paper.signed(office, block.text)
        else:
            _put(paper, block)
    return paper.to_bytes()


def _put(paper: Paper, line: Line) -> None:
    paper.line(_PLACES[line.style], line.text)
