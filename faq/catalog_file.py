"""A file that comes in, whatever it is: rows of a catalogue, what is wrong with it, and what is still to be given.

What a file is, its content says; its name decides only between kinds of text.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from base.errors import Refusal
from faq import document_file, document_head, packed_file
from faq.lines_file import looks_like_lines, read_lines
from faq.spreadsheet_file import read_sheet
from faq.table_file import COLUMN_NAMES, Problem, Row, decoded, judged, read_csv, wordless

KINDS = {
    "csv": "CSV",
    "xlsx": "Excel",
    "jsonl": "JSON Lines",
    "docx": "Word",
    "html": "网页",
    "txt": "纯文本",
}
DOCUMENTS = frozenset({"docx", "html", "txt"})
_BY_NAME = {"csv": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "html": "html", "htm": "html"}
_PAGE_BEGINS = ("<!doctype html", "<html", "<head", "<body", "<?xml", "<div", "<p>", "<meta")
_GIVEN_LATER = frozenset({"index_no", "title", "issuer"})


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    Attributes:
        kind: one of ``KINDS``.
        rows: its entries; of a document one, in which ``index_no title issuer`` may be empty.
        problems: what is wrong with its other rows.
        remarks: what the reader decided by itself or could not bring over.
    """

    kind: str
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_document(self) -> bool:
        """Whether the file is one entry, whose fields are proposals."""
        return self.kind in DOCUMENTS

    def lacking(self, name: str) -> int:
        """How many rows lack a field."""
        return sum(not getattr(row, name) for row in self.rows)

    def filled(self, *, issuer: str = "", published_on: date | None = None) -> "Reading":
        """The same with what its rows do not say."""
        return replace(self, rows=tuple(row.given(issuer, published_on) for row in self.rows))

    def whole(self) -> tuple[Row, ...]:
        """The rows of a file that is taken in all or not at all.

        Raises:
            Refusal: the first row that is wrong, by its number, or what nobody has said.
        """
        for problem in self.problems[:1]:
            raise problem.refusal()
        for name in ("title", "issuer"):
            if self.lacking(name):
                what = COLUMN_NAMES[name]
                raise Refusal("import.lacking", f"没有写{what}。请补上再导入，这一次没有存。", status=400)
        return self.rows


def read(filename: str, content: bytes, today: date | None = None) -> Reading:
    """Read a file into rows.

    Args:
        filename: only its ending is looked at.
        content: CSV, Excel, JSON Lines, Word, a web page or plain text.
        today: the last day that a row may name as its day of publication, in Shanghai; what a document names is a
            proposal, and judged when somebody has looked at it.

    Raises:
        Refusal: ``import.…``: empty, too large, of no such kind, broken, dangerous, in no known encoding, or
            without the columns of a catalogue.
    """
    if not content.strip():
        raise Refusal("import.empty", "文件是空的。请选有内容的文件再导入。", status=400)
    reading = _READERS[_kind(filename, content)](content, today)
    if not reading.rows and not reading.problems:
        raise Refusal("import.empty", "只有列名，下面没有要导入的行。请一行写一条再导入。", status=400)
    return reading


def _kind(filename: str, content: bytes) -> str:
    if content.startswith(b"PK"):
        return packed_file.kind_of(content)
    ending = filename.lower().rpartition(".")[2]
    begins = decoded(content).lstrip()[:2000].lower()
    if looks_like_lines(begins):
        return "jsonl"
    if begins.startswith(_PAGE_BEGINS):
        return "html"
    if ending in _BY_NAME:
        return _BY_NAME[ending]
    heading = begins.partition("\n")[0]
    is_table = "," in heading and any(word in heading for word in ("index_no", "索引号,"))
    return "csv" if is_table else "txt"


def _csv(content: bytes, today: date | None) -> Reading:
    rows, problems = read_csv(decoded(content), today)
    return Reading("csv", tuple(rows), tuple(problems))


def _sheet(content: bytes, today: date | None) -> Reading:
    rows, problems, remarks = read_sheet(content, today)
    return Reading("xlsx", tuple(rows), tuple(problems), tuple(remarks))


def _lines(content: bytes, today: date | None) -> Reading:
    rows, problems, remarks = read_lines(decoded(content), today)
    return Reading("jsonl", tuple(rows), tuple(problems), tuple(remarks))


def _word(content: bytes, _today: date | None) -> Reading:
    return _document("docx", document_file.read_word(content))


def _page(content: bytes, _today: date | None) -> Reading:
    return _document("html", document_file.read_page(content))


def _text(content: bytes, _today: date | None) -> Reading:
    return _document("txt", document_file.read_text(decoded(content)))


def _document(kind: str, marked: document_head.Marked) -> Reading:
    proposed = document_head.propose(marked)
    if not proposed.cells["body"]:
        raise document_file.no_text()
    # A line of marks is no title: whoever looks at the preview writes one.
    untitled = {"title": ""} if wordless(proposed.cells.get("title", "")) else {}
    rows, problems = judged([(1, {**proposed.cells, **untitled})], may_lack=_GIVEN_LATER)
    return Reading(kind, tuple(rows), tuple(problems), proposed.remarks)


_READERS: dict[str, Callable[[bytes, date | None], Reading]] = {
    "csv": _csv,
    "xlsx": _sheet,
    "jsonl": _lines,
    "docx": _word,
    "html": _page,
    "txt": _text,
}
