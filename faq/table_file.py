"""A catalogue as a CSV file: read whole or refused with the row named."""

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime

from base.errors import Refusal
from faq.models import CLASSES, Openness

COLUMNS = (
    "index_no", "class", "title", "question", "alts", "body", "issuer", "section", "document_no", "keywords",
    "made_on", "published_on", "openness", "in_force", "repealed_on", "successor",
)  # fmt: skip
REQUIRED = ("index_no", "title", "body", "issuer")
SIZE_LIMIT = 50 * 1024 * 1024
BODY_LIMIT = 500_000
LINE_LIMIT = 500
_YES = frozenset({"", "是", "有效", "现行有效", "true", "yes", "1"})
_NO = frozenset({"否", "失效", "废止", "无效", "false", "no", "0"})
_SIGNATURES = {
    b"PK\x03\x04": "Excel或Word文件",
    b"\xd0\xcf\x11\xe0": "旧版Excel或Word文件",
    b"%PDF": "PDF文件",
    b"\x1f\x8b": "压缩文件",
}


@dataclass(frozen=True)
class Row:
    """One entry as a file gives it; see ``models.CatalogEntry`` for the meaning of the fields."""

    index_no: str
    category: str
    title: str
    question: str
    alts: tuple[str, ...]
    body: str
    issuer: str
    section: str | None
    document_no: str | None
    keywords: str | None
    made_on: date | None
    published_on: date | None
    openness: str
    in_force: bool
    repealed_on: date | None
    successor: str | None


def parse_csv(content: bytes) -> list[Row]:
    """The entries of a CSV file.

    Args:
        content: UTF-8, or GB 18030 as Excel saves it here; the first line names the columns, in any order;
            of several phrasings in ``alts`` each stands on a line of its own or between ``|``.

    Raises:
        Refusal: no CSV, a column missing, or a bad cell; the message names the row as a spreadsheet counts it.
    """
    table = list(_lines(_decode(content)))
    if not table:
        raise Refusal("import.empty", "文件是空的。第一行请写列名，从第二行起一行一条。", status=400)
    header = [name.strip().lower() for name in table[0][1]]
    lacking = [name for name in REQUIRED if name not in header]
    if lacking:
        raise Refusal("import.columns", f"第1行缺少列名{'、'.join(lacking)}。请补上再导入。", status=400)
    if len(set(header)) < len(header):
        raise Refusal("import.columns", "第1行有重复的列名。请删去重复的一列再导入。", status=400)
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for number, cells in table[1:]:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise _bad(number, f"有{len(cells)}格，列名有{len(header)}格")
        row = row_of(dict(zip(header, cells, strict=True)), number)
        if row.index_no in seen:
            raise _bad(number, f"的索引号{row.index_no}和第{seen[row.index_no]}行相同")
        seen[row.index_no] = number
        rows.append(row)
    return rows


def _decode(content: bytes) -> str:
    if len(content) > SIZE_LIMIT:
        raise Refusal("import.size", "文件超过50MB。请分成几份导入。", status=413)
    for signature, what in _SIGNATURES.items():
        if content.startswith(signature):
            raise Refusal("import.format", f"这是{what}，这里只收CSV。请另存为CSV再导入。", status=400)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise Refusal("import.encoding", "读不出文件里的文字。请另存为UTF-8的CSV再导入。", status=400)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Records with the number of the row as a spreadsheet counts it."""
    csv.field_size_limit(SIZE_LIMIT)
    out: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            out.append((len(out) + 1, cells))
    except csv.Error as error:
        raise _bad(len(out) + 1, "的引号没有成对，或者格式不是CSV") from error
    return out


def row_of(cells: dict[str, str], number: int) -> Row:
    """One entry from named cells.

    Args:
        cells: column name to text; columns that are not of the contract are passed over.
        number: the row, for the refusal.

    Raises:
        Refusal: a required cell is empty, or a cell does not say what its column means.
    """
    cell = {name: (cells.get(name) or "").replace("\r\n", "\n").strip() for name in COLUMNS}
    for name in REQUIRED:
        if not cell[name]:
            raise _bad(number, f"的{name}是空的")
    for name, text in cell.items():
        limit = BODY_LIMIT if name in ("body", "alts") else LINE_LIMIT
        if len(text) > limit:
            raise _bad(number, f"的{name}有{len(text)}个字，最多{limit}个")
    openness = cell["openness"] or Openness.OPEN
    if openness not in set(Openness):
        raise _bad(number, f"的openness写的是{openness}，应当是{'、'.join(Openness)}之一")
    made, published = _day(cell, "made_on", number), _day(cell, "published_on", number)
    return Row(
        index_no=cell["index_no"],
        category=cell["class"] or CLASSES[-1],
        title=cell["title"],
        question=cell["question"],
        alts=tuple(part.strip() for part in cell["alts"].replace("|", "\n").split("\n") if part.strip()),
        body=cell["body"],
        issuer=cell["issuer"],
        section=cell["section"] or None,
        document_no=cell["document_no"] or None,
        keywords=cell["keywords"] or None,
        made_on=made,
        published_on=published,
        openness=openness,
        in_force=_in_force(cell["in_force"], number),
        repealed_on=_day(cell, "repealed_on", number),
        successor=cell["successor"] or None,
    )


def _day(cell: dict[str, str], name: str, number: int) -> date | None:
    text = cell[name]
    if not text:
        return None
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date on paper has no zone
        except ValueError:
            continue
    raise _bad(number, f"的{name}写的是{text[:20]}，应当像2026-05-18")


def _in_force(text: str, number: int) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise _bad(number, f"的in_force写的是{text[:20]}，应当是“是”或“否”")


def _bad(number: int, what: str) -> Refusal:
    return Refusal("import.row", f"第{number}行{what}。请改好这一行再导入，这一次一条也没有存。", status=400)
